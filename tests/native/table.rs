//! Lints on the tool table: names, descriptions, arguments, examples, secrets. The comparison with Nango's API is
//! in `table_contract.rs`.

use std::collections::BTreeSet;

use nango_toolkit::schema::{self, Allow};
use nango_toolkit::tool::{Effect, Mask, ParamType, Property, Reach, ResponseType, Tool, Toolset};
use nango_toolkit::tools;

/// Slug, title, and what the first words of the description must name: a verb and an object.
const TOOLS: [(&str, &str, &str, &str); 62] = [
    ("NANGO_PROVIDERS_LIST_GET", "List Providers", "List", "providers"),
    ("NANGO_PROVIDERS_GET_GET", "Get Provider Details", "Get", "provider"),
    ("NANGO_LIST_INTEGRATIONS", "List Integrations", "List", "integrations"),
    ("NANGO_GET_INTEGRATION", "Get Integration", "Get", "integration"),
    ("NANGO_CREATE_INTEGRATION", "Create Integration", "Create", "integration"),
    ("NANGO_UPDATE_INTEGRATION", "Update Integration", "Update", "integration"),
    ("NANGO_DELETE_INTEGRATION", "Delete Integration", "Delete", "integration"),
    ("NANGO_CREATE_QUICKSTART_INTEGRATION", "Create Quickstart Integration", "Create", "integration"),
    ("NANGO_CONNECTION_LIST_GET", "List Connections", "List", "connections"),
    ("NANGO_GET_CONNECTION", "Get Connection with Credentials", "Get", "connection"),
    ("NANGO_ADD_CONNECTION", "Add Connection", "Add", "connection"),
    ("NANGO_EDIT_CONNECTION", "Edit Connection", "Edit", "connection"),
    ("NANGO_DELETE_CONNECTION", "Delete Connection", "Delete", "connection"),
    ("NANGO_SET_CONNECTION_METADATA", "Set Connection Metadata", "Set", "metadata"),
    ("NANGO_UPDATE_CONNECTION_METADATA", "Update Connection Metadata", "Update", "metadata"),
    ("NANGO_CREATE_CONNECT_SESSION", "Create Connect Session", "Create", "Connect session"),
    ("NANGO_RECONNECT_SESSION_POST", "Reconnect Session", "Create", "reconnect session"),
    ("NANGO_GET_CONNECT_SESSION", "Get Connect Session", "Get", "Connect session"),
    ("NANGO_DELETE_CONNECT_SESSION", "Delete Connect Session", "Delete", "Connect session"),
    ("NANGO_GET_SYNC_STATUS", "Get Sync Status", "Get", "status of syncs"),
    ("NANGO_SYNC_TRIGGER_POST", "Trigger Sync", "Trigger", "syncs"),
    ("NANGO_SYNC_START_POST", "Start Sync", "Start", "schedule of syncs"),
    ("NANGO_SYNC_PAUSE_POST", "Pause Sync", "Pause", "schedule of syncs"),
    ("NANGO_UPDATE_SYNC_FREQUENCY", "Update Sync Frequency", "Update", "how often a sync runs"),
    ("NANGO_CREATE_SYNC_VARIANT", "Create Sync Variant", "Create", "variant of a sync"),
    ("NANGO_DELETE_SYNC_VARIANT", "Delete Sync Variant", "Delete", "variant of a sync"),
    ("NANGO_LIST_RECORDS", "List Records", "List", "records"),
    ("NANGO_PRUNE_RECORDS", "Prune Records", "Prune", "cached records"),
    ("NANGO_SCRIPTS_CONFIG_GET", "Get Integration Functions Configuration", "Get", "functions"),
    ("NANGO_ACTION_TRIGGER_POST", "Trigger Nango Action", "Trigger", "action"),
    ("NANGO_GET_ACTION_RESULT", "Get Action Result", "Get", "result of an action"),
    ("NANGO_INVOKE_FUNCTION", "Invoke Function", "Invoke", "function"),
    ("NANGO_GET_FUNCTION_INVOCATION", "Get Function Invocation", "Get", "function invocation"),
    ("NANGO_LIST_FUNCTIONS", "List Functions", "List", "functions"),
    ("NANGO_GET_FUNCTION", "Get Function", "Get", "function"),
    ("NANGO_GET_FUNCTION_CODE", "Get Function Code", "Get", "source code"),
    ("NANGO_DELETE_FUNCTION", "Delete Function", "Delete", "function"),
    ("NANGO_LIST_ALL_FUNCTIONS", "List All Functions", "List", "unified functions"),
    ("NANGO_GET_FUNCTION_BY_UUID", "Get Function by UUID", "Get", "function by its UUID"),
    ("NANGO_UPDATE_FUNCTION", "Update Function", "Update", "function"),
    ("NANGO_LIST_PROVIDER_TEMPLATES", "List Provider Templates", "List", "function templates"),
    ("NANGO_COMPILE_FUNCTION", "Compile Function", "Compile", "source of a function"),
    ("NANGO_CREATE_FUNCTION_DRYRUN", "Create Function Dry Run", "Create", "dry run"),
    ("NANGO_GET_FUNCTION_DRYRUN", "Get Function Dry Run", "Get", "dry run"),
    ("NANGO_CREATE_FUNCTION_DEPLOYMENT", "Create Function Deployment", "Create", "deployment"),
    ("NANGO_GET_FUNCTION_DEPLOYMENT", "Get Function Deployment", "Get", "deployment"),
    ("NANGO_GET_PROXY", "Proxy GET Request", "Send", "GET request"),
    ("NANGO_PUT_PROXY", "Proxy PUT Request", "Send", "PUT request"),
    ("NANGO_POST_PROXY", "Proxy POST Request", "Send", "POST request"),
    ("NANGO_PATCH_PROXY", "Proxy PATCH Request", "Send", "PATCH request"),
    ("NANGO_DELETE_PROXY", "Proxy DELETE Request", "Send", "DELETE request"),
    ("NANGO_GET_ENVIRONMENT_VARIABLES", "Get Environment Variables", "Get", "environment variables"),
    ("NANGO_ROTATE_WEBHOOK_SIGNING_KEY", "Rotate Webhook Signing Key", "Rotate", "webhook signing key"),
    ("NANGO_LIST_ENVIRONMENTS", "List Environments", "List", "environments"),
    ("NANGO_CREATE_ENVIRONMENT", "Create Environment", "Create", "environment"),
    ("NANGO_DELETE_ENVIRONMENT", "Delete Environment", "Delete", "environment"),
    ("NANGO_LIST_API_KEYS", "List API Keys", "List", "API keys"),
    ("NANGO_GET_API_KEY", "Get API Key", "Get", "API key"),
    ("NANGO_CREATE_API_KEY", "Create API Key", "Create", "API key"),
    ("NANGO_DELETE_API_KEY", "Delete API Key", "Delete", "API key"),
    ("NANGO_CREATE_AGENT_SESSION", "Create Agent Session", "Create", "agent session"),
    ("NANGO_DELETE_AGENT_SESSION", "Delete Agent Session", "Delete", "agent session"),
];

