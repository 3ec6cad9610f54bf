//! Properties that hold whatever an agent sends and a server answers: thousands of random calls through the
//! whole state machine with a fake clock. The seed of a run is printed; NANGO_TOOLKIT_SEED=… repeats it or, with `new`,
//! draws another, NANGO_TOOLKIT_CASES=… makes it longer.

use crate::common::args::{broken, good, nested};
use crate::common::planted::{PLANTED, answers};
use crate::common::random::{Random, cases, seed};
use crate::common::sound::unsound;
use nango_toolkit::audit::What;
use nango_toolkit::call::{Call, Options, Poll, Retry};
use nango_toolkit::error::ErrorKind;
use nango_toolkit::http::{BaseUrl, Data, NeedsBody, Outcome, Request, Response, Reveal};
use nango_toolkit::policy::Policy;
use nango_toolkit::schema::{Allow, Provider};
use nango_toolkit::tool::{Role, Tool};
use nango_toolkit::tools;
use serde_json::Value;
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const KEY: &str = "d59beb0a-3a8c-4d4a-9c4a-0f0e0d0c0b0a";
/// The value of every secret argument.
const SECRET: &str = "s3cr3t-arg-71c09";

/// Any arguments: valid ones, broken ones, anything at all, sometimes as JSON text or half of it.
fn arguments(random: &mut Random, tool: &Tool) -> Value {
    let mut args = match random.below(10) {
        0..5 => good(random, tool),
        5..8 => {
            let args = good(random, tool);
            broken(random, args)
        }
        8 => nested(random),
        _ => random.json(5),
    };
    plant(&mut args, tool);
    match random.below(12) {
        0 => Value::from(args.to_string()),
        1 => {
            let text = args.to_string();
            let end = (0..=random.below(text.len() + 1)).rev().find(|i| text.is_char_boundary(*i)).unwrap();
            Value::from(&text[..end])
        }
        _ => args,
    }
}

/// Puts the secret into every secret argument: each string except types and names, which are not secret.
fn plant(args: &mut Value, tool: &Tool) {
    fn everywhere(value: &mut Value) {
        match value {
            Value::String(text) => *text = SECRET.to_owned(),
            Value::Array(items) => items.iter_mut().for_each(everywhere),
            Value::Object(map) => {
                let public = [
                    "type",
                    "client_id",
                    "app_id",
                    "app_link",
                    "installation_id",
                    "scopes",
                    "expires_at",
                    "private_key",
                ];
                map.iter_mut()
                    .filter(|(n, _)| !public.contains(&n.as_str()))
                    .for_each(|(_, v)| everywhere(v));
            }
            _ => {}
        }
    }
    for param in tool.params.iter().filter(|p| p.prop.is_secret()) {
        let Some(value) = args.get_mut(param.prop.name) else { continue };
        match value {
            // Headers are secret by their names.
            Value::Object(headers) if param.prop.role == Role::ProxyHeaders => {
                headers.insert("X-Api-Key".to_owned(), Value::from(SECRET));
            }
            value => everywhere(value),
        }
    }
}

