//! Every recorded response of a real server is decoded correctly: success, Nango's own code, the paths of
//! its issues. The expected values are derived here from the raw recording, not from the crate.

use std::collections::BTreeMap;

use crate::common::{NEWER, OLDER, Recording, operations, recordings, text, unmasked_difference};
use nango_toolkit::error::{Error, ErrorKind};
use nango_toolkit::http::{Data, Redaction, Response, Reveal, Scrub, decode, decode_any};
use nango_toolkit::tools;
use serde_json::{Value, json};

/// The expected result of a response, from the recording:
///
/// * 2xx and 304 are successes, everything else is a failure.
/// * Under `/proxy` an answer is Nango's own only where its `error` is an object whose code the
///   contract lists for the operation at this status, or says it may carry any status; an object
///   with `message`, `code` and `method` and no `error` means a provider that could not be
///   reached; every other failure is the provider's own answer.
/// * The code is `error.code`, or `code` where the provider could not be reached, else the kind.
/// * The issues are `error.errors`, their paths lists of strings.
struct Said {
    success: bool,
    code: Option<String>,
    kind: ErrorKind,
    message: Option<String>,
    paths: Vec<Vec<String>>,
    issue_codes: Vec<String>,
    /// Every other property of the error, which must survive.
    rest: BTreeMap<String, Value>,
}

fn said(recording: &Recording, known: &[(u16, String)]) -> Said {
    let mut said = Said {
        success: (200..300).contains(&recording.status) || recording.status == 304,
        code: None,
        kind: by_status(recording.status),
        message: None,
        paths: Vec::new(),
        issue_codes: Vec::new(),
        rest: BTreeMap::new(),
    };
    if said.success {
        return said;
    }
    let proxy = recording.path.starts_with("/proxy/");
    let error = recording.answer.get("error").and_then(Value::as_object);
    let unreachable = ["message", "code", "method"].iter().all(|n| recording.answer.get(n).is_some());
    match error {
        Some(error) if !proxy || is_known(recording.status, &text(&error["code"]), known) => {
            let code = text(&error["code"]);
            said.kind = by_code(&code).unwrap_or(said.kind);
            said.code = Some(code);
            said.message = error.get("message").map(text);
            for issue in error.get("errors").and_then(Value::as_array).into_iter().flatten() {
                said.paths.push(issue["path"].as_array().unwrap().iter().map(text).collect());
                said.issue_codes.push(text(&issue["code"]));
            }
            let rest = error.iter().filter(|(n, _)| !matches!(n.as_str(), "code" | "message" | "errors"));
            let filled = rest.filter(|(_, v)| **v != json!({}));
            said.rest = filled.map(|(n, v)| (n.clone(), v.clone())).collect();
        }
        None if proxy && unreachable => {
            said.code = Some(text(&recording.answer["code"]));
            said.kind = ErrorKind::Provider;
        }
        _ if proxy => {
            // Without a tool, `decode_any` does not know that this is the proxy: a status that is specific
            // is used.
            let tool = recording.slug.as_deref().and_then(tools::find);
            let plain = tool.is_some()
                || matches!(by_status(recording.status), ErrorKind::Server | ErrorKind::InvalidRequest);
            said.kind = if plain { ErrorKind::Provider } else { by_status(recording.status) };
            said.rest = BTreeMap::from([("body".to_owned(), recording.answer.clone())]);
        }
        // An HTML page of the server itself.
        _ => assert!(recording.answer.is_string(), "{}: an answer of unknown form", recording.place()),
    }
    said
}

fn is_known(status: u16, code: &str, known: &[(u16, String)]) -> bool {
    // "refresh exhausted (424), or refresh failed (inner status)": any status.
    code == "server_error" || known.iter().any(|(s, c)| *s == status && c == code)
}

/// The kind that a status means where no code says more (the words of `ErrorKind`).
fn by_status(status: u16) -> ErrorKind {
    match status {
        400 | 413 | 414 | 422 => ErrorKind::InvalidRequest,
        401 => ErrorKind::Unauthorized,
        403 => ErrorKind::Forbidden,
        404 => ErrorKind::NotFound,
        409 => ErrorKind::Conflict,
        424 => ErrorKind::Provider,
        429 => ErrorKind::RateLimited,
        _ => ErrorKind::Server,
    }
}

