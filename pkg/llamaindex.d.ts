// Types of `nango-toolkit/llamaindex`.
import type { AdapterOptions, ToolSource } from "./adapters.d.ts";

/** A tool of LlamaIndex. */
export interface LlamaIndexTool {
  call: (args: any) => Promise<any>;
  metadata: { name: string; description: string; parameters: any };
}

/** The `tools` of an `agent`. */
export function toTools(source: ToolSource, options?: AdapterOptions): LlamaIndexTool[];
