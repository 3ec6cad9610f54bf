// The common part of toolkits and sessions: the tools they show, and how a call runs between the host's hooks.
import { AS_TEXT, type CallState, forgetExact, PAGE, Run, type StartAnswer, Transport } from "./calls.js";
import * as core from "./core.js";
import {
  NangoToolkitError,
  checkCount,
  checkObject,
  checkTypes,
  invalidOption,
  reasonIsInLog,
  reportFailure,
} from "./errors.js";
import { pages } from "./paginate.js";
import { randomId } from "./random.js";
import { callWasm } from "./recovery.js";
import { argumentsJson, optionsJson } from "./serialization.js";
import type { ToolArguments, ToolResults, ToolSlug } from "./tool-types.js";
import type { EventBase } from "./types/events.js";
import type { HostFunctions } from "./types/host.js";
import type { CallOptions, ExecuteOptions, FailureContext, Store, ToolkitSettings } from "./types/options.js";
import type { ListEntry, PaginateOptions, ProviderPaging } from "./types/paging.js";
import type { Explanation } from "./types/policy.js";
import type { ErrorKind, Result, ResultError } from "./types/results.js";
import type {
  ApiTextOptions,
  JsonSchema,
  SearchHit,
  SearchOptions,
  ToolDefinition,
  ToolFilter,
  UnlistedSlug,
} from "./types/tools.js";

/** The key and functions that a toolkit or session gets from its host. */
export interface Host extends HostFunctions, Hooks {}

/** The host's functions around calls. */
type Hooks = Pick<ToolkitSettings, "beforeCall" | "afterCall" | "onSchema" | "store">;

/** The user and agent of a call, for its events. */
export type Principal = Pick<EventBase, "session" | "user" | "organization" | "agent">;

/** Tools that can be listed, searched and run: the part that {@link NangoToolkit} and {@link Session} share. */
export abstract class Tools {
  readonly #transport: Transport;
  readonly #hooks: Hooks;
  #internalTools: Tools | undefined;

  /**
   * @param host the key and the host's functions
   * @param options plain data, for the module
   * @internal
   */
  protected constructor(host: Host, options: object) {
    const json = optionsJson(options);
    callWasm(core.checkOptions, json);
    const { beforeCall, afterCall, onSchema, store } = host;
    this.#hooks = { beforeCall, afterCall, onSchema, store };
    const start = store && ((tool: string, calls: CallState) => this.#mayStart(store, tool, calls));
    this.#transport = new Transport(
      json,
      () => this.sessionId,
      host,
      start && { ask: start, counts: store?.increment !== undefined },
    );
  }

  /** The ID of the session, if this is one. */
  protected get sessionId(): string | undefined {
    return undefined;
  }

  /** The user and agent of its calls. */
  protected get principal(): Principal {
    return {};
  }

  /**
   * The tools that may be run, as data.
   *
   * @throws {@link NangoToolkitError} if the filter names something that does not exist.
   * @example
   * ```ts
   * import { NangoToolkit } from "nango-toolkit";
   *
   * const nango = new NangoToolkit({ apiKey: process.env.NANGO_SECRET_KEY ?? "" });
   * for (const { slug, title } of nango.tools({ toolsets: ["connections"] })) console.log(slug, title);
   * ```
   */
  tools(filter: ToolFilter = {}): ToolDefinition[] {
    const { options } = this.#transport;
    const tools: ToolDefinition[] = JSON.parse(callWasm(core.listTools, options, optionsJson(filter)));
    const { afterCall, onSchema } = this.#hooks;
    if (afterCall) for (const tool of tools) allowAnyData(tool.outputSchema);
    return onSchema ? tools.map((tool) => onSchema(tool) ?? tool) : tools;
  }

