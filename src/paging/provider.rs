//! How providers page their lists, as Nango's catalogue describes it.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use super::{Asked, at, foreign, is_cursor, number};
use crate::error::{Error, Issue, Issues};
use crate::http::{Page, Response};
use crate::json::{Object, Value, parse, to_text};
use crate::schema::{self, Checked};
use crate::settings::{self, ANY_STRING, INVALID_OPTION, NATURAL, POSITIVE, without_nulls};
use crate::text::clip;
use crate::tool::{Method, ParamLocation, ParamType, Property, Role, Tool, named};
use crate::url::decode;

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

    /// Changes arguments to those of a page; `page` says where it continues.
    pub(super) fn ask(&self, tool: &Tool, args: &mut Checked, page: Option<&Value>) -> Result<Asked, Error> {
        let place = Place::of(tool);
        let part = |name: &str| page.map(|page| page.get(name).cloned().ok_or_else(foreign)).transpose();
        let mut asked = Asked { list: page.and_then(list_of), ..Asked::default() };
        let path_name = tool.name_of(&[Role::ProxyPath]).unwrap_or_default();
        if let Some((limit, name)) = self.limit.zip(self.limit_name_in_request.as_deref())
            && place.get(args, name).is_none()
        {
            place.set(tool, args, name, limit.into())?;
        }
        let limit = self.limit_name_in_request.as_deref().and_then(|name| place.get(args, name));
        asked.size = limit.and_then(number).and_then(|limit| u64::try_from(limit).ok());
        match self.kind {
            PagingType::Cursor => {
                let name = self.cursor_name_in_request.as_deref().unwrap_or_default();
                match part("after")? {
                    Some(cursor) => place.set(tool, args, name, cursor)?,
                    None => place.check(tool, args, name)?,
                }
            }
            PagingType::Offset => {
                let name = self.offset_name_in_request.as_deref().unwrap_or_default();
                place.check(tool, args, name)?;
                asked.position = match place.get(args, name) {
                    None => self.first(),
                    Some(value) => {
                        number(value).ok_or_else(|| place.refused(tool, name, "a whole number"))?
                    }
                };
                if let Some(next) = part("skip")? {
                    asked.position = next.as_i64().ok_or_else(foreign)?;
                    place.set(tool, args, name, next)?;
                }
            }
            PagingType::Link => {
                if let Some((path, query)) = part("path")?.zip(part("query")?) {
                    args.insert(path_name.to_owned(), path);
                    let query_name = tool.name_of(&[Role::ProxyQuery]).unwrap_or_default();
                    args.insert(query_name.to_owned(), query);
                }
            }
        }
        asked.path = args.get(path_name).and_then(Value::as_str).unwrap_or_default().to_owned();
        Ok(asked)
    }

    /// Whether offsets count pages.
    fn counts_pages(&self) -> bool {
        match self.offset_calculation_method {
            Some(step) => step == OffsetStep::PerPage,
            None => self.offset_name_in_request.as_deref() == Some(COUNTS_PAGES),
        }
    }

    /// The offset of the first page.
    fn first(&self) -> i64 {
        let first = self.offset_start_value.and_then(|first| i64::try_from(first).ok());
        first.unwrap_or(i64::from(self.counts_pages()))
    }

    pub(super) fn page(&self, asked: &Asked, body: &Value, response: &Response) -> Page {
        let found = || self.response_path.as_deref().map_or_else(|| longest_list(body), steps);
        let items = asked.list.clone().unwrap_or_else(found);
        let count = at(body, &items).and_then(Value::as_array).map_or(0, Vec::len) as u64;
        let next = match self.kind {
            PagingType::Cursor => self.after_cursor(body),
            PagingType::Link => self.after_link(asked, body, response),
            PagingType::Offset => self.after_offset(asked, count),
        };
        let next = next.map(|mut next| {
            // A list that was found once is not looked for again.
            next.insert("list".to_owned(), items.clone().into());
            to_text(&next.into())
        });
        Page { items, next }
    }

    fn after_cursor(&self, body: &Value) -> Option<Object> {
        let path = steps(self.cursor_path_in_response.as_deref()?);
        let cursor = at(body, &path).filter(|value| is_cursor(value))?;
        let cursor = cursor.as_str().map_or_else(|| cursor.clone(), |text| text.trim().into());
        Some([("after".to_owned(), cursor)].into_iter().collect())
    }

    fn after_offset(&self, asked: &Asked, count: u64) -> Option<Object> {
        if count == 0 || asked.size.is_some_and(|size| count < size) {
            return None;
        }
        let step = if self.counts_pages() { 1 } else { i64::try_from(count).ok()? };
        let next = asked.position.checked_add(step)?;
        Some([("skip".to_owned(), next.into())].into_iter().collect())
    }

    /// The request of a link, to the same connection: its host is never followed.
    fn after_link(&self, asked: &Asked, body: &Value, response: &Response) -> Option<Object> {
        let of_header = |rel: &String| link_of_header(response, rel);
        let of_body = || at(body, &steps(self.link_path_in_response_body.as_deref()?))?.as_str();
        let link = self.link_rel_in_response_header.as_ref().and_then(of_header).or_else(of_body)?.trim();
        let link = link.split('#').next().filter(|link| !link.is_empty())?;
        let (path, query) = link.split_once('?').unwrap_or((link, ""));
        let path = match path.split_once("://") {
            Some(("https" | "http", rest)) => rest.split_once('/').map_or("", |(_, path)| path),
            Some(_) => return None,
            None if path.split('/').next().is_some_and(|start| start.contains(':')) => return None,
            None => path,
        };
        let (path, asked) = (path.trim_matches('/'), asked.path.trim_matches('/'));
        // A base URL may end with a path, which links of the provider contain and arguments do not; and a link may be
        // relative to the folder of the list.
        let is_same = path.is_empty() || ends_with(path, asked) || ends_with(asked, path);
        let path = if is_same { asked } else { path };
        let parts = [("path".to_owned(), path.into()), ("query".to_owned(), query_of(query).into())];
        Some(parts.into_iter().collect())
    }
}

