//! Tools prepared for search: their words, those of the table of meanings, and how rare each is.
//! How a request is held against them is in [`super`].

use super::UNIT;
use super::meaning::{SILENT, WORDS};
use super::word::{hash, is_in, words};
use crate::tool::Tool;

/// Tools that may have a word in their name while it counts as rare.
const FEW: usize = 3;

/// Tools prepared for many searches.
pub struct Index {
    pub(super) entries: Vec<Entry>,
    pub(super) phrases: Vec<Phrase>,
}

/// A tool with its words as hashes of their stems.
pub(super) struct Entry {
    pub(super) tool: &'static Tool,
    /// The words of slug, title and toolset.
    pub(super) name: Vec<u32>,
    /// Those of them that few tools have.
    pub(super) rare: Vec<u32>,
    /// The words of description, examples and arguments.
    pub(super) text: Vec<u32>,
}

/// Up to three words on the left of a line of [`WORDS`], as hashes.
pub(super) struct Phrase {
    pub(super) stems: [u32; 3],
    pub(super) exact: [u32; 3],
    pub(super) count: usize,
    pub(super) means: &'static str,
}

/// Where a tool can have a word.
#[derive(Clone, Copy)]
pub(super) enum Place {
    Name,
    Text,
}

impl Index {
    /// Prepares `tools`; their order decides between equals.
    pub fn new(tools: impl Iterator<Item = &'static Tool>) -> Index {
        let mut index = Index { entries: tools.map(Entry::new).collect(), phrases: Vec::new() };
        each_line(WORDS, &mut |left, means| {
            for text in left.split(' ') {
                index.phrases.push(Phrase::new(text, means));
            }
        });
        let rare = |entry: &Entry| {
            let mut rare = entry.name.clone();
            rare.retain(|word| index.spread(*word, Place::Name) <= FEW);
            rare
        };
        let rare: Vec<Vec<u32>> = index.entries.iter().map(rare).collect();
        for (entry, rare) in index.entries.iter_mut().zip(rare) {
            entry.rare = rare;
        }
        index
    }

    /// How many tools have this word there.
    pub(super) fn spread(&self, stem: u32, place: Place) -> usize {
        let mut count = 0;
        for entry in &self.entries {
            let there = if matches!(place, Place::Name) { &entry.name } else { &entry.text };
            count += usize::from(there.contains(&stem));
        }
        count
    }

    /// Points for a word by how few tools have it there.
    pub(super) fn rarity(&self, stem: u32, place: Place) -> i32 {
        match self.spread(stem, place) {
            0 => 0,
            1 | 2 => 5 * UNIT,
            3 | 4 => 4 * UNIT,
            5..=8 => 3 * UNIT,
            _ => 2 * UNIT,
        }
    }
}

impl Phrase {
    fn new(text: &str, means: &'static str) -> Phrase {
        let mut phrase = Phrase { stems: [0; 3], exact: [0; 3], count: 0, means };
        words(text, false, &mut |word| {
            let slots = phrase.stems.get_mut(phrase.count).zip(phrase.exact.get_mut(phrase.count));
            if let Some((stem, exact)) = slots {
                (*stem, *exact) = (hash(word.stem()), hash(word.bytes()));
                phrase.count += 1;
            }
        });
        phrase
    }
}

impl Entry {
    fn new(tool: &'static Tool) -> Entry {
        let mut entry = Entry { tool, name: Vec::new(), rare: Vec::new(), text: Vec::new() };
        let mut slug = tool.slug.strip_prefix("NANGO_").unwrap_or(tool.slug);
        for method in ["_POST", "_GET"] {
            slug = slug.strip_suffix(method).unwrap_or(slug);
        }
        for part in [slug, tool.title, tool.toolset.as_str()] {
            gather(part, &mut entry.name);
        }
        // A clause that names another tool tells what this one is not for.
        for clause in tool.doc.split(['.', ';', ':']) {
            if !clause.as_bytes().windows(6).any(|w| w == b"NANGO_") {
                gather(clause, &mut entry.text);
            }
        }
        for example in tool.examples {
            gather(example.title, &mut entry.text);
        }
        for param in tool.params {
            gather(param.prop.name, &mut entry.text);
        }
        entry
    }
}

fn gather(text: &str, into: &mut Vec<u32>) {
    words(text, false, &mut |word| {
        let stem = hash(word.stem());
        if !into.contains(&stem) && !is_in(SILENT, &word) {
            into.push(stem);
        }
    });
}

/// The left and the right side of every line.
pub(super) fn each_line(table: &'static str, each: &mut dyn FnMut(&'static str, &'static str)) {
    for line in table.split('\n') {
        if let Some((left, right)) = line.split_once('=') {
            each(left, right);
        }
    }
}
