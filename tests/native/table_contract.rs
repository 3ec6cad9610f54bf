//! The tool table against the contract's list of operations: arguments, bounds, patterns, placement,
//! scopes, flags, answers.

use crate::common::{NEWER_OPERATIONS, operations};
use nango_toolkit::schema;
use nango_toolkit::tool::{Effect, Field, ParamLocation, ParamRule, ResponseType, Tool};
use nango_toolkit::tools;
use serde_json::{Map, Value, json};

/// A difference that is wanted: tool or *, path, keyword, ours, why.
type Exception = (&'static str, &'static str, &'static str, &'static str, &'static str);

/// Where arguments differ from the contract's schema.
const EXCEPTIONS: &[Exception] = &[
    ("*", "any_path", "pattern", r#""^[^#?\\s\\\\]*$""#, "its checks refuse `?` as well"),
    ("NANGO_CONNECTION_LIST_GET", "integration_id.[1]", "uniqueItems", "null", "a repetition does no harm"),
    (
        "NANGO_LIST_RECORDS",
        "filter.[0]",
        "enum",
        r#"["added","deleted","updated"]"#,
        "capitals are another spelling of the same words",
    ),
    (
        "NANGO_UPDATE_SYNC_FREQUENCY",
        "frequency.[0]",
        "pattern",
        r#""^((every )?0*(([3-9][0-9]|[1-9][0-9]{2,8}) ?(s|secs?|seconds?)|[1-9][0-9]{0,8} ?(m|mins?|minutes?|h|hrs?|hours?|d|days?))|every (half day|half hour|quarter hour|hour|day|week|month))$""#,
        "its checks ask for at least 30 seconds, and a number before most units",
    ),
    ("NANGO_ADD_CONNECTION", "credentials.[0].apiKey", "maxLength", "4096", KEYS),
    ("NANGO_LIST_FUNCTIONS", "page", "maximum", "1000000", "a server fails where pages go beyond 64 bits"),
    (
        "NANGO_CREATE_ENVIRONMENT",
        "callback_url",
        "pattern",
        r#""^https?://""#,
        "no other URL can be called back",
    ),
];

const KEYS: &str = "newer servers accept longer keys; older ones say what they do not";

/// Where answers differ from the contract's schema. The keyword `newer` is for a field that the contract does not have.
const ANSWERS: &[Exception] = &[
    ("NANGO_GET_CONNECT_SESSION", "data.isReconnecting", "enum", "null", "true where it is there"),
    ("NANGO_GET_CONNECT_SESSION", "data.isReconnecting", "type", r#""boolean""#, "true where it is there"),
    ("NANGO_GET_CONNECT_SESSION", "data.webhook_url_override", "newer", "", NEWEST),
    ("NANGO_LIST_INTEGRATIONS", "data.[].display_name", "nullable", "true", NEWEST),
    ("NANGO_LIST_INTEGRATIONS", "data.[].preconfigured_connection_config", "newer", "", NEWEST),
    ("NANGO_GET_INTEGRATION", "data.display_name", "nullable", "true", NEWEST),
    ("NANGO_GET_INTEGRATION", "data.preconfigured_connection_config", "newer", "", NEWEST),
    ("NANGO_CREATE_INTEGRATION", "data.display_name", "nullable", "true", NEWEST),
    ("NANGO_CREATE_INTEGRATION", "data.preconfigured_connection_config", "newer", "", NEWEST),
    ("NANGO_UPDATE_INTEGRATION", "data.display_name", "nullable", "true", NEWEST),
    ("NANGO_UPDATE_INTEGRATION", "data.preconfigured_connection_config", "newer", "", NEWEST),
    ("NANGO_CREATE_QUICKSTART_INTEGRATION", "data.display_name", "nullable", "true", NEWEST),
    ("NANGO_CREATE_QUICKSTART_INTEGRATION", "data.preconfigured_connection_config", "newer", "", NEWEST),
    ("NANGO_CREATE_ENVIRONMENT", "data.uuid", "newer", "", NEWEST),
    ("NANGO_LIST_RECORDS", "records.[].id.[1]", "type", r#""integer""#, "an ID is a whole number"),
    ("NANGO_LIST_RECORDS", "records.[]._nango_metadata.deleted_at", "format", r#""date-time""#, TIME),
    ("NANGO_LIST_RECORDS", "records.[]._nango_metadata.first_seen_at", "format", r#""date-time""#, TIME),
    ("NANGO_LIST_RECORDS", "records.[]._nango_metadata.last_modified_at", "format", r#""date-time""#, TIME),
    ("NANGO_LIST_RECORDS", "records.[]._nango_metadata.pruned_at", "format", r#""date-time""#, TIME),
];
const NEWEST: &str = "@nangohq/types 0.71.10";
const TIME: &str = "the recordings have times there";

/// Runs `check` on every tool and its operation; it returns the differences.
fn each(check: impl Fn(&Tool, &Value) -> Vec<String>) {
    let operations = operations();
    let mut problems = Vec::new();
    for tool in tools::all().filter(|tool| !NEWER_OPERATIONS.contains(&tool.slug)) {
        let operation = operations.iter().find(|o| o["slug"] == tool.slug).unwrap();
        problems.extend(check(tool, operation).into_iter().map(|p| format!("{}: {p}", tool.slug)));
    }
    assert!(problems.is_empty(), "{} differences:\n{}", problems.len(), problems.join("\n"));
}

/// One line if the two differ.
fn differ(what: &str, ours: &Value, contract: &Value) -> Vec<String> {
    if ours == contract { vec![] } else { vec![format!("{what}: {ours}, the contract has {contract}")] }
}

#[test]
fn requests_scopes_and_flags() {
    each(|tool, o| {
        let timeout = match (o["timeoutHintSeconds"].as_u64(), tool.is_proxy()) {
            (Some(hint), _) => hint,
            (None, true) => 120,
            (None, false) => 60,
        };
        let effect = match (&o["readOnly"], &o["destructive"]) {
            (Value::Bool(true), Value::Bool(false)) => Effect::Read,
            (Value::Bool(false), Value::Bool(true)) => Effect::Destructive,
            _ => Effect::Write,
        };
        let ours = json!({
            "method": tool.method.as_str(), "path": tool.path, "scopes": tool.scopes,
            "effect": tool.effect.as_str(), "idempotent": tool.idempotent, "openWorld": tool.open_world,
            "returnsSecrets": !tool.secrets().is_empty(), "aliases": tool.aliases, "timeout": tool.timeout_s,
        });
        let theirs = json!({
            "method": o["method"], "path": o["path"], "scopes": o["scopes"], "effect": effect.as_str(),
            "idempotent": o["idempotent"], "openWorld": o["openWorld"],
            "returnsSecrets": o["returnsSecrets"], "aliases": o["aliases"], "timeout": timeout,
        });
        let theirs = theirs.as_object().unwrap();
        theirs.iter().flat_map(|(key, value)| differ(key, &ours[key.as_str()], value)).collect()
    });
}

#[test]
fn what_is_newer_than_the_contract_is_not_in_it() {
    let operations = operations();
    for slug in NEWER_OPERATIONS {
        let tool = tools::find(slug).unwrap();
        let known = operations.iter().find(|o| o["slug"] == slug);
        assert!(known.is_none_or(|o| o["path"] != tool.path), "{slug} is in the contract");
    }
}

#[test]
fn placement() {
    each(|tool, o| {
        let places = o["placement"].as_object().unwrap();
        let mut problems = Vec::new();
        if places.len() != tool.params.len() {
            problems.push(format!("{} arguments, the contract has {}", tool.params.len(), places.len()));
        }
        for (name, place) in places {
            let text = |key: &str| place[key].as_str().unwrap_or_default();
            let (at, style, encode) = (text("name"), text("style"), text("encode"));
            let expected = match (text("in"), at) {
                ("path", "anyPath") => format!("PathTail({at:?})"),
                ("path", _) => format!("Path({at:?})"),
                ("query", "*") => "QuerySpread".to_owned(),
                ("query", _) if style == "comma" => format!("QueryJoined({at:?})"),
                ("query", _) if style == "form-explode" => format!("QueryRepeated({at:?})"),
                ("query", _) if style == "deepObject" => {
                    format!("QueryDeep({:?})", at.split('[').next().unwrap())
                }
                ("query", _) => format!("Query({at:?})"),
                ("header", "Authorization") => "Bearer".to_owned(),
                ("header", "Nango-Proxy-<Name>") => "HeaderPrefix(\"Nango-Proxy-\")".to_owned(),
                ("header", _) if style == "comma" => format!("HeaderJoined({at:?})"),
                ("header", _) if encode.contains("omit when false") => format!("HeaderFlag({at:?})"),
                ("header", _) if encode.contains("send only with") => {
                    format!("HeaderWith({at:?}, {:?})", encode.rsplit(' ').next().unwrap())
                }
                ("header", _) => format!("Header({at:?})"),
                ("body", _) => format!("Body({at:?})"),
                ("body_root", _) => "WholeBody".to_owned(),
                other => panic!("the contract places {name} at {other:?}"),
            };
            let place: Option<ParamLocation> = tool.param(name).map(|p| p.place);
            let ours = place.map_or("nothing".to_owned(), |p| format!("{p:?}"));
            if ours != expected {
                problems.push(format!("{name}: {ours}, the contract has {expected}"));
            }
        }
        problems
    });
}

/// A schema reduced to its constraints, so that equivalent schemas are equal.
fn reduced(schema: &Value) -> Value {
    let Value::Object(map) = schema else { return schema.clone() };
    let mut out = Map::new();
    for (key, value) in map {
        match key.as_str() {
            "description" | "title" | "$schema" => {}
            "format" if value == "email" || value == "uri" => {}
            "const" => drop(out.insert("enum".into(), json!([value]))),
            "properties" => {
                let all = value.as_object().unwrap().iter();
                let all: Map<_, _> = all.map(|(name, of)| (name.clone(), reduced(of))).collect();
                out.insert(key.clone(), Value::Object(all));
            }
            "required" | "enum" => {
                let mut all = value.as_array().unwrap().clone();
                all.sort_by_key(Value::to_string);
                out.insert(key.clone(), Value::Array(all));
            }
            // The order of the forms of a tagged object does not matter, nor which of them share a schema.
            "oneOf" => {
                let mut forms = Vec::new();
                for form in value.as_array().unwrap() {
                    let tag = &form["properties"]["type"];
                    let tags = tag["enum"].as_array().cloned().unwrap_or_else(|| vec![tag["const"].clone()]);
                    for tag in tags {
                        let mut form = form.clone();
                        form["properties"]["type"] = json!({ "enum": [tag] });
                        forms.push(reduced(&form));
                    }
                }
                forms.sort_by_key(|form| form["properties"]["type"].to_string());
                out.insert(key.clone(), Value::Array(forms));
            }
            "anyOf" => {
                let forms = value.as_array().unwrap().iter().map(reduced).collect();
                out.insert(key.clone(), Value::Array(forms));
            }
            "propertyNames" => {
                let mut names = reduced(value);
                let names = names.as_object_mut().unwrap();
                names.remove("type");
                // A pattern that ends in + is equivalent.
                names.remove("minLength");
                if !names.is_empty() {
                    out.insert(key.clone(), Value::Object(names.clone()));
                }
            }
            "items" | "additionalProperties" => drop(out.insert(key.clone(), reduced(value))),
            _ => drop(out.insert(key.clone(), value.clone())),
        }
    }
    if out.contains_key("enum") {
        out.remove("type");
    }
    if out.get("type") == Some(&json!("object")) && !out.contains_key("oneOf") {
        out.entry("properties").or_insert_with(|| json!({}));
        out.entry("required").or_insert_with(|| json!([]));
    }
    Value::Object(out)
}

/// Compares two reduced schemas keyword by keyword; secrets may be marked beyond the contract.
fn compare(
    exceptions: &[Exception],
    slug: &str,
    path: &str,
    ours: &Value,
    theirs: &Value,
    problems: &mut Vec<String>,
) {
    let deeper = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    let (Value::Object(a), Value::Object(b)) = (ours, theirs) else {
        if ours != theirs {
            problems.push(format!("{path}: {ours}, the contract has {theirs}"));
        }
        return;
    };
    let mut keys: Vec<&String> = a.keys().chain(b.keys()).collect();
    keys.sort();
    keys.dedup();
    for key in keys {
        let (x, y) = (a.get(key).unwrap_or(&Value::Null), b.get(key).unwrap_or(&Value::Null));
        let shown = x.to_string();
        let known = exceptions.iter().any(|(tool, at, keyword, value, _)| {
            (*tool == "*" || *tool == slug) && *at == path && keyword == key && *value == shown
        });
        match (key.as_str(), x, y) {
            _ if known => {}
            ("writeOnly", Value::Bool(true), Value::Null) => {}
            ("properties", Value::Object(x), Value::Object(y)) => {
                let mut names: Vec<&String> = x.keys().chain(y.keys()).collect();
                names.sort();
                names.dedup();
                for name in names {
                    match (x.get(name), y.get(name)) {
                        (Some(x), Some(y)) => compare(exceptions, slug, &deeper(name), x, y, problems),
                        (None, _) => problems.push(format!("{} is missing", deeper(name))),
                        (_, None)
                            if exceptions.iter().any(|(tool, at, keyword, ..)| {
                                (*tool, *at, *keyword) == (slug, deeper(name).as_str(), "newer")
                            }) => {}
                        (_, None) => problems.push(format!("{} is not in the contract", deeper(name))),
                    }
                }
            }
            ("items", x, y) => compare(exceptions, slug, &deeper("[]"), x, y, problems),
            ("additionalProperties", x, y) => compare(exceptions, slug, &deeper("{}"), x, y, problems),
            ("anyOf" | "oneOf", Value::Array(x), Value::Array(y)) if x.len() == y.len() => {
                for (i, (x, y)) in x.iter().zip(y).enumerate() {
                    compare(exceptions, slug, &deeper(&format!("[{i}]")), x, y, problems);
                }
            }
            (_, x, y) if x == y => {}
            (_, x, y) => problems.push(format!("{path} {key}: {x}, the contract has {y}")),
        }
    }
}

#[test]
fn arguments() {
    each(|tool, o| {
        let mut ours: Value = serde_json::from_str(&schema::rich(tool)).unwrap();
        let map = ours.as_object_mut().unwrap();
        // Rules on several arguments are compared below, except the one that the contract's schema has.
        for key in ["allOf", "dependentRequired", "dependentSchemas", "if", "then"] {
            map.remove(key);
        }
        if o["args"].get("anyOf").is_none() {
            map.remove("anyOf");
        }
        let mut problems = Vec::new();
        let Some(forms) = o["args"]["oneOf"].as_array() else {
            compare(EXCEPTIONS, tool.slug, "", &reduced(&ours), &reduced(&o["args"]), &mut problems);
            return problems;
        };
        // Each value of the argument that decides is a form of its own in the contract.
        assert_eq!(forms.len(), tool.rules.len());
        for (form, rule) in forms.iter().zip(tool.rules) {
            let ParamRule::Case { name, value, needs, excludes } = rule else { panic!("{rule:?}") };
            let mut ours = ours.clone();
            let all = ours["properties"].as_object_mut().unwrap();
            all.retain(|name, _| !excludes.contains(&name.as_str()));
            all[*name]["enum"] = json!([value]);
            ours["required"].as_array_mut().unwrap().extend(needs.iter().map(|name| json!(name)));
            compare(EXCEPTIONS, tool.slug, "", &reduced(&ours), &reduced(form), &mut problems);
        }
        problems
    });
}

#[test]
fn every_exception_is_needed() {
    let operations = operations();
    for &(slug, path, keyword, ours, _) in EXCEPTIONS {
        let operation = operations.iter().find(|o| o["slug"] == slug);
        let operation =
            operation.unwrap_or_else(|| operations.iter().find(|o| o["slug"] == "NANGO_GET_PROXY").unwrap());
        let args = reduced(&operation["args"]);
        let mut at = &args;
        for step in path.split('.') {
            at = match step.trim_matches(['[', ']']).parse::<usize>() {
                Ok(i) if at["oneOf"].is_array() => &at["oneOf"][i],
                Ok(i) => &at["anyOf"][i],
                Err(_) => &at["properties"][step],
            };
        }
        assert!(at.is_object(), "the contract has no {path}");
        assert_ne!(at[keyword].to_string(), ours, "{path} {keyword} is not an exception any more");
    }
}

#[test]
fn rules_over_several_arguments() {
    let said = [
        ("Send page only together with limit.", "Needs(\"page\", \"limit\")"),
        ("credentials.type TBA requires connection_config.accountId.", "TbaAccount"),
        ("end_user or tags must be present", "AtLeastOne([\"end_user\", \"tags\"])"),
        (
            "Send at least one of tags, end_user, webhook_url_override",
            "AtLeastOne([\"tags\", \"end_user\", \"webhook_url_override\"])",
        ),
        ("variant must not equal 'base' in any case.", "Reserved(\"variant\", \"base\")"),
        (
            "opts is exclusive with sync_mode and full_resync.",
            "Excludes(\"opts\", [\"sync_mode\", \"full_resync\"])",
        ),
    ];
    each(|tool, o| {
        let checks = o["checks"].to_string();
        let expected: Vec<_> = said.iter().filter(|(words, _)| checks.contains(words)).map(|s| s.1).collect();
        // What depends on the value of an argument is a form in the contract: `arguments` compares it.
        let rules = tool.rules.iter().filter(|rule| !matches!(rule, ParamRule::Case { .. }));
        let ours: Vec<String> = rules.map(|r: &ParamRule| format!("{r:?}")).collect();
        differ("rules", &json!(ours), &json!(expected))
    });
}

/// The form of an answer as a reduced schema of the contract.
fn schema_of(shape: &ResponseType) -> Value {
    match shape {
        ResponseType::Any => json!({}),
        ResponseType::Text => json!({ "type": "string" }),
        ResponseType::Time => json!({ "type": "string", "format": "date-time" }),
        ResponseType::Integer => json!({ "type": "integer" }),
        ResponseType::Boolean => json!({ "type": "boolean" }),
        ResponseType::Choice(options) => reduced(&json!({ "enum": options })),
        ResponseType::Maybe(of) => {
            let mut of = schema_of(of);
            of["nullable"] = json!(true);
            of
        }
        ResponseType::List(of) => json!({ "type": "array", "items": schema_of(of) }),
        ResponseType::Map(of) => json!({ "type": "object", "additionalProperties": schema_of(of) }),
        ResponseType::Nothing => json!({ "type": "null" }),
        ResponseType::Object(all) | ResponseType::Open(all) => {
            let always = |f: &&Field| f.always;
            let mut required: Vec<&str> = all.iter().filter(always).map(|f| f.name).collect();
            required.sort_unstable();
            let props: Map<_, _> = all.iter().map(|f| (f.name.to_owned(), schema_of(&f.shape))).collect();
            json!({ "type": "object", "properties": props, "required": required })
        }
        ResponseType::OneOf(forms) => json!({ "anyOf": forms.iter().map(schema_of).collect::<Vec<_>>() }),
    }
}

/// A schema of an answer in the form that [`schema_of`] gives.
fn answer(schema: &Value) -> Value {
    let Value::Object(map) = schema else { return json!({}) };
    let mut out = Map::new();
    let mut null = false;
    match &map.get("type") {
        Some(Value::Array(types)) if types.len() > 2 => return json!({}),
        Some(Value::Array(types)) if !types.contains(&json!("null")) => {
            out.insert("anyOf".into(), types.iter().map(|one| json!({ "type": one })).collect());
        }
        Some(Value::Array(types)) => {
            null = true;
            out.insert("type".into(), types.iter().find(|t| *t != "null").unwrap().clone());
        }
        Some(one) => drop(out.insert("type".into(), (*one).clone())),
        None => {}
    }
    if let Some(Value::Array(forms)) = map.get("anyOf") {
        null = forms.iter().any(|f| f["type"] == "null");
        let forms: Vec<Value> = forms.iter().filter(|f| f["type"] != "null").map(answer).collect();
        match forms.as_slice() {
            [Value::Object(one)] => out.extend(one.clone()),
            _ => drop(out.insert("anyOf".into(), Value::Array(forms))),
        }
    }
    if map.contains_key("enum") || map.contains_key("const") {
        out = reduced(schema).as_object().unwrap().clone();
    }
    let iso = map.get("description").is_some_and(|d| d.to_string().contains("ISO 8601"));
    if iso || map.get("format") == Some(&json!("date-time")) {
        out.insert("format".into(), json!("date-time"));
    }
    if let Some(items) = map.get("items") {
        out.insert("items".into(), answer(items));
    }
    if let Some(Value::Object(props)) = map.get("properties") {
        let props: Map<_, _> = props.iter().map(|(name, of)| (name.clone(), answer(of))).collect();
        out.insert("properties".into(), Value::Object(props));
        let mut required = map.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
        required.sort_by_key(Value::to_string);
        out.insert("required".into(), Value::Array(required));
    } else if map.get("type").is_some_and(|t| t.to_string().contains("object")) {
        out.insert("additionalProperties".into(), answer(&map["additionalProperties"]));
    }
    if null {
        out.insert("nullable".into(), json!(true));
    }
    Value::Object(out)
}

#[test]
fn answers() {
    each(|tool, o| {
        let expected = match o["success"]["variants"].as_array() {
            // A provider or a deployed action can answer anything.
            Some(_) if answer(&o["success"]["schema"]) == json!({}) => json!({}),
            Some(forms) => json!({ "anyOf": forms.iter().map(|f| answer(&f["schema"])).collect::<Vec<_>>() }),
            None => answer(&o["success"]["schema"]),
        };
        let compared = |exceptions: &[Exception]| {
            let mut problems = Vec::new();
            compare(exceptions, tool.slug, "", &schema_of(&tool.returns), &expected, &mut problems);
            problems
        };
        let idle =
            ANSWERS.iter().enumerate().filter(|(_, exception)| exception.0 == tool.slug).filter(|(at, _)| {
                let others: Vec<Exception> = ANSWERS
                    .iter()
                    .enumerate()
                    .filter(|(other, _)| other != at)
                    .map(|(_, one)| *one)
                    .collect();
                compared(&others).is_empty()
            });
        let idle = idle.map(|(_, exception)| format!("{exception:?} is not an exception any more"));
        compared(ANSWERS).into_iter().chain(idle).collect()
    });
}
