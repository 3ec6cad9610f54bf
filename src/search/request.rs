//! A request taken apart: its words, what they point to, and whether it asks or commands. How tools are
//! scored with it is in [`super`].

use super::index::{Index, Phrase, Place};
use super::meaning::{AUXILIARY, FETCHING, INSTANCE, LINK, NAMED, READING, SILENT, UUID, WORDS};
use super::word::{LONG, Word, hash, is_in, name, near, spelling, stem, words};
use super::{IN_TEXT, MOST_WORDS, READS, UNIT, VERBS, WRITES, bit, verb};

/// The methods that a request may name in capitals.
const METHODS: &[&str] = &["GET", "POST", "PUT", "PATCH", "DELETE"];
/// Points with which a word must point to a verb to command it.
const COMMANDS: i32 = 2 * UNIT;

/// A word of the request.
#[derive(Clone, Copy)]
pub(super) struct Said {
    pub(super) word: Word,
    silent: bool,
    /// Points for a tool that has it in its text.
    pub(super) rarity: i32,
}

/// What the beginning of a request says about its purpose.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mood {
    Reading,
    Writing,
    Unknown,
}

/// A match: words `from..to` of the request point to something.
#[derive(Clone, Copy)]
pub(super) struct Hint {
    pub(super) means: u32,
    pub(super) points: i32,
    pub(super) from: usize,
    pub(super) to: usize,
}

/// A parsed request.
pub(super) struct Request<'a> {
    pub(super) index: &'a Index,
    text: &'a str,
    pub(super) said: Vec<Said>,
    pub(super) hints: Vec<Hint>,
    pub(super) mood: Mood,
    /// The verbs it commands, where it does.
    pub(super) verbs: Vec<u32>,
    /// Whether it has a word that neither points to a tool nor is a name.
    pub(super) strange: bool,
}

