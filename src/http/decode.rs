//! Response -> data or error. Every error shape of the contract (section 2, A to I) becomes one
//! [`Error`]; an unreadable response is a result, too, never a panic.

use super::hint::hint;
use super::integers::{BigIntegers, JsonText};
use super::media::{is_json, is_json_list};
use super::quick::NeedsBody;
use super::redact::{Json, answer};
use super::scrub::Scrub;
use super::status::{kind_of, made_message, may_have_run, named, retryable};
use super::{Data, Redaction, Response};
use crate::error::{Error, ErrorKind, Issue, Issues};
use crate::json::{
    Object, Value, beginning, is_big, is_too_deep, parse, parse_marked, to_plain, to_text, unmark,
};
use crate::text::end_of;
use crate::tool::{Field, ListForm, Param, ParamLocation, ResponseType, Tool};

/// How much of an unknown body is kept in an error, in characters.
const EXCERPT: usize = 600;
/// How much of a message and a hint is kept, and of a code and a step of a path, in characters.
const MESSAGE: usize = 4000;
const CODE: usize = 128;
/// How many steps of an issue's path are kept.
const MAX_STEPS: usize = 32;
/// How large the details of an error may be, in bytes of JSON.
const DETAILS: usize = 16 * 1024;

/// Whether the core needs the body of a response: if it is not a plain success labelled as JSON, or may contain
/// secrets to mask.
#[must_use]
pub fn needs_body(tool: &Tool, status: u16, content_type: &str, redaction: &Redaction) -> NeedsBody {
    let plain = matches!(status, 200..=202) && is_json(content_type);
    if !plain || tool.summarised_list().is_some() {
        return NeedsBody::Always;
    }
    redaction.needs_body(tool)
}

/// Reduces each entry of a list to its summary.
fn summarise(list: &ListForm, value: &mut Value) {
    let mut fields: Vec<&Field> = Vec::new();
    for field in list.fields.iter().filter(|field| field.summary > 0) {
        let at = fields.partition_point(|earlier| earlier.summary <= field.summary);
        fields.insert(at, field);
    }
    for entry in list.entries_mut(value).into_iter().flatten() {
        if let Value::Object(map) = entry {
            let mut kept = Object::new();
            for field in &fields {
                if let Some(value) = map.get_mut(field.name) {
                    kept.insert(field.name.to_owned(), value.take());
                }
            }
            *map = kept;
        }
    }
}

/// The data of a successful response, with secrets masked, or the error of the response. Integers beyond 2^53 are strings
/// if the form of the data is not declared.
///
/// # Errors
/// Every `kind` that a response can have: see [`ErrorKind`]. The error is scrubbed of all secrets, whatever
/// `redaction` says.
pub fn decode(tool: &Tool, response: &Response, redaction: &Redaction, scrub: &Scrub) -> Result<Data, Error> {
    decode_as_text(tool, response, redaction, scrub, BigIntegers::default())
        .map(|answer| answer.into_data(false).0)
}

/// The same as JSON text.
pub(crate) fn decode_as_text(
    tool: &Tool,
    response: &Response,
    redaction: &Redaction,
    scrub: &Scrub,
    integers: BigIntegers,
) -> Result<JsonText, Error> {
    let mut answer = read(Some(tool), response, redaction, scrub, integers)
        .map_err(|e| finish(Some(tool), e, response, scrub))?;
    if let Some(list) = tool.summarised_list() {
        answer.edit(tool, integers, |value| summarise(&list, value));
    }
    Ok(answer)
}

/// Like [`decode`], for an operation that is not a tool: no secrets are declared, so none are masked in data.
///
/// # Errors
/// As [`decode`].
pub fn decode_any(response: &Response) -> Result<Data, Error> {
    let scrub = Scrub::default();
    let answer = read(None, response, &Redaction::default(), &scrub, BigIntegers::default());
    answer.map(|answer| answer.into_data(false).0).map_err(|e| finish(None, e, response, &scrub))
}

fn finish(tool: Option<&Tool>, mut error: Error, response: &Response, scrub: &Scrub) -> Error {
    if tool.is_some_and(|tool| !tool.idempotent) && may_have_run(&error) {
        error.retryable = false;
    }
    if error.hint.is_none() {
        error.hint = hint(tool, &error, response);
    }
    // What is not shown need not be masked.
    error.details = error.details.take().map(|details| beginning(&details, &mut (4 * DETAILS)));
    scrub_error(&mut error, scrub);
    // Truncated only afterwards: half a secret would not be recognised.
    error.details = error.details.take().map(bounded);
    error
}

