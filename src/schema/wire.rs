//! The wire schema, which models and clients see. Root object, one `type` on every node, no references
//! and no combinators, which are described in prose.

use super::words::{Props, expected, join};
use crate::json::Writer;
use crate::tool::{Param, ParamRule, ParamType, Property, StringFormat, Tool};

/// The wire schema of a tool's arguments, as JSON text.
#[must_use]
pub fn wire(tool: &Tool) -> String {
    wire_of(tool, tool.params)
}

/// Like the above, with other arguments than the tool's own: fewer, or with some required.
#[must_use]
pub fn wire_of(tool: &Tool, params: &[Param]) -> String {
    let mut w = Writer::new();
    w.open().pair("type", "object");
    let rules = rules(tool, params);
    if !rules.is_empty() {
        w.pair("description", &rules);
    }
    properties(Props::Arguments(params), &mut w);
    w.key("additionalProperties").boolean(false).close();
    w.finish()
}

/// The rules on several arguments, in prose; empty if there are none.
pub(super) fn rules(tool: &Tool, params: &[Param]) -> String {
    let mut out = String::new();
    let shown = |name: &str| params.iter().any(|param| param.prop.name == name);
    for rule in tool.rules {
        let sentence = match rule {
            ParamRule::AtLeastOne(names) => {
                let mut names = names.to_vec();
                names.retain(|name| shown(name));
                if names.len() < 2 {
                    continue;
                }
                format!("Give at least one of {}.", join(&names))
            }
            ParamRule::Excludes(one, others) => {
                let mut others = others.to_vec();
                others.retain(|name| shown(name));
                if others.is_empty() || !shown(one) {
                    continue;
                }
                format!("Do not give `{one}` together with {}.", join(&others))
            }
            ParamRule::Needs(one, other) if shown(one) && shown(other) => {
                format!("Give `{one}` only together with `{other}`.")
            }
            ParamRule::Needs(..) => continue,
            ParamRule::Reserved(name, value) => format!("`{name}` must not be `{value}`."),
            ParamRule::Case { name, value, needs, excludes } => {
                let without =
                    if excludes.is_empty() { String::new() } else { format!(", without {}", join(excludes)) };
                format!("If `{name}` is `{value}`, give {}{without}.", join(needs))
            }
            ParamRule::TbaAccount => "Credentials of type TBA need connection_config.accountId.".into(),
        };
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(&sentence);
    }
    out
}

fn properties(props: Props<'_>, w: &mut Writer) {
    w.key("properties").open();
    let mut required: Vec<&str> = Vec::new();
    let mut at = 0;
    while let Some(prop) = props.get(at) {
        at += 1;
        w.key(prop.name).open().pair("description", &prose(prop));
        kind(&prop.kind, w);
        w.close();
        if prop.required {
            required.push(prop.name);
        }
    }
    w.close().key("required").texts(&required);
}

/// A property's description with its bounds, default and deprecation in prose.
pub(super) fn prose(prop: &Property) -> String {
    let mut out = prop.doc.to_owned();
    let mut add = |sentence: &str| {
        if !sentence.is_empty() {
            out.push(' ');
            out.push_str(sentence);
        }
    };
    add(&bounds(&prop.kind));
    if let Some(default) = prop.default {
        add(&format!("Default: {}.", default.trim_matches('"')));
    }
    if prop.deprecated {
        add("Deprecated.");
    }
    out
}

