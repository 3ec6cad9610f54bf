// Node: the bytes of the module are read from the folder of the package.
import { initSync } from "../loading.js";
import { readModule } from "./files.js";

initSync(readModule(new URL("../../wasm/nango_toolkit_bg.wasm", import.meta.url)));

export * from "../index.js";
