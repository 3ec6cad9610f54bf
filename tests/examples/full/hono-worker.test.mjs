// The Worker of examples/hono-worker under `wrangler dev`, with the in-memory Nango, as its README says.
import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { served } from "../../runtimes/full/projects.mjs";
import { at, makeProjects, serveNango } from "../support.mjs";

const WRANGLER = at("tests/runtimes/node_modules/wrangler/bin/wrangler.js");
const ci = /^(1|true)$/i.test(process.env.CI ?? "");
const skip = !existsSync(WRANGLER) && !ci && "wrangler is not installed";
let projects, nango;
before(async () => {
  projects = makeProjects();
  nango = await serveNango();
});
after(async () => {
  await nango?.close();
  projects?.remove();
});

test("wrangler dev reads every variable of .dev.vars, and a session works", { skip }, async () => {
  const path = projects.copy("hono-worker");
  const secrets = {
    ...nango.env,
    SESSION_KEY: "a key for these tests, 32 bytes or more",
    BACKEND_TOKEN: "of-the-backend",
  };
  writeFileSync(
    join(path, ".dev.vars"),
    Object.entries(secrets)
      .map(([name, value]) => `${name}="${value}"\n`)
      .join(""),
  );
  const dev = (port) => [WRANGLER, "dev", "--ip", "127.0.0.1", "--port", port, "--inspector-port", "0"];
  // Nothing is asked of Cloudflare.
  const env = { WRANGLER_SEND_METRICS: "false", CLOUDFLARE_CF_FETCH_ENABLED: "false", XDG_CONFIG_HOME: path };
  await served(
    path,
    dev,
    async (url, log) => {
      const post = async (place, token, body) => {
        const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
        return (await fetch(url + place, { method: "POST", headers, body: JSON.stringify(body) })).json();
      };
      const { token } = await post("/sessions", secrets.BACKEND_TOKEN, { user: "katherine" });
      const result = await post("/tools/NANGO_CONNECTION_LIST_GET", token, {});
      assert.equal(result.successful, true, JSON.stringify(result) + log());
      assert.deepEqual(
        result.data.connections.map((one) => one.connection_id),
        ["slack-bluebird", "hubspot-katherine"],
      );
      assert.ok(nango.requests.length > 0, "it asked the server of NANGO_HOST");
    },
    env,
  );
});
