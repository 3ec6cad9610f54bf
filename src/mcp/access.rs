//! HTTP checks before a message is read: the method, the host, the page's origin. The host of the server
//! authenticates the caller.

use super::message::Reply;
use super::reply::refusal;

/// Where an endpoint may be used from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Access {
    /// Origins of web pages, in addition to the endpoint's own host and this machine; `*` for all.
    pub allowed_origins: Vec<String>,
    /// The endpoint serves only this machine: any other `Host` is refused, since a foreign page may have
    /// pointed its name here.
    pub local_only: bool,
}

/// The method of a request and the headers that say where it comes from. Programs send no origin.
#[derive(Debug, Clone, Copy, Default)]
pub struct HttpHead<'a> {
    /// The method, in capitals.
    pub method: &'a str,
    /// The header `Host`; empty if there is none.
    pub host: &'a str,
    /// The header `Origin`.
    pub origin: Option<&'a str>,
    /// The header `Access-Control-Request-Headers`.
    pub requested_headers: Option<&'a str>,
}

/// Whether a request is allowed, and the headers for a browser.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Admission {
    /// The answer, if the request ends here.
    pub reply: Option<Reply>,
    /// Header names and values for every answer.
    pub headers: Vec<(&'static str, String)>,
}

const METHODS: &str = "POST, OPTIONS";
const HEADERS: &str = "content-type, accept, authorization, x-api-key, mcp-protocol-version, mcp-method, mcp-name, mcp-session-id, last-event-id";
/// The longest list of headers that is repeated to a browser, in bytes.
const MAX_HEADERS: usize = 1000;

/// Checks a request before its caller is known and its body is read.
#[must_use]
pub fn admit(access: &Access, head: &HttpHead<'_>) -> Admission {
    // Always: a cache must not return a response for one origin to another.
    let mut headers = vec![("vary", "Origin".to_owned())];
    let reply = refuse(access, head, &mut headers);
    let reply =
        reply.map(|reply| if head.method == "HEAD" { Reply { body: String::new(), ..reply } } else { reply });
    Admission { reply, headers }
}

fn refuse(access: &Access, head: &HttpHead<'_>, headers: &mut Vec<(&'static str, String)>) -> Option<Reply> {
    if access.local_only && !is_local(head.host) {
        return Some(refusal(403, "this server only answers requests to localhost"));
    }
    if let Some(origin) = head.origin {
        if !allows(access, head.host, origin) {
            return Some(refusal(403, "pages of this origin may not use this server"));
        }
        let exposed = "WWW-Authenticate, Mcp-Session-Id, MCP-Protocol-Version";
        headers.push(("access-control-allow-origin", origin.to_owned()));
        headers.push(("access-control-expose-headers", exposed.to_owned()));
    }
    if head.method == "POST" {
        return None;
    }
    headers.push(("allow", METHODS.to_owned()));
    if head.method != "OPTIONS" {
        return Some(refusal(405, "send messages by POST"));
    }
    if head.origin.is_some() {
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b',' | b' ');
        let is_plain =
            |names: &&str| !names.is_empty() && names.len() <= MAX_HEADERS && names.bytes().all(plain);
        let allowed = head.requested_headers.filter(is_plain).unwrap_or(HEADERS);
        headers.push(("access-control-allow-methods", METHODS.to_owned()));
        headers.push(("access-control-allow-headers", allowed.to_owned()));
        headers.push(("access-control-max-age", "86400".to_owned()));
    }
    Some(Reply { status: 204, ..Reply::default() })
}

fn allows(access: &Access, host: &str, origin: &str) -> bool {
    if access.allowed_origins.iter().any(|allowed| allowed == origin || allowed == "*") {
        return true;
    }
    let Some((scheme, authority)) = origin.split_once("://") else { return false };
    matches!(scheme, "http" | "https")
        && !authority.contains('/')
        && (is_local(authority) || authority.eq_ignore_ascii_case(host))
}

/// Whether a host, perhaps with a port, is this machine by name or number.
fn is_local(host: &str) -> bool {
    let name = match host.split_once(']') {
        Some((six, _)) => six,
        None => host.trim_end_matches(|c: char| c.is_ascii_digit()).strip_suffix(':').unwrap_or(host),
    };
    ["localhost", "127.0.0.1", "[::1"].iter().any(|local| name.eq_ignore_ascii_case(local))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_answer_says_that_it_depends_on_the_origin() {
        for (method, origin) in
            [("POST", None), ("POST", Some("http://localhost")), ("GET", Some("https://evil.example"))]
        {
            let admission = admit(&Access::default(), &HttpHead { method, origin, ..HttpHead::default() });
            assert!(admission.headers.contains(&("vary", "Origin".to_owned())), "{method} {origin:?}");
        }
    }

    #[test]
    fn this_machine_has_three_names() {
        for host in ["localhost", "LOCALHOST:80", "127.0.0.1", "127.0.0.1:3000", "[::1]", "[::1]:80"] {
            assert!(is_local(host), "{host}");
        }
        for host in [
            "",
            "127.0.0.1.example.com",
            "localhost.example.com:80",
            "[::2]",
            "10.0.0.1",
            "evil.example",
            "localhost@evil.example:80",
        ] {
            assert!(!is_local(host), "{host}");
        }
    }
}