#[track_caller]
fn none(problems: Vec<String>) {
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
}

#[test]
fn the_tools_are_these() {
    let listed: Vec<_> = tools::all().map(|t| (t.slug, t.title)).collect();
    let expected: Vec<_> = TOOLS.iter().map(|(slug, title, ..)| (*slug, *title)).collect();
    assert_eq!(listed, expected);
}

#[test]
fn twenty_three_tools_are_listed_by_default() {
    let listed: Vec<_> = tools::all().filter(|tool| tool.listed).map(|tool| tool.slug).collect();
    assert_eq!(
        listed,
        [
            "NANGO_PROVIDERS_LIST_GET",
            "NANGO_PROVIDERS_GET_GET",
            "NANGO_LIST_INTEGRATIONS",
            "NANGO_GET_INTEGRATION",
            "NANGO_CREATE_INTEGRATION",
            "NANGO_UPDATE_INTEGRATION",
            "NANGO_DELETE_INTEGRATION",
            "NANGO_CONNECTION_LIST_GET",
            "NANGO_GET_CONNECTION",
            "NANGO_ADD_CONNECTION",
            "NANGO_EDIT_CONNECTION",
            "NANGO_DELETE_CONNECTION",
            "NANGO_SET_CONNECTION_METADATA",
            "NANGO_UPDATE_CONNECTION_METADATA",
            "NANGO_CREATE_CONNECT_SESSION",
            "NANGO_RECONNECT_SESSION_POST",
            "NANGO_GET_SYNC_STATUS",
            "NANGO_SYNC_TRIGGER_POST",
            "NANGO_SCRIPTS_CONFIG_GET",
            "NANGO_ACTION_TRIGGER_POST",
            "NANGO_GET_PROXY",
            "NANGO_PUT_PROXY",
            "NANGO_GET_ENVIRONMENT_VARIABLES",
        ]
    );
}

