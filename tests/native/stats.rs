//! Statistics on calls: counts, percentiles against exact ones, bounded memory.

use crate::common::random::{Random, seed};
use nango_toolkit::call::{Ask, Call, Options, Poll};
use nango_toolkit::http::Response;
use nango_toolkit::stats::Stats;
use serde_json::{Value, json};

fn told(stats: &Stats) -> Value {
    serde_json::from_str(&stats.to_json()).unwrap()
}

#[test]
fn calls_are_counted_by_tool_and_by_session() {
    let mut stats = Stats::new();
    assert_eq!(told(&stats)["total"]["calls"], 0);
    assert_eq!(told(&stats)["total"]["latencyMs"], json!({ "p50": 0, "p90": 0, "p99": 0, "max": 0 }));
    stats.add("A", "s1", None, 10);
    stats.add("A", "s2", Some("denied"), 0);
    stats.add("B", "", Some("denied"), 7);
    stats.add("A", "s1", Some("timeout"), 1000);
    let told = told(&stats);
    assert_eq!(told["total"]["errors"], json!({ "denied": 2, "timeout": 1 }));
    assert_eq!(
        told["tools"]["A"],
        json!({ "calls": 3, "successes": 1, "errors": { "denied": 1, "timeout": 1 }, "latencyMs": { "p50": 10, "p90": 992, "p99": 992, "max": 1000 } })
    );
    assert_eq!(told["tools"]["B"]["calls"], 1);
    let sessions: Vec<&String> = told["sessions"].as_object().unwrap().keys().collect();
    assert_eq!(sessions, ["s1", "s2"]);
    assert_eq!(
        (&told["sessions"]["s1"]["calls"], &told["sessions"]["s2"]["successes"]),
        (&json!(2), &json!(0))
    );
}

/// Runs a call and counts its events.
fn run(stats: &mut Stats, tool: &str, args: Value, status: u16) {
    let mut call = Call::new(Options::default(), tool, args, 1);
    let mut now = 1_000;
    loop {
        match call.poll(now) {
            Poll::Ask(Ask::Key) => call.handle_key(Ok("7b0c9f6e-4a55-4b8e-9d6a-2f1f0f6f5c11"), now),
            Poll::Ask(_) => call.cancel(now),
            Poll::Send { .. } => {
                now += 40;
                let headers = vec![("content-type".into(), "application/json".into())];
                call.handle_response(&Response { status, headers, body: r#"{"data":[]}"#.into() }, now);
            }
            Poll::Wait(until) => now = until,
            Poll::Done(_) => break,
        }
    }
    call.take_events().iter().for_each(|event| stats.record(event));
}

#[test]
fn every_call_is_counted_once_from_its_events() {
    let mut stats = Stats::new();
    run(&mut stats, "NANGO_PROVIDERS_LIST_GET", json!({}), 200);
    run(&mut stats, "NANGO_LIST_CONNECTIONS", json!({ "limit": "no" }), 200);
    run(&mut stats, "NANGO_LIST_INTEGRATIONS", json!({}), 404);
    // An agent may make up any number of names: they are counted as one.
    for n in 0..1_000 {
        run(&mut stats, &format!("MADE_UP_{n}"), json!({}), 200);
    }
    let told = told(&stats);
    assert_eq!((&told["total"]["calls"], &told["total"]["successes"]), (&json!(1_003), &json!(1)));
    assert_eq!(told["tools"].as_object().unwrap().len(), 4);
    assert_eq!(told["tools"]["unknown"]["errors"], json!({ "unknown_tool": 1_000 }));
    assert_eq!(told["tools"]["NANGO_CONNECTION_LIST_GET"]["errors"], json!({ "invalid_arguments": 1 }));
    assert_eq!(told["tools"]["NANGO_PROVIDERS_LIST_GET"]["latencyMs"]["p50"], 40);
    assert_eq!(told["tools"]["NANGO_LIST_INTEGRATIONS"]["successes"], 0);
    assert_eq!(told["sessions"], json!({}));
}

#[test]
fn percentiles_are_right_within_a_sixteenth() {
    let mut random = Random::new(seed());
    for round in 0..200 {
        let mut stats = Stats::new();
        let mut exact = Vec::new();
        for _ in 0..1 + random.below(2_000) {
            // From zero to hours, most of them short.
            let most = 1 << random.below(24);
            let ms = if round % 7 == 0 { 1 << random.below(24) } else { random.below(most) as u64 };
            exact.push(ms);
            stats.add("A", "", None, ms);
        }
        exact.sort_unstable();
        let told = told(&stats);
        for (name, percent) in [("p50", 50), ("p90", 90), ("p99", 99)] {
            let right = exact[(exact.len() * percent).div_ceil(100) - 1];
            let found = told["total"]["latencyMs"][name].as_u64().unwrap();
            assert!(
                found.abs_diff(right) * 16 <= right,
                "{name} of {} calls: {found}, not {right}",
                exact.len()
            );
            assert!(right >= 16 || found == right, "short durations are exact: {found}, not {right}");
        }
        assert_eq!(told["total"]["latencyMs"]["max"], *exact.last().unwrap());
    }
}

#[test]
fn memory_is_bounded_whatever_comes_in() {
    let mut stats = Stats::new();
    for n in 0..5_000_u64 {
        stats.add(&format!("TOOL_{n}"), &format!("session {n}"), Some(&format!("code {n}")), u64::MAX - n);
        // This one is used again and again, so it is not dropped.
        stats.add("TOOL_0", "busy", Some("code 0"), 1);
    }
    let told = told(&stats);
    let names = |value: &Value| value.as_object().unwrap().len();
    assert_eq!((names(&told["tools"]), names(&told["sessions"])), (257, 256));
    assert_eq!(names(&told["total"]["errors"]), 17);
    assert_eq!(told["tools"]["other"]["calls"], 5_000 - 256);
    assert_eq!(told["sessions"]["busy"]["calls"], 5_000);
    assert_eq!(told["forgotten"], 5_001 - 256);
    assert_eq!(told["total"]["errors"]["code 0"], 5_001);
    assert_eq!(told["total"]["calls"], 10_000);
    assert!(stats.to_json().len() < 200_000);
    assert_eq!(told["total"]["latencyMs"]["max"], 1_u64 << 40);
    // Long names are truncated.
    for _ in 0..2 {
        stats.add(&"x".repeat(1 << 20), &"y".repeat(1 << 20), Some(&"z".repeat(1 << 20)), 0);
    }
    assert_eq!(self::told(&stats)["forgotten"], 5_002 - 256);
    assert!(stats.to_json().len() < 200_000);
}
