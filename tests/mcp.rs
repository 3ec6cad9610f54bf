//! The MCP core against the transcript of `tests/fixtures/mcp.json`, which the npm package answers in every
//! runtime too, and against traffic that nobody should send. Tools run on the emulator.
#![cfg(feature = "emulator")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod common;

use std::sync::Arc;

use common::random::Random;
use nango_toolkit::call::{Ask, Call, Options, Poll};
use nango_toolkit::emulator::Emulator;
use nango_toolkit::http::BaseUrl;
use nango_toolkit::mcp::{
    Access, Facts, Finish, LEGACY, MODERN, Plan, Reply, Selection, Server, Step, View, admit, gather,
};
use nango_toolkit::modify::Modifiers;
use nango_toolkit::schema::Allow;
use nango_toolkit::tools;
use serde_json::{Value, json};

struct World {
    server: Server,
    emulator: Emulator,
}

impl World {
    fn new() -> World {
        World { server: Server::new("nango", "0.0.0", tools::all()), emulator: Emulator::new(1) }
    }

    /// The whole way of one POST: nothing for 202.
    fn post(&mut self, facts: &Facts<'_>, body: &str) -> Option<Reply> {
        match self.server.read(facts, body) {
            Step::Reply(reply) => Some(reply),
            Step::Note(_) => None,
            Step::Call(call) => {
                let outcome = self.run(&call.name, &call.arguments);
                Some(self.server.finish(&call, &outcome))
            }
            Step::Batch { messages, stream } => {
                let facts = Facts { batched: true, ..*facts };
                let bodies: Vec<String> =
                    messages.iter().filter_map(|m| self.post(&facts, m)).map(|r| r.body).collect();
                gather(&bodies, stream)
            }
        }
    }

    fn run(&mut self, name: &str, arguments: &str) -> String {
        let key = self.emulator.api_key().to_owned();
        let args = nango_toolkit::json::parse(arguments).unwrap();
        let base = BaseUrl::parse("http://localhost:3003").unwrap();
        let mut call = Call::new(Options { base, ..Options::default() }, name, args, 7);
        let now = 1_700_000_000_000;
        loop {
            match call.poll(now) {
                Poll::Ask(Ask::Key) => call.handle_key(Ok(&key), now),
                Poll::Send { request, .. } => {
                    let reply = self.emulator.handle(&request, now);
                    call.handle_response(&reply.response, now);
                }
                Poll::Done(outcome) => return outcome.to_json(),
                other => panic!("{other:?}"),
            }
        }
    }
}

fn header<'c>(case: &'c Value, name: &str) -> &'c str {
    match &case["headers"][name] {
        Value::String(text) => text,
        Value::Null if case["headers"].get(name).is_some() => "",
        _ => match name {
            "content-type" => "application/json",
            "accept" => "application/json, text/event-stream",
            _ => "",
        },
    }
}

/// Whether `value` holds all that `wanted` holds.
fn holds(value: &Value, wanted: &Value) -> bool {
    match (value, wanted) {
        (Value::Object(value), Value::Object(wanted)) => {
            wanted.iter().all(|(name, wanted)| value.get(name).is_some_and(|v| holds(v, wanted)))
        }
        (Value::Array(value), Value::Array(wanted)) => {
            value.len() >= wanted.len() && value.iter().zip(wanted).all(|(v, w)| holds(v, w))
        }
        _ => value == wanted,
    }
}

fn at<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.').try_fold(value, |value, name| value.get(name))
}

