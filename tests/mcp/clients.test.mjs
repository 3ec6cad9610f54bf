// Real clients against the server, over HTTP and stdio, in the revisions each supports: every tool is listed, and
// called with the example of its description. The results are those of the toolkit itself.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { StreamableHTTPClientTransport as HttpV2 } from "@modelcontextprotocol/client";
import { createEmulator } from "../../pkg/dist/entry/emulator-node.js";
import { createMcpHandler } from "../../pkg/dist/entry/mcp-node.js";
import { NangoToolkit } from "../../pkg/dist/entry/node.js";
import { serveHttp } from "../../pkg/dist/bin/mcp-serve.js";
import { bareEnvironment } from "../node/support.mjs";
import { serve } from "./fixtures.mjs";
import { CALLS, CLIENTS, expected, listAndCall, throughHttp, v2 } from "./sdk.mjs";

const BIN = fileURLToPath(new URL("../../pkg/bin/nango-toolkit.js", import.meta.url));
const COMMAND = { command: process.execPath, args: [BIN, "mcp", "--emulator"], env: bareEnvironment() };

describe("real MCP clients", async () => {
  const results = await expected();
  assert.ok(CALLS.length >= 24 && CALLS.some(([name]) => name === "NANGO_CONNECTION_GET"), "all tools and the alias");
  assert.ok(results.filter((result) => result.successful).length >= 18, "the examples mostly succeed on the emulator");

  for (const one of CLIENTS) {
    const { name, client: make, stdio, version } = one;
    test(`${name} over HTTP`, async () => {
      const server = await serve();
      try {
        await throughHttp(one, `${server.url}/mcp`, results);
      } finally {
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

  test("a client that can ask its user approves a call", async () => {
    const { fetch, apiKey, baseUrl } = createEmulator();
    const nango = new NangoToolkit({ fetch, apiKey, baseUrl });
    // By policy: destructive calls wait for approval.
    const toolkit = {
      tools: (filter) => nango.tools(filter),
      execute(name, args, { confirm, ...options }) {
        const waits = {
          successful: false,
          data: null,
          error: {
            kind: "confirmation_required",
            code: "confirmation_required",
            message: `${name} waits for approval`,
            retryable: false,
            details: { summary: { tool: name }, token: "tok" },
          },
          meta: {},
        };
        return confirm === "tok" || name.includes("LIST") ? nango.execute(name, args, options) : waits;
      },
    };
    const server = await serveHttp(createMcpHandler({ toolkit, allowAnonymous: true }), { port: 0, host: "127.0.0.1" });
    for (const agreed of [false, true]) {
      const client = v2("auto", { capabilities: { elicitation: {} } });
      const asked = [];
      client.setRequestHandler(
        "elicitation/create",
        async ({ params }) => (
          asked.push(params.message), agreed ? { action: "accept", content: { confirm: true } } : { action: "decline" }
        ),
      );
      try {
        await client.connect(new HttpV2(new URL(`${server.url}/mcp`)));
        const result = await client.callTool({
          name: "NANGO_DELETE_CONNECTION",
          arguments: { connection_id: "hubspot-ada", provider_config_key: "hubspot" },
        });
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
