// The projects of the tests with frameworks: each in a folder of its own, built with the packed package, and served.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { bareEnvironment } from "../../node/support.mjs";
import { CHECK } from "../app.mjs";
import { makeProjectIn } from "../project.mjs";
import { execute } from "../runtimes.mjs";
import { closed } from "../servers.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));

/** A file of an installed tool. */
export const tool = (path) => join(here, "node_modules", path);
export const ci = /^(1|true)$/i.test(process.env.CI ?? "");
export const missing = !ci && !existsSync(tool("")) && "the packages of tests/runtimes/full are not installed";

/** Without reports to the makers of the tools. */
const ENV = { NEXT_TELEMETRY_DISABLED: "1", NUXT_TELEMETRY_DISABLED: "1", ASTRO_TELEMETRY_DISABLED: "1", CI: "true" };
const LIMIT_MS = 180_000;

/** A folder for projects with the package installed. It is beside the tools, so that projects find them. */
export function makeProjects() {
  const { path, remove } = makeProjectIn(mkdtempSync(join(here, ".projects-")));
  return { remove, make: (name, files, manifest) => makeProject(join(path, name), files, manifest) };
}

/** A project of these files, with `check.js` and a package.json. */
function makeProject(path, files, manifest = {}) {
  const all = { "check.js": CHECK, "package.json": JSON.stringify({ private: true, type: "module", ...manifest }) };
  for (const [file, text] of Object.entries({ ...all, ...files })) {
    mkdirSync(dirname(join(path, file)), { recursive: true });
    writeFileSync(join(path, file), text);
  }
  return { path, run: (file, ...args) => runTool(path, file, ...args) };
}

/** Runs a tool, or a program of the project in `cwd` (`./…`), to its end. */
export async function runTool(cwd, file, ...args) {
  const options = { cwd, env: ENV, limitMs: LIMIT_MS };
  const program = file.startsWith("./") ? file : tool(file);
  const { code, stdout, stderr } = await execute(process.execPath, [program, ...args], options);
  assert.equal(code, 0, stdout + stderr);
}

/** Runs `work` with a copy of `folder` in an empty place, where neither the tools nor the package are near. */
export async function alone(folder, work) {
  const place = mkdtempSync(join(tmpdir(), "nango-toolkit-alone-"));
  try {
    cpSync(folder, place, { recursive: true, verbatimSymlinks: true });
    if (!existsSync(join(place, "package.json"))) writeFileSync(join(place, "package.json"), '{ "type": "module" }');
    return await work(place);
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

/** Runs a program in a folder, and asserts that it prints `it works`. */
export async function works(folder, file) {
  const { code, stdout, stderr } = await execute(process.execPath, [file], { cwd: folder });
  assert.deepEqual([code, stdout.trim()], [0, "it works"], stderr);
}

/**
 * Starts a server and runs `work` with its URL. `args` get its port, `more` is added to its environment. The server and
 * its processes are killed.
 */
export async function served(cwd, args, work, more = {}) {
  const url = await closed();
  const { port } = new URL(url);
  const env = bareEnvironment({ ...ENV, PORT: port, HOST: "127.0.0.1", HOSTNAME: "127.0.0.1", ...more });
  const options = { cwd, env, detached: true, stdio: ["ignore", "pipe", "pipe"] };
  const child = spawn(process.execPath, args(port), options);
  const end = new Promise((resolve) => child.on("close", resolve));
  let log = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (log += text));
  try {
    await answered(url, child, () => log);
    return await work(url, () => log);
  } finally {
    try {
      process.kill(-child.pid, "SIGKILL");
    } catch {
      // It has ended.
    }
    await end;
  }
}

/** Waits until a server answers. */
async function answered(url, child, log) {
  for (const start = Date.now(); ; ) {
    const response = await fetch(url, { signal: AbortSignal.timeout(LIMIT_MS) }).catch(() => undefined);
    if (response) return await response.arrayBuffer();
    assert.ok(child.exitCode === null && Date.now() - start < LIMIT_MS, `the server did not start:\n${log()}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Asserts that each of these pages of a server contains `it works`. */
export async function pagesWork(url, paths, log) {
  for (const path of paths) {
    const response = await fetch(url + path, { signal: AbortSignal.timeout(LIMIT_MS) });
    const text = await response.text();
    assert.ok(response.ok && text.includes("it works"), `${path}: ${response.status} ${text.slice(0, 2000)}\n${log()}`);
  }
}
