//! The table as TypeScript: the exact arguments and results of every tool.

use nango_toolkit::schema;
use nango_toolkit::tool::{Field, Mask, ParamType, Property, ResponseType, Tool, Toolset};
use nango_toolkit::tools;
use serde_json::Value;

/// The width of comments.
const WIDTH: usize = 100;
/// The width of everything else; the alternatives of a longer property stand on lines of their own.
const LINE: usize = 120;

/// The content of `pkg/src/tool-types.ts`.
pub(crate) fn file() -> String {
    let mut out = String::from(
        "// Generated from the tool table by `NANGO_TOOLKIT_WRITE=1 cargo test --test generated`. Do not edit.\n\n\
         /** The arguments of every tool, by slug. */\nexport interface ToolArguments {\n",
    );
    for tool in tools::all() {
        let wire: Value = serde_json::from_str(&schema::wire(tool)).unwrap();
        let mut doc = tool.doc.to_owned();
        if let Some(rules) = wire["description"].as_str() {
            doc.push(' ');
            doc.push_str(rules);
        }
        comment(&doc, 1, &mut out);
        out.push_str(&format!("  {}: {};\n", tool.slug, arguments(tool)));
        for alias in tool.aliases {
            comment(&format!("Another name of {}.", tool.slug), 1, &mut out);
            out.push_str(&format!("  {alias}: ToolArguments[\"{}\"];\n", tool.slug));
        }
    }
    out.push_str(
        "}\n\n/** The `data` of every tool's result, by slug. Results may contain more than is declared. */\n",
    );
    out.push_str("export interface ToolResults {\n");
    for tool in tools::all() {
        comment(tool.title, 1, &mut out);
        out.push_str(&format!("  {}: {};\n", tool.slug, Answer { tool }.shape(&tool.returns, "", 1)));
        for alias in tool.aliases {
            comment(&format!("Another name of {}.", tool.slug), 1, &mut out);
            out.push_str(&format!("  {alias}: ToolResults[\"{}\"];\n", tool.slug));
        }
    }
    out.push_str("}\n\n/** The name of a tool, older names included. */\nexport type ToolSlug = keyof ToolArguments;\n");
    out
}

