//! One text without the secrets that stand in it under a name, whatever the text is: a sentence, JSON or a piece of it,
//! a URL, a form, headers, XML. It is read once, from left to right, in time linear in its length.
//!
//! What a name says is in [`super::names`], where a value ends in `values.rs`.

mod units;
mod values;

use std::borrow::Cow;
use std::ops::Range;

use super::names;
use units::{Unit, Writing};
use values::{Values, is_prose};

/// The marker that replaces a secret in text.
pub(super) const MARK: &str = "[redacted]";

/// How much of a name is read, in bytes: its end.
const LONGEST_NAME: usize = 128;

/// The text with what names say is a secret masked: `name=value`, `"name": "value"`, `{ name, value }`, header lines
/// and pairs, URLs with queries and user info, forms, XML, `Bearer …`, PEM keys; as they are and within JSON strings,
/// percent-encoded or escaped.
///
/// ```
/// use nango_toolkit::http::mask_text;
///
/// let url = "https://ada:hunter2@example.com/?access_token=abc&page=2";
/// assert_eq!(mask_text(url), "https://[redacted]@example.com/?access_token=[redacted]&page=2");
/// assert_eq!(mask_text("the token has expired"), "the token has expired");
/// ```
#[must_use]
pub fn mask_text(text: &str) -> Cow<'_, str> {
    let mut masker = Masker::new(text);
    while masker.step() {}
    masker.finish()
}

/// An element of XML whose tag is being read.
#[derive(Clone, Copy)]
struct Tag {
    is_secret: bool,
    is_label: bool,
    writing: Writing,
}

/// A value in quotation marks that is a secret if the name of one follows: `{ "value": "…", "name": "password" }`.
struct Pending {
    opening: Unit,
    end: Option<usize>,
}

struct Masker<'t> {
    text: &'t str,
    values: Values<'t>,
    at: usize,
    /// What is masked, in order.
    masked: Vec<Range<usize>>,
    /// The last words, the latest first, as far as single spaces separate them.
    words: [Range<usize>; 3],
    /// Whether the last word is the name of what a separator here would begin.
    is_name: bool,
    /// The quotation mark that closed that name.
    closed: Option<Unit>,
    /// The sign before the last word or its quotation mark.
    before: u8,
    /// The sign before this one.
    previous: u8,
    tag: Option<Tag>,
    /// Whether a label has named a secret whose value is still to come.
    is_labelled: bool,
    /// The same for the text of the next element.
    is_next_element: bool,
    /// Whether this line is the head of a field of a form.
    is_form: bool,
    pending: Option<Pending>,
    has_url: Option<bool>,
}

impl<'t> Masker<'t> {
    fn new(text: &'t str) -> Masker<'t> {
        Masker {
            text,
            values: Values::new(text),
            at: 0,
            masked: Vec::new(),
            words: [0..0, 0..0, 0..0],
            is_name: false,
            closed: None,
            before: 0,
            previous: 0,
            tag: None,
            is_labelled: false,
            is_next_element: false,
            is_form: false,
            pending: None,
            has_url: None,
        }
    }

    fn finish(self) -> Cow<'t, str> {
        if self.masked.is_empty() {
            return Cow::Borrowed(self.text);
        }
        let mut out = String::with_capacity(self.text.len());
        let mut at = 0;
        for range in self.masked {
            out.push_str(self.text.get(at..range.start).unwrap_or_default());
            out.push_str(MARK);
            at = range.end;
        }
        out.push_str(self.text.get(at..).unwrap_or_default());
        Cow::Owned(out)
    }

    fn unit(&self, at: usize) -> Option<Unit> {
        Unit::at(self.text.as_bytes(), at)
    }

    fn starts_with(&self, at: usize, start: &str) -> bool {
        self.text.as_bytes().get(at..).is_some_and(|rest| rest.starts_with(start.as_bytes()))
    }

    /// Masks a part and continues after it.
    fn mask(&mut self, part: Range<usize>) {
        self.at = self.at.max(part.end);
        let said = self.text.get(part.clone()).unwrap_or_default();
        let is_mark = said.starts_with("[redacted") && said.find(']') == Some(said.len() - 1);
        if !part.is_empty() && !is_mark {
            self.masked.push(part);
        }
        self.forget();
    }

