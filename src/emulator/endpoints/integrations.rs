//! Integrations: listed, read, created, changed, deleted.

use serde_json::Value;

use super::end_users::write_optional;
use crate::emulator::http::auth::Principal;
use crate::emulator::http::call::Call;
use crate::emulator::http::query::encode;
use crate::emulator::http::response::{HandlerResult, HttpResponse};
use crate::emulator::http::rules::{INTEGRATION_KEY, NAME, SCOPES, SHORT, STRINGS};
use crate::emulator::http::validate::{Check, Key, Rule};
use crate::emulator::model::clock;
use crate::emulator::model::integration_config;
use crate::emulator::model::providers::{self, Provider};
use crate::emulator::model::state::{Integration, Object, State, str_field};
use crate::json::Writer;

const APP_CLIENT: &[Key] = &[
    Key::required("client_id", SHORT),
    Key::required("client_secret", Rule::String(&[Check::Min(1)])),
    Key::optional("scopes", SCOPES),
    Key::optional("webhook_secret", Rule::String(&[Check::Max(255)])),
];
const PRIVATE_KEY: Rule = Rule::String(&[
    Check::Starts("-----BEGIN RSA PRIVATE KEY----"),
    Check::Ends("-----END RSA PRIVATE KEY-----"),
]);
const LINK: Rule = Rule::String(&[Check::Min(1)]);
const CREDENTIALS: Rule = Rule::Tagged {
    forms: &[
        ("OAUTH1", APP_CLIENT),
        ("OAUTH2", APP_CLIENT),
        ("TBA", APP_CLIENT),
        (
            "APP",
            &[
                Key::required("app_id", SHORT),
                Key::required("app_link", LINK),
                Key::required("private_key", PRIVATE_KEY),
            ],
        ),
        (
            "CUSTOM",
            &[
                Key::required("client_id", SHORT),
                Key::required("client_secret", LINK),
                Key::required("app_id", SHORT),
                Key::required("app_link", LINK),
                Key::required("private_key", PRIVATE_KEY),
            ],
        ),
    ],
    saying: Some("invalid credentials object"),
};
const CONFIG: Rule = Rule::Record { key: &[], value: &Rule::String(&[Check::Max(8192)]) };

const CREATE: Rule = Rule::Object {
    keys: &[
        Key::required("provider", NAME),
        Key::required("unique_key", INTEGRATION_KEY),
        Key::optional("display_name", SHORT),
        Key::optional("credentials", CREDENTIALS),
        Key::optional("forward_webhooks", Rule::Boolean),
        Key::optional("integration_config", CONFIG),
        Key::optional("custom", STRINGS),
    ],
    strict: true,
};

const UPDATE: Rule = Rule::Object {
    keys: &[
        Key::optional("unique_key", INTEGRATION_KEY),
        Key::optional("display_name", SHORT),
        Key::optional("credentials", CREDENTIALS),
        Key::optional("forward_webhooks", Rule::Boolean),
        Key::optional("integration_config", CONFIG),
        Key::optional("custom", STRINGS),
    ],
    strict: true,
};

const INCLUDE: Rule = Rule::Choice(&["webhook", "credentials"]);
const GET: Rule = Rule::Object {
    keys: &[Key::optional(
        "include",
        Rule::Union(&[INCLUDE, Rule::Array { of: &INCLUDE, max: Some(2) }], "Invalid input"),
    )],
    strict: true,
};

/// Further parts of an answer, in addition to the integration.
pub(crate) struct Include {
    /// The label of the credentials, if the settings name one; the response to a change does not have it.
    label: bool,
    /// The base of webhook URLs.
    webhook: Option<String>,
    credentials: bool,
}

impl Include {
    /// Without the parts that have to be requested.
    pub(crate) const fn plain(label: bool) -> Include {
        Include { label, webhook: None, credentials: false }
    }
}

