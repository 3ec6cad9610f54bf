// Browsers, and bundlers that support `new URL`: the module is fetched from beside this package's code.
import { init } from "../emulator-loading.js";

await init(new URL("../../wasm/nango_emulator_bg.wasm", import.meta.url));

export * from "../emulator.js";
