//! The exports to JavaScript and the transport, as the host sees them: run in Node and, headless, in Chromium
//! by wasm-bindgen-test-runner. What users see on top of it is tested in `tests/runtimes`.
#![cfg(target_family = "wasm")]
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod host;
mod pure;
mod transport;
