// Programs as users write them, compiled and never run: what each adapter returns fits its framework's own types.
import { query } from "@anthropic-ai/claude-agent-sdk";
import { LlmAgent } from "@google/adk";
import { agent } from "@llamaindex/workflow";
import { NangoToolkit } from "nango-toolkit";
import * as claude from "nango-toolkit/claude-agent-sdk";
import * as adk from "nango-toolkit/google-adk";
import * as llamaindex from "nango-toolkit/llamaindex";

const nango = new NangoToolkit({ apiKey: "x" });

export const claudeAgent = query({
  prompt: "go",
  options: { mcpServers: claude.toTools(nango), allowedTools: claude.toolNames(nango, { readOnly: true }) },
});
export const adkAgent = new LlmAgent({ name: "a", model: "m", tools: adk.toTools(nango, { needsApproval: true }) });
export const llamaAgent = agent({ tools: llamaindex.toTools(nango, { strict: true }) });
