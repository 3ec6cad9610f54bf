//! When syncs run and what they hold, which follows from the time alone.

use std::collections::BTreeMap;

use serde_json::Value;

use super::clock;
use super::state::{Function, Run, State, Sync};

/// How long a run takes.
pub(crate) const RUN_MS: i64 = 2_000;

/// The state of a sync at a time.
pub(crate) struct Progress {
    /// When the last run began.
    pub(crate) began: i64,
    pub(crate) running: bool,
    /// Whether that run collected everything again.
    pub(crate) first: bool,
    /// Whether it has records of a run.
    pub(crate) done: bool,
    /// Whether any run has ended, or preceded that one.
    pub(crate) has_result: bool,
}

pub(crate) fn interval_of(function: &Function) -> Option<i64> {
    function.runs.as_deref().and_then(interval)
}

/// The longest interval, so that sums with times do not overflow.
const LONGEST_MS: i64 = clock::FURTHEST_MS;

/// `every hour`, `every 30 minutes`, `every half day`, `6h`.
fn interval(runs: &str) -> Option<i64> {
    const MINUTE: i64 = 60_000;
    let text = runs.trim().strip_prefix("every").unwrap_or(runs).trim();
    let (count, unit) = match text.find(|c: char| !c.is_ascii_digit()) {
        Some(0) | None => (1, text),
        Some(at) => (text.get(..at)?.parse().ok()?, text.get(at..)?.trim()),
    };
    let ms = match unit {
        "s" | "sec" | "secs" | "second" | "seconds" => 1000,
        "m" | "min" | "mins" | "minute" | "minutes" => MINUTE,
        "quarter hour" => 15 * MINUTE,
        "half hour" => 30 * MINUTE,
        "h" | "hr" | "hrs" | "hour" | "hours" => 60 * MINUTE,
        "half day" => 720 * MINUTE,
        "d" | "day" | "days" => 1440 * MINUTE,
        "week" => 7 * 1440 * MINUTE,
        "month" => 30 * 1440 * MINUTE,
        _ => return None,
    };
    i64::checked_mul(count, ms).filter(|ms| (1..=LONGEST_MS).contains(ms))
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
    let interval = interval_of(state.function(sync.function)?);
    let Run { began, first } = last_run(sync, interval, now)?;
    let cancelled = sync.paused.is_some_and(|at| at >= began && at < began + RUN_MS);
    let running = now < began + RUN_MS && !cancelled;
    let has_result = !running || last_run(sync, interval, began - 1).is_some();
    Some(Progress { began, running, first, done: !running || !first, has_result })
}

/// Starts a run outside the schedule; a sync that is already running continues, unless it should start `afresh`.
pub(crate) fn trigger(state: &mut State, i: usize, afresh: bool, now: i64) {
    let running = progress(state, i, now).is_some_and(|p| p.running);
    let Some(sync) = state.syncs.get(i).filter(|_| afresh || !running) else { return };
    let earlier = last_run(sync, state.function(sync.function).and_then(interval_of), now);
    if let Some(sync) = state.syncs.get_mut(i) {
        sync.manual = Some(Run { began: now, first: afresh || earlier.is_none() });
        sync.earlier = earlier;
    }
}

/// Stops the schedule, and the current run.
pub(crate) fn pause(state: &mut State, i: usize, now: i64) {
    if let Some(sync) = state.syncs.get_mut(i).filter(|sync| sync.started) {
        sync.started = false;
        sync.paused = Some(now);
    }
}

/// Resumes the schedule. A run that was missed, or the first run, starts immediately.
pub(crate) fn start(state: &mut State, i: usize, now: i64) {
    let Some(sync) = state.syncs.get(i).filter(|sync| !sync.started) else { return };
    let interval = state.function(sync.function).and_then(interval_of);
    let earlier = last_run(sync, interval, now);
    let due = interval.and_then(|ms| scheduled(sync, ms, now));
    let missed = due.is_some_and(|due| earlier.is_none_or(|run| due > run.began));
    if let Some(sync) = state.syncs.get_mut(i) {
        sync.started = true;
        sync.active = now;
        sync.paused = None;
        sync.manual = missed.then_some(Run { began: now, first: earlier.is_none() });
        sync.earlier = earlier;
    }
}

/// How many records the sync at this position has collected, as of the last request.
pub(crate) fn records(state: &State, i: usize) -> i64 {
    let function = state.syncs.get(i).and_then(|sync| state.function(sync.function));
    let done = progress(state, i, state.now).is_some_and(|p| p.done);
    let counts = function.filter(|_| done).map(collected).unwrap_or_default();
    counts.values().fold(0, |sum, count| i64::saturating_add(sum, *count))
}

/// The number of records of each model of the connections, by their rows, from all syncs.
pub(crate) fn records_by_model(state: &State, now: i64) -> BTreeMap<u64, BTreeMap<String, i64>> {
    let mut all: BTreeMap<u64, BTreeMap<String, i64>> = BTreeMap::new();
    for (i, sync) in state.syncs.iter().enumerate() {
        let done = progress(state, i, now).is_some_and(|p| p.done);
        let Some(function) = state.function(sync.function).filter(|_| done) else { continue };
        for (model, count) in collected(function) {
            let sum = all.entry(sync.connection).or_default().entry(model).or_default();
            *sum = sum.saturating_add(count);
        }
    }
    all
}

/// The number of records of each model after a run of a sync; none if it fails.
fn collected(function: &Function) -> BTreeMap<String, i64> {
    let fails = function.behaviour.get("error").is_some();
    let added = |counts: &Value| counts.get("added").and_then(Value::as_i64).filter(|_| !fails).unwrap_or(0);
    models(function).into_iter().map(|(model, counts)| (model, added(&counts))).collect()
}

/// What a run finds, by model: the first run adds, later ones update and delete.
pub(crate) fn models(function: &Function) -> BTreeMap<String, Value> {
    let mut models: BTreeMap<String, Value> = BTreeMap::new();
    for name in function.declaration.get("returns").and_then(Value::as_array).into_iter().flatten() {
        models.insert(name.as_str().unwrap_or_default().to_owned(), Value::Null);
    }
    if let Some(found) = function.behaviour.get("models").and_then(Value::as_object) {
        models.extend(found.iter().map(|(name, counts)| (name.clone(), counts.clone())));
    }
    models
}

#[cfg(test)]
mod tests {
    use super::interval;

    #[test]
    fn frequencies() {
        assert_eq!(interval("every hour"), Some(3_600_000));
        assert_eq!(interval("every 30 minutes"), Some(1_800_000));
        assert_eq!(interval("every half hour"), Some(1_800_000));
        assert_eq!(interval("6h"), Some(21_600_000));
        assert_eq!(interval("every blue moon"), None);
    }
}
