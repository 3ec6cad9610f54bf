//! Webhooks as the emulator hands them out: it sends nothing itself.

use super::endpoints::webhooks::{self, Signed};
use super::model::clock::BEFORE_START_MS;
use super::model::state::State;
use super::{Emulator, time};

/// A webhook that a server would have sent, signed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct EmulatorWebhook {
    /// Where it would have gone: the connection's own URL, or the world's. None if neither is set.
    pub url: Option<String>,
    /// Its headers, with both signatures.
    pub headers: Vec<(String, String)>,
    /// Its body: the signatures are those of exactly these bytes.
    pub body: String,
}

impl Emulator {
    /// Takes the webhooks that a server would have sent by now since the last time, oldest first: for connections made or
    /// authorised again, for syncs that ran (each with its last run) and for queued actions that are done. Nothing is sent: that
    /// is up to the caller. The last thousand are kept.
    ///
    /// ```
    /// use nango_toolkit::emulator::Emulator;
    ///
    /// let mut nango = Emulator::new(1);
    /// assert!(nango.take_webhooks(0).is_empty());
    /// // A day later syncs have run.
    /// let webhooks = nango.take_webhooks(86_400_000);
    /// assert!(!webhooks.is_empty());
    /// assert!(webhooks.iter().all(|webhook| webhook.body.contains(r#""type":"sync""#)));
    /// ```
    pub fn take_webhooks(&mut self, now_ms: u64) -> Vec<EmulatorWebhook> {
        let now = time(now_ms);
        let state = self.state(now);
        let mut taken = Vec::new();
        for environment in state.environment_numbers() {
            taken.extend(state.within(environment, now, |state| webhooks::take(state, now)));
        }
        taken
            .into_iter()
            .map(|Signed { url, headers, body }| EmulatorWebhook { url, headers, body })
            .collect()
    }

    /// The key that signs the webhooks of the emulated environment: what a receiver checks them with.
    #[must_use]
    pub fn webhook_signing_key(&self) -> String {
        self.state.as_ref().map_or_else(|| self.build(BEFORE_START_MS).signing_key(), State::signing_key)
    }
}
