//! Every recorded request of the tools' operations that a real server answered with 2xx is built
//! again from arguments, exactly; or it is in a table that says why no arguments can build it.
//! The arguments are read from the recorded request by the contract's placement, not by the crate.

use std::collections::BTreeMap;

use crate::common::{NEWER, OLDER, Recording, operations, recordings, text};
use nango_toolkit::http::{self, BaseUrl, Request};
use nango_toolkit::schema::{self, Allow};
use nango_toolkit::tools;
use serde_json::{Map, Value};

/// Requests that no arguments can build: file, the case's name (up to a `…`), why.
const NOT_BUILT: &[(&str, &str, &str)] = &[
    (
        "proxy-get.json",
        "ok: nango-proxy-host and content-length",
        "headers of the connection itself are nobody's to give",
    ),
    (
        "action-trigger.json",
        "ok: unknown extra body field…",
        "a body property that is not an argument; the server drops it",
    ),
    (
        "connections-delete.json",
        "ok: body sent with DELETE",
        "a body where none belongs; the server drops it",
    ),
    (
        "integrations-delete.json",
        "ok: body sent with DELETE",
        "a body where none belongs; the server drops it",
    ),
    ("proxy-other-methods.json", "GET with a JSON body", "a body where none belongs; the server drops it"),
    (
        "connections-get.json",
        "ok: boolean spellings…",
        "other spellings of true and false; true and false are sent",
    ),
    ("connections-list.json", "limit=1.5", "half a connection; limits are whole numbers"),
    ("connections-patch.json", "ok: empty body", "would change nothing; at least one change is asked for"),
    (
        "connections-post.json",
        "connection_id empty string",
        "an empty id makes a connection that no other call can name",
    ),
    (
        "connections-post.json",
        "ok: OAUTH2 expires_at as epoch…",
        "a deprecated form; dates are ISO 8601 strings",
    ),
    ("cors.json", "request GET /integrations/slack 200", "`Origin` is the browser's header, not an argument"),
    (
        "cors.json",
        "request proxied answer whose upstream…",
        "`Origin` is the browser's header, not an argument",
    ),
    ("integrations-get.json", "ok: include[]=…", "another spelling of a list; the name is repeated instead"),
    ("metadata-patch.json", "empty array of ids", "would change nothing; at least one id is asked for"),
    ("metadata-post.json", "empty array of ids", "would change nothing; at least one id is asked for"),
    (
        "proxy-get.json",
        "ok: nango-proxy-* headers…",
        "`Cookie` and others without the prefix; Nango drops them",
    ),
    ("proxy-get.json", "gzip response, client sends…", "`Accept-Encoding` is the transport's header"),
    (
        "proxy-get.json",
        "ok: path with double slash",
        "`//host` is refused or stripped to one slash: safety rule 2",
    ),
    ("proxy-get.json", "ok: path with dot segments", "dot segments could leave /proxy: safety rule 2"),
    (
        "proxy-get.json",
        "ok: base-url-override with a query",
        "Nango joins it wrongly: the path ends up in the query",
    ),
    (
        "proxy-put.json",
        "form-urlencoded body",
        "a raw body without Nango-Proxy-Content-Type, which is always sent",
    ),
    (
        "proxy-put.json",
        "text/plain body",
        "a raw body without Nango-Proxy-Content-Type, which is always sent",
    ),
    ("proxy-put.json", "text/xml body", "a raw body without Nango-Proxy-Content-Type, which is always sent"),
    (
        "proxy-put.json",
        "application/octet-stream…",
        "a raw body without Nango-Proxy-Content-Type, which is always sent",
    ),
    ("scripts-config-get.json", "format=nope", "an unknown format; the server falls back to nango"),
    (
        "scripts-config-get.json",
        "unknown query param",
        "a parameter that is not an argument; the server drops it",
    ),
    (
        "proxy-delete.json",
        "text/plain body",
        "a raw body without Nango-Proxy-Content-Type, which is always sent",
    ),
    (
        "proxy-delete.json",
        "text/xml body",
        "a raw body without Nango-Proxy-Content-Type, which is always sent",
    ),
    (
        "proxy-delete.json",
        "application/octet-stream body",
        "a raw body without Nango-Proxy-Content-Type, which is always sent",
    ),
    (
        "proxy-patch.json",
        "text/plain body",
        "a raw body without Nango-Proxy-Content-Type, which is always sent",
    ),
    (
        "proxy-patch.json",
        "text/xml body",
        "a raw body without Nango-Proxy-Content-Type, which is always sent",
    ),
    (
        "proxy-patch.json",
        "application/octet-stream body",
        "a raw body without Nango-Proxy-Content-Type, which is always sent",
    ),
    (
        "proxy-post.json",
        "form-urlencoded body",
        "a raw body without Nango-Proxy-Content-Type, which is always sent",
    ),
    (
        "proxy-post.json",
        "text/plain body",
        "a raw body without Nango-Proxy-Content-Type, which is always sent",
    ),
    ("proxy-post.json", "text/xml body", "a raw body without Nango-Proxy-Content-Type, which is always sent"),
    (
        "proxy-post.json",
        "application/octet-stream body",
        "a raw body without Nango-Proxy-Content-Type, which is always sent",
    ),
    (
        "proxy-delete.json",
        "multipart body with n…",
        "a raw body without Nango-Proxy-Content-Type, which is always sent",
    ),
    (
        "proxy-delete.json",
        "multipart body without…",
        "a raw body without Nango-Proxy-Content-Type, which is always sent",
    ),
    (
        "proxy-post.json",
        "multipart body with…",
        "a raw body without Nango-Proxy-Content-Type, which is always sent",
    ),
    ("proxy-other.json", "post form", "a raw body without Nango-Proxy-Content-Type, which is always sent"),
    ("proxy-other.json", "patch text", "a raw body without Nango-Proxy-Content-Type, which is always sent"),
    ("account.json", "delete the API key", "an older path, with numbers; today's has UUIDs"),
    ("action-get.json", "query string", "a query where none belongs; the server drops it"),
    ("sync-pause.json", "query string", "a query where none belongs; the server drops it"),
    ("sync-start.json", "query string", "a query where none belongs; the server drops it"),
    ("records-get.json", "ok: filter=ADDED", "another spelling of the same word; small letters are sent"),
    ("records-get.json", "ok: ids[]", "another spelling of a list; the name is repeated instead"),
    ("sync-status.json", "accepted: syncs empty", "an empty name; the server finds nothing"),
    ("sync-trigger.json", "opts unknown key", "an option that does not exist; the server drops it"),
];

