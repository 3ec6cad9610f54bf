//! How providers page their lists, as Nango's catalogue describes it.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use crate::error::{Error, Issue, Issues};
use crate::json::{Value, parse};
use crate::settings::{self, ANY_STRING, INVALID_OPTION, NATURAL, POSITIVE, without_nulls};
use crate::tool::{ParamType, Property, named};

/// How long names and paths may be, in bytes, and how many steps they may have.
const MAX_NAME: usize = 256;
const MAX_STEPS: usize = 16;

/// The name of an offset that counts pages.
const COUNTS_PAGES: &str = "page";

/// The paging of providers by name, from the catalogue; see `scripts/provider-paging.mjs`.
const PROVIDERS: &str = include_str!("providers.json");

/// How a list continues.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum PagingType {
    /// The answer has a cursor, which the next request names.
    Cursor,
    /// The answer has a link to the next page.
    Link,
    /// The next request says how many entries, or pages, to skip.
    Offset,
}

impl PagingType {
    /// The name used in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            PagingType::Cursor => "cursor",
            PagingType::Link => "link",
            PagingType::Offset => "offset",
        }
    }

    /// Every type.
    pub const ALL: &'static [PagingType] = &[PagingType::Cursor, PagingType::Link, PagingType::Offset];
}

impl fmt::Display for PagingType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for PagingType {
    type Err = Error;

    fn from_str(name: &str) -> Result<PagingType, Error> {
        named(name, PagingType::ALL, PagingType::as_str, "type of paging")
    }
}

/// What the offset of the next page is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum OffsetStep {
    /// One more: it counts pages.
    PerPage,
    /// More by the length of this page: it counts entries.
    ByResponseSize,
}

impl OffsetStep {
    /// The name used in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            OffsetStep::PerPage => "per-page",
            OffsetStep::ByResponseSize => "by-response-size",
        }
    }

    /// Every step.
    pub const ALL: &'static [OffsetStep] = &[OffsetStep::PerPage, OffsetStep::ByResponseSize];
}

impl fmt::Display for OffsetStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for OffsetStep {
    type Err = Error;

    fn from_str(name: &str) -> Result<OffsetStep, Error> {
        named(name, OffsetStep::ALL, OffsetStep::as_str, "step of an offset")
    }
}

/// How a provider pages its lists, in the form and with the names of Nango's catalogue.
///
/// ```
/// use nango_toolkit::paging::{PagingType, of_provider};
///
/// let paging = of_provider("google-mail").unwrap();
/// assert_eq!(paging.kind, PagingType::Cursor);
/// assert_eq!(paging.cursor_name_in_request.as_deref(), Some("pageToken"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ProviderPaging {
    /// How a list continues.
    #[serde(rename = "type")]
    pub kind: PagingType,
    /// Where the list is in the answer, as names with dots between them; otherwise it is looked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_path: Option<String>,
    /// How many entries a page has, if the arguments do not say so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    /// The parameter that says how many entries a page has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit_name_in_request: Option<String>,
    /// The parameter that takes the cursor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor_name_in_request: Option<String>,
    /// Where the next cursor is in the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor_path_in_response: Option<String>,
    /// The relation of the link in the header `Link`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link_rel_in_response_header: Option<String>,
    /// Where the link is in the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link_path_in_response_body: Option<String>,
    /// The parameter that takes the offset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset_name_in_request: Option<String>,
    /// The offset of the first page: 0, or 1 if it counts pages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset_start_value: Option<u64>,
    /// What the next offset is. By default it counts entries, unless the parameter is called `page`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset_calculation_method: Option<OffsetStep>,
}

const NAMES: &[&str] = &[
    "response_path",
    "limit",
    "limit_name_in_request",
    "cursor_name_in_request",
    "cursor_path_in_response",
    "link_rel_in_response_header",
    "link_path_in_response_body",
    "offset_name_in_request",
    "offset_start_value",
    "offset_calculation_method",
];
const DESCRIPTION: ParamType = ParamType::Object(&[
    Property::new("type", ParamType::Choice(&["cursor", "link", "offset"]), "").required(),
    Property::new("response_path", ANY_STRING, ""),
    Property::new("limit", POSITIVE, ""),
    Property::new("limit_name_in_request", ANY_STRING, ""),
    Property::new("cursor_name_in_request", ANY_STRING, ""),
    Property::new("cursor_path_in_response", ANY_STRING, ""),
    Property::new("link_rel_in_response_header", ANY_STRING, ""),
    Property::new("link_path_in_response_body", ANY_STRING, ""),
    Property::new("offset_name_in_request", ANY_STRING, ""),
    Property::new("offset_start_value", NATURAL, ""),
    Property::new("offset_calculation_method", ParamType::Choice(&["per-page", "by-response-size"]), ""),
]);

