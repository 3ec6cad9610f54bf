// The MCP server, with the toolkit's module as node.ts loads it.
import "./node.js";

export * from "../mcp.js";
