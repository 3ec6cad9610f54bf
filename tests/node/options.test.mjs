// Values that JSON cannot represent: refused with their place, never silently dropped.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createEmulator } from "../../pkg/dist/entry/emulator-node.js";
import {
  NangoToolkit,
  NangoToolkitError,
  buildRequest,
  listTools,
  parseResponse,
  searchTools,
  validate,
} from "../../pkg/dist/entry/node.js";

const KEY = "7b0c9f6e-4a55-4b8e-9d6a-2f1f0f6f5c11";

/** Each with its description in messages. */
const VALUES = [
  [Number.NaN, "NaN"],
  [Number.POSITIVE_INFINITY, "Infinity"],
  [() => 1, "a function"],
  [5n, "a BigInt"],
  [Symbol("x"), "a symbol"],
  [new Map([["a", 1]]), "a Map"],
  [Promise.resolve(1), "a Promise"],
];

describe("in options", () => {
  const nango = new NangoToolkit({ apiKey: KEY });
  const session = nango.session({ user: "ada" });
  for (const [value, name] of VALUES) {
    test(`${name} is refused, with its place`, async () => {
      for (const [place, call] of [
        ["timeoutMs", () => new NangoToolkit({ apiKey: KEY, timeoutMs: value })],
        ["retry.attempts", () => new NangoToolkit({ apiKey: KEY, retry: { attempts: value } })],
        [
          "policy.limits.0.calls",
          () => new NangoToolkit({ apiKey: KEY, policy: { default: "allow", limits: [{ tool: "*", calls: value }] } }),
        ],
        [
          "modify.NANGO_GET_PROXY.pin.retries",
          () => new NangoToolkit({ apiKey: KEY, modify: { NANGO_GET_PROXY: { pin: { retries: value } } } }),
        ],
        ["readOnly", () => listTools({ readOnly: value })],
        ["readOnly", () => nango.tools({ readOnly: value })],
        ["limit", () => searchTools("x", { limit: value })],
        ["limit", () => session.searchTools("x", { limit: value })],
        ["revealSecrets", () => validate("NANGO_LIST_INTEGRATIONS", {}, { revealSecrets: value })],
        ["baseUrl", () => buildRequest("NANGO_LIST_INTEGRATIONS", {}, { baseUrl: value })],
        ["proxy", () => parseResponse("NANGO_LIST_INTEGRATIONS", { status: 200 }, { proxy: value })],
        ["session.tags", () => nango.session({ user: "ada", tags: value })],
        ["session.roles.1", () => nango.session({ user: "ada", roles: ["a", value] })],
        ["faults.latencyMs", () => createEmulator({ faults: { latencyMs: value } })],
      ]) {
        assert.throws(
          call,
          (error) =>
            error instanceof Error &&
            error.code === "invalid_option" &&
            error.message.includes(`\`${place}\``) &&
            error.message.includes(name),
          place,
        );
      }
      for (const options of [{ timeoutMs: value }, { retry: { totalMs: value } }]) {
        await assert.rejects(nango.execute("NANGO_LIST_INTEGRATIONS", {}, options), {
          name: "NangoToolkitError",
          code: "invalid_option",
        });
      }
    });
  }

  test("undefined counts as not given, and values with `toJSON` are accepted", () => {
    assert.ok(
      new NangoToolkit({
        apiKey: KEY,
        policy: undefined,
        timeoutMs: undefined,
        baseUrl: new URL("https://nango.example.com"),
        proxy: { allowedHosts: undefined },
      }),
    );
  });

  test("a reference to itself is refused", () => {
    const policy = { default: "allow", rules: [] };
    policy.rules.push(policy);
    assert.throws(() => new NangoToolkit({ apiKey: KEY, policy }), {
      code: "invalid_option",
      message: /`policy.rules.0`/,
    });
  });
});

