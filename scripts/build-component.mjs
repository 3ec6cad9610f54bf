// Builds the WebAssembly components into dist/component: each component, and its transpilation by jco for
// JavaScript. Skips components that have not changed. `node scripts/build-component.mjs [--force] [NAME…]`.

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { compile, ensureTarget, inputs, optimize, remapped } from "./build.mjs";
import { Problem, ensurePackages, environment, filesBelow, isMain, must, print, program, root, step } from "./lib.mjs";

export const OUT = join(root, "dist", "component");

/** The folder whose packages include jco. */
const TOOLS = join("tests", "component");

/** The crate of the MCP server. */
const MCP = join("crates", "mcp-component");

/**
 * The components: the file name, the function that builds it, the sources of the crate that it does not compile, and
 * the other files that it depends on; its WIT and world if JavaScript hosts use it without jco.
 */
export const COMPONENTS = [
  {
    name: "nango-toolkit",
    make: makeToolkit,
    without: /^src\/(emulator|js|mcp\/js)[./]/,
    transpiled: { path: join("src", "wit"), world: "toolkit" },
  },
  {
    name: "nango-mcp",
    make: makeMcp,
    without: /^src\/(emulator|js|mcp\/js|wit)[./]/,
    more: filesBelow(MCP).filter((file) => /\.(rs|toml)$/.test(file)),
  },
];

/** Builds the named components, or all, unless they are up to date. */
export async function buildComponents({ force = false, names = [] } = {}) {
  await ensurePackages();
  await ensurePackages(TOOLS);
  const unknown = names.find((name) => !COMPONENTS.some((component) => component.name === name));
  if (unknown)
    throw new Problem(
      `there is no component \`${unknown}\`: expected ${COMPONENTS.map(({ name }) => name).join(", ")}`,
    );
  const chosen = COMPONENTS.filter(({ name }) => names.length === 0 || names.includes(name));
  mkdirSync(OUT, { recursive: true });
  for (const component of chosen) {
    const fresh = !force && isFresh(component);
    if (!fresh) {
      step(`building the component ${component.name}`);
      rmSync(markFile(component), { force: true });
      writeFileSync(wasmFile(component), await component.make());
      if (component.transpiled) await transpile(component);
      writeFileSync(markFile(component), decided(component));
    }
    report(component, fresh ? "unchanged" : "built");
  }
}

/** jco's functions; see its package for the tools they wrap. */
export const jco = () =>
  import(pathToFileURL(join(root, TOOLS, "node_modules", "@bytecodealliance", "jco", "src", "api.js")));

/** The toolkit. */
async function makeToolkit() {
  await ensureTarget();
  return encoded(await compile("component", join("target", "component")));
}

/** The MCP server, for wasi:http. */
async function makeMcp() {
  const target = "wasm32-wasip2";
  await ensureTarget(target);
  const targetDir = join(root, "target", "mcp-component");
  // The linker leaves the encoding of the component to this script.
  const options = ["--lib", "--release", "--locked", "--target", target];
  await must("cargo", ["rustc", ...options, "--", "-C", "link-arg=--skip-wit-component"], {
    cwd: join(root, MCP),
    env: environment({ CARGO_TARGET_DIR: targetDir, RUSTFLAGS: remapped() }),
  });
  return encoded(join(targetDir, target, "release", "nango_mcp_component.wasm"));
}

/** The component of a module. The module is optimised first: wasm-opt cannot read components. */
async function encoded(built) {
  const module = join(OUT, "module.wasm");
  writeFileSync(module, readFileSync(built));
  await optimize(module);
  const { componentNew } = await jco();
  const component = await componentNew(readFileSync(module));
  rmSync(module);
  return nameless(component);
}

/** A component without its informative sections: names and producers. */
function nameless(component) {
  const parts = [component.subarray(0, 8)];
  const number = (at) => {
    for (let value = 0, shift = 0; ; shift += 7) {
      const byte = component[at++];
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return [value, at];
    }
  };
  for (let at = 8; at < component.length; ) {
    const [size, start] = number(at + 1);
    const [length, name] = number(start);
    const custom = component[at] === 0 ? Buffer.from(component.subarray(name, name + length)).toString() : "";
    if (!["component-name", "producers"].includes(custom)) parts.push(component.subarray(at, start + size));
    at = start + size;
  }
  return Buffer.concat(parts);
}

/** The JavaScript that a host imports instead of the component, with types generated from the WIT. */
async function transpile(component) {
  const { transpile, types } = await jco();
  const folder = join(OUT, component.name);
  rmSync(folder, { recursive: true, force: true });
  const { files } = await transpile(readFileSync(wasmFile(component)), { name: component.name, minify: true });
  const { path, world } = component.transpiled;
  Object.assign(files, await types(join(root, path), { name: component.name, worldName: world }));
  for (const [name, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), bytes);
  }
}

export const wasmFile = ({ name }) => join(OUT, `${name}.wasm`);
const markFile = ({ name }) => join(OUT, `.${name}.inputs`);
const decided = ({ without, more = [] }) =>
  inputs({ without, more: ["scripts/build-component.mjs", `${TOOLS}/package-lock.json`, ...more] });
const isFresh = (component) =>
  existsSync(wasmFile(component)) &&
  existsSync(markFile(component)) &&
  readFileSync(markFile(component), "utf8") === decided(component);

/** The size of a component, in bytes. */
function report(component, state) {
  const bytes = readFileSync(wasmFile(component));
  const sizes = {
    raw: bytes.length,
    gzip: gzipSync(bytes, { level: 9 }).length,
    brotli: brotliCompressSync(bytes).length,
  };
  const columns = Object.entries(sizes).map(([kind, size]) => `${String(size).padStart(8)} ${kind}`);
  print(`${component.name.padEnd(16)}${columns.join("")}   ${state}\n`);
}

if (isMain(import.meta.url)) {
  const names = process.argv.slice(2).filter((word) => !word.startsWith("--"));
  program(() => buildComponents({ force: process.argv.includes("--force"), names }));
}
