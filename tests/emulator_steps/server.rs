//! Small things that a running server was seen to do, and that the recordings do not hold: each test says one of them.

use nango_toolkit::tool::Method::{Get, Patch, Post};
use serde_json::{Value, json};

use crate::{Steps, paths};
use nango_toolkit::emulator::Emulator;

const NONE: Value = Value::Null;
const ON_NONE: [(&str, &str); 2] =
    [("Connection-Id", "unauthenticated-demo"), ("Provider-Config-Key", "unauthenticated")];

fn import(key: &str, id: &str, credentials: Value) -> Value {
    json!({"provider_config_key": key, "connection_id": id, "credentials": credentials})
}

/// An import without credentials fetches none; an overwrite keeps the date of the earlier fetch.
#[test]
fn an_overwrite_keeps_the_date_of_the_earlier_fetch() {
    let mut s = Steps::new();
    let none = import("unauthenticated", "n", json!({"type": "NONE"}));
    for _ in 0..2 {
        assert_eq!(s.step(Post, "/connections", none.clone(), (201, ""))["last_fetched_at"], NONE);
    }
    s.get("/connections/n?provider_config_key=unauthenticated");
    let fetched = s.now;
    s.wait(60_000);
    let again = s.step(Post, "/connections", none, (201, ""));
    assert_eq!(again["last_fetched_at"], "2026-11-22T14:00:00.003Z", "fetched at {fetched}");
    let key = import("airtable-pat", "k", json!({"type": "API_KEY", "apiKey": "pat"}));
    let made = s.step(Post, "/connections", key.clone(), (201, ""));
    assert_eq!(made["last_fetched_at"], made["created_at"]);
    s.wait(60_000);
    let again = s.step(Post, "/connections", key, (201, ""));
    assert_eq!(again["last_fetched_at"], made["last_fetched_at"]);
    assert_ne!(again["updated_at"], made["updated_at"]);
}

/// An import stores an empty override as it is; only a change takes it for none.
#[test]
fn an_empty_webhook_url_is_stored_by_an_import_and_clears_in_a_change() {
    let mut s = Steps::new();
    let mut body = import("unauthenticated", "n", json!({"type": "NONE"}));
    body["webhook_url_override"] = json!("");
    assert_eq!(s.step(Post, "/connections", body, (201, ""))["webhook_url_override"], "");
    let url = "/connections/n?provider_config_key=unauthenticated";
    assert_eq!(s.get(url)["webhook_url_override"], "");
    s.step(Patch, url, json!({"webhook_url_override": ""}), (200, ""));
    assert_eq!(s.get(url)["webhook_url_override"], NONE);
}

/// A tag of an end user without a value costs all of that end user's own tags, and nothing else.
#[test]
fn an_end_users_own_tags_are_dropped_if_one_has_no_value() {
    for (own, kept) in [
        (json!({"plan": "pro", "team": ""}), json!({"end_user_id": "u", "given": "x"})),
        (json!({"plan": "pro"}), json!({"end_user_id": "u", "given": "x", "plan": "pro"})),
        (json!({"End_User_Id": "other"}), json!({"end_user_id": "other", "given": "x"})),
        (json!({"given": "own"}), json!({"end_user_id": "u", "given": "x"})),
        (json!({}), json!({"end_user_id": "u", "given": "x"})),
    ] {
        let mut s = Steps::new();
        let mut body = import("unauthenticated", "n", json!({"type": "NONE"}));
        body["end_user"] = json!({"id": "u", "tags": own});
        body["tags"] = json!({"given": "x"});
        let made = s.step(Post, "/connections", body, (201, ""));
        assert_eq!(made["tags"], kept, "{own}");
        assert_eq!(made["end_user"]["tags"], own);
    }
}

/// Settings that are given but empty are as if they were not given.
#[test]
fn empty_settings_are_none() {
    let mut s = Steps::new();
    for (key, provider) in [("bare-api", "private-api-generic"), ("bare", "posthog")] {
        let body = json!({"provider": provider, "unique_key": key, "integration_config": {}, "custom": {}});
        s.step(Post, "/integrations", body, (200, ""));
        let url = format!("/integrations/{key}");
        s.step(Patch, &url, json!({"integration_config": {}, "custom": {}}), (200, ""));
        assert_eq!(s.get(&url)["data"].get("credentials_label"), None);
    }
    s.step(Patch, "/integrations/inventory", json!({"integration_config": {}}), (200, ""));
    assert_eq!(s.get("/integrations/inventory")["data"]["credentials_label"]["apiKey"], "Warehouse key");
}

