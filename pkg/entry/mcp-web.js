// The MCP server, with the toolkit's module as web.js loads it.
import "./web.js";

export * from "../mcp.js";
