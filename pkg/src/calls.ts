// Calls in progress. Each is driven in the WebAssembly module, which uses the host's `fetch`, timers and promises;
// these are the functions that it calls.
import { type AbortListeners, listenersOf } from "./abort.js";
import { boundedResponse } from "./bounded.js";
import * as core from "./core.js";
import { type ErrorFields, NangoToolkitError, isModuleError, reportFailure } from "./errors.js";
import { randomId } from "./random.js";
import {
  addPending,
  CallMemory,
  guardCallback,
  Handle,
  type Pending,
  removePending,
  replaceModule,
} from "./recovery.js";
import { mustHaveTimers } from "./timers.js";
import type { AuditEvent } from "./types/events.js";
import type { HostFunctions } from "./types/host.js";
import type { FailureContext, ToolkitSettings } from "./types/options.js";
import type { CallSummary } from "./types/policy.js";
import type { Result } from "./types/results.js";

const EFFECT_UNKNOWN = "whether the request took effect is not known: check before you repeat it";

/** The key of an option with which the caller of a page gets its description, as JSON text. */
export const PAGE: unique symbol = Symbol("page");

/** The key of an option with which the MCP server gets the data of a result as JSON text, if they were not parsed. */
export const AS_TEXT: unique symbol = Symbol("as text");

/** The facts about a call that is about to start. */
export interface CallState {
  /** Whether a policy limits how often the tool may be called. */
  isLimited: boolean;
  /** Whether the call has waited for an approval. */
  wasPaused: boolean;
}

/**
 * Whether a call may start: how often the tool was started before, or `true` where that is not counted; `false` if the
 * session was revoked; a string with the reason if that is unknown.
 */
export type StartAnswer = number | boolean | string;

/** The function that decides whether calls may start, and whether it counts them. */
interface Gate {
  ask(tool: string, state: CallState): Promise<StartAnswer>;
  counts: boolean;
}

/** The data of results as JSON text instead of values. */
const dataTexts = new WeakMap<object, string>();

/** The data of results as JSON text, where a number in them has more digits than JavaScript's numbers hold. */
const exactTexts = new WeakMap<object, string>();

/** A result as JSON text. */
export const resultJson = (result: unknown): string => jsonWith(dataTexts, result) ?? JSON.stringify(result) ?? "null";

/** The same with all digits of its numbers, if that differs and nobody may have changed the result. */
export const exactJson = (result: unknown): string | undefined => jsonWith(exactTexts, result);

/** A successful result with its data from `known`. */
function jsonWith(known: WeakMap<object, string>, result: unknown): string | undefined {
  const data = typeof result === "object" && result !== null ? known.get(result) : undefined;
  if (data === undefined) return undefined;
  const meta = JSON.stringify((result as Result).meta);
  return `{"successful":true,"data":${data},"error":null,"meta":${meta}}`;
}

/** Removes the digits of a result that may be changed. */
export const forgetExact = (result: object): void => void exactTexts.delete(result);

/** What the calls of one toolkit or session have in common. Its part in the module is made again after a trap. */
export class Transport {
  /** The options as JSON text. */
  readonly options: string;
  readonly host: HostFunctions;
  readonly gate: Gate | undefined;
  readonly #handle: Handle<core.Toolkit>;
  readonly #sessionId: () => string | undefined;
  #ownOptions = "";
  readonly #memory = new CallMemory();

  constructor(
    options: string,
    sessionId: () => string | undefined,
    { apiKey, fetch, onEvent, onApproval, onError }: HostFunctions,
    gate: Gate | undefined,
  ) {
    this.options = options;
    this.#sessionId = sessionId;
    this.gate = gate;
    // `fetch` must not be called as a method of something else: browsers refuse that.
    const send: HostFunctions["fetch"] =
      fetch === globalThis.fetch ? (url, init) => globalThis.fetch(url, init) : (url, init) => fetch(url, init);
    this.host = { apiKey, fetch: send, onEvent, onApproval, onError };
    const listener = onEvent && ((event: AuditEvent) => emit(onEvent, event));
    const onFailure = (error: unknown, context: FailureContext) => reportFailure(onError, error, context);
    this.#handle = new Handle(() => {
      const module = new core.Toolkit(this.#ownOptions, apiKey, listener, onFailure, guardCallback, gate?.counts);
      if (!this.#memory.isEmpty) module.restore(this.#memory.json);
      return module;
    });
  }

  /** Saves the changes of the calls so far, so that they survive the module. */
  remember(): void {
    const changes = this.#handle.current?.takeChanges();
    if (changes !== undefined) this.#memory.take(changes);
  }

  /** Passes an event to the listener. A listener that fails has no effect on the call. */
  emit(event: AuditEvent): void {
    emit(this.host.onEvent, event);
  }

  /** The part in the module. Only this needs the ID of a session. */
  get module(): core.Toolkit {
    this.#ownOptions ||= withId(this.options, this.#sessionId());
    return this.#handle.value;
  }
}

