//! Actions: run synchronously, or queued and fetched later.

use serde_json::{Value, json};

use super::webhooks;
use crate::emulator::http::call::Call;
use crate::emulator::http::response::{HandlerResult, HttpResponse};
use crate::emulator::http::rules::{CONNECTION_ID, INTEGRATION_KEY, NAME, UUID};
use crate::emulator::http::validate::{Key, Rule, number, switch};
use crate::emulator::model::formats;
use crate::emulator::model::state::{ActionResult, Function, FunctionKind, Job, Object, State, str_field};
use crate::emulator::model::template;

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
pub(crate) fn trigger(state: &mut State, call: &Call) -> HandlerResult {
    let headers = call.check_headers(&HEADERS)?;
    call.no_query()?;
    let body = call.check_body(&BODY)?;
    let (id, key) = (str_field(&headers, "connection-id"), str_field(&headers, "provider-config-key"));
    if state.connection(id, key).is_none() {
        return Err(HttpResponse::error(400, "unknown_connection", "Failed to find connection"));
    }
    let name = str_field(body, "action_name");
    let found = state
        .functions
        .iter()
        .find(|f| f.kind == FunctionKind::Action && f.integration == key && f.name == name);
    let Some(function) = found else {
        return Err(HttpResponse::error(404, "not_found", "Action not found"));
    };
    if !function.enabled {
        return Err(HttpResponse::error(404, "disabled_resource", "The action is disabled"));
    }
    let result = run(function, body.get("input"), id, key);
    if !switch(str_field(&headers, "x-async")).unwrap_or(false) {
        return Ok(response(&result));
    }
    let retries = number(str_field(&headers, "x-max-retries")).unwrap_or(0.0) as i64;
    let attempts = if result.status < 400 { 1 } else { 1 + retries };
    forget_old_jobs(state, call.now);
    let last = state.jobs.iter().rfind(|job| !job.invocation);
    let queued_behind = last.map_or(call.now, |job| job.ready.max(call.now));
    let ready = queued_behind + attempts * RUN_MS;
    let job = Job { id: state.ids.uuid(), ready, result, invocation: false };
    let path = format!("/action/{}", job.id);
    let queued = json!({ "id": job.id, "statusUrl": path });
    webhooks::action_queued(state, &job.id, id, key, job.ready);
    state.jobs.push(job);
    Ok(HttpResponse::value(202, &queued).header("location", path))
}

/// Forgets the results that are not kept any longer.
pub(crate) fn forget_old_jobs(state: &mut State, now: i64) {
    state.jobs.retain(|job| job.ready > now - KEPT_MS);
}

fn response(result: &ActionResult) -> HttpResponse {
    HttpResponse::value(result.status, &result.output)
}

/// The input as the function receives it. A falsy input becomes an empty object or, for an older function that is
/// declared in YAML, null; there, an absent input stays absent.
fn received(function: &Function, input: Option<&Value>) -> Option<Value> {
    let older = str_field(&function.declaration, "sdk_version").ends_with("-yaml");
    let falsy = match input {
        None | Some(Value::Null | Value::Bool(false)) => true,
        Some(Value::Number(n)) => n.as_f64() == Some(0.0),
        Some(Value::String(text)) => text.is_empty(),
        Some(_) => false,
    };
    match input {
        None if older => None,
        _ if falsy => Some(if older { Value::Null } else { Value::Object(Object::new()) }),
        other => other.cloned(),
    }
}

/// The result of a run: its data, an echo, or its error.
pub(crate) fn run(function: &Function, input: Option<&Value>, connection: &str, key: &str) -> ActionResult {
    let input = received(function, input);
    let behaviour = &function.behaviour;
    if let Some(error) = behaviour.get("error") {
        let status = error.get("status").and_then(Value::as_u64).and_then(|s| s.try_into().ok());
        let status = status.filter(formats::is_status);
        let output = error.get("body").cloned().unwrap_or_default();
        return ActionResult { status: status.unwrap_or(500), output };
    }
    if behaviour.get("echo").and_then(Value::as_bool) == Some(true) {
        let mut output = Object::new();
        output.insert("ok".into(), true.into());
        if let Some(input) = input {
            output.insert("input".into(), input);
        }
        output.insert("conn".into(), connection.into());
        output.insert("pck".into(), key.into());
        return ActionResult { status: 200, output: output.into() };
    }
    let result = behaviour.get("result").unwrap_or(&Value::Null);
    ActionResult { status: 200, output: template::result(result, &json!({ "input": input })) }
}

/// `GET /action/{id}`
pub(crate) fn result(state: &mut State, call: &Call) -> HandlerResult {
    let id = call.param("id", &UUID)?;
    let done = state.jobs.iter().find(|job| !job.invocation && job.id == id && job.ready <= call.now);
    // The server cannot tell a result of null from none.
    match done.filter(|job| !job.result.output.is_null()) {
        Some(job) => Ok(response(&job.result)),
        None => Err(HttpResponse::error(404, "not_found", format!("No action '{id}' found"))),
    }
}
