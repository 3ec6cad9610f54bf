//! A host over the emulator: drives calls with its own clock and records what was sent.

use nango_toolkit::audit::Event;
use nango_toolkit::call::{Approval, Ask, Call, Options, Poll};
use nango_toolkit::emulator::Emulator;
use nango_toolkit::http::{Outcome, Request};
use nango_toolkit::session::{Session, SessionOptions};
use serde_json::Value;

use super::runs::START;

pub struct Host {
    pub emulator: Emulator,
    pub key: String,
    pub now: u64,
    /// The answer to a request for approval; `Err` is the token of a pending one.
    pub approval: Approval<'static>,
    pub sent: Vec<Request>,
    pub events: Vec<Event>,
}

impl Host {
    pub fn new() -> Host {
        let mut emulator = Emulator::new(7);
        emulator.set_rate_limit(u32::MAX);
        let key = emulator.api_key().to_owned();
        let (sent, events) = (Vec::new(), Vec::new());
        Host { emulator, key, now: START, approval: Approval::Pending(""), sent, events }
    }

    /// Runs a call; its requests and events are kept until the next one.
    pub fn drive(&mut self, call: &mut Call) -> Outcome {
        self.sent.clear();
        self.events.clear();
        for _ in 0..1000 {
            match call.poll(self.now) {
                Poll::Ask(Ask::Key) => call.handle_key(Ok(&self.key), self.now),
                Poll::Ask(Ask::Approval) => call.handle_approval(self.approval, self.now),
                Poll::Ask(other) => panic!("{other:?}"),
                Poll::Send { request, .. } => {
                    let reply = self.emulator.handle(&request, self.now);
                    self.sent.push(request);
                    self.now += 7;
                    if reply.dropped {
                        call.handle_transport_error("connection reset", self.now);
                    } else {
                        call.handle_response(&reply.response, self.now);
                    }
                }
                Poll::Wait(until) => self.now = until,
                Poll::Done(outcome) => {
                    self.events = call.take_events();
                    return *outcome;
                }
            }
        }
        panic!("a call ends");
    }

    pub fn call(&mut self, options: &Options, slug: &str, args: Value, seed: u64) -> Outcome {
        self.drive(&mut Call::new(options.clone(), slug, args, seed))
    }

    /// The same as JSON.
    pub fn json(&mut self, options: &Options, slug: &str, args: Value) -> Value {
        serde_json::from_str(&self.call(options, slug, args, 1).to_json()).unwrap()
    }

    pub fn world(&self) -> Value {
        serde_json::from_str(&self.emulator.world()).unwrap()
    }

    /// The requests that were sent except look-ups, as `METHOD path`.
    pub fn own(&self) -> Vec<String> {
        let path = |r: &Request| r.url.trim_start_matches("https://api.nango.dev").to_owned();
        let all = self.sent.iter().map(|r| format!("{} {}", r.method.as_str(), path(r)));
        all.filter(|line| !is_lookup(line)).collect()
    }

    /// How many look-ups were sent.
    pub fn lookups(&self) -> usize {
        self.sent.len() - self.own().len()
    }
}

fn is_lookup(line: &str) -> bool {
    line.starts_with("GET /connections?connectionId=")
        && line.contains("&integrationId=")
        && !line.contains("tags")
}

/// A session of one user in the whole toolkit.
pub fn session(user: &str) -> Options {
    with(SessionOptions { user: user.into(), id: format!("session-of-{user}"), ..SessionOptions::default() })
}

pub fn with(options: SessionOptions) -> Options {
    Options { session: Some(Session::new(options).unwrap()), ..Options::default() }
}
