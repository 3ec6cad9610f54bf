//! Webhooks: what happened is reported in the form, and with the signatures, of deliveries that were recorded with their key
//! (webhook-deliveries.json, webhooks-out.json).

use nango_toolkit::emulator::{Emulator, EmulatorWebhook};
use nango_toolkit::tool::Method::{Delete, Post};
use serde_json::{Value, json};

use crate::Steps;

const NONE: Value = Value::Null;

fn recorded() -> Value {
    serde_json::from_str(include_str!("../recordings/webhook-deliveries.json")).unwrap()
}

/// An emulator with changed data.
fn changed(emulator: &mut Emulator, now: u64, change: impl FnOnce(&mut Value)) -> Steps {
    emulator.take_webhooks(now);
    let mut saved: Value = serde_json::from_str(&emulator.save()).unwrap();
    change(&mut saved["saved"]["data"]["state"]);
    let mut s = Steps::of(Emulator::from_saved(&saved.to_string()).unwrap());
    s.now = now;
    s
}

fn header<'a>(webhook: &'a EmulatorWebhook, name: &str) -> &'a str {
    webhook.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str()).unwrap()
}

#[track_caller]
fn same(webhook: &EmulatorWebhook, recorded: &Value) {
    assert_eq!(webhook.body, recorded["body"].as_str().unwrap());
    for name in ["x-nango-signature", "x-nango-hmac-sha256", "content-type"] {
        assert_eq!(header(webhook, name), recorded["headers"][name], "{name} of {}", webhook.body);
    }
}

fn bodies(webhooks: &[EmulatorWebhook]) -> Vec<Value> {
    webhooks.iter().map(|webhook| serde_json::from_str(&webhook.body).unwrap()).collect()
}

/// Bodies in any order of their properties are sent as they were recorded, with the same signatures.
#[test]
fn recorded_bodies_are_written_and_signed_as_they_were() {
    let recorded = recorded();
    let own = |one: &&Value| {
        let body: Value = serde_json::from_str(one["body"].as_str().unwrap()).unwrap();
        // What a provider sent keeps its numbers, and the order that JavaScript gives to its properties.
        body["type"].is_string() && body["type"] != "Buffer" || body["a"] == "1"
    };
    let own: Vec<&Value> = recorded["deliveries"].as_array().unwrap().iter().filter(own).collect();
    assert_eq!(own.len(), 14);
    let mut s = changed(&mut Emulator::new(1), 1_000, |state| {
        state["signingKey"] = recorded["signing_key"].clone();
        let reversed = |body: Value| -> Value {
            body.as_object()
                .unwrap()
                .iter()
                .rev()
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect()
        };
        let pending = own.iter().map(|one| {
            let body = reversed(serde_json::from_str(one["body"].as_str().unwrap()).unwrap());
            json!({"due": 2_000, "url": null, "body": body})
        });
        state["webhooks"]["pending"] = pending.collect();
    });
    assert_eq!(json!(s.emulator.webhook_signing_key()), recorded["signing_key"]);
    assert!(s.emulator.take_webhooks(1_999).is_empty());
    let sent = s.emulator.take_webhooks(2_000);
    assert_eq!(sent.len(), own.len());
    sent.iter().zip(own).for_each(|(webhook, recorded)| same(webhook, recorded));
}

/// Imports tell the same, to the last byte, as those of the recorded server did.
#[test]
fn imports_are_told_as_recorded() {
    let recorded = recorded();
    let world = json!({"integrations": [{"unique_key": "h1-none", "provider": "unauthenticated"},
        {"unique_key": "h1-hubspot", "provider": "hubspot"}]});
    let mut fresh = Emulator::with_world(1, &world.to_string()).unwrap();
    let mut s = changed(&mut fresh, 1_000, |state| state["signingKey"] = recorded["signing_key"].clone());
    let import = |key: &str, id: &str, tags: Value, credentials: Value| {
        json!({"provider_config_key": key,
        "connection_id": id, "tags": tags, "credentials": credentials})
    };
    for (body, name) in [
        (
            import("h1-none", "h12-a", json!({"end_user_id": "ada"}), json!({"type": "NONE"})),
            "auth creation success, NONE, h1-none (by import)",
        ),
        (
            import("h1-none", "h12-a", json!({}), json!({"type": "NONE"})),
            "auth override success, NONE, h1-none (by import)",
        ),
        (
            import(
                "h1-hubspot",
                "h12-exp",
                json!({}),
                json!({"type": "OAUTH2", "access_token": "t",
                "refresh_token": "r", "expires_at": "2020-01-01T00:00:00Z"}),
            ),
            "auth creation success, OAUTH2, h1-hubspot (by import, expired OAUTH2)",
        ),
    ] {
        s.step(Post, "/connections", body, (201, ""));
        let sent = s.emulator.take_webhooks(s.now);
        assert_eq!(sent.len(), 1, "{name}");
        let delivery = recorded["deliveries"].as_array().unwrap().iter().find(|one| one["name"] == name);
        same(&sent[0], delivery.unwrap());
    }
    assert!(s.emulator.take_webhooks(s.now + 1_000).is_empty());
}

