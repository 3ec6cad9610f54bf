// Node, Bun, Deno: the bytes of the module are read from the folder of the package. `import "node:fs"` would take
// longer than everything else, since it creates a binding for each of its functions.
import { initSync } from "../emulator-loading.js";

const { readFileSync } = process.getBuiltinModule("node:fs");
initSync(readFileSync(new URL("../../wasm/nango_emulator_bg.wasm", import.meta.url)));

export * from "../emulator.js";
