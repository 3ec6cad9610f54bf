// What the Node tests share: running the command line, serving the emulator.
import { spawn } from "node:child_process";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";

export const BIN = fileURLToPath(new URL("../../pkg/bin/nango-toolkit.js", import.meta.url));

/** The environment without NANGO_* variables, so that nothing here meets a real server. */
export const bareEnvironment = (more = {}) => ({
  ...Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith("NANGO_") && name !== "NO_COLOR"),
  ),
  ...more,
});

/** Runs `nango-toolkit …` until it exits. */
export const cli = (args, options) => node([BIN, ...args], options);

/** Runs one of our programs with this Node until it exits. */
export function node(args, { env = {}, input = "" } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { env: bareEnvironment(env) });
    const seen = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"]) child[name].setEncoding("utf8").on("data", (text) => (seen[name] += text));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, ...seen }));
    child.stdin.on("error", () => {}); // a command that reads nothing may have ended already
    child.stdin.end(input);
  });
}

/** Starts `nango-toolkit emulate` on a free port; `stop` ends it and returns its exit code. */
export function startEmulate(args = []) {
  const child = spawn(process.execPath, [BIN, "emulate", "--port", "0", "--json", ...args], { env: bareEnvironment() });
  const ended = new Promise((resolve) => child.on("close", (code, signal) => resolve(code ?? signal)));
  const stop = () => {
    child.kill("SIGTERM");
    return ended;
  };
  return new Promise((resolve, reject) => {
    let errors = "";
    child.stderr.setEncoding("utf8").on("data", (text) => (errors += text));
    child.stdout.setEncoding("utf8").once("data", (line) => resolve({ ...JSON.parse(line), stop }));
    ended.then((code) => reject(new Error(`emulate ended with ${code}: ${errors}`)));
  });
}

/** An HTTP server for one test on a free port of 127.0.0.1. */
export async function listen(handler) {
  const server = createServer(handler);
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () =>
    new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${server.address().port}`, close };
}
