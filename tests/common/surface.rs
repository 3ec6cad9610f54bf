//! Everything that an agent, an MCP client or a server feeds, as functions of one input, and inputs of all kinds
//! and sizes: what tests of cost and the fuzzer have in common.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use nango_toolkit::call::{Approval, Ask, Call, Options, Poll};
use nango_toolkit::http::{self, Response};
use nango_toolkit::mcp::{Plan, Selection, Server, Step, TransportContext, View};
use nango_toolkit::schema::Arguments;
use nango_toolkit::search;
use nango_toolkit::tool::{Param, Tool};
use nango_toolkit::{options, tools};
use serde_json::{Value, json};

use super::args;
use super::random::Random;

const KEY: &str = "d59beb0a-3a8c-4d4a-9c4a-0f0e0d0c0b0a";

/// Pieces that are repeated to make a long text: what parsers and scanners look for.
pub const PIECES: &[&str] = &[
    "a",
    " ",
    "%25",
    "%2525%",
    "/",
    "../",
    "a.",
    "a,",
    "@",
    "{",
    "[",
    "\\\\\\\"",
    "\"",
    "token:[",
    "\"token\":",
    "token=\"\\\\",
    "Bearer ",
    "access_token=abcdefgh&",
    "password: ",
    "<a b=\"",
    "-----BEGIN ",
    "0",
    "1e9",
    "list the connections of ",
    "reconect ",
    "re-",
    "\n",
    "é",
    "😀",
    "\u{feff}",
    "${",
    "*",
    "\0",
];

/// A string of about `bytes` bytes made of `piece`.
pub fn text_of(piece: &str, bytes: usize) -> String {
    piece.repeat((bytes / piece.len()).max(1))
}

/// Tests are built with few optimisations and all checks.
const SLOWER: u32 = if cfg!(debug_assertions) { 20 } else { 1 };

/// What a call with an input of this many bytes may take in the module as it ships.
pub fn bound_as_shipped(bytes: usize) -> Duration {
    Duration::from_millis(5) + Duration::from_millis(50) * bytes as u32 / (1024 * 1024)
}

/// What it may take here.
pub fn bound(bytes: usize) -> Duration {
    bound_as_shipped(bytes) * SLOWER
}

