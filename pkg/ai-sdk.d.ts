// Types of `nango-toolkit/ai-sdk`.
import type { AdapterOptions, ApprovalOptions, Result, ToolSource } from "./adapters.d.ts";

/** A tool of the AI SDK; what it gives is the whole result. */
export interface AiSdkTool {
  description: string;
  inputSchema: any;
  strict?: boolean;
  needsApproval?: boolean;
  execute: (input: any, options?: { toolCallId?: string; messages?: any[]; abortSignal?: AbortSignal | undefined }) => Promise<Result<any>>;
  toModelOutput: (options: { output: any }) => any;
}

/** The `tools` of `generateText`, `streamText` and agents, by name. */
export function toTools(source: ToolSource, options?: AdapterOptions & ApprovalOptions): Record<string, AiSdkTool>;
