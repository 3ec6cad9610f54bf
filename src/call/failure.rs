//! Why a function of the host failed: for the host's log, not for results and events, since it may contain anything.

use std::fmt;

use serde::Serialize;

/// A function of the host that calls use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub enum HostFunction {
    /// Sends requests.
    #[serde(rename = "fetch")]
    Fetch,
    /// Returns the API key.
    #[serde(rename = "apiKey")]
    Key,
}

/// A function of the host that failed during a call.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct HostFailure {
    /// The ID of the call, which is in the error of its outcome.
    pub call_id: String,
    /// The function.
    pub source: HostFunction,
    /// Its error message, which may contain secrets.
    pub message: String,
}

/// Omits the message.
impl fmt::Debug for HostFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HostFailure")
            .field("call_id", &self.call_id)
            .field("source", &self.source)
            .finish_non_exhaustive()
    }
}
