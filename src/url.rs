//! What this crate needs of URLs: taking http(s) URLs apart strictly, telling private hosts from
//! public ones, percent-encoding. Not a URL library: whatever is unusual is refused.

use crate::text::{natural, pieces, trim_end};

/// An absolute http(s) URL, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Url<'a> {
    /// Whether the scheme is https.
    pub secure: bool,
    /// The host as written, without brackets and port.
    pub host: &'a str,
    /// The port, if one is written.
    pub port: Option<u16>,
    /// Everything behind the authority: empty, or beginning with `/`, `?` or `#`.
    pub rest: &'a str,
}

impl<'a> Url<'a> {
    /// Takes `text` apart, or says in words what is wrong with it.
    ///
    /// # Errors
    /// The scheme is not http(s), there is no host, or there is anything by which two parsers could
    /// disagree about the host: user info, backslashes, percent signs, non-ASCII, spaces.
    pub fn parse(text: &'a str) -> Result<Url<'a>, &'static str> {
        let (secure, behind) = match text.split_once("://") {
            Some((s, rest)) if s.eq_ignore_ascii_case("https") => (true, rest),
            Some((s, rest)) if s.eq_ignore_ascii_case("http") => (false, rest),
            _ => return Err("it must begin with https:// or http://"),
        };
        if text.chars().any(|c| c.is_whitespace() || c.is_control() || c == '\\') {
            return Err("it must not hold spaces, control characters or backslashes");
        }
        let end = behind.bytes().position(|b| matches!(b, b'/' | b'?' | b'#')).unwrap_or(behind.len());
        let (authority, rest) = behind.split_at_checked(end).unwrap_or_default();
        if authority.contains("@") {
            return Err("it must not hold a user name or password");
        }
        let (host, port) = match authority.strip_prefix('[') {
            Some(v6) => match v6.split_once("]") {
                Some((host, _)) if ipv6(host).is_none() => return Err("its host is malformed"),
                Some((host, "")) => (host, None),
                Some((host, port)) => (host, Some(port.strip_prefix(':').ok_or("its port is malformed")?)),
                None => return Err("its host is malformed"),
            },
            None => match authority.split_once(":") {
                Some((host, port)) => (host, Some(port)),
                None => (authority, None),
            },
        };
        let port = match port {
            Some(port) => match natural(port, 10).map(u16::try_from) {
                Some(Ok(port)) => Some(port),
                _ => return Err("its port is malformed"),
            },
            None => None,
        };
        if host.is_empty() {
            return Err("it has no host");
        }
        if !host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b':')) {
            return Err(
                "its host may hold only letters, digits, `-`, `_` and `.` (write other letters in punycode)",
            );
        }
        Ok(Url { secure, host, port, rest })
    }

    /// Whether the host is this machine, a private network's, or a bare name that only a private
    /// resolver knows.
    pub fn is_private(&self) -> bool {
        is_private(self.host) || !(self.host.contains(".") || self.host.contains(":"))
    }
}

/// Whether a host is loopback, private, link-local or a cloud's metadata service, in whatever
/// spelling a URL parser would read it (`127.1`, `0x7f000001`, `[::ffff:10.0.0.1]`).
pub fn is_private(host: &str) -> bool {
    let host = trim_end(host, b".").to_ascii_lowercase();
    if host.contains(":") {
        return ipv6(&host).is_none_or(private_v6);
    }
    if let Some(ip) = ipv4(&host) {
        return private_v4(ip);
    }
    matches!(host.as_str(), "localhost" | "metadata.google.internal")
        || [".localhost", ".local", ".internal", ".localdomain"].iter().any(|end| host.ends_with(end))
}

