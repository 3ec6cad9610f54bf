//! JSON helpers in addition to `serde_json`: values as JSON text, values as plain text, and a writer for JSON
//! Schemas.

mod exact;

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
pub use serde_json::Value;
use serde_json::value::RawValue;

use crate::text::floor;

pub(crate) use exact::{
    as_number, is_beyond_64_bits, is_big, is_respelt, is_unsafe, mark, marked_digits, marked_number,
    parse_marked, to_exact_text, unmark, well_formed,
};

/// A JSON object: its properties in order, each name once.
pub type Object = serde_json::Map<String, Value>;

/// Reads one JSON value. Half of a surrogate pair is read as U+FFFD.
///
/// # Errors
/// The text ends too early ([`serde_json::Error::is_eof`]), is malformed, is nested deeper than 128 levels, or
/// contains a number that is out of range.
pub fn parse(text: &str) -> Result<Value, serde_json::Error> {
    serde_json::from_str(&well_formed(text))
}

/// Whether JSON could not be read because it is nested deeper than 128 levels.
pub(crate) fn is_too_deep(error: &serde_json::Error) -> bool {
    // There is no other way to tell: it counts as a syntax error.
    error.is_syntax() && error.to_string().starts_with("recursion limit exceeded")
}

/// The properties of an object, unparsed and in their order.
#[derive(Default)]
pub(crate) struct RawProperties<'a>(pub(crate) Vec<(String, &'a RawValue)>);

impl<'a> RawProperties<'a> {
    /// The property of this name; if there are two, the last one.
    pub(crate) fn get(&self, name: &str) -> Option<&'a RawValue> {
        self.0.iter().rev().find(|(known, _)| known == name).map(|(_, value)| *value)
    }
}

impl<'a> Deserialize<'a> for RawProperties<'a> {
    fn deserialize<D: Deserializer<'a>>(deserializer: D) -> Result<RawProperties<'a>, D::Error> {
        deserializer.deserialize_map(RawProperties::default())
    }
}

impl<'a> Visitor<'a> for RawProperties<'a> {
    type Value = RawProperties<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'a>>(mut self, mut map: A) -> Result<RawProperties<'a>, A::Error> {
        while let Some(property) = map.next_entry()? {
            self.0.push(property);
        }
        Ok(self)
    }
}

/// Reads an object.
pub(crate) fn raw_properties(json: &str) -> Result<RawProperties<'_>, serde_json::Error> {
    serde_json::from_str(json)
}

/// The JSON text of an object whose values are already JSON text.
pub(crate) fn object_text<'p>(properties: impl Iterator<Item = (&'p str, String)>) -> String {
    let mut w = Writer::new();
    w.open();
    for (name, text) in properties {
        w.key(name).raw(&text);
    }
    w.close();
    w.finish()
}

/// Streaming writer of one JSON value. Inserts commas automatically.
#[derive(Debug, Default)]
pub struct Writer {
    out: String,
    comma: bool,
}

impl Writer {
    /// An empty writer.
    #[must_use]
    pub fn new() -> Writer {
        Writer::default()
    }
    /// The text written so far.
    #[must_use]
    pub fn finish(self) -> String {
        self.out
    }
    fn separate(&mut self) {
        if self.comma {
            self.out.push(',');
        }
        self.comma = true;
    }
    /// Starts an object.
    pub fn open(&mut self) -> &mut Writer {
        self.separate();
        self.out.push('{');
        self.comma = false;
        self
    }
    /// Ends an object.
    pub fn close(&mut self) -> &mut Writer {
        self.out.push('}');
        self.comma = true;
        self
    }
    /// Starts an array.
    pub fn open_array(&mut self) -> &mut Writer {
        self.separate();
        self.out.push('[');
        self.comma = false;
        self
    }
    /// Ends an array.
    pub fn close_array(&mut self) -> &mut Writer {
        self.out.push(']');
        self.comma = true;
        self
    }
    /// The name of the next property.
    pub fn key(&mut self, name: &str) -> &mut Writer {
        self.separate();
        push_text(&mut self.out, name);
        self.out.push(':');
        self.comma = false;
        self
    }
    /// A string.
    pub fn text(&mut self, text: &str) -> &mut Writer {
        self.separate();
        push_text(&mut self.out, text);
        self
    }
    /// A property that is a string.
    pub fn pair(&mut self, name: &str, text: &str) -> &mut Writer {
        self.key(name).text(text)
    }
    /// An array of strings.
    pub fn texts(&mut self, items: &[&str]) -> &mut Writer {
        self.open_array();
        for text in items {
            self.text(text);
        }
        self.close_array()
    }
    /// A value that is already JSON text: a number, `true`, `null`, or a value written elsewhere.
    pub fn raw(&mut self, json: &str) -> &mut Writer {
        self.separate();
        self.out.push_str(json);
        self
    }
    /// A whole number.
    pub fn integer(&mut self, n: i64) -> &mut Writer {
        self.raw(&n.to_string())
    }
    /// A boolean.
    pub fn boolean(&mut self, yes: bool) -> &mut Writer {
        self.raw(if yes { "true" } else { "false" })
    }
    /// A value.
    pub fn value(&mut self, value: &Value) -> &mut Writer {
        self.separate();
        self.out.push_str(&to_text(value));
        self
    }
}

