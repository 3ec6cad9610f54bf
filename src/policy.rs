//! What a caller may do: a pure decision with its reason, taken on checked arguments before
//! anything is sent.

use crate::error::{Error, Kind};
use crate::schema::Checked;
use crate::text::fill;
use crate::tool::{Effect, Tool};

/// What is allowed. The default allows everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policy {
    /// A hard gate: only tools whose effect is [`Effect::Read`].
    pub read_only: bool,
}

/// The answer to one question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// The call may go on.
    Allow,
    /// It may not.
    Deny {
        /// The rule that decided.
        rule: &'static str,
        /// A sentence why.
        reason: String,
    },
}

impl Policy {
    /// Whether `tool` may be listed at all: what no arguments could make allowed is not shown.
    pub fn lists(&self, tool: &Tool) -> bool {
        !self.read_only || tool.effect == Effect::Read
    }

    /// Whether `tool` may run with these arguments.
    pub fn decide(&self, tool: &Tool, _args: &Checked) -> Decision {
        if self.lists(tool) {
            return Decision::Allow;
        }
        let reason = fill("{} can change things, and this toolkit is read-only", &[tool.slug]);
        Decision::Deny { rule: "read_only", reason }
    }
}

/// The error of a call that policy refused.
pub(crate) fn denied(rule: &str, reason: String) -> Error {
    Error::new(Kind::Denied, reason)
        .hint(fill("decided by the policy rule `{}`; do not try again, tell the user", &[rule]))
}
