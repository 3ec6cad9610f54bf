//! The bounded state between calls: owners of connections that were looked up recently, how often tools ran, which
//! calls wait for a confirmation. A host may keep a journal of the last two, so that limits are not forgotten.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard};

use crate::json::{Value, Writer};
use crate::policy::{Fact, Lookup};
use crate::tools;

/// How long the owner of a connection is cached, in milliseconds.
const FACT_MS: u64 = 60_000;
const FACTS: usize = 256;
/// How long a confirmation is valid, in milliseconds.
const CONFIRM_MS: u64 = 10 * 60_000;
const PENDING: usize = 1000;
/// The maximum size of all pending calls, in bytes.
const PENDING_BYTES: usize = 4 << 20;

/// The memory of a session or toolkit. A clone is the same memory.
#[derive(Debug, Clone, Default)]
pub struct Memory(Arc<Mutex<Held>>);

#[derive(Debug, Default)]
struct Held {
    facts: Vec<(Fact, u64)>,
    calls: Vec<(&'static str, u64)>,
    pending: Vec<Pending>,
    /// The changes since the host's last request, if it keeps a journal.
    journal: Option<Vec<Change>>,
}

impl Held {
    fn calls(&self, slug: &str) -> u64 {
        self.calls.iter().find(|(known, _)| *known == slug).map_or(0, |(_, calls)| *calls)
    }

    fn set_calls(&mut self, slug: &'static str, count: u64) {
        match self.calls.iter_mut().find(|(known, _)| *known == slug) {
            Some((_, calls)) => *calls = count,
            None => self.calls.push((slug, count)),
        }
    }

    fn note(&mut self, change: impl FnOnce() -> Change) {
        if let Some(journal) = &mut self.journal {
            journal.push(change());
        }
    }

    /// Removes the pending calls for which `stays` is false.
    fn keep_pending(&mut self, mut stays: impl FnMut(&Pending) -> bool) {
        let mut gone = Vec::new();
        self.pending.retain(|one| {
            let stays = stays(one);
            if !stays {
                gone.push(one.token.clone());
            }
            stays
        });
        for token in gone {
            self.note(|| Change::Gone { token });
        }
    }
}

/// A call that waits for a confirmation.
#[derive(Clone)]
struct Pending {
    token: String,
    /// Tool, arguments and session, as text: nothing else may be confirmed by the token.
    bound: String,
    expires: u64,
}

/// Omits the token, which lets its holder confirm the call, and the call.
impl fmt::Debug for Pending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pending").field("expires", &self.expires).finish_non_exhaustive()
    }
}

/// A change of the memory, in the form that [`Memory::restore`] accepts.
enum Change {
    /// How often a tool with a limit has run.
    Calls { tool: &'static str, calls: u64 },
    /// A call waits for its confirmation.
    Waits(Pending),
    /// No call waits for this token any more.
    Gone { token: String },
}

/// Omits tokens, as [`Pending`].
impl fmt::Debug for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Change::Calls { .. } => "Calls(..)",
            Change::Waits(_) => "Waits(..)",
            Change::Gone { .. } => "Gone(..)",
        })
    }
}

