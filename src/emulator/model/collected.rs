//! The records that runs of a sync leave behind: a first run adds them, the next one deletes some, and every later one
//! updates a few, going round. Which run did what follows from its number, so that thousands of runs of a schedule are
//! applied in a few steps.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::clock;

/// The most records of one model that a sync collects.
pub(crate) const MOST: usize = 10_000;

/// One record: its times. Its content follows from its position and from `modified`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Record {
    #[serde(deserialize_with = "clock::read")]
    pub(crate) first_seen: i64,
    #[serde(deserialize_with = "clock::read")]
    pub(crate) modified: i64,
    #[serde(default, deserialize_with = "clock::read_optional")]
    pub(crate) deleted: Option<i64>,
    /// When its content was removed, while it is not collected again.
    #[serde(default, deserialize_with = "clock::read_optional")]
    pub(crate) pruned: Option<i64>,
}

impl Record {
    fn new(at: i64) -> Record {
        Record { first_seen: at, modified: at, deleted: None, pruned: None }
    }
}

/// What a run did to the records of a model.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Counts {
    pub(crate) added: usize,
    pub(crate) updated: usize,
    pub(crate) deleted: usize,
}

/// What runs of a function do.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    /// The most that a run adds, updates or deletes, by model.
    pub(crate) models: BTreeMap<String, Counts>,
    /// Whether each run collects every record.
    pub(crate) full: bool,
    /// Whether each run fails before it collects anything.
    pub(crate) fails: bool,
}

/// What a sync has collected.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Collected {
    /// When the last run began whose effect is in it.
    #[serde(deserialize_with = "clock::read_optional")]
    pub(crate) until: Option<i64>,
    /// Runs since the one that collected everything.
    later: u64,
    /// By model, in the order of collection.
    pub(crate) records: BTreeMap<String, Vec<Record>>,
    /// What the last run did, by model.
    pub(crate) result: BTreeMap<String, Counts>,
}

impl Collected {
    /// Applies a run that began and ended at these times; one that starts `afresh` collects everything again.
    pub(crate) fn run(&mut self, plan: &Plan, began: i64, ended: i64, afresh: bool) {
        self.until = Some(began);
        self.result.clear();
        if plan.fails {
            return;
        }
        let first = plan.models.keys().any(|model| !self.records.contains_key(model));
        self.later = if first || afresh { 0 } else { self.later.saturating_add(1) };
        for (model, size) in &plan.models {
            let counts = match self.records.get_mut(model) {
                Some(held) if first || afresh => again(held, ended),
                Some(held) => change(held, *size, self.later, plan.full, ended),
                None => {
                    let added = size.added.min(MOST);
                    self.records.insert(model.clone(), vec![Record::new(ended); added]);
                    Counts { added, ..Counts::default() }
                }
            };
            self.result.insert(model.clone(), counts);
        }
    }

    /// Applies `count` runs of a schedule; `at` gives when each began and ended.
    pub(crate) fn runs(&mut self, plan: &Plan, count: i64, at: impl Fn(i64) -> (i64, i64)) {
        let mut next = 0;
        // The first may add everything, and the second deletes.
        while next < count.min(2) {
            let (began, ended) = at(next);
            self.run(plan, began, ended, false);
            next += 1;
        }
        if next < count {
            self.later_runs(plan, next, count, at);
        }
    }

    /// Applies the runs from `next` on, which only update. Of a model's runs those count that reach each record last.
    fn later_runs(&mut self, plan: &Plan, next: i64, count: i64, at: impl Fn(i64) -> (i64, i64)) {
        self.until = Some(at(count - 1).0);
        if plan.fails {
            return;
        }
        let number = |run: i64| self.later.saturating_add((run - next + 1).unsigned_abs());
        for (model, size) in &plan.models {
            let Some(held) = self.records.get_mut(model) else { continue };
            let live = live(held);
            let updated = size.updated.min(live.len());
            let round = if updated == 0 { 0 } else { live.len().div_ceil(updated) };
            let from = (count - i64::try_from(round).unwrap_or(i64::MAX)).max(next);
            for run in from..count {
                update(held, &live, updated, number(run), at(run).1);
            }
            if plan.full {
                collect(held);
            }
            self.result.insert(model.clone(), Counts { updated, ..Counts::default() });
        }
        self.later = number(count - 1);
    }
}

fn live(held: &[Record]) -> Vec<usize> {
    held.iter().enumerate().filter(|(_, record)| record.deleted.is_none()).map(|(i, _)| i).collect()
}

/// Everything is collected again: what was deleted comes back, the rest is unchanged.
fn again(held: &mut [Record], at: i64) -> Counts {
    let mut added = 0;
    for record in held {
        if record.deleted.is_some() {
            *record = Record::new(at);
            added += 1;
        }
        record.pruned = None;
    }
    Counts { added, ..Counts::default() }
}

