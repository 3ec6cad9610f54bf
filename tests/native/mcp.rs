//! The MCP core against the transcript of `tests/fixtures/mcp.json`, which the npm package answers in every
//! runtime too, and against malformed traffic. Tools run on the emulator.

use std::sync::Arc;

use crate::common::random::Random;
use nango_toolkit::call::{Ask, Call, Options, Poll};
use nango_toolkit::emulator::Emulator;
use nango_toolkit::http::BaseUrl;
use nango_toolkit::mcp::{
    Access, Admission, ExtraTool, FinishOptions, HttpHead, INITIALIZE_VERSIONS, Mode, Plan, Progress, Reply,
    STATELESS_VERSION, Selection, Server, Step, ToolCall, TransportContext, View, admit, gather,
};
use nango_toolkit::modify::Modifiers;
use nango_toolkit::schema::Allow;
use nango_toolkit::tools;
use serde_json::{Value, json};

struct World {
    view: View,
    emulator: Emulator,
}

/// The view of a caller who may run all tools.
fn whole(server: Server) -> View {
    View::of_options(&Arc::new(server), &Options::default(), &Selection::default()).unwrap()
}

fn server() -> Server {
    Server::new("nango", "0.0.0")
}

impl World {
    fn new() -> World {
        World { view: whole(server()), emulator: Emulator::new(1) }
    }

