// Calls under way. Each is driven in the WebAssembly module, which uses the host's `fetch`, timers and promises; here
// are the functions that it is given, and what happens when the module traps.
import { NangoToolkitError } from "./load.js";
import { random, secret } from "./texts.js";
import * as core from "./wasm/nango_toolkit.js";

const TRAPPED = {
  code: "internal",
  kind: "internal",
  message: "the WebAssembly module failed; it was replaced",
  hint: "report this with the tool and the shape of its arguments",
};
const UNKNOWN_EFFECT = "whether the request took effect is not known: look before it is repeated";

/** The calls under way, and how often the module was replaced. */
let running = new Set();
let generation = 0;

/** An object of the module's, made when it is needed, and made again after the module was replaced. */
export class Handle {
  #make;
  #made;
  #generation = -1;

  /** @param {() => { free(): void }} make may throw what the module refuses */
  constructor(make) {
    this.#make = make;
  }

  get value() {
    if (this.#generation !== generation) {
      this.#made = pure(this.#make);
      this.#generation = generation;
    }
    return this.#made;
  }

  /** Gives its memory back. It is made anew if it is needed again. */
  free() {
    if (this.#generation === generation) this.#made.free();
    this.#made = undefined;
    this.#generation = -1;
  }
}

/** What a toolkit's calls are made with. */
export class Transport {
  #handle;

  /** `options` are plain data as JSON text; the others are functions of the host's, but for a key that may be a string. */
  constructor(options, { apiKey, fetch, onEvent, onApproval }) {
    // `fetch` must not be called as a method of anything: browsers refuse it.
    const send = fetch === globalThis.fetch ? (url, init) => globalThis.fetch(url, init) : (url, init) => fetch(url, init);
    this.settings = { options, apiKey, fetch: send, onEvent, onApproval };
    const listener = onEvent && ((event) => emit(onEvent, event));
    this.#handle = new Handle(() => new core.Toolkit(options, apiKey, listener, guard));
  }

  /** Hands an event to the listener. A listener that fails harms nobody. */
  emit(event) {
    emit(this.settings.onEvent, event);
  }

  /** The module's side. */
  get module() {
    return this.#handle.value;
  }
}

/** A call under way. */
export class Run {
  #tool;
  #resolve;
  #settings;
  #sent = 0;

  constructor(tool, resolve, signal) {
    this.#tool = tool;
    this.#resolve = resolve;
    this.signal = signal;
  }

  start(transport, args, overrides) {
    this.#settings = transport.settings;
    running.add(this);
    try {
      transport.module.execute(this.#tool, args, overrides, random(), this);
    } catch (cause) {
      if (isRefusal(cause) || cause instanceof NangoToolkitError) this.fail(cause.kind ?? "internal", cause.message, cause.hint);
      else replace();
    }
  }

  /** Sends a request, for the module. */
  fetch = (url, init) => {
    this.#sent += 1;
    return this.#settings.fetch(url, init);
  };

  /** Whether the call may run: `true`, `false`, or the token by which it may be confirmed later. */
  approve = async (summary) => {
    const { onApproval } = this.#settings;
    try {
      const answer = await onApproval?.(JSON.parse(summary), { signal: this.signal });
      if (typeof answer === "boolean") return answer;
    } catch {}
    return secret("confirm_");
  };

  /** Takes the result, for the module. Its data are `data`, unless they come as JSON in `text`. */
  done(result, data, text) {
    result.data = text === undefined ? data : JSON.parse(text);
    this.#end(result);
  }

  /** Ends as a failure that never reached the module, or was lost in it. */
  fail(kind, message, hint) {
    const error = { kind, code: kind, message, retryable: false, hint };
    this.#end({ successful: false, data: null, error, meta: { tool: this.#tool, attempts: this.#sent } });
  }

  /** The module trapped, and with it went this call. */
  lose({ message, hint }) {
    this.fail("internal", message, this.#sent > 0 ? UNKNOWN_EFFECT : hint);
  }

  #end(result) {
    running.delete(this);
    this.#resolve(result);
  }
}

/** Wraps a callback of the module's: a trap in it replaces the module, and one of a module that was replaced does nothing. */
function guard(callback) {
  const made = generation;
  return (value) => {
    if (made !== generation) return;
    try {
      callback(value);
    } catch {
      replace();
    }
  };
}

/**
 * A fresh module in place of one that trapped, if there can be one; what to say of it. Calls under way lived in the old
 * one: they end as `internal`.
 */
function replace() {
  const lost = running;
  running = new Set();
  generation += 1;
  const said = core.again() ?? TRAPPED;
  for (const run of lost) run.lose(said);
  return said;
}

/**
 * Runs a synchronous function of a module. What it refuses is thrown as an error of the package; a trap replaces the
 * module, by its own `again`, and loses no call under way here.
 */
export function pure(work, ready = core.mustBeReady, again = replace) {
  ready();
  try {
    return work();
  } catch (cause) {
    if (isRefusal(cause)) throw new NangoToolkitError(cause);
    // One that was thrown by such a function within this one.
    if (cause instanceof NangoToolkitError) throw cause;
    throw new NangoToolkitError({ ...TRAPPED, ...again(), cause });
  }
}

/** Whether the module threw on purpose: then it is a plain object, where a trap is an Error of the host's. */
const isRefusal = (cause) => typeof cause?.kind === "string" && Object.getPrototypeOf(cause) === Object.prototype;

/** Hands an event to a listener; it may throw, or reject later. */
function emit(listener, event) {
  try {
    listener?.(event)?.then?.(undefined, () => {});
  } catch {}
}
