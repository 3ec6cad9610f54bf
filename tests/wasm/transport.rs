//! Calls over functions that stand in for `fetch`.

use js_sys::{Array, Function};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::host::{KEY, answers, finish, function, get, poll, shown, start, text, toolkit};

const LIST: &str = "NANGO_LIST_INTEGRATIONS";
const ONCE: &str = r#"{"retry":{"attempts":1}}"#;

#[wasm_bindgen_test]
async fn sends_one_request_with_the_key_and_hands_the_body_over() {
    let (seen, toolkit) = (Array::new(), toolkit("{}"));
    let result = finish(
        &toolkit,
        start(&toolkit, LIST, "{}", answers(200, r#"{"data":[{"unique_key":"ü😀"}]}"#, &seen)),
    )
    .await;
    assert_eq!(get(&result, "successful").as_bool(), Some(true), "{}", shown(&result));
    assert_eq!(text(&result, "data.data.0.unique_key"), "ü😀");
    assert_eq!(get(&result, "meta.attempts").as_f64(), Some(1.0));
    assert_eq!(seen.length(), 1);
    let request = seen.get(0);
    assert_eq!(text(&request, "url"), "https://api.nango.dev/integrations");
    assert_eq!(text(&request, "redirect"), "manual");
    assert_eq!(text(&request, "headers.Authorization"), format!("Bearer {KEY}"));
    assert!(!shown(&result).contains(KEY));
}

#[wasm_bindgen_test]
async fn masks_secrets_before_anyone_sees_them() {
    let body = r#"{"connection_id":"a","provider_config_key":"b","credentials":{"type":"OAUTH2","access_token":"hunter2-hunter2"}}"#;
    let (seen, args) = (Array::new(), r#"{"connection_id":"a","provider_config_key":"b"}"#);
    let masking = toolkit("{}");
    let masked =
        finish(&masking, start(&masking, "NANGO_GET_CONNECTION", args, answers(200, body, &seen))).await;
    assert!(
        get(&masked, "successful").is_truthy() && !shown(&masked).contains("hunter2"),
        "{}",
        shown(&masked)
    );
    let open = toolkit(r#"{"revealSecrets":true}"#);
    let revealed = finish(&open, start(&open, "NANGO_GET_CONNECTION", args, answers(200, body, &seen))).await;
    assert_eq!(text(&revealed, "data.credentials.access_token"), "hunter2-hunter2");
}

#[wasm_bindgen_test]
async fn sends_nothing_when_arguments_are_refused() {
    let (seen, toolkit) = (Array::new(), toolkit("{}"));
    for args in ["{}", "{oops", "[]"] {
        let result =
            finish(&toolkit, start(&toolkit, "NANGO_GET_CONNECTION", args, answers(200, "{}", &seen))).await;
        assert_eq!(text(&result, "error.kind"), "invalid_arguments");
    }
    assert_eq!(seen.length(), 0);
}

#[wasm_bindgen_test]
async fn tries_a_read_again_and_a_write_not() {
    let seen = Array::new();
    let toolkit = toolkit(r#"{"retry":{"baseMs":0,"maxMs":1}}"#);
    let fails_once = || {
        let body = "seen.push(url); const ok = seen.length > 1; return Promise.resolve(new Response(ok ? '{\"data\":[]}' : '{}', { status: ok ? 200 : 503, headers: { 'content-type': 'application/json' } }))";
        function("url", body, &seen)
    };
    let read = finish(&toolkit, start(&toolkit, LIST, "{}", fails_once())).await;
    assert_eq!(get(&read, "meta.attempts").as_f64(), Some(2.0), "{}", shown(&read));
    seen.set_length(0);
    let write = finish(
        &toolkit,
        start(&toolkit, "NANGO_CREATE_CONNECT_SESSION", r#"{"tags":{"end_user_id":"u"}}"#, fails_once()),
    )
    .await;
    assert_eq!(text(&write, "error.kind"), "server");
    assert_eq!(seen.length(), 1);
}

#[wasm_bindgen_test]
async fn names_a_transport_failure_with_its_causes() {
    let toolkit = toolkit(ONCE);
    let body = "return Promise.reject(new TypeError('fetch failed', { cause: Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }) }))";
    let result = finish(&toolkit, start(&toolkit, LIST, "{}", function("", body, &Array::new()))).await;
    assert_eq!(text(&result, "error.kind"), "network");
    for word in ["fetch failed", "refused", "ECONNREFUSED"] {
        assert!(text(&result, "error.message").contains(word), "{}", shown(&result));
    }
}

#[wasm_bindgen_test]
async fn takes_nothing_but_a_response_for_an_answer() {
    let toolkit = toolkit(ONCE);
    for body in [
        "return 5",
        "return {}",
        "return Promise.resolve()",
        "throw new Error('no')",
        "throw 'no'",
        "return { status: 200, text: 5 }",
    ] {
        let result = finish(&toolkit, start(&toolkit, LIST, "{}", function("", body, &Array::new()))).await;
        assert_eq!(text(&result, "error.kind"), "network", "{body}: {}", shown(&result));
    }
}

#[wasm_bindgen_test]
async fn asks_for_the_key_and_reports_what_goes_wrong_with_that() {
    let (seen, toolkit) = (Array::new(), toolkit("{}"));
    let with = async |key: &str| {
        let fetch = answers(200, r#"{"data":[]}"#, &seen);
        let number =
            toolkit.start(LIST, "{}", function("", key, &seen).into(), fetch, JsValue::UNDEFINED, "", 0.5);
        finish(&toolkit, number).await
    };
    for key in [format!("return {KEY:?}"), format!("return Promise.resolve({KEY:?})")] {
        assert_eq!(get(&with(&key).await, "successful").as_bool(), Some(true));
    }
    assert_eq!(seen.length(), 2);
    for key in [
        "throw new Error('vault is shut')",
        "return Promise.reject(new Error('vault is shut'))",
        "return 5",
        "return ''",
    ] {
        assert_eq!(get(&with(key).await, "successful").as_bool(), Some(false), "{key}");
    }
    assert_eq!(seen.length(), 2);
}

#[wasm_bindgen_test]
async fn cancels_the_request_under_way() {
    let (seen, toolkit) = (Array::new(), toolkit("{}"));
    let number = start(
        &toolkit,
        LIST,
        "{}",
        function("url, init", "seen.push(init); return new Promise(() => {})", &seen),
    );
    assert!(poll(&toolkit, number).is_object());
    assert!(toolkit.until(number) > js_sys::Date::now());
    assert!(toolkit.step(number, 3, JsValue::UNDEFINED).is_null());
    assert_eq!(text(&toolkit.result(number), "error.kind"), "aborted");
    assert_eq!(get(&seen.get(0), "signal.aborted").as_bool(), Some(true));
}

#[wasm_bindgen_test]
async fn gives_up_when_the_time_is_over() {
    let toolkit = toolkit(r#"{"timeoutMs":5,"retry":{"attempts":1}}"#);
    let number = start(&toolkit, LIST, "{}", function("", "return new Promise(() => {})", &Array::new()));
    assert!(poll(&toolkit, number).is_object());
    while js_sys::Date::now() < toolkit.until(number) {}
    assert!(poll(&toolkit, number).is_null());
    assert_eq!(text(&toolkit.result(number), "error.kind"), "timeout");
}

#[wasm_bindgen_test]
async fn tells_events_and_bears_a_listener_that_throws() {
    let (seen, toolkit) = (Array::new(), toolkit("{}"));
    let body = "seen.push(event.type); throw new Error('listener')";
    let listener: Function = function("event", body, &seen);
    let fetch = answers(200, r#"{"data":[]}"#, &Array::new());
    let number = toolkit.start(LIST, "{}", KEY.into(), fetch, listener.into(), "", 0.5);
    assert_eq!(get(&finish(&toolkit, number).await, "successful").as_bool(), Some(true));
    assert_eq!(shown(&seen), r#"["call.started","call.attempt","call.finished"]"#);
}

#[wasm_bindgen_test]
async fn keeps_calls_apart_and_takes_options_for_one() {
    let (seen, toolkit) = (Array::new(), toolkit("{}"));
    let named = |name: &str| answers(200, &format!(r#"{{"data":[{{"unique_key":"{name}"}}]}}"#), &seen);
    let numbers: Vec<usize> =
        ["a", "b", "c"].iter().map(|name| start(&toolkit, LIST, "{}", named(name))).collect();
    for (number, name) in numbers.into_iter().zip(["a", "b", "c"]).rev() {
        assert_eq!(text(&finish(&toolkit, number).await, "data.data.0.unique_key"), name);
    }
    let never = function("", "return new Promise(() => {})", &seen);
    let late = toolkit.start(
        LIST,
        "{}",
        KEY.into(),
        never,
        JsValue::UNDEFINED,
        r#"{"timeoutMs":5,"retry":{"attempts":1}}"#,
        0.5,
    );
    let patient = start(&toolkit, LIST, "{}", function("", "return new Promise(() => {})", &seen));
    assert!(poll(&toolkit, late).is_object() && poll(&toolkit, patient).is_object());
    assert!(toolkit.until(patient) > toolkit.until(late) + 1000.0);
    let refused = nango_toolkit::js::ask("options", "", "", r#"{"timeoutms":5}"#);
    assert!(refused.starts_with('!') && refused.contains("timeoutMs"), "{refused}");
    assert!(poll(&toolkit, 99).is_undefined() && toolkit.result(99).is_undefined());
    assert_eq!(toolkit.until(99), 0.0);
}
