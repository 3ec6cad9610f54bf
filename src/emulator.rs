//! An in-memory Nango: the public face, and the pipeline that every request goes through (contract
//! section 1). What an endpoint does is in one handler per tool under `emulator/`; what the environment
//! holds is in `emulator/state.rs`.
//!
//! It stands in for the server in tests, demonstrations and development. It has no clock (every call
//! brings the time), no randomness (a seed gives all ids and tokens) and no network (providers answer
//! from tables of the world).

use serde_json::Value;

use crate::error::{Error, ErrorKind};
use crate::http::{Request, Response};

mod endpoints;
mod http;
#[cfg(feature = "js-emulator")]
pub mod js;
mod model;

use endpoints::connect;
use http::auth::{self, Accepts, ApiKey, Caller};
use http::call::{self, Body, Call};
use http::faults::{Fault, Faults};
use http::rate_limit::Bucket;
use http::response::Answer;
use http::{query, router};
use model::state::{self, State};
use model::{fixture, ids, snapshot};

/// Requests a minute that a self-hosted server allows (contract section 4).
const DEFAULT_LIMIT: u32 = 200;

/// Headers of every answer, so that a page of any origin can read it.
const ALWAYS: &[(&str, &str)] = &[
    ("access-control-allow-origin", "*"),
    (
        "access-control-expose-headers",
        "Authorization, Etag, Content-Type, Content-Length, X-Nango-Signature, X-RateLimit-Limit, \
         X-RateLimit-Remaining, X-RateLimit-Reset",
    ),
];

/// What came of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The answer; without meaning where the connection was dropped.
    pub response: Response,
    /// How long the caller waits for it, in milliseconds.
    pub delay_ms: u32,
    /// Whether the connection broke before an answer.
    pub dropped: bool,
}

/// An in-memory Nango.
///
/// ```
/// use nango_toolkit::emulator::Emulator;
/// use nango_toolkit::http::Request;
/// use nango_toolkit::tool::Method;
///
/// let mut nango = Emulator::new(1);
/// let request = Request {
///     method: Method::Get,
///     url: "/connections?tags[category]=crm".into(),
///     headers: vec![("Authorization".into(), format!("Bearer {}", nango.api_key()))],
///     body: None,
/// };
/// let reply = nango.handle(&request, 1_795_356_000_000);
/// assert_eq!(reply.response.status, 200);
/// assert!(reply.response.body.contains("hubspot-ada"));
/// ```
#[derive(Debug, Clone)]
pub struct Emulator {
    seed: u64,
    /// A world of the caller's; none for the first world.
    world: Option<Value>,
    /// Built from the world at the first request, whose time is the world's start.
    state: Option<State>,
    keys: Vec<ApiKey>,
    key_ids: ids::Ids,
    faults: Faults,
    limit: u32,
    key_bucket: Bucket,
    session_bucket: Bucket,
}

impl Emulator {
    /// An emulator of the first world. `seed` decides every id and token it generates.
    pub fn new(seed: u64) -> Emulator {
        let mut key_ids = ids::Ids::new(!seed);
        let first = ApiKey { key: key_ids.uuid(), scopes: vec!["environment:*".into()] };
        Emulator {
            seed,
            world: None,
            state: None,
            keys: vec![first],
            key_ids,
            faults: Faults::default(),
            limit: DEFAULT_LIMIT,
            key_bucket: Bucket::default(),
            session_bucket: Bucket::default(),
        }
    }

    /// An emulator of the caller's own world: JSON of the same form as `src/emulator/model/fixture.json`, every
    /// part of it optional, times in seconds relative to the start. `rate_limit` beside the lists sets the
    /// requests a minute; `syncs: false` makes a connection older than the functions deployed, so that it
    /// has no syncs. The provider catalogue stays.
    ///
    /// # Errors
    /// `invalid_arguments` where it is not JSON, or not such a world; the message names the place.
    pub fn with_world(seed: u64, world: &str) -> Result<Emulator, Error> {
        let world: Value =
            serde_json::from_str(world).map_err(|e| invalid(format!("world: expected JSON, but {e}")))?;
        fixture::build(&world, seed, snapshot::BEFORE_START_MS).map_err(invalid)?;
        let mut emulator = Emulator::new(seed);
        if let Some(limit) = world.get("rate_limit").and_then(Value::as_u64) {
            emulator.set_rate_limit(u32::try_from(limit).unwrap_or(u32::MAX));
        }
        emulator.world = Some(world);
        Ok(emulator)
    }

    /// The API key: a UUID v4 that may do everything in the environment.
    pub fn api_key(&self) -> &str {
        self.keys.first().map_or("", |k| &k.key)
    }

