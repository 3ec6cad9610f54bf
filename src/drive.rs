//! The one loop around a [`Call`], for any async runtime or none: [`drive`] does what the call asks, with
//! a [`Transport`] of the host that sends, waits and knows the time. No decision is made here; what an
//! answer means and what may be retried is decided in [`crate::call`].
//!
//! ```
//! use std::future::{Future, ready};
//! use std::pin::pin;
//! use std::task::{Context, Poll, Waker};
//!
//! use nango_toolkit::call::{Call, Options};
//! use nango_toolkit::drive::{Answer, Transport, drive};
//! use nango_toolkit::http::{NeedsBody, Request, Response};
//! use serde_json::json;
//!
//! struct Canned;
//!
//! impl Transport for Canned {
//!     fn now(&self) -> u64 {
//!         0
//!     }
//!     async fn send(&self, _request: &Request, _needs_body: NeedsBody) -> Result<Answer, String> {
//!         let headers = vec![("content-type".into(), "application/json".into())];
//!         Ok(Answer::Whole(Response { status: 200, headers, body: r#"{ "data": [] }"#.into() }))
//!     }
//!     fn sleep(&self, _until: u64) -> impl Future<Output = ()> {
//!         std::future::pending()
//!     }
//!     fn key(&self, _stale: bool) -> impl Future<Output = Result<String, String>> {
//!         ready(Ok("7b0c9f6e-4a55-4b8e-9d6a-2f1f0f6f5c11".to_owned()))
//!     }
//! }
//!
//! let call = Call::new(Options::default(), "NANGO_PROVIDERS_LIST_GET", json!({}), 42);
//! // Any executor works; nothing here has to wait, so one poll is enough.
//! let outcome = pin!(drive(call, &Canned)).poll(&mut Context::from_waker(Waker::noop()));
//! assert!(matches!(outcome, Poll::Ready(outcome) if outcome.successful()));
//! ```

mod pages;

use std::fmt;
use std::future::{Future, pending, poll_fn, ready};
use std::pin::{Pin, pin};
use std::task::Poll;

use crate::audit::Event;
use crate::call::{Action, Approval, Ask, Call, HostFailure, Start};
use crate::http::{NeedsBody, Outcome, Request, Response};

pub use pages::Pages;

/// The response to a request.
#[non_exhaustive]
pub enum Answer {
    /// The whole answer.
    Whole(Response),
    /// The whole answer, if the body may be something other than text in UTF-8.
    Bytes {
        /// The answer without its body.
        head: Response,
        /// The body.
        body: Vec<u8>,
    },
    /// A success (status 200 to 202) with a JSON body that the host has parsed and keeps, so that the outcome
    /// carries [`crate::http::Data::Held`]. Only allowed if the argument of [`Transport::send`] says that the
    /// body is not needed.
    HostOwned {
        /// The HTTP status.
        status: u16,
        /// The value of the answer's `x-request-id` header.
        request_id: Option<String>,
    },
    /// A response that is larger than [`Call::max_answer_bytes`] and was not read to its end.
    TooLarge {
        /// The HTTP status.
        status: u16,
    },
}

/// Without the body and the headers, which may hold secrets that are not masked yet.
impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Answer::Whole(response) => {
                f.debug_struct("Whole").field("status", &response.status).finish_non_exhaustive()
            }
            Answer::Bytes { head, .. } => {
                f.debug_struct("Bytes").field("status", &head.status).finish_non_exhaustive()
            }
            Answer::HostOwned { status, request_id } => {
                f.debug_struct("HostOwned").field("status", status).field("request_id", request_id).finish()
            }
            Answer::TooLarge { status } => f.debug_struct("TooLarge").field("status", status).finish(),
        }
    }
}

