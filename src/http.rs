//! Requests and responses as values: checked arguments -> [`Request`]; [`Response`] -> data or error,
//! secrets masked. Nothing here sends, waits or decides; that is [`crate::call`].

mod build;
#[cfg(feature = "http")]
mod convert;
mod decode;
mod hint;
mod integers;
mod known;
mod mask;
mod media;
mod names;
mod quick;
mod redact;
mod retry_after;
mod scrub;
mod status;

use std::fmt;

use serde::Serialize;
use serde::ser::{Error as _, SerializeStruct, Serializer};
use serde_json::value::RawValue;

use crate::error::{Error, ErrorKind};
use crate::json::{Value, to_json};
use crate::text::clip;
use crate::tool::Method;
use crate::url::Url;

pub use build::build;
pub(crate) use build::{AUTHORIZATION, bearer};
pub use decode::{decode, decode_any, needs_body};
pub(crate) use decode::{decode_as_text, rate_limited};
pub(crate) use hint::EFFECT_UNKNOWN;
pub use integers::BigIntegers;
pub(crate) use integers::JsonText;
pub use mask::mask_text;
pub(crate) use media::{binary, text_of};
#[cfg(feature = "fetch")]
pub(crate) use media::{is_json, is_utf8_text};
pub use quick::{NeedsBody, may_contain_secrets};
#[cfg(feature = "fetch")]
pub(crate) use quick::{PUBLIC_KEYS, SIGNS, WORDS};
pub use redact::{Redaction, Reveal};
use retry_after::RetryAfter;
pub use scrub::Scrub;

/// An HTTP request. [`crate::call`] adds the API key, as the `Authorization` header.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The absolute URL.
    pub url: String,
    /// Header names and values, in order.
    pub headers: Vec<(String, String)>,
    /// The body, if there is one.
    pub body: Option<String>,
}

impl Request {
    /// The first header of that name; case is ignored.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }

    /// The JSON form, as `Serialize` writes it: `{ method, url, headers: { name: value }, body: string | null }`. A
    /// value of the `Authorization` header is never written.
    #[must_use]
    pub fn to_json(&self) -> String {
        to_json(self)
    }

    /// The same with the value of `Authorization`: for a request that [`build`] returned, where it can only be a token
    /// among the caller's own arguments.
    #[cfg(feature = "js")]
    pub(crate) fn to_whole_json(&self) -> String {
        let mut w = crate::json::Writer::new();
        w.open().pair("method", self.method.as_str()).pair("url", &self.url).key("headers").open();
        for (name, value) in &self.headers {
            w.pair(name, value);
        }
        w.close().key("body");
        match &self.body {
            Some(body) => w.text(body),
            None => w.raw("null"),
        };
        w.close();
        w.finish()
    }
}

impl Serialize for Request {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("Request", 4)?;
        out.serialize_field("method", self.method.as_str())?;
        out.serialize_field("url", &self.url)?;
        out.serialize_field("headers", &Headers(&self.headers))?;
        out.serialize_field("body", &self.body)?;
        out.end()
    }
}

/// Headers as an object, without the API key.
struct Headers<'a>(&'a [(String, String)]);

impl Serialize for Headers<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| {
            let is_secret = name.eq_ignore_ascii_case("authorization");
            (name, if is_secret { "Bearer [redacted: api_key]" } else { value })
        }))
    }
}

/// Only method and path, and of a path through the proxy only its beginning: the rest contains the API key and may
/// contain other secrets.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("url", &without_proxy_path(without_query(&self.url)))
            .finish_non_exhaustive()
    }
}

/// A URL without its query, which may contain secrets.
pub(crate) fn without_query(url: &str) -> &str {
    url.split_once('?').map_or(url, |(path, _)| path)
}

/// A URL up to where a provider's own path begins in it.
fn without_proxy_path(url: &str) -> &str {
    const PROXY: &str = "/proxy/";
    url.find(PROXY).and_then(|at| url.get(..at + PROXY.len())).unwrap_or(url)
}

/// A complete HTTP response.
#[derive(Clone, PartialEq, Eq)]
pub struct Response {
    /// The status code; 0 for a redirect whose status the host hides.
    pub status: u16,
    /// Header names (any case) and values.
    pub headers: Vec<(String, String)>,
    /// The body as text; empty if there is none.
    pub body: String,
}

impl Response {
    /// The first header of that name; case is ignored.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }

    /// The seconds from `now`, in milliseconds since 1970, that `Retry-After` asks to wait.
    pub(crate) fn retry_after(&self, now: u64) -> Option<u64> {
        self.header("retry-after").and_then(RetryAfter::parse).map(|asked| asked.seconds_from(now))
    }
}

/// Only the status: headers and body may contain secrets that are not masked yet.
impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response").field("status", &self.status).finish_non_exhaustive()
    }
}

fn header<'h>(headers: &'h [(String, String)], name: &str) -> Option<&'h str> {
    headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
}

/// The base URL of Nango: an origin, perhaps with a path, without a slash at its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl(String);

impl BaseUrl {
    /// Nango Cloud.
    pub const CLOUD: &'static str = "https://api.nango.dev";

    /// The code of the error for a string that is not a base URL.
    pub const INVALID: &'static str = "invalid_base_url";

    /// Checks `text` and strips a slash at its end.
    ///
    /// # Errors
    /// `invalid_option` with code `invalid_base_url`: it is not an http(s) URL, contains a query or fragment, or
    /// is plain http to a public host (the API key would be sent in clear text).
    pub fn parse(text: &str) -> Result<BaseUrl, Error> {
        let (url, is_safe) = BaseUrl::checked(text)?;
        if is_safe {
            return Ok(url);
        }
        let message = format!(
            "`{}` is not a base URL: plain http to a public host would send the API key in clear text",
            clip(text, 80)
        );
        let error = Error::new(ErrorKind::InvalidOption, message).code(BaseUrl::INVALID);
        Err(error.hint("use https, or set `allowInsecureHttp` if this is intended"))
    }

