//! The JSON form of a session, read strictly and by the rules that arguments are checked by: a misspelt
//! option is an error, not a wider view.

use super::SessionOptions;
use crate::error::Error;
use crate::json::{Object, Value};
use crate::schema::{self, Checked};
use crate::text::dotted;
use crate::tool::{Form, Kind, Prop, Text};

const TEXT: Kind = Kind::Text(Text { min: 1, max: 255, form: Form::Any });
const TEXTS: Kind = Kind::List { of: &TEXT, min: 0, max: u32::MAX, unique: false };

const FORM: Kind = Kind::Object(&[
    Prop::new("user", TEXT, "").required(),
    Prop::new("organization", TEXT, ""),
    Prop::new("tags", Kind::Tags { min: 1 }, ""),
    Prop::new("agent", TEXT, ""),
    Prop::new("roles", TEXTS, ""),
    Prop::new("policy", Kind::Json, ""),
    Prop::new("toolsets", TEXTS, ""),
    Prop::new("tools", TEXTS, ""),
    Prop::new("readOnly", Kind::Boolean, ""),
    Prop::new("id", TEXT, ""),
]);

/// The options, every one of its type: nothing is repaired as it is for a model.
pub(super) fn read(value: Value) -> Result<Checked, Error> {
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
