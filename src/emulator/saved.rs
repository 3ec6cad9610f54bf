//! What an emulator saves so that another one goes on from there: all data, with credentials and keys. Faults and how
//! much of the rate limit is used up are not part of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::http::auth::ApiKey;
use super::model::ids::Ids;
use super::model::state::State;
use super::model::strict;
use crate::json::to_json;

/// The form of [`Saved`]; a change that older files do not have needs another number.
const VERSION: u32 = 1;

/// The only property of the document, which tells it from a fixture.
const ROOT: &str = "saved";

/// Where the data come from at the first request, and after a reset.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Origin {
    /// The default fixture.
    Default,
    /// The caller's fixture.
    Fixture(Value),
    /// The data of an emulator that was saved.
    State(Box<State>),
}

/// A saved emulator.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Saved {
    version: u32,
    pub(super) seed: u64,
    pub(super) keys: Vec<ApiKey>,
    /// What further keys are made from.
    pub(super) key_ids: Ids,
    /// Requests a minute.
    pub(super) rate_limit: u32,
    pub(super) data: Origin,
}

impl Saved {
    pub(super) fn new(seed: u64, keys: Vec<ApiKey>, key_ids: Ids, rate_limit: u32, data: Origin) -> Saved {
        Saved { version: VERSION, seed, keys, key_ids, rate_limit, data }
    }

    /// The document as JSON.
    pub(super) fn to_json(&self) -> String {
        to_json(&BTreeMap::from([(ROOT, self)]))
    }

    /// Reads a `world` that is such a document; none if it is something else, such as a fixture.
    ///
    /// # Errors
    /// The mistake in it.
    pub(super) fn read(world: &Value) -> Option<Result<Saved, String>> {
        let saved = world.get(ROOT)?;
        Some(read(saved).map_err(|problem| format!("world: this is not what `save()` returned: {problem}")))
    }
}

fn read(saved: &Value) -> Result<Saved, String> {
    match saved.get("version").and_then(Value::as_u64) {
        Some(version) if version != u64::from(VERSION) => {
            return Err(format!("it has version {version}, and this version of the toolkit reads {VERSION}"));
        }
        _ => {}
    }
    let saved = Saved::deserialize(saved).map_err(|error| strict::in_words_of_json(&error.to_string()))?;
    if saved.keys.is_empty() {
        return Err("`keys`: expected at least one".into());
    }
    if let Origin::State(state) = &saved.data {
        state.check()?;
    }
    Ok(saved)
}
