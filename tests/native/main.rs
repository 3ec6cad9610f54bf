//! What runs natively alone. One program, so that it is linked once; a module of a name is run by
//! `cargo test --test native NAME`.
#![cfg(not(target_family = "wasm"))]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

#[path = "../common/mod.rs"]
mod common;

#[cfg(feature = "emulator")]
mod approval;
#[cfg(feature = "emulator")]
mod audit;
mod bounds;
mod call;
mod call_retries;
mod check;
mod check_rules;
mod debug;
mod digits;
mod docs;
mod drive;
#[cfg(feature = "emulator")]
mod emulator;
mod exact;
mod forms;
mod hints;
mod keys;
mod layers;
#[cfg(feature = "emulator")]
mod mcp;
mod mcp_view;
mod modify;
#[cfg(feature = "emulator")]
mod names;
mod options;
#[cfg(feature = "emulator")]
mod paging;
mod provider;
mod recordings;
mod repair;
mod requests;
#[cfg(feature = "emulator")]
mod results;
mod safety;
mod safety_hosts;
mod schemas;
mod search;
#[cfg(feature = "emulator")]
mod session;
#[cfg(feature = "emulator")]
mod session_policy;
#[cfg(feature = "emulator")]
mod start;
mod stats;
mod stored_text;
mod table;
mod table_contract;
mod table_recordings;
