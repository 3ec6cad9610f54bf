//! The provider catalogue: the entries of `providers.json`.

use std::sync::OnceLock;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

/// One entry of the catalogue.
#[derive(Debug)]
pub(crate) struct Provider {
    pub(crate) name: String,
    pub(crate) display_name: String,
    pub(crate) auth_mode: String,
    pub(crate) logo: String,
    /// The whole entry.
    pub(crate) entry: Value,
    /// The entry as written in the file.
    pub(crate) json: &'static RawValue,
}

/// The properties that every entry has.
#[derive(Deserialize)]
struct Entry {
    name: String,
    display_name: String,
    auth_mode: String,
    logo_url: String,
}

/// Every provider, read once.
pub(crate) fn catalogue() -> &'static [Provider] {
    static CATALOGUE: OnceLock<Vec<Provider>> = OnceLock::new();
    // The file is part of the program, and a test reads all of it: no error can occur here.
    CATALOGUE.get_or_init(|| read(include_str!("providers.json")).unwrap_or_default())
}

pub(crate) fn find(name: &str) -> Option<&'static Provider> {
    catalogue().iter().find(|p| p.name == name)
}

/// A provider in JSON: its name.
pub(crate) mod by_name {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::{Provider, find};

    pub(crate) fn serialize<S: Serializer>(provider: &Provider, serializer: S) -> Result<S::Ok, S::Error> {
        provider.name.serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<&'static Provider, D::Error> {
        let name = String::deserialize(deserializer)?;
        find(&name).ok_or_else(|| D::Error::custom("expected the name of a provider in the catalogue"))
    }
}

fn read(json: &'static str) -> Result<Vec<Provider>, serde_json::Error> {
    let entries: Vec<&'static RawValue> = serde_json::from_str(json)?;
    let provider = |json: &'static RawValue| {
        let Entry { name, display_name, auth_mode, logo_url: logo } = serde_json::from_str(json.get())?;
        Ok(Provider { name, display_name, auth_mode, logo, entry: serde_json::from_str(json.get())?, json })
    };
    entries.into_iter().map(provider).collect()
}

#[cfg(test)]
mod tests {
    use super::{find, read};

    #[test]
    fn the_catalogue_is_read_whole() {
        let catalogue = read(include_str!("providers.json")).expect("providers.json is a catalogue");
        assert!(catalogue.len() >= 40);
        for provider in &catalogue {
            assert!(!provider.display_name.is_empty() && !provider.auth_mode.is_empty(), "{}", provider.name);
        }
        assert_eq!(find("quickbooks").map(|p| p.auth_mode.as_str()), Some("OAUTH2"));
    }
}
