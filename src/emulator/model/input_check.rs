//! Whether the input of a function fits its JSON Schema, in the words of the validator that the server uses. As there,
//! the first problem ends the check.

use serde_json::Value;

use super::formats::is_email;

/// What does not fit.
#[derive(Debug, PartialEq)]
pub(crate) struct Problem {
    pub(crate) code: &'static str,
    pub(crate) message: String,
    pub(crate) path: Vec<String>,
}

/// How deep definitions may lead to one another: some lead to themselves.
const DEEPEST: usize = 32;

/// The first problem of an input; none is what JavaScript calls undefined.
pub(crate) fn first_problem(definitions: &Value, model: &str, input: Option<&Value>) -> Option<Problem> {
    let schema = definitions.get(model)?;
    Walk { definitions, path: Vec::new() }.value(schema, input, 0).err()
}

struct Walk<'a> {
    definitions: &'a Value,
    path: Vec<String>,
}

impl Walk<'_> {
    fn problem(&self, code: &'static str, message: impl Into<String>) -> Problem {
        Problem { code, message: message.into(), path: self.path.clone() }
    }

    fn problem_at(&self, name: &str, code: &'static str, message: impl Into<String>) -> Problem {
        let mut problem = self.problem(code, message);
        problem.path.push(name.to_owned());
        problem
    }

    fn value(&mut self, schema: &Value, value: Option<&Value>, depth: usize) -> Result<(), Problem> {
        if depth > DEEPEST {
            return Ok(());
        }
        if let Some(types) = schema.get("type") {
            let types: Vec<&str> = match types {
                Value::Array(types) => types.iter().filter_map(Value::as_str).collect(),
                one => one.as_str().into_iter().collect(),
            };
            if !types.iter().any(|name| value.is_some_and(|value| is_type(name, value))) {
                return Err(self.problem("type", format!("must be {}", types.join(","))));
            }
        }
        let Some(value) = value else { return Ok(()) };
        if let Value::Number(number) = value {
            self.number(schema, number.as_f64().unwrap_or(0.0))?;
        }
        if let Value::String(text) = value {
            self.text(schema, text)?;
        }
        if let Some(choices) = schema.get("enum").and_then(Value::as_array)
            && !choices.contains(value)
        {
            return Err(self.problem("enum", "must be equal to one of the allowed values"));
        }
        let reference = schema.get("$ref").and_then(Value::as_str);
        let name = reference.and_then(|reference| reference.strip_prefix("#/definitions/"));
        if let Some(definition) = name.and_then(|name| self.definitions.get(name)) {
            self.value(definition, Some(value), depth + 1)?;
        }
        match value {
            Value::Array(items) => {
                for (i, item) in items.iter().enumerate() {
                    if let Some(schema) = schema.get("items").filter(|items| items.is_object()) {
                        self.below(&i.to_string(), schema, item, depth)?;
                    }
                }
                Ok(())
            }
            Value::Object(_) => self.object(schema, value, depth),
            _ => Ok(()),
        }
    }

    fn number(&self, schema: &Value, value: f64) -> Result<(), Problem> {
        let bound = |name: &str| schema.get(name).filter(|bound| bound.is_number());
        if let Some(max) = bound("maximum").filter(|max| max.as_f64().is_some_and(|max| value > max)) {
            return Err(self.problem("maximum", format!("must be <= {max}")));
        }
        if let Some(min) = bound("minimum").filter(|min| min.as_f64().is_some_and(|min| value < min)) {
            return Err(self.problem("minimum", format!("must be >= {min}")));
        }
        Ok(())
    }

    fn text(&self, schema: &Value, text: &str) -> Result<(), Problem> {
        let bound = |name: &str| schema.get(name).and_then(Value::as_u64);
        let length = text.chars().count() as u64;
        if let Some(max) = bound("maxLength").filter(|max| length > *max) {
            return Err(self.problem("maxLength", format!("must NOT have more than {max} characters")));
        }
        if let Some(min) = bound("minLength").filter(|min| length < *min) {
            return Err(self.problem("minLength", format!("must NOT have fewer than {min} characters")));
        }
        if schema.get("format").and_then(Value::as_str) == Some("email") && !is_email(text) {
            return Err(self.problem("format", "must match format \"email\""));
        }
        Ok(())
    }

    fn object(&mut self, schema: &Value, value: &Value, depth: usize) -> Result<(), Problem> {
        let required = schema.get("required").and_then(Value::as_array);
        for name in required.into_iter().flatten().filter_map(Value::as_str) {
            if value.get(name).is_none() {
                let message = format!("must have required property '{name}'");
                return Err(self.problem_at(name, "required", message));
            }
        }
        let properties = schema.get("properties").and_then(Value::as_object);
        if schema.get("additionalProperties") == Some(&Value::Bool(false)) {
            let known = |name: &str| properties.is_some_and(|properties| properties.contains_key(name));
            let given = value.as_object().into_iter().flatten();
            if let Some((name, _)) = given.into_iter().find(|(name, _)| !known(name)) {
                let message = "must NOT have additional properties";
                return Err(self.problem_at(name, "additionalProperties", message));
            }
        }
        for (name, schema) in properties.into_iter().flatten() {
            if let Some(value) = value.get(name) {
                self.below(name, schema, value, depth)?;
            }
        }
        Ok(())
    }

    fn below(&mut self, name: &str, schema: &Value, value: &Value, depth: usize) -> Result<(), Problem> {
        self.path.push(name.to_owned());
        self.value(schema, Some(value), depth + 1)?;
        self.path.pop();
        Ok(())
    }
}

