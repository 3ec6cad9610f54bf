// The MCP server, with the toolkit's module as web.ts loads it.
import "./web.js";

export * from "../mcp.js";
