//! The strict reader of options: everything that a programmer passes as JSON (options of toolkits and calls,
//! sessions, policies, modifiers, filters) is checked here against a table, reporting all mistakes, and then read
//! into its type. Arguments of an agent are checked and repaired in [`crate::schema`]; options are not repaired.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::error::{Error, ErrorKind, Issue, Issues};
use crate::json::{Object, Value, parse};
use crate::nearest::nearest;
use crate::schema::check_strictly;
use crate::text::{clip, dotted};
use crate::tool::{ParamType, StringFormat, StringSpec, Tool, Toolset};
use crate::tools;

/// The code of an error about options without their own code.
pub(crate) const INVALID_OPTION: &str = "invalid_option";

/// A string that is not empty.
pub(crate) const STRING: ParamType =
    ParamType::Text(StringSpec { min: 1, max: u32::MAX, form: StringFormat::Any });
/// Any number of such strings.
pub(crate) const STRINGS: ParamType = ParamType::List { of: &STRING, min: 0, max: u32::MAX, unique: false };
/// A string of any length.
pub(crate) const ANY_STRING: ParamType =
    ParamType::Text(StringSpec { min: 0, max: u32::MAX, form: StringFormat::Any });
/// A whole number of at least 0.
pub(crate) const NATURAL: ParamType = ParamType::Integer { min: 0, max: i64::MAX };
/// A whole number of at least 1.
pub(crate) const POSITIVE: ParamType = ParamType::Integer { min: 1, max: i64::MAX };

/// Parses the JSON text of options.
///
/// # Errors
/// The text is not JSON.
pub(crate) fn parse_json(text: &str) -> Result<Value, Issues> {
    parse(text).map_err(|error| {
        let message = format!("expected a JSON object, got text that is not JSON: {error}");
        Issue::new(Vec::new(), "invalid_json", message).into()
    })
}

/// Every way in which `value` differs from `table`. `null` is a mistake everywhere: see
/// [`without_nulls`] for the options that may be `null`.
pub(crate) fn check(table: &ParamType, value: &Value) -> Issues {
    let mut issues = check_strictly(table, value);
    for issue in issues.iter_mut() {
        issue.hint = issue.hint.take().filter(|hint| !hint.is_empty());
        if issue.hint.is_none() && issue.message.ends_with("got null") {
            issue.hint = Some("leave it out if it is not set: `null` could mean everything".to_owned());
        }
    }
    issues
}

/// The value without those of the properties `names` that are `null`. Only for options that, if left out, do not
/// allow more than with any value.
pub(crate) fn without_nulls(mut value: Value, names: &[&str]) -> Value {
    if let Value::Object(map) = &mut value {
        map.retain(|name, value| !(value.is_null() && names.contains(&name.as_str())));
    }
    value
}

/// The issues of a property called `name`, as issues of the object that has it.
pub(crate) fn within(name: &str, issues: impl Into<Issues>) -> Issues {
    let mut issues = issues.into();
    for issue in issues.iter_mut() {
        issue.path.insert(0, clip(name, 64));
    }
    issues
}

/// The issue of an unknown name, with the most similar existing name, or all of them.
pub(crate) fn unknown(path: &[&str], kind: &str, name: &str, known: &[&str]) -> Issue {
    let path = path.iter().map(|step| (*step).to_owned()).collect();
    let message = format!("there is no {kind} `{}`", clip(name, 64));
    let hint = match nearest(name, known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("expected one of `{}`", known.join("`, `")),
    };
    Issue::new(path, "invalid_value", message).hint(hint)
}

/// The name that stands for every toolset.
pub(crate) const ALL_TOOLSETS: &str = "all";

/// The value with the names of every toolset where `toolsets` is `"all"`, or a list that contains it.
pub(crate) fn with_all_toolsets(mut value: Value) -> Value {
    if let Some(toolsets) = value.get_mut("toolsets") {
        let all = Value::from(ALL_TOOLSETS);
        if *toolsets == all || toolsets.as_array().is_some_and(|list| list.contains(&all)) {
            *toolsets = Toolset::ALL.iter().map(|toolset| Value::from(toolset.as_str())).collect();
        }
    }
    value
}

/// An issue for each unknown name in `value.toolsets`.
pub(crate) fn toolset_issues(value: &Value) -> Issues {
    let mut known: Vec<&str> = Toolset::ALL.iter().map(|toolset| toolset.as_str()).collect();
    known.push(ALL_TOOLSETS);
    let wrong = strings(value, "toolsets").filter(|(_, name)| !known.contains(name));
    let mut issues = Issues::default();
    issues.extend_with(wrong, |(at, name)| unknown(&["toolsets", &at.to_string()], "toolset", name, &known));
    issues
}

/// An issue for each name in `value.tools` that `find` does not find.
pub(crate) fn tool_issues(value: &Value, find: impl Fn(&str) -> Option<&'static Tool>) -> Issues {
    let wrong = strings(value, "tools").filter(|(_, name)| find(name).is_none());
    let mut issues = Issues::default();
    issues.extend_with(wrong, |(at, name)| unknown_tool(&["tools", &at.to_string()], name));
    issues
}

/// The strings of a list, with their positions; without empty ones, which already have an issue.
fn strings<'v>(value: &'v Value, name: &str) -> impl Iterator<Item = (usize, &'v str)> {
    let list = value.get(name).and_then(Value::as_array);
    let all = list.into_iter().flatten().enumerate();
    all.filter_map(|(at, item)| Some((at, item.as_str().filter(|text| !text.is_empty())?)))
}

