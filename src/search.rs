//! Tool search: from a request in natural language to ranked tools, without a model. Words are
//! reduced to stems and, through a table of the field's words, to the words that tools are named
//! after; verbs are held against what a tool does. Which tools a caller may see is not decided here.

use crate::tool::{Method, Tool, Toolset};

mod meaning;
mod word;

use meaning::{PAIRS, READING, SILENT, WORDS};
use word::{LONG, Word, hash, near, stem, words};

/// The verbs in the names of tools; the first two change nothing, the third changes nothing here.
const VERBS: &[&str] = &["list", "get", "trigger", "create", "add", "delete", "update", "edit", "set", "put"];
const READS: usize = 2;

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

/// Words of a text that are read; what follows is cut off.
const MOST_WORDS: usize = 64;
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
/// Tools that may have a word in their name while it counts as rare.
const FEW: usize = 3;

/// Tools prepared for many searches.
pub struct Index {
    entries: Vec<Entry>,
    phrases: Vec<Phrase>,
}

/// A tool with its words as hashes of their stems.
struct Entry {
    tool: &'static Tool,
    /// The words of slug, title and toolset.
    name: Vec<u32>,
    /// Those of them that few tools have.
    rare: Vec<u32>,
    /// The words of description, examples and arguments.
    text: Vec<u32>,
}

/// Up to three words on the left of a line of [`WORDS`].
struct Phrase {
    exact: Vec<u32>,
    stems: Vec<u32>,
    means: &'static str,
}

/// A word of the request.
struct Said {
    word: Word,
    stem: u32,
    silent: bool,
    capital: bool,
    /// Points for a tool that has it in its text.
    rarity: i32,
}

