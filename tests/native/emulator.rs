//! The emulator's public API: seeds, worlds, keys, faults, masked snapshots; that every tool's examples
//! work on its default fixture; that nothing makes it panic; that it is quick.

use std::collections::BTreeMap;
use std::time::Instant;

use crate::common::args;
use crate::common::example_answers::check_example;
use crate::common::random::{Random, seed};
use nango_toolkit::emulator::{Emulator, EmulatorReply};
use nango_toolkit::error::ErrorKind;
use nango_toolkit::http::{self, BaseUrl, Request};
use nango_toolkit::schema::{self, Allow};
use nango_toolkit::tool::Method;
use nango_toolkit::tools;
use serde_json::{Value, json};

const NOW_MS: u64 = 1_795_356_000_000;

fn request(emulator: &Emulator, method: Method, url: &str, body: Option<&str>) -> Request {
    let mut headers = vec![("authorization".to_owned(), format!("Bearer {}", emulator.api_key()))];
    if body.is_some() {
        headers.push(("content-type".into(), "application/json".into()));
    }
    Request { method, url: url.into(), headers, body: body.map(str::to_owned) }
}

fn get(emulator: &mut Emulator, url: &str) -> EmulatorReply {
    let request = request(emulator, Method::Get, url, None);
    emulator.handle(&request, NOW_MS)
}

