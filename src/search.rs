//! Tool search: from a request in natural language to ranked tools, without a model. Words are
//! reduced to stems and, through a table of the field's words, to the words that tools are named
//! after; verbs are compared with the effect of a tool. Which tools a caller may see is not decided here.

use crate::text::end_of;
use crate::tool::{Method, Tool, Toolset};

mod index;
mod meaning;
mod word;

pub use index::Index;
use index::{Entry, Phrase, Place};
use meaning::{PAIRS, READING, SILENT, WORDS};
use word::{LONG, Word, hash, is_in, name, near, spelling, stem, words};

/// The verbs in the names of tools: first those that read, then one that may do either, then those
/// that change something.
const VERBS: &[&str] = &["list", "get", "trigger", "create", "add", "delete", "update", "edit", "set", "put"];
/// The number of verbs that read.
const READS: usize = 2;
/// The index of the first verb that changes something.
const WRITES: usize = 3;

/// Options that narrow a search.
#[derive(Debug, Clone, Copy)]
pub struct SearchOptions<'a> {
    /// How many tools are returned at most.
    pub limit: usize,
    /// Only tools of these toolsets; of all when empty.
    pub toolsets: &'a [Toolset],
}

impl Default for SearchOptions<'_> {
    fn default() -> Self {
        SearchOptions { limit: 5, toolsets: &[] }
    }
}

/// A tool that fits a request.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Hit {
    /// The tool.
    pub tool: &'static Tool,
    /// How well it fits, from 1 to 1000. Only comparable within one search.
    pub score: u16,
    /// The words of the request that point to it, as they were written, in their order.
    pub matched: Vec<String>,
}

/// The tools that fit `text`, best first. Empty or meaningless text finds none; the same text
/// always gives the same result.
///
/// ```
/// use nango_toolkit::{search, tools};
///
/// let hits = search::search("Who has connected Salesforce?", &search::SearchOptions::default(), tools::all());
/// assert_eq!(hits[0].tool.slug, "NANGO_CONNECTION_LIST_GET");
/// ```
pub fn search(
    text: &str,
    options: &SearchOptions<'_>,
    tools: impl Iterator<Item = &'static Tool>,
) -> Vec<Hit> {
    Index::new(tools).search(text, options)
}

/// The maximum number of words of a request, each a bit of a mask; the rest is ignored.
const MOST_WORDS: usize = u64::BITS as usize;
/// The number of characters of a query that are read.
const MOST_CHARACTERS: usize = 2000;
/// Points for one unit of weight in the tables.
const UNIT: i32 = 10;
/// The weight of a word in a tool's description, as a percentage of one in its name.
const IN_TEXT: i32 = 33;
/// Points below which a tool does not fit.
const LEAST: i32 = 25;
/// Points taken from a tool that changes things where the request only asks, and the reverse.
const WRONG_EFFECT: i32 = 45;
/// Points at which a score is 500.
const HALF: i32 = 60;
/// Points taken for each rare word of a tool's name that the request does not touch.
const UNTOUCHED: i32 = 6;
/// Tools that may have a word in their name while it counts as rare.
const FEW: usize = 3;

/// A word of the request.
#[derive(Clone, Copy)]
struct Said {
    word: Word,
    silent: bool,
    /// Points for a tool that has it in its text.
    rarity: i32,
}

/// What the beginning of a request says about its purpose.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mood {
    Reading,
    Writing,
    Unknown,
}

/// A match: words `from..to` of the request point to something.
#[derive(Clone, Copy)]
struct Hint {
    means: u32,
    points: i32,
    from: usize,
    to: usize,
}

/// A parsed request.
struct Request<'a> {
    index: &'a Index,
    text: &'a str,
    said: Vec<Said>,
    hints: Vec<Hint>,
    mood: Mood,
    /// Whether it has a word that neither points to a tool nor is a name.
    strange: bool,
}

impl Index {
    /// The tools that fit `text`, as [`search`] finds them.
    #[must_use]
    pub fn search(&self, text: &str, options: &SearchOptions<'_>) -> Vec<Hit> {
        let toolsets = options.toolsets;
        self.find(text, options.limit, &|tool| toolsets.is_empty() || toolsets.contains(&tool.toolset))
    }

