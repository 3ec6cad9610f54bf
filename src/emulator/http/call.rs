//! One request as a handler sees it: path parameters, query, headers and body read; the caller known.

use serde_json::{Map, Value};

use super::auth::Caller;
use super::response::Answer;
use super::validate::{self, Issue, NOTHING, Rule};
use crate::emulator::model::state::Object;
use crate::tool::Method;

/// What came as the body.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Body<'a> {
    /// None, or one without a content type that the server reads.
    Absent,
    /// JSON.
    Json(Value),
    /// Anything else, as it came.
    Raw(&'a str),
}

/// One request.
pub(crate) struct Call<'a> {
    pub(crate) method: Method,
    /// The query string as sent.
    pub(crate) raw_query: &'a str,
    /// The origin it was sent to; empty where the URL was a path.
    pub(crate) origin: &'a str,
    pub(crate) query: Value,
    pub(crate) headers: &'a [(String, String)],
    pub(crate) body: Body<'a>,
    pub(crate) params: Vec<(&'static str, String)>,
    pub(crate) caller: Caller,
    pub(crate) now: i64,
}

/// The value of a header, trimmed as HTTP does; repeated ones are joined.
pub(crate) fn header(headers: &[(String, String)], name: &str) -> Option<String> {
    let mut found: Option<String> = None;
    for (_, value) in headers.iter().filter(|(n, _)| n.eq_ignore_ascii_case(name)) {
        match &mut found {
            None => found = Some(value.trim().to_owned()),
            Some(text) => {
                text.push_str(", ");
                text.push_str(value.trim());
            }
        }
    }
    found
}

fn refuse(code: &str, issues: &[Issue]) -> Result<(), Answer> {
    if issues.is_empty() { Ok(()) } else { Err(Answer::issues(code, issues)) }
}

impl Call<'_> {
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        header(self.headers, name)
    }

    /// Refuses any query parameter.
    pub(crate) fn no_query(&self) -> Result<(), Answer> {
        self.check_query(&NOTHING)
    }

    pub(crate) fn check_query(&self, rule: &Rule) -> Result<(), Answer> {
        refuse("invalid_query_params", &validate::check(rule, Some(&self.query)))
    }

    /// Checks the body and gives its members.
    pub(crate) fn check_body(&self, rule: &Rule) -> Result<&Object, Answer> {
        let value = match &self.body {
            Body::Json(value) => Some(value),
            _ => None,
        };
        refuse("invalid_body", &validate::check(rule, value))?;
        value.and_then(Value::as_object).ok_or_else(|| Answer::unexpected(""))
    }

    /// Checks the headers that `rule` names; the others are not looked at.
    pub(crate) fn check_headers(&self, rule: &Rule) -> Result<Object, Answer> {
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

    /// Checks a path parameter and gives it.
    pub(crate) fn param(&self, name: &'static str, rule: &Rule) -> Result<&str, Answer> {
        let text = self.params.iter().find(|(n, _)| *n == name).map_or("", |(_, value)| value.as_str());
        let mut issues = validate::check(rule, Some(&Value::String(text.into())));
        for issue in &mut issues {
            issue.path.insert(0, name.into());
        }
        refuse("invalid_uri_params", &issues)?;
        Ok(text)
    }

    pub(crate) fn query_text(&self, name: &str) -> Option<&str> {
        self.query.get(name).and_then(Value::as_str)
    }

    /// A query parameter spelled as a boolean.
    pub(crate) fn query_switch(&self, name: &str) -> bool {
        self.query_text(name).and_then(validate::switch).unwrap_or(false)
    }
}
