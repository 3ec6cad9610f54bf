//! Faults on request: latency, refused connections, 429s, 5xx, garbage and truncated bodies.

use serde_json::Value;

/// What goes wrong.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Fault {
    Status(u16),
    /// The limiter's 429, with `Retry-After` in seconds.
    RateLimit(u32),
    /// The connection breaks before an answer.
    Drop,
    /// Status 200 and a body that is not JSON.
    Garbage,
    /// The answer's body, cut in half.
    Truncate,
}

#[derive(Debug, Clone)]
struct Entry {
    method: Option<String>,
    path: Option<String>,
    times: Option<u32>,
    fault: Fault,
}

/// The faults in force.
#[derive(Debug, Clone, Default)]
pub(crate) struct Faults {
    pub(crate) latency_ms: u32,
    entries: Vec<Entry>,
}

const TOP: &[&str] = &["latency_ms", "fail"];
const ENTRY: &[&str] = &["match", "times", "kind", "status", "retry_after"];
const MATCH: &[&str] = &["method", "path"];

fn wrong(message: String) -> String {
    format!("faults: {message}")
}

fn known(value: &Value, at: &str, names: &[&str]) -> Result<(), String> {
    let Value::Object(map) = value else { return Err(wrong(format!("`{at}`: expected an object"))) };
    match map.keys().find(|k| !names.contains(&k.as_str())) {
        Some(other) => Err(wrong(format!("`{at}` has no `{other}`; it takes {}", names.join(", ")))),
        None => Ok(()),
    }
}

fn whole(value: &Value, at: &str, name: &str, default: u32) -> Result<u32, String> {
    match value.get(name) {
        None | Some(Value::Null) => Ok(default),
        Some(n) => n
            .as_u64()
            .and_then(|n| n.try_into().ok())
            .ok_or_else(|| wrong(format!("`{at}.{name}`: expected a whole number, 0 or more"))),
    }
}

impl Faults {
    /// Reads `{"latency_ms":n,"fail":[{"match":{"method","path"},"times":n,"kind":…}]}`.
    pub(crate) fn read(json: &str) -> Result<Faults, String> {
        let spec: Value = serde_json::from_str(json).map_err(|e| wrong(format!("expected JSON, but {e}")))?;
        known(&spec, "faults", TOP)?;
        let mut faults = Faults { latency_ms: whole(&spec, "faults", "latency_ms", 0)?, entries: Vec::new() };
        match spec.get("fail") {
            None | Some(Value::Null) => {}
            Some(Value::Array(items)) => {
                for (i, item) in items.iter().enumerate() {
                    faults.entries.push(Entry::read(item, &format!("fail[{i}]"))?);
                }
            }
            Some(_) => return Err(wrong("`fail`: expected a list".into())),
        }
        Ok(faults)
    }

    /// The fault that meets this request, if any; counts it.
    pub(crate) fn take(&mut self, method: &str, path: &str) -> Option<Fault> {
        let entry = self.entries.iter_mut().find(|e| e.meets(method, path))?;
        if let Some(times) = &mut entry.times {
            *times -= 1;
        }
        Some(entry.fault.clone())
    }
}

impl Entry {
    fn read(item: &Value, at: &str) -> Result<Entry, String> {
        known(item, at, ENTRY)?;
        let text = |name: &str| match item.pointer(&format!("/match/{name}")) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(wrong(format!("`{at}.match.{name}`: expected a text"))),
        };
        if let Some(matched) = item.get("match") {
            known(matched, &format!("{at}.match"), MATCH)?;
        }
        let fault = match item.get("kind").and_then(Value::as_str) {
            Some("status") => {
                let status = whole(item, at, "status", 503)?;
                let status = u16::try_from(status).ok().filter(|s| (200..600).contains(s));
                Fault::Status(status.ok_or_else(|| wrong(format!("`{at}.status`: expected 200 to 599")))?)
            }
            Some("rate_limit") => Fault::RateLimit(whole(item, at, "retry_after", 1)?),
            Some("drop") => Fault::Drop,
            Some("garbage") => Fault::Garbage,
            Some("truncate") => Fault::Truncate,
            _ => {
                return Err(wrong(format!(
                    "`{at}.kind`: expected status, rate_limit, drop, garbage or truncate"
                )));
            }
        };
        let times = match item.get("times") {
            None | Some(Value::Null) => None,
            Some(_) => Some(whole(item, at, "times", 0)?),
        };
        Ok(Entry { method: text("method")?, path: text("path")?, times, fault })
    }

    fn meets(&self, method: &str, path: &str) -> bool {
        self.times != Some(0)
            && self.method.as_ref().is_none_or(|m| m.eq_ignore_ascii_case(method))
            && self.path.as_ref().is_none_or(|p| path.starts_with(p.as_str()))
    }
}
