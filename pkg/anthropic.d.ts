// Types of `nango-toolkit/anthropic`.
import type { AdapterOptions, HandleOptions, ToolSource } from "./adapters.d.ts";

/** How long tools are kept. */
export interface CacheControl {
  type: "ephemeral";
  ttl?: "5m" | "1h";
}

/** A tool; `parse` and `run` are for `toolRunner`. */
export interface AnthropicTool {
  name: string;
  description: string;
  input_schema: { type: "object"; [keyword: string]: unknown };
  cache_control?: CacheControl;
  parse: (input: unknown) => unknown;
  run: (input: unknown, context?: { signal?: AbortSignal | null | undefined; toolUse?: { id: string } }) => Promise<string>;
}

/** The answer to a call. */
export interface ToolResultBlock {
  type: "tool_result";
  tool_use_id: string;
  content: string;
  is_error?: boolean;
}

/** What Anthropic's adapter can do beside. */
export interface CacheOptions {
  /** Puts `cache_control` on the last tool, so that all of them are kept for the next request. */
  cache?: boolean | CacheControl;
}

/** The `tools` of a request, and those of `toolRunner`. */
export function toTools(source: ToolSource, options?: Omit<AdapterOptions, "strict"> & CacheOptions): AnthropicTool[];

/**
 * Runs every call to a tool in a message, all at once. Gives the blocks of the user message that answers them, in order:
 * none when there are none. Give it the options that {@link toTools} was given.
 */
export function handleToolCalls(source: ToolSource, message: { content: string | readonly { type: string }[] }, options?: Omit<HandleOptions, "strict"> & CacheOptions): Promise<ToolResultBlock[]>;
