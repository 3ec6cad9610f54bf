//! A policy from JSON, read strictly: whatever is not exactly right is an issue, since a rule that was
//! misspelt would otherwise silently not apply.

use std::sync::Arc;

use super::Policy;
use super::rules::{matches, names};
use super::subject::RULE;
use crate::error::{Error, ErrorKind, Issue};
use crate::json::{Value, parse};
use crate::nearest::nearest_of;
use crate::text::{clip, dotted, fill, is_one, pieces};
use crate::tools;

const POLICY: &str = "default readOnly rules limits maxResultBytes scopes";

impl Policy {
    /// The policy that a JSON text is.
    ///
    /// # Errors
    /// Every [`Issue`]: the text is no JSON, or no policy; see [`Policy::from_value`].
    pub fn parse(text: &str) -> Result<Policy, Vec<Issue>> {
        let issue = |_| vec![Issue::new(Vec::new(), "invalid_json", "the policy is no JSON text")];
        parse(text).map_err(issue).and_then(Policy::from_value)
    }

    /// The policy that a value is: `{ default, readOnly?, rules?, limits?, maxResultBytes?, scopes? }`. Only
    /// `{ "readOnly": true }` may go without `default`: it allows what changes nothing.
    ///
    /// # Errors
    /// Every [`Issue`]: a misspelt name, a value of another type, a glob that can meet nothing. Whoever has to
    /// go on without the policy takes [`Policy::deny_all`].
    ///
    /// ```
    /// use nango_toolkit::policy::Policy;
    /// use serde_json::json;
    ///
    /// let rule = json!({ "id": "own", "then": "allow", "end_usr": "$user" });
    /// let issues = Policy::from_value(json!({ "default": "deny", "rules": [rule] })).unwrap_err();
    /// assert_eq!(issues[0].path, ["rules", "0", "end_usr"]);
    /// assert_eq!(issues[0].hint.as_deref(), Some("did you mean `end_user`?"));
    /// ```
    pub fn from_value(value: Value) -> Result<Policy, Vec<Issue>> {
        let mut reader = Reader { issues: Vec::new(), path: Vec::new() };
        let read_only = matches!(value.get("readOnly"), Some(Value::Bool(true)));
        let narrows = read_only && value.as_object().is_some_and(|map| map.len() == 1);
        reader.object(&value, POLICY, if narrows { "" } else { "default" });
        let closed = value.get("default").and_then(Value::as_str) == Some("deny");
        match value {
            Value::Object(map) if reader.issues.is_empty() => {
                Ok(Policy { read_only, closed, given: Some(Arc::new(map)) })
            }
            _ => Err(reader.issues),
        }
    }
}

/// The error of a policy that cannot be read.
pub fn unreadable(issues: Vec<Issue>) -> Error {
    let mut error = Error::new(ErrorKind::Internal, "the policy is refused").code("invalid_policy");
    if let Some(first) = issues.first() {
        let path = dotted(&first.path);
        let form = if path.is_empty() { ": {}{}" } else { ": `{}`: {}" };
        error.message.push_str(&fill(form, &[&path, &first.message]));
    }
    error.issues = issues;
    error
}

struct Reader {
    issues: Vec<Issue>,
    path: Vec<String>,
}

impl Reader {
    fn report(&mut self, code: &'static str, form: &str, part: &str) {
        self.issues.push(Issue::new(self.path.clone(), code, fill(form, &[part])));
    }

    fn unless(&mut self, good: bool, expected: &str) {
        if !good {
            self.report("invalid_type", "expected {}", expected);
        }
    }

    /// Reports a text that is none of those it could be.
    fn unknown(&mut self, code: &'static str, given: &str, known: &[&str]) {
        self.report(code, "there is no `{}` here", &clip(given, 64));
        let hint = match nearest_of(given, known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("there are {}", known.join(", ")),
        };
        if let Some(newest) = self.issues.last_mut() {
            newest.hint = Some(hint);
        }
    }

    fn object(&mut self, value: &Value, known: &str, required: &str) {
        let Value::Object(map) = value else { return self.unless(false, "an object") };
        for (name, value) in map {
            self.path.push(clip(name, 64));
            if is_one(known, name) {
                self.field(name, value);
            } else {
                self.unknown("unrecognized_keys", name, &pieces(known, " "));
            }
            self.path.pop();
        }
        for name in pieces(required, " ") {
            if !name.is_empty() && !map.contains_key(name) {
                self.report("required", "`{}` is missing", name);
            }
        }
    }

    fn field(&mut self, name: &str, value: &Value) {
        match name {
            "readOnly" => self.unless(matches!(value, Value::Bool(_)), "true or false"),
            "calls" | "maxResultBytes" => {
                self.unless(value.as_u64().is_some_and(|n| n > 0), "a whole number of at least 1");
            }
            "rules" => self.each(name, value, RULE, "then"),
            "limits" => self.each(name, value, "tool calls", "tool calls"),
            _ if value.is_string() || matches!(name, "default" | "id" | "then") => self.text(name, value),
            _ => {
                self.unless(value.as_array().is_none_or(|list| !list.is_empty()), "at least one text");
                self.each(name, value, "", "");
            }
        }
    }

    /// A list of objects with these properties, or of texts.
    fn each(&mut self, name: &str, value: &Value, known: &str, required: &str) {
        let Value::Array(items) = value else { return self.unless(false, "a list") };
        for (at, item) in items.iter().enumerate() {
            self.path.push(at.to_string());
            if known.is_empty() {
                self.text(name, item);
            } else {
                self.object(item, known, required);
            }
            self.path.pop();
        }
    }

    fn text(&mut self, name: &str, value: &Value) {
        let text = value.as_str().unwrap_or_default();
        if text.is_empty() {
            return self.unless(false, "a text");
        }
        let has = |marks: &str| text.bytes().any(|b| marks.as_bytes().contains(&b));
        let known: Vec<&str> = match name {
            "tool" => tools::all().map(|tool| tool.slug).collect(),
            "tags" => return self.unless(has("=*"), "a tag as `key=value`"),
            "proxy_path" => return self.unless(!has("%?#;\\"), "a path as it is decoded, without query"),
            "proxy_host" => return self.unless(!has("/:"), "a host alone"),
            _ => pieces(words(name), " "),
        };
        let good = match name {
            "tool" => tools::all().any(|tool| names(Some(value), tool, false)),
            "default" | "then" => known.contains(&text),
            _ => known == [""] || matches(value, &known),
        };
        if !good {
            self.unknown("invalid_value", text, &known);
        }
    }
}

/// The texts there are for some properties.
pub(super) fn words(name: &str) -> &'static str {
    match name {
        "default" => "allow deny",
        "then" => "allow confirm deny",
        "toolset" => "providers integrations connections connect syncs actions proxy environment",
        "effect" => "read write destroy",
        "reach" => "connection integration environment catalogue",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tool::Toolset;

    #[test]
    fn the_words_are_those_of_the_tools() {
        assert_eq!(words("toolset"), Toolset::ALL.iter().map(|t| t.as_str()).collect::<Vec<_>>().join(" "));
        for tool in tools::all() {
            assert!(is_one(words("effect"), tool.effect.as_str()), "{}", tool.slug);
            assert!(is_one(words("reach"), tool.reach.as_str()), "{}", tool.slug);
        }
    }
}
