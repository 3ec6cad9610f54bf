//! What goes into the protocol and comes out of it, as data: what the transport knows of a message, the head of a
//! request, replies, and what a message asks of the host. How a message is read is in [`super::read`].

use std::fmt;

use serde_json::value::RawValue;

use crate::json::{Value, parse, raw_properties};

/// The versions that a client agrees on once, with `initialize`; the newest first.
pub const INITIALIZE_VERSIONS: &[&str] =
    &["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05", "2024-10-07"];
/// The version in which every request carries version and capabilities of its client in `_meta`.
pub const STATELESS_VERSION: &str = "2026-07-28";

/// The name of the question that a user answers about a call that waits for approval.
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

/// What the transport knows of a message besides its text. Headers that were not sent are empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TransportContext {
    /// Over stdio there are no headers, and none are asked for.
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

    /// From an object of these fields in JSON, as JavaScript writes them; what is not given is empty.
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

    /// The context of a message in a batch that came like this.
    #[must_use]
    pub fn in_batch(&self) -> TransportContext {
        TransportContext { batched: true, ..self.clone() }
    }
}

/// Who asked, and in which form the answer must come.
#[derive(Debug, Clone)]
pub struct RequestHead {
    /// The id as it was written; `null` where there is none that can be used.
    pub id: Box<RawValue>,
    /// Which form of the protocol it has.
    pub revision: Revision,
    /// The client takes nothing but an event stream.
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

    /// From what [`RequestHead::to_json`] gave.
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

    /// The head of what has no id that can be used.
    pub(super) fn nobody(event_stream: bool) -> RequestHead {
        let id = RawValue::NULL.to_owned();
        RequestHead { id, revision: Revision::Initialize, event_stream, can_ask_user: false }
    }
}

/// A tool that a client calls.
#[derive(Clone)]
#[non_exhaustive]
pub struct ToolCall {
    /// Who asked.
    pub head: RequestHead,
    /// The tool's name.
    pub name: String,
    /// The arguments as they were written: an object.
    pub arguments: Box<RawValue>,
    /// What the user approved: the token of the call that waited for it.
    pub confirmation: Option<String>,
    /// The id of the model's tool call, where the client tells it: [`Options::upstream`](crate::call::Options::upstream).
    pub upstream: Option<String>,
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
    /// The HTTP status; of no interest over stdio.
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

/// What a message asks of the host.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Step {
    /// Answer this.
    Reply(Reply),
    /// Nothing is answered: status 202. If the message cancels a request, that one's id as it was written.
    Notification {
        /// The id of the request that is no longer wanted.
        cancels: Option<Box<RawValue>>,
    },
    /// Do what [`View::plan`](super::View::plan) says of this call, then [`View::finish`](super::View::finish).
    Call(Box<ToolCall>),
    /// Read each of these with [`TransportContext::in_batch`], then [`gather`](super::gather) their bodies.
    Batch {
        /// The messages as they were written.
        messages: Vec<Box<RawValue>>,
        /// The client takes nothing but an event stream.
        event_stream: bool,
    },
}
