//! The records that syncs have collected: read page by page, and pruned.

use serde_json::Value;

use super::end_users::{write_object, write_optional};
use crate::emulator::http::call::Call;
use crate::emulator::http::response::{HandlerResult, HttpResponse};
use crate::emulator::http::rules::{CONNECTION_HEADERS, MODEL, NAME};
use crate::emulator::http::validate::{self, Check, Issue, Key, Rule, number};
use crate::emulator::model::records::{self, Held, Place};
use crate::emulator::model::state::{State, str_field};
use crate::emulator::model::{clock, iso, sync_schedule};
use crate::json::{Writer, to_json};

/// How far back changes can be asked for.
const LOOK_BACK_MS: i64 = 365 * 86_400_000;
const DEFAULT_PAGE: f64 = 100.0;
const DEFAULT_PRUNED: f64 = 1000.0;

const TIME: Rule =
    Rule::String(&[Check::Format("Invalid ISO datetime", |text| iso::is_datetime(text, false))]);
const CURSOR: Rule = Rule::String(&[Check::Min(1), Check::Max(1000)]);
const LIMIT: Rule = Rule::Number { min: Some(1), max: Some(10_000), whole: false };
const ID: Rule = Rule::String(&[Check::Min(1), Check::Max(256)]);
const KEYS: &[Key] = &[
    Key::required("model", MODEL),
    Key::optional("variant", NAME),
    Key::optional("delta", TIME),
    Key::optional("modified_after", TIME),
    Key::optional("limit", LIMIT),
    Key::optional(
        "filter",
        Rule::Split(&Rule::Choice(&["added", "updated", "deleted", "ADDED", "UPDATED", "DELETED"])),
    ),
    Key::optional("cursor", CURSOR),
    Key::optional("ids", Rule::Union(&[ID, Rule::Array { of: &ID, max: Some(100) }], "Invalid input")),
];
const QUERY: Rule = Rule::Object { keys: KEYS, strict: true };
const PRUNE: Rule = Rule::Object {
    keys: &[
        Key::required("model", MODEL),
        Key::optional("variant", NAME),
        Key::required("until_cursor", CURSOR),
        Key::optional("limit", LIMIT),
    ],
    strict: true,
};

/// Adds that a time is too long ago, where the server reports it: after the other issues of that time.
fn check_look_back(call: &Call, issues: &mut Vec<Issue>) {
    let order = |issue: &Issue| {
        let name = issue.path.first();
        KEYS.iter().position(|key| Some(key.name) == name.map(String::as_str)).unwrap_or(KEYS.len())
    };
    for (i, key) in KEYS.iter().enumerate().filter(|(_, key)| matches!(key.name, "delta" | "modified_after"))
    {
        let Some(text) = call.query_str(key.name) else { continue };
        if clock::parse(text).is_none_or(|at| at < call.now - LOOK_BACK_MS) {
            let at = issues.iter().position(|issue| order(issue) > i).unwrap_or(issues.len());
            let message = "must be within the last 12 months".to_owned();
            issues.insert(at, Issue { code: "custom", message, path: vec![key.name.to_owned()] });
        }
    }
}

/// The connection that the headers name.
fn connection(state: &State, call: &Call) -> Result<u64, HttpResponse> {
    let headers = call.check_headers(&CONNECTION_HEADERS)?;
    let named =
        state.connection(str_field(&headers, "connection-id"), str_field(&headers, "provider-config-key"));
    let message = "Provided ConnectionId and ProviderConfigKey does not match a valid connection";
    named
        .map(|connection| connection.row)
        .ok_or_else(|| HttpResponse::error(400, "unknown_connection", message))
}

/// A number that may be written as a string.
fn amount(value: Option<&Value>) -> Option<f64> {
    match value? {
        Value::String(text) => number(text),
        other => other.as_f64(),
    }
}

/// Whether a record passes the filter. Of several actions the server looks only at the first two that it finds, and
/// at deletions only if they stand alone.
fn passes(filter: &str, held: &Held) -> bool {
    let has = |action: &str| filter.contains(action);
    let action = held.last_action();
    let wanted: &[&str] = if has("ADDED") && has("UPDATED") {
        &["ADDED", "UPDATED"]
    } else if has("UPDATED") && has("DELETED") {
        &["UPDATED"]
    } else if has("ADDED") && has("DELETED") {
        &["ADDED"]
    } else if ["ADDED", "UPDATED", "DELETED"].contains(&filter) {
        return action == filter;
    } else {
        return true;
    };
    wanted.contains(&action)
}

