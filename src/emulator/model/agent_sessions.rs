//! Agent sessions: what each gives an agent, fixed when it is made, and when it ends.

use serde::{Deserialize, Serialize};

use super::clock;

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct AgentSession {
    pub(crate) id: String,
    pub(crate) token: String,
    #[serde(deserialize_with = "clock::read")]
    pub(crate) expires: i64,
    /// When it was ended before that.
    #[serde(deserialize_with = "clock::read_optional")]
    pub(crate) terminated: Option<i64>,
    pub(crate) toolset: Vec<AgentTools>,
    pub(crate) meta_tools: MetaTools,
}

/// The tools of one integration.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct AgentTools {
    pub(crate) integration: String,
    /// The connection that they run on, if there is one.
    pub(crate) connection: Option<String>,
    /// Those that the agent is shown from the start.
    pub(crate) pinned: Vec<String>,
    /// Those that it can search for.
    pub(crate) searchable: Vec<String>,
}

/// Which tools of Nango's own the agent has.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MetaTools {
    pub(crate) nango_tool_search: bool,
    pub(crate) nango_execute: bool,
    pub(crate) nango_proxy: bool,
}

impl AgentSession {
    /// When and why it ended, if it has at this time.
    pub(crate) fn ended(&self, now: i64) -> Option<(i64, &'static str)> {
        match self.terminated {
            Some(at) => Some((at, "terminated")),
            None => (now >= self.expires).then_some((self.expires, "expired")),
        }
    }
}
