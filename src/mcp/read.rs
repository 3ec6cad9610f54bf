//! From a message to what is done about it: the transport's own conditions, JSON-RPC, the era, the method.
//! Codes and statuses are those of the specification; where it leaves them open, those of the official SDK.

use super::message::{Call, Facts, LEGACY, MODERN, Reply, Step, hole, items, property};
use crate::json::{Value, Writer, parse};
use crate::text::{clip, decimal, fill, join, trim_end, trim_start};

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

/// The names in `_meta` that the modern era uses stand below this.
const META: &str = "io.modelcontextprotocol/";
/// The most messages in one batch.
const BATCH: usize = 100;
/// How a user's answer to the question of a call that waits for approval is found again.
pub(super) const CONFIRM: &str = "confirm_call";
/// How long lists stay as they are, in milliseconds, and who may keep them.
const CACHE: &str = r#""ttlMs":300000,"cacheScope":"private""#;

/// Who asked, and how the answer must look.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    /// The id as written.
    pub(super) id: &'a str,
    pub(super) modern: bool,
    pub(super) stream: bool,
}

/// Reads one message: its text, and what the transport knows of it.
pub fn read(facts: &Facts<'_>, body: &str) -> Step {
    let stream = match stream(facts) {
        Ok(stream) => stream,
        Err(reply) => return Step::Reply(reply),
    };
    let nobody = Asked { id: "null", modern: false, stream };
    let Ok(value) = parse(body) else {
        let why = "the message is not JSON, or nested deeper than 128 levels";
        return error(nobody, 400, code::PARSE, why, "");
    };
    match &value {
        Value::Array(messages) => batch(facts, nobody, body, messages),
        _ => single(facts, nobody, body, &value),
    }
}

/// Whether the client wants a stream, when the transport's conditions are met.
fn stream(facts: &Facts<'_>) -> Result<bool, Reply> {
    if facts.stdio || facts.batched {
        return Ok(false);
    }
    let media = facts.content_type.split(';').next().unwrap_or_default();
    if !trim(media).eq_ignore_ascii_case("application/json") {
        return Err(refusal(415, "Content-Type must be application/json"));
    }
    let mut stream = false;
    for one in facts.accept.split(',') {
        match trim(one.split(';').next().unwrap_or_default()).to_ascii_lowercase().as_str() {
            "" if !facts.accept.is_empty() => {}
            "" | "application/json" | "application/*" | "*/*" => return Ok(false),
            "text/event-stream" | "text/*" => stream = true,
            _ => {}
        }
    }
    if stream {
        Ok(true)
    } else {
        Err(refusal(406, "Accept must allow application/json or text/event-stream"))
    }
}

/// An error that has no id and is about HTTP.
pub(super) fn refusal(status: u16, message: &str) -> Reply {
    let nobody = Asked { id: "null", modern: false, stream: false };
    let mut w = Writer::new();
    write_error(nobody, code::INVALID_REQUEST, message, "", &mut w);
    Reply { status, media: JSON, body: w.finish() }
}

fn batch(facts: &Facts<'_>, nobody: Asked<'_>, body: &str, messages: &[Value]) -> Step {
    let refuse = |why: &str| error(nobody, 400, code::INVALID_REQUEST, why, "");
    let version = trim(facts.version);
    if !matches!(version, "" | "2025-03-26" | "2024-11-05") || facts.batched {
        return refuse("there are no batches here, or in this version of the protocol");
    }
    if messages.is_empty() || messages.len() > BATCH {
        return refuse("a batch holds 1 to 100 messages");
    }
    for message in messages {
        let method = message.get("method").and_then(Value::as_str);
        if method == Some("initialize") || meta(message.get("params"), "protocolVersion").is_some() {
            return refuse("a batch holds neither `initialize` nor messages of 2026-07-28");
        }
    }
    let messages = items(body).into_iter().map(str::to_owned).collect();
    Step::Batch { messages, stream: nobody.stream }
}