/// `GET /records`
pub(crate) fn list(state: &mut State, call: &Call) -> HandlerResult {
    let mut issues = validate::check(&QUERY, Some(&call.query));
    check_look_back(call, &mut issues);
    if !issues.is_empty() {
        return Err(HttpResponse::issues("invalid_query_params", &issues));
    }
    let connection = connection(state, call)?;
    let query = |name: &str| call.query_str(name);
    let after = match query("cursor") {
        None => None,
        Some(cursor) => match Place::of_cursor(cursor) {
            Some(place) => Some(place),
            None => return Err(HttpResponse::error(500, "server_error", "Failed to fetch records")),
        },
    };
    let since = query("delta").or(query("modified_after")).and_then(clock::parse);
    let filter = query("filter").map(str::to_ascii_uppercase);
    let ids: Option<Vec<&str>> = call.query.get("ids").map(|ids| match ids {
        Value::Array(ids) => ids.iter().filter_map(Value::as_str).collect(),
        one => one.as_str().into_iter().collect(),
    });
    let (model, variant) = (query("model").unwrap_or_default(), query("variant").unwrap_or("base"));
    let mut found = records::held(state, connection, model, variant, call.now);
    found.retain(|held| {
        after.as_ref().is_none_or(|after| held.place() > *after)
            && since.is_none_or(|since| held.times.modified >= since)
            && filter.as_ref().is_none_or(|filter| passes(filter, held))
            && ids.as_ref().is_none_or(|ids| ids.contains(&held.external_id.as_str()))
    });
    // One more than asked for shows that there are more; of a fraction the database takes the whole part.
    let fetched = amount(call.query.get("limit")).unwrap_or(DEFAULT_PAGE) + 1.0;
    found.truncate(fetched as usize);
    let more = found.len() as f64 >= fetched;
    if more {
        found.pop();
    }
    let mut w = Writer::new();
    w.open().key("next_cursor");
    let next = found.last().filter(|_| more).map(Held::cursor);
    write_optional(next.as_deref(), &mut w);
    w.key("records").open_array();
    for held in &found {
        write(held, &mut w);
    }
    w.close_array().close();
    Ok(HttpResponse::json(200, w.finish()))
}

fn write(held: &Held, w: &mut Writer) {
    let mut times = Writer::new();
    times.open().pair("first_seen_at", &iso::print_stored(held.times.first_seen));
    times.pair("last_modified_at", &iso::print_stored(held.times.modified));
    times.pair("last_action", held.last_action()).key("deleted_at").raw(&to_json(&held.deleted_at()));
    times.key("pruned_at").raw(&to_json(&held.times.pruned.map(iso::print_stored)));
    times.pair("cursor", &held.cursor()).close();
    let mut content = held.content();
    content.insert("_nango_metadata".into(), serde_json::from_str(&times.finish()).unwrap_or_default());
    write_object(&content, w);
}

/// `PATCH /records/prune`
pub(crate) fn prune(state: &mut State, call: &Call) -> HandlerResult {
    call.no_query()?;
    let body = call.check_body(&PRUNE)?;
    let connection = connection(state, call)?;
    let cursor = str_field(body, "until_cursor");
    let Some(until) = Place::of_cursor(cursor) else {
        return Err(HttpResponse::error(500, "server_error", "Failed to prune records"));
    };
    let variant = body.get("variant").and_then(Value::as_str).unwrap_or("base");
    let model = str_field(body, "model");
    let limit = amount(body.get("limit")).unwrap_or(DEFAULT_PRUNED) as usize;
    let mut found = records::held(state, connection, model, variant, call.now);
    found.retain(|held| held.times.pruned.is_none() && held.place() <= until);
    found.truncate(limit);
    let last = found.last().map(Held::cursor);
    let places: Vec<(usize, usize)> = found.iter().map(|held| (held.sync, held.position)).collect();
    for i in 0..state.syncs.len() {
        if places.iter().any(|(sync, _)| *sync == i) {
            sync_schedule::settle(state, i, call.now);
        }
    }
    for (i, position) in &places {
        let held = state.syncs.get_mut(*i).and_then(|sync| sync.collected.records.get_mut(model));
        if let Some(record) = held.and_then(|held| held.get_mut(*position)) {
            record.pruned = Some(call.now);
        }
    }
    let mut w = Writer::new();
    w.open().key("count").raw(&places.len().to_string());
    // If the record of the cursor has changed since, nothing tells that it was the last.
    w.key("has_more").boolean(last.is_some_and(|last| last != cursor)).close();
    Ok(HttpResponse::json(200, w.finish()))
}
