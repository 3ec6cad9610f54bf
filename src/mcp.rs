//! The Model Context Protocol, sans I/O: what a server answers, in both revisions of the protocol, over HTTP and over
//! stdio. It does not run tools: that is done by [`crate::call`] or by the host.
//!
//! A [`Server`] is configured by its operator; a [`View`] is what one caller sees of it. A message takes two steps.
//! [`View::read`] returns the reply, or a [`ToolCall`]; [`View::plan`] says what to run for it, and [`View::finish`]
//! turns the outcome into the reply:
//!
//! ```
//! use std::sync::Arc;
//! use nango_toolkit::mcp::{Plan, Selection, Server, Step, TransportContext, View};
//!
//! let server = Arc::new(Server::new("nango", "1.0.0"));
//! let view = View::of_options(&server, &Default::default(), &Selection::default())?;
//! let message = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"NANGO_LIST_INTEGRATIONS"}}"#;
//! let Step::Call(call) = view.read(&TransportContext::stdio(), message) else { panic!("it is a call") };
//! let Plan::Run { name, arguments, .. } = view.plan(&call) else { panic!("a tool is to run") };
//! assert_eq!((name.as_str(), arguments.get()), ("NANGO_LIST_INTEGRATIONS", "{}"));
//! // Here `call::Call` runs it, and returns an outcome.
//! let outcome = r#"{"successful":true,"data":{"data":[]},"error":null,"meta":{}}"#;
//! let reply = view.finish(&call.head, &name, outcome);
//! assert!(reply.body.starts_with(r#"{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","#));
//! # Ok::<(), nango_toolkit::error::Error>(())
//! ```
//!
//! The revisions: until 2025-11-25 a client agrees on a version once, with `initialize`; in 2026-07-28 every request
//! carries version and capabilities in `_meta`. One endpoint serves both; the body decides, headers are only checked
//! against it.

mod access;
mod added;
mod binary;
mod definition;
mod finish;
mod message;
mod meta_tools;
mod progress;
mod read;
mod reply;
mod selection;
mod server;
mod shrink;
mod view;

pub use access::{Access, Admission, HttpHead, admit};
pub use definition::{ExtraTool, ToolDefinition};
pub use finish::FinishOptions;
pub use message::{
    INITIALIZE_VERSIONS, Progress, Reply, RequestHead, Revision, STATELESS_VERSION, Step, ToolCall,
    TransportContext,
};
pub use meta_tools::search_tools;
pub use reply::{gather, refusal};
pub use selection::{Mode, Selection};
pub use server::{INSTRUCTIONS, Server};
pub use view::{Plan, View};
