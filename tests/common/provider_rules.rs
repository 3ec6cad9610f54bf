//! The documented rules of providers for tools: names, keywords, nesting, limits. Each rule returns its
//! violations, with the path of the node.

use serde_json::Value;

/// Every node of a schema with its path and its depth in objects.
pub fn nodes(schema: &Value) -> Vec<(String, usize, &Value)> {
    fn walk<'s>(node: &'s Value, path: String, depth: usize, out: &mut Vec<(String, usize, &'s Value)>) {
        out.push((path.clone(), depth, node));
        for (name, inner) in node["properties"].as_object().into_iter().flatten() {
            walk(inner, format!("{path}.{name}"), depth + 1, out);
        }
        for keyword in ["items", "additionalProperties"] {
            if node[keyword].is_object() {
                walk(&node[keyword], format!("{path}.{keyword}"), depth, out);
            }
        }
        for keyword in ["anyOf", "oneOf", "allOf"] {
            for (i, inner) in node[keyword].as_array().into_iter().flatten().enumerate() {
                walk(inner, format!("{path}.{keyword}[{i}]"), depth, out);
            }
        }
    }
    let mut out = Vec::new();
    walk(schema, String::new(), 0, &mut out);
    out
}

fn keywords(node: &Value) -> impl Iterator<Item = &str> {
    node.as_object().into_iter().flat_map(|map| map.keys().map(String::as_str))
}

