//! The worlds that the recordings presume: integrations, connections, functions and answers of providers.

use nango_toolkit::emulator::Emulator;
use serde_json::{Value, json};

fn integrations() -> Value {
    let app =
        json!({"type": "OAUTH2", "client_id": "cid", "client_secret": "csecret", "scopes": "repo,user"});
    let mut list = vec![
        json!({"unique_key": "github-demo", "provider": "github", "display_name": "GitHub demo", "credentials": app}),
        json!({"unique_key": "twitter-v1", "provider": "twitter",
            "credentials": {"type": "OAUTH1", "client_id": "tw-id", "client_secret": "tw-secret"}}),
        json!({"unique_key": "private-api2", "provider": "private-api-generic", "integration_config":
            {"baseUrl": "http://192.0.2.2:4011", "keyName": "api_key", "keyPlacement": "query", "keyLabel": "API Key"}}),
    ];
    for (key, provider) in [
        ("slack", "slack"),
        ("salesforce", "salesforce"),
        ("sf-local", "salesforce"),
        ("quickbooks", "quickbooks"),
        ("hub:spot.~@ 1_-", "hubspot"),
        ("netsuite-tba", "netsuite-tba"),
        ("github-app", "github-app"),
        ("github-app-oauth", "github-app-oauth"),
        ("posthog", "posthog"),
        ("gong", "gong"),
        ("unauthenticated", "unauthenticated"),
        ("un-2", "unauthenticated"),
        ("tmp-1", "posthog"),
        ("tmp-2", "posthog"),
        ("1password-users", "1password-users"),
        ("3cx", "3cx"),
        ("snowflake-jwt", "snowflake-jwt"),
        ("bill", "bill"),
        ("mcp-generic", "mcp-generic"),
        ("airtable-pat", "airtable-pat"),
        ("clio", "clio"),
        ("openai", "openai"),
        ("1pw-scim", "1password-scim"),
    ] {
        list.push(json!({"unique_key": key, "provider": provider}));
    }
    Value::Array(list)
}

fn connections() -> Value {
    let none = json!({"type": "NONE"});
    let mut list = vec![
        json!({"connection_id": "none-eu", "provider_config_key": "unauthenticated", "end_user": "user-1",
            "credentials": none, "tags": {"end_user_id": "user-1"}, "metadata": {}}),
        json!({"connection_id": "air-1", "provider_config_key": "airtable-pat", "syncs": false,
            "credentials": {"type": "API_KEY", "apiKey": "pat-secret"}, "tags": {"env": "dev"}, "metadata": {}}),
        json!({"connection_id": "air-sync", "provider_config_key": "airtable-pat",
            "credentials": {"type": "API_KEY", "apiKey": "pat-secret"}, "metadata": {"n": 3}}),
        json!({"connection_id": "pa-1", "provider_config_key": "private-api2",
            "credentials": {"type": "API_KEY", "apiKey": "secretkey"}}),
        json!({"connection_id": "tw-1", "provider_config_key": "twitter-v1",
            "credentials": {"type": "OAUTH1", "oauth_token": "t", "oauth_token_secret": "s", "raw": {}}}),
        json!({"connection_id": "cc-1", "provider_config_key": "1password-users",
            "credentials": {"type": "OAUTH2_CC", "token": "t", "client_id": "i", "client_secret": "s",
                "expires_at": "2099-01-01T00:00:00Z", "raw": {}}}),
        json!({"connection_id": "qb-1", "provider_config_key": "quickbooks",
            "credentials": {"type": "OAUTH2", "access_token": "at", "refresh_token": "rt", "raw": {},
                "config_override": {"client_id": "over-id", "client_secret": "over-secret"},
                "expires_at": "2099-01-01T00:00:00Z"}}),
        json!({"connection_id": "ga-2", "provider_config_key": "github-app", "expiresInSeconds": 3600,
            "credentials": {"type": "APP", "access_token": "ghs", "jwtToken": "j", "raw": {"token": "ghs"}}}),
        json!({"connection_id": "gao-1", "provider_config_key": "github-app-oauth", "expiresInSeconds": 3600,
            "credentials": {"type": "APP", "access_token": "ghs", "jwtToken": "j", "raw": {"token": "ghs"}}}),
        json!({"connection_id": "un-2-1", "provider_config_key": "un-2", "credentials": none}),
        json!({"connection_id": "gong-1", "provider_config_key": "gong",
            "credentials": {"type": "BASIC", "username": "u", "password": "p"}}),
    ];
    for id in ["none-1", "none-10tags", "meta-1", "meta-2", "del-1", "del-2", "leg-5"] {
        list.push(
            json!({"connection_id": id, "provider_config_key": "unauthenticated", "credentials": none}),
        );
    }
    for (id, key, expires_in_s, refresh, token) in [
        ("sf-exp", "sf-local", -3600, "fails", "old-access"),
        ("sf-bad", "sf-local", -3600, "fails", "old-access"),
        ("sf-ok", "sf-local", 90_000_000, "fails", "old-access"),
        ("clio-exp", "clio", -3600, "ok", "old-access"),
        ("clio-ok", "clio", 90_000_000, "ok", "refreshed_access_token_3"),
        ("clio-bad", "clio", -3600, "fails", "old-access"),
        ("clio-down", "clio", -3600, "fails", "old-access"),
    ] {
        list.push(json!({"connection_id": id, "provider_config_key": key, "expiresInSeconds": expires_in_s,
            "refresh": refresh, "connection_config": {"hostname": "192.0.2.2:4443"},
            "credentials": {"type": "OAUTH2", "access_token": token, "refresh_token": "old-refresh", "raw": {}}}));
    }
    Value::Array(list)
}

