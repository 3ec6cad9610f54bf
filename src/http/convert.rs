//! Conversions from and to the types of the `http` crate (feature `http`), which most HTTP clients use.

use ::http::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};

use super::{Request, Response};
use crate::tool::Method;

impl From<Method> for ::http::Method {
    fn from(method: Method) -> ::http::Method {
        match method {
            Method::Get => ::http::Method::GET,
            Method::Post => ::http::Method::POST,
            Method::Put => ::http::Method::PUT,
            Method::Patch => ::http::Method::PATCH,
            Method::Delete => ::http::Method::DELETE,
        }
    }
}

/// A request without a body has an empty one. The API key is marked as sensitive, so that it is not shown by `Debug`.
///
/// # Errors
/// The URL is too long for the `http` crate, or a request that was created manually is not well-formed.
impl TryFrom<Request> for ::http::Request<String> {
    type Error = ::http::Error;

    fn try_from(request: Request) -> Result<Self, ::http::Error> {
        let body = request.body.unwrap_or_default();
        let mut out = ::http::Request::builder().method(request.method).uri(request.url).body(body)?;
        for (name, value) in &request.headers {
            let name = HeaderName::from_bytes(name.as_bytes())?;
            // `fetch` sends the characters of Latin-1 as one byte each.
            let bytes = value.chars().map(u8::try_from).collect::<Result<Vec<u8>, _>>();
            let mut value = match bytes {
                Ok(bytes) => HeaderValue::from_bytes(&bytes)?,
                Err(_) => HeaderValue::from_str(value)?,
            };
            value.set_sensitive(name == AUTHORIZATION);
            out.headers_mut().append(name, value);
        }
        Ok(out)
    }
}

impl From<::http::Response<String>> for Response {
    fn from(response: ::http::Response<String>) -> Response {
        let (parts, body) = response.into_parts();
        Response { status: parts.status.as_u16(), headers: pairs(&parts.headers), body }
    }
}

/// Bytes of the body that are not UTF-8 are replaced, as `Response.text()` does in JavaScript.
impl From<::http::Response<Vec<u8>>> for Response {
    fn from(response: ::http::Response<Vec<u8>>) -> Response {
        response.map(|body| String::from_utf8_lossy(&body).into_owned()).into()
    }
}

/// # Errors
/// The status or a header is not valid.
impl TryFrom<Response> for ::http::Response<String> {
    type Error = ::http::Error;

    fn try_from(response: Response) -> Result<Self, ::http::Error> {
        let mut out = ::http::Response::builder().status(response.status).body(response.body)?;
        for (name, value) in &response.headers {
            let name = HeaderName::from_bytes(name.as_bytes())?;
            out.headers_mut().append(name, HeaderValue::from_str(value)?);
        }
        Ok(out)
    }
}

fn pairs(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    fn request() -> Request {
        Request {
            method: Method::Patch,
            url: "https://api.nango.dev/connections/a%20b?x=1".to_owned(),
            headers: vec![
                ("Accept".to_owned(), "application/json".to_owned()),
                ("Nango-Proxy-X".to_owned(), "é".to_owned()),
                ("Authorization".to_owned(), "Bearer planted".to_owned()),
            ],
            body: Some("{}".to_owned()),
        }
    }

    #[test]
    fn a_request_keeps_all_of_its_parts() {
        let out = ::http::Request::try_from(request()).unwrap();
        assert_eq!((out.method(), out.body().as_str()), (&::http::Method::PATCH, "{}"));
        assert_eq!(out.uri().to_string(), "https://api.nango.dev/connections/a%20b?x=1");
        assert_eq!(out.headers()["accept"], "application/json");
        assert_eq!(out.headers()["nango-proxy-x"].as_bytes(), b"\xe9");
        assert_eq!(out.headers()["authorization"], "Bearer planted");
        assert!(!format!("{out:?}").contains("planted"));
        let none = ::http::Request::try_from(Request { body: None, ..request() }).unwrap();
        assert_eq!(none.body(), "");
    }

    #[test]
    fn what_is_not_well_formed_is_an_error() {
        let bad = Request { url: "https://a b".to_owned(), ..request() };
        assert!(::http::Request::try_from(bad).is_err());
        let bad = Request { headers: vec![("a b".to_owned(), "c".to_owned())], ..request() };
        assert!(::http::Request::try_from(bad).is_err());
        let bad = Request { headers: vec![("a".to_owned(), "c\nd".to_owned())], ..request() };
        assert!(::http::Request::try_from(bad).is_err());
    }

    #[test]
    fn a_response_keeps_all_of_its_parts() {
        let theirs = || {
            let builder = ::http::Response::builder().status(429).header("Retry-After", "5");
            builder.header("set-cookie", "a").header("set-cookie", "b")
        };
        let ours = Response::from(theirs().body("{}".to_owned()).unwrap());
        assert_eq!((ours.status, ours.body.as_str()), (429, "{}"));
        assert_eq!(ours.header("retry-after"), Some("5"));
        assert_eq!(ours.headers.iter().filter(|(name, _)| name == "set-cookie").count(), 2);
        assert_eq!(Response::from(theirs().body(b"a\xff".to_vec()).unwrap()).body, "a\u{fffd}");

        let back = ::http::Response::try_from(ours.clone()).unwrap();
        assert_eq!(Response::from(back), ours);
        assert!(::http::Response::try_from(Response { status: 0, ..ours }).is_err());
    }
}
