//! Calls as `pkg/transport.js` drives them, step by step: texts in, one text out.

use js_sys::JSON;
use nango_toolkit::js::run::{Toolkit, events, held, step};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::host::{KEY, NOW, answer, get, result, sent, shown, start, text, toolkit};

const LIST: &str = "NANGO_LIST_INTEGRATIONS";
const GET: &str = "NANGO_GET_CONNECTION";
const ADA: &str = r#"{"connection_id":"a","provider_config_key":"b"}"#;

fn wait(said: &str) -> f64 {
    said.strip_prefix('W').and_then(|until| until.parse().ok()).unwrap_or_else(|| panic!("no wait: {said}"))
}

#[wasm_bindgen_test]
fn sends_one_request_with_the_key_and_lets_the_host_hold_the_body() {
    let said = start(&toolkit("{}"), 0, LIST, "{}");
    let request = sent(&said);
    assert_eq!(
        (request.method.as_str(), request.url.as_str()),
        ("GET", "https://api.nango.dev/integrations")
    );
    assert_eq!(request.header("authorization"), format!("Bearer {KEY}"));
    assert_eq!(said.matches(KEY).count(), 1);
    assert_eq!((request.tool.as_str(), request.attempts.as_str()), (LIST, "1"));
    assert!(request.id.starts_with("call_") && request.until > NOW && request.body.is_none() && request.hold);
    held(0, 200, "", NOW);
    assert_eq!(answer(0, 200, "{}"), "", "the call has ended");
}

#[wasm_bindgen_test]
fn sends_a_body_of_any_text() {
    let body = "line\nline\u{0}ü😀";
    let args = format!(
        r#"{{"connection_id":"a","provider_config_key":"b","any_path":"x","body":{}}}"#,
        String::from(JSON::stringify(&body.into()).unwrap())
    );
    let request = sent(&start(&toolkit("{}"), 0, "NANGO_PUT_PROXY", &args));
    assert_eq!(request.body.as_deref(), Some(body));
    assert_eq!(request.method, "PUT");
    assert_eq!(request.header("content-type"), "text/plain");
}

