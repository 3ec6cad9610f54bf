//! Audit events as values: what ran, with which arguments, how it went. No clock and no sink; time
//! comes from the call, and whoever drives it carries the events away. No event holds a secret.

use std::sync::Arc;

use crate::error::Error;
use crate::http::Scrub;
use crate::json::{Object, Value, Writer};
use crate::text::fill;
use crate::tool::Tool;

/// One event of one call.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// When, in milliseconds since the Unix epoch.
    pub at: u64,
    /// The call it belongs to.
    pub call_id: String,
    /// The slug of the tool; what was asked for where there is no such tool.
    pub tool: String,
    /// On whose behalf; none outside of a session.
    pub who: Option<Arc<Who>>,
    /// The id under which the caller knows the call, such as that of a model's tool call.
    pub upstream: Option<String>,
    /// What happened.
    pub what: What,
}

/// On whose behalf something happened, as the host vouches for it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Who {
    /// The session's id; may be empty.
    pub session: String,
    /// The end user.
    pub user: String,
    /// The end user's organization.
    pub organization: Option<String>,
    /// The agent that acts for the user.
    pub agent: Option<String>,
}

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// The call was asked for, with these arguments (secrets masked).
    Started {
        /// `read`, `write` or `destroy`; none where there is no such tool.
        effect: Option<&'static str>,
        /// The arguments as they were checked, or none where the check refused them.
        arguments: Option<Value>,
    },
    /// It was decided whether the call may go on. Absent where no policy and no session were given, and
    /// where the arguments were refused.
    Decision {
        /// `allow`, `deny` or `confirm`; behind the last `approved` or `refused`.
        verdict: &'static str,
        /// The ids of the rules that decided.
        rules: Vec<String>,
        /// A sentence why.
        reason: String,
    },
    /// A request went out to learn whose a connection is.
    Lookup {
        /// The connection.
        connection_id: String,
        /// Its integration.
        provider_config_key: String,
    },
    /// A request went out.
    Attempt {
        /// Counted from 1.
        attempt: u32,
        /// The HTTP method.
        method: &'static str,
        /// The path behind the base URL, without the query.
        path: String,
    },
    /// An attempt failed and another will follow.
    Retry {
        /// The attempt that failed, counted from 1.
        attempt: u32,
        /// Milliseconds until the next.
        wait_ms: u64,
        /// The kind of the failure.
        kind: &'static str,
        /// The HTTP status, where there was an answer.
        status: Option<u16>,
    },
    /// The call ended.
    Finished {
        /// Whether it succeeded.
        successful: bool,
        /// Why it did not.
        error: Option<Error>,
        /// The HTTP status of the last answer.
        status: Option<u16>,
        /// How many requests went out.
        attempts: u32,
        /// From the first poll to the end.
        duration_ms: u64,
        /// The id that the server gave the last request, where it gave one.
        request_id: Option<String>,
    },
}

impl Event {
    /// The JSON form: `{ type, at, call_id, tool, … }` with the fields of [`What`].
    pub fn to_json(&self) -> String {
        let mut w = Writer::new();
        let name = match &self.what {
            What::Started { .. } => "call.started",
            What::Decision { .. } => "call.decision",
            What::Lookup { .. } => "call.lookup",
            What::Attempt { .. } => "call.attempt",
            What::Retry { .. } => "call.retry",
            What::Finished { .. } => "call.finished",
        };
        w.open().pair("type", name).key("at").integer(self.at as i64);
        w.pair("call_id", &self.call_id).pair("tool", &self.tool);
        if let Some(who) = &self.who {
            w.pair("session", &who.session).pair("user", &who.user);
            maybe("organization", &who.organization, &mut w);
            maybe("agent", &who.agent, &mut w);
        }
        maybe("upstream_call_id", &self.upstream, &mut w);
        match &self.what {
            What::Started { effect, arguments } => {
                if let Some(effect) = effect {
                    w.pair("effect", effect);
                }
                if let Some(arguments) = arguments {
                    w.key("arguments").value(arguments);
                }
            }
            What::Decision { verdict, rules, reason } => {
                w.pair("decision", verdict).key("rules").open_array();
                for rule in rules {
                    w.text(rule);
                }
                w.close_array().pair("reason", reason);
            }
            What::Lookup { connection_id, provider_config_key } => {
                w.pair("connection_id", connection_id);
                w.pair("provider_config_key", provider_config_key);
            }
            What::Attempt { attempt, method, path } => {
                w.key("attempt").integer(i64::from(*attempt)).pair("method", method).pair("path", path);
            }
            What::Retry { attempt, wait_ms, kind, status } => {
                w.key("attempt").integer(i64::from(*attempt)).key("wait_ms").integer(*wait_ms as i64);
                w.pair("kind", kind);
                status_of(*status, &mut w);
            }
            What::Finished { successful, error, status, attempts, duration_ms, request_id } => {
                w.key("successful").boolean(*successful);
                if let Some(error) = error {
                    w.key("error");
                    error.write(&mut w);
                }
                status_of(*status, &mut w);
                w.key("attempts")
                    .integer(i64::from(*attempts))
                    .key("duration_ms")
                    .integer(*duration_ms as i64);
                maybe("request_id", request_id, &mut w);
            }
        }
        w.close();
        w.finish()
    }
}

fn maybe(key: &str, text: &Option<String>, w: &mut Writer) {
    if let Some(text) = text {
        w.pair(key, text);
    }
}

fn status_of(status: Option<u16>, w: &mut Writer) {
    if let Some(status) = status {
        w.key("status").integer(i64::from(status));
    }
}

/// Arguments as an event may show them: secret ones masked whole, others scrubbed.
pub(crate) fn preview(tool: &Tool, args: &Object, scrub: &Scrub) -> Value {
    let mut out = Object::new();
    for (name, value) in args {
        let secret = tool.param(name).is_some_and(|p| p.prop.is_secret());
        out.insert(
            name.clone(),
            if secret { Value::from(fill("[redacted: {}]", &[name])) } else { value.clone() },
        );
    }
    let mut out = Value::Object(out);
    scrub.value(&mut out);
    out
}
