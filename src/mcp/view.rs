//! What one caller sees of a server: the tools that the operator chose, narrowed by the caller's own choice, and
//! what is to run when one is called. In the npm package JavaScript holds the same.

use std::sync::Arc;

use super::message::{Call, Facts, Reply, Step, property};
use super::server::{Server, takes};
use crate::call::Options;
use crate::error::{Error, ErrorKind};
use crate::json::{Value, Writer, parse, to_plain, to_text};
use crate::schema;
use crate::search::Index;
use crate::text::{clip, pieces, trim_end, trim_start};
use crate::tool::{Effect, Tool};
use crate::tools;

/// Which tools somebody wants to see.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// The only toolsets, by name.
    pub toolsets: Option<Vec<String>>,
    /// The only tools, by name or alias.
    pub tools: Option<Vec<String>>,
    /// Tools that are left out, by name or alias.
    pub exclude: Option<Vec<String>>,
    /// Only what changes nothing.
    pub read_only: bool,
    /// Three tools that find, describe and run the others, in place of them.
    pub search: Option<bool>,
}

impl Selection {
    /// From what is said of `toolsets`, `tools`, `exclude` (words with commas between them), `readonly` (anything
    /// but `false`, `no` and `0`) and `mode` (`tools` or `search`), as a URL, headers or an environment say it.
    ///
    /// # Errors
    /// `invalid_option`: there is no such mode.
    pub fn from_words(said: impl Fn(&str) -> Option<String>) -> Result<Selection, Error> {
        let list = |name: &str| {
            let all = said(name)?;
            let words = pieces(&all, ",").into_iter().map(|word| trim_end(trim_start(word, b" \t"), b" \t"));
            Some(words.filter(|word| !word.is_empty()).map(str::to_owned).collect())
        };
        let no = |word: &String| ["false", "0", "no"].iter().any(|no| word.eq_ignore_ascii_case(no));
        let search = match said("mode").as_deref() {
            None => None,
            Some("tools") => Some(false),
            Some("search") => Some(true),
            Some(_) => return Err(misuse("`mode` is `tools` or `search`".to_owned())),
        };
        Ok(Selection {
            toolsets: list("toolsets"),
            tools: list("tools"),
            exclude: list("exclude"),
            read_only: said("readonly").is_some_and(|word| !no(&word)),
            search,
        })
    }

    /// Leaves of `all` what it selects.
    fn narrow(&self, all: &mut Vec<&'static Tool>, options: &Options) -> Result<(), Error> {
        let known = |wanted: &Option<Vec<String>>, there: &[&str], what: &str| match wanted
            .iter()
            .flatten()
            .find(|word| !there.contains(&word.as_str()))
        {
            Some(word) => {
                let message = format!("there is no {what} `{}` here", clip(word, 64));
                Err(misuse(message).hint(format!("there are {}", there.join(", "))))
            }
            None => Ok(()),
        };
        let mut toolsets: Vec<&str> = all.iter().map(|tool| tool.toolset.as_str()).collect();
        toolsets.dedup();
        known(&self.toolsets, &toolsets, "toolset")?;
        let there: Vec<&str> = all.iter().flat_map(|tool| names(tool, options)).collect();
        known(&self.tools, &there, "tool")?;
        let listed = |list: &Option<Vec<String>>, tool: &Tool| {
            list.as_ref().map(|list| names(tool, options).any(|name| list.iter().any(|word| word == name)))
        };
        all.retain(|tool| {
            self.toolsets.as_ref().is_none_or(|some| some.iter().any(|name| name == tool.toolset.as_str()))
                && listed(&self.tools, tool).unwrap_or(true)
                && !listed(&self.exclude, tool).unwrap_or_default()
                && (!self.read_only || tool.effect == Effect::Read)
        });
        Ok(())
    }
}

