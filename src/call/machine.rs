//! The state machine: every transition of a call; nothing else sets its state. The decisions are made in
//! `authorize.rs`, `key.rs` and `retry.rs`, which are pure.
//!
//! ```text
//! Fresh -> Key -> Ready -> Sent -> Ended       the call's own request; Sent -> Waiting -> Sent to repeat it
//!   |       ^                |
//!   |       +----------------+                 Nango rejected the key: another one is requested, once
//!   +-> look-ups -> Approval -> look-ups -> Start   with a policy or session; each look-up goes Key/Ready -> Sent
//! ```

use super::approval::{self, Approval, Start};
use super::authorize::{self, Authorization};
use super::key::{self, key_error, key_format};
use super::options::AskStart;
use super::retry::{self, Advice};
use super::{Ask, Call, HostFailure, HostFunction};
use crate::audit::{What, preview};
use crate::error::{Error, ErrorKind, FormError};
use crate::http::{
    self, AUTHORIZATION, Data, EFFECT_UNKNOWN, JsonText, NeedsBody, Outcome, Request, Response, Scrub, bearer,
};
use crate::json::Value;
use crate::policy::{Decision, Lookups, Verdict};
use crate::schema::{self, Checked};
use crate::session;
use crate::tool::{Method, Tool};
use crate::tools;

/// The state of a call. Its data is in [`Call`], so that transitions do not move it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// Not polled yet.
    Fresh,
    /// The call waits for an approval.
    Approval,
    /// The host has to say whether the call may start.
    Start,
    /// The request waits for the API key.
    Key,
    /// The request is complete and is sent at the next poll.
    Ready,
    /// The request was sent; its deadline is `until`.
    Sent { until: u64 },
    /// An attempt failed; the next one is at `until`.
    Waiting { until: u64 },
    /// The outcome is available, or was taken.
    Ended,
}

/// What the driver has to do: like [`super::Poll`], but without copies of the call's data.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Action {
    /// Send [`Call::request`], with this deadline.
    Send(u64),
    /// Poll again at this time.
    Wait(u64),
    /// Answer this question.
    Ask(Ask),
    /// Take [`Call::outcome`].
    Done,
}

/// The driver's interface.
impl Call {
    /// Like [`Call::poll`], without copying the request.
    pub(crate) fn next_action(&mut self, now: u64) -> Action {
        if self.state == State::Fresh {
            self.begin(now);
        }
        if let State::Sent { until } = self.state
            && now >= until
        {
            let message = format!("no response within {} ms", self.attempt_ms());
            self.attempt_failed(Error::new(ErrorKind::Timeout, message), Advice::default(), now);
        }
        match self.state {
            State::Approval => Action::Ask(Ask::Approval),
            State::Start => Action::Ask(Ask::Start),
            State::Key => Action::Ask(Ask::Key),
            State::Sent { until } => Action::Wait(until),
            State::Waiting { until } if now < until => Action::Wait(until),
            State::Ready | State::Waiting { .. } => self.send(now),
            State::Ended | State::Fresh => Action::Done,
        }
    }

    /// The API key, or why there is none: [`Call::take_failure`] returns that, and no outcome or event shows it.
    pub fn handle_key(&mut self, key: Result<&str, &str>, now: u64) {
        let State::Key = self.state else { return };
        let key = key.map_err(|why| self.failed(HostFunction::Key, why));
        let good = match &key {
            Ok(key) => key_format(key).map(|()| *key).map_err(FormError::as_str),
            Err(in_log) => Err(in_log.as_str()),
        };
        if let Some((stale, error)) = self.stale.take()
            && !good.is_ok_and(|key| bearer(key) != stale)
        {
            return self.end(Err(error), now);
        }
        match good {
            Ok(key) => self.take_key(key),
            Err(why) => self.end(Err(key_error(why)), now),
        }
    }

