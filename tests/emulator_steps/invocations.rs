//! The functions of one integration, and those of the newer kind: listed, switched, invoked
//! (recordings/functions.json; the server's own rules where they hold nothing).

use nango_toolkit::emulator::Emulator;
use nango_toolkit::tool::Method::{self, Delete, Get, Patch, Post};
use serde_json::{Value, json};

use crate::{Steps, each, paths};

const NONE: Value = Value::Null;

/// By type and name, a page at a time; one of them, its code, and the end of one.
#[test]
fn functions_of_an_integration() {
    let mut s = Steps::new();
    let url = "/integrations/hubspot/functions";
    let all = s.get(url);
    assert_eq!(
        each(&all["data"], "name"),
        ["create-contact", "list-owners", "remember-portal", "contacts", "deals"]
    );
    assert_eq!(each(&all["data"], "type"), ["action", "action", "on-event", "sync", "sync"]);
    assert_eq!(all["pagination"], json!({"total": 5, "page": 0, "limit": 20}));
    let event = all["data"][2].as_object().unwrap();
    let names: Vec<&str> = event.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        ["name", "description", "scopes", "type", "event", "id", "enabled", "last_deployed", "source"]
    );
    let second = s.get(&format!("{url}?limit=2&page=1&search=%20CON%20"));
    assert_eq!((&second["data"], &second["pagination"]["total"]), (&json!([]), &json!(2)));
    assert_eq!(each(&s.get(&format!("{url}?limit=2&page=2"))["data"], "name"), ["deals"]);
    let sync = s.get(&format!("{url}/contacts?type=sync"))["data"].clone();
    assert_eq!((&sync["runs"], &sync["track_deletes"]), (&json!("every hour"), &json!(false)));
    let code = s.get(&format!("{url}/contacts/code"));
    assert_eq!(code["type"], "sync");
    assert!(code["code"].as_str().unwrap().contains("createSync"));
    // Query before path for the function, path before query for its code.
    let both = format!("{url}/a.b");
    assert_eq!(paths(&s.step(Get, &format!("{both}?type=x"), NONE, (400, "invalid_query_params"))), ["type"]);
    assert_eq!(
        paths(&s.step(Get, &format!("{both}/code?type=x"), NONE, (400, "invalid_uri_params"))),
        ["name"]
    );
    let wrong =
        s.step(Get, &format!("{url}?search=%20&page=-1&limit=101&x=1"), NONE, (400, "invalid_query_params"));
    assert_eq!(paths(&wrong), ["search", "page", "limit", ""]);
    s.step(Get, &format!("{url}?page=999999999999999999&limit=100"), NONE, (500, "server_error"));
    s.step(Get, &format!("{url}/contacts?type=action"), NONE, (404, "not_found"));
    s.step(Get, "/integrations/nope/functions", NONE, (404, "not_found"));
    // Those of a repository stay; one from the catalogue goes, and its syncs with it.
    s.step(Delete, &format!("{url}/contacts"), NONE, (400, "invalid_query_params"));
    s.step(Delete, &format!("{url}/contacts?type=sync"), NONE, (400, "function_managed_by_deploy"));
    s.step(Delete, &format!("{url}/contacts?type=action"), NONE, (404, "not_found"));
    let slack = "/integrations/slack/functions/send-message";
    assert_eq!(
        s.step(Delete, &format!("{slack}?type=action"), NONE, (200, "")),
        json!({"data": {"success": true}})
    );
    s.step(Get, slack, NONE, (404, "not_found"));
    let on = [("Connection-Id", "slack-acme"), ("Provider-Config-Key", "slack")];
    s.step_with(Post, "/action/trigger", &on, json!({"action_name": "send-message"}), (404, "not_found"));
    assert_eq!(s.get("/providers/slack/templates"), json!({"data": []}));
}

