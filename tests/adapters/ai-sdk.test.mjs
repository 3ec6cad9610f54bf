// Vercel's AI SDK, with its own mock model: generateText and streamText, strict and not, approval, cancellation.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { generateText, isStepCount, streamText } from "ai";
import { toTools } from "../../pkg/dist/adapters/ai-sdk.js";
import { scripted } from "./model.mjs";
import { CONFIRM, DELETE, judge, makeToolkit, script } from "./scenario.mjs";

describe("the AI SDK", () => {
  for (const strict of [false, true]) {
    test(`generateText goes through the script${strict ? " in strict mode" : ""}`, async () => {
      const { nango, events } = makeToolkit({ policy: CONFIRM });
      const { model, seen } = scripted(script({ strict }));
      const { text, steps } = await generateText({
        model,
        tools: toTools(nango, { strict }),
        prompt: "go",
        stopWhen: isStepCount(9),
      });
      judge({ ...seen, text }, nango, { ...(strict && { schema: "openai-strict" }), events });
      assert.ok(Object.values(seen.tools).every((tool) => (tool.strict ?? false) === strict));
      // A program sees the whole result.
      assert.equal(steps[0].toolResults[0].output.meta.attempts, 1);
      assert.equal(typeof steps.at(-2).toolResults[0].output.error.details.token, "string");
    });
  }

  test("streamText goes through the script", async () => {
    const { nango, events } = makeToolkit({ policy: CONFIRM });
    const { model, seen } = scripted(script());
    const result = streamText({ model, tools: toTools(nango), prompt: "go", stopWhen: isStepCount(9) });
    judge({ ...seen, text: await result.text }, nango, { events });
  });

  for (const approved of [true, false]) {
    test(`a destructive call waits for a person, who ${approved ? "approves" : "refuses"}`, async () => {
      const { nango, connections } = makeToolkit({ policy: CONFIRM });
      const tools = toTools(nango, { needsApproval: true });
      assert.equal(tools.NANGO_CONNECTION_LIST_GET.needsApproval, undefined);
      const { model } = scripted([[DELETE], "done"]);
      const messages = [{ role: "user", content: "go" }];
      const first = await generateText({ model, tools, messages });
      const [request] = first.content.filter((part) => part.type === "tool-approval-request");
      assert.equal(request.toolCall.toolName, DELETE.name);
      assert.ok((await connections()).includes("hubspot-ada"), "nothing happened yet");
      messages.push(...first.response.messages, {
        role: "tool",
        content: [{ type: "tool-approval-response", approvalId: request.approvalId, approved }],
      });
      const { text } = await generateText({ model, tools, messages });
      assert.equal(text, "done");
      assert.equal((await connections()).includes("hubspot-ada"), !approved);
    });
  }

  test("an aborted run ends its calls", async () => {
    const { nango, emulator } = makeToolkit();
    emulator.setFaults({ latencyMs: 60_000 });
    const { model } = scripted(script());
    const controller = new AbortController();
    const run = generateText({
      model,
      tools: toTools(nango),
      prompt: "go",
      stopWhen: isStepCount(9),
      abortSignal: controller.signal,
    });
    setImmediate(() => controller.abort());
    await assert.rejects(run, { name: "AbortError" });
  });

  test("options choose the tools", () => {
    const { nango } = makeToolkit();
    assert.deepEqual(Object.keys(toTools(nango, { tools: ["NANGO_LIST_INTEGRATIONS"] })), ["NANGO_LIST_INTEGRATIONS"]);
    assert.throws(() => toTools(nango, { toolset: ["proxy"] }), { hint: /did you mean `toolsets`/ });
  });
});