    /// A key that [`key_format`] accepted, while one is requested.
    pub(crate) fn take_key(&mut self, key: &str) {
        let State::Key = self.state else { return };
        self.scrub.add(key);
        if let Some(authorization) = &mut self.authorization {
            authorization.key = Some(key.to_owned());
        }
        self.request.headers.push((AUTHORIZATION.to_owned(), bearer(key)));
        self.state = State::Ready;
    }

    /// The answer to [`Ask::Approval`].
    pub fn handle_approval(&mut self, answer: Approval<'_>, now: u64) {
        let State::Approval = self.state else { return };
        let Some((tool, authorization)) = self.tool.zip(self.authorization.as_mut()) else {
            return self.end(Err(authorize::out_of_step()), now);
        };
        let Some(decision) = authorization.decision.take() else {
            return self.end(Err(authorize::out_of_step()), now);
        };
        let pause_ms = now.saturating_sub(authorization.asked_at);
        authorization.pause_ms = authorization.pause_ms.saturating_add(pause_ms);
        let bound = authorize::binding(&self.options, tool, &authorization.args);
        match answer {
            Approval::Granted => {
                // Facts may have changed since approval was requested: those that are too old are looked up
                // again, then everything is decided again, also limits.
                authorization.forget_old_facts(&self.options, now);
                authorization.approved = Some((decision.clone(), bound));
                self.tell_decision(&decision, "approved", now);
                self.advance(tool, now);
            }
            Approval::Refused => {
                self.tell_decision(&decision, "refused", now);
                self.end(Err(approval::refused()), now);
            }
            Approval::Pending(token) => {
                let summary = authorization.summary(tool, &decision, &self.scrub);
                let unconfirmed = authorization.unconfirmed;
                let token = (!token.is_empty())
                    .then(|| (token, self.options.shared_memory().issue_confirmation(token, bound, now)));
                let error = approval::confirmation_required(decision, summary, token, unconfirmed);
                self.end(Err(error), now);
            }
        }
    }

    /// The answer to [`Ask::Start`]. Limits are checked again: other calls may have run meanwhile.
    pub fn handle_start(&mut self, answer: Start, now: u64) {
        let State::Start = self.state else { return };
        let Some(tool) = self.tool else { return self.end(Err(authorize::out_of_step()), now) };
        let calls = match answer {
            Start::Granted { calls } => calls,
            Start::Revoked => return self.end(Err(authorize::revoked()), now),
            Start::Failed(why) => {
                let error = authorize::start_failed(&self.scrub.text(&why));
                return self.end(Err(error), now);
            }
        };
        if calls.is_none() && self.options.ask_start == AskStart::Counts && self.is_limited() {
            let error = authorize::start_failed("it did not return how often the tool was called");
            return self.end(Err(error), now);
        }
        let mut decision = Decision::allowed();
        authorize::limit_to(&self.options, tool, &mut decision, calls);
        match decision.verdict {
            Verdict::Deny => self.deny(decision, now),
            _ => self.run(tool, now),
        }
    }

    /// The complete response to the last [`super::Poll::Send`].
    pub fn handle_response(&mut self, response: &Response, now: u64) {
        let State::Sent { .. } = self.state else { return };
        let looking = self.is_looking();
        let Some(tool) = (if looking { authorize::lookup_tool() } else { self.tool }) else {
            return self.end(Err(authorize::out_of_step()), now);
        };
        if let Some(id) = response.header("x-request-id") {
            self.handle_request_id(id);
        }
        if response.body.len() as u64 > self.max_answer_bytes() {
            return self.handle_too_large(response.status, now);
        }
        let integers = self.options.integers();
        let decoded = http::decode_as_text(tool, response, &self.options.redaction(), &self.scrub, integers);
        if !looking || decoded.is_err() {
            self.status = (response.status > 0).then_some(response.status);
        }
        match decoded {
            Ok(answer) if looking => {
                self.looked_up(&answer.into_data(false).0, now);
            }
            Ok(answer) => {
                let page = self.options.paging.as_ref().zip(self.asked_page.take());
                self.page = page.map(|(paging, asked)| paging.page(tool, &asked, response));
                self.answered(tool, answer, now);
            }
            Err(error) if !self.renewed && key::is_refusal(&error) => self.renew_key(error, now),
            Err(error) => self.attempt_failed(error, Advice::of(response, now), now),
        }
    }

