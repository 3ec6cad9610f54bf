//! Mock providers behind the proxy: the routes of the fixture, a few paths that every host has, and an echo.

use serde_json::Value;

use crate::emulator::http::query::decode;
use crate::emulator::model::state::{ProviderRoute, State};
use crate::json::Writer;

/// A request as the provider gets it.
pub(crate) struct ProviderRequest {
    pub(crate) provider: String,
    pub(crate) method: &'static str,
    /// Host, with its port.
    pub(crate) host: String,
    /// Path below the base URL, without query.
    pub(crate) endpoint: String,
    /// Path and query in full.
    pub(crate) url: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
    /// Whether the caller chose the host.
    pub(crate) elsewhere: bool,
}

/// A provider's response.
pub(crate) struct ProviderResponse {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

/// No response: the network's code and message.
pub(crate) type Unreachable = (&'static str, String);

fn json(status: u16, body: String) -> ProviderResponse {
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    ProviderResponse { status, headers, body }
}

/// Asks the provider.
pub(crate) fn ask(state: &mut State, out: &ProviderRequest) -> Result<ProviderResponse, Unreachable> {
    // Nothing listens on the discard port.
    if out.host.ends_with(":9") {
        return Err(("ECONNREFUSED", format!("connect ECONNREFUSED {}", out.host)));
    }
    let fitting = |r: &&ProviderRoute| {
        r.provider == out.provider && r.method == out.method && fits(&r.path, &out.endpoint)
    };
    if let Some(route) = state.provider_routes.iter().find(fitting) {
        return Ok(routed(route));
    }
    match everywhere(state, out) {
        Some(response) => response,
        None if out.elsewhere => Ok(echo(out, &out.url)),
        None => Ok(missing(out)),
    }
}

fn fits(pattern: &str, path: &str) -> bool {
    let (mut wanted, mut given) = (pattern.trim_matches('/').split('/'), path.trim_matches('/').split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some(w), Some(g)) if w.starts_with('{') && w.ends_with('}') && !g.is_empty() => {}
            (Some(w), Some(g)) if decode(g).as_deref() == Some(w) => {}
            _ => return false,
        }
    }
}

fn routed(route: &ProviderRoute) -> ProviderResponse {
    let typed = route.headers.iter().any(|(n, _)| n.eq_ignore_ascii_case("content-type"));
    let (body, kind) = match &route.body {
        Value::String(text) => (text.clone(), "text/plain; charset=utf-8"),
        Value::Null => (String::new(), ""),
        other => (crate::json::to_text(other), "application/json; charset=utf-8"),
    };
    let mut headers = route.headers.clone();
    if !typed && !body.is_empty() {
        headers.push(("content-type".into(), kind.into()));
    }
    ProviderResponse { status: route.status, headers, body }
}

/// Paths that every host answers: `/echo…`, `/status/<n>`, `/nocontent`, `/empty`, `/text`, `/destroy`,
/// `/redirect`, `/redirect-loop` and `/fail/<times>/<status>`, which fails that often and then succeeds.
fn everywhere(state: &mut State, out: &ProviderRequest) -> Option<Result<ProviderResponse, Unreachable>> {
    let mut parts = out.endpoint.trim_start_matches('/').split('/');
    let (first, second, third) = (parts.next()?, parts.next(), parts.next());
    let status = |part: Option<&str>| part?.parse::<u16>().ok().filter(|s| (200..600).contains(s));
    let failing = |status: u16| json(status, format!("{{\"upstream_error\":true,\"status\":{status}}}"));
    Some(match first {
        word if word.starts_with("echo") => Ok(echo(out, &out.url)),
        // A redirect is followed before the caller gets a response.
        "redirect" => Ok(echo(out, "/echo?from=redirect")),
        "status" => Ok(failing(status(second)?)),
        "nocontent" => Ok(ProviderResponse { status: 204, headers: Vec::new(), body: String::new() }),
        "empty" => Ok(ProviderResponse { status: 200, headers: Vec::new(), body: String::new() }),
        "text" => {
            let headers = vec![("content-type".to_owned(), "text/plain; charset=utf-8".to_owned())];
            Ok(ProviderResponse { status: 200, headers, body: "hello".into() })
        }
        "destroy" => Err(("ECONNRESET", "socket hang up".into())),
        "redirect-loop" => Err(("ERR_FR_TOO_MANY_REDIRECTS", "Maximum number of redirects exceeded".into())),
        "fail" => {
            let (times, status) = (second?.parse::<u32>().ok()?, status(third)?);
            let hits = state.hits.entry(out.url.clone()).or_default();
            *hits = hits.saturating_add(1);
            Ok(if *hits <= times {
                failing(status)
            } else {
                json(200, format!("{{\"ok\":true,\"hit\":{hits}}}"))
            })
        }
        _ => return None,
    })
}

/// Shows the request as the provider got it.
fn echo(out: &ProviderRequest, url: &str) -> ProviderResponse {
    let mut w = Writer::new();
    w.open().key("method").text(out.method).key("url").text(url).key("headers").open();
    for (name, value) in &out.headers {
        w.key(&name.to_ascii_lowercase()).text(value);
    }
    w.close().key("body").text(&out.body).close();
    let mut response = json(200, w.finish());
    response.headers.push(("x-request-id".into(), "echo".into()));
    response
}

fn missing(out: &ProviderRequest) -> ProviderResponse {
    let mut w = Writer::new();
    let message = format!("{} {} is not a path of this emulated provider", out.method, out.endpoint);
    w.open().key("status").integer(404).key("error").text("not_found").key("message").text(&message).close();
    json(404, w.finish())
}
