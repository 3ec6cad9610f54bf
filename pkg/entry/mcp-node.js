// The MCP server, with the toolkit's module as node.js loads it.
import "./node.js";

export * from "../mcp.js";
