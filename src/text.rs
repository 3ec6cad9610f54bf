//! What messages need of strings beside the standard library: cut to a length, counted, safe to show.

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

/// `form` with the parts in place of each `{}`, for messages whose form is chosen at run time.
pub(crate) fn fill(form: &str, parts: &[&str]) -> String {
    let mut out = String::new();
    let mut parts = parts.iter();
    let mut rest = form;
    while let Some((before, after)) = rest.split_once("{}") {
        out.push_str(before);
        out.push_str(parts.next().copied().unwrap_or_default());
        rest = after;
    }
    out.push_str(rest);
    out
}

/// The number that these digits are: digits alone, no sign.
pub(crate) fn natural(digits: &str, base: u32) -> Option<u64> {
    digits.chars().all(|c| c.is_digit(base)).then(|| u64::from_str_radix(digits, base).ok())?
}

/// The whole number that decimal digits, perhaps after a sign, write.
pub(crate) fn integer(text: &str) -> Option<i64> {
    text.parse().ok()
}

pub(crate) fn find(text: &str, part: &str) -> Option<usize> {
    text.find(part)
}

pub(crate) fn has(text: &str, part: &str) -> bool {
    text.contains(part)
}

/// Whether a word is one of several, with spaces between them.
pub(crate) fn is_one(words: &str, word: &str) -> bool {
    words.split(' ').any(|one| one == word)
}

pub(crate) fn trim_start<'t>(text: &'t str, set: &[u8]) -> &'t str {
    text.trim_start_matches(|c: char| c.is_ascii() && set.contains(&(c as u8)))
}

pub(crate) fn trim_end<'t>(text: &'t str, set: &[u8]) -> &'t str {
    text.trim_end_matches(|c: char| c.is_ascii() && set.contains(&(c as u8)))
}

pub(crate) fn pieces<'t>(text: &'t str, mark: &str) -> Vec<&'t str> {
    text.split(mark).collect()
}

pub(crate) fn join<T: AsRef<str>>(parts: &[T], between: &str) -> String {
    parts.iter().map(AsRef::as_ref).collect::<Vec<&str>>().join(between)
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
        assert_eq!(fill("{} of {}", &["1", "2"]), "1 of 2");
        assert_eq!(fill("{}", &[]), "");
        assert_eq!(fill("none", &["1"]), "none");
    }

    #[test]
    fn numbers_are_digits_alone() {
        assert_eq!((natural("0", 10), natural("ff", 16), natural("10", 8)), (Some(0), Some(255), Some(8)));
        assert_eq!(
            (natural("", 10), natural("+1", 10), natural("-1", 10), natural("9", 8)),
            (None, None, None, None)
        );
        assert_eq!(natural("99999999999999999999", 10), None);
        assert_eq!(
            (integer("-12"), integer("12"), integer("+12"), integer("")),
            (Some(-12), Some(12), Some(12), None)
        );
    }

    #[test]
    fn characters_are_not_bytes() {
        assert_eq!((length("aé😀"), end_of("aé😀", 2), end_of("aé😀", 9)), (3, 3, 7));
        assert_eq!(clip("aé😀", 2), "aé");
        assert_eq!(clip("a\u{0}b\u{85}", 9), "a\u{fffd}b\u{fffd}");
    }
}