/// The credentials of an app with a user's authorisation have neither scopes nor a webhook secret.
#[test]
fn custom_credentials_have_no_scopes() {
    let mut s = Steps::new();
    let key = "-----BEGIN RSA PRIVATE KEY-----\nx\n-----END RSA PRIVATE KEY-----";
    let app = json!({"type": "CUSTOM", "client_id": "c", "client_secret": "s", "app_id": "1", "app_link": "l",
        "private_key": key});
    let body = json!({"provider": "github-app-oauth", "unique_key": "gao", "credentials": app});
    s.step(Post, "/integrations", body, (200, ""));
    assert_eq!(s.get("/integrations/gao?include=credentials")["data"]["credentials"], app);
}

/// The App's token is renewed on request where there is an App, and no other token is.
#[test]
fn an_apps_token_alone_is_renewed_by_the_option_for_apps() {
    for (id, key, renewed) in [("hubspot-ada", "hubspot", false), ("github-app-acme", "github-app", true)] {
        let mut s = Steps::new();
        let url = format!("/connections/{id}?provider_config_key={key}");
        let before = s.get(&url)["credentials"]["access_token"].clone();
        let after =
            s.get(&format!("{url}&refresh_github_app_jwt_token=true"))["credentials"]["access_token"].clone();
        assert!(before.is_string());
        assert_eq!(before != after, renewed, "{key}");
        assert_ne!(
            s.get(&format!("{url}&force_refresh=true"))["credentials"]["access_token"],
            after,
            "{key}"
        );
    }
}

/// The proxy: a provider without a base URL, headers that are not URLs, and the bare path.
#[test]
fn the_proxy_refuses_in_the_servers_words() {
    let mut s = Steps::new();
    let refused = s.step_with(Get, "/proxy/x", &ON_NONE, NONE, (400, "unsupported_provider"));
    assert_eq!(refused["error"]["message"], "unsupported_provider");
    let ada = [("Connection-Id", "hubspot-ada"), ("Provider-Config-Key", "hubspot")];
    for (url, code) in [
        ("nope", "invalid_headers"),
        ("example.com/path", "invalid_headers"),
        ("http://", "invalid_headers"),
        ("https://a b", "invalid_headers"),
        ("http://[::1", "invalid_headers"),
        ("http://h:99999", "invalid_headers"),
        ("//example.com", "invalid_headers"),
        (":", "invalid_headers"),
        ("ftp://192.0.2.2", "base_url_override_not_allowed"),
        ("mailto:a@example.com", "base_url_override_not_allowed"),
        ("http://10.0.0.1", "base_url_override_not_allowed"),
    ] {
        let headers = [ada[0], ada[1], ("Base-Url-Override", url)];
        let refused = s.step_with(Get, "/proxy/x", &headers, NONE, (400, code));
        if code == "invalid_headers" {
            assert_eq!(paths(&refused), ["base-url-override"], "{url}");
            assert_eq!(refused["error"]["errors"][0]["code"], "invalid_union");
        }
    }
    for url in ["https://api.example.com", "HTTP://Example.com:8080/v1?x=1", "http://[2001:db8::1]/", ""] {
        let headers = [ada[0], ada[1], ("Base-Url-Override", url)];
        s.step_with(Get, "/proxy/echo", &headers, NONE, (200, ""));
    }
}

/// `/proxy` is a call of the proxy too; the provider gets that word as its path.
#[test]
fn the_bare_path_of_the_proxy_is_a_call() {
    let mut s = Steps::new();
    let refused = s.step(Get, "/proxy", NONE, (400, "invalid_headers"));
    assert_eq!(paths(&refused), ["provider-config-key", "connection-id"]);
    let there = [
        ("Connection-Id", "hubspot-ada"),
        ("Provider-Config-Key", "hubspot"),
        ("Base-Url-Override", "https://api.example.com"),
    ];
    for (path, url) in [
        ("/proxy", "/proxy"),
        ("/proxy?a=1", "/proxy?a=1"),
        ("/proxy/", "/"),
        ("/proxy/?a=1", "/?a=1"),
        ("/proxy/proxy", "/proxy"),
    ] {
        assert_eq!(s.step_with(Get, path, &there, NONE, (200, ""))["url"], url, "{path}");
    }
    s.key = "11111111-1111-4111-8111-111111111111".into();
    s.step(Get, "/proxy", NONE, (401, "unknown_account"));
}