/// What the beginning of a request says it is for.
#[derive(Clone, Copy)]
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
    /// Prepares `tools`; their order decides between equals.
    pub fn new(tools: impl Iterator<Item = &'static Tool>) -> Index {
        let phrases = WORDS.lines().filter_map(|line| line.split_once('=').map(|(left, _)| (left, line)));
        let phrases = phrases.flat_map(|(left, line)| left.split(' ').map(move |phrase| (phrase, line)));
        let phrases = phrases.map(|(phrase, line)| {
            let mut found = Phrase { exact: Vec::new(), stems: Vec::new(), means: "" };
            words(phrase, false, &mut |word| {
                found.exact.push(hash(word.bytes()));
                found.stems.push(hash(word.stem()));
            });
            found.means = line.rsplit_once('=').map_or("", |(_, means)| means);
            found
        });
        let mut index = Index { phrases: phrases.collect(), entries: tools.map(Entry::new).collect() };
        let rare =
            |e: &Entry| e.name.iter().copied().filter(|n| index.spread(*n, |e| &e.name) <= FEW).collect();
        let rare: Vec<Vec<u32>> = index.entries.iter().map(rare).collect();
        index.entries.iter_mut().zip(rare).for_each(|(entry, rare)| entry.rare = rare);
        index
    }

    /// The tools that fit `text`, as [`search`] finds them.
    pub fn search(&self, text: &str, options: &Options<'_>) -> Vec<Hit> {
        let said = self.read(text);
        let hints = self.hints(&said);
        let mood = mood(&said, &hints);
        let strange = said.iter().enumerate().any(|(at, s)| s.is_strange(at, &hints));
        let mut best: Vec<(i32, Hit)> = Vec::new();
        for entry in &self.entries {
            if !options.toolsets.is_empty() && !options.toolsets.contains(&entry.tool.toolset) {
                continue;
            }
            let mut touched = Vec::new();
            let points = self.points(entry, &said, &hints, mood, strange, &mut touched);
            if points <= 0 {
                continue;
            }
            let matched = said.iter().enumerate().filter(|(at, _)| touched.contains(at));
            let matched = matched.filter_map(|(_, s)| text.get(s.word.start..s.word.end).map(str::to_owned));
            let score = (points * 1000 / (points + HALF)).clamp(1, 1000);
            let hit =
                Hit { tool: entry.tool, score: score.unsigned_abs() as u16, matched: matched.collect() };
            let at = best.iter().position(|(p, _)| *p < points).unwrap_or(best.len());
            best.insert(at, (points, hit));
            best.truncate(options.limit);
        }
        best.into_iter().map(|(_, hit)| hit).collect()
    }

    /// How well a tool fits; `touched` gets the positions of the words that point to it.
    fn points(
        &self,
        entry: &Entry,
        said: &[Said],
        hints: &[Hint],
        mood: Mood,
        strange: bool,
        touched: &mut Vec<usize>,
    ) -> i32 {
        // What verbs of reading add is kept apart: every question has one.
        let (mut points, mut noun, mut read) = (0, 0, 0);
        for word in &entry.name {
            // Many words that say the same count little more than one.
            let (mut most, mut sum) = (0, 0);
            for hint in hints.iter().filter(|h| h.means == *word && h.points > 0) {
                most = most.max(hint.points);
                sum += hint.points;
                touched.extend(hint.from..hint.to);
            }
            points += most + (sum - most) / 4;
            match VERBS.iter().position(|v| name(v) == *word) {
                Some(at) if at < READS => read += most + (sum - most) / 4,
                Some(_) => {}
                None => noun += most,
            }
        }
        for (at, said) in
            said.iter().enumerate().filter(|(_, s)| s.rarity > 0 && entry.text.contains(&s.stem))
        {
            points += said.rarity;
            noun += said.rarity;
            touched.push(at);
        }
        // "Delete" alone is a request, "delete my homework" is not one for us. What follows only tells
        // fitting tools apart.
        if points - read < LEAST || (noun < LEAST && strange) {
            return 0;
        }
        for _ in entry.rare.iter().filter(|n| !hints.iter().any(|h| h.means == **n)).take(3) {
            points -= UNTOUCHED;
        }
        match (mood, entry.tool.method) {
            (Mood::Writing, Method::Get) => points - WRONG_EFFECT,
            (Mood::Reading, method) if !matches!(method, Method::Get) => points - WRONG_EFFECT,
            _ => points,
        }
    }

    /// The words of a request, misspelt ones set right.
    fn read(&self, text: &str) -> Vec<Said> {
        let mut said: Vec<Word> = Vec::new();
        words(text, false, &mut |word| {
            if said.len() >= MOST_WORDS {
                return;
            }
            // `listConnections` is two words, `HubSpot` one.
            let mut parts = Vec::new();
            words(text.get(word.start..word.end).unwrap_or_default(), true, &mut |part| {
                parts.push(part.moved(part.start + word.start, part.end + word.start, part.owner));
            });
            if self.knows(&word) {
                said.push(word);
            } else if parts.len() > 1 && parts.iter().all(|part| self.knows(part)) {
                said.append(&mut parts);
            } else {
                said.push(self.corrected(word));
            }
        });
        let known = |word: Word| {
            let capital =
                text.get(word.start..).is_some_and(|t| t.starts_with(|c: char| c.is_ascii_uppercase()));
            let (stem, silent) = (hash(word.stem()), is_in(SILENT, &word));
            let rarity = if silent { 0 } else { self.rarity(stem, |e| &e.text) * IN_TEXT / 100 };
            Said { word, stem, silent, capital, rarity }
        };
        said.into_iter().map(known).collect()
    }

    fn knows(&self, word: &Word) -> bool {
        let stem = hash(word.stem());
        is_in(SILENT, word)
            || self.phrases.iter().any(|p| p.stems.contains(&stem))
            || self.entries.iter().any(|e| e.name.contains(&stem) || e.text.contains(&stem))
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
            WORDS
                .lines()
                .filter_map(|l| l.split_once('='))
                .for_each(|(left, _)| words(left, false, &mut check));
            self.entries.iter().for_each(|e| words(e.tool.title, false, &mut check));
        }
        found
    }

    /// What the words of a request point to.
    fn hints(&self, said: &[Said]) -> Vec<Hint> {
        let mut hints: Vec<Hint> = Vec::new();
        let mut from = 0;
        while let Some(rest @ [first, ..]) = said.get(from..) {
            let best = self.phrases.iter().map(|p| p.rank(rest)).max().unwrap_or(0);
            let to = from + (best / 2).max(1);
            let mut hint = |means: u32, points: i32| hints.push(Hint { means, points, from, to });
            if best > 0 {
                for phrase in self.phrases.iter().filter(|p| p.rank(rest) == best) {
                    each_meaning(phrase.means, &mut hint);
                }
            } else if !first.silent {
                hint(first.stem, self.rarity(first.stem, |e| &e.name));
            }
            // A tool's noun in the plural asks for a list.
            if first.word.bytes().ends_with(b"s") && self.spread(first.stem, |e| &e.name) > 0 {
                hint(name("list"), UNIT);
            }
            // NAMES_LIKE_THIS are variables, but for those of tools.
            if first.word.constant && !said.iter().any(|s| is_in("nango", &s.word)) {
                hint(name("variable"), 3 * UNIT);
            }
            // What is somebody's is an account.
            if first.word.owner {
                hint(name("connection"), UNIT);
            }
            from = to;
        }
        let mut more = Vec::new();
        for (left, right) in PAIRS.lines().filter_map(|line| line.split_once('=')) {
            let side = |s: &str| hints.iter().find(|h| h.means == name(s));
            if let Some((Some(a), Some(b))) = left.split_once(' ').map(|(a, b)| (side(a), side(b))) {
                each_meaning(right, &mut |means, points| {
                    more.push(Hint { means, points, ..*a });
                    more.push(Hint { means, points: 1, ..*b });
                });
            }
        }
        hints.append(&mut more);
        hints
    }

    /// How many tools have this word there.
    fn spread(&self, stem: u32, there: impl Fn(&Entry) -> &Vec<u32>) -> usize {
        self.entries.iter().filter(|e| there(e).contains(&stem)).count()
    }

    /// Points for a word by how few tools have it there.
    fn rarity(&self, stem: u32, there: impl Fn(&Entry) -> &Vec<u32>) -> i32 {
        match self.spread(stem, there) {
            0 => 0,
            1 | 2 => 5 * UNIT,
            3 | 4 => 4 * UNIT,
            5..=8 => 3 * UNIT,
            _ => 2 * UNIT,
        }
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
        let count = self.stems.len();
        let stands = count <= said.len() && self.stems.iter().zip(said).all(|(stem, s)| *stem == s.stem);
        let exact = || self.exact.iter().zip(said).all(|(word, s)| *word == hash(s.word.bytes()));
        if stands { count * 2 + usize::from(exact()) } else { 0 }
    }
}

