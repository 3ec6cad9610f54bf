// The MCP server without a transport: it runs the tools that the module requests. What a message means, which tools a
// caller sees and how results are returned is decided in the module; calls go to the toolkit's `execute`.
import { AS_TEXT, exactJson, resultJson } from "./calls.js";
import * as core from "./core.js";
import { invalidOption, reasonIsInLog, reportFailure } from "./errors.js";
import { RunningCall, type RunningCalls } from "./mcp-running.js";
import { randomId } from "./random.js";
import { searchTools } from "./index.js";
import { callWasm, Handle } from "./recovery.js";
import { optionsJson } from "./serialization.js";
import { Tools } from "./tools.js";
import type { Caller, ExtraTool, McpServerOptions, ToolRunner } from "./types/mcp.js";
import type { OnError, SessionOptions } from "./types/options.js";
import type { Result } from "./types/results.js";

/** A {@link ToolRunner} with sessions, such as a toolkit. */
export interface SessionRunner extends ToolRunner {
  session?(options: SessionOptions): ToolRunner;
  sessionFromToken?(token: string): Promise<ToolRunner>;
  readonly hasSessionKey?: boolean;
}

/** What the transport knows about a message; see `TransportContext` in the module. */
export interface TransportContext {
  contentType?: string | undefined;
  accept?: string | undefined;
  protocolVersion?: string | undefined;
  method?: string | undefined;
  name?: string | undefined;
  stdio?: boolean;
  batched?: boolean;
}

/** A client's selection, by the names of URL parameters. */
export type SelectionWords = Partial<Record<"toolsets" | "tools" | "exclude" | "readonly" | "mode", string>>;

/** A reply to a message. */
export interface McpReply {
  status: number;
  media: string;
  /** The body, encoded. */
  body: Uint8Array<ArrayBuffer>;
}

/** The tools that one caller sees. */
export interface View {
  source: SessionRunner;
  handle: Handle<core.McpView>;
}

/** What the module requests for a message. */
type Step =
  | { kind: "reply"; reply: McpReply }
  | { kind: "notification"; cancels?: string }
  | { kind: "batch"; messages: string[]; eventStream: boolean }
  | { kind: "search"; request: string; query: string; limit: number }
  | RunStep;

/** A tool to run; `request` is for the module. */
interface RunStep {
  kind: "run";
  /** Whether it is one of the server's own tools. */
  extra: boolean;
  request: string;
  id: string;
  name: string;
  arguments: string;
  confirm?: string;
  upstreamCallId?: string;
  progress?: ProgressStep;
  params: string;
}

/** How the client is notified of progress; `request` replaces that of the call after the first notification. */
interface ProgressStep {
  token: string;
  eventStream: boolean;
  request: string;
}

/** What a transport gives for the calls of a message. */
export interface TransportCalls {
  /** Ends the calls. */
  signal?: AbortSignal;
  /** Calls that notifications may cancel; without it, there are none. */
  running?: RunningCalls;
  /** Whose calls they are; one caller by default. */
  caller?: string;
  /** Sends notifications of progress; without it, there are none. */
  notify?: Notify;
}

/** Sends a notification. `abort` ends its call, if the transport finds out that the client is gone. */
export type Notify = (notification: McpReply, abort: () => void) => void;

/** The cache for a toolkit or session: its tools as JSON text, and the keys of its views by selection. */
interface Source {
  tools: string;
  keys: Map<string, string>;
}

/** The result of a call that this server could not make. */
const failed = (id: string): Result => ({
  successful: false,
  data: null,
  error: {
    kind: "internal",
    code: "internal",
    message: `the server could not make this call: ${reasonIsInLog(id)}`,
    retryable: false,
    hint: "tell the user; the operator of the server can find the cause in its log",
  },
  meta: { tool: "", attempts: 0 },
});

/** After how long, and how often from then on, clients that asked for it are notified of progress, in seconds. */
const PROGRESS_SECONDS = 5;
/** The maximum number of cached views: callers use different selections. */
const MAX_VIEWS = 32;
/** The maximum number of hits before tools that the caller does not see are removed. */
const MAX_HITS = 100;

export const isRunner = (value: unknown): value is SessionRunner =>
  typeof (value as Partial<ToolRunner> | null | undefined)?.execute === "function" &&
  typeof (value as Partial<ToolRunner>).tools === "function";

