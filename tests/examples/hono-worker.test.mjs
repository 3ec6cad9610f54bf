// The Worker of examples/hono-worker: bundled by wrangler, run by workerd, with sessions of two users.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { bundleWithWrangler, programs, startWorkerd } from "../runtimes/runtimes.mjs";
import { at, makeProjects, run, serveNango } from "./support.mjs";

const ci = /^(1|true)$/i.test(process.env.CI ?? "");
const skip = !programs.workerd() && !ci && "workerd is not installed";
const SECRETS = { SESSION_KEY: "a key for these tests, 32 bytes or more", BACKEND_TOKEN: "the-token-of-the-backend" };

describe("hono-worker", { skip }, () => {
  let projects, nango, bundle, worker;
  before(async () => {
    projects = makeProjects();
    nango = await serveNango();
    ({ bundle } = await bundleWithWrangler(projects.copy("hono-worker")));
    worker = await startWorkerd(bundle, { bindings: { ...nango.env, ...SECRETS } });
  });
  after(async () => {
    await worker?.close();
    await nango?.close();
    projects?.remove();
  });

  /** Sends JSON with a bearer token. */
  async function ask(path, token, body) {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const init = body === undefined ? { headers } : { method: "POST", headers, body: JSON.stringify(body) };
    const response = await fetch(worker.url + path, init);
    const text = await response.text();
    return { status: response.status, text, json: /^[{[]/.test(text) ? JSON.parse(text) : undefined };
  }
  const tokenOf = async (user) => (await ask("/sessions", SECRETS.BACKEND_TOKEN, { user })).json.token;

  test("tsc accepts it", async () => {
    const tsc = at("node_modules/typescript/bin/tsc");
    const { code, stdout } = await run(process.execPath, [tsc], { cwd: projects.copy("hono-worker") });
    assert.equal(code, 0, stdout);
  });

  test("each user sees what is theirs, also when they ask at the same time", async () => {
    const ids = async (user) => {
      const { json, text } = await ask("/tools/NANGO_CONNECTION_LIST_GET", await tokenOf(user), {});
      assert.equal(json.successful, true, text);
      return json.data.connections.map((one) => one.connection_id);
    };
    const [ada, katherine, again] = await Promise.all([ids("ada"), ids("katherine"), ids("ada")]);
    assert.deepEqual(ada, ["google-calendar-ada", "quickbooks-acme", "github-ada", "hubspot-ada"]);
    assert.deepEqual(katherine, ["slack-bluebird", "hubspot-katherine"]);
    assert.deepEqual(again, ada);
  });

  test("the policy decides, secrets are masked, and wrong arguments are explained", async () => {
    const token = await tokenOf("ada");
    const get = (connection_id, provider_config_key) =>
      ask("/tools/NANGO_GET_CONNECTION", token, { connection_id, provider_config_key });
    const own = await get("hubspot-ada", "hubspot");
    assert.match(own.json.data.credentials.access_token, /redacted/);
    assert.doesNotMatch(own.text, /emulated-(access|refresh)-token/);
    assert.equal((await get("hubspot-katherine", "hubspot")).json.error.kind, "not_found");

    const read = (connection_id, provider_config_key, any_path) =>
      ask("/tools/NANGO_GET_PROXY", token, { connection_id, provider_config_key, any_path });
    const contacts = await read("hubspot-ada", "hubspot", "crm/v3/objects/contacts");
    assert.equal(contacts.json.successful, true, contacts.text);
    assert.ok(nango.requests.includes("GET /proxy/crm/v3/objects/contacts"), nango.requests.join("\n"));

    const sent = nango.requests.length;
    const { message } = (await read("quickbooks-acme", "quickbooks", "v3/company/1/companyinfo/1")).json.error;
    assert.match(message, /denied by the rule `accounting-stays-in-the-app`/);
    const args = { connection_id: "hubspot-ada", provider_config_key: "hubspot" };
    assert.equal((await ask("/tools/NANGO_DELETE_CONNECTION", token, args)).json.error.kind, "denied");
    const { error } = (await ask("/tools/NANGO_GET_CONNECTION", token, { connectionId: "hubspot-ada" })).json;
    assert.deepEqual([error.kind, error.issues.length], ["invalid_arguments", 3]);
    assert.deepEqual(nango.requests.slice(sent), [], "none of these was sent");
    assert.ok(nango.connections().includes("hubspot-ada"));

    const tools = (await ask("/tools", token)).json.map((tool) => tool.slug);
    assert.ok(tools.includes("NANGO_GET_CONNECTION") && !tools.includes("NANGO_DELETE_CONNECTION"), tools.join(" "));
  });

  test("the same session over MCP", async () => {
    const params = { name: "NANGO_CONNECTION_LIST_GET", arguments: { search: "hubspot" } };
    const { status, json } = await ask("/mcp", await tokenOf("ada"), {
      jsonrpc: "2.0",
      id: 1,
      method: "tools/call",
      params,
    });
    assert.equal(status, 200);
    assert.deepEqual(
      json.result.structuredContent.data.connections.map((one) => one.connection_id),
      ["hubspot-ada"],
    );
  });

  test("without a token, or with a wrong body, nothing is given or sent", async () => {
    const sent = nango.requests.length;
    const token = await tokenOf("ada");
    for (const [path, given, body] of [
      ["/sessions", "wrong", { user: "ada" }],
      ["/sessions", token, { user: "grace" }],
      ["/tools", SECRETS.BACKEND_TOKEN],
      ["/tools", `${token.slice(0, -4)}AAAA`],
      ["/tools/NANGO_LIST_INTEGRATIONS", "wrong", {}],
      ["/mcp", "wrong", { jsonrpc: "2.0", id: 1, method: "tools/list" }],
    ])
      assert.equal((await ask(path, given, body)).status, 401, `${path} ${given}`);
    for (const body of [{}, null, { user: 7 }, { user: "" }]) {
      const { status, json } = await ask("/sessions", SECRETS.BACKEND_TOKEN, body);
      assert.deepEqual([status, json?.error], [400, '`user` is missing: send {"user":"…"}']);
    }
    for (const [user, problem] of [
      ["x".repeat(300), /`session\.user`: expected a string of 1 to 255 characters, got 300 characters$/],
      ["\u0000", /`session\.user`: .* it contains a NUL character/],
    ]) {
      const { status, json, text } = await ask("/sessions", SECRETS.BACKEND_TOKEN, { user });
      assert.equal(status, 400, text);
      assert.match(json.error, problem);
    }
    assert.equal(nango.requests.length, sent);
    assert.doesNotMatch(worker.log(), /error|uncaught|unhandled/i);
  });

  test("without its secrets it refuses everybody and names them", async () => {
    const bare = await startWorkerd(bundle, { bindings: { BACKEND_TOKEN: "" } });
    try {
      const response = await fetch(`${bare.url}/tools`, { headers: { authorization: "Bearer " } });
      assert.equal(response.status, 503);
      assert.match(await response.text(), /set the secrets NANGO_SECRET_KEY, SESSION_KEY, BACKEND_TOKEN/);
    } finally {
      await bare.close();
    }
  });

  for (const [name, value, problem] of [
    ["SESSION_KEY", "too-short", /^the key for session tokens has 9 bytes, and must have at least 32$/],
    ["NANGO_SECRET_KEY", "not-a-key", /^no valid API key: /],
    ["NANGO_HOST", "nango.example.com", /it must begin with https:\/\/ or http:\/\/$/],
  ])
    test(`with a ${name} that cannot be used it says why, and shows no secret`, async () => {
      const wrong = await startWorkerd(bundle, { bindings: { ...nango.env, ...SECRETS, [name]: value } });
      try {
        for (const path of ["/sessions", "/tools", "/mcp"]) {
          const headers = { authorization: `Bearer ${SECRETS.BACKEND_TOKEN}` };
          const response = await fetch(wrong.url + path, { method: "POST", headers, body: '{"user":"ada"}' });
          const text = await response.text();
          assert.equal(response.status, 503, text);
          assert.match(JSON.parse(text).error, problem);
          for (const secret of [nango.apiKey, ...Object.values(SECRETS), "too-short", "not-a-key"])
            assert.ok(!(text + wrong.log()).includes(secret), text);
        }
        assert.doesNotMatch(wrong.log(), /error|uncaught|unhandled/i);
      } finally {
        await wrong.close();
      }
    });
});
