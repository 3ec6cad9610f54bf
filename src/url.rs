//! URL helpers: strict parsing of http(s) URLs, recognising private hosts, percent-encoding. Not a URL
//! library: unusual URLs are refused.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode, utf8_percent_encode};

use crate::error::FormError;

/// A parsed absolute http(s) URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Url<'a> {
    /// Whether the scheme is https.
    pub secure: bool,
    /// The host as written, without brackets and port.
    pub host: &'a str,
    /// The port, if one is written.
    pub port: Option<u16>,
    /// Everything after the authority: empty, or starting with `/`, `?` or `#`.
    pub rest: &'a str,
}

impl<'a> Url<'a> {
    /// Parses `text`.
    ///
    /// # Errors
    /// A message: the scheme is not http(s), there is no host, or there is anything by which two parsers could
    /// disagree about the host: user info, backslashes, percent signs, non-ASCII, spaces.
    pub fn parse(text: &'a str) -> Result<Url<'a>, FormError> {
        Url::take_apart(text).map_err(FormError::new)
    }

    fn take_apart(text: &'a str) -> Result<Url<'a>, &'static str> {
        let (secure, rest) = match text.split_once("://") {
            Some((s, rest)) if s.eq_ignore_ascii_case("https") => (true, rest),
            Some((s, rest)) if s.eq_ignore_ascii_case("http") => (false, rest),
            _ => return Err("it must begin with https:// or http://"),
        };
        if text.chars().any(|c| c.is_whitespace() || c.is_control() || c == '\\') {
            return Err("it must not contain spaces, control characters or backslashes");
        }
        let end = rest.bytes().position(|b| matches!(b, b'/' | b'?' | b'#')).unwrap_or(rest.len());
        let (authority, after) = rest.split_at_checked(end).unwrap_or_default();
        if authority.contains('@') {
            return Err("it must not contain a user name or password");
        }
        let (host, port) = match authority.strip_prefix('[') {
            Some(v6) => match v6.split_once(']') {
                Some((host, _)) if host.parse::<Ipv6Addr>().is_err() => return Err("its host is malformed"),
                Some((host, "")) => (host, None),
                Some((host, port)) => (host, Some(port.strip_prefix(':').ok_or("its port is malformed")?)),
                None => return Err("its host is malformed"),
            },
            None => match authority.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (authority, None),
            },
        };
        let port = match port {
            Some(port) if port.bytes().all(|b| b.is_ascii_digit()) => match port.parse() {
                Ok(port) => Some(port),
                Err(_) => return Err("its port is malformed"),
            },
            Some(_) => return Err("its port is malformed"),
            None => None,
        };
        if host.is_empty() {
            return Err("it has no host");
        }
        if !host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b':')) {
            return Err(
                "its host may contain only letters, digits, `-`, `_` and `.` (write other letters in punycode)",
            );
        }
        Ok(Url { secure, host, port, rest: after })
    }

    /// Whether the host is this machine, in a private network, or a bare name that only a private
    /// resolver knows. A number is an address: `134744072` is the public `8.8.8.8`.
    #[must_use]
    pub fn is_private(&self) -> bool {
        is_private(self.host) || (address(self.host).is_none() && !self.host.contains('.'))
    }

    /// The port: the written one, or the default of the scheme.
    fn effective_port(&self) -> u16 {
        self.port.unwrap_or(if self.secure { 443 } else { 80 })
    }
}

/// A host that requests may be sent to, by scheme and port: `example.com` stands for https on its usual port,
/// `example.com:8443` for another one, `http://localhost:3000` for plain http. A name includes everything below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedHost {
    secure: bool,
    host: String,
    port: u16,
}

/// Why a URL does not match an [`AllowedHost`], the closest mismatch last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Mismatch {
    /// The host is another one.
    Host,
    /// The host is allowed, with another scheme.
    Scheme,
    /// Host and scheme are allowed, on another port.
    Port,
}

