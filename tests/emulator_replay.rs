//! The emulator answers recorded requests as the recorded server did: same status, same code, same issue
//! codes at the same paths; and where it succeeds, an answer of the same shape.
//!
//! Which recordings: every one (a rule, no list) whose operation is one of the 24 tools, a proxy call of
//! another method, or one of the few further endpoints that the emulator has, except for
//! * those recorded while parts of the server were stopped (`without-workers.json`),
//! * answers 429, which need a window used up (tests/emulator_steps.rs does that),
//! * a success that needs a session token or a job id, which the recordings do not contain,
//! * CORS preflights, which are not requests of the API.
//!
//! Each file is replayed in its order on a separate emulator, whose world contains what the file requires:
//! integrations such as `airtable-pat`, connections such as `air-1`, deployed functions.
#![cfg(feature = "emulator")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::{OLDER, Recording, recordings};
use nango_toolkit::emulator::Emulator;
use nango_toolkit::http::Request;
use nango_toolkit::tool::Method;
use serde_json::{Value, json};

/// The approximate time of the recordings.
const NOW_MS: u64 = 1_795_356_720_000;

/// Endpoints of the emulator in addition to the 24 tools.
const FURTHER: &[&str] = &[
    "NANGO_POST_PROXY",
    "NANGO_PATCH_PROXY",
    "NANGO_DELETE_PROXY",
    "NANGO_GET_ACTION_RESULT",
    "NANGO_GET_CONNECT_SESSION",
    "NANGO_DELETE_CONNECT_SESSION",
    "NANGO_SYNC_START_POST",
    "NANGO_SYNC_PAUSE_POST",
];

/// Where the emulator answers differently: file, position, reason.
const EXCEPTIONS: &[(&str, usize, &str)] = &[
    (
        "connections-get.json",
        8,
        "the server asks Salesforce whether a token is still valid; here only its age counts",
    ),
    ("connections-post.json", 51, "GitHub could not be reached from the recorded server; here it always can"),
    ("connections-post.json", 53, "GitHub could not be reached from the recorded server; here it always can"),
    ("connections-post.json", 58, "the emulated GitHub knows every installation"),
    (
        "environment-variables-get.json",
        3,
        "recorded before the variables were set, which no public endpoint does",
    ),
    ("misc.json", 4, "there are no ETags here"),
    (
        "proxy-delete.json",
        9,
        "a multipart body is rewritten with another boundary; here it is passed on unchanged",
    ),
    ("proxy-get.json", 52, "a path of the recorded stand-in that answers 429 once; here `/fail/1/429` does"),
    (
        "proxy-get.json",
        14,
        "the provider's host did not resolve where this was recorded; here it always does",
    ),
];

/// What happened between two recordings of a file, recorded elsewhere or in a gap: file, the position
/// before which it happened, method, path, body.
const BETWEEN: &[(&str, usize, Method, &str, &str)] = &[
    (
        "integrations-patch.json",
        9,
        Method::Patch,
        "/integrations/github-renamed",
        r#"{"unique_key":"github-demo"}"#,
    ),
    (
        "sync-status.json",
        7,
        Method::Post,
        "/sync/start",
        r#"{"provider_config_key":"airtable-pat","syncs":[],"connection_id":"air-sync"}"#,
    ),
];

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
                "expires_at": "2099-01-01T00:00:00Z"}}),
        json!({"connection_id": "qb-1", "provider_config_key": "quickbooks",
            "credentials": {"type": "OAUTH2", "access_token": "at", "refresh_token": "rt",
                "expires_at": "2099-01-01T00:00:00Z"}}),
        json!({"connection_id": "ga-2", "provider_config_key": "github-app", "expiresInSeconds": 3600,
            "credentials": {"type": "APP", "access_token": "ghs", "jwtToken": "j", "raw": {"token": "ghs"}}}),
        json!({"connection_id": "gao-1", "provider_config_key": "github-app-oauth", "expiresInSeconds": 3600,
            "credentials": {"type": "APP", "access_token": "ghs", "jwtToken": "j", "raw": {"token": "ghs"}}}),
        json!({"connection_id": "un-2-1", "provider_config_key": "un-2", "credentials": none}),
        json!({"connection_id": "gong-1", "provider_config_key": "gong",
            "credentials": {"type": "BASIC", "username": "u", "password": "p"}}),
    ];
    for id in ["none-1", "none-10tags", "meta-1", "meta-2", "del-1", "del-2"] {
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
            "credentials": {"type": "OAUTH2", "access_token": token, "refresh_token": "old-refresh"}}));
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
                "headers": {}, "body": "", "hit": 1}}),
        ),
        ("slow", json!({"result": {"slow": true}})),
        ("fails", json!({"error": {"status": 500, "body": boom}})),
    ] {
        list.push(
            json!({"integration": "airtable-pat", "type": "action", "name": name, "behaviour": behaviour}),
        );
    }
    list.push(json!({"integration": "airtable-pat", "type": "action", "name": "typed", "input": "In",
        "behaviour": {"result": {"ok": true}}, "json_schema": {"definitions": {"In": {"type": "object"}}}}));
    for name in ["contacts", "contacts-fail"] {
        list.push(
            json!({"integration": "airtable-pat", "type": "sync", "name": name, "returns": ["Contact"],
            "runs": "every hour", "auto_start": false}),
        );
    }
    Value::Array(list)
}

