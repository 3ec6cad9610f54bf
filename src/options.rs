//! Reads options and filters from JSON text, strictly: a misspelt option is an error, all mistakes are reported
//! together, and `null` never means that everything is allowed.

mod filter;

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::call::Options;
use crate::error::{Error, ErrorKind, Issue, Issues};
use crate::http::{BaseUrl, BigIntegers, Reveal};
use crate::json::{Object, Value};
use crate::modify::Modifiers;
use crate::nearest::nearest;
use crate::paging::{Paging, ProviderPaging};
use crate::policy::{INVALID_POLICY, Policy};
use crate::schema::{Allow, Provider};
use crate::session::{Session, SessionOptions};
use crate::settings::{
    self, ANY_STRING, INVALID_OPTION, NATURAL, POSITIVE, STRINGS, typed, within, without_nulls,
};
use crate::text::clip;
use crate::tool::{ParamType, Property};
use crate::url::AllowedHost;

pub use filter::{Filter, FilterKind, api_text};

/// The options of a toolkit, or of a session of one, by the names of their JSON form.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct ToolkitOptions {
    /// The base URL of Nango.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
    /// Whether the base URL may be plain http to a public host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allow_insecure_http: Option<bool>,
    /// What callers may do.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "settings::not_null")]
    pub policy: Option<Policy>,
    /// What the proxy tools may do beyond the defaults.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "settings::object")]
    pub proxy: Option<ProxyOptions>,
    /// Tools as agents see them: the value for [`Modifiers::new`].
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "settings::not_null")]
    pub modify: Option<Object>,
    /// The session.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "settings::object")]
    pub session: Option<SessionOptions>,
    /// How long one attempt may take, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<u64>,
    /// When a failed attempt is retried.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "settings::object_or_null")]
    pub retry: Option<RetryOptions>,
    /// The maximum size of a response, in bytes of its body; 32 MB if it is not set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_answer_bytes: Option<u64>,
    /// Which secrets may be shown in data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reveal_secrets: Option<RevealOption>,
    /// How integers beyond 2^53 are returned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub big_integers: Option<BigIntegers>,
    /// Whether results of proxy and action tools are masked by names, too; only in sessions if absent.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "settings::not_null")]
    pub mask_provider_data: Option<bool>,
    /// The provider whose dialect schemas and arguments use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<Provider>,
}

/// The options of a single call, by the names of their JSON form.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct CallOptions {
    /// How long one attempt may take, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<u64>,
    /// When a failed attempt is retried.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "settings::object_or_null")]
    pub retry: Option<RetryOptions>,
    /// The maximum size of a response, in bytes of its body; 32 MB if it is not set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_answer_bytes: Option<u64>,
    /// Which secrets may be shown in data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reveal_secrets: Option<RevealOption>,
    /// The provider whose dialect the arguments use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<Provider>,
    /// The token that confirms the call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirm: Option<String>,
    /// The caller's own id of the call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upstream_call_id: Option<String>,
    /// How often the tool was called before.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "settings::not_null")]
    pub calls: Option<u64>,
    /// Whether the call is for a page of a list.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "settings::not_null")]
    pub paging: Option<PagingOption>,
    /// Which page of the list, as the page before said.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "settings::not_null")]
    pub page: Option<String>,
}

/// Without what `modify` sets into arguments, which may be secrets.
impl fmt::Debug for ToolkitOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ToolkitOptions")
            .field("base_url", &self.base_url)
            .field("policy", &self.policy)
            .field("proxy", &self.proxy)
            .field("modify", &self.modify.as_ref().map(Object::keys))
            .field("session", &self.session)
            .field("timeout_ms", &self.timeout_ms)
            .field("retry", &self.retry)
            .field("reveal_secrets", &self.reveal_secrets)
            .field("mask_provider_data", &self.mask_provider_data)
            .finish_non_exhaustive()
    }
}

/// Without the token that confirms the call.
impl fmt::Debug for CallOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallOptions")
            .field("timeout_ms", &self.timeout_ms)
            .field("retry", &self.retry)
            .field("reveal_secrets", &self.reveal_secrets)
            .field("is_confirmed", &self.confirm.is_some())
            .field("upstream_call_id", &self.upstream_call_id)
            .field("calls", &self.calls)
            .field("paging", &self.paging)
            .finish_non_exhaustive()
    }
}

