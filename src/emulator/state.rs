//! What the emulated environment holds, and the look-ups over it (contract section 15). How a world is
//! read from JSON is in [`super::world`]; what calls do with it, in the handlers' files.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::answer::Answer;
use super::ids::Ids;
use super::providers::Provider;
use super::upstream::Route;

pub(super) type Object = Map<String, Value>;

#[derive(Debug, Clone)]
pub(super) struct Integration {
    pub(super) key: String,
    pub(super) provider: &'static Provider,
    pub(super) display_name: Option<String>,
    pub(super) forward_webhooks: bool,
    /// The developer app: `client_id`, `client_secret`, `scopes`, …
    pub(super) credentials: Object,
    pub(super) custom: Object,
    pub(super) config: Object,
    pub(super) created: i64,
    pub(super) updated: i64,
}

#[derive(Debug, Clone)]
pub(super) struct EndUser {
    /// The row, not the caller's id.
    pub(super) row: u64,
    pub(super) id: String,
    pub(super) email: Option<String>,
    pub(super) display_name: Option<String>,
    pub(super) tags: Option<Object>,
    pub(super) organization: Option<(String, Option<String>)>,
}

#[derive(Debug, Clone)]
pub(super) struct Connection {
    pub(super) row: u64,
    pub(super) id: String,
    pub(super) integration: String,
    /// The row of an [`EndUser`].
    pub(super) end_user: Option<u64>,
    pub(super) tags: Object,
    /// An object or null.
    pub(super) metadata: Value,
    pub(super) config: Object,
    /// With `type`; empty where there are none.
    pub(super) credentials: Object,
    pub(super) expires: Option<i64>,
    pub(super) webhook_url: Option<String>,
    pub(super) created: i64,
    pub(super) updated: i64,
    pub(super) last_fetched: Option<i64>,
    /// Kind and log id.
    pub(super) errors: Vec<(String, String)>,
    pub(super) refresh: Refresh,
}

/// How refreshing a connection's token goes.
#[derive(Debug, Clone, Default)]
pub(super) struct Refresh {
    /// Whether the provider rejects it.
    pub(super) fails: bool,
    pub(super) last_failure: Option<i64>,
    /// Days on which it failed, since it last succeeded.
    pub(super) failed_days: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FunctionKind {
    Action,
    Sync,
    OnEvent,
}

#[derive(Debug, Clone)]
pub(super) struct Function {
    pub(super) row: u64,
    pub(super) integration: String,
    pub(super) kind: FunctionKind,
    pub(super) name: String,
    pub(super) enabled: bool,
    /// How often a sync runs, as deployed.
    pub(super) runs: Option<String>,
    pub(super) auto_start: bool,
    /// The declaration, as the world gave it.
    pub(super) given: Object,
    pub(super) behaviour: Value,
    pub(super) deployed: i64,
}

/// One sync of one connection.
#[derive(Debug, Clone)]
pub(super) struct Sync {
    pub(super) id: String,
    /// The row of its connection.
    pub(super) connection: u64,
    /// The row of its function.
    pub(super) function: u64,
    pub(super) started: bool,
    /// When its schedule counts from.
    pub(super) since: i64,
    /// The last run that a trigger asked for, and whether it began afresh.
    pub(super) manual: Option<(i64, bool)>,
    /// When it was last paused, while it is.
    pub(super) paused: Option<i64>,
}

#[derive(Debug, Clone)]
pub(super) struct Session {
    pub(super) token: String,
    pub(super) expires: i64,
    pub(super) end_user: Option<EndUser>,
    pub(super) tags: Object,
    pub(super) allowed: Option<Vec<String>>,
    pub(super) defaults: Option<Value>,
    pub(super) webhook_url: Option<String>,
    /// The row of the connection that it re-authorises.
    pub(super) reconnects: Option<u64>,
}

/// An action that was queued.
#[derive(Debug, Clone)]
pub(super) struct Job {
    pub(super) id: String,
    pub(super) ready: i64,
    pub(super) answer: Answer,
}

#[derive(Debug, Clone)]
pub(super) struct State {
    pub(super) ids: Ids,
    /// When the last request came, in milliseconds since 1970.
    pub(super) now: i64,
    /// The last row number given out.
    pub(super) rows: u64,
    pub(super) environment: String,
    pub(super) integrations: Vec<Integration>,
    pub(super) end_users: Vec<EndUser>,
    /// Oldest first.
    pub(super) connections: Vec<Connection>,
    pub(super) functions: Vec<Function>,
    pub(super) syncs: Vec<Sync>,
    pub(super) sessions: Vec<Session>,
    pub(super) variables: Vec<(String, String)>,
    pub(super) jobs: Vec<Job>,
    pub(super) upstream: Arc<Vec<Route>>,
    /// How often an upstream path that counts was called.
    pub(super) hits: BTreeMap<String, u32>,
}

impl State {
    /// An environment that holds nothing.
    pub(super) fn empty(seed: u64) -> State {
        let mut ids = Ids::new(seed);
        let environment = ids.uuid();
        State {
            ids,
            now: 0,
            rows: 0,
            environment,
            integrations: Vec::new(),
            end_users: Vec::new(),
            connections: Vec::new(),
            functions: Vec::new(),
            syncs: Vec::new(),
            sessions: Vec::new(),
            variables: Vec::new(),
            jobs: Vec::new(),
            upstream: Arc::default(),
            hits: BTreeMap::new(),
        }
    }

