//! What a session sets, requires and allows: lists, connect links, imports, edits, its state. Isolation
//! from other users is in isolation.rs.

use crate::common::host::{Host, session, with};
use crate::common::runs::{KEY, START, answer};
use nango_toolkit::call::{Ask, Call, Options, Poll};
use nango_toolkit::error::ErrorKind;
use nango_toolkit::http::NeedsBody;
use nango_toolkit::policy::{Fact, Policy};
use nango_toolkit::session::{Session, SessionOptions};
use nango_toolkit::tool::Toolset;
use nango_toolkit::tools;
use serde_json::{Value, json};

const LIST: &str = "NANGO_CONNECTION_LIST_GET";
const CREATE: &str = "NANGO_CREATE_CONNECT_SESSION";
const ADD: &str = "NANGO_ADD_CONNECTION";
const EDIT: &str = "NANGO_EDIT_CONNECTION";
const GET: &str = "NANGO_GET_CONNECTION";

fn ids(result: &Value) -> Vec<String> {
    let all = result["data"]["connections"].as_array().unwrap_or_else(|| panic!("{result}"));
    let mut ids: Vec<String> = all.iter().map(|c| c["connection_id"].as_str().unwrap().to_owned()).collect();
    ids.sort();
    ids
}

/// The paths of the issues for which arguments were refused.
fn issues(result: &Value) -> Vec<String> {
    assert_eq!(result["error"]["kind"], "invalid_arguments", "{result}");
    let all = result["error"]["issues"].as_array().unwrap().iter();
    all.map(|i| {
        let path = i["path"].as_array().unwrap().iter().map(|p| p.as_str().unwrap().to_owned());
        path.collect::<Vec<_>>().join(".")
    })
    .collect()
}

fn connection<'w>(world: &'w Value, id: &str) -> &'w Value {
    world["connections"].as_array().unwrap().iter().find(|c| c["connection_id"] == id).unwrap()
}

fn body(host: &Host) -> Value {
    serde_json::from_str(host.sent.last().unwrap().body.as_ref().unwrap()).unwrap()
}

#[test]
fn lists_show_what_is_the_users() {
    let (mut host, ada) = (Host::new(), session("ada"));
    let own = ["github-ada", "google-calendar-ada", "hubspot-ada", "quickbooks-acme"];
    assert_eq!(ids(&host.json(&ada, LIST, json!({}))), own);
    assert_eq!(host.own(), ["GET /connections?tags%5Bend_user_id%5D=ada"]);
    assert_eq!(ids(&host.json(&ada, "NANGO_LIST_CONNECTIONS", Value::Null)), own);
    let filtered = json!({ "integration_id": "hubspot,github", "tags": { "category": "crm" } });
    assert!(!host.json(&ada, LIST, filtered)["successful"].as_bool().unwrap());
    let filtered = json!({ "integration_id": ["hubspot", "slack"], "tags": { "category": "crm" } });
    assert_eq!(ids(&host.json(&ada, LIST, filtered)), ["hubspot-ada"]);
    // An argument that agrees with the session does not contradict it.
    for same in [json!({ "end_user_id": "ada" }), json!({ "tags": "{\"End_User_Id\":\"ada\"}" })] {
        assert_eq!(ids(&host.json(&ada, LIST, same)), own);
    }
    for (other, path) in [
        (json!({ "end_user_id": "grace" }), "end_user_id"),
        (json!({ "tags": { "end_user_id": "grace" } }), "tags.end_user_id"),
        (json!({ "tags": { "END_USER_ID": "grace" } }), "tags.END_USER_ID"),
    ] {
        assert_eq!(issues(&host.json(&ada, LIST, other)), [path]);
        assert!(host.sent.is_empty());
    }
    let nine: Value =
        (0..10).map(|n| (format!("t{n}"), json!("x"))).collect::<serde_json::Map<_, _>>().into();
    assert_eq!(issues(&host.json(&ada, LIST, json!({ "tags": nine }))), ["tags"]);
}

