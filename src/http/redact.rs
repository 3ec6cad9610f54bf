//! Keeping secrets: masks over the declared places of an answer, and over everything in an error.

use crate::json::{Object, Value, to_plain};
use crate::text::{cut, fill, find, has, is_one, pieces, replace, trim_end, trim_start};
use crate::tool::{Kind, Mask, Prop, Tool};

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
    Value::from(fill("[redacted: {}]", &[kind]))
}

/// Masks the declared secrets of a successful answer.
pub(super) fn answer(tool: &Tool, value: &mut Value, reveal: &Reveal) {
    if matches!(reveal, Reveal::All) {
        return;
    }
    for secret in tool.secrets {
        at_path(value, secret.path, &mut |found| mask(found, secret.mask, reveal));
    }
}

fn at_path(value: &mut Value, path: &str, f: &mut dyn FnMut(&mut Value)) {
    let (step, rest) = cut(path, ".").unwrap_or((path, ""));
    if step.is_empty() {
        return f(value);
    }
    match value {
        Value::Array(items) if step == "*" => items.iter_mut().for_each(|item| at_path(item, rest, f)),
        Value::Object(map) if step == "*" => map.values_mut().for_each(|item| at_path(item, rest, f)),
        Value::Object(map) => {
            if let Some(found) = map.get_mut(step) {
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
const PUBLIC: &str =
    "type expires_at app_id app_link installation_id client_id scopes role_arn region service";

fn credentials(map: &mut Object, reveal: &Reveal) {
    for (name, value) in map {
        match value {
            Value::Null => {}
            Value::String(_) | Value::Number(_) if is_one(PUBLIC, name) => {}
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
fn suspicious(value: &mut Value, reveal: &Reveal) {
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
                if !is_one(PUBLIC, name) {
                    everything(value, kind);
                }
            }
        }
        _ => {}
    }
}

fn looks_secret(name: &str) -> bool {
    const WORDS: &str = "token secret password passwd passphrase apikey privatekey accesskey authorization credential cookie jwt bearer";
    // Names that hold such a word and are plainly public.
    const NOT: &str =
        "tokenurl tokentype tokenparams tokenexpirationbuffer authorizationurl authorizationparams";
    let plain: String =
        name.bytes().filter(u8::is_ascii_alphanumeric).map(|b| b.to_ascii_lowercase() as char).collect();
    pieces(WORDS, " ").iter().any(|word| has(&plain, word)) && !is_one(NOT, &plain)
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

/// Takes secrets out of errors and previews: what was given as a secret argument, by its value;
/// everything else by the name it stands under. It is never lifted.
#[derive(Debug, Clone, Default)]
pub struct Scrub {
    secrets: Vec<String>,
}

impl Scrub {
    /// Remembers the secret arguments of a call with whatever is inside them, and what others hold
    /// under the name of a secret.
    pub fn of(tool: &Tool, args: &Object) -> Scrub {
        let mut scrub = Scrub::default();
        for param in tool.params {
            if let Some(value) = args.get(param.prop.name) {
                scrub.collect(&param.prop, value);
                scrub.collect_named(value);
            }
        }
        scrub
    }

    /// Remembers one more secret, such as the API key.
    pub fn add(&mut self, secret: &str) {
        // Shorter ones would cut holes into ordinary words.
        if secret.len() >= 4 && !self.secrets.iter().any(|s| s == secret) {
            // The longest first: one secret may be a part of another.
            let at = self.secrets.iter().position(|s| s.len() < secret.len()).unwrap_or(self.secrets.len());
            self.secrets.insert(at, secret.to_owned());
        }
    }

    fn collect(&mut self, prop: &Prop, value: &Value) {
        if prop.secret {
            return self.collect_all(value);
        }
        let inner: &[Prop] = match prop.kind {
            Kind::Object(props) | Kind::Open(props) => props,
            _ => return,
        };
        for prop in inner {
            if let Some(value) = value.get(prop.name) {
                self.collect(prop, value);
            }
        }
    }

    /// What stands under a name that says it is a secret, in free-form arguments too.
    fn collect_named(&mut self, value: &Value) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.collect_named(item)),
            Value::Object(map) => {
                for (name, value) in map {
                    if looks_secret(name) { self.collect_all(value) } else { self.collect_named(value) }
                }
            }
            _ => {}
        }
    }

    fn collect_all(&mut self, value: &Value) {
        match value {
            Value::String(_) | Value::Number(_) => self.add(&to_plain(value)),
            Value::Array(items) => items.iter().for_each(|item| self.collect_all(item)),
            Value::Object(map) => {
                for (name, value) in map {
                    if !is_one(PUBLIC, name) {
                        self.collect_all(value);
                    }
                }
            }
            _ => {}
        }
    }

    /// The text without any remembered secret and without bearer tokens.
    pub fn text(&self, text: &str) -> String {
        let mut out = text.to_owned();
        for secret in &self.secrets {
            if has(&out, secret) {
                out = replace(&out, secret, "[redacted]");
            }
        }
        if has(&out, "\":") || has(&out, "\" :") {
            out = named_secrets(&out, true);
        }
        bearer(&out)
    }

    /// The value without secrets, by value and by name.
    pub fn value(&self, value: &mut Value) {
        suspicious(value, &Reveal::None);
        self.texts(value);
    }

    fn texts(&self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.text(text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.texts(item)),
            Value::Object(map) => {
                if map.keys().any(|name| self.text(name) != *name) {
                    let old = core::mem::take(map);
                    for (name, value) in old {
                        map.insert(self.text(&name), value);
                    }
                }
                map.values_mut().for_each(|item| self.texts(item));
            }
            _ => {}
        }
    }
}

/// The text with the values of named secrets masked: `"apiKey": "…"` as in a piece of JSON, and unless
/// `quoted`, `access_token=…` too, which in a sentence could be an innocent colon.
pub(super) fn named_secrets(text: &str, quoted: bool) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|b| matches!(b, b':' | b'=')) {
        let (before, from) = rest.split_at_checked(at + 1).unwrap_or((rest, ""));
        out.push_str(before);
        rest = from;
        let name = before.get(..at).unwrap_or_default().trim_end();
        let plain = trim_end(name, b"\"'\\");
        let part = |b: u8| b.is_ascii_alphanumeric() || b"_-.".contains(&b);
        let start = plain.bytes().rposition(|b| !part(b)).map_or(0, |i| i + 1);
        let bare = quoted && plain.len() == name.len();
        if bare || !looks_secret(plain.get(start..).unwrap_or_default()) {
            continue;
        }
        let value = trim_start(from, b" \\");
        let value = value.strip_prefix('"').or_else(|| value.strip_prefix('\'')).unwrap_or(value);
        let loose = value.len() == from.trim_start().len();
        let ends = |b: u8| matches!(b, b'"' | b'\'') || loose && LOOSE.contains(&b);
        let end = value.bytes().position(ends).unwrap_or(value.len());
        let end = trim_end(value.get(..end).unwrap_or_default(), b"\\").len();
        if end > 0 && !matches!(value.bytes().next(), Some(b'{' | b'[')) {
            out.push_str(from.get(..from.len() - value.len()).unwrap_or_default());
            out.push_str("[redacted]");
            rest = value.get(end..).unwrap_or_default();
        }
    }
    out.push_str(rest);
    out
}

