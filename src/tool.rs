//! What a tool is: `const` data that everything else is derived from. No behaviour beyond
//! builders and the checks that stop a build; the tools themselves are in [`crate::tools`].

mod answer;
mod argument;
mod check;

pub(crate) use answer::part_with;
pub use answer::{Field, ListForm, Mask, ResponseType, Secret};
pub use argument::{
    Param, ParamLocation, ParamRule, ParamType, Property, Role, StringFormat, StringSpec, Variant,
};
pub(crate) use check::checked;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, FormError};
use crate::json::parse;
use crate::nearest::nearest;
use crate::text::clip;

/// An HTTP method of Nango's API.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Method {
    /// Read.
    #[default]
    Get,
    /// Create, run.
    Post,
    /// Replace.
    Put,
    /// Change in part.
    Patch,
    /// Remove.
    Delete,
}

impl Method {
    /// The method as written in a request line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Patch => "PATCH",
            Method::Delete => "DELETE",
        }
    }
}

impl std::fmt::Display for Method {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for Method {
    type Err = FormError;

    /// From the method as written in a request line, in capitals.
    fn from_str(name: &str) -> Result<Method, FormError> {
        Ok(match name {
            "GET" => Method::Get,
            "POST" => Method::Post,
            "PUT" => Method::Put,
            "PATCH" => Method::Patch,
            "DELETE" => Method::Delete,
            _ => return Err(FormError::new("it is not GET, POST, PUT, PATCH or DELETE")),
        })
    }
}

/// What running a tool changes, the coarsest attribute of a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Effect {
    /// Changes nothing.
    Read,
    /// Adds or changes something, but overwrites no existing data.
    Write,
    /// Can overwrite or remove existing data, or act on a third party.
    Destructive,
}

impl Effect {
    /// The name used in JSON: `read`, `write`, `destructive`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Effect::Read => "read",
            Effect::Write => "write",
            Effect::Destructive => "destructive",
        }
    }

    /// Every effect, the most harmless first.
    pub const ALL: &'static [Effect] = &[Effect::Read, Effect::Write, Effect::Destructive];
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Effect {
    type Err = Error;

    fn from_str(name: &str) -> Result<Effect, Error> {
        named(name, Effect::ALL, Effect::as_str, "effect")
    }
}

/// The widest thing one call can touch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Reach {
    /// One connection (or several named ones).
    Connection,
    /// One integration with all its connections.
    Integration,
    /// The whole environment.
    Environment,
    /// No data of end users: the provider catalogue and what is set up for everyone, read only.
    Catalogue,
}

impl Reach {
    /// The name used in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Reach::Connection => "connection",
            Reach::Integration => "integration",
            Reach::Environment => "environment",
            Reach::Catalogue => "catalogue",
        }
    }

    /// Every reach.
    pub const ALL: &'static [Reach] =
        &[Reach::Connection, Reach::Integration, Reach::Environment, Reach::Catalogue];
}

impl fmt::Display for Reach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Reach {
    type Err = Error;

    fn from_str(name: &str) -> Result<Reach, Error> {
        named(name, Reach::ALL, Reach::as_str, "reach")
    }
}

/// The group a tool is listed under.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", try_from = "String")]
#[non_exhaustive]
pub enum Toolset {
    /// The provider catalogue.
    Providers,
    /// Configured integrations.
    Integrations,
    /// End users' connections and their metadata.
    Connections,
    /// Connect sessions, in which an end user authorises access.
    Connect,
    /// Syncs.
    Syncs,
    /// Records that syncs have cached.
    Records,
    /// Deployed actions and functions.
    Actions,
    /// Functions as their developer sees them: source code, versions, trial runs, deployment.
    Functions,
    /// Requests to a provider's own API.
    Proxy,
    /// Settings of the environment.
    Environment,
    /// Environments of the account, and their API keys.
    Account,
    /// Sessions of agents with Nango's own MCP server.
    Agents,
}

impl Toolset {
    /// The name used in JSON, options and the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Toolset::Providers => "providers",
            Toolset::Integrations => "integrations",
            Toolset::Connections => "connections",
            Toolset::Connect => "connect",
            Toolset::Syncs => "syncs",
            Toolset::Records => "records",
            Toolset::Actions => "actions",
            Toolset::Functions => "functions",
            Toolset::Proxy => "proxy",
            Toolset::Environment => "environment",
            Toolset::Account => "account",
            Toolset::Agents => "agents",
        }
    }

    /// Every toolset, in the order of listings.
    pub const ALL: &'static [Toolset] = &[
        Toolset::Providers,
        Toolset::Integrations,
        Toolset::Connections,
        Toolset::Connect,
        Toolset::Syncs,
        Toolset::Records,
        Toolset::Actions,
        Toolset::Functions,
        Toolset::Proxy,
        Toolset::Environment,
        Toolset::Account,
        Toolset::Agents,
    ];
}

impl fmt::Display for Toolset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Toolset {
    type Err = Error;

    fn from_str(name: &str) -> Result<Toolset, Error> {
        named(name, Toolset::ALL, Toolset::as_str, "toolset")
    }
}

/// As [`Toolset::from_str`].
impl TryFrom<String> for Toolset {
    type Error = Error;

    fn try_from(name: String) -> Result<Toolset, Error> {
        name.parse()
    }
}