/// The reply to a batch: the bodies of the replies to its messages; nothing where nothing is owed.
pub fn gather(bodies: &[String], stream: bool) -> Option<Reply> {
    let nobody = Asked { id: "null", modern: false, stream };
    let body = || fill("[{}]", &[&join(bodies, ",")]);
    (!bodies.is_empty()).then(|| reply(nobody, 200, body()))
}

fn meta<'v>(params: Option<&'v Value>, name: &str) -> Option<&'v Value> {
    params?
        .get("_meta")?
        .as_object()?
        .iter()
        .find(|(n, _)| n.strip_prefix(META) == Some(name))
        .map(|(_, v)| v)
}

fn single(facts: &Facts<'_>, nobody: Asked<'_>, body: &str, message: &Value) -> Step {
    let raw_id = property(body, "id").filter(|_| message.as_object().is_some());
    let id = raw_id.filter(|raw| is_id(raw));
    let mut asked = Asked { id: id.unwrap_or("null"), ..nobody };
    let invalid = |why: &str| {
        // Over batches and stdio there is no status.
        error(asked, 400, code::INVALID_REQUEST, why, "")
    };
    if message.get("jsonrpc").and_then(Value::as_str) != Some("2.0") {
        return invalid("not a JSON-RPC message: expected an object with `jsonrpc`: \"2.0\"");
    }
    let Some(method) = message.get("method").and_then(Value::as_str) else {
        if message.get("method").is_none()
            && (message.get("result").is_some() || message.get("error").is_some())
        {
            return Step::Note(None);
        }
        return invalid("`method` must be a string");
    };
    let params = message.get("params").filter(|p| !p.is_null());
    if raw_id.is_none() {
        let cancelled =
            (method == "notifications/cancelled").then(|| property(property(body, "params")?, "requestId"));
        return Step::Note(cancelled.flatten().map(str::to_owned));
    }
    if id.is_none() {
        return invalid("`id` must be a string or a whole number");
    }
    if params.is_some_and(|p| p.as_object().is_none()) {
        return invalid("`params` must be an object");
    }
    match era(facts, method, params) {
        Ok(modern) => asked.modern = modern,
        Err((code, why, data)) => return error(asked, 400, code, &why, &data),
    }
    let raw = property(body, "params").unwrap_or("{}");
    match (method, asked.modern) {
        ("initialize", false) => initialize(asked, params),
        ("ping", false) => result(asked, ""),
        ("server/discover", true) => {
            let mut inner = fill(r#""supportedVersions":["{}"],"#, &[MODERN]);
            about(&mut inner);
            inner.push(',');
            inner.push_str(CACHE);
            result(asked, &inner)
        }
        ("tools/list", _) => list(asked, params),
        ("tools/call", _) => call(asked, params, raw),
        _ => {
            let status = if asked.modern { 404 } else { 200 };
            let why = fill("there is no method `{}`", &[&clip(method, 64)]);
            error(asked, status, code::METHOD_NOT_FOUND, &why, "")
        }
    }
}

/// Whether the request is of the modern era; otherwise what is wrong with what it says of that.
fn era(facts: &Facts<'_>, method: &str, params: Option<&Value>) -> Result<bool, (i64, String, String)> {
    let wrong = |code: i64, why: &str| Err((code, why.to_owned(), String::new()));
    let header = trim(facts.version);
    let known = header.is_empty() || LEGACY.contains(&header);
    let Some(version) = meta(params, "protocolVersion") else {
        if known || facts.stdio {
            return Ok(false);
        }
        if method == "initialize" {
            return wrong(
                code::HEADER_MISMATCH,
                "`initialize` is not of the version that the header MCP-Protocol-Version names",
            );
        }
        return wrong(
            code::INVALID_PARAMS,
            "params._meta must hold io.modelcontextprotocol/protocolVersion and io.modelcontextprotocol/clientCapabilities",
        );
    };
    let capable = meta(params, "clientCapabilities").is_some_and(|c| c.as_object().is_some());
    let (Some(version), true) = (version.as_str(), capable) else {
        return wrong(
            code::INVALID_PARAMS,
            "params._meta must hold io.modelcontextprotocol/protocolVersion (a string) and io.modelcontextprotocol/clientCapabilities (an object)",
        );
    };
    if !facts.stdio && header != version {
        return wrong(
            code::HEADER_MISMATCH,
            "the header MCP-Protocol-Version must equal the version in params._meta",
        );
    }
    if version != MODERN {
        let mut data = Writer::new();
        data.open().key("supported").texts(&[MODERN]).key("requested").text(&clip(version, 64)).close();
        return Err((code::UNSUPPORTED_VERSION, "unsupported protocol version".to_owned(), data.finish()));
    }
    if facts.stdio {
        return Ok(true);
    }
    if trim(facts.method) != method {
        return wrong(code::HEADER_MISMATCH, "the header Mcp-Method must equal `method`");
    }
    let named = match method {
        "tools/call" | "prompts/get" => "name",
        "resources/read" => "uri",
        _ => return Ok(true),
    };
    if let Some(name) = params.and_then(|p| p.get(named)).and_then(Value::as_str) {
        let given = trim(facts.name);
        let encoded = given.strip_prefix("=?base64?").and_then(|rest| rest.strip_suffix("?="));
        if encoded.map_or(given != name, |text| text != base64(name)) {
            return wrong(code::HEADER_MISMATCH, "the header Mcp-Name must equal the name in `params`");
        }
    }
    Ok(true)
}

fn initialize(asked: Asked<'_>, params: Option<&Value>) -> Step {
    let wanted = params.and_then(|p| p.get("protocolVersion")).and_then(Value::as_str).unwrap_or_default();
    // The newest of the era for any other: a client that cannot speak it says so.
    let newest = LEGACY.first().copied().unwrap_or_default();
    let version = LEGACY.iter().find(|v| **v == wanted).copied().unwrap_or(newest);
    let mut inner = fill(r#""protocolVersion":"{}","#, &[version]);
    about(&mut inner);
    inner.push_str(r#","serverInfo":"#);
    inner.push(hole::INFO);
    result(asked, &inner)
}

fn about(out: &mut String) {
    out.push_str(r#""capabilities":{"tools":{}},"instructions":"#);
    out.push(hole::INSTRUCTIONS);
}

fn list(asked: Asked<'_>, params: Option<&Value>) -> Step {
    // All tools stand on one page: no cursor was ever given out.
    match params.and_then(|p| p.get("cursor")) {
        None | Some(Value::Null) => {}
        Some(Value::String(text)) if text.is_empty() => {}
        Some(_) => {
            return error(asked, 200, code::INVALID_PARAMS, "unknown cursor: the list has one page", "");
        }
    }
    let mut inner = String::from(r#""tools":"#);
    inner.push(hole::TOOLS);
    if asked.modern {
        inner.push(',');
        inner.push_str(CACHE);
    }
    result(asked, &inner)
}

fn call(asked: Asked<'_>, params: Option<&Value>, raw: &str) -> Step {
    let invalid = |why: &str| error(asked, 200, code::INVALID_PARAMS, why, "");
    let given = |name: &str| params.and_then(|p| p.get(name));
    let Some(name) = given("name").and_then(Value::as_str) else { return invalid("`name` must be a string") };
    let arguments = match given("arguments") {
        None | Some(Value::Null) => "{}",
        Some(Value::Object(_)) => property(raw, "arguments").unwrap_or("{}"),
        Some(_) => return invalid("`arguments` must be an object"),
    };
    let mut confirmed = None;
    if let Some(answer) = given("inputResponses").and_then(|all| all.get(CONFIRM)) {
        let yes = answer.get("action").and_then(Value::as_str) == Some("accept")
            && answer.get("content").and_then(|c| c.get("confirm")) == Some(&Value::Bool(true));
        if !yes {
            return Step::Reply(failed(
                asked,
                "The user declined. Nothing was done; do not call again unless the user asks for it.",
            ));
        }
        confirmed = given("requestState").and_then(Value::as_str).map(str::to_owned);
    }
    let elicitation =
        meta(params, "clientCapabilities").and_then(|c| c.get("elicitation")).and_then(Value::as_object);
    Step::Call(Call {
        id: asked.id.to_owned(),
        modern: asked.modern,
        stream: asked.stream,
        elicits: asked.modern
            && elicitation.is_some_and(|modes| modes.is_empty() || modes.contains_key("form")),
        name: name.to_owned(),
        arguments: arguments.to_owned(),
        confirmed,
        params: raw.to_owned(),
    })
}

/// Whether the raw text is an id: a string, or a number without a fraction.
fn is_id(raw: &str) -> bool {
    if raw.starts_with('"') {
        return true;
    }
    let (whole, fraction) = raw.split_once('.').unwrap_or((raw, "0"));
    let digits = whole.strip_prefix('-').unwrap_or(whole);
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) && fraction.bytes().all(|b| b == b'0')
}

pub(super) const JSON: &str = "application/json";
const EVENTS: &str = "text/event-stream";

/// A reply with status 200, or another, in the form the client takes.
pub(super) fn reply(asked: Asked<'_>, status: u16, body: String) -> Reply {
    if asked.stream {
        return Reply { status, media: EVENTS, body: fill("event: message\ndata: {}\n\n", &[&body]) };
    }
    Reply { status, media: JSON, body }
}

/// A result of these properties.
pub(super) fn result(asked: Asked<'_>, inner: &str) -> Step {
    Step::Reply(reply(asked, 200, result_text(asked, inner, "complete")))
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
    join(&[r#"{"jsonrpc":"2.0","id":"#, asked.id, r#","result":{"#, inner, &tail, "}}"], "")
}

/// A tool's failure in these words.
pub(super) fn failed(asked: Asked<'_>, text: &str) -> Reply {
    let mut w = Writer::new();
    w.key("content")
        .open_array()
        .open()
        .key("type")
        .text("text")
        .key("text")
        .text(text)
        .close()
        .close_array();
    w.key("isError").boolean(true);
    reply(asked, 200, result_text(asked, &w.finish(), "complete"))
}

/// A protocol error; `data` is JSON text or empty.
pub(super) fn error(asked: Asked<'_>, status: u16, code: i64, message: &str, data: &str) -> Step {
    let mut w = Writer::new();
    write_error(asked, code, message, data, &mut w);
    Step::Reply(reply(asked, status, w.finish()))
}

fn write_error(asked: Asked<'_>, code: i64, message: &str, data: &str, w: &mut Writer) {
    w.open().key("jsonrpc").text("2.0").key("id").raw(asked.id);
    w.key("error").open().key("code").raw(&decimal(code)).key("message").text(message);
    if !data.is_empty() {
        w.key("data").raw(data);
    }
    w.close().close();
}

fn trim(text: &str) -> &str {
    trim_end(trim_start(text, b" \t"), b" \t")
}

fn base64(text: &str) -> String {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for part in text.as_bytes().chunks(3) {
        let byte = |i: usize| u32::from(part.get(i).copied().unwrap_or_default());
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4 {
            let digit = DIGITS.get((bits >> (18 - 6 * place)) as usize & 63).copied().unwrap_or_default();
            out.push(if place <= part.len() { digit as char } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodes_base64() {
        let pairs =
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy"), ("é", "w6k=")];
        for (text, code) in pairs {
            assert_eq!(base64(text), code);
        }
    }

    #[test]
    fn ids_are_texts_and_whole_numbers() {
        for raw in ["1", "-1", "0", "\"\"", "\"a\"", "1.0", "123456789012345678901234567890"] {
            assert!(is_id(raw), "{raw}");
        }
        for raw in ["null", "true", "1.5", "[]", "{}", "-", "1e2"] {
            assert!(!is_id(raw), "{raw}");
        }
    }
}
