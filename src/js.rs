//! The exports to JavaScript: types and conversions only. Documents (arguments, answers, lists of tools) cross
//! as JSON text, since a host's own `JSON.parse` is quicker than any value built across the boundary and reading
//! by `serde_wasm_bindgen` would change values. Small structures of fixed form (errors, issues, decisions, events,
//! statistics) are returned through `serde_wasm_bindgen`. The npm package wraps them for users; calls in progress are
//! in [`run`].

pub mod mcp;
pub mod run;
mod search;

use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::call::{Options, key_error, key_format};
use crate::error::{Error, Issue};
use crate::fetch::value_of;
use crate::http::{self, Meta, Outcome, Response, Scrub};
use crate::json::{Writer, parse, to_text};
use crate::options::{self, Filter, FilterKind};
use crate::paging;
use crate::schema::{Arguments, Checked};
use crate::stats::Stats;
use crate::tool::{Effect, Role, Tool};
use crate::{schema, tools};

/// A value for JavaScript. As a `Result` it crosses as several values: Node 20 may end its process with an error of its
/// own while a frequently called function runs that returns a single reference.
pub(crate) type Returned = Result<JsValue, JsValue>;

/// The thrown value: the error as a plain object.
fn thrown(error: Error) -> JsValue {
    value_of(&error)
}

fn find(options: &Options, name: &str) -> Result<&'static Tool, Error> {
    options.find(name).ok_or_else(|| tools::unknown(name))
}

/// The size of the module's memory, in bytes.
#[cfg(target_arch = "wasm32")]
#[wasm_bindgen(js_name = memoryBytes)]
#[must_use]
pub fn memory_bytes() -> f64 {
    const PAGE: f64 = 65_536.0;
    core::arch::wasm32::memory_size::<0>() as f64 * PAGE
}

/// Throws unless `options` are options of a toolkit or session, as JSON text.
///
/// # Errors
/// `invalid_option`, `unknown_tool`.
#[wasm_bindgen(js_name = checkOptions)]
pub fn check_options(options: &str) -> Result<(), JsValue> {
    options::parse(options).map(drop).map_err(thrown)
}

/// Throws unless `options` are options of a single call, as JSON text.
///
/// # Errors
/// `invalid_option`.
#[wasm_bindgen(js_name = checkCallOptions)]
pub fn check_call_options(options: &str) -> Result<(), JsValue> {
    options::apply(options, &mut Options::default()).map_err(thrown)
}

/// Throws unless `key` has the form of an API key.
///
/// # Errors
/// `unauthorized` with code `invalid_secret_key_format`.
#[wasm_bindgen(js_name = checkKey)]
pub fn check_key(key: &str) -> Result<(), JsValue> {
    key_format(key).map_err(|why| thrown(key_error(why.as_str())))
}

/// The tools that `{ toolsets?, tools?, readOnly?, schema? }` selects, as the options show them: a JSON array.
///
/// # Errors
/// `invalid_option`, `unknown_tool`.
#[wasm_bindgen(js_name = listTools)]
pub fn list_tools(options: &str, filter: &str) -> Result<String, JsValue> {
    let list = || -> Result<String, Error> {
        let options = options::parse(options)?;
        let filter = Filter::parse(filter, FilterKind::List, &options)?;
        let mut w = Writer::new();
        w.open_array();
        for tool in tools::all().filter(|t| filter.selects(t) && options.lists(t)) {
            describe(tool, &options, filter.provider, &mut w);
        }
        w.close_array();
        Ok(w.finish())
    };
    list().map_err(thrown)
}

/// The integration to whose provider a call would send a request; `undefined` for other calls, also for those with
/// invalid arguments.
///
/// # Errors
/// `invalid_option`.
#[wasm_bindgen(js_name = proxyIntegration)]
pub fn proxy_integration(options: &str, slug: &str, args: &str) -> Result<Option<String>, JsValue> {
    let options = options::parse(options).map_err(thrown)?;
    let Some(tool) = options.find(slug).filter(|tool| tool.is_proxy()) else { return Ok(None) };
    let integration =
        |args: Checked| Some(args.get(tool.name_of(&[Role::Integration])?)?.as_str()?.to_owned());
    Ok(options.check(tool, Arguments::from_text(args)).ok().and_then(integration))
}

/// How a provider pages its lists, as JSON: from the catalogue of this version, otherwise from `described`, the JSON text
/// of what a server's catalogue says. `undefined` if neither does.
#[wasm_bindgen(js_name = providerPaging)]
#[must_use]
pub fn provider_paging(name: &str, described: Option<String>) -> Option<String> {
    paging::description(name, described.and_then(|json| parse(&json).ok())).map(|paging| to_text(&paging))
}

/// The tools that fit `words`, best first: a JSON array.
///
/// # Errors
/// `invalid_option`, `unknown_tool`.
#[wasm_bindgen(js_name = searchTools)]
pub fn search_tools(options: &str, words: &str, filter: &str) -> Result<String, JsValue> {
    let find = || -> Result<String, Error> {
        let options = options::parse(options)?;
        let mut w = Writer::new();
        search::search(words, &Filter::parse(filter, FilterKind::Search, &options)?, &options, &mut w);
        Ok(w.finish())
    };
    find().map_err(thrown)
}

/// The tools that `{ toolsets?, tools?, readOnly?, level?, untypedResults? }` selects, as TypeScript.
///
/// # Errors
/// `invalid_option`, `unknown_tool`.
#[wasm_bindgen(js_name = apiText)]
pub fn api_text(options: &str, filter: &str) -> Result<String, JsValue> {
    let write = || -> Result<String, Error> {
        let options = options::parse(options)?;
        let filter = Filter::parse(filter, FilterKind::ApiText, &options)?;
        Ok(options::api_text(&options, &filter))
    };
    write().map_err(thrown)
}

