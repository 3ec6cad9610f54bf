//! The transport over `fetch`: requests, responses, deadlines, aborts, keys, and the order of calls.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Array, Date, Function, Promise, global};
use nango_toolkit::error::ErrorKind;
use nango_toolkit::fetch::{Fetch, spawn};
use nango_toolkit::http::{Data, Outcome};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::host::{KEY, fetch, get, run, shown, text};

const LIST: &str = "NANGO_LIST_INTEGRATIONS";
const GET: &str = "NANGO_GET_CONNECTION";
const ADA: &str = r#"{"connection_id":"a","provider_config_key":"b"}"#;
const JSON_TYPE: &str = "{ headers: { 'content-type': 'application/json' } }";

/// A transport whose `fetch` keeps what it is given in `globalThis.seen` and then runs this body.
fn transport(body: &str) -> Fetch {
    Fetch::new(KEY).fetch(fetch(&format!("globalThis.seen = [url, init]; {body}")))
}

/// What was sent last.
fn seen(path: &str) -> JsValue {
    get(&get(&global(), "seen"), path)
}

fn kind(outcome: &Outcome) -> ErrorKind {
    outcome.result.as_ref().expect_err("a failure").kind
}

fn message(outcome: &Outcome) -> &str {
    &outcome.result.as_ref().expect_err("a failure").message
}

