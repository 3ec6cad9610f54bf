//! Reads the text of a message: the conditions of the transport, JSON-RPC, the revision, the method.
//! Codes and statuses are those of the specification; where it leaves them open, those of the official SDK.

use base64ct::{Base64, Encoding};
use serde_json::value::RawValue;

use super::definition::object;
use super::message::{
    CONFIRM, INITIALIZE_VERSIONS, Progress, Reply, RequestHead, Revision, STATELESS_VERSION, ToolCall,
    TransportContext, is_id,
};
use super::reply::{code, error, refusal};
use crate::json::{Object, RawProperties, Value, parse, raw_properties, well_formed};
use crate::text::clip;

/// The names in `_meta` that the stateless revision uses.
const META_VERSION: &str = "io.modelcontextprotocol/protocolVersion";
const META_CAPABILITIES: &str = "io.modelcontextprotocol/clientCapabilities";
/// The name in `_meta` under which Claude Code tells the id of the model's tool call.
const META_CALL_ID: &str = "claudecode/toolUseId";
/// The name in `_meta` of the token for notifications of progress.
const META_PROGRESS: &str = "progressToken";
/// What the stateless revision requires of every request.
const ENVELOPE: &str = "params._meta must contain io.modelcontextprotocol/protocolVersion (a string) and io.modelcontextprotocol/clientCapabilities (an object)";
/// The maximum number of messages in one batch.
const MAX_BATCH: usize = 100;

/// What a message is.
pub(super) enum Message {
    /// It expects an answer.
    Request(RequestHead, Request),
    /// It gets no answer.
    Notification { cancels: Option<Box<RawValue>> },
    /// Several messages.
    Batch { messages: Vec<Box<RawValue>>, event_stream: bool },
    /// It is refused.
    Refused(Reply),
}