    /// A response whose body the core does not need ([`Call::needs_body`]), and which the host could parse.
    pub fn handle_held(&mut self, status: u16, now: u64) {
        let State::Sent { .. } = self.state else { return };
        self.status = Some(status);
        if self.needs_body(status, "application/json") == NeedsBody::Always {
            let error = Error::new(
                ErrorKind::Internal,
                "the core needs the body of this response, but the host did not pass it",
            );
            return self.end(Err(error), now);
        }
        self.end(Ok(Data::Held), now);
    }

    /// Like [`Call::handle_response`], for a response whose body may be something other than text in UTF-8. `head` is
    /// the response without its body. A provider's body that is not text becomes `{ mediaType, size, base64 }`.
    pub fn handle_bytes(&mut self, mut head: Response, body: &[u8], now: u64) {
        if body.len() as u64 > self.max_answer_bytes() {
            return self.handle_too_large(head.status, now);
        }
        let content_type = head.header("content-type").unwrap_or_default();
        let text = http::text_of(body, content_type);
        let is_binary = text.is_none() && matches!(head.status, 200..=299) && !body.is_empty();
        match (&self.state, self.tool) {
            (State::Sent { .. }, Some(tool)) if is_binary && tool.is_proxy() && !self.is_looking() => {
                self.status = Some(head.status);
                if let Some(id) = head.header("x-request-id") {
                    self.handle_request_id(id);
                }
                self.answered(tool, (&http::binary(body, content_type)).into(), now);
            }
            _ => {
                head.body = text.unwrap_or_else(|| String::from_utf8_lossy(body).into_owned());
                self.handle_response(&head, now);
            }
        }
    }

    /// A response that is larger than [`Call::max_answer_bytes`]: a driver need not read it to its end.
    pub fn handle_too_large(&mut self, status: u16, now: u64) {
        let State::Sent { .. } = self.state else { return };
        self.status = Some(status);
        let most = self.max_answer_bytes();
        let message = format!("the response has more than {most} bytes, the maximum that is read");
        let mut error = Error::new(ErrorKind::InvalidResponse, message).code("answer_too_large");
        error.status = Some(status);
        error.hint = Some(
            "the call ran; request less, with filters or a limit, or allow more with the option `maxAnswerBytes`"
                .to_owned(),
        );
        self.end(Err(error), now);
    }

    /// The last [`super::Poll::Send`] failed without a response, or the response ended early. Why may hold anything, such as
    /// the request: [`Call::take_failure`] returns it, and no outcome or event shows it.
    pub fn handle_transport_error(&mut self, why: &str, now: u64) {
        let State::Sent { .. } = self.state else { return };
        let in_log = self.failed(HostFunction::Fetch, why);
        let error = Error::new(ErrorKind::Network, format!("the request to Nango failed: {in_log}"));
        self.attempt_failed(error, Advice::default(), now);
    }

    /// Keeps for the host why its function failed; returns the sentence that others see.
    fn failed(&mut self, source: HostFunction, message: &str) -> String {
        let call_id = self.id.clone();
        let sentence = format!("the reason is in the host's log, under `{call_id}`");
        self.failure = Some(HostFailure { call_id, source, message: message.to_owned() });
        sentence
    }

    /// The caller no longer wants the outcome.
    pub fn cancel(&mut self, now: u64) {
        if self.has_ended() {
            return;
        }
        let mut error = Error::new(ErrorKind::Aborted, "the caller aborted the call");
        if matches!(self.state, State::Sent { .. }) && !self.is_idempotent() {
            error.hint = Some(EFFECT_UNKNOWN.to_owned());
        }
        if self.state == State::Fresh {
            self.started = Some(now);
            let effect = self.tool.map(|tool| tool.effect.as_str());
            self.event(now, What::Started { effect, arguments: None });
        }
        self.end(Err(error), now);
    }
}

