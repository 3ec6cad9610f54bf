//! A call of a tool for one user, read-only, through any HTTP client.

use std::thread::sleep;
use std::time::Duration;

use nango_toolkit::call::{Approval, Ask, Call, Options, Poll};
use nango_toolkit::error::Error;
use nango_toolkit::http::{Request, Response};
use nango_toolkit::policy::Policy;
use nango_toolkit::session::{Session, SessionOptions};
use serde_json::Value;

/// What the call may do, and for whom.
pub fn options(user: &str) -> Result<Options, Error> {
    let session = SessionOptions { user: user.into(), ..SessionOptions::default() };
    Ok(Options { session: Some(Session::new(session)?), policy: Policy::read_only(), ..Options::default() })
}

/// What the host provides: the key, an HTTP client that does not follow redirects, and a clock in milliseconds.
pub struct Host<'a> {
    pub key: &'a str,
    pub send: &'a dyn Fn(&Request) -> Response,
    pub now: &'a dyn Fn() -> u64,
}

/// Runs a tool. Returns the outcome as JSON: `{ successful, data, error, meta }`.
pub fn run(options: Options, tool: &str, args: Value, host: &Host) -> String {
    let now = host.now;
    let mut call = Call::new(options, tool, args, now());
    loop {
        match call.poll(now()) {
            Poll::Ask(Ask::Key) => call.handle_key(Ok(host.key), now()),
            // If a policy requires confirmation, ask a person here.
            Poll::Ask(_) => call.handle_approval(Approval::Refused, now()),
            Poll::Send { request, .. } => call.handle_response(&(host.send)(&request), now()),
            Poll::Wait(until) => sleep(Duration::from_millis(until.saturating_sub(now()))),
            Poll::Done(outcome) => return outcome.to_json(),
        }
    }
}
