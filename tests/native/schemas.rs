//! The schemas that are generated from the table: the wire schema uses only what every consumer understands,
//! the rich one is valid JSON Schema, and the contract's own schema, the rich one and the check give the
//! same verdict on thousands of values, except for differences that are listed here.

use std::collections::BTreeMap;

use crate::common::args::{broken, good};
use crate::common::random::{Random, steady_seed};
use crate::common::{NEWER_OPERATIONS, operations};
use jsonschema::Validator;
use nango_toolkit::error::Issue;
use nango_toolkit::schema::{self, Allow};
use nango_toolkit::tool::{ParamType, Tool};
use nango_toolkit::tools;
use serde_json::{Value, json};

fn validator(schema: &Value) -> Validator {
    jsonschema::draft202012::options().should_validate_formats(true).build(schema).unwrap()
}

/// Every node of a wire schema with its path.
fn nodes<'s>(schema: &'s Value, path: String, out: &mut Vec<(String, &'s Value)>) {
    out.push((path.clone(), schema));
    for (name, inner) in schema["properties"].as_object().into_iter().flatten() {
        nodes(inner, format!("{path}.{name}"), out);
    }
    for keyword in ["items", "additionalProperties"] {
        if schema[keyword].is_object() {
            nodes(&schema[keyword], format!("{path}.{keyword}"), out);
        }
    }
}

#[test]
fn wire_schemas_keep_to_what_every_consumer_understands() {
    const KEYWORDS: &[&str] = &[
        "type",
        "description",
        "properties",
        "required",
        "additionalProperties",
        "items",
        "enum",
        "minimum",
        "maximum",
    ];
    const NAMES: &[&str] = &["self", "config", "run_manager", "model_config"];
    let mut seen = 0;
    for tool in tools::all() {
        let wire: Value = serde_json::from_str(&schema::wire(tool)).unwrap();
        assert_eq!(wire["type"], "object");
        assert!(
            wire["properties"].is_object()
                && wire["required"].is_array()
                && wire["additionalProperties"] == false
        );
        let mut all = Vec::new();
        nodes(&wire, tool.slug.to_owned(), &mut all);
        for (path, node) in all {
            let map = node.as_object().unwrap_or_else(|| panic!("{path} is an object"));
            assert!(map.keys().all(|k| KEYWORDS.contains(&k.as_str())), "{path}: {:?}", map.keys());
            let kind = node["type"].as_str().unwrap_or_else(|| panic!("{path} has one type"));
            assert!(
                ["object", "array", "string", "integer", "number", "boolean"].contains(&kind),
                "{path} is {kind}"
            );
            assert_eq!(
                kind == "array",
                node["items"].is_object(),
                "{path}: a list, and only a list, has items"
            );
            assert!(kind == "object" || node["properties"].is_null(), "{path}");
            let names: Vec<&str> =
                node["properties"].as_object().into_iter().flatten().map(|(n, _)| n.as_str()).collect();
            for name in &names {
                assert!(
                    !NAMES.contains(name) && !name.starts_with('_'),
                    "{path}.{name} is a name that breaks consumers"
                );
                let words = node["properties"][*name]["description"].as_str().unwrap_or_default();
                assert!(
                    words.len() > 10 && !["\n", "**", "]("].iter().any(|mark| words.contains(mark)),
                    "{path}.{name}: {words:?}"
                );
            }
            for required in node["required"].as_array().into_iter().flatten() {
                assert!(names.contains(&required.as_str().unwrap()), "{path} requires {required}");
            }
            for bound in ["minimum", "maximum"] {
                if let Some(n) = node[bound].as_i64().filter(|n| *n != 0) {
                    let words = node["description"].as_str();
                    assert!(
                        words.is_none_or(|w| w.contains(&n.to_string())),
                        "{path}: {n} is in the words too"
                    );
                }
            }
            for option in node["enum"].as_array().into_iter().flatten() {
                assert!(option.is_string(), "{path}: {option}");
            }
            seen += 1;
        }
        assert!(jsonschema::meta::is_valid(&wire), "{}", tool.slug);
        let output: Value = serde_json::from_str(&schema::output(tool)).unwrap();
        assert!(jsonschema::meta::is_valid(&output) && output["type"] == "object", "{}", tool.slug);
    }
    println!("{seen} nodes");
}

#[test]
fn wire_schemas_are_small() {
    // One client drops all descriptions of a schema above 5,000 bytes.
    for tool in tools::all() {
        let bytes = schema::wire(tool).len();
        assert!(bytes < 4800, "{}: {bytes} bytes", tool.slug);
    }
}

#[test]
fn rich_schemas_are_sound_and_fit_the_examples() {
    for tool in tools::all() {
        let rich: Value = serde_json::from_str(&schema::rich(tool)).unwrap();
        jsonschema::meta::validate(&rich).unwrap_or_else(|e| panic!("{}: {e}", tool.slug));
        let rich = validator(&rich);
        let wire = validator(&serde_json::from_str(&schema::wire(tool)).unwrap());
        for example in tool.examples {
            let args: Value = serde_json::from_str(example.args).unwrap();
            assert!(rich.is_valid(&args) && wire.is_valid(&args), "{}: {}", tool.slug, example.args);
        }
    }
}

