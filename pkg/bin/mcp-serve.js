// How MCP messages travel on Node: lines over standard input and output, and HTTP.
import { createServer } from "node:http";
import { Readable } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import { listen } from "./serve.js";

/** What the module is told of a message over stdio. */
const CONTEXT = { stdio: true };
const NEWLINE = Buffer.from("\n");
/** The longest line, as characters. */
const LINE = 64 * 1024 * 1024;
/** How long calls under way may take once the input has ended, in milliseconds. */
const GRACE = 5000;

/**
 * Serves standard input until it ends: a message a line, an answer a line, nothing else on standard output.
 * @param {import("../mcp-server.js").McpServer} server
 */
export async function serveStdio(server, { input = process.stdin, output = process.stdout } = {}) {
  const view = server.view(server.source(true));
  const running = new Map();
  const pending = new Set();
  const take = (line) => {
    if (line.trim() === "") return;
    const answer = server
      .answer(CONTEXT, line, view, undefined, running)
      .then((reply) => reply && output.write(Buffer.concat([reply.body, NEWLINE])))
      .catch((error) => process.stderr.write(`${error?.stack ?? error}\n`))
      .finally(() => pending.delete(answer));
    pending.add(answer);
  };
  let rest = "";
  for await (const chunk of input.setEncoding("utf8")) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop();
    if (rest.length > LINE) throw new Error(`a line of more than ${LINE} characters came in`);
    lines.forEach(take);
  }
  take(rest);
  await Promise.race([Promise.all(pending), pause(GRACE)]);
  // What was written must be out before the program ends.
  await new Promise((resolve) => output.write("", resolve));
}

/**
 * Serves a handler over HTTP.
 * @param {(request: Request) => Promise<Response>} handler
 * @returns {Promise<{ url: string, close: () => Promise<void> }>} rejects with the system's error when it cannot listen
 */
export async function serveHttp(handler, { port, host }) {
  const server = createServer((incoming, outgoing) => {
    answer(handler, incoming, outgoing).catch((error) => {
      process.stderr.write(`${error?.stack ?? error}\n`);
      outgoing.destroy();
    });
  });
  return listen(server, port, host);
}

async function answer(handler, incoming, outgoing) {
  const gone = new AbortController();
  outgoing.once("close", () => outgoing.writableFinished || gone.abort());
  let request;
  try {
    const headers = new Headers();
    for (let at = 0; at < incoming.rawHeaders.length; at += 2) headers.append(incoming.rawHeaders[at], incoming.rawHeaders[at + 1]);
    const body = ["GET", "HEAD"].includes(incoming.method) ? undefined : Readable.toWeb(incoming);
    request = new Request(`http://${incoming.headers.host ?? "localhost"}${incoming.url}`, { method: incoming.method, headers, body, duplex: "half", signal: gone.signal });
  } catch {
    outgoing.writeHead(400, { "content-type": "application/json" });
    return void outgoing.end('{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"the request cannot be understood"}}');
  }
  const response = await handler(request);
  // A body that was refused is not read: the connection ends with the answer.
  if (response.status === 413) outgoing.setHeader("connection", "close");
  outgoing.writeHead(response.status, [...response.headers].flat());
  outgoing.end(response.body === null ? undefined : Buffer.from(await response.arrayBuffer()));
}
