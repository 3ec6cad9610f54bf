//! Arguments that clients add to the calls of every tool, for themselves.

use serde_json::value::RawValue;

use crate::json::{raw_properties, to_json};

/// Their names. Each is a boolean.
const ADDED: &[&str] = &[
    // Gemini CLI: whether the call waits for those before it.
    "wait_for_previous",
];

/// `arguments`, as they were written, without what a client added to them. What the tool itself takes, the names
/// that `takes` gives, stays.
pub(super) fn without_added(arguments: &mut Box<RawValue>, takes: impl FnOnce() -> Vec<String>) {
    if !ADDED.iter().any(|name| arguments.get().contains(name)) {
        return;
    }
    let Ok(mut properties) = raw_properties(arguments.get()) else { return };
    let (takes, before) = (takes(), properties.0.len());
    properties.0.retain(|(name, value)| {
        let is_added = ADDED.contains(&name.as_str()) && matches!(value.get(), "true" | "false");
        !is_added || takes.contains(name)
    });
    if properties.0.len() == before {
        return;
    }
    let written: Vec<String> =
        properties.0.iter().map(|(name, value)| format!("{}:{value}", to_json(name))).collect();
    if let Ok(rest) = RawValue::from_string(format!("{{{}}}", written.join(","))) {
        *arguments = rest;
    }
}
