//! All arguments that pass the check build a request that the emulator, which is independent of the
//! check, does not refuse as malformed. The seed of a run is printed; NANGO_TOOLKIT_SEED=… repeats it or, with `new`,
//! draws another.

use std::collections::BTreeMap;

use crate::common::args::{broken, good};
use crate::common::example_answers::check_example;
use crate::common::random::{Random, cases, seed};
use nango_toolkit::emulator::Emulator;
use nango_toolkit::http::{self, BaseUrl, Request, Response};
use nango_toolkit::schema::{self, Allow, Checked};
use nango_toolkit::tool::{Method, Tool};
use nango_toolkit::tools;
use serde_json::Value;
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// Refusals that are not about the form: tool or *, a part of the issue or message, why no check can know
/// it.
const TOGETHER: &str = "what belongs together in a session is the server's to know";
const KNOWN: &[(&str, &str, &str)] = &[
    ("*", "Integration does not exist", "which integrations there are is the server's to know"),
    (
        "*",
        "Invalid input: expected record, received object",
        "a property `constructor` is the server's own trouble",
    ),
    ("NANGO_CREATE_INTEGRATION", "Invalid provider", "which providers there are is the server's to know"),
    (
        "NANGO_CREATE_QUICKSTART_INTEGRATION",
        "Invalid provider",
        "which providers there are is the server's to know",
    ),
    (
        "NANGO_CREATE_QUICKSTART_INTEGRATION",
        "Unique key already exists",
        "which keys are in use is the server's to know",
    ),
    ("NANGO_LIST_ALL_FUNCTIONS", "invalid cursor", "cursors are the server's own"),
    ("NANGO_LIST_RECORDS", "must be within the last 12 months", "what time it is is the server's to know"),
    ("NANGO_CREATE_AGENT_SESSION", "Invalid input", "a toolset has to name an integration"),
    ("NANGO_CREATE_AGENT_SESSION", "A toolset must name at least one integration", TOGETHER),
    ("NANGO_CREATE_AGENT_SESSION", "A connection selector must carry at least one tag", TOGETHER),
    ("NANGO_CREATE_AGENT_SESSION", "Only one connection can be pinned per integration", TOGETHER),
    (
        "NANGO_CREATE_AGENT_SESSION",
        "Provide at least one connection selector in any, or at least one pinned connection",
        TOGETHER,
    ),
    (
        "NANGO_CREATE_INTEGRATION",
        "Unique key already exists",
        "which keys are in use is the server's to know",
    ),
];

/// Why an answer says that the request was malformed; `None` if it does not.
fn malformed(response: &Response) -> Option<String> {
    let body: Value = serde_json::from_str(&response.body).unwrap_or_default();
    let code = body["error"]["code"].as_str().unwrap_or_default();
    let form = match code {
        "invalid_uri_params" | "invalid_query_params" | "invalid_headers" => true,
        // The same code without issues is about data, not about the form.
        "invalid_body" => body["error"]["errors"].is_array(),
        "invalid_json" | "invalid_content_type" => true,
        _ => response.status == 415 || code == "generic_error_support",
    };
    form.then(|| response.body.clone())
}

/// The common excuse for all issues of an answer; `None` if one of them has none.
fn known(tool: &Tool, args: &Checked, why: &str) -> Option<&'static str> {
    // The emulator trims the entries of a comma-joined list, which the contract leaves open: of a name
    // of spaces alone, which is in the contract's domain, nothing stays.
    let blank = |v: &Value| v.as_str().is_some_and(|t| t.trim().is_empty());
    let names = args.get("integration_id").map(|v| v.as_array().cloned().unwrap_or_else(|| vec![v.clone()]));
    if why.contains("integrationId") && names.is_some_and(|all| all.iter().any(blank)) {
        return Some("an integration id of spaces alone");
    }
    let body: Value = serde_json::from_str(why).unwrap();
    let mut found = None;
    for issue in body["error"]["errors"].as_array()? {
        let fits = |slug: &str, words: &str| (slug == "*" || slug == tool.slug) && issue["message"] == words;
        found = Some(KNOWN.iter().find(|(slug, words, _)| fits(slug, words))?.1);
    }
    found
}

/// A request with the key, as a transport sends it.
fn keyed(request: &Request, key: &str) -> Request {
    let mut request = request.clone();
    request.headers.push(("Authorization".into(), format!("Bearer {key}")));
    request
}

