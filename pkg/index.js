// What users see of the toolkit. Texts go to the WebAssembly module and JSON texts come back; here are
// only the conversions, the plain-data configuration, and the promise around a running call. What a
// tool is, what a request looks like and what an answer means is decided in the module.
import { NangoToolkitError } from "./load.js";
import * as core from "./wasm/nango_toolkit.js";

export { NangoToolkitError };

/** Tools as data: slug, title, description, schemas, annotations. */
export const listTools = (filter = {}) => ask("list", "", text(filter));

/** One tool by slug or alias. */
export const getTool = (name) => ask("get", String(name)) ?? undefined;

/** The tools that fit a request in natural language, best first. */
export const searchTools = (words, options = {}) => ask("search", String(words), text(options));

/** All problems of the arguments at once; nothing is sent. */
export const validate = (slug, args, options = {}) => ask("validate", String(slug), text(args), text(options));

/** The request that a call would send, without the key. */
export const buildRequest = (slug, args, options = {}) => ask("build", String(slug), text(args), text(options));

/** The result that an answer is. `slug` may be null for an operation that is no tool. */
export function parseResponse(slug, { status, headers = {}, body = "" }, options = {}) {
  const plain = headers instanceof Headers ? Object.fromEntries(headers) : headers;
  const content = typeof body === "string" ? body : body === null ? "" : JSON.stringify(body);
  return ask("parse", slug === null || slug === undefined ? "" : String(slug), text({ status: Number(status), headers: plain, body: content }), text(options));
}

/** Runs tools against one Nango environment. Everything it knows is plain data and functions. */
export class NangoToolkit {
  #settings;
  #handle;

  constructor(options) {
    const { apiKey, fetch = globalThis.fetch, onEvent, ...rest } = options ?? {};
    if (typeof apiKey === "string") ask("key", apiKey);
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
    ask("options", "", "", text(rest));
    this.#core();
  }

