// The Python programs of docs/python, each with its real framework and a model that follows a script, against
// `nango-toolkit mcp`. Each framework has its own environment in target/python, from its locked requirements.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { startModel } from "../adapters/llm.mjs";
import { judge, makeToolkit, script } from "../adapters/scenario.mjs";
import { makeEnvironment, python } from "./environment.mjs";

const at = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** The frameworks; `own` where they refuse wrong arguments themselves, before the server sees them. */
const FRAMEWORKS = {
  "openai-agents": { own: true },
  langchain: {},
  "google-adk": {},
  llamaindex: {},
  crewai: { own: true, name: (name) => name.toUpperCase() },
  "pydantic-ai": { marks: false },
  autogen: { own: true },
  "claude-agent-sdk": { remote: true },
};

/** Serves the tools over HTTP on a free port. */
async function serve() {
  const child = spawn(
    process.execPath,
    [at("pkg/bin/nango-toolkit.js"), "mcp", "--http", "0", "--emulator", "--json"],
    { env: { PATH: process.env.PATH } },
  );
  const url = await new Promise((resolve, reject) => {
    child.stdout.setEncoding("utf8").once("data", (line) => resolve(JSON.parse(line).url));
    child.once("close", (code) => reject(new Error(`the server ended with ${code}`)));
  });
  return { url, stop: () => child.kill() };
}

/** Runs a framework's program and returns what its model saw. */
function run(executable, name, url, turns, env) {
  const child = spawn(executable, [at("tests/python/run.py"), name.replaceAll("-", "_"), url], { env });
  let [out, errors] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text) => (out += text));
  child.stderr.setEncoding("utf8").on("data", (text) => (errors += text));
  child.stdin.end(JSON.stringify(turns));
  return new Promise((resolve, reject) => {
    child.on("close", (code) =>
      code === 0
        ? resolve(JSON.parse(out.trim().split("\n").at(-1)))
        : reject(new Error(`${name} ended with ${code}: ${errors.slice(-3000)}`)),
    );
  });
}

/** What a framework shows of a result: an object, its JSON text, or the parts of an MCP result. */
function plain(value) {
  if (typeof value !== "string") return value;
  let read;
  try {
    read = JSON.parse(value);
  } catch {
    return value;
  }
  return Array.isArray(read) ? plain(read[0].text) : read;
}

const ci = /^(1|true)$/i.test(process.env.CI ?? "");
const missing = "Python 3.11 or newer was not found";

describe("Python", { skip: !python && !ci && missing }, () => {
  before(() => assert.ok(python, missing));

  for (const [name, { own, name: rename = (one) => one, marks = true, remote }] of Object.entries(FRAMEWORKS)) {
    describe(name, () => {
      let executable;
      before(() => (executable = makeEnvironment(name)));

      test("its program goes through the script", async () => {
        const { nango } = makeToolkit();
        const server = await serve();
        const home = mkdtempSync(join(tmpdir(), "nango-toolkit-python-"));
        const env = {
          PATH: process.env.PATH,
          HOME: home,
          NO_PROXY: "127.0.0.1",
          PYTHONDONTWRITEBYTECODE: "1",
          OTEL_SDK_DISABLED: "true",
          CREWAI_DISABLE_TELEMETRY: "true",
          CREWAI_TRACING_ENABLED: "false",
        };
        let model;
        try {
          if (remote) {
            model = await startModel(script({ confirm: false }), { prefix: "mcp__nango__" });
            Object.assign(env, {
              CLAUDE_CONFIG_DIR: home,
              ANTHROPIC_BASE_URL: model.url,
              ANTHROPIC_API_KEY: "x",
              CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
              ENABLE_TOOL_SEARCH: "false",
            });
          }
          const told = await run(executable, name, server.url, script({ confirm: false }), env);
          const { tools, turns } = remote ? model.seen : told;
          const seen = {
            tools: Object.fromEntries(Object.keys(tools).map((tool) => [rename(tool), {}])),
            turns: turns.map((turn) =>
              turn.map(({ name: tool, value, failed }) => ({
                name: rename(tool),
                value: plain(value),
                failed: marks ? (failed ?? undefined) : undefined,
              })),
            ),
            text: told.text,
          };
          judge(seen, nango, { own, confirm: false, meta: true });
          // Every parameter of every tool reached the model.
          for (const tool of nango.tools()) {
            const given = Object.entries(tools).find(([one]) => rename(one) === tool.slug)[1];
            const properties = given.properties ?? Object.keys(given.schema.properties);
            for (const property of Object.keys(tool.inputSchema.properties))
              assert.ok(properties.includes(property), `${tool.slug}: ${property}`);
          }
        } finally {
          server.stop();
          await model?.close();
          rmSync(home, { recursive: true, force: true, maxRetries: 5 });
        }
      });

      test("its page contains the tested program unchanged, and the versions", () => {
        const page = readFileSync(at(`docs/python/${name}.md`), "utf8");
        const program = readFileSync(at(`docs/python/nango_${name.replaceAll("-", "_")}.py`), "utf8");
        assert.ok(page.includes(`\`\`\`python\n${program}\`\`\``), `docs/python/${name}.md`);
        const [, install] = /pip install (.*)/.exec(page);
        const locked = readFileSync(at(`tests/python/requirements/${name}.txt`), "utf8").split("\n");
        for (const [, one, version] of install.matchAll(/"?([\w-]+)(?:\[[\w,]+\])?==([\d.]+)/g))
          assert.ok(locked.includes(`${one}==${version}`), `${one}==${version}`);
      });
    });
  }
});
