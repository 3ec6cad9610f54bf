//! Agent sessions: made and ended. What a session may use is worked out in [`super::agent_toolset`]; its MCP endpoint is
//! not emulated.

use serde_json::{Value, json};

use super::agent_toolset::{self, Refusal};
use crate::emulator::http::call::Call;
use crate::emulator::http::request::Body;
use crate::emulator::http::response::{HandlerResult, HttpResponse};
use crate::emulator::http::rules::{CONNECTION_ID, INTEGRATION_KEY, KEY_CHECKS, NAME, STRING, TAGS, UUID};
use crate::emulator::http::validate::{Key, NOTHING, Rule};
use crate::emulator::model::agent_sessions::{AgentSession, AgentTools, MetaTools};
use crate::emulator::model::clock;
use crate::emulator::model::state::{Object, State};
use crate::json::{Writer, to_json};

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 1440 * MINUTE_MS;
/// The longest life of a session, and the usual one.
const LONGEST_MS: i64 = 15 * DAY_MS;

const SELECTOR: Rule =
    Rule::Object { keys: &[Key::required("tags", Rule::Refined(&TAGS, some_tag))], strict: true };
const PIN: Rule = Rule::Object {
    keys: &[Key::required("integration_id", INTEGRATION_KEY), Key::required("connection_id", CONNECTION_ID)],
    strict: true,
};
const CONNECTIONS: Rule = Rule::Refined(
    &Rule::Object {
        keys: &[
            Key::optional("any", Rule::Array { of: &SELECTOR, max: Some(10) }),
            Key::optional("pinned", Rule::Refined(&Rule::Array { of: &PIN, max: None }, one_pin_each)),
        ],
        strict: true,
    },
    some_connection,
);
const TOOLS: Rule = Rule::Array { of: &NAME, max: None };
const TOOL_LIST: Rule = Rule::Object { keys: &[Key::required("tools", TOOLS)], strict: true };
const ALL: Rule = Rule::Choice(&["*"]);
const POLICY: Rule = Rule::Union(
    &[
        ALL,
        Rule::Object {
            keys: &[
                Key::optional("allow", Rule::Union(&[ALL, TOOL_LIST], "Invalid input")),
                Key::optional("deny", TOOL_LIST),
            ],
            strict: true,
        },
    ],
    "Invalid input",
);
const TOOLSET: Rule = Rule::Union(
    &[ALL, Rule::Refined(&Rule::Record { key: KEY_CHECKS, value: &POLICY }, some_integration)],
    "Invalid input",
);
const CREATE: Rule = Rule::Object {
    keys: &[
        Key::required(
            "tenant",
            Rule::Object { keys: &[Key::required("connections", CONNECTIONS)], strict: true },
        ),
        Key::optional("toolset", TOOLSET),
        Key::optional("pinned_tools", Rule::Record { key: KEY_CHECKS, value: &TOOLS }),
        Key::optional("meta_tools", Rule::Record { key: &[], value: &Rule::Boolean }),
        Key::optional("expires_in", Rule::Refined(&STRING, life_problems)),
    ],
    strict: true,
};

fn says(message: &str, wrong: bool) -> Vec<String> {
    if wrong { vec![message.to_owned()] } else { Vec::new() }
}

fn some_tag(tags: &Value) -> Vec<String> {
    says("A connection selector must carry at least one tag", tags.as_object().is_some_and(Object::is_empty))
}

fn one_pin_each(pins: &Value) -> Vec<String> {
    let mut keys: Vec<&Value> =
        pins.as_array().into_iter().flatten().filter_map(|p| p.get("integration_id")).collect();
    let count = keys.len();
    keys.sort_by_key(|key| key.as_str());
    keys.dedup();
    says("Only one connection can be pinned per integration", keys.len() < count)
}

fn some_connection(connections: &Value) -> Vec<String> {
    let any =
        |name: &str| connections.get(name).and_then(Value::as_array).is_some_and(|list| !list.is_empty());
    let message = "Provide at least one connection selector in any, or at least one pinned connection";
    says(message, !any("any") && !any("pinned"))
}

fn some_integration(toolset: &Value) -> Vec<String> {
    says("A toolset must name at least one integration", toolset.as_object().is_some_and(Object::is_empty))
}

