//! The table as TypeScript: the exact arguments and results of tools, for compilers and for models.

use super::wire::{prose, rules};
use super::words::Props;
use crate::json::push_text;
use crate::tool::{Field, Mask, Param, ParamType, ResponseType, Tool, Toolset, Variant};
use crate::tools;

/// The width of comments.
const WIDTH: usize = 100;
/// The width of everything else; the alternatives of a longer property stand on lines of their own.
const LINE: usize = 120;

/// How types are written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum TypeStyle {
    /// For models: on one line, without comments.
    Compact,
    /// For models: one property a line, with comments.
    Documented,
    /// For declaration files: like `Documented`, with lists that may be read only, and `undefined` for what is absent.
    Declaration,
}

/// The content of a declaration file: interfaces `ToolArguments` and `ToolResults` with the exact types of all tools
/// by slug, older names included, and a type `ToolSlug`.
#[must_use]
pub fn declarations() -> String {
    let mut out =
        String::from("/** The arguments of every tool, by slug. */\nexport interface ToolArguments {\n");
    for tool in tools::all() {
        let doc = with_rules(tool.doc, tool, tool.params);
        member(
            "ToolArguments",
            tool,
            &doc,
            &arguments_type(tool.params, TypeStyle::Declaration, 1),
            &mut out,
        );
    }
    out.push_str(
        "}\n\n/** The `data` of every tool's result, by slug. Results may contain more than is declared. */\n",
    );
    out.push_str("export interface ToolResults {\n");
    for tool in tools::all() {
        member("ToolResults", tool, tool.title, &result_type(tool, TypeStyle::Declaration, 1), &mut out);
    }
    out.push_str("}\n\n/** The name of a tool, older names included. */\nexport type ToolSlug = keyof ToolArguments;\n");
    out
}

/// Writes a tool's property of an interface, and those of its aliases.
fn member(interface: &str, tool: &Tool, doc: &str, shape: &str, out: &mut String) {
    comment(doc, 1, out);
    out.push_str(&format!("  {}: {shape};\n", tool.slug));
    for alias in tool.aliases {
        comment(&format!("Another name of {}.", tool.slug), 1, out);
        out.push_str(&format!("  {alias}: {interface}[\"{}\"];\n", tool.slug));
    }
}

/// A description with the rules on several arguments.
pub(super) fn with_rules(doc: &str, tool: &Tool, params: &[Param]) -> String {
    let rules = rules(tool, params);
    if rules.is_empty() { doc.to_owned() } else { format!("{doc} {rules}") }
}

/// The type of a tool's arguments. Lines after the first are indented for `depth` levels.
pub(super) fn arguments_type(params: &[Param], style: TypeStyle, depth: usize) -> String {
    if params.is_empty() {
        return "Record<string, never>".to_owned();
    }
    let mut object = Object::open(style, depth);
    object.arguments(Props::Arguments(params));
    object.close()
}

/// The type of the data of a tool's successful result. Lines after the first are indented for `depth` levels.
pub(super) fn result_type(tool: &Tool, style: TypeStyle, depth: usize) -> String {
    Answer { tool, style }.shape(&tool.returns, "", depth)
}

