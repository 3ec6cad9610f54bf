//! A [`Transport`] over the `fetch` of a JavaScript host: browsers, Workers, Node, Bun, Deno. Promises and timers
//! are awaited in `wait`, futures are run by [`spawn`]. What a call needs is decided in [`crate::call`].
//!
//! The body of a plain success stays in JavaScript: `JSON.parse` makes the value, and [`Fetch::take_data`] returns it.
//!
//! ```no_run
//! use nango_toolkit::call::{Call, Options};
//! use nango_toolkit::drive::drive;
//! use nango_toolkit::fetch::{Fetch, spawn};
//!
//! let call = Call::new(Options::default(), "NANGO_LIST_INTEGRATIONS", serde_json::json!({}), 42);
//! let transport = Fetch::new("7b0c9f6e-4a55-4b8e-9d6a-2f1f0f6f5c11");
//! spawn(async move {
//!     let outcome = drive(call, &transport).await;
//!     let data = transport.take_data(); // the value, if `outcome.result` is `Ok(Data::Held)`
//! });
//! ```

mod task;
mod wait;

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::rc::Rc;
use std::task::{Poll, Waker};

use gloo_net::http::Response as FetchResponse;
use js_sys::{Date, Function, JsString, Promise, Reflect, RegExp, Uint8Array};
use serde::{Serialize, Serializer};
use wasm_bindgen::prelude::*;
use web_sys::{AbortController, AbortSignal, RequestInit};

use crate::audit::Event;

use crate::call::{HostFailure, HostFunction, Options, Start};
use crate::drive::{Answer, ApprovalAnswer, Transport};
use crate::http::{NeedsBody, PUBLIC_KEYS, Request, Response, SIGNS, WORDS, is_json, is_utf8_text};
use crate::json::to_json;
pub use task::spawn;
use wait::{Callbacks, Settled, Timeout};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = fetch, catch)]
    fn global_fetch(url: &str, init: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = JSON, js_name = parse, catch)]
    fn parse_json(text: &JsValue) -> Result<JsValue, JsValue>;
}

/// Where the API key comes from.
#[derive(Clone)]
enum Key {
    Text(String),
    /// `({ stale }) => string | Promise<string>`
    Function(Function),
}

/// The transport of one call at a time. Concurrent calls need a clone each.
pub struct Fetch {
    key: Key,
    fetch: Option<Function>,
    signal: Option<Rc<Signal>>,
    approve: Option<Function>,
    start: Option<Function>,
    on_event: Option<Function>,
    on_failure: Option<Function>,
    callbacks: Callbacks,
    data: RefCell<Option<JsValue>>,
    max_answer_bytes: u64,
    /// The value that a function of the host has thrown.
    thrown: RefCell<Option<JsValue>>,
}

/// Omits the data of an answer.
impl Clone for Fetch {
    fn clone(&self) -> Fetch {
        Fetch {
            key: self.key.clone(),
            fetch: self.fetch.clone(),
            signal: self.signal.clone(),
            approve: self.approve.clone(),
            start: self.start.clone(),
            on_event: self.on_event.clone(),
            on_failure: self.on_failure.clone(),
            callbacks: self.callbacks.clone(),
            data: RefCell::default(),
            max_answer_bytes: self.max_answer_bytes,
            thrown: RefCell::default(),
        }
    }
}

/// Omits the API key.
impl std::fmt::Debug for Fetch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fetch").finish_non_exhaustive()
    }
}

impl Fetch {
    /// A transport with the host's own `fetch` and this API key.
    #[must_use]
    pub fn new(key: impl Into<String>) -> Fetch {
        Fetch::with_key(Key::Text(key.into()))
    }

    /// A transport that gets its key from a function: `({ stale }) => string | Promise<string>`, where `stale`
    /// says that Nango has rejected the previous key.
    #[must_use]
    pub fn with_key_function(key: Function) -> Fetch {
        Fetch::with_key(Key::Function(key))
    }

