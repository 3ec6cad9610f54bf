//! Audit events: of a thousand mixed calls, one and fifty at a time, all events are complete, in order and
//! without a secret.

use std::collections::BTreeMap;

use crate::common::args::{broken, good};
use crate::common::host::{Host, session, with};
use crate::common::random::{Random, steady_seed};
use crate::common::runs::START;
use nango_toolkit::call::{Approval, Ask, Call, Options, Poll};
use nango_toolkit::policy::Policy;
use nango_toolkit::session::SessionOptions;
use nango_toolkit::tool::Tool;
use nango_toolkit::tools;
use serde_json::{Value, json};

/// Every secret of the default fixture: everything under `credentials`, and the variables.
fn secrets() -> Vec<String> {
    fn texts(value: &Value, out: &mut Vec<String>) {
        match value {
            Value::String(text) => out.push(text.clone()),
            Value::Array(items) => items.iter().for_each(|item| texts(item, out)),
            Value::Object(map) => {
                let open = ["type", "scope", "scopes", "token_type", "app_link", "region", "service", "id"];
                map.iter()
                    .filter(|(name, _)| !open.contains(&name.as_str()))
                    .for_each(|(_, v)| texts(v, out));
            }
            _ => {}
        }
    }
    let world: Value = serde_json::from_str(include_str!("../../src/emulator/model/fixture.json")).unwrap();
    let mut out = Vec::new();
    for list in ["integrations", "connections"] {
        for one in world[list].as_array().unwrap() {
            texts(&one["credentials"], &mut out);
        }
    }
    out.retain(|text| text.contains("emulated") && text.len() > 12);
    out.push("emulated-variable-secret-inventory".into());
    assert!(out.len() > 40, "{out:?}");
    out
}

/// Any call: valid, of an existing connection, broken, or of an unknown tool.
fn any(random: &mut Random, all: &[&Tool]) -> (String, Value) {
    if random.one_in(30) {
        return (random.text(20), random.json(2));
    }
    let tool = all[random.below(all.len())];
    let args = match random.below(3) {
        0 => serde_json::from_str(tool.examples[random.below(tool.examples.len())].args).unwrap(),
        1 => good(random, tool),
        _ => {
            let args = good(random, tool);
            broken(random, args)
        }
    };
    (tool.slug.to_owned(), args)
}

fn views() -> Vec<Options> {
    let agent = with(SessionOptions {
        user: "grace".into(),
        organization: Some("acme".into()),
        agent: Some("helpdesk".into()),
        id: "s-2".into(),
        ..SessionOptions::default()
    });
    let confirm = json!({ "default": "allow", "rules": [
        { "id": "ask", "then": "confirm", "effect": "destroy" }, { "id": "no", "then": "deny", "toolset": "proxy" },
    ] });
    let careful = Options { policy: Policy::from_value(confirm).unwrap(), ..session("ada") };
    vec![
        Options::default(),
        session("ada"),
        agent,
        careful,
        Options { policy: Policy::read_only(), upstream: Some("toolu_1".into()), ..Options::default() },
    ]
}

/// The conditions on the events of one call.
fn account(events: &[Value], outcome: &Value, options: &Options, id: &str) {
    let kinds: Vec<&str> = events.iter().map(|e| e["type"].as_str().unwrap()).collect();
    assert_eq!((kinds[0], kinds[kinds.len() - 1]), ("call.started", "call.finished"), "{kinds:?}");
    let count = |kind: &str| kinds.iter().filter(|k| **k == kind).count();
    assert_eq!(count("call.started") + count("call.finished"), 2, "{kinds:?}");
    let (last, error) = (&events[events.len() - 1], &outcome["error"]);
    assert_eq!(last["successful"], outcome["successful"]);
    assert_eq!((&last["error"]["kind"], &last["error"]["code"]), (&error["kind"], &error["code"]));
    assert_eq!(last["attempts"], outcome["meta"]["attempts"]);
    assert_eq!(count("call.attempt") as u64, last["attempts"].as_u64().unwrap());
    let who = options.session.as_ref().map(|s| s.who());
    let who = who.as_deref();
    for event in events {
        assert_eq!(event["callId"], id);
        assert_eq!(event["callId"], outcome["meta"]["callId"]);
        assert_eq!(event["tool"], outcome["meta"]["tool"]);
        assert_eq!(event["user"].as_str(), who.map(|w| w.user.as_str()));
        assert_eq!(event["session"].as_str(), who.map(|w| w.session.as_str()));
        assert_eq!(event["organization"].as_str(), who.and_then(|w| w.organization.as_deref()));
        assert_eq!(event["agent"].as_str(), who.and_then(|w| w.agent.as_deref()));
        assert_eq!(event["upstreamCallId"].as_str(), options.upstream.as_deref());
    }
    // Where anything decides, each call that passed the check has a decision before its own request.
    let decides = options.session.is_some() || options.policy != Policy::default();
    let refused =
        ["invalid_arguments", "unknown_tool", "not_found"].contains(&error["kind"].as_str().unwrap_or(""));
    if !decides {
        assert_eq!(count("call.decision"), 0);
    } else if count("call.attempt") > 0 || !refused {
        assert!(count("call.decision") >= 1, "{kinds:?} {outcome}");
        let at = |kind: &str| kinds.iter().position(|k| *k == kind);
        assert!(at("call.attempt").is_none_or(|attempt| at("call.decision").unwrap() < attempt));
        let decision = &events[at("call.decision").unwrap()];
        assert!(
            !decision["reason"].as_str().unwrap().is_empty()
                && !decision["rules"].as_array().unwrap().is_empty()
        );
        if error["kind"] == "confirmation_required" {
            assert_eq!(decision["decision"], "confirm");
            assert!(!last.to_string().contains(TOKEN), "a confirmation token must not be logged");
        }
    }
}

