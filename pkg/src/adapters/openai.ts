/**
 * Tools for OpenAI's client, or any other client of its Chat Completions or Responses API.
 *
 * @module nango-toolkit/openai
 */
import {
  type AdapterOptions,
  adapterTools,
  answerCalls,
  type HandleOptions,
  modelText,
  type JsonSchema,
  type ToolSource,
} from "./shared.js";

export type { AdapterOptions, HandleOptions, ToolSource } from "./shared.js";

/** A function of the Responses API. */
export interface ResponsesTool {
  type: "function";
  /** The name by which the model calls it. */
  name: string;
  /** Written for a model. */
  description: string;
  /** The arguments. */
  parameters: JsonSchema;
  /** Whether the model must follow the schema exactly. */
  strict: boolean;
}

/** A function of Chat Completions; `parse` and `function` are for `runTools`. */
export interface ChatTool {
  type: "function";
  function: {
    /** The name by which the model calls it. */
    name: string;
    /** Written for a model. */
    description: string;
    /** The arguments. */
    parameters: JsonSchema;
    /** Whether the model must follow the schema exactly. */
    strict: boolean;
    /** Returns its input: the toolkit parses and checks it. */
    parse: (json: string) => string;
    /** Runs the tool. */
    function: (args: string) => Promise<string>;
  };
}

/** The answer to a call in Chat Completions. */
export interface ToolMessage {
  role: "tool";
  tool_call_id: string;
  content: string;
}

/** The answer to a call in the Responses API. */
export interface FunctionCallOutput {
  type: "function_call_output";
  call_id: string;
  output: string;
}

/** The part of a Chat Completions message that is read. */
export interface ChatMessage {
  /** The calls. */
  tool_calls?: readonly { id: string; type: string }[] | null;
}

/** A response of Chat Completions, or its message. */
export type ChatResponse = { choices: readonly { message: ChatMessage }[] } | (ChatMessage & { role: string });

/** A response of the Responses API, or its output. */
export type ModelResponse = { output: readonly { type: string }[] } | readonly { type: string }[];

/** Options of this adapter only. */
export interface ApiOptions {
  /**
   * The API that the tools are for.
   * @default "responses"
   */
  api?: "responses" | "chat" | undefined;
}

/**
 * The `tools` of a request to the Responses API, or with `api: "chat"` to Chat Completions.
 *
 * @throws `NangoToolkitError` if an option names something that does not exist.
 * @example
 * ```ts
 * import { NangoToolkit } from "nango-toolkit";
 * import { toTools } from "nango-toolkit/openai";
 * import OpenAI from "openai";
 *
 * const nango = new NangoToolkit({ apiKey: process.env.NANGO_SECRET_KEY ?? "" });
 * const runner = new OpenAI().chat.completions.runTools({
 *   model: "gpt-5",
 *   tools: toTools(nango, { api: "chat" }),
 *   messages: [{ role: "user", content: "Which of our users have connected HubSpot?" }],
 * });
 * console.log(await runner.finalContent());
 * ```
 */
export function toTools(source: ToolSource, options: AdapterOptions & { api: "chat" }): ChatTool[];
export function toTools(source: ToolSource, options?: AdapterOptions & { api?: "responses" }): ResponsesTool[];
export function toTools(
  source: ToolSource,
  { api = "responses", ...options }: AdapterOptions & ApiOptions = {},
): ChatTool[] | ResponsesTool[] {
  const tools = adapterTools(source, options);
  if (api === "chat") {
    return tools.map(({ name, description, schema: parameters, strict, run }) => {
      // For `runTools`; functions are not sent in a request.
      const runner = { parse: (json: string) => json, function: async (args: string) => modelText(await run(args)) };
      return { type: "function", function: { name, description, parameters, strict, ...runner } };
    });
  }
  return tools.map(({ name, description, schema: parameters, strict }) => {
    return { type: "function", name, description, parameters, strict };
  });
}

type ChatCall = { id: string; type: string; function: { name: string; arguments: string } };
type FunctionCall = { type: string; call_id: string; name: string; arguments: string };

/**
 * Runs every call to a tool in a response, concurrently, and returns what answers them, in order. Without calls the
 * array is empty. Pass the same options as to {@link toTools}.
 *
 * @throws `NangoToolkitError` if an option names something that does not exist.
 * @example
 * ```ts
 * import { NangoToolkit } from "nango-toolkit";
 * import { handleToolCalls, toTools } from "nango-toolkit/openai";
 * import OpenAI from "openai";
 *
 * const nango = new NangoToolkit({ apiKey: process.env.NANGO_SECRET_KEY ?? "" });
 * const client = new OpenAI();
 * const input: OpenAI.Responses.ResponseInput = [{ role: "user", content: "Which integrations are there?" }];
 * for (;;) {
 *   const response = await client.responses.create({ model: "gpt-5", input, tools: toTools(nango) });
 *   const outputs = await handleToolCalls(nango, response);
 *   if (outputs.length === 0) break;
 *   input.push(...(response.output as OpenAI.Responses.ResponseInput), ...outputs);
 * }
 * ```
 */
export function handleToolCalls(
  source: ToolSource,
  response: ChatResponse,
  options?: HandleOptions & ApiOptions,
): Promise<ToolMessage[]>;
export function handleToolCalls(
  source: ToolSource,
  response: ModelResponse,
  options?: HandleOptions & ApiOptions,
): Promise<FunctionCallOutput[]>;
export function handleToolCalls(
  source: ToolSource,
  response: ChatResponse | ModelResponse,
  { api: _, ...options }: HandleOptions & ApiOptions = {},
): Promise<(ToolMessage | FunctionCallOutput)[]> {
  const message = "choices" in response ? response.choices[0]?.message : response;
  if (message && "tool_calls" in message && message.tool_calls) {
    const calls = message.tool_calls
      .filter((call): call is ChatCall => call.type === "function")
      .map(({ id, function: { name, arguments: args } }) => ({ id, name, args }));
    return answerCalls(source, calls, options, ({ id }, result) => {
      return { role: "tool", tool_call_id: id, content: modelText(result) };
    });
  }
  const items: readonly { type: string }[] =
    "output" in response ? response.output : Array.isArray(response) ? response : [];
  const calls = items
    .filter((item): item is FunctionCall => item.type === "function_call")
    .map(({ call_id: id, name, arguments: args }) => ({ id, name, args }));
  return answerCalls(source, calls, options, ({ id }, result) => {
    return { type: "function_call_output", call_id: id, output: modelText(result) };
  });
}
