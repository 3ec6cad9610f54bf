/**
 * Tools for OpenAI's Agents SDK (@openai/agents).
 *
 * @module nango-toolkit/openai-agents
 */
import {
  type AdapterOptions,
  type ApprovalOptions,
  adapterTools,
  type JsonSchema,
  modelText,
  type ToolSource,
} from "./shared.js";

export type { AdapterOptions, ApprovalOptions, ToolSource } from "./shared.js";

/** The arguments of a function tool. */
export interface AgentParameters {
  type: "object";
  properties: Record<string, unknown>;
  required: string[];
  additionalProperties: boolean;
}

/** A function tool. */
export interface AgentTool {
  type: "function";
  /** The name by which the model calls it. */
  name: string;
  /** Written for a model. */
  description: string;
  /** The arguments. */
  parameters: AgentParameters;
  /** Whether the model must follow the schema exactly. */
  strict: boolean;
  /** Whether a person approves each call. */
  needsApproval: () => Promise<boolean>;
  /** Whether the model sees the tool. */
  isEnabled: () => Promise<boolean>;
  /** Runs the tool. */
  invoke: (
    context: unknown,
    args: string,
    details?: { signal?: AbortSignal; toolCall?: { callId: string } },
  ) => Promise<string>;
}

/** The part of a run's context that knows approvals. */
interface ApprovalContext {
  isToolApproved?(call: { toolName: string; callId: string | undefined }): boolean | undefined;
}

/**
 * The `tools` of an `Agent`.
 *
 * @throws `NangoToolkitError` if an option names something that does not exist.
 * @example
 * ```ts
 * import { Agent, run } from "@openai/agents";
 * import { NangoToolkit } from "nango-toolkit";
 * import { toTools } from "nango-toolkit/openai-agents";
 *
 * const nango = new NangoToolkit({ apiKey: process.env.NANGO_SECRET_KEY ?? "" });
 * const agent = new Agent({ name: "Support", tools: toTools(nango, { needsApproval: true }) });
 * console.log((await run(agent, "Which of our users have connected HubSpot?")).finalOutput);
 * ```
 */
export function toTools(
  source: ToolSource,
  { needsApproval, ...options }: AdapterOptions & ApprovalOptions = {},
): AgentTool[] {
  return adapterTools(source, options, needsApproval).map((tool) => ({
    type: "function",
    name: tool.name,
    description: tool.description,
    parameters: tool.schema as JsonSchema & AgentParameters,
    strict: tool.strict,
    needsApproval: async () => tool.needsApproval,
    isEnabled: async () => true,
    // A failure is returned: an exception would end the whole run.
    invoke: async (context, args, { toolCall, signal } = {}) => {
      const id = toolCall?.callId;
      const { isToolApproved } = (context ?? {}) as ApprovalContext;
      const approved =
        tool.needsApproval && isToolApproved?.call(context, { toolName: tool.name, callId: id }) === true;
      return modelText(await tool.run(args, { id, signal, approved }));
    },
  }));
}
