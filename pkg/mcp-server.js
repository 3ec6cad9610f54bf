// The MCP server without a transport: which tools a caller sees, how a message is answered. What a message
// means is decided in a WebAssembly module of its own, which knows no tool and keeps nothing; here its steps are
// driven, calls go to the toolkit's `execute`, and what never crosses (lists of tools, results) is put into the
// holes of replies.
import { searchTools } from "./index.js";
import { NangoToolkitError } from "./load.js";
import { pure } from "./transport.js";
import { again, mcp, mustBeReady } from "./wasm/nango_mcp.js";

/** What tells a model how the tools fit together; the same text stands in src/mcp.rs, for Rust. */
const INSTRUCTIONS =
  "Nango keeps the authorisation of end users' accounts at 800+ APIs. An integration is a configured API (its unique_key is the provider_config_key elsewhere); a connection is one end user's account at an integration. Names are exact: list them (NANGO_LIST_INTEGRATIONS, NANGO_CONNECTION_LIST_GET, NANGO_PROVIDERS_LIST_GET, NANGO_SCRIPTS_CONFIG_GET) before you use them. To call an API, find the connection, then use the proxy tools or a deployed action. Without a connection, NANGO_CREATE_CONNECT_SESSION gives a link for the end user; a broken one is repaired with NANGO_RECONNECT_SESSION_POST. Secrets in results are masked on purpose. When a result is an error, read its issues and hint, mend the arguments, and call again; do not repeat an unchanged call unless it says so.";

/** The package's version, as `initialize` tells it; a test holds it against package.json. */
export const VERSION = "0.1.0";

/** A step of the protocol, see `src/mcp/js.rs`. */
export const protocol = (what, facts = "", body = "") => pure(() => mcp(what, facts, body), mustBeReady, again);

const misuse = (message, hint) => new NangoToolkitError({ kind: "invalid_option", code: "invalid_option", message, hint });
const isRunner = (value) => typeof value?.execute === "function" && typeof value?.tools === "function";
const encoder = new TextEncoder();
const failure = (kind, message, hint) => ({ successful: false, data: null, error: { kind, code: kind, message, retryable: false, hint }, meta: {} });
const success = (data) => ({ successful: true, data, error: null, meta: {} });

/** Answers messages. */
export class McpServer {
  #toolkit;
  #info;
  #instructions;
  #most;
  #confirm;
  #options;
  #onError;
  /** For each toolkit or session, its views by selection. */
  #views = new WeakMap();

