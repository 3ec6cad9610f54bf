//! A page that lists the connections of a Nango environment, in Rust. It is meant for the emulator or a server of your
//! own: everybody who opens the page can read its key.
//!
//! ```text
//! cargo build --release --target wasm32-unknown-unknown
//! wasm-bindgen ../target/wasm32-unknown-unknown/release/wasm_app.wasm --target web --out-dir built
//! npx nango-toolkit emulate
//! ```
//!
//! Then serve this folder and open `index.html`.

use js_sys::Math;
use nango_toolkit::call::{Call, Options};
use nango_toolkit::drive::drive;
use nango_toolkit::fetch::{Fetch, spawn};
use nango_toolkit::http::{BaseUrl, Data};
use serde::Deserialize;
use serde_json::json;
use wasm_bindgen::prelude::*;
use web_sys::{Element, window};

/// The fields of the answer that are shown.
#[derive(Deserialize)]
struct Answer {
    connections: Vec<Connection>,
}

#[derive(Deserialize)]
struct Connection {
    connection_id: String,
    provider: String,
}

/// Fills `list` with the connections, or with one line that says why there are none.
///
/// # Errors
/// `base_url` is not the URL of a server.
#[wasm_bindgen(js_name = showConnections)]
pub fn show_connections(base_url: &str, key: &str, list: Element) -> Result<(), JsError> {
    let base = BaseUrl::parse(base_url).map_err(|error| JsError::new(&error.to_string()))?;
    let options = Options { base, ..Options::default() };
    let call = Call::new(options, "NANGO_CONNECTION_LIST_GET", json!({ "limit": 50 }), seed());
    let transport = Fetch::new(key);
    spawn(async move {
        let outcome = drive(call, &transport).await;
        let lines = match outcome.result {
            Ok(data) => lines(data, &transport),
            Err(error) => vec![error.to_string()],
        };
        show(&list, &lines);
    });
    Ok(())
}

/// One line for each connection.
fn lines(data: Data, transport: &Fetch) -> Vec<String> {
    let answer = match data {
        Data::Value(value) => serde_json::from_value(value).map_err(|error| error.to_string()),
        // Ordinary data stays in JavaScript until it is read.
        _ => {
            let value = transport.take_data().unwrap_or_default();
            serde_wasm_bindgen::from_value(value).map_err(|error| error.to_string())
        }
    };
    match answer {
        Ok(Answer { connections }) => {
            connections.iter().map(|one| format!("{} ({})", one.connection_id, one.provider)).collect()
        }
        Err(error) => vec![error],
    }
}

/// As text: data from a server is never inserted as markup.
fn show(list: &Element, lines: &[String]) {
    list.set_text_content(None);
    let Some(document) = window().and_then(|window| window.document()) else { return };
    for line in lines {
        if let Ok(item) = document.create_element("li") {
            item.set_text_content(Some(line));
            let _ = list.append_child(&item);
        }
    }
}

/// The seed of a call's id and of the jitter of its retries.
fn seed() -> u64 {
    (Math::random() * 2f64.powi(53)) as u64
}
