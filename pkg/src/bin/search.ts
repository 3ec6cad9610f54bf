// `nango-toolkit search`: the tools for a request in natural language. The library finds them.
import { EXIT, UsageError, note, parse, print, printJson, table, wholeNumber } from "./output.js";
import { dressTool, knownToolsets } from "./tools.js";

export const help = `Find the tools for a request in your own words.

Usage: nango-toolkit search TEXT [options]

Options:
  --limit N        at most N tools (default 5)
  --toolset NAME   only this toolset (may be given several times)
  --read-only      only tools that change nothing
  --json           JSON, for programs
  -h, --help       this help

Exit codes: 0 found, 1 nothing fits, 2 wrong use

Examples:
  nango-toolkit search "who has connected Salesforce?"
  nango-toolkit search disconnect an account --limit 1`;

const OPTIONS = {
  limit: { type: "string", default: "5" },
  toolset: { type: "string", multiple: true },
  "read-only": { type: "boolean" },
  json: { type: "boolean" },
} as const;

export async function main(args: string[], showHelp: () => void): Promise<number | void> {
  const { values, positionals } = parse("search", args, OPTIONS, Number.POSITIVE_INFINITY);
  if (values.help) return showHelp();
  if (positionals.length === 0) throw new UsageError("the request is missing: nango-toolkit search TEXT");
  const { listTools, searchTools } = await import("../entry/node.js");
  const limit = wholeNumber("--limit", values.limit, 1, 1000);
  const toolsets = knownToolsets(listTools({ toolsets: "all" }), values.toolset);
  const hits = searchTools(positionals.join(" "), { limit, toolsets, readOnly: values["read-only"] });
  const rows = hits.map((hit) => [hit.slug, String(hit.score), hit.effect, hit.matched.join(" ")]);
  if (values.json) printJson(hits);
  else if (hits.length === 0) note("no tool fits; `nango-toolkit tools --toolset all` lists them");
  else print(table(["SLUG", "SCORE", "EFFECT", "MATCHED"], rows, dressTool));
  return hits.length > 0 ? EXIT.ok : EXIT.failed;
}
