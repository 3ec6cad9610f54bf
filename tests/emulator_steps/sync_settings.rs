//! Variants and frequencies of syncs (recordings/sync-variant.json, sync-frequency.json, functions-and-variants.json).

use nango_toolkit::emulator::Emulator;
use nango_toolkit::tool::Method::{Delete, Get, Patch, Post, Put};
use serde_json::{Value, json};

use crate::{Steps, each, paths};

const NONE: Value = Value::Null;
const ADA: [(&str, &str); 2] = [("Connection-Id", "hubspot-ada"), ("Provider-Config-Key", "hubspot")];

fn ada() -> Value {
    json!({"provider_config_key": "hubspot", "connection_id": "hubspot-ada"})
}

fn syncs(list: Value) -> Value {
    let mut body = ada();
    body["syncs"] = list;
    body
}

fn status(s: &mut Steps, syncs: &str) -> Value {
    let url = "/sync/status?provider_config_key=hubspot&connection_id=hubspot-ada&syncs=";
    s.get(&format!("{url}{syncs}"))["syncs"].clone()
}

fn ids(s: &mut Steps, query: &str) -> Vec<String> {
    let page = s.step_with(Get, &format!("/records?model=Contact{query}"), &ADA, NONE, (200, ""));
    each(&page["records"], "id")
}

/// Made, run, read and deleted apart from the base.
#[test]
fn a_variant_is_a_sync_of_its_own() {
    let mut s = Steps::new();
    let url = "/sync/contacts/variant/eu";
    // The world begins with the first request; this is between two runs.
    s.get("/integrations");
    s.wait(600_000);
    let before = s.step_with(Get, "/records?model=Contact", &ADA, NONE, (200, ""));
    let made = s.step(Post, url, ada(), (200, ""));
    assert_eq!((&made["name"], &made["variant"]), (&json!("contacts"), &json!("eu")));
    let again = s.step(Post, url, ada(), (400, "sync_variant_already_exists"));
    assert_eq!(again["error"].get("message"), None);
    // It starts at once, since the sync starts by itself, and has no records until then.
    let one = status(&mut s, "contacts::eu")[0].clone();
    assert_eq!((&one["id"], &one["variant"], &one["status"]), (&made["id"], &json!("eu"), &json!("RUNNING")));
    assert_eq!(ids(&mut s, "&variant=eu"), [""; 0]);
    assert_eq!(each(&status(&mut s, "contacts"), "variant"), ["base"]);
    assert_eq!(each(&status(&mut s, "*"), "variant"), ["base", "base", "eu"]);
    s.wait(3_000);
    let variant = s.step_with(Get, "/records?model=Contact&variant=eu", &ADA, NONE, (200, ""));
    assert_eq!(variant["records"].as_array().unwrap().len(), 12);
    assert_eq!(variant["records"][0]["_nango_metadata"]["last_action"], "ADDED");
    assert_eq!(
        s.step_with(Get, "/records?model=Contact", &ADA, NONE, (200, "")),
        before,
        "the base is as it was"
    );
    // Pruned, triggered and paused apart, by either form of the name; the count is that of the base.
    let until = variant["records"][11]["_nango_metadata"]["cursor"].clone();
    let prune = json!({"model": "Contact", "variant": "eu", "until_cursor": until});
    assert_eq!(s.step_with(Patch, "/records/prune", &ADA, prune, (200, ""))["count"], 12);
    assert_eq!(s.step_with(Get, "/records?model=Contact", &ADA, NONE, (200, "")), before);
    s.step(Post, "/sync/trigger", syncs(json!(["contacts::eu"])), (200, ""));
    let running = |s: &mut Steps| -> Vec<String> { each(&status(s, "contacts,contacts::eu"), "status") };
    assert_eq!(running(&mut s), ["SUCCESS", "RUNNING"]);
    s.step(Post, "/sync/pause", syncs(json!([{"name": "contacts", "variant": "eu"}])), (200, ""));
    assert_eq!(running(&mut s), ["SUCCESS", "PAUSED"]);
    s.wait(3_000);
    s.step(Post, "/sync/start", syncs(json!(["contacts::eu"])), (200, ""));
    assert_eq!(running(&mut s), ["SUCCESS", "SUCCESS"]);
    assert_eq!(status(&mut s, "contacts::eu")[0]["recordCount"], json!({"Contact": 12}));
    s.step(Post, "/sync/start", syncs(json!(["contacts::us"])), (400, "no_syncs_found"));
    // It is in the view, and it is saved.
    let world: Value = serde_json::from_str(&s.emulator.world()).unwrap();
    let shown = world["syncs"].as_array().unwrap().iter().find(|sync| sync["id"] == made["id"]).unwrap();
    assert_eq!((&shown["variant"], &shown["records"]), (&json!("eu"), &json!(12)));
    let saved = Emulator::from_saved(&s.emulator.save()).unwrap();
    assert_eq!(saved.world(), s.emulator.world());
    assert_eq!(s.step(Delete, url, ada(), (200, "")), json!({"success": true}));
    assert_eq!(s.step(Delete, url, ada(), (404, "not_found")), json!({"error": {"code": "not_found"}}));
    assert_eq!(ids(&mut s, "&variant=eu"), [""; 0]);
    assert_eq!(each(&status(&mut s, "*"), "variant"), ["base", "base"]);
}

