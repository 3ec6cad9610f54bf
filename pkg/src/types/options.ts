// Types of options: of toolkits, sessions, calls and the functions that need no toolkit.
import type { ToolSlug } from "../tool-types.js";
import type { AuditEvent } from "./events.js";
import type { CallSummary, Policy } from "./policy.js";
import type { Result } from "./results.js";
import type { ProviderSchema, ToolDefinition, Toolsets } from "./tools.js";

/** Bounds of retries. Which failures are retried is fixed. */
export interface RetryOptions {
  /**
   * The largest number of attempts.
   * @default 3
   */
  attempts?: number | undefined;
  /** The longest time for all attempts and the delays between them, in milliseconds. */
  totalMs?: number | undefined;
  /** The delay before the second attempt, in milliseconds; it doubles with every further one. */
  baseMs?: number | undefined;
  /** The longest delay, in milliseconds. */
  maxMs?: number | undefined;
}

/** Options that a single call may change. */
export interface CallOptions {
  /**
   * How long one attempt may take, in milliseconds.
   * @default depends on the tool
   */
  timeoutMs?: number | undefined;
  /**
   * The maximum size of a response, in bytes. A larger one is not read to its end and is an error with the code
   * `answer_too_large`.
   * @default 33554432
   */
  maxAnswerBytes?: number | undefined;
  /**
   * Secrets to show in data: `true` for all, or their kinds, such as `access_token`. Errors and events never show any.
   * @default false
   */
  revealSecrets?: boolean | string[] | undefined;
  /** The dialect that the arguments were written for, if not the tool's own. */
  schema?: ProviderSchema | undefined;
  /** Bounds of retries. */
  retry?: RetryOptions | undefined;
}

/**
 * Options of one call.
 *
 * @example
 * ```ts
 * import { NangoToolkit } from "nango-toolkit";
 *
 * const nango = new NangoToolkit({ apiKey: process.env.NANGO_SECRET_KEY ?? "" });
 * const signal = AbortSignal.timeout(10_000);
 * const result = await nango.execute("NANGO_LIST_INTEGRATIONS", {}, { signal, timeoutMs: 3000 });
 * console.log(result.meta.attempts);
 * ```
 */
export interface ExecuteOptions extends CallOptions {
  /** Ends the call; its result then has the error kind `aborted`. */
  signal?: AbortSignal | undefined;
  /** The token of a `confirmation_required` for exactly this call. It is meant for a person, not for a model. */
  confirm?: string | undefined;
  /** The ID under which the caller knows the call, such as that of a model's tool call; for events. */
  upstreamCallId?: string | undefined;
}

/** What the proxy tools may do beyond the defaults. */
export interface ProxyOptions {
  /**
   * Hosts that `base_url_override` may name; each includes its subdomains. `example.com` stands for https on its usual
   * port, `example.com:8443` for another port, `http://localhost:3000` for plain http.
   * @default none
   */
  allowedHosts?: string[] | undefined;
  /**
   * Whether `proxy_headers` may replace the credentials that Nango adds.
   * @default false
   */
  allowAuthorization?: boolean | undefined;
}

/** How integers beyond 2^53 are returned: as strings with all digits, or as numbers with limited precision. */
export type BigIntegers = "string" | "number";

/** Options of the functions that need no toolkit. */
export interface PureOptions {
  /** The dialect that the arguments were written for, if not the tool's own. */
  schema?: ProviderSchema | undefined;
  /**
   * The base URL of Nango.
   * @default "https://api.nango.dev"
   */
  baseUrl?: string | undefined;
  /**
   * Allows plain HTTP to a public host.
   * @default false
   */
  allowInsecureHttp?: boolean | undefined;
  /** What the proxy tools may do beyond the defaults. */
  proxy?: ProxyOptions | undefined;
  /**
   * Secrets to show in data: `true` for all, or their kinds, such as `access_token`.
   * @default false
   */
  revealSecrets?: boolean | string[] | undefined;
  /**
   * How integers beyond 2^53, which JavaScript's numbers cannot represent, are returned in data without a declared
   * form: in responses of the proxy, in the output of actions, in records and metadata.
   * @default "string"
   */
  bigIntegers?: BigIntegers | undefined;
  /** Changes to tools, by slug. */
  modify?: { [Slug in ToolSlug]?: ToolModifier } | undefined;
}