/// The arguments that the contract's placement finds in a recorded request. What has no place stays
/// out, so that the comparison afterwards shows it; a body property without one is kept as it is.
fn arguments(recording: &Recording, operation: &Value) -> Value {
    let mut args = Map::new();
    let placement = operation["placement"].as_object().unwrap();
    let schema = &operation["args"]["properties"];
    let mut query = pairs(recording.query.as_deref().unwrap_or_default());
    let mut body = recording.body.as_object().cloned().unwrap_or_default();
    let mut whole_query = None;
    for (name, place) in placement {
        let (sent, of) = (text(&place["name"]), &schema[name]);
        let value = match place["in"].as_str().unwrap() {
            "path" => Some(from_path(recording, operation, &sent)),
            "query" if sent == "*" => {
                whole_query = Some(name);
                None
            }
            "query" => from_query(&mut query, &sent, place["style"].as_str(), of),
            "header" if sent.ends_with("<Name>") => from_headers(recording, sent.trim_end_matches("<Name>")),
            // The recordings have a placeholder in place of each token.
            "header" if sent == "Authorization" => recording
                .header(&sent)
                .map(|v| Value::from(v.trim_start_matches("Bearer ").replace("<64 hex>", &"0".repeat(64)))),
            "header" => recording.header(&sent).map(|v| match place["style"].as_str() {
                Some("comma") => v.split(',').map(|v| typed(v, &of["items"])).collect(),
                _ => typed(v, of),
            }),
            "body" => body.remove(&sent),
            "body_root" => Some(recording.body.clone()).filter(|b| !b.is_null()),
            other => panic!("a placement in {other}"),
        };
        if let Some(value) = value {
            args.insert(name.clone(), value);
        }
        if place["in"] == "body_root" {
            body.clear();
        }
    }
    if let Some(name) = whole_query.filter(|_| !query.is_empty()) {
        args.insert(name.clone(), gathered(&std::mem::take(&mut query)));
    }
    args.extend(body);
    Value::Object(args)
}

