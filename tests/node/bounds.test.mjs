// What is read is bounded: answers, lines, depth. Each is a result or a reply that says so.
import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { serveStdio } from "../../pkg/dist/bin/mcp-serve.js";
import { makeServer } from "../../pkg/dist/entry/mcp-node.js";
import { NangoToolkit } from "../../pkg/dist/entry/node.js";

const KEY = "7b0c9f6e-4a55-4b8e-9d6a-2f1f0f6f5c11";
const JSON_TYPE = { "content-type": "application/json" };
const SLUG = "NANGO_LIST_INTEGRATIONS";

/** A response whose body never ends, and how much of it was read. */
function endless(headers = JSON_TYPE) {
  const seen = { chunks: 0, cancelled: false };
  const body = new ReadableStream({
    pull(controller) {
      seen.chunks++;
      controller.enqueue(new Uint8Array(1000).fill(32));
    },
    cancel() {
      seen.cancelled = true;
    },
  });
  return [new Response(body, { headers }), seen];
}

test("an answer is read as far as it may be", async () => {
  for (const [maxAnswerBytes, most] of [
    [5000, 8],
    [100_000, 103],
  ]) {
    const [response, seen] = endless();
    const nango = new NangoToolkit({ apiKey: KEY, fetch: async () => response, maxAnswerBytes });
    const { error, meta } = await nango.execute(SLUG, {});
    assert.deepEqual(
      [error.kind, error.code, error.status, error.retryable, meta.attempts],
      ["invalid_response", "answer_too_large", 200, false, 1],
    );
    assert.match(error.message, new RegExp(`more than ${maxAnswerBytes} bytes`));
    assert.ok(seen.cancelled && seen.chunks <= most, `${seen.chunks} chunks`);
  }
});

test("a length that is announced is believed", async () => {
  const [response, seen] = endless({ ...JSON_TYPE, "content-length": "6000" });
  const nango = new NangoToolkit({ apiKey: KEY, fetch: async () => response });
  const { error } = await nango.execute(SLUG, {}, { maxAnswerBytes: 5999 });
  assert.equal(error.code, "answer_too_large");
  assert.ok(seen.chunks <= 1);
});

test("an answer of exactly as many bytes is read, whatever characters it has", async () => {
  const text = JSON.stringify({ data: [{ unique_key: "é😀".repeat(50) }] });
  const bytes = new TextEncoder().encode(text);
  // Chunks that part characters.
  const response = () =>
    new Response(
      new ReadableStream({
        start(controller) {
          for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
          controller.close();
        },
      }),
      { headers: JSON_TYPE },
    );
  const nango = new NangoToolkit({ apiKey: KEY, fetch: async () => response() });
  const { data } = await nango.execute(SLUG, {}, { maxAnswerBytes: bytes.length, revealSecrets: true });
  assert.deepEqual(data, JSON.parse(text));
  const { error } = await nango.execute(SLUG, {}, { maxAnswerBytes: bytes.length - 1, revealSecrets: true });
  assert.equal(error.code, "answer_too_large");
});

test("what only has the members of a response is measured too", async () => {
  const fetch = async () => ({
    status: 200,
    headers: new Headers(JSON_TYPE),
    text: async () => `{"data":[${"1,".repeat(600)}1]}`,
  });
  const nango = new NangoToolkit({ apiKey: KEY, fetch, maxAnswerBytes: 1000 });
  assert.equal((await nango.execute(SLUG, {})).error.code, "answer_too_large");
});

test("a wrong bound is an error where it is given", async () => {
  for (const maxAnswerBytes of [0, -1, 1.5, "1", Number.NaN]) {
    assert.throws(() => new NangoToolkit({ apiKey: KEY, maxAnswerBytes }), { kind: "invalid_option" });
  }
});

/** What a server answers to these lines over stdio. */
async function talk(lines, fetch = async () => Response.json({})) {
  const [input, output] = [new PassThrough(), new PassThrough()];
  let written = "";
  output.setEncoding("utf8").on("data", (text) => (written += text));
  const toolkit = new NangoToolkit({ apiKey: KEY, fetch });
  const served = serveStdio(makeServer({ toolkit }), { input, output });
  for (const line of lines) input.write(line);
  input.end();
  await served;
  return written
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line));
}
const ping = (id) => `${JSON.stringify({ jsonrpc: "2.0", id, method: "ping" })}\n`;

test("a line that is too long is refused, and the next one is answered", async () => {
  const part = "x".repeat(1024 * 1024);
  const answers = await talk([ping(1), ...Array(17).fill(part), "\n", ping(2)]);
  assert.deepEqual(answers.map(({ id }) => id).sort(), [1, 2, null]);
  const { error } = answers.find(({ id }) => id === null);
  assert.equal(error.code, -32600);
  assert.match(error.message, /is not read/);
});

test("lines come in pieces of any size", async () => {
  const text = [1, 2, 3].map(ping).join("\r\n");
  for (const size of [1, 7, text.length]) {
    const pieces = text.match(new RegExp(`[^]{1,${size}}`, "g"));
    assert.deepEqual((await talk(pieces)).map(({ id }) => id).sort(), [1, 2, 3]);
  }
});

test("what is nested too deeply is answered under the request's own ID", async () => {
  for (const depth of [200, 100_000]) {
    const nested = "[".repeat(depth) + "]".repeat(depth);
    const params = (name, args) => `{"name":"${name}","arguments":${args}}`;
    const line = (id, call) => `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":${call}}\n`;
    const proxy = `{"provider_config_key":"h","connection_id":"c","any_path":"v1","body":${nested}}`;
    const answers = await talk([line(1, params("NANGO_PUT_PROXY", proxy)), line(2, params(SLUG, "{}"))], async () =>
      Promise.resolve(new Response(nested, { headers: JSON_TYPE })),
    );
    assert.deepEqual(answers.map(({ id }) => id).sort(), [1, 2], `${depth} levels`);
    const { result } = answers.find(({ id }) => id === 1);
    assert.ok(result.isError);
    assert.match(result.content[0].text, /invalid_json/);
  }
});