/**
 * How agents see a tool.
 *
 * @example
 * ```ts
 * import { NangoToolkit } from "nango-toolkit";
 *
 * const nango = new NangoToolkit({
 *   apiKey: process.env.NANGO_SECRET_KEY ?? "",
 *   modify: { NANGO_GET_PROXY: { rename: "call_hubspot", pin: { provider_config_key: "hubspot" } } },
 * });
 * console.log(nango.tools().some((tool) => tool.slug === "call_hubspot")); // true
 * ```
 */
export interface ToolModifier {
  /** Another name: letters, digits, `_` and `-`. The slug can still be called. */
  rename?: string | undefined;
  /** Another description. */
  description?: string | undefined;
  /** Arguments that agents do not see and cannot give. */
  hide?: string[] | undefined;
  /** Values for arguments that are not given. */
  default?: Record<string, unknown> | undefined;
  /** Arguments that always have this value. Agents do not see them and cannot give them. */
  pin?: Record<string, unknown> | undefined;
}

/**
 * An API key, or a function that returns it. The function is called for every call, and once more with `stale: true`
 * if Nango rejected the previous key.
 */
export type ApiKey = string | ((context: { stale: boolean }) => string | Promise<string>);

/** One of several Nango environments. */
export interface Environment {
  /** The secret key of the environment. */
  apiKey: ApiKey;
  /**
   * The base URL of its Nango.
   * @default the toolkit's `baseUrl`
   */
  baseUrl?: string | undefined;
  /**
   * Allows plain HTTP to a public host.
   * @default the toolkit's `allowInsecureHttp`
   */
  allowInsecureHttp?: boolean | undefined;
}

/**
 * State that several instances share. If a function throws, the call ends.
 *
 * @example
 * ```ts
 * import { NangoToolkit, type Store } from "nango-toolkit";
 *
 * const counts = new Map<string, number>(); // a database, in a program of several instances
 * const store: Store = {
 *   increment: (key) => {
 *     const count = (counts.get(key) ?? 0) + 1;
 *     counts.set(key, count);
 *     return count;
 *   },
 * };
 * const limits = [{ tool: "*", calls: 100 }];
 * const apiKey = process.env.NANGO_SECRET_KEY ?? "";
 * const nango = new NangoToolkit({ apiKey, store, policy: { default: "allow", limits } });
 * await nango.execute("NANGO_LIST_INTEGRATIONS", {});
 * ```
 */
export interface Store {
  /**
   * Adds one to the number under a key and returns the new number. It makes the limits of policies exact: it is called
   * directly before a call is made, when everything else allows it.
   */
  increment?(key: string): number | Promise<number>;
  /** Whether a session was revoked; called before each of its calls, and again after a call was approved. */
  revoked?(sessionId: string): boolean | Promise<boolean>;
}

/** Where a function of the operator failed. */
export interface FailureContext {
  /** The ID in the error that others see: that of the call, or one generated for the failure. */
  id: string;
  /** The function, or the part of the server. */
  source: "fetch" | "apiKey" | "onApproval" | "beforeCall" | "afterCall" | "store" | "arguments" | "extraTools" | "mcp";
}

/** Receives the error of a function of the operator. */
export type OnError = (error: unknown, context: FailureContext) => unknown;

/** The key that signs session tokens: 32 random bytes or more. */
export type SessionKey = string | ArrayBuffer | ArrayBufferView;

