//! What wit-bindgen makes of `toolkit.wit`: its types, and the way across the boundary.
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
    // There is no constructor to run: nothing here is made before it is asked for.
    disable_run_ctors_once_workaround: true,
});

use super::Component;
export!(Component with_types_in self);
