//! The types of a policy, which [`super::read`] creates and [`super::evaluate`] applies to requests.

use serde::{Deserialize, Serialize};

use crate::json::{Object, Value};

/// The decision on a request to which no rule applies.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", try_from = "String")]
pub(super) enum DefaultEffect {
    /// It may run.
    #[default]
    Allow,
    /// It may not.
    Deny,
}

impl TryFrom<String> for DefaultEffect {
    type Error = String;

    fn try_from(name: String) -> Result<DefaultEffect, String> {
        match name.as_str() {
            "allow" => Ok(DefaultEffect::Allow),
            "deny" => Ok(DefaultEffect::Deny),
            _ => Err(format!("there is no default `{name}`")),
        }
    }
}

/// The decision of a rule on the requests to which it applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RuleEffect {
    /// They may run.
    Allow,
    /// They may run after a person has confirmed them.
    Confirm,
    /// They may not.
    Deny,
}

impl RuleEffect {
    fn as_str(self) -> &'static str {
        match self {
            RuleEffect::Allow => "allow",
            RuleEffect::Confirm => "confirm",
            RuleEffect::Deny => "deny",
        }
    }

    fn named(name: &str) -> Option<RuleEffect> {
        let all = [RuleEffect::Allow, RuleEffect::Confirm, RuleEffect::Deny];
        all.into_iter().find(|effect| effect.as_str() == name)
    }
}

/// The content of a policy, by the names of its JSON form.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", try_from = "Value")]
pub(super) struct Document {
    pub(super) default: DefaultEffect,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) read_only: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) rules: Vec<Rule>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) limits: Vec<Limit>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) max_result_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) scopes: Option<Patterns>,
}

/// Unknown properties and other types are refused.
impl TryFrom<Value> for Document {
    type Error = String;

    fn try_from(given: Value) -> Result<Document, String> {
        let mut document = Document::default();
        for (name, value) in object(given)? {
            match (name.as_str(), value) {
                ("default", Value::String(effect)) => document.default = effect.try_into()?,
                ("readOnly", Value::Bool(read_only)) => document.read_only = read_only,
                ("rules", Value::Array(rules)) => {
                    for rule in rules {
                        document.rules.push(rule.try_into()?);
                    }
                }
                ("limits", Value::Array(limits)) => {
                    for limit in limits {
                        document.limits.push(limit.try_into()?);
                    }
                }
                ("maxResultBytes", most) if most.is_u64() => document.max_result_bytes = most.as_u64(),
                ("scopes", scopes) => document.scopes = Some(scopes.try_into()?),
                _ => return Err(invalid_property(&name)),
            }
        }
        Ok(document)
    }
}

fn object(value: Value) -> Result<Object, String> {
    match value {
        Value::Object(object) => Ok(object),
        _ => Err("expected an object".to_owned()),
    }
}

fn invalid_property(name: &str) -> String {
    format!("`{name}` is unknown here, or has the wrong type")
}

/// A rule: it applies to a request that meets all of its conditions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Value", into = "Object")]
pub(super) struct Rule {
    pub(super) id: Option<String>,
    pub(super) then: RuleEffect,
    /// Each attribute at most once, in the order of [`Attribute::ALL`].
    pub(super) conditions: Vec<(Attribute, Patterns)>,
}

/// A name that is not an attribute is refused.
impl TryFrom<Value> for Rule {
    type Error = String;

    fn try_from(given: Value) -> Result<Rule, String> {
        let mut given = object(given)?;
        let id = match given.shift_remove("id") {
            None => None,
            Some(Value::String(id)) => Some(id),
            Some(_) => return Err(invalid_property("id")),
        };
        let then = given.shift_remove("then");
        let then = then.as_ref().and_then(Value::as_str).and_then(RuleEffect::named);
        let then = then.ok_or_else(|| invalid_property("then"))?;
        let mut conditions = Vec::new();
        for (attribute, name) in Attribute::ALL {
            if let Some(patterns) = given.shift_remove(name) {
                conditions.push((attribute, patterns.try_into()?));
            }
        }
        match given.keys().next() {
            Some(name) => Err(invalid_property(name)),
            None => Ok(Rule { id, then, conditions }),
        }
    }
}

impl From<Rule> for Object {
    fn from(rule: Rule) -> Object {
        let mut out = Object::new();
        if let Some(id) = rule.id {
            out.insert("id".to_owned(), Value::String(id));
        }
        out.insert("then".to_owned(), Value::from(rule.then.as_str()));
        for (attribute, patterns) in rule.conditions {
            if let Some((_, name)) = Attribute::ALL.iter().find(|(one, _)| *one == attribute) {
                out.insert((*name).to_owned(), Value::from(patterns));
            }
        }
        out
    }
}

