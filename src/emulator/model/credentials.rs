//! Credentials of connections: how they are shown, when a token is refreshed, and with which result
//! (contract section 15).

use serde_json::{Value, json};

use super::clock;
use super::ids::Ids;
use super::providers::Provider;
use super::state::{Connection, Object, Refresh, str_field};

/// A token is refreshed when it expires within this time, unless the provider says otherwise.
const MARGIN_S: i64 = 15 * 60;
/// After a failed refresh, none is tried for this long.
const BACKOFF_MS: i64 = 30_000;
/// Days with a failed refresh after which none is tried again.
const EXHAUSTED_DAYS: u32 = 4;
/// How long a new token lives.
const LIFE_S: i64 = 3600;

/// Why a connection has no fresh credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stale {
    /// The provider refused just now.
    Rejected,
    /// It refused less than half a minute ago.
    BackingOff,
    /// It refused on too many days.
    Exhausted,
}

impl Stale {
    pub(crate) fn message(self) -> &'static str {
        match self {
            Stale::Rejected => {
                "The external API returned an error when trying to refresh the access token. Please try again later."
            }
            Stale::BackingOff => "A recent refresh attempt failed. Backing off before retrying.",
            Stale::Exhausted => {
                "The refresh attempts of this connection are exhausted. It needs to be re-authorized."
            }
        }
    }
}

/// Whether credentials of this type are tokens that can be renewed.
fn renewable(credentials: &Object) -> bool {
    match str_field(credentials, "type") {
        "OAUTH2" | "MCP_OAUTH2" | "MCP_OAUTH2_GENERIC" => credentials.contains_key("refresh_token"),
        "OAUTH2_CC" | "APP" | "CUSTOM" | "JWT" | "TWO_STEP" | "BILL" | "SIGNATURE" | "AWS_SIGV4" => true,
        _ => false,
    }
}

/// Renews the token of a connection if it is due, or if `force` is set.
pub(crate) fn freshen(
    connection: &mut Connection,
    provider: &Provider,
    force: bool,
    ids: &mut Ids,
    now: i64,
) -> Result<(), Stale> {
    let margin = provider.entry.get("token_expiration_buffer").and_then(Value::as_i64).unwrap_or(MARGIN_S);
    let due = force || connection.expires.is_some_and(|at| at - now <= margin * 1000);
    if !due || !renewable(&connection.credentials) {
        return Ok(());
    }
    let refresh = &mut connection.refresh;
    if !force && refresh.failed_days >= EXHAUSTED_DAYS {
        return Err(Stale::Exhausted);
    }
    if !force && refresh.last_failure.is_some_and(|at| now - at < BACKOFF_MS) {
        return Err(Stale::BackingOff);
    }
    if refresh.fails {
        let same_day = refresh.last_failure.is_some_and(|at| clock::day(at) == clock::day(now));
        refresh.failed_days = refresh.failed_days.saturating_add(u32::from(!same_day));
        refresh.last_failure = Some(now);
        connection.errors.retain(|(kind, _)| kind != "auth");
        connection.errors.push(("auth".into(), format!("{now}_{}", ids.word())));
        return Err(Stale::Rejected);
    }
    renew(&mut connection.credentials, &connection.id, ids, now);
    connection.expires = Some(now + LIFE_S * 1000);
    connection.errors.retain(|(kind, _)| kind != "auth");
    connection.refresh = Refresh::default();
    connection.updated = now;
    Ok(())
}