    /// Forgets the last words: they are not the name of what follows.
    fn forget(&mut self) {
        self.words = [0..0, 0..0, 0..0];
        self.is_name = false;
        self.closed = None;
    }

    /// Forgets a value whose object or element has ended without a label.
    fn drop_pending(&mut self) {
        self.pending = self.pending.take().filter(|pending| pending.end.is_none());
    }

    /// Reads one sign, or what belongs together; `false` at the end.
    fn step(&mut self) -> bool {
        let Some(unit) = self.unit(self.at) else { return false };
        if unit.is_name() {
            self.word(unit);
            return true;
        }
        self.at = unit.end;
        match unit.sign {
            b':' | b'=' => self.separator(unit),
            _ if unit.is_quote() => self.quote(unit),
            b' ' | b'\t' => {
                self.space(unit);
                return true;
            }
            b'\n' if unit.is_space() => self.line(unit),
            b'\r' if unit.is_space() => return true,
            b',' => self.comma(unit),
            b'<' => self.less(unit),
            b'>' => self.greater(unit),
            // `user[password]=…`
            b']' if self.is_name && self.before == b'[' => {}
            b'{' | b'}' => {
                self.is_labelled = false;
                self.drop_pending();
                self.forget();
            }
            // What is escaped closes nothing.
            b'\\' if unit.writing != Writing::Plain => {
                self.at = self.unit(unit.end).map_or(unit.end, |escaped| escaped.end);
                self.forget();
            }
            _ => self.forget(),
        }
        self.previous = unit.sign;
        true
    }

    fn word(&mut self, first: Unit) {
        let mut end = first.end;
        while let Some(unit) = self.unit(end).filter(Unit::is_name) {
            end = unit.end;
        }
        if !self.is_name {
            self.forget();
        }
        let opened = if matches!(self.previous, b'"' | b'\'' | b'`') { self.before } else { self.previous };
        let [one, two, _] = std::mem::take(&mut self.words);
        self.words = [first.start..end, one, two];
        (self.is_name, self.closed, self.before) = (true, None, opened);
        (self.at, self.previous) = (end, b'a');
        self.known_word();
    }

    /// Words after which a secret stands without a separator.
    fn known_word(&mut self) {
        let [word, ..] = &self.words;
        let (end, word) = (word.end, self.text.get(word.clone()).unwrap_or_default());
        if word.starts_with("-----BEGIN") {
            self.pem(end);
        } else if word.eq_ignore_ascii_case("form-data") {
            self.is_form = true;
        } else if word.eq_ignore_ascii_case("bearer") || word.eq_ignore_ascii_case("basic") {
            if let Some(token) = self.values.token(word, end) {
                self.mask(token);
            }
        } else if word.starts_with("--") && self.text.as_bytes().get(end) == Some(&b' ') {
            // Another option may follow: `--token --limit 5`, `--token -v`.
            let is_option = self.starts_with(end + 1, "--")
                || self.starts_with(end + 1, "-")
                    && self.text.as_bytes().get(end + 3).is_none_or(|b| *b == b' ');
            if !is_option && names::looks_secret(word) {
                self.value(end, false);
            }
        }
    }

    /// A private key in PEM, to its end.
    fn pem(&mut self, start: usize) {
        let rest = self.text.get(start..).unwrap_or_default();
        let Some((head, body)) = rest.split_once("-----").filter(|(head, _)| head.len() < 40) else { return };
        if head.trim_end().ends_with("PRIVATE KEY") {
            let start = self.text.len() - body.len();
            let end = body.find("-----END").unwrap_or(body.len());
            self.mask(start..start + end);
        }
    }

    fn quote(&mut self, unit: Unit) {
        if let Some(pending) = &mut self.pending
            && pending.end.is_none()
            && unit.start >= pending.opening.end
            && unit.closes(&pending.opening)
        {
            pending.end = Some(unit.start);
        }
        let [word, ..] = &self.words;
        if self.is_name && word.end == unit.start {
            self.closed = Some(unit);
            return;
        }
        self.forget();
        self.before = self.previous;
    }

