//! The deployed functions of the environment, in Nango's form and in OpenAI's.

use serde_json::{Value, json};

use crate::emulator::http::call::Call;
use crate::emulator::http::response::{HandlerResult, HttpResponse};
use crate::emulator::model::clock;
use crate::emulator::model::state::{Function, FunctionKind, State, str_field};
use crate::json::{Writer, to_json};

/// `GET /scripts/config`
pub(crate) fn config(state: &mut State, call: &Call) -> HandlerResult {
    let mut functions: Vec<&Function> = state
        .functions
        .iter()
        .filter(|f| matches!(f.kind, FunctionKind::Action | FunctionKind::Sync))
        .collect();
    functions.sort_by(|a, b| a.name.cmp(&b.name));
    let groups = group(state, &functions);
    if call.query_str("format") == Some("openai") && !groups.is_empty() {
        return match openai(&groups) {
            Some(body) => Ok(HttpResponse::json(200, body)),
            None => {
                let incident = state.ids.uuid();
                Err(HttpResponse::unexpected(&incident))
            }
        };
    }
    Ok(HttpResponse::json(200, nango(&groups)))
}

/// The functions of one provider: its integrations are merged under the first one's key.
struct Group<'a> {
    key: &'a str,
    provider: &'a str,
    functions: Vec<&'a Function>,
}

impl<'a> Group<'a> {
    fn of(&self, kind: FunctionKind) -> impl Iterator<Item = &'a Function> {
        self.functions.iter().copied().filter(move |f| f.kind == kind)
    }
}

fn group<'a>(state: &'a State, functions: &[&'a Function]) -> Vec<Group<'a>> {
    let mut groups: Vec<Group> = Vec::new();
    for function in functions.iter().copied() {
        let Some(integration) = state.integration(&function.integration) else { continue };
        let provider = integration.provider.name.as_str();
        match groups.iter_mut().find(|g| g.provider == provider) {
            Some(group) => group.functions.push(function),
            None => groups.push(Group { key: &integration.key, provider, functions: vec![function] }),
        }
    }
    groups
}

fn nango(groups: &[Group]) -> String {
    let mut w = Writer::new();
    w.open_array();
    for group in groups {
        w.open().key("actions").open_array();
        group.of(FunctionKind::Action).for_each(|f| write(f, &mut w));
        w.close_array().key("providerConfigKey").text(group.key).key("provider").text(group.provider);
        w.key("syncs").open_array();
        group.of(FunctionKind::Sync).for_each(|f| write(f, &mut w));
        w.close_array().key("on-events").open_array().close_array().close();
    }
    w.close_array();
    w.finish()
}

fn write(function: &Function, w: &mut Writer) {
    let sync = function.kind == FunctionKind::Sync;
    let declared = |name: &str, missing: Value| function.declaration.get(name).cloned().unwrap_or(missing);
    w.open().key("id").integer(function.row as i64).key("name").text(&function.name);
    w.key("type").raw(&to_json(&function.kind));
    w.key("returns").value(&declared("returns", json!([])));
    w.key("description").value(&declared("description", json!(""))).key("attributes").raw("{}");
    w.key("scopes")
        .value(&declared("scopes", json!([])))
        .key("version")
        .value(&declared("version", Value::Null));
    w.key("source").value(&declared("source", json!("repo")));
    w.key("endpoints").value(&declared("endpoints", json!([])));
    if let Some(input) = function.declaration.get("input") {
        w.key("input").value(input);
    }
    w.key("enabled").boolean(function.enabled);
    w.key("last_deployed").text(&clock::iso_z(function.deployed)).key("webhookSubscriptions").raw("[]");
    w.key("json_schema").value(&declared("json_schema", Value::Null));
    w.key("sdk_version").value(&declared("sdk_version", json!("0.71.4-zero")));
    w.key("models")
        .value(&declared("models", json!([])))
        .key("features")
        .value(&declared("features", json!([])));
    if sync {
        w.key("sync_type").value(&declared("sync_type", json!("full")));
        w.key("auto_start").boolean(function.auto_start);
        w.key("runs").value(&function.runs.as_deref().map_or(Value::Null, Value::from));
        w.key("track_deletes").value(&declared("track_deletes", json!(false)));
    }
    w.close();
}

/// Nothing if an action names an input model but has no schema: the server fails then.
fn openai(groups: &[Group]) -> Option<String> {
    let mut w = Writer::new();
    w.open().key("data").open_array();
    for group in groups {
        for function in group.of(FunctionKind::Sync).chain(group.of(FunctionKind::Action)) {
            let kind = if function.kind == FunctionKind::Sync { "sync" } else { "action" };
            let mut description = str_field(&function.declaration, "description").to_owned();
            if description.is_empty() {
                description = format!("Execute the {} {kind} for {}", function.name, group.provider);
            }
            w.open().key("name").text(&function.name).key("description").text(&description);
            w.key("parameters").value(&parameters(function, &description)?).close();
        }
    }
    w.close_array().close();
    Some(w.finish())
}

fn parameters(function: &Function, description: &str) -> Option<Value> {
    let mut properties = json!({});
    let mut required = json!([]);
    let input = str_field(&function.declaration, "input");
    if function.kind == FunctionKind::Action && !input.is_empty() {
        let schema = function.declaration.get("json_schema").filter(|s| !s.is_null())?;
        let model = schema.get("definitions").and_then(|d| d.get(input));
        let part = |name: &str| model.and_then(|m| m.get(name)).cloned();
        properties = part("properties").unwrap_or(properties);
        required = part("required").unwrap_or(required);
    }
    // Lines such as `- name: what it is` describe the properties.
    for line in description.lines() {
        let Some((name, meaning)) = line.trim().strip_prefix("- ").and_then(|l| l.split_once(": ")) else {
            continue;
        };
        if let Some(Value::Object(property)) = properties.get_mut(name) {
            property.insert("description".into(), meaning.into());
        }
    }
    Some(json!({"type": "object", "properties": properties, "required": required}))
}
