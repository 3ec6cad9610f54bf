//! JSON text with numbers and strings that a value cannot represent exactly. A [`Value`] has 64 bits for a number:
//! numbers that need more become marked strings, which are written as numbers again. Half of a surrogate pair,
//! which JSON allows but a string cannot contain, becomes U+FFFD.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::{Value, push_text, to_text};

/// Precedes the digits in a marked string. Unicode reserves this code point for use inside a program.
const MARK: char = '\u{ffff}';
/// The largest integer up to which a double, JavaScript's number type, can represent every integer.
const MAX_SAFE: u64 = 1 << 53;

/// Reads one JSON value; the numbers for which `is_lossy` are marked strings in it. The flag says whether there are any.
///
/// # Errors
/// As [`super::parse`].
pub(crate) fn parse_marked(
    text: &str,
    is_lossy: fn(&str) -> bool,
) -> Result<(Value, bool), serde_json::Error> {
    let (marked, any) = mark(text, is_lossy)?;
    Ok((serde_json::from_str(&marked)?, any))
}

/// The text of a JSON value in which the numbers for which `is_lossy` are marked strings, and half of a surrogate pair is
/// U+FFFD. The flag says whether there are such numbers.
///
/// # Errors
/// The text is not JSON; if there are no such numbers, that is not checked.
pub(crate) fn mark(
    text: &str,
    is_lossy: fn(&str) -> bool,
) -> Result<(Cow<'_, str>, bool), serde_json::Error> {
    let text = well_formed(text);
    let Some(marked) = with_marks(&text, is_lossy) else { return Ok((text, false)) };
    // A string is allowed where a number is not: invalid JSON must not become valid.
    serde_json::from_str::<&RawValue>(&text)?;
    Ok((marked.into(), true))
}

/// Whether a number is an integer beyond 2^53, or beyond the range of a double.
pub(crate) fn is_big(number: &str) -> bool {
    let digits = number.strip_prefix('-').unwrap_or(number);
    if digits.bytes().all(|b| b.is_ascii_digit()) {
        return digits.len() >= 16 && digits.parse::<u64>().map_or(true, is_unsafe);
    }
    serde_json::from_str::<Value>(number).is_err()
}

/// Whether 64 bits cannot represent a number.
pub(crate) fn is_beyond_64_bits(number: &str) -> bool {
    let digits = number.strip_prefix('-').unwrap_or(number);
    if digits.bytes().all(|b| b.is_ascii_digit()) {
        return digits.len() >= 19 && number.parse::<u64>().is_err() && number.parse::<i64>().is_err();
    }
    serde_json::from_str::<Value>(number).is_err()
}

/// Whether a double cannot represent this integer and all smaller ones.
pub(crate) fn is_unsafe(magnitude: u64) -> bool {
    magnitude > MAX_SAFE
}

/// Whether a number would be written differently after parsing.
pub(crate) fn is_respelt(number: &str) -> bool {
    serde_json::from_str::<Value>(number).map_or(true, |value| to_text(&value) != number)
}

/// The text with the numbers for which `is_lossy` holds as marked strings, if there are any.
fn with_marks(text: &str, is_lossy: fn(&str) -> bool) -> Option<String> {
    let (mut out, mut rest, mut copied) = (String::new(), text, 0);
    while let Some(start) = rest.find(|c: char| c == '"' || c == '-' || c.is_ascii_digit()) {
        let at = text.len() - rest.len() + start;
        let (_, token) = rest.split_at(start);
        let is_string = token.starts_with('"');
        let (token, after) = token.split_at(if is_string { string_end(token) } else { number_end(token) });
        if !is_string && is_lossy(token) {
            if out.is_empty() {
                out.reserve_exact(text.len() + text.len() / 4);
            }
            out.push_str(text.get(copied..at).unwrap_or_default());
            out.push_str(&format!("\"{MARK}{token}\""));
            copied = at + token.len();
        }
        rest = after;
    }
    out.push_str(text.get(copied..).unwrap_or_default());
    (copied > 0).then_some(out)
}

/// The length of the string at the start of `text`, in bytes.
fn string_end(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        if c == '"' && !escaped {
            return at + 1;
        }
        escaped = c == '\\' && !escaped;
    }
    text.len()
}

/// The length of the number at the start of `text`, in bytes.
fn number_end(text: &str) -> usize {
    text.find(|c: char| !matches!(c, '0'..='9' | '-' | '+' | '.' | 'e' | 'E')).unwrap_or(text.len())
}

/// The number in a marked string.
pub(crate) fn marked_number(value: &Value) -> Option<&str> {
    marked_digits(value.as_str()?)
}

/// The number in a string, if that is a marked one.
pub(crate) fn marked_digits(text: &str) -> Option<&str> {
    let number = text.strip_prefix(MARK)?;
    let is_number = number.starts_with(|c: char| c == '-' || c.is_ascii_digit());
    (is_number && serde_json::from_str::<&RawValue>(number).is_ok()).then_some(number)
}