/// From the first poll to the call's own request.
impl Call {
    /// Checks the arguments, and continues with the request or its authorization.
    fn begin(&mut self, now: u64) {
        self.started = Some(now);
        let args = std::mem::take(&mut self.args);
        let Some(tool) = self.tool else {
            self.event(now, What::Started { effect: None, arguments: None });
            return self.end(Err(tools::unknown(&self.asked)), now);
        };
        let effect = Some(tool.effect.as_str());
        let mut args = match self.options.check(tool, args) {
            Ok(args) => args,
            Err(issues) => {
                self.event(now, What::Started { effect, arguments: None });
                return self.end(Err(schema::refused(tool, issues)), now);
            }
        };
        if let Some(paging) = &self.options.paging {
            match paging.ask(tool, &mut args, self.options.page.as_deref(), &self.options.allow) {
                Ok(asked) => self.asked_page = Some(asked),
                Err(error) => {
                    self.event(now, What::Started { effect, arguments: None });
                    return self.end(Err(error), now);
                }
            }
        }
        self.scrub = Scrub::of(tool, &args);
        if !self.quiet {
            let arguments = Some(preview(tool, &args, &self.scrub));
            self.event(now, What::Started { effect, arguments });
        }
        if self.options.session.is_none() && self.options.policy.is_open() {
            self.prepare(http::build(tool, &args, &self.options.base));
        } else {
            self.authorize(tool, args, now);
        }
    }

    /// Refuses calls that rules deny without look-ups; otherwise starts the look-ups.
    fn authorize(&mut self, tool: &'static Tool, args: Checked, now: u64) {
        let named = session::named(tool, &args);
        let (facts, mut wants) = authorize::known(&self.options, &named, now);
        let first = authorize::decide(&self.options, tool, &args, &facts, Lookups::Pending);
        if first.verdict == Verdict::Deny {
            return self.deny(first, now);
        }
        if self.options.session.is_none() && first.verdict != Verdict::Undetermined {
            wants.clear();
        }
        if let Err(error) = authorize::bound_lookups(tool, &wants) {
            return self.end(Err(error), now);
        }
        self.authorization = Some(Box::new(Authorization::new(args, named, facts, wants)));
        self.advance(tool, now);
    }

    /// Starts the next look-up, or after the last one acts on the decision.
    fn advance(&mut self, tool: &'static Tool, now: u64) {
        let deadline = self.deadline();
        let Some(authorization) = &mut self.authorization else {
            return self.end(Err(authorize::out_of_step()), now);
        };
        if authorization.looking && now >= deadline {
            return self.end(Err(self.too_late()), now);
        }
        let next = authorization.next_lookup().map(|lookup| lookup.args());
        authorization.looking = next.is_some();
        if let Some(args) = next {
            let Some(lookup) = authorize::lookup_tool() else {
                return self.end(Err(authorize::out_of_step()), now);
            };
            return self.prepare(http::build(lookup, &args.into(), &self.options.base));
        }
        if let Some(session) = &self.options.session
            && let Err(issues) =
                session.validate_owner_tags(tool, &mut authorization.args, authorization.facts.first())
        {
            return self.end(Err(schema::refused(tool, issues)), now);
        }
        let decision =
            authorize::decide(&self.options, tool, &authorization.args, &authorization.facts, Lookups::Done);
        match decision.verdict {
            Verdict::Allow => {
                self.tell_decision(&decision, "allow", now);
                self.proceed(tool, now);
            }
            Verdict::Confirm => self.confirm(tool, decision, now),
            Verdict::Undetermined | Verdict::Deny => self.deny(decision, now),
        }
    }

