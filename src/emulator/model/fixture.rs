//! Reading a world: the JSON that says what an environment holds at its start, times relative to it. The
//! first world is `world.json`; a caller's has the same form. Every mistake is named by its place, in the
//! words of an error's message.

use std::sync::{Arc, OnceLock};

use serde_json::Value;

use super::clock;
use super::providers;
use super::state::{Connection, EndUser, Function, FunctionKind, Integration, Object, Refresh, State};
use crate::emulator::endpoints::mock_provider::Route;

/// The first world, read once.
pub(crate) fn first() -> &'static Value {
    static FIRST: OnceLock<Value> = OnceLock::new();
    FIRST.get_or_init(|| serde_json::from_str(include_str!("fixture.json")).unwrap_or_default())
}

/// A place in the world, for messages.
struct Place<'a> {
    object: &'a Object,
    path: String,
}

impl Place<'_> {
    fn wrong(&self, name: &str, expected: &str) -> String {
        wrong(&format!("{}.{name}", self.path), expected)
    }

    fn text(&self, name: &str) -> Result<String, String> {
        self.maybe_text(name)?.ok_or_else(|| self.wrong(name, "expected a text"))
    }

    fn maybe_text(&self, name: &str) -> Result<Option<String>, String> {
        match self.object.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(self.wrong(name, "expected a text")),
        }
    }

    fn seconds(&self, name: &str) -> Result<Option<i64>, String> {
        match self.object.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => value
                .as_i64()
                .and_then(|s| s.checked_mul(1000))
                .map(Some)
                .ok_or_else(|| self.wrong(name, "expected a whole number of seconds")),
        }
    }

    fn flag(&self, name: &str, default: bool) -> Result<bool, String> {
        match self.object.get(name) {
            None | Some(Value::Null) => Ok(default),
            Some(value) => value.as_bool().ok_or_else(|| self.wrong(name, "expected true or false")),
        }
    }

    fn object(&self, name: &str) -> Result<Object, String> {
        Ok(self.maybe_object(name)?.unwrap_or_default())
    }

    fn maybe_object(&self, name: &str) -> Result<Option<Object>, String> {
        match self.object.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Object(map)) => Ok(Some(map.clone())),
            Some(_) => Err(self.wrong(name, "expected an object")),
        }
    }

    fn value(&self, name: &str) -> Value {
        self.object.get(name).cloned().unwrap_or_default()
    }
}

fn wrong(path: &str, expected: &str) -> String {
    format!("world: `{path}`: {expected}")
}

/// The objects of the list `name`; none where it is missing.
fn list<'a>(world: &'a Value, name: &str) -> Result<Vec<Place<'a>>, String> {
    let items = match world.get(name) {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(items)) => items,
        Some(_) => return Err(wrong(name, "expected a list")),
    };
    let place = |(i, item): (usize, &'a Value)| match item {
        Value::Object(object) => Ok(Place { object, path: format!("{name}[{i}]") }),
        _ => Err(wrong(&format!("{name}[{i}]"), "expected an object")),
    };
    items.iter().enumerate().map(place).collect()
}

/// Builds the state at `now`.
pub(crate) fn build(world: &Value, seed: u64, now: i64) -> Result<State, String> {
    if !world.is_object() {
        return Err(wrong("", "expected an object with `integrations`, `connections` and so on"));
    }
    let mut state = State::empty(seed);
    for at in list(world, "integrations")? {
        let integration = read_integration(&at, now)?;
        if state.integration(&integration.key).is_some() {
            return Err(at.wrong("unique_key", "is there twice"));
        }
        state.integrations.push(integration);
    }
    for at in list(world, "end_users")? {
        let user = read_end_user(&at)?;
        state.upsert_end_user(user);
    }
    for at in list(world, "functions")? {
        let row = state.row();
        let function = read_function(&at, row, now)?;
        if state.integration(&function.integration).is_none() {
            return Err(at.wrong("integration", "names no integration of this world"));
        }
        state.functions.push(function);
    }
    add_connections(&mut state, world, now)?;
    for at in list(world, "variables")? {
        state.variables.push((at.text("name")?, at.text("value")?));
    }
    let routes: Result<Vec<Route>, String> = list(world, "upstream")?.iter().map(read_route).collect();
    state.upstream = Arc::new(routes?);
    Ok(state)
}

fn read_integration(at: &Place, now: i64) -> Result<Integration, String> {
    let name = at.text("provider")?;
    let Some(provider) = providers::find(&name) else {
        return Err(at.wrong("provider", &format!("`{name}` is not in the catalogue")));
    };
    let created = now - at.seconds("age_s")?.unwrap_or(0);
    Ok(Integration {
        key: at.text("unique_key")?,
        provider,
        display_name: at.maybe_text("display_name")?,
        forward_webhooks: at.flag("forward_webhooks", true)?,
        credentials: at.object("credentials")?,
        custom: at.object("custom")?,
        config: at.object("integration_config")?,
        created,
        updated: created,
    })
}

