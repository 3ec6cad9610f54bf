//! Retries: their bounds, what may be retried, and the delays. Pure; the waiting itself is in
//! `machine.rs`.

use crate::error::{Error, ErrorKind};
use crate::random::below;
use crate::tool::Tool;

/// The bounds of retries. What may be retried is not configurable: Nango's own rate
/// limit for every tool, 5xx responses and network failures only for idempotent ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retry {
    /// Attempts in all, the first included.
    pub attempts: u32,
    /// Milliseconds for the whole call, including look-ups and delays, but not the time of an approval; if
    /// absent, twice the time of an attempt and twenty seconds for delays.
    pub total_ms: Option<u64>,
    /// Milliseconds before the second attempt; doubled for each further one.
    pub base_ms: u64,
    /// The longest delay in milliseconds, unless a `Retry-After` requests more.
    pub most_ms: u64,
}

impl Default for Retry {
    fn default() -> Retry {
        Retry { attempts: 3, total_ms: None, base_ms: 500, most_ms: 8_000 }
    }
}

impl Retry {
    /// Milliseconds for the whole call, if an attempt may take `attempt_ms`.
    pub(super) fn total_ms(&self, attempt_ms: u64) -> u64 {
        self.total_ms.unwrap_or(attempt_ms.saturating_mul(2).saturating_add(SLACK_MS))
    }
}

/// The default for the total of the delays between attempts.
const SLACK_MS: u64 = 20_000;

/// The hint if a request that must not be retried may have been executed.
pub(super) const UNKNOWN: &str =
    "the request may have reached the server: check the state before calling again";

/// Milliseconds to wait before the next attempt, or `None` if a failure must not be retried. `limited` is
/// the delay in seconds that Nango's own rate limit requests, `tries` is the number of attempts so far.
pub(super) fn delay_ms(
    retry: &Retry,
    error: &Error,
    limited: Option<u64>,
    idempotent: bool,
    tries: u32,
    random: &mut u64,
) -> Option<u64> {
    if let Some(seconds) = limited {
        let ms = seconds.saturating_mul(1000);
        return Some(ms.saturating_add(below(random, 1 + (ms / 4).min(2000))));
    }
    if !idempotent || !(is_lost(error) || is_server_failure(error)) {
        return None;
    }
    let doubled = retry.base_ms.saturating_mul(1 << tries.saturating_sub(1).min(20));
    let ms = doubled.min(retry.most_ms);
    Some(ms / 2 + below(random, 1 + ms / 2))
}

/// Completes the error of an attempt without a response: whether to call again, and what to do.
pub(super) fn explain_loss(error: &mut Error, idempotent: bool, tool: Option<&Tool>) {
    if !is_lost(error) {
        return;
    }
    error.retryable = idempotent;
    let can_be_async = tool.is_some_and(|tool| tool.param("async").is_some());
    if !idempotent && error.kind == ErrorKind::Timeout && can_be_async {
        error.hint = Some(format!("{UNKNOWN}; use async: true for long actions"));
    } else if !idempotent {
        error.hint = Some(UNKNOWN.to_owned());
    } else if error.hint.is_none() {
        error.hint = Some("check that the host is reachable, then call again".to_owned());
    }
}

/// Whether there was no response, so that it is unknown what the server did.
fn is_lost(error: &Error) -> bool {
    matches!(error.kind, ErrorKind::Network | ErrorKind::Timeout)
}

fn is_server_failure(error: &Error) -> bool {
    error.kind == ErrorKind::Server && error.status.is_some_and(|status| status >= 500)
}
