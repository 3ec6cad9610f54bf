//! What one caller sees of a server: the tools that the operator chose, narrowed by the caller's own choice; how a
//! message is answered, and what to run when a tool is called.

use std::sync::Arc;

use serde_json::value::RawValue;

use super::added::without_added;
use super::definition::{CONFIRMATION_TOKEN, ExtraTool, ToolDefinition, object};
use super::finish::{OutcomeText, finish};
use super::message::{Reply, RequestHead, Revision, STATELESS_VERSION, Step, ToolCall, TransportContext};
use super::meta_tools::{self, Arguments, meta_tools};
use super::read::{Message, Request, read};
use super::reply::{COMPLETE, ResultBody, result, tool_failure};
use super::selection::{Mode, Selection};
use super::server::Server;
use crate::call::Options;
use crate::error::{Error, ErrorKind};
use crate::http::Outcome;
use crate::json::{Object, Value, object_text, parse, raw_properties, to_text};
use crate::text::clip;
use crate::tools;

/// What has to be done for a call.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Plan {
    /// Run this tool and pass its outcome to [`View::finish`].
    Run {
        /// Its name.
        name: String,
        /// Its arguments: an object.
        arguments: Box<RawValue>,
        /// The confirmation token: [`Options::confirm`].
        confirm: Option<String>,
    },
    /// Run the host's tool with the call's name and arguments; see [`Server::with_extra_tools`].
    RunExtra,
    /// Search tools and pass their names, best first, to [`View::found`].
    Search {
        /// The query.
        query: String,
        /// The maximum number of tools.
        limit: usize,
    },
    /// Run nothing: this is the outcome.
    Done(String),
}

/// The tools that one caller sees and may call.
#[derive(Debug, Clone)]
pub struct View {
    server: Arc<Server>,
    tools: Vec<ToolDefinition>,
    /// Tools of the host.
    extra: Vec<ExtraTool>,
    /// Tools that are listed instead of `tools`, in the mode `search`.
    meta: Option<Vec<ExtraTool>>,
    /// The array of tools that `tools/list` answers.
    list: Box<RawValue>,
}

impl View {
    /// The view of `server` for a caller who may run `tools` and `asked` for this selection.
    ///
    /// # Errors
    /// `invalid_option`, with an issue for each requested name that does not exist.
    pub fn new(server: &Arc<Server>, tools: Vec<ToolDefinition>, asked: &Selection) -> Result<View, Error> {
        let mut tools = tools;
        server.selection.apply(&mut tools);
        asked.check_asked(&tools)?;
        asked.apply(&mut tools);
        let mode = asked.mode.or(server.selection.mode);
        if mode != Some(Mode::Search) && !server.selection.chooses() && !asked.chooses() {
            tools.retain(ToolDefinition::is_listed);
        }
        let read_only = server.selection.read_only || asked.read_only;
        let extra: Vec<ExtraTool> =
            server.extra_tools.iter().filter(|tool| !read_only || tool.is_read_only()).cloned().collect();
        let meta = (mode == Some(Mode::Search)).then(|| meta_tools(&tools, read_only));
        let mut listed = Vec::new();
        if meta.is_none() {
            let confirms = server.finish_options.model_confirms;
            listed.extend(tools.iter().map(|tool| tool.listed(confirms)));
        }
        listed.extend(meta.iter().flatten().chain(&extra).map(ExtraTool::listed));
        let list = raw(&Value::Array(listed));
        Ok(View { server: server.clone(), tools, extra, meta, list })
    }

