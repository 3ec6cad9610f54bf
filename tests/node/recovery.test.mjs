// State that must survive a trap of the module, and errors that are not traps: functions of the host and values of a
// caller that throw.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createEmulator } from "../../pkg/dist/entry/emulator-node.js";
import { NangoToolkit, buildRequest, listTools, searchTools, statistics, validate } from "../../pkg/dist/entry/node.js";

const KEY = "7b0c9f6e-4a55-4b8e-9d6a-2f1f0f6f5c11";
const LIST = "NANGO_LIST_INTEGRATIONS";
const DELETE = "NANGO_DELETE_CONNECTION";
const ADA = { connection_id: "hubspot-ada", provider_config_key: "hubspot" };
const POLICY = {
  default: "allow",
  rules: [{ id: "ask", then: "confirm", tool: DELETE }],
  limits: [{ tool: LIST, calls: 2 }],
};

const boom = () => {
  throw new Error("boom");
};
/** Values of which no string, number or JSON can be made. */
const BAD = { toString: boom, valueOf: boom, [Symbol.toPrimitive]: boom };
const getter = (name) => Object.defineProperty({}, name, { enumerable: true, get: boom });

/** Objects within objects, more than JSON.stringify can follow. */
function deep() {
  let value = {};
  for (let depth = 0; depth < 100_000; depth++) value = { value };
  return value;
}

/** Makes the module trap in the next call. */
function trap() {
  const { decode } = TextDecoder.prototype;
  TextDecoder.prototype.decode = () => {
    TextDecoder.prototype.decode = decode;
    throw new WebAssembly.RuntimeError("unreachable");
  };
  try {
    assert.throws(() => validate(LIST, {}), { kind: "internal" });
  } finally {
    TextDecoder.prototype.decode = decode;
  }
}

/** A toolkit with a call in progress, one of two calls counted and one that waits for its confirmation. */
async function busy(make = (nango) => nango) {
  const emulator = createEmulator();
  let release;
  const gate = new Promise((resolve) => {
    release = resolve;
  });
  const fetch = async (url, init) => {
    if (url.includes("providers")) await gate;
    return await emulator.fetch(url, init);
  };
  const { apiKey, baseUrl } = emulator;
  const nango = make(new NangoToolkit({ apiKey, baseUrl, fetch, policy: POLICY }));
  const asked = await nango.execute(DELETE, ADA);
  assert.equal(asked.error.kind, "confirmation_required");
  assert.ok((await nango.execute(LIST, {})).successful);
  const underWay = nango.execute("NANGO_PROVIDERS_LIST_GET", {});
  return { nango, release, underWay, confirm: asked.error.details.token };
}

/** Asserts that limit and confirmation are those of {@link busy}. */
async function assertKept({ nango, confirm }, used = "confirmation_required") {
  assert.ok((await nango.execute(LIST, {})).successful, "the second of two");
  assert.equal((await nango.execute(LIST, {})).error?.kind, "denied", "the third");
  assert.ok((await nango.execute(DELETE, ADA, { confirm })).successful, "what waited is confirmed");
  assert.equal((await nango.execute(DELETE, ADA, { confirm })).error?.kind, used, "once");
}

