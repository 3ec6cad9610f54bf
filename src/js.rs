//! The JavaScript face: conversions only. Texts go in and JSON texts come out, since a host's own
//! `JSON.parse` is quicker than any value built across the boundary. `pkg/index.js` turns them into
//! what users see. The transport is in [`fetch`].

mod fetch;
pub mod mcp;
mod options;
mod search;

use std::cell::RefCell;

use js_sys::Function;
use wasm_bindgen::prelude::*;

use crate::call::{Call, Options, bad_key, key_format};
use crate::error::Error;
use crate::http::{self, Meta, Outcome, Response, Scrub};
use crate::json::{self, Value, Writer};
use crate::tool::{Effect, Tool};
use crate::{schema, tools};

use fetch::Execution;

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
        // The tools that the filter `{ toolsets?, tools?, readOnly?, schema? }` selects.
        "list" => {
            let filter = options::filter(given, "schema")?;
            w.open_array();
            for tool in tools::all().filter(|t| filter.selects(t)) {
                describe(tool, filter.provider, &mut w);
            }
            w.close_array();
        }
        // The tools that fit the words in `name`, best first.
        "search" => search::search(name, &options::filter(given, "limit")?, &mut w),
        // One tool by slug or alias; null where there is none.
        "get" => match tools::find(name) {
            Some(tool) => describe(tool, None, &mut w),
            None => {
                w.raw("null");
            }
        },
        // Whether a key can be one.
        "key" => {
            key_format(name).map_err(bad_key)?;
        }
        // Whether options are good.
        "options" => {
            options::options(options)?;
        }
        _ => {
            let options = options::options(options)?;
            let tool = if name.is_empty() {
                None
            } else {
                Some(tools::find(name).ok_or_else(|| tools::unknown(name))?)
            };
            let Some(tool) = tool else { return Ok(respond(None, given, &options)) };
            if what == "parse" {
                return Ok(respond(Some(tool), given, &options));
            }
            let (args, unread) = schema::given(tool, arguments(given), options.provider);
            let checked = schema::check_with(tool, args, &options.allow, unread);
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

fn describe(tool: &Tool, provider: Option<schema::Provider>, w: &mut Writer) {
    w.open().key("slug").text(tool.slug).key("title").text(tool.title).key("description").text(tool.doc);
    w.key("toolset").text(tool.toolset.as_str()).key("effect").text(tool.effect.as_str());
    w.key("reach").text(tool.reach.as_str());
    w.key("scopes").texts(tool.scopes).key("aliases").texts(tool.aliases);
    let input = match provider {
        None => schema::wire(tool),
        Some(provider) => schema::for_provider(tool, provider),
    };
    w.key("inputSchema").raw(&input).key("outputSchema").raw(&schema::output(tool));
    w.key("annotations").open().key("title").text(tool.title);
    w.key("readOnlyHint").boolean(tool.effect == Effect::Read);
    w.key("destructiveHint").boolean(tool.effect == Effect::Destroy);
    w.key("idempotentHint").boolean(tool.idempotent).key("openWorldHint").boolean(tool.open_world);
    w.close().key("examples").open_array();
    for example in tool.examples {
        w.open().key("title").text(example.title).key("arguments").raw(example.args).close();
    }
    w.close_array().close();
}

/// How calls are made, and the calls under way. Both are held on this side: options are read once,
/// and a call that JavaScript knows by a number needs no object that its garbage collector tracks.
#[wasm_bindgen]
pub struct Toolkit {
    options: Options,
    running: RefCell<Vec<Place>>,
}

/// A place for a call under way; its position is the number that JavaScript knows.
enum Place {
    /// For the next call.
    Free,
    /// Of a call that is in the midst of a step.
    Out,
    /// Of a call that waits.
    Held(Box<Execution>),
}

#[wasm_bindgen]
impl Toolkit {
    /// From options as JSON text that [`ask`] found good.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &str) -> Toolkit {
        Toolkit { options: options::options(options).unwrap_or_default(), running: RefCell::new(Vec::new()) }
    }

    /// Starts a call and returns its number. `key` is the API key or a function that gives it, `fetch`
    /// sends, `event` receives audit events, `overrides` (found good, or empty) changes options for
    /// this call alone, `random` is a number from 0 to 1: drawn by the caller, since Workers draw none
    /// before a request.
    #[expect(clippy::too_many_arguments, reason = "JavaScript calls it, with values that share no type")]
    pub fn start(
        &self,
        slug: &str,
        args: &str,
        key: JsValue,
        fetch: Function,
        event: JsValue,
        overrides: &str,
        random: f64,
    ) -> usize {
        let mut options = self.options.clone();
        if !overrides.is_empty() && options::apply(&mut options, overrides).is_err() {
            options = self.options.clone();
        }
        let event = event.dyn_into::<Function>().ok();
        let mut call = Call::new(options, slug, arguments(args), random.to_bits());
        if event.is_none() {
            call.keep_no_events();
        }
        let held = Place::Held(Box::new(Execution::new(call, key, fetch, event)));
        let mut running = self.running.borrow_mut();
        let number = running.iter().position(|place| matches!(place, Place::Free)).unwrap_or(running.len());
        match running.get_mut(number) {
            Some(place) => *place = held,
            None => running.push(held),
        }
        number
    }

    /// A step of a call; what it returns is said at [`Execution`]. `how` is 0 to go on, at the start
    /// and when it is time; 1 when the promise gave `value`; 2 when it was rejected with it; 3 when
    /// the caller wants no more.
    pub fn step(&self, number: usize, how: u8, value: JsValue) -> JsValue {
        // The call is out of its place meanwhile: `fetch` and listeners may start others.
        let Some(mut run) = self.put(number, Place::Out) else { return JsValue::UNDEFINED };
        let next = run.step(how, value);
        self.put(number, Place::Held(run));
        next
    }

    /// When to poll whatever happens, in milliseconds since the Unix epoch; 0 for never.
    pub fn until(&self, number: usize) -> f64 {
        match self.running.borrow().get(number) {
            Some(Place::Held(run)) => run.until as f64,
            _ => 0.0,
        }
    }

    /// The result, once a step has returned `null`; the number is free again.
    pub fn result(&self, number: usize) -> JsValue {
        self.put(number, Place::Free).map_or(JsValue::UNDEFINED, |run| run.result)
    }

    /// Fills a place and gives what it held.
    fn put(&self, number: usize, new: Place) -> Option<Box<Execution>> {
        let mut running = self.running.borrow_mut();
        match running.get_mut(number).map(|place| core::mem::replace(place, new)) {
            Some(Place::Held(run)) => Some(run),
            _ => None,
        }
    }
}
