//! Between the check and the call's own request: look-ups of the connections it names, the decision,
//! the confirmation. What a session sets and asks is in [`crate::session`], rules are in
//! [`crate::policy`].

use super::{Call, State};
use crate::audit::{What, preview};
use crate::error::{Error, ErrorKind};
use crate::http::{self, Data, Request};
use crate::json::{Value, Writer, parse, to_text};
use crate::policy::{self, Claims, Decision, Fact, Lookup, Policy, Verdict};
use crate::schema::{self, Checked};
use crate::session::{self, Memory};
use crate::text::{decimal, fill, join};
use crate::tool::{Method, Tool};
use crate::tools;

/// The answer of whoever may approve a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Approval<'a> {
    /// It may run.
    Granted,
    /// It may not.
    Refused,
    /// Nobody says now. The call ends with `confirmation_required`; made again with this text as
    /// [`super::Options::confirm`] and the same arguments, it runs, once and within ten minutes. The text
    /// must be drawn at random, 128 bits or more, by the host; where it is empty, nothing confirms.
    Pending(&'a str),
}

/// What a call knows on its way through.
#[derive(Debug)]
pub(super) struct Gate {
    args: Checked,
    /// The connections that the arguments name.
    named: Vec<Lookup>,
    /// Those that are to be looked up, and how many of them have been.
    wants: Vec<Lookup>,
    seen: usize,
    facts: Vec<Fact>,
    /// Whether the request under way is a look-up.
    looking: bool,
    /// The key, once it was asked for: a look-up and the call's own request need it.
    pub(super) key: Option<String>,
    /// What a person is asked to confirm.
    decision: Option<Decision>,
    /// Why the confirmation that came along does not do.
    unconfirmed: &'static str,
    /// Since when somebody is asked.
    asked: u64,
    /// How long somebody took to answer: no part of the time that the call may take.
    pub(super) pause_ms: u64,
}

impl Gate {
    /// The look-up under way.
    pub(super) fn looking(&self) -> Option<&Lookup> {
        self.wants.get(self.seen).filter(|_| self.looking)
    }
}

impl Call {
    pub(super) fn is_looking(&self) -> bool {
        self.gate.as_ref().is_some_and(|gate| gate.looking)
    }

    /// Whether an answer must be read on this side, whatever the tool: a look-up, a list that is
    /// narrowed, what may be too large.
    pub(super) fn must_read(&self) -> bool {
        self.gate.is_some()
            && (self.is_looking()
                || self.most_bytes().is_some()
                || self.options.session.is_some() && self.tool.is_some_and(|t| t.slug == session::LIST))
    }

    fn memory(&self) -> &Memory {
        self.options.session.as_ref().map_or(&self.options.memory, |session| session.memory())
    }

    /// What is known of the connections that a call names, and those that are to be looked up.
    fn known(&self, named: &[Lookup], now: u64) -> (Vec<Fact>, Vec<Lookup>) {
        let (mut facts, mut wants) = (Vec::new(), Vec::new());
        for lookup in named {
            match self.options.session.as_ref().and_then(|s| s.memory().fact(lookup, now)) {
                Some(fact) => facts.push(fact),
                None => wants.push(lookup.clone()),
            }
        }
        (facts, wants)
    }

    /// What would be decided of this call, which is not made and sends nothing. What only a look-up can tell
    /// is [`Verdict::Undetermined`], with the look-up named; in a session that is whose a connection is.
    ///
    /// # Errors
    /// `unknown_tool` and `invalid_arguments`, as the call itself would end.
    pub fn explain(mut self, now: u64) -> Result<Decision, Error> {
        let Some(tool) = self.tool else { return Err(tools::unknown(&self.asked)) };
        let args = core::mem::take(&mut self.args);
        let args = self.options.check(tool, args).map_err(|issues| schema::refused(tool, issues))?;
        let (facts, wants) = self.known(&session::named(tool, &args), now);
        let mut decision = self.decide(tool, &args, &facts, false);
        if let (Some(_), Verdict::Allow | Verdict::Confirm, Some(first)) =
            (&self.options.session, decision.verdict, wants.first())
        {
            decision.verdict = Verdict::Undetermined;
            decision.rules = vec!["session".to_owned()];
            decision.reason = fill(
                "whether connection `{}` belongs to this session's user must be looked up",
                &[&first.connection_id],
            );
            decision.needs = wants;
        }
        Ok(decision)
    }

    /// Starts on the way: what rules alone refuse is refused before anything is looked up.
    pub(super) fn enter(&mut self, tool: &'static Tool, args: Checked, now: u64) {
        let named = session::named(tool, &args);
        let (facts, mut wants) = self.known(&named, now);
        let first = self.decide(tool, &args, &facts, false);
        if first.verdict == Verdict::Deny {
            return self.denied(first, now);
        }
        if self.options.session.is_none() && first.verdict != Verdict::Undetermined {
            wants.clear();
        }
        let gate = Gate {
            args,
            named,
            wants,
            seen: 0,
            facts,
            looking: false,
            key: None,
            decision: None,
            unconfirmed: "",
            asked: 0,
            pause_ms: 0,
        };
        self.gate = Some(Box::new(gate));
        self.advance(tool, now);
    }