/// The one of `all` that is called `name`.
pub(crate) fn named<T: Copy>(
    name: &str,
    all: &[T],
    as_str: fn(T) -> &'static str,
    what: &str,
) -> Result<T, Error> {
    let found = all.iter().copied().find(|one| as_str(*one) == name);
    found.ok_or_else(|| no_such(name, &all.iter().map(|one| as_str(*one)).collect::<Vec<_>>(), what))
}

fn no_such(name: &str, names: &[&str], what: &str) -> Error {
    let hint = match nearest(name, names) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("expected one of `{}`", names.join("`, `")),
    };
    let message = format!("there is no {what} `{}`", clip(name, 64));
    Error::new(ErrorKind::InvalidOption, message).hint(hint)
}

/// A sample call.
#[derive(Debug, Clone, Copy)]
pub struct Example {
    /// What the call is for, as a user would ask it.
    pub title: &'static str,
    /// The arguments, as JSON text. They work against the emulator's default fixture.
    pub args: &'static str,
}

impl Example {
    /// Whether it uses only these arguments.
    #[must_use]
    pub fn fits(&self, params: &[Param]) -> bool {
        let shown = |name: &String| params.iter().any(|param| param.prop.name == name);
        parse(self.args).is_ok_and(|args| args.as_object().is_some_and(|all| all.keys().all(shown)))
    }
}

/// One tool: an operation of Nango's API as an agent sees it.
#[derive(Debug, Clone, Copy)]
pub struct Tool {
    /// The name that models call, unique.
    pub slug: &'static str,
    /// The name that people read.
    pub title: &'static str,
    /// What it does, when to use it, what it cannot do: written for a model.
    pub doc: &'static str,
    /// The group it is listed under.
    pub toolset: Toolset,
    /// Whether it is listed unless the caller chooses toolsets or tools. Searches find every tool.
    pub listed: bool,
    /// What it changes.
    pub effect: Effect,
    /// Whether running it twice leaves the same state as running it once; only then is a failed
    /// attempt retried if its outcome is unknown.
    pub idempotent: bool,
    /// Whether it can reach a third party.
    pub open_world: bool,
    /// The widest thing it can touch.
    pub reach: Reach,
    /// API key scopes, one of which is required; empty if every key is allowed.
    pub scopes: &'static [&'static str],
    /// The HTTP method.
    pub method: Method,
    /// The path below the base URL, with `{name}` for path parameters.
    pub path: &'static str,
    /// The arguments, required ones first.
    pub params: &'static [Param],
    /// Rules on several arguments.
    pub rules: &'static [ParamRule],
    /// The structure of a successful answer.
    pub returns: ResponseType,
    /// Other names it can be called by; they are not listed.
    pub aliases: &'static [&'static str],
    /// Sample calls, the simplest first.
    pub examples: &'static [Example],
    /// How long one attempt may take unless the caller says otherwise, in seconds.
    pub timeout_s: u32,
}

impl Tool {
    /// Whether the answer is relayed from a third party.
    #[must_use]
    pub fn is_proxy(&self) -> bool {
        matches!(self.toolset, Toolset::Proxy)
    }

    /// Whether a successful answer comes from a provider, or from a function of the operator: for proxy and action
    /// tools.
    #[must_use]
    pub fn relays(&self) -> bool {
        matches!(self.returns, ResponseType::Any)
    }

    /// The first argument with this role.
    #[must_use]
    pub fn with_role(&self, role: Role) -> Option<&'static Param> {
        self.params.iter().find(|p| p.prop.role == role)
    }

    /// Whether an argument has this role.
    #[must_use]
    pub fn has_role(&self, role: Role) -> bool {
        self.with_role(role).is_some()
    }

    /// The name of the first argument with one of these roles.
    #[must_use]
    pub fn name_of(&self, roles: &[Role]) -> Option<&'static str> {
        roles.iter().find_map(|role| self.with_role(*role)).map(|param| param.prop.name)
    }

    /// Whether it lists connections: its arguments then narrow the list instead of naming a connection.
    #[must_use]
    pub fn lists_connections(&self) -> bool {
        self.has_role(Role::ConnectionFilter)
    }

    /// Where a successful answer contains secrets, according to the roles of its fields.
    #[must_use]
    pub fn secrets(&self) -> Vec<Secret> {
        self.returns.secrets()
    }

    /// The list of connections in its answer, if it lists connections, names the ID, the integration and the
    /// owner of each, and names connections nowhere else.
    #[must_use]
    pub fn connection_list(&self) -> Option<ListForm> {
        if !self.lists_connections() || self.returns.count(Role::Connection) != 1 {
            return None;
        }
        let list = self.returns.list_with(&|field| field.role == Role::Connection)?;
        let owner = list.has_role(Role::OwnerTags) || list.has_role(Role::OwnerUserId);
        (list.has_role(Role::Integration) && owner).then_some(list)
    }

    /// The list in its answer whose entries are reduced to a summary: the fields with a place in it
    /// ([`Field::summary`]).
    #[must_use]
    pub fn summarised_list(&self) -> Option<ListForm> {
        self.returns.list_with(&|field| field.summary > 0)
    }

    /// The argument named `name`.
    #[must_use]
    pub fn param(&self, name: &str) -> Option<&'static Param> {
        self.params.iter().find(|p| p.prop.name == name)
    }
}
