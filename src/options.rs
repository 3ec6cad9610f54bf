//! Options and filters from JSON text, for hosts that hand them over as such. They are read strictly: a
//! misspelt option is an error, not a silence.

use std::sync::Arc;

use crate::call::Options;
use crate::error::{Error, ErrorKind};
use crate::http::{BaseUrl, Reveal};
use crate::json::{Object, Value, parse};
use crate::modify::Modifiers;
use crate::nearest::nearest_of;
use crate::policy::{Policy, unreadable};
use crate::schema::Provider;
use crate::session::Session;
use crate::text::fill;
use crate::tool::{Effect, Tool, Toolset};
use crate::tools;

/// Which tools a listing shows.
#[derive(Debug, Clone)]
pub struct Filter {
    toolsets: Option<Vec<String>>,
    tools: Option<Vec<&'static str>>,
    read_only: bool,
    /// Who is to understand the schemas.
    pub provider: Option<Provider>,
    /// How many at most; only a search has it.
    pub limit: Option<u64>,
}

impl Filter {
    /// Whether it shows `tool`.
    pub fn selects(&self, tool: &Tool) -> bool {
        (!self.read_only || tool.effect == Effect::Read)
            && self.toolsets.as_ref().is_none_or(|all| all.iter().any(|t| t == tool.toolset.as_str()))
            && self.tools.as_ref().is_none_or(|all| all.contains(&tool.slug))
    }
}

/// The filter of `{ toolsets?, tools?, readOnly? }`, and of one option `more`: `schema` or `limit`.
///
/// # Errors
/// `internal` with code `invalid_option`, and `unknown_tool`.
pub fn filter(text: &str, more: &str, options: &Options) -> Result<Filter, Error> {
    let mut given = Given::read(text, &["toolsets", "tools", "readOnly", more])?;
    let limit = given.number("limit", 1);
    let (toolsets, named) = (given.texts("toolsets"), given.texts("tools"));
    let read_only = given.boolean("readOnly").unwrap_or_default();
    let provider = given.provider().or(options.provider);
    given.done()?;
    let all: Vec<&str> = Toolset::ALL.iter().map(|t| t.as_str()).collect();
    for name in toolsets.as_deref().unwrap_or_default() {
        if !all.contains(&name.as_str()) {
            let hint = format!("there are {}", all.join(", "));
            return Err(misuse("there is no toolset `{}`", &[name]).hint(hint));
        }
    }
    let mut tools = named.as_ref().map(|_| Vec::new());
    for name in named.as_deref().unwrap_or_default() {
        let Some(tool) = options.find(name) else { return Err(tools::unknown(name)) };
        tools.get_or_insert_default().push(tool.slug);
    }
    Ok(Filter { toolsets, tools, read_only, provider, limit })
}

/// The options of a toolkit, or of a session of one.
///
/// ```
/// let options = nango_toolkit::options::options(r#"{ "policy": { "readOnly": true }, "timeoutMs": 5000 }"#)?;
/// assert_eq!(options.timeout_ms, Some(5000));
/// # Ok::<(), nango_toolkit::error::Error>(())
/// ```
///
/// # Errors
/// `internal` with code `invalid_option`, or that of the option: `invalid_policy`, `invalid_base_url` and such.
pub fn options(text: &str) -> Result<Options, Error> {
    let mut options = Options::default();
    apply(&mut options, text, false)?;
    Ok(options)
}

/// Changes `options` by what `text` names; where it is of a single `call`, by little.
///
/// # Errors
/// As [`options`].
pub fn apply(options: &mut Options, text: &str, call: bool) -> Result<(), Error> {
    const BOTH: &[&str] = &["timeoutMs", "retry", "revealSecrets", "schema"];
    const CALL: &[&str] = &["confirm", "upstreamCallId", "calls"];
    const TOOLKIT: &[&str] = &["baseUrl", "allowInsecureHttp", "policy", "proxy", "modify", "session"];
    let known = [BOTH, if call { CALL } else { TOOLKIT }].concat();
    let mut given = Given::read(text, &known)?;
    let insecure = given.boolean("allowInsecureHttp").unwrap_or_default();
    let base = given.text("baseUrl");
    options.timeout_ms = given.number("timeoutMs", 1).or(options.timeout_ms);
    options.provider = given.provider().or(options.provider);
    if let Some(value) = given.map.shift_remove("revealSecrets") {
        match reveal(value) {
            Some(reveal) => options.reveal = reveal,
            None => given.wrong("revealSecrets", "true, false or a list of kinds such as `access_token`"),
        }
    }
    if given.open("retry", &["attempts", "totalMs", "baseMs", "maxMs"]) {
        let to = &mut options.retry;
        if let Some(n) = given.number("attempts", 1) {
            to.attempts = u32::try_from(n).unwrap_or(u32::MAX);
        }
        to.total_ms = given.number("totalMs", 1).or(to.total_ms);
        to.base_ms = given.number("baseMs", 0).unwrap_or(to.base_ms);
        to.most_ms = given.number("maxMs", 0).unwrap_or(to.most_ms);
    }
    if let Some(value) = given.take("policy") {
        match Policy::from_value(value) {
            Ok(policy) => options.policy = policy,
            Err(issues) => {
                given.mistaken(unreadable(issues));
            }
        }
    }
    if given.open("proxy", &["allowedHosts", "allowAuthorization"]) {
        options.allow.override_hosts = given.texts("allowedHosts").unwrap_or_default();
        options.allow.proxy_authorization = given.boolean("allowAuthorization").unwrap_or_default();
    }
    options.confirm = given.text("confirm").or(options.confirm.take());
    options.upstream = given.text("upstreamCallId").or(options.upstream.take());
    options.calls = given.number("calls", 0).or(options.calls);
    let (modify, session) = (given.take("modify"), given.take("session"));
    given.done()?;
    if let Some(session) = session {
        options.session = Some(Session::from_value(session)?);
    }
    if let Some(modify) = modify {
        options.modify = Some(Arc::new(Modifiers::new(&modify, &options.allow)?));
    }
    if let Some(url) = base {
        options.base = BaseUrl::parse(&url, insecure)?;
    }
    Ok(())
}

