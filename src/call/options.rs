//! How calls are made: what a toolkit, a session or a single call asks for, and what follows from it for
//! which tools there are and what their arguments may be.

use std::fmt;
use std::sync::Arc;

#[cfg(doc)]
use super::Approval;
use super::Retry;
use crate::error::InvalidArguments;
use crate::http::{BaseUrl, BigIntegers, Redaction, Reveal};
use crate::modify::Modifiers;
use crate::policy::{Claims, Policy};
use crate::schema::{self, Allow, Arguments, Checked, Provider};
use crate::session::{Memory, Session};
use crate::tool::{Param, Tool};
use crate::tools;

/// What the host is asked directly before a call's own request, by [`Ask::Start`](super::Ask::Start).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum AskStart {
    /// Nothing.
    #[default]
    Never,
    /// Whether the call may still start.
    Allowed,
    /// That, and how often a tool with a limit was started before: then [`Options::memory`] decides nothing about it.
    Counts,
}

/// How calls are made; one for a whole toolkit, changed for single calls where a caller asks.
#[derive(Clone, Default)]
pub struct Options {
    /// Where Nango is.
    pub base: BaseUrl,
    /// What is allowed beyond the defaults of the check.
    pub allow: Allow,
    /// What the caller may do.
    pub policy: Policy,
    /// Which secrets may be shown in data.
    pub reveal: Reveal,
    /// How integers beyond 2^53 stand in data, unless the session says so.
    pub big_integers: BigIntegers,
    /// Whether names mask what proxy and action tools return, too; otherwise in sessions only.
    pub mask_provider_data: Option<bool>,
    /// When a failed attempt is repeated.
    pub retry: Retry,
    /// How long one attempt may take, in milliseconds; otherwise what the tool declares.
    pub timeout_ms: Option<u64>,
    /// Tools as the operator wants agents to see them; none for all as they are.
    pub modify: Option<Arc<Modifiers>>,
    /// The provider in whose form arguments come; none for the tool's own.
    pub provider: Option<Provider>,
    /// Whose view of the toolkit it is; none for the whole.
    pub session: Option<Session>,
    /// What is remembered between calls where there is no session, which has a memory of its own.
    pub memory: Memory,
    /// What [`Approval::Pending`] was answered with for the same call: confirms it.
    pub confirm: Option<String>,
    /// How often the tool ran before, where a host counts more exactly than the memory can.
    pub calls: Option<u64>,
    /// What the host is asked before the call's own request, once everything else allows it.
    pub ask_start: AskStart,
    /// The id under which the caller knows the call, such as that of a model's tool call; for events.
    pub upstream: Option<String>,
}

/// Without the token that confirms a call.
impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("base", &self.base)
            .field("allow", &self.allow)
            .field("policy", &self.policy)
            .field("reveal", &self.reveal)
            .field("big_integers", &self.big_integers)
            .field("mask_provider_data", &self.mask_provider_data)
            .field("retry", &self.retry)
            .field("timeout_ms", &self.timeout_ms)
            .field("modify", &self.modify)
            .field("provider", &self.provider)
            .field("session", &self.session)
            .field("is_confirmed", &self.confirm.is_some())
            .field("calls", &self.calls)
            .field("ask_start", &self.ask_start)
            .field("upstream", &self.upstream)
            .finish_non_exhaustive()
    }
}

impl Options {
    /// How answers are masked.
    #[must_use]
    pub fn redaction(&self) -> Redaction {
        let provider_data = self.mask_provider_data.unwrap_or(self.session.is_some());
        Redaction { reveal: self.reveal.clone(), provider_data }
    }

    /// The tool with this name, its new one too.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&'static Tool> {
        self.modify.as_ref().map_or_else(|| tools::find(name), |modify| modify.find(name))
    }

    /// Whether `tool` may be listed: not what no arguments could make allowed.
    #[must_use]
    pub fn lists(&self, tool: &Tool) -> bool {
        match &self.session {
            Some(session) => session.lists(tool, &self.policy),
            None => self.policy.lists(tool, &Claims::default()),
        }
    }

    /// How integers beyond 2^53 stand in data.
    pub(crate) fn integers(&self) -> BigIntegers {
        let own = self.session.as_ref().and_then(|session| session.options().big_integers);
        own.unwrap_or(self.big_integers)
    }

    /// How often `tool` may be called, where a policy bounds that.
    #[must_use]
    pub fn limit_for(&self, tool: &Tool) -> Option<u64> {
        self.least(|policy| policy.limit_for(tool))
    }

    /// What is remembered between calls: by the session, or by the toolkit if there is none.
    pub fn shared_memory(&self) -> &Memory {
        self.session.as_ref().map_or(&self.memory, Session::memory)
    }

    /// The lesser of what the toolkit's policy and the session's set.
    pub(super) fn least(&self, of: impl Fn(&Policy) -> Option<u64>) -> Option<u64> {
        let own = self.session.as_ref().and_then(Session::policy).and_then(&of);
        match (of(&self.policy), own) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }

    /// What `tool` is called, and what is said of it.
    #[must_use]
    pub fn words<'o>(&'o self, tool: &'o Tool) -> (&'o str, &'o str) {
        self.modify.as_ref().map_or((tool.slug, tool.doc), |modify| modify.words(tool))
    }

    /// The JSON Schema of `params`, which are [`Options::params`] of `tool`, as `provider` understands it.
    #[must_use]
    pub fn input_schema(&self, tool: &Tool, params: &[Param], provider: Option<Provider>) -> String {
        match provider {
            None => schema::wire_of(tool, params),
            Some(provider) => schema::for_provider_of(tool, params, provider),
        }
    }

    /// The arguments of `tool` as an agent is to see them.
    #[must_use]
    pub fn params(&self, tool: &Tool) -> Vec<Param> {
        let all = match &self.session {
            Some(session) => session.params(tool, &self.policy),
            None => tool.params.to_vec(),
        };
        match &self.modify {
            Some(modify) => modify.params(tool, &all),
            None => all,
        }
    }

    /// The arguments as they are to be sent, but for what look-ups tell.
    ///
    /// # Errors
    /// Every issue.
    pub fn check(&self, tool: &Tool, args: impl Into<Arguments>) -> Result<Checked, InvalidArguments> {
        let args = args.into();
        let (args, mut issues) =
            if self.provider.is_some() { args.convert_back(tool)? } else { (args, Vec::new()) };
        let (mut args, texts) = args.into_parts()?;
        if let Some(modify) = &self.modify {
            let (given, more) = modify.apply(tool, args);
            args = given;
            issues.extend(more);
        }
        let Some(session) = &self.session else {
            return Ok(schema::check_with(tool, args, &self.allow, issues)?.with_texts(texts));
        };
        let args = session.prepare(tool, args);
        let mut args = schema::check_with(tool, args, &self.allow, issues)?.with_texts(texts);
        session.pin(tool, &mut args)?;
        Ok(args)
    }
}
