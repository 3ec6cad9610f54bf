// Mastra's Agent, with the AI SDK's mock model: the loop, strict and not, approval.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Agent } from "@mastra/core/agent";
import { Mastra } from "@mastra/core/mastra";
import { InMemoryStore } from "@mastra/core/storage";
import { toTools } from "../../pkg/dist/adapters/mastra.js";
import { CONFIRM, DELETE, judge, makeToolkit, script } from "./scenario.mjs";
import { scripted } from "./model.mjs";

const agentWith = (nango, turns, options) => {
  const { model, seen } = scripted(turns);
  const agent = new Agent({
    id: "scripted",
    name: "scripted",
    instructions: "go",
    model,
    tools: toTools(nango, options),
  });
  const mastra = new Mastra({ agents: { agent }, storage: new InMemoryStore(), logger: false });
  return { agent: mastra.getAgent("agent"), seen };
};

describe("Mastra", () => {
  for (const strict of [false, true]) {
    test(`goes through the script${strict ? " in strict mode" : ""}`, async () => {
      const { nango, events } = makeToolkit({ policy: CONFIRM });
      const { agent, seen } = agentWith(nango, script({ strict }), { strict });
      const { text } = await agent.generate("go", { maxSteps: 9 });
      judge({ ...seen, text }, nango, { ...(strict && { schema: "openai-strict" }), events });
    });
  }

  for (const approved of [true, false]) {
    test(`a destructive call waits for a person, who ${approved ? "approves" : "refuses"}`, async () => {
      const { nango, connections } = makeToolkit();
      const { agent } = agentWith(nango, [[DELETE], "done"], { needsApproval: true });
      const waiting = await agent.generate("go", { maxSteps: 9 });
      assert.equal(waiting.finishReason, "suspended");
      assert.ok((await connections()).includes("hubspot-ada"), "nothing happened yet");
      const answer = { runId: waiting.runId, toolCallId: waiting.suspendPayload.toolCallId };
      const { text } = await (approved ? agent.approveToolCallGenerate(answer) : agent.declineToolCallGenerate(answer));
      assert.equal(text, "done");
      assert.equal((await connections()).includes("hubspot-ada"), !approved);
    });
  }
});
