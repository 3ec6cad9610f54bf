//! What the server's patterns and formats mean (contract section 6), and the rules that several
//! endpoints share, as data for [`super::validate`].

use std::net::{Ipv4Addr, Ipv6Addr};

use serde_json::Value;

use super::validate::{Check, Key, Rule};

fn all(text: &str, extra: &[u8]) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || extra.contains(&b))
}

fn is_connection_id(text: &str) -> bool {
    all(text, b",.;:=+~[]|@${}\"'\\/_ -")
}

fn is_integration_key(text: &str) -> bool {
    all(text, b"~:.@ _-")
}

fn is_name(text: &str) -> bool {
    all(text, b"_-")
}

fn is_tag_key(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic()) && all(text, b"_./-")
}

fn is_scopes(text: &str) -> bool {
    text.is_empty() || text.split(',').all(|scope| all(scope, b":/_.*-"))
}

fn is_status_list(text: &str) -> bool {
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

fn webhook_host(value: &Value) -> Vec<String> {
    let Some(host) = value.as_str().and_then(host_of) else { return Vec::new() };
    if host == "nango.dev" || host.ends_with(".nango.dev") {
        return vec!["Webhook URLs cannot point to Nango's domain (nango.dev).".into()];
    }
    if is_denied_host(&host) || is_private_host(&host) {
        return vec!["Webhook URLs cannot point to a private or local address.".into()];
    }
    Vec::new()
}

fn tag_rules(value: &Value) -> Vec<String> {
    let Value::Object(tags) = value else { return Vec::new() };
    tags_problem(tags.iter().filter_map(|(k, v)| Some((k.as_str(), v.as_str()?)))).into_iter().collect()
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

/// CID.
pub(crate) const CONNECTION_ID: Rule = Rule::Text(&[
    Check::Pattern("/^[a-zA-Z0-9,.;:=+~[\\]|@${}\"'\\\\/_ -]+$/", is_connection_id),
    Check::Max(255),
]);
const KEY_CHECKS: &[Check] =
    &[Check::Pattern("/^[a-zA-Z0-9~:.@ _-]+$/", is_integration_key), Check::Max(255)];
/// PCK.
pub(crate) const INTEGRATION_KEY: Rule = Rule::Text(KEY_CHECKS);
/// NAME.
pub(crate) const NAME: Rule = Rule::Text(&[Check::Pattern("/^[a-zA-Z0-9_-]+$/", is_name), Check::Max(255)]);
pub(crate) const UUID: Rule = Rule::Text(&[Check::Format("Invalid UUID", is_uuid)]);
pub(crate) const TEXT: Rule = Rule::Text(&[]);
/// 1 to 255 characters.
pub(crate) const SHORT: Rule = Rule::Text(&[Check::Min(1), Check::Max(255)]);
/// Up to 255 characters.
pub(crate) const LABEL: Rule = Rule::Text(&[Check::Max(255)]);
const EMAIL: Rule = Rule::Text(&[Check::Format("Invalid email address", is_email), Check::Min(5)]);
/// SCOPES, or empty.
pub(crate) const SCOPES: Rule = Rule::Union(
    &[Rule::Text(&[Check::Pattern("/^[0-9a-zA-Z:/_.*-]+(,[0-9a-zA-Z:/_.*-]+)*$/", is_scopes)])],
    "Invalid input",
);
/// Statuses joined by commas.
pub(crate) const STATUS_LIST: Rule = Rule::Text(&[Check::Pattern("/^\\d+(,\\d+)*$/", is_status_list)]);
/// Any object.
pub(crate) const RECORD: Rule = Rule::Record { key: &[], value: &Rule::Any };
/// An object of texts.
pub(crate) const TEXTS: Rule = Rule::Record { key: &[], value: &TEXT };

const TAG_KEY: &[Check] = &[Check::Pattern("/^[a-zA-Z][a-zA-Z0-9_\\-./]*$/", is_tag_key), Check::Max(64)];
const LONG_TAG: Check = Check::MaxSaying(255, "Tag values must be at most 255 characters");
/// TAGS.
pub(crate) const TAGS: Rule =
    Rule::Refined(&Rule::Record { key: TAG_KEY, value: &Rule::Text(&[Check::Min(1), LONG_TAG]) }, tag_rules);
const END_USER_TAGS: Rule =
    Rule::Refined(&Rule::Record { key: TAG_KEY, value: &Rule::Text(&[LONG_TAG]) }, tag_rules);
pub(crate) const END_USER: Rule = Rule::Object {
    keys: &[
        Key::required("id", SHORT),
        Key::optional("email", EMAIL),
        Key::optional("display_name", LABEL),
        Key::optional("tags", END_USER_TAGS),
    ],
    strict: true,
};
pub(crate) const ORGANIZATION: Rule =
    Rule::Object { keys: &[Key::required("id", LABEL), Key::optional("display_name", LABEL)], strict: true };
fn is_webhook_url(text: &str) -> bool {
    text.is_empty() || host_of(text).is_some()
}
/// WEBHOOK_URL.
pub(crate) const WEBHOOK_URL: Rule = Rule::Refined(
    &Rule::Union(&[Rule::Text(&[Check::Format("Invalid URL", is_webhook_url)])], "Invalid input"),
    webhook_host,
);
/// `integrations_config_defaults` of connect sessions.
pub(crate) const DEFAULTS: Rule = Rule::Record {
    key: KEY_CHECKS,
    value: &Rule::Object {
        keys: &[
            Key::optional("user_scopes", TEXT),
            Key::optional("authorization_params", TEXTS),
            Key::optional(
                "connection_config",
                Rule::Object { keys: &[Key::optional("oauth_scopes_override", TEXT)], strict: false },
            ),
        ],
        strict: true,
    },
};
/// `overrides` of connect sessions.
pub(crate) const OVERRIDES: Rule = Rule::Record {
    key: KEY_CHECKS,
    value: &Rule::Object { keys: &[Key::optional("docs_connect", TEXT)], strict: false },
};
/// The query of what is about one connection.
pub(crate) const ONE_CONNECTION: Rule =
    Rule::Object { keys: &[Key::required("provider_config_key", INTEGRATION_KEY)], strict: true };

#[cfg(test)]
mod tests {
    use super::{host_of, is_email, is_uuid, is_uuid_v4};

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
    }
}
