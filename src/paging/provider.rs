//! How providers page their lists, as Nango's catalogue describes it.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use super::{Asked, at, is_cursor, number};
use crate::error::{Error, Issue, Issues};
use crate::http::{Page, Response};
use crate::json::{Object, Value, parse};
use crate::settings::{self, ANY_STRING, INVALID_OPTION, NATURAL, POSITIVE, without_nulls};
use crate::tool::{Method, ParamLocation, ParamType, Property, Role, Tool, named};
use crate::url::decode;

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
        let needs: &[&str] = match value.get("type").and_then(Value::as_str) {
            Some("cursor") => &["cursor_name_in_request", "cursor_path_in_response"],
            Some("offset") => &["offset_name_in_request"],
            Some("link") if value.get("link_rel_in_response_header").is_none() => {
                &["link_path_in_response_body"]
            }
            _ => &[],
        };
        let is_missing = |name: &str| value.get(name).and_then(Value::as_str).is_none_or(str::is_empty);
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

    /// Adds the size of a page to arguments that do not have it; `false` if nothing was added.
    pub(super) fn set_limit(&self, tool: &Tool, args: &mut Object) -> bool {
        let Some((limit, name)) = self.limit.zip(self.limit_name_in_request.as_deref()) else { return false };
        if place(tool).get(args, name).is_some() {
            return false;
        }
        place(tool).set(args, name, limit.into());
        true
    }

    /// How many entries the arguments ask for.
    pub(super) fn limit_of(&self, tool: &Tool, args: &Object) -> Option<u64> {
        let name = self.limit_name_in_request.as_deref()?;
        number(place(tool).get(args, name)?).and_then(|limit| u64::try_from(limit).ok())
    }

    pub(super) fn page(&self, tool: &Tool, asked: &Asked, body: &Value, response: &Response) -> Page {
        let items = match &self.response_path {
            Some(path) => steps(path),
            None => longest_list(body),
        };
        let count = at(body, &items).and_then(Value::as_array).map_or(0, Vec::len) as u64;
        let next = match self.kind {
            PagingType::Cursor => self.after_cursor(tool, asked, body),
            PagingType::Link => self.after_link(tool, asked, body, response),
            PagingType::Offset => self.after_offset(tool, asked, count),
        };
        Page { items, next }
    }

    fn after_cursor(&self, tool: &Tool, asked: &Asked, body: &Value) -> Option<Object> {
        let cursor =
            at(body, &steps(self.cursor_path_in_response.as_deref()?)).filter(|value| is_cursor(value))?;
        let cursor = cursor.as_str().map_or_else(|| cursor.clone(), |text| text.trim().into());
        let mut args = asked.args.clone();
        place(tool).set(&mut args, self.cursor_name_in_request.as_deref()?, cursor).then_some(args)
    }

    fn after_offset(&self, tool: &Tool, asked: &Asked, count: u64) -> Option<Object> {
        if count == 0 || asked.size.is_some_and(|size| count < size) {
            return None;
        }
        let name = self.offset_name_in_request.as_deref()?;
        let by_page = match self.offset_calculation_method {
            Some(step) => step == OffsetStep::PerPage,
            None => name == "page",
        };
        let first = self.offset_start_value.unwrap_or(u64::from(by_page));
        let current = place(tool).get(&asked.args, name).and_then(number).and_then(|n| u64::try_from(n).ok());
        let next = current.unwrap_or(first).checked_add(if by_page { 1 } else { count })?;
        let mut args = asked.args.clone();
        place(tool).set(&mut args, name, next.into()).then_some(args)
    }

    /// The request of a link, to the same connection: its host is never followed.
    fn after_link(&self, tool: &Tool, asked: &Asked, body: &Value, response: &Response) -> Option<Object> {
        let of_header = |rel: &String| link_of_header(response, rel);
        let of_body = || at(body, &steps(self.link_path_in_response_body.as_deref()?))?.as_str();
        let link = self.link_rel_in_response_header.as_ref().and_then(of_header).or_else(of_body)?.trim();
        let link = link.split('#').next().filter(|link| !link.is_empty())?;
        let (path, query) = link.split_once('?').unwrap_or((link, ""));
        let path = match path.split_once("://") {
            Some((_, rest)) => rest.split_once('/').map_or("", |(_, path)| path),
            None => path,
        };
        let mut args = asked.args.clone();
        let path_name = tool.with_role(Role::ProxyPath)?.prop.name;
        let path = path.trim_matches('/');
        let asked_path = args.get(path_name).and_then(Value::as_str)?.trim_matches('/');
        // A base URL may end with a path, which links of the provider contain and arguments do not.
        let is_same = path.is_empty() || path == asked_path || path.ends_with(&format!("/{asked_path}"));
        if !is_same {
            args.insert(path_name.to_owned(), path.into());
        }
        let query_name = tool.with_role(Role::ProxyQuery)?.prop.name;
        args.insert(query_name.to_owned(), query_of(query).into());
        Some(args)
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

/// Where the parameters of a list are sent.
enum Place {
    /// In the query: this argument.
    Query(&'static str),
    /// In the body: this argument, whose names may have dots between them.
    Body(&'static str),
}

fn place(tool: &Tool) -> Place {
    let query = tool.with_role(Role::ProxyQuery).map_or("", |param| param.prop.name);
    let body = tool.params.iter().find(|param| param.place == ParamLocation::WholeBody);
    match body {
        Some(body) if tool.method != Method::Get => Place::Body(body.prop.name),
        _ => Place::Query(query),
    }
}

impl Place {
    fn get<'a>(&self, args: &'a Object, name: &str) -> Option<&'a Value> {
        match self {
            Place::Query(argument) => args.get(*argument)?.get(name),
            Place::Body(argument) => at(args.get(*argument)?, &steps(name)),
        }
    }

    /// Sets a parameter; `false` if there is another kind of value where it should be.
    fn set(&self, args: &mut Object, name: &str, value: Value) -> bool {
        let (argument, path) = match self {
            Place::Query(argument) => (*argument, vec![name.to_owned()]),
            Place::Body(argument) => (*argument, steps(name)),
        };
        let Some((last, outer)) = path.split_last() else { return false };
        let mut inner = args.entry(argument).or_insert_with(|| Value::Object(Object::new()));
        for step in outer {
            let Value::Object(map) = inner else { return false };
            inner = map.entry(step.as_str()).or_insert_with(|| Value::Object(Object::new()));
        }
        let Value::Object(map) = inner else { return false };
        map.insert(last.clone(), value);
        true
    }
}

/// The steps of a path with dots: `data.items`, `[0].next`.
fn steps(path: &str) -> Vec<String> {
    path.split(['.', '[', ']']).filter(|step| !step.is_empty()).map(str::to_owned).collect()
}

/// The path to the longest list of an answer: the answer, one of its properties, or else one of the properties of those.
fn longest_list(body: &Value) -> Vec<String> {
    let lists_in = |value: &Value, path: &[String]| -> Vec<(usize, Vec<String>)> {
        let properties = value.as_object().into_iter().flatten();
        let lists = properties.filter_map(|(name, value)| {
            let path = path.iter().chain([name]).cloned().collect();
            value.as_array().map(|list| (list.len(), path))
        });
        lists.collect()
    };
    let mut found = lists_in(body, &[]);
    if found.is_empty() {
        let inner = body.as_object().into_iter().flatten();
        found = inner.flat_map(|(name, value)| lists_in(value, std::slice::from_ref(name))).collect();
    }
    // Of lists with the same length the first.
    found.into_iter().rev().max_by_key(|(length, _)| *length).map(|(_, path)| path).unwrap_or_default()
}

/// The link with this relation in the headers `Link`: `<https://…>; rel="next"`.
fn link_of_header<'r>(response: &'r Response, rel: &str) -> Option<&'r str> {
    let headers = response.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("link"));
    headers.flat_map(|(_, value)| value.split('<').skip(1)).find_map(|part| {
        let (link, parameters) = part.split_once('>')?;
        let has_rel = parameters.split([';', ',']).any(|parameter| {
            let Some((name, value)) = parameter.split_once('=') else { return false };
            let values = value.trim().trim_matches('"');
            name.trim().eq_ignore_ascii_case("rel")
                && values.split_whitespace().any(|one| one.eq_ignore_ascii_case(rel))
        });
        has_rel.then_some(link)
    })
}

/// A name or a value of a query without its encoding.
fn decoded(text: &str) -> String {
    String::from_utf8_lossy(&decode(text.replace('+', " ").as_bytes())).into_owned()
}

/// The parameters of a query; one that is repeated has a list.
fn query_of(query: &str) -> Object {
    let mut all = Object::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (decoded(name), Value::from(decoded(value)));
        match all.get_mut(&name) {
            None => drop(all.insert(name, value)),
            Some(Value::Array(values)) => values.push(value),
            Some(one) => *one = Value::Array(vec![one.take(), value]),
        }
    }
    all
}
