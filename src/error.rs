//! The error type of the crate's public API: a closed kind to switch on, Nango's own code, messages that help a
//! model to repair its call, and its JSON form. How a response becomes an error is in [`crate::http`].

use std::borrow::Cow;

use serde::Serialize;

use crate::json::{Value, to_json};
use crate::text::dotted;

/// The kind of a failure, a closed list to switch on.
///
/// The first four and `Aborted`, `Timeout`, `Network`, `InvalidResponse`, `Internal` are decided
/// on this side; nothing that a server or provider answers can choose them except that an answer
/// which cannot be read is `InvalidResponse`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ErrorKind {
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
    /// Something that the arguments name does not exist (404, and Nango's 400 `unknown_…`).
    NotFound,
    /// Nango refused what the call asks for: the arguments must change (400, 413, 414, 422).
    InvalidRequest,
    /// The call conflicts with the state of the server (409).
    Conflict,
    /// Nango's own rate limit (429), after all attempts.
    RateLimited,
    /// No answer in time.
    Timeout,
    /// The caller aborted.
    Aborted,
    /// The request did not reach the server, or the response was incomplete.
    Network,
    /// A third party, or a function deployed by the user, failed; `status` is its status.
    Provider,
    /// Nango refused the request for a reason that no argument changes (other 4xx), or failed (5xx).
    Server,
    /// The response does not have the form that the API defines: not JSON, a redirect, incomplete.
    InvalidResponse,
    /// An option, a policy or a base URL that the programmer gave cannot be used.
    InvalidOption,
    /// A fault in this package.
    Internal,
}

impl ErrorKind {
    /// Every kind.
    pub const ALL: &'static [ErrorKind] = &[
        ErrorKind::UnknownTool,
        ErrorKind::InvalidArguments,
        ErrorKind::Denied,
        ErrorKind::ConfirmationRequired,
        ErrorKind::Unauthorized,
        ErrorKind::Forbidden,
        ErrorKind::NotFound,
        ErrorKind::InvalidRequest,
        ErrorKind::Conflict,
        ErrorKind::RateLimited,
        ErrorKind::Timeout,
        ErrorKind::Aborted,
        ErrorKind::Network,
        ErrorKind::Provider,
        ErrorKind::Server,
        ErrorKind::InvalidResponse,
        ErrorKind::InvalidOption,
        ErrorKind::Internal,
    ];

    /// The stable name used in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            ErrorKind::UnknownTool => "unknown_tool",
            ErrorKind::InvalidArguments => "invalid_arguments",
            ErrorKind::Denied => "denied",
            ErrorKind::ConfirmationRequired => "confirmation_required",
            ErrorKind::Unauthorized => "unauthorized",
            ErrorKind::Forbidden => "forbidden",
            ErrorKind::NotFound => "not_found",
            ErrorKind::InvalidRequest => "invalid_request",
            ErrorKind::Conflict => "conflict",
            ErrorKind::RateLimited => "rate_limited",
            ErrorKind::Timeout => "timeout",
            ErrorKind::Aborted => "aborted",
            ErrorKind::Network => "network",
            ErrorKind::Provider => "provider",
            ErrorKind::Server => "server",
            ErrorKind::InvalidResponse => "invalid_response",
            ErrorKind::InvalidOption => "invalid_option",
            ErrorKind::Internal => "internal",
        }
    }
}

/// One problem and its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Issue {
    /// Where: property names and list positions from the root; empty for the whole.
    pub path: Vec<String>,
    /// What: a stable code, the vocabulary of Nango's own issues (contract section 2): `invalid_type`,
    /// `invalid_format`, `too_small`, `too_big`, `invalid_value`, `unrecognized_keys`, `custom`; and ours: `required`,
    /// `invalid_key`, `not_allowed`, `invalid_json`; `more_issues` for the last one of a list that was cut.
    pub code: Cow<'static, str>,
    /// What was expected, and what was found; never the value of a secret.
    pub message: String,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl Issue {
    /// An issue without a hint.
    #[must_use]
    pub fn new(path: Vec<String>, code: &'static str, message: impl Into<String>) -> Issue {
        Issue { path, code: Cow::Borrowed(code), message: message.into(), hint: None }
    }

    /// Sets the hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Issue {
        self.hint = Some(hint.into());
        self
    }
}

/// How many issues are listed.
const MAX_ISSUES: usize = 50;

/// The code of the last issue of a list that says how many are not listed.
pub(crate) const MORE_ISSUES: &str = "more_issues";

/// Issues as they are found. Those beyond a bound are counted, not kept.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Issues {
    listed: Vec<Issue>,
    more: usize,
}

impl Issues {
    pub(crate) fn is_empty(&self) -> bool {
        self.listed.is_empty()
    }

    /// Whether further issues are only counted, so that their messages need not be written.
    pub(crate) fn is_full(&self) -> bool {
        self.listed.len() >= MAX_ISSUES
    }

    /// How many were found.
    pub(crate) fn count(&self) -> usize {
        self.listed.len() + self.more
    }

    /// Counts issues that are not listed.
    pub(crate) fn skip(&mut self, count: usize) {
        self.more += count;
    }

