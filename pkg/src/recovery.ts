// What happens when the WebAssembly module traps: it is replaced, and the calls that lived in it end.
import * as core from "./core.js";
import { type ErrorFields, NangoToolkitError, isModuleError } from "./errors.js";

const TRAPPED: ErrorFields = {
  kind: "internal",
  message: "the WebAssembly module failed; it was replaced",
  hint: "report this with the tool and the shape of its arguments",
};

/** A call that ends if the module is lost. */
export interface Pending {
  lose(error: ErrorFields): void;
}

let pending = new Set<Pending>();
let generation = 0;

/** Remembers a call that lives in the module. */
export const addPending = (call: Pending): void => void pending.add(call);

/** Forgets a call that ended. */
export const removePending = (call: Pending): void => void pending.delete(call);

/** Makes a fresh instance in place of one that trapped, if possible, and ends the pending calls; returns the error. */
export function replaceModule(): ErrorFields {
  const lost = pending;
  pending = new Set();
  generation += 1;
  const error = core.restart() ?? TRAPPED;
  for (const call of lost) call.lose(error);
  return error;
}

/** An object in the module. It is made when it is needed, and made again after the module was replaced. */
export class Handle<T extends { free(): void }> {
  readonly #make: () => T;
  #object: T | undefined;
  #generation = generation;

  constructor(make: () => T) {
    this.#make = make;
  }

  /** The object. Throws what the module says if it cannot be made. */
  get value(): T {
    if (this.#object === undefined || this.#generation !== generation) {
      this.#object = callWasm(this.#make);
      this.#generation = generation;
    }
    return this.#object;
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
 * Runs a synchronous function of the module. An error that the module returns is thrown as {@link NangoToolkitError}; a
 * trap replaces the module.
 */
export function callWasm<T>(work: () => T): T {
  core.mustBeReady();
  try {
    return work();
  } catch (cause) {
    if (cause instanceof NangoToolkitError) throw cause;
    if (isModuleError(cause)) throw new NangoToolkitError(cause);
    throw new NangoToolkitError({ ...replaceModule(), cause });
  }
}