/// Whether a path is another, or ends with it.
fn ends_with(path: &str, end: &str) -> bool {
    path.strip_suffix(end).is_some_and(|start| start.is_empty() || start.ends_with('/'))
}

/// Where the list was, according to what continues it.
fn list_of(page: &Value) -> Option<Vec<String>> {
    let steps = page.get("list")?.as_array()?.iter();
    steps.map(|step| step.as_str().map(str::to_owned)).collect()
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

/// Where the parameters of a list are sent: an argument, in whose object they are.
struct Place {
    argument: &'static str,
    /// Whether names may have dots between them.
    is_deep: bool,
}

impl Place {
    fn of(tool: &Tool) -> Place {
        let body = tool.params.iter().find(|param| param.place == ParamLocation::WholeBody);
        match body {
            Some(body) if tool.method != Method::Get => Place { argument: body.prop.name, is_deep: true },
            _ => {
                let query = tool.name_of(&[Role::ProxyQuery]);
                Place { argument: query.unwrap_or_default(), is_deep: false }
            }
        }
    }

    fn path(&self, name: &str) -> Vec<String> {
        if self.is_deep { steps(name) } else { vec![name.to_owned()] }
    }

    fn get<'a>(&self, args: &'a Checked, name: &str) -> Option<&'a Value> {
        at(args.get(self.argument)?, &self.path(name))
    }

    /// Whether a parameter can be set.
    fn check(&self, tool: &Tool, args: &Checked, name: &str) -> Result<(), Error> {
        let mut copy: Checked = args
            .get(self.argument)
            .map(|value| (self.argument.to_owned(), value.clone()))
            .into_iter()
            .collect::<Object>()
            .into();
        self.set(tool, &mut copy, name, Value::Null)
    }

    fn set(&self, tool: &Tool, args: &mut Checked, name: &str, value: Value) -> Result<(), Error> {
        let mut inner = args.entry(self.argument).or_insert_with(|| Value::Object(Object::new()));
        let path = self.path(name);
        let (last, outer) = path.split_last().ok_or_else(foreign)?;
        for step in outer {
            let Value::Object(map) = inner else { return Err(self.refused(tool, name, "in an object")) };
            inner = map.entry(step.as_str()).or_insert_with(|| Value::Object(Object::new()));
        }
        let Value::Object(map) = inner else { return Err(self.refused(tool, name, "in an object")) };
        map.insert(last.clone(), value);
        Ok(())
    }

    /// The error of arguments in which a parameter cannot be set or read.
    fn refused(&self, tool: &Tool, name: &str, expected: &str) -> Error {
        let path = vec![self.argument.to_owned(), clip(name, 64)];
        let message = format!("it says where the list continues: expected {expected}");
        schema::refused(tool, vec![Issue::new(path, "invalid_type", message)])
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
