// Nothing fails open: options that are wrong are errors, what a person approved is checked again, a store counts what
// starts, and a session waits for what is new.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createEmulator } from "../../pkg/dist/entry/emulator-node.js";
import { createMcpHandler } from "../../pkg/dist/entry/mcp-node.js";
import { NangoToolkit, listTools } from "../../pkg/dist/entry/node.js";

const KEY = "7b0c9f6e-4a55-4b8e-9d6a-2f1f0f6f5c11";
const TOKEN = "a-token-of-somebody-1";
const SESSION_KEY = "0123456789abcdef0123456789abcdef";
const LIST = "NANGO_LIST_INTEGRATIONS";
const DELETE = "NANGO_DELETE_CONNECTION";
const ADA = { connection_id: "hubspot-ada", provider_config_key: "hubspot" };
const GRACE = { connection_id: "bamboohr-acme", provider_config_key: "bamboohr" };

describe("options", () => {
  /** Values that are invalid for every option. */
  const never = [null, Number.NaN, Number.POSITIVE_INFINITY, 5n, Symbol("x")];
  const [text, number, flag, list, object] = ["yes", 1, true, ["a"], { a: 1 }];
  /** Required options, for which `undefined` is invalid, too. */
  const required = ["user", "tokens"];
  /** Further invalid values of each option, by where it is given. */
  const places = {
    "new NangoToolkit": {
      make: (options) => new NangoToolkit({ apiKey: KEY, ...options }),
      unknown: { polcy: object },
      options: {
        policy: [text, number, flag, list, object],
        proxy: [text, number, list, object],
        modify: [text, number, list, object],
        session: [text, number, list],
        environments: [text, number, flag],
        environment: [number, flag, object],
        sessionKey: [text, number, flag, object],
        mcpBaseUrl: [number, flag, object],
        store: [text, number, object],
        fetch: [text, object],
        onEvent: [text, object],
        onApproval: [text, flag],
        beforeCall: [text, flag],
        afterCall: [text, flag],
        onSchema: [text, flag],
      },
    },
    session: {
      make: (options) => new NangoToolkit({ apiKey: KEY }).session({ user: "ada", ...options }),
      unknown: { readonly: true },
      options: {
        user: [number, "", list],
        organization: [number, "", list],
        tags: [text, list, { team: 1 }],
        roles: [text, [1]],
        policy: [text, object, list],
        toolsets: [text, ["nothing"]],
        tools: [text, ["NANGO_NOTHING"]],
        readOnly: [text, number, "false"],
        environment: [text],
      },
    },
    tools: {
      make: (options) => new NangoToolkit({ apiKey: KEY }).tools(options),
      unknown: { readonly: true },
      options: { readOnly: [text, number, "false"], tools: [text, ["NANGO_NOTHING"]], toolsets: [text, ["nothing"]] },
    },
    createMcpHandler: {
      make: (options) => createMcpHandler({ apiKey: KEY, tokens: { [TOKEN]: true }, ...options }),
      unknown: { allowAnonymus: true },
      options: {
        policy: [text, object],
        session: [text, number],
        tokens: [text, number, { [TOKEN]: undefined }, { [TOKEN]: null }, { [TOKEN]: false }, { short: true }],
        sessionTokens: [text, number, "false"],
        allowAnonymous: [text, number, "false"],
        localOnly: [text, number, "false"],
        authenticate: [text, flag],
        secretPath: [text, number, "short"],
        allowedOrigins: [text, number, [1]],
        authorizationServers: [text, [1]],
        scopes: [text, [1]],
        resource: [number, flag],
        bodyLimit: [text, 0, -1],
        maxResultBytes: [text, -1],
        readOnly: [text, number, "false"],
        tools: [text, ["NANGO_NOTHING"]],
        toolsets: [text, ["nothing"]],
        exclude: [text, ["NANGO_NOTHING"]],
        confirm: [text, flag],
      },
    },
    createEmulator: {
      make: (options) => createEmulator(options),
      unknown: { rate_limit: 1 },
      options: { seed: [text], world: [number, list], faults: [number, "{", object], rateLimit: [text, -1], now: [1] },
    },
  };
  for (const [name, { make, unknown, options }] of Object.entries(places)) {
    test(`of ${name} that are wrong are errors where they are given`, () => {
      assert.throws(() => make(unknown), { name: "NangoToolkitError" });
      for (const [option, wrong] of Object.entries(options)) {
        for (const value of [...never, ...wrong]) {
          assert.throws(
            () => make({ [option]: value }),
            (error) => error.name === "NangoToolkitError" && error.kind === "invalid_option",
            `${option}: ${typeof value === "object" ? JSON.stringify(value) : String(value)}`,
          );
        }
        if (!required.includes(option)) assert.ok(make({ [option]: undefined }), `${option} is not given`);
      }
    });
  }

  test("of a wait are numbers", async () => {
    const session = new NangoToolkit({ apiKey: KEY, fetch: async () => Response.json({ connections: [] }) }).session({
      user: "ada",
    });
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, -1, "5", null]) {
      for (const name of ["timeoutMs", "intervalMs"]) {
        await assert.rejects(session.waitForConnection("hubspot", { [name]: value }), { code: "invalid_option" });
      }
    }
  });
});

