//! The JavaScript face of MCP, for `pkg/mcp-server.js`: texts in, texts out. Their parts are separated by
//! U+0000, which no JSON holds; the holes in replies are filled there, so that lists of tools never cross.
//! A module of its own, without state, that knows no tool.

use wasm_bindgen::prelude::*;

use super::{Access, Admission, Call, Facts, Finish, Reply, Step, admit, finish, gather, read};
use crate::text::{has, pieces};

/// One step of the protocol; `what` is one of those below.
#[wasm_bindgen]
pub fn mcp(what: &str, facts: &str, body: &str) -> String {
    let parts = pieces(facts, "\0");
    let part = |at: usize| parts.get(at).copied().unwrap_or_default();
    match what {
        // `facts` are five headers, and `stdio` or `batch`.
        "read" => step(read(
            &Facts {
                content_type: part(0),
                accept: part(1),
                version: part(2),
                method: part(3),
                name: part(4),
                stdio: part(5) == "stdio",
                batched: part(5) == "batch",
            },
            body,
        )),
        // `facts` are the bytes allowed, whether models confirm, flags and id as "read" gave them, and the
        // names of the tool's arguments, one a line.
        "finish" => {
            let most = part(0).parse().unwrap_or_default();
            let flags = part(2);
            let call = Call {
                modern: flags.contains("m"),
                stream: flags.contains("s"),
                elicits: flags.contains("e"),
                id: part(3).to_owned(),
                ..Call::default()
            };
            let how = Finish { most, model_confirms: part(1) == "model" };
            reply(finish(&call, body, how, &pieces(part(4), "\n")))
        }
        // `body` are the joined bodies of a batch.
        "gather" => gather(&[body.to_owned()], part(0) == "stream").map_or_else(String::new, reply),
        // `facts` are those of `Access`, then the method and three headers.
        "admit" => {
            let access = Access { origins: part(0), local: part(1) == "local" };
            let Admission { reply: refused, headers } = admit(&access, part(2), part(3), part(4), part(5));
            let mut out = reply(refused.unwrap_or_default());
            for (name, value) in headers {
                out = joined(&[&out, name, &value]);
            }
            out
        }
        _ => String::new(),
    }
}

fn joined(parts: &[&str]) -> String {
    parts.join("\0")
}

fn step(step: Step) -> String {
    match step {
        Step::Reply(given) => reply(given),
        Step::Note(cancelled) => joined(&["note", &cancelled.unwrap_or_default()]),
        Step::Batch { messages, stream } => {
            joined(&["batch", if stream { "stream" } else { "" }, &messages.join("\0")])
        }
        Step::Call(call) => {
            let flag = |is, letter| if is { letter } else { "" };
            let flags = [flag(call.modern, "m"), flag(call.stream, "s"), flag(call.elicits, "e")];
            let (flags, success) = (flags.join(""), call.success());
            // No token of ours holds what separates.
            let confirmed = call.confirmed.filter(|token| !has(token, "\0")).unwrap_or_default();
            joined(&[
                "call",
                &flags,
                &call.id,
                &confirmed,
                &success,
                &call.arguments,
                &call.params,
                &call.name,
            ])
        }
    }
}

fn reply(reply: Reply) -> String {
    joined(&["reply", &reply.status.to_string(), reply.media, &reply.body])
}
