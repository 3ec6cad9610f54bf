//! Words: how a text is taken apart, how a word loses its ending, which words are one letter apart.
//! What words mean is in [`super::meaning`].

/// Longer words are cut: no English word needs more.
const LONGEST: usize = 24;
/// Words at least this long may be mistyped by one letter.
pub(super) const LONG: usize = 6;

/// A word in lower case, without allocation. `z` stands as `s`, so that British and American
/// spellings are the same word.
#[derive(Clone, Copy)]
pub(super) struct Word {
    bytes: [u8; LONGEST],
    len: usize,
    /// Where it stood in the text.
    pub(super) start: usize,
    pub(super) end: usize,
    /// Followed by `'s`.
    pub(super) owner: bool,
    /// In capitals and followed by `_`.
    pub(super) constant: bool,
}

impl Word {
    pub(super) fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }

    /// The word without its ending.
    pub(super) fn stem(&self) -> &[u8] {
        stem(self.bytes())
    }

    /// The same word at another place.
    pub(super) fn moved(self, start: usize, end: usize, owner: bool) -> Word {
        Word { start, end, owner, ..self }
    }

    fn new(start: usize) -> Word {
        Word { bytes: [0; LONGEST], len: 0, start, end: start, owner: false, constant: false }
    }

    fn push(&mut self, byte: u8, at: usize) {
        if let Some(slot) = self.bytes.get_mut(self.len) {
            *slot = match byte.to_ascii_lowercase() {
                b'z' => b's',
                other => other,
            };
            self.len += 1;
        }
        self.end = at + 1;
    }
}

/// The words of a text one after another. Anything but ASCII letters and digits parts them; with
/// `camel`, so does a capital after a small letter. `re-` stays with what follows.
pub(super) fn words(text: &str, camel: bool, each: &mut dyn FnMut(Word)) {
    let mut word = Word::new(0);
    let mut last = b' ';
    let bytes = text.as_bytes();
    for (at, &byte) in bytes.iter().enumerate() {
        let turn = camel && byte.is_ascii_uppercase() && last.is_ascii_lowercase();
        if byte.is_ascii_alphanumeric() && !turn {
            if word.len == 0 {
                word.start = at;
            }
            word.push(byte, at);
        } else if byte == b'-' && word.bytes() == b"re" {
            // re-authorise, re-import
        } else {
            let rest = bytes.get(at..).unwrap_or_default();
            word.owner = rest.starts_with(b"'s") || rest.starts_with("\u{2019}s".as_bytes());
            let shape = bytes.get(word.start..word.end).unwrap_or_default();
            word.constant = byte == b'_' && shape.iter().all(u8::is_ascii_uppercase);
            if word.len > 0 {
                each(word);
            }
            word = Word::new(at);
            if turn {
                word.push(byte, at);
            }
        }
        last = byte;
    }
    if word.len > 0 {
        each(word);
    }
}

/// A word without plural, past, progressive and final `e` or `y`: what is left need not be a word.
pub(super) fn stem(word: &[u8]) -> &[u8] {
    let word = cut(word, b"s", 3).filter(|w| !w.ends_with(b"s") && !w.ends_with(b"u")).unwrap_or(word);
    let base = [&b"ing"[..], b"ed"].iter().find_map(|ending| cut(word, ending, 3)).map(|base| match base {
        [.., a, b] if a == b && b"bgmnpr".contains(b) => base.get(..base.len() - 1).unwrap_or(base),
        _ => base,
    });
    let word = base.filter(|b| b.iter().any(|c| b"aeiouy".contains(c)) && !b.ends_with(b"e")).unwrap_or(word);
    [&b"ie"[..], b"y", b"i", b"e"].iter().find_map(|ending| cut(word, ending, 2)).unwrap_or(word)
}

fn cut<'w>(word: &'w [u8], ending: &[u8], least: usize) -> Option<&'w [u8]> {
    word.strip_suffix(ending).filter(|rest| rest.len() >= least)
}

/// The hash by which stems are compared (FNV-1a).
pub(super) fn hash(stem: &[u8]) -> u32 {
    stem.iter().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

/// What stands for a word of a tool's name.
pub(super) fn name(word: &str) -> u32 {
    hash(stem(word.as_bytes()))
}

/// Whether a list of words has this one.
pub(super) fn is_in(list: &str, word: &Word) -> bool {
    list.as_bytes().split(|b| *b == b' ').any(|w| w == word.bytes())
}

/// Whether one letter more, fewer or other, or two neighbours swapped, make one word of the other.
pub(super) fn near(a: &[u8], b: &[u8]) -> bool {
    let (a, b) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let same = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (Some(a), Some(b)) = (a.get(same..), b.get(same..)) else { return false };
    match (a, b) {
        ([], []) => true,
        ([x, y, a @ ..], [v, w, b @ ..]) if x == w && y == v && a == b => true,
        ([_, a @ ..], [_, b @ ..]) if a == b => true,
        (a, [_, b @ ..]) => a == b,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str, camel: bool) -> Vec<String> {
        let mut out = Vec::new();
        words(text, camel, &mut |w| out.push(String::from_utf8_lossy(w.bytes()).into_owned()));
        out
    }

    #[test]
    fn takes_texts_apart() {
        assert_eq!(all("listConnections of user_id", true), ["list", "connections", "of", "user", "id"]);
        assert_eq!(all("Re-authorize HubSpot!", false), ["reauthorise", "hubspot"]);
        assert_eq!(all("Ada\u{2019}s é 42", false), ["ada", "s", "42"]);
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