    /// The next look-up, or behind the last the decision and what follows from it.
    fn advance(&mut self, tool: &'static Tool, now: u64) {
        let Some(gate) = &mut self.gate else { return };
        if let Some(lookup) = gate.wants.get(gate.seen)
            && let Some(list) = tools::find(session::LIST)
        {
            gate.looking = true;
            let request = http::build(list, &lookup.args(), &self.options.base);
            return self.ready(request);
        }
        gate.looking = false;
        if let Some(session) = &self.options.session
            && let Err(issues) = session.settle(tool, &mut gate.args, gate.facts.first())
        {
            return self.end(Err(schema::refused(tool, issues)), now);
        }
        let Some(gate) = &self.gate else { return };
        let decision = self.decide(tool, &gate.args, &gate.facts, true);
        match decision.verdict {
            Verdict::Allow => {
                self.say(&decision, "allow", now);
                self.go(tool);
            }
            Verdict::Confirm => self.confirm(tool, decision, now),
            _ => self.denied(decision, now),
        }
    }

    /// Both policies, the session's bounds and the limit of calls: all must allow.
    fn decide(&self, tool: &Tool, args: &Checked, facts: &[Fact], last: bool) -> Decision {
        let toolkit = &self.options.policy;
        let Some(session) = &self.options.session else {
            let decision = toolkit.decide(tool, args, &Claims::default(), facts, last);
            return self.limited(tool, decision);
        };
        let mut decision = toolkit.decide(tool, args, session.claims(), facts, last);
        let mut named = decision.named;
        if let Some(own) = session.policy() {
            let other = own.decide(tool, args, session.claims(), facts, last);
            named = other.named;
            decision = decision.and(other);
        }
        if !session.has(tool) || session.is_read_only() && policy::changes(tool, args) {
            deny(&mut decision, "session", "this session does not have {}", &[tool.slug]);
        } else if session::reaches_beyond(tool, Some(args)) && !named {
            let form = "{} reaches beyond the connections of this session's user";
            deny(&mut decision, "session", form, &[tool.slug]);
        }
        self.limited(tool, decision)
    }

    /// The decision, unless the tool was called as often as it may be.
    fn limited(&self, tool: &Tool, mut decision: Decision) -> Decision {
        if let Some(most) = self.options.limit_for(tool)
            && self.options.calls.unwrap_or_else(|| self.memory().calls(tool.slug)) >= most
        {
            let parts = [tool.slug, &decimal(most as i64)];
            deny(&mut decision, "limits", "{} may be called {} times, and was", &parts);
        }
        decision
    }

    fn say(&mut self, decision: &Decision, verdict: &'static str, now: u64) {
        let (rules, reason) = (decision.rules.clone(), decision.reason.clone());
        self.event(now, What::Decision { verdict, rules, reason });
    }

    fn denied(&mut self, mut decision: Decision, now: u64) {
        // What is still open when nothing more will be looked up is not allowed.
        decision.verdict = Verdict::Deny;
        self.say(&decision, "deny", now);
        let denied = || Error::new(ErrorKind::Denied, decision.reason.as_str());
        let error = decision.refusal().unwrap_or_else(denied);
        self.end(Err(error), now);
    }

    /// To the call's own request.
    fn go(&mut self, tool: &'static Tool) {
        self.memory().count(tool.slug);
        let Some(gate) = &self.gate else { return };
        // What is to be deleted is forgotten already: its ID may soon be another user's.
        if tool.method == Method::Delete {
            gate.named.iter().for_each(|lookup| self.memory().forget(lookup));
        }
        let request = http::build(tool, &gate.args, &self.options.base);
        self.ready(request);
    }

    /// A request that has its key, or waits for it.
    fn ready(&mut self, request: Request) {
        self.tries = 0;
        self.request = request;
        self.state = match self.gate.as_ref().and_then(|gate| gate.key.as_deref()) {
            Some(key) => {
                self.request.headers.push(("Authorization".to_owned(), fill("Bearer {}", &[key])));
                State::Ready
            }
            None => State::Key,
        };
    }

    /// The answer to a look-up.
    pub(super) fn looked_up(&mut self, data: &Data, now: u64) {
        self.state = State::Ended;
        let Some((tool, gate)) = self.tool.zip(self.gate.as_mut()) else { return };
        let Some(lookup) = gate.wants.get(gate.seen) else { return };
        gate.seen += 1;
        let fact = session::found(data, lookup);
        match &self.options.session {
            Some(session) => match fact.filter(|fact| session.owns(fact)) {
                Some(fact) => {
                    session.memory().learn(lookup, &fact, now);
                    gate.facts.push(fact);
                }
                None => {
                    let error = session::absent(lookup);
                    return self.end(Err(error), now);
                }
            },
            None => gate.facts.extend(fact),
        }
        self.advance(tool, now);
    }

