// The adapter of the Claude Agent SDK: the official SDK's client, connected in the process to what the adapter gives
// the agent. It must be answered as over HTTP.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { toolNames, toTools } from "../../pkg/dist/adapters/claude-agent-sdk.js";
import { createEmulator } from "../../pkg/dist/entry/emulator-node.js";
import { createMcpHandler } from "../../pkg/dist/entry/mcp-node.js";
import { NangoToolkit } from "../../pkg/dist/entry/node.js";

const LIST = { name: "NANGO_CONNECTION_LIST_GET", arguments: { limit: 2 } };
const POLICY = { default: "allow", rules: [{ id: "ask", then: "confirm", tool: "NANGO_DELETE_CONNECTION" }] };
const DELETE = {
  name: "NANGO_DELETE_CONNECTION",
  arguments: { connection_id: "hubspot-ada", provider_config_key: "hubspot" },
};

/** A toolkit on an in-memory Nango whose clock stands still. */
const makeToolkit = (options = {}) => {
  const { fetch, apiKey, baseUrl } = createEmulator({ now: () => Date.UTC(2026, 10, 29) });
  return new NangoToolkit({ fetch, apiKey, baseUrl, ...options });
};

/** Gives `work` a client of the adapter's server. */
async function inProcess(source, options, work) {
  const { instance } = toTools(source, options)[options.name ?? "nango"];
  const [own, other] = InMemoryTransport.createLinkedPair();
  await instance.connect(own);
  await connected(other, work);
}

/** Gives `work` a client of the handler for HTTP. */
async function overHttp(toolkit, options, work) {
  const handler = createMcpHandler({ toolkit, allowAnonymous: true, ...options });
  const fetch = (url, init) => handler(new Request(url, init));
  await connected(new StreamableHTTPClientTransport(new URL("http://localhost/mcp"), { fetch }), work);
}

async function connected(transport, work) {
  const client = new Client({ name: "tests", version: "1.0.0" });
  await client.connect(transport);
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

/** What differs in each call: random values and measurements. */
const DIFFERENT = /("(?:call_?id|duration_?ms|token|expires_?at)":)(?:"[^"]*"|[\d.]+)|\d+(?= bytes)/gi;

/** What a client receives: about the server, its tools, and calls of all kinds. */
async function everything(client) {
  const call = async (params) => {
    const { content, structuredContent, isError } = await client.callTool(params);
    const texts = [...content.map((part) => part.text), JSON.stringify(structuredContent)];
    return [isError, ...texts.map((text) => text?.replace(DIFFERENT, "$1"))];
  };
  const { tools } = await client.listTools();
  const calls = [LIST, { ...LIST, arguments: { limit: "two" } }, DELETE];
  if (!tools.some((tool) => tool.name === LIST.name)) {
    calls.length = 0;
    calls.push({ name: "execute_tool", arguments: { name: LIST.name, arguments: LIST.arguments } });
    calls.push({ name: "search_tools", arguments: { query: "list connections" } });
    calls.push({ name: "describe_tool", arguments: { name: LIST.name } });
  }
  const results = [];
  for (const params of calls) results.push(await call(params));
  return { instructions: client.getInstructions(), server: client.getServerVersion(), tools, results };
}

describe("the server of the Claude Agent SDK's adapter", () => {
  for (const [title, options] of [
    ["all tools", {}],
    ["a selection", { toolsets: ["connections"], exclude: ["NANGO_EDIT_CONNECTION"], instructions: "Be brief." }],
    ["short results", { maxResultBytes: 1000, title: "Ours", version: "7" }],
    ["search mode", { mode: "search", readOnly: true }],
    ["approval by the model", { confirm: "model" }],
  ]) {
    test(`answers as over HTTP: ${title}`, async () => {
      const seen = [];
      for (const connect of [inProcess, overHttp])
        await connect(makeToolkit({ policy: POLICY }), options, async (client) => seen.push(await everything(client)));
      assert.deepEqual(seen[0], seen[1]);
      assert.ok(seen[0].tools.length > 2 && seen[0].results.length === 3);
      const names = seen[0].tools.map((tool) => `mcp__nango__${tool.name}`);
      assert.deepEqual(toolNames(makeToolkit(), options), names);
    });
  }

  test("shows a session's tools, and runs tools of the program's own", async () => {
    const session = makeToolkit().session({ user: "ada" });
    const add = {
      name: "add",
      inputSchema: { type: "object", properties: { a: { type: "number" } } },
      run: ({ a }) => ({ content: [{ type: "text", text: String(a + 1) }] }),
    };
    const options = { name: "mine", extraTools: [add] };
    await inProcess(session, options, async (client) => {
      const names = (await client.listTools()).tools.map((tool) => tool.name);
      assert.deepEqual(names, [...session.tools().map((tool) => tool.slug), "add"]);
      assert.deepEqual(
        toolNames(session, options),
        names.map((name) => `mcp__mine__${name}`),
      );
      assert.equal((await client.callTool({ name: "add", arguments: { a: 1 } })).content[0].text, "2");
      const { structuredContent } = await client.callTool({ name: LIST.name, arguments: {} });
      assert.ok(structuredContent.data.connections.every((one) => one.end_user.id === "ada"));
    });
  });

  test("refuses wrong options at once, as every host of the server does", () => {
    for (const [options, pattern] of [
      [{ tools: ["NANGO_NOPE"] }, /NANGO_NOPE/],
      [{ readonly: true }, /readonly/],
      [{ confirm: "me" }, /confirm/],
    ])
      for (const make of [toTools, toolNames])
        assert.throws(
          () => make(makeToolkit(), options),
          ({ code, message, issues }) => {
            assert.equal(code, "invalid_option");
            assert.match(`${message} ${JSON.stringify(issues)}`, pattern);
            return true;
          },
        );
  });

  /** A toolkit of whose calls none is answered, and the signals that end them. */
  const makeHanging = () => {
    const signals = [];
    const fetch = (_url, { signal }) =>
      new Promise((_, reject) => {
        signals.push(signal);
        signal.addEventListener("abort", () => reject(signal.reason));
      });
    return { nango: makeToolkit({ fetch }), signals };
  };
  const until = async (condition) => {
    while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
  };

  test("ends a call that the client cancels", async () => {
    const { nango, signals } = makeHanging();
    await inProcess(nango, {}, async (client) => {
      const gone = new AbortController();
      const call = client.callTool(LIST, undefined, { signal: gone.signal });
      await until(() => signals.length === 1);
      gone.abort();
      await assert.rejects(call);
      await until(() => signals[0].aborted);
    });
  });

  test("ends its calls when the agent is gone", async () => {
    const { nango, signals } = makeHanging();
    await inProcess(nango, {}, async (client) => {
      const call = assert.rejects(client.callTool(LIST));
      await until(() => signals.length === 1);
      await client.close();
      await call;
      await until(() => signals[0].aborted);
    });
  });

  test("events name the model's call, as Claude Code tells it", async () => {
    const events = [];
    const nango = makeToolkit({ onEvent: (event) => events.push(event) });
    await inProcess(nango, {}, (client) => client.callTool({ ...LIST, _meta: { "claudecode/toolUseId": "toolu_1" } }));
    assert.deepEqual([...new Set(events.map((event) => event.upstreamCallId))], ["toolu_1"]);
  });
});