    /// A look-up has been answered.
    fn looked_up(&mut self, data: &Data, now: u64) {
        let Some((tool, authorization)) = self.tool.zip(self.authorization.as_mut()) else {
            return self.end(Err(authorize::out_of_step()), now);
        };
        match authorization.learn(&self.options, data, now) {
            Ok(()) => self.advance(tool, now),
            Err(error) => self.end(Err(error), now),
        }
    }

    /// The policy requires a confirmation: it was already given, or is requested.
    fn confirm(&mut self, tool: &'static Tool, decision: Decision, now: u64) {
        let Some(authorization) = &mut self.authorization else {
            return self.end(Err(authorize::out_of_step()), now);
        };
        let bound = authorize::binding(&self.options, tool, &authorization.args);
        let same = |(approved, to): &(Decision, String)| *approved == decision && *to == bound;
        if authorization.approved.as_ref().is_some_and(same) {
            return self.proceed(tool, now);
        }
        let redeemed = self
            .options
            .confirm
            .as_ref()
            .map(|token| self.options.shared_memory().consume_confirmation(token, &bound, now));
        if redeemed == Some(Ok(())) {
            self.tell_decision(&decision, "confirm", now);
            self.tell_decision(&decision, "approved", now);
            return self.proceed(tool, now);
        }
        authorization.unconfirmed = redeemed.and_then(Result::err).unwrap_or_default();
        authorization.asked_at = now;
        authorization.decision = Some(decision.clone());
        self.tell_decision(&decision, "confirm", now);
        self.state = State::Approval;
    }

    /// Ends a call that may not run. An undetermined decision without further look-ups is a denial.
    fn deny(&mut self, mut decision: Decision, now: u64) {
        decision.verdict = Verdict::Deny;
        self.tell_decision(&decision, "deny", now);
        self.end(Err(authorize::denied(&decision)), now);
    }

    /// The call may run: continues with its own request, unless the host has to be asked first.
    fn proceed(&mut self, tool: &'static Tool, now: u64) {
        match self.options.ask_start {
            AskStart::Never => self.run(tool, now),
            AskStart::Allowed | AskStart::Counts => self.state = State::Start,
        }
    }

    /// The call runs, and counts.
    fn run(&mut self, tool: &'static Tool, now: u64) {
        let Some(authorization) = &self.authorization else {
            return self.end(Err(authorize::out_of_step()), now);
        };
        let memory = self.options.shared_memory();
        memory.count(tool.slug, self.is_limited());
        // A connection that will be deleted is forgotten now: its ID may soon be another user's.
        if tool.method == Method::Delete {
            authorization.named.iter().for_each(|lookup| memory.forget(lookup));
        }
        self.prepare(http::build(tool, &authorization.args, &self.options.base));
    }

    fn too_late(&self) -> Error {
        let total = self.options.retry.total_ms(self.attempt_ms());
        let message = format!("the {total} ms of the call were used up before it could be decided");
        let mut error = Error::new(ErrorKind::Timeout, message)
            .hint("nothing was changed; name fewer connections at once, or allow the call more time");
        error.retryable = true;
        error
    }
}

/// Requests, including look-ups.
impl Call {
    /// A new request: it is sent with the known key, or waits for one.
    fn prepare(&mut self, request: Request) {
        self.tries = 0;
        self.request = request;
        // The token of an argument takes the place of the key, which is neither needed nor renewed.
        if self.request.headers.iter().any(|(name, _)| name == AUTHORIZATION) {
            self.renewed = true;
            self.state = State::Ready;
            return;
        }
        self.state = match self.authorization.as_ref().and_then(|known| known.key.as_deref()) {
            Some(key) => {
                self.request.headers.push((AUTHORIZATION.to_owned(), bearer(key)));
                State::Ready
            }
            None => State::Key,
        };
    }

    /// Starts an attempt.
    fn send(&mut self, now: u64) -> Action {
        let until = now.saturating_add(self.attempt_ms()).min(self.deadline()).max(now.saturating_add(1));
        self.tries += 1;
        self.attempts += u32::from(!self.is_looking());
        if !self.quiet {
            let what = self.describe_attempt();
            self.event(now, what);
        }
        self.state = State::Sent { until };
        Action::Send(until)
    }