/// Bounds of retries: those that are set replace those of [`Retry`](crate::call::Retry).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct RetryOptions {
    /// Attempts in all, the first included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempts: Option<u32>,
    /// Milliseconds for the whole call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_ms: Option<u64>,
    /// Milliseconds before the second attempt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_ms: Option<u64>,
    /// The longest wait in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_ms: Option<u64>,
}

/// What the proxy tools may do beyond the defaults: the JSON form of [`Allow`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct ProxyOptions {
    /// Hosts that `base_url_override` may name, as [`AllowedHost`] reads them.
    #[serde(default)]
    pub allowed_hosts: Vec<String>,
    /// Whether `proxy_headers` may replace the credentials that Nango adds.
    #[serde(default)]
    pub allow_authorization: bool,
}

/// Which secrets may be shown: all, none, or those of some kinds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, try_from = "Value")]
pub enum RevealOption {
    /// All or none.
    All(bool),
    /// Those of these kinds, such as `access_token`.
    Kinds(Vec<String>),
}

/// From its JSON form: `true`, `false` or an array of strings.
impl TryFrom<Value> for RevealOption {
    type Error = Error;

    fn try_from(value: Value) -> Result<RevealOption, Error> {
        let kinds = match value {
            Value::Bool(all) => return Ok(RevealOption::All(all)),
            Value::Array(kinds) => kinds.into_iter().map(|kind| kind.as_str().map(str::to_owned)).collect(),
            _ => None,
        };
        kinds.map(RevealOption::Kinds).ok_or_else(|| Error::new(ErrorKind::InvalidOption, REVEAL_EXPECTED))
    }
}

/// Whether a call is for a page of a list, and how its provider pages, if it has one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged, try_from = "Value")]
#[non_exhaustive]
pub enum PagingOption {
    /// `true`: as the tool declares it. `false`: it is for no page.
    Own(bool),
    /// As a provider does it.
    Provider(Box<ProviderPaging>),
}

/// From its JSON form: `true`, `false` or an object with the names of Nango's catalogue.
impl TryFrom<Value> for PagingOption {
    type Error = Error;

    fn try_from(value: Value) -> Result<PagingOption, Error> {
        match value {
            Value::Bool(own) => Ok(PagingOption::Own(own)),
            described => Ok(PagingOption::Provider(Box::new(ProviderPaging::from_value(described)?))),
        }
    }
}

impl From<PagingOption> for Option<Paging> {
    fn from(paging: PagingOption) -> Option<Paging> {
        match paging {
            PagingOption::Own(own) => own.then_some(Paging::Own),
            PagingOption::Provider(paging) => Some(Paging::Provider(Arc::from(paging))),
        }
    }
}

const REVEAL_EXPECTED: &str = "expected true, false or a list of kinds such as `access_token`";

const PROXY: ParamType = ParamType::Object(&[
    Property::new("allowedHosts", STRINGS, ""),
    Property::new("allowAuthorization", ParamType::Boolean, ""),
]);
const RETRY: ParamType = ParamType::Object(&[
    Property::new("attempts", ParamType::Integer { min: 1, max: u32::MAX as i64 }, ""),
    Property::new("totalMs", POSITIVE, ""),
    Property::new("baseMs", NATURAL, ""),
    Property::new("maxMs", NATURAL, ""),
]);
const TIMEOUT: Property = Property::new("timeoutMs", POSITIVE, "");
const MAX_ANSWER_BYTES: Property = Property::new("maxAnswerBytes", POSITIVE, "");
const RETRIES: Property = Property::new("retry", RETRY, "");
const REVEAL: Property = Property::new("revealSecrets", ParamType::Json, "");
const SCHEMA: Property = Property::new("schema", ParamType::Choice(&["openai-strict", "gemini"]), "");

// Values that are `Json` here are checked separately.
const TOOLKIT: ParamType = ParamType::Object(&[
    Property::new("baseUrl", ANY_STRING, ""),
    Property::new("allowInsecureHttp", ParamType::Boolean, ""),
    Property::new("policy", ParamType::Json, ""),
    Property::new("proxy", PROXY, ""),
    Property::new("modify", ParamType::Json, ""),
    Property::new("session", ParamType::Json, ""),
    TIMEOUT,
    MAX_ANSWER_BYTES,
    RETRIES,
    REVEAL,
    Property::new("bigIntegers", ParamType::Choice(BigIntegers::NAMES), ""),
    Property::new("maskProviderData", ParamType::Boolean, ""),
    SCHEMA,
]);

