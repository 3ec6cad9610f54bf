// A call under way: has the WebAssembly module step and does what it says, with the host's `fetch`, timers and
// promises. It decides nothing: what to send, how long to wait and what an answer means is the module's. Here
// is also what happens when the module traps.
import { NangoToolkitError } from "./load.js";
import { headersOf, linesOf, random, secret, words } from "./texts.js";
import { endOfTurn, hasTurns } from "./turn.js";
import * as core from "./wasm/nango_toolkit.js";

/** How a step comes about; see src/js/run.rs. */
const [GO_ON, KEY, NO_KEY, ANSWER, LOST, CANCEL, GRANTED, REFUSED, PENDING] = [0, 1, 2, 3, 4, 5, 6, 7, 8];
const REQUEST_ID = "x-request-id";

const TRAPPED = { code: "internal", kind: "internal", message: "the WebAssembly module failed; it was replaced", hint: "report this with the tool and the shape of its arguments" };

/** The calls under way, each at the number by which the module knows it; numbers that are free; how often the module was replaced. */
let running = [];
let free = [];
let generation = 0;

/** What a toolkit's calls are made with: the module's side of it is made again when the module was replaced. */
export class Transport {
  #module;
  #generation = -1;

  /** `options` are plain data as JSON text, found good; the others are functions of the host's, but for a key that may be a text. */
  constructor(options, { apiKey, fetch, onEvent, onApproval }) {
    // `fetch` must not be called as a method of anything: browsers refuse it.
    const send = fetch === globalThis.fetch ? (url, init) => globalThis.fetch(url, init) : fetch;
    this.settings = { options, apiKey, fetch: send, onEvent, onApproval };
  }

  /** Hands an event to whoever listens. A listener that fails harms nobody. */
  tell(event) {
    tell(this.settings.onEvent, event);
  }

  /** The module's side. */
  get module() {
    if (this.#generation !== generation) {
      const { options, apiKey, onEvent } = this.settings;
      this.#module = pure(() => new core.Toolkit(options, typeof apiKey === "string" ? apiKey : "", onEvent === undefined));
      this.#generation = generation;
    }
    return this.#module;
  }
}

/** A call under way. */
export class Run {
  #tool;
  #resolve;
  #signal;
  #abort;
  #settings;
  #number;
  #started;
  /** What counts: the controller of the request under way, or whatever else was asked for last. */
  #waits;
  #timer;
  #until = 0;
  /** What the last request is to become, in the module's words. */
  #head;
  #sent = 0;

  constructor(tool, resolve, signal) {
    this.#tool = tool;
    this.#resolve = resolve;
    this.#signal = signal;
  }