fn assert_answers(case: &Value, reply: Option<&Reply>) {
    let name = case["name"].as_str().unwrap();
    let status = reply.map_or(202, |r| r.status);
    assert_eq!(status, case["status"], "{name}: {reply:?}");
    let body = reply.map_or("", |r| r.body.as_str());
    if case["empty"] == true && case["method"] != "HEAD" {
        return assert_eq!(body, "", "{name}");
    }
    let mut text = body;
    if case["stream"] == true {
        assert_eq!(reply.unwrap().media, "text/event-stream");
        text = body.strip_prefix("event: message\ndata: ").unwrap().strip_suffix("\n\n").unwrap();
    }
    assert!(!text.contains('\n') && !text.bytes().any(|b| b < 0x20), "{name}: one line, no hole: {text}");
    let value: Value = serde_json::from_str(text).unwrap_or_else(|e| panic!("{name}: {e}: {text}"));
    assert!(holds(&value, &case["answer"]) || case["answer"].is_null(), "{name}: {text}");
    for path in case["lacks"].as_array().into_iter().flatten() {
        assert_eq!(at(&value, path.as_str().unwrap()), None, "{name}: {text}");
    }
    for words in case["says"].as_array().into_iter().flatten() {
        assert!(text.contains(words.as_str().unwrap()), "{name}: {words} in {text}");
    }
    if let Some(echo) = case["echo"].as_str() {
        assert!(text.contains(echo), "{name}: {echo} in {text}");
    }
    if case["twin"] == true {
        let text = value["result"]["content"][0]["text"].as_str().unwrap();
        assert_eq!(
            serde_json::from_str::<Value>(text).unwrap(),
            value["result"]["structuredContent"],
            "{name}"
        );
    }
}

#[test]
fn answers_as_the_transcript_says() {
    let text = include_str!("fixtures/mcp.json");
    let cases: Vec<Value> = serde_json::from_str(text).unwrap();
    let mut world = World::new();
    let mut run = 0;
    for case in cases.iter().filter(|case| case.get("path").is_none()) {
        let method = case["method"].as_str().unwrap_or("POST");
        let asked = header(case, "access-control-request-headers");
        let admitted = admit(&Access::default(), method, "mcp.example", header(case, "origin"), asked);
        for (name, value) in case["has"].as_object().into_iter().flatten() {
            let found = admitted.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str());
            assert_eq!(found, value.as_str(), "{}: {name}", case["name"]);
        }
        for name in case["hasnot"].as_array().into_iter().flatten() {
            assert!(admitted.headers.iter().all(|(n, _)| n != name), "{}: {name}", case["name"]);
        }
        if let Some(reply) = &admitted.reply {
            assert_answers(case, Some(reply));
        } else {
            let body = case["body"].as_str().map_or_else(|| case["message"].to_string(), str::to_owned);
            let facts = Facts {
                content_type: header(case, "content-type"),
                accept: header(case, "accept"),
                version: header(case, "mcp-protocol-version"),
                method: header(case, "mcp-method"),
                name: header(case, "mcp-name"),
                ..Facts::default()
            };
            assert_answers(case, world.post(&facts, &body).as_ref());
        }
        run += 1;
    }
    assert!(run > 150, "{run} cases");
}

#[test]
fn the_npm_package_gives_the_same_instructions() {
    let text = serde_json::to_string(nango_toolkit::mcp::INSTRUCTIONS).unwrap();
    assert!(include_str!("../pkg/mcp-server.js").contains(&text), "{text}");
}

