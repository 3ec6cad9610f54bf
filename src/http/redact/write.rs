//! The second reading of an answer, which writes it without its secrets: no tree of values is built, so that a large
//! answer takes little more than its own size.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::facts::{Fact, Facts, Pairs};
use super::{Reveal, Text};
use crate::http::integers::{JsonText, Numbers, settled};
use crate::http::mask::mask_text;
use crate::http::names::{PUBLIC, counts, holds_labels, is_secret_header, is_value, looks_secret, snake};
use crate::json::{is_unsafe, marked_digits, push_text, to_json};
use crate::tool::{Mask, ResponseType, Secret};

/// About how much longer a marker is than what it replaces, in bytes.
pub(super) const MARKER: usize = 16;

/// Writes an answer without its secrets.
pub(super) struct Masker<'r> {
    pub(super) reveal: &'r Reveal,
    /// Whether the answer describes how to authenticate: there, schemas and templates such as `Bearer ${apiKey}` stand
    /// under the names of secrets.
    pub(super) describes: bool,
    facts: &'r Facts,
    /// Those about objects and arrays that have not begun yet.
    coming: std::slice::Iter<'r, Fact>,
    begun: u32,
    /// The JSON text.
    json: String,
    /// The same with all digits of its numbers, as soon as they differ.
    exact: Option<String>,
    numbers: Numbers,
}

impl<'r> Masker<'r> {
    /// `size` is about how many bytes are expected.
    pub(super) fn new(
        reveal: &'r Reveal,
        describes: bool,
        facts: &'r Facts,
        numbers: Numbers,
        size: usize,
    ) -> Masker<'r> {
        let (coming, json) = (facts.in_order(), String::with_capacity(size));
        Masker { reveal, describes, facts, coming, begun: 0, json, exact: None, numbers }
    }

    /// Writes a value.
    pub(super) fn write<'de, D: Deserializer<'de>>(
        &mut self,
        value: D,
        place: Place<'_>,
    ) -> Result<(), D::Error> {
        Node { masker: self, place, before: "" }.deserialize(value)
    }

    /// What was written.
    pub(super) fn finish(self) -> JsonText {
        JsonText { json: self.json, exact: self.exact }
    }

    /// Adds to the text.
    pub(super) fn raw(&mut self, json: &str) {
        for out in std::iter::once(&mut self.json).chain(&mut self.exact) {
            grow(out, json.len());
            out.push_str(json);
        }
    }

    fn text(&mut self, text: &str) {
        for out in std::iter::once(&mut self.json).chain(&mut self.exact) {
            grow(out, text.len() + 2);
            push_text(out, text);
        }
    }

    /// A number that a double cannot represent.
    fn big_number(&mut self, digits: &str, form: Option<&ResponseType>) {
        let exact = self.exact.get_or_insert_with(|| {
            let size = self.json.capacity();
            // More such numbers usually follow, each in quotation marks.
            self.json.reserve_exact(size + size / 8 - self.json.len());
            let mut exact = String::with_capacity(size);
            exact.push_str(&self.json);
            exact
        });
        exact.push_str(digits);
        self.json.push_str(&settled(digits, form, self.numbers.integers));
    }

    fn marker(&mut self, kind: &str) {
        self.text(&format!("[redacted: {kind}]"));
    }

    /// The next object or array begins: what is known about it.
    fn begin(&mut self) -> Option<&'r Fact> {
        let container = self.begun;
        self.begun = self.begun.saturating_add(1);
        self.coming.as_slice().first().filter(|fact| fact.is_about(container))?;
        self.coming.next()
    }

    /// What a name says about a value under it.
    fn by_name(&self, name: &str, value: &Given<'_>) -> ByName {
        // How to call what each is: `credentials_label: { apiKey: "API key" }`.
        if matches!(value, Given::Object) && holds_labels(name) {
            return ByName::Labels;
        }
        let is_harmless = match value {
            Given::Null | Given::Bool => true,
            Given::Number => counts(name),
            Given::Text(_) => false,
            Given::Array | Given::Object => self.describes,
        };
        if is_harmless || !looks_secret(name) {
            return ByName::Nothing;
        }
        let kind = snake(name);
        if self.reveal.shows(&kind) { ByName::Shown } else { ByName::Secret(kind) }
    }

    /// Whether text is only a template of how a secret is sent: `Bearer ${accessToken}`.
    fn is_template(&self, text: &str) -> bool {
        self.describes && text.contains("${") && {
            let parts = text.split("${").enumerate();
            let mut around = parts
                .map(|(at, part)| if at == 0 { part } else { part.split_once('}').unwrap_or_default().1 });
            around.all(|part| part.len() <= 64 && !part.bytes().any(|b| b.is_ascii_digit()))
        }
    }

    /// How a value is written, from how its place is treated.
    fn writing<'n>(&self, treatment: Treatment<'n>, value: &Given<'_>) -> Writing<'n> {
        match treatment {
            Treatment::Names => Writing::Names,
            Treatment::Unchanged => Writing::Unchanged,
            Treatment::Omitted => Writing::Omitted,
            Treatment::Marker(kind) => Writing::Marker(kind.into()),
            Treatment::Secret { kind, public } => self.secret(kind.into(), public, value),
            Treatment::Property(name) => match self.by_name(name, value) {
                ByName::Nothing => Writing::Names,
                ByName::Shown => Writing::Unchanged,
                ByName::Labels => Writing::Labels,
                ByName::Secret(kind) => self.secret(kind.into(), Public::Unchanged, value),
            },
            Treatment::Labelled { label, name } => match self.by_name(label, value) {
                ByName::Secret(kind) => self.secret(kind.into(), Public::Names, value),
                _ => self.writing(Treatment::Property(name), value),
            },
            Treatment::Declared(mask) => self.declared(mask, value),
            Treatment::Credential(name) => match value {
                Given::Null => Writing::Unchanged,
                Given::Text(_) | Given::Number if PUBLIC.contains(&name) => Writing::Unchanged,
                // Nested credentials: app and user of CUSTOM, config_override.
                Given::Object if name != "raw" => Writing::Credentials,
                _ => self.unless_shown(snake(name).into()),
            },
        }
    }

    fn unless_shown<'n>(&self, kind: Cow<'n, str>) -> Writing<'n> {
        if self.reveal.shows(&kind) { Writing::Unchanged } else { Writing::Marker(kind) }
    }

    fn declared<'n>(&self, mask: Mask, value: &Given<'_>) -> Writing<'n> {
        match (mask, value) {
            (Mask::Suspicious, _) => Writing::Names,
            (_, Given::Null) | (Mask::Disclosed, _) => Writing::Unchanged,
            (Mask::Whole(kind), _) => self.unless_shown(kind.into()),
            (Mask::Credentials, Given::Object) => Writing::Credentials,
            (Mask::Credentials, _) => Writing::Marker("credentials".into()),
        }
    }

    /// Inside a secret: strings and numbers are masked, its structure stays visible.
    fn secret<'n>(&self, kind: Cow<'n, str>, public: Public, value: &Given<'_>) -> Writing<'n> {
        match value {
            Given::Null | Given::Bool => Writing::Unchanged,
            Given::Text(text) if text.is_empty() || self.is_template(text) => Writing::Unchanged,
            Given::Text(text) if text.starts_with("[redacted") && text.ends_with(']') => Writing::Unchanged,
            Given::Text(_) | Given::Number => Writing::Marker(kind),
            Given::Array | Given::Object => Writing::Secret { kind, public },
        }
    }
}

