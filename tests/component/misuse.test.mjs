// Mistakes of a host or an agent cause errors, never a trap. Each export gets random strings, and calls get random
// answers at random times.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { jcoHost, python, pythonHost, u64 } from "./hosts.mjs";

const ci = /^(1|true)$/i.test(process.env.CI ?? "");
const KEY = "7b0c9f6e-4a55-4b8e-9d6a-2f1f0f6f5c11";
const ANSWER = { status: 200, headers: [["content-type", "application/json"]], body: '{"data":[]}' };

/** SplitMix32: the same numbers each time. */
function random(seed) {
  const next = () => {
    seed = (seed + 0x9e3779b9) | 0;
    let z = seed ^ (seed >>> 16);
    z = Math.imul(z, 0x21f0aaad);
    z ^= z >>> 15;
    z = Math.imul(z, 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  };
  const below = (limit) => next() % limit;
  return { below, one: (list) => list[below(list.length)] };
}

const SLUGS = [
  "NANGO_GET_CONNECTION",
  "NANGO_LIST_INTEGRATIONS",
  "NANGO_ADD_CONNECTION",
  "NANGO_POST_PROXY",
  "NANGO_ACTION_TRIGGER_POST",
  "NANGO_CREATE_CONNECT_SESSION",
  "NANGO_SET_CONNECTION_METADATA",
  "NANGO_NOTHING",
  "",
];
const NAMES = [
  "connection_id",
  "provider_config_key",
  "credentials",
  "type",
  "metadata",
  "any_path",
  "policy",
  "rules",
  "then",
  "default",
  "session",
  "user",
  "modify",
  "limit",
  "tools",
  "readOnly",
  "error",
  "code",
  "data",
  "connections",
  "tags",
  "baseUrl",
  "retry",
  "attempts",
  "timeoutMs",
  "confirm",
  "a/b~c",
  "__proto__",
];
const WORDS = [
  "ada",
  "hubspot",
  "allow",
  "deny",
  "BASIC",
  "OAUTH2",
  "..",
  "${x}",
  "%2e%2e%2f",
  "*",
  "$user",
  "https://x",
  "http://[::1]:99999",
  "\u0000",
  "\ud83d\ude00",
  "é".repeat(300),
  "x".repeat(5000),
  "{",
  "\\u0000",
  "NaN",
  "1e999",
  "-0",
  "9007199254740993",
];

/** A value of any kind, most often one that something here understands. */
function value({ below, one }, depth) {
  const kind = below(depth > 4 ? 4 : 7);
  if (kind === 0) return one([null, true, false, 0, -1, 1.5, 1e21, 2 ** 53, "", 4294967296]);
  if (kind < 4) return one(WORDS);
  if (kind === 4) return Array.from({ length: below(4) }, () => value({ below, one }, depth + 1));
  return Object.fromEntries(Array.from({ length: below(5) }, () => [one(NAMES), value({ below, one }, depth + 1)]));
}

/** A string: JSON, JSON with a small defect, or anything. */
function text(dice) {
  const json = JSON.stringify(value(dice, 0));
  const kind = dice.below(8);
  if (kind === 0) return dice.one([...WORDS, "[".repeat(dice.below(60_000)), '{"a":'.repeat(dice.below(20_000))]);
  if (kind > 2) return json;
  const at = dice.below(json.length + 1);
  const broken =
    kind === 1
      ? json.slice(0, at)
      : json.slice(0, at) + dice.one(['"', "\\", "{", "\u0007", "é", ",", "1"]) + json.slice(at + 1);
  return broken.toWellFormed(); // components take no half of a character
}
/** One in two times something good, with one more thing in it. */
const nearly = (dice, good) =>
  dice.below(2)
    ? text(dice)
    : JSON.stringify({ ...dice.one(good), ...(dice.below(2) ? { [dice.one(NAMES)]: value(dice, 3) } : {}) });
const OPTIONS = [
  {},
  { policy: { readOnly: true } },
  { policy: { default: "deny", rules: [{ then: "allow", effect: "read" }] } },
  { session: { user: "ada" } },
  { schema: "openai-strict" },
  { revealSecrets: true },
];
const ARGUMENTS = [
  {},
  { connection_id: "ada", provider_config_key: "hubspot" },
  { provider_config_key: "hubspot", credentials: { type: "BASIC", username: "a", password: "b" } },
  { connection_id: "ada", provider_config_key: "hubspot", any_path: "crm" },
  { tags: { end_user_id: "u" } },
];
const FILTERS = [{}, { readOnly: true }, { tools: ["NANGO_GET_CONNECTION"] }];
const response = (dice) => ({
  status: dice.one([0, 100, 200, 200, 201, 204, 302, 400, 401, 404, 429, 500, 65535]),
  headers: dice.below(3)
    ? [
        [
          dice.one(["Content-Type", "retry-after", "x-request-id", "\n", ""]),
          dice.one(["application/json", "99999999999999999999", "-1", "", "\r\n\0"]),
        ],
      ]
    : [],
  body: text(dice),
});
const time = (dice) =>
  u64(
    dice.one([
      "0",
      "1",
      "1800000000000",
      "9223372036854775807",
      "9223372036854775808",
      "18446744073709551615",
      String(dice.below(2 ** 31)),
    ]),
  );

for (const [name, make, rounds] of [
  ["jco", jcoHost, 4000],
  ["Python's wasmtime", pythonHost, 600],
]) {
  const missing = make === pythonHost && !python && !ci && "Python 3.9 or newer was not found";
  describe(`under ${name}`, { skip: missing }, () => {
    let host;
    let plain;
    const open = async (options) => (await host.call("[static]toolkit.open", JSON.stringify(options))).ok;
    const start = (toolkit, slug, args = {}, overrides = {}) =>
      host
        .call("[constructor]call", toolkit, slug, JSON.stringify(args), JSON.stringify(overrides), u64(1))
        .then(({ ok }) => ok);
    const tell = (call, method, ...given) => host.call(`[method]call.${method}`, call, ...given);
    before(async () => {
      host = await make();
      plain = await open({});
    });
    after(() => host?.close());

    test("wrong options are named", async () => {
      for (const [options, code, message] of [
        ['{"baseURL":"https://x"}', "invalid_option", /there is no option `baseURL`/],
        ['{"retry":{"attempts":"many"}}', "invalid_option", /`retry.attempts`: expected a whole number/],
        [
          '{"policy":{"default":"maybe"}}',
          "invalid_policy",
          /`policy.default`: expected one of `allow`, `deny`, got `maybe`/,
        ],
        ["{", "invalid_option", /expected a JSON object/],
        ['{"policy":null}', "invalid_policy", /expected an object, got null/],
      ]) {
        const { err } = await host.call("[static]toolkit.open", options);
        assert.equal(err.code, code);
        assert.equal(err.kind, "invalid-option");
        assert.match(err.message, message);
      }
      const call = await start(plain, "NANGO_LIST_INTEGRATIONS", {}, { baseUrl: "https://elsewhere.example" });
      const { ok } = await tell(call, "poll", u64(5));
      assert.equal(ok.tag, "done");
      assert.deepEqual([ok.val.data.val.kind, ok.val.data.val.code], ["invalid-option", "invalid_option"]);
      assert.match(ok.val.data.val.message, /there is no option `baseUrl`/);
      assert.deepEqual(await tell(call, "take-events"), { ok: [] });
      assert.deepEqual((await tell(call, "poll", u64(6))).ok, ok, "it stays as it is");
    });

    test("an unknown tool and wrong arguments are named, each in its way", async () => {
      for (const ask of ["validate", "build-request", "explain"]) {
        const { err } = await host.call(
          `[method]toolkit.${ask}`,
          plain,
          "NANGO_GET_CONECTION",
          "{}",
          ...(ask === "explain" ? [u64(0)] : []),
        );
        assert.equal(err.kind, "unknown-tool");
        assert.match(err.hint, /NANGO_GET_CONNECTION/);
      }
      const { ok: issues } = await host.call(
        "[method]toolkit.validate",
        plain,
        "NANGO_GET_CONNECTION",
        '{"connection_id":{},"a/b~c":1}',
      );
      assert.deepEqual(issues.map(({ path }) => path).sort(), ["/a~1b~0c", "/connection_id", "/provider_config_key"]);
      const { err } = await host.call("[method]toolkit.build-request", plain, "NANGO_GET_CONNECTION", "{oops");
      assert.equal(err.kind, "invalid-arguments");
      const { ok } = await tell(await start(plain, "NANGO_GET_CONECTION"), "poll", u64(5));
      assert.deepEqual(
        [ok.val.data.val.kind, ok.val.tool, ok.val.attempts],
        ["unknown-tool", "NANGO_GET_CONECTION", 0],
      );
    });

    test("an answer in the wrong state is refused, and the call continues", async () => {
      const call = await start(plain, "NANGO_LIST_INTEGRATIONS");
      const refused = async (pattern, method, ...given) =>
        assert.match((await tell(call, method, ...given, u64(5))).err, pattern);
      await refused(/waits for a poll, but got the answer/, "handle-response", ANSWER);
      assert.deepEqual((await tell(call, "poll", u64(5))).ok, { tag: "key", val: false });
      await refused(/waits for the API key, but got the answer to its request: poll it/, "handle-response", ANSWER);
      await refused(/waits for the API key, but got an approval/, "handle-approval", { tag: "granted" });
      assert.deepEqual(await tell(call, "handle-key", { tag: "ok", val: KEY }, u64(5)), { ok: null });
      await refused(/waits for a poll, but got the API key/, "handle-key", { tag: "ok", val: KEY });
      assert.equal((await tell(call, "poll", u64(5))).ok.tag, "send");
      assert.equal((await tell(call, "poll", u64(6))).ok.tag, "wait");
      await refused(/waits for the answer to its request, but got the API key/, "handle-key", {
        tag: "ok",
        val: KEY,
      });
      assert.deepEqual(await tell(call, "handle-response", ANSWER, u64(7)), { ok: null });
      await refused(/waits for a poll/, "handle-transport-error", "again");
      const { ok: done } = await tell(call, "poll", u64(8));
      assert.deepEqual([done.tag, done.val.data], ["done", { tag: "ok", val: '{"data":[]}' }]);
      await refused(/nothing: it has ended/, "handle-response", ANSWER);
      assert.deepEqual(await tell(call, "cancel", u64(9)), { ok: null });
      assert.equal((await tell(call, "poll", u64(9))).ok.val.data.val.kind, "internal");
    });

    test("random strings trap no export", async (context) => {
      const dice = random(7);
      const seen = {};
      for (let round = 0; round < rounds; round++) {
        const opened = await host.call("[static]toolkit.open", nearly(dice, OPTIONS));
        const toolkit = opened.ok ?? plain;
        const slug = dice.below(10) ? dice.one(SLUGS) : text(dice);
        const asked = {
          "toolkit.catalog": [nearly(dice, FILTERS)],
          "toolkit.search": [text(dice), nearly(dice, FILTERS)],
          "toolkit.api-text": [nearly(dice, FILTERS)],
          "toolkit.exact-output-schema": [slug],
          "toolkit.validate": [slug, nearly(dice, ARGUMENTS)],
          "toolkit.build-request": [slug, nearly(dice, ARGUMENTS)],
          "toolkit.parse-response": [slug, response(dice)],
          "toolkit.explain": [slug, nearly(dice, ARGUMENTS), time(dice)],
        };
        const name = dice.one(Object.keys(asked));
        const answer = await host.call(`[method]${name}`, toolkit, ...asked[name]);
        for (const [what, got] of [
          ["open", opened],
          [name, answer],
        ]) {
          assert.equal(got.trap, undefined, `round ${round}, ${what}: ${got.trap}`);
          const key = `${what} ${"ok" in got ? "ok" : "err"}`;
          seen[key] = (seen[key] ?? 0) + 1;
        }
      }
      context.diagnostic(JSON.stringify(seen));
      for (const name of [
        "open",
        "toolkit.catalog",
        "toolkit.search",
        "toolkit.api-text",
        "toolkit.exact-output-schema",
        "toolkit.validate",
        "toolkit.build-request",
        "toolkit.explain",
      ])
        assert.ok(seen[`${name} ok`] > 0 && seen[`${name} err`] > 0, name);
    });

    test("calls that receive any answer at any time do not trap, and show no key", async (context) => {
      const dice = random(11);
      const confirming = await open({
        policy: { default: "allow", rules: [{ then: "confirm", effect: "destructive" }] },
        session: { user: "ada" },
      });
      const ends = {};
      for (let round = 0; round < rounds / 4; round++) {
        const args = dice.below(4) ? JSON.stringify(dice.one(ARGUMENTS)) : nearly(dice, ARGUMENTS);
        const slug = dice.below(2) ? dice.one(["NANGO_LIST_INTEGRATIONS", "NANGO_DELETE_CONNECTION"]) : dice.one(SLUGS);
        const { ok: call, trap } = await host.call(
          "[constructor]call",
          dice.one([plain, confirming]),
          slug,
          args,
          dice.below(8) ? "{}" : text(dice),
          u64(dice.below(2 ** 31)),
        );
        assert.equal(trap, undefined, trap);
        let last = "";
        for (let step = 0; step < 16; step++) {
          const said = {
            poll: [],
            "handle-response": [response(dice)],
            "handle-transport-error": [text(dice)],
            "handle-key": [
              dice.one([
                { tag: "ok", val: KEY },
                { tag: "ok", val: KEY },
                { tag: "ok", val: KEY },
                { tag: "ok", val: text(dice) },
                { tag: "err", val: text(dice) },
              ]),
            ],
            "handle-approval": [
              dice.one([{ tag: "granted" }, { tag: "refused" }, { tag: "pending", val: text(dice) }]),
            ],
            ...(dice.below(20) ? {} : { cancel: [] }),
          };
          const due =
            {
              send: dice.below(4) ? "handle-response" : "handle-transport-error",
              key: "handle-key",
              approval: "handle-approval",
            }[last] ?? "poll";
          const name = dice.below(4) ? due : dice.one(Object.keys(said));
          const answer = await tell(call, name, ...said[name], time(dice));
          assert.equal(answer.trap, undefined, `round ${round}, ${name}: ${answer.trap}`);
          last = answer.ok?.tag ?? "";
          if (last === "send") continue; // the one place where the key belongs
          assert.ok(!JSON.stringify(answer).includes(KEY), `the key shows: ${JSON.stringify(answer)}`);
          if (last === "done") {
            const end = answer.ok.val.data.tag === "ok" ? "success" : answer.ok.val.data.val.kind;
            ends[end] = (ends[end] ?? 0) + 1;
            break;
          }
        }
        const events = await tell(call, "take-events");
        assert.ok(!JSON.stringify(events).includes(KEY));
        assert.equal((await host.call("drop", call)).trap, undefined);
      }
      context.diagnostic(JSON.stringify(ends));
      assert.ok(Object.keys(ends).length >= 5, JSON.stringify(ends));
    });
  });
}