/// The JSON text of a value, with its marked strings as numbers.
pub(crate) fn to_exact_text(value: &Value) -> String {
    let mut out = String::new();
    push_exact(&mut out, value);
    out
}

fn push_exact(out: &mut String, value: &Value) {
    match value {
        Value::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                push_exact(out, item);
            }
            out.push(']');
        }
        Value::Object(map) => {
            out.push('{');
            for (at, (name, value)) in map.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                push_text(out, name);
                out.push(':');
                push_exact(out, value);
            }
            out.push('}');
        }
        value => match marked_number(value) {
            Some(number) => out.push_str(number),
            None => out.push_str(&to_text(value)),
        },
    }
}

/// Replaces the marked strings of a value by the result of `of` for their numbers.
pub(crate) fn unmark(value: &mut Value, of: fn(&str) -> Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| unmark(item, of)),
        Value::Object(map) => map.values_mut().for_each(|value| unmark(value, of)),
        value => {
            if let Some(number) = marked_number(value) {
                *value = of(number);
            }
        }
    }
}

/// A number as a value, with its precision.
pub(crate) fn as_number(number: &str) -> Value {
    serde_json::from_str(number).unwrap_or_else(|_| Value::from(number))
}

/// JSON text in which each unpaired surrogate is U+FFFD, written as an escape.
pub(crate) fn well_formed(json: &str) -> Cow<'_, str> {
    let (mut out, mut rest, mut copied) = (String::new(), json, 0);
    while let Some(start) = rest.find('\\') {
        let at = json.len() - rest.len() + start;
        let (_, escape) = rest.split_at(start);
        let next = escape.get(6..).and_then(escaped_unit);
        let length = match escaped_unit(escape) {
            Some(0xd800..=0xdbff) if matches!(next, Some(0xdc00..=0xdfff)) => 12,
            Some(0xd800..=0xdfff) => {
                out.push_str(json.get(copied..at).unwrap_or_default());
                out.push_str("\\ufffd");
                copied = at + 6;
                6
            }
            // The character after the backslash is not the start of another escape.
            _ => escape.chars().take(2).map(char::len_utf8).sum(),
        };
        rest = escape.get(length..).unwrap_or_default();
    }
    if copied == 0 {
        return Cow::Borrowed(json);
    }
    out.push_str(json.get(copied..).unwrap_or_default());
    Cow::Owned(out)
}

/// The UTF-16 code unit of the escape `\uXXXX` at the start of `text`.
fn escaped_unit(text: &str) -> Option<u16> {
    u16::from_str_radix(text.strip_prefix("\\u")?.get(..4)?, 16).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn big_numbers_pass_through_a_value() {
        for number in ["9007199254740993", "-9007199254740993", "18446744073709551616", "1e400", "-1E+999"] {
            for text in [
                number.to_owned(),
                format!(r#"{{"a":[{number},1,"{number}"],"b\"{number}":{number}}}"#),
                format!(r#"["\\",{number}]"#),
            ] {
                let (value, any) = parse_marked(&text, is_big).unwrap();
                assert!(any, "{text}");
                assert_eq!(to_exact_text(&value), text);
                let mut plain = value;
                unmark(&mut plain, |number| Value::from(number));
                assert!(!to_text(&plain).contains(MARK), "{text}");
            }
        }
        for text in [
            "9007199254740992",
            "-9007199254740992",
            "\"9007199254740993\"",
            "0.12345678901234567890",
            "1e20",
        ] {
            assert!(!parse_marked(text, is_big).unwrap().1, "{text}");
        }
    }

    #[test]
    fn what_is_no_json_does_not_become_json() {
        for text in
            ["{9007199254740993:1}", "[00009007199254740993]", "9007199254740993-1", "[9007199254740993"]
        {
            assert!(parse_marked(text, is_big).is_err(), "{text}");
        }
    }

    #[test]
    fn a_string_that_looks_marked_stays_one() {
        for text in [r#""\uffff""#, r#""\uffff{}""#, r#""\uffff1 2""#, r#""\uffff\"1""#, r#""a\uffff1""#] {
            let (value, _) = parse_marked(text, is_big).unwrap();
            assert_eq!(to_exact_text(&value), to_text(&value), "{text}");
        }
    }

    #[test]
    fn half_a_pair_is_replaced() {
        for (given, right) in [
            (r#""\ud83d""#, r#""\ufffd""#),
            (r#""\ude00\ud83d""#, r#""\ufffd\ufffd""#),
            (r#""\ud83d\ud83d\ude00""#, r#""\ufffd\ud83d\ude00""#),
            (r#""\uD83Dé\\ud83d\\\ud83dx""#, r#""\ufffdé\\ud83d\\\ufffdx""#),
            (r#""\ud83d\u0041""#, r#""\ufffd\u0041""#),
            (r#""\ud83d\ude00""#, r#""\ud83d\ude00""#),
            (r#""\é\"#, r#""\é\"#),
            ("\\ud8", "\\ud8"),
        ] {
            assert_eq!(well_formed(given), right, "{given}");
        }
    }
}
