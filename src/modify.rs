//! Tools as an operator wants agents to see them: another name or description, arguments hidden, given a
//! default, or pinned to a value. What is shown and what runs agree, since both are asked here. Functions of a
//! host that run before and after calls are the host's.

use crate::error::{Error, ErrorKind, Issue};
use crate::json::{Object, Value};
use crate::schema::{self, Allow};
use crate::text::{clip, fill};
use crate::tool::{Param, Tool};
use crate::tools;

/// Changes to tools.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Modifiers(Vec<Change>);

/// Changes to one tool.
#[derive(Debug, Clone, PartialEq)]
struct Change {
    tool: &'static str,
    /// Its new name, and what is said of it; its own where empty.
    name: String,
    doc: String,
    /// What agents do not see; the values stand in `pins`, where there is one.
    hidden: Object,
    pins: Object,
    defaults: Object,
}

impl Modifiers {
    /// Reads `{ "SLUG": { rename?, description?, hide?: [name…], default?: { name: value }, pin?: { name: value } } }`.
    ///
    /// # Errors
    /// `internal` with code `invalid_option`: what is wrong, and where.
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
        let mut all = Modifiers::default();
        let Some(given) = given.as_object() else { return Err(misuse("`modify` must be an object", &[])) };
        for (name, change) in given.iter() {
            let tool = tools::find(name).ok_or_else(|| tools::unknown(name))?;
            let change = Change::new(tool, change, allow)?;
            let taken =
                |one: &Change| one.tool == tool.slug || !one.name.is_empty() && one.name == change.name;
            if all.0.iter().any(taken) {
                return Err(misuse("two entries of `modify` have one tool or name: `{}`", &[tool.slug]));
            }
            all.0.push(change);
        }
        Ok(all)
    }

    fn of(&self, tool: &Tool) -> Option<&Change> {
        self.0.iter().find(|change| change.tool == tool.slug)
    }

    /// The tool with this name: its new one, its slug or an alias.
    pub fn find(&self, name: &str) -> Option<&'static Tool> {
        let renamed = self.0.iter().find(|change| change.name == name && !name.is_empty());
        tools::find(renamed.map_or(name, |change| change.tool))
    }

    /// What a tool is called, and what is said of it.
    pub fn words<'m>(&'m self, tool: &'m Tool) -> (&'m str, &'m str) {
        let (mut name, mut doc) = (tool.slug, tool.doc);
        if let Some(change) = self.of(tool) {
            name = if change.name.is_empty() { name } else { &change.name };
            doc = if change.doc.is_empty() { doc } else { &change.doc };
        }
        (name, doc)
    }

    /// The arguments of `params` that are left to an agent; those with a default need not be given.
    pub fn params(&self, tool: &Tool, params: &[Param]) -> Vec<Param> {
        let mut out = params.to_vec();
        if let Some(change) = self.of(tool) {
            out.retain(|param| !change.hidden.contains_key(param.prop.name));
            for param in &mut out {
                param.prop.required &= !change.defaults.contains_key(param.prop.name);
            }
        }
        out
    }

    /// Arguments with what is pinned or has a default, before the check; and what an agent gave though it
    /// was not its to give.
    pub fn apply(&self, tool: &Tool, args: Value) -> (Value, Vec<Issue>) {
        let mut issues = Vec::new();
        let Some(change) = self.of(tool) else { return (args, issues) };
        let mut args = match schema::object_of(args) {
            Ok(args) => args,
            Err(other) => return (other, issues),
        };
        for name in change.hidden.keys() {
            // Where any JSON is allowed `null` is a value too: none of the agent's stays.
            if args.shift_remove(name).is_some_and(|given| !given.is_null()) {
                let message = format!("`{name}` is no argument of this tool here");
                issues.push(Issue::new(vec![name.clone()], "unrecognized_keys", message));
            }
        }
        args.extend(change.pins.clone());
        for (name, value) in change.defaults.iter() {
            if args.get(name).is_none_or(Value::is_null) {
                args.insert(name.clone(), value.clone());
            }
        }
        (Value::Object(args), issues)
    }
}

impl Change {
    fn new(tool: &'static Tool, given: &Value, allow: &Allow) -> Result<Change, Error> {
        let (name, doc) = (String::new(), String::new());
        let mut change = Change {
            tool: tool.slug,
            name,
            doc,
            hidden: Object::new(),
            pins: Object::new(),
            defaults: Object::new(),
        };
        let Some(given) = given.as_object() else {
            return Err(misuse("`modify.{}` must be an object", &[tool.slug]));
        };
        for (kind, value) in given.iter() {
            let text = value.as_str().unwrap_or_default();
            match (kind.as_str(), value) {
                ("rename", _) if is_name(tool, text) => text.clone_into(&mut change.name),
                ("description", _) if !text.is_empty() => text.clone_into(&mut change.doc),
                ("hide", Value::Array(names)) => {
                    for name in names {
                        let name = name.as_str().unwrap_or_default();
                        if !change.hidden.contains_key(name) {
                            change.hidden.insert(name.to_owned(), Value::Null);
                        }
                    }
                }
                ("default", Value::Object(values)) => change.defaults = values.clone(),
                ("pin", Value::Object(values)) => {
                    change.hidden.extend(values.clone());
                    change.pins = values.clone();
                }
                _ => {
                    let error = misuse("`modify.{}.{}` is not good", &[tool.slug, &clip(kind, 64)]);
                    return Err(error.hint(FORM));
                }
            }
        }
        // Defaults and pins alone: what they leave open and can be seen is for the agent to give.
        let mut set = change.hidden.clone();
        set.extend(change.defaults.clone());
        for issue in schema::check(tool, Value::Object(set.clone()), allow).err().into_iter().flatten() {
            if let Some(name) = issue.path.first().filter(|&name| set.contains_key(name)) {
                let form = "`modify.{}` leaves `{}` with no good value: {}";
                return Err(misuse(form, &[tool.slug, &clip(name, 64), &issue.message]));
            }
        }
        Ok(change)
    }
}

const FORM: &str = "give `rename` 1 to 64 letters, digits, `_` and `-` that name no other tool, `description` a text, `hide` a list of arguments, `default` and `pin` an object of arguments and their values";

fn is_name(tool: &Tool, name: &str) -> bool {
    let good = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    (1..=64).contains(&name.len())
        && name.bytes().all(good)
        && tools::find(name).is_none_or(|other| other.slug == tool.slug)
}

fn misuse(form: &str, parts: &[&str]) -> Error {
    Error::new(ErrorKind::Internal, fill(form, parts)).code("invalid_option")
}
