//! Reading a fixture: the JSON that says what an environment holds at its start, with times relative to it. The
//! default fixture is `fixture.json`; a caller's, the option `world`, has the same form. What an emulator saved is read
//! in `emulator::saved`. Errors name the place.

use std::sync::OnceLock;

use serde_json::Value;

use super::clock;
use super::declared;
use super::formats;
use super::providers;
use super::state::{
    Connection, EndUser, Function, FunctionKind, Integration, Object, Organization, ProviderRoute, Refresh,
    State,
};
use crate::nearest::nearest;

/// The default fixture, read once.
pub(crate) fn default_fixture() -> &'static Value {
    static DEFAULT: OnceLock<Value> = OnceLock::new();
    // The file is part of the program, and a test builds it: no error can occur here.
    DEFAULT.get_or_init(|| serde_json::from_str(include_str!("fixture.json")).unwrap_or_default())
}

/// The properties of a fixture.
const ROOT: &[&str] = &[
    "rateLimit",
    "integrations",
    "endUsers",
    "functions",
    "connections",
    "variables",
    "upstream",
    "sharedApps",
    "webhookUrl",
];
/// What the view of [`super::snapshot`] has beside these: somebody gives it back.
const OF_VIEW: &[&str] = &[
    "syncs",
    "connectSessions",
    "actionsQueued",
    "agentSessions",
    "functionJobs",
    "environments",
    "webhooksPending",
    "invocationsQueued",
];
/// The properties of an integration.
const INTEGRATION: &[&str] = &[
    "provider",
    "unique_key",
    "display_name",
    "forward_webhooks",
    "credentials",
    "custom",
    "integration_config",
    "ageSeconds",
];
/// The properties of an end user.
const END_USER: &[&str] = &["id", "email", "display_name", "tags", "organization"];
/// The properties of a connection.
const CONNECTION: &[&str] = &[
    "connection_id",
    "provider_config_key",
    "end_user",
    "tags",
    "metadata",
    "connection_config",
    "credentials",
    "expiresInSeconds",
    "webhook_url_override",
    "ageSeconds",
    "errors",
    "refresh",
    "syncs",
];

/// A place in the fixture, for messages.
struct Place<'a> {
    object: &'a Object,
    path: String,
}

impl<'a> Place<'a> {
    fn below(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    /// Refuses a property that would be ignored.
    fn only(&self, known: &[&str]) -> Result<(), String> {
        let Some(name) = self.object.keys().find(|name| !known.contains(&name.as_str())) else {
            return Ok(());
        };
        let hint = match nearest(name, known) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("expected one of `{}`", known.join("`, `")),
        };
        Err(self.wrong(name, &format!("there is no such property; {hint}")))
    }

    fn wrong(&self, name: &str, expected: &str) -> String {
        wrong(&self.below(name), expected)
    }

    fn text(&self, name: &str) -> Result<String, String> {
        self.optional_text(name)?.ok_or_else(|| self.wrong(name, "expected a string"))
    }

    fn optional_text(&self, name: &str) -> Result<Option<String>, String> {
        match self.object.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(self.wrong(name, "expected a string")),
        }
    }

    fn seconds(&self, name: &str) -> Result<Option<i64>, String> {
        match self.object.get(name) {
            None | Some(Value::Null) => Ok(None),
            // Further away, sums with the current time would leave what a date can say.
            Some(value) => value
                .as_i64()
                .and_then(|s| s.checked_mul(1000))
                .filter(|ms| ms.abs() <= clock::FURTHEST_MS / 2)
                .map(Some)
                .ok_or_else(|| self.wrong(name, "expected a whole number of seconds, at most 137,000 years")),
        }
    }

    fn flag(&self, name: &str, default: bool) -> Result<bool, String> {
        match self.object.get(name) {
            None | Some(Value::Null) => Ok(default),
            Some(value) => value.as_bool().ok_or_else(|| self.wrong(name, "expected true or false")),
        }
    }

    fn object(&self, name: &str) -> Result<Object, String> {
        Ok(self.optional_object(name)?.unwrap_or_default())
    }

    fn optional_object(&self, name: &str) -> Result<Option<Object>, String> {
        match self.object.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Object(map)) => Ok(Some(map.clone())),
            Some(_) => Err(self.wrong(name, "expected an object")),
        }
    }

    /// The objects of the array `name`; none if it is missing.
    fn array(&self, name: &str) -> Result<Vec<Place<'a>>, String> {
        let items = match self.object.get(name) {
            None | Some(Value::Null) => return Ok(Vec::new()),
            Some(Value::Array(items)) => items,
            Some(_) => return Err(self.wrong(name, "expected an array")),
        };
        let place = |(i, item): (usize, &'a Value)| match item {
            Value::Object(object) => Ok(Place { object, path: self.below(&format!("{name}[{i}]")) }),
            _ => Err(self.wrong(&format!("{name}[{i}]"), "expected an object")),
        };
        items.iter().enumerate().map(place).collect()
    }

    /// The strings of the array `name`; none if it is missing.
    fn texts(&self, name: &str) -> Result<Vec<String>, String> {
        let texts = match self.object.get(name) {
            None | Some(Value::Null) => Some(Vec::new()),
            Some(Value::Array(items)) => items.iter().map(|item| item.as_str().map(str::to_owned)).collect(),
            Some(_) => None,
        };
        texts.ok_or_else(|| self.wrong(name, "expected an array of strings"))
    }

    fn value(&self, name: &str) -> Value {
        self.object.get(name).cloned().unwrap_or_default()
    }
}

