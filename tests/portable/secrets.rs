//! Rule 5 of the contract's section 16: secrets stay out of what a model sees. Full answers with a
//! planted secret in every place that has one, recorded answers, errors that repeat the request.

use crate::common::args::least;
use crate::common::planted::{PLANTED, answers};
use crate::common::random::Random;
use crate::common::{NEWER, OLDER, recordings};
use nango_toolkit::call::{Call, Options, Poll};
use nango_toolkit::http::{Data, Response, Reveal, Scrub, decode};
use nango_toolkit::schema::{self, Allow};
use nango_toolkit::tool::{ParamLocation, ParamType, Tool};
use nango_toolkit::tools;
use serde_json::{Value, json};
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const KEY: &str = "d59beb0a-3a8c-4d4a-9c4a-0f0e0d0c0b0a";
fn answer(status: u16, body: &str) -> Response {
    let headers = vec![("content-type".to_owned(), "application/json; charset=utf-8".to_owned())];
    Response { status, headers, body: body.to_owned() }
}

fn data(tool: &Tool, body: &Value, reveal: &Reveal) -> Value {
    match decode(tool, &answer(200, &body.to_string()), &reveal.clone().into(), &Scrub::default()) {
        Ok(Data::Value(value)) => value,
        other => panic!("{}: {other:?}", tool.slug),
    }
}

#[test]
fn full_answers_come_back_masked() {
    let mut seen = 0;
    for tool in tools::all() {
        let answers = answers(tool);
        assert_eq!(
            answers.is_empty(),
            tool.secrets().is_empty(),
            "{} needs an answer with secrets here",
            tool.slug
        );
        for body in answers {
            let masked = data(tool, &body, &Reveal::None).to_string();
            assert!(!masked.contains(PLANTED), "{}: {masked}", tool.slug);
            // What is public stays: a mask over everything would pass this test too easily.
            for kept in ["public", "acme", "arn:aws:iam::1:role/x", "connect_link", "a,b"] {
                let there = |text: &str| text.contains(kept);
                assert_eq!(there(&masked), there(&body.to_string()), "{} and {kept}: {masked}", tool.slug);
            }
            assert_eq!(data(tool, &body, &Reveal::All), body, "{}", tool.slug);
            seen += 1;
        }
    }
    println!("{seen} answers");
}

#[test]
fn one_kind_can_be_asked_for_by_name() {
    let tool = tools::find("NANGO_GET_CONNECTION").unwrap();
    let body = json!({ "credentials": { "type": "OAUTH2", "access_token": "one", "refresh_token": "two", "raw": { "access_token": "one" } },
        "connection_config": { "oauth_client_secret": "three" } });
    let shown = data(tool, &body, &Reveal::Kinds(vec!["access_token".into()]));
    assert_eq!(shown["credentials"]["access_token"], "one");
    assert_eq!(shown["credentials"]["refresh_token"], "[redacted: refresh_token]");
    assert_eq!(shown["credentials"]["raw"], "[redacted: raw]");
    assert_eq!(shown["connection_config"]["oauth_client_secret"], "[redacted: oauth_client_secret]");
    let tool = tools::find("NANGO_CREATE_CONNECT_SESSION").unwrap();
    let body = json!({ "data": { "token": "one", "connect_link": "https://x/?session_token=one" } });
    assert_eq!(data(tool, &body, &Reveal::None)["data"]["connect_link"], body["data"]["connect_link"]);
    assert_eq!(data(tool, &body, &Reveal::Kinds(vec!["connect_session_token".into()])), body);
}

/// Every string below `value`, with the names that lead to it.
fn strings<'v>(value: &'v Value, path: &mut Vec<&'v str>, found: &mut Vec<(String, &'v str)>) {
    match value {
        Value::String(text) => found.push((path.join("."), text)),
        Value::Array(items) => items.iter().for_each(|item| strings(item, path, found)),
        Value::Object(map) => {
            for (name, value) in map {
                path.push(name);
                strings(value, path, found);
                path.pop();
            }
        }
        _ => {}
    }
}