/// The paging of a provider by its name in Nango's catalogue; `None` if the catalogue of this version describes none.
/// An alias of a provider has the paging of that one.
#[must_use]
pub fn of_provider(name: &str) -> Option<ProviderPaging> {
    ProviderPaging::from_value(described(name)?).ok()
}

/// The description of a provider's paging, as the catalogue has it.
fn described(name: &str) -> Option<Value> {
    let mut groups = parse(PROVIDERS).ok()?;
    let is_of = |group: &&mut Value| {
        group["providers"].as_array().is_some_and(|all| all.iter().any(|one| one == name))
    };
    let group = groups.as_array_mut()?.iter_mut().find(is_of)?;
    Some(group["paging"].take())
}

impl ProviderPaging {
    /// From its JSON form.
    ///
    /// # Errors
    /// `invalid_option` with every issue: an unknown property, a wrong type, a property without which such lists
    /// cannot be read.
    pub fn from_value(value: Value) -> Result<ProviderPaging, Error> {
        let value = without_nulls(value, NAMES);
        let issues = ProviderPaging::issues(&value);
        if !issues.is_empty() {
            return Err(settings::error("description of pages", INVALID_OPTION, issues));
        }
        let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
        let number = |name: &str| value.get(name).and_then(Value::as_u64);
        Ok(ProviderPaging {
            kind: text("type").unwrap_or_default().parse()?,
            response_path: text("response_path"),
            limit: number("limit"),
            limit_name_in_request: text("limit_name_in_request"),
            cursor_name_in_request: text("cursor_name_in_request"),
            cursor_path_in_response: text("cursor_path_in_response"),
            link_rel_in_response_header: text("link_rel_in_response_header"),
            link_path_in_response_body: text("link_path_in_response_body"),
            offset_name_in_request: text("offset_name_in_request"),
            offset_start_value: number("offset_start_value"),
            offset_calculation_method: text("offset_calculation_method")
                .map(|step| step.parse())
                .transpose()?,
        })
    }

    pub(crate) fn issues(value: &Value) -> Issues {
        let mut issues = settings::check(&DESCRIPTION, value);
        let is_missing = |name: &str| value.get(name).and_then(Value::as_str).is_none_or(str::is_empty);
        for name in NAMES {
            let Some(text) = value.get(*name).and_then(Value::as_str) else { continue };
            if text.len() > MAX_NAME || steps(text).len() > MAX_STEPS {
                let message = format!(
                    "expected at most {MAX_NAME} characters and {MAX_STEPS} names with dots between them"
                );
                issues.push(Issue::new(vec![(*name).to_owned()], "too_big", message));
            }
        }
        let needs: &[&str] = match value.get("type").and_then(Value::as_str) {
            Some("cursor") => &["cursor_name_in_request", "cursor_path_in_response"],
            Some("offset") => &["offset_name_in_request"],
            Some("link") if is_missing("link_rel_in_response_header") => &["link_path_in_response_body"],
            _ => &[],
        };
        for name in needs.iter().filter(|name| is_missing(name)) {
            let message = "such lists cannot be read without it";
            issues.push(Issue::new(vec![(*name).to_owned()], "required", message));
        }
        if value.get("limit").is_some() && value.get("limit_name_in_request").is_none() {
            let path = vec!["limit_name_in_request".to_owned()];
            issues.push(Issue::new(path, "required", "`limit` needs the name of a parameter"));
        }
        issues
    }

    /// Whether offsets count pages.
    pub(super) fn counts_pages(&self) -> bool {
        match self.offset_calculation_method {
            Some(step) => step == OffsetStep::PerPage,
            None => self.offset_name_in_request.as_deref() == Some(COUNTS_PAGES),
        }
    }

    /// The offset of the first page.
    pub(super) fn first(&self) -> i64 {
        let first = self.offset_start_value.and_then(|first| i64::try_from(first).ok());
        first.unwrap_or(i64::from(self.counts_pages()))
    }
}

/// How a provider pages its lists: from the catalogue of this version, otherwise from `by_server`, what the catalogue of
/// a server says, in which there may be more than is known here. `None` if neither can be used.
#[cfg(feature = "js")]
pub(crate) fn description(name: &str, by_server: Option<Value>) -> Option<Value> {
    let of_server = || {
        let mut described = by_server?;
        described.as_object_mut()?.retain(|name, _| name == "type" || NAMES.contains(&name.as_str()));
        ProviderPaging::issues(&described).is_empty().then_some(described)
    };
    described(name).or_else(of_server)
}

/// The steps of a path with dots: `data.items`, `[0].next`.
pub(super) fn steps(path: &str) -> Vec<String> {
    path.split(['.', '[', ']']).filter(|step| !step.is_empty()).map(str::to_owned).collect()
}