/** A toolkit over an in-memory Nango, and the requests that change something. */
function world(options = {}) {
  const emulator = createEmulator({ rateLimit: 1_000_000 });
  const { apiKey, baseUrl } = emulator;
  const sent = [];
  const fetch = (url, init) => {
    if (init.method !== "GET") sent.push(`${init.method} ${url.slice(baseUrl.length)}`);
    return emulator.fetch(url, init);
  };
  return { emulator, sent, nango: new NangoToolkit({ apiKey, baseUrl, fetch, ...options }), fetch, apiKey, baseUrl };
}

describe("what a person approved", () => {
  const policy = (more = {}) => ({ default: "allow", rules: [{ id: "ask", then: "confirm", tool: DELETE }], ...more });

  for (const [name, make] of [
    ["in memory", () => ({})],
    ["in a store", () => ({ increment: counter() })],
    ["in a store that takes its time", () => ({ increment: counter(5) })],
  ]) {
    test(`is checked against limits counted ${name}, however many are approved concurrently`, async () => {
      for (const limit of [1, 2, 4]) {
        for (const approved of [1, 3, 5]) {
          const increment = make();
          const limits = [{ tool: DELETE, calls: limit }];
          const { nango, sent } = world({
            policy: policy({ limits }),
            ...(increment.increment && { store: increment }),
            onApproval: () => new Promise((resolve) => setImmediate(() => resolve(true))),
          });
          const ids = ["hubspot-ada", "github-ada", "slack-ada", "a", "b"].slice(0, approved);
          const calls = ids.map((connection_id) =>
            nango.execute(DELETE, { connection_id, provider_config_key: connection_id.split("-")[0] }),
          );
          const denied = (await Promise.all(calls)).filter(({ error }) => error?.kind === "denied").length;
          assert.deepEqual([sent.length, denied], [Math.min(limit, approved), Math.max(0, approved - limit)]);
        }
      }
    });
  }

  test("is asked of revocation again", async () => {
    const asked = [];
    let revoked = false;
    const store = {
      revoked: (id) => {
        asked.push(id);
        return revoked;
      },
    };
    const { nango, sent } = world({
      policy: policy(),
      store,
      onApproval: () => {
        revoked = true;
        return true;
      },
    });
    const session = nango.session({ user: "ada", id: "s1" });
    const { error } = await session.execute(DELETE, ADA);
    assert.deepEqual([error.kind, error.code, sent, asked], ["denied", "session_revoked", [], ["s1", "s1"]]);
    revoked = false;
    assert.ok((await session.execute("NANGO_CONNECTION_LIST_GET", {})).successful);
    assert.equal(asked.length, 3, "without a pause it is asked once");
  });

  test("counts once all else allows it, and not before", async () => {
    const increment = counter();
    const limits = [{ tool: "*", calls: 2 }];
    const rules = [
      { id: "ask", then: "confirm", tool: DELETE },
      { then: "deny", integration: "hubspot", tool: "NANGO_GET_SYNC_STATUS" },
    ];
    let answer = false;
    const { nango, sent } = world({
      policy: { default: "allow", rules, limits },
      store: { increment },
      onApproval: () => answer,
    });
    const session = nango.session({ user: "ada", id: "s1" });
    const kind = async (slug, args) => (await session.execute(slug, args)).error?.kind ?? "ok";
    assert.equal(await kind("NANGO_GET_SYNC_STATUS", { ...ADA, syncs: ["contacts"] }), "denied");
    assert.equal(await kind(LIST, { nonsense: 1 }), "invalid_arguments");
    assert.equal(await kind("NANGO_NOTHING", {}), "unknown_tool");
    assert.equal(await kind(DELETE, GRACE), "not_found");
    assert.equal(await kind(DELETE, ADA), "denied", "refused");
    answer = undefined;
    assert.equal(await kind(DELETE, ADA), "confirmation_required");
    assert.deepEqual([...increment.counts], [], "none of them started");
    answer = true;
    assert.equal(await kind(DELETE, ADA), "ok");
    assert.deepEqual([...increment.counts], [[`s1:${DELETE}`, 1]]);
    assert.deepEqual(sent, ["DELETE /connections/hubspot-ada?provider_config_key=hubspot"]);
  });
});

