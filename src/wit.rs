//! The exports of the component: `wit/toolkit.wit` in Rust. Conversions only; what a tool is, what a request looks
//! like and what an answer means is decided in other modules. Calls in progress are in `wit/call.rs`.

mod bindings;
mod call;

use std::sync::{Arc, OnceLock};

use bindings::exports::nango::toolkit::tools as wit;

use crate::call::{Call, Options};
use crate::error::{Error, ErrorKind, Issue};
use crate::http::{self, Data, Meta, Outcome, Request, Response, Scrub};
use crate::json::{to_json, to_text};
use crate::options::{self, Filter, FilterKind};
use crate::policy::Verdict;
use crate::schema::Arguments;
use crate::search::Index;
use crate::tool::{Effect, Tool};
use crate::{schema, tools};

struct Component;

impl wit::Guest for Component {
    type Toolkit = Toolkit;
    type Call = call::Run;
}

/// How calls are made, and what is remembered between them.
struct Toolkit(Arc<Options>);

/// Hits that are returned unless the caller says otherwise.
const LIMIT: u64 = 5;

/// Created at the first search, since creating it takes as long as several searches.
static INDEX: OnceLock<Index> = OnceLock::new();

impl Toolkit {
    fn find(&self, name: &str) -> Result<&'static Tool, Error> {
        self.0.find(name).ok_or_else(|| tools::unknown(name))
    }
}

impl wit::GuestToolkit for Toolkit {
    fn open(text: String) -> Result<wit::Toolkit, wit::Error> {
        let options = options::parse(&text).map_err(error)?;
        Ok(wit::Toolkit::new(Toolkit(Arc::new(options))))
    }

    fn catalog(&self, filter: String) -> Result<Vec<wit::Tool>, wit::Error> {
        let filter = Filter::parse(&filter, FilterKind::List, &self.0).map_err(error)?;
        let shown = tools::all().filter(|tool| filter.selects(tool) && self.0.lists(tool));
        let describe = |tool: &'static Tool| {
            let params = self.0.params(tool);
            let examples = tool.examples.iter().filter(|example| example.fits(&params));
            let (slug, description) = self.0.words(tool);
            wit::Tool {
                slug: slug.to_owned(),
                title: tool.title.to_owned(),
                description: description.to_owned(),
                toolset: tool.toolset.as_str().to_owned(),
                effect: effect(tool),
                reach: tool.reach.as_str().to_owned(),
                listed: self.0.lists_by_default(tool),
                scopes: texts(tool.scopes),
                aliases: texts(tool.aliases),
                input_schema: self.0.input_schema(tool, &params, filter.provider).into_owned(),
                output_schema: schema::written_output(tool).into_owned(),
                idempotent: tool.idempotent,
                open_world: tool.open_world,
                examples: examples.map(example).collect(),
            }
        };
        Ok(shown.map(describe).collect())
    }

    fn search(&self, words: String, filter: String) -> Result<Vec<wit::Hit>, wit::Error> {
        let filter = Filter::parse(&filter, FilterKind::Search, &self.0).map_err(error)?;
        let limit = filter.limit.unwrap_or(LIMIT) as usize;
        let index = INDEX.get_or_init(|| Index::new(tools::all()));
        let hits = index.find(&words, limit, &|tool| filter.selects(tool) && self.0.lists(tool));
        let show = |hit: crate::search::Hit| {
            let (slug, description) = self.0.words(hit.tool);
            wit::Hit {
                slug: slug.to_owned(),
                title: hit.tool.title.to_owned(),
                description: description.to_owned(),
                toolset: hit.tool.toolset.as_str().to_owned(),
                effect: effect(hit.tool),
                score: hit.score.into(),
                matched: hit.matched,
            }
        };
        Ok(hits.into_iter().map(show).collect())
    }

    fn api_text(&self, filter: String) -> Result<String, wit::Error> {
        let filter = Filter::parse(&filter, FilterKind::ApiText, &self.0).map_err(error)?;
        Ok(options::api_text(&self.0, &filter))
    }

    fn exact_output_schema(&self, tool: String) -> Result<String, wit::Error> {
        self.find(&tool).map(schema::exact_output).map_err(error)
    }

    fn validate(&self, tool: String, given: String) -> Result<Vec<wit::Issue>, wit::Error> {
        let tool = self.find(&tool).map_err(error)?;
        let issues = self.0.check(tool, Arguments::from_text(&given)).err();
        Ok(issues.into_iter().flatten().map(issue).collect())
    }

    fn build_request(&self, tool: String, given: String) -> Result<wit::Request, wit::Error> {
        let tool = self.find(&tool).map_err(error)?;
        let checked = self.0.check(tool, Arguments::from_text(&given));
        let checked = checked.map_err(|issues| error(schema::refused(tool, issues)))?;
        Ok(request(http::build(tool, &checked, &self.0.base)))
    }

    fn parse_response(&self, tool: String, answer: wit::Response) -> wit::Outcome {
        let answer = response(answer);
        let mut meta = Meta { status: Some(answer.status), ..Meta::default() };
        let result = if tool.is_empty() {
            http::decode_any(&answer)
        } else {
            self.find(&tool).and_then(|found| {
                meta.tool = found.slug.to_owned();
                let (redaction, scrub) = (self.0.redaction(), Scrub::default());
                http::decode_as_text(found, &answer, &redaction, &scrub, self.0.big_integers)
                    .map(|answer| answer.into_data(true).0)
            })
        };
        outcome(Outcome { result, meta, exact: None })
    }

    fn explain(&self, tool: String, given: String, now: u64) -> Result<wit::Decision, wit::Error> {
        let call = Call::new(self.0.clone(), &tool, Arguments::from_text(&given), 0);
        let tool = call.slug().to_owned();
        let limit = self.0.find(&tool).and_then(|tool| self.0.limit_for(tool));
        let decision = call.explain(now).map_err(error)?;
        let lookups = decision.needs.into_iter().map(|lookup| wit::Connection {
            connection_id: lookup.connection_id,
            provider_config_key: lookup.provider_config_key,
        });
        Ok(wit::Decision {
            verdict: match decision.verdict {
                Verdict::Allow => wit::Verdict::Allow,
                Verdict::Confirm => wit::Verdict::Confirm,
                Verdict::Undetermined => wit::Verdict::Undetermined,
                Verdict::Deny => wit::Verdict::Deny,
            },
            tool,
            rules: decision.rules,
            reason: decision.reason,
            lookups: lookups.collect(),
            limit,
        })
    }
}

