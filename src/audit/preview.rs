//! Arguments and paths in a form that may be shown: to the approver of a call, without secrets; in events, also
//! without paths, queries and text for a provider's API, in which secrets have no name.

use crate::http::Scrub;
use crate::json::{Object, Value, to_plain};
use crate::schema::Checked;
use crate::tool::{ParamLocation, ParamType, Property, Role, StringFormat, Tool};

/// The maximum length of a part of a path that is shown, in bytes.
const LONGEST_SEGMENT: usize = 40;

/// Arguments as the approver of a call sees them: secret ones masked completely, others scrubbed.
pub(crate) fn summary(tool: &Tool, args: &Checked, scrub: &Scrub) -> Value {
    arguments(tool, args, scrub, |_, _| {})
}

/// Arguments as an event shows them.
pub(crate) fn preview(tool: &Tool, args: &Checked, scrub: &Scrub) -> Value {
    arguments(tool, args, scrub, |prop, value| match prop.role {
        Role::ProxyQuery => {
            value.as_object_mut().into_iter().flat_map(Object::values_mut).for_each(measured);
        }
        Role::ProxyPath => *value = Value::from(path(&to_plain(value))),
        _ => urls(&prop.kind, value),
    })
}

fn arguments(tool: &Tool, args: &Checked, scrub: &Scrub, mask: impl Fn(&Property, &mut Value)) -> Value {
    let mut out = Object::new();
    for (name, value) in args.iter() {
        let mut value = args.with_all_digits(name, value);
        match tool.param(name).map(|param| &param.prop) {
            // Secret headers are found by name.
            Some(prop) if prop.is_secret() && prop.role != Role::ProxyHeaders => {
                value = Value::from(format!("[redacted: {name}]"));
            }
            Some(prop) => mask(prop, &mut value),
            None => {}
        }
        out.insert(name.clone(), value);
    }
    let mut out = Value::Object(out);
    scrub.value(&mut out);
    out
}

/// Replaces a value by its length.
fn measured(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(measured),
        Value::Null | Value::Bool(_) => {}
        other => *other = Value::from(measure(&to_plain(other))),
    }
}

fn measure(text: &str) -> String {
    format!("[redacted: {} characters]", text.chars().count())
}

/// Masks URLs except for their origin, and the text of a body.
fn urls(kind: &ParamType, value: &mut Value) {
    match (kind, value) {
        (ParamType::Body, Value::String(text)) => *text = measure(text),
        (ParamType::Text(text), Value::String(url))
            if matches!(text.form, StringFormat::WebhookUrl | StringFormat::HttpUrl) =>
        {
            *url = origin(url);
        }
        (ParamType::Object(props) | ParamType::Open(props), Value::Object(map)) => {
            for prop in *props {
                if let Some(value) = map.get_mut(prop.name) {
                    urls(&prop.kind, value);
                }
            }
        }
        (ParamType::Map { of, .. }, Value::Object(map)) => map.values_mut().for_each(|value| urls(of, value)),
        (ParamType::List { of, .. } | ParamType::OneOrMany(of), Value::Array(items)) => {
            items.iter_mut().for_each(|item| urls(of, item));
        }
        _ => {}
    }
}

/// A URL with masked path and query, which may contain secrets.
fn origin(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return if url.is_empty() { String::new() } else { measure(url) };
    };
    let (authority, rest) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let host = authority.rsplit('@').next().unwrap_or_default();
    let masked = if rest.len() > 1 { measure(rest) } else { String::new() };
    format!("{scheme}://{host}{}{masked}", if rest.is_empty() { "" } else { "/" })
}

/// A path of a provider's API; parts that do not look like words, versions or short numbers are masked.
pub(crate) fn path(path: &str) -> String {
    let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
    let segments: Vec<&str> =
        path.split('/').map(|segment| if is_readable(segment) { segment } else { "[redacted]" }).collect();
    let query = query.map_or(String::new(), |query| format!("?{}", measure(query)));
    segments.join("/") + &query
}

/// The path of a request of `tool` after the base URL.
pub(crate) fn request_path(tool: Option<&Tool>, sent: &str) -> String {
    let is_tail = |tool: &&Tool| tool.params.iter().any(|p| matches!(p.place, ParamLocation::PathTail(_)));
    match tool.filter(is_tail) {
        Some(_) => path(sent),
        None => sent.to_owned(),
    }
}

fn is_readable(segment: &str) -> bool {
    let digits = segment.bytes().filter(u8::is_ascii_digit).count();
    let is_word = segment.bytes().all(|b| b.is_ascii_alphabetic() || matches!(b, b'_' | b'-' | b'.' | b'$'));
    let is_version = segment
        .strip_prefix(['v', 'V'])
        .is_some_and(|rest| rest.len() <= 8 && rest.len() == digits + rest.matches(['.', '-']).count());
    let humps = segment
        .as_bytes()
        .windows(2)
        .filter(|pair| matches!(pair, [a, b] if a.is_ascii_lowercase() && b.is_ascii_uppercase()));
    segment.len() <= LONGEST_SEGMENT
        && (is_word && humps.count() <= 3 || is_version || digits == segment.len() && digits <= 12)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_keep_what_reads_like_one() {
        for (given, shown) in [
            ("crm/v3/objects/contacts", "crm/v3/objects/contacts"),
            ("/repos/acme/web-site/issues/42", "/repos/acme/web-site/issues/42"),
            ("services/data/v59.0/query", "services/data/v59.0/query"),
            ("calendarList/primary.events", "calendarList/primary.events"),
            ("bot123456:ABC-DEF1234ghIkl/getMe", "[redacted]/getMe"),
            ("services/T00000000/B00000000/XXXXyyyy1234", "services/[redacted]/[redacted]/[redacted]"),
            ("x/kGbTzQpXvRwLmNcYsHdF/y", "x/[redacted]/y"),
            ("a?token=b", "a?[redacted: 7 characters]"),
        ] {
            assert_eq!(path(given), shown);
        }
    }

    #[test]
    fn urls_keep_their_origin() {
        for (given, shown) in [
            (
                "https://hooks.example.com/services/s3cr3t?a=b",
                "https://hooks.example.com/[redacted: 20 characters]",
            ),
            ("https://ada:s3cr3t@example.com", "https://example.com"),
            ("https://example.com/", "https://example.com/"),
            ("", ""),
            ("s3cr3t", "[redacted: 6 characters]"),
        ] {
            assert_eq!(origin(given), shown);
        }
    }
}
