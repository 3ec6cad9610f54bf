//! Why a function of the host's failed: for the host's log, not for results and events, since it may hold anything.

use std::fmt;

use serde::Serialize;

/// A function of the host's that calls use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub enum HostFunction {
    /// What sends requests.
    #[serde(rename = "fetch")]
    Fetch,
    /// What gives the API key.
    #[serde(rename = "apiKey")]
    Key,
}

/// A function of the host's that failed during a call.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct HostFailure {
    /// The ID of the call, which the error in its outcome names.
    pub call_id: String,
    /// The function.
    pub source: HostFunction,
    /// What it said. It may hold secrets.
    pub message: String,
}

/// Without what was said.
impl fmt::Debug for HostFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HostFailure")
            .field("call_id", &self.call_id)
            .field("source", &self.source)
            .finish_non_exhaustive()
    }
}
