// The emulator as `fetch`: latency, broken connections, and responses without a body.
import type { Emulator } from "./emulator.js";
import { delay } from "./timers.js";

/** Where the emulator claims to be. The name never resolves, so that no key is sent anywhere by mistake. */
export const BASE_URL = "https://nango-emulator.invalid";

/** Statuses whose responses have no body. */
const WITHOUT_BODY = new Set([101, 204, 205, 304]);

/** A function like the global `fetch`, whose requests `handle` answers. */
export function fetchOf(handle: Emulator["handle"]): Emulator["fetch"] {
  return async (input, init) => {
    const request = new Request(typeof input === "string" && input.startsWith("/") ? BASE_URL + input : input, init);
    request.signal.throwIfAborted();
    const body = request.body === null ? undefined : await request.text();
    const reply = handle({ method: request.method, url: request.url, headers: [...request.headers], body });
    await delay(reply.delayMs, request.signal);
    if (reply.dropped) {
      throw new TypeError("fetch failed", { cause: new Error("the emulator dropped the connection") });
    }
    const isEmpty = WITHOUT_BODY.has(reply.status) || request.method === "HEAD";
    return new Response(isEmpty ? null : reply.body, { status: reply.status, headers: reply.headers });
  };
}