    fn with_key(key: Key) -> Fetch {
        let (fetch, signal, approve, start, on_event, on_failure) = (None, None, None, None, None, None);
        let (callbacks, data, thrown) = (Callbacks::default(), RefCell::default(), RefCell::default());
        let max_answer_bytes = Options::MAX_ANSWER_BYTES;
        Fetch {
            key,
            fetch,
            signal,
            approve,
            start,
            on_event,
            on_failure,
            callbacks,
            data,
            max_answer_bytes,
            thrown,
        }
    }

    /// Uses a function instead of the host's `fetch`: a service binding, a stub.
    #[must_use]
    pub fn fetch(self, fetch: Function) -> Fetch {
        Fetch { fetch: Some(fetch), ..self }
    }

    /// Sets the maximum size of a response, in bytes of its body: [`crate::call::Call::max_answer_bytes`].
    #[must_use]
    pub fn max_answer_bytes(self, max_answer_bytes: u64) -> Fetch {
        Fetch { max_answer_bytes, ..self }
    }

    /// Cancels the call when this signal aborts.
    #[must_use]
    pub fn signal(self, signal: AbortSignal) -> Fetch {
        let signal = Some(Rc::new(Signal::new(signal, &self.callbacks)));
        Fetch { signal, ..self }
    }

    /// Uses a function that approves calls: `(summary: string) => boolean | string | Promise<…>`. `true`
    /// grants, `false` refuses, a string is the token that confirms the call later.
    #[must_use]
    pub fn approve(self, approve: Function) -> Fetch {
        Fetch { approve: Some(approve), ..self }
    }

    /// Uses a function that says whether a call may start, see [`Transport::start`]:
    /// `(slug: string, isLimited: boolean) => number | boolean | string | Promise<…>`. A number is how often the tool was
    /// started before, `true` allows the call, `false` says that the session was revoked, a string is the reason why that
    /// is unknown.
    #[must_use]
    pub fn start(self, start: Function) -> Fetch {
        Fetch { start: Some(start), ..self }
    }

    /// Uses a function that receives each audit event as an object. It must not throw.
    #[must_use]
    pub fn on_event(self, on_event: Function) -> Fetch {
        Fetch { on_event: Some(on_event), ..self }
    }

    /// Uses a function that receives why `fetch`, or the function that returns the key, has failed:
    /// `(thrown: unknown, context: { id: string, source: "fetch" | "apiKey" }) => void`. It must not throw.
    #[must_use]
    pub fn on_failure(self, on_failure: Function) -> Fetch {
        Fetch { on_failure: Some(on_failure), ..self }
    }

    /// The message of a thrown value; the value itself is kept for [`Fetch::on_failure`].
    fn reason(&self, thrown: JsValue) -> String {
        let said = reason(&thrown);
        self.thrown.replace(Some(thrown));
        said
    }

    /// Uses a function that wraps each callback for the host, so that a trap in it can be caught:
    /// `(callback) => callback`. Set it before [`Fetch::signal`].
    #[must_use]
    pub fn guard(self, guard: Function) -> Fetch {
        Fetch { callbacks: Callbacks::guarded(guard), ..self }
    }

    /// Whether the caller's signal is already aborted.
    #[must_use]
    pub fn is_aborted(&self) -> bool {
        self.signal.as_ref().is_some_and(|signal| signal.is_aborted())
    }

    /// The value of the last answer that stayed in JavaScript, once.
    pub fn take_data(&self) -> Option<JsValue> {
        self.data.take()
    }

    /// The value of a promise, or a plain value.
    async fn settled(&self, value: JsValue) -> Result<JsValue, JsValue> {
        Settled::new(&resolve(&value)?, &self.callbacks)?.await
    }

    /// The result of a function of the host, or of the promise that it returned.
    async fn called(&self, returned: Result<JsValue, JsValue>) -> Result<JsValue, JsValue> {
        self.settled(returned?).await
    }

