//! Small things done to texts for messages. They stand here once because the standard library's
//! ways (`join`, `escape_debug`, stable sorts, float formatting) weigh several kilobytes each in the
//! WebAssembly module.

/// The first `most` characters, control characters replaced: safe to show.
pub(crate) fn clip(text: &str, most: usize) -> String {
    let visible =
        |c: char| if c.is_ascii_control() || ('\u{80}'..'\u{a0}').contains(&c) { '\u{fffd}' } else { c };
    let mut out = String::new();
    for c in text.chars().take(most) {
        out.push(visible(c));
    }
    out
}

/// The parts with `between` between them.
pub(crate) fn join<'s>(parts: impl Iterator<Item = &'s str>, between: &str) -> String {
    let mut out = String::new();
    for (i, part) in parts.enumerate() {
        if i > 0 {
            out.push_str(between);
        }
        out.push_str(part);
    }
    out
}

/// A path of property names and list positions as people write it: `tags.env`.
pub(crate) fn dotted(path: &[String]) -> String {
    join(path.iter().map(String::as_str), ".")
}
