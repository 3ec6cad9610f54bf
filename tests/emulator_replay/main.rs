//! The emulator answers recorded requests as the recorded server did: same status, same code, same issue codes at the
//! same paths, and a body of the same shape; where a provider echoes, it got the same request.
//!
//! Each file of the older set is a sequence of its own, replayed in its order on an emulator whose world holds what the
//! file presumes: integrations such as `airtable-pat`, connections such as `air-1`, deployed functions. The newer set is
//! one sequence, whose order the counted-down rate limit of the answers tells.
//!
//! Every recording is replayed except those that [`left_out`] names, each with its reason; [`EXCEPTIONS`] lists
//! those that are answered otherwise.
#![cfg(feature = "emulator")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

#[path = "../common/mod.rs"]
mod common;
mod compare;
mod lists;
mod world;

use std::collections::{BTreeMap, BTreeSet};

use common::{NEWER, OLDER, Recording, recordings};
use compare::{difference, echoed, said};
use lists::{EXCEPTIONS, OTHER_KEYS, UNRECORDED, Unrecorded};
use nango_toolkit::emulator::Emulator;
use nango_toolkit::http::Request;
use nango_toolkit::tool::Method;
use serde_json::{Value, json};

/// When the recordings were made, roughly: 2026-11-22T14:12:00Z. The week between the sets does not matter.
const NOW_MS: u64 = 1_795_356_720_000;
/// The time from one request to the next.
const STEP_MS: u64 = 3_000;
/// How long before a recording a step happened that was not recorded.
const BEFORE_MS: u64 = 60_000;

/// Endpoints of the emulator beside the 24 tools.
const FURTHER: &[&str] = &[
    "NANGO_POST_PROXY",
    "NANGO_PATCH_PROXY",
    "NANGO_DELETE_PROXY",
    "NANGO_GET_ACTION_RESULT",
    "NANGO_GET_CONNECT_SESSION",
    "NANGO_DELETE_CONNECT_SESSION",
    "NANGO_SYNC_START_POST",
    "NANGO_SYNC_PAUSE_POST",
    "NANGO_CREATE_ENVIRONMENT",
    "NANGO_DELETE_ENVIRONMENT",
    "NANGO_CREATE_API_KEY",
    "NANGO_DELETE_API_KEY",
    "NANGO_ROTATE_WEBHOOK_SIGNING_KEY",
    "NANGO_CREATE_QUICKSTART_INTEGRATION",
    "NANGO_LIST_RECORDS",
    "NANGO_PRUNE_RECORDS",
    "NANGO_UPDATE_SYNC_FREQUENCY",
    "NANGO_CREATE_SYNC_VARIANT",
    "NANGO_DELETE_SYNC_VARIANT",
    "NANGO_LIST_FUNCTIONS",
    "NANGO_GET_FUNCTION",
    "NANGO_GET_FUNCTION_CODE",
    "NANGO_DELETE_FUNCTION",
    "NANGO_LIST_PROVIDER_TEMPLATES",
];

/// Whether the emulator has the endpoint of a recording: a tool's, a further one, or an older name of one.
fn is_served(recording: &Recording) -> bool {
    let path = recording.path.to_ascii_lowercase();
    recording.core
        || recording.slug.as_ref().is_some_and(|slug| FURTHER.contains(&slug.as_str()))
        || path == "/connection/metadata"
        || (path.starts_with("/connection") && ["GET", "DELETE"].contains(&recording.method.as_str()))
        || path.starts_with("/functions/invocations")
        || ["/health", "/ready", "/integrations/slack"].contains(&path.as_str())
}

/// Why a recording is not replayed.
fn left_out(recording: &Recording) -> Option<&'static str> {
    Some(match (recording.file.as_str(), recording.method.as_str()) {
        ("without-workers.json", _) => "recorded while parts of the server were stopped",
        ("webhooks-out.json", _) => "sent by the server, not to it",
        (_, "OPTIONS" | "HEAD") => "answered in front of the emulator: a preflight, or a body taken off",
        _ if !is_served(recording) => "the emulator does not have this endpoint",
        _ => return None,
    })
}

fn method(name: &str) -> Method {
    let all = [Method::Get, Method::Post, Method::Put, Method::Patch, Method::Delete];
    all.into_iter().find(|m| m.as_str() == name).unwrap_or_else(|| panic!("{name} is a method"))
}

