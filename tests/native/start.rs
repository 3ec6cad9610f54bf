//! The last question before a call's own request: whether it may still start, and how often the tool ran before. And
//! the journal by which a host keeps counts and waiting confirmations outside of this program.

use crate::common::host::{Host, session};
use nango_toolkit::call::{Approval, Ask, AskStart, Call, Options, Poll, Start};
use nango_toolkit::policy::Policy;
use nango_toolkit::session::Memory;
use serde_json::{Value, json};

const DELETE: &str = "NANGO_DELETE_CONNECTION";
const LIST: &str = "NANGO_LIST_INTEGRATIONS";
const TOKEN: &str = "5c1f0f6e-4a55-4b8e-9d6a-7b0c9f6e5c11";

fn policy(limit: u64) -> Policy {
    let rule = json!({ "id": "ask-first", "then": "confirm", "effect": "destroy" });
    let limits = json!([{ "tool": [DELETE, LIST], "calls": limit }]);
    Policy::from_value(json!({ "default": "allow", "rules": [rule], "limits": limits })).unwrap()
}

fn asking(ask_start: AskStart, limit: u64) -> Options {
    Options { policy: policy(limit), ask_start, ..session("ada") }
}

fn args() -> Value {
    json!({ "connection_id": "hubspot-ada", "provider_config_key": "hubspot" })
}

/// Runs a call up to the question whether it may start; none if it ends before.
fn up_to_start(host: &mut Host, call: &mut Call) -> Option<Box<nango_toolkit::http::Outcome>> {
    loop {
        match call.poll(host.now) {
            Poll::Ask(Ask::Start) => return None,
            Poll::Ask(Ask::Key) => call.handle_key(Ok(&host.key), host.now),
            Poll::Ask(_) => call.handle_approval(Approval::Granted, host.now),
            Poll::Send { request, .. } => {
                assert_eq!(request.method.as_str(), "GET", "only look-ups come before");
                let reply = host.emulator.handle(&request, host.now);
                call.handle_response(&reply.response, host.now);
            }
            Poll::Done(outcome) => return Some(outcome),
            other => panic!("{other:?}"),
        }
    }
}

fn kind(host: &mut Host, call: &mut Call) -> String {
    let outcome: Value = serde_json::from_str(&host.drive(call).to_json()).unwrap();
    outcome["error"]["code"].as_str().unwrap_or("success").to_owned()
}

#[test]
fn a_host_is_asked_last_and_only_where_it_wants_to_be() {
    let mut host = Host::new();
    for (ask, asked) in [(AskStart::Never, false), (AskStart::Allowed, true), (AskStart::Counts, true)] {
        let mut call = Call::new(asking(ask, 9), LIST, json!({}), 1);
        let next = call.poll(host.now);
        assert_eq!(matches!(next, Poll::Ask(Ask::Start)), asked, "{ask:?}: {next:?}");
        assert!(call.is_limited());
    }
    // A call that is refused for its arguments, its owner or by policy never asks the host, so it is not counted.
    for (slug, args) in [
        (LIST, json!({ "nonsense": 1 })),
        ("NANGO_GET_ENVIRONMENT_VARIABLES", json!({})),
        ("NANGO_NOTHING", json!({})),
        (DELETE, json!({ "connection_id": "hubspot-grace", "provider_config_key": "hubspot" })),
    ] {
        let mut call = Call::new(asking(AskStart::Counts, 9), slug, args, 1);
        assert!(up_to_start(&mut host, &mut call).is_some(), "{slug} ends before");
    }
    let mut unlimited = Call::new(asking(AskStart::Counts, 9), "NANGO_CONNECTION_LIST_GET", json!({}), 1);
    assert!(up_to_start(&mut host, &mut unlimited).is_none() && !unlimited.is_limited());
    unlimited.handle_start(Start::Granted { calls: None }, host.now);
    assert_eq!(kind(&mut host, &mut unlimited), "success", "nothing has to be counted");
}