/// The decision of an approver about a call; an [`Approval`] that owns its token.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ApprovalAnswer {
    /// The call may run.
    Granted,
    /// The call may not run.
    Refused,
    /// The decision is pending; see [`Approval::Pending`] for what the token must be. If it is empty, the call
    /// cannot be confirmed later.
    Pending(String),
}

/// Without the token, which lets its holder confirm the call.
impl fmt::Debug for ApprovalAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ApprovalAnswer::Granted => "Granted",
            ApprovalAnswer::Refused => "Refused",
            ApprovalAnswer::Pending(_) => "Pending(..)",
        })
    }
}

impl ApprovalAnswer {
    fn as_approval(&self) -> Approval<'_> {
        match self {
            ApprovalAnswer::Granted => Approval::Granted,
            ApprovalAnswer::Refused => Approval::Refused,
            ApprovalAnswer::Pending(token) => Approval::Pending(token),
        }
    }
}

/// What a host provides so that calls can run. All times are in milliseconds since the Unix epoch.
///
/// A transport without an async runtime returns futures that are ready at once. It must not block before its
/// future is polled: [`drive`] creates the futures of `send` and `sleep` together, polls `cancelled` first,
/// then `send`, and `sleep` only if there is no answer yet.
pub trait Transport {
    /// The current time.
    fn now(&self) -> u64;

    /// Sends `request`, which carries the API key, and reads the answer without following redirects. Where the
    /// body is not needed, a success in JSON may be answered with [`Answer::HostOwned`].
    ///
    /// The future is dropped when the attempt has taken too long or the call is cancelled: that must end the
    /// request.
    ///
    /// # Errors
    /// Why there was no complete answer: for [`Transport::on_failure`]. The call's error does not show it.
    fn send(&self, request: &Request, needs_body: NeedsBody) -> impl Future<Output = Result<Answer, String>>;

    /// Completes at the time `until`; if it completes earlier, it is called again.
    fn sleep(&self, until: u64) -> impl Future<Output = ()>;

    /// The API key. With `stale`, Nango has rejected the previous one: do not return a cached key.
    ///
    /// # Errors
    /// Why there is no key: for [`Transport::on_failure`]. The call's error does not show it.
    fn key(&self, stale: bool) -> impl Future<Output = Result<String, String>>;

    /// Whether a call may run that needs confirmation by policy. `summary` says what it would do, as JSON text:
    /// see [`Call::summary`]. By default nobody approves, and the call ends with `confirmation_required`.
    fn approve(&self, summary: &str) -> impl Future<Output = ApprovalAnswer> {
        let _ = summary;
        ready(ApprovalAnswer::Pending(String::new()))
    }

    /// Whether a call may start, only with [`crate::call::Options::ask_start`]. `is_limited` says whether calls of
    /// `tool`, a slug, should be counted. By default it may start, and nothing is counted.
    fn start(&self, tool: &str, is_limited: bool) -> impl Future<Output = Start> {
        let _ = (tool, is_limited);
        ready(Start::Granted { calls: None })
    }

    /// Completes when the caller no longer wants the result. By default never.
    fn cancelled(&self) -> impl Future<Output = ()> {
        pending()
    }

    /// Receives why [`Transport::send`] or [`Transport::key`] failed, for the host's own log. Ignored by default.
    fn on_failure(&self, failure: HostFailure) {
        let _ = failure;
    }

    /// Receives audit events as they happen, oldest first. By default they are dropped.
    fn on_events(&self, events: Vec<Event>) {
        let _ = events;
    }
}

/// Runs `call` until it has an outcome.
///
/// The future is `Send` if the transport is `Sync` and all of its futures are `Send`.
pub async fn drive<T: Transport>(mut call: Call, transport: &T) -> Outcome {
    let mut cancelled = pin!(transport.cancelled());
    let mut now = transport.now();
    loop {
        let action = call.next_action(now);
        report_events(&mut call, transport);
        let until = match action {
            Action::Done => return *call.outcome(now),
            Action::Send(until) | Action::Wait(until) => Some(until),
            Action::Ask(_) => None,
        };
        let work = work(&call, action, transport);
        let happened = first(cancelled.as_mut(), pin!(work), pin!(sleep(until, transport))).await;
        now = transport.now();
        report(&mut call, happened, now);
        if let Some(failure) = call.take_failure() {
            transport.on_failure(failure);
        }
    }
}