/// An emulator with what the recordings that were replayed on it brought about.
struct Replay {
    emulator: Emulator,
    /// The last session's token, without its prefix.
    token: String,
    /// Ids of queued actions: recorded, and here.
    jobs: BTreeMap<String, String>,
    /// Numbers of environments and keys: recorded, and here.
    numbers: BTreeMap<u64, u64>,
    /// Cursors of records: recorded, and here of the record at the same place.
    cursors: BTreeMap<String, String>,
    sent: u64,
}

impl Replay {
    fn new(emulator: Emulator) -> Replay {
        Replay {
            emulator,
            token: "0".repeat(64),
            jobs: BTreeMap::new(),
            numbers: BTreeMap::new(),
            cursors: BTreeMap::new(),
            sent: 0,
        }
    }

    fn now(&self) -> u64 {
        NOW_MS + self.sent * STEP_MS
    }

    /// Takes a step that the recordings do not hold.
    fn take(&mut self, step: &Unrecorded) {
        let key = format!("Bearer {}", self.emulator.api_key());
        let mut headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        for (name, value) in step.headers {
            let mut value = value.replace("<64 hex>", &self.token);
            if value.contains("<account key>") {
                value = value.replace("<account key>", &self.emulator.add_key(&["account:*"]));
            }
            headers.push(((*name).to_owned(), value));
        }
        if !headers.iter().any(|(name, _)| name == "authorization") {
            headers.push(("authorization".into(), key));
        }
        let body = Some(self.renumbered(step.path, self.with_cursors(step.body)));
        let request = Request { method: step.method, url: step.path.into(), headers, body };
        let response = self.emulator.handle(&request, self.now() - BEFORE_MS).response;
        assert!(response.status < 300, "{} {}: {}", step.file, step.before, response.body);
        let body: Value = serde_json::from_str(&response.body).unwrap_or_default();
        self.learn(&json!({"id": step.job, "data": {"id": step.job.parse::<u64>().ok()}}), &body);
        let known = step.cursors.iter().map(|cursor| json!({"_nango_metadata": {"cursor": cursor}}));
        self.learn(&json!({"records": known.collect::<Vec<_>>()}), &body);
    }

    /// Puts cursors of this emulator in place of recorded ones.
    fn with_cursors(&self, text: &str) -> String {
        self.cursors.iter().fold(text.to_owned(), |text, (recorded, here)| text.replace(recorded, here))
    }

    /// Remembers what later recordings name: an action's id, a session's token.
    fn learn(&mut self, recorded: &Value, body: &Value) {
        if let (Some(recorded), Some(_), Some(id)) =
            (recorded["id"].as_str(), body["statusUrl"].as_str(), body["id"].as_str())
        {
            self.jobs.insert(recorded.to_owned(), id.to_owned());
        }
        if let (Some(recorded), Some(id)) = (recorded["data"]["id"].as_u64(), body["data"]["id"].as_u64()) {
            self.numbers.insert(recorded, id);
        }
        let records = |body: &Value| body["records"].as_array().cloned().unwrap_or_default();
        let cursor =
            |record: &Value| record["_nango_metadata"]["cursor"].as_str().unwrap_or_default().to_owned();
        for (recorded, here) in records(recorded).iter().zip(records(body)) {
            self.cursors.entry(cursor(recorded)).or_insert(cursor(&here));
        }
        if let Some(token) = body["data"]["token"].as_str() {
            self.token = token.trim_start_matches("nango_connect_session_").to_owned();
        }
    }

    /// A body with this emulator's numbers of environments and keys.
    fn renumbered(&self, path: &str, body: String) -> String {
        if !path.starts_with("/environment") {
            return body;
        }
        let mut body: Value = serde_json::from_str(&body).unwrap();
        for name in ["environment_id", "key_id"] {
            let number = body[name].as_u64().and_then(|recorded| self.numbers.get(&recorded));
            if let Some(number) = number {
                body[name] = json!(number);
            }
        }
        body.to_string()
    }

    /// Sends a recorded request, with keys, ids and tokens of this emulator; gives status and body.
    fn send(&mut self, recording: &Recording, other_key: Option<&str>) -> (u16, Value) {
        let request = self.request(recording, other_key);
        self.sent += 1;
        if recording.status == 429 && !recording.path.starts_with("/proxy") {
            self.emulator.set_rate_limit(0);
        }
        let response = self.emulator.handle(&request, self.now()).response;
        self.emulator.set_rate_limit(100_000);
        let body: Value = serde_json::from_str(&response.body).unwrap_or_default();
        self.learn(&recording.answer, &body);
        (response.status, body)
    }

