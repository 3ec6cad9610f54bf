// What an agent uses: the MCP handler and the tool formats of frameworks. Loaded when the view is first opened.
import { toTools as anthropic } from "../../../pkg/dist/adapters/anthropic.js";
import { toTools as google } from "../../../pkg/dist/adapters/google.js";
import { createMcpHandler } from "../../../pkg/dist/mcp.js";
import { toTools as openai } from "../../../pkg/dist/adapters/openai.js";

export { createMcpHandler };

/** The tool list as each framework receives it, from a toolkit or a session: plain JSON. */
export const SHAPES = {
  openai: (source) => openai(source),
  strict: (source) => openai(source, { strict: true }),
  anthropic: (source) => anthropic(source),
  gemini: (source) => google(source, { schema: "gemini" }),
};
