//! A decision: whether a call may run, with the rules that decided and the reason.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::facts::Lookup;
use crate::error::{Error, ErrorKind};
use crate::json::{Value, Writer};

/// The outcome of a decision, the strictest last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Verdict {
    /// The call may go on.
    Allow,
    /// It may, once a person has confirmed it.
    Confirm,
    /// It depends on a look-up; [`Decision::needs`] names it.
    Undetermined,
    /// It may not.
    Deny,
}

impl Verdict {
    /// The name used in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Verdict::Allow => "allow",
            Verdict::Confirm => "confirm",
            Verdict::Undetermined => "undetermined",
            Verdict::Deny => "deny",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Verdict {
    type Err = Error;

    fn from_str(name: &str) -> Result<Verdict, Error> {
        let all = [Verdict::Allow, Verdict::Confirm, Verdict::Undetermined, Verdict::Deny];
        all.into_iter().find(|verdict| verdict.as_str() == name).ok_or_else(|| {
            let hint = "expected one of `allow`, `confirm`, `undetermined`, `deny`";
            Error::new(ErrorKind::InvalidOption, "there is no such verdict").hint(hint)
        })
    }
}

/// A decision with its reasons.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
#[non_exhaustive]
pub struct Decision {
    /// The outcome.
    pub verdict: Verdict,
    /// The ids of the rules that decided; or `readOnly`, `scopes` or `default`.
    pub rules: Vec<String>,
    /// The reason, as a sentence.
    pub reason: String,
    /// The look-ups that would decide; empty unless the verdict is [`Verdict::Undetermined`].
    pub needs: Vec<Lookup>,
    /// Whether a rule that grants the call names the tool itself, without a wildcard. A session requires
    /// that for tools that reach beyond its user's connections.
    pub named: bool,
}

impl Decision {
    /// A decision that allows the call, without rules.
    pub(crate) fn allowed() -> Decision {
        Decision::new(Verdict::Allow, "default", String::new())
    }

    pub(super) fn new(verdict: Verdict, rule: &str, reason: String) -> Decision {
        Decision { verdict, rules: vec![rule.to_owned()], reason, needs: Vec::new(), named: false }
    }

    /// The stricter of two, as if a toolkit and a session each have a policy: both must grant.
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

    /// The error of a call that may not run; `None` if it may.
    #[must_use]
    pub fn refusal(&self) -> Option<Error> {
        let rules = self.rules.join(", ");
        let (kind, hint) = match self.verdict {
            Verdict::Allow => return None,
            Verdict::Confirm => (
                ErrorKind::ConfirmationRequired,
                format!("decided by the policy ({rules}); ask the user to confirm it"),
            ),
            Verdict::Undetermined | Verdict::Deny => {
                (ErrorKind::Denied, format!("decided by the policy ({rules}); do not retry, tell the user"))
            }
        };
        Some(Error::new(kind, self.reason.as_str()).hint(hint))
    }

    /// The JSON form: `{ decision, rules, reason, lookups? }`.
    #[must_use]
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