impl Entry {
    fn new(tool: &'static Tool) -> Entry {
        let mut entry = Entry { tool, name: Vec::new(), rare: Vec::new(), text: Vec::new() };
        let slug = tool.slug.trim_start_matches("NANGO_");
        let slug = slug.trim_end_matches("_POST").trim_end_matches("_GET");
        for part in [slug, tool.title, tool.toolset.as_str()] {
            gather(part, &mut entry.name);
        }
        // A clause that names another tool tells what this one is not for.
        for clause in tool.doc.split(['.', ';', ':']).filter(|clause| !clause.contains("NANGO_")) {
            gather(clause, &mut entry.text);
        }
        tool.examples.iter().for_each(|e| gather(e.title, &mut entry.text));
        tool.params.iter().for_each(|p| gather(p.prop.name, &mut entry.text));
        entry
    }
}

fn gather(text: &str, into: &mut Vec<u32>) {
    words(text, false, &mut |word| {
        let stem = hash(word.stem());
        if !is_in(SILENT, &word) && !into.contains(&stem) {
            into.push(stem);
        }
    });
}

/// Whether `list` has the word.
fn is_in(list: &str, word: &Word) -> bool {
    list.split(' ').any(|w| w.as_bytes() == word.bytes())
}

/// What stands for a word of a tool's name.
fn name(word: &str) -> u32 {
    hash(stem(word.as_bytes()))
}

/// The right side of a line: words, each ending in its weight.
fn each_meaning(means: &str, each: &mut dyn FnMut(u32, i32)) {
    for (word, weight) in means.split(' ').filter_map(|m| m.split_at_checked(m.len().saturating_sub(1))) {
        each(name(word), weight.parse().unwrap_or(0) * UNIT);
    }
}

/// Whether a request begins like a question or like an order.
fn mood(said: &[Said], hints: &[Hint]) -> Mood {
    let is = |at: usize, list: &str| said.get(at).is_some_and(|s| is_in(list, &s.word));
    let first = said.iter().position(|s| !s.silent || is_in(READING, &s.word));
    let Some(first) = first else { return Mood::Unknown };
    let write = |h: &&Hint| h.from == first && VERBS.iter().skip(READS + 1).any(|w| name(w) == h.means);
    let write = hints.iter().find(write).map(|h| h.to - h.from);
    // "Get rid" is an order, and "how do I delete" asks for one.
    let phrase = write.is_some_and(|count| count > 1);
    match write {
        _ if is(first, "how") && is(first + 1, "do can to") => Mood::Unknown,
        _ if is(first, READING) && !phrase => Mood::Reading,
        Some(_) => Mood::Writing,
        None => Mood::Unknown,
    }
}
