/**
 * The MCP server over HTTP, for hosts with `Request` and `Response`: authentication, origins, selection of tools.
 * mcp-server.ts answers the messages.
 *
 * `nango-toolkit/mcp/inline` is the same, with the module as text. `nango-toolkit/mcp/slim` loads nothing: initialise
 * `nango-toolkit/slim` first.
 *
 * @module nango-toolkit/mcp
 */
import * as core from "./core.js";
import {
  NangoToolkitError,
  checkNumber,
  checkStrings,
  checkTypes,
  invalidOption,
  reasonIsInLog,
  reportFailure,
} from "./errors.js";
import { EventStream } from "./event-stream.js";
import { RunningCalls } from "./mcp-running.js";
import {
  checkCaller,
  isRunner,
  type McpReply,
  McpServer,
  type Notify,
  refuseNull,
  type SelectionWords,
  type SessionRunner,
  type TransportContext,
  type View,
} from "./mcp-server.js";
import { randomId } from "./random.js";
import { callWasm } from "./recovery.js";
import { NangoToolkit } from "./toolkit.js";
import type { Caller, McpServerOptions, ToolRunner } from "./types/mcp.js";
import type { ToolkitOptions } from "./types/options.js";

export { NangoToolkitError } from "./errors.js";
export type { Caller, ExtraTool, McpServerOptions, ObjectSchema, ToolRunner } from "./types/mcp.js";

const WELL_KNOWN = "/.well-known/oauth-protected-resource";
const MIN_TOKEN_LENGTH = 16;
const METHOD_NOT_ALLOWED = 405;
const DRAW = "generate one: `openssl rand -hex 32`";

/** What `authenticate` may return: the caller, a response to send, or nothing to refuse the request. */
type Authenticated = Caller | Response | false | null | undefined;

/**
 * Options of {@link createMcpHandler}: what the server offers, who may call it over HTTP, and from where. One of
 * `tokens`, `sessionTokens`, `authenticate`, `secretPath` and `allowAnonymous` is required. Without `toolkit`, the
 * options of a toolkit are accepted, too.
 *
 * @example
 * ```ts
 * import { createMcpHandler, type McpHandlerOptions } from "nango-toolkit/mcp";
 *
 * const options: McpHandlerOptions = {
 *   apiKey: process.env.NANGO_SECRET_KEY ?? "",
 *   // Generate each with `openssl rand -hex 32`.
 *   tokens: { [process.env.NANGO_MCP_TOKEN_OF_ADA ?? ""]: { user: "ada" } },
 *   readOnly: true,
 * };
 * export default { fetch: createMcpHandler(options) };
 * ```
 */
export interface McpHandlerOptions extends McpServerOptions, Partial<ToolkitOptions> {
  /**
   * The path of the endpoint.
   * @default "/mcp"
   */
  path?: string | undefined;
  /**
   * Bearer tokens (also accepted as `x-api-key`) of at least 16 characters, each with its caller.
   * @default none
   */
  tokens?: Record<string, Caller> | undefined;
  /**
   * Whether tokens of the toolkit's sessions (`session.token()`, `session.mcp()`) are accepted, each for its session.
   * @default false
   */
  sessionTokens?: boolean | undefined;
  /** Authenticates a request that has none of these tokens. */
  authenticate?: ((request: Request) => Authenticated | Promise<Authenticated>) | undefined;
  /**
   * Opens the tools to everyone who can reach the endpoint.
   * @default false
   */
  allowAnonymous?: boolean | undefined;
  /** An extra path segment of at least 16 characters instead of a token, for clients that cannot send one. */
  secretPath?: string | undefined;
  /** OAuth authorization servers whose tokens `authenticate` accepts; announced according to RFC 9728. */
  authorizationServers?: string[] | undefined;
  /**
   * The endpoint's own URL, if a proxy hides it.
   * @default the URL of the request
   */
  resource?: string | undefined;
  /** OAuth scopes to announce. */
  scopes?: string[] | undefined;
  /**
   * Web origins that may use the endpoint, in addition to its own and localhost; `["*"]` for all.
   * @default none
   */
  allowedOrigins?: string[] | undefined;
  /**
   * Answers only if `Host` is localhost, for servers on your own machine.
   * @default false
   */
  localOnly?: boolean | undefined;
  /**
   * The longest body, in bytes.
   * @default 4194304
   */
  bodyLimit?: number | undefined;
}

