//! The API keys of environments: listed, read, made, deleted, by the account.

use serde_json::Value;

use super::environments::{of_path, unknown};
use crate::emulator::http::call::Call;
use crate::emulator::http::response::{HandlerResult, HttpResponse};
use crate::emulator::http::rules::{SHORT, UUID};
use crate::emulator::http::validate::{Key as Property, Rule};
use crate::emulator::model::clock;
use crate::emulator::model::environments::Key;
use crate::emulator::model::state::{Object, State, str_field};
use crate::json::Writer;

/// How many keys an environment may have.
const MOST: usize = 50;

const LIST: Rule = Rule::Object { keys: &[Property::optional("display_name", SHORT)], strict: true };
const CREATE: Rule = Rule::Object { keys: &[Property::required("display_name", SHORT)], strict: true };
const CREATE_BY_NUMBER: Rule = Rule::Object {
    keys: &[Property::required("environment_id", Rule::Positive), Property::required("display_name", SHORT)],
    strict: true,
};
const DELETE_BY_NUMBER: Rule = Rule::Object {
    keys: &[
        Property::required("environment_id", Rule::Positive),
        Property::required("key_id", Rule::Positive),
    ],
    strict: true,
};

/// What an answer shows beside the names of a key.
struct Shown {
    secret: bool,
    used: bool,
}

fn write(key: &Key, shown: &Shown, w: &mut Writer) {
    w.open().key("id").integer(key.id as i64).key("uuid").text(&key.uuid);
    w.key("display_name").text(&key.name).key("scopes").open_array();
    for scope in &key.scopes {
        w.text(scope);
    }
    w.close_array();
    if shown.secret {
        w.key("secret").text(&key.secret);
    }
    if shown.used {
        let used = key.used.map_or(Value::Null, |at| clock::iso_z(at).into());
        w.key("last_used_at").value(&used);
    }
    w.key("created_at").text(&clock::iso_z(key.created)).close();
}

fn one(key: &Key, shown: &Shown) -> HttpResponse {
    let mut w = Writer::new();
    w.open().key("data");
    write(key, shown, &mut w);
    w.close();
    HttpResponse::json(200, w.finish())
}

/// `GET /environments/{environmentUuid}/api-keys`
pub(crate) fn list(state: &mut State, call: &Call) -> HandlerResult {
    call.param("environmentUuid", &UUID)?;
    call.check_query(&LIST)?;
    let environment = of_path(state, call)?;
    let name = call.query_str("display_name");
    let mut w = Writer::new();
    w.open().key("data").open_array();
    let keys = state.keys(environment, call.keys);
    for key in keys.iter().filter(|key| name.is_none_or(|name| key.name == name)) {
        write(key, &Shown { secret: false, used: true }, &mut w);
    }
    w.close_array().close();
    Ok(HttpResponse::json(200, w.finish()))
}

/// The key that the path names.
fn of_call(state: &State, call: &Call) -> Result<Key, HttpResponse> {
    call.no_query()?;
    call.param("environmentUuid", &UUID)?;
    let uuid = call.param("keyUuid", &UUID)?;
    let keys = state.keys(of_path(state, call)?, call.keys);
    keys.into_iter().find(|key| key.uuid.eq_ignore_ascii_case(uuid)).ok_or_else(unknown_key)
}

fn unknown_key() -> HttpResponse {
    HttpResponse::error(404, "not_found", "API key not found")
}

/// `GET /environments/{environmentUuid}/api-keys/{keyUuid}`
pub(crate) fn get(state: &mut State, call: &Call) -> HandlerResult {
    Ok(one(&of_call(state, call)?, &Shown { secret: true, used: true }))
}

/// `POST /environments/{environmentUuid}/api-keys`
pub(crate) fn create(state: &mut State, call: &Call) -> HandlerResult {
    call.no_query()?;
    let name = str_field(call.check_body(&CREATE)?, "display_name");
    call.param("environmentUuid", &UUID)?;
    let environment = of_path(state, call)?;
    make(state, call, environment, name)
}

fn make(state: &mut State, call: &Call, environment: u64, name: &str) -> HandlerResult {
    let keys = state.keys(environment, call.keys);
    if keys.iter().any(|key| key.name == name) {
        return Err(HttpResponse::error(409, "conflict", "A key with this name already exists"));
    }
    if keys.len() >= MOST {
        let message = "Maximum number of API keys per environment reached";
        return Err(HttpResponse::error(400, "resource_capped", message));
    }
    let key = state.add_key(environment, name, call.now);
    Ok(one(&key, &Shown { secret: true, used: false }))
}

/// `DELETE /environments/{environmentUuid}/api-keys/{keyUuid}`
pub(crate) fn delete(state: &mut State, call: &Call) -> HandlerResult {
    let key = of_call(state, call)?;
    state.delete_key(&key.uuid);
    Ok(HttpResponse::success())
}

/// A number in a body that passed validation.
fn number(body: &Object, name: &str) -> Option<u64> {
    match body.get(name)? {
        Value::String(text) => text.trim().parse().ok(),
        value => value.as_u64(),
    }
}

/// The environment whose number the body has.
fn of_body(state: &State, body: &Object) -> Result<u64, HttpResponse> {
    let id = number(body, "environment_id");
    let environments = state.listed_environments();
    environments.iter().map(|one| one.id).find(|known| Some(*known) == id).ok_or_else(unknown)
}

/// `POST /environment/api-keys`, the name before 0.71.10.
pub(crate) fn create_by_number(state: &mut State, call: &Call) -> HandlerResult {
    call.no_query()?;
    let body = call.check_body(&CREATE_BY_NUMBER)?;
    let environment = of_body(state, body)?;
    make(state, call, environment, str_field(body, "display_name"))
}

/// `DELETE /environment/api-keys`, the name before 0.71.10.
pub(crate) fn delete_by_number(state: &mut State, call: &Call) -> HandlerResult {
    call.no_query()?;
    let body = call.check_body(&DELETE_BY_NUMBER)?;
    let environment = of_body(state, body)?;
    let id = number(body, "key_id");
    let keys = state.keys(environment, call.keys);
    let key = keys.iter().find(|key| Some(key.id) == id).ok_or_else(unknown_key)?;
    state.delete_key(&key.uuid);
    Ok(HttpResponse::success())
}
