//! From a request to its response: path, origin, caller, selection, message. The steps and their order are those of
//! `createMcpHandler` in the npm package (`pkg/src/mcp.ts`).

use std::cell::OnceCell;
use std::rc::Rc;
use std::sync::Arc;

use nango_toolkit::mcp::{
    HttpHead, Plan, Reply, Selection, Step, ToolCall, TransportContext, View, admit, gather, refusal,
    search_tools,
};
use nango_toolkit::schema::Arguments;
use nango_toolkit::url;
use wasip2::cli::environment::get_environment;

use crate::callers::{Source, is_secret_path};
use crate::problem::describe;
use crate::run::run;
use crate::settings::Settings;
use crate::wire::{self, Answer, Body, Incoming};

thread_local! {
    static SETTINGS: OnceCell<Option<Rc<Settings>>> = const { OnceCell::new() };
}

/// The settings; `None` if they are invalid, which is logged.
fn settings() -> Option<Rc<Settings>> {
    let read = || {
        let all = get_environment();
        let variable = |name: &str| all.iter().find(|(known, _)| known == name).map(|(_, text)| text.clone());
        match Settings::read(variable) {
            Ok(settings) => Some(Rc::new(settings)),
            Err(why) => {
                wire::log(&format!("nango-toolkit: {why}"));
                None
            }
        }
    };
    SETTINGS.with(|settings| settings.get_or_init(read).clone())
}

/// Answers a request.
pub(crate) fn answer(request: &Incoming<'_>) -> Answer {
    let Some(settings) = settings() else {
        return respond(refusal(500, "the server is not configured: see its log"), Vec::new());
    };
    let mut headers = Vec::new();
    let given = serve(&settings, request, &mut headers);
    respond(given.unwrap_or_else(|(status, why)| refusal(status, &why)), headers)
}

