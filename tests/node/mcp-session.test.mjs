// One token, one user: what a session keeps apart stays apart over MCP, in both revisions, and every call is reported.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createEmulator } from "../../pkg/dist/entry/emulator-node.js";
import { createMcpHandler } from "../../pkg/dist/entry/mcp-node.js";
import { NangoToolkit, listTools } from "../../pkg/dist/entry/node.js";

const MODERN = "2026-07-28";
const META = {
  "io.modelcontextprotocol/protocolVersion": MODERN,
  "io.modelcontextprotocol/clientCapabilities": { elicitation: {} },
};
const KEY = "a key of thirty-two bytes or more, for tests";
const ADA = "token-of-ada-0123456789";
const GRACE = "token-of-grace-0123456789";
const ALL = "token-of-the-operator-012";

function world(options = {}) {
  const emulator = createEmulator({ rateLimit: 1_000_000 });
  const { fetch, apiKey, baseUrl } = emulator;
  const [events, requests] = [[], []];
  const send = (url, init) => (requests.push(`${init.method} ${url.slice(baseUrl.length)}`), fetch(url, init));
  const nango = new NangoToolkit({
    fetch: send,
    apiKey,
    baseUrl,
    sessionKey: KEY,
    onEvent: (event) => events.push(event),
    ...options,
  });
  const handler = createMcpHandler({
    toolkit: nango,
    sessionTokens: true,
    tokens: { [ADA]: { user: "ada", agent: "claude" }, [GRACE]: { user: "grace" }, [ALL]: true },
    maxResultBytes: 1_000_000,
  });
  return { emulator, nango, handler, events, requests, apiKey };
}

/** One call; gives the answer as text and parsed. `revision` is `legacy` or `modern`. */
async function call(handler, token, name, args, revision = "legacy", more = {}) {
  const modern = revision === "modern";
  const headers = {
    "content-type": "application/json",
    authorization: `Bearer ${token}`,
    ...(modern && { "mcp-protocol-version": MODERN, "mcp-method": "tools/call", "mcp-name": name }),
  };
  const body = JSON.stringify({
    jsonrpc: "2.0",
    id: 1,
    method: "tools/call",
    params: { name, arguments: args, ...more, ...(modern && { _meta: META }) },
  });
  const response = await handler(new Request("https://mcp.example/mcp", { method: "POST", headers, body }));
  const text = await response.text();
  const { result, error } = JSON.parse(text);
  return {
    status: response.status,
    text,
    result,
    error,
    ours: result?.content ? JSON.parse(result.content[0].text) : undefined,
  };
}
const list = async (handler, token) => {
  const headers = { "content-type": "application/json", authorization: `Bearer ${token}` };
  const response = await handler(
    new Request("https://mcp.example/mcp", {
      method: "POST",
      headers,
      body: '{"jsonrpc":"2.0","id":1,"method":"tools/list"}',
    }),
  );
  return response.status === 200 ? (await response.json()).result.tools : response.status;
};

/** Arguments of an example, aimed at a connection. */
function aimed(tool, { connection_id: id, provider_config_key: key }) {
  const names = tool.inputSchema.properties;
  const args = { ...tool.examples[0].arguments };
  if ("connection_id" in names) args.connection_id = names.connection_id.type === "array" ? [id] : id;
  for (const name of ["provider_config_key", "integration_id"])
    if (name in names) args[name] = names[name].type === "array" ? [key] : key;
  return args;
}

