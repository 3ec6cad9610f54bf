// Tools for OpenAI's Agents SDK (@openai/agents).
import { text, toolsOf } from "./adapters.js";

/** The `tools` of an `Agent`. */
export const toTools = (source, options) =>
  toolsOf(source, options).map(({ name, description, schema: parameters, strict, approval, run }) => ({
    type: "function",
    name,
    description,
    parameters,
    strict,
    needsApproval: async () => approval,
    isEnabled: async () => true,
    // A failure is an answer: what is thrown ends the whole run.
    invoke: async (context, args, details) => text(await run(args, details?.signal)),
  }));