/// Names that exist in the default fixture, so that some calls get past the look-up.
fn real(random: &mut Random, args: &mut Value) {
    const IDS: &[(&str, &str)] =
        &[("hubspot-ada", "hubspot"), ("salesforce-acme", "salesforce"), ("zendesk-acme", "zendesk")];
    let (connection, integration) = random.one(IDS);
    for (name, id) in [
        ("connection_id", connection),
        ("provider_config_key", integration),
        ("integration_id", integration),
        ("unique_key", integration),
    ] {
        if args.get(name).is_some_and(Value::is_string) {
            args[name] = Value::from(id);
        }
    }
    if args.get("provider").is_some_and(Value::is_string) {
        args["provider"] =
            Value::from(random.pick(&["github", "hubspot", "slack", "posthog", "netsuite-tba"]));
    }
}

#[test]
fn what_the_check_takes_the_server_understands() {
    let seed = seed();
    let mut random = Random::new(seed);
    let allow = Allow { override_hosts: vec!["example.com".into()], proxy_authorization: true };
    let all: Vec<&Tool> = tools::all().collect();
    let mut emulator = Emulator::new(7);
    emulator.set_rate_limit(u32::MAX);
    let key = emulator.api_key().to_owned();
    let mut statuses: BTreeMap<u16, usize> = BTreeMap::new();
    let mut excused: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut sent, mut problems) = (0, Vec::new());
    for case in 0..cases() {
        if case % 500 == 0 {
            emulator.reset();
        }
        let tool = all[random.below(all.len())];
        let mut args = good(&mut random, tool);
        if random.one_in(2) {
            args = broken(&mut random, args);
        }
        if random.one_in(2) {
            real(&mut random, &mut args);
        }
        let shown = args.to_string();
        let Ok(args) = schema::check(tool, args, &allow) else { continue };
        sent += 1;
        let request = http::build(tool, &args, &BaseUrl::default());
        let reply = emulator.handle(&keyed(&request, &key), 1_700_000_000_000 + case as u64);
        *statuses.entry(reply.response.status).or_default() += 1;
        if let Some(why) = malformed(&reply.response) {
            match known(tool, &args, &why) {
                Some(words) => *excused.entry(words).or_default() += 1,
                None if problems.len() < 12 => problems.push(format!("{}: {why}\n  {shown}", tool.slug)),
                None => {}
            }
        }
    }
    println!("{sent} requests: {statuses:?}, excused: {excused:?}");
    assert!(problems.is_empty(), "seed {seed}: refused as malformed:\n{}", problems.join("\n"));
    assert!(
        sent > cases() / 4 && statuses.get(&200).is_some_and(|n| *n > sent / 20),
        "too little got through"
    );
}

#[test]
fn every_example_is_answered() {
    for tool in tools::all() {
        tool.examples.iter().for_each(|example| check_example(tool, example, 1_700_000_000_000));
    }
}

/// A request of a random tool with arguments that pass the check; names of the default fixture in most.
fn some_request(random: &mut Random, all: &[&Tool]) -> Option<Request> {
    let tool = random.one(all);
    let mut args = good(random, tool);
    if !random.one_in(4) {
        real(random, &mut args);
    }
    Some(http::build(tool, &schema::check(tool, args, &Allow::default()).ok()?, &BaseUrl::default()))
}

/// What the end user does with a session that was just made, if the answer is one.
fn connect(emulator: &mut Emulator, reply: &Response, now: u64) -> Option<Result<String, String>> {
    let body: Value = serde_json::from_str(&reply.body).ok()?;
    let token = body["data"]["token"].as_str()?;
    Some(emulator.connect(token, "hubspot", now).map_err(|error| error.message))
}

