//! The fetch transport: drives a [`Call`] with the host's `fetch` and timers. The only `async` code
//! of the crate. It decides nothing: what to send, how long to wait and what an answer means is the
//! call's.

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll as Ready, Wake, Waker};

use gloo_net::http::Response as Answer;
use gloo_timers::callback::Timeout;
use js_sys::{Date, Function, JSON, JsString, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, AbortSignal};

use crate::call::{Ask, Call, Poll};
use crate::http::{Data, Outcome, Request, Response};

#[wasm_bindgen]
extern "C" {
    /// The host's parser on a text that stays with the host: the body of an answer never crosses.
    #[wasm_bindgen(js_namespace = JSON, js_name = parse, catch)]
    fn parse_held(text: &JsString) -> Result<JsValue, JsValue>;
}

/// One running call. JavaScript polls it, so that a fault in here surfaces there as an exception
/// instead of a promise that never settles.
#[wasm_bindgen]
pub struct Execution {
    future: Pin<Box<dyn Future<Output = JsValue>>>,
    shared: Rc<Shared>,
}

struct Shared {
    call: RefCell<Call>,
    cancelled: RefCell<Option<Waker>>,
    abort: RefCell<Option<AbortController>>,
    event: Option<Function>,
}

struct Wakes(Function);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }
    fn wake_by_ref(self: &Arc<Self>) {
        // What the waker throws is the host's own concern; there is nobody here to tell.
        let _ = self.0.call0(&JsValue::UNDEFINED);
    }
}

#[wasm_bindgen]
impl Execution {
    /// The result when there is one, `undefined` before; `wake` is called when it is worth asking again.
    pub fn poll(&mut self, wake: &Function) -> JsValue {
        let waker = Waker::from(Arc::new(Wakes(wake.clone())));
        match self.future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Ready::Ready(result) => result,
            Ready::Pending => JsValue::UNDEFINED,
        }
    }

    /// Aborts the call; the next poll gives its result.
    pub fn cancel(&self) {
        self.shared.call.borrow_mut().cancel(now());
        self.shared.give_up();
        if let Some(waker) = self.shared.cancelled.take() {
            waker.wake();
        }
    }
}

impl Execution {
    pub(super) fn new(call: Call, key: JsValue, fetch: Function, event: Option<Function>) -> Execution {
        let shared = Rc::new(Shared {
            call: RefCell::new(call),
            cancelled: RefCell::new(None),
            abort: RefCell::new(None),
            event,
        });
        let future = Box::pin(drive(Rc::clone(&shared), key, fetch));
        Execution { future, shared }
    }
}

impl Shared {
    fn poll(&self) -> Poll {
        let poll = self.call.borrow_mut().poll(now());
        self.tell();
        poll
    }

    /// Hands the new events to whoever listens. A listener that throws harms nobody.
    fn tell(&self) {
        let events = self.call.borrow_mut().take_events();
        if let Some(listener) = &self.event {
            for event in events {
                if let Ok(event) = JSON::parse(&event.to_json()) {
                    let _ = listener.call1(&JsValue::UNDEFINED, &event);
                }
            }
        }
    }

    /// Stops the request that is under way, if one is.
    fn give_up(&self) {
        if let Some(controller) = self.abort.take() {
            controller.abort();
        }
    }
}

fn now() -> u64 {
    Date::now() as u64
}

async fn drive(shared: Rc<Shared>, key: JsValue, fetch: Function) -> JsValue {
    let mut held = None;
    loop {
        match shared.poll() {
            Poll::Ask(Ask::Key) => {
                let key = or_cancelled(&shared, ask(&key)).await.unwrap_or_else(|| Err("aborted".to_owned()));
                let key = key.as_deref().map_err(String::as_str);
                shared.call.borrow_mut().handle_key(key, now());
            }
            Poll::Wait(until) => {
                sleep(&shared, until).await;
            }
            Poll::Send { request, until } => held = attempt(&shared, &fetch, request, until).await,
            Poll::Done(outcome) => return result(&outcome, held),
        }
    }
}

/// The key itself, or what the function that gives it gives.
async fn ask(key: &JsValue) -> Result<String, String> {
    let key = match key.dyn_ref::<Function>() {
        Some(function) => {
            let given = function.call0(&JsValue::UNDEFINED).map_err(|e| said(&e))?;
            JsFuture::from(Promise::resolve(&given)).await.map_err(|e| said(&e))?
        }
        None => key.clone(),
    };
    key.as_string().ok_or_else(|| "the function given as `apiKey` did not return a text".to_owned())
}