fn wrong(path: &str, expected: &str) -> String {
    format!("world: `{path}`: {expected}")
}

/// The requests a minute that the fixture sets, if it does.
pub(crate) fn rate_limit(fixture: &Value) -> Result<Option<u32>, String> {
    match fixture.get("rateLimit") {
        None | Some(Value::Null) => Ok(None),
        Some(limit) => match limit.as_u64().map(u32::try_from) {
            Some(Ok(limit)) => Ok(Some(limit)),
            _ => Err(wrong("rateLimit", "expected a whole number, 0 or more")),
        },
    }
}

/// Builds the state at `now`.
pub(crate) fn build(fixture: &Value, seed: u64, now: i64) -> Result<State, String> {
    let Value::Object(object) = fixture else {
        return Err(wrong("", "expected an object with `integrations`, `connections` and so on"));
    };
    let root = Place { object, path: String::new() };
    if let Some(name) = object.keys().find(|name| OF_VIEW.contains(&name.as_str())) {
        let hint = "this is the view of `world()`, whose secrets are masked: give what `save()` returned";
        return Err(wrong(name, hint));
    }
    root.only(ROOT)?;
    let mut state = State::empty(seed);
    for at in root.array("integrations")? {
        let integration = read_integration(&at, now)?;
        if state.integration(&integration.key).is_some() {
            return Err(at.wrong("unique_key", "is defined twice"));
        }
        state.integrations.push(integration);
    }
    for at in root.array("endUsers")? {
        let user = read_end_user(&at)?;
        state.upsert_end_user(user);
    }
    let newer = |at: &Place| at.object.get("type").and_then(Value::as_str) == Some("function");
    let (of_triggers, older) = root.array("functions")?.into_iter().partition(newer);
    add_functions(&mut state, older, now)?;
    add_connections(&mut state, &root, now)?;
    add_functions(&mut state, of_triggers, now)?;
    for at in root.array("variables")? {
        state.variables.push((at.text("name")?, at.text("value")?));
    }
    state.webhook_url = root.optional_text("webhookUrl")?;
    for provider in root.texts("sharedApps")? {
        if providers::find(&provider).is_none() {
            return Err(root.wrong("sharedApps", &format!("`{provider}` is not in the catalogue")));
        }
        state.shared_apps.push(provider);
    }
    let routes: Result<Vec<ProviderRoute>, String> = root.array("upstream")?.iter().map(read_route).collect();
    state.provider_routes = routes?;
    Ok(state)
}

fn add_functions(state: &mut State, places: Vec<Place>, now: i64) -> Result<(), String> {
    for at in places {
        let row = state.row();
        let function = read_function(&at, row, now)?;
        if state.integration(&function.integration).is_none() {
            return Err(at.wrong("integration", "names no integration of this world"));
        }
        state.functions.push(function);
    }
    Ok(())
}

