//! A refusal repairs itself: whatever a model gets wrong about one argument, the issues and their hints alone say
//! how to put it right, in one step.

use crate::common::args::good;
use crate::common::random::Random;
use nango_toolkit::error::Issue;
use nango_toolkit::schema::{Allow, check};
use nango_toolkit::tool::{ParamRule, ParamType, Property, Tool};
use nango_toolkit::tools;
use serde_json::{Map, Value, json};

/// What went wrong, where, and the arguments with it.
struct Fault {
    what: String,
    args: Value,
}

/// Every fault of one property of the object at `path`.
fn faults(args: &Value, path: &[String], property: &Property) -> Vec<Fault> {
    let name = property.name;
    let mut all = Vec::new();
    let mut add = |what: &str, change: &dyn Fn(&mut Map<String, Value>)| {
        let mut args = args.clone();
        change(at(&mut args, path).unwrap().as_object_mut().unwrap());
        all.push(Fault { what: format!("{what} at {path:?}.{name}"), args });
    };
    if property.required {
        add("missing", &|map| drop(map.remove(name)));
    }
    for wrong in misspelt(name) {
        add(&format!("misspelt {wrong}"), &|map| {
            let value = map.remove(name).unwrap();
            map.insert(wrong.clone(), value);
        });
    }
    // An object without its parts is more than one mistake.
    let wrong_types = [json!(true), json!(1.5), json!({ "": 1 }), json!("?"), json!([])];
    let holds_object = at(&mut args.clone(), path).unwrap()[name].is_object();
    for wrong in wrong_types.iter().filter(|wrong| !(holds_object && wrong.is_object())) {
        add(&format!("given {wrong}"), &|map| drop(map.insert(name.to_owned(), wrong.clone())));
    }
    if let ParamType::Choice(options) = property.kind {
        for option in options {
            for wrong in [format!("{option}s"), option.to_uppercase(), "none_of_them".to_owned()] {
                add(&format!("given {wrong}"), &|map| drop(map.insert(name.to_owned(), json!(wrong))));
            }
        }
    }
    all
}

/// A name as models and people get it wrong.
fn misspelt(name: &str) -> Vec<String> {
    let mut words = name.split('_');
    let first = words.next().unwrap().to_owned();
    let camel = words.fold(first, |all, word| all + &word[..1].to_uppercase() + &word[1..]);
    let mut swapped: Vec<char> = name.chars().collect();
    let middle = swapped.len() / 2;
    swapped.swap(middle - 1, middle);
    // In a short name two letters are too much of it: it could be any other.
    let swapped = if name.len() < 6 { name.to_owned() } else { String::from_iter(swapped) };
    let all = [camel, name.to_uppercase(), format!("{name}s"), name.replace('_', "-"), swapped];
    all.into_iter().filter(|wrong| wrong != name).collect()
}

fn at<'v>(value: &'v mut Value, path: &[String]) -> Option<&'v mut Value> {
    path.iter().try_fold(value, |value, step| match value {
        Value::Object(map) => map.get_mut(step),
        Value::Array(list) => list.get_mut(step.parse::<usize>().ok()?),
        _ => None,
    })
}

