//! What results, errors, events and `{:?}` hold of secrets that nothing declares: the whole of every answer, what
//! arguments give a provider, and what a host's own functions say when they fail.

use crate::common::args::least;
use crate::common::random::Random;
use nango_toolkit::call::{Approval, Ask, Call, HostFunction, Options, Poll};
use nango_toolkit::error::ErrorKind;
use nango_toolkit::http::{Data, Redaction, Response, Reveal, Scrub, decode};
use nango_toolkit::options;
use nango_toolkit::policy::Policy;
use nango_toolkit::session::{Session, SessionOptions};
use nango_toolkit::tool::Tool;
use nango_toolkit::tools;
use serde_json::{Value, json};
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const KEY: &str = "d59beb0a-3a8c-4d4a-9c4a-0f0e0d0c0b0a";
const PLANTED: &str = "Planted9Secret";

fn answer(status: u16, body: &str) -> Response {
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    Response { status, headers, body: body.to_owned() }
}

fn data(tool: &Tool, body: &Value, redaction: &Redaction) -> Value {
    match decode(tool, &answer(200, &body.to_string()), redaction, &Scrub::default()) {
        Ok(Data::Value(value)) => value,
        other => panic!("{}: {other:?}", tool.slug),
    }
}

/// Runs a call with one answer: its outcome and its events.
fn run(options: Options, slug: &str, args: &Value, response: &Response) -> (String, String) {
    let mut call = Call::new(options, slug, args.clone(), 7);
    let mut now = 0;
    let outcome = loop {
        match call.poll(now) {
            Poll::Ask(Ask::Approval) => call.handle_approval(Approval::Pending("a-token"), now),
            Poll::Ask(_) => call.handle_key(Ok(KEY), now),
            Poll::Send { .. } => call.handle_response(response, now),
            Poll::Wait(until) => now = until,
            Poll::Done(outcome) => break outcome.to_json(),
        }
    };
    let events: Vec<String> = call.take_events().iter().map(|event| event.to_json()).collect();
    (outcome, events.join("\n"))
}

#[test]
fn names_mask_the_whole_of_every_answer_but_those_of_providers() {
    let places = json!({
        "client_secret": PLANTED, "deep": [{ "apiKey": PLANTED, "db_pass": PLANTED }],
        "pair": ["Authorization", PLANTED], "field": { "name": "password", "value": PLANTED },
        "text": format!("failed with token={PLANTED}"), "url": format!("https://ada:{PLANTED}@example.com/?sig={PLANTED}"),
    });
    let sensitive = Redaction { reveal: Reveal::None, provider_data: true };
    for tool in tools::all() {
        let mut body =
            json!({ "public": "stays", "total_tokens": 12, "nextPageToken": "CAUQAA", "more": places });
        // In the form that the tool's own secrets have.
        if tool.secrets().iter().any(|secret| secret.path.first() == Some(&"data")) {
            body["data"] = json!({});
        }
        let plain = data(tool, &body, &Redaction::default()).to_string();
        assert_eq!(plain.contains(PLANTED), tool.relays(), "{}: {plain}", tool.slug);
        let masked = data(tool, &body, &sensitive).to_string();
        assert!(!masked.contains(PLANTED), "{}: {masked}", tool.slug);
        // An answer of another form than declared is masked whole.
        let is_list = tool.secrets().iter().any(|secret| secret.path.first() == Some(&"*"));
        for kept in ["stays", "12", "CAUQAA"].iter().filter(|_| !is_list) {
            assert!(masked.contains(kept), "{}: {kept}: {masked}", tool.slug);
        }
        assert_eq!(data(tool, &body, &Reveal::All.into()), body, "{}", tool.slug);
    }
}

