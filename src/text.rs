//! String helpers for messages: truncate, and make safe to show.

/// The first `most` characters, control characters replaced: safe to show.
pub(crate) fn clip(text: &str, most: usize) -> String {
    text.chars().take(most).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// The length of the first `most` characters in bytes.
pub(crate) fn end_of(text: &str, most: usize) -> usize {
    text.char_indices().nth(most).map_or(text.len(), |(at, _)| at)
}

/// The maximum length in bytes, up to `most`, at which a string can be cut.
pub(crate) fn floor(text: &str, most: usize) -> usize {
    let most = most.min(text.len());
    (0..=most).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default()
}

/// A readable path of property names and array indices: `tags.env`.
pub(crate) fn dotted(path: &[String]) -> String {
    path.join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_not_bytes() {
        assert_eq!((end_of("aé😀", 2), end_of("aé😀", 9)), (3, 7));
        assert_eq!(clip("aé😀", 2), "aé");
        assert_eq!(clip("a\u{0}b\u{85}", 9), "a\u{fffd}b\u{fffd}");
    }
}
