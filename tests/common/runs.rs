//! Calls driven by a fake clock, and the responses they get.

use nango_toolkit::call::{Ask, Call, Options, Poll};
use nango_toolkit::error::Error;
use nango_toolkit::http::{Outcome, Response};
use nango_toolkit::tool::Tool;
use serde_json::{Value, json};

use super::args::least;
use super::random::Random;

pub const KEY: &str = "d59beb0a-3a8c-4d4a-9c4a-0f0e0d0c0b0a";
pub const START: u64 = 1_700_000_000_000;

pub fn answer(status: u16, headers: &[(&str, &str)], body: &Value) -> Response {
    let headers = headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    Response { status, headers, body: body.to_string() }
}

/// Shape E: Nango's own rate limit.
pub fn limited(retry_after: Option<&str>) -> Response {
    let body = json!({ "error": { "code": "too_many_request", "method": "GET", "path": "/x" } });
    let headers: Vec<_> = retry_after.iter().map(|v| ("Retry-After", *v)).collect();
    answer(429, &headers, &body)
}

pub fn failed(status: u16) -> Response {
    answer(status, &[], &json!({ "error": { "code": "server_error", "message": "it broke" } }))
}

pub fn fine() -> Response {
    answer(200, &[("content-type", "application/json")], &json!({ "success": true }))
}

pub fn call(tool: &Tool, options: Options) -> Call {
    Call::new(options, tool.slug, least(&mut Random::new(1), tool), 42)
}

/// What a transport does with one attempt.
#[derive(Clone)]
pub enum Act {
    Answer(Response),
    Break,
    Never,
}

/// A run: every attempt's time from the start, and the outcome.
pub fn run(call: &mut Call, mut act: impl FnMut(usize) -> Act) -> (Vec<u64>, Outcome) {
    let (mut now, mut sent) = (START, Vec::new());
    for _ in 0..1000 {
        match call.poll(now) {
            Poll::Ask(Ask::Key) => call.handle_key(Ok(KEY), now),
            Poll::Ask(other) => panic!("{other:?}"),
            Poll::Send { until, .. } => {
                sent.push(now - START);
                match act(sent.len()) {
                    Act::Answer(response) => call.handle_response(&response, now),
                    Act::Break => call.handle_transport_error("connection reset", now),
                    Act::Never => now = until,
                }
            }
            Poll::Wait(until) => now = until,
            Poll::Done(outcome) => return (sent, *outcome),
        }
    }
    panic!("a call ends");
}

pub fn error(outcome: Outcome) -> Error {
    outcome.result.unwrap_err()
}
