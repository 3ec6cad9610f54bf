// The MCP component under its host against software of others: the official conformance suite and real SDK clients.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { REVISIONS, conforms, node } from "../mcp/conformance.mjs";
import { CLIENTS, expected, throughHttp } from "../mcp/sdk.mjs";
import { startEmulate } from "../node/support.mjs";
import { serveComponent } from "./mcp-server.mjs";

/** Runs `work` with the URL of the component, with its own emulator. */
async function serving(work) {
  const emulator = await startEmulate(["--rate-limit", "1000000"]);
  try {
    const server = await serveComponent({
      NANGO_SECRET_KEY: emulator.apiKey,
      NANGO_HOST: emulator.url,
      NANGO_MCP_ANONYMOUS: "true",
      NANGO_MCP_LOCAL_ONLY: "true",
    });
    try {
      await work(`${server.url}/mcp`);
      assert.doesNotMatch(server.log(), /RuntimeError|panicked|Error:/);
    } finally {
      await server.close();
    }
  } finally {
    await emulator.stop();
  }
}

describe("conformance of the MCP component", { skip: !node && !process.env.CI && "Node 24 is not installed" }, () => {
  test(REVISIONS.join(", "), async () => {
    await serving(async (url) => {
      for (const revision of REVISIONS) await conforms(url, revision);
    });
  });
});

describe("real clients of the MCP component", async () => {
  const results = await expected();
  for (const client of CLIENTS.filter(({ name }) => !name.includes("alone")))
    test(client.name, () => serving((url) => throughHttp(client, url, results)));
});
