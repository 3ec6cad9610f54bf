// Schemas and arguments in the formats of providers, from JavaScript: `schema` of listings, calls and pure functions.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createEmulator } from "../../pkg/dist/entry/emulator-node.js";
import { NangoToolkit, buildRequest, listTools, validate } from "../../pkg/dist/entry/node.js";

const STRICT = { schema: "openai-strict" };
const one = (slug, filter = {}) => listTools({ tools: [slug], ...filter })[0].inputSchema;

describe("the forms of providers", () => {
  test("a listing has them, and the plain subset otherwise", () => {
    assert.deepEqual(one("NANGO_LIST_INTEGRATIONS", STRICT), one("NANGO_LIST_INTEGRATIONS"));
    const strict = one("NANGO_CREATE_CONNECT_SESSION", STRICT);
    assert.deepEqual(strict.required, Object.keys(strict.properties));
    assert.deepEqual(strict.properties.tags.type, ["array", "null"]);
    const gemini = one("NANGO_CREATE_CONNECT_SESSION", { schema: "gemini" });
    assert.equal(gemini.properties.tags.type, "ARRAY");
    assert.deepEqual(gemini.required, []);
    assert.throws(() => listTools({ schema: "openai" }), /`schema`: expected one of `openai-strict`, `gemini`/);
  });

  test("arguments in such a format are decoded", () => {
    const given = {
      provider_config_key: "hubspot",
      connection_id: "c",
      any_path: "x",
      body: '{"id":9007199254740993}',
      query_params: [{ key: "a", value: [1, "b"] }],
    };
    const { url, body } = buildRequest("NANGO_PUT_PROXY", given, STRICT);
    assert.match(url, /\?a=1&a=b$/);
    assert.equal(body, '{"id":9007199254740993}', "numbers keep every digit");
    assert.deepEqual(validate("NANGO_PUT_PROXY", given, STRICT), { valid: true, issues: [] });
    const { issues } = validate("NANGO_PUT_PROXY", { ...given, body: "{", retries: 9 }, STRICT);
    assert.deepEqual(
      issues.map((issue) => issue.path.join(".")),
      ["body", "retries"],
    );
  });

  test("a call accepts them, by its own option or the toolkit's", async () => {
    const { fetch, apiKey, baseUrl } = createEmulator();
    const args = { tags: [{ key: "end_user_id", value: "ada" }], end_user: null };
    const plain = new NangoToolkit({ fetch, apiKey, baseUrl });
    assert.equal((await plain.execute("NANGO_CREATE_CONNECT_SESSION", args)).error.kind, "invalid_arguments");
    assert.equal((await plain.execute("NANGO_CREATE_CONNECT_SESSION", args, STRICT)).successful, true);
    const strict = new NangoToolkit({ fetch, apiKey, baseUrl, ...STRICT });
    assert.equal((await strict.execute("NANGO_CREATE_CONNECT_SESSION", args)).successful, true);
    assert.deepEqual(
      strict.tools({ tools: ["NANGO_CREATE_CONNECT_SESSION"] })[0].inputSchema,
      one("NANGO_CREATE_CONNECT_SESSION", STRICT),
    );
  });

  test("what cannot be decoded is reported with all other problems, in an event too", async () => {
    const { fetch, apiKey, baseUrl } = createEmulator();
    const events = [];
    const nango = new NangoToolkit({ fetch, apiKey, baseUrl, onEvent: (event) => events.push(event.type) });
    const { error } = await nango.execute("NANGO_SET_CONNECTION_METADATA", { metadata: "{", colour: "red" }, STRICT);
    assert.deepEqual(
      error.issues.map((issue) => issue.path.join(".")),
      ["metadata", "connection_id", "provider_config_key", "colour"],
    );
    assert.deepEqual(events, ["call.started", "call.finished"]);
  });
});
