// The servers of the suite: `nango-toolkit emulate` as installed, a server with odd responses, plain files.
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { bareEnvironment } from "../node/support.mjs";

const TEXT = 'Grüße, 東京, 👩‍👩‍👧 \u202e\u0000\ufeff \ud83d\ude00 "quoted" \\ back';
const CORS = {
  "access-control-allow-origin": "*",
  "access-control-allow-headers": "authorization, content-type, accept",
  "access-control-allow-methods": "*",
  "access-control-max-age": "600",
};

/** Listens on a free port of 127.0.0.1. */
export async function serve(handler) {
  const server = createServer(
    (request, response) => void Promise.resolve(handler(request, response)).catch((error) => response.destroy(error)),
  );
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () =>
    new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${server.address().port}`, close };
}

/** Starts the installed command `nango-toolkit emulate`. */
export function emulate(project) {
  const bin = join(project, "node_modules", "nango-toolkit", "bin", "nango-toolkit.js");
  // The browsers' pages are of other origins.
  const args = ["--port", "0", "--rate-limit", "1000000", "--allow-origin", "*", "--json"];
  const child = spawn(process.execPath, [bin, "emulate", ...args], {
    env: bareEnvironment(),
    cwd: project,
  });
  return new Promise((resolve, reject) => {
    let errors = "";
    child.stderr.setEncoding("utf8").on("data", (text) => (errors += text));
    child.on("close", (code) => reject(new Error(`emulate ended with ${code}: ${errors}`)));
    child.stdout
      .setEncoding("utf8")
      .once("data", (line) => resolve({ ...JSON.parse(line), close: () => child.kill("SIGTERM") }));
  });
}

const large = {
  "/large/integrations": () => ({
    data: Array.from({ length: 30_000 }, (_, id) => ({
      unique_key: `integration-${id}`,
      provider: "github",
      display_name: "GitHub",
      logo: "https://nango.example.com/github.svg",
    })),
  }),
  "/large/connections/hubspot-ada": () => ({
    connection_id: "hubspot-ada",
    provider_config_key: "hubspot",
    credentials: {
      type: "OAUTH2",
      access_token: "hunter2-hunter2",
      refresh_token: "hunter2-hunter2",
      raw: { access_token: "hunter2-hunter2" },
    },
    metadata: Array.from({ length: 30_000 }, (_, id) => ({ id, text: TEXT })),
  }),
};

/** A server each of whose paths misbehaves in its own way; `wasm` is the folder of the package's modules. */
export async function odd(wasm) {
  let landed = 0;
  const ways = {
    hang() {},
    stall: (_, response) => response.writeHead(200, { "content-type": "application/json" }).write('{"data":['),
    garbage: (_, response) => response.writeHead(200, { "content-type": "application/json" }).end("<html>"),
    drop: (request) => request.socket.destroy(),
    redirect: (_, response) => response.writeHead(302, { location: "/landed" }).end(),
    landed: (_, response) => response.end(String(++landed)),
    "landed-count": (_, response) => response.end(String(landed)),
    status: (request, response) =>
      response
        .writeHead(Number(request.url.split("/")[2]), { "content-type": "application/json" })
        .end('{"error":{"code":"odd","message":"odd"}}'),
    large: (request, response) =>
      response
        .writeHead(200, { "content-type": "application/json" })
        .end(JSON.stringify(large[new URL(request.url, "http://odd").pathname]())),
    // Answers after a moment with what was asked for: /slow/providers/NAME
    slow: (request, response) =>
      setTimeout(
        () =>
          response
            .writeHead(200, { "content-type": "application/json" })
            .end(JSON.stringify({ data: { name: request.url.split("/").at(-1) } })),
        100,
      ),
    async octets(request, response) {
      response
        .writeHead(200, { "content-type": "application/octet-stream" })
        .end(await moduleFile(wasm, request.url.split("/").at(-1)));
    },
    "text.wasm": (_, response) =>
      response.writeHead(200, { "content-type": "application/wasm" }).end("<!doctype html>"),
    async "nango_toolkit.wasm"(_request, response) {
      response.writeHead(200, { "content-type": "application/wasm" }).end(await moduleFile(wasm, "nango_toolkit.wasm"));
    },
    async "nango_emulator.wasm"(_request, response) {
      response
        .writeHead(200, { "content-type": "application/wasm" })
        .end(await moduleFile(wasm, "nango_emulator.wasm"));
    },
  };
  return serve((request, response) => {
    for (const [name, value] of Object.entries(CORS)) response.setHeader(name, value);
    if (request.method === "OPTIONS") return void response.writeHead(204).end();
    const way = ways[request.url.split(/[/?]/)[1]];
    return way ? way(request, response) : void response.writeHead(404).end();
  });
}

const moduleFile = (wasm, name) => readFile(join(wasm, name.replace(".wasm", "_bg.wasm")));

const TYPES = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".json": "application/json",
  ".wasm": "application/wasm",
};

/** The files below `folder`, as any plain web server hands them out. */
export const files = (folder) =>
  serve(async (request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url, "http://files").pathname));
    const bytes = await readFile(join(folder, path.endsWith("/") ? `${path}index.html` : path)).catch(() => undefined);
    if (bytes) response.writeHead(200, { "content-type": TYPES[extname(path)] ?? "text/html" }).end(bytes);
    else response.writeHead(404).end();
  });

/** An address where nothing listens. */
export async function closed() {
  const { url, close } = await serve(() => {});
  await close();
  return url;
}