#[test]
fn what_is_saved_goes_on_as_the_emulator_itself_does() {
    let seed = seed();
    let mut random = Random::new(seed);
    let all: Vec<&Tool> = tools::all().collect();
    let mut emulator = Emulator::new(7);
    emulator.set_rate_limit(u32::MAX);
    let mut restored = Emulator::from_saved(&emulator.save()).unwrap();
    let (mut changes, mut connected, mut before) = (0, 0, emulator.world());
    for case in 0..cases() / 10 {
        // Hours pass: syncs run, credentials and sessions expire.
        let now = 1_700_000_000_000 + case as u64 * 600_000;
        if case % 25 == 0 {
            if random.one_in(4) {
                emulator.reset();
            }
            let saved = emulator.save();
            restored = Emulator::from_saved(&saved).unwrap();
            assert_eq!(restored.save(), saved, "seed {seed}");
            assert_eq!(emulator.add_key(&["environment:*"]), restored.add_key(&["environment:*"]));
        }
        let Some(request) = some_request(&mut random, &all) else { continue };
        let request = keyed(&request, emulator.api_key());
        let (reply, again) = (emulator.handle(&request, now), restored.handle(&request, now));
        assert_eq!(again, reply, "seed {seed}: {request:?}");
        let made = connect(&mut emulator, &reply.response, now);
        assert_eq!(connect(&mut restored, &reply.response, now), made, "seed {seed}");
        connected += usize::from(matches!(made, Some(Ok(_))));
        let after = emulator.world();
        assert_eq!(restored.world(), after);
        changes += usize::from(after != before);
        before = after;
    }
    println!("{changes} changes, {connected} connections of sessions");
    assert!(changes > cases() / 200 && (connected > 0 || cases() < 5000), "too little happened");
}

/// Every place of a document, as a JSON pointer.
fn places(value: &Value, at: String, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => map.iter().for_each(|(name, v)| {
            places(v, format!("{at}/{}", name.replace('~', "~0").replace('/', "~1")), found);
        }),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(i, v)| places(v, format!("{at}/{i}"), found));
        }
        _ => {}
    }
    found.push(at);
}

/// Reads the records of a sync, and its status, some days later too.
fn read_records(emulator: &mut Emulator, now: u64) {
    let on = [("connection-id", "salesforce-acme"), ("provider-config-key", "salesforce")];
    let headers: Vec<(String, String)> = on.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    for url in ["/records?model=Account&limit=3", "/sync/status?provider_config_key=salesforce&syncs=*"] {
        let request = Request { method: Method::Get, url: url.into(), headers: headers.clone(), body: None };
        for later in [0, 86_400_000, u64::MAX / 2] {
            emulator.handle(&keyed(&request, emulator.api_key()), now + later);
        }
    }
}

#[test]
fn a_saved_document_that_was_changed_is_an_error_or_works() {
    let seed = seed();
    let mut random = Random::new(seed);
    let all: Vec<&Tool> = tools::all().collect();
    let mut emulator = Emulator::new(7);
    for slug in ["NANGO_CREATE_CONNECT_SESSION", "NANGO_SYNC_TRIGGER_POST", "NANGO_ACTION_TRIGGER_POST"] {
        let tool = tools::find(slug).unwrap();
        for example in tool.examples {
            let args = schema::check(tool, Value::from(example.args), &Allow::default()).unwrap();
            let request = keyed(&http::build(tool, &args, &BaseUrl::default()), emulator.api_key());
            emulator.handle(&request, 1_700_000_000_000);
        }
    }
    let saved: Value = serde_json::from_str(&emulator.save()).unwrap();
    let mut found = Vec::new();
    places(&saved, String::new(), &mut found);
    let (mut refused, mut used) = (0, 0);
    // Each reads a document of some 100 KB.
    for case in 0..cases() / 100 {
        let mut changed = saved.clone();
        let place = &found[random.below(found.len())];
        let value = changed.pointer_mut(place).unwrap();
        *value = match random.below(8) {
            0 => Value::Null,
            1 => Value::from(i64::MIN),
            2 => Value::from(u64::MAX),
            3 => Value::from(8_640_000_000_000_000_i64),
            4 => Value::from(-1),
            5 => Value::from(""),
            6 => Value::Array(Vec::new()),
            _ => random.json(2),
        };
        match Emulator::from_saved(&changed.to_string()) {
            Err(error) => {
                refused += 1;
                assert_eq!(error.kind.as_str(), "invalid_option");
                assert!(
                    error.message.contains("`save()` returned"),
                    "seed {seed}: {place}: {}",
                    error.message
                );
            }
            Ok(mut other) => {
                used += 1;
                for _ in 0..5 {
                    let Some(request) = some_request(&mut random, &all) else { continue };
                    let request = keyed(&request, other.api_key());
                    other.handle(&request, 1_700_000_000_000 + case as u64);
                }
                read_records(&mut other, 1_700_000_000_000 + case as u64);
                let _ = (other.world(), other.save());
            }
        }
    }
    println!("{refused} refused, {used} used");
    assert!(refused > 0 && used > 0);
}
