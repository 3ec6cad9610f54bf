// Cloudflare Workers: compiling bytes is not allowed there, so the module is imported compiled.
import module from "../wasm/nango_emulator_bg.wasm";
import { initSync } from "../load-emulator.js";

initSync(module);

export * from "../emulator.js";