    async fn request(
        &self,
        request: &Request,
        needs_body: NeedsBody,
        signal: &AbortSignal,
    ) -> Result<Answer, String> {
        let init = init(request, signal).map_err(|thrown| self.reason(thrown))?;
        let promise = match &self.fetch {
            Some(fetch) => fetch.call2(&JsValue::UNDEFINED, &JsValue::from_str(&request.url), &init),
            None => global_fetch(&request.url, &init),
        };
        let answer = self.called(promise).await.map_err(|thrown| self.reason(thrown))?;
        self.read(answer, needs_body).await
    }

    /// Whether a body, a string or bytes, is larger than a response may be. For a string that is only known if its
    /// characters, each of which takes one byte or more, are too many already.
    fn is_too_large(&self, body: &JsValue) -> bool {
        let length = match body.dyn_ref::<JsString>() {
            Some(text) => text.length(),
            None => body.unchecked_ref::<Uint8Array>().length(),
        };
        u64::from(length) > self.max_answer_bytes
    }

    async fn read(&self, answer: JsValue, needs_body: NeedsBody) -> Result<Answer, String> {
        let head = Head::of(&answer).ok_or("the `fetch` function did not return a Response")?;
        let Head { status, content_type, retry_after, request_id } = head;
        // Only events carry it.
        let request_id = request_id.filter(|_| self.on_event.is_some());
        let as_bytes = !is_utf8_text(&content_type) && has_method(&answer, "arrayBuffer");
        let broke = |thrown: JsValue| format!("the response ended early: {}", self.reason(thrown));
        let reader: &Body = answer.unchecked_ref();
        let reading = if as_bytes { reader.array_buffer() } else { reader.text() };
        let body = self.called(reading).await.map_err(&broke)?;
        // A host that stops reading gives nothing.
        if body.is_undefined() {
            return Ok(Answer::TooLarge { status });
        }
        let body = if as_bytes { bytes_of(&body).map_err(broke)?.into() } else { body };
        if !as_bytes && !body.is_string() {
            return Err("the response of the `fetch` function has a body that is not text".to_owned());
        }
        if self.is_too_large(&body) {
            return Ok(Answer::TooLarge { status });
        }
        if needs_body != NeedsBody::Always
            && !as_bytes
            && (200..=202).contains(&status)
            && is_json(&content_type)
            && !is_inexact(&body)
            && (needs_body == NeedsBody::Never || !may_contain_secrets(&body))
            && let Ok(data) = parse_json(&body)
        {
            self.data.replace(Some(data));
            return Ok(Answer::HostOwned { status, request_id });
        }
        let mut all = vec![("content-type".to_owned(), content_type)];
        all.extend(retry_after.map(|seconds| ("retry-after".to_owned(), seconds)));
        all.extend(request_id.map(|id| ("x-request-id".to_owned(), id)));
        // A list of a provider may continue at it. Nobody needs it of other responses.
        if needs_body == NeedsBody::Always {
            all.extend(Head::header(&answer, "link").map(|link| ("link".to_owned(), link)));
        }
        let head = Response { status, headers: all, body: body.as_string().unwrap_or_default() };
        if as_bytes {
            return Ok(Answer::Bytes { head, body: body.unchecked_ref::<Uint8Array>().to_vec() });
        }
        Ok(Answer::Whole(head))
    }
}

#[wasm_bindgen]
extern "C" {
    /// The part of a response that reads its body. A stub's may throw.
    type Body;
    #[wasm_bindgen(method, catch)]
    fn text(this: &Body) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, js_name = arrayBuffer)]
    fn array_buffer(this: &Body) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_name = Uint8Array)]
    type Bytes;
    #[wasm_bindgen(constructor, js_class = "Uint8Array", catch)]
    fn new(buffer: &JsValue) -> Result<Bytes, JsValue>;
    #[wasm_bindgen(js_namespace = Promise, js_name = resolve, catch)]
    fn resolve(value: &JsValue) -> Result<Promise, JsValue>;
}

