//! Importing a connection from credentials that the caller already has: an upsert.

use serde_json::Value;

use super::connections::write_full;
use super::{end_users, webhooks};
use crate::emulator::http::call::Call;
use crate::emulator::http::response::{HandlerResult, HttpResponse};
use crate::emulator::http::rules::{END_USER, INTEGRATION_KEY, RECORD, STRING, TAGS, WEBHOOK_URL};
use crate::emulator::http::validate::{Check, Key, Rule, date, units};
use crate::emulator::model::clock;
use crate::emulator::model::credentials;
use crate::emulator::model::providers::Provider;
use crate::emulator::model::state::{Connection, Integration, Object, Refresh, State, str_field};
use crate::emulator::model::sync_schedule;
use crate::emulator::model::template;

const fn up_to(max: &'static [Check]) -> Rule {
    Rule::String(max)
}

const ID: Rule = up_to(&[Check::Min(1), Check::Max(255)]);
const SECRET: Rule = up_to(&[Check::Min(1), Check::Max(2048)]);
const TOKEN: Rule = up_to(&[Check::Min(1), Check::Max(16_384)]);
const PEM: Rule = up_to(&[Check::Min(1), Check::Max(10_000)]);
const NAME: Rule = up_to(&[Check::Max(1024)]);

const OVERRIDE: Rule = Rule::Object {
    keys: &[Key::optional("client_id", ID), Key::optional("client_secret", SECRET)],
    strict: true,
};
const INSTALLATION: &[Key] = &[Key::required("app_id", ID), Key::required("installation_id", ID)];

const CREDENTIALS: Rule = Rule::Tagged {
    forms: &[
        (
            "OAUTH2",
            &[
                Key::required("access_token", TOKEN),
                Key::optional("refresh_token", TOKEN),
                Key::optional("expires_at", Rule::Date),
                Key::optional("config_override", OVERRIDE),
            ],
        ),
        (
            "OAUTH2_CC",
            &[
                Key::required("token", up_to(&[Check::Min(1), Check::Max(4096)])),
                Key::required("client_id", ID),
                Key::required("client_secret", SECRET),
                Key::optional("client_certificate", PEM),
                Key::optional("client_private_key", PEM),
                Key::optional("expires_at", Rule::Date),
            ],
        ),
        ("OAUTH1", &[Key::required("oauth_token", SECRET), Key::required("oauth_token_secret", SECRET)]),
        ("API_KEY", &[Key::required("apiKey", up_to(&[Check::Min(1), Check::Max(1024)]))]),
        ("BASIC", &[Key::required("username", NAME), Key::required("password", NAME)]),
        ("NONE", &[]),
        (
            "TBA",
            &[
                Key::required("token_id", up_to(&[Check::Min(1)])),
                Key::required("token_secret", up_to(&[Check::Min(1)])),
                Key::optional("config_override", OVERRIDE),
            ],
        ),
        ("APP", INSTALLATION),
        ("CUSTOM", INSTALLATION),
    ],
    saying: None,
};

const CONFIG: Rule = Rule::Object {
    keys: &[Key::optional("oauth_scopes_override", Rule::Array { of: &STRING, max: None })],
    strict: false,
};

const BODY: Rule = Rule::Object {
    keys: &[
        Key::required("provider_config_key", INTEGRATION_KEY),
        Key::optional("metadata", RECORD),
        Key::optional("connection_config", CONFIG),
        Key::optional("connection_id", STRING),
        Key::required("credentials", CREDENTIALS),
        Key::optional("end_user", END_USER),
        Key::optional("tags", TAGS),
        Key::optional("webhook_url_override", WEBHOOK_URL),
    ],
    strict: true,
};

fn refuse(code: &str, message: &str) -> HttpResponse {
    HttpResponse::error(400, code, message)
}

fn object(body: &Object, name: &str) -> Option<Object> {
    body.get(name).and_then(Value::as_object).cloned()
}

