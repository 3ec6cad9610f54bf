//! When syncs run and what they hold, which follows from the time alone.

use std::collections::BTreeMap;

use serde_json::Value;

use super::collected::{Collected, Counts, MOST, Plan};
use super::frequency::interval;
use super::state::{Function, Run, State, Sync, str_field};

/// How long a run takes.
pub(crate) const RUN_MS: i64 = 2_000;

/// The state of a sync at a time.
pub(crate) struct Progress {
    /// When the last run began.
    pub(crate) began: i64,
    pub(crate) running: bool,
    /// Whether that run collected everything again.
    pub(crate) first: bool,
    /// Whether any run has ended, or preceded that one.
    pub(crate) has_result: bool,
}

/// How often a sync runs: as its connection has it, or as deployed.
pub(crate) fn frequency_of<'a>(sync: &'a Sync, function: &'a Function) -> Option<&'a str> {
    sync.frequency.as_deref().or(function.runs.as_deref())
}

pub(crate) fn interval_of(sync: &Sync, function: &Function) -> Option<i64> {
    frequency_of(sync, function).and_then(interval)
}

/// The last run that was due at `limit` by the schedule.
pub(crate) fn scheduled(sync: &Sync, interval: i64, limit: i64) -> Option<i64> {
    let passed = limit - sync.since;
    (passed >= 0).then(|| sync.since + passed / interval * interval)
}

/// The last run that has begun.
fn last_run(sync: &Sync, interval: Option<i64>, now: i64) -> Option<Run> {
    let limit = sync.paused.map_or(now, |at| at.min(now + 1) - 1);
    let due = interval.and_then(|ms| scheduled(sync, ms, limit)).filter(|at| *at >= sync.active);
    let fresh = sync.manual.is_none() && sync.earlier.is_none();
    let by_schedule = due.map(|began| Run { began, first: began == sync.since && fresh });
    let other = [sync.earlier, sync.manual].into_iter().flatten().filter(|run| run.began <= now);
    by_schedule.into_iter().chain(other).max_by_key(|run| run.began)
}

pub(crate) fn progress(state: &State, i: usize, now: i64) -> Option<Progress> {
    let sync = state.syncs.get(i)?;
    let interval = interval_of(sync, state.function(sync.function)?);
    let Run { began, first, .. } = last_run(sync, interval, now)?;
    let cancelled = sync.paused.is_some_and(|at| at >= began && at < began + RUN_MS);
    let running = now < began + RUN_MS && !cancelled;
    let has_result = !running || last_run(sync, interval, began - 1).is_some();
    Some(Progress { began, running, first, has_result })
}

/// How a run outside the schedule begins.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kind {
    /// Whether it collects everything again.
    pub(crate) afresh: bool,
    /// Whether the records are deleted before.
    pub(crate) emptied: bool,
}

/// Starts a run outside the schedule; a sync that is already running continues, unless it should start `afresh`.
pub(crate) fn trigger(state: &mut State, i: usize, kind: Kind, now: i64) {
    let running = progress(state, i, now).is_some_and(|p| p.running);
    if running && !kind.afresh {
        return;
    }
    settle(state, i, now);
    let Some(interval) = interval_at(state, i) else { return };
    let Some(sync) = state.syncs.get_mut(i) else { return };
    if running {
        // That run is cancelled, and what it found is lost.
        sync.collected.until = sync.collected.until.max(Some(now - 1));
    }
    if kind.emptied {
        sync.collected.records.clear();
    }
    let earlier = last_run(sync, interval, now);
    let first = kind.afresh || earlier.is_none();
    sync.manual = Some(Run { began: now, first });
    sync.earlier = earlier;
}

/// Stops the schedule, and the current run.
pub(crate) fn pause(state: &mut State, i: usize, now: i64) {
    if let Some(sync) = state.syncs.get_mut(i).filter(|sync| sync.started) {
        sync.started = false;
        sync.paused = Some(now);
        settle(state, i, now);
    }
}

/// Resumes the schedule. A run that was missed, or the first run, starts immediately.
pub(crate) fn start(state: &mut State, i: usize, now: i64) {
    if state.syncs.get(i).is_none_or(|sync| sync.started) {
        return;
    }
    settle(state, i, now);
    let Some(interval) = interval_at(state, i) else { return };
    if let Some(sync) = state.syncs.get_mut(i) {
        let earlier = last_run(sync, interval, now);
        let due = interval.and_then(|ms| scheduled(sync, ms, now));
        let missed = due.is_some_and(|due| earlier.is_none_or(|run| due > run.began));
        sync.started = true;
        sync.active = now;
        sync.paused = None;
        sync.manual = missed.then_some(Run { began: now, first: earlier.is_none() });
        sync.earlier = earlier;
    }
}

/// Resumes the schedules of the syncs of a connection that start by themselves.
pub(crate) fn start_all(state: &mut State, connection: u64, now: i64) {
    for i in 0..state.syncs.len() {
        let sync = state.syncs.get(i).filter(|sync| sync.connection == connection && sync.variant == "base");
        if sync.and_then(|sync| state.function(sync.function)).is_some_and(|f| f.auto_start && f.enabled) {
            start(state, i, now);
        }
    }
}

