//! The fetch transport: drives a [`Call`] with the host's `fetch`. It decides nothing: what to send,
//! how long to wait and what an answer means is the call's.
//!
//! It is no future: each step hands JavaScript the one promise to wait for and is resumed with what
//! that gives. So no closure crosses the boundary (each would cost a registration with the host's
//! garbage collector), a fault in here surfaces in JavaScript as an exception instead of a promise
//! that never settles, and nothing of a replaced module is ever called again.

use gloo_net::http::Response as Answer;
use js_sys::{Date, Function, JSON, JsString, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::{AbortController, AbortSignal};

use crate::call::{Approval, Ask, Call, Poll};
use crate::http::{Data, Outcome, Request, Response};
use crate::json::Writer;
use crate::text::{fill, has};

#[wasm_bindgen]
extern "C" {
    /// The host's parser on a text that stays with the host: the body of an answer never crosses.
    #[wasm_bindgen(js_namespace = JSON, js_name = parse, catch)]
    fn parse_held(text: &JsString) -> Result<JsValue, JsValue>;
}

/// One running call.
///
/// Every step returns what to do next: a promise to wait for, and to [`Execution::resume`] or
/// [`Execution::reject`] with; `undefined` where only time matters; `null` when the result is there.
/// In any case [`Execution::poll`] is due at `until`.
pub(super) struct Execution {
    call: Call,
    key: JsValue,
    fetch: Function,
    event: Option<Function>,
    waits: Waits,
    abort: Option<AbortController>,
    /// When to poll whatever happens, in milliseconds since the Unix epoch; 0 for never.
    pub(super) until: u64,
    /// The body that the host holds, then the result.
    pub(super) result: JsValue,
}

/// What the promise that was handed out last stands for.
enum Waits {
    /// There is none.
    Nothing,
    /// The API key.
    Key,
    /// The answer's head.
    Head,
    /// The answer's body.
    Body { status: u16, content_type: String, retry_after: Option<String> },
}

impl Execution {
    /// What comes from JavaScript; see [`super::Toolkit::step`].
    pub(super) fn step(&mut self, how: u8, value: JsValue) -> JsValue {
        let settled = match how {
            1 => self.resume(value),
            2 => self.reject(&value),
            3 => {
                self.call.cancel(now());
                None
            }
            _ => None,
        };
        settled.unwrap_or_else(|| self.poll())
    }

    /// Goes on: at the start, and when it is time.
    fn poll(&mut self) -> JsValue {
        loop {
            let poll = self.call.poll(Date::now() as u64);
            self.tell();
            match poll {
                Poll::Ask(Ask::Key) => match self.ask() {
                    Some(promise) => return promise,
                    None => continue,
                },
                Poll::Ask(Ask::Approval) => self.call.handle_approval(Approval::Pending(""), now()),
                Poll::Wait(until) => {
                    // Another time than the attempt's own: the attempt is over.
                    if until != self.until {
                        self.give_up();
                        self.until = until;
                    }
                    return JsValue::UNDEFINED;
                }
                Poll::Send { request, until } => {
                    self.give_up();
                    self.until = until;
                    match self.send(&request) {
                        Ok(promise) => return promise,
                        Err(thrown) => self.call.handle_transport_error(&said(&thrown), now()),
                    }
                }
                Poll::Done(outcome) => {
                    self.give_up();
                    self.until = 0;
                    let held = core::mem::take(&mut self.result);
                    self.result = result(&outcome, &held);
                    return JsValue::NULL;
                }
            }
        }
    }

    /// The promise gave this; what is returned is to be waited for before anything else.
    fn resume(&mut self, value: JsValue) -> Option<JsValue> {
        match core::mem::replace(&mut self.waits, Waits::Nothing) {
            Waits::Nothing => return Some(JsValue::UNDEFINED),
            Waits::Key => {
                let key = value.as_string().ok_or("the function given as `apiKey` did not return a text");
                self.call.handle_key(key.as_deref().map_err(|why| *why), now());
            }
            Waits::Head => match self.head(value) {
                Ok(promise) => return Some(promise),
                Err(why) => self.call.handle_transport_error(&why, now()),
            },
            Waits::Body { status, content_type, retry_after } => {
                let text: JsString = value.unchecked_into();
                self.body(status, content_type, retry_after, &text);
            }
        }
        None
    }

    /// The promise was rejected with this.
    fn reject(&mut self, thrown: &JsValue) -> Option<JsValue> {
        let why = said(thrown);
        match core::mem::replace(&mut self.waits, Waits::Nothing) {
            Waits::Nothing => return Some(JsValue::UNDEFINED),
            Waits::Key => self.call.handle_key(Err(&why), now()),
            Waits::Head => self.call.handle_transport_error(&why, now()),
            Waits::Body { .. } => {
                self.call.handle_transport_error(&fill("the answer broke off: {}", &[&why]), now());
            }
        }
        None
    }

    pub(super) fn new(call: Call, key: JsValue, fetch: Function, event: Option<Function>) -> Execution {
        let result = JsValue::UNDEFINED;
        Execution { call, key, fetch, event, waits: Waits::Nothing, abort: None, until: 0, result }
    }

    /// Hands the new events to whoever listens. A listener that throws harms nobody.
    fn tell(&mut self) {
        let events = self.call.take_events();
        if let Some(listener) = &self.event {
            for event in events {
                if let Ok(event) = JSON::parse(&event.to_json()) {
                    let _ = listener.call1(&JsValue::UNDEFINED, &event);
                }
            }
        }
    }

    /// The key, given to the call; or the promise of one.
    fn ask(&mut self) -> Option<JsValue> {
        let Some(function) = self.key.dyn_ref::<Function>() else {
            let key = self.key.as_string().unwrap_or_default();
            self.call.handle_key(Ok(&key), now());
            return None;
        };
        match function.call0(&JsValue::UNDEFINED) {
            Ok(promise) => {
                self.waits = Waits::Key;
                Some(promise)
            }
            Err(thrown) => {
                self.call.handle_key(Err(&said(&thrown)), now());
                None
            }
        }
    }

    /// Stops the request that is under way, if one is.
    fn give_up(&mut self) {
        let under_way = matches!(self.waits, Waits::Head | Waits::Body { .. });
        self.waits = Waits::Nothing;
        if let Some(controller) = self.abort.take()
            && under_way
        {
            controller.abort();
        }
    }

    /// The promise of an answer.
    fn send(&mut self, request: &Request) -> Result<JsValue, JsValue> {
        let controller = AbortController::new().ok();
        let init = init(request, controller.as_ref().map(AbortController::signal))?;
        // `fetch(url, init)` with `this` unset: browsers refuse any other, and a `Request` would be copied.
        let promise = self.fetch.call2(&JsValue::UNDEFINED, &JsValue::from(request.url.as_str()), &init)?;
        self.abort = controller;
        self.waits = Waits::Head;
        Ok(promise)
    }

    /// The promise of an answer's body.
    fn head(&mut self, answer: JsValue) -> Result<JsValue, String> {
        if !is_response(&answer) {
            return Err("the function given as `fetch` did not return a Response".to_owned());
        }
        let raw: web_sys::Response = answer.unchecked_into();
        let promise = raw.text().map_err(|thrown| said(&thrown))?;
        let answer = Answer::from(raw);
        let (status, headers) = (answer.status(), answer.headers());
        let content_type = headers.get("content-type").unwrap_or_default();
        // Read only where it can be needed: each header costs a way across the boundary.
        let retry_after = if status == 429 { headers.get("retry-after") } else { None };
        self.waits = Waits::Body { status, content_type, retry_after };
        Ok(promise.into())
    }

    /// The whole answer, to the call; where it need not see the body, the host parses and holds it.
    fn body(&mut self, status: u16, content_type: String, retry_after: Option<String>, text: &JsString) {
        if !self.call.needs_body(status, &content_type)
            && let Ok(value) = parse_held(text)
        {
            self.result = value;
            return self.call.handle_held(status, now());
        }
        let mut headers = vec![("content-type".to_owned(), content_type)];
        headers.extend(retry_after.map(|value| ("retry-after".to_owned(), value)));
        self.call.handle_response(&Response { status, headers, body: String::from(text) }, now());
    }
}

fn now() -> u64 {
    Date::now() as u64
}

/// The second argument of `fetch`, made by one parse.
fn init(request: &Request, signal: Option<AbortSignal>) -> Result<JsValue, JsValue> {
    let mut w = Writer::new();
    w.open().key("method").text(request.method.as_str()).key("redirect").text("manual").key("headers").open();
    for (name, value) in &request.headers {
        w.key(name).text(value);
    }
    w.close();
    if let Some(body) = &request.body {
        w.key("body").text(body);
    }
    w.close();
    let init = JSON::parse(&w.finish())?;
    if let Some(signal) = signal {
        Reflect::set(&init, &JsValue::from("signal"), &signal)?;
    }
    Ok(init)
}

fn is_response(value: &JsValue) -> bool {
    let member = |of: &JsValue, name: &str| Reflect::get(of, &JsValue::from(name)).unwrap_or_default();
    value.is_instance_of::<web_sys::Response>()
        || value.is_object()
            && member(value, "status").as_f64().is_some()
            && member(value, "text").is_function()
            && member(&member(value, "headers"), "get").is_function()
}

/// The result object: the envelope by one parse, the body as the host holds it.
fn result(outcome: &Outcome, held: &JsValue) -> JsValue {
    let value = JSON::parse(&outcome.to_json()).unwrap_or_default();
    if let Ok(Data::Held) = &outcome.result {
        let _ = Reflect::set(&value, &JsValue::from("data"), held);
    }
    value
}

/// What a thrown value says: its message and the messages of its causes, as Node hides the reason of
/// a failed fetch there.
fn said(thrown: &JsValue) -> String {
    let mut out = String::new();
    let mut next = thrown.clone();
    for _ in 0..4 {
        let message = match next.as_string() {
            Some(text) => text,
            None => Reflect::get(&next, &JsValue::from("message"))
                .ok()
                .and_then(|m| m.as_string())
                .unwrap_or_default(),
        };
        if !message.is_empty() && !has(&out, &message) {
            out.push_str(if out.is_empty() { "" } else { ": " });
            out.push_str(&message);
        }
        let code = Reflect::get(&next, &JsValue::from("code")).ok().and_then(|c| c.as_string());
        if let Some(code) = code.filter(|c| !has(&out, c)) {
            out.push_str(&fill(" ({})", &[&code]));
        }
        match Reflect::get(&next, &JsValue::from("cause")) {
            Ok(cause) if cause.is_object() => next = cause,
            _ => break,
        }
    }
    if out.is_empty() { "no reason was given".to_owned() } else { out }
}
