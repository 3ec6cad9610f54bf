//! From a tool's result to the reply. A failure is a result that a model can read and repair from, never a
//! protocol error; only a tool that does not exist is one.

use super::message::{Call, Reply, hole};
use super::read::CONFIRM;
use super::reply::{Asked, code, error, failed, reply, result_text};
use super::shrink::shrink;
use crate::json::{Object, Value, Writer, parse, push_text, to_plain, to_text};

/// How results are given out.
#[derive(Debug, Clone, Copy)]
pub struct Finish {
    /// The most bytes of a result's JSON; what is longer is cut, with a note.
    pub most: usize,
    /// A model may confirm by itself: it is shown the token of a call that waits for approval.
    pub model_confirms: bool,
}

impl Default for Finish {
    /// At most 80 000 bytes: what the common clients let a model see. Models confirm nothing.
    fn default() -> Finish {
        Finish { most: 80_000, model_confirms: false }
    }
}

impl Call {
    pub(super) fn asked(&self) -> Asked<'_> {
        Asked { id: &self.id, modern: self.modern, stream: self.stream }
    }

    /// The body of the reply to a success, with holes for the result and its text.
    pub fn success(&self) -> String {
        let mut inner = String::from(r#""content":[{"type":"text","text":"#);
        inner.push(hole::TEXT);
        inner.push_str(r#"}],"structuredContent":"#);
        inner.push(hole::RESULT);
        reply(self.asked(), 200, result_text(self.asked(), &inner, "complete")).body
    }
}

/// The reply to a call whose result is `outcome`: the JSON text of `{ successful, data, error, meta }`; or, from
/// tools of the host's own, of an MCP result or of a JSON-RPC error. `takes` are the names of the tool's arguments:
/// where a result is cut, those are named that give less.
pub fn finish(call: &Call, outcome: &str, how: Finish, takes: &[&str]) -> Reply {
    let asked = call.asked();
    let Ok(Value::Object(mut map)) = parse(outcome) else {
        return failed(asked, "The tool gave no result that can be read.");
    };
    match map.get("successful") {
        Some(Value::Bool(true)) => {
            let mut note = None;
            let mut text = outcome.to_owned();
            if text.len() > how.most {
                note = Some(shrink(&mut map, takes, how.most, outcome.len()));
                text = to_text(&Value::Object(map));
            }
            success(asked, &text, note.as_deref())
        }
        Some(_) => failure(call, &mut map, how, takes),
        None => foreign(asked, &map),
    }
}

fn success(asked: Asked<'_>, text: &str, note: Option<&str>) -> Reply {
    let mut w = Writer::new();
    w.key("content").open_array().open().pair("type", "text").pair("text", text).close();
    if let Some(note) = note {
        w.open().pair("type", "text").pair("text", note).close();
    }
    w.close_array().key("structuredContent").raw(text);
    reply(asked, 200, result_text(asked, &w.finish(), "complete"))
}

fn failure(call: &Call, map: &mut Object, how: Finish, takes: &[&str]) -> Reply {
    let asked = call.asked();
    let Some(Value::Object(problem)) = map.get_mut("error") else {
        return failed(asked, "The call failed, and nothing is known of why.");
    };
    let word = |problem: &Object, name: &str| {
        problem.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let kind = word(problem, "kind");
    if kind == "unknown_tool" {
        let mut why = word(problem, "message");
        let hint = word(problem, "hint");
        if !hint.is_empty() {
            why = format!("{why}; {hint}");
        }
        return error(asked, 200, code::INVALID_PARAMS, &why, "");
    }
    if kind == "confirmation_required" {
        let token =
            problem.get("details").and_then(|d| d.get("token")).and_then(Value::as_str).unwrap_or_default();
        if call.elicits && !token.is_empty() {
            return ask(asked, problem, token);
        }
        if how.model_confirms {
            problem.insert("hint".to_owned(), Value::from("show the user what would change; when they agree, call again with the same arguments and this token as `confirmation_token`"));
        } else {
            if let Some(Value::Object(details)) = problem.get_mut("details") {
                details.shift_remove("token");
            }
            problem.insert("hint".to_owned(), Value::from("this client cannot ask its user, and a model may not approve: the operator of this server can approve the call, allow it by policy, or let a client that supports elicitation ask the user"));
        }
    } else if word(problem, "hint").is_empty() {
        let hint = match problem.get("retryable") {
            Some(Value::Bool(true)) => "the same call may succeed later",
            _ => {
                "do not repeat the call unchanged; change the arguments as the message says, or tell the user"
            }
        };
        problem.insert("hint".to_owned(), Value::from(hint));
    }
    let mut text = to_text(&Value::Object(core::mem::take(map)));
    if text.len() > how.most
        && let Ok(Value::Object(mut map)) = parse(&text)
    {
        shrink(&mut map, takes, how.most, text.len());
        text = to_text(&Value::Object(map));
    }
    failed(asked, &text)
}

/// The question to the user of a client that can ask.
fn ask(asked: Asked<'_>, problem: &Object, token: &str) -> Reply {
    let mut question = problem.get("message").and_then(Value::as_str).unwrap_or_default().to_owned();
    let summary = problem.get("details").and_then(|d| d.get("summary"));
    for name in ["title", "connections", "arguments"] {
        if let Some(value) = summary.and_then(|s| s.get(name)) {
            question.push_str(&format!("\n{name}: {}", to_plain(value)));
        }
    }
    let mut w = Writer::new();
    w.key("inputRequests").open().key(CONFIRM).open().pair("method", "elicitation/create");
    w.key("params").open().pair("mode", "form").pair("message", &question);
    w.key("requestedSchema").raw(r#"{"type":"object","properties":{"confirm":{"type":"boolean","title":"Go ahead","description":"Whether the call may be made."}},"required":["confirm"]}"#);
    w.close().close().close().pair("requestState", token);
    reply(asked, 200, result_text(asked, &w.finish(), "input_required"))
}

/// What a tool of the host's own gave: a JSON-RPC error `{ code, message, data? }`, or an MCP result.
fn foreign(asked: Asked<'_>, map: &Object) -> Reply {
    if let Some(Value::Number(number)) = map.get("code") {
        let number = number.as_i64().unwrap_or(code::INVALID_PARAMS);
        let status = if asked.modern && number == code::MISSING_CAPABILITY { 400 } else { 200 };
        let message = map.get("message").and_then(Value::as_str).unwrap_or_default();
        let data = map.get("data").map(to_text).unwrap_or_default();
        return error(asked, status, number, message, &data);
    }
    let kind = map.get("resultType").and_then(Value::as_str).unwrap_or("complete");
    let mut inner = String::new();
    for (name, value) in map {
        if matches!(name.as_str(), "resultType" | "_meta") {
            continue;
        }
        if !inner.is_empty() {
            inner.push(',');
        }
        push_text(&mut inner, name);
        inner.push(':');
        inner.push_str(&to_text(value));
    }
    reply(asked, 200, result_text(asked, &inner, kind))
}
