// The MCP server, with the toolkit's module as workerd.ts loads it.
import "./workerd.js";

export * from "../mcp.js";
