//! Calls from JavaScript: each is driven by [`crate::drive`] over [`Fetch`], and its result passed to the object
//! that stands for it in `pkg/transport.js`.

use std::sync::Arc;

use js_sys::Function;
use serde::Serialize;
use wasm_bindgen::prelude::*;
use web_sys::AbortSignal;

use super::{Returned, thrown};
use crate::call::{AskStart, Call, Options};
use crate::drive::{Transport, drive};
use crate::error::Error;
use crate::fetch::{Fetch, spawn, value_of};
use crate::http::Data;
use crate::json::{Object, parse, to_json};
use crate::options;
use crate::policy::{Lookup, Verdict};
use crate::schema::Arguments;

/// The members of a call's object in JavaScript: the TypeScript form of [`Run`].
#[wasm_bindgen(typescript_custom_section)]
const CALL_HOST: &str = r#"
/** What is used of an abort signal. */
export interface CallSignal {
  readonly aborted: boolean;
  addEventListener(type: "abort", listener: () => void): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

/** A call as JavaScript sees it. */
export interface CallHost {
  readonly signal: CallSignal | undefined;
  /** The function that sends requests. A response that is larger than `maxBytes` has no body. */
  fetch(maxBytes: number): (url: string, init: RequestInit) => Promise<Response>;
  /** Approves the call, whose summary is given as JSON text: `true`, `false`, or a token to confirm it by later. */
  readonly approve: (summary: string) => Promise<boolean | string>;
  /**
   * Whether the call may start: how often the tool was started before, or `true` where that is not counted; `false` if
   * the session was revoked; a string with the reason if that is unknown.
   */
  readonly mayStart: (slug: string, isLimited: boolean) => Promise<number | boolean | string>;
  /**
   * Receives the result as JSON text. Its data is `data`, or else `text` as JSON text. `exact` is the JSON text of the
   * data with all digits, if they contain integers beyond 2^53. `page` is the page that the call was for, as JSON text
   * `{ items, next? }`.
   */
  done(
    result: string,
    data: unknown,
    text: string | undefined,
    exact: string | undefined,
    page: string | undefined,
  ): void;
}
"#;

#[wasm_bindgen]
extern "C" {
    /// A call as JavaScript sees it.
    #[wasm_bindgen(typescript_type = "CallHost")]
    pub type Run;
    #[wasm_bindgen(method, getter)]
    fn signal(this: &Run) -> Option<AbortSignal>;
    /// The function that sends requests: `(url, init) => Promise<Response>`. A response that is larger than
    /// `max_bytes` has no body.
    #[wasm_bindgen(method)]
    fn fetch(this: &Run, max_bytes: f64) -> Function;
    /// Approves the call; see [`Fetch::approve`].
    #[wasm_bindgen(method, getter)]
    fn approve(this: &Run) -> Function;
    /// Says whether the call may start; see [`Fetch::start`].
    #[wasm_bindgen(method, getter, js_name = mayStart)]
    fn may_start(this: &Run) -> Function;
    /// Takes the result as JSON text. Its data is `data`, or else `text` as JSON text. `exact` is the JSON text of the
    /// data with all digits, if there are integers beyond 2^53 in them. `page` is the page that the call was for, as
    /// JSON text.
    #[wasm_bindgen(method, catch)]
    fn done(
        this: &Run,
        result: &str,
        data: &JsValue,
        text: Option<&str>,
        exact: Option<String>,
        page: Option<String>,
    ) -> Result<(), JsValue>;
}

/// How calls are made.
#[wasm_bindgen]
pub struct Toolkit {
    options: Arc<Options>,
    transport: Fetch,
    quiet: bool,
}

#[wasm_bindgen]
impl Toolkit {
    /// From options as JSON text. `key` is the API key, or a function that gives it; `on_event` receives events,
    /// `on_failure` why functions of the host's failed (see [`Fetch::on_failure`]); `guard` wraps callbacks, see
    /// [`Fetch::guard`]. `counts` says that each call asks whether it may start, and whether the host counts calls
    /// itself.
    ///
    /// # Errors
    /// As [`super::check_options`].
    #[wasm_bindgen(constructor)]
    pub fn new(
        options: &str,
        key: JsValue,
        on_event: Option<Function>,
        on_failure: Function,
        guard: Function,
        counts: Option<bool>,
    ) -> Result<Toolkit, JsValue> {
        let mut options = options::parse(options).map_err(thrown)?;
        options.ask_start = match counts {
            None => AskStart::Never,
            Some(false) => AskStart::Allowed,
            Some(true) => AskStart::Counts,
        };
        options.shared_memory().keep_journal();
        let transport = match key.dyn_into::<Function>() {
            Ok(function) => Fetch::with_key_function(function),
            Err(key) => Fetch::new(key.as_string().unwrap_or_default()),
        };
        let (quiet, mut transport) = (on_event.is_none(), transport.guard(guard).on_failure(on_failure));
        if let Some(on_event) = on_event {
            transport = transport.on_event(on_event);
        }
        Ok(Toolkit { options: Arc::new(options), transport, quiet })
    }

