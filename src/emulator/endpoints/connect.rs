//! Connect sessions: made, read, revoked, and what the end user does with one.

use serde_json::Value;

use super::{end_users, webhooks};
use crate::emulator::http::auth::Principal;
use crate::emulator::http::call::Call;
use crate::emulator::http::request::Body;
use crate::emulator::http::response::{HandlerResult, HttpResponse};
use crate::emulator::http::rules::{
    CONNECTION_ID, DEFAULTS, END_USER, INTEGRATION_KEY, ORGANIZATION, OVERRIDES, TAGS, WEBHOOK_URL,
};
use crate::emulator::http::validate::{Issue, Key, NOTHING, Rule};
use crate::emulator::model::clock;
use crate::emulator::model::credentials;
use crate::emulator::model::state::{
    Connection, EndUser, Object, Organization, Refresh, Session, State, str_field,
};
use crate::error::{Error, ErrorKind};
use crate::json::Writer;

/// How long a session lives.
const LIFE_MS: i64 = 30 * 60_000;

const ALLOWED: Rule = Rule::Array { of: &INTEGRATION_KEY, max: None };

/// A session's body; the end user is optional only if there are tags.
const fn create_keys(end_user: Key) -> [Key; 7] {
    [
        end_user,
        Key::optional("organization", ORGANIZATION),
        Key::optional("allowed_integrations", ALLOWED),
        Key::optional("integrations_config_defaults", DEFAULTS),
        Key::optional("overrides", OVERRIDES),
        Key::optional("webhook_url_override", WEBHOOK_URL),
        Key::optional("tags", TAGS),
    ]
}
const CREATE: Rule = Rule::Object { keys: &create_keys(Key::required("end_user", END_USER)), strict: true };
const CREATE_TAGGED: Rule =
    Rule::Object { keys: &create_keys(Key::optional("end_user", END_USER)), strict: true };

const RECONNECT: Rule = Rule::Object {
    keys: &[
        Key::required("connection_id", CONNECTION_ID),
        Key::required("integration_id", INTEGRATION_KEY),
        Key::optional("end_user", END_USER),
        Key::optional("organization", ORGANIZATION),
        Key::optional("integrations_config_defaults", DEFAULTS),
        Key::optional("overrides", OVERRIDES),
        Key::optional("webhook_url_override", WEBHOOK_URL),
        Key::optional("tags", TAGS),
    ],
    strict: true,
};

/// `POST /connect/sessions`
pub(crate) fn create(state: &mut State, call: &Call) -> HandlerResult {
    call.no_query()?;
    let tagged = matches!(&call.body, Body::Json(body) if body.get("tags").is_some());
    let body = call.check_body(if tagged { &CREATE_TAGGED } else { &CREATE })?;
    let allowed = body
        .get("allowed_integrations")
        .and_then(Value::as_array)
        .map(|keys| keys.iter().filter_map(Value::as_str).map(str::to_owned).collect::<Vec<String>>());
    known(state, "allowed_integrations", allowed.iter().flatten().map(String::as_str).enumerate())?;
    let session = begin(state, body, call.now)?;
    Ok(open(state, Session { allowed, ..session }))
}

/// `POST /connect/sessions/reconnect`
pub(crate) fn reconnect(state: &mut State, call: &Call) -> HandlerResult {
    call.no_query()?;
    let body = call.check_body(&RECONNECT)?;
    let (id, key) = (str_field(body, "connection_id"), str_field(body, "integration_id"));
    let Some(row) = state.connection(id, key).map(|c| c.row) else {
        return Err(HttpResponse::error(
            400,
            "invalid_body",
            "ConnectionID or IntegrationId does not exists",
        ));
    };
    let session = begin(state, body, call.now)?;
    Ok(open(state, Session { allowed: Some(vec![key.to_owned()]), reconnects: Some(row), ..session }))
}

/// Refuses keys that name no integration.
fn known<'a, P: ToString>(
    state: &State,
    field: &str,
    keys: impl Iterator<Item = (P, &'a str)>,
) -> Result<(), HttpResponse> {
    let unknown = keys.filter(|(_, key)| state.integration(key).is_none());
    let issues: Vec<Issue> = unknown
        .map(|(place, _)| Issue {
            code: "custom",
            message: "Integration does not exist".into(),
            path: vec![field.to_owned(), place.to_string()],
        })
        .collect();
    if issues.is_empty() { Ok(()) } else { Err(HttpResponse::issues("invalid_body", &issues)) }
}

/// The part of the body that both kinds of sessions have.
fn begin(state: &mut State, body: &Object, now: i64) -> Result<Session, HttpResponse> {
    for field in ["integrations_config_defaults", "overrides"] {
        let map = body.get(field).and_then(Value::as_object);
        known(state, field, map.into_iter().flatten().map(|(key, _)| (key, key.as_str())))?;
    }
    let overrides = body.get("overrides").and_then(Value::as_object);
    if overrides.is_some_and(|map| map.values().any(|o| o.get("docs_connect").is_some())) {
        let message = "You are not allowed to override the docs connect url";
        return Err(HttpResponse::error(403, "forbidden", message));
    }
    let end_user = end_users::read(body);
    let tags = end_users::tags(body.get("tags").and_then(Value::as_object), end_user.as_ref())?;
    Ok(Session {
        token: format!("nango_connect_session_{}", state.ids.hex32()),
        expires: now + LIFE_MS,
        end_user,
        tags,
        allowed: None,
        defaults: body.get("integrations_config_defaults").cloned(),
        webhook_url: Some(str_field(body, "webhook_url_override").to_owned()).filter(|u| !u.is_empty()),
        reconnects: None,
    })
}

