//! Replies: results, failures of tools and protocol errors, in the form that the client takes.

use serde::Serialize;
use serde_json::value::RawValue;

use super::definition::object;
use super::message::{Reply, RequestHead, Revision};
use crate::json::{Object, Value, to_json};

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

/// The `resultType` of what needs nothing further.
pub(super) const COMPLETE: &str = "complete";
pub(super) const JSON: &str = "application/json";
const EVENTS: &str = "text/event-stream";

/// What a server says of itself: `serverInfo`.
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

/// A response of JSON-RPC: a result, or an error.
#[derive(Serialize)]
struct Response<'a> {
    jsonrpc: &'static str,
    id: &'a RawValue,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<ResultBody<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorBody<'a>>,
}

/// A result: fields of all kinds, and documents that are passed on as they are.
#[derive(Default, Serialize)]
pub(super) struct ResultBody<'a> {
    #[serde(flatten)]
    fields: Object,
    #[serde(skip_serializing_if = "Option::is_none")]
    tools: Option<&'a RawValue>,
    #[serde(rename = "structuredContent", skip_serializing_if = "Option::is_none")]
    structured_content: Option<&'a RawValue>,
}

#[derive(Serialize)]
struct ErrorBody<'a> {
    code: i64,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a Value>,
}

impl<'a> ResultBody<'a> {
    /// A result of these fields alone.
    pub(super) fn new(fields: Object) -> ResultBody<'a> {
        ResultBody { fields, ..ResultBody::default() }
    }

    /// The same with a list of tools.
    pub(super) fn with_tools(self, tools: &'a RawValue) -> ResultBody<'a> {
        ResultBody { tools: Some(tools), ..self }
    }

    /// What a tool gave, as text and as structure, perhaps with a note.
    pub(super) fn success(outcome: &'a RawValue, note: Option<&str>) -> ResultBody<'a> {
        let content = std::iter::once(outcome.get()).chain(note).map(text_content).collect();
        let fields = Object::from_iter([("content".to_owned(), content)]);
        ResultBody { fields, structured_content: Some(outcome), ..ResultBody::default() }
    }
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
    respond(head, 200, Some(body), None)
}

/// A tool's failure in these words.
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
    respond(head, status, None, Some(ErrorBody { code, message, data }))
}

fn respond(
    head: &RequestHead,
    status: u16,
    result: Option<ResultBody<'_>>,
    error: Option<ErrorBody<'_>>,
) -> Reply {
    let response = Response { jsonrpc: "2.0", id: &head.id, result, error };
    reply(head.event_stream, status, to_json(&response))
}

/// An error about HTTP, before there is a message with an id.
#[must_use]
pub fn refusal(status: u16, message: &str) -> Reply {
    let code = if status >= 500 { code::INTERNAL } else { code::INVALID_REQUEST };
    error(&RequestHead::nobody(false), status, code, message, None)
}

/// The reply to a batch: the bodies of the replies to its messages; nothing if no answer is expected.
#[must_use]
pub fn gather(bodies: &[String], event_stream: bool) -> Option<Reply> {
    (!bodies.is_empty()).then(|| reply(event_stream, 200, format!("[{}]", bodies.join(","))))
}

/// Puts JSON on one line into the form that the client takes.
fn reply(event_stream: bool, status: u16, json: String) -> Reply {
    if event_stream {
        return Reply { status, media: EVENTS, body: format!("event: message\ndata: {json}\n\n") };
    }
    Reply { status, media: JSON, body: json }
}
