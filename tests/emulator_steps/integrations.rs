//! Integrations and the provider catalogue.

use nango_toolkit::tool::Method::{Delete, Get, Patch, Post};
use serde_json::{Value, json};

use crate::{Steps, each, paths};

const NONE: Value = Value::Null;

/// Created, read, changed, renamed, deleted (recordings/integrations-*.json).
pub(crate) fn life(s: &mut Steps) {
    let app = json!({"type": "OAUTH2", "client_id": "cid", "client_secret": "csecret", "scopes": "repo"});
    let new =
        json!({"provider": "github", "unique_key": "gh-2", "display_name": "Second", "credentials": app});
    // integrations-post.json 22: 200, and credentials are never echoed.
    let made = s.step(Post, "/integrations", new.clone(), (200, ""));
    assert_eq!(made["data"]["created_at"], made["data"]["updated_at"]);
    assert_eq!(made["data"].get("credentials"), None);
    // 23: a duplicate is 400, its path in camel case.
    let twice = s.step(Post, "/integrations", new, (400, "invalid_body"));
    assert_eq!(paths(&twice), ["uniqueKey"]);
    // 21, 45 and the contract's list of errors: messages only.
    s.step(Post, "/integrations", json!({"provider": "slack", "unique_key": "s2"}), (400, "invalid_body"));
    let wrong = json!({"provider": "posthog", "unique_key": "p", "credentials": app});
    let wrong = s.step(Post, "/integrations", wrong, (400, "invalid_body"));
    assert_eq!(wrong["error"]["message"], "incompatible credentials auth type and provider auth");
    // integrations-get.json 8 and 18: `include`.
    let read = s.get("/integrations/gh-2?include=webhook&include=credentials");
    assert_eq!(
        read["data"]["credentials"],
        json!({"type": "OAUTH2", "client_id": "cid", "client_secret": "csecret", "scopes": "repo", "webhook_secret": null})
    );
    assert_eq!(read["data"]["webhook_url"], NONE);
    let slack = s.get("http://localhost:3003/integrations/slack?include=webhook");
    assert!(slack["data"]["webhook_url"].as_str().unwrap().starts_with("http://localhost:3003/webhook/"));
    // integrations-patch.json 4 to 7: updated_at moves, also for a body without members.
    s.wait(5_000);
    let renamed = s.step(Patch, "/integrations/gh-2", json!({"display_name": "Renamed"}), (200, ""));
    assert_ne!(renamed["data"]["created_at"], renamed["data"]["updated_at"]);
    s.wait(5_000);
    let touched = s.step(Patch, "/integrations/gh-2", json!({}), (200, ""));
    assert_ne!(touched["data"]["updated_at"], renamed["data"]["updated_at"]);
    let moved = s.step(Patch, "/integrations/gh-2", json!({"unique_key": "gh-3"}), (200, ""));
    assert_eq!(moved["data"]["unique_key"], "gh-3");
    // 8 and 9: the old key is gone; the same key again is not a rename.
    s.step(Patch, "/integrations/gh-2", json!({"display_name": "x"}), (404, "not_found"));
    s.step(Patch, "/integrations/gh-3", json!({"unique_key": "gh-3"}), (200, ""));
    // Contract NANGO_UPDATE_INTEGRATION: a taken target; omitted scopes keep their value, '' clears them.
    s.step(Patch, "/integrations/gh-3", json!({"unique_key": "slack"}), (400, "invalid_body"));
    let keep = json!({"credentials": {"type": "OAUTH2", "client_id": "c2", "client_secret": "s2"}});
    s.step(Patch, "/integrations/gh-3", keep, (200, ""));
    assert_eq!(s.get("/integrations/gh-3?include=credentials")["data"]["credentials"]["scopes"], "repo");
    let clear =
        json!({"credentials": {"type": "OAUTH2", "client_id": "c2", "client_secret": "s2", "scopes": ""}});
    s.step(Patch, "/integrations/gh-3", clear, (200, ""));
    assert_eq!(s.get("/integrations/gh-3?include=credentials")["data"]["credentials"]["scopes"], NONE);
    // integrations-delete.json 7 and 8: the key is free again at once.
    assert_eq!(s.step(Delete, "/integrations/gh-3", NONE, (200, "")), json!({"success": true}));
    s.step(Delete, "/integrations/gh-3", NONE, (404, "not_found"));
    s.step(Get, "/integrations/gh-3", NONE, (404, "not_found"));
    s.step(Post, "/integrations", json!({"provider": "posthog", "unique_key": "gh-3"}), (200, ""));
    // Default scopes and settings with defaults (contract NANGO_CREATE_INTEGRATION).
    let sf = json!({"provider": "salesforce", "unique_key": "sf-2",
        "credentials": {"type": "OAUTH2", "client_id": "a", "client_secret": "b", "scopes": ""}});
    s.step(Post, "/integrations", sf, (200, ""));
    assert_eq!(
        s.get("/integrations/sf-2?include=credentials")["data"]["credentials"]["scopes"],
        "offline_access"
    );
    let own = json!({"provider": "private-api-generic", "unique_key": "own",
        "integration_config": {"keyName": "x-key", "baseUrl": "https://api.example.com"}});
    // integrations-post.json 43.
    let own = s.step(Post, "/integrations", own, (200, ""));
    assert_eq!(own["data"]["credentials_label"], json!({"apiKey": "API Key"}));
    let bad =
        json!({"provider": "private-api-generic", "unique_key": "own-2", "integration_config": {"zzz": "1"}});
    s.step(Post, "/integrations", bad, (400, "invalid_body"));
}

