//! The JSON form of a session's options, read strictly: a misspelt option is an error, not a wider view.

use super::{SessionOptions, misuse};
use crate::error::Error;
use crate::json::{Object, Value};
use crate::nearest::nearest_of;
use crate::policy::{self, Policy};
use crate::text::{clip, fill, join};

const KNOWN: &[&str] =
    &["user", "organization", "tags", "agent", "roles", "policy", "toolsets", "tools", "readOnly", "id"];

impl SessionOptions {
    /// From `{ user, organization?, tags?, agent?, roles?, policy?, toolsets?, tools?, readOnly?, id? }`;
    /// `null` counts as not given.
    ///
    /// # Errors
    /// `internal` with code `invalid_option`: there is no such option, or it has another type. A policy's
    /// own issues are in `issues`.
    pub fn from_value(value: Value) -> Result<SessionOptions, Error> {
        let Value::Object(map) = value else { return Err(misuse("{} must be an object", "a session")) };
        let mut out = SessionOptions::default();
        for (name, value) in map {
            if value.is_null() {
                continue;
            }
            let read = match name.as_str() {
                "user" => text(value).map(|text| out.user = text),
                "organization" => text(value).map(|text| out.organization = Some(text)),
                "agent" => text(value).map(|text| out.agent = Some(text)),
                "id" => text(value).map(|text| out.id = text),
                "roles" => texts(value).map(|all| out.roles = all),
                "toolsets" => texts(value).map(|all| out.toolsets = Some(all)),
                "tools" => texts(value).map(|all| out.tools = Some(all)),
                "readOnly" => boolean(&value).map(|yes| out.read_only = yes),
                "tags" => tags(value).map(|all| out.tags = all),
                "policy" => {
                    out.policy = Some(Policy::from_value(value).map_err(policy::unreadable)?);
                    Some(())
                }
                _ => {
                    let hint = match nearest_of(&name, KNOWN) {
                        Some(near) => fill("did you mean `{}`?", &[near]),
                        None => fill("there are {}", &[&join(KNOWN, ", ")]),
                    };
                    return Err(misuse("there is no option `{}` of a session", &clip(&name, 64)).hint(hint));
                }
            };
            if read.is_none() {
                return Err(misuse("the session's option `{}` is not of the right type", &name));
            }
        }
        Ok(out)
    }

    /// The JSON form, from which [`SessionOptions::from_value`] makes the same again.
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

fn text(value: Value) -> Option<String> {
    if let Value::String(text) = value { Some(text) } else { None }
}

fn boolean(value: &Value) -> Option<bool> {
    if let Value::Bool(yes) = value { Some(*yes) } else { None }
}

fn texts(value: Value) -> Option<Vec<String>> {
    let Value::Array(items) = value else { return None };
    let mut out = Vec::new();
    for item in items {
        out.push(text(item)?);
    }
    Some(out)
}

fn tags(value: Value) -> Option<Vec<(String, String)>> {
    let Value::Object(map) = value else { return None };
    let mut out = Vec::new();
    for (key, value) in map {
        out.push((key, text(value)?));
    }
    Some(out)
}
