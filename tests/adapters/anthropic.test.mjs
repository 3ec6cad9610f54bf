// Anthropic's own client against a server of its wire format: messages and the tool runner.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import Anthropic from "@anthropic-ai/sdk";
import { handleToolCalls, toTools } from "../../pkg/dist/adapters/anthropic.js";
import { startModel } from "./llm.mjs";
import { CONFIRM, DELETE, judge, makeToolkit, script } from "./scenario.mjs";

async function withModel(turns, work) {
  const model = await startModel(turns);
  try {
    await work(new Anthropic({ apiKey: "x", baseURL: model.url, maxRetries: 0 }), model.seen);
    assert.deepEqual(model.seen.refused, []);
  } finally {
    await model.close();
  }
}

const request = { model: "scripted", max_tokens: 1000 };

describe("Anthropic's client", () => {
  test("messages go through the script", () =>
    withModel(script(), async (client, seen) => {
      const { nango, events } = makeToolkit({ policy: CONFIRM });
      const tools = toTools(nango, { cache: true });
      const messages = [{ role: "user", content: "go" }];
      for (;;) {
        const message = await client.messages.create({ ...request, messages, tools });
        messages.push({ role: "assistant", content: message.content });
        const results = await handleToolCalls(nango, message, { cache: true });
        if (results.length === 0) {
          judge({ ...seen, text: message.content[0].text }, nango, { events });
          const cached = Object.values(seen.tools).filter((tool) => tool.cache_control);
          assert.deepEqual(
            cached.map((tool) => tool.name),
            [nango.tools().at(-1).slug],
          );
          return;
        }
        messages.push({ role: "user", content: results });
      }
    }));

  test("a streamed message goes through the script, too", () =>
    withModel(script(), async (client, seen) => {
      const { nango, events } = makeToolkit({ policy: CONFIRM });
      const messages = [{ role: "user", content: "go" }];
      for (;;) {
        const message = await client.messages.stream({ ...request, messages, tools: toTools(nango) }).finalMessage();
        messages.push({ role: "assistant", content: message.content });
        const results = await handleToolCalls(nango, message);
        if (results.length === 0) return judge({ ...seen, text: message.content[0].text }, nango, { events });
        messages.push({ role: "user", content: results });
      }
    }));

  test("toolRunner goes through the script", () =>
    withModel(script(), async (client, seen) => {
      const { nango, events } = makeToolkit({ policy: CONFIRM });
      const message = await client.beta.messages.toolRunner({
        ...request,
        messages: [{ role: "user", content: "go" }],
        tools: toTools(nango),
      });
      judge({ ...seen, text: message.content[0].text }, nango, { events });
    }));

  test("a tool that the options leave out is an error, and answered", async () => {
    const { nango, connections } = makeToolkit();
    const content = [
      { type: "text", text: "I delete it." },
      { type: "tool_use", id: "a", name: DELETE.name, input: DELETE.args },
    ];
    const [result, ...others] = await handleToolCalls(nango, { content }, { readOnly: true });
    assert.deepEqual([result.tool_use_id, result.is_error, others], ["a", true, []]);
    assert.ok((await connections()).includes("hubspot-ada"));
    assert.deepEqual(await handleToolCalls(nango, { content: "only text" }), []);
  });

  test("cache_control may say how long", () => {
    const { nango } = makeToolkit();
    assert.deepEqual(toTools(nango, { cache: { type: "ephemeral", ttl: "1h" } }).at(-1).cache_control, {
      type: "ephemeral",
      ttl: "1h",
    });
    assert.ok(toTools(nango).every((tool) => !("cache_control" in tool)));
    assert.deepEqual(toTools(nango, { cache: true, tools: [] }), []);
  });
});
