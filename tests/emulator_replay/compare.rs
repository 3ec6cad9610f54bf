//! What makes two answers equal: status, code, issues, the shape of the body, and what a provider got.

use serde_json::{Value, json};

/// Objects whose property names are data, or that differ from one entry to the next.
const FREE: &[&str] = &[
    "metadata",
    "tags",
    "connection_config",
    "raw",
    "json_schema",
    "recordCount",
    "latestResult",
    "input",
    "payload",
];

/// Strings for people that the emulator's catalogue words itself, if it has any.
const WORDED: &[&str] = &["example", "warnings"];

/// Status, code, and the issues with their paths.
pub(crate) type Said = (u16, String, Vec<(String, Vec<String>)>);

pub(crate) fn said(status: u16, body: &Value) -> Said {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let error = &body["error"];
    let code = if error.is_object() { text(&error["code"]) } else { text(&body["code"]) };
    let path = |issue: &Value| issue["path"].as_array().unwrap().iter().map(text).collect();
    let issues = error["errors"].as_array().into_iter().flatten();
    (status, code, issues.map(|issue| (text(&issue["code"]), path(issue))).collect())
}

/// Where two bodies differ in shape: in the names of properties, at every depth, and in the types of values. Null fits
/// every type, and a list is judged by its first entry.
pub(crate) fn difference(ours: &Value, theirs: &Value) -> Option<String> {
    match (ours, theirs) {
        (Value::Null, _) | (_, Value::Null) => None,
        (Value::Array(ours), Value::Array(theirs)) => difference(ours.first()?, theirs.first()?),
        (Value::Object(ours), Value::Object(theirs)) => {
            // Names with `_` in front were added when the recordings were cut.
            let optional = |name: &&String| name.starts_with('_') || WORDED.contains(&name.as_str());
            let missing = theirs.keys().filter(|name| !optional(name) && !ours.contains_key(*name));
            let added = ours.keys().filter(|name| !optional(name) && !theirs.contains_key(*name));
            let names: Vec<String> =
                missing.map(|n| format!("no {n}")).chain(added.map(|n| format!("has {n}"))).collect();
            if !names.is_empty() {
                return Some(names.join(", "));
            }
            let inner = ours.iter().filter(|(name, _)| !FREE.contains(&name.as_str()));
            inner
                .filter_map(|(name, value)| Some((name, difference(value, theirs.get(name)?)?)))
                .map(|(name, difference)| format!("{name}: {difference}"))
                .next()
        }
        _ if kind(ours) == kind(theirs) => None,
        _ => Some(format!("{} instead of {}", kind(ours), kind(theirs))),
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// What the provider got, where its answer is an echo: method, URL, body, and the headers that matter.
pub(crate) fn echoed(body: &Value) -> Option<Vec<Value>> {
    body.get("url")?;
    let names = ["authorization", "content-type", "accept", "host", "x-foo", "upper", "x-test", "x-mine"];
    let headers = names.map(|name| {
        let value = &body["headers"][name];
        // A signature is new each time.
        if value.as_str().is_some_and(|v| v.starts_with("OAuth ")) { json!("OAuth") } else { value.clone() }
    });
    let parts = ["method", "url", "body"].map(|name| body[name].clone());
    Some(parts.into_iter().chain(headers).collect())
}