  /** Starts at once, or with others at the end of the turn where some are under way. */
  start(transport, args, overrides) {
    const turn = running.length > free.length ? endOfTurn() : undefined;
    if (turn) turn.then(() => this.#begin(transport, args, overrides));
    else this.#begin(transport, args, overrides);
  }

  #begin(transport, args, overrides) {
    const { settings } = transport;
    this.#settings = settings;
    let module;
    try {
      module = transport.module;
    } catch (thrown) {
      // Perhaps at the end of a turn, where nobody would hear of it. The hint is in the message.
      return this.fail("internal", thrown.message);
    }
    const number = (this.#number = free.pop() ?? running.length);
    running[number] = this;
    holdTimer();
    const signal = this.#signal;
    const cancelled = signal?.aborted === true;
    if (signal && !cancelled) {
      // It comes from outside, perhaps in the midst of something: it waits for its end.
      this.#abort = () => queueMicrotask(() => this.#step(CANCEL));
      signal.addEventListener("abort", this.#abort, { once: true });
    }
    let said;
    try {
      const now = (this.#started = Date.now());
      said = module.start(number, this.#tool, args, overrides, cancelled, random(), now);
      if (settings.onEvent) this.#tell();
    } catch (cause) {
      if (isRefusal(cause)) return this.fail(cause.kind, cause.message, cause.hint);
      return replace();
    }
    this.#follow(said);
  }

  /** Ends as a failure that never reached the module, or was lost in it. */
  fail(kind, message, hint) {
    const error = { kind, code: kind, message, retryable: false, hint };
    this.#end({ successful: false, data: null, error, meta: { tool: this.#tool, attempts: this.#sent } });
  }

  /** The module trapped, and with it went this call. */
  lose({ message, hint }) {
    this.#number = undefined;
    this.fail("internal", message, this.#sent > 0 ? "whether the request took effect is not known: look before it is repeated" : hint);
  }

  #step(how, text = "", status = 0, head = "") {
    if (this.#number === undefined) return;
    let said;
    try {
      // What is due is due, though the clock was set back meanwhile.
      const now = how === GO_ON ? Math.max(Date.now(), this.#until) : Date.now();
      said = core.step(this.#number, how, text, status, head, now);
      if (this.#settings.onEvent) this.#tell();
    } catch {
      // Nothing is thrown on purpose: it has cut through the module's frames and left its memory in disorder.
      return replace();
    }
    this.#follow(said);
  }

  /** Hands the new events to whoever listens. */
  #tell() {
    for (const event of core.events(this.#number)) tell(this.#settings.onEvent, event);
  }

  #follow(said) {
    // A listener may have met a trap.
    if (this.#number === undefined) return;
    if (said.startsWith("S")) return this.#send(said);
    if (said.startsWith("W")) {
      const until = Number(said.slice(1));
      // Another time than the attempt's own: the attempt is over.
      if (until !== this.#until) {
        this.#giveUp();
        this.#until = until;
        this.#time();
      }
    } else if (said.startsWith("K")) this.#ask(said === "K1");
    else if (said.startsWith("A")) this.#approve(said.slice(1));
    else if (said.startsWith("D")) this.#end(JSON.parse(said.slice(1)));
  }

  #send(said) {
    this.#giveUp();
    const zero = said.indexOf("\0");
    const head = (this.#head = linesOf(zero < 0 ? said : said.slice(0, zero)));
    const headers = headersOf(head);
    const controller = (this.#waits = new AbortController());
    const init = { method: head[5], headers, redirect: "manual", signal: controller.signal };
    if (zero >= 0) init.body = said.slice(zero + 1);
    this.#until = Number(head[1]);
    if (!watch(this.#until)) this.#time();
    this.#sent += 1;
    const { fetch } = this.#settings;
    try {
      Promise.resolve(fetch(head[6], init)).then(
        (answer) => controller === this.#waits && this.#answered(controller, answer),
        (thrown) => controller === this.#waits && this.#broke(controller, "", thrown),
      );
    } catch (thrown) {
      this.#lost(words(thrown));
    }
  }

  #answered(controller, answer) {
    try {
      if (typeof answer?.status !== "number" || typeof answer.text !== "function" || typeof answer.headers?.get !== "function") {
        return this.#lost("the function given as `fetch` did not return a Response");
      }
      Promise.resolve(answer.text()).then(
        (text) => controller === this.#waits && this.#read(answer, text),
        (thrown) => controller === this.#waits && this.#broke(controller, "the answer broke off: ", thrown),
      );
    } catch (thrown) {
      this.#lost(words(thrown));
    }
  }

  /** The whole answer: where the module need not see it, it never crosses. */
  #read({ status, headers }, text) {
    this.#waits = undefined;
    const type = headers.get("content-type") ?? "";
    if (status >= 200 && status <= 202 && this.#head[0] === "S1" && type.includes("json")) {
      let data;
      try {
        data = JSON.parse(text);
      } catch {}
      if (data !== undefined) return this.#hold(status, data, headers);
    }
    let head = `content-type\n${type}`;
    for (const name of ["retry-after", REQUEST_ID]) {
      const value = headers.get(name);
      if (value) head += `\n${name}\n${value}`;
    }
    this.#step(ANSWER, String(text), status, head);
  }

  #hold(status, data, headers) {
    const head = this.#head;
    const { onEvent } = this.#settings;
    const now = Date.now();
    // Where nobody listens the module need not hear of it: the next call takes the place.
    if (onEvent) {
      try {
        core.held(this.#number, status, headers.get(REQUEST_ID) ?? "", now);
        this.#tell();
      } catch {
        return replace();
      }
    }
    const meta = { tool: head[4], call_id: head[3], status, attempts: Number(head[2]), duration_ms: Math.max(now - this.#started, 0) };
    this.#end({ successful: true, data, error: null, meta });
  }

  /** No answer, or not all of one; where the time was over, that is why. */
  #broke({ signal }, what, thrown) {
    if (signal.aborted) this.#step(GO_ON);
    else this.#lost(what + words(thrown));
  }

  #lost(why) {
    this.#waits = undefined;
    this.#step(LOST, why);
  }

  #ask(stale) {
    const waits = (this.#waits = {});
    const { apiKey } = this.#settings;
    try {
      Promise.resolve(typeof apiKey === "function" ? apiKey({ stale }) : apiKey).then(
        (key) => waits === this.#waits && (typeof key === "string" ? this.#step(KEY, key) : this.#step(NO_KEY, "the function given as `apiKey` did not return a text")),
        (thrown) => waits === this.#waits && this.#step(NO_KEY, words(thrown)),
      );
    } catch (thrown) {
      this.#step(NO_KEY, words(thrown));
    }
  }

  /** Whether the call may run: as the host's function says, otherwise whoever has the token may confirm it later. */
  #approve(summary) {
    const { onApproval } = this.#settings;
    const later = () => this.#step(PENDING, secret("confirm_"));
    if (!onApproval) return later();
    const waits = (this.#waits = {});
    const answered = (yes) => {
      if (waits !== this.#waits) return;
      if (yes === true) this.#step(GRANTED);
      else if (yes === false) this.#step(REFUSED);
      else later();
    };
    try {
      Promise.resolve(onApproval(JSON.parse(summary), { signal: this.#signal })).then(answered, answered);
    } catch {
      later();
    }
  }

  /** Stops the request that is under way, if one is; nothing that was asked for counts any more. */
  #giveUp() {
    const waits = this.#waits;
    this.#waits = undefined;
    if (waits instanceof AbortController) waits.abort();
  }

  /** Sets a timer of its own. */
  #time() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#due(), milliseconds(this.#until));
  }

  #due() {
    // Timers may come early: what is under way still counts then.
    if (Date.now() < this.#until) return this.#time();
    this.#step(GO_ON);
  }

  /** The deadline of the request under way, if one is. Where it has passed, the request is stopped: what follows comes of its end, in the context (`AsyncLocalStorage`) of whoever called; a `fetch` that does not stop is not waited for. */
  deadline(now) {
    const waits = this.#waits;
    if (!(waits instanceof AbortController)) return Infinity;
    if (now < this.#until) return this.#until;
    waits.abort();
    setTimeout(() => waits === this.#waits && this.#step(GO_ON));
    return Infinity;
  }

  #end(result) {
    if (this.#number !== undefined) {
      running[this.#number] = undefined;
      free.push(this.#number);
      this.#number = undefined;
    }
    this.#giveUp();
    clearTimeout(this.#timer);
    dropTimer();
    if (this.#abort) this.#signal.removeEventListener("abort", this.#abort);
    this.#resolve(result);
  }
}

/** Hosts take timers beyond 2^31 milliseconds for none at all. */
const milliseconds = (until) => Math.min(Math.max(until - Date.now(), 0), 2 ** 31 - 1);

/**
 * One timer for the deadlines of all requests, where timers belong to nobody in particular: nearly all are answered long
 * before, and a timer that is set and cleared for each costs a twentieth of a call. It stands at the earliest
 * deadline there was, and keeps no process alive that waits for no answer.
 */
let timer;
let earliest = Infinity;

/** Sees to a deadline, if that is possible here. */
function watch(until) {
  if (!hasTurns()) return false;
  // One that is late goes off at once; where somebody has replaced the host's timers meanwhile it never would.
  const now = Date.now();
  if (until < earliest || earliest < now) {
    clearTimeout(timer);
    earliest = Math.min(until, Math.max(earliest, now));
    timer = setTimeout(lookAtDeadlines, milliseconds(earliest));
  }
  return true;
}

function lookAtDeadlines() {
  timer = undefined;
  earliest = Infinity;
  const now = Date.now();
  const next = running.reduce((least, run) => Math.min(least, run?.deadline(now) ?? Infinity), Infinity);
  if (next < Infinity) watch(next);
}

/** A call is under way. */
function holdTimer() {
  timer?.ref?.();
}

/** A call has ended, perhaps the last. */
function dropTimer() {
  if (timer === undefined || running.length > free.length) return;
  if (timer.unref) return void timer.unref();
  clearTimeout(timer);
  timer = undefined;
  earliest = Infinity;
}

/** A fresh module in place of one that trapped, if there can be one; what to say of it. Calls under way lived in the old one: they end as `internal`. */
function replace() {
  const lost = running;
  [running, free] = [[], []];
  generation += 1;
  const said = core.again() ?? TRAPPED;
  for (const run of lost) run?.lose(said);
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
    throw new NangoToolkitError({ ...TRAPPED, ...again(), cause });
  }
}

/** Whether the module threw on purpose: then it is a plain object, where a trap is an Error of the host's. */
const isRefusal = (cause) => typeof cause?.kind === "string" && Object.getPrototypeOf(cause) === Object.prototype;

/** Hands an event to a listener; it may throw, or reject later. */
function tell(listener, event) {
  try {
    listener?.(event)?.then?.(undefined, () => {});
  } catch {}
}