const TOKEN: &str = "confirm-0123456789abcdef";

#[test]
fn three_thousand_mixed_calls_are_accounted_for() {
    let mut random = Random::new(steady_seed());
    let all: Vec<&Tool> = tools::all().collect();
    let (secrets, views) = (secrets(), views());
    let mut host = Host::new();
    host.approval = Approval::Pending(TOKEN);
    let mut ends: BTreeMap<String, usize> = BTreeMap::new();
    for n in 0..3000 {
        let options = &views[random.below(views.len())];
        let (slug, args) = any(&mut random, &all);
        let mut call = Call::new(options.clone(), &slug, args, n);
        let id = call.id().to_owned();
        let outcome: Value = serde_json::from_str(&host.drive(&mut call).to_json()).unwrap();
        let lines: Vec<String> = host.events.iter().map(|e| e.to_json()).collect();
        let text = lines.join("\n");
        for secret in secrets.iter().chain([&host.key]) {
            assert!(!text.contains(secret.as_str()), "{secret} in {text}");
        }
        assert!(lines.iter().all(|line| !line.contains('\n')), "JSON Lines ready");
        let events: Vec<Value> = lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
        account(&events, &outcome, options, &id);
        let kind = outcome["error"]["kind"].as_str().unwrap_or("success");
        *ends.entry(kind.to_owned()).or_default() += 1;
    }
    println!("{ends:?}");
    for kind in
        ["success", "denied", "confirmation_required", "not_found", "invalid_arguments", "unknown_tool"]
    {
        assert!(ends.get(kind).is_some_and(|n| *n >= 10), "{kind}: {ends:?}");
    }
}

#[test]
fn fifty_calls_at_a_time_keep_their_events_apart_and_in_order() {
    let mut random = Random::new(steady_seed());
    let all: Vec<&Tool> = tools::all().collect();
    let views = views();
    let mut host = Host::new();
    let (mut log, mut outcomes): (Vec<Value>, BTreeMap<String, (Value, usize)>) = Default::default();
    let mut running: Vec<(Call, usize)> = Vec::new();
    let (mut now, mut started) = (START, 0);
    while started < 1000 || !running.is_empty() {
        while running.len() < 50 && started < 1000 {
            let view = random.below(views.len());
            let (slug, args) = any(&mut random, &all);
            running.push((Call::new(views[view].clone(), &slug, args, started), view));
            started += 1;
        }
        now += 1;
        let at = random.below(running.len());
        let (call, view) = &mut running[at];
        let mut done = None;
        match call.poll(now) {
            Poll::Ask(Ask::Key) => call.handle_key(Ok(&host.key), now),
            Poll::Ask(Ask::Approval) => call.handle_approval(Approval::Pending(TOKEN), now),
            Poll::Send { request, .. } => {
                let reply = host.emulator.handle(&request, now);
                call.handle_response(&reply.response, now);
            }
            Poll::Wait(_) => now += 1000,
            Poll::Done(outcome) => done = Some((serde_json::from_str(&outcome.to_json()).unwrap(), *view)),
            other => panic!("{other:?}"),
        }
        log.extend(call.take_events().iter().map(|e| serde_json::from_str::<Value>(&e.to_json()).unwrap()));
        if let Some(done) = done {
            let (call, _) = running.swap_remove(at);
            assert!(outcomes.insert(call.id().to_owned(), done).is_none(), "ids are unique");
        }
    }
    assert!(log.windows(2).all(|pair| pair[0]["at"].as_u64() <= pair[1]["at"].as_u64()), "in order of time");
    assert_eq!(outcomes.len(), 1000);
    let mut accounted = 0;
    for (id, (outcome, view)) in &outcomes {
        let events: Vec<Value> = log.iter().filter(|e| e["callId"] == id.as_str()).cloned().collect();
        account(&events, outcome, &views[*view], id);
        accounted += events.len();
    }
    assert_eq!(accounted, log.len(), "no event belongs to no call");
}

#[test]
fn an_answers_own_id_is_told() {
    use crate::common::runs::{KEY, answer};
    let id = "req-7\n".repeat(60);
    for (header, held) in [("x-request-id", false), ("X-Request-Id", true)] {
        let mut call = Call::new(Options::default(), "NANGO_LIST_INTEGRATIONS", json!({}), 1);
        call.poll(START);
        call.handle_key(Ok(KEY), START);
        call.poll(START);
        if held {
            call.handle_request_id(&id);
            call.handle_held(200, START);
        } else {
            call.handle_response(&answer(200, &[(header, &id)], &json!({})), START);
        }
        let events = call.take_events();
        let last: Value = serde_json::from_str(&events.last().unwrap().to_json()).unwrap();
        let told = last["requestId"].as_str().unwrap();
        assert!(told.starts_with("req-7") && told.chars().count() == 128 && !told.contains('\n'));
    }
}
