//! What a caller may do: a pure decision with the rules that made it and a sentence why, taken on
//! checked arguments before anything is sent.

use crate::error::{Error, Kind};
use crate::json::{Object, Value, Writer};
use crate::schema::Checked;
use crate::text::{fill, join};
use crate::tool::{Effect, Tool};

/// What is allowed. The default, no policy at all, allows everything.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Policy {
    read_only: bool,
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
            tags.push(fill("{}={}", &[key, value.as_str()?]));
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
        args.insert("connection_id".to_owned(), Value::from(self.connection_id.as_str()));
        args.insert("integration_id".to_owned(), Value::from(self.provider_config_key.as_str()));
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
    /// The stricter of two, as where a toolkit and a session each have a policy: both must grant.
    pub fn and(self, other: Decision) -> Decision {
        let named = self.named && other.named;
        let stricter = if other.verdict > self.verdict { other } else { self };
        Decision { named, ..stricter }
    }

    /// The error of a call that may not go on; none where it may.
    pub fn refusal(&self) -> Option<Error> {
        let (kind, hint) = match self.verdict {
            Verdict::Allow => return None,
            Verdict::Confirm => {
                (Kind::ConfirmationRequired, "decided by the policy ({}); ask the user to confirm it")
            }
            _ => (Kind::Denied, "decided by the policy ({}); do not try again, tell the user"),
        };
        Some(Error::new(kind, self.reason.as_str()).hint(fill(hint, &[&join(&self.rules, ", ")])))
    }

    /// The JSON form: `{ decision, rules, reason, lookups? }`.
    pub fn to_json(&self) -> String {
        let mut w = Writer::new();
        w.open().key("decision").text(self.verdict.as_str()).key("rules").open_array();
        for rule in &self.rules {
            w.text(rule);
        }
        w.close_array().key("reason").text(&self.reason);
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

impl Policy {
    /// The policy that allows what changes nothing.
    pub fn read_only() -> Policy {
        Policy { read_only: true }
    }

    /// Whether only tools that change nothing are allowed: a hard gate beside all rules.
    pub fn is_read_only(&self) -> bool {
        self.read_only
    }

    /// Whether `tool` may be listed: what no arguments could make allowed is not shown.
    pub fn lists(&self, tool: &Tool, _claims: &Claims) -> bool {
        !self.read_only || tool.effect == Effect::Read
    }

    /// Whether a rule that grants `tool` names it without a wildcard, whatever the arguments.
    pub fn names(&self, _tool: &Tool, _claims: &Claims) -> bool {
        false
    }

    /// How often one session may call `tool`.
    pub fn limit_for(&self, _tool: &Tool) -> Option<u64> {
        None
    }

    /// How large a result may be, in bytes of its JSON text.
    pub fn max_result_bytes(&self) -> Option<u64> {
        None
    }

    /// Whether `tool` may run with these arguments for this caller. `facts` are what was looked up;
    /// with `last` nothing more will be, and what they leave open is denied.
    pub fn decide(
        &self,
        tool: &Tool,
        _args: &Checked,
        claims: &Claims,
        _facts: &[Fact],
        _last: bool,
    ) -> Decision {
        let listed = self.lists(tool, claims);
        let (verdict, rule, reason) = if listed {
            (Verdict::Allow, "default", fill("the default allows {}", &[tool.slug]))
        } else {
            let reason = fill("{} can change things, and this toolkit is read-only", &[tool.slug]);
            (Verdict::Deny, "readOnly", reason)
        };
        Decision { verdict, rules: vec![rule.to_owned()], reason, needs: Vec::new(), named: false }
    }
}
