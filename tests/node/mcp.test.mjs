// The MCP handler in Node: the transcript, authentication, listings, truncation, failures.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { createEmulator } from "../../pkg/dist/entry/emulator-node.js";
import { createMcpHandler } from "../../pkg/dist/entry/mcp-node.js";
import { NangoToolkit, getTool, listTools } from "../../pkg/dist/entry/node.js";
import { run } from "../runtimes/mcp-suite.mjs";

const read = (path) => JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8"));
const MODERN = "2026-07-28";
const TOKEN = "a-token-of-at-least-16";
const META = {
  "io.modelcontextprotocol/protocolVersion": MODERN,
  "io.modelcontextprotocol/clientCapabilities": { elicitation: {} },
};

const emulated = () => {
  const { fetch, apiKey, baseUrl } = createEmulator({ rateLimit: 1_000_000 });
  return { fetch, apiKey, baseUrl };
};
const handler = (options) => createMcpHandler({ ...emulated(), allowAnonymous: true, ...options });

/** One POST; the answer's status, headers and parsed body. */
async function post(handle, message, { headers = {}, url = "https://mcp.example/mcp", signal } = {}) {
  const response = await handle(
    new Request(url, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: typeof message === "string" ? message : JSON.stringify(message),
      signal,
    }),
  );
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: text ? JSON.parse(text) : undefined };
}
const rpc = (method, params, id = 1) => ({ jsonrpc: "2.0", id, method, params });
const call = (name, args, more) => rpc("tools/call", { name, arguments: args, ...more });
const modern = (name, args, more) => [
  call(name, args, { _meta: META, ...more }),
  { headers: { "mcp-protocol-version": MODERN, "mcp-method": "tools/call", "mcp-name": name } },
];
const names = async (handle, options) =>
  (await post(handle, rpc("tools/list"), options)).json.result.tools.map((tool) => tool.name);

describe("MCP handler", () => {
  test("answers as in the transcript", async () => {
    const results = await run({ createMcpHandler, createEmulator, transcript: read("../fixtures/mcp.json") });
    assert.deepEqual(
      results.filter((one) => one.error).map(({ name, error }) => `${name}: ${error}`),
      [],
    );
    assert.deepEqual(
      results.filter((one) => one.skipped).map((one) => one.name),
      [],
    );
    assert.ok(results.length > 170);
  });

  test("names the package's version", async () => {
    const { version } = read("../../pkg/package.json");
    const { json } = await post(handler({ title: "Ours" }), rpc("initialize", {}));
    assert.deepEqual(json.result.serverInfo, { name: "nango", title: "Ours", version });
    assert.match(json.result.instructions, /NANGO_CONNECTION_LIST_GET/);
  });

  test("lists the tools as the toolkit describes them", async () => {
    const { json } = await post(handler(), rpc("tools/list"));
    assert.equal(json.result.tools.length, 23);
    for (const shown of json.result.tools) {
      const tool = getTool(shown.name);
      const { name, _meta, outputSchema, ...rest } = shown;
      assert.deepEqual(rest, {
        title: tool.title,
        description: tool.description,
        inputSchema: tool.inputSchema,
        annotations: tool.annotations,
      });
      assert.deepEqual(
        [outputSchema.type, outputSchema.required, outputSchema.properties.data],
        ["object", tool.outputSchema.required, tool.outputSchema.properties.data],
      );
      assert.deepEqual(Object.keys(outputSchema.properties).sort(), Object.keys(tool.outputSchema.properties).sort());
      assert.deepEqual(_meta, { "nango-toolkit/toolset": tool.toolset, "nango-toolkit/effect": tool.effect });
    }
  });

  test("refuses options that are wrong", () => {
    const wrong = (options, code, pattern) =>
      assert.throws(
        () => createMcpHandler({ ...emulated(), ...options }),
        (error) =>
          error.code === code &&
          pattern.test(`${error.message} ${error.hint} ${error.issues?.map((issue) => issue.path)}`),
      );
    wrong({}, "invalid_option", /allowAnonymous/);
    wrong({ tokens: { short: true } }, "invalid_option", /16/);
    for (const [token, found] of [
      ["undefined", "`undefined`"],
      ["null", "`null`"],
      ["", "empty"],
    ]) {
      const message = `a token in \`tokens\` is ${found}: the variable that it comes from is not set`;
      wrong({ tokens: { [token]: true } }, "invalid_option", new RegExp(message));
    }
    wrong({ tokens: [TOKEN] }, "invalid_option", /`tokens` must be an object `\{ token: caller \}`, not a list/);
    wrong({ secretPath: "a/b" }, "invalid_option", /secretPath/);
    wrong({ allowAnonymous: true, confirm: "me" }, "invalid_option", /confirm/);
    wrong({ allowAnonymous: true, mode: "all" }, "invalid_option", /mode/);
    wrong({ allowAnonymous: true, toolsets: ["nope"] }, "invalid_option", /nope/);
    wrong({ allowAnonymous: true, tools: ["NANGO_NOPE"] }, "invalid_option", /NANGO_NOPE/);
    wrong(
      { allowAnonymous: true, exclude: ["NANGO_DELETE_CONECTION"] },
      "invalid_option",
      /did you mean `NANGO_DELETE_CONNECTION`/,
    );
    wrong({ allowAnonymous: true, mode: "all", confirm: "me", tools: null }, "invalid_option", /confirm.*mode.*tools/);
    for (const caller of [undefined, null, false, "ada", []])
      wrong({ tokens: { [TOKEN]: caller } }, "invalid_option", /the caller of a token in `tokens`/);
    for (const options of [{ policy: null }, { tokens: { [TOKEN]: { user: "ada", policy: null } } }])
      wrong({ allowAnonymous: true, ...options }, "invalid_option", /`policy` is null/);
    wrong({ allowAnonymous: true, extraTools: [{ name: "mine" }] }, "invalid_option", /extraTools/);
    wrong({ allowAnonymous: true, retries: 1 }, "invalid_option", /retries/);
    wrong({ allowAnonymous: true, apiKey: undefined }, "missing_api_key", /API key/);
    assert.throws(() => createMcpHandler({ allowAnonymous: true, apiKey: undefined }), { hint: /NANGO_SECRET_KEY/ });
    assert.throws(
      () => createMcpHandler({ toolkit: new NangoToolkit(emulated()), allowAnonymous: true, timeoutMs: 7 }),
      /timeoutMs/,
    );
    assert.throws(() => createMcpHandler({ toolkit: {}, allowAnonymous: true }), /NangoToolkit/);
  });
});