type HeaderPairs = [name: string, value: string][];

/** The module's decision on a request before its caller is known. */
interface Admission {
  reply?: McpReply;
  headers: HeaderPairs;
}

/** Creates the fetch handler of an MCP server, for `export default { fetch }`, `Deno.serve`, `Bun.serve` and others.
 *
 * @throws {@link NangoToolkitError} if an option is wrong, unknown or missing.
 * @example
 * ```ts
 * import { createMcpHandler } from "nango-toolkit/mcp";
 *
 * export default {
 *   fetch: createMcpHandler({
 *     apiKey: process.env.NANGO_SECRET_KEY ?? "",
 *     authenticate: (request) => (request.headers.get("x-user") === "ada" ? { user: "ada" } : undefined),
 *   }),
 * };
 * ```
 */
export function createMcpHandler(options: McpHandlerOptions): (request: Request) => Promise<Response> {
  const handler = new HttpHandler(options ?? {});
  return (request) => handler.handle(request);
}

/**
 * The server of a handler's or a command's options: with the given toolkit, or one created from the other options.
 * @internal
 */
export function makeServer({ toolkit, ...options }: McpServerOptions & Partial<ToolkitOptions>): McpServer {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const own: McpServerOptions = Object.fromEntries(given.filter(([name]) => SERVER_OPTIONS.has(name)));
  const rest = Object.fromEntries(given.filter(([name]) => !SERVER_OPTIONS.has(name)));
  const [unknown] = Object.keys(rest);
  if (toolkit !== undefined && unknown !== undefined) {
    throw invalidOption(`unknown option \`${unknown}\``, "with `toolkit`, give options about the toolkit to that");
  }
  refuseNull(rest);
  // A key that is given, but not set, is reported as such.
  const key = Object.hasOwn(options, "apiKey") && { apiKey: options.apiKey };
  const ofToolkit = { ...rest, ...key, ...(own.onError && { onError: own.onError }) };
  return new McpServer({ ...own, toolkit: toolkit ?? new NangoToolkit(ofToolkit as unknown as ToolkitOptions) });
}

/** Throws unless the keys of `tokens` can be tokens. */
function checkTokens(tokens: Record<string, Caller>): void {
  if (typeof tokens !== "object" || tokens === null) throw invalidOption("`tokens` must be an object");
  if (Array.isArray(tokens)) throw invalidOption("`tokens` must be an object `{ token: caller }`, not a list");
  for (const token of Object.keys(tokens)) {
    if (["", "undefined", "null"].includes(token)) {
      const found = token === "" ? "empty" : `\`${token}\``;
      throw invalidOption(`a token in \`tokens\` is ${found}: the variable that it comes from is not set`, DRAW);
    }
    if (token.length < MIN_TOKEN_LENGTH) {
      throw invalidOption(`a token in \`tokens\` is shorter than ${MIN_TOKEN_LENGTH} characters`, DRAW);
    }
  }
}

/** Throws unless the toolkit makes sessions of tokens. */
function checkSessionTokens({ sessionFromToken, hasSessionKey }: SessionRunner): void {
  if (!sessionFromToken) throw invalidOption("`sessionTokens` needs a `toolkit` that is a NangoToolkit");
  // Other runners may have a key that they do not speak of.
  if (hasSessionKey === false) throw invalidOption("`sessionTokens` needs the toolkit's option `sessionKey`", DRAW);
}

/** The options that concern the server alone. */
const SERVER_OPTIONS: ReadonlySet<string> = new Set<keyof McpServerOptions>([
  "name",
  "title",
  "version",
  "instructions",
  "maxResultBytes",
  "confirm",
  "mode",
  "toolsets",
  "tools",
  "exclude",
  "readOnly",
  "extraTools",
  "onError",
]);

/** Headers of an event stream: nothing on the way to the client may keep its events. */
const STREAM_HEADERS: HeaderPairs = [
  ["cache-control", "no-cache"],
  ["x-accel-buffering", "no"],
];

/** Who sent a request. */
interface KnownCaller {
  source: ToolRunner;
  /** What no other caller has; undefined if several people may be this caller. */
  name?: string;
}

/** A mistake of the client. */
class Refusal extends Error {}