/// Codes that say more than their status: something unknown under 400, a failure of a function of
/// the user's or of the third party.
fn by_code(code: &str) -> Option<ErrorKind> {
    match code {
        "unknown_connection" | "unknown_provider_config" | "unknown_sync" | "no_syncs_found" => {
            Some(ErrorKind::NotFound)
        }
        "invalid_credentials" | "connection_test_failed" => Some(ErrorKind::Provider),
        // No argument changes the outcome.
        "invalid_json" | "action_failure" | "server_error" => Some(ErrorKind::Server),
        _ if code.contains("script_") => Some(ErrorKind::Provider),
        _ => None,
    }
}

/// The differences between a decoded error and the recording.
fn compare(error: &Error, said: &Said, recording: &Recording) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut differ = |what: &str, ours: String, theirs: String| {
        if ours != theirs {
            wrong.push(format!("{what} {ours}, the recording says {theirs}"));
        }
    };
    differ("kind", error.kind.as_str().into(), said.kind.as_str().into());
    differ("code", error.code.clone(), said.code.clone().unwrap_or_else(|| said.kind.as_str().into()));
    differ("status", format!("{:?}", error.status), format!("{:?}", Some(recording.status)));
    let paths: Vec<_> = error.issues.iter().map(|i| i.path.clone()).collect();
    differ("issue paths", format!("{paths:?}"), format!("{:?}", said.paths));
    let codes: Vec<_> = error.issues.iter().map(|i| i.code.to_string()).collect();
    differ("issue codes", format!("{codes:?}"), format!("{:?}", said.issue_codes));
    if let Some(message) = &said.message {
        differ("message", error.message.clone(), message.clone());
    }
    if error.message.is_empty() {
        wrong.push("no message".into());
    }
    for (name, value) in &said.rest {
        match error.details.as_ref().and_then(|d| d.get(name)) {
            None => wrong.push(format!("details lack `{name}`: {value}")),
            Some(ours) => {
                wrong.extend(unmasked_difference(ours, value).map(|at| format!("details.{name}.{at}")));
            }
        }
    }
    wrong
}

/// The recorded answer; of the list of providers, which is too long to hand over whole, a summary of
/// each entry (contract section 16, rule 6).
fn shortened(recording: &Recording) -> Value {
    let mut answer = recording.answer.clone();
    if recording.core && recording.slug.as_deref() == Some("NANGO_PROVIDERS_LIST_GET") {
        for entry in answer["data"].as_array_mut().into_iter().flatten() {
            let kept = ["name", "display_name", "auth_mode", "categories", "docs", "logo_url"];
            entry.as_object_mut().unwrap().retain(|name, _| kept.contains(&name.as_str()));
        }
    }
    answer
}

/// The differences between decoded data and the recording. Unknown properties count, too.
fn compare_data(data: &Data, recording: &Recording, masked: bool) -> Vec<String> {
    let Data::Value(ours) = data else { return vec!["no value".into()] };
    let whole = &shortened(recording);
    match unmasked_difference(ours, whole) {
        Some(at) => vec![format!("data {at}")],
        None if !masked && ours != whole => vec!["data is masked though it may be seen".into()],
        None => Vec::new(),
    }
}

fn must_not_be_local(kind: ErrorKind) -> Vec<String> {
    const LOCAL: &[ErrorKind] = &[
        ErrorKind::UnknownTool,
        ErrorKind::InvalidArguments,
        ErrorKind::Denied,
        ErrorKind::ConfirmationRequired,
        ErrorKind::Aborted,
        ErrorKind::Timeout,
        ErrorKind::Network,
        ErrorKind::Internal,
    ];
    if LOCAL.contains(&kind) { vec![format!("the local kind {}", kind.as_str())] } else { Vec::new() }
}

/// Recordings of endpoints that no tool calls: the operation or, where the contract lists none, how the
/// path begins; and why there is no tool.
const NO_TOOL: &[(&str, &str)] = &[
    ("NANGO_MCP_POST", "Nango's own MCP server, which has its own protocol"),
    ("/functions/invocations", "not in the contract"),
    ("/v1/", "endpoints that the user's own functions define"),
    ("/webhook", "called by providers, or on the user's own server by Nango"),
];