describe("in arguments", () => {
  const { fetch, apiKey, baseUrl } = createEmulator();
  const nango = new NangoToolkit({ fetch, apiKey, baseUrl });
  for (const [value, name] of VALUES) {
    test(`${name} is an issue at its place, and nothing is sent`, async () => {
      const args = { connection_id: "hubspot-ada", provider_config_key: "hubspot", metadata: { deep: [1, value] } };
      const slug = "NANGO_SET_CONNECTION_METADATA";
      const { successful, error, meta } = await nango.execute(slug, args);
      assert.deepEqual([successful, error.kind, meta.attempts], [false, "invalid_arguments", 0]);
      assert.deepEqual(
        error.issues.map(({ path }) => path),
        [["metadata", "deep", "1"]],
      );
      assert.ok(error.issues[0].message.includes(name));
      assert.deepEqual(validate(slug, args), { valid: false, issues: error.issues });
      assert.throws(
        () => buildRequest(slug, args),
        (thrown) =>
          thrown instanceof NangoToolkitError && thrown.kind === "invalid_arguments" && thrown.issues.length === 1,
      );
    });
  }

  test("a limit that is not a number lists nothing, rather than everything", async () => {
    const { error } = await nango.execute("NANGO_CONNECTION_LIST_GET", { limit: Number.NaN });
    assert.equal(error.kind, "invalid_arguments");
  });

  test("half of a surrogate pair is U+FFFD, whole pairs and backslashes stay", () => {
    const body = (input) =>
      JSON.parse(
        buildRequest("NANGO_ACTION_TRIGGER_POST", {
          connection_id: "a",
          provider_config_key: "b",
          action_name: "c",
          input,
        }).body,
      ).input;
    for (const [given, expected] of [
      ["hi \ud83d", "hi \ufffd"],
      ["\ude00 hi", "\ufffd hi"],
      ["\ud83d\ud83d\ude00", "\ufffd\u{1f600}"],
      ["\\ud83d", "\\ud83d"],
      ["\u{1f600}", "\u{1f600}"],
    ]) {
      assert.deepEqual(body({ text: given }), { text: expected });
    }
    const text =
      '{"connection_id":"a","provider_config_key":"b","action_name":"c","input":"\\uD83D \\ud83d\\ude00 \\\\ud83d"}';
    assert.equal(JSON.parse(buildRequest("NANGO_ACTION_TRIGGER_POST", text).body).input, "\ufffd \u{1f600} \\ud83d");
  });

  test("names from prototypes are ordinary names", async () => {
    const { error } = await nango.execute(
      "NANGO_GET_INTEGRATION",
      JSON.parse('{ "unique_key": "hubspot", "__proto__": { "include": ["credentials"] } }'),
    );
    assert.equal(error.kind, "invalid_arguments");
    assert.throws(() => nango.session({ user: "ada", environment: "constructor" }), { code: "invalid_option" });
    assert.throws(() => nango.session({ user: "ada", environment: "__proto__" }), { code: "invalid_option" });
  });
});

test("an error has all declared fields, and does not repeat itself", () => {
  try {
    buildRequest("NANGO_GET_INTEGRATION", {});
    assert.fail("it did not throw");
  } catch (error) {
    assert.ok(error instanceof NangoToolkitError && error instanceof Error);
    assert.deepEqual(
      [error.name, error.kind, error.code, error.retryable, error.issues.length],
      ["NangoToolkitError", "invalid_arguments", "invalid_arguments", false, 1],
    );
    assert.ok(!error.hint || !error.message.includes(error.hint));
    assert.deepEqual(
      Object.keys(error).filter(
        (name) => !["kind", "code", "status", "retryable", "issues", "hint", "details"].includes(name),
      ),
      [],
    );
  }
});

describe("the options of a toolkit", () => {
  const refused = (options, expected) => assert.throws(() => new NangoToolkit(options), expected);

  test("a misspelt name is reported, not the key that is missing for it", () => {
    refused({ secretKey: KEY, host: "https://nango.example.com" }, { code: "invalid_option", message: /`secretKey`/ });
    refused({ apikey: KEY }, { code: "invalid_option", message: /`apikey`/ });
    refused({ apiKey: "nonsense", timeoutms: 5 }, { code: "invalid_option", message: /`timeoutms`/ });
  });

  test("what is not an object is named by its type, and not repeated", () => {
    for (const [given, found] of [
      [KEY, "a string"],
      [5, "a number"],
      [[KEY], "an array"],
      [null, "null"],
    ]) {
      refused(given, {
        code: "invalid_option",
        message: `expected an object of options, got ${found}`,
        hint: "`new NangoToolkit({ apiKey })`",
      });
    }
  });

  test("a key that is given, but undefined, asks for its variable", () => {
    refused({ apiKey: undefined }, { code: "missing_api_key", hint: /is `NANGO_SECRET_KEY` set\?$/ });
    for (const options of [{}, undefined, { environments: { a: { apiKey: undefined } } }]) {
      refused(options, ({ code, hint }) => code === "missing_api_key" && !hint.includes("NANGO_SECRET_KEY"));
    }
  });

  test("a session is not an option", () => {
    refused(
      { apiKey: KEY, session: { user: "ada" } },
      { code: "invalid_option", hint: "use `nango.session({ user })`" },
    );
    assert.ok(new NangoToolkit({ apiKey: KEY, session: undefined }));
  });

  test("the address of the in-memory Nango needs its `fetch`", () => {
    const { apiKey, baseUrl, fetch } = createEmulator();
    const expected = { code: "invalid_option", hint: "pass `fetch` of `createEmulator()` as well" };
    refused({ apiKey, baseUrl }, expected);
    refused({ apiKey, baseUrl: new URL(baseUrl) }, expected);
    refused({ environments: { a: { apiKey, baseUrl } } }, expected);
    assert.ok(new NangoToolkit({ environments: { a: { apiKey, baseUrl } }, fetch }));
  });
});

test("what is not an object of options is refused by sessions and their tokens", async () => {
  const nango = new NangoToolkit({ apiKey: KEY, sessionKey: "0123456789abcdef0123456789abcdef" });
  for (const [given, found] of [
    ["grace", "a string"],
    [["grace"], "an array"],
    [null, "null"],
  ]) {
    assert.throws(() => nango.session(given), {
      code: "invalid_option",
      message: `expected an object, got ${found}`,
      hint: '`session({ user: "ada" })`',
    });
  }
  const session = nango.session({ user: "ada" });
  await assert.rejects(session.token(600), { message: "expected an object of options, got a number" });
  await assert.rejects(session.token({ expiresInSeconds: 1 }), {
    message: "there is no option `expiresInSeconds`",
    hint: "the options are `key` and `expiresInMs`",
  });
});
