// Builds the package: its WebAssembly into pkg/wasm (cargo -> wasm-bindgen -> wasm-opt, once each for the toolkit and
// the emulator), then its TypeScript into pkg/dist. Installs missing tools, skips modules that have not changed.
// `node scripts/build.mjs [--force]`.

import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import {
  Problem,
  ensurePackages,
  environment,
  filesBelow,
  isMain,
  must,
  program,
  root,
  run,
  step,
  versionOf,
} from "./lib.mjs";

export const TARGET = "wasm32-unknown-unknown";
const OUT = join(root, "pkg", "wasm");
const DIST = join(root, "pkg", "dist");

/** The modules: import name, cargo feature, folder that cargo builds in, and the sources that are not compiled. */
export const MODULES = [
  { name: "nango_toolkit", feature: "js", targetDir: "target", without: /^src\/(emulator|wit)[./]/ },
  {
    name: "nango_emulator",
    feature: "js-emulator",
    targetDir: join("target", "js-emulator"),
    // It is downloaded by pages and seldom busy.
    level: "z",
    without: /^src\/(js|wit)[./]/,
  },
];

/** The features that rustc enables for this target; more would exclude older runtimes. */
const WASM_FEATURES = [
  "bulk-memory",
  "sign-ext",
  "nontrapping-float-to-int",
  "mutable-globals",
  "multivalue",
  "reference-types",
];

/** Builds everything that is not up to date. */
export async function build({ force = false } = {}) {
  await ensurePackages();
  const stale = MODULES.filter((module) => force || !isFresh(module));
  if (stale.length > 0) {
    await ensureRust();
    mkdirSync(OUT, { recursive: true });
    removeUnknown();
    for (const module of stale) await buildModule(module);
  }
  const compiled = inputsOfTypeScript();
  if (force || stale.length > 0 || !existsSync(DIST) || !isSame(COMPILED, compiled)) {
    rmSync(COMPILED, { force: true });
    await compileTypeScript();
    await bundleForNode();
    await bundleForRequire();
    mkdirSync(dirname(COMPILED), { recursive: true });
    writeFileSync(COMPILED, compiled);
  }
  for (const file of ["README.md", "LICENSE-MIT", "LICENSE-APACHE"])
    copyIfChanged(join(root, file), join(root, "pkg", file));
  report(stale);
}

/** The digest of what pkg/dist was last built from. */
const COMPILED = join(root, "target", "pkg-dist.inputs");

const isSame = (file, text) => existsSync(file) && readFileSync(file, "utf8") === text;

/** A digest of what pkg/dist is built from. */
function inputsOfTypeScript() {
  const glue = filesBelow("pkg/wasm").filter((file) => /\.(js|d\.ts)$/.test(file));
  return digest([
    "package-lock.json",
    "scripts/build.mjs",
    "pkg/package.json",
    "pkg/tsconfig.json",
    ...filesBelow("pkg/src"),
    ...glue,
  ]);
}

/** Compiles pkg/src to JavaScript and declarations. */
async function compileTypeScript() {
  rmSync(DIST, { recursive: true, force: true });
  await must(process.execPath, [
    join(root, "node_modules", "typescript", "bin", "tsc"),
    "--project",
    join(root, "pkg"),
  ]);
  // TypeScript does not copy hand-written declarations.
  copyFileSync(join(root, "pkg", "src", "wasm-module.d.ts"), join(DIST, "wasm-module.d.ts"));
}

/**
 * The bundles for Node, where importing few files is faster than importing many. Each group has its own chunks;
 * modules that must exist only once are imported by all of them: the error class, and the entries.
 */
const NODE_BUNDLES = [
  ["entry/node", "entry/slim", "entry/mcp-node", "mcp", "adapters/claude-agent-sdk"],
  ["entry/emulator-node", "entry/emulator-slim"],
  ["bin/nango-toolkit"],
];