fn report_events<T: Transport>(call: &mut Call, transport: &T) {
    let events = call.take_events();
    if !events.is_empty() {
        transport.on_events(events);
    }
}

/// Sleeps until a time has been reached: a timer that fires too early must not end an attempt. The transport sleeps
/// once even if the time has already passed, so that an answer that has arrived is seen first. Without a time
/// it never ends.
async fn sleep<T: Transport>(until: Option<u64>, transport: &T) {
    let Some(until) = until else { return pending().await };
    loop {
        transport.sleep(until).await;
        if transport.now() >= until {
            return;
        }
    }
}

/// Performs the step that a call asks for.
async fn work<T: Transport>(call: &Call, action: Action, transport: &T) -> Happened {
    match action {
        Action::Send(_) => match call.request() {
            Some(request) => {
                let needs_body = call.needs_body(200, "application/json");
                Happened::Answer(transport.send(request, needs_body).await)
            }
            // A call that wants to send has a request.
            None => Happened::Answer(Err("there was no request to send".to_owned())),
        },
        Action::Ask(Ask::Key) => Happened::Key(transport.key(call.key_is_stale()).await),
        Action::Ask(Ask::Approval) => {
            let summary = call.summary().unwrap_or_default();
            Happened::Approval(transport.approve(&summary).await)
        }
        Action::Ask(Ask::Start) => Happened::Start(transport.start(call.slug(), call.is_limited()).await),
        Action::Wait(_) | Action::Done => pending().await,
    }
}

/// What happened while a call was waiting.
enum Happened {
    Answer(Result<Answer, String>),
    Key(Result<String, String>),
    Approval(ApprovalAnswer),
    Start(Start),
    Time,
    Cancelled,
}

/// Passes on to the call what happened.
fn report(call: &mut Call, happened: Happened, now: u64) {
    match happened {
        Happened::Answer(Ok(Answer::Whole(response))) => call.handle_response(&response, now),
        Happened::Answer(Ok(Answer::Bytes { head, body })) => call.handle_bytes(head, &body, now),
        Happened::Answer(Ok(Answer::HostOwned { status, request_id })) => {
            if let Some(id) = request_id {
                call.handle_request_id(&id);
            }
            call.handle_held(status, now);
        }
        Happened::Answer(Ok(Answer::TooLarge { status })) => call.handle_too_large(status, now),
        Happened::Answer(Err(why)) => call.handle_transport_error(&why, now),
        Happened::Key(key) => call.handle_key(key.as_deref().map_err(String::as_str), now),
        Happened::Approval(answer) => call.handle_approval(answer.as_approval(), now),
        Happened::Start(answer) => call.handle_start(answer, now),
        // The call gets the time at the next step.
        Happened::Time => {}
        // This ends the call, so `cancelled` is not polled again.
        Happened::Cancelled => call.cancel(now),
    }
}

/// Whichever happens first: cancellation, then the work, then the time.
async fn first(
    mut cancelled: Pin<&mut impl Future<Output = ()>>,
    mut work: Pin<&mut impl Future<Output = Happened>>,
    mut time: Pin<&mut impl Future<Output = ()>>,
) -> Happened {
    poll_fn(|context| {
        if cancelled.as_mut().poll(context).is_ready() {
            return Poll::Ready(Happened::Cancelled);
        }
        if let Poll::Ready(happened) = work.as_mut().poll(context) {
            return Poll::Ready(happened);
        }
        time.as_mut().poll(context).map(|()| Happened::Time)
    })
    .await
}
