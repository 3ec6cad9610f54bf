//! Statistics on calls, computed from audit events: how often each tool and each session succeeds, which errors
//! occur, how long calls take. Memory is bounded, whatever the events contain.

use serde::Serialize;
use serde::ser::{SerializeStruct, Serializer};

use crate::audit::{Event, What};
use crate::error::ErrorKind;
use crate::json::to_json;
use crate::text::clip;

/// The maximum number of tools, and of sessions, that are counted separately.
const MOST: usize = 256;
/// The maximum number of error codes for one of them.
const CODES: usize = 16;
/// The maximum length of a name, in characters.
const NAME: usize = 128;
/// Counts calls of unknown tools under one name, since an agent may make up any number of names.
const NO_TOOL: &str = "unknown";
/// Counts everything beyond the maximum.
const OTHER: &str = "other";

/// Statistics on calls.
///
/// ```
/// use nango_toolkit::stats::Stats;
///
/// let mut stats = Stats::new();
/// stats.add("NANGO_GET_PROXY", "", None, 120);
/// stats.add("NANGO_GET_PROXY", "", Some("rate_limited"), 80);
/// assert!(stats.to_json().contains(r#""NANGO_GET_PROXY":{"calls":2,"successes":1,"#));
/// ```
#[derive(Debug, Clone, Default)]
pub struct Stats {
    total: Tally,
    tools: Vec<(String, Tally)>,
    /// The session with the most recent call is last.
    sessions: Vec<(String, Tally)>,
    forgotten: u64,
}

#[derive(Debug, Clone, Default)]
struct Tally {
    calls: u64,
    successes: u64,
    codes: Vec<(String, u64)>,
    times: Times,
}

impl Stats {
    /// Empty statistics.
    #[must_use]
    pub fn new() -> Stats {
        Stats::default()
    }

    /// Counts the call that an event ends; other events are ignored.
    pub fn record(&mut self, event: &Event) {
        let What::Finished { error, duration_ms, .. } = &event.what else { return };
        let unknown = error.as_ref().is_some_and(|error| error.kind == ErrorKind::UnknownTool);
        let tool = if unknown { NO_TOOL } else { &event.tool };
        let session = event.who.as_ref().map_or("", |who| &who.session);
        self.add(tool, session, error.as_ref().map(|error| error.code.as_str()), *duration_ms);
    }

    /// Counts a call of `tool`, in a session or without one (an empty string), with the code of its error if it
    /// failed, and its milliseconds from the first poll to the end.
    pub fn add(&mut self, tool: &str, session: &str, code: Option<&str>, ms: u64) {
        // Longer than any real duration, and still a number that JSON can represent.
        let ms = ms.min(1 << 40);
        self.total.add(code, ms);
        let count = |tally: &mut Tally| tally.add(code, ms);
        slot(&mut self.tools, tool, MOST).into_iter().for_each(count);
        if session.is_empty() {
            return;
        }
        let session = &clip(session, NAME);
        // The most recently used one moves to the end; a new one replaces the least recently used one.
        if let Some(at) = self.sessions.iter().position(|(id, _)| id == session) {
            let known = self.sessions.remove(at);
            self.sessions.push(known);
        } else if self.sessions.len() >= MOST {
            self.sessions.remove(0);
            self.forgotten += 1;
        }
        slot(&mut self.sessions, session, MOST).into_iter().for_each(count);
    }

    /// The JSON form, as `Serialize` writes it: `{ total, tools: { SLUG: … }, sessions: { ID: … }, forgotten }` with
    /// `{ calls, successes, errors: { CODE: calls }, latencyMs: { p50, p90, p99, max } }` of each, the most recently
    /// used sessions first. `forgotten` counts sessions that were dropped. The error of percentiles is below 1/16.
    #[must_use]
    pub fn to_json(&self) -> String {
        to_json(self)
    }
}

impl Serialize for Stats {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("Stats", 4)?;
        out.serialize_field("total", &self.total)?;
        out.serialize_field("tools", &Named(self.tools.iter().collect()))?;
        out.serialize_field("sessions", &Named(self.sessions.iter().rev().collect()))?;
        out.serialize_field("forgotten", &self.forgotten)?;
        out.end()
    }
}

/// Pairs of a name and a value, as an object.
struct Named<'a, T>(Vec<&'a (String, T)>);

impl<T: Serialize> Serialize for Named<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

impl Tally {
    fn add(&mut self, code: Option<&str>, ms: u64) {
        self.calls += 1;
        self.times.add(ms);
        match code {
            None => self.successes += 1,
            Some(code) => {
                if let Some(calls) = slot(&mut self.codes, code, CODES) {
                    *calls += 1;
                }
            }
        }
    }
}

impl Serialize for Tally {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("Tally", 4)?;
        out.serialize_field("calls", &self.calls)?;
        out.serialize_field("successes", &self.successes)?;
        out.serialize_field("errors", &Named(self.codes.iter().collect()))?;
        out.serialize_field("latencyMs", &self.times)?;
        out.end()
    }
}

/// The entry for `name`, or for [`OTHER`] if there are already too many names.
fn slot<'s, T: Default>(all: &'s mut Vec<(String, T)>, name: &str, most: usize) -> Option<&'s mut T> {
    let mut name = clip(name, NAME);
    let mut known = all.iter().position(|(known, _)| *known == name);
    if known.is_none() && all.len() >= most {
        name = OTHER.to_owned();
        known = all.iter().position(|(known, _)| *known == name);
    }
    if known.is_none() {
        all.push((name, T::default()));
    }
    let at = known.unwrap_or(all.len() - 1);
    all.get_mut(at).map(|(_, kept)| kept)
}

/// Eight buckets for each doubling: a bucket spans an eighth of its value, so its middle is within a sixteenth.
const PARTS: u64 = 8;
/// Enough for four and a half hours; longer durations count as this long.
const BUCKETS: usize = 184;

/// Durations in bounded memory.
#[derive(Debug, Clone, Default)]
struct Times {
    /// Only as many buckets as the longest duration needs.
    counts: Vec<u32>,
    all: u64,
    most: u64,
}

impl Serialize for Times {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("Times", 4)?;
        for (name, percent) in [("p50", 50), ("p90", 90), ("p99", 99)] {
            out.serialize_field(name, &self.percentile(percent))?;
        }
        out.serialize_field("max", &self.most)?;
        out.end()
    }
}

impl Times {
    fn add(&mut self, ms: u64) {
        // Below 2 * PARTS every millisecond has its own bucket.
        let doublings = (ms / PARTS).checked_ilog2().unwrap_or(0);
        let at = (u64::from(doublings) * PARTS + (ms >> doublings)).min(BUCKETS as u64 - 1) as usize;
        if self.counts.len() <= at {
            self.counts.resize(at + 1, 0);
        }
        if let Some(count) = self.counts.get_mut(at) {
            *count = count.saturating_add(1);
        }
        self.all += 1;
        self.most = self.most.max(ms);
    }

    /// The duration that `percent` of the calls do not exceed.
    fn percentile(&self, percent: u64) -> u64 {
        let mut rest = (self.all * percent).div_ceil(100);
        for (at, count) in self.counts.iter().enumerate() {
            rest = rest.saturating_sub(u64::from(*count));
            if rest == 0 {
                let at = at as u64;
                let doublings = (at / PARTS).saturating_sub(1);
                let low = (at - doublings * PARTS) << doublings;
                return (low + (1 << doublings) / 2).min(self.most);
            }
        }
        self.most
    }
}
