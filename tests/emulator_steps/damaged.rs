//! Saved documents with environments, keys, sessions, jobs and webhooks in them: a damaged one is refused or works, and
//! never ends the program.

use nango_toolkit::emulator::Emulator;
use nango_toolkit::http::Request;
use nango_toolkit::tool::Method::{self, Delete, Get, Post};
use serde_json::{Value, json};

use crate::Steps;

const CODE: &str = "export default {}";

fn send(emulator: &mut Emulator, now: u64, key: &str, method: Method, url: &str, body: &Value) -> Value {
    let headers = vec![
        ("Authorization".to_owned(), format!("Bearer {key}")),
        ("Content-Type".to_owned(), "application/json".to_owned()),
    ];
    let body = (method == Post).then(|| body.to_string());
    let reply = emulator.handle(&Request { method, url: url.to_owned(), headers, body }, now);
    serde_json::from_str(&reply.response.body).unwrap_or_default()
}

/// The document of an emulator that has everything of the account, once.
fn document() -> Value {
    let world = json!({
        "integrations": [{"unique_key": "none", "provider": "unauthenticated"}],
        "functions": [{"integration": "none", "type": "action", "name": "act"}],
        "webhookUrl": "https://example.com/hook",
        "sharedApps": ["github"],
    });
    let mut s = Steps::of(Emulator::with_world(1, &world.to_string()).unwrap());
    let own = s.key.clone();
    let import = json!({"provider_config_key": "none", "connection_id": "c", "credentials": {"type": "NONE"},
        "tags": {"a": "b"}});
    let sync = json!({"type": "function", "integration_id": "none", "function_name": "f", "function_type": "sync",
        "code": CODE});
    let dryrun =
        json!({"integration_id": "none", "connection_id": "c", "function_type": "action", "code": CODE});
    let session = json!({"tenant": {"connections": {"any": [{"tags": {"a": "b"}}]}}});
    for (url, body, status) in [
        ("/connections", import.clone(), 201),
        ("/functions/deployments", sync, 202),
        ("/functions/dryruns", dryrun, 202),
        ("/sessions", session, 201),
        ("/environment/webhook-signing-key/rotate", json!({}), 200),
    ] {
        s.step(Post, url, body, (status, ""));
    }
    s.key = s.emulator.add_key(&["account:*"]);
    s.step(Post, "/environments", json!({"name": "second"}), (200, ""));
    let made = json!({"environment_id": 2, "display_name": "k"});
    s.key =
        s.step(Post, "/environment/api-keys", made, (200, ""))["data"]["secret"].as_str().unwrap().to_owned();
    let none = json!({"provider": "unauthenticated", "unique_key": "none"});
    s.step(Post, "/integrations", none, (200, ""));
    s.step(Post, "/connections", import, (201, ""));
    s.key = own;
    serde_json::from_str(&s.emulator.save()).unwrap()
}

fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => map.iter().for_each(|(name, v)| places(v, &format!("{at}/{name}"), found)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(i, v)| places(v, &format!("{at}/{i}"), found));
        }
        _ => {}
    }
    found.push(at.to_owned());
}

#[test]
fn a_damaged_document_is_refused_or_works() {
    let document = document();
    let mut found = Vec::new();
    for part in
        ["account", "environments", "agentSessions", "functionJobs", "webhooks", "signingKey", "webhookUrl"]
    {
        let at = format!("/saved/data/state/{part}");
        places(document.pointer(&at).unwrap(), &at, &mut found);
    }
    assert!(found.len() > 150, "{} places", found.len());
    let values = [
        Value::Null,
        json!(i64::MIN),
        json!(u64::MAX),
        json!(8_640_000_000_000_000_i64),
        json!(""),
        json!([]),
        json!({"a": 1}),
    ];
    let (mut refused, mut used) = (0, 0);
    for (place, value) in found.iter().flat_map(|place| values.iter().map(move |value| (place, value))) {
        let mut changed = document.clone();
        *changed.pointer_mut(place).unwrap() = value.clone();
        let mut emulator = match Emulator::from_saved(&changed.to_string()) {
            Ok(emulator) => emulator,
            Err(error) => {
                assert!(error.message.contains("`save()` returned"), "{place}: {}", error.message);
                refused += 1;
                continue;
            }
        };
        used += 1;
        let (own, account) = (emulator.api_key().to_owned(), emulator.add_key(&["account:*"]));
        for now in [1_795_356_100_000, u64::MAX] {
            let listed = send(&mut emulator, now, &account, Get, "/environments", &Value::Null);
            for one in listed["data"].as_array().into_iter().flatten() {
                let url = format!("/environments/{}/api-keys", one["uuid"].as_str().unwrap());
                let made =
                    send(&mut emulator, now, &account, Post, &url, &json!({"display_name": now.to_string()}));
                let key = made["data"]["secret"].as_str().unwrap_or_default().to_owned();
                send(&mut emulator, now, &key, Get, "/connections", &Value::Null);
                send(&mut emulator, now, &account, Get, &url, &Value::Null);
            }
            send(&mut emulator, now, &account, Post, "/environments", &json!({"name": now.to_string()}));
            send(
                &mut emulator,
                now,
                &own,
                Get,
                "/sync/status?provider_config_key=none&syncs=*",
                &Value::Null,
            );
            let dryrun = json!({"integration_id": "none", "connection_id": "c", "function_type": "sync", "code": CODE});
            send(&mut emulator, now, &own, Post, "/functions/dryruns", &dryrun);
            emulator.take_webhooks(now);
            let (_, saved) = (emulator.world(), emulator.save());
            assert!(Emulator::from_saved(&saved).is_ok(), "{place} {value}: what was saved is refused");
        }
        send(&mut emulator, 0, &account, Delete, "/environments/1", &Value::Null);
    }
    println!("{refused} refused, {used} used");
    assert!(refused > 300 && used > 100);
}
