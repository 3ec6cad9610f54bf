// Types of `nango-toolkit/google-adk`.
import type { AdapterOptions, ApprovalOptions, ToolSource } from "./adapters.d.ts";

/** The `tools` of an `LlmAgent`; typed loosely, since ADK's own type of a tool is its class. */
export function toTools(source: ToolSource, options?: Omit<AdapterOptions, "strict"> & ApprovalOptions): any[];
