//! The emulator's exports to JavaScript: types and conversions only. Documents (options, headers, the world) cross as
//! JSON text, replies and errors as objects.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use super::http::request::split_url;
use super::http::response::HttpResponse;
use super::{Emulator, EmulatorReply, EmulatorWebhook};
use crate::error::{Error, ErrorKind};
use crate::http::{Request, Response};
use crate::tool::Method;

/// What a browser asks before it sends a request of another origin.
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

/// An in-memory Nango. Errors are thrown as plain objects: `{ kind, code, message, … }`.
#[wasm_bindgen(js_name = Emulator)]
#[derive(Debug)]
pub struct JsEmulator {
    inner: Emulator,
}

/// A reply as JavaScript gets it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct JsReply<'a> {
    status: u16,
    headers: &'a [(String, String)],
    body: &'a str,
    delay_ms: u32,
    dropped: bool,
}

/// A webhook as JavaScript gets it.
#[derive(Serialize)]
struct JsWebhook<'a> {
    url: Option<&'a str>,
    headers: &'a [(String, String)],
    body: &'a str,
}

impl JsWebhook<'_> {
    fn of(EmulatorWebhook { url, headers, body }: &EmulatorWebhook) -> JsWebhook<'_> {
        JsWebhook { url: url.as_deref(), headers, body }
    }
}

/// A small structure as a plain object.
fn object(value: &impl Serialize) -> JsValue {
    // A failed conversion is thrown instead of the value: it has a message, too.
    value.serialize(&Serializer::json_compatible()).unwrap_or_else(JsValue::from)
}

fn thrown(error: Error) -> JsValue {
    object(&error)
}

fn invalid(message: impl Into<String>) -> JsValue {
    thrown(Error::new(ErrorKind::InvalidOption, message))
}

