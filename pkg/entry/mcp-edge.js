// The MCP server, with the toolkit as edge.js loads it, and a module of its own in the same way.
import module from "../wasm/nango_mcp_bg.wasm?module";
import { initSync } from "../wasm/nango_mcp.js";
import "./edge.js";

initSync(module);

export * from "../mcp.js";
