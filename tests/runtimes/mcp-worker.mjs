// workerd: answers the MCP transcript at /suite, and is an MCP server of its own at /mcp.
import { createEmulator } from "nango-toolkit/emulator";
import { createMcpHandler } from "nango-toolkit/mcp";
import { run } from "./mcp-suite.mjs";
import transcript from "./mcp.json";

const { fetch, apiKey, baseUrl } = createEmulator({ rateLimit: 1_000_000 });
const handler = createMcpHandler({ fetch, apiKey, baseUrl, allowAnonymous: true });

export default {
  async fetch(request) {
    if (new URL(request.url).pathname !== "/suite") return handler(request);
    return Response.json(await run({ createEmulator, createMcpHandler, transcript }));
  },
};