    fn space(&mut self, unit: Unit) {
        // Two spaces are not part of a name.
        if self.unit(unit.end).is_some_and(|next| next.sign == b' ') {
            let [word, ..] = std::mem::take(&mut self.words);
            self.words = [word, 0..0, 0..0];
        }
    }

    /// The end of a line. After an empty one, the value of a form's field begins.
    fn line(&mut self, unit: Unit) {
        self.forget();
        if self.previous != b'\n' {
            return;
        }
        if self.is_form && self.is_labelled {
            self.is_labelled = false;
            self.mask(unit.end..self.values.end_of_part(unit.end));
        }
        self.is_form = false;
    }

    /// A pair of a header's name and value, or the only pair of a list: `["Authorization", "Bearer …"]`.
    fn comma(&mut self, unit: Unit) {
        let Some(closed) = self.closed.filter(|_| self.is_name) else { return self.forget() };
        let name = self.name();
        let opening = self.unit(self.values.after_spaces(unit.end)).filter(|next| next.closes(&closed));
        let is_listed = matches!(self.before, b'[' | b'(');
        let is_item = is_listed || self.before == b',';
        self.forget();
        let Some(opening) = opening.filter(|_| is_item && names::looks_secret(&name)) else { return };
        let value = self.values.quoted(&opening);
        let after = self.unit(value.end).map_or(value.end, |closing| closing.end);
        let ends =
            self.unit(self.values.after_spaces(after)).is_none_or(|next| matches!(next.sign, b']' | b')'));
        if names::is_secret_header(&name) || is_listed && ends {
            self.mask(value);
        }
    }

    /// What the last word says, decoded.
    fn name(&self) -> String {
        let [word, ..] = &self.words;
        self.decoded(word)
    }

    fn decoded(&self, word: &Range<usize>) -> String {
        let mut at = word.end.saturating_sub(LONGEST_NAME).max(word.start);
        let mut out = String::new();
        while let Some(unit) = self.unit(at).filter(|unit| unit.start < word.end) {
            if unit.sign.is_ascii() {
                out.push(char::from(unit.sign));
            }
            at = unit.end;
        }
        out
    }

    /// Whether the last words are the name of a secret: `token`, `API key`, `token provided`.
    fn is_secret(&self, name: &str, sep: Unit) -> bool {
        if names::looks_secret(name) {
            return true;
        }
        let [_, one, two] = &self.words;
        let (one, two) = (self.decoded(one), self.decoded(two));
        let joins = |first: &str, last: &str| {
            let joined = names::plain(first) + &names::plain(last);
            !first.is_empty() && joined.ends_with("key") && names::looks_secret(&joined)
        };
        let fills =
            matches!(name, "provided" | "given" | "received" | "sent" | "used" | "value" | "is" | "was");
        joins(&one, name)
            || fills && sep.sign == b':' && (names::looks_secret(&one) || joins(&two, &one))
            || name.eq_ignore_ascii_case("key") && sep.sign == b'=' && matches!(self.before, b'?' | b'&')
    }

    fn separator(&mut self, sep: Unit) {
        if sep.sign == b':' && self.user_info(sep) {
            return;
        }
        if !self.is_name {
            return self.forget();
        }
        let name = self.name();
        let is_value = names::is_value(&name);
        if self.is_secret(&name, sep) || is_value && self.is_labelled {
            self.is_labelled &= !is_value;
            let is_sentence = sep.sign == b':' && self.closed.is_none_or(|mark| mark.sign == b'`');
            return self.value(self.values.after_separator(sep), is_sentence);
        }
        let opening = self.unit(self.values.after_spaces(self.values.after_separator(sep)));
        let opening = opening.filter(Unit::is_quote);
        if names::is_label(&name) {
            self.label(&name, sep, opening);
        } else if is_value {
            self.pending = opening.map(|opening| Pending { opening, end: None });
        }
        self.forget();
    }