/// A string from the request as the type that the schema expects, if it is one.
fn typed(text: &str, schema: &Value) -> Value {
    match schema["type"].as_str() {
        Some("boolean" | "integer") => serde_json::from_str(text).unwrap_or_else(|_| Value::from(text)),
        _ => Value::from(text),
    }
}

fn from_path(recording: &Recording, operation: &Value, name: &str) -> Value {
    if name == "anyPath" {
        // Escapes stay: the argument is a path, and a path is written with them.
        // One leading slash is optional, and the only way to say "nothing".
        let rest = recording.path.strip_prefix("/proxy/").unwrap();
        return Value::from(if rest.is_empty() { "/" } else { rest });
    }
    let template = operation["path"].as_str().unwrap().split('/');
    let mut steps = template.zip(recording.path.split('/'));
    let placeholder = format!("{{{name}}}");
    Value::from(percent_decoded(steps.find(|(step, _)| *step == placeholder).unwrap().1))
}

fn from_query(
    query: &mut Vec<(String, String)>,
    name: &str,
    style: Option<&str>,
    schema: &Value,
) -> Option<Value> {
    let taken: Vec<(String, String)> = match style {
        Some("deepObject") => {
            let prefix = name.trim_end_matches("<key>]");
            let all = query.extract_if(.., |(n, _)| n.starts_with(prefix) && n.ends_with(']'));
            all.map(|(n, v)| (n[prefix.len()..n.len() - 1].to_owned(), v)).collect()
        }
        _ => query.extract_if(.., |(n, _)| n == name).collect(),
    };
    let values = || taken.iter().map(|(_, v)| v.as_str());
    match (style, taken.as_slice()) {
        (_, []) => None,
        (Some("deepObject"), _) => {
            Some(taken.iter().map(|(n, v)| (n.clone(), Value::from(v.as_str()))).collect())
        }
        (Some("comma"), _) => Some(values().flat_map(|v| v.split(',')).map(Value::from).collect()),
        (Some("form-explode"), _) => Some(values().map(Value::from).collect()),
        (_, [(_, one)]) => Some(typed(one, schema)),
        (_, _) => Some(values().map(Value::from).collect()),
    }
}

fn from_headers(recording: &Recording, prefix: &str) -> Option<Value> {
    let begins = |n: &str| n.get(..prefix.len()).is_some_and(|p| p.eq_ignore_ascii_case(prefix));
    let with = recording.headers.iter().filter(|(n, _)| begins(n));
    let map: Map<_, _> = with.map(|(n, v)| (n[prefix.len()..].to_owned(), Value::from(v.as_str()))).collect();
    (!map.is_empty()).then_some(Value::Object(map))
}

/// Pairs as an object: a repeated name has a list.
fn gathered(pairs: &[(String, String)]) -> Value {
    let mut map: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, value) in pairs {
        map.entry(name).or_default().push(value);
    }
    let value = |values: Vec<&str>| match values.as_slice() {
        [one] => Value::from(*one),
        _ => Value::from(values),
    };
    Value::Object(map.into_iter().map(|(n, v)| (n.to_owned(), value(v))).collect())
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let escape = after.get(..2).and_then(|h| u8::from_str_radix(std::str::from_utf8(h).ok()?, 16).ok());
        match (first, escape) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).unwrap()
}

/// The decoded names and values of a query, in order.
fn pairs(query: &str) -> Vec<(String, String)> {
    let parts = query.split('&').filter(|p| !p.is_empty());
    parts
        .map(|p| p.split_once('=').unwrap_or((p, "")))
        .map(|(n, v)| (percent_decoded(n), percent_decoded(v)))
        .collect()
}

