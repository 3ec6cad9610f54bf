//! API keys, and what the account has beside its environments: which keys were made, deleted and used. What is done
//! with them is in [`super::environments`].

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::clock;
use super::ids::Ids;

/// A key of the emulator's own: it stays valid when the data are restored.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ApiKey {
    pub(crate) key: String,
    pub(crate) scopes: Vec<String>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Account {
    /// Whether the emulated environment was deleted.
    pub(crate) main_deleted: bool,
    /// Keys that were made by requests.
    pub(crate) keys: Vec<MadeKey>,
    /// The UUIDs of the emulator's own keys that were deleted by requests.
    pub(crate) revoked: Vec<String>,
    /// When each key was last used, by its UUID, in milliseconds since 1970.
    pub(crate) used: BTreeMap<String, i64>,
    /// The last number of an environment or key that was assigned.
    pub(crate) numbers: u64,
}

/// A key that a request made.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct MadeKey {
    pub(crate) id: u64,
    pub(crate) uuid: String,
    pub(crate) environment: u64,
    pub(crate) name: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) secret: String,
    #[serde(deserialize_with = "clock::read")]
    pub(crate) created: i64,
}

impl Account {
    /// A number that no environment has; the first is 2.
    pub(crate) fn number(&mut self) -> u64 {
        self.numbers = self.numbers.max(1).saturating_add(1);
        self.numbers
    }

    /// Whether an account that was read can be used.
    ///
    /// # Errors
    /// The mistake, with the name of the property.
    pub(crate) fn check(&self) -> Result<(), String> {
        if self.numbers < 1 << 52 {
            return Ok(());
        }
        Err(format!("`data.state.account.numbers`: expected less than 2^52, not {}", self.numbers))
    }
}

/// Whether a key with these scopes belongs to the account and to none of its environments.
pub(crate) fn is_account_key(scopes: &[String]) -> bool {
    let any = |prefix: &str| scopes.iter().any(|scope| scope.starts_with(prefix));
    any("account:") && !any("environment:")
}

/// A UUID that follows from a string: the same one each time, and another for each purpose.
pub(crate) fn derived_uuid(text: &str, purpose: &str) -> String {
    let mix = |sum: u64, byte: u8| (sum ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    let seed = text.bytes().chain([0]).chain(purpose.bytes()).fold(0xcbf2_9ce4_8422_2325, mix);
    Ids::new(seed).uuid()
}

impl ApiKey {
    /// The UUID under which requests know the key.
    pub(crate) fn uuid(&self) -> String {
        derived_uuid(&self.key, "key")
    }
}
