//! Replies: results, failures of tools and protocol errors, in the form the client takes.

use super::message::{Reply, hole};
use crate::json::Writer;
use crate::text::fill;

/// Codes of JSON-RPC and MCP.
pub(super) mod code {
    pub(crate) const PARSE: i64 = -32700;
    pub(crate) const INVALID_REQUEST: i64 = -32600;
    pub(crate) const METHOD_NOT_FOUND: i64 = -32601;
    pub(crate) const INVALID_PARAMS: i64 = -32602;
    pub(crate) const HEADER_MISMATCH: i64 = -32020;
    pub(crate) const MISSING_CAPABILITY: i64 = -32021;
    pub(crate) const UNSUPPORTED_VERSION: i64 = -32022;
}

/// Who asked, and how the answer must look.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    /// The id as written.
    pub(super) id: &'a str,
    pub(super) modern: bool,
    pub(super) stream: bool,
}

pub(super) const JSON: &str = "application/json";
const EVENTS: &str = "text/event-stream";

/// A reply with status 200, or another, in the form the client takes.
pub(super) fn reply(asked: Asked<'_>, status: u16, body: String) -> Reply {
    if asked.stream {
        return Reply { status, media: EVENTS, body: format!("event: message\ndata: {body}\n\n") };
    }
    Reply { status, media: JSON, body }
}

/// The text of a result of these properties.
pub(super) fn result_text(asked: Asked<'_>, inner: &str, kind: &str) -> String {
    let mut tail = String::new();
    if asked.modern {
        let comma = if inner.is_empty() { "" } else { "," };
        tail = fill(r#"{}"resultType":"{}","_meta":{"io.modelcontextprotocol/serverInfo":"#, &[comma, kind]);
        tail.push(hole::INFO);
        tail.push('}');
    }
    [r#"{"jsonrpc":"2.0","id":"#, asked.id, r#","result":{"#, inner, &tail, "}}"].concat()
}

/// A tool's failure in these words.
pub(super) fn failed(asked: Asked<'_>, text: &str) -> Reply {
    let mut w = Writer::new();
    w.key("content").open_array().open().pair("type", "text").pair("text", text).close().close_array();
    w.key("isError").boolean(true);
    reply(asked, 200, result_text(asked, &w.finish(), "complete"))
}

/// A protocol error; `data` is JSON text or empty.
pub(super) fn error(asked: Asked<'_>, status: u16, code: i64, message: &str, data: &str) -> Reply {
    reply(asked, status, error_text(asked, code, message, data))
}

fn error_text(asked: Asked<'_>, code: i64, message: &str, data: &str) -> String {
    let mut w = Writer::new();
    w.open().pair("jsonrpc", "2.0").key("id").raw(asked.id);
    w.key("error").open().key("code").integer(code).pair("message", message);
    if !data.is_empty() {
        w.key("data").raw(data);
    }
    w.close().close();
    w.finish()
}

/// An error that has no id and is about HTTP.
pub(super) fn refusal(status: u16, message: &str) -> Reply {
    let nobody = Asked { id: "null", modern: false, stream: false };
    Reply { status, media: JSON, body: error_text(nobody, code::INVALID_REQUEST, message, "") }
}

/// The reply to a batch: the bodies of the replies to its messages; nothing where nothing is owed.
pub fn gather(bodies: &[String], stream: bool) -> Option<Reply> {
    let nobody = Asked { id: "null", modern: false, stream };
    let body = || format!("[{}]", bodies.join(","));
    (!bodies.is_empty()).then(|| reply(nobody, 200, body()))
}
