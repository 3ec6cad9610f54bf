//! Checked arguments -> request: each argument to its place, in its encoding.

use super::{BaseUrl, Request, header};
use crate::json::{Value, Writer, to_plain, to_text};
use crate::schema::Checked;
use crate::tool::{ParamLocation, Tool};
use crate::url::{push_component, push_path};

/// The request of a call, without the API key.
///
/// `args` are what [`crate::schema::check`] returned; with others the request is still well-formed,
/// since every value is encoded for its place.
pub fn build(tool: &Tool, args: &Checked, base: &BaseUrl) -> Request {
    // Room for most: it does not move as it grows.
    let mut url = String::with_capacity(base.as_str().len() + tool.path.len() + 128);
    url.push_str(base.as_str());
    push_url_path(tool, args, &mut url);
    let mut draft = Draft { url, any: false, headers: Vec::with_capacity(4) };
    draft.header("Accept", JSON);
    for param in tool.params {
        if let Some(value) = args.get(param.prop.name) {
            draft.place(param.place, value, args);
        }
    }
    let body = draft.body(tool, args);
    Request { method: tool.method, url: draft.url, headers: draft.headers, body }
}

const JSON: &str = "application/json";

fn push_url_path(tool: &Tool, args: &Checked, url: &mut String) {
    let mut rest = tool.path;
    while let Some((before, name, after)) = placeholder(rest) {
        url.push_str(before);
        for param in tool.params {
            let value = || args.get(param.prop.name).map(to_plain).unwrap_or_default();
            match param.place {
                ParamLocation::Path(place) if place == name => push_component(url, &value()),
                ParamLocation::PathTail(place) if place == name => {
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
    let (before, rest) = path.split_once("{")?;
    let (name, after) = rest.split_once("}")?;
    Some((before, name, after))
}

/// A request under way.
struct Draft {
    url: String,
    /// Whether the URL has a query already.
    any: bool,
    headers: Vec<(String, String)>,
}

impl Draft {
    fn header(&mut self, name: &str, value: &str) {
        self.headers.push((name.to_owned(), value.to_owned()));
    }

    fn query(&mut self, name: &str, value: &str) {
        self.url.push(if self.any { '&' } else { '?' });
        self.any = true;
        push_component(&mut self.url, name);
        self.url.push('=');
        push_component(&mut self.url, value);
    }

    /// A value, or each of a list under the same name.
    fn repeat(&mut self, name: &str, value: &Value) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.query(name, &to_plain(item))),
            one => self.query(name, &to_plain(one)),
        }
    }

    /// A value to a place in the query or the headers.
    fn place(&mut self, place: ParamLocation, value: &Value, args: &Checked) {
        match place {
            ParamLocation::Query(name) => self.query(name, &to_plain(value)),
            ParamLocation::QueryJoined(name) => self.query(name, &joined(value)),
            ParamLocation::QueryRepeated(name) => self.repeat(name, value),
            ParamLocation::Header(name) => self.header(name, &to_plain(value)),
            ParamLocation::HeaderJoined(name) => self.header(name, &joined(value)),
            ParamLocation::HeaderFlag(name) if matches!(value, Value::Bool(true)) => {
                self.header(name, "true")
            }
            ParamLocation::HeaderWith(name, flag) if matches!(args.get(flag), Some(Value::Bool(true))) => {
                self.header(name, &to_plain(value));
            }
            ParamLocation::QueryDeep(_) | ParamLocation::QuerySpread | ParamLocation::HeaderPrefix(_) => {
                let Some(map) = value.as_object() else { return };
                for (key, value) in map {
                    match place {
                        ParamLocation::QueryDeep(name) => {
                            self.query(&format!("{name}[{key}]"), &to_plain(value))
                        }
                        ParamLocation::HeaderPrefix(prefix) => {
                            self.header(&format!("{prefix}{key}"), &to_plain(value));
                        }
                        _ => self.repeat(key, value),
                    }
                }
            }
            _ => {}
        }
    }

    fn body(&mut self, tool: &Tool, args: &Checked) -> Option<String> {
        const TYPE: &str = "Content-Type";
        const PROXY_TYPE: &str = "Nango-Proxy-Content-Type";
        let mut declared = false;
        let mut w = Writer::new();
        for param in tool.params {
            let value = args.get(param.prop.name);
            match (param.place, value) {
                (ParamLocation::Body(name), value) => {
                    if !declared {
                        declared = true;
                        w.open();
                    }
                    if let Some(value) = value {
                        w.key(name).value(value);
                    }
                }
                // A text goes as it is, under the type the provider is to see; Nango takes that type
                // from its own header and defaults to a form otherwise (contract, NANGO_PUT_PROXY).
                (ParamLocation::WholeBody, Some(Value::String(text))) => {
                    let given = header(&self.headers, PROXY_TYPE).map(str::to_owned);
                    if given.is_none() {
                        self.header(PROXY_TYPE, "text/plain");
                    }
                    self.header(TYPE, given.as_deref().unwrap_or("text/plain"));
                    return Some(text.clone());
                }
                (ParamLocation::WholeBody, value) => {
                    let body = to_text(value?);
                    self.header(TYPE, JSON);
                    return Some(body);
                }
                _ => {}
            }
        }
        if !declared {
            return None;
        }
        self.header(TYPE, JSON);
        w.close();
        Some(w.finish())
    }
}

fn joined(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            let texts: Vec<String> = items.iter().map(to_plain).collect();
            texts.join(",")
        }
        one => to_plain(one),
    }
}