describe("a trap", () => {
  // What is deleted is not there for a session any more.
  for (const [name, used, make] of [
    ["toolkit", "confirmation_required", undefined],
    ["session", "not_found", (nango) => nango.session({ user: "ada" })],
  ]) {
    test(`takes neither counts nor confirmations of a ${name} with it`, async () => {
      const state = await busy(make);
      trap();
      assert.equal((await state.underWay).error.kind, "internal", "it lived in the module");
      await assertKept(state, used);
      // Whatever was counted since, and what was used, outlasts the next one too.
      trap();
      assert.equal((await state.nango.execute(LIST, {})).error?.kind, "denied");
      const again = await state.nango.execute(DELETE, ADA, { confirm: state.confirm });
      assert.equal(again.error.kind, used);
      state.release();
    });
  }

  test("after each call of any sequence leaves what follows as if it had not been", async () => {
    let state = 1;
    const below = (most) => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return (state >>> 16) % most;
    };
    for (let round = 0; round < 12; round++) {
      const limit = 1 + below(4);
      const emulator = createEmulator({ rateLimit: 100_000 });
      const { fetch, apiKey, baseUrl } = emulator;
      const policy = { default: "allow", limits: [{ tool: "*", calls: limit }] };
      const nango = new NangoToolkit({ fetch, apiKey, baseUrl, policy });
      const counts = new Map();
      for (let step = 0; step < 12; step++) {
        const slug = [LIST, "NANGO_CONNECTION_LIST_GET"][below(2)];
        if (below(2) === 0) trap();
        const { successful } = await nango.execute(slug, {});
        const before = counts.get(slug) ?? 0;
        assert.equal(successful, before < limit, `${slug}, ${before} of ${limit}`);
        counts.set(slug, before + 1);
      }
    }
  });
});

/** Each throws, or gives a result with an error. */
const CALLERS = {
  "tools(deep)": (nango) => nango.tools(deep()),
  "tools(getter)": (nango) => nango.tools(getter("readOnly")),
  "tools(toJSON)": (nango) => nango.tools({ readOnly: { toJSON: boom } }),
  "listTools(toJSON)": () => listTools({ tools: [{ toJSON: boom }] }),
  "searchTools(text)": (nango) => nango.searchTools(BAD),
  "searchTools(options)": () => searchTools("x", { limit: deep() }),
  "explain(slug)": (nango) => nango.explain(BAD, {}),
  "explain(arguments)": (nango) => nango.explain(LIST, getter("a")),
  "explain(cycle)": (nango) => {
    const args = {};
    args.self = args;
    return nango.explain(LIST, args);
  },
  "explain(BigInt)": (nango) => nango.explain(LIST, { limit: 5n }),
  "validate(slug)": () => validate(BAD, {}),
  "validate(options)": () => validate(LIST, {}, { baseUrl: { toJSON: boom } }),
  "buildRequest(arguments)": () => buildRequest(LIST, { a: { toJSON: boom } }),
  "statistics(events)": () => statistics([{ type: "call.finished", tool: BAD }]),
  "session(tags)": (nango) => nango.session({ user: "ada", tags: { toJSON: boom } }),
  "new NangoToolkit(policy)": () => new NangoToolkit({ apiKey: KEY, policy: deep() }),
  "execute(slug)": (nango) => nango.execute(BAD, {}),
  "execute(deep)": (nango) => nango.execute(LIST, { limit: deep() }),
  "execute(getter)": (nango) => nango.execute(LIST, getter("limit")),
  "execute(options)": (nango) => nango.execute(LIST, {}, { retry: getter("attempts") }),
  "execute(no signal)": (nango) => nango.execute(LIST, {}, { signal: 5 }),
  "execute(signal)": (nango) => nango.execute(LIST, {}, { signal: getter("aborted") }),
  "execute(signal that throws later)": (nango) => {
    let asked = 0;
    const signal = { addEventListener: boom, removeEventListener: boom };
    Object.defineProperty(signal, "aborted", { get: () => (asked++ > 0 ? boom() : false) });
    return nango.execute("NANGO_PROVIDERS_GET_GET", { provider: "hubspot" }, { signal });
  },
};

