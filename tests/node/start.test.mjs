// `npm start` on a built tree: the tour in memory, the read-only tour of a server, and what it refuses.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { bareEnvironment, listen, node, startEmulate } from "./support.mjs";

const START = fileURLToPath(new URL("../../scripts/start.mjs", import.meta.url));

test("the tour shows the four prompts, a refusal and a masked secret, and ignores NANGO_*", async () => {
  const env = { NANGO_HOST: "http://127.0.0.1:1", NANGO_SECRET_KEY: "nonsense" };
  const { code, stdout, stderr } = await node([START, "--once", "--port", "0"], { env });
  assert.equal(code, 0, stderr);
  for (const seen of [
    "List all connected CRM accounts",
    "Trigger manual sync with Salesforce provider",
    "Get configuration for all available scripts",
    "Show provider details for QuickBooks integration",
    "hubspot-ada",
    "/sync/trigger",
    "create-contact",
    "OAUTH2",
    "credentials.password",
    "redacted",
  ])
    assert.ok(stdout.includes(seen), seen);
  assert.equal(stdout.match(/^ {2}successful/gm).length, 5);
  assert.equal(stdout.match(/^ {2}invalid_arguments/gm).length, 1);
  assert.doesNotMatch(stdout, /emulated-access-token/);
});

test("--real tours a server with reads only", async () => {
  const served = await startEmulate();
  const methods = [];
  const watch = await listen(async (request, response) => {
    methods.push(request.method);
    const answer = await fetch(served.url + request.url, { headers: { authorization: request.headers.authorization } });
    response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") }).end(await answer.text());
  });
  try {
    const env = { NANGO_HOST: watch.url, NANGO_SECRET_KEY: served.apiKey };
    const { code, stdout, stderr } = await node([START, "--real"], { env });
    assert.equal(code, 0, stderr);
    assert.equal(stdout.match(/^ {2}successful/gm).length, 4);
    assert.deepEqual(methods, ["GET", "GET", "GET", "GET"]);
    const refused = await node([START, "--real"], {
      env: { ...env, NANGO_SECRET_KEY: "00000000-0000-4000-8000-000000000000" },
    });
    assert.equal(refused.code, 1);
    assert.match(refused.stdout, /unauthorized/);
  } finally {
    await Promise.all([watch.close(), served.stop()]);
  }
});

test("it reports a missing build and a port in use", async () => {
  const keyless = await node([START, "--real"]);
  assert.equal(keyless.code, 1);
  assert.match(keyless.stderr, /NANGO_SECRET_KEY/);
  const server = await listen(() => {});
  const { port } = new URL(server.url);
  const taken = await node([START, "--once", "--port", port]);
  await server.close();
  assert.equal(taken.code, 1);
  assert.match(taken.stderr, new RegExp(`port ${port} of 127.0.0.1 is in use.*--port`));
});

test("after the tour it serves until a signal", async () => {
  const child = spawn(process.execPath, [START, "--port", "0", "--page-port", "0"], { env: bareEnvironment() });
  const ended = new Promise((resolve) => child.on("close", resolve));
  let seen = "";
  const serving = new Promise((resolve) =>
    child.stdout.setEncoding("utf8").on("data", (text) => {
      seen += text;
      if (/Still serving on \S+,[\s\S]*NANGO_SECRET_KEY=\S+ /.test(seen)) resolve();
    }),
  );
  await Promise.race([serving, ended.then((code) => assert.fail(`it ended with ${code}: ${seen}`))]);
  const [, url, key] = /Still serving on (\S+),[\s\S]*NANGO_SECRET_KEY=(\S+) /.exec(seen);
  const answer = await fetch(`${url}/integrations`, { headers: { authorization: `Bearer ${key}` } });
  assert.equal(answer.status, 200);
  const page = /^ {2}(http:\S+)$/m.exec(seen)[1];
  assert.notEqual(page, url);
  assert.match(await (await fetch(page)).text(), /<title>Nango Toolkit<\/title>/);
  // What `npm run docs` has built, or how to build it.
  const docs = await fetch(`${page}/docs/`);
  assert.match(seen, docs.ok ? /\/docs\/ +the documentation\n/ : /\/docs\/ +the documentation: .*`npm run docs`/);
  assert.match(await docs.text(), docs.ok ? /<title>Nango Toolkit<\/title>/ : /npm run docs/);
  child.kill("SIGTERM");
  assert.equal(await ended, 0);
});
