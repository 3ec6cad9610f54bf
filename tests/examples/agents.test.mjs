// The agents of examples/, run as their READMEs say: with the packed package, a model that follows a script, and an
// in-memory Nango, which is reached by a key and an address or is in the process.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { startModel } from "../adapters/llm.mjs";
import { at, makeProjects, run, serveNango } from "./support.mjs";

const ADA = { connection_id: "hubspot-ada", provider_config_key: "hubspot" };
const GRACE = { connection_id: "bamboohr-acme", provider_config_key: "bamboohr" };
const list = (args = {}) => ({ name: "NANGO_CONNECTION_LIST_GET", args });
const get = (args) => ({ name: "NANGO_GET_CONNECTION", args });
const remove = (args) => ({ name: "NANGO_DELETE_CONNECTION", args });

/** What a model answers that has just seen a list of connections. */
const idsOf = ([{ value }]) => value.data.connections.map((one) => one.connection_id).join(", ");

/** How an agent finds the model: by the variables that its SDK reads. */
const ANTHROPIC = (url) => ({ ANTHROPIC_BASE_URL: url, ANTHROPIC_API_KEY: "none" });
const OPENAI = (url) => ({ OPENAI_BASE_URL: url, OPENAI_API_KEY: "none" });

let projects;
before(() => (projects = makeProjects()));
after(() => projects?.remove());

/** Runs `agent.ts` of an example with a scripted model and returns what it printed and what the model saw. */
async function runAgent(name, turns, { model: variables, env, prompt = "go", answers }) {
  const model = await startModel(turns);
  try {
    const options = { cwd: projects.copy(name), answers, env: { ...variables(model.url), ...env } };
    const ended = await run(process.execPath, ["agent.ts", prompt], options);
    return { ...ended, ...model.seen };
  } finally {
    await model.close();
  }
}

/** Runs it on a Nango over HTTP, as with a real key, and returns the requests and connections of that, too. */
async function runWithKey(name, turns, { env, ...options }) {
  const nango = await serveNango();
  try {
    const seen = await runAgent(name, turns, { ...options, env: { ...nango.env, ...env } });
    assert.deepEqual([seen.code, seen.refused], [0, []], seen.stderr);
    assert.ok(!JSON.stringify(seen).includes(nango.apiKey), "the key does not show");
    assert.doesNotMatch(JSON.stringify(seen), /emulated-(access|refresh)-token/, "secrets do not show");
    return { ...seen, requests: nango.requests, connections: nango.connections() };
  } finally {
    await nango.close();
  }
}

/** What holds for each agent: its types, and where it gets Nango from. */
function behavesAsAll(name, variables, found) {
  test("tsc accepts it", async () => {
    const tsc = at("node_modules/typescript/bin/tsc");
    const { code, stdout } = await run(process.execPath, [tsc], { cwd: projects.copy(name) });
    assert.equal(code, 0, stdout);
  });

  test("NANGO_EMULATOR=1 gives it the in-memory Nango, even beside a key", async () => {
    const env = { NANGO_EMULATOR: "1", NANGO_SECRET_KEY: "a-real-key", NANGO_HOST: "http://127.0.0.1:9" };
    const { code, stdout, stderr } = await runAgent(name, [[list()], idsOf], { model: variables, env, prompt: found });
    assert.equal(code, 0, stderr);
    assert.match(stdout, /\bhubspot-ada\b/);
  });

  test("without a key it stops and names both variables", async () => {
    const { code, stderr, requests } = await runAgent(name, [], { model: variables, env: {} });
    assert.deepEqual([code, requests], [1, 0]);
    assert.match(stderr, /set NANGO_SECRET_KEY, or NANGO_EMULATOR=1/);
  });
}

describe("ai-sdk-agent", () => {
  behavesAsAll("ai-sdk-agent", ANTHROPIC, "go");

  test("it sees and touches only what is that user's", async () => {
    const turns = [[get(GRACE), get(ADA), remove(ADA)], [list()], idsOf];
    const options = { model: ANTHROPIC, env: { NANGO_USER: "ada" }, prompt: "Which accounts have I connected?" };
    const { stdout, stderr, tools, turns: seen, ...nango } = await runWithKey("ai-sdk-agent", turns, options);
    assert.equal(stdout, "google-calendar-ada, quickbooks-acme, github-ada, hubspot-ada\n");
    const [foreign, own, deleted] = seen[0];
    assert.deepEqual([foreign.failed, foreign.value.error.kind], [true, "not_found"]);
    assert.deepEqual([own.failed, own.value.data.connection_id], [false, "hubspot-ada"]);
    assert.match(own.value.data.credentials.access_token, /redacted/);
    assert.match(stderr, /-> NANGO_CONNECTION_LIST_GET \{\}/);
    // What the policy denies is not offered, and does not run.
    assert.ok(tools.NANGO_CONNECTION_LIST_GET && !tools.NANGO_DELETE_CONNECTION, Object.keys(tools).join(" "));
    assert.deepEqual([deleted.failed, JSON.stringify(deleted.value).includes("unavailable tool")], [true, true]);
    assert.ok(
      nango.requests.every((one) => one.startsWith("GET /connections")),
      nango.requests.join("\n"),
    );
    assert.ok(nango.connections.includes("hubspot-ada"));
  });

  test("with a key, it does not choose a user by itself", async () => {
    const env = { NANGO_SECRET_KEY: "a-real-key" };
    const { code, stderr } = await runAgent("ai-sdk-agent", [], { model: ANTHROPIC, env });
    assert.equal(code, 1);
    assert.match(stderr, /set NANGO_USER/);
  });
});

