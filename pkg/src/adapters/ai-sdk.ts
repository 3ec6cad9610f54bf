/**
 * Tools for Vercel's AI SDK (ai).
 *
 * @module nango-toolkit/ai-sdk
 */
import {
  type AdapterOptions,
  type ApprovalOptions,
  adapterTools,
  type JsonValue,
  modelResult,
  type Result,
  standardSchema,
  type StandardSchema,
  type ToolSource,
} from "./shared.js";

export type { AdapterOptions, ApprovalOptions, ToolSource } from "./shared.js";

/** Marks a schema that the AI SDK accepts unchanged. */
const SCHEMA = Symbol.for("vercel.ai.schema");

/** What the AI SDK passes to a tool in addition to its arguments. */
export interface AiSdkCallOptions {
  /** The model's ID of the call. */
  toolCallId?: string;
  /** The messages of the conversation, in which approvals are found. */
  messages?: readonly unknown[];
  /** Ends the call. */
  abortSignal?: AbortSignal | undefined;
}

/** A tool of the AI SDK. It returns the whole result. */
export interface AiSdkTool {
  /** Written for a model. */
  description: string;
  /** The arguments. */
  inputSchema: StandardSchema;
  /** Whether the model provider must follow the schema exactly. */
  strict?: boolean;
  /** Whether a person approves each call. */
  needsApproval?: boolean;
  /** Runs the tool. */
  execute: (input: unknown, options?: AiSdkCallOptions) => Promise<Result>;
  /** What the model sees of a result. */
  toModelOutput: (options: { output: unknown }) => { type: "json" | "error-json"; value: JsonValue };
}

/**
 * The `tools` of `generateText`, `streamText` and agents, by name.
 *
 * @throws `NangoToolkitError` if an option names something that does not exist.
 * @example
 * ```ts
 * import { generateText, isStepCount } from "ai";
 * import { NangoToolkit } from "nango-toolkit";
 * import { toTools } from "nango-toolkit/ai-sdk";
 *
 * const nango = new NangoToolkit({ apiKey: process.env.NANGO_SECRET_KEY ?? "" });
 * const { text } = await generateText({
 *   model: "openai/gpt-5",
 *   tools: toTools(nango, { readOnly: true }),
 *   stopWhen: isStepCount(5),
 *   prompt: "Which of our users have connected HubSpot?",
 * });
 * console.log(text);
 * ```
 */
export function toTools(
  source: ToolSource,
  { needsApproval, ...options }: AdapterOptions & ApprovalOptions = {},
): Record<string, AiSdkTool> {
  return Object.fromEntries(
    adapterTools(source, options, needsApproval).map((tool) => {
      const { name, description, schema, strict, run } = tool;
      // The AI SDK treats this as its own schema without a validator: the toolkit validates, and the model sees the
      // issues.
      const inputSchema = { ...standardSchema(schema), [SCHEMA]: true, jsonSchema: schema, validate: undefined };
      const execute: AiSdkTool["execute"] = (input, { toolCallId: id, abortSignal: signal, messages } = {}) =>
        run(input, { id, signal, approved: tool.needsApproval && isApproved(id, messages) });
      return [
        name,
        {
          description,
          inputSchema,
          ...(strict && { strict }),
          ...(tool.needsApproval && { needsApproval: true }),
          execute,
          toModelOutput,
        },
      ];
    }),
  );
}

const toModelOutput: AiSdkTool["toModelOutput"] = ({ output }) => {
  const shown = modelResult(output as Result);
  return { type: shown.successful ? "json" : "error-json", value: shown as JsonValue };
};

/** A part of a message, as far as approvals are concerned. */
interface MessagePart {
  type?: unknown;
  toolCallId?: unknown;
  approvalId?: unknown;
  approved?: unknown;
  isAutomatic?: unknown;
}

/** Whether the messages contain a person's approval of the call. */
function isApproved(id: string | undefined, messages: readonly unknown[] = []): boolean {
  const parts: MessagePart[] = messages.flatMap((message) => {
    const { content } = message as { content?: unknown };
    return Array.isArray(content) ? content : [];
  });
  const request = parts.find(
    (part) => part.type === "tool-approval-request" && part.toolCallId === id && !part.isAutomatic,
  );
  if (!request) return false;
  const { approvalId } = request;
  return parts.some(
    (part) => part.type === "tool-approval-response" && part.approvalId === approvalId && part.approved === true,
  );
}
