//! Actions: run at once, or queued and fetched later.

use serde_json::Value;

use crate::emulator::http::call::Call;
use crate::emulator::http::formats::{CONNECTION_ID, INTEGRATION_KEY, NAME, UUID};
use crate::emulator::http::response::{Answer, Handled};
use crate::emulator::http::validate::{Key, Rule, number, switch};
use crate::emulator::model::state::{Function, FunctionKind, Job, State, text};
use crate::emulator::model::template;
use crate::json::Writer;

/// How long a queued action takes; one runs at a time.
const RUN_MS: i64 = 2_000;
/// How long its result is kept.
const KEPT_MS: i64 = 7 * 86_400_000;

const HEADERS: Rule = Rule::Object {
    keys: &[
        Key::required("provider-config-key", INTEGRATION_KEY),
        Key::required("connection-id", CONNECTION_ID),
        Key::optional("x-async", Rule::Switch),
        Key::optional("x-max-retries", Rule::Number { min: Some(0), max: Some(5), whole: false }),
    ],
    strict: false,
};
const BODY: Rule = Rule::Object {
    keys: &[Key::required("action_name", NAME), Key::optional("input", Rule::Any)],
    strict: false,
};

/// `POST /action/trigger`
pub(crate) fn trigger(state: &mut State, call: &Call) -> Handled {
    let headers = call.check_headers(&HEADERS)?;
    call.no_query()?;
    let body = call.check_body(&BODY)?;
    let (id, key) = (text(&headers, "connection-id"), text(&headers, "provider-config-key"));
    if state.connection(id, key).is_none() {
        return Err(Answer::error(400, "unknown_connection", "Failed to find connection"));
    }
    let name = text(body, "action_name");
    let found = state
        .functions
        .iter()
        .find(|f| f.kind == FunctionKind::Action && f.integration == key && f.name == name);
    let Some(function) = found else {
        return Err(Answer::error(404, "not_found", "Action not found"));
    };
    if !function.enabled {
        return Err(Answer::error(404, "disabled_resource", "The action is disabled"));
    }
    let answer = run(function, body.get("input"), id, key);
    if !switch(text(&headers, "x-async")).unwrap_or(false) {
        return Ok(answer);
    }
    let retries = number(text(&headers, "x-max-retries")).unwrap_or(0.0) as i64;
    let attempts = if answer.status < 400 { 1 } else { 1 + retries };
    state.jobs.retain(|job| job.ready > call.now - KEPT_MS);
    let queued_behind = state.jobs.last().map_or(call.now, |job| job.ready.max(call.now));
    let job = Job { id: state.ids.uuid(), ready: queued_behind + attempts * RUN_MS, answer };
    let path = format!("/action/{}", job.id);
    let mut w = Writer::new();
    w.open().key("id").text(&job.id).key("statusUrl").text(&path).close();
    state.jobs.push(job);
    Ok(Answer::json(202, w.finish()).header("location", path))
}

/// What a run gives: its result, an echo, or its error.
fn run(function: &Function, input: Option<&Value>, connection: &str, key: &str) -> Answer {
    // What JavaScript takes for false reaches the function as null.
    let input = input.map(|value| match value {
        Value::Bool(false) => Value::Null,
        Value::Number(n) if n.as_f64() == Some(0.0) => Value::Null,
        Value::String(text) if text.is_empty() => Value::Null,
        other => other.clone(),
    });
    let behaviour = &function.behaviour;
    if let Some(error) = behaviour.get("error") {
        let status = error.get("status").and_then(Value::as_u64).and_then(|s| s.try_into().ok());
        return Answer::value(status.unwrap_or(500), error.get("body").unwrap_or(&Value::Null));
    }
    if behaviour.get("echo").and_then(Value::as_bool) == Some(true) {
        let mut w = Writer::new();
        w.open().key("ok").boolean(true);
        if let Some(input) = &input {
            w.key("input").value(input);
        }
        w.key("conn").text(connection).key("pck").text(key).close();
        return Answer::json(200, w.finish());
    }
    let result = behaviour.get("result").unwrap_or(&Value::Null);
    Answer::value(200, &template::result(result, &serde_json::json!({ "input": input })))
}

/// `GET /action/{id}`
pub(crate) fn result(state: &mut State, call: &Call) -> Handled {
    let id = call.param("id", &UUID)?;
    let done = state.jobs.iter().find(|job| job.id == id && job.ready <= call.now);
    // A result of null cannot be told from none.
    match done.filter(|job| job.answer.body != "null") {
        Some(job) => Ok(job.answer.clone()),
        None => Err(Answer::error(404, "not_found", format!("No action '{id}' found"))),
    }
}