fn texts(all: &[&str]) -> Vec<String> {
    all.iter().map(|text| (*text).to_owned()).collect()
}

fn example(example: &crate::tool::Example) -> wit::Example {
    wit::Example { title: example.title.to_owned(), arguments: example.args.to_owned() }
}

fn effect(tool: &Tool) -> wit::Effect {
    match tool.effect {
        Effect::Read => wit::Effect::Read,
        Effect::Write => wit::Effect::Write,
        Effect::Destructive => wit::Effect::Destructive,
    }
}

fn issue(issue: Issue) -> wit::Issue {
    wit::Issue {
        path: pointer(&issue.path),
        code: issue.code.into_owned(),
        message: issue.message,
        hint: issue.hint,
    }
}

/// A path as a JSON Pointer.
fn pointer(path: &[String]) -> String {
    let mut out = String::new();
    for part in path {
        out.push('/');
        out.push_str(&(part.replace("~", "~0")).replace("/", "~1"));
    }
    out
}

#[inline(never)]
fn error(error: Error) -> wit::Error {
    wit::Error {
        kind: kind(error.kind),
        code: error.code,
        message: error.message,
        status: error.status,
        retryable: error.retryable,
        issues: error.issues.into_iter().map(issue).collect(),
        hint: error.hint,
        details: error.details.as_ref().map(to_text),
    }
}

fn kind(kind: ErrorKind) -> wit::Kind {
    match kind {
        ErrorKind::UnknownTool => wit::Kind::UnknownTool,
        ErrorKind::InvalidArguments => wit::Kind::InvalidArguments,
        ErrorKind::Denied => wit::Kind::Denied,
        ErrorKind::ConfirmationRequired => wit::Kind::ConfirmationRequired,
        ErrorKind::Unauthorized => wit::Kind::Unauthorized,
        ErrorKind::Forbidden => wit::Kind::Forbidden,
        ErrorKind::NotFound => wit::Kind::NotFound,
        ErrorKind::InvalidRequest => wit::Kind::InvalidRequest,
        ErrorKind::Conflict => wit::Kind::Conflict,
        ErrorKind::RateLimited => wit::Kind::RateLimited,
        ErrorKind::Timeout => wit::Kind::Timeout,
        ErrorKind::Aborted => wit::Kind::Aborted,
        ErrorKind::Network => wit::Kind::Network,
        ErrorKind::Provider => wit::Kind::Provider,
        ErrorKind::Server => wit::Kind::Server,
        ErrorKind::InvalidResponse => wit::Kind::InvalidResponse,
        ErrorKind::InvalidOption => wit::Kind::InvalidOption,
        ErrorKind::Internal => wit::Kind::Internal,
    }
}

fn request(request: Request) -> wit::Request {
    wit::Request {
        method: request.method.as_str().to_owned(),
        url: request.url,
        headers: request.headers,
        body: request.body,
    }
}

fn response(response: wit::Response) -> Response {
    Response { status: response.status, headers: response.headers, body: response.body }
}

#[inline(never)]
fn outcome(outcome: Outcome) -> wit::Outcome {
    let data = match outcome.result {
        Ok(Data::Value(value)) => Ok(to_text(&value)),
        Ok(Data::Json(text)) => Ok(text),
        // The host of a component never holds data.
        Ok(Data::Held) => Ok("null".to_owned()),
        Err(why) => Err(error(why)),
    };
    let Meta { tool, call_id, status, attempts, duration_ms, page } = outcome.meta;
    let page = page.as_ref().map(to_json);
    wit::Outcome { data, tool, call_id: call_id.unwrap_or_default(), status, attempts, duration_ms, page }
}