/** Answers HTTP requests. */
class HttpHandler {
  readonly #options: McpHandlerOptions;
  readonly #path: string;
  readonly #server: McpServer;
  readonly #callers: Map<string, () => ToolRunner>;
  readonly #isGuarded: boolean;
  readonly #running = new RunningCalls();
  /** Numbers for toolkits and sessions that `authenticate` returned. */
  readonly #runners = new WeakMap<ToolRunner, number>();
  #lastRunner = 0;

  constructor(options: McpHandlerOptions) {
    const {
      path = "/mcp",
      secretPath,
      tokens = {},
      sessionTokens = false,
      authenticate,
      allowAnonymous = false,
    } = options;
    checkTypes(options, "boolean", ["allowAnonymous", "localOnly", "sessionTokens"]);
    checkTypes(options, "string", ["path", "secretPath", "resource"]);
    checkTypes(options, "function", ["authenticate", "onError"]);
    checkStrings(options, ["allowedOrigins", "authorizationServers", "scopes"]);
    if (options.bodyLimit !== undefined) checkNumber("bodyLimit", options.bodyLimit, 1);
    checkTokens(tokens);
    this.#options = options;
    this.#path = path;
    this.#server = makeServer(serverOptions(options));
    const entries = Object.entries(tokens);
    for (const [, caller] of entries) checkCaller(caller, "the caller of a token in `tokens`");
    if (secretPath !== undefined && !/^[\w-]{16,}$/.test(secretPath)) {
      throw invalidOption("`secretPath` must be at least 16 letters, digits, `-` or `_`", DRAW);
    }
    if (!/^\/[\w./-]*$/.test(path)) {
      throw invalidOption(`\`path\` is \`${path}\``, "give the path of the endpoint, such as `/mcp`");
    }
    if (sessionTokens) checkSessionTokens(this.#server.source(true));
    this.#isGuarded = entries.length > 0 || authenticate !== undefined || sessionTokens;
    if (!this.#isGuarded && secretPath === undefined && !allowAnonymous) {
      const hint =
        "give `tokens`, `sessionTokens` or `authenticate`; `allowAnonymous: true` opens the tools to everyone";
      throw invalidOption("there is no way to authenticate callers", hint);
    }
    this.#callers = new Map(entries.map(([token, caller]) => [token, once(() => this.#server.source(caller))]));
  }

  async handle(request: Request): Promise<Response> {
    const { authorizationServers, allowAnonymous = false } = this.#options;
    let headers: HeaderPairs = [];
    try {
      const { pathname, search } = new URL(request.url);
      const isSecret = this.#isSecretPath(pathname);
      if (authorizationServers && this.#isMetadataPath(pathname)) return this.#metadata(request, authorizationServers);
      if (!isSecret && (pathname !== this.#path || (!this.#isGuarded && !allowAnonymous))) {
        return refuse(404, `not found: the MCP endpoint is at \`${this.#path}\`; its path can be set`);
      }
      const admission = this.#admit(request);
      headers = admission.headers;
      // A wrong token is reported before a wrong method; a preflight request has none.
      const { reply } = admission;
      if (reply && reply.status !== METHOD_NOT_ALLOWED) return respond(reply, headers);
      const everyone = isSecret || !this.#isGuarded;
      const caller = everyone ? { source: this.#server.source(true) } : await this.#callerOf(request);
      if (caller instanceof Response) return caller;
      if (!caller) return this.#challenge(request, headers);
      if (reply) return respond(reply, headers);
      const limit = this.#options.bodyLimit ?? 4 * 1024 * 1024;
      const body = await readBody(request, limit);
      if (body === undefined) return refuse(413, `the body is longer than ${limit} bytes`, headers);
      const view = this.#viewOf(caller.source, selectionWords(request, search));
      return await this.#answer(request, body, view, caller, headers);
    } catch (error) {
      if (error instanceof Refusal) return refuse(400, error.message, headers);
      return refuse(500, `the server failed: ${reasonIsInLog(this.#report(error))}`, headers);
    }
  }

  /** The response to a message: the reply; or, if a call takes long, an event stream that ends with it. */
  #answer(request: Request, body: string, view: View, { name }: KnownCaller, headers: HeaderPairs): Promise<Response> {
    return new Promise((resolve, reject) => {
      let stream: EventStream | undefined;
      const notify: Notify = ({ status, media, body: event }, abort) => {
        if (!stream) {
          stream = new EventStream(abort);
          resolve(makeResponse(status, [...headers, ["content-type", media], ...STREAM_HEADERS], stream.body));
        }
        stream.send(event);
      };
      // Nobody can end the call of another: callers who cannot be distinguished end theirs by closing the request.
      const cancellable = name === undefined ? {} : { running: this.#running, caller: name };
      const calls = { signal: request.signal, notify, ...cancellable };
      const finish = (reply: McpReply | undefined): void => {
        if (stream) stream.end(reply?.body);
        else resolve(respond(reply, headers));
      };
      const fail = (error: unknown): void => {
        if (stream) this.#report(error);
        if (stream) stream.fail(error);
        else reject(error);
      };
      this.#server.answer(contextOf(request), body, view, calls).then(finish).catch(fail);
    });
  }

  /** Reports an error to the operator; returns its ID. */
  #report(error: unknown): string {
    const id = randomId("error_");
    reportFailure(this.#options.onError ?? console.error, error, { id, source: "mcp" });
    return id;
  }

  #isSecretPath(pathname: string): boolean {
    const { secretPath } = this.#options;
    return secretPath !== undefined && equalInConstantTime(pathname, `${this.#path}/${secretPath}`);
  }

  #isMetadataPath(pathname: string): boolean {
    return pathname === WELL_KNOWN || pathname === WELL_KNOWN + this.#path;
  }

  #admit(request: Request): Admission {
    const { allowedOrigins = [], localOnly = false } = this.#options;
    const host = request.headers.get("host") ?? new URL(request.url).host;
    const origin = headerOf(request, "origin");
    const requested = headerOf(request, "access-control-request-headers");
    return callWasm(core.admitRequest, allowedOrigins, localOnly, request.method, host, origin, requested);
  }

  /** The caller of a request, by a token of `tokens` or by `authenticate`; undefined if it is refused. */
  async #callerOf(request: Request): Promise<KnownCaller | Response | undefined> {
    const authorization = /^bearer +(.+)$/i.exec(request.headers.get("authorization") ?? "");
    const given = authorization?.[1]?.trim() ?? request.headers.get("x-api-key");
    if (given) {
      const source = this.#callerOfToken(given) ?? (await this.#sessionOf(given));
      if (source) return { source, name: given };
    }
    const caller = await this.#options.authenticate?.(request);
    if (caller instanceof Response) return caller;
    if (!caller) return undefined;
    const source = this.#server.source(caller);
    // A gateway may send one token for all its users: they differ in what `authenticate` returned.
    return given ? { source, name: `${given}\n${this.#identify(caller)}` } : { source };
  }