    /// The reply to one POST; `None` for 202.
    fn post(&mut self, context: &TransportContext, body: &str) -> Option<Reply> {
        match self.view.read(context, body) {
            Step::Reply(reply) => Some(reply),
            Step::Notification { .. } => None,
            Step::Call(call) => {
                let outcome = match self.view.plan(&call) {
                    Plan::Run { name, arguments, .. } => self.run(&name, arguments.get()),
                    Plan::Done(outcome) => outcome,
                    other => panic!("{other:?}"),
                };
                Some(self.view.finish(&call.head, &call.name, &outcome))
            }
            Step::Batch { messages, event_stream } => {
                let context = context.in_batch();
                let replies = messages.iter().filter_map(|message| self.post(&context, message.get()));
                gather(&replies.map(|reply| reply.body).collect::<Vec<_>>(), event_stream)
            }
            other => panic!("{other:?}"),
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

/// Whether `value` contains everything in `wanted`.
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
    if case["empty"] == true {
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
    let text = include_str!("../fixtures/mcp.json");
    let cases: Vec<Value> = serde_json::from_str(text).unwrap();
    let mut world = World::new();
    let mut run = 0;
    for case in cases.iter().filter(|case| case.get("path").is_none()) {
        let method = case["method"].as_str().unwrap_or("POST");
        let given = |name| Some(header(case, name)).filter(|text| !text.is_empty());
        let (origin, requested_headers) = (given("origin"), given("access-control-request-headers"));
        let head = HttpHead { method, host: "mcp.example", origin, requested_headers };
        let admitted = admit(&Access::default(), &head);
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
            let header = |name| header(case, name).to_owned();
            let context = TransportContext {
                content_type: header("content-type"),
                accept: header("accept"),
                protocol_version: header("mcp-protocol-version"),
                method: header("mcp-method"),
                name: header("mcp-name"),
                ..TransportContext::default()
            };
            assert_answers(case, world.post(&context, &body).as_ref());
        }
        run += 1;
    }
    assert!(run > 150, "{run} cases");
}

#[test]
fn stdio_needs_no_headers() {
    let mut world = World::new();
    let mut say = |message: Value| {
        let reply = world.post(&TransportContext::stdio(), &message.to_string())?;
        Some(serde_json::from_str::<Value>(&reply.body).unwrap())
    };
    let envelope = json!({ "io.modelcontextprotocol/protocolVersion": STATELESS_VERSION, "io.modelcontextprotocol/clientCapabilities": {} });
    let modern = |method: &str| json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": { "_meta": envelope } });
    assert_eq!(
        say(modern("server/discover")).unwrap()["result"]["supportedVersions"],
        json!([STATELESS_VERSION])
    );
    assert_eq!(say(modern("tools/list")).unwrap()["result"]["tools"].as_array().unwrap().len(), 23);
    assert_eq!(say(modern("ping")).unwrap()["error"]["code"], -32601);
    for version in INITIALIZE_VERSIONS {
        let message = json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": { "protocolVersion": version } });
        assert_eq!(say(message).unwrap()["result"]["protocolVersion"], *version);
    }
    assert_eq!(say(json!({ "jsonrpc": "2.0", "id": 1, "method": "ping" })).unwrap()["result"], json!({}));
    assert_eq!(say(json!({ "jsonrpc": "2.0", "method": "notifications/initialized" })), None);
    assert_eq!(say(json!("nothing")).unwrap()["error"]["code"], -32600);
    let cancel = r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"a\u0062"}}"#;
    let Step::Notification { cancels: Some(id) } = world.view.read(&TransportContext::stdio(), cancel) else {
        panic!("it cancels a request")
    };
    assert_eq!(id.get(), r#""a\u0062""#);
}

#[test]
fn every_tool_is_listed_whole_and_can_be_called() {
    let mut world = World::new();
    let list = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#;
    let reply = world.post(&TransportContext::stdio(), list).unwrap();
    let value: Value = serde_json::from_str(&reply.body).unwrap();
    let listed = value["result"]["tools"].as_array().unwrap();
    assert_eq!(listed.len(), 23);
    assert!(!reply.body.contains(":null"), "clients refuse the whole list for one null");
    for (tool, shown) in tools::all().filter(|tool| tool.listed).zip(listed) {
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
            let reply = world.post(&TransportContext::stdio(), &message.to_string()).unwrap();
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

fn call_of(view: &View, body: &str) -> ToolCall {
    match view.read(&TransportContext::stdio(), body) {
        Step::Call(call) => *call,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_id_of_a_models_call_is_read_from_meta() {
    let view = whole(server());
    let upstream = |meta: Value| {
        let params = json!({ "name": "NANGO_LIST_INTEGRATIONS", "_meta": meta });
        let message = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params });
        call_of(&view, &message.to_string()).upstream
    };
    assert_eq!(upstream(json!({ "claudecode/toolUseId": "toolu_1" })).as_deref(), Some("toolu_1"));
    for none in [json!({}), json!(null), json!("claudecode/toolUseId"), json!({ "claudecode/toolUseId": 1 })]
    {
        assert_eq!(upstream(none), None);
    }
}

/// The JSON text of a call, perhaps with this token for notifications of progress.
fn with_token(token: Option<&str>) -> String {
    let meta = token.map_or_else(String::new, |token| format!(r#","_meta":{{"progressToken":{token}}}"#));
    format!(
        r#"{{"jsonrpc":"2.0","id":"a\u0062","method":"tools/call","params":{{"name":"NANGO_LIST_INTEGRATIONS"{meta}}}}}"#
    )
}

/// The context of a message over HTTP with this header.
fn accepting(accept: &str) -> TransportContext {
    let content_type = "application/json".to_owned();
    TransportContext { content_type, accept: accept.to_owned(), ..TransportContext::default() }
}

#[test]
fn progress_is_sent_to_clients_that_ask_for_it_and_can_receive_it() {
    let view = whole(server());
    let asks = |context: &TransportContext, token: Option<&str>| match view.read(context, &with_token(token))
    {
        Step::Call(call) => call.progress.map(|one| (one.token.get().to_owned(), one.event_stream)),
        other => panic!("{other:?}"),
    };
    let stdio = TransportContext::stdio();
    // The token is kept as it was written.
    for token in ["7", "-1", "0", "1.0", "\"\"", r#""t\u0031""#, "123456789012345678901234567890"] {
        assert_eq!(asks(&stdio, Some(token)), Some((token.to_owned(), false)), "{token}");
    }
    // A token of another type is ignored.
    for token in ["null", "1.5", "1e3", "true", "{}", "[1]"] {
        assert_eq!(asks(&stdio, Some(token)), None, "{token}");
    }
    assert_eq!(asks(&stdio, None), None);
    for (accept, can) in [
        ("application/json, text/event-stream", true),
        ("text/event-stream", true),
        ("application/json,Text/*;q=0.5", true),
        ("application/json", false),
        ("*/*", false),
        ("", false),
    ] {
        assert_eq!(asks(&accepting(accept), Some("7")), can.then(|| ("7".to_owned(), true)), "{accept}");
    }
    // A batch over HTTP has one answer; over stdio, messages are lines of their own.
    let http = accepting("application/json, text/event-stream");
    assert_eq!(asks(&http.in_batch(), Some("7")), None);
    assert_eq!(asks(&stdio.in_batch(), Some("7")), Some(("7".to_owned(), false)));
}

#[test]
fn notifications_and_the_reply_after_them_have_the_form_of_the_transport() {
    let view = whole(server());
    let outcome = r#"{"successful":true,"data":{"data":[]},"error":null,"meta":{}}"#;
    let sent = |context: &TransportContext| {
        let Step::Call(call) = view.read(context, &with_token(Some(r#""t\u0031""#))) else {
            panic!("it is a call")
        };
        let progress = call.progress.as_ref().unwrap();
        let reply = view.finish(&progress.reply_head(&call.head), &call.name, outcome);
        [progress.notification(5), progress.notification(10), reply]
    };
    let notification = |seconds: u32| {
        format!(
            r#"{{"jsonrpc":"2.0","method":"notifications/progress","params":{{"progressToken":"t\u0031","progress":{seconds},"message":"waiting for an answer for {seconds} s"}}}}"#
        )
    };
    let lines = sent(&TransportContext::stdio());
    assert_eq!([&lines[0].body, &lines[1].body], [&notification(5), &notification(10)]);
    assert!(lines[2].body.starts_with(r#"{"jsonrpc":"2.0","id":"a\u0062","result":{"#), "{}", lines[2].body);
    let events = sent(&accepting("application/json, text/event-stream"));
    for (line, event) in lines.iter().zip(&events) {
        assert_eq!((event.status, event.media), (200, "text/event-stream"));
        assert_eq!(event.body, format!("event: message\ndata: {}\n\n", line.body));
    }
    assert!(Progress::new("1.5", true).is_none() && Progress::new("a\nb", true).is_none());
}

/// A call as a client of the stateless revision that can ask its user makes it.
fn asking(params: Value) -> String {
    let mut params = params;
    params["_meta"] = json!({ "io.modelcontextprotocol/protocolVersion": STATELESS_VERSION, "io.modelcontextprotocol/clientCapabilities": { "elicitation": {} } });
    json!({ "jsonrpc": "2.0", "id": 5, "method": "tools/call", "params": params }).to_string()
}

const WAITING: &str = r#"{"successful":false,"data":null,"error":{"kind":"confirmation_required","code":"confirmation_required","message":"NANGO_DELETE_CONNECTION waits for approval","retryable":false,"details":{"summary":{"title":"Delete Connection","arguments":{"connection_id":"hubspot-ada"}},"token":"tok-1"}},"meta":{}}"#;

#[test]
fn a_call_that_needs_approval_asks_the_user_of_a_client_that_can() {
    let view = whole(server());
    let call = |body: &str| call_of(&view, body);
    let args = json!({ "connection_id": "hubspot-ada", "provider_config_key": "hubspot" });
    let first = call(&asking(json!({ "name": "NANGO_DELETE_CONNECTION", "arguments": args })));
    let question: Value = serde_json::from_str(&view.finish(&first.head, &first.name, WAITING).body).unwrap();
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
    assert_eq!(second.confirmation.as_deref(), Some("tok-1"));
    assert!(matches!(view.plan(&second), Plan::Run { confirm: Some(token), .. } if token == "tok-1"));
    // Or does not.
    for response in [
        json!({ "action": "decline" }),
        json!({ "action": "cancel" }),
        json!({ "action": "accept", "content": { "confirm": false } }),
        json!({ "action": "accept" }),
        json!(7),
    ] {
        let Step::Reply(reply) = view.read(&TransportContext::stdio(), &answered(response)) else {
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
    let body =
        r#"{"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"NANGO_DELETE_CONNECTION"}}"#;
    let finished = |view: &View| {
        let call = call_of(view, body);
        view.finish(&call.head, &call.name, WAITING).body
    };
    let text = finished(&whole(server()));
    assert!(
        text.contains(r#""isError":true"#) && text.contains("operator") && !text.contains("tok-1"),
        "{text}"
    );
    let options = FinishOptions { model_confirms: true, ..FinishOptions::default() };
    let text = finished(&whole(server().with_finish_options(options)));
    assert!(
        text.contains(r#""isError":true"#) && text.contains("tok-1") && text.contains("confirmation_token"),
        "{text}"
    );
}

/// A success whose JSON is longer than allowed in these tests.
fn long_outcome() -> String {
    json!({ "successful": true, "data": "x".repeat(9_000), "error": null, "meta": {} }).to_string()
}

fn short_results() -> Server {
    server().with_finish_options(FinishOptions { max_bytes: 2_000, ..FinishOptions::default() })
}

/// The advice in the note on a truncated result.
fn advice(view: &View, call: &ToolCall, tool: &str) -> String {
    let reply = view.finish(&call.head, tool, &long_outcome());
    let value: Value = serde_json::from_str(&reply.body).unwrap();
    let note = value["result"]["content"][1]["text"].as_str().unwrap();
    note.split_once("To see the rest, ").unwrap().1.to_owned()
}

fn calling(name: &str, arguments: Value) -> String {
    let params = json!({ "name": name, "arguments": arguments });
    json!({ "jsonrpc": "2.0", "id": 5, "method": "tools/call", "params": params }).to_string()
}

#[test]
fn the_note_of_a_cut_names_what_the_tool_takes() {
    let view = whole(short_results());
    let note = |name: &str| advice(&view, &call_of(&view, &calling(name, json!({}))), name);
    let tool = tools::find("NANGO_CONNECTION_GET").unwrap();
    assert_ne!(tool.slug, "NANGO_CONNECTION_GET");
    let alias = note("NANGO_CONNECTION_GET");
    assert_eq!(alias, note(tool.slug));
    assert!(alias.starts_with("narrow it with "), "{alias}");

    // The host's tools.
    let schema = json!({ "type": "object", "properties": { "query": {}, "other": {}, "limit": {} } });
    let extra = [json!({ "name": "mine", "inputSchema": schema }), json!({ "name": "bare" })];
    let extra = extra.into_iter().map(|one| ExtraTool::from_value(one).unwrap()).collect();
    let view = whole(short_results().with_extra_tools(extra));
    let note = |name: &str| advice(&view, &call_of(&view, &calling(name, json!({}))), name);
    assert!(matches!(view.plan(&call_of(&view, &calling("mine", json!({})))), Plan::RunExtra));
    assert_eq!(note("mine"), "narrow it with limit, query.");
    for name in ["bare", "absent"] {
        assert_eq!(note(name), "request a single object by its id, or fewer objects.");
    }

    // A caller's view: another name, fewer arguments, perhaps called through `execute_tool`.
    let rules = json!({ "NANGO_CONNECTION_LIST_GET": { "rename": "accounts", "hide": ["limit", "tags"] } });
    let modify = Arc::new(Modifiers::new(&rules, &Allow::default()).unwrap());
    let options = Options { modify: Some(modify), ..Options::default() };
    for mode in [Mode::Tools, Mode::Search] {
        let own = Selection { mode: Some(mode), ..Selection::default() };
        let server = Arc::new(short_results().with_selection(own));
        let view = View::of_options(&server, &options, &Selection::default()).unwrap();
        let body = match mode {
            Mode::Search => calling("execute_tool", json!({ "name": "accounts" })),
            _ => calling("accounts", json!({})),
        };
        let call = call_of(&view, &body);
        let Plan::Run { name, .. } = view.plan(&call) else { panic!("a tool is to run") };
        assert!(advice(&view, &call, &name).starts_with("narrow it with search, page, "));
    }
}

#[test]
fn what_is_written_over_several_lines_is_answered_on_one() {
    let view = whole(server());
    let context = TransportContext {
        content_type: "application/json".to_owned(),
        accept: "text/event-stream".to_owned(),
        ..TransportContext::default()
    };
    let Step::Call(call) = view.read(&context, &calling("NANGO_LIST_INTEGRATIONS", json!({}))) else {
        panic!("it is a call")
    };
    let outcome = "{\r\n  \"successful\": true,\n  \"data\": \"a\\nb\",\n  \"error\": null\n}\n";
    let reply = view.finish(&call.head, &call.name, outcome);
    let data = reply.body.strip_prefix("event: message\ndata: ").unwrap().strip_suffix("\n\n").unwrap();
    assert!(!data.contains(['\n', '\r']), "{data}");
    let value: Value = serde_json::from_str(data).unwrap();
    assert_eq!(value["result"]["structuredContent"]["data"], "a\nb");
}

#[test]
fn long_results_are_cut_and_say_so() {
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
        let view = whole(
            server().with_finish_options(FinishOptions { max_bytes: most, ..FinishOptions::default() }),
        );
        for (index, data) in shapes.iter().enumerate() {
            let body = r#"{"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"NANGO_PROVIDERS_LIST_GET"}}"#;
            let call = call_of(&view, body);
            let outcome =
                json!({ "successful": true, "data": data, "error": null, "meta": { "attempts": 1 } });
            let value: Value =
                serde_json::from_str(&view.finish(&call.head, &call.name, &outcome.to_string()).body)
                    .unwrap();
            let result = &value["result"];
            let text = result["content"][0]["text"].as_str().unwrap();
            assert!(text.len() <= most, "shape {index}: {} of {most}", text.len());
            // Something useful is left if possible.
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
    // An error may contain a provider's response.
    let error = json!({ "kind": "provider", "code": "provider", "message": "no", "retryable": false, "details": { "body": "z".repeat(500_000) } });
    let outcome = json!({ "successful": false, "data": null, "error": error, "meta": {} }).to_string();
    let body = r#"{"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"NANGO_GET_PROXY"}}"#;
    let view = whole(server());
    let call = call_of(&view, body);
    let text = view.finish(&call.head, &call.name, &outcome).body;
    assert!(
        text.len() < 200_000 && text.contains("isError") && text.contains("\\\"message\\\":\\\"no\\\""),
        "{}",
        text.len()
    );
}

#[test]
fn what_nobody_should_send_is_answered() {
    let mut world = World::new();
    let context =
        TransportContext { content_type: "application/json".to_owned(), ..TransportContext::default() };
    let mut status =
        |body: &str| world.post(&context, body).map(|reply| (reply.status, reply.body)).unwrap_or_default();
    let deep = |n: usize| {
        format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"ping","params":{{"x":{}{}}}}}"#,
            "[".repeat(n),
            "]".repeat(n)
        )
    };
    assert_eq!(status(&deep(100)).0, 200);
    for n in [1_000, 2_000_000] {
        let (code, body) = status(&deep(n));
        assert!(code == 200 && body.contains(r#""id":1,"error":{"code":-32602,"#), "{code} {body}");
    }
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

/// Every answer is one JSON-RPC message, or none if none is expected.
#[test]
fn random_edits_of_good_messages_are_answered() {
    let messages: Vec<Value> = serde_json::from_str(include_str!("../fixtures/mcp.json")).unwrap();
    let messages: Vec<String> = messages
        .iter()
        .filter(|c| c.get("message").is_some())
        .map(|c| c["message"].to_string())
        .filter(|t| t.len() < 2_000)
        .collect();
    let mut random = Random::new(crate::common::random::seed());
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
        let mut text: Vec<char> = messages[random.below(messages.len())].chars().collect();
        for _ in 0..=random.below(3) {
            let at = random.below(text.len() + 1);
            let end = (at + random.below(3)).min(text.len());
            text.splice(at..end, pieces[random.below(pieces.len())].chars());
        }
        let body: String = text.into_iter().collect();
        let version = ["", "2025-11-25", STATELESS_VERSION, "x"][random.below(4)];
        let context = TransportContext {
            content_type: "application/json".to_owned(),
            protocol_version: version.to_owned(),
            stdio: random.below(2) == 0,
            ..TransportContext::default()
        };
        if let Some(reply) = world.post(&context, &body) {
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

/// The decision on a POST, or on an OPTIONS with these `headers`.
fn judged(access: &Access, host: &str, origin: Option<&str>, headers: Option<&str>) -> Admission {
    let method = if headers.is_some() { "OPTIONS" } else { "POST" };
    admit(access, &HttpHead { method, host, origin, requested_headers: headers })
}

#[test]
fn a_local_server_answers_to_this_machine_alone() {
    let access = Access { local_only: true, ..Access::default() };
    for (host, good) in [
        ("127.0.0.1:3000", true),
        ("localhost", true),
        ("[::1]:3000", true),
        ("evil.example:3000", false),
        ("", false),
        ("127.0.0.1.evil.example", false),
    ] {
        let admitted = judged(&access, host, None, None);
        assert_eq!(admitted.reply.as_ref().map(|r| r.status), (!good).then_some(403), "{host}");
    }
    let allowing = |origins: &[&str]| Access {
        allowed_origins: origins.iter().map(|origin| (*origin).to_owned()).collect(),
        local_only: false,
    };
    let listed = allowing(&["https://a.example", "https://b.example"]);
    for (origin, good) in [
        ("https://b.example", true),
        ("https://c.example", false),
        ("https://mcp.example", true),
        ("http://mcp.example:81", false),
    ] {
        assert_eq!(judged(&listed, "mcp.example", Some(origin), None).reply.is_none(), good, "{origin}");
    }
    let all = allowing(&["*"]);
    assert!(judged(&all, "x", Some("https://any.example"), None).reply.is_none());
    // Unusual requested headers are not repeated.
    let odd = judged(&all, "x", Some("https://any.example"), Some("a\r\nset-cookie: x"));
    assert!(odd.headers.iter().all(|(_, value)| !value.contains('\n')));
}
