// A provider's response is returned unchanged, through `fetch`, `JSON.parse`, hooks and MCP: digits of big integers,
// half surrogate pairs, bytes, charsets, lists of JSON values.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createMcpHandler } from "../../pkg/dist/entry/mcp-node.js";
import { NangoToolkit, parseResponse } from "../../pkg/dist/entry/node.js";

const apiKey = "7b0c9f6e-4a55-4b8e-9d6a-2f1f0f6f5c11";
const PROXY = ["NANGO_GET_PROXY", { provider_config_key: "k", connection_id: "c", any_path: "x" }];
const ACTION = ["NANGO_ACTION_TRIGGER_POST", { provider_config_key: "k", connection_id: "c", action_name: "a" }];
const INTEGERS = ["9007199254740993", "-9007199254740993", "18446744073709551616", `9${"0123456789".repeat(4)}`];

/** A toolkit whose every request is answered with this body. */
const answering = (body, { type = "application/json", ...options } = {}) =>
  new NangoToolkit({
    apiKey,
    fetch: async () => new Response(body, { status: 200, headers: { "content-type": type } }),
    ...options,
  });

/** The response, with a record of whether the host's own `JSON.parse` created the data. */
async function run(body, options) {
  const { parse } = JSON;
  let untouched = 0;
  JSON.parse = (text, ...more) => {
    if (text === body) untouched += 1;
    return parse(text, ...more);
  };
  try {
    const { data, error } = await answering(body, options).execute(...PROXY);
    assert.equal(error, null);
    return { data, untouched: untouched === 1 };
  } finally {
    JSON.parse = parse;
  }
}

/** One tool call over MCP; the text of the answer, and the answer. */
async function overMcp(options, [name, args]) {
  const handle = createMcpHandler({ apiKey, allowAnonymous: true, ...options });
  const text = typeof args === "string" ? args : JSON.stringify(args);
  const response = await handle(
    new Request("https://mcp.example/mcp", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: `{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"${name}","arguments":${text}}}`,
    }),
  );
  const answer = await response.json();
  assert.equal(answer.id, 7);
  return answer;
}

const fetching = (body, type = "application/json") => ({
  fetch: async () => new Response(body, { headers: { "content-type": type } }),
});

describe("integers beyond 2^53", () => {
  for (const integer of INTEGERS) {
    const body = `{"id":${integer},"text":"é ${integer}","list":[1,${integer}]}`;

    test(`${integer.slice(0, 24)} keeps its digits`, async () => {
      const right = { id: integer, text: `é ${integer}`, list: [1, integer] };
      assert.deepEqual(await run(body), { data: right, untouched: false });
      assert.deepEqual((await run(body, { bigIntegers: "number" })).data, JSON.parse(body));
      const response = { status: 200, headers: { "content-type": "application/json" }, body };
      assert.deepEqual(parseResponse("NANGO_GET_PROXY", response).data, right);
      assert.deepEqual(parseResponse("NANGO_GET_PROXY", response, { bigIntegers: "number" }).data, JSON.parse(body));
      for (const bigIntegers of [undefined, "number"]) {
        const { result } = await overMcp({ ...fetching(body), bigIntegers }, PROXY);
        assert.ok(result.content[0].text.includes(`"data":${body}`), result.content[0].text);
        assert.deepEqual(result.structuredContent.data, bigIntegers ? JSON.parse(body) : right);
      }
    });
  }

  test("a session's own option takes precedence", async () => {
    const toolkit = answering("[9007199254740993]", { policy: { default: "allow", rules: [] } });
    const connection = { connection_id: "c", provider_config_key: "k", tags: { end_user_id: "ada" } };
    const fetch = async (url) =>
      url.includes("/proxy/")
        ? new Response("[9007199254740993]", { headers: { "content-type": "application/json" } })
        : Response.json({ connections: [connection] });
    const own = new NangoToolkit({ apiKey, fetch, bigIntegers: "number" });
    assert.deepEqual((await toolkit.execute(...PROXY)).data, ["9007199254740993"]);
    assert.deepEqual((await own.session({ user: "ada" }).execute(...PROXY)).data, [9007199254740992]);
    const session = own.session({ user: "ada", bigIntegers: "string" });
    assert.deepEqual((await session.execute(...PROXY)).data, ["9007199254740993"]);
    for (const bigIntegers of ["text", true]) {
      assert.throws(() => new NangoToolkit({ apiKey, bigIntegers }), /expected one of `string`, `number`/);
      assert.throws(() => own.session({ user: "ada", bigIntegers }), /expected one of `string`, `number`/);
    }
  });

  test("a hook that changes a result also changes its text", async () => {
    const afterCall = (_, result) => void (result.data.id = "hidden");
    const { result } = await overMcp({ ...fetching('{"id":9007199254740993}'), afterCall }, PROXY);
    assert.ok(!JSON.stringify(result).includes("9007199254740993"));
    assert.equal(result.structuredContent.data.id, "hidden");
  });

  test("arguments that a hook does not change keep theirs", async () => {
    const sent = [];
    const fetch = async (_, init) => void sent.push(init.body) || Response.json({});
    const args = `{"provider_config_key":"k","connection_id":"c","action_name":"a","input":{"n":12345678901234567890}}`;
    for (const beforeCall of [() => undefined, (_, given) => void (given.input.m = 1)]) {
      await new NangoToolkit({ apiKey, fetch, beforeCall }).execute("NANGO_ACTION_TRIGGER_POST", args);
    }
    assert.match(sent[0], /"input":\{"n":12345678901234567890\}/);
    assert.match(sent[1], /"input":\{"n":12345678901234567000,"m":1\}/);
  });

  test("all other responses are parsed by the host's JSON.parse", async () => {
    for (const body of [
      '{"id":"12345678901234567890","at":1732900000000,"x":0.12345678901234567890}',
      '["1234567890123456", "a1234567890123456", 123456789012345, 1e20, "\\ud83d\\ude00", "\\u0041"]',
    ]) {
      assert.deepEqual(await run(body), { data: JSON.parse(body), untouched: true });
    }
    for (const body of ["[1e400]", '["\\ud83d"]', "[ 1234567890123456]", " 1234567890123456"]) {
      assert.equal((await run(body)).untouched, false, body);
    }
    assert.deepEqual((await run("[1234567890123456,1e400]")).data, [1234567890123456, "1e400"]);
  });
});

