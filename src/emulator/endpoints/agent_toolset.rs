//! What an agent session may use: the one connection of each integration that its tenant means, and the tools that its
//! toolset leaves. Any name that cannot be served refuses the whole session.

use serde_json::{Map, Value, json};

use super::end_users::lower;
use crate::emulator::model::agent_sessions::AgentTools;
use crate::emulator::model::state::{Connection, Function, FunctionKind, Object, State, str_field};

/// How many candidates an error names.
const SAMPLE: usize = 10;

/// Why a session is not made.
pub(crate) struct Refusal {
    pub(crate) code: &'static str,
    pub(crate) message: String,
    pub(crate) payload: Value,
}

/// The connection that stands for an integration.
pub(crate) struct Resolved {
    integration: String,
    connection: String,
}

/// `1 pinned connection does`, `2 pinned connections do`
fn counted(count: usize, one: &str, more: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { more })
}

fn refuse<T>(code: &'static str, message: String, payload: Value) -> Result<T, Refusal> {
    Err(Refusal { code, message, payload })
}

fn list<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = &'a Object> {
    value.get(name).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object)
}

/// The newest connections of an integration, as an error names them.
fn candidates(matches: &[&Connection], integration: &str) -> Vec<Value> {
    let of_it = matches.iter().rev().filter(|c| c.integration == integration);
    of_it.take(SAMPLE).map(|c| json!({ "connection_id": c.id })).collect()
}

/// The connections that a body's `tenant.connections` means, one for each integration.
pub(crate) fn resolve(state: &State, connections: &Value) -> Result<Vec<Resolved>, Refusal> {
    let selectors: Vec<Object> =
        list(connections, "any").filter_map(|s| s.get("tags")?.as_object()).map(lower).collect();
    let fits = |connection: &Connection, selector: &Object| {
        selector.iter().all(|(key, value)| connection.tags.get(key) == Some(value))
    };
    let is_match = |connection: &Connection| selectors.iter().any(|selector| fits(connection, selector));
    let matches: Vec<&Connection> = state.connections.iter().filter(|c| is_match(c)).collect();
    let (mut resolved, mut unknown, mut excluded) = (Vec::new(), Vec::new(), Vec::new());
    for pin in list(connections, "pinned") {
        let (key, id) = (str_field(pin, "integration_id"), str_field(pin, "connection_id"));
        match state.connection(id, key) {
            None => unknown.push(json!({ "integration_id": key, "connection_id": id })),
            Some(connection) if selectors.is_empty() || is_match(connection) => {
                resolved.push(Resolved { integration: key.to_owned(), connection: id.to_owned() });
            }
            Some(_) => excluded.push(json!({
                "integration_id": key, "connection_id": id, "candidates": candidates(&matches, key)
            })),
        }
    }
    if !unknown.is_empty() {
        let who = counted(unknown.len(), "pinned connection does", "pinned connections do");
        let message = format!(
            "{who} not exist on the integration given. Check the connection id and the integration id."
        );
        return refuse("unknown_pinned_connection", message, json!({ "pinned": unknown }));
    }
    if !excluded.is_empty() {
        let who = counted(excluded.len(), "pinned connection is", "pinned connections are");
        let message = format!(
            "{who} not among the connections the selectors matched. A pin chooses between matched \
             connections, so widen the selectors or pin one of the candidates."
        );
        return refuse("pinned_connection_not_matched", message, json!({ "pinned": excluded }));
    }
    let mut ambiguous = Map::new();
    for integration in &state.integrations {
        let key = &integration.key;
        if resolved.iter().any(|one| one.integration == *key) {
            continue;
        }
        let mut of_it = matches.iter().filter(|c| c.integration == *key);
        match (of_it.next(), of_it.count()) {
            (None, _) => {}
            (Some(only), 0) => {
                resolved.push(Resolved { integration: key.clone(), connection: only.id.clone() });
            }
            (Some(_), others) => {
                let found = json!({ "match_count": 1 + others, "candidates": candidates(&matches, key) });
                ambiguous.insert(key.clone(), found);
            }
        }
    }
    if ambiguous.is_empty() {
        return Ok(resolved);
    }
    let which = counted(ambiguous.len(), "integration", "integrations");
    let message = format!(
        "{which} matched more than one connection. Narrow the connection tags or pin a connection id."
    );
    refuse("ambiguous_connections", message, json!({ "integrations": ambiguous }))
}

/// What a toolset says about one integration.
struct Policy {
    integration: String,
    /// Nothing else is allowed, if there is a list.
    allow: Option<Vec<String>>,
    deny: Vec<String>,
}

impl Policy {
    fn of(integration: &str, allow: Option<Vec<String>>, deny: Vec<String>) -> Policy {
        Policy { integration: integration.to_owned(), allow, deny }
    }

    fn allows(&self, name: &String) -> bool {
        !self.deny.contains(name) && self.allow.as_ref().is_none_or(|names| names.contains(name))
    }
}

