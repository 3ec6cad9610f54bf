//! Query strings and form bodies as the server reads them: repeated keys and `a[]` become arrays,
//! `a[b]` becomes an object, dots do not nest. Percent-decoding is here too.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::{Map, Value};

/// More entries than this turn an array into an object.
const LIST_LIMIT: usize = 100;
/// Deeper brackets stay part of the last name.
const DEPTH_LIMIT: usize = 5;

/// Reads a query string.
pub(crate) fn parse(text: &str) -> Value {
    let mut root = Value::Object(Map::new());
    for pair in text.split('&').filter(|pair| !pair.is_empty()).take(1000) {
        let at = pair.find("]=").map(|at| at + 1).or_else(|| pair.find('='));
        let (key, value) = match at {
            Some(at) => (pair.get(..at).unwrap_or_default(), pair.get(at + 1..).unwrap_or_default()),
            None => (pair, ""),
        };
        let key = decode_form(key);
        if !key.is_empty() {
            insert(&mut root, &segments(&key), decode_form(value));
        }
    }
    root
}

/// `a[b][]` -> `a`, `b` and nothing.
fn segments(key: &str) -> Vec<&str> {
    let Some(open) = key.find('[').filter(|at| *at > 0) else { return vec![key] };
    let mut parts = vec![key.get(..open).unwrap_or_default()];
    let mut rest = key.get(open..).unwrap_or_default();
    while let Some(inner) = rest.strip_prefix('[') {
        let Some((name, after)) = inner.split_once(']').filter(|_| parts.len() <= DEPTH_LIMIT) else { break };
        parts.push(name);
        rest = after;
    }
    parts
}

fn insert(at: &mut Value, path: &[&str], text: String) {
    let Some((name, rest)) = path.split_first() else {
        return put(at, text);
    };
    let in_list = name.is_empty() || name.parse::<usize>().is_ok_and(|i| i <= LIST_LIMIT);
    if in_list && !at.is_object() {
        if !at.is_array() {
            *at = Value::Array(if at.is_null() { Vec::new() } else { vec![at.take()] });
        }
        if let Value::Array(items) = at {
            let mut item = Value::Null;
            insert(&mut item, rest, text);
            items.push(item);
            overflow(at);
        }
        return;
    }
    if !at.is_object() {
        let old = at.take();
        let mut map = Map::new();
        match old {
            Value::Null => {}
            Value::Array(items) => map = numbered(items),
            other => {
                map.insert("0".into(), other);
            }
        }
        *at = Value::Object(map);
    }
    if let Value::Object(map) = at {
        let name = if name.is_empty() { map.len().to_string() } else { (*name).to_owned() };
        insert(map.entry(name).or_insert(Value::Null), rest, text);
    }
}

fn put(at: &mut Value, text: String) {
    match at {
        Value::Null => *at = Value::String(text),
        Value::Array(items) => {
            items.push(Value::String(text));
            overflow(at);
        }
        Value::Object(map) => {
            map.insert(text, Value::Bool(true));
        }
        _ => *at = Value::Array(vec![at.take(), Value::String(text)]),
    }
}

fn overflow(at: &mut Value) {
    if let Value::Array(items) = at
        && items.len() > LIST_LIMIT
    {
        *at = Value::Object(numbered(std::mem::take(items)));
    }
}

fn numbered(items: Vec<Value>) -> Map<String, Value> {
    items.into_iter().enumerate().map(|(i, item)| (i.to_string(), item)).collect()
}

/// Decodes a part of a query string or form; invalid escapes stay unchanged.
fn decode_form(text: &str) -> String {
    let spaced = text.replace('+', " ");
    decode(&spaced).unwrap_or(spaced)
}

/// Percent-decodes; nothing for an invalid escape or for bytes that are not UTF-8.
pub(crate) fn decode(text: &str) -> Option<String> {
    let is_escape = |after: &str| after.len() >= 2 && after.bytes().take(2).all(|b| b.is_ascii_hexdigit());
    if !text.split('%').skip(1).all(is_escape) {
        return None;
    }
    percent_decode_str(text).decode_utf8().ok().map(Cow::into_owned)
}

/// What `encodeURIComponent` leaves as it is.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

/// Percent-encodes as `encodeURIComponent` does.
pub(crate) fn encode(text: &str) -> String {
    utf8_percent_encode(text, COMPONENT).to_string()
}

#[cfg(test)]
mod tests {
    use super::{decode, encode, parse};
    use serde_json::json;

    #[test]
    fn brackets_and_repeats_nest_as_in_qs() {
        assert_eq!(parse("a=1&b=two%20words&a=2"), json!({"a": ["1", "2"], "b": "two words"}));
        assert_eq!(parse("tags[env]=dev&tags%5Bteam%5D=x"), json!({"tags": {"env": "dev", "team": "x"}}));
        assert_eq!(parse("c[]=1&c[]=2&d[0]=x&e="), json!({"c": ["1", "2"], "d": ["x"], "e": ""}));
        assert_eq!(parse("a.b=1&c"), json!({"a.b": "1", "c": ""}));
        let many: Vec<String> = (0..101).map(|i| format!("i={i}")).collect();
        assert!(parse(&many.join("&"))["i"].is_object());
    }

    #[test]
    fn escapes() {
        assert_eq!(decode("a%20b%2Fc").as_deref(), Some("a b/c"));
        assert_eq!(decode("%c3%A9").as_deref(), Some("é"));
        for wrong in ["%E0%A4%A", "%", "%%41", "%4", "%+1", "%ff", "a%é"] {
            assert_eq!(decode(wrong), None, "{wrong}");
        }
        assert_eq!(encode("é-_.!~*'()&="), "%C3%A9-_.!~*'()%26%3D");
        assert_eq!(encode("a b/c"), "a%20b%2Fc");
    }
}
