//! Reading and writing JSON text. Schemas, results and events are written straight to text: a host parses text
//! with its own `JSON.parse`, and a writer is a tenth of the code of a value tree. Reading is ours for the
//! same reason: `serde_json`'s reader is built for any type and weighs 20 KB in the module, this one reads
//! its [`Value`] alone and is held against it by tests.

mod read;
#[cfg(any(test, all(feature = "small-json", target_family = "wasm")))]
mod small;

pub use read::{Fault, parse};

#[cfg(not(all(feature = "small-json", target_family = "wasm")))]
pub use serde_json::Value;
#[cfg(all(feature = "small-json", target_family = "wasm"))]
pub use small::{Object, Value};

/// A JSON object: its properties in order, each name once.
#[cfg(not(all(feature = "small-json", target_family = "wasm")))]
pub type Object = serde_json::Map<String, Value>;

use crate::text;

/// A writer of one JSON value; commas take care of themselves.
#[derive(Debug, Default)]
pub struct Writer {
    out: String,
    comma: bool,
}

impl Writer {
    /// An empty writer.
    pub fn new() -> Writer {
        Writer::default()
    }
    /// The text written so far.
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
    /// A text.
    pub fn text(&mut self, text: &str) -> &mut Writer {
        self.separate();
        push_text(&mut self.out, text);
        self
    }
    /// A property that is a text.
    pub fn pair(&mut self, name: &str, text: &str) -> &mut Writer {
        self.key(name).text(text)
    }
    /// A list of texts.
    pub fn texts(&mut self, texts: &[&str]) -> &mut Writer {
        self.open_array();
        for text in texts {
            self.text(text);
        }
        self.close_array()
    }
    /// What is JSON already: a number, `true`, `null`, or a value written elsewhere.
    pub fn raw(&mut self, json: &str) -> &mut Writer {
        self.separate();
        self.out.push_str(json);
        self
    }
    /// A whole number.
    pub fn integer(&mut self, n: i64) -> &mut Writer {
        self.raw(&text::decimal(n))
    }
    /// A boolean.
    pub fn boolean(&mut self, yes: bool) -> &mut Writer {
        self.raw(if yes { "true" } else { "false" })
    }
    /// A value.
    pub fn value(&mut self, value: &Value) -> &mut Writer {
        self.separate();
        push_value(&mut self.out, value);
        self
    }
}

#[cfg(not(all(feature = "small-json", target_family = "wasm")))]
fn push_number(out: &mut String, number: &serde_json::Number) {
    use std::fmt::Write;
    // Writing to a `String` cannot fail.
    let _ = write!(out, "{number}");
}
#[cfg(all(feature = "small-json", target_family = "wasm"))]
use small::push_number;

/// The JSON text of a value.
pub fn to_text(value: &Value) -> String {
    let mut out = String::new();
    push_value(&mut out, value);
    out
}

/// A value as plain text: texts without quotes, everything else as JSON.
pub(crate) fn to_plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => to_text(other),
    }
}

fn push_value(out: &mut String, value: &Value) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(n) => push_number(out, n),
        Value::String(s) => push_text(out, s),
        Value::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                push_value(out, item);
            }
            out.push(']');
        }
        Value::Object(map) => {
            out.push('{');
            for (i, (name, item)) in map.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                push_text(out, name);
                out.push(':');
                push_value(out, item);
            }
            out.push('}');
        }
    }
}

/// Appends `text` as a JSON string.
pub fn push_text(out: &mut String, text: &str) {
    out.push('"');
    let mut start = 0;
    for (i, byte) in text.bytes().enumerate() {
        let escape = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            0..=0x1f => {
                out.push_str(text.get(start..i).unwrap_or_default());
                out.push_str("\\u00");
                out.push(if byte < 0x10 { '0' } else { '1' });
                out.push(char::from_digit(u32::from(byte & 0xf), 16).unwrap_or('0'));
                start = i + 1;
                continue;
            }
            _ => continue,
        };
        out.push_str(text.get(start..i).unwrap_or_default());
        out.push_str(escape);
        start = i + 1;
    }
    out.push_str(text.get(start..).unwrap_or_default());
    out.push('"');
}
