//! One user's view of a toolkit: which connections calls may name, which arguments the session sets itself,
//! which tools there are. Pure, except for a bounded memory; the look-ups of a connection's owner are sent by
//! [`crate::call`].
//!
//! ```
//! use nango_toolkit::call::{Call, Options};
//! use nango_toolkit::session::{Session, SessionOptions};
//! use serde_json::json;
//!
//! let ada = SessionOptions { user: "ada".into(), ..SessionOptions::default() };
//! let options = Options { session: Some(Session::new(ada)?), ..Options::default() };
//! // Before it is sent, the connection's owner is looked up: the same `not_found` for missing and others' ones.
//! let args = json!({ "connection_id": "hubspot-grace", "provider_config_key": "hubspot" });
//! let call = Call::new(options, "NANGO_DELETE_CONNECTION", args, 42);
//! # assert_eq!(call.explain(0)?.verdict, nango_toolkit::policy::Verdict::Undetermined);
//! # Ok::<(), nango_toolkit::error::Error>(())
//! ```

mod isolation;
mod memory;
mod options;
mod pins;

use std::sync::Arc;

use crate::audit::Who;
use crate::error::Error;
use crate::json::Value;
use crate::policy::{self, Claims, Fact, Policy};
use crate::schema;
use crate::tool::{ListForm, Param, Property, Role, Tool};
use crate::tools;

pub(crate) use isolation::{absent, found, is_list_tool, list_tool, named, reaches_beyond};
pub use memory::Memory;
pub use options::SessionOptions;

/// One user's view. A clone is the same session: both share its memory.
#[derive(Debug, Clone)]
pub struct Session(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// Its options.
    options: SessionOptions,
    claims: Claims,
    who: Arc<Who>,
    /// The only tools, by slug.
    tools: Option<Vec<&'static str>>,
    /// The tags that every connection of the session has.
    pins: Vec<(String, String)>,
    memory: Memory,
}

impl Session {
    /// A session of one user.
    ///
    /// # Errors
    /// As [`Session::from_value`].
    pub fn new(options: SessionOptions) -> Result<Session, Error> {
        options.check()?;
        Ok(Session::of(options))
    }

    /// A session from `{ user, organization?, tags?, agent?, roles?, policy?, toolsets?, tools?, readOnly?, id? }`.
    ///
    /// # Errors
    /// `invalid_option` with every issue: there is no user, an option is unknown or of the wrong type, `null` where
    /// that would widen what the session may do, a tag contradicts the user, a toolset or tool does not exist. The
    /// code is `invalid_policy` if only the policy is invalid.
    pub fn from_value(value: Value) -> Result<Session, Error> {
        SessionOptions::from_value(value).map(Session::of)
    }

    /// Every issue of a value that should be the options of a session.
    pub(crate) fn issues(value: &Value) -> crate::error::Issues {
        options::issues(value)
    }

    /// A session from options that were checked.
    pub(crate) fn of(options: SessionOptions) -> Session {
        let SessionOptions { user, organization, agent, roles, id, .. } = &options;
        let mut pins = vec![("end_user_id".to_owned(), user.clone())];
        if let Some(id) = organization {
            pins.push(("organization_id".to_owned(), id.clone()));
        }
        for (key, value) in &options.tags {
            let key = key.to_ascii_lowercase();
            if !pins.iter().any(|(pinned, _)| *pinned == key) {
                pins.push((key, value.clone()));
            }
        }
        let slugs =
            |names: &Vec<String>| names.iter().filter_map(|name| Some(tools::find(name)?.slug)).collect();
        let tools = options.tools.as_ref().map(slugs);
        let claims = Claims {
            user: Some(user.clone()),
            organization: organization.clone(),
            agent: agent.clone(),
            roles: roles.clone(),
        };
        let who = Arc::new(Who {
            session: id.clone(),
            user: user.clone(),
            organization: organization.clone(),
            agent: agent.clone(),
        });
        Session(Arc::new(Inner { options, claims, who, tools, pins, memory: Memory::default() }))
    }

    /// The options of the session: [`Session::new`] creates an equal one from them, with its own memory.
    #[must_use]
    pub fn options(&self) -> &SessionOptions {
        &self.0.options
    }

    /// The session's policy, in addition to the toolkit's.
    #[must_use]
    pub fn policy(&self) -> Option<&Policy> {
        self.0.options.policy.as_ref()
    }

