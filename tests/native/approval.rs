//! Confirmation: who approves, and what a token confirms.

use crate::common::host::{Host, session, with};
use crate::common::runs::{KEY, answer};
use nango_toolkit::call::{Approval, Ask, Call, Options, Poll};
use nango_toolkit::policy::Policy;
use nango_toolkit::session::SessionOptions;
use serde_json::{Value, json};

const DELETE: &str = "NANGO_DELETE_CONNECTION";
const LIST: &str = "NANGO_CONNECTION_LIST_GET";
const TOKEN: &str = "5c1f0f6e-4a55-4b8e-9d6a-7b0c9f6e5c11";
const OTHER: &str = "0d2e3f4a-4a55-4b8e-9d6a-7b0c9f6e5c22";

fn careful() -> Policy {
    let rule = json!({ "id": "ask-first", "then": "confirm", "effect": "destroy" });
    Policy::from_value(json!({ "default": "allow", "rules": [rule] })).unwrap()
}

fn ada() -> Options {
    Options { policy: careful(), ..session("ada") }
}

fn confirmed(options: &Options, token: &str) -> Options {
    Options { confirm: Some(token.into()), ..options.clone() }
}

fn args(id: &str) -> Value {
    json!({ "connection_id": id, "provider_config_key": "hubspot" })
}

fn kind(result: &Value) -> &str {
    result["error"]["kind"].as_str().unwrap_or("success")
}

/// A host whose approver is absent, and which returns this token.
fn host(token: &'static str) -> Host {
    let mut host = Host::new();
    host.approval = Approval::Pending(token);
    host
}

#[test]
fn a_token_runs_what_it_was_given_for_once() {
    let (mut host, ada) = (host(TOKEN), ada());
    let asked = host.json(&ada, DELETE, args("hubspot-ada"));
    assert_eq!(kind(&asked), "confirmation_required", "{asked}");
    assert!(host.own().is_empty(), "nothing has run");
    let details = &asked["error"]["details"];
    assert_eq!(details["token"], TOKEN);
    assert_eq!(details["expiresAt"], json!(host.now + 10 * 60_000));
    let summary = &details["summary"];
    assert_eq!((&summary["tool"], &summary["effect"]), (&json!(DELETE), &json!("destructive")));
    assert_eq!(summary["arguments"], args("hubspot-ada"));
    assert_eq!(
        summary["connections"],
        json!([{ "connection_id": "hubspot-ada", "integration_id": "hubspot" }])
    );
    assert_eq!(summary["rules"], json!(["ask-first"]));
    let done = host.json(&confirmed(&ada, TOKEN), DELETE, args("hubspot-ada"));
    assert_eq!(done["successful"], true, "{done}");
    assert_eq!(host.own(), ["DELETE /connections/hubspot-ada?provider_config_key=hubspot"]);
    let again = host.json(&confirmed(&ada, TOKEN), DELETE, args("github-ada"));
    assert_eq!(kind(&again), "not_found", "of another integration");
    // Reading needs no confirmation.
    assert_eq!(host.json(&ada, LIST, json!({}))["successful"], true);
}

