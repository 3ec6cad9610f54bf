//! One user's view of a toolkit: whose connections calls may name, what is set into arguments whatever an
//! agent says, which tools there are. Pure but for a bounded memory; the look-ups that tell who owns a
//! connection are sent by [`crate::call`].
//!
//! ```
//! use nango_toolkit::call::{Call, Options};
//! use nango_toolkit::session::{Session, SessionOptions};
//! use serde_json::json;
//!
//! let ada = SessionOptions { user: "ada".into(), ..SessionOptions::default() };
//! let options = Options { session: Some(Session::new(ada)?), ..Options::default() };
//! // Before it is sent, it is looked up whose the connection is: one `not_found` for absent and foreign.
//! let args = json!({ "connection_id": "hubspot-grace", "provider_config_key": "hubspot" });
//! let call = Call::new(options, "NANGO_DELETE_CONNECTION", args, 42);
//! # assert_eq!(call.explain(0)?.verdict, nango_toolkit::policy::Verdict::Undetermined);
//! # Ok::<(), nango_toolkit::error::Error>(())
//! ```

mod form;
mod memory;
mod pins;

use std::sync::Arc;

use crate::audit::Who;
use crate::error::{Error, ErrorKind};
use crate::http::Data;
use crate::json::{Object, Value, to_plain};
use crate::policy::{self, Claims, Fact, Lookup, Policy};
use crate::schema::{self, Checked};
use crate::text::{clip, fill};
use crate::tool::{Effect, Param, Property, Reach, Role, Tool, Toolset};
use crate::tools;

pub use memory::Memory;

/// Tags that say whose a connection is. Within a session an agent cannot set them.
const OWNERSHIP: &str =
    "end_user_id end_user_email end_user_display_name organization_id organization_display_name";

/// What makes a session: plain data, so that a host can keep it and make the session anew.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SessionOptions {
    /// The end user's ID in the host's own application; required.
    pub user: String,
    /// The organization. Where it is given, connections must belong to it too.
    pub organization: Option<String>,
    /// Tags that connections must have beside those of user and organization. New ones get them.
    pub tags: Vec<(String, String)>,
    /// The agent that acts for the user, for rules and events.
    pub agent: Option<String>,
    /// What the user or agent is entitled to, for rules.
    pub roles: Vec<String>,
    /// What the session may do, beside what the toolkit may: both must allow a call.
    pub policy: Option<Policy>,
    /// The only toolsets there are, by name.
    pub toolsets: Option<Vec<String>>,
    /// The only tools there are, by slug or alias.
    pub tools: Option<Vec<String>>,
    /// Whether only tools that change nothing are there.
    pub read_only: bool,
    /// What events call the session; may be empty.
    pub id: String,
}

