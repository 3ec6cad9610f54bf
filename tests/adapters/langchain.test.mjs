// LangChain's createAgent, with our own chat model: the loop, with and without LangChain's ToolMessage, approval.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { AIMessage, ToolMessage } from "@langchain/core/messages";
import { Command, MemorySaver } from "@langchain/langgraph";
import { createAgent, humanInTheLoopMiddleware } from "langchain";
import { toTools } from "../../pkg/dist/adapters/langchain.js";
import { CONFIRM, DELETE, judge, makeToolkit, script } from "./scenario.mjs";

/** A model that follows a script and keeps what it saw. */
class Scripted extends BaseChatModel {
  seen = { tools: {}, turns: [] };
  turns;
  at = 0;

  constructor(turns) {
    super({});
    this.turns = turns;
  }

  _llmType() {
    return "scripted";
  }

  bindTools(tools) {
    for (const { name, schema, description } of tools) this.seen.tools[name] = { schema, description };
    return this;
  }

  async _generate(messages) {
    const last = messages.findLastIndex((message) => AIMessage.isInstance(message));
    const results = messages.slice(last + 1).filter((message) => ToolMessage.isInstance(message));
    if (results.length > 0) {
      this.seen.messages = results;
      this.seen.turns.push(
        results.map(({ name, content, status }) => ({
          name,
          value: JSON.parse(content),
          failed: this.marks ? status === "error" : undefined,
        })),
      );
    }
    const turn = this.turns[this.at++];
    const message =
      typeof turn === "string"
        ? new AIMessage(turn)
        : new AIMessage({
            content: "",
            tool_calls: turn.map(({ name, args }, i) => ({
              type: "tool_call",
              id: `call-${this.at}-${i}`,
              name,
              args,
            })),
          });
    return { generations: [{ text: message.text, message }] };
  }
}

describe("LangChain", () => {
  for (const options of [{}, { ToolMessage }, { strict: true }]) {
    test(`createAgent goes through the script, ${JSON.stringify(Object.keys(options))}`, async () => {
      const { nango, events } = makeToolkit({ policy: CONFIRM });
      const model = new Scripted(script(options));
      model.marks = options.ToolMessage;
      const agent = createAgent({ model, tools: toTools(nango, options) });
      const { messages } = await agent.invoke({ messages: "go" }, { recursionLimit: 50 });
      judge({ ...model.seen, text: messages.at(-1).text }, nango, {
        ...(options.strict && { schema: "openai-strict" }),
        events,
      });
      // A program sees the whole result.
      if (options.ToolMessage) assert.equal(typeof model.seen.messages[0].artifact.error.details.token, "string");
    });
  }

  for (const approved of [true, false]) {
    test(`a destructive call waits for a person, who ${approved ? "approves" : "refuses"}`, async () => {
      const { nango, connections } = makeToolkit();
      const model = new Scripted([[DELETE], "done"]);
      model.bindTools = () => model;
      const destructive = nango.tools().filter((tool) => tool.annotations.destructiveHint);
      const middleware = [
        humanInTheLoopMiddleware({ interruptOn: Object.fromEntries(destructive.map((tool) => [tool.slug, true])) }),
      ];
      const agent = createAgent({
        model,
        tools: toTools(nango, { ToolMessage }),
        middleware,
        checkpointer: new MemorySaver(),
      });
      const thread = { configurable: { thread_id: "1" } };
      const waiting = await agent.invoke({ messages: "go" }, thread);
      assert.equal(waiting.__interrupt__.length, 1);
      assert.ok((await connections()).includes("hubspot-ada"), "nothing happened yet");
      model._generate = async () => ({ generations: [{ text: "done", message: new AIMessage("done") }] });
      const decisions = [approved ? { type: "approve" } : { type: "reject" }];
      const { messages } = await agent.invoke(new Command({ resume: { decisions } }), thread);
      assert.equal(messages.at(-1).text, "done");
      assert.equal((await connections()).includes("hubspot-ada"), !approved);
    });
  }
});
