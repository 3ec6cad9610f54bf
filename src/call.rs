//! One run of one tool, sans I/O: check, authorise, build, send, retry, decode, mask, audit. A
//! driver in any language asks [`Call::poll`] what to do and answers with the `handle_…` methods;
//! time comes in as an argument. There is no second way to run a tool.

mod gate;
mod key;
mod options;
mod retry;

use std::sync::Arc;

use crate::audit::{Event, What, preview};
use crate::error::{Error, ErrorKind};
use crate::http::{self, Data, Meta, Outcome, Request, Response, Scrub};
use crate::json::Value;
use crate::schema;
use crate::session::{self, Session};
use crate::text::{Digits, clip, cut, decimal, fill};
use crate::tool::Tool;
use crate::tools;

pub use gate::Approval;
use gate::Gate;
#[cfg(feature = "js")]
pub(crate) use key::key_error;
pub use key::key_format;
pub use options::Options;
pub use retry::Retry;
use retry::next;

/// What the driver is to do.
#[derive(Debug)]
pub enum Poll {
    /// Send this and answer with [`Call::handle_response`], [`Call::handle_held`] or
    /// [`Call::handle_transport_error`]; at `until` give it up and poll again.
    Send {
        /// The request, with the key.
        request: Request,
        /// When the attempt is too late, in milliseconds.
        until: u64,
    },
    /// Poll again at that time, in milliseconds.
    Wait(u64),
    /// Answer this.
    Ask(Ask),
    /// The call has ended.
    Done(Box<Outcome>),
}

/// What only the driver knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ask {
    /// The API key: answer with [`Call::handle_key`]. It is asked for once more where Nango refused it;
    /// see [`Call::key_is_stale`].
    Key,
    /// Whether the call may run: [`Call::summary`] says what it would do, answer with [`Call::handle_approval`].
    Approval,
}

/// Where a call stands. What belongs to a state is in the call itself, so that nothing moves between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Fresh,
    Approval,
    Key,
    Ready,
    Sent { until: u64 },
    Waiting { until: u64 },
    Ended,
}

/// As [`Poll`], but without what the call holds.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Turn {
    /// Send [`Call::request`].
    Send(u64),
    Wait(u64),
    Ask(Ask),
    /// Take [`Call::outcome`].
    Done,
}

/// One run of one tool.
#[derive(Debug)]
pub struct Call {
    options: Arc<Options>,
    asked: String,
    tool: Option<&'static Tool>,
    id: String,
    random: u64,
    state: State,
    /// What was given, until it is checked.
    args: Value,
    /// The request under way, or the one to come.
    request: Request,
    /// What the call ended with, until it is taken.
    outcome: Option<Box<Outcome>>,
    scrub: Scrub,
    events: Vec<Event>,
    quiet: bool,
    started: Option<u64>,
    attempts: u32,
    /// The attempts at the request under way, which may be a look-up.
    tries: u32,
    status: Option<u16>,
    request_id: Option<String>,
    /// What stands between the check and the call's own request, if anything does.
    gate: Option<Box<Gate>>,
    /// The key that Nango refused, with its answer, while another is asked for.
    stale: Option<(String, Error)>,
    /// Whether another key was asked for: that happens once.
    renewed: bool,
}

impl Call {
    /// A run of the tool named `slug` (or by an alias) with `args`: any JSON, a JSON text too.
    /// `seed` makes the call's id and its jitter; give another one each time.
    pub fn new(options: impl Into<Arc<Options>>, slug: &str, args: Value, seed: u64) -> Call {
        let mut random = seed;
        let id = call_id(next(&mut random));
        let options = options.into();
        let tool = options.find(slug);
        Call {
            tool,
            asked: if tool.is_some() { String::new() } else { clip(slug, 128) },
            options,
            id,
            random,
            state: State::Fresh,
            args,
            request: Request::default(),
            outcome: None,
            scrub: Scrub::default(),
            events: Vec::new(),
            quiet: false,
            started: None,
            attempts: 0,
            tries: 0,
            status: None,
            request_id: None,
            gate: None,
            stale: None,
            renewed: false,
        }
    }

    /// The id that events and the outcome carry.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The slug of the tool; what was asked for where there is no such tool.
    pub fn slug(&self) -> &str {
        self.tool.map_or(&self.asked, |t| t.slug)
    }

    /// How many requests of the call's own were sent.
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// The events since the last time, oldest first.
    pub fn take_events(&mut self) -> Vec<Event> {
        core::mem::take(&mut self.events)
    }

