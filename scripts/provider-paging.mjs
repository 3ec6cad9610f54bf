// How providers page their lists, from the pinned `@nangohq/providers`: writes `src/paging/providers.json` and the list
// in docs/paging.md. `node scripts/provider-paging.mjs`; with `--check` it only says whether they are up to date.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { Problem, isMain, root } from "./lib.mjs";

const REWRITE = "node scripts/provider-paging.mjs";
const JSON_FILE = join(root, "src", "paging", "providers.json");
const PAGE = join(root, "docs", "paging.md");

/** Which properties a description needs for its type; without one of them, no list can be paged. */
const NEEDS = {
  cursor: [["cursor_name_in_request"], ["cursor_path_in_response"]],
  link: [["link_rel_in_response_header", "link_path_in_response_body"]],
  offset: [["offset_name_in_request"]],
};

/** The entries of the catalogue as they are written, without what aliases take over from others. */
export function readProviders() {
  const require = createRequire(join(root, "node_modules", "@nangohq", "providers", "package.json"));
  return require("js-yaml").load(readFileSync(require.resolve("./providers.yaml"), "utf8"));
}

const isUsable = (paging) => (NEEDS[paging.type] ?? [[]]).every((names) => names.some((name) => paging[name]));

/**
 * The paging of each provider by name: `{ paging, from?, isLost? }`. `from` is the provider that an alias stands for,
 * `isLost` says that the alias has proxy settings of its own, in whose favour Nango drops those of the other.
 */
export function pagingOf(providers) {
  const found = new Map();
  for (const [name, { alias, proxy }] of Object.entries(providers)) {
    const own = proxy?.paginate;
    if (own) {
      if (isUsable(own)) found.set(name, { paging: own });
      continue;
    }
    const base = alias === undefined ? undefined : providers[alias]?.proxy?.paginate;
    if (!base || !isUsable(base)) continue;
    // Its API is another one: the list may have another name there.
    const { response_path: _, ...paging } = base;
    found.set(name, { paging, from: alias, isLost: proxy !== undefined });
  }
  return found;
}

/** The content of the JSON file: providers with the same paging stand together. */
function jsonOf(found) {
  const groups = new Map();
  for (const [name, { paging }] of [...found].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const key = JSON.stringify(Object.fromEntries(Object.entries(paging).sort()));
    groups.set(key, [...(groups.get(key) ?? []), name]);
  }
  const lines = [...groups].map(
    ([paging, names]) => `  { "providers": ${JSON.stringify(names)}, "paging": ${paging} }`,
  );
  return `[\n${lines.join(",\n")}\n]\n`;
}

/** The list of the page. */
function listOf(found) {
  const code = (names) => names.map((name) => `\`${name}\``).join(", ");
  const all = [...found].sort(([a], [b]) => (a < b ? -1 : 1));
  const of = (wanted) => code(all.filter(([, one]) => wanted(one)).map(([name]) => name));
  return [
    `* By their own description: ${of((one) => !one.from)}.`,
    `* As the provider that they stand for, in Nango, too: ${of((one) => one.from && !one.isLost)}.`,
    "* As the provider that they stand for, where Nango itself loses it, since they have proxy settings of their " +
      `own: ${of((one) => one.isLost)}.`,
  ].join("\n");
}

/** The files with their contents as they should be. */
export function files() {
  const found = pagingOf(readProviders());
  const [start, end] = ["<!-- providers:start -->\n", "<!-- providers:end -->"];
  const page = readFileSync(PAGE, "utf8");
  const [before, rest] = page.split(start);
  const after = rest?.split(end)[1];
  if (after === undefined) throw new Problem(`${PAGE} does not mark the list of providers`);
  return new Map([
    [JSON_FILE, jsonOf(found)],
    [PAGE, `${before}${start}${listOf(found)}\n${end}${after}`],
  ]);
}

/** The files that are not as they should be. */
export const stale = () =>
  [...files()].filter(([file, text]) => readFileSync(file, "utf8") !== text).map(([file]) => file);

if (isMain(import.meta.url)) {
  if (process.argv.includes("--check")) {
    const wrong = stale();
    for (const file of wrong) console.error(`${file} is not up to date: ${REWRITE}`);
    process.exitCode = wrong.length > 0 ? 1 : 0;
  } else for (const [file, text] of files()) writeFileSync(file, text);
}
