//! What the environment holds, written for people and the demonstration page: secrets are masked.

use serde_json::Value;

use super::clock;
use super::state::{FunctionKind, Object, State};
use crate::emulator::endpoints::end_users;
use crate::emulator::endpoints::syncs;
use crate::json::Writer;

/// The time shown for a world that has not begun: 2026-01-01.
pub(crate) const BEFORE_START_MS: i64 = 1_767_225_600_000;

const MASK: &str = "[masked]";

/// Members of credentials that are no secret.
const OPEN: &[&str] =
    &["type", "expires_at", "scopes", "scope", "token_type", "expires_in", "region", "service"];

pub(crate) fn write(state: &State) -> String {
    let mut w = Writer::new();
    w.open();
    integrations(state, &mut w);
    connections(state, &mut w);
    w.key("end_users").open_array();
    for user in &state.end_users {
        end_users::write(Some(user), &mut w);
    }
    w.close_array().key("functions").open_array();
    for function in &state.functions {
        w.open().key("integration").text(&function.integration).key("type").text(match function.kind {
            FunctionKind::Action => "action",
            FunctionKind::Sync => "sync",
            FunctionKind::OnEvent => "on-event",
        });
        w.key("name").text(&function.name).key("enabled").boolean(function.enabled).close();
    }
    w.close_array().key("syncs").open_array();
    for (i, sync) in state.syncs.iter().enumerate() {
        let connection = state.connections.iter().find(|c| c.row == sync.connection);
        let function = state.function(sync.function);
        w.open().key("id").text(&sync.id);
        w.key("connection_id").text(connection.map_or("", |c| &c.id));
        w.key("name").text(function.map_or("", |f| &f.name)).key("started").boolean(sync.started);
        w.key("records").integer(syncs::records(state, i)).close();
    }
    w.close_array().key("connect_sessions").open_array();
    for session in &state.sessions {
        w.open().key("token").text(MASK).key("expires_at").text(&clock::iso_z(session.expires));
        w.key("end_user");
        end_users::write(session.end_user.as_ref(), &mut w);
        w.close();
    }
    w.close_array().key("actions_queued").integer(state.jobs.len() as i64);
    w.key("variables").open_array();
    for (name, _) in &state.variables {
        w.open().key("name").text(name).key("value").text(MASK).close();
    }
    w.close_array().close();
    w.finish()
}

fn integrations(state: &State, w: &mut Writer) {
    w.key("integrations").open_array();
    for integration in &state.integrations {
        let provider = integration.provider;
        w.open().key("unique_key").text(&integration.key).key("provider").text(&provider.name);
        w.key("display_name").text(integration.display_name.as_ref().unwrap_or(&provider.display_name));
        w.key("auth_mode").text(&provider.auth_mode);
        w.key("forward_webhooks").boolean(integration.forward_webhooks);
        w.key("credentials").value(&masked(&integration.credentials));
        w.key("created_at").text(&clock::iso_z(integration.created)).close();
    }
    w.close_array();
}

fn connections(state: &State, w: &mut Writer) {
    w.key("connections").open_array();
    for connection in &state.connections {
        w.open().key("id").integer(connection.row as i64).key("connection_id").text(&connection.id);
        w.key("provider_config_key").text(&connection.integration);
        w.key("end_user_id");
        end_users::maybe_text(state.end_user(connection.end_user).map(|u| u.id.as_str()), w);
        w.key("tags");
        end_users::write_object(&connection.tags, w);
        w.key("metadata").value(&connection.metadata);
        w.key("credentials").value(&masked(&connection.credentials));
        w.key("expires_at");
        end_users::maybe_text(connection.expires.map(clock::iso_z).as_deref(), w);
        w.key("errors").integer(connection.errors.len() as i64);
        w.key("created_at").text(&clock::iso_z(connection.created)).close();
    }
    w.close_array();
}

fn masked(credentials: &Object) -> Value {
    let mask = |name: &str, value: &Value| match value {
        Value::Null => Value::Null,
        open if OPEN.contains(&name) => open.clone(),
        _ => Value::String(MASK.into()),
    };
    Value::Object(credentials.iter().map(|(name, value)| (name.clone(), mask(name, value))).collect())
}
