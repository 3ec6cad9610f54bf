// Cloudflare Workers: they do not compile bytes, so the module is imported compiled.
import module from "../../wasm/nango_toolkit_bg.wasm";
import { initSync } from "../loading.js";

initSync(module);

export * from "../index.js";