#[test]
fn every_name_leads_to_one_tool() {
    let mut seen = BTreeSet::new();
    for tool in tools::all() {
        for name in std::iter::once(&tool.slug).chain(tool.aliases) {
            assert!(seen.insert(name.to_ascii_uppercase()), "{name} is taken twice");
            assert_eq!(tools::find(name).map(|t| t.slug), Some(tool.slug));
        }
    }
    assert_eq!(tools::find("NANGO_CONNECTION_GET").map(|t| t.slug), Some("NANGO_CONNECTION_LIST_GET"));
    assert!(tools::find("NANGO_NO_SUCH_TOOL").is_none());
}

#[test]
fn tools_of_one_toolset_stand_together_in_the_order_of_toolsets() {
    let place = |t: &Tool| Toolset::ALL.iter().position(|set| *set == t.toolset).unwrap();
    assert!(tools::all().map(place).is_sorted());
    let used: BTreeSet<_> = tools::all().map(place).collect();
    assert_eq!(used.len(), Toolset::ALL.len(), "every toolset has a tool");
}

/// The problems of a description that models read.
fn text_problems(text: &str) -> Vec<String> {
    let mut problems = Vec::new();
    if !text.ends_with('.') {
        problems.push("it does not end with a full stop".to_owned());
    }
    if text.contains(['`', '\n']) || ["**", "  ", "# ", "]("].iter().any(|mark| text.contains(mark)) {
        problems.push("it is not plain text".to_owned());
    }
    let words = text.split(|c: char| !(c.is_ascii_uppercase() || c == '_'));
    for name in words.filter(|w| w.starts_with("NANGO_")) {
        if !TOOLS.iter().any(|(slug, ..)| *slug == name) {
            problems.push(format!("it names {name}, which is not a listed tool"));
        }
    }
    problems
}

#[test]
fn descriptions_are_for_models() {
    let mut problems = Vec::new();
    for (slug, _, verb, object) in TOOLS {
        let tool = tools::find(slug).unwrap();
        let mut say = |what: String| problems.push(format!("{slug}: {what}"));
        let length = tool.doc.chars().count();
        if !(120..=700).contains(&length) {
            say(format!("the description has {length} characters, not 120 to 700"));
        }
        let head: String = tool.doc.chars().take(60).collect();
        if !head.starts_with(&format!("{verb} ")) || !head.contains(object) {
            say(format!("the first 60 characters do not say `{verb}` and `{object}`: {head}"));
        }
        let named = |name: &str| {
            tool.doc.split(|c: char| !(c.is_ascii_uppercase() || c == '_')).any(|word| word == name)
        };
        if !TOOLS.iter().any(|(other, ..)| *other != slug && named(other)) {
            say("the description names no other tool to use instead".into());
        }
        if named(slug) {
            say("the description names the tool itself".into());
        }
        text_problems(tool.doc).into_iter().for_each(say);
    }
    none(problems);
}

/// Every property of a type with its path, the outer ones first.
fn props<'p>(path: &str, prop: &'p Property, out: &mut Vec<(String, &'p Property)>) {
    let path = format!("{path}.{}", prop.name);
    out.push((path.clone(), prop));
    inner(&path, &prop.kind, out);
}

