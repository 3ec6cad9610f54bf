//! The Model Context Protocol, sans I/O: what a server answers, in both eras of the protocol, over HTTP
//! and over stdio. It knows messages, not tools: those are run by [`crate::call`], and what fills the
//! answers (the list of tools, the server's name) is given by a [`Server`] or by the host.
//!
//! A message goes in two steps. [`read`] gives the reply, or a [`Call`] that a driver runs and
//! [`finish`] turns into the reply:
//!
//! ```
//! use nango_toolkit::mcp::{Facts, Server, Step};
//!
//! let server = Server::new("nango", "1.0.0", nango_toolkit::tools::all());
//! let message = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"NANGO_LIST_INTEGRATIONS"}}"#;
//! let Step::Call(call) = server.read(&Facts::stdio(), message) else { panic!("it is a call") };
//! assert_eq!((call.name.as_str(), call.arguments.as_str()), ("NANGO_LIST_INTEGRATIONS", "{}"));
//! // Here `call::Call` runs it, and gives an outcome.
//! let outcome = r#"{"successful":true,"data":{"data":[]},"error":null,"meta":{}}"#;
//! let reply = server.finish(&call, outcome);
//! assert!(reply.body.starts_with(r#"{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","#));
//! ```
//!
//! The eras: *legacy* is 2024-11-05 to 2025-11-25 (`initialize`, versions agreed once), *modern* is
//! 2026-07-28 (every request carries its version and the client's capabilities in `_meta`). One endpoint
//! serves both; the body decides, headers are only checked against it.

mod access;
mod finish;
#[cfg(feature = "js-mcp")]
pub mod js;
mod message;
mod read;
mod reply;
mod server;
mod shrink;
mod view;

pub use access::{Access, Admission, admit};
pub use finish::{Finish, finish};
pub use message::{Call, Facts, LEGACY, MODERN, Reply, Step};
pub use read::read;
pub use reply::gather;
pub use server::Server;
pub use view::{Plan, Selection, View};

/// What tells a model how the tools fit together; answered to `initialize` and `server/discover`.
pub const INSTRUCTIONS: &str = "Nango keeps the authorisation of end users' accounts at 800+ APIs. \
    An integration is a configured API (its unique_key is the provider_config_key elsewhere); a connection is one \
    end user's account at an integration. Names are exact: list them (NANGO_LIST_INTEGRATIONS, \
    NANGO_CONNECTION_LIST_GET, NANGO_PROVIDERS_LIST_GET, NANGO_SCRIPTS_CONFIG_GET) before you use them. \
    To call an API, find the connection, then use the proxy tools or a deployed action. Without a connection, \
    NANGO_CREATE_CONNECT_SESSION gives a link for the end user; a broken one is repaired with \
    NANGO_RECONNECT_SESSION_POST. Secrets in results are masked on purpose. When a result is an error, \
    read its issues and hint, mend the arguments, and call again; do not repeat an unchanged call unless it says so.";
