//! What several tests share: the recordings and operations of the contract, a generator of random
//! numbers that can be restarted from its seed, arguments generated from a tool's table.
#![allow(dead_code, unreachable_pub, reason = "each test takes what it needs of it")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

pub mod args;
pub mod checks;
#[cfg(feature = "emulator")]
pub mod example_answers;
pub mod files;
#[cfg(feature = "emulator")]
pub mod host;
pub mod planted;
pub mod provider_rules;
pub mod random;
pub mod runs;
pub mod sound;
pub mod surface;

use nango_toolkit::http::Response;
use serde_json::Value;

/// One recorded request with its answer.
#[derive(Clone)]
pub struct Recording {
    pub file: String,
    pub index: usize,
    pub name: String,
    pub method: String,
    pub path: String,
    pub query: Option<String>,
    pub headers: Vec<(String, String)>,
    pub body: Value,
    pub status: u16,
    pub answer_headers: Vec<(String, String)>,
    pub answer: Value,
    /// The slug whose method and path it has, by the contract's list of operations.
    pub slug: Option<String>,
    /// Whether that operation is one of the 24 tools.
    pub core: bool,
}

impl Recording {
    /// `file#index name`, for messages.
    pub fn place(&self) -> String {
        format!("{}#{} {}", self.file, self.index, self.name)
    }

    /// A header of the request; its case does not matter.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }

    /// A header of the response; its case does not matter.
    pub fn answer_header(&self, name: &str) -> Option<&str> {
        self.answer_headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }

    /// The response as it was received. A recording holds a parsed body: text if it is not JSON,
    /// `null` for no body and for the JSON text `null`, which its length distinguishes.
    pub fn response(&self) -> Response {
        let declared = self.answer_header("content-type").unwrap_or_default();
        let body = match &self.answer {
            Value::Null if self.answer_header("content-length") == Some("4") => "null".to_owned(),
            Value::Null => String::new(),
            Value::String(text) if !declared.contains("json") => text.clone(),
            other => other.to_string(),
        };
        Response { status: self.status, headers: self.answer_headers.clone(), body }
    }
}

/// The older set of recordings, and the newer one: folders of `tests/recordings`, named by their dates.
pub const OLDER: &str = "2026-11-22";
pub const NEWER: &str = "2026-11-29";

/// The operations of the contract.
pub fn operations() -> Vec<Value> {
    serde_json::from_str(&files::read("tests/recordings/nango-api.json")).unwrap()
}

/// The tools whose operations the contract does not have, or has under an older path. They are compared with
/// Nango's published types instead.
pub const NEWER_OPERATIONS: [&str; 13] = [
    "NANGO_INVOKE_FUNCTION",
    "NANGO_GET_FUNCTION_INVOCATION",
    "NANGO_LIST_ALL_FUNCTIONS",
    "NANGO_GET_FUNCTION_BY_UUID",
    "NANGO_UPDATE_FUNCTION",
    "NANGO_LIST_ENVIRONMENTS",
    "NANGO_LIST_API_KEYS",
    "NANGO_GET_API_KEY",
    "NANGO_CREATE_AGENT_SESSION",
    "NANGO_DELETE_AGENT_SESSION",
    "NANGO_DELETE_ENVIRONMENT",
    "NANGO_CREATE_API_KEY",
    "NANGO_DELETE_API_KEY",
];

/// Whether `path` matches `template`: `{name}` stands for one segment, `{anyPath}` for
/// the rest. Returns the number of literal segments, so that the more specific template wins.
fn matches(template: &str, path: &str) -> Option<usize> {
    let mut literal = 0;
    let mut given = path.split('/');
    for step in template.split('/') {
        if step == "{anyPath}" {
            return given.next().map(|_| literal);
        }
        match given.next() {
            Some(segment) if step == segment => literal += 1,
            Some(segment) if step.starts_with('{') && !segment.is_empty() => {}
            _ => return None,
        }
    }
    given.next().is_none().then_some(literal)
}

/// Every recording of one set, in the order of files and cases.
pub fn recordings(set: &str) -> Vec<Recording> {
    let operations = operations();
    let folder = format!("tests/recordings/{set}");
    let mut all = Vec::new();
    for file in files::names(&folder) {
        let cases: Vec<Value> = serde_json::from_str(&files::read(&format!("{folder}/{file}"))).unwrap();
        for (index, case) in cases.iter().enumerate() {
            let (request, response) = (&case["request"], &case["response"]);
            let method = text(&request["method"]);
            let path_text = text(&request["path"]);
            let (slug, core) = operation(&operations, &method, &path_text);
            all.push(Recording {
                file: file.clone(),
                index,
                name: text(&case["name"]),
                query: request["query"].as_str().map(str::to_owned),
                headers: headers(&request["headers"]),
                body: request["body"].clone(),
                status: u16::try_from(response["status"].as_u64().unwrap()).unwrap(),
                answer_headers: headers(&response["headers"]),
                answer: response["body"].clone(),
                method,
                path: path_text,
                slug,
                core,
            });
        }
    }
    assert!(!all.is_empty(), "there are recordings in {folder}");
    all
}

fn operation(operations: &[Value], method: &str, path: &str) -> (Option<String>, bool) {
    let path = path.split('?').next().unwrap();
    let fitting = operations.iter().filter(|o| o["method"] == method).filter_map(|o| {
        let literal = matches(o["path"].as_str().unwrap(), path)?;
        // The alias is in the list twice; the first of equals is the slug itself.
        Some((literal, o))
    });
    let best = fitting.fold(None::<(usize, &Value)>, |best, this| match best {
        Some(best) if best.0 >= this.0 => Some(best),
        _ => Some(this),
    });
    match best {
        Some((_, o)) => (Some(text(&o["slug"])), o["extension"] == false),
        None => (None, false),
    }
}

fn headers(map: &Value) -> Vec<(String, String)> {
    map.as_object().unwrap().iter().map(|(n, v)| (n.clone(), text(v))).collect()
}

/// The text of a JSON string.
pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is a string")).to_owned()
}

/// Where `ours` differs from `theirs` other than by a mask, as a path; `None` if it does not.
/// A mask is a marker `[redacted…]` instead of a value, or within a string.
pub fn unmasked_difference(ours: &Value, theirs: &Value) -> Option<String> {
    match (ours, theirs) {
        _ if ours == theirs => None,
        (Value::String(text), _) if text.contains("[redacted") => None,
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => a
            .iter()
            .zip(b)
            .enumerate()
            .find_map(|(i, (a, b))| unmasked_difference(a, b).map(|at| format!("{i}.{at}"))),
        (Value::Object(a), Value::Object(b))
            if a.len() == b.len() && a.keys().all(|name| b.contains_key(name)) =>
        {
            a.iter().find_map(|(name, a)| unmasked_difference(a, &b[name]).map(|at| format!("{name}.{at}")))
        }
        _ => Some(format!("{ours} instead of {theirs}")),
    }
}
