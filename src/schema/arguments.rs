//! Arguments before and after validation. JSON text is kept in addition to the parsed values, since values hold
//! numbers as 64 bits: unchanged arguments are sent with all digits as they were written.

use std::fmt;
use std::ops::{Deref, DerefMut};

use super::provider::back::turn_back;
use crate::error::{Issue, Issues};
use crate::json::{
    Object, RawProperties, Value, is_big, is_respelt, object_text, parse, parse_marked, raw_properties,
    to_exact_text, to_text, unmark, well_formed,
};
use crate::tool::Tool;

/// The unchecked arguments of a call: a JSON value, or JSON text.
///
/// A value that is a string counts as JSON text, too, since models send such strings. Empty text means no
/// arguments.
///
/// ```
/// use nango_toolkit::schema::Arguments;
///
/// let from_text = Arguments::from_text(r#"{ "connection_id": "c1" }"#);
/// let from_value = Arguments::from(serde_json::json!({ "connection_id": "c1" }));
/// assert_eq!(from_text.value(), from_value.value());
/// ```
#[derive(Clone, Default)]
#[must_use]
pub struct Arguments {
    value: Value,
    /// The JSON text of each argument, if it is known and may be more exact than the value.
    texts: Object,
    /// Why the text could not be read.
    unreadable: Option<String>,
}

impl Arguments {
    /// Arguments from JSON text: an object, or a JSON string that contains the text of one.
    ///
    /// Half of a surrogate pair is read as U+FFFD. Unreadable text becomes an issue with code `invalid_json` when the
    /// arguments are checked.
    pub fn from_text(text: &str) -> Arguments {
        let text = well_formed(text);
        match read(&text) {
            Ok(Value::String(inner)) => Arguments::from_inner_text(&inner),
            Ok(value) => Arguments::read(value, &text),
            Err(error) => Arguments::unreadable(&error),
        }
    }

    /// Like [`Arguments::from_text`], but a JSON string inside is not parsed again.
    fn from_inner_text(text: &str) -> Arguments {
        let text = well_formed(text);
        match read(&text) {
            Ok(value) => Arguments::read(value, &text),
            Err(error) => Arguments::unreadable(&error),
        }
    }

    fn read(value: Value, text: &str) -> Arguments {
        let raw = match value {
            Value::Object(_) if may_lose_digits(text) => raw_properties(text).unwrap_or_default(),
            _ => RawProperties::default(),
        };
        let mut arguments = Arguments::of_value(value);
        // Strings that contain JSON already have their own text; of two properties with one name the last counts.
        for (name, raw) in raw.0.into_iter().rev() {
            if !arguments.texts.contains_key(&name) {
                arguments.texts.insert(name, Value::from(raw.get()));
            }
        }
        arguments
    }

    /// Only strings that may contain JSON have their own text.
    fn of_value(value: Value) -> Arguments {
        let mut texts = Object::new();
        for (name, value) in value.as_object().into_iter().flatten() {
            if let Value::String(text) = value
                && text.trim_start().starts_with(|c: char| matches!(c, '{' | '[' | '-' | '0'..='9'))
            {
                texts.insert(name.clone(), Value::from(text.as_str()));
            }
        }
        Arguments { value, texts, unreadable: None }
    }

    fn unreadable(error: &serde_json::Error) -> Arguments {
        Arguments { unreadable: Some(error.to_string()), ..Arguments::default() }
    }

    /// The value: numbers that do not fit 64 bits are rounded. `null` if the text could not be read.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// The arguments as JSON text without white space between tokens, numbers with all of their digits. `null` if the
    /// text could not be read.
    #[must_use]
    pub fn to_text(&self) -> String {
        let Value::Object(values) = &self.value else { return to_text(&self.value) };
        // The known text of a string is its content.
        let text_of = |name: &str| self.texts.get(name)?.as_str();
        object_text(values.iter().map(|(name, value)| match text_of(name).filter(|_| !value.is_string()) {
            Some(text) => (name.as_str(), compact(text)),
            None => (name.as_str(), to_text(value)),
        }))
    }

    /// Decodes arguments in the dialect of [`super::for_provider`], and reports what cannot be decoded.
    ///
    /// # Errors
    /// The text could not be read.
    pub(crate) fn convert_back(self, tool: &Tool) -> Result<(Arguments, Issues), Issue> {
        let text = self.to_text();
        self.into_parts()?;
        let Ok((mut value, _)) = parse_marked(&text, is_respelt) else {
            return Ok((Arguments::from_text(&text), Issues::default()));
        };
        let issues = turn_back(Some(tool), &mut value);
        Ok((Arguments::from_text(&to_exact_text(&value)), issues))
    }

