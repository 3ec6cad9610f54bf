//! The formats of strings: the check, its pattern for JSON Schema, its description.

use crate::error::FormError;
use crate::tool::StringFormat;
use crate::url::{self, Url};

impl StringFormat {
    /// The format as a regular expression of JSON Schema; `None` if that is not possible.
    #[must_use]
    pub fn pattern(self) -> Option<&'static str> {
        Some(match self {
            StringFormat::Any | StringFormat::DateTime => return None,
            StringFormat::ConnectionId => r#"^[a-zA-Z0-9,.;:=+~\[\]|@${}"'\\/_ -]+$"#,
            StringFormat::IntegrationKey => "^[a-zA-Z0-9~:.@ _-]+$",
            StringFormat::Name => "^[a-zA-Z0-9_-]+$",
            StringFormat::Model => "^[A-Z][a-zA-Z0-9_-]+$",
            StringFormat::Uuid => {
                "^([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[1-8][0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}|00000000-0000-0000-0000-000000000000)$"
            }
            StringFormat::Frequency => {
                "^((every )?0*(([3-9][0-9]|[1-9][0-9]{2,8}) ?(s|secs?|seconds?)|[1-9][0-9]{0,8} ?(m|mins?|minutes?|h|hrs?|hours?|d|days?))|every (half day|half hour|quarter hour|hour|day|week|month))$"
            }
            StringFormat::UtcTime => r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?Z$",
            StringFormat::Lifetime => {
                "^([6-9][0-9]s|[1-9][0-9]{2,6}s|[1-9][0-9]{0,4}m|[1-9][0-9]{0,2}h|([1-9]|1[0-5])d)$"
            }
            StringFormat::EnvironmentName => "^[a-z0-9_-]+$",
            StringFormat::SessionToken => "^nango_connect_session_[a-f0-9]{64}$",
            StringFormat::Scopes => "^([0-9a-zA-Z:/_.*-]+(,[0-9a-zA-Z:/_.*-]+)*)?$",
            StringFormat::Pem => r"^-----BEGIN RSA PRIVATE KEY----[\s\S]*-----END RSA PRIVATE KEY-----$",
            StringFormat::Email => {
                r"^[A-Za-z0-9_'+.-]*[A-Za-z0-9_+-]@([A-Za-z0-9][A-Za-z0-9-]*\.)+[A-Za-z]{2,}$"
            }
            StringFormat::WebhookUrl => r"^$|^https?://\S+$",
            StringFormat::HttpUrl => "^https?://",
            StringFormat::ProxyPath => r"^[^#?\s\\]*$",
            StringFormat::HeaderName => "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$",
            StringFormat::HeaderValue => r"^[^\r\n\u0000]*$",
            StringFormat::TagKey => "^[a-zA-Z][a-zA-Z0-9_./-]*$",
        })
    }

    /// A description of the format, for messages and schemas.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            StringFormat::Any => "",
            StringFormat::ConnectionId => {
                "letters, digits, spaces and , . ; : = + ~ [ ] | @ $ { } \" ' \\ / _ -"
            }
            StringFormat::IntegrationKey => "letters, digits, spaces and ~ : . @ _ -",
            StringFormat::Name => "letters, digits, _ and -",
            StringFormat::Model => "a capital letter, then letters, digits, _ and -",
            StringFormat::Uuid => "a UUID",
            StringFormat::Frequency => {
                "a number and a unit such as every 5 minutes, or every half hour, hour, day, week"
            }
            StringFormat::UtcTime => "an ISO 8601 date and time in UTC such as 2030-01-31T12:00:00Z",
            StringFormat::Lifetime => "a number and s, m, h or d, from 60s to 15d",
            StringFormat::EnvironmentName => "small letters, digits, _ and -",
            StringFormat::SessionToken => "nango_connect_session_ and 64 hexadecimal digits",
            StringFormat::Scopes => "comma-separated scopes without spaces",
            StringFormat::Pem => {
                "PEM text from -----BEGIN RSA PRIVATE KEY----- to -----END RSA PRIVATE KEY-----"
            }
            StringFormat::Email => "an email address",
            StringFormat::DateTime => "an ISO 8601 date and time such as 2030-01-31T12:00:00Z",
            StringFormat::WebhookUrl => "an https:// or http:// URL of a public host, or empty",
            StringFormat::HttpUrl => "an https:// or http:// URL",
            StringFormat::ProxyPath => {
                "a path without scheme, query, fragment, backslashes, spaces, dot segments or ${"
            }
            StringFormat::HeaderName => "an HTTP header name",
            StringFormat::HeaderValue => "an HTTP header value without control characters",
            StringFormat::TagKey => "a letter, then letters, digits and _ . / -",
        }
    }

    /// Whether `text` has the format; if not, the reason, if there is more to say than the format
    /// itself.
    ///
    /// # Errors
    /// The rule is broken.
    pub fn check(self, text: &str) -> Result<(), FormError> {
        self.broken(text).map_err(FormError::new)
    }

    fn broken(self, text: &str) -> Result<(), &'static str> {
        let holds = match self {
            StringFormat::Any => true,
            StringFormat::ConnectionId => all(text, b",.;:=+~[]|@${}\"'\\/_ -"),
            StringFormat::IntegrationKey => all(text, b"~:.@ _-"),
            StringFormat::Name => all(text, b"_-"),
            StringFormat::Model => {
                text.bytes().next().is_some_and(|b| b.is_ascii_uppercase()) && all(text, b"_-")
            }
            StringFormat::Uuid => uuid(text),
            StringFormat::Frequency => return frequency(text),
            StringFormat::UtcTime => return utc_time(text),
            StringFormat::Lifetime => lifetime(text),
            StringFormat::EnvironmentName => {
                all(text, b"_-") && !text.bytes().any(|b| b.is_ascii_uppercase())
            }
            StringFormat::SessionToken => text.strip_prefix("nango_connect_session_").is_some_and(|rest| {
                rest.len() == 64 && rest.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
            }),
            StringFormat::Scopes => text.is_empty() || text.split(',').all(|scope| all(scope, b":/_.*-")),
            StringFormat::Pem => {
                text.starts_with("-----BEGIN RSA PRIVATE KEY----")
                    && text.ends_with("-----END RSA PRIVATE KEY-----")
                    && text.len() >= 59
            }
            StringFormat::Email => email(text),
            StringFormat::DateTime => date_time(text),
            StringFormat::WebhookUrl => return if text.is_empty() { Ok(()) } else { webhook(text) },
            StringFormat::HttpUrl => return Url::parse(text).map(|_| ()).map_err(FormError::as_str),
            StringFormat::ProxyPath => return proxy_path(text),
            StringFormat::HeaderName => all(text, b"!#$%&'*+.^_`|~-"),
            StringFormat::HeaderValue => return header_value(text),
            StringFormat::TagKey => {
                text.bytes().next().is_some_and(|b| b.is_ascii_alphabetic()) && all(text, b"_./-")
            }
        };
        if holds { Ok(()) } else { Err("") }
    }
}

