// Cloudflare Workers: they do not compile bytes, so the module is imported compiled.
import module from "../../wasm/nango_emulator_bg.wasm";
import { initSync } from "../emulator-loading.js";

initSync(module);

export * from "../emulator.js";
