//! Key rotation: Nango's own 401 requests a fresh key once, a provider's never does; no key is shown.

use crate::common::args::least;
use crate::common::random::Random;
use crate::common::runs::{KEY, START, answer, fine};
use nango_toolkit::audit::What;
use nango_toolkit::call::{Ask, Call, Options, Poll, Retry};
use nango_toolkit::error::ErrorKind;
use nango_toolkit::http::{Outcome, Response};
use nango_toolkit::session::{Session, SessionOptions};
use nango_toolkit::tool::{ParamLocation, Tool};
use nango_toolkit::tools;
use serde_json::json;

const FRESH: &str = "0b8a5f1e-6d47-4c1e-8a55-9e1f0f6f5c22";

fn unknown_account() -> Response {
    let body = json!({ "error": { "code": "unknown_account", "message": "gone", "payload": {} } });
    answer(401, &[("content-type", "application/json")], &body)
}

/// A run with these keys and these answers in order: the keys that were sent, and how it ended.
fn run(call: &mut Call, keys: &[Result<&str, &str>], answers: &[Response]) -> (Vec<String>, Outcome) {
    let (mut keys, mut answers) = (keys.iter(), answers.iter());
    let mut sent = Vec::new();
    let mut now = START;
    for _ in 0..50 {
        now += 1;
        match call.poll(now) {
            Poll::Ask(Ask::Key) => {
                assert_eq!(call.key_is_stale(), !sent.is_empty(), "it says when a kept key will not do");
                call.handle_key(*keys.next().unwrap(), now);
            }
            Poll::Send { request, .. } => {
                sent.push(request.header("authorization").unwrap().trim_start_matches("Bearer ").to_owned());
                let count = request.headers.iter().filter(|(n, _)| n == "Authorization").count();
                assert_eq!(count, 1);
                call.handle_response(answers.next().unwrap(), now);
            }
            Poll::Wait(until) => now = until,
            Poll::Done(outcome) => {
                assert!(keys.next().is_none() && answers.next().is_none(), "all were asked for");
                return (sent, *outcome);
            }
            other => panic!("{other:?}"),
        }
    }
    panic!("it ends");
}

fn call(slug: &str) -> Call {
    let tool = tools::find(slug).unwrap();
    // One attempt: another try with a fresh key does not count as a retry.
    let retry = Retry { attempts: 1, ..Retry::default() };
    let options = Options { retry, ..Options::default() };
    Call::new(options, slug, least(&mut Random::new(1), tool), 42)
}

/// Whether an argument of the tool takes the place of the API key.
fn takes_a_token(tool: &Tool) -> bool {
    tool.params.iter().any(|param| param.place == ParamLocation::Bearer)
}

#[test]
fn a_token_among_the_arguments_takes_the_place_of_the_key() {
    let all: Vec<_> = tools::all().filter(|tool| takes_a_token(tool)).map(|tool| tool.slug).collect();
    assert_eq!(all, ["NANGO_GET_CONNECT_SESSION", "NANGO_DELETE_CONNECT_SESSION"]);
    let token = format!("nango_connect_session_{}", "0a".repeat(32));
    for slug in all {
        for answer in [fine(), unknown_account()] {
            let options = Options { retry: Retry { attempts: 1, ..Retry::default() }, ..Options::default() };
            let mut call = Call::new(options, slug, json!({ "session_token": token }), 42);
            let (sent, outcome) = run(&mut call, &[], std::slice::from_ref(&answer));
            assert_eq!(sent, [token.as_str()], "{slug}");
            assert_eq!(outcome.successful(), answer.status == 200);
            let said =
                call.take_events().iter().map(|e| e.to_json()).collect::<String>() + &outcome.to_json();
            assert!(!said.contains(&token), "{said}");
        }
    }
}