/// Whether `text` is not empty and made of ASCII letters, digits and `more`.
fn all(text: &str, more: &[u8]) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || more.contains(&b))
}

fn email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    let labels: Vec<&str> = domain.split('.').collect();
    let Some((top, labels)) = labels.split_last() else { return false };
    text.len() >= 5
        && all(local, b"_'+.-")
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.ends_with('\'')
        && !text.contains("..")
        && !labels.is_empty()
        && labels.iter().all(|label| all(label, b"-") && !label.starts_with('-'))
        && top.len() >= 2
        && top.bytes().all(|b| b.is_ascii_alphabetic())
}

/// A UUID of RFC 9562, versions 1 to 8, or the one of zeros.
fn uuid(text: &str) -> bool {
    let bytes = text.as_bytes();
    let digit = |(at, b): (usize, &u8)| match at {
        8 | 13 | 18 | 23 => *b == b'-',
        14 => matches!(b, b'1'..=b'8'),
        19 => matches!(b, b'8' | b'9' | b'a' | b'b' | b'A' | b'B'),
        _ => b.is_ascii_hexdigit(),
    };
    bytes.len() == 36 && bytes.iter().enumerate().all(digit) || text == "00000000-0000-0000-0000-000000000000"
}

/// From a minute to fifteen days.
fn lifetime(text: &str) -> bool {
    let seconds = match text.chars().last() {
        Some('s') => 1,
        Some('m') => 60,
        Some('h') => 3600,
        Some('d') => 86_400,
        _ => return false,
    };
    let digits = text.get(..text.len() - 1).unwrap_or_default();
    digits.bytes().all(|b| b.is_ascii_digit())
        && !digits.starts_with('0')
        && digits.len() <= 7
        && digits.parse::<u64>().is_ok_and(|n| (60..=15 * 86_400).contains(&(n * seconds)))
}

/// As [`date_time`], in UTC.
fn utc_time(text: &str) -> Result<(), &'static str> {
    match date_time(text) {
        true if text.ends_with('Z') && text.contains('T') => Ok(()),
        true => Err("give the time in UTC, with T before the time and Z at its end"),
        false => Err(""),
    }
}