/// Whether `host` is `domain` or below it.
pub fn is_within(host: &str, domain: &str) -> bool {
    let host = trim_end(host, b".");
    let (h, d) = (host.as_bytes(), domain.as_bytes());
    if h.len() <= d.len() {
        return host.eq_ignore_ascii_case(domain);
    }
    let (front, back) = h.split_at(h.len() - d.len());
    back.eq_ignore_ascii_case(d) && front.ends_with(b".")
}

fn private_v4(ip: u32) -> bool {
    let within = |network: u32, bits: u32| ip >> (32 - bits) == network >> (32 - bits);
    // This network, private ones, carriers', loopback, link-local, multicast and reserved.
    within(0, 8)
        || within(0x0a00_0000, 8)
        || within(0xac10_0000, 12)
        || within(0xc0a8_0000, 16)
        || within(0x6440_0000, 10)
        || within(0x7f00_0000, 8)
        || within(0xa9fe_0000, 16)
        || within(0xe000_0000, 3)
}

fn private_v6(groups: [u16; 8]) -> bool {
    let [first, .., high, low] = groups;
    let zeros = groups.iter().take_while(|g| **g == 0).count();
    let mapped = zeros >= 6 || (zeros == 5 && groups.get(5) == Some(&0xffff));
    if mapped {
        return private_v4(u32::from(high) << 16 | u32::from(low));
    }
    // Unique local, link-local, multicast.
    first & 0xfe00 == 0xfc00 || first & 0xffc0 == 0xfe80 || first & 0xff00 == 0xff00
}

/// The groups of an IPv6 address, perhaps with an IPv4 address at its end.
fn ipv6(host: &str) -> Option<[u16; 8]> {
    let (front, back) = match host.split_once("::") {
        Some((front, back)) => (groups(front)?, groups(back)?),
        None => (groups(host)?, Vec::new()),
    };
    let short = host.contains("::");
    let n = front.len() + back.len();
    if n > 8 || (n == 8) == short {
        return None;
    }
    let mut out = [0; 8];
    out.iter_mut().zip(&front).for_each(|(to, from)| *to = *from);
    out.iter_mut().rev().zip(back.iter().rev()).for_each(|(to, from)| *to = *from);
    Some(out)
}

fn groups(text: &str) -> Option<Vec<u16>> {
    let mut out = Vec::new();
    if text.is_empty() {
        return Some(out);
    }
    let parts = pieces(text, ":");
    for (i, part) in parts.iter().enumerate() {
        if i + 1 == parts.len() && part.contains(".") {
            let ip = ipv4(part)?;
            out.push((ip >> 16) as u16);
            out.push(ip as u16);
        } else if part.len() > 4 {
            return None;
        } else {
            out.push(natural(part, 16)? as u16);
        }
    }
    Some(out)
}

/// An IPv4 address as URL parsers read it: one to four parts, each decimal, octal or hexadecimal.
fn ipv4(host: &str) -> Option<u32> {
    let mut parts = Vec::new();
    for part in pieces(host, ".") {
        parts.push(number(part)?);
    }
    let (last, front) = parts.split_last()?;
    if front.len() > 3 || front.iter().any(|p| *p > 255) {
        return None;
    }
    let high = front.iter().fold(0, |all, part| all << 8 | part) << (8 * (4 - front.len()));
    u32::try_from(high + last).ok()
}

fn number(part: &str) -> Option<u64> {
    if let Some(hex) = part.strip_prefix("0x") {
        return if hex.is_empty() { Some(0) } else { natural(hex, 16) };
    }
    if part.len() > 1 && part.starts_with('0') {
        return natural(part, 8);
    }
    natural(part, 10)
}

/// Appends `text` percent-encoded as `encodeURIComponent` does: for one path segment, or one name or
/// value of a query.
pub fn push_component(out: &mut String, text: &str) {
    for byte in text.bytes() {
        push_byte(out, byte, b"-_.!~*'()");
    }
}

