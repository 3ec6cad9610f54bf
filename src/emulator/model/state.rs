//! The data of the emulated environment, and look-ups in it (contract section 15). How it is read from a fixture is
//! in [`super::fixture`], how it is saved in `emulator::saved`; what requests do with it, in the endpoints.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::account::Account;
use super::agent_sessions::AgentSession;
use super::collected::Collected;
use super::function_jobs::FunctionJob;
use super::ids::Ids;
use super::outbox::Outbox;
use super::providers::Provider;
use super::{clock, formats, providers};

pub(crate) type Object = Map<String, Value>;

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Integration {
    pub(crate) key: String,
    #[serde(with = "providers::by_name")]
    pub(crate) provider: &'static Provider,
    pub(crate) display_name: Option<String>,
    pub(crate) forward_webhooks: bool,
    /// The developer app: `client_id`, `client_secret`, `scopes`, …
    pub(crate) credentials: Object,
    pub(crate) custom: Object,
    pub(crate) config: Object,
    /// Whether the developer app is one that Nango brings.
    #[serde(default)]
    pub(crate) shared: bool,
    #[serde(deserialize_with = "clock::read")]
    pub(crate) created: i64,
    #[serde(deserialize_with = "clock::read")]
    pub(crate) updated: i64,
}

/// An end user.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct EndUser {
    /// The row, not the caller's id.
    pub(crate) row: u64,
    pub(crate) id: String,
    pub(crate) display_name: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) tags: Option<Object>,
    pub(crate) organization: Option<Organization>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Organization {
    pub(crate) id: String,
    pub(crate) display_name: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Connection {
    pub(crate) row: u64,
    pub(crate) id: String,
    pub(crate) integration: String,
    /// The row of an [`EndUser`].
    pub(crate) end_user: Option<u64>,
    pub(crate) tags: Object,
    /// An object or null.
    pub(crate) metadata: Value,
    pub(crate) config: Object,
    /// With `type`; empty if there are none.
    pub(crate) credentials: Object,
    #[serde(deserialize_with = "clock::read_optional")]
    pub(crate) expires: Option<i64>,
    pub(crate) webhook_url: Option<String>,
    #[serde(deserialize_with = "clock::read")]
    pub(crate) created: i64,
    #[serde(deserialize_with = "clock::read")]
    pub(crate) updated: i64,
    #[serde(deserialize_with = "clock::read_optional")]
    pub(crate) last_fetched: Option<i64>,
    /// Kind and log id.
    pub(crate) errors: Vec<(String, String)>,
    pub(crate) refresh: Refresh,
}

/// How refreshing a connection's token goes.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Refresh {
    /// Whether the provider rejects it.
    pub(crate) fails: bool,
    #[serde(deserialize_with = "clock::read_optional")]
    pub(crate) last_failure: Option<i64>,
    /// Days on which it failed, since it last succeeded.
    pub(crate) failed_days: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum FunctionKind {
    Action,
    Sync,
    OnEvent,
    /// Of the newer kind, with a trigger.
    Function,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Function {
    pub(crate) row: u64,
    pub(crate) integration: String,
    pub(crate) kind: FunctionKind,
    pub(crate) name: String,
    pub(crate) enabled: bool,
    /// How often a sync runs, as deployed.
    pub(crate) runs: Option<String>,
    pub(crate) auto_start: bool,
    /// The declaration, as the fixture has it.
    pub(crate) declaration: Object,
    pub(crate) behaviour: Value,
    #[serde(deserialize_with = "clock::read")]
    pub(crate) deployed: i64,
    /// When it was last switched on or off.
    #[serde(default, deserialize_with = "clock::read_optional")]
    pub(crate) switched: Option<i64>,
}

/// One sync of one connection.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Sync {
    pub(crate) id: String,
    /// The row of its connection.
    pub(crate) connection: u64,
    /// The row of its function.
    pub(crate) function: u64,
    #[serde(default = "base")]
    pub(crate) variant: String,
    /// How often it runs, if not as deployed.
    #[serde(default)]
    pub(crate) frequency: Option<String>,
    pub(crate) started: bool,
    /// When its schedule counts from.
    #[serde(deserialize_with = "clock::read")]
    pub(crate) since: i64,
    /// Since when the schedule has been running.
    #[serde(deserialize_with = "clock::read")]
    pub(crate) active: i64,
    /// The last run before that, or before the one outside the schedule.
    pub(crate) earlier: Option<Run>,
    /// The last run outside the schedule.
    pub(crate) manual: Option<Run>,
    /// When it was last paused, while it is.
    #[serde(deserialize_with = "clock::read_optional")]
    pub(crate) paused: Option<i64>,
    /// What it had collected when somebody last changed its schedule or its records.
    #[serde(default)]
    pub(crate) collected: Collected,
}

/// The variant that every sync has.
pub(crate) fn base() -> String {
    "base".into()
}

/// A run of a sync.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Run {
    #[serde(deserialize_with = "clock::read")]
    pub(crate) began: i64,
    /// Whether it collects everything again.
    pub(crate) first: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Session {
    pub(crate) token: String,
    #[serde(deserialize_with = "clock::read")]
    pub(crate) expires: i64,
    pub(crate) end_user: Option<EndUser>,
    pub(crate) tags: Object,
    pub(crate) allowed: Option<Vec<String>>,
    pub(crate) defaults: Option<Value>,
    pub(crate) webhook_url: Option<String>,
    /// The row of the connection that it re-authorises.
    pub(crate) reconnects: Option<u64>,
}

/// The result of running an action.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct ActionResult {
    /// 200, or the status with which the function fails.
    #[serde(deserialize_with = "formats::read_status")]
    pub(crate) status: u16,
    pub(crate) output: Value,
}

