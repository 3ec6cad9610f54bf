//! Sessions and policies together: rules on the caller and the owner of a connection, tools allowed by
//! name, the JSON form of a session.

use crate::common::host::{Host, with};
use nango_toolkit::call::{Call, Options};
use nango_toolkit::error::ErrorKind;
use nango_toolkit::policy::Policy;
use nango_toolkit::session::{Session, SessionOptions};
use serde_json::{Value, json};

#[test]
fn a_policy_that_names_a_tool_lets_it_reach_further() {
    let mut host = Host::new();
    let named = json!({ "default": "deny", "rules": [
        { "id": "variables", "then": "allow", "tool": "NANGO_GET_ENVIRONMENT_VARIABLES" },
        { "id": "look", "then": "allow", "tool": "NANGO_GET_*" },
        { "id": "sync", "then": "allow", "tool": ["NANGO_SYNC_TRIGGER_POST", "NANGO_DELETE_INTEGRATION"], "role": "admin" },
    ] });
    let policy = Policy::from_value(named).unwrap();
    let of = |roles: &[&str], toolkit: Policy| Options {
        policy: toolkit,
        ..with(SessionOptions {
            user: "ada".into(),
            roles: roles.iter().map(|r| (*r).to_owned()).collect(),
            policy: Some(policy.clone()),
            ..SessionOptions::default()
        })
    };
    let ada = of(&[], Policy::default());
    assert_eq!(host.json(&ada, "NANGO_GET_ENVIRONMENT_VARIABLES", json!({}))["successful"], true);
    // A wildcard is not a name.
    let get = json!({ "unique_key": "hubspot", "include": ["credentials"] });
    assert_eq!(host.json(&ada, "NANGO_GET_INTEGRATION", get)["error"]["kind"], "denied");
    let delete = || json!({ "unique_key": "trello" });
    assert_eq!(host.json(&ada, "NANGO_DELETE_INTEGRATION", delete())["error"]["kind"], "denied");
    // The toolkit's own policy still applies.
    let admin = of(&["admin"], Policy::read_only());
    assert_eq!(host.json(&admin, "NANGO_DELETE_INTEGRATION", delete())["error"]["kind"], "denied");
    let admin = of(&["admin"], Policy::default());
    assert_eq!(host.json(&admin, "NANGO_DELETE_INTEGRATION", delete())["successful"], true);
    // Tools that work on one connection are limited to the user's own, named or not: an allow-list of
    // tools does not permit running them for everybody.
    let all = json!({ "provider_config_key": "hubspot", "syncs": [] });
    assert_eq!(issues(&host.json(&admin, "NANGO_SYNC_TRIGGER_POST", all)), ["connection_id"]);
}

fn issues(result: &Value) -> Vec<String> {
    assert_eq!(result["error"]["kind"], "invalid_arguments", "{result}");
    let all = result["error"]["issues"].as_array().unwrap().iter();
    all.map(|issue| issue["path"][0].as_str().unwrap().to_owned()).collect()
}

#[test]
fn rules_over_the_owner_are_looked_up_without_a_session_too() {
    let mut host = Host::new();
    let rules = json!({ "default": "deny", "rules": [
        { "id": "acme-crm", "then": "allow", "owner_organization": "acme", "integration": ["hubspot", "salesforce"] },
    ] });
    let options = Options { policy: Policy::from_value(rules).unwrap(), ..Options::default() };
    let get = |id: &str, key: &str| json!({ "connection_id": id, "provider_config_key": key });
    for (id, key, kind, lookups) in [
        ("hubspot-ada", "hubspot", "success", 1),
        ("hubspot-katherine", "hubspot", "denied", 1),
        ("not-there", "hubspot", "denied", 1),
        // If no look-up could allow the call, none is made.
        ("zendesk-acme", "zendesk", "denied", 0),
    ] {
        let result = host.json(&options, "NANGO_GET_CONNECTION", get(id, key));
        assert_eq!(result["error"]["kind"].as_str().unwrap_or("success"), kind, "{id}: {result}");
        assert_eq!(host.lookups(), lookups, "{id}");
        assert_eq!(host.own().len(), usize::from(kind == "success"));
    }
}

