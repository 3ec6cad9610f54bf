//! A proxied request on its way out: the provider's URL, the injected credentials, the body.

use base64ct::{Base64, Encoding};
use serde_json::Value;

use super::mock_provider::ProviderRequest;
use crate::emulator::http::call::Call;
use crate::emulator::http::query;
use crate::emulator::http::request::Body;
use crate::emulator::http::response::HttpResponse;
use crate::emulator::model::ids::Ids;
use crate::emulator::model::state::{Connection, Integration, Object, str_field};
use crate::emulator::model::template::{fill, fill_loosely};
use crate::tool::Method;

/// The target of a proxied request, and the connection it is called for.
pub(crate) struct ProxyTarget<'a> {
    pub(crate) integration: &'a Integration,
    pub(crate) connection: &'a Connection,
    /// The base URL the caller gave.
    pub(crate) elsewhere: Option<&'a str>,
    /// What follows `/proxy/`, as sent.
    pub(crate) path: &'a str,
}

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";
const MULTIPART: &str = "multipart/form-data";

/// Builds the request that the provider gets.
pub(crate) fn build(
    target: &ProxyTarget,
    call: &Call,
    ids: &mut Ids,
) -> Result<ProviderRequest, HttpResponse> {
    let ProxyTarget { integration, connection, .. } = target;
    let (credentials, config) = (&connection.credentials, &connection.config);
    let base = base_url(target)?;
    let loose = |part: &str| fill_loosely(part, credentials, config);
    let endpoint = format!("/{}", collapse(&loose(target.path.trim_start_matches('/'))));
    let mut url = format!("{}{endpoint}", base.trim_end_matches('/'));
    let mut search = loose(call.raw_query);
    let key = private_key(integration, credentials);
    if let Some((name, value, true)) = &key {
        let and = if search.is_empty() { "" } else { "&" };
        search.push_str(&format!("{and}{}={}", query::encode(name), query::encode(value)));
    }
    if !search.is_empty() {
        url.push('?');
        url.push_str(&search);
    }
    let (host, path) = split(&url);
    let given = proxy_headers(call);
    let wanted = given.iter().find(|(n, _)| n == "content-type").map(|(_, v)| v.as_str());
    let (body, content_type) = body(call, wanted);
    let mut headers = vec![("accept".to_owned(), "application/json, text/plain, */*".to_owned())];
    if let Some(content_type) = content_type {
        headers.push(("content-type".into(), content_type));
    }
    let mut injected = credential_headers(integration, connection, ids);
    if let Some((name, value, false)) = key {
        injected.push((name.to_ascii_lowercase(), value));
    }
    for (name, value) in injected.into_iter().chain(given) {
        match headers.iter_mut().find(|(n, _)| *n == name) {
            Some(slot) => slot.1 = value,
            None => headers.push((name, value)),
        }
    }
    for (name, value) in [("user-agent", "nango-emulator"), ("host", host.as_str())] {
        if !headers.iter().any(|(n, _)| n == name) {
            headers.push((name.into(), value.into()));
        }
    }
    Ok(ProviderRequest {
        provider: integration.provider.name.clone(),
        method: call.method.as_str(),
        host: host.clone(),
        endpoint,
        url: path,
        headers,
        body,
        elsewhere: target.elsewhere.is_some(),
    })
}

fn base_url(target: &ProxyTarget) -> Result<String, HttpResponse> {
    if let Some(url) = target.elsewhere {
        return Ok(url.to_owned());
    }
    let own = str_field(&target.integration.config, "baseUrl");
    let template = match target.integration.provider.entry.pointer("/proxy/base_url") {
        _ if !own.is_empty() => own,
        Some(Value::String(template)) => template,
        // The server returns only the code.
        _ => return Err(HttpResponse::error(400, "unsupported_provider", "unsupported_provider")),
    };
    fill(template, &target.connection.credentials, &target.connection.config).ok_or_else(|| {
        let message = format!("The connection config lacks a part of the base URL {template}");
        HttpResponse::error(400, "missing_api_url", message)
    })
}

/// Takes `.` and `..` out of a path, as building a URL does.
fn collapse(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment.to_ascii_lowercase().as_str() {
            "." | "%2e" => {}
            ".." | "%2e%2e" | ".%2e" | "%2e." => {
                kept.pop();
            }
            _ => kept.push(segment),
        }
    }
    kept.join("/")
}

/// Host, and path with query.
fn split(url: &str) -> (String, String) {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let at = rest.find(['/', '?']).unwrap_or(rest.len());
    let (host, path) = rest.split_at_checked(at).unwrap_or((rest, ""));
    (host.to_owned(), if path.is_empty() { "/".into() } else { path.to_owned() })
}

/// `Nango-Proxy-*`, without the prefix and in lower case.
fn proxy_headers(call: &Call) -> Vec<(String, String)> {
    let named = call.headers.iter().map(|(name, value)| (name.to_ascii_lowercase(), value));
    named
        .filter_map(|(name, value)| {
            Some((name.strip_prefix("nango-proxy-")?.to_owned(), value.trim().into()))
        })
        .collect()
}

