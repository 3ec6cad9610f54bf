//! Schemas in the forms that providers take: their documented rules hold for every tool in every form, no
//! parameter is missing, and arguments come back from such a form exactly as they were.

use crate::common::args::{broken, good};
use crate::common::provider_rules::{anthropic, gemini, gemini_names, nodes, openai, openai_strict};
use crate::common::random::{Random, seed};
use nango_toolkit::call::{Ask, Call, Options, Poll};
use nango_toolkit::http::{Outcome, Request};
use nango_toolkit::schema::{self, Allow, Provider};
use nango_toolkit::tool::{ParamType, Property, Tool};
use nango_toolkit::tools;
use serde_json::{Map, Value, json};

fn json_of(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn form(tool: &Tool, provider: Provider) -> Value {
    json_of(&schema::for_provider(tool, provider))
}

const BOTH: [Provider; 2] = [Provider::OpenAiStrict, Provider::Gemini];

#[test]
fn every_tool_in_every_form_keeps_the_rules_of_providers() {
    let mut wrong = Vec::new();
    let mut judged = 0;
    for tool in tools::all() {
        let wire = json_of(&schema::wire(tool));
        let strict = form(tool, Provider::OpenAiStrict);
        for (rule, found) in [
            ("openai", openai(tool.slug, tool.doc, &wire)),
            ("openai strict", openai_strict(tool.slug, tool.doc, &strict)),
            ("anthropic", anthropic(tool.slug, tool.doc, &wire)),
            ("gemini, JSON Schema", gemini_names(tool.slug, &wire)),
            ("gemini, parameters", gemini(tool.slug, &form(tool, Provider::Gemini))),
        ] {
            judged += 1;
            wrong.extend(found.into_iter().map(|what| format!("{} {rule}: {what}", tool.slug)));
        }
        // The longest prefix that clients put before a name still leaves it legal.
        assert!(tool.slug.len() <= 50);
        assert!(jsonschema::meta::is_valid(&strict), "{}", tool.slug);
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(judged, tools::all().count() * 5);
}

#[test]
fn the_rules_find_what_breaks_them() {
    let tool = tools::find("NANGO_ADD_CONNECTION").unwrap();
    let wire = json_of(&schema::wire(tool));
    let found = openai_strict(tool.slug, tool.doc, &wire);
    for part in [
        "tags: an object that is not closed",
        ".metadata: an object that is not closed",
        ": [\"provider_config_key\"",
    ] {
        assert!(found.iter().any(|f| f.contains(part)), "{part} in {found:#?}");
    }
    assert!(gemini(tool.slug, &wire).iter().any(|f| f.contains("`additionalProperties`")));
    assert!(!anthropic("a b", "x", &wire).is_empty() && !openai(&"x".repeat(65), "x", &wire).is_empty());
    let one = |node: Value| json!({ "type": "object", "properties": { "$x": node } });
    assert!(!anthropic("a", "x", &one(json!({ "type": "string" }))).is_empty());
    assert!(!gemini_names("1a", &one(json!({ "type": "string" }))).is_empty());
    for node in [json!({ "type": "array" }), json!({ "$ref": "#/x" })] {
        assert!(!openai("a", "x", &one(node)).is_empty());
    }
    for node in [
        json!({ "type": ["string", "integer"] }),
        json!({ "type": "string", "default": "x" }),
        json!({ "oneOf": [] }),
    ] {
        assert!(openai_strict("a", "x", &one(node)).len() > 1);
    }
}

/// The property names of the table, at any depth, that a dialect must still have.
fn parameters(kind: &ParamType, out: &mut Vec<&'static str>) {
    let mut add = |props: &'static [Property]| {
        for prop in props {
            out.push(prop.name);
            parameters(&prop.kind, out);
        }
    };
    match kind {
        ParamType::Object(props) | ParamType::Open(props) => add(props),
        ParamType::NameOr { object, .. } => add(object),
        ParamType::Tagged(variants) => variants.iter().for_each(|variant| add(variant.props)),
        ParamType::List { of, .. }
        | ParamType::OneOrMany(of)
        | ParamType::Nullable(of)
        | ParamType::Map { of, .. } => parameters(of, out),
        _ => {}
    }
}

#[test]
fn no_parameter_is_missing_from_any_form() {
    for tool in tools::all() {
        for provider in BOTH {
            let schema = form(tool, provider);
            let names: Vec<String> = nodes(&schema)
                .iter()
                .flat_map(|(_, _, node)| node["properties"].as_object().into_iter().flatten())
                .map(|(name, _)| name.clone())
                .collect();
            for param in tool.params {
                assert!(
                    schema["properties"][param.prop.name].is_object(),
                    "{} {}",
                    tool.slug,
                    param.prop.name
                );
                let mut inner = Vec::new();
                parameters(&param.prop.kind, &mut inner);
                for name in inner {
                    assert!(names.iter().any(|n| n == name), "{} {provider:?}: {name}", tool.slug);
                }
            }
            let optional = tool.params.iter().filter(|p| !p.prop.required).count();
            let required = schema["required"].as_array().unwrap().len();
            let expected =
                if provider == Provider::Gemini { tool.params.len() - optional } else { tool.params.len() };
            assert_eq!(required, expected, "{}", tool.slug);
        }
    }
}

/// Arguments as a model that follows the dialect would give them: generated from the table, independently of
/// the decoder.
fn given<'p>(
    props: impl Iterator<Item = &'p Property>,
    map: &Map<String, Value>,
    strict: bool,
) -> Map<String, Value> {
    let mut out = Map::new();
    for prop in props {
        match map.get(prop.name) {
            Some(value) => drop(out.insert(prop.name.into(), give(&prop.kind, value, strict))),
            None if strict => drop(out.insert(prop.name.into(), Value::Null)),
            None => {}
        }
    }
    out
}

