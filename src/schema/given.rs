//! How messages show a value that was given: short ones as they are, long ones by their size.

use crate::json::{Value, to_text};
use crate::text::clip;

/// The value in words, short enough for a message.
pub(crate) fn given(value: &Value) -> String {
    match value {
        Value::String(s) if s.is_empty() => "an empty text".into(),
        Value::String(s) => match s.chars().count() {
            0..=48 => format!("`{}`", clip(s, 48)),
            length => format!("a text of {length} characters"),
        },
        Value::Number(_) => format!("the number {}", to_text(value)),
        Value::Bool(true) => "true".into(),
        Value::Bool(false) => "false".into(),
        other => type_name(other).into(),
    }
}

/// The value's type in words, which says nothing of its content.
pub(crate) fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
