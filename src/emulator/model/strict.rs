//! Reading what a programmer passes as JSON (options, faults): unknown properties, wrong types and `null` are errors
//! that name the place and, for a misspelt property, the nearest known one.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::nearest::nearest;

/// Reads `value`. `what` is the noun for the messages: `option`, `property`.
///
/// # Errors
/// The place in backticks, unless it is the whole, and what was expected there.
pub(crate) fn read<T: DeserializeOwned>(value: &Value, what: &str) -> Result<T, String> {
    let read: Result<Strict<T>, _> = serde_path_to_error::deserialize(value);
    read.map(|Strict(value)| value).map_err(|error| {
        let path = error.path().to_string();
        placed(&path, &error.into_inner().to_string(), what)
    })
}

/// A message of serde's about a place, as one about JSON.
fn placed(path: &str, message: &str, what: &str) -> String {
    let (path, problem) = match unknown_property(message, what) {
        // Here the path ends with the unknown name.
        Some((name, problem)) => (path.strip_suffix(name).unwrap_or(path).trim_end_matches('.'), problem),
        None => (path.trim_start_matches('.'), in_words_of_json(message)),
    };
    // At the root, serde's path is a dot or a question mark.
    if path.trim_matches(['.', '?']).is_empty() { problem } else { format!("`{path}`: {problem}") }
}

/// Reads JSON text in the same way.
///
/// # Errors
/// As [`read`]; or that it is not JSON, and where.
pub(crate) fn read_text<T: DeserializeOwned>(json: &str, what: &str) -> Result<T, String> {
    serde_json::from_str::<&RawValue>(json).map_err(|error| format!("expected JSON, but {error}"))?;
    let read: Result<Strict<T>, _> =
        serde_path_to_error::deserialize(&mut serde_json::Deserializer::from_str(json));
    read.map(|Strict(value)| value).map_err(|error| {
        let path = error.path().to_string();
        let message = error.into_inner().to_string();
        // Nobody wrote these lines: options become JSON on the way here.
        let message = message.rsplit_once(" at line ").map_or(&*message, |(message, _)| message);
        placed(&path, message, what)
    })
}

/// The mistake in JSON text with its line and column. No value is named: it may be a secret.
pub(crate) fn located(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let (message, place) = message.rsplit_once(" at line ").unwrap_or((&message, "0"));
    let problem = match unknown_property(message, "property") {
        Some((_, problem)) => problem,
        None => without_value(message),
    };
    format!("line {place}: {problem}")
}

/// The text of a value that may be given as it is, or as JSON text.
pub(crate) fn text_of(value: &RawValue) -> Cow<'_, str> {
    serde_json::from_str(value.get()).map_or(Cow::Borrowed(value.get()), Cow::Owned)
}

/// A struct that is read from an object alone: serde takes an array of its values too.
#[derive(Debug, Clone, Default)]
pub(crate) struct Strict<T>(pub(crate) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Strict<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Strict<T>, D::Error> {
        deserializer.deserialize_map(ObjectVisitor(PhantomData))
    }
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = Strict<T>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Strict<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Strict)
    }
}

/// A value that may be left out, but not be `null`: for `#[serde(default, deserialize_with)]`.
pub(crate) fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// The name and the problem, if serde's message is about an unknown property.
fn unknown_property<'m>(message: &'m str, what: &str) -> Option<(&'m str, String)> {
    let (name, known) = message.strip_prefix("unknown field `")?.split_once("`, expected ")?;
    let known: Vec<&str> = known.split('`').skip(1).step_by(2).collect();
    let problem = match nearest(name, &known) {
        Some(meant) => format!("there is no {what} `{name}`; did you mean `{meant}`?"),
        None => format!("there is no {what} `{name}`; expected one of `{}`", known.join("`, `")),
    };
    Some((name, problem))
}

/// Serde's message without the value that it quotes, and without names of Rust types.
fn without_value(message: &str) -> String {
    let Some((problem, expected)) = message.rsplit_once(", expected ") else { return message.to_owned() };
    let expected = match expected {
        "i64" | "u16" | "u32" | "u64" => "a whole number",
        text if text.starts_with("struct ") || text == "a map" => "an object",
        text if text.starts_with("a tuple") || text == "a sequence" => "an array",
        other => other,
    };
    let given = problem.strip_prefix("invalid type: ").map(|given| match given.split(' ').next() {
        Some("string") => ", got a string",
        Some("integer" | "floating") => ", got a number",
        Some("boolean") => ", got true or false",
        Some("null" | "unit") => ", got null",
        Some("map") => ", got an object",
        Some("sequence") => ", got an array",
        _ => "",
    });
    format!("expected {expected}{}", given.unwrap_or_default())
}

/// Serde's message without names of Rust types.
fn in_words_of_json(message: &str) -> String {
    let Some((problem, expected)) = message.rsplit_once(", expected ") else { return message.to_owned() };
    let expected = match expected {
        "u16" | "u32" | "u64" => "a whole number, 0 or more",
        "a sequence" => "an array",
        other => other,
    };
    format!("{problem}, expected {expected}")
}

#[cfg(test)]
mod tests {
    use super::{Strict, present, read};
    use serde::Deserialize;
    use serde_json::json;

    #[derive(Debug, Default, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct Given {
        count: u32,
        #[serde(deserialize_with = "present")]
        name: Option<String>,
        parts: Vec<Strict<Given>>,
    }

    #[test]
    fn errors_name_the_place_and_what_was_expected() {
        for (value, says) in [
            (json!([]), "invalid type: sequence, expected an object"),
            (json!(null), "invalid type: null, expected an object"),
            (json!({"counts": 1}), "there is no option `counts`; did you mean `count`?"),
            (json!({"zebra": 1}), "there is no option `zebra`; expected one of `count`, `name`, `parts`"),
            (json!({"parts": [{"nam": 1}]}), "`parts[0]`: there is no option `nam`; did you mean `name`?"),
            (json!({"count": null}), "`count`: invalid type: null, expected a whole number, 0 or more"),
            (
                json!({"count": -1}),
                "`count`: invalid value: integer `-1`, expected a whole number, 0 or more",
            ),
            (json!({"name": null}), "`name`: invalid type: null, expected a string"),
            (json!({"parts": {}}), "`parts`: invalid type: map, expected an array"),
            (json!({"parts": [{}, []]}), "`parts[1]`: invalid type: sequence, expected an object"),
            (
                json!({"parts": [{"name": 1}]}),
                "`parts[0].name`: invalid type: integer `1`, expected a string",
            ),
        ] {
            assert_eq!(read::<Given>(&value, "option").unwrap_err(), says);
        }
        let given: Given = read(&json!({"count": 1, "parts": [{"name": "a"}]}), "option").expect("valid");
        assert_eq!((given.count, given.name, given.parts.len()), (1, None, 1));
        assert_eq!(given.parts.first().and_then(|Strict(part)| part.name.as_deref()), Some("a"));
    }
}