/// What stands in backticks.
fn quoted(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// A value that the words of a message ask for; what a model means to say, where the words leave that to it.
fn asked_for(message: &str, meant: Option<&Value>) -> Option<Value> {
    let words = message.strip_prefix("expected ")?.split(", got ").next()?;
    if let Some(number) = words.strip_prefix("a whole number from ") {
        return Some(json!(number.split(' ').next()?.parse::<i64>().ok()?));
    }
    if words.starts_with("true or false") {
        return Some(json!(true));
    }
    if words.starts_with("one of ") {
        return Some(json!(quoted(words).first()?));
    }
    meant.cloned()
}

/// The arguments after the one step that the issues ask for; `None` where they ask for nothing that can be done.
fn repaired(mut args: Value, issues: &[Issue], meant: &Value) -> Option<Value> {
    // What is misspelt first: it is what seems to be missing.
    for issue in issues.iter().filter(|issue| issue.code == "unrecognized_keys") {
        let (name, path) = issue.path.split_last()?;
        let map = at(&mut args, path)?.as_object_mut()?;
        let value = map.remove(name)?;
        let hint = issue.hint.as_deref()?;
        if hint.starts_with("did you mean") {
            map.insert(quoted(hint).first()?.to_string(), value);
        } else if !hint.contains("leave it out") {
            return None;
        }
    }
    for issue in issues.iter().filter(|issue| issue.code != "unrecognized_keys") {
        let value = at(&mut meant.clone(), &issue.path).cloned();
        // What another argument was missed for is there by now, under its right name.
        let goes_with =
            issue.hint.as_deref().and_then(|hint| hint.strip_prefix("give `")?.strip_suffix("` too"));
        let one_of = issue.message.strip_prefix("expected at least one of ");
        let missed = goes_with.map_or_else(|| one_of.map(quoted).unwrap_or_default(), |name| vec![name]);
        if missed.iter().any(|name| args.get(name).is_some()) {
            continue;
        }
        let near = issue.hint.as_deref().filter(|hint| hint.starts_with("did you mean"));
        let value = match near {
            Some(hint) => json!(quoted(hint).first()?),
            None => asked_for(&issue.message, value.as_ref())?,
        };
        let (name, path) = issue.path.split_last()?;
        match at(&mut args, path)? {
            Value::Object(map) if issue.code == "required" => drop(map.entry(name).or_insert(value)),
            Value::Object(map) => drop(map.insert(name.clone(), value)),
            Value::Array(list) => *list.get_mut(name.parse::<usize>().ok()?)? = value,
            _ => return None,
        }
    }
    Some(args)
}

/// The objects of declared properties in good arguments: where each is, and what it may hold.
fn objects<'t>(
    value: &Value,
    path: &[String],
    properties: impl Iterator<Item = &'t Property>,
    found: &mut Vec<(Vec<String>, &'t Property)>,
) {
    for property in properties.filter(|property| value.get(property.name).is_some()) {
        found.push((path.to_vec(), property));
        if let ParamType::Object(inner) | ParamType::Open(inner) | ParamType::NameOr { object: inner, .. } =
            property.kind
        {
            let below = [path, &[property.name.to_owned()]].concat();
            objects(&value[property.name], &below, inner.iter(), found);
        }
    }
}

/// What remains wrong after one step, if anything does.
fn stubborn(tool: &Tool, fault: &Fault, meant: &Value) -> Option<String> {
    let allow = Allow::default();
    let Err(issues) = check(tool, fault.args.clone(), &allow) else { return None };
    let Some(again) = repaired(fault.args.clone(), &issues, meant) else {
        return Some(format!("{}: {}: no step in {issues:?}", tool.slug, fault.what));
    };
    let left = check(tool, again, &allow).err()?;
    Some(format!("{}: {}: {issues:?} left {left:?}", tool.slug, fault.what))
}

#[test]
fn every_single_mistake_is_repaired_in_one_step() {
    let (mut seen, mut wrong) = (0, Vec::new());
    for tool in tools::all() {
        for seed in 0..12 {
            let meant = good(&mut Random::new(seed), tool);
            if check(tool, meant.clone(), &Allow::default()).is_err() {
                continue;
            }
            let mut places = Vec::new();
            objects(&meant, &[], tool.params.iter().map(|param| &param.prop), &mut places);
            let mut all: Vec<Fault> =
                places.iter().flat_map(|(path, property)| faults(&meant, path, property)).collect();
            // Where one value decides what else must be given, another value is more than one mistake.
            let decide = |name: &str| {
                tool.rules
                    .iter()
                    .any(|rule| matches!(rule, ParamRule::Case { name: deciding, .. } if *deciding == name))
            };
            all.retain(|fault| {
                !tool.params.iter().any(|param| {
                    decide(param.prop.name) && fault.what.ends_with(&format!("[].{}", param.prop.name))
                })
            });
            for extra in ["frobnicate", "x", "__proto__", "naïve name"] {
                let mut args = meant.clone();
                args[extra] = json!("?");
                all.push(Fault { what: format!("extra {extra}"), args });
            }
            seen += all.len();
            wrong.extend(all.iter().filter_map(|fault| stubborn(tool, fault, &meant)));
        }
    }
    println!("{seen} mistakes");
    assert!(seen > 5_000, "{seen} mistakes");
    assert!(wrong.is_empty(), "{} of {seen}:\n{}", wrong.len(), wrong[..wrong.len().min(25)].join("\n"));
}
