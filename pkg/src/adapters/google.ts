/**
 * Tools for Google's Gen AI client (@google/genai).
 *
 * @module nango-toolkit/google
 */
import {
  type AdapterOptions,
  adapterTools,
  answerCalls,
  type HandleOptions,
  modelResult,
  type ToolSource,
} from "./shared.js";

export type { AdapterOptions, HandleOptions, ToolSource } from "./shared.js";

/** A function as Gemini sees it. */
export interface FunctionDeclaration {
  /** The name by which the model calls it. */
  name: string;
  /** Written for a model. */
  description: string;
  /** The arguments, as JSON Schema. */
  parametersJsonSchema?: unknown;
  /**
   * The arguments, in Gemini's own subset. Its values are `never`, since the client names types by an enum of its
   * own.
   */
  parameters?: { [keyword: string]: never };
}

/** An entry of `config.tools`. */
export interface FunctionTool {
  /** The functions. */
  functionDeclarations: FunctionDeclaration[];
}

/** An entry of `config.tools` whose calls the client runs itself. */
export interface AutomaticTool {
  /** The functions. */
  tool: () => Promise<FunctionTool>;
  /** Runs calls. */
  callTool: (calls: FunctionCall[]) => Promise<FunctionResponsePart[]>;
}

/** A call of a function. */
export interface FunctionCall {
  /** The model's ID of the call. */
  id?: string;
  /** The name of the function. */
  name?: string;
  /** The arguments. */
  args?: Record<string, unknown>;
}

/** The answer to a call. */
export interface FunctionResponsePart {
  /** The answer, with the name of the function and the ID of the call. */
  functionResponse: { id?: string; name: string; response: { output: unknown } | { error: unknown } };
}

/** A response of the model, or a content of one. */
export type ModelResponse =
  | { candidates?: readonly { content?: { parts?: readonly object[] } }[] }
  | { parts?: readonly object[] };

/** Options of this adapter only. */
export interface GoogleOptions {
  /**
   * `"gemini"` writes `parameters` in Gemini's own subset, instead of `parametersJsonSchema`.
   * @default JSON Schema
   */
  schema?: "gemini" | undefined;
  /**
   * Whether the client runs the calls itself.
   * @default false
   */
  automatic?: boolean | undefined;
}

type Options = Omit<AdapterOptions, "strict"> & GoogleOptions;

/**
 * The `tools` of a request's `config`. With `automatic` the client runs the calls itself.
 *
 * @throws `NangoToolkitError` if an option names something that does not exist.
 * @example
 * ```ts
 * import { GoogleGenAI } from "@google/genai";
 * import { NangoToolkit } from "nango-toolkit";
 * import { toTools } from "nango-toolkit/google";
 *
 * const nango = new NangoToolkit({ apiKey: process.env.NANGO_SECRET_KEY ?? "" });
 * const response = await new GoogleGenAI({}).models.generateContent({
 *   model: "gemini-3-flash",
 *   contents: "Which of our users have connected HubSpot?",
 *   config: { tools: toTools(nango, { automatic: true }) },
 * });
 * console.log(response.text);
 * ```
 */
export function toTools(source: ToolSource, options: Options & { automatic: true }): AutomaticTool[];
export function toTools(source: ToolSource, options?: Options & { automatic?: false }): FunctionTool[];
export function toTools(source: ToolSource, { automatic, ...options }: Options = {}): AutomaticTool[] | FunctionTool[] {
  const functionDeclarations = adapterTools(source, options).map(
    ({ name, description, schema }): FunctionDeclaration => {
      if (options.schema !== "gemini") return { name, description, parametersJsonSchema: schema };
      // Gemini does not accept empty `parameters`.
      const hasParameters = Object.keys(schema.properties).length > 0;
      return { name, description, ...(hasParameters && { parameters: schema as never }) };
    },
  );
  if (!automatic) return [{ functionDeclarations }];
  const callTool: AutomaticTool["callTool"] = (calls) => answer(source, calls, options);
  return [{ tool: async () => ({ functionDeclarations }), callTool }];
}

/**
 * Runs every call in a response or content, concurrently, and returns the parts of the content that answers them, in
 * order. Without calls the result is empty. Pass the same options as to {@link toTools}.
 *
 * @throws `NangoToolkitError` if an option names something that does not exist.
 * @example
 * ```ts
 * import { type Content, GoogleGenAI } from "@google/genai";
 * import { NangoToolkit } from "nango-toolkit";
 * import { handleToolCalls, toTools } from "nango-toolkit/google";
 *
 * const nango = new NangoToolkit({ apiKey: process.env.NANGO_SECRET_KEY ?? "" });
 * const { models } = new GoogleGenAI({});
 * const contents: Content[] = [{ role: "user", parts: [{ text: "Which integrations are there?" }] }];
 * for (;;) {
 *   const config = { tools: toTools(nango) };
 *   const response = await models.generateContent({ model: "gemini-3-flash", contents, config });
 *   const parts = await handleToolCalls(nango, response);
 *   const content = response.candidates?.[0]?.content;
 *   if (parts.length === 0 || !content) break;
 *   contents.push(content, { role: "user", parts });
 * }
 * ```
 */
export function handleToolCalls(
  source: ToolSource,
  response: ModelResponse,
  { automatic: _, ...options }: Omit<HandleOptions, "strict"> & GoogleOptions = {},
): Promise<FunctionResponsePart[]> {
  const content = "candidates" in response ? response.candidates?.[0]?.content : response;
  const parts: readonly { functionCall?: FunctionCall }[] = content && "parts" in content ? (content.parts ?? []) : [];
  const calls = parts.flatMap(({ functionCall }) => functionCall ?? []);
  return answer(source, calls, options);
}

const answer = (
  source: ToolSource,
  calls: FunctionCall[],
  options: Omit<HandleOptions, "strict"> & GoogleOptions,
): Promise<FunctionResponsePart[]> => {
  const all = calls.map(({ id, name = "", args }) => ({ id, name, args }));
  return answerCalls(source, all, options, ({ id, name }, result) => {
    const shown = modelResult(result);
    const response = shown.successful ? { output: shown.data } : { error: shown.error };
    return { functionResponse: { ...(id && { id }), name, response } };
  });
};
