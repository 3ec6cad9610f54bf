//! Tools as an operator wants agents to see them: another name or description, arguments hidden, with a default,
//! or pinned to a value. Listings and calls agree, since both use this module. Hooks before and after calls are
//! run by the host.

use std::fmt;

use crate::error::{Error, Issue, Issues};
use crate::json::{Object, Value};
use crate::schema::{self, Allow};
use crate::settings::{self, ANY_STRING, INVALID_OPTION, STRING, within};
use crate::tool::{Param, ParamType, Property, StringFormat, StringSpec, Tool};
use crate::tools;

/// Changes to tools.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Modifiers(Vec<Modifier>);

/// Changes to one tool.
#[derive(Debug, Clone, PartialEq)]
struct Modifier {
    tool: &'static str,
    change: Change,
}

/// The changes to one tool.
#[derive(Clone, Default, PartialEq)]
struct Change {
    /// The name for agents.
    rename: Option<String>,
    description: Option<String>,
    /// The arguments that agents do not see.
    hide: Vec<String>,
    /// Arguments that are optional, and their default values.
    default: Object,
    /// Arguments that agents do not see, and their fixed values.
    pin: Object,
}

/// Without the values of arguments, which may be secrets.
impl fmt::Debug for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Change")
            .field("rename", &self.rename)
            .field("description", &self.description)
            .field("hide", &self.hide)
            .field("default", &self.default.keys())
            .field("pin", &self.pin.keys())
            .finish()
    }
}

const VALUES: ParamType = ParamType::Map {
    keys: StringSpec { min: 0, max: u32::MAX, form: StringFormat::Any },
    of: &ParamType::Json,
};

/// How many arguments can be hidden: more than any tool has.
const MAX_HIDDEN: u32 = 100;

const CHANGE: ParamType = ParamType::Object(&[
    Property::new("rename", ANY_STRING, ""),
    Property::new("description", STRING, ""),
    Property::new("hide", ParamType::List { of: &STRING, min: 0, max: MAX_HIDDEN, unique: false }, ""),
    Property::new("default", VALUES, ""),
    Property::new("pin", VALUES, ""),
]);

const MODIFIERS: ParamType =
    ParamType::Map { keys: StringSpec { min: 0, max: u32::MAX, form: StringFormat::Any }, of: &CHANGE };

impl Modifiers {
    /// Reads `{ "SLUG": { rename?, description?, hide?: [name…], default?: { name: value }, pin?: { name: value } } }`.
    ///
    /// # Errors
    /// `invalid_option` with every issue and its place.
    ///
    /// ```
    /// use nango_toolkit::modify::Modifiers;
    /// use nango_toolkit::{schema, tools};
    /// use serde_json::json;
    ///
    /// let only_hubspot = json!({ "NANGO_GET_CONNECTION": { "rename": "get_hubspot_account", "pin": { "provider_config_key": "hubspot" } } });
    /// let modifiers = Modifiers::new(&only_hubspot, &schema::Allow::default()).unwrap();
    /// let tool = modifiers.find("get_hubspot_account").unwrap();
    /// assert!(modifiers.params(tool, tool.params).iter().all(|param| param.prop.name != "provider_config_key"));
    /// let (args, _) = modifiers.apply(tool, json!({ "connection_id": "ada" }));
    /// assert_eq!(args, json!({ "connection_id": "ada", "provider_config_key": "hubspot" }));
    /// ```
    pub fn new(given: &Value, allow: &Allow) -> Result<Modifiers, Error> {
        Modifiers::check(given, allow)?;
        Modifiers::of_checked(given.as_object().cloned().unwrap_or_default())
    }

    /// Validates a value for [`Modifiers::of_checked`].
    ///
    /// # Errors
    /// As [`Modifiers::new`].
    pub(crate) fn check(given: &Value, allow: &Allow) -> Result<(), Error> {
        let issues = Modifiers::issues(given, allow);
        if issues.is_empty() { Ok(()) } else { Err(invalid(issues)) }
    }

    /// Reads modifiers that were checked.
    ///
    /// # Errors
    /// They are invalid.
    pub(crate) fn of_checked(given: Object) -> Result<Modifiers, Error> {
        let mut all = Vec::new();
        for (name, change) in given {
            let Some(tool) = tools::find(&name) else { return Err(tools::unknown(&name)) };
            let Some(change) = Change::of(&change) else { return Err(invalid(Issues::default())) };
            all.push(Modifier { tool: tool.slug, change });
        }
        Ok(Modifiers(all))
    }

    /// Every issue of a value that should be modifiers.
    pub(crate) fn issues(given: &Value, allow: &Allow) -> Issues {
        let mut issues = settings::check(&MODIFIERS, given);
        let mut tools_so_far = Object::new();
        let mut names_so_far = Object::new();
        for (name, value) in given.as_object().into_iter().flatten() {
            let Some(tool) = tools::find(name) else {
                issues.extend_with([name], |name| settings::unknown_tool(&[name], name));
                continue;
            };
            if tools_so_far.insert(tool.slug.to_owned(), Value::Null).is_some() {
                let message = format!("another entry already changes {}", tool.slug);
                issues.append(within(name, Issue::new(Vec::new(), "custom", message)));
            }
            let Some(change) = Change::of(value) else { continue };
            issues.append(within(name, change.issues(tool, allow)));
            if let Some(rename) = change.rename
                && names_so_far.insert(rename, Value::Null).is_some()
            {
                let message = "another tool already has this name";
                let issue = Issue::new(vec!["rename".to_owned()], "custom", message);
                issues.append(within(name, issue));
            }
        }
        issues
    }

