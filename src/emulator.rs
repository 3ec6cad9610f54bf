//! An in-memory Nango: the public face, and the pipeline that every request goes through (contract section 1).
//! `model/` holds the environment, `http/` reads requests and makes responses, `endpoints/` has one file per domain,
//! and `routes.rs` says which endpoint answers which path.
//!
//! It stands in for the server in tests, demonstrations and development. It has no clock (every call brings the time),
//! no randomness (a seed gives all ids and tokens) and no network (mock providers answer from the fixture).

use serde_json::Value;

use crate::error::{Error, ErrorKind};
use crate::http::{Request, Response};
use crate::json::to_json;

mod endpoints;
mod http;
#[cfg(feature = "js-emulator")]
pub mod js;
mod model;
mod options;
mod routes;
mod saved;
mod webhooks;

use endpoints::connect;
use http::auth::{self, Accepts, Caller, Principal};
use http::call::Call;
use http::faults::{Fault, Faults};
use http::query;
use http::rate_limit::Bucket;
use http::request::{DEEPEST, depth, header, read_body, split_url};
use http::response::HttpResponse;
use http::router::{BadEscape, PROXY_PATH};
use model::account::ApiKey;
use model::clock::{BEFORE_START_MS, LATEST_NOW_MS};
use model::environments::MAIN;
use model::fixture;
use model::formats::is_uuid_v4;
use model::ids::Ids;
use model::snapshot::Snapshot;
use model::state::State;
use model::strict;
use options::Options;
use saved::{Origin, Saved};
pub use webhooks::EmulatorWebhook;

/// Requests a minute that a self-hosted server allows (contract section 4).
const DEFAULT_LIMIT: u32 = 200;

/// Headers of every response, so that a page of any origin can read it.
const ALWAYS: &[(&str, &str)] = &[
    ("access-control-allow-origin", "*"),
    (
        "access-control-expose-headers",
        "Authorization, Etag, Content-Type, Content-Length, X-Nango-Signature, X-RateLimit-Limit, \
         X-RateLimit-Remaining, X-RateLimit-Reset",
    ),
];

/// The result of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct EmulatorReply {
    /// The response; ignored if the connection was dropped.
    pub response: Response,
    /// How long the caller waits for it, in milliseconds.
    pub delay_ms: u32,
    /// Whether the connection broke before a response.
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
    origin: Origin,
    /// Made from the origin at the first request, whose time is the start of a fixture.
    state: Option<State>,
    keys: Vec<ApiKey>,
    key_ids: Ids,
    faults: Faults,
    limit: u32,
    key_bucket: Bucket,
    session_bucket: Bucket,
}

impl Emulator {
    /// An emulator of the default fixture. `seed` decides every id and token it generates.
    #[must_use]
    pub fn new(seed: u64) -> Emulator {
        let mut key_ids = Ids::new(!seed);
        let first = ApiKey { key: key_ids.uuid(), scopes: vec!["environment:*".into()] };
        Emulator {
            seed,
            origin: Origin::Default,
            state: None,
            keys: vec![first],
            key_ids,
            faults: Faults::default(),
            limit: DEFAULT_LIMIT,
            key_bucket: Bucket::default(),
            session_bucket: Bucket::default(),
        }
    }

    /// An emulator with the caller's own data: JSON of the same form as `src/emulator/model/fixture.json`, every part
    /// of it optional, times in seconds relative to the start. `rateLimit` beside the arrays sets the requests a
    /// minute; `syncs: false` makes a connection older than the functions deployed, so that it has no syncs; what the
    /// runs of a sync find is in its `behaviour`: `{ models: { Contact: { added, updated, deleted, records } } }`. The
    /// provider catalogue stays. For what [`save`](Emulator::save) returned use [`from_saved`](Emulator::from_saved).
    ///
    /// # Errors
    /// `invalid_option` if it is not JSON, or not such a world; the message names the place.
    pub fn with_world(seed: u64, world: &str) -> Result<Emulator, Error> {
        match Saved::read(world) {
            Some(_) => Err(invalid("world: this is what `save` returned: use `from_saved`".into())),
            None => Emulator::with_fixture(seed, parse("world", world)?),
        }
    }

    /// An emulator that goes on where the one that [`save`](Emulator::save) was called on stood.
    ///
    /// # Errors
    /// `invalid_option` if `saved` is not what [`save`](Emulator::save) returned; the message names the place.
    ///
    /// ```
    /// use nango_toolkit::emulator::Emulator;
    ///
    /// let first = Emulator::new(7);
    /// let second = Emulator::from_saved(&first.save())?;
    /// assert_eq!(second.api_key(), first.api_key());
    /// # Ok::<(), nango_toolkit::error::Error>(())
    /// ```
    pub fn from_saved(saved: &str) -> Result<Emulator, Error> {
        let saved = Saved::read(saved);
        let saved = saved.unwrap_or_else(|| Err("saved: expected what `save()` returned".into()));
        Emulator::restore(saved.map_err(invalid)?)
    }

