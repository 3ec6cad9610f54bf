//! Custom metadata of connections: replaced or merged, for one connection or several at once.

use serde_json::Value;

use super::end_users::write_object;
use crate::emulator::http::call::Call;
use crate::emulator::http::response::{HandlerResult, HttpResponse};
use crate::emulator::http::rules::{CONNECTION_ID, INTEGRATION_KEY, RECORD};
use crate::emulator::http::validate::{Key, Rule};
use crate::emulator::model::state::{Object, State, str_field};
use crate::json::Writer;

const BODY: Rule = Rule::Object {
    keys: &[
        Key::required(
            "connection_id",
            Rule::Union(&[CONNECTION_ID, Rule::Array { of: &CONNECTION_ID, max: None }], "Invalid input"),
        ),
        Key::required("provider_config_key", INTEGRATION_KEY),
        Key::required("metadata", RECORD),
    ],
    strict: true,
};

/// `POST /connections/metadata`
pub(crate) fn set(state: &mut State, call: &Call) -> HandlerResult {
    change(state, call, 201, |_, new| new.clone())
}

/// `PATCH /connections/metadata`
pub(crate) fn merge(state: &mut State, call: &Call) -> HandlerResult {
    change(state, call, 200, |old, new| {
        let mut merged = old.as_object().cloned().unwrap_or_default();
        merged.extend(new.clone());
        merged
    })
}

fn change(state: &mut State, call: &Call, status: u16, join: fn(&Value, &Object) -> Object) -> HandlerResult {
    call.no_query()?;
    let body = call.check_body(&BODY)?;
    let key = str_field(body, "provider_config_key");
    let mut echo = Writer::new();
    write_object(body, &mut echo);
    let ids: Vec<&str> = match body.get("connection_id") {
        Some(Value::Array(ids)) => ids.iter().filter_map(Value::as_str).collect(),
        Some(Value::String(id)) => vec![id],
        _ => Vec::new(),
    };
    // All or nothing: every connection is looked up before the first is changed.
    if let Some(unknown) = ids.iter().find(|id| state.connection(id, key).is_none()) {
        let mut message = format!(
            "Connection with connection id {unknown} and provider config key {key} not found. Please make \
             sure the connection exists in the Nango dashboard"
        );
        if ids.len() > 1 {
            message
                .push_str(". No actions were taken on any of the connections as a result of this failure.");
        }
        return Err(HttpResponse::error(404, "unknown_connection", message));
    }
    let empty = Object::new();
    let new = body.get("metadata").and_then(Value::as_object).unwrap_or(&empty);
    for id in ids {
        if let Some(connection) = state.connection_mut(id, key) {
            connection.metadata = Value::Object(join(&connection.metadata, new));
        }
    }
    Ok(HttpResponse::json(status, echo.finish()))
}
