// Types of `nango-toolkit/emulator`: an in-memory Nango for tests, demonstrations and offline work.

/** What {@link createEmulator} takes. An option that is unknown, `null` or of a wrong type is an error (`invalid_option`). */
export interface EmulatorOptions {
  /** Decides every generated id and token; the same seed gives the same ones. A whole number, default 1. */
  seed?: number;
  /** A world of your own (object or JSON text) in place of the built-in one; the provider catalogue stays. */
  world?: object | string;
  /** Faults from the start; see {@link Emulator.setFaults}. */
  faults?: Faults;
  /** Requests a minute before 429. Default 200. */
  rateLimit?: number;
  /** The clock, in milliseconds since 1970. Default `Date.now`. */
  now?: () => number;
}

/** What goes wrong on purpose. */
export interface Faults {
  /** Every response comes this much later, in milliseconds. */
  latency_ms?: number;
  /** Requests that fail; the first entry that matches and is not used up counts. */
  fail?: Fault[];
}

/** One kind of failure. */
export interface Fault {
  /** Which requests; all when absent. `path` is a prefix. */
  match?: { method?: string; path?: string };
  /** How many requests fail; `null` or absent for all. */
  times?: number | null;
  /** How: an error status, Nango's own 429, a dropped connection, a response that is not JSON, one cut short. */
  kind: "status" | "rate_limit" | "drop" | "garbage" | "truncate";
  /** The status for `kind: "status"`. Default 503. */
  status?: number;
  /** Seconds in `Retry-After` for `kind: "rate_limit"`. Default 1. */
  retry_after?: number;
}

/** A request as {@link Emulator.handle} takes it. */
export interface EmulatorRequest {
  /** Default `GET`. */
  method?: string;
  /** Absolute, or beginning with `/`. */
  url: string;
  headers?: [name: string, value: string][];
  body?: string;
}

/** A response as {@link Emulator.handle} returns it. */
export interface EmulatorReply {
  status: number;
  headers: [name: string, value: string][];
  body: string;
  /** How long a server would have taken; it is up to the caller to wait. */
  delayMs: number;
  /** Whether the connection breaks in place of a response. */
  dropped: boolean;
}

/** An in-memory Nango. */
export interface Emulator {
  /** The base URL that goes with {@link Emulator.fetch}; the host resolves nowhere. */
  readonly baseUrl: string;
  /** An API key with every scope. */
  readonly apiKey: string;
  /** As the global `fetch`, answered in memory: give it to `new NangoToolkit({ fetch })`. */
  fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>;
  /** One request, answered at once: what an HTTP server in front of the emulator calls. */
  handle(request: EmulatorRequest): EmulatorReply;
  /** Makes a further API key with only these scopes, for example `["environment:connections:read"]`. */
  addKey(scopes: string[]): string;
  /** Back to the start of its world; faults and the rate limit's count too. */
  reset(): void;
  /** Replaces the faults; `{}` or nothing removes them. Throws when the specification is wrong. */
  setFaults(faults?: Faults): void;
  /** Requests a minute before 429. */
  setRateLimit(perMinute: number): void;
  /** Everything it holds, secrets masked. */
  world(): any;
  /**
   * Stands in for the end user who authorises in the Connect UI: makes (or authorises anew) a connection of
   * this integration for the owner of the session, and returns the connection's id.
   */
  connect(sessionToken: string, integration: string): string;
}

/**
 * Makes an in-memory Nango with a world of its own; a number is the seed.
 * @throws Error with `kind: "invalid_option"`, whose message names the option.
 */
export function createEmulator(options?: number | EmulatorOptions): Emulator;
