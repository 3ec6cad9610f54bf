//! Counts and lengths are bounded before anything is walked, and what is left out is counted.

use nango_toolkit::call::{Ask, Call, Options, Poll};
use nango_toolkit::error::{Error, ErrorKind};
use nango_toolkit::http::{Outcome, Response};
use nango_toolkit::mcp::{Selection, Server, Step, TransportContext, View};
use nango_toolkit::schema::{self, Allow, Arguments};
use nango_toolkit::{options, tools};
use serde_json::{Map, Value, json};

const KEY: &str = "d59beb0a-3a8c-4d4a-9c4a-0f0e0d0c0b0a";

fn response(status: u16, body: impl Into<String>) -> Response {
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    Response { status, headers, body: body.into() }
}

/// The call of a tool that is answered like this, and all that its events say.
fn answered(options: Options, slug: &str, args: Value, answer: &Response) -> (Outcome, String) {
    let mut call = Call::new(options, slug, args, 1);
    loop {
        match call.poll(0) {
            Poll::Ask(Ask::Key) => call.handle_key(Ok(KEY), 0),
            Poll::Send { .. } => call.handle_response(answer, 0),
            Poll::Done(outcome) => {
                return (*outcome, call.take_events().iter().map(|event| event.to_json()).collect());
            }
            other => panic!("{other:?}"),
        }
    }
}

fn error(outcome: Outcome) -> Error {
    outcome.result.unwrap_err()
}

fn many(count: usize, name: &str, value: &str) -> Value {
    (0..count)
        .map(|at| (format!("{name}{at}"), json!(format!("{value}{at:06}"))))
        .collect::<Map<_, _>>()
        .into()
}

#[test]
fn fifty_issues_are_listed_and_the_rest_is_counted() {
    let tool = tools::find("NANGO_LIST_INTEGRATIONS").unwrap();
    for (count, listed, last) in [
        (50, 50, "there is no property `p49` here"),
        (51, 51, "and 1 more, which are not listed"),
        (20_000, 51, "and 19950 more, which are not listed"),
    ] {
        let issues = schema::check(tool, many(count, "p", ""), &Allow::default()).unwrap_err();
        assert_eq!((issues.len(), issues.last().unwrap().message.as_str()), (listed, last));
    }
    let mut call = Call::new(Options::default(), tool.slug, many(20_000, "p", ""), 1);
    let Poll::Done(outcome) = call.poll(0) else { panic!("it has ended") };
    let error = error(*outcome);
    assert!(error.message.starts_with("more than 50 problems in the arguments of"), "{}", error.message);
    assert_eq!(error.issues[50].code, "more_issues");
}

#[test]
fn options_list_as_many() {
    let names: Vec<String> = (0..300).map(|at| format!("tool{at}")).collect();
    let error =
        options::parse(&json!({ "session": { "user": "ada", "tools": names } }).to_string()).unwrap_err();
    assert!(error.message.ends_with("(and 299 more)"), "{}", error.message);
    assert_eq!(error.issues.len(), 51);
    assert_eq!(error.issues[50].message, "and 250 more, which are not listed");
}

#[test]
fn counts_are_checked_before_what_is_counted() {
    let ids: Vec<String> = (0..1001).map(|at| format!("c{at}")).collect();
    let base = json!({ "connection_id": "c", "provider_config_key": "hubspot", "any_path": "v1" });
    let with = |name: &str, value: Value| {
        let mut args = base.clone();
        args[name] = value;
        args
    };
    for (slug, args, message) in [
        (
            "NANGO_CREATE_CONNECT_SESSION",
            json!({ "tags": many(20_000, "1", "") }),
            "expected at most 10 tags, got 20000",
        ),
        (
            "NANGO_GET_PROXY",
            with("proxy_headers", many(20_000, "(", "")),
            "expected at most 1000 properties, got 20000",
        ),
        (
            "NANGO_SET_CONNECTION_METADATA",
            json!({ "connection_id": ids, "provider_config_key": "hubspot", "metadata": {} }),
            "expected at most 1000 entries, got 1001",
        ),
        (
            "NANGO_GET_PROXY",
            with("query_params", json!({ "q": ids })),
            "expected at most 1000 entries, got 1001",
        ),
    ] {
        let tool = tools::find(slug).unwrap();
        let issues = schema::check(tool, args, &Allow::default()).unwrap_err();
        assert_eq!(
            issues.iter().map(|issue| issue.message.as_str()).collect::<Vec<_>>(),
            [message],
            "{slug}"
        );
    }
}

#[test]
fn each_of_many_secrets_is_found() {
    for count in [60, 5000] {
        let args = json!({ "connection_id": "c", "provider_config_key": "hubspot", "metadata": many(count, "token", "secret-") });
        let said = format!("no: secret-{:06}", count - 1);
        let body =
            json!({ "error": { "code": "no_such_thing", "message": said, "payload": [said] } }).to_string();
        let (outcome, events) =
            answered(Options::default(), "NANGO_SET_CONNECTION_METADATA", args, &response(400, body));
        let error = error(outcome);
        let all = format!("{events}{}", error.to_json());
        assert!(!all.contains("secret-") && error.message == "no: [redacted]", "{count}: {all}");
    }
}

