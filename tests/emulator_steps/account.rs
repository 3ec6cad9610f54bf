//! The account: environments and their keys, each refused where the other belongs, and integrations of Nango's own apps.
//! Recordings: account.json, integrations-quickstart.json; the rest are the server's own tests and types (0.71.10).

use nango_toolkit::emulator::Emulator;
use nango_toolkit::tool::Method::{Delete, Get, Post};
use serde_json::{Value, json};

use crate::{Steps, each, paths};

const NONE: Value = Value::Null;

fn account() -> Steps {
    let mut s = Steps::new();
    s.key = s.emulator.add_key(&["account:*"]);
    s
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is a string")).to_owned()
}

/// The UUID of the environment that the world is in.
fn dev(s: &mut Steps) -> String {
    let all = s.get("/environments?name=dev");
    assert_eq!(all["data"].as_array().unwrap().len(), 1, "{all}");
    text(&all["data"][0]["uuid"])
}

#[test]
fn a_key_of_an_environment_is_refused_by_the_account_and_the_other_way_round() {
    let mut s = Steps::new();
    let environment = "11111111-1111-4111-8111-111111111111";
    for (method, url, scope) in [
        (Get, "/environments".to_owned(), "account:environments:list"),
        (Post, "/environments".to_owned(), "account:environments:create"),
        (Delete, format!("/environments/{environment}"), "account:environments:delete"),
        (Get, format!("/environments/{environment}/api-keys"), "account:environments:api_keys:list"),
        (Post, format!("/environments/{environment}/api-keys"), "account:environments:api_keys:create"),
        (
            Get,
            format!("/environments/{environment}/api-keys/{environment}"),
            "account:environments:api_keys:read",
        ),
        (
            Delete,
            format!("/environments/{environment}/api-keys/{environment}"),
            "account:environments:api_keys:delete",
        ),
        (Post, "/environment/api-keys".to_owned(), "account:environments:api_keys:create"),
        (Delete, "/environment/api-keys".to_owned(), "account:environments:api_keys:delete"),
    ] {
        let refused = s.step(method, &url, NONE, (403, "forbidden"));
        assert_eq!(refused["error"]["message"], format!("Insufficient scope. Required: {scope}"), "{url}");
    }
    s.key = s.emulator.add_key(&["account:*"]);
    // As recorded: account.json, scopes.json.
    let refused = s.step(Get, "/connections", NONE, (403, "forbidden"));
    assert_eq!(
        refused["error"]["message"],
        "Insufficient scope. Required one of: environment:connections:list or \
         environment:connections:list_credentials"
    );
    let refused = s.step(Get, "/providers/github", NONE, (403, "forbidden"));
    assert_eq!(refused["error"]["message"], "API key is not authorized for an environment");
    let refused = s.step(Post, "/environment/webhook-signing-key/rotate", NONE, (403, "forbidden"));
    assert_eq!(
        refused["error"]["message"],
        "Insufficient scope. Required: environment:webhook_signing_key:rotate"
    );
}

#[test]
fn an_environment_lives_from_its_creation_to_its_deletion() {
    let mut s = account();
    let uuid = dev(&mut s);
    assert_eq!(
        s.get("/environments")["data"],
        json!([{"id": 1, "uuid": uuid, "name": "dev", "is_production": false}])
    );
    let settings = json!({"name": "alpha", "is_production": false, "callback_url": "https://example.com/cb",
        "hmac_key": "", "hmac_enabled": false, "slack_notifications": true, "otlp_endpoint": "",
        "otlp_headers": [{"name": "a", "value": "b"}]});
    let made = s.step(Post, "/environments", settings, (200, ""))["data"].clone();
    assert_eq!((&made["id"], &made["name"]), (&json!(2), &json!("alpha")));
    s.step(Post, "/environments", json!({"name": "alpha"}), (409, "conflict"));
    s.step(Post, "/environments", json!({"name": "dev"}), (409, "conflict"));
    assert_eq!(each(&s.get("/environments")["data"], "name"), ["alpha", "dev"]);
    assert_eq!(s.get("/environments?name=beta")["data"], json!([]));
    let url = format!("/environments/{}", text(&made["uuid"]));
    let gone = s.send(Delete, &url, &[], None).response;
    assert_eq!((gone.status, gone.body.as_str()), (204, ""));
    s.step(Delete, &url, NONE, (404, "not_found"));
    assert_eq!(each(&s.get("/environments")["data"], "name"), ["dev"]);
}

