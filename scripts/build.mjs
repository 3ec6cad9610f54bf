// Builds the package's WebAssembly: cargo -> wasm-bindgen -> wasm-opt, once each for the toolkit
// (with the MCP server) and the emulator. Installs what is missing, skips what has not changed.
// `node scripts/build.mjs [--force]`.

import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { Problem, ensurePackages, environment, filesBelow, isMain, must, program, root, run, step, versionOf } from "./lib.mjs";

const TARGET = "wasm32-unknown-unknown";
const OUT = join(root, "pkg", "wasm");

/** The modules: the name they are imported by, the cargo feature, where cargo builds, and which sources it does not compile. */
const MODULES = [
  { name: "nango_toolkit", entry: "nango-toolkit", feature: "js", targetDir: "target", without: /^src\/(emulator|wit)[./]/ },
  { name: "nango_emulator", entry: "nango-toolkit/emulator", feature: "js-emulator", targetDir: join("target", "js-emulator"), without: /^src\/(js|wit)[./]/ },
];

/** What rustc emits for this target; anything more would shut out older runtimes. */
const WASM_FEATURES = ["bulk-memory", "sign-ext", "nontrapping-float-to-int", "mutable-globals", "multivalue", "reference-types"];

/** Builds what is not up to date. */
export async function build({ force = false } = {}) {
  await ensurePackages();
  const stale = MODULES.filter((module) => force || !isFresh(module));
  if (stale.length > 0) {
    await ensureRust();
    mkdirSync(OUT, { recursive: true });
    removeUnknown();
    for (const module of stale) await buildModule(module);
  }
  await bundleForNode();
  for (const file of ["README.md", "LICENSE-MIT", "LICENSE-APACHE"]) copyIfChanged(join(root, file), join(root, "pkg", file));
  report(stale);
}

/** Node looks for each file that is imported, which takes longer than to read one: there all are in one, but for what the entries share. */
async function bundleForNode() {
  const { build: bundle } = await import("esbuild");
  const outdir = join(root, "pkg", "node");
  rmSync(outdir, { recursive: true, force: true });
  await bundle({
    entryPoints: ["node", "mcp-node"].map((entry) => join(root, "pkg", "entry", `${entry}.js`)),
    outdir,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20",
    minifySyntax: true,
    minifyWhitespace: true,
    chunkNames: "shared",
    logLevel: "error",
  });
}

/** Removes what earlier builds left of modules that there are no more: the package takes the whole folder. */
function removeUnknown() {
  const known = (file) => MODULES.some(({ name }) => file.replace(/^\./, "").startsWith(name));
  for (const file of readdirSync(OUT).filter((file) => !known(file))) rmSync(join(OUT, file));
}

function copyIfChanged(from, to) {
  if (!existsSync(to) || !readFileSync(from).equals(readFileSync(to))) copyFileSync(from, to);
}

/** Keeps the folders of this machine out of what is built: messages of panics name source files. */
export function remapped() {
  const cargo = process.env.CARGO_HOME ?? join(homedir(), ".cargo");
  const sysroot = versionOf("rustc", ["--print", "sysroot"]);
  const prefixes = [[cargo, "cargo"], [sysroot, "rust"], [root, "."]];
  return prefixes.map(([from, to]) => `--remap-path-prefix=${from}=${to}`).join(" ");
}

