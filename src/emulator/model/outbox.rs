//! Webhooks that wait to be taken.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::clock;

/// How many are kept; the oldest are dropped.
const MOST: usize = 1_000;

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Outbox {
    /// Up to when they were taken, or since when there are any.
    #[serde(deserialize_with = "clock::read_optional")]
    pub(crate) taken: Option<i64>,
    pub(crate) pending: VecDeque<Pending>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Pending {
    /// When it is sent.
    #[serde(deserialize_with = "clock::read")]
    pub(crate) due: i64,
    /// Where to, if that is known.
    pub(crate) url: Option<String>,
    pub(crate) body: Value,
}

impl Outbox {
    /// Says since when there are webhooks, unless that is known.
    pub(crate) fn begin(&mut self, now: i64) {
        self.taken = self.taken.or(Some(now));
    }

    pub(crate) fn push(&mut self, webhook: Pending) {
        if self.pending.len() >= MOST {
            self.pending.pop_front();
        }
        self.pending.push_back(webhook);
    }
}