#[test]
fn nangos_refusal_of_a_key_asks_for_another_once() {
    for tool in tools::all().filter(|tool| !takes_a_token(tool)) {
        let mut call = call(tool.slug);
        let (sent, outcome) = run(&mut call, &[Ok(KEY), Ok(FRESH)], &[unknown_account(), fine()]);
        assert_eq!(sent, [KEY, FRESH], "{}", tool.slug);
        assert!(outcome.successful() && outcome.meta.attempts == 2, "{}", tool.slug);
        let events = call.take_events();
        let retries = |e: &&nango_toolkit::audit::Event| {
            matches!(e.what, What::Retry { kind: "unauthorized", status: Some(401), wait_ms: 0, .. })
        };
        assert_eq!(events.iter().filter(retries).count(), 1);
        let all = events.iter().map(|e| e.to_json()).collect::<String>() + &outcome.to_json();
        assert!(!all.contains(KEY) && !all.contains(FRESH));
    }
    // Not a second time.
    let mut twice = call("NANGO_LIST_INTEGRATIONS");
    let (sent, outcome) = run(&mut twice, &[Ok(KEY), Ok(FRESH)], &[unknown_account(), unknown_account()]);
    assert_eq!(sent, [KEY, FRESH]);
    assert_eq!(outcome.result.unwrap_err().kind, ErrorKind::Unauthorized);
}

#[test]
fn without_another_key_the_refusal_stands() {
    for second in [Ok(KEY), Ok(""), Ok("nonsense"), Err("the vault is closed")] {
        let mut call = call("NANGO_ACTION_TRIGGER_POST");
        let (sent, outcome) = run(&mut call, &[Ok(KEY), second], &[unknown_account()]);
        assert_eq!(sent, [KEY]);
        let error = outcome.result.unwrap_err();
        assert_eq!(
            (error.kind, error.code.as_str(), error.status),
            (ErrorKind::Unauthorized, "unknown_account", Some(401))
        );
    }
}

#[test]
fn a_providers_401_is_an_answer() {
    for body in [
        json!({ "error": { "code": "unauthorized", "message": "token expired" } }),
        json!({ "error": "invalid_token" }),
        json!({ "message": "Bad credentials" }),
        json!("no"),
    ] {
        for slug in ["NANGO_GET_PROXY", "NANGO_PUT_PROXY"] {
            let response = answer(401, &[("content-type", "application/json")], &body);
            let (sent, outcome) = run(&mut call(slug), &[Ok(KEY)], &[response]);
            assert_eq!(sent.len(), 1);
            assert_eq!(outcome.result.unwrap_err().kind, ErrorKind::Provider, "{body}");
        }
    }
    // The same for a different 401, such as that of a gateway.
    let gateway = answer(401, &[], &json!({ "message": "who are you?" }));
    let (sent, outcome) = run(&mut call("NANGO_LIST_INTEGRATIONS"), &[Ok(KEY)], &[gateway]);
    assert_eq!((sent.len(), outcome.result.unwrap_err().kind), (1, ErrorKind::Unauthorized));
}

#[test]
fn a_look_up_gets_the_fresh_key_and_so_does_the_call() {
    let session = Session::new(SessionOptions { user: "ada".into(), ..SessionOptions::default() }).unwrap();
    let args = json!({ "connection_id": "c", "provider_config_key": "i" });
    let mut call = Call::new(
        Options { session: Some(session), ..Options::default() },
        "NANGO_DELETE_CONNECTION",
        args,
        1,
    );
    let found = answer(
        200,
        &[("content-type", "application/json")],
        &json!({ "connections": [{ "connection_id": "c", "provider_config_key": "i", "tags": { "end_user_id": "ada" } }] }),
    );
    let (sent, outcome) = run(&mut call, &[Ok(KEY), Ok(FRESH)], &[unknown_account(), found, fine()]);
    assert_eq!(sent, [KEY, FRESH, FRESH]);
    assert!(outcome.successful() && outcome.meta.attempts == 1);
}
