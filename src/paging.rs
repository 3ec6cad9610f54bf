//! Pages of lists: which arguments ask for the next page, derived from those of this one and its answer. Tools say by
//! the roles of their arguments and fields how their pages follow each other; lists of providers, read through the
//! proxy, follow the description that Nango's catalogue has of the provider.

mod description;
mod follow;

use std::sync::Arc;

use serde_json::json;

#[cfg(feature = "js")]
pub(crate) use description::description;
pub use description::{OffsetStep, PagingType, ProviderPaging, of_provider};

use crate::error::{Error, ErrorKind};
use crate::http::{Page, Response};
use crate::json::{Value, parse, to_text};
use crate::schema::{self, Allow, Checked};
use crate::tool::{Effect, Method, ParamType, Role, Tool};

/// The entries of a page where the arguments do not say how many and the tool has no default.
const PAGE_SIZE: u64 = 100;

/// How the pages of a list follow each other.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Paging {
    /// As the tool declares it; a tool that declares nothing answers everything in one page.
    Own,
    /// As a provider does it, for the proxy tools.
    Provider(Arc<ProviderPaging>),
}

/// What is known of a page when it is asked for.
#[derive(Default)]
pub(crate) struct Asked {
    /// How many entries it has if it is full.
    size: Option<u64>,
    /// Its number, or how many entries or pages come before it.
    position: i64,
    /// The path of the request to the provider.
    path: String,
    /// Where the list was in the page before.
    list: Option<Vec<String>>,
}

impl Paging {
    /// Changes checked arguments to those of a page: of the first one, or of the one that `page` continues with, which is
    /// [`Page::next`] of the page before.
    ///
    /// # Errors
    /// The tool has no such pages, or the arguments leave no place for what asks for the next one.
    pub(crate) fn ask(
        &self,
        tool: &Tool,
        args: &mut Checked,
        page: Option<&str>,
        allow: &Allow,
    ) -> Result<Asked, Error> {
        if let Some(error) = self.refuses(tool) {
            return Err(error);
        }
        let Some(text) = page else { return self.ask_for(tool, args, None) };
        let page = parse(text).map_err(|_| foreign())?;
        let asked = self.ask_for(tool, args, Some(&page))?;
        // What a server wrote is checked like what an agent writes.
        let checked = schema::check(tool, Value::Object((**args).clone()), allow);
        checked.map(|_| asked).map_err(|issues| schema::refused(tool, issues))
    }

    fn ask_for(&self, tool: &Tool, args: &mut Checked, page: Option<&Value>) -> Result<Asked, Error> {
        match self {
            Paging::Own => ask_own(tool, args, page),
            Paging::Provider(paging) => paging.ask(tool, args, page),
        }
    }

    /// Why there are no such pages of `tool`, if there are none.
    fn refuses(&self, tool: &Tool) -> Option<Error> {
        let (message, hint) = match self {
            Paging::Own if tool.is_proxy() => (
                format!("how the provider pages its lists is not known to {}", tool.slug),
                "name the provider, or describe its pages as Nango's catalogue of providers does",
            ),
            Paging::Own if tool.effect != Effect::Read || tool.returns.main_list(&|_| true).is_none() => {
                (format!("{} returns no list", tool.slug), "run it once, without pages")
            }
            Paging::Provider(_) if !tool.is_proxy() => (
                format!("{} does not send its requests to a provider", tool.slug),
                "leave out how a provider pages its lists",
            ),
            Paging::Provider(_) if !matches!(tool.method, Method::Get | Method::Post) => {
                (format!("{} reads no list", tool.slug), "lists are read by GET or POST")
            }
            _ => return None,
        };
        Some(Error::new(ErrorKind::InvalidOption, message).hint(hint))
    }

    /// The page that an answer is.
    pub(crate) fn page(&self, tool: &Tool, asked: &Asked, response: &Response) -> Page {
        let body = parse(&response.body).unwrap_or_default();
        match self {
            Paging::Own => own_page(tool, asked, &body),
            Paging::Provider(paging) => paging.page(asked, &body, response),
        }
    }
}

/// The error of something that does not continue the list.
fn foreign() -> Error {
    let message = "`page` does not continue this list";
    Error::new(ErrorKind::InvalidOption, message).hint("pass on what the page before said, unchanged")
}

fn ask_own(tool: &Tool, args: &mut Checked, page: Option<&Value>) -> Result<Asked, Error> {
    let mut asked = Asked::default();
    if let Some(size) = tool.with_role(Role::PageSize) {
        let default = || size.prop.default?.parse().ok();
        asked.size = args.get(size.prop.name).and_then(Value::as_u64).or_else(default);
    }
    if let Some(number) = tool.with_role(Role::PageNumber) {
        if let (None, Some(size)) = (asked.size, tool.with_role(Role::PageSize)) {
            args.insert(size.prop.name.to_owned(), PAGE_SIZE.into());
            asked.size = Some(PAGE_SIZE);
        }
        let ParamType::Integer { min: first, .. } = number.prop.kind else { return Ok(asked) };
        asked.position = args.get(number.prop.name).and_then(Value::as_i64).unwrap_or(first);
        if let Some(page) = page {
            asked.position = page.get("number").and_then(Value::as_i64).ok_or_else(foreign)?;
            args.insert(number.prop.name.to_owned(), asked.position.into());
        }
    } else if let Some(page) = page {
        let cursor = tool.with_role(Role::PageCursor).zip(page.get("after"));
        let (cursor, value) = cursor.ok_or_else(foreign)?;
        args.insert(cursor.prop.name.to_owned(), value.clone());
    }
    Ok(asked)
}

fn own_page(tool: &Tool, asked: &Asked, body: &Value) -> Page {
    let part = |name: Option<&str>| name.map_or(Some(body), |name| body.get(name));
    let there = |name| part(name).is_some_and(Value::is_array);
    let list = tool.returns.main_list(&there).flatten();
    let items = list.map(str::to_owned).into_iter().collect();
    let next = (|| {
        if tool.has_role(Role::PageCursor) {
            let field = tool.returns.fields().iter().find(|field| field.role == Role::PageCursor)?;
            let value = body.get(field.name).filter(|value| is_cursor(value))?;
            return Some(json!({ "after": value }));
        }
        tool.with_role(Role::PageNumber)?;
        let count = part(list)?.as_array()?.len() as u64;
        let is_last = count == 0 || asked.size.is_some_and(|size| count < size);
        if is_last { None } else { Some(json!({ "number": asked.position.checked_add(1)? })) }
    })();
    Page { items, next: next.as_ref().map(to_text) }
}

/// Whether a value continues a list: a number, or text that is not empty.
fn is_cursor(value: &Value) -> bool {
    value.is_number() || value.as_str().is_some_and(|text| !text.trim().is_empty())
}

/// A whole number, also one that is written as text.
fn number(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())
}

/// The value at a path.
fn at<'v>(value: &'v Value, path: &[String]) -> Option<&'v Value> {
    path.iter().try_fold(value, |value, step| match value {
        Value::Array(items) => items.get(step.parse::<usize>().ok()?),
        value => value.get(step),
    })
}