/// Any answer: of the tool's own form with planted secrets, an error that repeats all secrets, noise.
fn answer(random: &mut Random, tool: Option<&Tool>, secret: &str) -> Response {
    let mut headers: Vec<(String, String)> = Vec::new();
    let types =
        ["application/json", "application/json; charset=utf-8", "text/html", "text/plain", "", "image/png"];
    headers.push(("Content-Type".into(), random.pick(&types).to_owned()));
    for _ in 0..random.below(3) {
        let name = random.pick(&["retry-after", "Retry-After", "location", "etag", "x-ratelimit-reset", ""]);
        let value =
            random.pick(&["0", "1", "30", "99999999999", "-1", "Wed, 21 Oct 2030 07:28:00 GMT", "", "é"]);
        headers.push((name.to_owned(), value.to_owned()));
    }
    let full = tool.map(answers).unwrap_or_default();
    let (status, body) = match random.below(8) {
        0 | 1 if !full.is_empty() => {
            let body = full[random.below(full.len())].clone();
            // With other breakage, a planted secret could get into a place that is not secret.
            (random.one(&[200, 201]), body.to_string())
        }
        0..3 => {
            let secret = random.pick(&[secret, KEY, "Bearer d59beb0a"]);
            let codes = [
                "invalid_body",
                "too_many_request",
                "unknown_connection",
                "internal",
                "script_http_error",
                secret,
            ];
            let body = serde_json::json!({ "error": {
                "code": random.pick(&codes), "message": secret, "method": "GET", "path": secret, "payload": random.json(3),
                "errors": [{ "code": "custom", "message": secret, "path": [secret, "x"] }], "again": [secret, { secret: secret }],
            } });
            let body = if random.one_in(3) { broken(random, body) } else { body };
            (random.one(&[400, 401, 402, 403, 404, 409, 410, 424, 429, 500, 503]), body.to_string())
        }
        3 => (random.one(&[200, 202, 204, 304, 400, 429, 500]), random.json(5).to_string()),
        4 => {
            let bytes: Vec<u8> = (0..random.below(80)).map(|_| random.next() as u8).collect();
            (random.below(700) as u16, String::from_utf8_lossy(&bytes).into_owned())
        }
        5 => (random.below(1000) as u16, random.nasty().to_owned()),
        6 => (200, nested(random).to_string()),
        _ => (random.one(&[0, 200, 204, 301, 302, 304, 307, 429, 500, 502, 503, 599, 65535]), String::new()),
    };
    let body = if random.one_in(40) { body.repeat(1 + random.below(200)) } else { body };
    Response { status, headers, body }
}

/// What the run itself did, so that local kinds of errors can be distinguished from made-up ones.
#[derive(Default)]
struct Did {
    cancelled: bool,
    lost: bool,
    refused_key: bool,
    sent: u32,
}

/// Runs one call with random events.
fn drive(
    random: &mut Random,
    call: &mut Call,
    tool: Option<&Tool>,
    secret: &str,
    base: &BaseUrl,
) -> (Outcome, Did) {
    let mut now = 1_700_000_000_000 + random.below(1_000_000) as u64;
    let mut did = Did::default();
    for step in 0.. {
        assert!(step < 200, "a call ends");
        if random.one_in(40) {
            did.cancelled = true;
            call.cancel(now);
        }
        // Unexpected answers change nothing.
        if random.one_in(10) {
            call.handle_key(Ok("not asked for"), now);
            did.refused_key = true;
        }
        match call.poll(now) {
            Poll::Ask(_) => match random.below(30) {
                0 => {
                    did.refused_key = true;
                    call.handle_key(Err("there is no vault"), now);
                }
                1 => {
                    did.refused_key = true;
                    call.handle_key(Ok("Bearer x"), now);
                }
                _ => call.handle_key(Ok(KEY), now),
            },
            Poll::Send { request, until } => {
                did.sent += 1;
                assert!(until > now, "there is time for an attempt");
                sent(tool.unwrap(), &request, base);
                now += random.below(100) as u64;
                match random.below(10) {
                    0 => {
                        did.lost = true;
                        call.handle_transport_error(&format!("reset by {secret} {KEY} Bearer {KEY}"), now);
                    }
                    1 => {
                        did.lost = true;
                        now = until;
                    }
                    _ => {
                        let response = answer(random, tool, secret);
                        let declared = response.header("content-type").unwrap_or_default();
                        let needed = call.needs_body(response.status, declared);
                        if needed != NeedsBody::Always && random.one_in(3) {
                            call.handle_held(response.status, now);
                        } else {
                            call.handle_response(&response, now);
                        }
                    }
                }
            }
            Poll::Wait(until) => {
                assert!(until > now, "a wait is in the future");
                now = if random.one_in(4) { now + (until - now) / 2 } else { until };
            }
            Poll::Done(outcome) => return (*outcome, did),
        }
    }
    unreachable!()
}

