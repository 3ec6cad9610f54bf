// The MCP server without automatic loading: call its `init` or `initSync` first, and that of slim.js.
export { init, initSync } from "../wasm/nango_mcp.js";
export * from "../mcp.js";