    /// Nango rejected the key: requests another one.
    fn renew_key(&mut self, error: Error, now: u64) {
        self.renewed = true;
        let at = self.request.headers.iter().position(|(name, _)| name == AUTHORIZATION);
        let stale = at.map(|at| self.request.headers.remove(at).1).unwrap_or_default();
        let kind = error.kind.as_str();
        self.event(now, What::Retry { attempt: self.tries, wait_ms: 0, kind, status: error.status });
        self.stale = Some((stale, error));
        self.state = State::Key;
    }

    /// An attempt failed: another one, or the end.
    fn attempt_failed(&mut self, mut error: Error, advice: Advice, now: u64) {
        let idempotent = self.is_idempotent();
        retry::explain_loss(&mut error, idempotent, self.tool);
        let bounds = &self.options.retry;
        let delay = retry::delay_ms(bounds, &error, advice, idempotent, self.tries, &mut self.random);
        let Some(wait_ms) = delay.filter(|_| self.tries < bounds.attempts.max(1)) else {
            return self.end(Err(error), now);
        };
        let until = now.saturating_add(wait_ms);
        if until >= self.deadline() {
            return self.end(Err(error), now);
        }
        let (attempt, kind, status) = (self.tries, error.kind.as_str(), error.status);
        self.event(now, What::Retry { attempt, wait_ms, kind, status });
        self.state = State::Waiting { until };
    }

    /// The call's own request succeeded.
    fn answered(&mut self, tool: &Tool, mut answer: JsonText, now: u64) {
        let session = self.options.session.as_ref();
        if let Some((session, list)) = session.zip(tool.connection_list()) {
            let integers = self.options.integers();
            answer.edit(tool, integers, |value| session.narrow(&list, value));
        }
        let bounded = authorize::bound_size(&self.options, answer.json.len());
        let (data, exact) = answer.into_data(self.keeps_json);
        self.exact = exact;
        self.end(bounded.map(|()| data), now);
    }

    /// Removes from an error for events what is meant for the approver, not for a log.
    fn hide_confirmation(&self, error: &mut Error) {
        let Some(details) = error.details.as_mut() else { return };
        if let Some(token) = details.get_mut("token") {
            *token = Value::Null;
        }
        if let Some(arguments) = details.pointer_mut("/summary/arguments") {
            let known = self.tool.zip(self.authorization.as_ref());
            *arguments = known.map_or(Value::Null, |(tool, known)| preview(tool, &known.args, &self.scrub));
        }
    }

    /// The end, whatever the call was doing.
    fn end(&mut self, result: Result<Data, Error>, now: u64) {
        let meta = self.meta(now);
        let mut error = result.as_ref().err().cloned();
        if let Some(error) = error.as_mut().filter(|error| error.kind == ErrorKind::ConfirmationRequired) {
            self.hide_confirmation(error);
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
        let exact = self.exact.take().filter(|_| result.is_ok());
        self.outcome = Some(Box::new(Outcome { result, meta, exact }));
    }
}

/// Questions to the state.
impl Call {
    /// The pending request.
    #[must_use]
    pub fn request(&self) -> Option<&Request> {
        matches!(self.state, State::Sent { .. }).then_some(&self.request)
    }

    /// Whether the call has ended: the next poll returns its outcome.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.state == State::Ended
    }

    /// Whether the pending request is a look-up.
    pub(super) fn is_looking(&self) -> bool {
        self.authorization.as_ref().is_some_and(|authorization| authorization.looking)
    }

    fn is_idempotent(&self) -> bool {
        self.is_looking() || self.tool.is_some_and(|tool| tool.idempotent)
    }

