// The library as a developer imports it in Node: pure functions, execute, transport, redaction, misuse.
import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { setTimeout as pause } from "node:timers/promises";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { createEmulator } from "../../pkg/dist/entry/emulator-node.js";
import {
  NangoToolkit,
  buildRequest,
  exactOutputSchema,
  getTool,
  listTools,
  parseResponse,
  validate,
} from "../../pkg/dist/entry/node.js";
import { listen } from "./support.mjs";

const KEY = "7b0c9f6e-4a55-4b8e-9d6a-2f1f0f6f5c11";
const ADA = { connection_id: "hubspot-ada", provider_config_key: "hubspot" };

/** A toolkit over an in-memory Nango of its own. */
function inMemory(options = {}, emulatorOptions = {}) {
  const emulator = createEmulator(emulatorOptions);
  const { fetch, apiKey, baseUrl } = emulator;
  return { emulator, nango: new NangoToolkit({ fetch, apiKey, baseUrl, ...options }) };
}

/** A toolkit whose `fetch` answers what `answer` says, and which remembers every request. */
function stubbed(answer, options = {}) {
  const requests = [];
  const fetch = async (url, init) => {
    requests.push({ url: String(url), ...init });
    return answer(requests.length, url, init);
  };
  return { requests, nango: new NangoToolkit({ apiKey: KEY, fetch, ...options }) };
}

const json = (value, status = 200, headers = {}) =>
  new Response(JSON.stringify(value), { status, headers: { "content-type": "application/json", ...headers } });

test("listTools: all, by toolset, by name, only reads", () => {
  const all = listTools();
  assert.equal(all.length, 23);
  assert.equal(new Set(all.map((tool) => tool.slug)).size, 23);
  for (const tool of all) {
    assert.ok(tool.title && tool.description.length >= 120, tool.slug);
    assert.equal(tool.inputSchema.type, "object");
    assert.equal(tool.annotations.readOnlyHint, tool.effect === "read");
  }
  assert.deepEqual([...new Set(listTools({ toolsets: ["syncs"] }).map((tool) => tool.toolset))], ["syncs"]);
  assert.deepEqual(
    listTools({ tools: ["NANGO_GET_PROXY", "NANGO_GET_CONNECTION"] })
      .map((tool) => tool.slug)
      .sort(),
    ["NANGO_GET_CONNECTION", "NANGO_GET_PROXY"],
  );
  assert.ok(listTools({ readOnly: true }).every((tool) => tool.effect === "read"));
});

test("results have types, unless a hook may return others", () => {
  const dataOf = (options) =>
    new NangoToolkit({ apiKey: KEY, ...options }).tools({ tools: ["NANGO_LIST_INTEGRATIONS"] })[0].outputSchema
      .properties.data;
  assert.deepEqual(dataOf({}).type, ["object", "null"]);
  assert.deepEqual(dataOf({ beforeCall: () => undefined }), dataOf({}));
  assert.deepEqual(Object.keys(dataOf({ afterCall: () => undefined })), ["description"]);
});

test("exactOutputSchema finds by slug and by alias, and says what is always there", () => {
  const { type, properties, required } = exactOutputSchema("NANGO_CONNECTION_GET");
  assert.deepEqual([type, Object.keys(properties), required], ["object", ["connections"], ["connections"]]);
  const entry = properties.connections.items;
  assert.equal(entry.properties.connection_id.type, "string");
  assert.ok(entry.required.includes("connection_id"));
  assert.equal(exactOutputSchema("NANGO_NOTHING"), undefined);
});

test("getTool finds by slug and by alias", () => {
  assert.equal(getTool("NANGO_CONNECTION_GET").slug, "NANGO_CONNECTION_LIST_GET");
  assert.equal(getTool("NANGO_GET_CONNECTION").slug, "NANGO_GET_CONNECTION");
  assert.equal(getTool("NANGO_NOTHING") ?? undefined, undefined);
});

