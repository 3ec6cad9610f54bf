// Calls of the MCP server that are in progress: what ends them before they have a result.
import { type AbortListeners, listenersOf } from "./abort.js";

/** A call in progress. It ends with its request, or if a notification cancels it. */
export class RunningCall {
  readonly #controller = new AbortController();
  readonly #request: AbortListeners | undefined;
  #resolveCancelled: () => void = () => {};
  #isCancelled = false;

  /** `request` is the signal of the request that made it. */
  constructor(request: AbortSignal | undefined) {
    // What listens to the signal runs for the request of this call, not for the one that cancels it: in Workers, what
    // it starts then ends with its own request.
    void new Promise<void>((resolve) => {
      this.#resolveCancelled = resolve;
    }).then(this.abort);
    this.#request = request && listenersOf(request);
    this.#request?.addEventListener("abort", this.abort);
    if (request?.aborted) this.abort();
  }

  /** Ends the tool that runs. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Whether the client cancelled it: it expects no answer. */
  get isCancelled(): boolean {
    return this.#isCancelled;
  }

  /** Aborts it, because nobody waits for the answer. */
  readonly abort = (): void => this.#controller.abort();

  cancel(): void {
    this.#isCancelled = true;
    this.#resolveCancelled();
  }

  /** Removes what it added to the signal of the request. */
  end(): void {
    this.#request?.removeEventListener("abort", this.abort);
  }
}

/** The calls in progress that a notification may cancel, by their caller and the ID of their request as written. */
export class RunningCalls {
  readonly #calls = new Map<string, Set<RunningCall>>();

  add(caller: string, id: string, call: RunningCall): void {
    const key = keyOf(caller, id);
    const calls = this.#calls.get(key);
    if (calls) calls.add(call);
    else this.#calls.set(key, new Set([call]));
  }

  remove(caller: string, id: string, call: RunningCall): void {
    const key = keyOf(caller, id);
    const calls = this.#calls.get(key);
    calls?.delete(call);
    if (calls?.size === 0) this.#calls.delete(key);
  }

  /** Cancels the call of a request. Clients that share a token may use the same ID: then none is cancelled. */
  cancel(caller: string, id: string): void {
    const [call, ...more] = this.#calls.get(keyOf(caller, id)) ?? [];
    if (more.length === 0) call?.cancel();
  }

  cancelAll(): void {
    for (const calls of this.#calls.values()) for (const call of calls) call.cancel();
  }
}

/** An ID as written is JSON on one line, so that the last line break separates it. */
const keyOf = (caller: string, id: string): string => `${caller}\n${id}`;