#[test]
fn bodies_queries_and_paths_of_the_account_are_checked() {
    let mut s = account();
    let wrong = json!({"name": "a b", "is_production": 1, "callback_url": "x", "hmac_key": "k".repeat(1001),
        "otlp_endpoint": "nope", "otlp_headers": [{"name": "", "value": "v"}], "color": 1});
    let refused = s.step(Post, "/environments", wrong, (400, "invalid_body"));
    assert_eq!(
        paths(&refused),
        ["name", "is_production", "callback_url", "hmac_key", "otlp_endpoint", "otlp_headers.0.name", ""]
    );
    let codes = each(&refused["error"]["errors"], "code");
    assert_eq!(codes[4..], ["invalid_union", "too_small", "unrecognized_keys"]);
    s.step(Post, "/environments?x=1", json!({"name": "a"}), (400, "invalid_query_params"));
    s.step(Get, "/environments?name=", NONE, (400, "invalid_query_params"));
    s.step(Get, "/environments?color=red", NONE, (400, "invalid_query_params"));
    for (method, url) in [
        (Delete, "/environments/nope"),
        (Get, "/environments/2/api-keys"),
        (Get, "/environments/11111111-1111-4111-8111-111111111111/api-keys/2"),
        (Delete, "/environments/nope/api-keys/2"),
    ] {
        s.step(method, url, NONE, (400, "invalid_uri_params"));
    }
    let numbers = json!({"environment_id": 0, "key_id": 1.5});
    let refused = s.step(Delete, "/environment/api-keys", numbers, (400, "invalid_body"));
    assert_eq!(each(&refused["error"]["errors"], "code"), ["too_small", "invalid_type"]);
    assert_eq!(refused["error"]["errors"][0]["message"], "Too small: expected number to be >0");
    // The name of a key comes before the environment, which comes before the name's being taken.
    let unknown = "/environments/11111111-1111-4111-8111-111111111111/api-keys";
    s.step(Post, unknown, json!({"display_name": ""}), (400, "invalid_body"));
    s.step(Post, unknown, json!({"display_name": "a"}), (404, "not_found"));
}

#[test]
fn production_needs_a_scope_of_its_own_and_stays() {
    let mut s = Steps::new();
    s.key = s.emulator.add_key(&["account:environments:create", "account:environments:delete"]);
    for body in [json!({"name": "prod"}), json!({"name": "live", "is_production": true})] {
        let refused = s.step(Post, "/environments", body, (403, "forbidden"));
        assert_eq!(
            refused["error"]["message"],
            "Insufficient scope. Required: account:environments:set_production"
        );
    }
    let body = json!({"name": "prod", "is_production": false});
    s.step(Post, "/environments", body, (400, "invalid_is_prod_flag"));
    s.key = s.emulator.add_key(&["account:*"]);
    let prod = s.step(Post, "/environments", json!({"name": "prod"}), (200, ""))["data"]["uuid"].clone();
    assert_eq!(s.get("/environments?name=prod")["data"][0]["is_production"], true);
    s.step(Delete, &format!("/environments/{}", text(&prod)), NONE, (400, "cannot_delete_prod_environment"));
}

#[test]
fn a_made_key_works_until_it_is_deleted() {
    let mut s = account();
    let url = format!("/environments/{}/api-keys", dev(&mut s));
    assert_eq!(each(&s.get(&url)["data"], "display_name"), ["default"]);
    let made = s.step(Post, &url, json!({"display_name": "agent"}), (200, ""))["data"].clone();
    assert_eq!(made["scopes"], json!(["environment:*"]));
    assert_eq!(made.get("last_used_at"), None);
    s.step(Post, &url, json!({"display_name": "agent"}), (409, "conflict"));
    let one = format!("{url}/{}", text(&made["uuid"]));
    assert_eq!(s.get(&one)["data"]["last_used_at"], NONE);
    let account = std::mem::replace(&mut s.key, text(&made["secret"]));
    // It is a key of the environment with the data of the world.
    assert_eq!(s.get("/integrations/slack")["data"]["provider"], "slack");
    s.step(Get, "/environments", NONE, (403, "forbidden"));
    s.key = account.clone();
    let shown = s.get(&one)["data"].clone();
    assert_eq!(
        (&shown["secret"], &shown["last_used_at"]),
        (&made["secret"], &json!("2026-11-22T14:00:00.007Z"))
    );
    let listed = s.get(&format!("{url}?display_name=agent"))["data"].clone();
    assert_eq!((listed.as_array().unwrap().len(), listed[0].get("secret")), (1, None));
    let made_uuid = made["uuid"].clone();
    assert_eq!(listed[0]["uuid"], made_uuid);
    assert_eq!(s.step(Delete, &one, NONE, (200, "")), json!({"success": true}));
    s.step(Get, &one, NONE, (404, "not_found"));
    s.step(Delete, &one, NONE, (404, "not_found"));
    s.key = text(&made["secret"]);
    s.step(Get, "/integrations/slack", NONE, (401, "unknown_account"));
}

