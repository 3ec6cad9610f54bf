// Types of `nango-toolkit/mastra`.
import type { AdapterOptions, ApprovalOptions, Result, ToolSource } from "./adapters.d.ts";

/** A Standard Schema with its JSON Schema. */
export interface StandardSchema {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => { readonly value: any };
    readonly jsonSchema: { readonly input: () => Record<string, unknown>; readonly output: () => Record<string, unknown> };
  };
}

/** A tool of Mastra; what it gives is the whole result. */
export interface MastraTool {
  id: string;
  description: string;
  inputSchema: StandardSchema;
  strict?: boolean;
  requireApproval?: boolean;
  execute: (input: any, context?: any) => Promise<Result<any>>;
  toModelOutput: (output: any) => unknown;
}

/** The `tools` of an `Agent`, by name. */
export function toTools(source: ToolSource, options?: AdapterOptions & ApprovalOptions): Record<string, MastraTool>;
