// `nango-toolkit mcp` as clients start it: over stdio and over HTTP, on the emulator.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { request } from "node:http";
import { connect } from "node:net";
import { createInterface } from "node:readline";
import { PassThrough } from "node:stream";
import { describe, test } from "node:test";
import { serveStdio } from "../../pkg/dist/bin/mcp-serve.js";
import { makeServer } from "../../pkg/dist/entry/mcp-node.js";
import { listTools } from "../../pkg/dist/entry/node.js";
import { BIN, bareEnvironment, cli } from "./support.mjs";

const MODERN = "2026-07-28";
const META = { "io.modelcontextprotocol/protocolVersion": MODERN, "io.modelcontextprotocol/clientCapabilities": {} };
const TOKEN = "a-token-of-at-least-16";
const lines = (...messages) =>
  messages.map((message) => `${typeof message === "string" ? message : JSON.stringify(message)}\n`).join("");
const rpc = (method, params, id = 1) => ({ jsonrpc: "2.0", id, method, params });

/** What `nango-toolkit mcp` writes for this input. */
async function talk(input, args = [], env = {}) {
  const { code, stdout, stderr } = await cli(["mcp", "--emulator", ...args], { input, env });
  assert.equal(code, 0, stderr);
  assert.ok(stdout === "" || stdout.endsWith("\n"));
  return {
    answers: stdout
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line)),
    stderr,
  };
}

describe("MCP over stdio", () => {
  test("answers each line, in both revisions, and ends with its input", async () => {
    const { answers, stderr } = await talk(
      lines(
        rpc("initialize", { protocolVersion: "2025-06-18" }, "init"),
        { jsonrpc: "2.0", method: "notifications/initialized" },
        "",
        "not json",
        rpc("tools/list", {}, 2),
        rpc("server/discover", { _meta: META }, 3),
        rpc("tools/call", { name: "NANGO_PROVIDERS_GET_GET", arguments: { provider: "hubspot" }, _meta: META }, 4),
        `${JSON.stringify(rpc("ping", {}, 5))}\r`,
      ) + JSON.stringify(rpc("tools/call", { name: "NANGO_GET_CONNECTION" }, 6)),
    );
    const of = (id) => answers.find((answer) => answer.id === id);
    assert.equal(answers.length, 7, JSON.stringify(answers));
    assert.equal(of("init").result.protocolVersion, "2025-06-18");
    assert.equal(of(null).error.code, -32700);
    assert.equal(of(2).result.tools.length, 23);
    assert.deepEqual(of(3).result.supportedVersions, [MODERN]);
    assert.equal(of(4).result.structuredContent.data.data.name, "hubspot");
    assert.deepEqual(of(5).result, {});
    assert.equal(of(6).result.isError, true);
    assert.equal(stderr, "");
  });

  test("the selection comes from options and from the environment, read-only above all", async () => {
    const names = async (args, env) =>
      (await talk(lines(rpc("tools/list")), args, env)).answers[0].result.tools.map((tool) => tool.name);
    const syncs = [
      "NANGO_GET_SYNC_STATUS",
      "NANGO_SYNC_TRIGGER_POST",
      "NANGO_SYNC_START_POST",
      "NANGO_SYNC_PAUSE_POST",
      "NANGO_UPDATE_SYNC_FREQUENCY",
      "NANGO_CREATE_SYNC_VARIANT",
      "NANGO_DELETE_SYNC_VARIANT",
    ];
    assert.deepEqual(await names(["--toolsets", "syncs"]), syncs);
    assert.equal((await names(["--toolsets", "all"])).length, 62);
    assert.deepEqual(
      await names(["--toolsets", "syncs"], { NANGO_MCP_READ_ONLY: "1", NANGO_MCP_TOOLSETS: "connections" }),
      ["NANGO_GET_SYNC_STATUS"],
    );
    assert.deepEqual(
      await names(["--tools", "NANGO_GET_PROXY,NANGO_PUT_PROXY", "--exclude", "NANGO_PUT_PROXY"], {
        NANGO_MCP_READ_ONLY: "0",
      }),
      ["NANGO_GET_PROXY"],
    );
    assert.ok(!(await names(["--user", "ada"])).includes("NANGO_GET_ENVIRONMENT_VARIABLES"));
    assert.deepEqual(await names([], { NANGO_MCP_MODE: "search" }), ["search_tools", "describe_tool", "execute_tool"]);
  });

  test("without a key it stops, and says what to do", async () => {
    const { code, stdout, stderr } = await cli(["mcp"]);
    assert.deepEqual([code, stdout], [2, ""]);
    assert.match(stderr, /NANGO_SECRET_KEY.*--emulator/);
    for (const [args, pattern] of [
      [["--emulator", "--mode", "x"], /mode/],
      [["--emulator", "--toolsets", "x"], /toolset `x`/],
      [["--emulator", "--confirm", "x"], /confirm/],
      [["--emulator", "--http", "x"], /--http/],
      [["--emulator", "--http", "0", "--host", "0.0.0.0"], /NANGO_MCP_TOKEN/],
      [["--emulator", "--nope"], /--nope/],
    ]) {
      const { code, stdout, stderr } = await cli(["mcp", ...args]);
      assert.deepEqual([code, stdout], [2, ""], args.join(" "));
      assert.match(stderr, pattern);
    }
  });

  test("a notification cancels a call: it is aborted, and nothing is answered", async () => {
    const seen = [];
    const toolkit = {
      tools: listTools,
      execute: (name, _args, { signal }) =>
        new Promise(
          (resolve) => (
            seen.push(name),
            signal.addEventListener("abort", () =>
              resolve(
                (seen.push("aborted"),
                {
                  successful: false,
                  data: null,
                  error: { kind: "aborted", code: "aborted", message: "", retryable: false },
                  meta: {},
                }),
              ),
            )
          ),
        ),
    };
    const [input, output] = [new PassThrough(), new PassThrough()];
    let written = "";
    output.setEncoding("utf8").on("data", (text) => (written += text));
    const served = serveStdio(makeServer({ toolkit }), { input, output });
    input.write(
      lines(rpc("tools/call", { name: "NANGO_LIST_INTEGRATIONS" }, "x\u0041"), {
        jsonrpc: "2.0",
        method: "notifications/cancelled",
        params: { requestId: "other" },
      }),
    );
    input.write(
      lines({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: "xA" } }, rpc("ping", {}, 2)),
    );
    input.end();
    await served;
    assert.deepEqual(seen, ["NANGO_LIST_INTEGRATIONS", "aborted"]);
    assert.deepEqual(
      written
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line).id),
      [2],
    );
  });
});

