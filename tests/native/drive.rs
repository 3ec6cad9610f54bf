//! The loop around a call: a scripted transport on a fake clock, driven by a small executor.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use crate::common::runs::{KEY, START, failed, fine, limited};
use nango_toolkit::audit::Event;
use nango_toolkit::call::{Call, HostFailure, HostFunction, Options, Retry};
use nango_toolkit::drive::{Answer, ApprovalAnswer, Transport, drive};
use nango_toolkit::error::ErrorKind;
use nango_toolkit::http::{Data, NeedsBody, Outcome, Request, Response, Reveal};
use nango_toolkit::policy::Policy;
use serde_json::{Value, json};

const LIST: &str = "NANGO_LIST_INTEGRATIONS";
const DELETE: &str = "NANGO_DELETE_CONNECTION";
const FRESH: &str = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";

/// What the transport does with one request.
enum Act {
    /// Answers after this many milliseconds.
    Answer(u64, Response),
    HostOwned(u16),
    Break,
    Never,
}

/// A transport on a fake clock, which moves on only when everything waits. It is neither `Send` nor `Sync`.
struct Script {
    now: Rc<Cell<u64>>,
    /// The earliest time for which something is waiting.
    wake: Rc<Cell<Option<u64>>>,
    acts: RefCell<VecDeque<Act>>,
    keys: RefCell<VecDeque<Result<&'static str, &'static str>>>,
    approval: ApprovalAnswer,
    cancel_at: u64,
    /// By how many milliseconds the first timer fires too early.
    early: Cell<u64>,
    /// All calls of the transport, with the time since the start.
    log: RefCell<Vec<String>>,
    events: RefCell<Vec<Event>>,
    failures: RefCell<Vec<HostFailure>>,
    /// Requests that were dropped before their response arrived.
    dropped: Cell<u32>,
}

impl Script {
    fn new(acts: impl IntoIterator<Item = Act>) -> Script {
        Script {
            now: Rc::new(Cell::new(START)),
            wake: Rc::default(),
            acts: RefCell::new(acts.into_iter().collect()),
            keys: RefCell::default(),
            approval: ApprovalAnswer::Pending(String::new()),
            cancel_at: u64::MAX,
            early: Cell::new(0),
            log: RefCell::default(),
            events: RefCell::default(),
            failures: RefCell::default(),
            dropped: Cell::new(0),
        }
    }

    fn note(&self, what: &str) {
        self.log.borrow_mut().push(format!("{} {what}", self.now.get() - START));
    }

    fn wait(&self, until: u64) -> impl Future<Output = ()> + use<> {
        let (now, wake) = (self.now.clone(), self.wake.clone());
        poll_fn(move |_| {
            if now.get() >= until {
                return Poll::Ready(());
            }
            wake.set(Some(wake.get().unwrap_or(u64::MAX).min(until)));
            Poll::Pending
        })
    }

    /// Runs a call.
    fn run(&self, call: Call) -> Outcome {
        let mut future = pin!(drive(call, self));
        let mut context = Context::from_waker(Waker::noop());
        loop {
            if let Poll::Ready(outcome) = future.as_mut().poll(&mut context) {
                return outcome;
            }
            self.now.set(self.wake.take().filter(|at| *at < u64::MAX).expect("something waits for a time"));
        }
    }

    fn log(&self) -> Vec<String> {
        self.log.borrow().clone()
    }

    fn event_names(&self) -> Vec<String> {
        let name = |event: &Event| {
            let event: Value = serde_json::from_str(&event.to_json()).unwrap();
            event["type"].as_str().unwrap().trim_start_matches("call.").to_owned()
        };
        self.events.borrow().iter().map(name).collect()
    }
}

/// Counts a request whose future is dropped before it is done.
struct Unfinished<'a>(&'a Cell<u32>, bool);

impl Drop for Unfinished<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() + u32::from(!self.1));
    }
}

impl Transport for Script {
    fn now(&self) -> u64 {
        self.now.get()
    }

    async fn send(&self, request: &Request, needs_body: NeedsBody) -> Result<Answer, String> {
        let key = request.header("authorization").unwrap().trim_start_matches("Bearer ");
        let path = request.url.trim_start_matches("https://api.nango.dev");
        let note = format!("{} {path} with {}", request.method.as_str(), &key[..4]);
        self.note(&note);
        let act = self.acts.borrow_mut().pop_front().expect("an act for each request");
        let mut unfinished = Unfinished(&self.dropped, false);
        let answer = match act {
            Act::Answer(after, response) => {
                self.wait(self.now.get() + after).await;
                Ok(Answer::Whole(response))
            }
            Act::HostOwned(status) => {
                assert!(needs_body != NeedsBody::Always);
                Ok(Answer::HostOwned { status, request_id: Some("req-1".to_owned()) })
            }
            Act::Break => Err("connection reset".to_owned()),
            Act::Never => std::future::pending().await,
        };
        unfinished.1 = true;
        answer
    }