/// Deleting also removes connections, syncs and functions; renaming is refused while connections exist
/// (contract section 15; integrations-patch.json 17, integrations-delete.json 1).
pub(crate) fn cascade(s: &mut Steps) {
    let refused =
        s.step(Patch, "/integrations/salesforce", json!({"unique_key": "sf"}), (400, "invalid_body"));
    assert_eq!(refused["error"]["message"], "Can't rename an integration with active connections");
    assert_eq!(s.get("/connections?integrationId=salesforce")["connections"].as_array().unwrap().len(), 2);
    assert!(
        !s.get("/sync/status?provider_config_key=salesforce&syncs=*")["syncs"].as_array().unwrap().is_empty()
    );
    s.step(Delete, "/integrations/salesforce", NONE, (200, ""));
    assert_eq!(s.get("/connections?integrationId=salesforce"), json!({"connections": []}));
    let gone = "/connections/salesforce-acme?provider_config_key=salesforce";
    s.step(Get, gone, NONE, (400, "unknown_provider_config"));
    s.step(Delete, gone, NONE, (400, "unknown_connection"));
    assert_eq!(s.get("/sync/status?provider_config_key=salesforce&syncs=*"), json!({"syncs": []}));
    assert!(!each(&s.get("/scripts/config"), "providerConfigKey").contains(&"salesforce".into()));
    let tags =
        json!({"connection_id": "salesforce-acme", "provider_config_key": "salesforce", "metadata": {}});
    s.step(Post, "/connections/metadata", tags, (404, "unknown_connection"));
    // Without its last connection an integration can be renamed.
    s.step(Delete, "/connections/trello-barbara?provider_config_key=trello", NONE, (200, ""));
    s.step(Patch, "/integrations/trello", json!({"unique_key": "boards"}), (200, ""));
}

/// Providers, and the order of integrations (contract section 15: provider, then created).
pub(crate) fn catalogue(s: &mut Steps) {
    let hub = s.get("/providers?search=HUB");
    assert!(each(&hub["data"], "name").iter().all(|n| n.contains("hub")));
    assert_eq!(s.get("/providers?search=h.bsp.t")["data"][0]["name"], "hubspot");
    assert_eq!(s.get("/providers?search=zzz"), json!({"data": []}));
    assert_eq!(s.get("/providers/quickbooks")["data"]["auth_mode"], "OAUTH2");
    let unknown = s.step(Get, "/providers/no-such", NONE, (404, "not_found"));
    assert_eq!(unknown["error"]["message"], "Unknown provider no-such");
    s.step(Post, "/integrations", json!({"provider": "airtable-pat", "unique_key": "aaa"}), (200, ""));
    let list = s.get("/integrations");
    let providers = each(&list["data"], "provider");
    assert!(providers.is_sorted());
    let keys = each(&list["data"], "unique_key");
    let at = |key: &str| keys.iter().position(|k| k == key).unwrap();
    assert_eq!(at("airtable-pat") + 1, at("aaa"), "the younger of one provider comes second");
}