/// Answers of the recorded mock provider for which the emulator has no path.
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

fn emulator(file: &str) -> Emulator {
    // The file that creates integrations begins without any.
    let bare = file == "integrations-post.json";
    let world = json!({
        "rateLimit": 100_000,
        "integrations": if bare { json!([]) } else { integrations() },
        "endUsers": [{"id": "user-1", "email": "user1@example.com", "display_name": "User One",
            "organization": null, "tags": {"plan": "pro"}}],
        "connections": if bare { json!([]) } else { connections() },
        "functions": if bare { json!([]) } else { functions() },
        "variables": [{"name": "MY_VAR", "value": "my value"}],
        "upstream": upstream(),
    });
    Emulator::with_world(7, &world.to_string()).unwrap()
}

fn chosen(recording: &Recording) -> bool {
    let Some(slug) = &recording.slug else { return false };
    let token = recording.headers.iter().any(|(_, value)| value.contains("<64 hex>"));
    let job = recording.path.starts_with("/action/") && recording.path != "/action/trigger";
    let needs_more = (token && recording.status < 300) || (job && matches!(recording.status, 200 | 500));
    (recording.core || FURTHER.contains(&slug.as_str()))
        && recording.file != "without-workers.json"
        && recording.status != 429
        && method(&recording.method).is_some()
        && !needs_more
}

fn method(name: &str) -> Option<Method> {
    [Method::Get, Method::Post, Method::Put, Method::Patch, Method::Delete]
        .into_iter()
        .find(|m| m.as_str() == name)
}

/// The request as it was sent, with keys of this emulator.
fn request(recording: &Recording, emulator: &mut Emulator) -> Request {
    let mut headers = Vec::new();
    for (name, value) in &recording.headers {
        let value = if value.contains("<limited key>") {
            value.replace("<limited key>", &emulator.add_key(&["environment:connections:read"]))
        } else if value.contains("<account key>") {
            value.replace("<account key>", &emulator.add_key(&["account:*"]))
        } else {
            value.replace("<key>", emulator.api_key()).replace("<64 hex>", &"0".repeat(64))
        };
        headers.push((name.clone(), value));
    }
    let json = recording.header("content-type").is_some_and(|t| t.starts_with("application/json"));
    let body = match &recording.body {
        Value::Null => json.then(|| "null".to_owned()),
        // Not JSON, and sent unchanged.
        Value::String(text) => Some(text.clone()),
        other => Some(
            other
                .to_string()
                .replace("<16385 times a>", &"a".repeat(16_385))
                .replace("<1 MiB of x>", &"x".repeat(1 << 20)),
        ),
    };
    let query = recording.query.as_ref().map(|q| format!("?{q}")).unwrap_or_default();
    let url = format!("http://localhost:3003{}{query}", recording.path);
    Request { method: method(&recording.method).unwrap(), url, headers, body }
}

/// Status, code, and the issues with their paths.
type Said = (u16, String, Vec<(String, Vec<String>)>);

fn said(status: u16, body: &Value) -> Said {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let error = &body["error"];
    let code = if error.is_object() { text(&error["code"]) } else { text(&body["code"]) };
    let path = |issue: &Value| issue["path"].as_array().unwrap().iter().map(text).collect();
    let issues = error["errors"].as_array().into_iter().flatten();
    (status, code, issues.map(|issue| (text(&issue["code"]), path(issue))).collect())
}

/// The property names of an answer, down to `data` and the first entry of a list.
fn shape(body: &Value) -> BTreeSet<String> {
    match body {
        Value::Array(items) => items.first().map(shape).unwrap_or_default(),
        Value::Object(map) => {
            // Names with a leading `_` were added when the recordings were shortened.
            let mut names: BTreeSet<String> = map.keys().filter(|n| !n.starts_with('_')).cloned().collect();
            for inner in ["data", "connections", "syncs"] {
                names.extend(
                    map.get(inner).map(shape).unwrap_or_default().iter().map(|n| format!("{inner}.{n}")),
                );
            }
            names
        }
        _ => BTreeSet::new(),
    }
}