/// An import over a connection keeps its syncs with what they collected; those that start by themselves run again.
#[test]
fn an_import_keeps_the_syncs_of_a_connection() {
    let mut s = Steps::new();
    s.get("/integrations");
    s.wait(600_000);
    s.step(Post, "/sync/contacts/variant/eu", ada(), (200, ""));
    s.step(Post, "/sync/pause", syncs(json!([])), (200, ""));
    let (before, held) = (status(&mut s, "*"), ids(&mut s, ""));
    let mut import = ada();
    import["credentials"] = json!({"type": "OAUTH2", "access_token": "a"});
    s.step(Post, "/connections", import, (201, ""));
    let after = status(&mut s, "*");
    assert_eq!(each(&after, "id"), each(&before, "id"));
    assert_eq!(each(&before, "status"), ["PAUSED"; 3]);
    assert_eq!(each(&after, "status"), ["SUCCESS", "PAUSED", "PAUSED"]);
    assert_eq!((ids(&mut s, ""), held.len()), (held, 12));
}

/// Body, path, query; then the variant, the connection, their number, whether it is there, the sync.
#[test]
fn wrong_variants() {
    let mut s = Steps::new();
    let wrong = s.step(Post, "/sync/a%20b/variant/c.d?x=1", json!({"a": 1}), (400, "invalid_body"));
    assert_eq!(paths(&wrong), ["provider_config_key", "connection_id", ""]);
    let wrong = s.step(Post, "/sync/a%20b/variant/eu?x=1", ada(), (400, "invalid_uri_params"));
    assert_eq!(paths(&wrong), ["name"]);
    s.step(Post, "/sync/contacts/variant/eu?x=1", ada(), (400, "invalid_query_params"));
    for (method, says) in
        [(Post, "Variant name \"Base\" is protected."), (Delete, "Cannot delete protected variant \"Base\".")]
    {
        let refused = s.step(method, "/sync/nope/variant/Base", ada(), (400, "invalid_variant"));
        assert_eq!(refused["error"]["message"], says);
        let nobody = json!({"provider_config_key": "hubspot", "connection_id": "nope"});
        s.step(method, "/sync/contacts/variant/eu", nobody, (400, "unknown_connection"));
    }
    s.step(Post, "/sync/nope/variant/eu", ada(), (400, "unknown_sync"));
    s.step(Post, "/sync/create-contact/variant/eu", ada(), (400, "unknown_sync"));
    // A paused sync gives paused variants; the hundred and first sync is the last.
    for n in 0..99 {
        s.step(Post, &format!("/sync/deals/variant/v{n}"), ada(), (200, ""));
    }
    assert_eq!(status(&mut s, "deals::v98")[0]["status"], "PAUSED");
    let full = s.step(Post, "/sync/deals/variant/v98", ada(), (400, "resource_capped"));
    assert_eq!(full["error"]["message"], "Maximum number of syncs per connection (100) reached");
    for (scope, method) in
        [("environment:syncs:variant:delete", Post), ("environment:syncs:variant:create", Delete)]
    {
        s.key = s.emulator.add_key(&[scope]);
        s.step(method, "/sync/deals/variant/v1", ada(), (403, "forbidden"));
    }
}