describe("openai-agent", () => {
  behavesAsAll("openai-agent", OPENAI, "go");

  test("a person confirms each deletion: one is allowed, one is not", async () => {
    const trello = { connection_id: "trello-barbara", provider_config_key: "trello" };
    const turns = [[list({ integration_id: ["trello"] })], [remove(trello), remove(ADA)], () => "One is deleted."];
    const options = { model: OPENAI, answers: ["y", "n"] };
    const { stdout, stderr, turns: seen, requests, connections } = await runWithKey("openai-agent", turns, options);
    assert.equal(stdout, "One is deleted.\n");
    assert.match(stderr, /wants to: Delete Connection .*trello-barbara[^]*wants to: Delete Connection .*hubspot-ada/);
    assert.deepEqual(
      seen[1].map(({ value }) => value.error?.kind ?? "done"),
      ["done", "denied"],
    );
    assert.deepEqual(requests, [
      "GET /connections?integrationId=trello",
      "DELETE /connections/trello-barbara?provider_config_key=trello",
    ]);
    assert.ok(connections.includes("hubspot-ada") && !connections.includes("trello-barbara"));
  });

  test("the question shows the characters that could disguise it", async () => {
    // C1 controls (one begins a command to the terminal), the direction of the text, no width, a line end, a tag.
    const hidden = "\u009b2K\u0085\u202e\u2066\u200f\u200b\u2028\u{e0041}";
    const args = { ...ADA, connection_id: [ADA.connection_id], metadata: { note: `né-${hidden}-ada` } };
    const turns = [[{ name: "NANGO_UPDATE_CONNECTION_METADATA", args }], "Nothing is changed."];
    const { stderr, turns: seen } = await runWithKey("openai-agent", turns, { model: OPENAI, answers: ["n"] });
    assert.equal(seen[0][0].value.error.kind, "denied");
    const [, question] = /wants to: (.*)\nAllow it\? \[y\/N\]/.exec(stderr);
    const shown = String.raw`né-\u{9b}2K\u{85}\u{202e}\u{2066}\u{200f}\u{200b}\u{2028}\u{e0041}-ada`;
    assert.ok(question.includes(`"${shown}"`), question);
  });

  for (const [who, answers] of [
    ["without a person", []],
    ["when the person leaves at the question", [null]],
  ])
    test(`${who}, nothing is deleted`, async () => {
      const turns = [[remove(ADA)], "Nothing is deleted."];
      const { stdout, turns: seen, connections } = await runWithKey("openai-agent", turns, { model: OPENAI, answers });
      assert.equal(stdout, "Nothing is deleted.\n");
      assert.equal(seen[0][0].value.error.kind, "denied");
      assert.ok(connections.includes("hubspot-ada"));
    });

  test("a model that never answers is stopped", async () => {
    const env = { NANGO_EMULATOR: "1" };
    const turns = Array.from({ length: 20 }, () => [list({ limit: 1 })]);
    const { code, stderr, requests } = await runAgent("openai-agent", turns, { model: OPENAI, env });
    assert.deepEqual([code, requests], [1, 10]);
    assert.match(stderr, /no answer after 10 turns/);
  });
});

describe("langchain-agent", () => {
  const prompt = "Who has connected HubSpot?";
  behavesAsAll("langchain-agent", OPENAI, prompt);

  test("it offers the tools that fit, and runs no other", async () => {
    const turns = [[remove(ADA), list({ integration_id: ["hubspot"] })], ([, found]) => idsOf([found])];
    const {
      stdout,
      stderr,
      tools,
      turns: seen,
      requests,
      connections,
    } = await runWithKey("langchain-agent", turns, {
      model: OPENAI,
      prompt,
    });
    assert.equal(stdout, "hubspot-katherine, hubspot-ada\n");
    const offered = Object.keys(tools);
    assert.ok(offered.includes("NANGO_CONNECTION_LIST_GET") && offered.length <= 5, offered.join(" "));
    assert.equal(seen[0][1].value.successful, true);
    assert.deepEqual(requests, ["GET /connections?integrationId=hubspot"]);
    assert.match(seen[0][0].value, /NANGO_DELETE_CONNECTION is not a valid tool/);
    assert.ok(connections.includes("hubspot-ada"));
    assert.match(stderr, /-> NANGO_CONNECTION_LIST_GET: success/);
  });

  test("a question without a tool that fits is an error", async () => {
    const { code, stderr } = await runAgent("langchain-agent", [], {
      model: OPENAI,
      env: { NANGO_EMULATOR: "1" },
      prompt: "qwertz",
    });
    assert.equal(code, 1);
    assert.match(stderr, /no tool fits the question: qwertz/);
  });
});
