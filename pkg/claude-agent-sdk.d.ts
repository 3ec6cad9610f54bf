// Types of `nango-toolkit/claude-agent-sdk`.
import type { AdapterOptions, ToolSource } from "./adapters.d.ts";

/** An entry of `mcpServers`; the SDK's own type of `instance` is a class of the MCP SDK. */
export interface SdkServer {
  type: "sdk";
  name: string;
  instance: any;
}

/** What this adapter can do beside. */
export interface ServerOptions {
  /** The server's name, the middle of `mcp__nango__…`. Default `nango`. */
  name?: string;
}

/** The `mcpServers` of `query`. */
export function toTools(source: ToolSource, options?: Omit<AdapterOptions, "strict"> & ServerOptions): Record<string, SdkServer>;
/** The names that `allowedTools` and permission rules know the tools by. */
export function toolNames(source: ToolSource, options?: Omit<AdapterOptions, "strict"> & ServerOptions): string[];