/// One attempt, given up at `until`. What it returns is the body, where the call did not want to see it.
async fn attempt(shared: &Rc<Shared>, fetch: &Function, request: Request, until: u64) -> Option<JsValue> {
    let controller = AbortController::new().ok();
    let signal = controller.as_ref().map(AbortController::signal);
    *shared.abort.borrow_mut() = controller;
    let send = exchange(shared, fetch, request, signal);
    let mut send = std::pin::pin!(or_cancelled(shared, send));
    let mut timer: Option<Timeout> = None;
    let finished = poll_fn(|cx| {
        if let Ready::Ready(done) = send.as_mut().poll(cx) {
            return Ready::Ready(Some(done));
        }
        if now() >= until {
            return Ready::Ready(None);
        }
        if timer.is_none() {
            timer = Some(wake_at(until, cx.waker().clone()));
        }
        Ready::Pending
    })
    .await;
    let exchanged = match finished {
        Some(Some(exchanged)) => exchanged,
        // Too late or cancelled: the call knows by the next poll.
        _ => {
            shared.give_up();
            return None;
        }
    };
    shared.abort.take();
    let mut call = shared.call.borrow_mut();
    match exchanged {
        Ok(Exchanged::Held(status, body)) => {
            call.handle_held(status, now());
            Some(body)
        }
        Ok(Exchanged::Whole(response)) => {
            call.handle_response(&response, now());
            None
        }
        Err(why) => {
            call.handle_transport_error(&why, now());
            None
        }
    }
}

enum Exchanged {
    Held(u16, JsValue),
    Whole(Response),
}

/// Request out, answer in.
async fn exchange(
    shared: &Shared,
    fetch: &Function,
    request: Request,
    signal: Option<AbortSignal>,
) -> Result<Exchanged, String> {
    let init = init(&request, signal).map_err(|e| said(&e))?;
    // `fetch(url, init)` with `this` unset: browsers refuse any other, and a `Request` would be copied.
    let promise = fetch
        .call2(&JsValue::UNDEFINED, &JsValue::from(request.url.as_str()), &init)
        .map_err(|e| said(&e))?;
    let answer = JsFuture::from(Promise::resolve(&promise)).await.map_err(|e| said(&e))?;
    if !is_response(&answer) {
        return Err("the function given as `fetch` did not return a Response".to_owned());
    }
    let raw: web_sys::Response = answer.unchecked_into();
    let text = raw.text().map_err(|e| said(&e))?;
    let answer = Answer::from(raw);
    let status = answer.status();
    let headers = answer.headers();
    let content_type = headers.get("content-type").unwrap_or_default();
    let text: JsString = JsFuture::from(text)
        .await
        .map_err(|e| format!("the answer broke off: {}", said(&e)))?
        .unchecked_into();
    if !shared.call.borrow().needs_body(status, &content_type)
        && let Ok(value) = parse_held(&text)
    {
        return Ok(Exchanged::Held(status, value));
    }
    let mut kept = vec![("content-type".to_owned(), content_type)];
    kept.extend(headers.get("retry-after").map(|v| ("retry-after".to_owned(), v)));
    Ok(Exchanged::Whole(Response { status, headers: kept, body: String::from(&text) }))
}

/// The second argument of `fetch`, made by one parse.
fn init(request: &Request, signal: Option<AbortSignal>) -> Result<JsValue, JsValue> {
    let mut w = crate::json::Writer::new();
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
    value.is_object()
        && member(value, "status").as_f64().is_some()
        && member(value, "text").is_function()
        && member(&member(value, "headers"), "get").is_function()
}

/// The future's output, or nothing when the call is cancelled first.
async fn or_cancelled<T>(shared: &Shared, future: impl Future<Output = T>) -> Option<T> {
    let mut future = std::pin::pin!(future);
    poll_fn(|cx| {
        if shared.call.borrow().has_ended() {
            return Ready::Ready(None);
        }
        *shared.cancelled.borrow_mut() = Some(cx.waker().clone());
        future.as_mut().poll(cx).map(Some)
    })
    .await
}

/// Until that time, or until the call is cancelled.
async fn sleep(shared: &Shared, until: u64) {
    let mut timer: Option<Timeout> = None;
    let waiting = poll_fn(|cx| {
        if now() >= until {
            return Ready::Ready(());
        }
        timer = Some(wake_at(until, cx.waker().clone()));
        Ready::Pending
    });
    or_cancelled(shared, waiting).await;
}

fn wake_at(until: u64, waker: Waker) -> Timeout {
    // Hosts treat timers beyond 2^31 milliseconds as none at all.
    let ms = until.saturating_sub(now()).min(0x7fff_ffff);
    Timeout::new(ms as u32, move || waker.wake())
}

/// The result object: the envelope by one parse, the body as the host holds it.
fn result(outcome: &Outcome, held: Option<JsValue>) -> JsValue {
    let value = JSON::parse(&outcome.to_json()).unwrap_or_default();
    if let (Ok(Data::Held), Some(body)) = (&outcome.result, held) {
        let _ = Reflect::set(&value, &JsValue::from("data"), &body);
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
        if !message.is_empty() && !out.contains(&message) {
            out.push_str(if out.is_empty() { "" } else { ": " });
            out.push_str(&message);
        }
        let code = Reflect::get(&next, &JsValue::from("code")).ok().and_then(|c| c.as_string());
        if let Some(code) = code.filter(|c| !out.contains(c.as_str())) {
            out.push_str(&format!(" ({code})"));
        }
        match Reflect::get(&next, &JsValue::from("cause")) {
            Ok(cause) if cause.is_object() => next = cause,
            _ => break,
        }
    }
    if out.is_empty() { "no reason was given".to_owned() } else { out }
}
