//! Faults on request: latency, dropped connections, 429s, 5xx, garbage and truncated bodies.

use serde::Deserialize;
use serde_json::Value;

use crate::emulator::model::strict::{self, Strict};

/// The kind of a fault.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Fault {
    /// An error with this status.
    Status(u16),
    /// The limiter's 429, with `Retry-After` in seconds.
    RateLimit(u32),
    /// The connection breaks before a response.
    Drop,
    /// Status 200 and a body that is not JSON.
    Garbage,
    /// The body of the response, cut in half.
    Truncate,
}

/// The faults in force.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Faults {
    #[serde(default)]
    pub(crate) latency_ms: u32,
    #[serde(default)]
    fail: Vec<Strict<Entry>>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Entry {
    #[serde(default, rename = "match")]
    matching: Strict<Match>,
    kind: Kind,
    /// How often it fails; always if absent or null.
    #[serde(default)]
    times: Option<u32>,
    #[serde(default = "default_status")]
    status: u16,
    /// In seconds, as in the header `Retry-After`.
    #[serde(default = "default_retry_after")]
    retry_after: u32,
}

/// Which requests fail.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Match {
    #[serde(deserialize_with = "strict::present")]
    method: Option<String>,
    /// A prefix of the path.
    #[serde(deserialize_with = "strict::present")]
    path: Option<String>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Status,
    RateLimit,
    Drop,
    Garbage,
    Truncate,
}

fn default_status() -> u16 {
    503
}

fn default_retry_after() -> u32 {
    1
}

impl Faults {
    /// Reads `{"latencyMs":n,"fail":[{"match":{"method","path"},"times":n,"kind":…}]}`.
    ///
    /// # Errors
    /// The mistake, with its place.
    pub(crate) fn read(spec: &Value) -> Result<Faults, String> {
        let faults: Faults =
            strict::read(spec, "property").map_err(|problem| format!("faults: {problem}"))?;
        match faults.fail.iter().position(|Strict(entry)| !(200..600).contains(&entry.status)) {
            Some(i) => Err(format!("faults: `fail[{i}].status`: expected 200 to 599")),
            None => Ok(faults),
        }
    }

    /// The fault of this request, if any; counts it.
    pub(crate) fn take(&mut self, method: &str, path: &str) -> Option<Fault> {
        let Strict(entry) = self.fail.iter_mut().find(|Strict(entry)| entry.applies(method, path))?;
        if let Some(times) = &mut entry.times {
            *times -= 1;
        }
        Some(match entry.kind {
            Kind::Status => Fault::Status(entry.status),
            Kind::RateLimit => Fault::RateLimit(entry.retry_after),
            Kind::Drop => Fault::Drop,
            Kind::Garbage => Fault::Garbage,
            Kind::Truncate => Fault::Truncate,
        })
    }
}

impl Entry {
    fn applies(&self, method: &str, path: &str) -> bool {
        self.times != Some(0)
            && self.matching.0.method.as_ref().is_none_or(|m| m.eq_ignore_ascii_case(method))
            && self.matching.0.path.as_ref().is_none_or(|p| path.starts_with(p.as_str()))
    }
}
