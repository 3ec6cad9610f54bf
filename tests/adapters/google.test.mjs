// Google's Gen AI client against a server of its wire format: a manual loop, the client's automatic one, and
// Gemini's own subset of schemas.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { GoogleGenAI } from "@google/genai";
import { handleToolCalls, toTools } from "../../pkg/dist/adapters/google.js";
import { startModel } from "./llm.mjs";
import { CONFIRM, DELETE, judge, makeToolkit, script } from "./scenario.mjs";

async function withModel(turns, work) {
  const model = await startModel(turns);
  try {
    await work(new GoogleGenAI({ apiKey: "x", httpOptions: { baseUrl: model.url } }), model.seen);
    assert.deepEqual(model.seen.refused, []);
  } finally {
    await model.close();
  }
}

/** Maps are lists of entries in Gemini's subset, and what is optional is left out. */
const subset = () =>
  script().map((turn) =>
    typeof turn === "string"
      ? turn
      : turn.map((call) =>
          call.args.tags
            ? { ...call, args: { tags: Object.entries(call.args.tags).map(([key, value]) => ({ key, value })) } }
            : call,
        ),
  );

describe("Google's Gen AI client", () => {
  for (const options of [{}, { schema: "gemini" }]) {
    const turns = options.schema ? subset() : script();
    const how = options.schema ? " in Gemini's subset" : "";

    test(`generateContent goes through the script${how}`, () =>
      withModel(turns, async (client, seen) => {
        const { nango, events } = makeToolkit({ policy: CONFIRM });
        const config = { tools: toTools(nango, options) };
        const contents = [{ role: "user", parts: [{ text: "go" }] }];
        for (;;) {
          const response = await client.models.generateContent({ model: "scripted", contents, config });
          contents.push(response.candidates[0].content);
          const parts = await handleToolCalls(nango, response, options);
          if (parts.length === 0) {
            // Tools without parameters have none.
            for (const tool of nango.tools())
              if (options.schema && Object.keys(tool.inputSchema.properties).length === 0)
                seen.tools[tool.slug].schema ??= undefined;
            return judge({ ...seen, text: response.text }, nango, { ...options, events });
          }
          contents.push({ role: "user", parts });
        }
      }));

    test(`the client's automatic calls go through the script${how}`, () =>
      withModel(turns, async (client, seen) => {
        const { nango, events } = makeToolkit({ policy: CONFIRM });
        const config = { tools: toTools(nango, { ...options, automatic: true }) };
        const response = await client.models.generateContent({ model: "scripted", contents: "go", config });
        judge({ ...seen, text: response.text }, nango, { ...options, events });
      }));
  }

  test("a tool that the options leave out is an error, and answered", async () => {
    const { nango, connections } = makeToolkit();
    const content = { role: "model", parts: [{ text: "I delete it." }, { functionCall: { id: "a", ...DELETE } }] };
    const [{ functionResponse }] = await handleToolCalls(nango, { candidates: [{ content }] }, { readOnly: true });
    assert.deepEqual(
      [functionResponse.id, functionResponse.name, functionResponse.response.error.kind],
      ["a", DELETE.name, "unknown_tool"],
    );
    assert.ok((await connections()).includes("hubspot-ada"));
    assert.deepEqual(await handleToolCalls(nango, {}), []);
  });
});