/// The check, strictly: accepted unchanged, with nothing repaired or left out.
fn strict(tool: &Tool, args: &Value) -> Result<(), Vec<Issue>> {
    let allow = Allow { override_hosts: vec!["example.com".into()], proxy_authorization: true };
    let taken = schema::check(tool, args.clone(), &allow)?;
    if Value::from(taken) == *args { Ok(()) } else { Err(vec![Issue::new(vec![], "repaired", "")]) }
}

/// Where the check is stricter than a schema can be: a part of the message or the code, and why.
const STRICTER: &[(&str, &str)] = &[
    ("is given twice", "names that differ only in case are the same name"),
    ("is not allowed in a URL path", "dot segments"),
    ("begins or ends with a space", "HTTP drops spaces at the ends of a header"),
    ("expected a path without scheme", "paths that could leave the proxy"),
    ("${", "expressions that Nango fills in"),
    ("must not contain a query or fragment", "a base URL is joined to a path as text"),
    ("is not allowed here", "hosts are allowed one by one"),
    ("an https:// or http:// URL", "hosts that parsers read in different ways, private hosts"),
    ("percent-encoded in a URL", "a header can only contain Latin-1"),
    ("an email address", "addresses that the server's own rule refuses"),
    ("characters", "lengths are counted in UTF-16 units"),
    ("HTTP header value", "a header can only contain Latin-1"),
    ("ISO 8601", "years and days that no calendar has"),
    ("PEM text", "a begin and an end that do not overlap"),
    ("can only be given together", "an argument that would do nothing"),
    ("a whole number", "numbers of more than 64 bits"),
    ("the account id as a string", "a schema requires it, but not as a string"),
    ("at least one of", "a change that would change nothing"),
    ("a NUL character", "no database can hold it"),
    ("no property of this name", "a name by which the server takes an object for none"),
    ("is set by the connection itself", "headers between each two hops"),
    ("repaired", "5.0 is 5 to a schema, a repeated entry is one"),
];

/// Why the check may refuse what a schema accepts.
fn excuse(issues: &[Issue], args: &Value) -> Option<&'static str> {
    let of = |issue: &Issue| {
        let given = issue.path.first().and_then(|name| args[name].as_str());
        if given.is_some_and(|text| text.trim_start().starts_with('[')) {
            return Some("a string that is a list in JSON");
        }
        STRICTER
            .iter()
            .find(|(words, _)| issue.message.contains(words) || issue.code == *words)
            .map(|(_, why)| *why)
    };
    let all: Option<Vec<_>> = issues.iter().map(of).collect();
    all?.into_iter().next()
}

/// Compares a schema with the check on many values.
fn compare(tool: &Tool, schema: &Validator, whose: &str, seen: &mut BTreeMap<&str, usize>) -> Vec<String> {
    let mut random = Random::new(steady_seed());
    let mut problems = Vec::new();
    for i in 0..1200 {
        let mut args = good(&mut random, tool);
        if i % 3 > 0 {
            args = broken(&mut random, args);
        }
        let problem = match (schema.is_valid(&args), strict(tool, &args)) {
            (true, Ok(())) => {
                *seen.entry("both take it").or_default() += 1;
                None
            }
            (false, Err(_)) => {
                *seen.entry("both refuse it").or_default() += 1;
                None
            }
            (false, Ok(())) if looser(tool, &args) => None,
            (false, Ok(())) => {
                let why: Vec<String> =
                    schema.iter_errors(&args).map(|e| format!("{}: {e}", e.instance_path)).collect();
                Some(format!("the check takes what {whose} schema refuses: {}", why.join("; ")))
            }
            (true, Err(issues)) => match excuse(&issues, &args) {
                Some(why) => {
                    *seen.entry(why).or_default() += 1;
                    None
                }
                None => Some(format!("the check refuses what {whose} schema takes: {issues:?}")),
            },
        };
        problems.extend(problem.map(|p| format!("{}: {p}\n  {args}", tool.slug)));
    }
    problems
}

/// Whether the check may accept what the contract's schema refuses: the same integration twice is
/// harmless, and the server accepts it; a URL with a stray `%` is for the server to judge.
fn looser(tool: &Tool, args: &Value) -> bool {
    if tool.slug == "NANGO_CREATE_ENVIRONMENT" {
        return args["callback_url"].as_str().is_some_and(|url| url.contains('%'));
    }
    let names = args["integration_id"].as_array().map(Vec::as_slice).unwrap_or_default();
    tool.slug == "NANGO_CONNECTION_LIST_GET" && names.iter().enumerate().any(|(i, n)| names[..i].contains(n))
}

fn report(seen: BTreeMap<&str, usize>, problems: Vec<String>) {
    for (what, n) in seen {
        println!("{n:6} {what}");
    }
    let shown: Vec<String> = problems.iter().take(12).map(|p| p.chars().take(700).collect()).collect();
    assert!(problems.is_empty(), "{} differences:\n{}", problems.len(), shown.join("\n"));
}