/// An action and a sync of one name: the first of them is read, but the code of neither.
#[test]
fn functions_of_one_name() {
    let function =
        |kind: &str| json!({"integration": "none", "type": kind, "name": "same", "source": "catalog"});
    let world = json!({
        "integrations": [{"unique_key": "none", "provider": "unauthenticated"}],
        "functions": [function("sync"), function("action")],
        "connections": [{"connection_id": "c", "provider_config_key": "none", "credentials": {"type": "NONE"}}],
    });
    let mut s = Steps::of(Emulator::with_world(1, &world.to_string()).unwrap());
    let url = "/integrations/none/functions/same";
    assert_eq!(s.get(url)["data"]["type"], "action");
    let both = s.step(Get, &format!("{url}/code"), NONE, (409, "ambiguous_function"));
    let matches = json!([{"type": "action", "name": "same"}, {"type": "sync", "name": "same"}]);
    assert_eq!(both["error"]["payload"], json!({ "matches": matches }));
    assert_eq!(s.get(&format!("{url}/code?type=sync"))["type"], "sync");
    s.step(Delete, &format!("{url}?type=sync"), NONE, (200, ""));
    assert_eq!(s.get("/sync/status?provider_config_key=none&syncs=*"), json!({"syncs": []}));
    assert_eq!(s.get(&format!("{url}/code"))["type"], "action");
}

