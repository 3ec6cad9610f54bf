//! What a caller may do: a pure decision with its rules and a reason, made on checked arguments before
//! anything is sent.
//!
//! A policy is JSON: `{ "default": "deny", "rules": [{ "id": "own", "then": "allow", "end_user": "$user" }] }`. It is
//! read once, strictly (`read.rs`), into types (`rule.rs`). Rules refer to attributes, each of which has a list of
//! strings as values (`request.rs`); a rule applies if each attribute it names has a value that one of its patterns
//! matches (`*` stands for any characters, `$user` and `$organization` for the caller's own). `deny` overrides
//! `confirm`, `confirm` overrides `allow`, and all override the default (`evaluate.rs`). If a call leaves something
//! out that it could name (a list without a filter, a sync of all connections), `deny` and `confirm` rules apply and
//! `allow` rules do not.

mod decision;
mod evaluate;
mod facts;
mod read;
mod request;
mod rule;
mod schema;

use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::{Error, Issues};
use crate::json::{Object, Value};
use crate::schema::Checked;
use crate::settings;
use crate::tool::{Effect, Tool};

pub use decision::{Decision, Verdict};
use evaluate::{RuleEvaluation, combine, evaluate};
pub use facts::{Claims, Fact, Lookup};
pub(crate) use read::INVALID_POLICY;
use request::{Completeness, Owner, PolicyRequest};
use rule::{DefaultEffect, Document};
pub use schema::json_schema;

/// A policy. The default allows everything.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Policy(Arc<Document>);

/// Writes the form that [`Policy::from_value`] reads.
impl Serialize for Policy {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

/// Reads a policy as strictly as [`Policy::from_value`] does.
impl<'de> Deserialize<'de> for Policy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Policy, D::Error> {
        Policy::from_value(Value::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

/// As [`Policy::from_value`].
impl TryFrom<Value> for Policy {
    type Error = Error;

    fn try_from(value: Value) -> Result<Policy, Error> {
        Policy::from_value(value)
    }
}

/// How much is known about the connections that a call names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lookups {
    /// More may be looked up: a decision that needs it is [`Verdict::Undetermined`].
    Pending,
    /// Nothing more will be looked up: the worst is assumed about unknown facts.
    Done,
}

/// Whether a call can change anything: a proxy GET can, if it asks the provider to treat it as another
/// method.
#[must_use]
pub fn changes(tool: &Tool, args: &Object) -> bool {
    tool.effect != Effect::Read || request::overrides_method(tool, args)
}

/// Whether a read-only view has `tool`. A proxy read must be named: what a GET does is up to the provider.
pub(crate) fn reads_only(tool: &Tool, named: bool) -> bool {
    tool.effect == Effect::Read && (named || !tool.is_proxy())
}

/// Why a proxy read is refused if only reading is allowed.
pub(crate) const PROXY_READ: &str =
    "can change things at the provider, so read-only access includes it only by name";

impl Policy {
    /// The policy that allows only calls that change nothing. Reads through the proxy are not part of it.
    #[must_use]
    pub fn read_only() -> Policy {
        Policy(Arc::new(Document { read_only: true, ..Document::default() }))
    }

    /// The policy that allows nothing: the replacement for an invalid one.
    #[must_use]
    pub fn deny_all() -> Policy {
        Policy(Arc::new(Document { default: DefaultEffect::Deny, ..Document::default() }))
    }

    /// Reads a policy from JSON text.
    ///
    /// # Errors
    /// `invalid_option` with the code `invalid_policy`, and every [`Issue`](crate::error::Issue): the text is not
    /// JSON, or not a policy; see [`Policy::from_value`].
    pub fn parse(text: &str) -> Result<Policy, Error> {
        settings::parse_json(text).map_err(read::invalid).and_then(Policy::from_value)
    }

    /// Reads a policy from `{ default, readOnly?, rules?, limits?, maxResultBytes?, scopes? }`. Only
    /// `{ "readOnly": true }` may leave `default` out: it allows calls that change nothing.
    ///
    /// # Errors
    /// `invalid_option` with the code `invalid_policy`, and every [`Issue`](crate::error::Issue): a misspelt name, a
    /// value of another type, a pattern that can match nothing. To continue without the policy, use
    /// [`Policy::deny_all`].
    ///
    /// ```
    /// use nango_toolkit::policy::Policy;
    /// use serde_json::json;
    ///
    /// let rule = json!({ "id": "own", "then": "allow", "end_usr": "$user" });
    /// let error = Policy::from_value(json!({ "default": "deny", "rules": [rule] })).unwrap_err();
    /// assert_eq!(error.code, "invalid_policy");
    /// assert_eq!(error.issues[0].path, ["rules", "0", "end_usr"]);
    /// assert_eq!(error.issues[0].hint.as_deref(), Some("did you mean `end_user`?"));
    /// ```
    pub fn from_value(value: Value) -> Result<Policy, Error> {
        read::document(value).map(|document| Policy(Arc::new(document))).map_err(read::invalid)
    }

    /// Every issue of a value that should be a policy.
    pub(crate) fn issues(value: &Value) -> Issues {
        read::issues(value)
    }

    /// Whether it is the default: it allows everything.
    pub(crate) fn is_open(&self) -> bool {
        *self.0 == Document::default()
    }

    /// Whether only tools that change nothing are allowed, whatever the rules say.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        self.0.read_only
    }

    /// Whether `tool` may be listed: a tool that is denied with all arguments is not shown.
    #[must_use]
    pub fn lists(&self, tool: &Tool, claims: &Claims) -> bool {
        self.evaluate_without_arguments(tool, claims).is_some()
    }

