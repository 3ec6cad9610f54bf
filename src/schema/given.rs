//! How messages show a given value: short ones unchanged, long ones by their size.

use crate::json::{Value, to_text};
use crate::text::clip;

/// A description of the value, short enough for a message.
pub(crate) fn describe_value(value: &Value) -> String {
    match value {
        Value::String(s) if s.is_empty() => "an empty string".into(),
        Value::String(s) => match s.chars().count() {
            0..=48 => format!("`{}`", clip(s, 48)),
            length => format!("a string of {length} characters"),
        },
        Value::Number(_) => format!("the number {}", to_text(value)),
        Value::Bool(true) => "true".into(),
        Value::Bool(false) => "false".into(),
        other => type_name(other).into(),
    }
}

/// A description of the value's type, which reveals nothing about its content.
pub(crate) fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