test("validate names every problem at once", () => {
  assert.deepEqual(validate("NANGO_GET_CONNECTION", ADA), { valid: true, issues: [] });
  const { valid, issues } = validate("NANGO_ADD_CONNECTION", {
    provider_config_key: "hub/spot",
    credentials: { type: "BASIC", username: "ada" },
    tags: { end_user_email: "nobody" },
    colour: "red",
  });
  assert.equal(valid, false);
  const paths = issues.map((issue) => issue.path.join("."));
  for (const path of ["provider_config_key", "credentials.password", "tags.end_user_email"])
    assert.ok(paths.includes(path), `${path} in ${paths}`);
  assert.ok(issues.some((issue) => issue.code === "unrecognized_keys" && issue.message.includes("colour")));
});

test("validate never shows the value of a secret", () => {
  const { issues } = validate("NANGO_ADD_CONNECTION", {
    provider_config_key: "hubspot",
    credentials: { type: "API_KEY", apiKey: ["hunter2-hunter2"] },
  });
  assert.ok(issues.length > 0);
  assert.doesNotMatch(JSON.stringify(issues), /hunter2/);
});

test("buildRequest builds without a key, and throws with issues", () => {
  const request = buildRequest(
    "NANGO_GET_INTEGRATION",
    { unique_key: "a b", include: ["webhook", "credentials"] },
    { baseUrl: "https://nango.example.com/" },
  );
  assert.equal(request.method, "GET");
  assert.equal(request.url, "https://nango.example.com/integrations/a%20b?include=webhook&include=credentials");
  assert.equal(request.body, null);
  assert.doesNotMatch(JSON.stringify(request), /authorization/i);
  assert.throws(
    () => buildRequest("NANGO_GET_INTEGRATION", {}),
    (error) => error instanceof Error && error.issues.length === 1,
  );
  assert.throws(() => buildRequest("NANGO_GET_INTEGRATON", {}), {
    kind: "unknown_tool",
    hint: /NANGO_GET_INTEGRATION/,
  });
});

test("parseResponse reads success, error and nonsense", () => {
  const good = parseResponse("NANGO_LIST_INTEGRATIONS", { status: 200, headers: {}, body: '{"data":[]}' });
  assert.deepEqual([good.successful, good.data, good.error], [true, { data: [] }, null]);
  const bad = parseResponse("NANGO_GET_INTEGRATION", {
    status: 404,
    headers: { "content-type": "application/json" },
    body: '{"error":{"code":"not_found","message":"gone"}}',
  });
  assert.deepEqual(
    [bad.successful, bad.data, bad.error.kind, bad.error.code, bad.error.status],
    [false, null, "not_found", "not_found", 404],
  );
  for (const body of ["<html>", "", '{"data":[', "null"]) {
    const odd = parseResponse("NANGO_LIST_INTEGRATIONS", { status: 502, headers: {}, body });
    assert.equal(odd.successful, false);
    assert.equal(odd.error.status, 502);
  }
});

test("execute: a success and a failure have one shape", async () => {
  const { nango } = inMemory();
  const good = await nango.execute("NANGO_LIST_INTEGRATIONS", {});
  assert.deepEqual(Object.keys(good).sort(), ["data", "error", "meta", "successful"]);
  assert.equal(good.successful, true);
  assert.ok(good.data.data.length >= 10);
  assert.equal(good.meta.tool, "NANGO_LIST_INTEGRATIONS");
  assert.equal(good.meta.status, 200);
  assert.equal(good.meta.attempts, 1);
  assert.ok(good.meta.callId && good.meta.durationMs >= 0);

  const bad = await nango.execute("NANGO_GET_CONNECTION", { ...ADA, connection_id: "nobody" });
  assert.deepEqual(Object.keys(bad).sort(), ["data", "error", "meta", "successful"]);
  assert.equal(bad.data, null);
  assert.equal(bad.error.kind, "not_found");
  assert.match(bad.error.hint, /NANGO_CONNECTION_LIST_GET/);
});

