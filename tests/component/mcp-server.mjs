// The MCP component, served on a free port of 127.0.0.1 by jco, or by the Wasmtime that the variable WASMTIME names,
// and a client that sends exactly the given bytes.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { Agent, request as send } from "node:http";
import { fileURLToPath } from "node:url";
import { bareEnvironment } from "../node/support.mjs";
import { closed } from "../runtimes/servers.mjs";

export const WASM = fileURLToPath(new URL("../../dist/component/nango-mcp.wasm", import.meta.url));
export const JCO = fileURLToPath(new URL("node_modules/.bin/jco", import.meta.url));

/** The program that serves the component instead of jco. Such hosts create an instance for each request. */
export const WASMTIME = process.env.WASMTIME;

const byWasmtime = (host, port, env) => [
  "serve",
  "-O",
  "pooling-allocator=n",
  "-S",
  "cli",
  ...Object.keys(env).flatMap((name) => ["--env", name]),
  "--addr",
  `${host}:${port}`,
  WASM,
];

/** The arguments with which Node serves the component. */
export const command = (host, port) => [JCO, "serve", WASM, "--host", host, "--port", String(port)];

/**
 * Serves the component with these settings.
 * @param {Record<string, string>} env
 * @returns {Promise<{ url: string, log: () => string, close: () => Promise<void> }>}
 */
export async function serveComponent(env) {
  if (!existsSync(WASM)) throw new Error("the component is not built: run `npm run build:component`");
  const { hostname, port } = new URL(await closed());
  // Its own process group: jco starts another program as the server.
  const child = spawn(
    WASMTIME ?? process.execPath,
    WASMTIME ? byWasmtime(hostname, port, env) : command(hostname, port),
    { env: bareEnvironment(env), detached: true, stdio: ["ignore", "pipe", "pipe"] },
  );
  let log = "";
  const ended = new Promise((resolve) => child.on("close", resolve));
  await new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => {
        log += text;
        if (/Server listening|Serving HTTP/.test(log)) resolve();
      });
    }
    child.on("error", reject);
    child.on("close", (code) => reject(new Error(`the host ended with ${code}: ${log}`)));
  });
  const close = () => {
    try {
      process.kill(-child.pid, "SIGKILL");
    } catch {} // it has ended already
    return ended;
  };
  return { url: `http://${hostname}:${port}`, log: () => log, close };
}

/** Sends a request with only these headers and those that HTTP requires. */
export function exchange(
  url,
  path,
  { method = "POST", headers = {}, body, agent = new Agent(), timeout = 30_000 } = {},
) {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const request = send({ hostname, port, path, method, headers, agent, timeout }, (response) => {
      const parts = [];
      response.on("data", (part) => parts.push(part));
      response.on("end", () =>
        resolve({
          status: response.statusCode,
          headers: response.headers,
          text: Buffer.concat(parts).toString("utf8"),
        }),
      );
      response.on("error", reject);
    });
    request.on("timeout", () => request.destroy(new Error(`no answer within ${timeout} ms`)));
    request.on("error", reject);
    request.end(body);
  });
}

/** Sends a message as a client of the `initialize` revisions does. */
export async function call(url, message, { path = "/mcp", headers = {} } = {}) {
  const answer = await exchange(url, path, {
    headers: { "content-type": "application/json", accept: "application/json, text/event-stream", ...headers },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, ...message }),
  });
  return { ...answer, json: answer.text === "" ? undefined : JSON.parse(answer.text) };
}

/** The handler of the component as a function from Request to Response. */
export const forward = (url) => async (request) => {
  const { host, pathname, search } = new URL(request.url);
  const body = request.body ? Buffer.from(await request.arrayBuffer()) : undefined;
  const { status, headers, text } = await exchange(url, pathname + search, {
    method: request.method,
    headers: { ...Object.fromEntries(request.headers), host },
    body,
  });
  return new Response([204, 304].includes(status) || text === "" ? null : text, { status, headers });
};
