//! The JavaScript face: conversions only. Texts go in and JSON texts come out, since a host's own
//! `JSON.parse` is quicker than any value built across the boundary. `pkg/index.js` turns them into
//! what users see. Calls under way are in [`run`].

pub mod run;
mod search;

use wasm_bindgen::prelude::*;

use crate::call::{Options, bad_key, key_format};
use crate::error::Error;
use crate::http::{self, Meta, Outcome, Response, Scrub};
use crate::json::{self, Value, Writer};
use crate::stats::Stats;
use crate::tool::{Effect, Tool};
use crate::{options, schema, tools};

/// Arguments from text: JSON where it is JSON, otherwise the text itself, which the check reports.
fn arguments(text: &str) -> Value {
    json::parse(text).unwrap_or_else(|_| Value::from(text))
}

/// Everything that needs no network, by one way across the boundary (each costs half a kilobyte of
/// glue): `what` is one of the questions below, the answer JSON text. Behind a `!` stands an error to
/// be thrown instead.
#[wasm_bindgen]
pub fn ask(what: &str, name: &str, given: &str, options: &str) -> String {
    answer(what, name, given, options).unwrap_or_else(|error| {
        let mut out = String::from("!");
        out.push_str(&error.to_json());
        out
    })
}

fn answer(what: &str, name: &str, given: &str, options: &str) -> Result<String, Error> {
    let mut w = Writer::new();
    match what {
        // The tools that `{ toolsets?, tools?, readOnly?, schema? }` selects, as the options show them.
        "list" => {
            let options = options::options(options)?;
            let filter = options::filter(given, "schema", &options)?;
            w.open_array();
            for tool in tools::all().filter(|t| filter.selects(t) && options.lists(t)) {
                describe(tool, &options, filter.provider, &mut w);
            }
            w.close_array();
        }
        // The tools that fit the words in `name`, best first.
        "search" => {
            let options = options::options(options)?;
            search::search(name, &options::filter(given, "limit", &options)?, &options, &mut w);
        }
        // One tool by slug or alias; null where there is none.
        "get" => match tools::find(name) {
            Some(tool) => describe(tool, &Options::default(), None, &mut w),
            None => {
                w.raw("null");
            }
        },
        // Whether a key can be one.
        "key" => {
            key_format(name).map_err(bad_key)?;
        }
        // Whether options are good: those of a toolkit or session, those of a call.
        "options" => {
            options::options(options)?;
        }
        "call" => options::apply(&mut Options::default(), options, true)?,
        // Statistics over calls, each `[tool, session, code or null, milliseconds]`.
        "stats" => {
            let mut stats = Stats::new();
            let calls = json::parse(given).unwrap_or_default();
            for call in calls.as_array().into_iter().flatten() {
                if let Some([tool, session, code, ms]) = call.as_array().map(Vec::as_slice) {
                    let (tool, session) = (tool.as_str(), session.as_str());
                    let ms = ms.as_u64().unwrap_or_default();
                    stats.add(tool.unwrap_or_default(), session.unwrap_or_default(), code.as_str(), ms);
                }
            }
            return Ok(stats.to_json());
        }
        _ => {
            let options = options::options(options)?;
            // An answer may be of an operation that is no tool.
            let tool = if name.is_empty() && what == "parse" {
                None
            } else {
                Some(options.find(name).ok_or_else(|| tools::unknown(name))?)
            };
            let Some(tool) = tool else { return Ok(respond(None, given, &options)) };
            if what == "parse" {
                return Ok(respond(Some(tool), given, &options));
            }
            let checked = options.check(tool, arguments(given));
            if what == "build" {
                let checked = checked.map_err(|issues| schema::refused(tool, issues))?;
                return Ok(http::build(tool, &checked, &options.base).to_json());
            }
            // `{ valid, issues }` of arguments.
            let issues = checked.err().unwrap_or_default();
            w.open().key("valid").boolean(issues.is_empty()).key("issues");
            crate::error::write_issues(&issues, &mut w);
            w.close();
        }
    }
    Ok(w.finish())
}

/// The result that the answer `{ status, headers, body }` is.
fn respond(tool: Option<&'static Tool>, given: &str, options: &Options) -> String {
    let given = json::parse(given).unwrap_or(Value::Null);
    let mut response = Response { status: 0, headers: Vec::new(), body: String::new() };
    response.status = given.get("status").and_then(Value::as_u64).unwrap_or_default() as u16;
    response.body.push_str(given.get("body").and_then(Value::as_str).unwrap_or_default());
    for (name, value) in
        given.get("headers").and_then(Value::as_object).into_iter().flat_map(|map| map.iter())
    {
        if let Some(value) = value.as_str() {
            response.headers.push((name.clone(), value.to_owned()));
        }
    }
    let result = match tool {
        Some(tool) => http::decode(tool, &response, &options.reveal, &Scrub::default()),
        None => http::decode_any(&response),
    };
    let tool = tool.map_or("", |t| t.slug).to_owned();
    Outcome { result, meta: Meta { tool, status: Some(response.status), ..Meta::default() } }.to_json()
}

/// A tool's name and what is said of it.
fn name(tool: &Tool, options: &Options, w: &mut Writer) {
    let (name, doc) = options.words(tool);
    w.open().pair("slug", name).pair("title", tool.title).pair("description", doc);
    w.pair("toolset", tool.toolset.as_str()).pair("effect", tool.effect.as_str());
}

fn describe(tool: &Tool, options: &Options, provider: Option<schema::Provider>, w: &mut Writer) {
    name(tool, options, w);
    w.pair("reach", tool.reach.as_str());
    w.key("scopes").texts(tool.scopes).key("aliases").texts(tool.aliases);
    let params = options.params(tool);
    w.key("inputSchema")
        .raw(&options.input_schema(tool, &params, provider))
        .key("outputSchema")
        .raw(&schema::output(tool));
    w.key("annotations").open().pair("title", tool.title);
    w.key("readOnlyHint").boolean(tool.effect == Effect::Read);
    w.key("destructiveHint").boolean(tool.effect == Effect::Destroy);
    w.key("idempotentHint").boolean(tool.idempotent).key("openWorldHint").boolean(tool.open_world);
    w.close().key("examples").open_array();
    for example in tool.examples.iter().filter(|example| example.fits(&params)) {
        w.open().pair("title", example.title).key("arguments").raw(example.args).close();
    }
    w.close_array().close();
}
