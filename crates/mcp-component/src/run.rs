//! One run of one tool: performs the steps of a [`Call`] with the host's HTTP client, clock and random numbers. It
//! decides nothing. An instance runs one call at a time; hosts run several instances for concurrent calls.

use std::sync::Arc;

use nango_toolkit::call::{Approval, Ask, Call, Options, Poll};
use nango_toolkit::http::Outcome;
use nango_toolkit::schema::Arguments;

use crate::approval::Bound;
use crate::wire::{self, Sent, now};

/// Runs a tool. `confirm` is the confirmation token, if there is one.
pub(crate) fn run(
    options: &Arc<Options>,
    name: &str,
    arguments: Arguments,
    confirm: Option<String>,
    key: &str,
    log: bool,
) -> Outcome {
    let bound = Bound::new(key, options, name, &arguments.to_text());
    let confirmed = confirm.as_ref().is_some_and(|token| bound.redeem(token, now()));
    let options = match confirm {
        // A token that does not confirm it is unknown to the core, like an empty one, and the core reports that.
        Some(_) if !confirmed => {
            Arc::new(Options { confirm: Some(String::new()), ..Options::clone(options) })
        }
        _ => options.clone(),
    };
    let mut call = Call::new(options, name, arguments, wire::random());
    if !log {
        call.keep_no_events();
    }
    loop {
        let poll = call.poll(now());
        if let Some(failure) = call.take_failure() {
            wire::log(&format!("{}: {}", failure.call_id, failure.message));
        }
        for event in call.take_events() {
            wire::log(&event.to_json());
        }
        match poll {
            // There is only one key: if Nango rejected it, it is passed again, and the call ends.
            Poll::Ask(Ask::Key) => call.handle_key(Ok(key), now()),
            Poll::Ask(Ask::Approval) if confirmed => call.handle_approval(Approval::Granted, now()),
            Poll::Ask(Ask::Approval) => call.handle_approval(Approval::Pending(&bound.token(now())), now()),
            // A question of later versions.
            Poll::Ask(_) => call.cancel(now()),
            Poll::Wait(until) => wire::sleep(until),
            Poll::Send { request, until } => match wire::send(&request, until) {
                Sent::Answer(head, body) => call.handle_bytes(head, &body, now()),
                Sent::Lost(why) => call.handle_transport_error(&why, now()),
                Sent::Late => {}
            },
            Poll::Done(outcome) => return *outcome,
        }
    }
}
