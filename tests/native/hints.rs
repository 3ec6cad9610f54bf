//! The meaning of a response of Nango for the reader of the error: its kind, whether to call again, the next step.

use nango_toolkit::error::{Error, ErrorKind};
use nango_toolkit::http::{Redaction, Response, Scrub, decode};
use nango_toolkit::tools;
use serde_json::{Value, json};

const ACTION: &str = "NANGO_ACTION_TRIGGER_POST";
const SESSION: &str = "NANGO_CREATE_CONNECT_SESSION";
const PROXY: &str = "NANGO_GET_PROXY";
const LIST: &str = "NANGO_LIST_INTEGRATIONS";

fn error(slug: &str, status: u16, body: &Value) -> Error {
    let response = Response { status, headers: vec![], body: body.to_string() };
    decode(tools::find(slug).unwrap(), &response, &Redaction::default(), &Scrub::default()).unwrap_err()
}

fn coded(slug: &str, status: u16, code: &str, message: &str) -> Error {
    error(slug, status, &json!({ "error": { "code": code, "message": message } }))
}

#[test]
fn a_403_names_a_scope_only_where_a_scope_is_missing() {
    let docs = "You are not allowed to override the docs connect url";
    let account = "API key is not authorized for an environment";
    let scope = "Insufficient scope. Required: environment:connect_sessions:write";
    for tool in tools::all() {
        for (message, words, has_scope) in [
            (docs, "leave it out of overrides", false),
            (account, "the secret key of an environment", false),
            (scope, "scope", true),
            ("The environment is locked", "the API key does not allow this", false),
        ] {
            let error = coded(tool.slug, 403, "forbidden", message);
            if error.kind == ErrorKind::Provider {
                continue;
            }
            let hint = error.hint.unwrap();
            assert!(hint.contains(words), "{}: `{message}` gives `{hint}`", tool.slug);
            assert_eq!(hint.contains("scope"), has_scope, "{}: `{message}` gives `{hint}`", tool.slug);
        }
    }
    assert!(
        coded(SESSION, 403, "forbidden", scope).hint.unwrap().contains("environment:connect_sessions:write")
    );
}

#[test]
fn a_refused_host_may_be_the_providers_own() {
    let hint = coded(PROXY, 400, "base_url_override_not_allowed", "not allowed").hint.unwrap();
    assert!(
        hint.contains("if base_url_override was given") && hint.contains("provider's own host"),
        "{hint}"
    );
    let hint = coded(PROXY, 400, "base_url_override_disabled", "disabled").hint.unwrap();
    assert_eq!(hint, "leave base_url_override out");
}

#[test]
fn what_may_have_run_is_never_called_again() {
    let unfinished = [
        (500, "action_script_failure"),
        (500, "execution_timeout"),
        (500, "function_runtime_timed_out"),
        (500, "function_runtime_out_of_memory"),
        (500, "script_internal_error"),
        (500, "script_network_error"),
        (424, "script_api_rate_limit_error"),
        (410, "script_aborted"),
        (500, "internal_server_error"),
        (500, "unhandled_anything"),
        (502, ""),
        (504, ""),
    ];
    for tool in tools::all().filter(|tool| !tool.idempotent) {
        for (status, code) in unfinished {
            let error = coded(tool.slug, status, code, "it did not end");
            let hint = error.hint.clone().unwrap_or_default();
            assert!(!error.retryable, "{} at {status} {code}: {error:?}", tool.slug);
            let invites = ["call again with", "try again", "and call again"].iter().any(|w| hint.contains(w));
            assert!(!invites, "{} at {status} {code}: `{hint}`", tool.slug);
        }
    }
    for (status, code) in [(500, "execution_timeout"), (504, "")] {
        let hint = coded(ACTION, status, code, "it did not end").hint.unwrap();
        assert!(hint.contains("look at the state"), "{hint}");
    }
    let waiting = coded(ACTION, 404, "not_found", "No action '5b1c' found.").hint.unwrap();
    assert!(waiting.contains("do not trigger the action a second time"), "{waiting}");
    let unknown = coded(ACTION, 404, "not_found", "Action not found").hint.unwrap();
    assert!(unknown.contains("NANGO_SCRIPTS_CONFIG_GET"), "{unknown}");
}

#[test]
fn what_the_caller_can_mend_is_an_invalid_request() {
    let callers = [
        "invalid_body",
        "invalid_query_params",
        "invalid_uri_params",
        "invalid_headers",
        "invalid_action_input",
        "invalid_variant",
        "sync_variant_already_exists",
        "missing_provider_config_key",
        "",
    ];
    let others = [
        ("invalid_json", ErrorKind::Server),
        ("action_failure", ErrorKind::Server),
        ("server_error", ErrorKind::Server),
        ("resource_capped", ErrorKind::Server),
        ("plan_limit", ErrorKind::Server),
        ("unknown_connection", ErrorKind::NotFound),
        ("invalid_credentials", ErrorKind::Provider),
        ("connection_test_failed", ErrorKind::Provider),
        ("invalid_action_output", ErrorKind::Provider),
        ("script_output_too_large", ErrorKind::Provider),
    ];
    let expected = callers.map(|code| (code, ErrorKind::InvalidRequest)).into_iter().chain(others);
    for (code, kind) in expected {
        for tool in tools::all().filter(|tool| !tool.is_proxy()) {
            let error = coded(tool.slug, 400, code, "refused");
            assert_eq!((error.kind, error.retryable), (kind, false), "{}: {code}", tool.slug);
            assert!(kind != ErrorKind::InvalidRequest || error.hint.is_some(), "{}: {code}", tool.slug);
        }
    }
    for status in [400, 413, 414, 422] {
        assert_eq!(
            error(LIST, status, &json!({ "message": "no" })).kind,
            ErrorKind::InvalidRequest,
            "{status}"
        );
        let relayed = error(PROXY, status, &json!({ "message": "no" }));
        assert_eq!(relayed.kind, ErrorKind::Provider, "what a provider refused: {status}");
    }
    let issues = json!({ "error": { "code": "invalid_body", "errors": [
        { "code": "invalid_type", "message": "expected string", "path": ["provider"] }
    ] } });
    let error = error("NANGO_CREATE_INTEGRATION", 400, &issues);
    assert_eq!((error.kind, error.issues.len()), (ErrorKind::InvalidRequest, 1));
    assert_eq!(error.hint.unwrap(), "fix the issues and call again");
}
