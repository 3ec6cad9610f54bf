// Tools for Mastra.
import { shown, toolsOf } from "./adapters.js";

/** The `tools` of an `Agent`, by name. */
export const toTools = (source, { needsApproval, ...options } = {}) =>
  Object.fromEntries(
    toolsOf(source, options, needsApproval).map(({ name, description, schema, strict, approval, run }) => [
      name,
      {
        id: name,
        description,
        inputSchema: standard(schema),
        ...(strict && { strict }),
        ...(approval && { requireApproval: true }),
        execute: (input, context) => run(input, { id: context?.toolCallId ?? context?.agent?.toolCallId, signal: context?.abortSignal }),
        toModelOutput: (output) => ({ type: output.successful ? "json" : "error-json", value: shown(output) }),
      },
    ]),
  );

/** A Standard Schema that lets everything through: the check names every problem at once, and its result goes to the model. */
const standard = (schema) => ({
  "~standard": {
    version: 1,
    vendor: "nango-toolkit",
    validate: (value) => ({ value }),
    jsonSchema: { input: () => schema, output: () => schema },
  },
});
