// The memory of the module: an instance that has grown is replaced when it is idle, and what it knew stays known.
import assert from "node:assert/strict";
import { test } from "node:test";
import { NangoToolkit, parseResponse } from "../../pkg/dist/entry/node.js";
import { memoryBytes } from "../../pkg/dist/core.js";
import { replaceModule } from "../../pkg/dist/recovery.js";

const KEY = "7b0c9f6e-4a55-4b8e-9d6a-2f1f0f6f5c11";
const MB = 2 ** 20;
const json = { "content-type": "application/json" };
/** An answer of 24 MB, most of it secrets, so that the module reads it and writes more than that. */
const large = JSON.stringify({ token: "hunter2", data: Array.from({ length: 1_600_000 }, (_, jwt) => ({ jwt })) });

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
  assert.deepEqual([result.data.data.length, result.data.token], [1_600_000, "[redacted: token]"]);
  await new Promise((resolve) => setImmediate(resolve));
  assert.ok(memoryBytes() < 16 * MB, `${memoryBytes()} bytes`);
  answer = () => Response.json({ id: 1 });
  assert.ok((await nango.execute("NANGO_GET_CONNECTION", one)).successful);
  assert.equal((await nango.execute("NANGO_GET_CONNECTION", one)).error.kind, "denied");
  answer = () => Response.json({ success: true });
  assert.ok((await nango.execute("NANGO_DELETE_CONNECTION", one, { confirm: token })).successful);
});

/** Answers of about 4 MB of each kind, all with a secret, so that the module reads them. */
const COUNT = 100_000;
const list = (item) => JSON.stringify({ token: "hunter2", data: Array.from({ length: COUNT }, (_, id) => item(id)) });
const ANSWERS = {
  "a long text": JSON.stringify({ token: "hunter2", data: "text ".repeat(8 * COUNT) }),
  "a long text in other scripts": JSON.stringify({ token: "hunter2", data: "\u00e4\u20ac".repeat(8 * COUNT) }),
  "a long text of escapes": JSON.stringify({ token: "hunter2", data: '\n"\\'.repeat(6 * COUNT) }),
  "many numbers": JSON.stringify({ token: "hunter2", data: Array.from({ length: 20 * COUNT }, (_, id) => id % 10) }),
  "many small objects": list((id) => ({ id, name: `contact ${id}`, active: true, tags: [] })),
  "many secrets": list((id) => ({ id, access_token: `secret-${id}` })),
  "many labelled secrets": list((id) => ({ name: "password", value: `secret-${id}` })),
  "many long integers": list((id) => ({ id: `900719925474${100_000 + id}` })).replace(/"(\d{18})"/g, "$1"),
  "deep objects": list(() => ({ a: { b: { c: { d: [[[1]]] } } } })),
};

for (const [kind, body] of Object.entries(ANSWERS)) {
  test(`masking takes at most 4 bytes of memory for each byte: ${kind}`, async () => {
    let answer = "{}";
    let peak = 0;
    const fetch = async () => new Response(answer, { headers: json });
    const nango = new NangoToolkit({ apiKey: KEY, fetch });
    // A new instance, which has no memory to reuse.
    while (memoryBytes() > 4 * MB) replaceModule();
    await nango.execute("NANGO_LIST_INTEGRATIONS", {});
    const before = memoryBytes();
    answer = body;
    const result = await nango.execute("NANGO_LIST_INTEGRATIONS", {}).finally(() => (peak = memoryBytes()));
    assert.ok(result.successful, JSON.stringify(result.error));
    assert.ok(!JSON.stringify(result.data).includes("hunter2"));
    const bytes = Buffer.byteLength(body);
    assert.ok(bytes > 2 * MB, `the answer has only ${bytes} bytes`);
    assert.ok(peak > before, "the instance was replaced before it was measured");
    assert.ok(peak - before <= 4 * bytes, `${((peak - before) / bytes).toFixed(2)} bytes for each byte`);
  });
}

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
