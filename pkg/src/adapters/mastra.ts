/**
 * Tools for Mastra.
 *
 * @module nango-toolkit/mastra
 */
import {
  type AdapterOptions,
  type ApprovalOptions,
  adapterTools,
  modelResult,
  type Result,
  type StandardSchema,
  standardSchema,
  type ToolSource,
} from "./shared.js";

export type { AdapterOptions, ApprovalOptions, StandardSchema, ToolSource } from "./shared.js";

/** What Mastra passes to a tool in addition to its arguments. */
export interface MastraContext {
  /** The model's ID of the call. */
  toolCallId?: string;
  /** The agent's part of the context. */
  agent?: { toolCallId?: string };
  /** Ends the call. */
  abortSignal?: AbortSignal | undefined;
}

/** A tool of Mastra. It returns the whole result. */
export interface MastraTool {
  /** The name by which the model calls it. */
  id: string;
  /** Written for a model. */
  description: string;
  /** The arguments. */
  inputSchema: StandardSchema;
  /** Whether the model provider must follow the schema exactly. */
  strict?: boolean;
  /** Whether a person approves each call. */
  requireApproval?: boolean;
  /** Runs the tool. */
  execute: (input: unknown, context?: MastraContext) => Promise<Result>;
  /** What the model sees of a result. */
  toModelOutput: (output: unknown) => unknown;
}

/**
 * The `tools` of an `Agent`, by name.
 *
 * @throws `NangoToolkitError` if an option names something that does not exist.
 * @example
 * ```ts
 * import { Agent } from "@mastra/core/agent";
 * import { NangoToolkit } from "nango-toolkit";
 * import { toTools } from "nango-toolkit/mastra";
 *
 * const nango = new NangoToolkit({ apiKey: process.env.NANGO_SECRET_KEY ?? "" });
 * const tools = toTools(nango, { readOnly: true });
 * const agent = new Agent({ id: "support", name: "Support", instructions: "Help.", model: "openai/gpt-5", tools });
 * console.log((await agent.generate("Which of our users have connected HubSpot?")).text);
 * ```
 */
export function toTools(
  source: ToolSource,
  { needsApproval, ...options }: AdapterOptions & ApprovalOptions = {},
): Record<string, MastraTool> {
  return Object.fromEntries(
    adapterTools(source, options, needsApproval).map((tool) => [
      tool.name,
      {
        id: tool.name,
        description: tool.description,
        inputSchema: standardSchema(tool.schema),
        ...(tool.strict && { strict: true }),
        ...(tool.needsApproval && { requireApproval: true }),
        execute: (input: unknown, context?: MastraContext) =>
          tool.run(input, { id: context?.toolCallId ?? context?.agent?.toolCallId, signal: context?.abortSignal }),
        toModelOutput: (output: unknown) => {
          const shown = modelResult(output as Result);
          return { type: shown.successful ? "json" : "error-json", value: shown };
        },
      },
    ]),
  );
}
