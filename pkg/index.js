// What users see of the toolkit. Texts go to the WebAssembly module and JSON texts come back; here are
// only the conversions, the plain-data configuration, and the promise around a running call. What a
// tool is, what a request looks like and what an answer means is decided in the module.
import * as core from "./wasm/nango_toolkit.js";

/** Misuse by the programmer: an unknown option, no key, a base URL that is none, arguments refused by `buildRequest`. */
export class NangoToolkitError extends Error {
  constructor({ message, issues, hint, ...rest }) {
    super(hint ? `${message} (${hint})` : message);
    this.name = "NangoToolkitError";
    Object.assign(this, rest, { hint, issues: issues ?? [] });
  }
}

/** Tools as data: slug, title, description, schemas, annotations. */
export const listTools = (filter = {}) => JSON.parse(guard(() => core.listTools(text(filter))));

/** One tool by slug or alias. */
export const getTool = (name) => parsed(guard(() => core.getTool(String(name))));

/** All problems of the arguments at once; nothing is sent. */
export const validate = (slug, args, options = {}) => JSON.parse(guard(() => core.validate(String(slug), text(args), text(options))));

/** The request that a call would send, without the key. */
export const buildRequest = (slug, args, options = {}) => JSON.parse(guard(() => core.buildRequest(String(slug), text(args), text(options))));

/** The result that an answer is. `slug` may be null for an operation that is no tool. */
export function parseResponse(slug, { status, headers = {}, body = "" }, options = {}) {
  const plain = headers instanceof Headers ? Object.fromEntries(headers) : headers;
  const content = typeof body === "string" ? body : body === null ? "" : JSON.stringify(body);
  return JSON.parse(guard(() => core.parseResponse(slug ?? undefined, status, text(plain), content, text(options))));
}

/** Runs tools against one Nango environment. Everything it knows is plain data and functions. */
export class NangoToolkit {
  #settings;
  #handle;

  constructor(options) {
    const { apiKey, fetch = globalThis.fetch, onEvent, ...rest } = options ?? {};
    if (typeof apiKey === "string") guard(() => core.checkKey(apiKey));
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
      const changes = Object.keys(overrides).length > 0 ? text(overrides) : undefined;
      const execution = guard(() => this.#core().start(String(slug), text(args), apiKey, fetch, onEvent, changes));
      const running = { settle, slug };
      const cancel = () => step(() => execution.cancel());
      function settle(result) {
        calls.delete(running);
        signal?.removeEventListener("abort", cancel);
        resolve(result);
      }
      function step(work) {
        if (!calls.has(running)) return;
        try {
          const result = work();
          if (result === undefined) return;
          settle(result);
          execution.free();
        } catch (thrown) {
          if (calls.has(running)) fail(running, thrown, reject);
        }
      }
      const poll = () => step(() => execution.poll(wake));
      const wake = () => queueMicrotask(poll);
      calls.add(running);
      if (signal?.aborted) cancel();
      else signal?.addEventListener("abort", cancel, { once: true });
      poll();
    });
  }

  /** The module's side of the configuration, made again when the module was replaced. */
  #core() {
    if (this.#handle?.generation !== generation) {
      this.#handle = { generation, core: guard(() => new core.Toolkit(this.#settings.options, random())) };
    }
    return this.#handle.core;
  }
}

/** The calls under way, and how often the module was replaced. */
const calls = new Set();
let generation = 0;

/** A call whose module trapped ends as `internal`, and the module is replaced as soon as no other call needs it. */
function fail(running, thrown, reject) {
  if (!isTrap(thrown)) {
    calls.delete(running);
    return reject(thrown);
  }
  running.settle({
    successful: false,
    data: null,
    error: { kind: "internal", code: "internal", message: "the module failed; it is replaced", retryable: false, hint: "report this with the tool and the shape of its arguments" },
    meta: { tool: String(running.slug), attempts: 0 },
  });
  replace();
}

let broken = false;
function replace() {
  broken = true;
  if (calls.size > 0) return;
  broken = false;
  generation += 1;
  core.__wbg_reset_state();
}

const isTrap = (thrown) => thrown instanceof WebAssembly.RuntimeError || thrown instanceof RangeError;

/** Runs a synchronous function of the module: its errors become exceptions, a trap replaces the module. */
function guard(call) {
  if (broken) replace();
  try {
    return call();
  } catch (thrown) {
    if (typeof thrown === "string") throw new NangoToolkitError(JSON.parse(thrown));
    if (isTrap(thrown)) replace();
    throw thrown;
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
