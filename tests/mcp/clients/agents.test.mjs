// docs/mcp.md followed to the letter by the agents themselves, with a model on 127.0.0.1 that calls one tool: the tool
// is listed and called, and its result reaches the model. By the command and by the URL. `npm run test:full` runs it.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { after, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { createEmulator } from "../../../pkg/dist/entry/emulator-node.js";
import { createMcpHandler } from "../../../pkg/dist/entry/mcp-node.js";
import { serve as serveEmulator } from "../../../pkg/dist/bin/serve.js";
import { serveHttp } from "../../../pkg/dist/bin/mcp-serve.js";
import { bareEnvironment } from "../../node/support.mjs";
import { makeProjectIn } from "../../runtimes/project.mjs";
import { AGENTS, blocksOf, place } from "./agents.mjs";
import { startModel } from "./model.mjs";

const TOKEN = "a-token-of-at-least-16";
const ADDRESS = "https://nango.example.com/mcp";
const bin = fileURLToPath(new URL("node_modules/.bin", import.meta.url));

/** Runs a program to its end, within `limitMs`. */
function run(command, args, { cwd, env, limitMs = 300_000 }) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env,
      stdio: ["ignore", "pipe", "pipe"],
      timeout: limitMs,
      killSignal: "SIGKILL",
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text) => (output += text));
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code: code ?? signal, output }));
  });
}

describe("agents of the command line", async () => {
  const world = createEmulator({ rateLimit: 1_000_000 });
  const nango = await serveEmulator(world, { port: 0 });
  const handler = createMcpHandler({ apiKey: world.apiKey, baseUrl: nango.url, tokens: { [TOKEN]: true } });
  const http = await serveHttp(handler, { port: 0, host: "127.0.0.1" });
  const folder = mkdtempSync(join(tmpdir(), "nango-toolkit-agents-"));
  // npx finds the package where it is installed.
  const project = join(folder, "project");
  mkdirSync(project);
  makeProjectIn(project);
  after(async () => {
    await http.close();
    await nango.close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  /** The block of the page, with what a reader enters: the addresses of the servers here, and the key and the token. */
  const entered = (text) =>
    text
      .replaceAll(ADDRESS, `${http.url}/mcp`)
      .replaceAll("=$NANGO_SECRET_KEY", "=$NANGO_SECRET_KEY --env NANGO_HOST=$NANGO_HOST")
      .replace(/"NANGO_SECRET_KEY": "([^"]*)NANGO_SECRET_KEY([^"]*)"/, '$&, "NANGO_HOST": "$1NANGO_HOST$2"')
      .replace(/^( *)NANGO_SECRET_KEY: your key$/m, `$1NANGO_SECRET_KEY: ${world.apiKey}\n$1NANGO_HOST: ${nango.url}`)
      .replace("your-token", TOKEN);

  /** The environment of an agent, with a home of its own. */
  const environment = (home, more) => ({
    ...bareEnvironment(),
    PATH: [bin, dirname(process.execPath), process.env.PATH].join(delimiter),
    HOME: home,
    PWD: project,
    NANGO_SECRET_KEY: world.apiKey,
    NANGO_HOST: nango.url,
    NANGO_MCP_TOKEN: TOKEN,
    ...more,
  });

  /** The path of an agent's program. Those in Python are installed here. */
  const program = once(async ({ section, program, pip }) => {
    if (!pip) return join(bin, program);
    const venv = join(folder, section);
    for (const [command, args] of [
      ["python3", ["-m", "venv", venv]],
      [join(venv, "bin", "pip"), ["install", "--quiet", pip]],
    ]) {
      const { code, output } = await run(command, args, { cwd: folder, env: bareEnvironment() });
      assert.equal(code, 0, output);
    }
    return join(venv, "bin", program);
  });

  for (const agent of AGENTS) {
    for (const form of ["command", "url"]) {
      test(`${agent.section}, by ${form}`, async () => {
        const home = join(folder, `${agent.program}-${form}`);
        mkdirSync(home);
        const model = await startModel({
          tool: "NANGO_LIST_INTEGRATIONS",
          search: agent.search,
          done: (result) => result.includes("hubspot"),
        });
        const options = { cwd: project, env: environment(home, agent.environment?.(model.url)) };
        try {
          agent.prepare?.({ home, model: model.url });
          const { language, file, text } = blocksOf(agent.section).find((block) => block.form === form);
          if (language === "sh") {
            const { code, output } = await run("sh", ["-c", entered(text)], options);
            assert.equal(code, 0, output);
          } else {
            const path = join(agent.folder ? join(home, agent.folder) : project, file);
            place(path, agent.more(entered(text), model.url));
          }
          const { code, output } = await run(await program(agent), agent.request, options);
          const seen = `${output.slice(-3000)}\n${[...model.seen.paths]}\n${[...model.seen.tools]}`;
          assert.ok(model.seen.results.length > 0, `ended with ${code}; the model saw no result:\n${seen}`);
          assert.equal(code, 0, seen);
        } finally {
          await model.close();
        }
      });
    }
  }
});

/** A function that is called once for each of its arguments. */
function once(call) {
  const known = new Map();
  return (argument) => {
    if (!known.has(argument)) known.set(argument, call(argument));
    return known.get(argument);
  };
}
