// A call as other programs make it: HTTP, curl, JavaScript, MCP. The key is never part of it.
import { toolkit } from "./core.js";
import { pretty } from "./json.js";
import { live, state } from "./store.js";

const DEFAULT_HOST = "https://api.nango.dev";

/** `{ http, curl, js, mcp }`; without a request where the arguments do not pass. */
export function snippets(slug, args) {
  const baseUrl = live ? state.server.baseUrl : DEFAULT_HOST;
  let request;
  try {
    request = toolkit.buildRequest(slug, args, { baseUrl });
  } catch {
    request = undefined;
  }
  return {
    http: request && http(request),
    curl: request && curl(request),
    js: javascript(slug, args, baseUrl),
    mcp: mcp(slug, args),
  };
}

function http({ method, url, headers, body }) {
  const { pathname, search, host } = new URL(url);
  const lines = [
    `${method} ${pathname}${search}`,
    `Host: ${host}`,
    "Authorization: Bearer ••••••••",
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  return `${lines.join("\n")}${body === null ? "" : `\n\n${indented(body)}`}`;
}

const quoted = (text) => `'${text.replaceAll("'", `'\\''`)}'`;

function curl({ method, url, headers, body }) {
  const parts = [
    `curl ${method === "GET" ? "" : `-X ${method} `}${quoted(url)}`,
    `-H "Authorization: Bearer $NANGO_SECRET_KEY"`,
  ];
  for (const [name, value] of Object.entries(headers)) parts.push(`-H ${quoted(`${name}: ${value}`)}`);
  if (body !== null) parts.push(`--data-raw ${quoted(body)}`);
  return parts.join(" \\\n  ");
}

function javascript(slug, args, baseUrl) {
  const host = baseUrl === DEFAULT_HOST ? "" : `, baseUrl: ${JSON.stringify(baseUrl)}`;
  return `import { NangoToolkit } from "nango-toolkit";

const nango = new NangoToolkit({ apiKey: process.env.NANGO_SECRET_KEY${host} });
const result = await nango.execute(${JSON.stringify(slug)}, ${pretty(args)});

if (result.successful) console.log(result.data);
else console.error(result.error.kind, result.error.message);`;
}

const mcp = (slug, args) =>
  pretty({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: slug, arguments: args } });

function indented(body) {
  try {
    return pretty(JSON.parse(body));
  } catch {
    return body;
  }
}
