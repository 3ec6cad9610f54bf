//! What a caller may do: a pure decision with the rules that made it and a sentence why, taken on
//! checked arguments before anything is sent.
//!
//! A policy is JSON: `{ "default": "deny", "rules": [{ "id": "own", "then": "allow", "end_user": "$user" }] }`.
//! Everything a rule can speak of is an attribute with a list of texts for values; a rule applies where each
//! attribute it names has a value that one of its globs meets (`*` stands for any characters, `$user` and
//! `$organization` for the caller's own). `deny` wins over `confirm`, that over `allow`, all over the default.
//! Where a call leaves out what it could name (a list without a filter, a sync of all connections), rules
//! that deny or ask to confirm apply and rules that allow do not.

mod read;
mod rules;
mod schema;
mod subject;

use std::sync::Arc;

use crate::error::{Error, ErrorKind};
use crate::json::{Object, Value, Writer};
use crate::schema::Checked;
use crate::text::fill;
use crate::tool::{Effect, Role, Tool};
use crate::tools;

pub use read::unreadable;
use rules::Weighed;
pub use schema::json_schema;
use subject::{Open, Owner, Subject};

/// What is allowed. The default, no policy at all, allows everything.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Policy {
    read_only: bool,
    /// Whether what no rule allows is denied.
    closed: bool,
    /// The policy as it was given, once it has been read without an issue: rules are interpreted, not parsed.
    given: Option<Arc<Object>>,
}

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

/// The outcome of a decision, the strictest last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// The call may go on.
    Allow,
    /// It may, once a person has confirmed it.
    Confirm,
    /// Only a look-up can tell; [`Decision::needs`] names it.
    Undetermined,
    /// It may not.
    Deny,
}

impl Verdict {
    /// The name used in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Verdict::Allow => "allow",
            Verdict::Confirm => "confirm",
            Verdict::Undetermined => "undetermined",
            Verdict::Deny => "deny",
        }
    }
}

/// The answer to one question, with its grounds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The outcome.
    pub verdict: Verdict,
    /// The ids of the rules that decided; `readOnly`, `scopes` or `default` where that did.
    pub rules: Vec<String>,
    /// A sentence why.
    pub reason: String,
    /// The look-ups that would decide; empty unless the verdict is [`Verdict::Undetermined`].
    pub needs: Vec<Lookup>,
    /// Whether a rule that grants the call names the tool itself, without a wildcard. A session asks
    /// for that before it lets a tool reach beyond its user's connections.
    pub named: bool,
}

impl Decision {
    fn new(verdict: Verdict, rule: &str, reason: String) -> Decision {
        Decision { verdict, rules: vec![rule.to_owned()], reason, needs: Vec::new(), named: false }
    }

    /// The stricter of two, as where a toolkit and a session each have a policy: both must grant.
    pub fn and(mut self, other: Decision) -> Decision {
        self.named &= other.named;
        if other.verdict > self.verdict {
            return Decision { named: self.named, ..other };
        }
        if other.verdict == self.verdict {
            for rule in other.rules {
                if !self.rules.contains(&rule) {
                    self.rules.push(rule);
                }
            }
            for need in other.needs {
                if !self.needs.contains(&need) {
                    self.needs.push(need);
                }
            }
        }
        self
    }

    /// The error of a call that may not go on; none where it may.
    pub fn refusal(&self) -> Option<Error> {
        let (kind, hint) = match self.verdict {
            Verdict::Allow => return None,
            Verdict::Confirm => {
                (ErrorKind::ConfirmationRequired, "decided by the policy ({}); ask the user to confirm it")
            }
            _ => (ErrorKind::Denied, "decided by the policy ({}); do not try again, tell the user"),
        };
        Some(Error::new(kind, self.reason.as_str()).hint(fill(hint, &[&self.rules.join(", ")])))
    }

    /// The JSON form: `{ decision, rules, reason, lookups? }`.
    pub fn to_json(&self) -> String {
        let mut w = Writer::new();
        w.open().pair("decision", self.verdict.as_str()).key("rules").open_array();
        for rule in &self.rules {
            w.text(rule);
        }
        w.close_array().pair("reason", &self.reason);
        if !self.needs.is_empty() {
            w.key("lookups").open_array();
            for lookup in &self.needs {
                w.value(&Value::Object(lookup.args()));
            }
            w.close_array();
        }
        w.close();
        w.finish()
    }
}

/// Whether a call can change anything: a proxy GET can, where it asks the provider to read it as another
/// method.
pub fn changes(tool: &Tool, args: &Object) -> bool {
    tool.effect != Effect::Read || subject::overrides(tool, args)
}

impl Policy {
    /// The policy that allows what changes nothing.
    pub fn read_only() -> Policy {
        Policy { read_only: true, ..Policy::default() }
    }

    /// The policy that allows nothing: what stands in for one that cannot be read.
    pub fn deny_all() -> Policy {
        Policy { closed: true, ..Policy::default() }
    }

    /// Whether it is the default: it allows everything.
    pub(crate) fn is_open(&self) -> bool {
        !self.read_only && !self.closed && self.given.is_none()
    }

    /// Whether only tools that change nothing are allowed: a hard gate beside all rules.
    pub fn is_read_only(&self) -> bool {
        self.read_only
    }

