//! Nango's API as tools for AI agents.
#![warn(missing_docs)]

pub mod audit;
pub mod call;
#[cfg(feature = "emulator")]
pub mod emulator;
pub mod error;
pub mod http;
#[cfg(feature = "js")]
pub mod js;
pub mod json;
pub mod nearest;
pub mod policy;
pub mod schema;
mod text;
pub mod tool;
pub mod tools;
pub mod url;

/// The README's Rust example is compiled as a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