/// An action, or an invocation of a function of the newer kind, that was queued.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Job {
    pub(crate) id: String,
    #[serde(deserialize_with = "clock::read")]
    pub(crate) ready: i64,
    pub(crate) result: ActionResult,
    /// Which of the two it is.
    #[serde(default)]
    pub(crate) invocation: bool,
}

/// What a mock provider answers to one method and path.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct ProviderRoute {
    pub(crate) provider: String,
    pub(crate) method: String,
    /// Below the provider's base URL; `{name}` stands for any segment.
    pub(crate) path: String,
    #[serde(deserialize_with = "formats::read_status")]
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Value,
}

/// An environment that a request made.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Environment {
    pub(crate) id: u64,
    pub(crate) production: bool,
    /// Its data, with its UUID and name; what belongs to the account stays empty in it.
    pub(crate) state: Box<State>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct State {
    pub(crate) ids: Ids,
    /// When the last request came, in milliseconds since 1970.
    #[serde(deserialize_with = "clock::read")]
    pub(crate) now: i64,
    /// The last row number that was assigned.
    pub(crate) rows: u64,
    /// The UUID of the environment.
    pub(crate) environment: String,
    #[serde(default = "usual_name")]
    pub(crate) environment_name: String,
    /// The key that signs webhooks, once it was rotated.
    #[serde(default)]
    pub(crate) signing_key: Option<String>,
    /// Where webhooks go, unless a connection says otherwise.
    #[serde(default)]
    pub(crate) webhook_url: Option<String>,
    #[serde(default)]
    pub(crate) webhooks: Outbox,
    pub(crate) integrations: Vec<Integration>,
    pub(crate) end_users: Vec<EndUser>,
    /// Oldest first.
    pub(crate) connections: Vec<Connection>,
    pub(crate) functions: Vec<Function>,
    pub(crate) syncs: Vec<Sync>,
    pub(crate) sessions: Vec<Session>,
    pub(crate) variables: Vec<(String, String)>,
    pub(crate) jobs: Vec<Job>,
    pub(crate) provider_routes: Vec<ProviderRoute>,
    /// How often a path of a mock provider that counts was called.
    pub(crate) hits: BTreeMap<String, u32>,
    /// Providers for which Nango brings a developer app of its own.
    #[serde(default)]
    pub(crate) shared_apps: Vec<String>,
    #[serde(default)]
    pub(crate) agent_sessions: Vec<AgentSession>,
    #[serde(default)]
    pub(crate) function_jobs: Vec<FunctionJob>,
    #[serde(default)]
    pub(crate) account: Account,
    /// The environments beside the emulated one.
    #[serde(default)]
    pub(crate) environments: Vec<Environment>,
}

/// The name of the emulated environment.
fn usual_name() -> String {
    "dev".into()
}

impl State {
    /// An empty environment.
    pub(crate) fn empty(seed: u64) -> State {
        let mut ids = Ids::new(seed);
        let environment = ids.uuid();
        State {
            ids,
            now: 0,
            rows: 0,
            environment,
            environment_name: usual_name(),
            signing_key: None,
            webhook_url: None,
            webhooks: Outbox::default(),
            integrations: Vec::new(),
            end_users: Vec::new(),
            connections: Vec::new(),
            functions: Vec::new(),
            syncs: Vec::new(),
            sessions: Vec::new(),
            variables: Vec::new(),
            jobs: Vec::new(),
            provider_routes: Vec::new(),
            hits: BTreeMap::new(),
            shared_apps: Vec::new(),
            agent_sessions: Vec::new(),
            function_jobs: Vec::new(),
            account: Account::default(),
            environments: Vec::new(),
        }
    }

