// The MCP server, with the toolkit as web.js loads it.
import "./web.js";

export * from "../mcp.js";
