//! Connections: listed, read, edited, deleted. Importing one is in [`super::import`], its metadata in
//! [`super::metadata`].

use serde_json::Value;

use super::end_users;
use crate::emulator::http::call::Call;
use crate::emulator::http::response::{HandlerResult, HttpResponse};
use crate::emulator::http::rules::{
    CONNECTION_ID, END_USER, INTEGRATION_KEY, ONE_CONNECTION, SHORT, TAGS, WEBHOOK_URL,
};
use crate::emulator::http::validate::{Key, Rule, number};
use crate::emulator::model::clock;
use crate::emulator::model::credentials::{self, Stale};
use crate::emulator::model::state::{Connection, Object, State, str_field};
use crate::json::Writer;

const LIST: Rule = Rule::Object {
    keys: &[
        Key::optional("connectionId", SHORT),
        Key::optional("search", SHORT),
        Key::optional("endUserId", SHORT),
        Key::optional("integrationId", Rule::Commas(&INTEGRATION_KEY)),
        Key::optional("endUserOrganizationId", SHORT),
        Key::optional("tags", TAGS),
        Key::optional("limit", Rule::Number { min: Some(1), max: Some(2000), whole: false }),
        Key::optional("page", Rule::Number { min: Some(0), max: None, whole: false }),
    ],
    strict: true,
};

/// Without a limit a page is this long.
const PAGE: usize = 10_000;

const GET: Rule = Rule::Object {
    keys: &[
        Key::required("provider_config_key", INTEGRATION_KEY),
        Key::optional("refresh_token", Rule::Switch),
        Key::optional("force_refresh", Rule::Switch),
        Key::optional("refresh_github_app_jwt_token", Rule::Switch),
    ],
    strict: true,
};

const EDIT: Rule = Rule::Object {
    keys: &[
        Key::optional("end_user", END_USER),
        Key::optional("tags", TAGS),
        Key::optional("webhook_url_override", WEBHOOK_URL),
    ],
    strict: true,
};

/// `GET /connections`
pub(crate) fn list(state: &mut State, call: &Call) -> HandlerResult {
    call.check_query(&LIST)?;
    let filter = Filter::read(call);
    let whole = |name: &str| call.query_str(name).and_then(number).map(|n| n as usize);
    let limit = whole("limit").unwrap_or(PAGE);
    let skip = whole("page").unwrap_or(0).saturating_mul(limit);
    let mut w = Writer::new();
    w.open().key("connections").open_array();
    let found = state.connections.iter().rev().filter(|c| filter.meets(state, c));
    for connection in found.skip(skip).take(limit) {
        w.open();
        write_summary(state, connection, &mut w);
        let created = clock::iso_micros(connection.created, connection.row as i64 * 7919);
        w.key("created").text(&created).close();
    }
    w.close_array().close();
    Ok(HttpResponse::json(200, w.finish()))
}

struct Filter<'a> {
    id: Option<&'a str>,
    search: Option<String>,
    user: Option<&'a str>,
    organization: Option<&'a str>,
    integrations: Option<Vec<&'a str>>,
    tags: Option<Object>,
}