/// A connection of a connect session names its end user; one that is authorised again is an override.
#[test]
fn connect_sessions_name_their_end_user() {
    let mut s = Steps::new();
    s.emulator.take_webhooks(s.now);
    let body = json!({"end_user": {"id": "user-1", "email": "ada@example.com", "display_name": "Ada",
        "tags": {"plan": "pro"}}, "organization": {"id": "org-1", "display_name": "Org"}});
    let token = s.step(Post, "/connect/sessions", body, (201, ""))["data"]["token"].clone();
    let id = s.emulator.connect(token.as_str().unwrap(), "slack", s.now).unwrap();
    let sent = bodies(&s.emulator.take_webhooks(s.now));
    let tags = json!({"end_user_id": "user-1", "end_user_email": "ada@example.com", "end_user_display_name": "Ada",
        "organization_id": "org-1", "organization_display_name": "Org", "plan": "pro"});
    let user = json!({"endUserId": "user-1", "endUserEmail": "ada@example.com", "organizationId": "org-1",
        "tags": {"plan": "pro"}});
    assert_eq!(
        sent,
        [json!({"type": "auth", "from": "nango", "operation": "creation", "success": true,
        "environment": "dev", "authMode": "OAUTH2", "provider": "slack", "providerConfigKey": "slack",
        "connectionId": id, "tags": tags, "endUser": user})]
    );
    let body = json!({"connection_id": id, "integration_id": "slack"});
    let token = s.step(Post, "/connect/sessions/reconnect", body, (201, ""))["data"]["token"].clone();
    s.emulator.connect(token.as_str().unwrap(), "slack", s.now).unwrap();
    let again = bodies(&s.emulator.take_webhooks(s.now));
    assert_eq!((&again[0]["operation"], again[0].get("endUser")), (&json!("override"), None));
}

