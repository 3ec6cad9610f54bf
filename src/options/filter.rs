//! Which tools a listing, a search or an API text shows, read from JSON text.

use super::{SCHEMA, given_or_nothing, invalid, is_true};
use crate::call::Options;
use crate::error::Error;
use crate::json::Value;
use crate::policy::reads_only;
use crate::schema::{self, ApiLevel, ApiTool, Provider};
use crate::settings::{self, ALL_TOOLSETS, POSITIVE, STRINGS};
use crate::tool::{ParamType, Property, Tool, Toolset};
use crate::tools;

/// The purpose of a filter, which decides its options.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FilterKind {
    /// A listing: `{ toolsets?, tools?, readOnly?, schema? }`.
    List,
    /// A search: `{ toolsets?, tools?, readOnly?, limit? }`.
    Search,
    /// An API text: `{ toolsets?, tools?, readOnly?, level?, untypedResults? }`.
    ApiText,
}

/// Which tools a listing, a search or an API text shows.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Filter {
    toolsets: Option<Vec<Toolset>>,
    tools: Option<Vec<&'static str>>,
    read_only: bool,
    /// Whether only tools that are listed by default are shown.
    only_listed: bool,
    /// The provider whose dialect the schemas use.
    pub provider: Option<Provider>,
    /// The maximum number of tools; only for a search.
    pub limit: Option<u64>,
    /// How much an API text contains of each tool.
    pub level: ApiLevel,
    /// Whether results are `any`, since the host may change them; only for an API text.
    pub untyped_results: bool,
}

const TOOLSETS: Property = Property::new("toolsets", STRINGS, "");
const TOOLS: Property = Property::new("tools", STRINGS, "");
const READ_ONLY: Property = Property::new("readOnly", ParamType::Boolean, "");
const LISTING: ParamType = ParamType::Object(&[TOOLSETS, TOOLS, READ_ONLY, SCHEMA]);
const SEARCH: ParamType =
    ParamType::Object(&[TOOLSETS, TOOLS, READ_ONLY, Property::new("limit", POSITIVE, "")]);
const API_TEXT: ParamType = ParamType::Object(&[
    TOOLSETS,
    TOOLS,
    READ_ONLY,
    Property::new("level", ParamType::Choice(&["index", "signatures", "types", "full"]), ""),
    Property::new("untypedResults", ParamType::Boolean, ""),
]);

/// The filter with all toolsets where `tools` is `"all"`, unless it names toolsets.
fn with_all_tools(mut value: Value) -> Value {
    let all = Value::from(ALL_TOOLSETS);
    if let Value::Object(filter) = &mut value
        && filter.get("tools") == Some(&all)
    {
        filter.remove("tools");
        filter.entry("toolsets").or_insert(all);
    }
    value
}

impl Filter {
    /// Reads a filter from JSON text. `options` decide the names of tools.
    ///
    /// # Errors
    /// `invalid_option` with every issue, toolsets and tools that do not exist among them.
    pub fn parse(text: &str, kind: FilterKind, options: &Options) -> Result<Filter, Error> {
        let value = settings::with_all_toolsets(with_all_tools(given_or_nothing(text)?));
        let table = match kind {
            FilterKind::List => &LISTING,
            FilterKind::Search => &SEARCH,
            FilterKind::ApiText => &API_TEXT,
        };
        let mut issues = settings::check(table, &value);
        issues.append(settings::toolset_issues(&value));
        issues.append(settings::tool_issues(&value, |name| options.find(name)));
        if !issues.is_empty() {
            return Err(invalid(issues));
        }
        let names = |option: &str| {
            let names = value.get(option)?.as_array()?;
            Some(names.iter().filter_map(Value::as_str).collect::<Vec<&str>>())
        };
        // All names exist, as checked above.
        let toolsets = names("toolsets").map(|all| all.iter().filter_map(|name| name.parse().ok()).collect());
        let slugs = |all: Vec<&str>| all.iter().filter_map(|name| Some(options.find(name)?.slug)).collect();
        let provider = value.get("schema").and_then(Value::as_str).and_then(|name| name.parse().ok());
        let tools = names("tools").map(slugs);
        let level: Option<ApiLevel> =
            value.get("level").and_then(Value::as_str).and_then(|name| name.parse().ok());
        let is_chosen = toolsets.is_some() || tools.is_some() || options.chooses_tools();
        Ok(Filter {
            only_listed: kind != FilterKind::Search && !is_chosen,
            toolsets,
            tools,
            read_only: is_true(value.get("readOnly")),
            provider: provider.or(options.provider),
            limit: value.get("limit").and_then(Value::as_u64),
            level: level.unwrap_or_default(),
            untyped_results: is_true(value.get("untypedResults")),
        })
    }

    /// Whether it shows `tool`.
    #[must_use]
    pub fn selects(&self, tool: &Tool) -> bool {
        let listed = self.tools.as_ref().map(|all| all.contains(&tool.slug));
        (!self.only_listed || tool.listed)
            && (!self.read_only || reads_only(tool, listed == Some(true)))
            && self.toolsets.as_ref().is_none_or(|all| all.contains(&tool.toolset))
            && listed != Some(false)
    }
}

/// The tools that a filter shows as TypeScript, as an agent with these options sees them.
///
/// ```
/// use nango_toolkit::call::Options;
/// use nango_toolkit::options::{Filter, FilterKind, api_text};
///
/// let options = Options::default();
/// let filter = Filter::parse(r#"{ "level": "signatures", "tools": "all" }"#, FilterKind::ApiText, &options)?;
/// assert!(api_text(&options, &filter).contains("NANGO_GET_INTEGRATION(args: { unique_key: string; "));
/// # Ok::<(), nango_toolkit::error::Error>(())
/// ```
#[must_use]
pub fn api_text(options: &Options, filter: &Filter) -> String {
    let tools = tools::all().filter(|tool| filter.selects(tool) && options.lists(tool));
    let shown: Vec<ApiTool<'_>> = tools
        .map(|tool| {
            let (name, doc) = options.words(tool);
            let has_typed_result = !filter.untyped_results;
            ApiTool { name, doc, params: options.params(tool), has_typed_result, ..ApiTool::new(tool) }
        })
        .collect();
    schema::api_text(&shown, filter.level)
}