/// What ends a value that stands without quotation marks.
const LOOSE: &[u8] = b" \t\r\n&,;<>}])";

/// The text with `Bearer …` masked.
fn bearer(text: &str) -> String {
    const WORD: &str = "bearer ";
    let lower = text.to_ascii_lowercase();
    let mut out = String::new();
    let mut at = 0;
    while let Some(found) = find(lower.get(at..).unwrap_or_default(), WORD) {
        let start = at + found + WORD.len();
        let rest = text.get(start..).unwrap_or_default();
        let ends = |b: u8| b.is_ascii_whitespace() || b"\"',".contains(&b);
        let token = rest.get(..rest.bytes().position(ends).unwrap_or(rest.len())).unwrap_or_default();
        out.push_str(text.get(at..start).unwrap_or_default());
        // "the Bearer token" in a sentence is not a token.
        out.push_str(if token.len() >= 8 { "[redacted]" } else { token });
        at = start + token.len();
    }
    out.push_str(text.get(at..).unwrap_or_default());
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

    #[test]
    fn named_secrets_in_texts() {
        for (text, masked) in [
            ("a=1&access_token=s3cr3t&b=2", "a=1&access_token=[redacted]&b=2"),
            (r#"{"apiKey":"s3 cr3t","id":7}"#, r#"{"apiKey":"[redacted]","id":7}"#),
            (r#"{\"apiKey\": \"s3cr3t\"}"#, r#"{\"apiKey\": \"[redacted]\"}"#),
            (r#"{"client_secret":"s3cr"#, r#"{"client_secret":"[redacted]"#),
            ("password: s3cr3t", "password: [redacted]"),
            ("token_url=https://a.b", "token_url=https://a.b"),
            (r#"{"credentials":{"type":"NONE"}}"#, r#"{"credentials":{"type":"NONE"}}"#),
        ] {
            assert_eq!(named_secrets(text, false), masked, "{text}");
        }
        let sentence = "Invalid token: expected a text";
        assert_eq!(named_secrets(sentence, true), sentence);
        assert_eq!(named_secrets(r#"said {"token":"s"}"#, true), r#"said {"token":"[redacted]"}"#);
    }

    #[test]
    fn bearer_tokens_in_sentences() {
        let scrub = Scrub::default();
        assert_eq!(
            scrub.text("sent authorization: Bearer abcdefgh12, then"),
            "sent authorization: Bearer [redacted], then"
        );
        assert_eq!(scrub.text("BEARER abcdefgh12"), "BEARER [redacted]");
        assert_eq!(scrub.text("the Bearer token is bad"), "the Bearer token is bad");
    }
}
