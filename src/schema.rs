//! From a tool's table to JSON Schema, and from JSON arguments to checked ones. The table itself is
//! in [`crate::tools`]; what a checked argument becomes on the wire is in [`crate::http`].
//!
//! Two schemas come from one declaration. The rich one says everything the check asks. The wire one
//! is what models and clients are shown: one `type` on every node, no references, no combinators,
//! bounds and rules in prose, since many consumers break on less (DESIGN section 3).

mod arguments;
mod check;
mod form;
mod given;
mod provider;
mod rich;
mod wire;
mod words;

use crate::error::{Error, ErrorKind, InvalidArguments, Issue};
use crate::json::{Object, Value};
use crate::tool::Tool;

pub use arguments::{Arguments, Checked};
pub use provider::back::from_provider;
pub use provider::{Provider, adapt, for_provider, for_provider_of};
pub use rich::rich;
pub use wire::{output, wire, wire_of};

/// What the one who runs the toolkit allows beyond the defaults.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Allow {
    /// Hosts that `base_url_override` may name, as [`AllowedHost`](crate::url::AllowedHost) reads them; one that cannot
    /// be read allows nothing.
    pub override_hosts: Vec<String>,
    /// Whether `proxy_headers` may replace the credentials that Nango adds.
    pub proxy_authorization: bool,
}

/// Checks `args` against `tool`, reporting all problems at once.
///
/// `args` is an object, a JSON text of one, or nothing (`null`, an empty text): see [`Arguments`]. What has exactly one
/// meaning is repaired: `"5"` for 5, `"true"`, a JSON text for an object or list, one value for a list
/// of one, another case of an allowed value. `null` for an optional argument counts as omitted, except
/// where any JSON is allowed: there every value passes verbatim.
///
/// # Errors
/// Every [`Issue`], in the order of the table, unknown properties last; a single one with code `invalid_json` if
/// the arguments are text that is no JSON.
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
    Ok(check_with(tool, args, allow, Vec::new())?.with_texts(texts))
}

/// The same where these issues are known already: they come first.
///
/// # Errors
/// As [`check`].
pub(crate) fn check_with(
    tool: &Tool,
    args: Value,
    allow: &Allow,
    issues: Vec<Issue>,
) -> Result<Checked, Vec<Issue>> {
    let mut check = check::Check::new(allow);
    check.issues = issues;
    let checked = check.tool(tool, args);
    if check.issues.is_empty() { Ok(checked.into()) } else { Err(check.issues) }
}

/// Arguments as an object: given as one, as a JSON text of one, or as nothing.
///
/// # Errors
/// What is none of these comes back.
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

/// Every issue of a value that is not a tool's arguments but an option: nothing is repaired, and `null` counts
/// as a value.
pub(crate) fn check_strictly(kind: &crate::tool::ParamType, value: &Value) -> Vec<Issue> {
    let allow = Allow::default();
    let mut check = check::Check::strictly(&allow);
    check.value(kind, value.clone());
    check.issues
}

/// The error of a call whose arguments did not pass.
pub fn refused(tool: &Tool, issues: impl Into<Vec<Issue>>) -> Error {
    let issues = issues.into();
    let mut message = match issues.len() {
        1 => format!("one argument of {} was refused; nothing was sent", tool.slug),
        n => format!("{n} problems in the arguments of {}; nothing was sent", tool.slug),
    };
    // The first problem is in the message too: some hosts show nothing else.
    if let Some(first) = issues.first() {
        message.push_str(&format!(": {first}"));
    }
    let mut error =
        Error::new(ErrorKind::InvalidArguments, message).hint("repair every issue and call again");
    error.issues = issues;
    error
}
