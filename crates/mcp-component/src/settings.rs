//! The settings, from environment variables: those that the command `nango-toolkit mcp` reads mean the same here.
//! Mistakes are logged at the first request; nothing is served then.

use std::sync::Arc;

use nango_toolkit::call::{Options, key_format};
use nango_toolkit::json::{Object, Value, parse, to_text};
use nango_toolkit::mcp::{Access, FinishOptions, Selection, Server, ToolDefinition};
use nango_toolkit::{options, tools};

use crate::callers::{Callers, is_short};
use crate::problem::describe;

/// What the endpoint serves, to whom, from where.
pub(crate) struct Settings {
    /// The path of the endpoint.
    pub(crate) path: String,
    /// An extra segment of the path that replaces a token.
    pub(crate) secret_path: Option<String>,
    /// Where the endpoint may be used from.
    pub(crate) access: Access,
    /// The longest body, in bytes.
    pub(crate) body_limit: usize,
    /// Whether everyone who can reach the endpoint may call.
    pub(crate) anonymous: bool,
    /// Who may call.
    pub(crate) callers: Callers,
    /// The server: its name, its tools, and how results are returned.
    pub(crate) server: Arc<Server>,
    /// The key of Nango's environment.
    pub(crate) key: String,
    /// Events are logged.
    pub(crate) log: bool,
}

impl Settings {
    /// Reads the settings.
    ///
    /// # Errors
    /// A message for the operator.
    pub(crate) fn read(env: impl Fn(&str) -> Option<String>) -> Result<Settings, String> {
        let text = |name: &str| env(name).filter(|text| !text.is_empty());
        let flag = |name: &str| text(name).is_some_and(|word| !is_no(&word));
        let number = |name: &str, least: usize, otherwise: usize| match text(name) {
            None => Ok(otherwise),
            Some(digits) => digits
                .parse()
                .ok()
                .filter(|n| *n >= least)
                .ok_or_else(|| format!("`{name}` must be a whole number of at least {least}")),
        };
        let key = text("NANGO_SECRET_KEY").ok_or("no API key: set NANGO_SECRET_KEY")?;
        key_format(&key)
            .map_err(|why| format!("NANGO_SECRET_KEY is not a valid API key: {}", why.as_str()))?;
        let path = text("NANGO_MCP_PATH").unwrap_or_else(|| "/mcp".to_owned());
        if !path.starts_with('/') || !path.bytes().all(|b| word(b) || matches!(b, b'.' | b'/')) {
            return Err(format!("NANGO_MCP_PATH is `{path}`: give the path of the endpoint, such as `/mcp`"));
        }
        let secret_path = text("NANGO_MCP_SECRET_PATH");
        if secret_path.as_ref().is_some_and(|path| is_short(path) || !path.bytes().all(word)) {
            return Err(
                "NANGO_MCP_SECRET_PATH must be at least 16 letters, digits, `-` or `_`: generate it at random"
                    .into(),
            );
        }
        let model_confirms = match text("NANGO_MCP_CONFIRM").as_deref() {
            None | Some("client") => false,
            Some("model") => true,
            Some(other) => {
                return Err(format!("NANGO_MCP_CONFIRM is `{other}`: expected `client` or `model`"));
            }
        };
        let max_bytes = number("NANGO_MCP_MAX_RESULT_BYTES", 1000, FinishOptions::default().max_bytes)?;
        let selection = Selection::from_words(|name| {
            let name = if name == "readonly" { "read_only" } else { name };
            text(&format!("NANGO_MCP_{}", name.to_ascii_uppercase()))
        })
        .map_err(|error| format!("NANGO_MCP_MODE: {}", describe(&error)))?;
        let server = Server::new("nango", env!("CARGO_PKG_VERSION"))
            .with_title("Nango")
            .with_selection(selection)
            .with_finish_options(FinishOptions { max_bytes, model_confirms });
        let options = toolkit(&text, flag("NANGO_ALLOW_INSECURE_HTTP"))?;
        // Mistakes in the selection are reported immediately.
        let all = tools::all().filter(|tool| options.lists(tool));
        let all: Vec<ToolDefinition> = all.map(|tool| ToolDefinition::new(tool, &options)).collect();
        server
            .check_selection(&all)
            .map_err(|error| format!("the selection of tools was refused: {}", describe(&error)))?;
        let callers = Callers::read(&text, options)?;
        let origins = text("NANGO_MCP_ORIGINS").unwrap_or_default();
        let allowed_origins =
            origins.split([',', ' ']).filter(|one| !one.is_empty()).map(str::to_owned).collect();
        let anonymous = flag("NANGO_MCP_ANONYMOUS");
        if !callers.guarded() && secret_path.is_none() && !anonymous {
            return Err("callers cannot be authenticated: set NANGO_MCP_TOKEN, NANGO_MCP_TOKENS, NANGO_MCP_SESSION_KEY or NANGO_MCP_SECRET_PATH; NANGO_MCP_ANONYMOUS=true opens the tools to everyone who can reach the endpoint".into());
        }
        Ok(Settings {
            path,
            secret_path,
            access: Access { allowed_origins, local_only: flag("NANGO_MCP_LOCAL_ONLY") },
            body_limit: number("NANGO_MCP_BODY_LIMIT", 1, 4 * 1024 * 1024)?,
            anonymous,
            callers,
            server: Arc::new(server),
            key,
            log: flag("NANGO_MCP_LOG"),
        })
    }
}