    /// Runs a tool; `run.done` is called once with the result. `overrides` (may be empty) changes options for this
    /// call alone. `random` is a number from 0 to 1, drawn by the caller.
    ///
    /// # Errors
    /// As [`super::check_call_options`].
    pub fn execute(
        &self,
        slug: &str,
        args: &str,
        overrides: &str,
        random: f64,
        run: Run,
    ) -> Result<(), JsValue> {
        let mut options = self.options.clone();
        if !overrides.is_empty() {
            let mut own = (*options).clone();
            options::apply(overrides, &mut own).map_err(thrown)?;
            options = Arc::new(own);
        }
        let mut call = Call::new(options, slug, Arguments::from_text(args), random.to_bits());
        let most = call.max_answer_bytes();
        let transport = self.transport.clone().max_answer_bytes(most).fetch(run.fetch(most as f64));
        let mut transport = transport.approve(run.approve()).start(run.may_start());
        call.keep_json();
        if self.quiet {
            call.keep_no_events();
        }
        if let Some(signal) = run.signal() {
            transport = transport.signal(signal);
            if transport.is_aborted() {
                call.cancel(transport.now());
            }
        }
        spawn(async move {
            let mut outcome = drive(call, &transport).await;
            let (mut data, mut text) = (None, None);
            match &mut outcome.result {
                Ok(Data::Held) => data = transport.take_data(),
                // It crosses once, beside the rest.
                Ok(Data::Json(json)) => text = Some(std::mem::replace(json, "null".to_owned())),
                _ => {}
            }
            drop(transport);
            // A caller that fails is not the call's business.
            let page = outcome.meta.page.as_ref().map(to_json);
            let json = outcome.to_json();
            let data = data.unwrap_or(JsValue::UNDEFINED);
            let _ = run.done(&json, &data, text.as_deref(), outcome.exact, page);
        });
        Ok(())
    }

    /// The state that must survive this module, as JSON text of the changes since the last call of this: see
    ///
    /// [`Memory::take_changes`]: crate::session::Memory::take_changes
    #[wasm_bindgen(js_name = takeChanges)]
    pub fn take_changes(&self) -> Option<String> {
        self.options.shared_memory().take_changes()
    }

    /// Restores changes that an earlier module returned from [`Toolkit::take_changes`].
    pub fn restore(&self, changes: &str) {
        self.options.shared_memory().restore(&parse(changes).unwrap_or_default());
    }

    /// The decision on a call, which is not made: `{ tool, decision, rules, reason, lookups?, error? }`.
    ///
    /// # Errors
    /// None.
    pub fn explain(&self, slug: &str, args: &str, now: f64) -> Returned {
        let call = Call::new(self.options.clone(), slug, Arguments::from_text(args), 0);
        let tool = call.slug().to_owned();
        let explanation = match call.explain(now as u64) {
            Ok(decision) => Explanation {
                tool,
                decision: decision.verdict.as_str(),
                rules: decision.rules,
                reason: decision.reason,
                lookups: decision.needs.iter().map(Lookup::args).collect(),
                error: None,
            },
            Err(error) => {
                let (decision, reason) = (Verdict::Deny.as_str(), error.message.clone());
                let (rules, lookups) = (Vec::new(), Vec::new());
                Explanation { tool, decision, rules, reason, lookups, error: Some(error) }
            }
        };
        Ok(value_of(&explanation))
    }
}

/// The result of [`Toolkit::explain`].
#[derive(Serialize)]
struct Explanation {
    tool: String,
    decision: &'static str,
    rules: Vec<String>,
    reason: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    lookups: Vec<Object>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Error>,
}
