// The toolkit: its key, the host's functions, and its environments. Its state is plain data and functions.
import * as core from "./core.js";
import { BASE_URL } from "./emulator-fetch.js";
import { checkObject, checkTypes, invalidOption } from "./errors.js";
import { callWasm } from "./recovery.js";
import { optionsJson } from "./serialization.js";
import { Session, SessionCache, type SessionHost } from "./session.js";
import { checkSessionKey } from "./tokens.js";
import { Tools } from "./tools.js";
import type {
  ApiKey,
  Environment,
  EnvironmentsOptions,
  SessionKey,
  SessionOptions,
  Store,
  ToolkitOptions,
} from "./types/options.js";

const FUNCTIONS = ["fetch", "onEvent", "onApproval", "beforeCall", "afterCall", "onSchema", "onError"] as const;

/** A host without its key. */
type KeylessHost = Omit<SessionHost, "apiKey"> & { apiKey?: ApiKey | undefined };
type Environments = Record<string, Environment> | undefined;
type ModuleOptions = Omit<ToolkitOptions, "apiKey" | keyof KeylessHost | "environments" | "environment">;

/**
 * Runs tools against one Nango environment, or several.
 *
 * @example
 * ```ts
 * import { NangoToolkit } from "nango-toolkit";
 *
 * const nango = new NangoToolkit({
 *   apiKey: process.env.NANGO_SECRET_KEY ?? "",
 *   policy: { default: "allow", rules: [{ then: "deny", effect: "destructive" }] },
 *   onEvent: (event) => console.log(event.type, event.tool),
 * });
 * const { data, error } = await nango.execute("NANGO_LIST_INTEGRATIONS", {});
 * console.log(data?.data.length ?? error);
 * ```
 */
export class NangoToolkit extends Tools {
  /** The environment of its own calls, if it has a name. */
  readonly environment: string | undefined;
  readonly #host: KeylessHost;
  readonly #options: ModuleOptions;
  readonly #environments: Environments;
  readonly #sessions = new SessionCache();

  /**
   * @throws {@link NangoToolkitError} with the code `missing_api_key`, `invalid_secret_key_format`, `invalid_option` or
   * others, if an option is wrong, unknown or missing.
   */
  constructor(options: ToolkitOptions | EnvironmentsOptions) {
    if (options !== undefined) checkObject(options, "an object of options", "`new NangoToolkit({ apiKey })`");
    const { apiKey, environments, environment: given, ...rest } = options ?? {};
    const { fetch = globalThis.fetch, onEvent, onApproval, beforeCall, afterCall, onSchema, store, ...more } = rest;
    const { mcpBaseUrl, sessionKey, onError = console.error, ...own } = more;
    const functions = { fetch, onEvent, onApproval, beforeCall, afterCall, onSchema, onError };
    for (const name of FUNCTIONS) {
      const value: unknown = functions[name];
      if (value !== undefined && typeof value !== "function") throw invalidOption(`\`${name}\` must be a function`);
    }
    checkTypes({ mcpBaseUrl, environment: given }, "string", ["mcpBaseUrl", "environment"]);
    if (environments !== undefined && Object(environments) !== environments) {
      throw invalidOption("`environments` must be an object");
    }
    if (sessionKey !== undefined) checkSessionKey(sessionKey);
    if (store !== undefined) checkStore(store);
    checkOwn(own);
    if (rest.fetch === undefined) refuseEmulator([own, ...Object.values(environments ?? {})]);
    const names = Object.keys(environments ?? {});
    const environment = given ?? (apiKey === undefined && names.length === 1 ? names[0] : undefined);
    const key = Object.hasOwn(options ?? {}, "apiKey") && { apiKey };
    const host: KeylessHost = { ...functions, store, mcpBaseUrl, sessionKey, ...key };
    const [ownHost, ownOptions] = inEnvironment(host, own, environments, environment);
    super(ownHost, ownOptions);
    for (const name of names) inEnvironment(host, own, environments, name);
    this.#host = host;
    this.#options = own;
    this.#environments = environments;
    this.environment = environment;
  }

  /** Whether `sessionFromToken` has a key by default. @internal */
  get hasSessionKey(): boolean {
    return this.#host.sessionKey !== undefined;
  }