#[test]
fn a_server_that_ignores_the_filter_is_narrowed() {
    let everything = json!({ "connections": [
        { "connection_id": "a", "provider_config_key": "x", "end_user": null, "tags": { "end_user_id": "ada" } },
        { "connection_id": "b", "provider_config_key": "x", "end_user": { "id": "grace" }, "tags": {} },
        { "connection_id": "c", "provider_config_key": "x", "end_user": null, "tags": {} },
        { "connection_id": "d", "provider_config_key": "x", "end_user": { "id": "grace" }, "tags": { "end_user_id": "ada" } },
        { "connection_id": "e", "provider_config_key": "x", "end_user": { "id": "ada" }, "tags": {} },
        { "no": "connection" },
    ] });
    let mut call = Call::new(session("ada"), LIST, json!({}), 1);
    assert!(call.poll(START).is_key());
    call.handle_key(Ok(KEY), START);
    assert!(matches!(call.poll(START), Poll::Send { .. }));
    let needed = call.needs_body(200, "application/json");
    assert_eq!(needed, NeedsBody::Always, "the host must not hold it unseen");
    call.handle_response(&answer(200, &[], &everything), START);
    let Poll::Done(outcome) = call.poll(START) else { panic!("it ends") };
    let result: Value = serde_json::from_str(&outcome.to_json()).unwrap();
    assert_eq!(ids(&result), ["a", "e"]);
    // A driver that holds the body anyway gets an error.
    let mut call = Call::new(session("ada"), LIST, json!({}), 1);
    call.poll(START);
    call.handle_key(Ok(KEY), START);
    call.poll(START);
    call.handle_held(200, START);
    assert!(matches!(call.poll(START), Poll::Done(outcome) if !outcome.successful()));
}

trait IsKey {
    fn is_key(&self) -> bool;
}
impl IsKey for Poll {
    fn is_key(&self) -> bool {
        matches!(self, Poll::Ask(Ask::Key))
    }
}

#[test]
fn a_connect_link_makes_a_connection_of_the_user() {
    let mut host = Host::new();
    let mut options = with(SessionOptions {
        user: "u-1".into(),
        organization: Some("o-1".into()),
        tags: [("Team".into(), "sales".into())].into(),
        ..SessionOptions::default()
    });
    options.reveal = nango_toolkit::http::Reveal::All;
    for args in
        [json!({}), Value::Null, json!(""), json!("{\"tags\":null}"), json!({ "tags": { "plan": "pro" } })]
    {
        let made = host.json(&options, CREATE, args.clone());
        assert_eq!(made["successful"], true, "{args}: {made}");
        let mut tags = json!({ "end_user_id": "u-1", "organization_id": "o-1", "team": "sales" });
        if args.is_object() && args.get("tags").is_some() {
            tags["plan"] = json!("pro");
        }
        assert_eq!(body(&host), json!({ "tags": tags }), "{args}");
        let token = made["data"]["data"]["token"].as_str().unwrap();
        let id = host.emulator.connect(token, "hubspot", host.now).unwrap();
        assert!(ids(&host.json(&options, LIST, json!({}))).contains(&id));
    }
    for (name, value, path) in [
        ("end_user", json!({ "id": "u-1" }), "end_user"),
        ("organization", json!({ "id": "o-1" }), "organization"),
        ("tags", json!({ "end_user_id": "u-2" }), "tags.end_user_id"),
        ("tags", json!({ "End_User_Email": "eve@example.com" }), "tags.End_User_Email"),
        ("tags", json!({ "organization_display_name": "Other" }), "tags.organization_display_name"),
        ("tags", json!({ "TEAM": "support" }), "tags.TEAM"),
    ] {
        assert_eq!(issues(&host.json(&options, CREATE, json!({ name: value }))), [path]);
        assert!(host.sent.is_empty());
    }
}

