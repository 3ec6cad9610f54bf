//! An MCP server as a WebAssembly component for the world `wasi:http/proxy`: requests of MCP clients come in,
//! requests to Nango are sent by the host. What messages mean, which tools there are and how one runs is in the
//! crate `nango-toolkit`; this crate drives it. Its configuration is described in `docs/component.md`.
//!
//! | module | what lives there |
//! |---|---|
//! | `settings` | the environment, read once |
//! | `endpoint` | a request to its response: path, origin, caller, selection, message |
//! | `callers` | callers: tokens, and the sessions of users that they stand for |
//! | `token` | session tokens, as `session.token()` of the npm package signs them |
//! | `approval` | tokens that confirm a call |
//! | `problem` | error messages for the operator |
//! | `run` | one run of one tool, with the host's HTTP client, clock and random numbers |
//! | `wire` | `wasi:http`: bodies read and written, requests sent |

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