    fn sleep(&self, until: u64) -> impl Future<Output = ()> {
        self.wait(until - self.early.take())
    }

    async fn key(&self, stale: bool) -> Result<String, String> {
        self.note(if stale { "another key" } else { "key" });
        let key = self.keys.borrow_mut().pop_front().unwrap_or(Ok(KEY));
        key.map(str::to_owned).map_err(str::to_owned)
    }

    async fn approve(&self, summary: &str) -> ApprovalAnswer {
        let summary: Value = serde_json::from_str(summary).unwrap();
        self.note(&format!("approve {}", summary["tool"].as_str().unwrap()));
        self.approval.clone()
    }

    async fn cancelled(&self) {
        self.wait(self.cancel_at).await;
    }

    fn on_failure(&self, failure: HostFailure) {
        self.failures.borrow_mut().push(failure);
    }

    fn on_events(&self, events: Vec<Event>) {
        assert!(!events.is_empty());
        self.events.borrow_mut().extend(events);
    }
}

fn list(options: Options) -> Call {
    Call::new(options, LIST, json!({}), 42)
}

fn retry(attempts: u32, total_ms: Option<u64>) -> Options {
    Options { retry: Retry { attempts, total_ms, ..Retry::default() }, ..Options::default() }
}

fn error_kind(outcome: &Outcome) -> ErrorKind {
    outcome.result.as_ref().unwrap_err().kind
}

#[test]
fn a_call_succeeds_and_tells_its_events_in_order() {
    let script = Script::new([Act::Answer(30, fine())]);
    let outcome = script.run(list(Options::default()));
    assert_eq!(outcome.result, Ok(Data::Value(json!({ "success": true }))));
    assert_eq!((outcome.meta.attempts, outcome.meta.duration_ms), (1, Some(30)));
    assert_eq!(script.log(), ["0 key", "0 GET /integrations with d59b"]);
    assert_eq!(script.event_names(), ["started", "attempt", "finished"]);
    assert_eq!(script.dropped.get(), 0);
}

#[test]
fn nobody_is_told_the_events_of_a_quiet_call() {
    let script = Script::new([Act::Answer(0, fine())]);
    let mut call = list(Options::default());
    call.keep_no_events();
    assert!(script.run(call).successful());
    assert!(script.events.borrow().is_empty());
}

