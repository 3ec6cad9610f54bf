//! Agent sessions: what they give, all eight refusals with their payloads, and how they end. From the server's own tests
//! and types (0.71.10).

use nango_toolkit::emulator::Emulator;
use nango_toolkit::tool::Method::{Delete, Get, Post};
use serde_json::{Value, json};

use crate::{Steps, paths};

const NONE: Value = Value::Null;
const DAY_MS: u64 = 86_400_000;

/// `notion` has two connections of one tenant, `slack` one, `reddit` none.
fn tenant() -> Steps {
    let action = |key: &str, name: &str, enabled: bool| json!({"integration": key, "type": "action", "name": name, "enabled": enabled});
    let on = |key: &str, id: &str, workspace: &str| {
        json!({"connection_id": id, "provider_config_key": key,
        "credentials": {"type": "NONE"}, "tags": {"tenant": "acme", "workspace": workspace}})
    };
    let integrations =
        ["notion", "slack", "reddit"].map(|key| json!({"unique_key": key, "provider": "unauthenticated"}));
    let world = json!({
        "integrations": integrations,
        "functions": [
            action("notion", "read_doc", true), action("notion", "upsert_doc", true), action("notion", "old", false),
            {"integration": "notion", "type": "sync", "name": "sync_docs", "runs": "every day"},
            action("slack", "send_message", true), action("reddit", "search_posts", true),
        ],
        "connections": [on("notion", "notion-marketing", "marketing"), on("notion", "notion-eng", "eng"),
            on("slack", "slack-acme", "marketing")],
    });
    Steps::of(Emulator::with_world(1, &world.to_string()).unwrap())
}

fn any(tags: Value) -> Value {
    json!({"connections": {"any": [{"tags": tags}]}})
}

fn marketing() -> Value {
    any(json!({"Tenant": "acme", "workspace": "marketing"}))
}

fn summary(pinned: usize, searchable: usize, connected: bool) -> Value {
    json!({"connected": connected, "tools_pinned": pinned, "tools_searchable": searchable})
}

#[track_caller]
fn refused(s: &mut Steps, body: Value, code: &str, message: &str, payload: Value) {
    let refused = s.step(Post, "/sessions", body, (400, code));
    assert_eq!(refused["error"]["message"], message);
    assert_eq!(refused["error"]["payload"], payload);
}

#[test]
fn a_session_gives_every_action_of_the_tenants_connections() {
    let mut s = tenant();
    let made = s.step(Post, "/sessions", json!({"tenant": marketing()}), (201, ""))["data"].clone();
    let id = made["session_id"].as_str().unwrap();
    assert_eq!(made["mcp_url"], json!(format!("http://localhost:3003/session/{id}/mcp")));
    let token = made["session_token"].as_str().unwrap();
    assert!(token.strip_prefix("nango_agent_session_").is_some_and(|hex| hex.len() == 64));
    assert_eq!(made["expires_at"], "2026-12-07T14:00:00.001Z");
    // A sync is not a tool, and what has no connection is left out.
    assert_eq!(made["toolset"], json!({"notion": summary(0, 2, true), "slack": summary(0, 1, true)}));
    let usual = json!({"nango_tool_search": true, "nango_execute": true, "nango_proxy": false});
    assert_eq!(made["meta_tools"], usual);
    // The token is of no use elsewhere, and is shown to nobody.
    s.key = token.to_owned();
    s.step(Get, "/connections", NONE, (401, "invalid_secret_key_format"));
    let world = s.emulator.world();
    assert!(!world.contains(token) && world.contains(id), "{world}");
}

#[test]
fn a_toolset_pins_and_meta_tools_are_applied() {
    let mut s = tenant();
    let body = json!({"tenant": marketing(), "toolset": "*"});
    let all = s.step(Post, "/sessions", body, (201, ""))["data"]["toolset"].clone();
    assert_eq!(all["reddit"], summary(0, 1, false));
    let body = json!({"tenant": marketing(), "pinned_tools": {"notion": ["read_doc", "read_doc"]},
        "toolset": {"notion": {"allow": {"tools": ["read_doc", "upsert_doc"]}}, "slack": "*",
            "reddit": {"allow": "*", "deny": {"tools": ["search_posts"]}}},
        "meta_tools": {"nango_execute": false, "nango_proxy": true}});
    let made = s.step(Post, "/sessions", body, (201, ""))["data"].clone();
    let expected =
        json!({"notion": summary(1, 1, true), "slack": summary(0, 1, true), "reddit": summary(0, 0, false)});
    assert_eq!(made["toolset"], expected);
    let set = json!({"nango_tool_search": true, "nango_execute": false, "nango_proxy": true});
    assert_eq!(made["meta_tools"], set);
    // A pin decides between connections, also without any selector.
    let pin = json!([{"integration_id": "notion", "connection_id": "notion-eng"}]);
    for connections in [json!({"any": [{"tags": {"tenant": "acme"}}], "pinned": pin}), json!({"pinned": pin})]
    {
        let toolset = if connections.get("any").is_some() { 2 } else { 1 };
        let body = json!({"tenant": {"connections": connections}});
        let made = s.step(Post, "/sessions", body, (201, ""));
        assert_eq!(made["data"]["toolset"].as_object().unwrap().len(), toolset);
    }
}

