// `nango-toolkit/emulator` in JavaScript: a `fetch` like the real one, faults, worlds, the Connect stand-in.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { test } from "node:test";
import { createEmulator } from "../../pkg/dist/entry/emulator-node.js";
import { NangoToolkit } from "../../pkg/dist/entry/node.js";

const get = (emulator, path, init = {}) =>
  emulator.fetch(emulator.baseUrl + path, {
    ...init,
    headers: { authorization: `Bearer ${emulator.apiKey}`, ...init.headers },
  });

const post = (emulator, path, body) =>
  get(emulator, path, { method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json" } });

const ids = async (emulator) =>
  (await (await get(emulator, "/connections")).json()).connections.map((connection) => connection.connection_id);

test("fetch takes a string, a URL, a Request and a bare path, and returns a real Response", async () => {
  const emulator = createEmulator();
  const headers = { authorization: `Bearer ${emulator.apiKey}` };
  const url = `${emulator.baseUrl}/integrations`;
  for (const answer of await Promise.all([
    emulator.fetch(url, { headers }),
    emulator.fetch(new URL(url), { headers: new Headers(headers) }),
    emulator.fetch(new Request(url, { headers })),
    emulator.fetch("/integrations", { headers: Object.entries(headers) }),
  ])) {
    assert.ok(answer instanceof Response);
    assert.equal(answer.status, 200);
    assert.match(answer.headers.get("content-type"), /^application\/json/);
    assert.ok((await answer.json()).data.some((integration) => integration.unique_key === "hubspot"));
  }
});

test("it authenticates as the server does", async () => {
  const emulator = createEmulator();
  const codeFor = async (headers) => {
    const answer = await emulator.fetch("/integrations", { headers });
    return [answer.status, (await answer.json()).error.code];
  };
  assert.deepEqual(await codeFor({}), [401, "missing_auth_header"]);
  assert.deepEqual(await codeFor({ authorization: "Bearer nonsense" }), [401, "invalid_secret_key_format"]);
  assert.deepEqual(await codeFor({ authorization: "Bearer 00000000-0000-4000-8000-000000000000" }), [
    401,
    "unknown_account",
  ]);
});

test("a further key has only its scopes", async () => {
  const emulator = createEmulator();
  const headers = { authorization: `Bearer ${emulator.addKey(["environment:integrations:list"])}` };
  assert.equal((await emulator.fetch("/integrations", { headers })).status, 200);
  const refused = await emulator.fetch("/connections", { headers });
  assert.equal(refused.status, 403);
  assert.equal((await refused.json()).error.code, "forbidden");
});

test("a key of the account manages environments and keys, and sees nothing in them", async () => {
  const emulator = createEmulator();
  const headers = { authorization: `Bearer ${emulator.addKey(["account:*"])}`, "content-type": "application/json" };
  const made = async (path, body) => {
    const answer = await emulator.fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
    return (await answer.json()).data;
  };
  const { uuid } = await made("/environments", { name: "second" });
  const { secret } = await made(`/environments/${uuid}/api-keys`, { display_name: "k" });
  const withKey = { headers: { authorization: `Bearer ${secret}` } };
  assert.deepEqual(await (await emulator.fetch("/connections", withKey)).json(), { connections: [] });
  assert.equal((await emulator.fetch("/connections", { headers })).status, 403);
});

test("webhooks are taken once, signed with the key of the environment", async () => {
  const emulator = createEmulator({ now: () => 1_700_000_000_000 });
  const session = await (await post(emulator, "/connect/sessions", { end_user: { id: "ada" } })).json();
  emulator.takeWebhooks();
  emulator.connect(session.data.token, "slack");
  const [{ url, headers, body }, ...others] = emulator.takeWebhooks();
  assert.deepEqual([url, others.length, JSON.parse(body).operation], [null, 0, "creation"]);
  const right = createHmac("sha256", emulator.webhookSigningKey()).update(body).digest("hex");
  assert.equal(new Map(headers).get("x-nango-hmac-sha256"), right);
  assert.deepEqual(emulator.takeWebhooks(), []);
});

test("the same seed gives the same ids and tokens, another seed different ones", async () => {
  const made = async (seed) => {
    const emulator = createEmulator({ seed, now: () => 1_700_000_000_000 });
    const session = await (await post(emulator, "/connect/sessions", { tags: { end_user_id: "u1" } })).json();
    return [emulator.apiKey, session.data.token];
  };
  assert.deepEqual(await made(7), await made(7));
  assert.notDeepEqual(await made(7), await made(8));
  assert.equal(createEmulator(7).apiKey, (await made(7))[0]);
});

test("a given key is the one with every scope, and stays over a reset", async () => {
  const apiKey = "0b8a5f1e-6d47-4c1e-8a55-9e1f0f6f5c22";
  const emulator = createEmulator({ apiKey, seed: 7 });
  assert.equal(emulator.apiKey, apiKey);
  emulator.reset();
  assert.equal((await get(emulator, "/integrations")).status, 200);
  const headers = { authorization: `Bearer ${createEmulator(7).apiKey}` };
  assert.equal((await emulator.fetch("/integrations", { headers })).status, 401);
});

test("what is written stays until reset", async () => {
  const emulator = createEmulator();
  const before = await ids(emulator);
  const deleted = await get(emulator, "/connections/hubspot-ada?provider_config_key=hubspot", { method: "DELETE" });
  assert.equal(deleted.status, 200);
  assert.deepEqual(
    await ids(emulator),
    before.filter((id) => id !== "hubspot-ada"),
  );
  emulator.reset();
  assert.deepEqual(await ids(emulator), before);
});

test("two emulators share nothing", async () => {
  const [one, other] = [createEmulator(1), createEmulator(2)];
  await get(one, "/connections/hubspot-ada?provider_config_key=hubspot", { method: "DELETE" });
  assert.ok(!(await ids(one)).includes("hubspot-ada"));
  assert.ok((await ids(other)).includes("hubspot-ada"));
});

test("connect stands in for the end user of a session", async () => {
  const emulator = createEmulator();
  const session = await (
    await post(emulator, "/connect/sessions", { tags: { team: "red" }, allowed_integrations: ["github"] })
  ).json();
  const id = emulator.connect(session.data.token, "github");
  const listed = await (await get(emulator, `/connections?connectionId=${encodeURIComponent(id)}`)).json();
  assert.equal(listed.connections.length, 1);
  assert.equal(listed.connections[0].provider_config_key, "github");
  assert.equal(listed.connections[0].tags.team, "red");
  assert.throws(
    () => emulator.connect("nango_connect_session_nonsense", "github"),
    (error) => error instanceof Error && error.message.length > 10,
  );
});

test("a connect session ends after thirty minutes of its clock", async () => {
  let now = 1_700_000_000_000;
  const emulator = createEmulator({ now: () => now });
  const session = await (await post(emulator, "/connect/sessions", { tags: { team: "red" } })).json();
  now += 31 * 60_000;
  assert.throws(() => emulator.connect(session.data.token, "github"));
});

test("a custom world replaces the default fixture, and an invalid one is refused", async () => {
  const world = { integrations: [{ unique_key: "mine", provider: "github" }], connections: [] };
  for (const given of [world, JSON.stringify(world)]) {
    const emulator = createEmulator({ world: given });
    const { data } = await (await get(emulator, "/integrations")).json();
    assert.deepEqual(
      data.map((integration) => integration.unique_key),
      ["mine"],
    );
  }
  assert.throws(() => createEmulator({ world: "{" }), Error);
});

test("what is saved loses nothing: data, credentials, keys, IDs to come", async () => {
  const first = createEmulator({ seed: 9, rateLimit: 50 });
  const limited = first.addKey(["environment:connections:list"]);
  await get(first, "/connections/hubspot-ada?provider_config_key=hubspot", { method: "DELETE" });
  const saved = first.save();
  assert.match(saved, /emulated-access-token/);
  const nango = ({ fetch, apiKey, baseUrl }) => new NangoToolkit({ fetch, apiKey, baseUrl });
  const credentials = { type: "NONE" };
  const added = { provider_config_key: "unauthenticated", connection_id: "new", credentials };
  for (const world of [saved, JSON.parse(saved)]) {
    const second = createEmulator({ world });
    assert.equal(second.save(), saved);
    assert.equal(second.apiKey, first.apiKey);
    assert.deepEqual(second.world(), first.world());
    const withLimited = { headers: { authorization: `Bearer ${limited}` } };
    const answer = await second.fetch("/connections", withLimited);
    assert.deepEqual([answer.status, answer.headers.get("x-ratelimit-limit")], [200, "50"]);
    assert.equal((await ids(second)).includes("hubspot-ada"), false);
    const path = "/connections/salesforce-acme?provider_config_key=salesforce";
    const read = async (emulator) => (await (await get(emulator, path)).json()).credentials.access_token;
    assert.equal(await read(second), await read(createEmulator({ world: saved })));
    assert.equal((await nango(second).execute("NANGO_ADD_CONNECTION", added)).successful, true);
    assert.ok((await ids(second)).includes("new"));
    second.reset();
    assert.equal(second.save(), saved, "a reset leads back to what was given");
  }
  const other = createEmulator({ world: saved, apiKey: "0b8a5f1e-6d47-4c1e-8a55-9e1f0f6f5c22", rateLimit: 3 });
  assert.equal(other.apiKey, "0b8a5f1e-6d47-4c1e-8a55-9e1f0f6f5c22");
  assert.equal((await get(other, "/connections")).headers.get("x-ratelimit-limit"), "3");
});

test("a saved world that cannot be used is an error that says what to give", () => {
  const saved = JSON.parse(createEmulator().save());
  const refused = (options, says) =>
    assert.throws(
      () => createEmulator(options),
      (error) => error.kind === "invalid_option" && says.test(error.message),
    );
  refused({ world: saved, seed: 2 }, /`seed`: a saved `world` has its own, so leave this out/);
  refused(
    { world: createEmulator().world() },
    /`syncs`: this is the view of `world\(\)`.*give what `save\(\)` returned/,
  );
  refused({ world: { saved: { ...saved.saved, version: 2 } } }, /version 2, and this version of the toolkit reads 1/);
  refused({ world: { saved: { ...saved.saved, keys: [] } } }, /`saved.keys`: expected at least one/);
  const wrong = structuredClone(saved);
  wrong.saved.keys = ["a-secret"];
  refused({ world: wrong }, /returned: line 1 column \d+: expected an object, got a string$/);
  refused({ world: { ...saved, more: 1 } }, /there is no property `more`/);
  refused({ world: { saved: {} } }, /this is not what `save\(\)` returned: line 1 column \d+: missing field `version`/);
});

test("world returns all data without secrets", () => {
  const text = JSON.stringify(createEmulator().world());
  assert.match(text, /hubspot-ada/);
  assert.doesNotMatch(text, /emulated-access-token/);
});

test("latency is waited for, and an abort ends the wait", async () => {
  const emulator = createEmulator({ faults: { latencyMs: 60 } });
  const started = performance.now();
  assert.equal((await get(emulator, "/integrations")).status, 200);
  assert.ok(performance.now() - started >= 55);

  emulator.setFaults({ latencyMs: 60_000 });
  const controller = new AbortController();
  const pending = get(emulator, "/integrations", { signal: controller.signal });
  await pause(5);
  controller.abort();
  await assert.rejects(pending, { name: "AbortError" });
  await assert.rejects(get(emulator, "/integrations", { signal: AbortSignal.timeout(5) }), { name: "TimeoutError" });
});

test("an aborted signal stops a request before it is handled", async () => {
  const emulator = createEmulator();
  const deletion = get(emulator, "/connections/hubspot-ada?provider_config_key=hubspot", {
    method: "DELETE",
    signal: AbortSignal.abort(),
  });
  await assert.rejects(deletion, { name: "AbortError" });
  assert.ok((await ids(emulator)).includes("hubspot-ada"));
});

test("faults: each kind, only where they match, only as often as specified", async () => {
  const emulator = createEmulator();
  const path = "/integrations";
  emulator.setFaults({ fail: [{ match: { method: "GET", path }, times: 1, kind: "status", status: 502 }] });
  assert.equal((await get(emulator, "/connections")).status, 200);
  assert.equal((await get(emulator, path)).status, 502);
  assert.equal((await get(emulator, path)).status, 200);

  emulator.setFaults({ fail: [{ times: 1, kind: "rate_limit", retryAfter: 3 }] });
  const limited = await get(emulator, path);
  assert.equal(limited.status, 429);
  assert.equal(limited.headers.get("retry-after"), "3");
  assert.equal((await limited.json()).error.code, "too_many_request");

  emulator.setFaults({ fail: [{ kind: "drop" }] });
  await assert.rejects(get(emulator, path), TypeError);

  for (const kind of ["garbage", "truncate"]) {
    emulator.setFaults({ fail: [{ kind, times: 1 }] });
    const answer = await get(emulator, path);
    await assert.rejects(answer.json(), SyntaxError, kind);
  }
  emulator.setFaults();
  assert.equal((await get(emulator, path)).status, 200);
});

test("an invalid fault specification is refused with the reason", () => {
  const emulator = createEmulator();
  assert.throws(() => emulator.setFaults({ fail: [{ kind: "explode" }] }), /explode|kind/);
  assert.throws(() => createEmulator({ faults: { latency: 5 } }), /latency/);
});

test("wrong options are refused by their name", () => {
  for (const [options, says] of [
    [{ sed: 3 }, /there is no option `sed`; did you mean `seed`\?/],
    [{ seed: null }, /`seed`.*null/],
    [{ apiKey: null }, /`apiKey`.*null/],
    [{ apiKey: "" }, /`apiKey`: expected a UUID v4/],
    [{ apiKey: 7 }, /`apiKey`.*7/],
    [{ apikey: "x" }, /did you mean `apiKey`\?/],
    [{ seed: Number.NaN }, /`seed`.*NaN/],
    [Number.POSITIVE_INFINITY, /`seed`.*Infinity/],
    [{ seed: -1 }, /`seed`/],
    [{ seed: 1.5 }, /`seed`/],
    [{ seed: 5n }, /`seed`/],
    [{ rateLimit: null }, /`rateLimit`/],
    [{ rateLimit: "2" }, /`rateLimit`/],
    [{ rateLimit: () => 2 }, /`rateLimit`/],
    [{ world: null }, /world/],
    [{ world: [] }, /world/],
    [{ world: { rate_limit: "2" } }, /`rate_limit`/],
    [{ faults: null }, /faults/],
    [
      { faults: { fail: [{ kind: "drop", time: 1 }] } },
      /`fail\[0\]`: there is no property `time`; did you mean `times`\?/,
    ],
    [{ now: null }, /`now`/],
    [null, /object/],
    [[], /object/],
    ["{}", /object/],
  ]) {
    assert.throws(
      () => createEmulator(options),
      (error) => error instanceof Error && error.kind === "invalid_option" && says.test(error.message),
      String(says),
    );
  }
  const emulator = createEmulator({
    seed: undefined,
    apiKey: undefined,
    world: undefined,
    faults: undefined,
    rateLimit: undefined,
    now: undefined,
  });
  assert.equal(emulator.apiKey, createEmulator().apiKey);
  for (const call of [
    () => emulator.setRateLimit(Number.NaN),
    () => emulator.setRateLimit(-1),
    () => emulator.setFaults(null),
    () => emulator.addKey("environment:*"),
    () => emulator.addKey(),
    () => emulator.handle({ url: "/health", headers: { accept: "*/*" } }),
    () => createEmulator({ now: () => Number.NaN }).handle({ url: "/health" }),
  ]) {
    assert.throws(call, { kind: "invalid_option" }, String(call));
  }
});

test("the rate limit counts, answers 429, and opens again with the clock", async () => {
  let now = 1_700_000_000_000;
  const emulator = createEmulator({ rateLimit: 2, now: () => now });
  const first = await get(emulator, "/integrations");
  assert.equal(first.headers.get("x-ratelimit-limit"), "2");
  assert.equal(first.headers.get("x-ratelimit-remaining"), "1");
  assert.equal((await get(emulator, "/integrations")).status, 200);
  assert.equal((await get(emulator, "/integrations")).status, 429);
  now += 61_000;
  assert.equal((await get(emulator, "/integrations")).status, 200);
});

test("handle returns immediately and leaves waiting to the caller", () => {
  const emulator = createEmulator({ faults: { latencyMs: 5000 } });
  const reply = emulator.handle({ url: "/integrations", headers: [["authorization", `Bearer ${emulator.apiKey}`]] });
  assert.equal(reply.status, 200);
  assert.equal(reply.delayMs, 5000);
  assert.equal(reply.dropped, false);
  assert.ok(JSON.parse(reply.body).data.length >= 10);
});
