//! Keeping secrets out of words: errors, previews, events. By their values, and by the names they stand under.

use std::fmt;

use super::redact::{PUBLIC, Reveal, looks_secret, suspicious};
use crate::json::{Object, Value, to_plain};
use crate::tool::{ParamType, Property, Tool};

/// How long a secret must be to be found by its value, in bytes: shorter ones would cut holes into ordinary words.
const SHORTEST: usize = 4;

/// Takes secrets out of errors and previews: what was given as a secret argument, by its value;
/// everything else by the name it stands under. It is never lifted.
#[derive(Clone, Default)]
pub struct Scrub {
    secrets: Vec<String>,
}

/// How many secrets are remembered, and nothing else.
impl fmt::Debug for Scrub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scrub").field("secrets", &self.secrets.len()).finish()
    }
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
        if secret.len() >= SHORTEST && !self.secrets.iter().any(|known| known == secret) {
            // The longest first: one secret may be a part of another.
            let at = self.secrets.partition_point(|known| known.len() >= secret.len());
            self.secrets.insert(at, secret.to_owned());
        }
    }

    fn collect(&mut self, prop: &Property, value: &Value) {
        if prop.is_secret() {
            return self.collect_all(value);
        }
        let inner: &[Property] = match prop.kind {
            ParamType::Object(props) | ParamType::Open(props) => props,
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
            Value::String(_) | Value::Number(_) => {
                self.add(&to_plain(value));
            }
            Value::Array(items) => items.iter().for_each(|item| self.collect_all(item)),
            Value::Object(map) => {
                for (name, value) in map {
                    if !PUBLIC.contains(&name.as_str()) {
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
            if out.contains(secret) {
                out = out.replace(secret, "[redacted]");
            }
        }
        if out.contains("\":") || out.contains("\" :") {
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
        let plain = name.trim_end_matches(['"', '\'', '\\']);
        let part = |b: u8| b.is_ascii_alphanumeric() || b"_-.".contains(&b);
        let start = plain.bytes().rposition(|b| !part(b)).map_or(0, |i| i + 1);
        let bare = quoted && plain.len() == name.len();
        if bare || !looks_secret(plain.get(start..).unwrap_or_default()) {
            continue;
        }
        let value = from.trim_start_matches([' ', '\\']);
        let value = value.strip_prefix('"').or_else(|| value.strip_prefix('\'')).unwrap_or(value);
        let loose = value.len() == from.trim_start().len();
        let ends = |b: u8| matches!(b, b'"' | b'\'') || loose && LOOSE.contains(&b);
        // Objects and lists have names of their own inside.
        if value.starts_with(['{', '[']) {
            continue;
        }
        let end = value.bytes().position(ends).unwrap_or(value.len());
        let end = value.get(..end).unwrap_or_default().trim_end_matches('\\').len();
        if end > 0 {
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
    while let Some(found) = lower.get(at..).and_then(|rest| rest.find(WORD)) {
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
    fn long_texts_take_no_longer_than_their_length() {
        let text = "token:[".repeat(100_000);
        assert_eq!(named_secrets(&text, false), text);
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
