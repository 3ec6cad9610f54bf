//! The next step after an error, for a model.

use super::{Response, RetryAfter};
use crate::error::{Error, ErrorKind};
use crate::tool::Tool;

/// The next step, if there is one.
pub(super) fn hint(tool: Option<&Tool>, error: &Error, response: &Response) -> Option<String> {
    for (codes, hint) in BY_CODE {
        if codes.contains(&error.code.as_str()) {
            return Some((*hint).to_owned());
        }
    }
    if error.code.starts_with("script_") || error.code.starts_with("action_script_") {
        return Some("the function itself failed; details.payload is its error".to_owned());
    }
    by_kind(tool, error, response)
}

/// Codes of Nango and the next step after them.
const BY_CODE: &[(&[&str], &str)] = &[
    (
        &["missing_auth_header", "malformed_auth_header", "invalid_secret_key_format", "unknown_account"],
        "the operator of this toolkit must set the secret key of the right Nango environment \
         (NANGO_SECRET_KEY), and its host (NANGO_HOST)",
    ),
    (&["unknown_connection", "failed_to_get_connection"], FIND_CONNECTION),
    (&["unknown_provider_config"], FIND_INTEGRATION),
    (&["unknown_provider"], FIND_PROVIDER),
    (
        &["no_syncs_found", "unknown_sync"],
        "list the deployed syncs with NANGO_SCRIPTS_CONFIG_GET; names must match exactly",
    ),
    (&["disabled_resource"], "someone must enable this function in Nango before it can run"),
    (
        &["invalid_credentials"],
        "the provider refuses the stored credentials: create a session with NANGO_RECONNECT_SESSION_POST and let the end user authorise again",
    ),
    (
        &["connection_refresh_backoff"],
        "wait 30 seconds; if it fails again, the end user must authorise again (NANGO_RECONNECT_SESSION_POST)",
    ),
    (&["connection_test_failed"], "the provider refused the credentials: check them and call again"),
    (
        &["resource_capped", "plan_limit"],
        "the Nango plan's limit is reached; someone must raise it or remove something",
    ),
    (&["base_url_override_disabled"], "leave base_url_override out"),
    (
        &["base_url_override_not_allowed"],
        "if base_url_override was given, leave it out; otherwise this Nango cannot resolve or reach the provider's own host, which the connection names: tell the operator",
    ),
    (
        &["script_http_error"],
        "details.upstream is the API's response to the function; correct the input, or tell the user",
    ),
    (
        &["action_script_failure", "execution_timeout", "function_runtime_timed_out"],
        "the function did not finish and may have done part of its work: look at the state before anything is repeated, and give long actions async: true from the start",
    ),
    (
        &["invalid_content_type", "invalid_json"],
        "Nango did not understand the request; this is a fault of the transport, not of the arguments",
    ),
];

/// The hint if a request that must not be repeated may have been carried out.
pub(crate) const EFFECT_UNKNOWN: &str =
    "the request may have reached the server: look at the state before calling again";
const FIND_CONNECTION: &str = "list connections with NANGO_CONNECTION_LIST_GET; connection_id and integration must both match one of them";
const FIND_INTEGRATION: &str =
    "list integrations with NANGO_LIST_INTEGRATIONS and use one of their unique_key values";
const FIND_PROVIDER: &str = "find the provider's name with NANGO_PROVIDERS_LIST_GET and its search argument";

fn by_kind(tool: Option<&Tool>, error: &Error, response: &Response) -> Option<String> {
    let message = error.message.to_ascii_lowercase();
    let said = |words: &str| message.contains(words);
    let status = response.status;
    let relayed = tool.is_some_and(Tool::is_proxy);
    let hint = match error.kind {
        ErrorKind::Forbidden if said("docs connect") => {
            "the Nango plan does not include docs_connect: leave it out of overrides"
        }
        ErrorKind::Forbidden if said("not authorized for an environment") || said("account key") => {
            "this is the key of an account: the operator of this toolkit must set the secret key of an environment (NANGO_SECRET_KEY)"
        }
        ErrorKind::Forbidden if said("scope") => {
            let scopes = tool.map(|tool| tool.scopes.join("` or `")).unwrap_or_default();
            if !scopes.is_empty() {
                return Some(format!(
                    "the API key lacks the scope `{scopes}`; a key with this scope is required"
                ));
            }
            "the API key lacks a scope; a key with this scope is required"
        }
        ErrorKind::Forbidden => "the API key does not allow this; another key is required",
        ErrorKind::RateLimited => match response.header("retry-after").and_then(RetryAfter::parse) {
            Some(RetryAfter::Seconds(n)) => return Some(format!("wait {} seconds and call again", n.max(1))),
            Some(RetryAfter::Date(_)) => {
                let date = response.header("retry-after").unwrap_or_default().trim();
                return Some(format!("wait until {date} and call again"));
            }
            None => "wait a minute and call again",
        },
        ErrorKind::NotFound | ErrorKind::InvalidRequest if said("connection") && said("find") => {
            FIND_CONNECTION
        }
        ErrorKind::InvalidRequest
            if said("connectionid or integrationid") || said("connection not found") =>
        {
            FIND_CONNECTION
        }
        ErrorKind::NotFound if message.starts_with("no action '") => {
            "the action has not finished, or nothing has that id: ask for the result again later, and do not trigger the action a second time"
        }
        ErrorKind::NotFound if said("action") => {
            "list the deployed actions with NANGO_SCRIPTS_CONFIG_GET; the name must match exactly"
        }
        ErrorKind::NotFound if said("unknown provider") || said("provider does not") => FIND_PROVIDER,
        ErrorKind::NotFound | ErrorKind::InvalidRequest if said("integration") && said("not exist") => {
            FIND_INTEGRATION
        }
        ErrorKind::InvalidRequest if !error.issues.is_empty() => "fix the issues and call again",
        ErrorKind::InvalidRequest if said("credentials") || said("does not support") => {
            "credentials.type must equal the provider's auth_mode; NANGO_PROVIDERS_GET_GET returns it"
        }
        ErrorKind::Server if status >= 500 && tool.is_some_and(|tool| !tool.idempotent) => EFFECT_UNKNOWN,
        ErrorKind::Server if status >= 500 => {
            "the server failed; try again later, and report the message if it fails again"
        }
        ErrorKind::InvalidRequest => "the arguments must change: the message says what was refused",
        ErrorKind::InvalidResponse if error.message.contains("HTML") => {
            "check the base URL: it must be the Nango API, not the dashboard or another site"
        }
        ErrorKind::Provider if relayed && status == 404 => {
            "check any_path against the provider's API documentation"
        }
        ErrorKind::Provider if relayed && matches!(status, 401 | 403) => {
            "the provider refuses the connection's credentials or their scopes; the end user may have to authorise again (NANGO_RECONNECT_SESSION_POST)"
        }
        ErrorKind::Provider if relayed && status == 429 => {
            "the provider's own rate limit; wait before calling again"
        }
        ErrorKind::Provider if relayed && matches!(status, 400 | 422) => {
            "the provider refused the request: details.body says why; correct any_path, query_params or body"
        }
        _ => return None,
    };
    Some(hint.to_owned())
}
