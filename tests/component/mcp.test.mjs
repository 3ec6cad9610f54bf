// The MCP component under its host: the transcript that every runtime answers, authentication, selection, policy,
// approval, malformed traffic; compared with the handler of the npm package, whose answers are the same.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Agent } from "node:http";
import { after, before, describe, test } from "node:test";
import { createEmulator } from "../../pkg/dist/entry/emulator-node.js";
import { createMcpHandler } from "../../pkg/dist/entry/mcp-node.js";
import { NangoToolkit } from "../../pkg/dist/entry/node.js";
import { listen, startEmulate } from "../node/support.mjs";
import { run } from "../runtimes/mcp-suite.mjs";
import { WASMTIME, call, exchange, forward, serveComponent } from "./mcp-server.mjs";

const transcript = JSON.parse(readFileSync(new URL("../fixtures/mcp.json", import.meta.url), "utf8"));
const TOKEN = "a-token-drawn-at-random";
const ADA = "a-token-of-ada-at-random";
const SESSION_KEY = "0123456789abcdef0123456789abcdef";

let emulator;
before(async () => void (emulator = await startEmulate(["--rate-limit", "1000000"])));
after(() => emulator.stop());

/** Runs `work` with the component in this configuration. The Nango key must never appear. */
async function serving(env, work) {
  const server = await serveComponent({ NANGO_SECRET_KEY: emulator.apiKey, NANGO_HOST: emulator.url, ...env });
  try {
    await work(server.url, server);
    assert.doesNotMatch(server.log(), /RuntimeError|panicked|Error:/);
    assert.ok(!server.log().includes(emulator.apiKey), "the key is in the log");
  } finally {
    await server.close();
  }
}

/** The log is written after the response. */
async function eventually(check, tries = 100) {
  try {
    return check();
  } catch (error) {
    if (tries === 0) throw error;
  }
  await new Promise((resolve) => setTimeout(resolve, 50));
  return eventually(check, tries - 1);
}

const tool = (name, args = {}) => ({ method: "tools/call", params: { name, arguments: args } });
const list = async (url, more) =>
  (await call(url, { method: "tools/list" }, more)).json.result.tools.map((one) => one.name);
const outcome = ({ json: { result } }) => JSON.parse(result.content[0].text);

/** What differs from run to run: random values and times. */
const steady = (text) =>
  text
    .replaceAll(/call_[0-9a-f]{16}/g, "call_…")
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+(Z|\+00:00)/g, "…")
    .replaceAll(/(\\?"durationMs\\?":)\d+/g, "$1…")
    .replaceAll(/it had \d+ bytes/g, "it had … bytes");

/** Headers that a runtime adds or rewrites are not the handler's. */
const OURS = [
  "content-type",
  "allow",
  "vary",
  "www-authenticate",
  "access-control-allow-origin",
  "access-control-allow-methods",
  "access-control-allow-headers",
  "access-control-expose-headers",
  "access-control-max-age",
];
const plain = ({ status, headers, text }) => ({
  status,
  headers: OURS.filter((name) => name in headers).map((name) => [name, headers[name]]),
  text: steady(text),
});

const MODERN = "2026-07-28";
const META = {
  "io.modelcontextprotocol/protocolVersion": MODERN,
  "io.modelcontextprotocol/clientCapabilities": { elicitation: {} },
};
/** A call in the stateless revision, by a client that can ask its user. */
const modern = (url, name, args, { token = TOKEN, ...more } = {}) =>
  call(
    url,
    { method: "tools/call", params: { name, arguments: args, ...more, _meta: META } },
    {
      headers: {
        authorization: `Bearer ${token}`,
        "mcp-protocol-version": MODERN,
        "mcp-method": "tools/call",
        "mcp-name": name,
      },
    },
  );
const bearer = (token) => ({ headers: { authorization: `Bearer ${token}` } });

