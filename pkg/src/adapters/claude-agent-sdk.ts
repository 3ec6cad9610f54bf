/**
 * Tools for the Claude Agent SDK (@anthropic-ai/claude-agent-sdk): this package's MCP server, in the SDK's own process.
 * The SDK's server class takes tools with Zod schemas alone, so what is given to the SDK is the part of that class that
 * it uses: `connect` and `close`. What a message means is decided by the server, as over every other transport.
 *
 * @module nango-toolkit/claude-agent-sdk
 */
import { reportFailure } from "../errors.js";
import { RunningCalls } from "../mcp-running.js";
import { type McpReply, McpServer, type View } from "../mcp-server.js";
import { randomId } from "../random.js";
import type { McpServerOptions } from "../types/mcp.js";
import type { OnError } from "../types/options.js";
import type { ToolSource } from "./shared.js";

export type { ExtraTool, McpServerOptions, ObjectSchema } from "../types/mcp.js";
export type { ToolSource } from "./shared.js";

/** An entry of `mcpServers`. `Instance` is the SDK's own type of a server. */
export interface SdkServer<Instance = unknown> {
  type: "sdk";
  /** The name of the server. */
  name: string;
  /** The server. */
  instance: Instance;
}

/** What the server offers, and its `name`: the middle of `mcp__nango__…`. */
export type ServerOptions = Omit<McpServerOptions, "toolkit">;

/**
 * The `mcpServers` of `query`, with one server. `Instance` is the SDK's own type of a server; it follows from where the
 * tools are used.
 *
 * @throws `NangoToolkitError` if an option is wrong or unknown.
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
  options: ServerOptions = {},
): Record<string, SdkServer<Instance>> {
  const { name = DEFAULT_NAME } = options;
  const instance = new ConnectedServer(makeServer(source, options), options.onError) as Instance;
  return { [name]: { type: "sdk", name, instance } };
}

/**
 * The names by which `allowedTools` and permission rules know the tools.
 *
 * @throws `NangoToolkitError` if an option is wrong or unknown.
 * @example
 * ```ts
 * import { NangoToolkit } from "nango-toolkit";
 * import { toolNames } from "nango-toolkit/claude-agent-sdk";
 *
 * const nango = new NangoToolkit({ apiKey: process.env.NANGO_SECRET_KEY ?? "" });
 * console.log(toolNames(nango, { readOnly: true })[0]); // mcp__nango__NANGO_PROVIDERS_LIST_GET
 * ```
 */
export function toolNames(source: ToolSource, options: ServerOptions = {}): string[] {
  const { name = DEFAULT_NAME } = options;
  const server = makeServer(source, options);
  return server.names(server.view(server.source(true))).map((tool) => `mcp__${name}__${tool}`);
}

const DEFAULT_NAME = "nango";

const makeServer = (source: ToolSource, options: ServerOptions): McpServer =>
  new McpServer({ ...options, toolkit: source });

/** The part of the SDK's transport that is used. */
interface Transport {
  onmessage?: (message: object) => void;
  onclose?: () => void;
  start?(): Promise<void>;
  send(message: object): Promise<void>;
  close?(): Promise<void>;
}

/** A server as the SDK uses it: it connects it to a transport, once for each query. */
class ConnectedServer {
  readonly #server: McpServer;
  readonly #view: View;
  readonly #onError: OnError;
  readonly #running = new RunningCalls();
  #transport: Transport | undefined;

  constructor(server: McpServer, onError: OnError = console.error) {
    this.#server = server;
    this.#view = server.view(server.source(true));
    this.#onError = onError;
  }

  async connect(transport: Transport): Promise<void> {
    this.#transport = transport;
    transport.onmessage = (message) => void this.#receive(message, transport).catch((error) => this.#report(error));
    transport.onclose = () => this.#running.cancelAll();
    await transport.start?.();
  }

  async close(): Promise<void> {
    this.#running.cancelAll();
    await this.#transport?.close?.();
  }

  async #receive(message: object, transport: Transport): Promise<void> {
    const notify = (notification: McpReply): void =>
      void transport.send(messageOf(notification)).catch((error) => this.#report(error));
    const calls = { running: this.#running, notify };
    const reply = await this.#server.answer(IN_PROCESS, JSON.stringify(message), this.#view, calls);
    if (reply) await transport.send(messageOf(reply));
  }

  #report(error: unknown): void {
    reportFailure(this.#onError, error, { id: randomId("error_"), source: "mcp" });
  }
}

/** What holds of messages over standard input and output holds of these: they have no headers. */
const IN_PROCESS = { stdio: true };

const messageOf = ({ body }: McpReply): object => JSON.parse(new TextDecoder().decode(body));