#[test]
fn a_long_answer_is_masked_no_further_than_it_is_shown() {
    let args = json!({ "provider_config_key": "h", "connection_id": "c", "any_path": "v1", "proxy_headers": { "x-token": "sesame-sesame" } });
    // The secret stands where the part that is masked ends, wherever exactly that is.
    for before in (32 * 1024 - 13)..(32 * 1024 + 2) {
        let hidden = format!("{}sesame-sesame{}", "x".repeat(before), "y".repeat(100_000));
        let markers = "sesame-sesame ".repeat(before / 14);
        for body in [hidden, format!("{markers}sesame-sesame{}", "z".repeat(100_000))] {
            let answer = Response { status: 500, headers: Vec::new(), body };
            let (outcome, _) = answered(Options::default(), "NANGO_PUT_PROXY", args.clone(), &answer);
            let text = error(outcome).to_json();
            assert!(!text.contains("sesa") && text.contains("bytes in all"), "{text}");
            assert!(text.len() < 2000, "{}", text.len());
        }
    }
}

#[test]
fn details_are_cut_before_they_are_masked() {
    let entries: Vec<Value> = (0..20_000).map(|at| json!({ "id": at, "token": "s3cr3t-value" })).collect();
    let body =
        json!({ "error": { "code": "x", "message": "m".repeat(100_000), "payload": entries } }).to_string();
    let (outcome, _) =
        answered(Options::default(), "NANGO_LIST_INTEGRATIONS", json!({}), &response(400, body));
    let error = error(outcome);
    let text = error.to_json();
    assert!(text.len() < 32 * 1024 && !text.contains("s3cr3t-value"), "{}", text.len());
    assert!(error.message.ends_with("m … (100000 bytes in all)"));
}

#[test]
fn an_answer_may_be_as_large_as_the_option_says() {
    let parse = |most: u64| options::parse(&json!({ "maxAnswerBytes": most }).to_string()).unwrap();
    let body = r#"{"data":[]}"#;
    let all = body.len() as u64;
    let (outcome, _) = answered(parse(all), "NANGO_LIST_INTEGRATIONS", json!({}), &response(200, body));
    assert!(outcome.successful());
    let (outcome, _) = answered(parse(all - 1), "NANGO_LIST_INTEGRATIONS", json!({}), &response(200, body));
    let error = error(outcome);
    assert_eq!(
        (error.kind, error.code.as_str(), error.status),
        (ErrorKind::InvalidResponse, "answer_too_large", Some(200))
    );
    assert!(!error.retryable && error.hint.unwrap().contains("maxAnswerBytes"));
    let large = "x".repeat(32 * 1024 * 1024 + 1);
    let (outcome, _) =
        answered(Options::default(), "NANGO_LIST_INTEGRATIONS", json!({}), &response(200, large));
    assert_eq!(outcome.result.unwrap_err().code, "answer_too_large");
    for wrong in [json!(0), json!(-1), json!(1.5), json!("1"), json!(true)] {
        assert!(options::parse(&json!({ "maxAnswerBytes": wrong }).to_string()).is_err(), "{wrong}");
    }
}

fn nested(depth: usize) -> String {
    "[".repeat(depth) + &"]".repeat(depth)
}

#[test]
fn what_is_nested_too_deeply_says_so() {
    for slug in ["NANGO_GET_PROXY", "NANGO_LIST_INTEGRATIONS"] {
        let args = if slug == "NANGO_GET_PROXY" {
            json!({ "provider_config_key": "h", "connection_id": "c", "any_path": "v1" })
        } else {
            json!({})
        };
        for depth in [200, 100_000] {
            let (outcome, _) =
                answered(Options::default(), slug, args.clone(), &response(200, nested(depth)));
            let error = error(outcome);
            assert_eq!(error.kind, ErrorKind::InvalidResponse);
            assert!(error.message.contains("nested deeper than 128 levels"), "{}", error.message);
        }
    }
    let server = std::sync::Arc::new(Server::new("nango", "1"));
    let view = View::of_options(&server, &Options::default(), &Selection::default()).unwrap();
    for id in ["7", "\"seven\""] {
        let arguments = format!(r#"{{"name":"NANGO_GET_PROXY","arguments":{{"body":{}}}}}"#, nested(1000));
        let message = format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"tools/call","params":{arguments}}}"#);
        let Step::Call(call) = view.read(&TransportContext::stdio(), &message) else {
            panic!("it is a call")
        };
        assert_eq!(call.head.id.get(), id);
        let arguments = Arguments::from_text(call.arguments.get());
        let Poll::Done(outcome) = Call::new(Options::default(), &call.name, arguments, 1).poll(0) else {
            panic!("it has ended")
        };
        let error = error(*outcome);
        assert_eq!((error.kind, &*error.issues[0].code), (ErrorKind::InvalidArguments, "invalid_json"));
    }
}

#[test]
fn a_search_reads_the_beginning_of_a_long_text() {
    let text = format!("who has connected Salesforce? {}", "delete all integrations ".repeat(100_000));
    let hits = nango_toolkit::search::search(&text, &Default::default(), tools::all());
    assert!(!hits.is_empty());
}
