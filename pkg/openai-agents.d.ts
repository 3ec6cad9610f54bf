// Types of `nango-toolkit/openai-agents`.
import type { AdapterOptions, ApprovalOptions, ToolSource } from "./adapters.d.ts";

/** A function tool. */
export interface AgentTool {
  type: "function";
  name: string;
  description: string;
  parameters: { type: "object"; properties: Record<string, any>; required: string[]; additionalProperties: boolean };
  strict: boolean;
  needsApproval: () => Promise<boolean>;
  isEnabled: () => Promise<boolean>;
  invoke: (context: unknown, args: string, details?: { signal?: AbortSignal; toolCall?: { callId: string } }) => Promise<string>;
}

/** The `tools` of an `Agent`. */
export function toTools(source: ToolSource, options?: AdapterOptions & ApprovalOptions): AgentTool[];
