//! Reads text as characters in any encoding: plain, percent-encoded, as JSON escapes or XML entities, so that `%3D`,
//! `\u003d` and `=` are the same. This module does not know about secrets.

/// What a sign is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Writing {
    /// As it is, quotation marks with backslashes before them too.
    Plain,
    /// As an escape of JSON: `\n`, `\u003d`.
    Json,
    /// As `%3D`.
    Percent,
    /// As `&quot;`.
    Xml,
}

/// One sign.
#[derive(Debug, Clone, Copy)]
pub(super) struct Unit {
    /// What it means; [`LETTER`] for any part of a character beyond ASCII.
    pub(super) sign: u8,
    /// What it is written in.
    pub(super) writing: Writing,
    /// How many backslashes stand before a quotation mark.
    pub(super) escapes: usize,
    /// Where it starts, in bytes.
    pub(super) start: usize,
    /// Where it ends.
    pub(super) end: usize,
}

/// A part of a character beyond ASCII.
const LETTER: u8 = 0x80;

const ENTITIES: &[(&[u8], u8)] = &[
    (b"&quot;", b'"'),
    (b"&#34;", b'"'),
    (b"&apos;", b'\''),
    (b"&#39;", b'\''),
    (b"&lt;", b'<'),
    (b"&gt;", b'>'),
    (b"&amp;", b'&'),
];

impl Unit {
    /// The sign at `start`; none at the end.
    pub(super) fn at(text: &[u8], start: usize) -> Option<Unit> {
        let sign = *text.get(start)?;
        let plain = Unit { sign, writing: Writing::Plain, escapes: 0, start, end: start + 1 };
        Some(match sign {
            b'\\' => Unit::escaped(text, plain),
            b'%' => match hex(text, start + 1) {
                Some(sign) if sign.is_ascii() => {
                    Unit { sign, writing: Writing::Percent, end: start + 3, ..plain }
                }
                Some(_) => Unit { sign: LETTER, writing: Writing::Percent, end: start + 3, ..plain },
                None => plain,
            },
            b'&' => {
                let rest = text.get(start..).unwrap_or_default();
                match ENTITIES.iter().find(|(entity, _)| rest.starts_with(entity)) {
                    Some((entity, sign)) => {
                        Unit { sign: *sign, writing: Writing::Xml, end: start + entity.len(), ..plain }
                    }
                    None => plain,
                }
            }
            _ if !sign.is_ascii() => Unit { sign: LETTER, ..plain },
            _ => plain,
        })
    }

    /// What follows backslashes.
    fn escaped(text: &[u8], first: Unit) -> Unit {
        let rest = text.get(first.start..).unwrap_or_default();
        let escapes = rest.iter().position(|b| *b != b'\\').unwrap_or(rest.len());
        let end = first.start + escapes;
        let json = |sign, length| Unit { sign, writing: Writing::Json, end: end + length, ..first };
        match text.get(end) {
            Some(sign) if is_quote(*sign) => Unit { sign: *sign, escapes, end: end + 1, ..first },
            Some(b'n') => json(b'\n', 1),
            Some(b'r') => json(b'\r', 1),
            Some(b't') => json(b'\t', 1),
            Some(b'/') => json(b'/', 1),
            Some(b'u') if text.get(end + 1..end + 3) == Some(b"00") => match hex(text, end + 3) {
                Some(sign) if sign.is_ascii() => json(sign, 5),
                _ => json(LETTER, 5),
            },
            _ => Unit { end, ..first },
        }
    }

    /// Whether it can be part of a name.
    pub(super) fn is_name(&self) -> bool {
        self.sign.is_ascii_alphanumeric() || matches!(self.sign, b'_' | b'-' | b'.' | b'$' | LETTER)
    }

    /// Whether it is a quotation mark.
    pub(super) fn is_quote(&self) -> bool {
        is_quote(self.sign)
    }

    /// Whether it is white space, written as it is or as `\n`.
    pub(super) fn is_space(&self) -> bool {
        self.sign.is_ascii_whitespace() && matches!(self.writing, Writing::Plain | Writing::Json)
    }

    /// Whether it ends what `opening`, a quotation mark, has opened: the same mark at the same depth of strings within
    /// strings, or one of the text around.
    pub(super) fn closes(&self, opening: &Unit) -> bool {
        match opening.writing {
            Writing::Plain => {
                let depth = opening.escapes;
                self.is_quote()
                    && self.writing == Writing::Plain
                    && (self.escapes < depth && (self.sign == b'"' || self.sign == opening.sign)
                        || self.sign == opening.sign && self.escapes % (2 * (depth + 1)) == depth)
            }
            Writing::Percent => {
                self.sign == opening.sign && self.writing == Writing::Percent
                    || self.writing == Writing::Plain
                        && (matches!(self.sign, b'"' | b'&') || self.sign.is_ascii_whitespace())
            }
            writing => {
                self.sign == opening.sign && self.writing == writing
                    || self.writing == Writing::Plain && self.sign == b'"' && self.escapes == 0
            }
        }
    }
}

fn is_quote(sign: u8) -> bool {
    matches!(sign, b'"' | b'\'' | b'`')
}

/// The byte that two hexadecimal digits say.
fn hex(text: &[u8], at: usize) -> Option<u8> {
    let digit = |at: usize| char::from(*text.get(at)?).to_digit(16);
    u8::try_from(digit(at)? * 16 + digit(at + 1)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signs(text: &str) -> String {
        let mut out = String::new();
        let mut at = 0;
        while let Some(unit) = Unit::at(text.as_bytes(), at) {
            out.push(char::from(unit.sign));
            at = unit.end;
        }
        out
    }

    #[test]
    fn signs_are_the_same_in_every_writing() {
        for text in [r#"a="b""#, "a%3D%22b%22", "a=&quot;b&quot;", r#"a\u003d\u0022b\u0022"#, r#"a=\"b\""#] {
            assert_eq!(signs(text), r#"a="b""#, "{text}");
        }
        assert_eq!(signs(r"a\nb\\c%zz&x;%"), "a\nb\\c%zz&x;%");
    }

    #[test]
    fn strings_in_strings_end_at_their_own_depth() {
        for (text, closes) in [(r#"""#, true), (r#"\""#, false), (r#"\\""#, true), (r#"\\\""#, false)] {
            let opening = Unit::at(b"\"", 0).unwrap();
            assert_eq!(Unit::at(text.as_bytes(), 0).unwrap().closes(&opening), closes, "{text}");
        }
        for (text, closes) in [(r#"""#, true), (r#"\""#, true), (r#"\\\""#, false), (r#"\\\\\""#, true)] {
            let opening = Unit::at(br#"\""#, 0).unwrap();
            assert_eq!(Unit::at(text.as_bytes(), 0).unwrap().closes(&opening), closes, "{text}");
        }
    }
}
