//! Modifiers: listings and calls agree, and an agent cannot undo them.

use std::sync::Arc;

use nango_toolkit::call::{Ask, Call, Options, Poll};
use nango_toolkit::error::ErrorKind;
use nango_toolkit::modify::Modifiers;
use nango_toolkit::schema::{self, Allow};
use nango_toolkit::tool::Tool;
use nango_toolkit::{http, tools};
use serde_json::{Map, Value, json};

use crate::common::args::{good, least};
use crate::common::random::{Random, seed};

const KEY: &str = "7b0c9f6e-4a55-4b8e-9d6a-2f1f0f6f5c11";

fn options(modify: &Value) -> Options {
    let modify =
        Modifiers::new(modify, &Allow::default()).unwrap_or_else(|error| panic!("{}", error.message));
    Options { modify: Some(Arc::new(modify)), ..Options::default() }
}

/// What a call sends, or why it does not.
fn sent(options: &Options, name: &str, args: Value) -> Result<http::Request, nango_toolkit::error::Error> {
    let mut call = Call::new(options.clone(), name, args, 1);
    loop {
        match call.poll(0) {
            Poll::Ask(Ask::Key) => call.handle_key(Ok(KEY), 0),
            Poll::Send { request, .. } => return Ok(request),
            Poll::Done(outcome) => return Err(outcome.result.unwrap_err()),
            other => panic!("{other:?}"),
        }
    }
}

/// The argument names of the wire schema, and those it requires.
fn shown(options: &Options, tool: &Tool) -> (Vec<String>, Vec<String>) {
    let wire: Value = serde_json::from_str(&schema::wire_of(tool, &options.params(tool))).unwrap();
    let required = wire["required"].as_array().unwrap().iter().map(|n| n.as_str().unwrap().to_owned());
    (wire["properties"].as_object().unwrap().keys().cloned().collect(), required.collect())
}

#[test]
fn a_renamed_tool_answers_to_the_new_name() {
    let options = options(&json!({
        "NANGO_GET_CONNECTION": { "rename": "get_account", "description": "One account." },
        "nango_connection_get": { "rename": "list-accounts" },
    }));
    let modify = options.modify.as_ref().unwrap();
    let tool = tools::find("NANGO_GET_CONNECTION").unwrap();
    assert_eq!(modify.words(tool), ("get_account", "One account."));
    assert_eq!(options.find("get_account").unwrap().slug, "NANGO_GET_CONNECTION");
    assert_eq!(options.find("list-accounts").unwrap().slug, "NANGO_CONNECTION_LIST_GET");
    assert_eq!(options.find("NANGO_GET_CONNECTION").unwrap().slug, "NANGO_GET_CONNECTION");
    assert!(options.find("get_accounts").is_none() && options.find("").is_none());
    let other = tools::find("NANGO_GET_PROXY").unwrap();
    assert_eq!(modify.words(other), (other.slug, other.doc));
    let request =
        sent(&options, "get_account", json!({ "connection_id": "a", "provider_config_key": "b" })).unwrap();
    assert_eq!(request.url, "https://api.nango.dev/connections/a?provider_config_key=b");
    assert_eq!(sent(&Options::default(), "get_account", json!({})).unwrap_err().kind, ErrorKind::UnknownTool);
}

