//! The caller and its permissions: keys, session tokens and scopes (contract sections 1 and 5).

use super::request::header;
use super::response::HttpResponse;
use crate::emulator::model::account::{ApiKey, is_account_key};
use crate::emulator::model::environments::{Holder, MAIN};
use crate::emulator::model::formats::is_uuid_v4;
use crate::emulator::model::state::State;

/// Which credentials an endpoint accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Accepts {
    /// No credentials are needed.
    Anyone,
    Key,
    KeyOrSession,
    Session,
}

/// The caller.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Principal {
    Anyone,
    /// An API key, with its scopes.
    Key(Vec<String>),
    /// A connect session, with its token.
    Session(String),
}

/// The caller, and what it may see.
pub(crate) struct Caller {
    pub(crate) principal: Principal,
    /// The environment that it sees.
    pub(crate) environment: u64,
    /// The UUID of its key.
    pub(crate) key: Option<String>,
}

const SESSION_PREFIX: &str = "nango_connect_session_";

fn unauthorized(code: &str, message: &str) -> HttpResponse {
    HttpResponse::internal(401, code, format!("Authentication failed. {message}"), "{}")
}

/// Identifies the caller.
pub(crate) fn identify(
    accepts: Accepts,
    headers: &[(String, String)],
    keys: &[ApiKey],
    state: &State,
    now: i64,
) -> Result<Caller, HttpResponse> {
    if accepts == Accepts::Anyone {
        return Ok(Caller { principal: Principal::Anyone, environment: MAIN, key: None });
    }
    let given = header(headers, "authorization").filter(|value| !value.is_empty());
    let Some(given) = given else {
        return Err(unauthorized("missing_auth_header", "The request is missing the Authorization header."));
    };
    // The server uses what follows the last `Bearer `, whatever comes before.
    let token = given.rsplit("Bearer ").next().unwrap_or_default();
    if token.is_empty() {
        return Err(unauthorized("malformed_auth_header", "The Authorization header is malformed."));
    }
    let session = accepts == Accepts::Session
        || (accepts == Accepts::KeyOrSession && token.starts_with(SESSION_PREFIX));
    if session { identify_session(token, state, now) } else { identify_key(token, keys, state) }
}

fn identify_session(token: &str, state: &State, now: i64) -> Result<Caller, HttpResponse> {
    let hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    let well_formed =
        token.strip_prefix(SESSION_PREFIX).is_some_and(|rest| rest.len() == 64 && rest.bytes().all(hex));
    if !well_formed {
        return Err(unauthorized(
            "invalid_connect_session_token_format",
            "The provided connect session token is not following correct format: nango_connect_session_RANDOM)",
        ));
    }
    match state.environment_of_session(token, now) {
        Some(environment) => {
            Ok(Caller { principal: Principal::Session(token.into()), environment, key: None })
        }
        None => Err(unauthorized(
            "unknown_connect_session_token",
            "The provided connect session token does not match any account.",
        )),
    }
}

fn identify_key(token: &str, keys: &[ApiKey], state: &State) -> Result<Caller, HttpResponse> {
    if !is_uuid_v4(token) && !token.starts_with("nango_sbx_v1_") {
        return Err(unauthorized("invalid_secret_key_format", "The provided secret key is not a UUID v4."));
    }
    match state.holder(token, keys) {
        Some(Holder { uuid, scopes, environment }) => {
            Ok(Caller { principal: Principal::Key(scopes), environment, key: Some(uuid) })
        }
        None => Err(unauthorized(
            "unknown_account",
            "The provided authorization header does not match any account.",
        )),
    }
}

impl Principal {
    /// Whether one of the caller's scopes grants `wanted`: the same, or `prefix:*` above it.
    pub(crate) fn has(&self, wanted: &str) -> bool {
        let Principal::Key(scopes) = self else { return false };
        scopes.iter().any(|held| {
            held == wanted
                || held
                    .strip_suffix('*')
                    .is_some_and(|prefix| prefix.ends_with(':') && wanted.starts_with(prefix))
        })
    }

    /// Refuses a key that has none of `scopes`; if no scope is named, any key of an environment passes.
    pub(crate) fn permit(&self, scopes: &[&str]) -> Result<(), HttpResponse> {
        let Principal::Key(held) = self else { return Ok(()) };
        if scopes.is_empty() && is_account_key(held) {
            let message = "API key is not authorized for an environment";
            return Err(HttpResponse::error(403, "forbidden", message));
        }
        if scopes.is_empty() || scopes.iter().any(|s| self.has(s)) {
            return Ok(());
        }
        let message = match scopes {
            [one] => format!("Insufficient scope. Required: {one}"),
            many => format!("Insufficient scope. Required one of: {}", many.join(" or ")),
        };
        Err(HttpResponse::error(403, "forbidden", message))
    }
}

#[cfg(test)]
mod tests {
    use super::Principal;

    #[test]
    fn a_star_grants_what_is_below_it() {
        let principal = Principal::Key(vec!["environment:connections:*".into(), "environment:proxy".into()]);
        assert!(principal.has("environment:connections:read") && principal.has("environment:proxy"));
        assert!(!principal.has("environment:integrations:read") && !principal.has("environment:proxy:x"));
        assert!(Principal::Key(vec!["environment:*".into()]).has("environment:syncs:read"));
        let read = Principal::Key(vec!["environment:connections:read_credentials".into()]);
        assert!(!read.has("environment:connections:read"));
    }
}