    /// Whether only tools that change nothing are available.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        self.0.options.read_only
    }

    /// The caller, for rules.
    #[must_use]
    pub fn claims(&self) -> &Claims {
        &self.0.claims
    }

    /// The session's state between calls.
    #[must_use]
    pub fn memory(&self) -> &Memory {
        &self.0.memory
    }

    /// The caller, for events.
    #[must_use]
    pub fn who(&self) -> Arc<Who> {
        self.0.who.clone()
    }

    /// A key that is equal only for sessions with the same rights for the same user.
    pub(crate) fn binding(&self) -> String {
        let mut parts = vec![self.0.who.session.as_str()];
        for (key, value) in &self.0.pins {
            parts.push(key);
            parts.push(value);
        }
        parts.join("\u{0}")
    }

    /// Whether the session has `tool` at all, whatever `policy`, the toolkit's, says about arguments.
    #[must_use]
    pub fn lists(&self, tool: &Tool, policy: &Policy) -> bool {
        let named = self.grants_explicitly(tool, policy);
        self.is_available(tool, named)
            && (!reaches_beyond(tool, None) || named)
            && policy.lists(tool, &self.0.claims)
            && self.policy().is_none_or(|own| own.lists(tool, &self.0.claims))
    }

    /// Whether the session is limited to chosen toolsets or tools.
    pub(crate) fn chooses_tools(&self) -> bool {
        self.0.options.toolsets.is_some() || self.0.options.tools.is_some()
    }

    /// Whether the session's own policy, or the toolkit's if it has none, names `tool` without a wildcard.
    fn grants_explicitly(&self, tool: &Tool, policy: &Policy) -> bool {
        self.policy().unwrap_or(policy).names(tool, &self.0.claims)
    }

    /// Whether the session's own filters include `tool`, and its calls can be limited to the user's connections. `named`
    /// says whether a policy names it; a session that lists its tools does, too.
    pub(crate) fn is_available(&self, tool: &Tool, named: bool) -> bool {
        let SessionOptions { read_only, toolsets, .. } = &self.0.options;
        let listed = self.0.tools.as_ref().map(|all| all.contains(&tool.slug));
        isolation::can_be_isolated(tool)
            && (!read_only || policy::reads_only(tool, named || listed == Some(true)))
            && toolsets.as_ref().is_none_or(|all| all.contains(&tool.toolset))
            && listed != Some(false)
    }

    /// The arguments of `tool` as an agent of the session sees them: without those that the session
    /// sets, and with the connection required wherever the tool would otherwise reach all of them.
    #[must_use]
    pub fn params(&self, tool: &Tool, policy: &Policy) -> Vec<Param> {
        let named = self.grants_explicitly(tool, policy);
        let mut out = Vec::new();
        for param in tool.params {
            let prop = param.prop;
            let prop = match prop.role {
                role if pins::is_set(role) => continue,
                Role::IntegrationSettings if !named => continue,
                Role::Connection if !prop.required => Property {
                    required: true,
                    doc: "ID of the connection, exactly as NANGO_CONNECTION_LIST_GET returns it.",
                    ..prop
                },
                Role::NewConnection if !prop.required => prop
                    .doc("ID of one of the user's own connections, to overwrite it; a new one when absent."),
                _ => prop,
            };
            out.push(Param { prop, ..*param });
        }
        out
    }

    /// The model's schema of the arguments of `tool` in this session, as JSON text.
    #[must_use]
    pub fn describe(&self, tool: &Tool, policy: &Policy) -> String {
        schema::wire_of(tool, &self.params(tool, policy))
    }

    /// Whether a connection belongs to the user. If it names its owner in several ways, all must agree.
    #[must_use]
    pub fn owns(&self, fact: &Fact) -> bool {
        let same = |key: &str, linked: Option<&String>, id: &str| {
            let tagged = tag(fact, key);
            let both = [linked.map(String::as_str), tagged];
            both.iter().any(Option::is_some) && both.iter().flatten().all(|owner| *owner == id)
        };
        self.0.pins.iter().all(|(key, value)| match key.as_str() {
            "end_user_id" => same(key, fact.end_user.as_ref(), value),
            "organization_id" => same(key, fact.organization.as_ref(), value),
            key => tag(fact, key) == Some(value),
        })
    }

    /// Leaves of a list of connections the user's own, should the server have sent others, and nothing beside it.
    pub(crate) fn narrow(&self, list: &ListForm, value: &mut Value) {
        let Some(all) = list.entries_mut(value) else {
            // In an unknown form, connections of others cannot be distinguished from the user's own.
            *value = list.empty();
            return;
        };
        all.retain(|one| Fact::from_entry(one, list.fields).is_some_and(|fact| self.owns(&fact)));
        list.isolate(value);
    }
}

/// The value of a connection's tag.
fn tag<'f>(fact: &'f Fact, key: &str) -> Option<&'f str> {
    fact.tags.iter().find_map(|tag| tag.strip_prefix(key)?.strip_prefix('='))
}
