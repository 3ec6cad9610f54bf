//! The server's patterns and formats (contract section 6). The toolkit's own checks are in
//! [`crate::schema`]: this is another program, so both have a rule for e-mail addresses and private hosts.

use std::net::{Ipv4Addr, Ipv6Addr};

use serde::de::Error;
use serde::{Deserialize, Deserializer};

fn all(text: &str, extra: &[u8]) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || extra.contains(&b))
}

/// Reads a status of HTTP in JSON.
pub(crate) fn read_status<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u16, D::Error> {
    let status = u16::deserialize(deserializer)?;
    if is_status(&status) {
        return Ok(status);
    }
    Err(D::Error::custom("expected the status of an HTTP response, from 200 to 599"))
}

/// Whether a response can end a request with this status.
pub(crate) fn is_status(status: &u16) -> bool {
    (200..600).contains(status)
}

pub(crate) fn is_connection_id(text: &str) -> bool {
    all(text, b",.;:=+~[]|@${}\"'\\/_ -")
}

pub(crate) fn is_integration_key(text: &str) -> bool {
    all(text, b"~:.@ _-")
}

pub(crate) fn is_name(text: &str) -> bool {
    all(text, b"_-")
}

/// The name of a model.
pub(crate) fn is_model(text: &str) -> bool {
    text.len() > 1 && text.starts_with(|c: char| c.is_ascii_uppercase()) && all(text, b"_-")
}

pub(crate) fn is_tag_key(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic()) && all(text, b"_./-")
}

pub(crate) fn is_scopes(text: &str) -> bool {
    text.is_empty() || text.split(',').all(|scope| all(scope, b":/_.*-"))
}

pub(crate) fn is_status_list(text: &str) -> bool {
    text.split(',').all(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
}

/// A UUID of any version, or the nil UUID.
pub(crate) fn is_uuid(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    let hex = |part: &str, n: usize| part.len() == n && part.bytes().all(|b| b.is_ascii_hexdigit());
    let parts: Vec<&str> = text.split('-').collect();
    let [a, b, c, d, e] = parts.as_slice() else { return false };
    let shape = hex(a, 8) && hex(b, 4) && hex(c, 4) && hex(d, 4) && hex(e, 12);
    let nil = text.bytes().all(|b| b == b'0' || b == b'-');
    shape && (nil || (c.starts_with(|v| matches!(v, '1'..='8')) && d.starts_with(['8', '9', 'a', 'b'])))
}

/// A UUID v4, the form of API keys.
pub(crate) fn is_uuid_v4(text: &str) -> bool {
    is_uuid(text) && text.get(14..15) == Some("4")
}

pub(crate) fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let local_ok = all(local, b"_'+.-")
        && !local.starts_with('.')
        && local.ends_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '+' | '-'))
        && !text.contains("..");
    let labels: Vec<&str> = domain.split('.').collect();
    let Some((last, others)) = labels.split_last() else { return false };
    let label = |l: &&str| !l.starts_with('-') && all(l, b"-");
    let top = last.len() >= 2 && last.bytes().all(|b| b.is_ascii_alphabetic());
    local_ok && top && !others.is_empty() && others.iter().all(label)
}

/// A date and time in UTC, as `2026-11-22T14:12:03.721Z`; seconds may be left out.
pub(crate) fn is_utc_time(text: &str) -> bool {
    let Some((date, time)) = text.strip_suffix('Z').and_then(|text| text.split_once('T')) else {
        return false;
    };
    let number = |part: Option<&str>, digits: usize| {
        let part = part.filter(|p| p.len() == digits && p.bytes().all(|b| b.is_ascii_digit()))?;
        part.parse::<u16>().ok()
    };
    let (mut days, mut clock) = (date.split('-'), time.split(':'));
    let (year, month, day) = (number(days.next(), 4), number(days.next(), 2), number(days.next(), 2));
    let (hour, minute) = (number(clock.next(), 2), number(clock.next(), 2));
    let second = clock.next().map(|part| part.split_once('.').unwrap_or((part, "0")));
    let second_ok = second.is_none_or(|(whole, part)| {
        number(Some(whole), 2).is_some_and(|s| s < 60)
            && !part.is_empty()
            && part.bytes().all(|b| b.is_ascii_digit())
    });
    let (Some(year), Some(month), Some(day)) = (year, month, day) else { return false };
    let longest = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => return false,
    };
    days.next().is_none()
        && clock.next().is_none()
        && (1..=longest).contains(&day)
        && hour.is_some_and(|h| h < 24)
        && minute.is_some_and(|m| m < 60)
        && second_ok
}

/// The host of an http(s) URL, lower-case, without port, user and brackets.
pub(crate) fn host_of(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
        return None;
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    let bad = |b: u8| b <= b' ' || b"<>\"`{}|\\^%".contains(&b);
    (!host.is_empty() && !host.bytes().any(bad)).then(|| host.to_ascii_lowercase())
}

