//! Arguments in a provider's form, turned into what the tool's table asks for. Nothing is judged here but
//! what could not be turned back; the check comes afterwards.

use super::OTHERS;
use crate::error::Issue;
use crate::json::{Object, Value, parse};
use crate::text::{clip, decimal};
use crate::tool::{Kind, Prop, Tool};

/// The arguments that `args`, in the form of [`super::for_provider`], stand for, and what could not be
/// read. `null` for something optional is left out, entries become objects again, texts that hold JSON
/// its value. What a model gave in the tool's own form stays as it is.
pub fn from_provider(tool: Option<&Tool>, args: Value) -> (Value, Vec<Issue>) {
    let args = match args {
        Value::String(text) => parse(&text).unwrap_or(Value::String(text)),
        args => args,
    };
    let mut back = Back { path: Vec::new(), issues: Vec::new() };
    let Value::Object(map) = args else { return (args, back.issues) };
    let mut out = Object::new();
    for (name, value) in map {
        let (kind, required) = match tool.and_then(|tool| tool.param(&name)) {
            Some(param) => (&param.prop.kind, param.prop.required),
            None => (&Kind::Json, false),
        };
        back.property(name, kind, required, value, &mut out);
    }
    (Value::Object(out), back.issues)
}

struct Back {
    path: Vec<String>,
    issues: Vec<Issue>,
}

impl Back {
    fn property(&mut self, name: String, kind: &Kind, required: bool, value: Value, out: &mut Object) {
        if value.is_null() && !required {
            return;
        }
        let value = self.at(&name, kind, value);
        out.insert(name, value);
    }

    fn at(&mut self, name: &str, kind: &Kind, value: Value) -> Value {
        // A name may be data: cut, so that no text of any length is echoed.
        self.path.push(clip(name, 64));
        let value = self.value(kind, value);
        self.path.pop();
        value
    }

    fn report(&mut self, message: &str) {
        self.issues.push(Issue::new(self.path.clone(), "invalid_format", message));
    }

    fn value(&mut self, kind: &Kind, value: Value) -> Value {
        match (kind, value) {
            (Kind::Json | Kind::Body | Kind::Open(_), Value::String(text)) => self.json(kind, text),
            (Kind::Map { of, .. }, Value::Array(entries)) => self.entries(of, entries),
            (Kind::Tags { .. }, Value::Array(entries)) => self.entries(&Kind::Boolean, entries),
            (Kind::Map { of, .. }, Value::Object(map)) => {
                let each = |(name, value): (String, Value)| {
                    let value = self.at(&name, of, value);
                    (name, value)
                };
                Value::Object(map.into_iter().map(each).collect())
            }
            (Kind::Object(props) | Kind::NameOr { object: props, .. }, Value::Object(map)) => {
                self.object(props, map)
            }
            (Kind::Open(props), Value::Object(mut map)) => {
                let others = map.shift_remove(OTHERS);
                let mut out = self.object(props, map);
                match (others, &mut out) {
                    (Some(Value::String(text)), Value::Object(out)) => match parse(&text) {
                        Ok(Value::Object(others)) => out.extend(others),
                        _ => {
                            self.path.push(OTHERS.to_owned());
                            self.report("expected the text of a JSON object");
                            self.path.pop();
                        }
                    },
                    (Some(Value::Object(others)), Value::Object(out)) => out.extend(others),
                    _ => {}
                }
                out
            }
            (Kind::Tagged(variants), Value::Object(map)) => {
                let tag = map.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
                match variants.iter().find(|v| v.tags.iter().any(|t| t.eq_ignore_ascii_case(&tag))) {
                    Some(variant) => self.object(variant.props, map),
                    None => Value::Object(map),
                }
            }
            (Kind::List { of, .. } | Kind::OneOrMany(of), Value::Array(items)) => {
                let mut out = Vec::new();
                for (at, item) in items.into_iter().enumerate() {
                    out.push(self.at(&decimal(at as i64), of, item));
                }
                Value::Array(out)
            }
            (_, value) => value,
        }
    }

    /// The properties of an object that has these; what it has not is for the check to report.
    fn object(&mut self, props: &[Prop], map: Object) -> Value {
        let mut out = Object::new();
        for (name, value) in map {
            match props.iter().find(|prop| prop.name == name) {
                Some(prop) => self.property(name, &prop.kind, prop.required, value, &mut out),
                None => drop(out.insert(name, value)),
            }
        }
        Value::Object(out)
    }

    fn json(&mut self, kind: &Kind, text: String) -> Value {
        match (parse(&text), kind) {
            (Ok(value @ (Value::Object(_) | Value::Array(_) | Value::String(_))), _)
            | (Ok(value), Kind::Json) => value,
            // What begins as JSON was meant to be JSON; anything else is a text.
            (Err(_), _) if text.trim_start().starts_with(['{', '[', '"']) => {
                self.report("expected JSON, got a text that begins like JSON and is none");
                // Something that the check has nothing more to say of.
                Value::Object(Object::new())
            }
            _ => Value::String(text),
        }
    }

    fn entries(&mut self, of: &Kind, entries: Vec<Value>) -> Value {
        let count = entries.len();
        let mut all: Vec<(String, Value)> = Vec::new();
        for entry in entries {
            let mut entry = match entry {
                Value::Object(entry) => entry,
                _ => Object::new(),
            };
            match (entry.shift_remove("key"), entry.shift_remove("value")) {
                (Some(Value::String(name)), Some(value)) => {
                    let value = self.at(&name, of, value);
                    all.push((name, value));
                }
                _ => self.report("expected entries of the form { key, value }, the key a text"),
            }
        }
        let whole = all.len() == count;
        let map: Object = all.into_iter().collect();
        if whole && map.len() < count {
            self.report("a key stands twice among the entries; keep one of them");
        }
        Value::Object(map)
    }
}