test("execute takes what a model sends: JSON text, missing arguments, null for nothing, an alias", async () => {
  const { nango } = inMemory();
  for (const args of ['{"search":"ada"}', { search: "ada", connection_id: null }, { search: "ada", limit: "5" }]) {
    const result = await nango.execute("NANGO_CONNECTION_GET", args);
    assert.equal(result.successful, true, JSON.stringify(result.error));
    assert.ok(result.data.connections.length >= 1);
  }
  assert.equal((await nango.execute("NANGO_LIST_INTEGRATIONS")).successful, true);
});

test("execute sends nothing when arguments are wrong or the tool is unknown", async () => {
  const { nango, requests } = stubbed(() => json({}));
  const refused = await nango.execute("NANGO_DELETE_CONNECTION", { connection_id: "a" });
  assert.equal(refused.error.kind, "invalid_arguments");
  assert.deepEqual(refused.error.issues[0].path, ["provider_config_key"]);
  assert.equal(refused.meta.attempts, 0);
  const unknown = await nango.execute("NANGO_DELETE_CONECTION", {});
  assert.equal(unknown.error.kind, "unknown_tool");
  assert.match(JSON.stringify(unknown.error), /NANGO_DELETE_CONNECTION/);
  for (const broken of ["{oops", "[]", 5, []])
    assert.equal(
      (await nango.execute("NANGO_LIST_INTEGRATIONS", broken)).error.kind,
      "invalid_arguments",
      String(broken),
    );
  assert.equal(requests.length, 0);
});

test("every tool works against the in-memory Nango, with the examples it declares", async () => {
  // Tools whose examples name what has to be made first.
  const madeFirst = JSON.parse(readFileSync(new URL("../fixtures/example_answers.json", import.meta.url), "utf8"));
  for (const tool of listTools({ toolsets: "all" })) {
    assert.ok(tool.examples.length > 0, tool.slug);
    for (const { title, arguments: args } of tool.examples) {
      const emulator = createEmulator();
      const ofAccount = tool.scopes.some((scope) => scope.startsWith("account:"));
      const apiKey = ofAccount ? emulator.addKey(["account:*"]) : emulator.apiKey;
      const nango = new NangoToolkit({ fetch: emulator.fetch, apiKey, baseUrl: emulator.baseUrl });
      const { successful, error } = await nango.execute(tool.slug, args);
      const expected = madeFirst[tool.slug];
      const said = `${tool.slug}, ${title}: ${JSON.stringify(error)}`;
      assert.deepEqual([successful, error?.status, error?.code], [!expected, expected?.status, expected?.code], said);
    }
  }
});

test("secrets are masked, and revealed for a toolkit, a call or a kind", async () => {
  const {
    nango,
    emulator: { fetch, apiKey, baseUrl },
  } = inMemory();
  const tokenOf = (result) => result.data.credentials.access_token;
  const masked = tokenOf(await nango.execute("NANGO_GET_CONNECTION", ADA));
  assert.doesNotMatch(masked, /^emulated-/);
  assert.match(tokenOf(await nango.execute("NANGO_GET_CONNECTION", ADA, { revealSecrets: true })), /^emulated-/);
  assert.match(
    tokenOf(await nango.execute("NANGO_GET_CONNECTION", ADA, { revealSecrets: ["access_token"] })),
    /^emulated-/,
  );
  assert.equal(tokenOf(await nango.execute("NANGO_GET_CONNECTION", ADA, { revealSecrets: ["refresh_token"] })), masked);
  const open = new NangoToolkit({ fetch, apiKey, baseUrl, revealSecrets: true });
  assert.match(tokenOf(await open.execute("NANGO_GET_CONNECTION", ADA)), /^emulated-/);
  const variables = await nango.execute("NANGO_GET_ENVIRONMENT_VARIABLES", {});
  const plain = await open.execute("NANGO_GET_ENVIRONMENT_VARIABLES", {});
  assert.ok(plain.data.length > 0);
  for (const [index, { value }] of plain.data.entries()) assert.notEqual(variables.data[index].value, value);
});