/// `POST /connections`
pub(crate) fn add(state: &mut State, call: &Call) -> HandlerResult {
    call.no_query()?;
    let body = call.check_body(&BODY)?;
    let key = str_field(body, "provider_config_key");
    let Some(integration) = state.integration(key).cloned() else {
        return Err(HttpResponse::error(404, "not_found", "Integration does not exist"));
    };
    let provider = integration.provider;
    let given = object(body, "credentials").unwrap_or_default();
    let kind = str_field(&given, "type").to_owned();
    if kind != provider.auth_mode {
        let message = format!("Provider {} does not support {kind} auth", provider.auth_mode);
        return Err(refuse("invalid_body", &message));
    }
    let mut config = object(body, "connection_config").unwrap_or_default();
    if kind == "TBA" {
        account(&mut config, &integration)?;
    }
    verify(provider, &kind, &config)?;
    let id = match body.get("connection_id").and_then(Value::as_str) {
        Some(id) => id.to_owned(),
        None => state.ids.uuid(),
    };
    if units(&id) > 255 {
        let incident = state.ids.uuid();
        return Err(HttpResponse::unexpected(&incident));
    }
    let user = end_users::read(body);
    let tags = end_users::tags(body.get("tags").and_then(Value::as_object), user.as_ref())?;
    let end_user = user.map(|user| state.upsert_end_user(user));
    let (stored, expires) = match kind.as_str() {
        "NONE" => (Object::new(), None),
        "APP" | "CUSTOM" => {
            let (stored, expires) = credentials::installation(&id, &mut state.ids, call.now);
            (stored, Some(expires))
        }
        _ => imported(given),
    };
    let known = state.connection(&id, key).cloned();
    let row = known.as_ref().map_or_else(|| state.row(), |old| old.row);
    let connection = Connection {
        row,
        id,
        integration: key.to_owned(),
        end_user: end_user.or(known.as_ref().and_then(|old| old.end_user)),
        tags,
        metadata: Value::Object(object(body, "metadata").unwrap_or_default()),
        config,
        credentials: stored,
        expires,
        // An empty one is stored; a change of the connection treats it as absent.
        webhook_url: body.get("webhook_url_override").and_then(Value::as_str).map(str::to_owned),
        created: known.as_ref().map_or(call.now, |old| old.created),
        updated: call.now,
        last_fetched: match &known {
            Some(old) => old.last_fetched,
            None => (kind != "NONE").then_some(call.now),
        },
        errors: Vec::new(),
        refresh: Refresh::default(),
    };
    // The response names the end user only if the request did.
    let shown = Connection { end_user, ..connection.clone() };
    let response = write_full(
        state,
        &shown,
        &credentials::show(&shown, true),
        &Value::Object(shown.config.clone()),
        clock::iso_z,
    );
    webhooks::authorised(state, &connection, known.is_some(), None, call.now);
    if known.is_some() {
        state.replace_connection(connection);
    } else {
        state.connections.push(connection);
    }
    state.create_syncs(row, key, call.now);
    sync_schedule::start_all(state, row, call.now);
    Ok(HttpResponse::json(201, response))
}

/// Credentials as submitted, with the date in the server's form, and once more as `raw`.
fn imported(mut given: Object) -> (Object, Option<i64>) {
    let expires = given.remove("expires_at").and_then(|value| date(&value));
    if matches!(str_field(&given, "type"), "OAUTH2" | "OAUTH2_CC" | "OAUTH1") {
        let mut raw = given.clone();
        if let Some(at) = expires {
            raw.insert("expires_at".into(), clock::iso_z(at).into());
        }
        given.insert("raw".into(), Value::Object(raw));
    }
    (given, expires)
}

/// Token-based authentication needs an account, and also stores the integration's developer app.
fn account(config: &mut Object, integration: &Integration) -> Result<(), HttpResponse> {
    if str_field(config, "accountId").is_empty() {
        let message = "Missing accountId in connection_config. This is required to create a TBA connection.";
        return Err(refuse("invalid_body", message));
    }
    for (name, stored) in [("client_id", "oauth_client_id"), ("client_secret", "oauth_client_secret")] {
        config.insert(stored.into(), integration.credentials.get(name).cloned().unwrap_or_default());
    }
    Ok(())
}

/// The call with which the server tries API keys and passwords: it fails if the provider's base URL
/// lacks a part; otherwise every key is accepted.
fn verify(provider: &Provider, kind: &str, config: &Object) -> Result<(), HttpResponse> {
    let tested = provider.entry.pointer("/proxy/verification").is_some();
    if !tested || !matches!(kind, "API_KEY" | "BASIC") {
        return Ok(());
    }
    let base = provider.entry.pointer("/proxy/base_url").and_then(Value::as_str).unwrap_or_default();
    if template::fill(base, &Object::new(), config).is_some() {
        return Ok(());
    }
    let message =
        "The given credentials were found to be invalid. Please check the credentials and try again.";
    Err(refuse("connection_test_failed", message))
}
