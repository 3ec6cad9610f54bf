// Node, Bun and Deno: answers the MCP transcript with the installed package; results as the last line.
import { readFileSync } from "node:fs";
import { createEmulator } from "nango-toolkit/emulator";
import { createMcpHandler } from "nango-toolkit/mcp";
import { run } from "./mcp-suite.mjs";

const transcript = JSON.parse(readFileSync(new URL("mcp.json", import.meta.url), "utf8"));
console.log(JSON.stringify(await run({ createEmulator, createMcpHandler, transcript })));
