// Calls in progress. Each is driven in the WebAssembly module, which uses the host's `fetch`, timers and promises; here
// are the functions that the module is given.
import * as core from "./core.js";
import { type ErrorFields, NangoToolkitError, isModuleError } from "./errors.js";
import { randomId } from "./random.js";
import { addPending, guardCallback, Handle, type Pending, removePending, replaceModule } from "./recovery.js";
import type { AuditEvent } from "./types/events.js";
import type { HostFunctions } from "./types/host.js";
import type { ToolkitSettings } from "./types/options.js";
import type { CallSummary } from "./types/policy.js";
import type { Result } from "./types/results.js";

const EFFECT_UNKNOWN = "whether the request took effect is not known: check before you repeat it";

/** What the calls of one toolkit or session have in common. Its part in the module is made again after a trap. */
export class Transport {
  /** The options as JSON text. */
  readonly options: string;
  readonly host: HostFunctions;
  readonly #handle: Handle<core.Toolkit>;

  constructor(options: string, { apiKey, fetch, onEvent, onApproval }: HostFunctions) {
    this.options = options;
    // `fetch` must not be called as a method of something else: browsers refuse that.
    const send: HostFunctions["fetch"] =
      fetch === globalThis.fetch ? (url, init) => globalThis.fetch(url, init) : (url, init) => fetch(url, init);
    this.host = { apiKey, fetch: send, onEvent, onApproval };
    const listener = onEvent && ((event: AuditEvent) => emit(onEvent, event));
    this.#handle = new Handle(() => new core.Toolkit(options, apiKey, listener, guardCallback));
  }

  /** Passes an event to the listener. A listener that fails has no effect on the call. */
  emit(event: AuditEvent): void {
    emit(this.host.onEvent, event);
  }

  /** The part in the module. */
  get module(): core.Toolkit {
    return this.#handle.value;
  }
}

/** A call in progress, as the module sees it. */
export class Run implements core.CallHost, Pending {
  readonly signal: AbortSignal | undefined;
  readonly #tool: string;
  readonly #transport: Transport;
  readonly #resolve: (result: Result) => void;
  #sent = 0;

  constructor(tool: string, transport: Transport, resolve: (result: Result) => void, signal?: AbortSignal) {
    this.#tool = tool;
    this.#transport = transport;
    this.#resolve = resolve;
    this.signal = signal;
  }

  /** Starts the call; `args` and `overrides` are JSON text, the latter may be empty. */
  start(args: string, overrides: string): void {
    addPending(this);
    try {
      // The seed makes the call's ID and its delays, which are no secrets.
      this.#transport.module.execute(this.#tool, args, overrides, Math.random(), this);
    } catch (cause) {
      if (isModuleError(cause) || cause instanceof NangoToolkitError) this.fail(cause);
      else replaceModule();
    }
  }

  /** Sends a request, for the module. */
  readonly fetch = (url: string, init: RequestInit): Promise<Response> => {
    this.#sent += 1;
    return this.#transport.host.fetch(url, init);
  };

  /** Whether the call may run, for the module: `true`, `false`, or a token by which it may be confirmed later. */
  readonly approve = async (summary: string): Promise<boolean | string> => {
    const { onApproval } = this.#transport.host;
    try {
      const parsed: CallSummary = JSON.parse(summary);
      const answer = await onApproval?.(parsed, this.signal ? { signal: this.signal } : {});
      if (typeof answer === "boolean") return answer;
    } catch {
      // Whoever should approve could not be asked: the token is left.
    }
    return randomId("confirm_");
  };

  /** Takes the result as JSON text, from the module. If `data` is given, it takes the place of the result's data. */
  done(json: string, data: unknown): void {
    const result: Result = JSON.parse(json);
    if (result.successful && data !== undefined) result.data = data;
    this.#end(result);
  }

  /** Ends the call with an error that happened outside of the module. */
  fail({ kind = "internal", message, hint, issues }: ErrorFields): void {
    const error = { kind, code: kind, message, retryable: false, ...(issues && { issues }), ...(hint && { hint }) };
    this.#end({ successful: false, data: null, error, meta: { tool: this.#tool, attempts: this.#sent } });
  }

  /** Ends the call because the module that it lived in is lost. */
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