fn respond(reply: Reply, headers: Vec<(&'static str, String)>) -> Answer {
    let Reply { status, media, body } = reply;
    Answer { status, media, body, headers }
}

/// A status and its reason.
type Refusal = (u16, String);

fn refuse<T>(status: u16, why: &str) -> Result<T, Refusal> {
    Err((status, why.to_owned()))
}

fn serve(
    settings: &Settings,
    request: &Incoming<'_>,
    headers: &mut Vec<(&'static str, String)>,
) -> Result<Reply, Refusal> {
    let target = request.target();
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let guarded = settings.callers.guarded();
    let secret =
        settings.secret_path.as_ref().is_some_and(|secret| is_secret_path(path, &settings.path, secret));
    if !secret && (path != settings.path || !guarded && !settings.anonymous) {
        let path = &settings.path;
        return refuse(404, &format!("not found: the MCP endpoint is at `{path}`; its path can be set"));
    }
    let header = |name: &str| request.header(name).unwrap_or_default();
    let method = request.method();
    let (origin, requested_headers) =
        (request.header("origin"), request.header("access-control-request-headers"));
    let host = request.host();
    let head = HttpHead {
        method: &method,
        host: &host,
        origin: origin.as_deref(),
        requested_headers: requested_headers.as_deref(),
    };
    let admission = admit(&settings.access, &head);
    *headers = admission.headers;
    if let Some(reply) = admission.reply {
        return Ok(reply);
    }
    let source =
        if secret || !guarded { Some(settings.callers.whole.clone()) } else { caller(settings, request) };
    let Some(source) = source else { return challenge(request, headers) };
    let body = match request.body(settings.body_limit) {
        Body::Whole(body) => body,
        Body::Long => {
            return refuse(413, &format!("the body is longer than {} bytes", settings.body_limit));
        }
        Body::Broken => return refuse(400, "the body ended early"),
    };
    let view = selection(request, query)
        .and_then(|asked| source.view(&settings.server, asked))
        .map_err(|error| (400, describe(&error)))?;
    let context = TransportContext {
        content_type: header("content-type"),
        accept: header("accept"),
        protocol_version: header("mcp-protocol-version"),
        method: header("mcp-method"),
        name: header("mcp-name"),
        ..TransportContext::default()
    };
    // Notifications get no answer.
    let nothing = Reply { status: 202, ..Reply::default() };
    let caller = Caller { settings, source: &source, view: &view };
    Ok(caller.message(&context, &body).unwrap_or(nothing))
}

/// The caller of a request, by its token.
fn caller(settings: &Settings, request: &Incoming<'_>) -> Option<Rc<Source>> {
    let bearer = request.header("authorization").and_then(|value| {
        let (scheme, token) = value.split_once(' ')?;
        let token = token.trim();
        (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then(|| token.to_owned())
    });
    settings.callers.of(&bearer.or_else(|| request.header("x-api-key")).filter(|token| !token.is_empty())?)
}

fn challenge(request: &Incoming<'_>, headers: &mut Vec<(&'static str, String)>) -> Result<Reply, Refusal> {
    let sent = ["authorization", "x-api-key"].iter().any(|name| request.header(name).is_some());
    let (way, why) = if sent {
        (r#"Bearer realm="nango", error="invalid_token""#, "the token is unknown")
    } else {
        (r#"Bearer realm="nango""#, "a token is required: send `Authorization: Bearer …` or `x-api-key`")
    };
    headers.push(("www-authenticate", way.to_owned()));
    refuse(401, why)
}

/// The selection of a client, in the URL or by headers, within that of the operator.
fn selection(request: &Incoming<'_>, query: &str) -> Result<Selection, nango_toolkit::error::Error> {
    let decoded =
        |text: &str| String::from_utf8_lossy(&url::decode(text.replace('+', " ").as_bytes())).into_owned();
    Selection::from_words(|name| {
        let pairs = query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        let in_query =
            pairs.into_iter().find(|(key, _)| decoded(key) == name).map(|(_, value)| decoded(value));
        let header = match name {
            "exclude" => "x-mcp-exclude-tools".to_owned(),
            name => format!("x-mcp-{name}"),
        };
        in_query.or_else(|| request.header(&header))
    })
}

/// A caller.
struct Caller<'c> {
    settings: &'c Settings,
    source: &'c Source,
    view: &'c View,
}

impl Caller<'_> {
    /// Answers one message; `None` if no answer is expected.
    fn message(&self, context: &TransportContext, body: &str) -> Option<Reply> {
        match self.view.read(context, body) {
            Step::Reply(reply) => Some(reply),
            Step::Call(call) => Some(self.call(&call)),
            Step::Batch { messages, event_stream } => {
                let context = context.in_batch();
                let replies = messages.iter().filter_map(|one| self.message(&context, one.get()));
                let bodies: Vec<String> = replies.map(|reply| reply.body).collect();
                gather(&bodies, event_stream)
            }
            // Requests are handled one at a time: there is no call that a notification could cancel.
            _ => None,
        }
    }

    fn call(&self, call: &ToolCall) -> Reply {
        let Caller { settings, source, view } = self;
        let (name, outcome) = match view.plan(call) {
            Plan::Run { name, arguments, confirm } => {
                let arguments = Arguments::from_text(arguments.get());
                let mut options = source.options().clone();
                if let Some(upstream) = &call.upstream {
                    Arc::make_mut(&mut options).upstream = Some(upstream.clone());
                }
                let outcome = run(&options, &name, arguments, confirm, &settings.key, settings.log);
                return view.finish_outcome(&call.head, &name, &outcome);
            }
            Plan::Search { query, limit } => {
                (call.name.clone(), view.found(&search_tools(&query, source.options()), limit))
            }
            Plan::Done(outcome) => (call.name.clone(), outcome),
            // This server has no tools of its own.
            _ => return refusal(500, "the server cannot do that"),
        };
        view.finish(&call.head, &name, &outcome)
    }
}