    pub(super) fn row(&mut self) -> u64 {
        self.rows += 1;
        self.rows
    }

    pub(super) fn integration(&self, key: &str) -> Option<&Integration> {
        self.integrations.iter().find(|i| i.key == key)
    }

    pub(super) fn connection(&self, id: &str, integration: &str) -> Option<&Connection> {
        self.connections.iter().find(|c| c.id == id && c.integration == integration)
    }

    pub(super) fn connection_mut(&mut self, id: &str, integration: &str) -> Option<&mut Connection> {
        self.connections.iter_mut().find(|c| c.id == id && c.integration == integration)
    }

    pub(super) fn end_user(&self, row: Option<u64>) -> Option<&EndUser> {
        let row = row?;
        self.end_users.iter().find(|u| u.row == row)
    }

    pub(super) fn function(&self, row: u64) -> Option<&Function> {
        self.functions.iter().find(|f| f.row == row)
    }

    /// The session with this token, unless it ran out.
    pub(super) fn session(&self, token: &str, now: i64) -> Option<&Session> {
        self.sessions.iter().find(|s| s.token == token && s.expires > now)
    }

    /// Adds an end user, or changes the one with the same id; gives the row.
    pub(super) fn upsert_end_user(&mut self, mut user: EndUser) -> u64 {
        if let Some(old) = self.end_users.iter_mut().find(|u| u.id == user.id) {
            user.row = old.row;
            user.organization = user.organization.take().or_else(|| old.organization.take());
            *old = user;
            return old.row;
        }
        user.row = self.row();
        let row = user.row;
        self.end_users.push(user);
        row
    }

    /// Creates the syncs that a connection has by its integration's deployed functions.
    pub(super) fn create_syncs(&mut self, connection: u64, integration: &str, now: i64) {
        self.syncs.retain(|s| s.connection != connection);
        let new: Vec<(u64, bool)> = self
            .functions
            .iter()
            .filter(|f| f.kind == FunctionKind::Sync && f.enabled && f.integration == integration)
            .map(|f| (f.row, f.auto_start))
            .collect();
        for (function, started) in new {
            let id = self.ids.uuid();
            let paused = (!started).then_some(now);
            self.syncs.push(Sync { id, connection, function, started, since: now, manual: None, paused });
        }
    }
}

/// A text of an object; empty where it is missing.
pub(super) fn text<'a>(object: &'a Object, name: &str) -> &'a str {
    object.get(name).and_then(Value::as_str).unwrap_or_default()
}