#[test]
fn ambiguous_and_pinned_connections_are_refused_with_their_candidates() {
    let mut s = tenant();
    let acme = json!([{"tags": {"tenant": "acme"}}]);
    let both = json!([{"connection_id": "notion-eng"}, {"connection_id": "notion-marketing"}]);
    refused(
        &mut s,
        json!({"tenant": {"connections": {"any": acme}}}),
        "ambiguous_connections",
        "1 integration matched more than one connection. Narrow the connection tags or pin a connection id.",
        json!({"integrations": {"notion": {"match_count": 2, "candidates": both}}}),
    );
    let unknown = json!([{"integration_id": "slack", "connection_id": "notion-eng"}]);
    refused(
        &mut s,
        json!({"tenant": {"connections": {"any": acme, "pinned": unknown}}}),
        "unknown_pinned_connection",
        "1 pinned connection does not exist on the integration given. Check the connection id and the integration id.",
        json!({"pinned": unknown}),
    );
    let eng = json!([{"integration_id": "notion", "connection_id": "notion-eng"}]);
    refused(
        &mut s,
        json!({"tenant": {"connections": {"any": [{"tags": {"workspace": "marketing"}}], "pinned": eng}}}),
        "pinned_connection_not_matched",
        "1 pinned connection is not among the connections the selectors matched. A pin chooses between matched \
         connections, so widen the selectors or pin one of the candidates.",
        json!({"pinned": [{"integration_id": "notion", "connection_id": "notion-eng",
            "candidates": [{"connection_id": "notion-marketing"}]}]}),
    );
    // Nothing was made.
    let world: Value = serde_json::from_str(&s.emulator.world()).unwrap();
    assert_eq!(world["agentSessions"], json!([]));
}

#[test]
fn names_that_cannot_be_served_are_refused() {
    let mut s = tenant();
    let with = |name: &str, value: Value| {
        let mut body = json!({"tenant": marketing()});
        body[name] = value;
        body
    };
    refused(
        &mut s,
        with("meta_tools", json!({"nango_teleport": true, "proxy": false})),
        "unknown_meta_tool",
        "2 keys are not a meta tool Nango ships. Supported meta tools are nango_tool_search, nango_execute, nango_proxy.",
        json!({"meta_tools": ["nango_teleport", "proxy"]}),
    );
    let no_integration =
        "1 integration does not exist in this environment. Check the integration ids in the toolset.";
    for body in [with("toolset", json!({"hubspot": "*"})), with("pinned_tools", json!({"hubspot": ["x"]}))] {
        refused(&mut s, body, "unknown_integration", no_integration, json!({"integrations": ["hubspot"]}));
    }
    // Denied names count, too, as do switched-off actions.
    let body = with("toolset", json!({"notion": {"deny": {"tools": ["read_dco", "old"]}}}));
    refused(
        &mut s,
        body,
        "unknown_tool",
        "2 tools are not a deployed and enabled action on the integration given. Check the tool names, and that the \
         action is enabled.",
        json!({"tools": [{"integration_id": "notion", "tool": "read_dco"}, {"integration_id": "notion", "tool": "old"}]}),
    );
    // The wrong type is reported before an unknown name.
    refused(
        &mut s,
        with("toolset", json!({"notion": {"allow": {"tools": ["nope", "sync_docs"]}}})),
        "unsupported_function_type",
        "1 name refers to a function that is not an action. Only actions can be exposed as tools.",
        json!({"tools": [{"integration_id": "notion", "tool": "sync_docs", "type": "sync"}]}),
    );
    let outside = "1 pinned tool is not allowed by the toolset. Pinning controls what the agent sees first, not what it \
                   may reach, so allow the tool in the toolset as well.";
    for (toolset, pinned, missing) in [
        (
            json!({"notion": {"allow": {"tools": ["read_doc"]}}}),
            json!({"notion": ["upsert_doc"]}),
            ("notion", "upsert_doc"),
        ),
        (json!({"notion": "*"}), json!({"slack": ["send_message"]}), ("slack", "send_message")),
    ] {
        let mut body = with("toolset", toolset);
        body["pinned_tools"] = pinned;
        let payload = json!({"pinned": [{"integration_id": missing.0, "tool": missing.1}]});
        refused(&mut s, body, "tool_not_in_toolset", outside, payload);
    }
    // The order: meta tools, connections, toolset.
    let mut all = json!({"tenant": any(json!({"tenant": "acme"})), "toolset": {"hubspot": "*"}});
    s.step(Post, "/sessions", all.clone(), (400, "ambiguous_connections"));
    all["meta_tools"] = json!({"x": true});
    s.step(Post, "/sessions", all, (400, "unknown_meta_tool"));
}

