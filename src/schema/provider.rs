//! Schemas for providers that accept less than JSON Schema: OpenAI's strict mode and Gemini's `parameters`. What
//! they do not support is expressed differently, and nothing is lost. A model's arguments are decoded in
//! [`back`]; other consumers get the wire schema unchanged.
//!
//! | table | form |
//! |---|---|
//! | optional (strict) | required, and `null` allowed |
//! | object with arbitrary names | list of `{ key, value }` |
//! | any JSON, open object | string that contains JSON |
//! | open object with some declared names | those, and [`OTHERS`]: the rest as a string that contains JSON |
//! | one of several forms | `anyOf` |

pub(super) mod back;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::wire::{prose, rules};
use super::words::Props;
use crate::error::Error;
use crate::json::{Value, Writer};
use crate::tool::{Param, ParamType, Property, Tool, named};

/// The property for an open object's undeclared properties.
pub(super) const OTHERS: &str = "other_properties";

/// The provider of the model that gets the schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", try_from = "String")]
#[non_exhaustive]
pub enum Provider {
    /// OpenAI with `strict: true`: closed objects, every property required, `null` for absent values.
    #[serde(rename = "openai-strict")]
    OpenAiStrict,
    /// Gemini's `Schema`, for `parameters` of a function declaration.
    Gemini,
}

impl Provider {
    /// The name used in JSON and options: `openai-strict`, `gemini`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Provider::OpenAiStrict => "openai-strict",
            Provider::Gemini => "gemini",
        }
    }

    /// Every provider.
    pub const ALL: &'static [Provider] = &[Provider::OpenAiStrict, Provider::Gemini];
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Provider {
    type Err = Error;

    fn from_str(name: &str) -> Result<Provider, Error> {
        named(name, Provider::ALL, Provider::as_str, "provider")
    }
}

/// As [`Provider::from_str`].
impl TryFrom<String> for Provider {
    type Error = Error;

    fn try_from(name: String) -> Result<Provider, Error> {
        name.parse()
    }
}

/// The schema of a tool's arguments in the dialect of `provider`, as JSON text. Arguments in that dialect are
/// decoded by [`super::from_provider`] before anything else.
///
/// ```
/// use nango_toolkit::{schema, tools};
///
/// let tool = tools::find("NANGO_GET_CONNECTION").unwrap();
/// let strict = schema::for_provider(tool, schema::Provider::OpenAiStrict);
/// assert!(strict.contains(r#""type":["boolean","null"]"#));
/// ```
#[must_use]
pub fn for_provider(tool: &Tool, provider: Provider) -> String {
    for_provider_of(tool, tool.params, provider)
}

/// Like the above, with other arguments than the tool's own: fewer, or with some required.
#[must_use]
pub fn for_provider_of(tool: &Tool, params: &[Param], provider: Provider) -> String {
    let arguments = params.iter().map(|param| Argument {
        name: param.prop.name,
        kind: &param.prop.kind,
        doc: prose(&param.prop),
        required: param.prop.required,
    });
    Out::new(provider).arguments(&rules(tool, params), arguments)
}

/// The same from a wire schema that a host has changed: its properties, their descriptions and which of them are
/// required are used. A property that the tool does not have accepts any JSON.
pub fn adapt(tool: Option<&Tool>, wire: &Value, provider: Provider) -> String {
    let text =
        |value: &Value| value.get("description").and_then(Value::as_str).unwrap_or_default().to_owned();
    let required = wire.get("required").and_then(Value::as_array);
    let properties = wire.get("properties").and_then(Value::as_object);
    let arguments = properties.into_iter().flatten().map(|(name, node)| {
        let param = tool.and_then(|tool| tool.param(name));
        Argument {
            name,
            kind: param.map_or(&ParamType::Json, |param| &param.prop.kind),
            doc: match param {
                Some(_) => text(node),
                None => format!("{} Its JSON Schema: {node}", text(node)),
            },
            required: required.is_some_and(|all| all.iter().any(|one| one.as_str() == Some(name))),
        }
    });
    Out::new(provider).arguments(&text(wire), arguments)
}

/// An argument in the schema.
struct Argument<'a> {
    name: &'a str,
    kind: &'a ParamType,
    doc: String,
    required: bool,
}

struct Out {
    w: Writer,
    strict: bool,
}

impl Out {
    fn new(provider: Provider) -> Out {
        Out { w: Writer::new(), strict: provider == Provider::OpenAiStrict }
    }

