// A session: one user's view of a toolkit, its user's connections, and the tokens from which it can be created again.
// Who owns a connection and what may run is decided in the module.
import { NangoToolkitError, checkNumber, checkObject, invalidOption, refuseUnknown } from "./errors.js";
import { randomId } from "./random.js";
import { delay } from "./timers.js";
import { type Link, signSessionToken, verifySessionToken } from "./tokens.js";
import type { ToolArguments, ToolResults } from "./tool-types.js";
import { type Host, InternalTools, type Principal, Tools } from "./tools.js";
import type { SessionKey, SessionOptions, ToolkitSettings } from "./types/options.js";

/** A connection as lists show it. */
export type Connection = ToolResults["NANGO_CONNECTION_LIST_GET"]["connections"][number];

/** A link by which an end user connects an account. */
export interface ConnectLink {
  /** The URL to send the user to. */
  link: string;
  /** The token of the connect session, for Nango's own frontend library. */
  token: string;
  /** When the link expires, as an ISO 8601 date. */
  expiresAt: string;
}

/** What an MCP client needs to act as a session. */
export interface McpConnection {
  /** The URL of the MCP server. */
  url: string;
  /** The headers to send, with a token that is valid for an hour. */
  headers: { Authorization: string };
}

/** What a session has from its toolkit. */
export interface SessionHost extends Host, Pick<ToolkitSettings, "environment" | "mcpBaseUrl" | "sessionKey"> {}

type GivenOptions = Omit<SessionOptions, "environment" | "mcpBaseUrl">;
type OwnOptions = GivenOptions & { id: string };
type ListArguments = ToolArguments["NANGO_CONNECTION_LIST_GET"];

const TOKEN_LIFETIME_MS = 60 * 60_000;
const PAGE_SIZE = 200;
/** How long a link is valid in Nango. */
const LINK_LIFETIME_MS = 30 * 60_000;

/**
 * One user's view of a toolkit, created by `toolkit.session(…)`.
 *
 * The methods for connecting accounts act for you, the operator: policies do not apply to them.
 *
 * @example
 * ```ts
 * import { NangoToolkit } from "nango-toolkit";
 *
 * const nango = new NangoToolkit({ apiKey: process.env.NANGO_SECRET_KEY ?? "" });
 * const session = nango.session({ user: "ada", readOnly: true });
 * const { data } = await session.execute("NANGO_CONNECTION_LIST_GET", {});
 * console.log(data?.connections.every((connection) => connection.end_user?.id === "ada")); // true
 * ```
 */
export class Session extends Tools {
  /** The end user's ID in your own application. */
  readonly user: string;
  /** The organization that connections must belong to, if there is one. */
  readonly organization: string | undefined;
  readonly #givenOptions: GivenOptions;
  #options: Readonly<OwnOptions> | undefined;
  readonly #host: SessionHost;
  readonly #toolkitOptions: ToolkitSettings;
  /** The links, by integration. */
  readonly #links = new Map<string, Link>();

  /** @internal */
  constructor(host: SessionHost, toolkitOptions: ToolkitSettings, options: GivenOptions) {
    super(host, { ...toolkitOptions, session: options });
    this.#host = host;
    this.#toolkitOptions = toolkitOptions;
    this.#givenOptions = structuredClone(options);
    this.user = options.user;
    this.organization = options.organization;
  }

  /** The options of the session. */
  get options(): Readonly<OwnOptions> {
    // The ID is drawn now and not earlier: there are no random values at the top level of a Worker.
    this.#options ??= Object.freeze({ ...this.#givenOptions, id: this.#givenOptions.id ?? randomId("session_") });
    return this.#options;
  }

  /** The ID of the session in events and in the store. */
  get id(): string {
    return this.options.id;
  }

  protected override get sessionId(): string {
    return this.id;
  }