    /// The view of `server` for a caller whose calls are made with `options`.
    ///
    /// # Errors
    /// As [`View::new`].
    ///
    /// ```
    /// use std::sync::Arc;
    /// use nango_toolkit::mcp::{Selection, Server, Step, TransportContext, View};
    ///
    /// let own = Selection { read_only: true, ..Selection::default() };
    /// let server = Arc::new(Server::new("nango", "1.0.0").with_selection(own));
    /// let view = View::of_options(&server, &Default::default(), &Selection::default())?;
    /// let message = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#;
    /// let Step::Reply(reply) = view.read(&TransportContext::stdio(), message) else { panic!("it is a list") };
    /// assert!(reply.body.contains("NANGO_GET_INTEGRATION") && !reply.body.contains("NANGO_DELETE_CONNECTION"));
    /// # Ok::<(), nango_toolkit::error::Error>(())
    /// ```
    pub fn of_options(server: &Arc<Server>, options: &Options, asked: &Selection) -> Result<View, Error> {
        let all = tools::all().filter(|tool| options.lists(tool));
        View::new(server, all.map(|tool| ToolDefinition::new(tool, options)).collect(), asked)
    }

    /// Reads a message.
    #[must_use]
    pub fn read(&self, context: &TransportContext, body: &str) -> Step {
        match read(context, body) {
            Message::Request(head, request) => self.answer(head, request),
            Message::Notification { cancels } => Step::Notification { cancels },
            Message::Batch { messages, event_stream } => Step::Batch { messages, event_stream },
            Message::Refused(reply) => Step::Reply(reply),
        }
    }

    fn answer(&self, head: RequestHead, request: Request) -> Step {
        let identity = &self.server.identity;
        let mut fields = Object::new();
        let mut add = |name: &str, value: Value| drop(fields.insert(name.to_owned(), value));
        let mut tools = None;
        match request {
            Request::CallTool(mut call) => {
                without_added(&mut call.arguments, || self.argument_names(&call.name));
                return Step::Call(call);
            }
            Request::Declined => {
                let text = "The user declined. Nothing was changed; do not repeat the call unless the user asks for it.";
                return Step::Reply(tool_failure(&head, identity, text));
            }
            Request::Ping => {}
            Request::Initialize(version) => {
                add("protocolVersion", Value::from(version));
                self.describe(&mut add);
                add("serverInfo", identity.to_value());
            }
            Request::Discover => {
                add("supportedVersions", Value::Array(vec![Value::from(STATELESS_VERSION)]));
                self.describe(&mut add);
                cache(&mut add);
            }
            Request::ListTools => {
                tools = Some(&*self.list);
                if head.revision == Revision::Stateless {
                    cache(&mut add);
                }
            }
        }
        let mut body = ResultBody::new(fields);
        if let Some(tools) = tools {
            body = body.with_tools(tools);
        }
        Step::Reply(result(&head, identity, COMPLETE, body))
    }

    /// The server's capabilities and instructions.
    fn describe(&self, add: &mut dyn FnMut(&str, Value)) {
        add("capabilities", object([("tools", Value::Object(Object::new()))]));
        add("instructions", Value::from(self.server.instructions.as_str()));
    }

    /// Resolves a call that [`View::read`] returned.
    #[must_use]
    pub fn plan(&self, call: &ToolCall) -> Plan {
        if self.extra.iter().any(|tool| tool.name() == call.name) {
            return Plan::RunExtra;
        }
        if let Some(meta) = &self.meta {
            return match meta.iter().any(|tool| tool.name() == call.name) {
                true => self.plan_meta(call),
                false => Plan::Done(unknown(&call.name)),
            };
        }
        match self.tool(&call.name) {
            Some(_) => self.run(call.name.clone(), call.arguments.clone(), call),
            None => Plan::Done(unknown(&call.name)),
        }
    }

    /// Resolves a call of one of the three tools that find, describe and run the others.
    fn plan_meta(&self, call: &ToolCall) -> Plan {
        let given = Arguments::read(&call.arguments);
        if call.name == meta_tools::SEARCH {
            return Plan::Search { query: given.query(), limit: given.limit() };
        }
        let name = given.name();
        match self.tool(&name) {
            None => Plan::Done(meta_tools::missing(&name)),
            Some(tool) if call.name == meta_tools::DESCRIBE => Plan::Done(meta_tools::described(tool)),
            Some(_) => {
                let mut arguments = given.arguments().unwrap_or_else(|| raw(&Value::Object(Object::new())));
                without_added(&mut arguments, || self.argument_names(&name));
                self.run(name, arguments, call)
            }
        }
    }