    /// The whole schema.
    fn arguments<'a>(mut self, doc: &str, arguments: impl Iterator<Item = Argument<'a>>) -> String {
        self.start(doc, "object", false);
        let mut required: Vec<&str> = Vec::new();
        self.w.key("properties").open();
        for argument in arguments {
            self.w.key(argument.name);
            self.node(argument.kind, &argument.doc, self.strict && !argument.required);
            if self.strict || argument.required {
                required.push(argument.name);
            }
        }
        self.w.close();
        self.end(&required);
        self.w.finish()
    }

    /// Opens a node of one type.
    fn start(&mut self, doc: &str, name: &str, null: bool) {
        self.w.open();
        if !doc.is_empty() {
            self.w.pair("description", doc);
        }
        self.w.key("type");
        match (self.strict, null) {
            (true, true) => self.w.texts(&[name, "null"]),
            (true, false) => self.w.text(name),
            // As the enumeration of Gemini's API writes types.
            (false, true) => self.w.text(&name.to_ascii_uppercase()).key("nullable").boolean(true),
            (false, false) => self.w.text(&name.to_ascii_uppercase()),
        };
    }

    /// Ends an object with these required properties.
    fn end(&mut self, required: &[&str]) {
        self.w.key("required").texts(required);
        if self.strict {
            self.w.key("additionalProperties").boolean(false);
        }
        self.w.close();
    }

    fn simple(&mut self, doc: &str, name: &str, null: bool) {
        self.start(doc, name, null);
        self.w.close();
    }

    /// A string that contains JSON.
    fn json(&mut self, doc: &str, what: &str, null: bool) {
        let doc = if doc.is_empty() { what.to_owned() } else { format!("{doc} {what}") };
        self.simple(&doc, "string", null);
    }

    /// Opens a node of several forms. Returns the description of the first: Gemini accepts nothing next to `anyOf`.
    fn either<'d>(&mut self, doc: &'d str) -> &'d str {
        self.w.open();
        if self.strict && !doc.is_empty() {
            self.w.pair("description", doc);
        }
        self.w.key("anyOf").open_array();
        if self.strict { "" } else { doc }
    }

    fn either_end(&mut self, null: bool) {
        if null {
            self.simple("", "null", false);
        }
        self.w.close_array().close();
    }

    fn list(&mut self, doc: &str, of: &ParamType, null: bool) {
        self.start(doc, "array", null);
        self.w.key("items");
        self.node(of, "", false);
        self.w.close();
    }

    /// Entries instead of an object with arbitrary names; `None` for strings.
    fn entries(&mut self, doc: &str, of: Option<&ParamType>, null: bool) {
        self.start(doc, "array", null);
        self.w.key("items");
        self.start("", "object", false);
        self.w.key("properties").open().key("key");
        self.simple("", "string", false);
        self.w.key("value");
        match of {
            Some(of) => self.node(of, "", false),
            None => self.simple("", "string", false),
        }
        self.w.close();
        self.end(&["key", "value"]);
        self.w.close();
    }

    /// An object with these properties; before them `type` with these tags, after them a property for others.
    fn object(&mut self, doc: &str, props: &[Property], tags: &[&str], open: bool, null: bool) {
        self.start(doc, "object", null);
        self.w.key("properties").open();
        let mut required: Vec<&str> = Vec::new();
        if !tags.is_empty() {
            self.w.key("type");
            self.start("", "string", false);
            self.w.key("enum").texts(tags).close();
            required.push("type");
        }
        let mut at = 0;
        while let Some(prop) = Props::Of(props).get(at) {
            at += 1;
            self.w.key(prop.name);
            self.node(&prop.kind, &prose(prop), self.strict && !prop.required);
            if self.strict || prop.required {
                required.push(prop.name);
            }
        }
        if open {
            self.w.key(OTHERS);
            self.json("Any other properties.", OBJECT, self.strict);
            if self.strict {
                required.push(OTHERS);
            }
        }
        self.w.close();
        self.end(&required);
    }

    fn node(&mut self, kind: &ParamType, doc: &str, null: bool) {
        match kind {
            ParamType::Boolean => self.simple(doc, "boolean", null),
            ParamType::Integer { min, max } => {
                self.start(doc, "integer", null);
                self.w.key("minimum").integer(*min);
                if *max < i64::MAX {
                    self.w.key("maximum").integer(*max);
                }
                self.w.close();
            }
            ParamType::Text(_) => self.simple(doc, "string", null),
            ParamType::Nullable(of) => self.node(of, doc, true),
            ParamType::Choice(options) => {
                self.start(doc, "string", null);
                self.w.key("enum").open_array();
                for option in *options {
                    self.w.text(option);
                }
                if null {
                    self.w.raw("null");
                }
                self.w.close_array().close();
            }
            ParamType::List { of, .. } => self.list(doc, of, null),
            ParamType::OneOrMany(of) => {
                let doc = self.either(doc);
                self.node(of, doc, false);
                self.list("", of, false);
                self.either_end(null);
            }
            ParamType::QueryValue => {
                let doc = self.either(doc);
                self.scalars(doc);
                self.start("", "array", false);
                self.w.key("items");
                self.either("");
                self.scalars("");
                self.either_end(false);
                self.w.close();
                self.either_end(null);
            }
            ParamType::NameOr { name, object } => {
                let doc = self.either(doc);
                self.node(name, doc, false);
                self.object("", object, &[], false, false);
                self.either_end(null);
            }
            ParamType::Object(props) => self.object(doc, props, &[], false, null),
            ParamType::Open([]) => self.json(doc, OBJECT, null),
            ParamType::Open(props) => self.object(doc, props, &[], true, null),
            ParamType::Map { of, .. } => self.entries(doc, Some(of), null),
            ParamType::Tags { .. } => self.entries(doc, None, null),
            ParamType::Tagged(variants) => {
                let mut doc = self.either(doc);
                for variant in *variants {
                    self.object(doc, variant.props, variant.tags, false, false);
                    doc = "";
                }
                self.either_end(null);
            }
            ParamType::Json | ParamType::Body => self.json(doc, JSON, null),
        }
    }

    /// A string, a number or a boolean; the first has this description.
    fn scalars(&mut self, doc: &str) {
        for (name, doc) in [("string", doc), ("number", ""), ("boolean", "")] {
            self.simple(doc, name, false);
        }
    }
}

const OBJECT: &str = "Give the text of a JSON object.";
const JSON: &str = "Give it as JSON text; a string is in quotes there.";
