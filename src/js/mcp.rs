//! The MCP server for JavaScript, for `pkg/mcp-server.js`: steps of the protocol go out as small objects; definitions
//! of tools, arguments and outcomes cross as JSON text. Tools are run by JavaScript: by a toolkit, a session, or
//! an object with the same methods.

use std::sync::Arc;

use js_sys::Uint8Array;
use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::{Returned, thrown};
use crate::error::Error;
use crate::fetch::value_of;
use crate::json::{Value, parse};
use crate::mcp::{
    self, Access, Admission, HttpHead, Plan, Progress, Reply, RequestHead, Selection, Server, Step, ToolCall,
    ToolDefinition, TransportContext, View,
};

/// An answer. Its body is bytes, which a Response accepts unchanged.
#[derive(Serialize)]
struct Answer {
    status: u16,
    media: &'static str,
    #[serde(with = "serde_wasm_bindgen::preserve")]
    body: JsValue,
}

impl From<&Reply> for Answer {
    fn from(reply: &Reply) -> Answer {
        let body = Uint8Array::from(reply.body.as_bytes()).into();
        Answer { status: reply.status, media: reply.media, body }
    }
}

/// Whether a request is allowed: the answer if it is not, and headers for it.
#[derive(Serialize)]
struct Admitted {
    #[serde(skip_serializing_if = "Option::is_none")]
    reply: Option<Answer>,
    headers: Vec<(&'static str, String)>,
}

/// What JavaScript has to do for a message.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "lowercase", rename_all_fields = "camelCase")]
enum NextStep<'a> {
    /// Send this answer.
    Reply { reply: Answer },
    /// Send no answer; cancel the call of the request with this id.
    Notification {
        #[serde(skip_serializing_if = "Option::is_none")]
        cancels: Option<&'a str>,
    },
    /// Read each of these.
    Batch { messages: Vec<&'a str>, event_stream: bool },
    /// Run a tool of the toolkit, or (`extra`) of the host.
    Run {
        extra: bool,
        /// The head of the request, for [`McpView::finish`].
        request: String,
        /// The id of the request as it was written.
        id: &'a str,
        name: &'a str,
        arguments: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        confirm: Option<&'a str>,
        /// The id of the model's tool call, where the client tells it.
        #[serde(skip_serializing_if = "Option::is_none")]
        upstream_call_id: Option<&'a str>,
        /// How the client is notified of progress, if it asked for that.
        #[serde(skip_serializing_if = "Option::is_none")]
        progress: Option<ProgressStep<'a>>,
        /// The parameters of the request.
        params: &'a str,
    },
    /// Search tools.
    Search { request: String, query: String, limit: usize },
}

/// What JavaScript has to do while a call takes long: send [`progress_notification`]s, then the reply.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ProgressStep<'a> {
    token: &'a str,
    event_stream: bool,
    /// The head of the request for [`McpView::finish`], after the first notification.
    request: String,
}

/// A server as configured by its operator.
#[wasm_bindgen]
pub struct McpServer(Arc<Server>);

#[wasm_bindgen]
impl McpServer {
    /// From options as JSON text, see [`Server::from_json`]. `tools` are the definitions of all tools.
    ///
    /// # Errors
    /// `invalid_option`.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &str, tools: &str) -> Result<McpServer, JsValue> {
        let make = || -> Result<McpServer, Error> {
            let server = Server::from_json(options)?;
            server.check_selection(&ToolDefinition::list_from_json(tools)?)?;
            Ok(McpServer(Arc::new(server)))
        };
        make().map_err(thrown)
    }

    /// The view of a caller who may run `tools` (definitions) and selected `words`: an object for
    /// [`Selection::from_words`], as JSON text.
    ///
    /// # Errors
    /// `invalid_option`.
    pub fn view(&self, tools: &str, words: &str) -> Result<McpView, JsValue> {
        let view = || -> Result<View, Error> {
            let words = parse(words).unwrap_or_default();
            let word = |name: &str| words.get(name).and_then(Value::as_str).map(str::to_owned);
            View::new(&self.0, ToolDefinition::list_from_json(tools)?, &Selection::from_words(word)?)
        };
        view().map(McpView).map_err(thrown)
    }
}

/// What one caller sees of a server.
#[wasm_bindgen]
pub struct McpView(View);

#[wasm_bindgen]
impl McpView {
    /// Reads a message; `context` is a [`TransportContext`] as JSON text. Returns a `NextStep`.
    ///
    /// # Errors
    /// None.
    pub fn read(&self, context: &str, body: &str) -> Returned {
        let context = TransportContext::from_json(context);
        let step = self.0.read(&context, body);
        let next = match &step {
            Step::Reply(reply) => NextStep::Reply { reply: reply.into() },
            Step::Notification { cancels } => {
                NextStep::Notification { cancels: cancels.as_ref().map(|id| id.get()) }
            }
            Step::Batch { messages, event_stream } => {
                let messages = messages.iter().map(|message| message.get()).collect();
                NextStep::Batch { messages, event_stream: *event_stream }
            }
            Step::Call(call) => return self.call_step(call),
        };
        Ok(value_of(&next))
    }