fn inner<'p>(path: &str, kind: &'p ParamType, out: &mut Vec<(String, &'p Property)>) {
    match kind {
        ParamType::List { of, .. }
        | ParamType::OneOrMany(of)
        | ParamType::Nullable(of)
        | ParamType::Map { of, .. } => inner(path, of, out),
        ParamType::Object(all) | ParamType::Open(all) => all.iter().for_each(|p| props(path, p, out)),
        ParamType::NameOr { name, object } => {
            inner(path, name, out);
            object.iter().for_each(|p| props(path, p, out));
        }
        ParamType::Tagged(variants) => {
            variants.iter().flat_map(|v| v.props).for_each(|p| props(path, p, out));
        }
        ParamType::Boolean
        | ParamType::Integer { .. }
        | ParamType::Text(_)
        | ParamType::Choice(_)
        | ParamType::Tags { .. } => {}
        ParamType::QueryValue | ParamType::Json | ParamType::Body => {}
    }
}

fn all_props() -> Vec<(String, &'static Property)> {
    let mut out = Vec::new();
    for tool in tools::all() {
        tool.params.iter().for_each(|p| props(tool.slug, &p.prop, &mut out));
    }
    out
}

#[test]
fn every_argument_is_described() {
    let mut problems = Vec::new();
    for (path, prop) in all_props() {
        let mut found = text_problems(prop.doc);
        if !(8..=140).contains(&prop.doc.chars().count()) {
            found.push(format!("its description has {} characters", prop.doc.chars().count()));
        }
        if prop.required && prop.default.is_some() {
            found.push("it is required and has a default".into());
        }
        problems.extend(found.into_iter().map(|what| format!("{path}: {what}")));
    }
    none(problems);
}

#[test]
fn required_arguments_come_first() {
    for tool in tools::all() {
        assert!(tool.params.iter().map(|p| !p.prop.required).is_sorted(), "{}", tool.slug);
    }
}

#[test]
fn flags_agree_with_each_other() {
    for tool in tools::all() {
        if tool.effect == Effect::Read {
            assert!(tool.idempotent, "{}: a read is idempotent", tool.slug);
        }
        if tool.reach == Reach::Catalogue {
            assert!(tool.effect == Effect::Read && tool.secrets().is_empty(), "{}", tool.slug);
        }
        if tool.is_proxy() {
            assert!(tool.open_world && tool.reach == Reach::Connection, "{}", tool.slug);
        }
    }
}

#[test]
fn examples_pass_the_check() {
    for tool in tools::all() {
        assert!((1..=3).contains(&tool.examples.len()), "{}: 1 to 3 examples", tool.slug);
        for example in tool.examples {
            assert!(!example.title.is_empty());
            let args: serde_json::Value = serde_json::from_str(example.args).unwrap();
            let allow = Allow::default();
            let checked = schema::check(tool, args, &allow);
            assert!(checked.is_ok(), "{} `{}`: {checked:?}", tool.slug, example.title);
        }
    }
}

/// The arguments of every example, with their tool.
fn examples() -> impl Iterator<Item = (&'static Tool, serde_json::Value)> {
    tools::all().flat_map(|t| t.examples.iter().map(move |e| (t, serde_json::from_str(e.args).unwrap())))
}

