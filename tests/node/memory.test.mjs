// The memory of the module: an instance that has grown is replaced when it is idle, and what it knew stays known.
import assert from "node:assert/strict";
import { test } from "node:test";
import { NangoToolkit, parseResponse } from "../../pkg/dist/entry/node.js";
import { memoryBytes } from "../../pkg/dist/core.js";

const KEY = "7b0c9f6e-4a55-4b8e-9d6a-2f1f0f6f5c11";
const MB = 2 ** 20;
const json = { "content-type": "application/json" };
/** An answer of 10 MB, with a secret, so that the module reads it. */
const large = JSON.stringify({ token: "hunter2", data: Array.from({ length: 1_000_000 }, (_, id) => [id]) });

test("what a large answer took is given back, and limits and confirmations stay", async () => {
  let answer = () => Response.json({ data: [] });
  const policy = {
    default: "allow",
    rules: [{ id: "ask", then: "confirm", tool: "NANGO_DELETE_CONNECTION" }],
    limits: [{ tool: "NANGO_GET_CONNECTION", calls: 2 }],
  };
  const nango = new NangoToolkit({ apiKey: KEY, fetch: async () => answer(), policy });
  const one = { connection_id: "c", provider_config_key: "hubspot" };
  const { token } = (await nango.execute("NANGO_DELETE_CONNECTION", one)).error.details;
  answer = () => Response.json({ id: 1 });
  assert.ok((await nango.execute("NANGO_GET_CONNECTION", one)).successful);
  answer = () => new Response(large, { headers: json });
  const result = await nango.execute("NANGO_LIST_INTEGRATIONS", {});
  assert.deepEqual([result.data.data.length, result.data.token], [1_000_000, "[redacted: token]"]);
  await new Promise((resolve) => setImmediate(resolve));
  assert.ok(memoryBytes() < 16 * MB, `${memoryBytes()} bytes`);
  answer = () => Response.json({ id: 1 });
  assert.ok((await nango.execute("NANGO_GET_CONNECTION", one)).successful);
  assert.equal((await nango.execute("NANGO_GET_CONNECTION", one)).error.kind, "denied");
  answer = () => Response.json({ success: true });
  assert.ok((await nango.execute("NANGO_DELETE_CONNECTION", one, { confirm: token })).successful);
});

test("calls in progress keep the instance", async () => {
  let finish;
  const waiting = new Promise((resolve) => (finish = resolve));
  const nango = new NangoToolkit({ apiKey: KEY, fetch: () => waiting });
  const call = nango.execute("NANGO_LIST_INTEGRATIONS", {});
  await new Promise((resolve) => setImmediate(resolve));
  parseResponse("NANGO_LIST_INTEGRATIONS", { status: 200, headers: json, body: large });
  await new Promise((resolve) => setImmediate(resolve));
  const grown = memoryBytes();
  assert.ok(grown > 64 * MB, `${grown} bytes`);
  finish(Response.json({ data: [] }));
  assert.ok((await call).successful);
  await new Promise((resolve) => setImmediate(resolve));
  assert.ok(memoryBytes() < 16 * MB, `${memoryBytes()} bytes`);
});
