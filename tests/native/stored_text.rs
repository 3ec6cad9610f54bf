//! What no database of Nango's can hold is refused before anything is sent: NUL in strings that are stored or searched,
//! wherever they stand, and names by which the server takes an object for none.

use nango_toolkit::schema::{self, Allow};
use nango_toolkit::session::Session;
use nango_toolkit::tool::Tool;
use nango_toolkit::tools;
use serde_json::{Value, json};

fn issues(tool: &Tool, args: Value) -> Vec<String> {
    let found = schema::check(tool, args, &Allow::default()).err().map(Vec::from).unwrap_or_default();
    found.into_iter().map(|issue| format!("{}: {}", issue.path.join("."), issue.message)).collect()
}

/// The arguments of each example, and of tools with free-form places, those filled.
fn samples() -> Vec<(&'static Tool, Value)> {
    let mut all: Vec<(&Tool, Value)> = Vec::new();
    for tool in tools::all() {
        for example in tool.examples {
            all.push((tool, serde_json::from_str(example.args).unwrap()));
        }
    }
    let find = |slug| tools::find(slug).unwrap();
    let deep = json!({ "a": { "b": ["x", { "c": "y" }, 1, null] }, "d": "z" });
    let one = json!({ "connection_id": "c", "provider_config_key": "hubspot" });
    let with = |name: &str, value: Value| {
        let mut args = one.clone();
        args[name] = value;
        args
    };
    all.push((find("NANGO_SET_CONNECTION_METADATA"), with("metadata", deep.clone())));
    all.push((find("NANGO_UPDATE_CONNECTION_METADATA"), with("metadata", deep.clone())));
    let mut action = with("input", deep.clone());
    action["action_name"] = json!("create-contact");
    all.push((find("NANGO_ACTION_TRIGGER_POST"), action));
    all.push((find("NANGO_EDIT_CONNECTION"), with("tags", json!({ "team": "a", "env": "b" }))));
    let user = json!({ "id": "ada", "display_name": "Ada", "tags": { "plan": "free" } });
    all.push((find("NANGO_CREATE_CONNECT_SESSION"), json!({ "end_user": user })));
    all.push((
        find("NANGO_CONNECTION_LIST_GET"),
        json!({ "search": "ada", "end_user_id": "ada", "tags": { "a": "b" } }),
    ));
    all
}

/// Every place of a string in a value, and of a name whose value is free-form, with NUL put in there.
fn spoilt(value: &Value, put: &dyn Fn(Value) -> Value, out: &mut Vec<Value>) {
    match value {
        Value::String(text) => {
            for spoilt in [format!("\0{text}"), format!("{text}\0"), "\0".to_owned()] {
                out.push(put(Value::from(spoilt)));
            }
        }
        Value::Array(items) => {
            for at in 0..items.len() {
                let put = |item| {
                    let mut items = items.clone();
                    items[at] = item;
                    put(Value::Array(items))
                };
                spoilt(&items[at], &put, out);
            }
        }
        Value::Object(map) => {
            for (name, inner) in map {
                let put_inner = |item| {
                    let mut map = map.clone();
                    map[name] = item;
                    put(Value::Object(map))
                };
                spoilt(inner, &put_inner, out);
                let mut renamed = map.clone();
                renamed.shift_remove(name);
                renamed.insert(format!("{name}\0"), inner.clone());
                out.push(put(Value::Object(renamed)));
            }
        }
        _ => {}
    }
}

#[test]
fn nul_is_refused_wherever_it_would_be_stored_or_searched() {
    let mut checked = 0;
    for (tool, args) in samples().into_iter().filter(|(tool, _)| !tool.is_proxy()) {
        assert_eq!(issues(tool, args.clone()), Vec::<String>::new(), "{}: {args}", tool.slug);
        let mut all = Vec::new();
        spoilt(&args, &|value| value, &mut all);
        for args in all {
            assert!(!issues(tool, args.clone()).is_empty(), "{}: {args}", tool.slug);
            checked += 1;
        }
    }
    assert!(checked > 300, "{checked}");
}

#[test]
fn what_goes_to_a_provider_may_hold_nul_where_http_lets_it() {
    let tool = tools::find("NANGO_PUT_PROXY").unwrap();
    let args = |name: &str, value: Value| {
        let mut args = json!({ "connection_id": "c", "provider_config_key": "hubspot", "any_path": "x" });
        args[name] = value;
        args
    };
    assert!(issues(tool, args("body", json!({ "a": "\0" }))).is_empty());
    assert!(issues(tool, args("query_params", json!({ "a": "\0" }))).is_empty());
    for (name, value) in [
        ("any_path", json!("a\0")),
        ("proxy_headers", json!({ "accept": "\0" })),
        ("connection_id", json!("c\0")),
        ("provider_config_key", json!("h\0")),
    ] {
        assert!(!issues(tool, args(name, value)).is_empty(), "{name}");
    }
}

#[test]
fn nul_is_refused_in_the_options_of_a_session() {
    for (name, value) in [
        ("user", json!("a\0")),
        ("organization", json!("a\0")),
        ("agent", json!("\0")),
        ("id", json!("a\0b")),
        ("roles", json!(["a", "b\0"])),
        ("tags", json!({ "team": "a\0" })),
    ] {
        let mut options = json!({ "user": "ada" });
        options[name] = value;
        let error = Session::from_value(options).unwrap_err();
        assert_eq!(error.issues[0].path[0], name, "{error:?}");
    }
}

#[test]
fn the_name_constructor_is_refused_where_the_server_refuses_it() {
    let refused = |slug: &str, args: Value| {
        let found = issues(tools::find(slug).unwrap(), args);
        found.iter().filter(|issue| issue.contains("constructor: ")).count()
    };
    let one = |name: &str, value: Value| {
        let mut args = json!({ "connection_id": "c", "provider_config_key": "hubspot" });
        args[name] = value;
        args
    };
    for slug in ["NANGO_SET_CONNECTION_METADATA", "NANGO_UPDATE_CONNECTION_METADATA"] {
        for value in [json!(1), json!(null), json!("x"), json!({ "prototype": {} })] {
            assert_eq!(refused(slug, one("metadata", json!({ "a": 1, "constructor": value }))), 1, "{value}");
        }
        assert_eq!(refused(slug, one("metadata", json!({ "a": { "constructor": 1 }, "Constructor": 2 }))), 0);
    }
    for (slug, args) in [
        ("NANGO_EDIT_CONNECTION", one("tags", json!({ "constructor": "x" }))),
        ("NANGO_CONNECTION_LIST_GET", json!({ "tags": { "constructor": "x" } })),
        ("NANGO_CREATE_CONNECT_SESSION", json!({ "tags": { "team": "a", "constructor": "x" } })),
        (
            "NANGO_CREATE_CONNECT_SESSION",
            json!({ "end_user": { "id": "a", "tags": { "constructor": "x" } } }),
        ),
    ] {
        assert_eq!(refused(slug, args.clone()), 1, "{slug}: {args}");
    }
    assert!(Session::from_value(json!({ "user": "ada", "tags": { "constructor": "x" } })).is_err());
}
