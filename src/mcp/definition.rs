//! A tool as a server knows it, and as MCP lists it. Definitions are JSON values of one structure, made from the
//! table or by a host that describes its tools.

use crate::call::Options;
use crate::error::{Error, ErrorKind};
use crate::json::{Object, Value, parse};
use crate::schema;
use crate::tool::{Effect, Tool, Toolset};

/// The name of the approval token, if a model may approve.
pub(super) const CONFIRMATION_TOKEN: &str = "confirmation_token";

/// Its schema.
const TOKEN_SCHEMA: &str = r#"{"type":"string","description":"Only after the user agreed: the token from the result that asked for approval of exactly this call."}"#;

/// The envelope of the data of a success. Failures are not structured results, so it does not describe errors.
const ENVELOPE: &str = r#"{"successful":{"type":"boolean"},"error":{},"meta":{"type":"object"}}"#;

/// A tool of Nango's as one caller may see it: `{ slug, aliases, title, description, toolset, effect, listed,
/// inputSchema, outputSchema, annotations, examples }`, as the npm package lists tools.
#[derive(Debug, Clone)]
pub struct ToolDefinition {
    slug: String,
    aliases: Vec<String>,
    fields: Object,
}

impl ToolDefinition {
    /// The definition of `tool` for callers whose calls are made with `options`.
    #[must_use]
    pub fn new(tool: &Tool, options: &Options) -> ToolDefinition {
        let (name, description) = options.words(tool);
        let params = options.params(tool);
        let read = |json: &str| parse(json).unwrap_or_default();
        let examples = tool.examples.iter().filter(|example| example.fits(&params)).map(|example| {
            object([("title", Value::from(example.title)), ("arguments", read(example.args))])
        });
        let annotations = object([
            ("title", Value::from(tool.title)),
            ("readOnlyHint", Value::from(tool.effect == Effect::Read)),
            ("destructiveHint", Value::from(tool.effect == Effect::Destructive)),
            ("idempotentHint", Value::from(tool.idempotent)),
            ("openWorldHint", Value::from(tool.open_world)),
        ]);
        let fields = [
            ("title", Value::from(tool.title)),
            ("description", Value::from(description)),
            ("toolset", Value::from(tool.toolset.as_str())),
            ("effect", Value::from(tool.effect.as_str())),
            ("listed", Value::from(options.lists_by_default(tool))),
            ("inputSchema", read(&options.input_schema(tool, &params, options.provider))),
            ("outputSchema", read(&schema::written_output(tool))),
            ("annotations", annotations),
            ("examples", examples.collect()),
        ];
        ToolDefinition {
            slug: name.to_owned(),
            aliases: tool.aliases.iter().map(|alias| (*alias).to_owned()).collect(),
            fields: fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        }
    }

    /// Reads a JSON array of definitions.
    ///
    /// # Errors
    /// `invalid_option`: it is not such an array, or a definition has no name.
    pub fn list_from_json(text: &str) -> Result<Vec<ToolDefinition>, Error> {
        let read = |value| {
            let Value::Object(mut fields) = value else { return None };
            let Some(Value::String(slug)) = fields.shift_remove("slug") else { return None };
            let aliases = fields.shift_remove("aliases").and_then(strings).unwrap_or_default();
            Some(ToolDefinition { slug, aliases, fields })
        };
        let all = match parse(text) {
            Ok(Value::Array(all)) => all.into_iter().map(read).collect(),
            _ => None,
        };
        let wrong = || {
            Error::new(ErrorKind::InvalidOption, "the tools must be an array of objects, each with a `slug`")
        };
        all.ok_or_else(wrong)
    }

    /// The name under which it is listed and called.
    pub(super) fn slug(&self) -> &str {
        &self.slug
    }

