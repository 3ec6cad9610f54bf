// Sessions, approval, hooks, keys and stores as a developer uses them. That a session shows and touches nothing of
// another's is tested in tests/isolation*.rs; here, that JavaScript hands everything through.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createEmulator } from "../../pkg/dist/entry/emulator-node.js";
import { NangoToolkit, statistics } from "../../pkg/dist/entry/node.js";

const ADA = { connection_id: "hubspot-ada", provider_config_key: "hubspot" };
const GRACE = { connection_id: "bamboohr-acme", provider_config_key: "bamboohr" };
const OTHER_KEY = "7b0c9f6e-4a55-4b8e-9d6a-2f1f0f6f5c11";

/** A toolkit over an in-memory Nango; `requests` are those that were sent, `events` those that were emitted. */
function world(options = {}) {
  const emulator = createEmulator({ rateLimit: 1_000_000 });
  const { fetch, apiKey, baseUrl } = emulator;
  const [requests, events] = [[], []];
  const send = (url, init) => {
    requests.push({
      method: init.method,
      path: url.slice(baseUrl.length),
      body: init.body,
      key: init.headers.Authorization,
    });
    return fetch(url, init);
  };
  const nango = new NangoToolkit({ fetch: send, apiKey, baseUrl, onEvent: (event) => events.push(event), ...options });
  return { emulator, nango, requests, events, apiKey, baseUrl, fetch };
}
const sent = (requests) => requests.map(({ method, path }) => `${method} ${path.split("?")[0]}`);

test("a session shows its user's connections, and neither reads nor changes another's", async () => {
  const { nango, requests } = world();
  const session = nango.session({ user: "ada" });
  const list = await session.execute("NANGO_CONNECTION_LIST_GET", {});
  assert.deepEqual(
    list.data.connections.map((one) => one.end_user.id),
    Array(list.data.connections.length).fill("ada"),
  );
  assert.ok(list.data.connections.length > 2);
  assert.equal((await session.execute("NANGO_GET_CONNECTION", ADA)).data.connection_id, "hubspot-ada");
  const foreign = await session.execute("NANGO_GET_CONNECTION", GRACE);
  const absent = await session.execute("NANGO_GET_CONNECTION", { ...GRACE, connection_id: "nobody" });
  assert.equal(foreign.error.kind, "not_found");
  const plain = (result) => JSON.stringify({ ...result, meta: { ...result.meta, callId: 0, durationMs: 0 } });
  assert.equal(plain(foreign).replaceAll("bamboohr-acme", "nobody"), plain(absent));
  assert.equal((await session.execute("NANGO_DELETE_CONNECTION", GRACE)).error.kind, "not_found");
  assert.ok(!sent(requests).some((line) => line.includes("bamboohr-acme")), "only look-ups went out");
  assert.equal((await session.execute("NANGO_GET_ENVIRONMENT_VARIABLES", {})).error.kind, "denied");
});

test("a session lists what it has: its toolsets, its tools, its policy, and schemas without what it sets", () => {
  const { nango } = world();
  const slugs = (options) =>
    nango
      .session({ user: "ada", ...options })
      .tools()
      .map(({ slug }) => slug);
  assert.ok(!slugs({}).includes("NANGO_GET_ENVIRONMENT_VARIABLES") && slugs({}).includes("NANGO_GET_PROXY"));
  assert.deepEqual(slugs({ tools: ["NANGO_GET_PROXY"] }), ["NANGO_GET_PROXY"]);
  assert.ok(
    nango
      .session({ user: "ada", toolsets: ["syncs"] })
      .tools()
      .every(({ toolset }) => toolset === "syncs"),
  );
  assert.ok(
    nango
      .session({ user: "ada", readOnly: true })
      .tools()
      .every(({ effect }) => effect === "read"),
  );
  const policy = { default: "deny", rules: [{ id: "vars", then: "allow", tool: "NANGO_GET_ENVIRONMENT_VARIABLES" }] };
  assert.deepEqual(slugs({ policy }), ["NANGO_GET_ENVIRONMENT_VARIABLES"]);
  const session = nango.session({ user: "ada" });
  const list = session.tools({ tools: ["NANGO_CONNECTION_LIST_GET"] })[0];
  assert.ok(!("end_user_id" in list.inputSchema.properties));
  assert.ok(session.tools({ tools: ["NANGO_GET_SYNC_STATUS"] })[0].inputSchema.required.includes("connection_id"));
  assert.ok(
    session
      .searchTools("environment variables", { limit: 50 })
      .every(({ slug }) => slug !== "NANGO_GET_ENVIRONMENT_VARIABLES"),
  );
});

