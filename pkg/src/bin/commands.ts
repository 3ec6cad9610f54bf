// The commands, with what each does in a few words. Their files are loaded when they run.
import type { Command } from "./output.js";

interface Entry {
  summary: string;
  load(): Promise<Command>;
}

/** The commands by name, in the order in which help lists them. */
export const COMMANDS: Readonly<Record<string, Entry>> = {
  tools: { summary: "list the tools, or show one with its arguments", load: () => import("./tools.js") },
  search: { summary: "find the tools for a request in your own words", load: () => import("./search.js") },
  call: { summary: "run one tool against Nango, or against the in-memory Nango", load: () => import("./call.js") },
  stats: { summary: "show how calls went, from a log", load: () => import("./stats.js") },
  mcp: { summary: "serve the tools to MCP clients, over stdio or HTTP", load: () => import("./mcp.js") },
  emulate: { summary: "serve the in-memory Nango over HTTP", load: () => import("./emulate.js") },
  completion: { summary: "print a script that completes words in a shell", load: () => import("./completion.js") },
};
