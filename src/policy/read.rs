//! Reads a policy from JSON, strictly: everything unexpected is an issue, since a misspelt rule would
//! otherwise silently not apply. Its types are in [`super::rule`].

use super::evaluate::can_apply;
use super::rule::{Attribute, DESTROY, Document, Patterns, Rule};
use crate::error::{Error, Issue, Issues};
use crate::json::Value;
use crate::settings::{self, POSITIVE, STRING, unknown, within};
use crate::tool::{Effect, ParamType, Property, Reach, StringFormat, Toolset};
use crate::tools;

/// The code of the error for a policy that cannot be read.
pub(crate) const INVALID_POLICY: &str = "invalid_policy";

/// The values that `default` and `then` can have.
pub(super) const DEFAULTS: &[&str] = &["allow", "deny"];
pub(super) const EFFECTS: &[&str] = &["allow", "confirm", "deny"];

const PATTERNS: ParamType = ParamType::OneOrMany(&STRING);

const POLICY: ParamType = ParamType::Object(&[
    Property::new("default", ParamType::Choice(DEFAULTS), ""),
    Property::new("readOnly", ParamType::Boolean, ""),
    Property::new("rules", ParamType::List { of: &RULE, min: 0, max: u32::MAX, unique: false }, ""),
    Property::new("limits", ParamType::List { of: &LIMIT, min: 0, max: u32::MAX, unique: false }, ""),
    Property::new("maxResultBytes", POSITIVE, ""),
    Property::new("scopes", PATTERNS, ""),
]);

const RULE: ParamType = ParamType::Object(&[
    Property::new("id", STRING, ""),
    Property::new("then", ParamType::Choice(EFFECTS), "what the rule does").required(),
    Property::new("user", PATTERNS, ""),
    Property::new("organization", PATTERNS, ""),
    Property::new("agent", PATTERNS, ""),
    Property::new("role", PATTERNS, ""),
    Property::new("tool", PATTERNS, ""),
    Property::new("toolset", PATTERNS, ""),
    Property::new("effect", PATTERNS, ""),
    Property::new("reach", PATTERNS, ""),
    Property::new("integration", PATTERNS, ""),
    Property::new("connection", PATTERNS, ""),
    Property::new("end_user", PATTERNS, ""),
    Property::new("owner_organization", PATTERNS, ""),
    Property::new("tags", PATTERNS, ""),
    Property::new("variable", PATTERNS, ""),
    Property::new("proxy_method", PATTERNS, ""),
    Property::new("proxy_path", PATTERNS, ""),
    Property::new("proxy_host", PATTERNS, ""),
]);

const LIMIT: ParamType = ParamType::Object(&[
    Property::new("tool", PATTERNS, "which tools are counted").required(),
    Property::new("calls", POSITIVE, "how often each of them may be called").required(),
]);

/// Every issue of a value that should be a policy.
pub(super) fn issues(value: &Value) -> Issues {
    let mut issues = settings::check(&POLICY, value);
    let Value::Object(map) = value else { return issues };
    let only_reads = map.len() == 1 && map.get("readOnly") == Some(&Value::Bool(true));
    if !map.contains_key("default") && !only_reads {
        let issue =
            Issue::new(vec!["default".to_owned()], "required", "expected `allow` or `deny`, got nothing");
        issues.push(issue.hint(
            "it decides calls to which no rule applies; only `{ \"readOnly\": true }` works without it",
        ));
    }
    for (at, rule) in items(map.get("rules")).enumerate() {
        for (attribute, name) in Attribute::ALL {
            let found =
                rule.get(name).map(|value| pattern_issues(attribute, name, value)).unwrap_or_default();
            issues.append(within("rules", within(&at.to_string(), found)));
        }
    }
    // Attributes that are valid individually may exclude each other.
    if issues.is_empty() {
        for (at, rule) in items(map.get("rules")).enumerate() {
            if Rule::try_from(rule.clone()).is_ok_and(|rule| !can_apply(&rule)) {
                let path = vec!["rules".to_owned(), at.to_string()];
                let issue =
                    Issue::new(path, "invalid_value", "there is no call to which the rule could apply");
                issues.push(issue.hint(
                    "no tool meets all of its conditions: split it into two rules, or remove a condition",
                ));
            }
        }
    }
    for (at, limit) in items(map.get("limits")).enumerate() {
        let found = limit.get("tool").map(|value| pattern_issues(Attribute::Tool, "tool", value));
        issues.append(within("limits", within(&at.to_string(), found.unwrap_or_default())));
    }
    issues
}

fn items(list: Option<&Value>) -> impl Iterator<Item = &Value> {
    list.and_then(Value::as_array).into_iter().flatten()
}