/// The parts of a response that are read in addition to its body.
struct Head {
    status: u16,
    content_type: String,
    retry_after: Option<String>,
    request_id: Option<String>,
}

impl Head {
    /// From the value of `fetch`, if it is a response: the host's own class, or any object with the same members.
    fn of(answer: &JsValue) -> Option<Head> {
        let Ok(response) = answer.clone().dyn_into::<web_sys::Response>() else {
            return Head::of_stub(answer);
        };
        let response = FetchResponse::from(response);
        let headers = response.headers();
        Some(Head {
            status: response.status(),
            content_type: headers.get("content-type").unwrap_or_default(),
            retry_after: headers.get("retry-after"),
            request_id: headers.get("x-request-id"),
        })
    }

    /// From a stub, whose members may throw.
    fn of_stub(answer: &JsValue) -> Option<Head> {
        let status = member(answer, "status")?.as_f64()? as u16;
        member(answer, "text").filter(JsValue::is_function)?;
        member(&member(answer, "headers")?, "get").filter(JsValue::is_function)?;
        Some(Head {
            status,
            content_type: Head::header(answer, "content-type").unwrap_or_default(),
            retry_after: Head::header(answer, "retry-after"),
            request_id: Head::header(answer, "x-request-id"),
        })
    }

    /// A header of a response or of a stub.
    fn header(answer: &JsValue, name: &str) -> Option<String> {
        let headers = member(answer, "headers")?;
        let get: Function = member(&headers, "get")?.dyn_into().ok()?;
        get.call1(&headers, &JsValue::from_str(name)).ok()?.as_string()
    }
}

fn member(of: &JsValue, name: &str) -> Option<JsValue> {
    Reflect::get(of, &JsValue::from_str(name)).ok()
}

/// What `JSON.parse` would change: an integer of sixteen digits or more, a number beyond the range of a double (or any
/// text that is only a number), half of a surrogate pair. Digits in strings are not numbers. These are several patterns
/// because they are searched much faster than one that joins them.
const INEXACT: [&str; 3] = [
    r"[[:,\s]-?(?:\d{16}|\d[\d.]*[eE]\+?\d{3})",
    r"^-?\d",
    r"\\u[dD][89abAB]..(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB]..)\\u[dD][c-fC-F]",
];

thread_local! {
    static INEXACT_PATTERNS: Vec<RegExp> = INEXACT.iter().map(|pattern| RegExp::new(pattern, "")).collect();
    /// What [`crate::http::may_contain_secrets`] looks for.
    static SECRET_PATTERNS: [RegExp; 2] = [
        RegExp::new(&format!("{}|(?<!{})key", WORDS.join("|"), PUBLIC_KEYS.join("|")), "i"),
        RegExp::new(&SIGNS.join("|").replace('\\', r"\\"), ""),
    ];
}

fn is_found(patterns: &[RegExp], text: &JsValue) -> bool {
    patterns.iter().any(|pattern| text.unchecked_ref::<JsString>().search(pattern) >= 0)
}

/// Whether the core must read JSON text, so that nothing in it is lost; a quick look, which sometimes says so
/// unnecessarily.
fn is_inexact(text: &JsValue) -> bool {
    INEXACT_PATTERNS.with(|patterns| is_found(patterns, text))
}

/// [`crate::http::may_contain_secrets`] of a string that stays in JavaScript.
fn may_contain_secrets(text: &JsValue) -> bool {
    SECRET_PATTERNS.with(|patterns| is_found(patterns, text))
}

/// The bytes of a buffer. What a stub gives may be none.
fn bytes_of(buffer: &JsValue) -> Result<Uint8Array, JsValue> {
    Bytes::new(buffer).map(JsCast::unchecked_into)
}

fn has_method(value: &JsValue, name: &str) -> bool {
    Reflect::get(value, &JsValue::from_str(name)).is_ok_and(|member| member.is_function())
}

