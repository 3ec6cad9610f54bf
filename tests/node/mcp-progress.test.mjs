// Long calls over MCP: clients that ask for it are notified of progress, over HTTP and stdio. The interval of the
// notifications follows a fake clock.
import assert from "node:assert/strict";
import { once } from "node:events";
import { request as httpRequest } from "node:http";
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, describe, mock, test } from "node:test";
import { setImmediate as settle } from "node:timers/promises";
import { serveHttp, serveStdio } from "../../pkg/dist/bin/mcp-serve.js";
import { createMcpHandler, makeServer } from "../../pkg/dist/entry/mcp-node.js";
import { NangoToolkit, listTools } from "../../pkg/dist/entry/node.js";
import { running, until } from "./mcp-calls.mjs";

const MODERN = "2026-07-28";
const META = { "io.modelcontextprotocol/protocolVersion": MODERN, "io.modelcontextprotocol/clientCapabilities": {} };
const BOTH = "application/json, text/event-stream";
const NAME = "NANGO_LIST_INTEGRATIONS";
/** What a key looks like. */
const KEY = "00000000-0000-4000-8000-000000000000";
const SECONDS = 5;

const call = (meta, { id = 1, name = NAME } = {}) => ({
  jsonrpc: "2.0",
  id,
  method: "tools/call",
  params: { name, ...(meta && { _meta: meta }) },
});
const notification = (progressToken, seconds) => ({
  jsonrpc: "2.0",
  method: "notifications/progress",
  params: { progressToken, progress: seconds, message: `waiting for an answer for ${seconds} s` },
});

const init = (message, { accept = BOTH, signal, headers } = {}) => ({
  method: "POST",
  headers: { "content-type": "application/json", ...(accept && { accept }), ...headers },
  body: JSON.stringify(message),
  signal,
});
const send = (handler, message, options) => handler(new Request("https://mcp.example/mcp", init(message, options)));

/** The messages of a response or of its body, event by event. */
async function* events(body) {
  let text = "";
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      const [, data] = /^event: message\ndata: (.*)$/.exec(text.slice(0, end));
      text = text.slice(end + 2);
      yield JSON.parse(data);
    }
  }
  assert.equal(text, "");
}
const next = async (all) => (await all.next()).value;

/** Lets `count` intervals pass. */
async function pass(count = 1) {
  for (let i = 0; i < count; i++) {
    mock.timers.tick(SECONDS * 1000);
    await settle();
  }
}

beforeEach(() => mock.timers.enable({ apis: ["setInterval"] }));
afterEach(() => mock.timers.reset());