/** Compiles the crate with one feature; where the module is. */
export async function compile(feature, targetDir) {
  // As a cdylib alone: beside an rlib, link-time optimisation leaves a tenth more.
  const options = ["--lib", "--crate-type", "cdylib", "--release", "--locked", "--target", TARGET, "--no-default-features"];
  await must("cargo", ["rustc", ...options, "--features", feature], {
    env: environment({ CARGO_TARGET_DIR: join(root, targetDir), RUSTFLAGS: remapped() }),
  });
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

async function buildModule({ name, entry, feature, targetDir, ...module }) {
  step(`building ${name} (feature ${feature})`);
  const built = await compile(feature, targetDir);
  const flags = ["--target", "web", "--out-dir", OUT, "--out-name", name, "--remove-producers-section"];
  const glue = ["--no-typescript", "--omit-default-module-path", "--experimental-reset-state-function"];
  await must("wasm-bindgen", [built, ...flags, ...glue]);
  adaptGlue(join(OUT, `${name}.js`), name, entry);
  const wasm = wasmFile(name);
  await optimize(wasm);
  writeFileSync(join(OUT, `${name}.base64.js`), `// The bytes of ${name}_bg.wasm as text.\nexport default "${readFileSync(wasm).toString("base64")}";\n`);
  writeFileSync(markFile(name), inputs({ name, ...module }));
}

/** Replaces how the generated glue loads its module by pkg/load.js, which loads modules of another realm, too. */
function adaptGlue(glue, name, entry) {
  const text = readFileSync(glue, "utf8");
  const start = text.indexOf("async function __wbg_load(");
  if (start < 0 || !text.trimEnd().endsWith("export { initSync, __wbg_init as default };")) {
    throw new Problem("wasm-bindgen's glue has changed: look at adaptGlue");
  }
  const loading = `import { loader } from "../load.js";
const instantiate = (module) =>
  __wbg_finalize_init(new WebAssembly.Instance(module, __wbg_get_imports()), module);
export const { init, initSync, mustBeReady, again } =
  loader("${name}", "${entry}", instantiate, __wbg_reset_state);
`;
  writeFileSync(glue, text.slice(0, start) + loading);
}

const wasmFile = (name) => join(OUT, `${name}_bg.wasm`);
const markFile = (name) => join(OUT, `.${name}.inputs`);

const isFresh = (module) =>
  existsSync(wasmFile(module.name)) && existsSync(join(OUT, `${module.name}.js`)) && existsSync(markFile(module.name)) && readFileSync(markFile(module.name), "utf8") === inputs(module);

/** A digest of everything that decides what a module becomes; `more` are files that decide it besides. */
export function inputs({ without, more = [] }) {
  const hash = createHash("sha256");
  const settings = ["Cargo.toml", "Cargo.lock", "rust-toolchain.toml", "package-lock.json", "scripts/build.mjs", ...more];
  for (const file of [...settings, ...filesBelow("src").filter((file) => !without.test(file))]) {
    hash.update(`${file}\0`).update(readFileSync(join(root, file))).update("\0");
  }
  return hash.update(versionOf("rustc") ?? "").digest("hex");
}

/** Makes sure of cargo and a target. */
export async function ensureTarget(target = TARGET) {
  if (!versionOf("cargo")) throw new Problem("cargo is not installed: install Rust with rustup (rustup.rs), then run this again");
  const sysroot = versionOf("rustc", ["--print", "sysroot"]);
  if (existsSync(join(sysroot, "lib", "rustlib", target))) return;
  step(`adding the Rust target ${target}`);
  await must("rustup", ["target", "add", target]);
}

/** Makes sure of cargo, the wasm target and wasm-bindgen's command at the locked version. */
async function ensureRust() {
  await ensureTarget();
  const wanted = /name = "wasm-bindgen"\nversion = "([^"]+)"/.exec(readFileSync(join(root, "Cargo.lock"), "utf8"))?.[1];
  if (!wanted) throw new Problem("Cargo.lock names no version of wasm-bindgen");
  if (versionOf("wasm-bindgen") === `wasm-bindgen ${wanted}`) return;
  step(`installing the wasm-bindgen command ${wanted} (once, a minute or two)`);
  const install = ["install", "wasm-bindgen-cli", "--version", wanted, "--no-default-features", "--profile", "dev"];
  const { code } = await run("cargo", install);
  if (code !== 0) throw new Problem(`wasm-bindgen ${wanted} could not be installed; try \`cargo ${install.join(" ")}\` by hand`);
  const found = versionOf("wasm-bindgen");
  if (found !== `wasm-bindgen ${wanted}`) throw new Problem(`another wasm-bindgen comes first in the path: found \`${found}\`, expected ${wanted}`);
}

/** The sizes of what a user downloads, in bytes. */
function report(stale) {
  const rows = MODULES.map((module) => {
    const bytes = ["_bg.wasm", ".js"].map((suffix) => readFileSync(join(OUT, `${module.name}${suffix}`)));
    const sum = (compress) => bytes.reduce((total, part) => total + compress(part).length, 0);
    const [raw, gzip, brotli] = [sum((part) => part), sum((part) => gzipSync(part, { level: 9 })), sum((part) => brotliCompressSync(part))];
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