/// The provider's request, if its answer is an echo: method, URL, body, and the relevant headers.
fn echoed(body: &Value) -> Option<Vec<Value>> {
    body.get("url")?;
    let headers = ["authorization", "content-type", "accept", "host", "x-foo", "upper", "x-test"].map(|n| {
        let value = &body["headers"][n];
        // A signature is different each time.
        if value.as_str().is_some_and(|v| v.starts_with("OAuth ")) { json!("OAuth") } else { value.clone() }
    });
    let parts = ["method", "url", "body"].map(|n| body[n].clone());
    Some(parts.into_iter().chain(headers).collect())
}

#[test]
fn recorded_requests_are_answered_as_recorded() {
    let all = recordings(OLDER);
    let mut emulators: BTreeMap<String, Emulator> = BTreeMap::new();
    let mut classes: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let mut wrong = Vec::new();
    let mut met = BTreeSet::new();
    let (mut right, mut chosen_count) = (0, 0);
    let mut worded = (0, 0);
    for recording in all.iter().filter(|r| chosen(r)) {
        let emulator = emulators.entry(recording.file.clone()).or_insert_with_key(|file| emulator(file));
        let now = NOW_MS + recording.index as u64 * 1000;
        for (_, _, method, path, body) in
            BETWEEN.iter().filter(|b| (b.0, b.1) == (&recording.file, recording.index))
        {
            let headers = vec![
                ("authorization".to_owned(), format!("Bearer {}", emulator.api_key())),
                ("content-type".to_owned(), "application/json".to_owned()),
            ];
            let body = Some((*body).to_owned());
            let reply = emulator
                .handle(&Request { method: *method, url: (*path).to_owned(), headers, body }, now - 5000);
            assert_eq!(reply.response.status, 200, "before {}", recording.place());
        }
        let request = request(recording, emulator);
        let reply = emulator.handle(&request, now);
        let body: Value = serde_json::from_str(&reply.response.body).unwrap_or_default();
        let (ours, theirs) = (said(reply.response.status, &body), said(recording.status, &recording.answer));
        let proxied = recording.path.starts_with("/proxy");
        let shaped = if proxied {
            echoed(&body) == echoed(&recording.answer)
        } else {
            recording.status >= 300 || shape(&body) == shape(&recording.answer)
        };
        chosen_count += 1;
        let class = classes.entry(format!("{}xx", recording.status / 100)).or_default();
        class.1 += 1;
        if ours == theirs && shaped {
            let message = |body: &Value| body.pointer("/error/message").cloned();
            if let Some(theirs) = message(&recording.answer) {
                worded.1 += 1;
                worded.0 += usize::from(message(&body) == Some(theirs));
            }
            right += 1;
            class.0 += 1;
            continue;
        }
        let known = EXCEPTIONS.iter().find(|(f, i, _)| *f == recording.file && *i == recording.index);
        if let Some(known) = known {
            met.insert((known.0, known.1));
            println!("exception: {}: {}", recording.place(), known.2);
            continue;
        }
        let difference = if ours == theirs {
            let both =
                |f: &dyn Fn(&Value) -> String| format!("{} instead of {}", f(&body), f(&recording.answer));
            if proxied { both(&|b| format!("{:?}", echoed(b))) } else { both(&|b| format!("{:?}", shape(b))) }
        } else {
            format!("{ours:?} instead of {theirs:?}")
        };
        wrong.push(format!("{}: {difference}", recording.place()));
    }
    for (class, (right, of)) in &classes {
        println!("{class}: {right} of {of}");
    }
    println!("messages in the same words: {} of {}", worded.0, worded.1);
    let share = 100.0 * right as f64 / chosen_count as f64;
    println!("{right} of {chosen_count} replayed recordings as recorded ({share:.1} %)");
    assert!(wrong.is_empty(), "{} answers differ:\n{}", wrong.len(), wrong.join("\n"));
    let idle: Vec<_> = EXCEPTIONS.iter().filter(|(f, i, _)| !met.contains(&(*f, *i))).collect();
    assert!(idle.is_empty(), "exceptions that do not occur: {idle:?}");
    assert!(share >= 97.0, "only {share:.1} % as recorded");
    assert!(chosen_count > 500, "only {chosen_count} recordings chosen");
}