describe("half surrogate pairs", () => {
  for (const [written, right] of [
    ["a\\ud83d", "a\ufffd"],
    ["\\ude00\\uD83D\\ude00", "\ufffd\u{1f600}"],
    ["\\ud83d\\ud83d", "\ufffd\ufffd"],
  ]) {
    test(`${written} is U+FFFD in data, text and structure`, async () => {
      const body = `{"a":"${written}"}`;
      assert.deepEqual((await run(body)).data, { a: right });
      const { result } = await overMcp(fetching(body), PROXY);
      assert.deepEqual(result.structuredContent.data, { a: right });
      assert.deepEqual(JSON.parse(result.content[0].text).data, { a: right });
      const extraTools = [
        { name: "own", run: () => ({ content: [{ type: "text", text: JSON.parse(`"${written}"`) }] }) },
      ];
      const own = await overMcp({ ...fetching("{}"), extraTools }, ["own", {}]);
      assert.equal(own.result.content[0].text, right);
    });
  }

  test("they are accepted in arguments, and unreadable ones are reported by their own call", async () => {
    const args = (input) => `{"provider_config_key":"k","connection_id":"c","action_name":"a","input":${input}}`;
    const taken = await overMcp(fetching("{}"), [ACTION[0], args('"\\ud83d"')]);
    assert.notEqual(taken.result.isError, true);
    for (const input of ["1e400", `${"[".repeat(500)}${"]".repeat(500)}`]) {
      const { result } = await overMcp(fetching("{}"), [ACTION[0], args(input)]);
      const { error } = JSON.parse(result.content[0].text);
      assert.deepEqual([error.kind, error.issues[0].code], ["invalid_arguments", "invalid_json"]);
    }
  });
});

describe("bodies", () => {
  const bytes = Uint8Array.from({ length: 600 }, (_, at) => at % 256);

  test("that are not text are base64 with media type and size, and images are image content", async () => {
    const { data } = await answering(bytes, { type: "image/png" }).execute(...PROXY);
    assert.deepEqual(data, { mediaType: "image/png", size: 600, base64: Buffer.from(bytes).toString("base64") });
    const { result } = await overMcp(fetching(bytes, "image/png"), PROXY);
    assert.deepEqual(result.content[0], { type: "image", data: data.base64, mimeType: "image/png" });
    assert.deepEqual(result.structuredContent.data, { mediaType: "image/png", size: 600 });
  });

  test("are decoded with their charset", async () => {
    const latin = Uint8Array.from([0x22, 0xe9, 0x80, 0x22]);
    for (const [type, right] of [
      ["text/csv; charset=iso-8859-1", '"é€"'],
      ["application/json; charset=windows-1252", "é€"],
    ]) {
      assert.equal((await answering(latin, { type }).execute(...PROXY)).data, right);
    }
  });

  test("of several JSON values are lists", async () => {
    for (const type of ["application/x-ndjson", "application/jsonl", "application/json-seq"]) {
      assert.deepEqual((await answering('{"a":1}\n', { type }).execute(...PROXY)).data, [{ a: 1 }]);
      assert.deepEqual((await answering('\u001e{"a":1}\n\u001e2', { type }).execute(...PROXY)).data, [{ a: 1 }, 2]);
      assert.equal((await answering('{"a":1}\n{', { type }).execute(...PROXY)).data, '{"a":1}\n{');
    }
  });

  test("of a `fetch` that only supports text are text", async () => {
    const headers = new Headers({ "content-type": "application/pdf" });
    const fetch = async () => ({ status: 200, headers, text: async () => "%PDF" });
    assert.equal((await new NangoToolkit({ apiKey, fetch }).execute(...PROXY)).data, "%PDF");
  });
});
