/**
 * The in-memory Nango: a `fetch` that never leaves the process. What a Nango server answers is decided in the
 * WebAssembly module; this file adds the clock, emulator-fetch.js latency and the behaviour of `fetch`.
 *
 * `nango-toolkit/emulator/inline` is the same, with the module as text.
 *
 * @module nango-toolkit/emulator
 */
import * as core from "./emulator-core.js";
import { BASE_URL, fetchOf } from "./emulator-fetch.js";
import { NangoToolkitError, invalidOption, isModuleError } from "./errors.js";
import { optionsJson } from "./serialization.js";

export { NangoToolkitError } from "./errors.js";

/**
 * Options of an emulator. An option that is unknown, `null` or of a wrong type is an error.
 *
 * @example
 * ```ts
 * import { createEmulator, type EmulatorOptions } from "nango-toolkit/emulator";
 *
 * const options: EmulatorOptions = { seed: 7, faults: { fail: [{ kind: "rate_limit", times: 1 }] } };
 * const emulator = createEmulator(options);
 * const headers = { authorization: `Bearer ${emulator.apiKey}` };
 * console.log((await emulator.fetch("/integrations", { headers })).status); // 429
 * ```
 */
export interface EmulatorOptions {
  /**
   * Determines every generated ID and token: the same seed gives the same ones. A saved `world` has its own.
   * @default 1
   */
  seed?: number | undefined;
  /**
   * The API key with every scope, a UUID v4. Use a random one if other programs can reach the
   * emulator; `nango-toolkit emulate` does.
   * @default the seed decides it
   */
  apiKey?: string | undefined;
  /**
   * Your own data, or what {@link Emulator.save} returned, as an object or JSON text. The provider catalogue stays
   * the same.
   * @default the built-in data
   */
  world?: object | string | undefined;
  /**
   * Faults from the start; see {@link Emulator.setFaults}.
   * @default none
   */
  faults?: Faults | string | undefined;
  /**
   * How many requests per minute are answered before 429.
   * @default 200
   */
  rateLimit?: number | undefined;
  /**
   * The clock, in milliseconds since the Unix epoch.
   * @default Date.now
   */
  now?: (() => number) | undefined;
}

/** Simulated faults. */
export interface Faults {
  /**
   * By how much every response is delayed, in milliseconds.
   * @default 0
   */
  latencyMs?: number | undefined;
  /** Requests that fail. The first entry that matches and is not used up applies. */
  fail?: Fault[] | undefined;
}

/** One kind of failure. */
export interface Fault {
  /**
   * Which requests fail. `path` is a prefix.
   * @default all
   */
  match?: { method?: string | undefined; path?: string | undefined } | undefined;
  /**
   * How many requests fail; `null` for all.
   * @default null
   */
  times?: number | null | undefined;
  /** How: an error status, Nango's own 429, a dropped connection, a body that is not JSON, a body that is cut off. */
  kind: "status" | "rate_limit" | "drop" | "garbage" | "truncate";
  /**
   * The status for `kind: "status"`.
   * @default 503
   */
  status?: number | undefined;
  /**
   * The value of the header `Retry-After` for `kind: "rate_limit"`, in seconds.
   * @default 1
   */
  retryAfter?: number | undefined;
}

/** A request for {@link Emulator.handle}. */
export interface EmulatorRequest {
  /**
   * The HTTP method.
   * @default "GET"
   */
  method?: string | undefined;
  /** An absolute URL, or a path that begins with `/`. */
  url: string;
  /** The headers. */
  headers?: [name: string, value: string][] | undefined;
  /** The body. */
  body?: string | undefined;
}

/** What {@link Emulator.handle} returns. */
export interface EmulatorReply {
  /** The HTTP status. */
  status: number;
  /** The headers. */
  headers: [name: string, value: string][];
  /** The body. */
  body: string;
  /** How long a server would have taken, in milliseconds. It is up to the caller to wait. */
  delayMs: number;
  /** Whether the connection breaks instead of a response. */
  dropped: boolean;
}

/** A webhook that a server would have sent; see {@link Emulator.takeWebhooks}. */
export interface EmulatorWebhook {
  /** Where it would have gone: the connection's own URL, or the `webhookUrl` of the world. */
  url: string | null;
  /** Its headers, with both signatures. */
  headers: [name: string, value: string][];
  /** Its body: the signatures are those of exactly this text. */
  body: string;
}