/// How calls are made: NANGO_MCP_OPTIONS, and the options with their own variables.
fn toolkit(text: &impl Fn(&str) -> Option<String>, insecure: bool) -> Result<Arc<Options>, String> {
    let mut given = match text("NANGO_MCP_OPTIONS").map(|json| parse(&json)) {
        None => Object::new(),
        Some(Ok(Value::Object(map))) => map,
        Some(_) => return Err("NANGO_MCP_OPTIONS is not a JSON object".into()),
    };
    if let Some(json) = text("NANGO_MCP_POLICY") {
        let policy = parse(&json).map_err(|_| "NANGO_MCP_POLICY is not JSON")?;
        given.insert("policy".to_owned(), policy);
    }
    if let Some(user) = text("NANGO_MCP_USER") {
        let mut session = Object::new();
        session.insert("user".to_owned(), Value::from(user));
        given.insert("session".to_owned(), Value::Object(session));
    }
    if let Some(host) = text("NANGO_HOST") {
        given.insert("baseUrl".to_owned(), Value::from(host));
    }
    if insecure {
        given.insert("allowInsecureHttp".to_owned(), Value::Bool(true));
    }
    let options = options::parse(&to_text(&Value::Object(given)));
    options.map(Arc::new).map_err(|error| format!("the options were refused: {}", describe(&error)))
}

fn is_no(word: &str) -> bool {
    ["0", "no", "false"].iter().any(|no| word.eq_ignore_ascii_case(no))
}