/// The body, and its content type unless the caller gave one.
fn body(call: &Call, wanted: Option<&str>) -> (String, Option<String>) {
    let typed = |default: &str| Some(wanted.unwrap_or(default).to_owned());
    match &call.body {
        _ if call.method == Method::Get => (String::new(), None),
        Body::Json(value) => (crate::json::to_text(value), typed(JSON)),
        Body::Raw(raw) => {
            let given = call.header("content-type").unwrap_or_default();
            let kept = |kind: &str| wanted.is_some_and(|w| w.starts_with(kind));
            if given.starts_with(FORM) && !kept(FORM) {
                return (crate::json::to_text(&query::parse(raw)), typed(JSON));
            }
            if given.starts_with(MULTIPART) && !kept(MULTIPART) {
                return (crate::json::to_text(&parts(raw, &given)), typed(JSON));
            }
            let untyped = call.method == Method::Delete && wanted.is_none();
            ((*raw).to_owned(), if untyped { None } else { typed(FORM) })
        }
        Body::Absent if call.method == Method::Delete => (String::new(), None),
        Body::Absent => (String::new(), typed(FORM)),
    }
}

/// The string fields of a multipart body.
fn parts(raw: &str, content_type: &str) -> Value {
    let boundary = content_type.split_once("boundary=").map_or("", |(_, b)| b.trim_matches('"'));
    let mut fields = Object::new();
    for part in raw.split(&format!("--{boundary}")) {
        let Some((head, value)) = part.split_once("\r\n\r\n") else { continue };
        let name = head.split_once("name=\"").and_then(|(_, rest)| rest.split_once('"'));
        if let Some((name, _)) = name.filter(|_| !head.contains("filename=")) {
            fields.insert(name.to_owned(), value.trim_end_matches("\r\n").into());
        }
    }
    Value::Object(fields)
}

/// The key of an API that the integration itself describes: name, value, and whether it goes in the query.
fn private_key(integration: &Integration, credentials: &Object) -> Option<(String, String, bool)> {
    let config = &integration.config;
    let name = Some(str_field(config, "keyName")).filter(|n| !n.is_empty())?;
    let template = config.get("valueTemplate").and_then(Value::as_str).unwrap_or("${apiKey}");
    let value = fill(template, credentials, &Object::new())?;
    Some((name.to_owned(), value, str_field(config, "keyPlacement") == "query"))
}

/// The headers that carry the credentials, by the provider's definition or else by their type.
fn credential_headers(
    integration: &Integration,
    connection: &Connection,
    ids: &mut Ids,
) -> Vec<(String, String)> {
    let credentials = &connection.credentials;
    let mut headers: Vec<(String, String)> = Vec::new();
    if let Some(value) = authorization(integration, credentials, ids) {
        headers.push(("authorization".into(), value));
    }
    let defined = integration.provider.entry.pointer("/proxy/headers").and_then(Value::as_object);
    for (name, template) in defined.into_iter().flatten() {
        let filled = template.as_str().and_then(|t| fill(t, credentials, &connection.config));
        if let Some(value) = filled {
            let name = name.to_ascii_lowercase();
            headers.retain(|(n, _)| *n != name);
            headers.push((name, value));
        }
    }
    headers
}

fn authorization(integration: &Integration, credentials: &Object, ids: &mut Ids) -> Option<String> {
    let client = str_field(&integration.credentials, "client_id");
    match str_field(credentials, "type") {
        "" | "NONE" | "API_KEY" => None,
        "BASIC" => {
            let pair =
                format!("{}:{}", str_field(credentials, "username"), str_field(credentials, "password"));
            Some(format!("Basic {}", Base64::encode_string(pair.as_bytes())))
        }
        "OAUTH1" | "TBA" => {
            let token = [str_field(credentials, "oauth_token"), str_field(credentials, "token_id")].concat();
            // Not a real signature, since it is not verified.
            Some(format!(
                "OAuth oauth_consumer_key=\"{client}\", oauth_nonce=\"{}\", oauth_signature=\"emulated\", \
                 oauth_signature_method=\"HMAC-SHA1\", oauth_token=\"{token}\", oauth_version=\"1.0\"",
                ids.word()
            ))
        }
        "AWS_SIGV4" => {
            let id = str_field(credentials, "access_key_id");
            Some(format!("AWS4-HMAC-SHA256 Credential={id}, SignedHeaders=host, Signature=emulated"))
        }
        _ => {
            let token = [str_field(credentials, "access_token"), str_field(credentials, "token")];
            token.into_iter().find(|t| !t.is_empty()).map(|t| format!("Bearer {t}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{collapse, split};

    #[test]
    fn urls() {
        assert_eq!(collapse("a/../b/./c"), "b/c");
        assert_eq!(collapse("x//y"), "x//y");
        assert_eq!(split("http://h:1/v1?k=v/echo"), ("h:1".into(), "/v1?k=v/echo".into()));
    }
}
