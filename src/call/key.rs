//! API keys: their format, the error without a valid one, and which responses reject one.
//! When a key is requested is decided in `machine.rs`.

use crate::error::{Error, ErrorKind, FormError};

const KEY_HINT: &str = "use the secret key of a Nango environment: a UUID from the environment's settings";

/// Nango's codes for a key that it does not accept (contract section 3).
const REFUSALS: [&str; 4] =
    ["missing_auth_header", "malformed_auth_header", "invalid_secret_key_format", "unknown_account"];

/// The error of a call, or of a toolkit, without a valid key.
pub(crate) fn key_error(why: &str) -> Error {
    let error = Error::new(ErrorKind::Unauthorized, format!("no valid API key: {why}"));
    error.code("invalid_secret_key_format").hint(KEY_HINT)
}

/// Checks the format of a key (contract section 1): a UUID of version 4, or a sandbox token.
///
/// # Errors
/// The reason, without the key.
pub fn key_format(key: &str) -> Result<(), FormError> {
    match flaw(key) {
        Some(why) => Err(FormError::new(why)),
        None => Ok(()),
    }
}

/// The problem of a key.
fn flaw(key: &str) -> Option<&'static str> {
    if key.is_empty() {
        return Some("it is empty");
    }
    if key.trim() != key {
        return Some("it begins or ends with white space");
    }
    if key.len() > 7 && key.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("bearer ")) {
        return Some("it begins with `Bearer`; give only the key");
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

/// Whether an error is Nango's own rejection of the key, and not a provider's.
pub(super) fn is_refusal(error: &Error) -> bool {
    error.kind == ErrorKind::Unauthorized
        && error.status == Some(401)
        && REFUSALS.contains(&error.code.as_str())
}