/// One user's view. A clone is the same session: both share its memory.
#[derive(Debug, Clone)]
pub struct Session(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// What it was made from.
    given: Object,
    claims: Claims,
    who: Arc<Who>,
    policy: Option<Policy>,
    /// The only tools there are, by slug.
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
        Session::from_value(options.to_value())
    }

    /// A session from `{ user, organization?, tags?, agent?, roles?, policy?, toolsets?, tools?, readOnly?, id? }`.
    ///
    /// # Errors
    /// `internal` with code `invalid_option`: there is no user, an option is unknown or not of its type, a
    /// tag contradicts the user, a toolset does not exist; `unknown_tool`; `invalid_policy`.
    pub fn from_value(value: Value) -> Result<Session, Error> {
        let given = form::read(value)?;
        let text = |name: &str| given.get(name).and_then(Value::as_str).map(str::to_owned);
        let (user, organization) = (text("user").unwrap_or_default(), text("organization"));
        let mut pins = vec![("end_user_id".to_owned(), user.clone())];
        if let Some(id) = &organization {
            pins.push(("organization_id".to_owned(), id.clone()));
        }
        for (key, value) in given.get("tags").and_then(Value::as_object).into_iter().flatten() {
            let (key, value) = (key.to_ascii_lowercase(), to_plain(value));
            match pins.iter().find(|(pinned, _)| *pinned == key) {
                Some((_, pinned)) if *pinned != value => {
                    return Err(misuse(
                        "the session's tag `{}` contradicts its user or organization",
                        &[&key],
                    ));
                }
                Some(_) => {}
                None => pins.push((key, value)),
            }
        }
        if pins.len() > pins::TAGS {
            return Err(misuse("the session has more than ten tags, with those of its user", &[]));
        }
        for name in texts(&given, "toolsets") {
            if !Toolset::ALL.iter().any(|t| t.as_str() == name) {
                return Err(misuse("there is no toolset `{}`", &[&clip(name, 64)]));
            }
        }
        let mut tools = given.get("tools").map(|_| Vec::new());
        for name in texts(&given, "tools") {
            tools.get_or_insert_default().push(tools::find(name).ok_or_else(|| tools::unknown(name))?.slug);
        }
        let policy = match given.get("policy").filter(|value| !value.is_null()) {
            Some(value) => Some(Policy::from_value(value.clone()).map_err(policy::unreadable)?),
            None => None,
        };
        let roles = texts(&given, "roles").map(str::to_owned).collect();
        let agent = text("agent");
        let claims = Claims {
            user: Some(user.clone()),
            organization: organization.clone(),
            agent: agent.clone(),
            roles,
        };
        let who = Arc::new(Who { session: text("id").unwrap_or_default(), user, organization, agent });
        Ok(Session(Arc::new(Inner { given, claims, who, policy, tools, pins, memory: Memory::default() })))
    }

    /// What the session was made from: [`Session::from_value`] makes one like it, with a memory of its own.
    pub fn to_value(&self) -> Value {
        Value::Object(self.0.given.clone())
    }

    /// What the session may do, beside what the toolkit may.
    pub fn policy(&self) -> Option<&Policy> {
        self.0.policy.as_ref()
    }

    /// Whether only what changes nothing is there.
    pub fn is_read_only(&self) -> bool {
        matches!(self.0.given.get("readOnly"), Some(Value::Bool(true)))
    }

    /// Who acts, for rules.
    pub fn claims(&self) -> &Claims {
        &self.0.claims
    }

    /// What the session remembers between calls.
    pub fn memory(&self) -> &Memory {
        &self.0.memory
    }

    /// Who acts, for events.
    pub fn who(&self) -> Arc<Who> {
        self.0.who.clone()
    }

    /// The text that two sessions share only where they may do the same for the same user.
    pub(crate) fn binding(&self) -> String {
        let mut parts = vec![self.0.who.session.as_str()];
        for (key, value) in &self.0.pins {
            parts.push(key);
            parts.push(value);
        }
        parts.join("\u{0}")
    }

    /// Whether the session has `tool` at all, whatever `policy`, the toolkit's, says of arguments.
    pub fn lists(&self, tool: &Tool, policy: &Policy) -> bool {
        let own = &self.0.policy;
        self.has(tool)
            && (!reaches_beyond(tool, None) || own.as_ref().unwrap_or(policy).names(tool, &self.0.claims))
            && policy.lists(tool, &self.0.claims)
            && own.as_ref().is_none_or(|own| own.lists(tool, &self.0.claims))
    }

    /// Whether the session's own filters leave `tool`.
    pub(crate) fn has(&self, tool: &Tool) -> bool {
        let given = &self.0.given;
        (!self.is_read_only() || tool.effect == Effect::Read)
            && (!given.contains_key("toolsets")
                || texts(given, "toolsets").any(|name| name == tool.toolset.as_str()))
            && self.0.tools.as_ref().is_none_or(|all| all.contains(&tool.slug))
    }

    /// The arguments of `tool` as an agent of the session sees them: without those that the session
    /// sets, and with the connection required wherever the tool would otherwise reach all of them.
    pub fn params(&self, tool: &Tool, policy: &Policy) -> Vec<Param> {
        let named = self.0.policy.as_ref().unwrap_or(policy).names(tool, &self.0.claims);
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

    /// The wire schema of the arguments of `tool` in this session, as JSON text.
    pub fn describe(&self, tool: &Tool, policy: &Policy) -> String {
        schema::wire_of(tool, &self.params(tool, policy))
    }

    /// Whether a connection belongs to the user. Where it says so in several ways, none may differ.
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

    /// Leaves of a list of connections the user's own, should the server have sent others.
    pub(crate) fn narrow(&self, tool: &Tool, data: &mut Data) {
        if tool.lists_connections()
            && let Data::Value(value) = data
            && let Some(Value::Array(all)) = value.get_mut("connections")
        {
            all.retain(|one| Fact::from_connection(one).is_some_and(|fact| self.owns(&fact)));
        }
    }
}