  /** The tools that this toolkit may run, as data. */
  tools(filter = {}) {
    const { schema } = JSON.parse(this.#settings.options);
    return listTools({ schema, ...this.#narrowed(filter) });
  }

  /** Those of them that fit a request in natural language, best first. */
  searchTools(words, options = {}) {
    return searchTools(words, this.#narrowed(options));
  }

  #narrowed(filter) {
    const { policy } = JSON.parse(this.#settings.options);
    return policy?.readOnly ? { ...filter, readOnly: true } : filter;
  }

  /**
   * Runs a tool. The promise rejects only on misuse by the programmer; whatever a model asked for and a
   * server answered is in the result.
   */
  execute(slug, args, { signal, ...overrides } = {}) {
    return new Promise((resolve) => {
      const run = new Run(String(slug), resolve, signal);
      let json;
      try {
        json = text(args);
      } catch (cause) {
        return run.fail("invalid_arguments", `the arguments cannot be written as JSON: ${cause.message}`, "give an object of plain JSON values");
      }
      const changes = Object.keys(overrides).length > 0 ? text(overrides) : "";
      if (changes) ask("options", "", "", changes);
      run.start(this.#core(), json, this.#settings, changes);
    });
  }

  /** The module's side of the configuration, made again when the module was replaced. */
  #core() {
    if (this.#handle?.generation !== generation) {
      this.#handle = { core: pure(() => new core.Toolkit(this.#settings.options)), generation };
    }
    return this.#handle.core;
  }
}

/** How a step comes about. */
const [GO_ON, GAVE, REJECTED, CANCEL] = [0, 1, 2, 3];

/**
 * A call under way. Each step of the module says what to wait for: a promise, only time (undefined), or
 * nothing more (null).
 */
class Run {
  #core;
  #number;
  #resolve;
  #signal;
  #abort;
  #timer;
  #until = 0;
  #turn = 0;
  #onValue;
  #onThrown;
  #tool;
  #attempts = 0;

  constructor(tool, resolve, signal) {
    this.#tool = tool;
    this.#resolve = resolve;
    this.#signal = signal;
  }

  start(core, json, { apiKey, fetch, onEvent, options }, changes) {
    this.#core = core;
    running.add(this);
    const send = (url, init) => {
      this.#attempts += 1;
      return fetch(url, init);
    };
    this.#listen();
    this.#step(() => {
      this.#number = core.start(this.#tool, json, apiKey, send, onEvent, changes, random());
      if (this.#signal?.aborted) return core.step(this.#number, CANCEL);
      if (this.#signal) {
        // It comes from outside, perhaps in the midst of a step: it waits for its end.
        this.#abort = () => queueMicrotask(() => this.#turned(() => core.step(this.#number, CANCEL)));
        this.#signal.addEventListener("abort", this.#abort, { once: true });
      }
      return core.step(this.#number, GO_ON);
    });
  }

  /** Ends as a failure that never reached the module, or was lost in it. */
  fail(kind, message, hint) {
    const error = { kind, code: kind, message, retryable: false, hint };
    this.#end({ successful: false, data: null, error, meta: { tool: this.#tool, attempts: this.#attempts } });
  }

  /** The module was replaced, and with it went this call. */
  lose() {
    this.fail("internal", TRAPPED.message, this.#attempts > 0 ? "whether the request took effect is not known: look before it is repeated" : TRAPPED.hint);
  }

  #step(work) {
    if (!running.has(this)) return;
    try {
      const next = work();
      if (next === null) return this.#end(this.#core.result(this.#number));
      if (next !== undefined) Promise.resolve(next).then(this.#onValue, this.#onThrown);
      const until = this.#core.until(this.#number);
      if (until !== this.#until) this.#time(until);
    } catch {
      // Nothing is thrown on purpose: it has cut through the module's frames and left its memory in disorder.
      if (running.has(this)) replace();
    }
  }

  /** A step that did not come from the promise: what that settles with from now on is of no interest. */
  #turned(work) {
    this.#listen();
    this.#step(work);
  }

  #listen() {
    const turn = ++this.#turn;
    this.#onValue = (value) => turn === this.#turn && this.#step(() => this.#core.step(this.#number, GAVE, value));
    this.#onThrown = (thrown) => turn === this.#turn && this.#step(() => this.#core.step(this.#number, REJECTED, thrown));
  }

  #time(until) {
    this.#until = until;
    clearTimeout(this.#timer);
    // Hosts take timers beyond 2^31 milliseconds for none at all.
    const ms = Math.min(Math.max(until - Date.now(), 0), 2 ** 31 - 1);
    this.#timer = until ? setTimeout(() => this.#due(), ms) : undefined;
  }

  #due() {
    // Timers may come early: the promise under way still counts then.
    if (Date.now() < this.#until) return this.#time(this.#until);
    this.#turned(() => this.#core.step(this.#number, GO_ON));
  }

  #end(result) {
    running.delete(this);
    clearTimeout(this.#timer);
    if (this.#abort) this.#signal.removeEventListener("abort", this.#abort);
    this.#resolve(result);
  }
}

/** The calls under way, and how often the module was replaced. */
const running = new Set();
let generation = 0;

const TRAPPED = { code: "internal", message: "the WebAssembly module failed; it was replaced", hint: "report this with the tool and the shape of its arguments" };

/** A fresh module in place of one that trapped. Calls under way lived in the old one: they end as `internal`. */
function replace() {
  generation += 1;
  core.__wbg_reset_state();
  for (const run of [...running]) run.lose();
}

/** Asks the module what needs no network: its errors become exceptions. */
function ask(what, name = "", given = "", options = "{}") {
  const answer = pure(() => core.ask(what, name, given, options));
  if (answer.startsWith("!")) throw new NangoToolkitError(JSON.parse(answer.slice(1)));
  return answer ? JSON.parse(answer) : undefined;
}

/** Runs a synchronous function of the module; a trap replaces the module. */
function pure(work) {
  core.mustBeReady();
  try {
    return work();
  } catch (cause) {
    replace();
    throw new NangoToolkitError({ ...TRAPPED, kind: "internal", cause });
  }
}

/** Arguments as JSON text; a text is taken as JSON already. */
function text(value) {
  if (typeof value === "string") return value;
  return JSON.stringify(value) ?? "null";
}

/** From 0 to 1, unlike any other's: drawn once, at the first call, then along the golden ratio, which meets no number twice. */
let drawn;
function random() {
  if (drawn === undefined) {
    const [high, low] = crypto.getRandomValues(new Uint32Array(2));
    drawn = (high * 2 ** 21 + (low >>> 11)) / 2 ** 53;
  }
  drawn = (drawn + 0.6180339887498949) % 1;
  return drawn;
}
