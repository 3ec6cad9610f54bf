//! One run of one tool, sans I/O: check, authorise, build, send, retry, decode, mask, audit. A
//! driver in any language asks [`Call::poll`] what to do and answers with the `handle_…` methods;
//! time comes in as an argument. There is no second way to run a tool.

mod key;
mod retry;

use crate::audit::{Event, What, preview};
use crate::error::{Error, Kind};
use crate::http::{self, BaseUrl, Data, Meta, Outcome, Request, Response, Reveal, Scrub};
use crate::json::Value;
use crate::policy::{Claims, Policy};
use crate::schema::{self, Allow, Provider};
use crate::text::{clip, cut, decimal, fill};
use crate::tool::Tool;
use crate::tools;

pub(crate) use key::bad_key;
pub use key::key_format;
pub use retry::Retry;
use retry::next;

/// How calls are made; one for a whole toolkit, changed for single calls where a caller asks.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Where Nango is.
    pub base: BaseUrl,
    /// What is allowed beyond the defaults of the check.
    pub allow: Allow,
    /// What the caller may do.
    pub policy: Policy,
    /// Which secrets may be shown in data.
    pub reveal: Reveal,
    /// When a failed attempt is repeated.
    pub retry: Retry,
    /// How long one attempt may take, in milliseconds; otherwise what the tool declares.
    pub timeout_ms: Option<u64>,
    /// The provider in whose form arguments come; none for the tool's own.
    pub provider: Option<Provider>,
}

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
    /// The API key: answer with [`Call::handle_key`].
    Key,
}

#[derive(Debug)]
enum State {
    Fresh(Value),
    Key(Request),
    Ready(Request),
    Sent { request: Request, until: u64 },
    Waiting { request: Request, until: u64 },
    Ended(Option<Box<Outcome>>),
}

/// One run of one tool.
#[derive(Debug)]
pub struct Call {
    options: Options,
    asked: String,
    tool: Option<&'static Tool>,
    id: String,
    random: u64,
    state: State,
    scrub: Scrub,
    events: Vec<Event>,
    quiet: bool,
    started: Option<u64>,
    attempts: u32,
    status: Option<u16>,
}

impl Call {
    /// A run of the tool named `slug` (or by an alias) with `args`: any JSON, a JSON text too.
    /// `seed` makes the call's id and its jitter; give another one each time.
    pub fn new(options: Options, slug: &str, args: Value, seed: u64) -> Call {
        let mut random = seed;
        let id = call_id(next(&mut random));
        Call {
            tool: tools::find(slug),
            asked: clip(slug, 128),
            options,
            id,
            random,
            state: State::Fresh(args),
            scrub: Scrub::default(),
            events: Vec::new(),
            quiet: false,
            started: None,
            attempts: 0,
            status: None,
        }
    }

    /// The id that events and the outcome carry.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The events since the last time, oldest first.
    pub fn take_events(&mut self) -> Vec<Event> {
        core::mem::take(&mut self.events)
    }

    /// Spares the making of events that nobody will take.
    pub fn keep_no_events(&mut self) {
        self.quiet = true;
    }

    /// Whether an answer with this status and content type must come with its body; see
    /// [`http::needs_body`].
    pub fn needs_body(&self, status: u16, content_type: &str) -> bool {
        self.tool.is_none_or(|tool| http::needs_body(tool, status, content_type, &self.options.reveal))
    }

    /// What to do at `now`, in milliseconds since the Unix epoch.
    pub fn poll(&mut self, now: u64) -> Poll {
        if self.started.is_none() {
            self.started = Some(now);
            self.begin(now);
        }
        match core::mem::replace(&mut self.state, State::Ended(None)) {
            State::Sent { request, until } if now >= until => {
                self.state = State::Sent { request, until };
                let error = Error::new(
                    Kind::Timeout,
                    fill("no answer within {} ms", &[&decimal(self.attempt_ms() as i64)]),
                );
                self.failed(error, None, now);
                self.poll(now)
            }
            State::Waiting { request, until } if now < until => {
                self.state = State::Waiting { request, until };
                Poll::Wait(until)
            }
            State::Ready(request) | State::Waiting { request, .. } => {
                let until =
                    now.saturating_add(self.attempt_ms()).min(self.deadline()).max(now.saturating_add(1));
                self.attempts += 1;
                if !self.quiet {
                    let path = request.url.get(self.options.base.as_str().len()..).unwrap_or_default();
                    let path = self.scrub.text(cut(path, "?").map_or(path, |(path, _)| path));
                    let method = request.method.as_str();
                    self.event(now, What::Attempt { attempt: self.attempts, method, path });
                }
                self.state = State::Sent { request: request.clone(), until };
                Poll::Send { request, until }
            }
            State::Sent { request, until } => {
                self.state = State::Sent { request, until };
                Poll::Wait(until)
            }
            State::Key(request) => {
                self.state = State::Key(request);
                Poll::Ask(Ask::Key)
            }
            State::Ended(Some(outcome)) => Poll::Done(outcome),
            State::Ended(None) | State::Fresh(_) => {
                let error = Error::new(Kind::Internal, "the call was polled after it had ended");
                Poll::Done(Box::new(Outcome { result: Err(error), meta: self.meta(now) }))
            }
        }
    }

