//! The MCP core for `pkg/mcp.js`: texts in, texts out. Their parts are separated by U+0000, which no JSON
//! holds; the holes in replies are filled there, so that lists of tools never cross.

use wasm_bindgen::prelude::*;

use crate::mcp::{
    Access, Admission, Call, Facts, Finish, INSTRUCTIONS, Reply, Step, admit, finish, gather, read,
};
use crate::text::{cut, decimal, natural};

/// One step of the protocol; `what` is one of those below.
#[wasm_bindgen]
pub fn mcp(what: &str, facts: &str, body: &str) -> String {
    match what {
        "read" => {
            let [content_type, accept, version, method, name, way] = parts(facts);
            let (stdio, batched) = (way == "stdio", way == "batch");
            let facts = Facts { stdio, batched, content_type, accept, version, method, name };
            step(read(&facts, body))
        }
        // `facts` are the bytes allowed, whether models confirm, and what "read" gave.
        "finish" => {
            let [most, confirms, call] = parts(facts);
            let how = Finish {
                most: natural(most, 10).unwrap_or_default() as usize,
                model_confirms: confirms == "model",
            };
            reply(&finish(&call_of(call), body, how))
        }
        // The joined bodies of a batch.
        "gather" => gather(&[body.to_owned()], facts == "stream").map_or_else(String::new, |r| reply(&r)),
        "admit" => {
            let [origins, local, method, host, origin, asked] = parts(facts);
            admission(&admit(&Access { origins, local: local == "local" }, method, host, origin, asked))
        }
        _ => INSTRUCTIONS.to_owned(),
    }
}

/// The parts of a text; the last one holds the rest.
fn parts<const N: usize>(text: &str) -> [&str; N] {
    let mut out = [""; N];
    let mut rest = text;
    let last = N.saturating_sub(1);
    for (i, part) in out.iter_mut().enumerate() {
        match cut(rest, "\0").filter(|_| i < last) {
            Some((before, behind)) => (*part, rest) = (before, behind),
            None => (*part, rest) = (rest, ""),
        }
    }
    out
}

fn joined(parts: &[&str]) -> String {
    crate::text::join(parts, "\0")
}

fn step(step: Step) -> String {
    match step {
        Step::Reply(given) => reply(&given),
        Step::Note(cancelled) => joined(&["note", cancelled.as_deref().unwrap_or_default()]),
        Step::Batch { messages, stream } => joined(&[
            "batch",
            if stream { "stream" } else { "" },
            &joined(&messages.iter().map(String::as_str).collect::<Vec<_>>()),
        ]),
        Step::Call(call) => {
            let mut flags = String::new();
            for (letter, is) in [('m', call.modern), ('s', call.stream), ('e', call.elicits)] {
                if is {
                    flags.push(letter);
                }
            }
            let confirmed =
                call.confirmed.as_deref().filter(|token| !token.contains('\0')).unwrap_or_default();
            joined(&[
                "call",
                &flags,
                &call.id,
                confirmed,
                &call.success(),
                &call.arguments,
                &call.params,
                &call.name,
            ])
        }
    }
}

fn call_of(text: &str) -> Call {
    let [_, flags, id, _, _, _, _, name] = parts(text);
    Call {
        id: id.to_owned(),
        modern: flags.contains('m'),
        stream: flags.contains('s'),
        elicits: flags.contains('e'),
        name: name.to_owned(),
        ..Call::default()
    }
}

fn reply(reply: &Reply) -> String {
    joined(&["reply", &decimal(reply.status.into()), reply.media, &reply.body])
}

fn admission(admission: &Admission) -> String {
    let mut out = match &admission.reply {
        Some(given) => reply(given),
        None => "reply\0".to_owned() + "0\0\0",
    };
    for (name, value) in &admission.headers {
        out.push('\0');
        out.push_str(&joined(&[name, value]));
    }
    out
}