#[test]
fn a_reconnect_keeps_the_owner() {
    let (mut host, ada) = (Host::new(), session("ada"));
    let args = json!({ "connection_id": "hubspot-ada", "integration_id": "hubspot" });
    assert_eq!(host.json(&ada, "NANGO_RECONNECT_SESSION_POST", args.clone())["successful"], true);
    assert_eq!(body(&host)["tags"]["end_user_id"], "ada");
    for (name, value) in
        [("end_user", json!({ "id": "ada" })), ("tags", json!({ "end_user_email": "x@example.com" }))]
    {
        let mut args = args.clone();
        args[name] = value;
        let refused = host.json(&ada, "NANGO_RECONNECT_SESSION_POST", args);
        assert!(issues(&refused)[0].starts_with(name) && host.own().is_empty());
    }
}

fn import(id: Option<&str>) -> Value {
    let mut args = json!({ "provider_config_key": "hubspot",
        "credentials": { "type": "OAUTH2", "access_token": "imported-access-token" }, "tags": { "plan": "pro" } });
    if let Some(id) = id {
        args["connection_id"] = json!(id);
    }
    args
}

#[test]
fn an_import_makes_a_new_connection_or_overwrites_an_own_one() {
    let (mut host, ada) = (Host::new(), session("ada"));
    let made = host.json(&ada, ADD, import(None));
    assert_eq!(made["successful"], true, "{made}");
    let id = made["data"]["connection_id"].as_str().unwrap().to_owned();
    assert_eq!(connection(&host.world(), &id)["tags"], json!({ "plan": "pro", "end_user_id": "ada" }));
    assert_eq!((host.own().len(), host.lookups()), (1, 0));
    let made = host.json(&ada, ADD, import(Some("hubspot-ada")));
    assert_eq!(made["successful"], true, "{made}");
    let tags = connection(&host.world(), "hubspot-ada")["tags"].clone();
    let kept = json!({ "plan": "pro", "end_user_id": "ada", "end_user_email": "ada@example.com",
        "end_user_display_name": "Ada Emulated", "organization_id": "acme", "organization_display_name": "Acme Anvils" });
    assert_eq!(tags, kept);
    let before = host.world();
    for id in ["hubspot-katherine", "of-my-own-choice", "HUBSPOT-ADA"] {
        let refused = host.json(&ada, ADD, import(Some(id)));
        assert_eq!(refused["error"]["kind"], "not_found", "{refused}");
    }
    assert_eq!(host.world(), before);
}

#[test]
fn an_edit_cannot_change_the_owner() {
    let (mut host, ada) = (Host::new(), session("ada"));
    let edit = |name: &str, value: Value| {
        let mut args = json!({ "connection_id": "hubspot-ada", "provider_config_key": "hubspot" });
        args[name] = value;
        args
    };
    assert_eq!(host.json(&ada, EDIT, edit("tags", json!({ "plan": "max" })))["successful"], true);
    let tags = connection(&host.world(), "hubspot-ada")["tags"].clone();
    let kept = json!({ "plan": "max", "end_user_id": "ada", "end_user_email": "ada@example.com",
        "end_user_display_name": "Ada Emulated", "organization_id": "acme", "organization_display_name": "Acme Anvils" });
    assert_eq!(tags, kept);
    // All tags are sent back as they were read, as the tool's description requires.
    assert_eq!(host.json(&ada, EDIT, edit("tags", tags))["successful"], true);
    assert_eq!(connection(&host.world(), "hubspot-ada")["tags"], kept);
    assert_eq!(host.json(&ada, EDIT, edit("tags", json!({})))["successful"], true);
    let before = host.world();
    for (name, value, path) in [
        ("end_user", json!({ "id": "ada", "email": "eve@example.com" }), "end_user"),
        ("tags", json!({ "end_user_id": "grace" }), "tags.end_user_id"),
        ("tags", json!({ "end_user_email": "grace@example.com" }), "tags.end_user_email"),
        ("tags", json!({ "Organization_Id": "bluebird" }), "tags.Organization_Id"),
    ] {
        assert_eq!(issues(&host.json(&ada, EDIT, edit(name, value))), [path]);
        assert!(host.own().is_empty());
    }
    assert_eq!(host.world(), before);
    // Without tags none are sent: the existing ones stay.
    assert_eq!(host.json(&ada, EDIT, edit("webhook_url_override", json!("")))["successful"], true);
    assert_eq!(body(&host), json!({ "webhook_url_override": "" }));
}

