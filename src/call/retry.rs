//! Retries: their bounds, what may be retried, and the delays. Pure; the waiting itself is in
//! `machine.rs`.

use crate::error::{Error, ErrorKind};
use crate::http::{EFFECT_UNKNOWN, Response, rate_limited};
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

/// The longest wait that a server may ask for.
const MAX_ASKED_SECONDS: u64 = 3600;

/// What an answer says about another attempt.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Advice {
    /// It is Nango's own rate limit: nothing was carried out, whatever the tool.
    own_limit: bool,
    /// The seconds that `Retry-After` asks to wait.
    seconds: Option<u64>,
}

impl Advice {
    /// `now` in milliseconds since 1970. Other statuses than 429 and 503 ask for nothing.
    pub(super) fn of(response: &Response, now: u64) -> Advice {
        let asks = matches!(response.status, 429 | 503);
        let seconds = asks.then(|| response.retry_after(now)).flatten();
        Advice { own_limit: rate_limited(response), seconds }
    }

    /// Milliseconds, at least `least` seconds.
    fn wait_ms(self, least: u64) -> u64 {
        self.seconds.unwrap_or_default().clamp(least, MAX_ASKED_SECONDS).saturating_mul(1000)
    }
}

/// Milliseconds to wait before the next attempt, or `None` if a failure is not to be repeated. `tries` is the
/// number of attempts so far.
pub(super) fn delay_ms(
    retry: &Retry,
    error: &Error,
    advice: Advice,
    idempotent: bool,
    tries: u32,
    random: &mut u64,
) -> Option<u64> {
    let mut jittered = |ms: u64| ms.saturating_add(below(random, 1 + (ms / 4).min(2000)));
    if advice.own_limit {
        return Some(jittered(advice.wait_ms(1)));
    }
    // A gateway before Nango may limit, too.
    let may_pass = is_lost(error) || is_server_failure(error) || error.kind == ErrorKind::RateLimited;
    if !idempotent || !may_pass {
        return None;
    }
    if advice.seconds.is_some() {
        return Some(jittered(advice.wait_ms(1)));
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
        error.hint = Some(format!("{EFFECT_UNKNOWN}; give long actions async: true"));
    } else if !idempotent {
        error.hint = Some(EFFECT_UNKNOWN.to_owned());
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
