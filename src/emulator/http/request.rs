//! Reading a request before it is routed: URL, headers, body.

use serde_json::{Map, Value};

use super::response::HttpResponse;

/// How deep a document may be nested: what is stored is saved inside another document, which can be read only up to a
/// depth of 128.
pub(crate) const DEEPEST: usize = 100;

/// How deep a value is nested.
pub(crate) fn depth(value: &Value) -> usize {
    let deepest = match value {
        Value::Array(items) => items.iter().map(depth).max(),
        Value::Object(properties) => properties.values().map(depth).max(),
        _ => return 0,
    };
    1 + deepest.unwrap_or(0)
}

/// The body of a request.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Body<'a> {
    /// None, or one without a content type that the server reads.
    Absent,
    /// JSON.
    Json(Value),
    /// Anything else, unchanged.
    Raw(&'a str),
}

/// The value of a header, trimmed as HTTP does; repeated ones are joined.
pub(crate) fn header(headers: &[(String, String)], name: &str) -> Option<String> {
    let mut found: Option<String> = None;
    for (_, value) in headers.iter().filter(|(n, _)| n.eq_ignore_ascii_case(name)) {
        match &mut found {
            None => found = Some(value.trim().to_owned()),
            Some(text) => {
                text.push_str(", ");
                text.push_str(value.trim());
            }
        }
    }
    found
}

/// Origin, path and query of a URL; the fragment is dropped.
pub(crate) fn split_url(url: &str) -> (&str, &str, &str) {
    let url = url.split('#').next().unwrap_or_default();
    let (origin, rest) = match url.find("://") {
        Some(at) if !url.starts_with('/') => {
            let end = url.get(at + 3..).and_then(|rest| rest.find(['/', '?'])).map(|i| at + 3 + i);
            url.split_at_checked(end.unwrap_or(url.len())).unwrap_or((url, ""))
        }
        _ => ("", url),
    };
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    (origin, if path.is_empty() { "/" } else { path }, query)
}

/// Reads the body: JSON must be an object or an array for every endpoint.
pub(crate) fn read_body<'a>(
    content_type: Option<&str>,
    body: Option<&'a str>,
) -> Result<Body<'a>, HttpResponse> {
    let (Some(content_type), Some(body)) = (content_type, body) else { return Ok(Body::Absent) };
    let media = content_type.split(';').next().unwrap_or_default().trim();
    if !media.eq_ignore_ascii_case("application/json") {
        return Ok(if body.is_empty() { Body::Absent } else { Body::Raw(body) });
    }
    if body.is_empty() {
        return Ok(Body::Json(Value::Object(Map::new())));
    }
    let invalid = |message: String| Err(HttpResponse::error(400, "invalid_json", message));
    let first = body.trim_start().chars().next();
    match first {
        Some('{' | '[') => {}
        Some(c) => return invalid(format!("Unexpected token '{c}', {body:?} is not valid JSON")),
        None => return invalid("Unexpected end of JSON input".into()),
    }
    match serde_json::from_str(body) {
        Ok(value) if depth(&value) > DEEPEST => invalid(format!("nested deeper than {DEEPEST} levels")),
        Ok(value) => Ok(Body::Json(value)),
        Err(e) if e.is_eof() && body.trim().len() > 1 => invalid("Unexpected end of JSON input".into()),
        Err(e) => {
            let (line, column) = (e.line(), e.column() + usize::from(e.is_eof()));
            invalid(format!("Unexpected character in JSON (line {line} column {column})"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::split_url;

    #[test]
    fn urls_are_split_whatever_their_origin() {
        assert_eq!(split_url("http://localhost:3003/a/b?c=d#e"), ("http://localhost:3003", "/a/b", "c=d"));
        assert_eq!(split_url("/proxy/https://x/y?z"), ("", "/proxy/https://x/y", "z"));
        assert_eq!(split_url("https://api.nango.dev"), ("https://api.nango.dev", "/", ""));
        assert_eq!(split_url("https://api.nango.dev?a"), ("https://api.nango.dev", "/", "a"));
    }
}
