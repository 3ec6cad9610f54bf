//! A complete program without an async runtime: one call through its own blocking HTTP client, over
//! `std::net::TcpStream`. Plain http only, so it is meant for the emulator on this machine:
//!
//! ```text
//! npx nango-toolkit emulate
//! cargo run --example blocking -- http://127.0.0.1:3003 KEY NANGO_CONNECTION_LIST_GET '{"limit":2}'
//! ```
//!
//! `KEY` is the one that the emulator prints.

use std::env;
use std::error::Error;
use std::future::{Future, ready};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::pin::pin;
use std::process::ExitCode;
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use nango_toolkit::audit::Event;
use nango_toolkit::call::{Call, HostFailure, Options};
use nango_toolkit::drive::{Answer, ApprovalAnswer, Transport, drive};
use nango_toolkit::http::{BaseUrl, NeedsBody, Request, Response};
use serde_json::Value;

/// How long the server may be silent. A blocking read cannot be dropped, so the call's own deadline for an
/// attempt is only seen after this.
const SILENCE: Duration = Duration::from_secs(60);
/// The maximum number of bytes of a response.
const LONGEST: u64 = 64 << 20;

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    let [base, key, slug, given] = args.as_slice() else {
        eprintln!("usage: blocking BASE_URL KEY TOOL JSON");
        return ExitCode::from(2);
    };
    match run(base, key, slug, given) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

/// Makes one call and prints its outcome as JSON. Returns whether it succeeded.
fn run(base: &str, key: &str, slug: &str, given: &str) -> Result<bool, Box<dyn Error>> {
    let options = Options { base: BaseUrl::parse(base)?, ..Options::default() };
    let arguments: Value = serde_json::from_str(given)?;
    let transport = Blocking { key: key.to_owned() };
    // The seed of the call's id and its jitter: different for each call.
    let call = Call::new(options, slug, arguments, transport.now());
    let outcome = finish(drive(call, &transport));
    println!("{}", outcome.to_json());
    Ok(outcome.successful())
}

/// Runs a future that blocks instead of waiting, so that it is ready at the first poll.
fn finish<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return value;
        }
    }
}

struct Blocking {
    key: String,
}

impl Transport for Blocking {
    fn now(&self) -> u64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    }

    // The body of an `async fn` does not run before its future is polled, as `Transport` requires.
    async fn send(&self, request: &Request, _needs_body: NeedsBody) -> Result<Answer, String> {
        exchange(request).map(Answer::Whole).map_err(|error| error.to_string())
    }

    async fn sleep(&self, until: u64) {
        thread::sleep(Duration::from_millis(until.saturating_sub(self.now())));
    }

    fn key(&self, stale: bool) -> impl Future<Output = Result<String, String>> {
        ready(if stale { Err("there is no other key".to_owned()) } else { Ok(self.key.clone()) })
    }

    async fn approve(&self, summary: &str) -> ApprovalAnswer {
        eprintln!("run this? {summary} [y/N]");
        let mut line = String::new();
        match io::stdin().read_line(&mut line) {
            Ok(_) if line.trim() == "y" => ApprovalAnswer::Granted,
            _ => ApprovalAnswer::Refused,
        }
    }

    fn on_failure(&self, failure: HostFailure) {
        eprintln!("{}: {}", failure.call_id, failure.message);
    }

    fn on_events(&self, events: Vec<Event>) {
        for event in events {
            eprintln!("{}", event.to_json());
        }
    }
}

/// Sends a request on a new connection and reads the whole response.
fn exchange(request: &Request) -> io::Result<Response> {
    let (host, target) = split_url(&request.url)?;
    let address = if has_port(host) { host.to_owned() } else { format!("{host}:80") };
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(SILENCE))?;
    stream.set_write_timeout(Some(SILENCE))?;

    let mut head =
        format!("{} {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n", request.method.as_str());
    for (name, value) in &request.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    let body = request.body.as_deref().unwrap_or_default();
    if request.body.is_some() {
        head.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    stream.write_all(format!("{head}\r\n{body}").as_bytes())?;
    read_response(BufReader::new(stream.take(LONGEST)))
}

/// The host with its port, and what follows it: `http://host:port/path?query`.
fn split_url(url: &str) -> io::Result<(&str, &str)> {
    let rest =
        url.strip_prefix("http://").ok_or_else(|| invalid("expected a URL that begins with http://"))?;
    Ok(rest.find('/').map_or((rest, "/"), |at| rest.split_at(at)))
}

fn has_port(host: &str) -> bool {
    host.rsplit_once(':').is_some_and(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()))
}

fn read_response(mut from: impl BufRead) -> io::Result<Response> {
    let status_line = read_line(&mut from)?;
    let status = status_line.split(' ').nth(1).and_then(|status| status.parse().ok());
    let status = status.ok_or_else(|| invalid("expected an HTTP status line"))?;
    let mut headers = Vec::new();
    loop {
        let line = read_line(&mut from)?;
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(':').ok_or_else(|| invalid("expected a header"))?;
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let mut response = Response { status, headers, body: String::new() };
    let chunked = response.header("transfer-encoding").is_some_and(|coding| coding.contains("chunked"));
    let length = response.header("content-length").and_then(|length| length.parse().ok());
    let bytes = match length {
        _ if matches!(status, 204 | 304) => Vec::new(),
        _ if chunked => read_chunks(&mut from)?,
        Some(length) => read_exactly(&mut from, length)?,
        None => {
            let mut bytes = Vec::new();
            from.read_to_end(&mut bytes)?;
            bytes
        }
    };
    response.body = String::from_utf8_lossy(&bytes).into_owned();
    Ok(response)
}

/// A chunked body; its trailers are not read, since the connection is closed after it.
fn read_chunks(from: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    loop {
        let line = read_line(from)?;
        let size = line.split(';').next().unwrap_or_default().trim();
        let size = u64::from_str_radix(size, 16).map_err(|_| invalid("expected the size of a chunk"))?;
        if size == 0 {
            return Ok(bytes);
        }
        bytes.extend(read_exactly(from, size)?);
        read_line(from)?;
    }
}

fn read_exactly(from: &mut impl BufRead, length: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if from.take(length).read_to_end(&mut bytes)? as u64 != length {
        return Err(invalid("the response ended early"));
    }
    Ok(bytes)
}

/// A line without its line ending.
fn read_line(from: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    from.take(64 << 10).read_line(&mut line)?;
    match line.strip_suffix("\r\n") {
        Some(line) => Ok(line.to_owned()),
        None => Err(invalid("the response ended early")),
    }
}

fn invalid(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}