#[wasm_bindgen_test]
async fn sends_one_request_with_the_key_and_leaves_the_body_outside() {
    let stub = transport(&format!("return Promise.resolve(new Response('{{\"data\":[7.0]}}', {JSON_TYPE}))"));
    let outcome = run(r#"{"revealSecrets":true}"#, LIST, "{}", &stub).await;
    assert_eq!(outcome.result, Ok(Data::Held));
    assert_eq!((outcome.meta.status, outcome.meta.attempts), (Some(200), 1));
    assert_eq!(shown(&stub.take_data().unwrap()), r#"{"data":[7]}"#);
    assert!(stub.take_data().is_none(), "once");
    assert_eq!(seen("0").as_string().unwrap(), "https://api.nango.dev/integrations");
    assert_eq!(text(&seen("1"), "method"), "GET");
    assert_eq!(text(&seen("1"), "redirect"), "manual");
    assert_eq!(text(&seen("1"), "headers.Authorization"), format!("Bearer {KEY}"));
    assert!(get(&seen("1"), "body").is_undefined());
}

#[wasm_bindgen_test]
async fn sends_a_body_of_any_text() {
    let args =
        r#"{"connection_id":"a","provider_config_key":"b","any_path":"x","body":"line\nline\u0000ü😀"}"#;
    let stub = transport(&format!("return new Response('{{}}', {JSON_TYPE})"));
    let outcome = run("{}", "NANGO_PUT_PROXY", args, &stub).await;
    assert!(outcome.successful(), "{outcome:?}");
    assert_eq!(text(&seen("1"), "body"), "line\nline\u{0}ü😀");
    assert_eq!(text(&seen("1"), "method"), "PUT");
    assert_eq!(text(&seen("1"), "headers.Content-Type"), "text/plain");
}

#[wasm_bindgen_test]
async fn masks_secrets_before_anyone_sees_them() {
    let body = r#"{"connection_id":"a","credentials":{"type":"OAUTH2","access_token":"hunter2-hunter2"}}"#;
    let stub = transport(&format!("return new Response('{body}', {JSON_TYPE})"));
    let masked = run("{}", GET, ADA, &stub).await.to_json();
    assert!(masked.contains("[redacted: access_token]") && !masked.contains("hunter2"), "{masked}");
    assert!(stub.take_data().is_none(), "nothing stays outside that has secrets");
    let revealed = run(r#"{"revealSecrets":true}"#, GET, ADA, &stub).await;
    assert_eq!(revealed.result, Ok(Data::Held));
    assert_eq!(text(&stub.take_data().unwrap(), "credentials.access_token"), "hunter2-hunter2");
}

#[wasm_bindgen_test]
async fn tries_again_and_waits_as_long_as_nango_asks() {
    let limited =
        r#"{"error":{"code":"too_many_request","message":"slow","method":"GET","path":"/integrations"}}"#;
    let stub = transport(&format!(
        "globalThis.times = (globalThis.times ?? 0) + 1;
         if (globalThis.times % 2) return new Response('{limited}', {{ status: 429, headers: {{ 'retry-after': '1' }} }});
         return new Response('{{}}', {JSON_TYPE})"
    ));
    let started = Date::now();
    let outcome = run("{}", LIST, "{}", &stub).await;
    assert_eq!((outcome.successful(), outcome.meta.attempts), (true, 2));
    assert!(Date::now() - started >= 998.0, "{}", Date::now() - started);
}

/// What keeps why a function failed, for [`reported`].
fn report() -> Function {
    Function::new_with_args("thrown, context", "globalThis.reported = { thrown, ...context }")
}

/// The report about the function `source`, which only the host gets.
fn reported(outcome: &Outcome, source: &str) -> String {
    let reported = get(&global(), "reported");
    let id = outcome.meta.call_id.clone().unwrap();
    assert_eq!((text(&reported, "id"), text(&reported, "source")), (id.clone(), source.to_owned()));
    assert!(
        message(outcome).ends_with(&format!("the reason is in the host's log, under `{id}`")),
        "{outcome:?}"
    );
    let thrown = get(&reported, "thrown");
    let message = || if thrown.is_object() { get(&thrown, "message").as_string() } else { None };
    let said = thrown.as_string().or_else(message);
    said.unwrap_or_else(|| "no reason given".to_owned())
}

#[wasm_bindgen_test]
async fn says_the_host_alone_why_no_answer_came() {
    let once = r#"{"retry":{"attempts":1}}"#;
    for (body, why) in [
        ("throw new TypeError('thrown')", "thrown"),
        (
            "return Promise.reject(new TypeError('fetch failed', { cause: Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }) }))",
            "fetch failed",
        ),
        ("return Promise.reject(undefined)", "no reason given"),
        ("return undefined", "did not return a Response"),
        ("return Promise.resolve({ status: '200' })", "did not return a Response"),
        ("return { status: 200, headers: new Headers(), text: () => Promise.reject('cut') }", "cut"),
    ] {
        let outcome = run(once, LIST, "{}", &transport(body).on_failure(report())).await;
        assert_eq!(kind(&outcome), ErrorKind::Network, "{body}");
        let told = reported(&outcome, "fetch");
        assert!(told.contains(why), "{body}: {told}");
    }
    let told = run(once, LIST, "{}", &transport(&format!("throw 'failed with {KEY}'"))).await;
    assert!(!told.to_json().contains(KEY));
}

#[wasm_bindgen_test]
async fn gives_up_when_the_time_is_over_and_stops_the_request() {
    let stub = transport("return new Promise(() => {})");
    let outcome = run(r#"{"timeoutMs":30,"retry":{"attempts":1}}"#, LIST, "{}", &stub).await;
    assert_eq!(kind(&outcome), ErrorKind::Timeout);
    assert_eq!(get(&seen("1"), "signal.aborted").as_bool(), Some(true));
}

#[wasm_bindgen_test]
async fn ends_when_the_caller_aborts() {
    let controller = web_sys::AbortController::new().unwrap();
    let stub = transport("return new Promise(() => {})").signal(controller.signal());
    let ended = Rc::new(RefCell::new(None));
    let outcome = Rc::clone(&ended);
    spawn(async move {
        *outcome.borrow_mut() = Some(run("{}", LIST, "{}", &stub).await);
    });
    assert!(ended.borrow().is_none());
    controller.abort();
    let outcome = ended.take().expect("it ends at once");
    assert_eq!((kind(&outcome), outcome.meta.attempts), (ErrorKind::Aborted, 1));
    assert_eq!(get(&seen("1"), "signal.aborted").as_bool(), Some(true));
}

#[wasm_bindgen_test]
async fn asks_for_the_key_and_reports_what_goes_wrong_with_that() {
    for (body, why) in [
        ("return ''", "it is empty"),
        ("return 'hunter2'", "UUID"),
        ("return 7", "did not return a string"),
        ("throw new Error('the vault is shut')", "the vault is shut"),
        ("return Promise.reject('the vault is shut')", "the vault is shut"),
    ] {
        let transport = Fetch::with_key_function(Function::new_with_args("context", body));
        let outcome = run("{}", LIST, "{}", &transport.on_failure(report())).await;
        assert_eq!(kind(&outcome), ErrorKind::Unauthorized, "{body}");
        let is_flaw = message(&outcome).contains(why);
        assert!(!message(&outcome).contains("hunter2"), "{outcome:?}");
        assert!(is_flaw || reported(&outcome, "apiKey").contains(why), "{body}: {outcome:?}");
    }
    let key = format!("globalThis.stale = context.stale; return Promise.resolve('{KEY}')");
    let transport = Fetch::with_key_function(Function::new_with_args("context", &key))
        .fetch(fetch(&format!("return new Response('{{}}', {JSON_TYPE})")));
    assert!(run("{}", LIST, "{}", &transport).await.successful());
    assert_eq!(get(&global(), "stale").as_bool(), Some(false));
}

#[wasm_bindgen_test]
async fn receives_events_in_order_as_plain_objects() {
    let push = Function::new_with_args("event", "(globalThis.heard ??= []).push(event)");
    let stub = transport(&format!("return new Response('{{}}', {JSON_TYPE})")).on_event(push);
    assert!(run("{}", LIST, "{}", &stub).await.successful());
    let heard = Array::from(&get(&global(), "heard"));
    let types: Vec<String> = heard.iter().map(|event| text(&event, "type")).collect();
    assert_eq!(types, ["call.started", "call.attempt", "call.finished"]);
    assert_eq!(get(&heard.get(2), "durationMs").as_f64().map(|ms| ms >= 0.0), Some(true));
    assert!(!shown(&heard).contains(KEY));
}

#[wasm_bindgen_test]
async fn approval_comes_from_the_function() {
    let policy = r#"{"policy":{"default":"allow","rules":[{"id":"ask","then":"confirm","tool":"NANGO_DELETE_CONNECTION"}]}}"#;
    for (body, expected) in [
        ("return Promise.resolve(true)", None),
        ("return false", Some(ErrorKind::Denied)),
        ("return 'confirm_0123456789abcdef'", Some(ErrorKind::ConfirmationRequired)),
        ("throw 'no'", Some(ErrorKind::ConfirmationRequired)),
    ] {
        let stub = transport(&format!("return new Response('{{\"success\":true}}', {JSON_TYPE})"))
            .approve(Function::new_with_args("summary", body));
        let outcome = run(policy, "NANGO_DELETE_CONNECTION", ADA, &stub).await;
        assert_eq!(outcome.result.as_ref().err().map(|error| error.kind), expected, "{body}");
    }
}

#[wasm_bindgen_test]
async fn many_calls_at_once_keep_apart() {
    let stub = transport(&format!(
        "const id = url.match(/connections\\/(\\w+)/)[1];
         return new Promise((resolve) => setTimeout(() => resolve(new Response(JSON.stringify({{ connection_id: id }}), {JSON_TYPE})), 5))"
    ));
    let ended = Rc::new(RefCell::new(Vec::new()));
    for number in 0..50 {
        let (stub, ended) = (stub.clone(), Rc::clone(&ended));
        spawn(async move {
            let args = format!(r#"{{"connection_id":"c{number}","provider_config_key":"b"}}"#);
            let outcome = run("{}", GET, &args, &stub).await;
            ended.borrow_mut().push((number, outcome.to_json()));
        });
    }
    let pause = Promise::new(&mut |resolve, _| {
        let set_timeout: Function = get(&global(), "setTimeout").unchecked_into();
        set_timeout.call2(&JsValue::UNDEFINED, &resolve, &JsValue::from(500)).unwrap();
    });
    JsFuture::from(pause).await.unwrap();
    let ended = ended.take();
    assert_eq!(ended.len(), 50);
    for (number, outcome) in ended {
        assert!(outcome.contains(&format!(r#""connection_id":"c{number}""#)), "{number}: {outcome}");
    }
}