    /// Like [`BaseUrl::parse`], but allows plain http to a public host.
    ///
    /// # Errors
    /// As [`BaseUrl::parse`] otherwise.
    pub fn parse_insecure(text: &str) -> Result<BaseUrl, Error> {
        BaseUrl::checked(text).map(|(url, _)| url)
    }

    /// The base URL, and whether the API key is not sent in clear text to a public host.
    fn checked(text: &str) -> Result<(BaseUrl, bool), Error> {
        let shown = clip(text, 80);
        let refuse = |why: &str, hint: &str| {
            let message = format!("`{shown}` is not a base URL: {why}");
            Err(Error::new(ErrorKind::InvalidOption, message).code(BaseUrl::INVALID).hint(hint))
        };
        const FORM: &str =
            "use the origin of the Nango API, such as https://api.nango.dev or http://localhost:3003";
        let url = match Url::parse(text) {
            Ok(url) => url,
            // A password in it must not be shown.
            Err(why) if text.contains('@') => {
                let error = Error::new(ErrorKind::InvalidOption, format!("the base URL is not valid: {why}"));
                return Err(error.code(BaseUrl::INVALID).hint(FORM));
            }
            Err(why) => return refuse(why.as_str(), FORM),
        };
        if url.rest.contains(['?', '#']) {
            return refuse("it contains a query or fragment", FORM);
        }
        if url.rest.split('/').any(|segment| matches!(segment, "." | "..")) || url.rest.contains('%') {
            return refuse("its path contains dot segments or percent escapes", FORM);
        }
        let is_safe = url.secure || url.is_private();
        Ok((BaseUrl(text.strip_suffix('/').unwrap_or(text).to_owned()), is_safe))
    }

    /// The text, without a slash at its end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for BaseUrl {
    fn default() -> BaseUrl {
        BaseUrl(BaseUrl::CLOUD.to_owned())
    }
}

/// The data of a successful call.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Data {
    /// The value.
    Value(Value),
    /// The value as JSON text, for a host that asks for it: [`Call::keep_json`](crate::call::Call::keep_json).
    Json(String),
    /// The host holds the value: it parsed the body itself, since the core did not need it.
    Held,
}

impl Serialize for Data {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Data::Value(value) => value.serialize(serializer),
            Data::Json(text) => {
                serde_json::from_str::<&RawValue>(text).map_err(S::Error::custom)?.serialize(serializer)
            }
            Data::Held => serializer.serialize_unit(),
        }
    }
}

/// A page of a list.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Page {
    /// The names that lead to the list in the data of the result; empty if the data is the list.
    pub items: Vec<String>,
    /// What asks for the next page: the option `page` of a call with the same arguments takes it. `None` after the last
    /// page. It may contain what is masked in the data: it is for the program that asked, not for an agent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// Without what asks for the next page, which may be secret.
impl fmt::Debug for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Page")
            .field("items", &self.items)
            .field("has_next", &self.next.is_some())
            .finish_non_exhaustive()
    }
}

/// What is known about a call.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Meta {
    /// The slug of the tool; empty if the name was unknown.
    pub tool: String,
    /// The id in the call's audit events.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call_id: Option<String>,
    /// The HTTP status of the last response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The number of requests that were sent, without look-ups.
    pub attempts: u32,
    /// From the first poll to the end, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u64>,
    /// The page of a list that the answer is, if the options of the call ask for it (`paging`). It is for the program that
    /// made the call, so the JSON form does not have it.
    #[serde(skip)]
    pub page: Option<Page>,
}

/// The outcome of a call: in every language the same discriminated union on `successful`.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Outcome {
    /// The data or the error.
    pub result: Result<Data, Error>,
    /// About the call.
    pub meta: Meta,
    /// The JSON text of the data with all digits of its numbers, if there are integers beyond 2^53 in it.
    pub exact: Option<String>,
}

impl Outcome {
    /// The outcome of a call.
    #[must_use]
    pub fn new(result: Result<Data, Error>, meta: Meta) -> Outcome {
        Outcome { result, meta, exact: None }
    }

    /// Whether the call succeeded.
    #[must_use]
    pub fn successful(&self) -> bool {
        self.result.is_ok()
    }

    /// The JSON form, as `Serialize` writes it: `{ successful, data, error, meta }`. Data that the host holds is
    /// written `null`.
    #[must_use]
    pub fn to_json(&self) -> String {
        match &self.result {
            Ok(Data::Json(data)) => self.with_data(data),
            _ => to_json(self),
        }
    }

    /// The JSON form of a success with this JSON text as its data.
    fn with_data(&self, data: &str) -> String {
        let meta = to_json(&self.meta);
        [r#"{"successful":true,"data":"#, data, r#","error":null,"meta":"#, &meta, "}"].concat()
    }

    /// The same with integers beyond 2^53 as numbers with all of their digits, for readers of text, such as models.
    #[must_use]
    pub fn to_exact_json(&self) -> String {
        match &self.exact {
            Some(data) => self.with_data(data),
            None => self.to_json(),
        }
    }
}

impl Serialize for Outcome {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("Outcome", 4)?;
        out.serialize_field("successful", &self.successful())?;
        out.serialize_field("data", &self.result.as_ref().ok())?;
        out.serialize_field("error", &self.result.as_ref().err())?;
        out.serialize_field("meta", &self.meta)?;
        out.end()
    }
}
