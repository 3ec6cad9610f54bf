//! A Cloudflare Worker in Rust: `GET /connections?user=ada` lists the connections of that user, through a
//! session. `worker.mjs` is the entry. A real Worker would know the user from the caller's sign-in.
//!
//! ```text
//! cargo build --release --target wasm32-unknown-unknown
//! wasm-bindgen ../target/wasm32-unknown-unknown/release/worker.wasm --target web --out-dir built
//! npx wrangler dev worker.mjs --var NANGO_SECRET_KEY:…
//! ```

use js_sys::{JSON, Math, Promise};
use nango_toolkit::call::{Call, Options};
use nango_toolkit::drive::drive;
use nango_toolkit::error::Error;
use nango_toolkit::fetch::{Fetch, spawn};
use nango_toolkit::http::{BaseUrl, Data};
use nango_toolkit::session::{Session, SessionOptions};
use serde_json::json;
use wasm_bindgen::prelude::*;
use web_sys::{Headers, Request, Response, ResponseInit, Url};

#[wasm_bindgen]
extern "C" {
    /// The variables and secrets of the Worker.
    pub type Env;
    #[wasm_bindgen(method, getter, js_name = NANGO_SECRET_KEY)]
    fn key(this: &Env) -> String;
    #[wasm_bindgen(method, getter, js_name = NANGO_HOST)]
    fn host(this: &Env) -> Option<String>;
}

/// Answers a request: `fetch` of the Worker, without its context.
#[wasm_bindgen]
pub fn handle(request: Request, env: Env) -> Promise {
    Promise::new(&mut |resolve, reject| {
        let (url, key, host) = (request.url(), env.key(), env.host());
        spawn(async move {
            let answered = match answer(&url, &key, host.as_deref()).await {
                Ok(body) => response(200, &body),
                Err((status, body)) => response(status, &body),
            };
            let _ = match answered {
                Ok(response) => resolve.call1(&JsValue::UNDEFINED, &response),
                Err(error) => reject.call1(&JsValue::UNDEFINED, &error),
            };
        });
    })
}

/// The body of the answer as JSON text; with a status, if it is a failure.
async fn answer(url: &str, key: &str, host: Option<&str>) -> Result<String, (u16, String)> {
    let url = Url::new(url).map_err(|_| not_found())?;
    let user = url.search_params().get("user").filter(|_| url.pathname() == "/connections");
    let user = user.ok_or_else(not_found)?;
    let base = BaseUrl::parse(host.unwrap_or(BaseUrl::CLOUD)).map_err(|error| failed(&error))?;
    let session = Session::new(SessionOptions { user, ..SessionOptions::default() });
    let session = Some(session.map_err(|error| failed(&error))?);
    let options = Options { base, session, ..Options::default() };
    let call = Call::new(options, "NANGO_CONNECTION_LIST_GET", json!({}), seed());
    let transport = Fetch::new(key);
    match drive(call, &transport).await.result {
        Ok(Data::Value(value)) => Ok(value.to_string()),
        // Ordinary data stays in JavaScript until it is read.
        Ok(_) => Ok(transport
            .take_data()
            .and_then(|data| JSON::stringify(&data).ok())
            .map_or_else(String::new, String::from)),
        Err(error) => Err(failed(&error)),
    }
}

fn not_found() -> (u16, String) {
    (404, json!({ "error": "ask for /connections?user=…" }).to_string())
}

/// The message of an error; secrets are already masked.
fn failed(error: &Error) -> (u16, String) {
    (502, json!({ "error": error.to_string() }).to_string())
}

fn response(status: u16, body: &str) -> Result<Response, JsValue> {
    let headers = Headers::new()?;
    headers.set("content-type", "application/json")?;
    let init = ResponseInit::new();
    init.set_status(status);
    init.set_headers(&headers);
    Response::new_with_opt_str_and_init(Some(body), &init)
}

/// The seed of a call's id and of the jitter of its retries.
fn seed() -> u64 {
    (Math::random() * 2f64.powi(53)) as u64
}
