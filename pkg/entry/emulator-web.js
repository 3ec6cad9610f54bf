// Browsers, and bundlers that know `new URL`: the module is fetched from beside this file.
import { init } from "../wasm/nango_emulator.js";

await init(new URL("../wasm/nango_emulator_bg.wasm", import.meta.url));

export * from "../emulator.js";