fn functions() -> Value {
    let boom = json!({"error": {"message": "An internal error occurred during the script execution",
        "code": "script_internal_error", "payload": {"message": "boom", "name": "Error"}}});
    let mut list = Vec::new();
    for (name, behaviour) in [
        ("echo-input", json!({"echo": true})),
        ("returns-nothing", json!({"result": null})),
        (
            "http-ok",
            json!({"result": {"method": "GET", "url": "/echo", "httpVersion": "1.1", "rawHeaders": [],
                "headers": {"accept": "a", "authorization": "b", "user-agent": "c", "accept-encoding": "d", "host": "e",
                    "connection": "f"},
                "body": "", "hit": 1}}),
        ),
        ("slow", json!({"result": {"slow": true}})),
        ("fails", json!({"error": {"status": 500, "body": boom}})),
    ] {
        list.push(json!({"integration": "airtable-pat", "type": "action", "name": name,
            "sdk_version": "0.71.4-yaml", "behaviour": behaviour}));
    }
    list.push(json!({"integration": "airtable-pat", "type": "action", "name": "typed", "input": "In",
        "behaviour": {"result": {"ok": true}}, "json_schema": {"definitions": {"In": {"type": "object"}}}}));
    let records: Vec<Value> =
        (0..3).map(|n| json!({"id": n.to_string(), "name": format!("Contact {n}")})).collect();
    let found = json!({"models": {"Contact": {"records": records}}});
    for (name, behaviour) in [("contacts", found), ("contacts-fail", json!({"error": {}}))] {
        list.push(json!({"integration": "airtable-pat", "type": "sync", "name": name, "returns": ["Contact"],
            "description": format!("sync {name}"), "runs": "every hour", "auto_start": false, "behaviour": behaviour}));
    }
    Value::Array(list)
}

/// Answers of the recorded stand-in that the emulator has no path of its own for.
fn upstream() -> Value {
    let route = |path: &str, status: u16, headers: Value, body: Value| {
        json!({"provider": "airtable-pat", "method": "GET", "path": path, "status": status,
            "headers": headers, "body": body})
    };
    let chunked = json!({"transfer-encoding": "chunked"});
    json!([
        route("/status201chunked", 201, chunked.clone(), json!({"a": 1})),
        route("/chunked", 200, chunked, json!({"chunk": 1})),
        route(
            "/attachment",
            200,
            json!({"content-disposition": "attachment; filename=\"a.bin\""}),
            json!("abcd")
        ),
    ])
}