#[test]
fn recorded_answers_come_back_masked() {
    const PUBLIC: &[&str] =
        &["type", "expires_at", "client_id", "app_id", "app_link", "installation_id", "scopes"];
    let recordings = [recordings(OLDER), recordings(NEWER)].concat();
    let mut seen = 0;
    for recording in recordings.iter().filter(|r| r.core && (200..300).contains(&r.status)) {
        let tool = tools::find(recording.slug.as_deref().unwrap()).unwrap();
        if tool.secrets().is_empty() {
            continue;
        }
        let masked = data(tool, &recording.answer, &Reveal::None);
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        strings(&masked, &mut Vec::new(), &mut ours);
        strings(&recording.answer, &mut Vec::new(), &mut theirs);
        for (path, text) in theirs {
            let last = path.rsplit('.').next().unwrap();
            let secret = path.contains("credentials.raw")
                || path.contains("credentials.")
                    && !path.contains("credentials_label")
                    && !PUBLIC.contains(&last)
                || path == "data.token"
                || tool.slug == "NANGO_GET_ENVIRONMENT_VARIABLES" && last == "value";
            if secret && !text.is_empty() {
                let still = ours.iter().any(|(at, shown)| *at == path && *shown == text);
                assert!(!still, "{}: {path} is shown", recording.place());
                seen += 1;
            }
        }
    }
    println!("{seen} recorded secrets are masked");
    assert!(seen > 40, "{seen}");
}

/// Errors that repeat `secret` in every place an error has.
fn echoes(secret: &str) -> Vec<Response> {
    let escaped = json!(secret).to_string();
    let long = "x".repeat(590);
    let mut all = Vec::new();
    for body in [
        json!({ "error": { "code": "invalid_body", "message": format!("refused {secret}!"), "payload": { "got": [secret], secret: 1 } } }),
        json!({ "error": { "code": secret, "errors": [{ "code": secret, "message": secret, "path": ["credentials", secret] }] } }),
        json!({ "error": { "code": "script_http_error", "payload": {}, "upstream": { "status": 401, "headers": { "x": secret }, "body": escaped } } }),
        json!({ "error": { "code": "x", "payload": [secret, secret], "more": "y".repeat(20_000) } }),
        json!({ "error": { "code": "x", "payload": "y".repeat(4090) + secret + &"y".repeat(20_000) } }),
        json!({ "message": secret, "code": "ECONNRESET", "method": "get" }),
        json!({ "error": secret, "error_description": secret }),
        json!([secret]),
        json!(secret),
        json!(format!("{long}{secret}")),
    ] {
        for status in [400, 401, 403, 404, 409, 415, 424, 429, 500, 503] {
            all.push(answer(status, &body.to_string()));
        }
    }
    for text in [format!("{long}{secret}"), format!("<html>{secret}"), format!("{{\"got\":{escaped}")] {
        all.push(answer(502, &text));
        all.push(answer(200, &text));
    }
    all
}

/// Everything that a finished call of `tool` with `args` and one answer returns.
fn run(tool: &Tool, args: Value, response: &Response) -> String {
    let options = Options { reveal: Reveal::All, ..Options::default() };
    let mut call = Call::new(options, tool.slug, args, 7);
    let mut out = String::new();
    let mut now = 0;
    loop {
        match call.poll(now) {
            Poll::Ask(_) => call.handle_key(Ok(KEY), now),
            Poll::Send { request, .. } => {
                assert!(!request.to_json().contains(KEY));
                call.handle_response(response, now);
            }
            Poll::Wait(until) => now = until,
            Poll::Done(outcome) => {
                out.push_str(&outcome.to_json());
                break;
            }
        }
    }
    let error_or_events: Vec<String> = call.take_events().iter().map(|e| e.to_json()).collect();
    out + &error_or_events.join("\n")
}

