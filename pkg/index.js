// What users see of the toolkit. Texts go to the WebAssembly module and JSON texts come back; here are
// only the conversions and the plain-data configuration. What a tool is, what a request looks like and
// what an answer means is decided in the module; calls under way are in transport.js.
import { NangoToolkitError } from "./load.js";
import { Opened, Session, Tools } from "./session.js";
import { secret, text } from "./texts.js";
import { pure } from "./transport.js";
import * as core from "./wasm/nango_toolkit.js";

export { NangoToolkitError, Session };

/** Tools as data: slug, title, description, schemas, annotations. */
export const listTools = (filter = {}) => JSON.parse(pure(() => core.listTools("{}", text(filter))));

/** One tool by slug or alias. */
export function getTool(name) {
  const tool = pure(() => core.getTool(String(name)));
  return tool === undefined ? undefined : JSON.parse(tool);
}

/** The tools that fit a request in natural language, best first. */
export const searchTools = (words, options = {}) =>
  JSON.parse(pure(() => core.searchTools("{}", String(words), text(options))));

/** All problems of the arguments at once; nothing is sent. */
export const validate = (slug, args, options = {}) =>
  pure(() => core.validate(text(options), String(slug), text(args)));

/** The request that a call would send, without the key. */
export const buildRequest = (slug, args, options = {}) =>
  JSON.parse(pure(() => core.buildRequest(text(options), String(slug), text(args))));

/** The result that an answer is. `slug` may be null for an operation that is no tool. */
export function parseResponse(slug, { status, headers = {}, body = "" }, options = {}) {
  const pairs = headers instanceof Headers ? [...headers] : Object.entries(headers);
  const texts = pairs.filter(([, value]) => typeof value === "string").flat();
  const content = typeof body === "string" ? body : body === null ? "" : JSON.stringify(body);
  const tool = slug === null || slug === undefined ? undefined : String(slug);
  return JSON.parse(pure(() => core.parseResponse(text(options), tool, Number(status), texts, content)));
}

/** Statistics over the calls that events tell of, in bounded memory; see `Stats` in the module. */
export function statistics(events) {
  const counted = pure(() => new core.Statistics());
  try {
    for (const { type, tool, session, error, duration_ms } of events) {
      if (type !== "call.finished") continue;
      const name = error?.kind === "unknown_tool" ? "unknown" : tool;
      pure(() => counted.add(String(name), session ?? "", error?.code, Number(duration_ms)));
    }
    return pure(() => counted.summary());
  } finally {
    counted.free();
  }
}

const FUNCTIONS = ["fetch", "onEvent", "onApproval", "beforeCall", "afterCall", "onSchema"];
const misuse = (message, hint, code = "invalid_option") => new NangoToolkitError({ kind: "invalid_option", code, message, hint });

/** Runs tools against one Nango environment. Everything it knows is plain data and functions. */
export class NangoToolkit extends Tools {
  #host;
  #options;
  #environments;
  #opened = new Opened();

  constructor(given) {
    const { apiKey, fetch = globalThis.fetch, onEvent, onApproval, beforeCall, afterCall, onSchema, store, environments, environment, mcpBaseUrl, sessionKey, ...options } = given ?? {};
    const functions = { fetch, onEvent, onApproval, beforeCall, afterCall, onSchema };
    for (const name of FUNCTIONS) if (functions[name] !== undefined && typeof functions[name] !== "function") throw misuse(`\`${name}\` must be a function`);
    if (store !== undefined) checkStore(store);
    const names = Object.keys(environments ?? {});
    const own = environment ?? (apiKey === undefined && names.length === 1 ? names[0] : undefined);
    const host = { ...functions, store, mcpBaseUrl, sessionKey };
    const [whole, rest] = placed({ ...host, apiKey }, options, environments, own);
    super(whole, rest);
    for (const name of names) placed(host, options, environments, name);
    this.#host = { ...host, apiKey };
    this.#options = options;
    this.#environments = environments;
    this.environment = own;
  }

  /** One user's view of this toolkit. */
  session({ environment = this.environment, mcpBaseUrl = this.#host.mcpBaseUrl, ...session } = {}) {
    const [host, options] = placed({ ...this.#host, mcpBaseUrl }, this.#options, this.#environments, environment);
    return new Session(host, options, { ...session, id: session.id ?? secret("session_") });
  }

  /** The session that a token of `session.token` stands for; while it is in use here, the same one. */
  sessionFromToken(token, key = this.#host.sessionKey) {
    return this.#opened.get(token, key, (options) => this.session(options));
  }
}

/** Key and place of an environment, and that the key can be one. */
function placed(host, options, environments, name) {
  if (name === undefined) return [{ ...host, apiKey: checkKey(host.apiKey, environments) }, options];
  if (!Object.hasOwn(environments ?? {}, name)) throw misuse(`there is no environment \`${name}\``, `there are ${Object.keys(environments ?? {}).join(", ") || "none: give the option `environments`"}`);
  const { apiKey, ...own } = environments[name];
  const wrong = Object.keys(own).find((key) => !["baseUrl", "allowInsecureHttp"].includes(key));
  if (wrong) throw misuse(`there is no option \`environments.${name}.${wrong}\``, "there are apiKey, baseUrl, allowInsecureHttp");
  return [{ ...host, apiKey: checkKey(apiKey), environment: name }, { ...options, ...own }];
}

function checkKey(apiKey, environments) {
  if (typeof apiKey === "string") pure(() => core.checkKey(apiKey));
  else if (typeof apiKey !== "function") {
    const hint = environments ? "name one of `environments` with the option `environment`" : "give the option `apiKey`: the secret key of a Nango environment (process.env.NANGO_SECRET_KEY), or a function that returns it";
    throw misuse("there is no API key", hint, "missing_api_key");
  }
  return apiKey;
}

function checkStore(store) {
  const has = (name) => typeof store?.[name] === "function";
  const wrong = ["increment", "revoked"].find((name) => store?.[name] !== undefined && !has(name));
  if (wrong || !(has("increment") || has("revoked"))) throw misuse("`store` must have the functions `increment`, `revoked`, or both");
}
