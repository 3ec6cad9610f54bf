// The MCP server, with the toolkit as node.js loads it, and a module of its own in the same way.
import { keepListsEncoded } from "../mcp-server.js";
import { initSync } from "../wasm/nango_mcp.js";
import "./node.js";

const { readFileSync } = process.getBuiltinModule("node:fs");
initSync(readFileSync(new URL("../wasm/nango_mcp_bg.wasm", import.meta.url)));

if (!("Deno" in globalThis || "Bun" in globalThis)) keepListsEncoded();

export * from "../mcp.js";
