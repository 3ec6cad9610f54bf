//! Callers: fixed tokens, each for the whole toolkit or for a session of one user, and session tokens, which contain
//! their session. The state of a session lives as long as this instance of the component.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use hmac::digest::Digest;
use nango_toolkit::call::Options;
use nango_toolkit::error::Error;
use nango_toolkit::json::{Value, parse};
use nango_toolkit::mcp::{Selection, Server, View};
use nango_toolkit::session::Session;
use sha2::Sha256;

use crate::problem::describe;
use crate::token::{self, Claims};
use crate::wire;

/// The minimum length of secrets that authenticate a caller, in bytes.
const MIN_SECRET: usize = 16;

/// The maximum number of token sessions in memory.
const MOST_OPENED: usize = 250;
/// The maximum number of selections of one caller in memory.
const MOST_VIEWS: usize = 16;

/// Data of one user must not be available to another.
const ONE_USER: &str =
    "NANGO_MCP_USER cannot be combined with sessions of tokens: all calls are made for that user";

/// The tools of a caller, and the views that were created before.
pub(crate) struct Source {
    options: Arc<Options>,
    views: RefCell<Vec<(Selection, Rc<View>)>>,
}

impl Source {
    /// How the caller's calls are made.
    pub(crate) fn options(&self) -> &Arc<Options> {
        &self.options
    }

    fn new(options: Arc<Options>) -> Rc<Source> {
        Rc::new(Source { options, views: RefCell::default() })
    }

    /// The caller's view: the operator's selection, narrowed by the caller's own.
    ///
    /// # Errors
    /// There is no such tool or toolset.
    pub(crate) fn view(&self, server: &Arc<Server>, asked: Selection) -> Result<Rc<View>, Error> {
        let mut views = self.views.borrow_mut();
        if let Some((_, view)) = views.iter().find(|(known, _)| *known == asked) {
            return Ok(view.clone());
        }
        let view = Rc::new(View::of_options(server, &self.options, &asked)?);
        if views.len() >= MOST_VIEWS {
            views.remove(0);
        }
        views.push((asked, view.clone()));
        Ok(view)
    }
}

/// Who may call.
pub(crate) struct Callers {
    /// Callers without a user's token.
    pub(crate) whole: Rc<Source>,
    options: Arc<Options>,
    /// Tokens by their digests: comparing digests reveals nothing about the tokens.
    tokens: Vec<([u8; 32], Rc<Source>)>,
    session_key: Option<String>,
    /// Sessions of session tokens, by their claims; the most recently used is the last.
    opened: RefCell<Vec<(String, Rc<Source>)>>,
}

impl Callers {
    /// Reads them from the settings; `options` are those of the whole toolkit.
    ///
    /// # Errors
    /// A message for the operator.
    pub(crate) fn read(
        text: &impl Fn(&str) -> Option<String>,
        options: Arc<Options>,
    ) -> Result<Callers, String> {
        let whole = Source::new(options.clone());
        let mut tokens = Vec::new();
        let mut add = |token: &str, source: Rc<Source>, name: &str| {
            if is_short(token) {
                return Err(format!(
                    "a token in {name} is shorter than 16 characters: generate one with `openssl rand -hex 32`"
                ));
            }
            tokens.push((digest(token), source));
            Ok(())
        };
        if let Some(token) = text("NANGO_MCP_TOKEN") {
            add(&token, whole.clone(), "NANGO_MCP_TOKEN")?;
        }
        if let Some(json) = text("NANGO_MCP_TOKENS") {
            const FORM: &str =
                "NANGO_MCP_TOKENS must be a JSON object: for each token `true` or the options of a session";
            let Ok(Value::Object(all)) = parse(&json) else { return Err(FORM.into()) };
            for (token, caller) in all {
                let source = match caller {
                    Value::Bool(true) => whole.clone(),
                    Value::Object(_) if options.session.is_some() => return Err(ONE_USER.into()),
                    caller @ Value::Object(_) => {
                        let refused = |error: Error| {
                            format!("a session in NANGO_MCP_TOKENS was refused: {}", describe(&error))
                        };
                        Source::new(session_of(&options, caller).map_err(refused)?)
                    }
                    _ => return Err(FORM.into()),
                };
                add(&token, source, "NANGO_MCP_TOKENS")?;
            }
        }
        let session_key = text("NANGO_MCP_SESSION_KEY");
        if session_key.as_ref().is_some_and(|key| key.len() < 32) {
            return Err(
                "NANGO_MCP_SESSION_KEY must have at least 32 bytes: generate one with `openssl rand -hex 32`"
                    .into(),
            );
        }
        if options.session.is_some() && session_key.is_some() {
            return Err(ONE_USER.into());
        }
        Ok(Callers { whole, options, tokens, session_key, opened: RefCell::default() })
    }

    /// Whether callers are authenticated by tokens.
    pub(crate) fn guarded(&self) -> bool {
        !self.tokens.is_empty() || self.session_key.is_some()
    }

    /// The caller of a token; `None` if it is unknown.
    pub(crate) fn of(&self, token: &str) -> Option<Rc<Source>> {
        let given = digest(token);
        let mut found = None;
        // All are compared, so that timing reveals nothing.
        for (known, source) in &self.tokens {
            if same(&given, known) {
                found = Some(source.clone());
            }
        }
        found.or_else(|| self.open(token::open(token, self.session_key.as_deref()?, wire::now())?))
    }

    /// The session of a token: its counts and pending confirmations are kept for its next request.
    fn open(&self, claims: Claims) -> Option<Rc<Source>> {
        let mut opened = self.opened.borrow_mut();
        let source = match opened.iter().position(|(id, _)| *id == claims.id) {
            Some(at) => opened.remove(at).1,
            None => Source::new(session_of(&self.options, claims.session).ok()?),
        };
        if opened.len() >= MOST_OPENED {
            opened.remove(0);
        }
        opened.push((claims.id, source.clone()));
        Some(source)
    }
}

/// How the calls of a session are made.
fn session_of(options: &Options, mut session: Value) -> Result<Arc<Options>, Error> {
    if let Value::Object(map) = &mut session
        && !map.contains_key("id")
    {
        map.insert("id".to_owned(), Value::from(wire::random_id("session_")));
    }
    Ok(Arc::new(Options { session: Some(Session::from_value(session)?), ..options.clone() }))
}

/// Whether a path is `path`, a slash and `secret`, in a time that only its length decides.
pub(crate) fn is_secret_path(given: &str, path: &str, secret: &str) -> bool {
    given.len() == path.len() + 1 + secret.len() && same(&digest(given), &digest(&format!("{path}/{secret}")))
}

/// Whether a secret is too short to be one.
pub(crate) fn is_short(secret: &str) -> bool {
    secret.len() < MIN_SECRET
}

fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

fn same(a: &[u8; 32], b: &[u8; 32]) -> bool {
    a.iter().zip(b).fold(0, |difference, (a, b)| difference | (a ^ b)) == 0
}