/// The value of a connection's tag.
fn tag<'f>(fact: &'f Fact, key: &str) -> Option<&'f str> {
    fact.tags.iter().find_map(|tag| tag.strip_prefix(key)?.strip_prefix('='))
}

/// The texts of a list.
fn texts<'g>(given: &'g Object, name: &str) -> impl Iterator<Item = &'g str> {
    let list = given.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    list.iter().filter_map(Value::as_str)
}

fn misuse(form: &str, parts: &[&str]) -> Error {
    Error::new(ErrorKind::Internal, fill(form, parts)).code("invalid_option")
}

/// Whether a call touches more than connections that it names: the environment, or an integration for
/// everyone. Looking at an integration is none of that, save where its settings are asked for.
/// Without arguments: whether every call does.
pub(crate) fn reaches_beyond(tool: &Tool, args: Option<&Checked>) -> bool {
    match tool.reach {
        Reach::Environment => true,
        Reach::Integration if tool.has_role(Role::Connection) => false,
        Reach::Integration => {
            let asks = |value: &Value| value.as_array().is_none_or(|all| !all.is_empty());
            let settings = tool.name_of(&[Role::IntegrationSettings]);
            tool.effect != Effect::Read
                || args.zip(settings).and_then(|(args, name)| args.get(name)).is_some_and(asks)
        }
        // A connection that could neither be looked up nor be marked as the user's.
        Reach::Connection => tool
            .name_of(&[
                Role::Connection,
                Role::NewConnection,
                Role::ConnectionFilter,
                Role::OwnerTags,
                Role::OwnerTagsFilter,
            ])
            .is_none(),
        Reach::Catalogue => false,
    }
}

/// The connections that a call names, each with its integration.
pub(crate) fn named(tool: &Tool, args: &Checked) -> Vec<Lookup> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let argument = |roles: &[Role]| tool.name_of(roles).and_then(|name| args.get(name));
    let mut out = Vec::new();
    let Some(provider_config_key) = argument(&[Role::Integration]).and_then(text) else { return out };
    let connections = match argument(&[Role::Connection, Role::NewConnection]) {
        Some(Value::Array(ids)) => ids.as_slice(),
        Some(id) => std::slice::from_ref(id),
        None => &[],
    };
    for connection_id in connections.iter().filter_map(text) {
        let lookup = Lookup { connection_id, provider_config_key: provider_config_key.clone() };
        if !out.contains(&lookup) {
            out.push(lookup);
        }
    }
    out
}

/// The answer for a connection that is not the user's, and for one that is not at all.
pub(crate) fn absent(lookup: &Lookup) -> Error {
    let parts: [&str; 2] = [&clip(&lookup.connection_id, 255), &clip(&lookup.provider_config_key, 255)];
    let message = fill("there is no connection `{}` of integration `{}`", &parts);
    Error::new(ErrorKind::NotFound, message).hint(
        "list connections with NANGO_CONNECTION_LIST_GET; connection_id and integration must both match one of them",
    )
}

/// What an answer tells of the connection that was looked up: one of exactly that ID and integration.
pub(crate) fn found(data: &Data, lookup: &Lookup) -> Option<Fact> {
    let Data::Value(value) = data else { return None };
    let all = value.get("connections")?.as_array()?;
    all.iter().filter_map(Fact::from_connection).find(|fact| {
        fact.connection_id == lookup.connection_id && fact.provider_config_key == lookup.provider_config_key
    })
}