  /**
   * The tools that may be run as TypeScript, for models that write programs or load tools when they need them: a
   * declaration of an object `nango` with one function a tool, which takes the tool's arguments and resolves to the
   * data of its result. With a hook `afterCall`, which may change data, results are `any`; `onSchema` is not called.
   *
   * @throws {@link NangoToolkitError} if an option is wrong, or names something that does not exist.
   * @example
   * ```ts
   * import { NangoToolkit } from "nango-toolkit";
   *
   * const nango = new NangoToolkit({ apiKey: process.env.NANGO_SECRET_KEY ?? "" });
   * console.log(nango.session({ user: "ada" }).apiText({ level: "signatures" }));
   * ```
   */
  apiText(options: ApiTextOptions = {}): string {
    const given = this.#hooks.afterCall ? { ...options, untypedResults: true } : options;
    return callWasm(core.apiText, this.#transport.options, optionsJson(given));
  }

  /**
   * The tools that fit a request in natural language, best first, without using a model. A request that fits no tool
   * finds none.
   *
   * @throws {@link NangoToolkitError} if an option is wrong.
   * @example
   * ```ts
   * import { NangoToolkit } from "nango-toolkit";
   *
   * const nango = new NangoToolkit({ apiKey: process.env.NANGO_SECRET_KEY ?? "" });
   * console.log(nango.searchTools("who has connected HubSpot?", { limit: 1 })[0]?.slug);
   * ```
   */
  searchTools(text: string, options: SearchOptions = {}): SearchHit[] {
    const { options: own } = this.#transport;
    return JSON.parse(callWasm(core.searchTools, own, String(text), optionsJson(options)));
  }

  /**
   * What policy would decide about a call, which is not made.
   *
   * @example
   * ```ts
   * import { NangoToolkit } from "nango-toolkit";
   *
   * const nango = new NangoToolkit({ apiKey: process.env.NANGO_SECRET_KEY ?? "", policy: { readOnly: true } });
   * const { decision, reason } = nango.explain("NANGO_DELETE_INTEGRATION", { unique_key: "hubspot" });
   * console.log(decision, reason); // deny …
   * ```
   */
  explain(slug: string, args: unknown): Explanation {
    const given = [String(slug), argumentsJson(args), Date.now()] as const;
    const { module } = this.#transport;
    return callWasm(() => module.explain(...given));
  }

  /**
   * Runs a model's call: any name, any JSON, or JSON text.
   *
   * @example
   * ```ts
   * import { NangoToolkit } from "nango-toolkit";
   *
   * const nango = new NangoToolkit({ apiKey: process.env.NANGO_SECRET_KEY ?? "" });
   * const toolCall = { name: "NANGO_GET_INTEGRATION", arguments: '{"unique_key":"hubspot"}' };
   * const { data, error } = await nango.execute(toolCall.name, toolCall.arguments);
   * console.log(data ?? error);
   * ```
   */
  execute<Slug extends string>(slug: UnlistedSlug<Slug>, args: unknown, options?: ExecuteOptions): Promise<Result>;
  /**
   * Runs a tool. Wrong arguments and errors of a server are part of the result: the promise rejects only on misuse
   * by the programmer.
   *
   * @throws {@link NangoToolkitError} if an option is wrong.
   * @example
   * ```ts
   * import { NangoToolkit } from "nango-toolkit";
   *
   * const nango = new NangoToolkit({ apiKey: process.env.NANGO_SECRET_KEY ?? "" });
   * const result = await nango.execute("NANGO_CONNECTION_LIST_GET", { limit: 10 });
   * if (result.successful) console.log(result.data.connections.length);
   * else console.log(result.error.kind, result.error.hint);
   * ```
   */
  execute<Slug extends ToolSlug>(
    slug: Slug,
    args: ToolArguments[Slug],
    options?: ExecuteOptions,
  ): Promise<Result<ToolResults[Slug]>>;
  async execute(slug: string, args: unknown, options: ExecuteOptions = {}): Promise<Result> {
    const { beforeCall, afterCall, store } = this.#hooks;
    // Awaited immediately: workerd reports a rejection that is not handled in the same turn.
    return beforeCall || afterCall || store
      ? await this.#runWithHooks(String(slug), args, options)
      : await this.#run(String(slug), args, options);
  }

  /**
   * The entries of a list, read page by page: as many calls as there are pages, while the program asks for more. It
   * ends after the last page, where a cursor comes a second time, and after `maxPages`.
   *
   * A list of a provider's own API, read through the proxy, is paged as Nango's catalogue describes the provider; which
   * one that is, is looked up by the integration, unless `provider` or `paging` says so.
   *
   * @throws {@link NangoToolkitError} with the error of a call, after the entries of the pages before it; if the tool
   * returns no list, or nothing is known of the provider's pages.
   * @example
   * ```ts
   * import { NangoToolkit } from "nango-toolkit";
   *
   * const nango = new NangoToolkit({ apiKey: process.env.NANGO_SECRET_KEY ?? "" });
   * for await (const { connection_id } of nango.paginate("NANGO_CONNECTION_LIST_GET", {})) console.log(connection_id);
   * ```
   */
  paginate<Slug extends string>(
    slug: UnlistedSlug<Slug>,
    args: unknown,
    options?: PaginateOptions,
  ): AsyncGenerator<unknown, void, undefined>;
  paginate<Slug extends ToolSlug>(
    slug: Slug,
    args: ToolArguments[Slug],
    options?: PaginateOptions,
  ): AsyncGenerator<ListEntry<ToolResults[Slug]>, void, undefined>;
  async *paginate(
    slug: string,
    args: unknown,
    options: PaginateOptions = {},
  ): AsyncGenerator<unknown, void, undefined> {
    checkObject(options, "an object of options", "such as `{ maxPages: 10 }`");
    const { maxPages, provider, paging: described, ...each } = options;
    if (maxPages !== undefined) checkCount("maxPages", maxPages);
    checkTypes({ provider }, "string", ["provider"]);
    if (described !== undefined) checkObject(described, "`paging` to describe pages", 'such as `{ type: "link" }`');
    const name = String(slug);
    const paging = described ?? (await this.#pagingOf(name, args, provider, each));
    const read = (page: string | undefined, take: (page: string) => void): Promise<Result> => {
      const how = { ...(paging !== undefined && { paging }), ...(page !== undefined && { page }) };
      const own: InternalOptions = { ...each, ...how, [PAGE]: take };
      return this.execute(name, args, own);
    };
    for await (const entries of pages(maxPages, read)) yield* entries;
  }

  /** How the pages of a tool's list follow each other: for the proxy as the provider does it. */
  async #pagingOf(
    slug: string,
    args: unknown,
    given: string | undefined,
    { signal, timeoutMs, retry }: ExecuteOptions,
  ): Promise<ProviderPaging | true | undefined> {
    const integration = this.#proxyIntegration(slug, args);
    // The call itself names its mistakes, or says why it may not run.
    if (integration === undefined) return true;
    if (this.explain(slug, args).decision === "deny") return undefined;
    const options = { signal, timeoutMs, retry };
    const provider = given ?? (await this.#providerOf(integration, options));
    const known = callWasm(core.providerPaging, provider);
    if (known !== undefined) return JSON.parse(known);
    const entry = await this.lookUp("NANGO_PROVIDERS_GET_GET", { provider }, options);
    const { paginate = null } = entry?.data?.proxy ?? {};
    const described = callWasm(core.providerPaging, provider, JSON.stringify(paginate));
    if (described) return JSON.parse(described);
    throw invalidOption(`how \`${provider}\` pages its lists is not known`, "describe it with the option `paging`");
  }

  /** The integration to whose provider a call would go. */
  #proxyIntegration(slug: string, args: unknown): string | undefined {
    let json: string;
    try {
      json = argumentsJson(args);
    } catch {
      return undefined;
    }
    return callWasm(core.proxyIntegration, this.#transport.options, slug, json);
  }

  /** The provider of an integration. */
  async #providerOf(integration: string, options: ExecuteOptions): Promise<string> {
    const found = await this.lookUp("NANGO_GET_INTEGRATION", { unique_key: integration }, options);
    const provider: unknown = found?.data?.provider;
    if (typeof provider === "string") return provider;
    throw invalidOption(`the provider of \`${integration}\` could not be read`, "name it with the option `provider`");
  }

  /** The tools as the toolkit uses them for itself: without policy, changes and hooks. */
  protected get internalTools(): Tools {
    this.#internalTools ??= this.makeInternalTools();
    return this.#internalTools;
  }

  /** Creates {@link Tools.internalTools}. */
  protected makeInternalTools(): Tools {
    const { policy: _policy, modify: _modify, schema: _schema, ...options } = JSON.parse(this.#transport.options);
    return new InternalTools(this.#transport.host, options);
  }

  /** The data of a call that the toolkit makes for itself. */
  protected async lookUp<Slug extends ToolSlug>(
    slug: Slug,
    args: ToolArguments[Slug],
    options: ExecuteOptions,
  ): Promise<ToolResults[Slug]> {
    const result = await this.internalTools.execute(slug, args, options);
    if (!result.successful) throw new NangoToolkitError(result.error);
    return result.data as ToolResults[Slug];
  }

  #run(slug: string, args: unknown, options: InternalOptions): Promise<Result> {
    const { signal, [PAGE]: takePage, [AS_TEXT]: asText, ...overrides } = options;
    if (signal !== undefined && !isSignal(signal)) throw invalidOption("`signal` must be an AbortSignal");
    const changes = overridesJson(overrides);
    if (changes) callWasm(core.checkCallOptions, changes);
    return new Promise((resolve) => {
      const run = new Run(slug, this.#transport, resolve, signal, takePage, asText);
      let json: string;
      try {
        json = argumentsJson(args);
      } catch (error) {
        if (error instanceof NangoToolkitError) return run.fail(error);
        const id = this.#report(error, "arguments");
        return run.fail({ message: `the arguments could not be read: ${reasonIsInLog(id)}` });
      }
      run.start(json, changes);
    });
  }

  async #runWithHooks(slug: string, args: unknown, options: ExecuteOptions): Promise<Result> {
    const { beforeCall, afterCall, store } = this.#hooks;
    const started = Date.now();
    let source: FailureContext["source"] = "beforeCall";
    try {
      const copy = beforeCall && copyOf(args);
      if (beforeCall && copy) {
        const before = JSON.stringify(copy);
        const others = await beforeCall(slug, copy, options.signal ? { signal: options.signal } : {});
        // Unchanged arguments are passed on in their original form: the copy may have fewer digits.
        if (others != null || JSON.stringify(copy) !== before) args = others ?? copy;
      }
      source = "store";
      if (store?.revoked && this.sessionId !== undefined && (await store.revoked(this.sessionId))) {
        const hint = "do not retry; tell the user";
        return this.#failed(slug, started, "denied", "session_revoked", "the session was revoked", hint);
      }
    } catch (thrown) {
      const hint = "nothing was sent; the operator of this toolkit has to fix it";
      const id = this.#report(thrown, source, callId());
      const message = `${NAMES[source]} failed: ${reasonIsInLog(id)}`;
      return this.#failed(slug, started, "internal", "internal", message, hint, id);
    }
    const result = await this.#run(slug, args, afterCall ? { ...options, [AS_TEXT]: false } : options);
    if (!afterCall) return result;
    forgetExact(result);
    try {
      const changed = (await afterCall(slug, result)) ?? result;
      if (typeof changed.successful !== "boolean") throw new TypeError("it returned something other than a result");
      return changed;
    } catch (thrown) {
      const id = this.#report(thrown, "afterCall", result.meta.callId);
      const message = `${NAMES.afterCall} failed: ${reasonIsInLog(id)}`;
      const hint = "the call itself ran: check its effect before you repeat it";
      const error: ResultError = { kind: "internal", code: "internal", message, retryable: false, hint };
      return { successful: false, data: null, error, meta: result.meta };
    }
  }

  /** Whether a call that everything else allows may start, according to the store; for the module. */
  async #mayStart(store: Store, tool: string, { isLimited, wasPaused }: CallState): Promise<StartAnswer> {
    try {
      // It was already asked before the call.
      if (wasPaused && store.revoked && this.sessionId !== undefined && (await store.revoked(this.sessionId))) {
        return false;
      }
      if (!isLimited || !store.increment) return true;
      const calls: unknown = await store.increment(`${this.sessionId ?? "toolkit"}:${tool}`);
      if (Number.isSafeInteger(calls) && Number(calls) >= 1) return Number(calls) - 1;
      return "`increment` did not return a whole number above 0";
    } catch (thrown) {
      return reasonIsInLog(this.#report(thrown, "store"));
    }
  }

  /** Reports to the operator why a function failed; returns the ID that others see. */
  #report(error: unknown, source: FailureContext["source"], id = randomId("error_")): string {
    reportFailure(this.#transport.host.onError, error, { id, source });
    return id;
  }

  /** The result of a call that ends before it reaches the module; its events are the same as those of other calls. */
  #failed(
    tool: string,
    started: number,
    kind: ErrorKind,
    code: string,
    message: string,
    hint: string,
    id = callId(),
  ): Result {
    const now = Date.now();
    const error: ResultError = { kind, code, message, retryable: false, hint };
    const base = { callId: id, tool, ...this.principal };
    const durationMs = now - started;
    this.#transport.emit({ type: "call.started", at: started, ...base });
    this.#transport.emit({
      type: "call.finished",
      at: now,
      ...base,
      successful: false,
      error,
      attempts: 0,
      durationMs,
    });
    return { successful: false, data: null, error, meta: { tool, callId: base.callId, attempts: 0, durationMs } };
  }
}