    fn request(&mut self, recording: &Recording, other_key: Option<&str>) -> Request {
        let mut headers = Vec::new();
        for (name, value) in &recording.headers {
            let key = match other_key {
                Some(scope) if value.contains("<key>") => self.emulator.add_key(&[scope]),
                _ if value.contains("<limited key>") => {
                    self.emulator.add_key(&["environment:connections:read"])
                }
                _ if value.contains("<account key>") => self.emulator.add_key(&["account:*"]),
                _ => self.emulator.api_key().to_owned(),
            };
            let value = ["<key>", "<limited key>", "<account key>"]
                .iter()
                .fold(value.clone(), |v, k| v.replace(k, &key));
            headers.push((name.clone(), value.replace("<64 hex>", &self.token)));
        }
        let number = |part: &str| self.numbers.get(&part.parse().ok()?).map(u64::to_string);
        let environments = recording.path.starts_with("/environments/");
        let id = |part: &str| self.jobs.get(part).cloned().or_else(|| number(part).filter(|_| environments));
        let path = recording.path.split('/').map(|part| id(part).unwrap_or_else(|| part.to_owned()));
        let path = path.collect::<Vec<_>>().join("/");
        let query =
            recording.query.as_ref().filter(|q| !q.is_empty()).map(|q| format!("?{q}")).unwrap_or_default();
        let url = format!("http://localhost:3003{path}{query}");
        let body = body(recording).map(|body| self.renumbered(&recording.path, self.with_cursors(&body)));
        Request { method: method(&recording.method), url, headers, body }
    }
}

fn body(recording: &Recording) -> Option<String> {
    let json = recording.header("content-type").is_some_and(|t| t.starts_with("application/json"));
    match &recording.body {
        Value::Null => json.then(|| "null".to_owned()),
        // Not JSON, and sent as it is.
        Value::String(text) => Some(text.clone()),
        other => Some(
            other
                .to_string()
                .replace("<16385 times a>", &"a".repeat(16_385))
                .replace("<1 MiB of x>", &"x".repeat(1 << 20)),
        ),
    }
}

/// The order in which the newer set was recorded: its answers count a limit down, window by window. An answer without
/// the count follows the one before it in its file.
fn in_order(mut all: Vec<Recording>) -> Vec<Recording> {
    let number = |r: &Recording, name: &str| r.answer_header(name).and_then(|v| v.parse::<i64>().ok());
    let mut at = BTreeMap::new();
    let mut last = (0, 0);
    for recording in &all {
        if recording.index == 0 {
            last = (0, 0);
        }
        if let (Some(reset), Some(remaining)) =
            (number(recording, "x-ratelimit-reset"), number(recording, "x-ratelimit-remaining"))
        {
            last = (reset, -remaining);
        }
        at.insert((recording.file.clone(), recording.index), last);
    }
    all.sort_by_key(|r| at[&(r.file.clone(), r.index)]);
    all
}

