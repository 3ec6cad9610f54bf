/**
 * Tools for LangChain and LangGraph.
 *
 * @module nango-toolkit/langchain
 */
import {
  type AdapterOptions,
  adapterTools,
  modelText,
  type ObjectSchema,
  type Result,
  type ToolSource,
} from "./shared.js";

export type { AdapterOptions, ToolSource } from "./shared.js";

/** The fields of a tool message. */
export interface ToolMessageFields {
  /** What the model sees. */
  content: string;
  /** The name of the tool. */
  name: string;
  /** The model's ID of the call. */
  tool_call_id: string;
  /** Whether the call succeeded. */
  status: "success" | "error";
  /** The whole result. */
  artifact: Result;
}

/** A tool as agents and chat models take it. */
export interface LangChainTool {
  [field: string]: unknown;
  lc_runnable: boolean;
  lc_namespace: string[];
  /** The name by which the model calls it. */
  name: string;
  /** Written for a model. */
  description: string;
  /** The arguments. */
  schema: ObjectSchema;
  returnDirect: boolean;
  /** Runs the tool with a call of a model, or with arguments alone. */
  invoke: (input: unknown, config?: { signal?: AbortSignal | undefined }) => Promise<unknown>;
}

/** Options of this adapter only. */
export interface LangChainOptions {
  /**
   * LangChain's class of that name. With it, a failure has the status `error`, and every message has the whole result
   * as its artifact.
   */
  ToolMessage?: (new (fields: ToolMessageFields) => unknown) | undefined;
}

/** A call of a model, as LangChain passes it to a tool. */
interface ToolCall {
  type: "tool_call";
  id: string;
  args: unknown;
}

/**
 * The `tools` of `createAgent`, `ToolNode` and `bindTools`.
 *
 * @throws `NangoToolkitError` if an option names something that does not exist.
 * @example
 * ```ts
 * import { ToolMessage } from "@langchain/core/messages";
 * import { createAgent } from "langchain";
 * import { NangoToolkit } from "nango-toolkit";
 * import { toTools } from "nango-toolkit/langchain";
 *
 * const nango = new NangoToolkit({ apiKey: process.env.NANGO_SECRET_KEY ?? "" });
 * const agent = createAgent({ model: "openai:gpt-5", tools: toTools(nango, { ToolMessage }) });
 * const { messages } = await agent.invoke({ messages: "Which of our users have connected HubSpot?" });
 * console.log(messages.at(-1)?.text);
 * ```
 */
export function toTools(
  source: ToolSource,
  { ToolMessage, ...options }: AdapterOptions & LangChainOptions = {},
): LangChainTool[] {
  return adapterTools(source, options).map(({ name, description, schema, run }) => ({
    lc_runnable: true,
    lc_namespace: ["langchain", "tools"],
    name,
    description,
    schema,
    returnDirect: false,
    async invoke(input, config) {
      const call = isToolCall(input) ? input : undefined;
      const result = await run(call ? call.args : input, { id: call?.id, signal: config?.signal });
      const content = modelText(result);
      if (!ToolMessage || !call) return content;
      const status = result.successful ? "success" : "error";
      return new ToolMessage({ content, name, tool_call_id: call.id, status, artifact: result });
    },
  }));
}

const isToolCall = (input: unknown): input is ToolCall =>
  (input as Partial<ToolCall> | null | undefined)?.type === "tool_call";
