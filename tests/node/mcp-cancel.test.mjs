// `notifications/cancelled` over HTTP: it ends a call of the same caller, and no call of anybody else.
import assert from "node:assert/strict";
import { describe, mock, test } from "node:test";
import { setImmediate as settle } from "node:timers/promises";
import { createMcpHandler } from "../../pkg/dist/entry/mcp-node.js";
import { NangoToolkit } from "../../pkg/dist/entry/node.js";
import { running, until } from "./mcp-calls.mjs";

const NAME = "NANGO_LIST_INTEGRATIONS";
/** What a key looks like. */
const KEY = "00000000-0000-4000-8000-000000000000";
const [ADA, GRACE, ALL] = ["token-of-ada-0123456789", "token-of-grace-0123456789", "token-of-the-operator-012"];

const call = (id = 1, more = {}) => ({ jsonrpc: "2.0", id, method: "tools/call", params: { name: NAME, ...more } });
const cancel = (requestId = 1) => ({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId } });

/** A POST as this caller: a token, or headers. */
function send(handler, caller, message, { path = "/mcp" } = {}) {
  const own = typeof caller === "string" ? { authorization: `Bearer ${caller}` } : caller;
  const headers = { "content-type": "application/json", accept: "application/json, text/event-stream", ...own };
  const body = typeof message === "string" ? message : JSON.stringify(message);
  return handler(new Request(`https://mcp.example${path}`, { method: "POST", headers, body }));
}

/** Whether what `second` sends ends a call of `first`; the call ends in any case. */
async function ends(handler, calls, first, second, { asked = 1, named = asked, ...options } = {}) {
  const pending = send(handler, first, call(asked), options);
  const { signal, finish } = await until(() => calls.pop());
  const accepted = await send(handler, second, cancel(named), options);
  assert.deepEqual([accepted.status, await accepted.text()], [202, ""]);
  await settle();
  const isEnded = signal.aborted;
  finish();
  const response = await pending;
  const text = await response.text();
  if (isEnded) assert.deepEqual([response.status, text], [202, ""]);
  else assert.equal(JSON.parse(text).result.structuredContent.successful, true);
  return isEnded;
}

describe("a cancelled call over HTTP", () => {
  test("is aborted upstream, reported, and answered with 202", async () => {
    const [aborted, finished] = [[], []];
    const fetch = (_url, { signal }) =>
      new Promise((_resolve, reject) =>
        signal.addEventListener("abort", () => (aborted.push(true), reject(signal.reason))),
      );
    const onEvent = (event) => event.type === "call.finished" && finished.push(event);
    const handler = createMcpHandler({ apiKey: KEY, fetch, onEvent, tokens: { [ADA]: { user: "ada" } } });
    const pending = send(handler, ADA, call("a"));
    await settle();
    assert.equal((await send(handler, ADA, cancel("a"))).status, 202);
    const response = await pending;
    assert.deepEqual([response.status, await response.text(), aborted], [202, "", [true]]);
    const [{ tool, user, error }, ...more] = finished;
    assert.deepEqual([tool, user, error.kind, more], [NAME, "ada", "aborted", []]);
  });

  test("ends its stream if it already has one", async () => {
    mock.timers.enable({ apis: ["setInterval"] });
    try {
      const { toolkit, calls } = running();
      const handler = createMcpHandler({ toolkit, tokens: { [ADA]: true } });
      const pending = send(handler, ADA, call(1, { _meta: { progressToken: 7 } }));
      const { signal } = await until(() => calls.pop());
      mock.timers.tick(5000);
      const text = (await pending).text();
      await send(handler, ADA, cancel());
      await until(() => signal.aborted);
      mock.timers.tick(50_000);
      assert.equal([...(await text).matchAll(/^data: (.*)$/gm)].length, 1, await text);
      assert.match(await text, /notifications\/progress/);
    } finally {
      mock.timers.reset();
    }
  });

  test("may be one of your own tools, or one of a batch", async () => {
    const seen = [];
    const run = (_args, { signal }) =>
      new Promise((resolve) => {
        seen.push(signal);
        signal.addEventListener("abort", () => resolve({ content: [] }));
      });
    const { toolkit, calls } = running();
    const extraTools = [{ name: "mine", inputSchema: { type: "object" }, run }];
    const handler = createMcpHandler({ toolkit, extraTools, tokens: { [ADA]: true } });
    const own = send(handler, ADA, call(1, { name: "mine" }));
    await until(() => seen.length);
    await send(handler, ADA, cancel());
    assert.deepEqual([(await own).status, seen[0].aborted], [202, true]);
    const batch = send(handler, ADA, [call(1), call(2)]);
    const [, second] = await until(() => calls.length === 2 && calls);
    await send(handler, ADA, cancel(1));
    second.finish();
    assert.deepEqual(
      (await (await batch).json()).map(({ id }) => id),
      [2],
    );
  });

  test("is found by its ID as it was written", async () => {
    const { toolkit, calls } = running();
    const handler = createMcpHandler({ toolkit, tokens: { [ADA]: true } });
    for (const [asked, named, isEnded] of [
      [1, 1, true],
      ["x", "x", true],
      [1, "1", false],
      [1, 2, false],
      ["a\nb", "a\nb", true],
      [1, null, false],
      [1, { id: 1 }, false],
    ])
      assert.equal(await ends(handler, calls, ADA, ADA, { asked, named }), isEnded, JSON.stringify([asked, named]));
    // What has ended is not found again, and the next call with this ID is another.
    assert.equal((await send(handler, ADA, cancel(1))).status, 202);
    assert.equal(await ends(handler, calls, ADA, ADA), true);
  });

  test("is not ended if two calls of the caller have its ID", async () => {
    const { toolkit, calls } = running();
    const handler = createMcpHandler({ toolkit, tokens: { [ADA]: true } });
    const both = [send(handler, ADA, call()), send(handler, ADA, call())];
    const [first, second] = await until(() => calls.length === 2 && calls);
    await send(handler, ADA, cancel());
    await settle();
    assert.deepEqual([first.signal.aborted, second.signal.aborted], [false, false]);
    first.finish();
    assert.equal((await both[0]).status, 200);
    await send(handler, ADA, cancel());
    assert.deepEqual([(await both[1]).status, second.signal.aborted], [202, true]);
  });
});