    fn call_step(&self, call: &ToolCall) -> Returned {
        let request = call.head.to_json();
        let (id, params) = (call.head.id.get(), call.params.get());
        let upstream_call_id = call.upstream.as_deref();
        let progress = call.progress.as_ref().map(|progress| ProgressStep {
            token: progress.token.get(),
            event_stream: progress.event_stream,
            request: progress.reply_head(&call.head).to_json(),
        });
        let plan = self.0.plan(call);
        let next = match &plan {
            Plan::Run { name, arguments, confirm } => {
                let (arguments, confirm) = (arguments.get(), confirm.as_deref());
                NextStep::Run {
                    extra: false,
                    request,
                    id,
                    name,
                    arguments,
                    confirm,
                    upstream_call_id,
                    progress,
                    params,
                }
            }
            Plan::RunExtra => {
                let (name, arguments) = (call.name.as_str(), call.arguments.get());
                NextStep::Run {
                    extra: true,
                    request,
                    id,
                    name,
                    arguments,
                    confirm: None,
                    upstream_call_id,
                    progress,
                    params,
                }
            }
            Plan::Search { query, limit } => {
                NextStep::Search { request, query: query.clone(), limit: *limit }
            }
            Plan::Done(outcome) => {
                NextStep::Reply { reply: (&self.0.finish(&call.head, &call.name, outcome)).into() }
            }
        };
        Ok(value_of(&next))
    }

    /// The reply to a call that has ended. `request` and `name` are those of its step, `outcome` is its result as JSON
    /// text; `exact` the same with all digits of numbers, if that differs.
    ///
    /// # Errors
    /// None.
    pub fn finish(&self, request: &str, name: &str, outcome: &str, exact: Option<String>) -> Returned {
        let text = exact.as_deref().unwrap_or(outcome);
        Ok(value_of(&self.reply(request, |head| self.0.finish_with_text(head, name, outcome, text))))
    }

    /// The reply to a search that found the tools of these names, best first. `request` and `limit` are those of its step.
    ///
    /// # Errors
    /// None.
    pub fn found(&self, request: &str, names: Vec<String>, limit: usize) -> Returned {
        let outcome = self.0.found(&names, limit);
        Ok(value_of(&self.reply(request, |head| self.0.finish(head, "search_tools", &outcome))))
    }

    fn reply(&self, request: &str, finish: impl FnOnce(&RequestHead) -> Reply) -> Answer {
        let reply = match RequestHead::from_json(request) {
            Some(head) => finish(&head),
            None => mcp::refusal(500, "the request is not known"),
        };
        Answer::from(&reply)
    }
}

/// The reply to a batch: the bodies of the replies to its messages; `undefined` if no answer is expected.
///
/// # Errors
/// None.
#[wasm_bindgen(js_name = gatherReplies)]
pub fn gather_replies(bodies: Vec<Uint8Array>, event_stream: bool) -> Returned {
    let text = |body: &Uint8Array| String::from_utf8(body.to_vec()).unwrap_or_default();
    let bodies: Vec<String> = bodies.iter().map(text).collect();
    let reply = mcp::gather(&bodies, event_stream);
    Ok(reply.map_or(JsValue::UNDEFINED, |reply| value_of(&Answer::from(&reply))))
}

/// The notification that a call has been running for this many seconds: `{ status, media, body }`. `token` and
/// `event_stream` are those of its step; `undefined` if the token is not valid.
///
/// # Errors
/// None.
#[wasm_bindgen(js_name = progressNotification)]
pub fn progress_notification(token: &str, event_stream: bool, seconds: u32) -> Returned {
    let notification = Progress::new(token, event_stream).map(|progress| progress.notification(seconds));
    Ok(notification.map_or(JsValue::UNDEFINED, |reply| value_of(&Answer::from(&reply))))
}

/// Checks an HTTP request before its caller is known: `{ reply?: { status, media, body }, headers: [name, value][] }`.
///
/// # Errors
/// None.
#[wasm_bindgen(js_name = admitRequest)]
pub fn admit_request(
    allowed_origins: Vec<String>,
    local_only: bool,
    method: &str,
    host: &str,
    origin: Option<String>,
    requested_headers: Option<String>,
) -> Returned {
    let access = Access { allowed_origins, local_only };
    let (origin, requested_headers) = (origin.as_deref(), requested_headers.as_deref());
    let Admission { reply, headers } =
        mcp::admit(&access, &HttpHead { method, host, origin, requested_headers });
    Ok(value_of(&Admitted { reply: reply.as_ref().map(Answer::from), headers }))
}

/// The error of an HTTP request that is refused: `{ status, media, body }`.
///
/// # Errors
/// None.
#[wasm_bindgen(js_name = refuseRequest)]
pub fn refuse_request(status: u16, message: &str) -> Returned {
    Ok(value_of(&Answer::from(&mcp::refusal(status, message))))
}
