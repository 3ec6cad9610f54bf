//! From a tool's table to JSON Schema, and from JSON arguments to checked ones. The table itself is
//! in [`crate::tools`]; how a checked argument is sent is in [`crate::http`].
//!
//! Two schemas come from one declaration. The rich one contains all rules of validation. The wire one is
//! shown to models and clients: one `type` on every node, no references, no combinators, bounds and rules
//! in prose, since many consumers fail with more. Results have two as well: [`output`], which every answer fits, and
//! [`exact_output`]. The same as TypeScript: [`declarations`], and [`api_text`] for models.

mod api_text;
mod arguments;
mod check;
mod form;
mod given;
mod provider;
mod result;
mod rich;
mod typescript;
mod wire;
mod words;
mod written;

use crate::error::{Error, ErrorKind, InvalidArguments, Issue, Issues, MORE_ISSUES};
use crate::json::{Object, Value};
use crate::tool::Tool;

pub use api_text::{ApiLevel, ApiTool, api_text};
pub use arguments::{Arguments, Checked};
pub use provider::back::from_provider;
pub use provider::{Provider, adapt, for_provider, for_provider_of};
pub use result::{exact_output, output};
pub use rich::rich;
pub use typescript::declarations;
pub use wire::{wire, wire_of};
pub(crate) use written::{written_output, written_wire};

/// What the operator of the toolkit allows beyond the defaults.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Allow {
    /// Hosts that `base_url_override` may name, as [`AllowedHost`](crate::url::AllowedHost) reads them; one that cannot
    /// be read allows nothing.
    pub override_hosts: Vec<String>,
    /// Whether `proxy_headers` may replace the credentials that Nango adds.
    pub proxy_authorization: bool,
}

/// Checks `args` against `tool`, reporting all problems.
///
/// `args` is an object, the JSON text of one, or nothing (`null`, an empty string): see [`Arguments`]. Values with
/// exactly one meaning are repaired: `"5"` for 5, `"true"`, JSON text for an object or list, one value for a list
/// of one, another case of an allowed value. `null` for an optional argument counts as omitted, except
/// where any JSON is allowed: there every value passes verbatim.
///
/// # Errors
/// Every [`Issue`], in the order of the table, unknown properties last; if there are more than 50, the others are
/// counted by a last one with code `more_issues`. A single one with code `invalid_json` if the arguments are text
/// that is not JSON.
///
/// ```
/// use nango_toolkit::{schema, tools};
/// use serde_json::json;
///
/// let tool = tools::find("NANGO_DELETE_CONNECTION").unwrap();
/// let issues = schema::check(tool, json!({ "connectionId": "c1" }), &schema::Allow::default()).unwrap_err();
/// assert_eq!(issues[0].path, ["connection_id"]);
/// assert_eq!(issues[2].hint.as_deref(), Some("did you mean `connection_id`?"));
/// ```
pub fn check(tool: &Tool, args: impl Into<Arguments>, allow: &Allow) -> Result<Checked, InvalidArguments> {
    let (args, texts) = args.into().into_parts()?;
    Ok(check_with(tool, args, allow, Issues::default())?.with_texts(texts))
}

/// Like [`check`], with issues that are already known: they come first.
///
/// # Errors
/// As [`check`].
pub(crate) fn check_with(
    tool: &Tool,
    args: Value,
    allow: &Allow,
    issues: Issues,
) -> Result<Checked, InvalidArguments> {
    let mut check = check::Check::new(allow);
    check.issues = issues;
    let checked = check.tool(tool, args);
    if check.issues.is_empty() { Ok(checked.into()) } else { Err(check.issues.into()) }
}

/// Arguments as an object: from an object, from the JSON text of one, or from nothing.
///
/// # Errors
/// Any other value is returned.
pub(crate) fn object_of(args: Value) -> Result<Object, Value> {
    match args {
        Value::Null => Ok(Object::new()),
        Value::String(text) if text.trim().is_empty() => Ok(Object::new()),
        args => match check::parsed(args, '{') {
            Value::Object(map) => Ok(map),
            other => Err(other),
        },
    }
}

/// Every issue of a value that is an option, not a tool's arguments: nothing is repaired, and `null` counts
/// as a value.
pub(crate) fn check_strictly(kind: &crate::tool::ParamType, value: &Value) -> Issues {
    let allow = Allow::default();
    let mut check = check::Check::strictly(&allow);
    check.value(kind, value.clone());
    check.issues
}

/// The error of a call with invalid arguments.
pub fn refused(tool: &Tool, issues: impl Into<Vec<Issue>>) -> Error {
    let issues = issues.into();
    let mut message = match issues.len() {
        n if issues.last().is_some_and(|last| last.code == MORE_ISSUES) => {
            format!("more than {} problems in the arguments of {}; nothing was sent", n - 1, tool.slug)
        }
        1 => format!("one argument of {} is invalid; nothing was sent", tool.slug),
        n => format!("{n} problems in the arguments of {}; nothing was sent", tool.slug),
    };
    // The message contains the first problem: some hosts show nothing else.
    if let Some(first) = issues.first() {
        message.push_str(&format!(": {first}"));
    }
    let mut error = Error::new(ErrorKind::InvalidArguments, message).hint("fix every issue and call again");
    error.issues = issues;
    error
}