impl AllowedHost {
    /// Reads a host.
    ///
    /// # Errors
    /// It contains more than scheme, host and port, or [`Url::parse`] refuses it.
    pub fn parse(text: &str) -> Result<AllowedHost, FormError> {
        let whole = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
        let url = Url::parse(&whole)?;
        if !matches!(url.rest, "" | "/") {
            return Err(FormError::new("it must contain nothing after the host and the port"));
        }
        let host = url.host.trim_end_matches('.').to_owned();
        Ok(AllowedHost { secure: url.secure, host, port: url.effective_port() })
    }

    /// Compares a URL with it.
    ///
    /// # Errors
    /// What differs.
    pub fn check(&self, url: &Url<'_>) -> Result<(), Mismatch> {
        let same_host = match (address(&self.host), address(url.host)) {
            (None, None) => is_within(url.host, &self.host),
            (own, other) => own == other,
        };
        if !same_host {
            Err(Mismatch::Host)
        } else if self.secure != url.secure {
            Err(Mismatch::Scheme)
        } else if self.port != url.effective_port() {
            Err(Mismatch::Port)
        } else {
            Ok(())
        }
    }
}

/// The IP address of a host in any spelling; an IPv4 address in IPv6 form becomes that IPv4 address.
pub(crate) fn address(host: &str) -> Option<IpAddr> {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    match host.parse::<Ipv6Addr>() {
        Ok(v6) => Some(embedded_v4(v6).map_or(IpAddr::V6(v6), IpAddr::V4)),
        Err(_) => ipv4(&host).map(IpAddr::V4),
    }
}

/// Whether a host is loopback, private, link-local or a cloud's metadata service, in whatever
/// spelling a URL parser would read it (`127.1`, `0x7f000001`, `[::ffff:10.0.0.1]`).
#[must_use]
pub fn is_private(host: &str) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    match address(&host) {
        Some(IpAddr::V4(ip)) => is_private_v4(ip),
        Some(IpAddr::V6(ip)) => is_private_v6(ip),
        None if host.contains(':') => true,
        None => {
            matches!(host.as_str(), "localhost" | "metadata.google.internal")
                || [".localhost", ".local", ".internal", ".localdomain"].iter().any(|end| host.ends_with(end))
        }
    }
}

/// Whether `host` is `domain` or below it.
#[must_use]
pub fn is_within(host: &str, domain: &str) -> bool {
    let host = host.trim_end_matches('.');
    let (h, d) = (host.as_bytes(), domain.as_bytes());
    if h.len() <= d.len() {
        return host.eq_ignore_ascii_case(domain);
    }
    let (front, back) = h.split_at(h.len() - d.len());
    back.eq_ignore_ascii_case(d) && front.ends_with(b".")
}

fn is_private_v4(ip: Ipv4Addr) -> bool {
    let [first, second, ..] = ip.octets();
    // This network, and carriers' shared addresses.
    first == 0
        || (first == 100 && second & 0xc0 == 64)
        || ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        // Multicast and reserved.
        || first >= 224
}

fn is_private_v6(ip: Ipv6Addr) -> bool {
    match ip.segments() {
        // Translation within a network, and what site-local addresses were.
        [0x64, 0xff9b, 1, ..] | [0xfec0..=0xfeff, ..] => true,
        _ => ip.is_unique_local() || ip.is_unicast_link_local() || ip.is_multicast(),
    }
}

/// The IPv4 address that an IPv6 address stands for: compatible, mapped, translated (NAT64, SIIT), tunnelled (6to4,
/// Teredo). `::` and `::1` are such, too: `0.0.0.0` and `0.0.0.1` are as private.
fn embedded_v4(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    let v4 = |high: u16, low: u16| Some(Ipv4Addr::from(u32::from(high) << 16 | u32::from(low)));
    match ip.segments() {
        [0, 0, 0, 0, 0, 0 | 0xffff, g, h]
        | [0, 0, 0, 0, 0xffff, 0, g, h]
        | [0x64, 0xff9b, 0, 0, 0, 0, g, h] => v4(g, h),
        [0x2002, b, c, ..] => v4(b, c),
        [0x2001, 0, .., g, h] => v4(!g, !h),
        _ => None,
    }
}

