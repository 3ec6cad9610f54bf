// OpenAI's Agents SDK, with our own model class: the loop, strict and not, approval.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Agent, Runner, Usage, setTracingDisabled } from "@openai/agents";
import { toTools } from "../../pkg/dist/adapters/openai-agents.js";
import { CONFIRM, DELETE, judge, makeToolkit, script } from "./scenario.mjs";

setTracingDisabled(true);

/** The result of a tool; the SDK itself reports a refused call as plain text. */
const parsed = (text) => (text.startsWith("{") ? JSON.parse(text) : text);

/** A model that follows a script and keeps what it saw. */
class Scripted {
  seen = { tools: {}, turns: [] };
  #turns;
  #at = 0;

  constructor(turns) {
    this.#turns = turns;
  }

  async getResponse({ input, tools }) {
    for (const { name, parameters: schema, description, strict } of tools)
      this.seen.tools[name] = { schema, description, strict };
    const last = input.map((item) => item.type).lastIndexOf("function_call");
    const results = input.slice(last + 1).filter((item) => item.type === "function_call_result");
    if (results.length > 0)
      this.seen.turns.push(results.map(({ name, output }) => ({ name, value: parsed(output.text ?? output) })));
    const turn = this.#turns[this.#at++];
    const output =
      typeof turn === "string"
        ? [{ type: "message", role: "assistant", status: "completed", content: [{ type: "output_text", text: turn }] }]
        : turn.map(({ name, args }, i) => ({
            type: "function_call",
            callId: `call-${this.#at}-${i}`,
            name,
            status: "completed",
            arguments: JSON.stringify(args),
          }));
    return { usage: new Usage(), output };
  }
}

const agentWith = (nango, turns, options) => {
  const model = new Scripted(turns);
  return {
    model,
    agent: new Agent({ name: "scripted", instructions: "go", model, tools: toTools(nango, options) }),
    runner: new Runner(),
  };
};

describe("the OpenAI Agents SDK", () => {
  for (const strict of [false, true]) {
    test(`goes through the script${strict ? " in strict mode" : ""}`, async () => {
      const { nango, events } = makeToolkit({ policy: CONFIRM });
      const { model, agent, runner } = agentWith(nango, script({ strict }), { strict });
      const { finalOutput } = await runner.run(agent, "go");
      judge({ ...model.seen, text: finalOutput }, nango, { ...(strict && { schema: "openai-strict" }), events });
      assert.ok(Object.values(model.seen.tools).every((tool) => tool.strict === strict));
    });
  }

  for (const approved of [true, false]) {
    test(`a destructive call waits for a person, who ${approved ? "approves" : "refuses"}`, async () => {
      const { nango, connections } = makeToolkit({ policy: CONFIRM });
      const { agent, runner } = agentWith(nango, [[DELETE], "done"], { needsApproval: true });
      const waiting = await runner.run(agent, "go");
      assert.equal(waiting.interruptions.length, 1);
      assert.ok((await connections()).includes("hubspot-ada"), "nothing happened yet");
      waiting.state[approved ? "approve" : "reject"](waiting.interruptions[0]);
      const { finalOutput } = await runner.run(agent, waiting.state);
      assert.equal(finalOutput, "done");
      assert.equal((await connections()).includes("hubspot-ada"), !approved);
    });
  }

  test("arguments that are not JSON get a result, too", async () => {
    const { nango } = makeToolkit();
    const [tool] = toTools(nango, { tools: ["NANGO_GET_CONNECTION"] });
    const { error } = JSON.parse(await tool.invoke({}, "{"));
    assert.equal(error.kind, "invalid_arguments");
  });
});
