//! Whether a call may run: the connections that it names and the facts about them, the decision of policies,
//! session and limits, and what a person has to confirm. Pure; the order of steps is in `machine.rs`, the
//! conditions of a session are in [`crate::session`], rules are in [`crate::policy`].

use std::fmt;

use serde_json::json;

use super::options::{AskStart, Options};
use crate::audit;
use crate::error::{Error, ErrorKind, Issue};
use crate::http::{Data, Scrub};
use crate::json::{Object, Value};
use crate::policy::{self, Claims, Decision, Fact, Lookup, Lookups, Policy, Verdict};
use crate::schema::{self, Checked};
use crate::session;
use crate::text::clip;
use crate::tool::{Role, Tool};

/// The maximum number of look-ups in one call. A session allows as many connections to be named.
const MOST_LOOKUPS: usize = 50;

/// How long facts are valid, in milliseconds; as long as [`crate::session::Memory`] keeps them.
const BELIEVED_MS: u64 = 60_000;

/// The state of a call between validation and its own request.
pub(super) struct Authorization {
    pub(super) args: Checked,
    /// The connections that the arguments name.
    pub(super) named: Vec<Lookup>,
    /// The connections to look up, and how many of them have been looked up.
    wants: Vec<Lookup>,
    seen: usize,
    pub(super) facts: Vec<Fact>,
    /// When the first of the look-ups was answered.
    learned_at: Option<u64>,
    /// Whether the pending request is a look-up.
    pub(super) looking: bool,
    /// The key, as soon as it is known: look-ups and the call's own request need it.
    pub(super) key: Option<String>,
    /// The decision that needs confirmation.
    pub(super) decision: Option<Decision>,
    /// The approved decision, and the call that it is bound to.
    pub(super) approved: Option<(Decision, String)>,
    /// Why the given confirmation does not confirm this call.
    pub(super) unconfirmed: &'static str,
    /// When approval was requested.
    pub(super) asked_at: u64,
    /// How long the approval took, which does not count towards the call's time.
    pub(super) pause_ms: u64,
}

impl Authorization {
    pub(super) fn new(args: Checked, named: Vec<Lookup>, facts: Vec<Fact>, wants: Vec<Lookup>) -> Self {
        Authorization {
            args,
            named,
            wants,
            seen: 0,
            facts,
            learned_at: None,
            looking: false,
            key: None,
            decision: None,
            approved: None,
            unconfirmed: "",
            asked_at: 0,
            pause_ms: 0,
        }
    }

    /// The next connection to look up.
    pub(super) fn next_lookup(&self) -> Option<&Lookup> {
        self.wants.get(self.seen)
    }

    /// The pending look-up.
    pub(super) fn current_lookup(&self) -> Option<&Lookup> {
        self.next_lookup().filter(|_| self.looking)
    }

    /// Stores the result of the pending look-up.
    ///
    /// # Errors
    /// In a session, the connection does not exist or is not the user's: `not_found`.
    pub(super) fn learn(&mut self, options: &Options, data: &Data, now: u64) -> Result<(), Error> {
        let Some(lookup) = self.wants.get(self.seen) else { return Err(out_of_step()) };
        let fact = session::found(data, lookup);
        match &options.session {
            Some(session) => {
                let Some(fact) = fact.filter(|fact| session.owns(fact)) else {
                    return Err(session::absent(lookup));
                };
                session.memory().learn(lookup, &fact, now);
                self.facts.push(fact);
            }
            None => self.facts.extend(fact),
        }
        self.seen += 1;
        self.learned_at.get_or_insert(now);
        Ok(())
    }

    /// Forgets facts that are too old, so that they are looked up again: the approval may have taken a long
    /// time.
    pub(super) fn forget_old_facts(&mut self, options: &Options, now: u64) {
        if options.session.is_some() {
            (self.facts, self.wants) = known(options, &self.named, now);
        } else if self.learned_at.is_none_or(|at| at <= now && now - at < BELIEVED_MS) {
            return;
        } else {
            self.facts.clear();
        }
        self.seen = 0;
        self.learned_at = None;
    }

    /// What the call would do: `{ tool, title, effect, connections, arguments, rules, reason }`, secrets masked.
    pub(super) fn summary(&self, tool: &Tool, decision: &Decision, scrub: &Scrub) -> Value {
        let connections: Vec<Object> = self.named.iter().map(Lookup::args).collect();
        json!({
            "tool": tool.slug,
            "title": tool.title,
            "effect": tool.effect.as_str(),
            "connections": connections,
            "arguments": audit::summary(tool, &self.args, scrub),
            "rules": decision.rules,
            "reason": decision.reason,
        })
    }
}

/// Omits the key and the arguments, which may contain secrets.
impl fmt::Debug for Authorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authorization")
            .field("named", &self.named)
            .field("wants", &self.wants)
            .field("seen", &self.seen)
            .field("looking", &self.looking)
            .field("pause_ms", &self.pause_ms)
            .finish_non_exhaustive()
    }
}

/// The tool that looks a connection up.
pub(super) fn lookup_tool() -> Option<&'static Tool> {
    session::list_tool()
}

/// Whether the core must read the data of a tool, because it may be narrowed or refused.
pub(super) fn must_read(options: &Options, tool: Option<&Tool>) -> bool {
    options.session.is_some() && tool.is_some_and(session::is_list_tool) || most_bytes(options).is_some()
}

fn most_bytes(options: &Options) -> Option<u64> {
    options.least(Policy::max_result_bytes)
}

/// The cached facts about the connections that a call names, and the connections without any.
pub(super) fn known(options: &Options, named: &[Lookup], now: u64) -> (Vec<Fact>, Vec<Lookup>) {
    let (mut facts, mut wants) = (Vec::new(), Vec::new());
    for lookup in named {
        match options.session.as_ref().and_then(|session| session.memory().fact(lookup, now)) {
            Some(fact) => facts.push(fact),
            None => wants.push(lookup.clone()),
        }
    }
    (facts, wants)
}