/// Whether JavaScript's `new URL` accepts it: a scheme and, if it is one of the web's, a host.
pub(crate) fn is_url(text: &str) -> bool {
    let Some((scheme, rest)) = text.trim().split_once(':') else { return false };
    let named = scheme.starts_with(|c: char| c.is_ascii_alphabetic()) && all(scheme, b"+-.");
    let web = ["http", "https", "ws", "wss", "ftp"].iter().any(|s| scheme.eq_ignore_ascii_case(s));
    named && (!web || has_host(rest.trim_start_matches(['/', '\\'])))
}

/// Whether a URL continues, after its slashes, with a host and optionally a port.
fn has_host(rest: &str) -> bool {
    let authority = rest.split(['/', '\\', '?', '#']).next().unwrap_or_default();
    let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let is_port = |text: &str| text.is_empty() || text.parse::<u16>().is_ok();
    if let Some(inner) = authority.strip_prefix('[') {
        let Some((ip, port)) = inner.split_once(']') else { return false };
        let port_ok = port.is_empty() || port.strip_prefix(':').is_some_and(is_port);
        return ip.parse::<Ipv6Addr>().is_ok() && port_ok;
    }
    let (host, port) = authority.split_once(':').unwrap_or((authority, ""));
    let bad = |c: char| c.is_ascii_control() || " <>[]^|%@".contains(c);
    !host.is_empty() && !host.contains(bad) && is_port(port)
}

/// Hosts that the server never calls by name: itself and the metadata services.
pub(crate) fn is_denied_host(host: &str) -> bool {
    if let Ok(ip) = host.parse::<Ipv4Addr>() {
        return ip.is_loopback() || ip.is_link_local() || ip.is_unspecified();
    }
    if let Ok(ip) = host.parse::<Ipv6Addr>() {
        return ip.is_loopback() || ip.is_unspecified() || ip.is_unicast_link_local();
    }
    let host = host.trim_end_matches('.');
    host == "localhost" || host.ends_with(".localhost") || host == "metadata.google.internal"
}

/// Hosts of a private network.
pub(crate) fn is_private_host(host: &str) -> bool {
    let four = host.parse::<Ipv4Addr>().is_ok_and(|ip| ip.is_private());
    four || host.parse::<Ipv6Addr>().is_ok_and(|ip| ip.is_unique_local())
}

/// An http(s) URL, or nothing.
pub(crate) fn is_webhook_url(text: &str) -> bool {
    text.is_empty() || host_of(text).is_some()
}

/// The first rule that a set of tags breaks as a whole, in the server's words.
pub(crate) fn tags_problem<'a>(tags: impl Iterator<Item = (&'a str, &'a str)>) -> Option<String> {
    let mut seen: Vec<String> = Vec::new();
    let mut email = None;
    let mut twice = None;
    for (key, value) in tags {
        let key = key.to_ascii_lowercase();
        if seen.contains(&key) {
            twice = twice.or(Some(format!("Duplicate tag key after case normalization: \"{key}\"")));
        }
        if key == "end_user_email" && !(value.len() >= 5 && is_email(value)) {
            email = Some("Tag \"end_user_email\" must be a valid email".into());
        }
        seen.push(key);
    }
    let many = (seen.len() > 10).then(|| "Tags cannot contain more than 10 keys".into());
    many.or(twice).or(email)
}

#[cfg(test)]
mod tests {
    use super::{host_of, is_email, is_url, is_utc_time, is_uuid, is_uuid_v4};

    #[test]
    fn times_are_those_that_the_servers_own_check_takes() {
        for text in ["2026-02-28T10:00Z", "2026-02-28T10:00:00.1Z", "2024-02-29T23:59:59Z"] {
            assert!(is_utc_time(text), "{text}");
        }
        for text in [
            "x",
            "2026-02-30T10:00Z",
            "2026-02-29T10:00Z",
            "2026-02-28T10:00:00+01:00",
            "2026-02-28T24:00:00Z",
            "2026-02-28T10:00:00.Z",
            "2026-02-28",
            "2026-13-01T10:00Z",
        ] {
            assert!(!is_utc_time(text), "{text}");
        }
    }

    #[test]
    fn formats() {
        assert!(is_email("ada@example.com") && is_email("a.b+c@mail.example.co"));
        assert!(!is_email("nope") && !is_email(".a@example.com") && !is_email("a..b@example.com"));
        assert!(!is_email("a@example") && !is_email("a@-x.com"));
        assert!(is_uuid_v4("11111111-1111-4111-8111-111111111111"));
        assert!(is_uuid("00000000-0000-0000-0000-000000000000") && !is_uuid("nope"));
        assert_eq!(host_of("http://[::1]:4011/x").as_deref(), Some("::1"));
        assert_eq!(host_of("https://user@Example.com:8443?x").as_deref(), Some("example.com"));
        assert_eq!(host_of("ftp://192.0.2.2"), None);
        for url in
            ["http:example.com", "https:\\\\h", "ws://u:p@h:1/x", "mailto:x", "ftp://h?x", "http://[::1]:80"]
        {
            assert!(is_url(url), "{url}");
        }
        for text in
            ["", "h/x", "//h", "http://", "http:///?x", "http://h:port", "http://[::1]x", "1a:x", "a_b:x"]
        {
            assert!(!is_url(text), "{text}");
        }
    }
}
