//! How calls are made: the options of a toolkit, a session or a single call, and what follows from them for
//! the tools and their arguments.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

#[cfg(doc)]
use super::Approval;
use super::Retry;
use crate::error::{InvalidArguments, Issues};
use crate::http::{BaseUrl, BigIntegers, Redaction, Reveal};
use crate::modify::Modifiers;
use crate::paging::Paging;
use crate::policy::{Claims, Policy};
use crate::schema::{self, Allow, Arguments, Checked, Provider};
use crate::session::{Memory, Session};
use crate::tool::{Param, Tool};
use crate::tools;

/// The question to the host directly before a call's own request, with [`Ask::Start`](super::Ask::Start).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum AskStart {
    /// Nothing.
    #[default]
    Never,
    /// Whether the call may still start.
    Allowed,
    /// The same, and how often a tool with a limit was started before: [`Options::memory`] is not used for it then.
    Counts,
}

/// How calls are made; one for a whole toolkit, with changes for single calls.
#[derive(Clone, Default)]
pub struct Options {
    /// The base URL of Nango.
    pub base: BaseUrl,
    /// What is allowed beyond the defaults of the check.
    pub allow: Allow,
    /// What the caller may do.
    pub policy: Policy,
    /// Which secrets may be shown in data.
    pub reveal: Reveal,
    /// How integers beyond 2^53 are returned, unless the session says so.
    pub big_integers: BigIntegers,
    /// Whether results of proxy and action tools are masked by names, too; only in sessions if absent.
    pub mask_provider_data: Option<bool>,
    /// When a failed attempt is retried.
    pub retry: Retry,
    /// How long one attempt may take, in milliseconds; the tool's own value if absent.
    pub timeout_ms: Option<u64>,
    /// The maximum size of a response, in bytes of its body; otherwise [`Options::MAX_ANSWER_BYTES`].
    pub max_answer_bytes: Option<u64>,
    /// Tools as the operator wants agents to see them; `None` if all are unchanged.
    pub modify: Option<Arc<Modifiers>>,
    /// The provider whose dialect arguments use; `None` for the tool's own.
    pub provider: Option<Provider>,
    /// The session; `None` for the whole toolkit.
    pub session: Option<Session>,
    /// The state between calls without a session; a session has its own.
    pub memory: Memory,
    /// The token from [`Approval::Pending`] for the same call: confirms it.
    pub confirm: Option<String>,
    /// How often the tool was called before, if a host counts more exactly than the memory.
    pub calls: Option<u64>,
    /// The question to the host before the call's own request, when everything else allows it.
    pub ask_start: AskStart,
    /// Whether the call is for a page of a list, and how the next one follows: [`Meta::page`](crate::http::Meta::page)
    /// says what to ask for next.
    pub paging: Option<Paging>,
    /// Which page it is: [`Page::next`](crate::http::Page::next) of the page before; the first one if absent.
    pub page: Option<String>,
    /// The caller's own id of the call, such as that of a model's tool call; for events.
    pub upstream: Option<String>,
}

/// Omits the token that confirms a call.
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
            .field("max_answer_bytes", &self.max_answer_bytes)
            .field("modify", &self.modify)
            .field("provider", &self.provider)
            .field("session", &self.session)
            .field("is_confirmed", &self.confirm.is_some())
            .field("calls", &self.calls)
            .field("ask_start", &self.ask_start)
            .field("paging", &self.paging)
            .field("upstream", &self.upstream)
            .finish_non_exhaustive()
    }
}

impl Options {
    /// The maximum size of a response unless an option sets another, in bytes: 32 MB.
    pub const MAX_ANSWER_BYTES: u64 = 32 * 1024 * 1024;

    /// How responses are masked.
    #[must_use]
    pub fn redaction(&self) -> Redaction {
        let provider_data = self.mask_provider_data.unwrap_or(self.session.is_some());
        Redaction { reveal: self.reveal.clone(), provider_data }
    }

    /// The tool with this name, also with its new one.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&'static Tool> {
        self.modify.as_ref().map_or_else(|| tools::find(name), |modify| modify.find(name))
    }

    /// Whether `tool` may be listed: not if it is denied with all arguments.
    #[must_use]
    pub fn lists(&self, tool: &Tool) -> bool {
        match &self.session {
            Some(session) => session.lists(tool, &self.policy),
            None => self.policy.lists(tool, &Claims::default()),
        }
    }

    /// Whether a session limits the tools to chosen ones: all of these are listed.
    pub(crate) fn chooses_tools(&self) -> bool {
        self.session.as_ref().is_some_and(Session::chooses_tools)
    }

    /// Whether `tool` is listed if the caller chooses neither toolsets nor tools.
    #[must_use]
    pub fn lists_by_default(&self, tool: &Tool) -> bool {
        (tool.listed || self.chooses_tools()) && self.lists(tool)
    }

    /// How integers beyond 2^53 are returned.
    pub(crate) fn integers(&self) -> BigIntegers {
        let own = self.session.as_ref().and_then(|session| session.options().big_integers);
        own.unwrap_or(self.big_integers)
    }

    /// How often `tool` may be called, if a policy limits that.
    #[must_use]
    pub fn limit_for(&self, tool: &Tool) -> Option<u64> {
        self.least(|policy| policy.limit_for(tool))
    }

    /// The state between calls: of the session, or of the toolkit if there is none.
    pub fn shared_memory(&self) -> &Memory {
        self.session.as_ref().map_or(&self.memory, Session::memory)
    }

    /// The lower limit of the toolkit's policy and the session's.
    pub(super) fn least(&self, of: impl Fn(&Policy) -> Option<u64>) -> Option<u64> {
        let own = self.session.as_ref().and_then(Session::policy).and_then(&of);
        match (of(&self.policy), own) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }

    /// The name and description of `tool`.
    #[must_use]
    pub fn words<'o>(&'o self, tool: &'o Tool) -> (&'o str, &'o str) {
        self.modify.as_ref().map_or((tool.slug, tool.doc), |modify| modify.words(tool))
    }

    /// The JSON Schema of `params`, which are [`Options::params`] of `tool`, as `provider` understands it.
    #[must_use]
    pub fn input_schema(
        &self,
        tool: &Tool,
        params: &[Param],
        provider: Option<Provider>,
    ) -> Cow<'static, str> {
        match provider {
            // Nothing changes the arguments.
            None if self.session.is_none() && self.modify.is_none() => schema::written_wire(tool),
            None => schema::wire_of(tool, params).into(),
            Some(provider) => schema::for_provider_of(tool, params, provider).into(),
        }
    }

    /// The arguments of `tool` as an agent sees them.
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

    /// The arguments to send, except for values that depend on look-ups.
    ///
    /// # Errors
    /// Every issue.
    pub fn check(&self, tool: &Tool, args: impl Into<Arguments>) -> Result<Checked, InvalidArguments> {
        let args = args.into();
        let (args, mut issues) =
            if self.provider.is_some() { args.convert_back(tool)? } else { (args, Issues::default()) };
        let (mut args, texts) = args.into_parts()?;
        if let Some(modify) = &self.modify {
            let (given, more) = modify.apply(tool, args);
            args = given;
            more.into_iter().for_each(|issue| issues.push(issue));
        }
        let Some(session) = &self.session else {
            return Ok(schema::check_with(tool, args, &self.allow, issues)?.with_texts(texts));
        };
        let args = session.add_owner_tags(tool, args);
        let mut args = schema::check_with(tool, args, &self.allow, issues)?.with_texts(texts);
        session.set_ownership(tool, &mut args)?;
        Ok(args)
    }
}