#[test]
fn stdio_needs_no_headers() {
    let mut world = World::new();
    let mut say = |message: Value| {
        let reply = world.post(&Facts::stdio(), &message.to_string())?;
        Some(serde_json::from_str::<Value>(&reply.body).unwrap())
    };
    let envelope = json!({ "io.modelcontextprotocol/protocolVersion": MODERN, "io.modelcontextprotocol/clientCapabilities": {} });
    let modern = |method: &str| json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": { "_meta": envelope } });
    assert_eq!(say(modern("server/discover")).unwrap()["result"]["supportedVersions"], json!([MODERN]));
    assert_eq!(say(modern("tools/list")).unwrap()["result"]["tools"].as_array().unwrap().len(), 23);
    assert_eq!(say(modern("ping")).unwrap()["error"]["code"], -32601);
    for version in LEGACY {
        let message = json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": { "protocolVersion": version } });
        assert_eq!(say(message).unwrap()["result"]["protocolVersion"], *version);
    }
    assert_eq!(say(json!({ "jsonrpc": "2.0", "id": 1, "method": "ping" })).unwrap()["result"], json!({}));
    assert_eq!(say(json!({ "jsonrpc": "2.0", "method": "notifications/initialized" })), None);
    assert_eq!(say(json!("nothing")).unwrap()["error"]["code"], -32600);
    let cancel = r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"a\u0062"}}"#;
    assert_eq!(world.server.read(&Facts::stdio(), cancel), Step::Note(Some(r#""a\u0062""#.into())));
}

#[test]
fn every_tool_is_listed_whole_and_can_be_called() {
    let mut world = World::new();
    let list = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#;
    let reply = world.post(&Facts::stdio(), list).unwrap();
    let value: Value = serde_json::from_str(&reply.body).unwrap();
    let listed = value["result"]["tools"].as_array().unwrap();
    assert_eq!(listed.len(), 23);
    assert!(!reply.body.contains(":null"), "clients refuse the whole list for one null");
    for (tool, shown) in tools::all().zip(listed) {
        assert_eq!(shown["name"], tool.slug);
        for hint in ["readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"] {
            assert!(shown["annotations"][hint].is_boolean(), "{} {hint}", tool.slug);
        }
        assert_eq!(
            (shown["inputSchema"]["type"].as_str(), shown["outputSchema"]["type"].as_str()),
            (Some("object"), Some("object"))
        );
        assert!(
            !shown["title"].as_str().unwrap().is_empty()
                && shown["_meta"]["nango-toolkit/toolset"].is_string()
        );
        let validator = jsonschema::validator_for(&shown["outputSchema"]).unwrap();
        for name in [tool.slug].iter().chain(tool.aliases) {
            let args: Value = serde_json::from_str(tool.examples[0].args).unwrap();
            let message = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": { "name": name, "arguments": args } });
            let reply = world.post(&Facts::stdio(), &message.to_string()).unwrap();
            let result = &serde_json::from_str::<Value>(&reply.body).unwrap()["result"];
            assert!(result["content"][0]["text"].is_string(), "{name}: {}", reply.body);
            if result["isError"] == true {
                let text: Value =
                    serde_json::from_str(result["content"][0]["text"].as_str().unwrap()).unwrap();
                assert!(!text["error"]["hint"].as_str().unwrap().is_empty(), "{name}: no next step: {text}");
                assert_eq!(result.get("structuredContent"), None);
            } else {
                assert!(validator.is_valid(&result["structuredContent"]), "{name}: {result}");
            }
        }
    }
}

/// A call as a modern client that can ask its user makes it.
fn asking(params: Value) -> String {
    let mut params = params;
    params["_meta"] = json!({ "io.modelcontextprotocol/protocolVersion": MODERN, "io.modelcontextprotocol/clientCapabilities": { "elicitation": {} } });
    json!({ "jsonrpc": "2.0", "id": 5, "method": "tools/call", "params": params }).to_string()
}

const WAITING: &str = r#"{"successful":false,"data":null,"error":{"kind":"confirmation_required","code":"confirmation_required","message":"NANGO_DELETE_CONNECTION waits for approval","retryable":false,"details":{"summary":{"title":"Delete Connection","arguments":{"connection_id":"hubspot-ada"}},"token":"tok-1"}},"meta":{}}"#;

#[test]
fn a_call_that_needs_approval_asks_the_user_of_a_client_that_can() {
    let server = World::new().server;
    let call = |body: &str| match server.read(&Facts::stdio(), body) {
        Step::Call(call) => call,
        other => panic!("{other:?}"),
    };
    let args = json!({ "connection_id": "hubspot-ada", "provider_config_key": "hubspot" });
    let first = call(&asking(json!({ "name": "NANGO_DELETE_CONNECTION", "arguments": args })));
    let question: Value = serde_json::from_str(&server.finish(&first, WAITING).body).unwrap();
    let result = &question["result"];
    assert_eq!((&result["resultType"], &result["requestState"]), (&json!("input_required"), &json!("tok-1")));
    let request = &result["inputRequests"]["confirm_call"];
    assert_eq!(request["method"], "elicitation/create");
    assert!(
        request["params"]["message"]
            .as_str()
            .unwrap()
            .contains("title: Delete Connection\narguments: {\"connection_id\":\"hubspot-ada\"}")
    );
    assert_eq!(result.get("content"), None);
    // The user agrees.
    let answered = |response: Value| {
        asking(
            json!({ "name": "NANGO_DELETE_CONNECTION", "arguments": args, "requestState": "tok-1", "inputResponses": { "confirm_call": response } }),
        )
    };
    let second = call(&answered(json!({ "action": "accept", "content": { "confirm": true } })));
    assert_eq!(second.confirmed.as_deref(), Some("tok-1"));
    // Or does not.
    for response in [
        json!({ "action": "decline" }),
        json!({ "action": "cancel" }),
        json!({ "action": "accept", "content": { "confirm": false } }),
        json!({ "action": "accept" }),
        json!(7),
    ] {
        let Step::Reply(reply) = server.read(&Facts::stdio(), &answered(response)) else {
            panic!("nothing runs")
        };
        assert!(
            reply.body.contains("declined") && reply.body.contains(r#""isError":true"#),
            "{}",
            reply.body
        );
    }
}

#[test]
fn a_call_that_needs_approval_is_refused_where_nobody_can_be_asked() {
    let mut server = World::new().server;
    let body =
        r#"{"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"NANGO_DELETE_CONNECTION"}}"#;
    let Step::Call(call) = server.read(&Facts::stdio(), body) else { panic!("it is a call") };
    let text = server.finish(&call, WAITING).body;
    assert!(
        text.contains(r#""isError":true"#) && text.contains("operator") && !text.contains("tok-1"),
        "{text}"
    );
    server.how = Finish { model_confirms: true, ..Finish::default() };
    let text = server.finish(&call, WAITING).body;
    assert!(
        text.contains(r#""isError":true"#) && text.contains("tok-1") && text.contains("confirmation_token"),
        "{text}"
    );
}

#[test]
fn the_note_of_a_cut_names_what_the_tool_takes() {
    let note = |server: &mut Server, name: &str| {
        server.how = Finish { most: 2_000, ..Finish::default() };
        let body = json!({ "jsonrpc": "2.0", "id": 5, "method": "tools/call", "params": { "name": name } });
        let Step::Call(call) = server.read(&Facts::stdio(), &body.to_string()) else {
            panic!("it is a call")
        };
        let outcome = json!({ "successful": true, "data": "x".repeat(9_000), "error": null, "meta": {} });
        let value: Value = serde_json::from_str(&server.finish(&call, &outcome.to_string()).body).unwrap();
        let note = value["result"]["content"][1]["text"].as_str().unwrap().to_owned();
        note.split_once("To see the rest, ").unwrap().1.to_owned()
    };
    let mut server = World::new().server;
    let tool = tools::find("NANGO_CONNECTION_GET").unwrap();
    assert_ne!(tool.slug, "NANGO_CONNECTION_GET");
    let alias = note(&mut server, "NANGO_CONNECTION_GET");
    assert_eq!(alias, note(&mut server, tool.slug));
    assert!(alias.starts_with("narrow it with "), "{alias}");
    let schema = json!({ "type": "object", "properties": { "query": {}, "other": {}, "limit": {} } });
    let definitions = json!([{ "name": "mine", "inputSchema": schema }, { "name": "bare" }]).to_string();
    let names = ["mine", "bare", "absent"].map(str::to_owned).to_vec();
    let mut server = Server::of("ours", "1", &definitions, names);
    assert_eq!(note(&mut server, "mine"), "narrow it with limit, query.");
    for name in ["bare", "absent"] {
        assert_eq!(note(&mut server, name), "ask for one thing by its id, or for less.");
    }

    // What one caller sees: another name, fewer arguments, perhaps run by a tool that runs others.
    let rules = json!({ "NANGO_CONNECTION_LIST_GET": { "rename": "accounts", "hide": ["limit", "tags"] } });
    let modify = Arc::new(Modifiers::new(&rules, &Allow::default()).unwrap());
    let options = Arc::new(Options { modify: Some(modify), ..Options::default() });
    for search in [false, true] {
        let mut server = World::new().server;
        server.how = Finish { most: 2_000, ..Finish::default() };
        let own = Selection { search: Some(search), ..Selection::default() };
        let view = View::new(&server, options.clone(), &own, &Selection::default()).unwrap();
        let params = match search {
            false => json!({ "name": "accounts" }),
            true => json!({ "name": "execute_tool", "arguments": { "name": "accounts" } }),
        };
        let body = json!({ "jsonrpc": "2.0", "id": 5, "method": "tools/call", "params": params });
        let Step::Call(mut call) = view.read(&Facts::stdio(), &body.to_string()) else {
            panic!("it is a call")
        };
        assert!(matches!(view.plan(&mut call), Plan::Run { .. }));
        let outcome = json!({ "successful": true, "data": "x".repeat(9_000), "error": null, "meta": {} });
        let text = view.finish(&call, &outcome.to_string()).body;
        assert!(text.contains("narrow it with search, page, "), "{text}");
    }
}

#[test]
fn long_results_are_cut_and_say_so() {
    let mut server = World::new().server;
    let rows: Vec<Value> = (0..5000)
        .map(|i| json!({ "id": i, "text": "é".repeat(200), "tags": (0..50).collect::<Vec<_>>() }))
        .collect();
    let map: serde_json::Map<String, Value> = (0..20_000).map(|i| (format!("key-{i}"), json!(i))).collect();
    let shapes = [
        json!({ "data": rows }),
        json!({ "text": "x".repeat(3_000_000) }),
        json!({ "map": map }),
        json!([[[rows]]]),
        json!("y".repeat(200_000)),
    ];
    for most in [2_000, 20_000, 80_000] {
        server.how = Finish { most, ..Finish::default() };
        for (index, data) in shapes.iter().enumerate() {
            let body = r#"{"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"NANGO_PROVIDERS_LIST_GET"}}"#;
            let Step::Call(call) = server.read(&Facts::stdio(), body) else { panic!("it is a call") };
            let outcome =
                json!({ "successful": true, "data": data, "error": null, "meta": { "attempts": 1 } });
            let value: Value =
                serde_json::from_str(&server.finish(&call, &outcome.to_string()).body).unwrap();
            let result = &value["result"];
            let text = result["content"][0]["text"].as_str().unwrap();
            assert!(text.len() <= most, "shape {index}: {} of {most}", text.len());
            // Something of use is left wherever it can be.
            assert!(
                index == 2 && most < 2_001 || text.len() > most / 20,
                "shape {index}: {} of {most}",
                text.len()
            );
            assert_eq!(serde_json::from_str::<Value>(text).unwrap(), result["structuredContent"]);
            let note = result["content"][1]["text"].as_str().unwrap();
            assert!(note.contains("narrow it with search"), "{note}");
            assert_eq!(result["structuredContent"]["meta"]["truncated"], note);
        }
    }
    // An error may hold what a provider answered.
    let error = json!({ "kind": "provider", "code": "provider", "message": "no", "retryable": false, "details": { "body": "z".repeat(500_000) } });
    let outcome = json!({ "successful": false, "data": null, "error": error, "meta": {} }).to_string();
    let body = r#"{"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"NANGO_GET_PROXY"}}"#;
    let Step::Call(call) = server.read(&Facts::stdio(), body) else { panic!("it is a call") };
    let text = server.finish(&call, &outcome).body;
    assert!(
        text.len() < 200_000 && text.contains("isError") && text.contains("\\\"message\\\":\\\"no\\\""),
        "{}",
        text.len()
    );
}

#[test]
fn what_nobody_should_send_is_answered() {
    let mut world = World::new();
    let facts = Facts { content_type: "application/json", ..Facts::default() };
    let mut status =
        |body: &str| world.post(&facts, body).map(|reply| (reply.status, reply.body)).unwrap_or_default();
    let deep = |n: usize| {
        format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"ping","params":{{"x":{}{}}}}}"#,
            "[".repeat(n),
            "]".repeat(n)
        )
    };
    assert_eq!(status(&deep(100)).0, 200);
    assert_eq!(status(&deep(1_000)).0, 400);
    assert_eq!(status(&deep(2_000_000)).0, 400);
    assert_eq!(status(&"[".repeat(5_000_000)).0, 400);
    let large = format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"NANGO_PROVIDERS_LIST_GET","arguments":{{"search":"{}"}}}}}}"#,
        "x".repeat(5_000_000)
    );
    let (code, body) = status(&large);
    assert!(code == 200 && body.contains("isError") && body.len() < 100_000, "{code} {}", body.len());
    let many: String = (0..200_000).map(|i| format!(r#""a{i}":{i},"#)).collect();
    assert_eq!(status(&format!(r#"{{{many}"jsonrpc":"2.0","id":1,"method":"ping"}}"#)).0, 200);
    let name = format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"{}"}}}}"#,
        "\\u0000\\n\\\"é".repeat(100_000)
    );
    let (code, body) = status(&name);
    assert!(code == 200 && body.contains("-32602") && body.len() < 2_000, "{code} {}", body.len());
}

