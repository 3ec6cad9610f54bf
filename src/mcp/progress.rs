//! Notifications of progress: that a call is still running. The host has the clock and the connection; whether a client
//! asked for them is in [`super::read`].

use serde_json::value::RawValue;

use super::message::{Progress, Reply, RequestHead, is_id};
use super::reply::reply;
use crate::json::Writer;

impl Progress {
    /// How the client of this token is notified; `None` if the token is not a string or a whole number.
    #[must_use]
    pub fn new(token: &str, event_stream: bool) -> Option<Progress> {
        let token = serde_json::from_str::<&RawValue>(token).ok().filter(|token| is_id(token.get()))?;
        Some(Progress { token: token.to_owned(), event_stream })
    }

    /// The notification that a call has been running for this many seconds, which is more each time.
    #[must_use]
    pub fn notification(&self, seconds: u32) -> Reply {
        let mut w = Writer::new();
        w.open().pair("jsonrpc", "2.0").pair("method", "notifications/progress").key("params").open();
        w.key("progressToken").raw(self.token.get()).key("progress").integer(seconds.into());
        w.pair("message", &format!("waiting for an answer for {seconds} s")).close().close();
        reply(self.event_stream, 200, w.finish())
    }

    /// The head for the reply to a call after its first notification: in a stream, the reply is an event, too.
    #[must_use]
    pub fn reply_head(&self, head: &RequestHead) -> RequestHead {
        RequestHead { event_stream: self.event_stream, ..head.clone() }
    }
}