/// The second argument of `fetch`. All but the body and the signal cross as one JSON text, which is quicker than
/// one property at a time.
fn init(request: &Request, signal: &AbortSignal) -> Result<RequestInit, JsValue> {
    let plain =
        Init { method: request.method.as_str(), headers: Headers(&request.headers), redirect: "manual" };
    let init: RequestInit = parse_json(&to_json(&plain).into())?.unchecked_into();
    init.set_signal(Some(signal));
    if let Some(body) = &request.body {
        init.set_body(&JsValue::from_str(body));
    }
    Ok(init)
}

/// The part of a `RequestInit` that is plain data.
#[derive(Serialize)]
struct Init<'a> {
    method: &'static str,
    headers: Headers<'a>,
    redirect: &'static str,
}

/// Headers as an object.
struct Headers<'a>(&'a [(String, String)]);

impl Serialize for Headers<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

/// The message of a thrown value and those of its causes, since Node puts the reason of a failed fetch there.
fn reason(thrown: &JsValue) -> String {
    const DEEPEST: usize = 4;
    let member = |value: &JsValue, name: &str| Reflect::get(value, &JsValue::from_str(name)).ok();
    let mut said = String::new();
    let mut next = Some(thrown.clone());
    for _ in 0..DEEPEST {
        let Some(value) = next.filter(|value| !value.is_falsy()) else { break };
        let message = value.as_string().or_else(|| member(&value, "message")?.as_string());
        if let Some(message) = message.filter(|message| !said.contains(message.as_str())) {
            let separator = if said.is_empty() { "" } else { ": " };
            said = format!("{said}{separator}{message}");
        }
        let code = member(&value, "code").and_then(|code| code.as_string());
        if let Some(code) = code.filter(|code| !said.contains(code.as_str())) {
            said = format!("{said} ({code})");
        }
        next = if value.is_object() { member(&value, "cause") } else { None };
    }
    if said.is_empty() { "no reason given".to_owned() } else { said }
}

/// Aborts a request that nothing waits for any more.
struct Abort(Option<AbortController>);

impl Drop for Abort {
    fn drop(&mut self) {
        if let Some(controller) = &self.0 {
            controller.abort();
        }
    }
}

impl Transport for Fetch {
    fn now(&self) -> u64 {
        Date::now() as u64
    }

    async fn send(&self, request: &Request, needs_body: NeedsBody) -> Result<Answer, String> {
        let controller = AbortController::new().map_err(|thrown| self.reason(thrown))?;
        let signal = controller.signal();
        let mut abort = Abort(Some(controller));
        let answer = self.request(request, needs_body, &signal).await;
        if !matches!(answer, Ok(Answer::TooLarge { .. })) {
            abort.0 = None;
        }
        answer
    }

    async fn sleep(&self, until: u64) {
        // Hosts treat longer times as 0; `drive` sleeps again until the time has come.
        const LONGEST: u64 = i32::MAX as u64;
        // Uses a timer even if the time has already passed, so that an answer that has arrived is seen first.
        Timeout::new(until.saturating_sub(self.now()).min(LONGEST), &self.callbacks).await;
    }

    async fn key(&self, stale: bool) -> Result<String, String> {
        let function = match &self.key {
            Key::Text(key) => return Ok(key.clone()),
            Key::Function(function) => function,
        };
        let context = js_sys::Object::new();
        // A plain object accepts any property.
        let _ = Reflect::set(&context, &JsValue::from_str("stale"), &JsValue::from_bool(stale));
        let key = self.called(function.call1(&JsValue::UNDEFINED, &context)).await;
        let key = key.map_err(|thrown| self.reason(thrown))?;
        key.as_string().ok_or_else(|| "the `apiKey` function did not return a string".to_owned())
    }

    async fn approve(&self, summary: &str) -> ApprovalAnswer {
        let nobody = || ApprovalAnswer::Pending(String::new());
        let Some(function) = &self.approve else { return nobody() };
        match self.called(function.call1(&JsValue::UNDEFINED, &JsValue::from_str(summary))).await {
            Ok(answer) if answer.as_bool() == Some(true) => ApprovalAnswer::Granted,
            Ok(answer) if answer.as_bool() == Some(false) => ApprovalAnswer::Refused,
            Ok(answer) => answer.as_string().map_or_else(nobody, ApprovalAnswer::Pending),
            Err(_) => nobody(),
        }
    }