    /// An emulator from options as a JSON object, each of them optional: `seed` (1 if absent), `apiKey` (a UUID v4;
    /// the seed decides it if absent), `world` (as [`with_world`](Emulator::with_world) takes it, or what
    /// [`save`](Emulator::save) returned) and `faults`, both an object or its JSON text, `rateLimit` (requests a
    /// minute).
    ///
    /// # Errors
    /// `invalid_option` for an option that is unknown, `null` or of a wrong type; the message names it.
    ///
    /// ```
    /// use nango_toolkit::emulator::Emulator;
    ///
    /// assert!(Emulator::from_options(r#"{ "seed": 3, "rateLimit": 10 }"#).is_ok());
    /// let error = Emulator::from_options(r#"{ "sed": 3 }"#).unwrap_err();
    /// assert!(error.message.contains("did you mean `seed`?"));
    /// ```
    pub fn from_options(options: &str) -> Result<Emulator, Error> {
        let options = Options::read(options).map_err(invalid)?;
        let seed = options.seed.unwrap_or(1);
        let world = options.world.as_deref().map(strict::text_of);
        let mut emulator = match (world.as_deref().and_then(Saved::read), world) {
            (Some(_), _) if options.seed.is_some() => {
                return Err(invalid(
                    "options: `seed`: a saved `world` has its own, so leave this out".into(),
                ));
            }
            (Some(saved), _) => Emulator::restore(saved.map_err(invalid)?)?,
            (None, Some(fixture)) => Emulator::with_fixture(seed, parse("world", &fixture)?)?,
            (None, None) => Emulator::new(seed),
        };
        if let Some(faults) = options.faults {
            emulator.set_faults(&strict::text_of(&faults))?;
        }
        if let Some(key) = options.api_key {
            emulator.use_key(key)?;
        }
        emulator.limit = options.rate_limit.unwrap_or(emulator.limit);
        Ok(emulator)
    }

    /// Replaces the key from the seed by `key`; further keys are derived from it.
    fn use_key(&mut self, key: String) -> Result<(), Error> {
        if !is_uuid_v4(&key) {
            return Err(invalid("options: `apiKey`: expected a UUID v4, the form of Nango's keys".into()));
        }
        let bits = u128::from_str_radix(&key.replace('-', ""), 16).unwrap_or_default();
        self.key_ids = Ids::new((bits >> 64) as u64 ^ bits as u64);
        self.keys = vec![ApiKey { key, scopes: vec!["environment:*".into()] }];
        Ok(())
    }

    fn with_fixture(seed: u64, fixture: Value) -> Result<Emulator, Error> {
        if depth(&fixture) > DEEPEST {
            return Err(invalid(format!("world: nested deeper than {DEEPEST} levels")));
        }
        fixture::build(&fixture, seed, BEFORE_START_MS).map_err(invalid)?;
        let mut emulator = Emulator::new(seed);
        emulator.limit = fixture::rate_limit(&fixture).map_err(invalid)?.unwrap_or(DEFAULT_LIMIT);
        emulator.origin = Origin::Fixture(fixture);
        Ok(emulator)
    }

    fn restore(saved: Saved) -> Result<Emulator, Error> {
        let Saved { seed, keys, key_ids, rate_limit: limit, data: origin, .. } = saved;
        if let Origin::Fixture(fixture) = &origin {
            fixture::build(fixture, seed, BEFORE_START_MS).map_err(invalid)?;
        }
        Ok(Emulator { keys, key_ids, limit, origin, ..Emulator::new(seed) })
    }

    /// The API key: a UUID v4 that may do everything in the environment.
    #[must_use]
    pub fn api_key(&self) -> &str {
        self.keys.first().map_or("", |k| &k.key)
    }

    /// Makes another API key, with only these scopes. With scopes such as `account:*` it is a key of the account, which
    /// manages environments and their keys, and sees nothing in them.
    pub fn add_key(&mut self, scopes: &[&str]) -> String {
        let key = self.key_ids.uuid();
        self.keys.push(ApiKey { key: key.clone(), scopes: scopes.iter().map(|s| (*s).into()).collect() });
        key
    }

    /// Allows this many requests a minute.
    pub fn set_rate_limit(&mut self, per_minute: u32) {
        self.limit = per_minute;
    }

