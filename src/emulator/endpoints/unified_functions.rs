//! Functions of the newer kind, which say themselves what triggers them: listed in the whole environment, read, and
//! switched on and off.

use base64ct::{Base64UrlUnpadded, Encoding};
use serde_json::{Value, json};

use crate::emulator::http::call::Call;
use crate::emulator::http::response::{HandlerResult, HttpResponse};
use crate::emulator::http::rules::{INTEGRATION_KEY, NAME, UUID};
use crate::emulator::http::validate::{Check, Key, Rule, number};
use crate::emulator::model::clock;
use crate::emulator::model::records::{decode, named_uuid};
use crate::emulator::model::state::{Function, FunctionKind, State, str_field};
use crate::json::{Writer, to_json};

const STATE: Rule = Rule::Choice(&["enabled", "disabled"]);
const QUERY: Rule = Rule::Object {
    keys: &[
        Key::optional("integration", INTEGRATION_KEY),
        Key::optional("provider", NAME),
        Key::optional("state", STATE),
        Key::optional("trigger.kind", Rule::Choice(&["none", "schedule", "http", "event"])),
        Key::optional(
            "cursor",
            Rule::Refined(&Rule::String(&[Check::Min(1), Check::Max(255)]), cursor_problem),
        ),
        Key::optional("limit", Rule::Number { min: Some(1), max: Some(250), whole: true }),
    ],
    strict: true,
};
const BODY: Rule = Rule::Object { keys: &[Key::required("state", STATE)], strict: true };

fn cursor_problem(value: &Value) -> Vec<String> {
    let row = value.as_str().and_then(row_of);
    if row.is_some() { Vec::new() } else { vec!["invalid cursor".into()] }
}

/// The row that a cursor names.
fn row_of(cursor: &str) -> Option<u64> {
    let digits = String::from_utf8(decode(cursor)).ok()?;
    let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    let row: i32 = if plain { digits.parse().ok()? } else { return None };
    u64::try_from(row).ok().filter(|row| *row > 0)
}

/// The id of a function, which follows from its environment and row.
fn uuid_of(state: &State, function: &Function) -> String {
    named_uuid(&format!("function {} {}", state.environment, function.row))
}

/// What triggers a function.
pub(crate) fn trigger(function: &Function) -> Value {
    function.declaration.get("trigger").cloned().unwrap_or_else(|| json!({ "kind": "none" }))
}

/// `GET /functions`
pub(crate) fn list(state: &mut State, call: &Call) -> HandlerResult {
    call.check_query(&QUERY)?;
    let query = |name: &str| call.query_str(name);
    let after = query("cursor").and_then(row_of).unwrap_or(0);
    let limit = query("limit").and_then(number).unwrap_or(50.0) as usize;
    let mut found: Vec<&Function> =
        state.functions.iter().filter(|f| f.kind == FunctionKind::Function).collect();
    found.retain(|f| {
        let provider =
            state.integration(&f.integration).map(|integration| integration.provider.name.as_str());
        f.row > after
            && query("integration").is_none_or(|key| key == f.integration)
            && query("provider").is_none_or(|name| Some(name) == provider)
            && query("state").is_none_or(|name| name == state_of(f))
            && query("trigger.kind").is_none_or(|kind| trigger(f).get("kind") == Some(&Value::from(kind)))
    });
    found.sort_by_key(|f| f.row);
    let more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| more);
    let mut w = Writer::new();
    w.open().key("data").open_array();
    for function in &found {
        write(state, function, &mut w);
    }
    let next = next.map(|f| Base64UrlUnpadded::encode_string(f.row.to_string().as_bytes()));
    w.close_array().key("next_cursor").raw(&to_json(&next)).close();
    Ok(HttpResponse::json(200, w.finish()))
}

fn state_of(function: &Function) -> &'static str {
    if function.enabled { "enabled" } else { "disabled" }
}

fn write(state: &State, function: &Function, w: &mut Writer) {
    let provider = state.integration(&function.integration).map(|integration| &integration.provider.name);
    let declared = |name: &str| str_field(&function.declaration, name);
    w.open().pair("uuid", &uuid_of(state, function)).pair("integration_id", &function.integration);
    w.key("provider").raw(&to_json(&provider)).pair("name", &function.name);
    w.pair("description", declared("description")).pair("state", state_of(function));
    w.pair("source", if declared("source").is_empty() { "repo" } else { declared("source") });
    w.key("trigger").value(&trigger(function));
    w.pair("created_at", &clock::iso_z(function.deployed));
    w.pair("updated_at", &clock::iso_z(function.switched.unwrap_or(function.deployed))).close();
}

/// The position of the function that the path names.
fn position(state: &State, uuid: &str) -> Result<usize, HttpResponse> {
    let is_meant =
        |f: &Function| f.kind == FunctionKind::Function && uuid_of(state, f).eq_ignore_ascii_case(uuid);
    let message = || format!("Function '{uuid}' was not found");
    state.functions.iter().position(is_meant).ok_or_else(|| HttpResponse::error(404, "not_found", message()))
}

fn answer(state: &State, i: usize) -> HandlerResult {
    let mut w = Writer::new();
    if let Some(function) = state.functions.get(i) {
        write(state, function, &mut w);
    }
    Ok(HttpResponse::json(200, w.finish()))
}

/// `GET /functions/{uuid}`
pub(crate) fn get(state: &mut State, call: &Call) -> HandlerResult {
    call.no_query()?;
    let i = position(state, call.param("uuid", &UUID)?)?;
    answer(state, i)
}

/// `PATCH /functions/{uuid}`
pub(crate) fn update(state: &mut State, call: &Call) -> HandlerResult {
    call.no_query()?;
    let uuid = call.param("uuid", &UUID)?;
    let body = call.check_body(&BODY)?;
    let i = position(state, uuid)?;
    if let Some(function) = state.functions.get_mut(i) {
        function.enabled = str_field(body, "state") == "enabled";
        function.switched = Some(call.now);
    }
    answer(state, i)
}

#[cfg(test)]
mod tests {
    use super::row_of;

    #[test]
    fn a_cursor_is_a_row() {
        assert_eq!(row_of("MTI"), Some(12));
        for wrong in ["not-a-cursor", "MA", "LTE", "OTk5OTk5OTk5OTk5"] {
            assert_eq!(row_of(wrong), None, "{wrong}");
        }
    }
}
