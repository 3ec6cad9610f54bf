//! The host's part of a call: the texts that `pkg/transport.js` reads and writes, and a clock that stands
//! still.

use js_sys::{JSON, Reflect};
use nango_toolkit::js::run::{Toolkit, step};
use wasm_bindgen::JsValue;

pub(crate) const KEY: &str = "7b0c9f6e-4a55-4b8e-9d6a-2f1f0f6f5c11";
/// When all calls start, in milliseconds.
pub(crate) const NOW: f64 = 1_767_225_600_000.0;

/// What a call wants sent.
pub(crate) struct Sent {
    pub(crate) hold: bool,
    pub(crate) until: f64,
    pub(crate) attempts: String,
    pub(crate) id: String,
    pub(crate) tool: String,
    pub(crate) method: String,
    pub(crate) url: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Option<String>,
}

impl Sent {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map_or("", |(_, value)| value)
    }
}

/// The request in an answer of `step`.
pub(crate) fn sent(said: &str) -> Sent {
    let (head, body) = match said.split_once('\0') {
        Some((head, body)) => (head, Some(body.to_owned())),
        None => (said, None),
    };
    let mut lines = head.split('\n').map(str::to_owned);
    let mut line = || lines.next().expect("another line");
    let hold = match line().as_str() {
        "S1" => true,
        "S0" => false,
        other => panic!("no request: {other}"),
    };
    let until = line().parse().unwrap();
    let (attempts, id, tool, method, url) = (line(), line(), line(), line(), line());
    let rest: Vec<String> = lines.collect();
    assert_eq!(rest.len() % 2, 0, "names and values: {rest:?}");
    assert_eq!((rest[0].as_str(), rest[rest.len() - 2].as_str()), ("Accept", "Authorization"));
    let headers = rest.chunks(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect();
    Sent { hold, until, attempts, id, tool, method, url, headers, body }
}

/// The result in an answer of `step`.
pub(crate) fn result(said: &str) -> JsValue {
    JSON::parse(said.strip_prefix('D').unwrap_or_else(|| panic!("no end: {said}"))).unwrap()
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

/// A toolkit with the plain key, to whose events nobody listens.
pub(crate) fn toolkit(options: &str) -> Toolkit {
    Toolkit::new(options, KEY.to_owned(), true).expect("good options")
}

/// Starts a call.
pub(crate) fn start(toolkit: &Toolkit, number: usize, slug: &str, args: &str) -> String {
    toolkit.start(number, slug, args, "", false, 0.5, NOW).expect("good overrides")
}

/// An answer in JSON.
pub(crate) fn answer(number: usize, status: u16, body: &str) -> String {
    step(number, 3, body.to_owned(), status, "content-type\napplication/json", NOW + 5.0)
}