/// The method of a request.
pub(super) enum Request {
    /// To agree on this version.
    Initialize(&'static str),
    Ping,
    Discover,
    ListTools,
    /// To call a tool.
    CallTool(Box<ToolCall>),
    /// Nothing: the user did not approve the call.
    Declined,
}

/// The classes of protocol errors.
#[derive(Clone, Copy)]
enum ErrorClass {
    Parse,
    InvalidRequest,
    UnknownMethod(Revision),
    InvalidParams,
    Envelope,
    HeaderMismatch,
    UnsupportedVersion,
}

impl ErrorClass {
    /// The status and the code.
    fn numbers(self) -> (u16, i64) {
        match self {
            ErrorClass::Parse => (400, code::PARSE),
            ErrorClass::InvalidRequest => (400, code::INVALID_REQUEST),
            ErrorClass::UnknownMethod(Revision::Initialize) => (200, code::METHOD_NOT_FOUND),
            ErrorClass::UnknownMethod(Revision::Stateless) => (404, code::METHOD_NOT_FOUND),
            ErrorClass::InvalidParams => (200, code::INVALID_PARAMS),
            ErrorClass::Envelope => (400, code::INVALID_PARAMS),
            ErrorClass::HeaderMismatch => (400, code::HEADER_MISMATCH),
            ErrorClass::UnsupportedVersion => (400, code::UNSUPPORTED_VERSION),
        }
    }
}

/// A protocol error: its class, its message, and further data for the client.
struct ProtocolError {
    class: ErrorClass,
    message: String,
    data: Option<Value>,
}

/// A protocol error without data.
fn problem(class: ErrorClass, message: impl Into<String>) -> ProtocolError {
    ProtocolError { class, message: message.into(), data: None }
}

/// A mistake of the client before a method was found.
fn invalid(message: &str) -> ProtocolError {
    problem(ErrorClass::InvalidRequest, message)
}

/// Reads the text of one message, or of a batch. Only the fields of the protocol are parsed: the arguments of a tool
/// stay unparsed, so that their problems are reported by that call.
pub(super) fn read(context: &TransportContext, body: &str) -> Message {
    let event_stream = match wants_event_stream(context) {
        Ok(event_stream) => event_stream,
        Err(reply) => return Message::Refused(reply),
    };
    let mut head = RequestHead::nobody(event_stream);
    let body = well_formed(body);
    let message = match serde_json::from_str::<&RawValue>(&body).map(RawValue::get) {
        Err(_) => Err(problem(ErrorClass::Parse, "the message is not JSON")),
        Ok(batch) if batch.starts_with('[') => self::batch(context, event_stream, batch),
        Ok(message) if message.starts_with('{') => single(context, &mut head, message),
        Ok(_) => Err(not_json_rpc()),
    };
    message.unwrap_or_else(|problem| {
        let (status, code) = problem.class.numbers();
        Message::Refused(error(&head, status, code, &problem.message, problem.data.as_ref()))
    })
}

/// Whether the client wants an event stream; an error if the transport's conditions are not met.
fn wants_event_stream(context: &TransportContext) -> Result<bool, Reply> {
    if context.stdio || context.batched {
        return Ok(false);
    }
    if !media_type(&context.content_type).eq_ignore_ascii_case("application/json") {
        return Err(refusal(415, "Content-Type must be application/json"));
    }
    // A client without the header accepts anything.
    if context.accept.is_empty() || accepts(context, &["application/json", "application/*", "*/*"]) {
        Ok(false)
    } else if accepts_event_stream(context) {
        Ok(true)
    } else {
        Err(refusal(406, "Accept must allow application/json or text/event-stream"))
    }
}

/// Whether the client names event streams among what it accepts. What accepts anything may not expect one.
fn accepts_event_stream(context: &TransportContext) -> bool {
    accepts(context, &["text/event-stream", "text/*"])
}

/// Whether the header `Accept` contains one of these.
fn accepts(context: &TransportContext, wanted: &[&str]) -> bool {
    let mut accepted = context.accept.split(',').map(media_type);
    accepted.any(|one| wanted.iter().any(|media| one.eq_ignore_ascii_case(media)))
}

/// A media type without its parameters.
fn media_type(text: &str) -> &str {
    text.split_once(';').map_or(text, |(media, _)| media).trim_matches(BLANKS)
}

/// Characters that may surround the value of a header.
const BLANKS: [char; 2] = [' ', '\t'];

fn not_json_rpc() -> ProtocolError {
    invalid("not a JSON-RPC message: expected an object with `jsonrpc`: \"2.0\"")
}

fn batch(context: &TransportContext, event_stream: bool, body: &str) -> Result<Message, ProtocolError> {
    let version = context.protocol_version.trim_matches(BLANKS);
    if !matches!(version, "" | "2025-03-26" | "2024-11-05") || context.batched {
        return Err(invalid("batches are not supported here, or not in this version of the protocol"));
    }
    let messages: Vec<&RawValue> = serde_json::from_str(body).map_err(|_| not_json_rpc())?;
    if messages.is_empty() || messages.len() > MAX_BATCH || messages.iter().any(|one| needs_own_request(one))
    {
        return Err(invalid(
            "a batch must contain 1 to 100 messages, without `initialize` or any of 2026-07-28",
        ));
    }
    let messages = messages.into_iter().map(RawValue::to_owned).collect();
    Ok(Message::Batch { messages, event_stream })
}

/// Whether a message may not be part of a batch.
fn needs_own_request(message: &RawValue) -> bool {
    let Ok(message) = raw_properties(message.get()) else { return false };
    let params = message.get("params").and_then(|params| raw_properties(params.get()).ok());
    let meta = params.and_then(|params| value_of(&params, "_meta"));
    value_of(&message, "method").is_some_and(|method| method == "initialize")
        || meta.is_some_and(|meta| meta.get(META_VERSION).is_some())
}

/// A property as a value, if it can be read.
fn value_of(properties: &RawProperties<'_>, name: &str) -> Option<Value> {
    parse(properties.get(name)?.get()).ok()
}

/// The version of a request in the stateless revision.
fn meta_version(params: &Object) -> Option<&Value> {
    params.get("_meta")?.get(META_VERSION)
}

/// Reads one message: `body` is an object.
fn single(context: &TransportContext, head: &mut RequestHead, body: &str) -> Result<Message, ProtocolError> {
    let message = raw_properties(body).map_err(|_| not_json_rpc())?;
    let id = message.get("id");
    let usable = id.filter(|id| is_id(id.get()));
    if let Some(id) = usable {
        head.id = id.to_owned();
    }
    if value_of(&message, "jsonrpc").is_none_or(|version| version != "2.0") {
        return Err(not_json_rpc());
    }
    let method = match value_of(&message, "method") {
        Some(Value::String(method)) => method,
        None if ["result", "error"].iter().any(|name| message.get(name).is_some()) => {
            return Ok(Message::Notification { cancels: None });
        }
        _ => return Err(invalid("`method` must be a string")),
    };
    let params = message.get("params");
    if id.is_none() {
        let cancels = params.filter(|_| method == "notifications/cancelled");
        let named = cancels.and_then(|params| raw_properties(params.get()).ok());
        let cancels = named.and_then(|params| params.get("requestId").map(RawValue::to_owned));
        return Ok(Message::Notification { cancels });
    }
    if usable.is_none() {
        return Err(invalid("`id` must be a string or a whole number"));
    }
    let (written, values) = read_params(params)?;
    head.revision = revision(context, &method, &values)?;
    if head.revision == Revision::Stateless {
        head.can_ask_user = can_ask_user(&values);
    }
    let request = match (method.as_str(), head.revision) {
        ("initialize", Revision::Initialize) => Request::Initialize(agreed_version(&values)),
        ("ping", Revision::Initialize) => Request::Ping,
        ("server/discover", Revision::Stateless) => Request::Discover,
        ("tools/list", _) => list_tools(&values)?,
        ("tools/call", _) => call_tool(context, head, &values, &written, params)?,
        (_, revision) => {
            let message = format!("there is no method `{}`", clip(&method, 64));
            return Err(problem(ErrorClass::UnknownMethod(revision), message));
        }
    };
    Ok(Message::Request(head.clone(), request))
}

/// The parameters of a request as they were written, and parsed except for a tool's arguments.
fn read_params(params: Option<&RawValue>) -> Result<(RawProperties<'_>, Object), ProtocolError> {
    let Some(params) = params.map(RawValue::get).filter(|params| *params != "null") else {
        return Ok((RawProperties::default(), Object::new()));
    };
    let written = raw_properties(params).map_err(|_| invalid("`params` must be an object"))?;
    let mut values = Object::new();
    for (name, value) in written.0.iter().filter(|(name, _)| name != "arguments") {
        let value = parse(value.get()).map_err(|error| {
            problem(ErrorClass::InvalidParams, format!("`params.{}` cannot be read: {error}", clip(name, 64)))
        })?;
        values.insert(name.clone(), value);
    }
    Ok((written, values))
}

/// The revision of a request, if its statements about it agree.
fn revision(context: &TransportContext, method: &str, params: &Object) -> Result<Revision, ProtocolError> {
    let header = context.protocol_version.trim_matches(BLANKS);
    let Some(version) = meta_version(params) else {
        if header.is_empty() || INITIALIZE_VERSIONS.contains(&header) || context.stdio {
            return Ok(Revision::Initialize);
        }
        if method == "initialize" {
            let message =
                "`initialize` does not exist in the version that the header MCP-Protocol-Version names";
            return Err(problem(ErrorClass::HeaderMismatch, message));
        }
        return Err(problem(ErrorClass::Envelope, ENVELOPE));
    };
    let (Some(version), Some(_)) = (version.as_str(), capabilities(params)) else {
        return Err(problem(ErrorClass::Envelope, ENVELOPE));
    };
    if !context.stdio && header != version {
        let message = "the header MCP-Protocol-Version must equal the version in params._meta";
        return Err(problem(ErrorClass::HeaderMismatch, message));
    }
    if version != STATELESS_VERSION {
        let supported = Value::Array(vec![Value::from(STATELESS_VERSION)]);
        let data = object([("supported", supported), ("requested", Value::from(clip(version, 64)))]);
        let message = "unsupported protocol version".to_owned();
        return Err(ProtocolError { class: ErrorClass::UnsupportedVersion, message, data: Some(data) });
    }
    let named = match method {
        "tools/call" | "prompts/get" => "name",
        "resources/read" => "uri",
        _ => "",
    };
    let name = params.get(named).and_then(Value::as_str);
    let same_method = context.method.trim_matches(BLANKS) == method;
    let same_name = name.is_none_or(|name| is_named(&context.name, name));
    if !context.stdio && (!same_method || !same_name) {
        let message = "the headers Mcp-Method and Mcp-Name must equal `method` and the name in `params`";
        return Err(problem(ErrorClass::HeaderMismatch, message));
    }
    Ok(Revision::Stateless)
}

/// Whether the header `Mcp-Name` contains `name`, unchanged or in base64.
fn is_named(header: &str, name: &str) -> bool {
    let header = header.trim_matches(BLANKS);
    match header.strip_prefix("=?base64?").and_then(|rest| rest.strip_suffix("?=")) {
        Some(encoded) => encoded == Base64::encode_string(name.as_bytes()),
        None => header == name,
    }
}

/// What a client of the stateless revision can do.
fn capabilities(params: &Object) -> Option<&Object> {
    params.get("_meta")?.get(META_CAPABILITIES)?.as_object()
}

fn can_ask_user(params: &Object) -> bool {
    let modes = capabilities(params).and_then(|all| all.get("elicitation")?.as_object());
    modes.is_some_and(|modes| modes.is_empty() || modes.contains_key("form"))
}

/// The version that the client wants; the newest if it is unknown: a client that does not support that disconnects.
fn agreed_version(params: &Object) -> &'static str {
    let wanted = params.get("protocolVersion").and_then(Value::as_str).unwrap_or_default();
    let known = INITIALIZE_VERSIONS.iter().find(|version| **version == wanted);
    known.or(INITIALIZE_VERSIONS.first()).copied().unwrap_or_default()
}

