//! What the tests share: a key, values by path, and calls over a `fetch` written in JavaScript.

use js_sys::{Function, JSON, Reflect};
use nango_toolkit::call::{Call, Options};
use nango_toolkit::drive::drive;
use nango_toolkit::fetch::Fetch;
use nango_toolkit::http::Outcome;
use nango_toolkit::options::parse;
use wasm_bindgen::JsValue;

pub(crate) const KEY: &str = "7b0c9f6e-4a55-4b8e-9d6a-2f1f0f6f5c11";

/// A nested property, by names separated by dots.
pub(crate) fn get(value: &JsValue, path: &str) -> JsValue {
    path.split('.').fold(value.clone(), |value, name| Reflect::get(&value, &JsValue::from(name)).unwrap())
}

pub(crate) fn text(value: &JsValue, path: &str) -> String {
    get(value, path).as_string().unwrap_or_else(|| panic!("no string at {path} of {}", shown(value)))
}

pub(crate) fn shown(value: &JsValue) -> String {
    JSON::stringify(value).map(String::from).unwrap_or_default()
}

pub(crate) fn read(json: &str) -> Options {
    parse(json).expect("good options")
}

/// A function `(url, init)` with this body.
pub(crate) fn fetch(body: &str) -> Function {
    Function::new_with_args("url, init", body)
}

/// Runs a call.
pub(crate) async fn run(options: &str, slug: &str, args: &str, transport: &Fetch) -> Outcome {
    let args: serde_json::Value = serde_json::from_str(args).unwrap();
    drive(Call::new(read(options), slug, args, 42), transport).await
}
