// What a toolkit and a session of one share (the tools they show, how a call runs, hooks), and what a session has
// beside that: its user's connections, and texts from which it can be made again. Whose a connection is and what
// may run is decided in the module.
import { NangoToolkitError } from "./load.js";
import { open, seal } from "./tokens.js";
import { secret, text } from "./texts.js";
import { Run, Transport, pure } from "./transport.js";
import * as core from "./wasm/nango_toolkit.js";

const misuse = (message, hint) => new NangoToolkitError({ kind: "invalid_option", code: "invalid_option", message, hint });

/** Tools that can be listed, searched and run. */
export class Tools {
  #transport;
  /** Functions of the host's around calls; nothing where there are none. */
  #around;
  #id;

  /**
   * @param {object} host key, transport and hooks: functions, and what is no option of the module's
   * @param {object} options plain data, for the module
   * @param {string} [id] of a session
   */
  constructor(host, options, id) {
    const json = text(options);
    pure(() => core.checkOptions(json));
    this.#transport = new Transport(json, host);
    const { beforeCall, afterCall, onSchema, store } = host;
    if (beforeCall || afterCall || onSchema || store) this.#around = { beforeCall, afterCall, onSchema, store };
    this.#id = id;
  }

  /** The tools that may be run, as data. */
  tools(filter = {}) {
    const tools = JSON.parse(pure(() => core.listTools(this.#transport.settings.options, text(filter))));
    const change = this.#around?.onSchema;
    return change ? tools.map((tool) => change(tool) ?? tool) : tools;
  }

  /** Those of them that fit a request in natural language, best first. */
  searchTools(words, options = {}) {
    const { options: own } = this.#transport.settings;
    return JSON.parse(pure(() => core.searchTools(own, String(words), text(options))));
  }

  /** What would be decided of a call, which is not made. */
  explain(slug, args) {
    const { limit, ...explanation } = this.#explained(slug, args);
    return explanation;
  }

  #explained(slug, args) {
    return pure(() => this.#transport.module.explain(String(slug), text(args), Date.now()));
  }

  /**
   * Runs a tool. The promise rejects only on misuse by the programmer; whatever a model asked for and a
   * server answered is in the result.
   */
  execute(slug, args, options) {
    return this.#around ? this.#guarded(String(slug), args, options) : this.#run(slug, args, options);
  }

  #run(slug, args, options) {
    return new Promise((resolve) => {
      const run = new Run(String(slug), resolve, options?.signal);
      let json;
      try {
        json = text(args);
      } catch (cause) {
        return run.fail("invalid_arguments", `the arguments cannot be written as JSON: ${cause.message}`, "give an object of plain JSON values");
      }
      const changes = options ? changed(options) : "";
      if (changes) pure(() => core.checkCallOptions(changes));
      run.start(this.#transport, json, changes);
    });
  }

  /** The same between the host's functions. */
  async #guarded(slug, args, options = {}) {
    const { beforeCall, afterCall, store } = this.#around;
    const started = Date.now();
    let what = "the hook `beforeCall`";
    try {
      if (beforeCall) {
        const given = copied(args);
        args = (await beforeCall(slug, given, { signal: options.signal })) ?? given;
      }
      what = "the store";
      if (store?.revoked && this.#id && (await store.revoked(this.#id))) {
        return this.#failed(slug, started, "denied", "session_revoked", "the session was revoked", "do not try again, tell the user");
      }
      if (store?.increment) options = { ...options, calls: await this.#counted(slug, args, options) };
    } catch (thrown) {
      return this.#failed(slug, started, "internal", "internal", `${what} failed: ${said(thrown)}`, "nothing was sent; whoever runs this toolkit has to repair it");
    }
    const result = await this.#run(slug, args, options);
    if (!afterCall) return result;
    try {
      const changed = (await afterCall(slug, result)) ?? result;
      if (typeof changed.successful !== "boolean") throw new TypeError("it returned no result");
      return changed;
    } catch (thrown) {
      const error = { kind: "internal", code: "internal", message: `the hook \`afterCall\` failed: ${said(thrown)}`, retryable: false, hint: "the call itself ran: look at the state before it is repeated" };
      return { successful: false, data: null, error, meta: result.meta };
    }
  }

  /** How often the tool ran before, by the store; only where that is bounded and the call may run. */
  async #counted(slug, args, options) {
    const { decision, error, tool, limit } = this.#explained(slug, args);
    const later = decision === "confirm" && !options.confirm && !this.#transport.settings.onApproval;
    if (limit === undefined || error || later) return undefined;
    const calls = await this.#around.store.increment(`${this.#id ?? "toolkit"}:${tool}`);
    if (!Number.isInteger(calls) || calls < 1) throw new TypeError("`increment` returned no whole number above 0");
    return calls - 1;
  }

  /** A call that ends before the module hears of it; whoever listens does. */
  #failed(tool, started, kind, code, message, hint) {
    const [call_id, now] = [secret("call_").slice(0, 21), Date.now()];
    const error = { kind, code, message, retryable: false, hint };
    const base = { call_id, tool, ...this.who };
    this.#transport.emit({ type: "call.started", at: started, ...base });
    this.#transport.emit({ type: "call.finished", at: now, ...base, successful: false, error, attempts: 0, duration_ms: now - started });
    return { successful: false, data: null, error, meta: { tool, call_id, attempts: 0, duration_ms: now - started } };
  }
}

/** What a hook may change without changing what it was given. */
function copied(args) {
  try {
    return JSON.parse(text(args));
  } catch {
    return args;
  }
}

/** What was thrown, short and on one line. */
const said = (thrown) => String(thrown?.message ?? thrown).replace(/[\u0000-\u001f\u007f-\u009f]+/g, " ").slice(0, 300);

/** One user's view of a toolkit. */
export class Session extends Tools {
  #host;
  #options;
  #operator;
  /** For integrations that a link was made for, the connections there were before. */
  #before = new Map();