    /// Whether a state that was read can be used.
    ///
    /// # Errors
    /// The mistake, with the name of the property.
    pub(crate) fn check(&self) -> Result<(), String> {
        let end_users = self.end_users.iter().map(|user| user.row);
        let connections = self.connections.iter().map(|connection| connection.row);
        let functions = self.functions.iter().map(|function| function.row);
        let last = end_users.chain(connections).chain(functions).max().unwrap_or(0);
        if (last..1 << 53).contains(&self.rows) {
            self.account.check()?;
            return self.environments.iter().try_for_each(|one| one.state.check());
        }
        Err(format!("`data.state.rows`: expected the last row, {last} or more, not {}", self.rows))
    }

    pub(crate) fn row(&mut self) -> u64 {
        self.rows += 1;
        self.rows
    }

    pub(crate) fn integration(&self, key: &str) -> Option<&Integration> {
        self.integrations.iter().find(|i| i.key == key)
    }

    pub(crate) fn connection(&self, id: &str, integration: &str) -> Option<&Connection> {
        self.connections.iter().find(|c| c.id == id && c.integration == integration)
    }

    pub(crate) fn connection_mut(&mut self, id: &str, integration: &str) -> Option<&mut Connection> {
        self.connections.iter_mut().find(|c| c.id == id && c.integration == integration)
    }

    pub(crate) fn end_user(&self, row: Option<u64>) -> Option<&EndUser> {
        let row = row?;
        self.end_users.iter().find(|u| u.row == row)
    }

    pub(crate) fn function(&self, row: u64) -> Option<&Function> {
        self.functions.iter().find(|f| f.row == row)
    }

    /// The connect session with this token, unless it has expired.
    pub(crate) fn session(&self, token: &str, now: i64) -> Option<&Session> {
        self.sessions.iter().find(|s| s.token == token && s.expires > now)
    }

    /// Adds an end user, or changes the one with the same id; returns the row.
    pub(crate) fn upsert_end_user(&mut self, mut user: EndUser) -> u64 {
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

    /// Changes the end user of a connection: the row it is linked to, or another that it then is linked to.
    pub(crate) fn relink_end_user(&mut self, linked: Option<u64>, mut user: EndUser) -> u64 {
        let Some(old) = self.end_users.iter_mut().find(|u| Some(u.row) == linked) else {
            return self.upsert_end_user(user);
        };
        user.row = old.row;
        user.organization = user.organization.take().or_else(|| old.organization.take());
        *old = user;
        old.row
    }

    /// Puts a changed connection in place of the one in its row.
    pub(crate) fn replace_connection(&mut self, connection: Connection) {
        if let Some(slot) = self.connections.iter_mut().find(|c| c.row == connection.row) {
            *slot = connection;
        }
    }

    /// Creates the syncs that a connection has by its integration's deployed functions, unless it has them.
    pub(crate) fn create_syncs(&mut self, connection: u64, integration: &str, now: i64) {
        let has = |function: u64| {
            let base = |s: &&Sync| s.connection == connection && s.variant == "base";
            self.syncs.iter().filter(base).any(|s| s.function == function)
        };
        let new: Vec<(u64, bool)> = self
            .functions
            .iter()
            .filter(|f| f.kind == FunctionKind::Sync && f.enabled && f.integration == integration)
            .filter(|f| !has(f.row))
            .map(|f| (f.row, f.auto_start))
            .collect();
        for (function, started) in new {
            self.add_sync(connection, function, base(), started, now);
        }
    }

    /// Adds a sync; returns its id.
    pub(crate) fn add_sync(
        &mut self,
        connection: u64,
        function: u64,
        variant: String,
        started: bool,
        now: i64,
    ) -> String {
        let id = self.ids.uuid();
        self.syncs.push(Sync {
            id: id.clone(),
            connection,
            function,
            variant,
            frequency: None,
            started,
            since: now,
            active: now,
            earlier: None,
            manual: None,
            paused: (!started).then_some(now),
            collected: Collected::default(),
        });
        id
    }
}

/// A string property of an object; empty if it is missing.
pub(crate) fn str_field<'a>(object: &'a Object, name: &str) -> &'a str {
    object.get(name).and_then(Value::as_str).unwrap_or_default()
}