/// What came of a set.
#[derive(Default)]
struct Outcome {
    replayed: usize,
    right: usize,
    left_out: BTreeMap<&'static str, Vec<String>>,
    met: BTreeSet<(&'static str, usize)>,
    wrong: Vec<String>,
}

fn replay(
    set: &'static str,
    all: &[Recording],
    mut emulator: impl FnMut(&str) -> (String, Option<Emulator>),
) -> Outcome {
    let mut replays: BTreeMap<String, Replay> = BTreeMap::new();
    let mut outcome = Outcome::default();
    for recording in all {
        if let Some(reason) = left_out(recording) {
            outcome.left_out.entry(reason).or_default().push(recording.place());
            continue;
        }
        let (name, fresh) = emulator(&recording.file);
        if let Some(fresh) = fresh {
            replays.insert(name.clone(), Replay::new(fresh));
        }
        let replay = replays.get_mut(&name).unwrap();
        let here = |file: &str, index: usize| recording.file == file && recording.index == index;
        for step in UNRECORDED.iter().filter(|s| s.set == set && here(s.file, s.before)) {
            replay.take(step);
        }
        let other = OTHER_KEYS.iter().find(|(file, index, _)| set == NEWER && here(file, *index));
        let (status, body) = replay.send(recording, other.map(|(_, _, scope)| *scope));
        outcome.replayed += 1;
        let Some(problem) = problem(recording, status, &body) else {
            outcome.right += 1;
            continue;
        };
        match EXCEPTIONS.iter().find(|(s, file, index, _)| *s == set && here(file, *index)) {
            Some((_, file, index, reason)) => {
                outcome.met.insert((file, *index));
                println!("{set}: answered otherwise: {}: {reason}", recording.place());
            }
            None => outcome.wrong.push(format!("{set}: {}: {problem}", recording.place())),
        }
    }
    outcome
}

/// How an answer differs from the recorded one.
fn problem(recording: &Recording, status: u16, body: &Value) -> Option<String> {
    let (ours, theirs) = (said(status, body), said(recording.status, &recording.answer));
    if ours != theirs {
        return Some(format!("{ours:?} instead of {theirs:?}"));
    }
    if let Some(problem) = data_problem(recording, body) {
        return Some(problem);
    }
    if !recording.path.starts_with("/proxy") || recording.answer.get("error").is_some() {
        return difference(body, &recording.answer);
    }
    let (ours, theirs) = (echoed(body), echoed(&recording.answer));
    (ours != theirs).then(|| format!("{ours:?} instead of {theirs:?}"))
}

/// How the values of an answer about records differ from the recorded ones.
fn data_problem(recording: &Recording, body: &Value) -> Option<String> {
    let pair = match recording.path.as_str() {
        "/records/prune" | "/sync/update-connection-frequency" => (body.clone(), recording.answer.clone()),
        "/records" => (held(body, recording), held(&recording.answer, recording)),
        _ => return None,
    };
    (pair.0 != pair.1).then(|| format!("{} instead of {}", pair.0, pair.1))
}

/// What an answer holds: the records by id, and how many are pruned, since which comes first is the server's to say; of
/// a page only their number.
fn held(answer: &Value, recording: &Recording) -> Value {
    let Some(records) = answer["records"].as_array() else { return Value::Null };
    let more = answer["next_cursor"].is_string();
    if recording.query.as_ref().is_some_and(|query| query.contains("limit=")) {
        return json!([records.len(), more]);
    }
    let times = |record: &Value, name: &str| record["_nango_metadata"][name].clone();
    let sorted = |each: &dyn Fn(&Value) -> Value| {
        let mut all: Vec<Value> = records.iter().map(each).collect();
        all.sort_by_key(Value::to_string);
        all
    };
    let actions = sorted(&|r| json!([r["id"], times(r, "last_action"), times(r, "deleted_at").is_string()]));
    let contents = sorted(&|r| json!([times(r, "pruned_at").is_string(), r.as_object().unwrap().len()]));
    json!([actions, contents, more])
}

fn report(set: &'static str, count: usize, outcome: &Outcome) {
    for (reason, places) in &outcome.left_out {
        println!("{set}: {} left out: {reason}: {}", places.len(), places.join("; "));
    }
    let left: usize = outcome.left_out.values().map(Vec::len).sum();
    println!(
        "{set}: {} of {} replayed are answered as recorded; {left} left out",
        outcome.right, outcome.replayed
    );
    assert_eq!(outcome.replayed + left, count);
    assert!(
        outcome.wrong.is_empty(),
        "{} answers differ:\n{}",
        outcome.wrong.len(),
        outcome.wrong.join("\n")
    );
    let idle: Vec<_> = EXCEPTIONS
        .iter()
        .filter(|(s, file, index, _)| *s == set && !outcome.met.contains(&(file, *index)))
        .collect();
    assert!(idle.is_empty(), "exceptions that do not occur: {idle:?}");
}

#[test]
fn each_file_of_the_older_set_is_answered_as_recorded() {
    let all = recordings(OLDER);
    let mut begun = BTreeSet::new();
    let outcome = replay(OLDER, &all, |file| {
        (file.to_owned(), begun.insert(file.to_owned()).then(|| world::older(file)))
    });
    report(OLDER, all.len(), &outcome);
    assert!(outcome.replayed >= 730, "only {} replayed", outcome.replayed);
}

#[test]
fn the_newer_set_is_answered_as_recorded_in_one_sequence() {
    let all = in_order(recordings(NEWER));
    let mut fresh = Some(world::newer());
    let outcome = replay(NEWER, &all, |_| (NEWER.to_owned(), fresh.take()));
    report(NEWER, all.len(), &outcome);
    assert!(outcome.replayed >= 65, "only {} replayed", outcome.replayed);
}