/// Makes room in steps that do not double a large text.
fn grow(out: &mut String, bytes: usize) {
    if out.capacity() - out.len() < bytes {
        out.reserve_exact(bytes.max(out.len() / 4 * 3));
    }
}

/// What a name says about a value.
enum ByName {
    Nothing,
    /// It is a secret that the caller wants to see.
    Shown,
    /// It is a secret of this kind.
    Secret(String),
    /// It says how others are called.
    Labels,
}

/// What is found, as far as treatments depend on it.
enum Given<'t> {
    Null,
    Bool,
    Number,
    Text(&'t str),
    Array,
    Object,
}

/// How what is public inside a secret is written.
#[derive(Clone, Copy)]
pub(super) enum Public {
    Unchanged,
    /// Masked by name.
    Names,
}

/// How a place is treated, before it is known what is there.
#[derive(Clone, Copy)]
pub(super) enum Treatment<'n> {
    /// Secrets are masked, by names and in strings.
    Names,
    /// Everything stays.
    Unchanged,
    /// It is only read.
    Omitted,
    /// It is replaced.
    Marker(&'n str),
    /// It is part of a secret of this kind.
    Secret { kind: &'n str, public: Public },
    /// It is a property with this name.
    Property(&'n str),
    /// The same, and the value of what another property names.
    Labelled { label: &'n str, name: &'n str },
    /// It is declared.
    Declared(Mask),
    /// It is a property of declared credentials.
    Credential(&'n str),
}

/// How a value is written.
enum Writing<'n> {
    Names,
    Unchanged,
    Omitted,
    Marker(Cow<'n, str>),
    Secret {
        kind: Cow<'n, str>,
        public: Public,
    },
    /// An object with what others are called.
    Labels,
    /// An object with credentials.
    Credentials,
}

/// The rest of a path to a declared place; `order` is its position among the declarations.
#[derive(Clone, Copy)]
struct Path<'p> {
    order: usize,
    rest: &'p [&'static str],
    mask: Mask,
}

/// A place in an answer.
#[derive(Clone)]
pub(super) struct Place<'p> {
    treatment: Treatment<'p>,
    /// The declared places here and below.
    paths: Vec<Path<'p>>,
    form: Option<&'p ResponseType>,
}