    /// Whether a rule that can grant `tool` names it without a wildcard, whatever the arguments.
    #[must_use]
    pub fn names(&self, tool: &Tool, claims: &Claims) -> bool {
        self.evaluate_without_arguments(tool, claims).is_some_and(|evaluation| evaluation.named)
    }

    /// How often one session may call `tool`.
    #[must_use]
    pub fn limit_for(&self, tool: &Tool) -> Option<u64> {
        let limits =
            self.0.limits.iter().filter(|limit| {
                limit.tool.match_one_of(&[tool.slug]) || limit.tool.match_one_of(tool.aliases)
            });
        limits.map(|limit| limit.calls).min()
    }

    /// How large a result may be, in bytes of its JSON text.
    #[must_use]
    pub fn max_result_bytes(&self) -> Option<u64> {
        self.0.max_result_bytes
    }

    /// Whether `tool` may run with these arguments for this caller. `facts` are the results of look-ups, and `lookups`
    /// says whether more are possible.
    ///
    /// A call with several targets is evaluated for each separately; one that changes the owner of a connection, for
    /// the old and the new owner. The strictest decision wins.
    ///
    /// ```
    /// use nango_toolkit::policy::{Claims, Lookups, Policy, Verdict};
    /// use nango_toolkit::{schema, tools};
    /// use serde_json::json;
    ///
    /// let rule = json!({ "id": "own", "then": "allow", "end_user": "$user" });
    /// let policy = Policy::from_value(json!({ "default": "deny", "rules": [rule] })).unwrap();
    /// let ada = Claims { user: Some("ada".into()), ..Claims::default() };
    /// let tool = tools::find("NANGO_CONNECTION_LIST_GET").unwrap();
    /// let decide = |args| {
    ///     let args = schema::check(tool, args, &schema::Allow::default()).unwrap();
    ///     policy.decide(tool, &args, &ada, &[], Lookups::Pending)
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
        lookups: Lookups,
    ) -> Decision {
        if let Some(refused) = self.gates(tool, args) {
            return refused;
        }
        let (mut evaluations, mut needs) = (Vec::new(), Vec::new());
        for integration in request::integrations(tool, args) {
            for connection in request::connections(tool, args) {
                let request = PolicyRequest {
                    tool,
                    args,
                    claims,
                    integration,
                    connection,
                    owner: Owner::Given,
                    listing: false,
                };
                let is_target = !(connection.is_empty() || tool.lists_connections());
                if !is_target || request::creates(tool) || request::gives_owner(tool, args) {
                    evaluations.push(evaluate(&self.0, &request));
                }
                let Some(owner) = stored_owner(&request, facts, lookups).filter(|_| is_target) else {
                    continue;
                };
                let evaluation = evaluate(&self.0, &PolicyRequest { owner, ..request });
                if evaluation.verdict == Verdict::Undetermined {
                    needs.push(Lookup {
                        connection_id: connection.to_owned(),
                        provider_config_key: integration.to_owned(),
                    });
                }
                evaluations.push(evaluation);
            }
        }
        let mut decision = combine(&self.0, tool, &evaluations);
        if decision.verdict == Verdict::Undetermined {
            decision.needs = needs;
        }
        if self.0.read_only && !reads_only(tool, decision.named) && decision.verdict != Verdict::Deny {
            let reason = format!("{} {PROXY_READ}", tool.slug);
            return Decision::new(Verdict::Deny, "readOnly", reason);
        }
        decision
    }

    /// Evaluates calls of `tool` as far as possible without their arguments; `None` if all are refused.
    fn evaluate_without_arguments(&self, tool: &Tool, claims: &Claims) -> Option<RuleEvaluation> {
        let args = &Object::new();
        if self.gates(tool, args).is_some() {
            return None;
        }
        let request = PolicyRequest {
            tool,
            args,
            claims,
            integration: "",
            connection: "",
            owner: Owner::Given,
            listing: true,
        };
        let evaluation = evaluate(&self.0, &request);
        let shown = !self.0.read_only || reads_only(tool, evaluation.named);
        Some(evaluation).filter(|evaluation| shown && evaluation.verdict != Verdict::Deny)
    }

    /// A refusal that does not depend on the rules.
    fn gates(&self, tool: &Tool, args: &Object) -> Option<Decision> {
        if self.0.read_only && changes(tool, args) {
            let reason = format!("{} can change things, and this toolkit is read-only", tool.slug);
            return Some(Decision::new(Verdict::Deny, "readOnly", reason));
        }
        let scopes = self.0.scopes.as_ref()?;
        if tool.scopes.is_empty() || scopes.match_one_of(tool.scopes) {
            return None;
        }
        let reason = format!("the API key has no scope for {}: {}", tool.slug, tool.scopes.join(" or "));
        Some(Decision::new(Verdict::Deny, "scopes", reason))
    }
}

/// What is known about the owner of the request's connection; `None` if this call creates the connection.
fn stored_owner<'f>(request: &PolicyRequest<'_>, facts: &'f [Fact], lookups: Lookups) -> Option<Owner<'f>> {
    // Without its integration a connection cannot be looked up: its owner is unknown.
    if request.integration.is_empty() {
        return Some(Owner::Missing(Completeness::Unbounded));
    }
    let fact = facts.iter().find(|fact| {
        fact.connection_id == request.connection && fact.provider_config_key == request.integration
    });
    match (fact, lookups) {
        (Some(fact), _) => Some(Owner::Stored(fact)),
        (None, Lookups::Done) if request::creates(request.tool) => None,
        (None, Lookups::Done) => Some(Owner::Missing(Completeness::Unbounded)),
        (None, Lookups::Pending) => Some(Owner::Missing(Completeness::Unknown)),
    }
}
