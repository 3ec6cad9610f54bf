//! Calls one of Nango's tools through the WebAssembly component, with its own HTTP client and clock:
//! `NANGO_SECRET_KEY=… cargo run --release -- nango-toolkit.wasm NANGO_LIST_INTEGRATIONS '{}' ['{"policy":{"readOnly":true}}']`

use std::collections::hash_map::RandomState;
use std::error::Error;
use std::hash::{BuildHasher, Hasher};
use std::process::ExitCode;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::json;
use wasmtime::Store;
use wasmtime::component::{Component, Linker, ResourceAny};

wasmtime::component::bindgen!({ world: "toolkit", path: "../../../src/wit" });

use exports::nango::toolkit::tools::{Approval, Outcome, Request, Response, Step};

type Fallible<T> = Result<T, Box<dyn Error>>;

/// The component and its memory.
struct Host {
    store: Store<()>,
    tools: Toolkit,
}

impl Host {
    fn load(path: &str) -> Fallible<Host> {
        let engine = wasmtime::Engine::default();
        let component = Component::from_file(&engine, path)?;
        let mut store = Store::new(&engine, ());
        let tools = Toolkit::instantiate(&mut store, &component, &Linker::new(&engine))?;
        Ok(Host { store, tools })
    }

    /// A toolkit with these options (JSON).
    fn open(&mut self, options: &str) -> Fallible<ResourceAny> {
        let opened = self.tools.nango_toolkit_tools().toolkit().call_open(&mut self.store, options)?;
        opened.map_err(|error| format!("{}: {}", error.code, error.message).into())
    }

    /// Runs a tool. `log` receives its events.
    fn execute(
        &mut self,
        toolkit: ResourceAny,
        tool: &str,
        arguments: &str,
        key: &str,
        log: impl Fn(&str),
    ) -> Fallible<Outcome> {
        let calls = self.tools.nango_toolkit_tools().call();
        let store = &mut self.store;
        let call = calls.call_constructor(&mut *store, toolkit, tool, arguments, "{}", random())?;
        let outcome = loop {
            let step = calls.call_poll(&mut *store, call, now())?;
            calls.call_take_events(&mut *store, call)?.iter().for_each(|event| log(event));
            match step {
                Step::Send(attempt) => {
                    let left = Duration::from_millis(attempt.until.saturating_sub(now()).max(1));
                    match send(&attempt.request, left) {
                        Ok(answer) => calls.call_handle_response(&mut *store, call, &answer, now())??,
                        // After a timeout, the next poll reports it.
                        Err(ureq::Error::Timeout(_)) => {}
                        Err(error) => {
                            calls.call_handle_transport_error(
                                &mut *store,
                                call,
                                &error.to_string(),
                                now(),
                            )??;
                        }
                    }
                }
                Step::Wait(until) => std::thread::sleep(Duration::from_millis(until.saturating_sub(now()))),
                Step::Key(_) => calls.call_handle_key(&mut *store, call, Ok(key), now())??,
                // Ask a person here; with the token, a later call can confirm this one.
                Step::Approval(_) => {
                    let token = format!("{:016x}{:016x}", random(), random());
                    calls.call_handle_approval(&mut *store, call, &Approval::Pending(token), now())??;
                }
                Step::Done(outcome) => break outcome,
            }
        };
        call.resource_drop(&mut *store)?;
        Ok(outcome)
    }
}

fn send(request: &Request, left: Duration) -> Result<Response, ureq::Error> {
    let config =
        ureq::Agent::config_builder().timeout_global(Some(left)).max_redirects(0).http_status_as_error(false);
    let agent: ureq::Agent = config.build().into();
    let mut asked = ureq::http::Request::builder().method(request.method.as_str()).uri(&request.url);
    for (name, value) in &request.headers {
        asked = asked.header(name, value);
    }
    let mut answer = match &request.body {
        Some(body) => agent.run(asked.body(body.as_str())?)?,
        None => agent.run(asked.body(())?)?,
    };
    let text = |value: &ureq::http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let headers = answer.headers().iter().map(|(name, value)| (name.to_string(), text(value))).collect();
    let body = answer.body_mut().with_config().limit(64 << 20).lossy_utf8(true).read_to_string()?;
    Ok(Response { status: answer.status().as_u16(), headers, body })
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_millis() as u64)
}

fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}

fn main() -> Fallible<ExitCode> {
    let given: Vec<String> = std::env::args().skip(1).collect();
    let (path, tool, arguments, more) = match given.as_slice() {
        [path, tool, arguments] => (path, tool, arguments, "{}"),
        [path, tool, arguments, options] => (path, tool, arguments, options.as_str()),
        _ => return Err("usage: nango-toolkit-rust-host COMPONENT TOOL ARGUMENTS [OPTIONS]".into()),
    };
    let mut options =
        json!({ "baseUrl": std::env::var("NANGO_HOST").unwrap_or("https://api.nango.dev".into()) });
    if let (Some(all), Some(more)) =
        (options.as_object_mut(), serde_json::from_str::<serde_json::Value>(more)?.as_object())
    {
        all.extend(more.clone());
    }
    let key = std::env::var("NANGO_SECRET_KEY").unwrap_or_default();
    let mut host = Host::load(path)?;
    let toolkit = host.open(&options.to_string())?;
    let outcome = host.execute(toolkit, tool, arguments, &key, |event| eprintln!("{event}"))?;
    match outcome.data {
        Ok(data) => println!("{data}"),
        Err(error) => {
            eprintln!("{}: {}", error.code, error.message);
            return Ok(ExitCode::FAILURE);
        }
    }
    Ok(ExitCode::SUCCESS)
}
