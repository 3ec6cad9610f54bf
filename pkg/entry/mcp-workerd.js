// The MCP server, with the toolkit as workerd.js loads it.
import "./workerd.js";

export * from "../mcp.js";
