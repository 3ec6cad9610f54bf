// What an agent, an MCP client or a server feeds, as functions of one JSON text, through the built package; and inputs
// of all kinds and sizes. Tests of cost and the fuzzer have them in common.
import { McpServer } from "../../pkg/dist/mcp-server.js";
import { NangoToolkit, buildRequest, parseResponse, searchTools, validate } from "../../pkg/dist/entry/node.js";

const KEY = "7b0c9f6e-4a55-4b8e-9d6a-2f1f0f6f5c11";

/** Pieces that are repeated to make a long text. */
export const PIECES = [
  "a",
  " ",
  "%25",
  "../",
  "a,",
  "{",
  "[",
  '\\\\\\"',
  "token:[",
  '"token":',
  "Bearer ",
  "access_token=abcdefgh&",
  "0",
  "list the connections of ",
  "\n",
  "é",
  "😀",
  "${",
];

const list = (bytes, item) => {
  const items = [];
  for (let size = 0, at = 0; size < bytes; at++) {
    items.push(item(at));
    size += items[at].length + 1;
  }
  return items;
};
const properties = (bytes, property) => `{${list(bytes, property).join(",")}}`;

const SHAPES = {
  numbers: (bytes) => `[${list(bytes, () => "1").join(",")}]`,
  strings: (bytes) => `[${list(bytes, (at) => `"id-${at}"`).join(",")}]`,
  objects: (bytes) => `[${list(bytes, (at) => `{"id":${at},"name":"n"}`).join(",")}]`,
  properties: (bytes) => properties(bytes, (at) => `"p${at}":"v${at}"`),
  secrets: (bytes) => properties(bytes, (at) => `"token${at}":"secret-${at}"`),
  "long names": (bytes) => `{"${"n".repeat(bytes)}":1}`,
  nested: (bytes) => "[".repeat(bytes / 2) + "]".repeat(bytes / 2),
  digits: (bytes) => "1".repeat(bytes),
  errors: (bytes) => {
    const errors = list(bytes, () => '{"code":"custom","message":"no","path":["a",1]}').join(",");
    return `{"error":{"code":"invalid_body","errors":[${errors}]}}`;
  },
};

/** Inputs of all kinds, by name. */
export const kinds = Object.entries({
  ...SHAPES,
  ...Object.fromEntries(
    PIECES.map((piece) => [
      `text of ${JSON.stringify(piece)}`,
      (bytes) => JSON.stringify(piece.repeat(Math.max(1, bytes / piece.length))),
    ]),
  ),
});

const policy = {
  default: "allow",
  rules: [{ then: "confirm", tags: "a=*", proxy_path: "*/a/*b*/c", end_user: "$user" }],
};
const proxy = { allowedHosts: ["example.com"], allowAuthorization: true };