#[test]
fn a_body_may_stay_with_the_host() {
    let script = Script::new([Act::HostOwned(200)]);
    let outcome = script.run(list(Options { reveal: Reveal::All, ..Options::default() }));
    assert_eq!((outcome.result, outcome.meta.status), (Ok(Data::Held), Some(200)));
    let finished = script.events.borrow().last().unwrap().to_json();
    assert!(finished.contains(r#""requestId":"req-1""#), "{finished}");
}

#[test]
fn a_failed_attempt_is_repeated_after_a_wait() {
    let script = Script::new([Act::Answer(5, failed(503)), Act::Break, Act::Answer(0, limited(Some("2")))]);
    let outcome = script.run(list(Options::default()));
    assert_eq!((error_kind(&outcome), outcome.meta.attempts), (ErrorKind::RateLimited, 3));
    let script = Script::new([Act::Answer(0, limited(Some("2"))), Act::Answer(0, fine())]);
    let outcome = script.run(list(Options::default()));
    assert!(outcome.successful());
    let waited = outcome.meta.duration_ms.unwrap();
    assert!((2_000..=2_500).contains(&waited), "{waited}");
    assert_eq!(script.event_names(), ["started", "attempt", "retry", "attempt", "finished"]);
}

#[test]
fn an_attempt_has_a_deadline() {
    let script = Script::new([Act::Never, Act::Answer(1_000, fine()), Act::Answer(999, fine())]);
    let options = Options { timeout_ms: Some(1_000), ..retry(3, Some(60_000)) };
    let outcome = script.run(list(options.clone()));
    assert!(outcome.successful(), "{outcome:?}");
    // An answer exactly at the deadline still counts.
    assert_eq!((outcome.meta.attempts, script.dropped.get()), (2, 1));
    let script = Script::new([Act::Never]);
    let once = Options { retry: Retry { attempts: 1, ..Retry::default() }, ..options };
    let outcome = script.run(list(once));
    assert_eq!((error_kind(&outcome), outcome.meta.duration_ms), (ErrorKind::Timeout, Some(1_000)));
    assert_eq!(script.dropped.get(), 1, "the request is over too");
}

#[test]
fn a_timer_that_fires_too_early_ends_no_attempt() {
    let script = Script { early: Cell::new(10), ..Script::new([Act::Answer(995, fine())]) };
    let outcome = script.run(list(Options { timeout_ms: Some(1_000), ..Options::default() }));
    assert!(outcome.successful(), "{outcome:?}");
    assert_eq!((outcome.meta.attempts, script.dropped.get()), (1, 0));
}

#[test]
fn a_call_has_a_total_time() {
    let script = Script::new((0..100).map(|_| Act::Answer(400, failed(500))));
    let outcome = script.run(list(retry(100, Some(5_000))));
    assert_eq!(error_kind(&outcome), ErrorKind::Server);
    assert!(outcome.meta.duration_ms.unwrap() <= 5_000, "{:?}", outcome.meta);
    let script = Script::new([Act::Never]);
    let outcome = script.run(list(retry(100, Some(5_000))));
    assert_eq!((error_kind(&outcome), outcome.meta.duration_ms), (ErrorKind::Timeout, Some(5_000)));
}

#[test]
fn a_refused_key_is_asked_for_again() {
    let body = json!({ "error": { "code": "unknown_account", "message": "no such account" } });
    let refused = || crate::common::runs::answer(401, &[], &body);
    let script = Script::new([Act::Answer(0, refused()), Act::Answer(0, fine())]);
    *script.keys.borrow_mut() = VecDeque::from([Ok(KEY), Ok(FRESH)]);
    assert!(script.run(list(Options::default())).successful());
    let expected =
        ["0 key", "0 GET /integrations with d59b", "0 another key", "0 GET /integrations with 3f25"];
    assert_eq!(script.log(), expected);
    let script = Script::new([]);
    *script.keys.borrow_mut() = VecDeque::from([Err("the vault is closed")]);
    let outcome = script.run(list(Options::default()));
    let error = outcome.result.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unauthorized);
    assert!(!error.to_json().contains("vault"), "{error}");
    let failures = script.failures.take();
    let [failure] = &failures[..] else { panic!("one failure: {failures:?}") };
    assert_eq!((failure.source, failure.message.as_str()), (HostFunction::Key, "the vault is closed"));
    assert!(error.message.contains(&failure.call_id), "{error}");
}

fn delete() -> Call {
    let rule = json!({ "id": "ask-first", "then": "confirm", "effect": "destroy" });
    let policy = Policy::from_value(json!({ "default": "allow", "rules": [rule] })).unwrap();
    let args = json!({ "connection_id": "c", "provider_config_key": "i" });
    Call::new(Options { policy, ..Options::default() }, DELETE, args, 42)
}

#[test]
fn an_approval_is_granted_refused_or_left_open() {
    let answered = |approval, acts: Vec<Act>| {
        let script = Script { approval, ..Script::new(acts) };
        (script.run(delete()), script.log())
    };
    let (outcome, log) = answered(ApprovalAnswer::Granted, vec![Act::Answer(0, fine())]);
    assert!(outcome.successful());
    assert_eq!(log[0], "0 approve NANGO_DELETE_CONNECTION");
    assert_eq!(log.len(), 3, "{log:?}");
    let (outcome, log) = answered(ApprovalAnswer::Refused, vec![]);
    assert_eq!(outcome.result.as_ref().unwrap_err().code, "refused");
    assert_eq!(log.len(), 1, "nothing is sent: {log:?}");
    let (outcome, _) = answered(ApprovalAnswer::Pending("a-token-drawn-at-random".into()), vec![]);
    let error = outcome.result.unwrap_err();
    assert_eq!(error.kind, ErrorKind::ConfirmationRequired);
    assert_eq!(error.details.unwrap()["token"], "a-token-drawn-at-random");
}

#[test]
fn a_call_can_be_cancelled_at_any_time() {
    let script = Script { cancel_at: START + 200, ..Script::new([Act::Never]) };
    let outcome = script.run(list(Options::default()));
    assert_eq!((error_kind(&outcome), outcome.meta.duration_ms), (ErrorKind::Aborted, Some(200)));
    assert_eq!(script.dropped.get(), 1);
    // While it waits between attempts.
    let script = Script { cancel_at: START + 100, ..Script::new([Act::Answer(0, limited(Some("5")))]) };
    assert_eq!(error_kind(&script.run(list(Options::default()))), ErrorKind::Aborted);
    // Before it has begun: not even the key is requested.
    let script = Script { cancel_at: START, ..Script::new([]) };
    assert_eq!(error_kind(&script.run(list(Options::default()))), ErrorKind::Aborted);
    assert!(script.log().is_empty());
}

#[test]
fn nothing_secret_is_shown_for_debugging() {
    let token = ApprovalAnswer::Pending("a-token-drawn-at-random".into());
    let response = Response { status: 200, headers: vec![], body: r#"{"access_token":"sesame"}"#.into() };
    let shown = format!("{token:?} {:?}", Answer::Whole(response));
    assert!(!shown.contains("drawn-at-random") && !shown.contains("sesame"), "{shown}");
}

/// A transport whose futures can move between threads.
struct Sendable;

impl Transport for Sendable {
    fn now(&self) -> u64 {
        START
    }
    async fn send(&self, request: &Request, _needs_body: NeedsBody) -> Result<Answer, String> {
        std::future::ready(()).await;
        Ok(Answer::Whole(if request.url.is_empty() { failed(500) } else { fine() }))
    }
    async fn sleep(&self, _until: u64) {
        std::future::pending().await
    }
    async fn key(&self, _stale: bool) -> Result<String, String> {
        Ok(KEY.to_owned())
    }
    async fn approve(&self, summary: &str) -> ApprovalAnswer {
        std::future::ready(()).await;
        if summary.is_empty() { ApprovalAnswer::Refused } else { ApprovalAnswer::Granted }
    }
}

#[test]
fn the_future_is_send_where_those_of_the_transport_are() {
    fn is_send<T: Send>(future: T) -> T {
        future
    }
    let mut future = pin!(is_send(drive(delete(), &Sendable)));
    let ready = future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    assert!(matches!(ready, Poll::Ready(outcome) if outcome.successful()));
    // And can be spawned, with its own transport.
    let spawned = is_send(async move { drive(delete(), &Sendable).await });
    let outcome =
        std::thread::spawn(move || match pin!(spawned).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(outcome) => outcome,
            Poll::Pending => panic!("it has nothing to wait for"),
        });
    assert!(outcome.join().unwrap().successful());
}

#[cfg(feature = "emulator")]
mod emulated {
    use super::*;
    use nango_toolkit::emulator::Emulator;

    struct Emulated(RefCell<Emulator>, Cell<u64>);

    impl Transport for Emulated {
        fn now(&self) -> u64 {
            self.1.get()
        }
        async fn send(&self, request: &Request, _needs_body: NeedsBody) -> Result<Answer, String> {
            self.1.set(self.1.get() + 5);
            Ok(Answer::Whole(self.0.borrow_mut().handle(request, self.1.get()).response))
        }
        async fn sleep(&self, until: u64) {
            self.1.set(until);
        }
        async fn key(&self, _stale: bool) -> Result<String, String> {
            Ok(self.0.borrow().api_key().to_owned())
        }
        async fn approve(&self, _summary: &str) -> ApprovalAnswer {
            ApprovalAnswer::Granted
        }
    }

    #[test]
    fn a_session_runs_against_the_emulator() {
        let mut emulator = Emulator::new(7);
        emulator
            .set_faults(r#"{"fail":[{"match":{"method":"GET"},"times":1,"kind":"status","status":503}]}"#)
            .unwrap();
        let nango = Emulated(RefCell::new(emulator), Cell::new(START));
        let run = |user: &str| {
            let args = json!({ "connection_id": "hubspot-ada", "provider_config_key": "hubspot" });
            let call = Call::new(crate::common::host::session(user), DELETE, args, 42);
            match pin!(drive(call, &nango)).poll(&mut Context::from_waker(Waker::noop())) {
                Poll::Ready(outcome) => outcome,
                Poll::Pending => panic!("it has nothing to wait for"),
            }
        };
        assert_eq!(error_kind(&run("grace")), ErrorKind::NotFound);
        let outcome = run("ada");
        assert!(outcome.successful(), "{outcome:?}");
        assert_eq!(error_kind(&run("ada")), ErrorKind::NotFound, "it is gone");
        assert!(nango.now() > START + 100, "it waited before the look-up was repeated");
    }
}