/// One webhook for each model of a run that has ended, and one for an action that was queued.
#[test]
fn syncs_and_queued_actions_tell_when_they_are_done() {
    let sync = |name: &str, behaviour: Value| {
        json!({"integration": "none", "type": "sync", "name": name, "returns": ["Contact"],
        "runs": "every hour", "sync_type": "incremental", "behaviour": behaviour})
    };
    let world = json!({
        "integrations": [{"unique_key": "none", "provider": "unauthenticated"}],
        "functions": [sync("contacts", json!({"models": {"Contact": {"added": 5, "updated": 1, "deleted": 2}}})),
            sync("fails", json!({"error": {"message": "boom"}})),
            {"integration": "none", "type": "action", "name": "act", "behaviour": {"result": 1}}],
        "webhookUrl": "https://example.com/hook",
    });
    let mut s = Steps::of(Emulator::with_world(1, &world.to_string()).unwrap());
    for (id, url) in [("a", ""), ("b", "https://example.com/own")] {
        let body = json!({"provider_config_key": "none", "connection_id": id, "credentials": {"type": "NONE"},
            "webhook_url_override": url});
        s.step(Post, "/connections", body, (201, ""));
    }
    let made = s.emulator.take_webhooks(s.now);
    let urls: Vec<&str> = made.iter().map(|webhook| webhook.url.as_deref().unwrap()).collect();
    assert_eq!(urls, ["https://example.com/hook", "https://example.com/own"]);
    s.step(Delete, "/connections/b?provider_config_key=none", NONE, (200, ""));
    s.wait(1_999);
    let begun = "2026-11-22T14:00:00.001Z";
    assert_eq!(s.now, 1_795_356_002_002);
    let first = bodies(&s.emulator.take_webhooks(s.now));
    assert_eq!(
        first[0],
        json!({"connectionId": "a", "from": "nango", "model": "Contact", "modifiedAfter": begun,
        "providerConfigKey": "none", "queryTimeStamp": begun,
        "responseResults": {"added": 5, "deleted": 0, "updated": 0}, "success": true, "syncName": "contacts",
        "syncType": "INITIAL", "syncVariant": "base", "type": "sync"})
    );
    assert_eq!(
        first[1],
        json!({"connectionId": "a", "from": "nango", "model": "Contact", "providerConfigKey": "none",
        "startedAt": begun, "failedAt": "2026-11-22T14:00:02.001Z", "success": false, "syncName": "fails",
        "error": {"type": "script_error", "description": "An internal error occurred during the script execution",
            "payload": {"message": "boom"}}, "syncType": "INITIAL", "syncVariant": "base", "type": "sync"})
    );
    assert_eq!(first.len(), 2);
    // Of several runs the last one is reported.
    s.wait(3 * 3_600_000);
    let later = bodies(&s.emulator.take_webhooks(s.now));
    assert_eq!((later.len(), &later[0]["syncType"]), (2, &json!("INCREMENTAL")));
    assert_eq!(later[0]["responseResults"], json!({"added": 0, "deleted": 0, "updated": 1}));
    assert_eq!(later[0]["modifiedAfter"], "2026-11-22T17:00:00.001Z");
    // While a run is in progress, the one before it.
    s.wait(2 * 3_600_000 - 1_000);
    let running = bodies(&s.emulator.take_webhooks(s.now));
    assert_eq!((running.len(), &running[0]["modifiedAfter"]), (2, &json!("2026-11-22T18:00:00.001Z")));
    s.wait(1_000);
    assert_eq!(bodies(&s.emulator.take_webhooks(s.now))[0]["modifiedAfter"], "2026-11-22T19:00:00.001Z");
    let on = [("Connection-Id", "a"), ("Provider-Config-Key", "none"), ("X-Async", "true")];
    let queued = s.step_with(Post, "/action/trigger", &on, json!({"action_name": "act"}), (202, ""));
    assert!(s.emulator.take_webhooks(s.now).is_empty());
    // What waits is saved.
    s = Steps { now: s.now, ..Steps::of(Emulator::from_saved(&s.emulator.save()).unwrap()) };
    s.wait(2_000);
    let done = s.emulator.take_webhooks(s.now);
    assert_eq!(done[0].url.as_deref(), Some("https://example.com/hook"));
    assert_eq!(
        bodies(&done),
        [json!({"connectionId": "a", "from": "nango", "providerConfigKey": "none",
        "type": "async_action", "payload": {"id": queued["id"], "statusUrl": queued["statusUrl"]}})]
    );
}

/// A new key signs at once, each environment has its own, and a thousand webhooks are kept at most.
#[test]
fn keys_are_those_of_the_environment_and_the_last_thousand_are_kept() {
    let mut s = Steps::new();
    let first = s.emulator.webhook_signing_key();
    s.emulator.take_webhooks(s.now);
    let import = |id: usize| {
        json!({"provider_config_key": "unauthenticated", "connection_id": id.to_string(),
        "credentials": {"type": "NONE"}})
    };
    s.step(Post, "/connections", import(1), (201, ""));
    let before = s.emulator.take_webhooks(s.now);
    s.step(Post, "/environment/webhook-signing-key/rotate", NONE, (200, ""));
    assert_ne!(s.emulator.webhook_signing_key(), first);
    s.step(Delete, "/connections/1?provider_config_key=unauthenticated", NONE, (200, ""));
    s.step(Post, "/connections", import(1), (201, ""));
    let after = s.emulator.take_webhooks(s.now);
    assert_eq!((before[0].body.clone(), before[0].url.clone()), (after[0].body.clone(), None));
    assert_ne!(header(&before[0], "x-nango-hmac-sha256"), header(&after[0], "x-nango-hmac-sha256"));
    // Another environment of the account.
    let key = std::mem::replace(&mut s.key, s.emulator.add_key(&["account:*"]));
    let made = s.step(Post, "/environments", json!({"name": "second"}), (200, ""))["data"].clone();
    let url = format!("/environments/{}/api-keys", made["uuid"].as_str().unwrap());
    let second = s.step(Post, &url, json!({"display_name": "k"}), (200, ""))["data"]["secret"].clone();
    s.key = second.as_str().unwrap().to_owned();
    let none = json!({"provider": "unauthenticated", "unique_key": "unauthenticated"});
    s.step(Post, "/integrations", none, (200, ""));
    s.step(Post, "/connections", import(1), (201, ""));
    let other = s.emulator.take_webhooks(s.now);
    assert_eq!(bodies(&other)[0]["environment"], "second");
    s.key = key;
    for id in 0..1_003 {
        s.step(Post, "/connections", import(id + 10), (201, ""));
    }
    let kept = bodies(&s.emulator.take_webhooks(s.now));
    assert_eq!((kept.len(), &kept[0]["connectionId"]), (1_000, &json!("13")));
}
