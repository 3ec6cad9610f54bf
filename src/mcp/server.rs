//! A server for native Rust: what fills the replies, and which names can be called. In the npm package
//! JavaScript holds the same.

use super::message::{Call, Facts, Reply, Step, hole};
use super::read::{code, error};
use super::{Finish, INSTRUCTIONS, finish, read};
use crate::json::{Writer, push_text};
use crate::schema;
use crate::text::fill;
use crate::tool::{Effect, Tool};

/// A server: its name, its tools, how it gives out results.
#[derive(Debug, Clone)]
pub struct Server {
    info: String,
    instructions: String,
    tools: String,
    names: Vec<String>,
    /// How results are given out.
    pub how: Finish,
}

impl Server {
    /// A server of these tools.
    pub fn new<'t>(name: &str, version: &str, tools: impl Iterator<Item = &'t Tool>) -> Server {
        let mut w = Writer::new();
        w.open_array();
        let mut names = Vec::new();
        for tool in tools {
            w.raw(&definition(tool));
            names.push(tool.slug.to_owned());
            names.extend(tool.aliases.iter().map(|alias| (*alias).to_owned()));
        }
        w.close_array();
        Server::of(name, version, &w.finish(), names)
    }

    /// A server of tools of any kind: the JSON array of their definitions, and the names that can be called.
    pub fn of(name: &str, version: &str, definitions: &str, names: Vec<String>) -> Server {
        let mut info = Writer::new();
        info.open().pair("name", name).pair("version", version).close();
        let mut instructions = String::new();
        push_text(&mut instructions, INSTRUCTIONS);
        Server {
            info: info.finish(),
            instructions,
            tools: definitions.to_owned(),
            names,
            how: Finish::default(),
        }
    }

    /// Reads a message: [`super::read`], with whole replies.
    pub fn read(&self, facts: &Facts<'_>, body: &str) -> Step {
        match read(facts, body) {
            Step::Reply(reply) => Step::Reply(self.whole(reply)),
            Step::Call(call) if !self.names.contains(&call.name) => {
                let why = fill("there is no tool `{}`", &[&crate::text::clip(&call.name, 128)]);
                Step::Reply(self.whole(error(call.asked(), 200, code::INVALID_PARAMS, &why, "")))
            }
            step => step,
        }
    }

    /// The reply to a call that has ended: [`super::finish`], as a whole.
    pub fn finish(&self, call: &Call, outcome: &str) -> Reply {
        self.whole(finish(call, outcome, self.how))
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

/// A tool as MCP lists it.
fn definition(tool: &Tool) -> String {
    let mut w = Writer::new();
    w.open().pair("name", tool.slug).pair("title", tool.title).pair("description", tool.doc);
    w.key("inputSchema").raw(&schema::wire(tool)).key("outputSchema").raw(&schema::output(tool));
    w.key("annotations").open().pair("title", tool.title);
    w.key("readOnlyHint").boolean(tool.effect == Effect::Read);
    w.key("destructiveHint").boolean(tool.effect == Effect::Destroy);
    w.key("idempotentHint").boolean(tool.idempotent).key("openWorldHint").boolean(tool.open_world).close();
    w.key("_meta").open().pair("nango-toolkit/toolset", tool.toolset.as_str());
    w.pair("nango-toolkit/effect", tool.effect.as_str()).close().close();
    w.finish()
}
