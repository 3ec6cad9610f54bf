// Tools for Vercel's AI SDK (ai).
import { shown, toolsOf } from "./adapters.js";

/** Marks a schema that the AI SDK is to take as it is. */
const SCHEMA = Symbol.for("vercel.ai.schema");

/** The `tools` of `generateText`, `streamText` and agents, by name. */
export const toTools = (source, { needsApproval, ...options } = {}) =>
  Object.fromEntries(
    toolsOf(source, options, needsApproval).map(({ name, description, schema: jsonSchema, strict, approval, run }) => [
      name,
      {
        description,
        // Nothing to validate: the check names every problem at once, and its result goes to the model.
        inputSchema: { [SCHEMA]: true, jsonSchema, validate: undefined },
        ...(strict && { strict }),
        ...(approval && { needsApproval: true }),
        execute: (input, { toolCallId: id, abortSignal: signal, messages } = {}) => run(input, { id, signal, approved: approval && isApproved(id, messages) }),
        toModelOutput: ({ output }) => ({ type: output.successful ? "json" : "error-json", value: shown(output) }),
      },
    ]),
  );

/** Whether the messages hold a person's approval of the call. */
function isApproved(id, messages = []) {
  const parts = messages.flatMap(({ content }) => (Array.isArray(content) ? content : []));
  const asked = parts.find((part) => part.type === "tool-approval-request" && part.toolCallId === id && !part.isAutomatic);
  return asked !== undefined && parts.some((part) => part.type === "tool-approval-response" && part.approvalId === asked.approvalId && part.approved === true);
}
