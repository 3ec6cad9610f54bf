//! One run of one tool, sans I/O: validate, authorise, build, send, retry, decode, mask, audit. A
//! driver asks [`Call::poll`] what to do and answers with the `handle_…` methods; time comes in as an
//! argument. [`crate::drive`] is such a driver. There is no second way to run a tool.
//!
//! This file has a call's data and queries; its transitions are in `machine.rs`.

mod approval;
mod authorize;
mod failure;
mod key;
mod machine;
mod options;
mod retry;

use std::fmt;
use std::sync::Arc;

use crate::audit::{Event, What, request_path};
use crate::error::{Error, ErrorKind};
use crate::http::{self, Meta, NeedsBody, Outcome, Page, Request, Scrub};
use crate::json::to_text;
use crate::paging;
use crate::policy::Decision;
use crate::random;
use crate::schema::{self, Arguments};
use crate::session::Session;
use crate::text::clip;
use crate::tool::Tool;
use crate::tools;

pub use approval::{Approval, Start};
use authorize::Authorization;
pub use failure::{HostFailure, HostFunction};
#[cfg(feature = "js")]
pub(crate) use key::key_error;
pub use key::key_format;
pub(crate) use machine::Action;
use machine::State;
pub use options::{AskStart, Options};
pub use retry::Retry;

/// What the driver has to do.
#[derive(Debug)]
pub enum Poll {
    /// Send this and answer with [`Call::handle_response`], [`Call::handle_held`], [`Call::handle_too_large`] or
    /// [`Call::handle_transport_error`]; at `until` abort it and poll again.
    Send {
        /// The request, with the key.
        request: Request,
        /// The deadline of the attempt, in milliseconds.
        until: u64,
    },
    /// Poll again at that time, in milliseconds.
    Wait(u64),
    /// Answer this question.
    Ask(Ask),
    /// The call has ended.
    Done(Box<Outcome>),
}

/// A question that only the driver can answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ask {
    /// The API key: answer with [`Call::handle_key`]. It is requested once more if Nango rejected it;
    /// see [`Call::key_is_stale`].
    Key,
    /// Whether the call may run: [`Call::summary`] says what it would do, answer with [`Call::handle_approval`].
    Approval,
    /// Whether the call may start, after everything else allows it; only with [`Options::ask_start`]. [`Call::is_limited`]
    /// says whether to count calls. Answer with [`Call::handle_start`].
    Start,
}

/// One run of one tool.
#[must_use = "a call does nothing unless it is polled"]
pub struct Call {
    options: Arc<Options>,
    /// The requested name, if there is no such tool.
    asked: String,
    tool: Option<&'static Tool>,
    id: String,
    random: u64,
    state: State,
    /// The unchecked arguments, until they are checked.
    args: Arguments,
    /// The pending request, or the next one.
    request: Request,
    /// The JSON text of the data with all digits, if the data cannot represent them.
    exact: Option<String>,
    /// The outcome, until it is taken.
    outcome: Option<Box<Outcome>>,
    scrub: Scrub,
    events: Vec<Event>,
    quiet: bool,
    keeps_json: bool,
    /// Why a function of the host failed, until it is taken.
    failure: Option<HostFailure>,
    started: Option<u64>,
    attempts: u32,
    /// The attempts at the pending request, which may be a look-up.
    tries: u32,
    status: Option<u16>,
    request_id: Option<String>,
    /// The arguments of a page of a list, if that is what the call is for.
    asked_page: Option<paging::Asked>,
    /// The page that the answer is.
    page: Option<Page>,
    /// The steps between validation and the call's own request, if there is a policy or a session.
    authorization: Option<Box<Authorization>>,
    /// The header with the key that Nango rejected, and its response, while another key is requested.
    stale: Option<(String, Error)>,
    /// Whether another key was requested: that happens at most once.
    renewed: bool,
}

/// Without arguments, request and keys.
impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("id", &self.id)
            .field("tool", &self.slug())
            .field("state", &self.state)
            .field("attempts", &self.attempts)
            .field("tries", &self.tries)
            .field("status", &self.status)
            .field("authorization", &self.authorization)
            .field("key_is_stale", &self.key_is_stale())
            .finish_non_exhaustive()
    }
}