#[test]
fn what_the_host_answers_decides() {
    for (answer, expected) in [
        (Start::Granted { calls: Some(0) }, "success"),
        (Start::Granted { calls: Some(1) }, "denied"),
        (Start::Granted { calls: Some(u64::MAX) }, "denied"),
        (Start::Granted { calls: None }, "internal"),
        (Start::Revoked, "session_revoked"),
        (Start::Failed("down".to_owned()), "internal"),
    ] {
        let mut host = Host::new();
        let mut call = Call::new(asking(AskStart::Counts, 1), LIST, json!({}), 1);
        assert!(up_to_start(&mut host, &mut call).is_none());
        call.handle_start(answer.clone(), host.now);
        assert_eq!(kind(&mut host, &mut call), expected, "{answer:?}");
        assert_eq!(host.sent.is_empty(), expected != "success", "{answer:?}");
    }
}

#[test]
fn however_calls_are_interleaved_no_more_start_than_may() {
    let mut random = 1_u64;
    let mut below = |most: usize| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) as usize % most
    };
    for round in 0..200 {
        let (limit, count) = (below(4) + 1, below(8) + 1);
        let ask = [AskStart::Never, AskStart::Allowed, AskStart::Counts][round % 3];
        let options = asking(ask, limit as u64);
        let mut host = Host::new();
        let mut open: Vec<Call> =
            (0..count).map(|seed| Call::new(options.clone(), LIST, json!({}), seed as u64)).collect();
        let (mut counted, mut sent, mut denied) = (0, 0, 0);
        while !open.is_empty() {
            let at = below(open.len());
            let call = &mut open[at];
            match call.poll(host.now) {
                Poll::Ask(Ask::Key) => call.handle_key(Ok(&host.key), host.now),
                Poll::Ask(_) => {
                    let calls = (ask == AskStart::Counts).then_some(counted);
                    counted += 1;
                    call.handle_start(Start::Granted { calls }, host.now);
                }
                Poll::Send { request, .. } => {
                    sent += 1;
                    let reply = host.emulator.handle(&request, host.now);
                    call.handle_response(&reply.response, host.now);
                }
                Poll::Done(outcome) => {
                    denied += usize::from(!outcome.successful());
                    drop(open.swap_remove(at));
                }
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(
            (sent, denied),
            (count.min(limit), count.saturating_sub(limit)),
            "{ask:?}: {count} of {limit}"
        );
        host.now += 1;
    }
}

/// A memory restored from the journal of another one.
fn replaced(journal: &[Value]) -> Memory {
    let memory = Memory::default();
    memory.restore(&Value::Array(journal.to_vec()));
    memory
}

#[test]
fn another_memory_goes_on_where_one_was_lost() {
    let mut host = Host::new();
    host.approval = Approval::Pending(TOKEN);
    let toolkit = |memory: &Memory| {
        memory.keep_journal();
        Options { policy: policy(2), memory: memory.clone(), ..Options::default() }
    };
    let mut memory = Memory::default();
    let mut journal: Vec<Value> = Vec::new();
    let mut note = |memory: &Memory| {
        let changes = memory.take_changes().unwrap_or_else(|| "[]".to_owned());
        journal.extend(serde_json::from_str::<Vec<Value>>(&changes).unwrap());
        replaced(&journal)
    };
    let run = |host: &mut Host, memory: &Memory, slug: &str, args: Value, confirm: Option<&str>| {
        let options = Options { confirm: confirm.map(str::to_owned), ..toolkit(memory) };
        kind(host, &mut Call::new(options, slug, args, 1))
    };
    assert_eq!(run(&mut host, &memory, LIST, json!({}), None), "success");
    memory = note(&memory);
    assert_eq!(memory.calls(LIST), 1);
    assert_eq!(run(&mut host, &memory, DELETE, args(), None), "confirmation_required");
    memory = note(&memory);
    assert_eq!(run(&mut host, &memory, LIST, json!({}), None), "success");
    memory = note(&memory);
    assert_eq!(run(&mut host, &memory, LIST, json!({}), None), "denied", "the limit holds");
    let other = json!({ "connection_id": "github-ada", "provider_config_key": "github" });
    assert_eq!(run(&mut host, &memory, DELETE, other, Some(TOKEN)), "confirmation_required");
    memory = note(&memory);
    host.approval = Approval::Pending("");
    assert_eq!(
        run(&mut host, &memory, DELETE, args(), Some(TOKEN)),
        "confirmation_required",
        "given again for another"
    );
}

#[test]
fn a_confirmation_outlasts_its_memory_once() {
    let mut host = Host::new();
    host.approval = Approval::Pending(TOKEN);
    let memory = Memory::default();
    memory.keep_journal();
    let options = |memory: &Memory, confirm: Option<&str>| Options {
        policy: policy(9),
        memory: memory.clone(),
        confirm: confirm.map(str::to_owned),
        ..Options::default()
    };
    let asked = Call::new(options(&memory, None), DELETE, args(), 1);
    assert_eq!(kind(&mut host, &mut { asked }), "confirmation_required");
    let journal: Vec<Value> = serde_json::from_str(&memory.take_changes().unwrap()).unwrap();
    assert_eq!((journal.len(), &journal[0]["token"]), (1, &json!(TOKEN)));
    assert!(memory.take_changes().is_none(), "told once");

    let second = replaced(&journal);
    second.keep_journal();
    host.approval = Approval::Pending("");
    assert_eq!(kind(&mut host, &mut Call::new(options(&second, Some(TOKEN)), DELETE, args(), 2)), "success");
    let used: Vec<Value> = serde_json::from_str(&second.take_changes().unwrap()).unwrap();
    assert!(used.contains(&json!({ "token": TOKEN })), "{used:?}");
    let third = replaced(&[journal, used].concat());
    let again = kind(&mut host, &mut Call::new(options(&third, Some(TOKEN)), DELETE, args(), 3));
    assert_eq!(again, "confirmation_required", "it was used");
}

#[test]
fn a_journal_mirrors_what_waits_and_bounds_it() {
    let mut host = Host::new();
    let memory = Memory::default();
    memory.keep_journal();
    let mut mirror = std::collections::BTreeSet::new();
    for at in 0..1200 {
        let token: &'static str = Box::leak(format!("token-{at:04}-0123456789abcdef").into_boxed_str());
        host.approval = Approval::Pending(token);
        let options = Options { policy: policy(9), memory: memory.clone(), ..Options::default() };
        assert_eq!(kind(&mut host, &mut Call::new(options, DELETE, args(), at)), "confirmation_required");
        for change in serde_json::from_str::<Vec<Value>>(&memory.take_changes().unwrap()).unwrap() {
            let token = change["token"].as_str().unwrap().to_owned();
            if change.get("bound").is_some() {
                mirror.insert(token)
            } else {
                mirror.remove(&token)
            };
        }
    }
    assert_eq!(mirror.len(), 1000);
    assert!(mirror.iter().all(|token| token.as_str() >= "token-0200"), "the oldest made room");
}

#[test]
fn what_is_no_journal_is_left_out() {
    let memory = Memory::default();
    for odd in [
        json!(null),
        json!("x"),
        json!([1, null, {}]),
        json!([{ "tool": "NANGO_NOTHING", "calls": 5 }]),
        json!([{ "tool": LIST, "calls": -1 }, { "tool": LIST, "calls": "5" }, { "token": 5, "bound": "x", "expires": 9 }]),
    ] {
        memory.restore(&odd);
        assert_eq!(memory.calls(LIST), 0, "{odd}");
    }
    assert!(memory.take_changes().is_none(), "none is kept unless it is asked for");
}