/// Appends a path of several segments: slashes and valid percent escapes stay, whatever may not
/// stand in a path segment is encoded.
pub fn push_path(out: &mut String, path: &str) {
    let bytes = path.as_bytes();
    for (i, byte) in bytes.iter().enumerate() {
        let escape =
            *byte == b'%' && bytes.get(i + 1..i + 3).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit));
        if escape {
            out.push('%');
        } else {
            push_byte(out, *byte, b"-_.!~*'()/:@$&+,;=");
        }
    }
}

fn push_byte(out: &mut String, byte: u8, plain: &[u8]) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    if byte.is_ascii_alphanumeric() || plain.contains(&byte) {
        out.push(byte as char);
    } else {
        out.push('%');
        for half in [byte >> 4, byte & 0xf] {
            out.push(HEX.get(usize::from(half)).map_or('0', |b| *b as char));
        }
    }
}

/// Percent escapes decoded, those that are not valid left as they stand. Bytes, since what comes out
/// need not be UTF-8.
pub fn decode(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while let Some(byte) = bytes.get(i) {
        let hex = |at: usize| bytes.get(at).and_then(|b| (*b as char).to_digit(16));
        if let (b'%', Some(high), Some(low)) = (byte, hex(i + 1), hex(i + 2)) {
            out.push((high * 16 + low) as u8);
            i += 3;
        } else {
            out.push(*byte);
            i += 1;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_hosts_in_every_spelling() {
        for host in [
            "localhost",
            "LOCALHOST.",
            "a.localhost",
            "127.0.0.1",
            "127.1",
            "0x7f000001",
            "2130706433",
            "0177.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.0.1",
            "169.254.169.254",
            "0.0.0.0",
            "0",
            "100.64.0.1",
            "::1",
            "::",
            "fe80::1",
            "fd00::1",
            "::ffff:127.0.0.1",
            "::ffff:7f00:1",
            "metadata.google.internal",
            "printer.local",
            "not:an:address",
        ] {
            assert!(is_private(host), "{host} is private");
        }
        for host in
            ["nango.dev", "8.8.8.8", "172.32.0.1", "100.63.0.1", "2606:4700::1111", "1.2.3.4.5", "a.b"]
        {
            assert!(!is_private(host), "{host} is public");
        }
    }

    #[test]
    fn refuses_what_parsers_could_read_in_two_ways() {
        for url in [
            "ftp://a.b",
            "a.b",
            "http://",
            "http:///x",
            "https://u@a.b",
            "https://a.b\\@c.d",
            "https://a b",
            "https://a.b:x",
            "https://a.b:99999",
            "https://[::1",
            "https://[a.b]",
            "https://a.b:+80",
            "https://ex%61mple.com",
            "https://１２７.0.0.1",
            "https://a.b\n",
            "//a.b",
            "https:a.b",
        ] {
            assert!(Url::parse(url).is_err(), "{url:?} is refused");
        }
        let url = Url::parse("HTTPS://api.example.com:8443/v1?x#y").unwrap();
        assert_eq!(
            (url.secure, url.host, url.port, url.rest),
            (true, "api.example.com", Some(8443), "/v1?x#y")
        );
        assert_eq!(Url::parse("http://[::1]:3003/").unwrap().host, "::1");
    }

    #[test]
    fn domains() {
        assert!(is_within("nango.dev", "nango.dev") && is_within("API.Nango.dev.", "nango.dev"));
        assert!(!is_within("notnango.dev", "nango.dev") && !is_within("dev", "nango.dev"));
    }

    #[test]
    fn encodes() {
        let mut out = String::new();
        push_component(&mut out, "a b/c?é%");
        assert_eq!(out, "a%20b%2Fc%3F%C3%A9%25");
        let mut out = String::new();
        push_path(&mut out, "v1/a%20b/é/$count/50%/x y");
        assert_eq!(out, "v1/a%20b/%C3%A9/$count/50%25/x%20y");
        assert_eq!(decode(b"%2e%2E/%zz%"), b"../%zz%");
    }
}
