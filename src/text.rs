//! Small things done to texts for messages. They stand here once because the standard library's
//! ways (`join`, `escape_debug`, stable sorts, float formatting) weigh several kilobytes each in the
//! WebAssembly module.

/// The first `most` characters, control characters replaced: safe to show.
pub(crate) fn clip(text: &str, most: usize) -> String {
    let mut out = String::new();
    for c in text.get(..end_of(text, most)).unwrap_or_default().chars() {
        let control = c.is_ascii_control() || ('\u{80}'..'\u{a0}').contains(&c);
        out.push(if control { '\u{fffd}' } else { c });
    }
    out
}

/// How many characters there are.
pub(crate) fn length(text: &str) -> usize {
    text.bytes().filter(begins).count()
}

/// Where the first `most` characters end, in bytes.
pub(crate) fn end_of(text: &str, most: usize) -> usize {
    let mut left = most;
    let behind = |b: u8| {
        let full = left == 0;
        left -= usize::from(begins(&b) && !full);
        begins(&b) && full
    };
    text.bytes().position(behind).unwrap_or(text.len())
}

/// Whether a byte is the first of a character.
fn begins(byte: &u8) -> bool {
    byte & 0xc0 != 0x80
}

/// `form` with the parts in place of each `{}`. For messages, instead of `format!`: formatters cannot fail
/// to be linked.
pub(crate) fn fill(form: &str, parts: &[&str]) -> String {
    let mut out = String::new();
    let mut parts = parts.iter();
    let mut rest = form;
    while let Some((before, behind)) = cut(rest, "{}") {
        out.push_str(before);
        out.push_str(parts.next().copied().unwrap_or_default());
        rest = behind;
    }
    out.push_str(rest);
    out
}

/// A whole number in decimal digits.
pub(crate) fn decimal(n: i64) -> String {
    let digits = Digits::of(n.unsigned_abs(), 10, 1);
    if n < 0 { ["-", digits.as_str()].concat() } else { digits.as_str().to_owned() }
}

/// A number in digits.
pub(crate) struct Digits {
    digits: [u8; 20],
    start: usize,
}

impl Digits {
    /// In a base up to 16, at least so many.
    pub(crate) fn of(mut n: u64, base: u64, least: usize) -> Digits {
        let mut digits = [b'0'; 20];
        let mut start = digits.len();
        let most = start - least;
        for place in digits.iter_mut().rev() {
            let digit = (n % base) as u8;
            *place = if digit < 10 { b'0' + digit } else { b'a' - 10 + digit };
            n /= base;
            start -= 1;
            if n == 0 && start <= most {
                break;
            }
        }
        Digits { digits, start }
    }

    pub(crate) fn as_str(&self) -> &str {
        self.digits.get(self.start..).and_then(|digits| str::from_utf8(digits).ok()).unwrap_or_default()
    }
}

/// The number that decimal digits (or those of another base), and nothing else, write.
pub(crate) fn natural(digits: &str, base: u32) -> Option<u64> {
    let mut n: u64 = 0;
    for digit in digits.bytes() {
        let digit = (digit as char).to_digit(base)?;
        n = n.checked_mul(base.into())?.checked_add(digit.into())?;
    }
    (!digits.is_empty()).then_some(n)
}

/// The whole number that decimal digits, perhaps behind a sign, write.
pub(crate) fn integer(text: &str) -> Option<i64> {
    if let Some(digits) = text.strip_prefix('-') {
        return 0i64.checked_sub_unsigned(natural(digits, 10)?);
    }
    i64::try_from(natural(text.strip_prefix('+').unwrap_or(text), 10)?).ok()
}

/// Where `part` first stands in `text`.
pub(crate) fn find(text: &str, part: &str) -> Option<usize> {
    let part = part.as_bytes();
    let first = part.first();
    let mut rest = text.as_bytes();
    loop {
        if rest.first() == first && rest.starts_with(part) {
            return Some(text.len() - rest.len());
        }
        rest = rest.get(1..)?;
    }
}

/// Whether `part` stands in `text`.
pub(crate) fn has(text: &str, part: &str) -> bool {
    find(text, part).is_some()
}

/// Whether `word` is one of `words`, which are written with spaces between them.
pub(crate) fn is_one(words: &str, word: &str) -> bool {
    !word.is_empty() && words.as_bytes().split(|b| *b == b' ').any(|w| w == word.as_bytes())
}

/// `text` with `with` wherever `part` stands.
pub(crate) fn replace(text: &str, part: &str, with: &str) -> String {
    join(&pieces(text, part), with)
}

