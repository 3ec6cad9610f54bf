//! The rich schema: JSON Schema 2020-12 with all rules of validation.

use serde_json::json;

use super::wire::prose;
use crate::json::{Object, Value, Writer};
use crate::tool::{ParamRule, ParamType, Property, Role, StringFormat, StringSpec, Tool};

/// The rich schema of a tool's arguments, as JSON text.
#[must_use]
pub fn rich(tool: &Tool) -> String {
    let mut w = Writer::new();
    w.open().pair("$schema", "https://json-schema.org/draft/2020-12/schema").pair("type", "object");
    properties(tool.params.iter().map(|p| &p.prop), None, &mut w);
    w.key("additionalProperties").boolean(false);
    for rule in tool.rules {
        self::rule(tool, rule, &mut w);
    }
    cases(tool.rules, &mut w);
    w.close();
    w.finish()
}

/// The rules on arguments that depend on the value of another.
fn cases(rules: &[ParamRule], w: &mut Writer) {
    let cases = rules.iter().filter_map(|rule| match *rule {
        ParamRule::Case { name, value, needs, excludes } => Some((name, value, needs, excludes)),
        _ => None,
    });
    let all: Vec<_> = cases
        .map(|(name, value, needs, excludes)| {
            let given = json!({ "properties": { name: { "const": value } }, "required": [name] });
            let absent: Object = excludes.iter().map(|other| ((*other).to_owned(), false.into())).collect();
            json!({ "if": given, "then": { "required": needs, "properties": absent } })
        })
        .collect();
    if !all.is_empty() {
        w.key("allOf").value(&Value::from(all));
    }
}

fn rule(tool: &Tool, rule: &ParamRule, w: &mut Writer) {
    match rule {
        ParamRule::AtLeastOne(names) => {
            w.key("anyOf").open_array();
            for name in *names {
                w.open().key("required").open_array().text(name).close_array().close();
            }
            w.close_array();
        }
        ParamRule::Needs(one, other) => {
            w.key("dependentRequired").open().key(one).open_array().text(other).close_array().close();
        }
        ParamRule::Excludes(one, others) => {
            w.key("dependentSchemas").open().key(one).open().key("properties").open();
            for other in *others {
                w.key(other).boolean(false);
            }
            w.close().close().close();
        }
        ParamRule::Reserved(name, value) => {
            let pattern: String = value.chars().map(|c| format!("[{}{c}]", c.to_ascii_uppercase())).collect();
            let other = json!({ "properties": { *name: { "not": { "pattern": format!("^{pattern}$") } } } });
            w.key("if").boolean(true).key("then").value(&other);
        }
        // One alternative for each value of the argument that decides; see `cases`.
        ParamRule::Case { .. } => {}
        ParamRule::TbaAccount => {
            let name = |role| tool.name_of(&[role]).unwrap_or_default();
            let (credentials, settings) = (name(Role::Credentials), name(Role::ConnectionSettings));
            let tba = json!({
                "properties": { credentials: { "properties": { "type": { "const": "TBA" } }, "required": ["type"] } },
                "required": [credentials],
            });
            let id = json!({ "type": "string", "minLength": 1 });
            let account = json!({
                "properties": { settings: { "properties": { "accountId": id }, "required": ["accountId"] } },
                "required": [settings],
            });
            w.key("if").value(&tba).key("then").value(&account);
        }
    }
}

fn properties<'p>(props: impl Iterator<Item = &'p Property> + Clone, tags: Option<&[&str]>, w: &mut Writer) {
    w.key("properties").open();
    if let Some(tags) = tags {
        w.key("type").open().pair("type", "string");
        texts("enum", tags, w);
        w.close();
    }
    for prop in props.clone() {
        w.key(prop.name).open();
        w.pair("description", &prose(prop));
        if prop.is_secret() {
            w.key("writeOnly").boolean(true);
        }
        if prop.deprecated {
            w.key("deprecated").boolean(true);
        }
        if let Some(default) = prop.default {
            w.key("default").raw(default);
        }
        kind(&prop.kind, w);
        w.close();
    }
    w.close();
    let tag = tags.map(|_| "type");
    let required: Vec<&str> = tag.into_iter().chain(props.filter(|p| p.required).map(|p| p.name)).collect();
    texts("required", &required, w);
}

