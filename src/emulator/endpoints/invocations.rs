//! Functions of the newer kind, invoked: with the output as the answer, or queued and asked for later.

use serde_json::{Value, json};

use super::actions;
use super::unified_functions::trigger;
use crate::emulator::http::call::Call;
use crate::emulator::http::response::{HandlerResult, HttpResponse};
use crate::emulator::http::rules::{CONNECTION_ID, INTEGRATION_KEY, NAME, RECORD, UUID};
use crate::emulator::http::validate::{Key, Rule};
use crate::emulator::model::input_check::{Problem, first_problem};
use crate::emulator::model::state::{ActionResult, Function, FunctionKind, Job, State, str_field};
use crate::json::Writer;

/// How long a queued invocation takes; any number run at a time.
const RUN_MS: i64 = 2_000;

const BODY: Rule = Rule::Object {
    keys: &[
        Key::required("connection_id", CONNECTION_ID),
        Key::required("integration_id", INTEGRATION_KEY),
        Key::required("name", NAME),
        Key::optional("input", Rule::Any),
        Key::required("invocation_type", Rule::Choice(&["wait", "no_wait"])),
        Key::optional("options", RECORD),
    ],
    strict: true,
};

/// `POST /functions/invocations`
pub(crate) fn create(state: &mut State, call: &Call) -> HandlerResult {
    call.no_query()?;
    let body = call.check_body(&BODY)?;
    let text = |name: &str| str_field(body, name);
    let (id, key, name, how) =
        (text("connection_id"), text("integration_id"), text("name"), text("invocation_type"));
    let refuse = |status, code, message: String| Err(HttpResponse::error(status, code, message));
    if state.connection(id, key).is_none() {
        let message = format!("Connection '{id}' was not found for integration '{key}'");
        return refuse(404, "connection_not_found", message);
    }
    let meant = |f: &&Function| f.kind == FunctionKind::Function && f.integration == key && f.name == name;
    let Some(function) = state.functions.iter().find(meant) else {
        return refuse(404, "function_not_found", format!("Function '{name}' was not found"));
    };
    if !function.enabled {
        return refuse(403, "function_disabled", format!("Function '{name}' is disabled"));
    }
    let trigger = trigger(function);
    let allowed: &[&str] = match trigger.get("kind").and_then(Value::as_str) {
        Some("http") => &["wait", "no_wait"],
        Some("schedule") => &["no_wait"],
        _ => &[],
    };
    if !allowed.contains(&how) {
        return refuse(400, "invalid_invocation", format!("Function '{name}' is not invokable with {how}"));
    }
    check_input(function, body.get("input"))?;
    let result = actions::run(function, body.get("input"), id, key);
    if how == "wait" {
        return Ok(response(&result));
    }
    let job = Job { id: state.ids.uuid(), ready: call.now + RUN_MS, result, invocation: true };
    let queued = HttpResponse::value(202, &pending(&job.id)).header("location", path(&job.id));
    actions::forget_old_jobs(state, call.now);
    state.jobs.push(job);
    Ok(queued)
}

fn path(id: &str) -> String {
    format!("/functions/invocations/{id}")
}

fn pending(id: &str) -> Value {
    json!({ "id": id, "statusUrl": path(id) })
}

/// Without a declared input, none is allowed.
fn check_input(function: &Function, input: Option<&Value>) -> Result<(), HttpResponse> {
    let model = str_field(&function.declaration, "input");
    if model.is_empty() {
        return match input {
            None => Ok(()),
            Some(_) => Err(invalid_input("unexpected_function_input", None)),
        };
    }
    let definitions = function.declaration.get("json_schema").and_then(|schema| schema.get("definitions"));
    let Some(definitions) = definitions.filter(|definitions| definitions.get(model).is_some()) else {
        return Err(invalid_input("invalid_function_input_schema", None));
    };
    match first_problem(definitions, model, input) {
        None => Ok(()),
        problem => Err(invalid_input("invalid_function_input", problem)),
    }
}

fn invalid_input(message: &str, problem: Option<Problem>) -> HttpResponse {
    let mut w = Writer::new();
    w.open().key("error").open().pair("code", "validation_error").pair("message", message);
    w.key("errors").open_array();
    if let Some(problem) = problem {
        let path: Vec<&str> = problem.path.iter().map(String::as_str).collect();
        w.open()
            .pair("code", problem.code)
            .pair("message", &problem.message)
            .key("path")
            .texts(&path)
            .close();
    }
    w.close_array().close().close();
    HttpResponse::json(400, w.finish())
}

/// The output; or the failure, as the function words it or, if it does not, as the server does.
fn response(result: &ActionResult) -> HttpResponse {
    if result.status >= 400 && result.output.is_null() {
        return HttpResponse::error(500, "function_failed", "The function failed with an error.");
    }
    HttpResponse::value(result.status, &result.output)
}

/// `GET /functions/invocations/{id}`
pub(crate) fn get(state: &mut State, call: &Call) -> HandlerResult {
    let id = call.param("id", &UUID)?;
    match state.jobs.iter().find(|job| job.invocation && job.id == id) {
        None => Err(HttpResponse::error(404, "not_found", format!("No invocation '{id}' found"))),
        Some(job) if job.ready > call.now => Ok(HttpResponse::value(202, &pending(id))),
        Some(job) => Ok(response(&job.result)),
    }
}
