//! The environments of the account: listed, made, deleted. Keys are in [`super::api_keys`].

use serde_json::Value;

use crate::emulator::http::call::Call;
use crate::emulator::http::response::{HandlerResult, HttpResponse};
use crate::emulator::http::rules::{NAME, UUID};
use crate::emulator::http::validate::{Check, Key, Rule};
use crate::emulator::model::environments::PROD;
use crate::emulator::model::formats::is_url;
use crate::emulator::model::state::{State, str_field};
use crate::json::Writer;

const LIST: Rule = Rule::Object { keys: &[Key::optional("name", NAME)], strict: true };

const URL: Rule = Rule::String(&[Check::Format("Invalid URL", is_url)]);
const HEADER: Rule = Rule::Object {
    keys: &[
        Key::required("name", Rule::String(&[Check::Min(1), Check::Max(256)])),
        Key::required("value", Rule::String(&[Check::Min(1), Check::Max(4000)])),
    ],
    strict: false,
};
const CREATE: Rule = Rule::Object {
    keys: &[
        Key::required("name", NAME),
        Key::optional("is_production", Rule::Boolean),
        Key::optional("callback_url", URL),
        Key::optional("hmac_key", Rule::String(&[Check::Max(1000)])),
        Key::optional("hmac_enabled", Rule::Boolean),
        Key::optional("slack_notifications", Rule::Boolean),
        Key::optional("otlp_endpoint", Rule::Union(&[URL, Rule::Choice(&[""])], "Invalid input")),
        Key::optional("otlp_headers", Rule::Array { of: &HEADER, max: Some(100) }),
    ],
    strict: true,
};

/// `GET /environments`
pub(crate) fn list(state: &mut State, call: &Call) -> HandlerResult {
    call.check_query(&LIST)?;
    let name = call.query_str("name");
    let mut w = Writer::new();
    w.open().key("data").open_array();
    for one in state.listed_environments().iter().filter(|one| name.is_none_or(|name| one.name == name)) {
        w.open().key("id").integer(one.id as i64).key("uuid").text(one.uuid).key("name").text(one.name);
        w.key("is_production").boolean(one.production).close();
    }
    w.close_array().close();
    Ok(HttpResponse::json(200, w.finish()))
}

/// `POST /environments`: the settings beside name and kind are checked, and nothing reads them.
pub(crate) fn create(state: &mut State, call: &Call) -> HandlerResult {
    call.no_query()?;
    let body = call.check_body(&CREATE)?;
    let name = str_field(body, "name");
    let flag = body.get("is_production").and_then(Value::as_bool);
    let production = flag.unwrap_or(name == PROD);
    if production && !call.principal.has("account:environments:set_production") {
        let message = "Insufficient scope. Required: account:environments:set_production";
        return Err(HttpResponse::error(403, "forbidden", message));
    }
    if name == PROD && !production {
        let message = "The \"prod\" environment must be marked as production.";
        return Err(HttpResponse::error(400, "invalid_is_prod_flag", message));
    }
    if state.listed_environments().iter().any(|one| one.name == name) {
        return Err(HttpResponse::error(409, "conflict", "Environment already exists"));
    }
    let (id, uuid) = state.add_environment(name, production);
    let mut w = Writer::new();
    w.open().key("data").open().key("id").integer(id as i64);
    w.key("uuid").text(&uuid).key("name").text(name).close().close();
    Ok(HttpResponse::json(200, w.finish()))
}

/// `DELETE /environments/{environmentUuid}`
pub(crate) fn delete(state: &mut State, call: &Call) -> HandlerResult {
    call.no_query()?;
    let id = of_path(state, call)?;
    if state.listed_environments().iter().any(|one| one.id == id && one.name == PROD) {
        let message = "Cannot delete prod environment";
        return Err(HttpResponse::error(400, "cannot_delete_prod_environment", message));
    }
    state.delete_environment(id);
    Ok(HttpResponse::new(204, ""))
}

/// The environment that the path names: by its UUID or, as before 0.71.10, by its number.
pub(crate) fn of_path(state: &State, call: &Call) -> Result<u64, HttpResponse> {
    let number = Rule::Positive;
    let text = match call.param("environmentUuid", &number) {
        Ok(number) => number,
        Err(_) => call.param("environmentUuid", &UUID)?,
    };
    let environments = state.listed_environments();
    let found = environments
        .iter()
        .find(|one| one.uuid.eq_ignore_ascii_case(text) || text.parse::<u64>() == Ok(one.id))
        .map(|one| one.id);
    found.ok_or_else(unknown)
}

pub(crate) fn unknown() -> HttpResponse {
    HttpResponse::error(404, "not_found", "Environment not found")
}
