//! What tools declare to return, against every successful answer that was recorded from a Nango
//! server. Skipped with a word where the contract folder is absent.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use nango_toolkit::tool::{ResponseType, Tool};
use nango_toolkit::tools;
use serde_json::Value;

/// Where `value` is not of the form, as `path: why`.
fn misfits(shape: &ResponseType, value: &Value, path: &str, out: &mut Vec<String>) {
    let mut not = |what: &str| out.push(format!("{path}: {value} is not {what}"));
    match (shape, value) {
        (ResponseType::Any, _)
        | (ResponseType::Text, Value::String(_))
        | (ResponseType::Boolean, Value::Bool(_)) => {}
        (ResponseType::Maybe(_), Value::Null) => {}
        (ResponseType::Maybe(of), value) => misfits(of, value, path, out),
        (ResponseType::Time, Value::String(s)) if s.len() >= 20 && s.as_bytes()[10] == b'T' => {}
        (ResponseType::Integer, Value::Number(n)) if n.is_i64() => {}
        (ResponseType::Choice(options), Value::String(s)) if options.contains(&s.as_str()) => {}
        (ResponseType::List(of), Value::Array(items)) => {
            items.iter().enumerate().for_each(|(i, item)| misfits(of, item, &format!("{path}.{i}"), out));
        }
        (ResponseType::Map(of), Value::Object(map)) => {
            map.iter().for_each(|(name, item)| misfits(of, item, &format!("{path}.{name}"), out));
        }
        (ResponseType::Object(fields), Value::Object(map)) => {
            for field in *fields {
                match map.get(field.name) {
                    Some(value) => misfits(&field.shape, value, &format!("{path}.{}", field.name), out),
                    None if field.always => out.push(format!("{path}: there is no {}", field.name)),
                    None => {}
                }
            }
        }
        (ResponseType::OneOf(forms), value) => {
            let fits = |form: &&ResponseType| {
                let mut found = Vec::new();
                misfits(form, value, path, &mut found);
                found.is_empty()
            };
            if !forms.iter().any(|form| fits(&form)) {
                not("one of the forms");
            }
        }
        (shape, _) => not(&format!("{shape:?}")),
    }
}

/// The tool whose request this is: the one with the fewest placeholders, if several fit.
fn tool_of(method: &str, path: &str) -> Option<&'static Tool> {
    let fits = |tool: &&Tool| {
        let (mut ours, mut theirs) = (tool.path.split('/'), path.split('/'));
        loop {
            match (ours.next(), theirs.next()) {
                (None, None) => return true,
                (Some("{anyPath}"), Some(_)) => return true,
                (Some(a), Some(b)) if a == b || a.starts_with('{') && !b.is_empty() => {}
                _ => return false,
            }
        }
    };
    let found = tools::all().filter(|t| t.method.as_str() == method).filter(fits);
    found.min_by_key(|t| t.path.matches('{').count())
}

#[test]
fn recorded_answers_have_the_declared_form() {
    let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/contract/recordings");
    let Ok(entries) = std::fs::read_dir(dir) else {
        println!("skipped: ../shared/contract/recordings is not there");
        return;
    };
    let mut counts: BTreeMap<&str, usize> = tools::all().map(|t| (t.slug, 0)).collect();
    let mut problems = Vec::new();
    for entry in entries {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        let recordings: Vec<Value> = serde_json::from_str(&text).unwrap();
        for recording in recordings {
            let (request, response) = (&recording["request"], &recording["response"]);
            let status = response["status"].as_u64().unwrap();
            let path = request["path"].as_str().unwrap_or_default();
            let tool = tool_of(request["method"].as_str().unwrap_or_default(), path);
            let Some(tool) = tool.filter(|_| (200..300).contains(&status)) else { continue };
            *counts.get_mut(tool.slug).unwrap() += 1;
            let mut found = Vec::new();
            misfits(&tool.returns, &response["body"], "body", &mut found);
            problems.extend(found.iter().map(|p| format!("{} `{}`: {p}", tool.slug, recording["name"])));
        }
    }
    assert!(problems.is_empty(), "{} misfits:\n{}", problems.len(), problems.join("\n"));
    let unseen: Vec<&str> = counts.iter().filter(|(_, n)| **n == 0).map(|(slug, _)| *slug).collect();
    println!("{} answers; none recorded of {unseen:?}", counts.values().sum::<usize>());
    assert_eq!(unseen, ["NANGO_LIST_INTEGRATIONS"], "of every other tool a success was recorded");
}