/// Arguments of a tool with `secret` in each of its secret places.
fn with_secret(tool: &Tool, secret: &str) -> Vec<Value> {
    let mut all = Vec::new();
    let mut add = |name: &str, value: Value| {
        let mut args = least(&mut Random::new(3), tool);
        args[name] = value;
        // What another rule would refuse is not needed here.
        if schema::check(tool, args.clone(), &Allow::default()).is_ok() {
            all.push(args);
        }
    };
    for param in tool.params.iter().filter(|p| p.prop.is_secret()) {
        match param.prop.name {
            "credentials" if tool.slug == "NANGO_ADD_CONNECTION" => {
                add("credentials", json!({ "type": "API_KEY", "apiKey": secret }));
                add("credentials", json!({ "type": "BASIC", "username": secret, "password": secret }));
                add(
                    "credentials",
                    json!({ "type": "OAUTH2", "access_token": "x", "config_override": { "client_secret": secret } }),
                );
            }
            "credentials" => {
                add(
                    "credentials",
                    json!({ "type": "OAUTH2", "client_id": "x", "client_secret": secret, "webhook_secret": secret }),
                );
            }
            name if matches!(param.prop.kind, ParamType::Text(_)) => add(name, json!(secret)),
            name => add(name, json!({ "x-secret": secret })),
        }
    }
    // Free-form arguments are not secret, but values in them under the name of a secret are.
    for param in tool.params.iter().filter(|p| !p.prop.is_secret()) {
        let name = param.prop.name;
        if let ParamType::Open(_) | ParamType::Json | ParamType::Body = param.prop.kind {
            add(name, json!({ "deep": [{ "apiToken": secret, "client_secret": { "pin": secret } }] }));
            if let Ok(number) = secret.parse::<u64>() {
                add(name, json!({ "password": number }));
            }
        }
    }
    all
}

#[test]
fn errors_do_not_repeat_what_was_secret_in_the_arguments() {
    let secrets = ["a\"b\\c", "pläntéd", "planted value", "hunter2", "73519842", "${x}"];
    let secrets = if cfg!(target_family = "wasm") { &secrets[..2] } else { &secrets };
    let mut seen = 0;
    for tool in tools::all() {
        for secret in secrets.iter().copied() {
            let all = with_secret(tool, secret);
            for args in &all {
                for response in echoes(secret).iter().filter(|r| r.status != 200) {
                    let out = run(tool, args.clone(), response);
                    let inner = json!(secret).to_string();
                    let inner = inner.trim_matches('"');
                    assert!(
                        !out.contains(secret) && !out.contains(inner),
                        "{} lets {secret:?} out: {out}",
                        tool.slug
                    );
                    seen += 1;
                }
            }
            let takes = tool.params.iter().any(|p| p.prop.is_secret() && p.prop.name != "proxy_headers");
            // A token has a form, which these strings do not have.
            let takes = takes && !tool.params.iter().any(|p| p.place == ParamLocation::Bearer);
            assert!(!all.is_empty() || !takes, "{} takes {secret:?} nowhere", tool.slug);
        }
    }
    println!("{seen} calls");
    assert!(seen > 1000);
}

#[test]
fn nothing_repeats_the_api_key() {
    // Some tools send a token among their arguments, and no key.
    let keyed = |tool: &&Tool| !tool.params.iter().any(|param| param.place == ParamLocation::Bearer);
    for tool in tools::all().filter(keyed) {
        let args = least(&mut Random::new(5), tool);
        for response in echoes(KEY).iter().filter(|r| r.status != 200) {
            let out = run(tool, args.clone(), response);
            assert!(!out.contains(KEY) && !out.contains("3a8c-4d4a"), "{}: {out}", tool.slug);
        }
    }
}

