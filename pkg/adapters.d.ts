// Types that the adapters share.
import type { ExecuteOptions, ProviderSchema, Result, ToolDefinition, ToolFilter } from "./index.d.ts";

/** A toolkit or a session. */
export interface ToolSource {
  tools(filter?: ToolFilter): ToolDefinition[];
  execute(name: string, args: unknown, options?: ExecuteOptions): Promise<Result>;
}

/** Which tools, and in what form. */
export interface AdapterOptions extends Omit<ToolFilter, "schema"> {
  /**
   * Schemas that OpenAI's strict mode takes. No parameter is missing: an optional one may be `null`, a map is a list of
   * `{ key, value }`, free-form JSON a text; all of it is turned back before the check. Default false.
   */
  strict?: boolean;
}

/** Of adapters whose framework can ask a person before a tool runs. */
export interface ApprovalOptions {
  /**
   * The tools that a person approves first, by the framework's own way; `true` for all destructive ones. Where the
   * framework tells of the approval (the AI SDK, OpenAI Agents and Google ADK do, Mastra does not), the call counts as
   * confirmed for a policy that asks for a confirmation, too. Default none.
   */
  needsApproval?: boolean | ((tool: ToolDefinition) => boolean);
}

/** Of loops: give them what `toTools` was given. */
export interface HandleOptions extends AdapterOptions {
  /** Names of the caller's own tools: calls to them are left alone. */
  except?: string[];
  /** Ends all calls of the turn. */
  signal?: AbortSignal;
}

export type { ProviderSchema, Result, ToolDefinition, ToolFilter };