#[test]
fn rules_see_the_sessions_claims() {
    let mut host = Host::new();
    let rules = json!({ "default": "allow", "rules": [
        { "id": "no-bots", "then": "deny", "agent": "bot-*", "effect": "destroy" },
        { "id": "owners", "then": "deny", "user": "grace" },
    ] });
    let policy = Policy::from_value(rules).unwrap();
    let of = |user: &str, agent: &str| Options {
        policy: policy.clone(),
        ..with(SessionOptions { user: user.into(), agent: Some(agent.into()), ..SessionOptions::default() })
    };
    let metadata =
        json!({ "connection_id": "hubspot-ada", "provider_config_key": "hubspot", "metadata": {} });
    let slug = "NANGO_UPDATE_CONNECTION_METADATA";
    let bot = host.json(&of("ada", "bot-7"), slug, metadata.clone());
    assert_eq!(bot["error"]["kind"], "denied");
    assert!(bot["error"]["hint"].as_str().unwrap().contains("no-bots") && host.sent.is_empty());
    assert_eq!(host.json(&of("ada", "helper"), slug, metadata)["successful"], true);
    assert_eq!(
        host.json(&of("grace", "helper"), "NANGO_CONNECTION_LIST_GET", json!({}))["error"]["kind"],
        "denied"
    );
}

#[test]
fn the_json_form_makes_the_same_session() {
    let full = json!({
        "user": "ada", "organization": "acme", "agent": "helpdesk", "tags": { "team": "sales" }, "roles": ["admin"],
        "policy": { "default": "deny", "rules": [{ "id": "all", "then": "allow", "tool": "NANGO_GET_*" }] },
        "toolsets": ["connections"], "tools": ["NANGO_GET_CONNECTION"], "readOnly": true, "id": "s-1",
    });
    let session = Session::from_value(full.clone()).unwrap();
    assert_eq!(serde_json::to_value(session.options()).unwrap(), full);
    assert_eq!(serde_json::from_value::<SessionOptions>(full).unwrap(), *session.options());
    for policy in [Policy::read_only(), Policy::deny_all(), Policy::default()] {
        let options = SessionOptions { user: "u".into(), policy: Some(policy), ..SessionOptions::default() };
        let session = Session::new(options.clone()).unwrap();
        assert_eq!(session.options(), &options);
        let tool = nango_toolkit::tools::find("NANGO_DELETE_CONNECTION").unwrap();
        let allows = options.policy.unwrap() == Policy::default();
        assert_eq!(session.lists(tool, &Policy::default()), allows);
    }
    for (wrong, word) in [
        (json!({ "user": "u", "readonly": true }), "readOnly"),
        (json!({ "user": 7 }), "user"),
        (json!("{\"user\":\"u\"}"), "expected an object"),
        (json!({ "user": "u", "tools": "NANGO_GET_CONNECTION" }), "tools"),
        (json!({ "user": "u", "usr": "v" }), "there is no option `usr`"),
        (json!({ "user": "u", "tags": { "a": 1 } }), "tags"),
        (json!({ "user": "u", "roles": "admin" }), "roles"),
        (json!({ "user": "u", "readOnly": "true" }), "readOnly"),
        (json!({ "user": "u", "policy": {} }), "default"),
        (json!({ "user": "u", "policy": { "default": "deny", "rules": [{ "then": "alow" }] } }), "alow"),
        (json!({ "user": "u", "toolsets": ["conections"] }), "did you mean `connections`?"),
        (json!([]), "object"),
    ] {
        let error = Session::from_value(wrong).unwrap_err();
        assert_eq!(error.kind, ErrorKind::InvalidOption);
        assert!(error.to_json().contains(word), "{error}");
    }
    let error =
        Session::from_value(json!({ "usr": "u", "policy": { "rules": [{}] }, "tools": ["NANGO_NOTHING"] }));
    let error = error.unwrap_err();
    let places: Vec<String> = error.issues.iter().map(|issue| issue.path.join(".")).collect();
    assert_eq!(places, ["user", "usr", "policy.rules.0.then", "policy.default", "tools.0"], "{error}");
}

