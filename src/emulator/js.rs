//! The emulator's JavaScript face: conversions only. What crosses the boundary is text and numbers.

use serde_json::Value;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use super::{Emulator, Reply};
use crate::error::{Error, ErrorKind};
use crate::http::{Request, Response};
use crate::json::Writer;
use crate::tool::Method;

/// What a browser asks before it asks.
const PREFLIGHT: &[(&str, &str)] = &[
    ("access-control-allow-origin", "*"),
    ("access-control-allow-methods", "GET,HEAD,PUT,PATCH,POST,DELETE"),
    (
        "access-control-allow-headers",
        "Authorization, Content-Type, Accept, Origin, X-Requested-With, Nango-Activity-Log-Id, \
         Nango-Is-Dry-Run, Nango-Is-Sync, Provider-Config-Key, Connection-Id, Sentry-Trace, Baggage",
    ),
    ("access-control-max-age", "600"),
];

/// An in-memory Nango. Errors are thrown as strings that hold the error's JSON.
#[wasm_bindgen(js_name = Emulator)]
#[derive(Debug)]
pub struct JsEmulator {
    inner: Emulator,
}

fn thrown(error: Error) -> JsValue {
    JsValue::from_str(&error.to_json())
}

fn misuse(message: &str) -> JsValue {
    thrown(Error::new(ErrorKind::InvalidArguments, message))
}

/// Milliseconds since 1970 as JavaScript counts them.
fn time(ms: f64) -> u64 {
    // Casts from floats saturate, and NaN is 0.
    ms as u64
}

fn method_of(name: &str) -> Option<Method> {
    Some(match name.to_ascii_uppercase().as_str() {
        "GET" | "HEAD" => Method::Get,
        "POST" => Method::Post,
        "PUT" => Method::Put,
        "PATCH" => Method::Patch,
        "DELETE" => Method::Delete,
        _ => return None,
    })
}

fn headers_of(json: &str) -> Option<Vec<(String, String)>> {
    let pairs: Value = serde_json::from_str(json).ok()?;
    let text = |value: Option<&Value>| value?.as_str().map(str::to_owned);
    pairs.as_array()?.iter().map(|pair| Some((text(pair.get(0))?, text(pair.get(1))?))).collect()
}

fn reply_json(reply: &Reply) -> String {
    let mut w = Writer::new();
    w.open().key("status").integer(i64::from(reply.response.status)).key("headers").open_array();
    for (name, value) in &reply.response.headers {
        w.open_array().text(name).text(value).close_array();
    }
    w.close_array().key("body").text(&reply.response.body);
    w.key("delay_ms").integer(i64::from(reply.delay_ms)).key("dropped").boolean(reply.dropped).close();
    w.finish()
}

fn plain(status: u16, headers: &[(&str, &str)]) -> Reply {
    let headers = headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    Reply { response: Response { status, headers, body: String::new() }, delay_ms: 0, dropped: false }
}

#[wasm_bindgen(js_class = Emulator)]
impl JsEmulator {
    /// An emulator with a seed for all ids and tokens, and a world as JSON instead of the first one.
    #[wasm_bindgen(constructor)]
    pub fn new(seed: f64, world: Option<String>) -> Result<JsEmulator, JsValue> {
        let seed = seed as u64;
        let inner = match world {
            Some(world) => Emulator::with_world(seed, &world).map_err(thrown)?,
            None => Emulator::new(seed),
        };
        Ok(JsEmulator { inner })
    }

    /// The API key that may do everything.
    #[wasm_bindgen(js_name = apiKey)]
    pub fn api_key(&self) -> String {
        self.inner.api_key().to_owned()
    }

    /// Makes an API key with only these scopes, a JSON list of texts.
    #[wasm_bindgen(js_name = addKey)]
    pub fn add_key(&mut self, scopes: &str) -> Result<String, JsValue> {
        let scopes: Value = serde_json::from_str(scopes).unwrap_or_default();
        let texts: Option<Vec<&str>> =
            scopes.as_array().and_then(|list| list.iter().map(Value::as_str).collect());
        let Some(texts) = texts else { return Err(misuse("scopes: expected a list of texts")) };
        Ok(self.inner.add_key(&texts))
    }

    /// Answers a request: `{ status, headers: [[name, value]], body, delay_ms, dropped }` as JSON.
    pub fn handle(
        &mut self,
        method: &str,
        url: &str,
        headers: &str,
        body: Option<String>,
        now_ms: f64,
    ) -> Result<String, JsValue> {
        if method.eq_ignore_ascii_case("OPTIONS") {
            return Ok(reply_json(&plain(204, PREFLIGHT)));
        }
        let Some(headers) = headers_of(headers) else {
            return Err(misuse("headers: expected a list of pairs of texts"));
        };
        let Some(known) = method_of(method) else {
            return Ok(reply_json(&plain(404, &[("content-type", "text/html; charset=utf-8")])));
        };
        let request = Request { method: known, url: url.to_owned(), headers, body };
        let mut reply = self.inner.handle(&request, time(now_ms));
        if method.eq_ignore_ascii_case("HEAD") {
            reply.response.body.clear();
        }
        Ok(reply_json(&reply))
    }

    /// Goes back to the world's start; keys stay valid.
    pub fn reset(&mut self) {
        self.inner.reset();
    }

    /// Makes things go wrong; `{}` ends that.
    #[wasm_bindgen(js_name = setFaults)]
    pub fn set_faults(&mut self, json: &str) -> Result<(), JsValue> {
        self.inner.set_faults(json).map_err(thrown)
    }

    /// Allows this many requests a minute.
    #[wasm_bindgen(js_name = setRateLimit)]
    pub fn set_rate_limit(&mut self, per_minute: u32) {
        self.inner.set_rate_limit(per_minute);
    }

    /// What the environment holds, as JSON, secrets masked.
    pub fn world(&self) -> String {
        self.inner.world()
    }

    /// Stands in for the end user who authorises an integration with a connect session's token; gives the
    /// connection's id.
    pub fn connect(&mut self, token: &str, integration: &str, now_ms: f64) -> Result<String, JsValue> {
        self.inner.connect(token, integration, time(now_ms)).map_err(thrown)
    }
}