/// Puts new tokens in place of the old ones.
fn renew(credentials: &mut Object, connection: &str, ids: &mut Ids, now: i64) {
    let mut token = |kind: &str| Value::String(format!("emulated-{kind}-{connection}-{}", ids.word()));
    let expires = Value::String(clock::iso_z(now + LIFE_S * 1000));
    match str_field(credentials, "type") {
        "OAUTH2" | "MCP_OAUTH2" | "MCP_OAUTH2_GENERIC" => {
            let (access, refresh) = (token("access-token"), token("refresh-token"));
            let raw = json!({
                "access_token": access, "refresh_token": refresh, "expires_in": LIFE_S,
                "token_type": "Bearer", "expires_at": expires
            });
            credentials.insert("access_token".into(), access);
            credentials.insert("refresh_token".into(), refresh);
            credentials.insert("raw".into(), raw);
        }
        "APP" | "CUSTOM" => app(credentials, token("installation-token"), &token("app-jwt"), &expires),
        "AWS_SIGV4" => {
            credentials.insert("session_token".into(), token("session-token"));
        }
        _ => {
            let fresh = token("token");
            credentials.insert(
                "raw".into(),
                json!({"access_token": fresh, "token_type": "Bearer", "expires_in": LIFE_S}),
            );
            credentials.insert("token".into(), fresh);
        }
    }
}

fn app(credentials: &mut Object, token: Value, jwt: &Value, expires: &Value) {
    let raw = json!({
        "token": token, "expires_at": expires,
        "permissions": {"contents": "read"}, "repository_selection": "all"
    });
    credentials.insert("type".into(), "APP".into());
    credentials.insert("access_token".into(), token);
    credentials.insert("raw".into(), raw);
    credentials.insert("jwtToken".into(), jwt.clone());
}

/// The credentials of an app's installation, as an import of one gets them.
pub(crate) fn installation(connection: &str, ids: &mut Ids, now: i64) -> (Object, i64) {
    let mut credentials = Object::new();
    credentials.insert("type".into(), "APP".into());
    renew(&mut credentials, connection, ids, now);
    (credentials, now + LIFE_S * 1000)
}

/// The credentials from authorising with a provider.
pub(crate) fn authorised(
    provider: &Provider,
    connection: &str,
    ids: &mut Ids,
    now: i64,
) -> (Object, Option<i64>) {
    let mut credentials = Object::new();
    let secret =
        |kind: &str, ids: &mut Ids| Value::String(format!("emulated-{kind}-{connection}-{}", ids.word()));
    let fields: &[&str] = match provider.auth_mode.as_str() {
        "NONE" => return (credentials, None),
        "API_KEY" => &["apiKey"],
        "BASIC" => &["username", "password"],
        "OAUTH1" => &["oauth_token", "oauth_token_secret"],
        "TBA" => &["token_id", "token_secret"],
        "OAUTH2_CC" => &["client_id", "client_secret"],
        "AWS_SIGV4" => &["role_arn", "region", "service", "access_key_id", "secret_access_key"],
        _ => &[],
    };
    credentials.insert("type".into(), provider.auth_mode.as_str().into());
    for field in fields {
        credentials.insert((*field).into(), secret(field, ids));
    }
    if matches!(provider.auth_mode.as_str(), "API_KEY" | "BASIC" | "OAUTH1" | "TBA") {
        return (credentials, None);
    }
    renew(&mut credentials, connection, ids, now);
    (credentials, Some(now + LIFE_S * 1000))
}

/// Credentials as a response shows them: with `expires_at`, and without refresh tokens unless asked for.
pub(crate) fn show(connection: &Connection, with_refresh_token: bool) -> Value {
    let mut credentials = connection.credentials.clone();
    if let Some(at) = connection.expires {
        credentials.insert("expires_at".into(), clock::iso_z(at).into());
    }
    let mut shown = Value::Object(credentials);
    if !with_refresh_token {
        strip_refresh_tokens(&mut shown);
    }
    shown
}

/// Removes, at any depth, every property that is named refresh token in any spelling.
pub(crate) fn strip_refresh_tokens(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|name, _| {
                let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
                !plain.eq_ignore_ascii_case("refreshtoken")
            });
            map.values_mut().for_each(strip_refresh_tokens);
        }
        Value::Array(items) => items.iter_mut().for_each(strip_refresh_tokens),
        _ => {}
    }
}
