// The MCP server, with the toolkit's module as inline.ts loads it.
import "./inline.js";

export * from "../mcp.js";