    /// Runs a tool. If models may approve calls, the approval token is one of the arguments.
    fn run(&self, name: String, arguments: Box<RawValue>, call: &ToolCall) -> Plan {
        if self.server.finish_options.model_confirms
            && let Ok(properties) = raw_properties(arguments.get())
            && let Some(token) = properties.get(CONFIRMATION_TOKEN)
        {
            let token = parse(token.get()).ok().and_then(|token| token.as_str().map(str::to_owned));
            let others = properties.0.iter().filter(|(name, _)| name != CONFIRMATION_TOKEN);
            let others = object_text(others.map(|(name, value)| (name.as_str(), value.get().to_owned())));
            let arguments = RawValue::from_string(others).unwrap_or_default();
            return Plan::Run { name, arguments, confirm: token.or_else(|| call.confirmation.clone()) };
        }
        Plan::Run { name, arguments, confirm: call.confirmation.clone() }
    }

    /// The outcome of a search that found these tools, best first. Tools that the caller does not see are left out.
    #[must_use]
    pub fn found<S: AsRef<str>>(&self, names: &[S], limit: usize) -> String {
        let visible =
            names.iter().filter_map(|name| self.tools.iter().find(|tool| tool.slug() == name.as_ref()));
        meta_tools::found(visible.take(limit))
    }

    /// The reply to a call that has ended. `tool` is the tool that ran, `outcome` the JSON text of its outcome.
    #[must_use]
    pub fn finish(&self, head: &RequestHead, tool: &str, outcome: &str) -> Reply {
        self.finish_with_text(head, tool, outcome, outcome)
    }

    /// The same with a different JSON text for models: that of [`Outcome::to_exact_json`], with all digits of numbers.
    #[must_use]
    pub fn finish_with_text(&self, head: &RequestHead, tool: &str, outcome: &str, text: &str) -> Reply {
        let Server { identity, finish_options, .. } = &*self.server;
        let outcome = OutcomeText { structured: outcome, text };
        finish(head, identity, *finish_options, outcome, &|| self.argument_names(tool))
    }

    /// The reply to a call that has ended with this outcome.
    #[must_use]
    pub fn finish_outcome(&self, head: &RequestHead, tool: &str, outcome: &Outcome) -> Reply {
        self.finish_with_text(head, tool, &outcome.to_json(), &outcome.to_exact_json())
    }

    /// The names of a tool's arguments.
    fn argument_names(&self, name: &str) -> Vec<String> {
        let meta = self.meta.iter().flatten();
        match self.extra.iter().chain(meta).find(|tool| tool.name() == name) {
            Some(tool) => tool.argument_names(),
            None => self.tool(name).map_or_else(Vec::new, |tool| tool.argument_names()),
        }
    }

    fn tool(&self, name: &str) -> Option<&ToolDefinition> {
        self.tools.iter().find(|tool| tool.names().any(|known| known == name))
    }
}

/// How long lists may be cached, in milliseconds, and by whom.
fn cache(add: &mut dyn FnMut(&str, Value)) {
    add("ttlMs", Value::from(300_000));
    add("cacheScope", Value::from("private"));
}

/// The outcome if there is no such tool.
fn unknown(name: &str) -> String {
    let message = format!("there is no tool `{}`", clip(name, 128));
    meta_tools::failure(
        &Error::new(ErrorKind::UnknownTool, message).hint("tools/list names the tools"),
        Object::new(),
    )
}

/// A value as JSON text.
fn raw(value: &Value) -> Box<RawValue> {
    RawValue::from_string(to_text(value)).unwrap_or_default()
}
