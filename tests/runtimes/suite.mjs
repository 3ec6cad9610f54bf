// The suite that every runtime runs on the packed package. It is independent of the runtime: what it needs comes in
// its context, and a runner of a few lines for each runtime hands it over.

import { contextStorage, mixedCalls } from "./contexts.mjs";

const SLUG = "NANGO_LIST_INTEGRATIONS";
const ADA = { connection_id: "hubspot-ada", provider_config_key: "hubspot" };
/** An unusual string that can be stored. */
const UNICODE = 'Grüße, 東京, 👩‍👩‍👧 \u202e\ufeff \ud83d\ude00 "quoted" \\ back';
/** An unusual string that a server answers. */
const ANSWERED = UNICODE.replace("\ufeff", "\u0000\ufeff");

/** A module whose one function traps: what a fault in ours would look like to the host. */
export const TRAP = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 7, 8, 1, 4, 116, 114, 97, 112, 0, 0, 10, 5, 1, 3, 0, 0,
  11,
]);

/**
 * @typedef {object} Context
 * @property {object} toolkit what `nango-toolkit` (or its slim entry) exports
 * @property {object} emulator what `nango-toolkit/emulator` (or its slim entry) exports
 * @property {object} mcp what `nango-toolkit/mcp` (or its slim entry) exports
 * @property {{ url: string, apiKey: string }} emulate a served emulator
 * @property {string} odd a server that answers oddly, see servers.mjs
 * @property {string} closed a URL nobody listens at
 * @property {WebAssembly.Module} [trap] {@link TRAP} compiled, where bytes cannot be
 * @property {{ toolkit: WebAssembly.Module, emulator: WebAssembly.Module }} [modules] the package's, likewise
 */

/** What reached the host's own handlers: nothing may. */
const strays = [];
const stray = (kind) => (event) => {
  const text = String((event?.reason ?? event?.error ?? event)?.message ?? event);
  event?.preventDefault?.();
  // workerd reports every body that is read in parts when its request is aborted, whatever handlers there are.
  const isOfHost = globalThis.navigator?.userAgent === "Cloudflare-Workers" && text === "The operation was aborted";
  if (!isOfHost) strays.push(`${kind}: ${text}`);
};
if (globalThis.process?.on)
  for (const kind of ["unhandledRejection", "uncaughtException"]) globalThis.process.on(kind, stray(kind));
else for (const kind of ["unhandledrejection", "error"]) globalThis.addEventListener?.(kind, stray(kind));

function assert(fact, message) {
  if (!fact) throw new Error(message);
}
const show = (value) => (value instanceof Error ? String(value) : JSON.stringify(value)?.slice(0, 600));
function equal(actual, expected, what = "value") {
  assert(
    JSON.stringify(actual) === JSON.stringify(expected),
    `${what}: expected ${show(expected)}, got ${show(actual)}`,
  );
}
function match(text, pattern, what = "text") {
  assert(pattern.test(text), `${what}: expected ${pattern}, got ${show(text)}`);
}
function lacks(value, secret) {
  assert(!JSON.stringify(value).includes(secret), `a secret shows: ${show(value)}`);
}
function good(result) {
  assert(result.successful === true && result.error === null, `expected success, got ${show(result.error)}`);
  return result.data;
}
function bad(result, kind) {
  assert(result.successful === false && result.data === null, `expected ${kind}, got success`);
  equal(result.error.kind, kind, "kind");
  return result.error;
}
async function thrown(work, code, pattern) {
  try {
    await work();
  } catch (error) {
    assert(error instanceof Error, `not an Error: ${show(error)}`);
    if (code) equal(error.code, code, error.message);
    if (pattern) match(`${error.message} (${error.hint})`, pattern);
    return error;
  }
  throw new Error(`expected an error${code ? ` with code ${code}` : ""}`);
}
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A toolkit over an in-memory Nango of its own. */
function inMemory({ toolkit, emulator }, options = {}, emulatorOptions = {}) {
  const made = emulator.createEmulator({ rateLimit: 10_000, ...emulatorOptions });
  const { fetch, apiKey, baseUrl } = made;
  return { emulator: made, nango: new toolkit.NangoToolkit({ fetch, apiKey, baseUrl, ...options }) };
}
/** A toolkit over the runtime's own `fetch`, against the served emulator. */
const overHttp = ({ toolkit, emulate }, options = {}) =>
  new toolkit.NangoToolkit({ apiKey: emulate.apiKey, baseUrl: emulate.url, ...options });
