// Google's Agent Development Kit, with our own model class: the loop, confirmation.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { BaseLlm, InMemoryRunner, LlmAgent, isBaseTool } from "@google/adk";
import { toTools } from "../../../pkg/dist/adapters/google-adk.js";
import { CONFIRM, DELETE, judge, makeToolkit, script } from "../scenario.mjs";

/** A model that follows a script and keeps what it saw. */
class Scripted extends BaseLlm {
  seen = { tools: {}, turns: [] };
  #turns;
  #at = 0;

  constructor(turns) {
    super({ model: "scripted" });
    this.#turns = turns;
  }

  async *generateContentAsync({ contents, config }) {
    const declarations = config.tools.flatMap((tool) => tool.functionDeclarations);
    for (const { name, description, parametersJsonSchema: schema } of declarations)
      this.seen.tools[name] = { schema, description };
    const responses = contents
      .at(-1)
      .parts.map((part) => part.functionResponse)
      .filter(Boolean);
    if (responses.length > 0) this.seen.turns.push(responses.map(({ name, response }) => ({ name, value: response })));
    const turn = this.#turns[this.#at++];
    const parts =
      typeof turn === "string"
        ? [{ text: turn }]
        : turn.map(({ name, args }, i) => ({ functionCall: { id: `call-${this.#at}-${i}`, name, args } }));
    yield { content: { role: "model", parts } };
  }
}

async function agentWith(nango, turns, options) {
  const model = new Scripted(turns);
  const tools = toTools(nango, options);
  assert.ok(tools.every(isBaseTool));
  const runner = new InMemoryRunner({ agent: new LlmAgent({ name: "scripted", model, tools }), appName: "test" });
  const { id: sessionId } = await runner.sessionService.createSession({ appName: "test", userId: "u" });
  const run = async (parts) => {
    const events = [];
    for await (const event of runner.runAsync({ userId: "u", sessionId, newMessage: { role: "user", parts } }))
      events.push(event);
    return events.flatMap((event) => event.content?.parts ?? []);
  };
  return { model, run };
}

describe("Google's Agent Development Kit", () => {
  test("goes through the script", async () => {
    const { nango, events } = makeToolkit({ policy: CONFIRM });
    const { model, run } = await agentWith(nango, script());
    const parts = await run([{ text: "go" }]);
    judge({ ...model.seen, text: parts.at(-1).text }, nango, { events });
  });

  for (const confirmed of [true, false]) {
    test(`a destructive call waits for a person, who ${confirmed ? "approves" : "refuses"}`, async () => {
      const { nango, connections } = makeToolkit({ policy: CONFIRM });
      const { run } = await agentWith(nango, [[DELETE], "done"], { needsApproval: true });
      const parts = await run([{ text: "go" }]);
      const { functionCall } = parts.find((part) => part.functionCall?.name === "adk_request_confirmation");
      assert.ok((await connections()).includes("hubspot-ada"), "nothing happened yet");
      const { id, name } = functionCall;
      const rest = await run([{ functionResponse: { id, name, response: { confirmed } } }]);
      assert.equal(rest.at(-1).text, "done");
      assert.equal((await connections()).includes("hubspot-ada"), !confirmed);
    });
  }
});
