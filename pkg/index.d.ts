/** Nango's API as tools for AI agents: the types of what `index.js` exports. */
import type { ToolArguments, ToolResults, ToolSlug } from "./tools.d.ts";

export type { ToolArguments, ToolResults, ToolSlug };

/** A JSON Schema object. */
export type JsonSchema = { [keyword: string]: unknown };

/** The group a tool is listed under. */
export type Toolset = "providers" | "integrations" | "connections" | "connect" | "syncs" | "actions" | "proxy" | "environment";

/** A tool as data. */
export interface ToolDefinition {
  slug: ToolSlug;
  title: string;
  /** Written for a model: what it does, when to use it, what it cannot do. */
  description: string;
  toolset: Toolset;
  /** What it does to the world. */
  effect: "read" | "write" | "destroy";
  /** The widest thing one call can touch. */
  reach: "connection" | "integration" | "environment" | "catalogue";
  /** Scopes of the API key of which one is needed. */
  scopes: string[];
  /** Other names it can be called by. */
  aliases: string[];
  /** The arguments, in the plain subset of JSON Schema that every model and client accepts. */
  inputSchema: JsonSchema;
  /** The result, loosely. */
  outputSchema: JsonSchema;
  /** Hints as MCP names them. */
  annotations: { title: string; readOnlyHint: boolean; destructiveHint: boolean; idempotentHint: boolean; openWorldHint: boolean };
  examples: { title: string; arguments: Record<string, unknown> }[];
}

/** A form that a provider wants schemas in: no parameter is missing, arguments of that form are turned back. */
export type ProviderSchema = "openai-strict" | "gemini";

/** Which tools a listing shows. */
export interface ToolFilter {
  toolsets?: Toolset[];
  /** Slugs or aliases. */
  tools?: string[];
  readOnly?: boolean;
  /** The form of each `inputSchema`; give the same to `execute`, `validate` or `buildRequest`. Default the plain subset. */
  schema?: ProviderSchema;
}

/** What a search is narrowed by. */
export interface SearchOptions extends ToolFilter {
  /** How many tools at most; 5 unless said otherwise. */
  limit?: number;
}

/** A tool that fits a request. */
export interface SearchHit extends Pick<ToolDefinition, "slug" | "title" | "description" | "toolset" | "effect"> {
  /** How well it fits, from 1 to 1000; to be compared within one search only. */
  score: number;
  /** The words of the request that point to it, as they were written. */
  matched: string[];
}

/** One problem at one place. */
export interface Issue {
  /** Property names and list positions from the root. */
  path: string[];
  /** Stable: `required`, `invalid_type`, `invalid_format`, `too_small`, `too_big`, `invalid_value`, `unrecognized_keys`, `not_allowed`, … */
  code: string;
  message: string;
  hint?: string;
}

/** What kind of failure it is: closed, to switch on. */
export type ErrorKind =
  | "unknown_tool" | "invalid_arguments" | "denied" | "confirmation_required" | "unauthorized" | "forbidden" | "not_found" | "conflict"
  | "rate_limited" | "timeout" | "aborted" | "network" | "provider" | "server" | "invalid_response" | "invalid_option" | "internal";

/** Why a call did not succeed. It never holds a secret. */
export interface ResultError {
  kind: ErrorKind;
  /** Nango's own code where it gave one, otherwise equal to `kind`. */
  code: string;
  message: string;
  status?: number;
  /** Whether the same call may succeed later without any change. */
  retryable: boolean;
  issues?: Issue[];
  /** The next step. */
  hint?: string;
  details?: unknown;
}

/** How a call went. */
export interface ResultMeta {
  tool: string;
  call_id?: string;
  status?: number;
  attempts: number;
  duration_ms?: number;
}

/** How a call ended. */
export type Result<T = unknown> =
  | { successful: true; data: T; error: null; meta: ResultMeta }
  | { successful: false; data: null; error: ResultError; meta: ResultMeta };

/** An audit event; secrets are masked in all of them. */
export type AuditEvent = {
  /** Milliseconds since the Unix epoch. */
  at: number;
  call_id: string;
  tool: string;
  /** Of a session: its id, and on whose behalf it acts. */
  session?: string;
  user?: string;
  organization?: string;
  agent?: string;
  /** The id under which the caller knows the call, such as that of a model's tool call. */
  upstream_call_id?: string;
} & (
  | { type: "call.started"; effect?: "read" | "write" | "destroy"; arguments?: unknown }
  | { type: "call.decision"; decision: "allow" | "deny" | "confirm" | "undetermined" | "approved" | "refused"; rules: string[]; reason: string }
  | { type: "call.lookup"; connection_id: string; provider_config_key: string }
  | { type: "call.attempt"; attempt: number; method: string; path: string }
  | { type: "call.retry"; attempt: number; wait_ms: number; kind: ErrorKind; status?: number }
  | { type: "call.finished"; successful: boolean; error?: ResultError; status?: number; attempts: number; duration_ms: number; request_id?: string }
);

