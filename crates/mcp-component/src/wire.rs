//! `wasi:http` and related interfaces: requests read, responses written, requests sent and awaited. Bodies are read
//! completely before anything is written.

use nango_toolkit::http::{Request, Response};
use nango_toolkit::url::Url;
use wasip2::cli::stderr;
use wasip2::clocks::{monotonic_clock, wall_clock};
use wasip2::http::outgoing_handler;
use wasip2::http::types::{
    ErrorCode, Fields, FutureIncomingResponse, IncomingBody, IncomingRequest, IncomingResponse, Method,
    OutgoingBody, OutgoingRequest, OutgoingResponse, ResponseOutparam, Scheme,
};
use wasip2::io::poll::{self, Pollable};
use wasip2::io::streams::{OutputStream, StreamError};
use wasip2::random::random::{get_random_bytes, get_random_u64};

/// The size of one read, in bytes.
const CHUNK: u64 = 64 * 1024;
/// How long a client may take to send a message, or to take an answer, in milliseconds.
const PATIENCE: u64 = 60_000;
/// The longest response of Nango, in bytes: longer ones would not fit into memory.
const MOST: usize = 64 * 1024 * 1024;

/// The time, in milliseconds since the Unix epoch.
pub(crate) fn now() -> u64 {
    let time = wall_clock::now();
    time.seconds * 1000 + u64::from(time.nanoseconds / 1_000_000)
}

/// A random number.
pub(crate) fn random() -> u64 {
    get_random_u64()
}

/// An unguessable name.
pub(crate) fn random_id(prefix: &str) -> String {
    [prefix, &hex(&get_random_bytes(16))].concat()
}

/// Bytes in hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digit = |four: u8| char::from_digit(four.into(), 16);
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).filter_map(digit).collect()
}

/// Writes a line to the log.
pub(crate) fn log(line: &str) {
    let _ = write(&stderr::get_stderr(), [line, "\n"].concat().as_bytes(), &timer(now() + PATIENCE));
}

/// Waits until a time.
pub(crate) fn sleep(until: u64) {
    timer(until).block();
}

fn timer(until: u64) -> Pollable {
    monotonic_clock::subscribe_duration(until.saturating_sub(now()).saturating_mul(1_000_000))
}

/// A request that came in.
pub(crate) struct Incoming<'r> {
    request: &'r IncomingRequest,
    headers: Fields,
}

/// The body of a request.
pub(crate) enum Body {
    Whole(String),
    /// It is longer than allowed.
    Long,
    /// It ended too soon.
    Broken,
}

impl<'r> Incoming<'r> {
    pub(crate) fn new(request: &'r IncomingRequest) -> Incoming<'r> {
        Incoming { request, headers: request.headers() }
    }

    /// The method, in capitals.
    pub(crate) fn method(&self) -> String {
        match self.request.method() {
            Method::Post => "POST".to_owned(),
            Method::Options => "OPTIONS".to_owned(),
            Method::Head => "HEAD".to_owned(),
            // Other methods are not served.
            _ => "GET".to_owned(),
        }
    }

    /// Path and query.
    pub(crate) fn target(&self) -> String {
        self.request.path_with_query().unwrap_or_default()
    }

    /// Hosts may hide `Host` from components and pass it as the authority.
    pub(crate) fn host(&self) -> String {
        self.header("host").or_else(|| self.request.authority()).unwrap_or_default()
    }

    /// A header; several with the same name are joined by commas.
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let all = self.headers.get(name);
        let texts: Vec<_> = all.iter().map(|value| String::from_utf8_lossy(value)).collect();
        (!texts.is_empty()).then(|| texts.join(", "))
    }

