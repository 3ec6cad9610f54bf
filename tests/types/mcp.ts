// What programs write against `nango-toolkit/mcp`.
import { NangoToolkit } from "nango-toolkit";
import { createMcpHandler, type ToolRunner } from "nango-toolkit/mcp";

const toolkit = new NangoToolkit({ apiKey: "key" });
const runner: ToolRunner = toolkit;

const handler: (request: Request) => Promise<Response> = createMcpHandler({
  toolkit: runner,
  tokens: {
    "a-token-of-16-characters": true,
    "another-of-16-characters": { user: "ada" },
    "a-third-of-16-characters": toolkit,
  },
  authenticate: async (request) => (request.headers.has("x-user") ? { user: "ada" } : undefined),
  extraTools: [
    {
      name: "add",
      inputSchema: { type: "object" },
      run: ({ a, b }) => ({ content: [{ type: "text", text: String(Number(a) + Number(b)) }] }),
    },
  ],
});
createMcpHandler({
  apiKey: () => "key",
  allowAnonymous: true,
  toolsets: ["connections"],
  mode: "search",
  confirm: "model",
});
// @ts-expect-error there is no such mode
createMcpHandler({ apiKey: "key", mode: "all" });
// @ts-expect-error there is no such toolset
createMcpHandler({ apiKey: "key", toolsets: ["nope"] });

export { handler };
