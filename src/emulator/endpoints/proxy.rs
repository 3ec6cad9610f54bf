//! The proxy: a provider's API with the connection's credentials (contract section 8, NANGO_GET_PROXY).

use serde_json::Value;

use super::connections::status_of;
use super::mock_provider::{self, ProviderResponse, Unreachable};
use super::proxy_request::{self, ProxyTarget};
use crate::emulator::http::call::Call;
use crate::emulator::http::response::{HandlerResult, HttpResponse};
use crate::emulator::http::router::PROXY_PATH;
use crate::emulator::http::rules::{CONNECTION_ID, INTEGRATION_KEY, STATUS_LIST};
use crate::emulator::http::validate::{Check, Key, Rule, number};
use crate::emulator::model::credentials::{Stale, freshen};
use crate::emulator::model::formats::{host_of, is_denied_host, is_private_host, is_url};
use crate::emulator::model::providers::Provider;
use crate::emulator::model::state::{State, str_field};

const EXACT: Rule = Rule::Choice(&["true", "false"]);
const HEADERS: Rule = Rule::Object {
    keys: &[
        Key::required("provider-config-key", INTEGRATION_KEY),
        Key::required("connection-id", CONNECTION_ID),
        Key::optional("retries", Rule::Number { min: None, max: None, whole: false }),
        Key::optional(
            "base-url-override",
            Rule::Union(&[Rule::String(&[Check::Format("Invalid URL", is_url_or_empty)])], "Invalid input"),
        ),
        Key::optional("decompress", EXACT),
        Key::optional("retry-on", STATUS_LIST),
        Key::optional("forward-headers-on-redirect", EXACT),
    ],
    strict: false,
};

fn is_url_or_empty(text: &str) -> bool {
    text.is_empty() || is_url(text)
}

/// The first wait between attempts; each one doubles it.
const WAIT_MS: u32 = 3_000;
const LONGEST_WAIT_MS: u32 = 600_000;
/// The server has no bound; an emulator that computes all attempts at once needs one.
const MOST_RETRIES: u32 = 10;

/// Headers of a provider's success that are passed on.
const PASSED: &[&str] = &["content-type", "mcp-session-id", "x-request-id", "x-correlation-id"];

/// `GET|POST|PUT|PATCH|DELETE /proxy/{anyPath}`
pub(crate) fn call(state: &mut State, call: &Call) -> HandlerResult {
    let headers = call.check_headers(&HEADERS)?;
    let elsewhere = Some(str_field(&headers, "base-url-override")).filter(|url| !url.is_empty());
    if let Some(url) = elsewhere {
        allow(url)?;
    }
    let (id, key) = (str_field(&headers, "connection-id"), str_field(&headers, "provider-config-key"));
    let Some(integration) = state.integration(key).cloned() else {
        let message = "Provider config not found for the given provider config key. Please make sure the \
                       provider config exists in the Nango dashboard.";
        return Err(HttpResponse::error(404, "unknown_provider_config", message));
    };
    let Some(mut connection) = state.connection(id, key).cloned() else {
        return Err(HttpResponse::error(400, "server_error", "Failed to get connection"));
    };
    let fresh = freshen(&mut connection, integration.provider, false, &mut state.ids, call.now);
    state.replace_connection(connection.clone());
    fresh.map_err(refusal)?;
    let path = call.params.iter().find(|(name, _)| *name == PROXY_PATH).map_or("", |(_, path)| path);
    let target = ProxyTarget { integration: &integration, connection: &connection, elsewhere, path };
    let out = proxy_request::build(&target, call, &mut state.ids)?;
    let retries = number(str_field(&headers, "retries")).unwrap_or(0.0).max(0.0) as u32;
    let also: Vec<u16> = str_field(&headers, "retry-on").split(',').filter_map(|s| s.parse().ok()).collect();
    let mut waited = 0_u32;
    let mut attempt = 0;
    let got = loop {
        let got = mock_provider::ask(state, &out);
        if attempt >= retries.min(MOST_RETRIES) || !retryable(integration.provider, &got, &also) {
            break got;
        }
        let wait = WAIT_MS.saturating_mul(1 << attempt);
        waited = waited.saturating_add(wait.min(LONGEST_WAIT_MS));
        attempt += 1;
    };
    let mut response = match got {
        Ok(incoming) => relay(incoming),
        Err((code, message)) => HttpResponse::network(code, &message, call.method.as_str()),
    };
    response.delay_ms = waited;
    Ok(response)
}

/// The response for a connection without fresh credentials.
fn refusal(stale: Stale) -> HttpResponse {
    if stale == Stale::BackingOff {
        return HttpResponse::error(424, "connection_refresh_backoff", stale.message());
    }
    let message = format!("Failed to get connection credentials: '{}'", stale.message());
    HttpResponse::error(status_of(stale), "server_error", message)
}

/// Refuses hosts that the server never calls because a caller names them.
fn allow(url: &str) -> Result<(), HttpResponse> {
    let refuse = |what: &str| {
        let message = format!("This {what} is not allowed by server configuration.");
        Err(HttpResponse::error(400, "base_url_override_not_allowed", message))
    };
    match host_of(url) {
        Some(host) if is_denied_host(&host) => refuse("base URL override"),
        // Names below `invalid` never resolve (RFC 2606).
        Some(host) if !is_private_host(&host) && !host.ends_with(".invalid") => Ok(()),
        _ => refuse("outbound URL"),
    }
}

fn retryable(provider: &Provider, got: &Result<ProviderResponse, Unreachable>, also: &[u16]) -> bool {
    let Ok(incoming) = got else { return true };
    let status = incoming.status;
    let own = provider.entry.pointer("/proxy/retry/error_code").and_then(Value::as_array);
    let by_rule = match own {
        Some(codes) => codes
            .iter()
            .filter_map(Value::as_str)
            .any(|code| code == status.to_string() || (code == "5xx" && status >= 500)),
        None => status == 401 || status == 429 || status >= 500,
    };
    by_rule || also.contains(&status)
}

/// The part of a provider's response that the caller gets.
fn relay(incoming: ProviderResponse) -> HttpResponse {
    let streamed = incoming.headers.iter().any(|(name, value)| {
        (name.eq_ignore_ascii_case("content-disposition")
            && (value.starts_with("attachment") || value.starts_with("inline")))
            || (name.eq_ignore_ascii_case("transfer-encoding") && value == "chunked")
    });
    let success = (200..300).contains(&incoming.status);
    if !success || streamed {
        let body = if incoming.status == 304 { String::new() } else { incoming.body };
        let mut response = HttpResponse::new(incoming.status, body);
        response.headers = incoming.headers;
        return response;
    }
    // A buffered success is 200 whatever the provider's status, except for 204.
    let mut response = HttpResponse::new(if incoming.status == 204 { 204 } else { 200 }, incoming.body);
    for (name, value) in incoming.headers {
        if PASSED.contains(&name.to_ascii_lowercase().as_str()) && response.status != 204 {
            response.headers.push((name, value));
        }
    }
    response
}