#[test]
fn each_connection_of_several_is_checked_before_any_is_touched() {
    let (mut host, ada) = (Host::new(), session("ada"));
    host.json(&ada, LIST, json!({}));
    for slug in ["NANGO_SET_CONNECTION_METADATA", "NANGO_UPDATE_CONNECTION_METADATA"] {
        let args = |ids: Value| json!({ "connection_id": ids, "provider_config_key": "hubspot", "metadata": { "a": 1 } });
        let before = host.world();
        for ids in [json!(["hubspot-ada", "hubspot-katherine"]), json!(["hubspot-katherine", "hubspot-ada"])]
        {
            let refused = host.json(&ada, slug, args(ids));
            assert_eq!(refused["error"]["kind"], "not_found", "{refused}");
            assert!(refused["error"]["message"].as_str().unwrap().contains("`hubspot-katherine`"));
            assert!(host.own().is_empty());
        }
        assert_eq!(host.world(), before);
        let many: Vec<String> = (0..51).map(|n| format!("c{n}")).collect();
        assert_eq!(issues(&host.json(&ada, slug, args(json!(many)))), ["connection_id"]);
        assert_eq!(host.json(&ada, slug, args(json!(["hubspot-ada", "hubspot-ada"])))["successful"], true);
        assert!(host.lookups() <= 1, "what is named twice is looked up once");
    }
}

#[test]
fn a_tool_for_all_connections_is_one_for_the_users() {
    let (mut host, ada) = (Host::new(), session("ada"));
    for slug in ["NANGO_GET_SYNC_STATUS", "NANGO_SYNC_TRIGGER_POST"] {
        let all = json!({ "provider_config_key": "hubspot", "syncs": ["contacts"] });
        let refused = host.json(&ada, slug, all.clone());
        assert_eq!(issues(&refused), ["connection_id"]);
        assert_eq!(refused["error"]["issues"][0]["code"], "required");
        assert!(host.sent.is_empty());
        let mut one = all;
        one["connection_id"] = json!("hubspot-ada");
        assert_eq!(host.json(&ada, slug, one)["successful"], true);
    }
}