fn give(kind: &ParamType, value: &Value, strict: bool) -> Value {
    match (kind, value) {
        (ParamType::Json | ParamType::Body | ParamType::Open([]), value) => Value::from(value.to_string()),
        (ParamType::Nullable(of), value) if !value.is_null() => give(of, value, strict),
        (ParamType::Map { of, .. }, Value::Object(map)) => {
            map.iter().map(|(key, value)| json!({ "key": key, "value": give(of, value, strict) })).collect()
        }
        (ParamType::Tags { .. }, Value::Object(map)) => {
            map.iter().map(|(key, value)| json!({ "key": key, "value": value })).collect()
        }
        (ParamType::Object(props) | ParamType::NameOr { object: props, .. }, Value::Object(map)) => {
            Value::Object(given(props.iter(), map, strict))
        }
        (ParamType::Open(props), Value::Object(map)) => {
            let mut out = given(props.iter(), map, strict);
            let others: Map<String, Value> = map
                .iter()
                .filter(|(name, _)| !props.iter().any(|p| p.name == **name))
                .map(|(n, v)| (n.clone(), v.clone()))
                .collect();
            if !others.is_empty() {
                out.insert("other_properties".into(), Value::from(Value::Object(others).to_string()));
            } else if strict {
                out.insert("other_properties".into(), Value::Null);
            }
            Value::Object(out)
        }
        (ParamType::Tagged(variants), Value::Object(map)) => {
            let variant = variants.iter().find(|v| v.tags.iter().any(|t| map["type"] == *t)).unwrap();
            let mut out = Map::from_iter([("type".to_owned(), map["type"].clone())]);
            out.extend(given(variant.props.iter(), map, strict));
            Value::Object(out)
        }
        (ParamType::List { of, .. } | ParamType::OneOrMany(of), Value::Array(items)) => {
            items.iter().map(|item| give(of, item, strict)).collect()
        }
        (_, value) => value.clone(),
    }
}