/// What a call comes to.
#[derive(Debug, Clone, PartialEq)]
pub enum Plan {
    /// This tool is to run.
    Run {
        /// Its name.
        name: String,
        /// Its arguments.
        arguments: Value,
        /// What confirms it: [`Options::confirm`].
        confirm: Option<String>,
    },
    /// Nothing is to run: this is the outcome.
    Done(String),
}

/// The tools that one caller sees and may call.
#[derive(Debug, Clone)]
pub struct View {
    server: Server,
    options: Arc<Options>,
    tools: Vec<&'static Tool>,
    search: bool,
}

impl View {
    /// What `server`, whose own tools do not matter, shows to a caller whose calls are made with `options`: the
    /// operator's choice `own`, narrowed by what the caller `asked` for.
    ///
    /// # Errors
    /// `invalid_option`: a toolset or tool is chosen that is not there.
    ///
    /// ```
    /// use nango_toolkit::mcp::{Facts, Selection, Server, View};
    ///
    /// let server = Server::new("nango", "1.0.0", nango_toolkit::tools::all());
    /// let own = Selection { read_only: true, ..Selection::default() };
    /// let view = View::new(&server, Default::default(), &own, &Selection::default())?;
    /// let message = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#;
    /// let nango_toolkit::mcp::Step::Reply(reply) = view.read(&Facts::stdio(), message) else { panic!("it is a list") };
    /// assert!(reply.body.contains("NANGO_GET_INTEGRATION") && !reply.body.contains("NANGO_DELETE_CONNECTION"));
    /// # Ok::<(), nango_toolkit::error::Error>(())
    /// ```
    pub fn new(
        server: &Server,
        options: Arc<Options>,
        own: &Selection,
        asked: &Selection,
    ) -> Result<View, Error> {
        let mut all: Vec<&'static Tool> = tools::all().filter(|tool| options.lists(tool)).collect();
        own.narrow(&mut all, &options)?;
        asked.narrow(&mut all, &options)?;
        let search = asked.search.or(own.search).unwrap_or_default();
        let mut list = Writer::new();
        list.open_array();
        let mut known = Vec::new();
        if search {
            for (name, definition) in meta(&all, own.read_only || asked.read_only) {
                list.raw(&definition);
                known.push((name.to_owned(), takes(&parse(&definition).unwrap_or_default())));
            }
        } else {
            for tool in &all {
                list.raw(&definition(tool, &options, server.how.model_confirms));
                known.extend(names(tool, &options).map(|name| (name.to_owned(), Vec::new())));
            }
        }
        list.close_array();
        Ok(View { server: server.with(list.finish(), known), options, tools: all, search })
    }

    /// How its calls are made.
    pub fn options(&self) -> &Arc<Options> {
        &self.options
    }

    /// Reads a message, as [`Server::read`].
    pub fn read(&self, facts: &Facts<'_>, body: &str) -> Step {
        self.server.read(facts, body)
    }

    /// The reply to a call that has ended, as [`Server::finish`].
    pub fn finish(&self, call: &Call, outcome: &str) -> Reply {
        let Some(tool) = self.known(&call.name) else { return self.server.finish(call, outcome) };
        let params = self.options.params(tool);
        let takes: Vec<&str> = params.iter().map(|param| param.prop.name).collect();
        self.server.finish_of(call, outcome, &takes)
    }

    /// What a call that [`View::read`] gave comes to. Where it runs another tool than its own name says, it is
    /// given that one's: what is said of a result is about the tool that gave it.
    pub fn plan(&self, call: &mut Call) -> Plan {
        let given = parse(&call.arguments).unwrap_or_default();
        if !self.search {
            return self.run(call.name.clone(), given, call);
        }
        let name = given.get("name").map(to_plain).unwrap_or_default();
        let missing = || {
            let error =
                Error::new(ErrorKind::InvalidArguments, format!("there is no tool `{}`", clip(&name, 128)));
            failure(&error.hint("search_tools finds tools"))
        };
        Plan::Done(match call.name.as_str() {
            "search_tools" => self.find(&given),
            "describe_tool" => self.known(&name).map_or_else(missing, |tool| self.describe(tool)),
            _ if self.known(&name).is_none() => missing(),
            _ => {
                call.name.clone_from(&name);
                let arguments = given.get("arguments").cloned();
                let nothing = || parse("{}").unwrap_or_default();
                return self.run(
                    name,
                    arguments.filter(|args| !args.is_null()).unwrap_or_else(nothing),
                    call,
                );
            }
        })
    }

