//! From a tool's outcome to the reply. A failure is a result that helps a model to repair its call, not a
//! protocol error; only an unknown tool is a protocol error.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::binary::Binary;
use super::definition::object;
use super::message::{CONFIRM, Reply, RequestHead, Revision};
use super::reply::{COMPLETE, Identity, ResultBody, code, error, result, tool_failure};
use super::shrink::shrink;
use crate::json::{
    Object, Value, is_big, parse, parse_marked, raw_properties, to_exact_text, to_plain, well_formed,
};

/// How results are returned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FinishOptions {
    /// The maximum number of bytes of a result's JSON; longer ones are truncated, with a note.
    pub max_bytes: usize,
    /// A model may approve calls: it is shown the token of a call that needs approval.
    pub model_confirms: bool,
}

impl Default for FinishOptions {
    /// At most 80 000 bytes, which common clients show to a model. Models do not approve calls.
    fn default() -> FinishOptions {
        FinishOptions { max_bytes: 80_000, model_confirms: false }
    }
}

/// The schema of the user's answer.
const QUESTION: &str = r#"{"type":"object","properties":{"confirm":{"type":"boolean","title":"Go ahead","description":"Whether the call may be made."}},"required":["confirm"]}"#;

const NO_TOKEN: &str = "this client cannot ask its user, and a model may not approve: the operator of this server can approve the call, allow it by policy, or let a client that supports elicitation ask the user";
const SHOW_TOKEN: &str = "show the user what would change; when they agree, call again with the same arguments and this token as `confirmation_token`";

/// The outcome of a call, as JSON text.
#[derive(Clone, Copy)]
pub(super) struct OutcomeText<'a> {
    /// The structured content for clients.
    pub(super) structured: &'a str,
    /// The text for models: the same, except for the form of big numbers.
    pub(super) text: &'a str,
}

/// The reply to a call whose outcome is `outcome`: the JSON text of `{ successful, data, error, meta }`; or, from
/// tools of the host, of an MCP result or of a JSON-RPC error. `arguments` gives the names of the tool's
/// arguments: the note on a truncated result names those that reduce it.
pub(super) fn finish(
    head: &RequestHead,
    identity: &Identity,
    options: FinishOptions,
    outcome: OutcomeText<'_>,
    arguments: &dyn Fn() -> Vec<String>,
) -> Reply {
    let unreadable = || tool_failure(head, identity, "The result of the tool cannot be read.");
    let (structured, text) = (one_line(outcome.structured), one_line(outcome.text));
    let Ok(structured) = serde_json::from_str::<&RawValue>(&structured) else { return unreadable() };
    let Ok(properties) = raw_properties(structured.get()) else { return unreadable() };
    let successful = properties.get("successful").map(|value| value.get() == "true");
    if successful == Some(true) {
        if let Some(binary) = properties.get("data").and_then(Binary::read)
            && let Some(body) = binary.body(&properties, options.max_bytes)
        {
            return result(head, identity, COMPLETE, body);
        }
        if structured.get().len().max(text.len()) <= options.max_bytes {
            return result(head, identity, COMPLETE, ResultBody::success(structured, &text, None));
        }
        let shrunk = |text: &str| shrink_text(text, &arguments(), options.max_bytes);
        let Some(((cut, note), (text, _))) = shrunk(structured.get()).zip(shrunk(&text)) else {
            return unreadable();
        };
        return result(head, identity, COMPLETE, ResultBody::success(&cut, text.get(), Some(&note)));
    }
    let Ok((Value::Object(map), _)) = parse_marked(&text, is_big) else { return unreadable() };
    match successful {
        Some(_) => failure(head, identity, options, map, arguments),
        None => foreign(head, identity, map),
    }
}

/// JSON text on one line, as events and stdio need it, without half surrogate pairs. JSON has line breaks between
/// values only.
fn one_line(json: &str) -> Cow<'_, str> {
    if json.contains(['\n', '\r']) {
        return well_formed(&json.replace(['\n', '\r'], " ")).into_owned().into();
    }
    well_formed(json)
}