    /// Reads what a label names, and masks a value that stands before it.
    fn label(&mut self, name: &str, sep: Unit, opening: Option<Unit>) {
        let start = self.values.after_spaces(self.values.after_separator(sep));
        let said = self.values.short(start, opening.as_ref());
        if name.eq_ignore_ascii_case("key")
            && opening.is_some()
            && names::looks_random(said)
            && self.has_url()
        {
            let value = start + 1..start + 1 + said.len();
            return self.mask(value);
        }
        self.is_labelled = names::looks_secret(said);
        let Some(Pending { opening, end: Some(end) }) = self.pending.take().filter(|_| self.is_labelled)
        else {
            return;
        };
        self.is_labelled = false;
        let value = opening.end..end;
        // What was masked inside of it is masked with it.
        while self.masked.last().is_some_and(|last| last.start >= value.start) {
            self.masked.pop();
        }
        let at = self.at;
        self.mask(value);
        self.at = at;
    }

    fn has_url(&mut self) -> bool {
        let text = self.text;
        *self.has_url.get_or_insert_with(|| text.contains("://"))
    }

    /// Masks the value that begins at `at` or after spaces there. In a sentence, what follows may be a word of it:
    /// "invalid token: expected a string".
    fn value(&mut self, at: usize, is_sentence: bool) {
        let name = self.name();
        let start = self.values.after_spaces(at);
        let Some(unit) = self.unit(start) else { return self.forget() };
        self.at = start;
        if self.starts_with(start, "[redacted") {
            let rest = self.text.get(start..).unwrap_or_default();
            self.at = start + rest.find(']').map_or(rest.len(), |end| end + 1);
            return self.forget();
        }
        if unit.is_quote() {
            let value = self.values.quoted(&unit);
            // "failed to get credentials: 'The provider answered …'"
            if is_sentence && start > at && self.values.is_sentence(&value) {
                return self.forget();
            }
            let closing = self.unit(value.end).map_or(value.end, |closing| closing.end);
            self.mask(value);
            self.at = self.at.max(closing);
            self.previous = unit.sign;
            return;
        }
        if matches!(unit.sign, b'[' | b'{') {
            let (parts, end) = self.values.container(start);
            parts.into_iter().for_each(|part| self.mask(part));
            self.at = self.at.max(end);
            return self.forget();
        }
        let value = self.values.bare(start, &name);
        let said = self.text.get(value.clone()).unwrap_or_default();
        let is_word = is_sentence && start > at && is_prose(said);
        let is_empty =
            matches!(&*said.to_ascii_lowercase(), "" | "null" | "true" | "false" | "none" | "undefined");
        if is_word || is_empty || names::counts(&name) && said.bytes().all(|b| b.is_ascii_digit()) {
            return self.forget();
        }
        self.mask(value);
    }

    /// Masks the name and password before the host of a URL; `false` if the separator is not that of a URL.
    fn user_info(&mut self, sep: Unit) -> bool {
        let slash =
            |at: usize| self.unit(at).filter(|unit| unit.sign == b'/').map(|unit| (unit.end, unit.writing));
        let Some((start, writing)) = slash(sep.end).and_then(|(end, _)| slash(end)) else { return false };
        self.forget();
        let mut at = start;
        let mut found = None;
        while let Some(unit) = self.unit(at) {
            let counts = unit.writing == writing || unit.writing == Writing::Plain;
            if counts
                && (unit.is_space()
                    || unit.is_quote()
                    || matches!(unit.sign, b'/' | b'?' | b'#' | b'<' | b'>'))
            {
                break;
            }
            if counts && unit.sign == b'@' {
                found = Some(unit.start);
            }
            at = unit.end;
        }
        self.at = start;
        if let Some(end) = found {
            self.mask(start..end);
        }
        true
    }

    /// The start of an element of XML: its name.
    fn less(&mut self, unit: Unit) {
        self.forget();
        // An entity within the tag of an element.
        if self.tag.is_some_and(|tag| tag.writing != unit.writing) {
            return;
        }
        self.drop_pending();
        self.tag = None;
        let mut end = unit.end;
        while let Some(next) = self.unit(end).filter(|next| next.is_name() || next.sign == b':') {
            end = next.end;
        }
        if end > unit.end {
            let name = self.decoded(&(unit.end..end));
            let local = name.rsplit(':').next().unwrap_or_default();
            self.is_labelled = false;
            self.tag = Some(Tag {
                is_secret: names::looks_secret(local),
                is_label: names::is_label(local),
                writing: unit.writing,
            });
            self.at = end;
        }
    }

