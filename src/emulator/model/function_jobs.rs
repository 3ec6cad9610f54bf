//! Dry runs and deployments of functions: how far each is follows from the time alone.

use serde::{Deserialize, Serialize};

use super::clock;

/// How long a job waits before it runs.
pub(crate) const WAIT_MS: i64 = 1_000;
/// How long it then runs.
pub(crate) const RUN_MS: i64 = 3_000;
/// How long it is kept.
pub(crate) const KEPT_MS: i64 = 14 * 86_400_000;

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct FunctionJob {
    pub(crate) id: String,
    pub(crate) integration: String,
    /// Whether the function is a sync, not an action.
    pub(crate) sync: bool,
    #[serde(deserialize_with = "clock::read")]
    pub(crate) created: i64,
    pub(crate) code: String,
    /// What it deploys; a dry run deploys nothing.
    pub(crate) deploys: Option<Deploys>,
}

/// What a deployment makes.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Deploys {
    pub(crate) name: String,
    pub(crate) version: String,
    /// Whether it is done.
    pub(crate) done: bool,
}

/// How far a job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Stage {
    Waiting,
    Running,
    Success,
    /// The code does not compile.
    Failed,
}

impl FunctionJob {
    pub(crate) fn started(&self) -> i64 {
        self.created + WAIT_MS
    }

    pub(crate) fn completed(&self) -> i64 {
        self.started() + RUN_MS
    }

    pub(crate) fn stage(&self, now: i64) -> Stage {
        if now < self.started() {
            Stage::Waiting
        } else if now < self.completed() {
            Stage::Running
        } else if compiles(&self.code) {
            Stage::Success
        } else {
            Stage::Failed
        }
    }
}

/// Whether code counts as one that compiles: it exports something by default, which the compiler looks for.
pub(crate) fn compiles(code: &str) -> bool {
    let mut before = "";
    code.split_whitespace().any(|word| {
        let after = word.strip_prefix("default").filter(|_| before == "export");
        before = word;
        after.is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
    })
}

#[cfg(test)]
mod tests {
    use super::compiles;

    #[test]
    fn code_needs_a_default_export() {
        assert!(compiles("const a = 1;\nexport default createAction({});"));
        assert!(compiles("export   default{}"));
        for code in ["export const a = 1;", "default export", "exporting default", "x", "export { default }"]
        {
            assert!(!compiles(code), "{code}");
        }
    }
}
