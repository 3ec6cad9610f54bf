// Serves the emulator over HTTP, for any Nango client. The command line is in emulate.ts.
import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import type { Emulator } from "../emulator.js";
import { messageOf } from "../serialization.js";
import { type Allowed, refusal } from "./origins.js";

/** Nango's own limit for request bodies, in bytes. */
const BODY_LIMIT = 75 * 1024 * 1024;

/** A server that listens. */
export interface Listening {
  /** Its URL. */
  url: string;
  /** Stops it, and closes its connections. */
  close(): Promise<void>;
}

/**
 * Serves an emulator over HTTP, to programs, to pages of its own origin and to those of `origins`; port 0 takes any
 * free one. It rejects with the system's error if it cannot listen.
 */
export async function serve(
  emulator: Emulator,
  { port = 3003, host = "127.0.0.1", origins = [] }: { port?: number } & Partial<Allowed> = {},
): Promise<Listening> {
  const server = createServer((request, response) => {
    const refused = refusal(request.headers, { host, origins });
    if (refused !== undefined) return void refuse(response, refused);
    answer(emulator, request, response).catch(() => response.destroy());
  });
  return listen(server, port, host);
}

/** Starts a server. */
export async function listen(server: Server, port: number, host: string): Promise<Listening> {
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, host, resolve));
  const { address, port: taken, family } = server.address() as AddressInfo;
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://${family === "IPv6" ? `[${address}]` : address}:${taken}`, close };
}

/** A refusal in Nango's own form. The body is not read: the connection is closed afterwards. */
function refuse(response: ServerResponse, message: string): void {
  response.writeHead(403, { "content-type": "application/json", connection: "close" });
  response.end(JSON.stringify({ error: { code: "forbidden", message } }));
}

async function answer(emulator: Emulator, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length > BODY_LIMIT) return void request.destroy();
    chunks.push(chunk);
  }
  const body = length > 0 ? Buffer.concat(chunks).toString("utf8") : undefined;
  const { method, url = "/", rawHeaders } = request;
  const reply = emulator.handle({ method, url, headers: pairs(rawHeaders), body });
  if (reply.delayMs > 0) await pause(reply.delayMs);
  if (reply.dropped) return void request.socket.destroy();
  // An emulated response may have headers that HTTP cannot carry.
  try {
    response.writeHead(reply.status, reply.headers.flat());
  } catch (error) {
    return void response.writeHead(500, { "content-type": "text/plain" }).end(messageOf(error));
  }
  response.end(reply.body);
}

const pairs = (flat: string[]): [string, string][] =>
  flat.flatMap((name, index) => (index % 2 === 0 ? [[name, flat[index + 1] ?? ""]] : []));