/// How often a sync runs: at least every 30 seconds (contract section 6, NANGO_UPDATE_SYNC_FREQUENCY).
fn frequency(text: &str) -> Result<(), &'static str> {
    let rest = text.strip_prefix("every ").unwrap_or(text);
    let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = rest.split_at(digits);
    let seconds: u64 = match unit.strip_prefix(' ').unwrap_or(unit) {
        "s" | "sec" | "secs" | "second" | "seconds" => 1,
        "m" | "min" | "mins" | "minute" | "minutes" => 60,
        "h" | "hr" | "hrs" | "hour" | "hours" if !number.is_empty() => 3600,
        "d" | "day" | "days" if !number.is_empty() => 86_400,
        "half day" | "half hour" | "quarter hour" | "hour" | "day" | "week" | "month"
            if number.is_empty() =>
        {
            return if rest.len() < text.len() {
                Ok(())
            } else {
                Err("a unit without a number needs `every ` before it")
            };
        }
        _ => return Err(""),
    };
    if number.is_empty() {
        return Err("the unit needs a number");
    }
    match number.trim_start_matches('0') {
        long if long.len() > 9 => Err("the number is too large"),
        number if number.parse::<u64>().unwrap_or_default() * seconds < 30 => {
            Err("the shortest interval is 30 seconds")
        }
        _ => Ok(()),
    }
}

/// `2030-01-31T12:00:00[.5](Z|+01:00)`, each number in its range.
fn date_time(text: &str) -> bool {
    let number = |from: usize, to: usize| {
        let digits = text.get(from..to)?;
        digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse::<u32>().ok())?
    };
    let within = |from, to, least, most| number(from, to).is_some_and(|n| (least..=most).contains(&n));
    let mark = |at: usize, bytes: &[u8]| text.as_bytes().get(at).is_some_and(|b| bytes.contains(b));
    let date = within(0, 4, 0, 9999)
        && mark(4, b"-")
        && within(5, 7, 1, 12)
        && mark(7, b"-")
        && within(8, 10, 1, 31);
    let time = mark(10, b"Tt") && within(11, 13, 0, 23) && mark(13, b":") && within(14, 16, 0, 59);
    if !(date && time && mark(16, b":") && within(17, 19, 0, 60)) {
        return false;
    }
    let mut rest = text.get(19..).unwrap_or_default();
    if let Some(fraction) = rest.strip_prefix('.') {
        rest = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
        if rest.len() == fraction.len() {
            return false;
        }
    }
    let offset = |at: usize| {
        let at = text.len() - rest.len() + at;
        within(at, at + 2, 0, 23) && mark(at + 2, b":") && within(at + 3, at + 5, 0, 59)
    };
    matches!(rest, "Z" | "z")
        || (rest.len() == 6 && matches!(rest.bytes().next(), Some(b'+' | b'-')) && offset(1))
}

fn webhook(text: &str) -> Result<(), &'static str> {
    let url = Url::parse(text).map_err(FormError::as_str)?;
    if url::is_private(url.host) {
        return Err("its host is loopback, private, link-local or a metadata service");
    }
    if url::is_within(url.host, "nango.dev") {
        return Err("its host must not be nango.dev or below it");
    }
    Ok(())
}

/// A path that clients, proxies and servers read as one below `/proxy/`, however many layers of percent-encoding,
/// spaces around a segment and parameters after it they remove.
fn proxy_path(text: &str) -> Result<(), &'static str> {
    if text.bytes().any(|b| b < b' ' || b == 0x7f) || text.chars().any(char::is_whitespace) {
        return Err("it contains spaces or control characters; percent-encode spaces as %20");
    }
    if text.contains("?") {
        return Err("it contains a query; give query parameters in query_params");
    }
    if text.contains("#") || text.contains("\\") {
        return Err("it contains # or a backslash");
    }
    if text.starts_with("//") {
        return Err("it begins with //, which would name another host");
    }
    if text.contains("${") {
        return Err("it contains ${, which Nango would replace with connection secrets");
    }
    let first = text.split_once("/").map_or(text, |(first, _)| first);
    if text.get(first.len()..).is_some_and(|rest| first.ends_with(':') && rest.starts_with("//")) {
        return Err("it is a whole URL; give only the path after the provider's host");
    }
    // Escapes are decoded until nothing changes, since each hop on the way may decode one layer.
    let mut plain = text.as_bytes().to_vec();
    for _ in 0..8 {
        if plain.split(|b| matches!(b, b'/' | b'\\')).any(is_dots) {
            return Err("it contains a . or .. segment, which could leave the provider's API");
        }
        if plain.iter().any(|b| *b < b' ' || *b == 0x7f) {
            return Err("it contains an encoded control character");
        }
        if plain.windows(2).any(|w| w == b"${") {
            return Err("it contains ${, which Nango would replace with connection secrets");
        }
        let next = url::decode(&plain);
        if next == plain {
            return Ok(());
        }
        plain = next;
    }
    Err("it is percent-encoded too many times")
}