/// A documentation comment, wrapped if it is long.
fn comment(text: &str, depth: usize, out: &mut String) {
    let indent = "  ".repeat(depth);
    let text = text.replace("*/", "*\\/");
    if indent.len() + text.len() + 8 <= WIDTH {
        out.push_str(&format!("{indent}/** {text} */\n"));
        return;
    }
    out.push_str(&format!("{indent}/**\n"));
    let mut line = String::new();
    for word in text.split(' ') {
        if !line.is_empty() && indent.len() + 3 + line.len() + 1 + word.len() > WIDTH {
            out.push_str(&format!("{indent} * {line}\n"));
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    out.push_str(&format!("{indent} * {line}\n{indent} */\n"));
}

fn quoted(name: &str) -> String {
    serde_json::to_string(name).unwrap()
}

/// A property name, in quotes where it has to be.
fn key(name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if name.chars().all(plain) { name.to_owned() } else { quoted(name) }
}

fn choice(options: &[&str]) -> String {
    options.iter().map(|o| quoted(o)).collect::<Vec<_>>().join(" | ")
}

fn arguments(tool: &Tool) -> String {
    if tool.params.is_empty() {
        return "Record<string, never>".into();
    }
    let rich: Value = serde_json::from_str(&schema::rich(tool)).unwrap();
    object(tool.params.iter().map(|p| &p.prop), None, &rich, 1)
}

/// An object of arguments; `rich` is its schema, which has the descriptions with their bounds.
fn object<'p>(
    props: impl Iterator<Item = &'p Property>,
    tags: Option<&[&str]>,
    rich: &Value,
    depth: usize,
) -> String {
    let indent = "  ".repeat(depth + 1);
    let mut out = String::from("{\n");
    if let Some(tags) = tags {
        comment("Must equal the auth_mode of the provider.", depth + 1, &mut out);
        out.push_str(&format!("{indent}type: {};\n", choice(tags)));
    }
    for prop in props {
        let schema = &rich["properties"][prop.name];
        let mut doc = schema["description"].as_str().unwrap().to_owned();
        if prop.deprecated {
            doc = format!("@deprecated {doc}");
        }
        comment(&doc, depth + 1, &mut out);
        let of = kind(&prop.kind, schema, depth + 1);
        let shape = if prop.required { of } else { format!("{of} | undefined") };
        out.push_str(&property(prop.name, prop.required, &shape, depth + 1));
    }
    if rich["additionalProperties"] == true {
        out.push_str(&format!("{indent}[name: string]: unknown;\n"));
    }
    out.push_str(&"  ".repeat(depth));
    out.push('}');
    out
}

/// A property of an object type on its line, or its alternatives on one line each.
fn property(name: &str, required: bool, shape: &str, depth: usize) -> String {
    let indent = "  ".repeat(depth);
    let start = format!("{indent}{}{}:", key(name), if required { "" } else { "?" });
    if shape.contains('\n') || format!("{start} {shape};").chars().count() <= LINE {
        return format!("{start} {shape};\n");
    }
    let forms: String = shape.split(" | ").map(|form| format!("\n{indent}  | {form}")).collect();
    format!("{start}{forms};\n")
}

fn list(of: &str) -> String {
    format!("ReadonlyArray<{of}>")
}

fn kind(of: &ParamType, rich: &Value, depth: usize) -> String {
    match of {
        ParamType::Boolean => "boolean".into(),
        ParamType::Integer { .. } => "number".into(),
        ParamType::Text(_) => "string".into(),
        ParamType::Choice(options) => choice(options),
        ParamType::List { of, .. } => list(&kind(of, &rich["items"], depth)),
        ParamType::OneOrMany(of) => {
            let one = kind(of, &rich["anyOf"][0], depth);
            format!("{one} | {}", list(&one))
        }
        ParamType::NameOr { name, object: props } => {
            let name = kind(name, &rich["anyOf"][0], depth);
            format!("{name} | {}", object(props.iter(), None, &rich["anyOf"][1], depth))
        }
        ParamType::Nullable(of) => format!("{} | null", kind(of, &rich["anyOf"][0], depth)),
        ParamType::Open([]) => "{ [name: string]: unknown }".into(),
        ParamType::Object(props) | ParamType::Open(props) => object(props.iter(), None, rich, depth),
        ParamType::Map { of, .. } => {
            format!("{{ [name: string]: {} }}", kind(of, &rich["additionalProperties"], depth))
        }
        ParamType::Tags { .. } => "{ [name: string]: string }".into(),
        ParamType::Tagged(variants) => {
            let form = |(i, v): (usize, &nango_toolkit::tool::Variant)| {
                object(v.props.iter(), Some(v.tags), &rich["oneOf"][i], depth)
            };
            variants.iter().enumerate().map(form).collect::<Vec<_>>().join(" | ")
        }
        ParamType::QueryValue => {
            "string | number | boolean | ReadonlyArray<string | number | boolean>".into()
        }
        ParamType::Json => "unknown".into(),
        // An array is an object.
        ParamType::Body => "object | string".into(),
    }
}

/// The answer of one tool.
struct Answer {
    tool: &'static Tool,
}

impl Answer {
    fn mask(&self, path: &str) -> Option<Mask> {
        self.tool.secrets().iter().find(|s| s.path.join(".") == path).map(|s| s.mask)
    }

    /// Whether an object is known to contain more than is declared: catalogue entries are passed on
    /// unchanged, and the fields of credentials depend on their type.
    fn is_open(&self, path: &str) -> bool {
        let entry = self.tool.toolset == Toolset::Providers && path.starts_with("data");
        entry || self.mask(path) == Some(Mask::Credentials)
    }

    fn shape(&self, of: &ResponseType, path: &str, depth: usize) -> String {
        let deeper = |step: &str| if path.is_empty() { step.to_owned() } else { format!("{path}.{step}") };
        match of {
            ResponseType::Any => "unknown".into(),
            ResponseType::Text | ResponseType::Time => "string".into(),
            ResponseType::Integer => "number".into(),
            ResponseType::Boolean => "boolean".into(),
            ResponseType::Choice(options) => choice(options),
            ResponseType::Maybe(of) => format!("{} | null", self.shape(of, path, depth)),
            ResponseType::List(of) => format!("Array<{}>", self.shape(of, &deeper("*"), depth)),
            ResponseType::Map(of) => format!("{{ [name: string]: {} }}", self.shape(of, &deeper("*"), depth)),
            ResponseType::OneOf(forms) => {
                forms.iter().map(|form| self.shape(form, path, depth)).collect::<Vec<_>>().join(" | ")
            }
            ResponseType::Nothing => "null".into(),
            ResponseType::Object(fields) | ResponseType::Open(fields) => {
                let mut out = String::from("{\n");
                for field in *fields {
                    self.field(field, &deeper(field.name), depth + 1, &mut out);
                }
                if self.is_open(path) || matches!(of, ResponseType::Open(_)) {
                    out.push_str(&format!("{}[name: string]: unknown;\n", "  ".repeat(depth + 1)));
                }
                out.push_str(&"  ".repeat(depth));
                out.push('}');
                out
            }
        }
    }

    fn field(&self, field: &Field, path: &str, depth: usize, out: &mut String) {
        let mut doc = field.doc.to_owned();
        let masked = match self.mask(path) {
            Some(Mask::Whole(kind)) => format!("Masked unless `{kind}` is revealed."),
            Some(Mask::Credentials | Mask::Suspicious) => "Secrets in it are masked unless revealed.".into(),
            None if is_time(field) => "ISO 8601.".into(),
            Some(Mask::Disclosed) | None => String::new(),
        };
        if !doc.is_empty() && !masked.is_empty() {
            doc.push(' ');
        }
        doc.push_str(&masked);
        if !doc.is_empty() {
            comment(&doc, depth, out);
        }
        out.push_str(&property(field.name, field.always, &self.shape(&field.shape, path, depth), depth));
    }
}

fn is_time(field: &Field) -> bool {
    matches!(field.shape, ResponseType::Time | ResponseType::Maybe(ResponseType::Time))
}
