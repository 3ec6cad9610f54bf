//! What deployments leave behind. No code is compiled or run: a deployed action answers nothing, and a deployed sync
//! runs every day and finds nothing.

use serde_json::{Value, json};

use super::function_jobs::{Deploys, FunctionJob, KEPT_MS, Stage};
use super::state::{Function, FunctionKind, Object, State, str_field};

/// The version after that of a deployed function.
pub(crate) fn next_version(deployed: Option<&Function>) -> String {
    let version = deployed.map_or("", |f| str_field(&f.declaration, "version"));
    let next = version.rsplit_once('.').and_then(|(front, last)| {
        let last: u32 = last.parse().ok()?;
        Some(format!("{front}.{}", last.saturating_add(1)))
    });
    next.unwrap_or_else(|| "0.0.1".into())
}

/// The kind of a function that can be deployed.
pub(crate) fn kind(sync: bool) -> FunctionKind {
    if sync { FunctionKind::Sync } else { FunctionKind::Action }
}

impl State {
    /// The deployed function with this name and kind.
    pub(crate) fn function_named(
        &self,
        integration: &str,
        kind: FunctionKind,
        name: &str,
    ) -> Option<&Function> {
        self.functions.iter().find(|f| f.integration == integration && f.kind == kind && f.name == name)
    }

    /// Keeps a new job, and forgets those that are too old.
    pub(crate) fn add_function_job(&mut self, job: FunctionJob) {
        let oldest = job.created - KEPT_MS;
        self.function_jobs.retain(|known| known.created >= oldest);
        self.function_jobs.push(job);
    }

    /// Deploys what was due by this time.
    pub(crate) fn settle_deployments(&mut self, now: i64) {
        let mut due: Vec<FunctionJob> = Vec::new();
        for job in &mut self.function_jobs {
            let success = job.stage(now) == Stage::Success;
            if let Some(deploys) = job.deploys.as_mut().filter(|deploys| success && !deploys.done) {
                deploys.done = true;
                due.push(job.clone());
            }
        }
        for job in due {
            if let Some(Deploys { name, version, .. }) = &job.deploys
                && self.integration(&job.integration).is_some()
            {
                self.deploy(&job, name, version);
            }
        }
    }

    fn deploy(&mut self, job: &FunctionJob, name: &str, version: &str) {
        let kind = kind(job.sync);
        let known = self.function_named(&job.integration, kind, name).map(|f| f.row);
        let row = known.unwrap_or_else(|| self.row());
        let declaration = json!({
            "integration": job.integration, "type": kind, "name": name, "returns": [], "scopes": [],
            "json_schema": null, "source": "standalone", "version": version, "code": job.code,
        });
        let deployed = Function {
            row,
            integration: job.integration.clone(),
            kind,
            name: name.to_owned(),
            enabled: true,
            runs: job.sync.then(|| "every day".to_owned()),
            auto_start: true,
            declaration: match declaration {
                Value::Object(declaration) => declaration,
                _ => Object::new(),
            },
            behaviour: json!({}),
            deployed: job.completed(),
            switched: None,
        };
        match self.functions.iter_mut().find(|f| f.row == row) {
            Some(function) => *function = deployed,
            None => self.functions.push(deployed),
        }
        if job.sync && known.is_none() {
            self.create_missing_syncs(&job.integration, job.completed());
        }
    }

    /// Creates the syncs that connections lack since a function was deployed.
    fn create_missing_syncs(&mut self, integration: &str, now: i64) {
        let rows: Vec<u64> =
            self.connections.iter().filter(|c| c.integration == integration).map(|c| c.row).collect();
        for row in rows {
            let before: Vec<_> = self.syncs.iter().filter(|sync| sync.connection == row).cloned().collect();
            self.create_syncs(row, integration, now);
            self.syncs.retain(|sync| {
                sync.connection != row || before.iter().all(|known| known.function != sync.function)
            });
            self.syncs.extend(before);
        }
    }
}
