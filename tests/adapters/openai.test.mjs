// OpenAI's own client against a server of its wire formats: Responses, Chat Completions, runTools; strict and not.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import OpenAI from "openai";
import { handleToolCalls, toTools } from "../../pkg/dist/adapters/openai.js";
import { startModel } from "./llm.mjs";
import { CONFIRM, DELETE, judge, makeToolkit, script } from "./scenario.mjs";

async function withModel(turns, work) {
  const model = await startModel(turns);
  try {
    await work(new OpenAI({ apiKey: "x", baseURL: model.url, maxRetries: 0 }), model.seen);
    assert.deepEqual(model.seen.refused, []);
  } finally {
    await model.close();
  }
}

describe("OpenAI's client", () => {
  for (const strict of [false, true]) {
    const how = strict ? " in strict mode" : "";
    const schema = strict ? { schema: "openai-strict" } : {};

    test(`Responses go through the script${how}`, () =>
      withModel(script({ strict }), async (client, seen) => {
        const { nango, events } = makeToolkit({ policy: CONFIRM });
        const tools = toTools(nango, { strict });
        const input = [{ role: "user", content: "go" }];
        for (;;) {
          const response = await client.responses.create({ model: "scripted", input, tools });
          const outputs = await handleToolCalls(nango, response, { strict });
          if (outputs.length === 0) return judge({ ...seen, text: response.output_text }, nango, { ...schema, events });
          input.push(...response.output, ...outputs);
        }
      }));

    test(`Chat Completions go through the script${how}`, () =>
      withModel(script({ strict }), async (client, seen) => {
        const { nango, events } = makeToolkit({ policy: CONFIRM });
        const options = { api: "chat", strict };
        const messages = [{ role: "user", content: "go" }];
        for (;;) {
          const response = await client.chat.completions.create({
            model: "scripted",
            messages,
            tools: toTools(nango, options),
          });
          const [{ message }] = response.choices;
          messages.push(message);
          const replies = await handleToolCalls(nango, response, options);
          if (replies.length === 0) return judge({ ...seen, text: message.content }, nango, { ...schema, events });
          messages.push(...replies);
        }
      }));

    test(`runTools goes through the script${how}`, () =>
      withModel(script({ strict }), async (client, seen) => {
        const { nango } = makeToolkit({ policy: CONFIRM });
        const runner = client.chat.completions.runTools({
          model: "scripted",
          messages: [{ role: "user", content: "go" }],
          tools: toTools(nango, { api: "chat", strict }),
        });
        judge({ ...seen, text: await runner.finalContent() }, nango, schema);
      }));
  }
});

describe("handleToolCalls", () => {
  const call = (name, args, call_id) => ({ type: "function_call", call_id, name, arguments: JSON.stringify(args) });
  const output = async (...given) =>
    (await handleToolCalls(...given)).map(({ call_id, output }) => ({ id: call_id, ...JSON.parse(output) }));

  test("does not run what the options leave out", async () => {
    const { nango, connections } = makeToolkit();
    const [one, two] = await output(
      nango,
      [call(DELETE.name, DELETE.args, "a"), call("NANGO_LIST_INTEGRATIONS", {}, "b")],
      { readOnly: true },
    );
    assert.deepEqual([one.id, one.error.kind, two.id, two.successful], ["a", "unknown_tool", "b", true]);
    assert.ok((await connections()).includes("hubspot-ada"));
  });

  test("lists the existing tools when a model invents one", async () => {
    const { nango } = makeToolkit();
    const [one] = await output(nango, [call("NANGO_LIST_INTEGRATION", {}, "a")]);
    assert.equal(one.error.kind, "unknown_tool");
    assert.match(one.error.hint, /NANGO_LIST_INTEGRATIONS/);
  });

  test("leaves the caller's own tools alone", async () => {
    const { nango } = makeToolkit();
    const answers = await output(nango, [call("weather", {}, "a"), call("NANGO_LIST_INTEGRATIONS", {}, "b")], {
      except: ["weather"],
    });
    assert.deepEqual(
      answers.map((one) => one.id),
      ["b"],
    );
  });

  test("a denial by a read-only policy is returned, not thrown", async () => {
    const { nango, connections } = makeToolkit({ policy: { readOnly: true } });
    const [one] = await output(nango, [call(DELETE.name, DELETE.args, "a")]);
    assert.equal(one.error.kind, "denied");
    assert.ok((await connections()).includes("hubspot-ada"));
  });

  test("calls of one turn run concurrently, and their results keep the order", async () => {
    let [running, most] = [0, 0];
    const source = {
      tools: () => [],
      execute: async (name, args) => {
        most = Math.max(most, ++running);
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
        return { successful: true, data: JSON.parse(args), error: null, meta: { tool: name, attempts: 1 } };
      },
    };
    const answers = await output(
      source,
      [3, 1, 2].map((n) => call("NANGO_LIST_INTEGRATIONS", { n }, `c${n}`)),
    );
    assert.equal(most, 3);
    assert.deepEqual(
      answers.map(({ id, data }) => [id, data.n]),
      [
        ["c3", 3],
        ["c1", 1],
        ["c2", 2],
      ],
    );
  });

  test("a signal ends the calls in progress", async () => {
    const { nango, emulator } = makeToolkit();
    emulator.setFaults({ latencyMs: 60_000 });
    const controller = new AbortController();
    const answers = output(nango, [call("NANGO_LIST_INTEGRATIONS", {}, "a")], { signal: controller.signal });
    controller.abort();
    assert.equal((await answers)[0].error.kind, "aborted");
  });

  test("arguments that are not JSON, and a turn without calls", async () => {
    const { nango } = makeToolkit();
    const [one] = await output(nango, [
      { type: "function_call", call_id: "a", name: "NANGO_GET_CONNECTION", arguments: "{" },
    ]);
    assert.equal(one.error.kind, "invalid_arguments");
    for (const nothing of [
      { output: [] },
      [],
      { choices: [{ message: { content: "hi" } }] },
      { role: "assistant", content: "hi" },
    ]) {
      assert.deepEqual(await handleToolCalls(nango, nothing), []);
    }
  });

  test("a confirmation's token is not shown to the model", async () => {
    const error = {
      kind: "confirmation_required",
      code: "confirmation_required",
      message: "m",
      retryable: false,
      details: { token: "t0ken", summary: "s" },
    };
    const source = {
      tools: () => [],
      execute: async (tool) => ({ successful: false, data: null, error, meta: { tool, attempts: 0 } }),
    };
    const [one] = await output(source, [call(DELETE.name, DELETE.args, "a")]);
    assert.deepEqual(one.error.details, { summary: "s" });
  });
});
