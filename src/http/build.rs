//! Checked arguments -> request: each argument to its place, in its encoding.

use super::{BaseUrl, Request};
use crate::json::{Value, Writer, to_text};
use crate::schema::Checked;
use crate::text::{cut, fill};
use crate::tool::{Param, Place, Tool};
use crate::url::{push_component, push_path};

/// The request of a call, without the API key.
///
/// `args` are what [`crate::schema::check`] returned; with others the request is still well-formed,
/// since every value is encoded for its place.
pub fn build(tool: &Tool, args: &Checked, base: &BaseUrl) -> Request {
    let mut url = base.as_str().to_owned();
    push_url_path(tool, args, &mut url);
    let mut query = Query { url, any: false };
    let mut headers = vec![("Accept".to_owned(), "application/json".to_owned())];
    for param in tool.params {
        let Some(value) = args.get(param.prop.name) else { continue };
        push_query(param, value, &mut query);
        push_header(param, value, args, &mut headers);
    }
    let body = body(tool, args, &mut headers);
    Request { method: tool.method, url: query.url, headers, body }
}

fn push_url_path(tool: &Tool, args: &Checked, url: &mut String) {
    let mut rest = tool.path;
    while let Some((before, name, after)) = placeholder(rest) {
        url.push_str(before);
        for param in tool.params {
            let value = || args.get(param.prop.name).map(text_of).unwrap_or_default();
            match param.place {
                Place::Path(place) if place == name => push_component(url, &value()),
                Place::PathTail(place) if place == name => {
                    let value = value();
                    push_path(url, value.strip_prefix('/').unwrap_or(&value));
                }
                _ => {}
            }
        }
        rest = after;
    }
    url.push_str(rest);
}

fn placeholder(path: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = cut(path, "{")?;
    let (name, after) = cut(rest, "}")?;
    Some((before, name, after))
}

struct Query {
    url: String,
    any: bool,
}

impl Query {
    fn push(&mut self, name: &str, value: &str) {
        self.url.push(if self.any { '&' } else { '?' });
        self.any = true;
        push_component(&mut self.url, name);
        self.url.push('=');
        push_component(&mut self.url, value);
    }

    /// A value, or each of a list under the same name.
    fn repeat(&mut self, name: &str, value: &Value) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.push(name, &text_of(item))),
            one => self.push(name, &text_of(one)),
        }
    }
}

fn push_query(param: &Param, value: &Value, query: &mut Query) {
    match param.place {
        Place::Query(name) => query.push(name, &text_of(value)),
        Place::QueryJoined(name) => query.push(name, &joined(value)),
        Place::QueryRepeated(name) => query.repeat(name, value),
        Place::QueryDeep(name) => {
            for (key, value) in value.as_object().into_iter().flatten() {
                query.push(&fill("{}[{}]", &[name, key]), &text_of(value));
            }
        }
        Place::QuerySpread => {
            for (key, value) in value.as_object().into_iter().flatten() {
                query.repeat(key, value);
            }
        }
        _ => {}
    }
}

fn push_header(param: &Param, value: &Value, args: &Checked, headers: &mut Vec<(String, String)>) {
    let mut push = |name: &str, value: String| headers.push((name.to_owned(), value));
    match param.place {
        Place::Header(name) => push(name, text_of(value)),
        Place::HeaderJoined(name) => push(name, joined(value)),
        Place::HeaderFlag(name) if matches!(value, Value::Bool(true)) => push(name, "true".to_owned()),
        Place::HeaderWith(name, flag) if matches!(args.get(flag), Some(Value::Bool(true))) => {
            push(name, text_of(value))
        }
        Place::HeaderPrefix(prefix) => {
            for (name, value) in value.as_object().into_iter().flatten() {
                push(&fill("{}{}", &[prefix, name]), text_of(value));
            }
        }
        _ => {}
    }
}

fn body(tool: &Tool, args: &Checked, headers: &mut Vec<(String, String)>) -> Option<String> {
    const TYPE: &str = "Content-Type";
    const PROXY_TYPE: &str = "Nango-Proxy-Content-Type";
    let mut declared = false;
    let mut w = Writer::new();
    w.open();
    for param in tool.params {
        let value = args.get(param.prop.name);
        match param.place {
            Place::Body(name) => {
                declared = true;
                if let Some(value) = value {
                    w.key(name).value(value);
                }
            }
            Place::WholeBody => {
                // A text goes as it is, under the type the provider is to see; Nango takes that type
                // from its own header and defaults to a form otherwise (contract, NANGO_PUT_PROXY).
                if let Some(Value::String(text)) = value {
                    let given = headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(PROXY_TYPE));
                    let media = given.map(|(_, v)| v.clone());
                    if media.is_none() {
                        headers.push((PROXY_TYPE.to_owned(), "text/plain".to_owned()));
                    }
                    headers.push((TYPE.to_owned(), media.unwrap_or_else(|| "text/plain".to_owned())));
                    return Some(text.clone());
                }
                return value.map(|value| {
                    headers.push((TYPE.to_owned(), "application/json".to_owned()));
                    to_text(value)
                });
            }
            _ => {}
        }
    }
    if !declared {
        return None;
    }
    headers.push((TYPE.to_owned(), "application/json".to_owned()));
    w.close();
    Some(w.finish())
}

/// A value as plain text: texts without quotes, everything else as JSON.
fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => to_text(other),
    }
}

fn joined(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            let texts: Vec<String> = items.iter().map(text_of).collect();
            crate::text::join(&texts, ",")
        }
        one => text_of(one),
    }
}