    /// Restores the initial state: data, ids, rate limit windows and faults. Keys stay valid.
    pub fn reset(&mut self) {
        self.state = None;
        self.faults = Faults::default();
        self.key_bucket = Bucket::default();
        self.session_bucket = Bucket::default();
    }

    /// Simulates faults: `{"latencyMs":n,"fail":[{"match":{"method","path"},"times":n|null,
    /// "kind":"status"|"rate_limit"|"drop"|"garbage"|"truncate","status":503,"retryAfter":1}]}`; `path` is
    /// a prefix, `retryAfter` is in seconds, and `{}` ends all faults.
    ///
    /// # Errors
    /// `invalid_option` if it does not have that form; the faults in force stay.
    pub fn set_faults(&mut self, json: &str) -> Result<(), Error> {
        self.faults = Faults::read(&parse("faults", json)?).map_err(invalid)?;
        Ok(())
    }

    /// Everything that another emulator needs to go on from here, as JSON text: data, with credentials, IDs still to
    /// come, keys and the rate limit. Faults are not part of it. Give it to [`from_saved`](Emulator::from_saved), or as
    /// the option `world`.
    #[must_use]
    pub fn save(&self) -> String {
        let data =
            self.state.clone().map_or_else(|| self.origin.clone(), |state| Origin::State(Box::new(state)));
        Saved::new(self.seed, self.keys.clone(), self.key_ids.clone(), self.limit, data).to_json()
    }

    /// The data of the environment as readable JSON: secrets are masked. [`save`](Emulator::save) returns them as they
    /// are.
    #[must_use]
    pub fn world(&self) -> String {
        match &self.state {
            Some(state) => to_json(&Snapshot::of(state)),
            None => to_json(&Snapshot::of(&self.build(BEFORE_START_MS))),
        }
    }

    /// Stands in for the end user who authorises `integration` in the Connect UI, with the token of a
    /// connect session. Returns the id of the connection that was made or re-authorised.
    ///
    /// # Errors
    /// `unauthorized` for a token that is unknown or has expired, `not_found` for an unknown integration,
    /// `denied` for one the session does not allow.
    pub fn connect(&mut self, session_token: &str, integration: &str, now_ms: u64) -> Result<String, Error> {
        let now = time(now_ms);
        let state = self.state(now);
        let environment = state.environment_of_session(session_token, now).unwrap_or(MAIN);
        state.within(environment, now, |state| {
            state.settle_deployments(now);
            connect::complete(state, session_token, integration, now)
        })
    }

    /// Answers a request at `now_ms`, milliseconds since 1970. `request.url` is absolute, with any
    /// origin, or starts with `/`.
    pub fn handle(&mut self, request: &Request, now_ms: u64) -> EmulatorReply {
        let now = time(now_ms);
        let (_, path, _) = split_url(&request.url);
        let method = request.method.as_str();
        let fault = self.faults.take(method, path);
        let (mut response, limits) = match &fault {
            Some(Fault::Drop) => (HttpResponse::new(0, ""), Vec::new()),
            Some(Fault::Status(status)) => {
                (HttpResponse::error(*status, "server_error", "emulated fault"), Vec::new())
            }
            Some(Fault::RateLimit(wait)) => {
                (HttpResponse::too_many(method, path).header("retry-after", wait.to_string()), Vec::new())
            }
            Some(Fault::Garbage) => {
                (HttpResponse::json(200, "{\"data\":[{\"unique_key\":\u{fffd}\u{fffd}<!"), Vec::new())
            }
            Some(Fault::Truncate) | None => self.respond(request, now),
        };
        if fault == Some(Fault::Truncate) {
            let half = (0..=response.body.len() / 2).rev().find(|at| response.body.is_char_boundary(*at));
            response.body.truncate(half.unwrap_or(0));
        }
        let mut headers: Vec<(String, String)> =
            ALWAYS.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        // A relayed response of a provider may have its own headers of these names.
        headers.extend(limits);
        headers.retain(|(name, _)| !response.headers.iter().any(|(n, _)| n.eq_ignore_ascii_case(name)));
        headers.append(&mut response.headers);
        EmulatorReply {
            response: Response { status: response.status, headers, body: response.body },
            delay_ms: self.faults.latency_ms.saturating_add(response.delay_ms),
            dropped: fault == Some(Fault::Drop),
        }
    }

    fn build(&self, now: i64) -> State {
        // A caller's fixture was built once before; a test builds the default one.
        let built = |fixture| {
            let state = fixture::build(fixture, self.seed, now);
            (state.unwrap_or_else(|_| State::empty(self.seed)), now)
        };
        let (mut state, since) = match &self.origin {
            Origin::Default => built(fixture::default_fixture()),
            Origin::Fixture(fixture) => built(fixture),
            Origin::State(state) => (State::clone(state), state.now),
        };
        state.webhooks.begin(since);
        state
    }

