//! What a decision knows beside the rules: who calls, and what look-ups told of connections.

use crate::json::{Object, Value};
use crate::tool::Role;
use crate::tools;

/// Who calls, as the host vouches for it; never something that an agent says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Claims {
    /// The end user's ID in the host's own application.
    pub user: Option<String>,
    /// The organization of the user.
    pub organization: Option<String>,
    /// The agent that acts for the user.
    pub agent: Option<String>,
    /// What the user or agent is entitled to.
    pub roles: Vec<String>,
}

/// What a look-up told of one connection.
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
    /// The fact that an entry of `connections` in the answer of `NANGO_CONNECTION_LIST_GET` tells.
    pub fn from_connection(connection: &Value) -> Option<Fact> {
        let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
        let end_user = connection.get("end_user");
        let mut tags = Vec::new();
        for (key, value) in connection.get("tags").and_then(Value::as_object).into_iter().flatten() {
            tags.push(format!("{key}={}", value.as_str()?));
        }
        Some(Fact {
            connection_id: text(connection.get("connection_id"))?,
            provider_config_key: text(connection.get("provider_config_key"))?,
            end_user: text(end_user.and_then(|user| user.get("id"))),
            organization: text(end_user.and_then(|user| user.get("organization")?.get("id"))),
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
