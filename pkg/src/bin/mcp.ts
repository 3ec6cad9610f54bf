// `nango-toolkit mcp`: the tools as an MCP server, over stdio or HTTP. This file parses arguments; the transports are
// in mcp-serve.js.
import type { McpHandlerOptions, McpServerOptions } from "../mcp.js";
import type { McpServer } from "../mcp-server.js";
import type { Toolsets } from "../types/tools.js";
import { checkPlace, fromEnvironment } from "./call.js";
import { GIVEN, sessionOptionsOf, toolkitOptionsOf } from "./given.js";
import { listenProblem, stopSignal } from "./emulate.js";
import { EXIT, UsageError, parse, print, printError, style, usageError, wholeNumber } from "./output.js";
import { inMemory } from "./world.js";

export const help = `Serve the tools to an MCP client, over standard input and output or over HTTP.

Usage: nango-toolkit mcp [options]

Options:
  --http PORT             over HTTP on this port (0 for any free one), at /mcp; otherwise over stdio
  --host ADDRESS          address to listen on (default 127.0.0.1); any other needs NANGO_MCP_TOKEN
  --allow-origin ORIGIN   web origin that may use it, in addition to localhost; may be repeated
  --read-only             only tools that change nothing
  --toolsets LIST         only these toolsets, comma-separated; all for every tool
  --tools LIST            only these tools
  --exclude LIST          all but these tools
  --mode search           three tools that find, describe and run all others
  --confirm model         let the model approve what policy wants approved; otherwise its user, where the client can ask
  --max-result-bytes N    cut longer results, with a note (default 80000)
  --options JSON          other options of a toolkit, or @FILE: policy, proxy, modify, retry, schema, …
  --user ID               as this end user: only what is theirs
  --session JSON          the same with other options of a session, or @FILE: roles, tags, policy, …
  --emulator              against the in-memory Nango: no key, no network, nothing kept
  --base-url URL          a self-hosted Nango (default NANGO_HOST, else https://api.nango.dev)
  --allow-insecure-http   let the key travel over plain http to a public host
  --json                  with --http: print one line of JSON: url
  -h, --help              this help

Environment:
  NANGO_SECRET_KEY   API key of your Nango environment; needed unless --emulator
  NANGO_HOST         base URL of a self-hosted Nango
  NANGO_MCP_TOKEN    what clients must send as bearer token over HTTP, at least 16 characters
  NANGO_MCP_READ_ONLY, NANGO_MCP_TOOLSETS, NANGO_MCP_TOOLS, NANGO_MCP_EXCLUDE, NANGO_MCP_MODE
                     as the options; an option overrides its variable; read-only, once set, cannot be undone

Exit codes: 0 its input ended or a signal came, 1 it could not listen, 2 wrong use

Examples:
  claude mcp add nango -e NANGO_SECRET_KEY=… -- npx -y nango-toolkit mcp --read-only
  nango-toolkit mcp --http 8080 --emulator`;

const OPTIONS = {
  http: { type: "string" },
  host: { type: "string", default: "127.0.0.1" },
  "allow-origin": { type: "string", multiple: true },
  "read-only": { type: "boolean" },
  toolsets: { type: "string" },
  tools: { type: "string" },
  exclude: { type: "string" },
  mode: { type: "string" },
  confirm: { type: "string" },
  "max-result-bytes": { type: "string" },
  ...GIVEN,
  emulator: { type: "boolean" },
  "base-url": { type: "string" },
  "allow-insecure-http": { type: "boolean" },
  json: { type: "boolean" },
} as const;

const LOCAL_HOSTS = ["127.0.0.1", "localhost", "::1"];

/** Options that select tools. */
interface SelectionValues {
  "read-only"?: boolean | undefined;
  toolsets?: string | undefined;
  tools?: string | undefined;
  exclude?: string | undefined;
  mode?: string | undefined;
  confirm?: string | undefined;
  "max-result-bytes"?: string | undefined;
}