fn write(integration: &Integration, include: &Include, w: &mut Writer) {
    let provider = integration.provider;
    let name = integration.display_name.as_ref().unwrap_or(&provider.display_name);
    w.open().key("unique_key").text(&integration.key).key("provider").text(&provider.name);
    w.key("display_name").text(name).key("logo").text(&provider.logo);
    if let Some(base) = &include.webhook {
        let routed = provider.entry.get("webhook_routing_script").is_some();
        let url = routed.then(|| format!("{base}/{}", encode(&integration.key)));
        w.key("webhook_url");
        write_optional(url.as_deref(), w);
    }
    if include.credentials {
        w.key("credentials");
        write_credentials(integration, w);
    }
    if let Some(label) = integration.config.get("keyLabel").filter(|_| include.label) {
        w.key("credentials_label").open().key("apiKey").value(label).close();
    }
    w.key("forward_webhooks").boolean(integration.forward_webhooks);
    w.key("created_at").text(&clock::iso_z(integration.created));
    w.key("updated_at").text(&clock::iso_z(integration.updated)).close();
}

fn write_credentials(integration: &Integration, w: &mut Writer) {
    let mode = integration.provider.auth_mode.as_str();
    let names: &[&str] = match mode {
        "OAUTH1" | "OAUTH2" | "TBA" => &["client_id", "client_secret", "scopes", "webhook_secret"],
        "APP" => &["app_id", "private_key", "app_link"],
        "CUSTOM" => &["client_id", "client_secret", "app_id", "app_link", "private_key"],
        _ => {
            w.raw("null");
            return;
        }
    };
    w.open().key("type").text(mode);
    for name in names {
        let value = str_field(&integration.credentials, name);
        w.key(name);
        // Of a shared developer app these are empty, not absent.
        let shared = integration.shared && name.starts_with("client_");
        write_optional(Some(value).filter(|v| shared || !v.is_empty()), w);
    }
    w.close();
}

/// The answer that shows one integration.
pub(crate) fn one(integration: &Integration, include: &Include) -> HttpResponse {
    let mut w = Writer::new();
    w.open().key("data");
    write(integration, include, &mut w);
    w.close();
    HttpResponse::json(200, w.finish())
}

fn refuse(message: &str) -> HttpResponse {
    HttpResponse::error(400, "invalid_body", message)
}

fn unknown(key: &str) -> HttpResponse {
    HttpResponse::error(404, "not_found", format!("Integration \"{key}\" does not exist"))
}

/// `GET /integrations`
pub(crate) fn list(state: &mut State, call: &Call) -> HandlerResult {
    call.no_query()?;
    let allowed = match &call.principal {
        Principal::Session(token) => state.session(token, call.now).and_then(|s| s.allowed.as_ref()),
        _ => None,
    };
    let allowed = allowed.filter(|keys| !keys.is_empty());
    let mut found: Vec<&Integration> =
        state.integrations.iter().filter(|i| allowed.is_none_or(|keys| keys.contains(&i.key))).collect();
    found.sort_by_key(|i| (&i.provider.name, i.created));
    let mut w = Writer::new();
    w.open().key("data").open_array();
    for integration in found {
        write(integration, &Include::plain(true), &mut w);
    }
    w.close_array().close();
    Ok(HttpResponse::json(200, w.finish()))
}

/// `GET /integrations/{uniqueKey}`
pub(crate) fn get(state: &mut State, call: &Call) -> HandlerResult {
    call.check_query(&GET)?;
    let key = call.param("uniqueKey", &INTEGRATION_KEY)?;
    let integration = state.integration(key).ok_or_else(|| unknown(key))?;
    let given = call.query.get("include");
    let asked = |what: &str| match given {
        Some(Value::Array(items)) => items.iter().any(|i| i.as_str() == Some(what)),
        Some(one) => one.as_str() == Some(what),
        None => false,
    };
    let include = Include {
        label: true,
        webhook: asked("webhook").then(|| format!("{}/webhook/{}", call.server(), state.environment)),
        // Without the scope the field is left out, silently.
        credentials: asked("credentials") && call.principal.has("environment:integrations:read_credentials"),
    };
    Ok(one(integration, &include))
}

/// Checks that credentials are there if the provider needs them, and of its type.
fn fitting(provider: &Provider, given: Option<&Object>) -> Result<(), HttpResponse> {
    match given {
        Some(credentials) if str_field(credentials, "type") != provider.auth_mode => {
            Err(refuse("incompatible credentials auth type and provider auth"))
        }
        None if matches!(provider.auth_mode.as_str(), "OAUTH1" | "OAUTH2" | "APP" | "CUSTOM") => {
            Err(refuse("Missing credentials"))
        }
        _ => Ok(()),
    }
}

