// Vercel Edge, Nitro on Workers and similar hosts: the module is imported compiled, and the import says so.
import module from "../../wasm/nango_toolkit_bg.wasm?module";
import { initSync } from "../loading.js";

initSync(module);

export * from "../index.js";