fn read_end_user(at: &Place) -> Result<EndUser, String> {
    let organization = at.maybe_object("organization")?.map(|object| {
        let text = |name: &str| object.get(name).and_then(Value::as_str).map(str::to_owned);
        (text("id").unwrap_or_default(), text("display_name"))
    });
    Ok(EndUser {
        row: 0,
        id: at.text("id")?,
        email: at.maybe_text("email")?,
        display_name: at.maybe_text("display_name")?,
        tags: at.maybe_object("tags")?,
        organization,
    })
}

fn read_function(at: &Place, row: u64, now: i64) -> Result<Function, String> {
    let kind = match at.text("type")?.as_str() {
        "action" => FunctionKind::Action,
        "sync" => FunctionKind::Sync,
        "on-event" => FunctionKind::OnEvent,
        other => return Err(at.wrong("type", &format!("expected action, sync or on-event, not `{other}`"))),
    };
    Ok(Function {
        row,
        integration: at.text("integration")?,
        kind,
        name: at.text("name")?,
        enabled: at.flag("enabled", true)?,
        runs: at.maybe_text("runs")?,
        auto_start: at.flag("auto_start", true)?,
        given: at.object.clone(),
        behaviour: at.value("behaviour"),
        deployed: now - at.seconds("age_s")?.unwrap_or(86_400_000),
    })
}

fn add_connections(state: &mut State, world: &Value, now: i64) -> Result<(), String> {
    let mut read = Vec::new();
    for at in list(world, "connections")? {
        let connection = read_connection(state, &at, now)?;
        read.push((connection, at.flag("syncs", true)?));
    }
    // Rows are numbered in the order of creation.
    read.sort_by_key(|(c, _)| c.created);
    for (mut connection, with_syncs) in read {
        connection.row = state.row();
        let (row, integration, created) =
            (connection.row, connection.integration.clone(), connection.created);
        state.connections.push(connection);
        if with_syncs {
            state.create_syncs(row, &integration, created);
        }
    }
    Ok(())
}

fn read_connection(state: &State, at: &Place, now: i64) -> Result<Connection, String> {
    let integration = at.text("provider_config_key")?;
    if state.integration(&integration).is_none() {
        return Err(at.wrong("provider_config_key", "names no integration of this world"));
    }
    let end_user = match at.maybe_text("end_user")? {
        None => None,
        Some(id) => match state.end_users.iter().find(|u| u.id == id) {
            Some(user) => Some(user.row),
            None => return Err(at.wrong("end_user", "names no end user of this world")),
        },
    };
    let mut credentials = at.object("credentials")?;
    if credentials.get("type").and_then(Value::as_str) == Some("NONE") {
        credentials.clear();
    }
    let fixed = credentials.remove("expires_at").and_then(|v| clock::parse(v.as_str()?));
    let created = now - at.seconds("age_s")?.unwrap_or(0);
    let mut errors = Vec::new();
    for error in at.value("errors").as_array().into_iter().flatten() {
        let text = |name: &str| error.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        errors.push((text("type"), text("log_id")));
    }
    Ok(Connection {
        row: 0,
        id: at.text("connection_id")?,
        integration,
        end_user,
        tags: at.object("tags")?,
        metadata: at.maybe_object("metadata")?.map_or(Value::Null, Value::Object),
        config: at.object("connection_config")?,
        credentials,
        expires: at.seconds("expires_in_s")?.map(|s| now + s).or(fixed),
        webhook_url: at.maybe_text("webhook_url_override")?,
        created,
        updated: created,
        last_fetched: Some(created),
        errors,
        refresh: Refresh {
            fails: at.maybe_text("refresh")?.as_deref() == Some("fails"),
            ..Refresh::default()
        },
    })
}

fn read_route(at: &Place) -> Result<Route, String> {
    let status = at.value("status");
    let status = status.as_u64().unwrap_or(200).try_into().ok().filter(|s| (100..600).contains(s));
    let headers = at.object("headers")?;
    Ok(Route {
        provider: at.text("provider")?,
        method: at.text("method")?.to_ascii_uppercase(),
        path: at.text("path")?,
        status: status.ok_or_else(|| at.wrong("status", "expected an HTTP status"))?,
        headers: headers
            .iter()
            .map(|(n, v)| (n.clone(), v.as_str().unwrap_or_default().to_owned()))
            .collect(),
        body: at.value("body"),
    })
}
