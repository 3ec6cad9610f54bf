//! Keys: what one can be, and the words where there is none that can be used.

use crate::error::{Error, Kind};
use crate::text::fill;

const KEY_HINT: &str =
    "give the secret key of a Nango environment: a UUID, as the environment's settings show it";

/// The error of a call, or of a toolkit, without a usable key.
pub(crate) fn bad_key(why: &str) -> Error {
    let error = Error::new(Kind::Unauthorized, fill("no usable API key: {}", &[why]));
    error.code("invalid_secret_key_format").hint(KEY_HINT)
}

/// Whether a key can be one (contract section 1): a UUID of version 4, or a sandbox token.
///
/// # Errors
/// What is wrong with it, without the key.
pub fn key_format(key: &str) -> Result<(), &'static str> {
    if key.is_empty() {
        return Err("it is empty");
    }
    if key.trim() != key {
        return Err("it begins or ends with white space");
    }
    if key.len() > 7 && key.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("bearer ")) {
        return Err("it begins with `Bearer`; give the key alone");
    }
    let sandbox = key.strip_prefix("nango_sbx_v1_");
    if sandbox.is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_graphic())) {
        return Ok(());
    }
    let shape = key.len() == 36
        && key.bytes().enumerate().all(|(i, b)| match i {
            8 | 13 | 18 | 23 => b == b'-',
            14 => b == b'4',
            19 => matches!(b, b'8' | b'9' | b'a' | b'b' | b'A' | b'B'),
            _ => b.is_ascii_hexdigit(),
        });
    if shape { Ok(()) } else { Err("a Nango secret key is a UUID of version 4") }
}