/** Answers messages. */
export class McpServer {
  readonly #toolkit: SessionRunner;
  readonly #handle: Handle<core.McpServer>;
  readonly #extraTools: Map<string, ExtraTool>;
  readonly #onError: OnError;
  readonly #sources = new WeakMap<ToolRunner, Source>();
  /** Views by their content: sessions with the same tools share one. */
  readonly #views = new Map<string, Handle<core.McpView>>();

  constructor({ toolkit, extraTools = [], onError = console.error, ...options }: McpServerOptions) {
    core.mustBeReady();
    if (!isRunner(toolkit)) {
      const hint = "or give `apiKey`, and what else a NangoToolkit takes";
      throw invalidOption("`toolkit` must be a NangoToolkit or a session", hint);
    }
    if (!Array.isArray(extraTools) || extraTools.some((tool) => typeof tool?.run !== "function")) {
      throw invalidOption("`extraTools` must be an array of tools, each with a function `run`");
    }
    this.#toolkit = toolkit;
    this.#extraTools = new Map(extraTools.map((tool) => [tool.name, tool]));
    this.#onError = onError;
    const definitions = extraTools.map(({ run: _, ...definition }) => definition);
    const json = optionsJson({ ...options, extraTools: definitions });
    const { tools } = this.#sourceOf(toolkit);
    this.#handle = new Handle(() => new core.McpServer(json, tools));
    this.#handle.value; // errors in the options are thrown immediately
  }

  /**
   * What a caller runs: the toolkit for `true`, a toolkit or session itself, otherwise a session with those options.
   */
  source(caller: Caller): SessionRunner {
    if (caller === true) return this.#toolkit;
    if (isRunner(caller)) return caller;
    checkCaller(caller, "the caller");
    if (typeof this.#toolkit.session !== "function") {
      const hint = "give `true`, or an object with `tools` and `execute`";
      throw invalidOption("a caller was given as session options, and this toolkit has no sessions", hint);
    }
    return this.#toolkit.session(caller as SessionOptions);
  }

  /**
   * A caller's view: the operator's selection, narrowed by the caller's own. Throws if that names something that
   * does not exist.
   */
  view(source: SessionRunner, words: SelectionWords = {}): View {
    const { tools, keys } = this.#sourceOf(source);
    const selection = JSON.stringify(words);
    const key = keys.get(selection) ?? `${selection}\n${tools}`;
    let handle = this.#views.get(key);
    if (!handle) {
      handle = new Handle(() => this.#handle.value.view(tools, selection));
      handle.value; // errors in the selection are thrown immediately
    }
    keep(keys, selection, key);
    keep(this.#views, key, handle)?.free();
    return { source, handle };
  }

  /** The names that `tools/list` answers with. */
  names({ handle }: View): string[] {
    const message = '{"jsonrpc":"2.0","id":1,"method":"tools/list"}';
    const step: Step = callWasm(() => handle.value.read('{"stdio":true}', message));
    if (step.kind !== "reply") return [];
    const { result } = JSON.parse(new TextDecoder().decode(step.reply.body));
    return result.tools.map((tool: { name: string }) => tool.name);
  }

  #sourceOf(runner: ToolRunner): Source {
    const known = this.#sources.get(runner);
    if (known) return known;
    const source = { tools: JSON.stringify(runner.tools({ toolsets: "all" })), keys: new Map<string, string>() };
    this.#sources.set(runner, source);
    return source;
  }

  /** Answers one message; undefined if no answer is expected. */
  async answer(
    context: TransportContext,
    body: string,
    view: View,
    calls: TransportCalls = {},
  ): Promise<McpReply | undefined> {
    const step: Step = callWasm((...given) => view.handle.value.read(...given), JSON.stringify(context), body);
    switch (step.kind) {
      case "reply":
        return step.reply;
      case "notification":
        if (step.cancels !== undefined) calls.running?.cancel(calls.caller ?? "", step.cancels);
        return undefined;
      case "batch": {
        const inBatch = { ...context, batched: true };
        const answers = step.messages.map((message) => this.answer(inBatch, message, view, calls));
        const bodies = (await Promise.all(answers)).flatMap((reply) => (reply ? [reply.body] : []));
        return callWasm(() => core.gatherReplies(bodies, step.eventStream));
      }
      case "search": {
        const names = this.#search(view.source, step.query);
        return callWasm(() => view.handle.value.found(step.request, names, step.limit));
      }
      default:
        return await this.#call(step, view, calls);
    }
  }

  async #call(step: RunStep, view: View, calls: TransportCalls): Promise<McpReply | undefined> {
    const { running, caller = "", signal, notify } = calls;
    const progress = notify && step.progress;
    const call = running || progress ? new RunningCall(signal) : undefined;
    if (call) running?.add(caller, step.id, call);
    const notifier = call && progress && new Notifier(progress, call, notify, this.#onError);
    let outcome: string;
    let exact: string | undefined;
    try {
      const result = await this.#run(step, view.source, call?.signal ?? signal);
      outcome = resultJson(result);
      exact = exactJson(result);
    } catch (error) {
      const id = randomId("error_");
      reportFailure(this.#onError, error, { id, source: step.extra ? "extraTools" : "mcp" });
      outcome = JSON.stringify(failed(id));
    } finally {
      notifier?.stop();
      if (call) running?.remove(caller, step.id, call);
      call?.end();
    }
    if (call?.isCancelled) return undefined;
    const request = notifier?.request ?? step.request;
    return callWasm(() => view.handle.value.finish(request, step.name, outcome, exact));
  }

  #run(step: RunStep, source: ToolRunner, signal: AbortSignal | undefined): unknown {
    const { extra, name, arguments: args, confirm, upstreamCallId, params } = step;
    const ending = signal ? { signal } : {};
    if (extra) return this.#extraTools.get(name)?.run(JSON.parse(args), { name, params, ...ending });
    const known = { ...(confirm && { confirm }), ...(upstreamCallId && { upstreamCallId }) };
    // What somebody else wraps must find the data in the results.
    const asText = source.execute === Tools.prototype.execute ? { [AS_TEXT]: true } : {};
    return source.execute(name, args, { ...ending, ...known, ...asText });
  }

  /** The names of the tools that fit a request, best first. */
  #search(source: ToolRunner, query: string): string[] {
    const options = { limit: MAX_HITS };
    const hits = source.searchTools?.(query, options) ?? searchTools(query, options);
    return hits.map((hit) => String(hit.slug));
  }
}