  /**
   * One user's view of this toolkit.
   *
   * @throws {@link NangoToolkitError} if an option is wrong, unknown or missing.
   * @example
   * ```ts
   * import { NangoToolkit } from "nango-toolkit";
   *
   * const nango = new NangoToolkit({ apiKey: process.env.NANGO_SECRET_KEY ?? "" });
   * const session = nango.session({ user: "ada", toolsets: ["connections"] });
   * console.log(session.tools().length < nango.tools().length); // true
   * ```
   */
  session(options: SessionOptions): Session {
    if (options !== undefined) checkObject(options, "an object", '`session({ user: "ada" })`');
    const { environment = this.environment, mcpBaseUrl = this.#host.mcpBaseUrl, ...own } = options ?? {};
    checkTypes({ environment, mcpBaseUrl }, "string", ["environment", "mcpBaseUrl"]);
    const base = { ...this.#host, mcpBaseUrl };
    const [host, toolkitOptions] = inEnvironment(base, this.#options, this.#environments, environment);
    return new Session(host, toolkitOptions, own);
  }

  /**
   * The session of a token from `session.token()`. While it is in use here, the same token gives the same
   * session.
   *
   * @param key the key that signed the token; the option `sessionKey` by default
   * @throws {@link NangoToolkitError} with the code `invalid_token` or `expired_token`.
   * @example
   * ```ts
   * import { NangoToolkit } from "nango-toolkit";
   *
   * const { NANGO_SECRET_KEY: apiKey = "", NANGO_SESSION_KEY: sessionKey } = process.env;
   * const nango = new NangoToolkit({ apiKey, sessionKey });
   * const session = await nango.sessionFromToken(await nango.session({ user: "ada" }).token());
   * console.log(session.user); // ada
   * ```
   */
  sessionFromToken(token: string, key: SessionKey | undefined = this.#host.sessionKey): Promise<Session> {
    return this.#sessions.get(token, key, (options) => this.session(options));
  }
}

/** The host and options of an environment, or of the toolkit's own key. Throws unless there is a key. */
function inEnvironment(
  host: KeylessHost,
  options: ModuleOptions,
  environments: Environments,
  name: string | undefined,
): [SessionHost, ModuleOptions] {
  if (name === undefined) {
    const hint = environments
      ? "name one of `environments` with the option `environment`"
      : `${GIVE_KEY}${Object.hasOwn(host, "apiKey") ? "; is `NANGO_SECRET_KEY` set?" : ""}`;
    return [{ ...host, apiKey: checkKey(host.apiKey, hint) }, options];
  }
  const environment = environments && Object.hasOwn(environments, name) ? environments[name] : undefined;
  if (!environment) {
    const names = Object.keys(environments ?? {}).join(", ");
    const hint = names ? `expected one of ${names}` : "give the option `environments`";
    throw invalidOption(`there is no environment \`${name}\``, hint);
  }
  const { apiKey, baseUrl, allowInsecureHttp, ...unknown } = environment;
  const [wrong] = Object.keys(unknown);
  if (wrong !== undefined) {
    const hint = "expected apiKey, baseUrl or allowInsecureHttp";
    throw invalidOption(`there is no option \`environments.${name}.${wrong}\``, hint);
  }
  const own = {
    ...(baseUrl !== undefined && { baseUrl }),
    ...(allowInsecureHttp !== undefined && { allowInsecureHttp }),
  };
  return [
    { ...host, apiKey: checkKey(apiKey, GIVE_KEY), environment: name },
    { ...options, ...own },
  ];
}

const GIVE_KEY = "give the option `apiKey`: the secret key of a Nango environment, or a function that returns it";

function checkKey(apiKey: ApiKey | undefined, hint: string): ApiKey {
  if (typeof apiKey === "string") callWasm(core.checkKey, apiKey);
  if (typeof apiKey === "string" || typeof apiKey === "function") return apiKey;
  throw invalidOption("there is no API key", hint, "missing_api_key");
}

/** Throws if an option is wrong or unknown: before the check of the key, which may be there under a misspelt name. */
function checkOwn(options: object): void {
  if ("session" in options && options.session !== undefined) {
    throw invalidOption("there is no option `session`", "use `nango.session({ user })`");
  }
  callWasm(core.checkOptions, optionsJson(options));
}

/** Throws if one of these leads to the emulator, which only its own `fetch` reaches. */
function refuseEmulator(settings: ({ baseUrl?: unknown } | undefined)[]): void {
  const urls = settings.map((one) => one?.baseUrl);
  if (!urls.some((url) => (typeof url === "string" || url instanceof URL) && String(url).startsWith(BASE_URL))) return;
  throw invalidOption("`baseUrl` is the in-memory Nango's", "pass `fetch` of `createEmulator()` as well");
}

function checkStore(store: Store): void {
  const functions = [store?.increment, store?.revoked].filter((value) => value !== undefined);
  if (functions.length === 0 || functions.some((value) => typeof value !== "function")) {
    throw invalidOption("`store` must have the functions `increment`, `revoked`, or both");
  }
}