fn bounds(kind: &ParamType) -> String {
    match kind {
        ParamType::Integer { min, max: i64::MAX } => format!("At least {}.", *min),
        ParamType::Integer { min, max } => format!("From {} to {}.", *min, *max),
        ParamType::Text(text) => {
            let size = match (text.min, text.max) {
                // A bound that no value comes near does not help a model.
                (0 | 1, 1000..) => String::new(),
                (0 | 1, max) => format!("At most {max} characters"),
                (min, u32::MAX) => format!("At least {min} characters"),
                (min, max) => format!("{min} to {max} characters"),
            };
            match (text.form, size.as_str()) {
                (StringFormat::Any, "") => String::new(),
                (StringFormat::Any, size) => format!("{size}."),
                (
                    StringFormat::ConnectionId
                    | StringFormat::IntegrationKey
                    | StringFormat::Name
                    | StringFormat::Model
                    | StringFormat::EnvironmentName,
                    size,
                ) => {
                    format!("{size} of {}.", text.form.words())
                }
                (form, _) => format!("Must be {}.", form.words()),
            }
        }
        ParamType::Choice(options) => format!("One of {}.", join(options)),
        ParamType::List { of, min, max, .. } => {
            let count = match (*min, *max) {
                (0, u32::MAX) => "",
                (0, max) => &format!("At most {max} entries. "),
                (min, u32::MAX) => {
                    &format!("At least {min} {}. ", if min == 1 { "entry" } else { "entries" })
                }
                (min, max) => &format!("{min} to {max} entries. "),
            };
            match of {
                ParamType::Object(_) => count.trim_end().to_owned(),
                ParamType::NameOr { object, .. } => {
                    let names: Vec<&str> = object.iter().map(|prop| prop.name).collect();
                    format!("{count}An entry may also be an object with {}.", join(&names))
                }
                of => format!("{count}Each entry: {}.", expected(of)),
            }
        }
        ParamType::OneOrMany(of) => {
            format!(
                "At least one entry; a single one may be given without a list. Each entry: {}.",
                expected(of)
            )
        }
        ParamType::Tags { min: 0 } => {
            "At most 10; names as for other tags, values of at most 255 characters.".into()
        }
        ParamType::Tags { .. } => {
            "At most 10 tags. Names: a letter, then letters, digits and _ . / -, at most 64 \
            characters. Values: strings of 1 to 255 characters."
                .into()
        }
        ParamType::Map { keys, of: ParamType::QueryValue } if keys.form == StringFormat::Any => {
            "Values: strings, numbers, booleans or lists of them.".into()
        }
        ParamType::Map { of, .. } => match of {
            ParamType::Object(_) => String::new(),
            of => format!("Each value: {}.", expected(of)),
        },
        ParamType::Nullable(of) => bounds(of),
        ParamType::Json => "Any JSON value is accepted.".into(),
        ParamType::Body => "An object or list is sent as JSON, a string unchanged.".into(),
        _ => String::new(),
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
        ParamType::Text(_) | ParamType::QueryValue => {
            w.pair("type", "string");
        }
        ParamType::Choice(options) => {
            w.pair("type", "string").key("enum").texts(options);
        }
        ParamType::List { of, .. } | ParamType::OneOrMany(of) => {
            w.pair("type", "array").key("items");
            node(of, w);
        }
        // A type beside `null` is more than many clients accept: the description says that it may be null.
        ParamType::Nullable(of) => self::kind(of, w),
        // The string form can express everything that the object can.
        ParamType::NameOr { name, .. } => self::kind(name, w),
        ParamType::Object(props) => {
            w.pair("type", "object");
            properties(Props::Of(props), w);
            w.key("additionalProperties").boolean(false);
        }
        ParamType::Open(props) => {
            w.pair("type", "object");
            if !props.is_empty() {
                properties(Props::Of(props), w);
            }
            w.key("additionalProperties").boolean(true);
        }
        ParamType::Map { of, .. } => {
            w.pair("type", "object").key("additionalProperties");
            node(of, w);
        }
        ParamType::Tags { .. } => {
            w.pair("type", "object").key("additionalProperties").raw(r#"{"type":"string"}"#);
        }
        ParamType::Tagged(variants) => {
            w.pair("type", "object");
            tagged(variants, w);
            w.key("additionalProperties").boolean(false);
        }
        ParamType::Json | ParamType::Body => {
            w.pair("type", "object").key("additionalProperties").boolean(true);
        }
    }
}

fn node(of: &ParamType, w: &mut Writer) {
    w.open();
    kind(of, w);
    w.close();
}

/// The forms of a tagged object merged: every property once, its description naming
/// the types it belongs to and those that need it.
fn tagged(variants: &[crate::tool::Variant], w: &mut Writer) {
    w.key("properties").open().key("type").open();
    w.pair("description", "Must equal the auth_mode of the provider.");
    let mut tags = Vec::new();
    for variant in variants {
        tags.extend_from_slice(variant.tags);
    }
    w.pair("type", "string").key("enum").texts(&tags).close();
    let mut seen: Vec<&str> = Vec::new();
    for prop in variants.iter().flat_map(|v| v.props) {
        if seen.contains(&prop.name) {
            continue;
        }
        seen.push(prop.name);
        let mut text = prose(prop);
        for (required, word) in [(true, "Required"), (false, "Optional")] {
            let mut tags: Vec<&str> = Vec::new();
            for variant in variants {
                if variant.props.iter().any(|p| p.name == prop.name && p.required == required) {
                    tags.extend_from_slice(variant.tags);
                }
            }
            if !tags.is_empty() {
                text.push_str(&format!(" {word} for {}.", tags.join(", ")));
            }
        }
        w.key(prop.name).open().pair("description", &text);
        kind(&prop.kind, w);
        w.close();
    }
    w.close().key("required").raw(r#"["type"]"#);
}