/// Removes every secret from an error, by value and by name.
pub(crate) fn scrub_error(error: &mut Error, scrub: &Scrub) {
    error.message = scrub.beginning(&error.message, MESSAGE);
    error.code = scrub.beginning(&error.code, CODE);
    error.hint = error.hint.take().map(|hint| scrub.beginning(&hint, MESSAGE));
    for issue in &mut error.issues {
        issue.message = scrub.beginning(&issue.message, EXCERPT);
        issue.code = scrub.beginning(&issue.code, CODE).into();
        issue.path.truncate(MAX_STEPS);
        issue.path.iter_mut().for_each(|step| *step = scrub.beginning(step, CODE));
    }
    if let Some(details) = &mut error.details {
        scrub.value(details);
    }
}

fn read(
    tool: Option<&Tool>,
    response: &Response,
    redaction: &Redaction,
    scrub: &Scrub,
    integers: BigIntegers,
) -> Result<JsonText, Error> {
    let masked = |content: Content<'_>| match content {
        Content::Json(json) => answer(tool, &json, redaction, integers),
        Content::Text(text) => {
            // A string is read like any other answer.
            let json = to_text(&Value::from(text));
            answer(tool, &Json::read(&json)?, redaction, integers)
        }
        Content::Nothing => Ok((&Value::Null).into()),
    };
    match response.status {
        200..=299 => masked(success(tool, response, scrub)?)
            .map_err(|_| unreadable(tool, response, scrub, "the response is not JSON")),
        304 => Ok((&Value::Null).into()),
        0 | 300..=399 => Err(redirect(response)),
        _ => Err(failure(tool, response, scrub)),
    }
}

/// The body of a successful response.
enum Content<'r> {
    Nothing,
    /// A string.
    Text(&'r str),
    Json(Json<'r>),
}

fn success<'r>(tool: Option<&Tool>, response: &'r Response, scrub: &Scrub) -> Result<Content<'r>, Error> {
    let relayed = tool.is_none_or(Tool::is_proxy);
    let mut text = response.body.as_str();
    while let Some(rest) = text.strip_prefix("\u{feff}") {
        text = rest;
    }
    let declared = response.header("content-type").unwrap_or_default().to_ascii_lowercase();
    let as_text = || Ok(Content::Text(&response.body));
    if relayed && is_json_list(&declared) {
        // On separate lines, or after record separators.
        let records = text.split(['\n', '\u{1e}']).filter(|record| !record.trim().is_empty());
        return Json::read_list(records).map_or_else(as_text, |list| Ok(Content::Json(list)));
    }
    let why = if text.trim().is_empty() {
        let any = |tool: &Tool| matches!(tool.returns, ResponseType::Any);
        if relayed || response.status == 204 || tool.is_some_and(any) {
            return Ok(Content::Nothing);
        }
        "the response is empty"
    } else {
        match Json::read(text) {
            // Content that a provider labels as text stays text: `12` in a text file is not a number.
            Ok(json) if !(relayed && declared.starts_with("text/")) => return Ok(Content::Json(json)),
            Ok(_) => return as_text(),
            Err(_) if relayed && !declared.contains("json") => return as_text(),
            Err(error) if error.is_eof() => "the response is incomplete: its JSON does not end",
            Err(error) if is_too_deep(&error) => "the response is nested deeper than 128 levels",
            Err(_) if is_html(text) => "the response is an HTML page, not JSON",
            Err(_) => "the response is not JSON",
        }
    };
    Err(unreadable(tool, response, scrub, why))
}

fn body_of(value: Value) -> Value {
    let mut map = Object::new();
    map.insert("body".to_owned(), value);
    Value::Object(map)
}

fn is_html(text: &str) -> bool {
    let start = text.trim_start();
    ["<!doctype html", "<html"]
        .iter()
        .any(|tag| start.get(..tag.len()).is_some_and(|s| s.eq_ignore_ascii_case(tag)))
}

fn unreadable(tool: Option<&Tool>, response: &Response, scrub: &Scrub, why: &str) -> Error {
    let mut error = Error::new(ErrorKind::InvalidResponse, format!("{why} (status {})", response.status));
    error.status = Some(response.status);
    // If secrets are expected, no part of text is shown: their places in it are unknown.
    if tool.is_none_or(|t| t.secrets().is_empty()) {
        error.details = excerpt(&response.body, scrub);
    }
    error
}