impl Call {
    /// A run of the tool named `slug` (or by an alias) with `args`: any JSON, also JSON in a string; as text by
    /// [`Arguments::from_text`]. `seed` determines the call's id and its jitter; use a different one each time.
    pub fn new(options: impl Into<Arc<Options>>, slug: &str, args: impl Into<Arguments>, seed: u64) -> Call {
        let (options, args) = (options.into(), args.into());
        match options.find(slug) {
            Some(tool) => Call::for_tool(options, tool, args, seed),
            None => Call { asked: clip(slug, 128), ..Call::fresh(options, None, args, seed) },
        }
    }

    /// A run of `tool`, which does not have to be in the table.
    pub(crate) fn for_tool(
        options: impl Into<Arc<Options>>,
        tool: &'static Tool,
        args: impl Into<Arguments>,
        seed: u64,
    ) -> Call {
        Call::fresh(options.into(), Some(tool), args.into(), seed)
    }

    fn fresh(options: Arc<Options>, tool: Option<&'static Tool>, args: Arguments, seed: u64) -> Call {
        let mut random = seed;
        let id = format!("call_{:016x}", random::next(&mut random));
        Call {
            options,
            asked: String::new(),
            tool,
            id,
            random,
            state: State::Fresh,
            args,
            request: Request::default(),
            exact: None,
            outcome: None,
            scrub: Scrub::default(),
            events: Vec::new(),
            quiet: false,
            keeps_json: false,
            failure: None,
            started: None,
            attempts: 0,
            tries: 0,
            status: None,
            request_id: None,
            asked_page: None,
            page: None,
            authorization: None,
            stale: None,
            renewed: false,
        }
    }

    /// The id in events and in the outcome.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The slug of the tool; the requested name if there is no such tool.
    #[must_use]
    pub fn slug(&self) -> &str {
        self.tool.map_or(&self.asked, |tool| tool.slug)
    }

    /// The number of requests that were sent, without look-ups.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// What to do at `now`, in milliseconds since the Unix epoch.
    pub fn poll(&mut self, now: u64) -> Poll {
        match self.next_action(now) {
            Action::Send(until) => Poll::Send { request: self.request.clone(), until },
            Action::Wait(until) => Poll::Wait(until),
            Action::Ask(ask) => Poll::Ask(ask),
            Action::Done => Poll::Done(self.outcome(now)),
        }
    }

    /// The outcome, once.
    pub(crate) fn outcome(&mut self, now: u64) -> Box<Outcome> {
        self.outcome.take().unwrap_or_else(|| {
            let error = Error::new(ErrorKind::Internal, "the call was polled after it had ended");
            Box::new(Outcome { result: Err(error), meta: self.meta(now), exact: None })
        })
    }

    /// The decision on this call, which is not made and sends nothing. If it depends on a look-up, it is
    /// [`crate::policy::Verdict::Undetermined`] and names the look-up; in a session, that is the look-up of a
    /// connection's owner.
    ///
    /// # Errors
    /// `unknown_tool` and `invalid_arguments`, as the call itself would end.
    pub fn explain(mut self, now: u64) -> Result<Decision, Error> {
        let Some(tool) = self.tool else { return Err(tools::unknown(&self.asked)) };
        let args = std::mem::take(&mut self.args);
        let args = self.options.check(tool, args).map_err(|issues| schema::refused(tool, issues))?;
        Ok(authorize::decide_without_lookups(&self.options, tool, &args, now))
    }

    /// What a call that waits for [`Ask::Approval`] would do, as JSON text:
    /// `{ tool, title, effect, connections, arguments, rules, reason }`, secrets masked.
    #[must_use]
    pub fn summary(&self) -> Option<String> {
        let (tool, authorization) = self.tool.zip(self.authorization.as_ref())?;
        let decision = authorization.decision.as_ref()?;
        Some(to_text(&authorization.summary(tool, decision, &self.scrub)))
    }

    /// Whether a policy limits how often the tool may be called.
    #[must_use]
    pub fn is_limited(&self) -> bool {
        self.tool.is_some_and(|tool| self.options.limit_for(tool).is_some())
    }

    /// Whether Nango rejected the previous key: another one is requested, and a cached key
    /// must not be used again. It happens once in a call; nothing ran, so every tool may be retried.
    #[must_use]
    pub fn key_is_stale(&self) -> bool {
        self.stale.is_some()
    }

