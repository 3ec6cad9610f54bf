//! Removes secrets from text: errors, previews, events. By their values, and by the names of properties.

use std::collections::HashMap;
use std::fmt;

use base64ct::{Base64Unpadded, Encoding};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::known::Known;
use super::mask::mask_text;
use super::names::{PUBLIC, looks_secret};
use super::redact::{Reveal, suspicious};
use crate::json::{Value, to_plain, to_text};
use crate::schema::Checked;
use crate::tool::{ParamType, Property, Role, Tool};

/// The minimum length of a secret that is found by its value, in bytes: shorter ones would match ordinary words.
const SHORTEST: usize = 4;

/// Removes secrets from errors and previews: secret arguments by their values, everything else by
/// the name of the property. It cannot be disabled.
#[derive(Clone, Default)]
pub struct Scrub {
    secrets: Known,
}

/// Only the number of secrets.
impl fmt::Debug for Scrub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scrub").field("secrets", &self.secrets.len()).finish()
    }
}

impl Scrub {
    /// Remembers the secret arguments of a call with everything inside them, and values in others
    /// under the name of a secret.
    pub fn of(tool: &Tool, args: &Checked) -> Scrub {
        let mut collector = Collector::default();
        for param in tool.params {
            if let Some(value) = args.get(param.prop.name) {
                let text = args.text_as_given(param.prop.name);
                collector.digits = text.map(long_numbers).unwrap_or_default();
                collector.declared(&param.prop, value);
                collector.named(value);
            }
        }
        Scrub { secrets: Known::new(collector.found) }
    }

    /// Remembers one more secret, such as the API key: in any case, without its hyphens and in base64, too.
    pub fn add(&mut self, secret: &str) {
        let mut forms = Vec::new();
        push_forms(secret, &mut forms);
        push_forms(&secret.replace('-', ""), &mut forms);
        for text in [secret.to_owned(), secret.to_ascii_lowercase(), secret.to_ascii_uppercase()] {
            forms.extend((0..3).map(|offset| in_base64(&text, offset)));
        }
        self.secrets.add(forms);
    }

    /// The text without any remembered secret, and without what a name in it says is one.
    #[must_use]
    pub fn text(&self, text: &str) -> String {
        let known = self.secrets.mask(text);
        mask_text(&known).into_owned()
    }

    /// The value without secrets, by value and by name.
    pub fn value(&self, value: &mut Value) {
        suspicious(value, &Reveal::None);
        self.texts(value);
    }

    fn texts(&self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.text(text),
            Value::Number(_) => {
                let text = to_text(value);
                if self.secrets.mask(&text) != text {
                    *value = Value::from(super::mask::MARK);
                }
            }
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

/// Finds the secrets of arguments.
#[derive(Default)]
struct Collector {
    found: Vec<String>,
    /// The digits, as they were given, of numbers that 64 bits do not hold, by what was read of them.
    digits: HashMap<u64, Vec<String>>,
}

impl Collector {
    fn declared(&mut self, prop: &Property, value: &Value) {
        // Of the headers for a provider only some are secret; they are found by name.
        if prop.is_secret() && prop.role != Role::ProxyHeaders {
            return self.everything(value);
        }
        let inner: &[Property] = match prop.kind {
            ParamType::Object(props) | ParamType::Open(props) => props,
            _ => return,
        };
        for prop in inner {
            if let Some(value) = value.get(prop.name) {
                self.declared(prop, value);
            }
        }
    }

    /// Values whose names say that they are secret, also in free-form arguments.
    fn named(&mut self, value: &Value) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.named(item)),
            Value::Object(map) => {
                for (name, value) in map {
                    if looks_secret(name) { self.everything(value) } else { self.named(value) }
                }
            }
            _ => {}
        }
    }

    fn everything(&mut self, value: &Value) {
        match value {
            Value::String(text) => push_forms(text, &mut self.found),
            Value::Number(number) => {
                push_forms(&to_plain(value), &mut self.found);
                if let Some(digits) = number.as_f64().and_then(|n| self.digits.get(&n.to_bits())) {
                    digits.iter().for_each(|digits| push_forms(digits, &mut self.found));
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.everything(item)),
            Value::Object(map) => {
                for (name, value) in map {
                    if !PUBLIC.contains(&name.as_str()) {
                        self.everything(value);
                    }
                }
            }
            _ => {}
        }
    }
}

/// A secret unchanged, in JSON form, and in URL form.
fn push_forms(secret: &str, forms: &mut Vec<String>) {
    if secret.len() < SHORTEST {
        return;
    }
    let json = to_text(&Value::from(secret));
    let json = json.get(1..json.len() - 1).unwrap_or_default();
    if json != secret {
        forms.push(json.to_owned());
    }
    if !secret.bytes().all(|b| b.is_ascii_alphanumeric()) {
        forms.push(utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string());
    }
    forms.push(secret.to_owned());
}

/// The middle of the base64 of text with `offset` other bytes before it, which does not depend on its neighbours.
fn in_base64(text: &str, offset: usize) -> String {
    let mut bytes = vec![0; offset];
    bytes.extend_from_slice(text.as_bytes());
    let whole = Base64Unpadded::encode_string(&bytes);
    let start = (offset * 8).div_ceil(6);
    let end = bytes.len() * 8 / 6;
    whole.get(start..end).unwrap_or_default().to_owned()
}

/// The numbers of a JSON text with more digits than 64 bits hold, by the value that is read of them.
fn long_numbers(json: &str) -> HashMap<u64, Vec<String>> {
    const LONG: usize = 17;
    let is_part = |c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.' | 'e' | 'E');
    let mut found: HashMap<u64, Vec<String>> = HashMap::new();
    for number in json.split(|c: char| !is_part(c)).filter(|number| number.len() >= LONG) {
        if let Ok(value) = serde_json::from_str::<f64>(number) {
            found.entry(value.to_bits()).or_default().push(number.to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_secret_is_found_in_every_form() {
        const KEY: &str = "d59beb0a-3a8c-4d4a-9c4a-0f0e0d0c0b0a";
        let mut scrub = Scrub::default();
        scrub.add(KEY);
        for shown in
            [KEY.to_owned(), KEY.to_uppercase(), KEY.replace('-', ""), KEY.replace('-', "").to_uppercase()]
        {
            let text = scrub.text(&format!("sent {shown}, refused"));
            assert_eq!(text, "sent [redacted], refused", "{shown}");
        }
        for sent in [format!("{KEY}:"), format!(":{KEY}"), format!("ab{KEY}cd"), KEY.to_uppercase()] {
            let text = scrub.text(&format!("sent {}", Base64Unpadded::encode_string(sent.as_bytes())));
            let left = text.replace("[redacted]", "");
            assert!(text.contains("[redacted]") && left.len() < 14, "{sent}: {text}");
        }
    }

    #[test]
    fn numbers_are_found_in_the_digits_that_they_were_given_in() {
        let tool = crate::tools::find("NANGO_SET_CONNECTION_METADATA").unwrap();
        let text = r#"{"connection_id":["c"],"provider_config_key":"k","metadata":{"password":12345678901234567890123}}"#;
        let args = crate::schema::Arguments::from_text(text);
        let checked = crate::schema::check(tool, args, &crate::schema::Allow::default()).unwrap();
        let scrub = Scrub::of(tool, &checked);
        assert_eq!(scrub.text("got 12345678901234567890123!"), "got [redacted]!");
        let mut value = json!({ "got": [1, "12345678901234567890123"] });
        scrub.value(&mut value);
        assert_eq!(value, json!({ "got": [1, "[redacted]"] }));
    }
}
