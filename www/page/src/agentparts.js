// What an agent uses: the MCP handler and the adapter of each framework. Loaded when the view is first opened.
import { toTools as aiSdk } from "../../../pkg/dist/adapters/ai-sdk.js";
import { toTools as anthropic } from "../../../pkg/dist/adapters/anthropic.js";
import { toolNames, toTools as claudeAgentSdk } from "../../../pkg/dist/adapters/claude-agent-sdk.js";
import { toTools as googleAdk } from "../../../pkg/dist/adapters/google-adk.js";
import { toTools as google } from "../../../pkg/dist/adapters/google.js";
import { toTools as langchain } from "../../../pkg/dist/adapters/langchain.js";
import { toTools as llamaindex } from "../../../pkg/dist/adapters/llamaindex.js";
import { toTools as mastra } from "../../../pkg/dist/adapters/mastra.js";
import { toTools as openaiAgents } from "../../../pkg/dist/adapters/openai-agents.js";
import { toTools as openai } from "../../../pkg/dist/adapters/openai.js";
import { createMcpHandler } from "../../../pkg/dist/mcp.js";

export { createMcpHandler };

/** What a model sees of an MCP tool. */
const overMcp = (source) =>
  source.tools().map(({ slug: name, title, description, inputSchema, annotations }) => ({
    name,
    title,
    description,
    inputSchema,
    annotations,
  }));

/**
 * The forms in which the tools are handed over, made by the package's own adapters from a toolkit or a session:
 * the `code` that an application writes, what `make` returns, and the `tools` in it, one by one.
 */
export const FORMS = {
  mcp: { title: "MCP", code: "createMcpHandler({ toolkit: nango })", make: overMcp, tools: Object.values },
  "ai-sdk": {
    title: "Vercel AI SDK",
    code: "generateText({ tools: toTools(nango), … })",
    make: (source) => aiSdk(source),
    tools: Object.values,
    names: Object.keys,
  },
  openai: {
    title: "OpenAI, Responses",
    code: "openai.responses.create({ tools: toTools(nango), … })",
    make: (source) => openai(source),
    tools: Object.values,
  },
  "openai-strict": {
    title: "OpenAI, Responses, strict",
    from: "openai",
    code: "openai.responses.create({ tools: toTools(nango, { strict: true }), … })",
    make: (source) => openai(source, { strict: true }),
    tools: Object.values,
  },
  "openai-chat": {
    title: "OpenAI, Chat Completions",
    from: "openai",
    code: 'openai.chat.completions.create({ tools: toTools(nango, { api: "chat" }), … })',
    make: (source) => openai(source, { api: "chat" }),
    tools: Object.values,
    names: (list) => list.map((one) => one.function.name),
  },
  "openai-agents": {
    title: "OpenAI Agents SDK",
    code: "new Agent({ tools: toTools(nango), … })",
    make: (source) => openaiAgents(source),
    tools: Object.values,
  },
  anthropic: {
    title: "Anthropic",
    code: "anthropic.messages.create({ tools: toTools(nango), … })",
    make: (source) => anthropic(source),
    tools: Object.values,
  },
  google: {
    title: "Google Gen AI",
    code: "ai.models.generateContent({ config: { tools: toTools(nango) }, … })",
    make: (source) => google(source),
    tools: ([{ functionDeclarations }]) => functionDeclarations,
  },
  "google-gemini": {
    title: "Google Gen AI, Gemini's own schema",
    from: "google",
    code: 'ai.models.generateContent({ config: { tools: toTools(nango, { schema: "gemini" }) }, … })',
    make: (source) => google(source, { schema: "gemini" }),
    tools: ([{ functionDeclarations }]) => functionDeclarations,
  },
  langchain: {
    title: "LangChain",
    code: "createAgent({ tools: toTools(nango, { ToolMessage }), … })",
    make: (source) => langchain(source),
    tools: Object.values,
  },
  mastra: {
    title: "Mastra",
    code: "new Agent({ tools: toTools(nango), … })",
    make: (source) => mastra(source),
    tools: Object.values,
    names: Object.keys,
  },
  llamaindex: {
    title: "LlamaIndex",
    code: "agent({ tools: toTools(nango) })",
    make: (source) => llamaindex(source),
    tools: Object.values,
    names: (list) => list.map((one) => one.metadata.name),
  },
  "google-adk": {
    title: "Google ADK",
    code: "new LlmAgent({ tools: toTools(nango), … })",
    // ADK asks each tool for its declaration, and sends that.
    make: (source) => googleAdk(source).map((tool) => ({ ...tool, declaration: tool._getDeclaration() })),
    tools: (list) => list.map((one) => one.declaration),
  },
  "claude-agent-sdk": {
    title: "Claude Agent SDK",
    code: "query({ options: { mcpServers: toTools(nango), allowedTools: toolNames(nango) }, … })",
    // The SDK connects to the server and asks it for its tools.
    make: async (source) => {
      const mcpServers = claudeAgentSdk(source);
      const tools = await listedBy(mcpServers.nango.instance);
      return { mcpServers, allowedTools: toolNames(source), tools };
    },
    tools: (form) => form.tools,
  },
};

/** The tools that a server of the SDK lists to a client which connects to it. */
async function listedBy(server) {
  const answers = new Map();
  const transport = {
    start: async () => undefined,
    close: async () => undefined,
    send: async (message) => answers.get(message.id)?.(message),
  };
  await server.connect(transport);
  const ask = (id, method, params) =>
    new Promise((resolve) => {
      answers.set(id, resolve);
      transport.onmessage({ jsonrpc: "2.0", id, method, params });
    });
  await ask(1, "initialize", {
    protocolVersion: "2025-11-25",
    capabilities: {},
    clientInfo: { name: "demo-page", version: "1" },
  });
  const { result } = await ask(2, "tools/list");
  await server.close();
  return result.tools;
}
