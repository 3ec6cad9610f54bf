// Types of `nango-toolkit/google`.
import type { AdapterOptions, HandleOptions, ToolSource } from "./adapters.d.ts";

/** A function as Gemini is told of it. */
export interface FunctionDeclaration {
  name: string;
  description: string;
  parametersJsonSchema?: unknown;
  /** In Gemini's own subset. */
  parameters?: any;
}

/** An entry of `config.tools`. */
export interface FunctionTool {
  functionDeclarations: FunctionDeclaration[];
}

/** An entry of `config.tools` whose calls the client runs. */
export interface AutomaticTool {
  tool: () => Promise<FunctionTool>;
  callTool: (calls: { id?: string; name?: string; args?: Record<string, unknown> }[]) => Promise<FunctionResponsePart[]>;
}

/** The answer to a call. */
export interface FunctionResponsePart {
  functionResponse: { id?: string; name: string; response: { output: unknown } | { error: unknown } };
}

/** What Google's adapter can do beside. */
export interface GoogleOptions {
  /** `"gemini"`: `parameters` in Gemini's own subset, in place of `parametersJsonSchema`. */
  schema?: "gemini";
}

/** The `tools` of a request's `config`; with `automatic` the client runs the calls. */
export function toTools(source: ToolSource, options: Omit<AdapterOptions, "strict"> & GoogleOptions & { automatic: true }): AutomaticTool[];
export function toTools(source: ToolSource, options?: Omit<AdapterOptions, "strict"> & GoogleOptions & { automatic?: false }): FunctionTool[];

/**
 * Runs every call in a response (or content), all at once. Gives the parts of the content that answers them, in order:
 * none when there are none. Give it the options that {@link toTools} was given.
 */
export function handleToolCalls(
  source: ToolSource,
  response: { candidates?: readonly { content?: { parts?: readonly object[] } }[] } | { parts?: readonly object[] },
  options?: Omit<HandleOptions, "strict"> & GoogleOptions & { automatic?: boolean },
): Promise<FunctionResponsePart[]>;
