//! A quick look at the text of an answer: whether masking could find anything in it.

/// Whether the core needs the body of a response. Where it does not, a host may parse the body itself and, if that
/// succeeds, report [`Data::Held`](super::Data::Held).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NeedsBody {
    /// It does not.
    Never,
    /// Only if [`may_contain_secrets`] says so of its text.
    IfSuspicious,
    /// It does.
    Always,
}

/// Parts of all names under which masking finds secrets, in lower case.
pub(crate) const WORDS: [&str; 15] = [
    "token", "secret", "cred", "cookie", "bearer", "basic", "auth", "sess", "pass", "pwd", "pat", "sig",
    "otp", "psk", "jwt",
];

/// What stands in a URL with user info, and what letters may be written with.
pub(crate) const SIGNS: [&str; 3] = ["@", "%", "\\u"];

/// What stands before `key` in names of Nango's that are not those of secrets.
pub(crate) const PUBLIC_KEYS: [&str; 2] = ["unique_", "provider_config_"];

/// Whether masking could find a secret in the text of an answer, so that the core has to read it. It may say so
/// unnecessarily. A name with a separator inside a word, such as `to_ken`, is not found.
///
/// ```
/// use nango_toolkit::http::may_contain_secrets;
///
/// assert!(may_contain_secrets(r#"{"apiKey":"s3cr3t"}"#));
/// assert!(!may_contain_secrets(r#"{"unique_key":"hubspot"}"#));
/// ```
#[must_use]
pub fn may_contain_secrets(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let is_public = |at: usize| {
        PUBLIC_KEYS.iter().any(|name| lower.get(..at).is_some_and(|before| before.ends_with(name)))
    };
    WORDS.iter().chain(&SIGNS).any(|part| lower.contains(part))
        || lower.match_indices("key").any(|(at, _)| !is_public(at))
}
