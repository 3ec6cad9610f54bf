//! The second reading of an answer, which writes it without its secrets: no tree of values is built, so that a large
//! answer takes little more than its own size.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::Text;
use super::facts::{Fact, Facts, Pairs};
use super::place::Place;
use super::rules::{Given, Public, Rules, Treatment, Writing};
use crate::http::integers::{JsonText, Numbers, settled};
use crate::http::mask::mask_text;
use crate::http::names::{PUBLIC, is_secret_header, is_value, looks_secret};
use crate::json::{is_unsafe, marked_digits, push_text, to_json};
use crate::tool::ResponseType;

/// About how much longer a marker is than what it replaces, in bytes.
pub(super) const MARKER: usize = 16;

/// Writes an answer without its secrets.
pub(super) struct Masker<'r> {
    pub(super) rules: Rules<'r>,
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
    pub(super) fn new(rules: Rules<'r>, facts: &'r Facts, numbers: Numbers, size: usize) -> Masker<'r> {
        let (coming, json) = (facts.in_order(), String::with_capacity(size));
        Masker { rules, facts, coming, begun: 0, json, exact: None, numbers }
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
}

/// Makes room in steps that do not double a large text.
fn grow(out: &mut String, bytes: usize) {
    if out.capacity() - out.len() < bytes {
        out.reserve_exact(bytes.max(out.len() / 4 * 3));
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
        let place = if place.is_plain() { place } else { place.declared(value) };
        let writing = masker.rules.writing(place.treatment, value);
        (masker, place, writing)
    }

    /// Writes a value without parts, unless it is written unchanged.
    fn masked(self, value: &Given<'_>) -> Option<(&'w mut Masker<'r>, Place<'p>)> {
        let (masker, place, writing) = self.writing(value);
        match (writing, value) {
            (Writing::Omitted, _) => {}
            (Writing::Marker(kind), _) => masker.marker(&kind),
            (Writing::Names, Given::Text(text)) if !masker.rules.is_template(text) => {
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
        let has_secret_key =
            fact.is_some_and(|fact| fact.has_secret_key) && !masker.rules.reveal.shows("key");
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