#[test]
fn the_same_seed_gives_the_same_answers() {
    let story = |seed: u64| {
        let mut emulator = Emulator::new(seed);
        let body = r#"{"provider_config_key":"unauthenticated","credentials":{"type":"NONE"}}"#;
        let made = request(&emulator, Method::Post, "/connections", Some(body));
        let session = request(&emulator, Method::Post, "/connect/sessions", Some(r#"{"tags":{}}"#));
        let fresh = "/connections/hubspot-ada?provider_config_key=hubspot&force_refresh=true";
        [emulator.handle(&made, NOW_MS), emulator.handle(&session, NOW_MS), get(&mut emulator, fresh)]
            .map(|reply| reply.response.body)
    };
    assert_eq!(story(1), story(1));
    for (ours, theirs) in story(1).iter().zip(story(2)) {
        assert_ne!(*ours, theirs);
    }
}

#[test]
fn a_reset_leads_back_to_the_start() {
    let mut emulator = Emulator::new(3);
    let extra = emulator.add_key(&["environment:*"]);
    let before = get(&mut emulator, "/connections").response;
    let delete = request(&emulator, Method::Delete, "/integrations/hubspot", None);
    assert_eq!(emulator.handle(&delete, NOW_MS).response.status, 200);
    assert_ne!(get(&mut emulator, "/connections").response.body, before.body);
    emulator.set_faults(r#"{"fail":[{"kind":"drop"}]}"#).unwrap();
    emulator.reset();
    assert_eq!(get(&mut emulator, "/connections").response, before);
    let mut request = request(&emulator, Method::Get, "/integrations", None);
    request.headers[0].1 = format!("Bearer {extra}");
    assert_eq!(emulator.handle(&request, NOW_MS).response.status, 200, "keys stay valid");
}

#[test]
fn a_wrong_world_is_refused_by_its_place() {
    let integration = json!({"unique_key": "a", "provider": "github"});
    for (world, place) in [
        (json!("{"), "expected an object"),
        (json!({"integrations": {}}), "`integrations`: expected an array"),
        (json!({"integrations": [1]}), "`integrations[0]`"),
        (json!({"integrations": [{"unique_key": "a", "provider": "nope"}]}), "`integrations[0].provider`"),
        (json!({"integrations": [integration, integration]}), "`integrations[1].unique_key`"),
        (
            json!({"connections": [{"connection_id": "c", "provider_config_key": "x"}]}),
            "`connections[0].provider_config_key`",
        ),
        (
            json!({"integrations": [integration],
                "connections": [{"connection_id": "c", "provider_config_key": "a", "end_user": "u"}]}),
            "`connections[0].end_user`",
        ),
        (json!({"functions": [{"type": "other"}]}), "`functions[0].type`"),
        (
            json!({"upstream": [{"provider": "github", "method": "GET", "path": "/", "status": 101}]}),
            "`upstream[0].status`",
        ),
        (
            json!({"upstream": [{"provider": "github", "method": "GET", "path": "/", "headers": {"a": 1}}]}),
            "`upstream[0].headers.a`",
        ),
        (json!({"endUsers": [{"id": "u", "organization": {}}]}), "`endUsers[0].organization.id`"),
        (
            json!({"integrations": [integration], "connections":
                [{"connection_id": "c", "provider_config_key": "a", "errors": [{"type": "auth"}]}]}),
            "`connections[0].errors[0].log_id`",
        ),
        (json!({"rateLimit": "1"}), "`rateLimit`"),
        (json!({"variables": [{"name": 1, "value": "x"}]}), "`variables[0].name`"),
    ] {
        let error = Emulator::with_world(1, &world.to_string()).unwrap_err();
        assert_eq!(error.kind, ErrorKind::InvalidOption);
        assert!(error.message.contains(place), "{} names {place}", error.message);
    }
    assert!(Emulator::with_world(1, "{").unwrap_err().message.contains("expected JSON"));
    let mut empty = Emulator::with_world(1, r#"{"rateLimit":1}"#).unwrap();
    assert_eq!(get(&mut empty, "/integrations").response.body, r#"{"data":[]}"#);
    assert_eq!(get(&mut empty, "/integrations").response.status, 429);
}

#[test]
fn wrong_faults_are_refused_and_the_old_ones_stay() {
    let mut emulator = Emulator::new(1);
    emulator.set_faults(r#"{"latencyMs":5}"#).unwrap();
    for (spec, says) in [
        ("[]", "expected an object"),
        ("{", "expected JSON"),
        (r#"{"latency":1}"#, "there is no property `latency`; did you mean `latencyMs`?"),
        (
            r#"{"latencyMs":-1}"#,
            "`latencyMs`: invalid value: integer `-1`, expected a whole number, 0 or more",
        ),
        (r#"{"fail":{}}"#, "`fail`: invalid type: map, expected an array"),
        (r#"{"fail":[{"kind":"explode"}]}"#, "`fail[0].kind`"),
        (r#"{"fail":[{"kind":"status","status":99}]}"#, "`fail[0].status`"),
        (
            r#"{"fail":[{"kind":"drop","match":{"host":"x"}}]}"#,
            "`fail[0].match`: there is no property `host`",
        ),
        (r#"{"fail":[{"kind":"drop","match":{"path":1}}]}"#, "`fail[0].match.path`"),
        (r#"{"fail":[{"kind":"drop","times":"1"}]}"#, "`fail[0].times`"),
    ] {
        let error = emulator.set_faults(spec).unwrap_err();
        assert!(error.message.contains(says), "{spec}: {} says {says}", error.message);
    }
    assert_eq!(get(&mut emulator, "/health").delay_ms, 5);
}

#[test]
fn the_snapshot_masks_secrets() {
    let mut emulator = Emulator::new(1);
    let session = request(&emulator, Method::Post, "/connect/sessions", Some(r#"{"end_user":{"id":"u"}}"#));
    let made = emulator.handle(&session, NOW_MS).response.body;
    let token = serde_json::from_str::<Value>(&made).unwrap()["data"]["token"].as_str().unwrap().to_owned();
    for text in [Emulator::new(1).world(), emulator.world()] {
        let world: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(world["connections"].as_array().unwrap().len(), 22);
        for secret in ["emulated-", "PRIVATE KEY", &token, emulator.api_key()] {
            // Client ids and names of users are not secret, tokens and keys are.
            let found = text.match_indices(secret).count();
            assert_eq!(found, 0, "{secret} is in the snapshot");
        }
    }
}

#[test]
fn the_snapshot_counts_records_as_the_status_does() {
    let mut emulator = Emulator::new(1);
    let url = "/sync/status?provider_config_key=hubspot&syncs=*&connection_id=hubspot-ada";
    let status: Value = serde_json::from_str(&get(&mut emulator, url).response.body).unwrap();
    let counted =
        |sync: &Value| sync["recordCount"].as_object().unwrap().values().filter_map(Value::as_i64).sum();
    let expected: BTreeMap<&str, i64> = status["syncs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["id"].as_str().unwrap(), counted(one)))
        .collect();
    let world: Value = serde_json::from_str(&emulator.world()).unwrap();
    let syncs = world["syncs"].as_array().unwrap();
    let shown: BTreeMap<&str, i64> = syncs
        .iter()
        .map(|one| (one["id"].as_str().unwrap(), one["records"].as_i64().unwrap()))
        .filter(|(id, _)| expected.contains_key(id))
        .collect();
    assert_eq!(shown, expected);
    assert!(expected.values().any(|count| *count > 0), "{expected:?}");
}

#[test]
fn urls_of_any_origin_and_unknown_ones() {
    let mut emulator = Emulator::new(1);
    for origin in ["", "https://api.nango.dev", "http://localhost:3003", "https://nango-emulator.invalid"] {
        assert_eq!(get(&mut emulator, &format!("{origin}/integrations/slack")).response.status, 200);
    }
    assert_eq!(get(&mut emulator, "/HEALTH/").response.body, r#"{"result":"ok"}"#);
    // A server answers HTML; this one says in JSON what it does not have.
    for method in [Method::Get, Method::Post] {
        let unknown = request(&emulator, method, "/no\"pe?x=1", Some("{}"));
        let response = emulator.handle(&unknown, NOW_MS).response;
        let body: Value = serde_json::from_str(&response.body).unwrap();
        let message = format!("The emulator does not have {} /no\"pe", method.as_str());
        assert_eq!(body, json!({ "error": { "code": "not_emulated", "message": message } }));
        assert_eq!(response.status, 404);
    }
}

#[test]
fn every_example_is_answered() {
    for tool in tools::all() {
        tool.examples.iter().for_each(|example| check_example(tool, example, NOW_MS));
    }
}

const KNOWN: &[(&str, &str)] = &[
    ("connection_id", "hubspot-ada"),
    ("provider_config_key", "hubspot"),
    ("integration_id", "hubspot"),
    ("unique_key", "hubspot"),
    ("provider", "hubspot"),
    ("action_name", "create-contact"),
];

/// Whatever the toolkit's own check lets pass, this other program must not call malformed.
#[test]
fn what_the_toolkit_accepts_is_not_refused_as_malformed() {
    let seed = seed();
    let mut random = Random::new(seed);
    let base = BaseUrl::parse("http://localhost:3003").unwrap();
    let all: Vec<_> = tools::all().collect();
    let mut emulator = Emulator::new(seed);
    emulator.set_rate_limit(u32::MAX);
    let mut seen: BTreeMap<(&str, u16), usize> = BTreeMap::new();
    for round in 0..3_000 {
        let tool = all[random.below(all.len())];
        let mut args =
            if random.one_in(3) { args::least(&mut random, tool) } else { args::good(&mut random, tool) };
        // Half of them are about something that is there, so that more than the look-up is reached.
        if random.one_in(2) {
            for (name, known) in KNOWN {
                if args.get(*name).is_some_and(Value::is_string) {
                    args[*name] = json!(known);
                }
            }
        }
        let Ok(checked) = schema::check(tool, args.clone(), &Allow::default()) else { continue };
        let mut request = http::build(tool, &checked, &base);
        request.headers.push(("Authorization".into(), format!("Bearer {}", emulator.api_key())));
        let response = emulator.handle(&request, NOW_MS + round).response;
        *seen.entry((tool.slug, response.status)).or_default() += 1;
        if tool.slug.contains("DELETE") {
            emulator.reset();
        }
        let body: Value = serde_json::from_str(&response.body).unwrap_or_default();
        let code = body["error"]["code"].as_str().unwrap_or_default();
        let named = body["error"]["errors"][0]["code"].as_str().unwrap_or("custom");
        let malformed = matches!(response.status, 415 | 500) && code != "script_internal_error"
            || matches!(
                code,
                "invalid_query_params" | "invalid_headers" | "invalid_uri_params" | "invalid_json"
            )
            || (code == "invalid_body" && !matches!(named, "custom" | "invalid_string"));
        // Cursors are the server's own, and so is the time.
        let words = body["error"]["errors"][0]["message"].as_str().or(body["error"]["message"].as_str());
        let of_server = [
            "invalid cursor",
            "must be within the last 12 months",
            "Failed to fetch records",
            "Failed to prune records",
        ];
        // A toolset has to name an integration, which the arguments of a tool cannot require.
        let no_toolset = args["toolset"].as_object().is_some_and(|map| map.is_empty());
        let malformed = malformed && !no_toolset && !words.is_some_and(|words| of_server.contains(&words));
        let proxied = tool.is_proxy() && body.get("error").is_none_or(|e| !e.is_object());
        assert!(!malformed || proxied, "{} {args}\n{request:?}\n{response:?}", tool.slug);
    }
    println!("{seen:?}");
}

/// Paths of endpoints that may not be tools.
const FURTHER: &[&str] = &[
    "/action/{id}",
    "/sync/start",
    "/connect/session",
    "/records",
    "/records/prune",
    "/sync/update-connection-frequency",
    "/sync/{name}/variant/{variant}",
    "/integrations/{uniqueKey}/functions",
    "/integrations/{uniqueKey}/functions/{name}/code",
    "/functions",
    "/functions/{uuid}",
    "/functions/invocations",
    "/functions/invocations/{id}",
];

#[test]
fn nothing_makes_it_panic() {
    let mut random = Random::new(seed());
    let mut emulator = Emulator::new(5);
    emulator.set_rate_limit(u32::MAX);
    let paths: Vec<&str> = tools::all().map(|t| t.path).chain(FURTHER.iter().copied()).collect();
    let methods = [Method::Get, Method::Post, Method::Put, Method::Patch, Method::Delete];
    let headers = [
        "Connection-Id",
        "Provider-Config-Key",
        "Content-Type",
        "X-Async",
        "X-Max-Retries",
        "Retries",
        "Retry-On",
        "Base-Url-Override",
        "Nango-Proxy-Authorization",
        "Authorization",
    ];
    let known =
        ["hubspot-ada", "hubspot", "application/json", "true", "5", "https://example.com", "slack", "github"];
    for round in 0..8_000_u64 {
        let mut path = paths[random.below(paths.len())].to_owned();
        while let (Some(open), Some(close)) = (path.find('{'), path.find('}')) {
            let part =
                if random.one_in(2) { known[random.below(known.len())].into() } else { random.text(12) };
            path.replace_range(open..=close, &part.replace(['{', '}'], ""));
        }
        if random.one_in(2) {
            path.push('?');
            path.push_str(&random.text(30));
        }
        let mut request = request(&emulator, methods[random.below(5)], &path, None);
        for _ in 0..random.below(5) {
            let name = headers[random.below(headers.len())];
            let value =
                if random.one_in(2) { known[random.below(known.len())].into() } else { random.text(20) };
            request.headers.push((name.into(), value));
        }
        if random.one_in(2) {
            request.headers.push(("content-type".into(), "application/json".into()));
            let body = if random.one_in(4) { random.text(40) } else { random.json(4).to_string() };
            request.body = Some(body);
        }
        let now = if random.one_in(50) { random.next() } else { NOW_MS + round * 1000 };
        let reply = emulator.handle(&request, now);
        assert!((100..600).contains(&reply.response.status), "{request:?}");
        let _ = emulator.connect(&random.text(10), "hubspot", now);
        let _ = emulator.set_faults(&random.json(3).to_string());
        let _ = Emulator::with_world(1, &random.json(3).to_string());
    }
}

#[test]
fn thousands_of_requests_a_second() {
    let mut emulator = Emulator::new(1);
    emulator.set_rate_limit(u32::MAX);
    let urls = [
        "/connections",
        "/integrations",
        "/integrations/slack",
        "/connections/slack-acme?provider_config_key=slack",
        "/sync/status?provider_config_key=salesforce&syncs=*",
        "/providers/hubspot",
    ];
    let requests: Vec<Request> = urls.iter().map(|url| request(&emulator, Method::Get, url, None)).collect();
    let begin = Instant::now();
    let count = 6_000;
    for i in 0..count {
        assert_eq!(emulator.handle(&requests[i % requests.len()], NOW_MS).response.status, 200);
    }
    let per_second = count as f64 / begin.elapsed().as_secs_f64();
    // An optimised build does some twenty times as much; this one runs beside other tests.
    println!("{per_second:.0} requests a second in this build");
    assert!(per_second > 300.0, "only {per_second:.0} requests a second");
}

/// A world with one action that fails with this status, and with one connection.
fn failing(status: u64) -> Value {
    json!({
        "integrations": [{ "provider": "unauthenticated", "unique_key": "a" }],
        "connections": [{ "connection_id": "c", "provider_config_key": "a" }],
        "functions": [{
            "type": "action", "integration": "a", "name": "act", "behaviour": { "error": { "status": status } }
        }],
    })
}

#[test]
fn an_action_fails_with_a_status_that_a_response_can_have() {
    for (status, expected) in [(0, 500), (101, 500), (150, 500), (700, 500), (65_536, 500), (422, 422)] {
        let mut emulator = Emulator::with_world(1, &failing(status).to_string()).unwrap();
        let mut run = request(&emulator, Method::Post, "/action/trigger", Some(r#"{"action_name":"act"}"#));
        run.headers.push(("connection-id".into(), "c".into()));
        run.headers.push(("provider-config-key".into(), "a".into()));
        assert_eq!(emulator.handle(&run, NOW_MS).response.status, expected, "{status}");
        run.headers.push(("x-async".into(), "true".into()));
        emulator.handle(&run, NOW_MS);
        assert!(Emulator::from_saved(&emulator.save()).is_ok(), "{status}");
    }
}

#[test]
fn whatever_it_takes_it_can_save_and_restore() {
    // Nested as deep as it takes: a level more is refused.
    let mut emulator = Emulator::new(1);
    let metadata = |levels: usize| {
        let nested = "{\"a\":".repeat(levels) + "1" + &"}".repeat(levels);
        let ids = r#""connection_id":"hubspot-ada","provider_config_key":"hubspot""#;
        format!(r#"{{{ids},"metadata":{nested}}}"#)
    };
    let mut set = |levels: usize| {
        let set = request(&emulator, Method::Post, "/connections/metadata", Some(&metadata(levels)));
        let status = emulator.handle(&set, NOW_MS).response.status;
        assert_eq!(Emulator::from_saved(&emulator.save()).unwrap().world(), emulator.world());
        status
    };
    assert_eq!((set(99), set(100), set(120)), (201, 400, 400));
    let deep = json!({ "connections": serde_json::from_str::<Value>(&metadata(110)).unwrap() });
    assert!(
        Emulator::with_world(1, &deep.to_string()).unwrap_err().message.contains("nested deeper than 100")
    );
    // At the end of time.
    for now in [u64::MAX, 8_640_000_000_000_000, i64::MAX as u64] {
        let mut emulator = Emulator::new(1);
        let url = "/connections/hubspot-ada?provider_config_key=hubspot&force_refresh=true";
        let read = request(&emulator, Method::Get, url, None);
        assert_eq!(emulator.handle(&read, now).response.status, 200);
        let session =
            request(&emulator, Method::Post, "/connect/sessions", Some(r#"{"end_user":{"id":"u"}}"#));
        assert_eq!(emulator.handle(&session, now).response.status, 201);
        assert!(Emulator::from_saved(&emulator.save()).is_ok(), "{now}");
    }
}
