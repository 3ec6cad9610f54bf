//! A provider's response is returned unchanged: digits of big integers, half surrogate pairs, bytes, charsets, lists of
//! JSON values; in results and over MCP.

use std::sync::Arc;

use crate::common::random::{Random, steady_seed};
use base64ct::{Base64, Encoding};
use nango_toolkit::call::{Ask, Call, Options, Poll};
use nango_toolkit::error::ErrorKind;
use nango_toolkit::http::{BigIntegers, Data, Outcome, Response};
use nango_toolkit::mcp::{Selection, Server, Step, TransportContext, View};
use nango_toolkit::options;
use serde_json::{Value, json};

const KEY: &str = "7b0c9f6e-4a55-4b8e-9d6a-2f1f0f6f5c11";

const ACTION: (&str, &str) =
    ("NANGO_ACTION_TRIGGER_POST", r#"{"action_name":"a","connection_id":"c","provider_config_key":"k"}"#);
const PROXY: (&str, &str) =
    ("NANGO_GET_PROXY", r#"{"provider_config_key":"k","connection_id":"c","any_path":"x"}"#);
const CONNECTION: (&str, &str) =
    ("NANGO_GET_CONNECTION", r#"{"connection_id":"c","provider_config_key":"k"}"#);
const CONNECTIONS: (&str, &str) = ("NANGO_CONNECTION_LIST_GET", "{}");
const METADATA: (&str, &str) =
    ("NANGO_SET_CONNECTION_METADATA", r#"{"connection_id":"c","provider_config_key":"k","metadata":{}}"#);

/// The outcome of a call that is answered with these bytes.
fn outcome(
    options: &Options,
    (tool, args): (&str, &str),
    status: u16,
    content_type: &str,
    body: &[u8],
) -> Outcome {
    let args: Value = serde_json::from_str(args).unwrap();
    let mut call = Call::new(options.clone(), tool, args, 1);
    loop {
        match call.poll(0) {
            Poll::Ask(Ask::Key) => call.handle_key(Ok(KEY), 0),
            Poll::Send { .. } => {
                let headers = vec![("Content-Type".to_owned(), content_type.to_owned())];
                call.handle_bytes(Response { status, headers, body: String::new() }, body, 0);
            }
            Poll::Done(outcome) => return *outcome,
            other => panic!("{other:?}"),
        }
    }
}

fn data(outcome: Outcome) -> Value {
    match outcome.result {
        Ok(Data::Value(value)) => value,
        other => panic!("{other:?}"),
    }
}

fn json(tool: (&str, &str), options: &Options, body: &str) -> Outcome {
    outcome(options, tool, 200, "application/json", body.as_bytes())
}

fn numbers() -> Options {
    options::parse(r#"{"bigIntegers":"number"}"#).unwrap()
}

/// A tool, an answer with `@` instead of an integer, and whether that place has a declared form.
const PLACES: &[((&str, &str), &str, bool)] = &[
    (ACTION, "@", false),
    (ACTION, r#"{"deep":[{"n":@},"é \"@\\",[@]]}"#, false),
    (PROXY, r#"{"id":@}"#, false),
    (PROXY, r#"[@,-1,1.5,"@"]"#, false),
    (METADATA, r#"[{"connection_id":"c","provider_config_key":"k","metadata":{"n":@}}]"#, false),
    (CONNECTION, r#"{"id":1,"connection_id":"c","metadata":{"n":[@]}}"#, false),
    (CONNECTION, r#"{"id":@,"connection_id":"c"}"#, true),
    (CONNECTIONS, r#"{"connections":[{"id":@,"connection_id":"c"}]}"#, true),
];

/// An integer beyond 2^53 of up to forty digits.
fn big(random: &mut Random) -> String {
    let mut digits = String::from("9");
    for _ in 0..16 + random.below(24) {
        digits.push(random.one(&['0', '1', '5', '9']));
    }
    if random.one_in(3) { format!("-{digits}") } else { digits }
}

#[test]
fn integers_keep_their_digits() {
    let mut random = Random::new(steady_seed());
    let drawn: Vec<String> = (0..300).map(|_| big(&mut random)).collect();
    let edges = ["9007199254740993", "-9007199254740993", "18446744073709551615", "18446744073709551616"];
    for number in edges.into_iter().chain(drawn.iter().map(String::as_str)) {
        for (tool, answer, declared) in PLACES {
            let body = answer.replace('@', number);
            let was: Value = serde_json::from_str(&body).unwrap();
            let found = json(*tool, &Options::default(), &body);
            // In the text for models they are unchanged.
            let exact: &serde_json::value::RawValue =
                serde_json::from_str(found.exact.as_deref().unwrap()).unwrap();
            assert_eq!(exact.get(), body, "{}", tool.0);
            assert!(found.to_exact_json().contains(&body));
            let quoted =
                answer.replace("\"@", "\"#").replace('@', &format!("\"{number}\"")).replace('#', number);
            let right = if *declared { was.clone() } else { serde_json::from_str(&quoted).unwrap() };
            assert_eq!(data(found), right, "{}: {body}", tool.0);
            assert_eq!(data(json(*tool, &numbers(), &body)), was, "{}: {body}", tool.0);
        }
    }
}

#[test]
fn what_a_number_can_hold_stays_a_number() {
    for number in
        ["0", "-1", "9007199254740992", "-9007199254740992", "1.5", "1e20", "0.12345678901234567890123"]
    {
        for (tool, answer, _) in PLACES {
            let body = answer.replace('@', number);
            let found = json(*tool, &Options::default(), &body);
            assert_eq!(found.exact, None, "{body}");
            assert_eq!(data(found), serde_json::from_str::<Value>(&body).unwrap(), "{body}");
        }
    }
    // Beyond the range of a double there is no number.
    assert_eq!(data(json(PROXY, &Options::default(), "[1e400]")), json!(["1e400"]));
}

#[test]
fn secrets_stay_masked_where_digits_are_kept() {
    let body = r#"{"connection_id":"c","credentials":{"type":"API_KEY","apiKey":12345678901234567890},"metadata":{"n":12345678901234567890}}"#;
    let found = json(CONNECTION, &Options::default(), body);
    let exact = found.to_exact_json();
    assert!(
        exact.contains(r#""apiKey":"[redacted: api_key]""#)
            && exact.contains(r#"{"n":12345678901234567890}"#)
    );
    assert_eq!(exact.matches("12345678901234567890").count(), 1, "{exact}");
}

#[test]
fn a_session_says_how_integers_stand() {
    let session = |text: &str| options::parse(text).unwrap();
    for (text, right) in [
        (r#"{}"#, BigIntegers::String),
        (r#"{"bigIntegers":"number"}"#, BigIntegers::Number),
        (r#"{"bigIntegers":null}"#, BigIntegers::String),
        (r#"{"session":{"user":"ada","bigIntegers":"number"}}"#, BigIntegers::Number),
        (r#"{"bigIntegers":"number","session":{"user":"ada"}}"#, BigIntegers::Number),
        (r#"{"bigIntegers":"number","session":{"user":"ada","bigIntegers":"string"}}"#, BigIntegers::String),
    ] {
        let options = session(text);
        let own = options.session.as_ref().and_then(|session| session.options().big_integers);
        assert_eq!(own.unwrap_or(options.big_integers), right, "{text}");
    }
    for text in [
        r#"{"bigIntegers":"text"}"#,
        r#"{"bigIntegers":true}"#,
        r#"{"session":{"user":"a","bigIntegers":1}}"#,
    ] {
        let error = options::parse(text).unwrap_err();
        assert!(error.to_string().contains("expected one of `string`, `number`"), "{error}");
    }
}

#[test]
fn errors_keep_digits_too() {
    let body = r#"{"message":"no","ids":[12345678901234567890]}"#;
    let error =
        outcome(&Options::default(), PROXY, 400, "application/json", body.as_bytes()).result.unwrap_err();
    assert_eq!(error.details.unwrap()["body"]["ids"], json!(["12345678901234567890"]));
}

#[test]
fn half_surrogate_pairs_become_u_fffd() {
    for (written, right) in [
        (r"a\ud83d", "a\u{fffd}"),
        (r"\ude00\ud83d\ude00", "\u{fffd}😀"),
        (r"\\ud83d\ud83d", "\\ud83d\u{fffd}"),
    ] {
        let body = format!(r#"{{"{written}":["{written}"]}}"#);
        assert_eq!(data(json(PROXY, &Options::default(), &body)), json!({ right: [right] }));
        let error =
            outcome(&Options::default(), PROXY, 400, "application/json", body.as_bytes()).result.unwrap_err();
        assert_eq!(error.details.unwrap()["body"], json!({ right: [right] }));
    }
}

#[test]
fn bytes_are_base64_with_their_media_type_and_size() {
    let mut random = Random::new(steady_seed());
    for content_type in
        ["image/png", "application/pdf", "application/octet-stream", "text/plain; charset=shift_jis"]
    {
        for size in [1, 2, 3, 1000] {
            let bytes: Vec<u8> = (0..size).map(|_| random.below(256) as u8).collect();
            let found = data(outcome(&Options::default(), PROXY, 200, content_type, &bytes));
            assert_eq!(
                (found["mediaType"].as_str(), found["size"].as_u64()),
                (Some(content_type), Some(size))
            );
            assert_eq!(Base64::decode_vec(found["base64"].as_str().unwrap()).unwrap(), bytes);
            assert_eq!(found.as_object().unwrap().len(), 3);
        }
        assert_eq!(data(outcome(&Options::default(), PROXY, 200, content_type, b"")), Value::Null);
    }
    // An error has a status and no bytes; without the proxy, binary data is not an answer of Nango.
    let error = outcome(&Options::default(), PROXY, 404, "image/png", b"\x89PNG\xff").result.unwrap_err();
    assert_eq!((error.kind, error.status), (ErrorKind::Provider, Some(404)));
    let error =
        outcome(&Options::default(), CONNECTION, 200, "image/png", b"\x89PNG\xff").result.unwrap_err();
    assert_eq!(error.kind, ErrorKind::InvalidResponse);
}

#[test]
fn text_is_read_in_its_charset() {
    let utf_16: Vec<u8> = "é€".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (content_type, bytes, right) in [
        ("text/csv; charset=utf-8", "é€".as_bytes(), json!("é€")),
        ("text/csv; charset=ISO-8859-1", b"\xe9\x80", json!("é€")),
        ("text/plain; charset=utf-16le", &utf_16, json!("é€")),
        ("application/json; charset=windows-1252", b"{\"a\":\"\xe9\"}", json!({ "a": "é" })),
    ] {
        assert_eq!(
            data(outcome(&Options::default(), PROXY, 200, content_type, bytes)),
            right,
            "{content_type}"
        );
    }
}

#[test]
fn json_values_one_after_another_are_a_list() {
    for content_type in [
        "application/x-ndjson",
        "application/jsonl; charset=utf-8",
        "application/jsonlines",
        "application/json-seq",
    ] {
        for (body, right) in [
            ("{\"a\":1}\n", json!([{ "a": 1 }])),
            ("{\"a\":1}\r\n\n[2]\n", json!([{ "a": 1 }, [2]])),
            ("\u{1e}{\"a\":1}\n\u{1e}12345678901234567890\n", json!([{ "a": 1 }, "12345678901234567890"])),
            ("", json!([])),
            ("{\"a\":1}\nnot JSON\n", json!("{\"a\":1}\nnot JSON\n")),
        ] {
            let found = outcome(&Options::default(), PROXY, 200, content_type, body.as_bytes());
            assert_eq!(data(found), right, "{content_type}: {body}");
        }
    }
}

fn view(options: &str) -> View {
    let server = Arc::new(Server::from_json(options).unwrap());
    View::of_options(&server, &Options::default(), &Selection::default()).unwrap()
}

/// The result over MCP of a call that ends like this.
fn result(view: &View, tool: (&str, &str), outcome: &Outcome) -> Value {
    let message = format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"{}","arguments":{}}}}}"#,
        tool.0, tool.1
    );
    let Step::Call(call) = view.read(&TransportContext::stdio(), &message) else { panic!("it is a call") };
    let reply = view.finish_outcome(&call.head, tool.0, outcome);
    serde_json::from_str::<Value>(&reply.body).unwrap()["result"].take()
}

#[test]
fn over_mcp_text_has_all_digits() {
    let (server, body) = (view("{}"), r#"{"id":12345678901234567890123,"s":"é\ud83d"}"#);
    let found = result(&server, PROXY, &json(PROXY, &Options::default(), body));
    let text = found["content"][0]["text"].as_str().unwrap();
    assert!(text.contains("\"data\":{\"id\":12345678901234567890123,\"s\":\"é\u{fffd}\"}"), "{text}");
    assert_eq!(
        found["structuredContent"]["data"],
        json!({ "id": "12345678901234567890123", "s": "é\u{fffd}" })
    );
    // In truncated results, too.
    let long = format!(r#"{{"ids":[{}1]}}"#, "12345678901234567890123,".repeat(400));
    let found = result(&view(r#"{"maxResultBytes":1000}"#), PROXY, &json(PROXY, &Options::default(), &long));
    assert!(found["content"][0]["text"].as_str().unwrap().contains("[12345678901234567890123,"));
    assert_eq!(found["structuredContent"]["data"]["ids"][0], "12345678901234567890123");
    // A host's own text is unchanged.
    let head = match server.read(
        &TransportContext::stdio(),
        r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"NANGO_GET_PROXY"}}"#,
    ) {
        Step::Call(call) => call.head,
        other => panic!("{other:?}"),
    };
    let own =
        r#"{"content":[{"type":"text","text":"\ud83d"}],"structuredContent":{"n":12345678901234567890123}}"#;
    let reply = server.finish(&head, "own", own).body;
    assert!(
        reply.contains("\"text\":\"\u{fffd}\"") && reply.contains("{\"n\":12345678901234567890123}"),
        "{reply}"
    );
}

#[test]
fn over_mcp_images_and_audio_are_content() {
    let image = |media: &str, size: usize| outcome(&Options::default(), PROXY, 200, media, &vec![7; size]);
    for (media, kind) in [("image/png", "image"), ("audio/mpeg; rate=1", "audio")] {
        let found = result(&view("{}"), PROXY, &image(media, 300));
        let essence = media.split(';').next().unwrap();
        let content = &found["content"][0];
        assert_eq!((content["type"].as_str(), content["mimeType"].as_str()), (Some(kind), Some(essence)));
        assert_eq!(Base64::decode_vec(content["data"].as_str().unwrap()).unwrap(), vec![7; 300]);
        assert_eq!(found["structuredContent"]["data"], json!({ "mediaType": media, "size": 300 }));
        assert_eq!(found["content"][1]["text"], found["structuredContent"].to_string());
    }
    let found = result(&view("{}"), PROXY, &image("application/pdf", 300));
    assert_eq!(found["structuredContent"]["data"]["size"], 300);
    assert!(found["structuredContent"]["data"]["base64"].is_string());
    // Too long: a part of it would be useless.
    for media in ["image/png", "application/pdf"] {
        let found = result(&view(r#"{"maxResultBytes":1000}"#), PROXY, &image(media, 3000));
        assert_eq!(found["structuredContent"]["data"], json!({ "mediaType": media, "size": 3000 }));
        let note = found["content"][1]["text"].as_str().unwrap();
        assert!(
            note.contains(&format!("3000 bytes of {media}, in base64 4000, and 1000 are allowed")),
            "{note}"
        );
    }
    // Data that only looks like it is ordinary data.
    for odd in [
        json!({ "mediaType": "image/png", "size": 3, "base64": "?" }),
        json!({ "mediaType": "image/png", "size": 1, "base64": "AAAA" }),
    ] {
        let found = result(&view("{}"), PROXY, &json(PROXY, &Options::default(), &odd.to_string()));
        assert_eq!(
            (found["content"][0]["type"].as_str(), &found["structuredContent"]["data"]),
            (Some("text"), &odd)
        );
    }
}

#[test]
fn results_over_mcp_are_bounded_in_bytes_and_say_what_narrows_them() {
    let server = view(r#"{"maxResultBytes":2000}"#);
    for (tool, narrowing) in [
        (PROXY, "narrow it with any_path, query_params."),
        (ACTION, "narrow it with input."),
        (CONNECTIONS, "narrow it with search, limit, page"),
    ] {
        for one in ["a", "é", "漢", "😀", "\u{1}"] {
            let body =
                json!({ "connections": vec![json!({ "connection_id": one.repeat(50) }); 200] }).to_string();
            let found = result(&server, tool, &json(tool, &Options::default(), &body));
            let text = found["content"][0]["text"].as_str().unwrap();
            assert!(
                text.len() <= 2000 && found["structuredContent"].to_string().len() <= 2000,
                "{one}: {}",
                text.len()
            );
            let note = found["content"][1]["text"].as_str().unwrap();
            assert!(note.contains(narrowing), "{note}");
        }
        // A result of exactly the maximum size is not truncated.
        let whole = json(tool, &Options::default(), r#"{"connections":["é"]}"#);
        let most = whole.to_json().len().max(1000);
        let exact = view(&json!({ "maxResultBytes": most }).to_string());
        assert!(result(&exact, tool, &whole)["content"][1].is_null());
    }
}