/** The same against the odd server's behaviour `what`. */
const oddly = ({ toolkit, emulate, odd }, what, options = {}) =>
  new toolkit.NangoToolkit({ apiKey: emulate.apiKey, baseUrl: `${odd}/${what}`, retry: { attempts: 1 }, ...options });

/** Makes the module trap at its next look at the clock but `after`. */
function trapSoon({ trap }, after = 0) {
  const { exports } = new WebAssembly.Instance(trap ?? new WebAssembly.Module(TRAP));
  const { now } = Date;
  let left = after;
  Date.now = () => {
    if (left-- > 0) return now.call(Date);
    Date.now = now;
    return exports.trap();
  };
  return () => void (Date.now = now);
}

/** What an MCP handler answers to a message: the status and the body. */
async function message(handle, method, params) {
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
  const answer = await handle(
    new Request("https://mcp.example/mcp", { method: "POST", headers: { "content-type": "application/json" }, body }),
  );
  return { status: answer.status, ...(await answer.json()) };
}

export const cases = {
  "exports what it promises"({ toolkit, emulator }) {
    const names = [
      "NangoToolkit",
      "NangoToolkitError",
      "buildRequest",
      "getTool",
      "listTools",
      "parseResponse",
      "searchTools",
      "validate",
    ];
    equal(
      Object.keys(toolkit)
        .sort()
        .filter((name) => names.includes(name)),
      names,
    );
    assert(typeof emulator.createEmulator === "function", "createEmulator");
    assert(!("init" in toolkit), "the loading entry has no `init`");
  },

  "lists tools"({ toolkit }) {
    const all = toolkit.listTools();
    assert(
      all.length >= 23 && all.every((tool) => tool.slug && tool.description && tool.inputSchema.type === "object"),
      "all tools",
    );
    assert(
      toolkit.listTools({ readOnly: true }).every((tool) => tool.annotations.readOnlyHint),
      "reads only",
    );
    equal(toolkit.getTool("NANGO_CONNECTION_GET").slug, "NANGO_CONNECTION_LIST_GET");
    equal(toolkit.getTool("NANGO_NOTHING"), undefined);
  },

  "finds tools for a request in natural language"({ toolkit }) {
    const [first] = toolkit.searchTools("Who has connected Salesforce?", { limit: 1 });
    equal(first.slug, "NANGO_CONNECTION_LIST_GET");
    equal(first.matched, ["Who", "connected", "Salesforce"]);
    equal(toolkit.searchTools("colourless green ideas"), []);
  },

  async "validates: every problem at once"({ toolkit }) {
    equal(toolkit.validate("NANGO_GET_CONNECTION", ADA), { valid: true, issues: [] });
    const { valid, issues } = toolkit.validate("NANGO_ADD_CONNECTION", {
      provider_config_key: "hub/spot",
      credentials: { type: "BASIC", username: "ada" },
      colour: "red",
    });
    equal(valid, false);
    for (const path of ["provider_config_key", "credentials.password"])
      assert(
        issues.some((issue) => issue.path.join(".") === path),
        `${path} in ${show(issues)}`,
      );
    await thrown(() => toolkit.validate("NANGO_GET_CONECTION", {}), undefined, /NANGO_GET_CONNECTION/);
  },

  async "builds requests"({ toolkit }) {
    const request = toolkit.buildRequest(
      "NANGO_GET_INTEGRATION",
      { unique_key: "a b", include: ["webhook", "credentials"] },
      { baseUrl: "https://nango.example.com/" },
    );
    equal(request.url, "https://nango.example.com/integrations/a%20b?include=webhook&include=credentials");
    equal([request.method, request.body], ["GET", null]);
    assert(!/authorization/i.test(JSON.stringify(request)), "no key");
    const error = await thrown(() => toolkit.buildRequest("NANGO_GET_INTEGRATION", {}));
    assert(error instanceof toolkit.NangoToolkitError && error.issues.length === 1, "issues");
  },

  "parses answers"({ toolkit }) {
    equal(good(toolkit.parseResponse(SLUG, { status: 200, body: '{"data":[]}' })), { data: [] });
    const headers = new Headers({ "content-type": "application/json" });
    equal(
      bad(
        toolkit.parseResponse(SLUG, { status: 404, headers, body: { error: { code: "not_found", message: "gone" } } }),
        "not_found",
      ).status,
      404,
    );
    bad(toolkit.parseResponse(SLUG, { status: 502, body: "<html>" }), "server");
  },

  async "runs every tool on the emulator"(context) {
    for (const tool of context.toolkit.listTools()) {
      const { nango } = inMemory(context);
      assert(tool.examples.length > 0, `${tool.slug} has no example`);
      for (const { arguments: args } of tool.examples) {
        const { successful, error } = await nango.execute(tool.slug, args);
        assert(successful, `${tool.slug}: ${show(error)}`);
      }
    }
  },

  async "runs tools over HTTP"(context) {
    const nango = overHttp(context);
    assert(good(await nango.execute(SLUG, {})).data.length >= 10, "integrations");
    const result = await nango.execute("NANGO_CONNECTION_LIST_GET", '{"search":"ada"}');
    assert(good(result).connections.length >= 1, "connections");
    equal([result.meta.tool, result.meta.status, result.meta.attempts], ["NANGO_CONNECTION_LIST_GET", 200, 1]);
    good(await nango.execute("NANGO_SET_CONNECTION_METADATA", { ...ADA, metadata: { plan: "gold" } }));
    good(await nango.execute("NANGO_GET_PROXY", { ...ADA, any_path: "crm/v3/objects/contacts" }));
  },

  async "carries any text both ways"(context) {
    for (const nango of [overHttp(context), inMemory(context).nango]) {
      good(
        await nango.execute("NANGO_SET_CONNECTION_METADATA", {
          ...ADA,
          metadata: { text: UNICODE, [UNICODE]: [UNICODE] },
        }),
      );
      const { metadata } = good(await nango.execute("NANGO_GET_CONNECTION", ADA));
      equal(metadata, { text: UNICODE, [UNICODE]: [UNICODE] }, "metadata");
    }
    const { error } = await overHttp(context).execute("NANGO_GET_CONNECTION", { ...ADA, connection_id: "ü東😀" });
    assert(error.kind === "not_found" || error.kind === "invalid_arguments", show(error));
  },

  async "times out: in memory, over HTTP, for one call"(context) {
    const slow = inMemory(context, { timeoutMs: 50, retry: { attempts: 1 } }, { faults: { latencyMs: 20_000 } });
    bad(await slow.nango.execute(SLUG, {}), "timeout");
    bad(await oddly(context, "hang", { timeoutMs: 100 }).execute(SLUG, {}), "timeout");
    equal(bad(await oddly(context, "hang").execute(SLUG, {}, { timeoutMs: 100 }), "timeout").retryable, true);
    bad(await oddly(context, "stall").execute(SLUG, {}, { timeoutMs: 200 }), "timeout");
  },

  async "waits its time when the host's timer fires early"(context) {
    const { setTimeout } = globalThis;
    let early = 0;
    globalThis.setTimeout = (work, ms, ...rest) => setTimeout(work, ms > 50 && early++ === 0 ? ms - 50 : ms, ...rest);
    try {
      const started = Date.now();
      bad(await oddly(context, "hang", { timeoutMs: 150 }).execute(SLUG, {}), "timeout");
      assert(early > 0 && Date.now() - started >= 150, `after ${Date.now() - started} ms`);
    } finally {
      globalThis.setTimeout = setTimeout;
    }
  },

  async "aborts: before, during, and while waiting to try again"(context) {
    const { nango } = inMemory(context);
    const before = await nango.execute(SLUG, {}, { signal: AbortSignal.abort() });
    bad(before, "aborted");
    equal(before.meta.attempts, 0);
    const waiting = inMemory(context, {}, { faults: { fail: [{ kind: "rate_limit", retryAfter: 30 }] } }).nango;
    for (const nango of [oddly(context, "hang"), oddly(context, "stall"), waiting]) {
      const controller = new AbortController();
      const pending = nango.execute(SLUG, {}, { signal: controller.signal });
      await pause(100);
      controller.abort();
      bad(await pending, "aborted");
    }
  },

  async "aborts from within its own callbacks"({ toolkit, emulator }) {
    const { fetch, apiKey, baseUrl } = emulator.createEmulator();
    const controllers = [new AbortController(), new AbortController(), new AbortController()];
    const within = [
      { fetch: (url, init) => (controllers[0].abort(), fetch(url, init)) },
      { fetch, onEvent: () => controllers[1].abort() },
      { fetch, apiKey: () => (controllers[2].abort(), apiKey) },
    ];
    for (const [index, options] of within.entries()) {
      const nango = new toolkit.NangoToolkit({ apiKey, baseUrl, ...options });
      bad(await nango.execute(SLUG, {}, { signal: controllers[index].signal }), "aborted");
    }
  },

  async "tries again what may be tried again"(context) {
    const { nango, emulator } = inMemory(
      context,
      { retry: { baseMs: 1 } },
      { faults: { fail: [{ kind: "status", times: 1, status: 503 }] } },
    );
    const read = await nango.execute(SLUG, {});
    good(read);
    equal(read.meta.attempts, 2);
    emulator.setFaults({ fail: [{ kind: "drop", times: 1 }] });
    const write = await nango.execute("NANGO_CREATE_CONNECT_SESSION", { tags: { end_user_id: "u1" } });
    bad(write, "network");
    equal(write.meta.attempts, 1);
    emulator.setFaults({ fail: [{ kind: "rate_limit", times: 1, retryAfter: 1 }] });
    const limited = await nango.execute("NANGO_CREATE_CONNECT_SESSION", { tags: { end_user_id: "u1" } });
    good(limited);
    equal(limited.meta.attempts, 2);
  },

  async "masks secrets, and reveals them by name"(context) {
    const nango = overHttp(context);
    const token = async (options) =>
      good(await nango.execute("NANGO_GET_CONNECTION", ADA, options)).credentials.access_token;
    const open = await token({ revealSecrets: true });
    const masked = await token();
    match(open, /^emulated-/);
    assert(masked !== open, "masked");
    equal(await token({ revealSecrets: ["access_token"] }), open);
    equal(await token({ revealSecrets: ["refresh_token"] }), masked);
    const { data } = good(await nango.execute("NANGO_CREATE_CONNECT_SESSION", { tags: { end_user_id: "u1" } }));
    match(data.connect_link, /^https?:/);
    assert(!/^nango_connect_session_[0-9a-f]{64}$/.test(data.token), "session token");
  },

  async "reads answers of 2 MB"(context) {
    const nango = oddly(context, "large");
    const list = good(await nango.execute(SLUG, {})).data;
    assert(JSON.stringify(list).length >= 2_000_000, "length");
    equal([list[0].unique_key, list.at(-1).unique_key], ["integration-0", `integration-${list.length - 1}`]);
    const connection = good(await nango.execute("NANGO_GET_CONNECTION", ADA));
    assert(JSON.stringify(connection).length >= 2_000_000, "length");
    equal(connection.metadata.at(-1).text, ANSWERED);
    lacks(connection, "hunter2");
  },

  async "keeps fifty calls in flight apart"(context) {
    const names = ["github", "hubspot", "salesforce", "slack", "quickbooks"];
    for (const nango of [overHttp(context), inMemory(context, {}, { faults: { latencyMs: 20 } }).nango]) {
      const results = await Promise.all(
        Array.from({ length: 50 }, (_, i) => nango.execute("NANGO_PROVIDERS_GET_GET", { provider: names[i % 5] })),
      );
      equal(
        results.map((result) => good(result).data.name),
        Array.from({ length: 50 }, (_, i) => names[i % 5]),
      );
      equal(new Set(results.map((result) => result.meta.callId)).size, 50, "call ids");
    }
  },

  async "keeps the contexts of callers apart"({ toolkit }) {
    const AsyncLocalStorage = contextStorage();
    // Browsers, and workerd without `nodejs_compat`, have no contexts to keep apart.
    if (!AsyncLocalStorage) return assert(!globalThis.process?.versions?.node, "AsyncLocalStorage is there");
    const { counts, strangers } = await mixedCalls(toolkit, AsyncLocalStorage, { users: 20, calls: 240 });
    equal(strangers.slice(0, 5), [], `strangers among ${show(counts)}`);
  },

  async "turns every failure into a result"(context) {
    const nango = overHttp(context);
    match(
      bad(await nango.execute("NANGO_GET_CONNECTION", { ...ADA, connection_id: "nobody" }), "not_found").hint,
      /NANGO_CONNECTION_LIST_GET/,
    );
    bad(await nango.execute("NANGO_GET_CONNECTION", { connection_id: 5 }), "invalid_arguments");
    bad(await nango.execute("NANGO_GET_CONECTION", {}), "unknown_tool");
    bad(await nango.execute(SLUG, "{oops"), "invalid_arguments");
    bad(await overHttp(context, { policy: { readOnly: true } }).execute("NANGO_DELETE_CONNECTION", ADA), "denied");
    bad(await overHttp(context, { apiKey: "00000000-0000-4000-8000-000000000000" }).execute(SLUG, {}), "unauthorized");
    bad(
      await new context.toolkit.NangoToolkit({
        apiKey: context.emulate.apiKey,
        baseUrl: context.closed,
        retry: { attempts: 1 },
      }).execute(SLUG, {}),
      "network",
    );
    bad(await oddly(context, "status/500").execute(SLUG, {}), "server");
    bad(await oddly(context, "garbage").execute(SLUG, {}), "invalid_response");
    bad(await oddly(context, "drop").execute(SLUG, {}), "network");
    for (const kind of ["garbage", "truncate"])
      bad(await inMemory(context, {}, { faults: { fail: [{ kind }] } }).nango.execute(SLUG, {}), "invalid_response");
  },

  async "turns what cannot be JSON into a result"(context) {
    const { nango } = inMemory(context);
    const circle = {};
    circle.circle = circle;
    let deep = [];
    for (let i = 0; i < 200_000; i++) deep = [deep];
    for (const args of [circle, { limit: 5n }, { metadata: deep }])
      bad(await nango.execute(SLUG, args), "invalid_arguments");
    bad(await nango.execute(SLUG, "[".repeat(100_000)), "invalid_arguments");
    good(await nango.execute(SLUG, {}));
  },

  async "follows no redirect"(context) {
    bad(await oddly(context, "redirect").execute(SLUG, {}), "invalid_response");
    equal(await (await fetch(`${context.odd}/landed-count`)).json(), 0, "requests that followed");
  },

  async "sends the key only where it belongs"(context) {
    const asked = [];
    const fetch = async (url, init) => {
      asked.push({ url, ...init });
      return new Response('{"data":[]}', { headers: { "content-type": "application/json" } });
    };
    const { apiKey } = context.emulate;
    for (const key of [apiKey, () => apiKey, async () => apiKey]) {
      const events = [];
      const result = await new context.toolkit.NangoToolkit({
        apiKey: key,
        fetch,
        onEvent: (event) => events.push(event),
      }).execute(SLUG, {});
      good(result);
      equal(
        events.map((event) => event.type),
        ["call.started", "call.attempt", "call.finished"],
      );
      lacks([result, events], apiKey);
    }
    for (const { url, headers, redirect } of asked) {
      equal(
        [url, redirect, new Headers(headers).get("authorization")],
        ["https://api.nango.dev/integrations", "manual", `Bearer ${apiKey}`],
      );
    }
  },

  async "reports a programmer's mistakes clearly"({ toolkit, emulate }) {
    const { NangoToolkit, NangoToolkitError } = toolkit;
    for (const options of [
      undefined,
      {},
      { apiKey: emulate.apiKey, baseUrl: "nango" },
      { apiKey: emulate.apiKey, timeoutms: 5 },
      { apiKey: emulate.apiKey, fetch: 5 },
    ]) {
      assert((await thrown(() => new NangoToolkit(options))) instanceof NangoToolkitError, "NangoToolkitError");
    }
    await thrown(
      () => new NangoToolkit({ apiKey: emulate.apiKey }).execute(SLUG, {}, { timeoutms: 5 }),
      "invalid_option",
      /timeoutMs/,
    );
  },

  async "survives a trap: every call in flight ends, the next one works"(context) {
    const { nango, emulator } = inMemory(context, {}, { faults: { latencyMs: 300 } });
    const other = overHttp(context);
    const inFlight = [
      nango.execute(SLUG, {}),
      nango.execute("NANGO_DELETE_CONNECTION", ADA),
      oddly(context, "hang").execute(SLUG, {}, { timeoutMs: 1000 }),
    ];
    await pause(50);
    trapSoon(context);
    const trapped = await nango.execute(SLUG, {});
    equal([bad(trapped, "internal").retryable, trapped.meta.attempts], [false, 0]);
    for (const pending of inFlight) {
      const result = await pending;
      match(bad(result, "internal").hint, /whether the request took effect is not known/);
      equal(result.meta.attempts, 1, "attempts");
    }
    emulator.setFaults({});
    good(await nango.execute(SLUG, {}));
    good(await other.execute(SLUG, {}));
    equal(context.toolkit.validate("NANGO_GET_CONNECTION", ADA).valid, true);
  },

  async "survives a trap while an answer is read, and in a pure function"(context) {
    const made = context.emulator.createEmulator();
    const fetch = async (url, init) => {
      const answer = await made.fetch(url, init);
      trapSoon(context);
      return answer;
    };
    const nango = new context.toolkit.NangoToolkit({ apiKey: made.apiKey, baseUrl: made.baseUrl, fetch });
    // A tool with secrets: the module reads its answers.
    const result = await nango.execute("NANGO_GET_CONNECTION", ADA);
    bad(result, "internal");
    equal(result.meta.attempts, 1);
    const { decode } = TextDecoder.prototype;
    TextDecoder.prototype.decode = () => {
      TextDecoder.prototype.decode = decode;
      throw new WebAssembly.RuntimeError("unreachable");
    };
    await thrown(() => context.toolkit.validate(SLUG, {}), "internal", /was replaced/);
    equal(context.toolkit.validate(SLUG, {}).valid, true);
    good(await inMemory(context).nango.execute(SLUG, {}));
  },

  async "the MCP server: lists, calls, and after a trap works again"(context) {
    const { emulator, nango } = inMemory(context);
    const errors = [];
    const handle = context.mcp.createMcpHandler({
      toolkit: nango,
      allowAnonymous: true,
      onError: (error) => errors.push(error.code),
    });
    for (let again = 0; again < 2; again++) {
      equal(
        (await message(handle, "tools/list")).result.tools.map((tool) => tool.name),
        nango.tools().map((tool) => tool.slug),
      );
    }
    const call = () => message(handle, "tools/call", { name: SLUG });
    good((await call()).result.structuredContent);
    emulator.setFaults({ latencyMs: 300 });
    const inFlight = [nango.execute(SLUG, {}), call()];
    await pause(50);
    const { exports } = new WebAssembly.Instance(context.trap ?? new WebAssembly.Module(TRAP));
    const { decode } = TextDecoder.prototype;
    TextDecoder.prototype.decode = function (...given) {
      const text = decode.apply(this, given);
      if (text !== "application/json") return text;
      TextDecoder.prototype.decode = decode;
      return exports.trap();
    };
    const trapped = await message(handle, "ping");
    equal([trapped.status, trapped.error?.code, errors], [500, -32603, ["internal"]]);
    // The calls that were in progress in the module fail, with this reason.
    bad(await inFlight[0], "internal");
    const { isError, content } = (await inFlight[1]).result;
    equal(isError, true);
    bad(JSON.parse(content[0].text), "internal");
    emulator.setFaults({});
    equal((await message(handle, "ping")).result, {});
    good((await call()).result.structuredContent);
  },

  async "sessions: one user's view, over HTTP"(context) {
    const session = overHttp(context).session({ user: "ada" });
    const { connections } = good(await session.execute("NANGO_CONNECTION_LIST_GET", {}));
    assert(connections.length > 1 && connections.every((one) => one.tags.end_user_id === "ada"), "Ada's alone");
    equal(good(await session.execute("NANGO_GET_CONNECTION", ADA)).connection_id, "hubspot-ada");
    bad(
      await session.execute("NANGO_GET_CONNECTION", {
        connection_id: "bamboohr-acme",
        provider_config_key: "bamboohr",
      }),
      "not_found",
    );
    bad(await session.execute("NANGO_GET_ENVIRONMENT_VARIABLES", {}), "denied");
    assert((await session.connections("hubspot")).length >= 1, "its own connections");
  },

  async "approval: a token confirms a call, once"(context) {
    const policy = { default: "allow", rules: [{ id: "ask", then: "confirm", tool: "NANGO_DELETE_CONNECTION" }] };
    const { nango } = inMemory(context, { policy });
    const { details } = bad(await nango.execute("NANGO_DELETE_CONNECTION", ADA), "confirmation_required");
    good(await nango.execute("NANGO_DELETE_CONNECTION", ADA, { confirm: details.token }));
    bad(await nango.execute("NANGO_DELETE_CONNECTION", ADA, { confirm: details.token }), "confirmation_required");
  },

  async "session tokens: good with their key alone, and as they were signed"(context) {
    const sessionKey = "0123456789abcdef0123456789abcdef";
    const { nango } = inMemory(context, { sessionKey, mcpBaseUrl: "https://mcp.example/mcp" });
    const session = nango.session({ user: "ada", tags: { team: UNICODE } });
    const token = await session.token();
    const again = await inMemory(context, { sessionKey }).nango.sessionFromToken(token);
    equal([again.id, again.user, again.options.tags.team], [session.id, "ada", UNICODE]);
    equal((await session.mcp()).url, "https://mcp.example/mcp");
    const [header, payload, signature] = token.split(".");
    const claims = JSON.parse(
      new TextDecoder().decode(
        Uint8Array.from(atob(payload.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0)),
      ),
    );
    const part = (value) =>
      btoa(String.fromCharCode(...new TextEncoder().encode(JSON.stringify(value))))
        .replaceAll("+", "-")
        .replaceAll("/", "_")
        .replace(/=+$/, "");
    const eve = part({ ...claims, session: { ...claims.session, user: "eve" } });
    const last = signature.at(-1) === "A" ? "B" : "A";
    for (const odd of [
      `${header}.${eve}.${signature}`,
      `${part({ alg: "none", typ: "JWT" })}.${payload}.`,
      `${part({ alg: "RS256", typ: "JWT" })}.${payload}.${signature}`,
      `${header}.${payload}.${signature.slice(0, -1)}${last}`,
      `${header}.${payload}`,
      "",
    ]) {
      await thrown(() => nango.sessionFromToken(odd), "invalid_token");
    }
    await thrown(() => nango.sessionFromToken(token, "another key, and as long as it takes"), "invalid_token");
    await thrown(() => session.token({ key: "short" }), "invalid_option");
    const { now } = Date;
    Date.now = () => now.call(Date) + 3_600_000;
    try {
      await thrown(() => nango.sessionFromToken(token), "expired_token");
    } finally {
      Date.now = now;
    }
  },

  async "leaves nothing to the host's handlers of last resort"() {
    await pause(1200); // longer than any timer that the trapped modules left behind
    equal(strays, []);
  },
};

