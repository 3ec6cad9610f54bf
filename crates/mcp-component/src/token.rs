//! Session tokens: JSON Web Tokens with HMAC-SHA-256, as `session.token()` of the npm package signs them
//! (`pkg/src/tokens.ts`). Any instance that has the key can create the session again.

use base64ct::{Base64UrlUnpadded, Encoding};
use hmac::{Hmac, KeyInit, Mac};
use nango_toolkit::json::{Value, parse, to_text};
use sha2::Sha256;

/// `{"alg":"HS256","typ":"JWT"}`: the only header there is. Tokens with another algorithm are refused.
const HEADER: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";
const ISSUER: &str = "nango-toolkit";
/// The maximum difference between the clocks of two instances, in seconds.
const SKEW: u64 = 60;
/// The maximum length of a token, which fits into a header on every host.
const MOST: usize = 16_384;

/// The claims of a token.
#[derive(Debug)]
pub(crate) struct Claims {
    /// The id of the session.
    pub(crate) id: String,
    /// The options of the session.
    pub(crate) session: Value,
}

/// The claims of a token that `key` signed and that has not expired at `now`, in milliseconds. `None` for other
/// environments, since there is only one here.
pub(crate) fn open(token: &str, key: &str, now: u64) -> Option<Claims> {
    if token.len() > MOST {
        return None;
    }
    let (signed, signature) = token.rsplit_once('.')?;
    let (header, payload) = signed.split_once('.')?;
    if header != HEADER {
        return None;
    }
    let bytes = Base64UrlUnpadded::decode_vec(payload).ok()?;
    // In constant time, and before any part of it is parsed.
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).ok()?;
    mac.update(signed.as_bytes());
    mac.verify_slice(&Base64UrlUnpadded::decode_vec(signature).ok()?).ok()?;
    let claims = parse(std::str::from_utf8(&bytes).ok()?).ok()?;
    let seconds = |name: &str| claims.get(name).and_then(Value::as_u64);
    let (issued, expires) = (seconds("iat")?, seconds("exp")?);
    let ours = claims.get("iss").and_then(Value::as_str) == Some(ISSUER);
    if !ours
        || issued > now / 1000 + SKEW
        || expires.saturating_mul(1000) <= now
        || claims.get("env").is_some_and(|env| !env.is_null())
    {
        return None;
    }
    let Some(Value::Object(mut session)) = claims.get("session").cloned() else { return None };
    let id = claims.get("jti").cloned().unwrap_or_default();
    session.insert("id".to_owned(), id);
    let session = Value::Object(session);
    Some(Claims { id: to_text(&session), session })
}