/// Those of the newer kind, of all integrations.
#[test]
fn functions_with_triggers() {
    let mut s = Steps::new();
    let all = s.get("/functions");
    let names = ["score-contact", "nightly-report", "greet-workspace", "receive-ticket"];
    assert_eq!((each(&all["data"], "name"), &all["next_cursor"]), (names.map(str::to_owned).to_vec(), &NONE));
    let first = all["data"][0].clone();
    let keys: Vec<&str> = first.as_object().unwrap().keys().map(String::as_str).collect();
    let expected = [
        "uuid",
        "integration_id",
        "provider",
        "name",
        "description",
        "state",
        "source",
        "trigger",
        "created_at",
        "updated_at",
    ];
    assert_eq!(keys, expected);
    for (query, expected) in [
        ("integration=github", vec!["nightly-report"]),
        ("provider=slack", vec!["greet-workspace"]),
        ("state=disabled", vec!["receive-ticket"]),
        ("trigger.kind=http", vec!["score-contact", "receive-ticket"]),
        ("trigger.kind=http&state=enabled&provider=hubspot&integration=hubspot", vec!["score-contact"]),
        ("integration=nope", vec![]),
    ] {
        assert_eq!(each(&s.get(&format!("/functions?{query}"))["data"], "name"), expected, "{query}");
    }
    for limit in 1..=4 {
        let (mut found, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = s.get(&format!("/functions?limit={limit}{cursor}"));
            found.extend(each(&page["data"], "name"));
            let Some(next) = page["next_cursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(found, names, "{limit}");
    }
    // A cursor past the end.
    assert_eq!(s.get("/functions?cursor=OTk5OTk5OTk5"), json!({"data": [], "next_cursor": null}));
    let wrong = s.step(
        Get,
        "/functions?state=on&trigger.kind=kafka&cursor=not-a-cursor&limit=251&x=1",
        NONE,
        (400, "invalid_query_params"),
    );
    assert_eq!(paths(&wrong), ["state", "trigger.kind", "cursor", "limit", ""]);
    let url = format!("/functions/{}", first["uuid"].as_str().unwrap());
    assert_eq!(s.get(&url), first);
    // Switched off and on again.
    s.wait(1_000);
    let off = s.step(Patch, &url, json!({"state": "disabled"}), (200, ""));
    assert_eq!((&off["state"], &off["uuid"]), (&json!("disabled"), &first["uuid"]));
    assert!(off["updated_at"].as_str() > first["updated_at"].as_str());
    assert_eq!(Emulator::from_saved(&s.emulator.save()).unwrap().world(), s.emulator.world());
    invoke(&mut s, json!({"email": "a@example.com"}), "wait", (403, "function_disabled"));
    s.step(Patch, &url, json!({"state": "enabled"}), (200, ""));
    invoke(&mut s, json!({"email": "a@example.com"}), "wait", (200, ""));
    s.step(Patch, &format!("{url}?a=1"), json!({}), (400, "invalid_query_params"));
    s.step(Patch, "/functions/123", json!({}), (400, "invalid_uri_params"));
    assert_eq!(paths(&s.step(Patch, &url, json!({"state": "paused"}), (400, "invalid_body"))), ["state"]);
    let unknown = "11111111-1111-4111-8111-111111111111";
    for (method, body) in [(Get, NONE), (Patch, json!({"state": "enabled"}))] {
        let missing = s.step(method, &format!("/functions/{unknown}"), body, (404, "not_found"));
        assert_eq!(missing["error"]["message"], format!("Function '{unknown}' was not found"));
    }
    // An action is not one of them, and they are not in the other lists.
    let action = json!({"connection_id": "hubspot-ada", "integration_id": "hubspot", "name": "create-contact",
        "invocation_type": "wait"});
    s.step(Post, "/functions/invocations", action, (404, "function_not_found"));
    assert_eq!(s.get("/integrations/hubspot/functions")["pagination"]["total"], 5);
    assert!(!s.get("/scripts/config").to_string().contains("score-contact"));
}

fn invoke(s: &mut Steps, input: Value, how: &str, expected: (u16, &str)) -> Value {
    let body = json!({"connection_id": "hubspot-ada", "integration_id": "hubspot", "name": "score-contact",
        "input": input, "invocation_type": how});
    s.step(Post, "/functions/invocations", body, expected)
}

/// At once, or queued: 202 until it is done.
#[test]
fn invocations() {
    let mut s = Steps::new();
    let output = json!({"email": "olive@example.com", "score": 72});
    let input = json!({"email": "olive@example.com"});
    assert_eq!(invoke(&mut s, input.clone(), "wait", (200, "")), output);
    let queued = invoke(&mut s, input.clone(), "no_wait", (202, ""));
    let url = queued["statusUrl"].as_str().unwrap().to_owned();
    assert_eq!(url, format!("/functions/invocations/{}", queued["id"].as_str().unwrap()));
    assert_eq!(s.step(Get, &url, NONE, (202, "")), queued);
    // It is not an action, but it is shown and saved.
    s.wait(2_000);
    s.step(Get, &format!("/action/{}", queued["id"].as_str().unwrap()), NONE, (404, "not_found"));
    let world: Value = serde_json::from_str(&s.emulator.world()).unwrap();
    assert_eq!((&world["actionsQueued"], &world["invocationsQueued"]), (&json!(0), &json!(1)));
    s.emulator = Emulator::from_saved(&s.emulator.save()).unwrap();
    assert_eq!(s.get(&url), output);
    let scheduled = json!({"connection_id": "github-ada", "integration_id": "github", "name": "nightly-report",
        "invocation_type": "no_wait"});
    let reply = s.send(Post, "/functions/invocations", &[], Some(&scheduled)).response;
    assert_eq!(reply.status, 202);
    let location = reply.headers.iter().find(|(name, _)| name == "location").unwrap().1.clone();
    s.wait(2_000);
    assert_eq!(s.get(&location), json!({"open_issues": 3}));
    s.step(Get, "/functions/invocations/nope", NONE, (400, "invalid_uri_params"));
    let unknown = "11111111-1111-4111-8111-111111111111";
    let missing = s.step(Get, &format!("/functions/invocations/{unknown}"), NONE, (404, "not_found"));
    assert_eq!(missing["error"]["message"], format!("No invocation '{unknown}' found"));
}

/// Query, body, connection, function, whether it may run so, its input.
#[test]
fn wrong_invocations() {
    let mut s = Steps::new();
    let url = "/functions/invocations";
    let send = |s: &mut Steps, method: Method, change: Value, expected: (u16, &str)| {
        let mut body = json!({"connection_id": "hubspot-ada", "integration_id": "hubspot", "name": "score-contact",
            "input": {"email": "a@example.com"}, "invocation_type": "wait"});
        for (name, value) in change.as_object().unwrap() {
            body[name] = value.clone();
        }
        s.step(method, url, body, expected)["error"].clone()
    };
    s.step(Post, &format!("{url}?a=1"), json!({}), (400, "invalid_query_params"));
    let empty = s.step(Post, url, json!({"a": 1}), (400, "invalid_body"));
    assert_eq!(paths(&empty), ["connection_id", "integration_id", "name", "invocation_type", ""]);
    for (change, expected, says) in [
        (
            json!({"connection_id": "gone"}),
            (404, "connection_not_found"),
            "Connection 'gone' was not found for integration 'hubspot'",
        ),
        (json!({"name": "nope"}), (404, "function_not_found"), "Function 'nope' was not found"),
        (json!({"name": "contacts"}), (404, "function_not_found"), "Function 'contacts' was not found"),
        (
            json!({"connection_id": "zendesk-acme", "integration_id": "zendesk", "name": "receive-ticket"}),
            (403, "function_disabled"),
            "Function 'receive-ticket' is disabled",
        ),
        (
            json!({"connection_id": "github-ada", "integration_id": "github", "name": "nightly-report"}),
            (400, "invalid_invocation"),
            "Function 'nightly-report' is not invokable with wait",
        ),
        (
            json!({"connection_id": "slack-acme", "integration_id": "slack", "name": "greet-workspace",
                "invocation_type": "no_wait"}),
            (400, "invalid_invocation"),
            "Function 'greet-workspace' is not invokable with no_wait",
        ),
        (
            json!({"connection_id": "github-ada", "integration_id": "github", "name": "nightly-report",
                "invocation_type": "no_wait"}),
            (400, "validation_error"),
            "unexpected_function_input",
        ),
        (json!({"input": {"email": 42}}), (400, "validation_error"), "invalid_function_input"),
    ] {
        assert_eq!(send(&mut s, Post, change, expected)["message"], says);
    }
    let errors =
        send(&mut s, Post, json!({"input": {"email": 42}}), (400, "validation_error"))["errors"].clone();
    assert_eq!(errors, json!([{"code": "type", "message": "must be string", "path": ["email"]}]));
    s.key = s.emulator.add_key(&["environment:functions:dryrun"]);
    let forbidden = send(&mut s, Post, json!({}), (403, "forbidden"));
    assert_eq!(forbidden["message"], "Insufficient scope. Required: environment:functions:invocations");
}

/// Failures: as the function words them, or as the server does.
#[test]
fn failing_invocations() {
    let function = |name: &str, error: Value| {
        json!({"integration": "none", "type": "function", "name": name, "trigger": {"kind": "http"},
            "behaviour": {"error": error}})
    };
    let worded = json!({"error": {"code": "script_http_error", "payload": {"status": 404}}});
    let world = json!({
        "integrations": [{"unique_key": "none", "provider": "unauthenticated"}],
        "functions": [function("throws", json!({})), function("refused", json!({"status": 424, "body": worded}))],
        "connections": [{"connection_id": "c", "provider_config_key": "none", "credentials": {"type": "NONE"}}],
    });
    let mut s = Steps::of(Emulator::with_world(1, &world.to_string()).unwrap());
    for (name, expected) in [("throws", (500, "function_failed")), ("refused", (424, "script_http_error"))] {
        let mut body =
            json!({"connection_id": "c", "integration_id": "none", "name": name, "invocation_type": "wait"});
        let failed = s.step(Post, "/functions/invocations", body.clone(), expected);
        body["invocation_type"] = json!("no_wait");
        let queued = s.step(Post, "/functions/invocations", body, (202, ""));
        s.wait(2_000);
        assert_eq!(s.step(Get, queued["statusUrl"].as_str().unwrap(), NONE, expected), failed);
    }
    let mut wrong = world;
    wrong["functions"][0]["trigger"] = json!({"kind": "kafka"});
    let message = Emulator::with_world(1, &wrong.to_string()).unwrap_err().message;
    assert!(message.contains("`functions[0].trigger.kind`"), "{message}");
}