fn cases() -> usize {
    std::env::var("NANGO_TOOLKIT_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(5_000)
}

/// Valid arguments of every tool, encoded and decoded; the first of them are also checked against the
/// schema of the form.
fn there_and_back(provider: Provider, cases: usize) {
    let strict = provider == Provider::OpenAiStrict;
    let mut random = Random::new(seed());
    let allow = Allow { override_hosts: vec!["example.com".into()], proxy_authorization: true };
    for tool in tools::all() {
        // Gemini's schema is JSON Schema except for the case of types, and for what may be null.
        let text = schema::for_provider(tool, provider)
            .replace(r#""type":"STRING","nullable":true"#, r#""type":["string","null"]"#);
        let lower =
            ["OBJECT", "ARRAY", "STRING", "INTEGER", "NUMBER", "BOOLEAN"].iter().fold(text, |text, name| {
                text.replace(
                    &format!("\"type\":\"{name}\""),
                    &format!("\"type\":\"{}\"", name.to_lowercase()),
                )
            });
        let validator = jsonschema::draft202012::new(&json_of(&lower)).unwrap();
        let rich = jsonschema::draft202012::new(&json_of(&schema::rich(tool))).unwrap();
        for case in 0..cases {
            let args = good(&mut random, tool);
            let form =
                Value::Object(given(tool.params.iter().map(|p| &p.prop), args.as_object().unwrap(), strict));
            if case < 200 {
                assert!(rich.is_valid(&args), "{} {args}", tool.slug);
                let problems: Vec<String> = validator.iter_errors(&form).map(|e| e.to_string()).collect();
                assert!(problems.is_empty(), "{} {form}: {problems:?}", tool.slug);
            }
            let given = if case % 2 == 0 { form.clone() } else { Value::from(form.to_string()) };
            let (back, issues) = schema::from_provider(Some(tool), given);
            assert_eq!(issues, [], "{} {form}", tool.slug);
            assert_eq!(back, args, "{} {form}", tool.slug);
            assert!(schema::check(tool, back, &allow).is_ok(), "{} {args}", tool.slug);
        }
    }
}

#[test]
fn arguments_survive_openai_strict_and_back() {
    there_and_back(Provider::OpenAiStrict, cases());
}

#[test]
fn arguments_survive_gemini_and_back() {
    there_and_back(Provider::Gemini, cases() / 10);
}

#[test]
fn arguments_in_the_tools_own_form_stay_as_they_are() {
    for tool in tools::all() {
        for example in tool.examples {
            let args = json_of(example.args);
            assert_eq!(schema::from_provider(Some(tool), args.clone()), (args, vec![]), "{}", example.title);
        }
    }
}

#[test]
fn what_cannot_be_turned_back_is_named_and_nothing_is_lost() {
    let add = tools::find("NANGO_ADD_CONNECTION").unwrap();
    let paths = |tool: &Tool, args: Value| -> Vec<String> {
        let (_, issues) = schema::from_provider(Some(tool), args);
        issues.iter().map(|issue| issue.path.join(".")).collect()
    };
    assert_eq!(paths(add, json!({ "metadata": "{\"a\":" })), ["metadata"]);
    assert_eq!(
        paths(add, json!({ "tags": [{ "key": "a", "value": "1" }, { "key": "a", "value": "2" }] })),
        ["tags"]
    );
    assert_eq!(
        paths(add, json!({ "tags": [{ "name": "a" }, { "key": 1, "value": "2" }] })),
        ["tags", "tags"]
    );
    assert_eq!(
        paths(
            add,
            json!({ "connection_config": { "oauth_scopes_override": null, "other_properties": "[1]" } })
        ),
        ["connection_config.other_properties"]
    );
    // One of our marker names that occurs in user data stays unchanged.
    let inner = json!({ "other_properties": { "a": 1 } });
    let named = |args: Value| schema::from_provider(Some(add), args).0;
    assert_eq!(named(json!({ "metadata": inner.to_string() })), json!({ "metadata": inner }));
    let nested = json!({ "connection_config": { "other_properties": inner.to_string() } });
    assert_eq!(named(nested), json!({ "connection_config": inner }));
    let put = tools::find("NANGO_PUT_PROXY").unwrap();
    let body = |text: &str| schema::from_provider(Some(put), json!({ "body": text })).0["body"].clone();
    assert_eq!(body("{\"a\":[null]}"), json!({ "a": [null] }));
    assert_eq!(body("\"plain\""), json!("plain"));
    // Anything that is not JSON or cannot be a body is a string.
    assert_eq!(body("<xml/>"), json!("<xml/>"));
    assert_eq!(body("5"), json!("5"));
    let action = tools::find("NANGO_ACTION_TRIGGER_POST").unwrap();
    let input = |value: Value| schema::from_provider(Some(action), json!({ "input": value })).0;
    assert_eq!(input(json!("null")), json!({ "input": null }));
    assert_eq!(input(Value::Null), json!({}));
    assert_eq!(input(json!({ "a": 1 })), json!({ "input": { "a": 1 } }));
    // A value that is not an object is passed on to validation, which reports it.
    for odd in [json!([1]), json!("no JSON"), json!(5), Value::Null] {
        assert_eq!(schema::from_provider(Some(add), odd.clone()), (odd, vec![]));
    }
}

#[test]
fn anything_at_all_can_be_turned_back_without_harm() {
    let mut random = Random::new(seed());
    for tool in tools::all() {
        for _ in 0..300 {
            let args = good(&mut random, tool);
            let params = tool.params.iter().map(|p| &p.prop);
            let form = Value::Object(given(params, args.as_object().unwrap(), random.one_in(2)));
            let form = if random.one_in(8) { random.json(5) } else { broken(&mut random, form) };
            let (back, _) = schema::from_provider(Some(tool), form);
            let _ = schema::check(tool, back, &Allow::default());
        }
    }
}

#[test]
fn what_a_host_changed_in_the_wire_schema_counts() {
    let tool = tools::find("NANGO_GET_CONNECTION").unwrap();
    let mut wire = json_of(&schema::wire(tool));
    wire["properties"].as_object_mut().unwrap().remove("refresh_token");
    wire["properties"]["connection_id"]["description"] = json!("Pinned words.");
    wire["properties"]["mine"] = json!({ "type": "integer" });
    wire["required"].as_array_mut().unwrap().push(json!("force_refresh"));
    let strict = json_of(&schema::adapt(Some(tool), &wire, Provider::OpenAiStrict));
    assert_eq!(openai_strict(tool.slug, tool.doc, &strict), [""; 0]);
    assert!(strict["properties"]["refresh_token"].is_null());
    assert_eq!(strict["properties"]["connection_id"]["description"], "Pinned words.");
    assert_eq!(strict["properties"]["force_refresh"]["type"], "boolean");
    assert_eq!(strict["properties"]["mine"]["type"], json!(["string", "null"]));
    assert_eq!(schema::from_provider(Some(tool), json!({ "mine": "5" })).0, json!({ "mine": 5 }));
    // A tool that is not in the table: every argument is JSON.
    let other = json_of(&schema::adapt(None, &wire, Provider::Gemini));
    assert_eq!(gemini("other", &other), [""; 0]);
    assert_eq!(other["properties"]["force_refresh"]["type"], "STRING");
}

/// What a call sends, or how it ends before it sends anything.
fn first_step(tool: &Tool, args: Value, provider: Option<Provider>) -> Result<Request, Box<Outcome>> {
    let mut call = Call::new(Options { provider, ..Options::default() }, tool.slug, args, 7);
    loop {
        match call.poll(0) {
            Poll::Ask(Ask::Key) => call.handle_key(Ok("7b0c9f6e-4a55-4b8e-9d6a-2f1f0f6f5c11"), 0),
            Poll::Send { request, .. } => return Ok(request),
            Poll::Done(outcome) => return Err(outcome),
            _ => panic!("neither waits nor asks for more"),
        }
    }
}

#[test]
fn a_call_takes_arguments_in_the_form_it_is_told() {
    let mut random = Random::new(seed());
    for tool in tools::all() {
        for _ in 0..50 {
            let args = good(&mut random, tool);
            let form = given(tool.params.iter().map(|p| &p.prop), args.as_object().unwrap(), true);
            let sent = first_step(tool, Value::Object(form), Some(Provider::OpenAiStrict));
            match (first_step(tool, args, None), sent) {
                (Ok(own), Ok(strict)) => assert_eq!(own, strict),
                (Err(own), Err(strict)) => assert_eq!(own.result, strict.result),
                _ => panic!("{}", tool.slug),
            }
        }
    }
    let add = tools::find("NANGO_ADD_CONNECTION").unwrap();
    let args = json!({ "metadata": "{", "tags": [{ "key": "a" }], "credentials": { "type": "API_KEY", "apiKey": null } });
    let refused = first_step(add, args, Some(Provider::OpenAiStrict)).unwrap_err();
    let error = refused.result.unwrap_err();
    let paths: Vec<String> = error.issues.iter().map(|issue| issue.path.join(".")).collect();
    assert_eq!(paths, ["metadata", "tags", "provider_config_key", "credentials.apiKey"]);
}