/// What a file of the older set presumes.
pub(crate) fn older(file: &str) -> Emulator {
    // The file in which integrations are made begins with none.
    let bare = file == "integrations-post.json";
    let mut connections = connections();
    if file == "records-get.json" {
        connections
            .as_array_mut()
            .unwrap()
            .push(json!({"connection_id": "leg-2", "provider_config_key": "airtable-pat",
            "credentials": {"type": "API_KEY", "apiKey": "pat-secret"}, "syncs": false}));
    }
    let world = json!({
        "rateLimit": 100_000,
        "integrations": if bare { json!([]) } else { integrations() },
        "endUsers": [{"id": "user-1", "email": "user1@example.com", "display_name": "User One",
            "organization": null, "tags": {"plan": "pro"}}],
        "connections": if bare { json!([]) } else { connections },
        "functions": if bare { json!([]) } else { functions() },
        "variables": [{"name": "MY_VAR", "value": "my value"}],
        "upstream": upstream(),
    });
    Emulator::with_world(7, &world.to_string()).unwrap()
}

/// What the newer set presumes.
pub(crate) fn newer() -> Emulator {
    let sync = |name: &str, runs: &str, auto_start: bool, kind: &str, model: &str, counts: Value| {
        json!({"integration": "h1-none", "type": "sync", "name": name, "returns": [model], "runs": runs,
            "description": format!("{name} sync"), "auto_start": auto_start, "sync_type": kind,
            "behaviour": {"models": {model: counts}}})
    };
    let action = |name: &str, behaviour: Value| {
        json!({"integration": "h1-none", "type": "action", "name": name, "description": format!("{name} action"),
            "scopes": [], "code": "export default {}", "input": "EchoIn", "returns": ["EchoOut"], "behaviour": behaviour,
            "json_schema": {"definitions": {"EchoIn": {"type": "object"}, "EchoOut": {"type": "object"}}}})
    };
    // In this order the second run updates and deletes the ones that it did in the recordings.
    let records: Vec<Value> = [1, 0, 2, 3, 4]
        .iter()
        .map(|n| json!({"id": format!("c{n}"), "name": format!("Contact {n}")}))
        .collect();
    let failed = json!({"error": {"message": "The action script failed with a runtime error",
        "code": "action_script_runtime_error", "payload": {"id": 7, "message": "contact not found"}}});
    let route = |method: &str, path: &str, status: u16, body: Value| json!({"provider": "github", "method": method, "path": path, "status": status, "body": body});
    let world = json!({
        "rateLimit": 100_000,
        "integrations": [
            {"unique_key": "h1-none", "provider": "unauthenticated"},
            {"unique_key": "h1-posthog", "provider": "posthog"},
            {"unique_key": "h1-github", "provider": "github", "credentials": {"type": "OAUTH2", "client_id": "cid",
                "client_secret": "csecret", "scopes": "repo"}},
        ],
        "connections": [
            // Old enough for a first run.
            {"connection_id": "w-ada", "provider_config_key": "h1-none", "credentials": {"type": "NONE"}, "ageSeconds": 600},
            {"connection_id": "c-gh", "provider_config_key": "h1-github",
                "credentials": {"type": "OAUTH2", "access_token": "gho_tok123"}},
        ],
        "functions": [
            action("echo", json!({"result": {"echoed": "{{input.text}}"}})),
            action("slow", json!({"result": {"echoed": "slow"}})),
            action("fail", json!({"error": {"status": 500, "body": failed}})),
            action("nothing", json!({"result": null})),
            action("crash", json!({"error": {"status": 500, "body": failed}})),
            action("http-fail", json!({"error": {"status": 424, "body": failed}})),
            action("list", json!({"result": []})),
            sync("contacts", "every 1h", true, "incremental", "Contact",
                json!({"records": records, "updated": 1, "deleted": 1})),
            sync("companies", "every day", false, "full", "Company", json!({"records": [{"id": "1"}, {"id": "2"}]})),
        ],
        "variables": [{"name": "MY_VAR", "value": "my value"}, {"name": "OTHER", "value": "2"}],
        "upstream": [
            route("PATCH", "/404", 404, json!({"message": "no such thing", "documentation_url": "https://x"})),
            route("DELETE", "/204", 204, Value::Null),
        ],
    });
    Emulator::with_world(7, &world.to_string()).unwrap()
}
