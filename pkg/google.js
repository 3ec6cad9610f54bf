// Tools for Google's Gen AI client (@google/genai).
import { answerAll, shown, toolsOf } from "./adapters.js";

/**
 * The `tools` of a request's `config`. `automatic: true` has the client itself run the calls. `schema: "gemini"` writes
 * `parameters` in Gemini's own subset, for what knows no JSON Schema.
 */
export function toTools(source, { automatic, ...options } = {}) {
  const functionDeclarations = toolsOf(source, options).map(({ name, description, schema }) => {
    if (options.schema !== "gemini") return { name, description, parametersJsonSchema: schema };
    // Without parameters it is left out.
    return Object.keys(schema.properties).length > 0 ? { name, description, parameters: schema } : { name, description };
  });
  if (!automatic) return [{ functionDeclarations }];
  return [{ tool: async () => ({ functionDeclarations }), callTool: (calls) => answers(source, calls, options) }];
}

/** Runs every call in a response. Gives the parts of the content that answers, in order: none when there are none. */
export function handleToolCalls(source, response, { automatic, ...options } = {}) {
  const parts = (response.candidates?.[0]?.content ?? response).parts ?? [];
  return answers(source, parts.map((part) => part.functionCall).filter(Boolean), options);
}

const answers = (source, calls, options) =>
  answerAll(source, calls.map(({ id, name, args }) => ({ id, name, args })), options, ({ id, name }, result) => {
    const response = result.successful ? { output: result.data } : { error: shown(result).error };
    return { functionResponse: { ...(id && { id }), name, response } };
  });
