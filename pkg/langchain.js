// Tools for LangChain and LangGraph.
import { text, toolsOf } from "./adapters.js";

/**
 * The `tools` of `createAgent`, `ToolNode` and `bindTools`. With LangChain's own `ToolMessage` a failure has the status
 * `error`, and every message the whole result as its artifact.
 */
export const toTools = (source, { ToolMessage, ...options } = {}) =>
  toolsOf(source, options).map(({ name, description, schema, run }) => ({
    lc_runnable: true,
    lc_namespace: ["langchain", "tools"],
    name,
    description,
    schema,
    returnDirect: false,
    // A call of a model, or arguments alone.
    async invoke(input, config) {
      const called = input?.type === "tool_call";
      const result = await run(called ? input.args : input, { id: called && input.id, signal: config?.signal });
      const content = text(result);
      if (!ToolMessage || !called) return content;
      return new ToolMessage({ content, name, tool_call_id: input.id, status: result.successful ? "success" : "error", artifact: result });
    },
  }));