describe("progress over HTTP", () => {
  for (const revision of ["legacy", "modern"]) {
    test(`a long call is answered by a stream of notifications and the result, ${revision}`, async () => {
      const { toolkit, calls } = running();
      const handler = createMcpHandler({ toolkit, allowAnonymous: true });
      const more = revision === "modern" ? META : {};
      const headers = revision === "modern" && {
        "mcp-protocol-version": MODERN,
        "mcp-method": "tools/call",
        "mcp-name": NAME,
      };
      for (const token of [7, "seven", ""]) {
        const pending = send(handler, call({ ...more, progressToken: token }), { headers });
        const [running] = await until(() => calls.length && calls.splice(0));
        await pass();
        const response = await pending;
        assert.equal(response.status, 200);
        assert.equal(response.headers.get("content-type"), "text/event-stream");
        assert.deepEqual([response.headers.get("cache-control"), response.headers.get("vary")], ["no-cache", "Origin"]);
        const all = events(response.body);
        assert.deepEqual(await next(all), notification(token, 5));
        await pass();
        assert.deepEqual(await next(all), notification(token, 10));
        running.finish();
        const { result } = await next(all);
        assert.equal(result.structuredContent.successful, true);
        assert.deepEqual(await all.next(), { done: true, value: undefined });
        // The same as the result of a short call.
        const short = send(handler, call(more), { headers });
        (await until(() => calls.pop())).finish();
        assert.deepEqual((await (await short).json()).result, result);
        await pass(3);
      }
    });
  }

  test("the token is sent as it was written", async () => {
    const { toolkit, calls } = running();
    const handler = createMcpHandler({ toolkit, allowAnonymous: true });
    for (const token of ["12345678901234567890", "1.0", String.raw`"\u0041\""`]) {
      const body = JSON.stringify(call({ progressToken: 0 })).replace('"progressToken":0', `"progressToken":${token}`);
      const pending = handler(new Request("https://mcp.example/mcp", { ...init(), body }));
      const { finish } = await until(() => calls.pop());
      await pass();
      const text = (await pending).text();
      finish();
      assert.match(await text, /notifications\/progress/);
      assert.ok((await text).includes(`"progressToken":${token},`), await text);
    }
  });

  test("a call that ends within the interval is answered as if nothing was asked for", async () => {
    const { toolkit, calls } = running();
    const handler = createMcpHandler({ toolkit, allowAnonymous: true });
    const answer = async (meta) => {
      const pending = send(handler, call(meta));
      const { finish } = await until(() => calls.pop());
      mock.timers.tick(SECONDS * 1000 - 1);
      finish();
      const response = await pending;
      return [response.status, [...response.headers], await response.text()];
    };
    assert.deepEqual(await answer({ progressToken: 1 }), await answer());
    await pass(3);
  });

  test("progress is sent only to clients that ask for it and accept an event stream", async () => {
    const { toolkit, calls } = running();
    const handler = createMcpHandler({ toolkit, allowAnonymous: true });
    for (const [meta, accept] of [
      [undefined, BOTH],
      [{}, BOTH],
      [{ progressToken: null }, BOTH],
      [{ progressToken: 1.5 }, BOTH],
      [{ progressToken: { a: 1 } }, BOTH],
      [{ progressToken: [1] }, BOTH],
      [{ progressToken: true }, BOTH],
      ["progressToken", BOTH],
      [{ progressToken: 1 }, "application/json"],
      [{ progressToken: 1 }, "*/*"],
      [{ progressToken: 1 }, ""],
    ]) {
      const pending = send(handler, call(meta), { accept });
      const { finish } = await until(() => calls.pop());
      await pass(3);
      finish();
      const response = await pending;
      assert.equal(response.headers.get("content-type"), "application/json", JSON.stringify([meta, accept]));
      assert.equal((await response.json()).result.structuredContent.successful, true);
    }
    // A client that accepts only an event stream gets one in any case.
    const pending = send(handler, call({ progressToken: 1.5 }), { accept: "text/event-stream" });
    const { finish } = await until(() => calls.pop());
    await pass(3);
    finish();
    assert.match(await (await pending).text(), /^event: message\ndata: \{"jsonrpc":"2.0","id":1,"result".*\n\n$/);
  });

  test("a batch has one answer, without progress", async () => {
    const { toolkit, calls } = running();
    const handler = createMcpHandler({ toolkit, allowAnonymous: true });
    const pending = send(handler, [call({ progressToken: 1 }), call({ progressToken: 2 }, { id: 2 })]);
    const both = await until(() => calls.length === 2 && calls);
    await pass(3);
    for (const { finish } of both) finish();
    assert.deepEqual(
      (await (await pending).json()).map(({ id }) => id),
      [1, 2],
    );
  });

  test("your own tools and failures, too", async () => {
    const ends = [];
    const run = () => new Promise((resolve, reject) => ends.push(resolve, reject));
    const extraTools = [{ name: "mine", inputSchema: { type: "object" }, run }];
    const { toolkit } = running();
    const handler = createMcpHandler({ toolkit, allowAnonymous: true, extraTools, onError: () => {} });
    for (const which of [0, 1]) {
      const pending = send(handler, call({ progressToken: "t" }, { name: "mine" }));
      const end = (await until(() => ends.length && ends.splice(0)))[which];
      await pass();
      const all = events((await pending).body);
      assert.deepEqual(await next(all), notification("t", 5));
      end(which === 0 ? { content: [{ type: "text", text: "done" }] } : new Error("hunter2"));
      const { result } = await next(all);
      assert.ok(which === 0 ? result.content[0].text === "done" : result.isError, JSON.stringify(result));
      assert.equal((await all.next()).done, true);
    }
  });

  test("a client that does not read gets the result and no more notifications than it reads", async () => {
    const { toolkit, calls } = running();
    const handler = createMcpHandler({ toolkit, allowAnonymous: true });
    const pending = send(handler, call({ progressToken: 1 }));
    const { finish } = await until(() => calls.pop());
    await pass();
    const { body } = await pending;
    await pass(1000);
    finish();
    await settle();
    const seen = [];
    for await (const message of events(body)) seen.push(message);
    assert.ok(seen.length <= 3, `${seen.length} messages`);
    assert.equal(seen.at(-1).result.structuredContent.successful, true);
  });

  test("closing the stream aborts the call upstream, and the audit event is sent", async () => {
    const [aborted, finished] = [[], []];
    const fetch = (_url, { signal }) =>
      new Promise((_resolve, reject) =>
        signal.addEventListener("abort", () => (aborted.push(true), reject(signal.reason))),
      );
    const onEvent = (event) => event.type === "call.finished" && finished.push(event);
    const handler = createMcpHandler({ apiKey: KEY, fetch, allowAnonymous: true, onEvent });
    const pending = send(handler, call({ progressToken: 1 }));
    await settle();
    await pass();
    const { body } = await pending;
    const reader = body.getReader();
    assert.equal((await reader.read()).done, false);
    assert.deepEqual([aborted, finished], [[], []]);
    await reader.cancel();
    await until(() => finished.length);
    assert.deepEqual(aborted, [true]);
    assert.deepEqual([finished[0].tool, finished[0].error.kind], [NAME, "aborted"]);
    await pass(2);
  });
});

describe("progress through the server of the command", () => {
  /** A server of a toolkit whose calls the test ends. */
  async function serving(options) {
    const { toolkit, calls } = running();
    const handler = createMcpHandler({ toolkit, allowAnonymous: true, localOnly: true, ...options });
    return { calls, server: await serveHttp(handler, { port: 0, host: "127.0.0.1" }) };
  }

  test("notifications arrive while the call runs", async () => {
    const { calls, server } = await serving();
    try {
      const pending = fetch(`${server.url}/mcp`, init(call({ progressToken: 1 })));
      const { finish } = await until(() => calls.pop());
      await pass();
      const all = events((await pending).body);
      assert.deepEqual(await next(all), notification(1, 5));
      await pass();
      assert.deepEqual(await next(all), notification(1, 10));
      finish();
      assert.equal((await next(all)).id, 1);
      assert.equal((await all.next()).done, true);
    } finally {
      await server.close();
    }
  });

  test("a client that is gone ends the call, before the stream and in it", async (t) => {
    const errors = t.mock.method(process.stderr, "write", () => true);
    const { calls, server } = await serving();
    try {
      for (const streaming of [false, true]) {
        const gone = new AbortController();
        const options = { signal: gone.signal };
        const pending = fetch(`${server.url}/mcp`, init(call({ progressToken: 1 }), options));
        const { signal } = await until(() => calls.pop());
        if (streaming) {
          await pass();
          await pending;
        }
        assert.equal(signal.aborted, false);
        gone.abort();
        await pending.catch(() => {});
        await until(() => signal.aborted);
        await pass(2);
      }
      assert.equal(errors.mock.callCount(), 0);
    } finally {
      await server.close();
    }
  });

  test("a client that reads slowly, or stops, gets what it reads", async (t) => {
    const errors = t.mock.method(process.stderr, "write", () => true);
    const { calls, server } = await serving({ maxResultBytes: 1e8 });
    try {
      const { port } = new URL(server.url);
      const text = "x".repeat(8e6);
      for (const stops of [false, true]) {
        const { method, headers, body } = init(call({ progressToken: 1 }));
        const outgoing = httpRequest({ port, host: "127.0.0.1", path: "/mcp", method, headers });
        outgoing.on("error", () => {});
        const responded = once(outgoing, "response");
        outgoing.end(body);
        const { finish } = await until(() => calls.pop());
        await pass();
        const [incoming] = await responded;
        incoming.pause();
        finish({ text });
        await settle();
        if (stops) {
          incoming.destroy();
          await once(incoming, "close");
        } else {
          let length = 0;
          for await (const chunk of incoming) length += chunk.length;
          assert.ok(length > 2 * text.length, `${length} bytes`); // as text and as structured content
        }
      }
      // The server still answers.
      const response = await fetch(`${server.url}/mcp`, init({ jsonrpc: "2.0", id: 1, method: "ping" }));
      assert.deepEqual((await response.json()).result, {});
      assert.equal(errors.mock.callCount(), 0);
    } finally {
      await server.close();
    }
  });
});

describe("progress over stdio", () => {
  /** A server over streams: `say` writes lines, `lines` are the messages that it wrote. */
  function talking() {
    const { toolkit, calls } = running();
    const [input, output] = [new PassThrough(), new PassThrough()];
    let written = "";
    output.setEncoding("utf8").on("data", (text) => (written += text));
    const served = serveStdio(makeServer({ toolkit }), { input, output });
    const say = (...messages) => messages.map((one) => input.write(`${JSON.stringify(one)}\n`));
    const lines = () =>
      written
        .split("\n")
        .slice(0, -1)
        .map((line) => JSON.parse(line));
    const end = () => (input.end(), served);
    return { calls, say, lines, end };
  }

  test("a line for each notification, and none after the result", async () => {
    const { calls, say, lines, end } = talking();
    say(call({ progressToken: "t" }));
    const { finish } = await until(() => calls.pop());
    await pass(3);
    finish();
    await settle();
    await pass(2);
    await end();
    const [five, ten, fifteen, result, ...more] = lines();
    assert.deepEqual([five, ten, fifteen], [notification("t", 5), notification("t", 10), notification("t", 15)]);
    assert.deepEqual([result.id, result.result.structuredContent.successful, more], [1, true, []]);
  });

  test("nothing for a token of another type; for calls of a batch, lines of their own", async () => {
    const { calls, say, lines, end } = talking();
    say(
      call({ progressToken: { a: 1 } }),
      call({ progressToken: 1.5 }, { id: 2 }),
      call({ progressToken: null }, { id: 3 }),
    );
    say([call({ progressToken: "b" }, { id: 4 }), call({ progressToken: "c" }, { id: 5 })]);
    const all = await until(() => calls.length === 5 && calls);
    await pass();
    assert.deepEqual(lines(), [notification("b", 5), notification("c", 5)]);
    for (const { finish } of all) finish();
    await end();
    assert.deepEqual(
      lines()
        .slice(2)
        .flat()
        .map(({ id }) => id)
        .sort(),
      [1, 2, 3, 4, 5],
    );
  });

  test("a cancelled call is not reported any more; two with one id are not cancelled", async () => {
    const { calls, say, lines, end } = talking();
    const cancel = { jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 1 } };
    say(call({ progressToken: 1 }), call({ progressToken: 2 }));
    const [first, second] = await until(() => calls.length === 2 && calls);
    say(cancel);
    await settle();
    assert.deepEqual([first.signal.aborted, second.signal.aborted], [false, false]);
    first.finish();
    await until(() => lines().length === 1);
    say(cancel);
    await until(() => second.signal.aborted);
    await pass(2);
    await end();
    assert.equal(lines().length, 1);
  });
});

test("a server of the real toolkit, whose calls wait for Nango, sends progress", async () => {
  const replies = [];
  const fetch = () => new Promise((resolve) => replies.push(resolve));
  const toolkit = new NangoToolkit({ apiKey: KEY, fetch });
  const handler = createMcpHandler({ toolkit, allowAnonymous: true, tools: listTools().map((tool) => tool.slug) });
  const pending = send(handler, call({ progressToken: 3 }));
  const reply = await until(() => replies.pop());
  await pass(2);
  const all = events((await pending).body);
  assert.deepEqual(await next(all), notification(3, 5));
  reply(Response.json({ data: [] }));
  let last;
  for await (const message of all) last = message;
  assert.deepEqual(last.result.structuredContent.data, { data: [] });
});
