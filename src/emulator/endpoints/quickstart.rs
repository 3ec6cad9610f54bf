//! Integrations with a developer app that Nango brings.

use serde_json::Value;

use super::integrations::{Include, one};
use crate::emulator::http::call::Call;
use crate::emulator::http::response::{HandlerResult, HttpResponse};
use crate::emulator::http::rules::{INTEGRATION_KEY, NAME, SHORT};
use crate::emulator::http::validate::{Key, Rule};
use crate::emulator::model::providers;
use crate::emulator::model::state::{Integration, Object, State, str_field};

const CREATE: Rule = Rule::Object {
    keys: &[
        Key::required("provider", NAME),
        Key::required("unique_key", INTEGRATION_KEY),
        Key::optional("display_name", SHORT),
        Key::optional("forward_webhooks", Rule::Boolean),
    ],
    strict: true,
};

fn refuse(message: &str) -> HttpResponse {
    HttpResponse::error(400, "invalid_body", message)
}

/// `POST /integrations/quickstart`
pub(crate) fn create(state: &mut State, call: &Call) -> HandlerResult {
    call.no_query()?;
    let body = call.check_body(&CREATE)?;
    let Some(provider) = providers::find(str_field(body, "provider")) else {
        return Err(HttpResponse::issue("invalid_string", "Invalid provider", &["provider"]));
    };
    if !matches!(provider.auth_mode.as_str(), "OAUTH1" | "OAUTH2" | "APP") {
        return Err(refuse("Quickstart is only available for providers that require a developer app"));
    }
    let key = str_field(body, "unique_key");
    if state.integration(key).is_some() {
        return Err(HttpResponse::issue("invalid_string", "Unique key already exists", &["uniqueKey"]));
    }
    if !state.shared_apps.contains(&provider.name) {
        return Err(refuse("No Nango-provided developer app is configured for this provider"));
    }
    let integration = Integration {
        key: key.to_owned(),
        provider,
        display_name: body.get("display_name").and_then(Value::as_str).map(str::to_owned),
        forward_webhooks: body.get("forward_webhooks").and_then(Value::as_bool).unwrap_or(true),
        credentials: Object::new(),
        custom: Object::new(),
        config: Object::new(),
        shared: true,
        created: call.now,
        updated: call.now,
    };
    let response = one(&integration, &Include::plain(true));
    state.integrations.push(integration);
    Ok(response)
}