fn types(node: &Value) -> Vec<&str> {
    match &node["type"] {
        Value::String(one) => vec![one],
        Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

fn is_name(name: &str, more: &str, most: usize) -> bool {
    !name.is_empty()
        && name.len() <= most
        && name.chars().all(|c| c.is_ascii_alphanumeric() || more.contains(c))
}

fn begins_as_identifier(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
}

/// Rules of every provider: the root is an object, references resolve (there are none), lists have items.
fn common(schema: &Value, out: &mut Vec<String>) {
    if !types(schema).iter().any(|t| t.eq_ignore_ascii_case("object")) || !schema["properties"].is_object() {
        out.push("the root is not an object with properties".into());
    }
    for (path, _, node) in nodes(schema) {
        if keywords(node).any(|k| k == "$ref" || k == "$defs") {
            out.push(format!("{path}: a reference"));
        }
        if types(node).iter().any(|t| t.eq_ignore_ascii_case("array")) && !node["items"].is_object() {
            out.push(format!("{path}: a list without items"));
        }
    }
}

/// OpenAI, functions without `strict`: names of 64 characters, a root object.
pub fn openai(name: &str, description: &str, schema: &Value) -> Vec<String> {
    let mut out = Vec::new();
    if !is_name(name, "_-", 64) {
        out.push(format!("the name `{name}`"));
    }
    if description.is_empty() || description.len() > 1024 {
        out.push(format!("a description of {} bytes", description.len()));
    }
    common(schema, &mut out);
    if keywords(schema).any(|k| matches!(k, "anyOf" | "oneOf" | "allOf" | "enum" | "not")) {
        out.push("a combinator at the root".into());
    }
    out
}

/// OpenAI, `strict: true`: what structured outputs support, and their limits.
pub fn openai_strict(name: &str, description: &str, schema: &Value) -> Vec<String> {
    const KNOWN: &[&str] = &[
        "type",
        "description",
        "properties",
        "required",
        "additionalProperties",
        "items",
        "enum",
        "anyOf",
        "minimum",
        "maximum",
    ];
    let mut out = openai(name, description, schema);
    let (mut properties, mut enums, mut characters) = (0, 0, 0);
    for (path, depth, node) in nodes(schema) {
        out.extend(keywords(node).filter(|k| !KNOWN.contains(k)).map(|k| format!("{path}: `{k}`")));
        let types = types(node);
        if types.is_empty() == node["anyOf"].is_null() {
            out.push(format!("{path}: neither or both of type and anyOf"));
        }
        if types.len() > 2 || (types.len() == 2 && types[1] != "null") {
            out.push(format!("{path}: the types {types:?}"));
        }
        if types.contains(&"object") {
            let names: Vec<&str> = node["properties"]
                .as_object()
                .map(|p| p.keys().map(String::as_str).collect())
                .unwrap_or_default();
            let required: Vec<&str> =
                node["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            if node["additionalProperties"] != false {
                out.push(format!("{path}: an object that is not closed"));
            }
            if !node["properties"].is_object() || names != required {
                out.push(format!("{path}: {required:?} required of {names:?}"));
            }
            properties += names.len();
            characters += names.iter().map(|n| n.len()).sum::<usize>();
        }
        if let Some(options) = node["enum"].as_array() {
            enums += options.len();
            characters += options.iter().filter_map(Value::as_str).map(str::len).sum::<usize>();
            if types.contains(&"null") != options.contains(&Value::Null) {
                out.push(format!("{path}: null in one of type and enum"));
            }
        }
        if depth > 5 {
            out.push(format!("{path}: {depth} levels deep"));
        }
    }
    if properties > 5000 || enums > 1000 || characters > 120_000 {
        out.push(format!("{properties} properties, {enums} enum values, {characters} characters"));
    }
    out
}

/// Anthropic: names, the keys of properties, no combinator at the root.
pub fn anthropic(name: &str, description: &str, schema: &Value) -> Vec<String> {
    let mut out = Vec::new();
    if !is_name(name, "_-", 64) {
        out.push(format!("the name `{name}`"));
    }
    if description.is_empty() {
        out.push("no description".into());
    }
    common(schema, &mut out);
    if keywords(schema).any(|k| matches!(k, "anyOf" | "oneOf" | "allOf")) {
        out.push("a combinator at the root".into());
    }
    for (path, _, node) in nodes(schema) {
        for key in node["properties"].as_object().into_iter().flat_map(|p| p.keys()) {
            if !is_name(key, "_.-", 64) {
                out.push(format!("{path}.{key}: the key"));
            }
        }
    }
    out
}

/// Gemini, only names: of a declaration whose schema is `parametersJsonSchema`.
pub fn gemini_names(name: &str, schema: &Value) -> Vec<String> {
    let mut out = Vec::new();
    if !is_name(name, "_.-", 64) || !begins_as_identifier(name) {
        out.push(format!("the name `{name}`"));
    }
    common(schema, &mut out);
    for (path, _, node) in nodes(schema) {
        for key in node["properties"].as_object().into_iter().flat_map(|p| p.keys()) {
            if !is_name(key, "_", 64) || !begins_as_identifier(key) {
                out.push(format!("{path}.{key}: the key"));
            }
        }
    }
    out
}

/// Gemini, `parameters`: the fields of its `Schema`, one type per node.
pub fn gemini(name: &str, schema: &Value) -> Vec<String> {
    const KNOWN: &[&str] = &[
        "type",
        "description",
        "nullable",
        "properties",
        "required",
        "items",
        "enum",
        "anyOf",
        "minimum",
        "maximum",
    ];
    const TYPES: &[&str] = &["OBJECT", "ARRAY", "STRING", "INTEGER", "NUMBER", "BOOLEAN"];
    let mut out = gemini_names(name, schema);
    for (path, _, node) in nodes(schema) {
        out.extend(keywords(node).filter(|k| !KNOWN.contains(k)).map(|k| format!("{path}: `{k}`")));
        match node["type"].as_str() {
            Some(one) if TYPES.contains(&one) && node["anyOf"].is_null() => {}
            None if node["anyOf"].is_array() && keywords(node).count() == 1 => {}
            None if node["anyOf"].is_array() => out.push(format!("{path}: something beside anyOf")),
            _ => out.push(format!("{path}: the type {}", node["type"])),
        }
        let names = node["properties"].as_object();
        if node["type"] == "OBJECT" && !path.is_empty() && names.is_none_or(|names| names.is_empty()) {
            out.push(format!("{path}: an object without properties"));
        }
        for needed in node["required"].as_array().into_iter().flatten() {
            if !names.is_some_and(|names| needed.as_str().is_some_and(|n| names.contains_key(n))) {
                out.push(format!("{path}: {needed} is required and not there"));
            }
        }
        if let Some(options) = node["enum"].as_array()
            && (node["type"] != "STRING" || options.iter().any(|o| o.as_str().is_none_or(str::is_empty)))
        {
            out.push(format!("{path}: an enum with values that are not strings"));
        }
    }
    out
}
