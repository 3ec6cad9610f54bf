// Tools for OpenAI's Agents SDK (@openai/agents).
import { text, toolsOf } from "./adapters.js";

/** The `tools` of an `Agent`. */
export const toTools = (source, { needsApproval, ...options } = {}) =>
  toolsOf(source, options, needsApproval).map(({ name, description, schema: parameters, strict, approval, run }) => ({
    type: "function",
    name,
    description,
    parameters,
    strict,
    needsApproval: async () => approval,
    isEnabled: async () => true,
    // A failure is an answer: what is thrown ends the whole run.
    invoke: async (context, args, { toolCall, signal } = {}) => {
      const id = toolCall?.callId;
      const approved = approval && context?.isToolApproved?.({ toolName: name, callId: id }) === true;
      return text(await run(args, { id, signal, approved }));
    },
  }));
