//! Three tools instead of all others, for small contexts: they find, describe and run the others.

use serde_json::value::RawValue;

use super::definition::{ExtraTool, ToolDefinition, object};
use super::selection::toolsets;
use crate::call::Options;
use crate::error::{Error, ErrorKind};
use crate::json::{Object, RawProperties, Value, parse, raw_properties, to_json, to_plain, to_text};
use crate::search::Index;
use crate::text::clip;
use crate::tools;

pub(super) const SEARCH: &str = "search_tools";
pub(super) const DESCRIBE: &str = "describe_tool";
pub(super) const EXECUTE: &str = "execute_tool";

/// The default and the maximum number of tools that a search returns.
const LIMIT: usize = 5;
const MAX_LIMIT: i64 = 20;

/// How MCP lists them.
const DEFINITIONS: &str = r#"[
    {
        "name": "search_tools",
        "title": "Search Tools",
        "description": "Find the tools for a task, best first, among {count} tools for Nango: {toolsets}. Then use describe_tool for the arguments of one, and execute_tool to run it.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "query": { "type": "string", "description": "What you want to do, in a few words." },
                "limit": { "type": "integer", "description": "How many to return, 1 to 20; default 5." }
            },
            "required": ["query"],
            "additionalProperties": false
        },
        "annotations": { "title": "Search Tools", "readOnlyHint": true, "destructiveHint": false, "idempotentHint": true, "openWorldHint": false }
    },
    {
        "name": "describe_tool",
        "title": "Describe Tool",
        "description": "The description, the arguments (JSON Schema) and examples of one tool. Use it before execute_tool.",
        "inputSchema": {
            "type": "object",
            "properties": { "name": { "type": "string", "description": "The tool's name, as search_tools returns it." } },
            "required": ["name"],
            "additionalProperties": false
        },
        "annotations": { "title": "Describe Tool", "readOnlyHint": true, "destructiveHint": false, "idempotentHint": true, "openWorldHint": false }
    },
    {
        "name": "execute_tool",
        "title": "Execute Tool",
        "description": "Run one tool with its arguments and return its result. Look at describe_tool first: names and values must be exact.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "name": { "type": "string", "description": "The tool's name, as search_tools returns it." },
                "arguments": { "type": "object", "description": "The arguments, as describe_tool says.", "additionalProperties": true }
            },
            "required": ["name"],
            "additionalProperties": false
        },
        "annotations": { "title": "Execute Tool", "readOnlyHint": {read_only}, "destructiveHint": {changes}, "idempotentHint": false, "openWorldHint": true }
    }
]"#;

/// The three tools for `tools`.
pub(super) fn meta_tools(tools: &[ToolDefinition], read_only: bool) -> Vec<ExtraTool> {
    let mut groups: Vec<&str> = toolsets(tools).collect();
    groups.dedup();
    let definitions = DEFINITIONS
        .replace("{count}", &tools.len().to_string())
        .replace("{toolsets}", &groups.join(", "))
        .replace("{read_only}", &read_only.to_string())
        .replace("{changes}", &(!read_only).to_string());
    let all = parse(&definitions).unwrap_or_default();
    all.as_array().into_iter().flatten().cloned().filter_map(ExtraTool::from_value).collect()
}

/// The arguments of a model for one of the three tools. Invalid ones are read as far as possible.
pub(super) struct Arguments<'a>(RawProperties<'a>);

impl<'a> Arguments<'a> {
    pub(super) fn read(arguments: &'a RawValue) -> Arguments<'a> {
        Arguments(raw_properties(arguments.get()).unwrap_or_default())
    }

    /// An argument as text; empty if it is absent.
    fn text(&self, name: &str) -> String {
        match self.0.get(name).and_then(|value| parse(value.get()).ok()) {
            None | Some(Value::Null) => String::new(),
            Some(value) => to_plain(&value),
        }
    }

    /// The name of the tool.
    pub(super) fn name(&self) -> String {
        self.text("name")
    }

    /// The query.
    pub(super) fn query(&self) -> String {
        self.text("query")
    }

    /// How many tools a search may return.
    pub(super) fn limit(&self) -> usize {
        let limit = match self.0.get("limit").and_then(|value| parse(value.get()).ok()) {
            Some(Value::Number(number)) => number.as_f64().map(|number| number as i64),
            Some(Value::String(digits)) => digits.parse().ok(),
            _ => None,
        };
        let limit = limit.filter(|limit| *limit != 0);
        limit.map_or(LIMIT, |limit| limit.clamp(1, MAX_LIMIT) as usize)
    }

    /// The arguments of the tool to run.
    pub(super) fn arguments(&self) -> Option<Box<RawValue>> {
        self.0
            .get("arguments")
            .filter(|arguments| arguments.get() != "null")
            .map(|arguments| (*arguments).to_owned())
    }
}

/// The outcome of a call with this `data`.
fn success(data: Value) -> String {
    to_text(&object([
        ("successful", Value::Bool(true)),
        ("data", data),
        ("error", Value::Null),
        ("meta", Value::Object(Object::new())),
    ]))
}

/// The outcome for an error.
pub(super) fn failure(error: &Error, meta: Object) -> String {
    let error = parse(&to_json(error)).unwrap_or_default();
    to_text(&object([
        ("successful", Value::Bool(false)),
        ("data", Value::Null),
        ("error", error),
        ("meta", Value::Object(meta)),
    ]))
}

/// The outcome of a search that found these tools.
pub(super) fn found<'a>(tools: impl Iterator<Item = &'a ToolDefinition>) -> String {
    let brief = |tool: &ToolDefinition| Value::Object(tool.shown(&["title", "description"]));
    success(object([("tools", tools.map(brief).collect())]))
}

/// The outcome of describing one tool.
pub(super) fn described(tool: &ToolDefinition) -> String {
    success(Value::Object(tool.shown(&["title", "description", "inputSchema", "annotations", "examples"])))
}

/// The outcome if the tool does not exist.
pub(super) fn missing(name: &str) -> String {
    let error = Error::new(ErrorKind::InvalidArguments, format!("there is no tool `{}`", clip(name, 128)));
    let meta = Object::from_iter([("tool".to_owned(), Value::from(EXECUTE))]);
    failure(&error.hint("search_tools finds tools"), meta)
}

/// The names of the tools that fit `query`, best first, as `options` name them: a host's answer to
/// [`Plan::Search`](super::Plan::Search).
#[must_use]
pub fn search_tools(query: &str, options: &Options) -> Vec<String> {
    // How rare a word is depends on all tools, not only on those that the caller sees.
    let hits = Index::new(tools::all()).find(query, usize::MAX, &|tool| options.lists(tool));
    hits.iter().map(|hit| options.words(hit.tool).0.to_owned()).collect()
}