#[test]
fn what_reaches_beyond_the_user_is_denied_and_not_listed() {
    let (mut host, ada) = (Host::new(), session("ada"));
    let own = ada.session.clone().unwrap();
    let beyond = [
        "NANGO_CREATE_INTEGRATION",
        "NANGO_UPDATE_INTEGRATION",
        "NANGO_DELETE_INTEGRATION",
        "NANGO_CREATE_QUICKSTART_INTEGRATION",
        "NANGO_GET_CONNECT_SESSION",
        "NANGO_DELETE_CONNECT_SESSION",
        "NANGO_GET_ACTION_RESULT",
        "NANGO_GET_FUNCTION_INVOCATION",
        "NANGO_GET_FUNCTION_CODE",
        "NANGO_DELETE_FUNCTION",
        "NANGO_UPDATE_FUNCTION",
        "NANGO_COMPILE_FUNCTION",
        "NANGO_GET_FUNCTION_DRYRUN",
        "NANGO_CREATE_FUNCTION_DEPLOYMENT",
        "NANGO_GET_FUNCTION_DEPLOYMENT",
        "NANGO_GET_ENVIRONMENT_VARIABLES",
        "NANGO_ROTATE_WEBHOOK_SIGNING_KEY",
        "NANGO_LIST_ENVIRONMENTS",
        "NANGO_CREATE_ENVIRONMENT",
        "NANGO_DELETE_ENVIRONMENT",
        "NANGO_LIST_API_KEYS",
        "NANGO_GET_API_KEY",
        "NANGO_CREATE_API_KEY",
        "NANGO_DELETE_API_KEY",
        "NANGO_CREATE_AGENT_SESSION",
        "NANGO_DELETE_AGENT_SESSION",
    ];
    for tool in tools::all() {
        assert_eq!(own.lists(tool, &Policy::default()), !beyond.contains(&tool.slug), "{}", tool.slug);
        if beyond.contains(&tool.slug) {
            let args = serde_json::from_str(tool.examples[0].args).unwrap();
            let refused = host.json(&ada, tool.slug, args);
            assert_eq!(refused["error"]["kind"], "denied", "{refused}");
            assert!(host.sent.is_empty());
        }
    }
    let get = |include: Value| json!({ "unique_key": "hubspot", "include": include });
    for include in
        [json!(["credentials"]), json!(["webhook"]), json!("credentials"), json!("[\"CREDENTIALS\"]")]
    {
        let refused = host.json(&ada, "NANGO_GET_INTEGRATION", get(include));
        assert_eq!(refused["error"]["kind"], "denied", "{refused}");
        assert!(host.sent.is_empty());
    }
    for include in [Value::Null, json!([])] {
        assert_eq!(host.json(&ada, "NANGO_GET_INTEGRATION", get(include))["successful"], true);
    }
}

#[test]
fn a_sessions_schema_shows_what_is_left() {
    let own = session("ada").session.unwrap();
    let policy = Policy::default();
    for tool in tools::all() {
        let schema: Value = serde_json::from_str(&own.describe(tool, &policy)).unwrap();
        let shown = schema["properties"].as_object().unwrap();
        for hidden in ["end_user", "organization", "end_user_id", "end_user_organization_id", "include"] {
            assert!(!shown.contains_key(hidden), "{} shows {hidden}", tool.slug);
        }
        let names: Vec<&str> = own.params(tool, &policy).iter().map(|p| p.prop.name).collect();
        assert_eq!(shown.keys().map(String::as_str).collect::<Vec<_>>(), names);
        let required = schema["required"].as_array().unwrap().contains(&json!("connection_id"));
        let has = tool.param("connection_id").is_some();
        assert_eq!(required, has && ![LIST, ADD].contains(&tool.slug), "{}", tool.slug);
        assert!(schema.get("description").is_none_or(|d| !d.as_str().unwrap().contains("end_user")));
    }
}

#[test]
fn toolsets_tools_and_read_only_narrow_a_session() {
    let mut host = Host::new();
    let narrow = |change: fn(&mut SessionOptions)| {
        let mut options = SessionOptions { user: "ada".into(), ..SessionOptions::default() };
        change(&mut options);
        with(options)
    };
    for (options, slug, there) in [
        (narrow(|o| o.toolsets = Some(vec![Toolset::Connections])), LIST, true),
        (narrow(|o| o.toolsets = Some(vec![Toolset::Connections])), "NANGO_LIST_INTEGRATIONS", false),
        (narrow(|o| o.tools = Some(vec!["nango_list_connections".into()])), LIST, true),
        (narrow(|o| o.tools = Some(vec![LIST.into()])), GET, false),
        (narrow(|o| o.read_only = true), LIST, true),
        (narrow(|o| o.read_only = true), GET, false),
    ] {
        let tool = tools::find(slug).unwrap();
        assert_eq!(options.session.as_ref().unwrap().lists(tool, &Policy::default()), there, "{slug}");
        let args = serde_json::from_str::<Value>(tool.examples.last().unwrap().args).unwrap();
        let result = host.json(&options, slug, args);
        assert_eq!(result["successful"], there, "{result}");
        assert!(there || result["error"]["kind"] == "denied" && host.sent.is_empty());
    }
}

