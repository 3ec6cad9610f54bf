// The MCP server, with the toolkit as inline.js loads it.
import "./inline.js";

export * from "../mcp.js";
