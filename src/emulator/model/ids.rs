//! Everything that looks random, derived from the seed: the same seed and the same calls give the same ids.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::random;

/// A stream of numbers; in JSON its state in hexadecimal, since JavaScript's numbers would change it.
#[derive(Debug, Clone)]
pub(crate) struct Ids(u64);

impl Serialize for Ids {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{:016x}", self.0))
    }
}

impl<'de> Deserialize<'de> for Ids {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Ids, D::Error> {
        let digits = String::deserialize(deserializer)?;
        let state = u64::from_str_radix(&digits, 16);
        state.map(Ids).map_err(|_| D::Error::custom("expected sixteen hexadecimal digits"))
    }
}

impl Ids {
    pub(crate) fn new(seed: u64) -> Ids {
        Ids(seed ^ 0x6e61_6e67_6f21_7e4d)
    }

    pub(crate) fn number(&mut self) -> u64 {
        random::next(&mut self.0)
    }

    /// A UUID v4.
    pub(crate) fn uuid(&mut self) -> String {
        let (a, b) = (self.number(), self.number());
        let variant = 8 + (b >> 62);
        format!(
            "{:08x}-{:04x}-4{:03x}-{variant:x}{:03x}-{:012x}",
            a >> 32,
            (a >> 16) & 0xffff,
            a & 0xfff,
            (b >> 48) & 0xfff,
            b & 0xffff_ffff_ffff
        )
    }

    /// 32 bytes in hexadecimal.
    pub(crate) fn hex32(&mut self) -> String {
        (0..4).map(|_| format!("{:016x}", self.number())).collect()
    }

    /// Eight letters and digits.
    pub(crate) fn word(&mut self) -> String {
        let mut n = self.number();
        (0..8)
            .map(|_| {
                let digit = (n % 36) as u32;
                n /= 36;
                char::from_digit(digit, 36).unwrap_or('0')
            })
            .collect()
    }
}
