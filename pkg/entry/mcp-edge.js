// The MCP server, with the toolkit as edge.js loads it.
import "./edge.js";

export * from "../mcp.js";
