// The MCP server, with the toolkit's module as inline.js loads it.
import "./inline.js";

export * from "../mcp.js";
