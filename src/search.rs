//! Tool search: from a request in natural language to ranked tools, without a model. Words are
//! reduced to stems and, through a table of the field's words, to the words that tools are named
//! after; verbs are held against what a tool does. Which tools a caller may see is not decided here.

use crate::tool::{Method, Tool, Toolset};

mod index;
mod meaning;
mod word;

pub use index::Index;
use index::{Entry, Phrase, Place, each_line};
use meaning::{PAIRS, READING, SILENT, WORDS};
use word::{LONG, Word, hash, is_in, name, near, words};

/// The verbs in the names of tools: first those of reading, then one that may do either, then those
/// that change something.
const VERBS: &[&str] = &["list", "get", "trigger", "create", "add", "delete", "update", "edit", "set", "put"];
/// How many of them read.
const READS: usize = 2;
/// Where those that change something begin.
const WRITES: usize = 3;

/// What a search is narrowed by.
#[derive(Debug, Clone, Copy)]
pub struct Options<'a> {
    /// How many tools are returned at most.
    pub limit: usize,
    /// Only tools of these toolsets; of all when empty.
    pub toolsets: &'a [Toolset],
}

impl Default for Options<'_> {
    fn default() -> Self {
        Options { limit: 5, toolsets: &[] }
    }
}

/// A tool that fits a request.
#[derive(Debug, Clone)]
pub struct Hit {
    /// The tool.
    pub tool: &'static Tool,
    /// How well it fits, from 1 to 1000. To be compared within one search only.
    pub score: u16,
    /// The words of the request that point to it, as they were written, in their order.
    pub matched: Vec<String>,
}

/// The tools that fit `text`, best first. Empty and unintelligible texts fit none; the same text
/// always finds the same.
///
/// ```
/// use nango_toolkit::{search, tools};
///
/// let hits = search::search("Who has connected Salesforce?", &search::Options::default(), tools::all());
/// assert_eq!(hits[0].tool.slug, "NANGO_CONNECTION_LIST_GET");
/// ```
pub fn search(text: &str, options: &Options<'_>, tools: impl Iterator<Item = &'static Tool>) -> Vec<Hit> {
    Index::new(tools).search(text, options)
}

/// Words of a text that are read, each a bit of a mask; what follows is cut off.
const MOST_WORDS: usize = u64::BITS as usize;
/// Points for one unit of weight in the tables.
const UNIT: i32 = 10;
/// What a word in a tool's text is worth, as a percentage of one in its name.
const IN_TEXT: i32 = 33;
/// Points below which a tool does not fit.
const LEAST: i32 = 25;
/// Points taken from a tool that changes things where the request only asks, and the reverse.
const WRONG_EFFECT: i32 = 45;
/// Points at which a score is 500.
const HALF: i32 = 60;
/// Points taken for each rare word of a tool's name that the request does not touch.
const UNTOUCHED: i32 = 6;

/// A word of the request.
struct Said {
    word: Word,
    stem: u32,
    exact: u32,
    silent: bool,
    capital: bool,
    /// Points for a tool that has it in its text.
    rarity: i32,
}

/// What the beginning of a request says it is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mood {
    Reading,
    Writing,
    Unknown,
}

/// That words `from..to` of the request point to something.
#[derive(Clone, Copy)]
struct Hint {
    means: u32,
    points: i32,
    from: usize,
    to: usize,
}

impl Index {
    /// The tools that fit `text`, as [`search`] finds them.
    pub fn search(&self, text: &str, options: &Options<'_>) -> Vec<Hit> {
        let said = self.read(text);
        let hints = self.hints(&said);
        let mood = mood(&said, &hints);
        let strange = said.iter().enumerate().any(|(at, word)| word.is_strange(at, &hints));
        let mut best: Vec<Hit> = Vec::new();
        for entry in &self.entries {
            if !options.toolsets.is_empty() && !options.toolsets.contains(&entry.tool.toolset) {
                continue;
            }
            let (points, touched) = self.points(entry, &said, &hints, mood, strange);
            if points <= 0 {
                continue;
            }
            let score = (points * 1000 / (points + HALF)).clamp(1, 1000).unsigned_abs() as u16;
            let at = best.iter().position(|hit| hit.score < score).unwrap_or(best.len());
            if at >= options.limit {
                continue;
            }
            let mut matched = Vec::new();
            for (at, said) in said.iter().enumerate() {
                if touched & bit(at) != 0 {
                    matched.push(text.get(said.word.start..said.word.end).unwrap_or_default().to_owned());
                }
            }
            best.truncate(options.limit - 1);
            best.insert(at, Hit { tool: entry.tool, score, matched });
        }
        best
    }

