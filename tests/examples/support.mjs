// What the tests of the examples share: copies of examples beside the packed package, an in-memory Nango over HTTP that
// keeps the requests, and programs that are run to their end.
import { spawn } from "node:child_process";
import { cpSync, mkdtempSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { createEmulator } from "../../pkg/dist/entry/emulator-node.js";
import { bareEnvironment, listen } from "../node/support.mjs";
import { makeProjectIn } from "../runtimes/project.mjs";

export const at = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** What using an example leaves in its folder. */
const LEFT_BY_USE = ["node_modules", "package-lock.json", ".next", ".wrangler", ".dev.vars", "__pycache__"];

/**
 * A folder for copies of examples, with the packed package. It is below `folder`, so that the copies find the packages
 * that are installed there.
 */
export function makeProjects(folder = "tests/examples") {
  const project = makeProjectIn(mkdtempSync(join(at(folder), ".projects-")));
  const copy = (name) => {
    const [from, to] = [at(`examples/${name}`), join(project.path, name)];
    cpSync(from, to, { recursive: true, filter: (file) => !LEFT_BY_USE.includes(basename(file)) });
    return to;
  };
  return { ...project, copy };
}

/** An in-memory Nango over HTTP. `env` points a program to it; `requests` are `METHOD /path?query` in order. */
export async function serveNango() {
  const emulator = createEmulator();
  const requests = [];
  const server = await listen(async (request, response) => {
    let body = "";
    for await (const part of request.setEncoding("utf8")) body += part;
    const { method, url, headers } = request;
    requests.push(`${method} ${url}`);
    const reply = emulator.handle({ method, url, headers: Object.entries(headers), ...(body && { body }) });
    response.writeHead(reply.status, reply.headers.flat()).end(reply.body);
  });
  const connections = () => emulator.world().connections.map((one) => one.connection_id);
  const env = { NANGO_SECRET_KEY: emulator.apiKey, NANGO_HOST: server.url };
  return { ...server, env, apiKey: emulator.apiKey, requests, connections };
}

/** How a program asks a question on standard error. */
const QUESTION = /\[y\/N\] $/;

/**
 * Runs a program to its end. `answers` are typed as it asks its questions, one each; where there are none, its input is
 * empty, and `null` ends it.
 */
export function run(program, args, { cwd, env = {}, answers = [], limitMs = 120_000 }) {
  const child = spawn(program, args, { cwd, env: bareEnvironment(env), timeout: limitMs, killSignal: "SIGKILL" });
  const seen = { stdout: "", stderr: "" };
  const left = [...answers];
  child.stdout.setEncoding("utf8").on("data", (text) => (seen.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text) => {
    seen.stderr += text;
    if (!QUESTION.test(seen.stderr) || left.length === 0) return;
    const answer = left.shift();
    if (answer === null) child.stdin.end();
    else child.stdin.write(`${answer}\n`);
  });
  child.stdin.on("error", () => {}); // a program that reads nothing may have ended already
  if (answers.length === 0) child.stdin.end();
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code: code ?? signal, ...seen }));
  });
}
