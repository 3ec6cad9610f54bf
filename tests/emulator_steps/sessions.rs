//! Connect sessions, what end users do with them, and keys with fewer scopes.

use nango_toolkit::error::ErrorKind;
use nango_toolkit::tool::Method::{Delete, Get, Post};
use serde_json::{Value, json};

use crate::{Steps, each, paths};

const NONE: Value = Value::Null;

/// Made, used, over after 30 minutes (recordings/connect-sessions-post.json, connect-session-*.json).
pub(crate) fn life(s: &mut Steps) {
    let body = json!({"end_user": {"id": "u-1", "email": "u1@example.com", "tags": {"plan": "pro"}},
        "organization": {"id": "org-1", "display_name": "Org"}, "allowed_integrations": ["github", "slack"],
        "integrations_config_defaults": {"slack": {"connection_config": {"x": "y"}}}, "tags": {"Project": "p"}});
    let made = s.step(Post, "/connect/sessions", body, (201, ""));
    let token = made["data"]["token"].as_str().unwrap().to_owned();
    assert_eq!(token.len(), "nango_connect_session_".len() + 64);
    assert!(made["data"]["connect_link"].as_str().unwrap().ends_with(&token));
    assert_eq!(made["data"]["expires_at"], "2026-11-22T14:30:00.001Z");
    // Unknown integrations, with their places (16 and 17); neither end user nor tags (2).
    let unknown = json!({"tags": {}, "allowed_integrations": ["slack", "nope"]});
    assert_eq!(
        paths(&s.step(Post, "/connect/sessions", unknown, (400, "invalid_body"))),
        ["allowed_integrations.1"]
    );
    assert_eq!(paths(&s.step(Post, "/connect/sessions", json!({}), (400, "invalid_body"))), ["end_user"]);
    let docs = json!({"tags": {}, "overrides": {"slack": {"docs_connect": "https://example.com"}}});
    s.step(Post, "/connect/sessions", docs, (403, "forbidden"));
    // The token opens its own session, the catalogue and the allowed integrations, and nothing else.
    let own = std::mem::replace(&mut s.key, token.clone());
    let session = s.get("/connect/session")["data"].clone();
    assert_eq!(session["endUser"]["organization"], json!({"id": "org-1", "display_name": "Org"}));
    assert_eq!(session["allowed_integrations"], json!(["github", "slack"]));
    assert_eq!(session.get("token"), None);
    assert_eq!(each(&s.get("/integrations")["data"], "unique_key"), ["github", "slack"]);
    s.get("/providers/github");
    s.step(Get, "/connections", NONE, (401, "invalid_secret_key_format"));
    s.key = own;
    // What the end user does in the Connect UI.
    let denied = s.emulator.connect(&token, "hubspot", s.now).unwrap_err();
    assert_eq!(denied.kind, ErrorKind::Denied);
    let id = s.emulator.connect(&token, "slack", s.now).unwrap();
    let connection = s.get(&format!("/connections/{id}?provider_config_key=slack"));
    assert_eq!(connection["end_user"]["id"], "u-1");
    assert_eq!(connection["tags"]["project"], "p");
    assert_eq!(connection["tags"]["organization_id"], "org-1");
    assert_eq!(connection["connection_config"], json!({"x": "y"}));
    assert_eq!(connection["credentials"]["type"], "OAUTH2");
    assert_eq!(each(&s.get("/connections?endUserId=u-1")["connections"], "connection_id"), [id]);
    // Half an hour, or until it is revoked.
    let gone = (401, "unknown_connect_session_token");
    let short = s.step(Post, "/connect/sessions", json!({"tags": {}}), (201, ""));
    let own = std::mem::replace(&mut s.key, short["data"]["token"].as_str().unwrap().to_owned());
    s.step(Delete, "/connect/session", NONE, (204, ""));
    s.step(Get, "/connect/session", NONE, gone);
    s.key = token.clone();
    s.get("/connect/session");
    s.wait(30 * 60_000);
    s.step(Get, "/connect/session", NONE, gone);
    assert_eq!(s.emulator.connect(&token, "slack", s.now).unwrap_err().code, gone.1);
    s.key = own;
    s.step(Get, "/connect/session", NONE, (401, "invalid_connect_session_token_format"));
}

/// A session that re-authorises a connection (recordings/connect-sessions-reconnect.json).
pub(crate) fn reconnecting(s: &mut Steps) {
    let url = "/connect/sessions/reconnect";
    let body = json!({"connection_id": "quickbooks-quarry", "integration_id": "quickbooks"});
    let made = s.step(Post, url, body, (201, ""));
    let token = made["data"]["token"].as_str().unwrap().to_owned();
    let unknown = json!({"connection_id": "nope", "integration_id": "quickbooks"});
    let unknown = s.step(Post, url, unknown, (400, "invalid_body"));
    assert_eq!(unknown["error"]["message"], "ConnectionID or IntegrationId does not exists");
    let own = std::mem::replace(&mut s.key, token.clone());
    let session = s.get("/connect/session")["data"].clone();
    assert_eq!((&session["isReconnecting"], &session["endUser"]["id"]), (&json!(true), &json!("barbara")));
    s.key = own;
    // Its refresh failed; authorising again repairs it, under the same id.
    let connection = "/connections/quickbooks-quarry?provider_config_key=quickbooks";
    s.step(Get, connection, NONE, (400, "invalid_credentials"));
    assert_eq!(s.emulator.connect(&token, "github", s.now).unwrap_err().kind, ErrorKind::Denied);
    assert_eq!(s.emulator.connect(&token, "quickbooks", s.now).unwrap(), "quickbooks-quarry");
    let healed = s.get(connection);
    assert_eq!(healed["errors"], json!([]));
    assert_eq!(healed["end_user"]["id"], "barbara");
}

/// Scopes (contract section 5, recordings/scopes.json) and variables.
pub(crate) fn keys(s: &mut Steps) {
    let full = s.key.clone();
    s.key = s.emulator.add_key(&["environment:connections:*", "environment:integrations:read"]);
    s.get("/connections");
    assert_ne!(s.get("/connections/hubspot-ada?provider_config_key=hubspot")["credentials"], json!({}));
    let missing = s.step(Get, "/environment-variables", NONE, (403, "forbidden"));
    assert_eq!(missing["error"]["message"], "Insufficient scope. Required: environment:variables:read");
    let one_of = s.step(Get, "/integrations", NONE, (403, "forbidden"));
    assert_eq!(
        one_of["error"]["message"],
        "Insufficient scope. Required one of: environment:integrations:list or environment:integrations:list_credentials"
    );
    // Without the scope credentials are left out, silently; providers need no scope at all.
    assert_eq!(s.get("/integrations/slack?include=credentials")["data"].get("credentials"), None);
    s.get("/providers/slack");
    s.key = s.emulator.add_key(&["account:*"]);
    s.step(Get, "/providers/slack", NONE, (403, "forbidden"));
    s.key = full.to_uppercase();
    assert_eq!(s.get("/environment-variables").as_array().unwrap().len(), 4);
    s.key = String::new();
    s.step(Get, "/connections", NONE, (401, "invalid_secret_key_format"));
}
