// The transports of MCP messages on Node: lines over standard input and output, and HTTP.
import { type IncomingMessage, type ServerResponse, createServer } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as pause } from "node:timers/promises";
import { RunningCalls } from "../mcp-running.js";
import type { McpReply, McpServer } from "../mcp-server.js";
import { type Listening, listen } from "./serve.js";

const NEWLINE = Buffer.from("\n");
/** The longest line, in characters. */
const MAX_LINE = 16 * 1024 * 1024;
/** The answer to a longer one, whose ID is not known. */
const TOO_LONG = `${JSON.stringify({
  jsonrpc: "2.0",
  id: null,
  error: { code: -32600, message: `a message of more than ${MAX_LINE} characters is not read` },
})}\n`;
/** How long calls in progress may take once the input has ended, in milliseconds. */
const GRACE_MS = 5000;

/** The streams for input and output. */
interface Streams {
  input?: NodeJS.ReadableStream;
  output?: NodeJS.WritableStream;
}

/** Serves standard input until it ends: one message per line, nothing else on standard output. */
export async function serveStdio(
  server: McpServer,
  { input = process.stdin, output = process.stdout }: Streams = {},
): Promise<void> {
  const view = server.view(server.source(true));
  const write = ({ body }: McpReply): void => void output.write(Buffer.concat([body, NEWLINE]));
  const calls = { running: new RunningCalls(), notify: write };
  const pending = new Set<Promise<void>>();
  const answerLine = async (line: string): Promise<void> => {
    try {
      const reply = await server.answer({ stdio: true }, line, view, calls);
      if (reply) write(reply);
    } catch (error) {
      logError(error);
    }
  };
  const take = (line: string): void => {
    if (line.trim() === "") return;
    const answer = answerLine(line).finally(() => pending.delete(answer));
    pending.add(answer);
  };
  const reader = new LineReader(take, () => output.write(TOO_LONG));
  for await (const chunk of input.setEncoding("utf8")) reader.read(String(chunk));
  reader.end();
  await Promise.race([Promise.all(pending), pause(GRACE_MS)]);
  // All output must be written before the program ends.
  await new Promise<void>((resolve) => output.write("", () => resolve()));
}

/** Puts lines together from the chunks in which they come. Of a line that is too long nothing is kept. */
class LineReader {
  readonly #take: (line: string) => void;
  readonly #refuse: () => void;
  #parts: string[] = [];
  #length = 0;

  constructor(take: (line: string) => void, refuse: () => void) {
    this.#take = take;
    this.#refuse = refuse;
  }

  read(chunk: string): void {
    const [first = "", ...more] = chunk.split("\n");
    this.#add(first);
    for (const part of more) {
      this.end();
      this.#add(part);
    }
  }

  #add(part: string): void {
    this.#length += part.length;
    if (this.#length > MAX_LINE) this.#parts = [];
    else this.#parts.push(part);
  }

  end(): void {
    const line = this.#parts.join("");
    const isTooLong = this.#length > MAX_LINE;
    this.#parts = [];
    this.#length = 0;
    if (isTooLong) this.#refuse();
    else this.#take(line);
  }
}

const logError = (error: unknown): void =>
  void process.stderr.write(`${(error instanceof Error && error.stack) || error}\n`);

/** Serves a handler over HTTP. It rejects with the system's error if it cannot listen. */
export async function serveHttp(
  handler: (request: Request) => Promise<Response>,
  { port, host }: { port: number; host: string },
): Promise<Listening> {
  const server = createServer((incoming, outgoing) => {
    answerRequest(handler, incoming, outgoing).catch((error) => {
      logError(error);
      outgoing.destroy();
    });
  });
  return listen(server, port, host);
}

const UNREADABLE = '{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"the request is malformed"}}';

async function answerRequest(
  handler: (request: Request) => Promise<Response>,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const gone = new AbortController();
  outgoing.once("close", () => outgoing.writableFinished || gone.abort());
  let request: Request;
  try {
    request = requestOf(incoming, gone.signal);
  } catch {
    outgoing.writeHead(400, { "content-type": "application/json" });
    outgoing.end(UNREADABLE);
    return;
  }
  const response = await handler(request);
  // The body of a refused request is not read: the connection is closed after the response.
  if (response.status === 413) outgoing.setHeader("connection", "close");
  outgoing.writeHead(response.status, [...response.headers].flat());
  if (response.body === null) return void outgoing.end();
  const body = Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]);
  // If the client closes the connection, the body is cancelled, too.
  await pipeline(body, outgoing).catch((error) => {
    if (!gone.signal.aborted) throw error;
  });
}

function requestOf(incoming: IncomingMessage, signal: AbortSignal): Request {
  const { method = "GET", rawHeaders, url } = incoming;
  const headers = new Headers();
  for (let at = 0; at < rawHeaders.length; at += 2) headers.append(rawHeaders[at] ?? "", rawHeaders[at + 1] ?? "");
  const hasBody = method !== "GET" && method !== "HEAD";
  const body = hasBody ? { body: Readable.toWeb(incoming) as ReadableStream<Uint8Array>, duplex: "half" as const } : {};
  return new Request(`http://${incoming.headers.host ?? "localhost"}${url}`, { method, headers, signal, ...body });
}
