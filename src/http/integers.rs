//! Integers beyond 2^53 in responses: a double, the number type of JavaScript and others, cannot represent all of them.

use serde::{Deserialize, Serialize};

use super::Data;
use crate::json::{Value, as_number, parse, to_text};
use crate::tool::ResponseType;

/// How integers beyond 2^53 are returned in data without a declared form: in responses of the proxy, in the output of
/// actions, in records and metadata. Declared fields are always numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum BigIntegers {
    /// As strings, with all of their digits.
    #[default]
    String,
    /// As numbers, with the precision of the host's numbers.
    Number,
}

impl BigIntegers {
    /// The names of both.
    pub(crate) const NAMES: &[&str] = &["string", "number"];

    /// The one of this name.
    pub(crate) fn named(name: &str) -> Option<BigIntegers> {
        match name {
            "string" => Some(BigIntegers::String),
            "number" => Some(BigIntegers::Number),
            _ => None,
        }
    }
}

/// How numbers that are marked strings are written.
#[derive(Clone, Copy)]
pub(super) struct Numbers {
    /// Whether there are any: otherwise a string that looks like one is just a string.
    pub(super) any: bool,
    pub(super) integers: BigIntegers,
}

/// An integer beyond 2^53 as JSON text, where `form` is declared.
pub(super) fn settled(digits: &str, form: Option<&ResponseType>, integers: BigIntegers) -> String {
    let is_declared = form.is_some_and(ResponseType::is_integer);
    match integers {
        BigIntegers::String if !is_declared => to_text(&Value::from(digits)),
        _ => to_text(&as_number(digits)),
    }
}

/// The data of a successful answer as JSON text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct JsonText {
    pub(crate) json: String,
    /// The same with all digits of its numbers, if there are integers beyond 2^53 in it.
    pub(crate) exact: Option<String>,
}

impl From<&Value> for JsonText {
    fn from(value: &Value) -> JsonText {
        JsonText { json: to_text(value), exact: None }
    }
}

impl JsonText {
    /// As data: a value, or the text if a host asks for that.
    pub(crate) fn into_data(self, as_text: bool) -> (Data, Option<String>) {
        let data =
            if as_text { Data::Json(self.json) } else { Data::Value(parse(&self.json).unwrap_or_default()) };
        (data, self.exact)
    }
}