#[test]
fn errors_mask_by_name_what_nobody_told_them() {
    const NAMED: &[&str] = &[
        "access_token",
        "apiKey",
        "client_secret",
        "Authorization",
        "password",
        "private_key",
        "Set-Cookie",
        "jwtToken",
    ];
    for tool in tools::all() {
        let args = least(&mut Random::new(5), tool);
        for name in NAMED {
            for body in [
                json!({ "error": { "code": "x", "payload": { name.to_owned(): PLANTED } } }),
                json!({ "error": { "code": "x", "payload": { "deep": [{ name.to_owned(): [PLANTED] }] } } }),
                json!({ "error": { "code": "x", "message": format!("got {{\"{name}\":\"{PLANTED}\"}}") } }),
                json!({ "error": { "code": "x", "payload": { name.to_owned(): PLANTED, "more": "y".repeat(30_000) } } }),
                json!({ "error": { "code": "x", "message": "got Bearer planted-value-0001, no more" } }),
                json!({ name.to_owned(): PLANTED }),
            ] {
                let out = run(tool, args.clone(), &answer(400, &body.to_string()));
                assert!(!out.contains("planted"), "{}: {out}", tool.slug);
            }
            for text in [
                format!("{{\"{name}\":\"{PLANTED}\",\"a"),
                format!("a=1&{name}=planted&b=2"),
                format!("{name}: planted"),
            ] {
                let out = run(tool, args.clone(), &answer(500, &text));
                assert!(!out.contains("planted"), "{}: {out}", tool.slug);
            }
        }
    }
}

#[test]
fn an_unreadable_answer_that_should_hold_secrets_shows_nothing_of_itself() {
    for tool in tools::all() {
        let args = least(&mut Random::new(5), tool);
        for body in answers(tool) {
            let text = body.to_string();
            for end in (1..text.len()).filter(|i| text.is_char_boundary(*i)).step_by(7) {
                let out = run(tool, args.clone(), &answer(200, &text[..end]));
                assert!(!out.contains("planted"), "{}: {out}", tool.slug);
            }
            let out = run(tool, args.clone(), &answer(200, &format!("<html>{text}")));
            assert!(!out.contains("planted"), "{}: {out}", tool.slug);
        }
    }
}

#[test]
fn issues_do_not_show_what_is_secret() {
    let add = tools::find("NANGO_ADD_CONNECTION").unwrap();
    let create = tools::find("NANGO_CREATE_INTEGRATION").unwrap();
    let put = tools::find("NANGO_PUT_PROXY").unwrap();
    for (tool, name, value) in [
        (add, "credentials", json!("hunter2")),
        (add, "credentials", json!(["hunter2"])),
        (add, "credentials", json!("{\"type\":\"API_KEY\",\"apiKey\":\"hunter2\"")),
        (add, "credentials", json!({ "type": "API_KEY", "apiKey": ["hunter2"] })),
        (add, "credentials", json!({ "type": "API_KEY", "apiKey": "hunter2".repeat(200) })),
        (add, "credentials", json!({ "type": "OAUTH2", "access_token": "a", "expires_at": "hunter2" })),
        (add, "credentials", json!({ "type": "API_KEY", "apikey": "hunter2" })),
        (
            create,
            "credentials",
            json!({ "type": "APP", "app_id": "1", "app_link": "x", "private_key": "hunter2" }),
        ),
        (
            create,
            "credentials",
            json!({ "type": "OAUTH2", "client_id": "1", "client_secret": { "x": "hunter2" } }),
        ),
        (create, "custom", json!({ "x": ["hunter2"] })),
        (create, "integration_config", json!("hunter2")),
        (put, "proxy_headers", json!({ "x": "hunter2\r\n" })),
        (put, "proxy_headers", json!({ "authorization": "Bearer hunter2" })),
        (put, "proxy_headers", json!("hunter2")),
    ] {
        let mut args = least(&mut Random::new(3), tool);
        args[name] = value;
        if let Err(issues) = schema::check(tool, args.clone(), &Allow::default()) {
            let error = schema::refused(tool, issues).to_json();
            assert!(!error.contains("hunter2"), "{error}");
            let out = run(tool, args, &answer(200, "{}"));
            assert!(!out.contains("hunter2"), "{out}");
        }
    }
    // All arguments as one broken JSON text.
    let issues =
        schema::check(add, json!("{\"credentials\":{\"apiKey\":\"hunter2\""), &Allow::default()).unwrap_err();
    assert!(!schema::refused(add, issues).to_json().contains("hunter2"));
}