    fn of(&self, tool: &Tool) -> Option<&Change> {
        self.0.iter().find(|one| one.tool == tool.slug).map(|one| &one.change)
    }

    /// The tool with this name: its new name, its slug or an alias.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&'static Tool> {
        let renamed = self.0.iter().find(|one| one.change.rename.as_deref() == Some(name));
        tools::find(renamed.map_or(name, |one| one.tool))
    }

    /// The name and the description of a tool.
    #[must_use]
    pub fn words<'m>(&'m self, tool: &'m Tool) -> (&'m str, &'m str) {
        let change = self.of(tool);
        let name = change.and_then(|change| change.rename.as_deref());
        let description = change.and_then(|change| change.description.as_deref());
        (name.unwrap_or(tool.slug), description.unwrap_or(tool.doc))
    }

    /// The arguments of `params` that an agent can set; those with a default are optional.
    #[must_use]
    pub fn params(&self, tool: &Tool, params: &[Param]) -> Vec<Param> {
        let mut out = params.to_vec();
        if let Some(change) = self.of(tool) {
            out.retain(|param| !change.hides(param.prop.name));
            for param in &mut out {
                param.prop.required &= !change.default.contains_key(param.prop.name);
            }
        }
        out
    }

    /// Arguments before the check, with pinned values and defaults added, and an issue for each hidden argument
    /// that was given.
    #[must_use]
    pub fn apply(&self, tool: &Tool, args: Value) -> (Value, Vec<Issue>) {
        let mut issues = Vec::new();
        let Some(change) = self.of(tool) else { return (args, issues) };
        let mut args = match schema::object_of(args) {
            Ok(args) => args,
            Err(other) => return (other, issues),
        };
        for name in change.hidden() {
            // If any JSON is allowed, `null` is a value too: the agent's value is always removed.
            if args.shift_remove(name).is_some_and(|given| !given.is_null()) {
                let message = format!("`{name}` is not an argument of this tool here");
                issues.push(Issue::new(vec![name.to_owned()], "unrecognized_keys", message));
            }
        }
        args.extend(change.pin.clone());
        for (name, value) in &change.default {
            if args.get(name).is_none_or(Value::is_null) {
                args.insert(name.clone(), value.clone());
            }
        }
        (Value::Object(args), issues)
    }
}

impl Change {
    /// From its JSON form; `None` if a property is unknown or has the wrong type.
    fn of(given: &Value) -> Option<Change> {
        let mut change = Change::default();
        for (name, value) in given.as_object()? {
            match (name.as_str(), value) {
                ("rename", Value::String(name)) => change.rename = Some(name.clone()),
                ("description", Value::String(text)) => change.description = Some(text.clone()),
                ("hide", Value::Array(names)) if names.len() <= MAX_HIDDEN as usize => {
                    for name in names {
                        change.hide.push(name.as_str()?.to_owned());
                    }
                }
                ("default", Value::Object(values)) => change.default = values.clone(),
                ("pin", Value::Object(values)) => change.pin = values.clone(),
                _ => return None,
            }
        }
        Some(change)
    }

    /// The arguments that agents do not see, each once.
    fn hidden(&self) -> impl Iterator<Item = &str> {
        let pinned = self.pin.keys().filter(|name| !self.hide.contains(name));
        self.hide.iter().chain(pinned).map(String::as_str)
    }

    fn hides(&self, name: &str) -> bool {
        self.hidden().any(|hidden| hidden == name)
    }

    /// The issues of changes to `tool`, each with a path within them.
    fn issues(&self, tool: &Tool, allow: &Allow) -> Issues {
        let mut issues = Issues::default();
        if self.rename.as_ref().is_some_and(|name| !is_name(tool, name)) {
            let message =
                "expected 1 to 64 letters, digits, `_` and `-` that are not the name of another tool";
            issues.push(Issue::new(vec!["rename".to_owned()], "invalid_format", message));
        }
        // Only the values are checked: the agent sets the other arguments.
        let mut values: Object = self.hide.iter().map(|name| (name.clone(), Value::Null)).collect();
        values.extend(self.pin.clone());
        values.extend(self.default.clone());
        for issue in schema::check(tool, Value::Object(values), allow).err().into_iter().flatten() {
            let Some(argument) = issue.path.first() else { continue };
            let part = if self.default.contains_key(argument) {
                "default"
            } else if self.pin.contains_key(argument) {
                "pin"
            } else if self.hide.contains(argument) {
                "hide"
            } else {
                continue;
            };
            issues.append(within(part, issue));
        }
        issues
    }
}

fn invalid(issues: Issues) -> Error {
    settings::error("modifiers", INVALID_OPTION, issues)
}

fn is_name(tool: &Tool, name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
        && tools::find(name).is_none_or(|other| other.slug == tool.slug)
}
