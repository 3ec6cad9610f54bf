//! Repeated attempts: their bounds, what may be repeated at all, how long to wait before.

use super::{Call, State, UNKNOWN};
use crate::audit::What;
use crate::error::{Error, ErrorKind};
use crate::text::fill;

/// The bounds of repeated attempts. What may be repeated at all is not an option: Nango's own rate
/// limit for every tool, 5xx answers and network failures only for idempotent ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retry {
    /// Attempts in all, the first included.
    pub attempts: u32,
    /// Milliseconds for the whole call, waits included; where absent, twice the time of an attempt and
    /// twenty seconds for waits.
    pub total_ms: Option<u64>,
    /// Milliseconds before the second attempt; doubled for each further one.
    pub base_ms: u64,
    /// The longest wait in milliseconds, save what a `Retry-After` asks for.
    pub most_ms: u64,
}

impl Default for Retry {
    fn default() -> Retry {
        Retry { attempts: 3, total_ms: None, base_ms: 500, most_ms: 8_000 }
    }
}

/// What the waits between attempts may take unless the caller says otherwise.
const SLACK_MS: u64 = 20_000;

impl Call {
    /// An attempt failed: another one, or the end. `limited` holds the seconds that Nango's own rate
    /// limit asks to wait.
    pub(super) fn failed(&mut self, mut error: Error, limited: Option<u64>, now: u64) {
        let State::Sent { .. } = self.state else { return };
        let lost = matches!(error.kind, ErrorKind::Network | ErrorKind::Timeout);
        let server = matches!(error.kind, ErrorKind::Server) && error.status.is_some_and(|s| s >= 500);
        let idempotent = !self.unrepeatable();
        if lost {
            error.retryable = idempotent;
            if !idempotent {
                error.hint = Some(UNKNOWN.to_owned());
            } else if error.hint.is_none() {
                error.hint = Some("check that the host is reachable, then call again".to_owned());
            }
            if error.kind == ErrorKind::Timeout
                && !idempotent
                && self.tool.is_some_and(|t| t.param("async").is_some())
            {
                error.hint = Some(fill("{}; give long actions async: true", &[UNKNOWN]));
            }
        }
        let wait = match limited {
            Some(seconds) => {
                let ms = seconds * 1000;
                ms + self.random_below(1 + (ms / 4).min(2000))
            }
            None if (lost || server) && idempotent => {
                let doubled =
                    self.options.retry.base_ms.saturating_mul(1 << self.tries.saturating_sub(1).min(20));
                let ms = doubled.min(self.options.retry.most_ms);
                ms / 2 + self.random_below(1 + ms / 2)
            }
            None => return self.end(Err(error), now),
        };
        let until = now.saturating_add(wait);
        if self.tries >= self.options.retry.attempts.max(1) || until >= self.deadline() {
            return self.end(Err(error), now);
        }
        let what = What::Retry {
            attempt: self.tries,
            wait_ms: wait,
            kind: error.kind.as_str(),
            status: error.status,
        };
        self.event(now, what);
        self.state = State::Waiting { until };
    }

    pub(super) fn attempt_ms(&self) -> u64 {
        // A look-up is given no more time than a call of the tool that it is for.
        let declared = self.tool.map_or(60, |t| t.timeout_s);
        self.options.timeout_ms.unwrap_or(u64::from(declared) * 1000).max(1)
    }

    pub(super) fn deadline(&self) -> u64 {
        let total = self
            .options
            .retry
            .total_ms
            .unwrap_or(self.attempt_ms().saturating_mul(2).saturating_add(SLACK_MS));
        let pause = self.gate.as_ref().map_or(0, |gate| gate.pause_ms);
        self.started.unwrap_or_default().saturating_add(total).saturating_add(pause)
    }

    pub(super) fn unrepeatable(&self) -> bool {
        !self.is_looking() && self.tool.is_none_or(|t| !t.idempotent)
    }

    pub(super) fn random_below(&mut self, limit: u64) -> u64 {
        next(&mut self.random) % limit.max(1)
    }
}

/// SplitMix64.
pub(super) fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