/// The beginning of a body that is not a JSON object.
fn excerpt(body: &str, scrub: &Scrub) -> Option<Value> {
    let text = body.trim();
    (!text.is_empty()).then(|| body_of(Value::from(scrub.beginning(text, EXCERPT))))
}

fn redirect(response: &Response) -> Error {
    let message =
        "the host answered with a redirect, which is not followed, since it would receive the API key";
    let mut error = Error::new(ErrorKind::InvalidResponse, message).code("redirect");
    error.status = (response.status > 0).then_some(response.status);
    error.hint = Some(
        "check the base URL: it must be the Nango API itself, with https if the host requires it".into(),
    );
    error
}

/// A JSON value with all digits of its integers, as strings if a double cannot represent them.
fn with_digits(json: &str) -> Result<Value, serde_json::Error> {
    let (mut value, any) = parse_marked(json, is_big)?;
    if any {
        unmark(&mut value, |number| Value::from(number));
    }
    Ok(value)
}

fn failure(tool: Option<&Tool>, response: &Response, scrub: &Scrub) -> Error {
    let status = response.status;
    let mut map = match with_digits(&response.body) {
        Ok(Value::Object(map)) => map,
        Ok(Value::String(text)) => {
            let mut error = foreign(tool, status, None);
            error.details = excerpt(&text, scrub);
            return error;
        }
        Ok(other) => return foreign(tool, status, Some(other)),
        Err(_) => {
            let mut error = foreign(tool, status, None);
            error.details = excerpt(&response.body, scrub);
            return error;
        }
    };
    match map.get("error") {
        Some(Value::Object(inner)) if !from_provider(tool, status, inner) => {
            if let Some(Value::Object(inner)) = map.shift_remove("error") {
                return enveloped(tool, status, inner, map);
            }
        }
        // Shape H: the proxy could not reach the provider.
        None if tool.is_none_or(Tool::is_proxy) && are_texts(&map, &["message", "code", "method"]) => {
            let message = format!("the provider could not be reached: {}", text(&map, "message"));
            let mut error = Error::new(ErrorKind::Provider, message).code(text(&map, "code"));
            error.status = Some(status);
            error.retryable = true;
            return error;
        }
        _ => {}
    }
    foreign(tool, status, Some(Value::Object(map)))
}

/// The string with that name; empty if there is none.
fn text<'m>(map: &'m Object, name: &str) -> &'m str {
    map.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn are_texts(map: &Object, names: &[&str]) -> bool {
    names.iter().all(|&name| map.get(name).is_some_and(Value::is_string))
}

/// Whether an `error` object in the response of a proxy tool is the provider's own: Nango's have known codes at
/// known statuses (contract, NANGO_GET_PROXY).
fn from_provider(tool: Option<&Tool>, status: u16, inner: &Object) -> bool {
    if !tool.is_some_and(Tool::is_proxy) {
        return false;
    }
    let code = text(inner, "code");
    let known: &[&str] = match status {
        401 => {
            &["missing_auth_header", "malformed_auth_header", "invalid_secret_key_format", "unknown_account"]
        }
        402 => &["plan_limit"],
        403 => &["forbidden"],
        404 => &["unknown_provider_config"],
        429 => return !is_rate_limit(inner),
        // A failed refresh has the status of the inner error.
        _ if code == "server_error" => return false,
        424 => &["connection_refresh_backoff"],
        400 => &[
            "invalid_headers",
            "invalid_json",
            "base_url_override_disabled",
            "base_url_override_not_allowed",
            "unsupported_provider",
            "missing_api_url",
            "unknown_provider",
            "unsupported_auth",
            "missing_provider_config",
            "failed_to_get_connection",
            "invalid_certificate_or_key_format",
            "invalid_query_params",
            "unknown_error",
        ],
        500 => &["generic_error_support"],
        _ => &[],
    };
    !known.contains(&code)
}

/// Shape E: Nango's own rate limit.
fn is_rate_limit(inner: &Object) -> bool {
    text(inner, "code") == "too_many_request" && are_texts(inner, &["method", "path"])
}

/// Whether a response is Nango's own rate limit, after which every method may be retried.
pub(crate) fn rate_limited(response: &Response) -> bool {
    response.status == 429
        && parse(&response.body)
            .ok()
            .is_some_and(|v| v.get("error").and_then(Value::as_object).is_some_and(is_rate_limit))
}

