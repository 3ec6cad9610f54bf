// Real clients against the server, over HTTP and stdio, in the eras each speaks: every tool is listed, and called
// with the example of its description. What comes back is what the toolkit itself gives.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Client as ClientV2, StreamableHTTPClientTransport as HttpV2 } from "@modelcontextprotocol/client";
import { StdioClientTransport as StdioV2 } from "@modelcontextprotocol/client/stdio";
import { Client as ClientV1 } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as StdioV1 } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport as HttpV1 } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { createEmulator } from "../../pkg/entry/emulator-node.js";
import { createMcpHandler } from "../../pkg/entry/mcp-node.js";
import { NangoToolkit, listTools } from "../../pkg/entry/node.js";
import { serveHttp } from "../../pkg/bin/mcp-serve.js";
import { bareEnvironment } from "../node/support.mjs";
import { serve } from "./fixtures.mjs";

const BIN = fileURLToPath(new URL("../../pkg/bin/nango-toolkit.js", import.meta.url));
const COMMAND = { command: process.execPath, args: [BIN, "mcp", "--emulator"], env: bareEnvironment() };
const ABOUT = { name: "nango-toolkit-tests", version: "1.0.0" };
const MODERN = "2026-07-28";

const v2 = (mode, more) => new ClientV2(ABOUT, { versionNegotiation: { mode }, ...more });
const CLIENTS = [
  { name: "TypeScript SDK 1", client: () => new ClientV1(ABOUT), http: HttpV1, stdio: StdioV1, version: "2025-11-25" },
  { name: "TypeScript SDK 2", client: () => v2("legacy"), http: HttpV2, stdio: StdioV2, version: "2025-11-25" },
  { name: "TypeScript SDK 2, probing", client: () => v2("auto"), http: HttpV2, stdio: StdioV2, version: MODERN },
  { name: "TypeScript SDK 2, of 2026-07-28 alone", client: () => v2({ pin: MODERN }), http: HttpV2, stdio: StdioV2, version: MODERN },
];

/** Every name that can be called, with arguments that its description gives. */
const CALLS = listTools().flatMap((tool) => [tool.slug, ...tool.aliases].map((name) => [name, tool.examples[0].arguments]));

/** What the toolkit itself answers, on a world of its own. */
async function expected() {
  const { fetch, apiKey, baseUrl } = createEmulator();
  const nango = new NangoToolkit({ fetch, apiKey, baseUrl });
  const results = [];
  for (const [name, args] of CALLS) results.push(await nango.execute(name, args));
  return results;
}

/** What differs from call to call. */
const steady = ({ successful, error }) => ({ successful, kind: error?.kind, code: error?.code });

async function listAndCall(client, results) {
  const { tools } = await client.listTools();
  assert.deepEqual(tools.map((tool) => tool.name), listTools().map((tool) => tool.slug));
  assert.ok(tools.every((tool) => tool.annotations?.title && tool.outputSchema));
  for (const [index, [name, args]] of CALLS.entries()) {
    const result = await client.callTool({ name, arguments: args });
    const ours = JSON.parse(result.content[0].text);
    assert.deepEqual(steady(ours), steady(results[index]), name);
    assert.equal(Boolean(result.isError), !ours.successful, name);
    assert.deepEqual(result.structuredContent, ours.successful ? ours : undefined, name);
  }
  const refused = await client.callTool({ name: "NANGO_GET_CONNECTION", arguments: { connection_id: 7 } });
  assert.ok(refused.isError && refused.content[0].text.includes("provider_config_key"));
  await assert.rejects(async () => client.callTool({ name: "NANGO_NOTHING", arguments: {} }), /NANGO_NOTHING/);
}

describe("real MCP clients", async () => {
  const results = await expected();
  assert.ok(CALLS.length >= 24 && CALLS.some(([name]) => name === "NANGO_CONNECTION_GET"), "all tools and the alias");
  assert.ok(results.filter((result) => result.successful).length >= 18, "the examples mostly succeed on the emulator");

  for (const { name, client: make, http, stdio, version } of CLIENTS) {
    test(`${name} over HTTP`, async () => {
      const server = await serve();
      const client = make();
      try {
        await client.connect(new http(new URL(`${server.url}/mcp`)));
        assert.equal(client.getServerVersion()?.name, "nango");
        if (client.getNegotiatedProtocolVersion) assert.equal(client.getNegotiatedProtocolVersion(), version);
        await listAndCall(client, results);
      } finally {
        await client.close();
        await server.close();
      }
    });

    test(`${name} over stdio`, async () => {
      const client = make();
      try {
        await client.connect(new stdio(COMMAND));
        if (client.getNegotiatedProtocolVersion) assert.equal(client.getNegotiatedProtocolVersion(), version);
        await listAndCall(client, results);
      } finally {
        await client.close();
      }
    });
  }

  test("a client that can ask its user approves a call by itself", async () => {
    const { fetch, apiKey, baseUrl } = createEmulator();
    const nango = new NangoToolkit({ fetch, apiKey, baseUrl });
    // As policy does it: what destroys waits for approval.
    const toolkit = {
      tools: (filter) => nango.tools(filter),
      execute(name, args, { confirm, ...options }) {
        const waits = { successful: false, data: null, error: { kind: "confirmation_required", code: "confirmation_required", message: `${name} waits for approval`, retryable: false, details: { summary: { tool: name }, token: "tok" } }, meta: {} };
        return confirm === "tok" || name.includes("LIST") ? nango.execute(name, args, options) : waits;
      },
    };
    const server = await serveHttp(createMcpHandler({ toolkit, allowAnonymous: true }), { port: 0, host: "127.0.0.1" });
    for (const agreed of [false, true]) {
      const client = v2("auto", { capabilities: { elicitation: {} } });
      const asked = [];
      client.setRequestHandler("elicitation/create", async ({ params }) => (asked.push(params.message), agreed ? { action: "accept", content: { confirm: true } } : { action: "decline" }));
      try {
        await client.connect(new HttpV2(new URL(`${server.url}/mcp`)));
        const result = await client.callTool({ name: "NANGO_DELETE_CONNECTION", arguments: { connection_id: "hubspot-ada", provider_config_key: "hubspot" } });
        assert.equal(Boolean(result.isError), !agreed, JSON.stringify(result));
        assert.match(asked[0], /NANGO_DELETE_CONNECTION waits for approval/);
        assert.equal(asked.length, 1);
      } finally {
        await client.close();
      }
    }
    const { data } = await nango.execute("NANGO_CONNECTION_LIST_GET", { connection_id: "hubspot-ada" });
    assert.equal(data.connections.length, 0);
    await server.close();
  });
});