    /// The time of one attempt, in milliseconds; a look-up gets as much as the tool that it is for.
    fn attempt_ms(&self) -> u64 {
        let declared = self.tool.map_or(60, |tool| tool.timeout_s);
        self.options.timeout_ms.unwrap_or(u64::from(declared) * 1000).max(1)
    }

    /// The deadline of the call; waiting for an approval does not count.
    fn deadline(&self) -> u64 {
        let pause_ms = self.authorization.as_ref().map_or(0, |authorization| authorization.pause_ms);
        let total_ms = self.options.retry.total_ms(self.attempt_ms());
        self.started.unwrap_or_default().saturating_add(total_ms).saturating_add(pause_ms)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
    use serde_json::json;

    use super::*;
    use crate::call::{Options, Poll};
    use crate::policy::Policy;
    use crate::tool::{Field, ResponseType};

    const KEY: &str = "d59beb0a-3a8c-4d4a-9c4a-0f0e0d0c0b0a";

    /// A tool that is not in the table.
    fn tool(change: impl FnOnce(&mut Tool)) -> &'static Tool {
        let mut tool = *tools::find("NANGO_LIST_INTEGRATIONS").unwrap();
        tool.slug = "TEST_TOOL";
        tool.path = "/test";
        change(&mut tool);
        Box::leak(Box::new(tool))
    }

    fn sent(tool: &'static Tool, options: Options) -> Call {
        let mut call = Call::for_tool(options, tool, json!({}), 1);
        assert!(matches!(call.next_action(0), Action::Ask(Ask::Key)));
        call.handle_key(Ok(KEY), 0);
        assert!(matches!(call.next_action(0), Action::Send(_)));
        call
    }

    #[test]
    fn a_tool_outside_the_table_runs_as_any_other() {
        let tool = tool(|_| {});
        assert!(tools::find(tool.slug).is_none());
        let mut call = sent(tool, Options::default());
        assert_eq!(call.request().unwrap().url, "https://api.nango.dev/test");
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        call.handle_response(&Response { status: 200, headers, body: "{}".to_owned() }, 5);
        let Poll::Done(outcome) = call.poll(5) else { panic!("it has ended") };
        assert_eq!((outcome.result, outcome.meta.tool.as_str()), (Ok(Data::Value(json!({}))), "TEST_TOOL"));
    }

    #[test]
    fn what_may_be_repeated_is_the_tools_to_say() {
        for idempotent in [true, false] {
            let mut call = sent(tool(|tool| tool.idempotent = idempotent), Options::default());
            call.handle_transport_error("connection reset", 5);
            assert_eq!(matches!(call.state, State::Waiting { .. }), idempotent);
            assert_eq!(call.has_ended(), !idempotent);
        }
    }

    #[test]
    fn a_body_that_is_needed_must_be_handed_over() {
        const NAME: Field = Field::new("name", ResponseType::Text).summary(1);
        let returns = ResponseType::List(&ResponseType::Object(&[NAME]));
        let mut call = sent(tool(|tool| tool.returns = returns), Options::default());
        call.handle_held(200, 5);
        let Poll::Done(outcome) = call.poll(5) else { panic!("it has ended") };
        assert_eq!(outcome.result.unwrap_err().kind, ErrorKind::Internal);
    }

    #[test]
    fn a_summary_is_there_only_while_somebody_is_asked() {
        let rule = json!({ "id": "ask-first", "then": "confirm" });
        let policy = Policy::from_value(json!({ "default": "allow", "rules": [rule] })).unwrap();
        let options = Options { policy, ..Options::default() };
        let mut call = Call::for_tool(options, tool(|_| {}), json!({}), 1);
        assert!(call.summary().is_none());
        assert!(matches!(call.next_action(0), Action::Ask(Ask::Approval)));
        let summary = call.summary().unwrap();
        let start = r#"{"tool":"TEST_TOOL","title":"#;
        assert!(summary.starts_with(start) && summary.contains(r#""rules":["ask-first"]"#), "{summary}");
        call.handle_approval(Approval::Granted, 0);
        assert!(call.summary().is_none());
    }
}
