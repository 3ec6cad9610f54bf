//! Numbers in values that pass through unchanged are sent with their original digits, wherever an
//! argument is sent to; text that is not JSON is reported as such.

use std::sync::Arc;

use crate::common::random::Random;
use nango_toolkit::call::{Ask, Call, Options, Poll};
use nango_toolkit::error::{Error, ErrorKind};
use nango_toolkit::http::Request;
use nango_toolkit::mcp::{Plan, Selection, Server, Step, TransportContext, View};
use nango_toolkit::modify::Modifiers;
use nango_toolkit::schema::{Allow, Arguments, Provider};
use serde_json::{Value, json};

const KEY: &str = "7b0c9f6e-4a55-4b8e-9d6a-2f1f0f6f5c11";

/// A tool and its arguments, with `@` instead of a number, and the part of the request that must contain it.
const PLACES: &[(&str, &str, &str)] = &[
    (
        "NANGO_ACTION_TRIGGER_POST",
        r#"{"action_name":"a","connection_id":"c","provider_config_key":"k","input":@}"#,
        r#""input":@}"#,
    ),
    (
        "NANGO_ACTION_TRIGGER_POST",
        r#"{"action_name":"a","connection_id":"c","provider_config_key":"k","input":{"deep":[{"n":@},"é"]}}"#,
        r#""input":{"deep":[{"n":@},"é"]}}"#,
    ),
    (
        "NANGO_SET_CONNECTION_METADATA",
        r#"{"connection_id":"c","provider_config_key":"k","metadata":{"n":@}}"#,
        r#""metadata":{"n":@}"#,
    ),
    (
        "NANGO_UPDATE_CONNECTION_METADATA",
        r#"{"connection_id":["c","d"],"provider_config_key":"k","metadata":{"n":[@]}}"#,
        r#""metadata":{"n":[@]}"#,
    ),
    (
        "NANGO_ADD_CONNECTION",
        r#"{"provider_config_key":"k","credentials":{"type":"NONE"},"connection_config":{"n":@}}"#,
        r#""connection_config":{"n":@}"#,
    ),
    (
        "NANGO_CREATE_CONNECT_SESSION",
        r#"{"tags":{"a":"b"},"integrations_config_defaults":{"hubspot":{"connection_config":{"n":@}}}}"#,
        r#""connection_config":{"n":@}"#,
    ),
    (
        "NANGO_PUT_PROXY",
        r#"{"provider_config_key":"k","connection_id":"c","any_path":"x","body":{"n":@}}"#,
        r#"{"n":@}"#,
    ),
    (
        "NANGO_PUT_PROXY",
        r#"{"provider_config_key":"k","connection_id":"c","any_path":"x","body":[ @ ]}"#,
        "[@]",
    ),
    (
        "NANGO_GET_PROXY",
        r#"{"provider_config_key":"k","connection_id":"c","any_path":"x","query_params":{"n":@}}"#,
        "?n=@",
    ),
    (
        "NANGO_GET_PROXY",
        r#"{"provider_config_key":"k","connection_id":"c","any_path":"x","query_params":{"n":["a",@,true]}}"#,
        "?n=a&n=@&n=true",
    ),
];

const NUMBERS: &[&str] = &[
    "0",
    "-0",
    "0.0",
    "-0.0",
    "1.0",
    "1.00000000000000000001",
    "9007199254740993",
    "18446744073709551615",
    "18446744073709551616",
    "-9223372036854775809",
    "1234567890123456789012345678901234567890",
    "1e2",
    "1E-2",
    "1.50e+3",
    "0.1000",
    "1e308",
    "1e-400",
    "123456789012345678901234567890.123456789012345678901234567890e-30",
];

/// A number of any form that JSON allows and 64 bits can approximately represent.
fn number(random: &mut Random) -> String {
    let digits = |random: &mut Random, most: usize| -> String {
        (0..1 + random.below(most))
            .map(|_| char::from(b'0' + u8::try_from(random.below(10)).unwrap()))
            .collect()
    };
    let mut out = if random.below(2) == 0 { "-".to_owned() } else { String::new() };
    let whole = digits(random, 40);
    out.push_str(if whole.starts_with('0') { "0" } else { &whole });
    if random.below(2) == 0 {
        out.push('.');
        out.push_str(&digits(random, 40));
    }
    if random.below(3) == 0 {
        out.push_str(["e", "E", "e+", "E-", "e-"][random.below(5)]);
        out.push_str(&digits(random, 2));
    }
    out
}

