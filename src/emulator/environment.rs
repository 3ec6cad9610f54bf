//! Settings of the environment, and the endpoints about the server itself.

use super::answer::{Answer, Handled};
use super::call::{Body, Call};
use super::state::State;
use super::validate::NOTHING;
use crate::json::Writer;

/// `GET /environment-variables`
pub(super) fn variables(state: &mut State, call: &Call) -> Handled {
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
    Ok(Answer::json(200, w.finish()))
}

/// `GET /health`
pub(super) fn health(_state: &mut State, _call: &Call) -> Handled {
    Ok(Answer::json(200, r#"{"result":"ok"}"#))
}
