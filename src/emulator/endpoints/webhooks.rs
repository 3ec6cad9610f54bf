//! The webhooks that a server would send for what happened: bodies and signatures as recorded deliveries have them.

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::emulator::model::clock;
use crate::emulator::model::collected::{Collected, Counts};
use crate::emulator::model::outbox::Pending;
use crate::emulator::model::state::{Connection, EndUser, Function, Object, State, Sync};
use crate::emulator::model::sync_schedule::{Progress, RUN_MS, collected, is_full, model_names, progress};
use crate::json::to_json;

/// A webhook with its signatures.
pub(crate) struct Signed {
    pub(crate) url: Option<String>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

/// Remembers that a connection was made, or authorised again; `user` is that of the connect session, if it was one.
pub(crate) fn authorised(
    state: &mut State,
    connection: &Connection,
    again: bool,
    user: Option<&EndUser>,
    now: i64,
) {
    let provider = state.integration(&connection.integration).map(|integration| integration.provider);
    let mut body = json!({
        "authMode": provider.map(|provider| provider.auth_mode.as_str()),
        "connectionId": connection.id,
        "environment": state.environment_name,
        "from": "nango",
        "operation": if again { "override" } else { "creation" },
        "provider": provider.map(|provider| provider.name.as_str()),
        "providerConfigKey": connection.integration,
        "success": true,
        "tags": connection.tags,
        "type": "auth",
    });
    if let (Some(user), Some(body)) = (user, body.as_object_mut()) {
        body.insert("endUser".into(), shown(user));
    }
    let url = url(state, connection);
    state.webhooks.push(Pending { due: now, url, body });
}

/// An end user as webhooks show one.
fn shown(user: &EndUser) -> Value {
    let mut shown = Object::new();
    shown.insert("endUserEmail".into(), user.email.clone().map_or(Value::Null, Value::String));
    shown.insert("endUserId".into(), user.id.clone().into());
    if let Some(organization) = &user.organization {
        shown.insert("organizationId".into(), organization.id.clone().into());
    }
    shown.insert("tags".into(), user.tags.clone().unwrap_or_default().into());
    shown.into()
}

/// Remembers that a queued action will be done at a time. Success and failure look alike.
pub(crate) fn action_queued(state: &mut State, id: &str, connection: &str, integration: &str, due: i64) {
    let body = json!({
        "connectionId": connection,
        "from": "nango",
        "payload": { "id": id, "statusUrl": format!("/action/{id}") },
        "providerConfigKey": integration,
        "type": "async_action",
    });
    let url = state.connection(connection, integration).and_then(|connection| url(state, connection));
    state.webhooks.push(Pending { due, url, body });
}

/// Where the webhooks of a connection go.
fn url(state: &State, connection: &Connection) -> Option<String> {
    let own = connection.webhook_url.as_ref().filter(|url| !url.is_empty());
    own.or(state.webhook_url.as_ref()).cloned()
}

/// Takes what was due by this time, in the order in which it was sent. A sync that ran several times since the last time
/// appears with its last run.
pub(crate) fn take(state: &mut State, now: i64) -> Vec<Signed> {
    let mut due = runs(state, state.webhooks.taken.unwrap_or(now), now);
    state.webhooks.pending.retain(|one| {
        let later = one.due > now;
        if !later {
            due.push(one.clone());
        }
        later
    });
    due.sort_by_key(|one| one.due);
    state.webhooks.taken = Some(now);
    let key = state.signing_key();
    due.into_iter().map(|one| signed(one, &key)).collect()
}

/// What the last runs of syncs cause, if they ended in a time: one webhook for each model.
fn runs(state: &State, since: i64, now: i64) -> Vec<Pending> {
    let mut all = Vec::new();
    for (i, sync) in state.syncs.iter().enumerate() {
        let last = progress(state, i, now);
        let last =
            last.and_then(|run| if run.running { progress(state, i, run.began - 1) } else { Some(run) });
        let run = last.filter(|run| {
            let end = run.began + RUN_MS;
            let cancelled = sync.paused.is_some_and(|at| (run.began..end).contains(&at));
            !run.running && !cancelled && end > since && end <= now
        });
        let connection = state.connections.iter().find(|c| c.row == sync.connection);
        if let (Some(run), Some(connection), Some(function)) =
            (run, connection, state.function(sync.function))
        {
            let url = url(state, connection);
            let due = run.began + RUN_MS;
            let bodies = bodies(sync, function, connection, &run, &collected(state, i, due));
            all.extend(bodies.into_iter().map(|body| Pending { due, url: url.clone(), body }));
        }
    }
    all
}

fn bodies(
    sync: &Sync,
    function: &Function,
    connection: &Connection,
    run: &Progress,
    collected: &Collected,
) -> Vec<Value> {
    let incremental = !is_full(function) && !run.first;
    let (began, ended) = (clock::iso_z(run.began), clock::iso_z(run.began + RUN_MS));
    let body = |model: &str| {
        let mut body = json!({
            "connectionId": connection.id,
            "from": "nango",
            "model": model,
            "providerConfigKey": connection.integration,
            "syncName": function.name,
            "syncType": if incremental { "INCREMENTAL" } else { "INITIAL" },
            "syncVariant": sync.variant,
            "type": "sync",
        });
        let counts = collected.result.get(model);
        let count = |of: fn(&Counts) -> usize| counts.map_or(0, of);
        let (added, updated, deleted) = (count(|c| c.added), count(|c| c.updated), count(|c| c.deleted));
        let rest = match function.behaviour.get("error") {
            Some(error) => json!({
                "error": {
                    "description": "An internal error occurred during the script execution",
                    "payload": error,
                    "type": "script_error",
                },
                "failedAt": ended,
                "startedAt": began,
                "success": false,
            }),
            None => json!({
                "modifiedAfter": began,
                "queryTimeStamp": began,
                "responseResults": { "added": added, "deleted": deleted, "updated": updated },
                "success": true,
            }),
        };
        if let (Value::Object(body), Value::Object(rest)) = (&mut body, rest) {
            body.extend(rest);
        }
        body
    };
    let mut models: Vec<&str> = model_names(function).collect();
    models.sort_unstable();
    models.dedup();
    models.into_iter().map(body).collect()
}

/// The value with the properties of each object in the order of their names, as the server writes them.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut properties: Vec<(String, Value)> = map.into_iter().collect();
            properties.sort_by(|(a, _), (b, _)| a.cmp(b));
            Value::Object(properties.into_iter().map(|(name, value)| (name, sorted(value))).collect())
        }
        Value::Array(items) => items.into_iter().map(sorted).collect(),
        other => other,
    }
}

fn signed(Pending { url, body, .. }: Pending, key: &str) -> Signed {
    let body = to_json(&sorted(body));
    let headers = [
        ("content-type", "application/json".to_owned()),
        ("x-nango-signature", legacy_signature(key, &body)),
        ("x-nango-hmac-sha256", signature(key, &body)),
        ("user-agent", "nango/0.71.4 (emulator)".to_owned()),
    ];
    Signed { url, headers: headers.map(|(name, value)| (name.to_owned(), value)).into(), body }
}

/// HMAC-SHA256 of the body.
fn signature(key: &str, body: &str) -> String {
    // A key of any length is taken: there is no error.
    let mac = Hmac::<Sha256>::new_from_slice(key.as_bytes());
    mac.map_or_else(
        |_| String::new(),
        |mut mac| {
            mac.update(body.as_bytes());
            hex(&mac.finalize().into_bytes())
        },
    )
}

/// SHA-256 of the key followed by the body, the older way.
fn legacy_signature(key: &str, body: &str) -> String {
    hex(&Sha256::new().chain_update(key).chain_update(body).finalize())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
