//! API keys: what one can be, the error if there is none that can be used, and which answers refuse one.
//! When a key is asked for is decided in `machine.rs`.

use crate::error::{Error, ErrorKind, FormError};

const KEY_HINT: &str =
    "give the secret key of a Nango environment: a UUID, as the environment's settings show it";

/// The header that carries the key.
pub(super) const AUTHORIZATION: &str = "Authorization";

/// Nango's codes for a key that it does not accept (contract section 3).
const REFUSALS: [&str; 4] =
    ["missing_auth_header", "malformed_auth_header", "invalid_secret_key_format", "unknown_account"];

/// The value of [`AUTHORIZATION`].
pub(super) fn bearer(key: &str) -> String {
    format!("Bearer {key}")
}

/// The error of a call, or of a toolkit, without a usable key.
pub(crate) fn key_error(why: &str) -> Error {
    let error = Error::new(ErrorKind::Unauthorized, format!("no usable API key: {why}"));
    error.code("invalid_secret_key_format").hint(KEY_HINT)
}

/// Checks that a key can be one (contract section 1): a UUID of version 4, or a sandbox token.
///
/// # Errors
/// What is wrong with it, without the key.
pub fn key_format(key: &str) -> Result<(), FormError> {
    match flaw(key) {
        Some(why) => Err(FormError::new(why)),
        None => Ok(()),
    }
}

/// What is wrong with a key.
fn flaw(key: &str) -> Option<&'static str> {
    if key.is_empty() {
        return Some("it is empty");
    }
    if key.trim() != key {
        return Some("it begins or ends with white space");
    }
    if key.len() > 7 && key.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("bearer ")) {
        return Some("it begins with `Bearer`; give the key alone");
    }
    let sandbox = key.strip_prefix("nango_sbx_v1_");
    if sandbox.is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_graphic())) {
        return None;
    }
    let is_uuid = key.len() == 36
        && key.bytes().enumerate().all(|(i, b)| match i {
            8 | 13 | 18 | 23 => b == b'-',
            14 => b == b'4',
            19 => matches!(b, b'8' | b'9' | b'a' | b'b' | b'A' | b'B'),
            _ => b.is_ascii_hexdigit(),
        });
    (!is_uuid).then_some("a Nango secret key is a UUID of version 4")
}

/// Whether an error is Nango's own refusal of the key, and not a provider's.
pub(super) fn is_refusal(error: &Error) -> bool {
    error.kind == ErrorKind::Unauthorized
        && error.status == Some(401)
        && REFUSALS.contains(&error.code.as_str())
}
