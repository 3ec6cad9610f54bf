// The face of the in-memory Nango: a `fetch` that never leaves the process. What a Nango server answers is
// decided in the WebAssembly module; here are only the clock, latency, and the manners of `fetch`.
import { Emulator, mustBeReady } from "./wasm/nango_emulator.js";

/** Where the emulator claims to live; the name can never resolve, so that no key ever leaves by mistake. */
const BASE_URL = "https://nango-emulator.invalid";

/** Statuses whose answers have no body. */
const EMPTY = new Set([101, 204, 205, 304]);

/**
 * Makes an in-memory Nango with a world of its own.
 * @type {import("./emulator.js").createEmulator}
 */
export function createEmulator(options = {}) {
  mustBeReady();
  const { seed = 1, world, faults, rateLimit, now = Date.now } = typeof options === "number" ? { seed: options } : options;
  const emulator = checked(() => new Emulator(seed, asJson(world)));
  if (faults !== undefined) checked(() => emulator.setFaults(asJson(faults)));
  if (rateLimit !== undefined) emulator.setRateLimit(rateLimit);

  const handle = ({ method = "GET", url, headers = [], body }) => {
    const reply = JSON.parse(checked(() => emulator.handle(method, url, JSON.stringify(headers), body, now())));
    return { status: reply.status, headers: reply.headers, body: reply.body, delayMs: reply.delay_ms, dropped: reply.dropped };
  };

  const fetch = async (input, init) => {
    const request = new Request(typeof input === "string" && input.startsWith("/") ? BASE_URL + input : input, init);
    request.signal.throwIfAborted();
    const body = request.body === null ? undefined : await request.text();
    const reply = handle({ method: request.method, url: request.url, headers: [...request.headers], body });
    await pause(reply.delayMs, request.signal);
    if (reply.dropped) throw new TypeError("fetch failed", { cause: new Error("the emulator dropped the connection") });
    const empty = EMPTY.has(reply.status) || request.method === "HEAD";
    return new Response(empty ? null : reply.body, { status: reply.status, headers: reply.headers });
  };

  return {
    baseUrl: BASE_URL,
    apiKey: emulator.apiKey(),
    fetch,
    handle,
    addKey: (scopes) => checked(() => emulator.addKey(JSON.stringify(scopes))),
    reset: () => emulator.reset(),
    setFaults: (spec) => checked(() => emulator.setFaults(asJson(spec ?? {}))),
    setRateLimit: (perMinute) => emulator.setRateLimit(perMinute),
    world: () => JSON.parse(emulator.world()),
    connect: (sessionToken, integration) => checked(() => emulator.connect(sessionToken, integration, now())),
  };
}

const asJson = (value) => (value === undefined || typeof value === "string" ? value : JSON.stringify(value));

/** The module throws its errors as JSON text; callers get an `Error` with the same properties. */
function checked(call) {
  try {
    return call();
  } catch (thrown) {
    if (typeof thrown !== "string") throw thrown;
    const error = JSON.parse(thrown);
    throw Object.assign(new Error(error.message), error);
  }
}

/** Resolves after `ms`, at once for 0; rejects with the signal's reason when it is aborted first. */
function pause(ms, signal) {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    if (!ms) return resolve();
    const abort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", abort);
      resolve();
    }, ms);
    signal.addEventListener("abort", abort, { once: true });
  });
}