/** Options that a single call may change. */
export interface CallOptions {
  /** Milliseconds for one attempt; otherwise what the tool declares. */
  timeoutMs?: number;
  /** `true` for all secrets in data, or their kinds, such as `access_token`; errors and events never show any. */
  revealSecrets?: boolean | string[];
  /** The form of the arguments, where it is not the tool's own. */
  schema?: ProviderSchema;
  /** Bounds of repeated attempts; what may be repeated at all is fixed. */
  retry?: { attempts?: number; totalMs?: number; baseMs?: number; maxMs?: number };
}

/** Options of one call. */
export interface ExecuteOptions extends CallOptions {
  /** Ends the call. */
  signal?: AbortSignal;
  /** The token of a `confirmation_required` for this very call: runs it, once. It is for whoever may confirm, not for a model. */
  confirm?: string;
  /** The id under which the caller knows the call, such as that of a model's tool call; for events. */
  upstreamCallId?: string;
}

/** Options of the pure functions. */
export interface PureOptions {
  /** The form of the arguments, where it is not the tool's own. */
  schema?: ProviderSchema;
  /** Where Nango is: `https://api.nango.dev` unless said otherwise. */
  baseUrl?: string;
  /** Allows plain http to a public host. */
  allowInsecureHttp?: boolean;
  /** What the proxy tools may do beyond the defaults. */
  proxy?: {
    /** Hosts (and everything below them) that `base_url_override` may name. */
    allowedHosts?: string[];
    /** Whether `proxy_headers` may replace the credentials that Nango adds. */
    allowAuthorization?: boolean;
  };
  revealSecrets?: boolean | string[];
  /** Changes to tools, by slug. */
  modify?: { [S in ToolSlug]?: ToolModifier };
}

/** A tool as the operator wants agents to see it. */
export interface ToolModifier {
  /** Another name: letters, digits, `_` and `-`. The slug can still be called. */
  rename?: string;
  /** Another description. */
  description?: string;
  /** Arguments that agents neither see nor may give. */
  hide?: string[];
  /** Values for arguments that are not given. */
  default?: Record<string, unknown>;
  /** Arguments that always have this value, and that agents neither see nor may give. */
  pin?: Record<string, unknown>;
}

/** One text, or several of which one is enough; `*` stands for any characters. */
export type Glob = string | string[];

/** A rule: it applies where all of its attributes fit. */
export interface PolicyRule {
  /** How decisions and events name it. */
  id?: string;
  then: "allow" | "confirm" | "deny";
  /** Of the caller, as the host vouches. */
  user?: Glob;
  organization?: Glob;
  agent?: Glob;
  role?: Glob;
  /** Of the tool. */
  tool?: Glob;
  toolset?: Glob;
  effect?: Glob;
  reach?: Glob;
  /** Of what the call touches. */
  integration?: Glob;
  connection?: Glob;
  /** `$user` is the caller. */
  end_user?: Glob;
  /** `$organization` is the caller's. */
  owner_organization?: Glob;
  /** As `key=value`. */
  tags?: Glob;
  variable?: Glob;
  proxy_method?: Glob;
  proxy_path?: Glob;
  proxy_host?: Glob;
}

/** What callers may do: `deny` wins over `confirm`, that over `allow`, all over `default`. `policy.schema.json` is its JSON Schema. */
export type Policy =
  | { readOnly: true }
  | {
      default: "allow" | "deny";
      /** A hard gate: only what changes nothing. */
      readOnly?: boolean;
      rules?: PolicyRule[];
      /** How often a session may call each of these tools. */
      limits?: { tool: Glob; calls: number }[];
      /** How large a result may be, in bytes of JSON. */
      maxResultBytes?: number;
      /** Scopes of the API key; tools that need others are hidden and denied. */
      scopes?: Glob;
    };

/** An API key, or a function that gives it: asked at every call, and once more with `stale` where Nango refused the one before. */
export type ApiKey = string | ((context: { stale: boolean }) => string | Promise<string>);

/** One of several Nango environments. */
export interface Environment {
  apiKey: ApiKey;
  baseUrl?: string;
  allowInsecureHttp?: boolean;
}

/** What a call would do, for whoever approves it; secrets are masked. */
export interface CallSummary {
  tool: string;
  title: string;
  effect: "read" | "write" | "destroy";
  connections: { connection_id: string; integration_id: string }[];
  arguments: Record<string, unknown>;
  /** The ids of the rules that want it confirmed. */
  rules: string[];
  reason: string;
}

