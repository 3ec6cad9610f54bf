//! What is in the records that a sync collects: what the fixture declares for its model, and for the others made-up
//! content by the model's schema.

use serde_json::{Map, Value, json};

use super::clock;
use super::state::{Function, Object};
use super::template;

const GIVEN: &[&str] =
    &["Olive", "Pascal", "Quinn", "Rosa", "Silas", "Tilda", "Umberto", "Vera", "Wanda", "Xavier", "Yara"];
const FAMILY: &[&str] = &["Invented", "Sample", "Fictive", "Madeup", "Example", "Notional", "Mock"];
const COMPANIES: &[&str] =
    &["Placeholder Paints", "Specimen Stationery", "Dummy Dairy", "Template Tools", "Example Eyewear"];

fn pick(list: &'static [&'static str], n: usize) -> &'static str {
    list.get(n % list.len().max(1)).copied().unwrap_or_default()
}

/// The content of the record at position `n` of a model, as it was collected at `at`.
pub(crate) fn content(function: &Function, model: &str, n: usize, at: i64) -> Object {
    let found = function.behaviour.get("models").and_then(|models| models.get(model));
    let declared = found.and_then(|found| found.get("records")).and_then(|records| records.get(n));
    let mut content = match declared {
        Some(declared) => {
            let input = json!({ "run": { "time": clock::iso_z(at) } });
            template::result(declared, &input).as_object().cloned().unwrap_or_default()
        }
        None => made_up(function, model, n, at),
    };
    content.entry("id").or_insert_with(|| Value::String(made_up_id(function, n)));
    content
}

/// The id of a record whose content is made up: two syncs that fill one model find different ones.
fn made_up_id(function: &Function, n: usize) -> String {
    format!("{}-{}", function.name, n + 1)
}

/// The id by which the server knows a record: a string, whatever it is in the record.
pub(crate) fn external_id(content: &Object) -> String {
    match content.get("id") {
        Some(Value::String(id)) => id.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    }
}

fn made_up(function: &Function, model: &str, n: usize, at: i64) -> Object {
    let definitions = function.declaration.get("json_schema").and_then(|schema| schema.get("definitions"));
    let schema = definitions.and_then(|definitions| definitions.get(model));
    let properties = schema.and_then(|schema| schema.get("properties")).and_then(Value::as_object);
    let mut content = Map::new();
    for (name, schema) in properties.into_iter().flatten() {
        let id = (name == "id").then(|| id_of_type(function, schema, n));
        content.insert(name.clone(), id.unwrap_or_else(|| value(name, schema, n, at)));
    }
    content
}

fn id_of_type(function: &Function, schema: &Value, n: usize) -> Value {
    match schema.get("type").and_then(Value::as_str) {
        Some("integer" | "number") => {
            json!(function.row.saturating_mul(100_000).saturating_add(n as u64 + 1))
        }
        _ => Value::String(made_up_id(function, n)),
    }
}

fn value(name: &str, schema: &Value, n: usize, at: i64) -> Value {
    let text = |name: &str| schema.get(name).and_then(Value::as_str).unwrap_or_default();
    if let Some(choices) = schema.get("enum").and_then(Value::as_array) {
        return choices.get(n % choices.len().max(1)).cloned().unwrap_or_default();
    }
    match text("type") {
        "integer" | "number" => json!((n + 1) * 100),
        "boolean" => json!(n.is_multiple_of(2)),
        "array" => json!([]),
        "object" => json!({}),
        "string" => Value::String(string(name, text("format"), n, at)),
        // A list of types: null is among them, or anything goes.
        _ => Value::Null,
    }
}

fn string(name: &str, format: &str, n: usize, at: i64) -> String {
    let (given, family) = (pick(GIVEN, n), pick(FAMILY, n));
    match (name, format) {
        (_, "email") => format!("{}.{}@example.com", given.to_lowercase(), n + 1),
        (_, "date-time") => clock::iso_z(at),
        (_, "date") => clock::iso_z(at).split('T').next().unwrap_or_default().to_owned(),
        ("first_name", _) => given.to_owned(),
        ("last_name", _) => family.to_owned(),
        ("company" | "display_name", _) => pick(COMPANIES, n).to_owned(),
        ("name", _) => format!("{given} {family}"),
        ("website", _) => format!("https://{}.example.com", given.to_lowercase()),
        _ => format!("{} {}", name.replace('_', " "), n + 1),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{content, external_id};
    use crate::emulator::model::collected::MOST;
    use crate::emulator::model::fixture::{build, default_fixture};
    use crate::emulator::model::state::{Function, FunctionKind};
    use serde_json::{Value, json};

    fn syncs() -> Vec<Function> {
        let state = build(default_fixture(), 1, 0).expect("the fixture");
        state.functions.into_iter().filter(|f| f.kind == FunctionKind::Sync).collect()
    }

    #[test]
    fn every_record_of_the_first_world_fits_its_models_schema_and_has_an_id_of_its_own() {
        let mut checked = 0;
        for function in syncs() {
            let models = function.behaviour["models"].as_object().expect("models");
            for (model, counts) in models {
                let schema = &function.declaration["json_schema"]["definitions"][model];
                let properties = schema["properties"].as_object().expect("properties");
                let mut ids = BTreeSet::new();
                for n in 0..usize::try_from(counts["added"].as_u64().expect("a number")).expect("fits") {
                    let content = content(&function, model, n, 1_795_356_000_000);
                    let at = format!("{} {model} {n}: {content:?}", function.name);
                    for name in schema["required"].as_array().expect("names") {
                        assert!(content.contains_key(name.as_str().expect("a name")), "{at}");
                    }
                    for (name, value) in &content {
                        let schema = properties.get(name).unwrap_or_else(|| panic!("{at}: {name}"));
                        let right = match schema["type"].as_str() {
                            Some("string") => value.is_string(),
                            Some("integer") => value.is_i64() || value.is_u64(),
                            Some("number") => value.is_number(),
                            Some("array") => value.is_array(),
                            _ => value.is_string() || value.is_null(),
                        };
                        assert!(right, "{at}: {name}");
                        let choices = schema.get("enum").and_then(Value::as_array);
                        assert!(choices.is_none_or(|choices| choices.contains(value)), "{at}: {name}");
                        let email = schema.get("format") == Some(&json!("email"));
                        assert!(
                            !email || value.as_str().is_some_and(|v| v.ends_with("@example.com")),
                            "{at}"
                        );
                    }
                    assert!(ids.insert(external_id(&content)), "{at}: twice");
                    checked += 1;
                }
                assert!(ids.len() <= MOST && counts["records"].as_array().is_some_and(|r| !r.is_empty()));
            }
        }
        assert!(checked >= 90, "{checked}");
    }
}