  /** Distinguishes what `authenticate` returned. */
  #identify(caller: Caller): string {
    if (caller === true || !isRunner(caller)) return JSON.stringify(caller);
    const known = this.#runners.get(caller);
    if (known !== undefined) return String(known);
    this.#lastRunner += 1;
    this.#runners.set(caller, this.#lastRunner);
    return String(this.#lastRunner);
  }

  #callerOfToken(given: string): ToolRunner | undefined {
    let found: (() => ToolRunner) | undefined;
    // All tokens are compared, so that the time does not reveal which one matched.
    for (const [token, caller] of this.#callers) if (equalInConstantTime(given, token)) found = caller;
    return found?.();
  }

  async #sessionOf(token: string): Promise<ToolRunner | undefined> {
    if (!this.#options.sessionTokens) return undefined;
    try {
      return await this.#server.source(true).sessionFromToken?.(token);
    } catch (error) {
      const { code } = error as Partial<NangoToolkitError>;
      if (code !== "invalid_token" && code !== "expired_token") throw error;
      return undefined;
    }
  }

  /** The view that a caller asked for. */
  #viewOf(caller: ToolRunner, words: SelectionWords): View {
    const whole = this.#server.view(caller);
    if (Object.keys(words).length === 0) return whole;
    try {
      return this.#server.view(caller, words);
    } catch (error) {
      if (!(error instanceof NangoToolkitError) || error.code !== "invalid_option") throw error;
      throw new Refusal(error.hint ? `${error.message} (${error.hint})` : error.message);
    }
  }

  #challenge(request: Request, headers: HeaderPairs): Response {
    const { authorizationServers, scopes } = this.#options;
    const isSent = request.headers.has("authorization") || request.headers.has("x-api-key");
    const parts = ['realm="nango"'];
    if (isSent) parts.push('error="invalid_token"');
    if (authorizationServers) {
      parts.push(`resource_metadata="${this.#originOf(request)}${WELL_KNOWN}${this.#path}"`);
      if (scopes) parts.push(`scope="${scopes.join(" ")}"`);
    }
    const message = isSent
      ? "the token is unknown"
      : "a token is required: send `Authorization: Bearer …` or `x-api-key`";
    return refuse(401, message, [...headers, ["www-authenticate", `Bearer ${parts.join(", ")}`]]);
  }

  /** The protected resource metadata of RFC 9728. */
  #metadata(request: Request, authorizationServers: string[]): Response {
    const { resource = this.#originOf(request) + this.#path, scopes } = this.#options;
    const document = {
      resource,
      authorization_servers: authorizationServers,
      bearer_methods_supported: ["header"],
      ...(scopes && { scopes_supported: scopes }),
    };
    return Response.json(document, { headers: { "access-control-allow-origin": "*" } });
  }

  #originOf(request: Request): string {
    return new URL(this.#options.resource ?? request.url).origin;
  }
}

