//! The first reading of an answer: whether it is JSON, and what must be known about an object or array before its parts
//! are written.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::Text;
use crate::http::names::{is_label, is_secret_header, looks_random, looks_secret};
use crate::json::marked_digits;

/// What is known about the objects and arrays of an answer. They are numbered in the order in which they begin.
#[derive(Default)]
pub(super) struct Facts {
    all: Vec<Fact>,
    /// The labels of all facts.
    labels: String,
    /// How many objects and arrays have begun.
    begun: u32,
}

/// What is special about an object or array.
#[derive(Clone)]
pub(super) struct Fact {
    container: u32,
    /// Where its label is in [`Facts::labels`]; an empty range if it has no label.
    label: Range<u32>,
    /// An object has a random `key` beside a URL.
    pub(super) has_secret_key: bool,
    /// In an array, the value of a secret follows its name.
    pub(super) pairs: Option<Pairs>,
}

/// An array with only strings, of which one or more are the names of secrets.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Pairs {
    /// A name and a value: `["password", "…"]`.
    One,
    /// Headers: `["Accept", "…", "Authorization", "…"]`.
    Many,
}

impl Facts {
    /// Reads a JSON value.
    pub(super) fn read<'de, D: Deserializer<'de>>(&mut self, value: D) -> Result<(), D::Error> {
        let known = self.all.len();
        Reader { facts: self, about: About::Nothing }.deserialize(value)?;
        // Those of earlier values are in order already: a list of many values must not be sorted for each of them.
        if let Some(new) = self.all.get_mut(known..) {
            new.sort_unstable_by_key(|fact| fact.container);
        }
        Ok(())
    }

    /// The facts in the order of their containers.
    pub(super) fn in_order(&self) -> std::slice::Iter<'_, Fact> {
        self.all.iter()
    }

    /// The name of the secret that the object contains under another name, if there is one:
    /// `{ "name": "password", "value": "…" }`.
    pub(super) fn label(&self, fact: &Fact) -> Option<&str> {
        let range = fact.label.start as usize..fact.label.end as usize;
        self.labels.get(range).filter(|label| !label.is_empty())
    }

    fn begin(&mut self) -> u32 {
        let container = self.begun;
        self.begun = self.begun.saturating_add(1);
        container
    }

    fn add(&mut self, container: u32, label: Option<&str>, has_secret_key: bool, pairs: Option<Pairs>) {
        let label = label.unwrap_or_default();
        // Many objects often have the same label.
        if !self.labels.ends_with(label) {
            self.labels.push_str(label);
        }
        let end = self.labels.len() as u32;
        let label = end - label.len() as u32..end;
        self.all.push(Fact { container, label, has_secret_key, pairs });
    }
}

impl Fact {
    /// Whether this is about the object or array with this number.
    pub(super) fn is_about(&self, container: u32) -> bool {
        self.container == container
    }
}

/// What the container of a value asks about it, if it is a string.
#[derive(Clone, Copy)]
enum About {
    Nothing,
    /// The value of a property: whether it names a secret, looks random, or contains a URL.
    Property {
        is_label: bool,
        is_key: bool,
    },
    /// An item of an array: whether it is the name of a secret.
    Item,
}

/// The answers, about a string.
#[derive(Default)]
struct Said {
    is_text: bool,
    label: Option<String>,
    is_random: bool,
    has_url: bool,
    names_secret: bool,
    names_secret_header: bool,
}

impl Said {
    fn about(text: &str, about: About) -> Said {
        let said = Said { is_text: true, ..Said::default() };
        match about {
            About::Nothing => said,
            About::Property { is_label, is_key } => Said {
                label: (is_label && looks_secret(text)).then(|| text.to_owned()),
                is_random: is_key && looks_random(text),
                has_url: text.as_bytes().windows(3).any(|part| part == b"://"),
                ..said
            },
            About::Item => {
                Said { names_secret: looks_secret(text), names_secret_header: is_secret_header(text), ..said }
            }
        }
    }
}

struct Reader<'f> {
    facts: &'f mut Facts,
    about: About,
}

impl<'de> DeserializeSeed<'de> for Reader<'_> {
    type Value = Said;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Said, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader<'_> {
    type Value = Said;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Said, E> {
        Ok(Said::default())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Said, E> {
        Ok(Said::default())
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Said, E> {
        Ok(Said::default())
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Said, E> {
        Ok(Said::default())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Said, E> {
        Ok(Said::default())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Said, E> {
        if marked_digits(text).is_some() {
            return Ok(Said::default());
        }
        Ok(Said::about(text, self.about))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Said, A::Error> {
        let container = self.facts.begin();
        let (mut length, mut only_texts) = (0_usize, true);
        let (mut first_names, mut header_named) = (false, false);
        // Whether the item before, at an even place, is a header's name.
        let mut before = false;
        loop {
            let about = if only_texts && length.is_multiple_of(2) { About::Item } else { About::Nothing };
            let Some(said) = items.next_element_seed(Reader { facts: &mut *self.facts, about })? else {
                break;
            };
            only_texts &= said.is_text;
            if length.is_multiple_of(2) {
                before = said.names_secret_header;
                first_names |= length == 0 && said.names_secret;
            } else {
                header_named |= before;
            }
            length += 1;
        }
        let pairs = match length {
            2 if header_named || first_names => Some(Pairs::One),
            _ if header_named => Some(Pairs::Many),
            _ => None,
        };
        if let Some(pairs) = pairs.filter(|_| only_texts) {
            self.facts.add(container, None, false, Some(pairs));
        }
        Ok(Said::default())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut properties: A) -> Result<Said, A::Error> {
        let container = self.facts.begin();
        let mut label: Option<String> = None;
        let (mut is_random, mut has_url) = (false, false);
        while let Some(Text(name)) = properties.next_key()? {
            let about = About::Property { is_label: is_label(&name), is_key: name == "key" };
            let said = properties.next_value_seed(Reader { facts: &mut *self.facts, about })?;
            label = label.or(said.label);
            is_random |= said.is_random;
            has_url |= said.has_url;
        }
        let has_secret_key = is_random && has_url;
        if label.is_some() || has_secret_key {
            self.facts.add(container, label.as_deref(), has_secret_key, None);
        }
        Ok(Said::default())
    }
}

/// The name of a property, borrowed from the text where it is written without escapes.
impl<'de> serde::Deserialize<'de> for Text<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Text<'de>, D::Error> {
        struct TextVisitor;
        impl<'de> Visitor<'de> for TextVisitor {
            type Value = Text<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }
            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(TextVisitor)
    }
}