/// Refuses a call that would need too many look-ups.
pub(super) fn bound_lookups(tool: &Tool, wants: &[Lookup]) -> Result<(), Error> {
    let got = wants.len();
    if got <= MOST_LOOKUPS {
        return Ok(());
    }
    let path = tool.with_role(Role::Connection).map(|param| param.prop.name.to_owned());
    let message =
        format!("expected at most {MOST_LOOKUPS} connections whose owner must be looked up, got {got}");
    let issue = Issue::new(path.into_iter().collect(), "too_big", message);
    Err(schema::refused(tool, vec![issue.hint("split them into several calls")]))
}

/// The decision of both policies, the session's bounds and the limit of calls: all must allow. `lookups` says
/// whether more may be looked up.
pub(super) fn decide(
    options: &Options,
    tool: &Tool,
    args: &Checked,
    facts: &[Fact],
    lookups: Lookups,
) -> Decision {
    let toolkit = &options.policy;
    let Some(session) = &options.session else {
        let mut decision = toolkit.decide(tool, args, &Claims::default(), facts, lookups);
        limit(options, tool, &mut decision);
        return decision;
    };
    let mut decision = toolkit.decide(tool, args, session.claims(), facts, lookups);
    let mut named = decision.named;
    if let Some(own) = session.policy() {
        let other = own.decide(tool, args, session.claims(), facts, lookups);
        named = other.named;
        decision = decision.and(other);
    }
    let slug = tool.slug;
    if !session.is_available(tool, named) || session.is_read_only() && policy::changes(tool, args) {
        deny(&mut decision, "session", format!("this session does not have {slug}"));
    } else if session::reaches_beyond(tool, Some(args)) && !named {
        let reason = format!("{slug} reaches beyond the connections of this session's user");
        deny(&mut decision, "session", reason);
    }
    limit(options, tool, &mut decision);
    decision
}

/// Denies a tool that has reached its limit. A host that counts is asked at the start of the call.
fn limit(options: &Options, tool: &Tool, decision: &mut Decision) {
    if options.ask_start != AskStart::Counts {
        limit_to(options, tool, decision, None);
    }
}

/// Denies a tool that has reached its limit: `calls` times if the host has counted.
pub(super) fn limit_to(options: &Options, tool: &Tool, decision: &mut Decision, calls: Option<u64>) {
    let Some(most) = options.limit_for(tool) else { return };
    if calls.or(options.calls).unwrap_or_else(|| options.shared_memory().calls(tool.slug)) >= most {
        deny(decision, "limits", format!("{} may be called {} and has been", tool.slug, times(most)));
    }
}

fn times(count: u64) -> String {
    if count == 1 { "once".to_owned() } else { format!("{count} times") }
}

/// Turns a decision into a refusal, unless it already is one.
fn deny(decision: &mut Decision, rule: &str, reason: String) {
    if decision.verdict != Verdict::Deny {
        decision.verdict = Verdict::Deny;
        decision.rules = vec![rule.to_owned()];
        decision.reason = reason;
        decision.needs.clear();
    }
}

/// The decision on a call with these checked arguments before anything is looked up.
pub(super) fn decide_without_lookups(options: &Options, tool: &Tool, args: &Checked, now: u64) -> Decision {
    let (facts, wants) = known(options, &session::named(tool, args), now);
    let mut decision = decide(options, tool, args, &facts, Lookups::Pending);
    if options.session.is_some()
        && matches!(decision.verdict, Verdict::Allow | Verdict::Confirm)
        && let Some(first) = wants.first()
    {
        decision.verdict = Verdict::Undetermined;
        decision.rules = vec!["session".to_owned()];
        decision.reason = format!(
            "whether connection `{}` belongs to this session's user must be looked up",
            first.connection_id
        );
        decision.needs = wants;
    }
    decision
}

/// The call that a confirmation is bound to: the tool, exactly these arguments, the session.
pub(super) fn binding(options: &Options, tool: &Tool, args: &Checked) -> String {
    let args = args.to_exact_text();
    let session = options.session.as_ref().map(|session| session.binding()).unwrap_or_default();
    [tool.slug, &args, &session].join("\u{0}")
}

/// The error of a call that was denied.
pub(super) fn denied(decision: &Decision) -> Error {
    decision.refusal().unwrap_or_else(|| Error::new(ErrorKind::Denied, decision.reason.as_str()))
}

/// Refuses data that is larger than the policy allows.
pub(super) fn bound_size(options: &Options, bytes: usize) -> Result<(), Error> {
    let Some(most) = most_bytes(options).filter(|most| bytes as u64 > *most) else { return Ok(()) };
    let message = format!("the result has {bytes} bytes, and the policy allows {most}");
    let error = Error::new(ErrorKind::Denied, message).code("result_too_large");
    Err(error.hint("the call ran; request less, with filters or a limit"))
}

/// The error of a call whose session was revoked.
pub(super) fn revoked() -> Error {
    Error::new(ErrorKind::Denied, "the session was revoked")
        .code("session_revoked")
        .hint("do not retry; tell the user")
}

/// The error of a call if the host does not know whether it may start.
pub(super) fn start_failed(why: &str) -> Error {
    Error::new(ErrorKind::Internal, format!("the store failed: {}", clip(why, 300)))
        .hint("the call was not made; the operator of this toolkit has to fix it")
}

/// The error of a call with an inconsistent state, which no input can cause.
pub(super) fn out_of_step() -> Error {
    Error::new(ErrorKind::Internal, "the state of the call is inconsistent")
}
