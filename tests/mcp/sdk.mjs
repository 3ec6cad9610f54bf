// The SDK's clients, and what each of them must see: every tool listed, and called with the example of its
// description. The results are those of the toolkit itself.
import assert from "node:assert/strict";
import { Client as ClientV2, StreamableHTTPClientTransport as HttpV2 } from "@modelcontextprotocol/client";
import { StdioClientTransport as StdioV2 } from "@modelcontextprotocol/client/stdio";
import { Client as ClientV1 } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as StdioV1 } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport as HttpV1 } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { createEmulator } from "../../pkg/dist/entry/emulator-node.js";
import { NangoToolkit, listTools } from "../../pkg/dist/entry/node.js";

const ABOUT = { name: "nango-toolkit-tests", version: "1.0.0" };
const MODERN = "2026-07-28";

/** A client of version 2. */
export const v2 = (mode, more) => new ClientV2(ABOUT, { versionNegotiation: { mode }, ...more });
/** Each client, and the version of the protocol that it negotiates. */
export const CLIENTS = [
  { name: "TypeScript SDK 1", client: () => new ClientV1(ABOUT), http: HttpV1, stdio: StdioV1, version: "2025-11-25" },
  { name: "TypeScript SDK 2", client: () => v2("legacy"), http: HttpV2, stdio: StdioV2, version: "2025-11-25" },
  { name: "TypeScript SDK 2, probing", client: () => v2("auto"), http: HttpV2, stdio: StdioV2, version: MODERN },
  {
    name: "TypeScript SDK 2, of 2026-07-28 alone",
    client: () => v2({ pin: MODERN }),
    http: HttpV2,
    stdio: StdioV2,
    version: MODERN,
  },
];

/** Every name that can be called, with arguments that its description gives. */
export const CALLS = listTools().flatMap((tool) =>
  [tool.slug, ...tool.aliases].map((name) => [name, tool.examples[0].arguments]),
);

/** What the toolkit itself answers, with its own emulator. */
export async function expected() {
  const { fetch, apiKey, baseUrl } = createEmulator();
  const nango = new NangoToolkit({ fetch, apiKey, baseUrl });
  const results = [];
  for (const [name, args] of CALLS) results.push(await nango.execute(name, args));
  return results;
}

/** Values that differ from call to call. */
const steady = ({ successful, error }) => ({ successful, kind: error?.kind, code: error?.code });

/** Has a connected client list and call everything. */
export async function listAndCall(client, results) {
  const { tools } = await client.listTools();
  assert.deepEqual(
    tools.map((tool) => tool.name),
    listTools().map((tool) => tool.slug),
  );
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

/** Connects a client over HTTP, has it list and call everything, and closes it. */
export async function throughHttp({ client: make, http, version }, url, results) {
  const client = make();
  try {
    await client.connect(new http(new URL(url)));
    assert.equal(client.getServerVersion()?.name, "nango");
    if (client.getNegotiatedProtocolVersion) assert.equal(client.getNegotiatedProtocolVersion(), version);
    await listAndCall(client, results);
  } finally {
    await client.close();
  }
}