/** `error.details` where `error.kind` is `confirmation_required`. */
export interface Confirmation {
  summary: CallSummary;
  /** Confirms this very call, once: `execute(slug, args, { confirm: token })`. Show it to no model. */
  token?: string;
  /** Milliseconds since the Unix epoch. */
  expires_at?: number;
  /** Why the token that came along did not do. */
  reason?: string;
}

/** Where instances that share nothing else keep what concerns all of them. What throws stops the call. */
export interface Store {
  /** Adds one to the number under a key and gives the new one: makes the limits of policies exact. */
  increment?(key: string): number | Promise<number>;
  /** Whether a session was revoked, asked before each of its calls. */
  revoked?(sessionId: string): boolean | Promise<boolean>;
}

/** What a toolkit can be given beside its key. */
export interface ToolkitSettings extends PureOptions, CallOptions {
  /** Sends; `globalThis.fetch` unless said otherwise. Called with a URL text and an init object. */
  fetch?: (url: string, init: RequestInit) => Promise<Response>;
  /** What callers may do; without one, everything. */
  policy?: Policy;
  /** Receives the audit events of every call. Nobody waits for it, and what it throws harms nobody. */
  onEvent?: (event: AuditEvent) => void | Promise<void>;
  /** Asked where policy says `confirm`: true runs the call, false refuses it, anything else leaves it to the token. */
  onApproval?: (summary: CallSummary, context: { signal?: AbortSignal }) => boolean | void | Promise<boolean | void>;
  /** Runs before the check of arguments, which it may change, or replace by what it returns. */
  beforeCall?: (slug: string, args: any, context: { signal?: AbortSignal }) => unknown;
  /** Runs behind the masking of secrets; may return another result. */
  afterCall?: (slug: string, result: Result) => Result | void | Promise<Result | void>;
  /** May return a tool with another description or schema; shown only, so keep to what the check takes. */
  onSchema?: (tool: ToolDefinition) => ToolDefinition | void;
  store?: Store;
  /** Where an MCP server of this toolkit answers, for `session.mcp`. */
  mcpBaseUrl?: string;
  /** Signs session tokens: 32 bytes or more. */
  sessionKey?: string | ArrayBuffer | ArrayBufferView;
  /** The environment of the toolkit itself, and of sessions that name none. */
  environment?: string;
}

/** Options of a toolkit. */
export interface ToolkitOptions extends ToolkitSettings {
  apiKey: ApiKey;
  environments?: Record<string, Environment>;
}

/** Options of a toolkit of several environments; where there is more than one, `environment` names its own. */
export interface EnvironmentsOptions extends ToolkitSettings {
  apiKey?: ApiKey;
  environments: Record<string, Environment>;
}

/** Whose view of the toolkit a session is. All of it is plain data. */
export interface SessionOptions {
  /** The end user's ID in your own application. */
  user: string;
  /** Where it is given, connections must belong to it too. */
  organization?: string;
  /** Tags that connections must have beside; new ones get them. */
  tags?: Record<string, string>;
  /** The agent that acts for the user, for rules and events. */
  agent?: string;
  /** For rules. */
  roles?: string[];
  /** Beside the toolkit's: both must allow a call. */
  policy?: Policy;
  toolsets?: Toolset[];
  /** Slugs or aliases. */
  tools?: string[];
  readOnly?: boolean;
  /** What events and the store call the session; drawn at random unless given. */
  id?: string;
  /** One of the toolkit's environments. */
  environment?: string;
  /** Where an MCP server of the toolkit answers, for `session.mcp`; the toolkit's unless given. */
  mcpBaseUrl?: string;
}

/** Misuse by the programmer. */
export class NangoToolkitError extends Error {
  readonly code: string;
  readonly kind?: ErrorKind;
  readonly hint?: string;
  readonly issues: Issue[];
}

/** A name that is not known when the program is compiled; a known slug has exact types, and wrong arguments to it must not pass as `unknown`. */
export type Unknown<S extends string> = S extends ToolSlug ? never : S;

/** Tools as data. */
export function listTools(filter?: ToolFilter): ToolDefinition[];
/** One tool by slug or alias. */
export function getTool(name: ToolSlug): ToolDefinition;
export function getTool(name: string): ToolDefinition | undefined;
/** The tools that fit a request in natural language, best first; none for what makes no sense. No model is asked. */
export function searchTools(text: string, options?: SearchOptions): SearchHit[];
/** All problems of the arguments at once. Throws for an unknown tool. */
export function validate(slug: string, args: unknown, options?: PureOptions): { valid: boolean; issues: Issue[] };
/** The request that a call would send, without the key. Throws, with `issues`, what `validate` reports. */
export function buildRequest<S extends ToolSlug>(slug: S, args: ToolArguments[S], options?: PureOptions): BuiltRequest;
export function buildRequest<S extends string>(slug: Unknown<S>, args: unknown, options?: PureOptions): BuiltRequest;
/** The result that an answer is; `null` for an operation that is no tool. */
export function parseResponse<S extends ToolSlug>(slug: S, response: RawResponse, options?: PureOptions): Result<ToolResults[S]>;
export function parseResponse(slug: string | null, response: RawResponse, options?: PureOptions): Result;