test("explain decides without calling", async () => {
  const policy = { default: "allow", rules: [{ id: "no-deletes", then: "deny", tool: "NANGO_DELETE_*" }] };
  const { nango, requests } = world({ policy });
  assert.deepEqual(nango.explain("NANGO_DELETE_CONNECTION", ADA).decision, "deny");
  assert.deepEqual(nango.explain("NANGO_DELETE_CONNECTION", ADA).rules, ["no-deletes"]);
  assert.equal(nango.explain("NANGO_LIST_INTEGRATIONS", {}).decision, "allow");
  const session = nango.session({ user: "ada" });
  const open = session.explain("NANGO_GET_CONNECTION", ADA);
  assert.equal(open.decision, "undetermined");
  assert.deepEqual(open.lookups, [{ connection_id: "hubspot-ada", integration_id: "hubspot" }]);
  assert.equal(requests.length, 0);
  await session.execute("NANGO_GET_CONNECTION", ADA);
  assert.equal(session.explain("NANGO_GET_CONNECTION", ADA).decision, "allow", "known by now");
  const bad = nango.explain("NANGO_GET_CONNECTION", {});
  assert.deepEqual([bad.decision, bad.error.kind], ["deny", "invalid_arguments"]);
  assert.equal(nango.explain("NANGO_NOTHING", {}).error.kind, "unknown_tool");
});

test("connections, connect and waitForConnection take the user through, whatever agents may do", async () => {
  const { nango, emulator } = world({ policy: { default: "deny", rules: [] } });
  const session = nango.session({
    user: "newcomer",
    organization: "acme",
    readOnly: true,
    tools: ["NANGO_LIST_INTEGRATIONS"],
  });
  assert.equal((await session.execute("NANGO_CONNECTION_LIST_GET", {})).error.kind, "denied");
  assert.deepEqual(await session.connections(), []);
  const { link, token, expiresAt } = await session.connect("hubspot");
  assert.ok(link.includes(token) && Date.parse(expiresAt) > Date.now());
  const waited = session.waitForConnection("hubspot", { intervalMs: 5, timeoutMs: 5000 });
  await new Promise((resolve) => setImmediate(resolve));
  const id = emulator.connect(token, "hubspot");
  const connection = await waited;
  assert.deepEqual(
    [connection.connection_id, connection.provider_config_key, connection.tags.end_user_id],
    [id, "hubspot", "newcomer"],
  );
  // A further link waits for a further account.
  const again = await session.connect("hubspot");
  await assert.rejects(session.waitForConnection("hubspot", { timeoutMs: 20, intervalMs: 5 }), {
    name: "NangoToolkitError",
    code: "timeout",
  });
  const other = emulator.connect(again.token, "hubspot");
  assert.equal((await session.waitForConnection("hubspot", { timeoutMs: 5000, intervalMs: 5 })).connection_id, other);
  // Without a link, an existing connection is returned.
  assert.ok(await nango.session({ user: "ada" }).waitForConnection("hubspot", { timeoutMs: 10 }));
  const reconnecting = await session.connect("hubspot", { connectionId: id });
  assert.ok(reconnecting.link.includes(reconnecting.token));
  await assert.rejects(session.connect("hubspot", { connectionId: "hubspot-ada" }), { kind: "not_found" });
  const controller = new AbortController();
  const aborted = nango.session({ user: "nobody" }).waitForConnection("hubspot", { signal: controller.signal });
  setImmediate(() => controller.abort());
  await assert.rejects(aborted, (error) => error.name === "AbortError" || error.kind === "aborted");
});

