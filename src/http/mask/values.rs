//! Where the value of a secret ends, in each form that one can have. What is a secret is decided in `mask.rs`.

use std::ops::Range;

use base64ct::{Base64Unpadded, Encoding};

use super::units::{Unit, Writing};
use crate::http::names::{self, PUBLIC};

/// How far a name is read after a comma, in bytes.
const LONGEST: usize = 64;

/// Words that begin what a sentence says of a secret, in place of the secret.
const PROSE: &[&str] = &[
    "a",
    "an",
    "are",
    "authentication",
    "authorization",
    "bad",
    "can",
    "cannot",
    "could",
    "denied",
    "does",
    "empty",
    "expected",
    "expired",
    "failed",
    "got",
    "has",
    "have",
    "in",
    "invalid",
    "is",
    "it",
    "malformed",
    "may",
    "missing",
    "must",
    "no",
    "not",
    "number",
    "of",
    "only",
    "please",
    "required",
    "rejected",
    "see",
    "should",
    "string",
    "that",
    "the",
    "this",
    "to",
    "token",
    "tokens",
    "too",
    "unexpected",
    "unknown",
    "unsupported",
    "use",
    "was",
    "wrong",
    "you",
    "your",
];

/// Schemes of the `Authorization` header after which the secret stands.
const SCHEMES: &[&str] =
    &["bearer", "basic", "token", "digest", "apikey", "api-key", "oauth", "negotiate", "key", "bot", "hmac"];

/// Whether a word is one that sentences say of secrets.
pub(super) fn is_prose(word: &str) -> bool {
    let word = word.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
    PROSE.iter().any(|known| known.eq_ignore_ascii_case(word))
}

/// The values in text.
pub(super) struct Values<'t>(&'t str);

impl<'t> Values<'t> {
    pub(super) fn new(text: &'t str) -> Values<'t> {
        Values(text)
    }

    fn unit(&self, at: usize) -> Option<Unit> {
        Unit::at(self.0.as_bytes(), at)
    }

    fn text(&self, part: Range<usize>) -> &'t str {
        self.0.get(part).unwrap_or_default()
    }

    /// After spaces, and one end of a line.
    pub(super) fn after_spaces(&self, mut at: usize) -> usize {
        while let Some(unit) = self.unit(at).filter(|unit| matches!(unit.sign, b' ' | b'\t')) {
            at = unit.end;
        }
        at
    }

    /// After a separator: `=>`, `:=` and `==` are separators, too.
    pub(super) fn after_separator(&self, sep: Unit) -> usize {
        match self.unit(sep.end) {
            Some(next) if next.sign == b'=' || next.sign == b'>' && sep.sign == b'=' => next.end,
            _ => sep.end,
        }
    }

    /// What is between `opening` and the mark that closes it, or the end.
    pub(super) fn quoted(&self, opening: &Unit) -> Range<usize> {
        let mut at = opening.end;
        while let Some(unit) = self.unit(at) {
            if unit.closes(opening) {
                return opening.end..unit.start;
            }
            // A lone apostrophe opens nothing.
            if unit.sign == b'\n' && matches!(opening.sign, b'\'' | b'`') && opening.writing == Writing::Plain
            {
                return opening.end..unit.start;
            }
            at = unit.end;
            // A backslash that is encoded escapes the mark after it.
            if unit.sign == b'\\' && unit.writing != Writing::Plain {
                at = self.unit(at).map_or(at, |escaped| escaped.end);
            }
        }
        opening.end..self.0.len()
    }

    /// Whether quoted text is a sentence: several words, the first of which begins one.
    pub(super) fn is_sentence(&self, part: &Range<usize>) -> bool {
        let mut words = self.text(part.clone()).split(' ');
        words.next().is_some_and(is_prose) && words.nth(2).is_some()
    }