/// How many recordings of a set were decoded by a tool, and the total. Every one of them must be decoded
/// correctly.
fn decoded(set: &str, no_tool: &mut BTreeMap<String, usize>) -> (usize, usize) {
    let (recordings, operations) = (recordings(set), operations());
    let mut problems = Vec::new();
    let (mut with_tool, mut failures, mut issues) = (0, 0, 0);
    for recording in &recordings {
        let operation = operations.iter().find(|o| Some(&text(&o["slug"])) == recording.slug.as_ref());
        let known: Vec<(u16, String)> = operation.map(listed).unwrap_or_default();
        let said = said(recording, &known);
        let response = recording.response();
        let tool = recording.slug.as_deref().and_then(tools::find);
        assert!(tool.is_some() || !recording.core, "{} has a tool", recording.place());
        let result = match tool {
            Some(tool) => decode(tool, &response, &Redaction::default(), &Scrub::default()),
            None => decode_any(&response),
        };
        let mut wrong = Vec::new();
        match &result {
            Ok(_) if !said.success => wrong.push("a success".into()),
            Err(error) if said.success => wrong.push(format!("the error {error}")),
            Ok(data) => {
                wrong.extend(compare_data(data, recording, tool.is_some_and(|t| !t.secrets().is_empty())));
                if let Some(tool) = tool {
                    let all = decode(tool, &response, &Reveal::All.into(), &Scrub::default()).unwrap();
                    wrong.extend(compare_data(&all, recording, false));
                }
            }
            Err(error) => {
                wrong.extend(compare(error, &said, recording));
                wrong.extend(must_not_be_local(error.kind));
                failures += 1;
                issues += error.issues.len();
            }
        }
        match tool {
            Some(_) => with_tool += 1,
            None => {
                *no_tool.entry(recording.slug.as_ref().unwrap_or(&recording.path).clone()).or_default() += 1
            }
        }
        problems.extend(wrong.into_iter().map(|w| format!("{}: {w}", recording.place())));
    }
    let all = recordings.len();
    println!("{set}: {all} recordings, {with_tool} of them of tools; {failures} errors with {issues} issues");
    assert!(problems.is_empty(), "{} differences:\n{}", problems.len(), problems.join("\n"));
    (with_tool, all)
}

#[test]
fn every_recording_decodes_to_what_it_says() {
    let mut no_tool = BTreeMap::new();
    assert_eq!(decoded(OLDER, &mut BTreeMap::new()), (762, 799), "recordings of tools, and all");
    assert_eq!(decoded(NEWER, &mut no_tool), (73, 85), "recordings of tools, and all");
    let named = |place: &str| NO_TOOL.iter().filter(|(name, _)| place.starts_with(name)).count();
    let unexplained: Vec<_> = no_tool.keys().filter(|place| named(place) == 0).collect();
    assert!(unexplained.is_empty(), "no tool, and no reason for that: {unexplained:?}");
    let idle: Vec<_> =
        NO_TOOL.iter().filter(|(name, _)| !no_tool.keys().any(|place| place.starts_with(name))).collect();
    assert!(idle.is_empty(), "reasons for nothing: {idle:?}");
}

/// The statuses and codes that the contract lists for an operation. Several may share one entry.
fn listed(operation: &Value) -> Vec<(u16, String)> {
    let mut out = Vec::new();
    for error in operation["errors"].as_array().unwrap() {
        let Some(status) = error["status"].as_u64() else { continue };
        for code in error["code"].as_str().unwrap_or_default().split('|') {
            out.push((status as u16, code.trim().to_owned()));
        }
    }
    out
}

#[test]
fn a_403_names_the_missing_scope() {
    let recordings = recordings(OLDER);
    let mut seen = 0;
    for recording in
        recordings.iter().filter(|r| r.core && r.status == 403 && r.answer["error"]["code"] == "forbidden")
    {
        let words = recording.answer["error"]["message"].as_str().unwrap();
        let Some(scopes) = words.split("Required").nth(1) else { continue };
        let tool = tools::find(recording.slug.as_deref().unwrap()).unwrap();
        let error =
            decode(tool, &recording.response(), &Redaction::default(), &Scrub::default()).unwrap_err();
        let hint = error.hint.unwrap_or_default();
        let named = tool.scopes.iter().any(|scope| hint.contains(scope) && scopes.contains(scope));
        assert!(named, "{}: `{hint}` names none of {scopes}", recording.place());
        seen += 1;
    }
    println!("{seen} answers name a scope");
    assert!(seen >= 10, "{seen} answers name a scope");
}

