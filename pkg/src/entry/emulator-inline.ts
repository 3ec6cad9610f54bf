// Hosts that support neither files nor WebAssembly imports: the module is included as text.
import base64 from "../../wasm/nango_emulator.base64.js";
import { initSync } from "../emulator-loading.js";

initSync(Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)));

export * from "../emulator.js";
