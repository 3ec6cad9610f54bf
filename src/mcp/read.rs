//! From a message to what is done about it: the transport's own conditions, JSON-RPC, the era, the method.
//! Codes and statuses are those of the specification; where it leaves them open, those of the official SDK.

use super::message::{Call, Facts, LEGACY, MODERN, Reply, Step, hole, items, property, word};
use super::reply::{Asked, code, error, failed, refusal, reply, result_text};
use crate::json::{Value, Writer, parse};
use crate::text::{clip, fill, pieces, trim_end, trim_start};

/// The names in `_meta` that the modern era uses stand below this.
const META: &str = "io.modelcontextprotocol/";
/// The most messages in one batch.
const BATCH: usize = 100;
/// How a user's answer to the question of a call that waits for approval is found again.
pub(super) const CONFIRM: &str = "confirm_call";
/// What the modern era asks of every request.
const ENVELOPE: &str = "params._meta must hold io.modelcontextprotocol/protocolVersion (a string) and io.modelcontextprotocol/clientCapabilities (an object)";
/// How long lists stay as they are, in milliseconds, and who may keep them.
const CACHE: &str = r#""ttlMs":300000,"cacheScope":"private""#;

/// A protocol error: what of them, and why; `{}` in that stands for `about`.
struct Problem<'a> {
    what: What,
    why: &'static str,
    about: &'a str,
}

/// The kinds of protocol errors.
#[derive(Clone, Copy, PartialEq)]
enum What {
    Parse,
    Request,
    Method,
    ModernMethod,
    Params,
    Envelope,
    Mismatch,
    Version,
}

impl What {
    /// The status and the code.
    fn numbers(self) -> (u16, i64) {
        match self {
            What::Parse => (400, code::PARSE),
            What::Request => (400, code::INVALID_REQUEST),
            What::Method => (200, code::METHOD_NOT_FOUND),
            What::ModernMethod => (404, code::METHOD_NOT_FOUND),
            What::Params => (200, code::INVALID_PARAMS),
            What::Envelope => (400, code::INVALID_PARAMS),
            What::Mismatch => (400, code::HEADER_MISMATCH),
            What::Version => (400, code::UNSUPPORTED_VERSION),
        }
    }
}