    /// The beginning of a value, for names: what a label says.
    pub(super) fn short(&self, start: usize, opening: Option<&Unit>) -> &'t str {
        let start = opening.map_or(start, |opening| opening.end);
        let mut at = start;
        while let Some(unit) = self.unit(at).filter(|unit| unit.start < start + LONGEST) {
            let ends = match opening {
                Some(opening) => unit.closes(opening),
                None => !unit.is_name(),
            };
            if ends {
                break;
            }
            at = unit.end;
        }
        self.text(start..at)
    }

    /// The token after `Bearer` or `Basic`, which end at `end`, unless the next word is one of a sentence.
    pub(super) fn token(&self, scheme: &str, end: usize) -> Option<Range<usize>> {
        let start = self.after_spaces(end);
        let token = self.plain(start, Writing::Plain);
        let said = self.text(token.clone());
        if start == end || said.len() < 8 || is_prose(said) {
            return None;
        }
        let is_token = scheme.eq_ignore_ascii_case("bearer") || is_name_and_password(said);
        is_token.then_some(token)
    }

    /// A value without quotation marks. Under the name of a header it may have several parts.
    pub(super) fn bare(&self, start: usize, name: &str) -> Range<usize> {
        let writing = self.unit(start.saturating_sub(1)).map_or(Writing::Plain, |unit| unit.writing);
        let mut value = self.plain(start, writing);
        let plain = names::plain(name);
        let first = self.text(value.clone());
        let is_scheme = SCHEMES.iter().any(|scheme| scheme.eq_ignore_ascii_case(first));
        let looks_like_one = plain.contains("authorization")
            && first.len() <= 20
            && first.bytes().all(|b| b.is_ascii_alphabetic() || b == b'-');
        if is_scheme || looks_like_one && !is_prose(first) {
            let next = self.after_spaces(value.end);
            if next > value.end {
                let token = self.parameters(next, plain.contains("authorization"));
                if !token.is_empty() {
                    value = if is_scheme { token } else { value.start..token.end };
                }
            }
        } else if plain.contains("cookie") {
            value.end = self.pairs(value.end, b";");
        }
        value
    }

    /// What follows a scheme: a token, or parameters separated by commas.
    fn parameters(&self, start: usize, may_be_many: bool) -> Range<usize> {
        let mut token = self.plain(start, Writing::Plain);
        if may_be_many && self.text(token.clone()).contains('=') {
            token.end = self.pairs(token.end, b",");
        }
        token
    }

    /// The end of further pairs, `name=value`, after these separators.
    fn pairs(&self, mut end: usize, separators: &[u8]) -> usize {
        loop {
            // A parameter in quotation marks.
            if let Some(opening) =
                self.unit(end).filter(|unit| unit.sign == b'"' && self.is_after_equals(unit.start))
            {
                end = self.unit(self.quoted(&opening).end).map_or(self.0.len(), |closing| closing.end);
            }
            let Some(separator) = self.unit(end).filter(|unit| separators.contains(&unit.sign)) else {
                return end;
            };
            let next = self.plain(self.after_spaces(separator.end), Writing::Plain);
            if next.is_empty() {
                return end;
            }
            end = next.end;
        }
    }

    fn is_after_equals(&self, at: usize) -> bool {
        self.text(0..at).ends_with('=')
    }

    /// One word, as far as no sign ends it. What is encoded belongs to it, unless it stands in what is encoded itself.
    fn plain(&self, start: usize, writing: Writing) -> Range<usize> {
        let rest = self.text(start..self.0.len());
        if rest.starts_with("[redacted") {
            return start..start + rest.find(']').map_or(rest.len(), |end| end + 1);
        }
        let mut at = start;
        while let Some(unit) = self.unit(at) {
            if unit.is_quote() && unit.writing != Writing::Percent {
                match self.literal(start, &unit) {
                    Some(value) => return value,
                    None => break,
                }
            }
            let counts = unit.writing != Writing::Percent || writing == Writing::Percent;
            if counts && self.ends_word(&unit) {
                break;
            }
            at = unit.end;
        }
        // The end of a sentence.
        let said = self.text(start..at).trim_end_matches(['.', ',', ';', ':', '!', '?']);
        start..start + said.len()
    }

    /// The string of a literal of a programming language, `Some("…")` or `b'…'`, whose mark `opening` is.
    fn literal(&self, start: usize, opening: &Unit) -> Option<Range<usize>> {
        let before = self.text(start..opening.start);
        let is_prefix = before.ends_with('(') || matches!(before, "b" | "u" | "r" | "f" | "L");
        is_prefix.then(|| self.quoted(opening))
    }

    fn ends_word(&self, unit: &Unit) -> bool {
        let next = || self.unit(unit.end);
        match unit.sign {
            _ if unit.sign.is_ascii_whitespace() => true,
            b'"' | b'\'' | b'`' | b'<' | b'>' | b'&' => true,
            b')' | b']' | b'}' => next().is_none_or(|next| !next.is_name()),
            b',' | b';' => {
                next().is_none_or(|next| {
                    next.is_quote() || next.sign.is_ascii_whitespace() || b",;)]}&".contains(&next.sign)
                }) || self.is_pair(unit.end)
            }
            _ => false,
        }
    }

    /// Whether a name and a separator stand there.
    fn is_pair(&self, start: usize) -> bool {
        let mut at = start;
        while let Some(unit) = self.unit(at).filter(|unit| unit.start < start + LONGEST) {
            if !unit.is_name() {
                return at > start && matches!(unit.sign, b'=' | b':');
            }
            at = unit.end;
        }
        false
    }

    /// The end of a part of a form whose parts are separated by lines that begin with `--`.
    pub(super) fn end_of_part(&self, start: usize) -> usize {
        let mut at = start;
        let mut end = None;
        while let Some(unit) = self.unit(at) {
            if unit.is_space() && matches!(unit.sign, b'\r' | b'\n') {
                end = end.or(Some(unit.start));
            } else if end.is_some() && self.text(unit.start..self.0.len()).starts_with("--") {
                break;
            } else {
                end = None;
            }
            at = unit.end;
        }
        end.unwrap_or(self.0.len())
    }

    /// The text of an element; none if what looked like its tag is a word in a sentence.
    pub(super) fn element(&self, start: usize, writing: Writing) -> Option<Range<usize>> {
        const CDATA: &str = "<![CDATA[";
        let rest = self.text(start..self.0.len());
        if let Some(data) = rest.trim_start().strip_prefix(CDATA) {
            let start = self.0.len() - data.len();
            return Some(start..start + data.find("]]>").unwrap_or(data.len()));
        }
        let mut at = start;
        while let Some(unit) = self.unit(at) {
            if unit.sign == b'<' && (unit.writing == writing || unit.writing == Writing::Plain) {
                let is_end = self.unit(unit.end).is_some_and(|next| next.sign == b'/');
                return is_end.then_some(start..unit.start);
            }
            at = unit.end;
        }
        let is_word = !self.text(start..at).trim().contains(|c: char| c.is_ascii_whitespace());
        (is_word && at > start).then_some(start..at)
    }

    /// The secrets of an array or object that is secret as a whole, and where it ends; none in a sentence.
    pub(super) fn container(&self, start: usize) -> (Vec<Range<usize>>, usize) {
        let mut parts = Vec::new();
        let (mut at, mut depth, mut is_public) = (start, 0_usize, false);
        while let Some(unit) = self.unit(at) {
            at = unit.end;
            match unit.sign {
                b'[' | b'{' => depth += 1,
                b']' | b'}' if depth <= 1 => return (parts, at),
                b']' | b'}' => depth -= 1,
                _ if unit.is_quote() || unit.is_name() => {
                    let part = if unit.is_quote() { self.quoted(&unit) } else { self.word(unit.start) };
                    at = part.end.max(at);
                    if unit.is_quote() {
                        at = self.unit(at).map_or(at, |closing| closing.end);
                    }
                    let said = self.text(part.clone());
                    if parts.is_empty() && depth == 1 && unit.is_name() && is_prose(said) {
                        return (parts, start + 1);
                    }
                    let separator =
                        self.unit(self.after_spaces(at)).filter(|next| matches!(next.sign, b':' | b'='));
                    match separator {
                        Some(separator) => {
                            at = separator.end;
                            is_public = PUBLIC.contains(&said);
                        }
                        None => {
                            if !is_public && !part.is_empty() && !matches!(said, "null" | "true" | "false") {
                                parts.push(part);
                            }
                            is_public = false;
                        }
                    }
                }
                _ => {}
            }
        }
        (parts, at)
    }

    /// One bare word in an array or object.
    fn word(&self, start: usize) -> Range<usize> {
        let mut at = start;
        while let Some(unit) = self.unit(at) {
            if unit.is_quote() || unit.sign.is_ascii_whitespace() || b",:={}[]".contains(&unit.sign) {
                break;
            }
            at = unit.end;
        }
        start..at
    }
}

/// Whether text is a name and a password as `Basic` sends them.
fn is_name_and_password(token: &str) -> bool {
    let token = token.trim_end_matches('=');
    Base64Unpadded::decode_vec(token).is_ok_and(|bytes| bytes.contains(&b':'))
}
