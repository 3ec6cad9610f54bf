// Adapters on a session: the tools as its user has them, and nobody else's connections; confirmations by the operator.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { generateText, isStepCount } from "ai";
import * as aiSdk from "../../pkg/dist/adapters/ai-sdk.js";
import * as anthropic from "../../pkg/dist/adapters/anthropic.js";
import * as google from "../../pkg/dist/adapters/google.js";
import * as langchain from "../../pkg/dist/adapters/langchain.js";
import * as openaiAgents from "../../pkg/dist/adapters/openai-agents.js";
import * as openai from "../../pkg/dist/adapters/openai.js";
import { scripted } from "./model.mjs";
import { CONFIRM, DELETE, makeToolkit } from "./scenario.mjs";

const use = (id, name, input) => ({ type: "tool_use", id, name, input });
const FOREIGN = { connection_id: "hubspot-katherine", provider_config_key: "hubspot" };

describe("adapters on a session", () => {
  test("show the tools as the session has them, strict or not", () => {
    const { nango } = makeToolkit();
    const session = nango.session({ user: "ada" });
    const all = openai.toTools(nango).map((tool) => tool.name);
    const own = openai.toTools(session).map((tool) => tool.name);
    assert.ok(own.length > 5 && own.length < all.length && own.every((name) => all.includes(name)));
    assert.deepEqual(
      own,
      session.tools().map((tool) => tool.slug),
    );
    const trigger = (options) =>
      openai.toTools(session, { tools: ["NANGO_SYNC_TRIGGER_POST"], ...options })[0]?.parameters;
    for (const [strict, type] of [
      [false, "string"],
      [true, "string"],
    ])
      assert.deepEqual(trigger({ strict }).properties.connection_id.type, type);
    assert.ok(trigger().required.includes("connection_id"));
  });

  test("an agent has its user's connections, and sees no one else's", async () => {
    const { nango } = makeToolkit();
    const session = nango.session({ user: "ada" });
    const turns = [
      [{ name: "NANGO_CONNECTION_LIST_GET", args: {} }],
      [
        { name: "NANGO_GET_CONNECTION", args: DELETE.args },
        { name: "NANGO_GET_CONNECTION", args: FOREIGN },
      ],
      "done",
    ];
    const { model, seen } = scripted(turns);
    const { text } = await generateText({
      model,
      tools: aiSdk.toTools(session),
      prompt: "go",
      stopWhen: isStepCount(9),
    });
    assert.equal(text, "done");
    const [[list], [own, foreign]] = seen.turns;
    assert.ok(
      list.value.data.connections.length > 0 && list.value.data.connections.every((one) => one.end_user.id === "ada"),
    );
    assert.equal(own.value.data.connection_id, "hubspot-ada");
    assert.deepEqual([foreign.value.error.kind, foreign.failed], ["not_found", true]);
    assert.doesNotMatch(JSON.stringify(seen.turns), /katherine@/);
  });

  test("a manual loop keeps calls in the session", async () => {
    const { nango, connections } = makeToolkit();
    const content = [
      use("a", DELETE.name, FOREIGN),
      use("b", "NANGO_GET_ENVIRONMENT_VARIABLES", {}),
      use("c", "NANGO_GET_CONNECTION", DELETE.args),
    ];
    const results = await anthropic.handleToolCalls(nango.session({ user: "ada" }), { content });
    assert.deepEqual(
      results.map((one) => [one.tool_use_id, one.is_error ?? false]),
      [
        ["a", true],
        ["b", true],
        ["c", false],
      ],
    );
    assert.ok((await connections()).includes("hubspot-katherine"));
  });

  test("nothing is confirmed that nobody has approved", async () => {
    const { nango, connections } = makeToolkit({ policy: CONFIRM });
    const options = { tools: [DELETE.name], needsApproval: true };
    const [agents] = openaiAgents.toTools(nango, options);
    for (const context of [
      undefined,
      {},
      { isToolApproved: () => undefined },
      { isToolApproved: ({ callId }) => callId === "other" },
    ]) {
      assert.match(
        await agents.invoke(context, JSON.stringify(DELETE.args), { toolCall: { callId: "a" } }),
        /confirmation_required/,
      );
    }
    const tool = aiSdk.toTools(nango, options)[DELETE.name];
    const asked = (more) => ({
      role: "assistant",
      content: [{ type: "tool-approval-request", approvalId: "1", toolCallId: "a", ...more }],
    });
    const said = (more) => ({
      role: "tool",
      content: [{ type: "tool-approval-response", approvalId: "1", approved: true, ...more }],
    });
    for (const messages of [
      undefined,
      [],
      [asked()],
      [said()],
      [asked(), said({ approved: false })],
      [asked(), said({ approvalId: "2" })],
      [asked({ toolCallId: "b" }), said()],
      [asked({ isAutomatic: true }), said()],
    ]) {
      const { error } = await tool.execute(DELETE.args, { toolCallId: "a", messages });
      assert.equal(error.kind, "confirmation_required");
    }
    assert.ok((await connections()).includes("hubspot-ada"));
    // Adapters refuse the option if their framework cannot ask for approval.
    for (const { toTools } of [openai, anthropic, langchain, google])
      assert.throws(() => toTools(nango, options), /there is no option `needsApproval`/);
  });

  for (const approved of [true, false]) {
    test(`the operator of the toolkit is asked, and ${approved ? "approves" : "refuses"}`, async () => {
      const asked = [];
      const onApproval = async (summary) => {
        asked.push(summary);
        return approved;
      };
      const { nango, connections } = makeToolkit({ policy: CONFIRM, onApproval });
      const [result] = await anthropic.handleToolCalls(nango, { content: [use("a", DELETE.name, DELETE.args)] });
      assert.equal(asked.length, 1);
      assert.equal(asked[0].tool, DELETE.name);
      assert.equal(result.is_error ?? false, !approved);
      assert.equal((await connections()).includes("hubspot-ada"), !approved);
    });
  }
});
