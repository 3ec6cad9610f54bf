//! The options of an emulator as JSON: read strictly, all of them optional.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::model::strict;

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Options {
    #[serde(deserialize_with = "strict::present")]
    pub(super) seed: Option<u64>,
    #[serde(deserialize_with = "strict::present")]
    pub(super) api_key: Option<String>,
    #[serde(deserialize_with = "strict::present")]
    pub(super) world: Option<Box<RawValue>>,
    #[serde(deserialize_with = "strict::present")]
    pub(super) faults: Option<Box<RawValue>>,
    #[serde(deserialize_with = "strict::present")]
    pub(super) rate_limit: Option<u32>,
}

impl Options {
    /// # Errors
    /// The mistake, with the name of the option.
    pub(super) fn read(json: &str) -> Result<Options, String> {
        strict::read_text(json, "option").map_err(|problem| format!("options: {problem}"))
    }
}