    /// The value and the JSON text of its arguments.
    ///
    /// # Errors
    /// The text could not be read.
    pub(crate) fn into_parts(self) -> Result<(Value, Object), Issue> {
        match self.unreadable {
            None => Ok((self.value, self.texts)),
            Some(why) => {
                let message = format!("the arguments are not valid JSON: {why}");
                Err(Issue::new(Vec::new(), "invalid_json", message)
                    .hint("give a JSON object with the properties that the tool's input schema names"))
            }
        }
    }
}

fn read(text: &str) -> Result<Value, serde_json::Error> {
    if text.trim().is_empty() { Ok(Value::Null) } else { parse(text) }
}

impl From<Value> for Arguments {
    fn from(value: Value) -> Arguments {
        match value {
            Value::String(text) => Arguments::from_inner_text(&text),
            value => Arguments::of_value(value),
        }
    }
}

impl From<Object> for Arguments {
    fn from(map: Object) -> Arguments {
        Arguments::of_value(Value::Object(map))
    }
}

/// Omits values, which may be secret.
impl fmt::Debug for Arguments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&String> = self.value.as_object().into_iter().flat_map(|map| map.keys()).collect();
        f.debug_struct("Arguments")
            .field("names", &names)
            .field("unreadable", &self.unreadable)
            .finish_non_exhaustive()
    }
}

/// Arguments that passed validation: repaired, without omitted ones, ready to be sent. They can be read and changed
/// like a JSON object.
#[derive(Clone, Default, PartialEq)]
pub struct Checked {
    values: Object,
    /// The JSON text of the arguments, from [`Arguments`].
    texts: Object,
}

impl Checked {
    /// Adds the JSON text of arguments; only text that is more exact than the value is kept.
    pub(crate) fn with_texts(mut self, texts: Object) -> Checked {
        for (name, text) in texts {
            let (Some(value), Value::String(text)) = (self.values.get(&name), text) else { continue };
            if matches!(value, Value::Null | Value::Bool(_) | Value::String(_)) {
                continue;
            }
            let text = compact(&text);
            if text != to_text(value) {
                self.texts.insert(name, Value::String(text));
            }
        }
        self
    }

    /// The original JSON text of the argument `name`, if it is equivalent to its current value.
    pub(crate) fn text_as_given(&self, name: &str) -> Option<&str> {
        let text = self.texts.get(name)?.as_str()?;
        says_the_same(text, self.values.get(name)?).then_some(text)
    }

    /// The value of the argument `name` for readers: integers beyond 2^53 are strings in it.
    pub(crate) fn with_all_digits(&self, name: &str, value: &Value) -> Value {
        if matches!(value, Value::Null | Value::Bool(_) | Value::String(_)) {
            return value.clone();
        }
        let text = self.text_as_given(name).map_or_else(|| to_text(value), str::to_owned);
        let Ok((mut shown, _)) = parse_marked(&text, is_big) else { return value.clone() };
        unmark(&mut shown, |number| Value::from(number));
        shown
    }

    /// All arguments as JSON text, with all digits.
    pub(crate) fn to_exact_text(&self) -> String {
        object_text(self.values.iter().map(|(name, value)| {
            (name.as_str(), self.text_as_given(name).map_or_else(|| to_text(value), str::to_owned))
        }))
    }
}

impl Deref for Checked {
    type Target = Object;

    fn deref(&self) -> &Object {
        &self.values
    }
}

impl DerefMut for Checked {
    fn deref_mut(&mut self) -> &mut Object {
        &mut self.values
    }
}

impl From<Object> for Checked {
    fn from(values: Object) -> Checked {
        Checked { values, texts: Object::new() }
    }
}

/// Arguments that were checked may be checked again.
impl From<Checked> for Arguments {
    fn from(checked: Checked) -> Arguments {
        let mut arguments = Arguments::of_value(Value::Object(checked.values));
        arguments.texts.extend(checked.texts);
        arguments
    }
}

impl From<Checked> for Value {
    fn from(checked: Checked) -> Value {
        Value::Object(checked.values)
    }
}

/// Omits values, which may be secret.
impl fmt::Debug for Checked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&String> = self.values.keys().collect();
        f.debug_tuple("Checked").field(&names).finish()
    }
}