/// An IPv4 address as URL parsers read it: one to four parts, each decimal, octal or hexadecimal.
fn ipv4(host: &str) -> Option<Ipv4Addr> {
    let parts = host.split('.').map(number).collect::<Option<Vec<u64>>>()?;
    let (last, front) = parts.split_last()?;
    if front.len() > 3 || front.iter().any(|part| *part > 255) {
        return None;
    }
    let high = front.iter().fold(0, |all, part| all << 8 | part) << (8 * (4 - front.len()));
    u32::try_from(high + last).ok().map(Ipv4Addr::from)
}

fn number(part: &str) -> Option<u64> {
    let (digits, base) = match part.strip_prefix("0x") {
        Some("") => return Some(0),
        Some(hex) => (hex, 16),
        None if part.len() > 1 && part.starts_with('0') => (part, 8),
        None => (part, 10),
    };
    // Parsing would also accept a sign.
    if digits.starts_with('+') { None } else { u64::from_str_radix(digits, base).ok() }
}

/// The characters that `encodeURIComponent` encodes.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

/// The characters that are encoded in a path of several segments.
const PATH: &AsciiSet = &COMPONENT
    .remove(b'/')
    .remove(b':')
    .remove(b'@')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=');

/// Appends `text` percent-encoded as `encodeURIComponent` does: for one path segment, or one name or
/// value of a query.
pub fn push_component(out: &mut String, text: &str) {
    out.extend(utf8_percent_encode(text, COMPONENT));
}

/// Appends a path of several segments: slashes and valid percent escapes stay, characters that may not
/// occur in a path segment are encoded.
pub fn push_path(out: &mut String, path: &str) {
    for (at, part) in path.split('%').enumerate() {
        if at > 0 {
            let is_escape = part.bytes().take(2).filter(u8::is_ascii_hexdigit).count() == 2;
            out.push_str(if is_escape { "%" } else { "%25" });
        }
        out.extend(utf8_percent_encode(part, PATH));
    }
}