  constructor({ toolkit, name = "nango", title = "Nango", version = VERSION, instructions, maxResultBytes = 80_000, confirm = "client", mode = "tools", toolsets, tools, exclude, readOnly = false, extraTools = [], onError = console.error }) {
    mustBeReady();
    if (!isRunner(toolkit)) throw misuse("`toolkit` must be a NangoToolkit or a session", "or give `apiKey`, and what else a NangoToolkit takes");
    if (!["client", "model"].includes(confirm)) throw misuse(`\`confirm\` is \`${confirm}\``, "there are `client` and `model`");
    if (!["tools", "search"].includes(mode)) throw misuse(`\`mode\` is \`${mode}\``, "there are `tools` and `search`");
    if (!Number.isInteger(maxResultBytes) || maxResultBytes < 1000) throw misuse("`maxResultBytes` must be a whole number of at least 1000");
    this.#toolkit = toolkit;
    this.#info = JSON.stringify({ name, title, version });
    this.#instructions = JSON.stringify(instructions ?? INSTRUCTIONS);
    this.#most = maxResultBytes;
    this.#confirm = confirm;
    this.#options = { mode, toolsets, tools, exclude, readOnly, extraTools };
    this.#onError = onError;
    this.view(this.#toolkit); // what is wrong with the selection shows at once
  }

  /**
   * Who a caller is to the tools: the toolkit itself for `true`, a toolkit or session as it is, otherwise a
   * session of those options.
   */
  source(caller) {
    if (caller === true || caller === undefined) return this.#toolkit;
    if (isRunner(caller)) return caller;
    if (typeof this.#toolkit.session !== "function") throw misuse("a caller was given as session options, and this toolkit has no sessions", "give `true`, or an object with `tools` and `execute`");
    return this.#toolkit.session(caller);
  }

  /**
   * What a caller sees: the operator's selection, narrowed by the caller's own.
   * @param {object} source a toolkit or session
   * @param {{ toolsets?: string[], tools?: string[], exclude?: string[], readOnly?: boolean, mode?: string }} [asked]
   */
  view(source, asked) {
    let views = this.#views.get(source);
    if (!views) this.#views.set(source, (views = new Map()));
    const key = asked ? JSON.stringify([asked.toolsets, asked.tools, asked.exclude, asked.readOnly, asked.mode]) : "";
    let view = views.get(key);
    if (!view) {
      view = new View(source, this.#options, asked, this.#confirm === "model");
      // Callers choose among selections: no more than a few are kept.
      if (views.size >= 64) views.delete(views.keys().next().value);
      views.set(key, view);
    }
    return view;
  }

  /**
   * Answers one message, or nothing where nothing is owed.
   * @param {string} facts what the transport knows, see `src/mcp/js.rs`
   * @param {string} body
   * @param {View} view
   * @param {AbortSignal} [signal] ends the calls
   * @param {Map<string, AbortController>} [running] calls that a notification may cancel, by id
   * @returns {Promise<{ status: number, media: string, body: string } | undefined>}
   */
  async answer(facts, body, view, signal, running) {
    const text = protocol("read", facts, body);
    if (text.startsWith("reply")) return this.#reply(text, view);
    if (text.startsWith("call")) return this.#call(text, view, signal, running);
    const [kind, first, ...messages] = text.split("\0");
    if (kind === "note") return void running?.get(first)?.abort();
    const inBatch = facts.slice(0, facts.lastIndexOf("\0") + 1) + "batch";
    const replies = await Promise.all(messages.map((message) => this.answer(inBatch, message, view, signal, running)));
    const bodies = replies.filter(Boolean).map((reply) => reply.body);
    return bodies.length > 0 ? this.#reply(protocol("gather", first, bodies.join(",")), view) : undefined;
  }

  /** A reply of the module, its holes filled; where the list of tools is in it, also what stands before and behind that. */
  #reply(text, view) {
    const end = text.indexOf("\0", 10);
    const fill = (part) => part.replace(/[\x02\x03]/g, (hole) => (hole === "\x02" ? this.#info : this.#instructions));
    const [head, tail] = text.slice(end + 1).split("\x01").map(fill);
    const reply = { status: Number(text.slice(6, 9)), media: text.slice(10, end), body: head };
    return tail === undefined ? reply : { ...reply, body: head + view.list + tail, head, view, tail };
  }

  async #call(text, view, signal, running) {
    const [, flags, id, confirmed, template, args, params, ...name] = text.split("\0");
    const call = { name: name.join("\0"), args, params, signal, confirm: confirmed || undefined, model: this.#confirm === "model" };
    let aborter;
    if (running) {
      running.set(id, (aborter = new AbortController()));
      call.signal = aborter.signal;
    }
    let result;
    try {
      result = await view.run(call);
    } catch (error) {
      this.#onError(error);
      result = failure("internal", "the server could not make this call", "tell the user; the operator of the server finds the cause in its log");
    } finally {
      if (running?.get(id) === aborter) running?.delete(id);
    }
    if (aborter?.signal.aborted) return undefined;
    const json = JSON.stringify(result);
    if (result?.successful === true && json.length <= this.#most) {
      const whole = template.replace(/[\x02\x04\x05]/g, (hole) => (hole === "\x02" ? this.#info : hole === "\x04" ? JSON.stringify(json) : json));
      return { status: 200, media: flags.includes("s") ? "text/event-stream" : "application/json", body: whole };
    }
    // Meta tools run others, and the words about a result are those of the tool that gave it.
    return this.#reply(protocol("finish", `${this.#most}\0${this.#confirm}\0${flags}\0${id}\0${view.takes(call.name)}`, json ?? "null"), view);
  }
}

let listsEncoded = false;

/** Told by the entry of Node, whose `Response` encodes a text each time it is made, and copies bytes; others pass texts on. */
export const keepListsEncoded = () => void (listsEncoded = true);

/** What the Response of a reply is made of. */
export function contentOf({ body, head, view, tail }) {
  if (!view || !listsEncoded) return body === "" ? null : body;
  const pull = (controller) => {
    for (const part of [encoder.encode(head), view.encoded, encoder.encode(tail)]) controller.enqueue(part);
    controller.close();
  };
  return new ReadableStream({ pull }, { highWaterMark: 0 });
}

/** A tool as MCP lists it. */
function listed({ slug, title, description, inputSchema, outputSchema, annotations, toolset, effect }, model) {
  const asks = model && !annotations.readOnlyHint;
  return {
    name: slug,
    title,
    description,
    inputSchema: asks ? { ...inputSchema, properties: { ...inputSchema.properties, confirmation_token: TOKEN } } : inputSchema,
    outputSchema: outputSchema?.properties?.data ? { ...outputSchema, properties: { ...ENVELOPE, data: outputSchema.properties.data } } : outputSchema,
    annotations,
    _meta: { "nango-toolkit/toolset": toolset, "nango-toolkit/effect": effect },
  };
}

/** What surrounds the data: failures have no structure here, so nothing is told of errors. A short list is quick. */
const ENVELOPE = { successful: { type: "boolean" }, error: {}, meta: { type: "object" } };

const TOKEN = { type: "string", description: "Only after the user agreed: the token of the answer that asked for approval of this very call." };

/** The tools that one caller sees and may call. */
class View {
  /** The JSON text of what `tools/list` answers. */
  list;
  #encoded;
  #source;
  /** What can be called: names to definitions, aliases too. */
  #known = new Map();
  #extra;

  constructor(source, { mode, toolsets, tools, exclude, readOnly, extraTools }, asked, model) {
    this.#source = source;
    const filter = Object.fromEntries(Object.entries({ toolsets, tools, readOnly: readOnly || undefined }).filter(([, value]) => value !== undefined));
    const all = source.tools(filter);
    const own = narrowed(narrowed(all, { exclude }), asked);
    for (const tool of own) for (const name of [tool.slug, ...(tool.aliases ?? [])]) this.#known.set(name, tool);
    const readers = readOnly || asked?.readOnly;
    const extra = extraTools.filter((tool) => !readers || tool.annotations?.readOnlyHint);
    const meta = (asked?.mode ?? mode) === "search" ? this.#metaTools(own, readers) : undefined;
    this.#extra = new Map([...extra, ...(meta ?? [])].map((tool) => [tool.name, tool]));
    const shown = [...(meta ?? own.map((tool) => listed(tool, model))), ...extra].map(({ run, ...tool }) => tool);
    this.list = JSON.stringify(shown);
    this.direct = !meta;
  }

  /** The list as bytes, encoded once. */
  get encoded() {
    // Whoever reads a stream may give away what it is made of.
    if (!this.#encoded?.length) this.#encoded = encoder.encode(this.list);
    return this.#encoded;
  }

  /** The names of a tool's arguments, one a line. */
  takes(name) {
    const tool = this.#extra.get(name) ?? this.#known.get(name);
    return Object.keys(tool?.inputSchema?.properties ?? {}).join("\n");
  }

  /** Runs what a caller asked for; what it returns is given to the module. */
  async run(call) {
    const extra = this.#extra.get(call.name);
    if (extra) return extra.run(JSON.parse(call.args), call);
    if (!this.direct || !this.#known.has(call.name)) return failure("unknown_tool", `there is no tool \`${call.name.slice(0, 128)}\``, "tools/list names the tools");
    return this.#execute(call);
  }

  #execute({ name, args, signal, confirm, model }) {
    const options = {};
    if (signal) options.signal = signal;
    if (confirm) options.confirm = confirm;
    if (model && args.includes("confirmation_token")) {
      const { confirmation_token: token, ...rest } = JSON.parse(args);
      args = JSON.stringify(rest);
      if (typeof token === "string") options.confirm = token;
    }
    return this.#source.execute(name, args, options);
  }

  /** Three tools in place of all, for clients with little room. */
  #metaTools(tools, readOnly) {
    const brief = (tool) => ({ name: tool.slug, title: tool.title, description: tool.description });
    const find = (name) => this.#known.get(name);
    const missing = (name) => ({ ...failure("invalid_arguments", `there is no tool \`${String(name).slice(0, 128)}\``, "search_tools finds tools"), meta: { tool: "execute_tool" } });
    const text = (description) => ({ type: "string", description });
    return [
      {
        name: "search_tools",
        title: "Search Tools",
        description: `Find the tools for a task, best first, among ${tools.length} tools for Nango: ${[...new Set(tools.map((tool) => tool.toolset))].join(", ")}. Then use describe_tool for the arguments of one, and execute_tool to run it.`,
        inputSchema: { type: "object", properties: { query: text("What you want to do, in a few words."), limit: { type: "integer", description: "How many to return, 1 to 20; default 5." } }, required: ["query"], additionalProperties: false },
        annotations: { title: "Search Tools", readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
        run: ({ query, limit = 5 }) => success({ tools: search(this.#source, tools, String(query ?? "")).slice(0, Math.min(Math.max(Math.trunc(limit) || 5, 1), 20)).map(brief) }),
      },
      {
        name: "describe_tool",
        title: "Describe Tool",
        description: "The description, the arguments (JSON Schema) and examples of one tool. Use it before execute_tool.",
        inputSchema: { type: "object", properties: { name: text("The tool's name, as search_tools returns it.") }, required: ["name"], additionalProperties: false },
        annotations: { title: "Describe Tool", readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
        run: ({ name }) => {
          const tool = find(name);
          return tool ? success({ ...brief(tool), inputSchema: tool.inputSchema, annotations: tool.annotations, examples: tool.examples }) : missing(name);
        },
      },
      {
        name: "execute_tool",
        title: "Execute Tool",
        description: "Run one tool with its arguments and return its result. Look at describe_tool first: names and values must be exact.",
        inputSchema: { type: "object", properties: { name: text("The tool's name, as search_tools returns it."), arguments: { type: "object", description: "The arguments, as describe_tool says.", additionalProperties: true } }, required: ["name"], additionalProperties: false },
        annotations: { title: "Execute Tool", readOnlyHint: Boolean(readOnly), destructiveHint: !readOnly, idempotentHint: false, openWorldHint: true },
        run: ({ name, arguments: args = {} }, call) => {
          if (!find(name)) return missing(name);
          call.name = name;
          return this.#execute({ ...call, args: JSON.stringify(args) });
        },
      },
    ];
  }
}

/** The tools of `all` that a selection keeps. Throws what is unknown in it. */
function narrowed(all, selection) {
  const { toolsets, tools, exclude, readOnly } = selection ?? {};
  const known = (words, names, what) => {
    const unknown = words?.find((word) => !names.includes(word));
    if (unknown !== undefined) throw misuse(`there is no ${what} \`${String(unknown).slice(0, 64)}\` here`, `there are ${names.join(", ")}`);
  };
  const names = (tool) => [tool.slug, ...(tool.aliases ?? [])];
  known(toolsets, [...new Set(all.map((tool) => tool.toolset))], "toolset");
  known(tools, all.flatMap(names), "tool");
  const some = (tool, list) => names(tool).some((name) => list.includes(name));
  return all.filter(
    (tool) => (!toolsets || toolsets.includes(tool.toolset)) && (!tools || some(tool, tools)) && !(exclude && some(tool, exclude)) && (!readOnly || tool.annotations.readOnlyHint),
  );
}

/** Those of `tools` that fit a request, best first. */
function search(source, tools, query) {
  const order = (source.searchTools?.(query, { limit: 100 }) ?? searchTools(query, { limit: 100 })).map((hit) => hit.slug);
  return order.flatMap((slug) => tools.find((tool) => tool.slug === slug) ?? []);
}