  /** The user and agent of its calls. */
  protected override get principal(): Principal {
    const { id, user, organization, agent } = this.options;
    return {
      session: id,
      user,
      ...(organization !== undefined && { organization }),
      ...(agent !== undefined && { agent }),
    };
  }

  /**
   * The user's connections, of one integration or of all.
   *
   * @throws {@link NangoToolkitError} with the error of the call that lists them.
   * @example
   * ```ts
   * import { NangoToolkit } from "nango-toolkit";
   *
   * const session = new NangoToolkit({ apiKey: process.env.NANGO_SECRET_KEY ?? "" }).session({ user: "ada" });
   * for (const { connection_id, provider } of await session.connections()) console.log(connection_id, provider);
   * ```
   */
  async connections(
    integration?: string,
    { signal }: { signal?: AbortSignal | undefined } = {},
  ): Promise<Connection[]> {
    const filter = integration === undefined ? {} : { integration_id: [integration] };
    const args: ListArguments = { limit: PAGE_SIZE, ...filter };
    const all: Connection[] = [];
    for await (const one of this.internalTools.paginate("NANGO_CONNECTION_LIST_GET", args, { signal })) all.push(one);
    return all;
  }

  /**
   * A link, valid for 30 minutes, by which the user connects an account of an integration. With `connectionId` the user
   * authorizes that connection again.
   *
   * @throws {@link NangoToolkitError} with the error of the call that makes the link.
   * @example
   * ```ts
   * import { NangoToolkit } from "nango-toolkit";
   *
   * const session = new NangoToolkit({ apiKey: process.env.NANGO_SECRET_KEY ?? "" }).session({ user: "ada" });
   * const { link, expiresAt } = await session.connect("hubspot");
   * console.log(`Open ${link} before ${expiresAt}`);
   * ```
   */
  async connect(
    integration: string,
    { connectionId, signal }: { connectionId?: string | undefined; signal?: AbortSignal | undefined } = {},
  ): Promise<ConnectLink> {
    const options = { signal, revealSecrets: true };
    if (connectionId !== undefined) {
      const changed = await this.#changedAt(integration, connectionId, signal);
      const args = { connection_id: connectionId, integration_id: integration };
      const { data } = await this.lookUp("NANGO_RECONNECT_SESSION_POST", args, options);
      const expires = Date.parse(data.expires_at);
      this.#links.set(integration, { after: changed ?? expires - LINK_LIFETIME_MS, ids: [], expires, connectionId });
      return linkOf(data);
    }
    const existing = await this.connections(integration, { signal });
    const args = { allowed_integrations: [integration] };
    const { data } = await this.lookUp("NANGO_CREATE_CONNECT_SESSION", args, options);
    this.#links.set(integration, { ...newestOf(existing), expires: Date.parse(data.expires_at) });
    return linkOf(data);
  }

