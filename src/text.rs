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

/// `form` with the parts in place of each `{}`. For messages, instead of `format!`: formatters cannot fail
/// to be linked.
pub(crate) fn fill(form: &str, parts: &[&str]) -> String {
    let mut out = String::new();
    let mut parts = parts.iter();
    let mut rest = form;
    while let Some(at) = rest.as_bytes().windows(2).position(|two| two == b"{}") {
        out.push_str(rest.get(..at).unwrap_or_default());
        out.push_str(parts.next().copied().unwrap_or_default());
        rest = rest.get(at + 2..).unwrap_or_default();
    }
    debug_assert!(parts.next().is_none(), "more parts than places in `{form}`");
    out.push_str(rest);
    out
}

/// A whole number in decimal digits.
pub(crate) fn decimal(n: i64) -> String {
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
