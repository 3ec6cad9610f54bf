//! The options of an emulator as JSON: read strictly, all of them optional.

use serde::Deserialize;
use serde_json::Value;

use super::model::strict;

#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Options {
    pub(super) seed: u64,
    #[serde(deserialize_with = "strict::present")]
    pub(super) api_key: Option<String>,
    #[serde(deserialize_with = "strict::present")]
    pub(super) world: Option<Value>,
    #[serde(deserialize_with = "strict::present")]
    pub(super) faults: Option<Value>,
    #[serde(deserialize_with = "strict::present")]
    pub(super) rate_limit: Option<u32>,
}

impl Default for Options {
    fn default() -> Options {
        Options { seed: 1, api_key: None, world: None, faults: None, rate_limit: None }
    }
}

impl Options {
    /// # Errors
    /// The mistake, with the name of the option.
    pub(super) fn read(options: &Value) -> Result<Options, String> {
        strict::read(options, "option").map_err(|problem| format!("options: {problem}"))
    }
}