/// A name, and what makes a JSON value of about this many bytes.
pub type Shape = (&'static str, fn(usize) -> String);
pub type Kind = (String, Box<dyn Fn(usize) -> String>);

/// Forms of JSON values that grow with a number of bytes.
pub const SHAPES: &[Shape] = &[
    ("numbers", |bytes| list("1", bytes)),
    ("different numbers", |bytes| items(bytes, |at| at.to_string())),
    ("strings", |bytes| items(bytes, |at| format!("\"id-{at}\""))),
    ("equal strings", |bytes| list("\"hubspot-1\"", bytes)),
    ("objects", |bytes| items(bytes, |at| format!("{{\"id\":{at},\"name\":\"n\"}}"))),
    ("lists", |bytes| list("[[]]", bytes)),
    ("properties", |bytes| properties(bytes, |at| (format!("p{at}"), format!("\"v{at}\"")))),
    ("one property many times", |bytes| properties(bytes, |at| ("p".to_owned(), at.to_string()))),
    ("cases of names", |bytes| {
        properties(bytes, |at| (in_cases("properties_of_an_object", at), "\"v\"".to_owned()))
    }),
    ("secrets", |bytes| properties(bytes, |at| (format!("token{at}"), format!("\"secret-{at:06}\"")))),
    ("equal secrets", |bytes| properties(bytes, |at| (format!("token{at}"), "\"secret\"".to_owned()))),
    ("list of secrets", |bytes| {
        format!("{{\"token\":{}}}", items(bytes, |at| format!("\"secret-{at:06}\"")))
    }),
    ("long names", |bytes| format!("{{\"{}\":1}}", "n".repeat(bytes))),
    ("nested", |bytes| format!("{}{}", "[".repeat(bytes / 2), "]".repeat(bytes / 2))),
    ("nested objects", |bytes| format!("{}1{}", "{\"a\":".repeat(bytes / 6), "}".repeat(bytes / 6))),
    ("nested in nested", |bytes| {
        let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
        list(&deep, bytes)
    }),
    ("digits", |bytes| "1".repeat(bytes)),
    ("fraction", |bytes| format!("0.{}", "1".repeat(bytes))),
    ("exponents", |bytes| list("1.5e300", bytes)),
    ("errors", |bytes| {
        let one = r#"{"code":"invalid_type","message":"no","path":["a",1]}"#;
        format!("{{\"error\":{{\"code\":\"invalid_body\",\"errors\":{}}}}}", list(one, bytes))
    }),
    ("tags", |bytes| properties(bytes, |at| (format!("Key{at}"), "\"v\"".to_owned()))),
];

fn list(item: &str, bytes: usize) -> String {
    items(bytes, |_| item.to_owned())
}

fn items(bytes: usize, item: impl Fn(usize) -> String) -> String {
    let mut out = String::from("[");
    let mut at = 0;
    while out.len() < bytes {
        if at > 0 {
            out.push(',');
        }
        out.push_str(&item(at));
        at += 1;
    }
    out + "]"
}

fn properties(bytes: usize, property: impl Fn(usize) -> (String, String)) -> String {
    let mut out = String::from("{");
    let mut at = 0;
    while out.len() < bytes {
        if at > 0 {
            out.push(',');
        }
        let (name, value) = property(at);
        out.push_str(&format!("\"{name}\":{value}"));
        at += 1;
    }
    out + "}"
}

/// `name` with the letters in capitals whose bit is set in `at`.
fn in_cases(name: &str, at: usize) -> String {
    let mut bit = 0;
    let letter = |c: char| {
        let upper = c.is_ascii_lowercase() && {
            bit += 1;
            at >> (bit - 1) & 1 == 1
        };
        if upper { c.to_ascii_uppercase() } else { c }
    };
    name.chars().map(letter).collect()
}

/// Inputs of all kinds: JSON values, and strings in JSON.
pub fn kinds() -> Vec<Kind> {
    let shapes = SHAPES
        .iter()
        .map(|(name, make)| ((*name).to_owned(), Box::new(make) as Box<dyn Fn(usize) -> String>));
    let texts = PIECES.iter().map(|piece| {
        let make = move |bytes| serde_json::to_string(&text_of(piece, bytes)).unwrap();
        (format!("text of {piece:?}"), Box::new(make) as Box<dyn Fn(usize) -> String>)
    });
    shapes.chain(texts).collect()
}

/// How calls are made in these tests: by every part that looks at arguments or answers.
pub fn settings() -> Vec<(&'static str, Options)> {
    let rules = json!([
        { "id": "own", "then": "confirm", "end_user": "$user", "tags": "a=*", "proxy_path": ["/v1/*", "*/a/*b*/c"] },
        { "id": "no", "then": "deny", "connection": "*-*-*-no", "integration": "*a*b*c", "proxy_host": "*.example.com" },
    ]);
    let proxy = json!({ "allowedHosts": ["example.com"], "allowAuthorization": true });
    let policy = json!({ "default": "allow", "rules": rules, "maxResultBytes": 1_000_000 });
    let session =
        json!({ "user": "ada", "tags": { "team": "x" }, "policy": { "default": "allow", "rules": rules } });
    let parse = |value: Value| options::parse(&value.to_string()).unwrap();
    vec![
        ("plain", parse(json!({ "proxy": proxy }))),
        ("policy", parse(json!({ "proxy": proxy, "policy": policy }))),
        ("session", parse(json!({ "proxy": proxy, "policy": policy, "session": session }))),
        ("gemini", parse(json!({ "proxy": proxy, "schema": "gemini" }))),
    ]
}

/// Runs a call to its end, each request answered by `answer`; all that it tells is written.
pub fn run(options: &Options, slug: &str, args: Arguments, answer: &Response) -> usize {
    let mut call = Call::new(options.clone(), slug, args, 7);
    let mut written = 0;
    let mut now = 0;
    for _ in 0..200 {
        match call.poll(now) {
            Poll::Send { .. } => call.handle_response(answer, now),
            Poll::Wait(until) => now = until,
            Poll::Ask(Ask::Key) => call.handle_key(Ok(KEY), now),
            Poll::Ask(_) => {
                written += call.summary().map_or(0, |summary| summary.len());
                call.handle_approval(Approval::Granted, now);
            }
            Poll::Done(outcome) => {
                written += outcome.to_json().len();
                break;
            }
        }
    }
    written + call.take_events().iter().map(|event| event.to_json().len()).sum::<usize>()
}

/// An answer with this status, content type and body.
pub fn answer(status: u16, media: &str, body: &str) -> Response {
    Response { status, headers: vec![("content-type".to_owned(), media.to_owned())], body: body.to_owned() }
}

/// A function that takes input of one kind.
pub struct Surface {
    pub name: String,
    /// Takes a JSON value as text.
    pub run: Box<dyn Fn(&str)>,
}

fn surface(name: impl Into<String>, run: impl Fn(&str) + 'static) -> Surface {
    Surface { name: name.into(), run: Box::new(run) }
}

/// The arguments of `tool` that must be there, as the beginning of a JSON object.
fn least(tool: &Tool, without: &str) -> String {
    let mut args = args::least(&mut Random::new(7), tool);
    args.as_object_mut().unwrap().remove(without);
    let mut text = args.to_string();
    text.pop();
    if text.len() > 1 {
        text.push(',');
    }
    text
}

/// Arguments of tools: of each kind and role the first, one that there is not, and all arguments at once.
pub fn argument_surfaces() -> Vec<Surface> {
    let mut all = Vec::new();
    let mut seen = BTreeSet::new();
    let ok = Arc::new(answer(200, "application/json", "{}"));
    for (setting, options) in settings() {
        for tool in tools::all() {
            let alike = |param: &Param| format!("{setting} {:?} {:?}", param.prop.kind, param.prop.role);
            let names =
                tool.params.iter().filter(|param| seen.insert(alike(param))).map(|param| param.prop.name);
            let unknown = (tool.slug == "NANGO_GET_PROXY").then_some("unknown");
            for name in names.chain(unknown) {
                let (options, ok, start) = (options.clone(), ok.clone(), least(tool, name));
                all.push(surface(format!("{setting}: {}.{name}", tool.slug), move |input| {
                    let text = format!("{start}\"{name}\":{input}}}");
                    run(&options, tool.slug, Arguments::from_text(&text), &ok);
                }));
            }
        }
    }
    let options = settings().remove(0).1;
    all.push(surface("whole arguments", move |input| {
        run(&options, "NANGO_SET_CONNECTION_METADATA", Arguments::from_text(input), &ok);
    }));
    all
}

/// Answers to tools, by status and content type.
pub fn answer_surfaces() -> Vec<Surface> {
    let mut all = Vec::new();
    let secret = json!({ "provider_config_key": "hubspot", "any_path": "v1", "proxy_headers": { "x-token": "sesame-sesame" } });
    let none = json!({});
    let connection = json!({ "connection_id": "c", "provider_config_key": "hubspot" });
    for (setting, options) in settings().into_iter().filter(|(name, _)| *name != "gemini") {
        for (slug, args) in [
            ("NANGO_GET_PROXY", &secret),
            ("NANGO_GET_CONNECTION", &connection),
            ("NANGO_CONNECTION_LIST_GET", &none),
            ("NANGO_LIST_INTEGRATIONS", &none),
        ] {
            for (status, media) in [
                (200, "application/json"),
                (200, "text/plain"),
                (400, "application/json"),
                (429, "application/json"),
                (500, "text/html"),
            ] {
                let (options, args) = (options.clone(), args.clone());
                all.push(surface(format!("{setting}: {slug} answers {status} {media}"), move |input| {
                    run(&options, slug, Arguments::from(args.clone()), &answer(status, media, input));
                }));
            }
        }
    }
    for (slug, status) in
        [("NANGO_GET_CONNECTION", 200), ("NANGO_GET_CONNECTION", 502), ("NANGO_GET_PROXY", 502)]
    {
        all.push(surface(format!("{slug} answers {status} with plain text"), move |input| {
            let text = serde_json::from_str::<String>(input).unwrap_or_else(|_| input.to_owned());
            let tool = tools::find(slug).unwrap();
            let answer = answer(status, "text/plain", &text);
            let _ = http::decode(tool, &answer, &http::Redaction::default(), &http::Scrub::default());
        }));
    }
    all.push(surface("answer to no tool", |input| {
        let _ = http::decode_any(&answer(400, "application/json", input));
    }));
    all.push(surface("answer to a call with many secrets", |input| {
        let many: Value = (0..2000)
            .map(|at| (format!("token{at}"), json!(format!("secret-{at:06}"))))
            .collect::<serde_json::Map<_, _>>()
            .into();
        let args = json!({ "connection_id": "c", "provider_config_key": "hubspot", "metadata": many });
        run(
            &Options::default(),
            "NANGO_SET_CONNECTION_METADATA",
            Arguments::from(args),
            &answer(500, "application/json", input),
        );
    }));
    all
}

/// What a search, an MCP server and the readers of options take.
pub fn other_surfaces() -> Vec<Surface> {
    let index = search::Index::new(tools::all());
    let server = Server::new("nango", "1");
    let view = |mode| {
        let server = Arc::new(server.clone());
        let selection = Selection { mode, ..Selection::default() };
        View::of_options(&server, &Options::default(), &selection).unwrap()
    };
    let mut all = vec![surface("search", move |input| {
        let text = serde_json::from_str::<String>(input).unwrap_or_else(|_| input.to_owned());
        let _ = index.search(&text, &search::SearchOptions::default());
    })];
    let message = |view: &View, text: &str| {
        if let Step::Call(call) = view.read(&TransportContext::stdio(), text)
            && let Plan::Done(outcome) = view.plan(&call)
        {
            let _ = view.finish(&call.head, &call.name, &outcome);
        }
    };
    for (name, mode) in [("MCP", None), ("MCP that searches", Some(nango_toolkit::mcp::Mode::Search))] {
        for (place, start, end) in [
            ("message", "", ""),
            ("id", r#"{"jsonrpc":"2.0","method":"ping","id":"#, "}"),
            ("method", r#"{"jsonrpc":"2.0","id":1,"method":"#, "}"),
            ("params", r#"{"jsonrpc":"2.0","id":1,"method":"tools/list","params":"#, "}"),
            ("batch", r#"[{"jsonrpc":"2.0","id":1,"method":"ping"},"#, "]"),
            ("name", r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"#, "}}"),
            (
                "arguments",
                r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"execute_tool","arguments":"#,
                "}}",
            ),
            (
                "query",
                r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"search_tools","arguments":{"query":"#,
                "}}}",
            ),
            (
                "tool",
                r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"describe_tool","arguments":{"name":"#,
                "}}}",
            ),
        ] {
            let view = view(mode);
            all.push(surface(format!("{name}: {place}"), move |input| {
                message(&view, &format!("{start}{input}{end}"))
            }));
        }
        for (place, start, end) in [
            ("outcome", "", ""),
            ("data", r#"{"successful":true,"error":null,"meta":{},"data":"#, "}"),
            ("error", r#"{"successful":false,"data":null,"meta":{},"error":"#, "}"),
            (
                "details",
                r#"{"successful":false,"data":null,"meta":{},"error":{"kind":"provider","details":"#,
                "}}",
            ),
        ] {
            let view = view(mode);
            let ping = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"NANGO_LIST_INTEGRATIONS"}}"#;
            all.push(surface(format!("{name}: {place} of a result"), move |input| {
                if let Step::Call(call) = view.read(&TransportContext::stdio(), ping) {
                    let _ =
                        view.finish(&call.head, "NANGO_LIST_INTEGRATIONS", &format!("{start}{input}{end}"));
                }
            }));
        }
    }
    for (place, start, end) in [
        ("options", "", ""),
        ("tags of a session", r#"{"session":{"user":"ada","tags":"#, "}}"),
        ("tools of a session", r#"{"session":{"user":"ada","tools":"#, "}}"),
        ("hosts", r#"{"proxy":{"allowedHosts":"#, "}}"),
        ("rules", r#"{"policy":{"default":"deny","rules":"#, "}}"),
        ("a condition", r#"{"policy":{"default":"deny","rules":[{"then":"allow","connection":"#, "}]}}"),
        ("tools of a rule", r#"{"policy":{"default":"deny","rules":[{"then":"allow","tool":"#, "}]}}"),
        ("kinds to reveal", r#"{"revealSecrets":"#, "}"),
        ("base URL", r#"{"baseUrl":"#, "}"),
        ("modifiers", r#"{"modify":"#, "}"),
    ] {
        all.push(surface(format!("options: {place}"), move |input| {
            if let Ok(options) = options::parse(&format!("{start}{input}{end}")) {
                let args = json!({ "connection_id": "aaaaaaaaab", "provider_config_key": "hubspot" });
                let _ = Call::new(options, "NANGO_DELETE_CONNECTION", args, 1).explain(0);
            }
        }));
    }
    all.push(surface("many rules", |input| {
        let rule = |at: usize| json!({ "id": format!("r{at}"), "then": (["confirm", "allow", "deny"][at % 3]), "connection": format!("c-{at}*"), "end_user": "ada" });
        let rules: Vec<Value> = (0..input.len() / 100).map(rule).collect();
        // More than 10 000 are refused.
        let options = options::parse(&json!({ "policy": { "default": "allow", "rules": rules } }).to_string());
        if let Ok(options) = options {
            let args = json!({ "connection_id": ["c-1", "c-2", "c-3"], "provider_config_key": "hubspot", "metadata": {} });
            let _ = Call::new(options, "NANGO_SET_CONNECTION_METADATA", args, 1).explain(0);
        }
    }));
    all
}

/// Every surface.
pub fn surfaces() -> Vec<Surface> {
    let mut all = argument_surfaces();
    all.extend(answer_surfaces());
    all.extend(other_surfaces());
    all
}
