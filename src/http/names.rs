//! What names say: which stand for a secret, which only speak of one. No text is searched and nothing is masked here.

/// What may be read inside something secret: what says how, not with what.
pub(super) const PUBLIC: &[&str] = &[
    "type",
    "expires_at",
    "app_id",
    "app_link",
    "installation_id",
    "client_id",
    "scopes",
    "role_arn",
    "region",
    "service",
];

/// Names under which the name of something else stands, as in `{ "name": "password", "value": "…" }`.
const LABELS: &[&str] = &["name", "key", "header", "field", "headername", "fieldname"];

/// Names under which the value of what a label names stands.
const VALUES: &[&str] = &["value", "val", "content"];

/// Words that make a name that of a secret wherever they stand in it, without signs and in lower case, by their first
/// letter.
fn anywhere(first: u8) -> &'static [&'static str] {
    match first {
        b'a' => &["apikey", "accesskey", "authorization", "authkey", "accountkey", "applicationkey"],
        b'b' => &["bearer"],
        b'c' => &["credential", "cookie"],
        b'd' => &["devkey"],
        b'e' => &["encryptionkey"],
        b'j' => &["jwt"],
        b'm' => &["masterkey"],
        b'p' => &["password", "passwd", "passphrase", "privatekey"],
        b's' => &[
            "secret",
            "signature",
            "sessionid",
            "sessid",
            "signingkey",
            "sharedkey",
            "subscriptionkey",
            "sshkey",
        ],
        b't' => &["token"],
        _ => &[],
    }
}

/// Words that do so only as whole words of a name: `db_pass`, `dbPass`, but not `bypass`.
const WHOLE: &[&str] = &["pass", "pwd", "pat", "sig", "otp", "psk"];

/// Ends of names that speak of a secret, or count or place something, and hold none.
const SPEAKS_OF: &[&str] = &[
    "url",
    "uri",
    "endpoint",
    "type",
    "params",
    "buffer",
    "method",
    "algorithm",
    "format",
    "expiry",
    "expires",
    "expiresat",
    "expiresin",
    "expirationtime",
    "lifetime",
    "ttl",
    "mode",
    "status",
    "policy",
    "required",
    "label",
    "metadata",
    "script",
    "encode",
    "pagetoken",
    "nexttoken",
    "synctoken",
    "deltatoken",
    "skiptoken",
    "continuationtoken",
    "tokenizer",
    "secretary",
];

/// The longest part of a name that is looked at, in bytes: its end.
const LONGEST: usize = 128;

/// The end of a name of any length.
fn end_of_name(name: &str) -> &str {
    let mut start = name.len().saturating_sub(LONGEST);
    while !name.is_char_boundary(start) {
        start += 1;
    }
    name.get(start..).unwrap_or_default()
}

/// The letters and digits of a name in lower case.
fn letters(name: &str) -> impl DoubleEndedIterator<Item = u8> {
    name.bytes().filter(u8::is_ascii_alphanumeric).map(|b| b.to_ascii_lowercase())
}

/// A name without signs and in lower case: `API-KEY` as `apikey`.
pub(super) fn plain(name: &str) -> String {
    letters(end_of_name(name)).map(char::from).collect()
}

/// Whether a name is one of some words, apart from signs and case.
fn is_one_of(name: &str, words: &[&str]) -> bool {
    words.iter().any(|word| letters(end_of_name(name)).eq(word.bytes()))
}

/// Whether a name ends with a word, apart from signs and case.
fn ends_with(name: &str, word: &str) -> bool {
    let mut letters = letters(name).rev();
    word.bytes().rev().all(|b| letters.next() == Some(b))
}

/// Whether what stands under `name` is a secret.
pub(super) fn looks_secret(name: &str) -> bool {
    let name = end_of_name(name);
    (contains_secret(name) || has_word(name, WHOLE)) && !SPEAKS_OF.iter().any(|end| ends_with(name, end))
}