describe(`the MCP component, served by ${WASMTIME ?? "jco"}`, () => {
  test("answers the transcript as the package's handler does", async () => {
    await serving({ NANGO_MCP_ANONYMOUS: "true" }, async (url) => {
      const theirs = await run({ createMcpHandler, createEmulator, transcript });
      const ours = await run({ createMcpHandler: () => forward(url), createEmulator: () => ({}), transcript });
      assert.equal(ours.length, transcript.length);
      assert.deepEqual(
        ours.filter((one) => one.error || one.skipped).map((one) => `${one.name}: ${one.error ?? one.skipped}`),
        [],
      );
      for (const [index, { name, answer }] of ours.entries()) {
        assert.deepEqual(plain(answer), plain(theirs[index].answer), name);
        assert.ok(!answer.text.includes(emulator.apiKey), name);
      }
    });
  });

  test("survives malformed traffic, and calls at once", async () => {
    await serving({ NANGO_MCP_ANONYMOUS: "true", NANGO_MCP_BODY_LIMIT: "100000" }, async (url) => {
      const json = { "content-type": "application/json" };
      const send = (body, more) => exchange(url, "/mcp", { headers: json, body, ...more });
      const status = async (answer) => (await answer).status;
      for (const bytes of [[0xff, 0xfe], [0], [0xc3], [0x22, 0xed, 0xa0, 0x80, 0x22], [0xef, 0xbb, 0xbf, 0x7b, 0x7d]])
        assert.equal(await status(send(Buffer.from(bytes))), 400, String(bytes));
      for (const text of [
        "[".repeat(50_000),
        '{"a":'.repeat(9_000),
        `"${"\\u0000".repeat(9_000)}"`,
        "1e999999",
        "-",
        "[]",
        `[${"1,".repeat(200)}1]`,
      ])
        assert.equal(await status(send(text)), 400, text.slice(0, 20));
      // A message that is too long is refused, whether its length is declared or not, and the connection stays usable.
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      for (const headers of [
        { ...json, "content-length": 150_000 },
        { ...json, "transfer-encoding": "chunked" },
      ]) {
        const { status, text } = await send("x".repeat(150_000), { headers, agent });
        assert.equal(status, 413);
        assert.match(text, /"code":-32600,"message":"the body is longer than 100000 bytes"/);
        assert.equal((await send('{"jsonrpc":"2.0","id":1,"method":"ping"}', { agent })).status, 200);
      }
      agent.destroy();
      for (const path of ["/", "/mcp/", "//mcp", "/mcp%00", "/MCP", "/mcp;x", `/${"x".repeat(8000)}`])
        assert.equal(await status(exchange(url, path, { headers: json, body: "{}" })), 404, path);
      for (const query of ["?", "?toolsets=%", "?a=%zz&&=&=b", "?mode=tools"])
        assert.notEqual(
          await status(send('{"jsonrpc":"2.0","id":1,"method":"ping"}', { path: `/mcp${query}` })),
          500,
          query,
        );
      for (const method of ["TRACE", "PROPFIND", "PATCH", "DELETE"])
        assert.equal(await status(exchange(url, "/mcp", { method })), 405, method);
      assert.equal(await status(send("{}", { headers: { ...json, "x-mcp-mode": "\u00ff" } })), 400);
      // Nothing waits for a response after a timeout.
      await assert.rejects(
        exchange(url, "/mcp", { headers: { ...json, "content-length": 100 }, body: "{", timeout: 300 }),
      );
      const all = await Promise.all(
        ["github", "hubspot", "nobody", "slack"].map((provider) =>
          call(url, tool("NANGO_PROVIDERS_GET_GET", { provider })),
        ),
      );
      assert.deepEqual(
        all.map((one) => [one.status, outcome(one).data?.data.name ?? outcome(one).error.kind]),
        [
          [200, "github"],
          [200, "hubspot"],
          [200, "not_found"],
          [200, "slack"],
        ],
      );
    });
  });

  test("knows callers by their tokens, and users by their sessions", async () => {
    const toolkit = new NangoToolkit({ apiKey: emulator.apiKey, baseUrl: emulator.url, sessionKey: SESSION_KEY });
    const tokens = JSON.stringify({ [ADA]: { user: "ada", toolsets: ["connections"] } });
    await serving(
      {
        NANGO_MCP_TOKEN: TOKEN,
        NANGO_MCP_TOKENS: tokens,
        NANGO_MCP_SESSION_KEY: SESSION_KEY,
        NANGO_MCP_SECRET_PATH: "a-path-drawn-at-random",
        NANGO_MCP_LOG: "true",
      },
      async (url, { log }) => {
        const handler = createMcpHandler({ toolkit, tokens: { [TOKEN]: true }, sessionTokens: true });
        const message = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping" });
        const foreign = await toolkit.session({ user: "ada" }).token({ key: `${SESSION_KEY}, another` });
        const [head, body, mark] = (await toolkit.session({ user: "ada" }).token()).split(".");
        const claims = JSON.parse(Buffer.from(body, "base64url"));
        const altered = Buffer.from(JSON.stringify({ ...claims, session: { user: "grace" } })).toString("base64url");
        const wrong = [
          {},
          { authorization: "Basic x" },
          { authorization: "Bearer" },
          { "x-api-key": "" },
          { "x-api-key": emulator.apiKey },
          ...[
            `${TOKEN}x`,
            TOKEN.slice(1),
            "x".repeat(20_000 - 200),
            foreign,
            `${head}.${altered}.${mark}`,
            `${head}.${body}.`,
            `${head}.${body}`,
            "a.b.c",
            "é",
          ].map((token) => ({ authorization: `Bearer ${Buffer.from(token).toString("latin1")}` })),
        ];
        for (const headers of wrong.filter((one) => !(one.authorization?.length > 16_000))) {
          const given = { method: "POST", headers: { "content-type": "application/json", ...headers }, body: message };
          const theirs = await handler(new Request("https://mcp.example/mcp", given));
          const ours = await forward(url)(new Request("https://mcp.example/mcp", given));
          assert.equal(ours.status, 401, JSON.stringify(headers));
          assert.deepEqual(
            [await ours.text(), ours.headers.get("www-authenticate")],
            [await theirs.text(), theirs.headers.get("www-authenticate")],
            JSON.stringify(headers),
          );
        }
        assert.equal((await list(url, bearer(TOKEN))).length, 23);
        assert.equal((await list(url, { headers: { "x-api-key": TOKEN } })).length, 23);
        assert.equal((await list(url, { path: "/mcp/a-path-drawn-at-random" })).length, 23);
        assert.equal((await call(url, { method: "ping" }, { path: "/mcp/a-path-drawn-at-randon" })).status, 404);
        // Ada's token is not valid for others.
        assert.deepEqual(
          await list(url, bearer(ADA)),
          toolkit
            .session({ user: "ada", toolsets: ["connections"] })
            .tools()
            .map((one) => one.slug),
        );
        const own = outcome(await call(url, tool("NANGO_CONNECTION_LIST_GET"), bearer(ADA))).data.connections;
        assert.ok(own.length > 0 && own.every((one) => one.tags.end_user_id === "ada"));
        const others = await call(
          url,
          tool("NANGO_GET_CONNECTION", { connection_id: "hubspot-grace", provider_config_key: "hubspot" }),
          bearer(ADA),
        );
        assert.equal(outcome(others).error.kind, "not_found");
        // A session token is valid until it expires.
        const session = toolkit.session({ user: "ada" });
        assert.deepEqual(
          await list(url, bearer(await session.token())),
          session.tools().map((one) => one.slug),
        );
        const short = await session.token({ expiresInMs: 1000 });
        await new Promise((resolve) => setTimeout(resolve, 1100));
        assert.equal((await call(url, { method: "ping" }, bearer(short))).status, 401);
        // Events name the user of the call, and contain no secret.
        const events = () => (log().match(/\{"type":"call.*\}$/gm) ?? []).map((line) => JSON.parse(line));
        await eventually(() =>
          assert.ok(events().some((one) => one.type === "call.finished" && one.user === "ada" && one.successful)),
        );
        for (const secret of [TOKEN, ADA, SESSION_KEY, short]) assert.ok(!log().includes(secret));
      },
    );
  });

  test("shows what the operator chose, narrowed by the client, and finds tools", async () => {
    const env = {
      NANGO_MCP_ANONYMOUS: "true",
      NANGO_MCP_TOOLSETS: "connections, integrations",
      NANGO_MCP_EXCLUDE: "NANGO_DELETE_CONNECTION",
      NANGO_MCP_CONFIRM: "model",
      NANGO_MCP_MAX_RESULT_BYTES: "2000",
    };
    const options = {
      allowAnonymous: true,
      toolsets: ["connections", "integrations"],
      exclude: ["NANGO_DELETE_CONNECTION"],
      confirm: "model",
      maxResultBytes: 2000,
    };
    await serving(env, async (url) => {
      const handler = createMcpHandler({ apiKey: emulator.apiKey, baseUrl: emulator.url, ...options });
      const asked = [
        ["", {}],
        ["?readonly", {}],
        ["?readonly=false", {}],
        ["?toolsets=connections", {}],
        ["?tools=NANGO_GET_CONNECTION,%20NANGO_CONNECTION_GET", {}],
        ["", { "x-mcp-readonly": "1" }],
        ["", { "x-mcp-exclude-tools": "NANGO_GET_CONNECTION" }],
        ["?mode=search", {}],
        ["", { "x-mcp-mode": "search", "x-mcp-readonly": "true" }],
        ["?mode=tools", { "x-mcp-mode": "search" }],
        ["?mode=all", {}],
        ["?toolsets=proxy", {}],
        ["?tools=NANGO_DELETE_CONNECTION", {}],
        ["?tools=", {}],
        ["?too%6Cs=NANGO_GET_CONNECTION", {}],
      ];
      const messages = [
        { method: "tools/list" },
        tool("NANGO_GET_PROXY"),
        tool("NANGO_DELETE_CONNECTION"),
        tool("NANGO_LIST_INTEGRATIONS"),
        tool("search_tools", { query: "who has connected hubspot" }),
        tool("search_tools", { query: "everything", limit: 2 }),
        tool("search_tools", { limit: 100, query: "list connections" }),
        tool("search_tools"),
        tool("describe_tool", { name: "NANGO_EDIT_CONNECTION" }),
        tool("describe_tool", { name: "NANGO_GET_PROXY" }),
        tool("describe_tool", { name: "" }),
        tool("execute_tool", { name: "NANGO_LIST_INTEGRATIONS" }),
        tool("execute_tool", { name: "NANGO_CONNECTION_GET", arguments: { connection_id: "hubspot-ada" } }),
        tool("execute_tool", { name: "NANGO_EDIT_CONNECTION", arguments: null }),
        tool("execute_tool", { name: "NANGO_NOTHING" }),
      ];
      for (const [query, headers] of asked) {
        for (const message of messages) {
          const given = {
            method: "POST",
            headers: { "content-type": "application/json", ...headers },
            body: JSON.stringify({ jsonrpc: "2.0", id: 1, ...message }),
          };
          const [theirs, ours] = await Promise.all(
            [handler, forward(url)].map(async (handle) => {
              const answer = await handle(new Request(`https://mcp.example/mcp${query}`, given));
              return { status: answer.status, text: steady(await answer.text()) };
            }),
          );
          assert.deepEqual(ours, theirs, `${query} ${JSON.stringify(headers)} ${given.body}`);
        }
      }
    });
  });

  test("asks for approval if policy requires it, and retries what may be retried", async () => {
    const policy = JSON.stringify({
      default: "allow",
      rules: [
        { id: "ask-first", then: "confirm", tool: "NANGO_DELETE_*" },
        { id: "no-env", then: "deny", toolset: "environment" },
      ],
    });
    let failures = 0;
    const between = await listen(async (request, response) => {
      if (request.url.startsWith("/providers/")) {
        if (failures++ < 2) return void response.writeHead(503).end();
        if (failures > 10) return void request.socket.destroy();
      }
      if (request.url.startsWith("/integrations/")) return void 0; // never answers
      const { status, headers, text } = await exchange(emulator.url, request.url, {
        method: request.method,
        headers: request.headers,
        body: Buffer.concat(await request.toArray()),
      });
      response.writeHead(status, { "content-type": headers["content-type"] }).end(text);
    });
    try {
      const settings = JSON.stringify({ retry: { baseMs: 20, maxMs: 50 }, timeoutMs: 1500 });
      await serving(
        {
          NANGO_HOST: between.url,
          NANGO_MCP_TOKEN: TOKEN,
          NANGO_MCP_TOKENS: JSON.stringify({ [ADA]: { user: "ada" } }),
          NANGO_MCP_POLICY: policy,
          NANGO_MCP_OPTIONS: settings,
        },
        async (url) => {
          const args = { connection_id: "hubspot-ada", provider_config_key: "hubspot" };
          const refused = await call(url, tool("NANGO_DELETE_CONNECTION", args), bearer(TOKEN));
          assert.ok(refused.json.result.isError && !("token" in outcome(refused).error.details));
          assert.ok(!(await list(url, bearer(TOKEN))).includes("NANGO_GET_ENVIRONMENT_VARIABLES"));
          const ask = async () => (await modern(url, "NANGO_DELETE_CONNECTION", args)).json.result;
          const asked = await ask();
          assert.equal(asked.resultType, "input_required");
          assert.match(asked.inputRequests.confirm_call.params.message, /hubspot-ada/);
          const yes = (state) => ({
            requestState: state,
            inputResponses: { confirm_call: { action: "accept", content: { confirm: true } } },
          });
          const state = asked.requestState;
          // Not for other arguments, another user, a longer time, with another signature.
          const tries = [
            [{ ...args, connection_id: "hubspot-grace" }, state],
            [args, state, ADA],
            [args, state.replace(/_(\d+)_/, (_, at) => `_${Number(at) + 1}_`)],
            [args, `${state.slice(0, -1)}${state.endsWith("0") ? 1 : 0}`],
            [args, "confirm_x"],
            [args, ""],
          ];
          for (const [given, token, who] of tries)
            assert.notEqual(
              (await modern(url, "NANGO_DELETE_CONNECTION", given, { token: who, ...yes(token) })).json.result
                .structuredContent?.successful,
              true,
              token,
            );
          assert.equal(
            (await modern(url, "NANGO_DELETE_CONNECTION", args, yes(state))).json.result.structuredContent.successful,
            true,
          );
          // Once, where it is remembered.
          const again = (await modern(url, "NANGO_DELETE_CONNECTION", args, yes(state))).json.result;
          assert.equal(again.resultType, WASMTIME ? "complete" : "input_required", JSON.stringify(again));
          const provider = outcome(
            await call(url, tool("NANGO_PROVIDERS_GET_GET", { provider: "github" }), bearer(TOKEN)),
          );
          assert.deepEqual([provider.successful, provider.meta.attempts, failures], [true, 3, 3]);
          failures = 100;
          const lost = outcome(await call(url, tool("NANGO_PROVIDERS_GET_GET", { provider: "github" }), bearer(TOKEN)));
          assert.equal(lost.error.kind, "network");
          const late = outcome(
            await call(
              url,
              tool("NANGO_UPDATE_INTEGRATION", { unique_key: "github", display_name: "GitHub" }),
              bearer(TOKEN),
            ),
          );
          assert.equal(late.error.kind, "timeout", JSON.stringify(late));
        },
      );
    } finally {
      await between.close();
    }
  });

  test("serves nothing where it is set up wrongly, and says why in the log alone", async () => {
    const wrong = [
      [
        { NANGO_SECRET_KEY: "Bearer hunter2-hunter2" },
        /nango-toolkit: NANGO_SECRET_KEY is not a valid API key: it begins with `Bearer`/,
      ],
      [{}, /nango-toolkit: callers cannot be authenticated/],
      [
        { NANGO_MCP_ANONYMOUS: "true", NANGO_MCP_POLICY: '{"default":"alow"}' },
        /nango-toolkit: the options were refused: .*`policy.default`.*`alow`.*did you mean `allow`/,
      ],
    ];
    for (const [env, why] of wrong) {
      await serving(env, async (url, { log }) => {
        const { status, json } = await call(url, { method: "ping" });
        assert.deepEqual(
          [status, json.error],
          [500, { code: -32603, message: "the server is not configured: see its log" }],
        );
        await eventually(() => assert.match(log(), why));
        assert.ok(!log().includes("hunter2"));
      });
    }
  });
});