#[test]
fn null_widens_no_session() {
    for (name, value) in [
        ("organization", "acme".into()),
        ("tags", json!({ "team": "sales" })),
        ("roles", json!(["admin"])),
        ("policy", json!({ "default": "deny" })),
        ("toolsets", json!(["connections"])),
        ("tools", json!(["NANGO_GET_CONNECTION"])),
        ("readOnly", json!(true)),
        ("user", json!("ada")),
    ] {
        let mut options = json!({ "user": "ada" });
        options[name] = value;
        assert!(Session::from_value(options.clone()).is_ok(), "{name}");
        assert!(serde_json::from_value::<SessionOptions>(options.clone()).is_ok(), "{name}");
        options[name] = Value::Null;
        let error = Session::from_value(options.clone()).unwrap_err();
        assert_eq!((error.kind, error.issues.len()), (ErrorKind::InvalidOption, 1), "{error}");
        assert_eq!(error.issues[0].path, [name], "{error}");
        assert!(serde_json::from_value::<SessionOptions>(options).is_err(), "{name}");
    }
    for name in ["agent", "id"] {
        let mut options = json!({ "user": "ada" });
        options[name] = Value::Null;
        assert!(Session::from_value(options).is_ok(), "{name}: it could allow no more");
    }
}

#[test]
fn a_call_is_explained_without_being_made() {
    let mut host = Host::new();
    let rule = json!({ "id": "ask", "then": "confirm", "effect": "destroy" });
    let policy = Policy::from_value(json!({ "default": "allow", "rules": [rule] })).unwrap();
    let ada = Options { policy, ..with(SessionOptions { user: "ada".into(), ..SessionOptions::default() }) };
    let explain = |host: &Host, slug: &str, args: Value| {
        let decision = Call::new(ada.clone(), slug, args, 1).explain(host.now);
        decision.map(|d| serde_json::from_str::<Value>(&d.to_json()).unwrap())
    };
    let delete = || json!({ "connection_id": "hubspot-ada", "provider_config_key": "hubspot" });
    let open = explain(&host, "NANGO_DELETE_CONNECTION", delete()).unwrap();
    assert_eq!(open["decision"], "undetermined", "{open}");
    assert_eq!(open["lookups"], json!([{ "connection_id": "hubspot-ada", "integration_id": "hubspot" }]));
    // The results of the session's look-ups are known.
    assert_eq!(
        host.json(&ada, "NANGO_GET_PROXY", {
            let mut args = delete();
            args["any_path"] = json!("crm/v3/objects/contacts");
            args
        })["successful"],
        true
    );
    let known = explain(&host, "NANGO_DELETE_CONNECTION", delete()).unwrap();
    assert_eq!((&known["decision"], &known["rules"]), (&json!("confirm"), &json!(["ask"])));
    let beyond = explain(&host, "NANGO_GET_ENVIRONMENT_VARIABLES", json!({})).unwrap();
    assert_eq!((&beyond["decision"], &beyond["rules"]), (&json!("deny"), &json!(["session"])));
    assert_eq!(explain(&host, "NANGO_CONNECTION_LIST_GET", json!({})).unwrap()["decision"], "allow");
    assert_eq!(explain(&host, "NANGO_NOTHING", json!({})).unwrap_err().kind, ErrorKind::UnknownTool);
    let other = json!({ "end_user_id": "grace" });
    assert_eq!(
        explain(&host, "NANGO_CONNECTION_LIST_GET", other).unwrap_err().kind,
        ErrorKind::InvalidArguments
    );
}
