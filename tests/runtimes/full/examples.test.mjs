// The example for Next.js: built and started as its README says, asked by a client and by the page in the browser.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { startModel } from "../../adapters/llm.mjs";
import { makeProjects, serveNango } from "../../examples/support.mjs";
import { launchChromium, programs } from "../runtimes.mjs";
import { ci, missing, runTool, served, tool } from "./projects.mjs";

const NEXT = tool("next/dist/bin/next");
const QUESTION = { id: "1", role: "user", parts: [{ type: "text", text: "Which accounts have I connected?" }] };
const list = { name: "NANGO_CONNECTION_LIST_GET", args: {} };
const GRACE = { connection_id: "bamboohr-acme", provider_config_key: "bamboohr" };
const foreign = { name: "NANGO_GET_SYNC_STATUS", args: { ...GRACE, syncs: ["employees"] } };
const remove = {
  name: "NANGO_DELETE_CONNECTION",
  args: { connection_id: "hubspot-ada", provider_config_key: "hubspot" },
};

/** The connections of the last result, as a model may list them. */
const idsOf = (results) => results[0].value.data.connections.map((one) => one.connection_id).join(", ");

describe("nextjs-route", { skip: missing }, () => {
  let projects, path;
  before(async () => {
    projects = makeProjects("tests/runtimes/full");
    path = projects.copy("nextjs-route");
    await runTool(path, "next/dist/bin/next", "build");
  });
  after(() => projects?.remove());

  /** Starts the built application with a model that follows these turns, and runs `work` with all of it. */
  async function withApp(turns, env, work) {
    const nango = await serveNango();
    const model = await startModel(turns);
    const all = { ...nango.env, ANTHROPIC_BASE_URL: model.url, ANTHROPIC_API_KEY: "none", ...env };
    try {
      const start = (port) => [NEXT, "start", "-p", port, "-H", "127.0.0.1"];
      await served(path, start, (url, log) => work({ url, log, nango, seen: model.seen }), all);
    } finally {
      await model.close();
      await nango.close();
    }
  }
  const ask = (url) => fetch(`${url}/api/agent`, { method: "POST", body: JSON.stringify({ messages: [QUESTION] }) });

  test("the route streams the calls and the answer, for the user who has signed in", async () => {
    const turns = [[foreign, remove], [list], idsOf];
    await withApp(turns, { DEMO_USER: "ada" }, async ({ url, nango, seen, log }) => {
      const response = await ask(url);
      const text = await response.text();
      assert.deepEqual([response.status, seen.refused], [200, []], text + log());
      assert.match(response.headers.get("content-type"), /^text\/event-stream/);
      const parts = text.split("\n\n").filter((one) => one.startsWith("data: {"));
      const events = parts.map((one) => JSON.parse(one.slice("data: ".length)));
      const called = events.filter((one) => one.type === "tool-input-available").map((one) => one.toolName);
      assert.deepEqual(called, [foreign.name, list.name]);
      const answer = events.filter((one) => one.type === "text-delta").map((one) => one.delta);
      assert.equal(answer.join(""), "google-calendar-ada, quickbooks-acme, github-ada, hubspot-ada");
      const [notTheirs, notOffered] = seen.turns[0];
      assert.deepEqual([notTheirs.failed, notTheirs.value.error.kind], [true, "not_found"]);
      assert.match(notOffered.value, /unavailable tool 'NANGO_DELETE_CONNECTION'/);
      assert.ok(!seen.tools.NANGO_DELETE_CONNECTION && seen.tools.NANGO_GET_SYNC_STATUS);
      assert.ok(
        nango.requests.every((one) => one.startsWith("GET /connections")),
        nango.requests.join("\n"),
      );
      assert.ok(!text.includes(nango.apiKey), "the key does not show");
    });
  });

  test("without a user who has signed in it refuses", async () => {
    await withApp([], {}, async ({ url, seen }) => {
      const response = await ask(url);
      assert.deepEqual([response.status, await response.json(), seen.requests], [401, { error: "sign in first" }, 0]);
    });
  });

  test("wrong messages are an error of the client, a missing key one of the server's log", async () => {
    const env = { DEMO_USER: "ada", NANGO_SECRET_KEY: "" };
    await withApp([], env, async ({ url, log, seen }) => {
      for (const body of ["", "null", '{"messages":[{"role":"user"}]}']) {
        const response = await fetch(`${url}/api/agent`, { method: "POST", body });
        assert.deepEqual([response.status, Object.keys(await response.json())], [400, ["error"]], body);
      }
      assert.equal((await ask(url)).status, 500);
      assert.match(log(), /set NANGO_SECRET_KEY, or NANGO_EMULATOR=1/);
      assert.equal(seen.requests, 0);
    });
  });

  const noBrowser = !programs.chromium() && !ci && "chromium is not installed";
  test("the page shows the answer, from the in-memory Nango", { skip: noBrowser }, async () => {
    const env = { DEMO_USER: "ada", NANGO_EMULATOR: "1" };
    await withApp([[list], idsOf], env, async ({ url, nango }) => {
      const browser = await launchChromium();
      try {
        const page = await browser.newPage();
        await page.goto(url);
        await page.getByRole("button", { name: "Ask" }).click();
        await page.getByText("google-calendar-ada, quickbooks-acme").waitFor({ timeout: 60_000 });
        await page.getByText("NANGO_CONNECTION_LIST_GET: output-available").waitFor();
        assert.deepEqual(nango.requests, []);
      } finally {
        await browser.close();
      }
    });
  });
});
