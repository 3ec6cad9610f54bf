//! Audit events as values: what ran, with which arguments, and how it ended. No clock and no sink: the
//! time comes from the call, and its driver passes the events on. No event contains a secret.

mod preview;

use std::sync::Arc;

use serde::{Serialize, Serializer};

use crate::error::Error;
use crate::json::Value;

pub(crate) use preview::{preview, request_path, summary};

/// One event of one call.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Event {
    /// When, in milliseconds since the Unix epoch.
    pub at: u64,
    /// The call it belongs to.
    pub call_id: String,
    /// The slug of the tool; the requested name if there is no such tool.
    pub tool: String,
    /// The user and agent of the call; `None` without a session.
    pub who: Option<Arc<Who>>,
    /// The id under which the caller knows the call, such as that of a model's tool call.
    pub upstream: Option<String>,
    /// What happened.
    pub what: What,
}

impl Event {
    /// An event of a call at a time in milliseconds since the Unix epoch, without a session.
    #[must_use]
    pub fn new(at: u64, call_id: impl Into<String>, tool: impl Into<String>, what: What) -> Event {
        Event { at, call_id: call_id.into(), tool: tool.into(), who: None, upstream: None, what }
    }
}

/// The user and agent of a call, as the host vouches for them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Who {
    /// The session's id; may be empty.
    pub session: String,
    /// The end user.
    pub user: String,
    /// The end user's organization.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
    /// The agent that acts for the user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum What {
    /// The call was requested, with these arguments (secrets masked).
    Started {
        /// `read`, `write` or `destructive`; none where there is no such tool.
        #[serde(skip_serializing_if = "Option::is_none")]
        effect: Option<&'static str>,
        /// The checked arguments, or `None` if they were refused.
        #[serde(skip_serializing_if = "Option::is_none")]
        arguments: Option<Value>,
    },
    /// It was decided whether the call may run. Absent without a policy and a session, and if the
    /// arguments were refused.
    Decision {
        /// `allow`, `deny` or `confirm`; after `confirm` also `approved` or `refused`.
        #[serde(rename = "decision")]
        verdict: &'static str,
        /// The ids of the rules that decided.
        rules: Vec<String>,
        /// The reason, as a sentence.
        reason: String,
    },
    /// A request was sent to look up the owner of a connection. Its fields have the names of Nango's arguments.
    Lookup {
        /// The connection.
        connection_id: String,
        /// Its integration.
        provider_config_key: String,
    },
    /// A request was sent.
    Attempt {
        /// Counted from 1.
        attempt: u32,
        /// The HTTP method.
        method: &'static str,
        /// The path after the base URL, without the query.
        path: String,
    },
    /// An attempt failed and will be retried.
    #[serde(rename_all = "camelCase")]
    Retry {
        /// The attempt that failed, counted from 1.
        attempt: u32,
        /// Milliseconds until the next attempt.
        wait_ms: u64,
        /// The kind of the failure.
        kind: &'static str,
        /// The HTTP status, if there was a response.
        #[serde(skip_serializing_if = "Option::is_none")]
        status: Option<u16>,
    },
    /// The call ended.
    #[serde(rename_all = "camelCase")]
    Finished {
        /// Whether it succeeded.
        successful: bool,
        /// The error, if it failed.
        #[serde(skip_serializing_if = "Option::is_none")]
        error: Option<Error>,
        /// The HTTP status of the last answer.
        #[serde(skip_serializing_if = "Option::is_none")]
        status: Option<u16>,
        /// The number of requests that were sent.
        attempts: u32,
        /// From the first poll to the end.
        duration_ms: u64,
        /// The server's id of the last request, if there is one.
        #[serde(skip_serializing_if = "Option::is_none")]
        request_id: Option<String>,
    },
}

impl What {
    /// The name used in JSON.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            What::Started { .. } => "call.started",
            What::Decision { .. } => "call.decision",
            What::Lookup { .. } => "call.lookup",
            What::Attempt { .. } => "call.attempt",
            What::Retry { .. } => "call.retry",
            What::Finished { .. } => "call.finished",
        }
    }
}

impl Event {
    /// The JSON form: `{ type, at, callId, tool, … }` with the fields of [`What`].
    #[must_use]
    pub fn to_json(&self) -> String {
        crate::json::to_json(self)
    }
}

/// As [`Event::to_json`].
impl Serialize for Event {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        /// The parts of an event, flattened into one object.
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Flat<'e> {
            r#type: &'static str,
            at: u64,
            call_id: &'e str,
            tool: &'e str,
            #[serde(flatten)]
            who: Option<&'e Who>,
            #[serde(skip_serializing_if = "Option::is_none")]
            upstream_call_id: &'e Option<String>,
            #[serde(flatten)]
            what: &'e What,
        }
        let Event { at, call_id, tool, who, upstream, what } = self;
        let (who, r#type) = (who.as_deref(), what.as_str());
        Flat { r#type, at: *at, call_id, tool, who, upstream_call_id: upstream, what }.serialize(serializer)
    }
}
