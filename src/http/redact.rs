//! Keeping secrets: masks over an answer, in the places where its table declares secrets and wherever a name says that
//! one stands there. What keeps them out of errors is in [`super::scrub`].

use std::borrow::Cow;

use super::mask::mask_text;
use super::names::{
    PUBLIC, counts, holds_labels, is_label, is_secret_header, is_value, looks_random, looks_secret, snake,
};
use super::quick::NeedsBody;
use crate::json::{Object, Value};
use crate::tool::{Mask, Reach, Tool, Toolset};

/// Which secrets a caller wants to see.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Reveal {
    /// None: the default.
    #[default]
    None,
    /// All of them.
    All,
    /// Those of these kinds, such as `access_token`, as named by markers.
    Kinds(Vec<String>),
}

impl Reveal {
    fn shows(&self, kind: &str) -> bool {
        match self {
            Reveal::None => false,
            Reveal::All => true,
            Reveal::Kinds(kinds) => kinds.iter().any(|k| k == kind),
        }
    }
}

/// How an answer is masked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Redaction {
    /// Which secrets are shown.
    pub reveal: Reveal,
    /// Whether names mask what providers, and functions of the operator's own, have answered: the results of proxy and
    /// action tools. Every other answer is masked anyway.
    pub provider_data: bool,
}

impl From<Reveal> for Redaction {
    fn from(reveal: Reveal) -> Redaction {
        Redaction { reveal, provider_data: false }
    }
}

impl Redaction {
    /// Whether the body of a success of `tool` must be read to mask it.
    pub(super) fn needs_body(&self, tool: &Tool) -> NeedsBody {
        match (self.leaves(tool), tool.secrets().is_empty()) {
            (true, _) => NeedsBody::Never,
            (false, true) => NeedsBody::IfSuspicious,
            (false, false) => NeedsBody::Always,
        }
    }

    /// Whether nothing in an answer of `tool` is masked.
    pub(super) fn leaves(&self, tool: &Tool) -> bool {
        let by_name = self.provider_data || !tool.relays();
        matches!(self.reveal, Reveal::All) || !by_name && tool.secrets().is_empty()
    }
}

/// The marker that replaces a secret.
fn marker(kind: &str) -> Value {
    Value::from(format!("[redacted: {kind}]"))
}

/// Masks a successful answer: the places that are declared, then what names say of all others.
pub(super) fn answer(tool: &Tool, value: &mut Value, redaction: &Redaction) {
    if redaction.leaves(tool) {
        return;
    }
    let reveal = &redaction.reveal;
    let secrets = tool.secrets();
    let mut done: Vec<Vec<Value>> = Vec::new();
    for secret in &secrets {
        let mut taken = Vec::new();
        at_path(value, &secret.path, &mut |found| {
            mask(found, secret.mask, reveal);
            taken.push(found.take());
        });
        done.push(taken);
    }
    if redaction.provider_data || !tool.relays() {
        Names { reveal, describes: describes(tool) }.walk(value);
    }
    // Backwards: what stands inside another place was taken before that.
    for (secret, taken) in secrets.iter().zip(done).rev() {
        let mut taken = taken.into_iter();
        at_path(value, &secret.path, &mut |found| {
            if let Some(masked) = taken.next().filter(|masked| !masked.is_null()) {
                *found = masked;
            }
        });
    }
}

fn at_path(value: &mut Value, path: &[&str], f: &mut dyn FnMut(&mut Value)) {
    let Some((step, rest)) = path.split_first() else { return f(value) };
    match value {
        Value::Array(items) if *step == "*" => items.iter_mut().for_each(|item| at_path(item, rest, f)),
        Value::Object(map) if *step == "*" => map.values_mut().for_each(|item| at_path(item, rest, f)),
        Value::Object(map) => {
            if let Some(found) = map.get_mut(*step) {
                at_path(found, rest, f);
            }
        }
        // The value is not as declared: no part of it is shown.
        Value::Array(_) | Value::String(_) => *value = marker("unexpected_form"),
        _ => {}
    }
}

fn mask(value: &mut Value, mask: Mask, reveal: &Reveal) {
    match mask {
        Mask::Whole(kind) => {
            if !value.is_null() && !reveal.shows(kind) {
                *value = marker(kind);
            }
        }
        Mask::Credentials => match value {
            Value::Object(map) => credentials(map, reveal),
            Value::Null => {}
            other => *other = marker("credentials"),
        },
        Mask::Suspicious => suspicious(value, reveal),
        Mask::Disclosed => {}
    }
}

fn credentials(map: &mut Object, reveal: &Reveal) {
    for (name, value) in map {
        match value {
            Value::Null => {}
            Value::String(_) | Value::Number(_) if PUBLIC.contains(&name.as_str()) => {}
            // Nested credentials: app and user of CUSTOM, config_override.
            Value::Object(inner) if name != "raw" => credentials(inner, reveal),
            secret => {
                let kind = snake(name);
                if !reveal.shows(&kind) {
                    *secret = marker(&kind);
                }
            }
        }
    }
}

/// Masks, at any depth, properties whose names say that they are secret, and secrets in text.
pub(super) fn suspicious(value: &mut Value, reveal: &Reveal) {
    Names { reveal, describes: false }.walk(value);
}

/// Whether the answer of a tool describes how to authenticate, in a public catalogue.
fn describes(tool: &Tool) -> bool {
    tool.reach == Reach::Catalogue && tool.toolset != Toolset::Integrations
}

/// Masks by name.
struct Names<'r> {
    reveal: &'r Reveal,
    /// Whether the answer describes how to authenticate: there, schemas and templates such as `Bearer ${apiKey}` stand
    /// under the names of secrets.
    describes: bool,
}

