//! Tools as TypeScript, for models: for programs over tools, and for tools that are loaded when they are needed.

use std::fmt;
use std::str::FromStr;

use super::typescript::{TypeStyle, arguments_type, comment, key, quoted, result_type, with_rules};
use crate::error::Error;
use crate::tool::{Param, Tool, Toolset, named};

/// How much an API text says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ApiLevel {
    /// The names of the tools, by toolset.
    Index,
    /// With titles and the types of arguments.
    Signatures,
    /// With the types of results, too.
    #[default]
    Types,
    /// With everything that is known: descriptions of tools, arguments and results, examples.
    Full,
}

impl ApiLevel {
    /// The name used in JSON and on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            ApiLevel::Index => "index",
            ApiLevel::Signatures => "signatures",
            ApiLevel::Types => "types",
            ApiLevel::Full => "full",
        }
    }

    /// Every level, the shortest first.
    pub const ALL: &'static [ApiLevel] =
        &[ApiLevel::Index, ApiLevel::Signatures, ApiLevel::Types, ApiLevel::Full];
}

impl fmt::Display for ApiLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for ApiLevel {
    type Err = Error;

    fn from_str(name: &str) -> Result<ApiLevel, Error> {
        named(name, ApiLevel::ALL, ApiLevel::as_str, "level")
    }
}

/// A tool in an API text, as an agent sees it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ApiTool<'t> {
    /// The tool.
    pub tool: &'t Tool,
    /// Its name.
    pub name: &'t str,
    /// Its description.
    pub doc: &'t str,
    /// Its arguments.
    pub params: Vec<Param>,
    /// Whether the data of its result is as the table says; otherwise it is `any`.
    pub has_typed_result: bool,
}

impl<'t> ApiTool<'t> {
    /// A tool as the table has it.
    #[must_use]
    pub fn new(tool: &'t Tool) -> ApiTool<'t> {
        let params = tool.params.to_vec();
        ApiTool { tool, name: tool.slug, doc: tool.doc, params, has_typed_result: true }
    }
}

/// Tools as TypeScript, for models that write programs or load tools when they need them: a declaration of an object
/// `nango` with one function a tool. A function takes the arguments of its tool, and resolves to the data of the
/// result. The same tools give the same text.
///
/// ```
/// use nango_toolkit::schema::{ApiLevel, ApiTool, api_text};
/// use nango_toolkit::tools;
///
/// let tool = ApiTool::new(tools::find("NANGO_GET_ENVIRONMENT_VARIABLES").unwrap());
/// assert_eq!(
///     api_text(&[tool], ApiLevel::Types),
///     "declare const nango: {\n  \
///        // Get Environment Variables\n  \
///        NANGO_GET_ENVIRONMENT_VARIABLES(): Promise<Array<{ name: string; value: string }>>;\n\
///      };\n",
/// );
/// ```
#[must_use]
pub fn api_text(tools: &[ApiTool<'_>], level: ApiLevel) -> String {
    if level == ApiLevel::Index {
        return index(tools);
    }
    let mut out = String::from("declare const nango: {\n");
    for tool in tools {
        function(tool, level, &mut out);
    }
    out.push_str("};\n");
    out
}

fn index(tools: &[ApiTool<'_>]) -> String {
    if tools.is_empty() {
        return "declare const nango: {};\n".to_owned();
    }
    let mut out = String::from("declare const nango: Record<\n");
    for toolset in Toolset::ALL {
        let names: Vec<String> = tools
            .iter()
            .filter(|tool| tool.tool.toolset == *toolset)
            .map(|tool| format!("|{}", quoted(tool.name)))
            .collect();
        if !names.is_empty() {
            out.push_str(&format!("// {toolset}\n{}\n", names.concat()));
        }
    }
    out.push_str(", (args?: object) => Promise<any>>;\n");
    out
}

fn function(shown: &ApiTool<'_>, level: ApiLevel, out: &mut String) {
    let ApiTool { tool, name, params, .. } = shown;
    let style = if level == ApiLevel::Full { TypeStyle::Documented } else { TypeStyle::Compact };
    if level == ApiLevel::Full {
        comment(&description(shown), 1, out);
    } else {
        out.push_str(&format!("  // {}\n", tool.title));
    }
    let mark = if params.iter().any(|param| param.prop.required) { "" } else { "?" };
    let arguments = if params.is_empty() {
        String::new()
    } else {
        format!("args{mark}: {}", arguments_type(params, style, 1))
    };
    let result = if level == ApiLevel::Signatures || !shown.has_typed_result {
        "any".to_owned()
    } else {
        result_type(tool, style, 1)
    };
    // A plain `new` would declare a constructor.
    let name = if *name == "new" { quoted(name) } else { key(name) };
    out.push_str(&format!("  {name}({arguments}): Promise<{result}>;\n"));
}

/// What a tool does, the rules on its arguments, what it changes, and examples.
fn description(shown: &ApiTool<'_>) -> String {
    let ApiTool { tool, name, doc, params, .. } = shown;
    let mut out = with_rules(doc, tool, params);
    out.push_str(&format!("\nEffect: {}.", tool.effect));
    for example in tool.examples.iter().filter(|example| example.fits(params)) {
        let args = if params.is_empty() { "" } else { example.args };
        out.push_str(&format!("\n@example nango{}({args}) // {}", member(name), example.title));
    }
    out
}

/// How a property of this name is read.
fn member(name: &str) -> String {
    let key = key(name);
    if key.starts_with('"') { format!("[{key}]") } else { format!(".{key}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools;

    fn text(name: &'static str, doc: &'static str, level: ApiLevel) -> String {
        let tool = tools::find("NANGO_GET_INTEGRATION").unwrap();
        api_text(&[ApiTool { name, doc, has_typed_result: false, ..ApiTool::new(tool) }], level)
    }

    #[test]
    fn names_that_are_no_identifiers_are_quoted() {
        for (name, written) in [
            ("get_it", "get_it(args: {"),
            ("get-it", "\"get-it\"(args: {"),
            ("2get", "\"2get\"(args: {"),
            ("get\"it", "\"get\\\"it\"(args: {"),
        ] {
            let text = text(name, "", ApiLevel::Signatures);
            assert!(text.contains(&format!("\n  {written}")), "{name}: {text}");
        }
        let full = text("get-it", "", ApiLevel::Full);
        assert!(full.contains("@example nango[\"get-it\"]({\"unique_key\":"), "{full}");
    }

    #[test]
    fn a_description_cannot_end_its_comment() {
        let full = text("get_it", "Reads it. */ declare const other: 1; /*", ApiLevel::Full);
        assert!(full.contains("Reads it. *\\/ declare const other"), "{full}");
        assert_eq!(full.matches("*/").count(), full.matches("/**").count());
    }
}