#[test]
fn a_token_confirms_nothing_else() {
    let mut host = host(TOKEN);
    let ada = ada();
    let edit = |tags: Value| json!({ "connection_id": "hubspot-ada", "provider_config_key": "hubspot", "tags": tags });
    let slug = "NANGO_EDIT_CONNECTION";
    assert_eq!(kind(&host.json(&ada, slug, edit(json!({ "plan": "pro" })))), "confirmation_required");
    host.approval = Approval::Pending(OTHER);
    let grace = Options { policy: careful(), ..session("grace") };
    let world = host.world();
    for (options, slug, args, why) in [
        (confirmed(&ada, TOKEN), slug, edit(json!({ "plan": "max" })), "another call"),
        (confirmed(&ada, TOKEN), slug, edit(json!({ "plan": "pro", "x": "y" })), "another call"),
        (confirmed(&ada, TOKEN), DELETE, args("hubspot-ada"), "another call"),
        (confirmed(&ada, "made up"), slug, edit(json!({ "plan": "pro" })), "unknown"),
        (confirmed(&ada, ""), slug, edit(json!({ "plan": "pro" })), "unknown"),
        // Another session has its own memory.
        (confirmed(&self::ada(), TOKEN), slug, edit(json!({ "plan": "pro" })), "unknown"),
        (
            confirmed(&grace, TOKEN),
            "NANGO_ADD_CONNECTION",
            json!({ "provider_config_key": "hubspot", "credentials": { "type": "OAUTH2", "access_token": "secret-access-token" } }),
            "unknown",
        ),
    ] {
        let result = host.json(&options, slug, args);
        assert_eq!(kind(&result), "confirmation_required", "{result}");
        assert!(result["error"]["details"]["reason"].as_str().unwrap().contains(why), "{result}");
        assert_eq!(result["error"]["details"]["token"], OTHER, "a new one comes along");
        assert!(host.own().is_empty());
        assert!(!result.to_string().contains("secret-access-token"), "{result}");
    }
    assert_eq!(host.world(), world);
    // It is still valid for its own call, once, however the arguments are written.
    let same =
        "{\"tags\":{\"plan\":\"pro\"},\"provider_config_key\":\"hubspot\",\"connection_id\":\"hubspot-ada\"}";
    assert_eq!(host.json(&confirmed(&ada, TOKEN), slug, json!(same))["successful"], true);
    let used = host.json(&confirmed(&ada, TOKEN), slug, json!(same));
    assert!(used["error"]["details"]["reason"].as_str().unwrap().contains("already used"), "{used}");
}

#[test]
fn a_token_is_bound_to_its_session_even_in_one_memory() {
    let mut host = host(TOKEN);
    let toolkit = Options { policy: careful(), ..Options::default() };
    assert_eq!(kind(&host.json(&toolkit, DELETE, args("hubspot-ada"))), "confirmation_required");
    // Without a session the toolkit keeps the state.
    let done = host.json(&confirmed(&toolkit, TOKEN), DELETE, args("hubspot-ada"));
    assert_eq!(done["successful"], true, "{done}");
    // A host that creates a session again has lost the pending confirmation, so it is requested again.
    let ada =
        || Options { policy: careful(), ..with(SessionOptions { user: "ada".into(), ..Default::default() }) };
    let key = || json!({ "connection_id": "github-ada", "provider_config_key": "github" });
    assert_eq!(kind(&host.json(&ada(), DELETE, key())), "confirmation_required");
    assert_eq!(kind(&host.json(&confirmed(&ada(), TOKEN), DELETE, key())), "confirmation_required");
}

#[test]
fn a_token_expires() {
    let (mut host, ada) = (host(TOKEN), ada());
    host.json(&ada, DELETE, args("hubspot-ada"));
    host.now += 10 * 60_000 + 1;
    let late = host.json(&confirmed(&ada, TOKEN), DELETE, args("hubspot-ada"));
    assert!(late["error"]["details"]["reason"].as_str().unwrap().contains("expired"), "{late}");
    assert!(host.own().is_empty());
}

#[test]
fn no_more_than_a_thousand_wait() {
    let (mut host, ada) = (host(TOKEN), ada());
    host.json(&ada, DELETE, args("hubspot-ada"));
    for n in 0..1000 {
        let token: &'static str = Box::leak(format!("token-{n:016}").into_boxed_str());
        host.approval = Approval::Pending(token);
        host.json(&ada, DELETE, args("hubspot-ada"));
    }
    let oldest = host.json(&confirmed(&ada, TOKEN), DELETE, args("hubspot-ada"));
    assert!(oldest["error"]["details"]["reason"].as_str().unwrap().contains("unknown"), "{oldest}");
    let newest = host.json(&confirmed(&ada, "token-0000000000000999"), DELETE, args("hubspot-ada"));
    assert_eq!(newest["successful"], true);
}

#[test]
fn an_approver_decides_at_once() {
    let (mut host, ada) = (Host::new(), ada());
    host.approval = Approval::Refused;
    let refused = host.json(&ada, DELETE, args("hubspot-ada"));
    assert_eq!((kind(&refused), &refused["error"]["code"]), ("denied", &json!("refused")), "{refused}");
    assert!(host.own().is_empty());
    host.approval = Approval::Pending("");
    let nobody = host.json(&ada, DELETE, args("hubspot-ada"));
    assert_eq!(kind(&nobody), "confirmation_required");
    assert!(nobody["error"]["details"].get("token").is_none(), "nothing could confirm it");
    host.approval = Approval::Granted;
    assert_eq!(host.json(&ada, DELETE, args("hubspot-ada"))["successful"], true);
    let verdicts: Vec<Value> = host
        .events
        .iter()
        .map(|e| serde_json::from_str::<Value>(&e.to_json()).unwrap())
        .filter(|e| e["type"] == "call.decision")
        .map(|e| e["decision"].clone())
        .collect();
    assert_eq!(verdicts, ["confirm", "approved"]);
}

