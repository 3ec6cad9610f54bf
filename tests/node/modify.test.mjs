// Tools as an operator wants agents to see them, from JavaScript. tests/native/modify.rs tests what modifiers mean.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createEmulator } from "../../pkg/dist/entry/emulator-node.js";
import { NangoToolkit, buildRequest, validate } from "../../pkg/dist/entry/node.js";
import { createMcpHandler } from "../../pkg/dist/entry/mcp-node.js";

const ADA = { connection_id: "hubspot-ada", provider_config_key: "hubspot" };

/** A toolkit over an in-memory Nango; `requests` are those that went out. */
function toolkit(options) {
  const { fetch, apiKey, baseUrl } = createEmulator();
  const requests = [];
  const send = (url, init) => {
    requests.push(`${init.method} ${url.slice(baseUrl.length)}`);
    return fetch(url, init);
  };
  return { requests, nango: new NangoToolkit({ fetch: send, apiKey, baseUrl, ...options }) };
}

test("renamed, pinned, hidden, with a default: shown and run alike", async () => {
  const modify = {
    NANGO_GET_CONNECTION: {
      rename: "get_account",
      description: "One HubSpot account.",
      pin: { provider_config_key: "hubspot" },
      hide: ["force_refresh"],
    },
    NANGO_CONNECTION_LIST_GET: { default: { limit: 1 } },
  };
  const { nango, requests } = toolkit({ modify });
  const tool = nango.tools({ tools: ["get_account"] })[0];
  assert.deepEqual(
    [tool.slug, tool.description, tool.title],
    ["get_account", "One HubSpot account.", "Get Connection with Credentials"],
  );
  assert.deepEqual(tool.inputSchema.required, ["connection_id"]);
  for (const name of ["provider_config_key", "force_refresh"]) assert.ok(!(name in tool.inputSchema.properties), name);
  for (const { arguments: args } of tool.examples)
    assert.ok(Object.keys(args).every((name) => name in tool.inputSchema.properties));
  assert.equal(nango.tools().length, 23);
  assert.equal(nango.tools().filter(({ slug }) => slug === "NANGO_GET_CONNECTION").length, 0);
  assert.equal(nango.searchTools("get account", { tools: ["get_account"] })[0].slug, "get_account");

  const result = await nango.execute("get_account", { connection_id: "hubspot-ada" });
  assert.ok(result.successful);
  assert.equal(result.meta.tool, "NANGO_GET_CONNECTION");
  assert.equal((await nango.execute("NANGO_GET_CONNECTION", { connection_id: "hubspot-ada" })).successful, true);
  assert.equal((await nango.execute("NANGO_CONNECTION_LIST_GET", {})).data.connections.length, 1);
  assert.deepEqual(requests, [
    "GET /connections/hubspot-ada?provider_config_key=hubspot",
    "GET /connections/hubspot-ada?provider_config_key=hubspot",
    "GET /connections?limit=1",
  ]);
  const refused = await nango.execute("get_account", { ...ADA, force_refresh: true });
  assert.deepEqual(refused.error.issues.map(({ path, code }) => [path.join("."), code]).sort(), [
    ["force_refresh", "unrecognized_keys"],
    ["provider_config_key", "unrecognized_keys"],
  ]);
  assert.equal(requests.length, 3);
});

test("the pure functions know modifiers too", () => {
  const modify = { NANGO_GET_CONNECTION: { rename: "get_account", pin: { provider_config_key: "hubspot" } } };
  assert.equal(validate("get_account", { connection_id: "a" }, { modify }).valid, true);
  assert.equal(validate("get_account", ADA, { modify }).valid, false);
  assert.match(
    buildRequest("get_account", { connection_id: "a" }, { modify }).url,
    /\/connections\/a\?provider_config_key=hubspot$/,
  );
  assert.throws(() => validate("get_account", {}), { kind: "unknown_tool" });
});

test("mistakes in modifiers are reported immediately", () => {
  for (const [modify, message] of [
    [{ NANGO_GET_CONECTION: {} }, /there is no tool `NANGO_GET_CONECTION`/],
    [{ NANGO_GET_CONNECTION: { renam: "x" } }, /there is no option `modify.NANGO_GET_CONNECTION.renam`/],
    [
      { NANGO_GET_CONNECTION: { hide: ["connection_id"] } },
      /`modify.NANGO_GET_CONNECTION.hide.connection_id`: expected/,
    ],
    [[], /`modify`: expected an object/],
  ]) {
    assert.throws(() => toolkit({ modify }), { name: "NangoToolkitError", message });
  }
});

test("an MCP server shows, finds and runs a renamed tool, in both of its modes, and no other name of it", async () => {
  const modify = { NANGO_GET_CONNECTION: { rename: "get_account", pin: { provider_config_key: "hubspot" } } };
  const ask = async (handle, method, params) => {
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
    const request = new Request("http://127.0.0.1/mcp", {
      method: "POST",
      body,
      headers: { "content-type": "application/json", accept: "application/json, text/event-stream" },
    });
    return (await (await handle(request)).json()).result;
  };
  const call = (handle, name, args) => ask(handle, "tools/call", { name, arguments: args });
  const plain = createMcpHandler({ toolkit: toolkit({ modify }).nango, allowAnonymous: true });
  const { tools } = await ask(plain, "tools/list", {});
  assert.deepEqual(tools.find(({ name }) => name === "get_account").inputSchema.required, ["connection_id"]);
  assert.equal((await call(plain, "get_account", { connection_id: "hubspot-ada" })).isError ?? false, false);
  assert.notEqual((await call(plain, "NANGO_GET_CONNECTION", ADA))?.isError ?? true, false);
  const search = createMcpHandler({ toolkit: toolkit({ modify }).nango, allowAnonymous: true, mode: "search" });
  const found = await call(search, "search_tools", { query: "credentials of a connection" });
  assert.ok(
    JSON.stringify(found).includes("get_account") && !JSON.stringify(found).includes('"name":"NANGO_GET_CONNECTION"'),
  );
});