fn open(state: &mut State, session: Session) -> HttpResponse {
    let mut w = Writer::new();
    w.open().key("data").open().key("token").text(&session.token);
    w.key("connect_link").text(&format!("http://localhost:3009/?session_token={}", session.token));
    w.key("expires_at").text(&clock::iso_z(session.expires)).close().close();
    let made = session.expires - LIFE_MS;
    state.sessions.retain(|s| s.expires > made);
    state.sessions.push(session);
    HttpResponse::json(201, w.finish())
}

fn of_caller<'a>(state: &'a State, call: &Call) -> Option<&'a Session> {
    match &call.principal {
        Principal::Session(token) => state.session(token, call.now),
        _ => None,
    }
}

fn no_input(call: &Call) -> Result<(), HttpResponse> {
    call.no_query()?;
    if matches!(call.body, Body::Json(_)) {
        call.check_body(&NOTHING)?;
    }
    Ok(())
}

/// `GET /connect/session`
pub(crate) fn get(state: &mut State, call: &Call) -> HandlerResult {
    no_input(call)?;
    let Some(session) = of_caller(state, call) else {
        return Err(HttpResponse::error(404, "not_found", "End user not found"));
    };
    let linked = session.reconnects.and_then(|row| state.connections.iter().find(|c| c.row == row));
    let user = session.end_user.as_ref().or_else(|| state.end_user(linked?.end_user));
    let from_tags = tagged_user(&session.tags);
    let mut w = Writer::new();
    w.open().key("data").open().key("endUser");
    end_users::write(user.or(from_tags.as_ref()), &mut w);
    w.key("connectUISettings").raw(
        r##"{"showWatermark":true,"defaultTheme":"system","theme":{"light":{"primary":"#00B2E3"},"dark":{"primary":"#00B2E3"}}}"##,
    );
    if let Some(allowed) = &session.allowed {
        w.key("allowed_integrations").open_array();
        for key in allowed {
            w.text(key);
        }
        w.close_array();
    }
    if let Some(defaults) = &session.defaults {
        w.key("integrations_config_defaults").value(defaults);
    }
    if session.reconnects.is_some() {
        w.key("isReconnecting").boolean(true);
    }
    w.key("websocketsPath").text("/").close().close();
    Ok(HttpResponse::json(200, w.finish()))
}

/// The end user that a session's tags describe.
fn tagged_user(tags: &Object) -> Option<EndUser> {
    let tag = |name: &str| tags.get(name).and_then(Value::as_str).map(str::to_owned);
    Some(EndUser {
        row: 0,
        id: tag("end_user_id")?,
        email: tag("end_user_email"),
        display_name: tag("end_user_display_name"),
        tags: None,
        organization: tag("organization_id")
            .map(|id| Organization { id, display_name: tag("organization_display_name") }),
    })
}

/// `DELETE /connect/session`
pub(crate) fn delete(state: &mut State, call: &Call) -> HandlerResult {
    no_input(call)?;
    if let Principal::Session(token) = &call.principal {
        state.sessions.retain(|s| s.token != *token);
    }
    Ok(HttpResponse::new(204, ""))
}

/// What the end user does in the Connect UI: a connection made, or re-authorised.
pub(crate) fn complete(state: &mut State, token: &str, key: &str, now: i64) -> Result<String, Error> {
    let Some(session) = state.session(token, now).cloned() else {
        let message = "the connect session is unknown, or older than 30 minutes";
        return Err(Error::new(ErrorKind::Unauthorized, message).code("unknown_connect_session_token"));
    };
    let Some(provider) = state.integration(key).map(|i| i.provider) else {
        return Err(Error::new(ErrorKind::NotFound, format!("there is no integration `{key}`")));
    };
    if session.allowed.as_ref().is_some_and(|keys| !keys.is_empty() && !keys.iter().any(|k| k == key)) {
        return Err(Error::new(
            ErrorKind::Denied,
            format!("this session does not allow integration `{key}`"),
        ));
    }
    let end_user = session.end_user.clone().map(|user| state.upsert_end_user(user));
    let old = session.reconnects.and_then(|row| state.connections.iter().find(|c| c.row == row).cloned());
    let id = old.as_ref().map_or_else(|| state.ids.uuid(), |c| c.id.clone());
    let (stored, expires) = credentials::authorised(provider, &id, &mut state.ids, now);
    if let Some(mut connection) = old {
        connection.credentials = stored;
        connection.expires = expires;
        connection.errors.retain(|(kind, _)| kind != "auth");
        connection.refresh = Refresh::default();
        connection.updated = now;
        connection.last_fetched = Some(now);
        connection.end_user = end_user.or(connection.end_user);
        connection.tags.extend(session.tags);
        webhooks::authorised(state, &connection, true, session.end_user.as_ref(), now);
        state.replace_connection(connection);
        return Ok(id);
    }
    let defaults = session.defaults.as_ref().and_then(|d| d.get(key)?.get("connection_config"));
    let row = state.row();
    let connection = Connection {
        row,
        id: id.clone(),
        integration: key.to_owned(),
        end_user,
        tags: session.tags,
        metadata: Value::Object(Object::new()),
        config: defaults.and_then(Value::as_object).cloned().unwrap_or_default(),
        credentials: stored,
        expires,
        webhook_url: session.webhook_url,
        created: now,
        updated: now,
        last_fetched: Some(now),
        errors: Vec::new(),
        refresh: Refresh::default(),
    };
    webhooks::authorised(state, &connection, false, session.end_user.as_ref(), now);
    state.connections.push(connection);
    state.create_syncs(row, key, now);
    Ok(id)
}