const CONFIRM = { default: "allow", rules: [{ id: "ask", then: "confirm", effect: "destroy" }] };

test("approval: a token that works once, for this call alone", async () => {
  const { nango, requests, events } = world({ policy: CONFIRM });
  const session = nango.session({ user: "ada" });
  const asked = await session.execute("NANGO_DELETE_CONNECTION", ADA);
  assert.equal(asked.error.kind, "confirmation_required");
  const { token, summary, expiresAt } = asked.error.details;
  assert.match(token, /^confirm_[0-9a-f]{32}$/);
  assert.deepEqual([summary.tool, summary.arguments], ["NANGO_DELETE_CONNECTION", ADA]);
  assert.ok(expiresAt > Date.now());
  assert.ok(!JSON.stringify(events).includes(token), "no event holds it");
  assert.ok(!sent(requests).includes("DELETE /connections/hubspot-ada"));
  const other = await session.execute(
    "NANGO_DELETE_CONNECTION",
    { connection_id: "github-ada", provider_config_key: "github" },
    { confirm: token },
  );
  assert.equal(other.error.kind, "confirmation_required");
  assert.equal(
    (await nango.session({ user: "ada" }).execute("NANGO_DELETE_CONNECTION", ADA, { confirm: token })).error.kind,
    "confirmation_required",
    "another session",
  );
  assert.equal((await session.execute("NANGO_DELETE_CONNECTION", ADA, { confirm: token })).successful, true);
  assert.equal(
    (
      await session.execute(
        "NANGO_DELETE_CONNECTION",
        { connection_id: "github-ada", provider_config_key: "github" },
        { confirm: token },
      )
    ).error.kind,
    "confirmation_required",
    "used",
  );
});

test("approval by a function: yes, no, later, never", async () => {
  const answers = [true, false, undefined, Promise.reject(new Error("away"))];
  answers[3].catch(() => {});
  const summaries = [];
  const { nango, requests } = world({
    policy: CONFIRM,
    onApproval: (summary) => {
      summaries.push(summary);
      return answers[summaries.length - 1];
    },
  });
  const remove = () => nango.execute("NANGO_DELETE_CONNECTION", ADA);
  assert.equal((await remove()).successful, true);
  assert.deepEqual(sent(requests), ["DELETE /connections/hubspot-ada"]);
  const refused = await remove();
  assert.deepEqual([refused.error.kind, refused.error.code], ["denied", "refused"]);
  for (let at = 2; at < 4; at++) {
    const later = await remove();
    assert.equal(later.error.kind, "confirmation_required");
    assert.match(later.error.details.token, /^confirm_/);
  }
  assert.equal(requests.length, 1);
  assert.deepEqual(
    summaries.map(({ tool, effect, rules }) => [tool, effect, rules]),
    Array(4).fill(["NANGO_DELETE_CONNECTION", "destructive", ["ask"]]),
  );
  const controller = new AbortController();
  const hanging = world({ policy: CONFIRM, onApproval: () => new Promise(() => {}) });
  setImmediate(() => controller.abort());
  assert.equal(
    (await hanging.nango.execute("NANGO_DELETE_CONNECTION", ADA, { signal: controller.signal })).error.kind,
    "aborted",
  );
});

