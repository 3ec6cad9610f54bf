// LlamaIndex.TS's agent, with our own model object.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { agent, agentToolCallResultEvent } from "@llamaindex/workflow";
import { toTools } from "../../../pkg/dist/adapters/llamaindex.js";
import { CONFIRM, judge, makeToolkit, script } from "../scenario.mjs";

/** A model that follows a script and keeps what it saw. */
function scripted(turns) {
  const seen = { tools: {}, turns: [], answers: [] };
  let at = 0;
  const llm = {
    supportToolCall: true,
    metadata: {
      model: "scripted",
      temperature: 0,
      topP: 1,
      contextWindow: 1e6,
      maxTokens: 1000,
      tokenizer: undefined,
      structuredOutput: false,
    },
    async chat({ messages, tools }) {
      for (const { metadata } of tools)
        seen.tools[metadata.name] = { schema: metadata.parameters, description: metadata.description };
      seen.answers.push(...messages.map((message) => message.options?.toolResult).filter(Boolean));
      const turn = turns[at++];
      const toolCall =
        typeof turn === "string" ? [] : turn.map(({ name, args }, i) => ({ id: `call-${at}-${i}`, name, input: args }));
      const chunk = {
        delta: typeof turn === "string" ? turn : "",
        raw: null,
        options: toolCall.length > 0 ? { toolCall } : {},
      };
      return (async function* () {
        yield chunk;
      })();
    },
  };
  return { llm, seen };
}

describe("LlamaIndex.TS", () => {
  for (const strict of [false, true]) {
    test(`goes through the script${strict ? " in strict mode" : ""}`, async () => {
      const { nango } = makeToolkit({ policy: CONFIRM });
      const turns = script({ strict });
      const { llm, seen } = scripted(turns);
      const events = agent({ llm, tools: toTools(nango, { strict }), verbose: false }).runStream("go");
      const results = [];
      let text;
      for await (const event of events) {
        if (agentToolCallResultEvent.include(event)) results.push({ name: event.data.toolName, value: event.data.raw });
        if (typeof event.data?.result === "string") text = event.data.result;
      }
      for (const turn of turns.filter((one) => typeof one !== "string"))
        seen.turns.push(results.splice(0, turn.length));
      judge({ ...seen, text }, nango, strict ? { schema: "openai-strict" } : {});
      // Values that the framework would take for its own errors do not occur.
      assert.ok(
        seen.answers.length > 0 &&
          seen.answers.every(
            (answer) => !answer.isError && !/not a valid JSONValue/.test(JSON.stringify(answer.result)),
          ),
      );
    });
  }

  test("no null is left anywhere", async () => {
    const source = {
      tools: () => [{ slug: "X", description: "d", inputSchema: {}, annotations: {} }],
      execute: async () => ({
        successful: true,
        data: { a: null, b: [null, { c: null, d: 1 }], e: false, f: 0 },
        error: null,
        meta: {},
      }),
    };
    const [tool] = toTools(source);
    assert.deepEqual(await tool.call({}), { successful: true, data: { b: ["null", { d: 1 }], e: false, f: 0 } });
  });
});