#[test]
fn the_emulators_own_key_can_be_deleted_and_comes_back_with_the_data() {
    let mut s = account();
    let own = s.emulator.api_key().to_owned();
    let url = format!("/environments/{}/api-keys", dev(&mut s));
    let uuid = text(&s.get(&url)["data"][0]["uuid"]);
    assert_eq!(s.get(&format!("{url}/{uuid}"))["data"]["secret"], json!(own));
    s.step(Delete, &format!("{url}/{uuid}"), NONE, (200, ""));
    assert_eq!(s.get(&url)["data"], json!([]));
    let account = std::mem::replace(&mut s.key, own);
    s.step(Get, "/connections", NONE, (401, "unknown_account"));
    // What is saved remembers it, a reset does not.
    let mut restored = Steps::of(Emulator::from_saved(&s.emulator.save()).unwrap());
    restored.step(Get, "/connections", NONE, (401, "unknown_account"));
    s.emulator.reset();
    s.get("/connections");
    s.key = account;
    assert_eq!(each(&s.get(&url)["data"], "display_name"), ["default"]);
}

#[test]
fn an_environment_has_fifty_keys_at_most() {
    let mut s = account();
    let url = format!("/environments/{}/api-keys", dev(&mut s));
    for i in 1..50 {
        s.step(Post, &url, json!({"display_name": format!("key {i}")}), (200, ""));
    }
    s.step(Post, &url, json!({"display_name": "one more"}), (400, "resource_capped"));
    s.step(Post, &url, json!({"display_name": "key 1"}), (409, "conflict"));
}

#[test]
fn another_environment_is_empty_and_apart() {
    let mut s = account();
    let made = s.step(Post, "/environments", json!({"name": "second"}), (200, ""))["data"].clone();
    let keys = format!("/environments/{}/api-keys", text(&made["uuid"]));
    let key = text(&s.step(Post, &keys, json!({"display_name": "k"}), (200, ""))["data"]["secret"]);
    let account = std::mem::replace(&mut s.key, key.clone());
    assert_eq!(s.get("/connections"), json!({"connections": []}));
    assert_eq!(s.get("/environment-variables"), json!([]));
    let body = json!({"provider": "hubspot", "unique_key": "crm",
        "credentials": {"type": "OAUTH2", "client_id": "i", "client_secret": "s"}});
    s.step(Post, "/integrations", body, (200, ""));
    let session = json!({"end_user": {"id": "u"}, "allowed_integrations": ["crm"]});
    let token = text(&s.step(Post, "/connect/sessions", session, (201, ""))["data"]["token"]);
    let id = s.emulator.connect(&token, "crm", s.now).unwrap();
    assert_eq!(each(&s.get("/connections")["connections"], "connection_id"), std::slice::from_ref(&id));
    // The providers are outside of every environment.
    let on = [("Connection-Id", id.as_str()), ("Provider-Config-Key", "crm")];
    let people = s.step_with(Get, "/proxy/crm/v3/objects/contacts", &on, NONE, (200, ""));
    assert!(people["results"].is_array(), "{people}");
    s.key = token.clone();
    assert_eq!(each(&s.get("/integrations")["data"], "unique_key"), ["crm"]);
    // The emulated environment sees none of it.
    s.key = s.emulator.api_key().to_owned();
    s.step(Get, "/integrations/crm", NONE, (404, "not_found"));
    assert_eq!(s.get("/connections")["connections"].as_array().unwrap().len(), 22);
    // It is saved, and shown without secrets.
    let mut restored = Steps::of(Emulator::from_saved(&s.emulator.save()).unwrap());
    restored.key = key.clone();
    assert_eq!(each(&restored.get("/integrations")["data"], "unique_key"), ["crm"]);
    let shown = s.emulator.world();
    let world: Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(each(&world["environments"], "name"), ["dev", "second"]);
    assert_eq!(world["environments"][1]["data"]["integrations"][0]["unique_key"], "crm");
    assert_eq!(world["environments"][1]["api_keys"][0]["secret"], "[masked]");
    assert!(!shown.contains(&key) && !shown.contains(&token));
    // With the environment go its data and its keys.
    s.key = account;
    s.step(Delete, &format!("/environments/{}", made["id"]), NONE, (204, ""));
    for gone in [key, token] {
        s.key = gone;
        assert_eq!(s.send(Get, "/integrations", &[], None).response.status, 401);
    }
}

