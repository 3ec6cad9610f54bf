//! Calls under way, driven by JavaScript: each step takes a few texts and numbers and answers with one
//! text. It decides nothing: what to send, how long to wait and what an answer means is the
//! [`Call`]'s; `fetch`, timers and promises are those of `pkg/transport.js`.
//!
//! Nothing in here calls JavaScript. So a step never meets another one half done, and the module
//! needs no imports for it.

use std::cell::RefCell;
use std::sync::Arc;

use wasm_bindgen::prelude::*;

use super::arguments;
use crate::call::{Action, Approval, Ask, Call, Options, key_format};
use crate::http::{Request, Response};
use crate::json::Writer;
use crate::options;
use crate::text::{Digits, decimal, fill, join, pieces, replace};

thread_local! {
    /// The calls under way, each in the place whose number JavaScript gave it.
    static RUNNING: RefCell<Vec<Option<Box<Call>>>> = const { RefCell::new(Vec::new()) };
}

/// Takes a call out of its place.
fn take(number: usize) -> Option<Box<Call>> {
    RUNNING.with_borrow_mut(|running| running.get_mut(number)?.take())
}

fn put(number: usize, call: Box<Call>) {
    RUNNING.with_borrow_mut(|running| {
        while running.len() <= number {
            running.push(None);
        }
        if let Some(place) = running.get_mut(number) {
            *place = Some(call);
        }
    });
}

/// How calls are made.
#[wasm_bindgen]
pub struct Toolkit {
    options: Arc<Options>,
    key: String,
    quiet: bool,
}

#[wasm_bindgen]
impl Toolkit {
    /// From options as JSON text that [`super::ask`] found good. `key` is the API key, empty where each
    /// call is to ask for it; `quiet` when nobody listens to events.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &str, key: String, quiet: bool) -> Toolkit {
        // A key that cannot be one is asked for, and refused, at each call.
        let key = if key_format(&key).is_ok() { key } else { String::new() };
        Toolkit { options: Arc::new(options::options(options).unwrap_or_default()), key, quiet }
    }

    /// Starts a call in the free place `number`, and steps; what it answers is said at [`step`].
    /// `overrides` (found good, or empty) changes options for this call alone, `random` is a number from
    /// 0 to 1: drawn by the caller, since Workers draw none before a request. `how` is 0; 1 when the caller
    /// wants no more of it already; 2 to tell only what would be decided: then no call is made, no place
    /// is taken, and the answer is `{ tool, limit?, told }` as JSON text, or behind a `!` the error that
    /// the call would end with. `limit` is how often the tool may be called.
    #[expect(clippy::too_many_arguments, reason = "JavaScript calls it, with values that share no type")]
    pub fn start(
        &self,
        number: usize,
        slug: &str,
        args: &str,
        overrides: &str,
        how: u8,
        random: f64,
        now: f64,
    ) -> String {
        let mut options = self.options.clone();
        if !overrides.is_empty() {
            let mut own = (*options).clone();
            if options::apply(&mut own, overrides, true).is_ok() {
                options = Arc::new(own);
            }
        }
        let mut call = Box::new(Call::new(options, slug, arguments(args), random.to_bits()));
        if how == 2 {
            return self.explain(*call, now as u64);
        }
        if self.quiet {
            call.keep_no_events();
        }
        if how == 1 {
            call.cancel(now as u64);
        }
        next(number, call, &self.key, now as u64)
    }

    fn explain(&self, call: Call, now: u64) -> String {
        let mut w = Writer::new();
        w.open().pair("tool", call.slug());
        if let Some(limit) = self.options.find(call.slug()).and_then(|tool| self.options.limit_for(tool)) {
            w.key("limit").integer(limit as i64);
        }
        match call.explain(now) {
            Ok(decision) => w.key("told").raw(&decision.to_json()).close(),
            Err(error) => return fill("!{}", &[&error.to_json()]),
        };
        w.finish()
    }
}

