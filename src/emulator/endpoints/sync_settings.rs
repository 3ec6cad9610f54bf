//! What a connection has of its own about a sync: how often it runs, and further variants of it.

use crate::emulator::http::call::Call;
use crate::emulator::http::response::{HandlerResult, HttpResponse};
use crate::emulator::http::rules::{CONNECTION_ID, INTEGRATION_KEY, NAME};
use crate::emulator::http::validate::{Check, Key, Rule};
use crate::emulator::model::frequency::{accepted, interval, is_frequency};
use crate::emulator::model::state::{FunctionKind, State, str_field};
use crate::emulator::model::sync_schedule;
use crate::json::Writer;

/// More syncs of one connection than this allow no further one.
const MOST_SYNCS: usize = 100;

const FREQUENCY: Rule = Rule::String(&[Check::Pattern(
    "/^(?<every>every )?((?<amount>[0-9]+)?\\s?(?<unit>(s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?))|(?<unit2>(month|week|half day|half hour|quarter hour)))$/",
    is_frequency,
)]);
const FREQUENCY_BODY: Rule = Rule::Object {
    keys: &[
        Key::required("sync_name", NAME),
        Key::optional("sync_variant", NAME),
        Key::required("provider_config_key", INTEGRATION_KEY),
        Key::required("connection_id", CONNECTION_ID),
        Key::required("frequency", Rule::Nullable(&FREQUENCY)),
    ],
    strict: true,
};
const VARIANT_BODY: Rule = Rule::Object {
    keys: &[
        Key::required("provider_config_key", INTEGRATION_KEY),
        Key::required("connection_id", CONNECTION_ID),
    ],
    strict: true,
};

/// The position of a sync of a connection.
fn position(state: &State, connection: u64, name: &str, variant: &str) -> Option<usize> {
    let named = |function: u64| state.function(function).is_some_and(|f| f.name == name);
    state.syncs.iter().position(|s| s.connection == connection && s.variant == variant && named(s.function))
}

/// `PUT /sync/update-connection-frequency`
pub(crate) fn update_frequency(state: &mut State, call: &Call) -> HandlerResult {
    call.no_query()?;
    let body = call.check_body(&FREQUENCY_BODY)?;
    let text = |name: &str| str_field(body, name);
    let Some(connection) = state.connection(text("connection_id"), text("provider_config_key")) else {
        return Err(HttpResponse::code(400, "unknown_connection"));
    };
    let variant = body.get("sync_variant").and_then(|v| v.as_str()).unwrap_or("base");
    let unknown = || HttpResponse::code(400, "unknown_sync");
    let i = position(state, connection.row, text("sync_name"), variant).ok_or_else(unknown)?;
    let given = body.get("frequency").and_then(|v| v.as_str());
    let new = match given {
        Some(given) => accepted(given)
            .ok_or_else(|| HttpResponse::error(400, "invalid_body", "Sync interval is invalid"))?,
        None => {
            let function = state.syncs.get(i).and_then(|sync| state.function(sync.function));
            function.and_then(|f| f.runs.clone()).ok_or_else(unknown)?
        }
    };
    if interval(&new).is_none() {
        return Err(HttpResponse::error(400, "server_error", "Failed to updated frequency"));
    }
    sync_schedule::set_frequency(state, i, given.map(str::to_owned), call.now);
    let mut w = Writer::new();
    w.open().key("frequency").text(&new).close();
    Ok(HttpResponse::json(200, w.finish()))
}

/// The parts of a call about a variant: integration, connection, name of the sync, variant.
fn variant_of<'a>(call: &'a Call) -> Result<[&'a str; 4], HttpResponse> {
    let body = call.check_body(&VARIANT_BODY)?;
    let name = call.param("name", &NAME)?;
    let variant = call.param("variant", &NAME)?;
    call.no_query()?;
    Ok([str_field(body, "provider_config_key"), str_field(body, "connection_id"), name, variant])
}

/// `POST /sync/{name}/variant/{variant}`
pub(crate) fn create_variant(state: &mut State, call: &Call) -> HandlerResult {
    let [key, id, name, variant] = variant_of(call)?;
    if variant.eq_ignore_ascii_case("base") {
        let message = format!("Variant name \"{variant}\" is protected.");
        return Err(HttpResponse::error(400, "invalid_variant", message));
    }
    let Some(connection) = state.connection(id, key).map(|connection| connection.row) else {
        return Err(HttpResponse::code(400, "unknown_connection"));
    };
    if state.syncs.iter().filter(|s| s.connection == connection).count() > MOST_SYNCS {
        let message = format!("Maximum number of syncs per connection ({MOST_SYNCS}) reached");
        return Err(HttpResponse::error(400, "resource_capped", message));
    }
    if position(state, connection, name, variant).is_some() {
        return Err(HttpResponse::code(400, "sync_variant_already_exists"));
    }
    let sync = |f: &&crate::emulator::model::state::Function| {
        f.kind == FunctionKind::Sync && f.enabled && f.integration == key && f.name == name
    };
    let Some(function) = state.functions.iter().find(sync) else {
        return Err(HttpResponse::code(400, "unknown_sync"));
    };
    let (row, started) = (function.row, function.auto_start);
    let made = state.add_sync(connection, row, variant.to_owned(), started, call.now);
    let mut w = Writer::new();
    w.open().pair("id", &made).pair("name", name).pair("variant", variant).close();
    Ok(HttpResponse::json(200, w.finish()))
}

/// `DELETE /sync/{name}/variant/{variant}`
pub(crate) fn delete_variant(state: &mut State, call: &Call) -> HandlerResult {
    let [key, id, name, variant] = variant_of(call)?;
    if variant.eq_ignore_ascii_case("base") {
        let message = format!("Cannot delete protected variant \"{variant}\".");
        return Err(HttpResponse::error(400, "invalid_variant", message));
    }
    let Some(connection) = state.connection(id, key).map(|connection| connection.row) else {
        return Err(HttpResponse::code(400, "unknown_connection"));
    };
    let Some(i) = position(state, connection, name, variant) else {
        return Err(HttpResponse::code(404, "not_found"));
    };
    state.syncs.remove(i);
    Ok(HttpResponse::success())
}
