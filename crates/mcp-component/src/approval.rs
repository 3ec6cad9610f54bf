//! What confirms a call that policy lets wait for approval: a signed text, bound to that very call, good for ten
//! minutes. Hosts that make an instance for each request forget, so what was asked for is in the text itself.

use std::cell::RefCell;

use hmac::{Hmac, KeyInit, Mac};
use nango_toolkit::call::Options;
use nango_toolkit::json::{Value, to_text};
use nango_toolkit::session::Session;
use sha2::Sha256;

use crate::wire::{hex, random_id};

/// How long one is good, in milliseconds; as long as the core's own.
const GOOD_MS: u64 = 10 * 60 * 1000;

thread_local! {
    /// Those that were used here, with the time when they run out: one confirms one call once.
    static USED: RefCell<Vec<(String, u64)>> = const { RefCell::new(Vec::new()) };
}

/// What a confirmation is bound to.
pub(crate) struct Bound<'k> {
    key: &'k str,
    call: String,
}

impl<'k> Bound<'k> {
    /// The call of this tool with these arguments as JSON text, by whom `options` say. `key` is secret.
    pub(crate) fn new(key: &'k str, options: &Options, name: &str, arguments: &str) -> Bound<'k> {
        let mut who =
            options.session.as_ref().map(Session::options).and_then(|who| serde_json::to_value(who).ok());
        if let Some(Value::Object(session)) = &mut who {
            // Drawn anew by each instance, where the operator gave none.
            session.shift_remove("id");
        }
        Bound { key, call: [name, arguments, &to_text(&who.unwrap_or_default())].join("\0") }
    }

    /// A text that confirms the call.
    pub(crate) fn token(&self, now: u64) -> String {
        let what = [&random_id("confirm_"), "_", &(now + GOOD_MS).to_string()].concat();
        // An empty one confirms nothing.
        let Some(mac) = self.signed(&what) else { return String::new() };
        [&what, "_", &hex(&mac.finalize().into_bytes())].concat()
    }

    /// Takes a text for the call; whether it confirms it.
    pub(crate) fn redeem(&self, token: &str, now: u64) -> bool {
        let Some((what, signature)) = token.rsplit_once('_') else { return false };
        let expires = what.rsplit_once('_').and_then(|(_, digits)| digits.parse::<u64>().ok());
        let Some(expires) = expires.filter(|expires| *expires > now) else { return false };
        let (Some(signature), Some(mac)) = (unhex(signature), self.signed(what)) else { return false };
        // Compared in a time that tells nothing.
        if mac.verify_slice(&signature).is_err() {
            return false;
        }
        USED.with_borrow_mut(|used| {
            used.retain(|(_, expires)| *expires > now);
            let fresh = !used.iter().any(|(known, _)| known == what);
            used.push((what.to_owned(), expires));
            fresh
        })
    }

    fn signed(&self, what: &str) -> Option<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.key.as_bytes()).ok()?;
        mac.update(["nango-toolkit confirmation", what, &self.call].join("\0").as_bytes());
        Some(mac)
    }
}

fn unhex(digits: &str) -> Option<Vec<u8>> {
    let pair = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
    (0..digits.len()).step_by(2).map(pair).collect()
}
