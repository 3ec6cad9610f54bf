// The MCP server over HTTP, for whatever speaks Request and Response: who may call, from where, which tools
// they chose. Messages are answered by mcp-server.js.
import { NangoToolkit } from "./index.js";
import { NangoToolkitError } from "./load.js";
import { McpServer, checkCaller, refuseNull } from "./mcp-server.js";
import { pure } from "./transport.js";
import * as core from "./wasm/nango_toolkit.js";

export { NangoToolkitError };

const WELL_KNOWN = "/.well-known/oauth-protected-resource";
const misuse = (message, hint) => new NangoToolkitError({ code: "invalid_option", kind: "invalid_option", message, hint });

/** Makes the handler `(Request) => Promise<Response>`. Its options are described in mcp.d.ts. */
export function createMcpHandler(options = {}) {
  const { path = "/mcp", secretPath, tokens = {}, sessionTokens = false, authenticate, allowAnonymous = false, authorizationServers, resource, scopes, allowedOrigins = [], localOnly = false, bodyLimit = 4 * 1024 * 1024, onError = console.error, ...rest } = options;
  const server = makeServer({ ...rest, onError });
  const keys = Object.entries(tokens);
  for (const [key, caller] of keys) {
    if (key.length < 16) throw misuse("a token in `tokens` is shorter than 16 characters", "draw it at random: `openssl rand -hex 32`");
    checkCaller(caller, "the caller of a token in `tokens`");
  }
  if (secretPath !== undefined && !/^[\w-]{16,}$/.test(secretPath)) throw misuse("`secretPath` must be at least 16 letters, digits, `-` or `_`", "draw it at random: `openssl rand -hex 32`");
  if (!/^\/[\w./-]*$/.test(path)) throw misuse(`\`path\` is \`${path}\``, "give the path of the endpoint, such as `/mcp`");
  if (authenticate !== undefined && typeof authenticate !== "function") throw misuse("`authenticate` must be a function");
  const guarded = keys.length > 0 || authenticate !== undefined || sessionTokens;
  if (sessionTokens && typeof server.source(true).sessionFromToken !== "function") throw misuse("`sessionTokens` needs a `toolkit` that is a NangoToolkit");
  if (!guarded && secretPath === undefined && !allowAnonymous) {
    throw misuse("nobody could be told from anybody: there is no way to authenticate", "give `tokens`, `sessionTokens` or `authenticate`; `allowAnonymous: true` opens the tools to whoever reaches the endpoint");
  }
  const callers = new Map(keys.map(([key, caller]) => [key, once(() => server.source(caller))]));
  const origins = allowedOrigins.map(String);

  return async function handle(request) {
    let headers;
    try {
      const { pathname, query } = split(request.url);
      const secret = secretPath !== undefined && pathname.length === path.length + 1 + secretPath.length && same(pathname, `${path}/${secretPath}`);
      if (authorizationServers && pathname.startsWith(WELL_KNOWN) && ["", path].includes(pathname.slice(WELL_KNOWN.length))) return metadata(request);
      if (!secret && (pathname !== path || (!guarded && !allowAnonymous))) return refused(404, "there is nothing here; the MCP endpoint has another path");
      const header = (name) => request.headers.get(name) ?? undefined;
      const admission = pure(() => core.admitRequest(origins, Boolean(localOnly), request.method, hostOf(request), header("origin"), header("access-control-request-headers")));
      headers = admission.headers;
      if (admission.reply) return respond(admission.reply, headers);
      const caller = secret || !guarded ? server.source(true) : await callerOf(request);
      if (caller instanceof Response) return caller;
      if (!caller) return challenge(request, headers);
      const body = await bodyOf(request, bodyLimit).catch(() => {
        throw new Refusal("the body broke off");
      });
      if (body === undefined) return refused(413, `the body is longer than ${bodyLimit} bytes`, headers);
      const context = {
        contentType: header("content-type"),
        accept: header("accept"),
        protocolVersion: header("mcp-protocol-version"),
        method: header("mcp-method"),
        name: header("mcp-name"),
      };
      const view = viewOf(server, caller, words(request, query));
      return respond(await server.answer(context, body, view, request.signal), headers);
    } catch (error) {
      if (error instanceof Refusal) return refused(400, error.message, headers);
      onError(error);
      return refused(500, "the server failed", headers);
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
        return await server.source(true).sessionFromToken(given);
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
    return refused(401, why, [...headers, ["www-authenticate", `Bearer ${parts.join(", ")}`]]);
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

/** What of a handler's options concerns the server alone. */
const SERVER = ["name", "title", "version", "instructions", "maxResultBytes", "confirm", "mode", "toolsets", "tools", "exclude", "readOnly", "extraTools", "onError"];

/** The server of a handler's or a command's options: with the toolkit given, or one made of the rest. */
export function makeServer({ toolkit, ...options }) {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const own = Object.fromEntries(given.filter(([name]) => SERVER.includes(name)));
  const rest = Object.fromEntries(given.filter(([name]) => !SERVER.includes(name)));
  if (toolkit !== undefined && Object.keys(rest).length > 0) throw misuse(`unknown option \`${Object.keys(rest)[0]}\``, "with `toolkit`, what concerns it is given to that");
  refuseNull(rest);
  return new McpServer({ ...own, toolkit: toolkit ?? new NangoToolkit(rest) });
}

/** A mistake of the client's. */
class Refusal extends Error {}

/** The view that a caller asked for. */
function viewOf(server, caller, words) {
  const whole = server.view(caller);
  if (Object.keys(words).length === 0) return whole;
  try {
    return server.view(caller, words);
  } catch (error) {
    if (error.code !== "invalid_option") throw error;
    throw new Refusal(error.message);
  }
}

/** What a client may say of the tools that it wants to see, in the URL; the headers of the same are below. */
const WORDS = ["toolsets", "tools", "exclude", "readonly", "mode"];
const headerOf = (word) => (word === "exclude" ? "x-mcp-exclude-tools" : `x-mcp-${word}`);

/** What a client says of that; the operator's selection stands above it. */
function words({ headers }, query) {
  const params = query ? new URLSearchParams(query) : undefined;
  const given = WORDS.map((word) => [word, params?.get(word) ?? headers.get(headerOf(word))]);
  return Object.fromEntries(given.filter(([, text]) => text !== null));
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

/** The response of a reply; nothing is answered to notifications. `pairs` are further headers. */
function respond(reply = { status: 202, media: "", body: [] }, pairs = []) {
  const headers = Object.fromEntries(pairs);
  if (reply.media) headers["content-type"] = reply.media;
  return new Response(reply.body.length === 0 ? null : reply.body, { status: reply.status, headers });
}

const refused = (status, message, pairs) => respond(pure(() => core.refuseRequest(status, message)), pairs);

function once(make) {
  let made;
  return () => (made ??= make());
}