#[wasm_bindgen_test]
fn masks_secrets_before_anyone_sees_them() {
    let body = r#"{"connection_id":"a","provider_config_key":"b","credentials":{"type":"OAUTH2","access_token":"hunter2-hunter2"}}"#;
    assert!(!sent(&start(&toolkit("{}"), 1, GET, ADA)).hold);
    let masked = result(&answer(1, 200, body));
    assert!(
        get(&masked, "successful").is_truthy() && !shown(&masked).contains("hunter2"),
        "{}",
        shown(&masked)
    );
    assert!(sent(&start(&toolkit(r#"{"revealSecrets":true}"#), 1, GET, ADA)).hold);
    let revealed = result(&answer(1, 200, body));
    assert_eq!(text(&revealed, "data.credentials.access_token"), "hunter2-hunter2");
    let once = toolkit("{}").start(1, GET, ADA, r#"{"revealSecrets":true}"#, false, 0.5, NOW).unwrap();
    assert!(sent(&once).hold);
}

#[wasm_bindgen_test]
fn sends_nothing_when_arguments_are_refused() {
    for args in ["{}", "{oops", "[]"] {
        let refused = result(&start(&toolkit("{}"), 0, GET, args));
        assert_eq!(text(&refused, "error.kind"), "invalid_arguments");
        assert_eq!(get(&refused, "meta.attempts").as_f64(), Some(0.0));
    }
    assert_eq!(text(&result(&start(&toolkit("{}"), 0, "NANGO_NOTHING", "{}")), "error.kind"), "unknown_tool");
}

#[wasm_bindgen_test]
fn tries_a_read_again_and_a_write_not() {
    let toolkit = toolkit(r#"{"retry":{"baseMs":100,"maxMs":100}}"#);
    sent(&start(&toolkit, 0, LIST, "{}"));
    let until = wait(&answer(0, 503, "{}"));
    assert!((NOW + 50.0..=NOW + 106.0).contains(&until), "{until}");
    assert_eq!(wait(&step(0, 0, String::new(), 0, "", until - 1.0)), until);
    assert_eq!(sent(&step(0, 0, String::new(), 0, "", until)).attempts, "2");
    let read = result(&answer(0, 200, r#"{"data":[]}"#));
    assert_eq!(get(&read, "meta.attempts").as_f64(), Some(2.0), "{}", shown(&read));
    sent(&start(&toolkit, 0, "NANGO_CREATE_CONNECT_SESSION", r#"{"tags":{"end_user_id":"u"}}"#));
    assert_eq!(text(&result(&answer(0, 503, "{}")), "error.kind"), "server");
}

#[wasm_bindgen_test]
fn waits_as_long_as_nango_asks() {
    sent(&start(&toolkit("{}"), 0, LIST, "{}"));
    let limited =
        r#"{"error":{"code":"too_many_request","message":"slow","method":"GET","path":"/integrations"}}"#;
    let head = "content-type\napplication/json\nretry-after\n7";
    let until = wait(&step(0, 3, limited.to_owned(), 429, head, NOW));
    assert!((NOW + 7_000.0..NOW + 9_000.0).contains(&until), "{until}");
}

#[wasm_bindgen_test]
fn says_why_no_answer_came() {
    sent(&start(&toolkit(r#"{"retry":{"attempts":1}}"#), 0, LIST, "{}"));
    let lost = result(&step(0, 4, format!("fetch failed with {KEY}"), 0, "", NOW));
    assert_eq!(text(&lost, "error.kind"), "network");
    assert!(text(&lost, "error.message").contains("fetch failed") && !shown(&lost).contains(KEY));
}

#[wasm_bindgen_test]
fn asks_for_the_key_and_reports_what_goes_wrong_with_that() {
    let asking = Toolkit::new("{}", String::new(), true).unwrap();
    for (how, key) in [(1, ""), (1, "hunter2"), (2, "vault is shut")] {
        assert_eq!(start(&asking, 0, LIST, "{}"), "K");
        let failed = result(&step(0, how, key.to_owned(), 0, "", NOW));
        assert_eq!(text(&failed, "error.kind"), "unauthorized", "{key}");
        assert_eq!(shown(&failed).contains("vault is shut"), how == 2);
        assert!(!shown(&failed).contains("hunter2"));
    }
    assert_eq!(start(&asking, 0, LIST, "{}"), "K");
    let request = sent(&step(0, 1, KEY.to_owned(), 0, "", NOW));
    assert_eq!(request.header("authorization"), format!("Bearer {KEY}"));
    step(0, 5, String::new(), 0, "", NOW);
}

#[wasm_bindgen_test]
fn ends_when_the_caller_wants_no_more() {
    let toolkit = toolkit("{}");
    sent(&start(&toolkit, 3, LIST, "{}"));
    assert_eq!(text(&result(&step(3, 5, String::new(), 0, "", NOW)), "error.kind"), "aborted");
    assert_eq!(step(3, 5, String::new(), 0, "", NOW), "", "it has ended");
    let before = result(&toolkit.start(3, LIST, "{}", "", true, 0.5, NOW).unwrap());
    assert_eq!(text(&before, "error.kind"), "aborted");
    assert_eq!(get(&before, "meta.attempts").as_f64(), Some(0.0));
}

#[wasm_bindgen_test]
fn gives_up_when_the_time_is_over() {
    let once = r#"{"timeoutMs":5,"retry":{"attempts":1}}"#;
    let toolkit = toolkit("{}");
    let late = sent(&toolkit.start(0, LIST, "{}", once, false, 0.5, NOW).unwrap());
    assert_eq!(late.until, NOW + 5.0);
    assert!(sent(&start(&toolkit, 1, LIST, "{}")).until > late.until, "for one call alone");
    assert_eq!(wait(&step(0, 0, String::new(), 0, "", NOW + 4.0)), late.until);
    assert_eq!(text(&result(&step(0, 0, String::new(), 0, "", late.until)), "error.kind"), "timeout");
    step(1, 5, String::new(), 0, "", NOW);
}

#[wasm_bindgen_test]
fn tells_events_in_order_and_without_secrets() {
    let types = |number| events(number).iter().map(|event| text(event, "type")).collect::<Vec<_>>();
    let heard = Toolkit::new("{}", KEY.to_owned(), false).unwrap();
    sent(&start(&heard, 0, LIST, "{}"));
    assert_eq!(types(0), ["call.started", "call.attempt"]);
    held(0, 200, "request-1", NOW + 3.0);
    let finished: String = events(0).iter().map(shown).collect();
    assert!(finished.contains("call.finished") && finished.contains("request-1"), "{finished}");
    assert!(events(0).is_empty(), "the call has ended");
    sent(&start(&heard, 0, GET, ADA));
    let masked = answer(0, 200, r#"{"credentials":{"type":"OAUTH2","access_token":"hunter2-hunter2"}}"#)
        + &events(0).iter().map(shown).collect::<String>();
    assert!(!masked.contains("hunter2") && !masked.contains(KEY), "{masked}");
}

#[wasm_bindgen_test]
fn keeps_calls_apart() {
    let toolkit = toolkit("{}");
    let names = ["a", "b", "c"];
    let ids: Vec<String> =
        (0..names.len()).map(|number| sent(&start(&toolkit, number + 7, GET, ADA)).id).collect();
    for (at, name) in names.iter().enumerate().rev() {
        let end = result(&answer(at + 7, 200, &format!(r#"{{"connection_id":"{name}"}}"#)));
        assert_eq!(text(&end, "data.connection_id"), *name);
        assert_eq!(text(&end, "meta.call_id"), ids[at]);
    }
    assert_eq!(answer(99, 200, "{}"), "");
    assert!(events(99).is_empty());
    held(99, 200, "", NOW);
}
