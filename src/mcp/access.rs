//! What HTTP asks before a message is read: which method, which host, which page. Who the caller is,
//! the driver finds out.

use super::message::Reply;
use super::reply::refusal;
use crate::text::{end_of, has, is_one, trim_end};

/// From where an endpoint may be used.
#[derive(Debug, Clone, Copy, Default)]
pub struct Access<'a> {
    /// Origins of web pages besides those of the endpoint's own host and of this machine, with spaces between
    /// them; `*` for all.
    pub origins: &'a str,
    /// The endpoint serves this machine alone: any other `Host` is refused, since a foreign page may have
    /// pointed its name here.
    pub local: bool,
}

/// A request is refused or let in, and what a browser is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admission {
    /// The answer, where it ends here.
    pub reply: Option<Reply>,
    /// Header names and values for the answer, whatever it is.
    pub headers: Vec<(&'static str, String)>,
}

const METHODS: &str = "POST, OPTIONS";
const HEADERS: &str = "content-type, accept, authorization, x-api-key, mcp-protocol-version, mcp-method, mcp-name, mcp-session-id, last-event-id";

/// Judges a request by its method and the headers `Host`, `Origin` and `Access-Control-Request-Headers`, each
/// empty where it is absent. Server-side clients send no origin.
pub fn admit(access: &Access<'_>, method: &str, host: &str, origin: &str, asked: &str) -> Admission {
    let mut headers = Vec::new();
    let refuse = |reply: Reply, headers| Admission { reply: Some(reply), headers };
    if access.local && !is_local(host) {
        return refuse(refusal(403, "this server answers to localhost alone"), headers);
    }
    if !origin.is_empty() {
        if !allows(access, host, origin) {
            return refuse(refusal(403, "pages of this origin may not use this server"), headers);
        }
        headers.push(("access-control-allow-origin", origin.to_owned()));
        headers.push(("vary", "Origin".to_owned()));
        headers.push((
            "access-control-expose-headers",
            "WWW-Authenticate, Mcp-Session-Id, MCP-Protocol-Version".to_owned(),
        ));
    }
    if method == "POST" {
        return Admission { reply: None, headers };
    }
    headers.push(("allow", METHODS.to_owned()));
    if method != "OPTIONS" {
        return refuse(refusal(405, "send messages by POST"), headers);
    }
    if !origin.is_empty() {
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b',' | b' ');
        let asked = if !asked.is_empty() && end_of(asked, 1000) == asked.len() && asked.bytes().all(plain) {
            asked
        } else {
            HEADERS
        };
        headers.push(("access-control-allow-methods", METHODS.to_owned()));
        headers.push(("access-control-allow-headers", asked.to_owned()));
        headers.push(("access-control-max-age", "86400".to_owned()));
    }
    refuse(Reply { status: 204, media: "", body: String::new() }, headers)
}

fn allows(access: &Access<'_>, host: &str, origin: &str) -> bool {
    if is_one(access.origins, origin) || is_one(access.origins, "*") {
        return true;
    }
    let Some((scheme, authority)) = origin.split_once("://") else { return false };
    matches!(scheme, "http" | "https")
        && !has(authority, "/")
        && (is_local(authority) || authority.eq_ignore_ascii_case(host))
}

/// Whether a host, perhaps with a port, is this machine by name or number.
fn is_local(host: &str) -> bool {
    let name = match host.split_once("]") {
        Some((six, _)) => six,
        None => {
            let digits = trim_end(host, b"0123456789");
            digits.strip_suffix(':').unwrap_or(host)
        }
    };
    ["localhost", "127.0.0.1", "[::1"].iter().any(|local| name.eq_ignore_ascii_case(local))
}

#[cfg(test)]
mod tests {
    use super::*;

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
