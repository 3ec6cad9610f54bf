//! Calls under way. The host says what happened and at what time; what follows from it is the
//! [`Call`]'s. Whatever is said out of turn is refused in words and changes nothing.

use std::cell::RefCell;

use super::{Toolkit, arguments, error, outcome, request, response, wit};
use crate::call::{Approval, Ask, Call, Poll};
use crate::error::{Error, Kind};
use crate::options;
use crate::text::fill;

/// A call, and what it was last said to wait for.
pub(super) struct Run(RefCell<(Call, Waits)>);

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
    fn words(self) -> &'static str {
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
    /// Tells the call what it waits for.
    fn tell(&self, what: Waits, how: impl FnOnce(&mut Call)) -> Result<(), wit::Error> {
        let (call, waits) = &mut *self.0.borrow_mut();
        if *waits != what {
            return Err(out_of_turn(*waits, what));
        }
        how(call);
        *waits = Waits::Poll;
        Ok(())
    }
}

#[inline(never)]
fn out_of_turn(waits: Waits, given: Waits) -> wit::Error {
    let message = fill("the call waits for {}; it was given {}", &[waits.words(), given.words()]);
    let hint = "poll it, and do what that says before it is polled again";
    error(Error::new(Kind::Internal, message).code("out_of_turn").hint(hint))
}

impl wit::GuestCall for Run {
    fn start(
        toolkit: wit::ToolkitBorrow<'_>,
        tool: String,
        given: String,
        overrides: String,
        seed: u64,
    ) -> Result<wit::Call, wit::Error> {
        let mut options = toolkit.get::<Toolkit>().0.clone();
        if !matches!(overrides.as_str(), "" | "{}") {
            let mut own = (*options).clone();
            options::apply(&mut own, &overrides, true).map_err(error)?;
            options = own.into();
        }
        let call = Call::new(options, &tool, arguments(&given), seed);
        Ok(wit::Call::new(Run(RefCell::new((call, Waits::Poll)))))
    }

    fn poll(&self, now: u64) -> wit::Step {
        let (call, waits) = &mut *self.0.borrow_mut();
        let (next, step) = match call.poll(now) {
            Poll::Send { request: sent, until } => {
                (Waits::Answer, wit::Step::Send(wit::Attempt { request: request(sent), until }))
            }
            // It may still wait for its answer, until that time.
            Poll::Wait(until) if call.request().is_some() => (Waits::Answer, wit::Step::Wait(until)),
            Poll::Wait(until) => (Waits::Time, wit::Step::Wait(until)),
            Poll::Ask(Ask::Key) => (Waits::Key, wit::Step::Key(call.key_is_stale())),
            Poll::Ask(Ask::Approval) => {
                (Waits::Approval, wit::Step::Approval(call.summary().unwrap_or_default()))
            }
            Poll::Done(end) => (Waits::Nothing, wit::Step::Done(outcome(*end))),
        };
        *waits = next;
        step
    }

    fn handle_response(&self, answer: wit::Response, now: u64) -> Result<(), wit::Error> {
        self.tell(Waits::Answer, |call| call.handle_response(&response(answer), now))
    }

    fn handle_transport_error(&self, why: String, now: u64) -> Result<(), wit::Error> {
        self.tell(Waits::Answer, |call| call.handle_transport_error(&why, now))
    }

    fn handle_key(&self, key: Result<String, String>, now: u64) -> Result<(), wit::Error> {
        let key = key.as_ref().map(String::as_str).map_err(String::as_str);
        self.tell(Waits::Key, |call| call.handle_key(key, now))
    }

    fn handle_approval(&self, approval: wit::Approval, now: u64) -> Result<(), wit::Error> {
        let approval = match &approval {
            wit::Approval::Granted => Approval::Granted,
            wit::Approval::Refused => Approval::Refused,
            wit::Approval::Pending(token) => Approval::Pending(token),
        };
        self.tell(Waits::Approval, |call| call.handle_approval(approval, now))
    }

    fn cancel(&self, now: u64) {
        let (call, waits) = &mut *self.0.borrow_mut();
        call.cancel(now);
        if *waits != Waits::Nothing {
            *waits = Waits::Poll;
        }
    }

    fn take_events(&self) -> Vec<String> {
        let (call, _) = &mut *self.0.borrow_mut();
        call.take_events().iter().map(|event| event.to_json()).collect()
    }
}