  /** @param {object} host see Tools @param {object} options of the toolkit @param {object} session of the session */
  constructor(host, options, session) {
    super(host, { ...options, session }, session.id);
    this.#host = host;
    this.#options = options;
    /** What the session was made from. */
    this.options = Object.freeze(structuredClone(session));
    this.id = session.id;
    this.user = session.user;
    this.organization = session.organization;
  }

  /** On whose behalf events say it happened. */
  get who() {
    const { id, user, organization, agent } = this.options;
    return { session: id, user, ...(organization !== undefined && { organization }), ...(agent !== undefined && { agent }) };
  }

  /** The user's connections, of one integration or of all. */
  async connections(integration, { signal } = {}) {
    const [all, limit] = [[], 200];
    for (let page = 0; ; page++) {
      const args = { limit, page, ...(integration !== undefined && { integration_id: [integration] }) };
      const { connections } = await this.#own("NANGO_CONNECTION_LIST_GET", args, { signal });
      all.push(...connections);
      // A page is full by what the server counts, of which some may be another's.
      if (connections.length === 0 || connections.length < limit) return all;
    }
  }

  /** A link by which the user connects an account of an integration, or with `connectionId` authorises one anew. */
  async connect(integration, { connectionId, signal } = {}) {
    const before = new Set((await this.connections(integration, { signal })).map((one) => one.connection_id));
    const { data } = connectionId === undefined
      ? await this.#own("NANGO_CREATE_CONNECT_SESSION", { allowed_integrations: [integration] }, { signal, revealSecrets: true })
      : await this.#own("NANGO_RECONNECT_SESSION_POST", { connection_id: connectionId, integration_id: integration }, { signal, revealSecrets: true });
    if (connectionId === undefined) this.#before.set(integration, before);
    return { link: data.connect_link, token: data.token, expiresAt: data.expires_at };
  }

  /** The user's connection of an integration, once there is one that was not there when its link was made. */
  async waitForConnection(integration, { timeoutMs = 10 * 60_000, intervalMs = 2000, signal } = {}) {
    const deadline = Date.now() + timeoutMs;
    const before = this.#before.get(integration);
    for (;;) {
      signal?.throwIfAborted();
      const found = (await this.connections(integration, { signal })).find((one) => !before?.has(one.connection_id));
      if (found) return found;
      const rest = deadline - Date.now();
      if (rest <= 0) throw new NangoToolkitError({ code: "timeout", kind: "timeout", message: `no connection of \`${integration}\` came within ${timeoutMs} ms`, hint: "the link is good for 30 minutes: wait again, or make another" });
      await pause(Math.min(intervalMs, rest), signal);
    }
  }

  /** A signed text from which `sessionFromToken` makes this session again, until it expires. */
  token({ key = this.#host.sessionKey, expiresIn = 3600 } = {}) {
    return seal({ sub: this.user, jti: this.id, env: this.#host.environment, session: this.options }, key, expiresIn);
  }

  /** What an MCP client needs to act as this session: `{ url, headers }`, with a token good for an hour. */
  get mcp() {
    const url = this.#host.mcpBaseUrl;
    if (url === undefined) throw misuse("there is no MCP server to point to", "give the toolkit's option `mcpBaseUrl`: where `createMcpHandler` answers");
    return this.token().then((token) => ({ url, headers: { Authorization: `Bearer ${token}` } }));
  }

  /** A call of the operator's own for this user: policies and selections are for agents. */
  async #own(slug, args, options) {
    if (!this.#operator) {
      const { policy, modify, schema, ...rest } = this.#options;
      const { id, user, organization, tags } = this.options;
      const { beforeCall, afterCall, onSchema, store, ...host } = this.#host;
      this.#operator = new Tools({ ...host, store: store?.revoked && { revoked: (id) => store.revoked(id) } }, { ...rest, session: { id, user, organization, tags } }, id);
    }
    const result = await this.#operator.execute(slug, args, options);
    if (!result.successful) throw new NangoToolkitError(result.error);
    return result.data;
  }
}

/** How many sessions of tokens are remembered. */
const MOST_OPENED = 1000;

/** Sessions made from tokens, by what they are: what one has counted and asked for is not forgotten at its next request. */
export class Opened {
  #sessions = new Map();

  /** The session that a token stands for. The token is verified each time. */
  async get(token, key, make) {
    const { jti, env, session } = await open(token, key);
    const id = JSON.stringify([jti, env, session]);
    const found = this.#sessions.get(id) ?? make({ ...session, id: jti, environment: env });
    this.#sessions.delete(id);
    this.#sessions.set(id, found);
    if (this.#sessions.size > MOST_OPENED) this.#sessions.delete(this.#sessions.keys().next().value);
    return found;
  }
}

/** What a call's own options change, as JSON text. */
function changed({ signal, ...overrides }) {
  return Object.keys(overrides).length > 0 ? text(overrides) : "";
}

function pause(ms, signal) {
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", end);
      resolve();
    }, ms);
    signal?.addEventListener("abort", end, { once: true });
  });
}