/// `90s`, `5m`, `2h`, `15d` in milliseconds.
fn life(text: &str) -> Option<i64> {
    let (count, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let unit = match unit {
        "s" => 1000,
        "m" => MINUTE_MS,
        "h" => 60 * MINUTE_MS,
        "d" => DAY_MS,
        _ => return None,
    };
    let digits = count.bytes().all(|b| b.is_ascii_digit()) && !count.is_empty() && !count.starts_with('0');
    // More than fits is too long in any unit.
    digits.then(|| count.parse::<i64>().unwrap_or(i64::MAX).saturating_mul(unit))
}

/// The problems of a life; one that cannot be read breaks the bounds, too.
fn life_problems(text: &Value) -> Vec<String> {
    let life = text.as_str().and_then(life);
    let form = "expires_in must be a positive integer followed by s, m, h or d, for example 1h";
    let mut problems = says(form, life.is_none());
    let short = life.is_none_or(|ms| ms < MINUTE_MS);
    problems.extend(says("expires_in cannot be shorter than 60s", short));
    problems.extend(says("expires_in cannot exceed 15d", life.is_none_or(|ms| ms > LONGEST_MS)));
    problems
}

/// `POST /sessions`
pub(crate) fn create(state: &mut State, call: &Call) -> HandlerResult {
    call.no_query()?;
    let body = call.check_body(&CREATE)?;
    let meta_tools = meta_tools(body).map_err(refused)?;
    let connections = body.get("tenant").and_then(|tenant| tenant.get("connections")).unwrap_or(&Value::Null);
    let connections = agent_toolset::resolve(state, connections).map_err(refused)?;
    let toolset = agent_toolset::compile(state, body, &connections).map_err(refused)?;
    let life = body.get("expires_in").and_then(Value::as_str).and_then(life);
    let session = AgentSession {
        id: state.ids.uuid(),
        token: format!("nango_agent_session_{}", state.ids.hex32()),
        expires: call.now + life.unwrap_or(LONGEST_MS),
        terminated: None,
        toolset,
        meta_tools,
    };
    let mut w = Writer::new();
    w.open().key("data").open().key("session_id").text(&session.id);
    w.key("session_token").text(&session.token);
    w.key("mcp_url").text(&format!("{}/session/{}/mcp", call.server(), session.id));
    w.key("expires_at").text(&clock::iso_z(session.expires));
    w.key("toolset").open();
    for AgentTools { integration, connection, pinned, searchable } in &session.toolset {
        w.key(integration).open().key("connected").boolean(connection.is_some());
        w.key("tools_pinned").integer(pinned.len() as i64);
        w.key("tools_searchable").integer(searchable.len() as i64).close();
    }
    w.close().key("meta_tools").raw(&to_json(&session.meta_tools)).close().close();
    state.agent_sessions.push(session);
    Ok(HttpResponse::json(201, w.finish()))
}

fn refused(Refusal { code, message, payload }: Refusal) -> HttpResponse {
    HttpResponse::with_payload(400, code, &message, &to_json(&payload))
}

fn meta_tools(body: &Object) -> Result<MetaTools, Refusal> {
    const NAMES: [&str; 3] = ["nango_tool_search", "nango_execute", "nango_proxy"];
    let given = body.get("meta_tools").and_then(Value::as_object);
    let unknown: Vec<&String> =
        given.into_iter().flat_map(Object::keys).filter(|name| !NAMES.contains(&name.as_str())).collect();
    if !unknown.is_empty() {
        let (count, are) = (unknown.len(), if unknown.len() == 1 { "key is" } else { "keys are" });
        let message = format!(
            "{count} {are} not a meta tool Nango ships. Supported meta tools are {}.",
            NAMES.join(", ")
        );
        return Err(Refusal {
            code: "unknown_meta_tool",
            message,
            payload: json!({ "meta_tools": unknown }),
        });
    }
    let set = |name: &str, usual: bool| given.and_then(|g| g.get(name)?.as_bool()).unwrap_or(usual);
    Ok(MetaTools {
        nango_tool_search: set("nango_tool_search", true),
        nango_execute: set("nango_execute", true),
        // It reaches more than the tools of the session.
        nango_proxy: set("nango_proxy", false),
    })
}

/// `DELETE /sessions/{sessionId}`: a session that has ended stays as it ended.
pub(crate) fn delete(state: &mut State, call: &Call) -> HandlerResult {
    call.no_query()?;
    if matches!(&call.body, Body::Json(_)) {
        call.check_body(&NOTHING)?;
    }
    let id = call.param("sessionId", &UUID)?;
    let Some(session) = state.agent_sessions.iter_mut().find(|s| s.id.eq_ignore_ascii_case(id)) else {
        return Err(HttpResponse::error(404, "not_found", format!("Agent session '{id}' not found")));
    };
    if session.ended(call.now).is_none() {
        session.terminated = Some(call.now);
    }
    let (at, reason) = session.ended(call.now).unwrap_or((call.now, "terminated"));
    let mut w = Writer::new();
    w.open().key("data").open().key("session_id").text(&session.id);
    w.key("ended_at").text(&clock::iso_z(at)).key("reason").text(reason).close().close();
    Ok(HttpResponse::json(200, w.finish()))
}

#[cfg(test)]
mod tests {
    use super::{LONGEST_MS, life, life_problems};
    use serde_json::json;

    #[test]
    fn lives_are_from_a_minute_to_fifteen_days() {
        for (text, ms) in [("60s", 60_000), ("5m", 300_000), ("2h", 7_200_000), ("15d", LONGEST_MS)] {
            assert_eq!(life(text), Some(ms), "{text}");
            assert!(life_problems(&json!(text)).is_empty(), "{text}");
        }
        for text in ["", "5", "s", "5x", "0s", "05m", "1.5h", "-1d", "5 m", "5S", "5é"] {
            assert_eq!(life(text), None, "{text}");
            assert_eq!(life_problems(&json!(text)).len(), 3, "{text}");
        }
        let one = |text: &str| life_problems(&json!(text));
        assert_eq!(one("59s"), ["expires_in cannot be shorter than 60s"]);
        assert_eq!(one("1296001s"), ["expires_in cannot exceed 15d"]);
        assert_eq!(one("99999999999999999999999d"), ["expires_in cannot exceed 15d"]);
    }
}