#[test]
fn what_is_known_of_a_connection_runs_out() {
    let (mut host, ada) = (Host::new(), session("ada"));
    let get = || json!({ "connection_id": "hubspot-ada", "provider_config_key": "hubspot" });
    let lookups = |host: &mut Host, wait: u64| {
        host.now += wait;
        assert_eq!(host.json(&ada, GET, get())["successful"], true);
        host.lookups()
    };
    assert_eq!(lookups(&mut host, 0), 1);
    assert_eq!(lookups(&mut host, 30_000), 0);
    assert_eq!(lookups(&mut host, 60_000), 1);
    assert_eq!(lookups(&mut host, 0), 0);
    // Another user's session does not know it, and neither does a new one.
    let grace = session("grace");
    assert_eq!(host.json(&grace, GET, get())["error"]["kind"], "not_found");
    assert_eq!(host.lookups(), 1);
    // A missing connection is looked up each time: it may be created meanwhile.
    assert_eq!(host.json(&grace, GET, get())["error"]["kind"], "not_found");
    assert_eq!(host.lookups(), 1);
    // A deleted connection is forgotten immediately.
    assert_eq!(host.json(&ada, "NANGO_DELETE_CONNECTION", get())["successful"], true);
    // Somebody else may have the ID by then.
    let credentials = json!({ "type": "OAUTH2", "access_token": "imported-access-token" });
    let import = json!({ "connection_id": "hubspot-ada", "provider_config_key": "hubspot", "credentials": credentials,
        "tags": { "end_user_id": "grace" } });
    assert_eq!(host.json(&Options::default(), ADD, import)["successful"], true);
    assert_eq!(host.json(&ada, GET, get())["error"]["kind"], "not_found");
    assert_eq!(host.lookups(), 1);
}

