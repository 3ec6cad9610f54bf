/**
 * Tools for Anthropic's client: its Messages API and its tool runner.
 *
 * @module nango-toolkit/anthropic
 */
import {
  type AdapterOptions,
  adapterTools,
  answerCalls,
  type HandleOptions,
  modelText,
  type ObjectSchema,
  type ToolSource,
} from "./shared.js";

export type { AdapterOptions, HandleOptions, ToolSource } from "./shared.js";

/** How long Anthropic caches the tools for the next request. */
export interface CacheControl {
  type: "ephemeral";
  /**
   * The time to live.
   * @default "5m"
   */
  ttl?: "5m" | "1h";
}

/** A tool; `parse` and `run` are for `toolRunner`. */
export interface AnthropicTool {
  /** The name by which the model calls it. */
  name: string;
  /** Written for a model. */
  description: string;
  /** The arguments. */
  input_schema: ObjectSchema;
  /** How long Anthropic caches the tools up to this one. */
  cache_control?: CacheControl;
  /** Returns its input: the toolkit checks it. */
  parse: (input: unknown) => unknown;
  /** Runs the tool; throws if the model should see an error. */
  run: (
    input: unknown,
    context?: { signal?: AbortSignal | null | undefined; toolUse?: { id: string } },
  ) => Promise<string>;
}

/** The answer to a call. */
export interface ToolResultBlock {
  type: "tool_result";
  tool_use_id: string;
  content: string;
  is_error?: boolean;
}

/** Options of this adapter only. */
export interface CacheOptions {
  /**
   * Puts `cache_control` on the last tool, so that Anthropic caches all of them for the next request.
   * @default false
   */
  cache?: boolean | CacheControl | undefined;
}

/**
 * The `tools` of a request to the Messages API, and those of `toolRunner`.
 *
 * @throws `NangoToolkitError` if an option names something that does not exist.
 * @example
 * ```ts
 * import Anthropic from "@anthropic-ai/sdk";
 * import { NangoToolkit } from "nango-toolkit";
 * import { toTools } from "nango-toolkit/anthropic";
 *
 * const nango = new NangoToolkit({ apiKey: process.env.NANGO_SECRET_KEY ?? "" });
 * const message = await new Anthropic().beta.messages.toolRunner({
 *   model: "claude-sonnet-5",
 *   max_tokens: 1000,
 *   tools: toTools(nango, { cache: true }),
 *   messages: [{ role: "user", content: "Which of our users have connected HubSpot?" }],
 * });
 * console.log(message.content);
 * ```
 */
export function toTools(
  source: ToolSource,
  { cache, ...options }: Omit<AdapterOptions, "strict"> & CacheOptions = {},
): AnthropicTool[] {
  const tools = adapterTools(source, options).map(
    ({ name, description, schema, run }): AnthropicTool => ({
      name,
      description,
      input_schema: schema,
      // For `toolRunner`; functions are not sent in a request.
      parse: (input) => input,
      run: async (input, context) => {
        const result = await run(input, { id: context?.toolUse?.id, signal: context?.signal });
        if (result.successful) return modelText(result);
        throw new Error(modelText(result));
      },
    }),
  );
  const last = tools.at(-1);
  if (cache && last) last.cache_control = cache === true ? { type: "ephemeral" } : cache;
  return tools;
}

/** A block of a message that calls a tool. */
type ToolUseBlock = { type: string; id: string; name: string; input: unknown };

/**
 * Runs every call to a tool in a message, concurrently, and returns the blocks of the user message that answers them,
 * in order. Without calls the result is empty. Pass the same options as to {@link toTools}.
 *
 * @throws `NangoToolkitError` if an option names something that does not exist.
 * @example
 * ```ts
 * import Anthropic from "@anthropic-ai/sdk";
 * import { NangoToolkit } from "nango-toolkit";
 * import { handleToolCalls, toTools } from "nango-toolkit/anthropic";
 *
 * const nango = new NangoToolkit({ apiKey: process.env.NANGO_SECRET_KEY ?? "" });
 * const client = new Anthropic();
 * const messages: Anthropic.MessageParam[] = [{ role: "user", content: "Which integrations are there?" }];
 * for (;;) {
 *   const message = await client.messages.create({
 *     model: "claude-sonnet-5",
 *     max_tokens: 1000,
 *     messages,
 *     tools: toTools(nango),
 *   });
 *   const results = await handleToolCalls(nango, message);
 *   if (results.length === 0) break;
 *   messages.push({ role: "assistant", content: message.content }, { role: "user", content: results });
 * }
 * ```
 */
export function handleToolCalls(
  source: ToolSource,
  { content }: { content: string | readonly { type: string }[] },
  { cache: _, ...options }: Omit<HandleOptions, "strict"> & CacheOptions = {},
): Promise<ToolResultBlock[]> {
  const blocks = typeof content === "string" ? [] : content;
  const calls = blocks
    .filter((block): block is ToolUseBlock => block.type === "tool_use")
    .map(({ id, name, input: args }) => ({ id, name, args }));
  return answerCalls(source, calls, options, ({ id }, result) => ({
    type: "tool_result",
    tool_use_id: id,
    content: modelText(result),
    ...(!result.successful && { is_error: true }),
  }));
}