fn texts(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The tools that a body leaves to a session with these connections.
pub(crate) fn compile(
    state: &State,
    body: &Object,
    connections: &[Resolved],
) -> Result<Vec<AgentTools>, Refusal> {
    let mut policies = policies(state, body.get("toolset"), connections)?;
    let pinned = body.get("pinned_tools").and_then(Value::as_object);
    let pinned: Vec<(&String, Vec<String>)> =
        pinned.into_iter().flatten().map(|(key, names)| (key, texts(names))).collect();
    known(state, pinned.iter().map(|(key, _)| key.as_str()))?;
    for (key, _) in &pinned {
        // What is pinned outside the toolset is refused further below.
        if policies.iter().all(|policy| policy.integration != **key) {
            policies.push(Policy::of(key, Some(Vec::new()), Vec::new()));
        }
    }
    let pins = |integration: &str| {
        pinned.iter().find(|(key, _)| *key == integration).map_or(&[][..], |(_, names)| names.as_slice())
    };
    usable(state, &policies, pins)?;
    let (mut toolset, mut outside) = (Vec::new(), Vec::new());
    for policy in &policies {
        let key = policy.integration.as_str();
        let allowed = actions(state, key).map(|f| f.name.clone()).filter(|name| policy.allows(name));
        let (listed, searchable): (Vec<String>, Vec<String>) =
            allowed.partition(|name| pins(key).contains(name));
        let missing = unique(pins(key)).into_iter().filter(|name| !listed.contains(name));
        outside.extend(missing.map(|name| json!({ "integration_id": key, "tool": name })));
        let connection = connections.iter().find(|one| one.integration == key);
        toolset.push(AgentTools {
            integration: key.to_owned(),
            connection: connection.map(|one| one.connection.clone()),
            pinned: listed,
            searchable,
        });
    }
    if outside.is_empty() {
        return Ok(toolset);
    }
    let which = counted(outside.len(), "pinned tool is", "pinned tools are");
    let message = format!(
        "{which} not allowed by the toolset. Pinning controls what the agent sees first, not what it may \
         reach, so allow the tool in the toolset as well."
    );
    refuse("tool_not_in_toolset", message, json!({ "pinned": outside }))
}

fn policies(
    state: &State,
    toolset: Option<&Value>,
    connections: &[Resolved],
) -> Result<Vec<Policy>, Refusal> {
    let all = |key: &str| Policy::of(key, None, Vec::new());
    let named = match toolset {
        None => return Ok(connections.iter().map(|one| all(&one.integration)).collect()),
        Some(Value::Object(named)) => named,
        Some(_) => return Ok(state.integrations.iter().map(|one| all(&one.key)).collect()),
    };
    known(state, named.keys().map(String::as_str))?;
    let policy = |(key, value): (&String, &Value)| {
        let tools = |name: &str| value.get(name).and_then(|list| list.get("tools")).map(texts);
        Policy::of(key, tools("allow"), tools("deny").unwrap_or_default())
    };
    Ok(named.iter().map(policy).collect())
}

/// Refuses keys that name no integration.
fn known<'a>(state: &State, keys: impl Iterator<Item = &'a str>) -> Result<(), Refusal> {
    let unknown: Vec<&str> = keys.filter(|key| state.integration(key).is_none()).collect();
    if unknown.is_empty() {
        return Ok(());
    }
    let which = counted(unknown.len(), "integration does", "integrations do");
    let message = format!("{which} not exist in this environment. Check the integration ids in the toolset.");
    refuse("unknown_integration", message, json!({ "integrations": unknown }))
}

/// Refuses names that are not those of deployed and enabled actions: denied ones too, since a mistyped one would let through the
/// tool that it was meant to keep out.
fn usable<'a>(
    state: &State,
    policies: &'a [Policy],
    pins: impl Fn(&str) -> &'a [String],
) -> Result<(), Refusal> {
    let (mut unknown, mut unsupported) = (Vec::new(), Vec::new());
    for policy in policies {
        let key = policy.integration.as_str();
        let named = policy.allow.iter().flatten().chain(&policy.deny).chain(pins(key));
        for name in unique(named) {
            if actions(state, key).any(|f| f.name == *name) {
                continue;
            }
            let is_sync =
                |f: &Function| f.kind == FunctionKind::Sync && f.integration == key && f.name == *name;
            if state.functions.iter().any(is_sync) {
                unsupported.push(json!({ "integration_id": key, "tool": name, "type": "sync" }));
            } else {
                unknown.push(json!({ "integration_id": key, "tool": name }));
            }
        }
    }
    if !unsupported.is_empty() {
        let which = counted(unsupported.len(), "name refers", "names refer");
        let message =
            format!("{which} to a function that is not an action. Only actions can be exposed as tools.");
        return refuse("unsupported_function_type", message, json!({ "tools": unsupported }));
    }
    if unknown.is_empty() {
        return Ok(());
    }
    let which = counted(unknown.len(), "tool is", "tools are");
    let message = format!(
        "{which} not a deployed and enabled action on the integration given. Check the tool names, and that \
         the action is enabled."
    );
    refuse("unknown_tool", message, json!({ "tools": unknown }))
}

/// The names, each once.
fn unique<'a>(names: impl IntoIterator<Item = &'a String>) -> Vec<&'a String> {
    let mut seen: Vec<&String> = Vec::new();
    for name in names {
        if !seen.contains(&name) {
            seen.push(name);
        }
    }
    seen
}

/// The actions of an integration that can be run.
fn actions<'a>(state: &'a State, integration: &str) -> impl Iterator<Item = &'a Function> {
    let fits =
        move |f: &&Function| f.kind == FunctionKind::Action && f.enabled && f.integration == integration;
    state.functions.iter().filter(fits)
}