test("limits are counted per session, and exactly by a store across instances", async () => {
  const policy = { default: "allow", limits: [{ tool: "NANGO_LIST_INTEGRATIONS", calls: 2 }] };
  const { nango } = world({ policy });
  const kinds = async (session, times) => {
    const all = [];
    for (let n = 0; n < times; n++)
      all.push((await session.execute("NANGO_LIST_INTEGRATIONS", {})).error?.kind ?? "ok");
    return all;
  };
  assert.deepEqual(await kinds(nango.session({ user: "ada" }), 3), ["ok", "ok", "denied"]);
  assert.deepEqual(await kinds(nango.session({ user: "ada" }), 1), ["ok"], "another session");
  const counts = new Map();
  const store = { increment: async (key) => counts.set(key, (counts.get(key) ?? 0) + 1).get(key) };
  const [one, two] = [world({ policy, store }), world({ policy, store })].map(({ nango }) =>
    nango.session({ user: "ada", id: "s1" }),
  );
  assert.deepEqual([...(await kinds(one, 1)), ...(await kinds(two, 2))], ["ok", "ok", "denied"]);
  assert.deepEqual([...counts.keys()], ["s1:NANGO_LIST_INTEGRATIONS"]);
  await one.execute("NANGO_CONNECTION_LIST_GET", {});
  await one.execute("NANGO_LIST_INTEGRATIONS", { nonsense: 1 });
  assert.deepEqual([...counts], [["s1:NANGO_LIST_INTEGRATIONS", 3]], "what is unbounded or refused is not counted");
  const broken = world({ policy, store: { increment: () => "many" } });
  assert.equal((await broken.nango.execute("NANGO_LIST_INTEGRATIONS", {})).error.kind, "internal");
  assert.equal(broken.requests.length, 0);
});

test("a revoked session stops at its next call; a store that fails stops it too", async () => {
  let revoked = false;
  const reported = [];
  const { nango, requests, events } = world({
    onError: (error, context) => reported.push([error.message, context]),
    store: { revoked: (id) => (id === "s1" ? revoked : Promise.reject(new Error("down"))) },
  });
  const session = nango.session({ user: "ada", id: "s1" });
  assert.ok((await session.execute("NANGO_LIST_INTEGRATIONS", {})).successful);
  revoked = true;
  const result = await session.execute("NANGO_LIST_INTEGRATIONS", {});
  assert.deepEqual([result.error.kind, result.error.code], ["denied", "session_revoked"]);
  await assert.rejects(session.connections(), { code: "session_revoked" });
  const failed = await nango.session({ user: "ada", id: "s2" }).execute("NANGO_LIST_INTEGRATIONS", {});
  const id = failed.meta.callId;
  const message = `the store failed: the reason is in the host's log, under \`${id}\``;
  assert.deepEqual([failed.error.kind, failed.error.message], ["internal", message]);
  assert.deepEqual(reported, [["down", { id, source: "store" }]]);
  assert.equal(requests.length, 1);
  const last = events.at(-1);
  assert.deepEqual(
    [last.type, last.session, last.user, last.error.kind, last.callId],
    ["call.finished", "s2", "ada", "internal", failed.meta.callId],
  );
});

