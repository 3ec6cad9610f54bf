// Types of `nango-toolkit/openai`.
import type { AdapterOptions, HandleOptions, ToolSource } from "./adapters.d.ts";

/** A function of the Responses API. */
export interface ResponsesTool {
  type: "function";
  name: string;
  description: string;
  parameters: { [keyword: string]: unknown };
  strict: boolean;
}

/** A function of Chat Completions; `parse` and `function` are for `runTools`. */
export interface ChatTool {
  type: "function";
  function: {
    name: string;
    description: string;
    parameters: { [keyword: string]: unknown };
    strict: boolean;
    parse: (json: string) => string;
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

/** A message of Chat Completions, as far as it is read. */
export interface ChatMessage {
  tool_calls?: readonly { id: string; type: string }[] | null;
}

/** The `tools` of a request to the Responses API, or with `api: "chat"` to Chat Completions. */
export function toTools(source: ToolSource, options: AdapterOptions & { api: "chat" }): ChatTool[];
export function toTools(source: ToolSource, options?: AdapterOptions & { api?: "responses" }): ResponsesTool[];

/**
 * Runs every call to a tool in a response, all at once. Gives what answers them, in order: none when there are none.
 * Give it the options that {@link toTools} was given.
 */
export function handleToolCalls(source: ToolSource, response: { choices: readonly { message: ChatMessage }[] } | ChatMessage & { role: string }, options?: HandleOptions & { api?: "chat" | "responses" }): Promise<ToolMessage[]>;
export function handleToolCalls(source: ToolSource, response: { output: readonly { type: string }[] } | readonly { type: string }[], options?: HandleOptions & { api?: "chat" | "responses" }): Promise<FunctionCallOutput[]>;
