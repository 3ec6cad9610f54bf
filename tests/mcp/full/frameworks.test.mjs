// The long run: MCP clients of agent frameworks and of Python list and call every tool. `npm run test:full` runs it,
// with the packages of this folder installed; Python's are installed into folders of their own.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { createEmulator } from "../../../pkg/dist/entry/emulator-node.js";
import { NangoToolkit, listTools } from "../../../pkg/dist/entry/node.js";
import { BIN, bareEnvironment } from "../../node/support.mjs";
import { programs } from "../../runtimes/runtimes.mjs";
import { serve } from "../fixtures.mjs";

const ci = /^(1|true)$/i.test(process.env.CI ?? "");
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "nango-toolkit-python-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const CALLS = listTools().flatMap((tool) =>
  [tool.slug, ...tool.aliases].map((name) => [name, tool.examples[0].arguments]),
);

/** What the toolkit itself answers. */
async function expected(names) {
  const { fetch, apiKey, baseUrl } = createEmulator();
  const nango = new NangoToolkit({ fetch, apiKey, baseUrl });
  const results = [];
  for (const [name, args] of CALLS)
    if (!names || names.includes(name)) results.push([name, (await nango.execute(name, args)).successful]);
  return results;
}

/** Runs a client with the calls on its standard input. */
function run(program, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      env: bareEnvironment({ HOME: folder }),
      stdio: ["pipe", "pipe", "pipe"],
      timeout: 180_000,
    });
    const seen = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"]) child[name].setEncoding("utf8").on("data", (text) => (seen[name] += text));
    child.on("close", (code) =>
      code === 0
        ? resolve(JSON.parse(seen.stdout))
        : reject(new Error(`ended with ${code}: ${seen.stderr}${seen.stdout}`)),
    );
    child.stdin.end(JSON.stringify(CALLS));
  });
}

/** `aliases`: whether the client calls names that are not listed. */
async function check(program, args, aliases) {
  const server = await serve();
  try {
    const seen = await run(program, args(`${server.url}/mcp`));
    for (const transport of ["http", "stdio"]) {
      const { names, results } = seen[transport];
      assert.deepEqual(
        [...names].sort(),
        listTools()
          .map((tool) => tool.slug)
          .sort(),
        transport,
      );
      const wanted = await expected(aliases ? undefined : names);
      assert.deepEqual(
        results.map(([name, text]) => [name, /"successful":\s*true/.test(text)]),
        wanted,
        `${transport}: ${JSON.stringify(results).slice(0, 2000)}`,
      );
    }
  } finally {
    await server.close();
  }
}

describe("MCP clients of frameworks", () => {
  const node = programs.node24();
  const packages = { "ai-sdk": "@ai-sdk/mcp", mastra: "@mastra/mcp", "openai-agents": "@openai/agents" };
  for (const [name, npm] of Object.entries(packages)) {
    const manifest = here(`node_modules/${npm}/package.json`);
    const installed = node && existsSync(manifest);
    const title = installed
      ? `${npm} ${JSON.parse(readFileSync(manifest, "utf8")).version}`
      : `${npm} is not installed`;
    test(title, { skip: !installed && !ci && "missing" }, () =>
      check(node, (url) => [here("clients.mjs"), name, url, BIN], false),
    );
  }
  for (const version of ["1.30.0", "2.3.0"]) {
    test(`Python mcp ${version}`, {
      skip: spawnSync("python3", ["--version"]).status !== 0 && !ci && "python3 is not installed",
    }, async () => {
      const venv = join(folder, version);
      for (const [program, args] of [
        ["python3", ["-m", "venv", venv]],
        [join(venv, "bin", "pip"), ["install", "-q", `mcp==${version}`]],
      ]) {
        const { status, stderr } = spawnSync(program, args, { encoding: "utf8", env: bareEnvironment() });
        assert.equal(status, 0, stderr);
      }
      await check(join(venv, "bin", "python"), (url) => [here("clients.py"), url, node ?? process.execPath, BIN], true);
    });
  }
});