/** The tools of a toolkit or session as it uses them for itself. */
export class InternalTools extends Tools {
  readonly #sessionId: string | undefined;

  // Public, unlike that of the class it extends.
  constructor(host: Host, options: object, sessionId?: string) {
    super(host, options);
    this.#sessionId = sessionId;
  }

  protected override get sessionId(): string | undefined {
    return this.#sessionId;
  }
}

/** The ID of a call that does not reach the module, in the form of others. */
const callId = (): string => randomId("call_").slice(0, 21);

/** The names of the operator's functions in errors. */
const NAMES: Partial<Record<FailureContext["source"], string>> = {
  beforeCall: "the hook `beforeCall`",
  afterCall: "the hook `afterCall`",
  store: "the store",
};

/**
 * Options of a call, how the pages of its list follow each other, a callback for the description of its page, and
 * whether data are returned as JSON text.
 *
 * @internal
 */
export interface InternalOptions extends ExecuteOptions {
  paging?: ProviderPaging | true;
  page?: string;
  [PAGE]?: (page: string) => void;
  [AS_TEXT]?: boolean;
}

/** Whether a value has the members of a signal that calls need: it may come from another realm. */
function isSignal(value: unknown): value is AbortSignal {
  const { aborted, addEventListener } = Object(value) as Partial<AbortSignal>;
  return typeof aborted === "boolean" && typeof addEventListener === "function";
}

/** The options that the module reads, as JSON text; empty if there are none. */
const overridesJson = (overrides: CallOptions): string =>
  Object.keys(overrides).length > 0 ? optionsJson(overrides) : "";

/** A copy of arguments, which a hook may change; undefined unless they are a JSON object. */
function copyOf(args: unknown): Record<string, unknown> | undefined {
  try {
    const copy: unknown = JSON.parse(argumentsJson(args ?? {}));
    return typeof copy === "object" && copy !== null && !Array.isArray(copy) ? { ...copy } : undefined;
  } catch {
    return undefined;
  }
}

/** A hook may return data of any form, which a client that validates must accept. */
function allowAnyData(schema: JsonSchema): void {
  const properties = schema.properties as JsonSchema;
  properties.data = { description: "The data of the response; null if the call failed." };
}
