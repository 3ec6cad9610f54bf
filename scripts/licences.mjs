// Writes pkg/THIRD_PARTY_LICENSES.txt: what other people's crates are in the WebAssembly modules of the package, each
// with its licence and the licence's text. `npm run licences`; a test compares the file with what this would write.

import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { MODULES, TARGET } from "./build.mjs";
import { isMain, must, Problem, program, root, versionOf } from "./lib.mjs";

export const FILE = join(root, "pkg", "THIRD_PARTY_LICENSES.txt");

const LICENCE_FILE = /^(licen[cs]e|copying|copyright|notice|unlicense)/i;

/** The crates that Rust's standard library brings along on WebAssembly. */
const OF_STANDARD_LIBRARY = ["cfg-if", "dlmalloc", "foldhash", "hashbrown", "rustc-demangle"];

/**
 * The crates that are linked into a module with this feature: without those that only run while it is compiled.
 * @returns {Promise<{ name: string, version: string, license: string, authors: string[], files: string[] }[]>}
 */
async function linkedWith(feature) {
  const selected = ["--locked", "--no-default-features", "--features", feature];
  const tree = ["--edges", "normal,no-proc-macro", "--target", TARGET, "--prefix", "none", "--format", "{p}"];
  const lines = (await quiet("cargo", ["tree", ...selected, ...tree])).split("\n");
  const linked = new Set(lines.map((line) => line.split(" ").slice(0, 2).join(" ")));
  const metadata = ["metadata", "--format-version", "1", ...selected, "--filter-platform", TARGET];
  const { packages } = JSON.parse(await quiet("cargo", metadata));
  return packages
    .filter(({ name, version, source }) => source && linked.has(`${name} v${version}`))
    .map(({ name, version, license, authors, manifest_path: manifest }) => {
      if (!license) throw new Problem(`the crate ${name} ${version} names no licence`);
      return { name, version, license: expression(license), authors, files: licenceFilesIn(dirname(manifest)) };
    });
}

/** The output of a program without what it reports as it works. */
const quiet = async (command, args) => {
  const output = await must(command, args, { capture: true });
  return output.replace(/^ *(Blocking|Downloading|Downloaded|Updating|Locking|info:).*\n/gm, "");
};

/** Older crates write a slash where the standard has `OR`. */
const expression = (license) => license.replaceAll("/", " OR ");

const licenceFilesIn = (folder) =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && LICENCE_FILE.test(entry.name))
    .map(({ name }) => name)
    .sort()
    .map((name) => readFileSync(join(folder, name), "utf8"));

/** The standard library and its crates, as the Rust toolchain describes them. */
function standardLibrary() {
  const file = join(versionOf("rustc", ["--print", "sysroot"]), "share", "doc", "rust", "COPYRIGHT-library.html");
  if (!existsSync(file)) throw new Problem(`the Rust toolchain has no ${file}: install it with rustup`);
  const sections = readFileSync(file, "utf8")
    .split(/<h3>\S+ /)
    .slice(1);
  const unescape = (html) => html.replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)));
  const field = (section, name) => unescape(new RegExp(`<b>${name}:</b> (.*?)</p>`).exec(section)?.[1] ?? "");
  const crates = OF_STANDARD_LIBRARY.map((name) => {
    const section = sections.find((one) => new RegExp(`^${name}-\\d`).test(one));
    if (!section) throw new Problem(`${file} does not describe \`${name}\`: look at OF_STANDARD_LIBRARY`);
    const files = [...section.matchAll(/<pre>\n?(.*?)<\/pre>/gs)].map(([, text]) => unescape(text));
    const version = section.slice(name.length + 1, section.indexOf("<"));
    return {
      name,
      version,
      license: expression(field(section, "License")),
      authors: [field(section, "Authors")],
      files,
    };
  });
  const version = versionOf("rustc").split(" ")[1];
  const authors = ["The Rust Project Developers, https://thanks.rust-lang.org"];
  return [{ name: "std", version, license: "MIT OR Apache-2.0", authors, files: [] }, ...crates];
}

/** All that the modules consist of, each once, with the modules that it is in. */
export async function thirdParty() {
  const found = new Map();
  for (const { name: module, feature } of MODULES) {
    for (const one of [...(await linkedWith(feature)), ...standardLibrary()]) {
      const id = `${one.name} ${one.version}`;
      const modules = [...(found.get(id)?.modules ?? []), module];
      found.set(id, { id, ...one, modules: [...new Set(modules)] });
    }
  }
  return [...found.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Line ends as everywhere, without empty lines around the text and spaces at the ends of its lines. */
const tidy = (text) =>
  text
    .replace(/^\uFEFF/, "")
    .replace(/[^\S\n]*\r?\n/g, "\n")
    .replace(/^\n+|\s+$/g, "");

/** The licence files of all crates, each once with its crates, even if its lines are broken in other places. */
function sharedNotices(crates) {
  const shared = new Map();
  for (const { id, files } of crates) {
    for (const text of files) {
      const words = text.replace(/\s+/g, " ").trim();
      const { first = tidy(text), ids = new Set() } = shared.get(words) ?? {};
      shared.set(words, { first, ids: ids.add(id) });
    }
  }
  return [...shared.values()].map(({ first, ids }) => ({ text: first, ids: [...ids] }));
}

/** The file. */
export async function notices() {
  const crates = await thirdParty();
  const rule = "-".repeat(80);
  const rows = crates.map(({ id, license, authors, modules, files: own }) => {
    const by = own.length > 0 || authors.length === 0 ? "" : `, by ${authors.join(", ")}`;
    return `${id}: ${license}${by} (${modules.join(", ")})`;
  });
  return `The WebAssembly modules of nango-toolkit contain code of these crates and of Rust's standard library.
Each line: name, version, licence, and the modules that contain it. The licences follow.

${rows.join("\n")}
${sharedNotices(crates)
  .map(({ text, ids }) => `\n${rule}\n${ids.join(", ")}\n${rule}\n\n${text}\n`)
  .join("")}`;
}

if (isMain(import.meta.url)) {
  program(async () => {
    writeFileSync(FILE, await notices());
    process.stdout.write(`wrote ${FILE}\n`);
  });
}