test("a connect session keeps its link and masks its token", async () => {
  const { nango } = inMemory();
  const { data } = await nango.execute("NANGO_CREATE_CONNECT_SESSION", { tags: { end_user_id: "u1" } });
  assert.match(data.data.connect_link, /^http/);
  assert.doesNotMatch(data.data.token, /^nango_connect_session_[0-9a-f]{64}$/);
});

test("the key goes into the Authorization header and nowhere else", async () => {
  const { nango, requests } = stubbed(() => json({ data: [] }));
  const result = await nango.execute("NANGO_LIST_INTEGRATIONS", {});
  const { url, ...init } = requests[0];
  assert.equal(url, "https://api.nango.dev/integrations");
  assert.equal(new Headers(init.headers).get("authorization"), `Bearer ${KEY}`);
  assert.equal(init.redirect, "manual");
  assert.doesNotMatch(url + JSON.stringify(result), new RegExp(KEY));
});

test("the key may come from a function, at once or later", async () => {
  for (const apiKey of [() => KEY, async () => KEY]) {
    const { nango, requests } = stubbed(() => json({ data: [] }), { apiKey });
    assert.equal((await nango.execute("NANGO_LIST_INTEGRATIONS", {})).successful, true);
    assert.equal(new Headers(requests[0].headers).get("authorization"), `Bearer ${KEY}`);
  }
});

test("a redirect is not followed", async () => {
  let followed = 0;
  const other = await listen((_, response) => response.end(String(++followed)));
  const server = await listen((_, response) => response.writeHead(302, { location: other.url }).end());
  const nango = new NangoToolkit({ apiKey: KEY, baseUrl: server.url });
  const { successful, error } = await nango.execute("NANGO_LIST_INTEGRATIONS", {});
  await Promise.all([server.close(), other.close()]);
  assert.equal(successful, false);
  assert.equal(error.kind, "invalid_response");
  assert.equal(followed, 0);
});

test("Nango's own 429 is tried again after Retry-After", async () => {
  const { nango, emulator } = inMemory({}, { faults: { fail: [{ kind: "rate_limit", times: 1, retryAfter: 1 }] } });
  const started = performance.now();
  const result = await nango.execute("NANGO_LIST_INTEGRATIONS", {});
  assert.equal(result.successful, true);
  assert.equal(result.meta.attempts, 2);
  assert.ok(performance.now() - started >= 1000);
  emulator.setFaults({ fail: [{ kind: "rate_limit", retryAfter: 1 }] });
  const limited = await nango.execute("NANGO_LIST_INTEGRATIONS", {}, { timeoutMs: 300 });
  assert.equal(limited.successful, false);
  assert.ok(["rate_limited", "timeout"].includes(limited.error.kind), limited.error.kind);
});

test("server errors and broken connections are tried again only for idempotent tools", async () => {
  for (const kind of ["status", "drop"]) {
    const fail = () => ({ fail: [{ kind, times: 1, status: 503 }] });
    const { nango, emulator } = inMemory({}, { faults: fail() });
    const read = await nango.execute("NANGO_LIST_INTEGRATIONS", {});
    assert.deepEqual([read.successful, read.meta.attempts], [true, 2], kind);
    emulator.setFaults(fail());
    const write = await nango.execute("NANGO_CREATE_CONNECT_SESSION", { tags: { end_user_id: "u1" } });
    assert.deepEqual([write.successful, write.meta.attempts], [false, 1], kind);
    assert.equal(write.error.kind, kind === "drop" ? "network" : "server");
  }
});

test("retries can be turned off", async () => {
  const { nango, requests } = stubbed(() => json({ error: { code: "server_error", message: "no" } }, 500), {
    retry: { attempts: 1 },
  });
  const result = await nango.execute("NANGO_LIST_INTEGRATIONS", {});
  assert.equal(result.error.kind, "server");
  assert.equal(requests.length, 1);
});

