//! Tool search: from a request in natural language to ranked tools, without a model. Words are
//! reduced to stems and, through a table of the field's words, to the words that tools are named
//! after; verbs are compared with the effect of a tool. Which tools a caller may see is not decided here.

use crate::text::end_of;
use crate::tool::{Effect, Method, Tool, Toolset};

mod index;
mod meaning;
mod request;
mod word;

pub use index::Index;
use index::{Entry, Place};
use request::{Mood, Request};
use word::name;

/// The verbs in the names of tools: first those that read, then those that may do either, then those
/// that change something.
const VERBS: &[&str] = &[
    "list", "get", "trigger", "invoke", "compile", "create", "add", "delete", "update", "edit", "set", "put",
    "post", "patch", "start", "pause", "prune", "rotate",
];
/// The number of verbs that read.
const READS: usize = 2;
/// The index of the first verb that changes something.
const WRITES: usize = 5;
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
/// Points taken from a tool that changes things in another way than the request commands.
const WRONG_VERB: i32 = 20;
/// Points at which a score is 500.
const HALF: i32 = 60;
/// Points taken for each rare word of a tool's name that the request does not touch.
const UNTOUCHED: i32 = 12;
/// Tools that may have a word in their name while it counts as rare.
const FEW: usize = 5;

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

impl Request<'_> {
    /// How well a tool fits, and the positions of the words that point to it, a bit each.
    fn points(&self, entry: &Entry) -> (i32, u64) {
        let mut touched = 0;
        // Points for verbs of reading are counted separately: every question has one.
        let (mut points, mut noun, mut read, mut untouched) = (0, 0, 0, 0);
        // Whether it changes something, and whether the request commands something else.
        let (mut acts, mut other) = (false, !self.verbs.is_empty());
        for (at, word) in entry.name.iter().enumerate() {
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
            if !there && untouched < 3 && at < entry.own && self.index.spread(*word, Place::Name) <= FEW {
                untouched += 1;
            }
            let sum = most + (sum - most) / 4;
            points += sum;
            match verb(*word) {
                at if at < READS => read += sum,
                at if at < VERBS.len() => {
                    acts = true;
                    other &= !self.verbs.contains(word);
                }
                _ if at < entry.own => noun += sum,
                _ => {}
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
        let wrong = match self.mood {
            Mood::Reading => entry.tool.method != Method::Get && entry.tool.effect != Effect::Read,
            Mood::Writing => entry.tool.method == Method::Get,
            Mood::Unknown => false,
        };
        if wrong {
            points -= WRONG_EFFECT;
        } else if other && acts {
            points -= WRONG_VERB;
        }
        (points, touched)
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