/// Every answer to anything is one JSON-RPC message, or none where nothing is owed.
#[test]
fn random_edits_of_good_messages_are_answered() {
    let texts: Vec<Value> = serde_json::from_str(include_str!("fixtures/mcp.json")).unwrap();
    let texts: Vec<String> = texts
        .iter()
        .filter(|c| c.get("message").is_some())
        .map(|c| c["message"].to_string())
        .filter(|t| t.len() < 2_000)
        .collect();
    let mut random = Random::new(common::random::seed());
    let mut world = World::new();
    let pieces = [
        "\"",
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "null",
        "0",
        "-1.5e9",
        "\\",
        "\\ud800",
        "\u{1}",
        "é",
        "\"id\":",
        "\"jsonrpc\":\"2.0\",",
        "true",
        " ",
    ];
    for _ in 0..20_000 {
        let mut text: Vec<char> = texts[random.below(texts.len())].chars().collect();
        for _ in 0..=random.below(3) {
            let at = random.below(text.len() + 1);
            let end = (at + random.below(3)).min(text.len());
            text.splice(at..end, pieces[random.below(pieces.len())].chars());
        }
        let body: String = text.into_iter().collect();
        let version = ["", "2025-11-25", MODERN, "x"][random.below(4)];
        let facts = Facts {
            content_type: "application/json",
            version,
            stdio: random.below(2) == 0,
            ..Facts::default()
        };
        if let Some(reply) = world.post(&facts, &body) {
            let value: Value = serde_json::from_str(&reply.body)
                .unwrap_or_else(|e| panic!("{e}: {body} gives {}", reply.body));
            for one in value.as_array().unwrap_or(&vec![value.clone()]) {
                assert!(
                    one["jsonrpc"] == "2.0" && (one.get("result").is_some() ^ one.get("error").is_some()),
                    "{body} gives {one}"
                );
                assert!(
                    one["id"].is_string()
                        || one["id"].is_number()
                        || (one["id"].is_null() && one["error"].is_object()),
                    "{body} gives {one}"
                );
            }
        }
    }
}