    /// Whether the core needs the body of a response with this status and content type; see
    /// [`http::needs_body`].
    #[must_use]
    pub fn needs_body(&self, status: u16, content_type: &str) -> NeedsBody {
        match self.tool {
            Some(tool)
                if self.asked_page.is_none()
                    && !self.is_looking()
                    && !authorize::must_read(&self.options, self.tool) =>
            {
                http::needs_body(tool, status, content_type, &self.options.redaction())
            }
            _ => NeedsBody::Always,
        }
    }

    /// The maximum size of a response, in bytes of its body.
    #[must_use]
    pub fn max_answer_bytes(&self) -> u64 {
        self.options.max_answer_bytes.unwrap_or(Options::MAX_ANSWER_BYTES)
    }

    /// Sets the server's id of the request, for events, before the response is handled. Not needed if the
    /// driver passes all headers.
    pub fn handle_request_id(&mut self, id: &str) {
        self.request_id = Some(clip(&self.scrub.text(id), 128));
    }

    /// The events since the last call of this, oldest first.
    pub fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    /// Why a function of the host has just failed, once: for the host's log.
    pub fn take_failure(&mut self) -> Option<HostFailure> {
        self.failure.take()
    }

    /// Disables the collection of events.
    pub fn keep_no_events(&mut self) {
        self.quiet = true;
    }

    /// Returns data as JSON text, without reading it as a value: [`Data::Json`](crate::http::Data::Json).
    pub fn keep_json(&mut self) {
        self.keeps_json = true;
    }

