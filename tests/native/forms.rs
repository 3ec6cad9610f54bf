//! The check of each string format against its pattern in JSON Schema: the same verdict on
//! thousands of strings, except where the rule is intentionally stricter, each time for a reason given here.

use std::collections::BTreeMap;

use crate::common::args::text;
use crate::common::random::{NASTY, Random, steady_seed};
use nango_toolkit::tool::{StringFormat, StringSpec};
use regex::Regex;

const FORMS: &[StringFormat] = &[
    StringFormat::ConnectionId,
    StringFormat::IntegrationKey,
    StringFormat::Name,
    StringFormat::Scopes,
    StringFormat::Pem,
    StringFormat::Email,
    StringFormat::WebhookUrl,
    StringFormat::HttpUrl,
    StringFormat::ProxyPath,
    StringFormat::HeaderName,
    StringFormat::HeaderValue,
    StringFormat::TagKey,
];

/// Why a check may refuse what its pattern accepts: no regular expression that every reader of JSON
/// Schema understands can express it.
fn reason(form: StringFormat, text: &str) -> Option<&'static str> {
    match form {
        StringFormat::Email => {
            let (local, domain) = text.rsplit_once('@')?;
            let dots = text.starts_with('.') || text.contains("..") || local.ends_with(['.', '\'']);
            (dots || domain.starts_with(['.', '-']) || domain.contains(".-"))
                .then_some("dots and hyphens at the wrong place")
        }
        StringFormat::HttpUrl | StringFormat::WebhookUrl => url_reason(form, text),
        StringFormat::ProxyPath => path_reason(text),
        StringFormat::HeaderValue => text
            .chars()
            .any(|c| (c.is_control() && c != '\t') || c as u32 > 0xff)
            .then_some("characters that no header carries"),
        _ => None,
    }
}

fn url_reason(form: StringFormat, text: &str) -> Option<&'static str> {
    let authority = text.split_once("://")?.1.split(['/', '?', '#']).next()?;
    if text.contains('\\') || text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Some("characters that parsers read in different ways");
    }
    if authority.contains('@') {
        return Some("a user name");
    }
    let Ok(url) = url::Url::parse(text) else { return Some("not a URL to a WHATWG parser either") };
    let host = url.host_str()?.trim_end_matches('.');
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._:[]".contains(c);
    if !authority.chars().all(plain) || authority.ends_with(':') || authority.is_empty() {
        return Some("a host or port that parsers read in different ways");
    }
    let private = match url.host()? {
        url::Host::Ipv4(ip) => {
            ip.is_loopback()
                || ip.is_private()
                || ip.is_link_local()
                || ip.octets()[0] == 0
                || ip.octets()[0] >= 224
        }
        url::Host::Ipv6(ip) => {
            ip.is_loopback() || ip.is_unspecified() || ip.segments()[0] >= 0xfc00 || ip.segments()[0] == 0
        }
        url::Host::Domain(name) => {
            let name = name.trim_end_matches('.');
            let numeric = name.split('.').all(|part| part.starts_with(|c: char| c.is_ascii_digit()));
            numeric || name.ends_with("localhost") || name.ends_with(".local") || name.ends_with(".internal")
        }
    };
    if form == StringFormat::WebhookUrl && (private || host == "nango.dev" || host.ends_with(".nango.dev")) {
        return Some("a private host or Nango's own");
    }
    None
}

fn path_reason(text: &str) -> Option<&'static str> {
    let escape = Regex::new("%([0-7][0-9a-fA-F])").unwrap();
    let mut plain = text.to_owned();
    for _ in 0..10 {
        let segments: Vec<&str> = plain.split(['/', '\\']).collect();
        // Some servers end a segment at `;`, and trim it.
        let ends = segments.iter().map(|s| s.split(';').next().unwrap_or_default().trim());
        if ends.into_iter().any(|s| matches!(s, "." | "..")) {
            return Some("a dot segment, however often encoded");
        }
        if plain.contains("${") {
            return Some("an expression that Nango fills in");
        }
        if plain.chars().any(|c| c.is_control()) {
            return Some("a control character");
        }
        let next = escape.replace_all(&plain, |found: &regex::Captures<'_>| {
            char::from(u8::from_str_radix(&found[1], 16).unwrap()).to_string()
        });
        if next == plain {
            break;
        }
        plain = next.into_owned();
    }
    if text.starts_with("//")
        || text.split("://").next().is_some_and(|s| s.len() < text.len() && !s.contains('/'))
    {
        return Some("a whole URL");
    }
    text.chars().any(char::is_whitespace).then_some("a white space")
}

