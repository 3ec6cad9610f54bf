// Node, Bun, Deno: the module's bytes are read from the package's own folder. `import "node:fs"` would take longer
// than all else: it names each of its functions.
import { initSync } from "../wasm/nango_toolkit.js";

const { readFileSync } = process.getBuiltinModule("node:fs");
initSync(readFileSync(new URL("../wasm/nango_toolkit_bg.wasm", import.meta.url)));

export * from "../index.js";