    fn most_bytes(&self) -> Option<u64> {
        self.options.least(Policy::max_result_bytes)
    }

    /// The data of the call's own answer.
    pub(super) fn received(&mut self, mut data: Data, now: u64) {
        let Some(tool) = self.tool.filter(|_| self.gate.is_some()) else { return self.end(Ok(data), now) };
        if let Some(session) = &self.options.session {
            session.narrow(tool, &mut data);
        }
        if let (Some(most), Data::Value(value)) = (self.most_bytes(), &data) {
            let bytes = to_text(value).len();
            if bytes as u64 > most {
                let parts = [&*decimal(bytes as i64), &decimal(most as i64)];
                let message = fill("the result has {} bytes, and the policy allows {}", &parts);
                let error = Error::new(ErrorKind::Denied, message).code("result_too_large");
                return self.end(Err(error.hint("the call ran; ask for less, with filters or a limit")), now);
            }
        }
        self.end(Ok(data), now);
    }

    /// Where the policy wants a confirmation: it came along, or somebody is asked.
    fn confirm(&mut self, tool: &'static Tool, decision: Decision, now: u64) {
        self.say(&decision, "confirm", now);
        if let Some(token) = self.options.confirm.clone() {
            match self.memory().redeem(&token, &self.bound(tool), now) {
                Ok(()) => {
                    self.say(&decision, "approved", now);
                    return self.go(tool);
                }
                Err(why) => {
                    if let Some(gate) = &mut self.gate {
                        gate.unconfirmed = why;
                    }
                }
            }
        }
        if let Some(gate) = &mut self.gate {
            gate.decision = Some(decision);
            gate.asked = now;
        }
        self.state = State::Approval;
    }

    /// What a confirmation is bound to: the tool, these very arguments, the session.
    fn bound(&self, tool: &Tool) -> String {
        let args = self.gate.as_ref().map(|gate| to_text(&Value::Object(gate.args.clone())));
        let session = self.options.session.as_ref().map(|session| session.binding());
        join(&[tool.slug, &args.unwrap_or_default(), &session.unwrap_or_default()], "\u{0}")
    }

    /// What a call that waits for [`super::Ask::Approval`] would do, as JSON text:
    /// `{ tool, title, effect, connections, arguments, rules, reason }`, secrets masked.
    pub fn summary(&self) -> Option<String> {
        let (tool, gate) = self.tool.zip(self.gate.as_ref())?;
        let decision = gate.decision.as_ref()?;
        let mut w = Writer::new();
        w.open().pair("tool", tool.slug).pair("title", tool.title);
        w.pair("effect", tool.effect.as_str()).key("connections").open_array();
        for lookup in &gate.named {
            w.value(&Value::Object(lookup.args()));
        }
        w.close_array().key("arguments").value(&preview(tool, &gate.args, &self.scrub));
        w.key("rules").open_array();
        for rule in &decision.rules {
            w.text(rule);
        }
        w.close_array().pair("reason", &decision.reason).close();
        Some(w.finish())
    }

    /// The answer to [`super::Ask::Approval`].
    pub fn handle_approval(&mut self, answer: Approval<'_>, now: u64) {
        let State::Approval = self.state else { return };
        let summary = self.summary();
        let Some((tool, gate)) = self.tool.zip(self.gate.as_mut()) else { return };
        let Some(decision) = gate.decision.take() else { return };
        let unconfirmed = gate.unconfirmed;
        gate.pause_ms = now.saturating_sub(gate.asked);
        let token = match answer {
            Approval::Granted => {
                self.say(&decision, "approved", now);
                return self.go(tool);
            }
            Approval::Refused => {
                self.say(&decision, "refused", now);
                let error = Error::new(ErrorKind::Denied, "whoever was asked to approve the call refused it");
                let error = error.code("refused").hint("do not try again, tell the user");
                return self.end(Err(error), now);
            }
            Approval::Pending(token) => token,
        };
        let mut details = Writer::new();
        details.open().key("summary").raw(&summary.unwrap_or_default());
        if !token.is_empty() {
            let expires = self.memory().pend(token, self.bound(tool), now);
            details.pair("token", token).key("expires_at").integer(expires as i64);
        }
        let mut message = decision.reason;
        if !unconfirmed.is_empty() {
            details.pair("reason", unconfirmed);
            message = fill("{}; {}", &[unconfirmed, &message]);
        }
        details.close();
        let mut error = Error::new(ErrorKind::ConfirmationRequired, message)
            .hint("it has not run: tell the user what would be done; a person has to confirm it");
        error.details = parse(&details.finish()).ok();
        self.end(Err(error), now);
    }
}

/// Turns a decision into a refusal.
fn deny(decision: &mut Decision, rule: &str, form: &str, parts: &[&str]) {
    if decision.verdict != Verdict::Deny {
        decision.verdict = Verdict::Deny;
        decision.rules = vec![rule.to_owned()];
        decision.reason = fill(form, parts);
        decision.needs.clear();
    }
}
