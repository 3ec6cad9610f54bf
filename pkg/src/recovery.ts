// Replacing the WebAssembly module: after a trap, when its calls end, and when its memory has grown too large.
import * as core from "./core.js";
import { type ErrorFields, NangoToolkitError, isModuleError } from "./errors.js";

const TRAPPED: ErrorFields = {
  kind: "internal",
  message: "the WebAssembly module failed; it was replaced",
  hint: "report this with the tool and the shape of its arguments",
};

/** The memory of an instance never shrinks: beyond this, in bytes, it is replaced when no call is in progress. */
const MAX_MEMORY = 64 * 2 ** 20;

/** A call that ends if the module is lost. */
export interface Pending {
  lose(error: ErrorFields): void;
}

let pending = new Set<Pending>();
let generation = 0;
let isReleasing = false;

/** Registers a call of the current instance. */
export const addPending = (call: Pending): void => void pending.add(call);

/** Removes a call that ended. */
export function removePending(call: Pending): void {
  pending.delete(call);
  releaseMemory();
}

/** Replaces an idle instance whose memory has grown too large, after it has returned. */
function releaseMemory(): void {
  const isDue = () => pending.size === 0 && core.memoryBytes() > MAX_MEMORY;
  if (isReleasing || !isDue()) return;
  isReleasing = true;
  queueMicrotask(() => {
    isReleasing = false;
    if (isDue()) replaceModule();
  });
}

/** Replaces an instance that trapped, if possible, and ends the pending calls; returns the error. */
export function replaceModule(): ErrorFields {
  const lost = pending;
  pending = new Set();
  generation += 1;
  const error = core.restart() ?? TRAPPED;
  for (const call of lost) call.lose(error);
  return error;
}

/** A change of the module's state: a count of calls, a call that waits for its confirmation, a used-up token. */
type Change = { tool: string; calls: number } | { token: string; bound?: string; expires?: number };

/** The state that must survive the module: how often tools ran, and which calls wait for a confirmation. */
export class CallMemory {
  readonly #calls = new Map<string, Change>();
  readonly #waiting = new Map<string, Change>();

  /** Whether it is empty. */
  get isEmpty(): boolean {
    return this.#calls.size === 0 && this.#waiting.size === 0;
  }

  /** All of it, for another module. */
  get json(): string {
    return JSON.stringify([...this.#calls.values(), ...this.#waiting.values()]);
  }

  /** Adds changes as JSON text. The module limits the number of pending calls. */
  take(changes: string): void {
    for (const change of JSON.parse(changes) as Change[]) {
      if ("tool" in change) this.#calls.set(change.tool, change);
      else if (change.bound === undefined) this.#waiting.delete(change.token);
      else this.#waiting.set(change.token, change);
    }
  }
}

/** An object in the module. It is created when needed, and again after the module was replaced. */
export class Handle<T extends { free(): void }> {
  readonly #make: () => T;
  #object: T | undefined;
  #generation = generation;

  constructor(make: () => T) {
    this.#make = make;
  }

  /** The object. Throws the module's error if it cannot be created. */
  get value(): T {
    if (this.#object === undefined || this.#generation !== generation) {
      this.#object = callWasm(this.#make);
      this.#generation = generation;
    }
    return this.#object;
  }

  /** The object, unless the module was replaced since it was made. */
  get current(): T | undefined {
    return this.#generation === generation ? this.#object : undefined;
  }

  /** Releases its memory. */
  free(): void {
    if (this.#generation === generation) this.#object?.free();
    this.#object = undefined;
  }
}

/** Wraps a callback of the module: a trap in it replaces the module, and one of a replaced module does nothing. */
export function guardCallback(callback: (value: unknown) => void): (value: unknown) => void {
  const madeBy = generation;
  return (value) => {
    if (madeBy !== generation) return;
    try {
      callback(value);
    } catch {
      replaceModule();
    }
  };
}

/**
 * Runs a synchronous function of the module with arguments that are strings and numbers: everything it throws, except
 * for errors that the module returns, is a trap, which replaces the module. The error is thrown as
 * {@link NangoToolkitError}.
 */
export function callWasm<Args extends unknown[], T>(work: (...args: Args) => T, ...args: Args): T {
  core.mustBeReady();
  try {
    const result = work(...args);
    releaseMemory();
    return result;
  } catch (cause) {
    if (cause instanceof NangoToolkitError) throw cause;
    if (isModuleError(cause)) throw new NangoToolkitError(cause);
    throw new NangoToolkitError({ ...replaceModule(), cause });
  }
}