export const slimCases = {
  async "slim: before it is initialised, every function names the fix"({ toolkit, emulator, mcp, emulate }) {
    const { NangoToolkit, buildRequest, getTool, listTools, parseResponse, validate } = toolkit;
    const calls = [
      () => listTools(),
      () => getTool(SLUG),
      () => validate(SLUG, {}),
      () => buildRequest(SLUG, {}),
      () => parseResponse(SLUG, { status: 200, body: "{}" }),
      () => new NangoToolkit({ apiKey: emulate.apiKey }),
      () => new NangoToolkit({ apiKey: () => emulate.apiKey }),
      () => emulator.createEmulator(),
      () => mcp.createMcpHandler({ toolkit: { tools: () => [], execute() {} }, allowAnonymous: true }),
    ];
    for (const call of calls) await thrown(call, "not_initialised", /`await init\(…\)` or `initSync\(…\)` first/);
  },

  async "slim: a file that is not a module, is not ours or is truncated is refused clearly"({
    toolkit,
    emulator,
    mcp,
    odd,
    modules,
  }) {
    const { init, initSync } = toolkit;
    for (const nothing of [undefined, null, 5, {}, []]) {
      await thrown(() => init(nothing), "invalid_module", /`init` was given/);
      await thrown(() => initSync(nothing), "invalid_module", /`initSync` was given/);
    }
    await thrown(() => initSync(new Response("")), "invalid_module", /use `await init/);
    for (const url of [`${odd}/missing.wasm`, new URL(`${odd}/missing.wasm`)])
      await thrown(() => init(url), "module_unavailable", /status 404/);
    await thrown(() => init(fetch(`${odd}/missing.wasm`)), "module_unavailable", /status 404/);
    await thrown(() => init(`${odd.replace(/\d+$/, "1")}/no.wasm`), "module_unavailable");
    await thrown(() => init(`${odd}/text.wasm`), "invalid_module");
    const whole = new Uint8Array(await (await fetch(`${odd}/nango_toolkit.wasm`)).arrayBuffer());
    const strange = [
      new Uint8Array(0),
      new TextEncoder().encode("<!doctype html>"),
      whole.slice(0, 5000),
      whole.slice(0, -1),
      whole.slice(1),
    ];
    for (const bytes of strange) {
      await thrown(
        () => init(bytes),
        "invalid_module",
        modules ? /does not compile bytes/ : /not a WebAssembly module, or not a whole one/,
      );
      await thrown(() => initSync(bytes.buffer), "invalid_module");
    }
    const others = modules
      ? [modules.emulator, modules.trap]
      : [`${odd}/nango_emulator.wasm`, TRAP, new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])];
    for (const other of others)
      await thrown(() => init(other), "invalid_module", /another WebAssembly module than `nango-toolkit` needs/);
    await thrown(
      () => emulator.initSync(modules?.toolkit ?? whole),
      "invalid_module",
      /`nango-toolkit\/emulator` needs/,
    );
    await thrown(
      () => mcp.createMcpHandler({ apiKey: "key", allowAnonymous: true }),
      "not_initialised",
      /`nango-toolkit` is not loaded/,
    );
  },

  async "slim: initialises from what the host has, once"({ toolkit, emulator, mcp, odd, modules }) {
    const { init, initSync, listTools } = toolkit;
    const first = init(modules?.toolkit ?? fetch(`${odd}/nango_toolkit.wasm`));
    await thrown(() => initSync(new Uint8Array(8)), "already_initialised", /is already being loaded/);
    await first;
    assert(listTools().length >= 23, "tools");
    for (const again of [() => init(`${odd}/nango_toolkit.wasm`), () => initSync(new Uint8Array(8))])
      await thrown(again, "already_initialised", /is already loaded/);
    if (modules) emulator.initSync(modules.emulator);
    else await emulator.init(new URL(`${odd}/octets/nango_emulator.wasm`));
    const { fetch: inside, apiKey, baseUrl } = emulator.createEmulator();
    const nango = new toolkit.NangoToolkit({ fetch: inside, apiKey, baseUrl });
    good(await nango.execute(SLUG, {}));
    good(
      (await message(mcp.createMcpHandler({ toolkit: nango, allowAnonymous: true }), "tools/call", { name: SLUG }))
        .result.structuredContent,
    );
    equal(strays, []);
  },
};

/**
 * Runs cases in order, each within `limitMs`.
 * @param {Record<string, (context: Context) => unknown>} cases
 * @param {Context} context
 * @returns {Promise<{ name: string, ms: number, error?: string }[]>}
 */
export async function run(cases, context, limitMs = 30_000) {
  const results = [];
  for (const [name, body] of Object.entries(cases)) {
    const started = performance.now();
    let timer;
    const late = new Promise(
      (_, reject) => (timer = setTimeout(() => reject(new Error(`not done after ${limitMs} ms`)), limitMs)),
    );
    const error = await Promise.race([(async () => body(context))(), late]).then(
      () => undefined,
      (error) => String(error?.stack ?? error),
    );
    clearTimeout(timer);
    results.push({ name, ms: Math.round(performance.now() - started), error });
  }
  return results;
}