/// A truncated result, and its note.
fn shrink_text(json: &str, arguments: &[String], most: usize) -> Option<(Box<RawValue>, String)> {
    let Ok((Value::Object(mut map), _)) = parse_marked(json, is_big) else { return None };
    let note = shrink(&mut map, arguments, most, json.len());
    Some((RawValue::from_string(to_exact_text(&Value::Object(map))).ok()?, note))
}

fn failure(
    head: &RequestHead,
    identity: &Identity,
    options: FinishOptions,
    mut map: Object,
    arguments: &dyn Fn() -> Vec<String>,
) -> Reply {
    let Some(Value::Object(problem)) = map.get_mut("error") else {
        return tool_failure(head, identity, "The call failed for an unknown reason.");
    };
    let text = |problem: &Object, name: &str| {
        problem.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let (kind, hint) = (text(problem, "kind"), text(problem, "hint"));
    if kind == "unknown_tool" {
        let mut message = text(problem, "message");
        if !hint.is_empty() {
            message = format!("{message}; {hint}");
        }
        return error(head, 200, code::INVALID_PARAMS, &message, None);
    }
    if kind == "confirmation_required" {
        let token = problem.get("details").and_then(|details| details.get("token")?.as_str());
        if let Some(token) = token.filter(|token| head.can_ask_user && !token.is_empty()) {
            return ask_user(head, identity, problem, token);
        }
        if !options.model_confirms
            && let Some(Value::Object(details)) = problem.get_mut("details")
        {
            details.shift_remove("token");
        }
        let hint = if options.model_confirms { SHOW_TOKEN } else { NO_TOKEN };
        problem.insert("hint".to_owned(), Value::from(hint));
    } else if hint.is_empty() {
        let hint = match problem.get("retryable") {
            Some(Value::Bool(true)) => "the same call may succeed later",
            _ => {
                "do not repeat the call unchanged; change the arguments as the message says, or tell the user"
            }
        };
        problem.insert("hint".to_owned(), Value::from(hint));
    }
    let text = to_exact_text(&Value::Object(map));
    match (text.len() > options.max_bytes).then(|| shrink_text(&text, &arguments(), options.max_bytes)) {
        Some(Some((cut, _))) => tool_failure(head, identity, cut.get()),
        _ => tool_failure(head, identity, &text),
    }
}

/// Asks the user of a client that can ask.
fn ask_user(head: &RequestHead, identity: &Identity, problem: &Object, token: &str) -> Reply {
    let mut message = problem.get("message").and_then(Value::as_str).unwrap_or_default().to_owned();
    let summary = problem.get("details").and_then(|details| details.get("summary"));
    for name in ["title", "connections", "arguments"] {
        if let Some(value) = summary.and_then(|summary| summary.get(name)) {
            message.push_str(&format!("\n{name}: {}", to_plain(value)));
        }
    }
    let params = object([
        ("mode", Value::from("form")),
        ("message", Value::from(message)),
        ("requestedSchema", parse(QUESTION).unwrap_or_default()),
    ]);
    let question = object([("method", Value::from("elicitation/create")), ("params", params)]);
    let requests = object([(CONFIRM, question)]);
    let fields = [("inputRequests".to_owned(), requests), ("requestState".to_owned(), Value::from(token))];
    result(head, identity, "input_required", ResultBody::new(Object::from_iter(fields)))
}

/// The outcome of a host's tool: a JSON-RPC error `{ code, message, data? }`, or an MCP result.
fn foreign(head: &RequestHead, identity: &Identity, mut map: Object) -> Reply {
    if let Some(Value::Number(number)) = map.get("code") {
        let number = number.as_i64().unwrap_or(code::INVALID_PARAMS);
        let stateless = head.revision == Revision::Stateless;
        let status = if stateless && number == code::MISSING_CAPABILITY { 400 } else { 200 };
        let message = map.get("message").and_then(Value::as_str).unwrap_or_default();
        return error(head, status, number, message, map.get("data"));
    }
    map.shift_remove("_meta");
    let result_type = map.shift_remove("resultType");
    let result_type = result_type.as_ref().and_then(Value::as_str).unwrap_or(COMPLETE);
    result(head, identity, result_type, ResultBody::new(map))
}