describe("a notification ends calls of its own caller only", () => {
  test("tokens, also for the same tools", async () => {
    const { toolkit, calls } = running();
    const handler = createMcpHandler({ toolkit, tokens: { [ADA]: true, [GRACE]: true } });
    assert.equal(await ends(handler, calls, ADA, ADA), true);
    assert.equal(await ends(handler, calls, ADA, { "x-api-key": ADA }), true);
    assert.equal(await ends(handler, calls, ADA, GRACE), false);
    // Where both run a call with this ID, each ends its own.
    const both = [send(handler, ADA, call()), send(handler, GRACE, call())];
    const [ofAda, ofGrace] = await until(() => calls.length === 2 && calls);
    await send(handler, ADA, cancel());
    assert.equal((await both[0]).status, 202);
    assert.deepEqual([ofAda.signal.aborted, ofGrace.signal.aborted], [true, false]);
    ofGrace.finish();
    assert.equal((await both[1]).status, 200);
    const handle = createMcpHandler({ toolkit, tokens: { [ADA]: true } });
    assert.equal((await send(handle, "a wrong token of ada", cancel())).status, 401);
  });

  test("session tokens", async () => {
    const replies = [];
    const fetch = (_url, { signal }) =>
      new Promise((resolve, reject) => {
        replies.push({ signal, finish: () => resolve(Response.json({ data: [] })) });
        signal.addEventListener("abort", () => reject(signal.reason));
      });
    const sessionKey = "a key of thirty-two bytes or more, for tests";
    const nango = new NangoToolkit({ apiKey: KEY, fetch, sessionKey, retry: { attempts: 1 } });
    const handler = createMcpHandler({ toolkit: nango, sessionTokens: true });
    const [ada, again, grace] = await Promise.all(
      ["ada", "ada", "grace"].map((user) => nango.session({ user }).token()),
    );
    assert.equal(await ends(handler, replies, ada, ada), true);
    for (const other of [again, grace]) assert.equal(await ends(handler, replies, ada, other), false);
  });

  test("what authenticate accepts, by its token and what is returned for it", async () => {
    const { toolkit, calls } = running();
    const runners = new Map(["a", "b"].map((name) => [name, { ...toolkit }]));
    const sessions = (name) => ({ user: name });
    for (const callerOf of [(name) => runners.get(name), sessions, () => true]) {
      const host = { ...toolkit, session: () => ({ ...toolkit }) };
      const authenticate = (request) => callerOf(request.headers.get("x-user"));
      const handler = createMcpHandler({ toolkit: host, authenticate });
      const as = (user, token) => ({ "x-user": user, ...(token && { authorization: `Bearer ${token}` }) });
      assert.equal(await ends(handler, calls, as("a", ADA), as("a", ADA)), true);
      assert.equal(await ends(handler, calls, as("a", ADA), as("a", GRACE)), false);
      // A gateway with one token for all.
      if (callerOf() !== true) assert.equal(await ends(handler, calls, as("a", ALL), as("b", ALL)), false);
      // Without a token, callers are not distinguished.
      assert.equal(await ends(handler, calls, as("a"), as("a")), false);
    }
  });

  test("nobody, where callers are not distinguished", async () => {
    const { toolkit, calls } = running();
    const anonymous = createMcpHandler({ toolkit, allowAnonymous: true });
    assert.equal(await ends(anonymous, calls, {}, {}), false);
    assert.equal(await ends(anonymous, calls, ADA, ADA), false);
    const secretPath = "s3cret_s3cret_s3cret";
    const secret = createMcpHandler({ toolkit, secretPath, tokens: { [ADA]: true } });
    const path = `/mcp/${secretPath}`;
    assert.equal(await ends(secret, calls, {}, {}, { path }), false);
    assert.equal(await ends(secret, calls, ADA, ADA, { path }), false);
    assert.equal(await ends(secret, calls, ADA, ADA), true);
  });
});

test("calls that have ended are forgotten", async () => {
  const { toolkit, calls } = running();
  const handler = createMcpHandler({ toolkit, tokens: { [ADA]: true } });
  for (let i = 0; i < 200; i++) assert.equal(await ends(handler, calls, ADA, ADA, { named: i % 2 }), i % 2 === 1);
});