fn send(options: Options, tool: &str, args: impl Into<Arguments>) -> Result<Request, Error> {
    let mut call = Call::new(options, tool, args, 1);
    loop {
        match call.poll(0) {
            Poll::Ask(Ask::Key) => call.handle_key(Ok(KEY), 0),
            Poll::Send { request, .. } => return Ok(request),
            Poll::Done(outcome) => return Err(outcome.result.unwrap_err()),
            other => panic!("{other:?}"),
        }
    }
}

/// The part of the URL or the body that contains the number.
fn holds(request: &Request, sent: &str) -> bool {
    match &request.body {
        Some(body) => body.contains(sent),
        None => request.url.ends_with(&sent.replace('+', "%2B")),
    }
}

#[test]
fn digits_are_sent_as_they_were_written() {
    let mut random = Random::new(14);
    let drawn: Vec<String> = (0..500).map(|_| number(&mut random)).collect();
    for number in NUMBERS.iter().copied().chain(drawn.iter().map(String::as_str)) {
        for (tool, args, sent) in PLACES {
            let (args, sent) = (args.replace('@', number), sent.replace('@', number));
            // As text, as JSON text of that text, and as a value that is that text.
            let quoted = Value::from(args.as_str()).to_string();
            for args in [
                Arguments::from_text(&args),
                Arguments::from_text(&quoted),
                Arguments::from(Value::from(args.as_str())),
            ] {
                let request = send(Options::default(), tool, args).unwrap_or_else(|e| panic!("{sent}: {e}"));
                assert!(holds(&request, &sent), "{tool}: {sent} in {request:?} {:?}", request.body);
            }
        }
    }
}

