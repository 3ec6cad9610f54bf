//! What an emulator saves so that another one goes on from there: all data, with credentials and keys. Faults and how
//! much of the rate limit is used up are not part of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use super::model::account::ApiKey;
use super::model::ids::Ids;
use super::model::state::State;
use super::model::strict;
use crate::json::to_json;

/// The form of [`Saved`]; a change that older files do not have needs another number.
const VERSION: u32 = 1;

/// The document: its only property tells it from a fixture.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    saved: Saved,
}

/// What tells such a document, and its version.
#[derive(Deserialize)]
struct Probe<'a> {
    #[serde(borrow, default)]
    saved: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Version {
    version: Option<u32>,
}

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
        to_json(&BTreeMap::from([("saved", self)]))
    }

    /// Reads a `world` that is such a document; none if it is something else, such as a fixture.
    ///
    /// # Errors
    /// The mistake in it, with its place.
    pub(super) fn read(world: &str) -> Option<Result<Saved, String>> {
        let Probe { saved } = serde_json::from_str(world).ok()?;
        let version = serde_json::from_str(saved?.get()).ok().and_then(|Version { version }| version);
        let read = match version {
            Some(other) if other != VERSION => {
                Err(format!("it has version {other}, and this version of the toolkit reads {VERSION}"))
            }
            _ => read(world),
        };
        Some(read.map_err(|problem| format!("world: this is not what `save()` returned: {problem}")))
    }
}

fn read(world: &str) -> Result<Saved, String> {
    let Document { saved } = serde_json::from_str(world).map_err(|error| strict::located(&error))?;
    if saved.keys.is_empty() {
        return Err("`saved.keys`: expected at least one".into());
    }
    if let Origin::State(state) = &saved.data {
        state.check()?;
    }
    Ok(saved)
}