/// `text` without the bytes of `set` at its start. They are ASCII.
pub(crate) fn trim_start<'t>(text: &'t str, set: &[u8]) -> &'t str {
    let start = text.bytes().position(|b| !set.contains(&b)).unwrap_or(text.len());
    text.get(start..).unwrap_or_default()
}

/// `text` without the bytes of `set` at its end. They are ASCII.
pub(crate) fn trim_end<'t>(text: &'t str, set: &[u8]) -> &'t str {
    let end = text.bytes().rposition(|b| !set.contains(&b)).map_or(0, |last| last + 1);
    text.get(..end).unwrap_or_default()
}

/// What stands before and behind the first `mark`.
pub(crate) fn cut<'t>(text: &'t str, mark: &str) -> Option<(&'t str, &'t str)> {
    let at = find(text, mark)?;
    Some((text.get(..at)?, text.get(at + mark.len()..)?))
}

/// The pieces of a text between marks.
pub(crate) fn pieces<'t>(mut text: &'t str, mark: &str) -> Vec<&'t str> {
    let mut out = Vec::new();
    while let Some((piece, rest)) = cut(text, mark) {
        out.push(piece);
        text = rest;
    }
    out.push(text);
    out
}

/// The parts with `between` between them.
pub(crate) fn join<T: AsRef<str>>(parts: &[T], between: &str) -> String {
    // Room for all of it at once, and each copied to its place: to push a text is a call or two more.
    let room: usize = parts.iter().map(|part| part.as_ref().len() + between.len()).sum();
    let mut out = vec![0; room.saturating_sub(between.len())];
    let mut at = 0;
    let mut put = |text: &str| {
        if let Some(place) = out.get_mut(at..at + text.len()) {
            place.copy_from_slice(text.as_bytes());
        }
        at += text.len();
    };
    for part in parts {
        put(part.as_ref());
        // The last finds no place.
        put(between);
    }
    String::from_utf8(out).unwrap_or_default()
}

/// A path of property names and list positions as people write it: `tags.env`.
pub(crate) fn dotted(path: &[String]) -> String {
    join(path, ".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fills_places_in_order() {
        assert_eq!(fill("{} of {}, no {", &["one", "{}"]), "one of {}, no {");
        assert_eq!(fill("", &[]), "");
        assert_eq!(replace("a.b..c", ".", ", "), "a, b, , c");
    }

    #[test]
    fn numbers_both_ways() {
        for n in [0, 9, 10, 1_234_567_890, i64::MAX, i64::MIN, -1] {
            assert_eq!(decimal(n), n.to_string());
            assert_eq!(natural(&decimal(n), 10), u64::try_from(n).ok());
            assert_eq!(integer(&decimal(n)), Some(n));
        }
        assert_eq!(natural("18446744073709551615", 10), Some(u64::MAX));
        for (text, base) in
            [("18446744073709551616", 10), ("", 10), ("+1", 10), ("1 ", 10), ("8", 8), ("g", 16)]
        {
            assert_eq!(natural(text, base), None, "{text}");
        }
        assert_eq!(natural("fF", 16), Some(255));
        for text in ["+5", "-0", "--1", "+-1", "9223372036854775808", "-9223372036854775809", ""] {
            assert_eq!(integer(text), text.parse().ok(), "{text}");
        }
    }

    #[test]
    fn characters_are_not_bytes() {
        for text in ["", "a", "aé😀z", "é", "😀😀"] {
            assert_eq!(length(text), text.chars().count());
            for most in 0..6 {
                let head: String = text.chars().take(most).collect();
                assert_eq!(text.get(..end_of(text, most)), Some(head.as_str()));
            }
            assert_eq!(trim_start(text, b"a"), text.trim_start_matches('a'));
            assert_eq!(trim_end(text, b"az"), text.trim_end_matches(['a', 'z']));
        }
        assert!(is_one("a bc", "a") && is_one("a bc", "bc") && !is_one("a bc", "b") && !is_one("", ""));
        assert_eq!(clip("a\n\u{85}é😀", 4), "a\u{fffd}\u{fffd}é");
    }

    #[test]
    fn finds_as_the_standard_library_does() {
        for text in ["", "a", "aab", "ab-ab", "é{}é", "--", "a--b--"] {
            for part in ["a", "ab", "--", "{}", "é", "b"] {
                assert_eq!(find(text, part), text.find(part), "{text} {part}");
                assert_eq!(cut(text, part), text.split_once(part), "{text} {part}");
                assert_eq!(has(text, part), text.contains(part), "{text} {part}");
                assert_eq!(pieces(text, part), text.split(part).collect::<Vec<_>>(), "{text} {part}");
            }
        }
    }
}