#[test]
fn the_check_and_the_rich_schema_give_the_same_verdict() {
    let (mut seen, mut problems) = (BTreeMap::new(), Vec::new());
    for tool in tools::all() {
        let rich = validator(&serde_json::from_str(&schema::rich(tool)).unwrap());
        problems.extend(compare(tool, &rich, "the rich", &mut seen));
    }
    report(seen, problems);
}

#[test]
fn the_check_and_the_contracts_schema_give_the_same_verdict() {
    let operations = operations();
    let (mut seen, mut problems) = (BTreeMap::new(), Vec::new());
    for tool in tools::all().filter(|tool| !NEWER_OPERATIONS.contains(&tool.slug)) {
        let operation = operations.iter().find(|o| o["slug"] == tool.slug).unwrap();
        problems.extend(compare(tool, &validator(&operation["args"]), "the contract's", &mut seen));
    }
    report(seen, problems);
}

/// Places where the wire schema, with its one type a node, takes less than the check: with the words that say what
/// else is taken.
const WIDER: &[(&str, &str, &str)] = &[
    ("NANGO_ACTION_TRIGGER_POST", "input", "Any JSON value is accepted"),
    ("NANGO_CONNECTION_LIST_GET", "integration_id", "a single one may be given without a list"),
    ("NANGO_CREATE_FUNCTION_DRYRUN", "input", "Any JSON value is accepted"),
    ("NANGO_DELETE_PROXY", "body", "An object or list is sent as JSON, a string unchanged"),
    ("NANGO_DELETE_PROXY", "query_params", "strings, numbers, booleans or lists of them"),
    ("NANGO_GET_PROXY", "query_params", "strings, numbers, booleans or lists of them"),
    ("NANGO_GET_SYNC_STATUS", "syncs", "a single one may be given without a list"),
    ("NANGO_INVOKE_FUNCTION", "input", "Any JSON value is accepted"),
    ("NANGO_LIST_RECORDS", "filter", "a single one may be given without a list"),
    ("NANGO_PATCH_PROXY", "body", "An object or list is sent as JSON, a string unchanged"),
    ("NANGO_PATCH_PROXY", "query_params", "strings, numbers, booleans or lists of them"),
    ("NANGO_POST_PROXY", "body", "An object or list is sent as JSON, a string unchanged"),
    ("NANGO_POST_PROXY", "query_params", "strings, numbers, booleans or lists of them"),
    ("NANGO_PUT_PROXY", "body", "An object or list is sent as JSON, a string unchanged"),
    ("NANGO_PUT_PROXY", "query_params", "strings, numbers, booleans or lists of them"),
    ("NANGO_SET_CONNECTION_METADATA", "connection_id", "a single one may be given without a list"),
    ("NANGO_SYNC_PAUSE_POST", "syncs", "An entry may also be an object with `name`, `variant`"),
    ("NANGO_SYNC_START_POST", "syncs", "An entry may also be an object with `name`, `variant`"),
    ("NANGO_SYNC_TRIGGER_POST", "syncs", "An entry may also be an object with `name`, `variant`"),
    ("NANGO_UPDATE_CONNECTION_METADATA", "connection_id", "a single one may be given without a list"),
];

#[test]
fn schemas_take_what_the_check_takes() {
    let mut random = Random::new(steady_seed());
    let mut found = BTreeMap::new();
    for tool in tools::all() {
        let rich = validator(&serde_json::from_str(&schema::rich(tool)).unwrap());
        let shown: Value = serde_json::from_str(&schema::wire(tool)).unwrap();
        let wire = validator(&shown);
        for _ in 0..1500 {
            let args = good(&mut random, tool);
            if strict(tool, &args).is_err() || looser(tool, &args) {
                continue;
            }
            let refused: Vec<String> =
                rich.iter_errors(&args).map(|e| format!("{}: {e}", e.instance_path)).collect();
            assert!(refused.is_empty(), "{}: {args}: {refused:?}", tool.slug);
            // A schema with one type a node takes null as text.
            let mut args = args;
            for param in tool.params.iter().filter(|p| matches!(p.prop.kind, ParamType::Nullable(_))) {
                if args.get(param.prop.name).is_some_and(Value::is_null) {
                    args[param.prop.name] = json!("null");
                    assert_eq!(
                        schema::check(tool, args.clone(), &Allow::default()).unwrap()[param.prop.name],
                        Value::Null
                    );
                }
            }
            for error in wire.iter_errors(&args) {
                let path = error.instance_path.to_string();
                let name = path.split('/').nth(1).unwrap_or_default().to_owned();
                let words = shown["properties"][&name]["description"].as_str().unwrap_or_default().to_owned();
                found.insert((tool.slug, name), words);
            }
        }
    }
    let listed: Vec<(&str, String)> =
        WIDER.iter().map(|(slug, name, _)| (*slug, (*name).to_owned())).collect();
    assert_eq!(found.keys().cloned().collect::<Vec<_>>(), listed);
    for ((slug, name), (_, _, words)) in found.keys().zip(WIDER) {
        let shown = &found[&(*slug, name.clone())];
        assert!(shown.contains(words), "{slug} {name}: {shown}");
    }
}