    /// Whether the collection of events is disabled.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        self.quiet
    }

    fn event(&mut self, at: u64, what: What) {
        if self.quiet {
            return;
        }
        self.events.push(Event {
            at,
            call_id: self.id.clone(),
            tool: self.slug().to_owned(),
            who: self.options.session.as_ref().map(Session::who),
            upstream: self.options.upstream.clone(),
            what,
        });
    }

    fn tell_decision(&mut self, decision: &Decision, verdict: &'static str, now: u64) {
        let (rules, reason) = (decision.rules.clone(), decision.reason.clone());
        self.event(now, What::Decision { verdict, rules, reason });
    }

    /// The event of a request that is about to be sent.
    fn describe_attempt(&self) -> What {
        match self.authorization.as_ref().and_then(|authorization| authorization.current_lookup()) {
            Some(lookup) => What::Lookup {
                connection_id: lookup.connection_id.clone(),
                provider_config_key: lookup.provider_config_key.clone(),
            },
            None => {
                let path = self.request.url.strip_prefix(self.options.base.as_str()).unwrap_or_default();
                let path = request_path(self.tool, http::without_query(path));
                let path = self.scrub.text(&path);
                What::Attempt { attempt: self.attempts, method: self.request.method.as_str(), path }
            }
        }
    }

    fn meta(&self, now: u64) -> Meta {
        Meta {
            tool: self.slug().to_owned(),
            call_id: Some(self.id.clone()),
            status: self.status,
            attempts: self.attempts,
            duration_ms: self.started.map(|then| now.saturating_sub(then)),
            page: self.page.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::http::{Data, Response};
    use crate::json::Value;
    use crate::policy::{Fact, Policy, Verdict};
    use crate::session::SessionOptions;
    use crate::tool::{
        Effect, Example, Field, Method, Param, ParamLocation, ParamType, Property, Reach, ResponseType, Role,
        StringFormat, StringSpec, Toolset,
    };

    const STRING: ParamType = ParamType::Text(StringSpec { min: 1, max: 255, form: StringFormat::Any });

    /// A tool whose arguments have unusual names: only their roles say what they mean.
    static MOVE: Tool = Tool {
        slug: "NANGO_MOVE_ACCOUNT",
        title: "Move account",
        doc: "",
        toolset: Toolset::Connections,
        listed: true,
        effect: Effect::Destructive,
        idempotent: false,
        open_world: false,
        reach: Reach::Connection,
        scopes: &[],
        method: Method::Post,
        path: "/accounts/move",
        params: &[
            Property::new("account", STRING, "").role(Role::Connection).required().body(),
            Property::new("app", STRING, "").role(Role::Integration).required().body(),
            Property::new("owner_labels", ParamType::Tags { min: 1 }, "").role(Role::OwnerTags).body(),
            Property::new("proprietor", ParamType::Json, "").role(Role::OwnerUser).body(),
            Property::new("handshake", STRING, "").role(Role::Secret).body(),
        ],
        rules: &[],
        returns: ResponseType::Any,
        aliases: &[],
        examples: &[Example { title: "", args: "{}" }],
        timeout_s: 60,
    };

    /// A list of connections whose fields have unusual names.
    static ACCOUNTS: Tool = Tool {
        slug: "NANGO_ACCOUNTS",
        effect: Effect::Read,
        idempotent: true,
        method: Method::Get,
        path: "/accounts",
        params: &[
            Property::new("account", STRING, "").role(Role::ConnectionFilter).query("account"),
            Property::new("owner_labels", ParamType::Tags { min: 1 }, "")
                .role(Role::OwnerTagsFilter)
                .at(ParamLocation::QueryDeep("labels")),
        ],
        returns: ResponseType::Object(&[Field::new(
            "book",
            ResponseType::Object(&[Field::new("accounts", ResponseType::List(&ACCOUNT_RECORD))]),
        )]),
        ..MOVE
    };
    const ACCOUNT_RECORD: ResponseType = ResponseType::Object(ACCOUNT_FIELDS);
    const ACCOUNT_FIELDS: &[Field] = &[
        Field::new("account", ResponseType::Text).summary(1).role(Role::Connection),
        Field::new("app", ResponseType::Text).summary(2).role(Role::Integration),
        Field::new("proprietor", ResponseType::Maybe(&ResponseType::Object(PROPRIETOR_FIELDS)))
            .summary(3)
            .role(Role::OwnerUser),
        Field::new("owner_labels", ResponseType::Map(&ResponseType::Text)).summary(4).role(Role::OwnerTags),
        Field::new("handshake", ResponseType::Text).summary(5).role(Role::Secret),
        Field::new("ticket", ResponseType::Text).summary(6).secret("entry_ticket"),
        Field::new("keys", ResponseType::Map(&ResponseType::Any)).summary(7).role(Role::Credentials),
        Field::new("knobs", ResponseType::Map(&ResponseType::Any)).role(Role::ConnectionSettings),
    ];
    const PROPRIETOR_FIELDS: &[Field] = &[
        Field::new("number", ResponseType::Text).role(Role::OwnerUserId),
        Field::new(
            "firm",
            ResponseType::Object(&[Field::new("number", ResponseType::Text).role(Role::OwnerOrganizationId)]),
        )
        .role(Role::OwnerOrganization),
    ];

    const KEY: &str = "7b0c9f6e-4a55-4b8e-9d6a-2f1f0f6f5c11";

    fn ada() -> Options {
        let ada = SessionOptions { user: "ada".into(), ..SessionOptions::default() };
        Options { session: Some(Session::new(ada).unwrap()), ..Options::default() }
    }

    fn args() -> Value {
        json!({ "account": "hubspot-1", "app": "hubspot", "handshake": "open sesame" })
    }

    /// What the call sends after the look-up returned `owner` as the owner, or how it ends.
    fn run(args: Value, owner: &str) -> Result<Request, Box<Outcome>> {
        let mut call = Call::for_tool(ada(), &MOVE, args, 1);
        for _ in 0..9 {
            match call.poll(0) {
                Poll::Ask(Ask::Key) => call.handle_key(Ok(KEY), 0),
                Poll::Send { request, .. } if request.method == Method::Get => {
                    let found = json!({ "connections": [{
                        "connection_id": "hubspot-1", "provider_config_key": "hubspot", "tags": { "end_user_id": owner },
                    }] });
                    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
                    call.handle_response(&Response { status: 200, headers, body: found.to_string() }, 0);
                }
                Poll::Send { request, .. } => return Ok(request),
                Poll::Done(outcome) => return Err(outcome),
                _ => break,
            }
        }
        panic!("the call neither sends nor ends")
    }

    #[test]
    fn a_session_follows_the_roles_of_arguments() {
        let request = run(args(), "ada").expect("it is hers");
        let body: Value = serde_json::from_str(&request.body.unwrap()).unwrap();
        assert_eq!(body["owner_labels"], json!({ "end_user_id": "ada" }), "its owner is set");

        let foreign = run(args(), "grace").expect_err("it is another's");
        assert_eq!(foreign.result.unwrap_err().kind, ErrorKind::NotFound);

        for (name, value) in [
            ("owner_labels", json!({ "end_user_id": "grace" })),
            ("owner_labels", json!({ "Organization_ID": "acme" })),
            ("proprietor", json!({ "id": "grace" })),
        ] {
            let mut given = args();
            given[name] = value.clone();
            let error = run(given, "ada").expect_err("not hers to give").result.unwrap_err();
            assert_eq!(error.kind, ErrorKind::InvalidArguments, "{name}: {value}");
            assert_eq!(error.issues[0].path[0], name);
        }
        let shown = ada().params(&MOVE);
        assert!(shown.iter().all(|param| param.prop.name != "proprietor"), "an agent is not shown it");
    }

    /// Tools that name connections in a way that no tool in the table does: a session cannot determine the owner.
    static UNKNOWN_WAYS: &[(&str, Tool)] = &[
        ("no integration", Tool { params: &[ACCOUNT], ..MOVE }),
        ("an integration that may be left out", Tool { params: &[ACCOUNT, OPTIONAL_APP], ..MOVE }),
        (
            "a second connection",
            Tool {
                params: &[ACCOUNT, APP, Property::new("target", STRING, "").role(Role::Connection).body()],
                ..MOVE
            },
        ),
        (
            "a second connection that is new",
            Tool {
                params: &[ACCOUNT, APP, Property::new("target", STRING, "").role(Role::NewConnection).body()],
                ..MOVE
            },
        ),
        (
            "a new connection without its integration",
            Tool { params: &[Property::new("target", STRING, "").role(Role::NewConnection).body()], ..MOVE },
        ),
        (
            "a second integration",
            Tool {
                params: &[ACCOUNT, APP, Property::new("to", STRING, "").role(Role::Integration).body()],
                ..MOVE
            },
        ),
        (
            "an owner to filter by",
            Tool {
                params: &[Property::new("holder", STRING, "").role(Role::OwnerUserFilter).body()],
                reach: Reach::Catalogue,
                effect: Effect::Read,
                ..MOVE
            },
        ),
        (
            "an owner to filter by, beside a connection",
            Tool {
                params: &[
                    ACCOUNT,
                    APP,
                    Property::new("holder", STRING, "").role(Role::OwnerUserFilter).body(),
                ],
                ..MOVE
            },
        ),
        (
            "connections to filter by",
            Tool {
                params: &[Property::new("accounts", STRING, "").role(Role::ConnectionFilter).body()],
                ..MOVE
            },
        ),
        (
            "tags to filter by",
            Tool {
                params: &[Property::new("labels", ParamType::Tags { min: 1 }, "")
                    .role(Role::OwnerTagsFilter)
                    .body()],
                ..MOVE
            },
        ),
        (
            "two sets of tags",
            Tool {
                params: &[
                    ACCOUNT,
                    APP,
                    Property::new("labels", ParamType::Tags { min: 1 }, "").role(Role::OwnerTags).body(),
                    Property::new("more_labels", ParamType::Tags { min: 1 }, "").role(Role::OwnerTags).body(),
                ],
                ..MOVE
            },
        ),
        (
            "a connection inside an object",
            Tool {
                params: &[Property::new("of", ParamType::Object(&[ACCOUNT.prop, APP.prop]), "").body()],
                ..MOVE
            },
        ),
        (
            "connections inside a list of objects",
            Tool {
                params: &[
                    ACCOUNT,
                    APP,
                    Property::new(
                        "others",
                        ParamType::List {
                            of: &ParamType::Object(&[ACCOUNT.prop]),
                            min: 0,
                            max: 9,
                            unique: false,
                        },
                        "",
                    )
                    .body(),
                ],
                ..MOVE
            },
        ),
    ];
    const ACCOUNT: Param = Property::new("account", STRING, "").role(Role::Connection).required().body();
    const APP: Param = Property::new("app", STRING, "").role(Role::Integration).required().body();
    const OPTIONAL_APP: Param = Property::new("app", STRING, "").role(Role::Integration).body();

    /// The result of [`ACCOUNTS`] if the server answers with these entries.
    fn listed(options: Options, entries: &Value) -> Value {
        let mut call = Call::for_tool(options, &ACCOUNTS, json!({}), 1);
        assert!(matches!(call.poll(0), Poll::Ask(Ask::Key)));
        call.handle_key(Ok(KEY), 0);
        assert!(matches!(call.poll(0), Poll::Send { .. }));
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        let body = json!({ "book": { "accounts": entries } }).to_string();
        call.handle_response(&Response { status: 200, headers, body }, 0);
        let Poll::Done(outcome) = call.poll(0) else { panic!("it has ended") };
        let Ok(Data::Value(mut data)) = outcome.result else { panic!("it is read here") };
        data["book"]["accounts"].take()
    }

    #[test]
    fn redaction_and_summary_follow_the_roles_of_answers() {
        let entries = json!([{
            "account": "hubspot-1", "app": "hubspot", "owner_labels": {}, "handshake": "open sesame",
            "ticket": "admit one", "keys": { "type": "API_KEY", "notch": "deep" }, "knobs": {}, "new": 1,
        }]);
        let expected = json!([{
            "account": "hubspot-1", "app": "hubspot", "owner_labels": {}, "handshake": "[redacted: handshake]",
            "ticket": "[redacted: entry_ticket]", "keys": { "type": "API_KEY", "notch": "[redacted: notch]" },
        }]);
        assert_eq!(listed(Options::default(), &entries), expected);
    }

    #[test]
    fn a_session_follows_the_roles_of_answers() {
        assert!(ada().lists(&ACCOUNTS));
        let entry = |account: &str, owner: Value| {
            let mut entry = json!({ "account": account, "app": "hubspot" });
            entry.as_object_mut().unwrap().extend(owner.as_object().unwrap().clone());
            entry
        };
        let entries = json!([
            entry("labelled", json!({ "owner_labels": { "end_user_id": "ada" } })),
            entry("owned", json!({ "proprietor": { "number": "ada", "firm": { "number": "acme" } } })),
            entry("grace's", json!({ "owner_labels": { "end_user_id": "grace" } })),
            entry(
                "disputed",
                json!({ "owner_labels": { "end_user_id": "ada" }, "proprietor": { "number": "grace" } })
            ),
            entry("nobody's", json!({ "owner_labels": {}, "proprietor": null })),
            // The names of the real list have no meaning here.
            entry("misnamed", json!({ "tags": { "end_user_id": "ada" }, "end_user": { "id": "ada" } })),
        ]);
        let own = listed(ada(), &entries);
        let names: Vec<&Value> = own.as_array().unwrap().iter().map(|entry| &entry["account"]).collect();
        assert_eq!(names, ["labelled", "owned"]);
        let fact = Fact::from_entry(&entries[1], ACCOUNT_FIELDS).unwrap();
        assert_eq!((fact.end_user.as_deref(), fact.organization.as_deref()), (Some("ada"), Some("acme")));
        assert_eq!((fact.connection_id.as_str(), fact.provider_config_key.as_str()), ("owned", "hubspot"));
    }

    #[test]
    fn a_session_lists_only_what_says_whose_it_is() {
        static UNCLEAR: &[(&str, ResponseType)] = &[
            ("whatever", ResponseType::Any),
            ("no owner", ResponseType::List(&ResponseType::Object(&[ACCOUNT_FIELDS[0], ACCOUNT_FIELDS[1]]))),
            (
                "no integration",
                ResponseType::List(&ResponseType::Object(&[ACCOUNT_FIELDS[0], ACCOUNT_FIELDS[3]])),
            ),
            (
                "no connection",
                ResponseType::List(&ResponseType::Object(&[ACCOUNT_FIELDS[1], ACCOUNT_FIELDS[3]])),
            ),
            ("one connection", ResponseType::Object(ACCOUNT_FIELDS)),
            (
                "two lists",
                ResponseType::Object(&[
                    Field::new("accounts", ResponseType::List(&ACCOUNT_RECORD)),
                    Field::new("more", ResponseType::List(&ACCOUNT_RECORD)),
                ]),
            ),
            ("lists by name", ResponseType::Map(&ResponseType::List(&ACCOUNT_RECORD))),
        ];
        for (form, returns) in UNCLEAR {
            let tool: &'static Tool = Box::leak(Box::new(Tool { returns: *returns, ..ACCOUNTS }));
            assert!(!ada().lists(tool), "{form}");
            assert!(Options::default().lists(tool), "{form}: without a session it is a tool like any other");
        }
    }

    #[test]
    fn a_session_refuses_what_it_cannot_isolate() {
        let rule = json!({ "id": "all", "then": "allow", "tool": "*" });
        let policies =
            [Policy::default(), Policy::from_value(json!({ "default": "deny", "rules": [rule] })).unwrap()];
        for policy in policies {
            let options = Options { policy, ..ada() };
            assert!(options.lists(&MOVE));
            for (way, tool) in UNKNOWN_WAYS {
                assert!(!options.lists(tool), "{way}: it is not shown");
                let unbound = Options { session: None, ..options.clone() };
                assert!(unbound.lists(tool), "{way}: without a session it is a tool like any other");
                for args in [
                    json!({}),
                    json!({ "account": "hubspot-1" }),
                    json!({ "account": "hubspot-1", "app": "hubspot" }),
                    json!({ "account": "hubspot-1", "app": "hubspot", "target": "hubspot-2", "to": "github" }),
                    json!({ "target": "hubspot-2" }),
                    json!({ "holder": "ada" }),
                    json!({ "account": "hubspot-1", "app": "hubspot", "holder": "grace" }),
                    json!({ "accounts": "hubspot-2" }),
                    json!({ "labels": { "team": "x" } }),
                    json!({ "account": "hubspot-1", "app": "hubspot", "more_labels": { "end_user_id": "grace" } }),
                    json!({ "of": { "account": "hubspot-2", "app": "hubspot" } }),
                    json!({ "account": "hubspot-1", "app": "hubspot", "others": [{ "account": "hubspot-2" }] }),
                ] {
                    let mut call = Call::for_tool(options.clone(), tool, args.clone(), 1);
                    let Poll::Done(outcome) = call.poll(0) else { panic!("{way}: {args} goes on") };
                    let kind = outcome.result.unwrap_err().kind;
                    assert!(
                        matches!(kind, ErrorKind::Denied | ErrorKind::InvalidArguments),
                        "{way}: {args}: {kind}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_policy_follows_the_roles_of_arguments() {
        let policy =
            |rule: Value| Policy::from_value(json!({ "default": "allow", "rules": [rule] })).unwrap();
        let mut own = args();
        own["owner_labels"] = json!({ "end_user_id": "grace" });
        for (rule, given) in [
            (json!({ "id": "r", "then": "deny", "integration": "hubspot" }), args()),
            (json!({ "id": "r", "then": "deny", "connection": "hubspot-*" }), args()),
            (json!({ "id": "r", "then": "deny", "end_user": "grace" }), own.clone()),
            (json!({ "id": "r", "then": "deny", "tags": "end_user_id=grace" }), own),
        ] {
            let options = Options { policy: policy(rule.clone()), ..Options::default() };
            let decision = Call::for_tool(options, &MOVE, given, 1).explain(0).unwrap();
            assert_eq!((decision.verdict, decision.rules), (Verdict::Deny, vec!["r".to_owned()]), "{rule}");
        }
    }

    #[test]
    fn a_connection_that_cannot_be_looked_up_could_be_anyones() {
        static ALONE: Tool = Tool { params: &[ACCOUNT], ..MOVE };
        let rule = |then: &str| json!({ "id": "r", "then": then, "end_user": "grace" });
        for (default, then, verdict) in [
            ("allow", "deny", Verdict::Deny),
            ("allow", "confirm", Verdict::Confirm),
            ("deny", "allow", Verdict::Deny),
        ] {
            let policy = Policy::from_value(json!({ "default": default, "rules": [rule(then)] })).unwrap();
            let options = Options { policy, ..Options::default() };
            let decision = Call::for_tool(options, &ALONE, json!({ "account": "a" }), 1).explain(0).unwrap();
            assert_eq!(decision.verdict, verdict, "{default}, {then}");
        }
    }

    #[test]
    fn redaction_follows_the_roles_of_arguments() {
        let mut call = Call::for_tool(Options::default(), &MOVE, args(), 1);
        assert!(matches!(call.poll(0), Poll::Ask(Ask::Key)));
        let events: String = call.take_events().iter().map(Event::to_json).collect();
        assert!(events.contains("[redacted: handshake]") && !events.contains("sesame"), "{events}");
        call.handle_key(Err("the vault said open sesame"), 0);
        let Poll::Done(outcome) = call.poll(0) else { panic!("it has ended") };
        assert!(!outcome.to_json().contains("sesame"), "{}", outcome.to_json());
    }
}
