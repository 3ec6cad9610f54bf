//! What runs natively and, with fewer cases, as WebAssembly. One program, so that it is linked once.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

#[path = "../common/mod.rs"]
mod common;

#[cfg(feature = "emulator")]
mod isolation;
mod leaks;
mod masking;
mod policy;
mod policy_read;
mod properties;
#[cfg(feature = "emulator")]
mod properties_emulator;
#[cfg(feature = "emulator")]
mod properties_records;
mod secrets;