    /// The end of an element's tag: its text begins.
    fn greater(&mut self, unit: Unit) {
        self.forget();
        let Some(tag) = self.tag.take().filter(|_| self.previous != b'/') else { return };
        let Some(text) = self.values.element(unit.end, tag.writing) else { return };
        let said = self.text.get(text.clone()).unwrap_or_default();
        let is_secret = tag.is_secret || self.is_labelled || self.is_next_element && !said.trim().is_empty();
        if is_secret {
            (self.is_labelled, self.is_next_element) = (false, false);
            return self.mask(text);
        }
        if tag.is_label {
            self.is_next_element = said.len() < LONGEST_NAME && names::looks_secret(said.trim());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_under_a_name_is_masked_and_nothing_beside_it() {
        for (text, masked) in [
            ("a=1&access_token=s3cr3t&b=2", "a=1&access_token=[redacted]&b=2"),
            (r#"{"apiKey":"s3 cr3t","id":7}"#, r#"{"apiKey":"[redacted]","id":7}"#),
            (r#"{\"apiKey\": \"s3cr3t\"}"#, r#"{\"apiKey\": \"[redacted]\"}"#),
            (r#"{"client_secret":"s3cr"#, r#"{"client_secret":"[redacted]"#),
            ("password: s3cr3t", "password: [redacted]"),
            ("API key: s3cr3t.", "API key: [redacted]."),
            (
                "Incorrect API key provided: s3cr3t. See docs.",
                "Incorrect API key provided: [redacted]. See docs.",
            ),
            (r#"{"password":73519842,"n":1}"#, r#"{"password":[redacted],"n":1}"#),
            (r#"{"tokens":["a","b"],"n":["c"]}"#, r#"{"tokens":["[redacted]","[redacted]"],"n":["c"]}"#),
            (
                r#"{"credentials":{"type":"BASIC","x":["s"]}}"#,
                r#"{"credentials":{"type":"BASIC","x":["[redacted]"]}}"#,
            ),
            ("Cookie: a=b; c=d\nHost: x", "Cookie: [redacted]\nHost: x"),
            (
                "Authorization: Digest username=\"a\", response=\"b\"\nHost: x",
                "Authorization: Digest [redacted]\nHost: x",
            ),
            ("Authorization: Bearer abcdefgh12, then", "Authorization: Bearer [redacted], then"),
            ("BEARER abcdefgh12", "BEARER [redacted]"),
            ("Basic YWRhOmh1bnRlcjI= was sent", "Basic [redacted] was sent"),
            ("https://a.b/?key=s3cr3t#top", "https://a.b/?key=[redacted]"),
            (r#"https://a.b {"key":"AIzaSyD0000000000000"}"#, r#"https://a.b {"key":"[redacted]"}"#),
            (
                "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\nend",
                "-----BEGIN RSA PRIVATE KEY-----[redacted]-----END RSA PRIVATE KEY-----\nend",
            ),
            (
                "token=[redacted]&password=[redacted: password]",
                "token=[redacted]&password=[redacted: password]",
            ),
        ] {
            assert_eq!(mask_text(text), masked, "{text}");
            assert_eq!(mask_text(masked), masked, "masked twice");
        }
    }

    #[test]
    fn sentences_and_what_only_speaks_of_secrets_stay() {
        for text in [
            "",
            "token_url=https://a.b",
            r#"{"credentials":{"type":"NONE"}}"#,
            "Invalid token: expected a string",
            "`token`: expected a string",
            "failed to get credentials: 'The provider returned an error.'",
            "the Bearer token is bad",
            "Basic authentication is required",
            "Authorization: required header",
            "the token has expired, and the password is wrong",
            "Use <token> in place of it",
            r#"{"total_tokens":12,"has_password":true,"token":null,"secret":""}"#,
            r#"{"nextPageToken":"CAUQAA"}"#,
            r#"https://a.b {"key":"PROJ-1","self":"https://a.b/1"}"#,
            "https://a.b/@ada/posts?unique_key=github&limit=5",
            "mail ada@example.com: a:b@c",
            r#"["email","name"], {"name":"color","value":"red"}"#,
            "path=C:\\temp\\new&pattern=^a=b$",
            "duplicate key: name",
        ] {
            assert_eq!(mask_text(text), text);
            assert!(matches!(mask_text(text), Cow::Borrowed(_)));
        }
    }
}