/// The patterns of an attribute that cannot match anything, or not what they seem to.
fn pattern_issues(attribute: Attribute, name: &str, value: &Value) -> Issues {
    let mut issues = Issues::default();
    match value {
        Value::String(pattern) => {
            pattern_issue(attribute, &[name], pattern).into_iter().for_each(|issue| issues.push(issue));
        }
        Value::Array(patterns) => {
            for (at, pattern) in patterns.iter().enumerate() {
                // What further patterns are wrong is not listed: it need not be found.
                if issues.is_full() {
                    break;
                }
                let at = at.to_string();
                let found = pattern.as_str().and_then(|text| pattern_issue(attribute, &[name, &at], text));
                found.into_iter().for_each(|issue| issues.push(issue));
            }
        }
        _ => {}
    }
    issues
}

fn pattern_issue(attribute: Attribute, path: &[&str], pattern: &str) -> Option<Issue> {
    let expected = |fine: bool, expected: &str| {
        let path = path.iter().map(|step| (*step).to_owned()).collect();
        let message = format!("expected {expected}, got `{}`", crate::text::clip(pattern, 64));
        (!fine).then(|| Issue::new(path, "invalid_format", message))
    };
    // An empty value already has an issue.
    let known = match attribute {
        _ if pattern.is_empty() => return None,
        Attribute::Tags => return expected(pattern.contains(['=', '*']), "a tag as `key=value`"),
        Attribute::ProxyPath => {
            let fine = !pattern.contains(['%', '?', '#', ';', '\\']);
            return expected(fine, "a path as it is decoded, without query");
        }
        Attribute::ProxyHost => {
            return expected(!pattern.contains(['/', ':']), "a host without scheme, port and path");
        }
        Attribute::ProxyMethod => {
            let fine = pattern.bytes().all(|b| b.is_ascii_alphabetic() || b == b'*');
            return expected(fine, "an HTTP method");
        }
        Attribute::Integration if !matches!(pattern, "$user" | "$organization") => {
            let fine = StringFormat::IntegrationKey.check(&pattern.replace('*', "_")).is_ok();
            return expected(fine, "the ID of an integration");
        }
        Attribute::Tool => {
            let slugs: Vec<&str> = tools::all().map(|tool| tool.slug).collect();
            let aliases: Vec<&str> = tools::all().flat_map(|tool| tool.aliases).copied().collect();
            if matches_one_of(pattern, &aliases) {
                return None;
            }
            slugs
        }
        attribute => words(attribute)?,
    };
    (!matches_one_of(pattern, &known)).then(|| unknown(path, "value", pattern, &known))
}

fn matches_one_of(pattern: &str, words: &[&str]) -> bool {
    Patterns(vec![pattern.to_owned().into()]).match_one_of(words)
}

/// All values that an attribute can have, if they are known.
pub(super) fn words(attribute: Attribute) -> Option<Vec<&'static str>> {
    match attribute {
        Attribute::Toolset => Some(Toolset::ALL.iter().map(|toolset| toolset.as_str()).collect()),
        Attribute::Effect => {
            Some(Effect::ALL.iter().map(|effect| effect.as_str()).chain([DESTROY]).collect())
        }
        Attribute::Reach => Some(Reach::ALL.iter().map(|reach| reach.as_str()).collect()),
        _ => None,
    }
}

/// Reads a policy from a value.
///
/// # Errors
/// Every issue.
pub(super) fn document(value: Value) -> Result<Document, Issues> {
    let issues = issues(&value);
    if !issues.is_empty() {
        return Err(issues);
    }
    // A checked value that still cannot be read must not pass.
    Document::try_from(value).map_err(|why| Issue::new(Vec::new(), "invalid_value", why).into())
}

/// The error of a policy that cannot be read.
pub(super) fn invalid(issues: Issues) -> Error {
    settings::error("policy", INVALID_POLICY, issues)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::expect_used, reason = "a test fails by panicking")]
    use serde_json::json;

    use super::*;

    #[test]
    fn every_attribute_can_stand_in_a_rule() {
        for (attribute, name) in Attribute::ALL {
            let pattern = words(attribute).map_or("*", |words| words.first().copied().unwrap_or_default());
            let policy = json!({ "default": "deny", "rules": [{ "then": "allow", name: pattern }] });
            assert!(issues(&policy).is_empty());
            let document = document(policy).expect("it has no issue");
            assert!(document.rules.first().is_some_and(|rule| rule.patterns(attribute).is_some()));
        }
        let ParamType::Object(properties) = RULE else { unreachable!("a rule is an object") };
        assert_eq!(properties.len(), Attribute::ALL.len() + 2);
    }
}
