// The face of the in-memory Nango: a `fetch` that never leaves the process. How a Nango server responds is decided
// in the WebAssembly module; here are only the clock, latency, and what `fetch` does beside sending.
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
  const given = typeof options === "number" ? { seed: options } : options;
  const isObject = typeof given === "object" && given !== null && !Array.isArray(given);
  const { now = Date.now, ...others } = isObject ? given : {};
  if (typeof now !== "function") throw invalidOption("options: `now`: expected a function that returns milliseconds since 1970");
  const emulator = checked(() => new Emulator(toJson(isObject ? others : given)));

  const handle = ({ method = "GET", url, headers = [], body }) =>
    checked(() => emulator.handle(method, url, toJson(headers), body, now()));

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
    addKey: (scopes) => checked(() => emulator.addKey(toJson(scopes))),
    reset: () => emulator.reset(),
    setFaults: (faults = {}) => checked(() => emulator.setFaults(typeof faults === "string" ? faults : toJson(faults))),
    setRateLimit: (perMinute) => checked(() => emulator.setRateLimit(perMinute)),
    world: () => JSON.parse(emulator.world()),
    connect: (sessionToken, integration) => checked(() => emulator.connect(sessionToken, integration, now())),
  };
}

/** JSON text; what JSON has no form for (NaN, a function) becomes a string, so that it is refused and not left out. */
const toJson = (value) => JSON.stringify(value, asJson) ?? "null";
const asJson = (_name, value) => {
  const inexpressible = typeof value === "number" ? !Number.isFinite(value) : ["bigint", "function", "symbol"].includes(typeof value);
  return inexpressible ? String(value) : value;
};

const invalidOption = (message) => Object.assign(new Error(message), { kind: "invalid_option", code: "invalid_option", retryable: false });

/** The module throws plain objects; callers get an `Error` with the same properties. */
function checked(call) {
  try {
    return call();
  } catch (thrown) {
    if (thrown instanceof Error || typeof thrown?.message !== "string") throw thrown;
    throw Object.assign(new Error(thrown.message), thrown);
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
