//! Calls in progress. The host reports what happened and at what time; the [`Call`] decides what follows.
//! A report in the wrong state returns an error and changes nothing.

use std::cell::RefCell;

use super::{Toolkit, outcome, request, response, wit};
use crate::call::{Approval, Ask, Call, Poll};
use crate::error::Error;
use crate::http::{Meta, Outcome};
use crate::options::CallOptions;
use crate::schema::Arguments;

/// A call in progress.
pub(super) struct Run(RefCell<State>);

struct State {
    call: Call,
    /// What it waits for, according to the last poll.
    waits: Waits,
    /// The error of its overrides, if they are invalid.
    refused: Option<Error>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Waits {
    Poll,
    Time,
    Answer,
    Key,
    Approval,
    Nothing,
}

impl Waits {
    fn description(self) -> &'static str {
        match self {
            Waits::Poll => "a poll",
            Waits::Time => "its time",
            Waits::Answer => "the answer to its request",
            Waits::Key => "the API key",
            Waits::Approval => "an approval",
            Waits::Nothing => "nothing: it has ended",
        }
    }
}

impl Run {
    /// Passes on to the call what it waits for.
    fn report(&self, what: Waits, how: impl FnOnce(&mut Call)) -> Result<(), String> {
        let State { call, waits, .. } = &mut *self.0.borrow_mut();
        if *waits != what {
            return Err(out_of_turn(*waits, what));
        }
        how(call);
        *waits = Waits::Poll;
        Ok(())
    }
}

#[inline(never)]
fn out_of_turn(waits: Waits, given: Waits) -> String {
    format!(
        "the call waits for {}, but got {}: poll it, and do what `poll` returns before polling again",
        waits.description(),
        given.description()
    )
}

impl wit::GuestCall for Run {
    fn new(
        toolkit: wit::ToolkitBorrow<'_>,
        tool: String,
        given: String,
        overrides: String,
        seed: u64,
    ) -> Run {
        let mut options = toolkit.get::<Toolkit>().0.clone();
        let mut refused = None;
        if overrides != "{}" {
            let mut own = (*options).clone();
            match CallOptions::parse(&overrides) {
                Ok(given) => given.apply(&mut own),
                Err(error) => refused = Some(error),
            }
            options = own.into();
        }
        let call = Call::new(options, &tool, Arguments::from_text(&given), seed);
        Run(RefCell::new(State { call, waits: Waits::Poll, refused }))
    }

    fn poll(&self, now: u64) -> wit::Step {
        let State { call, waits, refused } = &mut *self.0.borrow_mut();
        // There is no call then, so there are no events.
        if let Some(error) = refused {
            *waits = Waits::Nothing;
            let meta =
                Meta { tool: call.slug().to_owned(), call_id: Some(call.id().to_owned()), ..Meta::default() };
            return wit::Step::Done(outcome(Outcome { result: Err(error.clone()), meta, exact: None }));
        }
        let (next, step) = match call.poll(now) {
            Poll::Send { request: sent, until } => {
                (Waits::Answer, wit::Step::Send(wit::Attempt { request: request(sent), until }))
            }
            // It may still be waiting for the response, until that time.
            Poll::Wait(until) if call.request().is_some() => (Waits::Answer, wit::Step::Wait(until)),
            Poll::Wait(until) => (Waits::Time, wit::Step::Wait(until)),
            Poll::Ask(Ask::Key) => (Waits::Key, wit::Step::Key(call.key_is_stale())),
            // The option for it is never set here.
            Poll::Ask(Ask::Start) => (Waits::Poll, wit::Step::Wait(now)),
            Poll::Ask(Ask::Approval) => {
                (Waits::Approval, wit::Step::Approval(call.summary().unwrap_or_default()))
            }
            Poll::Done(end) => (Waits::Nothing, wit::Step::Done(outcome(*end))),
        };
        *waits = next;
        step
    }

    fn handle_response(&self, answer: wit::Response, now: u64) -> Result<(), String> {
        self.report(Waits::Answer, |call| call.handle_response(&response(answer), now))
    }

    fn handle_transport_error(&self, why: String, now: u64) -> Result<(), String> {
        self.report(Waits::Answer, |call| call.handle_transport_error(&why, now))
    }

    fn handle_key(&self, key: Result<String, String>, now: u64) -> Result<(), String> {
        let key = key.as_ref().map(String::as_str).map_err(String::as_str);
        self.report(Waits::Key, |call| call.handle_key(key, now))
    }

    fn handle_approval(&self, approval: wit::Approval, now: u64) -> Result<(), String> {
        let approval = match &approval {
            wit::Approval::Granted => Approval::Granted,
            wit::Approval::Refused => Approval::Refused,
            wit::Approval::Pending(token) => Approval::Pending(token),
        };
        self.report(Waits::Approval, |call| call.handle_approval(approval, now))
    }

    fn cancel(&self, now: u64) {
        let State { call, waits, .. } = &mut *self.0.borrow_mut();
        call.cancel(now);
        if *waits != Waits::Nothing {
            *waits = Waits::Poll;
        }
    }

    fn take_events(&self) -> Vec<String> {
        self.0.borrow_mut().call.take_events().iter().map(|event| event.to_json()).collect()
    }
}