fn list_tools(params: &Object) -> Result<Request, ProtocolError> {
    // All tools are on one page: no cursor was ever returned.
    match params.get("cursor") {
        None | Some(Value::Null) => Ok(Request::ListTools),
        Some(Value::String(cursor)) if cursor.is_empty() => Ok(Request::ListTools),
        Some(_) => Err(problem(ErrorClass::InvalidParams, "unknown cursor: the list has one page")),
    }
}

/// Reads a call: `values` and `written` are the parameters `raw`.
fn call_tool(
    context: &TransportContext,
    head: &RequestHead,
    values: &Object,
    written: &RawProperties<'_>,
    raw: Option<&RawValue>,
) -> Result<Request, ProtocolError> {
    let Some(Value::String(name)) = values.get("name") else {
        return Err(problem(ErrorClass::InvalidParams, "`name` must be a string"));
    };
    let arguments = written.get("arguments").filter(|arguments| arguments.get() != "null");
    if arguments.is_some_and(|arguments| !arguments.get().starts_with('{')) {
        return Err(problem(ErrorClass::InvalidParams, "`arguments` must be an object"));
    }
    let answer = values.get("inputResponses").and_then(|all| all.get(CONFIRM));
    if answer.is_some_and(|answer| !approves(answer)) {
        return Ok(Request::Declined);
    }
    let token = values.get("requestState").and_then(Value::as_str).filter(|_| answer.is_some());
    let upstream = values.get("_meta").and_then(|meta| meta.get(META_CALL_ID)?.as_str());
    let params = raw.unwrap_or(RawValue::NULL);
    let none = || RawValue::from_string("{}".to_owned()).unwrap_or_default();
    Ok(Request::CallTool(Box::new(ToolCall {
        head: head.clone(),
        name: name.clone(),
        arguments: arguments.map_or_else(none, RawValue::to_owned),
        confirmation: token.map(str::to_owned),
        upstream: upstream.map(str::to_owned),
        progress: progress(context, written.get("_meta")),
        params: params.to_owned(),
    })))
}

