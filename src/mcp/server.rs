//! A server for native Rust: what fills the replies, and which names can be called. In the npm package
//! JavaScript holds the same.

use super::message::{Call, Facts, Reply, Step, hole, word};
use super::reply::{code, error};
use super::view::definition;
use super::{Finish, INSTRUCTIONS, finish, read};
use crate::call::Options;
use crate::json::{Value, Writer, parse, push_text};
use crate::tool::Tool;

/// A server: its name, its tools, how it gives out results.
#[derive(Debug, Clone)]
pub struct Server {
    name: String,
    version: String,
    info: String,
    instructions: String,
    tools: String,
    /// What can be called, each with the names of its arguments.
    known: Vec<(String, Vec<String>)>,
    /// How results are given out.
    pub how: Finish,
}

impl Server {
    /// A server of these tools.
    pub fn new<'t>(name: &str, version: &str, tools: impl Iterator<Item = &'t Tool>) -> Server {
        let (mut w, options) = (Writer::new(), Options::default());
        w.open_array();
        let mut known = Vec::new();
        for tool in tools {
            w.raw(&definition(tool, &options, false));
            let takes = || tool.params.iter().map(|param| param.prop.name.to_owned()).collect();
            known.push((tool.slug.to_owned(), takes()));
            known.extend(tool.aliases.iter().map(|alias| ((*alias).to_owned(), takes())));
        }
        w.close_array();
        Server { known, ..Server::of(name, version, &w.finish(), Vec::new()) }
    }

    /// A server of tools of any kind: the JSON array of their definitions, and the names that can be called.
    pub fn of(name: &str, version: &str, definitions: &str, names: Vec<String>) -> Server {
        let all = parse(definitions).unwrap_or_default();
        let takes = |name: &str| {
            let mut tools = all.as_array().into_iter().flatten();
            tools.find(|tool| word(Some(tool), "name") == Some(name)).map(takes).unwrap_or_default()
        };
        let known = names.into_iter().map(|name| (name.clone(), takes(&name))).collect();
        let mut instructions = String::new();
        push_text(&mut instructions, INSTRUCTIONS);
        Server {
            name: name.to_owned(),
            version: version.to_owned(),
            info: info(name, None, version),
            instructions,
            tools: definitions.to_owned(),
            known,
            how: Finish::default(),
        }
    }

    /// The same server under a name for people, too.
    pub fn titled(mut self, title: &str) -> Server {
        self.info = info(&self.name, Some(title), &self.version);
        self
    }

    /// The same server with other tools: their definitions, and what can be called, each with the names of its
    /// arguments.
    pub(super) fn with(&self, definitions: String, known: Vec<(String, Vec<String>)>) -> Server {
        Server { tools: definitions, known, ..self.clone() }
    }

    /// Reads a message: [`super::read`], with whole replies.
    pub fn read(&self, facts: &Facts<'_>, body: &str) -> Step {
        match read(facts, body) {
            Step::Reply(reply) => Step::Reply(self.whole(reply)),
            Step::Call(call) if self.takes(&call.name).is_none() => {
                let name = crate::text::clip(&call.name, 128);
                let why = format!("there is no tool `{name}`; tools/list names the tools");
                Step::Reply(self.whole(error(call.asked(), 200, code::INVALID_PARAMS, &why, "")))
            }
            step => step,
        }
    }

    /// The reply to a call that has ended: [`super::finish`], as a whole.
    pub fn finish(&self, call: &Call, outcome: &str) -> Reply {
        let takes = self.takes(&call.name).unwrap_or_default();
        let takes: Vec<&str> = takes.iter().map(String::as_str).collect();
        self.finish_of(call, outcome, &takes)
    }

    /// The same for a tool whose arguments have these names.
    pub(super) fn finish_of(&self, call: &Call, outcome: &str, takes: &[&str]) -> Reply {
        self.whole(finish(call, outcome, self.how, takes))
    }

    /// The names of a tool's arguments, when it can be called.
    fn takes(&self, tool: &str) -> Option<&[String]> {
        self.known.iter().find(|(name, _)| name == tool).map(|(_, takes)| takes.as_slice())
    }

    fn whole(&self, reply: Reply) -> Reply {
        let mut body = String::new();
        for c in reply.body.chars() {
            match c {
                hole::TOOLS => body.push_str(&self.tools),
                hole::INFO => body.push_str(&self.info),
                hole::INSTRUCTIONS => body.push_str(&self.instructions),
                c => body.push(c),
            }
        }
        Reply { body, ..reply }
    }
}

/// The names of the arguments of a tool as MCP lists it.
pub(super) fn takes(definition: &Value) -> Vec<String> {
    let properties = definition.get("inputSchema").and_then(|s| s.get("properties")?.as_object());
    properties.into_iter().flat_map(|all| all.keys().cloned()).collect()
}

/// What a server says of itself.
fn info(name: &str, title: Option<&str>, version: &str) -> String {
    let mut w = Writer::new();
    w.open().pair("name", name);
    if let Some(title) = title {
        w.pair("title", title);
    }
    w.pair("version", version).close();
    w.finish()
}
