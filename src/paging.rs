//! Pages of lists: which arguments ask for the next page, derived from those of this one and its answer. Tools say by
//! the roles of their arguments and fields how their pages follow each other; lists of providers, read through the
//! proxy, follow the description that Nango's catalogue has of the provider.

mod provider;

use std::sync::Arc;

#[cfg(feature = "js")]
pub(crate) use provider::description;
pub use provider::{OffsetStep, PagingType, ProviderPaging, of_provider};

use crate::error::{Error, ErrorKind};
use crate::http::{Page, Response};
use crate::json::{Object, Value, parse};
use crate::schema::{Arguments, Checked, object_of};
use crate::tool::{Effect, ParamType, ResponseType, Role, Tool};

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

/// The arguments of a page, and how many entries it has if it is full.
pub(crate) struct Asked {
    args: Object,
    size: Option<u64>,
}

impl Paging {
    /// Why there are no such pages of `tool`, if there are none.
    pub(crate) fn refuses(&self, tool: &Tool) -> Option<Error> {
        let (message, hint) = match self {
            Paging::Own if tool.is_proxy() => (
                format!("how the provider pages its lists is not known to {}", tool.slug),
                "describe it, as Nango's catalogue of providers does",
            ),
            Paging::Own if tool.effect != Effect::Read || tool.returns.main_list(&|_| true).is_none() => {
                (format!("{} returns no list", tool.slug), "run it once, without pages")
            }
            Paging::Provider(_) if !tool.is_proxy() => (
                format!("{} does not send its requests to a provider", tool.slug),
                "leave out how a provider pages its lists",
            ),
            _ => return None,
        };
        Some(Error::new(ErrorKind::InvalidOption, message).hint(hint))
    }

    /// The arguments of a page with its size, where that is needed to find the last page.
    pub(crate) fn with_size(&self, tool: &Tool, args: Arguments) -> Arguments {
        let Ok(mut map) = object_of(args.value().clone()) else { return args };
        match self {
            Paging::Own => {
                let (Some(_), Some(size)) =
                    (tool.with_role(Role::PageNumber), tool.with_role(Role::PageSize))
                else {
                    return args;
                };
                if size.prop.default.is_some() || map.contains_key(size.prop.name) {
                    return args;
                }
                map.insert(size.prop.name.to_owned(), PAGE_SIZE.into());
            }
            Paging::Provider(paging) => {
                if !paging.set_limit(tool, &mut map) {
                    return args;
                }
            }
        }
        Arguments::from(map)
    }

    /// What to remember of a page that is asked for: the arguments as they were given, and as they were checked.
    pub(crate) fn asked(&self, tool: &Tool, given: &Arguments, checked: &Checked) -> Asked {
        let args = object_of(given.value().clone()).unwrap_or_default();
        let size = match self {
            Paging::Own => tool.with_role(Role::PageSize).and_then(|size| {
                let default = || size.prop.default?.parse().ok();
                checked.get(size.prop.name).and_then(Value::as_u64).or_else(default)
            }),
            Paging::Provider(paging) => paging.limit_of(tool, &args),
        };
        Asked { args, size }
    }

    /// The page that an answer is.
    pub(crate) fn page(&self, tool: &Tool, asked: &Asked, response: &Response) -> Page {
        let body = parse(&response.body).unwrap_or_default();
        match self {
            Paging::Own => own_page(tool, asked, &body),
            Paging::Provider(paging) => paging.page(tool, asked, &body, response),
        }
    }
}

fn own_page(tool: &Tool, asked: &Asked, body: &Value) -> Page {
    let part = |name: Option<&str>| name.map_or(Some(body), |name| body.get(name));
    let there = |name| part(name).is_some_and(Value::is_array);
    let list = tool.returns.main_list(&there).flatten();
    let items = list.map(str::to_owned).into_iter().collect();
    let next = (|| {
        let mut args = asked.args.clone();
        if let Some(cursor) = tool.with_role(Role::PageCursor) {
            let of_field =
                |of: &ResponseType| of.fields().iter().find(|field| field.role == Role::PageCursor);
            let value = body.get(of_field(&tool.returns)?.name).filter(|value| is_cursor(value))?;
            args.insert(cursor.prop.name.to_owned(), value.clone());
        } else {
            let page = &tool.with_role(Role::PageNumber)?.prop;
            let count = part(list)?.as_array()?.len() as u64;
            if count == 0 || asked.size.is_some_and(|size| count < size) {
                return None;
            }
            let ParamType::Integer { min: first, .. } = page.kind else { return None };
            let current = args.get(page.name).and_then(number).unwrap_or(first);
            args.insert(page.name.to_owned(), current.checked_add(1)?.into());
        }
        Some(args)
    })();
    Page { items, next }
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
