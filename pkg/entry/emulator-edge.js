// Vercel Edge and its kin: as on Workers, but the import says that it wants a module.
import module from "../wasm/nango_emulator_bg.wasm?module";
import { initSync } from "../wasm/nango_emulator.js";

initSync(module);

export * from "../emulator.js";
