//! What the emulator does over several calls, step by step: each step is a request with the status, the
//! code and the parts of the answer from a recording or the contract (named in a comment).
#![cfg(feature = "emulator")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod account;
mod agents;
mod connections;
mod damaged;
mod deployments;
mod functions;
mod integrations;
mod invocations;
mod records;
mod server;
mod sessions;
mod sync_settings;
mod webhooks;

use nango_toolkit::emulator::{Emulator, EmulatorReply};
use nango_toolkit::http::Request;
use nango_toolkit::tool::Method::{self, Delete, Get, Patch, Post, Put};
use serde_json::{Value, json};

/// 2026-11-22T14:00:00Z
const START_MS: u64 = 1_795_356_000_000;

/// An emulator of the default fixture, with a clock, that counts the steps taken on it.
pub(crate) struct Steps {
    pub(crate) emulator: Emulator,
    pub(crate) now: u64,
    pub(crate) key: String,
    pub(crate) taken: usize,
}

impl Steps {
    fn new() -> Steps {
        Steps::of(Emulator::new(42))
    }

    fn of(mut emulator: Emulator) -> Steps {
        emulator.set_rate_limit(100_000);
        let key = emulator.api_key().to_owned();
        Steps { emulator, now: START_MS, key, taken: 0 }
    }

    /// Advances the clock.
    pub(crate) fn wait(&mut self, ms: u64) {
        self.now += ms;
    }

    /// Sends a request unchanged.
    pub(crate) fn send(
        &mut self,
        method: Method,
        url: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> EmulatorReply {
        let mut all = vec![("Authorization".to_owned(), format!("Bearer {}", self.key))];
        all.extend(headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())));
        if body.is_some() {
            all.push(("Content-Type".into(), "application/json".into()));
        }
        let request = Request { method, url: url.into(), headers: all, body: body.map(Value::to_string) };
        self.taken += 1;
        self.now += 1;
        self.emulator.handle(&request, self.now)
    }

    /// One step: a call, its status and, for an error, its code; returns the body.
    #[track_caller]
    pub(crate) fn step(&mut self, method: Method, url: &str, body: Value, expected: (u16, &str)) -> Value {
        self.step_with(method, url, &[], body, expected)
    }

    /// One step with headers.
    #[track_caller]
    pub(crate) fn step_with(
        &mut self,
        method: Method,
        url: &str,
        headers: &[(&str, &str)],
        body: Value,
        (status, code): (u16, &str),
    ) -> Value {
        let reply = self.send(method, url, headers, (!body.is_null()).then_some(&body));
        let text = &reply.response.body;
        assert_eq!(reply.response.status, status, "{} {url}: {text}", method.as_str());
        let body: Value = serde_json::from_str(text).unwrap_or_default();
        let given = body["error"]["code"].as_str().or(body["code"].as_str()).filter(|_| status >= 400);
        assert_eq!(given.unwrap_or_default(), code, "{} {url}: {text}", method.as_str());
        body
    }

    /// Reads something.
    #[track_caller]
    pub(crate) fn get(&mut self, url: &str) -> Value {
        self.step(Get, url, Value::Null, (200, ""))
    }
}

/// The strings at `name` of every entry of a list.
pub(crate) fn each(list: &Value, name: &str) -> Vec<String> {
    list.as_array().unwrap().iter().map(|e| e[name].as_str().unwrap().to_owned()).collect()
}

