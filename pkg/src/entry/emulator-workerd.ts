// Cloudflare Workers: they do not compile bytes, so the module is imported compiled.
import module from "../../wasm/nango_emulator_bg.wasm";
import { initSync } from "../emulator-core.js";

initSync(module);

export * from "../emulator.js";
