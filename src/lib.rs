//! Nango's API as tools for AI agents: typed, validated, policy-checked, audited. A core without
//! I/O, clock, randomness or `async`; a host provides those.
//!
//! # Bird's eye
//!
//! A [`tool::Tool`] is `const` data: name, description for a model, arguments and where each is sent,
//! effect, scopes, the form of the answer and where it contains secrets. Everything else follows from
//! the table: JSON Schemas, validation, requests, TypeScript types, docs/tools.md, the emulator's
//! routes, masking, what may be retried.
//!
//! ```text
//! args (JSON) -> schema::check -> policy -> http::build -> [transport] -> http::decode -> Outcome
//!                 all issues      reasons    Request        retry, wait    error or data,
//!                                                                          secrets masked
//! ```
//!
//! [`call::Call`] is that line as a state machine, and the only way to run a tool. A
//! driver polls it and does what it asks for. [`drive::drive`] is that driver for any HTTP client that implements
//! [`drive::Transport`]; by hand it looks like this:
//!
//! ```
//! use nango_toolkit::call::{Ask, Call, Options, Poll};
//! use nango_toolkit::http::{Data, Response};
//! use serde_json::json;
//!
//! let args = json!({ "search": "hubspot" });
//! let mut call = Call::new(Options::default(), "NANGO_PROVIDERS_LIST_GET", args, 42);
//! let (mut now, key) = (0, "7b0c9f6e-4a55-4b8e-9d6a-2f1f0f6f5c11");
//! let outcome = loop {
//!     match call.poll(now) {
//!         Poll::Ask(Ask::Key) => call.handle_key(Ok(key), now),
//!         Poll::Ask(_) => call.cancel(now), // questions of later versions
//!         Poll::Send { request, .. } => {
//!             assert_eq!(request.url, "https://api.nango.dev/providers?search=hubspot");
//!             // Here your own HTTP client sends the request.
//!             let headers = vec![("content-type".into(), "application/json".into())];
//!             let body = r#"{ "data": [] }"#.into();
//!             call.handle_response(&Response { status: 200, headers, body }, now);
//!         }
//!         Poll::Wait(until) => now = until,
//!         Poll::Done(outcome) => break outcome,
//!     }
//! };
//! assert_eq!(outcome.result, Ok(Data::Value(json!({ "data": [] }))));
//! ```
//!
//! # Code map
//!
//! | module | what lives there |
//! |---|---|
//! | [`tool`], [`tools`] | what a tool is; the tools, one file per domain |
//! | [`schema`] | table -> JSON Schema (for validation, models and providers); JSON -> checked arguments |
//! | [`http`] | checked arguments -> request; response -> data or error; masking |
//! | [`policy`], [`audit`] | may this run, and why not; what ran, as event values |
//! | [`paging`] | how the pages of a list follow each other |
//! | [`session`] | one user's view: who owns connections, which arguments are set for the user |
//! | [`call`] | the state machine |
//! | [`drive`] | trait `Transport` and the one loop around a call, for any runtime |
//! | [`stats`] | how often calls succeed and how long they take, from the events |
//! | [`modify`] | tools as an operator wants agents to see them |
//! | [`search`] | tools for a request in natural language |
//! | [`options`] | how calls are made, read from JSON text |
//! | [`mcp`] | the Model Context Protocol: messages in, calls and replies out |
//! | `settings` | the strict reader of all options: reports all mistakes together |
//! | [`error`], [`json`], `nearest`, `url`, `text`, `random` | used by all of them |
//! | `emulator` (feature) | an in-memory Nango: a separate program that uses only the table |
//! | `wit` (feature `component`) | the same core as a WebAssembly component, for hosts in any language |
//! | `fetch` (feature) | a transport over the `fetch` of browsers, Workers, Node, Bun and Deno |
//! | `js` (feature) | typed exports for JavaScript; those of `emulator` (feature `js-emulator`) are a separate module |
//!
//! A crate of its own drives [`mcp`] and [`call`] as a component for `wasi:http`: `crates/mcp-component`.
//!
//! A module uses only modules above it in that order (`emulator` only `tool`, `tools` and the last
//! row); a test reads the sources and fails on anything else.
//!
//! # Invariants
//!
//! * Only `js` and `wit` read a clock, generate random numbers or do I/O; only [`drive`] is `async`.
//! * Nothing that an agent, an argument or an answer contains can cause a panic.
//! * A secret is returned only in data, and only if the caller asked for it by name; errors, events
//!   and previews never contain one.
//! * The API key is sent only in the `Authorization` header and only to the configured origin.
//! * Adding a tool touches one file, and its handler in the emulator another.
// Only the generated bindings of the component contain `unsafe`.
#![cfg_attr(not(feature = "component"), forbid(unsafe_code))]
#![cfg_attr(feature = "component", deny(unsafe_code))]
#![warn(missing_docs)]

pub mod audit;
pub mod call;
pub mod drive;
#[cfg(feature = "emulator")]
pub mod emulator;
pub mod error;
#[cfg(feature = "fetch")]
pub mod fetch;
pub mod http;
#[cfg(feature = "js")]
pub mod js;
pub mod json;
pub mod mcp;
pub mod modify;
mod nearest;
pub mod options;
pub mod paging;
pub mod policy;
mod random;
pub mod schema;
pub mod search;
pub mod session;
mod settings;
pub mod stats;
mod text;
pub mod tool;
pub mod tools;
pub mod url;
#[cfg(feature = "component")]
pub mod wit;