/** The options of a handler without those about HTTP. */
function serverOptions(options: McpHandlerOptions): McpServerOptions & Partial<ToolkitOptions> {
  const { path, secretPath, tokens, sessionTokens, authenticate, allowAnonymous, ...more } = options;
  const { authorizationServers, resource, scopes, allowedOrigins, localOnly, bodyLimit, ...rest } = more;
  return rest;
}

const headerOf = (request: Request, name: string): string | undefined => request.headers.get(name) ?? undefined;

const contextOf = (request: Request): TransportContext => ({
  contentType: headerOf(request, "content-type"),
  accept: headerOf(request, "accept"),
  protocolVersion: headerOf(request, "mcp-protocol-version"),
  method: headerOf(request, "mcp-method"),
  name: headerOf(request, "mcp-name"),
});

/** The headers for a client's selection of tools, by the names of the corresponding URL parameters. */
const SELECTION_HEADERS = {
  toolsets: "x-mcp-toolsets",
  tools: "x-mcp-tools",
  exclude: "x-mcp-exclude-tools",
  readonly: "x-mcp-readonly",
  mode: "x-mcp-mode",
} as const;

/** The selection of a client. */
function selectionWords({ headers }: Request, search: string): SelectionWords {
  const params = new URLSearchParams(search);
  const words = Object.entries(SELECTION_HEADERS).map(([name, header]) => [
    name,
    params.get(name) ?? headers.get(header),
  ]);
  return Object.fromEntries(words.filter(([, text]) => text !== null));
}

/** The body as text; undefined if it is longer than `limit` bytes. */
async function readBody(request: Request, limit: number): Promise<string | undefined> {
  const length = request.headers.get("content-length");
  if (length !== null && Number(length) > limit) return undefined;
  if (!request.body) return "";
  try {
    // A server ends the body at its declared length.
    if (length !== null && Number(length) >= 0) return await request.text();
    return await readStream(request.body, limit);
  } catch {
    throw new Refusal("the body ended early");
  }
}

async function readStream(body: ReadableStream<Uint8Array>, limit: number): Promise<string | undefined> {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const reader = body.getReader();
  let text = "";
  let size = 0;
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

/** Compares in a time that depends only on the length of the given value. */
function equalInConstantTime(given: string, secret: string): boolean {
  let difference = given.length ^ secret.length;
  for (let at = 0; at < given.length; at++) {
    difference |= given.charCodeAt(at) ^ secret.charCodeAt(at % secret.length);
  }
  return difference === 0;
}

/** The response of a reply; notifications have none. */
function respond(reply: McpReply | undefined, pairs: HeaderPairs = []): Response {
  const { status, media, body } = reply ?? { status: 202 };
  const headers: HeaderPairs = media ? [...pairs, ["content-type", media]] : pairs;
  return makeResponse(status, headers, body?.length ? body : null);
}

const makeResponse = (status: number, headers: HeaderPairs, body: BodyInit | null): Response =>
  new Response(body, { status, headers: Object.fromEntries(headers) });

const refuse = (status: number, message: string, headers?: HeaderPairs): Response =>
  respond(callWasm(core.refuseRequest, status, message), headers);

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