/// The next run is the next one of the new rhythm; null leads back to what was deployed.
#[test]
fn a_frequency_of_its_own() {
    let mut s = Steps::new();
    let url = "/sync/update-connection-frequency";
    let body = |frequency: Value| {
        let mut body = ada();
        body["sync_name"] = json!("contacts");
        body["frequency"] = frequency;
        body
    };
    let shown = |s: &mut Steps| {
        let one = status(s, "contacts")[0].clone();
        (one["frequency"].clone(), one["nextScheduledSyncAt"].as_str().unwrap()[11..16].to_owned())
    };
    // The connection was made at 14:00 on an earlier day, which is when this world begins.
    assert_eq!(shown(&mut s), (json!("every hour"), "15:00".to_owned()));
    s.wait(600_000);
    for (given, stored, next) in [
        ("every 5 minutes", "5 minutes", "14:15"),
        ("every quarter hour", "15m", "14:15"),
        ("30s", "30s", "14:10"),
        ("every 2 hours", "2 hours", "16:00"),
    ] {
        assert_eq!(s.step(Put, url, body(json!(given)), (200, "")), json!({"frequency": stored}));
        assert_eq!(shown(&mut s), (json!(given), next.to_owned()));
    }
    // It runs then, and not at the old times.
    let finished =
        |s: &mut Steps| status(s, "contacts")[0]["finishedAt"].as_str().unwrap()[11..19].to_owned();
    let earlier = finished(&mut s);
    s.wait(3_600_000);
    assert_eq!(finished(&mut s), earlier);
    s.wait(3_600_000);
    assert_eq!(finished(&mut s), "16:00:02");
    assert_eq!(s.step(Put, url, body(NONE), (200, "")), json!({"frequency": "every hour"}));
    assert_eq!(shown(&mut s).0, "every hour");
    // Other connections keep theirs; it is saved and shown.
    s.step(Put, url, body(json!("every day")), (200, ""));
    let all = s.get("/sync/status?provider_config_key=hubspot&syncs=contacts");
    assert_eq!(each(&all["syncs"], "frequency"), ["every day", "every hour"]);
    let world: Value = serde_json::from_str(&s.emulator.world()).unwrap();
    assert!(world["syncs"].as_array().unwrap().iter().any(|sync| sync["frequency"] == "every day"));
    assert_eq!(Emulator::from_saved(&s.emulator.save()).unwrap().world(), s.emulator.world());
}

/// Query, body, connection, sync, interval.
#[test]
fn wrong_frequencies() {
    let mut s = Steps::new();
    let url = "/sync/update-connection-frequency";
    s.step(Put, &format!("{url}?a=1"), json!({}), (400, "invalid_query_params"));
    let empty = s.step(Put, url, json!({}), (400, "invalid_body"));
    assert_eq!(paths(&empty), ["sync_name", "provider_config_key", "connection_id", "frequency"]);
    let mut body = ada();
    body["sync_name"] = json!("contacts");
    for (frequency, says) in [
        ("every 29 seconds", "Sync interval is invalid"),
        ("every minute", "Sync interval is invalid"),
        ("99999999999999 days", "Failed to updated frequency"),
    ] {
        body["frequency"] = json!(frequency);
        let code = if says.starts_with("Sync") { "invalid_body" } else { "server_error" };
        assert_eq!(s.step(Put, url, body.clone(), (400, code))["error"]["message"], says, "{frequency}");
    }
    body["frequency"] = json!("every 5 fortnights");
    assert_eq!(paths(&s.step(Put, url, body.clone(), (400, "invalid_body"))), ["frequency"]);
    body["frequency"] = json!("every hour");
    for (name, value, code) in [
        ("sync_variant", "eu", "unknown_sync"),
        ("sync_name", "nope", "unknown_sync"),
        ("connection_id", "nope", "unknown_connection"),
    ] {
        body[name] = json!(value);
        let refused = s.step(Put, url, body.clone(), (400, code));
        assert_eq!(refused, json!({"error": {"code": code}}));
    }
}

/// Without what this version added, a saved world is what the one before it saved.
#[test]
fn a_world_saved_before_is_read() {
    let mut s = Steps::new();
    s.step(Post, "/sync/trigger", syncs(json!(["deals"])), (200, ""));
    s.wait(3_000);
    let counts = status(&mut s, "*");
    let mut saved: Value = serde_json::from_str(&s.emulator.save()).unwrap();
    let state = &mut saved["saved"]["data"]["state"];
    for sync in state["syncs"].as_array_mut().unwrap() {
        for name in ["variant", "frequency", "collected"] {
            assert!(sync.as_object_mut().unwrap().remove(name).is_some(), "{name}");
        }
    }
    for function in state["functions"].as_array_mut().unwrap() {
        assert!(function.as_object_mut().unwrap().remove("switched").is_some());
    }
    s.emulator = Emulator::from_saved(&saved.to_string()).unwrap();
    s.emulator.set_rate_limit(1_000);
    assert_eq!(status(&mut s, "*"), counts);
}
