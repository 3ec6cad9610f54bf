//! Responses and the error bodies of the contract (section 2), shapes A to H, with the properties in the
//! order in which the server writes them.

use serde_json::Value;

use super::validate::Issue;
use crate::json::Writer;

/// The result of a handler: a response in both cases, so that `?` returns early with an error.
pub(crate) type HandlerResult = Result<HttpResponse, HttpResponse>;

/// A response without the headers that every response has.
#[derive(Debug, Clone)]
pub(crate) struct HttpResponse {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
    /// How long the server kept the caller waiting.
    pub(crate) delay_ms: u32,
}

impl HttpResponse {
    pub(crate) fn new(status: u16, body: impl Into<String>) -> HttpResponse {
        HttpResponse { status, headers: Vec::new(), body: body.into(), delay_ms: 0 }
    }

    /// JSON text, already written.
    pub(crate) fn json(status: u16, body: impl Into<String>) -> HttpResponse {
        HttpResponse::new(status, body).header("content-type", "application/json; charset=utf-8")
    }

    pub(crate) fn value(status: u16, value: &Value) -> HttpResponse {
        HttpResponse::json(status, crate::json::to_text(value))
    }

    /// `{"success":true}`
    pub(crate) fn success() -> HttpResponse {
        HttpResponse::json(200, r#"{"success":true}"#)
    }

    pub(crate) fn header(mut self, name: &str, value: impl Into<String>) -> HttpResponse {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Shape A.
    pub(crate) fn error(status: u16, code: &str, message: impl AsRef<str>) -> HttpResponse {
        let mut w = Writer::new();
        w.open().key("error").open().key("code").text(code).key("message").text(message.as_ref());
        w.close().close();
        HttpResponse::json(status, w.finish())
    }

    /// Shape A without a message.
    pub(crate) fn code(status: u16, code: &str) -> HttpResponse {
        let mut w = Writer::new();
        w.open().key("error").open().key("code").text(code).close().close();
        HttpResponse::json(status, w.finish())
    }

    /// Shape B.
    pub(crate) fn issues(code: &str, issues: &[Issue]) -> HttpResponse {
        let mut w = Writer::new();
        w.open().key("error").open().key("code").text(code).key("errors").open_array();
        for issue in issues {
            w.open().key("code").text(issue.code).key("message").text(&issue.message);
            w.key("path").open_array();
            for part in &issue.path {
                w.text(part);
            }
            w.close_array().close();
        }
        w.close_array().close().close();
        HttpResponse::json(400, w.finish())
    }

    /// Shape B with one issue of the body.
    pub(crate) fn issue(code: &'static str, message: &str, path: &[&str]) -> HttpResponse {
        let path = path.iter().map(|p| (*p).to_owned()).collect();
        HttpResponse::issues("invalid_body", &[Issue { code, message: message.into(), path }])
    }

    /// Shape C.
    pub(crate) fn internal(status: u16, code: &str, message: impl AsRef<str>, payload: &str) -> HttpResponse {
        let mut w = Writer::new();
        w.open().key("error").open().key("message").text(message.as_ref()).key("code").text(code);
        w.key("payload").raw(payload).close().close();
        HttpResponse::json(status, w.finish())
    }

    /// Shape C: the server's own fault, named by an id.
    pub(crate) fn unexpected(id: &str) -> HttpResponse {
        let mut payload = String::new();
        crate::json::push_text(&mut payload, id);
        let message = format!("An error occurred. Please contact support with this unique id: \"{id}\"");
        HttpResponse::internal(500, "generic_error_support", message, &payload)
    }

    /// Shape E.
    pub(crate) fn too_many(method: &str, path: &str) -> HttpResponse {
        let mut w = Writer::new();
        w.open().key("error").open().key("code").text("too_many_request");
        w.key("method").text(method).key("path").text(path).close().close();
        HttpResponse::json(429, w.finish())
    }

    /// Shape F.
    pub(crate) fn with_payload(status: u16, code: &str, message: &str, payload: &str) -> HttpResponse {
        let mut w = Writer::new();
        w.open().key("error").open().key("code").text(code).key("message").text(message);
        w.key("payload").raw(payload).close().close();
        HttpResponse::json(status, w.finish())
    }

    /// Shape H: the provider could not be reached.
    pub(crate) fn network(code: &str, message: &str, method: &str) -> HttpResponse {
        let mut w = Writer::new();
        w.open().key("message").text(message).key("code").text(code);
        w.key("method").text(&method.to_ascii_lowercase()).close();
        HttpResponse::json(500, w.finish())
    }

    /// A route that is not emulated. The server itself answers HTML, which says nothing to a program.
    pub(crate) fn no_route(method: &str, path: &str) -> HttpResponse {
        let message = format!("The emulator does not have {method} {path}");
        HttpResponse::error(404, "not_emulated", message)
    }
}
