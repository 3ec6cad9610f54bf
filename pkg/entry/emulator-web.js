// Browsers and bundlers: the module is fetched beside this file.
import init from "../wasm/nango_emulator.js";

await init({ module_or_path: new URL("../wasm/nango_emulator_bg.wasm", import.meta.url) });

export * from "../emulator.js";