/** Notifies the client of the progress of one call until it is stopped. */
class Notifier {
  readonly #step: ProgressStep;
  readonly #call: RunningCall;
  readonly #notify: Notify;
  readonly #timer: ReturnType<typeof setInterval>;
  #seconds = 0;
  #hasSent = false;

  constructor(step: ProgressStep, call: RunningCall, notify: Notify, onError: OnError) {
    this.#step = step;
    this.#call = call;
    this.#notify = notify;
    this.#timer = setInterval(() => {
      try {
        this.#send();
      } catch (error) {
        // Nobody catches what a timer throws, and the call itself may succeed.
        this.stop();
        reportFailure(onError, error, { id: randomId("error_"), source: "mcp" });
      }
    }, PROGRESS_SECONDS * 1000);
  }

  /** The head of the request for the reply, if a notification was sent. */
  get request(): string | undefined {
    return this.#hasSent ? this.#step.request : undefined;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #send(): void {
    if (this.#call.signal.aborted) {
      this.stop();
      return;
    }
    this.#seconds += PROGRESS_SECONDS;
    const { token, eventStream } = this.#step;
    const notification: McpReply | undefined = callWasm(core.progressNotification, token, eventStream, this.#seconds);
    if (!notification) return;
    this.#notify(notification, this.#call.abort);
    this.#hasSent = true;
  }
}

/** Adds a value to a bounded map; returns the least recently used one if it had to be removed. */
function keep<T>(map: Map<string, T>, key: string, value: T): T | undefined {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map;
  if (map.size <= MAX_VIEWS || !oldest) return undefined;
  map.delete(oldest[0]);
  return oldest[1];
}

/** Throws unless `caller` can be a {@link Caller}; `name` says where it was given. */
export function checkCaller(caller: Caller, name: string): void {
  const given: unknown = caller;
  if (given === true) return;
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    const hint = "give `true` for the whole toolkit, a toolkit or session, or the options of a session";
    throw invalidOption(`${name} is ${given === null ? "null" : typeof given}`, hint);
  }
  if (!isRunner(given)) refuseNull(given);
}

/** Throws if a policy or a session is `null`, since it would not limit anything. */
export function refuseNull(options: object): void {
  for (const [name, value] of Object.entries(options)) {
    if (value === null && (name === "policy" || name === "session")) {
      throw invalidOption(`\`${name}\` is null`, "leave it out, or give a value of the right type");
    }
  }
}
