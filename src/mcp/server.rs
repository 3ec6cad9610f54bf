//! A server: its name, its instructions, the tools that its operator chose, how it returns results. What one caller
//! sees of it is in [`super::view`].

use super::definition::{ExtraTool, ToolDefinition, strings};
use super::finish::FinishOptions;
use super::reply::Identity;
use super::selection::{MODES, Selection};
use crate::error::{Error, Issue};
use crate::json::Value;
use crate::settings::{self, ANY_STRING, INVALID_OPTION, STRINGS};
use crate::tool::{ParamType, Property};

/// Instructions that explain to a model how the tools fit together; sent in `initialize` and `server/discover`.
pub const INSTRUCTIONS: &str = "Nango keeps the authorisation of end users' accounts at 800+ APIs. \
    An integration is a configured API (its unique_key is the provider_config_key elsewhere); a connection is one \
    end user's account at an integration. Names are exact: list them (NANGO_LIST_INTEGRATIONS, \
    NANGO_CONNECTION_LIST_GET, NANGO_PROVIDERS_LIST_GET, NANGO_SCRIPTS_CONFIG_GET) before you use them. \
    To call an API, find the connection, then use the proxy tools or a deployed action. Without a connection, \
    NANGO_CREATE_CONNECT_SESSION gives a link for the end user; a broken one is repaired with \
    NANGO_RECONNECT_SESSION_POST. Secrets in results are masked on purpose. When a result is an error, \
    read its issues and hint, fix the arguments, and call again; do not repeat an unchanged call unless it says so.";

/// The minimum of [`FinishOptions::max_bytes`].
const LEAST_BYTES: i64 = 1000;

/// The options of a server.
const SERVER: ParamType = ParamType::Object(&[
    Property::new("name", ANY_STRING, ""),
    Property::new("title", ANY_STRING, ""),
    Property::new("version", ANY_STRING, ""),
    Property::new("instructions", ANY_STRING, ""),
    Property::new("maxResultBytes", ParamType::Integer { min: LEAST_BYTES, max: i64::MAX }, ""),
    Property::new("confirm", ParamType::Choice(&["client", "model"]), ""),
    Property::new("mode", ParamType::Choice(MODES), ""),
    Property::new("toolsets", STRINGS, ""),
    Property::new("tools", STRINGS, ""),
    Property::new("exclude", STRINGS, ""),
    Property::new("readOnly", ParamType::Boolean, ""),
    // Each is checked separately.
    Property::new(
        "extraTools",
        ParamType::List { of: &ParamType::Json, min: 0, max: u32::MAX, unique: false },
        "",
    ),
]);

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
    /// `invalid_option`, with an issue for each mistake.
    ///
    /// ```
    /// use nango_toolkit::mcp::Server;
    ///
    /// Server::from_json(r#"{ "name": "nango", "readOnly": true, "confirm": "client" }"#)?;
    /// let error = Server::from_json(r#"{ "readonly": true, "confirm": "user" }"#).unwrap_err();
    /// assert_eq!(error.issues.len(), 2);
    /// assert!(error.issues.iter().any(|issue| issue.hint.as_deref() == Some("did you mean `readOnly`?")));
    /// # Ok::<(), nango_toolkit::error::Error>(())
    /// ```
    pub fn from_json(options: &str) -> Result<Server, Error> {
        let invalid = |issues| settings::error("options", INVALID_OPTION, issues);
        let given = settings::with_all_toolsets(settings::parse_json(options).map_err(invalid)?);
        let mut issues = settings::check(&SERVER, &given);
        let mut server = Server::new("nango", env!("CARGO_PKG_VERSION"));
        let extra = given.get("extraTools").and_then(Value::as_array);
        for (at, definition) in extra.into_iter().flatten().enumerate() {
            match ExtraTool::from_value(definition.clone()) {
                Some(tool) => server.extra_tools.push(tool),
                None => {
                    let path = vec!["extraTools".to_owned(), at.to_string()];
                    issues.push(Issue::new(path, "invalid_value", "expected a tool with a name"));
                }
            }
        }
        if !issues.is_empty() {
            return Err(invalid(issues));
        }
        let text = |name: &str| given.get(name).and_then(Value::as_str);
        let list = |name: &str| given.get(name).cloned().and_then(strings);
        server.identity.name = text("name").unwrap_or("nango").to_owned();
        server.identity.title = Some(text("title").unwrap_or("Nango").to_owned());
        if let Some(version) = text("version") {
            server.identity.version = version.to_owned();
        }
        if let Some(instructions) = text("instructions") {
            server.instructions = instructions.to_owned();
        }
        server.finish_options.model_confirms = text("confirm") == Some("model");
        if let Some(most) = given.get("maxResultBytes").and_then(Value::as_u64) {
            server.finish_options.max_bytes = usize::try_from(most).unwrap_or(usize::MAX);
        }
        server.selection = Selection {
            toolsets: list("toolsets"),
            tools: list("tools"),
            exclude: list("exclude"),
            read_only: given.get("readOnly") == Some(&Value::Bool(true)),
            mode: text("mode").and_then(|name| name.parse().ok()),
        };
        Ok(server)
    }

    /// Sets a name for people.
    #[must_use]
    pub fn with_title(mut self, title: &str) -> Server {
        self.identity.title = Some(title.to_owned());
        self
    }

    /// Limits the server to these tools; callers can narrow the selection, but never widen it.
    #[must_use]
    pub fn with_selection(self, selection: Selection) -> Server {
        Server { selection, ..self }
    }

    /// Sets how results are returned.
    #[must_use]
    pub fn with_finish_options(self, finish_options: FinishOptions) -> Server {
        Server { finish_options, ..self }
    }

    /// Adds tools of the host to Nango's.
    #[must_use]
    pub fn with_extra_tools(self, extra_tools: Vec<ExtraTool>) -> Server {
        Server { extra_tools, ..self }
    }

    /// Checks the operator's selection against all existing tools.
    ///
    /// # Errors
    /// `invalid_option`, with an issue for each name that is neither in `tools` nor in the table.
    pub fn check_selection(&self, tools: &[ToolDefinition]) -> Result<(), Error> {
        self.selection.check_own(tools)
    }
}