test("hooks: before the check, after redaction, on schemas", async () => {
  const seen = [];
  const { nango, requests } = world({
    beforeCall: async (slug, args) => {
      seen.push(["before", slug, structuredClone(args)]);
      if (slug === "NANGO_CONNECTION_LIST_GET") args.limit = 1;
      if (slug === "NANGO_PROVIDERS_GET_GET") return { provider: "github" };
    },
    afterCall: (slug, result) => {
      seen.push(["after", slug, result.successful]);
      if (result.successful && slug === "NANGO_GET_CONNECTION")
        return { ...result, data: { token: result.data.credentials.access_token } };
    },
    onSchema: (tool) => (tool.slug === "NANGO_GET_PROXY" ? { ...tool, description: "The proxy." } : undefined),
  });
  const mine = { limit: 50 };
  assert.equal((await nango.execute("NANGO_CONNECTION_LIST_GET", mine)).data.connections.length, 1);
  assert.deepEqual(mine, { limit: 50 }, "the caller's own arguments stay as they are");
  await nango.execute("NANGO_PROVIDERS_GET_GET", '{"provider":"slack"}');
  assert.equal(requests.at(-1).path, "/providers/github");
  assert.match((await nango.execute("NANGO_GET_CONNECTION", ADA)).data.token, /^\[redacted/);
  const refused = await nango.session({ user: "ada" }).execute("NANGO_GET_CONNECTION", { connection_id: 5 });
  assert.equal(refused.error.kind, "invalid_arguments");
  assert.deepEqual(
    seen.map(([when]) => when),
    ["before", "after", "before", "after", "before", "after", "before", "after"],
  );
  assert.deepEqual(seen[2][2], { provider: "slack" }, "JSON of a model is parsed for the hook");
  assert.equal(nango.tools({ tools: ["NANGO_GET_PROXY"] })[0].description, "The proxy.");
  assert.ok(nango.tools({ tools: ["NANGO_PUT_PROXY"] })[0].description.length > 100);
});

test("hooks that throw: internal, nothing sent before, the result withheld after", async () => {
  const reported = [];
  const onError = ({ message }, { id, source }) => reported.push([source, id, message]);
  const before = world({
    onError,
    beforeCall: () => {
      throw new Error("no: hunter2");
    },
  });
  const result = await before.nango.execute("NANGO_LIST_INTEGRATIONS", {});
  assert.deepEqual([result.error.kind, before.requests.length], ["internal", 0]);
  const sentence = (hook, { meta }) =>
    `the hook \`${hook}\` failed: the reason is in the host's log, under \`${meta.callId}\``;
  assert.equal(result.error.message, sentence("beforeCall", result));
  assert.ok(!JSON.stringify([result, before.events]).includes("hunter2"));
  assert.deepEqual(
    before.events.map(({ type }) => type),
    ["call.started", "call.finished"],
  );
  const after = world({
    onError,
    afterCall: async () => {
      throw new Error("no");
    },
  });
  const kept = await after.nango.execute("NANGO_LIST_INTEGRATIONS", {});
  assert.deepEqual([kept.successful, kept.error.kind, kept.data, after.requests.length], [false, "internal", null, 1]);
  assert.equal(kept.error.message, sentence("afterCall", kept));
  assert.deepEqual(reported, [
    ["beforeCall", result.meta.callId, "no: hunter2"],
    ["afterCall", kept.meta.callId, "no"],
  ]);
  const odd = world({ onError, afterCall: () => ({ nothing: true }) });
  assert.equal((await odd.nango.execute("NANGO_LIST_INTEGRATIONS", {})).error.kind, "internal");
});

test("keys come from a function, fresh at every call, and once more where Nango refuses one", async () => {
  const { fetch, apiKey, baseUrl } = createEmulator();
  const asked = [];
  const keys = [apiKey, OTHER_KEY, apiKey, OTHER_KEY, OTHER_KEY];
  const nango = new NangoToolkit({
    fetch,
    baseUrl,
    apiKey: async (context) => {
      asked.push(context);
      return keys[asked.length - 1];
    },
  });
  const call = () => nango.execute("NANGO_LIST_INTEGRATIONS", {});
  assert.ok((await call()).successful);
  assert.ok((await call()).successful, "rotated");
  assert.equal((await call()).error.kind, "unauthorized", "revoked");
  assert.deepEqual(asked, [{ stale: false }, { stale: false }, { stale: true }, { stale: false }, { stale: true }]);
});

test("environments: each with its key and place; a session names one, and shows neither", async () => {
  const [production, development] = [createEmulator(1), createEmulator(2)];
  const used = [];
  const fetch = (url, init) => {
    used.push([url.startsWith("https://prod.example/") ? "production" : "development", init.headers.Authorization]);
    const target = url.startsWith("https://prod.example/") ? production : development;
    return target.fetch(url.replace(/^https:\/\/\w+\.example/, target.baseUrl), init);
  };
  const environments = {
    production: { apiKey: production.apiKey, baseUrl: "https://prod.example" },
    development: { apiKey: () => development.apiKey, baseUrl: "https://dev.example" },
  };
  const nango = new NangoToolkit({ fetch, environments, environment: "production" });
  await nango.execute("NANGO_LIST_INTEGRATIONS", {});
  const session = nango.session({ user: "ada", environment: "development" });
  await session.execute("NANGO_LIST_INTEGRATIONS", {});
  assert.deepEqual(used, [
    ["production", `Bearer ${production.apiKey}`],
    ["development", `Bearer ${development.apiKey}`],
  ]);
  for (const thing of [session, nango]) {
    const shown = JSON.stringify([
      thing,
      Object.entries(thing),
      session.options,
      thing.tools(),
      thing.explain("NANGO_LIST_INTEGRATIONS", {}),
    ]);
    for (const { apiKey } of [production, development]) assert.ok(!shown.includes(apiKey));
  }
  assert.throws(() => nango.session({ user: "ada", environment: "staging" }), {
    message: /there is no environment `staging`/,
    hint: /production, development/,
  });
  assert.throws(() => new NangoToolkit({ fetch, environments }), {
    code: "missing_api_key",
    hint: /name one of `environments`/,
  });
  assert.throws(() => new NangoToolkit({ environments: { a: { apiKey: OTHER_KEY, baseurl: "x" } } }), {
    message: /there is no option `environments.a.baseurl`/,
  });
  assert.throws(() => new NangoToolkit({ environments: { a: { apiKey: "nonsense" } } }), { name: "NangoToolkitError" });
  assert.equal(
    new NangoToolkit({ environments: { a: { apiKey: OTHER_KEY } } }).environment,
    "a",
    "the only one needs no name",
  );
});

test("events of a session contain its user and the caller's own id of the call", async () => {
  const { nango, events } = world();
  const session = nango.session({ user: "ada", organization: "acme", agent: "helper" });
  await session.execute("NANGO_GET_CONNECTION", ADA, { upstreamCallId: "toolu_1" });
  assert.deepEqual(
    events.map(({ type }) => type),
    ["call.started", "call.lookup", "call.decision", "call.attempt", "call.finished"],
  );
  for (const event of events) {
    assert.deepEqual(
      [event.session, event.user, event.organization, event.agent, event.upstreamCallId],
      [session.id, "ada", "acme", "helper", "toolu_1"],
    );
  }
  const told = statistics(events);
  assert.equal(told.tools.NANGO_GET_CONNECTION.calls, 1);
  assert.equal(told.sessions[session.id].successes, 1);
  await nango.execute("NANGO_NOTHING", {});
  assert.deepEqual(Object.keys(statistics(events).tools), ["NANGO_GET_CONNECTION", "unknown"]);
});

test("misuse is reported immediately", async () => {
  const { nango } = world();
  for (const [options, message] of [
    [{}, /user/],
    [{ user: "" }, /user/],
    [{ user: "ada", usr: 1 }, /there is no option `session.usr`/],
    [{ user: "ada", toolsets: ["crm"] }, /there is no toolset `crm`/],
    [{ user: "ada", tools: ["NANGO_NOTHING"] }, /there is no tool `NANGO_NOTHING`/],
    [{ user: "ada", policy: {} }, /default/],
    [{ user: "ada", tags: { end_user_id: "eve" } }, /contradicts/],
  ]) {
    assert.throws(
      () => nango.session(options),
      { name: "NangoToolkitError", kind: "invalid_option", message },
      JSON.stringify(options),
    );
  }
  for (const name of ["policy", "tools", "toolsets", "readOnly", "organization", "tags"]) {
    assert.throws(
      () => nango.session({ user: "ada", [name]: null }),
      { kind: "invalid_option", message: new RegExp(`session.${name}`) },
      name,
    );
  }
  for (const name of ["policy", "proxy", "modify"])
    assert.throws(() => world({ [name]: null }), { kind: "invalid_option", message: new RegExp(name) }, name);
  assert.throws(() => nango.session(), { name: "NangoToolkitError" });
  for (const name of ["beforeCall", "afterCall", "onSchema", "onApproval", "onEvent"]) {
    assert.throws(() => world({ [name]: true }), {
      kind: "invalid_option",
      code: "invalid_option",
      message: new RegExp(name),
    });
  }
  for (const store of [5, {}, { increment: 1 }])
    assert.throws(() => world({ store }), { code: "invalid_option", message: /store/ });
  // A call has no options that widen a view.
  for (const option of ["policy", "session", "baseUrl", "proxy", "modify", "allowInsecureHttp"]) {
    await assert.rejects(nango.session({ user: "ada" }).execute("NANGO_LIST_INTEGRATIONS", {}, { [option]: {} }), {
      message: new RegExp(`there is no option \`${option}\``),
    });
  }
  await assert.rejects(nango.session({ user: "ada" }).mcp(), { code: "invalid_option", hint: /mcpBaseUrl/ });
});