/// Changes how often a sync runs; none is as deployed. The next run is the next one of the new rhythm, which counts
/// from the same time as the old one.
pub(crate) fn set_frequency(state: &mut State, i: usize, frequency: Option<String>, now: i64) {
    settle(state, i, now);
    let Some(interval) = interval_at(state, i) else { return };
    if let Some(sync) = state.syncs.get_mut(i) {
        sync.earlier = last_run(sync, interval, now);
        sync.manual = None;
        sync.active = now;
        sync.frequency = frequency;
    }
}

/// The interval of the sync at this position, if it and its function exist.
fn interval_at(state: &State, i: usize) -> Option<Option<i64>> {
    let sync = state.syncs.get(i)?;
    Some(interval_of(sync, state.function(sync.function)?))
}

/// Keeps what the runs that have ended collected, before their schedule, or what they collected, is changed.
pub(crate) fn settle(state: &mut State, i: usize, now: i64) {
    let settled = collected(state, i, now);
    if let Some(sync) = state.syncs.get_mut(i) {
        sync.collected = settled;
    }
}

/// What the sync at this position has collected at a time.
pub(crate) fn collected(state: &State, i: usize, now: i64) -> Collected {
    let Some(sync) = state.syncs.get(i) else { return Collected::default() };
    let mut collected = sync.collected.clone();
    let Some(function) = state.function(sync.function) else { return collected };
    let plan = plan(function);
    // A run that was cut short by a pause ended then.
    let end = |began: i64| match sync.paused {
        Some(at) if at >= began && at < began + RUN_MS => at,
        _ => began + RUN_MS,
    };
    let after = collected.until.map_or(i64::MIN, |until| until + 1);
    let mut single: Vec<Run> = [sync.manual, sync.earlier].into_iter().flatten().collect();
    single.retain(|run| run.began >= after && end(run.began) <= now);
    single.sort_by_key(|run| run.began);
    single.dedup_by_key(|run| run.began);
    let last = sync.paused.map_or(now - RUN_MS, |at| if at <= now { at - 1 } else { now - RUN_MS });
    let grid = interval_of(sync, function).map(|ms| Grid { since: sync.since, ms, end: &end });
    let mut from = after.max(sync.active);
    for run in single {
        if let Some(grid) = &grid {
            grid.apply(&mut collected, &plan, from, last.min(run.began - 1));
        }
        collected.run(&plan, run.began, end(run.began), run.first);
        from = from.max(run.began + 1);
    }
    if let Some(grid) = &grid {
        grid.apply(&mut collected, &plan, from, last);
    }
    collected
}

/// The times at which a schedule runs.
struct Grid<'a> {
    since: i64,
    ms: i64,
    end: &'a dyn Fn(i64) -> i64,
}

impl Grid<'_> {
    /// Applies the runs that began in this range.
    fn apply(&self, collected: &mut Collected, plan: &Plan, from: i64, to: i64) {
        let from = from.max(self.since);
        if to < from {
            return;
        }
        let (first, last) = ((from - self.since + self.ms - 1) / self.ms, (to - self.since) / self.ms);
        collected.runs(plan, last - first + 1, |n| {
            let began = self.since + (first + n) * self.ms;
            (began, (self.end)(began))
        });
    }
}

/// Whether each run of a function collects everything.
pub(crate) fn is_full(function: &Function) -> bool {
    str_field(&function.declaration, "sync_type") != "incremental"
}

/// The names of the models of a function.
pub(crate) fn model_names(function: &Function) -> impl Iterator<Item = &str> {
    let found = function.behaviour.get("models").and_then(Value::as_object);
    let declared = function.declaration.get("returns").and_then(Value::as_array);
    let declared = declared.into_iter().flatten().map(|name| name.as_str().unwrap_or_default());
    let more = found.into_iter().flat_map(|found| found.keys().map(String::as_str));
    declared.chain(more)
}

/// What runs of a function do.
fn plan(function: &Function) -> Plan {
    let mut models: BTreeMap<String, Counts> = BTreeMap::new();
    let found = function.behaviour.get("models");
    for name in model_names(function) {
        let counts = found.and_then(|found| found.get(name));
        let count = |name: &str| {
            let count = counts.and_then(|counts| counts.get(name)).and_then(Value::as_u64).unwrap_or(0);
            usize::try_from(count).map_or(MOST, |count| count.min(MOST))
        };
        let records = counts.and_then(|counts| counts.get("records")).and_then(Value::as_array);
        // If the fixture does not say how many there are, those that it lists are all.
        let added = match (counts.and_then(|counts| counts.get("added")), records) {
            (None, Some(records)) => records.len().min(MOST),
            _ => count("added"),
        };
        let counts = Counts { added, updated: count("updated"), deleted: count("deleted") };
        models.insert(name.to_owned(), counts);
    }
    Plan { models, full: is_full(function), fails: function.behaviour.get("error").is_some() }
}

/// How many records the sync at this position holds that are not deleted, as of the last request.
pub(crate) fn live_records(state: &State, i: usize) -> usize {
    let held = collected(state, i, state.now).records;
    held.values().flatten().filter(|record| record.deleted.is_none()).count()
}
