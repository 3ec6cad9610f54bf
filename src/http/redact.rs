//! Keeping secrets: masks over the declared places of an answer. What keeps them out of words is in
//! [`super::scrub`].

use crate::json::{Object, Value};
use crate::tool::{Mask, Tool};

/// Which secrets a caller asked for by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Reveal {
    /// None: the default.
    #[default]
    None,
    /// All of them.
    All,
    /// Those of these kinds, such as `access_token`: the word that a marker names.
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

/// What stands in a secret's place.
fn marker(kind: &str) -> Value {
    Value::from(format!("[redacted: {kind}]"))
}

/// Masks the declared secrets of a successful answer.
pub(super) fn answer(tool: &Tool, value: &mut Value, reveal: &Reveal) {
    if matches!(reveal, Reveal::All) {
        return;
    }
    for secret in tool.secrets() {
        at_path(value, &secret.path, &mut |found| mask(found, secret.mask, reveal));
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
        // Something else than declared stands where the secret would be: nothing of it is shown.
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
    }
}

/// What may be read in an object of credentials: what says how, not with what.
pub(super) const PUBLIC: &[&str] = &[
    "type",
    "expires_at",
    "app_id",
    "app_link",
    "installation_id",
    "client_id",
    "scopes",
    "role_arn",
    "region",
    "service",
];

fn credentials(map: &mut Object, reveal: &Reveal) {
    for (name, value) in map {
        match value {
            Value::Null => {}
            Value::String(_) | Value::Number(_) if PUBLIC.contains(&name.as_str()) => {}
            // Forms nested in forms: app and user of CUSTOM, config_override.
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

/// Masks, at any depth, what a property's name says is a secret.
pub(super) fn suspicious(value: &mut Value, reveal: &Reveal) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| suspicious(item, reveal)),
        Value::Object(map) => {
            for (name, value) in map {
                let scalar = matches!(value, Value::String(s) if !s.is_empty()) || value.is_number();
                if looks_secret(name) {
                    let kind = snake(name);
                    if reveal.shows(&kind) {
                    } else if scalar {
                        *value = marker(&kind);
                    } else {
                        everything(value, &kind);
                    }
                } else {
                    suspicious(value, reveal);
                }
            }
        }
        _ => {}
    }
}

/// Masks every text and number inside what is secret as a whole; its form stays readable.
fn everything(value: &mut Value, kind: &str) {
    match value {
        Value::String(s) if s.is_empty() => {}
        Value::String(_) | Value::Number(_) => *value = marker(kind),
        Value::Array(items) => items.iter_mut().for_each(|item| everything(item, kind)),
        Value::Object(map) => {
            for (name, value) in map {
                if !PUBLIC.contains(&name.as_str()) {
                    everything(value, kind);
                }
            }
        }
        _ => {}
    }
}

pub(super) fn looks_secret(name: &str) -> bool {
    const WORDS: &[&str] = &[
        "token",
        "secret",
        "password",
        "passwd",
        "passphrase",
        "apikey",
        "privatekey",
        "accesskey",
        "authorization",
        "credential",
        "cookie",
        "jwt",
        "bearer",
    ];
    // Names that hold such a word and are plainly public.
    const NOT: &[&str] = &[
        "tokenurl",
        "tokentype",
        "tokenparams",
        "tokenexpirationbuffer",
        "authorizationurl",
        "authorizationparams",
    ];
    let plain: String =
        name.bytes().filter(u8::is_ascii_alphanumeric).map(|b| b.to_ascii_lowercase() as char).collect();
    WORDS.iter().any(|word| plain.contains(word)) && !NOT.contains(&plain.as_str())
}

/// `apiKey` as `api_key`, `API-KEY` too.
fn snake(name: &str) -> String {
    let mut out = String::new();
    let mut small = false;
    for c in name.chars().take(64) {
        if c.is_ascii_uppercase() && small {
            out.push('_');
        }
        small = c.is_ascii_lowercase() || c.is_ascii_digit();
        out.push(if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' });
    }
    out
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