/** Options about HTTP. */
interface HttpValues {
  host: string;
  "allow-origin"?: string[] | undefined;
  json?: boolean | undefined;
}

export async function main(args: string[], showHelp: () => void): Promise<number | void> {
  const { values } = parse("mcp", args, OPTIONS, 0);
  if (values.help) return showHelp();
  const port = values.http === undefined ? undefined : wholeNumber("--http", values.http, 0, 65535);
  checkPlace(values);
  const { NangoToolkit, NangoToolkitError } = await import("../entry/node.js");
  const { createMcpHandler, makeServer } = await import("../entry/mcp-node.js");
  const connection = values.emulator ? (await inMemory()).options : fromEnvironment(values);
  try {
    const toolkit = new NangoToolkit({ ...toolkitOptionsOf(values), ...connection });
    const options: McpServerOptions = { ...selection(values), toolkit };
    // Wrong options are reported immediately, even if no client ever connects.
    const server = makeServer(options);
    const session = sessionOptionsOf(values);
    if (session !== undefined) options.toolkit = server.source(session);
    if (port === undefined) return await stdio(session === undefined ? server : makeServer(options));
    return await http(createMcpHandler({ ...options, ...callers(values) }), port, values);
  } catch (error) {
    if (error instanceof NangoToolkitError) throw usageError(error);
    throw error;
  }
}

async function stdio(server: McpServer): Promise<never> {
  const { serveStdio } = await import("./mcp-serve.js");
  await serveStdio(server);
  // A call whose result nobody reads must not keep the program alive.
  process.exit(EXIT.ok);
}

async function http(
  handler: (request: Request) => Promise<Response>,
  port: number,
  { host, json }: HttpValues,
): Promise<number | void> {
  const { serveHttp } = await import("./mcp-serve.js");
  const server = await serveHttp(handler, { port, host }).catch((error) => {
    printError({ message: listenProblem(error, port, host) });
  });
  if (!server) return EXIT.failed;
  const stopped = stopSignal();
  const url = `${server.url}/mcp`;
  print(json ? JSON.stringify({ url }) : `${style.bold("Nango over MCP")} at ${style.cyan(url)}, until Ctrl+C`);
  await stopped;
  await server.close();
}

/** The selection of tools; an option takes precedence over its variable, and read-only over everything. */
function selection(values: SelectionValues): McpServerOptions {
  const { env } = process;
  const list = (name: "toolsets" | "tools" | "exclude"): string[] | undefined => {
    const words = (values[name] ?? env[`NANGO_MCP_${name.toUpperCase()}`])?.split(",");
    return words?.map((word) => word.trim()).filter(Boolean);
  };
  const most = values["max-result-bytes"];
  return {
    toolsets: list("toolsets") as Toolsets | undefined,
    tools: list("tools"),
    exclude: list("exclude"),
    readOnly: values["read-only"] || !/^(|0|no|false)$/i.test(env.NANGO_MCP_READ_ONLY ?? ""),
    mode: (values.mode ?? (env.NANGO_MCP_MODE || undefined)) as McpServerOptions["mode"],
    confirm: values.confirm as McpServerOptions["confirm"],
    maxResultBytes: most === undefined ? undefined : wholeNumber("--max-result-bytes", most, 1000, 2 ** 30),
  };
}

/** Who may call over HTTP: clients with the token; without a token, only programs on this machine. */
function callers({ host, "allow-origin": allowedOrigins }: HttpValues): Partial<McpHandlerOptions> {
  const token = process.env.NANGO_MCP_TOKEN;
  const localOnly = LOCAL_HOSTS.includes(host);
  if (!token && !localOnly) {
    const hint = "set NANGO_MCP_TOKEN to what clients must send as bearer token";
    throw new UsageError(`\`--host ${host}\` lets other machines in without a token`, hint);
  }
  return { ...(token ? { tokens: { [token]: true } } : { allowAnonymous: true }), localOnly, allowedOrigins };
}