    /// Spares the making of events that nobody will take.
    pub fn keep_no_events(&mut self) {
        self.quiet = true;
    }

    /// Whether nobody will take events.
    pub fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Whether an answer with this status and content type must come with its body; see
    /// [`http::needs_body`].
    pub fn needs_body(&self, status: u16, content_type: &str) -> bool {
        self.must_read()
            || self.tool.is_none_or(|tool| http::needs_body(tool, status, content_type, &self.options.reveal))
    }

    /// The id that the server gave its answer: for events, before the answer is handled. A driver that
    /// hands over all headers need not.
    pub fn handle_request_id(&mut self, id: &str) {
        self.request_id = Some(clip(&self.scrub.text(id), 128));
    }

    /// The request under way.
    pub fn request(&self) -> Option<&Request> {
        matches!(self.state, State::Sent { .. }).then_some(&self.request)
    }

    /// What to do at `now`, in milliseconds since the Unix epoch.
    pub fn poll(&mut self, now: u64) -> Poll {
        match self.turn(now) {
            Turn::Send(until) => Poll::Send { request: self.request.clone(), until },
            Turn::Wait(until) => Poll::Wait(until),
            Turn::Ask(ask) => Poll::Ask(ask),
            Turn::Done => Poll::Done(self.outcome(now)),
        }
    }

    /// What the call ended with, once.
    pub(crate) fn outcome(&mut self, now: u64) -> Box<Outcome> {
        self.outcome.take().unwrap_or_else(|| {
            let error = Error::new(ErrorKind::Internal, "the call was polled after it had ended");
            Box::new(Outcome { result: Err(error), meta: self.meta(now) })
        })
    }

    /// As [`Call::poll`], without copying the request.
    pub(crate) fn turn(&mut self, now: u64) -> Turn {
        if self.started.is_none() {
            self.started = Some(now);
            self.begin(now);
        }
        match self.state {
            State::Sent { until } if now >= until => {
                let error = Error::new(
                    ErrorKind::Timeout,
                    fill("no answer within {} ms", &[&decimal(self.attempt_ms() as i64)]),
                );
                self.failed(error, None, now);
                self.turn(now)
            }
            State::Waiting { until } if now < until => Turn::Wait(until),
            State::Sent { until } => Turn::Wait(until),
            State::Ready | State::Waiting { .. } => {
                let until =
                    now.saturating_add(self.attempt_ms()).min(self.deadline()).max(now.saturating_add(1));
                self.tries += 1;
                self.attempts += u32::from(!self.is_looking());
                if !self.quiet {
                    self.tell_attempt(now);
                }
                self.state = State::Sent { until };
                Turn::Send(until)
            }
            State::Key => Turn::Ask(Ask::Key),
            State::Approval => Turn::Ask(Ask::Approval),
            State::Ended | State::Fresh => Turn::Done,
        }
    }

    /// The event of a request that is about to be sent.
    fn tell_attempt(&mut self, now: u64) {
        let what = match self.gate.as_ref().and_then(|gate| gate.looking()) {
            Some(lookup) => What::Lookup {
                connection_id: lookup.connection_id.clone(),
                provider_config_key: lookup.provider_config_key.clone(),
            },
            None => {
                let path = self.request.url.get(self.options.base.as_str().len()..).unwrap_or_default();
                let path = self.scrub.text(cut(path, "?").map_or(path, |(path, _)| path));
                What::Attempt { attempt: self.attempts, method: self.request.method.as_str(), path }
            }
        };
        self.event(now, what);
    }

    /// The whole answer to the last [`Poll::Send`].
    pub fn handle_response(&mut self, response: &Response, now: u64) {
        let State::Sent { .. } = &self.state else { return };
        let looking = self.is_looking();
        let Some(tool) = (if looking { tools::find(session::LIST) } else { self.tool }) else { return };
        if let Some(id) = response.header("x-request-id") {
            self.handle_request_id(id);
        }
        let decoded = http::decode(tool, response, &self.options.reveal, &self.scrub);
        if !looking || decoded.is_err() {
            self.status = (response.status > 0).then_some(response.status);
        }
        match decoded {
            Ok(data) if looking => self.looked_up(&data, now),
            Ok(data) => self.received(data, now),
            Err(error) if !self.renewed && key::refused(&error) => self.renew(error, now),
            Err(error) => {
                let asked = response.retry_after();
                let limited = http::rate_limited(response);
                self.failed(error, limited.then(|| asked.unwrap_or(0).clamp(1, 3600)), now);
            }
        }
    }