    fn known(&self, name: &str) -> Option<&'static Tool> {
        self.tools.iter().copied().find(|tool| names(tool, &self.options).any(|known| known == name))
    }

    fn run(&self, name: String, mut arguments: Value, call: &Call) -> Plan {
        let mut confirm = call.confirmed.clone();
        if self.server.how.model_confirms
            && let Value::Object(map) = &mut arguments
            && let Some(token) = map.shift_remove("confirmation_token")
            && let Value::String(token) = token
        {
            confirm = Some(token);
        }
        Plan::Run { name, arguments, confirm }
    }

    /// What `search_tools` answers.
    fn find(&self, given: &Value) -> String {
        let query = given.get("query").map(to_plain).unwrap_or_default();
        let limit = given.get("limit").and_then(|limit| to_plain(limit).parse::<f64>().ok());
        let limit = limit.map_or(0, |limit| limit as i64);
        let limit = if limit == 0 { 5 } else { limit.clamp(1, 20) } as usize;
        // How rare a word is, is told by all tools, whatever this caller sees of them.
        let index = Index::new(tools::all());
        let mut w = Writer::new();
        w.open().key("tools").open_array();
        for hit in index.find(&query, limit, &|tool| self.tools.iter().any(|own| own.slug == tool.slug)) {
            self.brief(hit.tool, &mut w);
            w.close();
        }
        w.close_array().close();
        success(&w.finish())
    }

    fn describe(&self, tool: &Tool) -> String {
        let params = self.options.params(tool);
        let input = self.options.input_schema(tool, &params, self.options.provider);
        let mut w = Writer::new();
        self.brief(tool, &mut w);
        w.key("inputSchema").raw(&input);
        annotations(tool, &mut w);
        w.key("examples").open_array();
        for example in tool.examples.iter().filter(|example| example.fits(&params)) {
            w.open().pair("title", example.title).key("arguments").raw(example.args).close();
        }
        w.close_array().close();
        success(&w.finish())
    }

    fn brief(&self, tool: &Tool, w: &mut Writer) {
        let (name, doc) = self.options.words(tool);
        w.open().pair("name", name).pair("title", tool.title).pair("description", doc);
    }
}

/// The names by which a tool can be called.
fn names<'o>(tool: &'o Tool, options: &'o Options) -> impl Iterator<Item = &'o str> {
    core::iter::once(options.words(tool).0).chain(tool.aliases.iter().copied())
}