/// Whatever JavaScript takes for false reaches a function as an empty object.
#[test]
fn falsy_inputs_reach_a_function_as_an_empty_object() {
    let mut s = Steps::new();
    for input in [json!(0), json!(0.0), json!(false), json!(""), NONE, json!({})] {
        let body = json!({"action_name": "echo-input", "input": input});
        assert_eq!(
            s.step_with(Post, "/action/trigger", &ON_NONE, body, (200, ""))["input"],
            json!({}),
            "{input}"
        );
    }
    let absent = json!({"action_name": "echo-input"});
    assert_eq!(s.step_with(Post, "/action/trigger", &ON_NONE, absent, (200, ""))["input"], json!({}));
    for input in [json!(1), json!(true), json!("0"), json!([]), json!([0])] {
        let body = json!({"action_name": "echo-input", "input": input});
        assert_eq!(s.step_with(Post, "/action/trigger", &ON_NONE, body, (200, ""))["input"], input);
    }
}

/// A connection that an end user authorises begins with empty metadata, as an imported one does.
#[test]
fn an_authorised_connection_has_empty_metadata() {
    let mut s = Steps::new();
    let made = s.step(Post, "/connect/sessions", json!({"tags": {}}), (201, ""));
    let token = made["data"]["token"].as_str().unwrap().to_owned();
    let id = s.emulator.connect(&token, "slack", s.now).unwrap();
    assert_eq!(s.get(&format!("/connections/{id}?provider_config_key=slack"))["metadata"], json!({}));
}

/// A sync that has not run yet has no result; records are counted by connection and model, whichever sync made them.
#[test]
fn a_sync_shows_what_its_connection_holds_and_only_what_has_run() {
    let mut s = Steps::new();
    let body = import("salesforce", "new", json!({"type": "OAUTH2", "access_token": "t"}));
    s.step(Post, "/connections", body, (201, ""));
    let url = "/sync/status?provider_config_key=salesforce&connection_id=new&syncs=accounts";
    let new = s.get(url)["syncs"][0].clone();
    for absent in ["finishedAt", "latestResult"] {
        assert_eq!(new.get(absent), None, "{new}");
    }
    assert_eq!((&new["status"], &new["type"]), (&json!("RUNNING"), &json!("INITIAL")));
    assert_eq!(new["recordCount"], json!({"Account": 0}));
    s.wait(2_000);
    let done = s.get(url)["syncs"][0].clone();
    assert_eq!(
        (&done["latestExecutionStatus"], &done["recordCount"]),
        (&json!("SUCCESS"), &json!({"Account": 9}))
    );
}

/// Two syncs of one connection that fill one model, and a third of another connection.
#[test]
fn records_are_counted_by_connection_and_model() {
    let sync = |name: &str, counts: Value, fails: bool| {
        let behaviour = if fails { json!({"error": {}}) } else { json!({"models": {"Contact": counts}}) };
        json!({"integration": "none", "type": "sync", "name": name, "returns": ["Contact"], "runs": "every day",
            "behaviour": behaviour})
    };
    let on = |id: &str, age_s: u64| json!({"connection_id": id, "provider_config_key": "none", "credentials": {"type": "NONE"}, "ageSeconds": age_s});
    let world = json!({
        "integrations": [{"unique_key": "none", "provider": "unauthenticated"}],
        "functions": [sync("a", json!({"added": 3}), false), sync("b", json!({"added": 2}), false),
            sync("fails", NONE, true)],
        "connections": [on("old", 60), on("young", 0)],
    });
    let mut s = Steps::of(Emulator::with_world(1, &world.to_string()).unwrap());
    for (id, count) in [("old", 5), ("young", 0)] {
        let syncs =
            s.get(&format!("/sync/status?provider_config_key=none&connection_id={id}&syncs=*"))["syncs"]
                .clone();
        let counts: Vec<Value> =
            syncs.as_array().unwrap().iter().map(|sync| sync["recordCount"].clone()).collect();
        assert_eq!(counts, vec![json!({"Contact": count}); 3], "{id}");
    }
}