/** An in-memory Nango. */
export interface Emulator {
  /** The base URL that goes with {@link Emulator.fetch}. Its host never resolves. */
  readonly baseUrl: string;
  /** An API key with every scope. */
  readonly apiKey: string;
  /** Like the global `fetch`, but answered in memory: pass it to `new NangoToolkit({ fetch })`. */
  fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>;
  /** Answers one request synchronously, for an HTTP server in front of the emulator. */
  handle(request: EmulatorRequest): EmulatorReply;
  /**
   * Creates another API key that has only these scopes, for example `["environment:connections:read"]`. A key with
   * scopes such as `account:*` is one of the account: it manages environments and their keys, and sees nothing in them.
   */
  addKey(scopes: string[]): string;
  /** Restores the initial data, without faults and with a fresh rate limit. */
  reset(): void;
  /**
   * Replaces the faults; without an argument, removes them.
   * @throws {@link NangoToolkitError} if the specification is wrong.
   */
  setFaults(faults?: Faults | string): void;
  /** Sets how many requests per minute are answered before 429. */
  setRateLimit(perMinute: number): void;
  /**
   * Everything that another emulator needs to go on from here, as JSON text for the option `world`: all data, with
   * credentials, the keys and the IDs still to come. Faults are not part of it.
   *
   * @example
   * ```ts
   * import { createEmulator } from "nango-toolkit/emulator";
   *
   * const first = createEmulator();
   * await first.fetch("/integrations/slack", {
   *   method: "DELETE",
   *   headers: { authorization: `Bearer ${first.apiKey}` },
   * });
   * const second = createEmulator({ world: first.save() });
   * console.log(JSON.stringify(second.world()) === JSON.stringify(first.world())); // true
   * ```
   */
  save(): string;
  /** All data of the emulator for people to read, with secrets masked; {@link Emulator.save} keeps them. */
  world(): Record<string, unknown>;
  /**
   * Acts as the end user who authorizes in the Connect UI: creates (or authorizes again) a connection of this
   * integration for the owner of the connect session, and returns the connection's ID.
   * @throws {@link NangoToolkitError} if the token is unknown or does not allow the integration.
   */
  connect(sessionToken: string, integration: string): string;
  /**
   * Takes the webhooks that a server would have sent since the last time, oldest first: for connections that were
   * created or authorized again, syncs that ran (each with its last run) and queued actions that are done. Nothing is
   * sent: deliver them with a `fetch` of your own. The last thousand are kept.
   *
   * @example
   * ```ts
   * import { createEmulator } from "nango-toolkit/emulator";
   *
   * const emulator = createEmulator();
   * for (const { url, headers, body } of emulator.takeWebhooks())
   *   await fetch(url ?? "https://example.com/webhooks", { method: "POST", headers, body });
   * ```
   */
  takeWebhooks(): EmulatorWebhook[];
  /** The key with which a receiver checks the signatures of webhooks. */
  webhookSigningKey(): string;
}

/**
 * Creates an in-memory Nango with its own data; a number is the seed.
 *
 * @throws {@link NangoToolkitError} if an option is wrong or unknown.
 * @example
 * ```ts
 * import { NangoToolkit } from "nango-toolkit";
 * import { createEmulator } from "nango-toolkit/emulator";
 *
 * const { fetch, apiKey, baseUrl } = createEmulator();
 * const nango = new NangoToolkit({ fetch, apiKey, baseUrl });
 * console.log((await nango.execute("NANGO_LIST_INTEGRATIONS", {})).successful); // true
 * ```
 */
export function createEmulator(options: number | EmulatorOptions = {}): Emulator {
  core.mustBeReady();
  const given: unknown = typeof options === "number" ? { seed: options } : options;
  const isObject = typeof given === "object" && given !== null && !Array.isArray(given);
  const { now = Date.now, ...others }: EmulatorOptions = isObject ? given : {};
  if (typeof now !== "function") throw invalidOption("`now`: expected a function that returns milliseconds since 1970");
  const emulator = callEmulator(() => new core.Emulator(optionsJson(isObject ? others : given)));

  const handle = ({ method = "GET", url, headers = [], body }: EmulatorRequest): EmulatorReply =>
    callEmulator(() => emulator.handle(method, url, optionsJson(headers), body, now()));

  return {
    baseUrl: BASE_URL,
    apiKey: emulator.apiKey(),
    fetch: fetchOf(handle),
    handle,
    addKey: (scopes) => callEmulator(() => emulator.addKey(optionsJson(scopes))),
    reset: () => emulator.reset(),
    setFaults: (faults = {}) =>
      callEmulator(() => emulator.setFaults(typeof faults === "string" ? faults : optionsJson(faults))),
    setRateLimit: (perMinute) => callEmulator(() => emulator.setRateLimit(perMinute)),
    save: () => emulator.save(),
    world: () => JSON.parse(emulator.world()),
    connect: (sessionToken, integration) => callEmulator(() => emulator.connect(sessionToken, integration, now())),
    takeWebhooks: () => callEmulator(() => emulator.takeWebhooks(now())),
    webhookSigningKey: () => emulator.webhookSigningKey(),
  };
}

/** Runs a function of the module, which throws its errors as plain objects. */
function callEmulator<T>(work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    throw isModuleError(thrown) ? new NangoToolkitError(thrown) : thrown;
  }
}
