// Browsers and bundlers: the module is fetched beside this file.
import init from "../wasm/nango_toolkit.js";

await init({ module_or_path: new URL("../wasm/nango_toolkit_bg.wasm", import.meta.url) });

export * from "../index.js";
