//! Syncs: triggered, started, paused, and their status, which follows from the time alone.

use std::collections::BTreeMap;

use serde_json::Value;

use super::end_users::maybe_text;
use crate::emulator::http::call::Call;
use crate::emulator::http::formats::{CONNECTION_ID, INTEGRATION_KEY, TEXT};
use crate::emulator::http::response::{Answer, Handled};
use crate::emulator::http::validate::{Check, Key, Rule};
use crate::emulator::model::clock;
use crate::emulator::model::state::{Function, Object, State, Sync, text};
use crate::json::Writer;

/// How long a run takes.
const RUN_MS: i64 = 2_000;

const SOME: Rule = Rule::Text(&[Check::Min(1)]);
const ITEM: Rule = Rule::Union(
    &[
        SOME,
        Rule::Object { keys: &[Key::required("name", SOME), Key::required("variant", SOME)], strict: true },
    ],
    "Each sync must be either a string or a { name: string, variant: string } object",
);
const TRIGGER: Rule = Rule::Object {
    keys: &[
        Key::required("syncs", Rule::List { of: &ITEM, max: None }),
        Key::optional("provider_config_key", TEXT),
        Key::optional("connection_id", TEXT),
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
        Key::required("syncs", Rule::List { of: &ITEM, max: Some(256) }),
        Key::required("provider_config_key", INTEGRATION_KEY),
        Key::optional("connection_id", CONNECTION_ID),
    ],
    strict: true,
};
const STATUS: Rule = Rule::Object {
    keys: &[
        Key::required("syncs", TEXT),
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
            Value::Object(map) => Some((text(map, "name"), text(map, "variant"))),
            _ => None,
        })
        .collect()
}

fn no_syncs() -> Answer {
    Answer::internal(400, "no_syncs_found", "No syncs found given the inputs.", "{}")
}

