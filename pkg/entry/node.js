// Node, Bun, Deno: the module's bytes are read from the package's own folder.
import { readFileSync } from "node:fs";
import { initSync } from "../wasm/nango_toolkit.js";

initSync(readFileSync(new URL("../wasm/nango_toolkit_bg.wasm", import.meta.url)));

export * from "../index.js";