/// A documentation comment, wrapped if it is long.
pub(super) fn comment(text: &str, depth: usize, out: &mut String) {
    let indent = "  ".repeat(depth);
    let text = text.replace("*/", "*\\/");
    if !text.contains('\n') && indent.len() + text.len() + 8 <= WIDTH {
        out.push_str(&format!("{indent}/** {text} */\n"));
        return;
    }
    out.push_str(&format!("{indent}/**\n"));
    for paragraph in text.split('\n') {
        let mut line = String::new();
        for word in paragraph.split(' ') {
            if !line.is_empty() && indent.len() + 3 + line.len() + 1 + word.len() > WIDTH {
                out.push_str(&format!("{indent} * {line}\n"));
                line.clear();
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        out.push_str(&format!("{indent} * {line}\n"));
    }
    out.push_str(&format!("{indent} */\n"));
}

/// An object type in the making.
struct Object {
    style: TypeStyle,
    depth: usize,
    out: String,
}

impl Object {
    fn open(style: TypeStyle, depth: usize) -> Object {
        let out = if style == TypeStyle::Compact { "{" } else { "{\n" };
        Object { style, depth: depth + 1, out: out.to_owned() }
    }

    /// Adds a property with its comment.
    fn property(&mut self, doc: &str, name: &str, required: bool, shape: &str) {
        self.line(doc, &format!("{}{}", key(name), if required { "" } else { "?" }), shape);
    }

    fn line(&mut self, doc: &str, key: &str, shape: &str) {
        if self.style == TypeStyle::Compact {
            self.out.push_str(&format!(" {key}: {shape};"));
            return;
        }
        if !doc.is_empty() {
            comment(doc, self.depth, &mut self.out);
        }
        let indent = "  ".repeat(self.depth);
        let start = format!("{indent}{key}:");
        if shape.contains('\n') || format!("{start} {shape};").chars().count() <= LINE {
            self.out.push_str(&format!("{start} {shape};\n"));
        } else {
            let forms: String = shape.split(" | ").map(|form| format!("\n{indent}  | {form}")).collect();
            self.out.push_str(&format!("{start}{forms};\n"));
        }
    }

    /// Adds arguments.
    fn arguments(&mut self, props: Props<'_>) {
        let mut at = 0;
        while let Some(prop) = props.get(at) {
            at += 1;
            let doc = if prop.deprecated { format!("@deprecated {}", prose(prop)) } else { prose(prop) };
            let mut shape = kind(&prop.kind, self.style, self.depth);
            if !prop.required && self.style == TypeStyle::Declaration {
                shape.push_str(" | undefined");
            }
            self.property(&doc, prop.name, prop.required, &shape);
        }
    }

    /// Adds that there may be other properties.
    fn others(&mut self) {
        self.line("", "[name: string]", "unknown");
    }

    fn close(mut self) -> String {
        if self.style == TypeStyle::Compact {
            // Nothing follows the last property.
            if self.out.ends_with(';') {
                self.out.pop();
            }
            self.out.push_str(" }");
        } else {
            self.out.push_str(&"  ".repeat(self.depth - 1));
            self.out.push('}');
        }
        self.out
    }
}

/// A string literal.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::new();
    push_text(&mut out, text);
    out
}

/// A property name, in quotes where it has to be.
pub(super) fn key(name: &str) -> String {
    let is_letter = |c: char| c.is_ascii_alphabetic() || c == '_';
    let is_plain = name.starts_with(is_letter) && name.chars().all(|c| is_letter(c) || c.is_ascii_digit());
    if is_plain { name.to_owned() } else { quoted(name) }
}

fn choice(options: &[&str]) -> String {
    options.iter().map(|option| quoted(option)).collect::<Vec<_>>().join(" | ")
}

/// A list of arguments.
fn list(of: &str, style: TypeStyle) -> String {
    match style {
        TypeStyle::Declaration => format!("ReadonlyArray<{of}>"),
        _ => format!("Array<{of}>"),
    }
}

fn kind(of: &ParamType, style: TypeStyle, depth: usize) -> String {
    let object = |props, tags: &[&str], is_open: bool| {
        let mut object = Object::open(style, depth);
        if !tags.is_empty() {
            object.property("Must equal the auth_mode of the provider.", "type", true, &choice(tags));
        }
        object.arguments(Props::Of(props));
        if is_open {
            object.others();
        }
        object.close()
    };
    match of {
        ParamType::Boolean => "boolean".into(),
        ParamType::Integer { .. } => "number".into(),
        ParamType::Text(_) => "string".into(),
        ParamType::Choice(options) => choice(options),
        ParamType::List { of, .. } => list(&kind(of, style, depth), style),
        ParamType::OneOrMany(of) => {
            let one = kind(of, style, depth);
            format!("{one} | {}", list(&one, style))
        }
        ParamType::NameOr { name, object: props } => {
            format!("{} | {}", kind(name, style, depth), object(props, &[], false))
        }
        ParamType::Nullable(of) => format!("{} | null", kind(of, style, depth)),
        ParamType::Open([]) => "{ [name: string]: unknown }".into(),
        ParamType::Object(props) => object(props, &[], false),
        ParamType::Open(props) => object(props, &[], true),
        ParamType::Map { of, .. } => format!("{{ [name: string]: {} }}", kind(of, style, depth)),
        ParamType::Tags { .. } => "{ [name: string]: string }".into(),
        ParamType::Tagged(variants) => {
            let form = |variant: &Variant| object(variant.props, variant.tags, false);
            variants.iter().map(form).collect::<Vec<_>>().join(" | ")
        }
        ParamType::QueryValue => {
            let list = list("string | number | boolean", style);
            format!("string | number | boolean | {list}")
        }
        ParamType::Json => "unknown".into(),
        // An array is an object.
        ParamType::Body => "object | string".into(),
    }
}

/// The answer of one tool.
struct Answer<'t> {
    tool: &'t Tool,
    style: TypeStyle,
}

impl Answer<'_> {
    fn mask(&self, path: &str) -> Option<Mask> {
        self.tool.secrets().iter().find(|secret| secret.path.join(".") == path).map(|secret| secret.mask)
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
                let mut object = Object::open(self.style, depth);
                for field in *fields {
                    let path = deeper(field.name);
                    let shape = self.shape(&field.shape, &path, depth + 1);
                    object.property(&self.doc(field, &path), field.name, field.always, &shape);
                }
                if self.is_open(path) || matches!(of, ResponseType::Open(_)) {
                    object.others();
                }
                object.close()
            }
        }
    }

    /// What a field means, and how it is masked.
    fn doc(&self, field: &Field, path: &str) -> String {
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
        doc
    }
}

fn is_time(field: &Field) -> bool {
    matches!(field.shape, ResponseType::Time | ResponseType::Maybe(ResponseType::Time))
}