/// Strings for a format: valid, nearly valid, and unrelated.
fn about(random: &mut Random, form: StringFormat) -> String {
    let own = text(random, StringSpec { min: 0, max: 40, form });
    match random.below(5) {
        0 => own,
        1 => random.nasty().to_owned(),
        2 => random.text(12),
        _ => {
            let mut chars: Vec<char> = own.chars().collect();
            for _ in 0..1 + random.below(3) {
                let at = random.below(chars.len() + 1);
                match random.below(4) {
                    0 => chars.insert(at, random.char()),
                    1 => chars.insert(at, random.one(&['.', '/', '-', '@', ':', '%', ','])),
                    2 => chars.splice(at..at, random.nasty().chars()).for_each(drop),
                    _ if at < chars.len() => drop(chars.remove(at)),
                    _ => {}
                }
            }
            chars.into_iter().collect()
        }
    }
}

#[test]
fn rules_and_patterns_agree() {
    let mut random = Random::new(steady_seed());
    for form in FORMS {
        let pattern = Regex::new(form.pattern().unwrap_or_else(|| panic!("{form:?} has a pattern"))).unwrap();
        let (mut both, mut neither) = (0, 0);
        let mut stricter: BTreeMap<&str, usize> = BTreeMap::new();
        let generated = (0..20_000).map(|_| about(&mut random, *form));
        for text in NASTY.iter().map(|t| (*t).to_owned()).chain(generated) {
            match (pattern.is_match(&text), form.check(&text)) {
                (true, Ok(())) => both += 1,
                (false, Err(_)) => neither += 1,
                (false, Ok(())) => panic!("{form:?} takes {text:?}, its pattern does not"),
                (true, Err(why)) => {
                    let reason = reason(*form, &text);
                    let reason = reason
                        .unwrap_or_else(|| panic!("{form:?} refuses {text:?} ({why}), its pattern does not"));
                    *stricter.entry(reason).or_default() += 1;
                }
            }
        }
        println!("{form:?}: {both} fit, {neither} do not, stricter: {stricter:?}");
        assert!(
            both > 100 && (neither > 100 || *form == StringFormat::HttpUrl),
            "{form:?}: too little was tried"
        );
    }
}

#[test]
fn patterns_are_plain_enough_for_every_reader() {
    for form in FORMS {
        let pattern = form.pattern().unwrap();
        assert!(pattern.starts_with('^'), "{form:?} is anchored");
        // Look-around, back references, named groups and Unicode classes are read differently or not at all.
        for odd in ["(?", "\\p", "\\P", "\\b", "\\1", "\\k", "\\A", "\\z", "[[:"] {
            assert!(!pattern.contains(odd), "{form:?}: {pattern} holds {odd}");
        }
    }
}

#[test]
fn forms_without_a_pattern_are_two() {
    assert!(StringFormat::Any.pattern().is_none() && StringFormat::DateTime.pattern().is_none());
    assert_eq!(StringFormat::Any.check("\0\u{10ffff}"), Ok(()));
    for (good, text) in [
        (true, "2030-01-31T12:00:00Z"),
        (true, "2030-01-31T12:00:00.123456+14:00"),
        (true, "2028-02-29T00:00:00Z"),
        (false, "2030-1-31T12:00:00Z"),
        (false, "2030-01-31 12:00:00Z"),
        (false, "2030-01-32T12:00:00Z"),
        (false, "2030-00-31T12:00:00Z"),
        (false, "1893412800"),
        (false, "tomorrow"),
        (false, "2030-01-31T12:00:00Z\n"),
    ] {
        assert_eq!(StringFormat::DateTime.check(text).is_ok(), good, "{text:?}");
    }
}