/// The conditions on a request that is sent.
fn sent(tool: &Tool, request: &Request, base: &BaseUrl) {
    assert!(!request.to_json().contains(KEY), "the key is not in {}", request.to_json());
    let keys: Vec<_> =
        request.headers.iter().filter(|(n, v)| n == "Authorization" || v.contains(KEY)).collect();
    assert_eq!(keys, [&("Authorization".to_owned(), format!("Bearer {KEY}"))]);
    // The transport in JavaScript goes by it.
    let ends = [request.headers.first(), request.headers.last()].map(|end| end.unwrap().0.as_str());
    assert_eq!(ends, ["Accept", "Authorization"], "{}", tool.slug);
    assert!(!request.url.contains(KEY) && request.body.as_ref().is_none_or(|b| !b.contains(KEY)));
    let bare = Request {
        headers: request.headers.iter().filter(|(n, _)| n != "Authorization").cloned().collect(),
        ..request.clone()
    };
    assert_eq!(unsound(tool, &bare, base), None, "{}: {}", tool.slug, request.to_json());
}

/// The conditions on an outcome and its events.
fn ended(call: &mut Call, outcome: &Outcome, did: &Did, attempts: u32) {
    let text = outcome.to_json();
    let json: Value = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}"));
    let events: Vec<_> = call.take_events();
    let everything: String = events.iter().map(|e| e.to_json()).collect::<Vec<_>>().join("\n") + &text;
    for secret in [SECRET, KEY, PLANTED] {
        assert!(!everything.contains(secret), "{secret} in {everything}");
    }
    assert_eq!(json["successful"] == true, json["error"].is_null());
    let (first, last) = (&events.first().unwrap().what, &events.last().unwrap().what);
    assert!(matches!(first, What::Started { .. }) && matches!(last, What::Finished { .. }), "{everything}");
    let count = |f: fn(&What) -> bool| events.iter().filter(|e| f(&e.what)).count();
    assert_eq!(count(|w| matches!(w, What::Attempt { .. })), did.sent as usize);
    assert_eq!(count(|w| matches!(w, What::Started { .. } | What::Finished { .. })), 2);
    assert!(events.iter().all(|e| e.call_id == call.id()) && events.windows(2).all(|w| w[0].at <= w[1].at));
    for event in &events {
        serde_json::from_str::<Value>(&event.to_json())
            .unwrap_or_else(|e| panic!("{e}: {}", event.to_json()));
    }
    assert!(did.sent <= attempts && outcome.meta.attempts == did.sent, "{} attempts", did.sent);
    if let Err(error) = &outcome.result {
        assert!(!error.code.is_empty() && !error.message.is_empty(), "{text}");
        let why = match error.kind {
            ErrorKind::Aborted => did.cancelled,
            ErrorKind::Network | ErrorKind::Timeout => did.lost,
            ErrorKind::UnknownTool | ErrorKind::InvalidArguments | ErrorKind::Denied => did.sent == 0,
            ErrorKind::ConfirmationRequired | ErrorKind::Internal => false,
            ErrorKind::Unauthorized => did.sent > 0 || did.refused_key,
            _ => did.sent > 0,
        };
        assert!(why, "nothing in the run is a reason for {text}");
    } else {
        assert!(did.sent > 0 || matches!(outcome.result, Ok(Data::Held)), "{text}");
    }
}