/** Every function, by name; each may return a promise. */
export function surfaces() {
  let answer = () => Response.json({});
  const toolkit = new NangoToolkit({
    apiKey: KEY,
    fetch: async () => answer(),
    proxy,
    policy,
    onApproval: () => true,
    retry: { attempts: 1 },
  });
  const session = toolkit.session({ user: "ada" });
  const quiet = { toolkit, onError: () => {} };
  const server = new McpServer(quiet);
  const view = server.view(server.source(true));
  const message = (text) => server.answer({ stdio: true }, text, view);
  const call = (runner, slug, make) => (input) => {
    answer = () => Response.json({});
    return runner.execute(slug, make(input));
  };
  const answered = (slug, args, status, type) => (input) => {
    answer = () => new Response(input, { status, headers: { "content-type": type } });
    return toolkit.execute(slug, args);
  };
  const toolCall = (name, args) =>
    `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"${name}","arguments":${args}}}`;
  const pair = (input) => `{"connection_id":"c","provider_config_key":"hubspot","metadata":${input}}`;
  const ids = (input) => `{"connection_id":${input},"provider_config_key":"hubspot","metadata":{}}`;
  const path = (name) => (input) =>
    `{"provider_config_key":"h","connection_id":"c","any_path":"v1","${name}":${input}}`;
  const connection = { connection_id: "c", provider_config_key: "hubspot" };
  return Object.entries({
    "validate: metadata": (input) => validate("NANGO_SET_CONNECTION_METADATA", pair(input)),
    "validate: arguments": (input) => validate("NANGO_CREATE_CONNECT_SESSION", input),
    "buildRequest: metadata": (input) => attempt(() => buildRequest("NANGO_SET_CONNECTION_METADATA", pair(input))),
    "execute: metadata": call(toolkit, "NANGO_SET_CONNECTION_METADATA", pair),
    "execute: connection_id": call(toolkit, "NANGO_SET_CONNECTION_METADATA", ids),
    "session: connection_id": call(session, "NANGO_SET_CONNECTION_METADATA", ids),
    "execute: query_params": call(toolkit, "NANGO_GET_PROXY", path("query_params")),
    "execute: proxy_headers": call(toolkit, "NANGO_GET_PROXY", path("proxy_headers")),
    "execute: base_url_override": call(toolkit, "NANGO_GET_PROXY", path("base_url_override")),
    "execute: values": call(toolkit, "NANGO_SET_CONNECTION_METADATA", (input) => attempt(() => JSON.parse(input))),
    "explain: base_url_override": (input) => toolkit.explain("NANGO_GET_PROXY", path("base_url_override")(input)),
    "answer: proxy, JSON": answered("NANGO_GET_PROXY", path("x")(1), 200, "application/json"),
    "answer: connection, JSON": answered("NANGO_GET_CONNECTION", connection, 200, "application/json"),
    "answer: connection, 400": answered("NANGO_GET_CONNECTION", connection, 400, "application/json"),
    "answer: connection, text 500": answered("NANGO_GET_CONNECTION", connection, 500, "text/html"),
    parseResponse: (input) => parseResponse("NANGO_GET_CONNECTION", { status: 200, headers: {}, body: input }),
    "parseResponse: 500": (input) => parseResponse("NANGO_GET_PROXY", { status: 500, headers: {}, body: input }),
    searchTools: (input) => searchTools(input),
    "MCP: message": message,
    "MCP: arguments": (input) => {
      answer = () => Response.json({});
      return message(toolCall("NANGO_SET_CONNECTION_METADATA", pair(input)));
    },
    "MCP: answer": (input) => {
      answer = () => new Response(input, { headers: { "content-type": "application/json" } });
      return message(toolCall("NANGO_GET_CONNECTION", JSON.stringify(connection)));
    },
  });
}

/** What `work` gives; nothing if it throws an error of the package's or of JSON's. */
function attempt(work) {
  try {
    return work();
  } catch {
    return undefined;
  }
}

/** What the host takes for a megabyte of JSON on the machine that the bound was set on, in milliseconds. */
const REFERENCE_MS = 35;

/** How much slower this machine is, or how busy, by the fastest of some runs. */
function slowness() {
  const text = SHAPES.properties(2 ** 20);
  const times = Array.from({ length: 5 }, () => {
    const { user, system } = process.cpuUsage();
    JSON.stringify(JSON.parse(text));
    const spent = process.cpuUsage({ user, system });
    return (spent.user + spent.system) / 1000;
  });
  return Math.max(1, Math.min(...times) / REFERENCE_MS);
}
const slower = slowness();

/**
 * What a call with an input of this many bytes may take, in milliseconds. Most take a quarter of this for a megabyte,
 * or less; the rest is for machines that are slower, or busy.
 */
export const bound = (bytes) => slower * (10 + (200 * bytes) / 2 ** 20);

/** The processor time of the fastest of some runs, in milliseconds; no more runs than needed to be below `enough`. */
export async function fastest(run, input, runs, enough = 0) {
  const clock = process.threadCpuUsage ?? process.cpuUsage;
  let best = Number.POSITIVE_INFINITY;
  for (let at = 0; at < runs && best > enough; at++) {
    const start = clock.call(process);
    await run(input);
    const { user, system } = clock.call(process, start);
    best = Math.min(best, (user + system) / 1000);
  }
  return best;
}