#[test]
fn an_approver_sees_what_would_happen_and_no_secret() {
    let mut host = Host::new();
    let toolkit = Options { policy: careful(), ..Options::default() };
    let args = json!({ "provider_config_key": "hubspot",
        "credentials": { "type": "OAUTH2", "access_token": "secret-access-token" }, "tags": { "plan": "pro" } });
    let mut call = Call::new(toolkit, "NANGO_ADD_CONNECTION", args, 1);
    assert!(call.summary().is_none());
    assert!(
        matches!(call.poll(host.now), Poll::Ask(nango_toolkit::call::Ask::Approval)),
        "before a key is asked for"
    );
    let summary: Value = serde_json::from_str(&call.summary().unwrap()).unwrap();
    assert!(!summary.to_string().contains("secret-access-token"), "{summary}");
    assert_eq!(summary["arguments"]["tags"], json!({ "plan": "pro" }));
    // Answers to other questions change nothing.
    call.handle_key(Ok("x"), host.now);
    assert!(matches!(call.poll(host.now), Poll::Ask(_)));
    call.handle_approval(Approval::Granted, host.now);
    call.handle_approval(Approval::Refused, host.now);
    assert!(host.drive(&mut call).successful());
}

#[test]
fn limits_count_what_ran() {
    let limits = json!({ "default": "allow", "limits": [{ "tool": "NANGO_CONNECTION_LIST_GET", "calls": 2 }],
        "maxResultBytes": 4000 });
    let policy = Policy::from_value(limits).unwrap();
    let mut host = Host::new();
    let ada = Options { policy: policy.clone(), ..session("ada") };
    assert_eq!(kind(&host.json(&ada, LIST, json!({ "end_user_id": "grace" }))), "invalid_arguments");
    for expected in ["success", "success", "denied"] {
        assert_eq!(kind(&host.json(&ada, LIST, json!({ "limit": 1 }))), expected);
    }
    assert!(host.sent.is_empty());
    // Each session counts separately, and the count of a host takes precedence.
    let grace = Options { policy: policy.clone(), ..session("grace") };
    assert_eq!(kind(&host.json(&grace, LIST, json!({ "limit": 1 }))), "success");
    let counted = Options { calls: Some(2), ..grace };
    assert_eq!(kind(&host.json(&counted, LIST, json!({ "limit": 1 }))), "denied");
    let toolkit = Options { policy, ..Options::default() };
    let large = host.json(&toolkit, LIST, json!({}));
    assert_eq!((kind(&large), &large["error"]["code"]), ("denied", &json!("result_too_large")), "{large}");
    assert_eq!(kind(&host.json(&toolkit, LIST, json!({ "limit": 1 }))), "success");
    assert_eq!(kind(&host.json(&toolkit, LIST, json!({ "limit": 1 }))), "denied", "the large one ran too");
}

#[test]
fn an_approver_may_take_its_time() {
    let mut host = Host::new();
    let toolkit = Options { policy: careful(), ..Options::default() };
    let mut call = Call::new(toolkit, DELETE, args("hubspot-ada"), 1);
    assert!(matches!(call.poll(host.now), Poll::Ask(_)));
    host.now += 45 * 60_000;
    call.handle_approval(Approval::Granted, host.now);
    assert!(matches!(call.poll(host.now), Poll::Ask(_)));
    call.handle_key(Ok(&host.key), host.now);
    let Poll::Send { until, .. } = call.poll(host.now) else { panic!("it sends") };
    assert_eq!(until, host.now + 60_000, "the time for the attempt begins with it");
}

