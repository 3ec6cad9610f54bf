//! `integration_config`: settings that a few providers declare, checked against their declaration.

use serde_json::Value;

use super::formats::host_of;
use super::providers::Provider;
use super::state::Object;

fn declared(provider: &Provider) -> Option<&Object> {
    provider.entry.get("integration_config").and_then(Value::as_object)
}

/// Whether the provider declares settings.
pub(crate) fn accepts(provider: &Provider) -> bool {
    declared(provider).is_some()
}

/// The settings after a change, with defaults.
///
/// # Errors
/// All problems, in the server's words.
pub(crate) fn change(provider: &Provider, old: &Object, new: &Object) -> Result<Object, String> {
    let Some(fields) = declared(provider) else {
        return Err("This provider does not accept integration configuration".into());
    };
    let mut all = old.clone();
    all.extend(new.clone());
    let mut problems: Vec<String> = new
        .keys()
        .filter(|name| !fields.contains_key(*name))
        .map(|name| format!("{name} is not allowed"))
        .collect();
    for (name, field) in fields {
        let optional = field.get("optional").and_then(Value::as_bool).unwrap_or(false);
        let value = all.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        if value.is_empty() {
            all.remove(name);
            match field.get("default_value") {
                Some(default) => {
                    all.insert(name.clone(), default.clone());
                }
                None if optional || !applies(field, &all) => {}
                None => problems.push(format!("{name} is required")),
            }
            continue;
        }
        let choices = field.get("enum").and_then(Value::as_array);
        if choices.is_some_and(|c| !c.iter().any(|v| v.as_str() == Some(&value))) {
            problems.push(format!("{name} must be one of the allowed values"));
        }
        if field.get("format").and_then(Value::as_str) == Some("uri") && host_of(&value).is_none() {
            problems.push(format!("{name} must be a valid URL"));
        }
    }
    if problems.is_empty() { Ok(all) } else { Err(problems.join(", ")) }
}

/// Whether a field is required, considering the others.
fn applies(field: &Value, all: &Object) -> bool {
    let Some(when) = field.get("visible_when") else { return true };
    let other = when.get("field").and_then(Value::as_str).unwrap_or_default();
    all.get(other) == when.get("equals")
}
