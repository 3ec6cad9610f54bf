//! The names in JSON: our own are camelCase, Nango's are unchanged.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::common::host::{Host, session};
use nango_toolkit::audit::{Event, What, Who};
use nango_toolkit::call::{Approval, Call, Options};
use nango_toolkit::emulator::Emulator;
use nango_toolkit::error::{Error, ErrorKind, Issue};
use nango_toolkit::http::{Data, Meta, Outcome};
use nango_toolkit::policy::{Policy, Verdict};
use nango_toolkit::stats::Stats;
use serde_json::{Value, json};

/// Names of Nango's arguments.
const NANGO: &[&str] = &["connection_id", "integration_id", "provider_config_key"];
/// Below these all names are Nango's, or the caller's.
const FOREIGN: &[&str] = &["data", "arguments"];

/// Each of our own properties in a value that is not camelCase, and its place.
fn misnamed(value: &Value, place: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                let place = format!("{place}.{name}");
                let is_slug = name.starts_with("NANGO_");
                if name.contains(['_', '-']) && !is_slug && !NANGO.contains(&name.as_str()) {
                    found.push(place.clone());
                }
                if !FOREIGN.contains(&name.as_str()) {
                    misnamed(value, &place, found);
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| misnamed(item, place, found)),
        _ => {}
    }
}

fn assert_camel_case(what: &str, value: &Value) {
    let mut found = Vec::new();
    misnamed(value, what, &mut found);
    assert!(found.is_empty(), "not camelCase: {}", found.join(", "));
}

fn json_of(value: &impl serde::Serialize) -> Value {
    serde_json::to_value(value).unwrap()
}

/// An error with every field.
fn error(kind: ErrorKind) -> Error {
    let issue = Issue::new(vec!["connection_id".into()], "required", "expected a string").hint("give one");
    let mut error = Error::new(kind, "it failed").hint("try again");
    error.status = Some(500);
    error.issues = vec![issue];
    error
}

fn outcomes() -> Vec<Outcome> {
    let mut meta = Meta::default();
    meta.tool = "NANGO_GET_PROXY".into();
    meta.call_id = Some("call_1".into());
    meta.status = Some(200);
    meta.attempts = 1;
    meta.duration_ms = Some(5);
    let succeeded = Outcome::new(Ok(Data::Value(json!({ "connection_id": "c" }))), meta.clone());
    let failed = ErrorKind::ALL.iter().map(|kind| Outcome::new(Err(error(*kind)), meta.clone()));
    failed.chain([succeeded]).collect()
}

fn events() -> Vec<Event> {
    let mut who = Who::default();
    who.session = "s1".into();
    who.user = "ada".into();
    who.organization = Some("acme".into());
    who.agent = Some("bot".into());
    let all = [
        What::Started { effect: Some("read"), arguments: Some(json!({ "connection_id": "c" })) },
        What::Decision { verdict: "allow", rules: vec!["r".into()], reason: "it may".into() },
        What::Lookup { connection_id: "c".into(), provider_config_key: "hubspot".into() },
        What::Attempt { attempt: 1, method: "GET", path: "/x".into() },
        What::Retry { attempt: 1, wait_ms: 1, kind: "network", status: Some(503) },
        What::Finished {
            successful: false,
            error: Some(error(ErrorKind::Server)),
            status: Some(500),
            attempts: 1,
            duration_ms: 1,
            request_id: Some("r1".into()),
        },
    ];
    let event = |what| {
        let mut event = Event::new(1, "call_1", "NANGO_GET_PROXY", what);
        event.who = Some(Arc::new(who.clone()));
        event.upstream = Some("toolu_1".into());
        event
    };
    all.map(event).into()
}

/// The properties of an object, in order.
fn properties(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn results() {
    for outcome in outcomes() {
        assert_camel_case("result", &json_of(&outcome));
        assert_eq!(
            properties(&json_of(&outcome)["meta"]),
            ["tool", "callId", "status", "attempts", "durationMs"]
        );
    }
}

#[test]
fn events_and_statistics() {
    let mut stats = Stats::new();
    let mut told = BTreeSet::new();
    for event in events() {
        let json = json_of(&event);
        assert_camel_case("event", &json);
        let common =
            ["type", "at", "callId", "tool", "session", "user", "organization", "agent", "upstreamCallId"];
        assert_eq!(properties(&json)[..common.len()], common);
        told.insert(json["type"].as_str().unwrap().to_owned());
        stats.record(&event);
    }
    // Every type of event that the package declares was seen.
    let declared = include_str!("../../pkg/src/types/events.ts");
    let types = declared.split("  type: \"").skip(1).filter_map(|rest| rest.split('"').next());
    assert_eq!(told, types.map(str::to_owned).collect());

    let stats = json_of(&stats);
    assert_camel_case("statistics", &stats);
    assert_eq!(properties(&stats["total"]), ["calls", "successes", "errors", "latencyMs"]);
}

#[test]
fn confirmations_and_decisions() {
    let rule = json!({ "id": "ask", "then": "confirm", "effect": "destructive" });
    let policy = Policy::from_value(json!({ "default": "allow", "rules": [rule] })).unwrap();
    let options = Options { policy, ..session("ada") };
    let args = json!({ "connection_id": "hubspot-ada", "provider_config_key": "hubspot" });
    let mut host = Host::new();
    host.approval = Approval::Pending("5c1f0f6e-4a55-4b8e-9d6a-7b0c9f6e5c11");
    for confirm in [None, Some("a token that was never given".to_owned())] {
        let options = Options { confirm, ..options.clone() };
        let asked = host.json(&options, "NANGO_DELETE_CONNECTION", args.clone());
        assert!(asked["error"]["details"]["expiresAt"].is_u64(), "{asked}");
        assert_camel_case("result", &asked);
        host.events.iter().for_each(|event| assert_camel_case("event", &json_of(event)));
    }

    let rule = json!({ "id": "own", "then": "allow", "end_user": "$user" });
    let policy = Policy::from_value(json!({ "default": "deny", "rules": [rule] })).unwrap();
    let options = Options { policy, ..session("ada") };
    let decision = Call::new(options, "NANGO_GET_CONNECTION", args, 1).explain(0).unwrap();
    assert_eq!(decision.verdict, Verdict::Undetermined);
    assert_camel_case("decision", &serde_json::from_str(&decision.to_json()).unwrap());
}

#[test]
fn worlds() {
    let world: Value = serde_json::from_str(&Emulator::new(1).world()).unwrap();
    let fixture: Value = serde_json::from_str(include_str!("../../src/emulator/model/fixture.json")).unwrap();
    for name in properties(&world).into_iter().chain(properties(&fixture)) {
        assert!(!name.contains('_'), "{name}");
    }
    // Old names are reported, not silently ignored.
    let old = Emulator::with_world(1, r#"{"rate_limit":1}"#).unwrap_err();
    assert!(old.message.contains("did you mean `rateLimit`?"), "{}", old.message);
}