    /// How well a tool fits, and the positions of the words that point to it, a bit each.
    fn points(&self, entry: &Entry, said: &[Said], hints: &[Hint], mood: Mood, strange: bool) -> (i32, u64) {
        let mut touched = 0;
        // What verbs of reading add is kept apart: every question has one.
        let (mut points, mut noun, mut read) = (0, 0, 0);
        for word in &entry.name {
            // Many words that say the same count little more than one.
            let (mut most, mut sum) = (0, 0);
            for hint in hints.iter().filter(|h| h.means == *word && h.points > 0) {
                most = most.max(hint.points);
                sum += hint.points;
                (hint.from..hint.to).for_each(|at| touched |= bit(at));
            }
            let sum = most + (sum - most) / 4;
            points += sum;
            match verb(*word) {
                at if at < READS => read += sum,
                at if at < VERBS.len() => {}
                _ => noun += most,
            }
        }
        for (at, said) in said.iter().enumerate() {
            if said.rarity > 0 && entry.text.contains(&said.stem) {
                points += said.rarity;
                noun += said.rarity;
                touched |= bit(at);
            }
        }
        // "Delete" alone is a request, "delete my homework" is not one for us. What follows only tells
        // fitting tools apart.
        if points - read < LEAST || (noun < LEAST && strange) {
            return (0, 0);
        }
        for _ in entry.rare.iter().filter(|n| !hints.iter().any(|h| h.means == **n)).take(3) {
            points -= UNTOUCHED;
        }
        let wrong = if matches!(entry.tool.method, Method::Get) { Mood::Writing } else { Mood::Reading };
        (if mood == wrong { points - WRONG_EFFECT } else { points }, touched)
    }

    /// The words of a request, misspelt ones set right.
    fn read(&self, text: &str) -> Vec<Said> {
        let mut said: Vec<Said> = Vec::new();
        words(text, false, &mut |word| {
            let whole = self.said(word, text);
            if said.len() >= MOST_WORDS || self.knows(&whole) {
                return said.push(whole);
            }
            // `listConnections` is two words, `HubSpot` one.
            let before = said.len();
            words(text.get(word.start..word.end).unwrap_or_default(), true, &mut |part| {
                said.push(
                    self.said(part.moved(part.start + word.start, part.end + word.start, part.owner), text),
                );
            });
            let parts = said.get(before..).unwrap_or_default();
            if parts.len() < 2 || !parts.iter().all(|part| self.knows(part)) {
                said.truncate(before);
                said.push(self.said(self.corrected(word), text));
            }
        });
        said.truncate(MOST_WORDS);
        said
    }

    fn said(&self, word: Word, text: &str) -> Said {
        let (stem, exact, silent) = (hash(word.stem()), hash(word.bytes()), is_in(SILENT, &word));
        let capital = text.as_bytes().get(word.start).is_some_and(u8::is_ascii_uppercase);
        let rarity = if silent { 0 } else { self.rarity(stem, Place::Text) * IN_TEXT / 100 };
        Said { word, stem, exact, silent, capital, rarity }
    }

    fn knows(&self, said: &Said) -> bool {
        said.silent
            || said.rarity > 0
            || self.phrases.iter().any(|p| p.stems.contains(&said.stem))
            || self.spread(said.stem, Place::Name) > 0
    }

    /// A word one letter away, where there is one in the table or in a tool's name.
    fn corrected(&self, word: Word) -> Word {
        let mut found = word;
        let mut check = |known: Word| {
            if known.bytes().len() >= LONG && near(word.stem(), known.stem()) {
                found = known.moved(word.start, word.end, word.owner);
            }
        };
        if word.bytes().len() >= LONG {
            each_line(WORDS, &mut |left, _| words(left, false, &mut check));
            for entry in &self.entries {
                words(entry.tool.title, false, &mut check);
            }
        }
        found
    }