impl<'a> Request<'a> {
    pub(super) fn new(index: &'a Index, text: &'a str) -> Request<'a> {
        let (said, hints, mood, verbs) = (Vec::new(), Vec::new(), Mood::Unknown, Vec::new());
        let mut request = Request { index, text, said, hints, mood, verbs, strange: false };
        request.read(text);
        request.point();
        request.mood();
        request.strange = request.said.iter().enumerate().any(|(at, said)| {
            let points = |h: &Hint| h.points > 0 && (h.from..h.to).contains(&at);
            let capital = request.byte(said.word.start).is_ascii_uppercase();
            !(said.silent || said.rarity > 0 || (capital && at > 0) || request.hints.iter().any(points))
        });
        request
    }

    /// Words as they were written.
    pub(super) fn matched(&self, touched: u64) -> Vec<String> {
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

    /// The words of the request, with spelling mistakes corrected.
    fn read(&mut self, text: &str) {
        words(text, false, &mut |word| {
            let before = self.said.len();
            if before >= MOST_WORDS {
                return;
            }
            if let Some((start, end)) = uuid(text, word.start) {
                if self.said.last().is_none_or(|s| s.word.start != start) {
                    let word = Word { stem: hash(UUID), exact: hash(UUID), start, end };
                    self.said.push(Said { word, silent: false, rarity: 0 });
                }
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
        let named = self.said.iter().any(|s| s.word.exact == hash("nango"));
        let mut from = 0;
        while from < self.said.len() {
            let to = self.point_from(from);
            from = self.whole_name(from, to).unwrap_or_else(|| {
                self.point_by_form(from, to, named);
                to
            });
        }
        let single = self.hints.len();
        for (left, right, means) in &self.index.pairs {
            let side = |means: u32| self.hints.iter().take(single).find(|h| h.means == means).copied();
            if let (Some(a), Some(b)) = (side(*left), side(*right)) {
                each_meaning(means, &mut |means, points| {
                    self.hints.push(Hint { means, points, ..a });
                    self.hints.push(Hint { means, points: 1, ..b });
                });
            }
        }
    }

    /// What the longest phrase at `from` points to, or the word there; returns its end.
    fn point_from(&mut self, from: usize) -> usize {
        let index = self.index;
        let rest = self.said.get(from..).unwrap_or_default();
        let best = index.phrases.iter().fold(0, |best, phrase| phrase.rank(rest).max(best));
        let to = from + (best / 2).max(1);
        let mut hint = |means: u32, points: i32| self.hints.push(Hint { means, points, from, to });
        for phrase in &index.phrases {
            if best > 0 && phrase.rank(rest) == best {
                each_meaning(phrase.means, &mut hint);
            }
        }
        if let Some(first) = rest.first()
            && best == 0
            && !first.silent
        {
            hint(first.word.stem, index.rarity(first.word.stem, Place::Name));
            if first.word.stem == hash(UUID) {
                each_meaning(UUID, &mut hint);
            }
        }
        to
    }

    /// What words that hyphens join point to together, where the ones up to `to` make them a name:
    /// `create-contact` is one of a function, `hubspot-eu` one of something of an app. Returns its end.
    fn whole_name(&mut self, from: usize, to: usize) -> Option<usize> {
        let end = self.joined(from);
        let own = self.hints.iter().position(|h| h.from == from).unwrap_or(self.hints.len());
        let (before, hints) = self.hints.split_at_mut(own);
        let of = |is: &dyn Fn(u32) -> bool| hints.iter().any(|h| is(h.means));
        let means = if to >= end {
            return None;
        } else if of(&|means| means == name("#app")) {
            hints.iter_mut().for_each(|hint| hint.to = end);
            let link = before.iter().any(|h| h.to == from && h.means == name("connection"));
            if link { LINK } else { INSTANCE }
        } else if of(&|means| verb(means) < VERBS.len() || means == name("sync")) {
            let fetches = of(&|means| verb(means) < READS || means == name("sync"));
            self.hints.truncate(own);
            if fetches { FETCHING } else { NAMED }
        } else {
            return None;
        };
        each_meaning(means, &mut |means, points| self.hints.push(Hint { means, points, from, to: end }));
        Some(end)
    }

    /// What the form of a word and the characters around it point to.
    fn point_by_form(&mut self, from: usize, to: usize, named: bool) {
        let Some(Said { word: Word { stem, start, end, .. }, .. }) = self.said.get(from).copied() else {
            return;
        };
        let mut hint = |means: &str, points: i32| {
            self.hints.push(Hint { means: name(means), points, from, to });
        };
        let written = self.text.get(start..end).unwrap_or_default();
        let after = self.text.get(end..).unwrap_or_default();
        // A tool's noun in the plural asks for a list, one in the singular for a single thing.
        if verb(stem) == VERBS.len() && self.index.spread(stem, Place::Name) > 0 {
            match written.ends_with('s') {
                true => hint("list", UNIT),
                false => hint("get", UNIT / 2),
            }
        }
        // A method in capitals is one of a request to a provider.
        if !named && METHODS.contains(&written) && self.text.bytes().any(|b| b.is_ascii_lowercase()) {
            hint("proxy", 3 * UNIT);
            hint(&spelling(written), 9 * UNIT);
        }
        // NAMES_LIKE_THIS are variables, except the names of tools.
        if !named && after.starts_with('_') && written.bytes().all(|b| b.is_ascii_uppercase()) {
            hint("variable", 4 * UNIT);
        }
        // A path is one of a provider's own API.
        let path = self.text.get(..start).unwrap_or_default().strip_suffix('/');
        if path.is_some_and(|before| before.is_empty() || before.ends_with(' ')) {
            hint("proxy", 3 * UNIT);
        }
        // Something that belongs to a person is an account.
        if after.starts_with("'s") || after.starts_with("\u{2019}s") {
            hint("connection", UNIT);
        }
    }

    /// The end of the words that hyphens join to the one at `from`.
    fn joined(&self, from: usize) -> usize {
        let end = |at: usize| self.said.get(at).map_or(usize::MAX, |s| s.word.end);
        let is = |at: usize| {
            self.byte(end(at)) == b'-'
                && self.said.get(at + 1).is_some_and(|next| next.word.start == end(at) + 1)
        };
        let mut at = from;
        while is(at) {
            at += 1;
        }
        at + 1
    }

    /// Whether it asks or commands: what the first of its clauses says that does either.
    fn mood(&mut self) {
        let mut end = 0;
        for at in 0..self.said.len() {
            let Some(Said { word, .. }) = self.said.get(at).copied() else { break };
            let between = self.text.get(end..word.start).unwrap_or_default();
            if self.mood == Mood::Unknown && (at == 0 || between.contains(['.', '?', '!', ':', ';', ','])) {
                self.mood_from(at);
            }
            end = word.end;
        }
    }

    fn mood_from(&mut self, from: usize) {
        let is = |at: usize, list: &str| self.said.get(at).is_some_and(|s| is_in(list, s.word.exact));
        let asks = |at: usize| is(at, READING) && (at == from || !is(at, AUXILIARY));
        let speaks = |at: &usize| asks(*at) || self.said.get(*at).is_some_and(|s| !s.silent);
        let Some(first) = (from..self.said.len()).find(speaks) else { return };
        // "How do I delete" is a command, and "get a" a wish for something new.
        if is(first, "how") && is(first + 1, "do can to") || is(first, "do get") && is(first + 1, "a an") {
            return;
        }
        // What was done before is not commanded.
        let written = self.said.get(first).and_then(|s| self.text.get(s.word.start..s.word.end));
        let told = written.is_some_and(|word| word.ends_with("ed") || word.ends_with("ing"));
        let changes = |h: &&Hint| {
            h.from == first && h.points >= COMMANDS && (WRITES..VERBS.len()).contains(&verb(h.means))
        };
        let writes: Vec<Hint> = self.hints.iter().filter(|h| !told && changes(h)).copied().collect();
        // "Get rid" is a command.
        let phrase = writes.first().is_some_and(|h| h.to - h.from > 1);
        if is(first, READING) && !phrase {
            self.mood = Mood::Reading;
        } else if !writes.is_empty() {
            self.mood = Mood::Writing;
            self.verbs = writes.iter().map(|h| h.means).collect();
        }
    }
}

impl Phrase {
    /// How well the phrase matches the beginning of `said`: longer beats shorter, exact beats
    /// stems, 0 means no match.
    fn rank(&self, said: &[Said]) -> usize {
        let mut exact = true;
        for (at, word) in self.words.iter().enumerate() {
            let Some(said) = said.get(at) else { return 0 };
            let same = said.word.exact == word.exact;
            // Short words share stems: that of "this" is also that of "the".
            if said.word.stem != word.stem || (said.silent && !same) {
                return 0;
            }
            exact &= same;
        }
        self.words.len() * 2 + usize::from(exact)
    }
}

/// The part of the text around `at` that is a UUID.
fn uuid(text: &str, at: usize) -> Option<(usize, usize)> {
    const LENGTH: usize = 36;
    let inside = |b: &u8| b.is_ascii_alphanumeric() || *b == b'-';
    let back = text.as_bytes().get(..at)?.iter().rev().take(LENGTH).take_while(|b| inside(b)).count();
    let start = at - back;
    let all = text.as_bytes().get(start..)?.iter().take(LENGTH + 1).take_while(|b| inside(b));
    let is = text.get(start..start + LENGTH)?.bytes().enumerate().all(|(at, b)| match at {
        8 | 13 | 18 | 23 => b == b'-',
        _ => b.is_ascii_hexdigit(),
    });
    (is && all.count() == LENGTH).then_some((start, start + LENGTH))
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
