//! How a list of a provider is followed from page to page, by the description of its pages.

use super::description::{PagingType, ProviderPaging, steps};
use super::{Asked, at, foreign, is_cursor, number};
use crate::error::{Error, Issue};
use crate::http::{Page, Response};
use crate::json::{Object, Value, to_text};
use crate::schema::{self, Checked};
use crate::text::clip;
use crate::tool::{Method, ParamLocation, Role, Tool};
use crate::url::decode;

impl ProviderPaging {
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
