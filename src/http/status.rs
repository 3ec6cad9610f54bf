//! The meaning of a status and a code of Nango: the kind of the error, whether to retry, a message.

use crate::error::{Error, ErrorKind, Issue};
use crate::text::dotted;

/// The kind of a response: from the status, corrected by Nango's codes if they are more specific.
/// A response cannot have the kinds that are decided locally.
pub(super) fn kind_of(status: u16, code: &str) -> ErrorKind {
    const SCRIPT: &[&str] = &[
        "script_",
        "action_script_",
        "function_runtime_",
        "execution_timeout",
        "connection_test_failed",
        "connection_validation_failed",
        "invalid_action_output",
    ];
    if SCRIPT.iter().any(|start| code.starts_with(start))
        || matches!(code, "invalid_credentials" | "connection_refresh_backoff")
    {
        return ErrorKind::Provider;
    }
    if matches!(
        code,
        "unknown_connection"
            | "unknown_provider_config"
            | "unknown_provider"
            | "unknown_sync"
            | "no_syncs_found"
    ) {
        return ErrorKind::NotFound;
    }
    if NOT_THE_CALLERS.contains(&code) {
        return ErrorKind::Server;
    }
    match status {
        400 | 413 | 414 | 422 => ErrorKind::InvalidRequest,
        401 => ErrorKind::Unauthorized,
        403 => ErrorKind::Forbidden,
        404 => ErrorKind::NotFound,
        409 => ErrorKind::Conflict,
        424 => ErrorKind::Provider,
        429 => ErrorKind::RateLimited,
        _ => ErrorKind::Server,
    }
}

/// Codes that come with a status of the caller's mistakes, though no argument can change the outcome.
const NOT_THE_CALLERS: &[&str] = &[
    "invalid_json",
    "invalid_cli_version",
    "action_failure",
    "server_error",
    "unknown_error",
    "generic_error_support",
    "invalid_certificate_or_key_format",
    "resource_capped",
    "plan_limit",
];

pub(super) fn retryable(kind: ErrorKind, status: u16, code: &str) -> bool {
    match kind {
        ErrorKind::RateLimited => true,
        ErrorKind::Server => status >= 500,
        ErrorKind::Provider => {
            matches!(
                code,
                "connection_refresh_backoff" | "script_api_rate_limit_error" | "script_network_error"
            ) || code.is_empty() && status >= 500
        }
        _ => false,
    }
}

/// Whether a failed request may have been carried out, at least in part.
pub(super) fn may_have_run(error: &Error) -> bool {
    error.status.is_some_and(|status| status >= 500) || error.code.starts_with("script_")
}

pub(super) fn made_message(status: u16, code: &str, issues: &[Issue]) -> String {
    if let Some(first) = issues.first() {
        let mut message = "the server refused the request: ".to_owned();
        if !first.path.is_empty() {
            message.push_str(&format!("{}: ", dotted(&first.path)));
        }
        message.push_str(&first.message);
        if issues.len() > 1 {
            message.push_str(&format!(" (and {} more)", issues.len() - 1));
        }
        return message;
    }
    let message = match code {
        "too_many_request" => "the rate limit of the Nango account is used up for this minute",
        "unknown_connection" => "there is no such connection",
        "unknown_provider_config" => "there is no such integration",
        "unknown_sync" => "there is no such sync",
        "script_http_error" => "the function called an API that responded with an error",
        "" => return format!("the server answered {}", named(status)),
        _ => return format!("the server answered {} with code `{code}`", named(status)),
    };
    message.to_owned()
}

const STATUSES: &[(u16, &str)] = &[
    (400, "bad request"),
    (401, "unauthorized"),
    (402, "payment required"),
    (403, "forbidden"),
    (404, "not found"),
    (409, "conflict"),
    (415, "unsupported media type"),
    (422, "unprocessable content"),
    (424, "failed dependency"),
    (429, "too many requests"),
    (500, "internal server error"),
    (502, "bad gateway"),
    (503, "service unavailable"),
    (504, "gateway timeout"),
];

pub(super) fn named(status: u16) -> String {
    match STATUSES.iter().find(|(known, _)| *known == status) {
        Some((_, name)) => format!("status {status} ({name})"),
        None => format!("status {status}"),
    }
}
