// Delays that an abort signal ends, and whether there are timers at all.
import { listenersOf } from "./abort.js";
import { unavailable } from "./errors.js";

/** Throws if the host refuses timers now, as Workers do at their top level. */
export function mustHaveTimers(): void {
  try {
    clearTimeout(0);
  } catch (cause) {
    throw unavailable("timers are", cause);
  }
}

/** Resolves after `ms` milliseconds, at once for 0; rejects with the signal's reason if it is aborted before that. */
export function delay(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    if (ms <= 0) return resolve();
    const listeners = signal && listenersOf(signal);
    const abort = (): void => {
      clearTimeout(timer);
      listeners?.removeEventListener("abort", abort);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      listeners?.removeEventListener("abort", abort);
      resolve();
    }, ms);
    listeners?.addEventListener("abort", abort);
  });
}
