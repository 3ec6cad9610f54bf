//! The one error type that leaves the crate: a closed kind to switch on, Nango's own code, words a
//! model can repair from, and its JSON form. How an answer becomes an error is in [`crate::http`].

use std::borrow::Cow;

use crate::json::{Value, Writer};
use crate::text::dotted;

/// What kind of failure it is: closed, ours, to switch on.
///
/// The first four and `Aborted`, `Timeout`, `Network`, `InvalidResponse`, `Internal` are decided
/// on this side; nothing that a server or provider answers can choose them except that an answer
/// which cannot be read is `InvalidResponse`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// No tool has that name.
    UnknownTool,
    /// The arguments were refused before anything was sent; `issues` says why.
    InvalidArguments,
    /// Policy refused the call.
    Denied,
    /// The call waits for a confirmation.
    ConfirmationRequired,
    /// Nango did not accept the API key (401), or there is none.
    Unauthorized,
    /// The API key lacks a scope (403).
    Forbidden,
    /// What the arguments name does not exist (404, and Nango's 400 `unknown_…`).
    NotFound,
    /// The state of the server excludes the call (409).
    Conflict,
    /// Nango's own rate limit (429), attempts used up.
    RateLimited,
    /// No answer in time.
    Timeout,
    /// The caller aborted.
    Aborted,
    /// The request did not reach the server, or the answer did not come back whole.
    Network,
    /// A third party, or a function deployed by the user, failed; `status` is what it answered.
    Provider,
    /// Nango refused the request (`status` 4xx) or failed (`status` 5xx).
    Server,
    /// The answer is not what the API answers: not JSON, a redirect, cut off.
    InvalidResponse,
    /// A fault in this package.
    Internal,
}

impl Kind {
    /// Every kind.
    pub const ALL: &'static [Kind] = &[
        Kind::UnknownTool,
        Kind::InvalidArguments,
        Kind::Denied,
        Kind::ConfirmationRequired,
        Kind::Unauthorized,
        Kind::Forbidden,
        Kind::NotFound,
        Kind::Conflict,
        Kind::RateLimited,
        Kind::Timeout,
        Kind::Aborted,
        Kind::Network,
        Kind::Provider,
        Kind::Server,
        Kind::InvalidResponse,
        Kind::Internal,
    ];

    /// The stable name used in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Kind::UnknownTool => "unknown_tool",
            Kind::InvalidArguments => "invalid_arguments",
            Kind::Denied => "denied",
            Kind::ConfirmationRequired => "confirmation_required",
            Kind::Unauthorized => "unauthorized",
            Kind::Forbidden => "forbidden",
            Kind::NotFound => "not_found",
            Kind::Conflict => "conflict",
            Kind::RateLimited => "rate_limited",
            Kind::Timeout => "timeout",
            Kind::Aborted => "aborted",
            Kind::Network => "network",
            Kind::Provider => "provider",
            Kind::Server => "server",
            Kind::InvalidResponse => "invalid_response",
            Kind::Internal => "internal",
        }
    }
}

/// One problem at one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issue {
    /// Where: property names and list positions from the root; empty for the whole.
    pub path: Vec<String>,
    /// What: a stable code, the vocabulary of Nango's own issues (contract section 2): `invalid_type`,
    /// `invalid_format`, `too_small`, `too_big`, `invalid_value`, `unrecognized_keys`, `custom`.
    pub code: Cow<'static, str>,
    /// What was expected and what was given; never the value of a secret.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
}

impl Issue {
    /// An issue without a hint.
    pub fn new(path: Vec<String>, code: &'static str, message: impl Into<String>) -> Issue {
        Issue { path, code: Cow::Borrowed(code), message: message.into(), hint: None }
    }

    /// The same with a hint.
    pub fn hint(mut self, hint: impl Into<String>) -> Issue {
        self.hint = Some(hint.into());
        self
    }

    pub(crate) fn write(&self, w: &mut Writer) {
        w.open().key("path").open_array();
        for part in &self.path {
            w.text(part);
        }
        w.close_array().pair("code", &self.code).pair("message", &self.message);
        if let Some(hint) = &self.hint {
            w.pair("hint", hint);
        }
        w.close();
    }
}

/// Why a call did not succeed. It never holds a secret.
#[derive(Debug, Clone, PartialEq)]
pub struct Error {
    /// The kind.
    pub kind: Kind,
    /// Nango's own code where it gave one, otherwise the name of the kind.
    pub code: String,
    /// A sentence; made from the code and status where the server gave none.
    pub message: String,
    /// The HTTP status, where there was an answer.
    pub status: Option<u16>,
    /// Whether the same call may succeed later without any change.
    pub retryable: bool,
    /// The single problems, where there are any.
    pub issues: Vec<Issue>,
    /// The next step.
    pub hint: Option<String>,
    /// What else the server said: payload, upstream answer, unknown properties.
    pub details: Option<Value>,
}

impl Error {
    /// An error whose code is its kind.
    pub fn new(kind: Kind, message: impl Into<String>) -> Error {
        Error {
            kind,
            code: kind.as_str().into(),
            message: message.into(),
            status: None,
            retryable: false,
            issues: Vec::new(),
            hint: None,
            details: None,
        }
    }

    /// The same with another code.
    pub fn code(mut self, code: impl Into<String>) -> Error {
        self.code = code.into();
        self
    }

    /// The same with a hint.
    pub fn hint(mut self, hint: impl Into<String>) -> Error {
        self.hint = Some(hint.into());
        self
    }

    /// The JSON form: `{ kind, code, message, status?, retryable, issues?, hint?, details? }`.
    pub fn to_json(&self) -> String {
        let mut w = Writer::new();
        self.write(&mut w);
        w.finish()
    }

    pub(crate) fn write(&self, w: &mut Writer) {
        w.open();
        w.pair("kind", self.kind.as_str()).pair("code", &self.code);
        w.pair("message", &self.message);
        if let Some(status) = self.status {
            w.key("status").integer(i64::from(status));
        }
        w.key("retryable").boolean(self.retryable);
        if !self.issues.is_empty() {
            w.key("issues");
            write_issues(&self.issues, w);
        }
        if let Some(hint) = &self.hint {
            w.pair("hint", hint);
        }
        if let Some(details) = &self.details {
            w.key("details").value(details);
        }
        w.close();
    }
}

pub(crate) fn write_issues(issues: &[Issue], w: &mut Writer) {
    w.open_array();
    for issue in issues {
        issue.write(w);
    }
    w.close_array();
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code, self.message)?;
        for issue in &self.issues {
            write!(f, "\n  {}: {}", dotted(&issue.path), issue.message)?;
        }
        if let Some(hint) = &self.hint {
            write!(f, "\n  hint: {hint}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}
