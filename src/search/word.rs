//! Words: how a text is taken apart, how a word loses its ending, which words are one letter apart.
//! What words mean is in [`super::meaning`].

/// Words at least this long may be mistyped by one letter.
pub(super) const LONG: usize = 6;

/// A word at its place in a text.
#[derive(Clone, Copy)]
pub(super) struct Word {
    /// The hash of its spelling without the ending.
    pub(super) stem: u32,
    /// The hash of its spelling.
    pub(super) exact: u32,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// The words of a text one after another. Anything but ASCII letters parts them; with `camel`, so
/// does a capital after a small letter. `re-` stays with what follows.
pub(super) fn words(text: &str, camel: bool, each: &mut dyn FnMut(Word)) {
    let bytes = text.as_bytes();
    let (mut start, mut last) = (0, b' ');
    for at in 0..=bytes.len() {
        let byte = bytes.get(at).copied().unwrap_or(b' ');
        let turn = camel && byte.is_ascii_uppercase() && last.is_ascii_lowercase();
        let before = bytes.get(start..at).unwrap_or_default();
        let inside = byte.is_ascii_alphabetic() || (byte == b'-' && before.eq_ignore_ascii_case(b"re"));
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

/// A word in small letters. `z` stands as `s`, so that British and American spellings are the same.
pub(super) fn spelling(word: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for byte in word {
        match byte | 32 {
            b'z' => out.push(b's'),
            letter if letter > b'-' => out.push(letter),
            _ => {}
        }
    }
    out
}

/// A word without plural, past, progressive and final `e` or `y`: what is left need not be a word.
pub(super) fn stem(word: &[u8]) -> &[u8] {
    let word = cut(word, b"s", 3).filter(|w| !matches!(w.last(), Some(b's' | b'u'))).unwrap_or(word);
    let base = cut(word, b"ing", 3).or_else(|| cut(word, b"ed", 3)).map(|base| match base {
        [most @ .., a, b] if a == b && b"bgmnpr".contains(b) => base.get(..=most.len()).unwrap_or(base),
        _ => base,
    });
    let word =
        base.filter(|b| b.iter().any(|c| b"aeiouy".contains(c)) && b.last() != Some(&b'e')).unwrap_or(word);
    [&b"ie"[..], b"y", b"i", b"e"].iter().find_map(|ending| cut(word, ending, 2)).unwrap_or(word)
}

fn cut<'w>(word: &'w [u8], ending: &[u8], least: usize) -> Option<&'w [u8]> {
    word.strip_suffix(ending).filter(|rest| rest.len() >= least)
}

/// The hash by which spellings are compared (FNV-1a).
pub(super) fn hash(spelt: &[u8]) -> u32 {
    spelt.iter().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

/// What stands for a word of a tool's name.
pub(super) fn name(word: &str) -> u32 {
    hash(stem(word.as_bytes()))
}

/// Whether a list of words has this one.
pub(super) fn is_in(list: &str, exact: u32) -> bool {
    list.as_bytes().split(|b| *b == b' ').any(|word| hash(word) == exact)
}

/// Whether one letter more, fewer or other, or two neighbours swapped, make one word of the other.
pub(super) fn near(a: &[u8], b: &[u8]) -> bool {
    let (a, b) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let same = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    match (a.get(same..).unwrap_or_default(), b.get(same..).unwrap_or_default()) {
        ([], []) => true,
        ([x, y, a @ ..], [v, w, b @ ..]) if x == w && y == v && a == b => true,
        (a, [_, b @ ..]) => a == b || a.get(1..) == Some(b),
        _ => false,
    }
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
        assert_eq!(spelling(b"Re-authorize"), b"reauthorise");
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
            assert_eq!(stem(a.as_bytes()), stem(b.as_bytes()), "{a} {b}");
        }
        for (a, b) in [("setting", "set"), ("status", "stat"), ("need", "ne"), ("string", "str")] {
            assert_ne!(stem(a.as_bytes()), stem(b.as_bytes()), "{a} {b}");
        }
    }

    #[test]
    fn knows_one_letter() {
        for other in ["conection", "connetcion", "connections", "xonnection", "connectiom"] {
            assert!(near(b"connection", other.as_bytes()), "{other}");
        }
        for other in ["conecton", "collection", "connect"] {
            assert!(!near(b"connection", other.as_bytes()), "{other}");
        }
    }
}