/// Decodes percent escapes; invalid ones are left unchanged. Returns bytes, since the result may not be
/// UTF-8.
#[must_use]
pub fn decode(bytes: &[u8]) -> Vec<u8> {
    percent_decode(bytes).collect()
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
            "64:ff9b::7f00:1",
            "64:ff9b::10.0.0.1",
            "64:ff9b:1::8.8.8.8",
            "::ffff:0:10.0.0.1",
            "2002:7f00:1::",
            "2001:0:0808:0808::80ff:fffe",
            "fec0::1",
            "metadata.google.internal",
            "printer.local",
            "not:an:address",
        ] {
            assert!(is_private(host), "{host} is private");
        }
        for host in [
            "nango.dev",
            "8.8.8.8",
            "134744072",
            "172.32.0.1",
            "100.63.0.1",
            "2606:4700::1111",
            "64:ff9b::8.8.8.8",
            "2002:808:808::",
            "1.2.3.4.5",
            "a.b",
        ] {
            assert!(!is_private(host), "{host} is public");
        }
        // A number is not a bare name.
        assert!(!Url::parse("http://134744072/").unwrap().is_private());
        assert!(Url::parse("http://2130706433/").unwrap().is_private());
        assert!(Url::parse("http://nango-server/").unwrap().is_private());
    }

    /// Spellings of an IPv4 address, and of IPv6 addresses that lead to it.
    fn spellings(ip: Ipv4Addr) -> Vec<String> {
        let [a, b, c, d] = ip.octets();
        let whole = u32::from(ip);
        let (high, low) = (whole >> 16, whole & 0xffff);
        let mut all = vec![
            format!("{a}.{b}.{c}.{d}."),
            whole.to_string(),
            format!("{whole:#x}"),
            format!("0{whole:o}"),
            format!("{a}.{}", whole & 0xff_ffff),
            format!("{a}.{b}.{low}"),
            format!("0{a:o}.{b:#x}.{c}.{d}"),
            format!("::ffff:{a}.{b}.{c}.{d}"),
            format!("::{high:x}:{low:x}"),
            format!("::FFFF:0:{high:X}:{low:x}"),
            format!("64:ff9b::{high:x}:{low:x}"),
            format!("2002:{high:x}:{low:x}::1"),
            format!("2001::{:x}:{:x}", !high & 0xffff, !low & 0xffff),
        ];
        all.retain(|host| address(host).is_some());
        assert_eq!(all.len(), 13, "{ip}: {all:?}");
        all
    }

    #[test]
    fn an_address_is_what_every_spelling_of_it_resolves_to() {
        let mut random = 1;
        let fixed = ["127.0.0.1", "10.0.0.1", "169.254.169.254", "8.8.8.8", "0.0.0.0", "255.255.255.255"];
        let drawn = (0..200).map(|_| Ipv4Addr::from(crate::random::next(&mut random) as u32));
        for ip in fixed.iter().map(|ip| ip.parse().unwrap()).chain(drawn) {
            for host in spellings(ip) {
                assert_eq!(address(&host), Some(IpAddr::V4(ip)), "{host}");
                assert_eq!(is_private(&host), is_private(&ip.to_string()), "{host}");
                let written = if host.contains(':') { format!("[{host}]") } else { host };
                let url = format!("https://{written}/");
                let url = Url::parse(&url).unwrap();
                assert_eq!(AllowedHost::parse(&ip.to_string()).unwrap().check(&url), Ok(()), "{written}");
                let other = Ipv4Addr::from(u32::from(ip) ^ 1).to_string();
                assert_eq!(AllowedHost::parse(&other).unwrap().check(&url), Err(Mismatch::Host), "{written}");
            }
        }
    }

    #[test]
    fn hosts_are_allowed_by_scheme_and_port() {
        let check =
            |allowed: &str, url: &str| AllowedHost::parse(allowed).unwrap().check(&Url::parse(url).unwrap());
        for (allowed, url, expected) in [
            ("example.com", "https://example.com", Ok(())),
            ("example.com", "https://api.EXAMPLE.com.:443/v1", Ok(())),
            ("https://example.com/", "https://example.com", Ok(())),
            ("example.com", "http://example.com", Err(Mismatch::Scheme)),
            ("example.com", "https://example.com:8443", Err(Mismatch::Port)),
            ("example.com:8443", "https://example.com:8443", Ok(())),
            ("example.com:8443", "https://example.com", Err(Mismatch::Port)),
            ("http://example.com", "http://example.com:80", Ok(())),
            ("http://example.com", "https://example.com", Err(Mismatch::Scheme)),
            ("http://localhost:3000", "http://localhost:3000/x", Ok(())),
            ("http://localhost:3000", "http://localhost:3001", Err(Mismatch::Port)),
            ("[::1]:3000", "https://[::1]:3000", Ok(())),
            ("8.8.8.8", "https://1.8.8.8.8", Err(Mismatch::Host)),
            ("example.com", "https://notexample.com", Err(Mismatch::Host)),
        ] {
            assert_eq!(check(allowed, url), expected, "{allowed}: {url}");
        }
        for wrong in [
            "",
            "a b",
            "*.example.com",
            "example.com/v1",
            "ftp://example.com",
            "u@example.com",
            "example.com:x",
        ] {
            assert!(AllowedHost::parse(wrong).is_err(), "{wrong:?}");
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
