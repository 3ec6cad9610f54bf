//! An MCP server as a WebAssembly component for the world `wasi:http/proxy`: requests of MCP clients come in,
//! requests to Nango go out by the host. What messages mean, which tools there are and how one runs is in the
//! crate `nango-toolkit`; here is what drives it. How it is set up is in `docs/component.md`.
//!
//! | module | what lives there |
//! |---|---|
//! | `settings` | the environment, read once |
//! | `endpoint` | a request to its answer: where, from where, who, which tools, what |
//! | `callers` | who calls: tokens, and the sessions of users that they stand for |
//! | `token` | session tokens, as `session.token()` of the npm package signs them |
//! | `approval` | what confirms a call that waits for approval |
//! | `problem` | errors in words for the operator |
//! | `run` | one run of one tool, with the host's HTTP client, clock and random numbers |
//! | `wire` | `wasi:http` in values: bodies read and written, requests sent |

mod approval;
mod callers;
mod endpoint;
mod problem;
mod run;
mod settings;
mod token;
mod wire;

use wasip2::exports::http::incoming_handler::Guest;
use wasip2::http::types::{IncomingRequest, ResponseOutparam};

struct Component;

wasip2::http::proxy::export!(Component);

impl Guest for Component {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let answer = endpoint::answer(&wire::Incoming::new(&request));
        wire::respond(out, &answer);
    }
}