    /// The policy as it was given, so that the same can be made again.
    pub fn to_value(&self) -> Value {
        if let Some(given) = &self.given {
            return Value::Object((**given).clone());
        }
        let mut map = Object::new();
        map.insert("default".to_owned(), Value::from(if self.closed { "deny" } else { "allow" }));
        map.insert("readOnly".to_owned(), Value::Bool(self.read_only));
        Value::Object(map)
    }

    /// Whether `tool` may be listed: what no arguments could make allowed is not shown.
    pub fn lists(&self, tool: &Tool, claims: &Claims) -> bool {
        self.foresee(tool, claims).is_some()
    }

    /// Whether a rule that can grant `tool` names it without a wildcard, whatever the arguments.
    pub fn names(&self, tool: &Tool, claims: &Claims) -> bool {
        self.foresee(tool, claims).is_some_and(|weighed| weighed.names())
    }

    /// How often one session may call `tool`.
    pub fn limit_for(&self, tool: &Tool) -> Option<u64> {
        let limits = self.list("limits").iter().filter(|limit| rules::names(limit.get("tool"), tool, false));
        limits.filter_map(|limit| limit.get("calls")?.as_u64()).min()
    }

    /// How large a result may be, in bytes of its JSON text.
    pub fn max_result_bytes(&self) -> Option<u64> {
        self.given.as_ref()?.get("maxResultBytes")?.as_u64()
    }

    /// Whether `tool` may run with these arguments for this caller. `facts` are what was looked up; with
    /// `last` nothing more will be, and what they leave open is taken for the worst.
    ///
    /// A call with several targets is judged for each alone, one that changes whose a connection is for the
    /// owner it has and for the one it will have; the strictest wins.
    ///
    /// ```
    /// use nango_toolkit::policy::{Claims, Policy, Verdict};
    /// use nango_toolkit::{schema, tools};
    /// use serde_json::json;
    ///
    /// let rule = json!({ "id": "own", "then": "allow", "end_user": "$user" });
    /// let policy = Policy::from_value(json!({ "default": "deny", "rules": [rule] })).unwrap();
    /// let ada = Claims { user: Some("ada".into()), ..Claims::default() };
    /// let tool = tools::find("NANGO_CONNECTION_LIST_GET").unwrap();
    /// let decide = |args| {
    ///     let args = schema::check(tool, args, &schema::Allow::default()).unwrap();
    ///     policy.decide(tool, &args, &ada, &[], false)
    /// };
    /// assert_eq!(decide(json!({ "end_user_id": "ada" })).rules, ["own"]);
    /// assert_eq!(decide(json!({})).verdict, Verdict::Deny);
    /// ```
    pub fn decide(
        &self,
        tool: &Tool,
        args: &Checked,
        claims: &Claims,
        facts: &[Fact],
        last: bool,
    ) -> Decision {
        if let Some(refused) = self.gates(tool, args) {
            return refused;
        }
        let (mut weighed, mut needs) = (Vec::new(), Vec::new());
        let makes = subject::creates(tool);
        for integration in subject::integrations(tool, args) {
            for connection in subject::connections(tool, args) {
                let mut subject = Subject {
                    tool,
                    args,
                    claims,
                    integration,
                    connection,
                    owner: Owner::Given,
                    listing: false,
                };
                let target = !(connection.is_empty() || integration.is_empty() || tool.lists_connections());
                if !target || makes || subject::gives_owner(tool, args) {
                    weighed.push(self.weigh(&subject));
                }
                let fact = facts
                    .iter()
                    .find(|fact| fact.connection_id == connection && fact.provider_config_key == integration);
                subject.owner = match fact {
                    _ if !target => continue,
                    Some(fact) => Owner::Stored(fact),
                    // There is no such connection yet: this call makes it.
                    None if last && makes => continue,
                    None => Owner::Missing(if last { Open::Yes } else { Open::Unknown }),
                };
                let one = self.weigh(&subject);
                if one.is(Verdict::Undetermined) {
                    needs.push(Lookup {
                        connection_id: connection.to_owned(),
                        provider_config_key: integration.to_owned(),
                    });
                }
                weighed.push(one);
            }
        }
        let mut decision = self.conclude(tool, &weighed);
        if decision.verdict == Verdict::Undetermined {
            decision.needs = needs;
        }
        decision
    }

    /// What calls of `tool` come to as far as that can be told without their arguments; none where they
    /// are refused.
    fn foresee(&self, tool: &Tool, claims: &Claims) -> Option<Weighed> {
        let args = &Object::new();
        if self.gates(tool, args).is_some() {
            return None;
        }
        let subject = Subject {
            tool,
            args,
            claims,
            integration: "",
            connection: "",
            owner: Owner::Given,
            listing: true,
        };
        Some(self.weigh(&subject)).filter(|weighed| !weighed.is(Verdict::Deny))
    }

    /// What refuses a call whatever the rules say.
    fn gates(&self, tool: &Tool, args: &Object) -> Option<Decision> {
        if self.read_only && changes(tool, args) {
            let reason = format!("{} can change things, and this toolkit is read-only", tool.slug);
            return Some(Decision::new(Verdict::Deny, "readOnly", reason));
        }
        let scopes = self.given.as_ref()?.get("scopes")?;
        if tool.scopes.is_empty() || rules::matches(scopes, tool.scopes) {
            return None;
        }
        let reason = format!("the API key has no scope for {}: {}", tool.slug, tool.scopes.join(" or "));
        Some(Decision::new(Verdict::Deny, "scopes", reason))
    }
}
