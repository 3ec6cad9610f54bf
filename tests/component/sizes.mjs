// The sizes of the components in bytes: committed in tests/fixtures/component_sizes.json, so that growth is visible in
// a change. `node tests/component/sizes.mjs` writes it, sizes.test.mjs compares.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { COMPONENTS, OUT } from "../../scripts/build-component.mjs";

const file = fileURLToPath(new URL("../fixtures/component_sizes.json", import.meta.url));
export const command = "node tests/component/sizes.mjs";
export const committed = () => JSON.parse(readFileSync(file, "utf8"));

export const sizes = (bytes) => ({
  raw: bytes.length,
  gzip: gzipSync(bytes, { level: 9 }).length,
  brotli: brotliCompressSync(bytes).length,
});

/** Measures the components that are built. */
export const measure = () =>
  Object.fromEntries(COMPONENTS.map(({ name }) => [name, sizes(readFileSync(join(OUT, `${name}.wasm`)))]));

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(file, `${JSON.stringify(measure(), null, 2)}\n`);