    /// The tools that fit `text`, among those that `selects` accepts, at most `limit`.
    pub fn find(&self, text: &str, limit: usize, selects: &dyn Fn(&Tool) -> bool) -> Vec<Hit> {
        let request = Request::new(self, text.get(..end_of(text, MOST_CHARACTERS)).unwrap_or_default());
        let mut points: Vec<(i32, u64)> = Vec::new();
        for entry in &self.entries {
            points.push(if selects(entry.tool) { request.points(entry) } else { (0, 0) });
        }
        let mut hits = Vec::new();
        while hits.len() < limit {
            // The first of the best; it is taken out for the next round.
            let best = points.iter().fold(0, |best, (points, _)| *points.max(&best));
            let Some(at) = points.iter().position(|(points, _)| best > 0 && *points == best) else { break };
            let touched = points.get_mut(at).map_or(0, |place| core::mem::take(place).1);
            let Some(entry) = self.entries.get(at) else { break };
            let score = (best * 1000 / (best + HALF)).max(1) as u16;
            hits.push(Hit { tool: entry.tool, score, matched: request.matched(touched) });
        }
        hits
    }
}

impl<'a> Request<'a> {
    fn new(index: &'a Index, text: &'a str) -> Request<'a> {
        let (said, hints, mood) = (Vec::new(), Vec::new(), Mood::Unknown);
        let mut request = Request { index, text, said, hints, mood, strange: false };
        request.read(text);
        request.point();
        request.mood = request.mood();
        request.strange = request.said.iter().enumerate().any(|(at, said)| {
            let points = |h: &Hint| h.points > 0 && (h.from..h.to).contains(&at);
            let capital = request.byte(said.word.start).is_ascii_uppercase();
            !(said.silent || said.rarity > 0 || (capital && at > 0) || request.hints.iter().any(points))
        });
        request
    }

    /// Words as they were written.
    fn matched(&self, touched: u64) -> Vec<String> {
        let mut out = Vec::new();
        for (at, said) in self.said.iter().enumerate() {
            if touched & bit(at) != 0 {
                out.push(self.text.get(said.word.start..said.word.end).unwrap_or_default().to_owned());
            }
        }
        out
    }

    fn byte(&self, at: usize) -> u8 {
        self.text.as_bytes().get(at).copied().unwrap_or_default()
    }

    /// How well a tool fits, and the positions of the words that point to it, a bit each.
    fn points(&self, entry: &Entry) -> (i32, u64) {
        let mut touched = 0;
        // Points for verbs of reading are counted separately: every question has one.
        let (mut points, mut noun, mut read, mut untouched) = (0, 0, 0, 0);
        for word in &entry.name {
            // Many words with the same meaning count little more than one.
            let (mut most, mut sum, mut there) = (0, 0, false);
            for hint in self.hints.iter().filter(|h| h.means == *word) {
                there = true;
                most = most.max(hint.points);
                sum += hint.points;
                if hint.points > 0 {
                    (hint.from..hint.to).for_each(|at| touched |= bit(at));
                }
            }
            if !there && untouched < 3 && self.index.spread(*word, Place::Name) <= FEW {
                untouched += 1;
            }
            let sum = most + (sum - most) / 4;
            points += sum;
            match verb(*word) {
                at if at < READS => read += sum,
                at if at < VERBS.len() => {}
                _ => noun += most,
            }
        }
        for (at, said) in self.said.iter().enumerate() {
            if said.rarity > 0 && entry.text.contains(&said.word.stem) {
                points += said.rarity;
                noun += said.rarity;
                touched |= bit(at);
            }
        }
        // "Delete" alone is a request, "delete my homework" is not one for us. The rest only ranks
        // fitting tools.
        if points - read < LEAST || (noun < LEAST && self.strange) {
            return (0, 0);
        }
        points -= untouched * UNTOUCHED;
        let wrong = if entry.tool.method == Method::Get { Mood::Writing } else { Mood::Reading };
        (if self.mood == wrong { points - WRONG_EFFECT } else { points }, touched)
    }

    /// The words of the request, with spelling mistakes corrected.
    fn read(&mut self, text: &str) {
        words(text, false, &mut |word| {
            let before = self.said.len();
            if before >= MOST_WORDS {
                return;
            }
            let whole = self.know(word);
            if let Some(said) = whole {
                return self.said.push(said);
            }
            // `listConnections` is two words, `HubSpot` one.
            let mut all = true;
            words(text.get(word.start..word.end).unwrap_or_default(), true, &mut |part| {
                let (start, end) = (part.start + word.start, part.end + word.start);
                match self.know(Word { start, end, ..part }) {
                    Some(said) => self.said.push(said),
                    None => all = false,
                }
            });
            if !all || self.said.len() == before {
                self.said.truncate(before);
                let word = self.corrected(word);
                let said = Said { word, silent: false, rarity: 0 };
                self.said.push(self.know(word).unwrap_or(said));
            }
        });
        self.said.truncate(MOST_WORDS);
    }

    /// A word that means something.
    fn know(&self, word: Word) -> Option<Said> {
        let silent = is_in(SILENT, word.exact);
        let rarity = if silent { 0 } else { self.index.rarity(word.stem, Place::Text) * IN_TEXT / 100 };
        let known = silent
            || rarity > 0
            || self.index.phrases.iter().any(|p| p.words.iter().any(|w| w.stem == word.stem))
            || self.index.spread(word.stem, Place::Name) > 0;
        known.then_some(Said { word, silent, rarity })
    }

    /// A word that differs by one letter, if the table has one.
    fn corrected(&self, word: Word) -> Word {
        let mut found = word;
        let spelt = spelling(self.text.get(word.start..word.end).unwrap_or_default());
        if spelt.len() >= LONG {
            words(WORDS, false, &mut |known| {
                let letters = WORDS.get(known.start..known.end).unwrap_or_default();
                if letters.len() >= LONG && near(stem(&spelt), stem(letters)) {
                    found = Word { start: word.start, end: word.end, ..known };
                }
            });
        }
        found
    }

    /// What the words of the request point to.
    fn point(&mut self) {
        let index = self.index;
        let named = self.said.iter().any(|s| s.word.exact == hash("nango"));
        let mut from = 0;
        while let Some(rest @ [first, ..]) = self.said.get(from..) {
            let best = index.phrases.iter().fold(0, |best, phrase| phrase.rank(rest).max(best));
            let to = from + (best / 2).max(1);
            let hints = &mut self.hints;
            let mut hint = |means: u32, points: i32| hints.push(Hint { means, points, from, to });
            for phrase in &index.phrases {
                if best > 0 && phrase.rank(rest) == best {
                    each_meaning(phrase.means, &mut hint);
                }
            }
            let Word { stem, start, end, .. } = first.word;
            let in_names = index.spread(stem, Place::Name) > 0;
            if best == 0 && !first.silent {
                hint(stem, index.rarity(stem, Place::Name));
            }
            let written = self.text.get(start..end).unwrap_or_default();
            let after = self.text.get(end..).unwrap_or_default();
            // A tool's noun in the plural asks for a list.
            if written.ends_with('s') && in_names {
                hint(name("list"), UNIT);
            }
            // NAMES_LIKE_THIS are variables, except the names of tools.
            if !named && after.starts_with('_') && written.bytes().all(|b| b.is_ascii_uppercase()) {
                hint(name("variable"), 3 * UNIT);
            }
            // Something that belongs to a person is an account.
            if after.starts_with("'s") || after.starts_with("\u{2019}s") {
                hint(name("connection"), UNIT);
            }
            from = to;
        }
        let single = self.hints.len();
        for (left, right, means, weight) in PAIRS {
            let side = |s: &str| self.hints.iter().take(single).position(|h| h.means == name(s));
            if let (Some(a), Some(b)) = (side(left), side(right)) {
                for (at, points) in [(a, weight * UNIT), (b, 1)] {
                    if let Some(hint) = self.hints.get(at).copied() {
                        self.hints.push(Hint { means: name(means), points, ..hint });
                    }
                }
            }
        }
    }

    /// Whether it begins like a question or like a command.
    fn mood(&self) -> Mood {
        let is = |at: usize, list: &str| self.said.get(at).is_some_and(|s| is_in(list, s.word.exact));
        let Some(first) = self.said.iter().position(|s| !s.silent || is_in(READING, s.word.exact)) else {
            return Mood::Unknown;
        };
        let write =
            self.hints.iter().find(|h| h.from == first && (WRITES..VERBS.len()).contains(&verb(h.means)));
        // "Get rid" is a command, and so is "how do I delete".
        let phrase = write.is_some_and(|h| h.to - h.from > 1);
        match write {
            _ if is(first, "how") && is(first + 1, "do can to") => Mood::Unknown,
            _ if is(first, READING) && !phrase => Mood::Reading,
            Some(_) => Mood::Writing,
            None => Mood::Unknown,
        }
    }
}

impl Phrase {
    /// How well the phrase matches the beginning of `said`: longer beats shorter, exact beats
    /// stems, 0 means no match.
    fn rank(&self, said: &[Said]) -> usize {
        let mut exact = 1;
        for (at, word) in self.words.iter().enumerate() {
            match said.get(at) {
                Some(said) if said.word.stem == word.stem => {
                    exact &= usize::from(said.word.exact == word.exact);
                }
                _ => return 0,
            }
        }
        self.words.len() * 2 + exact
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
        if let Some((at, weight)) = part.char_indices().next_back()
            && let (Some(word), Some(weight)) = (part.get(..at), weight.to_digit(10))
        {
            each(name(word), weight as i32 * UNIT);
        }
    }
}