const CALL: ParamType = ParamType::Object(&[
    TIMEOUT,
    MAX_ANSWER_BYTES,
    RETRIES,
    REVEAL,
    SCHEMA,
    Property::new("confirm", ANY_STRING, ""),
    Property::new("upstreamCallId", ANY_STRING, ""),
    Property::new("calls", NATURAL, ""),
    Property::new("paging", ParamType::Json, ""),
    Property::new("page", ANY_STRING, ""),
]);

/// The options that may be `null`, which means unset: leaving them out does not allow more.
const NULLABLE: &[&str] = &[
    "baseUrl",
    "allowInsecureHttp",
    "timeoutMs",
    "maxAnswerBytes",
    "retry",
    "revealSecrets",
    "bigIntegers",
    "schema",
    "confirm",
    "upstreamCallId",
    "limit",
];
const NULLABLE_RETRY: &[&str] = &["attempts", "totalMs", "baseMs", "maxMs"];

/// The options in JSON text, without those that are `null` where that is allowed.
fn parse_json(text: &str) -> Result<Value, Error> {
    let mut value = without_nulls(settings::parse_json(text).map_err(invalid)?, NULLABLE);
    if let Some(retry) = value.get_mut("retry") {
        *retry = without_nulls(retry.take(), NULLABLE_RETRY);
    }
    Ok(value)
}

/// Like [`read_options`], for options that are optional as a whole: `null` means that none are set.
fn given_or_nothing(text: &str) -> Result<Value, Error> {
    parse_json(text).map(|value| if value.is_null() { Value::Object(Object::new()) } else { value })
}

/// The error of options with these issues; its code is that of the option to which all of them belong.
fn invalid(issues: Issues) -> Error {
    let all_in = |paths: &[&[&str]]| {
        issues.iter().all(|issue| {
            // An unknown option has no such code.
            let exists = issue.path.len() > 1 || issue.code != "unrecognized_keys";
            exists
                && paths.iter().any(|path| {
                    issue.path.len() >= path.len() && issue.path.iter().zip(*path).all(|(a, b)| a == b)
                })
        })
    };
    let code = if all_in(&[&["policy"], &["session", "policy"]]) {
        INVALID_POLICY
    } else if all_in(&[&["baseUrl"]]) {
        BaseUrl::INVALID
    } else {
        INVALID_OPTION
    };
    settings::error("options", code, issues)
}

fn reveal_issue(value: &Value) -> Option<Issue> {
    let reveal = value.get("revealSecrets")?;
    let error = RevealOption::try_from(reveal.clone()).err()?;
    Some(Issue::new(vec!["revealSecrets".to_owned()], "invalid_type", error.message))
}

/// The options of the package that are functions, keys or their like: it reads them itself.
const OF_HOST: &[&str] = &[
    "apiKey",
    "environments",
    "environment",
    "fetch",
    "onEvent",
    "onApproval",
    "onError",
    "beforeCall",
    "afterCall",
    "onSchema",
    "store",
    "sessionKey",
    "mcpBaseUrl",
];

/// What names of other packages mean here.
const MEANT: &[(&str, &str)] = &[
    ("secretKey", "did you mean `apiKey`?"),
    ("host", "did you mean `baseUrl`?"),
    ("maxRetries", "did you mean `retry: { attempts }`?"),
    ("readOnly", "give `policy: { readOnly: true }`"),
];

/// Names an option that the package reads itself, if that is what an unknown name is most similar to.
fn name_option_of_host(issue: &mut Issue) {
    let [name] = issue.path.as_slice() else { return };
    if !cfg!(feature = "js") || issue.code != "unrecognized_keys" {
        return;
    }
    let ParamType::Object(properties) = TOOLKIT else { return };
    let known = properties.iter().map(|property| property.name).filter(|name| *name != "session");
    let all: Vec<&str> = OF_HOST.iter().copied().chain(known).collect();
    let meant = MEANT.iter().find(|(other, _)| other == name).map(|(_, hint)| (*hint).to_owned());
    let near = || nearest(name, &all).map(|near| format!("did you mean `{near}`?"));
    issue.hint =
        meant.or_else(near).or_else(|| Some(format!("leave it out; the options are {}", all.join(", "))));
}

