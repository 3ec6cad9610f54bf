//! The proxy: a provider's API with the connection's credentials (contract section 8, NANGO_GET_PROXY).

use serde_json::Value;

use super::connections::store;
use super::mock_provider::{self, Incoming, Unreachable};
use super::proxy_request::{self, Target};
use crate::emulator::http::call::Call;
use crate::emulator::http::formats::{
    CONNECTION_ID, INTEGRATION_KEY, STATUS_LIST, TEXT, host_of, is_denied_host, is_private_host,
};
use crate::emulator::http::response::{Answer, Handled};
use crate::emulator::http::router::PROXY_PATH;
use crate::emulator::http::validate::{Key, Rule, number};
use crate::emulator::model::credentials::{freshen, proxy_refusal};
use crate::emulator::model::providers::Provider;
use crate::emulator::model::state::{State, text};

const EXACT: Rule = Rule::Choice(&["true", "false"]);
const HEADERS: Rule = Rule::Object {
    keys: &[
        Key::required("provider-config-key", INTEGRATION_KEY),
        Key::required("connection-id", CONNECTION_ID),
        Key::optional("retries", Rule::Number { min: None, max: None, whole: false }),
        Key::optional("base-url-override", TEXT),
        Key::optional("decompress", EXACT),
        Key::optional("retry-on", STATUS_LIST),
        Key::optional("forward-headers-on-redirect", EXACT),
    ],
    strict: false,
};

/// The first wait between attempts; each one doubles it.
const WAIT_MS: u32 = 3_000;
const LONGEST_WAIT_MS: u32 = 600_000;
/// The server has no bound; an emulator that computes all attempts at once needs one.
const MOST_RETRIES: u32 = 10;

/// Headers of a provider's success that are passed on.
const PASSED: &[&str] = &["content-type", "mcp-session-id", "x-request-id", "x-correlation-id"];

/// `GET|POST|PUT|PATCH|DELETE /proxy/{anyPath}`
pub(crate) fn call(state: &mut State, call: &Call) -> Handled {
    let headers = call.check_headers(&HEADERS)?;
    let elsewhere = Some(text(&headers, "base-url-override")).filter(|url| !url.is_empty());
    if let Some(url) = elsewhere {
        allow(url)?;
    }
    let (id, key) = (text(&headers, "connection-id"), text(&headers, "provider-config-key"));
    let Some(integration) = state.integration(key).cloned() else {
        let message = "Provider config not found for the given provider config key. Please make sure the \
                       provider config exists in the Nango dashboard.";
        return Err(Answer::error(404, "unknown_provider_config", message));
    };
    let Some(mut connection) = state.connection(id, key).cloned() else {
        return Err(Answer::error(400, "server_error", "Failed to get connection"));
    };
    let fresh = freshen(&mut connection, integration.provider, false, &mut state.ids, call.now);
    store(state, connection.clone());
    fresh.map_err(proxy_refusal)?;
    let path = call.params.iter().find(|(name, _)| *name == PROXY_PATH).map_or("", |(_, path)| path);
    let target = Target { integration: &integration, connection: &connection, elsewhere, path };
    let out = proxy_request::build(&target, call, &mut state.ids)?;
    let retries = number(text(&headers, "retries")).unwrap_or(0.0).max(0.0) as u32;
    let also: Vec<u16> = text(&headers, "retry-on").split(',').filter_map(|s| s.parse().ok()).collect();
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
    let mut answer = match got {
        Ok(incoming) => relay(incoming),
        Err((code, message)) => Answer::network(code, &message, call.method.as_str()),
    };
    answer.delay_ms = waited;
    Ok(answer)
}

/// Refuses hosts that the server never calls on a caller's word.
fn allow(url: &str) -> Result<(), Answer> {
    let refuse = |what: &str| {
        let message = format!("This {what} is not allowed by server configuration.");
        Err(Answer::error(400, "base_url_override_not_allowed", message))
    };
    match host_of(url) {
        Some(host) if is_denied_host(&host) => refuse("base URL override"),
        // Names below `invalid` never resolve (RFC 2606).
        Some(host) if !is_private_host(&host) && !host.ends_with(".invalid") => Ok(()),
        _ => refuse("outbound URL"),
    }
}

fn retryable(provider: &Provider, got: &Result<Incoming, Unreachable>, also: &[u16]) -> bool {
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

/// What the caller gets of a provider's answer.
fn relay(incoming: Incoming) -> Answer {
    let streamed = incoming.headers.iter().any(|(name, value)| {
        (name.eq_ignore_ascii_case("content-disposition")
            && (value.starts_with("attachment") || value.starts_with("inline")))
            || (name.eq_ignore_ascii_case("transfer-encoding") && value == "chunked")
    });
    let success = (200..300).contains(&incoming.status);
    if !success || streamed {
        let body = if incoming.status == 304 { String::new() } else { incoming.body };
        let mut answer = Answer::new(incoming.status, body);
        answer.headers = incoming.headers;
        return answer;
    }
    // A buffered success is 200 whatever the provider said, but for 204.
    let mut answer = Answer::new(if incoming.status == 204 { 204 } else { 200 }, incoming.body);
    for (name, value) in incoming.headers {
        if PASSED.contains(&name.to_ascii_lowercase().as_str()) && answer.status != 204 {
            answer.headers.push((name, value));
        }
    }
    answer
}
