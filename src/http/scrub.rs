//! Removes secrets from text: errors, previews, events. By their values, and by the names of properties.

use std::fmt;
use std::sync::OnceLock;

use base64ct::{Base64Unpadded, Encoding};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::known::Known;
use super::mask::mask_text;
use super::names::{PUBLIC, looks_secret};
use super::redact::{Reveal, suspicious};
use crate::json::{Value, to_plain, to_text};
use crate::schema::Checked;
use crate::text::{end_of, floor};
use crate::tool::{ParamType, Property, Role, Tool};

/// The minimum length of a secret that is found by its value, in bytes: shorter ones would match ordinary words.
const SHORTEST: usize = 4;

/// How much of a long text is read to show its beginning, in bytes.
const WINDOW: usize = 32 * 1024;

/// How much of the end of that is not shown, in bytes: more than the longest part of a secret that is not recognised.
const UNSURE: usize = 256;

/// Removes secrets from errors and previews: secret arguments by their values, everything else by
/// the name of the property. It cannot be disabled.
#[derive(Clone, Default)]
pub struct Scrub {
    secrets: Vec<String>,
    /// Secrets that are looked for in every form that they can be sent in.
    keys: Vec<String>,
    /// All of them in all forms, computed for the first string.
    known: OnceLock<Known>,
}

/// Only the number of secrets.
impl fmt::Debug for Scrub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scrub").field("secrets", &(self.secrets.len() + self.keys.len())).finish()
    }
}

impl Scrub {
    /// Remembers the secret arguments of a call with everything inside them, and values in others
    /// under the name of a secret.
    #[must_use]
    pub fn of(tool: &Tool, args: &Checked) -> Scrub {
        let mut collector = Collector::default();
        for param in tool.params {
            if let Some(value) = args.get(param.prop.name) {
                collector.has_long_number = false;
                collector.declared(&param.prop, value);
                collector.named(value);
                if let Some(text) = args.text_as_given(param.prop.name).filter(|_| collector.has_long_number)
                {
                    collector.long_numbers(text);
                }
            }
        }
        Scrub { secrets: collector.found, ..Scrub::default() }
    }

    /// Remembers one more secret, such as the API key: in any case, without its hyphens and in base64, too.
    pub fn add(&mut self, secret: &str) {
        if secret.len() >= SHORTEST && !self.keys.iter().any(|known| known == secret) {
            self.keys.push(secret.to_owned());
            self.known = OnceLock::new();
        }
    }

    fn known(&self) -> &Known {
        self.known.get_or_init(|| {
            let mut forms = Vec::new();
            self.secrets.iter().for_each(|secret| push_forms(secret, &mut forms));
            for key in &self.keys {
                push_forms(key, &mut forms);
                push_forms(&key.chars().filter(|c| *c != '-').collect::<String>(), &mut forms);
                for text in [key.clone(), key.to_ascii_lowercase(), key.to_ascii_uppercase()] {
                    let coded = (0..3).map(|offset| in_base64(&text, offset));
                    forms.extend(coded.filter(|coded| coded.len() >= 2 * SHORTEST));
                }
            }
            Known::new(forms)
        })
    }

    /// The text without any remembered secret, and without what a name in it says is one.
    #[must_use]
    pub fn text(&self, text: &str) -> String {
        let known = self.known().mask(text);
        mask_text(&known).into_owned()
    }

    /// The first `most` characters of [`Scrub::text`], with a note if that is not all. Not much more of a long text is
    /// read than is shown.
    pub(crate) fn beginning(&self, text: &str, most: usize) -> String {
        let window = text.get(..floor(text, WINDOW)).unwrap_or_default();
        let mut shown = self.text(window);
        let mut end = end_of(&shown, most);
        if window.len() < text.len() {
            // The window may have cut a secret into a part that is too short to be recognised.
            end = end.min(shown.len().saturating_sub(UNSURE));
        } else if end == shown.len() {
            return shown;
        }
        shown.truncate(floor(&shown, end));
        shown.push_str(&format!(" … ({} bytes in all)", text.len()));
        shown
    }

    /// The value without secrets, by value and by name.
    pub fn value(&self, value: &mut Value) {
        suspicious(value, &Reveal::None);
        self.texts(value);
    }

    fn texts(&self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.text(text),
            // Shorter than any secret.
            Value::Number(number) if number.as_u64().is_some_and(|number| number < 1000) => {}
            Value::Number(_) => {
                let text = to_text(value);
                if self.known().mask(&text) != text {
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
    /// Whether a number was among them that 64 bits do not hold: then what was read is not what was given.
    has_long_number: bool,
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
            Value::String(text) => self.found.push(text.clone()),
            Value::Number(number) => {
                self.found.push(to_plain(value));
                self.has_long_number |= number.is_f64();
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

    /// The long numbers of a JSON text, in the digits that they were given in.
    fn long_numbers(&mut self, json: &str) {
        let is_part = |c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.' | 'e' | 'E');
        let numbers = json.split(|c: char| !is_part(c)).filter(|number| number.len() > LONG);
        self.found.extend(numbers.map(str::to_owned));
    }
}

/// How many digits 64 bits always hold.
const LONG: usize = 17;

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