    /// The names that it can be called by.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.slug).chain(&self.aliases).map(String::as_str)
    }

    /// The toolset that it belongs to.
    pub(super) fn toolset(&self) -> Option<&str> {
        self.fields.get("toolset")?.as_str()
    }

    /// Whether it is listed if nobody chooses toolsets or tools.
    pub(super) fn is_listed(&self) -> bool {
        self.fields.get("listed") != Some(&Value::Bool(false))
    }

    /// Whether it changes nothing.
    pub(super) fn is_read_only(&self) -> bool {
        is_read_only(&self.fields)
    }

    /// Whether it passes requests on to a provider.
    pub(super) fn is_proxy(&self) -> bool {
        self.toolset() == Some(Toolset::Proxy.as_str())
    }

    /// The names of its arguments.
    pub(super) fn argument_names(&self) -> Vec<String> {
        argument_names(&self.fields)
    }

    /// Its name, and these of its fields.
    pub(super) fn shown(&self, names: &[&str]) -> Object {
        let mut shown = Object::new();
        shown.insert("name".to_owned(), Value::from(self.slug.as_str()));
        for name in names {
            if let Some(value) = self.fields.get(*name) {
                shown.insert((*name).to_owned(), value.clone());
            }
        }
        shown
    }

    /// How MCP lists it. If models approve calls, tools that change something accept the approval token.
    pub(super) fn listed(&self, model_confirms: bool) -> Value {
        let mut shown = self.shown(&["title", "description", "inputSchema", "outputSchema", "annotations"]);
        if model_confirms
            && !self.is_read_only()
            && let Some(properties) = properties(&mut shown, "inputSchema")
        {
            properties.insert(CONFIRMATION_TOKEN.to_owned(), parse(TOKEN_SCHEMA).unwrap_or_default());
        }
        if let Some(properties) = properties(&mut shown, "outputSchema")
            && let Some(data) = properties.shift_remove("data")
            && let Ok(Value::Object(mut envelope)) = parse(ENVELOPE)
        {
            envelope.insert("data".to_owned(), data);
            *properties = envelope;
        }
        let mut meta = Object::new();
        for name in ["toolset", "effect"] {
            if let Some(value) = self.fields.get(name) {
                meta.insert(format!("nango-toolkit/{name}"), value.clone());
            }
        }
        shown.insert("_meta".to_owned(), Value::Object(meta));
        Value::Object(shown)
    }
}

/// A tool of the host: a definition as MCP lists it, passed on unchanged.
#[derive(Debug, Clone)]
pub struct ExtraTool {
    name: String,
    definition: Object,
}

impl ExtraTool {
    /// From its definition; `None` without a name.
    #[must_use]
    pub fn from_value(definition: Value) -> Option<ExtraTool> {
        let Value::Object(definition) = definition else { return None };
        let name = definition.get("name")?.as_str()?.to_owned();
        Some(ExtraTool { name, definition })
    }

    /// Its name.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Whether it changes nothing.
    pub(super) fn is_read_only(&self) -> bool {
        is_read_only(&self.definition)
    }

    /// The names of its arguments.
    pub(super) fn argument_names(&self) -> Vec<String> {
        argument_names(&self.definition)
    }

    /// How MCP lists it.
    pub(super) fn listed(&self) -> Value {
        Value::Object(self.definition.clone())
    }
}

fn is_read_only(definition: &Object) -> bool {
    let hint = definition.get("annotations").and_then(|annotations| annotations.get("readOnlyHint"));
    hint == Some(&Value::Bool(true))
}

fn argument_names(definition: &Object) -> Vec<String> {
    let properties = definition.get("inputSchema").and_then(|schema| schema.get("properties")?.as_object());
    properties.into_iter().flat_map(|all| all.keys().cloned()).collect()
}

/// The properties of the schema `name`.
fn properties<'d>(definition: &'d mut Object, name: &str) -> Option<&'d mut Object> {
    definition.get_mut(name)?.get_mut("properties")?.as_object_mut()
}

/// An object of these properties.
pub(super) fn object<const N: usize>(properties: [(&str, Value); N]) -> Value {
    properties.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// The strings of an array; nothing if it is anything else.
pub(super) fn strings(value: Value) -> Option<Vec<String>> {
    let Value::Array(all) = value else { return None };
    all.into_iter().map(|one| if let Value::String(text) = one { Some(text) } else { None }).collect()
}
