// The MCP handler of the packed package in every runtime that serves: the same transcript, the same answers.
import assert from "node:assert/strict";
import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { makeProject } from "./project.mjs";
import { bundleWorker, execute, programs, startWorkerd, version } from "./runtimes.mjs";

const ci = /^(1|true)$/i.test(process.env.CI ?? "");
const TRANSCRIPT = fileURLToPath(new URL("../fixtures/mcp.json", import.meta.url));
const project = makeProject("mcp-suite.mjs", "mcp-program.mjs", "mcp-worker.mjs");
cpSync(TRANSCRIPT, join(project.path, "mcp.json"));
after(() => project.remove());

async function runProgram(program, args = []) {
  const { code, stdout, stderr } = await execute(program, [...args, "mcp-program.mjs"], { cwd: project.path });
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout.trim().split("\n").at(-1));
}

async function runWorkerd(flags) {
  const server = await startWorkerd(await bundleWorker(project, "mcp-worker.mjs"), { flags });
  try {
    const answer = await fetch(`${server.url}/suite`);
    const text = await answer.text();
    assert.equal(answer.status, 200, `${text}\n${server.log()}`);
    // As a client meets it.
    const message = {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"NANGO_LIST_INTEGRATIONS"}}',
    };
    const served = await (await fetch(`${server.url}/mcp`, message)).json();
    assert.equal(served.result.structuredContent.successful, true);
    assert.equal((await fetch(`${server.url}/mcp`, { headers: { accept: "text/event-stream" } })).status, 405);
    return JSON.parse(text);
  } finally {
    await server.close();
  }
}

const RUNTIMES = [
  { name: "Node 24", find: programs.node24, run: () => runProgram(programs.node24()) },
  { name: "Node 20", find: programs.node20, run: () => runProgram(programs.node20()) },
  { name: "Bun", find: programs.bun, run: () => runProgram(programs.bun(), ["run"]) },
  {
    name: "Deno",
    find: programs.deno,
    run: () =>
      runProgram(programs.deno(), [
        "run",
        "--quiet",
        "--no-lock",
        "--node-modules-dir=manual",
        "--allow-read",
        "--allow-env",
      ]),
  },
  { name: "workerd", find: programs.workerd, run: () => runWorkerd([]) },
  { name: "workerd, nodejs_compat", find: programs.workerd, run: () => runWorkerd(["nodejs_compat"]) },
];

/** Headers that a runtime adds or writes its own way are not the handler's. */
const OURS = [
  "content-type",
  "allow",
  "vary",
  "www-authenticate",
  "access-control-allow-origin",
  "access-control-allow-methods",
  "access-control-allow-headers",
  "access-control-expose-headers",
  "access-control-max-age",
];
const plain = ({ status, headers, text }) => ({
  status,
  headers: OURS.filter((name) => name in headers).map((name) => [name, headers[name]]),
  text,
});

describe("MCP in every runtime", async () => {
  const total = JSON.parse(readFileSync(TRANSCRIPT, "utf8")).length;
  let first;
  for (const { name, find, run } of RUNTIMES) {
    const program = find();
    test(program ? `${name} ${version(program)}` : `${name} is not installed`, {
      skip: !program && !ci && "missing",
    }, async () => {
      assert.ok(program, "CI runs every runtime");
      const results = await run();
      assert.equal(results.length, total);
      assert.deepEqual(
        results.filter((one) => one.error).map((one) => `${one.name}: ${one.error}`),
        [],
      );
      const skipped = results.filter((one) => one.skipped);
      if (skipped.length > 0)
        console.log(`${name}: ${skipped.map((one) => `${one.name} (${one.skipped})`).join(", ")}`);
      assert.ok(skipped.length <= 3);
      if (!first) return void (first = { name, results });
      for (const [index, { name: what, answer }] of results.entries()) {
        const other = first.results[index].answer;
        if (answer && other) assert.deepEqual(plain(answer), plain(other), `${what}: otherwise than ${first.name}`);
      }
    });
  }
});
