// Long calls of real clients: they receive progress and wait longer because of it, and cancel calls by an abort signal.
// The interval of the notifications follows a fake clock.
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, mock, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { Client as ClientV1 } from "@modelcontextprotocol/sdk/client/index.js";
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
import { toTools } from "../../pkg/dist/adapters/claude-agent-sdk.js";
import { serveHttp } from "../../pkg/dist/bin/mcp-serve.js";
import { createMcpHandler } from "../../pkg/dist/entry/mcp-node.js";
import { running, until } from "../node/mcp-calls.mjs";
import { CLIENTS } from "./sdk.mjs";

const TOKEN = "a-token-of-at-least-16";
const PARAMS = { name: "NANGO_LIST_INTEGRATIONS", arguments: {} };
const seconds = (...all) => all.map((progress) => ({ progress, message: `waiting for an answer for ${progress} s` }));

/** Calls the tool. Version 1 of the SDK takes the schema of the result before the options. */
const callTool = (client, options) =>
  client instanceof ClientV1 ? client.callTool(PARAMS, undefined, options) : client.callTool(PARAMS, options);

/** Gives `work` a client that is connected over HTTP, its errors, and the calls of the server's toolkit. */
async function connected({ client: make, http }, work) {
  const { toolkit, calls } = running();
  const server = await serveHttp(createMcpHandler({ toolkit, tokens: { [TOKEN]: true } }), {
    port: 0,
    host: "127.0.0.1",
  });
  const client = make();
  const errors = [];
  client.onerror = (error) => errors.push(error);
  try {
    const requestInit = { headers: { authorization: `Bearer ${TOKEN}` } };
    await client.connect(new http(new URL(`${server.url}/mcp`), { requestInit }));
    errors.length = 0; // a client may have asked for a stream of its own, which does not exist
    await work(client, calls);
    assert.deepEqual(errors, []);
  } finally {
    await client.close();
    await server.close();
  }
}

beforeEach(() => mock.timers.enable({ apis: ["setInterval"] }));
afterEach(() => mock.timers.reset());

describe("long calls of real MCP clients", () => {
  for (const one of CLIENTS) {
    test(`${one.name}: progress, and a time limit that it extends`, () =>
      connected(one, async (client, calls) => {
        const [seen, timeout] = [[], 1500];
        const onprogress = (progress) => seen.push(progress);
        const pending = callTool(client, { onprogress, resetTimeoutOnProgress: true, timeout });
        const { finish } = await until(() => calls.pop());
        const started = performance.now();
        while (performance.now() - started < 1.3 * timeout) {
          mock.timers.tick(5000);
          await pause(timeout / 5);
        }
        finish({ data: [] });
        assert.deepEqual((await pending).structuredContent.data, { data: [] });
        assert.ok(seen.length >= 2, `${seen.length} notifications`);
        assert.deepEqual(seen, seconds(...seen.map((_, index) => 5 * (index + 1))));
        // Nothing arrives after the result: the client would report it as an error.
        mock.timers.tick(5000);
        assert.equal((await client.listTools()).tools.length > 20, true);
      }));

    for (const streaming of [false, true]) {
      test(`${one.name}: cancelling ${streaming ? "a streamed" : "a"} call ends it on the server`, () =>
        connected(one, async (client, calls) => {
          const abort = new AbortController();
          const seen = [];
          const onprogress = (progress) => seen.push(progress);
          const pending = callTool(client, { signal: abort.signal, ...(streaming && { onprogress }) });
          pending.catch(() => {});
          const { signal } = await until(() => calls.pop());
          if (streaming) {
            mock.timers.tick(5000);
            await until(() => seen.length);
          }
          assert.equal(signal.aborted, false);
          abort.abort(new Error("no longer needed"));
          await assert.rejects(pending);
          await until(() => signal.aborted);
          assert.deepEqual(seen, streaming ? seconds(5) : []);
          assert.equal((await client.listTools()).tools.length > 20, true);
        }));
    }
  }

  test("in the process of the Claude Agent SDK", async () => {
    const { toolkit, calls } = running();
    const { instance } = toTools(toolkit).nango;
    const [own, other] = InMemoryTransport.createLinkedPair();
    await instance.connect(own);
    const client = new ClientV1({ name: "tests", version: "1.0.0" });
    await client.connect(other);
    const [seen, abort] = [[], new AbortController()];
    const onprogress = (progress) => seen.push(progress);
    const pending = client.callTool(PARAMS, undefined, { onprogress });
    const { finish } = await until(() => calls.pop());
    mock.timers.tick(5000);
    mock.timers.tick(5000);
    finish();
    await pending;
    assert.deepEqual(seen, seconds(5, 10));
    const cancelled = client.callTool(PARAMS, undefined, { signal: abort.signal });
    const { signal } = await until(() => calls.pop());
    abort.abort();
    await assert.rejects(cancelled);
    await until(() => signal.aborted);
    await client.close();
  });
});
