// The Worker templates, unchanged, in workerd: one behind a token, one behind OAuth, the latter called by a
// client that knows nothing but its URL.
import assert from "node:assert/strict";
import { cpSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { until } from "../node/mcp-calls.mjs";
import { listen } from "../node/support.mjs";
import { makeProject } from "../runtimes/project.mjs";
import { bundleWorker, programs, startWorkerd } from "../runtimes/runtimes.mjs";
import { emulate } from "../runtimes/servers.mjs";

const ci = /^(1|true)$/i.test(process.env.CI ?? "");
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const TOKEN = "a-token-of-at-least-16";
const PASSWORD = "a password of at least 16";
const ping = {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: '{"jsonrpc":"2.0","id":1,"method":"ping"}',
};

/** The template with an in-memory key-value store, which workerd lacks. */
const WITH_KV = `import template from "./mcp-worker-oauth/src/index.js";
const kept = new Map();
const OAUTH_KV = {
  async get(key, how) {
    const value = kept.get(key);
    return value === undefined ? null : (how?.type ?? how) === "json" ? JSON.parse(value) : value;
  },
  put: async (key, value) => void kept.set(key, value),
  delete: async (key) => void kept.delete(key),
  list: async ({ prefix = "" } = {}) => ({
    keys: [...kept.keys()].filter((name) => name.startsWith(prefix)).map((name) => ({ name })),
    list_complete: true,
  }),
};
export default { fetch: (request, env, context) => template.fetch(request, { ...env, OAUTH_KV }, context) };
`;

describe("MCP templates", { skip: !programs.workerd() && !ci && "workerd is not installed" }, () => {
  let project;
  let emulated;
  before(async () => {
    project = makeProject();
    for (const name of ["mcp-worker", "mcp-worker-oauth"])
      cpSync(here(`../../www/templates/${name}`), join(project.path, name), { recursive: true });
    mkdirSync(join(project.path, "node_modules", "@cloudflare"));
    cpSync(
      here("node_modules/@cloudflare/workers-oauth-provider"),
      join(project.path, "node_modules", "@cloudflare", "workers-oauth-provider"),
      { recursive: true },
    );
    emulated = await emulate(project.path);
  });
  after(() => {
    emulated?.close();
    project?.remove();
  });

  test("a Worker behind a token", async () => {
    const bundle = await bundleWorker(project, "mcp-worker/src/index.js");
    const worker = await startWorkerd(bundle, {
      bindings: { NANGO_SECRET_KEY: emulated.apiKey, NANGO_HOST: emulated.url, ACCESS_TOKEN: TOKEN },
    });
    const client = new Client({ name: "test", version: "1" }, { versionNegotiation: { mode: "auto" } });
    try {
      assert.equal((await fetch(`${worker.url}/mcp`, ping)).status, 401);
      await client.connect(
        new StreamableHTTPClientTransport(new URL(`${worker.url}/mcp`), {
          requestInit: { headers: { authorization: `Bearer ${TOKEN}` } },
        }),
      );
      const { tools } = await client.listTools();
      assert.ok(tools.length > 5 && tools.every((tool) => tool.annotations.readOnlyHint));
      const { structuredContent } = await client.callTool({
        name: "NANGO_CONNECTION_LIST_GET",
        arguments: { search: "ada" },
      });
      assert.ok(structuredContent.data.connections.length > 0);
    } finally {
      await client.close();
      await worker.close();
    }
  });

  test("long calls of a Worker: progress, cancellation, and clients that are gone", async () => {
    // A Nango that never answers; each request of its own is closed by the Worker.
    const closedRequests = [];
    const silent = await listen((_request, response) => response.on("close", () => closedRequests.push(true)));
    const worker = await startWorkerd(await bundleWorker(project, "mcp-worker/src/index.js"), {
      bindings: { NANGO_SECRET_KEY: emulated.apiKey, NANGO_HOST: silent.url, ACCESS_TOKEN: TOKEN },
    });
    const post = (message, signal) => {
      const accept = "application/json, text/event-stream";
      const headers = { ...ping.headers, accept, authorization: `Bearer ${TOKEN}` };
      return fetch(`${worker.url}/mcp`, { method: "POST", headers, body: JSON.stringify(message), signal });
    };
    const call = (id, meta = {}) => {
      const params = { name: "NANGO_LIST_INTEGRATIONS", arguments: {}, _meta: meta };
      return { jsonrpc: "2.0", id, method: "tools/call", params };
    };
    const cancel = (requestId) =>
      post({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId } }).then(({ status }) => status);
    try {
      const gone = new AbortController();
      const [short, streamed, left] = [
        post(call(1)),
        post(call(2, { progressToken: "two" })),
        post(call(3, { progressToken: "three" }), gone.signal),
      ];
      const [first, second] = [await streamed, await left];
      for (const { status, headers } of [first, second])
        assert.deepEqual([status, headers.get("content-type")], [200, "text/event-stream"]);
      assert.equal(await cancel(1), 202);
      assert.deepEqual([(await short).status, await (await short).text()], [202, ""]);
      assert.equal(await cancel(2), 202);
      const text = await first.text();
      assert.match(text, /"progressToken":"two","progress":5,/);
      assert.ok(!text.includes('"id":2'), text);
      await until(() => closedRequests.length === 2);
      gone.abort();
      await until(() => closedRequests.length === 3);
      assert.doesNotMatch(worker.log(), /error|uncaught|unhandled|hang/i);
    } finally {
      await worker.close();
      await silent.close();
    }
  });

  test("without its secrets it refuses everybody", async () => {
    const worker = await startWorkerd(await bundleWorker(project, "mcp-worker/src/index.js"));
    for (const authorization of ["", "Bearer ", "Bearer undefined"])
      assert.equal(
        (await fetch(`${worker.url}/mcp`, { ...ping, headers: { ...ping.headers, authorization } })).status,
        503,
      );
    await worker.close();
  });

  test("a Worker behind OAuth: a client registers, its user signs in, and the tools are there", async () => {
    project.write("oauth.mjs", WITH_KV);
    const worker = await startWorkerd(await bundleWorker(project, "oauth.mjs"), {
      bindings: { NANGO_SECRET_KEY: emulated.apiKey, NANGO_HOST: emulated.url, ACCESS_PASSWORD: PASSWORD },
      flags: ["global_fetch_strictly_public"],
    });
    const url = new URL(`${worker.url}/mcp`);
    const client = () => new Client({ name: "test", version: "1" }, { versionNegotiation: { mode: "auto" } });
    try {
      const refused = await fetch(url, ping);
      assert.equal(refused.status, 401);
      assert.match(refused.headers.get("www-authenticate"), /resource_metadata="/);
      assert.equal((await fetch(new URL("/elsewhere", url))).status, 404);

      /** What the SDK keeps of its user's sign-in. */
      const kept = {};
      let seen;
      const authProvider = {
        redirectUrl: "https://app.example/callback",
        clientMetadata: {
          client_name: "<Test>",
          redirect_uris: ["https://app.example/callback"],
          token_endpoint_auth_method: "none",
        },
        clientInformation: () => kept.client,
        saveClientInformation: (value) => void (kept.client = value),
        tokens: () => kept.tokens,
        saveTokens: (value) => void (kept.tokens = value),
        discoveryState: () => kept.discovery,
        saveDiscoveryState: (value) => void (kept.discovery = value),
        codeVerifier: () => kept.verifier,
        saveCodeVerifier: (value) => void (kept.verifier = value),
        redirectToAuthorization: (value) => void (seen = value),
      };
      const transport = new StreamableHTTPClientTransport(url, { authProvider });
      await assert.rejects(client().connect(transport));
      assert.equal(seen?.pathname, "/authorize");

      /** The user's browser: opens the page, types a password. */
      const signIn = async (password, decision = "approve") => {
        const shown = await fetch(seen, { redirect: "manual" });
        const html = await shown.text();
        assert.equal(shown.status, 200, html);
        assert.ok(html.includes("app.example") && !html.includes("<Test>"), html);
        const handle = /name="handle" value="([^"]+)"/.exec(html)[1];
        const cookie = shown.headers
          .getSetCookie()
          .map((one) => one.split(";")[0])
          .join("; ");
        return fetch(new URL(seen.pathname + seen.search, url), {
          method: "POST",
          redirect: "manual",
          headers: { cookie, origin: url.origin, "content-type": "application/x-www-form-urlencoded" },
          body: new URLSearchParams({ handle, password, decision }),
        });
      };
      assert.equal((await signIn("wrong")).status, 403);
      const denied = await signIn(PASSWORD, "deny");
      assert.match(denied.headers.get("location"), /error=access_denied/);
      const approved = await signIn(PASSWORD);
      const back = new URL(approved.headers.get("location"));
      assert.equal(back.origin, "https://app.example");
      await transport.finishAuth(back.searchParams);

      const connected = client();
      await connected.connect(new StreamableHTTPClientTransport(url, { authProvider }));
      const { tools } = await connected.listTools();
      assert.ok(tools.length > 5 && tools.every((tool) => tool.annotations.readOnlyHint));
      const { structuredContent } = await connected.callTool({ name: "NANGO_LIST_INTEGRATIONS", arguments: {} });
      assert.equal(structuredContent.successful, true);
      await connected.close();
    } finally {
      await worker.close();
    }
  });
});
