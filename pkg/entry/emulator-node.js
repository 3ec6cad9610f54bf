// Node, Bun, Deno: the module's bytes are read from the package's own folder.
import { readFileSync } from "node:fs";
import { initSync } from "../wasm/nango_emulator.js";

initSync(readFileSync(new URL("../wasm/nango_emulator_bg.wasm", import.meta.url)));

export * from "../emulator.js";