impl Rule {
    /// The patterns of an attribute, if the rule has a condition on it.
    pub(super) fn patterns(&self, attribute: Attribute) -> Option<&Patterns> {
        self.conditions.iter().find(|(one, _)| *one == attribute).map(|(_, patterns)| patterns)
    }
}

/// How often one session may call the tools that a pattern matches, counted separately.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Value")]
pub(super) struct Limit {
    pub(super) tool: Patterns,
    pub(super) calls: u64,
}

impl TryFrom<Value> for Limit {
    type Error = String;

    fn try_from(given: Value) -> Result<Limit, String> {
        let (mut tool, mut calls) = (None, None);
        for (name, value) in object(given)? {
            match (name.as_str(), value) {
                ("tool", patterns) => tool = Some(patterns.try_into()?),
                ("calls", most) if most.is_u64() => calls = most.as_u64(),
                _ => return Err(invalid_property(&name)),
            }
        }
        Ok(Limit { tool: tool.ok_or("`tool` is missing")?, calls: calls.ok_or("`calls` is missing")? })
    }
}

/// An attribute for conditions of rules: of the caller, the tool, or the target of the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Attribute {
    User,
    Organization,
    Agent,
    Role,
    Tool,
    Toolset,
    Effect,
    Reach,
    Integration,
    Connection,
    EndUser,
    OwnerOrganization,
    Tags,
    Variable,
    ProxyMethod,
    ProxyPath,
    ProxyHost,
}

impl Attribute {
    /// Every attribute, with the name that it has in a rule.
    pub(super) const ALL: [(Attribute, &'static str); 17] = [
        (Attribute::User, "user"),
        (Attribute::Organization, "organization"),
        (Attribute::Agent, "agent"),
        (Attribute::Role, "role"),
        (Attribute::Tool, "tool"),
        (Attribute::Toolset, "toolset"),
        (Attribute::Effect, "effect"),
        (Attribute::Reach, "reach"),
        (Attribute::Integration, "integration"),
        (Attribute::Connection, "connection"),
        (Attribute::EndUser, "end_user"),
        (Attribute::OwnerOrganization, "owner_organization"),
        (Attribute::Tags, "tags"),
        (Attribute::Variable, "variable"),
        (Attribute::ProxyMethod, "proxy_method"),
        (Attribute::ProxyPath, "proxy_path"),
        (Attribute::ProxyHost, "proxy_host"),
    ];
}

/// The older name of the effect `destructive`, which policies may go on using.
pub(super) const DESTROY: &str = "destroy";

/// One pattern or several, of which one must match. The JSON form is a string or an array of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Value", into = "Value")]
pub(super) struct Patterns(pub(super) Vec<Pattern>);

impl TryFrom<Value> for Patterns {
    type Error = String;

    fn try_from(given: Value) -> Result<Patterns, String> {
        let all = match given {
            Value::Array(all) => all,
            one => vec![one],
        };
        let mut patterns = Vec::new();
        for one in all {
            match one {
                Value::String(text) => patterns.push(Pattern::from(text)),
                _ => return Err("a pattern is not a string".to_owned()),
            }
        }
        Ok(Patterns(patterns))
    }
}

impl From<Patterns> for Value {
    fn from(Patterns(patterns): Patterns) -> Value {
        match patterns.as_slice() {
            [only] => Value::from(only.as_str()),
            all => all.iter().map(Pattern::as_str).collect(),
        }
    }
}

impl Patterns {
    /// Whether one of the patterns matches one of `words` in any case, `$user` being a word like any other.
    pub(super) fn match_one_of(&self, words: &[&str]) -> bool {
        self.0.iter().any(|pattern| words.iter().any(|word| glob(pattern.as_str(), word.as_bytes(), true)))
    }

    /// Whether one of the patterns without a wildcard is one of `words` in any case.
    pub(super) fn name_one_of(&self, words: &[&str]) -> bool {
        let mut exact = self.0.iter().map(Pattern::as_str).filter(|pattern| !pattern.contains('*'));
        exact.any(|pattern| words.iter().any(|word| word.eq_ignore_ascii_case(pattern)))
    }
}

/// What a value is compared with.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Pattern {
    /// `$user`: the caller's own ID.
    CallingUser,
    /// `$organization`: the ID of the caller's organization.
    CallingOrganization,
    /// A glob, in which `*` stands for any characters.
    Glob(String),
}

impl Pattern {
    pub(super) fn as_str(&self) -> &str {
        match self {
            Pattern::CallingUser => "$user",
            Pattern::CallingOrganization => "$organization",
            Pattern::Glob(glob) => glob,
        }
    }
}