/** A request as it would be sent, but for the key. */
export interface BuiltRequest {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  url: string;
  headers: Record<string, string>;
  body: string | null;
}

/** An answer as it came. */
export interface RawResponse {
  status: number;
  headers?: Headers | Record<string, string>;
  /** A text, or a value that is made JSON. */
  body?: unknown;
}

/** What would be decided of a call. */
export interface Explanation {
  /** The slug. */
  tool: string;
  decision: "allow" | "confirm" | "deny" | "undetermined";
  /** The ids of the rules that decided. */
  rules: string[];
  reason: string;
  /** The look-ups that would tell, arguments of NANGO_CONNECTION_LIST_GET; where it is `undetermined`. */
  lookups?: { connection_id: string; integration_id: string }[];
  /** What the call would end with before anything is decided: no such tool, wrong arguments. */
  error?: ResultError;
}

/** Tools that can be listed, searched and run: what a toolkit and a session have in common. */
declare class Tools {
  protected constructor();
  /** The tools that may be run. */
  tools(filter?: ToolFilter): ToolDefinition[];
  /** Those of them that fit a request in natural language, best first. */
  searchTools(text: string, options?: SearchOptions): SearchHit[];
  /** What would be decided of a call, which is not made. */
  explain(slug: string, args: unknown): Explanation;
  /** Runs a tool; rejects only on misuse by the programmer. */
  execute<S extends ToolSlug>(slug: S, args: ToolArguments[S], options?: ExecuteOptions): Promise<Result<ToolResults[S]>>;
  /** The same for what a model asked for: any text, any JSON, a JSON text too. */
  execute<S extends string>(slug: Unknown<S>, args: unknown, options?: ExecuteOptions): Promise<Result>;
}

/** Runs tools against Nango. */
export class NangoToolkit extends Tools {
  constructor(options: ToolkitOptions | EnvironmentsOptions);
  /** The environment of its own calls, where it has a name. */
  readonly environment: string | undefined;
  /** One user's view of this toolkit. */
  session(options: SessionOptions): Session;
  /** The session that a token of `session.token` stands for. Rejects with the code `invalid_token` or `expired_token`. */
  sessionFromToken(token: string, key?: ToolkitSettings["sessionKey"]): Promise<Session>;
}

/** A connection as lists show it. */
export type Connection = ToolResults["NANGO_CONNECTION_LIST_GET"]["connections"][number];

/** One user's view of a toolkit. What lets the user connect accounts is the operator's own: no policy concerns it. */
export class Session extends Tools {
  private constructor();
  readonly id: string;
  readonly user: string;
  readonly organization: string | undefined;
  /** What it was made from. */
  readonly options: Readonly<Omit<SessionOptions, "environment" | "mcpBaseUrl">>;
  /** The user's connections, of one integration or of all. Rejects with the error of the call. */
  connections(integration?: string, options?: { signal?: AbortSignal }): Promise<Connection[]>;
  /** A link, good for 30 minutes, by which the user connects an account; with `connectionId`, authorises that one anew. */
  connect(integration: string, options?: { connectionId?: string; signal?: AbortSignal }): Promise<{ link: string; token: string; expiresAt: string }>;
  /** The user's connection of an integration, once there is one that was not there when its link was made. Rejects with the code `timeout` (after 10 minutes unless said otherwise). */
  waitForConnection(integration: string, options?: { timeoutMs?: number; intervalMs?: number; signal?: AbortSignal }): Promise<Connection>;
  /** A signed text from which `sessionFromToken` makes this session again. It is good until it expires (an hour unless said otherwise), unless `store.revoked` says otherwise. */
  token(options?: { key?: ToolkitSettings["sessionKey"]; expiresIn?: number }): Promise<string>;
  /** What an MCP client needs to act as this session, its token good for an hour. Needs `mcpBaseUrl` and `sessionKey`. */
  readonly mcp: Promise<{ url: string; headers: Record<string, string> }>;
}

/** Calls of a tool, of a session, or of all. */
export interface CallStatistics {
  calls: number;
  successes: number;
  /** Calls by the code of their error. */
  errors: Record<string, number>;
  /** Right within a sixteenth. */
  latency_ms: { p50: number; p90: number; p99: number; max: number };
}

/** Statistics over the calls that events tell of. */
export function statistics(events: Iterable<AuditEvent>): {
  total: CallStatistics;
  tools: Record<string, CallStatistics>;
  sessions: Record<string, CallStatistics>;
  /** Sessions that had to make room. */
  forgotten: number;
};