/** Bundles the entries of Node and the command into pkg/dist/node. */
async function bundleForNode() {
  const { build: bundle } = await import("esbuild");
  const file = (name) => join(DIST, `${name}.js`);
  const entries = new Set(NODE_BUNDLES.flat().map(file));
  const once = {
    name: "once",
    setup: ({ onResolve }) =>
      onResolve({ filter: /^\.\.?\/.*\.js$/ }, ({ path, resolveDir, kind }) => {
        if (kind === "entry-point") return undefined;
        const target = join(resolveDir, path);
        if (target === file("errors")) return { path: "../errors.js", external: true };
        return entries.has(target) ? { path: `./${basename(target)}`, external: true } : undefined;
      }),
  };
  for (const names of NODE_BUNDLES) {
    await bundle({
      entryPoints: names.map(file),
      entryNames: "[name]",
      chunkNames: "shared-[hash]",
      outdir: join(DIST, "node"),
      bundle: true,
      splitting: true,
      format: "esm",
      platform: "node",
      target: "node20",
      minifySyntax: true,
      minifyWhitespace: true,
      lineLimit: 120,
      plugins: [once],
      logLevel: "error",
    });
  }
}

/**
 * Bundles everything that `require` loads into one file of pkg/dist/cjs, where an entry runs when it is asked for. The
 * types are those of the ES modules; TypeScript refuses that in some of its modes, in others not.
 */