impl ToolkitOptions {
    /// Reads the options of a toolkit, or of a session of one, from JSON text.
    ///
    /// # Errors
    /// `invalid_option` with every issue. The code is `invalid_policy` or `invalid_base_url` if only that
    /// option is invalid.
    pub fn parse(text: &str) -> Result<ToolkitOptions, Error> {
        let value = parse_json(text)?;
        let issues = ToolkitOptions::issues(&value);
        if issues.is_empty() { typed(value).map_err(invalid) } else { Err(invalid(issues)) }
    }

    fn issues(value: &Value) -> Issues {
        let mut issues = settings::check(&TOOLKIT, value);
        issues.iter_mut().for_each(name_option_of_host);
        reveal_issue(value).into_iter().for_each(|issue| issues.push(issue));
        issues.append(host_issues(value.get("proxy")));
        if let Some(policy) = value.get("policy") {
            issues.append(within("policy", Policy::issues(policy)));
        }
        if let Some(modify) = value.get("modify") {
            issues.append(within("modify", Modifiers::issues(modify, &allow(value.get("proxy")))));
        }
        if let Some(session) = value.get("session") {
            issues.append(within("session", Session::issues(session)));
        }
        if let Some(Value::String(url)) = value.get("baseUrl") {
            let insecure = is_true(value.get("allowInsecureHttp"));
            if let Err(error) = base_url(url, insecure) {
                let issue = Issue::new(vec!["baseUrl".to_owned()], "invalid_format", error.message);
                issues.push(Issue { hint: error.hint, ..issue });
            }
        }
        issues
    }

    /// The options with which calls are made.
    ///
    /// # Errors
    /// As [`ToolkitOptions::parse`], for options that were not read by it.
    pub fn build(self) -> Result<Options, Error> {
        let value = serde_json::to_value(self)
            .map_err(|error| invalid(Issue::new(Vec::new(), "invalid_value", error.to_string()).into()))?;
        build(value)
    }
}

/// The options of a toolkit from their JSON form, ready for calls.
fn build(mut value: Value) -> Result<Options, Error> {
    let issues = ToolkitOptions::issues(&value);
    if !issues.is_empty() {
        return Err(invalid(issues));
    }
    let mut options = Options { allow: allow(value.get("proxy")), ..Options::default() };
    if let Some(url) = value.get("baseUrl").and_then(Value::as_str) {
        options.base = base_url(url, is_true(value.get("allowInsecureHttp")))?;
    }
    read_call_options(&value, &mut options);
    let integers = value.get("bigIntegers").and_then(Value::as_str);
    options.big_integers = integers.and_then(BigIntegers::named).unwrap_or_default();
    options.mask_provider_data = value.get("maskProviderData").and_then(Value::as_bool);
    let mut take = |name: &str| value.get_mut(name).map(Value::take);
    if let Some(policy) = take("policy") {
        options.policy = Policy::from_value(policy)?;
    }
    if let Some(Value::Object(modify)) = take("modify") {
        options.modify = Some(Arc::new(Modifiers::of_checked(modify)?));
    }
    if let Some(session) = take("session") {
        options.session = Some(Session::of(SessionOptions::of_checked(session)?));
    }
    Ok(options)
}

/// Reads the options common to a toolkit and a single call, and those of a call only, from their checked JSON form.
fn read_call_options(value: &Value, options: &mut Options) {
    let number = |value: &Value, name: &str| value.get(name).and_then(Value::as_u64);
    let text = |name: &str| value.get(name).and_then(Value::as_str);
    options.timeout_ms = number(value, "timeoutMs").or(options.timeout_ms);
    options.max_answer_bytes = number(value, "maxAnswerBytes").or(options.max_answer_bytes);
    options.provider = text("schema").and_then(|name| name.parse().ok()).or(options.provider);
    if let Some(Ok(reveal)) = value.get("revealSecrets").cloned().map(RevealOption::try_from) {
        options.reveal = reveal.into();
    }
    if let Some(given) = value.get("retry") {
        let retry = &mut options.retry;
        let attempts = number(given, "attempts").and_then(|attempts| u32::try_from(attempts).ok());
        retry.attempts = attempts.unwrap_or(retry.attempts);
        retry.total_ms = number(given, "totalMs").or(retry.total_ms);
        retry.base_ms = number(given, "baseMs").unwrap_or(retry.base_ms);
        retry.most_ms = number(given, "maxMs").unwrap_or(retry.most_ms);
    }
    options.confirm = text("confirm").map(str::to_owned).or(options.confirm.take());
    options.upstream = text("upstreamCallId").map(str::to_owned).or(options.upstream.take());
    options.calls = number(value, "calls").or(options.calls);
    if let Some(Ok(paging)) = value.get("paging").cloned().map(PagingOption::try_from) {
        options.paging = paging.into();
    }
    options.page = text("page").map(str::to_owned).or(options.page.take());
}

