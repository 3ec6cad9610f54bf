//! Arguments in a provider's form, turned into what the tool's table asks for. Nothing is judged here but
//! what could not be turned back; the check comes afterwards.

use core::mem::take;

use super::OTHERS;
use crate::error::Issue;
use crate::json::{Object, Value, as_number, is_respelt, marked_number, parse_marked, unmark};
use crate::schema::words::Props;
use crate::text::clip;
use crate::tool::{ParamType, Tool};

/// The arguments that `args`, in the form of [`super::for_provider`], stand for, and what could not be
/// read. `null` for something optional is left out, entries become objects again, texts that hold JSON
/// its value. What a model gave in the tool's own form stays as it is.
pub fn from_provider(tool: Option<&Tool>, mut args: Value) -> (Value, Vec<Issue>) {
    let issues = turn_back(tool, &mut args);
    unmark(&mut args, as_number);
    (args, issues)
}

/// The same in place, for arguments that may hold marked numbers: those that are read here are marked too.
pub(crate) fn turn_back(tool: Option<&Tool>, args: &mut Value) -> Vec<Issue> {
    if let Value::String(text) = &args
        && let Ok((read, _)) = parse_marked(text, is_respelt)
    {
        *args = read;
    }
    let mut back = Back { path: Vec::new(), issues: Vec::new() };
    if let Value::Object(map) = args {
        for (name, value) in &mut *map {
            if tool.is_none_or(|tool| tool.param(name).is_none()) {
                back.at(name, &ParamType::Json, value);
            }
        }
        back.props(Props::Arguments(tool.map_or(&[], |tool| tool.params)), map);
    }
    back.issues
}

struct Back {
    path: Vec<String>,
    issues: Vec<Issue>,
}

impl Back {
    /// The properties of an object that has these; what it has not is for the check to report.
    fn props(&mut self, props: Props<'_>, map: &mut Object) {
        let mut at = 0;
        while let Some(prop) = props.get(at) {
            at += 1;
            if let Some(value) = map.get_mut(prop.name) {
                if value.is_null() && !prop.required {
                    map.shift_remove(prop.name);
                } else {
                    self.at(prop.name, &prop.kind, value);
                }
            }
        }
    }

    fn at(&mut self, name: &str, kind: &ParamType, value: &mut Value) {
        // A name may be data: cut, so that no text of any length is echoed.
        self.path.push(clip(name, 64));
        self.value(kind, value);
        self.path.pop();
    }

    fn report(&mut self, message: &str) {
        self.issues.push(Issue::new(self.path.clone(), "invalid_format", message));
    }

    fn value(&mut self, kind: &ParamType, value: &mut Value) {
        let props = match kind {
            ParamType::Json | ParamType::Body => return self.json(kind, value),
            ParamType::Map { of, .. } => return self.map(of, value),
            ParamType::Tags { .. } => return self.map(&ParamType::Boolean, value),
            ParamType::List { of, .. } | ParamType::OneOrMany(of) => {
                if let Value::Array(items) = value {
                    for (at, item) in items.iter_mut().enumerate() {
                        self.at(&at.to_string(), of, item);
                    }
                }
                return;
            }
            ParamType::Open(props) => {
                self.json(kind, value);
                props
            }
            ParamType::Object(props) | ParamType::NameOr { object: props, .. } => props,
            ParamType::Tagged(variants) => {
                let tag = value.get("type").and_then(Value::as_str).unwrap_or_default();
                match variants.iter().find(|v| v.tags.iter().any(|t| t.eq_ignore_ascii_case(tag))) {
                    Some(variant) => &variant.props,
                    None => return,
                }
            }
            _ => return,
        };
        let Value::Object(map) = value else { return };
        self.props(Props::Of(props), map);
        // An open object that declares nothing is a text as a whole: there the name is data.
        if matches!(kind, ParamType::Open([_, ..]))
            && let Some(mut others) = map.shift_remove(OTHERS)
        {
            self.path.push(OTHERS.to_owned());
            self.json(kind, &mut others);
            match others {
                Value::Object(others) => map.extend(others),
                Value::Null => {}
                _ => self.report("expected the text of a JSON object"),
            }
            self.path.pop();
        }
    }

    /// The value of a text that holds JSON.
    fn json(&mut self, kind: &ParamType, value: &mut Value) {
        let Value::String(text) = value else { return };
        match parse_marked(text, is_respelt) {
            Ok((read, _)) if is_scalar(&read) && !matches!(kind, ParamType::Json) => {}
            Ok((read, _)) => *value = read,
            // What begins as JSON was meant to be JSON; anything else is a text.
            Err(_) if matches!(text.trim_start().bytes().next(), Some(b'{' | b'[' | b'"')) => {
                self.report("expected JSON, got a text that begins like JSON and is none");
                // Something that the check has nothing more to say of.
                *value = Value::Object(Object::new());
            }
            Err(_) => {}
        }
    }

    /// An object whose names are data, from its entries.
    fn map(&mut self, of: &ParamType, value: &mut Value) {
        if let Value::Array(entries) = value {
            let mut all: Vec<(String, Value)> = Vec::new();
            for mut entry in take(entries) {
                if let Some(Value::String(name)) =
                    entry.get_mut("key").map(take).filter(|name| marked_number(name).is_none())
                    && let Some(inner) = entry.get_mut("value").map(take)
                {
                    all.push((name, inner));
                } else {
                    self.report("expected entries of the form { key, value }, the key a text");
                }
            }
            let count = all.len();
            let map: Object = all.into_iter().collect();
            if map.len() < count {
                self.report("a key stands twice among the entries; keep one of them");
            }
            *value = Value::Object(map);
        }
        if let Value::Object(map) = value {
            for (name, inner) in map {
                self.at(name, of, inner);
            }
        }
    }
}

/// Whether a value is neither an object nor an array nor a string.
fn is_scalar(value: &Value) -> bool {
    matches!(value, Value::Null | Value::Bool(_) | Value::Number(_)) || marked_number(value).is_some()
}
