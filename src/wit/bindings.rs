//! The code that wit-bindgen generates from `toolkit.wit`: its types and the calling convention.
#![allow(
    missing_docs,
    unreachable_pub,
    unsafe_code,
    clippy::all,
    clippy::restriction,
    reason = "it is generated"
)]

wit_bindgen::generate!({
    path: "src/wit",
    world: "toolkit",
    // There are no constructors to run: everything is created on first use.
    disable_run_ctors_once_workaround: true,
});

use super::Component;
export!(Component with_types_in self);
