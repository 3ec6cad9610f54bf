// Delays that an abort signal ends.
import { listenersOf } from "./abort.js";

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
