// The emulator behind HTTP: any Nango client can talk to it. No command line here.
import { createServer } from "node:http";
import { setTimeout as pause } from "node:timers/promises";

/** Nango's own limit for request bodies, in bytes. */
const BODY_LIMIT = 75 * 1024 * 1024;

/**
 * Serves an emulator over HTTP.
 * @param {import("../emulator.js").Emulator} emulator
 * @param {{ port?: number, host?: string }} [options] port 0 takes any free one
 * @returns {Promise<{ url: string, close: () => Promise<void> }>} rejects with the system's error when it cannot listen
 */
export async function serve(emulator, { port = 3003, host = "127.0.0.1" } = {}) {
  const server = createServer((request, response) => {
    answer(emulator, request, response).catch(() => response.destroy());
  });
  return listen(server, port, host);
}

/** Has a server listen; `close` ends its connections, too. */
export async function listen(server, port, host) {
  await new Promise((resolve, reject) => server.once("error", reject).listen(port, host, resolve));
  const { address, port: taken, family } = server.address();
  const close = () =>
    new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  return { url: `http://${family === "IPv6" ? `[${address}]` : address}:${taken}`, close };
}

async function answer(emulator, request, response) {
  const chunks = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length > BODY_LIMIT) return request.destroy();
    chunks.push(chunk);
  }
  const body = length > 0 ? Buffer.concat(chunks).toString("utf8") : undefined;
  const reply = emulator.handle({ method: request.method, url: request.url, headers: pairs(request.rawHeaders), body });
  if (reply.delayMs > 0) await pause(reply.delayMs);
  if (reply.dropped) return request.socket.destroy();
  response.writeHead(reply.status, reply.headers.flat());
  response.end(reply.body);
}

const pairs = (flat) => flat.flatMap((name, index) => (index % 2 === 0 ? [[name, flat[index + 1]]] : []));
