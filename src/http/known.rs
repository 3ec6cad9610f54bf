//! Removes known secrets from text, ignoring case; secrets that are words are only found as whole words. The time
//! grows only logarithmically with the number of secrets.

use std::borrow::Cow;

use super::mask::MARK;

/// How much of a secret gives it away, in bytes: what agrees with the beginning of one this far is masked.
const TELLING: usize = 32;

/// How long a secret that is a word or a number must be to be masked inside a longer one.
const LONG_WORD: usize = 16;

/// Known secrets, sorted.
#[derive(Clone, Default)]
pub(super) struct Known {
    all: Vec<Secret>,
    /// For each byte, whether a secret begins with it.
    begins: Vec<bool>,
}

#[derive(Clone)]
struct Secret {
    /// In lower case.
    text: String,
    /// The longest other secret that this one begins with.
    shorter: Option<usize>,
}

impl Known {
    pub(super) fn new(secrets: Vec<String>) -> Known {
        let mut known = Known::default();
        let lower = |text: String| Secret { text: text.to_ascii_lowercase(), shorter: None };
        known.all.extend(secrets.into_iter().filter(|secret| !secret.is_empty()).map(lower));
        known.all.sort_unstable_by(|a, b| a.text.cmp(&b.text));
        known.all.dedup_by(|a, b| a.text == b.text);
        let mut beginnings: Vec<usize> = Vec::new();
        for at in 0..known.all.len() {
            let begins = |other: &usize| {
                let pair = known.all.get(at).zip(known.all.get(*other));
                pair.is_some_and(|(one, other)| one.text.starts_with(&other.text))
            };
            while beginnings.last().is_some_and(|last| !begins(last)) {
                beginnings.pop();
            }
            let shorter = beginnings.last().copied();
            if let Some(secret) = known.all.get_mut(at) {
                secret.shorter = shorter;
            }
            beginnings.push(at);
        }
        known.begins = vec![false; 256];
        for first in known.all.iter().filter_map(|secret| secret.text.bytes().next()) {
            if let Some(begins) = known.begins.get_mut(usize::from(first)) {
                *begins = true;
            }
        }
        known
    }

    /// The text without the secrets.
    pub(super) fn mask<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let begins = |byte: u8| self.begins.get(usize::from(byte.to_ascii_lowercase())) == Some(&true);
        if !text.bytes().any(begins) {
            return Cow::Borrowed(text);
        }
        let lower = text.to_ascii_lowercase();
        let mut out = String::new();
        let (mut at, mut copied) = (0, 0);
        while let Some(byte) = lower.as_bytes().get(at) {
            let is_first = self.begins.get(usize::from(*byte)) == Some(&true);
            let length = if is_first { self.at(&lower, at) } else { 0 };
            if length > 0 && text.is_char_boundary(at + length) {
                out.push_str(text.get(copied..at).unwrap_or_default());
                out.push_str(MARK);
                copied = at + length;
            }
            at += length.max(1);
        }
        if copied == 0 {
            return Cow::Borrowed(text);
        }
        out.push_str(text.get(copied..).unwrap_or_default());
        Cow::Owned(out)
    }

    /// The length of the secret that stands at a place; 0 if there is none.
    fn at(&self, text: &str, at: usize) -> usize {
        let rest = text.as_bytes().get(at..).unwrap_or_default();
        let next = self.all.partition_point(|secret| secret.text.as_bytes() <= rest);
        let common = |index: usize| {
            let secret = self.all.get(index).map(|secret| secret.text.as_bytes()).unwrap_or_default();
            secret.iter().zip(rest).take_while(|(a, b)| a == b).count()
        };
        // In a sorted list, the neighbours have most in common with what stands there.
        let before = next.checked_sub(1);
        let mut most = before.map_or(0, common).max(common(next));
        if most >= TELLING {
            while !text.is_char_boundary(at + most) {
                most -= 1;
            }
            return most;
        }
        let mut candidate = before;
        while let Some(secret) = candidate.and_then(|index| self.all.get(index)) {
            if rest.starts_with(secret.text.as_bytes()) && stands_alone(text, at, &secret.text) {
                return secret.text.len();
            }
            candidate = secret.shorter;
        }
        0
    }
}

/// Whether a secret that is a word or a number is not a part of a longer one: `prod` in `production`.
fn stands_alone(text: &str, at: usize, secret: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphabetic();
    let is_digit = |byte: u8| byte.is_ascii_digit();
    let bytes = secret.as_bytes();
    let belongs: &dyn Fn(u8) -> bool = match () {
        () if secret.len() >= LONG_WORD => return true,
        () if bytes.iter().all(|byte| is_letter(*byte)) => &is_letter,
        () if bytes.iter().all(|byte| is_digit(*byte)) => &is_digit,
        () => return true,
    };
    let neighbour =
        |at: Option<usize>| at.and_then(|at| text.as_bytes().get(at)).is_some_and(|byte| belongs(*byte));
    !neighbour(at.checked_sub(1)) && !neighbour(Some(at + secret.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(secrets: &[&str], text: &str) -> String {
        Known::new(secrets.iter().map(|secret| (*secret).to_owned()).collect()).mask(text).into_owned()
    }

    #[test]
    fn words_are_masked_as_words() {
        for (secret, text, expected) in [
            ("prod", "not allowed in production", "not allowed in production"),
            (
                "prod",
                "not allowed in prod, prod-1, PROD",
                "not allowed in [redacted], [redacted]-1, [redacted]",
            ),
            ("2022", "since 2022, 120220", "since [redacted], 120220"),
            ("hunter2", "xhunter2x", "x[redacted]x"),
            ("pläntéd", "xpläntéd", "x[redacted]"),
            ("abcdefghijklmnop", "xabcdefghijklmnopx", "x[redacted]x"),
        ] {
            assert_eq!(masked(&[secret], text), expected);
        }
    }

    #[test]
    fn the_longest_of_several_is_masked() {
        let secrets = ["abc1", "abc123", "abc12", "abz9"];
        assert_eq!(
            masked(&secrets, "abc123 abc12x abc1 abz9 abc"),
            "[redacted] [redacted]x [redacted] [redacted] abc"
        );
    }

    #[test]
    fn what_agrees_with_the_beginning_of_a_long_secret_is_masked() {
        let long = "0123456789".repeat(10);
        let cut: String = long.chars().take(40).collect();
        assert_eq!(masked(&[&long], &format!("got {cut} …")), "got [redacted] …");
        assert_eq!(masked(&[&long], "got 0123456789 …"), "got 0123456789 …");
        let accents = "é".repeat(100);
        assert_eq!(masked(&[&accents], &format!("{}è", "é".repeat(40))), "[redacted]è");
    }

    #[test]
    fn many_secrets_take_no_longer_than_one() {
        let secrets: Vec<String> = (0..20_000).map(|at| format!("{}{at}", "a".repeat(at % 40 + 4))).collect();
        let known = Known::new(secrets);
        let text = "a".repeat(200_000);
        assert!(known.mask(&text).len() <= text.len());
    }
}