/// A tool as MCP lists it.
pub(super) fn definition(tool: &Tool, options: &Options, model_confirms: bool) -> String {
    let (name, doc) = options.words(tool);
    let mut input = options.input_schema(tool, &options.params(tool), options.provider);
    if model_confirms
        && tool.effect != Effect::Read
        && let Ok(Value::Object(mut schema)) = parse(&input)
        && let Some(Value::Object(all)) = schema.get_mut("properties")
    {
        all.insert("confirmation_token".to_owned(), parse(TOKEN).unwrap_or_default());
        input = to_text(&Value::Object(schema));
    }
    let output = schema::output(tool);
    let data = property(&output, "properties").and_then(|all| property(all, "data")).unwrap_or("{}");
    let mut w = Writer::new();
    w.open().pair("name", name).pair("title", tool.title).pair("description", doc);
    w.key("inputSchema").raw(&input);
    // What surrounds the data: failures have no structure here, so nothing is told of errors.
    w.key("outputSchema").open().pair("type", "object").key("properties").open();
    w.key("successful").raw(r#"{"type":"boolean"}"#).key("error").raw("{}");
    w.key("meta").raw(r#"{"type":"object"}"#).key("data").raw(data).close();
    w.key("required").texts(&["successful", "data", "error"]).close();
    annotations(tool, &mut w);
    w.key("_meta").open().pair("nango-toolkit/toolset", tool.toolset.as_str());
    w.pair("nango-toolkit/effect", tool.effect.as_str()).close().close();
    w.finish()
}

const TOKEN: &str = r#"{"type":"string","description":"Only after the user agreed: the token of the answer that asked for approval of this very call."}"#;

fn annotations(tool: &Tool, w: &mut Writer) {
    w.key("annotations").open().pair("title", tool.title);
    w.key("readOnlyHint").boolean(tool.effect == Effect::Read);
    w.key("destructiveHint").boolean(tool.effect == Effect::Destroy);
    w.key("idempotentHint").boolean(tool.idempotent).key("openWorldHint").boolean(tool.open_world).close();
}

/// The three tools in place of all others, as MCP lists them.
fn meta(tools: &[&'static Tool], read_only: bool) -> [(&'static str, String); 3] {
    let mut toolsets: Vec<&str> = tools.iter().map(|tool| tool.toolset.as_str()).collect();
    toolsets.dedup();
    let finds = format!(
        "Find the tools for a task, best first, among {} tools for Nango: {}. Then use describe_tool for the arguments of one, and execute_tool to run it.",
        tools.len(),
        toolsets.join(", ")
    );
    let tool =
        |name: &'static str, title: &str, doc: &str, input: &str, reads: bool, same: bool, open: bool| {
            let mut w = Writer::new();
            w.open().pair("name", name).pair("title", title).pair("description", doc);
            w.key("inputSchema").raw(input).key("annotations").open().pair("title", title);
            w.key("readOnlyHint").boolean(reads).key("destructiveHint").boolean(!reads);
            w.key("idempotentHint").boolean(same).key("openWorldHint").boolean(open).close().close();
            (name, w.finish())
        };
    [
        tool("search_tools", "Search Tools", &finds, SEARCH, true, true, false),
        tool("describe_tool", "Describe Tool", DESCRIBES, DESCRIBE, true, true, false),
        tool("execute_tool", "Execute Tool", EXECUTES, EXECUTE, read_only, false, true),
    ]
}

const DESCRIBES: &str =
    "The description, the arguments (JSON Schema) and examples of one tool. Use it before execute_tool.";
const EXECUTES: &str = "Run one tool with its arguments and return its result. Look at describe_tool first: names and values must be exact.";
const SEARCH: &str = r#"{"type":"object","properties":{"query":{"type":"string","description":"What you want to do, in a few words."},"limit":{"type":"integer","description":"How many to return, 1 to 20; default 5."}},"required":["query"],"additionalProperties":false}"#;
const DESCRIBE: &str = r#"{"type":"object","properties":{"name":{"type":"string","description":"The tool's name, as search_tools returns it."}},"required":["name"],"additionalProperties":false}"#;
const EXECUTE: &str = r#"{"type":"object","properties":{"name":{"type":"string","description":"The tool's name, as search_tools returns it."},"arguments":{"type":"object","description":"The arguments, as describe_tool says.","additionalProperties":true}},"required":["name"],"additionalProperties":false}"#;

/// A success with this data, JSON text.
fn success(data: &str) -> String {
    [r#"{"successful":true,"data":"#, data, r#","error":null,"meta":{}}"#].concat()
}

fn failure(error: &Error) -> String {
    let meta = r#","meta":{"tool":"execute_tool"}}"#;
    [r#"{"successful":false,"data":null,"error":"#, &error.to_json(), meta].concat()
}

fn misuse(message: String) -> Error {
    Error::new(ErrorKind::Internal, message).code("invalid_option")
}