/// The entries of `proxy.allowedHosts` that are not hosts. Empty entries and other types already have an issue.
fn host_issues(proxy: Option<&Value>) -> Issues {
    let hosts = proxy.and_then(|proxy| proxy.get("allowedHosts")?.as_array());
    let mut issues = Issues::default();
    for (at, host) in hosts.into_iter().flatten().enumerate() {
        let Some(text) = host.as_str().filter(|text| !text.is_empty()) else { continue };
        if let Err(why) = AllowedHost::parse(text) {
            let path = vec!["proxy".to_owned(), "allowedHosts".to_owned(), at.to_string()];
            let message = format!("expected a host, got `{}`: {why}", clip(text, 64));
            let hint = "such as `example.com`, `example.com:8443` or `http://localhost:3000`";
            issues.push(Issue::new(path, "invalid_format", message).hint(hint));
        }
    }
    issues
}

/// Converts [`ProxyOptions`].
fn allow(proxy: Option<&Value>) -> Allow {
    let get = |name: &str| proxy.and_then(|proxy| proxy.get(name));
    let hosts = get("allowedHosts").and_then(Value::as_array);
    Allow {
        override_hosts: hosts
            .into_iter()
            .flatten()
            .filter_map(|host| Some(host.as_str()?.to_owned()))
            .collect(),
        proxy_authorization: is_true(get("allowAuthorization")),
    }
}

fn is_true(value: Option<&Value>) -> bool {
    value == Some(&Value::Bool(true))
}

impl CallOptions {
    /// Reads the options of a single call from JSON text.
    ///
    /// # Errors
    /// `invalid_option` with every issue.
    pub fn parse(text: &str) -> Result<CallOptions, Error> {
        typed(CallOptions::checked(text)?).map_err(invalid)
    }

    /// Parses JSON text.
    fn checked(text: &str) -> Result<Value, Error> {
        let value = given_or_nothing(text)?;
        let mut issues = settings::check(&CALL, &value);
        reveal_issue(&value).into_iter().for_each(|issue| issues.push(issue));
        if let Some(described) = value.get("paging").filter(|paging| !paging.is_boolean()) {
            issues.append(within("paging", ProviderPaging::issues(described)));
        }
        if issues.is_empty() { Ok(value) } else { Err(invalid(issues)) }
    }

    /// Changes the options that are set; the others stay unchanged.
    pub fn apply(self, options: &mut Options) {
        // All of them can be written as JSON.
        read_call_options(&serde_json::to_value(self).unwrap_or_default(), options);
    }
}

/// Changes `options` by those of a single call from JSON text, as [`CallOptions::apply`] does.
///
/// # Errors
/// As [`CallOptions::parse`].
pub fn apply(text: &str, options: &mut Options) -> Result<(), Error> {
    read_call_options(&CallOptions::checked(text)?, options);
    Ok(())
}

impl From<ProxyOptions> for Allow {
    fn from(proxy: ProxyOptions) -> Allow {
        Allow { override_hosts: proxy.allowed_hosts, proxy_authorization: proxy.allow_authorization }
    }
}

impl From<RevealOption> for Reveal {
    fn from(reveal: RevealOption) -> Reveal {
        match reveal {
            RevealOption::All(true) => Reveal::All,
            RevealOption::All(false) => Reveal::None,
            RevealOption::Kinds(kinds) => Reveal::Kinds(kinds),
        }
    }
}

fn base_url(text: &str, insecure: bool) -> Result<BaseUrl, Error> {
    if insecure { BaseUrl::parse_insecure(text) } else { BaseUrl::parse(text) }
}

/// The options of a toolkit, or of a session of one, from JSON text, ready for calls.
///
/// ```
/// let options = nango_toolkit::options::parse(r#"{ "policy": { "readOnly": true }, "timeoutMs": 5000 }"#)?;
/// assert_eq!(options.timeout_ms, Some(5000));
/// # Ok::<(), nango_toolkit::error::Error>(())
/// ```
///
/// # Errors
/// As [`ToolkitOptions::parse`].
pub fn parse(text: &str) -> Result<Options, Error> {
    build(parse_json(text)?)
}