/// The paths of an answer's issues.
pub(crate) fn paths(body: &Value) -> Vec<String> {
    let issues = body["error"]["errors"].as_array().unwrap();
    let text = |issue: &Value| {
        issue["path"].as_array().unwrap().iter().map(|p| p.as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    issues.iter().map(|issue| text(issue).join(".")).collect()
}

type Theme = (&'static str, fn(&mut Steps));

const THEMES: &[Theme] = &[
    ("integrations", integrations::life),
    ("integration cascade", integrations::cascade),
    ("provider catalogue", integrations::catalogue),
    ("connections", connections::life),
    ("lists", connections::lists),
    ("metadata", connections::metadata),
    ("end users", connections::people),
    ("refresh", connections::refresh),
    ("sessions", sessions::life),
    ("reconnecting", sessions::reconnecting),
    ("keys", sessions::keys),
    ("actions", functions::actions),
    ("syncs", functions::syncs),
    ("scripts", functions::scripts),
    ("proxy", functions::proxy),
    ("limit", limit),
    ("faults", faults),
];

#[test]
fn every_theme_in_eighty_steps_and_more() {
    let mut taken = 0;
    for (name, theme) in THEMES {
        let mut steps = Steps::new();
        theme(&mut steps);
        println!("{name}: {} steps", steps.taken);
        taken += steps.taken;
    }
    println!("{taken} steps");
    assert!(taken >= 80, "only {taken} steps");
}

/// The window of contract section 4; recordings/rate-limit.json.
fn limit(s: &mut Steps) {
    s.emulator.set_rate_limit(3);
    let header = |reply: &EmulatorReply, name: &str| {
        reply.response.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone())
    };
    let url = "/integrations/slack";
    let first = s.send(Get, url, &[], None);
    let begin = s.now;
    assert_eq!(header(&first, "x-ratelimit-limit").as_deref(), Some("3"));
    assert_eq!(header(&first, "x-ratelimit-remaining").as_deref(), Some("2"));
    assert_eq!(header(&first, "x-ratelimit-reset"), Some(((begin + 60_000) / 1000).to_string()));
    // A refusal for a missing scope uses a point, one for a missing key does not (section 1).
    let own = std::mem::replace(&mut s.key, s.emulator.add_key(&["environment:proxy"]));
    let forbidden = s.send(Get, url, &[], None);
    assert_eq!(forbidden.response.status, 403);
    assert_eq!(header(&forbidden, "x-ratelimit-remaining").as_deref(), Some("1"));
    s.key = "11111111-1111-4111-8111-111111111111".into();
    let unknown = s.send(Get, url, &[], None);
    assert_eq!((unknown.response.status, header(&unknown, "x-ratelimit-limit")), (401, None));
    s.key = own;
    assert_eq!(s.send(Get, url, &[], None).response.status, 200);
    s.now = begin + 1_500;
    let over = s.send(Post, "/connections", &[], Some(&json!({})));
    assert_eq!(over.response.status, 429);
    assert_eq!(header(&over, "retry-after").as_deref(), Some("58"));
    let body: Value = serde_json::from_str(&over.response.body).unwrap();
    assert_eq!(
        body,
        json!({"error": {"code": "too_many_request", "method": "POST", "path": "/connections"}})
    );
    // Just before the end the wait is rounded down to 0.
    s.now = begin + 59_500;
    assert_eq!(header(&s.send(Get, url, &[], None), "retry-after").as_deref(), Some("0"));
    s.now = begin + 60_000;
    assert_eq!(s.send(Get, url, &[], None).response.status, 200);
}

/// Faults on request.
fn faults(s: &mut Steps) {
    s.emulator
        .set_faults(
            r#"{"latencyMs":250,"fail":[
                {"match":{"method":"GET","path":"/integrations"},"times":2,"kind":"status","status":503},
                {"match":{"path":"/connections"},"times":1,"kind":"rate_limit","retryAfter":7},
                {"match":{"method":"PUT"},"kind":"drop"},
                {"match":{"path":"/providers"},"times":1,"kind":"garbage"},
                {"match":{"path":"/environment-variables"},"times":1,"kind":"truncate"}]}"#,
        )
        .unwrap();
    for expected in [503, 503, 200] {
        let reply = s.send(Get, "/integrations", &[], None);
        assert_eq!((reply.response.status, reply.delay_ms, reply.dropped), (expected, 250, false));
    }
    let limited = s.send(Get, "/connections", &[], None).response;
    assert_eq!(limited.status, 429);
    assert!(limited.headers.contains(&("retry-after".into(), "7".into())));
    assert!(limited.body.contains("too_many_request"));
    for _ in 0..3 {
        assert!(s.send(Put, "/proxy/echo", &[], None).dropped);
    }
    let garbage = s.send(Get, "/providers", &[], None).response;
    assert!(garbage.status == 200 && serde_json::from_str::<Value>(&garbage.body).is_err());
    let cut = s.send(Get, "/environment-variables", &[], None).response;
    assert!(cut.status == 200 && serde_json::from_str::<Value>(&cut.body).is_err());
    assert!(s.get("/environment-variables").is_array());
    s.emulator.set_faults("{}").unwrap();
    let reply = s.send(Delete, "/connections/hubspot-ada?provider_config_key=hubspot", &[], None);
    assert_eq!((reply.response.status, reply.delay_ms), (200, 0));
    // A change with a truncated response has still happened.
    s.emulator.set_faults(r#"{"fail":[{"kind":"truncate","times":1}]}"#).unwrap();
    s.send(Patch, "/integrations/hubspot", &[], Some(&json!({"display_name": "Cut"})));
    assert_eq!(s.get("/integrations/hubspot")["data"]["display_name"], "Cut");
}
