//! The JavaScript face and the transport, as the host sees them: run by wasm-bindgen-test-runner in Node and
//! in headless Chromium. What users see on top of it is tested in `tests/runtimes`.
#![cfg(target_family = "wasm")]
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod host;
mod pure;
mod transport;