/// A sync that is started again goes on with its schedule, and runs at once only if it missed a run.
#[test]
fn a_sync_that_is_started_again_keeps_its_schedule() {
    let mut s = Steps::new();
    let url = "/sync/status?provider_config_key=hubspot&connection_id=hubspot-ada&syncs=contacts";
    let body =
        json!({"provider_config_key": "hubspot", "connection_id": "hubspot-ada", "syncs": ["contacts"]});
    // The world begins with the first request; this is between two runs.
    s.get(url);
    s.wait(600_000);
    let before = s.get(url)["syncs"][0].clone();
    assert_eq!(before["status"], "SUCCESS");
    for (pause_ms, missed) in [(1_000, false), (2 * 3_600_000, true)] {
        s.step(Post, "/sync/pause", body.clone(), (200, ""));
        let paused = s.get(url)["syncs"][0].clone();
        assert_eq!((&paused["status"], &paused["nextScheduledSyncAt"]), (&json!("PAUSED"), &NONE));
        s.wait(pause_ms);
        s.step(Post, "/sync/start", body.clone(), (200, ""));
        let started = s.get(url)["syncs"][0].clone();
        assert_eq!(started["type"], "INCREMENTAL");
        assert_eq!(started["finishedAt"] == before["finishedAt"], !missed);
        assert_eq!(started["nextScheduledSyncAt"] == before["nextScheduledSyncAt"], !missed);
        assert_eq!(started["status"], if missed { "RUNNING" } else { "SUCCESS" });
        assert_eq!(started["recordCount"], before["recordCount"]);
    }
}

/// A record of the server refuses a property that hides the constructor of its object.
#[test]
fn a_property_named_constructor_is_refused() {
    let mut s = Steps::new();
    let mut body = import("unauthenticated", "n", json!({"type": "NONE"}));
    body["metadata"] = json!({"constructor": 1});
    body["tags"] = json!({"constructor": "x"});
    let refused = s.step(Post, "/connections", body, (400, "invalid_body"));
    assert_eq!(paths(&refused), ["metadata", "tags"]);
    for issue in refused["error"]["errors"].as_array().unwrap() {
        assert_eq!(issue["code"], "invalid_type");
        assert_eq!(issue["message"], "Invalid input: expected record, received object");
    }
    let on = json!({"connection_id": "hubspot-ada", "provider_config_key": "hubspot", "metadata": {"constructor": {}}});
    for method in [Post, Patch] {
        assert_eq!(
            paths(&s.step(method, "/connections/metadata", on.clone(), (400, "invalid_body"))),
            ["metadata"]
        );
    }
    let deep = json!({"connection_id": "hubspot-ada", "provider_config_key": "hubspot", "metadata": {"a": {"constructor": 1}}});
    s.step(Post, "/connections/metadata", deep, (201, ""));
    let session = json!({"tags": {"constructor": "x"}});
    assert_eq!(paths(&s.step(Post, "/connect/sessions", session, (400, "invalid_body"))), ["tags"]);
}

/// What a change of an integration answers has no label, which reading it has.
#[test]
fn a_changed_integration_is_answered_without_its_label() {
    let mut s = Steps::new();
    let changed = s.step(Patch, "/integrations/inventory", json!({"display_name": "Stock"}), (200, ""));
    assert_eq!(
        (&changed["data"]["display_name"], changed["data"].get("credentials_label")),
        (&json!("Stock"), None)
    );
    assert_eq!(s.get("/integrations/inventory")["data"]["credentials_label"]["apiKey"], "Warehouse key");
}

/// Token-based authentication keeps the integration's app beside the account, also where the import brings its own.
#[test]
fn token_based_authentication_keeps_the_integrations_app() {
    let mut s = Steps::new();
    let own = json!({"client_id": "own-id", "client_secret": "own-secret"});
    for credentials in [
        json!({"type": "TBA", "token_id": "a", "token_secret": "b", "config_override": own}),
        json!({"type": "TBA", "token_id": "a", "token_secret": "b"}),
    ] {
        let mut body = import("netsuite-tba", "ns", credentials);
        body["connection_config"] = json!({"accountId": "123", "oauth_client_id": "mine"});
        let made = s.step(Post, "/connections", body, (201, ""));
        let config = json!({"accountId": "123", "oauth_client_id": "emulated-client-id-netsuite",
            "oauth_client_secret": "emulated-client-secret-netsuite"});
        assert_eq!(made["connection_config"], config);
    }
    let bare = json!({"provider": "netsuite-tba", "unique_key": "bare"});
    s.step(Post, "/integrations", bare, (200, ""));
    let mut body = import("bare", "ns", json!({"type": "TBA", "token_id": "a", "token_secret": "b"}));
    body["connection_config"] = json!({"accountId": "123"});
    let config = json!({"accountId": "123", "oauth_client_id": null, "oauth_client_secret": null});
    assert_eq!(s.step(Post, "/connections", body, (201, ""))["connection_config"], config);
}
