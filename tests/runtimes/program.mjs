// Node, Bun and Deno: the suite's runner. `program.mjs CONTEXT [slim]`, results as the last line of its output.
import { cases, run, slimCases } from "./suite.mjs";

const [json, slim] = process.argv.slice(2);
const [toolkit, emulator] = slim
  ? [await import("nango-toolkit/slim"), await import("nango-toolkit/emulator/slim")]
  : [await import("nango-toolkit"), await import("nango-toolkit/emulator")];
const results = await run(slim ? slimCases : cases, { ...JSON.parse(json), toolkit, emulator });
console.log(JSON.stringify(results));
process.exit(0);
