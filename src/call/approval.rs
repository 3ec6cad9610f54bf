//! What a host answers that is asked whether a call may run, and the errors of a call that nobody has approved. When
//! it is asked is in `machine.rs`, what a person is shown in `authorize.rs`.

use std::fmt;

use crate::error::{Error, ErrorKind};
use crate::json::{Object, Value};
use crate::policy::Decision;

/// The answer of whoever may approve a call.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Approval<'a> {
    /// It may run.
    Granted,
    /// It may not.
    Refused,
    /// Nobody decides now. The call ends with `confirmation_required`; made again with this token as
    /// [`super::Options::confirm`] and the same arguments, it runs, once and within ten minutes. The token
    /// must be drawn at random, 128 bits or more, by the host; if it is empty, nothing confirms.
    Pending(&'a str),
}

/// The answer of a host that is asked whether a call may start.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Start {
    /// It may. `calls` says how often the tool was started before, where the host counts.
    Granted {
        /// How often, this call not included.
        calls: Option<u64>,
    },
    /// The session was revoked.
    Revoked,
    /// The host could not tell, for this reason.
    Failed(String),
}

/// Without the token, which lets its holder confirm the call.
impl fmt::Debug for Approval<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Approval::Granted => "Granted",
            Approval::Refused => "Refused",
            Approval::Pending(_) => "Pending(..)",
        })
    }
}

/// The error of a call that somebody did not approve.
pub(super) fn refused() -> Error {
    Error::new(ErrorKind::Denied, "whoever was asked to approve the call refused it")
        .code("refused")
        .hint("do not try again, tell the user")
}

/// The error of a call that waits for a confirmation; `token` confirms it until the time beside it.
/// `unconfirmed` says why the confirmation that came along does not.
pub(super) fn confirmation_required(
    decision: Decision,
    summary: Value,
    token: Option<(&str, u64)>,
    unconfirmed: &str,
) -> Error {
    let mut details = Object::new();
    details.insert("summary".to_owned(), summary);
    if let Some((token, expires_at)) = token {
        details.insert("token".to_owned(), Value::from(token));
        details.insert("expiresAt".to_owned(), Value::from(expires_at));
    }
    let mut message = decision.reason;
    if !unconfirmed.is_empty() {
        details.insert("reason".to_owned(), Value::from(unconfirmed));
        message = format!("{unconfirmed}; {message}");
    }
    let mut error = Error::new(ErrorKind::ConfirmationRequired, message)
        .hint("it has not run: tell the user what would be done; a person has to confirm it");
    error.details = Some(Value::Object(details));
    error
}
