// Cloudflare Workers: compiling bytes is not allowed there, so the module is imported compiled.
import module from "../wasm/nango_toolkit_bg.wasm";
import { initSync } from "../wasm/nango_toolkit.js";

initSync(module);

export * from "../index.js";
