// The MCP server over HTTP, for whatever speaks Request and Response: who may call, from where, which tools
// they chose. Messages are answered by mcp-server.js.
import { NangoToolkit } from "./index.js";
import { NangoToolkitError } from "./load.js";
import { McpServer, contentOf, protocol } from "./mcp-server.js";

export { NangoToolkitError };

const WELL_KNOWN = "/.well-known/oauth-protected-resource";
const misuse = (message, hint) => new NangoToolkitError({ kind: "invalid_option", code: "invalid_option", message, hint });

/** Makes the handler `(Request) => Promise<Response>`. Its options are described in mcp.d.ts. */
export function createMcpHandler(options = {}) {
  const { path = "/mcp", secretPath, tokens = {}, sessionTokens = false, authenticate, allowAnonymous = false, authorizationServers, resource, scopes, allowedOrigins = [], localOnly = false, bodyLimit = 4 * 1024 * 1024, onError = console.error, ...rest } = options;
  const server = makeServer({ ...rest, onError });
  const keys = Object.entries(tokens);
  for (const [key] of keys) if (key.length < 16) throw misuse("a token in `tokens` is shorter than 16 characters", "draw it at random: `openssl rand -hex 32`");
  if (secretPath !== undefined && !/^[\w-]{16,}$/.test(secretPath)) throw misuse("`secretPath` must be at least 16 letters, digits, `-` or `_`", "draw it at random: `openssl rand -hex 32`");
  if (!/^\/[\w./-]*$/.test(path)) throw misuse(`\`path\` is \`${path}\``, "give the path of the endpoint, such as `/mcp`");
  if (authenticate !== undefined && typeof authenticate !== "function") throw misuse("`authenticate` must be a function");
  const guarded = keys.length > 0 || authenticate !== undefined || sessionTokens;
  if (sessionTokens && typeof server.source().sessionFromToken !== "function") throw misuse("`sessionTokens` needs a `toolkit` that is a NangoToolkit");
  if (!guarded && secretPath === undefined && !allowAnonymous) {
    throw misuse("nobody could be told from anybody: there is no way to authenticate", "give `tokens`, `sessionTokens` or `authenticate`; `allowAnonymous: true` opens the tools to whoever reaches the endpoint");
  }
  const callers = new Map(keys.map(([key, caller]) => [key, once(() => server.source(caller))]));
  const access = `${allowedOrigins.join(" ")}\0${localOnly ? "local" : ""}`;

  return async function handle(request) {
    let headers;
    try {
      const { pathname, query } = split(request.url);
      const secret = secretPath !== undefined && pathname.length === path.length + 1 + secretPath.length && same(pathname, `${path}/${secretPath}`);
      if (authorizationServers && pathname.startsWith(WELL_KNOWN) && ["", path].includes(pathname.slice(WELL_KNOWN.length))) return metadata(request);
      if (!secret && (pathname !== path || (!guarded && !allowAnonymous))) return refused(404, "there is nothing here; the MCP endpoint has another path");
      const origin = request.headers.get("origin");
      if (request.method !== "POST" || origin !== null || localOnly) {
        const [, status, media, body, ...pairs] = protocol("admit", `${access}\0${request.method}\0${hostOf(request)}\0${origin ?? ""}\0${request.headers.get("access-control-request-headers") ?? ""}`).split("\0");
        headers = pairs;
        if (status !== "0") return respond({ status: Number(status), media, body: request.method === "HEAD" ? "" : body }, headers);
      }
      const caller = secret || !guarded ? server.source() : await callerOf(request);
      if (caller instanceof Response) return caller;
      if (!caller) return challenge(request, headers);
      const body = await bodyOf(request, bodyLimit).catch(() => {
        throw new Refusal("the body broke off");
      });
      if (body === undefined) return refused(413, `the body is longer than ${bodyLimit} bytes`, headers);
      const given = (name) => request.headers.get(name) ?? "";
      const facts = `${given("content-type")}\0${given("accept")}\0${given("mcp-protocol-version")}\0${given("mcp-method")}\0${given("mcp-name")}\0`;
      const view = chosen(server, caller, selection(request, query));
      return respond(await server.answer(facts, body, view, request.signal), headers);
    } catch (error) {
      if (error instanceof Refusal) return refused(400, error.message, headers);
      onError(error);
      return refused(500, "the server failed", headers, -32603);
    }
  };

  /** Who sends a request: by a token of `tokens`, else as `authenticate` says; nothing for nobody. */
  async function callerOf(request) {
    const given = /^bearer +(.+)$/i.exec(request.headers.get("authorization") ?? "")?.[1].trim() ?? request.headers.get("x-api-key");
    let found;
    // All are compared, so that time tells nothing.
    if (given) for (const [key, caller] of callers) if (same(given, key)) found = caller;
    if (found) return found();
    if (sessionTokens && given) {
      try {
        return await server.source().sessionFromToken(given);
      } catch (error) {
        if (!["invalid_token", "expired_token"].includes(error.code)) throw error;
      }
    }
    const caller = await authenticate?.(request);
    if (caller instanceof Response) return caller;
    return caller === undefined || caller === null || caller === false ? undefined : server.source(caller);
  }

  function challenge(request, headers = []) {
    const sent = request.headers.has("authorization") || request.headers.has("x-api-key");
    const parts = ['realm="nango"'];
    if (sent) parts.push('error="invalid_token"');
    if (authorizationServers) parts.push(`resource_metadata="${originOf(request)}${WELL_KNOWN}${path}"`);
    if (authorizationServers && scopes) parts.push(`scope="${scopes.join(" ")}"`);
    const why = sent ? "the token is not known here" : "a token is needed: send `Authorization: Bearer …` or `x-api-key`";
    return refused(401, why, [...headers, "www-authenticate", `Bearer ${parts.join(", ")}`]);
  }

  /** RFC 9728. */
  function metadata(request) {
    const document = { resource: resource ?? originOf(request) + path, authorization_servers: authorizationServers, bearer_methods_supported: ["header"], ...(scopes && { scopes_supported: scopes }) };
    return Response.json(document, { headers: { "access-control-allow-origin": "*" } });
  }

  function originOf(request) {
    return new URL(resource ?? request.url).origin;
  }
}

