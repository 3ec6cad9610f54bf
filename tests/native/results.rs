//! The schemas of results: every part of them has a type, and every answer fits both.

use jsonschema::Validator;
use nango_toolkit::http::{self, Redaction, Response, Reveal, Scrub};
use nango_toolkit::schema;
use nango_toolkit::tool::Tool;
use nango_toolkit::tools;
use serde_json::{Value, json};

use crate::common::example_answers::answer;
use crate::common::{NEWER, OLDER, recordings};

fn loose(tool: &Tool) -> Value {
    serde_json::from_str(&schema::output(tool)).unwrap()
}

fn exact(tool: &Tool) -> Value {
    serde_json::from_str(&schema::exact_output(tool)).unwrap()
}

/// Adds every schema in a schema, itself included, with where it is.
fn nodes<'s>(schema: &'s Value, path: &str, found: &mut Vec<(String, &'s Value)>) {
    found.push((path.to_owned(), schema));
    for (name, inner) in schema["properties"].as_object().into_iter().flatten() {
        nodes(inner, &format!("{path}.{name}"), found);
    }
    for name in ["items", "additionalProperties"] {
        if schema[name].is_object() {
            nodes(&schema[name], &format!("{path}.*"), found);
        }
    }
    for inner in schema["anyOf"].as_array().into_iter().flatten() {
        nodes(inner, path, found);
    }
}

#[test]
fn every_part_of_a_result_has_a_type_or_says_that_it_is_free() {
    let (mut all, mut typed) = (0, 0);
    for tool in tools::all() {
        let (loose, exact) = (loose(tool), exact(tool));
        for (of, schema) in [("loose", &loose["properties"]["data"]), ("exact", &exact)] {
            assert!(jsonschema::meta::is_valid(schema), "{}: {of}", tool.slug);
            let mut found = Vec::new();
            nodes(schema, "data", &mut found);
            for (path, node) in found {
                let has_type = !node["type"].is_null() || node["anyOf"].is_array();
                let is_free =
                    node["description"].as_str().is_some_and(|doc| doc.ends_with("Any JSON value."));
                assert!(has_type != is_free, "{} {of} {path}: {node}", tool.slug);
                all += 1;
                typed += usize::from(has_type);
            }
        }
    }
    println!("{typed} of {all} parts are typed");
    assert!(typed * 100 >= all * 95, "{typed} of {all} parts are typed");
}

#[test]
fn a_loose_schema_requires_and_excludes_nothing() {
    for tool in tools::all() {
        let loose = loose(tool);
        let mut found = Vec::new();
        nodes(&loose["properties"]["data"], "data", &mut found);
        for (path, node) in found {
            for word in ["required", "enum", "format", "anyOf"] {
                assert!(node[word].is_null(), "{} {path} has {word}", tool.slug);
            }
            assert_ne!(node["additionalProperties"], false, "{} {path}", tool.slug);
            let may_be_null = node["type"].as_array().is_none_or(|names| names.contains(&json!("null")));
            assert!(
                node["type"] == "null" || !node["type"].is_string() && may_be_null,
                "{} {path}: {node}",
                tool.slug
            );
        }
    }
}

/// The validators of one tool.
struct Validators {
    loose: Validator,
    exact: Validator,
}

impl Validators {
    fn new(tool: &Tool) -> Validators {
        let build =
            |schema| jsonschema::draft202012::options().should_validate_formats(true).build(schema).unwrap();
        Validators { loose: build(&loose(tool)), exact: build(&exact(tool)) }
    }

    /// Where an answer does not fit, masked or not.
    fn misfits(&self, tool: &Tool, response: &Response) -> Vec<String> {
        let mut misfits = Vec::new();
        for (how, redaction) in [("masked", Redaction::default()), ("revealed", Reveal::All.into())] {
            let data = match http::decode(tool, response, &redaction, &Scrub::default()) {
                Ok(data) => serde_json::to_value(data).unwrap(),
                Err(error) => {
                    misfits.push(format!("{how}: {error:?}"));
                    continue;
                }
            };
            misfits.extend(
                self.exact.iter_errors(&data).map(|e| format!("exact, {how}, {}: {e}", e.instance_path)),
            );
            let result = json!({ "successful": true, "data": data, "error": null, "meta": {} });
            misfits.extend(
                self.loose.iter_errors(&result).map(|e| format!("loose, {how}, {}: {e}", e.instance_path)),
            );
        }
        misfits
    }
}

#[test]
fn recorded_answers_fit_both_schemas() {
    let mut seen = 0;
    let mut problems = Vec::new();
    for recording in recordings(OLDER).into_iter().chain(recordings(NEWER)) {
        let tool = recording.slug.as_deref().and_then(tools::find);
        let Some(tool) = tool.filter(|_| (200..300).contains(&recording.status)) else { continue };
        seen += 1;
        let misfits = Validators::new(tool).misfits(tool, &recording.response());
        problems.extend(misfits.iter().map(|e| format!("{} `{}`: {e}", tool.slug, recording.place())));
    }
    println!("{seen} answers");
    assert!(problems.is_empty(), "{}:\n{}", problems.len(), problems.join("\n"));
    assert!(seen > 250, "{seen} answers");
}

#[test]
fn answers_of_the_emulator_fit_both_schemas() {
    let mut problems = Vec::new();
    let mut seen = 0;
    for tool in tools::all() {
        let validators = Validators::new(tool);
        for example in tool.examples {
            let response = answer(tool, example, 1_700_000_000_000);
            if response.status < 300 {
                seen += 1;
                let misfits = validators.misfits(tool, &response);
                problems.extend(misfits.iter().map(|e| format!("{} {}: {e}", tool.slug, example.title)));
            }
        }
    }
    println!("{seen} answers");
    assert!(problems.is_empty(), "{}:\n{}", problems.len(), problems.join("\n"));
}

#[test]
fn an_exact_schema_refuses_what_is_missing_or_null_and_a_loose_one_does_not() {
    let mut seen = 0;
    for tool in tools::all() {
        let validators = Validators::new(tool);
        let response = answer(tool, &tool.examples[0], 1_700_000_000_000);
        let always = exact(tool)["required"].as_array().cloned().unwrap_or_default();
        let data = http::decode(tool, &response, &Redaction::default(), &Scrub::default());
        let Ok(data) = data.map(|data| serde_json::to_value(data).unwrap()) else { continue };
        for name in always.iter().filter_map(Value::as_str).filter(|_| data.is_object()) {
            seen += 1;
            let (mut missing, mut null) = (data.clone(), data.clone());
            missing.as_object_mut().unwrap().remove(name);
            null[name] = Value::Null;
            let may_be_null = exact(tool)["properties"][name]["type"]
                .as_array()
                .is_some_and(|names| names.contains(&json!("null")));
            assert!(!validators.exact.is_valid(&missing), "{} without {name}", tool.slug);
            assert_eq!(validators.exact.is_valid(&null), may_be_null, "{}: {name} is null", tool.slug);
            for data in [missing, null] {
                let result = json!({ "successful": true, "data": data, "error": null, "meta": {} });
                assert!(validators.loose.is_valid(&result), "{}: {name}", tool.slug);
            }
        }
    }
    println!("{seen} properties");
    assert!(seen > 50, "{seen} properties");
}
