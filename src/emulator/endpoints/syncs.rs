//! Syncs: triggered, started, paused, and their status, which follows from the time alone.

use std::collections::BTreeSet;

use serde_json::Value;

use super::end_users::write_optional;
use crate::emulator::http::call::Call;
use crate::emulator::http::response::{HandlerResult, HttpResponse};
use crate::emulator::http::rules::{CONNECTION_ID, INTEGRATION_KEY, STRING};
use crate::emulator::http::validate::{Check, Key, Rule};
use crate::emulator::model::clock;
use crate::emulator::model::records;
use crate::emulator::model::state::{Object, State, Sync, str_field};
use crate::emulator::model::sync_schedule::{
    self, Kind, RUN_MS, collected, frequency_of, interval_of, model_names, progress, scheduled,
};
use crate::json::Writer;

const SOME: Rule = Rule::String(&[Check::Min(1)]);
const ITEM: Rule = Rule::Union(
    &[
        SOME,
        Rule::Object { keys: &[Key::required("name", SOME), Key::required("variant", SOME)], strict: true },
    ],
    "Each sync must be either a string or a { name: string, variant: string } object",
);
const TRIGGER: Rule = Rule::Object {
    keys: &[
        Key::required("syncs", Rule::Array { of: &ITEM, max: None }),
        Key::optional("provider_config_key", STRING),
        Key::optional("connection_id", STRING),
        Key::optional("opts", OPTIONS),
        Key::optional(
            "sync_mode",
            Rule::Choice(&["incremental", "full_refresh", "full_refresh_and_clear_cache"]),
        ),
        Key::optional("full_resync", Rule::Boolean),
    ],
    strict: true,
};
const OPTIONS: Rule = Rule::Object {
    keys: &[Key::optional("reset", Rule::Boolean), Key::optional("emptyCache", Rule::Boolean)],
    strict: false,
};
const COMMAND: Rule = Rule::Object {
    keys: &[
        Key::required("syncs", Rule::Array { of: &ITEM, max: Some(256) }),
        Key::required("provider_config_key", INTEGRATION_KEY),
        Key::optional("connection_id", CONNECTION_ID),
    ],
    strict: true,
};
const STATUS: Rule = Rule::Object {
    keys: &[
        Key::required("syncs", STRING),
        Key::required("provider_config_key", INTEGRATION_KEY),
        Key::optional("connection_id", CONNECTION_ID),
    ],
    strict: true,
};

/// A sync as a call names it: name and variant.
fn named(text: &str) -> (&str, &str) {
    text.split_once("::").unwrap_or((text, "base"))
}

fn items(body: &Object) -> Vec<(&str, &str)> {
    let given = body.get("syncs").and_then(Value::as_array).into_iter().flatten();
    given
        .filter_map(|item| match item {
            Value::String(name) => Some(named(name)),
            Value::Object(map) => Some((str_field(map, "name"), str_field(map, "variant"))),
            _ => None,
        })
        .collect()
}

fn no_syncs() -> HttpResponse {
    HttpResponse::internal(400, "no_syncs_found", "No syncs found given the inputs.", "{}")
}