#[test]
fn what_providers_return_is_masked_in_sessions_unless_the_toolkit_says_otherwise() {
    let session = r#""session":{"user":"ada"}"#;
    for (given, masks) in [
        ("{}".to_owned(), false),
        (r#"{"maskProviderData":true}"#.to_owned(), true),
        (format!("{{{session}}}"), true),
        (format!(r#"{{"maskProviderData":false,{session}}}"#), false),
    ] {
        assert_eq!(options::parse(&given).unwrap().redaction().provider_data, masks, "{given}");
    }
    for wrong in ["null", "\"true\"", "1"] {
        let error = options::parse(&format!(r#"{{"maskProviderData":{wrong}}}"#)).unwrap_err();
        assert_eq!(error.kind, ErrorKind::InvalidOption, "{wrong}");
    }
}

#[test]
fn a_link_that_is_to_be_handed_over_stays_whole() {
    for slug in ["NANGO_CREATE_CONNECT_SESSION", "NANGO_RECONNECT_SESSION_POST"] {
        let link = format!("https://connect.nango.dev/?session_token={PLANTED}");
        let body =
            json!({ "data": { "token": PLANTED, "connect_link": link, "note": format!("token={PLANTED}") } });
        let shown = data(tools::find(slug).unwrap(), &body, &Redaction::default());
        assert_eq!(shown["data"]["connect_link"], link);
        assert_eq!(shown["data"]["note"], "token=[redacted]");
        assert_eq!(shown["data"]["token"], "[redacted: connect_session_token]");
    }
}

#[test]
fn the_list_of_a_session_holds_connections_and_nothing_else() {
    let ada = || {
        let options = SessionOptions { user: "ada".into(), ..SessionOptions::default() };
        Options { session: Some(Session::new(options).unwrap()), ..Options::default() }
    };
    let one = |user: &str| {
        json!({ "id": 1, "connection_id": user, "provider_config_key": "k", "provider": "p", "errors": [],
            "end_user": { "id": user, "organization": null }, "tags": { "end_user_id": user }, "metadata": null })
    };
    for body in [
        json!({ "connections": [one("ada"), one("grace")], "others": [one("grace")], "total": 2 }),
        json!({ "data": [one("grace")] }),
        json!([one("grace")]),
    ] {
        let (outcome, _) =
            run(ada(), "NANGO_CONNECTION_LIST_GET", &json!({}), &answer(200, &body.to_string()));
        let outcome: Value = serde_json::from_str(&outcome).unwrap();
        assert_eq!(outcome["successful"], true, "{outcome}");
        let names: Vec<&String> = outcome["data"].as_object().unwrap().keys().collect();
        assert_eq!(names, ["connections"], "{outcome}");
        assert!(!outcome.to_string().contains("grace"), "{outcome}");
    }
}

#[test]
fn headers_for_a_provider_are_secret_by_name_and_values_are_replaced_as_words() {
    let args = json!({ "provider_config_key": "k", "connection_id": "c", "any_path": "a",
        "proxy_headers": { "Accept": "application/json", "X-Api-Version": "2022", "X-Api-Key": PLANTED, "X-Auth-Token": "prod" } });
    let said = format!("application/json since 2022 in production and prod: {PLANTED}");
    let (outcome, events) = run(
        Options::default(),
        "NANGO_GET_PROXY",
        &args,
        &answer(415, &json!({ "message": said }).to_string()),
    );
    for shown in [&outcome, &events] {
        assert!(
            shown.contains("application/json since 2022 in production and [redacted]: [redacted]"),
            "{shown}"
        );
        assert!(!shown.contains(PLANTED), "{shown}");
    }
    assert!(events.contains(r#""Accept":"application/json""#), "{events}");
}

#[test]
fn events_hold_nothing_of_paths_queries_texts_and_webhooks() {
    let proxy = |more: Value| {
        let mut args =
            json!({ "provider_config_key": "k", "connection_id": "c", "any_path": "crm/v3/contacts" });
        args.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        args
    };
    let webhook = format!("https://hooks.example.com/services/{PLANTED}?x={PLANTED}");
    let mut edit = least(&mut Random::new(5), tools::find("NANGO_EDIT_CONNECTION").unwrap());
    edit["webhook_url_override"] = json!(webhook);
    let policy = json!({ "default": "allow", "rules": [{ "id": "ask", "then": "confirm" }] });
    for (slug, args, kept) in [
        (
            "NANGO_GET_PROXY",
            proxy(json!({ "query_params": { "q": PLANTED, "list": [PLANTED, "x"] } })),
            "crm/v3/contacts",
        ),
        ("NANGO_GET_PROXY", proxy(json!({ "any_path": format!("bot12345:{PLANTED}/getMe") })), "getMe"),
        ("NANGO_PUT_PROXY", proxy(json!({ "body": format!("some text with {PLANTED}") })), "crm/v3/contacts"),
        ("NANGO_PUT_PROXY", proxy(json!({ "body": { "deep": { "token": PLANTED } } })), "crm/v3/contacts"),
        ("NANGO_EDIT_CONNECTION", edit, "hooks.example.com"),
    ] {
        for policy in [None, Some(policy.clone())] {
            let asks = policy.is_some();
            let policy = policy.map(|policy| Policy::from_value(policy).unwrap()).unwrap_or_default();
            let options = Options { policy, ..Options::default() };
            let (outcome, events) = run(options, slug, &args, &answer(200, "{}"));
            assert!(!events.contains(PLANTED) && events.contains(kept), "{slug}: {events}");
            assert!(!events.contains("a-token"), "{events}");
            assert_eq!(outcome.contains("a-token"), asks, "{outcome}");
        }
    }
}

#[test]
fn what_functions_of_the_host_say_is_for_the_host_alone() {
    let mut call = Call::new(Options::default(), "NANGO_LIST_INTEGRATIONS", json!({}), 7);
    assert!(matches!(call.poll(0), Poll::Ask(Ask::Key)));
    call.handle_key(Err("the vault at https://ada:s3cr3t@vault said no"), 0);
    let failure = call.take_failure().unwrap();
    assert_eq!((failure.source, failure.call_id.as_str()), (HostFunction::Key, call.id()));
    assert!(failure.message.contains("s3cr3t") && call.take_failure().is_none());
    let Poll::Done(outcome) = call.poll(0) else { panic!("it has ended") };
    let error = outcome.result.unwrap_err();
    let expected = format!("no valid API key: the reason is in the host's log, under `{}`", call.id());
    assert_eq!((error.kind, error.message), (ErrorKind::Unauthorized, expected));

    let mut call = Call::new(
        Options::default(),
        "NANGO_CREATE_INTEGRATION",
        json!({ "provider": "github", "unique_key": "g" }),
        7,
    );
    call.poll(0);
    call.handle_key(Ok(KEY), 0);
    call.poll(0);
    call.handle_transport_error("connect to 10.0.0.7 with s3cr3t failed", 1);
    assert!(call.take_failure().unwrap().message.contains("10.0.0.7"));
    let events: String = call.take_events().iter().map(|event| event.to_json()).collect();
    let Poll::Done(outcome) = call.poll(1) else { panic!("it has ended") };
    for shown in [events, outcome.to_json(), format!("{outcome:?}")] {
        assert!(!shown.contains("10.0.0.7") && !shown.contains("s3cr3t"), "{shown}");
    }
    let error = outcome.result.unwrap_err();
    let expected =
        format!("the request to Nango failed: the reason is in the host's log, under `{}`", call.id());
    assert_eq!((error.kind, error.message), (ErrorKind::Network, expected));
}

#[test]
fn formatted_options_requests_and_confirmations_hold_no_secret() {
    let given = format!(
        r#"{{"modify":{{"NANGO_GET_PROXY":{{"pin":{{"proxy_headers":{{"X-Api-Key":"{PLANTED}"}}}}}}}},"session":{{"user":"ada"}}}}"#
    );
    let parsed = options::ToolkitOptions::parse(&given).unwrap();
    let built = options::parse(&given).unwrap();
    let call = options::CallOptions::parse(&format!(r#"{{"confirm":"{PLANTED}"}}"#)).unwrap();
    let approval = Approval::Pending(PLANTED);
    let mut shown = vec![format!("{parsed:?} {built:?} {call:?} {approval:?}")];

    let policy = json!({ "default": "allow", "rules": [{ "id": "ask", "then": "confirm" }] });
    let options = Options { policy: Policy::from_value(policy).unwrap(), ..built };
    let args = json!({ "unique_key": PLANTED });
    let mut waiting = Call::new(options.clone(), "NANGO_GET_INTEGRATION", args, 1);
    if let Poll::Ask(Ask::Approval) = waiting.poll(0) {
        waiting.handle_approval(Approval::Pending(PLANTED), 0);
        shown.push(format!("{options:?} {waiting:?} {:?}", options.memory));
    } else {
        panic!("it asks");
    }

    let args = json!({ "provider_config_key": "k", "connection_id": "c", "any_path": format!("bot1:{PLANTED}/getMe") });
    let mut call = Call::new(Options::default(), "NANGO_GET_PROXY", args, 1);
    call.poll(0);
    call.handle_key(Ok(KEY), 0);
    let Poll::Send { request, .. } = call.poll(0) else { panic!("it sends") };
    shown.push(format!("{request:?} {call:?}"));
    for text in shown {
        assert!(!text.contains(PLANTED) && !text.contains(KEY), "{text}");
    }
}
