// The MCP server, with the toolkit as workerd.js loads it, and a module of its own in the same way.
import module from "../wasm/nango_mcp_bg.wasm";
import { initSync } from "../wasm/nango_mcp.js";
import "./workerd.js";

initSync(module);

export * from "../mcp.js";