#[test]
fn a_limit_holds_however_many_wait_for_an_approval() {
    let rule = json!({ "id": "ask-first", "then": "confirm", "effect": "destroy" });
    let limits = json!([{ "tool": DELETE, "calls": 1 }]);
    let policy = json!({ "default": "allow", "rules": [rule], "limits": limits });
    let toolkit = Options { policy: Policy::from_value(policy).unwrap(), ..Options::default() };
    let mut host = Host::new();
    host.approval = Approval::Granted;
    let mut calls: Vec<Call> =
        (0..3).map(|seed| Call::new(toolkit.clone(), DELETE, args("hubspot-ada"), seed)).collect();
    for call in &mut calls {
        assert!(matches!(call.poll(host.now), Poll::Ask(Ask::Approval)), "each may still run");
    }
    assert!(host.drive(&mut calls[0]).successful());
    for call in &mut calls[1..] {
        let outcome: Value = serde_json::from_str(&host.drive(call).to_json()).unwrap();
        assert_eq!(kind(&outcome), "denied", "{outcome}");
        assert!(host.sent.is_empty());
    }
}

/// A call that waits for approval.
fn asked(host: &mut Host, options: &Options) -> Call {
    let mut call = Call::new(options.clone(), DELETE, args("hubspot-ada"), 1);
    loop {
        match call.poll(host.now) {
            Poll::Ask(Ask::Approval) => return call,
            Poll::Ask(_) => call.handle_key(Ok(&host.key), host.now),
            Poll::Send { request, .. } => {
                let reply = host.emulator.handle(&request, host.now);
                call.handle_response(&reply.response, host.now);
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn what_was_looked_up_long_ago_is_looked_up_again_after_an_approval() {
    let rule = json!({ "id": "of-ada", "then": "confirm", "effect": "destroy", "end_user": "ada" });
    let policy = Policy::from_value(json!({ "default": "allow", "rules": [rule] })).unwrap();
    for options in [ada(), Options { policy, ..Options::default() }] {
        for (pause, lookups) in [(59_000, 0), (60_000, 1), (45 * 60_000, 1)] {
            let mut host = Host::new();
            host.approval = Approval::Granted;
            // Each has its own memory.
            let options = match &options.session {
                Some(_) => ada(),
                None => Options { memory: Default::default(), ..options.clone() },
            };
            let mut call = asked(&mut host, &options);
            host.now += pause;
            assert!(host.drive(&mut call).successful());
            assert_eq!((host.lookups(), host.own().len()), (lookups, 1), "after {pause} ms");
        }
    }
}

#[test]
fn what_changed_during_a_pause_counts() {
    let mut host = Host::new();
    host.approval = Approval::Granted;
    let mut call = asked(&mut host, &ada());
    let gone = host.json(&Options::default(), DELETE, args("hubspot-ada"));
    assert_eq!(gone["successful"], true);
    host.now += 60_000;
    let outcome: Value = serde_json::from_str(&host.drive(&mut call).to_json()).unwrap();
    assert_eq!((kind(&outcome), host.own().len()), ("not_found", 0), "{outcome}");
}

#[test]
fn somebody_who_approved_one_thing_is_asked_again_for_another() {
    let rule = |user: &str| json!({ "id": user, "then": "confirm", "effect": "destroy", "end_user": user });
    let policy = json!({ "default": "allow", "rules": [rule("ada"), rule("grace")] });
    let options = Options { policy: Policy::from_value(policy).unwrap(), ..Options::default() };
    let mut call = Call::new(options, DELETE, args("c"), 1);
    let look_up = |call: &mut Call, owner: &str, now: u64| {
        let mut next = call.poll(now);
        if let Poll::Ask(Ask::Key) = next {
            call.handle_key(Ok(KEY), now);
            next = call.poll(now);
        }
        assert!(matches!(next, Poll::Send { .. }), "{next:?}");
        let one =
            json!({ "connection_id": "c", "provider_config_key": "hubspot", "end_user": { "id": owner } });
        let json = [("content-type", "application/json")];
        call.handle_response(&answer(200, &json, &json!({ "connections": [one] })), now);
        matches!(call.poll(now), Poll::Ask(Ask::Approval))
    };
    assert!(look_up(&mut call, "ada", 0));
    assert!(call.summary().unwrap().contains(r#""rules":["ada"]"#));
    call.handle_approval(Approval::Granted, 60_000);
    assert!(look_up(&mut call, "grace", 60_000), "it is grace's now");
    assert!(call.summary().unwrap().contains(r#""rules":["grace"]"#));
    call.handle_approval(Approval::Granted, 130_000);
    assert!(!look_up(&mut call, "grace", 130_000));
    assert!(call.request().unwrap().url.ends_with("/connections/c?provider_config_key=hubspot"));
}