#[test]
fn json_text_within_arguments_keeps_its_digits() {
    let args = json!({ "connection_id": "c", "provider_config_key": "k", "metadata": "{\"n\":1.00000000000000000001}" });
    for args in [Arguments::from(args.clone()), Arguments::from_text(&args.to_string())] {
        let request = send(Options::default(), "NANGO_SET_CONNECTION_METADATA", args).unwrap();
        assert!(request.body.unwrap().contains(r#""metadata":{"n":1.00000000000000000001}"#));
    }
    // Strict mode gives free-form values as strings.
    let options = Options { provider: Some(Provider::OpenAiStrict), ..Options::default() };
    let args = json!({
        "action_name": "a", "connection_id": "c", "provider_config_key": "k", "input": "12345678901234567890123",
    });
    for args in [Arguments::from(args.clone()), Arguments::from_text(&args.to_string())] {
        let request = send(options.clone(), "NANGO_ACTION_TRIGGER_POST", args).unwrap();
        assert!(request.body.unwrap().contains(r#""input":12345678901234567890123}"#));
    }
}

/// The same in the dialect of strict providers: lists of entries, and strings that contain JSON.
const PROVIDER_PLACES: &[(&str, &str, &str)] = &[
    (
        "NANGO_GET_PROXY",
        r#"{"provider_config_key":"k","connection_id":"c","any_path":"x","query_params":[{"key":"n","value":@}]}"#,
        "?n=@",
    ),
    (
        "NANGO_GET_PROXY",
        r#"{"provider_config_key":"k","connection_id":"c","any_path":"x","query_params":[{"key":"n","value":["a",@]}]}"#,
        "?n=a&n=@",
    ),
    (
        "NANGO_ACTION_TRIGGER_POST",
        r#"{"action_name":"a","connection_id":"c","provider_config_key":"k","input":"{\"deep\":[@]}"}"#,
        r#""input":{"deep":[@]}}"#,
    ),
    (
        "NANGO_ADD_CONNECTION",
        r#"{"provider_config_key":"k","credentials":{"type":"NONE"},"connection_config":{"other_properties":"{\"n\":@}"}}"#,
        r#""connection_config":{"n":@}"#,
    ),
    (
        "NANGO_CREATE_CONNECT_SESSION",
        r#"{"tags":[{"key":"a","value":"b"}],"integrations_config_defaults":[{"key":"hubspot","value":{"connection_config":{"other_properties":"{\"n\":@}"}}}]}"#,
        r#""connection_config":{"n":@}"#,
    ),
];

#[test]
fn digits_survive_the_form_of_providers() {
    let mut random = Random::new(16);
    let drawn: Vec<String> = (0..300).map(|_| number(&mut random)).collect();
    for provider in [Provider::OpenAiStrict, Provider::Gemini] {
        let options = Options { provider: Some(provider), ..Options::default() };
        for number in NUMBERS.iter().copied().chain(drawn.iter().map(String::as_str)) {
            for (tool, args, sent) in PROVIDER_PLACES {
                let (args, sent) = (args.replace('@', number), sent.replace('@', number));
                for args in [
                    Arguments::from_text(&args),
                    Arguments::from_text(&Value::from(args.as_str()).to_string()),
                ] {
                    let request = send(options.clone(), tool, args).unwrap_or_else(|e| panic!("{sent}: {e}"));
                    assert!(holds(&request, &sent), "{tool}: {sent} in {request:?} {:?}", request.body);
                }
            }
        }
    }
}

#[test]
fn the_token_that_confirms_a_call_leaves_the_others_as_they_are() {
    let server = Server::from_json(r#"{"confirm":"model"}"#).unwrap();
    let view = View::of_options(&Arc::new(server), &Options::default(), &Selection::default()).unwrap();
    for number in NUMBERS {
        for (tool, args, _) in PLACES {
            let args = args.replace('@', number);
            let given = args.replacen('{', r#"{"confirmation_token":"t\u0031","#, 1);
            let params = format!(r#"{{"name":"{tool}","arguments":{given}}}"#);
            let message = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{params}}}"#);
            let Step::Call(call) = view.read(&TransportContext::stdio(), &message) else {
                panic!("{message}")
            };
            let Plan::Run { arguments, confirm, .. } = view.plan(&call) else { panic!("{message}") };
            assert_eq!((arguments.get(), confirm.as_deref()), (args.as_str(), Some("t1")));
        }
    }
}

#[test]
fn arguments_have_one_text_with_all_digits() {
    for number in NUMBERS {
        for (_, args, _) in PLACES {
            let args = args.replace('@', number);
            let spaced = args.replace(':', " :\n ").replace("[ ", "[");
            let compact = args.replace("[ ", "[").replace(" ]", "]");
            assert_eq!(Arguments::from_text(&spaced).to_text(), compact);
            assert_eq!(Arguments::from_text(&Value::from(spaced.as_str()).to_string()).to_text(), compact);
        }
    }
    // A string that contains JSON is a string.
    let text = r#"{"metadata":"{\"n\":1e2}","n":"5"}"#;
    assert_eq!(Arguments::from_text(text).to_text(), text);
}

#[test]
fn half_a_surrogate_pair_is_u_fffd() {
    let args = |text: &str| {
        format!(
            r#"{{"action_name":"a","connection_id":"c","provider_config_key":"k","input":{{"{text}":["{text}"]}}}}"#
        )
    };
    for (written, sent) in [
        (r"hi \ud83d", r"hi \ufffd"),
        (r"\ude00\uD83D", r"\ufffd\ufffd"),
        (r"\ud83d\ude00", r"\ud83d\ude00"),
        (r"\\ud83d", r"\\ud83d"),
    ] {
        let text = args(written);
        for args in [
            Arguments::from_text(&text),
            Arguments::from_text(&Value::from(text.as_str()).to_string()),
            Arguments::from(Value::from(text.as_str())),
        ] {
            let request = send(Options::default(), "NANGO_ACTION_TRIGGER_POST", args).unwrap();
            let body: Value = serde_json::from_str(&request.body.unwrap()).unwrap();
            let right: String = serde_json::from_str(&format!("\"{sent}\"")).unwrap();
            assert_eq!(body["input"], json!({ right.clone(): [right] }), "{written}");
        }
    }
}

#[test]
fn objects_given_as_json_text_are_objects() {
    for (tool, args, name) in [
        (
            "NANGO_ACTION_TRIGGER_POST",
            r#"{"action_name":"a","connection_id":"c","provider_config_key":"k"}"#,
            "input",
        ),
        ("NANGO_PUT_PROXY", r#"{"provider_config_key":"k","connection_id":"c","any_path":"x"}"#, "body"),
    ] {
        let sent = |value: Value| {
            let mut args: Value = serde_json::from_str(args).unwrap();
            args[name] = value;
            let body = send(Options::default(), tool, Arguments::from_text(&args.to_string()))
                .map(|r| r.body.unwrap());
            let body = body.map_err(|error| error.issues[0].code.to_string());
            body.map(|body| match body.split_once("\"input\":") {
                Some((_, input)) => input.strip_suffix('}').unwrap().to_owned(),
                None => body,
            })
        };
        let object = r#"{"a":[12345678901234567890123,{}]}"#;
        assert_eq!(sent(Value::from(object)).unwrap(), object);
        assert_eq!(sent(Value::from(" {}\n")).unwrap(), "{}");
        // Other strings are strings, also those that begin like an object but are not valid.
        for text in ["{", "{a}", "5", "[1]", "plain"] {
            let right = if name == "body" { text.to_owned() } else { Value::from(text).to_string() };
            assert_eq!(sent(Value::from(text)).unwrap(), right);
        }
        for scalar in [json!(5), json!(true)] {
            match name {
                "body" => assert_eq!(sent(scalar).unwrap_err(), "invalid_type"),
                _ => assert_eq!(sent(scalar.clone()).unwrap(), scalar.to_string()),
            }
        }
    }
}

#[test]
fn whole_numbers_may_be_written_with_an_exponent() {
    for number in ["100", "1e2", "1E+2", "100.0", "10.0e1"] {
        let args = Arguments::from_text(&format!("{{\"limit\":{number}}}"));
        let request = send(Options::default(), "NANGO_CONNECTION_LIST_GET", args).unwrap();
        assert!(request.url.ends_with("?limit=100"), "{number}: {}", request.url);
    }
    for number in ["1.5", "1e-2", "1e20"] {
        let args = Arguments::from_text(&format!("{{\"limit\":{number}}}"));
        let error = send(Options::default(), "NANGO_CONNECTION_LIST_GET", args).unwrap_err();
        assert_eq!(error.issues[0].code, "invalid_type", "{number}");
    }
}

/// Unreadable arguments of a tool are an issue of that call, under its own id.
#[test]
fn over_mcp_unreadable_arguments_are_told_of_their_own_call() {
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(500), "]".repeat(500));
    let server = Arc::new(Server::from_json("{}").unwrap());
    let view = View::of_options(&server, &Options::default(), &Selection::default()).unwrap();
    for (args, says) in [
        ("{\"limit\":1e400}", "out of range"),
        (deep.as_str(), "recursion limit"),
        ("{\"search\":\"\\ud83d\"}", ""),
    ] {
        for (id, head) in [("7", TransportContext::stdio()), ("\"x\"", http())] {
            let params = format!(r#"{{"name":"NANGO_CONNECTION_LIST_GET","arguments":{args}}}"#);
            let message = format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"tools/call","params":{params}}}"#);
            let Step::Call(call) = view.read(&head, &message) else { panic!("{message}") };
            assert_eq!(call.head.id.get(), id);
            let Plan::Run { arguments, .. } = view.plan(&call) else { panic!("{message}") };
            match send(Options::default(), &call.name, Arguments::from_text(arguments.get())) {
                Ok(request) => {
                    assert!(says.is_empty() && request.url.ends_with("?search=%EF%BF%BD"), "{}", request.url)
                }
                Err(error) => {
                    assert_eq!(
                        (error.kind, &*error.issues[0].code),
                        (ErrorKind::InvalidArguments, "invalid_json")
                    );
                    assert!(error.message.contains(says), "{error}");
                }
            }
            // An unknown tool is a protocol error under the same id.
            let message =
                format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"tools/list","params":{{"_meta":{args}}}}}"#);
            let Step::Reply(reply) = view.read(&head, &message) else { panic!("{message}") };
            let reply: Value = serde_json::from_str(&reply.body).unwrap();
            assert_eq!(reply["id"].to_string(), id);
            assert_eq!(reply["error"].is_null(), says.is_empty(), "{reply}");
        }
    }
    let Step::Reply(reply) = view.read(&TransportContext::stdio(), "{\"id\":1") else {
        panic!("it is not JSON")
    };
    assert!(reply.body.starts_with(r#"{"jsonrpc":"2.0","id":null,"error":{"code":-32700"#), "{}", reply.body);
}

fn http() -> TransportContext {
    TransportContext { content_type: "application/json".into(), ..TransportContext::default() }
}

#[test]
fn what_was_changed_on_the_way_is_sent_as_changed() {
    // A pinned argument.
    let pins = json!({ "NANGO_SET_CONNECTION_METADATA": { "default": { "metadata": { "n": 1 } } } });
    let modify = Modifiers::new(&pins, &Allow::default()).unwrap();
    let options = Options { modify: Some(modify.into()), ..Options::default() };
    let text = r#"{ "connection_id": "c", "provider_config_key": "k", "metadata": null }"#;
    let request = send(options, "NANGO_SET_CONNECTION_METADATA", Arguments::from_text(text)).unwrap();
    assert!(request.body.unwrap().contains(r#""metadata":{"n":1}"#));
    // A repaired argument.
    let text = r#"{ "connection_id": "c", "provider_config_key": "k", "metadata": {}, "limit": 5 }"#;
    let text = text.replace(", \"limit\": 5", "");
    let request =
        send(Options::default(), "NANGO_SET_CONNECTION_METADATA", Arguments::from_text(&text)).unwrap();
    assert!(request.body.unwrap().contains(r#""metadata":{}"#));
    let text = r#"{ "tags": { "a": 5, "b" : "c" } }"#;
    let request =
        send(Options::default(), "NANGO_CREATE_CONNECT_SESSION", Arguments::from_text(text)).unwrap();
    assert_eq!(request.body.unwrap(), r#"{"tags":{"a":"5","b":"c"}}"#);
    // A session's own tags.
    let ada = nango_toolkit::session::SessionOptions { user: "ada".into(), ..Default::default() };
    let session = nango_toolkit::session::Session::new(ada).unwrap();
    let options = Options { session: Some(session), ..Options::default() };
    let text = r#"{ "tags": { "plan" : "pro" } }"#;
    let request = send(options, "NANGO_CREATE_CONNECT_SESSION", Arguments::from_text(text)).unwrap();
    assert_eq!(request.body.unwrap(), r#"{"tags":{"plan":"pro","end_user_id":"ada"}}"#);
}

/// A confirmation is valid for the same digits in any layout, and for no others.
#[test]
fn an_approval_is_bound_to_the_digits() {
    let ask = json!({ "default": "allow", "rules": [{ "id": "ask", "then": "confirm" }] });
    let policy = nango_toolkit::policy::Policy::from_value(ask).unwrap();
    let options = Options { policy, ..Options::default() };
    let args =
        |n: &str| format!(r#"{{"connection_id":"c","provider_config_key":"k","metadata":{{ "n" : {n} }}}}"#);
    let first = args("1.00000000000000000001");
    let mut call =
        Call::new(options.clone(), "NANGO_SET_CONNECTION_METADATA", Arguments::from_text(&first), 1);
    while !matches!(call.poll(0), Poll::Ask(Ask::Approval)) {
        let Poll::Ask(Ask::Key) = call.poll(0) else { panic!("{call:?}") };
        call.handle_key(Ok(KEY), 0);
    }
    call.handle_approval(nango_toolkit::call::Approval::Pending("a-token-drawn-at-random"), 0);
    let confirmed = Options { confirm: Some("a-token-drawn-at-random".into()), ..options };
    let tool = "NANGO_SET_CONNECTION_METADATA";
    for (text, good) in [(args("1.00000000000000000002"), false), (first.replace(" : ", ":"), true)] {
        let mut call = Call::new(confirmed.clone(), tool, Arguments::from_text(&text), 2);
        assert_eq!(matches!(call.poll(0), Poll::Ask(Ask::Key)), good, "{text}");
    }
}

#[test]
fn a_name_that_stands_twice_is_sent_once() {
    let text = r#"{ "connection_id": "c", "provider_config_key": "k", "metadata": { "n": 1.0, "n": 2.0 } }"#;
    let request =
        send(Options::default(), "NANGO_SET_CONNECTION_METADATA", Arguments::from_text(text)).unwrap();
    assert!(request.body.unwrap().contains(r#""metadata":{"n":2.0}"#));
}

#[test]
fn text_that_is_no_json_is_reported_as_such() {
    for (text, place) in [
        ("{\"limit\":1e400}", "at line 1 column"),
        ("{\n\"limit\": nope}", "at line 2 column 11"),
        ("{\"limit\":", "at line 1 column 9"),
        ("hello", "at line 1 column 1"),
        ("{\"a\":1} {}", "at line 1 column 9"),
    ] {
        for args in [Arguments::from_text(text), Arguments::from(Value::from(text))] {
            let error = send(Options::default(), "NANGO_CONNECTION_LIST_GET", args).unwrap_err();
            assert_eq!((error.kind, error.issues.len()), (ErrorKind::InvalidArguments, 1), "{text}");
            let issue = &error.issues[0];
            assert_eq!((&*issue.code, issue.path.len()), ("invalid_json", 0));
            assert!(issue.message.starts_with("the arguments are not valid JSON: "), "{}", issue.message);
            assert!(issue.message.contains(place), "{text}: {}", issue.message);
            assert!(!error.message.contains("got a string"), "{}", error.message);
        }
    }
}

#[test]
fn no_text_is_no_arguments() {
    for text in ["", " \n", "null", "\"\"", "{}", "\"{}\""] {
        let request =
            send(Options::default(), "NANGO_CONNECTION_LIST_GET", Arguments::from_text(text)).unwrap();
        assert_eq!(request.url, "https://api.nango.dev/connections", "{text:?}");
    }
    for text in ["5", "[]", "true"] {
        let args = Arguments::from_text(text);
        let error = send(Options::default(), "NANGO_CONNECTION_LIST_GET", args).unwrap_err();
        assert_eq!(error.issues[0].code, "invalid_type", "{text:?}");
    }
}