/// Milliseconds since 1970 from a JavaScript number.
fn time(ms: f64) -> Result<u64, JsValue> {
    match ms {
        ms if ms.is_finite() && ms >= 0.0 => Ok(ms as u64),
        _ => Err(invalid(format!("now: expected milliseconds since 1970, not {ms}"))),
    }
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

/// Reads an argument that is a JSON document of a fixed form.
fn argument<T: DeserializeOwned>(json: &str, expected: &str) -> Result<T, JsValue> {
    serde_json::from_str(json).map_err(|_| invalid(expected))
}

fn js_reply(reply: &EmulatorReply) -> JsValue {
    let EmulatorReply { response: Response { status, headers, body }, delay_ms, dropped } = reply;
    object(&JsReply { status: *status, headers, body, delay_ms: *delay_ms, dropped: *dropped })
}

fn plain(status: u16, headers: &[(&str, &str)]) -> EmulatorReply {
    let headers = headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    EmulatorReply { response: Response { status, headers, body: String::new() }, delay_ms: 0, dropped: false }
}

/// The answer to a method that no route has.
fn unknown(method: &str, url: &str) -> EmulatorReply {
    let (_, path, _) = split_url(url);
    let HttpResponse { status, headers, body, .. } = HttpResponse::no_route(method, path);
    EmulatorReply { response: Response { status, headers, body }, delay_ms: 0, dropped: false }
}

#[wasm_bindgen(js_class = Emulator)]
impl JsEmulator {
    /// An emulator from options as a JSON object: `seed`, `apiKey`, `world`, `faults`, `rateLimit`.
    ///
    /// # Errors
    /// `invalid_option`.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &str) -> Result<JsEmulator, JsValue> {
        Ok(JsEmulator { inner: Emulator::from_options(options).map_err(thrown)? })
    }

    /// The API key that may do everything.
    #[wasm_bindgen(js_name = apiKey)]
    #[must_use]
    pub fn api_key(&self) -> String {
        self.inner.api_key().to_owned()
    }

    /// Makes an API key with only these scopes, a JSON array of strings.
    ///
    /// # Errors
    /// `invalid_option`.
    #[wasm_bindgen(js_name = addKey)]
    pub fn add_key(&mut self, scopes: &str) -> Result<String, JsValue> {
        let scopes: Vec<String> = argument(scopes, "scopes: expected an array of strings")?;
        Ok(self.inner.add_key(&scopes.iter().map(String::as_str).collect::<Vec<&str>>()))
    }

    /// Answers a request; `headers` is a JSON array of `[name, value]`. Returns
    /// `{ status, headers: [[name, value]], body, delayMs, dropped }`.
    ///
    /// # Errors
    /// `invalid_option`.
    pub fn handle(
        &mut self,
        method: &str,
        url: &str,
        headers: &str,
        body: Option<String>,
        now_ms: f64,
    ) -> Result<JsValue, JsValue> {
        if method.eq_ignore_ascii_case("OPTIONS") {
            return Ok(js_reply(&plain(204, PREFLIGHT)));
        }
        let headers = argument(headers, "headers: expected an array of [name, value], both strings")?;
        let Some(known) = method_of(method) else {
            return Ok(js_reply(&unknown(method, url)));
        };
        let request = Request { method: known, url: url.to_owned(), headers, body };
        let mut reply = self.inner.handle(&request, time(now_ms)?);
        if method.eq_ignore_ascii_case("HEAD") {
            reply.response.body.clear();
        }
        Ok(js_reply(&reply))
    }

    /// Takes the webhooks that a server would have sent by now since the last time: an array of
    /// `{ url, headers: [[name, value]], body }`, where `url` may be null.
    ///
    /// # Errors
    /// `invalid_option`.
    #[wasm_bindgen(js_name = takeWebhooks)]
    pub fn take_webhooks(&mut self, now_ms: f64) -> Result<JsValue, JsValue> {
        let taken = self.inner.take_webhooks(time(now_ms)?);
        Ok(object(&taken.iter().map(JsWebhook::of).collect::<Vec<JsWebhook>>()))
    }

    /// The key that signs the webhooks.
    #[wasm_bindgen(js_name = webhookSigningKey)]
    #[must_use]
    pub fn webhook_signing_key(&self) -> String {
        self.inner.webhook_signing_key()
    }

    /// Restores the initial state; keys stay valid.
    pub fn reset(&mut self) {
        self.inner.reset();
    }

    /// Simulates faults; `{}` ends them.
    ///
    /// # Errors
    /// `invalid_option`.
    #[wasm_bindgen(js_name = setFaults)]
    pub fn set_faults(&mut self, json: &str) -> Result<(), JsValue> {
        self.inner.set_faults(json).map_err(thrown)
    }

    /// Allows this many requests a minute.
    ///
    /// # Errors
    /// `invalid_option` unless it is a whole number.
    #[wasm_bindgen(js_name = setRateLimit)]
    pub fn set_rate_limit(&mut self, per_minute: f64) -> Result<(), JsValue> {
        if per_minute.fract() != 0.0 || !(0.0..=f64::from(u32::MAX)).contains(&per_minute) {
            return Err(invalid(format!("rateLimit: expected a whole number, 0 or more, not {per_minute}")));
        }
        self.inner.set_rate_limit(per_minute as u32);
        Ok(())
    }

    /// Everything that another emulator needs to go on from here, as JSON text for the option `world`.
    #[must_use]
    pub fn save(&self) -> String {
        self.inner.save()
    }

    /// The data of the environment as JSON text, with secrets masked.
    #[must_use]
    pub fn world(&self) -> String {
        self.inner.world()
    }

    /// Stands in for the end user who authorises an integration with a connect session's token; returns the
    /// connection's id.
    ///
    /// # Errors
    /// `unauthorized`, `not_found`, `denied`.
    pub fn connect(&mut self, token: &str, integration: &str, now_ms: f64) -> Result<String, JsValue> {
        self.inner.connect(token, integration, time(now_ms)?).map_err(thrown)
    }
}