#[test]
fn a_look_up_is_repeated_like_any_read_and_not_counted() {
    let (mut host, ada) = (Host::new(), session("ada"));
    host.emulator
        .set_faults(r#"{"fail":[{"match":{"path":"/connections"},"times":2,"kind":"status","status":503}]}"#)
        .unwrap();
    let args = json!({ "action_name": "list-owners", "connection_id": "hubspot-ada", "provider_config_key": "hubspot" });
    let result = host.json(&ada, "NANGO_ACTION_TRIGGER_POST", args.clone());
    assert_eq!((&result["successful"], &result["meta"]["attempts"]), (&json!(true), &json!(1)), "{result}");
    assert_eq!((host.lookups(), host.own().len()), (3, 1));
    let names: Vec<Value> = host
        .events
        .iter()
        .map(|e| serde_json::from_str::<Value>(&e.to_json()).unwrap()["type"].clone())
        .collect();
    let expected =
        ["started", "lookup", "retry", "lookup", "retry", "lookup", "decision", "attempt", "finished"];
    assert_eq!(names, expected.map(|n| json!(format!("call.{n}"))));
    // If the owner of a connection cannot be determined, nothing runs.
    let ada = session("ada");
    host.emulator
        .set_faults(r#"{"fail":[{"match":{"path":"/connections"},"times":null,"kind":"drop"}]}"#)
        .unwrap();
    let result = host.json(&ada, "NANGO_ACTION_TRIGGER_POST", args);
    assert_eq!(result["error"]["kind"], "network", "{result}");
    assert!(host.own().is_empty() && result["meta"]["attempts"] == 0);
    assert!(
        !result["error"]["hint"].as_str().unwrap().contains("may have reached"),
        "a look-up changes nothing"
    );
}

fn fact(end_user: Option<&str>, organization: Option<&str>, tags: &[&str]) -> Fact {
    Fact {
        connection_id: "c".into(),
        provider_config_key: "i".into(),
        end_user: end_user.map(str::to_owned),
        organization: organization.map(str::to_owned),
        tags: tags.iter().map(|t| (*t).to_owned()).collect(),
    }
}

#[test]
fn a_connection_is_the_users_only_where_all_says_so() {
    let of = |organization: Option<&str>, tags: &[(&str, &str)]| {
        let tags = tags.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let organization = organization.map(str::to_owned);
        Session::new(SessionOptions { user: "u".into(), organization, tags, ..SessionOptions::default() })
            .unwrap()
    };
    let user = of(None, &[]);
    for (fact, owned) in [
        (fact(Some("u"), None, &[]), true),
        (fact(None, None, &["end_user_id=u"]), true),
        (fact(Some("u"), Some("o"), &["end_user_id=u", "x=y"]), true),
        (fact(None, None, &[]), false),
        (fact(Some("U"), None, &[]), false),
        (fact(None, None, &["end_user_id=u2"]), false),
        (fact(None, None, &["end_user_id=U"]), false),
        (fact(None, None, &["end_user_idx=u", "x_end_user_id=u", "end_user_id"]), false),
        // A connection with contradicting owners belongs to nobody.
        (fact(Some("v"), None, &["end_user_id=u"]), false),
        (fact(Some("u"), None, &["end_user_id=v"]), false),
    ] {
        assert_eq!(user.owns(&fact), owned, "{fact:?}");
    }
    let member = of(Some("o"), &[("Team", "x=y")]);
    for (fact, owned) in [
        (fact(Some("u"), Some("o"), &["team=x=y"]), true),
        (fact(None, None, &["end_user_id=u", "organization_id=o", "team=x=y"]), true),
        (fact(Some("u"), Some("o"), &[]), false),
        (fact(Some("u"), Some("p"), &["team=x=y"]), false),
        (fact(Some("u"), Some("o"), &["team=x=y", "organization_id=p"]), false),
        (fact(Some("u"), None, &["team=x=y"]), false),
        (fact(None, Some("o"), &["team=x=y"]), false),
    ] {
        assert_eq!(member.owns(&fact), owned, "{fact:?}");
    }
    // The same user id in another organization is somebody else.
    let mut host = Host::new();
    let options = |organization: &str| {
        let organization = Some(organization.to_owned());
        with(SessionOptions { user: "ada".into(), organization, ..SessionOptions::default() })
    };
    assert_eq!(ids(&host.json(&options("acme"), LIST, json!({}))).len(), 4);
    assert_eq!(ids(&host.json(&options("bluebird"), LIST, json!({}))).len(), 0);
    let get = json!({ "connection_id": "hubspot-ada", "provider_config_key": "hubspot" });
    assert_eq!(host.json(&options("bluebird"), GET, get)["error"]["kind"], "not_found");
}

#[test]
fn a_session_that_cannot_be_is_refused() {
    let of = |change: fn(&mut SessionOptions)| {
        let mut options = SessionOptions { user: "ada".into(), ..SessionOptions::default() };
        change(&mut options);
        Session::new(options)
    };
    assert!(of(|_| ()).is_ok());
    let changes: [fn(&mut SessionOptions); 8] = [
        |o| o.user.clear(),
        |o| o.user = "x".repeat(256),
        |o| o.organization = Some(String::new()),
        |o| o.tags = [("end_user_id".into(), "grace".into())].into(),
        |o| o.tags = [("not a key".into(), "x".into())].into(),
        |o| o.tags = [("team".into(), String::new())].into(),
        |o| o.tags = (0..10).map(|n| (format!("t{n}"), "x".into())).collect(),
        |o| o.tools = Some(vec!["NANGO_NOTHING".into()]),
    ];
    for change in changes {
        let error = of(change).unwrap_err();
        assert!(!error.message.is_empty() && error.kind == ErrorKind::InvalidOption, "{error}");
    }
}
