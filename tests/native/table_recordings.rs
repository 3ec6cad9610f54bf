//! Compares the declared results of tools with every successful response that was recorded from a Nango
//! server.

use std::collections::BTreeMap;

use crate::common::{NEWER, OLDER, recordings};
use nango_toolkit::tool::ResponseType;
use nango_toolkit::tools;
use serde_json::Value;

/// Where `value` does not have the declared structure, as `path: why`.
fn misfits(shape: &ResponseType, value: &Value, path: &str, out: &mut Vec<String>) {
    let mut not = |what: &str| out.push(format!("{path}: {value} is not {what}"));
    match (shape, value) {
        (ResponseType::Any, _)
        | (ResponseType::Nothing, Value::Null)
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
        (ResponseType::Object(fields) | ResponseType::Open(fields), Value::Object(map)) => {
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

/// Tools of which no success was recorded, and why.
const UNRECORDED: &[(&str, &[&str])] = &[
    (
        "the recorded server is older",
        &[
            "NANGO_CREATE_API_KEY",
            "NANGO_CREATE_AGENT_SESSION",
            "NANGO_DELETE_AGENT_SESSION",
            "NANGO_GET_API_KEY",
            "NANGO_GET_FUNCTION_BY_UUID",
            "NANGO_GET_FUNCTION_INVOCATION",
            "NANGO_INVOKE_FUNCTION",
            "NANGO_LIST_ALL_FUNCTIONS",
            "NANGO_LIST_API_KEYS",
            "NANGO_LIST_ENVIRONMENTS",
            "NANGO_UPDATE_FUNCTION",
        ],
    ),
    (
        "it has no sandbox to compile and run code in",
        &[
            "NANGO_COMPILE_FUNCTION",
            "NANGO_CREATE_FUNCTION_DEPLOYMENT",
            "NANGO_CREATE_FUNCTION_DRYRUN",
            "NANGO_GET_FUNCTION_DEPLOYMENT",
            "NANGO_GET_FUNCTION_DRYRUN",
        ],
    ),
    ("it has no developer apps of Nango's", &["NANGO_CREATE_QUICKSTART_INTEGRATION"]),
    ("its functions are deployed from a repository, and are deleted there", &["NANGO_DELETE_FUNCTION"]),
];

#[test]
fn recorded_answers_have_the_declared_form() {
    let mut counts: BTreeMap<&str, usize> = tools::all().map(|t| (t.slug, 0)).collect();
    let mut problems = Vec::new();
    for recording in recordings(OLDER).into_iter().chain(recordings(NEWER)) {
        let tool = recording.slug.as_deref().and_then(tools::find);
        let Some(tool) = tool.filter(|_| (200..300).contains(&recording.status)) else { continue };
        *counts.get_mut(tool.slug).unwrap() += 1;
        let mut found = Vec::new();
        misfits(&tool.returns, &recording.answer, "body", &mut found);
        problems.extend(found.iter().map(|p| format!("{} `{}`: {p}", tool.slug, recording.place())));
    }
    assert!(problems.is_empty(), "{} misfits:\n{}", problems.len(), problems.join("\n"));
    let unseen: Vec<&str> = counts.iter().filter(|(_, n)| **n == 0).map(|(slug, _)| *slug).collect();
    println!("{} answers", counts.values().sum::<usize>());
    let mut expected: Vec<&str> = UNRECORDED.iter().flat_map(|(_, slugs)| *slugs).copied().collect();
    expected.sort_unstable();
    assert_eq!(unseen, expected, "tools of which no success was recorded");
}
