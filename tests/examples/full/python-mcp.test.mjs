// The Python program of examples/python-mcp: with the official `mcp` package and the packed package's MCP server, which
// it starts by npx.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { makeEnvironment, python } from "../../python/environment.mjs";
import { at, makeProjects, run, serveNango } from "../support.mjs";

const LOCKED = "tests/python/requirements/python-mcp.txt";
const ci = /^(1|true)$/i.test(process.env.CI ?? "");

describe("python-mcp", { skip: !python && !ci && "Python 3.11 or newer was not found" }, () => {
  let executable, projects, nango;
  before(async () => {
    executable = makeEnvironment("python-mcp");
    projects = makeProjects();
    nango = await serveNango();
  });
  after(async () => {
    await nango?.close();
    projects?.remove();
  });

  /** Runs the program. No registry can be reached: npx takes the package that is installed. */
  function report(env) {
    const more = { NO_PROXY: "127.0.0.1", PYTHONDONTWRITEBYTECODE: "1", npm_config_offline: "true" };
    return run(executable, ["report.py"], { cwd: projects.copy("python-mcp"), env: { ...more, ...env } });
  }

  test("it reports what needs attention and a link that repairs it, with a key", async () => {
    const { code, stdout, stderr } = await report(nango.env);
    assert.equal(code, 0, stderr);
    assert.match(
      stdout,
      /^zendesk-bluebird \(zendesk\) has errors: sync\nquickbooks-quarry \(quickbooks\) has errors: auth\n/,
    );
    assert.match(
      stdout,
      / {2}its user signs in again at http\S+session_token=nango_connect_session_\w+\n20 connections are/,
    );
    assert.deepEqual(nango.requests, ["GET /connections?limit=50&page=0", "POST /connect/sessions/reconnect"]);
    assert.ok(!(stdout + stderr).includes(nango.apiKey), "the key does not show");
  });

  test("NANGO_EMULATOR=1 gives it the in-memory Nango", async () => {
    const { code, stdout, stderr } = await report({ NANGO_EMULATOR: "1" });
    assert.equal(code, 0, stderr);
    assert.match(stdout, /\n20 connections are healthy\n$/);
  });

  test("a wrong key is an error with a sentence, no key one that names both variables", async () => {
    const wrong = await report({ ...nango.env, NANGO_SECRET_KEY: "00000000-0000-4000-8000-000000000000" });
    assert.deepEqual([wrong.code, wrong.stdout], [1, ""]);
    assert.match(wrong.stderr, /NANGO_CONNECTION_LIST_GET failed: .*unauthorized/);
    assert.doesNotMatch(wrong.stderr, /Traceback/);
    const missing = await report({});
    assert.deepEqual([missing.code, missing.stdout], [1, ""]);
    assert.match(missing.stderr, /^set NANGO_SECRET_KEY, or NANGO_EMULATOR=1/);
  });

  test("it names the versions that are tested", () => {
    const locked = readFileSync(at(LOCKED), "utf8").split("\n");
    const required = readFileSync(at("examples/python-mcp/requirements.txt"), "utf8").trim().split("\n");
    assert.deepEqual(
      required.filter((line) => !locked.includes(line)),
      [],
    );
    assert.ok(required.length > 0);
  });
});