    /// The whole answer to the last [`Poll::Send`].
    pub fn handle_response(&mut self, response: &Response, now: u64) {
        let State::Sent { .. } = &self.state else { return };
        let Some(tool) = self.tool else { return };
        self.status = (response.status > 0).then_some(response.status);
        match http::decode(tool, response, &self.options.reveal, &self.scrub) {
            Ok(data) => self.end(Ok(data), now),
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
        self.end(Ok(Data::Held), now);
    }

    /// The last [`Poll::Send`] failed without an answer, or the answer broke off.
    pub fn handle_transport_error(&mut self, message: &str, now: u64) {
        let State::Sent { .. } = &self.state else { return };
        let said = clip(&self.scrub.text(message), 500);
        let error = Error::new(Kind::Network, fill("the request to Nango failed: {}", &[&said]));
        self.failed(error, None, now);
    }

    /// The API key, or why there is none.
    pub fn handle_key(&mut self, key: Result<&str, &str>, now: u64) {
        let State::Key(request) = &mut self.state else { return };
        match key.and_then(|key| key_format(key).map(|()| key)) {
            Ok(key) => {
                request.headers.push(("Authorization".to_owned(), fill("Bearer {}", &[key])));
                self.scrub.add(key);
                let request = request.clone();
                self.state = State::Ready(request);
            }
            Err(why) => {
                let error = bad_key(&self.scrub.text(why));
                self.end(Err(error), now);
            }
        }
    }

    /// Whether the call has ended: the next poll gives its outcome.
    pub fn has_ended(&self) -> bool {
        matches!(self.state, State::Ended(_))
    }

    /// The caller wants no more of it.
    pub fn cancel(&mut self, now: u64) {
        if matches!(self.state, State::Ended(_)) {
            return;
        }
        let sent = matches!(self.state, State::Sent { .. });
        let mut error = Error::new(Kind::Aborted, "the caller aborted the call");
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
        let State::Fresh(args) = core::mem::replace(&mut self.state, State::Ended(None)) else { return };
        let Some(tool) = self.tool else {
            self.event(now, What::Started { effect: None, arguments: None });
            let error = tools::unknown(&self.asked);
            return self.end(Err(error), now);
        };
        let effect = Some(tool.effect.as_str());
        let (args, unread) = schema::given(tool, args, self.options.provider);
        let args = match schema::check_with(tool, args, &self.options.allow, unread) {
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
        let decision = self.options.policy.decide(tool, &args, &Claims::default(), &[], true);
        if let Some(error) = decision.refusal() {
            return self.end(Err(error), now);
        }
        self.state = State::Key(http::build(tool, &args, &self.options.base));
    }

    fn end(&mut self, result: Result<Data, Error>, now: u64) {
        let meta = self.meta(now);
        let error = result.as_ref().err().cloned();
        self.event(
            now,
            What::Finished {
                successful: error.is_none(),
                error,
                status: self.status,
                attempts: self.attempts,
                duration_ms: meta.duration_ms.unwrap_or_default(),
            },
        );
        self.state = State::Ended(Some(Box::new(Outcome { result, meta })));
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
        self.events.push(Event { at, call_id: self.id.clone(), tool, what });
    }
}

const UNKNOWN: &str = "the request may have reached the server: look at the state before calling again";

fn call_id(n: u64) -> String {
    let mut out = "call_".to_owned();
    for place in (0..16).rev() {
        out.extend(char::from_digit((n >> (4 * place)) as u32 & 15, 16));
    }
    out
}
