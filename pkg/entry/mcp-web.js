// The MCP server, with the toolkit as web.js loads it, and a module of its own in the same way.
import { init } from "../wasm/nango_mcp.js";
import "./web.js";

await init(new URL("../wasm/nango_mcp_bg.wasm", import.meta.url));

export * from "../mcp.js";
