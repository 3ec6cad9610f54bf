// Cloudflare Workers: compiling bytes is not allowed there, so the module is imported compiled.
import module from "../wasm/nango_emulator_bg.wasm";
import { initSync } from "../wasm/nango_emulator.js";

initSync(module);

export * from "../emulator.js";
