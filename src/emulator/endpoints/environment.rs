//! Settings of the environment, and the endpoints about the server itself.

use crate::emulator::http::call::Call;
use crate::emulator::http::request::Body;
use crate::emulator::http::response::{HandlerResult, HttpResponse};
use crate::emulator::http::validate::NOTHING;
use crate::emulator::model::state::State;
use crate::json::Writer;

/// `GET /environment-variables`
pub(crate) fn variables(state: &mut State, call: &Call) -> HandlerResult {
    call.no_query()?;
    if matches!(call.body, Body::Json(_)) {
        call.check_body(&NOTHING)?;
    }
    let mut w = Writer::new();
    w.open_array();
    for (name, value) in &state.variables {
        w.open().key("name").text(name).key("value").text(value).close();
    }
    w.close_array();
    Ok(HttpResponse::json(200, w.finish()))
}

/// `POST /environment/webhook-signing-key/rotate`: the new key signs at once. A body is not looked at.
pub(crate) fn rotate_signing_key(state: &mut State, call: &Call) -> HandlerResult {
    call.no_query()?;
    let key = state.ids.uuid();
    let mut w = Writer::new();
    w.open().key("data").open().key("webhook_signing_key").text(&key).close().close();
    state.signing_key = Some(key);
    Ok(HttpResponse::json(200, w.finish()))
}

/// `GET /health`
pub(crate) fn health(_state: &mut State, _call: &Call) -> HandlerResult {
    Ok(HttpResponse::json(200, r#"{"result":"ok"}"#))
}