#[test]
fn the_emulated_environment_can_be_deleted_too() {
    let mut s = account();
    let url = format!("/environments/{}", dev(&mut s));
    let made = s.step(Post, &format!("{url}/api-keys"), json!({"display_name": "k"}), (200, ""));
    s.step(Delete, &url, NONE, (204, ""));
    assert_eq!(s.get("/environments"), json!({"data": []}));
    s.step(Get, &format!("{url}/api-keys"), NONE, (404, "not_found"));
    let world: Value = serde_json::from_str(&s.emulator.world()).unwrap();
    assert_eq!((&world["connections"], world.get("environments")), (&json!([]), None));
    for key in [s.emulator.api_key().to_owned(), text(&made["data"]["secret"])] {
        s.key = key;
        s.step(Get, "/connections", NONE, (401, "unknown_account"));
    }
}

#[test]
fn the_names_before_0_71_10_take_numbers() {
    let mut s = account();
    let body = json!({"environment_id": "1", "display_name": "old"});
    let made = s.step(Post, "/environment/api-keys", body, (200, ""))["data"].clone();
    s.step(
        Post,
        "/environment/api-keys",
        json!({"environment_id": 9, "display_name": "x"}),
        (404, "not_found"),
    );
    let key = |id: &Value| json!({"environment_id": 1, "key_id": id});
    s.step(Delete, "/environment/api-keys", key(&json!(999)), (404, "not_found"));
    s.step(Delete, "/environment/api-keys", key(&made["id"]), (200, ""));
    s.key = text(&made["secret"]);
    s.step(Get, "/connections", NONE, (401, "unknown_account"));
}

#[test]
fn a_rotated_signing_key_is_a_new_one() {
    let mut s = Steps::new();
    s.step(Post, "/environment/webhook-signing-key/rotate?x=1", NONE, (400, "invalid_query_params"));
    let mut rotate = || {
        text(
            &s.step(Post, "/environment/webhook-signing-key/rotate", NONE, (200, ""))["data"]["webhook_signing_key"],
        )
    };
    let (first, second) = (rotate(), rotate());
    assert!(first.len() == 36 && second.len() == 36 && first != second);
    assert!(!s.emulator.world().contains(&second) && s.emulator.save().contains(&second));
}

#[test]
fn a_quickstart_integration_brings_an_app_whose_credentials_stay_hidden() {
    let mut s = Steps::new();
    let url = "/integrations/quickstart";
    for (body, says) in [
        (
            json!({"provider": "posthog", "unique_key": "q"}),
            "Quickstart is only available for providers that require a developer app",
        ),
        (
            json!({"provider": "salesforce", "unique_key": "q"}),
            "No Nango-provided developer app is configured for this provider",
        ),
    ] {
        assert_eq!(s.step(Post, url, body, (400, "invalid_body"))["error"]["message"], says);
    }
    for (provider, key, path) in [("nope", "q", "provider"), ("github", "slack", "uniqueKey")] {
        let body = json!({"provider": provider, "unique_key": key});
        assert_eq!(paths(&s.step(Post, url, body, (400, "invalid_body"))), [path]);
    }
    let body =
        json!({"provider": "github", "unique_key": "q", "display_name": "Quick", "forward_webhooks": false});
    let made = s.step(Post, url, body, (200, ""))["data"].clone();
    assert_eq!(
        (&made["unique_key"], &made["display_name"], &made["forward_webhooks"]),
        (&json!("q"), &json!("Quick"), &json!(false))
    );
    let shown = s.get("/integrations/q?include=credentials")["data"]["credentials"].clone();
    assert_eq!((&shown["client_id"], &shown["client_secret"]), (&json!(""), &json!("")));
    assert_eq!(shown["webhook_secret"], NONE);
}

#[test]
fn what_was_saved_before_there_were_accounts_is_read() {
    let mut s = Steps::new();
    s.get("/connections");
    let mut saved: Value = serde_json::from_str(&s.emulator.save()).unwrap();
    let state = saved["saved"]["data"]["state"].as_object_mut().unwrap();
    for name in [
        "account",
        "environments",
        "environmentName",
        "signingKey",
        "agentSessions",
        "functionJobs",
        "sharedApps",
    ] {
        assert!(state.remove(name).is_some(), "{name}");
    }
    for integration in state["integrations"].as_array_mut().unwrap() {
        integration.as_object_mut().unwrap().remove("shared");
    }
    let mut old = Steps::of(Emulator::from_saved(&saved.to_string()).unwrap());
    assert_eq!(old.get("/connections")["connections"].as_array().unwrap().len(), 22);
    old.key = old.emulator.add_key(&["account:*"]);
    assert_eq!(each(&old.get("/environments")["data"], "name"), ["dev"]);
}