test("garbage and truncated responses become results", async () => {
  for (const kind of ["garbage", "truncate"]) {
    const { nango } = inMemory({}, { faults: { fail: [{ kind }] } });
    const { successful, error } = await nango.execute("NANGO_LIST_INTEGRATIONS", {});
    assert.equal(successful, false);
    assert.equal(error.kind, "invalid_response", kind);
  }
});

test("no server at all is a network error", async () => {
  const server = await listen(() => {});
  await server.close();
  const nango = new NangoToolkit({ apiKey: KEY, baseUrl: server.url, retry: { attempts: 1 } });
  const { error } = await nango.execute("NANGO_LIST_INTEGRATIONS", {});
  assert.equal(error.kind, "network");
  assert.equal(error.retryable, true);
});

test("time out: of the toolkit, of a call", async () => {
  const server = await listen(() => {});
  const impatient = new NangoToolkit({ apiKey: KEY, baseUrl: server.url, timeoutMs: 100, retry: { attempts: 1 } });
  assert.equal((await impatient.execute("NANGO_LIST_INTEGRATIONS", {})).error.kind, "timeout");
  const patient = new NangoToolkit({ apiKey: KEY, baseUrl: server.url, retry: { attempts: 1 } });
  assert.equal((await patient.execute("NANGO_LIST_INTEGRATIONS", {}, { timeoutMs: 100 })).error.kind, "timeout");
  await server.close();
});

test("abort: before, during, and while waiting to try again", async () => {
  const { nango, requests } = stubbed(() => json({ data: [] }));
  const before = await nango.execute("NANGO_LIST_INTEGRATIONS", {}, { signal: AbortSignal.abort() });
  assert.equal(before.error.kind, "aborted");
  assert.equal(requests.length, 0);

  for (const faults of [{ latencyMs: 60_000 }, { fail: [{ kind: "rate_limit", retryAfter: 30 }] }]) {
    const controller = new AbortController();
    const pending = inMemory({}, { faults }).nango.execute(
      "NANGO_LIST_INTEGRATIONS",
      {},
      { signal: controller.signal },
    );
    await pause(20);
    controller.abort();
    assert.equal((await pending).error.kind, "aborted");
  }
});

test("fifty calls in flight keep their answers apart", async () => {
  const { nango } = inMemory({}, { rateLimit: 1000, faults: { latencyMs: 20 } });
  const names = ["github", "hubspot", "salesforce", "slack", "quickbooks"];
  const started = performance.now();
  const results = await Promise.all(
    Array.from({ length: 50 }, (_, index) => nango.execute("NANGO_PROVIDERS_GET_GET", { provider: names[index % 5] })),
  );
  assert.deepEqual(
    results.map((result) => result.data?.data.name),
    Array.from({ length: 50 }, (_, index) => names[index % 5]),
  );
  assert.equal(new Set(results.map((result) => result.meta.callId)).size, 50);
  assert.ok(performance.now() - started < 50 * 20, "they ran one at a time");
});

test("each call leaves events from its start to its end, without a secret", async () => {
  const events = [];
  const { nango } = inMemory({ onEvent: (event) => events.push(event), revealSecrets: true });
  const { meta } = await nango.execute("NANGO_GET_CONNECTION", ADA);
  assert.deepEqual(
    events.map((event) => event.type),
    ["call.started", "call.attempt", "call.finished"],
  );
  assert.ok(
    events.every((event) => event.callId === meta.callId && event.tool === "NANGO_GET_CONNECTION" && event.at > 0),
  );
  await nango.execute("NANGO_GET_CONNECTION", {});
  assert.deepEqual(
    events.slice(3).map((event) => event.type),
    ["call.started", "call.finished"],
  );
  assert.doesNotMatch(JSON.stringify(events), /emulated-access-token/);
});

test("a listener that throws harms no call", async () => {
  const onEvent = () => {
    throw new Error("listener");
  };
  assert.equal((await inMemory({ onEvent }).nango.execute("NANGO_LIST_INTEGRATIONS", {})).successful, true);
});