    fn state(&mut self, now: i64) -> &mut State {
        if self.state.is_none() {
            self.state = Some(self.build(now));
        }
        let state = self.state.get_or_insert_with(|| State::empty(self.seed));
        state.now = now;
        state
    }

    /// The pipeline: body, route, content type, principal, limit, scope, handler. The first failure wins.
    fn respond(&mut self, request: &Request, now: i64) -> (HttpResponse, Vec<(String, String)>) {
        let none = Vec::new();
        let (origin, path, raw_query) = split_url(&request.url);
        let content_type = header(&request.headers, "content-type");
        let body = match read_body(content_type.as_deref(), request.body.as_deref()) {
            Ok(body) => body,
            Err(response) => return (response, none),
        };
        self.state(now);
        let Some(state) = &mut self.state else { return (HttpResponse::unexpected(""), none) };
        let (handler, params) = match routes::router().find(request.method, path) {
            Ok(Some(found)) => found,
            Ok(None) => return (HttpResponse::no_route(request.method.as_str(), path), none),
            Err(BadEscape) => return (HttpResponse::unexpected(&state.ids.uuid()), none),
        };
        let relayed = params.iter().any(|(name, _)| *name == PROXY_PATH);
        if !relayed && content_type.is_some_and(|t| !t.starts_with("application/json")) {
            let message = "Content-Type header must be application/json";
            return (HttpResponse::error(415, "invalid_content_type", message), none);
        }
        let caller = auth::identify(handler.accepts, &request.headers, &self.keys, state, now);
        let Caller { principal, environment, key } = match caller {
            Ok(caller) => caller,
            Err(response) => return (response, none),
        };
        if let Some(key) = key {
            state.note_use(key, now);
        }
        let mut limits = none;
        if handler.accepts != Accepts::Anyone {
            let bucket = match principal {
                Principal::Session(_) => &mut self.session_bucket,
                _ => &mut self.key_bucket,
            };
            let verdict = bucket.take(self.limit, now);
            limits = verdict.headers;
            if !verdict.allowed {
                return (HttpResponse::too_many(request.method.as_str(), path), limits);
            }
        }
        if let Err(response) = principal.permit(handler.scopes) {
            return (response, limits);
        }
        let call = Call {
            method: request.method,
            raw_query,
            origin,
            query: query::parse(raw_query),
            headers: &request.headers,
            body,
            params,
            principal,
            keys: &self.keys,
            now,
        };
        let (Ok(response) | Err(response)) = state.within(environment, now, |state| {
            state.settle_deployments(now);
            (handler.run)(state, &call)
        });
        (response, limits)
    }
}

fn invalid(message: String) -> Error {
    Error::new(ErrorKind::InvalidOption, message)
}

fn parse(name: &str, json: &str) -> Result<Value, Error> {
    serde_json::from_str(json).map_err(|e| invalid(format!("{name}: expected JSON, but {e}")))
}

fn time(now_ms: u64) -> i64 {
    i64::try_from(now_ms).map_or(LATEST_NOW_MS, |ms| ms.min(LATEST_NOW_MS))
}

#[cfg(test)]
mod tests {
    use super::{Emulator, fixture};

    #[test]
    fn the_default_fixture_builds() {
        let state = fixture::build(fixture::default_fixture(), 1, 0).expect("fixture.json");
        assert!(state.integrations.len() >= 12 && state.connections.len() >= 20);
        assert_ne!(Emulator::new(1).api_key(), Emulator::new(2).api_key());
    }

    #[test]
    fn a_given_key_decides_the_further_ones_too() {
        let made = |key: &str| Emulator::from_options(&format!(r#"{{"apiKey":"{key}"}}"#));
        let keys =
            |key: &str| made(key).map(|mut e| (e.api_key().to_owned(), e.add_key(&["environment:proxy"])));
        let (one, other) = ("0b8a5f1e-6d47-4c1e-8a55-9e1f0f6f5c22", "0b8a5f1e-6d47-4c1e-8a55-9e1f0f6f5c23");
        let (first, further) = keys(one).expect("a key");
        assert_eq!(first, one);
        assert_eq!(keys(one).expect("a key"), (first, further.clone()));
        assert_ne!(keys(other).expect("a key").1, further);
        for wrong in ["", "secret", "0b8a5f1e-6d47-1c1e-8a55-9e1f0f6f5c22", "nango_connect_session_x"] {
            let message = made(wrong).expect_err(wrong).message;
            assert_eq!(message, "options: `apiKey`: expected a UUID v4, the form of Nango's keys");
        }
    }
}
