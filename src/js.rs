//! The JavaScript face: conversions only. Texts go in and JSON texts come out, since a host's own
//! `JSON.parse` is quicker than any value built across the boundary. `pkg/index.js` turns them into
//! what users see. The transport is in [`fetch`].

mod fetch;
mod options;

use std::cell::RefCell;

use js_sys::Function;
use wasm_bindgen::prelude::*;

use crate::call::{Call, Options};
use crate::error::Error;
use crate::http::{self, BaseUrl, Meta, Outcome, Response, Scrub};
use crate::json::{self, Value, Writer};
use crate::tool::{Effect, Tool};
use crate::{schema, tools};

use fetch::Execution;

/// An error as it is thrown: its JSON text.
fn thrown(error: Error) -> JsValue {
    JsValue::from(error.to_json())
}

/// Arguments from text: JSON where it is JSON, otherwise the text itself, which the check reports.
fn arguments(text: &str) -> Value {
    json::parse(text).unwrap_or_else(|_| Value::from(text))
}

/// The tools that `filter` (`{ toolsets?, tools?, readOnly? }` as JSON text) selects, as a JSON array.
#[wasm_bindgen(js_name = listTools)]
pub fn list_tools(filter: &str) -> Result<String, JsValue> {
    let filter = options::filter(filter).map_err(thrown)?;
    let mut w = Writer::new();
    w.open_array();
    for tool in tools::all().filter(|t| filter.selects(t)) {
        describe(tool, &mut w);
    }
    w.close_array();
    Ok(w.finish())
}

/// One tool by slug or alias, as JSON; nothing where there is none.
#[wasm_bindgen(js_name = getTool)]
pub fn get_tool(name: &str) -> Option<String> {
    let mut w = Writer::new();
    describe(tools::find(name)?, &mut w);
    Some(w.finish())
}

fn describe(tool: &Tool, w: &mut Writer) {
    w.open().key("slug").text(tool.slug).key("title").text(tool.title).key("description").text(tool.doc);
    w.key("toolset").text(tool.toolset.as_str()).key("effect").text(tool.effect.as_str());
    w.key("reach").text(tool.reach.as_str());
    w.key("scopes").texts(tool.scopes).key("aliases").texts(tool.aliases);
    w.key("inputSchema").raw(&schema::wire(tool)).key("outputSchema").raw(&schema::output(tool));
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

/// `{ valid, issues }` of arguments, as JSON.
#[wasm_bindgen]
pub fn validate(slug: &str, args: &str, options: &str) -> Result<String, JsValue> {
    let options = options::options(options).map_err(thrown)?;
    let tool = tools::find(slug).ok_or_else(|| thrown(tools::unknown(slug)))?;
    let issues = schema::check(tool, arguments(args), &options.allow).err().unwrap_or_default();
    let mut w = Writer::new();
    w.open().key("valid").boolean(issues.is_empty()).key("issues");
    crate::error::write_issues(&issues, &mut w);
    w.close();
    Ok(w.finish())
}

/// The request of a call, without the key, as JSON.
#[wasm_bindgen(js_name = buildRequest)]
pub fn build_request(slug: &str, args: &str, options: &str) -> Result<String, JsValue> {
    let options = options::options(options).map_err(thrown)?;
    let tool = tools::find(slug).ok_or_else(|| thrown(tools::unknown(slug)))?;
    let checked = schema::check(tool, arguments(args), &options.allow);
    let checked = checked.map_err(|issues| thrown(schema::refused(tool, issues)))?;
    Ok(http::build(tool, &checked, &options.base).to_json())
}

/// The result that an answer is, as JSON. `slug` may be absent for an operation that is no tool.
#[wasm_bindgen(js_name = parseResponse)]
pub fn parse_response(
    slug: Option<String>,
    status: u16,
    headers: &str,
    body: String,
    options: &str,
) -> Result<String, JsValue> {
    let options = options::options(options).map_err(thrown)?;
    let mut response = Response { status, headers: Vec::new(), body };
    if let Ok(Value::Object(map)) = json::parse(headers) {
        for (name, value) in map {
            if let Value::String(value) = value {
                response.headers.push((name, value));
            }
        }
    }
    let (tool, result) = match slug {
        Some(slug) => {
            let tool = tools::find(&slug).ok_or_else(|| thrown(tools::unknown(&slug)))?;
            (tool.slug, http::decode(tool, &response, &options.reveal, &Scrub::default()))
        }
        None => ("", http::decode_any(&response)),
    };
    let meta = Meta { tool: tool.to_owned(), status: Some(status), ..Meta::default() };
    Ok(Outcome { result, meta }.to_json())
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
    /// From options as JSON text.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &str) -> Result<Toolkit, JsValue> {
        let options = options::options(options).map_err(thrown)?;
        Ok(Toolkit { options, running: RefCell::new(Vec::new()) })
    }

    /// Starts a call and returns its number. `key` is the API key or a function that gives it, `fetch`
    /// sends, `event` receives audit events, `overrides` changes options for this call alone,
    /// `random` is a number from 0 to 1: drawn by the caller, since Workers draw none before a request.
    #[expect(clippy::too_many_arguments, reason = "JavaScript calls it, with values that share no type")]
    pub fn start(
        &self,
        slug: &str,
        args: &str,
        key: JsValue,
        fetch: Function,
        event: Option<Function>,
        overrides: Option<String>,
        random: f64,
    ) -> Result<usize, JsValue> {
        let mut options = self.options.clone();
        if let Some(overrides) = overrides {
            options::apply(&mut options, &overrides).map_err(thrown)?;
        }
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
        Ok(number)
    }

    /// Goes on: at the start, and when it is time. What every step returns is said at [`Execution`].
    pub fn poll(&self, number: usize) -> JsValue {
        self.step(number, Execution::poll)
    }

    /// The promise gave this.
    pub fn resume(&self, number: usize, value: JsValue) -> JsValue {
        self.step(number, |run| run.resume(value))
    }

    /// The promise was rejected with this.
    pub fn reject(&self, number: usize, thrown: JsValue) -> JsValue {
        self.step(number, |run| run.reject(thrown))
    }

    /// The caller wants no more of it.
    pub fn cancel(&self, number: usize) -> JsValue {
        self.step(number, Execution::cancel)
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

    /// The call is out of its place while it runs: `fetch` and listeners may start others meanwhile.
    fn step(&self, number: usize, step: impl FnOnce(&mut Execution) -> JsValue) -> JsValue {
        let Some(mut run) = self.put(number, Place::Out) else { return JsValue::UNDEFINED };
        let next = step(&mut run);
        self.put(number, Place::Held(run));
        next
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

/// Whether a key can be one; throws the reason.
#[wasm_bindgen(js_name = checkKey)]
pub fn check_key(key: &str) -> Result<(), JsValue> {
    crate::call::key_format(key).map_err(|why| thrown(crate::call::bad_key(why)))
}

/// Whether a text is a base URL; throws the reason.
#[wasm_bindgen(js_name = checkBaseUrl)]
pub fn check_base_url(url: &str, allow_insecure: bool) -> Result<String, JsValue> {
    BaseUrl::parse(url, allow_insecure).map(|u| u.as_str().to_owned()).map_err(thrown)
}