/** Starts `nango-toolkit mcp --http 0`. */
async function serving(args = [], env = {}) {
  const child = spawn(process.execPath, [BIN, "mcp", "--http", "0", "--emulator", "--json", ...args], {
    env: bareEnvironment(env),
  });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text) => (errors += text));
  const [line] = await Promise.race([
    once(createInterface(child.stdout), "line"),
    once(child, "close").then(() => assert.fail(errors)),
  ]);
  const stop = async () => {
    const closed = once(child, "close");
    child.kill("SIGTERM");
    return (await closed)[0];
  };
  return { url: JSON.parse(line).url, stop, errors: () => errors };
}
const post = async (url, message, headers = {}) => {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof message === "string" ? message : JSON.stringify(message),
  });
  return { status: response.status, json: await response.json().catch(() => undefined) };
};

describe("MCP over HTTP", () => {
  test("serves this machine only, and refuses other host names", async () => {
    const { url, stop, errors } = await serving();
    assert.match(url, /^http:\/\/127\.0\.0\.1:\d+\/mcp$/);
    assert.equal((await post(url, rpc("tools/list"))).json.result.tools.length, 23);
    assert.equal(
      (await post(url, rpc("tools/call", { name: "NANGO_LIST_INTEGRATIONS" }))).json.result.structuredContent
        .successful,
      true,
    );
    const started = performance.now();
    const get = await fetch(url, { headers: { accept: "text/event-stream" } });
    assert.ok(get.status === 405 && performance.now() - started < 1000);
    assert.equal((await post(url.replace("/mcp", "/register"), {})).status, 404);
    const { port } = new URL(url);
    const host = await new Promise((resolve) =>
      request(
        {
          port,
          host: "127.0.0.1",
          path: "/mcp",
          method: "POST",
          headers: { host: "evil.example", "content-type": "application/json" },
        },
        (answer) => resolve(answer.statusCode),
      ).end("{}"),
    );
    assert.equal(host, 403);
    assert.equal((await post(url, rpc("ping"), { origin: "https://evil.example" })).status, 403);
    // Input that is not HTTP, is cut off, or never ends.
    const raw = (text) =>
      new Promise((resolve) => {
        const socket = connect(port, "127.0.0.1", () => socket.end(text));
        let seen = "";
        socket.on("data", (chunk) => (seen += chunk)).on("close", () => resolve(seen));
        socket.on("error", () => resolve(seen));
      });
    assert.match(await raw("hello\r\n\r\n"), /^HTTP\/1.1 400/);
    assert.match(
      await raw(
        "POST http://[x/mcp HTTP/1.1\r\nhost: 127.0.0.1\r\n" +
          "content-type: application/json\r\ncontent-length: 2\r\n\r\n{}",
      ),
      /^HTTP\/1.1 4/,
    );
    await raw(
      'POST /mcp HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"js',
    );
    const big = await post(url, JSON.stringify(rpc("ping", { x: "y".repeat(5 * 1024 * 1024) }))).catch(() => ({
      status: 413,
    }));
    assert.equal(big.status, 413);
    assert.equal((await post(url, rpc("ping"))).status, 200);
    assert.equal(await stop(), 0);
    assert.equal(errors(), "");
  });

  test("a token is asked for where one is set", async () => {
    const { url, stop } = await serving(["--read-only"], { NANGO_MCP_TOKEN: TOKEN });
    assert.equal((await post(url, rpc("ping"))).status, 401);
    assert.equal((await post(url, rpc("ping"), { authorization: `Bearer ${TOKEN}` })).status, 200);
    const { json } = await post(url, rpc("tools/list"), { "x-api-key": TOKEN });
    assert.ok(json.result.tools.every((tool) => tool.annotations.readOnlyHint));
    await stop();
  });

  test("says why it cannot listen", async () => {
    const { url, stop } = await serving();
    const { code, stderr } = await cli(["mcp", "--emulator", "--http", new URL(url).port]);
    assert.equal(code, 1);
    assert.match(stderr, /is in use/);
    await stop();
  });
});
