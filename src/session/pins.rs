//! The arguments that a session sets itself: the filter of a list of connections, the owner of a new
//! connection. An agent's contradicting arguments are refused, not silently dropped.

use super::Session;
use crate::error::Issue;
use crate::json::{Object, Value};
use crate::policy::Fact;
use crate::schema::{Checked, object_of};
use crate::text::clip;
use crate::tool::{Role, Tool};

/// The maximum number of connections in one call: each is looked up.
const MAX_CONNECTIONS: usize = 50;
/// The maximum number of tags (contract section 6).
pub(super) const MAX_TAGS: usize = 10;

/// Tags that name the owner of a connection. Within a session an agent cannot set them.
const OWNERSHIP: &[&str] = &[
    "end_user_id",
    "end_user_email",
    "end_user_display_name",
    "organization_id",
    "organization_display_name",
];

/// Whether the session sets arguments with that role; they are hidden from agents.
pub(super) fn is_set(role: Role) -> bool {
    matches!(
        role,
        Role::OwnerUser | Role::OwnerOrganization | Role::OwnerUserFilter | Role::OwnerOrganizationFilter
    )
}

/// The arguments that contain tags.
const TAGS_ROLES: &[Role] = &[Role::OwnerTags, Role::OwnerTagsFilter];

/// Arguments in progress, and their issues.
struct Pinning<'a> {
    args: &'a mut Checked,
    /// The name of the argument for tags; empty if there is none.
    tags: &'static str,
    issues: Vec<Issue>,
}

impl<'a> Pinning<'a> {
    fn new(tool: &Tool, args: &'a mut Checked) -> Pinning<'a> {
        Pinning { args, tags: tool.name_of(TAGS_ROLES).unwrap_or_default(), issues: Vec::new() }
    }

    fn refuse(&mut self, path: &[&str], code: &'static str, message: &str, hint: &str) {
        let steps = path.iter().map(|step| clip(step, 64)).collect();
        self.issues.push(Issue::new(steps, code, message).hint(hint));
    }

    fn tags(&mut self) -> Option<&mut Object> {
        match self.args.get_mut(self.tags) {
            Some(Value::Object(tags)) => Some(tags),
            _ => None,
        }
    }

    /// Sets a tag; a different value from the agent is refused.
    fn tag(&mut self, key: &str, value: &str) {
        let Some(tags) = self.tags() else { return };
        let given = tags.iter().find(|(name, _)| name.eq_ignore_ascii_case(key));
        match given.map(|(name, given)| (name.clone(), given.as_str() == Some(value))) {
            Some((_, true)) => {}
            Some((name, false)) => self.refuse(&[self.tags, &name], "invalid_value", SET, LEAVE_OUT),
            None => {
                tags.insert(key.to_owned(), Value::from(value));
            }
        }
    }

    fn done(mut self) -> Result<(), Vec<Issue>> {
        let count = self.tags().map_or(0, |tags| tags.len());
        if count > MAX_TAGS {
            let message = format!("expected at most {MAX_TAGS} tags with those of the session, got {count}");
            self.refuse(&[self.tags], "too_big", &message, "give fewer tags");
        }
        if self.issues.is_empty() { Ok(()) } else { Err(self.issues) }
    }
}

const SET: &str = "this session sets the owner of the connection; it cannot be given";
const LEAVE_OUT: &str = "leave it out; this session acts for one user";

impl Session {
    /// Arguments before the check, with the required tags, which [`Session::set_ownership`] sets later.
    pub(crate) fn add_owner_tags(&self, tool: &Tool, args: Value) -> Value {
        let Some(tags) = tool.name_of(&[Role::OwnerTags]) else { return args };
        if tool.has_role(Role::Connection) || tool.has_role(Role::NewConnection) {
            return args;
        }
        let mut map = match object_of(args) {
            Ok(map) => map,
            Err(other) => return other,
        };
        if map.get(tags).is_none_or(Value::is_null) {
            map.insert(tags.to_owned(), Value::Object(Object::new()));
        }
        Value::Object(map)
    }

