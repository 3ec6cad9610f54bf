// Tools for Google's Agent Development Kit (@google/adk).
import { shown, toolsOf } from "./adapters.js";

/** The `tools` of an `LlmAgent`. */
export const toTools = (source, { needsApproval, ...options } = {}) => toolsOf(source, options, needsApproval).map((tool) => new Tool(tool));

const CONFIRM = "this call requires confirmation: approve or reject it";

/** What ADK's BaseTool is, without importing it. */
class Tool {
  [Symbol.for("google.adk.baseTool")] = true;
  isLongRunning = false;
  #tool;

  constructor(tool) {
    this.#tool = tool;
    this.name = tool.name;
    this.description = tool.description;
  }

  _getDeclaration() {
    return { name: this.name, description: this.description, parametersJsonSchema: this.#tool.schema };
  }

  async checkRequireConfirmation() {
    return this.#tool.approval;
  }

  async runAsync({ args, toolContext }) {
    if (this.#tool.approval) {
      const { toolConfirmation } = toolContext;
      if (!toolConfirmation) {
        toolContext.requestConfirmation({ hint: `Approve or reject the call of ${this.name}.` });
        toolContext.actions.skipSummarization = true;
        return { error: CONFIRM };
      }
      if (!toolConfirmation.confirmed) return { error: "the call was rejected" };
    }
    return shown(await this.#tool.run(args, { id: toolContext?.functionCallId, approved: this.#tool.approval, signal: toolContext?.abortSignal }));
  }

  async processLlmRequest({ llmRequest }) {
    if (this.name in llmRequest.toolsDict) throw new Error(`two tools are named ${this.name}`);
    llmRequest.toolsDict[this.name] = this;
    const tools = ((llmRequest.config ??= {}).tools ??= []);
    let entry = tools.find((one) => one.functionDeclarations);
    if (!entry) tools.push((entry = { functionDeclarations: [] }));
    entry.functionDeclarations.push(this._getDeclaration());
  }
}
