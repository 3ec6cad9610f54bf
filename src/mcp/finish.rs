//! From a tool's outcome to the reply. A failure is a result that a model can read and repair from, never a
//! protocol error; only a tool that does not exist is one.

use serde_json::value::RawValue;

use super::definition::object;
use super::message::{CONFIRM, Reply, RequestHead, Revision};
use super::reply::{COMPLETE, Identity, ResultBody, code, error, result, tool_failure};
use super::shrink::shrink;
use crate::json::{Object, Value, parse, raw_properties, to_plain, to_text};

/// How results are given out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FinishOptions {
    /// The most bytes of a result's JSON; what is longer is cut, with a note.
    pub max_bytes: usize,
    /// A model may approve by itself: it is shown the token of a call that waits for approval.
    pub model_confirms: bool,
}

impl Default for FinishOptions {
    /// At most 80 000 bytes: what the common clients let a model see. Models approve nothing.
    fn default() -> FinishOptions {
        FinishOptions { max_bytes: 80_000, model_confirms: false }
    }
}

/// What a user is asked for.
const QUESTION: &str = r#"{"type":"object","properties":{"confirm":{"type":"boolean","title":"Go ahead","description":"Whether the call may be made."}},"required":["confirm"]}"#;

const NO_TOKEN: &str = "this client cannot ask its user, and a model may not approve: the operator of this server can approve the call, allow it by policy, or let a client that supports elicitation ask the user";
const SHOW_TOKEN: &str = "show the user what would change; when they agree, call again with the same arguments and this token as `confirmation_token`";

/// The reply to a call whose outcome is `outcome`: the JSON text of `{ successful, data, error, meta }`; or, from
/// tools of the host's own, of an MCP result or of a JSON-RPC error. `arguments` gives the names of the tool's
/// arguments: if a result is cut, those are named that give less.
pub(super) fn finish(
    head: &RequestHead,
    identity: &Identity,
    options: FinishOptions,
    outcome: &str,
    arguments: &dyn Fn() -> Vec<String>,
) -> Reply {
    let unreadable = || tool_failure(head, identity, "The tool gave no result that can be read.");
    // Events and stdio need one line; JSON has line breaks between values only.
    let one_line;
    let mut outcome = outcome;
    if outcome.contains('\n') || outcome.contains('\r') {
        one_line = outcome.replace(['\n', '\r'], " ");
        outcome = &one_line;
    }
    let Ok(outcome) = serde_json::from_str::<&RawValue>(outcome) else { return unreadable() };
    let Ok(properties) = raw_properties(outcome.get()) else {
        return unreadable();
    };
    let successful = properties.get("successful").map(|value| value.get() == "true");
    if successful == Some(true) && outcome.get().len() <= options.max_bytes {
        return result(head, identity, COMPLETE, ResultBody::success(outcome, None));
    }
    let Ok(Value::Object(mut map)) = parse(outcome.get()) else { return unreadable() };
    match successful {
        Some(true) => {
            let note = shrink(&mut map, &arguments(), options.max_bytes, outcome.get().len());
            let Ok(shrunk) = serde_json::value::to_raw_value(&map) else { return unreadable() };
            result(head, identity, COMPLETE, ResultBody::success(&shrunk, Some(&note)))
        }
        Some(false) => failure(head, identity, options, map, arguments),
        None => foreign(head, identity, map),
    }
}

fn failure(
    head: &RequestHead,
    identity: &Identity,
    options: FinishOptions,
    mut map: Object,
    arguments: &dyn Fn() -> Vec<String>,
) -> Reply {
    let Some(Value::Object(problem)) = map.get_mut("error") else {
        return tool_failure(head, identity, "The call failed, and nothing is known of why.");
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
    let mut text = to_text(&Value::Object(map));
    if text.len() > options.max_bytes
        && let Ok(Value::Object(mut map)) = parse(&text)
    {
        shrink(&mut map, &arguments(), options.max_bytes, text.len());
        text = to_text(&Value::Object(map));
    }
    tool_failure(head, identity, &text)
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

/// What a tool of the host's own gave: a JSON-RPC error `{ code, message, data? }`, or an MCP result.
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