/// What is about nothing that the client named.
const fn wrong(what: What, why: &'static str) -> Problem<'static> {
    Problem { what, why, about: "" }
}

/// What a client did wrong before there was a method to fail.
const fn invalid(why: &'static str) -> Problem<'static> {
    wrong(What::Request, why)
}

/// What is wrong in a method's parameters.
const fn params_are(why: &'static str) -> Problem<'static> {
    wrong(What::Params, why)
}

/// Reads one message: its text, and what the transport knows of it.
pub fn read(facts: &Facts<'_>, body: &str) -> Step {
    let mut asked = Asked { id: "null", modern: false, stream: false };
    match stream(facts) {
        Ok(stream) => asked.stream = stream,
        Err(reply) => return Step::Reply(reply),
    }
    let value = parse(body);
    let done = match &value {
        Err(_) => Err(wrong(What::Parse, "the message is not JSON, or nested deeper than 128 levels")),
        Ok(Value::Array(messages)) => batch(facts, asked.stream, body, messages),
        Ok(message) => single(facts, &mut asked, body, message),
    };
    done.unwrap_or_else(|problem| {
        let mut data = Writer::new();
        let (status, code) = problem.what.numbers();
        if problem.what == What::Version {
            data.open().key("supported").texts(&[MODERN]).pair("requested", &clip(problem.about, 64)).close();
        }
        let why = fill(problem.why, &[&clip(problem.about, 64)]);
        Step::Reply(error(asked, status, code, &why, &data.finish()))
    })
}

/// Whether the client wants a stream, when the transport's conditions are met.
fn stream(facts: &Facts<'_>) -> Result<bool, Reply> {
    if facts.stdio || facts.batched {
        return Ok(false);
    }
    if !essence(facts.content_type).eq_ignore_ascii_case("application/json") {
        return Err(refusal(415, "Content-Type must be application/json"));
    }
    let mut stream = facts.accept.is_empty();
    for one in pieces(facts.accept, ",") {
        let is = |media: &str| essence(one).eq_ignore_ascii_case(media);
        if facts.accept.is_empty() || is("application/json") || is("application/*") || is("*/*") {
            return Ok(false);
        }
        stream |= is("text/event-stream") || is("text/*");
    }
    if stream {
        Ok(true)
    } else {
        Err(refusal(406, "Accept must allow application/json or text/event-stream"))
    }
}

/// A media type without its parameters.
fn essence(media: &str) -> &str {
    trim(media.split_once(";").map_or(media, |(media, _)| media))
}

fn batch(facts: &Facts<'_>, stream: bool, body: &str, messages: &[Value]) -> Result<Step, Problem<'static>> {
    if !matches!(trim(facts.version), "" | "2025-03-26" | "2024-11-05") || facts.batched {
        return Err(invalid("there are no batches here, or in this version of the protocol"));
    }
    let odd = |message: &Value| {
        word(Some(message), "method") == Some("initialize")
            || meta(message.get("params"), "protocolVersion").is_some()
    };
    if messages.is_empty() || messages.len() > BATCH || messages.iter().any(odd) {
        return Err(invalid("a batch holds 1 to 100 messages, neither `initialize` nor any of 2026-07-28"));
    }
    let messages = items(body).into_iter().map(str::to_owned).collect();
    Ok(Step::Batch { messages, stream })
}

fn meta<'v>(params: Option<&'v Value>, name: &str) -> Option<&'v Value> {
    params?
        .get("_meta")?
        .as_object()?
        .iter()
        .find(|(n, _)| n.strip_prefix(META) == Some(name))
        .map(|(_, v)| v)
}

fn single<'a>(
    facts: &Facts<'_>,
    asked: &mut Asked<'a>,
    body: &'a str,
    message: &'a Value,
) -> Result<Step, Problem<'a>> {
    let raw_id = property(body, "id").filter(|_| message.as_object().is_some());
    let id = raw_id.filter(|raw| is_id(raw));
    asked.id = id.unwrap_or("null");
    if word(Some(message), "jsonrpc") != Some("2.0") {
        return Err(invalid("not a JSON-RPC message: expected an object with `jsonrpc`: \"2.0\""));
    }
    let Some(method) = word(Some(message), "method") else {
        let is_answer =
            message.get("result").or(message.get("error")).is_some() && message.get("method").is_none();
        return if is_answer { Ok(Step::Note(None)) } else { Err(invalid("`method` must be a string")) };
    };
    let raw = property(body, "params").unwrap_or("{}");
    if raw_id.is_none() {
        let cancelled = property(raw, "requestId").filter(|_| method == "notifications/cancelled");
        return Ok(Step::Note(cancelled.map(str::to_owned)));
    }
    if id.is_none() {
        return Err(invalid("`id` must be a string or a whole number"));
    }
    let params = message.get("params").filter(|p| !p.is_null());
    if params.is_some_and(|p| p.as_object().is_none()) {
        return Err(invalid("`params` must be an object"));
    }
    asked.modern = era(facts, method, params)?;
    let inner = match (method, asked.modern) {
        ("initialize", false) => initialize(params),
        ("ping", false) => String::new(),
        ("server/discover", true) => {
            let mut inner = fill(r#""supportedVersions":["{}"],"#, &[MODERN]);
            about(&mut inner);
            inner.push(',');
            inner.push_str(CACHE);
            inner
        }
        ("tools/list", _) => list(asked.modern, params)?,
        ("tools/call", _) => return call(*asked, params, raw),
        _ => {
            let what = if asked.modern { What::ModernMethod } else { What::Method };
            return Err(Problem { what, why: "there is no method `{}`", about: method });
        }
    };
    Ok(Step::Reply(reply(*asked, 200, result_text(*asked, &inner, "complete"))))
}

/// Whether the request is of the modern era; otherwise what is wrong with what it says of that.
fn era<'a>(facts: &Facts<'_>, method: &str, params: Option<&'a Value>) -> Result<bool, Problem<'a>> {
    let header = trim(facts.version);
    let Some(version) = meta(params, "protocolVersion") else {
        if header.is_empty() || LEGACY.contains(&header) || facts.stdio {
            return Ok(false);
        }
        if method == "initialize" {
            return Err(wrong(What::Mismatch, "`initialize` is not of the version in MCP-Protocol-Version"));
        }
        return Err(wrong(What::Envelope, ENVELOPE));
    };
    let capable = meta(params, "clientCapabilities").is_some_and(|c| c.as_object().is_some());
    let (Some(version), true) = (version.as_str(), capable) else {
        return Err(wrong(What::Envelope, ENVELOPE));
    };
    if !facts.stdio && header != version {
        return Err(wrong(
            What::Mismatch,
            "the header MCP-Protocol-Version must equal the version in params._meta",
        ));
    }
    if version != MODERN {
        return Err(Problem { what: What::Version, why: "unsupported protocol version", about: version });
    }
    let named = match method {
        "tools/call" | "prompts/get" => "name",
        "resources/read" => "uri",
        _ => "",
    };
    let name = word(params, named);
    let given = trim(facts.name);
    let encoded = given.strip_prefix("=?base64?").and_then(|rest| rest.strip_suffix("?="));
    let differs = |name: &str| encoded.map_or(given != name, |text| text != base64(name));
    if !facts.stdio && (trim(facts.method) != method || name.is_some_and(differs)) {
        return Err(wrong(
            What::Mismatch,
            "the headers Mcp-Method and Mcp-Name must equal `method` and the name in `params`",
        ));
    }
    Ok(true)
}

fn initialize(params: Option<&Value>) -> String {
    let wanted = word(params, "protocolVersion").unwrap_or_default();
    // The newest of the era for any other: a client that cannot speak it says so.
    let newest = LEGACY.first().copied().unwrap_or_default();
    let version = LEGACY.iter().find(|v| **v == wanted).copied().unwrap_or(newest);
    let mut inner = fill(r#""protocolVersion":"{}","#, &[version]);
    about(&mut inner);
    inner.push_str(r#","serverInfo":"#);
    inner.push(hole::INFO);
    inner
}

fn about(out: &mut String) {
    out.push_str(r#""capabilities":{"tools":{}},"instructions":"#);
    out.push(hole::INSTRUCTIONS);
}

fn list(modern: bool, params: Option<&Value>) -> Result<String, Problem<'static>> {
    // All tools stand on one page: no cursor was ever given out.
    match params.and_then(|p| p.get("cursor")) {
        None | Some(Value::Null) => {}
        Some(Value::String(text)) if text.is_empty() => {}
        Some(_) => return Err(params_are("unknown cursor: the list has one page")),
    }
    let mut inner = String::from(r#""tools":"#);
    inner.push(hole::TOOLS);
    if modern {
        inner.push(',');
        inner.push_str(CACHE);
    }
    Ok(inner)
}

fn call<'a>(asked: Asked<'_>, params: Option<&'a Value>, raw: &str) -> Result<Step, Problem<'a>> {
    let given = |name: &str| params.and_then(|p| p.get(name));
    let Some(name) = word(params, "name") else {
        return Err(params_are("`name` must be a string"));
    };
    let arguments = match given("arguments") {
        None | Some(Value::Null) => "{}",
        Some(Value::Object(_)) => property(raw, "arguments").unwrap_or("{}"),
        Some(_) => return Err(params_are("`arguments` must be an object")),
    };
    let mut confirmed = None;
    if let Some(answer) = given("inputResponses").and_then(|all| all.get(CONFIRM)) {
        let accepted = word(Some(answer), "action") == Some("accept");
        if !accepted || answer.get("content").and_then(|c| c.get("confirm")) != Some(&Value::Bool(true)) {
            let why = "The user declined. Nothing was done; do not call again unless the user asks for it.";
            return Ok(Step::Reply(failed(asked, why)));
        }
        confirmed = word(params, "requestState").map(str::to_owned);
    }
    let elicitation =
        meta(params, "clientCapabilities").and_then(|c| c.get("elicitation")).and_then(Value::as_object);
    Ok(Step::Call(Call {
        id: asked.id.to_owned(),
        modern: asked.modern,
        stream: asked.stream,
        elicits: asked.modern
            && elicitation.is_some_and(|modes| modes.is_empty() || modes.contains_key("form")),
        name: name.to_owned(),
        arguments: arguments.to_owned(),
        confirmed,
        params: raw.to_owned(),
    }))
}

/// Whether the raw text is an id: a string, or a number without a fraction.
fn is_id(raw: &str) -> bool {
    if raw.starts_with('"') {
        return true;
    }
    let (whole, fraction) = raw.split_once(".").unwrap_or((raw, "0"));
    let digits = whole.strip_prefix('-').unwrap_or(whole);
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) && fraction.bytes().all(|b| b == b'0')
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
