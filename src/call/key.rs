//! Keys: what one can be, the words where there is none that can be used, and the one retry with
//! another key where Nango refused the first.

use super::{Call, State};
use crate::audit::What;
use crate::error::{Error, ErrorKind};
use crate::text::{fill, is_one};

const KEY_HINT: &str =
    "give the secret key of a Nango environment: a UUID, as the environment's settings show it";

/// The error of a call, or of a toolkit, without a usable key.
pub(crate) fn key_error(why: &str) -> Error {
    let error = Error::new(ErrorKind::Unauthorized, fill("no usable API key: {}", &[why]));
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

/// Whether an answer is Nango's own refusal of the key (contract section 3), and no provider's.
pub(super) fn refused(error: &Error) -> bool {
    error.kind == ErrorKind::Unauthorized
        && error.status == Some(401)
        && is_one(
            "missing_auth_header malformed_auth_header invalid_secret_key_format unknown_account",
            &error.code,
        )
}

impl Call {
    /// The API key, or why there is none.
    pub fn handle_key(&mut self, key: Result<&str, &str>, now: u64) {
        let State::Key = self.state else { return };
        let good = key.and_then(|key| key_format(key).map(|()| key));
        if let Some((stale, error)) = self.stale.take()
            && !good.is_ok_and(|key| fill("Bearer {}", &[key]) != stale)
        {
            return self.end(Err(error), now);
        }
        match good {
            Ok(key) => self.take_key(key),
            Err(why) => {
                let error = key_error(&self.scrub.text(why));
                self.end(Err(error), now);
            }
        }
    }

    /// A key that [`key_format`] found good, while one is asked for.
    pub(crate) fn take_key(&mut self, key: &str) {
        self.scrub.add(key);
        if let Some(gate) = &mut self.gate {
            gate.key = Some(key.to_owned());
        }
        self.request.headers.push((AUTHORIZATION.to_owned(), ["Bearer ", key].concat()));
        self.state = State::Ready;
    }

    /// Whether Nango refused the key that was given: another one is asked for, and a key that was kept
    /// will not do. It happens once in a call; nothing ran, so every tool may be tried again.
    pub fn key_is_stale(&self) -> bool {
        self.stale.is_some()
    }

    /// Asks for another key, as Nango refused this one.
    pub(super) fn renew(&mut self, error: Error, now: u64) {
        let State::Sent { .. } = self.state else { return };
        self.renewed = true;
        let at = self.request.headers.iter().position(|(name, _)| name == AUTHORIZATION);
        let stale = at.map(|at| self.request.headers.remove(at).1).unwrap_or_default();
        let kind = error.kind.as_str();
        self.event(now, What::Retry { attempt: self.tries, wait_ms: 0, kind, status: error.status });
        self.stale = Some((stale, error));
        self.state = State::Key;
    }
}

const AUTHORIZATION: &str = "Authorization";