/** The server of a handler's or a command's options: with the toolkit given, or one made of the rest. */
export function makeServer({ toolkit, name, title, version, instructions, maxResultBytes, confirm, mode, toolsets, tools, exclude, readOnly, extraTools, onError, ...rest }) {
  if (toolkit !== undefined && Object.keys(rest).length > 0) throw misuse(`unknown option \`${Object.keys(rest)[0]}\``, "with `toolkit`, what concerns it is given to that");
  return new McpServer({ toolkit: toolkit ?? new NangoToolkit(rest), name, title, version, instructions, maxResultBytes, confirm, mode, toolsets, tools, exclude, readOnly, extraTools, onError });
}

/** A mistake of the client's. */
class Refusal extends Error {}

/** The view that a caller asked for. */
function chosen(server, caller, asked) {
  const whole = server.view(caller);
  if (!asked) return whole;
  try {
    return server.view(caller, asked);
  } catch (error) {
    throw new Refusal(error.message);
  }
}

/** What a client asks to see, by headers or in the URL; the operator's selection stands above it. */
function selection({ headers }, query) {
  const params = query ? new URLSearchParams(query) : undefined;
  const value = (name, header) => params?.get(name) ?? headers.get(header) ?? undefined;
  const list = (...names) => value(...names)?.split(",").map((word) => word.trim()).filter(Boolean);
  const readOnly = value("readonly", "x-mcp-readonly");
  const asked = {
    toolsets: list("toolsets", "x-mcp-toolsets"),
    tools: list("tools", "x-mcp-tools"),
    exclude: list("exclude", "x-mcp-exclude-tools"),
    readOnly: readOnly !== undefined && !/^(false|0|no)$/i.test(readOnly),
    mode: value("mode", "x-mcp-mode"),
  };
  if (asked.mode !== undefined && !["tools", "search"].includes(asked.mode)) throw new Refusal("`mode` is `tools` or `search`");
  return asked.readOnly || asked.toolsets || asked.tools || asked.exclude || asked.mode ? asked : undefined;
}

/** The path and the query of an absolute URL. */
function split(url) {
  const start = url.indexOf("/", url.indexOf("//") + 2);
  const hash = url.indexOf("#");
  const end = hash < 0 ? url.length : hash;
  const mark = url.indexOf("?");
  const query = mark < 0 || mark > end ? end : mark;
  return { pathname: start < 0 ? "/" : url.slice(start, query), query: url.slice(query + 1, end) };
}

/** Hosts that keep `Host` from programs put it into the URL. */
const hostOf = (request) => request.headers.get("host") ?? new URL(request.url).host;

/** The body as text; nothing where it is too long. */
async function bodyOf(request, limit) {
  const length = Number(request.headers.get("content-length") ?? NaN);
  if (length > limit) return undefined;
  if (!request.body) return "";
  // A server has cut the body to its declared length.
  if (length >= 0) return request.text();
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const reader = request.body.getReader();
  let [text, size] = ["", 0];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    size += value.length;
    if (size > limit) {
      reader.cancel().catch(() => {});
      return undefined;
    }
    text += decoder.decode(value, { stream: true });
  }
}

/** Compares in a time that only the length of what was given decides. */
function same(given, secret) {
  let difference = given.length ^ secret.length;
  for (let at = 0; at < given.length; at++) difference |= given.charCodeAt(at) ^ secret.charCodeAt(at % secret.length);
  return difference === 0;
}

/** The response of a reply; nothing is owed to notifications. `pairs` are further headers, names and values. */
function respond(reply = { status: 202, media: "", body: "" }, pairs) {
  const { status, media } = reply;
  const headers = media ? { "content-type": media } : {};
  for (let at = 0; at < pairs?.length; at += 2) headers[pairs[at]] = pairs[at + 1];
  return new Response(contentOf(reply), { status, headers });
}

function refused(status, message, pairs, code = -32600) {
  return respond({ status, media: "application/json", body: JSON.stringify({ jsonrpc: "2.0", id: null, error: { code, message } }) }, pairs);
}

function once(make) {
  let made;
  return () => (made ??= make());
}
