// Options and arguments that are not set may be `undefined`, also with `exactOptionalPropertyTypes`.
import { NangoToolkit, buildRequest } from "nango-toolkit";
import { createEmulator } from "nango-toolkit/emulator";
import { createMcpHandler } from "nango-toolkit/mcp";

const none = undefined;
const limit: number | undefined = Math.random() > 2 ? 10 : undefined;

const emulator = createEmulator({ seed: none, faults: { latencyMs: none, fail: [{ kind: "drop", times: none }] } });
const { fetch, apiKey, baseUrl } = emulator;
const nango = new NangoToolkit({ fetch, apiKey, baseUrl, policy: none, retry: { attempts: none }, onEvent: none });

await nango.execute("NANGO_CONNECTION_LIST_GET", { limit, search: none }, { signal: none, timeoutMs: none });
buildRequest("NANGO_CONNECTION_LIST_GET", { limit }, { baseUrl: none });
nango.tools({ toolsets: none, readOnly: none });
nango.session({ user: "ada", organization: none, id: none });
createMcpHandler({
  toolkit: nango,
  allowAnonymous: true,
  extraTools: [{ name: "weather", title: none, inputSchema: { type: "object" }, run: () => null }],
});