fn is_type(name: &str, value: &Value) -> bool {
    match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "number" => value.is_number(),
        "integer" => value.as_f64().is_some_and(|n| n.fract() == 0.0),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::first_problem;
    use serde_json::{Value, json};

    #[test]
    fn the_first_problem_in_the_validators_words() {
        let definitions = json!({
            "Input": {"type": "object", "required": ["value"], "additionalProperties": false, "properties": {
                "value": {"type": "string", "minLength": 1}, "count": {"type": "integer", "minimum": 1},
                "kind": {"enum": ["a", "b"]}, "tags": {"type": "array", "items": {"type": ["string", "null"]}},
                "mail": {"type": "string", "format": "email"}, "next": {"$ref": "#/definitions/Input"}}},
        });
        let checked = |input: Option<Value>| {
            first_problem(&definitions, "Input", input.as_ref())
                .map(|problem| format!("{} {} {}", problem.code, problem.path.join("."), problem.message))
        };
        assert_eq!(
            checked(Some(json!({"value": "x", "count": 2.0, "tags": ["t", null], "kind": "a"}))),
            None
        );
        assert_eq!(checked(Some(json!({"value": "x", "mail": "a@example.com"}))), None);
        for (input, says) in [
            (json!([]), "type  must be object"),
            (json!({"value": 42}), "type value must be string"),
            (json!({"count": 0}), "required value must have required property 'value'"),
            (
                json!({"value": "x", "other": 1}),
                "additionalProperties other must NOT have additional properties",
            ),
            (json!({"value": ""}), "minLength value must NOT have fewer than 1 characters"),
            (json!({"value": "x", "count": 1.5}), "type count must be integer"),
            (json!({"value": "x", "count": 0}), "minimum count must be >= 1"),
            (json!({"value": "x", "kind": "c"}), "enum kind must be equal to one of the allowed values"),
            (json!({"value": "x", "tags": ["a", 1]}), "type tags.1 must be string,null"),
            (json!({"value": "x", "mail": "nope"}), "format mail must match format \"email\""),
            (json!({"value": "x", "next": {"value": 1}}), "type next.value must be string"),
        ] {
            assert_eq!(checked(Some(input.clone())).as_deref(), Some(says), "{input}");
        }
        assert_eq!(checked(None).as_deref(), Some("type  must be object"));
    }
}