/** Options of a toolkit, without its key. */
export interface ToolkitSettings extends PureOptions, CallOptions {
  /**
   * Sends the requests. It is called with the URL as a string and an init object.
   * @default globalThis.fetch
   */
  fetch?: ((url: string, init: RequestInit) => Promise<Response>) | undefined;
  /**
   * What callers may do.
   * @default everything is allowed
   */
  policy?: Policy | undefined;
  /** Receives the audit events of every call. Calls do not wait for it, and its errors are ignored. */
  onEvent?: ((event: AuditEvent) => unknown) | undefined;
  /**
   * Called if policy says `confirm`: `true` runs the call, `false` refuses it, anything else leaves the call to be
   * confirmed by its token.
   */
  onApproval?:
    | ((summary: CallSummary, context: { signal?: AbortSignal }) => boolean | void | Promise<boolean | void>)
    | undefined;
  /**
   * Runs before the arguments are checked. It may change them, or return others.
   * It does not run if the caller gave something other than a JSON object, since such a call is refused anyway.
   */
  beforeCall?:
    | ((slug: string, args: Record<string, unknown>, context: { signal?: AbortSignal }) => unknown)
    | undefined;
  /** Runs after secrets were masked. It may return another result. */
  afterCall?: ((slug: string, result: Result) => Result | void | Promise<Result | void>) | undefined;
  /**
   * Receives the error of a function that you provided (`fetch`, `apiKey`, `onApproval`, a hook, the store). Results,
   * events and MCP clients only get a sentence with an ID, since the error may contain anything.
   * @default console.error
   */
  onError?: OnError | undefined;
  /**
   * Whether results of proxy and action tools are masked by names, like all other results: `access_token`,
   * `password: …` and the like become markers. `revealSecrets` overrides it.
   * @default true in sessions, otherwise false
   */
  maskProviderData?: boolean | undefined;
  /** May return a tool with another description or schema. It changes what is shown, not what is checked. */
  onSchema?: ((tool: ToolDefinition) => ToolDefinition | void) | undefined;
  /** Keeps counts and revoked sessions for several instances. */
  store?: Store | undefined;
  /** The URL of an MCP server of this toolkit, for `session.mcp()`. */
  mcpBaseUrl?: string | undefined;
  /** Signs session tokens: 32 bytes or more. */
  sessionKey?: SessionKey | undefined;
  /** The environment of the toolkit itself, and of sessions that name none. */
  environment?: string | undefined;
}

/** Options of a toolkit. */
export interface ToolkitOptions extends ToolkitSettings {
  /** The secret key of a Nango environment, or a function that returns it. */
  apiKey: ApiKey;
  /** Further environments, by name. */
  environments?: Record<string, Environment> | undefined;
}

/** Options of a toolkit of several environments. If there is more than one, `environment` names that of the toolkit. */
export interface EnvironmentsOptions extends ToolkitSettings {
  /** The secret key of the toolkit itself, if `environment` names none. */
  apiKey?: ApiKey | undefined;
  /** The environments, by name. */
  environments: Record<string, Environment>;
}

/** The user of a session and its limits. All of it is plain data. */
export interface SessionOptions {
  /** The end user's ID in your own application. */
  user: string;
  /** The organization that connections must belong to. */
  organization?: string | undefined;
  /** Tags that connections must have; new connections get them. */
  tags?: Record<string, string> | undefined;
  /** The agent that acts for the user, for rules and events. */
  agent?: string | undefined;
  /** The roles of the user, for rules. */
  roles?: string[] | undefined;
  /** A policy in addition to the toolkit's: both must allow a call. */
  policy?: Policy | undefined;
  /** Only tools of these toolsets; all of them are listed. */
  toolsets?: Toolsets | undefined;
  /** Only these tools, by slug or alias; all of them are listed. */
  tools?: string[] | undefined;
  /**
   * Only tools that change nothing; reads through the proxy only where `tools` or a policy names them.
   * @default false
   */
  readOnly?: boolean | undefined;
  /**
   * How integers beyond 2^53 are returned.
   * @default the toolkit's `bigIntegers`
   */
  bigIntegers?: BigIntegers | undefined;
  /**
   * The ID of the session in events and in the store.
   * @default a random ID
   */
  id?: string | undefined;
  /**
   * One of the toolkit's environments.
   * @default the toolkit's own
   */
  environment?: string | undefined;
  /**
   * The URL of an MCP server of the toolkit, for `session.mcp()`.
   * @default the toolkit's `mcpBaseUrl`
   */
  mcpBaseUrl?: string | undefined;
}