describe("MCP and sessions", () => {
  const owned = (emulator, user) =>
    emulator.world().connections.filter((one) => (one.tags?.end_user_id ?? one.end_user?.id) === user);

  test("each token lists what its session has", async () => {
    const { handler, nango } = world();
    assert.deepEqual(
      (await list(handler, ADA)).map((tool) => tool.name),
      nango
        .session({ user: "ada" })
        .tools()
        .map((tool) => tool.slug),
    );
    assert.equal((await list(handler, ALL)).length, 23);
    const search = (await list(handler, ADA)).find((tool) => tool.name === "NANGO_CONNECTION_LIST_GET");
    assert.ok(!("end_user_id" in search.inputSchema.properties), "what the session sets is not shown");
  });

  for (const revision of ["legacy", "modern"]) {
    test(`no tool shows or changes another user's connections, ${revision}`, async () => {
      const { handler, emulator, requests } = world();
      const { world: now } = emulator;
      await call(handler, ALL, "NANGO_LIST_INTEGRATIONS", {});
      const users = [
        ...new Set(
          now()
            .connections.map((one) => one.tags?.end_user_id)
            .filter(Boolean),
        ),
      ];
      assert.ok(users.includes("ada") && users.includes("grace"), users.join());
      const foreign = owned(emulator, "grace");
      assert.ok(foreign.length > 0);
      const before = JSON.stringify(foreign);
      let [tried, refused] = [0, 0];
      for (const target of foreign) {
        for (const tool of listTools()) {
          for (const name of [tool.slug, ...tool.aliases]) {
            const args = aimed(tool, target);
            const names = "connection_id" in args;
            const { text, result, error, ours } = await call(handler, ADA, name, args, revision);
            tried += 1;
            if (error || result.isError) refused += 1;
            else assert.ok(!names || !text.includes(target.connection_id), `${name} ran: ${text}`);
            // Nothing of Grace's is returned that was not part of the request.
            for (const { connection_id: id } of foreign)
              if (id !== target.connection_id) assert.ok(!text.includes(id), `${name} shows ${id}`);
            assert.ok(!text.includes("grace@"), `${name}: ${text}`);
            // Connections of others and missing ones give the same error.
            if (names && ours) {
              const other = aimed(tool, { ...target, connection_id: "nobody-at-all" });
              const absent = await call(handler, ADA, name, other, revision);
              const plain = ({ ours }) => JSON.stringify({ ...ours, meta: { ...ours.meta, callId: 0, durationMs: 0 } });
              if (ours.error?.kind !== "denied")
                assert.equal(plain({ ours }).replaceAll(target.connection_id, "nobody-at-all"), plain(absent), name);
            }
          }
        }
      }
      assert.equal(JSON.stringify(owned(emulator, "grace")), before);
      assert.ok(tried > 24 && refused > 10, `${tried} tried, ${refused} refused`);
      assert.ok(requests.length > 0);
      // Her own token reaches them.
      const { connection_id, provider_config_key } = foreign[0];
      assert.equal(
        (await call(handler, GRACE, "NANGO_GET_CONNECTION", { connection_id, provider_config_key }, revision)).result
          .structuredContent.data.connection_id,
        connection_id,
      );
    });
  }

  test("every call is reported, with its user, and without secrets", async () => {
    const { handler, events, apiKey } = world();
    let made = 0;
    for (const revision of ["legacy", "modern"]) {
      for (const [token, user] of [
        [ADA, "ada"],
        [GRACE, "grace"],
        [ALL, undefined],
      ]) {
        for (const tool of listTools()) {
          const seen = events.length;
          const { error } = await call(handler, token, tool.slug, tool.examples[0].arguments, revision);
          if (error) continue; // not among the session's tools: it never became a call
          made += 1;
          const told = events.slice(seen);
          const [finished, ...more] = told.filter((event) => event.type === "call.finished");
          assert.deepEqual([finished.tool, finished.user, more.length], [tool.slug, user, 0], tool.slug);
          assert.equal(told.filter((event) => event.type === "call.started").length, 1);
        }
      }
    }
    assert.equal(events.filter((event) => event.type === "call.finished").length, made);
    assert.ok(made > 100, String(made));
    const all = JSON.stringify(events);
    for (const secret of [apiKey, ADA, GRACE, ALL, KEY]) assert.ok(!all.includes(secret));
  });

  test("a session's signed token is accepted until it expires, and its session is kept", async () => {
    const { handler, nango, events } = world();
    const session = nango.session({ user: "ada", readOnly: true });
    const token = await session.token({ expiresInMs: 60_000 });
    assert.ok((await list(handler, token)).every((tool) => tool.annotations.readOnlyHint));
    const { result } = await call(handler, token, "NANGO_CONNECTION_LIST_GET", {});
    assert.ok(result.structuredContent.data.connections.length > 0);
    assert.equal(events.at(-1).session, session.id);
    const [head, body, mark] = token.split(".");
    const changed = Buffer.from(
      JSON.stringify({ ...JSON.parse(Buffer.from(body, "base64url")), sub: "grace", session: { user: "grace" } }),
    ).toString("base64url");
    const other = await nango.session({ user: "ada" }).token({ key: `${KEY}, another one` });
    for (const wrong of [`${head}.${changed}.${mark}`, `${token}x`, `${head}.${body}.`, other, "a.b.c"])
      assert.equal(await list(handler, wrong), 401, wrong);
    const { now } = Date;
    try {
      Date.now = () => now() + 61_000;
      assert.equal(await list(handler, token), 401);
    } finally {
      Date.now = now;
    }
  });

  test("policy's confirmation goes by the user of a client that can ask, and once", async () => {
    const policy = { default: "allow", rules: [{ id: "ask-first", then: "confirm", tool: "NANGO_DELETE_*" }] };
    const { handler, emulator } = world({ policy });
    const args = { connection_id: "hubspot-ada", provider_config_key: "hubspot" };
    const there = () => emulator.world().connections.some((one) => one.connection_id === "hubspot-ada");
    const refused = await call(handler, ADA, "NANGO_DELETE_CONNECTION", args);
    assert.ok(
      refused.result.isError && !("token" in refused.ours.error.details) && /operator/.test(refused.ours.error.hint),
      refused.text,
    );
    const asked = await call(handler, ADA, "NANGO_DELETE_CONNECTION", args, "modern");
    assert.equal(asked.result.resultType, "input_required");
    assert.match(asked.result.inputRequests.confirm_call.params.message, /hubspot-ada/);
    const yes = {
      requestState: asked.result.requestState,
      inputResponses: { confirm_call: { action: "accept", content: { confirm: true } } },
    };
    // Not with other arguments, not for another user.
    const others = await call(
      handler,
      ADA,
      "NANGO_DELETE_CONNECTION",
      { ...args, connection_id: "hubspot-other" },
      "modern",
      yes,
    );
    assert.ok(others.result.isError || others.result.resultType === "input_required");
    assert.ok((await call(handler, GRACE, "NANGO_DELETE_CONNECTION", args, "modern", yes)).result.isError && there());
    const again = await call(handler, ADA, "NANGO_DELETE_CONNECTION", args, "modern");
    const agreed = { ...yes, requestState: again.result.requestState };
    assert.equal(
      (await call(handler, ADA, "NANGO_DELETE_CONNECTION", args, "modern", agreed)).result.structuredContent.successful,
      true,
    );
    assert.ok(!there());
  });
});