    /// An answer that [`Call::needs_body`] did not ask for and that the host could parse.
    pub fn handle_held(&mut self, status: u16, now: u64) {
        let State::Sent { .. } = &self.state else { return };
        self.status = Some(status);
        if self.must_read() {
            let error = Error::new(
                ErrorKind::Internal,
                "the answer was needed here, and its body was not handed over",
            );
            return self.end(Err(error), now);
        }
        self.received(Data::Held, now);
    }

    /// The last [`Poll::Send`] failed without an answer, or the answer broke off.
    pub fn handle_transport_error(&mut self, message: &str, now: u64) {
        let State::Sent { .. } = &self.state else { return };
        let said = clip(&self.scrub.text(message), 500);
        let error = Error::new(ErrorKind::Network, fill("the request to Nango failed: {}", &[&said]));
        self.failed(error, None, now);
    }

    /// Whether the call has ended: the next poll gives its outcome.
    pub fn has_ended(&self) -> bool {
        self.state == State::Ended
    }

    /// The caller wants no more of it.
    pub fn cancel(&mut self, now: u64) {
        if self.has_ended() {
            return;
        }
        let sent = matches!(self.state, State::Sent { .. });
        let mut error = Error::new(ErrorKind::Aborted, "the caller aborted the call");
        if sent && self.unrepeatable() {
            error.hint = Some(UNKNOWN.to_owned());
        }
        if self.started.is_none() {
            self.started = Some(now);
            let effect = self.tool.map(|t| t.effect.as_str());
            self.event(now, What::Started { effect, arguments: None });
        }
        self.end(Err(error), now);
    }

    /// From the first poll to a request that waits for its key, or to the end.
    fn begin(&mut self, now: u64) {
        if self.state != State::Fresh {
            return;
        }
        let args = core::mem::take(&mut self.args);
        let Some(tool) = self.tool else {
            self.event(now, What::Started { effect: None, arguments: None });
            let error = tools::unknown(&self.asked);
            return self.end(Err(error), now);
        };
        let effect = Some(tool.effect.as_str());
        let args = match self.options.check(tool, args) {
            Ok(args) => args,
            Err(issues) => {
                self.event(now, What::Started { effect, arguments: None });
                return self.end(Err(schema::refused(tool, issues)), now);
            }
        };
        self.scrub = Scrub::of(tool, &args);
        if !self.quiet {
            let arguments = Some(preview(tool, &args, &self.scrub));
            self.event(now, What::Started { effect, arguments });
        }
        if self.options.session.is_none() && self.options.policy.is_open() {
            self.request = http::build(tool, &args, &self.options.base);
            self.state = State::Key;
        } else {
            self.enter(tool, args, now);
        }
    }

    fn end(&mut self, result: Result<Data, Error>, now: u64) {
        let meta = self.meta(now);
        let mut error = result.as_ref().err().cloned();
        // A confirmation's token is for whoever may confirm, not for a log.
        if let Some(details) = error.as_mut().and_then(|error| error.details.as_mut())
            && let Some(token) = details.get_mut("token")
        {
            *token = Value::Null;
        }
        let request_id = self.request_id.take();
        self.event(
            now,
            What::Finished {
                successful: error.is_none(),
                error,
                status: self.status,
                attempts: self.attempts,
                duration_ms: meta.duration_ms.unwrap_or_default(),
                request_id,
            },
        );
        self.state = State::Ended;
        self.outcome = Some(Box::new(Outcome { result, meta }));
    }

    fn meta(&self, now: u64) -> Meta {
        Meta {
            tool: self.tool.map_or_else(|| self.asked.clone(), |t| t.slug.to_owned()),
            call_id: Some(self.id.clone()),
            status: self.status,
            attempts: self.attempts,
            duration_ms: self.started.map(|then| now.saturating_sub(then)),
        }
    }

    fn event(&mut self, at: u64, what: What) {
        if self.quiet {
            return;
        }
        let tool = self.tool.map_or_else(|| self.asked.clone(), |t| t.slug.to_owned());
        let who = self.options.session.as_ref().map(Session::who);
        let upstream = self.options.upstream.clone();
        self.events.push(Event { at, call_id: self.id.clone(), tool, who, upstream, what });
    }
}

const UNKNOWN: &str = "the request may have reached the server: look at the state before calling again";

fn call_id(n: u64) -> String {
    ["call_", Digits::of(n, 16, 16).as_str()].concat()
}