/// The JSON text of a value that serializes to JSON: all maps have string keys.
pub(crate) fn to_json(value: &(impl serde::Serialize + ?Sized)) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// The JSON text of a value.
#[must_use]
pub fn to_text(value: &Value) -> String {
    to_json(value)
}

/// A copy of a value of at most `left` bytes, or not much: what comes after those is left out. A string is
/// there as a whole, or only how long it is.
pub(crate) fn beginning(value: &Value, left: &mut usize) -> Value {
    let mut take = |bytes: usize| {
        let fits = bytes <= *left;
        *left = left.saturating_sub(bytes);
        fits
    };
    match value {
        Value::String(text) if !take(text.len() + 2) => Value::from(format!("… ({} bytes)", text.len())),
        Value::Array(items) => {
            let mut out = Vec::new();
            for item in items {
                if *left == 0 {
                    out.push(Value::from(format!("… ({} in all)", items.len())));
                    break;
                }
                *left = left.saturating_sub(1);
                out.push(beginning(item, left));
            }
            Value::Array(out)
        }
        Value::Object(map) => {
            let mut out = Object::new();
            for (name, value) in map {
                if *left <= name.len() {
                    *left = 0;
                    out.insert("…".to_owned(), Value::from(format!("{} properties in all", map.len())));
                    break;
                }
                *left = left.saturating_sub(name.len() + 4);
                out.insert(name.clone(), beginning(value, left));
            }
            Value::Object(out)
        }
        other => other.clone(),
    }
}

/// A value as plain text: strings without quotes, everything else as JSON.
pub(crate) fn to_plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => to_text(other),
    }
}

/// Appends `text` as a JSON string.
pub fn push_text(out: &mut String, text: &str) {
    // A part at a time, so that a long text is not copied as a whole.
    const PART: usize = 4096;
    out.push('"');
    let mut rest = text;
    while !rest.is_empty() {
        let (part, after) = rest.split_at(floor(rest, PART));
        if part.bytes().any(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f)) {
            // Writing a string to a string cannot fail.
            let written = serde_json::to_string(part).unwrap_or_default();
            out.push_str(
                written.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or_default(),
            );
        } else {
            out.push_str(part);
        }
        rest = after;
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_too_deep_is_told_apart() {
        let nested = |depth| "[".repeat(depth) + &"]".repeat(depth);
        assert!(parse(&nested(127)).is_ok());
        assert!(is_too_deep(&parse(&nested(128)).unwrap_err()));
        for other in ["[", "[}", ""] {
            assert!(!is_too_deep(&parse(other).unwrap_err()), "{other}");
        }
    }

    #[test]
    fn the_beginning_of_a_value() {
        let value = json!({ "a": ["text", 1, { "b": null }], "c": "longer text" });
        assert_eq!(beginning(&value, &mut usize::MAX.clone()), value);
        assert_eq!(
            beginning(&value, &mut 30),
            json!({ "a": ["text", 1, { "b": null }], "c": "… (11 bytes)" })
        );
        assert_eq!(
            beginning(&value, &mut 13),
            json!({ "a": ["text", 1, "… (3 in all)"], "…": "2 properties in all" })
        );
        assert_eq!(beginning(&value, &mut 0), json!({ "…": "2 properties in all" }));
    }
}
