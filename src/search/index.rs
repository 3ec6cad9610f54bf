//! Tools prepared for search: their words, those of the table of meanings, and how rare each is.
//! How a request is compared with them is in [`super`].

use super::UNIT;
use super::meaning::{ALSO, PAIRS, SILENT, WORDS};
use super::word::{Word, is_in, name, words};
use crate::tool::Tool;

/// Tools prepared for many searches.
pub struct Index {
    pub(super) entries: Vec<Entry>,
    pub(super) phrases: Vec<Phrase>,
    /// Two meanings, and what they point to together.
    pub(super) pairs: Vec<(u32, u32, &'static str)>,
}

/// A tool with its words as hashes of their stems.
pub(super) struct Entry {
    pub(super) tool: &'static Tool,
    /// The words of slug, title and toolset, then those of [`ALSO`].
    pub(super) name: Vec<u32>,
    /// How many of them are its own.
    pub(super) own: usize,
    /// The words of description, examples and arguments.
    pub(super) text: Vec<u32>,
}

/// Words on the left of a line of [`WORDS`].
pub(super) struct Phrase {
    pub(super) words: Vec<Word>,
    pub(super) means: &'static str,
}

/// Where a tool can have a word.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Name,
    Text,
}

impl Index {
    /// Prepares `tools`; their order decides between equal scores.
    pub fn new(tools: impl Iterator<Item = &'static Tool>) -> Index {
        let mut index = Index { entries: Vec::new(), phrases: Vec::new(), pairs: Vec::new() };
        for tool in tools {
            index.add(tool);
        }
        for (left, means) in WORDS.split('\n').filter_map(|line| line.split_once('=')) {
            for text in left.split(' ') {
                let mut phrase = Phrase { words: Vec::new(), means };
                words(text, false, &mut |word| phrase.words.push(word));
                index.phrases.push(phrase);
            }
        }
        for (left, means) in PAIRS.split('\n').filter_map(|line| line.split_once('=')) {
            for (a, b) in left.split(' ').filter_map(|pair| pair.split_once('+')) {
                index.pairs.push((name(a), name(b), means));
            }
        }
        index
    }

    fn add(&mut self, tool: &'static Tool) {
        let mut entry = Entry { tool, name: Vec::new(), own: 0, text: Vec::new() };
        let mut slug = tool.slug;
        for method in ["_POST", "_GET"] {
            slug = slug.strip_suffix(method).unwrap_or(slug);
        }
        for part in [slug, tool.title, tool.toolset.as_str()] {
            gather(part, &mut entry.name);
        }
        entry.own = entry.name.len();
        for (tools, also) in ALSO.split('\n').filter_map(|line| line.split_once('=')) {
            if tools.split(' ').any(|part| slug.strip_prefix("NANGO_") == Some(part)) {
                for word in also.split(' ').map(name) {
                    if !entry.name.contains(&word) {
                        entry.name.push(word);
                    }
                }
            }
        }
        // A clause that names another tool describes what this one is not for.
        for clause in tool.doc.split(['.', ';', ':']) {
            if !clause.contains("NANGO_") {
                gather(clause, &mut entry.text);
            }
        }
        for example in tool.examples {
            gather(example.title, &mut entry.text);
        }
        for param in tool.params {
            gather(param.prop.name, &mut entry.text);
        }
        self.entries.push(entry);
    }

    /// The number of tools that have this word there.
    pub(super) fn spread(&self, stem: u32, place: Place) -> usize {
        let mut count = 0;
        for entry in &self.entries {
            let own = entry.name.get(..entry.own).unwrap_or_default();
            let there = if place == Place::Name { own } else { &entry.text };
            count += usize::from(there.contains(&stem));
        }
        count
    }

    /// Points for a word by how few tools have it there.
    pub(super) fn rarity(&self, stem: u32, place: Place) -> i32 {
        let units = match self.spread(stem, place) {
            0 => 0,
            1 | 2 => 5,
            3 | 4 => 4,
            5..=8 => 3,
            _ => 2,
        };
        units * UNIT
    }
}

fn gather(text: &str, into: &mut Vec<u32>) {
    words(text, false, &mut |word| {
        if !into.contains(&word.stem) && !is_in(SILENT, word.exact) {
            into.push(word.stem);
        }
    });
}
