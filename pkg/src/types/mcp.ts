// Types of the MCP server: tool runners, callers and options.
import type { ExecuteOptions, OnError, SessionOptions } from "./options.js";
import type { Result } from "./results.js";
import type { SearchHit, SearchOptions, ToolAnnotations, ToolDefinition, ToolFilter, Toolsets } from "./tools.js";

/** What runs tools: a toolkit, a session, or an object with the same methods. */
export interface ToolRunner {
  /** The tools that may be run. */
  tools(filter?: ToolFilter): ToolDefinition[];
  /** Runs a tool. */
  execute(name: string, args: unknown, options?: ExecuteOptions): Promise<Result>;
  /** The tools that fit a request, best first; the search over all tools if it is missing. */
  searchTools?(text: string, options?: SearchOptions): Pick<SearchHit, "slug">[];
}

/**
 * The tools of a caller: `true` for the whole toolkit, a toolkit or session itself, otherwise the options of a
 * session of the toolkit.
 */
export type Caller = true | ToolRunner | SessionOptions;

/** A JSON Schema of an object. */
export type ObjectSchema = { type: "object"; [keyword: string]: unknown };

/**
 * A tool of your own, in addition to Nango's.
 *
 * @example
 * ```ts
 * import { createMcpHandler, type ExtraTool } from "nango-toolkit/mcp";
 *
 * const add: ExtraTool = {
 *   name: "add",
 *   description: "Adds two numbers.",
 *   inputSchema: { type: "object", properties: { a: { type: "number" }, b: { type: "number" } } },
 *   run: ({ a, b }) => ({ content: [{ type: "text", text: String(Number(a) + Number(b)) }] }),
 * };
 * const apiKey = process.env.NANGO_SECRET_KEY ?? "";
 * export default { fetch: createMcpHandler({ apiKey, allowAnonymous: true, extraTools: [add] }) };
 * ```
 */
export interface ExtraTool {
  /** The name of the tool. */
  name: string;
  /** The title for people. */
  title?: string | undefined;
  /** Written for a model: what the tool does, when to use it. */
  description?: string | undefined;
  /** The arguments. */
  inputSchema: ObjectSchema;
  /** The structured result, if there is one. */
  outputSchema?: ObjectSchema | undefined;
  /** Hints, named as the Model Context Protocol names them. */
  annotations?: Partial<ToolAnnotations> | undefined;
  /**
   * Runs the tool. The arguments are what the client sent, unchecked. It returns an MCP result (`{ content: […] }`),
   * a result of this package, or a JSON-RPC error (`{ code, message }`).
   */
  run(args: Record<string, unknown>, call: { name: string; params: string; signal?: AbortSignal }): unknown;
}

/** What an MCP server offers, whatever its transport. */
export interface McpServerOptions {
  /**
   * Runs the tools.
   * @default a toolkit created from `apiKey` and the other options of a toolkit
   */
  toolkit?: ToolRunner | undefined;
  /**
   * The name of the server.
   * @default "nango"
   */
  name?: string | undefined;
  /**
   * The title of the server, for people.
   * @default "Nango"
   */
  title?: string | undefined;
  /**
   * The version of the server.
   * @default the version of this package
   */
  version?: string | undefined;
  /**
   * Instructions that explain to a model how the tools fit together.
   * @default an explanation of integrations and connections
   */
  instructions?: string | undefined;
  /**
   * Only tools of these toolsets; `"all"` for every tool. A caller can narrow the selection, but never widen it.
   * @default callers see the tools that are listed by default, and may choose any toolsets or tools
   */
  toolsets?: Toolsets | undefined;
  /**
   * Only these tools, by slug or alias.
   * @default those of `toolsets`
   */
  tools?: string[] | undefined;
  /**
   * All but these tools.
   * @default none
   */
  exclude?: string[] | undefined;
  /**
   * Only tools that change nothing, whatever a caller asks for; reads through the proxy only where `tools` names them.
   * @default false
   */
  readOnly?: boolean | undefined;
  /**
   * `search` lists three tools that find, describe and run all others, for clients with a small context.
   * @default "tools"
   */
  mode?: "tools" | "search" | undefined;
  /**
   * Tools of your own.
   * @default none
   */
  extraTools?: ExtraTool[] | undefined;
  /**
   * The maximum size of a result in bytes. Longer ones are truncated, with a note.
   * @default 80000
   */
  maxResultBytes?: number | undefined;
  /**
   * Who may approve a call that policy requires to be confirmed: the user of a client that can ask, or also the model,
   * which then sees the token of such a call.
   * @default "client"
   */
  confirm?: "client" | "model" | undefined;
  /**
   * Receives errors of the server itself and of its `extraTools`. Clients get one sentence with an ID.
   * @default console.error
   */
  onError?: OnError | undefined;
}
