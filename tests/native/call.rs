//! The state machine of a call with a fake clock: order of steps, aborting, keys, events, policy. Retries are
//! in call_retries.rs, random failures in properties.rs.

use crate::common::runs::{Act, KEY, START, answer, call, error, failed, fine, limited, run};
use nango_toolkit::audit::What;
use nango_toolkit::call::{Ask, Call, Options, Poll, Retry};
use nango_toolkit::error::ErrorKind;
use nango_toolkit::http::{BaseUrl, Data, NeedsBody, Outcome, Reveal};
use nango_toolkit::policy::{Claims, Policy};
use nango_toolkit::tool::Effect;
use nango_toolkit::tools;
use serde_json::{Value, json};

#[test]
fn the_order_of_steps_is_fixed() {
    let tool = tools::find("NANGO_LIST_INTEGRATIONS").unwrap();
    let mut call = call(tool, Options::default());
    assert!(matches!(call.poll(START), Poll::Ask(Ask::Key)));
    assert!(matches!(call.poll(START + 1), Poll::Ask(Ask::Key)), "it asks until it gets an answer");
    call.handle_response(&fine(), START + 1);
    call.handle_transport_error("nobody asked", START + 1);
    call.handle_held(200, START + 1);
    assert!(matches!(call.poll(START + 2), Poll::Ask(Ask::Key)), "answers to nothing change nothing");
    call.handle_key(Ok(KEY), START + 5);
    let Poll::Send { request, until } = call.poll(START + 5) else { panic!("it sends") };
    assert_eq!(
        (request.method.as_str(), request.url.as_str()),
        ("GET", "https://api.nango.dev/integrations")
    );
    assert_eq!(request.header("authorization"), Some(format!("Bearer {KEY}").as_str()));
    assert_eq!(until, START + 5 + 60_000);
    assert!(matches!(call.poll(START + 6), Poll::Wait(u) if u == until), "it sends once");
    call.handle_key(Ok("another"), START + 6);
    call.handle_response(&fine(), START + 30);
    call.handle_response(&failed(500), START + 31);
    let Poll::Done(outcome) = call.poll(START + 40) else { panic!("it ends") };
    assert_eq!(outcome.result, Ok(Data::Value(json!({ "success": true }))));
    assert_eq!(
        (outcome.meta.attempts, outcome.meta.status, outcome.meta.duration_ms),
        (1, Some(200), Some(30))
    );
    assert_eq!((outcome.meta.tool.as_str(), outcome.meta.call_id.as_deref()), (tool.slug, Some(call.id())));
    let Poll::Done(again) = call.poll(START + 41) else { panic!("it stays ended") };
    assert_eq!(error(*again).kind, ErrorKind::Internal);
}

#[test]
fn events_are_complete_and_in_order() {
    let tool = tools::find("NANGO_LIST_INTEGRATIONS").unwrap();
    let mut call = call(tool, Options::default());
    let (sent, _) = run(&mut call, |n| match n {
        1 => Act::Answer(failed(503)),
        2 => Act::Break,
        _ => Act::Answer(fine()),
    });
    let events = call.take_events();
    let names: Vec<_> = events
        .iter()
        .map(|e| serde_json::from_str::<Value>(&e.to_json()).unwrap()["type"].as_str().unwrap().to_owned())
        .collect();
    let expected = ["started", "attempt", "retry", "attempt", "retry", "attempt", "finished"];
    assert_eq!(names, expected.map(|n| format!("call.{n}")));
    assert!(events.iter().all(|e| e.call_id == call.id() && e.tool == tool.slug));
    assert!(call.take_events().is_empty(), "each is handed over once");
    let attempts: Vec<_> = events.iter().filter(|e| matches!(e.what, What::Attempt { .. })).collect();
    assert_eq!(attempts.iter().map(|e| e.at - START).collect::<Vec<_>>(), sent);
    assert!(matches!(&events[2].what, What::Retry { attempt: 1, status: Some(503), kind: "server", .. }));
    assert!(matches!(&events[4].what, What::Retry { attempt: 2, status: None, kind: "network", .. }));
    let What::Finished { successful: true, error: None, status: Some(200), attempts: 3, .. } = events[6].what
    else {
        panic!("{:?}", events[6])
    };
    // The actual wait is the announced one.
    for (i, event) in events.iter().enumerate() {
        if let What::Retry { wait_ms, .. } = event.what {
            assert_eq!(events[i + 1].at, event.at + wait_ms);
        }
    }
}

