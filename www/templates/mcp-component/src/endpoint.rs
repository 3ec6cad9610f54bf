//! From a request to its answer: where, from where, who, which tools, what. The same steps in the same order as
//! `createMcpHandler` of the npm package (`pkg/mcp.js`) takes them.

use std::cell::OnceCell;
use std::rc::Rc;

use nango_toolkit::json::Writer;
use nango_toolkit::mcp::{Access, Facts, Plan, Reply, Selection, Step, View, admit, gather};
use nango_toolkit::url;
use wasip2::cli::environment::get_environment;

use crate::callers::{Source, is_secret_path};
use crate::run::run;
use crate::settings::Settings;
use crate::wire::{self, Body, Incoming};

/// What is sent back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Empty where there is no body.
    pub(crate) media: &'static str,
    pub(crate) body: String,
    /// Further headers.
    pub(crate) headers: Vec<(&'static str, String)>,
}

const JSON: &str = "application/json";

thread_local! {
    static SETTINGS: OnceCell<Option<Rc<Settings>>> = const { OnceCell::new() };
}

/// The settings; nothing where they are wrong, which the log then says.
fn settings() -> Option<Rc<Settings>> {
    let read = || {
        let all = get_environment();
        let variable = |name: &str| all.iter().find(|(known, _)| known == name).map(|(_, text)| text.clone());
        match Settings::read(variable) {
            Ok(settings) => Some(Rc::new(settings)),
            Err(why) => {
                wire::log(&["nango-toolkit: ", &why].concat());
                None
            }
        }
    };
    SETTINGS.with(|settings| settings.get_or_init(read).clone())
}

/// Answers a request.
pub(crate) fn answer(request: &Incoming<'_>) -> Answer {
    let Some(settings) = settings() else {
        return refused(500, -32603, "the server is not set up: its log says why", Vec::new());
    };
    let mut headers = Vec::new();
    let given = serve(&settings, request, &mut headers);
    let given = given.unwrap_or_else(|(status, why)| refusal(status, -32600, &why));
    Answer { status: given.status, media: given.media, body: given.body, headers }
}

/// A status and why.
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
        return refuse(404, "there is nothing here; the MCP endpoint has another path");
    }
    let header = |name: &str| request.header(name).unwrap_or_default();
    let method = request.method();
    let access = Access { origins: &settings.origins, local: settings.local };
    let admission = admit(
        &access,
        &method,
        &request.host(),
        &header("origin"),
        &header("access-control-request-headers"),
    );
    *headers = admission.headers;
    if let Some(mut reply) = admission.reply {
        if method == "HEAD" {
            reply.body.clear();
        }
        return Ok(reply);
    }
    let source =
        if secret || !guarded { Some(settings.callers.whole.clone()) } else { caller(settings, request) };
    let Some(source) = source else { return challenge(request, headers) };
    let body = match request.body(settings.body_limit) {
        Body::Whole(body) => body,
        Body::Long => {
            let limit = settings.body_limit.to_string();
            return refuse(413, &["the body is longer than ", &limit, " bytes"].concat());
        }
        Body::Broken => return refuse(400, "the body broke off"),
    };
    let view = selection(request, query)
        .and_then(|asked| source.view(&settings.server, &settings.selection, asked))
        .map_err(|error| match &error.hint {
            Some(hint) => (400, [&error.message, " (", hint, ")"].concat()),
            None => (400, error.message),
        })?;
    let [content_type, accept, version, method, name] =
        ["content-type", "accept", "mcp-protocol-version", "mcp-method", "mcp-name"].map(header);
    let facts = Facts {
        content_type: &content_type,
        accept: &accept,
        version: &version,
        method: &method,
        name: &name,
        ..Facts::default()
    };
    // Nothing is owed to notifications.
    let nothing = Reply { status: 202, ..Reply::default() };
    Ok(message(settings, &view, &facts, &body).unwrap_or(nothing))
}

/// Who sends a request, by its token.
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
        (r#"Bearer realm="nango", error="invalid_token""#, "the token is not known here")
    } else {
        (r#"Bearer realm="nango""#, "a token is needed: send `Authorization: Bearer …` or `x-api-key`")
    };
    headers.push(("www-authenticate", way.to_owned()));
    refuse(401, why)
}

/// What a client asks to see, in the URL or by headers; the operator's selection stands above it.
fn selection(request: &Incoming<'_>, query: &str) -> Result<Selection, nango_toolkit::error::Error> {
    let decoded =
        |text: &str| String::from_utf8_lossy(&url::decode(text.replace('+', " ").as_bytes())).into_owned();
    Selection::from_words(|name| {
        let pairs = query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        let in_query =
            pairs.into_iter().find(|(key, _)| decoded(key) == name).map(|(_, value)| decoded(value));
        let header = match name {
            "exclude" => "x-mcp-exclude-tools".to_owned(),
            name => ["x-mcp-", name].concat(),
        };
        in_query.or_else(|| request.header(&header))
    })
}

/// Answers one message, or nothing where nothing is owed.
fn message(settings: &Settings, view: &View, facts: &Facts<'_>, body: &str) -> Option<Reply> {
    match view.read(facts, body) {
        Step::Reply(reply) => Some(reply),
        // Each request is answered by itself: there is none left that could be cancelled.
        Step::Note(_) => None,
        Step::Call(mut call) => {
            let outcome = match view.plan(&mut call) {
                Plan::Run { name, arguments, confirm } => {
                    run(view.options(), &name, arguments, confirm, &settings.key, settings.log)
                }
                Plan::Done(outcome) => outcome,
            };
            Some(view.finish(&call, &outcome))
        }
        Step::Batch { messages, stream } => {
            let facts = Facts { batched: true, ..*facts };
            let replies = messages.iter().filter_map(|one| message(settings, view, &facts, one));
            let bodies: Vec<String> = replies.map(|reply| reply.body).collect();
            gather(&bodies, stream)
        }
    }
}

fn refusal(status: u16, code: i64, message: &str) -> Reply {
    let mut w = Writer::new();
    w.open().pair("jsonrpc", "2.0").key("id").raw("null").key("error").open();
    w.key("code").integer(code).pair("message", message).close().close();
    Reply { status, media: JSON, body: w.finish() }
}

fn refused(status: u16, code: i64, message: &str, headers: Vec<(&'static str, String)>) -> Answer {
    let Reply { status, media, body } = refusal(status, code, message);
    Answer { status, media, body, headers }
}
