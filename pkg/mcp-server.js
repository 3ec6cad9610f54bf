// The MCP server without a transport: what runs the tools that the module asks for. What a message means, which tools
// a caller sees and how results are given out is decided in the module; calls go to the toolkit's `execute`.
import { searchTools } from "./index.js";
import { NangoToolkitError } from "./load.js";
import { Handle, pure } from "./transport.js";
import * as core from "./wasm/nango_toolkit.js";

const misuse = (message, hint) => new NangoToolkitError({ code: "invalid_option", kind: "invalid_option", message, hint });
const isRunner = (value) => typeof value?.execute === "function" && typeof value?.tools === "function";

/** The result of a call that this side could not make. */
const FAILED = {
  successful: false,
  data: null,
  error: {
    kind: "internal",
    code: "internal",
    message: "the server could not make this call",
    retryable: false,
    hint: "tell the user; the operator of the server finds the cause in its log",
  },
  meta: {},
};

/** How many views are kept: callers choose among selections. */
const MOST_VIEWS = 32;
/** How many hits a search for tools may have before those are taken that the caller sees. */
const MOST_HITS = 100;

/** Answers messages. */
export class McpServer {
  #toolkit;
  #module;
  #extraTools;
  #onError;
  /** For each toolkit or session, its tools as JSON text, and by what was asked for the key of its view. */
  #sources = new WeakMap();
  /** Views by what they show: sessions with the same tools share one. */
  #views = new Map();

  /** @param {object} given `toolkit`, `extraTools`, `onError`, and the options that `Server::from_json` reads in the module */
  constructor({ toolkit, extraTools = [], onError = console.error, ...options }) {
    core.mustBeReady();
    if (!isRunner(toolkit)) throw misuse("`toolkit` must be a NangoToolkit or a session", "or give `apiKey`, and what else a NangoToolkit takes");
    if (!Array.isArray(extraTools) || extraTools.some((tool) => typeof tool?.run !== "function")) throw misuse("`extraTools` must be an array of tools, each with a function `run`");
    this.#toolkit = toolkit;
    this.#extraTools = new Map(extraTools.map((tool) => [tool.name, tool]));
    this.#onError = onError;
    const json = JSON.stringify({ ...options, extraTools: extraTools.map(({ run, ...definition }) => definition) });
    const { tools } = this.#sourceOf(toolkit);
    this.#module = new Handle(() => new core.McpServer(json, tools));
    this.#module.value; // what is wrong with the options shows at once
  }

  /**
   * Who a caller is to the tools: the toolkit itself for `true`, a toolkit or session as it is, otherwise a
   * session of those options.
   */
  source(caller) {
    if (caller === true) return this.#toolkit;
    if (isRunner(caller)) return caller;
    checkCaller(caller, "the caller");
    if (typeof this.#toolkit.session !== "function") throw misuse("a caller was given as session options, and this toolkit has no sessions", "give `true`, or an object with `tools` and `execute`");
    return this.#toolkit.session(caller);
  }

  /**
   * What a caller sees: the operator's selection, narrowed by the caller's own. Throws if that names what is not there.
   * @param {object} source a toolkit or session
   * @param {{ toolsets?: string, tools?: string, exclude?: string, readonly?: string, mode?: string }} [words]
   */
  view(source, words = {}) {
    const { tools, keys } = this.#sourceOf(source);
    const asked = JSON.stringify(words);
    const key = keys.get(asked) ?? `${asked}\n${tools}`;
    let module = this.#views.get(key);
    if (!module) {
      module = new Handle(() => this.#module.value.view(tools, asked));
      module.value; // what is wrong with the words shows at once
    }
    keep(keys, asked, key);
    keep(this.#views, key, module)?.free();
    return { source, module };
  }

  #sourceOf(source) {
    let found = this.#sources.get(source);
    if (!found) this.#sources.set(source, (found = { tools: JSON.stringify(source.tools()), keys: new Map() }));
    return found;
  }

  /**
   * Answers one message, or nothing if no answer is expected.
   * @param {object} context what the transport knows: see `TransportContext` in the module
   * @param {string} body
   * @param {ReturnType<McpServer["view"]>} view
   * @param {AbortSignal} [signal] ends the calls
   * @param {Map<string, AbortController>} [running] calls that a notification may cancel, by id
   * @returns {Promise<{ status: number, media: string, body: Uint8Array } | undefined>}
   */
  async answer(context, body, view, signal, running) {
    const step = pure(() => view.module.value.read(JSON.stringify(context), body));
    switch (step.kind) {
      case "reply":
        return step.reply;
      case "notification":
        return void running?.get(step.cancels)?.abort();
      case "batch": {
        const inBatch = { ...context, batched: true };
        const replies = await Promise.all(step.messages.map((message) => this.answer(inBatch, message, view, signal, running)));
        const bodies = replies.filter(Boolean).map((reply) => reply.body);
        return pure(() => core.gatherReplies(bodies, step.eventStream));
      }
      case "search": {
        const names = this.#search(view.source, step.query);
        return pure(() => view.module.value.found(step.request, names, step.limit));
      }
      default:
        return this.#call(step, view, signal, running);
    }
  }

  async #call(step, view, signal, running) {
    let aborter;
    if (running) {
      running.set(step.id, (aborter = new AbortController()));
      signal = aborter.signal;
    }
    let outcome;
    try {
      outcome = JSON.stringify(await this.#run(step, view.source, signal)) ?? "null";
    } catch (error) {
      this.#onError(error);
      outcome = JSON.stringify(FAILED);
    } finally {
      if (running?.get(step.id) === aborter) running?.delete(step.id);
    }
    if (aborter?.signal.aborted) return undefined;
    return pure(() => view.module.value.finish(step.request, step.name, outcome));
  }

  #run({ extra, name, arguments: args, confirm, params }, source, signal) {
    if (extra) return this.#extraTools.get(name).run(JSON.parse(args), { name, params, signal });
    const options = {};
    if (signal) options.signal = signal;
    if (confirm) options.confirm = confirm;
    return source.execute(name, args, options);
  }

  /** The names of the tools that fit a request, best first. */
  #search(source, query) {
    const hits = source.searchTools?.(query, { limit: MOST_HITS }) ?? searchTools(query, { limit: MOST_HITS });
    return hits.map((hit) => hit.slug);
  }
}

/** Puts a value last into a map that holds a few; returns what had to make room, the one not used for longest. */
function keep(map, key, value) {
  map.delete(key);
  map.set(key, value);
  if (map.size <= MOST_VIEWS) return undefined;
  const [[oldest, unused]] = map;
  map.delete(oldest);
  return unused;
}

/** Throws unless `caller` can be one: `true`, what runs tools, or options of a session. `name` says where it was given. */
export function checkCaller(caller, name) {
  const isPlain = typeof caller === "object" && caller !== null && !Array.isArray(caller);
  if (caller !== true && !isPlain) throw misuse(`${name} is ${caller === null ? "null" : typeof caller}`, "give `true` for the whole toolkit, a toolkit or session, or the options of a session");
  if (isPlain && !isRunner(caller)) refuseNull(caller);
}

/** Throws where a policy or a session is `null`: nothing would be bounded by it. */
export function refuseNull(options) {
  for (const name of ["policy", "session"]) if (options[name] === null) throw misuse(`\`${name}\` is null`, "leave it out, or give what it should be");
}
