//! The options of a session, and their JSON form, which is read strictly: a misspelt option is an error, not a wider
//! view.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::pins::MAX_TAGS;
use crate::error::{Error, Issue, Issues};
use crate::http::BigIntegers;
use crate::json::Value;
use crate::policy::{INVALID_POLICY, Policy};
use crate::settings::{self, INVALID_OPTION, STRINGS, within, without_nulls};
use crate::tool::{ParamType, Property, StringFormat, StringSpec, Toolset};
use crate::tools;

/// The options of a session: plain data, so that a host can store them and create the session again.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", try_from = "Value")]
pub struct SessionOptions {
    /// The end user's ID in the host's own application; required.
    pub user: String,
    /// The organization. If it is given, connections must belong to it too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
    /// Tags that connections must have, in addition to those of user and organization. New ones get them.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// The agent that acts for the user, for rules and events.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// The roles of the user or agent, for rules.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    /// The session's policy, in addition to the toolkit's: both must allow a call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<Policy>,
    /// Only these toolsets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub toolsets: Option<Vec<Toolset>>,
    /// Only these tools, by slug or alias.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tools: Option<Vec<String>>,
    /// Whether only tools that change nothing are available.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub read_only: bool,
    /// How integers beyond 2^53 are returned; as in the toolkit if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub big_integers: Option<BigIntegers>,
    /// The session's id in events; may be empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub id: String,
}

const LABEL: ParamType = ParamType::Text(StringSpec { min: 1, max: 255, form: StringFormat::Any });
const LABELS: ParamType = ParamType::List { of: &LABEL, min: 0, max: u32::MAX, unique: false };

const SESSION: ParamType = ParamType::Object(&[
    Property::new("user", LABEL, "the ID of the end user in your own application").required(),
    Property::new("organization", LABEL, ""),
    Property::new("tags", ParamType::Tags { min: 1 }, ""),
    Property::new("agent", LABEL, ""),
    Property::new("roles", LABELS, ""),
    Property::new("policy", ParamType::Json, ""),
    Property::new("toolsets", STRINGS, ""),
    Property::new("tools", STRINGS, ""),
    Property::new("readOnly", ParamType::Boolean, ""),
    Property::new("bigIntegers", ParamType::Choice(BigIntegers::NAMES), ""),
    Property::new("id", LABEL, ""),
]);

/// The options that may be `null`: leaving them out does not allow more.
const NULLABLE: &[&str] = &["agent", "bigIntegers", "id"];

/// Every issue of a value that should be the options of a session.
pub(super) fn issues(value: &Value) -> Issues {
    let value = &settings::with_all_toolsets(without_nulls(value.clone(), NULLABLE));
    let mut issues = settings::check(&SESSION, value);
    if let Some(policy) = value.get("policy") {
        issues.append(within("policy", Policy::issues(policy)));
    }
    issues.append(settings::toolset_issues(value));
    issues.append(settings::tool_issues(value, tools::find));
    issues.append(tag_issues(value));
    issues
}

/// Tags that contradict the user or the organization, and more tags than a connection can have.
fn tag_issues(value: &Value) -> Issues {
    let mut issues = Issues::default();
    let owner = |name: &str| value.get(name).and_then(Value::as_str);
    let owners = [("end_user_id", owner("user")), ("organization_id", owner("organization"))];
    let mut count = owners.iter().filter(|(_, id)| id.is_some()).count();
    for (key, tag) in value.get("tags").and_then(Value::as_object).into_iter().flatten() {
        match owners.iter().find(|(name, id)| key.eq_ignore_ascii_case(name) && id.is_some()) {
            Some((_, id)) if *id != tag.as_str() => {
                let path = vec!["tags".to_owned(), crate::text::clip(key, 64)];
                let message = "the tag contradicts the session's user or organization";
                issues.push(Issue::new(path, "invalid_value", message).hint("leave it out"));
            }
            Some(_) => {}
            None => count += 1,
        }
    }
    if count > MAX_TAGS && issues.is_empty() {
        let message =
            format!("expected at most {MAX_TAGS} tags with those of user and organization, got {count}");
        issues.push(Issue::new(vec!["tags".to_owned()], "too_big", message));
    }
    issues
}

impl SessionOptions {
    /// Reads `{ user, organization?, tags?, agent?, roles?, policy?, toolsets?, tools?, readOnly?, bigIntegers?,
    /// id? }`.
    ///
    /// # Errors
    /// `invalid_option` with every issue; see [`super::Session::from_value`].
    pub fn from_value(value: Value) -> Result<SessionOptions, Error> {
        let issues = issues(&value);
        if !issues.is_empty() {
            return Err(invalid(issues));
        }
        SessionOptions::of_checked(value)
    }

    /// Reads options that were checked.
    ///
    /// # Errors
    /// They are invalid.
    pub(crate) fn of_checked(value: Value) -> Result<SessionOptions, Error> {
        let mut options = SessionOptions::default();
        let Value::Object(given) = settings::with_all_toolsets(without_nulls(value, NULLABLE)) else {
            return Err(invalid(Issues::default()));
        };
        for (name, value) in given {
            let refused = || {
                let message = "there is no such option, or it has the wrong type";
                invalid(Issue::new(vec![name.clone()], "invalid_value", message).into())
            };
            match (name.as_str(), value) {
                ("user", Value::String(user)) => options.user = user,
                ("organization", Value::String(id)) => options.organization = Some(id),
                ("agent", Value::String(agent)) => options.agent = Some(agent),
                ("id", Value::String(id)) => options.id = id,
                ("readOnly", Value::Bool(read_only)) => options.read_only = read_only,
                ("bigIntegers", Value::String(name)) => options.big_integers = BigIntegers::named(&name),
                ("policy", policy) => options.policy = Some(Policy::from_value(policy)?),
                ("tags", Value::Object(tags)) => {
                    for (key, tag) in tags {
                        let Value::String(tag) = tag else { return Err(refused()) };
                        options.tags.insert(key, tag);
                    }
                }
                ("roles" | "toolsets" | "tools", Value::Array(all)) => {
                    let mut names = Vec::new();
                    for one in all {
                        let Value::String(text) = one else { return Err(refused()) };
                        names.push(text);
                    }
                    match name.as_str() {
                        "roles" => options.roles = names,
                        "tools" => options.tools = Some(names),
                        _ => {
                            let mut toolsets = Vec::new();
                            for name in &names {
                                toolsets.push(name.parse()?);
                            }
                            options.toolsets = Some(toolsets);
                        }
                    }
                }
                _ => return Err(refused()),
            }
        }
        Ok(options)
    }

    /// Checks options that were not read from JSON.
    ///
    /// # Errors
    /// As [`SessionOptions::from_value`].
    pub(super) fn check(&self) -> Result<(), Error> {
        let value = serde_json::to_value(self)
            .map_err(|error| invalid(Issue::new(Vec::new(), "custom", error.to_string()).into()))?;
        let issues = issues(&value);
        if issues.is_empty() { Ok(()) } else { Err(invalid(issues)) }
    }
}

/// As [`SessionOptions::from_value`].
impl TryFrom<Value> for SessionOptions {
    type Error = Error;

    fn try_from(value: Value) -> Result<SessionOptions, Error> {
        SessionOptions::from_value(value)
    }
}

fn invalid(issues: Issues) -> Error {
    let in_policy = |issue: &Issue| issue.path.first().is_some_and(|first| first == "policy");
    let code = if issues.iter().all(in_policy) { INVALID_POLICY } else { INVALID_OPTION };
    settings::error("session", code, issues)
}