/// Whether JSON text may contain a number that would be written differently from its value: one of 16 or more
/// digits, one with a fraction or an exponent, or `-0`.
fn may_lose_digits(text: &str) -> bool {
    const EXACT: usize = 15;
    let mut digits = 0;
    for (byte, next) in text.bytes().zip(text.bytes().skip(1).chain([b' '])) {
        digits = if byte.is_ascii_digit() { digits + 1 } else { 0 };
        let goes_on = digits > 0 && matches!(next, b'.' | b'e' | b'E');
        if goes_on || digits > EXACT || (byte == b'-' && next == b'0') {
            return true;
        }
    }
    false
}

/// JSON text without white space between tokens, so that the same arguments have the same text.
fn compact(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut in_string, mut escaped) = (false, false);
    for c in text.chars() {
        if in_string || !c.is_ascii_whitespace() {
            out.push(c);
        }
        if c == '"' && !escaped {
            in_string = !in_string;
        }
        escaped = c == '\\' && !escaped;
    }
    out
}

/// Whether JSON text can be sent instead of a value: it contains nothing else, and no property twice, since a
/// receiver might use another of the two than the policy did.
fn says_the_same(text: &str, value: &Value) -> bool {
    parse(text).is_ok_and(|read| read == *value) && properties_in_text(text) == properties_in(value)
}

/// The number of properties in JSON text: each has a colon outside of all strings.
fn properties_in_text(text: &str) -> usize {
    let (mut count, mut in_string, mut escaped) = (0, false, false);
    for c in text.chars() {
        count += usize::from(c == ':' && !in_string);
        in_string ^= c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
    }
    count
}

/// The number of properties in a value.
fn properties_in(value: &Value) -> usize {
    match value {
        Value::Object(map) => map.len() + map.values().map(properties_in).sum::<usize>(),
        Value::Array(items) => items.iter().map(properties_in).sum(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use serde_json::json;

    use super::*;

    #[test]
    fn a_text_stands_for_its_value_and_for_no_other() {
        let text = r#"{ "n": 1.0000000000000000000001, "l": [1e2] }"#;
        assert!(says_the_same(text, &json!({ "n": 1.0, "l": [100.0] })));
        assert!(!says_the_same(text, &json!({ "n": 1.0, "l": [100.0], "m": null })));
        assert!(!says_the_same(r#"{ "a": 1, "\u0061": 1 }"#, &json!({ "a": 1 })));
        assert!(!says_the_same(r#"[{ "a": { "b": 1, "b": 1 } }]"#, &json!([{ "a": { "b": 1 } }])));
        assert!(says_the_same(
            r#"{ ":\"a\\": ":\\\":", "b": [{ "c": {} }] }"#,
            &json!({ ":\"a\\": ":\\\":", "b": [{ "c": {} }] })
        ));
    }

    #[test]
    fn only_texts_whose_numbers_may_change_are_read_twice() {
        for text in ["1.0", "[1e2]", "5E1", "-0", "1234567890123456", r#"{"a":[9,-1234567890123456]}"#] {
            assert!(may_lose_digits(text), "{text}");
        }
        for text in ["", "0", "123456789012345", "[-1,20]", r#"{"a":"b. c-d","e":{"f":null}}"#] {
            assert!(!may_lose_digits(text), "{text}");
            assert_eq!(parse(text).ok().map(|value| to_text(&value)).unwrap_or_default(), text);
        }
    }

    #[test]
    fn white_space_between_parts_is_none_of_the_arguments() {
        assert_eq!(
            compact(" { \"a b\" : [ \"c \\\\\", \"\\\" d\" , 1.0 ] }\n"),
            r#"{"a b":["c \\","\" d",1.0]}"#
        );
    }

    #[test]
    fn a_changed_argument_has_no_text() {
        let given = Arguments::from_text(r#"{ "input": { "n": 12345678901234567890123 }, "m": 1e2 }"#);
        let (value, texts) = given.into_parts().unwrap();
        let Value::Object(values) = value else { return };
        let mut checked = Checked::from(values).with_texts(texts);
        assert_eq!(checked.text_as_given("input"), Some(r#"{"n":12345678901234567890123}"#));
        let exact = r#"{"input":{"n":12345678901234567890123},"m":1e2}"#;
        assert_eq!(checked.to_exact_text(), exact);
        checked.insert("input".to_owned(), json!({ "n": 1 }));
        assert_eq!(checked.text_as_given("input"), None);
        assert_eq!(checked.to_exact_text(), r#"{"input":{"n":1},"m":1e2}"#);
    }

    #[test]
    fn debug_shows_names_alone() {
        let given = Arguments::from_text(r#"{ "apiKey": "hunter2" }"#);
        assert_eq!(format!("{given:?}"), r#"Arguments { names: ["apiKey"], unreadable: None, .. }"#);
    }
}