/** Options as JSON text, with the ID of their session. */
function withId(options: string, id: string | undefined): string {
  if (id === undefined) return options;
  const parsed = JSON.parse(options);
  return JSON.stringify({ ...parsed, session: { ...parsed.session, id } });
}

/** A call in progress, as the module sees it. */
export class Run implements core.CallHost, Pending {
  readonly signal: AbortListeners | undefined;
  readonly #callerSignal: AbortSignal | undefined;
  readonly #tool: string;
  readonly #transport: Transport;
  readonly #resolve: (result: Result) => void;
  readonly #takePage: ((page: string) => void) | undefined;
  readonly #asText: boolean;
  #sent = 0;
  #wasPaused = false;

  constructor(
    tool: string,
    transport: Transport,
    resolve: (result: Result) => void,
    signal?: AbortSignal,
    takePage?: (page: string) => void,
    asText = false,
  ) {
    this.#tool = tool;
    this.#transport = transport;
    this.#resolve = resolve;
    this.#takePage = takePage;
    this.#asText = asText;
    this.#callerSignal = signal;
    this.signal = signal && listenersOf(signal);
  }

  /** Starts the call; `args` and `overrides` are JSON text, the latter may be empty. */
  start(args: string, overrides: string): void {
    addPending(this);
    try {
      mustHaveTimers();
      // The call's ID and its delays depend on the seed; they are not secret.
      this.#transport.module.execute(this.#tool, args, overrides, Math.random(), this);
    } catch (cause) {
      if (isModuleError(cause) || cause instanceof NangoToolkitError) this.fail(cause);
      else replaceModule();
    }
  }

  /** The function that sends requests, for the module. A response that is larger than `maxBytes` has no body. */
  fetch(maxBytes: number): (url: string, init: RequestInit) => Promise<Response> {
    return async (url, init) => {
      this.#sent += 1;
      this.#transport.remember();
      return boundedResponse(await this.#transport.host.fetch(url, init), maxBytes);
    };
  }

  /** Whether the call may run, for the module: `true`, `false`, or a token by which it may be confirmed later. */
  readonly approve = async (summary: string): Promise<boolean | string> => {
    const { onApproval, onError } = this.#transport.host;
    this.#wasPaused = true;
    try {
      const parsed: CallSummary = JSON.parse(summary);
      const signal = this.#callerSignal;
      const answer = await onApproval?.(parsed, signal ? { signal } : {});
      if (typeof answer === "boolean") return answer;
    } catch (error) {
      // The approver could not be asked: the call can still be confirmed by its token.
      reportFailure(onError, error, { id: randomId("error_"), source: "onApproval" });
    }
    return randomId("confirm_");
  };

  /** Whether the call may start, for the module. */
  readonly mayStart = async (slug: string, isLimited: boolean): Promise<StartAnswer> =>
    (await this.#transport.gate?.ask(slug, { isLimited, wasPaused: this.#wasPaused })) ?? true;

  /**
   * Receives the result as JSON text from the module. Its data is `data`, or else `text` as JSON text. `exact` is the
   * JSON text of the data with all digits, if they contain integers beyond 2^53. `page` is the page that the call was
   * for, as JSON text.
   */
  done(
    json: string,
    data: unknown,
    text: string | undefined,
    exact: string | undefined,
    page: string | undefined,
  ): void {
    this.#transport.remember();
    if (page !== undefined) this.#takePage?.(page);
    const result: Result = JSON.parse(json);
    if (result.successful && data !== undefined) result.data = data;
    else if (result.successful && text !== undefined) {
      if (this.#asText) dataTexts.set(result, text);
      else result.data = JSON.parse(text);
    }
    if (exact !== undefined) exactTexts.set(result, exact);
    this.#end(result);
  }

  /** Ends the call with an error that happened outside of the module. */
  fail({ kind = "internal", message, hint, issues }: ErrorFields): void {
    const error = { kind, code: kind, message, retryable: false, ...(issues && { issues }), ...(hint && { hint }) };
    this.#end({ successful: false, data: null, error, meta: { tool: this.#tool, attempts: this.#sent } });
  }

  /** Ends the call because its module instance is lost. */
  lose({ message, hint }: ErrorFields): void {
    this.fail({ kind: "internal", message, hint: this.#sent > 0 ? EFFECT_UNKNOWN : hint });
  }

  #end(result: Result): void {
    removePending(this);
    this.#resolve(result);
  }
}

/** Passes an event to a listener, which may throw, or reject later. */
function emit(listener: ToolkitSettings["onEvent"], event: AuditEvent): void {
  try {
    const returned = listener?.(event) as Partial<PromiseLike<unknown>> | null | undefined;
    returned?.then?.(undefined, () => {});
  } catch {
    // Audit must not disturb calls.
  }
}
