// Many calls on one abort signal.
import type { CallSignal } from "./core.js";

/** The part of a signal that calls use, with a single listener for all of them. */
export class AbortListeners implements CallSignal {
  readonly #signal: AbortSignal;
  readonly #listeners = new Set<() => void>();

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  get aborted(): boolean {
    return this.#signal.aborted;
  }

  addEventListener(_type: "abort", listener: () => void): void {
    if (this.#listeners.size === 0) this.#signal.addEventListener("abort", this.#tell);
    this.#listeners.add(listener);
  }

  removeEventListener(_type: "abort", listener: () => void): void {
    this.#listeners.delete(listener);
    if (this.#listeners.size === 0) this.#signal.removeEventListener("abort", this.#tell);
  }

  readonly #tell = (): void => {
    for (const listener of [...this.#listeners]) listener();
  };
}

const known = new WeakMap<AbortSignal, AbortListeners>();

/** The listeners of a signal: Node warns of a leak if each of more than ten calls adds its own. */
export function listenersOf(signal: AbortSignal): AbortListeners {
  let listeners = known.get(signal);
  if (!listeners) {
    listeners = new AbortListeners(signal);
    known.set(signal, listeners);
  }
  return listeners;
}