/// The issue of a name that no tool has.
pub(crate) fn unknown_tool(path: &[&str], name: &str) -> Issue {
    let Error { message, hint, .. } = tools::unknown(name);
    let path = path.iter().map(|step| clip(step, 64)).collect();
    Issue { hint, ..Issue::new(path, "invalid_value", message) }
}

/// The error of a value that cannot be read. `noun` names the value, and the message contains the first issue,
/// since some hosts show nothing else.
pub(crate) fn error(noun: &str, code: &str, issues: Issues) -> Error {
    let mut message = format!("the {noun} cannot be used");
    let mut hint = None;
    if let Some(first) = issues.iter().next() {
        let place = dotted(&first.path);
        message = match (&*first.code, place.is_empty()) {
            ("unrecognized_keys", _) => format!("there is no option `{place}`"),
            (_, true) => format!("{message}: {}", first.message),
            (_, false) => format!("{message}: `{place}`: {}", first.message),
        };
        hint.clone_from(&first.hint);
    }
    if issues.count() > 1 {
        message.push_str(&format!(" (and {} more)", issues.count() - 1));
    }
    let mut error = Error::new(ErrorKind::InvalidOption, message).code(code);
    error.hint = hint;
    error.issues = issues.into();
    error
}

/// Converts a checked object to its type.
///
/// # Errors
/// The type accepts less than the table: a fault in this package, which must not let a wrong option pass.
pub(crate) fn typed<T: DeserializeOwned>(value: Value) -> Result<T, Issues> {
    let Value::Object(object) = value else { return Err(mistyped("expected an object")) };
    T::deserialize(object).map_err(|error| mistyped(&error.to_string()))
}

fn mistyped(message: &str) -> Issues {
    Issue::new(Vec::new(), "invalid_value", clip(message, 200)).into()
}

/// Reads an optional property that must be an object: not `null`, and not an array of values, which serde accepts.
pub(crate) fn object<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: DeserializeOwned,
    D: serde::Deserializer<'de>,
{
    let object = Object::deserialize(deserializer)?;
    T::deserialize(object).map(Some).map_err(serde::de::Error::custom)
}

/// Reads an optional object where `null` means unset.
pub(crate) fn object_or_null<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: DeserializeOwned,
    D: serde::Deserializer<'de>,
{
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(None),
        value => object(value).map_err(serde::de::Error::custom),
    }
}

/// Reads an optional property that must not be `null`: without it, more would be allowed than intended.
pub(crate) fn not_null<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: Deserialize<'de>,
    D: serde::Deserializer<'de>,
{
    T::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::tool::Property;

    const TABLE: ParamType = ParamType::Object(&[
        Property::new("name", STRING, "").required(),
        Property::new("flag", ParamType::Boolean, ""),
        Property::new("count", POSITIVE, ""),
        Property::new("names", STRINGS, ""),
        Property::new("one", ParamType::OneOrMany(&STRING), ""),
        Property::new("choice", ParamType::Choice(&["left", "right"]), ""),
        Property::new("inner", ParamType::Object(&[Property::new("flag", ParamType::Boolean, "")]), ""),
        Property::new("tags", ParamType::Tags { min: 1 }, ""),
    ]);

    #[test]
    fn nothing_is_repaired() {
        for (name, value) in [
            ("name", json!(5)),
            ("name", json!("")),
            ("name", json!(null)),
            ("flag", json!("true")),
            ("flag", json!(1)),
            ("flag", json!(null)),
            ("count", json!("5")),
            ("count", json!(5.0)),
            ("count", json!(0)),
            ("names", json!("a")),
            ("names", json!("[\"a\"]")),
            ("names", json!([5])),
            ("one", json!([])),
            ("one", json!(7)),
            ("choice", json!("Left")),
            ("choice", json!(" left")),
            ("inner", json!("{\"flag\":true}")),
            ("inner", json!({ "flag": "false" })),
            ("inner", json!({ "flags": true })),
            ("tags", json!({ "a": 1 })),
            ("tags", json!({ "a": "" })),
            ("other", json!(1)),
        ] {
            let mut given = json!({ "name": "n" });
            given[name] = value.clone();
            let issues: Vec<Issue> = check(&TABLE, &given).into();
            assert_eq!(issues.len(), 1, "{name}: {value}: {issues:?}");
            assert_eq!(issues[0].path[0], name, "{value}");
        }
        for value in [json!("{\"name\":\"n\"}"), json!(null), json!([]), json!("")] {
            assert_eq!(check(&TABLE, &value).count(), 1, "{value}");
        }
        let good = json!({ "name": "n", "flag": false, "count": 1, "names": [], "one": "a", "choice": "left",
            "inner": { "flag": true }, "tags": { "a": "b" } });
        assert!(check(&TABLE, &good).is_empty());
    }

    #[test]
    fn every_mistake_is_told_at_once() {
        let found = check(&TABLE, &json!({ "flag": 1, "inner": { "flagg": true }, "cuont": 1 }));
        let issues: Vec<Issue> = found.into();
        let places: Vec<String> = issues.iter().map(|issue| issue.path.join(".")).collect();
        assert_eq!(places, ["name", "flag", "inner.flagg", "cuont"]);
        assert_eq!(issues[2].hint.as_deref(), Some("did you mean `flag`?"));
        let mut found = Issues::default();
        issues.into_iter().for_each(|issue| found.push(issue));
        let error = error("options", INVALID_OPTION, found);
        assert_eq!(error.kind, ErrorKind::InvalidOption);
        assert!(error.message.ends_with("(and 3 more)"), "{error}");
    }
}