impl Memory {
    /// On wasm the mutex is uncontended; `try_lock` avoids linking the panic formatter.
    #[cfg(target_family = "wasm")]
    fn held(&self) -> Option<MutexGuard<'_, Held>> {
        self.0.try_lock().ok()
    }
    #[cfg(not(target_family = "wasm"))]
    fn held(&self) -> Option<MutexGuard<'_, Held>> {
        Some(self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    /// The cached owner of a connection, if it is recent enough.
    pub(crate) fn fact(&self, lookup: &Lookup, now: u64) -> Option<Fact> {
        let held = self.held()?;
        let fresh = |at: u64| at <= now && now - at < FACT_MS;
        let known = held.facts.iter().find(|(fact, at)| is_of(fact, lookup) && fresh(*at));
        known.map(|(fact, _)| fact.clone())
    }

    /// Remembers that a connection belongs to the user.
    pub(crate) fn learn(&self, lookup: &Lookup, fact: &Fact, now: u64) {
        let Some(mut held) = self.held() else { return };
        held.facts.retain(|(fact, _)| !is_of(fact, lookup));
        let over = (held.facts.len() + 1).saturating_sub(FACTS);
        forget_first(&mut held.facts, over);
        held.facts.push((fact.clone(), now));
    }

    /// Forgets a connection: it was deleted or changed.
    pub(crate) fn forget(&self, lookup: &Lookup) {
        if let Some(mut held) = self.held() {
            held.facts.retain(|(fact, _)| !is_of(fact, lookup));
        }
    }

    /// How often a tool was called.
    #[must_use]
    pub fn calls(&self, slug: &str) -> u64 {
        self.held().map_or(u64::MAX, |held| held.calls(slug))
    }

    /// Counts one more call.
    pub(crate) fn count(&self, slug: &'static str, is_limited: bool) {
        let Some(mut held) = self.held() else { return };
        let calls = held.calls(slug) + 1;
        held.set_calls(slug, calls);
        if is_limited {
            held.note(|| Change::Calls { tool: slug, calls });
        }
    }

    /// Records changes from now on, for [`Memory::take_changes`].
    pub fn keep_journal(&self) {
        if let Some(mut held) = self.held() {
            held.journal.get_or_insert_default();
        }
    }

    /// The changes since the last call of this, as a JSON array of `{ tool, calls }`, `{ token, bound, expires }` and
    /// `{ token }`, oldest first; `None` without changes or a journal. It contains the tokens that confirm calls.
    #[must_use]
    pub fn take_changes(&self) -> Option<String> {
        let changes = std::mem::take(self.held()?.journal.as_mut()?);
        if changes.is_empty() {
            return None;
        }
        let mut w = Writer::new();
        w.open_array();
        for change in &changes {
            w.open();
            match change {
                Change::Calls { tool, calls } => {
                    w.pair("tool", tool).key("calls").value(&Value::from(*calls))
                }
                Change::Waits(Pending { token, bound, expires }) => {
                    w.pair("token", token).pair("bound", bound).key("expires").value(&Value::from(*expires))
                }
                Change::Gone { token } => w.pair("token", token),
            };
            w.close();
        }
        w.close_array();
        Some(w.finish())
    }

    /// Applies the changes of another memory, which this one then replaces. Values of another form are ignored.
    pub fn restore(&self, changes: &Value) {
        let Some(mut held) = self.held() else { return };
        for change in changes.as_array().into_iter().flatten() {
            let text = |name: &str| change.get(name).and_then(Value::as_str);
            let number = |name: &str| change.get(name).and_then(Value::as_u64);
            if let Some((tool, calls)) = text("tool").and_then(tools::find).zip(number("calls")) {
                held.set_calls(tool.slug, calls);
            }
            let Some(token) = text("token") else { continue };
            held.pending.retain(|one| one.token != token);
            if let Some((bound, expires)) = text("bound").zip(number("expires")) {
                held.pending.push(Pending { token: token.to_owned(), bound: bound.to_owned(), expires });
            }
        }
    }

    /// Lets `token` confirm the call `bound`, once. Returns when it expires, in milliseconds since the Unix epoch.
    pub(crate) fn issue_confirmation(&self, token: &str, bound: String, now: u64) -> u64 {
        let expires = now.saturating_add(CONFIRM_MS);
        let Some(mut held) = self.held() else { return now };
        held.keep_pending(|one| one.expires > now && one.token != token);
        let waits = Pending { token: token.to_owned(), bound, expires };
        held.note(|| Change::Waits(waits.clone()));
        held.pending.push(waits);
        let mut over = held.pending.len().saturating_sub(PENDING);
        let mut bytes = 0;
        for (at, one) in held.pending.iter().enumerate().rev() {
            bytes += one.bound.len();
            if bytes > PENDING_BYTES {
                over = over.max(at + 1);
                break;
            }
        }
        held.keep_pending(|_| {
            let stays = over == 0;
            over = over.saturating_sub(1);
            stays
        });
        expires
    }

    /// Uses up a token for the call `bound`.
    ///
    /// # Errors
    /// Why it does not confirm this call. It stays valid for its own call.
    pub(crate) fn consume_confirmation(
        &self,
        token: &str,
        bound: &str,
        now: u64,
    ) -> Result<(), &'static str> {
        let Some(mut held) = self.held() else { return Err("the confirmation is unknown") };
        let Some(one) = held.pending.iter().find(|one| one.token == token) else {
            return Err("the confirmation is unknown, or was already used");
        };
        let why = if one.expires <= now {
            "the confirmation has expired"
        } else if one.bound != bound {
            return Err("the confirmation is for another call");
        } else {
            ""
        };
        held.keep_pending(|one| one.token != token);
        if why.is_empty() { Ok(()) } else { Err(why) }
    }
}

/// Removes the oldest. `Vec::remove` and `drain` would link the panic formatter.
fn forget_first<T>(all: &mut Vec<T>, count: usize) {
    let mut left = count;
    all.retain(|_| {
        let stays = left == 0;
        left = left.saturating_sub(1);
        stays
    });
}

fn is_of(fact: &Fact, lookup: &Lookup) -> bool {
    fact.connection_id == lookup.connection_id && fact.provider_config_key == lookup.provider_config_key
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    fn lookup(n: usize) -> Lookup {
        Lookup { connection_id: n.to_string(), provider_config_key: "i".to_owned() }
    }

    #[test]
    fn facts_are_bounded_and_run_out() {
        let memory = Memory::default();
        let fact = |n| Fact {
            connection_id: lookup(n).connection_id,
            provider_config_key: "i".to_owned(),
            ..Fact::default()
        };
        for n in 0..=FACTS {
            memory.learn(&lookup(n), &fact(n), 1000);
            memory.learn(&lookup(n), &fact(n), 1000);
        }
        assert_eq!(memory.held().unwrap().facts.len(), FACTS);
        assert!(memory.fact(&lookup(0), 1000).is_none() && memory.fact(&lookup(1), 1000).is_some());
        assert!(memory.fact(&lookup(1), 1000 + FACT_MS - 1).is_some());
        assert!(memory.fact(&lookup(1), 1000 + FACT_MS).is_none());
        assert!(memory.fact(&lookup(1), 999).is_none(), "a clock that went back is not believed");
        let elsewhere = Lookup { provider_config_key: "I".to_owned(), ..lookup(1) };
        assert!(memory.fact(&elsewhere, 1000).is_none());
        memory.forget(&lookup(1));
        assert!(memory.fact(&lookup(1), 1000).is_none());
    }

    #[test]
    fn what_waits_is_bounded_in_bytes_too() {
        let memory = Memory::default();
        for n in 0..6 {
            memory.issue_confirmation(&n.to_string(), "x".repeat(1 << 20), 0);
        }
        assert_eq!(memory.held().unwrap().pending.len(), 4);
        assert!(memory.consume_confirmation("5", &"x".repeat(1 << 20), 1).is_ok());
        assert!(memory.consume_confirmation("5", &"x".repeat(1 << 20), 1).is_err());
        memory.issue_confirmation("late", String::new(), 0);
        memory.issue_confirmation("later", String::new(), CONFIRM_MS);
        assert_eq!(memory.held().unwrap().pending.len(), 1, "what has expired makes room");
    }
}
