//! The schemas of a tool's result, from one declaration: a loose one, against which clients validate, and an exact
//! one, for programs, code generators and models.

use crate::json::Writer;
use crate::tool::{Field, Mask, ResponseType, Tool};

/// The loose schema of a tool's result, as JSON text: the envelope of every result with the tool's own `data`
/// inside. It excludes no property and requires none, and every part of it may be `null`: a client that validates
/// accepts what a newer or older server answers.
#[must_use]
pub fn output(tool: &Tool) -> String {
    let mut w = Writer::new();
    w.open().pair("type", "object").key("properties").open();
    w.key("successful").raw(r#"{"type":"boolean","description":"Whether the call succeeded."}"#);
    w.key("data").open();
    Schema::LOOSE.keywords(&tool.returns, "The data of the response; null if the call failed.", &mut w);
    w.close();
    w.key("error").raw(concat!(
        r#"{"type":["object","null"],"description":"The error of a failed call; null if it succeeded.","#,
        r#""properties":{"kind":{"type":"string"},"code":{"type":"string"},"message":{"type":"string"},"#,
        r#""retryable":{"type":"boolean"},"issues":{"type":"array"},"hint":{"type":"string"}}}"#
    ));
    w.key("meta").raw(r#"{"type":"object"}"#);
    w.close().key("required").raw(r#"["successful","data","error"]"#).close();
    w.finish()
}

/// The exact schema of the `data` of a tool's successful result, as JSON text: what is always there is required,
/// choices are listed, and only what may be `null` may be. Results may contain more than is declared.
///
/// ```
/// use nango_toolkit::{schema, tools};
///
/// let schema = schema::exact_output(tools::find("NANGO_GET_ENVIRONMENT_VARIABLES").unwrap());
/// assert!(schema.starts_with(r#"{"type":"array","items":{"type":"object","properties":{"name":{"type":"string"}"#));
/// ```
#[must_use]
pub fn exact_output(tool: &Tool) -> String {
    let mut w = Writer::new();
    w.open();
    Schema::EXACT.keywords(&tool.returns, "", &mut w);
    w.close();
    w.finish()
}

/// How a schema is written.
#[derive(Clone, Copy)]
struct Schema {
    /// Whether it requires and excludes, and lists choices.
    exact: bool,
    /// Whether `null` is a value, too.
    nullable: bool,
    /// Whether a marker may stand in the place of the value.
    masked: bool,
}

impl Schema {
    const LOOSE: Schema = Schema { exact: false, nullable: true, masked: false };
    const EXACT: Schema = Schema { exact: true, nullable: false, masked: false };

    /// The same for a part, which may be `null` and masked for reasons of its own.
    fn part(self) -> Schema {
        Schema { nullable: !self.exact, masked: false, ..self }
    }

    /// Writes the keywords of a structure into an open object.
    fn keywords(self, of: &ResponseType, doc: &str, w: &mut Writer) {
        match of {
            ResponseType::Maybe(of) => return Schema { nullable: true, ..self }.keywords(of, doc, w),
            ResponseType::Any => {
                let doc = [doc, "Any JSON value."].join(if doc.is_empty() { "" } else { " " });
                w.pair("description", &doc);
                return;
            }
            ResponseType::OneOf(forms) if self.exact => {
                describe(doc, w);
                return self.alternatives(forms, w);
            }
            _ => {}
        }
        self.types(of, w);
        describe(doc, w);
        match of {
            ResponseType::Time if self.exact && !self.masked => {
                w.pair("format", "date-time");
            }
            ResponseType::Choice(options) if self.exact && !self.masked => {
                w.key("enum").open_array();
                options.iter().for_each(|option| {
                    w.text(option);
                });
                if self.nullable {
                    w.raw("null");
                }
                w.close_array();
            }
            ResponseType::List(of) => {
                w.key("items").open();
                self.part().keywords(of, "", w);
                w.close();
            }
            ResponseType::Map(ResponseType::Any) => {
                w.key("additionalProperties").boolean(true);
            }
            ResponseType::Map(of) => {
                w.key("additionalProperties").open();
                self.part().keywords(of, "", w);
                w.close();
            }
            ResponseType::Object(fields) | ResponseType::Open(fields) => self.properties(fields, w),
            _ => {}
        }
    }

    fn properties(self, fields: &[Field], w: &mut Writer) {
        w.key("properties").open();
        for field in fields {
            w.key(field.name).open();
            let masked = matches!(field.mask(), Some(Mask::Whole(_)));
            Schema { masked, ..self.part() }.keywords(&field.shape, field.doc, w);
            w.close();
        }
        w.close();
        let required: Vec<&str> =
            fields.iter().filter(|field| field.always).map(|field| field.name).collect();
        if self.exact && !required.is_empty() {
            w.key("required").texts(&required);
        }
    }

    /// Writes `anyOf`.
    fn alternatives(self, forms: &[ResponseType], w: &mut Writer) {
        w.key("anyOf").open_array();
        for form in forms {
            w.open();
            self.part().keywords(form, "", w);
            w.close();
        }
        if self.masked {
            w.raw(r#"{"type":"string"}"#);
        }
        if self.nullable {
            w.raw(r#"{"type":"null"}"#);
        }
        w.close_array();
    }

    /// Writes `type`: one name, or several.
    fn types(self, of: &ResponseType, w: &mut Writer) {
        let mut names = Vec::new();
        type_names(of, &mut names);
        for (is, name) in [(self.masked, "string"), (self.nullable, "null")] {
            if is && !names.contains(&name) {
                names.push(name);
            }
        }
        match names.as_slice() {
            [one] => w.pair("type", one),
            several => w.key("type").texts(several),
        };
    }
}

fn describe(doc: &str, w: &mut Writer) {
    if !doc.is_empty() {
        w.pair("description", doc);
    }
}

/// Adds JSON Schema's names of the types of a structure.
fn type_names(of: &ResponseType, names: &mut Vec<&'static str>) {
    let name = match of {
        ResponseType::Text | ResponseType::Time | ResponseType::Choice(_) => "string",
        ResponseType::Integer => "integer",
        ResponseType::Boolean => "boolean",
        ResponseType::List(_) => "array",
        ResponseType::Map(_) | ResponseType::Object(_) | ResponseType::Open(_) => "object",
        ResponseType::Nothing => "null",
        ResponseType::Maybe(of) => {
            type_names(of, names);
            "null"
        }
        ResponseType::OneOf(forms) => return forms.iter().for_each(|form| type_names(form, names)),
        ResponseType::Any => return names.extend(["string", "number", "boolean", "array", "object", "null"]),
    };
    if !names.contains(&name) {
        names.push(name);
    }
}