#[test]
fn a_call_can_be_aborted_in_every_state() {
    for tool in
        [tools::find("NANGO_LIST_INTEGRATIONS").unwrap(), tools::find("NANGO_CREATE_INTEGRATION").unwrap()]
    {
        for state in 0..5 {
            let mut call = call(tool, Options::default());
            if state > 0 {
                assert!(matches!(call.poll(START), Poll::Ask(_)));
            }
            if state > 1 {
                call.handle_key(Ok(KEY), START);
            }
            if state > 2 {
                assert!(matches!(call.poll(START), Poll::Send { .. }));
            }
            if state > 3 {
                call.handle_response(&limited(None), START);
                assert!(matches!(call.poll(START), Poll::Wait(_)));
            }
            assert!(!call.has_ended());
            call.cancel(START + 9);
            call.cancel(START + 10);
            call.handle_response(&fine(), START + 11);
            assert!(call.has_ended());
            let Poll::Done(outcome) = call.poll(START + 12) else { panic!("state {state}: it ends at once") };
            let events = call.take_events();
            assert!(matches!(events[0].what, What::Started { .. }), "state {state}: {events:?}");
            assert!(matches!(events.last().unwrap().what, What::Finished { successful: false, .. }));
            let error = error(*outcome);
            assert_eq!((error.kind, error.code.as_str()), (ErrorKind::Aborted, "aborted"));
            // Only a request that was sent, and must not be sent twice, has an unknown result.
            assert_eq!(
                error.hint.is_some(),
                state == 3 && !tool.idempotent,
                "state {state} of {}",
                tool.slug
            );
        }
    }
}

#[test]
fn a_key_that_cannot_be_one_is_caught_before_sending() {
    let tool = tools::find("NANGO_LIST_INTEGRATIONS").unwrap();
    for (key, why) in [
        (Err("the vault is closed"), "the reason is in the host's log, under `call_"),
        (Ok(""), "empty"),
        (Ok("  "), "white space"),
        (Ok("Bearer d59beb0a-3a8c-4d4a-9c4a-0f0e0d0c0b0a"), "Bearer"),
        (Ok("sk_live_123456789"), "UUID"),
        (Ok("d59beb0a-3a8c-4d4a-9c4a-0f0e0d0c0b0a\n"), "white space"),
    ] {
        let mut call = call(tool, Options::default());
        call.poll(START);
        call.handle_key(key, START);
        let Poll::Done(outcome) = call.poll(START) else { panic!("nothing is sent with {key:?}") };
        assert_eq!(outcome.meta.attempts, 0);
        let error = error(*outcome);
        assert_eq!(
            (error.kind, error.code.as_str(), error.retryable),
            (ErrorKind::Unauthorized, "invalid_secret_key_format", false)
        );
        assert!(error.message.contains(why) && error.hint.is_some(), "{error}");
        assert!(!error.to_json().contains("vault"), "{error}");
        assert!(!key.is_ok_and(|k| k.len() > 9 && error.to_json().contains(k)), "{error}");
    }
}