/// Whether a segment is `.` or `..` without spaces around it and without parameters, query or fragment after it.
fn is_dots(segment: &[u8]) -> bool {
    let end = segment.iter().position(|b| matches!(b, b';' | b'?' | b'#')).unwrap_or(segment.len());
    let name = String::from_utf8_lossy(segment.get(..end).unwrap_or_default());
    matches!(name.trim(), "." | "..")
}

fn header_value(text: &str) -> Result<(), &'static str> {
    if text.chars().any(|c| c.is_control() && c != '\t') {
        return Err("it contains a control character");
    }
    // Header values are sent as bytes; `fetch` refuses characters outside Latin-1.
    if text.chars().any(|c| c as u32 > 0xff) {
        return Err("it contains characters outside Latin-1, which a header cannot contain");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        for good in ["2030-01-31T12:00:00Z", "2030-01-31t12:00:00.123+05:30", "1999-12-31T23:59:60-00:00"] {
            assert!(date_time(good), "{good}");
        }
        for bad in [
            "",
            "2030-01-31",
            "2030-13-01T00:00:00Z",
            "2030-01-31T12:00:00",
            "2030-01-31T12:00:00.Z",
            "2030-01-31T12:00:00+1:00",
            "2030-01-31T12:00:00Zx",
            "２030-01-31T12:00:00Z",
            "2030-01-31T24:00:00Z",
        ] {
            assert!(!date_time(bad), "{bad}");
        }
    }

    #[test]
    fn paths_that_leave_the_proxy() {
        for bad in [
            "..",
            "../connections",
            "a/../b",
            "a/./b",
            "%2e%2e/x",
            "a/%2E%2e/b",
            "a%2f..%2fb",
            "a/%252e%252e/b",
            "//host/x",
            "https://host/x",
            "a\\..\\b",
            "a#b",
            "a?b=1",
            "a b",
            "a\nb",
            "x/${credentials.apiKey}",
            "x/%24%7Bapi",
            "a%0d%0ab",
            "a%5c..%5cb",
            "..;/connections",
            "..;a=b/x",
            "a/.;",
            "a/%2e%2e%3bx/b",
            "a/..%20/b",
            "a/%20%2e/b",
            "a/%C2%A0..%e3%80%80;x/b",
            "a/..%3f/b",
            "a/..%23x/b",
        ] {
            assert!(proxy_path(bad).is_err(), "{bad:?} is refused");
        }
        for good in [
            "",
            "v1/users",
            "/v1/users",
            "v1/a..b/...",
            "items(1)/$count",
            "a%20b/c%2Fd",
            "users:batch",
            "x//y",
            "a;v=1/b",
            "a/..b;x/c",
            "a/b%20/;x",
        ] {
            assert_eq!(proxy_path(good), Ok(()), "{good:?} is fine");
        }
    }

    #[test]
    fn dots_are_found_under_whatever_is_around_them() {
        let mut random = 7;
        let mut pick = |all: &[&'static str]| {
            let at = crate::random::next(&mut random) as usize % all.len();
            all[at]
        };
        for _ in 0..20_000 {
            let space = &["", "", "%20", "%c2%a0", "%E2%80%83"];
            let dots = pick(&[".", "..", "%2e", "%2e.", ".%2E", "%252e%252e"]);
            let after = pick(&["", ";", ";a=..", "%3b", "%3Bx", "%3f", "%23b", "%253b"]);
            let segment = format!("{}{dots}{}{after}", pick(space), pick(space));
            let path = format!(
                "{}{segment}{}",
                pick(&["", "/", "a/", "a;x/", "a%2f"]),
                pick(&["", "/", "/b", "%2Fb", "%5cb"])
            );
            assert!(proxy_path(&path).is_err(), "{path:?} is refused");
            // With another letter it is an ordinary name.
            let name = path.replacen(dots, &format!("{dots}n"), 1);
            assert_eq!(proxy_path(&name), Ok(()), "{name:?} is fine");
        }
    }

    #[test]
    fn email_addresses() {
        for good in ["a@b.co", "ada.l+x@mail.example.com", "o'neil@example.com"] {
            assert!(email(good), "{good}");
        }
        for bad in [
            "a@b",
            "@b.co",
            ".a@b.co",
            "a.@b.co",
            "a..b@c.co",
            "a@-b.co",
            "a@b.c",
            "a b@c.co",
            "a@b.co1",
            "a'@b.co",
        ] {
            assert!(!email(bad), "{bad}");
        }
    }
}
