// What users see of the toolkit. Texts go to the WebAssembly module and JSON texts come back; here are
// only the conversions, the plain-data configuration, and the promise around a running call. What a
// tool is, what a request looks like and what an answer means is decided in the module.
import { NangoToolkitError } from "./error.js";
import { mustBeReady } from "./load-toolkit.js";
import * as core from "./wasm/nango_toolkit.js";

export { NangoToolkitError };

/** Tools as data: slug, title, description, schemas, annotations. */
export const listTools = (filter = {}) => JSON.parse(pure(core.listTools, text(filter)));

/** One tool by slug or alias. */
export const getTool = (name) => parsed(pure(core.getTool, String(name)));

/** All problems of the arguments at once; nothing is sent. */
export const validate = (slug, args, options = {}) => JSON.parse(pure(core.validate, String(slug), text(args), text(options)));

/** The request that a call would send, without the key. */
export const buildRequest = (slug, args, options = {}) => JSON.parse(pure(core.buildRequest, String(slug), text(args), text(options)));

/** The result that an answer is. `slug` may be null for an operation that is no tool. */
export function parseResponse(slug, { status, headers = {}, body = "" }, options = {}) {
  const plain = headers instanceof Headers ? Object.fromEntries(headers) : headers;
  const content = typeof body === "string" ? body : body === null ? "" : JSON.stringify(body);
  const name = slug === null || slug === undefined ? undefined : String(slug);
  return JSON.parse(pure(core.parseResponse, name, Number(status), text(plain), content, text(options)));
}

/** Runs tools against one Nango environment. Everything it knows is plain data and functions. */
export class NangoToolkit {
  #settings;
  #handle;

  constructor(options) {
    const { apiKey, fetch = globalThis.fetch, onEvent, ...rest } = options ?? {};
    if (typeof apiKey === "string") pure(core.checkKey, apiKey);
    else if (typeof apiKey !== "function") {
      throw new NangoToolkitError({
        code: "missing_api_key",
        message: "there is no API key",
        hint: "give the option `apiKey`: the secret key of a Nango environment (process.env.NANGO_SECRET_KEY), or a function that returns it",
      });
    }
    for (const [name, value] of Object.entries({ fetch, onEvent })) {
      if (value !== undefined && typeof value !== "function") {
        throw new NangoToolkitError({ code: "invalid_option", message: `\`${name}\` must be a function` });
      }
    }
    // `fetch` must not be called as a method of anything: browsers refuse it.
    this.#settings = { apiKey, fetch: fetch === globalThis.fetch ? (url, init) => globalThis.fetch(url, init) : fetch, onEvent, options: text(rest) };
    this.#core();
  }

  /** The tools that this toolkit may run, as data. */
  tools(filter = {}) {
    const { policy } = JSON.parse(this.#settings.options);
    return listTools(policy?.readOnly ? { ...filter, readOnly: true } : filter);
  }

  /**
   * Runs a tool. The promise rejects only on misuse by the programmer; whatever a model asked for and a
   * server answered is in the result.
   */
  execute(slug, args, { signal, ...overrides } = {}) {
    return new Promise((resolve, reject) => {
      const { apiKey, fetch, onEvent } = this.#settings;
      const call = { tool: String(slug), attempts: 0, fail: undefined };
      const changes = Object.keys(overrides).length > 0 ? text(overrides) : undefined;
      let json, execution;
      try {
        json = text(args);
      } catch (cause) {
        return resolve(failed(call, "invalid_arguments", `the arguments cannot be written as JSON: ${cause.message}`, "give an object of plain JSON values"));
      }
      const send = (url, init) => {
        call.attempts += 1;
        return fetch(url, init);
      };
      const poll = () => step(() => execution.poll());
      // It comes from outside, perhaps in the midst of a step: it waits for its end.
      const abort = () => queueMicrotask(() => step(() => execution.cancel()));
      let awaited = 0;
      let timer, until = 0;

      // A step of the module says what to wait for: a promise, only time, or nothing more.
      function step(work) {
        if (!calls.has(call)) return;
        try {
          const next = work();
          if (next === null) {
            const result = execution.result();
            execution.free();
            return end(resolve, result);
          }
          if (next !== undefined) wait(next, ++awaited);
          if (execution.until !== until) time();
        } catch (thrown) {
          if (!calls.has(call)) return;
          return isTrap(thrown) ? replace() : end(reject, new NangoToolkitError(JSON.parse(thrown)));
        }
      }
      // What settles after the call has turned to something else is of no interest.
      function wait(promise, turn) {
        Promise.resolve(promise).then(
          (value) => turn === awaited && step(() => execution.resume(value)),
          (thrown) => turn === awaited && step(() => execution.reject(thrown)),
        );
      }
      function time() {
        until = execution.until;
        clearTimeout(timer);
        // Hosts take timers beyond 2^31 milliseconds for none at all.
        timer = until ? setTimeout(poll, Math.min(Math.max(until - Date.now(), 0), 2 ** 31 - 1)) : undefined;
      }
      function end(settle, value) {
        calls.delete(call);
        clearTimeout(timer);
        settle(value);
        signal?.removeEventListener("abort", abort);
      }

      const handle = this.#core();
      calls.add(call);
      call.fail = () => end(resolve, failed(call, "internal", TRAPPED.message, call.attempts > 0 ? "whether the request took effect is not known: look before it is repeated" : TRAPPED.hint));
      step(() => {
        execution = handle.start(call.tool, json, apiKey, send, onEvent, changes, random());
        if (signal?.aborted) return execution.cancel();
        signal?.addEventListener("abort", abort, { once: true });
        return execution.poll();
      });
    });
  }

  /** The module's side of the configuration, made again when the module was replaced. */
  #core() {
    if (this.#handle?.generation !== generation) {
      this.#handle = { core: pure((options) => new core.Toolkit(options), this.#settings.options), generation };
    }
    return this.#handle.core;
  }
}

/** The calls under way, and how often the module was replaced. */
const calls = new Set();
let generation = 0;

const TRAPPED = { code: "internal", message: "the WebAssembly module failed; it was replaced", hint: "report this with the tool and the shape of its arguments" };

/** What the module throws on purpose is text; anything else has cut through its frames and left its memory in disorder. */
const isTrap = (thrown) => typeof thrown !== "string";

/** A fresh module in place of one that trapped. Calls under way lived in the old one: they end as `internal`. */
function replace() {
  generation += 1;
  core.__wbg_reset_state();
  for (const call of [...calls]) call.fail();
}

/** A result for what never reached the module, or was lost in it. */
const failed = ({ tool, attempts }, kind, message, hint) => ({
  successful: false,
  data: null,
  error: { kind, code: kind, message, retryable: false, hint },
  meta: { tool, attempts },
});

/** Runs a synchronous function of the module: its errors become exceptions, a trap replaces the module. */
function pure(work, ...given) {
  mustBeReady();
  try {
    return work(...given);
  } catch (thrown) {
    if (!isTrap(thrown)) throw new NangoToolkitError(JSON.parse(thrown));
    replace();
    throw new NangoToolkitError({ ...TRAPPED, kind: "internal", cause: thrown });
  }
}

/** Arguments as JSON text; a text is taken as JSON already. */
function text(value) {
  if (typeof value === "string") return value;
  return JSON.stringify(value) ?? "null";
}

const parsed = (json) => (json === undefined ? undefined : JSON.parse(json));

/** From 0 to 1, unlike any other instance's. */
function random() {
  const [high, low] = crypto.getRandomValues(new Uint32Array(2));
  return (high * 2 ** 21 + (low >>> 11)) / 2 ** 53;
}