#[test]
fn a_local_server_answers_to_this_machine_alone() {
    let access = Access { local: true, ..Access::default() };
    for (host, good) in [
        ("127.0.0.1:3000", true),
        ("localhost", true),
        ("[::1]:3000", true),
        ("evil.example:3000", false),
        ("", false),
        ("127.0.0.1.evil.example", false),
    ] {
        let admitted = admit(&access, "POST", host, "", "");
        assert_eq!(admitted.reply.as_ref().map(|r| r.status), (!good).then_some(403), "{host}");
    }
    let listed = Access { origins: "https://a.example https://b.example", local: false };
    for (origin, good) in [
        ("https://b.example", true),
        ("https://c.example", false),
        ("https://mcp.example", true),
        ("http://mcp.example:81", false),
    ] {
        assert_eq!(admit(&listed, "POST", "mcp.example", origin, "").reply.is_none(), good, "{origin}");
    }
    assert!(
        admit(&Access { origins: "*", local: false }, "POST", "x", "https://any.example", "").reply.is_none()
    );
    // What a page asks for is not repeated when it is odd.
    let odd = admit(
        &Access { origins: "*", local: false },
        "OPTIONS",
        "x",
        "https://any.example",
        "a\r\nset-cookie: x",
    );
    assert!(odd.headers.iter().all(|(_, value)| !value.contains('\n')));
}