impl<'p> Place<'p> {
    /// The whole answer.
    pub(super) fn whole(
        treatment: Treatment<'p>,
        secrets: &'p [Secret],
        form: Option<&'p ResponseType>,
    ) -> Place<'p> {
        let paths = secrets.iter().enumerate();
        let paths = paths.map(|(order, secret)| Path { order, rest: &secret.path, mask: secret.mask });
        Place { treatment, paths: paths.collect(), form }
    }

    /// An item of an array.
    pub(super) fn item<'q>(&self, treatment: Treatment<'q>) -> Place<'q>
    where
        'p: 'q,
    {
        let form = self.form.and_then(ResponseType::item);
        Place { treatment, paths: self.below(|step| step == "*"), form }
    }

    /// A property of an object.
    fn property<'q>(&self, treatment: Treatment<'q>, name: &str) -> Place<'q>
    where
        'p: 'q,
    {
        let form = self.form.and_then(|form| form.property(name));
        Place { treatment, paths: self.below(|step| step == "*" || step == name), form }
    }

    /// The declared places below the next step.
    fn below(&self, is_next: impl Fn(&str) -> bool) -> Vec<Path<'p>> {
        let rest = |path: &Path<'p>| {
            let (step, rest) = path.rest.split_first()?;
            is_next(step).then_some(Path { rest, ..*path })
        };
        self.paths.iter().filter_map(rest).collect()
    }

    /// What is declared about this place takes precedence over how it would be treated.
    fn declared(mut self, value: &Given<'_>) -> Place<'p> {
        let declared = self.paths.iter().filter(|path| path.rest.is_empty()).min_by_key(|path| path.order);
        if let Some(Path { order, mask, .. }) = declared.copied() {
            self.treatment = Treatment::Declared(mask);
            // What was declared before stands inside it.
            self.paths.retain(|path| path.order < order);
            return self;
        }
        let is_unexpected = self.paths.iter().any(|path| match value {
            Given::Text(_) => true,
            Given::Array => path.rest.first() != Some(&"*"),
            _ => false,
        });
        // The value is not as declared: no part of it is shown.
        if is_unexpected && !matches!(self.treatment, Treatment::Omitted) {
            self.treatment = Treatment::Marker("unexpected_form");
        }
        self
    }
}

/// A value that is written where it stands.
struct Node<'w, 'r, 'p> {
    masker: &'w mut Masker<'r>,
    place: Place<'p>,
    /// What is written before it: a comma, or nothing.
    before: &'static str,
}

impl<'w, 'r, 'p> Node<'w, 'r, 'p> {
    /// How the value is written. A declared place inside something omitted is omitted, too.
    fn writing(self, value: &Given<'_>) -> (&'w mut Masker<'r>, Place<'p>, Writing<'p>) {
        let Node { masker, place, .. } = self;
        if let Treatment::Omitted = place.treatment {
            return (masker, place, Writing::Omitted);
        }
        let place = if place.paths.is_empty() { place } else { place.declared(value) };
        let writing = masker.writing(place.treatment, value);
        (masker, place, writing)
    }

    /// Writes a value without parts, unless it is written unchanged.
    fn masked(self, value: &Given<'_>) -> Option<(&'w mut Masker<'r>, Place<'p>)> {
        let (masker, place, writing) = self.writing(value);
        match (writing, value) {
            (Writing::Omitted, _) => {}
            (Writing::Marker(kind), _) => masker.marker(&kind),
            (Writing::Names, Given::Text(text)) if !masker.is_template(text) => {
                let masked = mask_text(text);
                masker.text(&masked);
            }
            _ => return Some((masker, place)),
        }
        None
    }

    fn number(self, digits: &str, is_big: bool) {
        let Some((masker, place)) = self.masked(&Given::Number) else { return };
        if is_big {
            masker.big_number(digits, place.form);
        } else {
            masker.raw(digits);
        }
    }

    fn plain_text(self, text: &str) {
        if let Some((masker, _)) = self.masked(&Given::Text(text)) {
            masker.text(text);
        }
    }
}

