/**
 * Types of `nango-toolkit/mcp/slim`: everything of `nango-toolkit/mcp`, and the loading of its module left to you,
 * beside that of `nango-toolkit/slim`.
 */
export * from "./mcp.js";
export { init, initSync } from "./slim.js";
export type { Bytes, CompiledModule, Source } from "./slim.js";
