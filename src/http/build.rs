//! Checked arguments -> request: each argument in its location and encoding.

use serde_json::value::RawValue;

use super::{BaseUrl, Request, header};
use crate::json::{Value, Writer, raw_properties, to_plain, to_text};
use crate::schema::Checked;
use crate::tool::{Param, ParamLocation, Tool};
use crate::url::{push_component, push_path};

/// The request of a call, without the API key.
///
/// `args` are what [`crate::schema::check`] returned; with others the request is still well-formed,
/// since every value is encoded for its location. An argument that was given as JSON text and not changed by the check
/// is sent as that text, so that numbers keep their digits.
#[must_use]
pub fn build(tool: &Tool, args: &Checked, base: &BaseUrl) -> Request {
    // Enough for most URLs, so that it is not reallocated.
    let mut url = String::with_capacity(base.as_str().len() + tool.path.len() + 128);
    url.push_str(base.as_str());
    push_url_path(tool, args, &mut url);
    let mut draft = Draft { url, any: false, headers: Vec::with_capacity(4) };
    draft.header("Accept", JSON);
    for param in tool.params {
        if let Some(value) = args.get(param.prop.name) {
            draft.place(param, value, args);
        }
    }
    let body = draft.body(tool, args);
    Request { method: tool.method, url: draft.url, headers: draft.headers, body }
}

const JSON: &str = "application/json";
/// The header that says who sends a request.
pub(crate) const AUTHORIZATION: &str = "Authorization";

/// The value of [`AUTHORIZATION`] for a key or token.
pub(crate) fn bearer(key: &str) -> String {
    format!("Bearer {key}")
}

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

/// A request that is being built.
struct Draft {
    url: String,
    /// Whether the URL already has a query.
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

    /// A value, or each value of a list under the same name; `text` is its JSON text.
    fn repeat(&mut self, name: &str, value: &Value, text: Option<&RawValue>) {
        let Value::Array(items) = value else {
            return self.query(name, &plain(value, text));
        };
        let texts = text.and_then(|text| serde_json::from_str::<Vec<&RawValue>>(text.get()).ok());
        let texts = texts.unwrap_or_default();
        for (at, item) in items.iter().enumerate() {
            self.query(name, &plain(item, texts.get(at).copied()));
        }
    }

    /// Each property of a value as a query parameter; `text` is its JSON text.
    fn spread(&mut self, value: &Value, text: Option<&str>) {
        let texts = text.and_then(|text| raw_properties(text).ok()).unwrap_or_default();
        // Text that is equivalent to the value has the same properties in the same order.
        for (at, (name, value)) in value.as_object().into_iter().flatten().enumerate() {
            let text = texts.0.get(at).filter(|(known, _)| known == name);
            self.repeat(name, value, text.map(|(_, text)| *text));
        }
    }

    /// Adds a value to the query or the headers.
    fn place(&mut self, param: &Param, value: &Value, args: &Checked) {
        let place = param.place;
        match place {
            ParamLocation::Query(name) => self.query(name, &to_plain(value)),
            ParamLocation::QueryJoined(name) => self.query(name, &joined(value)),
            ParamLocation::QueryRepeated(name) => self.repeat(name, value, None),
            ParamLocation::QuerySpread => self.spread(value, args.text_as_given(param.prop.name)),
            ParamLocation::Header(name) => self.header(name, &to_plain(value)),
            ParamLocation::Bearer => self.header(AUTHORIZATION, &bearer(&to_plain(value))),
            ParamLocation::HeaderJoined(name) => self.header(name, &joined(value)),
            ParamLocation::HeaderFlag(name) if matches!(value, Value::Bool(true)) => {
                self.header(name, "true")
            }
            ParamLocation::HeaderWith(name, flag) if matches!(args.get(flag), Some(Value::Bool(true))) => {
                self.header(name, &to_plain(value));
            }
            ParamLocation::QueryDeep(name) => {
                for (key, value) in value.as_object().into_iter().flatten() {
                    self.query(&format!("{name}[{key}]"), &to_plain(value));
                }
            }
            ParamLocation::HeaderPrefix(prefix) => {
                for (key, value) in value.as_object().into_iter().flatten() {
                    self.header(&format!("{prefix}{key}"), &to_plain(value));
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
                        w.key(name);
                        match args.text_as_given(param.prop.name) {
                            Some(text) => w.raw(text),
                            None => w.value(value),
                        };
                    }
                }
                // A string is sent unchanged, with the content type for the provider; Nango takes that type
                // from its own header and defaults to a form otherwise (contract, NANGO_PUT_PROXY).
                (ParamLocation::WholeBody, Some(Value::String(text))) => {
                    let given = header(&self.headers, PROXY_TYPE).map(str::to_owned);
                    if given.is_none() {
                        self.header(PROXY_TYPE, "text/plain");
                    }
                    self.header(TYPE, given.as_deref().unwrap_or("text/plain"));
                    return Some(text.clone());
                }
                (ParamLocation::WholeBody, Some(value)) => {
                    let text = args.text_as_given(param.prop.name);
                    let body = text.map_or_else(|| to_text(value), str::to_owned);
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

/// A value as plain text; a number with its original digits.
fn plain(value: &Value, text: Option<&RawValue>) -> String {
    match (value, text) {
        (Value::Number(_), Some(text)) => text.get().to_owned(),
        (value, _) => to_plain(value),
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
