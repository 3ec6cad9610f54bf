// The official Inspector on the command line: over HTTP and stdio, both kinds of revisions, with `--strict`.
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { execute, programs } from "../runtimes/runtimes.mjs";
import { serve } from "./fixtures.mjs";

const inspector = fileURLToPath(
  new URL("node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js", import.meta.url),
);
const BIN = fileURLToPath(new URL("../../pkg/bin/nango-toolkit.js", import.meta.url));
const node = programs.node24();
const home = mkdtempSync(join(tmpdir(), "nango-toolkit-inspector-"));
after(() => rmSync(home, { recursive: true, force: true }));

describe("MCP Inspector", {
  skip: !(node && existsSync(inspector)) && "Node 24 or the Inspector is not installed",
}, async () => {
  const server = await serve();
  after(() => server.close());
  const inspect = async (target, ...args) => {
    const { code, stdout, stderr } = await execute(
      node,
      [inspector, "--cli", ...target, ...args, "--format", "json", "-q"],
      { env: { HOME: home }, cwd: home },
    );
    return { code, stdout, stderr, json: () => JSON.parse(stdout) };
  };
  const TARGETS = {
    HTTP: [`${server.url}/mcp`, "--transport", "http"],
    stdio: [process.execPath, BIN, "mcp", "--emulator"],
  };
  for (const [transport, target] of Object.entries(TARGETS)) {
    for (const revision of ["legacy", "modern"]) {
      test(`${transport}, ${revision}`, async () => {
        const list = await inspect(target, "--method", "tools/list", "--strict", "--protocol-era", revision);
        assert.equal(list.code, 0, list.stderr + list.stdout);
        const found = list.json();
        assert.equal((found.tools ?? found.result?.tools)?.length, 23, list.stdout.slice(0, 500));
        assert.doesNotMatch(list.stderr, /inputSchema/);
        const call = await inspect(
          target,
          "--method",
          "tools/call",
          "--tool-name",
          "NANGO_PROVIDERS_GET_GET",
          "--tool-arg",
          "provider=hubspot",
          "--protocol-era",
          revision,
        );
        assert.equal(call.code, 0, call.stderr + call.stdout);
        assert.match(call.stdout, /hubspot/);
        const refused = await inspect(
          target,
          "--method",
          "tools/call",
          "--tool-name",
          "NANGO_GET_CONNECTION",
          "--tool-arg",
          "connection_id=x",
          "--protocol-era",
          revision,
        );
        assert.equal(refused.code, 5, refused.stderr + refused.stdout);
      });
    }
  }
});