/// The positions of the syncs that a call means; those found before one that is unknown are `Err`'s first.
fn select(
    state: &State,
    key: &str,
    connection: Option<&str>,
    wanted: &[(&str, &str)],
) -> Result<Vec<usize>, (Vec<usize>, Answer)> {
    let nothing = |answer| (Vec::new(), answer);
    if state.integration(key).is_none() {
        let message = "There is no Provider Configuration matching this key. Please make sure this value \
                       exists in the Nango dashboard {}";
        return Err(nothing(Answer::internal(400, "unknown_provider_config", message, "{}")));
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
    let all: Vec<(usize, &str)> = state
        .syncs
        .iter()
        .enumerate()
        .filter(|(_, s)| row.map_or_else(|| of_integration(s), |row| s.connection == row))
        .filter_map(|(i, s)| Some((i, state.function(s.function)?.name.as_str())))
        .collect();
    let mut found = Vec::new();
    for (name, variant) in wanted {
        let before = found.len();
        if *variant == "base" {
            found.extend(all.iter().filter(|(_, n)| n == name).map(|(i, _)| *i));
        }
        if found.len() == before && row.is_some() {
            return Err((found, no_syncs()));
        }
    }
    if wanted.is_empty() {
        return Ok(all.iter().map(|(i, _)| *i).collect());
    }
    if found.is_empty() { Err(nothing(no_syncs())) } else { Ok(found) }
}

fn unknown_connection(id: &str, key: &str) -> Answer {
    let mut w = Writer::new();
    w.open().key("connectionId").text(id).key("providerConfigKey").text(key).close();
    let message = format!(
        "No connection matching the provided params of 'connection_id' and 'provider_config_key'. Please \
         make sure these values exist in the Nango dashboard {{\n  \"connectionId\": \"{id}\",\n  \
         \"providerConfigKey\": \"{key}\"\n}}"
    );
    Answer::internal(404, "unknown_connection", message, &w.finish())
}

/// `POST /sync/trigger`
pub(crate) fn trigger(state: &mut State, call: &Call) -> Handled {
    call.no_query()?;
    let body = call.check_body(&TRIGGER)?;
    let from = |name: &str, header: &str| {
        body.get(name).and_then(Value::as_str).map(str::to_owned).or_else(|| call.header(header))
    };
    let Some(key) = from("provider_config_key", "provider-config-key").filter(|k| !k.is_empty()) else {
        let message = "Missing provider_config_key. Provide it in the body or headers.";
        return Err(Answer::error(400, "missing_provider_config_key", message));
    };
    let old_style = body.contains_key("sync_mode") || body.contains_key("full_resync");
    if body.contains_key("opts") && old_style {
        let message = "Cannot use opts with deprecated sync_mode/full_resync parameters";
        return Err(Answer::error(400, "invalid_body", message));
    }
    let connection = from("connection_id", "connection-id").filter(|c| !c.is_empty());
    let option = |value: Option<&Value>| value.and_then(Value::as_bool).unwrap_or(false);
    let afresh = option(body.get("opts").and_then(|o| o.get("reset")))
        || option(body.get("full_resync"))
        || text(body, "sync_mode").starts_with("full_refresh");
    let (found, failed) = match select(state, &key, connection.as_deref(), &items(body)) {
        Ok(found) => (found, None),
        // What stands before an unknown name runs all the same.
        Err((found, answer)) => (found, Some(answer)),
    };
    for i in found {
        let now = call.now;
        let busy = progress(state, i, now).is_some_and(|p| p.running);
        if let Some(sync) = state.syncs.get_mut(i).filter(|_| !busy || afresh) {
            sync.manual = Some((now, afresh));
        }
    }
    failed.map_or_else(|| Ok(Answer::success()), Err)
}

/// `POST /sync/start`
pub(crate) fn start(state: &mut State, call: &Call) -> Handled {
    command(state, call, |sync, now| {
        if !sync.started {
            sync.started = true;
            sync.since = now;
            sync.paused = None;
        }
    })
}

/// `POST /sync/pause`
pub(crate) fn pause(state: &mut State, call: &Call) -> Handled {
    command(state, call, |sync, now| {
        if sync.started {
            sync.started = false;
            sync.paused = Some(now);
        }
    })
}

fn command(state: &mut State, call: &Call, act: fn(&mut Sync, i64)) -> Handled {
    let body = call.check_body(&COMMAND)?;
    let connection = body.get("connection_id").and_then(Value::as_str);
    let found = select(state, text(body, "provider_config_key"), connection, &items(body));
    for i in found.map_err(|(_, answer)| answer)? {
        if let Some(sync) = state.syncs.get_mut(i) {
            act(sync, call.now);
        }
    }
    Ok(Answer::success())
}

/// Where a sync stands at a time.
struct Progress {
    /// When the last run began.
    began: i64,
    running: bool,
    /// Whether that run collected everything anew.
    first: bool,
    /// Whether a run has ended.
    done: bool,
}

fn interval_of(function: &Function) -> Option<i64> {
    function.runs.as_deref().and_then(interval)
}

/// `every hour`, `every 30 minutes`, `every half day`, `6h`.
fn interval(runs: &str) -> Option<i64> {
    const MINUTE: i64 = 60_000;
    let text = runs.trim().strip_prefix("every").unwrap_or(runs).trim();
    let (count, unit) = match text.find(|c: char| !c.is_ascii_digit()) {
        Some(0) | None => (1, text),
        Some(at) => (text.get(..at)?.parse().ok()?, text.get(at..)?.trim()),
    };
    let ms = match unit {
        "s" | "sec" | "secs" | "second" | "seconds" => 1000,
        "m" | "min" | "mins" | "minute" | "minutes" => MINUTE,
        "quarter hour" => 15 * MINUTE,
        "half hour" => 30 * MINUTE,
        "h" | "hr" | "hrs" | "hour" | "hours" => 60 * MINUTE,
        "half day" => 720 * MINUTE,
        "d" | "day" | "days" => 1440 * MINUTE,
        "week" => 7 * 1440 * MINUTE,
        "month" => 30 * 1440 * MINUTE,
        _ => return None,
    };
    i64::checked_mul(count, ms).filter(|ms| *ms > 0)
}

/// The last run that was due at `limit` by the schedule.
fn scheduled(sync: &Sync, interval: i64, limit: i64) -> Option<i64> {
    let passed = limit - sync.since;
    (passed >= 0).then(|| sync.since + passed / interval * interval)
}

fn progress(state: &State, i: usize, now: i64) -> Option<Progress> {
    let sync = state.syncs.get(i)?;
    let interval = interval_of(state.function(sync.function)?);
    let limit = sync.paused.map_or(now, |at| at.min(now + 1) - 1);
    let by_schedule = interval.and_then(|ms| scheduled(sync, ms, limit));
    let manual = sync.manual.filter(|(at, _)| *at <= now);
    let by_hand = manual.filter(|(at, _)| by_schedule.is_none_or(|s| *at >= s));
    let (began, first) = match (by_hand, by_schedule) {
        (Some((at, afresh)), before) => (at, afresh || before.is_none()),
        (None, Some(at)) => (at, at == sync.since && manual.is_none()),
        (None, None) => return None,
    };
    let cancelled = sync.paused.is_some_and(|at| at >= began && at < began + RUN_MS);
    let running = now < began + RUN_MS && !cancelled;
    Some(Progress { began, running, first, done: !running || !first })
}

/// How many records the sync at this position of the list has brought in, as of the last request.
pub(crate) fn records(state: &State, i: usize) -> i64 {
    let function = state.syncs.get(i).and_then(|sync| state.function(sync.function));
    let done = progress(state, i, state.now).is_some_and(|p| p.done);
    function.filter(|_| done).map_or(0, |function| held(function).values().sum())
}

/// What a sync holds by model once a run has ended; a sync that fails holds nothing.
fn held(function: &Function) -> BTreeMap<String, i64> {
    let fails = function.behaviour.get("error").is_some();
    let added = |counts: &Value| counts.get("added").and_then(Value::as_i64).filter(|_| !fails).unwrap_or(0);
    models(function).into_iter().map(|(model, counts)| (model, added(&counts))).collect()
}

/// `GET /sync/status`
pub(crate) fn status(state: &mut State, call: &Call) -> Handled {
    call.check_query(&STATUS)?;
    let key = call.query_text("provider_config_key").unwrap_or_default();
    let row = match call.query_text("connection_id") {
        None => None,
        Some(id) => match state.connection(id, key) {
            Some(connection) => Some(connection.row),
            None => return Err(Answer::error(400, "invalid_body", "Connection not found")),
        },
    };
    let names = call.query_text("syncs").unwrap_or_default();
    let wanted: Vec<(&str, &str)> = names.split(',').map(named).collect();
    let mut w = Writer::new();
    w.open().key("syncs").open_array();
    for (i, sync) in state.syncs.iter().enumerate() {
        let Some(connection) = state.connections.iter().find(|c| c.row == sync.connection) else { continue };
        let Some(function) = state.function(sync.function) else { continue };
        let meant = names == "*" || wanted.contains(&(function.name.as_str(), "base"));
        if meant && connection.integration == key && row.is_none_or(|row| row == sync.connection) {
            write(sync, function, &connection.id, progress(state, i, call.now).as_ref(), call.now, &mut w);
        }
    }
    w.close_array().close();
    Ok(Answer::json(200, w.finish()))
}

fn write(
    sync: &Sync,
    function: &Function,
    connection: &str,
    at: Option<&Progress>,
    now: i64,
    w: &mut Writer,
) {
    let fails = function.behaviour.get("error").is_some();
    let running = at.is_some_and(|p| p.running);
    let next = interval_of(function)
        .filter(|_| sync.started)
        .map(|ms| scheduled(sync, ms, now).map_or(sync.since, |last| last + ms));
    let incremental = text(&function.given, "sync_type") == "incremental" && at.is_some_and(|p| !p.first);
    w.open().key("id").text(&sync.id).key("connection_id").text(connection);
    w.key("type").text(if incremental { "INCREMENTAL" } else { "INITIAL" });
    if let Some(p) = at {
        let end = if running { p.began } else { p.began + RUN_MS };
        w.key("finishedAt").text(&clock::iso_z(end));
    }
    w.key("nextScheduledSyncAt");
    maybe_text(next.map(clock::iso_z).as_deref(), w);
    w.key("name").text(&function.name).key("variant").text("base").key("status");
    w.text(match at {
        Some(p) if p.running => "RUNNING",
        _ if !sync.started => "PAUSED",
        Some(_) if fails => "ERROR",
        _ => "SUCCESS",
    });
    w.key("frequency");
    maybe_text(function.runs.as_deref(), w);
    let models = models(function);
    if let Some(p) = at {
        w.key("latestResult").open();
        for (model, counts) in models.iter().filter(|_| !running && !fails) {
            let count = |name: &str| counts.get(name).and_then(Value::as_i64).unwrap_or(0);
            let (added, updated, deleted) =
                if p.first { (count("added"), 0, 0) } else { (0, count("updated"), count("deleted")) };
            w.key(model).open().key("added").integer(added).key("deleted").integer(deleted);
            w.key("updated").integer(updated).close();
        }
        w.close().key("latestExecutionStatus");
        w.text(if running {
            "RUNNING"
        } else if fails {
            "STOPPED"
        } else {
            "SUCCESS"
        });
    }
    w.key("recordCount").open();
    let done = at.is_some_and(|p| p.done);
    for (model, count) in held(function) {
        w.key(&model).integer(if done { count } else { 0 });
    }
    w.close().key("checkpoint").raw("null").close();
}

/// What a run finds, by model: the first run adds, later ones update and delete.
fn models(function: &Function) -> BTreeMap<String, Value> {
    let mut models: BTreeMap<String, Value> = BTreeMap::new();
    for name in function.given.get("returns").and_then(Value::as_array).into_iter().flatten() {
        models.insert(name.as_str().unwrap_or_default().to_owned(), Value::Null);
    }
    if let Some(found) = function.behaviour.get("models").and_then(Value::as_object) {
        models.extend(found.iter().map(|(name, counts)| (name.clone(), counts.clone())));
    }
    models
}

#[cfg(test)]
mod tests {
    use super::interval;

    #[test]
    fn frequencies() {
        assert_eq!(interval("every hour"), Some(3_600_000));
        assert_eq!(interval("every 30 minutes"), Some(1_800_000));
        assert_eq!(interval("every half hour"), Some(1_800_000));
        assert_eq!(interval("6h"), Some(21_600_000));
        assert_eq!(interval("every blue moon"), None);
    }
}
