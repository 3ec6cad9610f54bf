//! Functions from source: compiled, tried out, deployed. No code is compiled or run here: what a server would find out
//! by that is left empty, and says so.

use serde_json::{Value, json};

use crate::emulator::http::call::Call;
use crate::emulator::http::response::{HandlerResult, HttpResponse};
use crate::emulator::http::rules::{CODE, CONNECTION_ID, INTEGRATION_KEY, NAME, RECORD, STRING, UUID};
use crate::emulator::http::validate::{Check, Key, Rule};
use crate::emulator::model::clock;
use crate::emulator::model::deployments::{kind, next_version};
use crate::emulator::model::formats::is_utc_time;
use crate::emulator::model::function_jobs::{Deploys, FunctionJob, RUN_MS, Stage, compiles};
use crate::emulator::model::state::{Function, Object, State, str_field};
use crate::json::to_json;

/// What stands in for a bundle.
const BUNDLE: &str = "\"use strict\";\n// The emulator compiles nothing: this function does nothing.\n";
const DRYRUN_OUTPUT: &str =
    "Executing -> function\nThe emulator runs no code: nothing was called, and there is no result.\nDone";
const NOT_COMPILED: &str = "function.ts: a function has to be exported by `export default`";

const INTEGRATION: Rule = Rule::Refined(&INTEGRATION_KEY, no_dots);
const KIND: Rule = Rule::Choice(&["action", "sync"]);
const COMPILE: Rule = Rule::Object { keys: &[Key::required("code", CODE)], strict: true };
const DRYRUN: Rule = Rule::Object {
    keys: &[
        Key::required("integration_id", INTEGRATION),
        Key::required("function_type", KIND),
        Key::required("code", CODE),
        Key::required("connection_id", CONNECTION_ID),
        Key::optional("input", Rule::Any),
        Key::optional("metadata", RECORD),
        Key::optional("checkpoint", RECORD),
        Key::optional("last_sync_date", Rule::String(&[Check::Format("Invalid ISO datetime", is_utc_time)])),
    ],
    strict: true,
};
const DEPLOYMENT: Rule = Rule::Tagged {
    forms: &[
        (
            "function",
            &[
                Key::required("integration_id", INTEGRATION),
                Key::required("function_name", NAME),
                Key::required("function_type", KIND),
                Key::required("code", CODE),
                Key::optional("version", STRING),
                Key::optional("allow_destructive", Rule::Boolean),
            ],
        ),
        (
            "template",
            &[
                Key::required("integration_id", INTEGRATION),
                Key::required("template", NAME),
                Key::optional("function_type", KIND),
            ],
        ),
    ],
    saying: None,
};

fn no_dots(key: &Value) -> Vec<String> {
    let dots = matches!(key.as_str(), Some("." | ".."));
    if dots { vec!["Integration id cannot be \".\" or \"..\"".into()] } else { Vec::new() }
}

fn is_sync(body: &Object) -> bool {
    str_field(body, "function_type") == "sync"
}

fn unknown_integration(key: &str) -> HttpResponse {
    HttpResponse::error(404, "integration_not_found", format!("Integration '{key}' was not found"))
}

/// `POST /functions/compile`
pub(crate) fn compile(_state: &mut State, call: &Call) -> HandlerResult {
    call.no_query()?;
    let body = call.check_body(&COMPILE)?;
    if !compiles(str_field(body, "code")) {
        return Err(HttpResponse::error(400, "compilation_error", NOT_COMPILED));
    }
    let answer = json!({
        "bundle_size_bytes": BUNDLE.len(), "bundled_js": BUNDLE, "compiled_at": clock::iso_z(call.now),
    });
    Ok(HttpResponse::value(200, &answer))
}

/// `POST /functions/dryruns`
pub(crate) fn create_dryrun(state: &mut State, call: &Call) -> HandlerResult {
    call.no_query()?;
    let body = call.check_body(&DRYRUN)?;
    let (key, id) = (str_field(body, "integration_id"), str_field(body, "connection_id"));
    if state.integration(key).is_none() {
        return Err(unknown_integration(key));
    }
    if state.connection(id, key).is_none() {
        let message = format!("Connection '{id}' was not found for integration '{key}'");
        return Err(HttpResponse::error(404, "connection_not_found", message));
    }
    Ok(begin(state, call, body, None))
}