    /// Makes another API key, with only these scopes.
    pub fn add_key(&mut self, scopes: &[&str]) -> String {
        let key = self.key_ids.uuid();
        self.keys.push(ApiKey { key: key.clone(), scopes: scopes.iter().map(|s| (*s).into()).collect() });
        key
    }

    /// Allows this many requests a minute.
    pub fn set_rate_limit(&mut self, per_minute: u32) {
        self.limit = per_minute;
    }

    /// Goes back to the world's start: data, ids, rate limit windows and faults. Keys stay valid.
    pub fn reset(&mut self) {
        self.state = None;
        self.faults = Faults::default();
        self.key_bucket = Bucket::default();
        self.session_bucket = Bucket::default();
    }

    /// Makes things go wrong: `{"latency_ms":n,"fail":[{"match":{"method","path"},"times":n|null,
    /// "kind":"status"|"rate_limit"|"drop"|"garbage"|"truncate","status":503,"retry_after":1}]}`; `path` is
    /// a prefix, and `{}` ends all faults.
    ///
    /// # Errors
    /// `invalid_arguments` where it has not that form; the faults in force stay.
    pub fn set_faults(&mut self, json: &str) -> Result<(), Error> {
        self.faults = Faults::read(json).map_err(invalid)?;
        Ok(())
    }

    /// What the environment holds, as JSON for people: secrets are masked.
    pub fn world(&self) -> String {
        match &self.state {
            Some(state) => snapshot::write(state),
            None => snapshot::write(&self.build(snapshot::BEFORE_START_MS)),
        }
    }

    /// Stands in for the end user who authorises `integration` in the Connect UI, with the token of a
    /// connect session. Gives the id of the connection made, or re-authorised.
    ///
    /// # Errors
    /// `unauthorized` for a token that is unknown or ran out, `not_found` for an unknown integration,
    /// `denied` for one the session does not allow.
    pub fn connect(&mut self, session_token: &str, integration: &str, now_ms: u64) -> Result<String, Error> {
        let now = time(now_ms);
        connect::complete(self.state(now), session_token, integration, now)
    }

    /// Answers a request at `now_ms`, milliseconds since 1970. `request.url` is absolute, with any
    /// origin, or starts with `/`.
    pub fn handle(&mut self, request: &Request, now_ms: u64) -> Reply {
        let now = time(now_ms);
        let (origin, path, query) = split_url(&request.url);
        let method = request.method.as_str();
        let fault = self.faults.take(method, path);
        let (mut answer, limits) = match &fault {
            Some(Fault::Drop) => (Answer::new(0, ""), Vec::new()),
            Some(Fault::Status(status)) => {
                (Answer::error(*status, "server_error", "emulated fault"), Vec::new())
            }
            Some(Fault::RateLimit(wait)) => {
                (Answer::too_many(method, path).header("retry-after", wait.to_string()), Vec::new())
            }
            Some(Fault::Garbage) => {
                (Answer::json(200, "{\"data\":[{\"unique_key\":\u{fffd}\u{fffd}<!"), Vec::new())
            }
            Some(Fault::Truncate) | None => self.answer(request, origin, path, query, now),
        };
        if fault == Some(Fault::Truncate) {
            let half = (0..=answer.body.len() / 2).rev().find(|at| answer.body.is_char_boundary(*at));
            answer.body.truncate(half.unwrap_or(0));
        }
        let mut headers: Vec<(String, String)> =
            ALWAYS.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        // A provider's answer, relayed, may carry such headers of its own.
        headers.extend(limits);
        headers.retain(|(name, _)| !answer.headers.iter().any(|(n, _)| n.eq_ignore_ascii_case(name)));
        headers.append(&mut answer.headers);
        Reply {
            response: Response { status: answer.status, headers, body: answer.body },
            delay_ms: self.faults.latency_ms.saturating_add(answer.delay_ms),
            dropped: fault == Some(Fault::Drop),
        }
    }

    fn build(&self, now: i64) -> State {
        let built = match &self.world {
            Some(world) => fixture::build(world, self.seed, now),
            None => fixture::build(fixture::first(), self.seed, now),
        };
        // A caller's world was built once before; the first world is built by a test.
        built.unwrap_or_else(|_| State::empty(self.seed))
    }

    fn state(&mut self, now: i64) -> &mut State {
        if self.state.is_none() {
            self.state = Some(self.build(now));
        }
        let state = self.state.get_or_insert_with(|| State::empty(self.seed));
        state.now = now;
        state
    }