#[test]
fn an_unknown_tool_names_the_nearest() {
    for (asked, near) in [
        ("NANGO_LIST_CONNECTION", "NANGO_CONNECTION_LIST_GET"),
        ("NANGO_GET_CONNECTIONS", "NANGO_GET_CONNECTION"),
        ("nango_trigger_action", "NANGO_ACTION_TRIGGER_POST"),
        ("NANGO_TRIGGER_SYNC", "NANGO_SYNC_TRIGGER_POST"),
        ("NANGO_PROXY_GET", "NANGO_GET_PROXY"),
        ("create_integration", "NANGO_CREATE_INTEGRATION"),
    ] {
        let mut call = Call::new(Options::default(), asked, json!({ "anything": 1 }), 1);
        let Poll::Done(outcome) = call.poll(START) else { panic!("it ends at once") };
        assert_eq!(outcome.meta.tool, asked);
        let error = error(*outcome);
        assert_eq!((error.kind, error.retryable), (ErrorKind::UnknownTool, false));
        let hint = error.hint.unwrap();
        assert!(error.message.contains(asked) && hint.contains(near), "{asked}: {hint}");
        let events = call.take_events();
        assert!(
            events.len() == 2 && matches!(events[0].what, What::Started { effect: None, arguments: None })
        );
    }
    for alias in ["NANGO_CONNECTION_GET", "nango_list_connections"] {
        assert_eq!(tools::find(alias).unwrap().slug, "NANGO_CONNECTION_LIST_GET");
    }
}

#[test]
fn a_read_only_toolkit_sends_nothing_that_changes_anything() {
    let policy = Policy::read_only();
    for tool in tools::all() {
        let options = Options { policy: policy.clone(), ..Options::default() };
        let (sent, outcome) = run(&mut call(tool, options), |_| Act::Answer(fine()));
        let read = tool.effect == Effect::Read && !tool.is_proxy();
        assert_eq!(
            (sent.len(), outcome.successful(), policy.lists(tool, &Claims::default())),
            (usize::from(read), read, read),
            "{}",
            tool.slug
        );
        if !read {
            let error = error(outcome);
            assert_eq!(
                (error.kind, error.code.as_str(), error.retryable),
                (ErrorKind::Denied, "denied", false)
            );
            assert!(error.message.contains("read-only") && error.hint.unwrap().contains("readOnly"));
        }
    }
    // Validation comes before policy: bad arguments are reported as such.
    let tool = tools::find("NANGO_DELETE_CONNECTION").unwrap();
    let options = Options { policy, ..Options::default() };
    let mut call = Call::new(options, tool.slug, json!({}), 1);
    assert!(
        matches!(call.poll(START), Poll::Done(o) if error((*o).clone()).kind == ErrorKind::InvalidArguments)
    );
}

#[test]
fn an_answer_that_the_host_may_read_itself_can_be_held() {
    for tool in tools::all() {
        let call = call(tool, Options::default());
        let declares = !tool.secrets().is_empty() || tool.summarised_list().is_some();
        let expected = match (tool.relays(), declares) {
            (true, _) => NeedsBody::Never,
            (false, true) => NeedsBody::Always,
            (false, false) => NeedsBody::IfSuspicious,
        };
        assert_eq!(call.needs_body(200, "application/json; charset=utf-8"), expected, "{}", tool.slug);
        for (status, declared) in [
            (200, "text/html"),
            (200, ""),
            (204, ""),
            (304, ""),
            (400, "application/json"),
            (500, ""),
            (0, ""),
        ] {
            assert_eq!(
                call.needs_body(status, declared),
                NeedsBody::Always,
                "{} {status} {declared}",
                tool.slug
            );
        }
    }
    let tool = tools::find("NANGO_LIST_INTEGRATIONS").unwrap();
    let base = BaseUrl::parse("http://localhost:3003/").unwrap();
    let mut call = call(tool, Options { base, reveal: Reveal::All, ..Options::default() });
    call.poll(START);
    call.handle_key(Ok(KEY), START);
    let Poll::Send { request, .. } = call.poll(START) else { panic!("it sends") };
    assert_eq!(request.url, "http://localhost:3003/integrations");
    call.handle_held(200, START + 3);
    let Poll::Done(outcome) = call.poll(START + 3) else { panic!("it ends") };
    assert_eq!((outcome.result, outcome.meta.status), (Ok(Data::Held), Some(200)));
}

/// A policy that must look up the owner of a connection.
fn only_adas() -> Policy {
    let rule = json!({ "id": "own", "then": "allow", "end_user": "ada" });
    Policy::from_value(json!({ "default": "deny", "rules": [rule] })).unwrap()
}