#[test]
fn a_pinned_argument_disappears_and_is_set() {
    let options =
        options(&json!({ "NANGO_GET_CONNECTION": { "pin": { "provider_config_key": "hubspot" } } }));
    let tool = tools::find("NANGO_GET_CONNECTION").unwrap();
    let (names, required) = shown(&options, tool);
    assert!(
        !names.contains(&"provider_config_key".to_owned()) && names.contains(&"force_refresh".to_owned())
    );
    assert_eq!(required, ["connection_id"]);
    for args in [
        json!({ "connection_id": "a" }),
        json!(r#"{"connection_id":"a"}"#),
        json!({ "connection_id": "a", "provider_config_key": null }),
    ] {
        let request = sent(&options, tool.slug, args).unwrap();
        assert_eq!(request.url, "https://api.nango.dev/connections/a?provider_config_key=hubspot");
    }
    for theirs in ["hubspot", "github", ""] {
        let args = json!({ "connection_id": "a", "provider_config_key": theirs });
        let error = sent(&options, tool.slug, args).unwrap_err();
        assert_eq!(error.kind, ErrorKind::InvalidArguments, "{theirs}");
        assert_eq!(error.issues[0].path, ["provider_config_key"]);
        assert_eq!(error.issues[0].code, "unrecognized_keys");
    }
    // A value that is not an object is refused as usual.
    assert_eq!(sent(&options, tool.slug, json!([1])).unwrap_err().kind, ErrorKind::InvalidArguments);
}

#[test]
fn hidden_arguments_are_refused_and_defaults_give_way() {
    let options = options(&json!({ "NANGO_CONNECTION_LIST_GET": {
        "hide": ["search", "limit"], "default": { "limit": 5, "page": 0 },
    } }));
    let tool = tools::find("NANGO_CONNECTION_LIST_GET").unwrap();
    let names = shown(&options, tool).0;
    assert!(!names.contains(&"search".to_owned()) && !names.contains(&"limit".to_owned()));
    assert!(names.contains(&"page".to_owned()));
    assert_eq!(
        sent(&options, tool.slug, json!({})).unwrap().url,
        "https://api.nango.dev/connections?limit=5&page=0"
    );
    let request = sent(&options, tool.slug, json!({ "page": 2 })).unwrap();
    assert_eq!(request.url, "https://api.nango.dev/connections?limit=5&page=2");
    let error = sent(&options, tool.slug, json!({ "search": "x", "limit": 50, "pages": 1 })).unwrap_err();
    let paths: Vec<_> = error.issues.iter().map(|issue| issue.path.join(".")).collect();
    assert_eq!(paths, ["search", "limit", "pages"], "all at once");
    // A default makes a required argument optional.
    let options =
        self::options(&json!({ "NANGO_PROVIDERS_GET_GET": { "default": { "provider": "github" } } }));
    let tool = tools::find("NANGO_PROVIDERS_GET_GET").unwrap();
    assert_eq!(shown(&options, tool), (vec!["provider".to_owned(), "language".to_owned()], vec![]));
    for args in [json!(null), json!(""), json!({}), json!({ "provider": null })] {
        assert_eq!(sent(&options, tool.slug, args).unwrap().url, "https://api.nango.dev/providers/github");
    }
    assert!(
        sent(&options, tool.slug, json!({ "provider": "slack" })).unwrap().url.ends_with("/providers/slack")
    );
}

#[test]
fn the_forms_of_providers_agree_too() {
    let mut options = options(&json!({ "NANGO_EDIT_CONNECTION": {
        "pin": { "tags": { "team": "red" } }, "default": { "provider_config_key": "hubspot" },
    } }));
    options.provider = Some(schema::Provider::OpenAiStrict);
    let tool = tools::find("NANGO_EDIT_CONNECTION").unwrap();
    let wire: Value = serde_json::from_str(&schema::wire_of(tool, &options.params(tool))).unwrap();
    let strict: Value =
        serde_json::from_str(&schema::adapt(Some(tool), &wire, schema::Provider::OpenAiStrict)).unwrap();
    assert_eq!(strict["properties"]["provider_config_key"]["type"], json!(["string", "null"]));
    assert!(strict["properties"].get("tags").is_none());
    let args = json!({ "connection_id": "a", "provider_config_key": null, "end_user": null });
    let request = sent(&options, tool.slug, args).unwrap();
    assert_eq!(request.url, "https://api.nango.dev/connections/a?provider_config_key=hubspot");
    assert_eq!(
        serde_json::from_str::<Value>(&request.body.unwrap()).unwrap(),
        json!({ "tags": { "team": "red" } })
    );
}

#[test]
fn pinned_secrets_are_masked_in_events() {
    let secret = "planted-token-91";
    let pin = json!({ "type": "OAUTH2", "access_token": secret });
    let options = options(&json!({ "NANGO_ADD_CONNECTION": { "pin": { "credentials": pin } } }));
    let mut call = Call::new(options, "NANGO_ADD_CONNECTION", json!({ "provider_config_key": "hubspot" }), 1);
    assert!(matches!(call.poll(0), Poll::Ask(Ask::Key)));
    let events: String = call.take_events().iter().map(|event| event.to_json()).collect();
    assert!(events.contains("call.started") && !events.contains(secret), "{events}");
}

#[test]
fn what_is_wrong_with_modifiers_is_said() {
    let on = |tool: &str, change: Value| json!({ tool: change });
    let proxy = |change: Value| on("NANGO_GET_PROXY", change);
    for (given, path, said) in [
        (json!([]), "", "expected an object"),
        (json!(null), "", "expected an object"),
        (
            json!({ "NANGO_GET_CONECTION": {} }),
            "NANGO_GET_CONECTION",
            "there is no tool `NANGO_GET_CONECTION`",
        ),
        (proxy(json!(5)), "NANGO_GET_PROXY", "expected an object"),
        (proxy(json!({ "renam": "x" })), "NANGO_GET_PROXY.renam", "there is no"),
        (proxy(json!({ "rename": "" })), "NANGO_GET_PROXY.rename", "1 to 64 letters"),
        (proxy(json!({ "rename": null })), "NANGO_GET_PROXY.rename", "got null"),
        (proxy(json!({ "rename": "a b" })), "NANGO_GET_PROXY.rename", "1 to 64 letters"),
        (proxy(json!({ "rename": "x".repeat(65) })), "NANGO_GET_PROXY.rename", "1 to 64 letters"),
        (proxy(json!({ "rename": "NANGO_PUT_PROXY" })), "NANGO_GET_PROXY.rename", "another tool"),
        (proxy(json!({ "rename": "nango_connection_get" })), "NANGO_GET_PROXY.rename", "another tool"),
        (
            json!({ "NANGO_GET_PROXY": { "rename": "x" }, "NANGO_PUT_PROXY": { "rename": "x" } }),
            "NANGO_PUT_PROXY.rename",
            "another tool already has this name",
        ),
        (
            json!({ "NANGO_CONNECTION_GET": {}, "NANGO_CONNECTION_LIST_GET": {} }),
            "NANGO_CONNECTION_LIST_GET",
            "another entry",
        ),
        (proxy(json!({ "description": "" })), "NANGO_GET_PROXY.description", "not empty"),
        (proxy(json!({ "hide": "retries" })), "NANGO_GET_PROXY.hide", "expected a list"),
        (proxy(json!({ "hide": null })), "NANGO_GET_PROXY.hide", "expected a list"),
        (proxy(json!({ "hide": ["retry"] })), "NANGO_GET_PROXY.hide.retry", "there is no property `retry`"),
        (proxy(json!({ "hide": [5] })), "NANGO_GET_PROXY.hide.0", "expected a string"),
        (
            proxy(json!({ "pin": { "colour": "red" } })),
            "NANGO_GET_PROXY.pin.colour",
            "there is no property `colour`",
        ),
        (proxy(json!({ "pin": ["x"] })), "NANGO_GET_PROXY.pin", "expected an object"),
        (
            on("NANGO_GET_CONNECTION", json!({ "hide": ["connection_id"] })),
            "NANGO_GET_CONNECTION.hide.connection_id",
            "expected",
        ),
        (
            on("NANGO_GET_CONNECTION", json!({ "pin": { "connection_id": null } })),
            "NANGO_GET_CONNECTION.pin.connection_id",
            "expected",
        ),
        (
            on("NANGO_CONNECTION_LIST_GET", json!({ "pin": { "limit": "many" } })),
            "NANGO_CONNECTION_LIST_GET.pin.limit",
            "expected",
        ),
        (
            on("NANGO_CONNECTION_LIST_GET", json!({ "default": { "limit": -1 } })),
            "NANGO_CONNECTION_LIST_GET.default.limit",
            "expected",
        ),
    ] {
        let error = Modifiers::new(&given, &Allow::default()).unwrap_err();
        assert_eq!((error.kind, error.issues.len()), (ErrorKind::InvalidOption, 1), "{given}: {error}");
        assert_eq!(error.issues[0].path.join("."), path, "{given}: {error}");
        assert!(error.issues[0].message.contains(said), "{given}: {error}");
    }
    let several = json!({ "NANGO_GET_PROXY": { "rename": "a b", "hide": ["retry"] }, "NANGO_NOTHING": {} });
    let places = Modifiers::new(&several, &Allow::default()).unwrap_err().issues;
    let places: Vec<String> = places.iter().map(|issue| issue.path.join(".")).collect();
    assert_eq!(places, ["NANGO_GET_PROXY.rename", "NANGO_GET_PROXY.hide.retry", "NANGO_NOTHING"]);
    // What the toolkit allows is allowed here, too.
    let hosts = Allow { override_hosts: vec!["example.com".to_owned()], proxy_authorization: false };
    let pin = json!({ "NANGO_GET_PROXY": { "pin": { "base_url_override": "https://example.com" } } });
    assert!(Modifiers::new(&pin, &Allow::default()).is_err());
    assert!(Modifiers::new(&pin, &hosts).is_ok());
}

/// If any JSON is allowed, `null` is a value: it can be pinned, and an agent cannot send it if the argument
/// is hidden.
#[test]
fn null_is_a_value_where_any_json_is_allowed() {
    let tool = tools::find("NANGO_ACTION_TRIGGER_POST").unwrap();
    let args = |modify: Value, given: Value| {
        let modify = Modifiers::new(&json!({ tool.slug: modify }), &Allow::default()).unwrap();
        let options = Options { modify: Some(Arc::new(modify)), ..Options::default() };
        let least = json!({ "action_name": "a", "connection_id": "c", "provider_config_key": "p" });
        let mut all = least.as_object().unwrap().clone();
        all.extend(given.as_object().unwrap().clone());
        options.check(tool, Value::Object(all)).map(|args| args.get("input").cloned())
    };
    let pin = json!({ "pin": { "input": null } });
    assert_eq!(args(pin.clone(), json!({})), Ok(Some(Value::Null)));
    assert_eq!(args(pin.clone(), json!({ "input": null })), Ok(Some(Value::Null)));
    assert_eq!(args(pin, json!({ "input": 1 })).unwrap_err()[0].path, ["input"]);
    let hide = json!({ "hide": ["input"] });
    assert_eq!(args(hide.clone(), json!({ "input": null })), Ok(None));
    assert_eq!(args(hide, json!({ "input": {} })).unwrap_err()[0].path, ["input"]);
}

/// Random changes to every tool: whatever the agent sends, what is pinned is what is checked, hidden
/// arguments are refused, and the schema shows neither.
#[test]
fn nothing_an_agent_sends_undoes_modifiers() {
    let mut random = Random::new(seed());
    let allow = Allow { override_hosts: vec!["example.com".to_owned()], proxy_authorization: true };
    for round in 0..2000 {
        let all: Vec<&Tool> = tools::all().collect();
        let tool = all[random.below(all.len())];
        let values = good(&mut random, tool);
        let (mut pin, mut hide, mut default) = (Map::new(), Vec::new(), Map::new());
        for param in tool.params {
            let name = param.prop.name;
            match (random.below(5), values.get(name)) {
                (0, Some(value)) => drop(pin.insert(name.to_owned(), value.clone())),
                (1, _) if !param.prop.required => hide.push(Value::from(name)),
                (2, Some(value)) => drop(default.insert(name.to_owned(), value.clone())),
                _ => {}
            }
        }
        let modify = json!({ tool.slug: { "pin": pin, "hide": hide, "default": default } });
        // Rules between arguments may make such changes impossible: this is reported on creation.
        let Ok(modify) = Modifiers::new(&modify, &allow) else { continue };
        let options = Options { modify: Some(Arc::new(modify)), allow: allow.clone(), ..Options::default() };
        let hidden: Vec<String> =
            pin.keys().cloned().chain(hide.iter().map(|n| n.as_str().unwrap().to_owned())).collect();
        let (names, required) = shown(&options, tool);
        assert!(hidden.iter().all(|name| !names.contains(name)), "round {round} {}", tool.slug);
        assert!(required.iter().all(|name| !default.contains_key(name)));
        let theirs = if random.below(2) == 0 { good(&mut random, tool) } else { least(&mut random, tool) };
        let gave = hidden.iter().any(|name| theirs.get(name).is_some_and(|value| !value.is_null()));
        match options.check(tool, theirs.clone()) {
            Ok(args) => {
                assert!(!gave, "round {round}: {} took {theirs}", tool.slug);
                let ours = schema::check(tool, args.clone(), &allow).unwrap();
                assert_eq!(ours, args, "what is checked stays as it is");
                let pinned = schema::check(tool, values.clone(), &allow).unwrap();
                for name in pin.keys() {
                    assert_eq!(args.get(name), pinned.get(name), "round {round}: {} {name}", tool.slug);
                }
            }
            Err(issues) => {
                let refused = |name: &String| {
                    issues.iter().any(|i| i.path == [name.clone()] && i.code == "unrecognized_keys")
                };
                assert!(!gave || hidden.iter().any(refused), "round {round}: {}", tool.slug);
            }
        }
    }
}