impl Names<'_> {
    fn walk(&self, value: &mut Value) {
        match value {
            Value::Array(items) => {
                self.pairs(items);
                items.iter_mut().for_each(|item| self.walk(item));
            }
            Value::Object(map) => {
                self.labelled(map);
                map.iter_mut().for_each(|(name, value)| self.property(name, value));
            }
            Value::String(text) if !self.is_template(text) => {
                if let Cow::Owned(masked) = mask_text(text) {
                    *text = masked;
                }
            }
            _ => {}
        }
    }

    fn property(&self, name: &str, value: &mut Value) {
        // How to call what each is: `credentials_label: { apiKey: "API key" }`.
        if let Value::Object(labels) = value
            && holds_labels(name)
        {
            return labels.values_mut().for_each(|label| self.walk(label));
        }
        let is_description = self.describes && (value.is_object() || value.is_array());
        let harmless =
            is_description || value.is_null() || value.is_boolean() || value.is_number() && counts(name);
        if harmless || !looks_secret(name) {
            return self.walk(value);
        }
        let kind = snake(name);
        if !self.reveal.shows(&kind) {
            self.everything(value, &kind);
        }
    }

    /// `["Authorization", "…"]`, also among other pairs in one array.
    fn pairs(&self, items: &mut [Value]) {
        if !items.iter().all(Value::is_string) {
            return;
        }
        let is_pair = items.len() == 2;
        for pair in items.chunks_exact_mut(2) {
            if let [Value::String(name), value] = pair
                && (is_secret_header(name) || is_pair && looks_secret(name))
            {
                self.property(name, value);
            }
        }
    }

    /// `{ name: "password", value: "…" }`, and an API's key beside its URL.
    fn labelled(&self, map: &mut Object) {
        let is_name = |name: &str, value: &Value| is_label(name) && value.as_str().is_some_and(looks_secret);
        let label = map.iter().find(|(name, value)| is_name(name, value));
        if let Some(label) = label.and_then(|(_, value)| value.as_str()).map(str::to_owned) {
            let values = map.iter_mut().filter(|(name, _)| is_value(name));
            values.for_each(|(_, value)| self.property(&label, value));
        }
        let random = map.get("key").and_then(Value::as_str).is_some_and(looks_random);
        if random
            && !self.reveal.shows("key")
            && map.values().any(|value| value.as_str().is_some_and(|text| text.contains("://")))
            && let Some(key) = map.get_mut("key")
        {
            *key = marker("key");
        }
    }

    /// Masks every string and number inside a secret value; its structure stays visible.
    fn everything(&self, value: &mut Value, kind: &str) {
        match value {
            Value::String(text) if text.is_empty() || self.is_template(text) => {}
            Value::String(text) if text.starts_with("[redacted") && text.ends_with(']') => {}
            Value::String(_) | Value::Number(_) => *value = marker(kind),
            Value::Array(items) => items.iter_mut().for_each(|item| self.everything(item, kind)),
            Value::Object(map) => {
                for (name, value) in map {
                    if !PUBLIC.contains(&name.as_str()) {
                        self.everything(value, kind);
                    }
                }
            }
            _ => {}
        }
    }

    /// Whether text is only a template of how a secret is sent: `Bearer ${accessToken}`.
    fn is_template(&self, text: &str) -> bool {
        self.describes && text.contains("${") && {
            let parts = text.split("${").enumerate();
            let mut around = parts
                .map(|(at, part)| if at == 0 { part } else { part.split_once('}').unwrap_or_default().1 });
            around.all(|part| part.len() <= 64 && !part.bytes().any(|b| b.is_ascii_digit()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn credentials_keep_what_is_public() {
        let mut value = json!({
            "type": "OAUTH2", "access_token": "s1", "expires_at": "2030-01-01T00:00:00Z", "apiKey": "s2",
            "raw": { "anything": "s3" }, "user": { "refresh_token": "s4" }, "new_field": ["s5"], "jwtToken": "s6",
        });
        mask(&mut value, Mask::Credentials, &Reveal::None);
        assert_eq!(
            value,
            json!({
                "type": "OAUTH2", "access_token": "[redacted: access_token]", "expires_at": "2030-01-01T00:00:00Z",
                "apiKey": "[redacted: api_key]", "raw": "[redacted: raw]",
                "user": { "refresh_token": "[redacted: refresh_token]" }, "new_field": "[redacted: new_field]",
                "jwtToken": "[redacted: jwt_token]",
            })
        );
    }

    #[test]
    fn a_kind_can_be_asked_for() {
        let mut value = json!({ "access_token": "s1", "refresh_token": "s2" });
        mask(&mut value, Mask::Credentials, &Reveal::Kinds(vec!["access_token".into()]));
        assert_eq!(value, json!({ "access_token": "s1", "refresh_token": "[redacted: refresh_token]" }));
    }

    #[test]
    fn suspicious_names_at_any_depth() {
        let mut value = json!({
            "subdomain": "acme", "oauth_client_secret": "s", "deep": [{ "API-KEY": "s", "token_url": "u" }],
            "credentials": { "type": "BASIC", "x": ["s", 7, true, ""] }, "tokens": {},
        });
        suspicious(&mut value, &Reveal::None);
        assert_eq!(
            value,
            json!({
                "subdomain": "acme", "oauth_client_secret": "[redacted: oauth_client_secret]",
                "deep": [{ "API-KEY": "[redacted: api_key]", "token_url": "u" }],
                "credentials": { "type": "BASIC", "x": ["[redacted: credentials]", "[redacted: credentials]", true, ""] },
                "tokens": {},
            })
        );
    }
}