impl<'de> DeserializeSeed<'de> for Node<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        self.masker.raw(self.before);
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        if let Some((masker, _)) = self.masked(&Given::Null) {
            masker.raw("null");
        }
        Ok(())
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        if let Some((masker, _)) = self.masked(&Given::Bool) {
            masker.raw(if value { "true" } else { "false" });
        }
        Ok(())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        self.number(&value.to_string(), is_unsafe(value.unsigned_abs()));
        Ok(())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        self.number(&value.to_string(), is_unsafe(value));
        Ok(())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        self.number(&to_json(&value), false);
        Ok(())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        match marked_digits(text).filter(|_| self.masker.numbers.any) {
            Some(digits) => self.number(digits, true),
            None => self.plain_text(text),
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let (masker, place, writing) = self.writing(&Given::Array);
        let pairs = masker.begin().and_then(|fact| fact.pairs);
        let treatment = match &writing {
            Writing::Names | Writing::Labels => Treatment::Names,
            Writing::Unchanged | Writing::Credentials => Treatment::Unchanged,
            Writing::Secret { kind, public } => Treatment::Secret { kind, public: *public },
            Writing::Marker(_) | Writing::Omitted => Treatment::Omitted,
        };
        let is_shown = !matches!(treatment, Treatment::Omitted);
        if is_shown {
            masker.raw("[");
        }
        match pairs {
            Some(pairs) if matches!(writing, Writing::Names) => write_pairs(masker, &place, pairs, items)?,
            _ => {
                let mut before = "";
                loop {
                    let place = place.item(treatment);
                    let item = Node { masker: &mut *masker, place, before };
                    if items.next_element_seed(item)?.is_none() {
                        break;
                    }
                    before = if is_shown { "," } else { "" };
                }
            }
        }
        match writing {
            Writing::Marker(kind) => masker.marker(&kind),
            Writing::Omitted => {}
            _ => masker.raw("]"),
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut properties: A) -> Result<(), A::Error> {
        let (masker, place, writing) = self.writing(&Given::Object);
        let fact = masker.begin();
        let label = fact.and_then(|fact| masker.facts.label(fact));
        let has_secret_key = fact.is_some_and(|fact| fact.has_secret_key) && !masker.reveal.shows("key");
        let is_shown = !matches!(writing, Writing::Marker(_) | Writing::Omitted);
        if is_shown {
            masker.raw("{");
        }
        let mut is_first = true;
        while let Some(Text(name)) = properties.next_key()? {
            let name = &*name;
            let treatment = match &writing {
                Writing::Names => match label {
                    Some(label) if is_value(name) => Treatment::Labelled { label, name },
                    _ if has_secret_key && name == "key" => Treatment::Marker("key"),
                    _ => Treatment::Property(name),
                },
                Writing::Labels => Treatment::Names,
                Writing::Unchanged => Treatment::Unchanged,
                Writing::Credentials => Treatment::Credential(name),
                Writing::Secret { public, .. } if PUBLIC.contains(&name) => match public {
                    Public::Unchanged => Treatment::Unchanged,
                    Public::Names => Treatment::Names,
                },
                Writing::Secret { kind, public } => Treatment::Secret { kind, public: *public },
                Writing::Marker(_) | Writing::Omitted => Treatment::Omitted,
            };
            if is_shown {
                if !is_first {
                    masker.raw(",");
                }
                masker.text(name);
                masker.raw(":");
            }
            is_first = false;
            let place = place.property(treatment, name);
            properties.next_value_seed(Node { masker: &mut *masker, place, before: "" })?;
        }
        match writing {
            Writing::Marker(kind) => masker.marker(&kind),
            Writing::Omitted => {}
            _ => masker.raw("}"),
        }
        Ok(())
    }
}

/// The items of an array of strings in which the value of a secret follows its name: `["Authorization", "…"]`, also
/// among other pairs.
fn write_pairs<'de, A: SeqAccess<'de>>(
    masker: &mut Masker<'_>,
    place: &Place<'_>,
    pairs: Pairs,
    mut items: A,
) -> Result<(), A::Error> {
    let mut name: Option<String> = None;
    let mut is_first = true;
    while let Some(Text(text)) = items.next_element()? {
        if !std::mem::take(&mut is_first) {
            masker.raw(",");
        }
        let is_value = name.is_some();
        let named =
            name.take().filter(|name| is_secret_header(name) || pairs == Pairs::One && looks_secret(name));
        let treatment = named.as_deref().map_or(Treatment::Names, Treatment::Property);
        let place = place.item(treatment);
        Node { masker: &mut *masker, place, before: "" }.plain_text(&text);
        name = (!is_value).then(|| text.into_owned());
    }
    Ok(())
}