/// A step of a call; the answer begins with a letter.
///
/// * `S`: send. In lines: whether the host may parse and hold a plain success in JSON (`S1`) or must hand
///   the body over (`S0`), when to step again whatever happens, how many requests that makes, the call's
///   id, the tool, the method, the URL, then names and values of headers in turn, `Accept` the first and
///   `Authorization` the last; the body, if there is one, behind a `\0`.
/// * `W`: step again at the time that follows.
/// * `K`: the API key is wanted; `K1` where Nango refused the one before.
/// * `A`: somebody may have to approve; what the call would do follows, as JSON text.
/// * `D`: the end; the result as JSON text.
///
/// `how` is one of:
///
/// * 0: it is time;
/// * 1, 2: the key, or why there is none, is in `text`;
/// * 3: the answer has this status and body; `head` holds names and values of headers, in lines;
/// * 4: no answer came, or not all of one; `text` says why;
/// * 5: the caller wants no more;
/// * 6, 7: it is approved, or refused;
/// * 8: nobody says now; with `text`, if it is not empty, it may be confirmed later.
///
/// Times are in milliseconds since the Unix epoch.
#[wasm_bindgen]
pub fn step(number: usize, how: u8, text: String, status: u16, head: &str, now: f64) -> String {
    let Some(mut call) = take(number) else { return String::new() };
    let now_ms = now as u64;
    match how {
        1 => call.handle_key(Ok(&text), now_ms),
        2 => call.handle_key(Err(&text), now_ms),
        3 => {
            let headers = pieces(head, "\n");
            let headers = headers.chunks_exact(2).filter_map(|pair| match pair {
                [name, value] => Some(((*name).to_owned(), (*value).to_owned())),
                _ => None,
            });
            let response = Response { status, headers: headers.collect(), body: text };
            call.handle_response(&response, now_ms);
        }
        4 => call.handle_transport_error(&text, now_ms),
        5 => call.cancel(now_ms),
        6 => call.handle_approval(Approval::Granted, now_ms),
        7 => call.handle_approval(Approval::Refused, now_ms),
        8 => call.handle_approval(Approval::Pending(&text), now_ms),
        _ => {}
    }
    next(number, call, "", now_ms)
}

/// The answer was a plain success that the host holds: the call has ended. `request_id` is what the
/// answer's header says, for events. A call of a quiet toolkit may as well be left where it is: the next one
/// takes its place.
#[wasm_bindgen]
pub fn held(number: usize, status: u16, request_id: &str, now: f64) {
    if let Some(mut call) = take(number)
        && !call.is_quiet()
    {
        if !request_id.is_empty() {
            call.handle_request_id(request_id);
        }
        call.handle_held(status, now as u64);
        put(number, call);
    }
}

/// The events of a call since the last time, as JSON text: for calls of a toolkit that is not quiet, to
/// be asked for behind every step.
#[wasm_bindgen]
pub fn events(number: usize) -> String {
    let mut w = Writer::new();
    w.open_array();
    if let Some(mut call) = take(number) {
        for event in call.take_events() {
            w.raw(&event.to_json());
        }
        if !call.has_ended() {
            put(number, call);
        }
    }
    w.close_array();
    w.finish()
}

/// What the call wants; it stays in its place until it has ended.
fn next(number: usize, mut call: Box<Call>, key: &str, now: u64) -> String {
    let mut action = call.next_action(now);
    if !key.is_empty() && matches!(action, Action::Ask(Ask::Key)) {
        call.take_key(key);
        action = call.next_action(now);
    }
    let out = match action {
        Action::Send(until) => {
            call.request().map_or_else(String::new, |request| write(&call, request, until))
        }
        Action::Wait(until) => join(&["W", &decimal(until as i64)], ""),
        Action::Ask(Ask::Key) => if call.key_is_stale() { "K1" } else { "K" }.to_owned(),
        Action::Ask(Ask::Approval) => join(&["A", &call.summary().unwrap_or_default()], ""),
        Action::Done => {
            let out = join(&["D", &call.outcome(now).to_json()], "");
            if call.is_quiet() {
                return out;
            }
            out
        }
    };
    put(number, call);
    out
}

fn write(call: &Call, request: &Request, until: u64) -> String {
    let (until, attempts) = (Digits::of(until, 10, 1), Digits::of(call.attempts().into(), 10, 1));
    let mut lines = Vec::with_capacity(16);
    lines.push(if call.needs_body(200, "application/json") { "S0" } else { "S1" });
    lines.extend([
        until.as_str(),
        attempts.as_str(),
        call.id(),
        call.slug(),
        request.method.as_str(),
        &request.url,
    ]);
    for (name, value) in &request.headers {
        lines.extend([name.as_str(), value.as_str()]);
    }
    let mut out = join(&lines, "\n");
    // None holds an end of line; if one did, it must not become a header of its own.
    if out.bytes().filter(|byte| *byte == b'\n').count() >= lines.len() {
        let clean: Vec<String> = lines.iter().map(|line| replace(line, "\n", "")).collect();
        out = join(&clean, "\n");
    }
    // No header and no URL holds a control character; see [`crate::schema::check`].
    match &request.body {
        Some(body) => join(&[&out, body], "\0"),
        None => out,
    }
}
