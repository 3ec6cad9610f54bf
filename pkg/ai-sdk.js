// Tools for Vercel's AI SDK (ai).
import { shown, toolsOf } from "./adapters.js";

/** Marks a schema that the AI SDK is to take as it is. */
const SCHEMA = Symbol.for("vercel.ai.schema");

/** The `tools` of `generateText`, `streamText` and agents, by name. */
export const toTools = (source, options) =>
  Object.fromEntries(
    toolsOf(source, options).map(({ name, description, schema: jsonSchema, strict, approval, run }) => [
      name,
      {
        description,
        // Nothing to validate: the check names every problem at once, and its result goes to the model.
        inputSchema: { [SCHEMA]: true, jsonSchema, validate: undefined },
        ...(strict && { strict }),
        ...(approval && { needsApproval: true }),
        execute: (input, { abortSignal } = {}) => run(input, abortSignal),
        toModelOutput: ({ output }) => ({ type: output.successful ? "json" : "error-json", value: shown(output) }),
      },
    ]),
  );