/// Indices of the selected syncs.
///
/// # Errors
/// The response, with the indices of those found before an unknown name.
fn select(
    state: &State,
    key: &str,
    connection: Option<&str>,
    wanted: &[(&str, &str)],
) -> Result<Vec<usize>, (Vec<usize>, HttpResponse)> {
    let nothing = |response| (Vec::new(), response);
    if state.integration(key).is_none() {
        let message = "There is no Provider Configuration matching this key. Please make sure this value \
                       exists in the Nango dashboard {}";
        return Err(nothing(HttpResponse::internal(400, "unknown_provider_config", message, "{}")));
    }
    let row = match connection {
        None => None,
        Some(id) => match state.connection(id, key) {
            Some(connection) => Some(connection.row),
            None => return Err(nothing(unknown_connection(id, key))),
        },
    };
    let of_integration =
        |s: &Sync| state.connections.iter().any(|c| c.row == s.connection && c.integration == key);
    let all: Vec<(usize, (&str, &str))> = state
        .syncs
        .iter()
        .enumerate()
        .filter(|(_, s)| row.map_or_else(|| of_integration(s), |row| s.connection == row))
        .filter_map(|(i, s)| Some((i, (state.function(s.function)?.name.as_str(), s.variant.as_str()))))
        .collect();
    let mut found = Vec::new();
    for one in wanted {
        let before = found.len();
        found.extend(all.iter().filter(|(_, named)| named == one).map(|(i, _)| *i));
        if found.len() == before && row.is_some() {
            return Err((found, no_syncs()));
        }
    }
    if wanted.is_empty() {
        return Ok(all.iter().map(|(i, _)| *i).collect());
    }
    if found.is_empty() { Err(nothing(no_syncs())) } else { Ok(found) }
}

fn unknown_connection(id: &str, key: &str) -> HttpResponse {
    let mut w = Writer::new();
    w.open().key("connectionId").text(id).key("providerConfigKey").text(key).close();
    let message = format!(
        "No connection matching the provided params of 'connection_id' and 'provider_config_key'. Please \
         make sure these values exist in the Nango dashboard {{\n  \"connectionId\": \"{id}\",\n  \
         \"providerConfigKey\": \"{key}\"\n}}"
    );
    HttpResponse::internal(404, "unknown_connection", message, &w.finish())
}

/// `POST /sync/trigger`
pub(crate) fn trigger(state: &mut State, call: &Call) -> HandlerResult {
    call.no_query()?;
    let body = call.check_body(&TRIGGER)?;
    let from = |name: &str, header: &str| {
        body.get(name).and_then(Value::as_str).map(str::to_owned).or_else(|| call.header(header))
    };
    let Some(key) = from("provider_config_key", "provider-config-key").filter(|k| !k.is_empty()) else {
        let message = "Missing provider_config_key. Provide it in the body or headers.";
        return Err(HttpResponse::error(400, "missing_provider_config_key", message));
    };
    let old_style = body.contains_key("sync_mode") || body.contains_key("full_resync");
    if body.contains_key("opts") && old_style {
        let message = "Cannot use opts with deprecated sync_mode/full_resync parameters";
        return Err(HttpResponse::error(400, "invalid_body", message));
    }
    let connection = from("connection_id", "connection-id").filter(|c| !c.is_empty());
    let kind = kind(body);
    let (found, failed) = match select(state, &key, connection.as_deref(), &items(body)) {
        Ok(found) => (found, None),
        // Syncs named before an unknown one still run.
        Err((found, response)) => (found, Some(response)),
    };
    for i in found {
        sync_schedule::trigger(state, i, kind, call.now);
    }
    failed.map_or_else(|| Ok(HttpResponse::success()), Err)
}

/// How a triggered run begins. To empty the cache alone is not possible.
fn kind(body: &Object) -> Kind {
    let option = |value: Option<&Value>| value.and_then(Value::as_bool).unwrap_or(false);
    let of_opts = |name: &str| option(body.get("opts").and_then(|opts| opts.get(name)));
    let mode = str_field(body, "sync_mode");
    let afresh = of_opts("reset") || option(body.get("full_resync")) || mode.starts_with("full_refresh");
    let empty = of_opts("emptyCache") || mode == "full_refresh_and_clear_cache";
    Kind { afresh, emptied: afresh && empty }
}

/// `POST /sync/start`
pub(crate) fn start(state: &mut State, call: &Call) -> HandlerResult {
    command(state, call, sync_schedule::start)
}

/// `POST /sync/pause`
pub(crate) fn pause(state: &mut State, call: &Call) -> HandlerResult {
    command(state, call, sync_schedule::pause)
}

