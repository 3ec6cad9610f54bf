//! Input and output of the protocol as data: the transport's context of a message, the head of a request,
//! replies, and what the host has to do for a message. How a message is read is in [`super::read`].

use std::fmt;

use serde_json::value::RawValue;

use crate::json::{Value, parse, raw_properties};

/// The versions that are negotiated once, with `initialize`; the newest first.
pub const INITIALIZE_VERSIONS: &[&str] =
    &["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05", "2024-10-07"];
/// The version in which every request carries version and capabilities of its client in `_meta`.
pub const STATELESS_VERSION: &str = "2026-07-28";

/// The name of the elicitation that asks a user to approve a call.
pub(super) const CONFIRM: &str = "confirm_call";

/// Which of the two forms of the protocol a request has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Revision {
    /// One of [`INITIALIZE_VERSIONS`].
    Initialize,
    /// [`STATELESS_VERSION`].
    Stateless,
}

/// What the transport knows about a message in addition to its text. Headers that were not sent are empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TransportContext {
    /// Over stdio there are no headers, and none are required.
    pub stdio: bool,
    /// The message is part of a batch.
    pub batched: bool,
    /// The header `Content-Type`.
    pub content_type: String,
    /// The header `Accept`.
    pub accept: String,
    /// The header `MCP-Protocol-Version`.
    pub protocol_version: String,
    /// The header `Mcp-Method`.
    pub method: String,
    /// The header `Mcp-Name`.
    pub name: String,
}

impl TransportContext {
    /// The context of a message that came over stdio.
    #[must_use]
    pub fn stdio() -> TransportContext {
        TransportContext { stdio: true, ..TransportContext::default() }
    }

    /// From an object with these fields in JSON, as JavaScript writes them; absent ones are empty.
    #[must_use]
    pub fn from_json(text: &str) -> TransportContext {
        let given = parse(text).unwrap_or_default();
        let flag = |name: &str| given.get(name) == Some(&Value::Bool(true));
        let header = |name: &str| given.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        TransportContext {
            stdio: flag("stdio"),
            batched: flag("batched"),
            content_type: header("contentType"),
            accept: header("accept"),
            protocol_version: header("protocolVersion"),
            method: header("method"),
            name: header("name"),
        }
    }

    /// The context of a message in a batch that was received in this context.
    #[must_use]
    pub fn in_batch(&self) -> TransportContext {
        TransportContext { batched: true, ..self.clone() }
    }
}

/// The sender of a request, and the form that the answer must have.
#[derive(Debug, Clone)]
pub struct RequestHead {
    /// The id as it was written; `null` if there is no valid one.
    pub id: Box<RawValue>,
    /// Which form of the protocol it has.
    pub revision: Revision,
    /// The client accepts only an event stream.
    pub event_stream: bool,
    /// The client can ask its user (`elicitation` of the stateless revision).
    pub can_ask_user: bool,
}

impl RequestHead {
    /// The same in JSON, for hosts that keep it while a tool runs.
    #[must_use]
    pub fn to_json(&self) -> String {
        let RequestHead { id, revision, event_stream, can_ask_user } = self;
        let stateless = *revision == Revision::Stateless;
        format!(
            r#"{{"id":{id},"stateless":{stateless},"eventStream":{event_stream},"canAskUser":{can_ask_user}}}"#
        )
    }

    /// From the result of [`RequestHead::to_json`].
    #[must_use]
    pub fn from_json(text: &str) -> Option<RequestHead> {
        let given = raw_properties(text).ok()?;
        let flag = |name: &str| given.get(name).is_some_and(|value| value.get() == "true");
        Some(RequestHead {
            id: given.get("id")?.to_owned(),
            revision: if flag("stateless") { Revision::Stateless } else { Revision::Initialize },
            event_stream: flag("eventStream"),
            can_ask_user: flag("canAskUser"),
        })
    }

    /// The head of a message without a valid id.
    pub(super) fn nobody(event_stream: bool) -> RequestHead {
        let id = RawValue::NULL.to_owned();
        RequestHead { id, revision: Revision::Initialize, event_stream, can_ask_user: false }
    }
}

/// Whether the text of a JSON value is an id: a string, or a number without a fraction.
pub(super) fn is_id(raw: &str) -> bool {
    if raw.starts_with('"') {
        return true;
    }
    let (whole, fraction) = raw.split_once('.').unwrap_or((raw, "0"));
    let digits = whole.strip_prefix('-').unwrap_or(whole);
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) && fraction.bytes().all(|b| b == b'0')
}

/// How a client is notified of the progress of a call. What is sent is in `mcp::progress`.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Progress {
    /// The client's token as it was written: a string or a whole number.
    pub token: Box<RawValue>,
    /// Over HTTP, notifications are events of one stream, which ends with the reply to the call. Over stdio, each
    /// message is a line.
    pub event_stream: bool,
}

/// A tool that a client calls.
#[derive(Clone)]
#[non_exhaustive]
pub struct ToolCall {
    /// The head of the request.
    pub head: RequestHead,
    /// The tool's name.
    pub name: String,
    /// The arguments as they were written: an object.
    pub arguments: Box<RawValue>,
    /// The token of the call that the user approved.
    pub confirmation: Option<String>,
    /// The id of the model's tool call, where the client tells it: [`Options::upstream`](crate::call::Options::upstream).
    pub upstream: Option<String>,
    /// How the client is notified of progress, if it asked for that.
    pub progress: Option<Progress>,
    /// The request's parameters as they were written.
    pub params: Box<RawValue>,
}

/// Without arguments and what confirms them.
impl fmt::Debug for ToolCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ToolCall").field("head", &self.head).field("name", &self.name).finish_non_exhaustive()
    }
}

/// An answer.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status; ignored over stdio.
    pub status: u16,
    /// The media type; empty if there is no body.
    pub media: &'static str,
    /// The body: JSON on one line, or one event that holds it.
    pub body: String,
}

/// Without the body, which may hold results.
impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply")
            .field("status", &self.status)
            .field("media", &self.media)
            .finish_non_exhaustive()
    }
}

/// What the host has to do for a message.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Step {
    /// Answer this.
    Reply(Reply),
    /// Send no answer: status 202. If the message cancels a request, its id as it was written.
    Notification {
        /// The id of the cancelled request.
        cancels: Option<Box<RawValue>>,
    },
    /// Do what [`View::plan`](super::View::plan) says of this call, then [`View::finish`](super::View::finish).
    Call(Box<ToolCall>),
    /// Read each of these with [`TransportContext::in_batch`], then [`gather`](super::gather) their bodies.
    Batch {
        /// The messages as they were written.
        messages: Vec<Box<RawValue>>,
        /// The client accepts only an event stream.
        event_stream: bool,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_strings_and_whole_numbers() {
        for raw in ["1", "-1", "0", "\"\"", "\"a\"", "1.0", "123456789012345678901234567890"] {
            assert!(is_id(raw), "{raw}");
        }
        for raw in ["null", "true", "1.5", "[]", "{}", "-", "1e2"] {
            assert!(!is_id(raw), "{raw}");
        }
    }
}
