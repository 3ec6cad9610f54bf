//! The data of the environment as readable JSON, also for the demo page: secrets are masked.

use serde::Serialize;
use serde_json::Value;

use super::environments::Listed;
use super::function_jobs::Stage;
use super::state::{Connection, EndUser, FunctionKind, Integration, Object, Organization, State};
use super::{clock, sync_schedule};

const MASK: &str = "[masked]";

/// Properties of credentials that are not secret.
const OPEN: &[&str] =
    &["type", "expires_at", "scopes", "scope", "token_type", "expires_in", "region", "service"];

/// All data of an environment.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Snapshot<'a> {
    integrations: Vec<IntegrationView<'a>>,
    connections: Vec<ConnectionView<'a>>,
    end_users: Vec<EndUserView<'a>>,
    functions: Vec<FunctionView<'a>>,
    syncs: Vec<SyncView<'a>>,
    connect_sessions: Vec<SessionView<'a>>,
    actions_queued: usize,
    webhooks_pending: usize,
    invocations_queued: usize,
    variables: Vec<VariableView<'a>>,
    agent_sessions: Vec<AgentSessionView<'a>>,
    function_jobs: Vec<FunctionJobView<'a>>,
    /// Nothing inside another environment.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    environments: Vec<EnvironmentView<'a>>,
}

#[derive(Serialize)]
struct IntegrationView<'a> {
    unique_key: &'a str,
    provider: &'a str,
    display_name: &'a str,
    auth_mode: &'a str,
    forward_webhooks: bool,
    credentials: Object,
    created_at: String,
}

#[derive(Serialize)]
struct ConnectionView<'a> {
    id: u64,
    connection_id: &'a str,
    provider_config_key: &'a str,
    end_user_id: Option<&'a str>,
    tags: &'a Object,
    metadata: &'a Value,
    credentials: Object,
    expires_at: Option<String>,
    errors: usize,
    created_at: String,
}

/// As the server shows an end user.
#[derive(Serialize)]
pub(crate) struct EndUserView<'a> {
    id: &'a str,
    display_name: Option<&'a str>,
    email: Option<&'a str>,
    tags: Option<&'a Object>,
    organization: Option<OrganizationView<'a>>,
}

impl EndUserView<'_> {
    pub(crate) fn of(user: &EndUser) -> EndUserView<'_> {
        let organization = user.organization.as_ref();
        EndUserView {
            id: &user.id,
            display_name: user.display_name.as_deref(),
            email: user.email.as_deref(),
            tags: user.tags.as_ref(),
            organization: organization.map(|Organization { id, display_name }| OrganizationView {
                id,
                display_name: display_name.as_deref(),
            }),
        }
    }
}

#[derive(Serialize)]
struct OrganizationView<'a> {
    id: &'a str,
    display_name: Option<&'a str>,
}

#[derive(Serialize)]
struct FunctionView<'a> {
    integration: &'a str,
    r#type: FunctionKind,
    name: &'a str,
    enabled: bool,
}

#[derive(Serialize)]
struct SyncView<'a> {
    id: &'a str,
    connection_id: &'a str,
    name: &'a str,
    variant: &'a str,
    frequency: Option<&'a str>,
    started: bool,
    records: usize,
}

#[derive(Serialize)]
struct SessionView<'a> {
    token: &'static str,
    expires_at: String,
    end_user: Option<EndUserView<'a>>,
}

#[derive(Serialize)]
struct AgentSessionView<'a> {
    session_id: &'a str,
    token: &'static str,
    expires_at: String,
    ended_at: Option<String>,
    reason: Option<&'static str>,
    integrations: Vec<&'a str>,
}

#[derive(Serialize)]
struct FunctionJobView<'a> {
    id: &'a str,
    integration: &'a str,
    /// What it deploys.
    name: Option<&'a str>,
    status: Stage,
}

#[derive(Serialize)]
struct EnvironmentView<'a> {
    id: u64,
    uuid: &'a str,
    name: &'a str,
    is_production: bool,
    webhook_signing_key: &'static str,
    /// The keys that requests made.
    api_keys: Vec<KeyView>,
    /// What it holds, unless it is the one that is shown around it.
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Box<Snapshot<'a>>>,
}

#[derive(Serialize)]
struct KeyView {
    id: u64,
    display_name: String,
    scopes: Vec<String>,
    secret: &'static str,
}

#[derive(Serialize)]
struct VariableView<'a> {
    name: &'a str,
    value: &'static str,
}

