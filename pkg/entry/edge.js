// Vercel Edge and its kin: as on Workers, but the import says that it wants a module.
import module from "../wasm/nango_toolkit_bg.wasm?module";
import { initSync } from "../wasm/nango_toolkit.js";

initSync(module);

export * from "../index.js";
