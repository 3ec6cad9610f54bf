//! What the core answers to a table of cases: decisions of policies, masked secrets, one user's view. The table
//! is committed; `tests/runtimes/same.test.mjs` holds the packed package to it, this test the native core.
//! `NANGO_TOOLKIT_WRITE=1 cargo test --features emulator --test same` rewrites it.
#![cfg(feature = "emulator")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod common;

use common::args::least;
use common::files;
use common::planted::{PLANTED, answers};
use common::random::Random;
use common::runs::{KEY, START};
use nango_toolkit::call::{Ask, Call, Poll};
use nango_toolkit::emulator::Emulator;
use nango_toolkit::error::Error;
use nango_toolkit::http::{Data, Redaction, Request, Response, Scrub, decode};
use nango_toolkit::options;
use nango_toolkit::tool::Tool;
use nango_toolkit::tools;
use serde_json::{Value, json};

const FILE: &str = "tests/fixtures/same.json";
/// Longer data is represented by its length.
const LONG: usize = 600;

fn from(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn failure(error: &Error) -> Value {
    json!({ "successful": false, "data": null, "error": from(&error.to_json()) })
}

/// The toolkits of the decisions: options as JavaScript passes them.
fn toolkits() -> Vec<Value> {
    let policies = [
        json!({ "default": "allow" }),
        json!({ "readOnly": true }),
        json!({ "default": "allow", "rules": [{ "id": "ask", "then": "confirm", "effect": ["write", "destroy"] }] }),
        json!({ "default": "deny", "scopes": ["environment:connections:*"] }),
        json!({ "default": "deny", "rules": [
            { "id": "own", "then": "allow", "end_user": "$user" },
            { "id": "read", "then": "allow", "effect": "read", "toolset": ["providers", "integrations"] },
        ] }),
        json!({ "default": "allow", "rules": [
            { "id": "bob", "then": "deny", "end_user": ["bob", "eve"] },
            { "id": "ask", "then": "confirm", "effect": ["write", "destroy"] },
            { "id": "prod", "then": "deny", "tags": "env=prod", "role": "sales" },
        ] }),
        json!({ "default": "deny", "rules": [
            { "id": "crm", "then": "allow", "tool": "NANGO_GET_PROXY", "proxy_path": "/crm/*", "integration": "hubspot" },
            { "id": "hub", "then": "allow", "connection": "hubspot-*", "tool": "NANGO_*_CONNECTION*" },
        ] }),
    ];
    let sessions = [
        json!({ "user": "ada", "organization": "acme", "agent": "helper", "roles": ["sales"] }),
        json!({ "user": "bob", "readOnly": true, "tools": ["NANGO_GET_CONNECTION", "NANGO_CONNECTION_LIST_GET"] }),
    ];
    // Each policy alone, and with one of the sessions.
    let alone = policies.iter().map(|policy| json!({ "policy": policy }));
    let with = policies.iter().zip(sessions.iter().cycle());
    alone.chain(with.map(|(policy, session)| json!({ "policy": policy, "session": session }))).collect()
}

fn decisions() -> Vec<Value> {
    let mut out = Vec::new();
    for (at, toolkit) in toolkits().iter().enumerate() {
        let core = options::parse(&toolkit.to_string()).unwrap();
        for tool in tools::all() {
            let args = if at % 2 == 0 {
                from(tool.examples[0].args)
            } else {
                foreign(tool, "bamboohr-acme", "bamboohr")
            };
            let said = match Call::new(core.clone(), tool.slug, args.clone(), 0).explain(START) {
                Ok(decision) => from(&decision.to_json()),
                Err(error) => json!({
                    "decision": "deny", "rules": [], "reason": error.message, "error": from(&error.to_json()),
                }),
            };
            let mut expected = json!({ "tool": tool.slug });
            expected.as_object_mut().unwrap().extend(said.as_object().unwrap().clone());
            out.push(json!({ "toolkit": at, "tool": tool.slug, "arguments": args, "expected": expected }));
        }
    }
    out
}

/// The first example of a tool, about this connection.
fn foreign(tool: &Tool, id: &str, key: &str) -> Value {
    let mut args = from(tool.examples[0].args);
    for (name, value) in [("connection_id", id), ("provider_config_key", key), ("integration_id", key)] {
        if tool.param(name).is_some() {
            args[name] = json!(value);
        }
    }
    args
}

/// Answers with secrets, and errors that repeat them.
fn bodies(tool: &Tool) -> Vec<(u16, Value)> {
    let mut all: Vec<(u16, Value)> = answers(tool).into_iter().map(|body| (200, body)).collect();
    let payload = json!({ "apiKey": PLANTED, "deep": [{ "client_secret": PLANTED }] });
    all.push((400, json!({ "error": { "code": "invalid_body", "message": "refused", "payload": payload } })));
    all.push((
        401,
        json!({ "error": { "code": "x", "message": format!("{{\"password\":\"{PLANTED}\"}}") } }),
    ));
    all
}

fn response(status: u16, body: &Value) -> Response {
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    Response { status, headers, body: body.to_string() }
}

/// The results of `parseResponse`, and of `execute` with some secrets revealed.
fn masked() -> Vec<Value> {
    let mut out = Vec::new();
    for tool in tools::all() {
        let args = least(&mut Random::new(5), tool);
        for (status, body) in bodies(tool) {
            let answer = response(status, &body);
            let parsed = match decode(tool, &answer, &Redaction::default(), &Scrub::default()) {
                Ok(Data::Value(data)) => json!({ "successful": true, "data": data, "error": null }),
                Ok(other) => panic!("{other:?}"),
                Err(error) => failure(&error),
            };
            assert!(!parsed.to_string().contains(PLANTED), "{parsed}");
            let mut executed = Vec::new();
            for reveal in [json!(["access_token", "password"]), json!(true)] {
                let given = json!({ "revealSecrets": reveal, "retry": { "attempts": 1 } });
                let call = Call::new(options::parse(&given.to_string()).unwrap(), tool.slug, args.clone(), 0);
                executed.push(
                    json!({ "revealSecrets": reveal, "expected": ended(call, KEY, |_| answer.clone()) }),
                );
            }
            out.push(json!({ "tool": tool.slug, "arguments": args, "status": status, "body": body,
                "parsed": parsed, "executed": executed }));
        }
    }
    out
}

/// Runs a call; the result as JSON, without values that differ from run to run.
fn ended(mut call: Call, key: &str, mut answer: impl FnMut(&Request) -> Response) -> Value {
    for _ in 0..100 {
        match call.poll(START) {
            Poll::Ask(Ask::Key) => call.handle_key(Ok(key), START),
            Poll::Send { request, .. } => call.handle_response(&answer(&request), START),
            Poll::Done(outcome) => return shown(&from(&outcome.to_json())),
            other => panic!("{other:?}"),
        }
    }
    panic!("a call ends");
}

fn shown(outcome: &Value) -> Value {
    let data = outcome["data"].to_string();
    let data = if data.len() > LONG { json!({ "bytes": data.len() }) } else { outcome["data"].clone() };
    json!({ "successful": outcome["successful"], "data": data, "error": outcome["error"],
        "attempts": outcome["meta"]["attempts"] })
}

/// Calls of a user's session, in order and in one world: the examples, others' connections, other owners.
fn views() -> Vec<Value> {
    let mut out = Vec::new();
    for user in ["ada", "grace"] {
        let mut emulator = Emulator::new(7);
        emulator.set_rate_limit(1_000_000);
        let key = emulator.api_key().to_owned();
        let core = options::parse(&json!({ "session": { "user": user } }).to_string()).unwrap();
        for tool in tools::all() {
            let mut ways = vec![
                foreign(tool, "hubspot-katherine", "hubspot"),
                foreign(tool, "bamboohr-acme", "bamboohr"),
                from(tool.examples[0].args),
            ];
            for (name, value) in [
                ("tags", json!({ "end_user_id": "katherine" })),
                ("end_user", json!({ "id": "katherine" })),
                ("end_user_id", json!("katherine")),
                ("search", json!("a")),
                ("proxy_headers", json!({ "Connection-Id": "hubspot-katherine" })),
            ] {
                if tool.param(name).is_some() {
                    let mut args = from(tool.examples[0].args);
                    args[name] = value;
                    ways.push(args);
                }
            }
            for args in ways {
                let call = Call::new(core.clone(), tool.slug, args.clone(), 0);
                let expected = ended(call, &key, |request| emulator.handle(request, START).response);
                out.push(json!({ "user": user, "tool": tool.slug, "arguments": args, "expected": expected }));
            }
        }
    }
    out
}

#[test]
fn the_native_core_answers_as_the_table_says() {
    let lists = [("policy", decisions()), ("secrets", masked()), ("isolation", views())];
    let mut text = format!("{{\n\"start\": {START},\n\"seed\": 7,\n\"long\": {LONG},\n\"toolkits\": ");
    text += &Value::from(toolkits()).to_string();
    for (name, cases) in &lists {
        let lines: Vec<String> = cases.iter().map(Value::to_string).collect();
        text += &format!(",\n\"{name}\": [\n{}\n]", lines.join(",\n"));
    }
    text += "\n}\n";
    if std::env::var_os("NANGO_TOOLKIT_WRITE").is_some_and(|v| v == "1") {
        std::fs::write(format!("{}/{FILE}", env!("CARGO_MANIFEST_DIR")), &text).unwrap();
    }
    let committed = files::read(FILE);
    let first = committed.lines().zip(text.lines()).find(|(a, b)| a != b);
    let command = "NANGO_TOOLKIT_WRITE=1 cargo test --features emulator --test same";
    assert!(first.is_none(), "{FILE} says otherwise; read the change, then run\n  {command}\n{first:#?}");
    assert_eq!(committed.lines().count(), text.lines().count(), "{FILE}: {command}");
    // A table with only refusals would prove little.
    let granted = |name: &str| lists.iter().find(|(n, _)| *n == name).unwrap().1.iter();
    let ways = ["allow", "confirm", "deny", "undetermined"];
    for way in ways {
        assert!(granted("policy").filter(|c| c["expected"]["decision"] == way).count() > 10, "{way}");
    }
    assert!(granted("isolation").filter(|c| c["expected"]["successful"] == true).count() > 20);
    assert!(granted("isolation").filter(|c| c["expected"]["error"]["kind"] == "not_found").count() > 20);
}