    /// The pipeline: body, route, content type, caller, limit, scope, handler. The first failure wins.
    fn answer(
        &mut self,
        request: &Request,
        origin: &str,
        path: &str,
        raw_query: &str,
        now: i64,
    ) -> (Answer, Vec<(String, String)>) {
        let none = Vec::new();
        let content_type = call::header(&request.headers, "content-type");
        let body = match read_body(content_type.as_deref(), request.body.as_deref()) {
            Ok(body) => body,
            Err(answer) => return (answer, none),
        };
        self.state(now);
        let Some(state) = &mut self.state else { return (Answer::unexpected(""), none) };
        let (handler, params) = match router::find(request.method, path) {
            Ok(Some(found)) => found,
            Ok(None) => return (Answer::no_route(request.method.as_str(), path), none),
            Err(router::BadEscape) => return (Answer::unexpected(&state.ids.uuid()), none),
        };
        let relayed = params.iter().any(|(name, _)| *name == router::PROXY_PATH);
        if !relayed && content_type.is_some_and(|t| !t.starts_with("application/json")) {
            let message = "Content-Type header must be application/json";
            return (Answer::error(415, "invalid_content_type", message), none);
        }
        let caller = match auth::identify(handler.accepts, &request.headers, &self.keys, state, now) {
            Ok(caller) => caller,
            Err(answer) => return (answer, none),
        };
        let mut limits = none;
        if handler.accepts != Accepts::Anyone {
            let bucket = match caller {
                Caller::Session(_) => &mut self.session_bucket,
                _ => &mut self.key_bucket,
            };
            let verdict = bucket.take(self.limit, now);
            limits = verdict.headers;
            if !verdict.allowed {
                return (Answer::too_many(request.method.as_str(), path), limits);
            }
        }
        if let Err(answer) = caller.permit(handler.scopes) {
            return (answer, limits);
        }
        let call = Call {
            method: request.method,
            raw_query,
            origin,
            query: query::parse(raw_query),
            headers: &request.headers,
            body,
            params,
            caller,
            now,
        };
        let answer = match (handler.run)(state, &call) {
            Ok(answer) | Err(answer) => answer,
        };
        (answer, limits)
    }
}

fn invalid(message: String) -> Error {
    Error::new(ErrorKind::InvalidArguments, message)
}

fn time(now_ms: u64) -> i64 {
    i64::try_from(now_ms).unwrap_or(i64::MAX / 4)
}

/// Origin, path and query of a URL; the fragment is dropped.
fn split_url(url: &str) -> (&str, &str, &str) {
    let url = url.split('#').next().unwrap_or_default();
    let (origin, rest) = match url.find("://") {
        Some(at) if !url.starts_with('/') => {
            let end = url.get(at + 3..).and_then(|rest| rest.find(['/', '?'])).map(|i| at + 3 + i);
            url.split_at_checked(end.unwrap_or(url.len())).unwrap_or((url, ""))
        }
        _ => ("", url),
    };
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    (origin, if path.is_empty() { "/" } else { path }, query)
}

/// Reads the body: JSON must be an object or a list, whatever the endpoint.
fn read_body<'a>(content_type: Option<&str>, body: Option<&'a str>) -> Result<Body<'a>, Answer> {
    let (Some(content_type), Some(body)) = (content_type, body) else { return Ok(Body::Absent) };
    let media = content_type.split(';').next().unwrap_or_default().trim();
    if !media.eq_ignore_ascii_case("application/json") {
        return Ok(if body.is_empty() { Body::Absent } else { Body::Raw(body) });
    }
    if body.is_empty() {
        return Ok(Body::Json(Value::Object(state::Object::new())));
    }
    let invalid = |message: String| Err(Answer::error(400, "invalid_json", message));
    let first = body.trim_start().chars().next();
    match first {
        Some('{' | '[') => {}
        Some(c) => return invalid(format!("Unexpected token '{c}', {body:?} is not valid JSON")),
        None => return invalid("Unexpected end of JSON input".into()),
    }
    match serde_json::from_str(body) {
        Ok(value) => Ok(Body::Json(value)),
        Err(e) if e.is_eof() && body.trim().len() > 1 => invalid("Unexpected end of JSON input".into()),
        Err(e) => {
            let (line, column) = (e.line(), e.column() + usize::from(e.is_eof()));
            invalid(format!("Unexpected character in JSON (line {line} column {column})"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Emulator, split_url};

    #[test]
    fn urls_are_split_whatever_their_origin() {
        assert_eq!(split_url("http://localhost:3003/a/b?c=d#e"), ("http://localhost:3003", "/a/b", "c=d"));
        assert_eq!(split_url("/proxy/https://x/y?z"), ("", "/proxy/https://x/y", "z"));
        assert_eq!(split_url("https://api.nango.dev"), ("https://api.nango.dev", "/", ""));
        assert_eq!(split_url("https://api.nango.dev?a"), ("https://api.nango.dev", "/", "a"));
    }

    #[test]
    fn the_first_world_builds() {
        let state = super::fixture::build(super::fixture::first(), 1, 0).expect("world.json");
        assert!(state.integrations.len() >= 12 && state.connections.len() >= 20);
        assert_ne!(Emulator::new(1).api_key(), Emulator::new(2).api_key());
    }
}
