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

/// The parts in a row. For messages, in place of `format!`, which calls a formatter for each part.
pub(crate) fn cat(parts: &[&str]) -> String {
    let mut out = String::new();
    for part in parts {
        out.push_str(part);
    }
    out
}

/// A whole number in decimal digits.
pub(crate) fn number(n: i64) -> String {
    let mut digits = [0u8; 20];
    let mut at = digits.len();
    let mut rest = n.unsigned_abs();
    loop {
        at -= 1;
        if let Some(digit) = digits.get_mut(at) {
            *digit = b'0' + (rest % 10) as u8;
        }
        rest /= 10;
        if rest == 0 || at == 0 {
            break;
        }
    }
    let mut out = String::new();
    if n < 0 {
        out.push('-');
    }
    for digit in digits.iter().skip(at) {
        out.push(*digit as char);
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
