//! A server: its name, its instructions, which tools its operator chose, how it gives out results. What one caller
//! sees of it is in [`super::view`].

use super::definition::{ExtraTool, ToolDefinition, strings};
use super::finish::FinishOptions;
use super::problems::Problems;
use super::reply::Identity;
use super::selection::{MODES, Selection};
use crate::error::{Error, ErrorKind};
use crate::json::{Object, Value, parse};

/// What tells a model how the tools fit together; answered to `initialize` and `server/discover`.
pub const INSTRUCTIONS: &str = "Nango keeps the authorisation of end users' accounts at 800+ APIs. \
    An integration is a configured API (its unique_key is the provider_config_key elsewhere); a connection is one \
    end user's account at an integration. Names are exact: list them (NANGO_LIST_INTEGRATIONS, \
    NANGO_CONNECTION_LIST_GET, NANGO_PROVIDERS_LIST_GET, NANGO_SCRIPTS_CONFIG_GET) before you use them. \
    To call an API, find the connection, then use the proxy tools or a deployed action. Without a connection, \
    NANGO_CREATE_CONNECT_SESSION gives a link for the end user; a broken one is repaired with \
    NANGO_RECONNECT_SESSION_POST. Secrets in results are masked on purpose. When a result is an error, \
    read its issues and hint, mend the arguments, and call again; do not repeat an unchanged call unless it says so.";

/// The least that [`FinishOptions::max_bytes`] may be.
const LEAST_BYTES: u64 = 1000;

/// A server.
#[derive(Debug, Clone)]
pub struct Server {
    pub(super) identity: Identity,
    pub(super) instructions: String,
    pub(super) selection: Selection,
    pub(super) finish_options: FinishOptions,
    pub(super) extra_tools: Vec<ExtraTool>,
}

impl Server {
    /// A server of this name with all tools.
    #[must_use]
    pub fn new(name: &str, version: &str) -> Server {
        Server {
            identity: Identity { name: name.to_owned(), title: None, version: version.to_owned() },
            instructions: INSTRUCTIONS.to_owned(),
            selection: Selection::default(),
            finish_options: FinishOptions::default(),
            extra_tools: Vec::new(),
        }
    }

    /// A server as options in JSON describe it: `{ name, title, version, instructions, maxResultBytes, confirm, mode,
    /// toolsets, tools, exclude, readOnly, extraTools }`, all of them optional.
    ///
    /// # Errors
    /// `invalid_option`: all that is wrong with them.
    ///
    /// ```
    /// use nango_toolkit::mcp::Server;
    ///
    /// Server::from_json(r#"{ "name": "nango", "readOnly": true, "confirm": "client" }"#)?;
    /// let error = Server::from_json(r#"{ "readonly": true, "confirm": "user" }"#).unwrap_err();
    /// assert_eq!((error.issues.len(), error.hint.as_deref()), (2, Some("did you mean `readOnly`?")));
    /// # Ok::<(), nango_toolkit::error::Error>(())
    /// ```
    pub fn from_json(options: &str) -> Result<Server, Error> {
        const KNOWN: &[&str] = &[
            "name",
            "title",
            "version",
            "instructions",
            "maxResultBytes",
            "confirm",
            "mode",
            "toolsets",
            "tools",
            "exclude",
            "readOnly",
            "extraTools",
        ];
        let Ok(Value::Object(mut given)) = parse(options) else {
            return Err(Error::new(ErrorKind::InvalidOption, "the options must be an object"));
        };
        let mut problems = Problems::default();
        let mut server = Server::new("nango", env!("CARGO_PKG_VERSION"));
        let mut text = |problems: &mut Problems, name: &str| {
            problems.take(&mut given, name, "a string", |value| value.as_str().map(str::to_owned))
        };
        if let Some(name) = text(&mut problems, "name") {
            server.identity.name = name;
        }
        if let Some(version) = text(&mut problems, "version") {
            server.identity.version = version;
        }
        server.identity.title = Some(text(&mut problems, "title").unwrap_or_else(|| "Nango".to_owned()));
        if let Some(instructions) = text(&mut problems, "instructions") {
            server.instructions = instructions;
        }
        if let Some(word) = text(&mut problems, "confirm") {
            let confirms = problems.one_of("confirm", &word, &[("client", false), ("model", true)]);
            server.finish_options.model_confirms = confirms.unwrap_or_default();
        }
        if let Some(word) = text(&mut problems, "mode") {
            server.selection.mode = problems.one_of("mode", &word, MODES);
        }
        let expected = format!("a whole number of at least {LEAST_BYTES}");
        let most = |value: Value| value.as_u64().filter(|most| *most >= LEAST_BYTES);
        if let Some(most) = problems.take(&mut given, "maxResultBytes", &expected, most) {
            server.finish_options.max_bytes = usize::try_from(most).unwrap_or(usize::MAX);
        }
        let selection = &mut server.selection;
        let list = |problems: &mut Problems, given: &mut Object, name: &str| {
            problems.take(given, name, "an array of strings", strings)
        };
        selection.toolsets = list(&mut problems, &mut given, "toolsets");
        selection.tools = list(&mut problems, &mut given, "tools");
        selection.exclude = list(&mut problems, &mut given, "exclude");
        let read_only = problems.take(&mut given, "readOnly", "true or false", |value| value.as_bool());
        selection.read_only = read_only.unwrap_or_default();
        let extra = |value: Value| value.as_array()?.iter().cloned().map(ExtraTool::from_value).collect();
        let extra = problems.take(&mut given, "extraTools", "an array of tools, each with a name", extra);
        server.extra_tools = extra.unwrap_or_default();
        problems.rest(&given, KNOWN);
        problems.done()?;
        Ok(server)
    }

    /// The same server under a name for people, too.
    #[must_use]
    pub fn with_title(mut self, title: &str) -> Server {
        self.identity.title = Some(title.to_owned());
        self
    }

    /// The same server with these tools alone; callers can narrow that, never widen it.
    #[must_use]
    pub fn with_selection(self, selection: Selection) -> Server {
        Server { selection, ..self }
    }

    /// The same server with results given out like this.
    #[must_use]
    pub fn with_finish_options(self, finish_options: FinishOptions) -> Server {
        Server { finish_options, ..self }
    }

    /// The same server with tools of the host's own beside Nango's.
    #[must_use]
    pub fn with_extra_tools(self, extra_tools: Vec<ExtraTool>) -> Server {
        Server { extra_tools, ..self }
    }

    /// Checks which tools the operator chose, against all that there are.
    ///
    /// # Errors
    /// `invalid_option`: all that is chosen and neither among `tools` nor in the table.
    pub fn check_selection(&self, tools: &[ToolDefinition]) -> Result<(), Error> {
        self.selection.check_own(tools)
    }
}
