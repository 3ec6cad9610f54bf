// The emulator's WebAssembly module: its functions, with the types that wasm-bindgen wrote, and its state.
export * from "../wasm/nango_emulator.js";
export { mustBeReady, restart } from "./emulator-loading.js";