  /**
   * The user's connection of an integration, as soon as there is one that is newer than its last link, or that was
   * authorized again since a link for that. A token that was created after the link passes this on to another instance.
   * Without a link, any connection counts.
   *
   * @param integration the unique key of the integration
   * @param options how to wait
   * @param options.timeoutMs how long to wait, in milliseconds; 10 minutes by default
   * @param options.intervalMs how long to wait between two look-ups, in milliseconds; 2 seconds by default
   * @throws {@link NangoToolkitError} with the kind `timeout`, or with the error of the call that lists connections;
   * and the signal's reason if it is aborted.
   * @example
   * ```ts
   * import { NangoToolkit } from "nango-toolkit";
   *
   * const session = new NangoToolkit({ apiKey: process.env.NANGO_SECRET_KEY ?? "" }).session({ user: "ada" });
   * const connection = await session.waitForConnection("hubspot", { timeoutMs: 60_000 });
   * console.log(connection.connection_id);
   * ```
   */
  async waitForConnection(
    integration: string,
    {
      timeoutMs = 10 * 60_000,
      intervalMs = 2000,
      signal,
    }: { timeoutMs?: number | undefined; intervalMs?: number | undefined; signal?: AbortSignal | undefined } = {},
  ): Promise<Connection> {
    checkNumber("timeoutMs", timeoutMs, 0);
    checkNumber("intervalMs", intervalMs, 0);
    const deadline = Date.now() + timeoutMs;
    const link = this.#links.get(integration);
    for (;;) {
      signal?.throwIfAborted();
      const connections = await this.connections(integration, { signal });
      const found = link?.connectionId === undefined ? connections.find((one) => isNew(one, link)) : undefined;
      const renewed = link?.connectionId !== undefined && (await this.#isRenewed(integration, link, signal));
      const result = renewed ? connections.find((one) => one.connection_id === link.connectionId) : found;
      if (result) return result;
      const left = deadline - Date.now();
      if (left <= 0) {
        const message = `no connection of \`${integration}\` was made within ${timeoutMs} ms`;
        const hint = "the link is valid for 30 minutes: wait again, or create another one";
        throw new NangoToolkitError({ kind: "timeout", message, hint });
      }
      await delay(Math.min(intervalMs, left), signal);
    }
  }

  /**
   * A signed token from which `toolkit.sessionFromToken` creates this session again. It is valid until it expires,
   * unless `store.revoked` says otherwise.
   *
   * @param options how the token is signed, and how long it is valid
   * @param options.key signs the token; the toolkit's `sessionKey` by default
   * @param options.expiresInMs how long the token is valid, in milliseconds; an hour by default
   * @throws {@link NangoToolkitError} with the code `invalid_option` if there is no key, or it is too short.
   * @example
   * ```ts
   * import { NangoToolkit } from "nango-toolkit";
   *
   * const { NANGO_SECRET_KEY: apiKey = "", NANGO_SESSION_KEY: sessionKey } = process.env;
   * const nango = new NangoToolkit({ apiKey, sessionKey });
   * const token = await nango.session({ user: "ada" }).token({ expiresInMs: 10 * 60_000 });
   * console.log((await nango.sessionFromToken(token)).user); // ada
   * ```
   */
  async token(options: { key?: SessionKey | undefined; expiresInMs?: number | undefined } = {}): Promise<string> {
    checkObject(options, "an object of options", "`session.token({ expiresInMs: 600_000 })`");
    const { key = this.#host.sessionKey, expiresInMs = TOKEN_LIFETIME_MS, ...unknown } = options;
    refuseUnknown(unknown, "the options are `key` and `expiresInMs`");
    const links = this.#links.size > 0 ? { links: Object.fromEntries(this.#links) } : {};
    const claims = { sub: this.user, jti: this.id, env: this.#host.environment, session: this.options, ...links };
    return await signSessionToken(claims, key, expiresInMs);
  }

  /**
   * What an MCP client needs to act as this session. It requires the options `mcpBaseUrl` and `sessionKey`.
   *
   * @throws {@link NangoToolkitError} with the code `invalid_option` if one of them is missing.
   * @example
   * ```ts
   * import { NangoToolkit } from "nango-toolkit";
   *
   * const nango = new NangoToolkit({
   *   apiKey: process.env.NANGO_SECRET_KEY ?? "",
   *   sessionKey: process.env.NANGO_SESSION_KEY,
   *   mcpBaseUrl: "https://mcp.example.com/mcp",
   * });
   * const { url, headers } = await nango.session({ user: "ada" }).mcp();
   * console.log(url, headers.Authorization.startsWith("Bearer ")); // https://mcp.example.com/mcp true
   * ```
   */
  async mcp(): Promise<McpConnection> {
    const url = this.#host.mcpBaseUrl;
    if (url === undefined) {
      const hint = "give the toolkit's option `mcpBaseUrl`: the URL at which `createMcpHandler` answers";
      throw invalidOption("there is no MCP server to point to", hint);
    }
    return { url, headers: { Authorization: `Bearer ${await this.token()}` } };
  }

  /** Adds the links of another instance, from a token. @internal */
  takeLinks(links: Record<string, Link> | undefined): void {
    for (const [integration, link] of Object.entries(links ?? {})) {
      const known = this.#links.get(integration);
      if (!known || known.expires <= link.expires) this.#links.set(integration, link);
    }
  }

  /** Whether the connection of a link was authorized again since then. */
  async #isRenewed(integration: string, link: Link, signal: AbortSignal | undefined): Promise<boolean> {
    const changed = await this.#changedAt(integration, link.connectionId ?? "", signal);
    return changed !== undefined && changed > link.after;
  }

  /** When a connection was last changed; undefined while its credentials do not work. */
  async #changedAt(
    integration: string,
    connectionId: string,
    signal: AbortSignal | undefined,
  ): Promise<number | undefined> {
    const args = { connection_id: connectionId, provider_config_key: integration };
    try {
      const { updated_at } = await this.lookUp("NANGO_GET_CONNECTION", args, { signal });
      return Date.parse(updated_at);
    } catch (error) {
      // It exists, but Nango could not refresh its credentials: 424, or the status of the provider.
      if (error instanceof NangoToolkitError && error.code === "invalid_credentials") return undefined;
      throw error;
    }
  }

  /** The tools as the operator uses them for this user: policies and selections apply only to agents. */
  protected override makeInternalTools(): Tools {
    const { policy: _policy, modify: _modify, schema: _schema, ...options } = this.#toolkitOptions;
    const { id, user, organization, tags } = this.options;
    const { beforeCall: _before, afterCall: _after, onSchema: _onSchema, store, ...host } = this.#host;
    // The operator's calls count against no limit.
    const revoked = store?.revoked && { revoked: (sessionId: string) => store.revoked?.(sessionId) ?? false };
    return new InternalTools({ ...host, store: revoked }, { ...options, session: { user, organization, tags } }, id);
  }
}

/** The creation time of a connection; 0 if it cannot be read. */
const createdAt = ({ created }: Connection): number => Date.parse(created) || 0;

/** The time of the newest of these connections, and those of that time. */
function newestOf(existing: Connection[]): Pick<Link, "after" | "ids"> {
  const after = existing.map(createdAt).reduce((newest, time) => Math.max(newest, time), 0);
  const ofThatTime = existing.filter((connection) => createdAt(connection) === after);
  return { after, ids: ofThatTime.map((connection) => connection.connection_id) };
}

/** Whether a connection is newer than a link. */
function isNew(connection: Connection, link: Link | undefined): boolean {
  if (!link) return true;
  const created = createdAt(connection);
  return created > link.after || (created === link.after && !link.ids.includes(connection.connection_id));
}

const linkOf = (data: { connect_link: string; token: string; expires_at: string }): ConnectLink => ({
  link: data.connect_link,
  token: data.token,
  expiresAt: data.expires_at,
});

/** How many sessions a cache holds. */
const MAX_SESSIONS = 1000;

/** Sessions created from tokens, so that their counts and look-ups are kept for the next request. */
export class SessionCache {
  readonly #sessions = new Map<string, Session>();

  /** The session of a token. The token is verified each time. */
  async get(token: string, key: SessionKey | undefined, make: (options: SessionOptions) => Session): Promise<Session> {
    const { jti, env, session, links } = await verifySessionToken(token, key);
    const id = JSON.stringify([jti, env, session]);
    const found = this.#sessions.get(id) ?? make({ ...session, id: jti, environment: env });
    found.takeLinks(links);
    this.#sessions.delete(id);
    this.#sessions.set(id, found);
    const [oldest] = this.#sessions.keys();
    if (this.#sessions.size > MAX_SESSIONS && oldest !== undefined) this.#sessions.delete(oldest);
    return found;
  }
}