async function bundleForRequire() {
  const { build: bundle } = await import("esbuild");
  const { exports } = JSON.parse(readFileSync(join(root, "pkg", "package.json"), "utf8"));
  const sources = new Map(NODE_BUNDLES.flat().map((name) => [`./dist/node/${basename(name)}.js`, `./dist/${name}.js`]));
  const entries = Object.values(exports)
    .filter(({ node }) => node)
    .map(({ types, node }) => ({
      name: basename(node.require, ".js"),
      source: sources.get(node.default) ?? node.default,
      types: types.default.replace("./dist/", "../").replace(".d.ts", ".js"),
    }));
  const getters = entries.map(({ name, source }) => `get "${name}"() { return require("${source}"); }`);
  const out = join(DIST, "cjs");
  // Bundlers look for files in the code of programs, but some cannot parse all of the toolkit's.
  const located = {
    name: "located",
    setup({ onLoad, onResolve }) {
      onResolve({ filter: /^\.\/paths\.js$/ }, ({ path }) => ({ path, external: true }));
      onLoad({ filter: /node\.js$/ }, ({ path }) => ({
        contents: readFileSync(path, "utf8").replace(
          /new URL\(.*?(\w+)_bg\.wasm", import\.meta\.url\)/,
          'require("./paths.js").$1',
        ),
      }));
    },
  };
  await bundle({
    stdin: { contents: `module.exports = { ${getters.join(", ")} };`, resolveDir: join(root, "pkg") },
    outfile: join(out, "all.js"),
    bundle: true,
    format: "cjs",
    platform: "node",
    target: "node20",
    plugins: [located],
    minifySyntax: true,
    minifyWhitespace: true,
    lineLimit: 120,
    logLevel: "error",
  });
  writeFileSync(join(out, "package.json"), '{ "type": "commonjs" }\n');
  const paths = MODULES.map(({ name }) => `exports.${name} = \`\${__dirname}/../../wasm/${name}_bg.wasm\`;\n`);
  writeFileSync(join(out, "paths.js"), paths.join(""));
  for (const { name, types } of entries) {
    writeFileSync(join(out, `${name}.js`), `module.exports = require("./all.js")["${name}"];\n`);
    writeFileSync(join(out, `${name}.d.ts`), `// @ts-ignore: an ES module\nexport * from "${types}";\n`);
  }
}

/** Removes output of earlier builds for modules that no longer exist: the package includes the whole folder. */
function removeUnknown() {
  const known = (file) => MODULES.some(({ name }) => file.replace(/^\./, "").startsWith(name));
  for (const file of readdirSync(OUT).filter((file) => !known(file))) rmSync(join(OUT, file));
}

function copyIfChanged(from, to) {
  if (!existsSync(to) || !readFileSync(from).equals(readFileSync(to))) copyFileSync(from, to);
}

/** Removes local paths from the build: panic messages name source files. */
export function remapped() {
  const cargo = process.env.CARGO_HOME ?? join(homedir(), ".cargo");
  const sysroot = versionOf("rustc", ["--print", "sysroot"]);
  const prefixes = [
    [cargo, "cargo"],
    [sysroot, "rust"],
    [root, "."],
  ];
  return prefixes.map(([from, to]) => `--remap-path-prefix=${from}=${to}`).join(" ");
}

/** Compiles the crate with one feature, optimised at a level of Cargo's, and returns the path of the module. */
export async function compile(feature, targetDir, level = "s") {
  // Only as a cdylib: together with an rlib, link-time optimisation produces 10 % more code.
  const options = [
    "--lib",
    "--crate-type",
    "cdylib",
    "--release",
    "--locked",
    "--target",
    TARGET,
    "--no-default-features",
  ];
  await must(
    "cargo",
    ["rustc", ...options, "--features", feature, "--config", `profile.release.opt-level="${level}"`],
    {
      env: environment({ CARGO_TARGET_DIR: join(root, targetDir), RUSTFLAGS: remapped() }),
    },
  );
  return join(root, targetDir, TARGET, "release", "nango_toolkit.wasm");
}

/** Optimises a compiled module for size, in place. */
export async function optimize(wasm) {
  const optimizer = join(root, "node_modules", "binaryen", "bin", "wasm-opt");
  const features = WASM_FEATURES.map((feature) => `--enable-${feature}`);
  const options = ["-Oz", "--strip-debug", "--strip-target-features", "--strip-producers", ...features];
  await must(process.execPath, [optimizer, ...options, wasm, "-o", `${wasm}.opt`]);
  renameSync(`${wasm}.opt`, wasm);
}

async function buildModule({ name, feature, targetDir, level, ...module }) {
  step(`building ${name} (feature ${feature})`);
  const built = await compile(feature, targetDir, level);
  const flags = ["--target", "web", "--out-dir", OUT, "--out-name", name, "--remove-producers-section"];
  const glue = ["--omit-default-module-path", "--experimental-reset-state-function"];
  await must("wasm-bindgen", [built, ...flags, ...glue]);
  adaptGlue(join(OUT, name));
  const wasm = wasmFile(name);
  await optimize(wasm);
  const title = `// The bytes of ${name}_bg.wasm as base64 text.\n`;
  writeFileSync(join(OUT, `${name}.base64.js`), `${title}export default "${readFileSync(wasm).toString("base64")}";\n`);
  writeFileSync(join(OUT, `${name}.base64.d.ts`), `${title}declare const base64: string;\nexport default base64;\n`);
  rmSync(join(OUT, `${name}_bg.wasm.d.ts`), { force: true });
  writeFileSync(markFile(name), inputs({ name, ...module }));
}

/**
 * Removes from the generated glue how it finds and loads its module, since pkg/src/load.ts does that: it also takes
 * modules of another realm, and has better error messages. `instantiate` replaces it.
 */
function adaptGlue(glue) {
  const code = cutFrom(`${glue}.js`, "async function __wbg_load(", "export { initSync, __wbg_init as default };");
  const instantiate = `export const instantiate = (module) =>
  __wbg_finalize_init(new WebAssembly.Instance(module, __wbg_get_imports()), module);
`;
  writeFileSync(`${glue}.js`, code + instantiate);
  const types = cutFrom(`${glue}.d.ts`, "export type InitInput =", "Promise<InitOutput>;");
  writeFileSync(`${glue}.d.ts`, `${types}export function instantiate(module: WebAssembly.Module): unknown;\n`);
}

/** The text of a file before `start`, if the file ends with `end`. */
function cutFrom(file, start, end) {
  const text = readFileSync(file, "utf8");
  const at = text.indexOf(start);
  if (at < 0 || !text.trimEnd().endsWith(end)) throw new Problem("wasm-bindgen's glue has changed: look at adaptGlue");
  return text.slice(0, at);
}

const wasmFile = (name) => join(OUT, `${name}_bg.wasm`);
const markFile = (name) => join(OUT, `.${name}.inputs`);

const isFresh = (module) =>
  existsSync(wasmFile(module.name)) &&
  existsSync(join(OUT, `${module.name}.d.ts`)) &&
  isSame(markFile(module.name), inputs(module));

/** A digest of everything that a module is built from; `more` are further input files. */
export function inputs({ without, more = [] }) {
  const settings = [
    "Cargo.toml",
    "Cargo.lock",
    "rust-toolchain.toml",
    "package-lock.json",
    "scripts/build.mjs",
    ...more,
  ];
  const sources = filesBelow("src").filter((file) => !without.test(file));
  return digest([...settings, ...sources], versionOf("rustc"));
}

/** A digest of these files, and of a version. */
function digest(files, version = "") {
  const hash = createHash("sha256");
  for (const file of files) {
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(root, file)))
      .update("\0");
  }
  return hash.update(version).digest("hex");
}

