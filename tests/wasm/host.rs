//! The host's part of a call: functions that stand in for `fetch`, and the loop that `pkg/index.js` runs.

use js_sys::{Array, Function, JSON, Promise, Reflect};
use nango_toolkit::js::Toolkit;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

pub(crate) const KEY: &str = "7b0c9f6e-4a55-4b8e-9d6a-2f1f0f6f5c11";

/// A function from JavaScript; `seen` is a list that it may push to.
pub(crate) fn function(parameters: &str, body: &str, seen: &Array) -> Function {
    let make = Function::new_with_args("seen", &format!("return ({parameters}) => {{ {body} }}"));
    make.call1(&JsValue::UNDEFINED, seen).unwrap().unchecked_into()
}

/// A `fetch` that answers with this status and body, and remembers what it was given.
pub(crate) fn answers(status: u16, body: &str, seen: &Array) -> Function {
    let headers = "{ headers: { 'content-type': 'application/json' }, status: ";
    function(
        "url, init",
        &format!(
            "seen.push({{ url, ...init }}); return Promise.resolve(new Response({body:?}, {headers}{status} }}))"
        ),
        seen,
    )
}

/// A property of a property of …, by names with dots between.
pub(crate) fn get(value: &JsValue, path: &str) -> JsValue {
    path.split('.').fold(value.clone(), |value, name| Reflect::get(&value, &JsValue::from(name)).unwrap())
}

pub(crate) fn text(value: &JsValue, path: &str) -> String {
    get(value, path).as_string().unwrap_or_else(|| panic!("no text at {path} of {}", shown(value)))
}

pub(crate) fn shown(value: &JsValue) -> String {
    JSON::stringify(value).map(String::from).unwrap_or_default()
}

pub(crate) fn toolkit(options: &str) -> Toolkit {
    assert_eq!(nango_toolkit::js::ask("options", "", "", options), "", "good options");
    Toolkit::new(options)
}

/// Goes on with a call, at the start and when it is time.
pub(crate) fn poll(toolkit: &Toolkit, number: usize) -> JsValue {
    toolkit.step(number, 0, JsValue::UNDEFINED)
}

/// Starts a call with the plain key.
pub(crate) fn start(toolkit: &Toolkit, slug: &str, args: &str, fetch: Function) -> usize {
    toolkit.start(slug, args, KEY.into(), fetch, JsValue::UNDEFINED, "", 0.5)
}

/// Runs a call to its end.
pub(crate) async fn finish(toolkit: &Toolkit, number: usize) -> JsValue {
    let mut next = poll(toolkit, number);
    loop {
        if next.is_null() {
            return toolkit.result(number);
        }
        next = if next.is_undefined() {
            wait_until(toolkit.until(number)).await;
            poll(toolkit, number)
        } else {
            match JsFuture::from(Promise::resolve(&next)).await {
                Ok(value) => toolkit.step(number, 1, value),
                Err(thrown) => toolkit.step(number, 2, thrown),
            }
        };
    }
}

async fn wait_until(time: f64) {
    let wait = Function::new_with_args(
        "time",
        "return new Promise((done) => setTimeout(done, Math.max(0, time - Date.now()) + 1))",
    );
    let promise = wait.call1(&JsValue::UNDEFINED, &JsValue::from(time)).unwrap();
    JsFuture::from(promise.unchecked_into::<Promise>()).await.unwrap();
}