/// Shapes A to G: an `error` object.
fn enveloped(tool: Option<&Tool>, status: u16, mut inner: Object, mut rest: Object) -> Error {
    let code = match inner.get("code") {
        Some(code @ (Value::String(_) | Value::Number(_))) => {
            let code = to_plain(code);
            inner.shift_remove("code");
            code
        }
        _ => String::new(),
    };
    let mut issues = Issues::default();
    if let Some(Value::Array(errors)) = inner.get("errors") {
        issues.extend_with(errors, |error| issue(tool, error));
        inner.shift_remove("errors");
    }
    let issues: Vec<Issue> = issues.into();
    let kind = kind_of(status, &code);
    let mut error = Error::new(kind, text(&inner, "message"));
    inner.shift_remove("message");
    if error.message.is_empty() {
        error.message = made_message(status, &code, &issues);
    }
    error.retryable = retryable(kind, status, &code);
    if !code.is_empty() {
        error.code = code;
    }
    error.status = Some(status);
    error.issues = issues;
    rest.shift_remove("jsonrpc");
    rest.shift_remove("id");
    let mut details = Vec::new();
    for (name, value) in inner {
        if !is_empty(&value) {
            details.push((name, value));
        }
    }
    details.extend(rest);
    if !details.is_empty() {
        error.details = Some(Value::Object(details.into_iter().collect()));
    }
    error
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Object(map) => map.is_empty(),
        _ => false,
    }
}

/// Truncates details that would fill a model's context, as text.
fn bounded(value: Value) -> Value {
    let mut text = to_text(&value);
    if text.len() <= DETAILS {
        return value;
    }
    shorten(&mut text, DETAILS / 4);
    Value::from(text)
}

fn shorten(text: &mut String, characters: usize) {
    let bytes = text.len();
    let end = end_of(text, characters);
    if end < bytes {
        text.truncate(end);
        text.push_str(&format!(" … ({bytes} bytes in all)"));
    }
}

fn issue(tool: Option<&Tool>, error: &Value) -> Issue {
    let steps = error.get("path").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let path: Vec<String> = steps.iter().map(to_plain).collect();
    let words = |name| error.get(name).and_then(Value::as_str);
    let argument = tool.zip(path.first()).and_then(|(tool, step)| argument(tool, step));
    Issue {
        code: words("code").unwrap_or("custom").to_owned().into(),
        message: words("message").unwrap_or("the server gave no reason").to_owned(),
        hint: argument.map(|name| format!("this is the argument `{name}`")),
        path,
    }
}

/// The argument that is sent as `wire`, if the two names differ.
fn argument(tool: &Tool, wire: &str) -> Option<&'static str> {
    let sent = |p: &&Param| match p.place {
        ParamLocation::Path(n)
        | ParamLocation::PathTail(n)
        | ParamLocation::Query(n)
        | ParamLocation::QueryJoined(n)
        | ParamLocation::QueryRepeated(n)
        | ParamLocation::QueryDeep(n)
        | ParamLocation::Header(n)
        | ParamLocation::HeaderJoined(n)
        | ParamLocation::HeaderFlag(n)
        | ParamLocation::HeaderWith(n, _)
        | ParamLocation::Body(n) => n.eq_ignore_ascii_case(wire),
        _ => false,
    };
    tool.params.iter().find(sent).map(|p| p.prop.name).filter(|name| *name != wire)
}

/// A body without Nango's envelope: a provider's response through the proxy, or an unknown form.
fn foreign(tool: Option<&Tool>, status: u16, body: Option<Value>) -> Error {
    let provider = tool.is_some_and(Tool::is_proxy)
        || tool.is_none()
            && body.as_ref().is_some_and(|b| b.get("message").is_none() && b.get("error").is_none());
    let kind = if provider { ErrorKind::Provider } else { kind_of(status, "") };
    let said = body.as_ref().and_then(|b| b.get("message").or(b.get("error"))).and_then(Value::as_str);
    let said = said.filter(|said| !said.is_empty());
    let status_name = named(status);
    let message = match (provider, said) {
        (true, Some(said)) => format!("the provider answered {status_name}: {said}"),
        (true, None) => format!("the provider answered {status_name}"),
        (false, Some(said)) => said.to_owned(),
        (false, None) => format!("the server answered {status_name}"),
    };
    let mut error = Error::new(kind, message);
    error.status = Some(status);
    error.retryable = status == 429 || retryable(kind, status, "");
    error.details = body.map(body_of);
    error
}
