//! The JSON form of a session, read strictly and by the rules that arguments are checked by: a misspelt
//! option is an error, not a wider view.

use super::SessionOptions;
use crate::error::Error;
use crate::json::{Object, Value};
use crate::schema;
use crate::text::dotted;
use crate::tool::{ParamType, Property, StringFormat, StringSpec};

const TEXT: ParamType = ParamType::Text(StringSpec { min: 1, max: 255, form: StringFormat::Any });
const TEXTS: ParamType = ParamType::List { of: &TEXT, min: 0, max: u32::MAX, unique: false };

const FORM: ParamType = ParamType::Object(&[
    Property::new("user", TEXT, "").required(),
    Property::new("organization", TEXT, ""),
    Property::new("tags", ParamType::Tags { min: 1 }, ""),
    Property::new("agent", TEXT, ""),
    Property::new("roles", TEXTS, ""),
    Property::new("policy", ParamType::Json, ""),
    Property::new("toolsets", TEXTS, ""),
    Property::new("tools", TEXTS, ""),
    Property::new("readOnly", ParamType::Boolean, ""),
    Property::new("id", TEXT, ""),
]);

/// The options, every one of its type: nothing is repaired as it is for a model.
pub(super) fn read(value: Value) -> Result<Object, Error> {
    if value.as_object().is_none() {
        return Err(super::misuse("the session's options must be an object", &[]));
    }
    let map = match schema::check_value(&FORM, value.clone()) {
        Ok(Value::Object(map)) => map,
        Ok(_) => Object::new(),
        Err(issues) => {
            let mut error = super::misuse("the session's options are refused", &[]);
            if let Some(first) = issues.first() {
                let form = match &*first.code {
                    "unrecognized_keys" => "there is no option `{}` of a session",
                    _ => "the session's option `{}` is refused: {}",
                };
                error = super::misuse(form, &[&dotted(&first.path), &first.message]);
                error.hint = first.hint.clone();
            }
            error.issues = issues;
            return Err(error);
        }
    };
    for (name, given) in value.as_object().into_iter().flatten() {
        if !given.is_null() && map.get(name) != Some(given) {
            return Err(super::misuse("the session's option `{}` is not of the right type", &[name]));
        }
    }
    Ok(map)
}

impl SessionOptions {
    /// The JSON form: `{ user, organization?, tags?, agent?, roles?, policy?, toolsets?, tools?, readOnly?, id? }`.
    pub fn to_value(&self) -> Value {
        let mut out = Object::new();
        let mut set = |name: &str, value: Value| drop(out.insert(name.to_owned(), value));
        set("user", Value::from(self.user.as_str()));
        for (name, value) in [("organization", &self.organization), ("agent", &self.agent)] {
            if let Some(value) = value {
                set(name, Value::from(value.as_str()));
            }
        }
        if !self.tags.is_empty() {
            let tags = self.tags.iter().map(|(key, value)| (key.clone(), Value::from(value.as_str())));
            set("tags", Value::Object(tags.collect()));
        }
        let list = |all: &[String]| Value::Array(all.iter().map(|one| Value::from(one.as_str())).collect());
        if !self.roles.is_empty() {
            set("roles", list(&self.roles));
        }
        if let Some(policy) = &self.policy {
            set("policy", policy.to_value());
        }
        for (name, value) in [("toolsets", &self.toolsets), ("tools", &self.tools)] {
            if let Some(value) = value {
                set(name, list(value));
            }
        }
        if self.read_only {
            set("readOnly", Value::Bool(true));
        }
        if !self.id.is_empty() {
            set("id", Value::from(self.id.as_str()));
        }
        Value::Object(out)
    }
}