/** Ensures that cargo and a target are installed. */
export async function ensureTarget(target = TARGET) {
  if (!versionOf("cargo"))
    throw new Problem("cargo is not installed: install Rust with rustup (rustup.rs), then run this again");
  const sysroot = versionOf("rustc", ["--print", "sysroot"]);
  if (existsSync(join(sysroot, "lib", "rustlib", target))) return;
  step(`adding the Rust target ${target}`);
  await must("rustup", ["target", "add", target]);
}

/** Ensures that cargo, the wasm target and wasm-bindgen's command in the locked version are installed. */
async function ensureRust() {
  await ensureTarget();
  const wanted = /name = "wasm-bindgen"\nversion = "([^"]+)"/.exec(readFileSync(join(root, "Cargo.lock"), "utf8"))?.[1];
  if (!wanted) throw new Problem("Cargo.lock names no version of wasm-bindgen");
  if (versionOf("wasm-bindgen") === `wasm-bindgen ${wanted}`) return;
  step(`installing the wasm-bindgen command ${wanted} (once, a minute or two)`);
  const install = ["install", "wasm-bindgen-cli", "--version", wanted, "--no-default-features", "--profile", "dev"];
  const { code } = await run("cargo", install);
  if (code !== 0)
    throw new Problem(`wasm-bindgen ${wanted} could not be installed; try \`cargo ${install.join(" ")}\` by hand`);
  const found = versionOf("wasm-bindgen");
  if (found !== `wasm-bindgen ${wanted}`)
    throw new Problem(`another wasm-bindgen comes first in the path: found \`${found}\`, expected ${wanted}`);
}

/** The sizes of what a user downloads, in bytes. */
function report(stale) {
  const rows = MODULES.map((module) => {
    const bytes = ["_bg.wasm", ".js"].map((suffix) => readFileSync(join(OUT, `${module.name}${suffix}`)));
    const sum = (compress) => bytes.reduce((total, part) => total + compress(part).length, 0);
    const [raw, gzip, brotli] = [
      sum((part) => part),
      sum((part) => gzipSync(part, { level: 9 })),
      sum((part) => brotliCompressSync(part)),
    ];
    return { module: module.name, raw, gzip, brotli, state: stale.includes(module) ? "built" : "unchanged" };
  });
  step("wasm and glue, bytes");
  for (const row of rows) {
    const sizes = ["raw", "gzip", "brotli"].map((kind) => `${String(row[kind]).padStart(8)} ${kind}`).join("");
    process.stdout.write(`${row.module.padEnd(16)}${sizes}   ${row.state}\n`);
  }
}

if (isMain(import.meta.url)) {
  program(() => build({ force: process.argv.includes("--force") }));
}
