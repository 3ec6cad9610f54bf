//! The facts for a decision: the caller, and the results of look-ups of connections.

use crate::json::{Object, Value};
use crate::tool::{Field, Role, part_with};
use crate::tools;

/// The caller, as the host vouches for it; never something that an agent claims.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Claims {
    /// The end user's ID in the host's own application.
    pub user: Option<String>,
    /// The organization of the user.
    pub organization: Option<String>,
    /// The agent that acts for the user.
    pub agent: Option<String>,
    /// The roles of the user or agent.
    pub roles: Vec<String>,
}

/// The result of a look-up of one connection.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fact {
    /// The connection.
    pub connection_id: String,
    /// The integration it belongs to.
    pub provider_config_key: String,
    /// The ID of the end user who owns it.
    pub end_user: Option<String>,
    /// The ID of the end user's organization.
    pub organization: Option<String>,
    /// Its tags, as `key=value`.
    pub tags: Vec<String>,
}

impl Fact {
    /// The fact from an entry of a list of connections, read by the roles of the `fields` that the list declares for
    /// its entries ([`crate::tool::Tool::connection_list`]).
    pub fn from_entry(entry: &Value, fields: &[Field]) -> Option<Fact> {
        let text = |role| part_with(fields, role, entry).and_then(Value::as_str).map(str::to_owned);
        let mut tags = Vec::new();
        let labels = part_with(fields, Role::OwnerTags, entry).and_then(Value::as_object);
        for (key, value) in labels.into_iter().flatten() {
            tags.push(format!("{key}={}", value.as_str()?));
        }
        Some(Fact {
            connection_id: text(Role::Connection)?,
            provider_config_key: text(Role::Integration)?,
            end_user: text(Role::OwnerUserId),
            organization: text(Role::OwnerOrganizationId),
            tags,
        })
    }
}

/// A look-up that a decision needs: one connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lookup {
    /// The connection.
    pub connection_id: String,
    /// The integration it belongs to.
    pub provider_config_key: String,
}

impl Lookup {
    /// The arguments of `NANGO_CONNECTION_LIST_GET` that look it up.
    #[must_use]
    pub fn args(&self) -> Object {
        let mut args = Object::new();
        let list = tools::all().find(|tool| tool.lists_connections());
        let given = [
            (Role::ConnectionFilter, &self.connection_id),
            (Role::IntegrationFilter, &self.provider_config_key),
        ];
        for (role, value) in given {
            if let Some(name) = list.and_then(|list| list.name_of(&[role])) {
                args.insert(name.to_owned(), Value::from(value.as_str()));
            }
        }
        args
    }
}
