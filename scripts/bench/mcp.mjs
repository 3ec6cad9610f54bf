// Messages per second through the handler as a host calls it: Request in, Response out, body read. Compared with the
// official SDK's web-standard server with the same tools, and with a handler that only reads and answers:
// `mcp.mjs [ROUNDS] [MS]`.
import { fromJsonSchema, McpServer, createMcpHandler as official } from "@modelcontextprotocol/server";
import { listTools } from "nango-toolkit";
import { createMcpHandler } from "nango-toolkit/mcp";

const RESULT = {
  successful: true,
  data: { connections: [{ id: 1, connection_id: "hubspot-ada", provider_config_key: "hubspot" }] },
  error: null,
  meta: {},
};
const tools = listTools();
const [times = 7, ms = 400] = process.argv.slice(2).map(Number);

const ours = createMcpHandler({ toolkit: { tools: () => tools, execute: async () => RESULT }, allowAnonymous: true });

const theirs = official(() => {
  const server = new McpServer({ name: "nango", version: "1.0.0" });
  for (const { slug, title, description, inputSchema, outputSchema, annotations } of tools) {
    server.registerTool(
      slug,
      {
        title,
        description,
        inputSchema: fromJsonSchema(inputSchema),
        outputSchema: fromJsonSchema(outputSchema),
        annotations,
      },
      async () => ({ content: [{ type: "text", text: JSON.stringify(RESULT) }], structuredContent: RESULT }),
    );
  }
  return server;
});

async function bare(request) {
  JSON.parse(await request.text());
  return new Response('{"jsonrpc":"2.0","id":1,"result":{}}', { headers: { "content-type": "application/json" } });
}

const HANDLERS = {
  "nango-toolkit": ours,
  "@modelcontextprotocol/server": (request) => theirs.fetch(request),
  "Request to Response": bare,
};
const MESSAGES = {
  "tools/list": { jsonrpc: "2.0", id: 1, method: "tools/list" },
  "tools/call": {
    jsonrpc: "2.0",
    id: 1,
    method: "tools/call",
    params: { name: "NANGO_CONNECTION_LIST_GET", arguments: { search: "ada" } },
  },
};

async function once(handler, body) {
  const headers = { "content-type": "application/json", accept: "application/json, text/event-stream" };
  return (await handler(new Request("http://127.0.0.1:3000/mcp", { method: "POST", headers, body }))).text();
}

/** Messages per second. */
async function rate(handler, body, ms) {
  const started = performance.now();
  let count = 0;
  while (performance.now() - started < ms) for (let i = 0; i < 20; i++, count++) await once(handler, body);
  return (count / (performance.now() - started)) * 1000;
}

const rounds = {};
for (const [method, message] of Object.entries(MESSAGES)) {
  const body = JSON.stringify(message);
  for (const [name, handler] of Object.entries(HANDLERS)) {
    const text = await once(handler, body);
    if (
      name !== "Request to Response" &&
      !text.includes(method === "tools/list" ? "NANGO_DELETE_CONNECTION" : "hubspot-ada")
    )
      throw new Error(`${name} answers ${text}`);
    await rate(handler, body, (ms * 3) / 4);
  }
  rounds[method] = [];
  for (let round = 0; round < times; round++) {
    const one = {};
    for (const [name, handler] of Object.entries(HANDLERS)) one[name] = await rate(handler, body, ms);
    rounds[method].push(one);
  }
}
console.log(JSON.stringify(rounds));