/// The headers that are compared: all except the key, `Accept`, and the content type of JSON bodies.
/// The case of names does not matter, as in HTTP.
fn relevant(headers: &[(String, String)]) -> Vec<(String, String)> {
    let mut out: Vec<_> = headers
        .iter()
        .map(|(n, v)| (n.to_ascii_lowercase(), v.clone()))
        .filter(|(n, _)| !matches!(n.as_str(), "authorization" | "accept"))
        .collect();
    out.sort();
    out
}

/// How a built request differs from the recorded one.
fn differences(built: &Request, recording: &Recording) -> Vec<String> {
    let mut out = Vec::new();
    let mut differ = |what: &str, ours: String, theirs: String| {
        if ours != theirs {
            out.push(format!("{what}: {ours} instead of {theirs}"));
        }
    };
    let rest = built.url.strip_prefix(BaseUrl::CLOUD).unwrap();
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let sorted = |mut pairs: Vec<(String, String)>| {
        pairs.sort();
        format!("{pairs:?}")
    };
    differ("method", built.method.as_str().into(), recording.method.clone());
    differ("path", path.into(), recording.path.clone());
    differ("query", sorted(pairs(query)), sorted(pairs(recording.query.as_deref().unwrap_or_default())));
    differ(
        "headers",
        format!("{:?}", relevant(&built.headers)),
        format!("{:?}", relevant(&recording.headers)),
    );
    let json = recording.header("content-type").is_some_and(|t| t.starts_with("application/json"));
    let body = match &built.body {
        None => Value::Null,
        Some(body) if json => serde_json::from_str(body).unwrap(),
        Some(body) => Value::from(body.as_str()),
    };
    if body != recording.body {
        differ("body", body.to_string(), recording.body.to_string());
    }
    out
}

/// The differences between the recorded request and one built from arguments; `None` if they are the
/// same.
fn against(recording: &Recording, operation: &Value) -> Vec<String> {
    let tool = tools::find(recording.slug.as_deref().unwrap()).unwrap();
    // The recorded calls go to a stand-in for a provider, which the operator of the toolkit allows.
    let allow = Allow {
        override_hosts: ["http://192.0.2.2:4011", "http://192.0.2.2:9", "http://upstream.example:13900"]
            .map(str::to_owned)
            .to_vec(),
        proxy_authorization: true,
    };
    match schema::check(tool, arguments(recording, operation), &allow) {
        Err(issues) => issues.iter().map(|i| format!("{}: {}", i.path.join("."), i.message)).collect(),
        Ok(args) => differences(&http::build(tool, &args, &BaseUrl::default()), recording),
    }
}

fn has_tool(recording: &Recording) -> bool {
    recording.slug.as_deref().is_some_and(|slug| tools::find(slug).is_some())
}

fn named_by(listed: &str, name: &str) -> bool {
    listed.strip_suffix('…').map_or(listed == name, |start| name.starts_with(start))
}

#[test]
fn every_recorded_success_is_built_from_arguments() {
    let (recordings, operations) = ([recordings(OLDER), recordings(NEWER)].concat(), operations());
    let mut problems = Vec::new();
    let (mut built, mut named) = (0, 0);
    for recording in recordings.iter().filter(|r| has_tool(r) && (200..300).contains(&r.status)) {
        let operation = operations.iter().find(|o| o["slug"] == recording.slug.as_deref().unwrap()).unwrap();
        let wrong = against(recording, operation);
        let listed = NOT_BUILT.iter().find(|(f, n, _)| *f == recording.file && named_by(n, &recording.name));
        match (wrong.as_slice(), listed) {
            ([], None) => built += 1,
            (_, Some((_, _, why))) if !wrong.is_empty() => {
                println!("not built: {}: {why}\n    {}", recording.place(), wrong.join("\n    "));
                named += 1;
            }
            ([], Some(_)) => problems.push(format!("{} is listed as not built, but is", recording.place())),
            _ => problems.push(format!("{}\n    {}", recording.place(), wrong.join("\n    "))),
        }
    }
    println!(
        "{built} of {} recorded requests are built exactly, {named} are listed with a reason",
        built + named
    );
    assert!(problems.is_empty(), "{} differences:\n{}", problems.len(), problems.join("\n"));
    assert_eq!(named, NOT_BUILT.len(), "every line of the table names one request");
}