/** A function that counts, as a store has it. */
function counter(delayMs) {
  const counts = new Map();
  const increment = async (key) => {
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    if (delayMs !== undefined) await new Promise((resolve) => setTimeout(resolve, delayMs));
    return count;
  };
  return Object.assign(increment, { counts });
}

describe("a session", () => {
  /** A server of connections: `connections[from]` to the newest, newest first, whatever is asked for. */
  const server = (connections) => {
    const requests = [];
    const fetch = async (url) => {
      const query = new URL(url).searchParams;
      requests.push(url);
      const [limit, page] = [Number(query.get("limit")), Number(query.get("page"))];
      return Response.json({ connections: connections.slice(page * limit, (page + 1) * limit) });
    };
    return { requests, nango: new NangoToolkit({ apiKey: KEY, fetch }) };
  };
  const connection = (id, user) => ({
    id: 1,
    connection_id: id,
    provider_config_key: "hubspot",
    provider: "hubspot",
    errors: [],
    end_user: null,
    tags: { end_user_id: user },
    metadata: null,
    created: "2026-11-01T00:00:00.000+00:00",
  });

  test("reads connections on to the last page, whosever stand between them", async () => {
    for (const [count, foreign, pages] of [
      [0, () => false, 1],
      [3, () => false, 1],
      [199, () => false, 1],
      [200, () => false, 2],
      [409, (at) => at === 5, 3],
      [409, (at) => at < 200, 3],
      [700, (at) => at !== 650, 4],
      [450, () => true, 3],
    ]) {
      const all = Array.from({ length: count }, (_, at) => connection(`c${at}`, foreign(at) ? "grace" : "ada"));
      const { nango, requests } = server(all);
      const own = await nango.session({ user: "ada" }).connections();
      const expected = all.filter((one) => one.tags.end_user_id === "ada").map((one) => one.connection_id);
      assert.deepEqual([own.map((one) => one.connection_id), requests.length], [expected, pages]);
    }
  });

  const wait = { timeoutMs: 5000, intervalMs: 2 };
  const none = { timeoutMs: 20, intervalMs: 5 };
  const pair = () => {
    const { emulator, fetch, apiKey, baseUrl } = world();
    const make = () => new NangoToolkit({ fetch, apiKey, baseUrl, sessionKey: SESSION_KEY });
    return { emulator, one: make(), two: make() };
  };

  test("waits in another instance for what is newer than the link of the first", async () => {
    const { emulator, one, two } = pair();
    const session = one.session({ user: "ada" });
    const before = await session.token();
    const { token } = await session.connect("hubspot");
    const other = await two.sessionFromToken(await session.token());
    await assert.rejects(other.waitForConnection("hubspot", none), { code: "timeout" });
    await assert.rejects(session.waitForConnection("hubspot", none), { code: "timeout" });
    const id = emulator.connect(token, "hubspot");
    assert.equal((await other.waitForConnection("hubspot", wait)).connection_id, id);
    assert.equal((await session.waitForConnection("hubspot", wait)).connection_id, id);
    // The next link is for the next account, there as here.
    const again = await other.connect("hubspot");
    const third = await one.sessionFromToken(await other.token());
    await assert.rejects(third.waitForConnection("hubspot", none), { code: "timeout" });
    const next = emulator.connect(again.token, "hubspot");
    assert.equal((await third.waitForConnection("hubspot", wait)).connection_id, next);
    // A token from before any link knows of none, nor does a link of one integration concern another.
    assert.ok(await two.session({ user: "ada" }).waitForConnection("hubspot", none));
    assert.ok(await (await one.sessionFromToken(before)).waitForConnection("github", none));
  });

  test("waits for a connection that is authorized again, there too", async () => {
    const { emulator, one, two } = pair();
    const session = one.session({ user: "ada" });
    const { token } = await session.connect("hubspot", { connectionId: "hubspot-ada" });
    const other = await two.sessionFromToken(await session.token());
    for (const waiting of [session, other]) {
      await assert.rejects(waiting.waitForConnection("hubspot", none), { code: "timeout" });
    }
    const waited = [session, other].map((waiting) => waiting.waitForConnection("hubspot", wait));
    emulator.connect(token, "hubspot");
    for (const { connection_id } of await Promise.all(waited)) assert.equal(connection_id, "hubspot-ada");
    await assert.rejects(session.connect("hubspot", { connectionId: "bamboohr-acme" }), { kind: "not_found" });
  });
});