impl<'a> Snapshot<'a> {
    /// The snapshot of a state, with the environments of its account.
    pub(crate) fn of(state: &'a State) -> Snapshot<'a> {
        let listed = state.listed_environments();
        let environments = listed.into_iter().map(|one| environment(state, one)).collect();
        Snapshot { environments, ..Snapshot::of_data(state) }
    }

    fn of_data(state: &'a State) -> Snapshot<'a> {
        let functions = state.functions.iter().map(|function| FunctionView {
            integration: &function.integration,
            r#type: function.kind,
            name: &function.name,
            enabled: function.enabled,
        });
        let sessions = state.sessions.iter().map(|session| SessionView {
            token: MASK,
            expires_at: clock::iso_z(session.expires),
            end_user: session.end_user.as_ref().map(EndUserView::of),
        });
        let agent_sessions = state.agent_sessions.iter().map(|session| {
            let ended = session.ended(state.now);
            AgentSessionView {
                session_id: &session.id,
                token: MASK,
                expires_at: clock::iso_z(session.expires),
                ended_at: ended.map(|(at, _)| clock::iso_z(at)),
                reason: ended.map(|(_, reason)| reason),
                integrations: session.toolset.iter().map(|tools| tools.integration.as_str()).collect(),
            }
        });
        let function_jobs = state.function_jobs.iter().map(|job| FunctionJobView {
            id: &job.id,
            integration: &job.integration,
            name: job.deploys.as_ref().map(|deploys| deploys.name.as_str()),
            status: job.stage(state.now),
        });
        Snapshot {
            integrations: state.integrations.iter().map(integration).collect(),
            connections: state.connections.iter().map(|c| connection(state, c)).collect(),
            end_users: state.end_users.iter().map(EndUserView::of).collect(),
            functions: functions.collect(),
            syncs: syncs(state),
            connect_sessions: sessions.collect(),
            actions_queued: state.jobs.iter().filter(|job| !job.invocation).count(),
            invocations_queued: state.jobs.iter().filter(|job| job.invocation).count(),
            webhooks_pending: state.webhooks.pending.len(),
            variables: state.variables.iter().map(|(name, _)| VariableView { name, value: MASK }).collect(),
            agent_sessions: agent_sessions.collect(),
            function_jobs: function_jobs.collect(),
            environments: Vec::new(),
        }
    }
}

fn environment<'a>(account: &State, one: Listed<'a>) -> EnvironmentView<'a> {
    let keys = account.keys(one.id, &[]).into_iter().map(|key| KeyView {
        id: key.id,
        display_name: key.name,
        scopes: key.scopes,
        secret: MASK,
    });
    EnvironmentView {
        id: one.id,
        uuid: one.uuid,
        name: one.name,
        is_production: one.production,
        webhook_signing_key: MASK,
        api_keys: keys.collect(),
        data: one.state.map(|state| Box::new(Snapshot::of_data(state))),
    }
}

fn integration(integration: &Integration) -> IntegrationView<'_> {
    let provider = integration.provider;
    IntegrationView {
        unique_key: &integration.key,
        provider: &provider.name,
        display_name: integration.display_name.as_ref().unwrap_or(&provider.display_name),
        auth_mode: &provider.auth_mode,
        forward_webhooks: integration.forward_webhooks,
        credentials: masked(&integration.credentials),
        created_at: clock::iso_z(integration.created),
    }
}

fn connection<'a>(state: &'a State, connection: &'a Connection) -> ConnectionView<'a> {
    ConnectionView {
        id: connection.row,
        connection_id: &connection.id,
        provider_config_key: &connection.integration,
        end_user_id: state.end_user(connection.end_user).map(|u| u.id.as_str()),
        tags: &connection.tags,
        metadata: &connection.metadata,
        credentials: masked(&connection.credentials),
        expires_at: connection.expires.map(clock::iso_z),
        errors: connection.errors.len(),
        created_at: clock::iso_z(connection.created),
    }
}

fn syncs(state: &State) -> Vec<SyncView<'_>> {
    let mut views = Vec::new();
    for (i, sync) in state.syncs.iter().enumerate() {
        let connection = state.connections.iter().find(|c| c.row == sync.connection);
        let function = state.function(sync.function);
        views.push(SyncView {
            id: &sync.id,
            connection_id: connection.map_or("", |c| &c.id),
            name: function.map_or("", |f| &f.name),
            variant: &sync.variant,
            frequency: function.and_then(|function| sync_schedule::frequency_of(sync, function)),
            started: sync.started,
            records: sync_schedule::live_records(state, i),
        });
    }
    views
}

fn masked(credentials: &Object) -> Object {
    let mask = |name: &str, value: &Value| match value {
        Value::Null => Value::Null,
        open if OPEN.contains(&name) => open.clone(),
        _ => Value::String(MASK.into()),
    };
    credentials.iter().map(|(name, value)| (name.clone(), mask(name, value))).collect()
}
