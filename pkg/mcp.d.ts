/** The MCP server as a fetch handler: the types of what `mcp.js` exports. */
import type { NangoToolkit, NangoToolkitError, Result, SessionOptions, ToolDefinition, ToolFilter, ToolkitOptions, Toolset } from "./index.d.ts";

export { NangoToolkitError };

/** What runs tools: a toolkit, a session, or anything of that form. */
export interface ToolRunner {
  tools(filter?: ToolFilter): ToolDefinition[];
  execute(name: string, args: unknown, options?: { signal?: AbortSignal; confirm?: string }): Promise<Result>;
}

/** Whose tools a caller gets: `true` for the whole toolkit, a runner as it is, otherwise the options of a session of the toolkit. */
export type Caller = true | ToolRunner | SessionOptions;

/** A tool of your own beside Nango's. */
export interface ExtraTool {
  name: string;
  title?: string;
  description?: string;
  inputSchema: { type: "object"; [keyword: string]: unknown };
  outputSchema?: { type: "object"; [keyword: string]: unknown };
  annotations?: { title?: string; readOnlyHint?: boolean; destructiveHint?: boolean; idempotentHint?: boolean; openWorldHint?: boolean };
  /**
   * Runs it. The arguments are what the client sent, unchecked. It returns an MCP result (`{ content: […] }`), a
   * result of this package, or a JSON-RPC error (`{ code, message }`).
   */
  run(args: Record<string, unknown>, call: { name: string; params: string; signal?: AbortSignal }): unknown;
}

/** What is served, whatever the transport. */
export interface McpServerOptions {
  /** Runs the tools; otherwise a toolkit is made of `apiKey` and whatever else a NangoToolkit takes. */
  toolkit?: ToolRunner | NangoToolkit;
  /** How the server names itself: `nango` unless said otherwise. */
  name?: string;
  title?: string;
  version?: string;
  /** What tells a model how the tools fit together. */
  instructions?: string;
  /** Which tools there are; callers can narrow this, never widen it. */
  toolsets?: Toolset[];
  /** Slugs or aliases. */
  tools?: string[];
  exclude?: string[];
  /** A hard gate: only tools that change nothing. */
  readOnly?: boolean;
  /** `search` lists three tools that find, describe and run all others, for clients with little room. */
  mode?: "tools" | "search";
  extraTools?: ExtraTool[];
  /** The most bytes of a result, 80 000 unless said otherwise; lists in longer ones are cut, with a note. */
  maxResultBytes?: number;
  /**
   * Who may approve a call that policy lets wait for approval: the user of a client that can ask (`client`, the
   * default), or the model too, which then is shown the token of such a call (`model`).
   */
  confirm?: "client" | "model";
  /** Receives what went wrong on this side; `console.error` unless said otherwise. */
  onError?: (error: unknown) => void;
}

/** Who may call over HTTP, and from where. One of `tokens`, `sessionTokens`, `authenticate`, `secretPath`, `allowAnonymous` is needed. */
export interface McpHandlerOptions extends McpServerOptions, Partial<Omit<ToolkitOptions, "policy">> {
  policy?: ToolkitOptions["policy"];
  /** The path of the endpoint: `/mcp` unless said otherwise. */
  path?: string;
  /** Bearer tokens (also taken as `x-api-key`), at least 16 characters, and whose tools each gets. */
  tokens?: Record<string, Caller>;
  /** Whether tokens that sessions of the toolkit gave (`session.token()`, `session.mcp`) are taken too, each for its session. */
  sessionTokens?: boolean;
  /** Who sends a request with none of these tokens; nothing for nobody, a Response to answer by itself. */
  authenticate?: (request: Request) => Caller | Response | false | null | undefined | Promise<Caller | Response | false | null | undefined>;
  /** Opens the tools to whoever reaches the endpoint. */
  allowAnonymous?: boolean;
  /** A further path segment of at least 16 characters that stands for a token, for clients that can send none. */
  secretPath?: string;
  /** OAuth authorization servers whose tokens `authenticate` accepts; announced as RFC 9728 says. */
  authorizationServers?: string[];
  /** The endpoint's own URL, where a proxy hides it. */
  resource?: string;
  /** OAuth scopes to be announced. */
  scopes?: string[];
  /** Web origins that may use the endpoint, besides its own and those of localhost; `["*"]` for all. */
  allowedOrigins?: string[];
  /** Answers only where `Host` is localhost: for servers on one's own machine. */
  localOnly?: boolean;
  /** The longest body in bytes: 4 MiB unless said otherwise. */
  bodyLimit?: number;
}

/** The handler, for `export default { fetch }`, `Deno.serve`, `Bun.serve`, or an event of a service worker. */
export function createMcpHandler(options: McpHandlerOptions): (request: Request) => Promise<Response>;
