//! Decodes arguments in a provider's dialect to the form of the tool's table. Reports only arguments that cannot
//! be decoded; validation happens later.

use core::mem::take;

use super::OTHERS;
use crate::error::{Issue, Issues};
use crate::json::{Object, Value, as_number, is_respelt, marked_number, parse_marked, unmark};
use crate::schema::words::Props;
use crate::text::clip;
use crate::tool::{ParamType, Tool};

/// Decodes `args` in the dialect of [`super::for_provider`], and reports what cannot be decoded. `null` for
/// optional properties is left out, entries become objects again, strings with JSON become its value. Arguments
/// in the tool's own form stay unchanged.
pub fn from_provider(tool: Option<&Tool>, mut args: Value) -> (Value, Vec<Issue>) {
    let issues = turn_back(tool, &mut args);
    unmark(&mut args, as_number);
    (args, issues.into())
}

/// The same in place, for arguments that may contain marked numbers: numbers that are read here are marked, too.
pub(crate) fn turn_back(tool: Option<&Tool>, args: &mut Value) -> Issues {
    if let Value::String(text) = &args
        && let Ok((read, _)) = parse_marked(text, is_respelt)
    {
        *args = read;
    }
    let mut back = Back { path: Vec::new(), issues: Issues::default() };
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
    issues: Issues,
}

impl Back {
    /// The properties of an object; the check reports missing ones.
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
        // A name may be input: it is truncated, so that no long string is echoed.
        self.path.push(clip(name, 64));
        self.value(kind, value);
        self.path.pop();
    }

    fn report(&mut self, message: &str) {
        let path = &self.path;
        self.issues.extend_with([message], |message| Issue::new(path.clone(), "invalid_format", message));
    }

    fn value(&mut self, kind: &ParamType, value: &mut Value) {
        let props = match kind {
            ParamType::Json | ParamType::Body => return self.json(kind, value),
            ParamType::Nullable(of) => return self.value(of, value),
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
        // An open object without declared properties is one string: there the name is data.
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

    /// The value of a string that contains JSON.
    fn json(&mut self, kind: &ParamType, value: &mut Value) {
        let Value::String(text) = value else { return };
        match parse_marked(text, is_respelt) {
            Ok((read, _)) if is_scalar(&read) && !matches!(kind, ParamType::Json) => {}
            Ok((read, _)) => *value = read,
            // A string that begins like JSON was meant as JSON; anything else is a string.
            Err(_) if matches!(text.trim_start().bytes().next(), Some(b'{' | b'[' | b'"')) => {
                self.report("expected JSON, got a string that begins like JSON but is not valid");
                // A value for which the check reports no further issue.
                *value = Value::Object(Object::new());
            }
            Err(_) => {}
        }
    }

    /// An object with arbitrary names, from its entries.
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
                    self.report("expected entries of the form { key, value } with a string as key");
                }
            }
            let count = all.len();
            let map: Object = all.into_iter().collect();
            if map.len() < count {
                self.report("a key occurs twice; keep one of the entries");
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