/// Whether a name contains one of the words of [`anywhere`], apart from signs and case.
fn contains_secret(name: &str) -> bool {
    (0..name.len()).any(|at| {
        let rest = name.get(at..).unwrap_or_default();
        let first = rest.as_bytes().first().map_or(0, u8::to_ascii_lowercase);
        anywhere(first).iter().any(|word| {
            let mut letters = letters(rest);
            word.bytes().all(|b| letters.next() == Some(b))
        })
    })
}

/// Whether one of `wanted` is a whole word of a name in any of the usual spellings.
fn has_word(name: &str, wanted: &[&str]) -> bool {
    let bytes = name.as_bytes();
    let is_upper = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_uppercase);
    let is_letter = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_alphabetic);
    let is_lower = |at: usize| is_letter(at) && !is_upper(at);
    let starts = |at: usize| at == 0 || !is_letter(at - 1) || is_upper(at) && is_lower(at - 1);
    let ends = |at: usize| !is_letter(at) || is_upper(at) && is_lower(at - 1);
    (0..bytes.len()).filter(|at| starts(*at)).any(|at| {
        wanted.iter().any(|word| {
            let end = at + word.len();
            bytes.get(at..end).is_some_and(|found| found.eq_ignore_ascii_case(word.as_bytes())) && ends(end)
        })
    })
}

/// Whether a number under this name counts something: `total_tokens`, `token_count`.
pub(super) fn counts(name: &str) -> bool {
    ends_with(end_of_name(name), "tokens") || has_word(end_of_name(name), &["count", "limit", "length"])
}

/// Whether the properties of an object under this name say how others are called.
pub(super) fn holds_labels(name: &str) -> bool {
    ends_with(end_of_name(name), "label")
}

/// Whether `name` is that of a header that holds a secret.
pub(super) fn is_secret_header(name: &str) -> bool {
    looks_secret(name) && (name.contains('-') || is_one_of(name, &["authorization", "cookie", "apikey"]))
}

/// Whether the name of something else stands under `name`.
pub(super) fn is_label(name: &str) -> bool {
    is_one_of(name, LABELS)
}

/// Whether the value of what a label names stands under `name`.
pub(super) fn is_value(name: &str) -> bool {
    is_one_of(name, VALUES)
}

/// Whether the value under the name `key`, next to a URL, looks random, as the keys of APIs do and those of records do
/// not.
pub(super) fn looks_random(text: &str) -> bool {
    text.len() >= 16
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
        && text.bytes().any(|b| b.is_ascii_digit())
        && text.bytes().any(|b| b.is_ascii_alphabetic())
}

/// `apiKey` as `api_key`, `API-KEY` too.
pub(super) fn snake(name: &str) -> String {
    let mut out = String::new();
    let mut small = false;
    for c in name.chars().take(64) {
        if c.is_ascii_uppercase() && small {
            out.push('_');
        }
        small = c.is_ascii_lowercase() || c.is_ascii_digit();
        out.push(if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_and_what_speaks_of_them() {
        for name in [
            "access_token",
            "apiKey",
            "API-KEY",
            "x-api-key",
            "client_secret",
            "Set-Cookie",
            "dbPass",
            "DB_PASS",
            "pass",
            "userPwd",
            "github.pat",
            "PAT",
            "jwtToken",
            "X-Amz-Signature",
            "sig",
            "PHPSESSID",
            "sessionId",
            "Ocp-Apim-Subscription-Key",
            "proxy-authorization",
        ] {
            assert!(looks_secret(name), "{name}");
        }
        for name in [
            "bypass",
            "passenger",
            "compass",
            "path",
            "patient",
            "pattern",
            "signal",
            "key",
            "unique_key",
            "provider_config_key",
            "token_url",
            "tokenType",
            "nextPageToken",
            "authorization_params",
            "secretary",
            "session",
            "",
        ] {
            assert!(!looks_secret(name), "{name}");
        }
    }

    #[test]
    fn only_the_end_of_a_long_name_counts() {
        assert!(looks_secret(&format!("{}_token", "ä".repeat(100_000))));
        assert!(!looks_secret(&format!("token_{}", "ä".repeat(100_000))));
    }
}
