//! Checks one argument and returns the result.

use nango_toolkit::error::Issue;
use nango_toolkit::schema::{self, Allow};
use nango_toolkit::tools;
use serde_json::{Value, json};

pub fn check(slug: &str, args: Value) -> Result<Value, Vec<Issue>> {
    schema::check(tools::find(slug).unwrap(), args, &Allow::default()).map(Value::from).map_err(Vec::from)
}

/// The issues as `path code`.
pub fn short(issues: &[Issue]) -> Vec<String> {
    issues.iter().map(|i| format!("{} {}", i.path.join("."), i.code)).collect()
}

pub const LIST: &str = "NANGO_CONNECTION_LIST_GET";
pub const GET: &str = "NANGO_GET_CONNECTION";
pub const STATUS: &str = "NANGO_GET_SYNC_STATUS";
pub const INTEGRATION: &str = "NANGO_GET_INTEGRATION";
pub const TRIGGER: &str = "NANGO_SYNC_TRIGGER_POST";
pub const ACTION: &str = "NANGO_ACTION_TRIGGER_POST";
pub const ADD: &str = "NANGO_ADD_CONNECTION";
pub const CREATE: &str = "NANGO_CREATE_INTEGRATION";
pub const SESSION: &str = "NANGO_CREATE_CONNECT_SESSION";
pub const METADATA: &str = "NANGO_SET_CONNECTION_METADATA";
pub const PROXY: &str = "NANGO_GET_PROXY";
pub const PUT: &str = "NANGO_PUT_PROXY";

/// One argument of a tool in addition to the required ones, and the result: a value, nothing (`None`), or
/// issues.
pub enum To {
    Value(Value),
    Nothing,
    Issues(&'static [&'static str]),
}
pub use To::{Issues, Nothing};

pub fn base(slug: &str) -> Value {
    match slug {
        GET => json!({ "connection_id": "c", "provider_config_key": "k" }),
        STATUS => json!({ "provider_config_key": "k", "syncs": ["s"] }),
        INTEGRATION => json!({ "unique_key": "k" }),
        TRIGGER => json!({ "provider_config_key": "k", "syncs": [] }),
        ACTION => json!({ "action_name": "a", "connection_id": "c", "provider_config_key": "k" }),
        ADD => json!({ "provider_config_key": "k", "credentials": { "type": "NONE" } }),
        CREATE => json!({ "provider": "p", "unique_key": "k" }),
        SESSION => json!({ "tags": {} }),
        METADATA => json!({ "connection_id": "c", "provider_config_key": "k", "metadata": {} }),
        PROXY | PUT => json!({ "provider_config_key": "k", "connection_id": "c", "any_path": "x" }),
        _ => json!({}),
    }
}

pub fn becomes(slug: &str, name: &str, given: Value, to: To) {
    let mut args = base(slug);
    args[name] = given.clone();
    let place = format!("{slug} {name}: {given}");
    match (check(slug, args), to) {
        (Ok(args), To::Value(value)) => assert_eq!(args[name], value, "{place}"),
        (Ok(args), Nothing) => assert_eq!(args.get(name), None, "{place}"),
        (Err(issues), Issues(expected)) => assert_eq!(short(&issues), expected, "{place}: {issues:?}"),
        (Ok(args), Issues(expected)) => panic!("{place} is taken as {args}, expected {expected:?}"),
        (Err(issues), _) => panic!("{place} is refused: {issues:?}"),
    }
}

pub fn same(slug: &str, name: &str, given: Value) {
    becomes(slug, name, given.clone(), To::Value(given));
}

pub fn to(value: Value) -> To {
    To::Value(value)
}