    async fn start(&self, tool: &str, is_limited: bool) -> Start {
        let Some(function) = &self.start else { return Start::Granted { calls: None } };
        let limited = JsValue::from_bool(is_limited);
        let answer = function.call2(&JsValue::UNDEFINED, &JsValue::from_str(tool), &limited);
        match self.called(answer).await {
            Ok(answer) => match (answer.as_bool(), answer.as_f64(), answer.as_string()) {
                (Some(true), ..) => Start::Granted { calls: None },
                (Some(false), ..) => Start::Revoked,
                (_, Some(calls), _) => Start::Granted { calls: Some(calls as u64) },
                (.., why) => Start::Failed(why.unwrap_or_else(|| "it did not answer".to_owned())),
            },
            Err(thrown) => Start::Failed(reason(&thrown)),
        }
    }

    fn cancelled(&self) -> impl Future<Output = ()> {
        let signal = self.signal.clone();
        poll_fn(move |context| match &signal {
            Some(signal) => signal.poll(context.waker()),
            None => Poll::Pending,
        })
    }

    fn on_failure(&self, failure: HostFailure) {
        let thrown = self.thrown.take();
        let Some(function) = &self.on_failure else { return };
        let thrown = thrown.unwrap_or_else(|| js_sys::Error::new(&failure.message).into());
        let context = FailureContext { id: &failure.call_id, source: failure.source };
        // A listener that throws must not stop a call.
        let _ = function.call2(&JsValue::UNDEFINED, &thrown, &value_of(&context));
    }

    fn on_events(&self, events: Vec<Event>) {
        let Some(function) = &self.on_event else { return };
        for event in &events {
            // A listener that throws must not stop a call.
            let _ = function.call1(&JsValue::UNDEFINED, &value_of(event));
        }
    }
}

/// What [`Fetch::on_failure`] receives in addition to the thrown value.
#[derive(serde::Serialize)]
struct FailureContext<'f> {
    id: &'f str,
    source: HostFunction,
}

/// The caller's signal, with a listener while the call runs.
struct Signal {
    signal: AbortSignal,
    waker: Rc<RefCell<Option<Waker>>>,
    listener: Function,
}

impl Signal {
    fn new(signal: AbortSignal, callbacks: &Callbacks) -> Signal {
        let waker = Rc::new(RefCell::new(None::<Waker>));
        let woken = Rc::clone(&waker);
        let listener = callbacks.make(move |_| {
            let waker = woken.take();
            if let Some(waker) = waker {
                waker.wake();
            }
        });
        // A signal without `addEventListener` never aborts.
        let _ = signal.add_event_listener_with_callback("abort", &listener);
        Signal { signal, waker, listener }
    }

    /// A signal that cannot be read counts as aborted.
    fn is_aborted(&self) -> bool {
        let aborted = Reflect::get(&self.signal, &JsValue::from_str("aborted"));
        !aborted.is_ok_and(|aborted| aborted.is_falsy())
    }

    fn poll(&self, waker: &Waker) -> Poll<()> {
        if self.is_aborted() {
            return Poll::Ready(());
        }
        self.waker.replace(Some(waker.clone()));
        Poll::Pending
    }
}

impl Drop for Signal {
    fn drop(&mut self) {
        let _ = self.signal.remove_event_listener_with_callback("abort", &self.listener);
    }
}

/// A small structure as a plain JavaScript value: objects for maps, numbers for integers.
pub(crate) fn value_of(value: &(impl Serialize + ?Sized)) -> JsValue {
    // All keys are strings.
    value.serialize(&serde_wasm_bindgen::Serializer::json_compatible()).unwrap_or(JsValue::UNDEFINED)
}
