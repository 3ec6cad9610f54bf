//! Words: how text is split, how a word is stemmed, which words differ by one letter.
//! The meanings of words are in [`super::meaning`].

/// Words at least this long may be mistyped by one letter.
pub(super) const LONG: usize = 6;

/// A word and its position in the text.
#[derive(Clone, Copy)]
pub(super) struct Word {
    /// The hash of its spelling without the ending.
    pub(super) stem: u32,
    /// The hash of its spelling.
    pub(super) exact: u32,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// The words in `text`, in order. Anything but ASCII letters separates them; with `camel`, so
/// does a capital after a small letter. `re-` stays with what follows.
pub(super) fn words(text: &str, camel: bool, each: &mut dyn FnMut(Word)) {
    let bytes = text.as_bytes();
    let (mut start, mut last) = (0, b' ');
    for at in 0..=bytes.len() {
        let byte = bytes.get(at).copied().unwrap_or(b' ');
        let turn = camel && byte.is_ascii_uppercase() && last.is_ascii_lowercase();
        let before = text.get(start..at).unwrap_or_default();
        let inside = byte.is_ascii_alphabetic() || (byte == b'-' && before.eq_ignore_ascii_case("re"));
        if turn || !inside {
            if !before.is_empty() {
                let spelt = spelling(before);
                each(Word { stem: hash(stem(&spelt)), exact: hash(&spelt), start, end: at });
            }
            start = if turn { at } else { at + 1 };
        }
        last = byte;
    }
}

/// A word in lower case. `z` becomes `s`, so that British and American spellings are the same.
pub(super) fn spelling(word: &str) -> String {
    word.chars().filter(char::is_ascii_alphabetic).collect::<String>().to_ascii_lowercase().replace('z', "s")
}

/// A word without plural, past or progressive endings and final `e` or `y`: the stem may not be a word.
pub(super) fn stem(word: &str) -> &str {
    let word = strip_ending(word, "s", 3).filter(|w| !w.ends_with(['s', 'u'])).unwrap_or(word);
    let base = strip_ending(word, "ing", 3).or_else(|| strip_ending(word, "ed", 3)).map(|base| {
        // `running` is `run`.
        let doubled = ["bb", "gg", "mm", "nn", "pp", "rr"].iter().any(|twice| base.ends_with(twice));
        if doubled { base.get(..base.len() - 1).unwrap_or(base) } else { base }
    });
    let word = base
        .filter(|base| base.contains(['a', 'e', 'i', 'o', 'u', 'y']) && !base.ends_with('e'))
        .unwrap_or(word);
    ["ie", "y", "i", "e"].iter().find_map(|ending| strip_ending(word, ending, 2)).unwrap_or(word)
}

fn strip_ending<'w>(word: &'w str, ending: &str, least: usize) -> Option<&'w str> {
    word.strip_suffix(ending).filter(|rest| rest.len() >= least)
}

/// The hash by which spellings are compared (FNV-1a).
pub(super) fn hash(spelt: &str) -> u32 {
    spelt.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// The key of a word in a tool's name.
pub(super) fn name(word: &str) -> u32 {
    hash(stem(word))
}

/// Whether a list of words has this one.
pub(super) fn is_in(list: &str, exact: u32) -> bool {
    list.split(' ').any(|word| hash(word) == exact)
}

/// Whether two words differ by one inserted, removed or replaced letter, or by two swapped neighbours.
pub(super) fn near(a: &str, b: &str) -> bool {
    a.len().abs_diff(b.len()) <= 1 && strsim::osa_distance(a, b) <= 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str, camel: bool) -> Vec<String> {
        let mut out = Vec::new();
        words(text, camel, &mut |w| out.push(text[w.start..w.end].to_owned()));
        out
    }

    #[test]
    fn takes_texts_apart() {
        assert_eq!(all("listConnections of user_id", true), ["list", "Connections", "of", "user", "id"]);
        assert_eq!(all("Re-authorize HubSpot!", false), ["Re-authorize", "HubSpot"]);
        assert_eq!(all("Ada\u{2019}s é 42", false), ["Ada", "s"]);
        assert_eq!(spelling("Re-authorize"), "reauthorise");
    }

    #[test]
    fn drops_endings() {
        for (a, b) in [
            ("connections", "connection"),
            ("running", "run"),
            ("mapped", "map"),
            ("delete", "deleted"),
            ("tries", "try"),
            ("variables", "variable"),
        ] {
            assert_eq!(stem(a), stem(b), "{a} {b}");
        }
        for (a, b) in [("setting", "set"), ("status", "stat"), ("need", "ne"), ("string", "str")] {
            assert_ne!(stem(a), stem(b), "{a} {b}");
        }
    }

    #[test]
    fn knows_one_letter() {
        for other in ["conection", "connetcion", "connections", "xonnection", "connectiom"] {
            assert!(near("connection", other), "{other}");
        }
        for other in ["conecton", "collection", "connect"] {
            assert!(!near("connection", other), "{other}");
        }
    }
}
