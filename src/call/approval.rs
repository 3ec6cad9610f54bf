//! The answers of a host that is asked whether a call may run, and the errors of calls without approval. When it is
//! asked is decided in `machine.rs`; what a person sees is in `authorize.rs`.

use std::fmt;

use crate::error::{Error, ErrorKind};
use crate::json::{Object, Value};
use crate::policy::Decision;

/// The decision of an approver.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Approval<'a> {
    /// It may run.
    Granted,
    /// It may not.
    Refused,
    /// There is no decision yet. The call ends with `confirmation_required`; repeated with this token as
    /// [`super::Options::confirm`] and the same arguments, it runs, once and within ten minutes. The host
    /// must generate the token at random, with 128 bits or more; if it is empty, the call cannot be confirmed.
    Pending(&'a str),
}

/// The answer of a host that is asked whether a call may start.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Start {
    /// It may. `calls` is how often the tool was started before, if the host counts.
    Granted {
        /// How often, this call not included.
        calls: Option<u64>,
    },
    /// The session was revoked.
    Revoked,
    /// The host does not know, for this reason.
    Failed(String),
}

/// Omits the token, which lets its holder confirm the call.
impl fmt::Debug for Approval<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Approval::Granted => "Granted",
            Approval::Refused => "Refused",
            Approval::Pending(_) => "Pending(..)",
        })
    }
}

/// The error of a call that was not approved.
pub(super) fn refused() -> Error {
    Error::new(ErrorKind::Denied, "the approver refused the call")
        .code("refused")
        .hint("do not retry, tell the user")
}

/// The error of a call that waits for a confirmation; `token` confirms it until the time beside it.
/// `unconfirmed` says why the given confirmation does not.
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
        .hint("the call has not run: tell the user what it would do; a person has to confirm it");
    error.details = Some(Value::Object(details));
    error
}
