//! Options from JSON text, read strictly: a misspelt option is an error, not a silence.

use crate::call::Options;
use crate::error::{Error, Kind};
use crate::http::BaseUrl;
use crate::json::{Object, Value, parse};
use crate::nearest::nearest;
use crate::text::{decimal, fill, join};
use crate::tool::{Effect, Tool, Toolset};
use crate::tools;

/// Which tools a listing shows.
pub(super) struct Filter {
    toolsets: Option<Vec<String>>,
    tools: Option<Vec<&'static str>>,
    read_only: bool,
}

impl Filter {
    pub(super) fn selects(&self, tool: &Tool) -> bool {
        (!self.read_only || tool.effect == Effect::Read)
            && self.toolsets.as_ref().is_none_or(|all| all.iter().any(|t| t == tool.toolset.as_str()))
            && self.tools.as_ref().is_none_or(|all| all.contains(&tool.slug))
    }
}

/// The filter of `{ toolsets?, tools?, readOnly? }`.
pub(super) fn filter(text: &str) -> Result<Filter, Error> {
    let map = object(text, &["toolsets", "tools", "readOnly"])?;
    let toolsets = texts(&map, "toolsets")?;
    for name in toolsets.iter().flatten() {
        let all = || Toolset::ALL.iter().map(|t| t.as_str());
        if !all().any(|t| t == name) {
            let all = join(all(), ", ");
            return Err(misuse(fill("there is no toolset `{}`", &[name])).hint(fill("there are {}", &[&all])));
        }
    }
    let named = texts(&map, "tools")?.map(|names| {
        let found = names.iter().map(|n| tools::find(n).map(|t| t.slug).ok_or_else(|| tools::unknown(n)));
        found.collect::<Result<Vec<_>, Error>>()
    });
    let read_only = boolean(&map, "readOnly")?.unwrap_or_default();
    Ok(Filter { toolsets, tools: named.transpose()?, read_only })
}

/// The options of a toolkit.
pub(super) fn options(text: &str) -> Result<Options, Error> {
    let mut options = Options::default();
    apply(&mut options, text)?;
    Ok(options)
}

/// Changes `options` by what `text` names.
pub(super) fn apply(options: &mut Options, text: &str) -> Result<(), Error> {
    const KNOWN: &[&str] =
        &["baseUrl", "allowInsecureHttp", "timeoutMs", "retry", "policy", "proxy", "revealSecrets"];
    let map = object(text, KNOWN)?;
    let insecure = boolean(&map, "allowInsecureHttp")?.unwrap_or_default();
    match map.get("baseUrl") {
        None | Some(Value::Null) => {}
        Some(Value::String(url)) => options.base = BaseUrl::parse(url, insecure)?,
        Some(_) => return Err(misuse("`baseUrl` must be a text".into())),
    }
    if let Some(ms) = number(&map, "timeoutMs", 1)? {
        options.timeout_ms = Some(ms);
    }
    if let Some(value) = map.get("revealSecrets") {
        let message = "`revealSecrets` must be true, false or a list of kinds such as `access_token`";
        options.reveal = super::reveal(value).ok_or_else(|| misuse(message.into()))?;
    }
    if let Some(retry) = inner(&map, "retry", &["attempts", "totalMs", "baseMs", "maxMs"])? {
        let to = &mut options.retry;
        if let Some(n) = number(retry, "attempts", 1)? {
            to.attempts = u32::try_from(n).unwrap_or(u32::MAX);
        }
        to.total_ms = number(retry, "totalMs", 1)?.or(to.total_ms);
        to.base_ms = number(retry, "baseMs", 0)?.unwrap_or(to.base_ms);
        to.most_ms = number(retry, "maxMs", 0)?.unwrap_or(to.most_ms);
    }
    if let Some(policy) = inner(&map, "policy", &["readOnly"])? {
        options.policy.read_only = boolean(policy, "readOnly")?.unwrap_or_default();
    }
    if let Some(proxy) = inner(&map, "proxy", &["allowedHosts", "allowAuthorization"])? {
        options.allow.override_hosts = texts(proxy, "allowedHosts")?.unwrap_or_default();
        options.allow.proxy_authorization = boolean(proxy, "allowAuthorization")?.unwrap_or_default();
    }
    Ok(())
}

fn misuse(message: String) -> Error {
    Error::new(Kind::Internal, message).code("invalid_option")
}

fn object(text: &str, known: &[&str]) -> Result<Object, Error> {
    match parse(text) {
        Ok(Value::Object(map)) => names(&map, known, "").map(|()| map),
        Ok(Value::Null) => Ok(Object::new()),
        _ => Err(misuse("the options must be an object".into())),
    }
}

fn names(map: &Object, known: &[&str], within: &str) -> Result<(), Error> {
    let Some(name) = map.keys().find(|name| !known.contains(&name.as_str())) else { return Ok(()) };
    let error = misuse(fill("there is no option `{}{}`", &[within, name]));
    Err(match nearest(name, known.iter().copied()) {
        Some(near) => error.hint(fill("did you mean `{}{}`?", &[within, near])),
        None => error.hint(fill("there are {}", &[&join(known.iter().copied(), ", ")])),
    })
}

fn inner<'m>(map: &'m Object, name: &str, known: &[&str]) -> Result<Option<&'m Object>, Error> {
    match map.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(inner)) => names(inner, known, &fill("{}.", &[name])).map(|()| Some(inner)),
        Some(_) => Err(misuse(fill("`{}` must be an object", &[name]))),
    }
}

fn boolean(map: &Object, name: &str) -> Result<Option<bool>, Error> {
    match map.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Bool(yes)) => Ok(Some(*yes)),
        Some(_) => Err(misuse(fill("`{}` must be true or false", &[name]))),
    }
}

fn number(map: &Object, name: &str, least: u64) -> Result<Option<u64>, Error> {
    match map.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => match value.as_u64() {
            Some(n) if n >= least => Ok(Some(n)),
            _ => Err(misuse(fill("`{}` must be a number of at least {}", &[name, &decimal(least as i64)]))),
        },
    }
}

fn texts(map: &Object, name: &str) -> Result<Option<Vec<String>>, Error> {
    let wrong = || misuse(fill("`{}` must be a list of texts", &[name]));
    match map.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Array(items)) => {
            let texts = items.iter().map(|i| i.as_str().map(str::to_owned).ok_or_else(wrong));
            texts.collect::<Result<_, _>>().map(Some)
        }
        Some(_) => Err(wrong()),
    }
}
