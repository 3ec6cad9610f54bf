// Tools for OpenAI's client, or anything else that speaks its Chat Completions or Responses API.
import { answerAll, text, toolsOf } from "./adapters.js";

/** The `tools` of a request: of the Responses API, or with `api: "chat"` of Chat Completions and `runTools`. */
export function toTools(source, { api = "responses", ...options } = {}) {
  return toolsOf(source, options).map(({ name, description, schema: parameters, strict, run }) => {
    const tool = { name, description, parameters, strict };
    if (api !== "chat") return { type: "function", ...tool };
    // For `runTools`; functions do not travel in a request.
    return { type: "function", function: { ...tool, parse: (json) => json, function: async (args) => text(await run(args)) } };
  });
}

/**
 * Runs every call to a tool in a response, or in its output items or message. Gives the items (or messages, for Chat
 * Completions) that answer them, in order: none when there are none.
 */
export function handleToolCalls(source, response, { api, ...options } = {}) {
  const message = response.choices?.[0]?.message ?? response;
  const chat = message.tool_calls;
  if (chat) {
    const calls = chat.filter((call) => call.type === "function").map(({ id, function: { name, arguments: args } }) => ({ id, name, args }));
    return answerAll(source, calls, options, ({ id }, result) => ({ role: "tool", tool_call_id: id, content: text(result) }));
  }
  const items = response.output ?? (Array.isArray(response) ? response : []);
  const calls = items.filter((item) => item.type === "function_call").map(({ call_id: id, name, arguments: args }) => ({ id, name, args }));
  return answerAll(source, calls, options, ({ id }, result) => ({ type: "function_call_output", call_id: id, output: text(result) }));
}