fn command(state: &mut State, call: &Call, act: fn(&mut State, usize, i64)) -> HandlerResult {
    let body = call.check_body(&COMMAND)?;
    let connection = body.get("connection_id").and_then(Value::as_str);
    let found = select(state, str_field(body, "provider_config_key"), connection, &items(body));
    for i in found.map_err(|(_, response)| response)? {
        act(state, i, call.now);
    }
    Ok(HttpResponse::success())
}

/// `GET /sync/status`
pub(crate) fn status(state: &mut State, call: &Call) -> HandlerResult {
    call.check_query(&STATUS)?;
    let key = call.query_str("provider_config_key").unwrap_or_default();
    let row = match call.query_str("connection_id") {
        None => None,
        Some(id) => match state.connection(id, key) {
            Some(connection) => Some(connection.row),
            None => return Err(HttpResponse::error(400, "invalid_body", "Connection not found")),
        },
    };
    let names = call.query_str("syncs").unwrap_or_default();
    let wanted: Vec<(&str, &str)> = names.split(',').map(named).collect();
    let mut w = Writer::new();
    w.open().key("syncs").open_array();
    for (i, sync) in state.syncs.iter().enumerate() {
        let Some(connection) = state.connections.iter().find(|c| c.row == sync.connection) else { continue };
        let Some(function) = state.function(sync.function) else { continue };
        let meant = names == "*" || wanted.contains(&(function.name.as_str(), sync.variant.as_str()));
        if meant && connection.integration == key && row.is_none_or(|row| row == sync.connection) {
            write(state, i, &connection.id, call.now, &mut w);
        }
    }
    w.close_array().close();
    Ok(HttpResponse::json(200, w.finish()))
}

/// Writes the status of the sync at this position.
fn write(state: &State, i: usize, connection: &str, now: i64, w: &mut Writer) {
    let Some(sync) = state.syncs.get(i) else { return };
    let Some(function) = state.function(sync.function) else { return };
    let at = progress(state, i, now);
    let at = at.as_ref();
    let fails = function.behaviour.get("error").is_some();
    let running = at.is_some_and(|p| p.running);
    let next = interval_of(sync, function)
        .filter(|_| sync.started)
        .map(|ms| scheduled(sync, ms, now).map_or(sync.since, |last| (last + ms).min(clock::FURTHEST_MS)));
    let incremental =
        str_field(&function.declaration, "sync_type") == "incremental" && at.is_some_and(|p| !p.first);
    w.open().key("id").text(&sync.id).key("connection_id").text(connection);
    w.key("type").text(if incremental { "INCREMENTAL" } else { "INITIAL" });
    if let Some(p) = at.filter(|p| p.has_result) {
        let end = if running { p.began } else { p.began + RUN_MS };
        w.key("finishedAt").text(&clock::iso_z(end));
    }
    w.key("nextScheduledSyncAt");
    write_optional(next.map(clock::iso_z).as_deref(), w);
    w.key("name").text(&function.name).key("variant").text(&sync.variant).key("status");
    w.text(match at {
        Some(p) if p.running => "RUNNING",
        _ if !sync.started => "PAUSED",
        Some(_) if fails => "ERROR",
        _ => "SUCCESS",
    });
    w.key("frequency");
    write_optional(frequency_of(sync, function), w);
    if at.is_some_and(|p| p.has_result) {
        w.key("latestResult").open();
        for (model, counts) in collected(state, i, now).result.iter().filter(|_| !running) {
            let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
            w.key(model).open().key("added").integer(count(counts.added));
            w.key("deleted").integer(count(counts.deleted));
            w.key("updated").integer(count(counts.updated)).close();
        }
        w.close();
    }
    if at.is_some() {
        w.key("latestExecutionStatus").text(if running {
            "RUNNING"
        } else if fails {
            "STOPPED"
        } else {
            "SUCCESS"
        });
    }
    w.key("recordCount").open();
    let models: BTreeSet<&str> = model_names(function).collect();
    for model in models {
        let count = records::count(state, sync.connection, model, now);
        w.key(model).integer(i64::try_from(count).unwrap_or(i64::MAX));
    }
    w.close().key("checkpoint").raw("null").close();
}
