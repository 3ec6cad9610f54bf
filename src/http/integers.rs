//! Integers beyond 2^53 in responses: a double, the number type of JavaScript and others, cannot represent all of them.

use serde::{Deserialize, Serialize};

use super::Data;
use crate::json::{Value, as_number, is_big, parse_marked, to_exact_text, unmark};
use crate::tool::{ResponseType, Tool};

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

    fn settle_value(self, value: &mut Value, form: &ResponseType) {
        match (form, value) {
            (ResponseType::Maybe(of), value) => self.settle_value(value, of),
            (ResponseType::Integer, value) => unmark(value, as_number),
            (ResponseType::List(of), Value::Array(items)) => {
                items.iter_mut().for_each(|item| self.settle_value(item, of));
            }
            (ResponseType::Map(of), Value::Object(map)) => {
                map.values_mut().for_each(|value| self.settle_value(value, of));
            }
            (ResponseType::Object(fields), Value::Object(map)) => {
                for (name, value) in map {
                    let field = fields.iter().find(|field| field.name == name);
                    self.settle_value(value, field.map_or(&ResponseType::Any, |field| &field.shape));
                }
            }
            (_, value) => match self {
                BigIntegers::String => unmark(value, |number| Value::from(number)),
                BigIntegers::Number => unmark(value, as_number),
            },
        }
    }
}

/// A successful answer. Integers beyond 2^53 are marked in it, so that they keep their digits while it is masked and
/// narrowed.
pub(crate) struct Marked {
    pub(crate) value: Value,
    any: bool,
}

impl From<Value> for Marked {
    fn from(value: Value) -> Marked {
        Marked { value, any: false }
    }
}

impl Marked {
    /// Reads one JSON value.
    pub(crate) fn parse(text: &str) -> Result<Marked, serde_json::Error> {
        parse_marked(text, is_big).map(|(value, any)| Marked { value, any })
    }

    /// Reads JSON values on separate lines, or after record separators; `None` if one of them cannot be read.
    pub(crate) fn parse_list(text: &str) -> Option<Marked> {
        let (mut all, mut any) = (Vec::new(), false);
        for record in text.split(['\n', '\u{1e}']).filter(|record| !record.trim().is_empty()) {
            let record = Marked::parse(record).ok()?;
            any |= record.any;
            all.push(record.value);
        }
        Some(Marked { value: Value::Array(all), any })
    }

    /// The answer of `tool`, and its text with all digits if there are integers beyond 2^53 in it.
    pub(crate) fn settle(self, tool: &Tool, integers: BigIntegers) -> (Data, Option<String>) {
        self.settle_as(&tool.returns, integers)
    }

    /// The same for an answer with this structure.
    pub(crate) fn settle_as(mut self, form: &ResponseType, integers: BigIntegers) -> (Data, Option<String>) {
        let exact = self.any.then(|| to_exact_text(&self.value));
        if self.any {
            integers.settle_value(&mut self.value, form);
        }
        (Data::Value(self.value), exact)
    }

    /// The value with strings instead of marked numbers.
    pub(crate) fn into_value(mut self) -> Value {
        if self.any {
            unmark(&mut self.value, |number| Value::from(number));
        }
        self.value
    }
}
