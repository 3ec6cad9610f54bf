// Node, Bun and Deno: the suite's runner. `program.mjs CONTEXT [slim]`, results as the last line of its output.
import { cases, run, slimCases } from "./suite.mjs";

const [json, slim] = process.argv.slice(2);
const [toolkit, emulator, mcp] = slim
  ? [
      await import("nango-toolkit/slim"),
      await import("nango-toolkit/emulator/slim"),
      await import("nango-toolkit/mcp/slim"),
    ]
  : [await import("nango-toolkit"), await import("nango-toolkit/emulator"), await import("nango-toolkit/mcp")];
const results = await run(slim ? slimCases : cases, { ...JSON.parse(json), toolkit, emulator, mcp });
console.log(JSON.stringify(results));
process.exit(0);