impl<'a> Filter<'a> {
    fn read(call: &'a Call) -> Filter<'a> {
        Filter {
            id: call.query_str("connectionId"),
            search: call.query_str("search").map(str::to_lowercase),
            user: call.query_str("endUserId"),
            organization: call.query_str("endUserOrganizationId"),
            integrations: call.query_str("integrationId").map(|t| t.split(',').map(str::trim).collect()),
            tags: call.query.get("tags").and_then(Value::as_object).map(end_users::lower),
        }
    }

    fn meets(&self, state: &State, connection: &Connection) -> bool {
        let user = state.end_user(connection.end_user);
        let organization = user.and_then(|u| u.organization.as_ref());
        let found = |text: &str| self.search.as_ref().is_none_or(|s| contains(&text.to_lowercase(), s));
        let named = [user.and_then(|u| u.display_name.as_deref()), user.and_then(|u| u.email.as_deref())];
        self.id.is_none_or(|id| connection.id == id)
            && self.user.is_none_or(|id| user.is_some_and(|u| u.id == id))
            && self.organization.is_none_or(|id| organization.is_some_and(|o| o.id == id))
            && self.integrations.as_ref().is_none_or(|keys| keys.contains(&connection.integration.as_str()))
            && self.tags.as_ref().is_none_or(|t| t.iter().all(|(k, v)| connection.tags.get(k) == Some(v)))
            && (found(&connection.id) || named.into_iter().flatten().any(found))
    }
}

/// Whether `pattern` occurs in `text`, with the wildcards of SQL: `%` any text, `_` any character.
fn contains(text: &str, pattern: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let pattern: Vec<char> = pattern.chars().collect();
    // Positions of `text` that the pattern so far can end at.
    let mut ends: Vec<bool> = vec![true; text.len() + 1];
    for wanted in pattern {
        let mut next = vec![false; text.len() + 1];
        let mut any = false;
        for (i, end) in ends.iter().enumerate() {
            any |= *end;
            let at = if wanted == '%' { i } else { i + 1 };
            let fits = match wanted {
                '%' => any,
                '_' => *end,
                _ => *end && text.get(i) == Some(&wanted),
            };
            if let Some(slot) = next.get_mut(at).filter(|_| fits) {
                *slot = true;
            }
        }
        ends = next;
    }
    ends.contains(&true)
}

/// Writes the properties that every form of a connection has; the object stays open.
pub(crate) fn write_summary(state: &State, connection: &Connection, w: &mut Writer) {
    let provider = state.integration(&connection.integration).map_or("", |i| &i.provider.name);
    w.key("id").integer(connection.row as i64).key("connection_id").text(&connection.id);
    w.key("provider_config_key").text(&connection.integration).key("provider").text(provider);
    w.key("errors").open_array();
    for (kind, log) in &connection.errors {
        w.open().key("type").text(kind).key("log_id").text(log).close();
    }
    w.close_array().key("end_user");
    end_users::write(state.end_user(connection.end_user), w);
    w.key("tags");
    end_users::write_object(&connection.tags, w);
    w.key("metadata").value(&connection.metadata);
}

/// Writes a connection in full, with these credentials and this way of writing times.
pub(crate) fn write_full(
    state: &State,
    connection: &Connection,
    credentials: &Value,
    config: &Value,
    time: fn(i64) -> String,
) -> String {
    let mut w = Writer::new();
    w.open();
    write_summary(state, connection, &mut w);
    w.key("connection_config").value(config).key("webhook_url_override");
    end_users::write_optional(connection.webhook_url.as_deref(), &mut w);
    w.key("created_at").text(&time(connection.created));
    w.key("updated_at").text(&time(connection.updated)).key("last_fetched_at");
    end_users::write_optional(connection.last_fetched.map(time).as_deref(), &mut w);
    w.key("credentials").value(credentials).close();
    w.finish()
}

fn unknown_integration() -> HttpResponse {
    HttpResponse::error(400, "unknown_provider_config", "Provider does not exists")
}

fn unknown_connection() -> HttpResponse {
    HttpResponse::error(404, "not_found", "Failed to find connection")
}

/// `GET /connections/{connectionId}`
pub(crate) fn get(state: &mut State, call: &Call) -> HandlerResult {
    call.check_query(&GET)?;
    let id = call.param("connectionId", &CONNECTION_ID)?;
    let key = call.query_str("provider_config_key").unwrap_or_default();
    let (force, app) =
        (call.query_switch("force_refresh"), call.query_switch("refresh_github_app_jwt_token"));
    let with_refresh_token = call.query_switch("refresh_token");
    let secrets = call.principal.has("environment:connections:read_credentials");
    if !secrets && (force || app || with_refresh_token) {
        let message =
            "Credential and refresh options require the environment:connections:read_credentials scope";
        return Err(HttpResponse::error(403, "forbidden", message));
    }
    let provider = state.integration(key).ok_or_else(unknown_integration)?.provider;
    let mut connection = state.connection(id, key).ok_or_else(unknown_connection)?.clone();
    if secrets {
        // Only an App has its own token; other connections are unchanged.
        let force = force || (app && matches!(str_field(&connection.credentials, "type"), "APP" | "CUSTOM"));
        let fresh = credentials::freshen(&mut connection, provider, force, &mut state.ids, call.now);
        if let Err(stale) = fresh {
            let response = refused(state, &connection, stale);
            if stale == Stale::Rejected {
                connection.updated = call.now;
            }
            connection.last_fetched = Some(call.now);
            state.replace_connection(connection);
            return Err(response);
        }
        connection.last_fetched = Some(call.now);
    }
    let shown = if secrets {
        credentials::show(&connection, with_refresh_token)
    } else {
        Value::Object(Object::new())
    };
    let mut config = Value::Object(connection.config.clone());
    if !with_refresh_token {
        credentials::strip_refresh_tokens(&mut config);
    }
    let body = write_full(state, &connection, &shown, &config, clock::iso_offset);
    if secrets {
        state.replace_connection(connection);
    }
    Ok(HttpResponse::json(200, body))
}

/// The response to a read whose refresh failed: the connection, without credentials.
fn refused(state: &State, connection: &Connection, stale: Stale) -> HttpResponse {
    let mut config = Value::Object(connection.config.clone());
    credentials::strip_refresh_tokens(&mut config);
    let nothing = Value::Object(Object::new());
    let connection = write_full(state, connection, &nothing, &config, clock::iso_offset);
    let payload = format!("{{\"connection\":{connection}}}");
    HttpResponse::with_payload(status_of(stale), "invalid_credentials", stale.message(), &payload)
}

/// The status of a response without fresh credentials.
pub(crate) fn status_of(stale: Stale) -> u16 {
    if stale == Stale::Rejected { 400 } else { 424 }
}

/// `PATCH /connections/{connectionId}`
pub(crate) fn edit(state: &mut State, call: &Call) -> HandlerResult {
    call.check_query(&ONE_CONNECTION)?;
    let body = call.check_body(&EDIT)?;
    let id = call.param("connectionId", &CONNECTION_ID)?;
    let key = call.query_str("provider_config_key").unwrap_or_default();
    state.integration(key).ok_or_else(unknown_integration)?;
    let mut connection = state.connection(id, key).ok_or_else(unknown_connection)?.clone();
    // The end user changes even if the tags are refused afterwards.
    let user = end_users::read(body);
    if let Some(user) = &user {
        connection.end_user = Some(state.relink_end_user(connection.end_user, user.clone()));
        if let Some(stored) = state.connection_mut(id, key) {
            stored.end_user = connection.end_user;
        }
    }
    let tags = body.get("tags").and_then(Value::as_object);
    if tags.is_some() || user.is_some() {
        connection.tags = end_users::tags(tags, user.as_ref())?;
    }
    if let Some(url) = body.get("webhook_url_override").and_then(Value::as_str) {
        connection.webhook_url = Some(url.to_owned()).filter(|u| !u.is_empty());
    }
    state.replace_connection(connection);
    Ok(HttpResponse::success())
}

/// `DELETE /connections/{connectionId}`
pub(crate) fn delete(state: &mut State, call: &Call) -> HandlerResult {
    let id = call.param("connectionId", &CONNECTION_ID)?;
    call.check_query(&ONE_CONNECTION)?;
    let key = call.query_str("provider_config_key").unwrap_or_default();
    let Some(row) = state.connection(id, key).map(|c| c.row) else {
        return Err(HttpResponse::code(400, "unknown_connection"));
    };
    state.connections.retain(|c| c.row != row);
    state.syncs.retain(|s| s.connection != row);
    Ok(HttpResponse::success())
}

#[cfg(test)]
mod tests {
    use super::contains;

    #[test]
    fn search_takes_sql_wildcards() {
        assert!(contains("hubspot-ada", "spot-"));
        assert!(contains("hubspot-ada", "h%ada") && contains("hubspot-ada", "s_ot"));
        assert!(!contains("hubspot-ada", "sp_t-x") && !contains("hubspot-ada", "ada%hub"));
        assert!(contains("", "%"));
    }
}
