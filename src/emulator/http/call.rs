//! One request as a handler sees it: path parameters, query, headers and body are read, the caller is known.

use serde_json::{Map, Value};

use super::auth::Principal;
use super::request::{Body, header};
use super::response::HttpResponse;
use super::validate::{self, Issue, NOTHING, Rule};
use crate::emulator::model::account::ApiKey;
use crate::emulator::model::state::Object;
use crate::tool::Method;

/// One request.
pub(crate) struct Call<'a> {
    pub(crate) method: Method,
    /// The query string as sent.
    pub(crate) raw_query: &'a str,
    /// The origin it was sent to; empty if the URL was a path.
    pub(crate) origin: &'a str,
    pub(crate) query: Value,
    pub(crate) headers: &'a [(String, String)],
    pub(crate) body: Body<'a>,
    pub(crate) params: Vec<(&'static str, String)>,
    pub(crate) principal: Principal,
    /// The emulator's own keys.
    pub(crate) keys: &'a [ApiKey],
    pub(crate) now: i64,
}

fn refuse(code: &str, issues: &[Issue]) -> Result<(), HttpResponse> {
    if issues.is_empty() { Ok(()) } else { Err(HttpResponse::issues(code, issues)) }
}

impl Call<'_> {
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        header(self.headers, name)
    }

    /// The origin of the server, for URLs in answers.
    pub(crate) fn server(&self) -> &str {
        if self.origin.is_empty() { "http://localhost:3003" } else { self.origin }
    }

    /// Refuses any query parameter.
    pub(crate) fn no_query(&self) -> Result<(), HttpResponse> {
        self.check_query(&NOTHING)
    }

    pub(crate) fn check_query(&self, rule: &Rule) -> Result<(), HttpResponse> {
        refuse("invalid_query_params", &validate::check(rule, Some(&self.query)))
    }

    /// Checks the body and returns its properties.
    pub(crate) fn check_body(&self, rule: &Rule) -> Result<&Object, HttpResponse> {
        let value = match &self.body {
            Body::Json(value) => Some(value),
            _ => None,
        };
        refuse("invalid_body", &validate::check(rule, value))?;
        value.and_then(Value::as_object).ok_or_else(|| HttpResponse::unexpected(""))
    }

    /// Checks the headers that `rule` names; the others are not looked at.
    pub(crate) fn check_headers(&self, rule: &Rule) -> Result<Object, HttpResponse> {
        let mut given = Map::new();
        if let Rule::Object { keys, .. } = rule {
            for key in *keys {
                if let Some(value) = self.header(key.name) {
                    given.insert(key.name.into(), Value::String(value));
                }
            }
        }
        let given = Value::Object(given);
        refuse("invalid_headers", &validate::check(rule, Some(&given)))?;
        match given {
            Value::Object(map) => Ok(map),
            _ => Ok(Map::new()),
        }
    }

    /// Checks a path parameter and returns it.
    pub(crate) fn param(&self, name: &'static str, rule: &Rule) -> Result<&str, HttpResponse> {
        let text = self.params.iter().find(|(n, _)| *n == name).map_or("", |(_, value)| value.as_str());
        let mut issues = validate::check(rule, Some(&Value::String(text.into())));
        for issue in &mut issues {
            issue.path.insert(0, name.into());
        }
        refuse("invalid_uri_params", &issues)?;
        Ok(text)
    }

    pub(crate) fn query_str(&self, name: &str) -> Option<&str> {
        self.query.get(name).and_then(Value::as_str)
    }

    /// A query parameter spelled as a boolean.
    pub(crate) fn query_switch(&self, name: &str) -> bool {
        self.query_str(name).and_then(validate::switch).unwrap_or(false)
    }
}