#[test]
fn examples_name_what_the_default_fixture_has() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/emulator/model/fixture.json");
    let world: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let has = |list: &str, wanted: &[(&str, &str)]| {
        let all = world[list].as_array().unwrap();
        all.iter().any(|one| wanted.iter().all(|(name, value)| one[*name] == *value))
    };
    let mut problems = Vec::new();
    for (tool, args) in examples() {
        let text = |name: &str| args[name].as_str().unwrap_or_default().to_owned();
        let keys = [text("provider_config_key"), text("integration_id"), text("unique_key")];
        let integration = keys.iter().find(|key| !key.is_empty());
        let listed = [&args["integration_id"], &args["allowed_integrations"]];
        let listed = listed.into_iter().filter_map(|list| list.as_array()).flatten();
        let listed = listed.filter_map(|key| key.as_str().map(str::to_owned));
        for key in integration.cloned().into_iter().chain(listed) {
            // The object to create must not exist yet.
            if has("integrations", &[("unique_key", &key)])
                == ["NANGO_CREATE_INTEGRATION", "NANGO_CREATE_QUICKSTART_INTEGRATION"].contains(&tool.slug)
            {
                problems.push(format!("{}: integration {key}", tool.slug));
            }
        }
        let ids = args["connection_id"].as_array().into_iter().flatten().filter_map(|id| id.as_str());
        for id in ids.map(str::to_owned).chain(Some(text("connection_id")).filter(|id| !id.is_empty())) {
            let key = integration.cloned().unwrap_or_default();
            let found = has("connections", &[("connection_id", &id), ("provider_config_key", &key)]);
            if found == (tool.slug == "NANGO_ADD_CONNECTION") {
                problems.push(format!("{}: connection {id} of {key}", tool.slug));
            }
        }
        let (action, key) = (text("action_name"), text("provider_config_key"));
        if !action.is_empty() && !has("functions", &[("name", &action), ("integration", &key)]) {
            problems.push(format!("{}: action {action} of {key}", tool.slug));
        }
        let user = text("end_user_id");
        if !user.is_empty() && !has("endUsers", &[("id", &user)]) {
            problems.push(format!("{}: end user {user}", tool.slug));
        }
    }
    none(problems);
}

/// Whether a name is typical of secrets.
fn looks_secret(name: &str) -> bool {
    let name: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let name = name.to_ascii_lowercase();
    ["token", "secret", "password", "privatekey", "apikey"].iter().any(|part| name.contains(part))
}

#[test]
fn secret_arguments_are_marked() {
    let mut problems = Vec::new();
    for (path, prop) in all_props() {
        let looks = looks_secret(prop.name) || prop.name == "credentials";
        if looks && !prop.is_secret() && !matches!(prop.kind, ParamType::Boolean) {
            problems.push(path);
        }
    }
    none(problems);
}

/// Every field of an answer with its path; `*` stands for an entry.
fn fields(path: &[&'static str], shape: &'static ResponseType, out: &mut Vec<Vec<&'static str>>) {
    let at = |name: &'static str| [path, &[name]].concat();
    match shape {
        ResponseType::Object(all) | ResponseType::Open(all) => {
            for field in *all {
                out.push(at(field.name));
                fields(&at(field.name), &field.shape, out);
            }
        }
        ResponseType::List(of) | ResponseType::Map(of) => {
            out.push(at("*"));
            fields(&at("*"), of, out);
        }
        ResponseType::Maybe(of) => fields(path, of, out),
        ResponseType::OneOf(forms) => forms.iter().for_each(|form| fields(path, form, out)),
        ResponseType::Any
        | ResponseType::Nothing
        | ResponseType::Text
        | ResponseType::Time
        | ResponseType::Integer
        | ResponseType::Boolean
        | ResponseType::Choice(_) => {}
    }
}

#[test]
fn secret_answers_are_masked() {
    let mut problems = Vec::new();
    for tool in tools::all() {
        let mut paths = Vec::new();
        fields(&[], &tool.returns, &mut paths);
        let secrets = tool.secrets();
        let masks: Vec<Vec<&str>> = secrets.iter().map(|s| s.path.clone()).collect();
        for path in &paths {
            let name = path.last().copied().unwrap_or_default();
            // The catalogue describes credentials; it contains none.
            let holds = matches!(name, "credentials" | "connection_config") && tool.reach != Reach::Catalogue;
            let looks = looks_secret(name) || holds || tool.reach == Reach::Environment && name == "value";
            if looks && !masks.iter().any(|mask| path.starts_with(mask)) {
                problems.push(format!("{}: {} is not masked", tool.slug, path.join(".")));
            }
        }
        for (secret, mask) in secrets.iter().zip(&masks) {
            if !paths.contains(mask) {
                problems.push(format!("{}: there is no {} to mask", tool.slug, secret.path.join(".")));
            }
            if let Mask::Whole(kind) = secret.mask {
                let plain = kind.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
                assert!(plain && !kind.is_empty(), "{kind} is not the name of a kind of secret");
            }
        }
    }
    none(problems);
}