fn set_metadata(count: usize, options: Options) -> Call {
    let ids: Vec<String> = (0..count).map(|n| format!("c-{n}")).collect();
    let args = json!({ "connection_id": ids, "provider_config_key": "i", "metadata": { "plan": "pro" } });
    Call::new(options, "NANGO_SET_CONNECTION_METADATA", args, 1)
}

/// Answers look-ups, each after `ms`, and returns the time and the number of requests.
fn look_up(call: &mut Call, ms: u64) -> (u64, usize, Outcome) {
    let (mut now, mut sent) = (START, 0);
    loop {
        match call.poll(now) {
            Poll::Ask(Ask::Key) => call.handle_key(Ok(KEY), now),
            Poll::Send { request, .. } => {
                (sent, now) = (sent + 1, now + ms);
                let query = request.url.split_once("?connectionId=").map(|(_, query)| query);
                let id = query.and_then(|query| query.split('&').next()).unwrap_or_default();
                let one =
                    json!({ "connection_id": id, "provider_config_key": "i", "end_user": { "id": "ada" } });
                let body = json!({ "connections": [one] });
                call.handle_response(&answer(200, &[("content-type", "application/json")], &body), now);
            }
            Poll::Done(outcome) => return (now - START, sent, *outcome),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn the_look_ups_of_a_call_are_bounded() {
    let options = Options { policy: only_adas(), ..Options::default() };
    let (_, sent, outcome) = look_up(&mut set_metadata(50, options.clone()), 1);
    assert_eq!((sent, outcome.successful()), (51, true), "{outcome:?}");
    let (_, sent, outcome) = look_up(&mut set_metadata(51, options.clone()), 1);
    let refused = error(outcome);
    assert_eq!((sent, refused.kind), (0, ErrorKind::InvalidArguments));
    assert_eq!(
        (refused.issues[0].path.join("."), &*refused.issues[0].code),
        ("connection_id".into(), "too_big")
    );
    // Without look-ups, there is no such bound.
    let (_, sent, outcome) = look_up(&mut set_metadata(51, Options::default()), 1);
    assert_eq!((sent, outcome.successful()), (1, true), "{outcome:?}");
}

#[test]
fn look_ups_take_no_more_than_the_time_of_the_call() {
    let retry = Retry { total_ms: Some(300), ..Retry::default() };
    let options = Options { policy: only_adas(), retry, ..Options::default() };
    let (took, sent, outcome) = look_up(&mut set_metadata(40, options.clone()), 90);
    let late = error(outcome);
    assert_eq!((late.kind, late.retryable), (ErrorKind::Timeout, true), "{late}");
    assert_eq!((took, sent), (360, 4));
    let (_, sent, outcome) = look_up(&mut set_metadata(2, options), 90);
    assert_eq!((sent, outcome.successful()), (3, true));
}

#[test]
fn debug_output_holds_no_key_and_no_secret() {
    let args = json!({ "provider_config_key": "hubspot",
        "credentials": { "type": "OAUTH2", "access_token": "secret-access-token" } });
    for policy in [Policy::default(), only_adas(), Policy::from_value(json!({ "default": "allow" })).unwrap()]
    {
        let options = Options { policy, ..Options::default() };
        let mut call = Call::new(options, "NANGO_ADD_CONNECTION", args.clone(), 1);
        let mut shown = format!("{call:?}");
        for _ in 0..4 {
            let poll = call.poll(START);
            shown.push_str(&format!("{poll:?} {call:?}"));
            match poll {
                Poll::Ask(_) => call.handle_key(Ok(KEY), START),
                Poll::Send { .. } => {
                    let body = json!({ "error": { "code": "unknown_account", "message": "no" } });
                    call.handle_response(&answer(401, &[], &body), START);
                }
                _ => {}
            }
        }
        for secret in [KEY, "secret-access-token"] {
            assert!(!shown.contains(secret), "{shown}");
        }
        assert!(shown.contains("NANGO_ADD_CONNECTION"), "{shown}");
    }
}
