//! Functions from source: compiled, tried out and deployed without a compiler. Shapes, codes and messages are those of
//! the server's types and tests (0.71.10); nothing of it was recorded.

use nango_toolkit::emulator::Emulator;
use nango_toolkit::tool::Method::{Get, Post};
use serde_json::{Value, json};

use crate::{Steps, paths};

const NONE: Value = Value::Null;
const CODE: &str = "import { createAction } from 'nango';\nexport default createAction({});";

#[track_caller]
fn begin(s: &mut Steps, url: &str, body: Value) -> String {
    let begun = s.step(Post, url, body, (202, ""));
    assert_eq!(begun["status"], "waiting", "{begun}");
    assert_eq!(begun.as_object().unwrap().len(), 3, "{begun}");
    format!("{url}/{}", begun["id"].as_str().unwrap())
}

fn names(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn compiling_says_that_it_does_not_compile() {
    let mut s = Steps::new();
    let done = s.step(Post, "/functions/compile", json!({"code": CODE}), (200, ""));
    let bundle = done["bundled_js"].as_str().unwrap();
    assert_eq!(done["bundle_size_bytes"], json!(bundle.len()));
    assert!(bundle.contains("The emulator compiles nothing"), "{bundle}");
    assert_eq!(done["compiled_at"], "2026-11-22T14:00:00.001Z");
    s.step(Post, "/functions/compile", json!({"code": "const a = 1;"}), (400, "compilation_error"));
    for body in [json!({}), json!({"code": ""}), json!({"code": CODE, "name": "x"}), NONE] {
        s.step(Post, "/functions/compile", body, (400, "invalid_body"));
    }
}

#[test]
fn a_dry_run_waits_runs_and_ends_without_a_result() {
    let mut s = Steps::new();
    let body = json!({"integration_id": "hubspot", "connection_id": "hubspot-ada", "function_type": "action",
        "code": CODE, "input": null, "metadata": {}, "checkpoint": {"a": 1}, "last_sync_date": "2026-11-22T14:00Z"});
    let url = begin(&mut s, "/functions/dryruns", body.clone());
    let waiting = s.get(&url);
    assert_eq!(
        names(&waiting),
        ["id", "status", "integration_id", "function_type", "created_at", "updated_at"]
    );
    assert_eq!((&waiting["status"], &waiting["function_type"]), (&json!("waiting"), &json!("action")));
    s.wait(1_000);
    let running = s.get(&url);
    assert_eq!(
        (&running["status"], &running["started_at"]),
        (&json!("running"), &json!("2026-11-22T14:00:01.001Z"))
    );
    s.wait(3_000);
    let done = s.get(&url);
    assert_eq!(
        (&done["status"], &done["completed_at"], &done["duration_ms"]),
        (&json!("success"), &json!("2026-11-22T14:00:04.001Z"), &json!(3_000))
    );
    assert!(done["output"].as_str().unwrap().contains("runs no code"));
    assert_eq!((done.get("result"), done.get("error")), (None, None));
    // Code that would not compile fails in the answer to the question how it went.
    let mut broken = body;
    broken["code"] = json!("not a module");
    let url = begin(&mut s, "/functions/dryruns", broken);
    s.wait(4_000);
    let failed = s.get(&url);
    assert_eq!(
        (&failed["status"], &failed["error"]["code"]),
        (&json!("failed"), &json!("compilation_error"))
    );
}

#[test]
fn a_deployed_function_exists_once_its_time_has_come() {
    let mut s = Steps::new();
    let on = [("Connection-Id", "hubspot-ada"), ("Provider-Config-Key", "hubspot")];
    let run = json!({"action_name": "greet", "input": {"a": 1}});
    let body = json!({"type": "function", "integration_id": "hubspot", "function_name": "greet",
        "function_type": "action", "code": CODE});
    let url = begin(&mut s, "/functions/deployments", body.clone());
    assert_eq!(
        names(&s.get(&url)),
        ["id", "status", "integration_id", "function_name", "function_type", "created_at", "updated_at"]
    );
    s.step_with(Post, "/action/trigger", &on, run.clone(), (404, "not_found"));
    s.wait(4_000);
    assert_eq!(s.step_with(Post, "/action/trigger", &on, run, (200, "")), NONE);
    let done = s.get(&url);
    assert_eq!((&done["status"], &done["deployed"]), (&json!("success"), &json!(true)));
    assert_eq!(done["deployed_functions"], json!([{"name": "greet", "version": "0.0.1"}]));
    let config = s.get("/scripts/config");
    let group = config.as_array().unwrap().iter().find(|g| g["providerConfigKey"] == "hubspot").unwrap();
    let listed = group["actions"].as_array().unwrap().iter().find(|f| f["name"] == "greet").unwrap();
    assert_eq!((&listed["source"], &listed["version"]), (&json!("standalone"), &json!("0.0.1")));
    // Again, with the version after it or with one of its own.
    for (given, deployed) in [(NONE, "0.0.2"), (json!("2.0"), "2.0")] {
        let mut again = body.clone();
        if given.is_string() {
            again["version"] = given;
        }
        let url = begin(&mut s, "/functions/deployments", again);
        s.wait(4_000);
        assert_eq!(s.get(&url)["deployed_functions"][0]["version"], deployed);
    }
    let world: Value = serde_json::from_str(&s.emulator.world()).unwrap();
    assert_eq!(world["functions"].as_array().unwrap().iter().filter(|f| f["name"] == "greet").count(), 1);
    assert_eq!(world["functionJobs"][0]["name"], "greet");
    // What is in progress when it is saved goes on.
    let url = begin(&mut s, "/functions/deployments", body);
    let mut restored = Steps::of(Emulator::from_saved(&s.emulator.save()).unwrap());
    restored.now = s.now + 4_000;
    assert_eq!(restored.get(&url)["status"], "success");
}

#[test]
fn a_deployed_sync_belongs_to_the_connections_there_are() {
    let mut s = Steps::new();
    let status = "/sync/status?provider_config_key=hubspot&connection_id=hubspot-ada&syncs=*";
    let before = s.get(status)["syncs"].clone();
    let body = json!({"type": "function", "integration_id": "hubspot", "function_name": "companies",
        "function_type": "sync", "code": CODE, "allow_destructive": true});
    begin(&mut s, "/functions/deployments", body);
    s.wait(4_000);
    let after = s.get(status)["syncs"].clone();
    let ids =
        |syncs: &Value| -> Vec<Value> { syncs.as_array().unwrap().iter().map(|s| s["id"].clone()).collect() };
    assert_eq!(ids(&after).len(), ids(&before).len() + 1);
    // The others are the same as before.
    assert!(ids(&before).iter().all(|id| ids(&after).contains(id)));
    let new = after.as_array().unwrap().iter().find(|s| s["name"] == "companies").unwrap();
    assert_eq!((&new["frequency"], &new["status"]), (&json!("every day"), &json!("RUNNING")));
}

#[test]
fn deployments_and_dry_runs_are_refused_in_the_servers_order() {
    let mut s = Steps::new();
    let deployments = "/functions/deployments";
    let mut body = json!({"type": "function", "integration_id": "nope", "function_name": "create-contact",
        "function_type": "action", "code": CODE});
    let refused = s.step(Post, deployments, body.clone(), (404, "integration_not_found"));
    assert_eq!(refused["error"]["message"], "Integration 'nope' was not found");
    body["integration_id"] = json!("hubspot");
    let refused = s.step(Post, deployments, body.clone(), (400, "invalid_request"));
    assert_eq!(refused["error"]["message"], "Cannot overwrite existing function 'create-contact'");
    // A sync of that name is another function.
    body["function_type"] = json!("sync");
    begin(&mut s, deployments, body);
    let template = json!({"type": "template", "integration_id": "hubspot", "template": "contacts"});
    let refused = s.step(Post, deployments, template, (404, "template_not_found"));
    assert_eq!(refused["error"]["message"], "No template named 'contacts' exists for this integration");
    let dryrun = |key: &str, id: &str| json!({"integration_id": key, "connection_id": id, "function_type": "sync", "code": CODE});
    s.step(Post, "/functions/dryruns", dryrun("nope", "gone"), (404, "integration_not_found"));
    let refused =
        s.step(Post, "/functions/dryruns", dryrun("hubspot", "gone"), (404, "connection_not_found"));
    assert_eq!(refused["error"]["message"], "Connection 'gone' was not found for integration 'hubspot'");
    let id = "11111111-1111-4111-8111-111111111111";
    for (what, code, name) in
        [("dryruns", "dryrun_not_found", "Dryrun"), ("deployments", "deployment_not_found", "Deployment")]
    {
        let refused = s.step(Get, &format!("/functions/{what}/{id}"), NONE, (404, code));
        assert_eq!(refused["error"]["message"], format!("{name} '{id}' was not found"));
        s.step(Get, &format!("/functions/{what}/nope"), NONE, (400, "invalid_uri_params"));
        s.step(Get, &format!("/functions/{what}/{id}?x=1"), NONE, (400, "invalid_query_params"));
    }
    // A deployment is not a dry run.
    let url = begin(
        &mut s,
        deployments,
        json!({"type": "function", "integration_id": "hubspot",
        "function_name": "other", "function_type": "action", "code": CODE}),
    );
    s.step(Get, &url.replace("deployments", "dryruns"), NONE, (404, "dryrun_not_found"));
}

#[test]
fn bodies_of_deployments_and_dry_runs_are_checked() {
    let mut s = Steps::new();
    for (url, body, at) in [
        ("dryruns", json!({}), vec!["integration_id", "function_type", "code", "connection_id"]),
        (
            "dryruns",
            json!({"integration_id": "..", "function_type": "on-event", "code": "", "connection_id": "a",
                "metadata": [], "last_sync_date": "yesterday"}),
            vec!["integration_id", "function_type", "code", "metadata", "last_sync_date"],
        ),
        ("deployments", json!({}), vec!["type"]),
        ("deployments", json!({"type": "bundle"}), vec!["type"]),
        (
            "deployments",
            json!({"type": "function", "template": "x"}),
            vec!["integration_id", "function_name", "function_type", "code", ""],
        ),
        (
            "deployments",
            json!({"type": "template", "integration_id": "a", "template": "a b", "code": "x"}),
            vec!["template", ""],
        ),
    ] {
        let refused = s.step(Post, &format!("/functions/{url}"), body.clone(), (400, "invalid_body"));
        assert_eq!(paths(&refused), at, "{body}");
    }
}
