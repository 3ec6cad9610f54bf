// The MCP server, with the toolkit as node.js loads it.
import "./node.js";

export * from "../mcp.js";
