//! The provider catalogue: listed, and read one by one.

use crate::emulator::http::call::Call;
use crate::emulator::http::response::{HandlerResult, HttpResponse};
use crate::emulator::http::rules::{INTEGRATION_KEY, NAME};
use crate::emulator::http::validate::{Key, Rule};
use crate::emulator::model::providers::{catalogue, find};
use crate::emulator::model::state::State;

const SEARCH: Rule = Rule::Object { keys: &[Key::optional("search", INTEGRATION_KEY)], strict: true };

/// `GET /providers`
pub(crate) fn list(_state: &mut State, call: &Call) -> HandlerResult {
    call.check_query(&SEARCH)?;
    let search = call.query_str("search").unwrap_or_default();
    let found: Vec<&str> =
        catalogue().iter().filter(|p| matches(&p.name, search)).map(|p| p.json.get()).collect();
    Ok(HttpResponse::json(200, format!("{{\"data\":[{}]}}", found.join(","))))
}

/// Whether `pattern` occurs in `name`, as the regular expression that the server makes of it: letters in
/// any case, `.` any character, and nothing else that is special can pass validation.
fn matches(name: &str, pattern: &str) -> bool {
    let (name, pattern) = (name.as_bytes(), pattern.as_bytes());
    let same = |(a, b): (&u8, &u8)| *b == b'.' || a.eq_ignore_ascii_case(b);
    pattern.is_empty() || name.windows(pattern.len()).any(|part| part.iter().zip(pattern).all(same))
}

/// `GET /providers/{provider}`
pub(crate) fn get(_state: &mut State, call: &Call) -> HandlerResult {
    call.no_query()?;
    let name = call.param("provider", &NAME)?;
    match find(name) {
        Some(provider) => Ok(HttpResponse::json(200, format!("{{\"data\":{}}}", provider.json.get()))),
        None => Err(HttpResponse::error(404, "not_found", format!("Unknown provider {name}"))),
    }
}

/// `GET /providers/{provider}/templates`: a server of one's own has no catalogue of functions.
pub(crate) fn templates(_state: &mut State, call: &Call) -> HandlerResult {
    call.no_query()?;
    call.param("provider", &NAME)?;
    Ok(HttpResponse::json(200, r#"{"data":[]}"#))
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn search_is_a_pattern() {
        assert!(matches("github-app", "HUB") && matches("hubspot", "h.b") && !matches("slack", "hub"));
    }
}