fn word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use nango_toolkit::mcp::{Step, TransportContext};

    use super::*;

    const KEY: (&str, &str) = ("NANGO_SECRET_KEY", "7b0c9f6e-4a55-4b8e-9d6a-2f1f0f6f5c11");
    const OPEN: (&str, &str) = ("NANGO_MCP_ANONYMOUS", "true");

    fn read(env: &[(&str, &str)]) -> Result<Settings, String> {
        // The last one counts, as in a shell.
        Settings::read(|name| {
            env.iter().rev().find(|(known, _)| *known == name).map(|(_, text)| (*text).to_owned())
        })
    }

    /// The tools of callers without a token.
    fn listed(settings: &Settings) -> Vec<String> {
        let view = settings.callers.whole.view(&settings.server, Selection::default()).unwrap();
        let message = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#;
        let Step::Reply(reply) = view.read(&TransportContext::stdio(), message) else { return Vec::new() };
        let value = parse(&reply.body).unwrap();
        let tools = value.get("result").and_then(|result| result.get("tools")?.as_array()).unwrap();
        tools.iter().filter_map(|tool| tool.get("name")?.as_str()).map(str::to_owned).collect()
    }

    #[test]
    fn what_is_not_set_has_a_default() {
        let settings = read(&[KEY, OPEN, ("NANGO_MCP_PATH", ""), ("NANGO_MCP_READ_ONLY", "no")]).unwrap();
        assert_eq!((settings.path.as_str(), settings.body_limit), ("/mcp", 4 << 20));
        assert_eq!(settings.access, Access::default());
        assert!(!settings.log && !settings.callers.guarded());
        assert_eq!(listed(&settings).len(), 23);
        let more = [
            ("NANGO_MCP_TOOLSETS", "connections, integrations"),
            ("NANGO_MCP_READ_ONLY", "1"),
            ("NANGO_MCP_MODE", "search"),
        ];
        let settings = read(&[&[KEY, OPEN], &more[..]].concat()).unwrap();
        assert_eq!(listed(&settings), ["search_tools", "describe_tool", "execute_tool"]);
        let settings = read(&[&[KEY, OPEN], &more[..2]].concat()).unwrap();
        let readers = ["NANGO_CONNECTION_LIST_GET", "NANGO_LIST_INTEGRATIONS", "NANGO_GET_INTEGRATION"];
        assert!(
            !listed(&settings).is_empty()
                && listed(&settings).iter().all(|name| readers.contains(&name.as_str()))
        );
    }

    #[test]
    fn what_is_wrong_is_said_without_secrets() {
        let tokens = r#"{"hunter2-hunter2-hunter2":7}"#;
        for (name, text, why) in [
            ("NANGO_SECRET_KEY", "", "no API key: set NANGO_SECRET_KEY"),
            ("NANGO_SECRET_KEY", "hunter2", "not a valid API key: a Nango secret key is a UUID"),
            ("NANGO_HOST", "ftp://nango.example.com", "it must begin with https:// or http://"),
            ("NANGO_HOST", "http://nango.example.com", "plain http to a public host"),
            ("NANGO_HOST", "https://user:hunter2@nango.example.com", "a user name or password"),
            ("NANGO_MCP_ANONYMOUS", "0", "callers cannot be authenticated"),
            ("NANGO_MCP_PATH", "mcp", "give the path of the endpoint"),
            ("NANGO_MCP_PATH", "/m cp", "give the path of the endpoint"),
            ("NANGO_MCP_SECRET_PATH", "hunter2", "at least 16 letters"),
            ("NANGO_MCP_SECRET_PATH", "hunter2/hunter2/hunter2", "at least 16 letters"),
            ("NANGO_MCP_TOKEN", "hunter2", "shorter than 16 characters"),
            ("NANGO_MCP_TOKENS", r#"{"hunter2":true}"#, "shorter than 16 characters"),
            ("NANGO_MCP_TOKENS", "hunter2", "must be a JSON object"),
            ("NANGO_MCP_TOKENS", tokens, "must be a JSON object"),
            ("NANGO_MCP_SESSION_KEY", "hunter2", "at least 32 bytes"),
            ("NANGO_MCP_MODE", "all", "there is no mode `all` (expected one of `tools`, `search`)"),
            (
                "NANGO_MCP_TOOLSETS",
                "conections",
                "there is no toolset `conections` (did you mean `connections`?)",
            ),
            (
                "NANGO_MCP_TOOLS",
                "NANGO_NOTHING",
                "there is no tool `NANGO_NOTHING` (expected one of `NANGO_PROVIDERS_LIST_GET`",
            ),
            ("NANGO_MCP_CONFIRM", "user", "expected `client` or `model`"),
            ("NANGO_MCP_MAX_RESULT_BYTES", "999", "a whole number of at least 1000"),
            ("NANGO_MCP_BODY_LIMIT", "1e6", "a whole number of at least 1"),
            ("NANGO_MCP_POLICY", "{", "NANGO_MCP_POLICY is not JSON"),
            ("NANGO_MCP_POLICY", r#"{"default":"alow"}"#, "did you mean `allow`?"),
            ("NANGO_MCP_OPTIONS", "[]", "NANGO_MCP_OPTIONS is not a JSON object"),
            ("NANGO_MCP_OPTIONS", r#"{"timeoutMS":1}"#, "did you mean `timeoutMs`?"),
        ] {
            let said = read(&[KEY, OPEN, (name, text)]).err().unwrap_or_default();
            assert!(said.contains(why), "{name}={text}: {said}");
            assert!(!said.contains("hunter2"), "{said}");
        }
        let grace = r#"{"hunter2-hunter2-hunter2":{"user":"grace"}}"#;
        let one_user = [("NANGO_MCP_USER", "ada"), ("NANGO_MCP_TOKENS", grace)];
        let said = read(&[&[KEY], &one_user[..]].concat()).err().unwrap_or_default();
        assert!(said.contains("all calls are made for that user"), "{said}");
    }
}