test("a read-only policy is a hard gate", async () => {
  const { nango, requests } = stubbed(() => json({ data: [] }), { policy: { readOnly: true } });
  const { error } = await nango.execute("NANGO_DELETE_CONNECTION", ADA);
  assert.equal(error.kind, "denied");
  assert.equal(requests.length, 0);
  assert.ok(nango.tools().length > 5 && nango.tools().every((tool) => tool.effect === "read"));
  assert.equal((await nango.execute("NANGO_LIST_INTEGRATIONS", {})).successful, true);
});

test("a misspelt option is an error, not ignored", () => {
  assert.throws(() => new NangoToolkit({ apiKey: KEY, timeoutms: 5 }), /timeoutms/);
  assert.throws(() => listTools({ toolset: "syncs" }), /toolset/);
  assert.throws(() => listTools({ toolsets: ["crm"] }), /crm/);
});

test("misuse by the programmer is thrown, with a message", () => {
  assert.throws(() => new NangoToolkit(), { code: "missing_api_key", hint: /apiKey/ });
  assert.throws(() => new NangoToolkit({}), { code: "missing_api_key", hint: /apiKey/ });
  for (const baseUrl of ["ftp://nango.example.com", "nango.example.com", "http://nango.example.com", 5]) {
    assert.throws(() => new NangoToolkit({ apiKey: KEY, baseUrl }), /baseUrl|http/, String(baseUrl));
  }
  for (const baseUrl of ["http://localhost:3003", "http://127.0.0.1:3003/", "https://nango.example.com/"]) {
    assert.ok(new NangoToolkit({ apiKey: KEY, baseUrl }));
  }
  assert.ok(new NangoToolkit({ apiKey: KEY, baseUrl: "http://nango.example.com", allowInsecureHttp: true }));
});

test("a key of the wrong form is caught before sending, and not shown", async () => {
  let requests = 0;
  const fetch = async () => json({ data: ++requests });
  let text;
  try {
    text = JSON.stringify(
      (await new NangoToolkit({ apiKey: () => "hunter2-hunter2", fetch }).execute("NANGO_LIST_INTEGRATIONS", {})).error,
    );
  } catch (error) {
    text = error.message;
  }
  assert.match(text, /key/i);
  assert.doesNotMatch(text, /hunter2/);
  assert.equal(requests, 0);
});

test("the library ignores NANGO_* variables", async () => {
  const saved = { ...process.env };
  Object.assign(process.env, { NANGO_SECRET_KEY: KEY, NANGO_HOST: "http://127.0.0.1:1" });
  try {
    assert.throws(() => new NangoToolkit({}), { code: "missing_api_key" });
    const { nango, requests } = stubbed(() => json({ data: [] }));
    await nango.execute("NANGO_LIST_INTEGRATIONS", {});
    assert.equal(new URL(requests[0].url).origin, "https://api.nango.dev");
  } finally {
    process.env = saved;
  }
});

test("calls that start together each keep their own asynchronous context", async () => {
  const context = new AsyncLocalStorage();
  const seen = [];
  const fetch = async (url, { headers }) => {
    const before = context.getStore();
    await new Promise((resolve) => setTimeout(resolve, 5));
    seen.push([new URL(url).searchParams.get("search"), headers.Authorization.at(-1), before, context.getStore()]);
    return Response.json({ data: [] });
  };
  const nango = new NangoToolkit({
    apiKey: async () => `7b0c9f6e-4a55-4b8e-9d6a-2f1f0f6f5c1${context.getStore()}`,
    fetch,
  });
  const users = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
  const results = await Promise.all(
    users.map((user) => context.run(user, () => nango.execute("NANGO_PROVIDERS_LIST_GET", { search: `u${user}` }))),
  );
  assert.ok(results.every((result) => result.successful));
  assert.deepEqual(
    seen.toSorted(),
    users.map((user) => [`u${user}`, `${user}`, user, user]),
  );
});
