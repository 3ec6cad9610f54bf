// Types of `nango-toolkit/langchain`.
import type { AdapterOptions, Result, ToolSource } from "./adapters.d.ts";

/** The tool message of a call. */
export interface ToolMessageFields {
  content: string;
  name: string;
  tool_call_id: string;
  status: "success" | "error";
  artifact: Result;
}

/** A tool as agents and chat models take it. */
export interface LangChainTool {
  [field: string]: unknown;
  lc_runnable: boolean;
  lc_namespace: string[];
  name: string;
  description: string;
  schema: { [keyword: string]: unknown };
  returnDirect: boolean;
  invoke: (input: any, config?: any) => Promise<any>;
}

/** What LangChain's adapter can do beside. */
export interface LangChainOptions {
  /** LangChain's class of that name: failures then have the status `error`, and messages the whole result as artifact. */
  ToolMessage?: new (fields: any) => unknown;
}

/** The `tools` of `createAgent`, `ToolNode` and `bindTools`. */
export function toTools(source: ToolSource, options?: AdapterOptions & LangChainOptions): LangChainTool[];
