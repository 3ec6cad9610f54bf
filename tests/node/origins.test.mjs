// The servers on this machine, the in-memory Nango and the demo page: they answer programs and pages of their own
// origin, whatever a request's target is, and the key of the in-memory Nango is another one at each start.
import assert from "node:assert/strict";
import { request } from "node:http";
import { connect } from "node:net";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { buildPage, servePage } from "../../scripts/page.mjs";
import { createEmulator } from "../../pkg/dist/entry/emulator-node.js";
import { refusal } from "../../pkg/dist/bin/origins.js";
import { serve } from "../../pkg/dist/bin/serve.js";
import { cli, node, startEmulate } from "./support.mjs";

const START = fileURLToPath(new URL("../../scripts/start.mjs", import.meta.url));
const emulator = createEmulator({ rateLimit: 100_000 });
const servers = {};

before(async () => {
  await buildPage();
  servers.emulator = await serve(emulator, { port: 0 });
  servers.page = await servePage({ port: 0 });
});
after(() => Promise.all(Object.values(servers).map((server) => server.close())));

/** Sends a request whose headers and target no browser would let a page choose. */
const ask = (url, { path = "/", method = "GET", headers = {} } = {}) =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const sent = request({ hostname, port, path, method, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part) => (text += part));
      response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, text }));
    });
    sent.on("error", reject).end();
  });

/** The first line of the response to exactly this request line. */
const raw = (url, line) =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    let text = "";
    const socket = connect({ host: hostname, port }, () =>
      socket.write(`${line} HTTP/1.1\r\nhost: ${hostname}:${port}\r\nconnection: close\r\n\r\n`),
    );
    socket.setEncoding("utf8").on("data", (part) => (text += part));
    socket.on("end", () => resolve(text.split("\r\n")[0])).on("error", reject);
  });

test("a page of another origin is refused, by its origin or by the host it asked for", async () => {
  for (const [name, { url }] of Object.entries(servers)) {
    const { host } = new URL(url);
    const { port } = new URL(url);
    const authorization = `Bearer ${emulator.apiKey}`;
    for (const [headers, status] of [
      [{}, 200],
      [{ origin: url }, 200],
      [{ host: `localhost:${port}` }, 200],
      [{ host: `localhost:${port}`, origin: `http://localhost:${port}` }, 200],
      [{ host: `app.localhost:${port}` }, 200],
      [{ host: "192.0.2.7:80" }, 200],
      [{ host: `[::1]:${port}` }, 200],
      [{ origin: "https://evil.example" }, 403],
      [{ origin: "null" }, 403],
      [{ origin: `http://localhost:${port}` }, 403],
      [{ origin: `https://${host}` }, 403],
      [{ origin: `${url}0` }, 403],
      [{ origin: "http://127.0.0.1:1" }, 403],
      [{ host: "evil.example" }, 403],
      [{ host: `evil.example:${port}`, origin: `http://evil.example:${port}` }, 403],
      [{ host: "127.0.0.1.evil.example" }, 403],
      [{ host: "localhost.evil.example" }, 403],
      [{ host: "a b" }, 403],
    ]) {
      const path = name === "page" ? "/" : "/integrations";
      const answer = await ask(url, { path, headers: { authorization, ...headers } });
      assert.equal(answer.status, status, `${name} ${JSON.stringify(headers)}: ${answer.text.slice(0, 200)}`);
      if (status === 403) assert.equal(answer.headers["access-control-allow-origin"], undefined);
    }
    const preflight = { origin: "https://evil.example", "access-control-request-method": "DELETE" };
    const asked = await ask(url, { method: "OPTIONS", path: "/connections/hubspot-ada", headers: preflight });
    assert.equal(asked.status, 403);
    assert.equal(asked.headers["access-control-allow-methods"], undefined);
  }
  assert.equal(
    JSON.parse((await ask(servers.emulator.url, { headers: { origin: "null" } })).text).error.code,
    "forbidden",
  );
});

test("further origins are let in by name, or all of them", () => {
  const host = "127.0.0.1";
  const own = { host: "127.0.0.1:3003" };
  const from = (origin, origins) => refusal({ ...own, origin }, { host, origins });
  assert.equal(from("http://localhost:5173", ["http://localhost:5173"]), undefined);
  assert.match(
    from("http://localhost:5174", ["http://localhost:5173"]),
    /`http:\/\/localhost:5174` is not this server's own/,
  );
  assert.equal(from("https://evil.example", ["*"]), undefined);
  assert.equal(refusal({ host: "nango:3003" }, { host: "0.0.0.0", origins: ["http://nango:3003"] }), undefined);
  assert.match(refusal({ host: "nango:3003" }, { host: "0.0.0.0" }), /allow `http:\/\/nango:3003`/);
  assert.equal(refusal({ host: "Dev.Box" }, { host: "dev.box" }), undefined);
  assert.match(refusal({}, { host }), /not this server's/);
});

test("every target of a request is answered, and the server goes on", async () => {
  for (const [name, { url }] of Object.entries(servers)) {
    for (const target of [
      "//",
      "///",
      "//evil.example/x",
      "/%",
      "/%zz",
      "/?",
      "/#",
      "*",
      "/..//..",
      "http://",
      "http://[",
      `/${"a".repeat(8000)}`,
    ]) {
      for (const method of ["GET", "HEAD", "POST", "OPTIONS"]) {
        const line = await raw(url, `${method} ${target}`);
        assert.match(line, /^HTTP\/1\.1 [2345]\d\d /, `${name}: ${method} ${target.slice(0, 20)}: ${line}`);
      }
    }
    assert.equal((await ask(url, { path: name === "page" ? "/" : "/health" })).status, 200, name);
  }
});

test("the key is another one at each start, unless a key or a seed is given", async () => {
  const key = "0b8a5f1e-6d47-4c1e-8a55-9e1f0f6f5c22";
  const keyOf = async (args) => {
    const served = await startEmulate(args);
    const headers = { authorization: `Bearer ${served.apiKey}` };
    const { status } = await fetch(`${served.url}/integrations`, { headers });
    await served.stop();
    assert.equal(status, 200);
    return served.apiKey;
  };
  const drawn = [await keyOf([]), await keyOf([]), createEmulator().apiKey];
  assert.equal(new Set(drawn).size, 3, drawn.join(" "));
  assert.equal(await keyOf(["--seed", "5"]), createEmulator(5).apiKey);
  assert.equal(await keyOf(["--key", key]), key);
  assert.equal(await keyOf(["--key", key, "--seed", "5"]), key);
  for (const [program, args] of [
    [cli, ["emulate", "--port", "0", "--key", "hunter2-hunter2"]],
    [node, [START, "--once", "--port", "0", "--key", "hunter2-hunter2"]],
  ]) {
    const { code, stderr } = await program(args);
    assert.ok(code > 0);
    assert.match(stderr, /apiKey.*UUID v4/);
    assert.doesNotMatch(stderr, /hunter2/);
  }
});
