//! What messages need of strings beside the standard library: cut to a length, safe to show.

/// The first `most` characters, control characters replaced: safe to show.
pub(crate) fn clip(text: &str, most: usize) -> String {
    text.chars().take(most).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// Where the first `most` characters end, in bytes.
pub(crate) fn end_of(text: &str, most: usize) -> usize {
    text.char_indices().nth(most).map_or(text.len(), |(at, _)| at)
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

/// A path of property names and list positions as people write it: `tags.env`.
pub(crate) fn dotted(path: &[String]) -> String {
    path.join(".")
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
    fn characters_are_not_bytes() {
        assert_eq!((end_of("aé😀", 2), end_of("aé😀", 9)), (3, 7));
        assert_eq!(clip("aé😀", 2), "aé");
        assert_eq!(clip("a\u{0}b\u{85}", 9), "a\u{fffd}b\u{fffd}");
    }
}
