// The MCP server, with the toolkit's module as workerd.js loads it.
import "./workerd.js";

export * from "../mcp.js";