    /// What the words of a request point to.
    fn hints(&self, said: &[Said]) -> Vec<Hint> {
        let mut hints: Vec<Hint> = Vec::new();
        let named = said.iter().any(|s| is_in("nango", &s.word));
        let mut from = 0;
        while let Some(rest @ [first, ..]) = said.get(from..) {
            let best = self.phrases.iter().fold(0, |best, phrase| phrase.rank(rest).max(best));
            let to = from + (best / 2).max(1);
            let mut hint = |means: u32, points: i32| hints.push(Hint { means, points, from, to });
            for phrase in &self.phrases {
                if best > 0 && phrase.rank(rest) == best {
                    each_meaning(phrase.means, &mut hint);
                }
            }
            if best == 0 && !first.silent {
                hint(first.stem, self.rarity(first.stem, Place::Name));
            }
            // A tool's noun in the plural asks for a list.
            if first.word.bytes().ends_with(b"s") && self.spread(first.stem, Place::Name) > 0 {
                hint(name("list"), UNIT);
            }
            // NAMES_LIKE_THIS are variables, but for those of tools.
            if first.word.constant && !named {
                hint(name("variable"), 3 * UNIT);
            }
            // What is somebody's is an account.
            if first.word.owner {
                hint(name("connection"), UNIT);
            }
            from = to;
        }
        let single = hints.len();
        each_line(PAIRS, &mut |left, right| {
            let side = |s: &str| hints.iter().take(single).find(|h| h.means == name(s)).copied();
            let Some((Some(a), Some(b))) = left.split_once(' ').map(|(a, b)| (side(a), side(b))) else {
                return;
            };
            each_meaning(right, &mut |means, points| {
                hints.push(Hint { means, points, ..a });
                hints.push(Hint { means, points: 1, ..b });
            });
        });
        hints
    }
}

impl Said {
    /// Whether it is a word that neither points anywhere nor names anybody.
    fn is_strange(&self, at: usize, hints: &[Hint]) -> bool {
        let points = |h: &Hint| h.points > 0 && (h.from..h.to).contains(&at);
        !(self.silent || self.rarity > 0 || (self.capital && at > 0) || hints.iter().any(points))
    }
}

impl Phrase {
    /// How well the phrase stands at the beginning of `said`: longer beats shorter, exact beats
    /// stems, 0 is not at all.
    fn rank(&self, said: &[Said]) -> usize {
        let Some(said) = said.get(..self.count) else { return 0 };
        let mut exact = 1;
        for ((said, stem), word) in said.iter().zip(&self.stems).zip(&self.exact) {
            if said.stem != *stem {
                return 0;
            }
            exact &= usize::from(said.exact == *word);
        }
        self.count * 2 + exact
    }
}

/// The position of a word among the verbs; their number for another.
fn verb(word: u32) -> usize {
    VERBS.iter().position(|v| name(v) == word).unwrap_or(VERBS.len())
}

/// The bit for a position.
fn bit(at: usize) -> u64 {
    1 << (at % MOST_WORDS)
}

/// The right side of a line: words, each ending in its weight.
fn each_meaning(means: &str, each: &mut dyn FnMut(u32, i32)) {
    for part in means.split(' ') {
        if let Some((word, weight)) = part.split_at_checked(part.len().saturating_sub(1)) {
            let weight = weight.bytes().next().unwrap_or(b'0').saturating_sub(b'0');
            each(name(word), i32::from(weight) * UNIT);
        }
    }
}

/// Whether a request begins like a question or like an order.
fn mood(said: &[Said], hints: &[Hint]) -> Mood {
    let is = |at: usize, list: &str| said.get(at).is_some_and(|s| is_in(list, &s.word));
    let Some(first) = said.iter().position(|s| !s.silent || is_in(READING, &s.word)) else {
        return Mood::Unknown;
    };
    let write = hints.iter().find(|h| h.from == first && (WRITES..VERBS.len()).contains(&verb(h.means)));
    // "Get rid" is an order, and "how do I delete" asks for one.
    let phrase = write.is_some_and(|h| h.to - h.from > 1);
    match write {
        _ if is(first, "how") && is(first + 1, "do can to") => Mood::Unknown,
        _ if is(first, READING) && !phrase => Mood::Reading,
        Some(_) => Mood::Writing,
        None => Mood::Unknown,
    }
}