    /// The body, if it has at most `limit` bytes.
    pub(crate) fn body(&self, limit: usize) -> Body {
        let declared = self.header("content-length").and_then(|length| length.trim().parse::<usize>().ok());
        if declared.is_some_and(|length| length > limit.saturating_mul(2)) {
            return Body::Long;
        }
        let Ok(body) = self.request.consume() else { return Body::Broken };
        match read(body, limit, &timer(now() + PATIENCE)) {
            Ok(bytes) if declared.is_some_and(|length| bytes.len() < length) => Body::Broken,
            Ok(bytes) => {
                let text = text(bytes);
                // As `Request.text()` does.
                Body::Whole(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
            }
            Err(Fault::Long) => Body::Long,
            Err(_) => Body::Broken,
        }
    }
}

/// The response to a client.
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Empty if there is no body.
    pub(crate) media: &'static str,
    pub(crate) body: String,
    /// Further headers.
    pub(crate) headers: Vec<(&'static str, String)>,
}

/// Sends an answer.
pub(crate) fn respond(out: ResponseOutparam, answer: &Answer) {
    let mut pairs: Vec<(String, Vec<u8>)> = Vec::new();
    let mut add = |name: &str, value: &str| pairs.push((name.to_owned(), value.as_bytes().to_vec()));
    if !answer.media.is_empty() {
        add("content-type", answer.media);
    }
    for (name, value) in &answer.headers {
        add(name, value);
    }
    // The length of a body to `HEAD` is not sent, and 204 has no body.
    if answer.status != 204 && (answer.media.is_empty() || !answer.body.is_empty()) {
        add("content-length", &answer.body.len().to_string());
    }
    let response = OutgoingResponse::new(Fields::from_list(&pairs).unwrap_or_else(|_| Fields::new()));
    // We only use statuses that every host accepts.
    let _ = response.set_status_code(answer.status);
    let body = response.body();
    ResponseOutparam::set(out, Ok(response));
    // The client may have disconnected; then the error does not matter.
    if let Ok(body) = body {
        if let Ok(stream) = body.write() {
            let _ = write(&stream, answer.body.as_bytes(), &timer(now() + PATIENCE));
        }
        let _ = OutgoingBody::finish(body, None);
    }
}

/// The result of a request.
pub(crate) enum Sent {
    /// The response without its body, and the body.
    Answer(Response, Vec<u8>),
    /// There was no response; the reason.
    Lost(String),
    /// There was no response in time.
    Late,
}

/// What can happen while bytes are transferred.
enum Fault {
    Long,
    Late,
    Broken,
}

/// Sends a request and reads its whole answer, until a time.
pub(crate) fn send(request: &Request, until: u64) -> Sent {
    let timer = timer(until);
    match exchange(request, &timer) {
        Ok((head, body)) => Sent::Answer(head, body),
        Err(Failure::Fault(Fault::Late)) => Sent::Late,
        Err(Failure::Fault(Fault::Long)) => Sent::Lost("the response is longer than 64 MiB".to_owned()),
        Err(Failure::Fault(Fault::Broken)) => Sent::Lost("the response ended early".to_owned()),
        Err(Failure::Refused(what)) => Sent::Lost(["this host does not accept ", what].concat()),
        Err(Failure::Code(code)) => Sent::Lost(words(&code).to_owned()),
    }
}

enum Failure {
    Fault(Fault),
    /// The host does not accept a part of the request.
    Refused(&'static str),
    Code(ErrorCode),
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Failure {
        Failure::Fault(fault)
    }
}

impl From<ErrorCode> for Failure {
    fn from(code: ErrorCode) -> Failure {
        Failure::Code(code)
    }
}

fn exchange(request: &Request, timer: &Pollable) -> Result<(Response, Vec<u8>), Failure> {
    let body = request.body.as_deref().unwrap_or_default();
    let outgoing = prepared(request, body)?;
    let stream = outgoing.body().map_err(|()| Failure::Refused("the body"))?;
    let answer = outgoing_handler::handle(outgoing, None)?;
    // A response may arrive before the request has been sent completely, which then does not matter.
    if let Ok(out) = stream.write()
        && let Err(Fault::Late) = write(&out, body.as_bytes(), timer)
    {
        return Err(Fault::Late.into());
    }
    let _ = OutgoingBody::finish(stream, None);
    let answer = wait(&answer, timer)?;
    let headers = answer.headers().entries();
    let headers = headers.into_iter().map(|(name, value)| (name, text(value))).collect();
    let status = answer.status();
    let body = answer.consume().map_err(|()| Fault::Broken)?;
    let body = read(body, MOST, timer)?;
    Ok((Response { status, headers, body: String::new() }, body))
}

fn prepared(request: &Request, body: &str) -> Result<OutgoingRequest, Failure> {
    let mut pairs: Vec<(String, Vec<u8>)> = Vec::new();
    for (name, value) in &request.headers {
        pairs.push((name.clone(), value.as_bytes().to_vec()));
    }
    if request.body.is_some() {
        pairs.push(("Content-Length".to_owned(), body.len().to_string().into_bytes()));
    }
    let headers = Fields::from_list(&pairs).map_err(|_| Failure::Refused("a header"))?;
    let outgoing = OutgoingRequest::new(headers);
    let url = Url::parse(&request.url).map_err(|_| Failure::Refused("the address"))?;
    let start = request.url.find("://").map_or(0, |at| at + 3);
    let end = request.url.len() - url.rest.len();
    let authority = request.url.get(start..end);
    let target = if url.rest.starts_with('/') { url.rest.to_owned() } else { ["/", url.rest].concat() };
    let scheme = if url.secure { Scheme::Https } else { Scheme::Http };
    outgoing.set_method(&method(request.method.as_str())).map_err(|()| Failure::Refused("the method"))?;
    outgoing.set_scheme(Some(&scheme)).map_err(|()| Failure::Refused("the scheme"))?;
    outgoing.set_authority(authority).map_err(|()| Failure::Refused("the address"))?;
    outgoing.set_path_with_query(Some(&target)).map_err(|()| Failure::Refused("the path"))?;
    Ok(outgoing)
}

fn method(name: &str) -> Method {
    match name {
        "GET" => Method::Get,
        "POST" => Method::Post,
        "PUT" => Method::Put,
        "PATCH" => Method::Patch,
        "DELETE" => Method::Delete,
        name => Method::Other(name.to_owned()),
    }
}

fn wait(answer: &FutureIncomingResponse, timer: &Pollable) -> Result<IncomingResponse, Failure> {
    let came = answer.subscribe();
    loop {
        match answer.get() {
            Some(Ok(response)) => return Ok(response?),
            Some(Err(())) => return Err(Fault::Broken.into()),
            None if timer.ready() => return Err(Fault::Late.into()),
            None => poll::poll(&[&came, timer]),
        };
    }
}

/// Reads a body, if it has at most `limit` bytes. Of a longer one as much again is skipped: left
/// unread, it would hold up the next request on its connection.
fn read(body: IncomingBody, limit: usize, timer: &Pollable) -> Result<Vec<u8>, Fault> {
    let stream = body.stream().map_err(|()| Fault::Broken)?;
    let more = stream.subscribe();
    let (mut bytes, mut over) = (Vec::new(), 0);
    loop {
        match stream.read(CHUNK) {
            Ok(chunk) if chunk.is_empty() => pause(&more, timer)?,
            Ok(chunk) if over + bytes.len() + chunk.len() <= limit => bytes.extend(chunk),
            Ok(chunk) => over += bytes.len() + chunk.len(),
            Err(StreamError::Closed) if over == 0 => return Ok(bytes),
            Err(StreamError::Closed) => return Err(Fault::Long),
            Err(StreamError::LastOperationFailed(_)) => return Err(Fault::Broken),
        }
        if over > 0 {
            bytes.clear();
        }
        if over > limit.saturating_mul(2) {
            return Err(Fault::Long);
        }
    }
}

/// Writes everything and waits until it has been sent.
fn write(stream: &OutputStream, mut bytes: &[u8], timer: &Pollable) -> Result<(), Fault> {
    let free = stream.subscribe();
    let broken = |_| Fault::Broken;
    while !bytes.is_empty() {
        let room = stream.check_write().map_err(broken)?;
        if room == 0 {
            pause(&free, timer)?;
            continue;
        }
        let (now, later) = bytes.split_at(bytes.len().min(usize::try_from(room).unwrap_or(usize::MAX)));
        stream.write(now).map_err(broken)?;
        bytes = later;
    }
    stream.flush().map_err(broken)?;
    // A stream that is flushing accepts nothing.
    while stream.check_write().map_err(broken)? == 0 {
        pause(&free, timer)?;
    }
    Ok(())
}

fn pause(what: &Pollable, timer: &Pollable) -> Result<(), Fault> {
    poll::poll(&[what, timer]);
    if !what.ready() && timer.ready() { Err(Fault::Late) } else { Ok(()) }
}

/// Bytes as text, with a replacement character for invalid ones.
fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// Why there is no response. The host's own messages may contain anything, and are not passed on.
fn words(code: &ErrorCode) -> &'static str {
    match code {
        ErrorCode::DnsTimeout | ErrorCode::DnsError(_) | ErrorCode::DestinationNotFound => {
            "its host is unknown"
        }
        ErrorCode::DestinationUnavailable | ErrorCode::ConnectionRefused => "the connection was refused",
        ErrorCode::ConnectionTerminated | ErrorCode::HttpResponseIncomplete => {
            "the connection was closed early"
        }
        ErrorCode::ConnectionTimeout
        | ErrorCode::ConnectionReadTimeout
        | ErrorCode::ConnectionWriteTimeout => "the connection timed out",
        ErrorCode::TlsProtocolError | ErrorCode::TlsCertificateError | ErrorCode::TlsAlertReceived(_) => {
            "the host could not be authenticated"
        }
        ErrorCode::HttpRequestDenied | ErrorCode::DestinationIpProhibited => {
            "this runtime does not allow the request"
        }
        _ => "there was no readable response",
    }
}
