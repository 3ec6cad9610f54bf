// Tools for Anthropic's client: its Messages API and its tool runner.
import { answerAll, text, toolsOf } from "./adapters.js";

/**
 * The `tools` of a request, and those of `toolRunner`. `cache: true` lets Anthropic keep them all for the next request,
 * an object says how long.
 */
export function toTools(source, { cache, ...options } = {}) {
  const tools = toolsOf(source, options).map(({ name, description, schema, run }) => ({
    name,
    description,
    input_schema: schema,
    // For `toolRunner`; functions do not travel in a request. What it is to mark as an error it wants thrown.
    parse: (input) => input,
    run: async (input, context) => {
      const result = await run(input, { id: context?.toolUse?.id, signal: context?.signal });
      if (result.successful) return text(result);
      throw new Error(text(result));
    },
  }));
  if (cache && tools.length > 0) tools.at(-1).cache_control = cache === true ? { type: "ephemeral" } : cache;
  return tools;
}

/** Runs every call to a tool in a message. Gives the blocks of the user message that answers, in order: none when there are none. */
export function handleToolCalls(source, { content }, { cache, ...options } = {}) {
  const calls = (Array.isArray(content) ? content : []).filter((block) => block.type === "tool_use").map(({ id, name, input: args }) => ({ id, name, args }));
  return answerAll(source, calls, options, ({ id }, result) => ({
    type: "tool_result",
    tool_use_id: id,
    content: text(result),
    ...(!result.successful && { is_error: true }),
  }));
}
