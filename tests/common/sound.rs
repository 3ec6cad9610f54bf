//! Checks for every request that is built, whatever the arguments: they use a URL
//! parser that follows the WHATWG rules, as `fetch` does, and shares no code with the crate.

use nango_toolkit::http::{BaseUrl, Request};
use nango_toolkit::tool::{ParamLocation, Tool};
use serde_json::Value;
use url::Url;

/// The problem of a request, if there is one.
pub fn unsound(tool: &Tool, request: &Request, base: &BaseUrl) -> Option<String> {
    url(tool, request, base).or_else(|| headers(tool, request)).or_else(|| body(request))
}

fn url(tool: &Tool, request: &Request, base: &BaseUrl) -> Option<String> {
    let Ok(url) = Url::parse(&request.url) else { return Some(format!("{} is not a URL", request.url)) };
    let home = Url::parse(base.as_str()).unwrap();
    if url.origin() != home.origin() || !url.username().is_empty() || url.password().is_some() {
        return Some(format!("{} goes to another origin", request.url));
    }
    if url.fragment().is_some() || !request.url.is_ascii() {
        return Some(format!("{} contains a fragment or is not ASCII", request.url));
    }
    let front = home.path().trim_end_matches('/');
    let Some(path) = url.path().strip_prefix(front) else {
        return Some(format!("{} left the base", request.url));
    };
    // The parsed path must be the path as written: the parser removed nothing.
    let written = request.url.strip_prefix(base.as_str())?;
    let written = written.split('?').next().unwrap_or_default();
    if path != written {
        return Some(format!("the path {written} is read as {path}"));
    }
    if tool.is_proxy() {
        return (!path.starts_with("/proxy/")).then(|| format!("{path} left /proxy/"));
    }
    let steps: Vec<&str> = tool.path.split('/').collect();
    let given: Vec<&str> = path.split('/').collect();
    let fits = steps.len() == given.len()
        && steps
            .iter()
            .zip(&given)
            .all(|(step, given)| step.starts_with('{') && !given.is_empty() || step == given);
    (!fits).then(|| format!("{path} is not {}", tool.path))
}

fn headers(tool: &Tool, request: &Request) -> Option<String> {
    // Only a token among the arguments, which cannot be an API key, is sent there before the key is added.
    let takes_a_token = tool.params.iter().any(|param| param.place == ParamLocation::Bearer);
    const FORBIDDEN: &[&str] = &[
        "authorization",
        "host",
        "cookie",
        "content-length",
        "transfer-encoding",
        "connection",
        "user-agent",
        "nango-is-script",
        "nango-is-sync",
        "nango-is-dry-run",
        "nango-activity-log-id",
    ];
    let mut seen: Vec<String> = Vec::new();
    for (name, value) in &request.headers {
        let token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
        let lower = name.to_ascii_lowercase();
        if name.is_empty() || !name.bytes().all(token) {
            return Some(format!("the header name {name:?} is malformed"));
        }
        // `fetch` accepts only Latin-1; NUL, CR and LF would end the header.
        if value.chars().any(|c| (c.is_ascii_control() && c != '\t') || c as u32 > 0xff) {
            return Some(format!("the header {name} has the malformed value {value:?}"));
        }
        let is_token =
            takes_a_token && lower == "authorization" && value.starts_with("Bearer nango_connect_session_");
        if FORBIDDEN.contains(&lower.as_str()) && !is_token || seen.contains(&lower) {
            return Some(format!("the header {name} is there, or there twice"));
        }
        seen.push(lower);
    }
    None
}

fn body(request: &Request) -> Option<String> {
    let declared = request.header("content-type").unwrap_or_default();
    match &request.body {
        None if declared.is_empty() => None,
        None => Some("a content type without a body".into()),
        Some(_) if declared.is_empty() => Some("a body without a content type".into()),
        Some(body) if declared == "application/json" => match serde_json::from_str::<Value>(body) {
            Ok(Value::Object(_) | Value::Array(_)) => None,
            // A string may be sent raw with any content type that the caller names.
            _ if request.header("nango-proxy-content-type").is_some() => None,
            _ => Some(format!("the body is neither object nor list: {body}")),
        },
        Some(_) => None,
    }
}