fn texts(name: &str, texts: &[&str], w: &mut Writer) {
    w.key(name).open_array();
    for text in texts {
        w.text(text);
    }
    w.close_array();
}

fn text(rule: StringSpec, w: &mut Writer) {
    if rule.min > 0 {
        w.key("minLength").integer(i64::from(rule.min));
    }
    if rule.max < u32::MAX {
        w.key("maxLength").integer(i64::from(rule.max));
    }
    if let Some(pattern) = rule.form.pattern() {
        w.pair("pattern", pattern);
    }
    match rule.form {
        StringFormat::DateTime | StringFormat::UtcTime => drop(w.pair("format", "date-time")),
        StringFormat::Uuid => drop(w.pair("format", "uuid")),
        _ => {}
    }
}

/// Writes the keywords of one type into an open object.
fn kind(kind: &ParamType, w: &mut Writer) {
    match kind {
        ParamType::Boolean => {
            w.pair("type", "boolean");
        }
        ParamType::Integer { min, max } => {
            w.pair("type", "integer").key("minimum").integer(*min);
            if *max < i64::MAX {
                w.key("maximum").integer(*max);
            }
        }
        ParamType::Text(rule) => {
            w.pair("type", "string");
            text(*rule, w);
        }
        ParamType::Choice(options) => {
            w.pair("type", "string");
            texts("enum", options, w);
        }
        ParamType::List { of, min, max, unique } => {
            w.pair("type", "array").key("items");
            node(of, w);
            if *min > 0 {
                w.key("minItems").integer(i64::from(*min));
            }
            if *max < u32::MAX {
                w.key("maxItems").integer(i64::from(*max));
            }
            if *unique {
                w.key("uniqueItems").boolean(true);
            }
        }
        ParamType::OneOrMany(of) => {
            w.key("anyOf").open_array();
            node(of, w);
            w.open().pair("type", "array").key("items");
            node(of, w);
            w.key("minItems").integer(1);
            if let ParamType::Choice(options) = of {
                w.key("maxItems").integer(options.len() as i64).key("uniqueItems").boolean(true);
            }
            w.close().close_array();
        }
        ParamType::NameOr { name, object } => {
            w.key("anyOf").open_array();
            node(name, w);
            node(&ParamType::Object(object), w);
            w.close_array();
        }
        ParamType::Nullable(of) => {
            w.key("anyOf").open_array();
            node(of, w);
            w.raw(r#"{"type":"null"}"#).close_array();
        }
        ParamType::Object(props) => {
            w.pair("type", "object");
            properties(props.iter(), None, w);
            w.key("additionalProperties").boolean(false);
        }
        ParamType::Open(props) => {
            w.pair("type", "object");
            properties(props.iter(), None, w);
            w.key("additionalProperties").boolean(true);
        }
        ParamType::Map { keys, of } => map(*keys, of, w),
        ParamType::Tags { min } => {
            let values = ParamType::Text(StringSpec { min: *min, max: 255, form: StringFormat::Any });
            map(StringSpec { min: 1, max: 64, form: StringFormat::TagKey }, &values, w);
            w.key("maxProperties").integer(10);
        }
        ParamType::Tagged(variants) => {
            w.pair("type", "object").key("oneOf").open_array();
            for variant in *variants {
                w.open().pair("type", "object");
                properties(variant.props.iter(), Some(variant.tags), w);
                w.key("additionalProperties").boolean(false).close();
            }
            w.close_array();
        }
        ParamType::QueryValue => {
            w.key("anyOf").raw(concat!(
                r#"[{"type":["string","number","boolean"]},"#,
                r#"{"type":"array","items":{"type":["string","number","boolean"]}}]"#
            ));
        }
        ParamType::Json => {
            w.key("type").raw(r#"["object","array","string","number","boolean","null"]"#);
        }
        ParamType::Body => {
            w.key("type").raw(r#"["object","array","string"]"#);
        }
    }
}

fn map(keys: StringSpec, of: &ParamType, w: &mut Writer) {
    w.pair("type", "object").key("propertyNames").open().pair("type", "string");
    text(keys, w);
    w.close().key("additionalProperties");
    node(of, w);
}

fn node(of: &ParamType, w: &mut Writer) {
    w.open();
    kind(of, w);
    w.close();
}
