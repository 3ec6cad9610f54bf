// The MCP server, with the toolkit's module as edge.ts loads it.
import "./edge.js";

export * from "../mcp.js";