test("what is read-only has the proxy only where it is named", () => {
  const READ = "NANGO_GET_PROXY";
  const has = (tools) => tools.some(({ slug }) => slug === READ);
  assert.ok(!has(listTools({ readOnly: true })) && has(listTools({ readOnly: true, tools: [LIST, READ] })));
  const nango = (policy) => new NangoToolkit({ apiKey: KEY, policy });
  const named = { default: "allow", readOnly: true, rules: [{ then: "allow", tool: READ }] };
  assert.ok(!has(nango({ readOnly: true }).tools()) && has(nango(named).tools()));
  assert.ok(
    !has(
      nango({ readOnly: true })
        .session({ user: "ada", tools: [READ] })
        .tools(),
    ),
  );
  const sessions = new NangoToolkit({ apiKey: KEY });
  assert.ok(!has(sessions.session({ user: "ada", readOnly: true }).tools()));
  assert.ok(has(sessions.session({ user: "ada", readOnly: true, tools: [READ] }).tools()));
});

test("an MCP server that is read-only lists the proxy only where it is named", async () => {
  const names = async (options, search = "") => {
    const handler = createMcpHandler({ apiKey: KEY, allowAnonymous: true, ...options });
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list" });
    const headers = { "content-type": "application/json", accept: "application/json, text/event-stream" };
    const response = await handler(new Request(`https://mcp.example/mcp${search}`, { method: "POST", headers, body }));
    const text = await response.text();
    const json = JSON.parse(text.startsWith("{") ? text : text.replace(/^.*?data: /s, ""));
    return json.result.tools.map(({ name }) => name);
  };
  const READ = "NANGO_GET_PROXY";
  assert.ok((await names({})).includes(READ));
  assert.ok(!(await names({ readOnly: true })).includes(READ));
  assert.ok(!(await names({}, "?readonly=true")).includes(READ));
  assert.deepEqual(await names({ readOnly: true, tools: [READ, "NANGO_PUT_PROXY"] }), [READ]);
  assert.deepEqual(await names({}, `?readonly=true&tools=${READ},NANGO_PUT_PROXY`), [READ]);
});