fn read_integration(at: &Place, now: i64) -> Result<Integration, String> {
    at.only(INTEGRATION)?;
    let name = at.text("provider")?;
    let Some(provider) = providers::find(&name) else {
        return Err(at.wrong("provider", &format!("`{name}` is not in the catalogue")));
    };
    let created = now - at.seconds("ageSeconds")?.unwrap_or(0);
    Ok(Integration {
        key: at.text("unique_key")?,
        provider,
        display_name: at.optional_text("display_name")?,
        forward_webhooks: at.flag("forward_webhooks", true)?,
        credentials: at.object("credentials")?,
        custom: at.object("custom")?,
        config: at.object("integration_config")?,
        shared: false,
        created,
        updated: created,
    })
}

fn read_end_user(at: &Place) -> Result<EndUser, String> {
    at.only(END_USER)?;
    let organization = match at.optional_object("organization")? {
        Some(object) => {
            let organization = Place { object: &object, path: at.below("organization") };
            Some(Organization {
                id: organization.text("id")?,
                display_name: organization.optional_text("display_name")?,
            })
        }
        None => None,
    };
    Ok(EndUser {
        row: 0,
        id: at.text("id")?,
        email: at.optional_text("email")?,
        display_name: at.optional_text("display_name")?,
        tags: at.optional_object("tags")?,
        organization,
    })
}

fn read_function(at: &Place, row: u64, now: i64) -> Result<Function, String> {
    let kind = match at.text("type")?.as_str() {
        "action" => FunctionKind::Action,
        "sync" => FunctionKind::Sync,
        "on-event" => FunctionKind::OnEvent,
        "function" => FunctionKind::Function,
        other => {
            let expected = format!("expected action, sync, on-event or function, not `{other}`");
            return Err(at.wrong("type", &expected));
        }
    };
    declared::check(at.object).map_err(|(name, expected)| at.wrong(&name, &expected))?;
    Ok(Function {
        row,
        integration: at.text("integration")?,
        kind,
        name: at.text("name")?,
        enabled: at.flag("enabled", true)?,
        runs: at.optional_text("runs")?,
        auto_start: at.flag("auto_start", true)?,
        declaration: at.object.clone(),
        behaviour: at.value("behaviour"),
        deployed: now - at.seconds("ageSeconds")?.unwrap_or(86_400_000),
        switched: None,
    })
}

fn add_connections(state: &mut State, root: &Place, now: i64) -> Result<(), String> {
    let mut read = Vec::new();
    for at in root.array("connections")? {
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
    at.only(CONNECTION)?;
    let integration = at.text("provider_config_key")?;
    if state.integration(&integration).is_none() {
        return Err(at.wrong("provider_config_key", "names no integration of this world"));
    }
    let end_user = match at.optional_text("end_user")? {
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
    let created = now - at.seconds("ageSeconds")?.unwrap_or(0);
    let mut errors = Vec::new();
    for error in at.array("errors")? {
        errors.push((error.text("type")?, error.text("log_id")?));
    }
    Ok(Connection {
        row: 0,
        id: at.text("connection_id")?,
        integration,
        end_user,
        tags: at.object("tags")?,
        metadata: at.optional_object("metadata")?.map_or(Value::Null, Value::Object),
        config: at.object("connection_config")?,
        credentials,
        expires: at.seconds("expiresInSeconds")?.map(|s| (now + s).min(clock::FURTHEST_MS)).or(fixed),
        webhook_url: at.optional_text("webhook_url_override")?,
        created,
        updated: created,
        last_fetched: Some(created),
        errors,
        refresh: Refresh {
            fails: at.optional_text("refresh")?.as_deref() == Some("fails"),
            ..Refresh::default()
        },
    })
}

fn read_route(at: &Place) -> Result<ProviderRoute, String> {
    let status = at.value("status");
    let status = status.as_u64().unwrap_or(200).try_into().ok().filter(formats::is_status);
    let header = |(name, value): (&String, &Value)| match value {
        Value::String(value) => Ok((name.clone(), value.clone())),
        _ => Err(at.wrong(&format!("headers.{name}"), "expected a string")),
    };
    let headers: Result<Vec<(String, String)>, String> = at.object("headers")?.iter().map(header).collect();
    Ok(ProviderRoute {
        provider: at.text("provider")?,
        method: at.text("method")?.to_ascii_uppercase(),
        path: at.text("path")?,
        status: status
            .ok_or_else(|| at.wrong("status", "expected the status of an HTTP response, from 200 to 599"))?,
        headers: headers?,
        body: at.value("body"),
    })
}