#[test]
fn whatever_happens_a_call_ends_and_keeps_its_secrets() {
    let seed = seed();
    let mut random = Random::new(seed);
    let all: Vec<&Tool> = tools::all().collect();
    let (mut succeeded, mut refused, mut failed) = (0, 0, 0);
    let total = cases();
    for case in 0..total {
        // Each case has its own seed: a failing one is identified by its number.
        let random = &mut Random::new(random.next());
        let tool = (!random.one_in(200)).then(|| all[random.below(all.len())]);
        let slug = match tool {
            Some(tool) if random.one_in(9) => tool.slug.to_lowercase(),
            Some(tool) => tool.slug.to_owned(),
            None => random.text(40),
        };
        let args = match tool {
            Some(tool) => arguments(random, tool),
            None => random.json(4),
        };
        let base =
            BaseUrl::parse(random.pick(&["https://api.nango.dev", "http://localhost:3003/x/"])).unwrap();
        let attempts = random.one(&[0, 1, 2, 3, 7]);
        let options = Options {
            base: base.clone(),
            allow: Allow {
                override_hosts: vec!["example.com".into()],
                proxy_authorization: random.one_in(2),
            },
            policy: if random.one_in(20) { Policy::read_only() } else { Policy::default() },
            reveal: Reveal::None,
            retry: Retry {
                attempts,
                total_ms: random.one(&[None, Some(0), Some(5_000), Some(u64::MAX)]),
                base_ms: random.one(&[0, 500, u64::MAX]),
                most_ms: random.one(&[0, 8_000, u64::MAX]),
            },
            timeout_ms: random.one(&[None, Some(0), Some(1), Some(u64::MAX)]),
            provider: random.one(&[None, None, None, Some(Provider::OpenAiStrict)]),
            ..Options::default()
        };
        let shown = args.to_string();
        // A server can only repeat what it was sent.
        let secret = if shown.contains(SECRET) { SECRET } else { "nothing" };
        let run = std::panic::AssertUnwindSafe(|| {
            let mut call = Call::new(options, &slug, args, random.next());
            let (outcome, did) = drive(random, &mut call, tool, secret, &base);
            ended(&mut call, &outcome, &did, attempts.max(1));
            outcome
        });
        match std::panic::catch_unwind(run) {
            Ok(outcome) => match outcome.result {
                Ok(_) => succeeded += 1,
                Err(e) if e.kind == ErrorKind::InvalidArguments => refused += 1,
                Err(_) => failed += 1,
            },
            Err(_) => panic!("case {case} of seed {seed}: {slug} with {shown}"),
        }
    }
    println!("{total} calls: {succeeded} succeeded, {refused} refused, {failed} failed otherwise");
    // A run in which almost no call succeeded would prove almost nothing.
    assert!(succeeded > total / 20 && refused > total / 10 && failed > total / 20);
}

#[test]
fn good_arguments_are_always_taken() {
    let mut random = Random::new(seed());
    let allow = Allow { override_hosts: vec!["example.com".into()], proxy_authorization: true };
    for tool in tools::all() {
        for _ in 0..cases() / 100 {
            let args = good(&mut random, tool);
            if let Err(issues) = nango_toolkit::schema::check(tool, args.clone(), &allow) {
                panic!("{} refuses {args}: {issues:?}", tool.slug);
            }
        }
    }
}

#[test]
fn a_checked_call_is_checked_again_to_the_same() {
    let mut random = Random::new(seed());
    let allow = Allow { override_hosts: vec!["example.com".into()], proxy_authorization: true };
    let mut seen = 0;
    for tool in tools::all() {
        for _ in 0..cases() / 200 {
            let args = good(&mut random, tool);
            let args = broken(&mut random, args);
            if let Ok(once) = nango_toolkit::schema::check(tool, args, &allow) {
                let twice = nango_toolkit::schema::check(tool, once.clone(), &allow);
                assert_eq!(twice.as_ref(), Ok(&once), "{}", tool.slug);
                seen += 1;
            }
        }
    }
    println!("{seen} checked twice");
}

#[test]
fn texts_of_any_depth_and_size_are_read_or_refused() {
    let tool = tools::find("NANGO_ACTION_TRIGGER_POST").unwrap();
    for n in [100, 127, 128, 129, 1_000, 200_000] {
        for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("[{\"input\":", "}]")] {
            for text in [open.repeat(n), open.repeat(n) + "1" + &close.repeat(n)] {
                let mut call = Call::new(Options::default(), tool.slug, Value::from(text.as_str()), 1);
                assert!(matches!(call.poll(0), Poll::Done(_)));
                for status in [200, 400, 500] {
                    let response = Response { status, headers: vec![], body: text.clone() };
                    let _ = nango_toolkit::http::decode_any(&response);
                    let _ = nango_toolkit::http::decode(
                        tool,
                        &response,
                        &Default::default(),
                        &Default::default(),
                    );
                }
            }
        }
    }
}
