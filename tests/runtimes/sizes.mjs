// What a user downloads, in bytes: committed in tests/fixtures/sizes.json, so that growth is visible in a change.
// `node tests/runtimes/sizes.mjs` writes it, sizes.test.mjs compares.
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { makeProject } from "./project.mjs";
import { bundleWorker } from "./runtimes.mjs";

export const file = fileURLToPath(new URL("../fixtures/sizes.json", import.meta.url));
export const command = "node tests/runtimes/sizes.mjs";
export const committed = () => JSON.parse(readFileSync(file, "utf8"));

const sizes = (...parts) => {
  const sum = (compress) => parts.reduce((total, part) => total + compress(part).length, 0);
  return {
    raw: sum((part) => part),
    gzip: sum((part) => gzipSync(part, { level: 9 })),
    brotli: sum((part) => brotliCompressSync(part)),
  };
};

/** Packs the package and measures it. */
export async function measure() {
  const project = makeProject();
  try {
    const part = (name) => readFileSync(join(project.installed, "wasm", name));
    const module = (name) => ({
      wasm: sizes(part(`${name}_bg.wasm`)),
      glue: sizes(part(`${name}.js`)),
      both: sizes(part(`${name}_bg.wasm`), part(`${name}.js`)),
    });
    cpSync(
      fileURLToPath(new URL("../../www/templates/worker/src/index.js", import.meta.url)),
      join(project.path, "worker.js"),
    );
    const { outdir, main, modules } = await bundleWorker(project, "worker.js");
    const bundle = sizes(...[main, ...modules].map((name) => readFileSync(join(outdir, name))));
    return {
      nango_toolkit: module("nango_toolkit"),
      nango_emulator: module("nango_emulator"),
      tarball: { packed: readFileSync(project.tarball).length },
      worker_bundle: bundle,
    };
  } finally {
    project.remove();
  }
}

/** Every number by its path. */
export const numbers = (value, path = []) =>
  typeof value === "number"
    ? [[path.join(" "), value]]
    : Object.entries(value).flatMap(([name, inner]) => numbers(inner, [...path, name]));

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const measured = await measure();
  writeFileSync(file, `${JSON.stringify(measured, null, 2)}\n`);
  for (const [name, bytes] of numbers(measured)) console.log(`${name.padEnd(32)} ${bytes}`);
}
