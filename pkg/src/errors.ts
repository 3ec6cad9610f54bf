// The error that the package throws.
import type { FailureContext, OnError } from "./types/options.js";
import type { ErrorKind, Issue, ResultError } from "./types/results.js";

/** The data of an error. */
export type ErrorFields = Partial<Omit<ResultError, "message">> & { message: string; cause?: unknown };

/**
 * The error that the package throws: for misuse by the programmer, and from methods that return data instead of a
 * result (`session.connections()` and others).
 *
 * @example
 * ```ts
 * import { NangoToolkitError, buildRequest } from "nango-toolkit";
 *
 * try {
 *   buildRequest("NANGO_GET_CONNECTION" as string, {});
 * } catch (error) {
 *   if (!(error instanceof NangoToolkitError)) throw error;
 *   console.log(error.kind, error.issues?.length); // invalid_arguments 2
 * }
 * ```
 */
export class NangoToolkitError extends Error {
  /** The kind of the error, to switch on. */
  readonly kind: ErrorKind;
  /** A stable code: Nango's own if Nango sent one, otherwise more specific than `kind` or equal to it. */
  readonly code: string;
  /** The HTTP status of the response, if there was one. */
  declare readonly status?: number;
  /** Whether the same call may succeed later without any change. */
  readonly retryable: boolean;
  /** The problems of the arguments or options, if there are any. */
  declare readonly issues?: Issue[];
  /** What to do. */
  declare readonly hint?: string;
  /** Further details, as in the `error` of a result. */
  declare readonly details?: unknown;

  /** @internal */
  constructor({ message, kind = "internal", code = kind, retryable = false, cause, ...rest }: ErrorFields) {
    super(message, cause === undefined ? undefined : { cause });
    this.kind = kind;
    this.code = code;
    this.retryable = retryable;
    if (rest.status !== undefined) this.status = rest.status;
    if (rest.issues !== undefined) this.issues = rest.issues;
    if (rest.hint !== undefined) this.hint = rest.hint;
    if (rest.details !== undefined) this.details = rest.details;
  }
}

// On the prototype, so that it is not an own property of each error.
Object.defineProperty(NangoToolkitError.prototype, "name", {
  value: "NangoToolkitError",
  configurable: true,
  writable: true,
});

/** Throws for the first name in `unknown`, the rest of the options without the known ones. */
export function refuseUnknown(unknown: object, hint: string): void {
  const [name] = Object.keys(unknown);
  if (name !== undefined) throw invalidOption(`there is no option \`${name}\``, hint);
}

/** Throws unless `value`, the argument that holds options, is an object; `hint` says how it is written. */
export function checkObject(value: unknown, expected: string, hint: string): void {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return;
  const found = value === null ? "null" : Array.isArray(value) ? "an array" : `a ${typeof value}`;
  throw invalidOption(`expected ${expected}, got ${found}`, hint);
}

/** Throws unless the options in `options` with these names have the type `type` or are absent. */
export function checkTypes(options: object, type: "boolean" | "string" | "function", names: readonly string[]): void {
  for (const [name, value] of Object.entries(options)) {
    if (value !== undefined && names.includes(name) && typeof value !== type) {
      throw invalidOption(`\`${name}\` must be a ${type}`, "leave it out if it is not set");
    }
  }
}

/** Throws unless the options in `options` with these names are arrays of strings or absent. */
export function checkStrings(options: object, names: readonly string[]): void {
  for (const [name, value] of Object.entries(options)) {
    const isFine = Array.isArray(value) && value.every((item) => typeof item === "string");
    if (value !== undefined && names.includes(name) && !isFine) {
      throw invalidOption(`\`${name}\` must be an array of strings`, "leave it out if it is not set");
    }
  }
}

/** Throws unless `value`, an option of that name, is a number of at least `least`. */
export function checkNumber(name: string, value: unknown, least: number): void {
  if (typeof value === "number" && Number.isFinite(value) && value >= least) return;
  throw invalidOption(`\`${name}\` must be a number of at least ${least}`, "leave it out for its default");
}

/** Throws unless `value`, an option of that name, is a whole number above 0. */
export function checkCount(name: string, value: unknown): void {
  if (Number.isSafeInteger(value) && Number(value) >= 1) return;
  throw invalidOption(`\`${name}\` must be a whole number above 0`, "leave it out for its default");
}

/** An error about an option that the programmer gave. */
export const invalidOption = (message: string, hint?: string, code = "invalid_option"): NangoToolkitError =>
  new NangoToolkitError({ kind: "invalid_option", code, message, ...(hint !== undefined && { hint }) });

/** An error about what a host refuses at this moment. */
export const unavailable = (what: string, cause: unknown): NangoToolkitError =>
  new NangoToolkitError({
    message: `${what} not available now: ${cause instanceof Error ? cause.message : String(cause)}`,
    hint: "in a Worker, do this in a handler, not at the top level",
    cause,
  });

/** Reports to the operator why one of their functions failed. Others only see the ID. */
export function reportFailure(onError: OnError, error: unknown, context: FailureContext): void {
  try {
    const returned = onError(error, context) as Partial<PromiseLike<unknown>> | null | undefined;
    returned?.then?.(undefined, () => {});
  } catch {
    // A listener that throws must not affect calls.
  }
}

/** The message that replaces the reason why a function of the operator failed. */
export const reasonIsInLog = (id: string): string => `the reason is in the host's log, under \`${id}\``;

/** Whether a module threw an error on purpose: that is a plain object, while a trap is an `Error` of the host. */
export const isModuleError = (cause: unknown): cause is ErrorFields =>
  typeof cause === "object" &&
  cause !== null &&
  Object.getPrototypeOf(cause) === Object.prototype &&
  typeof (cause as Partial<ErrorFields>).kind === "string";
