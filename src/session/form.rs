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

/// The options, every one of its type.
pub(super) fn read(value: Value) -> Result<Checked, Error> {
    match schema::check_value(&FORM, value) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(_) => Ok(Object::new()),
        Err(issues) => {
            let (path, why) =
                issues.first().map_or_else(Default::default, |i| (dotted(&i.path), i.message.clone()));
            let mut error = super::misuse("the session's options are not good: {}: {}", &[&path, &why]);
            error.issues = issues;
            Err(error)
        }
    }
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