/// Keeps a job, and answers that it waits.
fn begin(state: &mut State, call: &Call, body: &Object, deploys: Option<Deploys>) -> HttpResponse {
    let job = FunctionJob {
        id: state.ids.uuid(),
        integration: str_field(body, "integration_id").to_owned(),
        sync: is_sync(body),
        created: call.now,
        code: str_field(body, "code").to_owned(),
        deploys,
    };
    let answer = json!({ "id": job.id, "status": Stage::Waiting, "created_at": clock::iso_z(job.created) });
    state.add_function_job(job);
    HttpResponse::value(202, &answer)
}

/// The job that the path names, if it is one of this kind.
fn of_path<'a>(
    state: &'a State,
    call: &Call,
    what: &str,
    deploys: bool,
) -> Result<&'a FunctionJob, HttpResponse> {
    call.no_query()?;
    let id = call.param("id", &UUID)?;
    let found =
        state.function_jobs.iter().find(|j| j.id.eq_ignore_ascii_case(id) && j.deploys.is_some() == deploys);
    found.ok_or_else(|| {
        let code = format!("{}_not_found", what.to_ascii_lowercase());
        HttpResponse::error(404, &code, format!("{what} '{id}' was not found"))
    })
}

/// What every job shows.
fn shown(job: &FunctionJob, now: i64) -> Object {
    let mut answer = Object::new();
    let mut put = |name: &str, value: Value| answer.insert(name.to_owned(), value);
    let stage = job.stage(now);
    let updated = match stage {
        Stage::Waiting => job.created,
        Stage::Running => job.started(),
        Stage::Success | Stage::Failed => job.completed(),
    };
    put("id", job.id.clone().into());
    put("status", json!(stage));
    put("integration_id", job.integration.clone().into());
    if let Some(Deploys { name, .. }) = &job.deploys {
        put("function_name", name.clone().into());
    }
    put("function_type", json!(kind(job.sync)));
    put("created_at", clock::iso_z(job.created).into());
    put("updated_at", clock::iso_z(updated).into());
    if stage != Stage::Waiting {
        put("started_at", clock::iso_z(job.started()).into());
    }
    if matches!(stage, Stage::Success | Stage::Failed) {
        put("completed_at", clock::iso_z(job.completed()).into());
        put("duration_ms", RUN_MS.into());
    }
    if stage == Stage::Failed {
        put("error", json!({ "code": "compilation_error", "message": NOT_COMPILED }));
    }
    answer
}

/// `GET /functions/dryruns/{id}`
pub(crate) fn dryrun(state: &mut State, call: &Call) -> HandlerResult {
    let job = of_path(state, call, "Dryrun", false)?;
    let mut answer = shown(job, call.now);
    if job.stage(call.now) == Stage::Success {
        answer.insert("output".into(), DRYRUN_OUTPUT.into());
    }
    Ok(HttpResponse::json(200, to_json(&answer)))
}

/// `POST /functions/deployments`
pub(crate) fn create_deployment(state: &mut State, call: &Call) -> HandlerResult {
    call.no_query()?;
    let body = call.check_body(&DEPLOYMENT)?;
    let key = str_field(body, "integration_id");
    if state.integration(key).is_none() {
        return Err(unknown_integration(key));
    }
    if str_field(body, "type") == "template" {
        // There is no catalogue of functions here.
        let name = str_field(body, "template");
        let message = format!("No template named '{name}' exists for this integration");
        return Err(HttpResponse::error(404, "template_not_found", message));
    }
    let name = str_field(body, "function_name");
    let known = state.function_named(key, kind(is_sync(body)), name);
    if known.is_some_and(|f: &Function| str_field(&f.declaration, "source") != "standalone") {
        let message = format!("Cannot overwrite existing function '{name}'");
        return Err(HttpResponse::error(400, "invalid_request", message));
    }
    let given = Some(str_field(body, "version")).filter(|version| !version.is_empty());
    let version = given.map_or_else(|| next_version(known), str::to_owned);
    let deploys = Deploys { name: name.to_owned(), version, done: false };
    Ok(begin(state, call, body, Some(deploys)))
}

/// `GET /functions/deployments/{id}`
pub(crate) fn deployment(state: &mut State, call: &Call) -> HandlerResult {
    let job = of_path(state, call, "Deployment", true)?;
    let mut answer = shown(job, call.now);
    if let Some(Deploys { name, version, .. }) =
        job.deploys.as_ref().filter(|_| job.stage(call.now) == Stage::Success)
    {
        let output = format!("Successfully deployed the functions:\n- {name}@{version}");
        answer.insert("output".into(), output.into());
        answer.insert("deployed".into(), true.into());
        answer.insert("deployed_functions".into(), json!([{ "name": name, "version": version }]));
    }
    Ok(HttpResponse::json(200, to_json(&answer)))
}