    /// Sets the session's values in checked arguments.
    ///
    /// # Errors
    /// The agent's contradicting arguments, and a missing connection.
    pub(crate) fn set_ownership(&self, tool: &Tool, args: &mut Checked) -> Result<(), Vec<Issue>> {
        let who = self.who();
        let argument = |role: Role| tool.name_of(&[role]).and_then(|name| args.get(name));
        // A call without a connection would reach all of them.
        let connection = tool.name_of(&[Role::Connection]);
        let lacks_connection = connection.is_some_and(|name| !args.contains_key(name));
        let many = argument(Role::Connection).and_then(Value::as_array).map_or(0, Vec::len);
        let header = argument(Role::ProxyHeaders).and_then(Value::as_object).and_then(|headers| {
            let names = |name: &&String| {
                let name = name.to_ascii_lowercase();
                matches!(name.as_str(), "connection-id" | "provider-config-key") || name.starts_with("nango-")
            };
            headers.keys().find(names).cloned()
        });
        let headers = tool.name_of(&[Role::ProxyHeaders]).unwrap_or_default();
        let connection = connection.unwrap_or_default();
        let mut pinning = Pinning::new(tool, args);
        for (role, own) in [
            (Role::OwnerUser, None),
            (Role::OwnerOrganization, None),
            (Role::OwnerUserFilter, Some(who.user.as_str())),
            (Role::OwnerOrganizationFilter, who.organization.as_deref()),
        ] {
            for param in tool.params.iter().filter(|param| param.prop.role == role) {
                let name = param.prop.name;
                let Some(given) = pinning.args.get(name) else { continue };
                // A list may be narrowed to an organization if the session names none.
                let fine = match own {
                    Some(own) => given.as_str() == Some(own),
                    None => role == Role::OwnerOrganizationFilter,
                };
                if !fine {
                    pinning.refuse(&[name], "invalid_value", SET, LEAVE_OUT);
                }
            }
        }
        if lacks_connection {
            let message = "expected the ID of a connection of this session's user, got nothing";
            pinning.refuse(&[connection], "required", message, "list them with NANGO_CONNECTION_LIST_GET");
        }
        if many > MAX_CONNECTIONS {
            let message =
                format!("expected at most {MAX_CONNECTIONS} connections in this session, got {many}");
            pinning.refuse(&[connection], "too_big", &message, "split them into several calls");
        }
        if let Some(name) = header {
            let message = "Nango's own headers cannot be given in this session";
            pinning.refuse(&[headers, &name], "invalid_value", message, "leave it out");
        }
        if !pinning.tags.is_empty() {
            // An edit without tags keeps the existing ones.
            if tool.method != crate::tool::Method::Patch && pinning.tags().is_none() {
                pinning.args.insert(pinning.tags.to_owned(), Value::Object(Object::new()));
            }
            for (key, value) in &self.0.pins {
                pinning.tag(key, value);
            }
        }
        pinning.done()
    }

    /// Compares the tags of arguments with the existing connection, if there is one: those that name
    /// its owner must stay the same.
    ///
    /// # Errors
    /// The agent's contradicting tags.
    pub(crate) fn validate_owner_tags(
        &self,
        tool: &Tool,
        args: &mut Checked,
        fact: Option<&Fact>,
    ) -> Result<(), Vec<Issue>> {
        let mut pinning = Pinning::new(tool, args);
        let Some(tags) = pinning.tags().filter(|_| !tool.lists_connections()) else { return Ok(()) };
        let own = |key: &str| self.0.pins.iter().any(|(pinned, _)| pinned == key);
        let mut foreign = Vec::new();
        for name in tags.keys() {
            let key = name.to_ascii_lowercase();
            let known = fact.is_some_and(|fact| super::tag(fact, &key).is_some());
            if OWNERSHIP.contains(&key.as_str()) && !own(&key) && !known {
                foreign.push(name.clone());
            }
        }
        for name in foreign {
            pinning.refuse(&[pinning.tags, &name], "invalid_value", SET, LEAVE_OUT);
        }
        for tag in fact.map_or(&[][..], |fact| &fact.tags) {
            if let Some((key, value)) = tag.split_once('=')
                && OWNERSHIP.contains(&key)
            {
                pinning.tag(key, value);
            }
        }
        pinning.done()
    }
}