#[test]
fn bodies_of_sessions_are_checked() {
    let mut s = tenant();
    for (body, at) in [
        (json!({}), vec!["tenant"]),
        (json!({"tenant": {}}), vec!["tenant.connections"]),
        (json!({"tenant": {"connections": {}}}), vec!["tenant.connections"]),
        (json!({"tenant": {"connections": {"any": [], "pinned": []}}}), vec!["tenant.connections"]),
        (json!({"tenant": any(json!({}))}), vec!["tenant.connections.any.0.tags"]),
        (
            json!({"tenant": {"connections": {"any": [{"tag": {"a": "b"}}]}}}),
            vec!["tenant.connections.any.0.tags", "tenant.connections.any.0"],
        ),
        (
            json!({"tenant": {"connections": {"any": vec![json!({"tags": {"a": "b"}}); 11]}}}),
            vec!["tenant.connections.any"],
        ),
        (
            json!({"tenant": {"connections": {"pinned": [{"integration_id": "a", "connection_id": "1"},
                {"integration_id": "a", "connection_id": "2"}]}}}),
            vec!["tenant.connections.pinned"],
        ),
        (json!({"tenant": marketing(), "toolset": {}}), vec!["toolset"]),
        (json!({"tenant": marketing(), "toolset": {"notion": {"deny": "*"}}}), vec!["toolset"]),
        (json!({"tenant": marketing(), "pinned_tools": {"notion": "read_doc"}}), vec!["pinned_tools.notion"]),
        (json!({"tenant": marketing(), "meta_tools": {"nango_proxy": 1}}), vec!["meta_tools.nango_proxy"]),
        (json!({"tenant": marketing(), "expires_in": "30s"}), vec!["expires_in"]),
        (json!({"tenant": marketing(), "expires_in": "16d"}), vec!["expires_in"]),
        (json!({"tenant": marketing(), "expires_in": 60}), vec!["expires_in"]),
        (json!({"tenant": marketing(), "color": 1}), vec![""]),
    ] {
        assert_eq!(paths(&s.step(Post, "/sessions", body.clone(), (400, "invalid_body"))), at, "{body}");
    }
    s.step(Post, "/sessions?x=1", json!({}), (400, "invalid_query_params"));
    s.key = s.emulator.add_key(&["environment:connect_sessions:write"]);
    let refused = s.step(Post, "/sessions", json!({}), (403, "forbidden"));
    assert_eq!(refused["error"]["message"], "Insufficient scope. Required: environment:agent_sessions:write");
}

#[test]
fn a_session_ends_once_by_a_request_or_by_its_time() {
    let mut s = tenant();
    let open = |s: &mut Steps, life: &str| {
        let body = json!({"tenant": marketing(), "expires_in": life});
        let made = s.step(Post, "/sessions", body, (201, ""))["data"].clone();
        (made["session_id"].as_str().unwrap().to_owned(), made["expires_at"].clone())
    };
    let (first, _) = open(&mut s, "2h");
    let (second, expires) = open(&mut s, "60s");
    let url = format!("/sessions/{first}");
    let ended = s.step(Delete, &url, NONE, (200, ""))["data"].clone();
    assert_eq!(
        ended,
        json!({"session_id": first, "ended_at": "2026-11-22T14:00:00.003Z", "reason": "terminated"})
    );
    s.wait(3 * DAY_MS);
    assert_eq!(s.step(Delete, &url, NONE, (200, ""))["data"], ended);
    let expired = s.step(Delete, &format!("/sessions/{second}"), NONE, (200, ""))["data"].clone();
    assert_eq!(expired, json!({"session_id": second, "ended_at": expires, "reason": "expired"}));
    // It is saved, and shown.
    let mut restored = Steps::of(Emulator::from_saved(&s.emulator.save()).unwrap());
    restored.now = s.now;
    assert_eq!(restored.step(Delete, &url, NONE, (200, ""))["data"], ended);
    let world: Value = serde_json::from_str(&s.emulator.world()).unwrap();
    let reasons = [&world["agentSessions"][0]["reason"], &world["agentSessions"][1]["reason"]];
    assert_eq!(reasons, [&json!("terminated"), &json!("expired")]);
    let unknown = "/sessions/11111111-1111-4111-8111-111111111111";
    let missing = s.step(Delete, unknown, NONE, (404, "not_found"));
    assert_eq!(missing["error"]["message"], "Agent session '11111111-1111-4111-8111-111111111111' not found");
    s.step(Delete, "/sessions/nope", NONE, (400, "invalid_uri_params"));
    s.step(Delete, &format!("{url}?x=1"), NONE, (400, "invalid_query_params"));
    s.step(Delete, &url, json!({"x": 1}), (400, "invalid_body"));
}
