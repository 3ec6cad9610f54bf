// `nango-toolkit search`: the tools for a request in natural language. How they are found is the library's.
import { EXIT, UsageError, note, parse, print, printJson, style, table, wholeNumber } from "./output.js";
import { EFFECT, knownToolsets } from "./tools.js";

export const help = `Find the tools for a request in your own words.

Usage: nango-toolkit search TEXT [options]

Options:
  --limit N        how many at most (default 5)
  --toolset NAME   only this toolset (may be given several times)
  --read-only      only tools that change nothing
  --json           JSON, for programs
  -h, --help       this help

Exit codes: 0 found, 1 nothing fits, 2 wrong use

Examples:
  nango-toolkit search "who has connected Salesforce?"
  nango-toolkit search disconnect an account --limit 1`;

const OPTIONS = { limit: { type: "string", default: "5" }, toolset: { type: "string", multiple: true }, "read-only": { type: "boolean" }, json: { type: "boolean" } };

export async function main(args, showHelp) {
  const { values, positionals } = parse("search", args, OPTIONS, Infinity);
  if (values.help) return showHelp();
  if (positionals.length === 0) throw new UsageError("a text is missing: nango-toolkit search TEXT");
  const { listTools, searchTools } = await import("../entry/node.js");
  const limit = wholeNumber("--limit", values.limit, 1, 1000);
  const hits = searchTools(positionals.join(" "), { limit, toolsets: knownToolsets(listTools, values.toolset), readOnly: values["read-only"] });
  if (values.json) printJson(hits);
  else if (hits.length === 0) note("no tool fits; `nango-toolkit tools` lists them all");
  else print(table(["SLUG", "SCORE", "EFFECT", "MATCHED"], hits.map((hit) => [hit.slug, String(hit.score), hit.effect, hit.matched.join(" ")]), dress));
  return hits.length > 0 ? EXIT.ok : EXIT.failed;
}

const dress = (cell, column, row) => (column === 0 ? style.bold(cell) : column === 2 ? EFFECT[row[2]](cell) : cell);