/// `POST /integrations`
pub(crate) fn create(state: &mut State, call: &Call) -> HandlerResult {
    call.no_query()?;
    let body = call.check_body(&CREATE)?;
    let Some(provider) = providers::find(str_field(body, "provider")) else {
        return Err(HttpResponse::issue("invalid_string", "Invalid provider", &["provider"]));
    };
    let key = str_field(body, "unique_key");
    if state.integration(key).is_some() {
        return Err(HttpResponse::issue("invalid_string", "Unique key already exists", &["uniqueKey"]));
    }
    let credentials = body.get("credentials").and_then(Value::as_object);
    fitting(provider, credentials)?;
    let mut integration = Integration {
        key: key.to_owned(),
        provider,
        display_name: None,
        forward_webhooks: true,
        credentials: Object::new(),
        custom: Object::new(),
        config: Object::new(),
        shared: false,
        created: call.now,
        updated: call.now,
    };
    apply(&mut integration, body)?;
    let defaults = provider.entry.get("default_scopes").and_then(Value::as_array);
    if let Some(defaults) = defaults.filter(|_| str_field(&integration.credentials, "scopes").is_empty())
        && credentials.is_some()
    {
        let joined: Vec<&str> = defaults.iter().filter_map(Value::as_str).collect();
        integration.credentials.insert("scopes".into(), joined.join(",").into());
    }
    let response = one(&integration, &Include::plain(true));
    state.integrations.push(integration);
    Ok(response)
}

/// Applies what a body sets, except for the key.
fn apply(integration: &mut Integration, body: &Object) -> Result<(), HttpResponse> {
    // Empty settings count as absent.
    let settings = |name: &str| body.get(name).and_then(Value::as_object).filter(|map| !map.is_empty());
    if let Some(config) = settings("integration_config") {
        integration.config = integration_config::change(integration.provider, &integration.config, config)
            .map_err(|problems| refuse(&problems))?;
    }
    if let Some(custom) = settings("custom") {
        if integration_config::accepts(integration.provider) {
            return Err(refuse("This provider does not accept custom configuration, use integration_config"));
        }
        integration.custom.extend(custom.clone());
    }
    if let Some(name) = body.get("display_name").and_then(Value::as_str) {
        integration.display_name = Some(name.to_owned());
    }
    if let Some(forward) = body.get("forward_webhooks").and_then(Value::as_bool) {
        integration.forward_webhooks = forward;
    }
    if let Some(credentials) = body.get("credentials").and_then(Value::as_object) {
        integration.credentials.extend(credentials.clone());
    }
    Ok(())
}

/// `PATCH /integrations/{uniqueKey}`
pub(crate) fn update(state: &mut State, call: &Call) -> HandlerResult {
    call.no_query()?;
    let body = call.check_body(&UPDATE)?;
    let key = call.param("uniqueKey", &INTEGRATION_KEY)?;
    let mut changed = state.integration(key).ok_or_else(|| unknown(key))?.clone();
    if let Some(credentials) = body.get("credentials").and_then(Value::as_object) {
        fitting(changed.provider, Some(credentials))?;
    }
    if let Some(new) = body.get("unique_key").and_then(Value::as_str).filter(|new| *new != key) {
        if state.integration(new).is_some() {
            return Err(refuse("uniqueKey is already used by another integration"));
        }
        if state.connections.iter().any(|c| c.integration == key) {
            return Err(refuse("Can't rename an integration with active connections"));
        }
        changed.key = new.to_owned();
    }
    apply(&mut changed, body)?;
    changed.updated = call.now;
    let response = one(&changed, &Include::plain(false));
    for function in state.functions.iter_mut().filter(|f| f.integration == key) {
        function.integration = changed.key.clone();
    }
    if let Some(slot) = state.integrations.iter_mut().find(|i| i.key == key) {
        *slot = changed;
    }
    Ok(response)
}

/// `DELETE /integrations/{uniqueKey}`
pub(crate) fn delete(state: &mut State, call: &Call) -> HandlerResult {
    call.no_query()?;
    let key = call.param("uniqueKey", &INTEGRATION_KEY)?;
    if state.integration(key).is_none() {
        return Err(HttpResponse::error(404, "not_found", "Integration does not exist"));
    }
    state.integrations.retain(|i| i.key != key);
    state.connections.retain(|c| c.integration != key);
    state.functions.retain(|f| f.integration != key);
    let State { syncs, connections, .. } = state;
    syncs.retain(|s| connections.iter().any(|c| c.row == s.connection));
    Ok(HttpResponse::success())
}
