// The MCP server, with the toolkit as inline.js loads it, and a module of its own in the same way.
import base64 from "../wasm/nango_mcp.base64.js";
import { initSync } from "../wasm/nango_mcp.js";
import "./inline.js";

initSync(Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)));

export * from "../mcp.js";
