//! The most similar names to a misspelt one, for hints.

use strsim::{levenshtein, osa_distance};

/// The candidate most similar to `given`, if any is similar enough. `connectionId` and `connection_id` are
/// the same name, two letters that changed places are one mistake; otherwise about a third of the characters may
/// differ.
pub(crate) fn nearest<'a>(given: &str, candidates: &[&'a str]) -> Option<&'a str> {
    let given = plain(given);
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let name = plain(candidate);
        // A name that contains the other one is similar, however much longer it is.
        let within = given.len() >= 4 && !name.is_empty() && (name.contains(&given) || given.contains(&name));
        let apart = osa_distance(&given, &name);
        let distance = if within { apart.min(2) } else { apart };
        let limit = (given.len().max(name.len()) / 3).max(1);
        if (within || distance <= limit) && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, name)| name)
}

/// Up to `most` candidates, the most similar first, even if none is similar.
pub(crate) fn ranked<'a>(
    given: &str,
    candidates: impl Iterator<Item = &'a str>,
    most: usize,
) -> Vec<&'a str> {
    let letters = plain(given);
    let mut best: Vec<((usize, usize), &str)> = Vec::new();
    for candidate in candidates {
        // Shared words first, whatever their order: LIST_CONNECTIONS is CONNECTION_LIST_GET.
        let distance = (usize::MAX - shared(given, candidate), unlike(&letters, &plain(candidate)));
        let at = best.iter().position(|(d, _)| *d > distance).unwrap_or(best.len());
        best.insert(at, (distance, candidate));
        best.truncate(most);
    }
    best.into_iter().map(|(_, c)| c).collect()
}

/// How many words of `given` are also in `name`; `connection` and `connections` count as one word.
fn shared(given: &str, name: &str) -> usize {
    let same = |a: &str, b: &str| {
        let length = a.len().min(b.len());
        length >= 3 && a.get(..length).zip(b.get(..length)).is_some_and(|(a, b)| a.eq_ignore_ascii_case(b))
    };
    let words = |text| str::split(text, |c: char| !c.is_ascii_alphanumeric());
    words(given).take(16).filter(|word| words(name).any(|other| same(word, other))).count()
}

/// Distance that rewards shared stretches: names of tools differ by whole words.
fn unlike(a: &str, b: &str) -> usize {
    let stretches = (0..a.len()).filter_map(|at| a.get(at..at + 4));
    let shared = stretches.filter(|stretch| b.contains(stretch)).count();
    (levenshtein(a, b) + 2 * a.len()).saturating_sub(3 * shared)
}

/// Only lower-case letters and digits, at most 64 of them, which is enough for hints.
fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).take(64).map(|c| c.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_misspellings_and_other_cases() {
        let names = ["connection_id", "provider_config_key", "limit"];
        assert_eq!(nearest("connectionId", &names), Some("connection_id"));
        assert_eq!(nearest("conection_id", &names), Some("connection_id"));
        assert_eq!(nearest("config_key", &names), Some("provider_config_key"));
        assert_eq!(nearest("zebra", &names), None);
        assert_eq!(nearest("", &names), None);
    }
}