    pub(crate) fn push(&mut self, issue: Issue) {
        if self.is_full() {
            self.skip(1);
        } else {
            self.listed.push(issue);
        }
    }

    /// Adds one issue for each of `wrong`, made by `issue` if it is listed.
    pub(crate) fn extend_with<T>(
        &mut self,
        wrong: impl IntoIterator<Item = T>,
        mut issue: impl FnMut(T) -> Issue,
    ) {
        for one in wrong {
            if self.is_full() {
                self.skip(1);
            } else {
                self.listed.push(issue(one));
            }
        }
    }

    /// Adds those of another list.
    pub(crate) fn append(&mut self, other: Issues) {
        self.skip(other.more);
        other.listed.into_iter().for_each(|issue| self.push(issue));
    }

    pub(crate) fn iter(&self) -> std::slice::Iter<'_, Issue> {
        self.listed.iter()
    }

    pub(crate) fn iter_mut(&mut self) -> std::slice::IterMut<'_, Issue> {
        self.listed.iter_mut()
    }

    /// The newest issue, if it is listed.
    pub(crate) fn newest(&mut self) -> Option<&mut Issue> {
        self.listed.last_mut().filter(|_| self.more == 0)
    }
}

impl From<Issue> for Issues {
    fn from(issue: Issue) -> Issues {
        Issues { listed: vec![issue], more: 0 }
    }
}

/// The list as others see it: if issues are not listed, the last one says how many.
impl From<Issues> for Vec<Issue> {
    fn from(Issues { mut listed, more }: Issues) -> Vec<Issue> {
        if more > 0 {
            let message = format!("and {more} more, which are not listed");
            listed.push(Issue::new(Vec::new(), MORE_ISSUES, message));
        }
        listed
    }
}

/// Why a call failed. It never contains a secret.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Error {
    /// The kind.
    pub kind: ErrorKind,
    /// Nango's own code if there is one, otherwise the name of the kind.
    pub code: String,
    /// A sentence; derived from the code and status if the server sent none.
    pub message: String,
    /// The HTTP status, where there was an answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Whether the same call may succeed later without any change.
    pub retryable: bool,
    /// The individual problems, if there are any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub issues: Vec<Issue>,
    /// The next step.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// Further details from the server: payload, upstream response, unknown properties.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub details: Option<Value>,
}

impl Error {
    /// An error whose code is its kind.
    #[must_use]
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Error {
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

    /// Sets the code.
    #[must_use]
    pub fn code(mut self, code: impl Into<String>) -> Error {
        self.code = code.into();
        self
    }

    /// Sets the hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Error {
        self.hint = Some(hint.into());
        self
    }

    /// The JSON form: `{ kind, code, message, status?, retryable, issues?, hint?, details? }`.
    #[must_use]
    pub fn to_json(&self) -> String {
        to_json(self)
    }
}

/// Why a string does not have the required format. It never contains the string itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FormError(&'static str);

impl FormError {
    pub(crate) const fn new(why: &'static str) -> FormError {
        FormError(why)
    }

    /// What breaks the rule; empty if there is nothing to add to the rule itself.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

impl std::fmt::Display for FormError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.is_empty() { "it does not have the required format" } else { self.0 })
    }
}

impl std::error::Error for FormError {}

/// The issues of a call's arguments, at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidArguments(Vec<Issue>);

impl std::ops::Deref for InvalidArguments {
    type Target = [Issue];

    fn deref(&self) -> &[Issue] {
        &self.0
    }
}

impl From<Vec<Issue>> for InvalidArguments {
    fn from(issues: Vec<Issue>) -> InvalidArguments {
        InvalidArguments(issues)
    }
}

impl From<Issues> for InvalidArguments {
    fn from(issues: Issues) -> InvalidArguments {
        InvalidArguments(issues.into())
    }
}

impl From<Issue> for InvalidArguments {
    fn from(issue: Issue) -> InvalidArguments {
        InvalidArguments(vec![issue])
    }
}

impl From<InvalidArguments> for Vec<Issue> {
    fn from(error: InvalidArguments) -> Vec<Issue> {
        error.0
    }
}

impl IntoIterator for InvalidArguments {
    type Item = Issue;
    type IntoIter = std::vec::IntoIter<Issue>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// The issues, one per line.
impl std::fmt::Display for InvalidArguments {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (at, issue) in self.0.iter().enumerate() {
            write!(f, "{}{issue}", if at > 0 { "\n" } else { "" })?;
        }
        Ok(())
    }
}

impl std::error::Error for InvalidArguments {}

impl std::fmt::Display for Issue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if !self.path.is_empty() {
            write!(f, "{}: ", dotted(&self.path))?;
        }
        f.write_str(&self.message)
    }
}

impl std::str::FromStr for ErrorKind {
    type Err = FormError;

    fn from_str(name: &str) -> Result<ErrorKind, FormError> {
        let found = ErrorKind::ALL.iter().find(|kind| kind.as_str() == name);
        found.copied().ok_or(FormError("there is no error kind of that name"))
    }
}

impl std::fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
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
