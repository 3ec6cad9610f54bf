/**
 * Tools for Google's Agent Development Kit (@google/adk).
 *
 * @module nango-toolkit/google-adk
 */
import {
  type AdapterOptions,
  type AdapterTool,
  type ApprovalOptions,
  adapterTools,
  modelResult,
  type ObjectSchema,
  type ToolSource,
} from "./shared.js";

export type { AdapterOptions, ApprovalOptions, ToolSource } from "./shared.js";

/**
 * The `tools` of an `LlmAgent`. `Tool` is ADK's own type of a tool; it follows from where the tools are used.
 *
 * @throws `NangoToolkitError` if an option names something that does not exist.
 * @example
 * ```ts
 * import { LlmAgent } from "@google/adk";
 * import { NangoToolkit } from "nango-toolkit";
 * import { toTools } from "nango-toolkit/google-adk";
 *
 * const nango = new NangoToolkit({ apiKey: process.env.NANGO_SECRET_KEY ?? "" });
 * export const rootAgent = new LlmAgent({
 *   name: "support",
 *   model: "gemini-3-flash",
 *   tools: toTools(nango, { needsApproval: true }),
 * });
 * ```
 */
export function toTools<Tool = unknown>(
  source: ToolSource,
  { needsApproval, ...options }: Omit<AdapterOptions, "strict"> & ApprovalOptions = {},
): Tool[] {
  return adapterTools(source, options, needsApproval).map((tool) => new AdkTool(tool) as Tool);
}

const ASK = "this call requires confirmation: approve or reject it";

/** The part of ADK's context of a call that is used. */
interface ToolContext {
  functionCallId?: string;
  abortSignal?: AbortSignal;
  toolConfirmation?: { confirmed?: boolean };
  actions: { skipSummarization?: boolean };
  requestConfirmation(request: { hint: string }): void;
}

/** A function as Gemini sees it. */
interface Declaration {
  name: string;
  description: string;
  parametersJsonSchema: ObjectSchema;
}

/** The part of ADK's request to the model that is used. */
interface LlmRequest {
  toolsDict: Record<string, unknown>;
  config?: { tools?: { functionDeclarations?: Declaration[] }[] };
}

/** What ADK's `BaseTool` is, without importing it. */
class AdkTool {
  readonly isLongRunning = false;
  readonly name: string;
  readonly description: string;
  readonly #tool: AdapterTool;

  constructor(tool: AdapterTool) {
    Object.assign(this, { [Symbol.for("google.adk.baseTool")]: true });
    this.#tool = tool;
    this.name = tool.name;
    this.description = tool.description;
  }

  _getDeclaration(): Declaration {
    return { name: this.name, description: this.description, parametersJsonSchema: this.#tool.schema };
  }

  async checkRequireConfirmation(): Promise<boolean> {
    return this.#tool.needsApproval;
  }

  async runAsync({ args, toolContext }: { args: unknown; toolContext: ToolContext }): Promise<unknown> {
    const approved = this.#tool.needsApproval;
    if (approved) {
      const { toolConfirmation } = toolContext;
      if (!toolConfirmation) {
        toolContext.requestConfirmation({ hint: `Approve or reject the call of ${this.name}.` });
        toolContext.actions.skipSummarization = true;
        return { error: ASK };
      }
      if (!toolConfirmation.confirmed) return { error: "the call was rejected" };
    }
    const context = { id: toolContext?.functionCallId, approved, signal: toolContext?.abortSignal };
    return modelResult(await this.#tool.run(args, context));
  }

  async processLlmRequest({ llmRequest }: { llmRequest: LlmRequest }): Promise<void> {
    if (Object.hasOwn(llmRequest.toolsDict, this.name)) throw new Error(`two tools are named ${this.name}`);
    llmRequest.toolsDict[this.name] = this;
    llmRequest.config ??= {};
    llmRequest.config.tools ??= [];
    const { tools } = llmRequest.config;
    const declarations = tools.find((entry) => entry.functionDeclarations)?.functionDeclarations;
    if (declarations) declarations.push(this._getDeclaration());
    else tools.push({ functionDeclarations: [this._getDeclaration()] });
  }
}