describe("who may call", () => {
  const runner = (name) => ({
    tools: (filter) => listTools({ ...filter, tools: ["NANGO_LIST_INTEGRATIONS"] }),
    execute: async () => ({ successful: true, data: { who: name }, error: null, meta: {} }),
  });
  const who = async (handle, options) => {
    const { status, json } = await post(handle, call("NANGO_LIST_INTEGRATIONS", {}), options);
    return status === 200 ? json.result.structuredContent.data.who : status;
  };

  test("tokens, as bearer or x-api-key, each with its own tools", async () => {
    const handle = handler({
      allowAnonymous: false,
      tokens: { [`${TOKEN}-a`]: runner("a"), [`${TOKEN}-b`]: runner("b"), [`${TOKEN}-all`]: true },
    });
    assert.equal(await who(handle, { headers: { authorization: `Bearer ${TOKEN}-a` } }), "a");
    assert.equal(await who(handle, { headers: { authorization: `bearer  ${TOKEN}-b ` } }), "b");
    assert.equal(await who(handle, { headers: { "x-api-key": `${TOKEN}-b` } }), "b");
    assert.deepEqual(await names(handle, { headers: { "x-api-key": `${TOKEN}-a` } }), ["NANGO_LIST_INTEGRATIONS"]);
    assert.equal((await names(handle, { headers: { "x-api-key": `${TOKEN}-all` } })).length, 23);
    for (const headers of [
      {},
      { authorization: TOKEN },
      { authorization: `Bearer ${TOKEN}` },
      { authorization: `Basic ${TOKEN}-a` },
      { authorization: `Bearer ${TOKEN}-a${TOKEN}-a` },
      { "x-api-key": "" },
    ]) {
      assert.equal(await who(handle, { headers }), 401, JSON.stringify(headers));
    }
    // What is listed for one cannot be called by another.
    const { json } = await post(handle, call("NANGO_DELETE_CONNECTION", {}), {
      headers: { "x-api-key": `${TOKEN}-a` },
    });
    assert.equal(json.error.code, -32602);
  });

  test("a 401 says what is needed, and names no authorization server if there is none", async () => {
    const handle = handler({ allowAnonymous: false, tokens: { [TOKEN]: true } });
    const { status, headers, json } = await post(handle, rpc("server/discover"), {
      headers: { origin: "http://localhost:1" },
    });
    assert.deepEqual(
      [status, headers.get("www-authenticate"), headers.get("access-control-allow-origin")],
      [401, 'Bearer realm="nango"', "http://localhost:1"],
    );
    assert.match(json.error.message, /Authorization: Bearer/);
    const wrong = await post(handle, rpc("ping"), { headers: { authorization: "Bearer wrong" } });
    assert.equal(wrong.headers.get("www-authenticate"), 'Bearer realm="nango", error="invalid_token"');
    assert.ok(!wrong.text.includes("wrong"));
    const known = await handle(new Request("https://mcp.example/.well-known/oauth-protected-resource/mcp"));
    assert.equal(known.status, 404);
    assert.match((await known.json()).error.message, /the MCP endpoint is at `\/mcp`; its path can be set/);
  });

  test("a wrong token is 401 for every method", async () => {
    const guarded = handler({ allowAnonymous: false, tokens: { [TOKEN]: true } });
    const own = handler({ allowAnonymous: false, authenticate: (request) => request.headers.has("x-user") });
    for (const method of ["GET", "HEAD", "DELETE", "PUT", "PATCH", "POST"]) {
      const status = async (handle, headers) =>
        (await handle(new Request("https://mcp.example/mcp", { method, headers }))).status;
      const known = method === "POST" ? 400 : 405;
      assert.deepEqual(
        [
          await status(guarded, {}),
          await status(guarded, { authorization: "Bearer wrong" }),
          await status(guarded, { "x-api-key": "wrong" }),
          await status(own, {}),
        ],
        [401, 401, 401, 401],
        method,
      );
      const accepted = [
        await status(guarded, { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" }),
        await status(own, { "x-user": "ada", "content-type": "application/json" }),
      ];
      assert.deepEqual(accepted, [known, known], method);
    }
    // A browser asks before it sends a token.
    const preflight = { method: "OPTIONS", headers: { origin: "http://localhost:1" } };
    assert.equal((await guarded(new Request("https://mcp.example/mcp", preflight))).status, 204);
    const foreign = { method: "GET", headers: { origin: "https://evil.example" } };
    assert.equal((await guarded(new Request("https://mcp.example/mcp", foreign))).status, 403);
  });

  test("an authorization server is announced", async () => {
    const authorizationServers = ["https://auth.example"];
    const handle = handler({
      allowAnonymous: false,
      authenticate: () => false,
      authorizationServers,
      scopes: ["nango"],
    });
    const { headers } = await post(handle, rpc("ping"));
    assert.equal(
      headers.get("www-authenticate"),
      'Bearer realm="nango", ' +
        'resource_metadata="https://mcp.example/.well-known/oauth-protected-resource/mcp", scope="nango"',
    );
    for (const path of ["", "/mcp"]) {
      const response = await handle(new Request(`https://mcp.example/.well-known/oauth-protected-resource${path}`));
      assert.deepEqual(await response.json(), {
        resource: "https://mcp.example/mcp",
        authorization_servers: authorizationServers,
        bearer_methods_supported: ["header"],
        scopes_supported: ["nango"],
      });
    }
    assert.equal(
      (await handle(new Request("https://mcp.example/.well-known/oauth-protected-resource/other"))).status,
      404,
    );
  });

  test("authenticate decides, and may answer by itself", async () => {
    const seen = [];
    const handle = handler({
      allowAnonymous: false,
      tokens: { [TOKEN]: runner("token") },
      async authenticate(request) {
        seen.push(request.headers.get("authorization"));
        const name = request.headers.get("x-user");
        if (name === "late") return Response.json({ error: "insufficient_scope" }, { status: 403 });
        return name ? runner(name) : undefined;
      },
    });
    assert.equal(await who(handle, { headers: { "x-user": "ada" } }), "ada");
    assert.equal(await who(handle, { headers: { "x-user": "late" } }), 403);
    assert.equal(await who(handle, {}), 401);
    assert.equal(await who(handle, { headers: { authorization: `Bearer ${TOKEN}` } }), "token");
    assert.deepEqual(seen, [null, null, null]);
    const errors = [];
    const broken = handler({
      allowAnonymous: false,
      onError: (error) => errors.push(error),
      authenticate: () => Promise.reject(new Error("the key is hunter2")),
    });
    const { status, text } = await post(broken, rpc("ping"));
    assert.ok(status === 500 && !text.includes("hunter2") && errors.length === 1, text);
  });

  test("a secret path replaces a token for clients that cannot send one", async () => {
    const secretPath = "s3cret_s3cret_s3cret";
    const alone = handler({ allowAnonymous: false, secretPath });
    assert.equal((await post(alone, rpc("ping"), { url: `https://mcp.example/mcp/${secretPath}` })).status, 200);
    for (const path of ["/mcp", "/mcp/", `/mcp/${secretPath}x`, "/mcp/s3cret_s3cret_s3creT", `/${secretPath}`]) {
      assert.equal((await post(alone, rpc("ping"), { url: `https://mcp.example${path}` })).status, 404, path);
    }
    const both = handler({ allowAnonymous: false, secretPath, tokens: { [TOKEN]: true } });
    assert.equal((await post(both, rpc("ping"))).status, 401);
    assert.equal((await post(both, rpc("ping"), { headers: { "x-api-key": TOKEN } })).status, 200);
  });

  test("a local server refuses other host names", async () => {
    const handle = handler({ localOnly: true });
    for (const [url, status] of [
      ["http://127.0.0.1:3000/mcp", 200],
      ["http://localhost/mcp", 200],
      ["http://evil.example:3000/mcp", 403],
    ]) {
      assert.equal((await post(handle, rpc("ping"), { url })).status, status, url);
    }
  });
});

describe("what is listed", () => {
  const READS = listTools({ readOnly: true }).map((tool) => tool.slug);

  test("the operator's selection is a bound", async () => {
    const handle = handler({ toolsets: ["connections"], readOnly: true });
    assert.deepEqual(await names(handle), ["NANGO_CONNECTION_LIST_GET"]);
    for (const query of ["?readonly=false", "?mode=tools", "?exclude=NANGO_GET_CONNECTION"].slice(0, 2)) {
      assert.deepEqual(
        await names(handle, { url: `https://mcp.example/mcp${query}` }),
        ["NANGO_CONNECTION_LIST_GET"],
        query,
      );
    }
    const { json } = await post(
      handle,
      call("NANGO_DELETE_CONNECTION", { connection_id: "hubspot-ada", provider_config_key: "hubspot" }),
    );
    assert.equal(json.error.code, -32602);
    assert.deepEqual(
      (await names(handler({ exclude: ["NANGO_CONNECTION_GET"] }))).includes("NANGO_CONNECTION_LIST_GET"),
      false,
    );
  });

  test("clients narrow it in the URL and by headers", async () => {
    const handle = handler();
    const at = (query) => names(handle, { url: `https://mcp.example/mcp${query}` });
    assert.deepEqual(await at("?readonly"), READS);
    assert.deepEqual(await at("?toolsets=syncs,environment#x"), [
      "NANGO_GET_SYNC_STATUS",
      "NANGO_SYNC_TRIGGER_POST",
      "NANGO_SYNC_START_POST",
      "NANGO_SYNC_PAUSE_POST",
      "NANGO_UPDATE_SYNC_FREQUENCY",
      "NANGO_CREATE_SYNC_VARIANT",
      "NANGO_DELETE_SYNC_VARIANT",
      "NANGO_GET_ENVIRONMENT_VARIABLES",
      "NANGO_ROTATE_WEBHOOK_SIGNING_KEY",
    ]);
    assert.deepEqual(await at("?tools=NANGO_CONNECTION_GET"), ["NANGO_CONNECTION_LIST_GET"]);
    assert.equal((await at("?exclude=NANGO_GET_PROXY,NANGO_PUT_PROXY")).length, 21);
    assert.deepEqual(await names(handle, { headers: { "x-mcp-readonly": "true", "x-mcp-toolsets": "connections" } }), [
      "NANGO_CONNECTION_LIST_GET",
    ]);
    assert.equal((await names(handle, { headers: { "x-mcp-readonly": "false" } })).length, 23);
    const { json } = await post(handle, call("NANGO_DELETE_CONNECTION", {}), {
      url: "https://mcp.example/mcp?readonly=1",
    });
    assert.equal(json.error.code, -32602);
    for (const query of ["?toolsets=nope", "?tools=NANGO_NOPE", "?mode=nope"]) {
      const { status, json } = await post(handle, rpc("tools/list"), { url: `https://mcp.example/mcp${query}` });
      assert.deepEqual([status, json.error.code], [400, -32600], query);
    }
  });

  test("search mode lists three tools that reach all", async () => {
    const handle = handler({ mode: "search" });
    assert.deepEqual(await names(handle), ["search_tools", "describe_tool", "execute_tool"]);
    const ask = async (name, args) => (await post(handle, call(name, args))).json.result;
    const found = await ask("search_tools", { query: "list all connected CRM accounts", limit: 3 });
    assert.equal(found.structuredContent.data.tools[0].name, "NANGO_CONNECTION_LIST_GET");
    assert.ok(found.structuredContent.data.tools.length <= 3);
    const described = await ask("describe_tool", { name: "NANGO_PROVIDERS_GET_GET" });
    assert.deepEqual(described.structuredContent.data.inputSchema, getTool("NANGO_PROVIDERS_GET_GET").inputSchema);
    const run = await ask("execute_tool", { name: "NANGO_PROVIDERS_GET_GET", arguments: { provider: "hubspot" } });
    assert.equal(run.structuredContent.data.data.name, "hubspot");
    for (const [name, args] of [
      ["execute_tool", { name: "NANGO_NOPE" }],
      ["describe_tool", {}],
      ["execute_tool", { name: "NANGO_GET_CONNECTION", arguments: {} }],
      ["search_tools", {}],
    ]) {
      const result = await ask(name, args);
      assert.ok(
        name === "search_tools" ? result.structuredContent.data.tools.length === 0 : result.isError,
        JSON.stringify(result),
      );
    }
    assert.equal((await post(handle, call("NANGO_LIST_INTEGRATIONS", {}))).json.error.code, -32602);
    const reader = handler({ mode: "search", readOnly: true });
    const refused = (await post(reader, call("execute_tool", { name: "NANGO_DELETE_CONNECTION", arguments: {} }))).json
      .result;
    assert.ok(refused.isError && /there is no tool/.test(refused.content[0].text));
    assert.deepEqual(await names(handler(), { url: "https://mcp.example/mcp?mode=search" }), [
      "search_tools",
      "describe_tool",
      "execute_tool",
    ]);
  });

  test("your own tools are listed, too", async () => {
    const extraTools = [
      {
        name: "add",
        description: "Add.",
        inputSchema: { type: "object" },
        annotations: { readOnlyHint: true },
        run: ({ a, b }) => ({ content: [{ type: "text", text: String(a + b) }] }),
      },
      { name: "fail", inputSchema: { type: "object" }, run: () => Promise.reject(new Error("hunter2")) },
    ];
    const errors = [];
    const handle = handler({ extraTools, onError: (error) => errors.push(error.message) });
    assert.deepEqual((await names(handle)).slice(-2), ["add", "fail"]);
    assert.deepEqual((await post(handle, call("add", { a: 1, b: 2 }))).json.result, {
      content: [{ type: "text", text: "3" }],
    });
    const { json, text } = await post(handle, call("fail", {}));
    assert.ok(json.result.isError && !text.includes("hunter2") && errors[0] === "hunter2");
    assert.deepEqual((await names(handler({ extraTools, readOnly: true }))).at(-1), "add");
  });
});

describe("what comes back", () => {
  const stub = (execute) => createMcpHandler({ toolkit: { tools: listTools, execute }, allowAnonymous: true });

  test("a long result is truncated with a note", async () => {
    const data = { connections: Array.from({ length: 5000 }, (_, id) => ({ id, text: "x".repeat(100) })) };
    const handle = stub(async () => ({ successful: true, data, error: null, meta: { tool: "x" } }));
    const { json } = await post(handle, call("NANGO_CONNECTION_LIST_GET", {}));
    const { content, structuredContent } = json.result;
    assert.ok(content[0].text.length <= 80_000 && structuredContent.data.connections.length > 100);
    assert.match(content[1].text, /was truncated.*narrow it with search, limit/);
    const whole = await post(
      createMcpHandler({
        toolkit: { tools: listTools, execute: async () => ({ successful: true, data, error: null, meta: {} }) },
        allowAnonymous: true,
        maxResultBytes: 10_000_000,
      }),
      call("NANGO_CONNECTION_LIST_GET", {}),
    );
    assert.equal(whole.json.result.structuredContent.data.connections.length, 5000);
  });

  test("the note on truncation names the arguments of the tool as it is listed, also for your own tools", async () => {
    const data = { rows: Array.from({ length: 5000 }, (_, id) => ({ id, text: "x".repeat(100) })) };
    const long = { successful: true, data, error: null, meta: {} };
    const note = async (options, name, args = {}) => {
      const { json } = await post(createMcpHandler({ allowAnonymous: true, ...options }), call(name, args));
      return /To see the rest, (.*)\.$/.exec(json.result.content[1].text)[1];
    };
    const { fetch, apiKey, baseUrl } = createEmulator();
    const nango = (options) => new NangoToolkit({ apiKey, baseUrl, fetch, afterCall: () => long, ...options });
    const extraTools = [
      {
        name: "mine",
        inputSchema: { type: "object", properties: { query: {}, page: {}, other: {}, "odd\u0000limit": {} } },
        run: () => long,
      },
      { name: "bare", inputSchema: { type: "object" }, run: () => long },
    ];
    assert.equal(await note({ toolkit: nango(), extraTools }, "mine"), "narrow it with page, query");
    assert.equal(
      await note({ toolkit: nango(), extraTools }, "bare"),
      "request a single object by its id, or fewer objects",
    );
    assert.equal(
      await note({ toolkit: nango() }, "NANGO_LIST_INTEGRATIONS"),
      "request a single object by its id, or fewer objects",
    );
    const modify = { NANGO_CONNECTION_LIST_GET: { rename: "accounts", hide: ["limit", "tags"] } };
    const whole = await note({ toolkit: nango() }, "NANGO_CONNECTION_LIST_GET");
    assert.match(whole, /^narrow it with search, limit, page, .*tags/);
    const changed = await note({ toolkit: nango({ modify }) }, "accounts");
    assert.equal(changed, whole.replace(", limit", "").replace(/, tags/, ""));
    assert.equal(
      await note({ toolkit: nango({ modify }), mode: "search" }, "execute_tool", { name: "accounts" }),
      changed,
    );
  });

  test("a list is the same however often it is asked for and however it is read", async () => {
    const handle = handler();
    const list = (options) =>
      handle(
        new Request("https://mcp.example/mcp", {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify(rpc("tools/list", {}, 'a "quoted" \u0001 id')),
          ...options,
        }),
      );
    const text = await (await list()).text();
    assert.equal(JSON.parse(text).id, 'a "quoted" \u0001 id');
    assert.equal(JSON.parse(text).result.tools.length, 23);
    const one = await list();
    const [copy, bytes] = await Promise.all([one.clone().text(), one.arrayBuffer()]);
    assert.deepEqual([copy, new TextDecoder().decode(bytes)], [text, text]);
    // A reader that passes on what it received.
    for await (const chunk of (await list()).body) structuredClone(chunk, { transfer: [chunk.buffer] });
    assert.equal(await (await list()).text(), text);
    // A reader that stops reading.
    await (await list()).body.cancel();
    assert.equal(await (await list()).text(), text);
  });

  test("odd characters survive, as text and as structure", async () => {
    const text = 'Grüße 👩‍👩‍👧 \u0000\u0001\u0002\u0003\u0004\u0005 \u2028 $& $1 \\ " </script>';
    const handle = stub(async (_name, args) => ({ successful: true, data: JSON.parse(args), error: null, meta: {} }));
    for (const [message, options] of [
      [call("NANGO_LIST_INTEGRATIONS", { text })],
      modern("NANGO_LIST_INTEGRATIONS", { text }),
    ]) {
      const { json } = await post(handle, message, options);
      assert.equal(json.result.structuredContent.data.text, text);
      assert.equal(JSON.parse(json.result.content[0].text).data.text, text);
    }
  });

  test("arguments arrive as they were written", async () => {
    let given;
    const handle = stub(async (_name, args) => ((given = args), { successful: true, data: {}, error: null, meta: {} }));
    await post(
      handle,
      '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":' +
        '{"name":"NANGO_LIST_INTEGRATIONS","arguments":{"n":12345678901234567890,"f":1.0}}}',
    );
    assert.equal(given, '{"n":12345678901234567890,"f":1.0}');
  });

  test("a call that needs approval: the user is asked, and the token comes back", async () => {
    const confirms = [];
    const handle = stub(async (name, _args, { confirm } = {}) => {
      confirms.push(confirm);
      return confirm === "tok"
        ? { successful: true, data: { done: true }, error: null, meta: {} }
        : {
            successful: false,
            data: null,
            error: {
              kind: "confirmation_required",
              code: "confirmation_required",
              message: "it waits",
              retryable: false,
              details: { summary: { tool: name }, token: "tok", expiresAt: 1 },
            },
            meta: {},
          };
    });
    const asked = await post(handle, ...modern("NANGO_DELETE_CONNECTION", {}));
    assert.equal(asked.json.result.resultType, "input_required");
    const { confirm_call: question } = asked.json.result.inputRequests;
    assert.deepEqual([question.method, question.params.requestedSchema.required], ["elicitation/create", ["confirm"]]);
    const answer = (response) =>
      post(
        handle,
        ...modern(
          "NANGO_DELETE_CONNECTION",
          {},
          { requestState: asked.json.result.requestState, inputResponses: { confirm_call: response } },
        ),
      );
    assert.equal(
      (await answer({ action: "accept", content: { confirm: true } })).json.result.structuredContent.data.done,
      true,
    );
    assert.equal((await answer({ action: "decline" })).json.result.isError, true);
    assert.deepEqual(confirms, [undefined, "tok"]);
    // Nobody can be asked: the token stays on the server.
    const refused = await post(handle, call("NANGO_DELETE_CONNECTION", {}));
    assert.ok(
      refused.json.result.isError && !refused.text.includes('tok\\"') && refused.text.includes("operator"),
      refused.text,
    );
  });

  test("where the operator allows it, a model confirms by the token", async () => {
    const seen = [];
    const handle = createMcpHandler({
      toolkit: {
        tools: listTools,
        execute: async (_name, args, { confirm }) => (
          seen.push([args, confirm]),
          confirm
            ? { successful: true, data: {}, error: null, meta: {} }
            : {
                successful: false,
                data: null,
                error: {
                  kind: "confirmation_required",
                  code: "confirmation_required",
                  message: "it waits",
                  retryable: false,
                  details: { token: "tok-7" },
                },
                meta: {},
              }
        ),
      },
      allowAnonymous: true,
      confirm: "model",
    });
    const list = (await post(handle, rpc("tools/list"))).json.result.tools;
    const asks = (name) => "confirmation_token" in list.find((tool) => tool.name === name).inputSchema.properties;
    assert.deepEqual([asks("NANGO_DELETE_CONNECTION"), asks("NANGO_CONNECTION_LIST_GET")], [true, false]);
    const first = await post(handle, call("NANGO_DELETE_CONNECTION", { connection_id: "x" }));
    assert.match(first.json.result.content[0].text, /tok-7/);
    const second = await post(
      handle,
      call("NANGO_DELETE_CONNECTION", { connection_id: "x", confirmation_token: "tok-7" }),
    );
    assert.equal(second.json.result.isError, undefined);
    assert.deepEqual(seen, [
      ['{"connection_id":"x"}', undefined],
      ['{"connection_id":"x"}', "tok-7"],
    ]);
  });

  test("a body that is too long is refused, however it comes", async () => {
    const handle = handler({ bodyLimit: 1000 });
    const long = JSON.stringify(rpc("ping", { x: "y".repeat(2000) }));
    assert.equal((await post(handle, long)).status, 413);
    assert.equal((await post(handle, long, { headers: { "content-length": "2100" } })).status, 413);
    const endless = new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(500)) });
    const response = await handle(
      new Request("https://mcp.example/mcp", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: endless,
        duplex: "half",
      }),
    );
    assert.equal(response.status, 413);
    assert.equal((await post(handle, rpc("ping"))).status, 200);
  });

  test("a call ends with its request", async () => {
    let ended;
    const abort = new AbortController();
    const handle = stub(
      (_name, _args, { signal }) =>
        new Promise((resolve) => {
          signal.addEventListener("abort", () =>
            resolve(
              (ended = {
                successful: false,
                data: null,
                error: { kind: "aborted", code: "aborted", message: "aborted", retryable: true },
                meta: {},
              }),
            ),
          );
          // Not earlier: the request's body is read by now, however busy the machine is.
          setImmediate(() => abort.abort());
        }),
    );
    await post(handle, call("NANGO_LIST_INTEGRATIONS", {}), { signal: abort.signal }).catch(() => {});
    assert.equal(ended.error.kind, "aborted");
  });
});