/** What a host's `fetch` may do; each ends the call with an error. */
const FETCHES = {
  "that throws": boom,
  "that rejects with nothing": () => Promise.reject(),
  "that rejects with a proxy": () => Promise.reject(new Proxy({}, { get: boom })),
  "that returns a number": async () => 5,
  "whose promise cannot be asked": () => Object.assign(Promise.resolve(), { then: boom }),
  "whose promise has no constructor to read": () =>
    Object.defineProperty(Promise.resolve(), "constructor", { get: boom }),
  "whose thenable throws": () => ({ then: boom }),
  "whose status throws": async () => ({ ...getter("x"), text: async () => "{}" }),
  "whose headers throw": async () => ({ status: 200, headers: { get: boom }, text: async () => "" }),
  "whose headers are numbers": async () => ({ status: 200, headers: { get: () => 5 }, text: async () => "" }),
  "whose headers are read once": async () => {
    let asked = 0;
    const headers = { get: () => null };
    const reply = { status: 200, text: async () => "" };
    return Object.defineProperty(reply, "headers", { get: () => (asked++ > 0 ? boom() : headers) });
  },
  "whose status is read once": async () => {
    let asked = 0;
    const reply = { headers: new Headers(), text: async () => "" };
    return Object.defineProperty(reply, "status", { get: () => (asked++ > 0 ? boom() : 200) });
  },
  "whose body throws": async () => ({ status: 200, headers: new Headers(), text: boom }),
  "whose body is a symbol": async () => ({ status: 200, headers: new Headers(), text: async () => Symbol("x") }),
  "whose body is null": async () => ({ status: 200, headers: new Headers(), text: async () => null }),
  "whose bytes are a symbol": async () => ({
    status: 200,
    headers: new Headers({ "content-type": "image/png" }),
    text: async () => "",
    arrayBuffer: async () => Symbol("x"),
  }),
  "whose bytes have no length to read": async () => ({
    status: 200,
    headers: new Headers({ "content-type": "image/png" }),
    text: async () => "",
    arrayBuffer: async () => getter("length"),
  }),
  "whose body is an object": async () => ({
    status: 200,
    headers: new Headers({ "content-type": "application/json" }),
    text: async () => BAD,
  }),
};

/** Other functions of a host's; each but the listener ends the call with an error. */
const HOSTS = {
  "a key that throws": { apiKey: boom },
  "an invalid key": { apiKey: () => BAD },
  "a listener that throws": { apiKey: KEY, onEvent: boom, fetch: async () => Response.json({ data: [] }) },
  "a hook that throws": { apiKey: KEY, beforeCall: () => Promise.reject(BAD) },
  "a hook after the call": { apiKey: KEY, fetch: async () => Response.json({ data: [] }), afterCall: boom },
  "a store that throws": { apiKey: KEY, policy: POLICY, store: { increment: () => Promise.reject(BAD) } },
  "a store that answers anything": { apiKey: KEY, policy: POLICY, store: { increment: () => BAD } },
  "an approver that throws": {
    apiKey: KEY,
    policy: { default: "allow", rules: [{ then: "confirm" }] },
    onApproval: boom,
  },
};

describe("no trap", () => {
  const survived = async (work) => {
    const state = await busy();
    await work(state.nango);
    state.release();
    assert.ok((await state.underWay).successful, "the call of another goes on");
    await assertKept(state);
  };
  const failed = async (call) => {
    let result;
    try {
      result = await call();
    } catch {
      return;
    }
    assert.ok(result?.successful === false || result?.error || result?.valid === false, "it failed");
  };
  for (const [name, call] of Object.entries(CALLERS)) {
    test(`is what a caller gives to ${name}`, () => survived((nango) => failed(() => call(nango))));
  }
  for (const [name, fetch] of Object.entries(FETCHES)) {
    test(`is a fetch ${name}`, () =>
      survived(async () => {
        const { error } = await new NangoToolkit({ apiKey: KEY, fetch, retry: { attempts: 1 } }).execute(LIST, {});
        assert.match(error.kind, /^(network|invalid_response)$/, error.message);
      }));
  }
  for (const [name, host] of Object.entries(HOSTS)) {
    test(`is ${name}`, () =>
      survived(async () => {
        const { successful, error } = await new NangoToolkit(host).execute(LIST, {});
        assert.equal(successful, name === "a listener that throws", error?.message);
        assert.ok(successful || !/WebAssembly/.test(error.message), error?.message);
      }));
  }
});