impl From<String> for Pattern {
    fn from(text: String) -> Pattern {
        match text.as_str() {
            "$user" => Pattern::CallingUser,
            "$organization" => Pattern::CallingOrganization,
            _ => Pattern::Glob(text),
        }
    }
}

/// Whether `pattern`, in which `*` stands for any characters, matches the whole of `text`.
pub(super) fn glob(pattern: impl AsRef<[u8]>, mut text: &[u8], ignore_case: bool) -> bool {
    let mut pattern = pattern.as_ref();
    // Where to continue if the last `*` has to match one more character: in the pattern, and in the text.
    let mut retry: Option<(&[u8], &[u8])> = None;
    loop {
        match (pattern.split_first(), text.split_first()) {
            (Some((b'*', rest)), _) => {
                pattern = rest;
                retry = Some((rest, text));
            }
            (Some((a, pattern_rest)), Some((b, text_rest)))
                if a == b || (ignore_case && a.eq_ignore_ascii_case(b)) =>
            {
                (pattern, text) = (pattern_rest, text_rest);
            }
            (None, None) => return true,
            _ => match retry.and_then(|(rest, from)| Some((rest, from.get(1..)?))) {
                Some(longer) => {
                    retry = Some(longer);
                    (pattern, text) = longer;
                }
                None => return false,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn every_attribute_has_the_name_that_it_is_read_by() {
        for (attribute, name) in Attribute::ALL {
            let rule: Rule =
                serde_json::from_value(serde_json::json!({ "then": "deny", name: "x" })).unwrap();
            assert_eq!(rule.conditions, [(attribute, Patterns(vec![Pattern::Glob("x".to_owned())]))]);
            let camel = format!("{attribute:?}");
            assert_eq!(name.replace('_', ""), camel.to_lowercase());
        }
    }

    #[test]
    fn a_document_is_written_as_it_was_read() {
        let given = serde_json::json!({
            "default": "deny", "readOnly": true, "scopes": "a:*", "maxResultBytes": 9,
            "rules": [{ "id": "r", "then": "allow", "end_user": ["$user", "bob"], "tags": "env=*" }, { "then": "deny" }],
            "limits": [{ "tool": ["NANGO_GET_*"], "calls": 2 }],
        });
        let document: Document = serde_json::from_value(given.clone()).unwrap();
        let mut expected = given;
        expected["limits"][0]["tool"] = "NANGO_GET_*".into();
        assert_eq!(serde_json::to_value(&document).unwrap(), expected);
        for wrong in [
            r#"{"rules":[{"then":"deny","colour":"red"}]}"#,
            r#"{"rules":[{"id":"r"}]}"#,
            r#"{"rules":[{"id":null,"then":"deny"}]}"#,
            r#"{"rules":[{"then":null}]}"#,
            r#"{"rules":[{"then":"deny","tool":null}]}"#,
            r#"{"rules":[{"then":"deny","tool":[null]}]}"#,
            r#"{"limits":[{"tool":"*"}]}"#,
            r#"{"limits":[{"tool":"*","calls":null}]}"#,
            r#"{"limits":[{"tool":"*","calls":1,"per":"day"}]}"#,
            r#"{"scopes":null}"#,
            r#"{"maxResultBytes":null}"#,
            r#"{"rules":null}"#,
            r#"{"readOnly":null}"#,
            r#"{"default":null}"#,
            r#"{"other":1}"#,
        ] {
            assert!(serde_json::from_str::<Document>(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_star_stands_for_any_characters() {
        for (pattern, text) in [
            ("", ""),
            ("*", ""),
            ("*", "abc"),
            ("abc", "abc"),
            ("a*", "a"),
            ("a*c", "abbc"),
            ("*b*", "abc"),
            ("a*b*c", "a--b--b-c"),
            ("*.example.com", "api.example.com"),
            ("**", "x"),
            ("é*", "éa"),
            ("*a", "aaa"),
            ("a*a", "aa"),
            ("*", "*"),
        ] {
            assert!(glob(pattern, text.as_bytes(), false), "{pattern} {text}");
        }
        for (pattern, text) in [
            ("", "a"),
            ("a", ""),
            ("a*a", "a"),
            ("abc", "ABC"),
            ("*.example.com", "example.com"),
            ("a*c", "abcd"),
            ("*b", "abc"),
            ("a?c", "abc"),
            ("é", "e"),
        ] {
            assert!(!glob(pattern, text.as_bytes(), false), "{pattern} {text}");
        }
        assert!(glob(b"A*C", b"abc", true));
        // No pattern takes more than a step for each of its characters and each character of the text.
        assert!(!glob(b"*a".repeat(2_000), &b"a".repeat(1_999), false));
    }
}
