// @ts-nocheck
// Tools for the Claude Agent SDK (@anthropic-ai/claude-agent-sdk): an MCP server in this process.
import { modelResult, adapterTools } from "./shared.js";

/** The `mcpServers` of `query`, with one server of this name. */
export function toTools(source, { name = "nango", ...options } = {}) {
  return { [name]: { type: "sdk", name, instance: new Server(name, () => adapterTools(source, options)) } };
}

/** The names that `allowedTools` and permission rules know the tools by. */
export const toolNames = (source, { name = "nango", ...options } = {}) =>
  adapterTools(source, options).map((tool) => `mcp__${name}__${tool.name}`);

/** As much of an MCP server as the SDK speaks to. */
class Server {
  #transport;
  #name;
  #list;
  /** What ends each call under way. */
  #running = new Map();

  constructor(name, list) {
    this.#name = name;
    this.#list = list;
  }

  async connect(transport) {
    this.#transport = transport;
    transport.onmessage = (message) => this.#receive(message);
    await transport.start?.();
  }

  async close() {
    await this.#transport?.close?.();
  }

  async #receive({ id, method, params }) {
    if (method === "notifications/cancelled") this.#running.get(params?.requestId)?.abort();
    if (id === undefined || !method) return;
    const reply = await this.#answer(id, method, params ?? {}).catch((cause) => ({
      error: { code: -32603, message: cause.message },
    }));
    await this.#transport.send({ jsonrpc: "2.0", id, ...reply });
  }

  async #answer(id, method, params) {
    if (method === "initialize") {
      return {
        result: {
          protocolVersion: params.protocolVersion,
          capabilities: { tools: {} },
          serverInfo: { name: this.#name, version: "1.0.0" },
        },
      };
    }
    if (method === "ping") return { result: {} };
    if (method === "tools/list") {
      const tools = this.#list().map(({ name, description, schema: inputSchema, tool: { title, annotations } }) => ({
        name,
        title,
        description,
        inputSchema,
        annotations,
      }));
      return { result: { tools } };
    }
    if (method !== "tools/call") return { error: { code: -32601, message: `there is no method ${method}` } };
    const tool = this.#list().find((one) => one.name === params.name);
    if (!tool) return { error: { code: -32602, message: `there is no tool ${params.name}` } };
    const controller = new AbortController();
    this.#running.set(id, controller);
    try {
      const result = modelResult(
        await tool.run(params.arguments ?? {}, {
          id: params._meta?.["claudecode/toolUseId"],
          signal: controller.signal,
        }),
      );
      const content = [{ type: "text", text: JSON.stringify(result) }];
      return { result: result.successful ? { content, structuredContent: result } : { content, isError: true } };
    } finally {
      this.#running.delete(id);
    }
  }
}
