//! The provider catalogue: the entries of `providers.json`, and the two endpoints that read it.

use std::sync::OnceLock;

use serde_json::Value;

use super::state::State;
use crate::emulator::http::call::Call;
use crate::emulator::http::formats::{INTEGRATION_KEY, NAME};
use crate::emulator::http::response::{Answer, Handled};
use crate::emulator::http::validate::{Key, Rule};

/// One entry of the catalogue.
#[derive(Debug)]
pub(crate) struct Provider {
    pub(crate) name: String,
    pub(crate) display_name: String,
    pub(crate) auth_mode: String,
    pub(crate) logo: String,
    /// The entry, read.
    pub(crate) entry: Value,
    /// The entry as it stands in the file.
    json: &'static str,
}

/// Every provider, read once.
pub(crate) fn catalogue() -> &'static [Provider] {
    static CATALOGUE: OnceLock<Vec<Provider>> = OnceLock::new();
    CATALOGUE.get_or_init(|| objects(include_str!("providers.json")).filter_map(read).collect())
}

pub(crate) fn find(name: &str) -> Option<&'static Provider> {
    catalogue().iter().find(|p| p.name == name)
}

fn read(json: &'static str) -> Option<Provider> {
    let entry: Value = serde_json::from_str(json).ok()?;
    let text = |name: &str| entry.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    Some(Provider {
        name: text("name"),
        display_name: text("display_name"),
        auth_mode: text("auth_mode"),
        logo: text("logo_url"),
        json,
        entry,
    })
}

/// The objects of a JSON list, as they stand in the text.
fn objects(list: &'static str) -> impl Iterator<Item = &'static str> {
    let mut rest = list;
    std::iter::from_fn(move || {
        let start = rest.find('{')?;
        let (mut depth, mut quoted, mut escaped) = (0usize, false, false);
        for (i, byte) in rest.bytes().enumerate().skip(start) {
            match byte {
                _ if escaped => escaped = false,
                b'\\' if quoted => escaped = true,
                b'"' => quoted = !quoted,
                b'{' if !quoted => depth += 1,
                b'}' if !quoted => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                let object = rest.get(start..=i)?;
                rest = rest.get(i + 1..)?;
                return Some(object);
            }
        }
        None
    })
}

const SEARCH: Rule = Rule::Object { keys: &[Key::optional("search", INTEGRATION_KEY)], strict: true };

/// `GET /providers`
pub(crate) fn list(_state: &mut State, call: &Call) -> Handled {
    call.check_query(&SEARCH)?;
    let search = call.query_text("search").unwrap_or_default();
    let found: Vec<&str> = catalogue().iter().filter(|p| matches(&p.name, search)).map(|p| p.json).collect();
    Ok(Answer::json(200, format!("{{\"data\":[{}]}}", found.join(","))))
}

/// Whether `pattern` occurs in `name`, as the regular expression that the server makes of it: letters in
/// any case, `.` any character, and nothing else that is special can pass validation.
fn matches(name: &str, pattern: &str) -> bool {
    let (name, pattern) = (name.as_bytes(), pattern.as_bytes());
    let same = |(a, b): (&u8, &u8)| *b == b'.' || a.eq_ignore_ascii_case(b);
    pattern.is_empty() || name.windows(pattern.len()).any(|part| part.iter().zip(pattern).all(same))
}

/// `GET /providers/{provider}`
pub(crate) fn get(_state: &mut State, call: &Call) -> Handled {
    call.no_query()?;
    let name = call.param("provider", &NAME)?;
    match find(name) {
        Some(provider) => Ok(Answer::json(200, format!("{{\"data\":{}}}", provider.json))),
        None => Err(Answer::error(404, "not_found", format!("Unknown provider {name}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::{catalogue, find, matches};

    #[test]
    fn the_catalogue_is_read_whole() {
        let list: Vec<serde_json::Value> =
            serde_json::from_str(include_str!("providers.json")).expect("providers.json is JSON");
        assert_eq!(catalogue().len(), list.len());
        assert!(catalogue().len() >= 40);
        for provider in catalogue() {
            assert!(!provider.display_name.is_empty() && !provider.auth_mode.is_empty(), "{}", provider.name);
        }
        assert_eq!(find("quickbooks").map(|p| p.auth_mode.as_str()), Some("OAUTH2"));
    }

    #[test]
    fn search_is_a_pattern() {
        assert!(matches("github-app", "HUB") && matches("hubspot", "h.b") && !matches("slack", "hub"));
    }
}
