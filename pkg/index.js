// What users see of the toolkit. Texts go to the WebAssembly module and JSON texts come back; here are
// only the conversions and the plain-data configuration. What a tool is, what a request looks like and
// what an answer means is decided in the module; calls under way are in transport.js.
import { NangoToolkitError } from "./load.js";
import { Run, Transport, ask } from "./transport.js";

export { NangoToolkitError };

/** Tools as data: slug, title, description, schemas, annotations. */
export const listTools = (filter = {}) => ask("list", "", text(filter));

/** One tool by slug or alias. */
export const getTool = (name) => ask("get", String(name)) ?? undefined;

/** The tools that fit a request in natural language, best first. */
export const searchTools = (words, options = {}) => ask("search", String(words), text(options));

/** All problems of the arguments at once; nothing is sent. */
export const validate = (slug, args, options = {}) => ask("validate", String(slug), text(args), text(options));

/** The request that a call would send, without the key. */
export const buildRequest = (slug, args, options = {}) => ask("build", String(slug), text(args), text(options));

/** The result that an answer is. `slug` may be null for an operation that is no tool. */
export function parseResponse(slug, { status, headers = {}, body = "" }, options = {}) {
  const plain = headers instanceof Headers ? Object.fromEntries(headers) : headers;
  const content = typeof body === "string" ? body : body === null ? "" : JSON.stringify(body);
  return ask("parse", slug === null || slug === undefined ? "" : String(slug), text({ status: Number(status), headers: plain, body: content }), text(options));
}

/** Runs tools against one Nango environment. Everything it knows is plain data and functions. */
export class NangoToolkit {
  #transport;

  constructor(options) {
    const { apiKey, fetch = globalThis.fetch, onEvent, ...rest } = options ?? {};
    if (typeof apiKey === "string") ask("key", apiKey);
    else if (typeof apiKey !== "function") {
      throw new NangoToolkitError({
        code: "missing_api_key",
        message: "there is no API key",
        hint: "give the option `apiKey`: the secret key of a Nango environment (process.env.NANGO_SECRET_KEY), or a function that returns it",
      });
    }
    for (const [name, value] of Object.entries({ fetch, onEvent })) {
      if (value !== undefined && typeof value !== "function") {
        throw new NangoToolkitError({ code: "invalid_option", message: `\`${name}\` must be a function` });
      }
    }
    ask("options", "", "", text(rest));
    this.#transport = new Transport(text(rest), apiKey, fetch, onEvent);
  }

  /** The tools that this toolkit may run, as data. */
  tools(filter = {}) {
    return ask("list", "", text(filter), this.#transport.settings.options);
  }

  /** Those of them that fit a request in natural language, best first. */
  searchTools(words, options = {}) {
    return ask("search", String(words), text(options), this.#transport.settings.options);
  }

  /**
   * Runs a tool. The promise rejects only on misuse by the programmer; whatever a model asked for and a
   * server answered is in the result.
   */
  execute(slug, args, { signal, ...overrides } = {}) {
    return new Promise((resolve) => {
      const run = new Run(String(slug), resolve, signal);
      let json;
      try {
        json = text(args);
      } catch (cause) {
        return run.fail("invalid_arguments", `the arguments cannot be written as JSON: ${cause.message}`, "give an object of plain JSON values");
      }
      const changes = Object.keys(overrides).length > 0 ? text(overrides) : "";
      if (changes) ask("options", "", "", changes);
      run.start(this.#transport, json, changes);
    });
  }
}

/** Arguments as JSON text; a text is taken as JSON already. */
function text(value) {
  if (typeof value === "string") return value;
  return JSON.stringify(value) ?? "null";
}
