// The Claude Agent SDK with the Claude Code it brings, against a server of Anthropic's wire format: the loop,
// permission.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { query } from "@anthropic-ai/claude-agent-sdk";
import { toolNames, toTools } from "../../../pkg/dist/adapters/claude-agent-sdk.js";
import { startModel } from "../llm.mjs";
import { CONFIRM, DELETE, judge, makeToolkit, script } from "../scenario.mjs";

/** Runs the agent to its end; `work` gets what the model saw and the last result. */
async function agent(nango, turns, options, work) {
  const model = await startModel(turns, { prefix: "mcp__nango__" });
  const home = mkdtempSync(join(tmpdir(), "nango-toolkit-claude-"));
  const env = {
    PATH: process.env.PATH,
    HOME: home,
    CLAUDE_CONFIG_DIR: home,
    ANTHROPIC_BASE_URL: model.url,
    ANTHROPIC_API_KEY: "x",
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
    ENABLE_TOOL_SEARCH: "false",
    NO_PROXY: "127.0.0.1",
  };
  try {
    let last;
    for await (const message of query({
      prompt: "go",
      options: {
        env,
        cwd: home,
        model: "scripted",
        maxTurns: 12,
        settingSources: [],
        tools: [],
        mcpServers: toTools(nango),
        ...options,
      },
    }))
      last = message;
    await work(model.seen, last);
    assert.deepEqual(model.seen.refused, []);
  } finally {
    await model.close();
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  }
}

describe("the Claude Agent SDK", () => {
  test("goes through the script", async () => {
    const { nango, events } = makeToolkit({ policy: CONFIRM });
    await agent(nango, script(), { allowedTools: toolNames(nango) }, (seen, { result }) => {
      // Claude Code rewrites schemas; nothing of our schema is missing.
      for (const tool of nango.tools()) {
        const { schema } = seen.tools[tool.slug];
        assert.deepEqual(Object.keys(schema.properties), Object.keys(tool.inputSchema.properties));
        delete seen.tools[tool.slug].schema;
        delete seen.tools[tool.slug].description;
      }
      judge({ ...seen, text: result }, nango, { events, meta: true });
    });
  });

  for (const approved of [true, false]) {
    test(`a destructive call waits for a person, who ${approved ? "approves" : "refuses"}`, async () => {
      const { nango, connections } = makeToolkit();
      const asked = [];
      const canUseTool = async (name, input) => {
        asked.push([name, await connections()]);
        return approved ? { behavior: "allow", updatedInput: input } : { behavior: "deny", message: "no" };
      };
      await agent(nango, [[DELETE], "done"], { canUseTool }, async (_seen, { result }) => {
        assert.equal(result, "done");
        assert.equal(asked.length, 1);
        assert.ok(asked[0][0].endsWith(DELETE.name) && asked[0][1].includes("hubspot-ada"));
        assert.equal((await connections()).includes("hubspot-ada"), !approved);
      });
    });
  }
});
