// Tools for the Claude Agent SDK (@anthropic-ai/claude-agent-sdk): an MCP server in this process.
import { type AdapterOptions, type AdapterTool, adapterTools, modelResult, type ToolSource } from "./shared.js";

export type { AdapterOptions, ToolSource } from "./shared.js";

/** An entry of `mcpServers`. `Instance` is the SDK's own type of a server. */
export interface SdkServer<Instance = unknown> {
  type: "sdk";
  /** The name of the server. */
  name: string;
  /** The server. */
  instance: Instance;
}

/** Options of this adapter only. */
export interface ServerOptions {
  /**
   * The name of the server, the middle of `mcp__nango__…`.
   * @default "nango"
   */
  name?: string | undefined;
}

type Options = Omit<AdapterOptions, "strict"> & ServerOptions;

/**
 * The `mcpServers` of `query`, with one server. `Instance` is the SDK's own type of a server; it follows from where the
 * tools are used.
 *
 * @example
 * ```ts
 * import { query } from "@anthropic-ai/claude-agent-sdk";
 * import { NangoToolkit } from "nango-toolkit";
 * import { toTools } from "nango-toolkit/claude-agent-sdk";
 *
 * const nango = new NangoToolkit({ apiKey: process.env.NANGO_SECRET_KEY ?? "" });
 * const options = { mcpServers: toTools(nango), allowedTools: ["mcp__nango__NANGO_CONNECTION_LIST_GET"] };
 * for await (const message of query({ prompt: "Which of our users have connected HubSpot?", options })) {
 *   if (message.type === "result") console.log(message.subtype);
 * }
 * ```
 */
export function toTools<Instance = never>(
  source: ToolSource,
  { name = "nango", ...options }: Options = {},
): Record<string, SdkServer<Instance>> {
  const instance = new Server(name, () => adapterTools(source, options)) as Instance;
  return { [name]: { type: "sdk", name, instance } };
}

/**
 * The names by which `allowedTools` and permission rules know the tools.
 *
 * @throws {@link NangoToolkitError} if an option names something that does not exist.
 * @example
 * ```ts
 * import { NangoToolkit } from "nango-toolkit";
 * import { toolNames } from "nango-toolkit/claude-agent-sdk";
 *
 * const nango = new NangoToolkit({ apiKey: process.env.NANGO_SECRET_KEY ?? "" });
 * console.log(toolNames(nango, { readOnly: true })[0]); // mcp__nango__NANGO_PROVIDERS_LIST_GET
 * ```
 */
export function toolNames(source: ToolSource, { name = "nango", ...options }: Options = {}): string[] {
  return adapterTools(source, options).map((tool) => `mcp__${name}__${tool.name}`);
}

/** The part of the SDK's transport that is used. */
interface Transport {
  onmessage?: (message: Message) => void;
  start?(): Promise<void>;
  send(message: object): Promise<void>;
  close?(): Promise<void>;
}

/** A JSON-RPC message. */
interface Message {
  id?: string | number;
  method?: string;
  params?: Params;
}

interface Params {
  requestId?: string | number;
  protocolVersion?: string;
  name?: string;
  arguments?: unknown;
  _meta?: Record<string, unknown>;
}

type Reply = { result: object } | { error: { code: number; message: string } };

/** The part of an MCP server that the SDK uses. */
class Server {
  readonly #name: string;
  readonly #list: () => AdapterTool[];
  readonly #running = new Map<string | number, AbortController>();
  #transport: Transport | undefined;

  constructor(name: string, list: () => AdapterTool[]) {
    this.#name = name;
    this.#list = list;
  }

  async connect(transport: Transport): Promise<void> {
    this.#transport = transport;
    transport.onmessage = (message) => void this.#receive(message);
    await transport.start?.();
  }

  async close(): Promise<void> {
    await this.#transport?.close?.();
  }

  async #receive({ id, method, params = {} }: Message): Promise<void> {
    if (method === "notifications/cancelled" && params.requestId !== undefined) {
      this.#running.get(params.requestId)?.abort();
    }
    if (id === undefined || !method) return;
    const reply = await this.#answer(id, method, params).catch((error: Error) => {
      return { error: { code: -32603, message: error.message } };
    });
    await this.#transport?.send({ jsonrpc: "2.0", id, ...reply });
  }

  async #answer(id: string | number, method: string, params: Params): Promise<Reply> {
    switch (method) {
      case "initialize": {
        const serverInfo = { name: this.#name, version: "1.0.0" };
        return { result: { protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo } };
      }
      case "ping":
        return { result: {} };
      case "tools/list":
        return { result: { tools: this.#list().map(definitionOf) } };
      case "tools/call":
        return this.#call(id, params);
      default:
        return { error: { code: -32601, message: `there is no method ${method}` } };
    }
  }

  async #call(id: string | number, params: Params): Promise<Reply> {
    const tool = this.#list().find((one) => one.name === params.name);
    if (!tool) return { error: { code: -32602, message: `there is no tool ${params.name}` } };
    const controller = new AbortController();
    this.#running.set(id, controller);
    try {
      const useId = params._meta?.["claudecode/toolUseId"];
      const context = { id: typeof useId === "string" ? useId : undefined, signal: controller.signal };
      const result = modelResult(await tool.run(params.arguments ?? {}, context));
      const content = [{ type: "text", text: JSON.stringify(result) }];
      return { result: result.successful ? { content, structuredContent: result } : { content, isError: true } };
    } finally {
      this.#running.delete(id);
    }
  }
}

const definitionOf = ({ name, description, schema: inputSchema, tool }: AdapterTool): object => ({
  name,
  title: tool.title,
  description,
  inputSchema,
  annotations: tool.annotations,
});
