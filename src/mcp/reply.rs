//! Replies: results, failures of tools and protocol errors, in the form that the client accepts.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::definition::object;
use super::message::{Reply, RequestHead, Revision};
use crate::json::{Object, Value, Writer, to_exact_text};

/// Codes of JSON-RPC and MCP.
pub(super) mod code {
    pub(crate) const PARSE: i64 = -32700;
    pub(crate) const INVALID_REQUEST: i64 = -32600;
    pub(crate) const METHOD_NOT_FOUND: i64 = -32601;
    pub(crate) const INVALID_PARAMS: i64 = -32602;
    pub(crate) const INTERNAL: i64 = -32603;
    pub(crate) const HEADER_MISMATCH: i64 = -32020;
    pub(crate) const MISSING_CAPABILITY: i64 = -32021;
    pub(crate) const UNSUPPORTED_VERSION: i64 = -32022;
}

/// The `resultType` of a final result.
pub(super) const COMPLETE: &str = "complete";
pub(super) const JSON: &str = "application/json";
const EVENTS: &str = "text/event-stream";

/// The server's description of itself: `serverInfo`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Identity {
    pub(super) name: String,
    pub(super) title: Option<String>,
    pub(super) version: String,
}

impl Identity {
    pub(super) fn to_value(&self) -> Value {
        let title = self.title.as_ref().map(|title| ("title", title));
        let all = std::iter::once(("name", &self.name)).chain(title).chain([("version", &self.version)]);
        all.map(|(name, text)| (name.to_owned(), Value::from(text.as_str()))).collect()
    }
}

/// A result: fields of all kinds, and documents that are passed on unchanged.
#[derive(Default)]
pub(super) struct ResultBody<'a> {
    fields: Object,
    tools: Option<&'a RawValue>,
    structured_content: Option<Cow<'a, RawValue>>,
}

impl<'a> ResultBody<'a> {
    /// A result with only these fields.
    pub(super) fn new(fields: Object) -> ResultBody<'a> {
        ResultBody { fields, ..ResultBody::default() }
    }

    /// The same with a list of tools.
    pub(super) fn with_tools(self, tools: &'a RawValue) -> ResultBody<'a> {
        ResultBody { tools: Some(tools), ..self }
    }

    /// The result of a tool, as text and as structured content, perhaps with a note.
    pub(super) fn success(outcome: &'a RawValue, text: &str, note: Option<&str>) -> ResultBody<'a> {
        let content = std::iter::once(text).chain(note).map(text_content).collect();
        ResultBody::with_content(content, Some(Cow::Borrowed(outcome)))
    }

    /// A binary result, if it is returned, with the outcome without it.
    pub(super) fn media(media: Option<Value>, outcome: &str, note: Option<&str>) -> ResultBody<'static> {
        let texts = std::iter::once(outcome).chain(note).map(text_content);
        let structured = RawValue::from_string(outcome.to_owned()).ok().map(Cow::Owned);
        ResultBody::with_content(media.into_iter().chain(texts).collect(), structured)
    }

    /// The JSON text, with all digits of numbers.
    fn to_text(&self) -> String {
        let mut w = Writer::new();
        w.open();
        for (name, value) in &self.fields {
            w.key(name).raw(&to_exact_text(value));
        }
        if let Some(tools) = self.tools {
            w.key("tools").raw(tools.get());
        }
        if let Some(structured) = &self.structured_content {
            w.key("structuredContent").raw(structured.get());
        }
        w.close();
        w.finish()
    }

    fn with_content(content: Value, structured_content: Option<Cow<'a, RawValue>>) -> ResultBody<'a> {
        let fields = Object::from_iter([("content".to_owned(), content)]);
        ResultBody { fields, structured_content, ..ResultBody::default() }
    }
}

/// Content of the kind `image` or `audio`.
pub(super) fn media_content(kind: &str, media_type: &str, base64: &str) -> Value {
    object([
        ("type", Value::from(kind)),
        ("data", Value::from(base64)),
        ("mimeType", Value::from(media_type)),
    ])
}

fn text_content(text: &str) -> Value {
    object([("type", Value::from("text")), ("text", Value::from(text))])
}

/// A result whose `resultType` in the stateless revision is `result_type`, almost always `complete`.
pub(super) fn result(
    head: &RequestHead,
    identity: &Identity,
    result_type: &str,
    mut body: ResultBody<'_>,
) -> Reply {
    if head.revision == Revision::Stateless {
        let meta = object([("io.modelcontextprotocol/serverInfo", identity.to_value())]);
        body.fields.insert("resultType".to_owned(), Value::from(result_type));
        body.fields.insert("_meta".to_owned(), meta);
    }
    respond(head, 200, "result", &body.to_text())
}

/// A tool's failure with this message.
pub(super) fn tool_failure(head: &RequestHead, identity: &Identity, text: &str) -> Reply {
    let content = Value::Array(vec![text_content(text)]);
    let fields =
        Object::from_iter([("content".to_owned(), content), ("isError".to_owned(), Value::Bool(true))]);
    result(head, identity, COMPLETE, ResultBody::new(fields))
}

/// A protocol error.
pub(super) fn error(
    head: &RequestHead,
    status: u16,
    code: i64,
    message: &str,
    data: Option<&Value>,
) -> Reply {
    let mut w = Writer::new();
    w.open().key("code").integer(code).pair("message", message);
    if let Some(data) = data {
        w.key("data").raw(&to_exact_text(data));
    }
    w.close();
    respond(head, status, "error", &w.finish())
}

/// A response of JSON-RPC: a `result`, or an `error`.
fn respond(head: &RequestHead, status: u16, name: &str, json: &str) -> Reply {
    let mut w = Writer::new();
    w.open().pair("jsonrpc", "2.0").key("id").raw(head.id.get()).key(name).raw(json).close();
    reply(head.event_stream, status, w.finish())
}

/// An error about HTTP, before there is a message with an id.
#[must_use]
pub fn refusal(status: u16, message: &str) -> Reply {
    let code = if status >= 500 { code::INTERNAL } else { code::INVALID_REQUEST };
    error(&RequestHead::nobody(false), status, code, message, None)
}

/// The reply to a batch: the bodies of the replies to its messages; `None` if no answer is expected.
#[must_use]
pub fn gather(bodies: &[String], event_stream: bool) -> Option<Reply> {
    (!bodies.is_empty()).then(|| reply(event_stream, 200, format!("[{}]", bodies.join(","))))
}

/// Converts JSON on one line to the form that the client accepts.
pub(super) fn reply(event_stream: bool, status: u16, json: String) -> Reply {
    if event_stream {
        return Reply { status, media: EVENTS, body: format!("event: message\ndata: {json}\n\n") };
    }
    Reply { status, media: JSON, body: json }
}
