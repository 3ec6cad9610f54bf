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
  | "rate_limited" | "timeout" | "aborted" | "network" | "provider" | "server" | "invalid_response" | "internal";

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

/** Options of a toolkit. */
export interface ToolkitOptions extends PureOptions, CallOptions {
  /** The secret key of a Nango environment, or a function that gives it, asked once a call. */
  apiKey: string | (() => string | Promise<string>);
  /** Sends; `globalThis.fetch` unless said otherwise. Called with a URL text and an init object. */
  fetch?: (url: string, init: RequestInit) => Promise<Response>;
  policy?: {
    /** A hard gate: only tools that change nothing. */
    readOnly?: boolean;
  };
  /** Receives the audit events of every call. */
  onEvent?: (event: AuditEvent) => void;
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

/** Runs tools against one Nango environment. */
export class NangoToolkit {
  constructor(options: ToolkitOptions);
  /** The tools that this toolkit may run. */
  tools(filter?: ToolFilter): ToolDefinition[];
  /** Those of them that fit a request in natural language, best first. */
  searchTools(text: string, options?: SearchOptions): SearchHit[];
  /** Runs a tool; rejects only on misuse by the programmer. */
  execute<S extends ToolSlug>(slug: S, args: ToolArguments[S], options?: CallOptions & { signal?: AbortSignal }): Promise<Result<ToolResults[S]>>;
  /** The same for what a model asked for: any text, any JSON, a JSON text too. */
  execute<S extends string>(slug: Unknown<S>, args: unknown, options?: CallOptions & { signal?: AbortSignal }): Promise<Result>;
}