/// Which secrets a value asks to see: `true`, or a list of kinds.
fn reveal(value: Value) -> Option<Reveal> {
    Some(match value {
        Value::Bool(true) => Reveal::All,
        Value::Bool(false) | Value::Null => Reveal::None,
        value => Reveal::Kinds(list(value)?),
    })
}

fn list(value: Value) -> Option<Vec<String>> {
    let Value::Array(items) = value else { return None };
    let mut out = Vec::new();
    for item in items {
        let Value::String(text) = item else { return None };
        out.push(text);
    }
    Some(out)
}

fn misuse(form: &str, parts: &[&str]) -> Error {
    Error::new(ErrorKind::Internal, fill(form, parts)).code("invalid_option")
}

/// Options under way. `null` is an option that is not given; the first mistake is kept until the end.
struct Given {
    map: Object,
    mistake: Option<Error>,
}

impl Given {
    fn read(text: &str, known: &[&str]) -> Result<Given, Error> {
        let map = match parse(text) {
            Ok(Value::Object(map)) => map,
            Ok(Value::Null) => Object::new(),
            _ => return Err(misuse("the options must be an object", &[])),
        };
        let mut given = Given { map: Object::new(), mistake: None };
        given.add(map, known, "");
        Ok(given)
    }

    fn add(&mut self, map: Object, known: &[&str], within: &str) {
        if let Some(name) = map.keys().find(|name| !known.contains(&name.as_str())) {
            let hint = match nearest_of(name, known) {
                Some(near) => format!("did you mean `{within}{near}`?"),
                None => format!("there are {}", known.join(", ")),
            };
            let mistake = misuse("there is no option `{}{}`", &[within, name]).hint(hint);
            self.mistaken(mistake);
        }
        self.map.extend(map);
    }

    fn done(self) -> Result<(), Error> {
        self.mistake.map_or(Ok(()), Err)
    }

    fn wrong(&mut self, name: &str, right: &str) {
        self.mistaken(misuse("`{}` must be {}", &[name, right]));
    }

    #[inline(never)]
    fn mistaken(&mut self, mistake: Error) {
        self.mistake.get_or_insert(mistake);
    }

    fn take(&mut self, name: &str) -> Option<Value> {
        self.map.shift_remove(name).filter(|value| !value.is_null())
    }

    /// Whether the option is an object. Its own options then stand beside the others: no two have one name.
    fn open(&mut self, name: &str, known: &[&str]) -> bool {
        match self.take(name) {
            None => false,
            Some(Value::Object(inner)) => {
                self.add(inner, known, &format!("{name}."));
                true
            }
            Some(_) => {
                self.wrong(name, "an object");
                false
            }
        }
    }

    fn boolean(&mut self, name: &str) -> Option<bool> {
        let value = self.take(name)?;
        if !matches!(value, Value::Bool(_)) {
            self.wrong(name, "true or false");
        }
        Some(matches!(value, Value::Bool(true)))
    }

    fn text(&mut self, name: &str) -> Option<String> {
        match self.take(name)? {
            Value::String(text) => return Some(text),
            _ => self.wrong(name, "a text"),
        }
        None
    }

    fn number(&mut self, name: &str, least: u64) -> Option<u64> {
        let number = self.take(name)?.as_u64().filter(|n| *n >= least);
        if number.is_none() {
            self.wrong(name, &format!("a number of at least {least}"));
        }
        number
    }

    /// The form of schemas and arguments.
    fn provider(&mut self) -> Option<Provider> {
        let name = self.text("schema")?;
        let provider = Provider::named(&name);
        if provider.is_none() {
            self.wrong("schema", "`openai-strict` or `gemini`");
        }
        provider
    }

    fn texts(&mut self, name: &str) -> Option<Vec<String>> {
        let texts = list(self.take(name)?);
        if texts.is_none() {
            self.wrong(name, "a list of texts");
        }
        texts
    }
}