/// One tool by slug or alias, as JSON; `undefined` if no tool has that name.
#[wasm_bindgen(js_name = getTool)]
#[must_use]
pub fn get_tool(name: &str) -> Option<String> {
    let mut w = Writer::new();
    describe(tools::find(name)?, &Options::default(), None, &mut w);
    Some(w.finish())
}

/// The exact schema of the data of a tool's result, as JSON; `undefined` if no tool has that name.
#[wasm_bindgen(js_name = exactOutputSchema)]
#[must_use]
pub fn exact_output_schema(name: &str) -> Option<String> {
    Some(schema::exact_output(tools::find(name)?))
}

/// The result of [`validate`].
#[derive(Serialize)]
struct Validation {
    valid: bool,
    issues: Vec<Issue>,
}

/// `{ valid, issues }` for arguments in JSON, with all problems.
///
/// # Errors
/// `invalid_option`, `unknown_tool`.
#[wasm_bindgen]
pub fn validate(options: &str, slug: &str, args: &str) -> Result<JsValue, JsValue> {
    let check = || -> Result<Validation, Error> {
        let options = options::parse(options)?;
        let issues = options
            .check(find(&options, slug)?, Arguments::from_text(args))
            .err()
            .map(Vec::from)
            .unwrap_or_default();
        Ok(Validation { valid: issues.is_empty(), issues })
    };
    check().map(|validation| value_of(&validation)).map_err(thrown)
}

/// The request that a call would send, without the key, as JSON.
///
/// # Errors
/// `invalid_arguments`, `invalid_option`, `unknown_tool`.
#[wasm_bindgen(js_name = buildRequest)]
pub fn build_request(options: &str, slug: &str, args: &str) -> Result<String, JsValue> {
    let build = || -> Result<String, Error> {
        let options = options::parse(options)?;
        let tool = find(&options, slug)?;
        let checked = options
            .check(tool, Arguments::from_text(args))
            .map_err(|issues| schema::refused(tool, issues))?;
        Ok(http::build(tool, &checked, &options.base).to_whole_json())
    };
    build().map_err(thrown)
}

/// The result for an HTTP response, as JSON. `headers` are names and values alternately; without a slug the response
/// belongs to an operation that is not a tool.
///
/// # Errors
/// `invalid_option`, `unknown_tool`.
#[wasm_bindgen(js_name = parseResponse)]
pub fn parse_response(
    options: &str,
    slug: Option<String>,
    status: u16,
    headers: Vec<String>,
    body: String,
) -> Result<String, JsValue> {
    let parse = || -> Result<String, Error> {
        let options = options::parse(options)?;
        let tool = slug.map(|slug| find(&options, &slug)).transpose()?;
        let mut pairs = headers.into_iter();
        let mut headers = Vec::new();
        while let (Some(name), Some(value)) = (pairs.next(), pairs.next()) {
            headers.push((name, value));
        }
        let response = Response { status, headers, body };
        let result = match tool {
            Some(tool) => {
                let (redaction, scrub) = (options.redaction(), Scrub::default());
                http::decode_as_text(tool, &response, &redaction, &scrub, options.big_integers)
                    .map(|answer| answer.into_data(true).0)
            }
            None => http::decode_any(&response),
        };
        // What was read takes no memory while the result is written.
        drop(response);
        let tool = tool.map_or("", |t| t.slug).to_owned();
        let meta = Meta { tool, status: Some(status), ..Meta::default() };
        Ok(Outcome { result, meta, exact: None }.to_json())
    };
    parse().map_err(thrown)
}

/// Statistics on calls in bounded memory; see [`Stats`].
#[wasm_bindgen]
#[derive(Default)]
pub struct Statistics(Stats);

#[wasm_bindgen]
impl Statistics {
    /// Empty statistics.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new() -> Statistics {
        Statistics::default()
    }

    /// Counts a call: `session` is empty outside of a session, `code` is that of its error.
    pub fn add(&mut self, tool: &str, session: &str, code: Option<String>, milliseconds: f64) {
        self.0.add(tool, session, code.as_deref(), milliseconds as u64);
    }

    /// The numbers so far.
    ///
    /// # Errors
    /// None.
    pub fn summary(&self) -> Returned {
        Ok(value_of(&self.0))
    }
}

/// A tool's name and description.
fn name(tool: &Tool, options: &Options, w: &mut Writer) {
    let (name, doc) = options.words(tool);
    w.open().pair("slug", name).pair("title", tool.title).pair("description", doc);
    w.pair("toolset", tool.toolset.as_str()).pair("effect", tool.effect.as_str());
}

fn describe(tool: &Tool, options: &Options, provider: Option<schema::Provider>, w: &mut Writer) {
    name(tool, options, w);
    w.pair("reach", tool.reach.as_str()).key("listed").boolean(options.lists_by_default(tool));
    w.key("scopes").texts(tool.scopes).key("aliases").texts(tool.aliases);
    let params = options.params(tool);
    w.key("inputSchema")
        .raw(&options.input_schema(tool, &params, provider))
        .key("outputSchema")
        .raw(&schema::written_output(tool));
    w.key("annotations").open().pair("title", tool.title);
    w.key("readOnlyHint").boolean(tool.effect == Effect::Read);
    w.key("destructiveHint").boolean(tool.effect == Effect::Destructive);
    w.key("idempotentHint").boolean(tool.idempotent).key("openWorldHint").boolean(tool.open_world);
    w.close().key("examples").open_array();
    for example in tool.examples.iter().filter(|example| example.fits(&params)) {
        w.open().pair("title", example.title).key("arguments").raw(example.args).close();
    }
    w.close_array().close();
}
