// `npm run docs`: the documentation as a static site in dist/docs. TypeDoc makes it of README.md, the pages of docs/
// and the types of the package; rustdoc makes the reference of the crate in its folder `rust`. A warning is an error.
// `--no-rust` leaves the crate out.

import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative, sep } from "node:path";
import { build } from "./build.mjs";
import { Problem, ensurePackages, environment, isMain, must, program, root, step } from "./lib.mjs";
import { DOCS } from "./page.mjs";

const TOOLS = join(root, "scripts", "docs");

/** The groups of pages in their order, each with the pages that come first. A page that is not named is in the last. */
const GROUPS = {
  Guides: [
    "docs/javascript.md",
    "docs/options.md",
    "docs/results-and-errors.md",
    "docs/tools.md",
    "docs/paging.md",
    "docs/frameworks.md",
    "docs/mcp.md",
    "docs/sessions.md",
    "docs/policy.md",
    "docs/audit.md",
    "docs/safety.md",
    "docs/emulator.md",
    "docs/runtimes.md",
    "docs/command-line.md",
    "docs/demo-page.md",
    "docs/rust.md",
    "docs/component.md",
  ],
  "Coming from elsewhere": ["docs/from-nango-node.md", "docs/from-hosted-toolkits.md"],
  "Python frameworks": readdirSync(join(root, "docs", "python"))
    .filter((file) => file.endsWith(".md"))
    .map((file) => `docs/python/${file}`),
  "About the project": ["docs/comparison.md", "docs/bundlers.md", "docs/faces.md", "docs/layout.md"],
};

/** The pages beside README.md that a forge shows at the root. */
const AT_ROOT = ["CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"];

/** Each page with its group. */
export function pages() {
  const found = readdirSync(join(root, "docs"))
    .filter((file) => file.endsWith(".md"))
    .map((file) => `docs/${file}`);
  const named = new Set(Object.values(GROUPS).flat());
  const others = [
    ...found.filter((page) => !named.has(page)),
    ...AT_ROOT.filter((page) => existsSync(join(root, page))),
  ];
  const groups = Object.entries(GROUPS).map(([group, listed], i, { length }) => [
    group,
    i === length - 1 ? [...listed, ...others] : listed,
  ]);
  return groups.flatMap(([group, listed]) => listed.map((page) => ({ page, group })));
}

/** Builds the site into `out`. */
export async function buildDocs({ out = DOCS, rust = true } = {}) {
  await build();
  await ensurePackages(join("scripts", "docs"));
  const staged = join(root, "target", "docs", "pages");
  rmSync(staged, { recursive: true, force: true });
  stage("README.md", staged);
  const all = pages();
  for (const { page, group } of all) stage(page, staged, group);
  const options = {
    extends: [join(TOOLS, "typedoc.json")],
    entryPoints: entryPoints(),
    readme: join(staged, "README.md"),
    projectDocuments: all.map(({ page }) => join(staged, page)),
    plugin: rust ? [join(TOOLS, "rust-link.mjs")] : [],
    groupOrder: [...Object.keys(GROUPS), "*"],
    out,
  };
  const file = join(staged, "typedoc.json");
  writeFileSync(file, JSON.stringify(options));
  step("documentation: pages and the reference of the package (TypeDoc)");
  await must(process.execPath, [join(TOOLS, "node_modules", "typedoc", "bin", "typedoc"), "--options", file]);
  if (rust) await rustdoc(out);
}

/** The sources of what programs import, by the types that package.json names for each subpath. */
function entryPoints() {
  const { exports } = JSON.parse(readFileSync(join(root, "pkg", "package.json"), "utf8"));
  const types = Object.values(exports).map(({ types }) => types?.default ?? types);
  const sources = types.filter((file) => file && !file.endsWith("wasm-module.d.ts"));
  return [...new Set(sources)].map((file) =>
    join(root, "pkg", file.replace("./dist/", "src/").replace(/\.d\.ts$/, ".ts")),
  );
}

/**
 * Copies a page for TypeDoc: its heading becomes its title; links to other files of the repository are resolved from
 * its new place. What a site cannot show, a folder, is named without a link.
 */
function stage(page, staged, group) {
  const text = readFileSync(join(root, page), "utf8");
  const from = dirname(join(root, page));
  const to = dirname(join(staged, page));
  const shown = new Set(["README.md", ...pages().map(({ page }) => page)].map((page) => join(root, page)));
  // Code is skipped: brackets are something else there.
  const linked = text.replace(/^```.*?^```$|`[^`\n]*`|\[([^\]\n]+)\]\(([^)\s]+)\)/gms, (link, label, target) => {
    if (target === undefined || /^(https?:|#)/.test(target)) return link;
    const [path, anchor] = target.split("#");
    const file = join(from, path);
    if (!existsSync(file)) throw new Problem(`${page} links to \`${target}\`, which does not exist`);
    if (shown.has(file)) return link;
    if (statSync(file).isDirectory()) return label;
    return `[${label}](${relative(to, file).split(sep).join("/")}${anchor ? `#${anchor}` : ""})`;
  });
  const title = /^# (.+)$/m.exec(text)?.[1] ?? basename(page, ".md");
  mkdirSync(to, { recursive: true });
  const head = group ? `---\ntitle: ${JSON.stringify(title)}\ngroup: ${JSON.stringify(group)}\n---\n\n` : "";
  writeFileSync(join(staged, page), head + linked);
}

/** The features that docs.rs builds the crate with. */
const features = () =>
  /\[package\.metadata\.docs\.rs\]\nfeatures = \[(.*)\]/
    .exec(readFileSync(join(root, "Cargo.toml"), "utf8"))[1]
    .replace(/[" ]/g, "");

/** The reference of the crate. */
async function rustdoc(out) {
  step("documentation: the reference of the crate (rustdoc)");
  const env = environment({ RUSTDOCFLAGS: "-D warnings" });
  await must("cargo", ["doc", "--locked", "--no-deps", "--lib", "--features", features()], { env });
  cpSync(join(root, "target", "doc"), join(out, "rust"), { recursive: true });
}

if (isMain(import.meta.url)) {
  program(async () => {
    await buildDocs({ rust: !process.argv.includes("--no-rust") });
    step(`the site is in ${relative(root, DOCS)}: npm start serves it`);
  });
}