/// How the sender of a call with this `_meta` is notified of progress. A token of another type is ignored: the call
/// itself is valid.
fn progress(context: &TransportContext, meta: Option<&RawValue>) -> Option<Progress> {
    // The replies to a batch over HTTP are one JSON array, which cannot contain notifications.
    let can_be_sent = context.stdio || (!context.batched && accepts_event_stream(context));
    let meta = meta.filter(|_| can_be_sent).and_then(|meta| raw_properties(meta.get()).ok())?;
    Progress::new(meta.get(META_PROGRESS)?.get(), !context.stdio)
}

/// Whether the user approved the call.
fn approves(answer: &Value) -> bool {
    let accepted = answer.get("action").is_some_and(|action| action == "accept");
    accepted && answer.get("content").and_then(|content| content.get("confirm")) == Some(&Value::Bool(true))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_headers_may_be_encoded() {
        for header in ["Ünï", "=?base64?w5xuw68=?=", " =?base64?w5xuw68=?=\t"] {
            assert!(is_named(header, "Ünï"), "{header}");
        }
        for header in ["", "w5xuw68=", "=?base64?w5xuw68?=", "=?base64??="] {
            assert!(!is_named(header, "Ünï"), "{header}");
        }
    }

    #[test]
    fn what_a_client_accepts_decides_the_form() {
        let wants = |accept: &str| {
            let content_type = "application/json; charset=utf-8".to_owned();
            let context =
                TransportContext { content_type, accept: accept.to_owned(), ..TransportContext::default() };
            wants_event_stream(&context).map_err(|reply| reply.status)
        };
        for accept in ["", "application/json", "text/event-stream, */*;q=0.1", "Application/*"] {
            assert_eq!(wants(accept), Ok(false), "{accept}");
        }
        for accept in ["text/event-stream", "text/html, text/*"] {
            assert_eq!(wants(accept), Ok(true), "{accept}");
        }
        for accept in ["text/html", ",", " ", "image/*"] {
            assert_eq!(wants(accept), Err(406), "{accept}");
        }
    }
}