#[test]
fn no_answer_can_choose_a_kind_that_is_decided_here() {
    let mut seen = 0;
    for tool in tools::all() {
        for kind in ErrorKind::ALL {
            let name = kind.as_str();
            for status in (199..=599)
                .step_by(8)
                .chain([200, 304, 400, 401, 403, 404, 408, 409, 424, 429, 500, 502, 503, 504])
            {
                for body in [
                    json!({ "error": { "code": name, "kind": name, "message": name, "type": name } }),
                    json!({ "kind": name, "code": name, "message": name, "method": "get", "status": 0 }),
                    json!({ "error": name, "kind": name }),
                    json!({ "successful": false, "error": { "kind": name, "code": name } }),
                    json!(name),
                ] {
                    let response = Response { status, headers: vec![], body: body.to_string() };
                    for result in [
                        decode(tool, &response, &Redaction::default(), &Scrub::default()),
                        decode_any(&response),
                    ] {
                        if let Err(error) = result {
                            let wrong = must_not_be_local(error.kind);
                            assert!(wrong.is_empty(), "{} at {status} with {body}: {wrong:?}", tool.slug);
                        }
                        seen += 1;
                    }
                }
            }
        }
    }
    println!("{seen} answers");
}

#[test]
fn an_answer_cut_anywhere_is_no_success() {
    let recordings = recordings(OLDER);
    let mut seen = 0;
    for recording in recordings
        .iter()
        .filter(|r| r.core && r.status < 300 && (r.answer.is_object() || r.answer.is_array()))
    {
        let tool = tools::find(recording.slug.as_deref().unwrap()).unwrap();
        let whole = recording.response();
        let ends: Vec<usize> = whole.body.char_indices().map(|(i, _)| i).collect();
        for end in ends.iter().step_by((ends.len() / 40).max(1)).skip(1).chain(ends.last()) {
            let cut = Response { body: whole.body[..*end].to_owned(), ..whole.clone() };
            let error = decode(tool, &cut, &Redaction::default(), &Scrub::default()).unwrap_err();
            assert_eq!(error.kind, ErrorKind::InvalidResponse, "{} cut at {end}", recording.place());
            assert!(error.message.contains("incomplete"), "{}: {}", recording.place(), error.message);
            seen += 1;
        }
    }
    println!("{seen} cut answers");
    assert!(seen > 1000, "{seen} cut answers");
}

#[test]
fn errors_name_the_next_step() {
    const STEPS: &[(&str, &str)] = &[
        ("unknown_connection", "NANGO_CONNECTION_LIST_GET"),
        ("unknown_provider_config", "NANGO_LIST_INTEGRATIONS"),
        ("no_syncs_found", "NANGO_SCRIPTS_CONFIG_GET"),
        ("missing_auth_header", "NANGO_SECRET_KEY"),
        ("invalid_secret_key_format", "NANGO_SECRET_KEY"),
        ("unknown_account", "NANGO_SECRET_KEY"),
        ("invalid_credentials", "NANGO_RECONNECT_SESSION_POST"),
        ("too_many_request", "wait"),
        ("forbidden", "scope"),
        ("base_url_override_not_allowed", "base_url_override"),
    ];
    let recordings = recordings(OLDER);
    let (mut failures, mut hinted) = (0, 0);
    let mut named: BTreeMap<&str, usize> = BTreeMap::new();
    for recording in recordings.iter().filter(|r| r.core) {
        let tool = tools::find(recording.slug.as_deref().unwrap()).unwrap();
        let Err(error) = decode(tool, &recording.response(), &Redaction::default(), &Scrub::default()) else {
            continue;
        };
        failures += 1;
        hinted += usize::from(error.hint.is_some());
        // Not every 403 is about a scope.
        let is_other = error.code == "forbidden" && !error.message.contains("scope");
        let step = STEPS.iter().find(|(code, _)| *code == error.code);
        if let Some((code, words)) = step.filter(|_| !is_other) {
            let hint = error.hint.unwrap_or_default();
            assert!(hint.contains(words), "{}: `{hint}` does not name {words}", recording.place());
            *named.entry(code).or_default() += 1;
        }
    }
    println!("{hinted} of {failures} errors have a hint; {named:?}");
    assert_eq!(named.len(), STEPS.len(), "each of these was recorded");
    assert!(hinted * 10 >= failures * 9, "{hinted} of {failures} errors have a hint");
}
