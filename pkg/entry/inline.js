// Whatever knows neither files nor WebAssembly imports: the module rides along as text.
import base64 from "../wasm/nango_toolkit.base64.js";
import { initSync } from "../wasm/nango_toolkit.js";

initSync(Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)));

export * from "../index.js";
