// Bundlers for Node, Bun, Deno, and hosts that support neither files nor WebAssembly imports: the module is included as
// text.
import base64 from "../../wasm/nango_emulator.base64.js";
import { bytesOfBase64 } from "../base64.js";
import { initSync } from "../emulator-loading.js";

initSync(bytesOfBase64(base64));

export * from "../emulator.js";