/// A later run, by its number: the first of them deletes, each updates the next ones.
fn change(held: &mut [Record], size: Counts, number: u64, full: bool, at: i64) -> Counts {
    let mut deleted = 0;
    if number == 1 {
        for record in held.iter_mut().rev().filter(|record| record.deleted.is_none()).take(size.deleted) {
            record.deleted = Some(at);
            record.modified = at;
            deleted += 1;
        }
    }
    let live = live(held);
    if full {
        collect(held);
    }
    let updated = size.updated.min(live.len());
    update(held, &live, updated, number, at);
    Counts { added: 0, updated, deleted }
}

/// Every record is collected again, with its content.
fn collect(held: &mut [Record]) {
    for record in held.iter_mut().filter(|record| record.deleted.is_none()) {
        record.pruned = None;
    }
}

/// Updates as many of the `live` records as a run does, by its number.
fn update(held: &mut [Record], live: &[usize], updated: usize, number: u64, at: i64) {
    let begin = start(number, updated, live.len());
    for n in begin..begin + updated {
        if let Some(record) = live.get(n % live.len()).and_then(|i| held.get_mut(*i)) {
            record.modified = at;
            record.pruned = None;
        }
    }
}

/// Where among `live` records the updates of a run begin.
fn start(number: u64, updated: usize, live: usize) -> usize {
    let round = (live as u64).max(1);
    let rest = number.saturating_sub(1) % round * (updated as u64) % round;
    usize::try_from(rest).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{Collected, Counts, Plan, Record};

    fn plan(added: usize, updated: usize, deleted: usize, full: bool) -> Plan {
        let counts = Counts { added, updated, deleted };
        Plan { models: [("M".to_owned(), counts)].into(), full, fails: false }
    }

    fn modified(collected: &Collected) -> Vec<i64> {
        collected.records["M"].iter().map(|record| record.modified).collect()
    }

    #[test]
    fn runs_add_delete_once_and_update_going_round() {
        let (plan, mut held) = (plan(5, 2, 1, false), Collected::default());
        let mut results = Vec::new();
        for (at, times) in
            [(1, [1, 1, 1, 1, 1]), (2, [2, 2, 1, 1, 2]), (3, [2, 2, 3, 3, 2]), (4, [4, 4, 3, 3, 2])]
        {
            held.run(&plan, at, at, false);
            assert_eq!(modified(&held), times);
            results.push(held.result["M"]);
        }
        let counts = |added, updated, deleted| Counts { added, updated, deleted };
        assert_eq!(results, [counts(5, 0, 0), counts(0, 2, 1), counts(0, 2, 0), counts(0, 2, 0)]);
        assert_eq!(
            held.records["M"][4],
            Record { first_seen: 1, modified: 2, deleted: Some(2), pruned: None }
        );
        // Afresh: the deleted one comes back, the others are as they were.
        held.run(&plan, 5, 5, true);
        assert_eq!((held.result["M"], modified(&held)), (counts(1, 0, 0), vec![4, 4, 3, 3, 5]));
        // From nothing.
        held.records.clear();
        held.run(&plan, 6, 6, true);
        assert_eq!((held.result["M"], modified(&held)), (counts(5, 0, 0), vec![6; 5]));
    }

    #[test]
    fn many_runs_at_once_are_the_same_as_each_of_them() {
        for (added, updated, deleted) in
            [(0, 0, 0), (5, 2, 1), (7, 3, 0), (4, 4, 4), (6, 1, 2), (3, 9, 0), (9, 0, 3)]
        {
            for (full, fails) in [(false, false), (true, false), (false, true)] {
                let plan = Plan { fails, ..plan(added, updated, deleted, full) };
                let mut each = Collected::default();
                for count in 0..40 {
                    let mut at_once = Collected::default();
                    at_once.runs(&plan, count, |i| (i, i + 1));
                    assert_eq!(at_once, each, "{added} {updated} {deleted} {full} {count}");
                    // Also in two parts.
                    let mut parts = Collected::default();
                    parts.runs(&plan, count / 3, |i| (i, i + 1));
                    parts.runs(&plan, count - count / 3, |i| (i + count / 3, i + count / 3 + 1));
                    assert_eq!(parts, each);
                    each.run(&plan, count, count + 1, false);
                }
            }
        }
    }

    #[test]
    fn what_was_pruned_comes_back_when_it_is_collected_again() {
        for (full, left) in [(false, vec![false, false, true, true]), (true, vec![false; 4])] {
            let plan = plan(4, 2, 0, full);
            let mut held = Collected::default();
            held.run(&plan, 1, 1, false);
            for record in held.records.get_mut("M").expect("records") {
                record.pruned = Some(2);
            }
            held.run(&plan, 3, 3, false);
            let pruned: Vec<bool> = held.records["M"].iter().map(|record| record.pruned.is_some()).collect();
            assert_eq!(pruned, left);
        }
    }

    #[test]
    fn a_failing_function_collects_nothing() {
        let mut held = Collected::default();
        held.run(&Plan { fails: true, ..plan(5, 1, 1, false) }, 1, 1, false);
        assert!(held.records.is_empty() && held.result.is_empty() && held.until == Some(1));
    }
}
